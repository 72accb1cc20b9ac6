//! The pharmacy's pages of the station while what they are made from changes: nothing old stays, and a step finds what was listed.

mod common;

use std::sync::atomic::{AtomicI64, Ordering};

use common::station::{Browser, PASSWORD, Place, SHOWN, clock};
use common::{BARCODES, ITEMS, TODAY, rules};
use exchange::drugs::DrugSources;
use exchange::serve;
use exchange::store::Store;
use jiff::{SignedDuration, Timestamp};
use ledger::inspect::Inspector;
use ledger::kind::Kind;

/// Minutes after the time of the other tests.
static MINUTES: AtomicI64 = AtomicI64::new(0);

fn later() -> Timestamp {
    clock() + SignedDuration::from_mins(MINUTES.load(Ordering::SeqCst))
}

/// Another drug file: the items of the tests, and these.
fn import(place: &Place, more: &str) {
    let items = format!("{ITEMS}{more}");
    let sources = DrugSources {
        items: ("items.csv", items.as_bytes()),
        barcodes: Some(("barcodes.csv", BARCODES.as_bytes())),
        recalls: None,
    };
    Store::open(&place.path("store")).unwrap().import_drugs(sources, &rules(), TODAY).unwrap();
}

/// The name of a discrepancy on a page, as a form sends it.
fn named(text: &str, begins: &str) -> Option<String> {
    let of =
        |link: &str| form_urlencoded::parse(format!("of={link}").as_bytes()).next().unwrap().1.into_owned();
    let links = text.split("?of=").skip(1).map(|rest| of(rest.split('#').next().unwrap()));
    links.into_iter().find(|name| name.starts_with(begins))
}

fn explain(browser: &mut Browser, name: &str) -> u16 {
    let fields = [
        ("of", name),
        ("note", "counted again with the cabinet"),
        ("second", "ph-2"),
        ("password", PASSWORD),
    ];
    browser.post("/discrepancies/explain", &fields).status
}

#[test]
fn what_became_a_discrepancy_after_the_last_entry_is_listed_and_explained() {
    let place = Place::new();
    let rows = std::fs::read_to_string(place.path("dispenses.csv")).unwrap();
    // The last entry is of 16:30, now is 17:00, and within an hour nothing was done with it.
    let row = "D2,2026-12-01T15:40:00Z,removal,,,morphine-15,1,{tablet},rn-98,,\n";
    std::fs::write(place.path("dispenses.csv"), rows + row).unwrap();
    let running = place.serve();
    let mut browser = Browser::signed_in(&running, "ph-1");
    for page in ["/discrepancies", "/reports/discrepancies"] {
        let text = browser.get(page).text();
        assert!(text.contains("NO-ADMIN:D2:"), "{page}: {text}");
    }
    let text = browser.get("/discrepancies").text();
    let name = named(&text, "NO-ADMIN:D2:").unwrap();
    assert!(browser.get(&format!("/discrepancies?of={name}")).text().contains("Explain, with both"));
    assert_eq!(explain(&mut browser, &name), 303);
    let overview = browser.get("/").text();
    assert!(overview.contains("4 not closed"), "the one that is explained is not: {overview}");
    assert!(overview.contains("kiosk's ledger alone"), "what the number leaves out: {overview}");
    running.stop();
}

/// Whoever has to ask the nurse must know whom; the list itself is read by more people than that.
#[test]
fn one_discrepancy_says_in_whose_hands_it_is_and_who_looked_is_recorded() {
    let place = Place::new();
    let rows = std::fs::read_to_string(place.path("dispenses.csv")).unwrap();
    let patient = place.shift.chart.patients[0].id.clone();
    let row = format!("D2,2026-12-01T15:40:00Z,removal,{patient},,morphine-15,1,{{tablet}},rn-98,,\n");
    std::fs::write(place.path("dispenses.csv"), rows + &row).unwrap();
    let running = place.serve();
    let mut browser = Browser::signed_in(&running, "ph-1");
    let list = browser.get("/discrepancies").text();
    assert!(!list.contains(SHOWN) && !list.contains("rn-98"), "{list}");
    let name = named(&list, "NO-ADMIN:D2:").unwrap();
    let one = browser.get(&format!("/discrepancies?of={name}")).text();
    assert!(one.contains(SHOWN) && one.contains("record no. 300001") && one.contains("rn-98"), "{one}");
    let inspector = Inspector::open(&place.path("station-ledger")).unwrap();
    let look = inspector.entry(inspector.size() - 1).unwrap().0;
    assert_eq!((look.kind, look.clear.reason.as_deref()), (Kind::VIEW, Some("discrepancy")));
    running.stop();
}

#[test]
fn what_no_step_finds_any_more_is_no_longer_listed() {
    let place = Place::new();
    let running = place.serve();
    let mut browser = Browser::signed_in(&running, "ph-1");
    let name = named(&browser.get("/discrepancies").text(), "NO-ADMIN:D1:").unwrap();
    let form = browser.get(&format!("/discrepancies?of={name}"));
    assert_eq!(form.status, 200);
    // It is no controlled substance after all.
    let line = "morphine-15,,morphine sulfate,,,tablet,immediate,morphine sulfate 15 mg,1 {tablet},1 {tablet},no,oral,yes,,opioids,\n";
    import(&place, line);
    assert_eq!(explain(&mut browser, &name), 404);
    let text = browser.get("/discrepancies").text();
    assert_eq!(named(&text, "NO-ADMIN:D1:"), None, "{text}");
    running.stop();
}

#[test]
fn a_report_is_made_again_when_the_policy_or_the_store_has_changed() {
    let place = Place::new();
    let policy = |text: &str| std::fs::write(place.path("policy.toml"), text).unwrap();
    policy("waste_within = \"30 min\"\n");
    let running = serve::start(&place.config("policy = \"policy.toml\"\n"), later).unwrap();
    let mut browser = Browser::signed_in(&running, "ph-1");
    let mut after = |minutes: i64, page: &str| {
        MINUTES.store(minutes, Ordering::SeqCst);
        browser.get(page).text()
    };
    let doses = after(0, "/reports/doses");
    assert!(doses.contains("wasted within 30 min") && doses.contains("morphine-15"), "{doses}");
    policy("waste_within = \"5 min\"\n");
    let doses = after(3, "/reports/doses");
    assert!(doses.contains("wasted within 5 min"), "{doses}");
    // The line of the dispense file names an item that is none any more.
    import(&place, "");
    let doses = after(6, "/reports/doses");
    assert!(doses.contains("There is no report"), "{doses}");
    running.stop();
}
