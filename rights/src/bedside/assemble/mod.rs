//! From the chart to a case: what the decision must see, and nothing that does not matter for it. No rule stands here.

mod history;
mod package;
mod who;

use alloc::vec::Vec;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

pub(crate) use history::looks_back;
pub(super) use package::product_of;
pub(super) use who::{patient_case, review, typed_patient_case};

use super::World;
use super::dose::Held;
use super::phase::{Identified, Session};
use crate::case::{Answers, DoseCase, PackageInHand, PatientCase, RequestInCase, VerbalOrder};
use crate::claims::{BeingGiven, Refusal};
use crate::entered::Observation;
use crate::follow_up::FollowUp;
use crate::ident::{ObservationCode, PatientId};
use crate::person::{Allergen, Allergy, Patient};
use crate::policy::Policy;
use crate::product::Product;
use crate::request::{Conditions, DoseOrder, OrderedDrug, Request, RequestStatus};
use crate::schedule::{Slot, Timing};
use crate::steps::Steps;

/// How far the schedule is expanded around now. One slot before and after is always included.
const AROUND: SignedDuration = SignedDuration::from_hours(24);

/// May this be given to this patient now? The patient is read anew, so that a discharge during the session is seen.
pub(super) fn dose_case(
    session: &Session,
    identified: &Identified,
    held: &[Held],
    answers: &Answers,
    world: &World<'_>,
) -> DoseCase {
    let mut patient = patient_now(identified, world);
    let packages: Vec<PackageInHand> = held.iter().map(|held| package::in_hand(held, world)).collect();
    let products: Vec<&Product> = packages.iter().filter_map(PackageInHand::product).collect();
    for candidate in &mut patient.candidates {
        add_related_allergies(candidate, &products, world);
    }
    let all: Vec<&Request> = world.chart.requests_of(&identified.id).collect();
    let relevant: Vec<&Request> = relevant(&all, &products);
    let observations = observations(&identified.id, &relevant, world);
    let mut answers = answers.clone();
    answers.reasons.extend(identified.answers.iter().cloned());
    answers.entered.extend(identified.entered.iter().cloned());
    let break_glass = session.break_glass_at(world).cloned();
    let mut requests: Vec<RequestInCase> = relevant
        .into_iter()
        .map(|request| in_case(identified, request, slots_if_it_fits(request, &products, &answers, world)))
        .collect();
    let history = history::history(identified, &requests, &products, world);
    let follow_ups: Vec<FollowUp> = world
        .chart
        .follow_ups_for(&identified.id)
        .filter(|done| history.iter().any(|dose| dose.entry == Some(done.of)))
        .map(|done| FollowUp { patient: identified.id.clone(), ..done.clone() })
        .collect();
    let look_alikes = look_alikes(&all, &products, world);
    let spoken = answers.verbal.as_ref().filter(|_| break_glass.is_some()).zip(products.first().copied());
    let spoken = spoken.filter(|(order, product)| order.product == product.id);
    let spoken = spoken.map(|(order, product)| spoken_request(order, product, identified));
    requests.extend(spoken.map(|request| {
        let slots = slots(&request, &answers, world);
        RequestInCase { request, slots }
    }));
    DoseCase {
        now: world.now,
        policy: world.policy.clone(),
        patient,
        orders_as_of: world.chart.orders_as_of,
        packages,
        requests,
        look_alikes,
        observations,
        history,
        answers,
        follow_ups,
        being_given: being_given(identified, world),
        giver: Some(session.clinician.id.clone()),
        break_glass,
    }
}

/// An identified patient as the chart has them now.
pub(super) fn patient_now(identified: &Identified, world: &World<'_>) -> PatientCase {
    let identification = &identified.case;
    PatientCase {
        scanned_at: identification.scanned_at,
        entered: identification.entered.clone(),
        // What was new when the patient was opened; a change during the session is found by its own check (C1, O4).
        news: identification.news.clone(),
        ..match &identification.typed {
            Some(typed) => typed_patient_case(typed.clone(), &identified.seen.by, world),
            None => patient_case(identification.scan.clone(), &identified.seen.by, world),
        }
    }
}

/// S4: a spoken order as a request for what is in hand, once, now. Every check of a request holds for it.
fn spoken_request(order: &VerbalOrder, product: &Product, identified: &Identified) -> Request {
    Request {
        id: order.id.clone(),
        version: 1,
        patient: identified.id.clone(),
        status: RequestStatus::Active,
        status_since: None,
        verified: None,
        drug: OrderedDrug {
            name: product.name.clone(),
            item: Some(product.id.clone()),
            ingredients: product.ingredients().into_iter().cloned().collect(),
            form: product.form,
            release: product.release,
        },
        dose: DoseOrder::Exact(order.dose),
        route: order.route,
        alternate_routes: Vec::new(),
        timing: Timing::At(alloc::vec![order.at]),
        start: order.at,
        stop: None,
        time_critical: false,
        daily_maximum: None,
        allergy_accepted: None,
        rate: None,
        bolus: None,
        patch_worn: None,
        prescriber: None,
        instruction: None,
        source_sha256: [0; 32],
        conditions: Conditions::default(),
    }
}

/// What other kiosks are giving, as long as the ward's claims last.
fn being_given(identified: &Identified, world: &World<'_>) -> Vec<BeingGiven> {
    if identified.elsewhere.is_empty() {
        return Vec::new();
    }
    let steps = Steps::of_patient(world.chart, &identified.id, world.zone);
    let own = |other: &BeingGiven| BeingGiven {
        request: steps.find(&other.request, other.slot, other.since).clone(),
        ..other.clone()
    };
    identified
        .elsewhere
        .iter()
        .filter_map(|told| match told {
            Refusal::BeingGiven(other) => Some(other),
            Refusal::Charted(_) => None,
        })
        .filter(|other| world.now.at.duration_since(other.since) < world.policy.claim_lasts)
        .map(own)
        .collect()
}

