//! Right time: T1 to T8.

use alloc::vec;
use alloc::vec::Vec;

use jiff::{SignedDuration, Timestamp};

use super::day::{Day, days};
use super::dose;
use crate::amount::Amount;
use crate::case::{Choice, DoseCase, RequestInCase};
use crate::entered::Wanted;
use crate::history::{Administration, Outcome};
use crate::ident::{Ingredient, ReasonCode};
use crate::policy::{Policy, ReasonList};
use crate::product::{Mark, Product};
use crate::quantity::Quantity;
use crate::request::Request;
use crate::schedule::{AsNeeded, Slot, Timing};
use crate::verdict::{Check, Class, Evidence, Finding, Variance, Why};

/// Half the width of the window around a scheduled dose, by the tier of the request (CMS S&C 12-05 and ISMP 2011 guidance);
/// `None` for timings without a window. No window reaches further than a quarter of the way to the next dose: uneven times of day lie closer
/// than their number says, and two doses must not be right at one moment.
pub fn window(policy: &Policy, request: &Request) -> Option<SignedDuration> {
    let interval = request.interval()?;
    let closest = request.timing.closest()?;
    let by_tier = if request.time_critical {
        policy.window_time_critical
    } else if interval < SignedDuration::from_hours(4) {
        (interval / 4).min(policy.window_frequent_most)
    } else if interval < SignedDuration::from_hours(24) {
        policy.window_several_daily
    } else {
        policy.window_daily
    };
    Some(by_tier.min(closest / 4))
}

/// How long before its instant a scheduled dose may be given without a word. A one-time dose has no window, but its instant was
/// ordered: the narrowest tier stands for it.
pub(super) fn early_allowance(policy: &Policy, request: &Request) -> SignedDuration {
    window(policy, request).unwrap_or(match request.timing {
        Timing::At(_) => policy.window_time_critical,
        Timing::Daily { .. }
        | Timing::Monthly { .. }
        | Timing::Every { .. }
        | Timing::Continuous
        | Timing::AsNeeded(_)
        | Timing::Unscheduled { .. } => SignedDuration::ZERO,
    })
}

/// Whether now lies in the window of a scheduled dose, both ends included.
pub(super) fn in_window(case: &DoseCase, request: &Request, slot: &Slot) -> bool {
    let half = window(&case.policy, request).unwrap_or_default();
    case.at().duration_since(slot.due).abs() <= half
}

pub(super) fn findings(
    case: &DoseCase,
    product: &Product,
    in_case: &RequestInCase,
    choice: &Choice,
    dose: Option<&Quantity>,
) -> Vec<Finding> {
    let request = &in_case.request;
    let mut found = match (&request.timing, choice.slot) {
        (Timing::Continuous, None) => vec![Finding::pass(Check::T1, Evidence::NoWindow)],
        (Timing::AsNeeded(limits), None) => as_needed(case, product, request, limits, dose),
        // The order's own finding says that its timing could not be read.
        (Timing::Unscheduled { .. }, _) => Vec::new(),
        // A scheduled dose that is none of the schedule, or a schedule where none is.
        (Timing::AsNeeded(_) | Timing::Continuous, Some(_)) | (_, None) => {
            vec![Finding::variance(Check::O1, Class::Hard, Variance::NothingScheduled)]
        }
        (_, Some(due)) => match in_case.slots.iter().find(|slot| slot.due == due) {
            Some(slot) => scheduled(case, product, in_case, slot),
            // The schedule changed and this dose is not in it any more.
            None => vec![Finding::variance(Check::O1, Class::Hard, Variance::NothingScheduled)],
        },
    };
    found.extend(later_given(case, request, choice));
    found.extend(same_ingredient(case, product, request, choice));
    found
}

/// T1, T2, T3.
fn scheduled(case: &DoseCase, product: &Product, in_case: &RequestInCase, slot: &Slot) -> Vec<Finding> {
    let (now, request) = (case.at(), &in_case.request);
    let Some(half) = window(&case.policy, request) else {
        let allowance = early_allowance(&case.policy, request);
        return vec![if slot.due.duration_since(now) > allowance {
            early(case, product, request, slot, allowance)
        } else {
            Finding::pass(Check::T1, Evidence::NoWindow)
        }];
    };
    let in_window = in_window(case, request, slot);
    if now < slot.due && !in_window {
        return vec![early(case, product, request, slot, half)];
    }
    // Its time has come, so that no class but a call can be meant.
    let crowded = crowding(case, in_case, slot, half).map(|last| soon(Class::SoftContact, slot, last));
    let late = match slot.next {
        _ if in_window || slot.first => None,
        Some(next) if now.duration_since(slot.due) > next.duration_since(now) => {
            Some((Class::SoftContact, Variance::LatePastMiddle(slot.due, next)))
        }
        _ => Some((Class::SoftReason, Variance::Late(slot.due))),
    };
    let late = late.map(|(class, variance)| Finding::variance(Check::T3, class, variance));
    let mut found: Vec<Finding> = crowded.into_iter().chain(late).collect();
    if found.is_empty() {
        let evidence = if in_window { Evidence::InWindow(slot.due) } else { Evidence::NoWindow };
        found.push(Finding::pass(Check::T1, evidence));
    }
    found
}

