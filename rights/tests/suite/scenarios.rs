//! The scenarios of section 8 of the clinical specification, as far as they live in the core.

use crate::common::*;
use rights::bedside::{Event, Step};
use rights::entry::EntryKind;
use rights::history::Outcome;
use rights::ident::Gtin14;
use rights::phrase::{Language, Words};
use rights::product::{Form, Product, Release, Route};
use rights::request::{Request, RequestStatus};
use rights::scan::{NdcDigits, PackageKey, PrintedExpiry};
use rights::schedule::Timing;
use rights::verdict::{Check, Class, Right, Standing, Variance};

fn metoprolol() -> Product {
    tablet("metoprolol-25", "metoprolol tartrate", "25 mg")
}

fn given(bench: &mut Bench) -> usize {
    bench.confirm();
    bench.given().len()
}

#[test]
fn scenario_1_m2_upc_and_gtin_are_the_same_product_and_no_other_reading_is_tried() {
    let from_upc = Gtin14::from_upc_or_ean("305910369019").unwrap();
    let mut ward = Ward::with(&[&metoprolol()], &[order("r", &metoprolol(), "25 mg")]);
    ward.formulary.link(PackageKey::Gtin(Gtin14::parse("00305910369019").unwrap()), metoprolol().id);
    let mut bench = Bench::at_bedside(ward);
    bench.scan(code(PackageKey::Gtin(from_upc), &Printed::default())).assert_ready();
    bench.event(Event::PutBack);
    let bare = PackageKey::Ndc(NdcDigits::parse("0591036901").unwrap());
    bench.scan(code(bare, &Printed::default())).assert_stopped_by(Check::M2);
}

#[test]
fn scenario_2_m2_ten_digits_of_two_products_stop_without_a_pick_list() {
    let other = tablet("other", "amlodipine", "5 mg");
    let mut ward = Ward::with(&[&metoprolol(), &other], &[order("r", &metoprolol(), "25 mg")]);
    let digits = PackageKey::Ndc(NdcDigits::parse("1234567890").unwrap());
    ward.formulary.link(digits.clone(), metoprolol().id);
    ward.formulary.link(digits.clone(), other.id);
    let mut bench = Bench::at_bedside(ward);
    bench.scan(code(digits, &Printed::default())).assert_stopped_by(Check::M2);
    assert_eq!(bench.variance(Check::M2), Some(&Variance::ProductAmbiguous));
    assert!(bench.dose().choices().is_empty());
}

#[test]
fn scenario_4_m5_day_00_is_valid_to_the_end_of_the_month() {
    let key = PackageKey::Gtin(gtin_of(&metoprolol().id));
    let printed = Printed {
        expiry: Some(PrintedExpiry::EndOfMonth(local_date(2026, 11, 30))),
        lot: Some("A1B2"),
        serial: Some("S1"),
    };
    for (now, class) in [("2026-11-30 23:50", Class::Pass), ("2026-12-01 00:00", Class::Hard)] {
        let mut ward = Ward::with(&[&metoprolol()], &[order("r", &metoprolol(), "25 mg")]);
        ward.now = at(now);
        let mut bench = Bench::at_bedside(ward);
        bench.scan(code(key.clone(), &printed)).assert_class(Check::M5, class);
    }
}

#[test]
fn scenario_6_d2_two_tablets_with_ids_of_their_own() {
    let mut ward = Ward::with(&[&metoprolol()], &[order("r", &metoprolol(), "50 mg")]);
    ward.dispense("dose-1", "p1", &metoprolol());
    ward.dispense("dose-2", "p1", &metoprolol());
    let mut bench = Bench::at_bedside(ward);
    bench.scan(label("dose-1"));
    assert_eq!(bench.step(), Step::ScanNext(q("25 mg"), q("50 mg")));
    bench.scan(label("dose-2")).assert_ready();
    bench.confirm();
    let given = bench.given()[0];
    assert_eq!(given.outcome, Outcome::Given);
    assert!(given.used(&label_identity("dose-1")) && given.used(&label_identity("dose-2")));
}

#[test]
fn scenario_7_m4_one_id_scanned_twice_is_still_one_tablet() {
    let mut ward = Ward::with(&[&metoprolol()], &[order("r", &metoprolol(), "50 mg")]);
    ward.dispense("dose-1", "p1", &metoprolol());
    let mut bench = Bench::at_bedside(ward);
    bench.scan(label("dose-1")).scan(label("dose-1")).assert_stopped_by(Check::M4);
    assert_eq!(bench.verdict().plan().unwrap().dose, Some(q("25 mg")), "still 1/2");
    assert_eq!(given(&mut bench), 0);
    bench.event(Event::PutBack);
    assert_eq!(bench.step(), Step::ScanNext(q("25 mg"), q("50 mg")));
}

