//! From the session to the screen: a pure function. No rule stands here; every text about a decision comes from the phrase
//! table of `rights`.

mod actions;
mod conflicts;
mod dose;
mod due;
mod form;
mod reasons;
mod receipt;
mod row_id;
mod settings;
mod subject;
mod surroundings;
mod time_line;

pub(crate) use actions::{Action, actions, task_ids, task_menu};
pub(crate) use dose::{answers_to, as_one, ordered_unit, shares, takes_decimals};
pub(crate) use due::{hold_sheet, lines_above, row_ids, row_menu};
pub(crate) use form::asks_birth_year;
pub(crate) use reasons::reasons_for;
pub(crate) use row_id::RowId;
pub(crate) use settings::Trial;
pub use surroundings::{
    CameraState, CosignerState, HubState, LOUDEST, Mode, NightHours, ScannerState, Sound, Surroundings,
    Technical,
};

use jiff::civil::Date;
use ledger::receipt::Receipt as LedgerReceipt;
use rights::bedside::{Bedside, Notice, Phase, World};
use rights::person::{Allergen, Patient};
use rights::phrase::{InHandNames, Language, Phrase, Words};
use rights::verdict::{Class, Finding, Verdict};

use crate::desk::Desk;
use crate::labels::{self, fill};
use crate::model::{Banner, Header, Input, Line, Mark, Model, NotRecorded, PinPad, Prompt, Screen, Status};

/// The screen for a session at one moment. A receipt screen needs the ledger's receipt: without it nothing is said to be given.
pub fn view(
    bedside: &Bedside,
    desk: &Desk,
    world: &World<'_>,
    surroundings: &Surroundings,
    receipt: Option<&LedgerReceipt>,
) -> Model {
    let words = words(world, desk.language, None);
    let screen = screen(bedside, desk, world, &words, surroundings, receipt);
    let preview = match &screen {
        Screen::Locked(_)
        | Screen::Identify(_)
        | Screen::DueList(_)
        | Screen::Dose(_)
        | Screen::Settings(_) => true,
        Screen::Form(form) => form.input == Input::Scan,
        _ => false,
    };
    Model {
        header: header(bedside, world, &words, surroundings),
        banner: subject::in_banner(bedside, desk, world).map(|patient| banner(patient, world, &words)),
        screen,
        night: is_night(desk, surroundings, world),
        language: desk.language,
        preview,
        alarm: alarm(bedside, world, &words),
    }
}

/// By hand, or by the clock as long as no hand says otherwise.
pub(crate) fn is_night(desk: &Desk, surroundings: &Surroundings, world: &World<'_>) -> bool {
    desk.night.unwrap_or_else(|| night_by_clock(surroundings, world))
}

pub(crate) fn night_by_clock(surroundings: &Surroundings, world: &World<'_>) -> bool {
    let local = world.now.offset.to_datetime(world.now.at).time();
    surroundings.night.is_some_and(|hours| hours.contains(local))
}

/// Break-glass (S4), as long as it lasts.
fn alarm(bedside: &Bedside, world: &World<'_>, words: &Words<'_>) -> Option<String> {
    let emergency = bedside.session()?.break_glass.as_ref()?;
    let until = emergency.since.checked_add(world.policy.break_glass_lasts).ok()?;
    let reason = words.reason(&emergency.reason);
    Some(fill(labels::of(words.language).frame.break_glass, &[&words.time(until), &reason]))
}

/// The phrase table for this moment.
fn words<'a>(world: &World<'a>, language: Language, in_hand: Option<&'a InHandNames<'a>>) -> Words<'a> {
    Words { language, zone: world.zone, today: world.now.date(), in_hand, policy: world.policy }
}

