//! The acceptance checks of exchange.md section 7 that go through a bedside session, the drug file or the examples. Numbers 1, 4 and
//! 12 are in `hl7_in.rs`, 5 in `requests.rs`, 6 and 10 in `reference.rs`, 8 in `outbox.rs`, 9 in `peers.rs`.

mod common;

use common::feed::{Feed, message, order};
use common::shift::Shift;
use common::{TODAY, drugs, rules};
use exchange::drugs::{self as drug_file, DrugSources};
use jiff::{SignedDuration, Timestamp};
use rights::bedside::{Event, Phase};
use rights::case::Choice;
use rights::ident::{Gtin14, RequestId};
use rights::product::Resolution;
use rights::scan::PackageKey;

const MRN: &str = "300001";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn open_session(feed: &mut Feed, dir: &std::path::Path) -> Shift {
    feed.take(&message("ADT^A01", "1", MRN, ""));
    feed.take(&message("ADT^A01", "1b", "300002", ""));
    feed.take(&message("RDE^O11", "2", MRN, &order("NW", "ORD1")));
    let mut shift = Shift::new(&dir.join("ledger"), feed.site(), at("2026-11-30T14:05:00Z"), rules().zone);
    shift.sign_on();
    shift.identify(MRN);
    shift.scan_package();
    let slot = Some(at("2026-11-30T14:00:00Z"));
    shift.handle(Event::Choose(Choice { request: RequestId::parse("ORD1.CPOE").unwrap(), version: 1, slot }));
    assert!(matches!(shift.bedside.phase(), Phase::Dose(_)));
    let _ = feed.live.news().unwrap();
    shift
}

/// What the kiosk does when there is news: reload, keep what it recorded itself.
fn reload(shift: &mut Shift, feed: &mut Feed) {
    let site = feed.site();
    (shift.chart.patients, shift.chart.requests) = (site.chart.patients, site.chart.requests);
}

#[test]
fn acceptance_2_a_stop_between_scan_and_confirm_is_found() {
    let (mut feed, dir) = (Feed::new(), tempfile::tempdir().unwrap());
    let mut shift = open_session(&mut feed, dir.path());
    feed.take(&message("RDE^O11", "3", MRN, &order("DC", "ORD1")));
    assert!(!feed.live.news().unwrap().is_empty());
    reload(&mut shift, &mut feed);
    shift.answer_and_confirm("workload");
    assert_eq!(shift.recorded, 0, "nothing was given");
}

#[test]
fn acceptance_3_a40_during_an_open_session_ends_it() {
    for mut shift_and_feed in [("300002", MRN), (MRN, "300002")] {
        let (mut feed, dir) = (Feed::new(), tempfile::tempdir().unwrap());
        let mut shift = open_session(&mut feed, dir.path());
        let (survivor, retired) = std::mem::take(&mut shift_and_feed);
        feed.take(&message("ADT^A40", "3", survivor, &format!("MRG|{retired}^^^GEN^MR\r")));
        let news = feed.live.news().unwrap();
        let open = shift.bedside.patient().unwrap().id.clone();
        assert_eq!(news.ends_session(&open), retired == MRN, "the retired record is the one in the session");
        reload(&mut shift, &mut feed);
        shift.answer_and_confirm("workload");
        if retired == MRN {
            assert_eq!(shift.recorded, 0, "even when nobody ended the session: the commit finds it");
        } else {
            assert_eq!(shift.recorded, 1, "the survivor's own session goes on");
        }
    }
}

#[test]
fn acceptance_7_codes_that_are_none_never_enter_the_drug_file() {
    let head = "item,type,value,added_by,verified_by,from,to\n";
    let line = |kind: &str, value: &str| format!("lispro,{kind},{value},A,B,2026-01-01,\n");
    for (kind, value, why) in [
        ("gtin", "00305910369014", "check digit"),
        ("gtin", "00305910369", "digits"),
        ("ndc", "00591036901", "hyphens"),
        ("ndc", "123456-0001-0", "hyphens"),
        ("gtin", "(715)123456000101", "digits"),
    ] {
        let barcodes = format!("{head}{}", line(kind, value));
        let sources = DrugSources {
            items: ("items.csv", common::ITEMS.as_bytes()),
            barcodes: Some(("barcodes.csv", barcodes.as_bytes())),
            recalls: None,
        };
        let file = drug_file::read(sources, &rules().units, TODAY).unwrap();
        assert_eq!(file.rejections.len(), 1, "{value}");
        assert!(file.rejections[0].reason.contains(why), "{}", file.rejections[0]);
    }
    // A 6-4-2 code lives under AI (715) and has no GTIN embedding: the two are never taken for each other.
    let ndc = exchange::ndc::Ndc::parse("123456-0001-01").unwrap();
    assert!(ndc.gtin().is_err());
    let gtin = Gtin14::parse("00304560001013");
    assert!(
        gtin.is_err() || drugs().formulary.resolve(&PackageKey::Gtin(gtin.unwrap())) == Resolution::Unknown
    );
}

/// Both nights: hourly doses keep their elapsed time, daily ones their wall time; from HL7 as from FHIR.
#[test]
fn acceptance_11_both_nights_of_the_clock_change() {
    let mut feed = Feed::new();
    feed.take(&message("ADT^A01", "1", MRN, ""));
    let tq1 = |start: &str, code: &str, times: &str| {
        order("NW", code)
            .replace("TQ1|1||BID|0900~2100|||20261129090000-0500", &format!("TQ1|1||{times}|||{start}"))
            .replace("^BID|", "|")
    };
    feed.take(&message("RDE^O11", "2", MRN, &tq1("202610312340-0400", "HOURLY", "Q2H|")));
    feed.take(&message("RDE^O11", "3", MRN, &tq1("202603070230-0500", "DAILY", "DAILY|0230")));
    let site = feed.site();
    let slots = |id: &str, from: &str, hours: i64| -> Vec<String> {
        let request = site.chart.request(&RequestId::parse(id).unwrap()).unwrap();
        let (from, to) = (at(from), at(from) + SignedDuration::from_hours(hours));
        let all = request.timing.slots(request.start, request.stop, &rules().zone, from, to);
        all.iter()
            .filter(|slot| slot.due >= from && slot.due <= to)
            .map(|slot| slot.due.to_string())
            .collect()
    };
    let autumn = slots("HOURLY.CPOE", "2026-11-01T03:40:00Z", 6);
    assert_eq!(
        autumn,
        ["2026-11-01T03:40:00Z", "2026-11-01T05:40:00Z", "2026-11-01T07:40:00Z", "2026-11-01T09:40:00Z"]
    );
    let spring = slots("DAILY.CPOE", "2026-03-07T00:00:00Z", 72);
    assert_eq!(spring, ["2026-03-07T07:30:00Z", "2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z"]);
}
