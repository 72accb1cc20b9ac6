//! What protects every right: allergies (C1), the age of the orders (S2) and the durable receipt (S1).

use crate::common::*;
use rights::bedside::{Event, Phase, Tone};
use rights::entry::{EntryKind, Recorded};
use rights::history::Outcome;
use rights::ident::{AllergyClass, Ingredient};
use rights::person::Allergen;
use rights::product::Product;
use rights::request::Request;
use rights::verdict::{Check, Class, Variance};

fn amoxicillin() -> Product {
    let class = AllergyClass::parse("penicillins").unwrap();
    Product { allergy_classes: vec![class], ..tablet("amoxicillin-500", "amoxicillin", "500 mg") }
}

fn to_ingredient(name: &str) -> Allergen {
    Allergen::Ingredient(Ingredient::parse(name).unwrap())
}

fn to_class(name: &str) -> Allergen {
    Allergen::Class(AllergyClass::parse(name).unwrap())
}

fn scanned(allergies: Vec<rights::person::Allergy>, accepted: Option<&str>) -> Bench {
    let request = Request { allergy_accepted: accepted.map(today), ..order("r", &amoxicillin(), "500 mg") };
    let mut ward = Ward::with(&[&amoxicillin()], &[request]);
    ward.patient("p1").allergies = allergies;
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&amoxicillin()));
    bench
}

#[test]
fn c1_the_same_ingredient_stops_and_another_does_not() {
    scanned(vec![allergy(to_ingredient("amoxicillin"), None)], None).assert_stopped_by(Check::C1);
    scanned(vec![allergy(to_ingredient("aspirin"), None)], None).assert_ready();
    scanned(vec![], None).assert_class(Check::C1, Class::Pass);
}

#[test]
fn c1_an_acceptance_counts_only_when_it_is_later_than_the_record_of_the_allergy() {
    let recorded = |clock| vec![allergy(to_ingredient("amoxicillin"), Some(today(clock)))];
    scanned(recorded("07:59"), Some("08:00")).assert_class(Check::C1, Class::Info).assert_ready();
    scanned(recorded("08:00"), Some("08:00")).assert_stopped_by(Check::C1);
    scanned(recorded("08:01"), Some("08:00")).assert_stopped_by(Check::C1);
    let undated = vec![allergy(to_ingredient("amoxicillin"), None)];
    scanned(undated, Some("08:00")).assert_stopped_by(Check::C1);
}

#[test]
fn c1_the_same_class_asks_and_another_class_does_not() {
    let mut bench = scanned(vec![allergy(to_class("penicillins"), None)], None);
    bench.assert_class(Check::C1, Class::SoftReason);
    bench.answer(Check::C1, "tolerated-before").confirm();
    assert_eq!(bench.given().len(), 1);
    scanned(vec![allergy(to_class("sulfonamides"), None)], None).assert_ready();
}

/// An allergy to one penicillin, recorded as that ingredient, concerns every penicillin of the drug file.
#[test]
fn c1_an_allergy_to_another_ingredient_of_the_same_class_asks() {
    let ampicillin = Product {
        allergy_classes: amoxicillin().allergy_classes,
        ..tablet("ampicillin-500", "ampicillin", "500 mg")
    };
    let request = order("r", &amoxicillin(), "500 mg");
    let mut ward = Ward::with(&[&amoxicillin(), &ampicillin], &[request]);
    ward.patient("p1").allergies = vec![allergy(to_ingredient("ampicillin"), None)];
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&amoxicillin())).assert_class(Check::C1, Class::SoftReason);
}

#[test]
fn c1_a_combination_stops_for_any_of_its_ingredients() {
    let both = Product {
        strengths: vec![strength("amoxicillin", "875 mg"), strength("clavulanate", "125 mg")],
        ..tablet("combination", "amoxicillin", "875 mg")
    };
    let mut ward = Ward::with(&[&both], &[order("r", &both, "1 {tablet}")]);
    ward.patient("p1").allergies = vec![allergy(to_ingredient("clavulanate"), None)];
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&both)).assert_stopped_by(Check::C1);
}

#[test]
fn c1_text_that_no_machine_can_check_is_shown() {
    let bench = scanned(vec![allergy(Allergen::TextOnly, None)], None);
    bench.assert_class(Check::C1, Class::Info).assert_ready();
}

