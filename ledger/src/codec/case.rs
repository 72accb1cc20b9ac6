//! Cases, administrations and detached data.

use rights::case::{
    Answer, Answers, BreakGlass, Choice, Contact, ContactRole, DoseCase, Neighbour, News, PackageInHand,
    PackageKnown, PatientCase, RequestInCase, Taken, TypedIdentity, VerbalOrder,
};
use rights::claims::{BeingGiven, Grant};
use rights::custody::{CustodyId, Disposal, Disposed, SetAside, WasteCase, WasteWitness};
use rights::discrepancy::{DiscrepancyCase, DiscrepancyStep, DiscrepancyType};
use rights::entered::{Entered, Observation};
use rights::entry::{Detached, IdempotencyKey, Inputs};
use rights::follow_up::{Act, Conflict, FollowUp, InfusionStep};
use rights::history::{
    Administration, DispensedDose, Observed, OrderLinked, Outcome, PackageIdentity, Record, Reprint, Review,
    UsedPackage,
};
use rights::verdict::Check;
use rights::witness::{SecondPerson, Witness};

use crate::cbor::{choice, named_text, record};

named_text!(
    Check: |check| check.name().into(), Check::from_name;
    ContactRole: |role| role.name().into(), ContactRole::from_name;
    Grant: |grant| grant.name().into(), Grant::from_name;
    Disposal: |how| how.name().into(), Disposal::from_name;
    Outcome: |outcome| outcome.name().into(), Outcome::from_name;
    DiscrepancyType: |of| of.name().into(), DiscrepancyType::from_name;
    DiscrepancyStep: |step| step.name().into(), DiscrepancyStep::from_name;
);

record!(Administration {
    0 => patient,
    1 => request,
    2 => version,
    3 => slot,
    4 => outcome,
    5 => at,
    6 => by,
    7 => dose,
    8 => ingredients,
    9 => route,
    10 => packages,
    11 => reason,
    12 => note,
    13 => entry,
    14 => backdated,
    15 => effect_due,
    16 => rate,
    17 => continues,
    18 => grant,
    19 => site,
    20 => pain_score,
    22 => witness,
    23 => order_link_due,
    24 => known (default),
});
record!(FollowUp {
    0 => patient,
    1 => request,
    2 => of,
    3 => act,
    4 => at,
    5 => by,
    6 => reason,
    7 => note,
    8 => entry,
    9 => witness,
});
choice!(Act {
    0 => EnteredInError,
    1 => EffectNoted { pain },
    2 => PatchRemoved,
    3 => Infusion(step),
    4 => Conflict(conflict),
    5 => ConflictAnswered(conflict),
});
choice!(InfusionStep {
    0 => RateChanged(rate),
    1 => Paused,
    2 => Resumed,
    3 => Bolus(quantity),
    4 => Stopped,
    5 => Completed,
});
choice!(Conflict { 0 => StoppedBefore(at), 1 => AlsoGiven(at, by) });
record!(IdempotencyKey { 0 => session, 1 => count });
record!(BeingGiven { 0 => request, 1 => slot, 2 => by, 3 => since });
record!(UsedPackage { 0 => product, 1 => identity, 2 => lot, 3 => taken, 4 => left, 5 => controlled });
record!(SetAside { 0 => patient, 1 => packages, 2 => by, 3 => at });
record!(Disposed {
    0 => patient,
    1 => how,
    2 => of,
    3 => product,
    4 => identity,
    5 => amount,
    6 => reason,
    7 => note,
    8 => by,
    9 => witness,
    10 => at,
});
record!(CustodyId { 0 => at, 1 => by, 2 => place });
record!(OrderLinked { 0 => patient, 1 => given_under, 2 => given_at, 3 => request, 4 => by, 5 => at });
record!(Reprint { 0 => patient, 1 => band_serial, 2 => by, 3 => at });
choice!(PackageIdentity { 0 => Dose(id), 1 => Serial(key, serial) });
record!(DispensedDose { 0 => id, 1 => patient, 2 => request, 3 => product, 4 => lot, 5 => beyond_use });

record!(PatientCase { 0 => ward, 1 => scan, 2 => scanned_at, 3 => candidates, 4 => entered, 5 => policy, 6 => near, 7 => seen_elsewhere, 8 => news (default), 10 => typed });
record!(Neighbour { 0 => name, 1 => birth_date });
record!(News { 0 => allergies_or_flags (default), 1 => orders });
record!(DoseCase {
    0 => now,
    1 => policy,
    2 => patient,
    3 => orders_as_of,
    4 => packages,
    5 => requests,
    6 => look_alikes,
    7 => history,
    8 => answers,
    9 => follow_ups,
    10 => being_given,
    11 => observations,
    15 => giver,
    16 => break_glass,
});
record!(TypedIdentity { 0 => birth_date, 1 => mrn_end, 2 => witness });
record!(BreakGlass { 0 => since, 1 => by, 2 => second, 3 => reason });
record!(VerbalOrder { 0 => id, 1 => at, 2 => dose, 3 => route, 4 => product });
record!(SecondPerson { 0 => id, 1 => role, 2 => signed_at });
record!(Witness { 0 => who, 1 => product, 2 => name, 3 => dose, 4 => at, 5 => rate });
record!(WasteCase {
    0 => now,
    1 => policy,
    2 => by,
    3 => patient,
    4 => of,
    5 => package,
    6 => product,
    7 => disposed,
    8 => amount,
    9 => reason,
    10 => note,
    11 => witness,
});
record!(WasteWitness { 0 => who, 1 => amount, 2 => at });
record!(RequestInCase { 0 => request, 1 => slots });
record!(PackageInHand { 0 => scan, 1 => scanned_at, 2 => known, 3 => used_at, 4 => taken, 10 => disposed });
choice!(PackageKnown { 0 => Product { product, recall, dose }, 1 => Unknown, 2 => Ambiguous });
choice!(Taken { 0 => Whole, 1 => Share(share), 2 => Measured(quantity) });
record!(Answers { 0 => chosen, 1 => no_more, 2 => reasons, 3 => entered, 10 => witness, 11 => verbal });
choice!(Entered {
    0 => Observation(observation),
    1 => BirthYear(year),
    2 => CountInHand(count),
    3 => Site(site),
    4 => PainScore(score),
    5 => Crushed(crushed),
    6 => PumpRate(rate),
    7 => Route(route),
    8 => GivenAt(at),
});
record!(Observation { 0 => what, 1 => value, 2 => at });
record!(Choice { 0 => request, 1 => version, 2 => slot });
record!(Answer { 0 => check, 1 => reason, 2 => note, 3 => contact });
record!(Contact { 0 => who, 1 => at });

record!(Observed { 0 => patient, 1 => by, 2 => observation });
record!(Review { 0 => patient, 1 => by, 2 => at, 3 => allergies, 4 => flags (default), 5 => requests });
choice!(Record {
    0 => Administration(done),
    1 => FollowUp(done),
    2 => Observed(observed),
    3 => Review(review),
    10 => SetAside(done),
    11 => Disposed(done),
    12 => OrderLinked(done),
    13 => Reprint(done),
});
record!(Detached { 0 => patient, 1 => inputs, 2 => record, 3 => answers, 4 => scanned });
record!(DiscrepancyCase {
    0 => now,
    1 => id,
    2 => of,
    3 => patient,
    4 => step,
    5 => by,
    6 => second,
    7 => note,
    8 => before,
});
choice!(Inputs { 0 => Patient(case, moment), 1 => Dose(case), 2 => Waste(case), 3 => Discrepancy(case) });
