//! A dose that contradicts what the ward knew: the first thing that is read at the patient's bed and on the list of what is to be done,
//! until somebody says what was done about it.

use rights::bedside::{Bedside, World};
use rights::conflict;
use rights::follow_up::Conflict;
use rights::phrase::{Language, Words};

use super::actions::Action;
use super::{capital, due, subject};
use crate::errand::{Errand, FollowUp, What};
use crate::labels::{self, fill};
use crate::model::{DueGroup, DueRow, Line, Mark};

/// The first conflict of the patient about which nobody said what was done.
pub(super) fn answer(bedside: &Bedside, world: &World<'_>, language: Language) -> Option<(Action, String)> {
    let words = super::words(world, language, None);
    let open = conflict::open_for(world.chart, &bedside.patient()?.id, world.now.at).next()?;
    let errand = errand(&open, told(&open, world, &words))?;
    Some((Action::Begin(Box::new(errand)), labels::of(language).errand.conflict.into()))
}

/// The same from the ward's list, of a patient at whose bed nobody can say it any more.
pub(super) fn answer_without_bed(
    open: &conflict::Open<'_>,
    world: &World<'_>,
    words: &Words<'_>,
) -> Option<Errand> {
    if !conflict::patient_is_gone(&open.given.patient, world.chart) {
        return None;
    }
    errand(open, subject::with_place(&told(open, world, words), &open.given.patient, world, words))
}

fn errand(open: &conflict::Open<'_>, title: String) -> Option<Errand> {
    let follow_up = FollowUp::Conflict(open.conflict.clone());
    Some(Errand::new(title, What::FollowUp(open.given.entry?, follow_up)))
}

/// `Lisinopril: given twice, 09:01 and 09:03`.
fn told(open: &conflict::Open<'_>, world: &World<'_>, words: &Words<'_>) -> String {
    let say = &labels::of(words.language).errand;
    let ordered = world.chart.request(&open.given.request).map(|request| due::name(request, world));
    // The order may be gone; what was given is known by its package.
    let package = open.given.packages.first().and_then(|package| world.formulary.product(&package.product));
    let name =
        ordered.or_else(|| package.map(|product| product.display_name().to_owned())).unwrap_or_default();
    let (template, other) = match open.conflict {
        Conflict::AlsoGiven(at, _) => (say.given_twice, at),
        Conflict::StoppedBefore(at) => (say.given_after_stop, at),
    };
    fill(template, &[&capital(&name), &words.time(open.given.at), &words.time(*other)])
}

/// What contradicts doses of the patient is the first thing that is read at the bed.
pub(super) fn lines(bedside: &Bedside, world: &World<'_>, words: &Words<'_>) -> Vec<Line> {
    let Some(patient) = bedside.patient() else { return Vec::new() };
    let line = |open: conflict::Open<'_>| Line {
        mark: Mark::Stop,
        title: told(&open, world, words),
        detail: labels::of(words.language).errand.see_to_patient.into(),
        action: String::new(),
        check: String::new(),
    };
    conflict::open_for(world.chart, &patient.id, world.now.at).map(line).collect()
}

/// The line of the ward's list of what is to be done.
pub(super) fn row(open: &conflict::Open<'_>, world: &World<'_>, words: &Words<'_>) -> DueRow {
    DueRow {
        group: DueGroup::Overdue,
        mark: Mark::Stop,
        name: told(open, world, words),
        dose: subject::place(&open.given.patient, world, words),
        when: words.time(open.given.at),
        state: labels::of(words.language).due.see_to_patient.into(),
        last: String::new(),
        tags: Vec::new(),
        act: answer_without_bed(open, world, words)
            .map(|_| labels::of(words.language).errand.conflict.into()),
    }
}
