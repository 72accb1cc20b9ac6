//! The station over the network: who sees what, what is recorded of it, and everything that people have tried with such pages.

mod common;

use common::TODAY;
use common::rules;
use common::station::{Browser, DRUG, LOT, MRN, NAME, PASSWORD, Place, SHOWN, clock, read_up, unknown_code};
use exchange::station::{Asked, Station};
use exchange::store::Store;
use ledger::inspect::Inspector;
use ledger::kind::Kind;
use ledger::report::{Format, Kind as Report, report};
use rights::bedside::Charted;
use rights::follow_up::{self, InfusionStep};
use rights::ident::ReasonCode;

const PAGES: [&str; 9] =
    ["/", "/reports", "/discrepancies", "/barcodes", "/recall", "/patients", "/ledger", "/access", "/people"];

fn kinds(place: &Place) -> Vec<String> {
    let inspector = Inspector::open(&place.path("station-ledger")).unwrap();
    (0..inspector.size()).map(|at| inspector.entry(at).unwrap().0.kind.to_string()).collect()
}

fn count(place: &Place, kind: Kind) -> usize {
    kinds(place).iter().filter(|known| **known == kind.to_string()).count()
}

#[test]
fn each_role_sees_its_pages_and_no_others_and_nobody_sees_any_without_a_sign_in() {
    let place = Place::new();
    let running = place.serve();
    let mut nobody = Browser::new(&running);
    for page in PAGES.iter().chain(&["/reports/alerts", "/patients/0", "/nowhere"]) {
        let got = nobody.get(page);
        assert_eq!((got.status, got.header("location")), (303, Some("/sign-in")), "{page}");
        assert!(got.body.is_empty());
    }
    for (id, may) in [
        ("ph-1", [true, true, true, true, true, true, true, false, false]),
        ("au-1", [true, true, true, true, true, true, true, true, false]),
        ("ad-1", [true, false, false, false, false, false, true, true, true]),
    ] {
        let mut browser = Browser::signed_in(&running, id);
        for (page, may) in PAGES.iter().zip(may) {
            let got = browser.get(page);
            assert_eq!(got.status, if may { 200 } else { 403 }, "{id} {page}");
            // Neither does a link lead where one may not go.
            let link = format!("href=\"{page}\"");
            assert_eq!(browser.get("/").text().contains(&link), may, "{id} {page}");
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("x-frame-options", "DENY"),
                ("referrer-policy", "no-referrer"),
                ("cache-control", "no-store"),
                (
                    "content-security-policy",
                    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
                ),
            ] {
                assert_eq!(got.header(name), Some(value), "{page} {name}");
            }
        }
        // What is for another role is refused below its page and for forms, too.
        if id == "ad-1" {
            for path in [
                "/reports/alerts?format=csv",
                "/patients/0",
                "/patients/0?format=fhir",
                "/recall?lot=LOT123&format=csv",
            ] {
                assert_eq!(browser.get(path).status, 403, "{path}");
            }
        }
        assert_eq!(browser.get("/nowhere").status, 404);
        let weather = browser.get("/reports/weather").status;
        assert_eq!(weather, if id == "ad-1" { 403 } else { 404 });
        assert_eq!(browser.raw("DELETE / HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n").status, 405);
        assert_eq!(browser.post("/sign-out", &[]).header("location"), Some("/sign-in"));
        assert_eq!(browser.get("/").status, 303);
    }
    running.stop();
    let all = kinds(&place);
    assert_eq!(all.iter().filter(|kind| *kind == "sign_on").count(), 3);
    assert_eq!(all.iter().filter(|kind| *kind == "sign_off").count(), 3);
    assert_eq!(all.last().map(String::as_str), Some("close"));
    let verified = ledger::verify::verify(&place.path("station-ledger"), &ledger::verify::Options::default());
    assert_eq!(verified.outcome, ledger::verify::Outcome::Fine);
}

