//! From the chart to a case: what the decision must see, and nothing that does not matter for it. No rule stands here.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use jiff::{SignedDuration, Timestamp};

use super::World;
use super::dose::Held;
use super::phase::{Identified, Session};
use crate::case::{
    Answers, DoseCase, Neighbour, News, PackageInHand, PackageKnown, PatientCase, RequestInCase,
    TypedIdentity, VerbalOrder,
};
use crate::claims::{BeingGiven, Refusal};
use crate::course;
use crate::decide::{forms_a_pair, is_near, package_identity};
use crate::entered::Observation;
use crate::follow_up::FollowUp;
use crate::history::{Administration, Review};
use crate::ident::{ClinicianId, ObservationCode, PatientId, RequestId};
use crate::person::{Admission, Allergen, Allergy, Patient};
use crate::product::{Product, Resolution};
use crate::request::{Conditions, DoseOrder, OrderedDrug, Request, RequestStatus};
use crate::scan::{Meaning, PackageCode, Scan, Source};
use crate::schedule::Timing;

/// How far the schedule is expanded around now. One slot before and after is always included.
const AROUND: SignedDuration = SignedDuration::from_hours(24);
/// How far back administrations matter: the longest look-back of a check is 24 hours.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(48);

/// Who is this?
pub(super) fn patient_case(scan: Scan, nurse: &ClinicianId, world: &World<'_>) -> PatientCase {
    let candidates = match &scan.meaning {
        Meaning::Wristband(band) => world.chart.patients_of_band(band).into_iter().cloned().collect(),
        _ => Vec::new(),
    };
    case_of(scan, candidates, nurse, world)
}

fn case_of(scan: Scan, candidates: Vec<Patient>, nurse: &ClinicianId, world: &World<'_>) -> PatientCase {
    let (near, seen_elsewhere, news) = match candidates.as_slice() {
        [patient] => (
            neighbours(patient, world),
            world.chart.seen_elsewhere(&patient.id),
            news(patient, world.chart.review_of(nurse, &patient.id), world),
        ),
        _ => (Vec::new(), None, News::default()),
    };
    PatientCase {
        ward: world.ward.clone(),
        scan,
        scanned_at: world.now.at,
        candidates,
        entered: Vec::new(),
        policy: Some(world.policy.clone()),
        near,
        seen_elsewhere,
        news,
        typed: None,
    }
}

/// P7: only those of the ward who are near; the names of the others are nobody's business here.
fn neighbours(patient: &Patient, world: &World<'_>) -> Vec<Neighbour> {
    world
        .chart
        .patients
        .iter()
        .filter(|other| other.id != patient.id && other.admission == Admission::Admitted)
        .filter(|other| other.ward.as_ref() == Some(world.ward))
        .map(|other| Neighbour { name: other.name.clone(), birth_date: other.birth_date })
        .filter(|other| is_near(patient, other, world.policy))
        .collect()
}

/// P9, O9: against what this nurse saw last. Who sees a patient for the first time sees everything, and nothing is news.
fn news(patient: &Patient, review: Option<&Review>, world: &World<'_>) -> News {
    let Some(review) = review else { return News::default() };
    let unknown = |request: &&Request| {
        request.status != RequestStatus::Stopped
            && !review.requests.iter().any(|(id, version)| *id == request.id && *version == request.version)
    };
    News {
        allergies_or_flags: review.allergies != patient.allergies || review.flags != patient.flags,
        orders: world
            .chart
            .requests_of(&patient.id)
            .filter(unknown)
            .map(|request| request.drug.name.clone())
            .collect(),
    }
}

/// What a nurse sees of a patient who is opened now.
pub(super) fn review(patient: &Patient, nurse: &ClinicianId, world: &World<'_>) -> Review {
    let mut requests: Vec<_> =
        world.chart.requests_of(&patient.id).map(|request| (request.id.clone(), request.version)).collect();
    requests.sort_unstable();
    Review {
        patient: patient.id.clone(),
        by: nurse.clone(),
        at: world.now.at,
        allergies: patient.allergies.clone(),
        flags: patient.flags,
        requests,
    }
}

/// P8: who is it, by what was typed?
pub(super) fn typed_patient_case(
    typed: TypedIdentity,
    nurse: &ClinicianId,
    world: &World<'_>,
) -> PatientCase {
    let scan = Scan {
        symbology: None,
        source: Source::Keyed,
        text: String::new(),
        meaning: Meaning::Nothing(Vec::new()),
    };
    let candidates = world.chart.patients_typed(world.ward, &typed).into_iter().cloned().collect();
    PatientCase { typed: Some(typed), ..case_of(scan, candidates, nurse, world) }
}