/// A second allergy of the same class id, recorded between scan and confirm, is not covered by the answer to the first.
#[test]
fn c1_an_allergy_recorded_after_the_answer_is_asked_anew() {
    let mut bench = scanned(vec![allergy(to_class("penicillins"), None)], None);
    bench.answer(Check::C1, "tolerated-before");
    let second =
        rights::person::Allergy { text: "anaphylaxis".into(), ..allergy(to_class("penicillins"), None) };
    bench.ward.patient("p1").allergies.push(second);
    bench.confirm().confirm();
    assert!(bench.given().is_empty(), "{:?}", bench.step());
    bench.answer(Check::C1, "benefit-outweighs-risk").confirm();
    assert_eq!(bench.given().len(), 1);
}

fn orders_of(minutes_ago: Option<i64>) -> Bench {
    let mut ward = Ward::with(&[&amoxicillin()], &[order("r", &amoxicillin(), "500 mg")]);
    ward.chart.orders_as_of = minutes_ago.map(|ago| ward.now.checked_sub(minutes(ago)).unwrap());
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&amoxicillin()));
    bench
}

#[test]
fn s2_orders_older_than_60_minutes_ask_and_older_than_4_hours_stop() {
    assert_eq!(orders_of(Some(60)).class(Check::S2), None);
    orders_of(Some(61)).assert_class(Check::S2, Class::SoftReason);
    orders_of(Some(240)).assert_class(Check::S2, Class::SoftReason);
    orders_of(Some(241)).assert_class(Check::S2, Class::Hard);
    orders_of(None).assert_class(Check::S2, Class::SoftReason);
}

#[test]
fn s2_with_orders_older_than_4_hours_a_dose_can_still_be_documented() {
    let mut bench = orders_of(Some(241));
    let choice = bench.verdict().plan().unwrap().choice.clone();
    bench.not_given(choice, Outcome::Refused, "refused");
    assert_eq!(bench.phase(), "done");
    assert_eq!(bench.last().kind(), EntryKind::Refused);
}

/// The orders grow older by the minute; that alone is no change that the nurse must look at.
#[test]
fn s2_a_minute_more_is_no_change_since_the_scan() {
    let mut bench = orders_of(Some(61));
    bench.answer(Check::S2, "benefit-outweighs-risk").wait(minutes(1)).confirm();
    assert_eq!(bench.given().len(), 1);
}

#[test]
fn s1_given_is_said_only_after_the_receipt() {
    let mut bench = scanned(vec![], None);
    bench.receipts_wait = true;
    bench.confirm();
    assert_eq!(bench.phase(), "saving");
    assert!(!bench.tones.contains(&Tone::Recorded));
    bench.confirm().scan(package(&amoxicillin())).event(Event::Cancel).event(Event::Tick);
    assert_eq!(bench.phase(), "saving", "nothing else begins meanwhile");
    assert_eq!(bench.given().len(), 1);
    bench.receipts(&[true]);
    assert_eq!(bench.phase(), "done");
    assert_eq!(bench.tones.last(), Some(&Tone::Recorded));
}

#[test]
fn s1_what_could_not_be_written_is_red_and_ends_the_session() {
    let mut bench = scanned(vec![], None);
    bench.disk_works = false;
    bench.confirm();
    assert!(matches!(bench.bedside.phase(), Phase::NotRecorded { pending: Some(_), .. }));
    assert_eq!(bench.tones.last(), Some(&Tone::Stop));
    bench.disk_works = true;
    bench.scan(package(&amoxicillin())).confirm().event(Event::Cancel);
    assert_eq!(bench.phase(), "not recorded");
    bench.event(Event::Continue);
    assert_eq!(bench.phase(), "locked");
    assert!(bench.bedside.session().is_none());
}

#[test]
fn s1_a_scan_whose_entry_could_not_be_written_leads_to_no_dose() {
    let mut ward = Ward::with(&[&amoxicillin()], &[order("r", &amoxicillin(), "500 mg")]);
    ward.now = today("09:00");
    let mut bench = Bench::at_bedside(ward);
    bench.disk_works = false;
    bench.scan(package(&amoxicillin()));
    assert_eq!(bench.phase(), "not recorded");
    bench.disk_works = true;
    bench.confirm();
    assert!(bench.given().is_empty());
}

