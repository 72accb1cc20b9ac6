//! Products, requests, people and the policy.

use rights::person::{Admission, Allergen, Allergy, Flags, Patient, Role};
use rights::policy::{OnCall, Policy, ReasonList};
use rights::product::{
    Controlled, Divisible, Form, Mark, Marks, Product, RecallClass, Release, Route, Strength,
};
use rights::rate::RateOrder;
use rights::request::{
    Conditions, DoseOrder, HoldWhen, ObservationKind, OrderedDrug, Request, RequestStatus, Scale, ScaleRow,
    Side,
};
use rights::schedule::{AsNeeded, Slot, Timing};
use rights::witness::WitnessRule;

use crate::cbor::{Cbor, CborError, Reader, Writer, choice, named_text, record};

macro_rules! named {
    ($($type:ident),+ $(,)?) => {
        named_text!($($type: |value| value.name().into(), $type::from_name;)+);
    };
}

named!(
    WitnessRule,
    Controlled,
    Divisible,
    Form,
    Mark,
    ObservationKind,
    OnCall,
    RecallClass,
    Side,
    ReasonList,
    Release,
    RequestStatus,
    Route
);
named_text!(
    Role: |role| role.name().into(), |text| Role::ALL.into_iter().find(|role| role.name() == text);
);

record!(Strength { 0 => ingredient, 1 => amount });
record!(Product {
    0 => id,
    1 => name,
    2 => tall_man,
    3 => brand,
    4 => form,
    5 => release,
    6 => strengths,
    7 => per,
    8 => package,
    9 => divisible,
    10 => routes,
    11 => high_alert,
    12 => controlled,
    13 => allergy_classes,
    14 => look_alike,
    15 => marks (default),
});
record!(Marks { 0 => kinds, 1 => equivalents, 5 => witness (default) });

record!(OrderedDrug { 0 => name, 1 => item, 2 => ingredients, 3 => form, 4 => release });
choice!(DoseOrder { 0 => Exact(dose), 1 => Range(least, most) });
record!(AsNeeded { 0 => minimum_interval, 1 => most_per_day, 2 => reasons });
choice!(Timing {
    0 => At(instants),
    1 => Daily { times, weekdays, every_days },
    2 => Every { minutes },
    3 => AsNeeded(limits),
    4 => Unscheduled { text },
    5 => Monthly { times, days, every_months },
    6 => Continuous,
});
choice!(RateOrder { 0 => Exact(rate), 1 => Range(least, most) });
record!(Slot { 0 => due, 1 => next, 2 => first });
record!(HoldWhen { 0 => what, 1 => kind, 2 => side, 3 => limit });
record!(Scale { 0 => what, 1 => rows });
record!(ScaleRow { 0 => from, 1 => below, 2 => dose });
record!(Request {
    0 => id,
    1 => version,
    2 => patient,
    3 => status,
    4 => status_since,
    5 => verified,
    6 => drug,
    7 => dose,
    8 => route,
    9 => alternate_routes,
    10 => timing,
    11 => start,
    12 => stop,
    13 => time_critical,
    14 => daily_maximum,
    15 => allergy_accepted,
    16 => prescriber,
    17 => instruction,
    18 => source_sha256,
    19 => conditions (default),
    20 => rate,
    21 => bolus,
    22 => patch_worn,
});
record!(Conditions { 0 => do_not_give, 1 => instruction_flagged (default), 2 => on_call (default), 3 => hold_when, 4 => scale, 5 => per_kilogram });

choice!(Admission { 0 => Admitted, 1 => NotAdmitted, 2 => Discharged, 3 => Deceased });
choice!(Allergen { 0 => Ingredient(ingredient), 1 => Class(class), 2 => TextOnly });
record!(Allergy { 0 => to, 1 => text, 2 => recorded });
record!(Patient {
    0 => id,
    1 => name,
    2 => mrn,
    3 => gsrn,
    4 => band_serial,
    5 => birth_date,
    6 => admission,
    7 => ward,
    8 => bed,
    9 => allergies,
    10 => flags (default),
    11 => merged_into,
});
record!(Flags { 0 => nil_by_mouth (default) });

/// The policy itself, as it is stored beside, once.
pub(super) struct WholePolicy(pub(super) Policy);

impl Cbor for WholePolicy {
    fn write(&self, w: &mut Writer) {
        policy_fields::write(&self.0, w);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CborError> {
        policy_fields::read(r).map(Self)
    }
}

mod policy_fields {
    use super::{Cbor, CborError, Policy, Reader, Writer};

    // Fields after the `;` came later. They are always written; in a policy that was stored before them they have the value of
    // the default policy, which changes no verdict: the facts that they judge are not in the entries of that time either.
    macro_rules! policy {
        ($($key:literal => $field:ident),+; $($later_key:literal => $later:ident),+ $(,)?) => {
            pub(super) fn write(policy: &Policy, w: &mut Writer) {
                w.map(0 $(+ u64::from(!policy.$field.is_absent()))+ $(+ { let _ = $later_key; 1 })+);
                $(if !policy.$field.is_absent() {
                    w.uint($key);
                    policy.$field.write_present(w);
                })+
                $(
                    w.uint($later_key);
                    policy.$later.write(w);
                )+
            }

            pub(super) fn read(r: &mut Reader<'_>) -> Result<Policy, CborError> {
                let mut fields = r.map()?;
                let before = Policy::default();
                let policy = Policy {
                    $($field: fields.field(r, $key)?,)+
                    $($later: if fields.has(r, $later_key)? { Cbor::read(r)? } else { before.$later },)+
                };
                fields.finish(r)?;
                Ok(policy)
            }
        };
    }

    policy!(
        0 => band_scan_lasts,
        1 => package_scan_lasts,
        2 => idle_after,
        3 => window_time_critical,
        4 => window_frequent_most,
        5 => window_several_daily,
        6 => window_daily,
        7 => early_share,
        8 => repeat_within,
        9 => daily_maximum_stop,
        10 => clock_warns,
        11 => clock_stops,
        12 => orders_stale,
        13 => orders_unusable,
        14 => same_code_again,
        15 => other_note_characters,
        16 => reasons;
        17 => correct_within,
        18 => effect_after_iv,
        19 => effect_after_injection,
        20 => effect_after_oral,
        21 => effect_grace,
        22 => backdated_after,
        23 => backdated_most,
        24 => claim_answers_within,
        25 => claim_lasts,
        26 => same_band_within,
        27 => near_name_edits,
        28 => vital_sign_lasts,
        29 => laboratory_lasts,
        30 => laboratory_ages,
        31 => scale_value_lasts,
        32 => neonate_days,
        33 => child_years,
        34 => weight_lasts_neonate,
        35 => weight_lasts_child,
        36 => weight_lasts_adult,
        37 => weight_dose_tolerance,
        38 => pump_step,
        39 => on_call,
        40 => sites,
        41 => tube_routes,
        42 => enteral_routes,
        43 => contraindicated,
        44 => contraindicated_within,
        45 => strict_as_needed,
        46 => pain_reasons,
        60 => typed_band_lasts,
        61 => witness_within,
        62 => waste_within,
        63 => break_glass_lasts,
        64 => order_link_within,
    );
}