#[test]
fn each_look_at_a_patient_is_recorded_and_nothing_else_shows_one() {
    let place = Place::new();
    let running = place.serve();
    let mut browser = Browser::signed_in(&running, "ph-1");
    read_up(&mut browser, 3);
    let lot = "/recall?lot=%3CB%3ELOT%261";
    for page in PAGES.iter().chain(&["/reports/alerts", "/reports/access"]) {
        assert!(!browser.get(page).text().contains(SHOWN), "{page} shows a patient");
    }
    assert_eq!(count(&place, Kind::VIEW), 0);
    browser.get("/patients");
    let found = browser.post("/patients/search", &[("q", "onerror")]);
    assert!(found.status == 200 && found.text().contains(SHOWN));
    assert_eq!(count(&place, Kind::VIEW), 1);
    for (seen, path) in
        ["/patients/0", lot, "/patients/0?format=csv", "/patients/0?format=fhir"].iter().enumerate()
    {
        let got = browser.get(path);
        assert_eq!(got.status, 200, "{path}");
        assert!(got.text().contains(SHOWN) || path.contains("format"), "{path}");
        assert_eq!(count(&place, Kind::VIEW), seen + 2, "{path}");
    }
    // A lot is found as people write it, as by `ledger report recall`.
    assert!(browser.get("/recall?lot=%3Cb%3E+lot%26+1").text().contains(SHOWN));
    assert_eq!(count(&place, Kind::VIEW), 6);
    // A search that finds nobody shows nobody.
    let none = browser.post("/patients/search", &[("q", "zebra")]).text();
    assert!(none.contains("Nobody in the ledger matches"));
    assert_eq!(count(&place, Kind::VIEW), 6);
    let inspector = Inspector::open(&place.path("station-ledger")).unwrap();
    let views =
        (0..inspector.size()).map(|at| inspector.entry(at).unwrap().0).filter(|leaf| leaf.kind == Kind::VIEW);
    for leaf in views {
        assert_eq!(leaf.actor.unwrap().role, "pharmacist");
        assert!(leaf.clear.reason.is_some() && leaf.detached.is_some());
    }
    // An auditor sees that, under pseudonyms.
    let mut auditor = Browser::signed_in(&running, "au-1");
    let text = auditor.get("/access").text();
    assert!(
        text.contains("Who saw which patient") && text.contains("pharmacist") && !text.contains("ph-1"),
        "{text}"
    );
    running.stop();
}

#[test]
fn what_cannot_be_recorded_is_not_shown() {
    let place = Place::new();
    let config = place.config("");
    let station = Station::open(config.station.unwrap(), config.store, config.zone, clock).unwrap();
    station.catch_up(&|| false);
    let asked = |method: axum::http::Method, path: &str, form: &[(&str, &str)], token: Option<&String>| {
        let pairs = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        station.answer(&Asked {
            method,
            path: path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect(),
            query: Vec::new(),
            form: pairs(form),
            token: token.cloned(),
            foreign: false,
            from: [127, 0, 0, 1].into(),
        })
    };
    let get = axum::http::Method::GET;
    let form = asked(get.clone(), "sign-in", &[], None);
    let text = String::from_utf8(form.body).unwrap();
    let csrf = text.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let fields = [("csrf", csrf.as_str()), ("id", "ph-1"), ("password", PASSWORD)];
    let signed = asked(axum::http::Method::POST, "sign-in", &fields, form.token.as_ref());
    assert_eq!(signed.status, 303);
    let shown = asked(get.clone(), "patients/0", &[], signed.token.as_ref());
    assert!(shown.status == 200 && String::from_utf8_lossy(&shown.body).contains(SHOWN));
    station.close();
    let refused = asked(get, "patients/0", &[], signed.token.as_ref());
    let text = String::from_utf8(refused.body).unwrap();
    assert!(
        refused.status == 503 && text.contains("could not be recorded") && !text.contains(SHOWN),
        "{text}"
    );
    // Nor is anybody signed in unrecorded.
    let form = asked(axum::http::Method::GET, "sign-in", &[], None);
    let text = String::from_utf8(form.body).unwrap();
    let csrf = text.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let fields = [("csrf", csrf.as_str()), ("id", "ph-1"), ("password", PASSWORD)];
    let signed = asked(axum::http::Method::POST, "sign-in", &fields, form.token.as_ref());
    assert_eq!((signed.status, signed.token), (503, None));
}

