//! The commit: what was confirmed is evaluated again and handed to the ledger.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use jiff::{SignedDuration, Timestamp};

use super::super::phase::{Claiming, Notice, Phase, Saving, Session};
use super::super::{Bedside, Effect, Tone, World, record};
use super::put_aside::lot_of;
use super::{DoseInHand, Step};
use crate::case::PackageInHand;
use crate::chart::Chart;
use crate::claims::{Claim, Grant};
use crate::decide::{break_glass_until, ingredients_in_hand, is_backdated, package_identity};
use crate::entry::{EntryKind, IdempotencyKey, Inputs};
use crate::history::{Administration, Outcome, Record, UsedPackage};
use crate::ident::ClinicianId;
use crate::product::Route;
use crate::schedule::Timing;
use crate::verdict::{Check, Evidence, Plan, Variance, Why};

impl Bedside {
    /// "The patient has taken it": everything is evaluated again against the world of this moment.
    pub(in crate::bedside) fn confirm(&mut self, world: &World<'_>) -> Vec<Effect> {
        let Phase::Dose(shown) = &self.phase else { return Vec::new() };
        if shown.step() != Step::Ready {
            return Vec::new();
        }
        let Some(now) = self.decided_again(shown, world) else { return Vec::new() };
        if now.changed || now.step() != Step::Ready {
            return self.show_change(now, world);
        }
        self.ask_for(now, world)
    }

    /// Records the dose that was decided last, under the key of its claim.
    pub(in crate::bedside) fn commit(
        &mut self,
        dose: &DoseInHand,
        claim: &Claim,
        grant: Grant,
        world: &World<'_>,
    ) -> Vec<Effect> {
        let (Some(session), Some(scan)) = (&self.session, dose.held.last().map(|held| &held.scan)) else {
            return Vec::new();
        };
        let Some(mut administration) = administration(dose, session.clinician.id.clone(), world) else {
            // The decision computed the same amounts; if this one cannot, nothing was given and that is said.
            self.phase = Phase::Dose(DoseInHand { notice: Some(Notice::CannotChart), ..dose.clone() });
            return alloc::vec![Effect::Release(claim.entry), Effect::Sound(Tone::Stop)];
        };
        administration.grant = Some(grant);
        if grant != Grant::Alone {
            administration.known.clone_from(&claim.known);
        }
        let kind =
            if administration.outcome == Outcome::Given { EntryKind::Given } else { EntryKind::Partial };
        let inputs = Inputs::Dose(Arc::clone(&dose.case));
        let mut draft =
            record::verdict(kind, &dose.verdict, Some(administration.patient.clone()), inputs, scan);
        if let Some(detached) = &mut draft.detached {
            detached.answers.clone_from(&dose.case.answers.reasons);
        }
        self.save_under(claim.entry, draft, Record::Administration(administration), name(dose), world)
    }

    /// What the nurse confirmed while the ward was asked for it, as the ledger would have had it.
    pub(in crate::bedside) fn confirmed(&self, claiming: &Claiming, world: &World<'_>) -> Option<Saving> {
        let (by, key) = (self.session.as_ref()?.clinician.id.clone(), claiming.claim.entry);
        let record = Record::Administration(administration(&claiming.dose, by, world)?).in_entry(key);
        Some(Saving { key, since: world.now.at, record, name: name(&claiming.dose) })
    }

    /// Hands what was done to the ledger and waits for its answer. The draft has its patient data.
    pub(in crate::bedside) fn save(
        &mut self,
        draft: record::Draft,
        done: Record,
        name: String,
        world: &World<'_>,
    ) -> Vec<Effect> {
        let Some(key) = self.session.as_mut().map(Session::take_key) else { return Vec::new() };
        self.save_under(key, draft, done, name, world)
    }

    /// The same, under a key that was taken before.
    pub(in crate::bedside) fn save_under(
        &mut self,
        key: IdempotencyKey,
        mut draft: record::Draft,
        done: Record,
        name: String,
        world: &World<'_>,
    ) -> Vec<Effect> {
        let done = done.in_entry(key);
        if let Some(detached) = &mut draft.detached {
            detached.record = Some(done.clone());
        }
        let Some(Effect::Record(entry)) = self.record_under(key, draft, world) else { return Vec::new() };
        self.phase = Phase::Saving(Saving { key: entry.key(), since: world.now.at, record: done, name });
        alloc::vec![Effect::Record(entry)]
    }
}