fn screen(
    bedside: &Bedside,
    desk: &Desk,
    world: &World<'_>,
    words: &Words<'_>,
    surroundings: &Surroundings,
    receipt: Option<&LedgerReceipt>,
) -> Screen {
    let say = labels::of(words.language);
    let actions =
        || actions::actions(bedside, world, words.language).into_iter().map(|(_, label)| label).collect();
    if let Some(errand) = &desk.errand {
        return Screen::Form(form::errand(errand, desk, world, words));
    }
    if desk.tasks && desk.charting.is_none() {
        let notice = match bedside.phase() {
            Phase::Identify { notice, .. } | Phase::DueList { notice } => *notice,
            _ => None,
        };
        return Screen::Tasks(actions::list(world, words, notice));
    }
    match bedside.phase() {
        Phase::Locked { .. } if desk.settings => {
            Screen::Settings(settings::panel(surroundings, desk.night.is_some(), world, words))
        }
        Phase::Locked { notice } => Screen::Locked(Prompt {
            title: say.prompt.scan_badge.into(),
            hint: match surroundings.camera {
                CameraState::Absent => say.prompt.scan_badge_by_hand.into(),
                _ => say.prompt.scan_badge_hint.into(),
            },
            trouble: notice.map(|notice| line_of(words.notice(notice), Mark::Stop, "")),
            actions: actions(),
        }),
        Phase::Pin { clinician, refused, .. } => Screen::Pin(PinPad {
            name: clinician.name.to_string(),
            typed: desk.typed.len(),
            trouble: refused.then(|| say.prompt.wrong_pin.into()),
        }),
        Phase::Identify { stop, notice } => Screen::Identify(Prompt {
            title: say.prompt.scan_band.into(),
            hint: say.prompt.scan_band_hint.into(),
            trouble: notice
                .map(|notice| line_of(words.notice(notice), Mark::Stop, ""))
                .or_else(|| stop.as_ref().and_then(|verdict| strictest(verdict, words))),
            actions: actions(),
        }),
        Phase::DueList { notice } => {
            let birth_year = bedside
                .patient()
                .and_then(|identified| form::birth_year(&identified.verdict, desk, words, *notice));
            match (birth_year, &desk.charting) {
                (Some(form), _) => Screen::Form(form),
                (None, Some(charting)) => {
                    Screen::NotGiven(reasons::not_given(charting, desk, world, words, *notice))
                }
                (None, None) => Screen::DueList(due::due_list_panel(bedside, world, words, *notice)),
            }
        }
        Phase::Second(second) => Screen::Form(form::second(second, desk, world, words)),
        Phase::Claiming(_) => Screen::Saving(say.prompt.asking_others.into()),
        Phase::Dose(dose) => {
            if let Some(charting) = &desk.charting {
                return Screen::NotGiven(reasons::not_given(charting, desk, world, words, dose.notice));
            }
            let mut panel = dose::panel(dose, desk, world);
            panel.findings.extend(unreadable(bedside, world, words));
            Screen::Dose(panel)
        }
        Phase::Saving(saving) => Screen::Saving(fill(say.prompt.recording, &[&saving.name])),
        Phase::Done(done) => match receipt.filter(|receipt| receipt.recorded() == done.recorded) {
            Some(receipt) => Screen::Receipt(receipt::panel(done, receipt, world, words)),
            None => Screen::Saving(fill(say.prompt.recording, &[&done.name])),
        },
        Phase::NotRecorded { pending, in_hand } => Screen::NotRecorded(NotRecorded {
            title: say.prompt.not_recorded.into(),
            what: match (pending, in_hand) {
                (Some(pending), _) => receipt::on_paper(pending, world, words),
                (None, Some(dose)) => receipt::perhaps_on_paper(dose, world, words),
                (None, None) => say.prompt.cannot_write.into(),
            },
            action: say.prompt.chart_on_paper.into(),
        }),
    }
}

fn header(bedside: &Bedside, world: &World<'_>, words: &Words<'_>, surroundings: &Surroundings) -> Header {
    let say = labels::of(words.language);
    let (orders, others) = orders_and_others(world, words, &surroundings.technical);
    Header {
        place: surroundings.place.clone(),
        clock: words.time(world.now.at),
        // On the red screen there is nothing to sign off from: it ends when the dose is written on paper.
        clinician: bedside
            .session()
            .filter(|_| !matches!(bedside.phase(), Phase::NotRecorded { .. }))
            .map(|session| session.clinician.name.to_string()),
        orders,
        others,
        camera: surroundings.camera.status(say),
        sound: surroundings.technical.sound.status(say),
        training: surroundings.mode == Some(Mode::Training),
        mode: surroundings.mode.map(|mode| mode.text(say).into()),
    }
}

