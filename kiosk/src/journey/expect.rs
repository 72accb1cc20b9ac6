//! Whether the screen and the ledger are as a journey expects.

use rights::bedside::Phase;
use rights::entry::EntryKind;
use rights::verdict::{Check, Class, Right, Standing, Verdict};

use super::Expectation;
use crate::model::Model;
use crate::reading::{screen_name, texts, verdict};

/// What stands before the nurse after an event.
pub(super) struct Scene<'a> {
    pub(super) model: &'a Model,
    pub(super) phase: &'a Phase,
    /// The entries since the event, in order; expectations take them from the front.
    pub(super) recorded: &'a mut Vec<EntryKind>,
    /// How often a request was given so far.
    pub(super) given: &'a dyn Fn(&str) -> usize,
    /// What the auditor's program says of the whole ledger.
    pub(super) verify: &'a mut dyn FnMut() -> Result<(), String>,
}

/// Compares; the error says what is there instead.
pub(super) fn check(expected: &Expectation, scene: &mut Scene<'_>) -> Result<(), String> {
    match expected {
        Expectation::Screen(name) => same("screen", name, screen_name(&scene.model.screen)),
        Expectation::Verdict(class) => same("verdict", class, verdict(scene.model).unwrap_or("none")),
        Expectation::Finding(id, class) => finding(id, class, scene.phase),
        Expectation::NoFinding(id) => no_finding(id, scene.phase),
        Expectation::Right(name, standing) => right(name, standing, scene.phase),
        Expectation::Says(text) => {
            if says(scene.model, text) {
                Ok(())
            } else {
                Err(format!(
                    "the screen does not say \"{text}\"; it says:\n      {}",
                    texts(scene.model).join("\n      ")
                ))
            }
        }
        Expectation::DoesNotSay(text) => {
            if says(scene.model, text) {
                Err(format!("the screen says \"{text}\""))
            } else {
                Ok(())
            }
        }
        Expectation::Recorded(kind) => {
            if scene.recorded.is_empty() {
                return Err(format!("recorded nothing more, expected {kind}"));
            }
            same("recorded", kind, scene.recorded.remove(0).name())
        }
        Expectation::RecordedNothing => match scene.recorded.as_slice() {
            [] => Ok(()),
            [first, ..] => Err(format!("recorded {}, expected nothing", first.name())),
        },
        Expectation::Given(request, count) => {
            let found = (scene.given)(request);
            if found == *count {
                Ok(())
            } else {
                Err(format!("{request} was given {found} times, expected {count}"))
            }
        }
        Expectation::LedgerVerifies => (scene.verify)(),
    }
}

fn same(what: &str, expected: &str, found: &str) -> Result<(), String> {
    if expected == found { Ok(()) } else { Err(format!("{what} {found}, expected {expected}")) }
}

fn says(model: &Model, text: &str) -> bool {
    let wanted = text.replace('\u{a0}', " ");
    texts(model).iter().any(|found| found.contains(&wanted))
}

fn current(phase: &Phase) -> Option<&Verdict> {
    match phase {
        Phase::Dose(dose) => Some(&dose.verdict),
        Phase::Identify { stop, .. } => stop.as_ref(),
        _ => None,
    }
}

fn finding(id: &str, class: &str, phase: &Phase) -> Result<(), String> {
    let check = known_check(id)?;
    if Class::from_name(class).is_none() {
        let known: Vec<&str> = Class::ALL.iter().map(|class| class.name()).collect();
        return Err(format!("class \"{class}\" is not one of {}", known.join(", ")));
    }
    let Some(verdict) = current(phase) else { return Err("there is no verdict on this screen".into()) };
    let classes: Vec<&str> =
        verdict.findings().iter().filter(|f| f.check == check).map(|finding| finding.class.name()).collect();
    if classes.contains(&class) {
        return Ok(());
    }
    let all: Vec<String> =
        verdict.findings().iter().map(|f| format!("{} {}", f.check.name(), f.class.name())).collect();
    Err(format!("no finding {id} {class}; there are: {}", all.join(", ")))
}

fn no_finding(id: &str, phase: &Phase) -> Result<(), String> {
    let check = known_check(id)?;
    let found = current(phase).and_then(|verdict| verdict.finding(check)).filter(|f| f.class != Class::Pass);
    match found {
        None => Ok(()),
        Some(finding) => Err(format!("there is a finding {id} {}", finding.class.name())),
    }
}

fn known_check(id: &str) -> Result<Check, String> {
    Check::from_name(id)
        .ok_or_else(|| format!("check \"{id}\" is not known; the ids stand in docs/requirements.md"))
}

fn right(name: &str, expected: &str, phase: &Phase) -> Result<(), String> {
    let Some(right) = Right::from_name(name) else {
        return Err(format!("right \"{name}\" is not one of patient, medication, dose, route, time"));
    };
    let Some(verdict) = current(phase) else { return Err("there is no verdict on this screen".into()) };
    let found = match verdict.standing(right) {
        Standing::Verified => "verified",
        Standing::Attested => "attested",
        Standing::Variance => "variance",
        Standing::NotReached => "open",
    };
    same(&format!("right {name}"), expected, found)
}