#[test]
fn no_text_of_the_ledger_or_of_a_request_becomes_markup() {
    let place = Place::new();
    let running = place.serve();
    let mut browser = Browser::signed_in(&running, "ph-1");
    read_up(&mut browser, 3);
    let evil = "%3Cscript%3Ealert(9)%3C%2Fscript%3E%22%27%3E%3Cimg%20src%3Dx%3E";
    let mut pages: Vec<String> = PAGES.map(str::to_owned).to_vec();
    pages.extend(["/patients/0".to_owned(), "/recall?lot=%3CB%3ELOT%261".to_owned()]);
    for kind in Report::ALL {
        pages.push(format!("/reports/{}", kind.name()));
    }
    for page in pages.clone() {
        let mark = if page.contains('?') { '&' } else { '?' };
        let names = ["f0", "s0", "p0", "from", "to", "lot", "q", "kind", "value", "format", "zzz"];
        pages.extend(names.map(|name| format!("{page}{mark}{name}={evil}")));
    }
    for page in &pages {
        let got = browser.get(page);
        assert!(matches!(got.status, 200 | 400 | 403 | 404), "{page}: {}", got.status);
        let text = got.text();
        for tag in ["<script", "<img", "<i>", "<b>", "onerror=alert(1)>", "alert(9)</"] {
            let inside = if got.header("content-type") == Some("text/html; charset=utf-8") {
                text.contains(tag)
            } else {
                false
            };
            assert!(!inside, "{page} holds {tag}: {text}");
        }
    }
    browser.get("/patients");
    let found = browser.post("/patients/search", &[("q", "<img src=x")]).text();
    assert!(found.contains(SHOWN) && !found.contains("<img"), "{found}");
    // What was not let through as markup is there as text.
    let text = browser.get("/patients/0").text();
    assert!(
        text.contains(SHOWN)
            && text.contains("&lt;script&gt;alert(2)")
            && text.contains("&lt;B&gt;LOT&amp;1"),
        "{text}"
    );
    assert!(NAME.starts_with('<') && DRUG.starts_with('<') && LOT.starts_with('<'));
    // A header cannot be split, and a file's name is ours.
    let got = browser.get("/reports/alerts?format=csv%0d%0aSet-Cookie:%20x=y");
    assert!(got.status == 400 && !got.head.contains("x=y"), "{}", got.head);
    running.stop();
}

#[test]
fn no_path_leads_to_a_file() {
    let place = Place::new();
    let running = place.serve();
    let mut browser = Browser::signed_in(&running, "au-1");
    let cookie = format!("Cookie: station={}\r\n", browser.cookie.clone().unwrap());
    for path in [
        "/../staff.toml",
        "/../../../../etc/passwd",
        "/style.css/../staff.toml",
        "/reports/..%2f..%2fetc%2fpasswd",
        "/reports/%2e%2e/%2e%2e/staff.toml",
        "/patients/../../ledger/keys/device.key",
        "/patients/%00",
        "/patients/-1",
        "/patients/99999999999999999999",
        "/ledger/keys",
        "//etc/passwd",
        "/%c0%ae%c0%ae/etc/passwd",
        "/reports/alerts/more",
        "http://elsewhere/etc/passwd",
    ] {
        let got =
            browser.raw(&format!("GET {path} HTTP/1.1\r\nHost: s\r\nConnection: close\r\n{cookie}\r\n"));
        let text = got.text();
        assert!(matches!(got.status, 400 | 403 | 404), "{path}: {} {text}", got.status);
        assert!(!text.contains("root:") && !text.contains("argon2id"), "{path}");
    }
    assert_eq!(browser.get("/").status, 200, "it still answers");
    running.stop();
}