/// T2.
fn early(
    case: &DoseCase,
    product: &Product,
    request: &Request,
    slot: &Slot,
    half: SignedDuration,
) -> Finding {
    let interval = request.interval().unwrap_or(half);
    match last_given(case, request) {
        Some(last) if too_soon(&case.policy, case.at().duration_since(last), interval) => {
            let class = if product.high_alert { Class::HardBreakGlass } else { Class::SoftContact };
            soon(class, slot, last)
        }
        _ => Finding::variance(Check::T2, Class::SoftReason, Variance::Early(slot.due)),
    }
}

fn soon(class: Class, slot: &Slot, last: Timestamp) -> Finding {
    Finding::variance(Check::T2, class, Variance::EarlyAfterLast(slot.due, last))
}

fn last_given(case: &DoseCase, request: &Request) -> Option<Timestamp> {
    let own = case.history.iter().filter(|done| done.request == request.id && done.outcome.entered_patient());
    own.filter(|done| case.came_before(done)).map(|done| done.at).max()
}

/// The last dose, where it was given so late that this one follows it more closely than two doses within their windows ever do, and than
/// the policy lets an early one. A first dose has none before it in the schedule, but an order that was changed may have been given under.
fn crowding(
    case: &DoseCase,
    in_case: &RequestInCase,
    slot: &Slot,
    half: SignedDuration,
) -> Option<Timestamp> {
    let before = in_case.slots.iter().find(|before| before.next == Some(slot.due));
    let own = || in_case.request.interval();
    let between = before.map(|before| slot.due.duration_since(before.due)).or_else(own)?;
    let last = last_given(case, &in_case.request)?;
    let passed = case.at().duration_since(last);
    let closest = between.saturating_sub(half).saturating_sub(half);
    (passed < closest && too_soon(&case.policy, passed, between)).then_some(last)
}

/// Less than the policy's share of the interval has passed. Whole seconds decide, as fractions.
fn too_soon(policy: &Policy, passed: SignedDuration, interval: SignedDuration) -> bool {
    let needed = Amount::whole(interval.as_secs()).times(policy.early_share);
    needed.is_none_or(|needed| Amount::whole(passed.as_secs()) < needed)
}

/// T4, T5, T6.
fn as_needed(
    case: &DoseCase,
    product: &Product,
    request: &Request,
    limits: &AsNeeded,
    dose: Option<&Quantity>,
) -> Vec<Finding> {
    let strict = if is_strict(&case.policy, product) { Class::HardBreakGlass } else { Class::SoftContact };
    let mut found = Vec::new();
    found.extend(interval(case, request, limits).map(|soon| Finding::variance(Check::T4, strict, soon)));
    if let Some(most) = limits.most_per_day {
        let count = doses_in_a_day(case, request);
        if count >= most {
            found.push(Finding::variance(Check::T5, strict, Variance::CountReached(count)));
        }
    }
    // Above the amount D8 asks in any case; here it is strict for what is.
    let above =
        dose::daily_total(case, product, request, dose).into_iter().find_map(|finding| match finding.why {
            Why::Variance(Variance::DailyMaximum(total, maximum)) => Some((total, maximum)),
            Why::Variance(_) | Why::Established(_) => None,
        });
    if let (Some((total, maximum)), Class::HardBreakGlass) = (above, strict) {
        found.push(Finding::variance(Check::T5, strict, Variance::AmountReached(total, maximum)));
    }
    if found.is_empty() {
        found.push(Finding::pass(Check::T4, Evidence::IntervalElapsed));
    }
    // Who calls for an on-call dose gives the reason.
    if !request.conditions.on_call {
        found.push(indication(case, limits));
        found.extend(pain_score(case, product));
    }
    found
}

/// T4: too soon after the dose before it. One that is charted after a later one is compared with that one too.
fn interval(case: &DoseCase, request: &Request, limits: &AsNeeded) -> Option<Variance> {
    let interval = limits.minimum_interval?;
    let ingredients = &request.drug.ingredients;
    let (before, after): (Vec<_>, Vec<_>) = case.history.iter().partition(|done| case.came_before(done));
    if let Some(last) = doses(before, ingredients).max() {
        let next = last.checked_add(interval).unwrap_or(last);
        if case.at() < next {
            return Some(Variance::TooSoon(last, next));
        }
    }
    let later = doses(after, ingredients).min()?;
    let next = case.at().checked_add(interval).unwrap_or(later);
    (later < next).then_some(Variance::TooSoonBefore(later, next))
}

/// T4, T5: controlled substances, and what the policy lists by mark.
fn is_strict(policy: &Policy, product: &Product) -> bool {
    product.controlled.is_some() || policy.strict_as_needed.iter().any(|mark| product.marks.has(*mark))
}

