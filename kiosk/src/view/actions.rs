//! What can be done beside scanning, and what is to be done on the whole ward.

use rights::bedside::{Bedside, Notice, Phase, World};
use rights::conflict;
use rights::custody::{Discrepancy, InCustody, in_custody};
use rights::due_list::{DueItem, DueState, due_list};
use rights::ident::PatientId;
use rights::phrase::{Language, Words};

use super::row_id::RowId;
use super::subject::{place, with_place};
use super::{conflicts, due, line_of, words};
use crate::errand::{Begin, Errand, What};
use crate::labels::{self, fill};
use crate::model::{DueGroup, DueList, DueRow, Mark};

/// A button beside the content of a screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// The list of what is to be done on the ward.
    Tasks,
    /// An errand.
    Begin(Box<Errand>),
    /// The emergency is over.
    EndBreakGlass,
    /// The other language.
    Language,
    /// The technician's screen.
    Settings,
}

/// The buttons of the screen where the session stands, with their labels.
pub(crate) fn actions(bedside: &Bedside, world: &World<'_>, language: Language) -> Vec<(Action, String)> {
    let say = labels::of(language);
    let at_bed = match bedside.phase() {
        Phase::DueList { .. } => true,
        Phase::Identify { .. } => false,
        Phase::Locked { .. } => {
            return vec![
                (Action::Language, say.prompt.other_language.into()),
                (Action::Settings, say.button.settings.into()),
            ];
        }
        Phase::Pin { .. }
        | Phase::Dose(_)
        | Phase::Claiming(_)
        | Phase::Second(_)
        | Phase::Saving(_)
        | Phase::Done(_)
        | Phase::NotRecorded { .. } => return Vec::new(),
    };
    let errand = |title: &str, what| Action::Begin(Box::new(Errand::new(title, what)));
    let mut all: Vec<_> =
        at_bed.then(|| conflicts::answer(bedside, world, language)).flatten().into_iter().collect();
    all.push(if at_bed {
        let label = say.errand.package;
        (errand(label, What::Package), label.to_owned())
    } else {
        let label = say.errand.band;
        (errand(label, What::Band), label.to_owned())
    });
    let tasks = tasks(world).len();
    if tasks > 0 {
        all.push((Action::Tasks, fill(say.button.to_do, &[&tasks.to_string()])));
    }
    let emergency = bedside.session().is_some_and(|session| session.break_glass.is_some());
    all.push(if emergency {
        (Action::EndBreakGlass, say.button.end_break_glass.into())
    } else {
        let label = say.errand.emergency;
        (errand(label, What::BreakGlass), label.to_owned())
    });
    if !at_bed {
        all.push((Action::Language, say.prompt.other_language.into()));
    }
    if at_bed {
        all.extend(link_order(bedside, world, language));
    }
    all
}

/// S4: the first dose that was given without an order and is not linked to one yet.
fn link_order(bedside: &Bedside, world: &World<'_>, language: Language) -> Option<(Action, String)> {
    let words = words(world, language, None);
    let say = &labels::of(language).errand;
    let patient = &bedside.patient()?.id;
    let done = world
        .chart
        .history_of(patient)
        .find(|done| done.order_link_due.is_some() && world.chart.order_link_of(done).is_none())?;
    let holds = |request: &&rights::request::Request| {
        done.ingredients.iter().all(|given| request.drug.ingredients.contains(&given.ingredient))
    };
    let orders = world
        .chart
        .requests_of(patient)
        .filter(holds)
        .map(|request| {
            let ordered = due::dose(&request.dose, &words);
            (
                request.id.clone(),
                fill(say.ordered_by_route, &[&request.drug.name, &ordered, words.route(request.route)]),
            )
        })
        .collect();
    let title = fill(say.given_without_order, &[&words.time(done.at)]);
    let what = What::Link { given_under: done.request.clone(), given_at: done.at, orders };
    let due = done.order_link_due.map(|due| words.time(due)).unwrap_or_default();
    let label = fill(say.link_due, &[&due]);
    Some((Action::Begin(Box::new(Errand::new(title, what))), label))
}