/// How current the orders are, and whether what other kiosks gave of them is. The second takes the place of orders that are current, and stands
/// beside those that are not: then both are to be asked for.
fn orders_and_others(
    world: &World<'_>,
    words: &Words<'_>,
    technical: &Technical,
) -> (Status, Option<Status>) {
    let orders = orders_status(world, words, technical);
    match alone(technical.hub, words) {
        Some(others) if orders.mark == Mark::Pass => (others, None),
        others => (orders, others),
    }
}

/// S2, on every screen: never "no orders" when they are only not current.
fn orders_status(world: &World<'_>, words: &Words<'_>, technical: &Technical) -> Status {
    let say = &labels::of(words.language).frame;
    // A feed says nothing for too long: what it would have said is missing, however fresh the other feeds are.
    if let Some((feed, heard)) = &technical.silent_feed {
        let text = match heard {
            Some(heard) => fill(say.feed_silent_since, &[feed, &words.time(*heard)]),
            None => fill(say.feed_never_heard, &[feed]),
        };
        return Status { mark: Mark::Stop, text };
    }
    let Some(as_of) = world.chart.orders_as_of else {
        return Status { mark: Mark::Stop, text: say.orders_not_current.into() };
    };
    let age = world.now.at.duration_since(as_of);
    if age > world.policy.orders_stale {
        Status { mark: Mark::Stop, text: fill(say.orders_not_current_since, &[&words.time(as_of)]) }
    } else {
        Status { mark: Mark::Pass, text: fill(say.orders_as_of, &[&words.time(as_of)]) }
    }
}

/// Where the hub was not heard the orders are current, but not what other kiosks gave of them.
fn alone(hub: Option<HubState>, words: &Words<'_>) -> Option<Status> {
    let say = &labels::of(words.language).frame;
    let text = match hub? {
        HubState::Heard(_) => return None,
        HubState::Waits | HubState::Away(None) => say.others_never.into(),
        HubState::Away(Some(since)) => fill(say.others_since, &[&words.time(since)]),
    };
    Some(Status { mark: Mark::Question, text })
}

fn banner(patient: &Patient, world: &World<'_>, words: &Words<'_>) -> Banner {
    let say = &labels::of(words.language).frame;
    let patient = world.chart.whole(patient);
    let allergies: Vec<&str> = patient.allergies.iter().map(|allergy| allergy.text.as_str()).collect();
    let allergic = !allergies.is_empty();
    let unchecked = patient.allergies.iter().any(|allergy| allergy.to == Allergen::TextOnly);
    Banner {
        name: patient.name.to_string(),
        birth: fill(
            say.born,
            &[
                &words.date(patient.birth_date),
                &age_in_years(patient.birth_date, world.now.date()).to_string(),
            ],
        ),
        mrn: fill(say.mrn, &[&patient.mrn.to_string()]),
        bed: patient.bed.clone().unwrap_or_default(),
        allergies: match (allergic, unchecked) {
            (false, _) => say.no_allergies.into(),
            (true, false) => fill(say.allergies, &[&allergies.join(", ")]),
            (true, true) => fill(say.allergies_unchecked, &[&allergies.join(", ")]),
        },
        allergic,
    }
}

fn age_in_years(birth: Date, today: Date) -> i16 {
    let had_birthday = (today.month(), today.day()) >= (birth.month(), birth.day());
    today.year() - birth.year() - i16::from(!had_birthday)
}

/// Said wherever orders or allergies are shown that are not all there are.
fn unreadable(bedside: &Bedside, world: &World<'_>, words: &Words<'_>) -> Option<Line> {
    let id = &bedside.patient()?.id;
    let concerned = world.chart.unreadable.contains(id);
    concerned.then(|| line_of(words.notice(Notice::RecordUnreadable), Mark::Question, ""))
}

fn strictest(verdict: &Verdict, words: &Words<'_>) -> Option<Line> {
    verdict.findings().first().map(|finding| line(finding, words))
}

