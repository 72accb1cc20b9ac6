//! The facts that checks of values, second persons and infusions need: our own extensions, Observation, Flag, `NutritionOrder`.

mod common;

use common::{DOSE, ROUTE, bundle, import, request};
use exchange::fhir::Import;
use exchange::rejection::Rejection;
use exchange::site::Site;
use jiff::{SignedDuration, Timestamp};
use rights::ident::{ObservationCode, PatientId};
use rights::product::Route;
use rights::quantity::Quantity;
use rights::rate::{Rate, RateOrder};
use rights::request::{DoseOrder, ObservationKind, Request, Side};
use rights::schedule::Timing;

const OURS: &str = "https://bcma.example/fhir/StructureDefinition/";
const DAILY: &str = r#"{"repeat":{"timeOfDay":["09:00:00"]}}"#;

fn quantity(text: &str) -> Quantity {
    Quantity::parse(text).unwrap()
}

/// A FHIR Quantity in UCUM; a comparator stands in front: `<60 /min`.
fn fhir(text: &str) -> String {
    let number = text.trim_start_matches(['<', '>', '=']);
    let comparator = &text[..text.len() - number.len()];
    let comparator =
        if comparator.is_empty() { String::new() } else { format!(r#""comparator":"{comparator}","#) };
    let (value, code) = number.split_once(' ').unwrap();
    format!(r#"{{"value":{value},{comparator}"system":"http://unitsofmeasure.org","code":"{code}"}}"#)
}

fn loinc(code: &str) -> String {
    format!(r#"{{"system":"http://loinc.org","code":"{code}"}}"#)
}

fn dosage_of(timing: &str, dose: &str) -> String {
    format!(r#"[{{"text":"as ordered","timing":{timing},{ROUTE},{dose}}}]"#)
}

fn with(members: &str, timing: &str, dose: &str) -> Import {
    import(&bundle(&[&request(&format!(r#""status":"active",{members}"#), &dosage_of(timing, dose))]))
}

/// The one request, which nothing was refused of.
fn taken(members: &str, timing: &str, dose: &str) -> Request {
    let mut import = with(members, timing, dose);
    let list: Vec<String> = import.rejections.iter().map(ToString::to_string).collect();
    assert!(list.is_empty(), "{}", list.join("\n"));
    import.chart.requests.remove(0)
}

/// The place and the reason of the one refusal.
fn refused(members: &str, timing: &str, dose: &str) -> String {
    let import = with(members, timing, dose);
    assert!(import.chart.requests.is_empty(), "{members} {dose}: taken");
    assert_eq!(import.rejections.len(), 1);
    shown(&import.rejections[0])
}

/// Element, reason and remedy.
fn shown(rejection: &Rejection) -> String {
    let Rejection { place, reason, remedy, .. } = rejection;
    let element = place.rsplit("resource.").next().unwrap();
    format!("{element} {reason}; {remedy}")
}

fn extension(name: &str, value: &str) -> String {
    format!(r#""extension":[{{"url":"{OURS}{name}",{value}}}],"#)
}

fn modifier(name: &str, value: &str) -> String {
    format!(r#""modifierExtension":[{{"url":"{OURS}{name}",{value}}}],"#)
}

fn hold(code: &str, limit: &str) -> String {
    let parts = format!(
        r#"{{"url":"observation","valueCoding":{}}},{{"url":"hold-if","valueQuantity":{}}}"#,
        loinc(code),
        fhir(limit)
    );
    format!(r#"{{"url":"{OURS}hold-parameter","extension":[{parts}]}}"#)
}

fn scale(rows: &[(&str, &str)], call_from: Option<&str>) -> String {
    let rows = rows.iter().map(|(from, dose)| {
        let cells = format!(
            r#"{{"url":"from","valueQuantity":{}}},{{"url":"dose","valueQuantity":{}}}"#,
            fhir(from),
            fhir(dose)
        );
        format!(r#",{{"url":"row","extension":[{cells}]}}"#)
    });
    let rows: String = rows.collect();
    let call = call_from.map(|call| format!(r#",{{"url":"call-from","valueQuantity":{}}}"#, fhir(call)));
    let what = format!(r#"{{"url":"observation","valueCoding":{}}}"#, loinc("2339-0"));
    modifier("sliding-scale", &format!(r#""extension":[{what}{rows}{}]"#, call.unwrap_or_default()))
}

#[test]
fn c2_c3_hold_parameters_are_read_with_side_limit_and_kind() {
    let members =
        format!(r#""modifierExtension":[{},{}],"#, hold("8867-4", "<60 /min"), hold("2823-3", ">5.0 mmol/L"));
    let request = taken(&members, DAILY, DOSE);
    let [pulse, potassium] = request.conditions.hold_when.as_slice() else { panic!("two expected") };
    assert_eq!(
        (pulse.what.as_str(), pulse.kind, pulse.side),
        ("heart-rate", ObservationKind::VitalSign, Side::Below)
    );
    assert_eq!(pulse.limit, quantity("60 /min"));
    assert_eq!(
        (potassium.what.as_str(), potassium.kind, potassium.side, potassium.limit),
        ("potassium", ObservationKind::Laboratory, Side::Above, quantity("5.0 mmol/L"))
    );
}

/// A hold parameter that cannot be read whole refuses the order: without it, it would allow more than was ordered.
#[test]
fn c2_a_malformed_hold_parameter_refuses_the_order() {
    let good = hold("8867-4", "<60 /min");
    for (change, reason) in [
        (good.replace(r#""comparator":"<","#, ""), "modifierExtension[0].extension[1].valueQuantity.comparator is neither < nor >"),
        (good.replace(r#""<""#, r#""<=""#), "comparator is neither < nor >"),
        (good.replace("8867-4", "0000-0"), "http://loinc.org|0000-0 is in no observation table"),
        (good.replace("/min", "furlong"), "\"furlong\" is in no unit table"),
        (good.replace("hold-if", "hold-when"), "\"hold-when\" is none of observation, hold-if"),
        (good.replace("valueQuantity", "valueString").replace("{\"value\":60,\"comparator\":\"<\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"/min\"}", "\"60\""), "has no valueQuantity"),
        (good.replace("valueCoding", "valueCode").replace(&loinc("8867-4"), "\"x\""), "has no valueCoding"),
    ] {
        let text = refused(&format!(r#""modifierExtension":[{change}],"#), DAILY, DOSE);
        assert!(text.contains(reason), "{text}");
        assert!(text.contains("docs/fhir-import.md") || text.contains("table"), "no remedy: {text}");
    }
    let part = format!(r#"{{"url":"observation","valueCoding":{}}}"#, loinc("8867-4"));
    let text = refused(&modifier("hold-parameter", &format!(r#""extension":[{part}]"#)), DAILY, DOSE);
    assert!(text.contains("the part hold-if is missing"), "{text}");
    let text = refused(&modifier("hold-parameter", &format!(r#""extension":[{part},{part}]"#)), DAILY, DOSE);
    assert!(text.contains("observation stands there twice"), "{text}");
    // An extension may be ignored by a receiver, a modifier may not: the place is part of its meaning.
    let text = refused(&format!(r#""extension":[{good}],"#), DAILY, DOSE);
    assert!(text.contains("has to stand in modifierExtension"), "{text}");
}

#[test]
fn unknown_modifiers_and_misspelt_extensions_are_refused() {
    let text = refused(&modifier("hold-paramter", r#""valueBoolean":true"#), DAILY, DOSE);
    assert!(text.contains("the unknown modifierExtension https://bcma.example/"), "{text}");
    let text = refused(&modifier("on-call", r#""valueBoolean":true"#), DAILY, DOSE);
    assert!(text.contains("unknown modifierExtension"), "{text}");
    let text = refused(&extension("oncall", r#""valueBoolean":true"#), DAILY, DOSE);
    assert!(text.contains("oncall is no extension of this product"), "{text}");
    let known = extension("on-call", r#""valueBoolean":true"#).replace(OURS, "http://other.example/");
    assert!(!taken(&known, DAILY, DOSE).conditions.on_call, "another's extension of the same name");
}

#[test]
fn d6_a_sliding_scale_becomes_rows_without_a_gap() {
    let rows = [("70 mg/dL", "0 mg"), ("150 mg/dL", "25 mg"), ("250 mg/dL", "50 mg")];
    let request = taken(&scale(&rows, Some("400 mg/dL")), DAILY, r#""doseAndRate":[{}]"#);
    let scale = request.conditions.scale.unwrap();
    assert_eq!(scale.what.as_str(), "glucose");
    let ends: Vec<_> = scale.rows.iter().map(|row| row.below.unwrap()).collect();
    assert_eq!(ends, ["150 mg/dL", "250 mg/dL", "400 mg/dL"].map(quantity));
    let dose = |value: &str| scale.row(&quantity(value)).map(|row| row.dose);
    assert_eq!(dose("249.9 mg/dL"), Some(quantity("25 mg")));
    assert_eq!(dose("70 mg/dL"), Some(quantity("0 mg")));
    assert_eq!((dose("69 mg/dL"), dose("400 mg/dL")), (None, None), "only a call");
    assert_eq!(request.dose, DoseOrder::Range(quantity("25 mg"), quantity("50 mg")));
}

#[test]
fn d6_a_malformed_scale_refuses_the_order() {
    let none = r#""doseAndRate":[{}]"#;
    for (rows, call, reason) in [
        (&[][..], None, "has no row"),
        (&[("150 mg/dL", "2 mg"), ("150 mg/dL", "4 mg")], None, "does not begin above the row before"),
        (&[("150 mg/dL", "2 mg"), ("200 mmol/L", "4 mg")], None, "does not begin above the row before"),
        (&[("150 mg/dL", "2 mg"), ("200 mg/dL", "4 mL")], None, "measures something else"),
        (&[("150 mg/dL", "-2 mg")], None, "\"-2\" is not a number"),
        (&[("150 mg/dL", "0 mg")], None, "a sliding scale without a dose"),
        (&[("150 mg/dL", "2 mg")], Some("150 mg/dL"), "call-from is not above the last row"),
        (&[(">150 mg/dL", "2 mg")], None, "comparator has no place here"),
        (&[("150 mg/dL", "2 %")], None, "its dose is no amount to give"),
    ] {
        let text = refused(&scale(rows, call), DAILY, none);
        assert!(text.contains(reason), "{text}");
    }
    let text = refused(&scale(&[("150 mg/dL", "2 mg")], None), DAILY, DOSE);
    assert!(text.contains("a dose beside a sliding scale"), "{text}");
}

#[test]
fn o3_o5_o6_r2_t9_conditions_of_an_order_are_read() {
    let held = taken(&modifier("do-not-give", r#""valueString":"platelets low""#), DAILY, DOSE);
    assert_eq!(held.conditions.do_not_give.as_deref(), Some("platelets low"));
    let flagged = taken(&extension("flagged-instruction", r#""valueBoolean":true"#), DAILY, DOSE);
    assert!(flagged.conditions.instruction_flagged);
    assert_eq!(flagged.instruction.as_deref(), Some("as ordered"));
    let called =
        taken(&extension("on-call", r#""valueBoolean":true"#), r#"{"code":{"text":"on call to OR"}}"#, DOSE);
    assert!(called.conditions.on_call);
    let Timing::AsNeeded(limits) = called.timing else { panic!("on call is as needed") };
    assert_eq!((limits.minimum_interval, limits.most_per_day), (None, None));
    let route =
        r#""valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"127492001"}]}"#;
    let routes = taken(&extension("alternate-route", route), DAILY, DOSE).alternate_routes;
    assert_eq!(routes, [Route::Nasogastric]);
    let worn = taken(&extension("patch-worn", r#""valueDuration":{"value":12,"code":"h"}"#), DAILY, DOSE);
    assert_eq!(worn.patch_worn, Some(SignedDuration::from_hours(12)));
    let bolus = taken(&extension("bolus", &format!(r#""valueQuantity":{}"#, fhir("5 mg"))), DAILY, DOSE);
    assert_eq!(bolus.bolus, Some(quantity("5 mg")));
}

#[test]
fn o3_o5_o6_r2_malformed_conditions_refuse_the_order() {
    for (members, reason) in [
        (modifier("do-not-give", r#""valueBoolean":true"#), "modifierExtension[0] has no valueString"),
        (modifier("do-not-give", r#""valueString":"  ""#), "has no valueString"),
        (extension("flagged-instruction", r#""valueString":"yes""#), "extension[0] has no valueBoolean"),
        (extension("on-call", r#""valueCode":"yes""#), "has no valueBoolean"),
        (extension("alternate-route", r#""valueCodeableConcept":{"text":"by tube"}"#), "route has no code"),
        (
            extension("patch-worn", r#""valueDuration":{"value":1,"code":"mo"}"#),
            "no duration in whole minutes",
        ),
        (extension("bolus", r#""valueQuantity":{"value":0,"code":"mg"}"#), "not more than zero"),
    ] {
        let text = refused(&members, DAILY, DOSE);
        assert!(text.contains(reason), "{text}");
    }
    let twice = format!(r#"{{"url":"{OURS}do-not-give","valueString":"x"}}"#);
    let text = refused(&format!(r#""modifierExtension":[{twice},{twice}],"#), DAILY, DOSE);
    assert!(text.contains("stands there twice"), "{text}");
    let both = extension("on-call", r#""valueBoolean":true"#);
    let import = with(&both, DAILY, DOSE);
    assert!(matches!(import.chart.requests[0].timing, Timing::Unscheduled { .. }), "on call and at 09:00");
}

fn by_weight(ordered: &str, calculated: Option<&str>) -> String {
    let entry = |kind: &str, dose: &str| {
        format!(r#"{{"type":{{"coding":[{{"code":"{kind}"}}]}},"doseQuantity":{}}}"#, fhir(dose))
    };
    let calculated = calculated.map(|dose| format!(",{}", entry("calculated", dose))).unwrap_or_default();
    format!(r#""doseAndRate":[{}{calculated}]"#, entry("ordered", ordered))
}

#[test]
fn d7_a_dose_by_weight_stands_beside_the_one_calculated_from_it() {
    let request = taken("", DAILY, &by_weight("15 mg/kg", Some("240 mg")));
    assert_eq!(request.dose, DoseOrder::Exact(quantity("240 mg")));
    assert_eq!(request.conditions.per_kilogram, Some(quantity("15 mg")));
    let plain = taken("", DAILY, &by_weight("25 mg", Some("240 mg")));
    assert_eq!(plain.dose, DoseOrder::Exact(quantity("25 mg")), "the calculated one is left alone");
    assert_eq!(plain.conditions.per_kilogram, None);
    for (dose, reason) in [
        (by_weight("15 mg/kg", None), "without the one dose that was calculated from it"),
        (by_weight("15 mg/kg", Some("240 mL")), "measure different things"),
        (by_weight("15 stone/kg", Some("240 mg")), "\"stone/kg\" is in no unit table"),
        (by_weight("15 mg/kg/d", Some("240 mg")), "\"mg/kg/d\" is in no unit table"),
    ] {
        let text = refused("", DAILY, &dose);
        assert!(text.contains(reason), "{text}");
    }
}

/// T6: severe pain is a kind of pain; the text stays as it was ordered.
#[test]
fn t6_indications_are_known_by_their_codes() {
    let reasons = |concept: &str| {
        let members = format!(r#"{DOSE},"asNeededCodeableConcept":{concept}"#);
        let Timing::AsNeeded(limits) =
            taken("", r#"{"repeat":{"frequency":1,"period":4,"periodUnit":"h"}}"#, &members).timing
        else {
            panic!("as needed expected")
        };
        limits.reasons
    };
    let coded = |code: &str, text: &str| {
        reasons(&format!(
            r#"{{"coding":[{{"system":"http://snomed.info/sct","code":"{code}"}}],"text":"{text}"}}"#
        ))
    };
    assert_eq!(coded("76948002", "severe pain"), ["severe pain", "pain"]);
    assert_eq!(coded("22253000", "Pain"), ["Pain"]);
    assert_eq!(coded("1", "hiccups"), ["hiccups"], "shown, and no reason of the list");
    assert_eq!(reasons(r#"{"text":"severe pain"}"#), ["severe pain"], "words are not interpreted");
}

fn rated(rate: &str) -> String {
    format!(r#""doseAndRate":[{{"doseQuantity":{},{rate}}}]"#, fhir("1000 mL"))
}

#[test]
fn d2_rates_are_exact_and_checked() {
    let infusion = r#"{"code":{"text":"INFUSION"}}"#;
    let rate = |rate: &str| taken("", infusion, &rated(rate)).rate;
    let exact = |text: &str| Some(RateOrder::Exact(Rate::parse(text).unwrap()));
    assert_eq!(rate(&format!(r#""rateQuantity":{}"#, fhir("75 mL/h"))), exact("75 mL/h"));
    assert_eq!(rate(&format!(r#""rateQuantity":{}"#, fhir("12 [iU]/kg/h"))), exact("12 [iU]/kg/h"));
    let ratio = format!(r#""rateRatio":{{"numerator":{},"denominator":{}}}"#, fhir("1000 mL"), fhir("8 h"));
    assert_eq!(rate(&ratio), exact("125 mL/h"));
    let range = format!(r#""rateRange":{{"low":{},"high":{}}}"#, fhir("2 ug/kg/min"), fhir("20 ug/kg/min"));
    let (low, high) = (Rate::parse("2 ug/kg/min").unwrap(), Rate::parse("20 ug/kg/min").unwrap());
    assert_eq!(rate(&range), Some(RateOrder::Range(low, high)));
    for (rate, reason) in [
        (format!(r#""rateQuantity":{}"#, fhir("75 mL")), "rateQuantity.unit \"mL\" is no unit of a rate"),
        (format!(r#""rateQuantity":{}"#, fhir("75 mL/fortnight")), "is no unit of a rate"),
        (format!(r#""rateQuantity":{}"#, fhir("0 mL/h")), "not more than zero"),
        (range.replace("\"low\"", "\"lowest\""), "rateRange.low missing"),
        (range.replace(":20,", ":1,"), "ends below its beginning"),
        (range.replace(&fhir("20 ug/kg/min"), &fhir("20 mL/h")), "measure different things"),
        (ratio.replace(r#""code":"h""#, r#""code":"mo""#), "none of min, h, d"),
        (format!("{range},{ratio}"), "stands there twice"),
    ] {
        let text = refused("", infusion, &rated(&rate));
        assert!(text.contains(reason), "{text}");
    }
    let alone = format!(r#""doseAndRate":[{{"rateQuantity":{}}}]"#, fhir("75 mL/h"));
    assert!(refused("", infusion, &alone).contains("a rate without what it runs from"));
}

fn observation(id: &str, code: &str, value: &str, when: &str, more: &str) -> String {
    format!(
        r#"{{"resourceType":"Observation","id":"{id}","status":"final","subject":{{"reference":"Patient/p1"}},{more}
        "code":{{"coding":[{}]}},"effectiveDateTime":"{when}","valueQuantity":{}}}"#,
        loinc(code),
        fhir(value)
    )
}

const SIX: &str = "2026-11-30T06:00:00-05:00";
const SEVEN: &str = "2026-11-30T07:00:00-05:00";

fn lay(bundles: &[&[&str]]) -> Site {
    let mut site = Site::new(&common::drugs());
    for resources in bundles {
        site.lay(import(&bundle(resources)));
    }
    site
}

/// What the chart holds: name, value, hour in UTC.
fn observed(site: &Site) -> Vec<(String, String, i8)> {
    let patient = PatientId::parse("p1").unwrap();
    let hour = |at: Timestamp| at.to_zoned(jiff::tz::TimeZone::UTC).hour();
    let shown = site.chart.observations_of(&patient);
    shown.map(|seen| (seen.what.to_string(), seen.value.to_string(), hour(seen.at))).collect()
}

fn row(what: &str, value: &str, hour: i8) -> (String, String, i8) {
    (what.to_owned(), value.to_owned(), hour)
}

#[test]
fn c2_c3_d7_observations_and_components_are_kept_with_their_time() {
    let pulse = observation("o1", "8867-4", "72 /min", SIX, "");
    let weight = observation("o2", "29463-7", "16.0 kg", SEVEN, "");
    let pressure = format!(
        r#"{{"resourceType":"Observation","id":"o3","status":"amended","subject":{{"reference":"Patient/p1"}},
        "code":{{"coding":[{}]}},"effectiveDateTime":"{SEVEN}","component":[
        {{"code":{{"coding":[{}]}},"valueQuantity":{}}},{{"code":{{"coding":[{}]}},"valueQuantity":{}}}]}}"#,
        loinc("85354-9"),
        loinc("8480-6"),
        fhir("128 mm[Hg]"),
        loinc("8462-4"),
        fhir("74 mm[Hg]")
    );
    let site = lay(&[&[&pulse, &weight, &pressure]]);
    assert_eq!(site.rejections, []);
    assert_eq!(
        observed(&site),
        [
            row("heart-rate", "72 /min", 11),
            row(ObservationCode::body_weight().as_str(), "16 kg", 12),
            row("systolic-pressure", "128 mm[Hg]", 12),
            row("diastolic-pressure", "74 mm[Hg]", 12),
        ]
    );
    let text = r#"{"resourceType":"Observation","id":"o4","status":"final","code":{"text":"skin"}}"#;
    let site = lay(&[&[text, &pulse.replace("final", "preliminary")]]);
    assert_eq!((observed(&site), site.rejections.len()), (vec![], 0), "counted, not refused");
    assert!(site.notes.iter().any(|note| note.text.starts_with("2 of a kind")));
}

/// A value that cannot be read ends the older ones of its kind: the check asks instead of passing on an old one.
#[test]
fn c2_an_unreadable_or_withdrawn_value_ends_older_ones_in_any_order() {
    let old = observation("o1", "8867-4", "72 /min", SIX, "");
    let weight = observation("o2", "29463-7", "16.0 kg", SIX, "");
    let unreadable = observation("o3", "8867-4", "<40 /min", SEVEN, "");
    for bundles in [[&[old.as_str(), &weight][..], &[&unreadable]], [&[&unreadable], &[&old, &weight]]] {
        let site = lay(&bundles);
        assert_eq!(observed(&site), [row("body-weight", "16 kg", 11)]);
        let text = shown(&site.rejections[0]);
        assert!(text.contains("valueQuantity.comparator \"less than\""), "{text}");
        assert!(site.chart.unreadable.is_empty(), "no order is missing");
    }
    let site = lay(&[&[&old], &[&old.replace("final", "entered-in-error")]]);
    assert_eq!(observed(&site), []);
    let younger = observation("o4", "8867-4", "66 /min", SEVEN, "");
    let site = lay(&[&[&younger], &[&old.replace("final", "cancelled")]]);
    assert_eq!(observed(&site), [row("heart-rate", "66 /min", 12)]);
}

#[test]
fn c3_observations_that_cannot_be_dated_or_placed_are_listed() {
    let good = observation("o1", "2823-3", "4.1 mmol/L", SIX, "");
    for (json, reason) in [
        (good.replace(SIX, "2026-11-30"), "effectiveDateTime has no time of day"),
        (good.replace("effectiveDateTime", "issued"), "effective[x] missing"),
        (good.replace("Patient/p1", "Patient/p9"), "its patient is not in the Bundle"),
        (good.replace("mmol/L", "furlong"), "valueQuantity.unit"),
        (
            good.replace("valueQuantity", "valueString").replace(&fhir("4.1 mmol/L"), "\"4.1\""),
            "valueQuantity missing",
        ),
        (good.replace("\"final\"", "\"done\""), "\"done\" is no status"),
        (
            good.replace("\"status\"", "\"modifierExtension\":[{\"url\":\"x\"}],\"status\""),
            "unknown modifierExtension",
        ),
    ] {
        let site = lay(&[&[&json]]);
        assert_eq!(observed(&site), []);
        let text: String = site.rejections.iter().map(shown).collect();
        assert!(text.contains(reason), "{json}: {text}");
    }
}

fn flag(status: &str, period: &str) -> String {
    format!(
        r#"{{"resourceType":"Flag","id":"f1","status":"{status}","subject":{{"reference":"Patient/p1"}},{period}
        "code":{{"coding":[{{"system":"http://snomed.info/sct","code":"182923009"}}]}}}}"#
    )
}

fn diet(status: &str, code: &str) -> String {
    format!(
        r#"{{"resourceType":"NutritionOrder","id":"n1","status":"{status}","intent":"order","patient":{{"reference":"Patient/p1"}},
        "dateTime":"{SIX}","oralDiet":{{"type":[{{"coding":[{{"system":"http://snomed.info/sct","code":"{code}"}}]}}]}}}}"#
    )
}

#[test]
fn c5_nil_by_mouth_comes_from_a_flag_or_a_diet_order_in_force() {
    let nil = |resources: &[&str]| {
        let import = import(&bundle(resources));
        assert_eq!(import.rejections, []);
        import.chart.patients[0].flags.nil_by_mouth
    };
    assert!(nil(&[&flag("active", "")]));
    assert!(nil(&[&diet("active", "182923009")]));
    assert!(nil(&[&flag("inactive", ""), &diet("active", "182923009")]), "one in force is enough");
    assert!(!nil(&[&flag("inactive", "")]));
    assert!(!nil(&[&diet("completed", "182923009")]));
    assert!(!nil(&[&diet("active", "160670007")]), "another diet");
    let site = flag("active", "")
        .replace("http://snomed.info/sct", "urn:bcma:flag")
        .replace("182923009", "nil-by-mouth");
    assert!(nil(&[&site]));
    // The Bundle was made at 13:00 UTC.
    for (period, holds) in [
        (r#""period":{"start":"2026-11-30T13:00:00Z"},"#, true),
        (r#""period":{"start":"2026-11-30T13:00:01Z"},"#, false),
        (r#""period":{"end":"2026-11-30T13:00:00Z"},"#, false),
        (r#""period":{"start":"2026-11-30","end":"2026-11-30"},"#, true),
    ] {
        assert_eq!(nil(&[&flag("active", period)]), holds, "{period}");
    }
}

#[test]
fn c5_a_bundle_that_says_nothing_does_not_end_nil_by_mouth() {
    let nil = |site: &Site| site.chart.patients[0].flags.nil_by_mouth;
    let active = flag("active", "");
    assert!(nil(&lay(&[&[&active], &[]])));
    assert!(!nil(&lay(&[&[&active], &[&flag("inactive", "")]])));
    let bad = flag("active", r#""period":{"start":"soon"},"#);
    let site = lay(&[&[&bad]]);
    assert!(shown(&site.rejections[0]).contains("period.start is no FHIR date or time"));
    assert_eq!(site.chart.unreadable.len(), 1, "what is shown of the patient is not all there is");
    let site = lay(&[&[&flag("on", "")]]);
    assert!(shown(&site.rejections[0]).contains("\"on\" is no status"));
    let site = lay(&[&[&active.replace("Patient/p1", "Patient/p9")]]);
    assert!(shown(&site.rejections[0]).contains("its patient is not in the Bundle"));
}