#[test]
fn scenario_10_d4_the_volume_is_shown_and_ten_times_as_much_stops() {
    let syrup = liquid("syrup", "metoclopramide", "5 mg", "100 mL");
    let mut bench = Bench::at_bedside(Ward::with(&[&syrup], &[order("r", &syrup, "12.5 mg")]));
    bench.scan(package(&syrup));
    assert_eq!(bench.step(), Step::Measure(q("2.5 mL"), q("2.5 mL")));
    bench.measure("25 mL").assert_stopped_by(Check::D4);
    assert_eq!(given(&mut bench), 0);
    bench.measure("2.5 mL").assert_ready();
    assert_eq!(given(&mut bench), 1);
    assert_eq!(bench.given()[0].dose, Some(q("12.5 mg")));
}

#[test]
fn scenario_12_d1_a_tenth_of_a_milligram_is_a_hundred_micrograms() {
    let pill = tablet("levothyroxine-100", "levothyroxine", "0.1 mg");
    let mut bench = Bench::at_bedside(Ward::with(&[&pill], &[order("r", &pill, "100 ug")]));
    bench.scan(package(&pill)).assert_ready();
    assert_eq!(given(&mut bench), 1);
}

#[test]
fn scenario_13_m7_glargine_is_not_lispro_and_both_names_are_said() {
    let lispro = vial("lispro", "insulin lispro", "100 [USP'U]", "10 mL", &[Route::Subcutaneous]);
    let mut glargine = vial("glargine", "insulin glargine", "100 [USP'U]", "10 mL", &[Route::Subcutaneous]);
    glargine.look_alike = vec![lispro.id.clone()];
    let requests = [order("r", &lispro, "4 [USP'U]")];
    let mut bench = Bench::at_bedside(Ward::with(&[&lispro, &glargine], &requests));
    bench.scan(package(&glargine)).assert_stopped_by(Check::M7).assert_class(Check::M8, Class::Info);
    assert!(matches!(
        bench.variance(Check::M7),
        Some(Variance::Differs { ordered, .. }) if ordered == "insulin lispro"
    ));
}

#[test]
fn scenario_14_m7_extended_release_is_not_immediate_release() {
    let ir = tablet("morphine-ir", "morphine sulfate", "15 mg");
    let er = Product { release: Release::Extended, ..tablet("morphine-er", "morphine sulfate", "15 mg") };
    let mut bench = Bench::at_bedside(Ward::with(&[&ir, &er], &[order("r", &ir, "15 mg")]));
    bench.scan(package(&er)).assert_stopped_by(Check::M7);
    assert!(matches!(
        bench.variance(Check::M7),
        Some(Variance::Differs { ordered_form: Form::Tablet, ordered_release: Release::Immediate, .. })
    ));
    assert_eq!(given(&mut bench), 0);
}

#[test]
fn scenario_15_o1_a_request_stopped_after_the_scan_is_found_by_the_commit() {
    let requests = [order("r", &metoprolol(), "25 mg")];
    let mut bench = Bench::at_bedside(Ward::with(&[&metoprolol()], &requests));
    bench.scan(package(&metoprolol())).assert_ready();
    bench.wait(jiff::SignedDuration::from_secs(3));
    let now = bench.ward.now;
    bench.ward.request("r").status = RequestStatus::Stopped;
    bench.ward.request("r").status_since = Some(now);
    assert_eq!(given(&mut bench), 0);
    bench.assert_stopped_by(Check::O1);
    assert!(bench.dose().changed);
    bench.event(Event::PutBack);
    assert_eq!(bench.last().kind(), EntryKind::Abandoned, "the package is to be returned or wasted");
}

#[test]
fn scenario_19_d8_paracetamol_over_all_products() {
    for (before, class) in
        [("3350 mg", Class::Pass), ("3400 mg", Class::SoftContact), ("4351 mg", Class::Hard)]
    {
        let single = tablet("paracetamol-650", "paracetamol", "650 mg");
        let both = Product {
            strengths: vec![strength("oxycodone", "5 mg"), strength("paracetamol", "325 mg")],
            ..tablet("combination", "oxycodone", "5 mg")
        };
        let prn = Request {
            timing: as_needed(Some(4), None),
            daily_maximum: Some(q("4000 mg")),
            ..order("r", &single, "650 mg")
        };
        let mut ward = Ward::with(&[&single, &both], &[prn, order("c", &both, "1 {tablet}")]);
        ward.charted("c", Some(at("2026-06-09 09:00")), Outcome::Given, at("2026-06-09 22:00"));
        let mut entered = both.strengths.clone();
        entered[1].amount = q(before);
        ward.chart.history[0].ingredients = entered;
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&single)).assert_class(Check::D8, class);
    }
}