/// Two entries for one act (the void packages, then the refusal): when the first fails and the second is written, the nurse
/// must not chart the second on paper as well; when both fail she must know what to chart.
#[test]
fn s1_the_pending_dose_is_told_when_an_entry_before_it_fails_and_not_doubled_when_it_is_written() {
    let refuse_with_a_package_in_hand = || {
        let mut bench = scanned(vec![], None);
        bench.receipts_wait = true;
        let choice = bench.verdict().plan().unwrap().choice.clone();
        bench.not_given(choice, Outcome::Refused, "refused");
        assert_eq!(bench.phase(), "saving");
        bench
    };
    let mut both_fail = refuse_with_a_package_in_hand();
    both_fail.receipts(&[false, false]);
    assert!(matches!(
        both_fail.bedside.phase(),
        Phase::NotRecorded { pending: Some(saving), .. } if saving.record.administration().is_some_and(|a| a.outcome == Outcome::Refused)
    ));

    let mut second_written = refuse_with_a_package_in_hand();
    second_written.receipts(&[false, true]);
    assert_eq!(second_written.phase(), "done", "the ledger has it, and the nurse is told so");
    second_written.scan(package(&amoxicillin())).scan(band("p1"));
    assert_eq!(second_written.phase(), "done", "nothing more is given by this sign-on");
    second_written.event(Event::Continue);
    assert!(matches!(second_written.bedside.phase(), Phase::Locked { notice: Some(_) }));
}

/// The nurse said that the patient has taken it: when something else fails while the ward is asked, the dose goes on paper, by its name. Its
/// claim is not given back: another kiosk must not be told that nobody gives it.
#[test]
fn s1_a_dose_that_was_confirmed_while_the_ward_is_asked_is_named_and_its_claim_kept() {
    let mut bench = scanned(vec![], None);
    bench.hub_waits = true;
    bench.confirm();
    let entry = bench.claims[0].entry;
    let other = rights::entry::IdempotencyKey { session: [9; 16], count: 9 };
    bench.event(Event::NotRecorded(other));
    let Phase::NotRecorded { pending: Some(pending), .. } = bench.bedside.phase() else {
        panic!("{}", bench.phase())
    };
    assert_eq!((pending.name.as_str(), pending.key()), ("amoxicillin", entry));
    assert!(pending.record.administration().is_some_and(|done| done.outcome == Outcome::Given));
    assert_eq!((bench.released.as_slice(), bench.tones.last()), ([].as_slice(), Some(&Tone::Stop)));
    // The ward's answer comes too late.
    bench.event(Event::Claimed(entry, rights::claims::Grant::Ward));
    assert!(matches!(bench.bedside.phase(), Phase::NotRecorded { pending: Some(_), .. }));
    assert!(bench.given().is_empty());
}

/// The patient may have swallowed it a moment before the tap.
#[test]
fn s1_a_dose_in_hand_is_kept_for_the_red_screen_when_something_beside_it_fails() {
    let other = || Event::NotRecorded(rights::entry::IdempotencyKey { session: [9; 16], count: 9 });
    let mut bench = scanned(vec![], None);
    bench.event(other());
    let Phase::NotRecorded { pending: None, in_hand: Some(dose) } = bench.bedside.phase() else {
        panic!("{}", bench.phase())
    };
    assert_eq!(dose.case.product().unwrap().id, amoxicillin().id);
    let mut stopped = scanned(vec![], None);
    stopped.ward.request("r").status = rights::request::RequestStatus::Stopped;
    stopped.event(Event::Heard).event(other());
    assert!(matches!(stopped.bedside.phase(), Phase::NotRecorded { pending: None, in_hand: None }));
}

/// A late failure of something else does not hide what is to be charted on paper.
#[test]
fn s1_a_second_failure_keeps_the_pending_dose() {
    let mut bench = scanned(vec![], None);
    bench.receipts_wait = true;
    bench.confirm();
    bench.receipts(&[false]);
    let other = rights::entry::IdempotencyKey { session: [9; 16], count: 9 };
    bench.event(Event::NotRecorded(other));
    assert!(matches!(bench.bedside.phase(), Phase::NotRecorded { pending: Some(_), .. }));
}

#[test]
fn s1_a_receipt_for_another_entry_says_nothing_about_this_one() {
    let mut bench = scanned(vec![], None);
    bench.receipts_wait = true;
    bench.confirm();
    let other = rights::entry::IdempotencyKey { session: [9; 16], count: 9 };
    bench.event(Event::Recorded(Recorded { key: other, sequence: 1, at: today("09:00") }));
    assert_eq!(bench.phase(), "saving");
}