#[test]
fn a_form_of_another_site_or_session_changes_nothing() {
    let place = Place::new();
    let running = place.serve();
    let mut browser = Browser::signed_in(&running, "ph-1");
    let mut other = Browser::signed_in(&running, "ph-2");
    browser.get("/barcodes");
    other.get("/barcodes");
    let (own, foreign) = (browser.csrf.clone(), other.csrf.clone());
    assert_ne!(own, foreign);
    let fields = [("kind", "ndc"), ("value", "1234-5678-90"), ("item", "metoprolol-25")];
    let same = "Sec-Fetch-Site: same-origin\r\n";
    for (csrf, more) in [
        ("", same),
        (foreign.as_str(), same),
        ("0000000000000000000000000000000000000000000000000000000000000000", same),
        (own.as_str(), "Sec-Fetch-Site: cross-site\r\n"),
        (own.as_str(), "Sec-Fetch-Site: same-site\r\n"),
    ] {
        for path in ["/barcodes/propose", "/barcodes/approve", "/ledger/verify", "/sign-out"] {
            let got = browser.forge(path, &fields, csrf, more);
            assert!(
                got.status == 403 && got.text().contains("Nothing was done"),
                "{path} {more}: {}",
                got.status
            );
        }
    }
    assert_eq!(browser.get("/").status, 200, "nobody was signed out");
    assert!(Store::open(&place.path("store")).unwrap().links().unwrap().is_empty());
    // The form of the sign-in is guarded, too: nobody is signed in as somebody else.
    let mut victim = Browser::new(&running);
    victim.get("/sign-in");
    let got = victim.forge("/sign-in", &[("id", "ph-1"), ("password", PASSWORD)], &own, same);
    assert_eq!(got.status, 403);
    assert_eq!(victim.get("/").status, 303);
    // A GET changes nothing, and a form that is too long is not read.
    assert_eq!(browser.get("/barcodes/propose?kind=ndc&value=1234-5678-90&item=metoprolol-25").status, 404);
    let long = "x".repeat(20_000);
    assert_eq!(browser.post("/barcodes/propose", &[("kind", &long)]).status, 413);
    assert!(Store::open(&place.path("store")).unwrap().links().unwrap().is_empty());
    running.stop();
}

#[test]
fn a_planted_session_leads_nowhere_and_cookies_are_kept_from_scripts() {
    let place = Place::new();
    let running = place.serve();
    // A token that the attacker chose is never taken over.
    let mut chosen = Browser::new(&running);
    chosen.cookie = Some("a".repeat(64));
    let got = chosen.get("/sign-in");
    let set = got.header("set-cookie").unwrap();
    assert!(
        !set.contains(&"a".repeat(64)) && set.contains("; HttpOnly") && set.contains("; SameSite=Strict"),
        "{set}"
    );
    // One that the station made before the sign-in is worth nothing after it.
    let planted = chosen.cookie.clone();
    let got = chosen.post("/sign-in", &[("id", "ph-1"), ("password", PASSWORD)]);
    assert_eq!(got.status, 303);
    assert_ne!(chosen.cookie, planted);
    let mut attacker = Browser::new(&running);
    attacker.cookie = planted;
    assert_eq!(attacker.get("/").status, 303);
    // After signing out the token is worth nothing either.
    let kept = chosen.cookie.clone();
    chosen.get("/");
    assert_eq!(chosen.post("/sign-out", &[]).status, 303);
    attacker.cookie = kept;
    assert_eq!(attacker.get("/").status, 303);
    running.stop();
}

#[test]
fn guessing_passwords_locks_the_id_and_is_recorded() {
    let place = Place::new();
    let running = place.serve();
    let mut browser = Browser::new(&running);
    let mut said = Vec::new();
    for (id, password) in
        [("ph-1", "wrong"), ("nobody", PASSWORD), ("", ""), ("ph-1'--", "x"), ("ph-1", "<script>")]
    {
        let got = browser.try_sign_in(id, password);
        assert_eq!(got.status, 403);
        said.push(got.text().replace(&browser.csrf, ""));
    }
    assert!(said.windows(2).all(|two| two[0] == two[1]), "an answer tells whether an id is known");
    for _ in 0..3 {
        assert_eq!(browser.try_sign_in("ph-1", "wrong").status, 403);
    }
    // Locked: the right password is refused, in another case of the id and from a new browser, too.
    assert_eq!(browser.try_sign_in("ph-1", PASSWORD).status, 403);
    assert_eq!(Browser::new(&running).try_sign_in("ph-1", PASSWORD).status, 403);
    assert_eq!(Browser::new(&running).try_sign_in("PH-1", PASSWORD).status, 403);
    // Others are not locked out by that.
    assert_eq!(Browser::new(&running).try_sign_in("ph-2", PASSWORD).status, 303);
    assert_eq!(count(&place, Kind::SIGN_ON_REFUSED), 8);
    running.stop();
}

