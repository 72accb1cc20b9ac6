//! The defaults of every threshold and list, with where they come from.

use alloc::vec;
use alloc::vec::Vec;

use jiff::SignedDuration;

use super::{OTHER, OnCall, Policy, ReasonList};
use crate::amount::Amount;
use crate::ident::{Ingredient, ObservationCode, ReasonCode, SiteCode};
use crate::product::{Mark, Route};

impl Default for Policy {
    fn default() -> Self {
        let minutes = SignedDuration::from_mins;
        let hours = SignedDuration::from_hours;
        Self {
            band_scan_lasts: minutes(5),
            package_scan_lasts: minutes(10),
            idle_after: minutes(1),
            window_time_critical: minutes(30),
            window_frequent_most: minutes(30),
            window_several_daily: minutes(60),
            window_daily: minutes(120),
            early_share: Amount::fraction(3, 4).unwrap_or(Amount::ONE),
            repeat_within: minutes(120),
            daily_maximum_stop: Amount::fraction(5, 4).unwrap_or(Amount::ONE),
            clock_warns: SignedDuration::from_secs(30),
            clock_stops: minutes(5),
            orders_stale: minutes(60),
            orders_unusable: minutes(240),
            correct_within: minutes(60),
            effect_after_iv: minutes(30),
            effect_after_injection: minutes(45),
            effect_after_oral: minutes(60),
            effect_grace: minutes(30),
            backdated_after: minutes(15),
            backdated_most: minutes(24 * 60),
            claim_answers_within: SignedDuration::from_secs(2),
            claim_lasts: minutes(10),
            typed_band_lasts: minutes(15),
            witness_within: SignedDuration::from_secs(60),
            waste_within: minutes(30),
            break_glass_lasts: minutes(30),
            order_link_within: minutes(60),
            same_code_again: SignedDuration::from_millis(700),
            other_note_characters: 10,
            same_band_within: minutes(2),
            near_name_edits: 2,
            vital_sign_lasts: minutes(60),
            laboratory_lasts: hours(24),
            laboratory_ages: observation_ages(&[("glucose", minutes(60))]),
            scale_value_lasts: minutes(30),
            neonate_days: 28,
            child_years: 18,
            weight_lasts_neonate: hours(24),
            weight_lasts_child: hours(7 * 24),
            weight_lasts_adult: hours(30 * 24),
            weight_dose_tolerance: Amount::fraction(1, 10).unwrap_or(Amount::ZERO),
            pump_step: Amount::fraction(1, 10).unwrap_or(Amount::ZERO),
            on_call: OnCall::Once,
            sites: default_sites(),
            tube_routes: vec![Route::Nasogastric],
            enteral_routes: vec![Route::Oral, Route::Nasogastric],
            contraindicated: default_contraindicated(),
            contraindicated_within: hours(24),
            strict_as_needed: vec![Mark::Opioid, Mark::Sedative],
            pain_reasons: reason_codes(&["pain", "headache"]),
            reasons: default_reasons(),
        }
    }
}

/// Ours: a bedside glucose is as fleeting as a vital sign; other laboratory values last a day.
fn observation_ages(ages: &[(&str, SignedDuration)]) -> Vec<(ObservationCode, SignedDuration)> {
    ages.iter().filter_map(|(code, age)| Some((ObservationCode::parse(code).ok()?, *age))).collect()
}

fn reason_codes(names: &[&str]) -> Vec<ReasonCode> {
    names.iter().filter_map(|name| ReasonCode::parse(name).ok()).collect()
}

/// The usual sites of injections and patches (ours; a site's educator adapts it).
fn default_sites() -> Vec<(Route, Vec<SiteCode>)> {
    let both_sides = |parts: &[&str]| -> Vec<SiteCode> {
        parts
            .iter()
            .flat_map(|part| ["left", "right"].map(|side| alloc::format!("{side}-{part}")))
            .filter_map(|code| SiteCode::parse(&code).ok())
            .collect()
    };
    vec![
        (Route::Intramuscular, both_sides(&["deltoid", "ventrogluteal", "vastus-lateralis"])),
        (Route::Subcutaneous, both_sides(&["abdomen", "thigh", "upper-arm"])),
        (Route::Transdermal, both_sides(&["chest", "upper-back", "upper-arm", "flank"])),
    ]
}

/// Pairs that every interaction list calls contraindicated (from the product information of both; ours to choose them). A site's
/// pharmacist replaces the list by the one of its interaction database.
fn default_contraindicated() -> Vec<(Ingredient, Ingredient)> {
    [
        ("linezolid", "fluoxetine"),
        ("linezolid", "meperidine"),
        ("phenelzine", "meperidine"),
        ("phenelzine", "sertraline"),
        ("sildenafil", "nitroglycerin"),
        ("sildenafil", "isosorbide mononitrate"),
        ("tadalafil", "nitroglycerin"),
        ("clarithromycin", "simvastatin"),
        ("ketoconazole", "simvastatin"),
        ("methotrexate", "trimethoprim"),
        ("dofetilide", "verapamil"),
        ("ergotamine", "clarithromycin"),
        ("ceftriaxone", "calcium gluconate"),
    ]
    .iter()
    .filter_map(|(one, other)| Some((Ingredient::parse(one).ok()?, Ingredient::parse(other).ok()?)))
    .collect()
}