/// A finding as a line.
fn line(finding: &Finding, words: &Words<'_>) -> Line {
    line_of(words.finding(finding), mark(finding.class), finding.check.name())
}

fn line_of(phrase: Phrase, mark: Mark, check: &str) -> Line {
    Line { mark, title: phrase.title, detail: phrase.detail, action: phrase.action, check: check.into() }
}

const fn mark(class: Class) -> Mark {
    match class {
        Class::Pass => Mark::Pass,
        Class::Info => Mark::Info,
        Class::Acknowledge | Class::Choice | Class::SoftReason | Class::SoftContact | Class::SoftWitness => {
            Mark::Question
        }
        Class::HardBreakGlass | Class::Hard => Mark::Stop,
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::tz::{Offset, TimeZone};
    use jiff::{SignedDuration, Timestamp};
    use rights::chart::Chart;
    use rights::ident::WardId;
    use rights::moment::{ClockTrust, Moment};
    use rights::policy::Policy;
    use rights::product::Formulary;

    use super::*;

    #[test]
    fn a_kiosk_of_several_says_that_it_is_alone_until_it_has_heard_the_others() {
        let (zone, policy) = (TimeZone::UTC, Policy::default());
        let today = jiff::civil::date(2026, 11, 27);
        let words = Words { language: Language::English, zone: &zone, today, in_hand: None, policy: &policy };
        let at: Timestamp = "2026-11-27T08:04:00Z".parse().unwrap();
        let says = |hub| alone(hub, &words).map(|status| (status.mark, status.text));
        let never = Some((Mark::Question, "Kiosk still alone".to_owned()));
        assert_eq!(says(Some(HubState::Waits)), never);
        assert_eq!(says(Some(HubState::Away(None))), never);
        let since = (Mark::Question, "Kiosk alone since 08:04".to_owned());
        assert_eq!(says(Some(HubState::Away(Some(at)))), Some(since));
        assert_eq!((says(Some(HubState::Heard(at))), says(None)), (None, None));
    }

    #[test]
    fn s2_orders_that_are_not_current_do_not_hide_that_the_kiosk_is_alone() {
        let (zone, policy, formulary) = (TimeZone::UTC, Arc::new(Policy::default()), Formulary::default());
        let ward = WardId::parse("3B").unwrap();
        let at: Timestamp = "2026-11-27T08:04:00Z".parse().unwrap();
        let words = Words {
            language: Language::English,
            zone: &zone,
            today: jiff::civil::date(2026, 11, 27),
            in_hand: None,
            policy: &policy,
        };
        let says = |as_of: Option<Timestamp>, hub, silent_feed: Option<&str>| {
            let chart = Chart { orders_as_of: as_of, ..Chart::default() };
            let clock = ClockTrust::Known(SignedDuration::ZERO);
            let now = Moment { at, offset: Offset::UTC, clock };
            let world = World {
                now,
                zone: &zone,
                ward: &ward,
                policy: &policy,
                formulary: &formulary,
                chart: &chart,
            };
            let silent_feed = silent_feed.map(|name| (name.to_owned(), None));
            let technical = Technical { silent_feed, hub, ..Technical::starting("o") };
            let (orders, others) = orders_and_others(&world, &words, &technical);
            (orders.text, others.map(|status| status.text))
        };
        let away = Some(HubState::Away(Some(at)));
        let alone = "Kiosk alone since 08:04".to_owned();
        let old = at - SignedDuration::from_hours(2);
        assert_eq!(says(Some(at), None, None), ("Orders 08:04".to_owned(), None));
        assert_eq!(says(Some(at), away, None), (alone.clone(), None));
        for (orders, as_of, silent) in [
            ("Orders not current: 06:04", Some(old), None),
            ("Orders not current", None, None),
            ("Orders not current: adt never heard", Some(at), Some("adt")),
        ] {
            assert_eq!(says(as_of, away, silent), (orders.to_owned(), Some(alone.clone())));
            assert_eq!(says(as_of, None, silent), (orders.to_owned(), None));
        }
    }
}