/// PH6: the picture of the package, for who may see patients, each look recorded before it leaves.
#[test]
fn ph6_the_picture_of_an_unknown_package_is_shown_and_each_look_recorded() {
    let place = Place::new();
    let running = place.serve();
    let mut first = Browser::signed_in(&running, "ph-1");
    read_up(&mut first, 3);
    assert!(first.get("/barcodes").text().contains("No picture is kept"));
    let jpeg = [0xFF, 0xD8, 1, 2, 3, 0xFF, 0xD9];
    let entry = place.keep_picture(&jpeg);
    let list = first.get("/barcodes").text();
    let link = format!("href=\"/barcodes/{entry}\"");
    assert!(list.contains(&link) && list.contains("not in the drug file"), "{list}");
    let page = first.get(&format!("/barcodes/{entry}"));
    assert_eq!(page.status, 200);
    assert!(page.text().contains(&format!("/barcodes/{entry}?format=jpeg")) && !page.text().contains(NAME));
    let looks = |place: &Place| count(place, Kind::VIEW);
    let before = looks(&place);
    let got = first.get(&format!("/barcodes/{entry}?format=jpeg"));
    assert_eq!((got.status, got.header("content-type"), &got.body[..]), (200, Some("image/jpeg"), &jpeg[..]));
    assert_eq!(looks(&place), before + 1);
    for path in ["/barcodes/0", "/barcodes/999999999", "/barcodes/../ledger", "/barcodes/x"] {
        assert_ne!(first.get(path).status, 200, "{path}");
    }
    assert_eq!(first.get(&format!("/barcodes/{entry}?format=gif")).status, 400);
    let mut nobody = Browser::new(&running);
    assert_eq!(nobody.get(&format!("/barcodes/{entry}?format=jpeg")).status, 303);
    let mut administrator = Browser::signed_in(&running, "ad-1");
    assert_eq!(administrator.get(&format!("/barcodes/{entry}?format=jpeg")).status, 403);
    assert_eq!(looks(&place), before + 1);
    running.stop();
}

#[test]
fn two_people_link_an_unknown_code_and_one_cannot() {
    let mut place = Place::new();
    let running = place.serve();
    let mut first = Browser::signed_in(&running, "ph-1");
    read_up(&mut first, 3);
    // The kiosk goes on while the station runs: what it records is seen.
    place.shift.sign_on();
    place.shift.identify(common::station::MRN);
    unknown_code(&mut place.shift);
    let text = first.get("/barcodes").text();
    assert!(text.contains("9980123499"), "{text}");
    let fields = [("kind", "ndc"), ("value", "99801-234-99"), ("item", "metoprolol-25")];
    for (wrong, said) in [
        ([("kind", "ndc"), ("value", "1"), ("item", "metoprolol-25")], "Nothing was changed"),
        (
            [("kind", "ndc"), ("value", "99801-234-99"), ("item", "<b>nothing</b>")],
            "is no item of the drug file",
        ),
    ] {
        let got = first.post("/barcodes/propose", &wrong);
        assert!(
            got.status == 400 && got.text().contains(said) && !got.text().contains("<b>"),
            "{}",
            got.text()
        );
    }
    assert_eq!(first.post("/barcodes/propose", &fields).header("location"), Some("/barcodes"));
    let text = first.get("/barcodes").text();
    assert!(text.contains("waits for another person") && !text.contains("I looked at the package"), "{text}");
    let got = first.post("/barcodes/approve", &[("number", "1")]);
    assert!(got.status == 400 && got.text().contains("another person"), "{}", got.text());
    let mut auditor = Browser::signed_in(&running, "au-1");
    assert!(auditor.get("/barcodes").text().contains("waits for a second pharmacist"));
    assert_eq!(auditor.post("/barcodes/approve", &[("number", "1")]).status, 403);
    let mut second = Browser::signed_in(&running, "ph-2");
    assert!(second.get("/barcodes").text().contains("I looked at the package: approve"));
    for number in ["", "x", "7"] {
        assert_eq!(second.post("/barcodes/approve", &[("number", number)]).status, 400);
    }
    assert_eq!(second.post("/barcodes/approve", &[("number", "1")]).status, 303);
    let text = second.get("/barcodes").text();
    assert!(text.contains("approved by ph-2") && text.contains("No unknown code was scanned"), "{text}");
    let links = Store::open(&place.path("store")).unwrap().links().unwrap();
    assert_eq!(
        (links.len(), links[0].by.as_str(), links[0].approved_by.as_deref()),
        (1, "ph-1", Some("ph-2"))
    );
    assert_eq!(links[0].on, clock().to_zoned(rules().zone).date());
    assert!(links[0].on > TODAY);
    running.stop();
}

