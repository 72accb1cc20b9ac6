//! The due list, row by row.

use slint::{Model as _, ModelRc, SharedString, VecModel};

use super::apply::{line, mark, optional, text};
use super::generated as ui;
use super::lists::{sync, sync_by, words};
use crate::model::{DueGroup, DueList, DueRow, Stand};

pub(super) fn list(on_screen: &ui::DueList, list: &DueList) -> ui::DueList {
    let rows = list.rows.iter().enumerate().map(|(index, row)| {
        let opens = index.checked_sub(1).and_then(|before| list.rows.get(before)).map(|row| row.group);
        let count = list.rows.iter().filter(|other| other.group == row.group).count();
        due_row(row, opens != Some(row.group), i32::try_from(count).unwrap_or(i32::MAX))
    });
    let axis = list.time_line.as_ref();
    let doses = axis.map_or(&[][..], |axis| &axis.doses);
    let hours = axis.map_or(&[][..], |axis| &axis.hours);
    ui::DueList {
        said: optional(axis.map(|axis| axis.said.as_str())),
        now: axis.map_or(0.0, |axis| place(axis.now)),
        lanes: doses.iter().map(|dose| i32::from(dose.lane) + 1).max().unwrap_or(0),
        hours: sync(
            &on_screen.hours,
            hours.iter().map(|hour| ui::AxisHour { at: place(hour.at), label: text(&hour.label) }).collect(),
        ),
        doses: sync(&on_screen.doses, doses.iter().copied().map(stand).collect()),
        rows: sync_by(&on_screen.rows, rows.collect(), same),
        notices: sync(&on_screen.notices, list.notices.iter().map(line).collect()),
        actions: words(&on_screen.actions, &list.actions),
        cancel: text(&list.cancel),
    }
}

/// Thousandths as a share.
fn place(thousandths: u16) -> f32 {
    f32::from(thousandths) / 1000.0
}

fn stand(dose: Stand) -> ui::AxisDose {
    ui::AxisDose {
        at: place(dose.at),
        lane: i32::from(dose.lane),
        count: i32::from(dose.count),
        mark: mark(dose.mark),
        group: group(dose.group),
    }
}

const fn group(group: DueGroup) -> ui::DueGroup {
    match group {
        DueGroup::Overdue => ui::DueGroup::Overdue,
        DueGroup::DueNow => ui::DueGroup::DueNow,
        DueGroup::GoingOn => ui::DueGroup::GoingOn,
        DueGroup::AsNeeded => ui::DueGroup::AsNeeded,
        DueGroup::Later => ui::DueGroup::Later,
        DueGroup::NotNow => ui::DueGroup::NotNow,
        DueGroup::Done => ui::DueGroup::Done,
    }
}

fn due_row(row: &DueRow, opens: bool, count: i32) -> ui::DueRow {
    ui::DueRow {
        group: group(row.group),
        opens,
        count,
        mark: mark(row.mark),
        name: text(&row.name),
        dose: text(&row.dose),
        when: text(&row.when),
        state: text(&row.state),
        last: text(&row.last),
        tags: ModelRc::new(row.tags.iter().map(SharedString::from).collect::<VecModel<_>>()),
        act: optional(row.act.as_deref()),
    }
}

/// Whether two rows show the same: their tags by content, the rest as it is.
fn same(shown: &ui::DueRow, row: &ui::DueRow) -> bool {
    shown.tags.iter().eq(row.tags.iter()) && ui::DueRow { tags: row.tags.clone(), ..shown.clone() } == *row
}