/// The one product of a scanned package, for the witness's own scan.
pub(super) fn product_of<'w>(scan: &Scan, world: &World<'w>) -> Option<&'w Product> {
    match &scan.meaning {
        Meaning::Package(code) => match world.formulary.resolve(&code.key) {
            Resolution::One(product) => Some(product),
            Resolution::Unknown | Resolution::Ambiguous => None,
        },
        Meaning::Dose(id) => world.formulary.product(&world.chart.dose(id)?.product),
        Meaning::Wristband(_) | Meaning::Badge(_) | Meaning::Nothing(_) => None,
    }
}

/// May this be given to this patient now? The patient is read anew, so that a discharge during the session is seen.
pub(super) fn dose_case(
    session: &Session,
    identified: &Identified,
    held: &[Held],
    answers: &Answers,
    world: &World<'_>,
) -> DoseCase {
    let identification = &identified.case;
    let mut patient = PatientCase {
        scanned_at: identification.scanned_at,
        entered: identification.entered.clone(),
        // What was new when the patient was opened; a change during the session is found by its own check (C1, O4).
        news: identification.news.clone(),
        ..match &identification.typed {
            Some(typed) => typed_patient_case(typed.clone(), &identified.seen.by, world),
            None => patient_case(identification.scan.clone(), &identified.seen.by, world),
        }
    };
    let packages: Vec<PackageInHand> = held.iter().map(|held| in_hand(held, world)).collect();
    let products: Vec<&Product> = packages.iter().filter_map(PackageInHand::product).collect();
    for candidate in &mut patient.candidates {
        add_related_allergies(candidate, &products, world);
    }
    let all: Vec<&Request> = world.chart.requests_of(&identified.id).collect();
    let requests: Vec<&Request> = relevant(&all, &products);
    let history = history(identified, &requests, &products, world);
    let follow_ups: Vec<FollowUp> = world
        .chart
        .follow_ups_for(&identified.id)
        .filter(|done| history.iter().any(|dose| dose.entry == Some(done.of)))
        .map(|done| FollowUp { patient: identified.id.clone(), ..done.clone() })
        .collect();
    let observations = observations(&identified.id, &requests, world);
    let look_alikes = look_alikes(&all, &products, world);
    let mut answers = answers.clone();
    answers.reasons.extend(identified.answers.iter().cloned());
    answers.entered.extend(identified.entered.iter().cloned());
    let break_glass = session.break_glass_at(world).cloned();
    let mut requests: Vec<RequestInCase> =
        requests.into_iter().map(|request| with_slots(identified, request, &answers, world)).collect();
    let spoken = answers.verbal.as_ref().filter(|_| break_glass.is_some()).zip(products.first().copied());
    let spoken = spoken.filter(|(order, product)| order.product == product.id);
    let spoken = spoken.map(|(order, product)| spoken_request(order, product, identified));
    requests.extend(spoken.map(|request| with_slots(identified, &request, &answers, world)));
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

/// What was done for the patient and matters, with what the ward told of other kiosks. Doses under a merged record are the
/// patient's own.
fn history(
    identified: &Identified,
    requests: &[&Request],
    products: &[&Product],
    world: &World<'_>,
) -> Vec<Administration> {
    let back = look_back(requests);
    let on = |done: &Administration| {
        done.applied_patch() && course::patch_removed(done, &world.chart.follow_ups).is_none()
    };
    let of_patient: Vec<&Administration> = world.chart.history_of(&identified.id).collect();
    let kept = kept_from(requests, &of_patient);
    let mut history: Vec<Administration> = of_patient
        .into_iter()
        .filter(|done| matters(done, &kept, products, back, world) || on(done))
        .map(|done| Administration { patient: identified.id.clone(), ..done.clone() })
        .collect();
    for told in &identified.elsewhere {
        let Refusal::Charted(done) = told else { continue };
        let in_error = world.chart.corrected.iter().any(|wrong| wrong.entry == done.entry);
        if !in_error && history.iter().all(|known| known.entry != done.entry) {
            let place = history.partition_point(|known| known.at <= done.at);
            history.insert(place, Administration { patient: identified.id.clone(), ..done.as_ref().clone() });
        }
    }
    history
}

/// What other kiosks are giving, as long as the ward's claims last.
fn being_given(identified: &Identified, world: &World<'_>) -> Vec<BeingGiven> {
    identified
        .elsewhere
        .iter()
        .filter_map(|told| match told {
            Refusal::BeingGiven(other) => Some(other),
            Refusal::Charted(_) => None,
        })
        .filter(|other| world.now.at.duration_since(other.since) < world.policy.claim_lasts)
        .cloned()
        .collect()
}

fn in_hand(held: &Held, world: &World<'_>) -> PackageInHand {
    let known = match &held.scan.meaning {
        Meaning::Package(code) => package(code, world),
        Meaning::Dose(id) => match world.chart.dose(id) {
            Some(dose) => match world.formulary.product(&dose.product) {
                Some(product) => PackageKnown::Product {
                    product: product.clone(),
                    recall: dose.lot.as_ref().and_then(|lot| world.formulary.recall_of(&product.id, lot)),
                    dose: Some(dose.clone()),
                },
                None => PackageKnown::Unknown,
            },
            None => PackageKnown::Unknown,
        },
        _ => PackageKnown::Unknown,
    };
    let identity = package_identity(&held.scan);
    let used_at = identity.as_ref().and_then(|identity| world.chart.used_at(identity));
    let disposed = identity.as_ref().and_then(|identity| world.chart.disposed_as(identity));
    PackageInHand {
        scan: held.scan.clone(),
        scanned_at: held.at,
        known,
        used_at,
        disposed,
        taken: held.taken,
    }
}

fn package(code: &PackageCode, world: &World<'_>) -> PackageKnown {
    match world.formulary.resolve(&code.key) {
        Resolution::One(product) => PackageKnown::Product {
            product: product.clone(),
            recall: code.lot.as_ref().and_then(|lot| world.formulary.recall_of(&product.id, lot)),
            dose: None,
        },
        Resolution::Unknown => PackageKnown::Unknown,
        Resolution::Ambiguous => PackageKnown::Ambiguous,
    }
}

/// The requests that share an ingredient with what is in hand or are confused with it. When there are none, all of them:
/// "not ordered" must have been decided over everything that was ordered.
fn relevant<'a>(all: &[&'a Request], products: &[&Product]) -> Vec<&'a Request> {
    let concerns = |request: &Request| {
        products.iter().any(|product| {
            request.drug.shares_ingredient(product)
                || request.drug.item.as_ref().is_some_and(|item| product.look_alike.contains(item))
        })
    };
    let chosen: Vec<&Request> = all.iter().copied().filter(|request| concerns(request)).collect();
    if chosen.is_empty() { all.to_vec() } else { chosen }
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
fn add_related_allergies(patient: &mut Patient, products: &[&Product], world: &World<'_>) {
    let mut related: Vec<Allergy> = Vec::new();
    for allergy in &patient.allergies {
        let Allergen::Ingredient(ingredient) = &allergy.to else { continue };
        if products.iter().any(|product| product.holds(ingredient)) {
            continue;
        }
        let alone = |product: &&Product| product.strengths.len() == 1 && product.holds(ingredient);
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

/// The usual look-back, or the longest as-needed interval.
fn look_back(requests: &[&Request]) -> SignedDuration {
    let interval = |request: &&Request| match &request.timing {
        Timing::AsNeeded(limits) => limits.minimum_interval,
        _ => None,
    };
    requests.iter().filter_map(interval).max().map_or(LOOK_BACK, |longest| longest.max(LOOK_BACK))
}

/// From when on the doses of each request matter, however long ago that is. One-time doses and running infusions are looked up
/// whole. Of the others the last dose that entered the patient is needed, with what was charted since: nothing before it decides.
fn kept_from<'a>(
    requests: &[&'a Request],
    history: &[&Administration],
) -> BTreeMap<&'a RequestId, Option<Timestamp>> {
    let mut kept: BTreeMap<&RequestId, Option<Timestamp>> =
        requests.iter().map(|request| (&request.id, None)).collect();
    let whole = |request: &&&Request| matches!(request.timing, Timing::At(_) | Timing::Continuous);
    let looked_up_whole: Vec<&RequestId> = requests.iter().filter(whole).map(|request| &request.id).collect();
    for done in history.iter().filter(|done| done.outcome.entered_patient()) {
        if let Some(last) = kept.get_mut(&done.request)
            && !looked_up_whole.contains(&&done.request)
        {
            *last = (*last).max(Some(done.at));
        }
    }
    kept
}

fn matters(
    done: &Administration,
    kept: &BTreeMap<&RequestId, Option<Timestamp>>,
    products: &[&Product],
    look_back: SignedDuration,
    world: &World<'_>,
) -> bool {
    let recent = world.now.at.duration_since(done.at) <= look_back;
    let Some(from) = kept.get(&done.request) else {
        let shared =
            |product: &&Product| done.ingredients.iter().any(|strength| product.holds(&strength.ingredient));
        let paired = |product: &&Product| forms_a_pair(product, done, world.policy);
        return recent && products.iter().any(|product| shared(product) || paired(product));
    };
    recent || from.is_none_or(|from| done.at >= from)
}

fn with_slots(
    identified: &Identified,
    request: &Request,
    answers: &Answers,
    world: &World<'_>,
) -> RequestInCase {
    let now = world.now.at;
    // A dose of an earlier time needs its schedule; how early is bounded, whatever was typed.
    let furthest = now.checked_sub(world.policy.backdated_most).unwrap_or(now);
    let earliest = answers.given_at().map_or(now, |at| at.clamp(furthest.min(now), now));
    let from = earliest.checked_sub(AROUND).unwrap_or(now);
    let to = now.checked_add(AROUND).unwrap_or(now);
    let slots = request.timing.slots(request.start, request.stop, world.zone, from, to);
    RequestInCase { request: Request { patient: identified.id.clone(), ..request.clone() }, slots }
}