#[test]
fn files_are_those_of_the_command_line_and_tables_sort_and_filter_by_address() {
    let place = Place::new();
    let running = place.serve();
    let mut browser = Browser::signed_in(&running, "au-1");
    read_up(&mut browser, 3);
    let (from, to) = ("2026-11-30".parse().unwrap(), "2026-12-01".parse().unwrap());
    for kind in Report::ALL {
        let page = report(&place.path("ledger"), kind, Some(&from), Some(&to)).unwrap();
        let path = format!("/reports/{}?from=2026-11-30&to=2026-12-01&format=", kind.name());
        for (form, format) in [("csv", Format::Csv), ("json", Format::Json), ("html", Format::Html)] {
            let got = browser.get(&format!("{path}{form}"));
            assert_eq!(got.text(), page.print(format), "{path}{form}");
            let file = format!("attachment; filename=\"{}.{form}\"", kind.name());
            assert_eq!(got.header("content-disposition"), Some(file.as_str()));
        }
        assert_eq!(browser.get(&format!("{path}pdf")).body, ledger::report::pdf(&page).unwrap());
        let text = browser.get(path.trim_end_matches("&format=")).text();
        let root = page.fact("root hash").unwrap();
        let drawn = page.plots.iter().filter(|plot| !plot.is_empty()).count();
        assert!(text.contains(root) && text.matches("<svg role=\"img\"").count() == drawn, "{text}");
    }
    let wrong = browser.get("/reports/alerts?from=yesterday");
    assert!(wrong.status == 400 && wrong.text().contains("expected an instant such as"), "{}", wrong.text());
    let none = browser.get("/reports/alerts?from=2031-01-01").text();
    assert!(none.contains("Choose another range"), "{none}");
    // Sorting and filtering.
    let order = |text: &str| -> Vec<usize> {
        ["refused</td>", "given</td>"].iter().map(|word| text.find(word).unwrap_or(usize::MAX)).collect()
    };
    let up = order(&browser.get("/patients/0?s0=3").text());
    let down = order(&browser.get("/patients/0?s0=-3").text());
    assert!(up[1] < up[0] && down[0] < down[1], "{up:?} {down:?}");
    let filtered = browser.get("/patients/0?f0=REFUSED").text();
    assert!(filtered.contains("1 of 3 rows") && !filtered.contains("given</td>"), "{filtered}");
    // FHIR: what the outbox would send.
    let got = browser.get("/patients/0?format=fhir");
    let bundle: serde_json::Value = serde_json::from_slice(&got.body).unwrap();
    let entries = bundle["entry"].as_array().unwrap();
    assert_eq!(
        (entries.len(), entries[0]["resource"]["resourceType"].as_str()),
        (3, Some("MedicationAdministration"))
    );
    let csv = browser.get("/recall?lot=%3CB%3ELOT%261&format=csv").text();
    assert_eq!(csv.lines().count(), 3, "{csv}");
    // Verification on demand says what the command line says.
    browser.get("/ledger");
    assert_eq!(browser.post("/ledger/verify", &[]).status, 303);
    let text = browser.get("/ledger").text();
    let root = Inspector::open(&place.path("ledger")).unwrap();
    let root = ledger::hash::hex(&root.root(root.size()).unwrap());
    assert!(text.contains("<dd>valid</dd>") && text.matches(&root).count() == 2, "{text}");
    running.stop();
}