#[test]
fn scenario_20_t4_the_repeated_hour_is_elapsed_time_and_told_apart() {
    let pill = tablet("ondansetron-4", "ondansetron", "4 mg");
    let prn = Request { timing: as_needed(Some(2), None), ..order("r", &pill, "4 mg") };
    let mut ward = Ward::with(&[&pill], &[prn]);
    let first = at("2026-11-01T05:40:00Z");
    ward.charted("r", None, Outcome::Given, first);
    ward.now = at("2026-11-01T06:40:00Z");
    ward.chart.orders_as_of = Some(ward.now);
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&pill)).assert_class(Check::T4, Class::SoftContact);
    let permitted = at("2026-11-01T07:40:00Z");
    assert_eq!(bench.variance(Check::T4), Some(&Variance::TooSoon(first, permitted)));
    let words = Words {
        language: Language::English,
        zone: &bench.ward.zone,
        today: local_date(2026, 11, 1),
        in_hand: None,
        policy: &bench.ward.policy,
    };
    assert_eq!(words.time(bench.ward.now), "01:40 EST (2nd)");
    assert_eq!(
        words.finding(bench.verdict().finding(Check::T4).unwrap()).detail,
        "Last dose 01:40 EDT. Allowed from 02:40."
    );
    bench.event(Event::Cancel).wait(minutes(60)).scan(band("p1")).scan(package(&pill));
    assert_eq!(bench.class(Check::T4), Some(Class::Pass));
}

#[test]
fn scenario_22_t3_daily_nine_oclock_given_10_59_and_11_05() {
    for (clock, class) in [("10:59", None), ("11:05", Some(Class::SoftReason))] {
        let mut ward = Ward::with(&[&metoprolol()], &[order("r", &metoprolol(), "25 mg")]);
        ward.now = today(clock);
        ward.chart.orders_as_of = Some(ward.now);
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&metoprolol()));
        assert_eq!(bench.class(Check::T3), class);
    }
}

#[test]
fn scenario_36_onc_lorazepam_and_warfarin_now_all_five_rights_verified_and_recorded() {
    let lorazepam = tablet("lorazepam-2", "lorazepam", "2 mg");
    let warfarin = tablet("warfarin-3", "warfarin sodium", "3 mg");
    let requests = [
        Request { timing: every_hours(8), start: today("08:58"), ..order("r", &lorazepam, "2 mg") },
        Request { timing: every_hours(24), start: today("08:58"), ..order("s", &warfarin, "3 mg") },
    ];
    let mut bench = Bench::at_bedside(Ward::with(&[&lorazepam, &warfarin], &requests));
    for (number, product) in [&lorazepam, &warfarin].into_iter().enumerate() {
        bench.scan(package(product)).assert_ready();
        for right in Right::ALL {
            assert_eq!(bench.verdict().standing(*right), Standing::Verified, "{right:?}");
        }
        assert_eq!(given(&mut bench), number + 1);
        assert_eq!(bench.phase(), "done");
    }
}

#[test]
fn scenario_37_onc_ampicillin_starting_in_four_hours_is_not_given() {
    let ampicillin = tablet("ampicillin-500", "ampicillin", "500 mg");
    let request =
        Request { timing: every_hours(12), start: today("13:00"), ..order("r", &ampicillin, "500 mg") };
    let mut bench = Bench::at_bedside(Ward::with(&[&ampicillin], &[request]));
    bench.scan(package(&ampicillin)).assert_stopped_by(Check::O1);
    assert_eq!(given(&mut bench), 0);
    assert!(!matches!(bench.ward.request("r").timing, Timing::AsNeeded(_)));
}

/// The order that was chosen is gone at the confirmation, and another one for the same product must not step in for it.
#[test]
fn o1_the_chosen_order_is_gone_and_another_one_does_not_step_in() {
    let product = tablet("metoprolol-25", "metoprolol tartrate", "25 mg");
    let requests = [order("r1", &product, "25 mg"), order("r2", &product, "25 mg")];
    let mut bench = Bench::at_bedside(Ward::with(&[&product], &requests));
    bench.scan(package(&product)).choose(0);
    let chosen = bench.verdict().plan().unwrap().choice.request.clone();
    bench.ward.chart.requests.retain(|request| request.id != chosen);
    bench.confirm().assert_stopped_by(Check::O1);
    assert_eq!(bench.variance(Check::O1), Some(&Variance::Stopped(None)));
    assert!(bench.given().is_empty() && bench.dose().changed);
}

/// The schedule changed between scan and confirmation: the time that was chosen is none of it any more.
#[test]
fn o1_a_time_that_is_not_scheduled_any_more_is_not_given() {
    let product = tablet("metoprolol-25", "metoprolol tartrate", "25 mg");
    let mut bench = Bench::at_bedside(Ward::with(&[&product], &[order("r", &product, "25 mg")]));
    bench.scan(package(&product)).assert_ready();
    bench.ward.request("r").timing = daily(&[10]);
    bench.confirm().assert_stopped_by(Check::O1);
    assert_eq!(bench.variance(Check::O1), Some(&Variance::NothingScheduled));
    assert!(bench.given().is_empty());
}
