//! What can be done beside scanning, and what is to be done on the whole ward.

use rights::bedside::{Bedside, Phase, World};
use rights::custody::{Discrepancy, InCustody, in_custody};
use rights::due_list::{DueItem, due_list};
use rights::ident::PatientId;
use rights::phrase::Words;

use super::{due, words};
use crate::errand::{Begin, Errand, What};
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
}

/// The buttons of the screen where the session stands, with their labels.
pub(crate) fn actions(bedside: &Bedside, world: &World<'_>) -> Vec<(Action, String)> {
    let at_bed = match bedside.phase() {
        Phase::DueList { .. } => true,
        Phase::Identify { .. } => false,
        Phase::Locked { .. }
        | Phase::Pin { .. }
        | Phase::Dose(_)
        | Phase::Claiming(_)
        | Phase::Second(_)
        | Phase::Saving(_)
        | Phase::Done(_)
        | Phase::NotRecorded { .. } => return Vec::new(),
    };
    let errand = |title: &str, what| Action::Begin(Box::new(Errand::new(title, what)));
    let mut all = Vec::new();
    all.push(if at_bed {
        let label = "The package cannot be scanned";
        (errand(label, What::Package), label.to_owned())
    } else {
        let label = "The wristband cannot be scanned";
        (errand(label, What::Band), label.to_owned())
    });
    let tasks = tasks(world).len();
    if tasks > 0 {
        all.push((Action::Tasks, format!("To do on the ward: {tasks}")));
    }
    let emergency = bedside.session().is_some_and(|session| session.break_glass.is_some());
    all.push(if emergency {
        (Action::EndBreakGlass, "End break-glass".into())
    } else {
        let label = "Break-glass: emergency";
        (errand(label, What::BreakGlass), label.to_owned())
    });
    if at_bed {
        all.extend(link_order(bedside, world));
    }
    all
}

/// S4: the first dose that was given without an order and is not linked to one yet.
fn link_order(bedside: &Bedside, world: &World<'_>) -> Option<(Action, String)> {
    let words = words(world, None);
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
                format!("{}, dose {ordered}, {}", request.drug.name, words.route(request.route)),
            )
        })
        .collect();
    let title = format!("Given {} without an order", words.time(done.at));
    let what = What::Link { given_under: done.request.clone(), given_at: done.at, orders };
    let due = done.order_link_due.map(|due| words.time(due)).unwrap_or_default();
    let label = format!("Link the written order (due {due})");
    Some((Action::Begin(Box::new(Errand::new(title, what))), label))
}

/// One thing that is to be done.
enum Task<'a> {
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
        let open = items.into_iter().filter(|item| due::group(item.state) == DueGroup::GoingOn);
        open.map(move |item| Task::Dose(&patient.id, item))
    });
    custody.chain(doses).collect()
}

pub(super) fn list(world: &World<'_>, words: &Words<'_>) -> DueList {
    let rows = tasks(world).into_iter().map(|task| match task {
        Task::Custody(item) => custody_row(&item, world, words),
        Task::Dose(patient, item) => {
            let row = due::row(&item, world, words);
            DueRow { dose: format!("{} · {}", row.dose, bed(patient, world)), act: None, ..row }
        }
    });
    DueList { rows: rows.collect(), notice: None, actions: Vec::new(), cancel: "Back".into() }
}

/// Where a patient lies; the name is nobody's business at another bed.
fn bed(patient: &PatientId, world: &World<'_>) -> String {
    world.chart.patient(patient).and_then(|patient| patient.bed.clone()).unwrap_or_default()
}

fn custody_row(item: &InCustody<'_>, world: &World<'_>, words: &Words<'_>) -> DueRow {
    let product = world.formulary.product(&item.package.product);
    let name = product.map_or_else(|| item.package.product.to_string(), |p| p.display_name().to_owned());
    let left = words.quantity(&item.remaining);
    let ingredient = product.and_then(|product| item.remaining_ingredient(product));
    let ingredient = ingredient.map(|amount| format!(" ({})", words.quantity(&amount))).unwrap_or_default();
    let by = world.chart.clinicians.iter().find(|known| known.id == item.id.by);
    let (mark, state) = match item.discrepancy {
        None => (Mark::Question, format!("Waste or return by {}", words.time(item.due))),
        Some(Discrepancy::NoWaste) => {
            (Mark::Stop, format!("Not wasted in time: was due {}", words.time(item.due)))
        }
        Some(Discrepancy::AmountMismatch) => (Mark::Stop, "Does not add up: call the pharmacy".into()),
    };
    DueRow {
        group: if item.discrepancy.is_some() { DueGroup::Overdue } else { DueGroup::DueNow },
        mark,
        name,
        dose: format!("{left}{ingredient} left · {}", bed(item.patient, world)),
        when: words.time(item.id.at),
        state,
        last: by.map(|by| by.name.to_string()).unwrap_or_default(),
        tags: vec![format!("C-{}", item.controlled.name())],
        act: Some("Waste or return".into()),
    }
}

/// What can be charted about a task.
pub(crate) fn task_menu(at: usize, world: &World<'_>) -> Option<(String, Vec<Begin>)> {
    let words = words(world, None);
    match tasks(world).into_iter().nth(at)? {
        Task::Dose(..) => None,
        Task::Custody(item) => {
            let name = custody_row(&item, world, &words).name;
            let title = format!("{name}, {} left", words.quantity(&item.remaining));
            let waste =
                Errand::new(format!("Waste: {title}"), What::Waste(item.id.clone(), item.remaining.unit));
            let mut menu = vec![Begin::Errand(Box::new(waste))];
            if item.is_whole() {
                menu.push(Begin::Return(item.id));
            }
            Some((title, menu))
        }
    }
}