#[test]
fn the_fhir_file_has_the_doses_of_the_page_as_they_stand() {
    let mut place = Place::new();
    let shift = &mut place.shift;
    shift.now = clock() - jiff::SignedDuration::from_mins(10);
    shift.chart.orders_as_of = Some(shift.now);
    let started = shift.infuse(MRN);
    let act = follow_up::Act::Infusion(InfusionStep::Completed);
    let reason = Some(ReasonCode::parse("completed").unwrap());
    let of = started.entry.unwrap();
    shift.handle(rights::bedside::Event::Chart(Charted { of, act, reason, note: None }));
    shift.handle(rights::bedside::Event::Continue);
    let wrong = shift.chart.history.iter().rev().find(|done| done.rate.is_none()).unwrap();
    let (of, act) = (wrong.entry.unwrap(), follow_up::Act::EnteredInError);
    let reason = Some(ReasonCode::parse("not-taken").unwrap());
    shift.handle(rights::bedside::Event::Chart(Charted { of, act, reason, note: None }));
    let running = place.serve();
    let mut browser = Browser::signed_in(&running, "ph-1");
    read_up(&mut browser, 4);
    let mut file = |range: &str| -> Vec<String> {
        let got = browser.get(&format!("/patients/0?format=fhir{range}"));
        let bundle: serde_json::Value = serde_json::from_slice(&got.body).unwrap();
        let entries = bundle["entry"].as_array().unwrap().iter();
        entries.map(|entry| entry["resource"]["status"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(file(""), ["completed", "not-done", "entered-in-error", "completed"]);
    assert_eq!(file("&from=2026-12-01"), ["entered-in-error", "completed"]);
    assert_eq!(file("&to=2026-11-30T12:00"), ["completed"]);
    running.stop();
}

#[test]
fn the_program_hashes_passwords_and_names_what_is_missing() {
    let password = |text: &str| {
        use std::io::Write as _;
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_exchange"))
            .args(["station", "password"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let text =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code(), text)
    };
    let (code, line) = password("several words in a row\n");
    assert!(code == Some(0) && line.starts_with("password = \"$argon2id$v=19$m=19456,t=2,p=1$"), "{line}");
    assert_ne!(password("several words in a row\n").1, line, "each has its own salt");
    let (code, said) = password("short\n");
    assert!(code == Some(2) && said.contains("fewer than 15 characters"), "{said}");
    let place = Place::new();
    let serve = |more: &str| {
        let _ = place.config(more);
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_exchange"))
            .args(["serve", "--check", "--config"])
            .arg(place.path("exchange.toml"))
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(serve("").0, Some(0));
    std::fs::rename(place.path("station-ledger"), place.path("elsewhere")).unwrap();
    let (code, said) = serve("");
    assert!(code == Some(2) && said.contains("station record") && said.contains("ledger init"), "{said}");
    std::fs::rename(place.path("elsewhere"), place.path("station-ledger")).unwrap();
    std::fs::write(place.path("staff.toml"), "").unwrap();
    let (code, said) = serve("");
    assert!(
        code == Some(2) && said.contains("station staff") && said.contains("nobody stands in it"),
        "{said}"
    );
}

/// PH7: a code may hold no lot. Such a dose may be of the recalled one: it stands beside those of the lot, and whoever is named there was
/// looked at.
#[test]
fn ph7_doses_without_a_recorded_lot_stand_beside_those_of_the_lot() {
    let mut place = Place::new();
    let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
    place.shift.now = at("2026-12-02T02:00:00Z");
    place.shift.chart.orders_as_of = Some(place.shift.now);
    place.shift.prints_lot = false;
    place.shift.sign_on();
    place.shift.give(MRN, "ORD1.CPOE", at("2026-12-02T02:00:00Z"));
    assert_eq!(place.shift.recorded, 4);
    let running = place.serve();
    let mut browser = Browser::signed_in(&running, "ph-1");
    read_up(&mut browser, 4);
    let text = browser.get("/recall").text();
    assert!(text.contains("leaves none in the ledger") && text.contains("one kiosk"), "{text}");
    let lot = "/recall?lot=%3CB%3ELOT%261";
    let text = browser.get(lot).text();
    assert!(text.contains("<strong>1 patient, 2 doses</strong> of lot"), "{text}");
    assert!(text.contains("<strong>1 patient, 1 dose</strong> that may be of it"), "{text}");
    assert_eq!(text.matches(">not recorded</td>").count(), 1, "{text}");
    assert!(text.contains("leaves none in the ledger"), "{text}");
    let csv = browser.get(&format!("{lot}&format=csv")).text();
    let rows: Vec<&str> = csv.lines().collect();
    assert!(
        rows.len() == 4 && rows[0].ends_with(",entry,lot") && rows[3].ends_with(",not recorded"),
        "{csv}"
    );
    // A lot that stands nowhere says nothing of its item: who asks names it, and only then is somebody shown.
    let looks = count(&place, Kind::VIEW);
    let text = browser.get("/recall?lot=NOSUCH").text();
    assert!(text.contains("lot=NOSUCH&amp;item=metoprolol-25") && text.contains("1 dose<"), "{text}");
    assert!(!text.contains(SHOWN) && count(&place, Kind::VIEW) == looks, "{text}");
    let text = browser.get("/recall?lot=NOSUCH&item=metoprolol-25").text();
    assert!(text.contains(SHOWN) && text.contains("<strong>1 patient, 1 dose</strong> that may"), "{text}");
    assert_eq!(count(&place, Kind::VIEW), looks + 1);
    // Another item of the same notice can be looked at from there.
    let text = browser.get("/recall?lot=NOSUCH&item=warfarin-5").text();
    assert!(text.contains("names another item") && text.contains("item=metoprolol-25"), "{text}");
    running.stop();
}

#[test]
fn a_discrepancy_is_explained_by_two_pharmacists_and_closed_and_each_step_is_an_entry() {
    let place = Place::new();
    let running = place.serve();
    let mut browser = Browser::signed_in(&running, "ph-1");
    for name in ["doses", "diversion", "missed", "turnaround", "barcodes", "discrepancies"] {
        let got = browser.get(&format!("/reports/{name}"));
        assert!(got.status == 200 && got.text().contains("root hash"), "{name}: {}", got.text());
        assert_eq!(browser.get(&format!("/reports/{name}?format=pdf")).status, 200, "{name}");
        // The dispense file and the orders are the ward's, the ledger one kiosk's; barcodes are held against nothing.
        let warned = "was read and no other ledger";
        let csv = browser.get(&format!("/reports/{name}?format=csv")).text();
        for text in [got.text(), csv] {
            assert_eq!(text.contains(warned), name != "barcodes", "{name}: {text}");
            assert_eq!(text.contains("LEDGER-1 LEDGER-2"), name != "barcodes", "{name}: {text}");
        }
    }
    let text = browser.get("/discrepancies").text();
    let warned = text.find("was read and no other ledger").unwrap();
    assert!(warned < text.find("<table").unwrap(), "before what it is about: {text}");
    let name = text.split("?of=").nth(1).unwrap().split('#').next().unwrap().to_owned();
    let named = form_urlencoded::parse(format!("of={name}").as_bytes()).next().unwrap().1.into_owned();
    let page = format!("/discrepancies?of={name}");
    let text = browser.get(&page).text();
    assert!(text.contains("Explain, with both signatures") && !text.contains("Close it"), "{text}");
    let steps = |place: &Place| count(place, Kind::DISCREPANCY);
    let note = "counted again with the cabinet, two tablets found <b>";
    let good = [("of", named.as_str()), ("note", note), ("second", "ph-2"), ("password", PASSWORD)];
    let with = |at: usize, value: &'static str| {
        let mut fields = good;
        fields[at].1 = value;
        fields
    };
    for (fields, status, said) in [
        (with(2, "ph-1"), 400, "somebody else"),
        (with(2, "au-1"), 400, "second signature was not accepted"),
        (with(3, "wrong"), 400, "second signature was not accepted"),
        (with(1, "short"), 400, "at least 10 characters"),
        (with(0, "NO-SUCH"), 404, "no such page"),
    ] {
        let got = browser.post("/discrepancies/explain", &fields);
        assert!(got.status == status && got.text().contains(said), "{} {}", got.status, got.text());
    }
    let got = browser.post("/discrepancies/close", &[("of", &named)]);
    assert!(got.status == 400 && got.text().contains("not explained yet"), "{}", got.text());
    let mut auditor = Browser::signed_in(&running, "au-1");
    assert!(auditor.get(&page).text().contains("A pharmacist explains and closes it"));
    assert_eq!(auditor.post("/discrepancies/explain", &good).status, 403);
    assert_eq!(steps(&place), 0);
    assert_eq!(browser.post("/discrepancies/explain", &good).status, 303);
    let text = browser.get(&page).text();
    assert!(text.contains("two tablets found &lt;b&gt;") && text.contains("Close it"), "{text}");
    assert_eq!(browser.post("/discrepancies/close", &[("of", &named)]).status, 303);
    let text = browser.get(&page).text();
    assert!(text.contains("Nothing more can be recorded"), "{text}");
    assert_eq!(browser.post("/discrepancies/explain", &good).status, 400);
    assert_eq!(steps(&place), 2);
    // A dispense file that cannot be used says so, with line and reason.
    std::fs::write(place.path("dispenses.csv"), "id,at,kind\n").unwrap();
    running.stop();
    let running = place.serve();
    let mut browser = Browser::signed_in(&running, "ph-1");
    let text = browser.get("/discrepancies").text();
    assert!(text.contains("There is no list") && text.contains("dispenses.csv"), "{text}");
    running.stop();
}