/// One thing that is to be done.
enum Task<'a> {
    Conflict(conflict::Open<'a>),
    Custody(Box<InCustody<'a>>),
    Dose(&'a PatientId, DueItem<'a>),
}

fn tasks<'a>(world: &World<'a>) -> Vec<Task<'a>> {
    let mut custody = in_custody(world.chart, world.policy, world.now.at);
    // What is late stands first.
    custody.sort_by_key(|item| item.discrepancy.is_none());
    let custody = custody.into_iter().map(|item| Task::Custody(Box::new(item)));
    let patients = world.chart.patients.iter().filter(|patient| patient.ward.as_ref() == Some(world.ward));
    let doses = patients.flat_map(|patient| {
        let items = due_list(world.chart, &patient.id, world.policy, world.zone, world.now.at);
        let open = items.into_iter().filter(|item| {
            let pump = matches!(item.state, DueState::StopInfusion(_) | DueState::PauseInfusion(_));
            pump || due::group(item.state) == DueGroup::GoingOn
        });
        open.map(move |item| Task::Dose(&patient.id, item))
    });
    // Wherever the patient is now.
    let conflicts = conflict::open(world.chart, world.now.at).into_iter();
    conflicts.map(Task::Conflict).chain(custody).chain(doses).collect()
}

/// What each line of the ward's list is about.
pub(crate) fn task_ids(world: &World<'_>) -> Vec<RowId> {
    let id = |task| match task {
        Task::Conflict(open) => RowId::Conflict(open.given.entry, open.conflict.clone()),
        Task::Custody(item) => RowId::Custody(item.id),
        Task::Dose(_, item) => RowId::of_dose(&item),
    };
    tasks(world).into_iter().map(id).collect()
}

/// The ward's list, with what was said of the last act on it.
pub(super) fn list(world: &World<'_>, words: &Words<'_>, notice: Option<Notice>) -> DueList {
    let rows = tasks(world).into_iter().map(|task| match task {
        Task::Conflict(open) => conflicts::row(&open, world, words),
        Task::Custody(item) => custody_row(&item, world, words),
        Task::Dose(patient, item) => {
            let row = due::row(&item, world, words);
            DueRow { dose: [row.dose.as_str(), &place(patient, world, words)].join(" · "), act: None, ..row }
        }
    });
    DueList {
        time_line: None,
        rows: rows.collect(),
        notices: notice.map(|notice| line_of(words.notice(notice), Mark::Stop, "")).into_iter().collect(),
        actions: Vec::new(),
        cancel: labels::of(words.language).button.back.into(),
    }
}

fn custody_row(item: &InCustody<'_>, world: &World<'_>, words: &Words<'_>) -> DueRow {
    let say = &labels::of(words.language).due;
    let product = world.formulary.product(&item.package.product);
    let name = product.map_or_else(|| item.package.product.to_string(), |p| p.display_name().to_owned());
    let left = words.quantity(&item.remaining);
    let ingredient = product.and_then(|product| item.remaining_ingredient(product));
    let ingredient = ingredient.map(|amount| format!(" ({})", words.quantity(&amount))).unwrap_or_default();
    let by = world.chart.clinicians.iter().find(|known| known.id == item.id.by);
    let (mark, state) = match item.discrepancy {
        None => (Mark::Question, fill(say.waste_by, &[&words.time(item.due)])),
        Some(Discrepancy::NoWaste) => (Mark::Stop, fill(say.waste_late, &[&words.time(item.due)])),
        Some(Discrepancy::AmountMismatch) => (Mark::Stop, say.does_not_add_up.into()),
    };
    DueRow {
        group: if item.discrepancy.is_some() { DueGroup::Overdue } else { DueGroup::DueNow },
        mark,
        name,
        dose: fill(say.left_at, &[&[left, ingredient].concat(), &place(item.patient, world, words)]),
        when: words.time(item.id.at),
        state,
        last: by.map(|by| by.name.to_string()).unwrap_or_default(),
        tags: vec![["C", item.controlled.name()].join("-")],
        act: Some(say.waste_or_return.into()),
    }
}

/// What can be charted about a task.
pub(crate) fn task_menu(at: usize, world: &World<'_>, language: Language) -> Option<(String, Vec<Begin>)> {
    let words = words(world, language, None);
    let say = &labels::of(language).errand;
    match tasks(world).into_iter().nth(at)? {
        // What was done is said at the bed, when the band was scanned.
        Task::Dose(..) => None,
        Task::Conflict(open) => {
            let answer = conflicts::answer_without_bed(&open, world, &words)?;
            Some((answer.title.clone(), vec![Begin::Errand(Box::new(answer))]))
        }
        Task::Custody(item) => {
            let name = custody_row(&item, world, &words).name;
            let left = fill(say.left_of, &[&name, &words.quantity(&item.remaining)]);
            let title = with_place(&left, item.patient, world, &words);
            let waste =
                Errand::new(fill(say.waste_of, &[&title]), What::Waste(item.id.clone(), item.remaining.unit));
            let mut menu = vec![Begin::Errand(Box::new(waste))];
            if item.is_whole() {
                menu.push(Begin::Return(item.id));
            }
            Some((title, menu))
        }
    }
}
