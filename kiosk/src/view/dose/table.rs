//! Ordered against scanned, row by row, and the five rights with how each was established.

use rights::bedside::DoseInHand;
use rights::entered::Wanted;
use rights::phrase::Words;
use rights::product::Product;
use rights::request::Request;
use rights::verdict::{Evidence, Right, Standing, Variance, Why};

use super::super::{due, mark};
use crate::labels::{self, fill};
use crate::model::{CompareRow, Mark, RightRow};

pub(super) fn compare(
    dose: &DoseInHand,
    product: &Product,
    request: Option<&Request>,
    words: &Words<'_>,
) -> Vec<CompareRow> {
    let say = &labels::of(words.language).dose;
    let scanned_name = product.display_name().to_owned();
    let scanned_form = words.form(product.form, product.release);
    let row = |label: &str, ordered: String, scanned: String, mark| CompareRow {
        label: label.into(),
        ordered,
        scanned,
        mark,
    };
    let Some(request) = request else {
        let closest = dose.verdict.findings().iter().find_map(|finding| match &finding.why {
            Why::Variance(Variance::Differs { ordered, ordered_form, ordered_release, .. }) => {
                Some((ordered.clone(), words.form(*ordered_form, *ordered_release)))
            }
            _ => None,
        });
        let Some((name, form)) = closest else { return Vec::new() };
        let agree = |same| if same { Mark::Pass } else { Mark::Stop };
        return vec![
            row(say.drug, name.clone(), scanned_name, agree(name == product.name)),
            row(say.form, form.clone(), scanned_form.clone(), agree(form == scanned_form)),
        ];
    };
    let plan = dose.verdict.plan();
    let worst = |right| {
        let findings = dose.verdict.findings().iter();
        let findings = findings.filter(move |f| f.check.right() == Some(right) && !is_of_rate(&f.why));
        findings.map(|finding| finding.class).max().map_or(Mark::None, mark)
    };
    let in_hand = plan.and_then(|plan| plan.dose).map_or_else(|| "?".into(), |dose| words.quantity(&dose));
    let routes: Vec<&str> = product.routes.iter().map(|route| words.route(*route)).collect();
    let as_needed = labels::of(words.language).due.as_needed;
    let due = plan.and_then(|plan| plan.choice.slot).map_or_else(|| as_needed.into(), |due| words.time(due));
    // What is charted is the time that the nurse says; where none was said, now.
    let at = words.time(dose.case.at());
    let at = if dose.case.answers.given_at().is_some() { fill(say.taken_earlier, &[&at]) } else { at };
    let mut rows = vec![
        row(say.drug, as_written(&request.drug.name, product), scanned_name, Mark::Pass),
        row(say.form, words.form(request.drug.form, request.drug.release), scanned_form, Mark::Pass),
        row(say.dose, due::dose(&request.dose, words), in_hand, worst(Right::Dose)),
        row(say.route, words.route(request.route).into(), routes.join(", "), worst(Right::Route)),
        row(say.time, due, at, worst(Right::Time)),
    ];
    if let Some(ordered) = &request.rate {
        let set = dose.case.answers.pump_rate();
        let runs = || dose.case.continued_infusion(request).map(|(_, infusion)| infusion.rate);
        let set =
            set.or_else(runs).map_or_else(|| "?".into(), |rate| fill(say.rate_set, &[&words.rate(&rate)]));
        rows.insert(3, row(say.rate, due::ordered_rate(ordered, words), set, rate_mark(dose)));
    }
    rows
}

/// How the pump's rate stands to the ordered one.
fn rate_mark(dose: &DoseInHand) -> Mark {
    let of_rate = dose.verdict.findings().iter().filter(|finding| is_of_rate(&finding.why));
    of_rate.map(|finding| finding.class).max().map_or(Mark::None, mark)
}

const fn is_of_rate(why: &Why) -> bool {
    matches!(
        why,
        Why::Established(Evidence::RateAsOrdered(_))
            | Why::Variance(
                Variance::RateDiffers(..)
                    | Variance::RateNotComparable(_)
                    | Variance::ValueMissing(Wanted::PumpRate)
            )
    )
}

pub(super) fn right_row(dose: &DoseInHand, right: Right, words: &Words<'_>) -> RightRow {
    let of_right = || dose.verdict.findings().iter().filter(move |f| f.check.right() == Some(right));
    let variance = || of_right().find(|finding| matches!(finding.why, Why::Variance(_)));
    let (mark, how) = match dose.verdict.standing(right) {
        Standing::Verified => {
            // Of an infusion it is the rate that harms; how much hangs is in the table.
            let evidence = of_right().find(|finding| is_of_rate(&finding.why));
            let evidence = evidence.or_else(|| of_right().find(|finding| is_main_evidence(&finding.why)));
            let evidence = evidence.or_else(|| of_right().find(|f| matches!(f.why, Why::Established(_))));
            (Mark::Pass, evidence.map(|finding| words.finding(finding).title))
        }
        // What was typed or said instead of scanned.
        Standing::Attested => (Mark::Info, variance().map(|finding| words.finding(finding).title)),
        Standing::Variance => {
            let weight = variance().map_or(Mark::Question, |finding| mark(finding.class));
            (weight, variance().map(|finding| words.finding(finding).title))
        }
        Standing::NotReached => (Mark::None, Some(labels::of(words.language).dose.not_checked.into())),
    };
    RightRow { name: words.right(right).into(), mark, how: how.unwrap_or_default() }
}

/// The evidence that says most about its right.
const fn is_main_evidence(why: &Why) -> bool {
    matches!(
        why,
        Why::Established(
            Evidence::BandScanned
                | Evidence::SatisfiesRequest(_)
                | Evidence::DoseExact(_)
                | Evidence::DoseMeasured(..)
                | Evidence::DoseInRange(_)
                | Evidence::RouteFits(_)
                | Evidence::InWindow(_)
                | Evidence::NoWindow
                | Evidence::IntervalElapsed
        )
    )
}

/// The ordered name as the drug file writes it, tall-man where listed.
fn as_written(ordered: &str, product: &Product) -> String {
    if ordered == product.name { product.display_name().to_owned() } else { ordered.to_owned() }
}