fn name(dose: &DoseInHand) -> String {
    dose.case.product().map(|product| product.display_name().into()).unwrap_or_default()
}

/// What was given, from the dose that the verdict passed.
fn administration(dose: &DoseInHand, by: ClinicianId, world: &World<'_>) -> Option<Administration> {
    let plan = dose.verdict.plan()?;
    let given = plan.dose?;
    // The mark of a syringe that stands for the dose is the dose.
    let by_mark = dose.verdict.findings().iter().any(|finding| {
        matches!(
            finding.why,
            Why::Established(Evidence::DoseMeasured(..)) | Why::Variance(Variance::NotMeasurable(..))
        )
    });
    let less = given.compare(plan.ordered.least())?.is_lt() && !by_mark;
    let packages: Vec<UsedPackage> = dose.case.packages.iter().map(used).collect::<Option<_>>()?;
    Some(Administration {
        patient: dose.case.patient_id()?.clone(),
        request: plan.choice.request.clone(),
        version: plan.choice.version,
        slot: plan.choice.slot,
        outcome: if less { Outcome::Partial } else { Outcome::Given },
        at: given_at(dose, &by, world.chart),
        by,
        dose: Some(given),
        ingredients: ingredients_in_hand(&dose.case)?,
        route: Some(plan.route),
        packages,
        reason: None,
        note: None,
        entry: None,
        backdated: is_backdated(&dose.case).then_some(world.now.at),
        effect_due: effect_due(dose, plan, world),
        rate: plan.rate,
        continues: plan.continues,
        grant: None,
        site: dose.case.answers.site().cloned(),
        pain_score: dose.case.answers.pain_score(),
        witness: dose.case.answers.witness.as_ref().map(|witness| witness.who.id.clone()),
        known: Vec::new(),
        order_link_due: order_link_due(dose, world),
    })
}

/// When it was given. Nurses type minutes, and custody tells what one nurse took by its instant (W4): a further dose of the same minute
/// stands a nanosecond later.
fn given_at(dose: &DoseInHand, by: &ClinicianId, chart: &Chart) -> Timestamp {
    let mut at = dose.case.at();
    let doses = chart.history.iter().chain(&chart.corrected).map(|done| (done.at, &done.by));
    let taken: BTreeSet<Timestamp> = doses
        .chain(chart.set_aside.iter().map(|aside| (aside.at, &aside.by)))
        .filter_map(|(other, nurse)| (nurse == by).then_some(other))
        .collect();
    while taken.contains(&at) {
        at = at.checked_add(SignedDuration::from_nanos(1)).unwrap_or(at);
    }
    at
}

/// S4: it was given in an emergency without an order in force, so one must be written.
fn order_link_due(dose: &DoseInHand, world: &World<'_>) -> Option<Timestamp> {
    break_glass_until(&dose.case)?;
    let without_order = dose.verdict.findings().iter().any(|finding| {
        matches!(finding.check, Check::O1 | Check::M7) && matches!(finding.why, Why::Variance(_))
    });
    let due = world.now.at.checked_add(world.policy.order_link_within).ok();
    due.filter(|_| without_order)
}

/// When the effect of an as-needed dose is to be looked at.
fn effect_due(dose: &DoseInHand, plan: &Plan, world: &World<'_>) -> Option<Timestamp> {
    let chosen = dose.case.requests.iter().find(|r| r.request.id == plan.choice.request)?;
    let Timing::AsNeeded(_) = chosen.request.timing else { return None };
    let policy = world.policy;
    let after = match plan.route {
        Route::Intravenous => policy.effect_after_iv,
        Route::Intramuscular | Route::Subcutaneous => policy.effect_after_injection,
        Route::Oral
        | Route::Transdermal
        | Route::Rectal
        | Route::Inhaled
        | Route::Topical
        | Route::Ophthalmic
        | Route::Sublingual
        | Route::Nasogastric => policy.effect_after_oral,
    };
    dose.case.at().checked_add(after).ok()
}

fn used(package: &PackageInHand) -> Option<UsedPackage> {
    let product = package.product()?;
    let taken = package.content_taken()?;
    Some(UsedPackage {
        product: product.id.clone(),
        identity: package_identity(&package.scan),
        lot: lot_of(package).cloned(),
        taken,
        left: product.package.minus(&taken)?,
        controlled: product.controlled,
    })
}