/// T6: an analgesic for pain asks how much it hurts, once it is known that it is for pain.
fn pain_score(case: &DoseCase, product: &Product) -> Option<Finding> {
    let reason = case.answers.reasons.iter().rfind(|answer| answer.check == Check::T6)?.reason.as_ref()?;
    if !product.marks.has(Mark::Analgesic) || !case.policy.pain_reasons.contains(reason) {
        return None;
    }
    Some(match case.answers.pain_score() {
        Some(score) => Finding::pass(Check::T6, Evidence::PainScored(score)),
        None => Finding::variance(Check::T6, Class::Choice, Variance::ValueMissing(Wanted::PainScore)),
    })
}

/// T6. The reason is asked in any case; one that was ordered establishes the check, another one stays a variance.
fn indication(case: &DoseCase, limits: &AsNeeded) -> Finding {
    let answered = case.answers.reasons.iter().rfind(|answer| answer.check == Check::T6);
    let listed = case.policy.reasons(ReasonList::AsNeeded);
    match answered.and_then(|answer| answer.reason.as_ref()) {
        Some(reason) if listed.contains(reason) && is_indicated(limits, reason) => {
            Finding::pass(Check::T6, Evidence::Indicated(reason.clone()))
        }
        _ => Finding::variance(Check::T6, Class::SoftReason, Variance::ReasonAsked),
    }
}

/// Whether a reason code names one of the ordered indications, which are written by hand: `High blood pressure` is
/// `high-blood-pressure`.
fn is_indicated(limits: &AsNeeded, reason: &ReasonCode) -> bool {
    let as_code = |text: &str| text.trim().to_lowercase().replace([' ', '_'], "-");
    limits.reasons.iter().any(|ordered| as_code(ordered) == reason.as_str())
}

/// When one of these ingredients entered the patient.
fn doses<'a>(
    history: impl IntoIterator<Item = &'a Administration>,
    ingredients: &[Ingredient],
) -> impl Iterator<Item = Timestamp> {
    let holds = |done: &&Administration| ingredients.iter().any(|ingredient| done.gave_substance(ingredient));
    history.into_iter().filter(holds).map(|done| done.at)
}

fn doses_in_a_day(case: &DoseCase, request: &Request) -> u16 {
    let counts = |done: &&Administration| done.request == request.id && done.outcome.entered_patient();
    let counted = |day: &Day| case.history.iter().filter(counts).filter(|done| day.holds(done)).count();
    let most = days(case).iter().map(counted).max().unwrap_or_default();
    u16::try_from(most).unwrap_or(u16::MAX)
}

/// From when on an as-needed dose is permitted by its interval; `None` when it is at once.
pub fn first_permitted<'a>(
    history: impl IntoIterator<Item = &'a Administration>,
    ingredients: &[Ingredient],
    limits: &AsNeeded,
) -> Option<Timestamp> {
    doses(history, ingredients).max()?.checked_add(limits.minimum_interval?).ok()
}

/// T8.
fn later_given(case: &DoseCase, request: &Request, choice: &Choice) -> Option<Finding> {
    let due = choice.slot?;
    let later = case.history.iter().find(|done| {
        done.request == request.id
            && done.outcome.entered_patient()
            && done.slot.is_some_and(|slot| slot > due)
    })?;
    Some(Finding::variance(Check::T8, Class::Hard, Variance::LaterGiven(later.at)))
}

/// T7. What an order expects is no repetition: a request that is due more often than the look-back would ask every time, an
/// as-needed interval is T4's, and a scheduled dose that was given is O8's. A dose that was held or refused had a cause, so
/// giving it after all asks too.
fn same_ingredient(
    case: &DoseCase,
    product: &Product,
    request: &Request,
    choice: &Choice,
) -> Option<Finding> {
    let within = case.policy.repeat_within;
    let expected = |done: &Administration| {
        let same_slot = done.slot.is_some() && done.slot == choice.slot;
        done.request == request.id
            && match &request.timing {
                Timing::AsNeeded(limits) => {
                    limits.minimum_interval.is_some() && done.outcome.entered_patient()
                }
                // The next bag of an infusion is expected whenever the last one is empty.
                Timing::Continuous => done.outcome.entered_patient(),
                Timing::At(_)
                | Timing::Daily { .. }
                | Timing::Monthly { .. }
                | Timing::Every { .. }
                | Timing::Unscheduled { .. } => {
                    if same_slot {
                        done.outcome.entered_patient()
                    } else {
                        request.interval().is_some_and(|interval| interval <= within)
                    }
                }
            }
    };
    let recent = case.history.iter().rfind(|done| {
        let charted =
            matches!(done.outcome, Outcome::Given | Outcome::Partial | Outcome::Held | Outcome::Refused);
        charted
            && case.at().duration_since(done.at).abs() < within
            && concerns(case, product, done)
            && !expected(done)
    })?;
    Some(Finding::variance(
        Check::T7,
        Class::SoftReason,
        Variance::SameIngredientRecently(recent.at, recent.outcome),
    ))
}

/// Whether an ingredient in hand was given, or was ordered by the request of a dose that was held or refused.
fn concerns(case: &DoseCase, product: &Product, done: &Administration) -> bool {
    done.ingredients.iter().any(|entered| product.holds_substance(&entered.ingredient))
        || case
            .requests
            .iter()
            .any(|r| r.request.id == done.request && r.request.drug.shares_substance(product))
}