/// The requests that share an ingredient with what is in hand or are confused with it. When there are none, all of them:
/// "not ordered" must have been decided over everything that was ordered. Those for another salt are no order for what is in hand, and
/// what was given under them and their maxima matter.
fn relevant<'a>(all: &[&'a Request], products: &[&Product]) -> Vec<&'a Request> {
    let concerns = |request: &Request| {
        products.iter().any(|product| {
            request.drug.shares_ingredient(product)
                || request.drug.item.as_ref().is_some_and(|item| product.look_alike.contains(item))
        })
    };
    if !all.iter().any(|request| concerns(request)) {
        return all.to_vec();
    }
    let other_salt =
        |request: &Request| products.iter().any(|product| request.drug.shares_substance(product));
    all.iter().copied().filter(|request| concerns(request) || other_salt(request)).collect()
}

fn look_alikes(all: &[&Request], products: &[&Product], world: &World<'_>) -> Vec<Product> {
    let ordered = |item| all.iter().any(|request| request.drug.item.as_ref() == Some(item));
    let mut found: Vec<Product> = Vec::new();
    for item in products.iter().flat_map(|product| &product.look_alike) {
        if ordered(item)
            && found.iter().all(|known| known.id != *item)
            && let Some(product) = world.formulary.product(item)
        {
            found.push(product.clone());
        }
    }
    found
}

/// The youngest of each value that one of the requests depends on; of two at one instant the one that was learned later.
fn observations(patient: &PatientId, requests: &[&Request], world: &World<'_>) -> Vec<Observation> {
    let mut wanted: Vec<ObservationCode> = Vec::new();
    for request in requests {
        let conditions = &request.conditions;
        wanted.extend(conditions.hold_when.iter().map(|hold| hold.what.clone()));
        wanted.extend(conditions.scale.iter().map(|scale| scale.what.clone()));
        let by_weight =
            conditions.per_kilogram.is_some() || request.rate.is_some_and(|rate| rate.per_kilogram());
        wanted.extend(by_weight.then(ObservationCode::body_weight));
    }
    wanted.sort_unstable();
    wanted.dedup();
    let youngest = |what: &ObservationCode| {
        let of_it = world.chart.observations_of(patient).filter(|seen| seen.what == *what);
        of_it.filter(|seen| seen.at <= world.now.at).max_by_key(|seen| seen.at).cloned()
    };
    wanted.iter().filter_map(youngest).collect()
}

/// C1: an allergy that is recorded to one ingredient concerns the other products of its class. The classes of an ingredient are
/// those of the products of the drug file that hold it alone.
pub(super) fn add_related_allergies(patient: &mut Patient, products: &[&Product], world: &World<'_>) {
    let mut related: Vec<Allergy> = Vec::new();
    for allergy in &patient.allergies {
        let Allergen::Ingredient(ingredient) = &allergy.to else { continue };
        if products.iter().any(|product| product.holds_substance(ingredient)) {
            continue;
        }
        let alone = |product: &&Product| product.strengths.len() == 1 && product.holds_substance(ingredient);
        for class in world.formulary.products().filter(alone).flat_map(|product| &product.allergy_classes) {
            let to = Allergen::Class(class.clone());
            let concerns = products.iter().any(|product| product.allergy_classes.contains(class));
            if concerns && patient.allergies.iter().chain(&related).all(|known| known.to != to) {
                related.push(Allergy { to, ..allergy.clone() });
            }
        }
    }
    patient.allergies.extend(related);
}

/// A request under the patient's own id; it may stand under a record that was merged into this one.
fn in_case(identified: &Identified, request: &Request, slots: Vec<Slot>) -> RequestInCase {
    RequestInCase { request: Request { patient: identified.id.clone(), ..request.clone() }, slots }
}

/// The schedule of a request for what is in hand. When another one is due decides nothing.
fn slots_if_it_fits(
    request: &Request,
    products: &[&Product],
    answers: &Answers,
    world: &World<'_>,
) -> Vec<Slot> {
    let fits = products.iter().any(|product| request.drug.mismatches(product).is_empty());
    if fits { slots(request, answers, world) } else { Vec::new() }
}

/// The first scheduled dose of a request that can still be meant: no time that can be typed reaches an earlier one.
pub(crate) fn first_meant(
    request: &Request,
    policy: &Policy,
    zone: &TimeZone,
    now: Timestamp,
) -> Option<Timestamp> {
    let from = furthest(policy, now).checked_sub(AROUND).unwrap_or(now);
    let slots = request.timing.slots(request.start, request.stop, zone, from, now);
    slots.first().map(|slot| slot.due)
}

/// A dose of an earlier time needs its schedule; how early is bounded, whatever was typed.
fn furthest(policy: &Policy, now: Timestamp) -> Timestamp {
    now.checked_sub(policy.backdated_most).unwrap_or(now)
}

fn slots(request: &Request, answers: &Answers, world: &World<'_>) -> Vec<Slot> {
    let now = world.now.at;
    let furthest = furthest(world.policy, now);
    let earliest = answers.given_at().map_or(now, |at| at.clamp(furthest.min(now), now));
    let from = earliest.checked_sub(AROUND).unwrap_or(now);
    let to = now.checked_add(AROUND).unwrap_or(now);
    request.timing.slots(request.start, request.stop, world.zone, from, to)
}