fn default_reasons() -> Vec<(ReasonList, Vec<ReasonCode>)> {
    let codes = reason_codes;
    let mut lists = vec![
        (
            ReasonList::Early,
            codes(&[
                "procedure",
                "patient-request",
                "clustered-care",
                "transport",
                "first-dose-retimed",
                "prescriber-ordered",
                OTHER,
            ]),
        ),
        (
            ReasonList::Late,
            codes(&[
                "from-pharmacy",
                "off-unit",
                "asleep",
                "npo-or-procedure",
                "iv-access",
                "awaiting-result",
                "workload",
                "refused-earlier",
                "downtime",
                "scanner",
                OTHER,
            ]),
        ),
        (
            ReasonList::NotGiven,
            codes(&[
                "refused",
                "npo",
                "asleep",
                "off-unit",
                "on-pass",
                "vomiting",
                "no-iv-access",
                "tube-not-usable",
                "not-available",
                "order-unclear",
                "parameter-out-of-range",
                "allergy-suspected",
                "adverse-reaction-suspected",
                "given-elsewhere",
                "duplicate-order",
                "deceased-or-discharged",
                "given-by-other-discipline",
                "self-administered",
                OTHER,
            ]),
        ),
        (
            ReasonList::Partial,
            codes(&["remainder-later", "remainder-wasted", "remainder-refused", "not-available", OTHER]),
        ),
        (
            ReasonList::Override,
            codes(&[
                "prescriber-ordered",
                "pharmacist-advised",
                "benefit-outweighs-risk",
                "tolerated-before",
                OTHER,
            ]),
        ),
        (
            ReasonList::AsNeeded,
            codes(&[
                "pain",
                "fever",
                "nausea",
                "vomiting",
                "anxiety",
                "agitation",
                "insomnia",
                "constipation",
                "diarrhoea",
                "cough",
                "dyspnoea",
                "itching",
                "dizziness",
                "headache",
                "high-blood-pressure",
                "low-blood-pressure",
                "high-glucose",
                "low-glucose",
                "muscle-spasm",
                "seizure",
                "wheezing",
                "withdrawal",
                OTHER,
            ]),
        ),
    ];
    lists.extend(reasons_after_a_dose());
    lists
}

/// The lists for what follows a dose (ours, but for the words of section 3).
fn reasons_after_a_dose() -> Vec<(ReasonList, Vec<ReasonCode>)> {
    let codes = reason_codes;
    vec![
        (
            ReasonList::Correction,
            codes(&[
                "not-taken",
                "wrong-patient-charted",
                "wrong-dose-charted",
                "wrong-time-charted",
                "charted-twice",
                OTHER,
            ]),
        ),
        (
            ReasonList::Backdated,
            codes(&["emergency", "downtime", "scanner", "off-unit", "workload", "given-elsewhere", OTHER]),
        ),
        (
            ReasonList::Effect,
            codes(&["effective", "partly-effective", "not-effective", "asleep", "adverse-effect", OTHER]),
        ),
        (
            ReasonList::PatchRemoved,
            codes(&["worn-as-ordered", "order-stopped", "procedure", "skin-reaction", "fell-off", OTHER]),
        ),
        (
            ReasonList::Infusion,
            codes(&[
                "titrated",
                "completed",
                "order-stopped",
                "prescriber-ordered",
                "parameter-out-of-range",
                "adverse-reaction-suspected",
                "iv-access",
                "procedure",
                "transport",
                "patient-request",
                OTHER,
            ]),
        ),
        // Ours: what a nurse can do about a dose that was given twice, or after its order was stopped.
        (ReasonList::Conflict, codes(&["prescriber-told", "only-one-taken", OTHER])),
        (
            ReasonList::BandNotScanned,
            codes(&[
                "damaged",
                "missing-reprint-asked",
                "cannot-be-reached",
                "neonate-band-on-crib",
                "equipment",
                "emergency",
                OTHER,
            ]),
        ),
        (
            ReasonList::PackageNotScanned,
            codes(&[
                "no-barcode",
                "unreadable",
                "not-in-table",
                "wrong-strength-in-table",
                "opened-for-preparation",
                "equipment",
                "emergency",
                OTHER,
            ]),
        ),
        (
            ReasonList::Waste,
            codes(&[
                "partial-dose",
                "dropped",
                "refused-after-opening",
                "order-changed-after-preparation",
                "spilled",
                "expired-after-opening",
                "vomited",
                "line-primed",
                "patch-removed",
                OTHER,
            ]),
        ),
        // Ours: what calls two clinicians to a bedside before there is an order.
        (
            ReasonList::BreakGlass,
            codes(&[
                "cardiac-arrest",
                "respiratory-failure",
                "anaphylaxis",
                "haemorrhage",
                "seizure",
                "severe-hypoglycaemia",
                "rapid-sedation",
                "systems-down",
                OTHER,
            ]),
        ),
    ]
}