/// The same on the red screen: only its own receipt tells that the dose is not to go on paper.
#[test]
fn s1_a_receipt_for_another_entry_leaves_the_red_screen() {
    let mut bench = scanned(vec![], None);
    bench.receipts_wait = true;
    bench.confirm();
    let own = bench.last().key();
    bench.event(Event::NotRecorded(own));
    let other = rights::entry::IdempotencyKey { session: [9; 16], count: 9 };
    bench.event(Event::Recorded(Recorded { key: other, sequence: 1, at: today("09:00") }));
    assert_eq!(bench.phase(), "not recorded");
    bench.event(Event::Recorded(Recorded { key: own, sequence: 2, at: today("09:00") }));
    assert_eq!(bench.phase(), "done");
}

/// What is charted as not given is in force as displayed: up to the stop and not at it, in this version, not stopped.
#[test]
fn o1_o4_a_dose_is_charted_as_not_given_only_of_an_order_in_force() {
    let refuse = |change: fn(&mut rights::request::Request, jiff::Timestamp)| {
        let mut bench = scanned(vec![], None);
        let choice = bench.verdict().plan().unwrap().choice.clone();
        let now = bench.ward.now;
        let request = bench.ward.chart.requests.iter_mut().find(|known| known.id == choice.request).unwrap();
        change(request, now);
        bench.not_given(choice, Outcome::Refused, "refused");
        bench.entries.iter().any(|entry| entry.kind() == EntryKind::Refused)
    };
    assert!(refuse(|_, _| {}));
    assert!(refuse(|request, now| request.stop = Some(now + jiff::SignedDuration::from_hours(1))));
    assert!(!refuse(|request, now| request.stop = Some(now)));
    assert!(!refuse(|request, now| request.stop = Some(now - jiff::SignedDuration::from_mins(1))));
    assert!(!refuse(|request, _| request.version += 1));
    assert!(!refuse(|request, _| request.status = rights::request::RequestStatus::Stopped));
}

/// Entries can be printed by a careless log line: that shows no patient data.
#[test]
fn s1_debug_of_an_entry_shows_no_patient_data() {
    let bench = scanned(vec![allergy(to_class("penicillins"), None)], None);
    let text = format!("{:?}", bench.entries);
    for secret in ["000117", "as recorded", "\"W\"", "\"P\"", "p1"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert_eq!(bench.variance(Check::C1), Some(&Variance::AllergyClass("as recorded".into())));
}

/// Orders of the future are of no known age, as soon as they are further ahead than two clocks may differ.
#[test]
fn s2_orders_from_more_than_five_minutes_ahead_are_of_no_known_age() {
    for (seconds, class) in [(0, None), (300, None), (301, Some(Class::SoftReason))] {
        let product = tablet("metoprolol-25", "metoprolol tartrate", "25 mg");
        let mut ward = Ward::with(&[&product], &[order("r", &product, "25 mg")]);
        ward.chart.orders_as_of = Some(ward.now + jiff::SignedDuration::from_secs(seconds));
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&product));
        assert_eq!(bench.class(Check::S2), class, "{seconds} s ahead");
        assert!(class.is_none() || bench.variance(Check::S2) == Some(&Variance::OrdersAgeUnknown));
    }
}

/// An allergy to one ingredient concerns the class that it shares with what is in hand: that class alone, and once.
#[test]
fn c1_the_class_of_an_ingredient_is_added_once_and_only_where_it_concerns() {
    let class = |name: &str| rights::ident::AllergyClass::parse(name).unwrap();
    let with = |id: &str, ingredient: &str, classes: &[&str]| rights::product::Product {
        allergy_classes: classes.iter().map(|name| class(name)).collect(),
        ..tablet(id, ingredient, "500 mg")
    };
    let amoxicillin = with("amoxicillin", "amoxicillin", &["penicillins"]);
    let ampicillin = with("ampicillin", "ampicillin", &["penicillins", "another class"]);
    let other = with("ampicillin-2", "ampicillin", &["penicillins"]);
    let request = order("r", &amoxicillin, "500 mg");
    let mut ward = Ward::with(&[&amoxicillin, &ampicillin, &other], &[request]);
    ward.patient("p1").allergies.push(allergy(Allergen::Ingredient(ingredient("ampicillin")), None));
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&amoxicillin)).assert_class(Check::C1, Class::SoftReason);
    let known: Vec<Allergen> =
        bench.dose().case.patient.candidates[0].allergies.iter().map(|allergy| allergy.to.clone()).collect();
    assert_eq!(
        known,
        [Allergen::Ingredient(ingredient("ampicillin")), Allergen::Class(class("penicillins"))]
    );
}
