//! The pharmacy's pages of the station while what they are made from changes: nothing old stays, and a step finds what was listed.

mod common;

use common::station::{Browser, PASSWORD, Place};

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
    running.stop();
}
