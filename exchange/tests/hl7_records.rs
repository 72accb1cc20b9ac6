//! ADT beyond admissions: allergies one by one (IAM), beds that are exchanged, records that are merged in a chain.

mod common;

use common::feed::{Feed, message, now, order, with_visit};
use exchange::hl7::ack::AckCode;
use jiff::SignedDuration;
use rights::ident::PatientId;
use rights::person::Allergen;
use rights::request::RequestStatus;

const MRN: &str = "300001";

fn admitted() -> Feed {
    let feed = Feed::new();
    assert_eq!(feed.take(&message("ADT^A01", "1", MRN, "")).code, AckCode::Accept);
    feed
}

fn id(mrn: &str) -> PatientId {
    PatientId::parse(&format!("{mrn}.GEN")).unwrap()
}

fn allergies(feed: &mut Feed) -> Vec<String> {
    let site = feed.site();
    let patient = site.chart.patient(&id(MRN)).unwrap();
    assert!(
        patient.allergies.iter().all(|allergy| allergy.to != Allergen::TextOnly || !allergy.text.is_empty())
    );
    patient.allergies.iter().map(|allergy| allergy.text.clone()).collect()
}

/// A60: each IAM changes one allergy by its action code (v2.5.1 section 3.4.7, table 0323).
#[test]
fn a60_adds_updates_and_deletes_allergies() {
    let mut feed = admitted();
    let accepted = |feed: &Feed, id: &str, kind: &str, more: &str| {
        let reply = feed.take(&message(kind, id, MRN, more));
        assert_eq!(reply.code, AckCode::Accept, "{}", reply.text);
    };
    let two = "IAM|1|DA|penicillins^Penicillins^99CLASS|SV|Anaphylaxis|A|AL-1^CPOE||||||20260101\r\
               IAM|2|DA|7980^Penicillin G^RXNORM|MO||A^ADD\r";
    accepted(&feed, "2", "ADT^A60", two);
    assert_eq!(allergies(&mut feed), ["Penicillins (Anaphylaxis)", "Penicillin G"]);
    let class = feed.site().chart.patient(&id(MRN)).unwrap().allergies[0].to.clone();
    assert!(matches!(class, Allergen::Class(_)));
    // By its number, then by its substance; what is not changed stays.
    accepted(&feed, "3", "ADT^A60", "IAM|1|DA|penicillins^Penicillins^99CLASS|SV|Rash|U|AL-1^CPOE\r");
    assert_eq!(allergies(&mut feed), ["Penicillins (Rash)", "Penicillin G"]);
    accepted(&feed, "4", "ADT^A60", "IAM|1|DA|7980^Penicillin G^RXNORM|||D\rIAM|2|DA|x^Else^L|||X\r");
    assert_eq!(allergies(&mut feed), ["Penicillins (Rash)"]);
    // In another ADT, too; an update of one that is not known is a warning too many, not one too few.
    accepted(&feed, "5", "ADT^A08", "IAM|1|DA|latex^Latex^L|||U|AL-2^CPOE\r");
    assert_eq!(allergies(&mut feed), ["Penicillins (Rash)", "Latex"]);
    accepted(&feed, "6", "ADT^A60", "IAM|1|DA|else^Else^L|||D|AL-2^CPOE\r");
    assert_eq!(allergies(&mut feed), ["Penicillins (Rash)"]);
    let mut feed = feed.reopened();
    assert_eq!(allergies(&mut feed), ["Penicillins (Rash)"]);
}

#[test]
fn an_allergy_whose_change_cannot_be_told_is_refused() {
    let mut feed = admitted();
    feed.take(&message("ADT^A60", "2", MRN, "IAM|1|DA|latex^Latex^L|||A|AL-2^CPOE\r"));
    for (at, (more, why)) in [
        ("", "IAM"),
        ("IAM|1|DA|nuts^Nuts^L|||D\r", "not known here"),
        ("IAM|1|DA||||A\r", "IAM-3"),
        ("IAM|1|DA|latex^Latex^L|||U|AL-2^CPOE||||||||||E\r", "IAM-17"),
        ("IAM|1|DA|latex^Latex^L|||D|AL-2^CPOE\rIAM|2|DA||||Z\r", "IAM-6"),
    ]
    .into_iter()
    .enumerate()
    {
        let reply = feed.take(&message("ADT^A60", &format!("bad{at}"), MRN, more));
        assert!(reply.code == AckCode::Error && reply.text.contains(why), "{more}: {}", reply.text);
        assert_eq!(allergies(&mut feed), ["Latex"], "nothing is taken away");
    }
}

/// What a message adds to the allergies of a known patient is a warning, and outlives its refusal; what it takes away does not.
#[test]
fn an_allergy_is_not_lost_with_the_rest_of_its_message() {
    const NUTS: &str = "AL1|1|DA|nuts^Nuts^L\r";
    let unknown = order("ZZ", "O1");
    let no_day = |kind: &str, more: &str| message(kind, "2", MRN, more).replacen("|19500203|", "|never|", 1);
    for (refused, why) in [
        (message("RDE^O11", "2", MRN, &format!("{NUTS}{unknown}")), "ORC-1"),
        (message("RDE^O11", "2", MRN, NUTS), "ORC"),
        (
            message(
                "RDE^O11",
                "2",
                MRN,
                &format!("IAM|1|DA|latex^Latex^L|||D\rIAM|2|DA|nuts^Nuts^L|||A\r{unknown}"),
            ),
            "ORC-1",
        ),
        (no_day("ADT^A08", NUTS), "PID-7"),
        (no_day("ADT^A60", "IAM|1|DA|nuts^Nuts^L|||A\r"), "PID-7"),
        (message("ADT^A60", "2", MRN, NUTS), "IAM"),
        (message("ADT^A60", "2", MRN, "IAM|1|DA|nuts^Nuts^L|||A\rIAM|2|DA|x^X^L|||D\r"), "IAM-3"),
        (message("ADT^A60", "2", MRN, "IAM|1|DA|nuts^Nuts^L|||\r"), "IAM-6"),
    ] {
        let mut feed = admitted();
        feed.take(&message("ADT^A08", "list", MRN, "AL1|1|DA|latex^Latex^L\r"));
        for _ in 0..2 {
            let reply = feed.take(&refused);
            assert!(reply.code == AckCode::Error && reply.text.contains(why), "{refused}: {}", reply.text);
            assert_eq!(allergies(&mut feed), ["Latex", "Nuts"], "{refused}");
            assert!(feed.site().chart.requests.is_empty());
        }
        // A test system adds nothing.
        let test = refused.replacen("|2|P|2.5.1", "|3|T|2.5.1", 1).replace("nuts^Nuts", "eggs^Eggs");
        assert_eq!(feed.take(&test).code, AckCode::Reject);
        assert_eq!(allergies(&mut feed), ["Latex", "Nuts"]);
    }
}

/// Beside a visit or an order an IAM that cannot be carried out changes nothing, refuses nothing, and is said.
#[test]
fn an_odd_allergy_beside_something_else_is_noted() {
    let mut feed = admitted();
    feed.take(&message("ADT^A60", "2", MRN, "IAM|1|DA|latex^Latex^L|||A|AL-2^CPOE\r"));
    let odd = [
        ("IAM|1|DA|nuts^Nuts^L|||D\r", "not known here"),
        ("IAM|1|DA||||A\r", "IAM-3"),
        ("IAM|1|DA|latex^Latex^L|||U|AL-2^CPOE||||||||||I\r", "IAM-17"),
    ];
    for kind in ["ADT^A01", "ADT^A02", "ADT^A08", "RDE^O11"] {
        for (at, (iam, why)) in odd.into_iter().enumerate() {
            let id = format!("{}{at}", &kind[4..]);
            let more = if kind == "RDE^O11" { format!("{iam}{}", order("NW", &id)) } else { iam.to_owned() };
            let reply = feed.take(&message(kind, &id, MRN, &more));
            assert_eq!(reply.code, AckCode::Accept, "{iam}: {}", reply.text);
            assert_eq!(allergies(&mut feed), ["Latex"]);
            let view = feed.db.view().unwrap();
            let last = view.message(view.messages().unwrap()).unwrap().unwrap();
            assert!(last.notes.iter().any(|note| note.contains(why)), "{:?}", last.notes);
        }
    }
    // What is clear beside it is taken, and what may be a new one is not lost.
    let both = format!("{}IAM|2|DA|nuts^Nuts^L|||A\rIAM|3|DA|eggs^Eggs^L|||\r", odd[1].0);
    assert_eq!(feed.take(&message("ADT^A03", "9", MRN, &both)).code, AckCode::Accept);
    assert_eq!(allergies(&mut feed), ["Latex", "Nuts", "Eggs"]);
}

/// `AL1|1|DA` is how some say that nothing is known: neither a stop nor a discharge waits for its correction.
#[test]
fn an_odd_entry_of_a_list_of_allergies_is_noted() {
    let latex = "AL1|1|DA|latex^Latex^L\r";
    for (odd, after) in [
        ("AL1|1|DA\r", vec!["Latex"]),
        ("AL1|1|DA||SV|Rash\rAL1|2|DA|nuts^Nuts^L\r", vec!["Latex", "Nuts"]),
        // When it was recorded is not known; which ones there are is.
        ("AL1|1|DA|nuts^Nuts^L|SV|Rash|UNKNOWN\r", vec!["Nuts (Rash)"]),
    ] {
        for kind in ["ADT^A02", "ADT^A03", "ADT^A08", "RDE^O11"] {
            let mut feed = admitted();
            feed.take(&message("RDE^O11", "order", MRN, &order("NW", "A")));
            feed.take(&message("ADT^A08", "list", MRN, latex));
            let is_order = kind == "RDE^O11";
            let more = if is_order { format!("{odd}ORC|DC|A^CPOE\r") } else { odd.to_owned() };
            let reply = feed.take(&message(kind, "odd", MRN, &more));
            assert_eq!(reply.code, AckCode::Accept, "{odd}: {}", reply.text);
            let mut expected = after.clone();
            if is_order && !expected.contains(&"Latex") {
                expected.insert(0, "Latex");
            }
            assert_eq!(allergies(&mut feed), expected, "{kind} {odd}");
            let view = feed.db.view().unwrap();
            let last = view.message(view.messages().unwrap()).unwrap().unwrap();
            assert!(last.notes.iter().any(|note| note.contains("AL1-")), "{:?}", last.notes);
            let status = feed.site().chart.requests[0].status;
            assert_eq!(status == RequestStatus::Stopped, is_order);
        }
    }
    let feed = admitted();
    let reply = feed.take(&message("ADT^A60", "60", MRN, "AL1|1|DA\rIAM|1|DA|nuts^Nuts^L|||A\r"));
    assert!(reply.code == AckCode::Error && reply.text.contains("AL1-3"), "{}", reply.text);
}

/// An ADT that was recorded at this time of the day.
fn recorded(kind: &str, control_id: &str, time: &str, pv1: &str, more: &str) -> String {
    let text = with_visit(kind, control_id, MRN, pv1, more);
    text.replacen("PID|", &format!("EVN||{time}\rPID|"), 1)
}

/// A message that was parked and is sent again, or that a replayed queue brings after a newer one.
#[test]
fn an_older_adt_takes_nothing_back() {
    const HERE: &str = "PV1|1|I|3B^12^A^GEN||||||||||||||||V1^^^GEN^VN\r";
    const THERE: &str = "PV1|1|I|4C^2^B^GEN||||||||||||||||V1^^^GEN^VN\r";
    const LATEX: &str = "AL1|1|DA|latex^Latex^L\r";
    const NUTS: &str = "AL1|1|DA|nuts^Nuts^L\r";
    let mut feed = Feed::new();
    let take = |feed: &Feed, message: String| feed.take(&message);
    assert_eq!(take(&feed, recorded("ADT^A01", "1", "20261130070000", HERE, LATEX)).code, AckCode::Accept);
    assert_eq!(take(&feed, recorded("ADT^A02", "2", "20261130074000", THERE, "")).code, AckCode::Accept);
    let state = |feed: &mut Feed| {
        let site = feed.site();
        let patient = site.chart.patient(&id(MRN)).unwrap().clone();
        (patient.ward.clone(), patient.name.clone(), patient.admission, allergies(feed))
    };
    let after = state(&mut feed);
    let married = recorded("ADT^A08", "x", "20261130073000", THERE, "").replacen("DOE^", "ROE^", 1);
    for (at, late) in [
        recorded("ADT^A02", "x", "20261130073000", HERE, ""),
        recorded("ADT^A08", "x", "202611300739", HERE, LATEX),
        recorded("ADT^A03", "x", "20261130073000", THERE, ""),
        recorded("ADT^A11", "x", "20261130073000", THERE, ""),
        recorded("ADT^A08", "x", "20261130073000", THERE, "AL1|1|DA|\"\"\r"),
        recorded("ADT^A60", "x", "20261130073000", "", "IAM|1|DA|latex^Latex^L|||D\r"),
        married,
    ]
    .into_iter()
    .enumerate()
    {
        let reply = feed.take(&late.replacen("|x|P", &format!("|late{at}|P"), 1));
        assert!(reply.code == AckCode::Error && reply.text.contains("EVN-2"), "{late}: {}", reply.text);
        assert_eq!(state(&mut feed), after, "{late}");
    }
    // What it adds to the allergies is a warning, and outlives its refusal.
    let reply = feed.take(&recorded("ADT^A08", "3", "20261130073000", HERE, NUTS));
    assert_eq!(reply.code, AckCode::Error, "{}", reply.text);
    assert_eq!(state(&mut feed).0, after.0);
    assert_eq!(allergies(&mut feed), ["Latex", "Nuts"]);
    // One that says nothing else is no reason to call a person, and one of the same minute is not older.
    let reply = feed.take(&recorded("ADT^A60", "4", "20261130073000", "", "IAM|1|DA|eggs^Eggs^L|||A\r"));
    assert_eq!(reply.code, AckCode::Accept, "{}", reply.text);
    let reply = feed.take(&recorded("ADT^A02", "5", "202611300740", HERE, ""));
    assert_eq!(reply.code, AckCode::Accept, "{}", reply.text);
    assert_eq!(allergies(&mut feed), ["Latex", "Nuts", "Eggs"]);
    let mut feed = feed.reopened();
    let reply = feed.take(&recorded("ADT^A02", "6", "20261130073900", THERE, ""));
    assert_eq!(reply.code, AckCode::Error, "{}", reply.text);
    // Without EVN-2 MSH-7 counts (08:00).
    assert_eq!(feed.take(&with_visit("ADT^A02", "7", MRN, THERE, "")).code, AckCode::Accept);
    assert_eq!(state(&mut feed).0, after.0);
}

/// An admission that is sent again says since when the visit is, or not, and is no reason to call a person.
#[test]
fn an_older_admission_that_says_nothing_else_is_taken() {
    for began in ["", "|||||||||||||||||||||||||20261130065000"] {
        let here = format!("PV1|1|I|3B^12^A^GEN||||||||||||||||V1^^^GEN^VN{began}\r");
        let mut feed = Feed::new();
        feed.take(&recorded("ADT^A01", "1", "20261130070000", &here, ""));
        feed.take(&recorded("ADT^A08", "2", "20261130074000", &here, ""));
        let reply = feed.take(&recorded("ADT^A01", "3", "20261130070000", &here, ""));
        assert_eq!(reply.code, AckCode::Accept, "{}", reply.text);
        assert_eq!(feed.site().chart.patient(&id(MRN)).unwrap().bed.as_deref(), Some("12 A"));
    }
}

/// An hour of an autumn night comes twice, and nothing says which of the two it is.
#[test]
fn an_adt_of_the_repeated_hour_is_not_older_than_the_one_before() {
    const HERE: &str = "PV1|1|I|3B^12^A^GEN||||||||||||||||V1^^^GEN^VN\r";
    const THERE: &str = "PV1|1|I|4C^2^B^GEN||||||||||||||||V1^^^GEN^VN\r";
    let mut feed = Feed::new();
    let mut take = |kind: &str, control_id: &str, time: &str, received: &str, pv1: &str| {
        let text = recorded(kind, control_id, time, pv1, "").replacen("20261130080000-0500", time, 1);
        let reply = feed.take_at(text.as_bytes(), received.parse().unwrap());
        (reply.code, feed.site().chart.patient(&id(MRN)).unwrap().bed.clone().unwrap())
    };
    let accepted = |bed: &str| (AckCode::Accept, bed.to_owned());
    let first = take("ADT^A01", "1", "20261101015000", "2026-11-01T05:50:10Z", HERE);
    assert_eq!(first, accepted("12 A"));
    assert_eq!(take("ADT^A02", "2", "20261101011000", "2026-11-01T06:10:10Z", THERE), accepted("2 B"));
    // With its offset nothing is left open.
    let late = take("ADT^A02", "3", "20261101011000-0400", "2026-11-01T06:11:00Z", HERE);
    assert_eq!(late, (AckCode::Error, "2 B".to_owned()));
}

/// A clock that once was ahead does not have the messages after it refused.
#[test]
fn a_time_of_an_adt_that_has_not_come_yet_is_not_kept() {
    let feed = Feed::new();
    feed.take(&recorded("ADT^A01", "1", "20271130070000", "PV1|1|I|3B^12^A^GEN\r", ""));
    let later = recorded("ADT^A02", "2", "20261130080600", "PV1|1|I|4C^2^B^GEN\r", "");
    let reply = feed.take_at(later.as_bytes(), now() + SignedDuration::from_mins(10));
    assert_eq!(reply.code, AckCode::Accept, "{}", reply.text);
}

/// Who merged the wrong way round and turns it round hears that it was not done.
#[test]
fn a_merge_the_other_way_is_for_a_person() {
    let mut feed = admitted();
    feed.take(&message("ADT^A01", "2", "300002", ""));
    let merge = |control_id: &str, into: &str, from: &str| {
        message("ADT^A40", control_id, into, &format!("MRG|{from}^^^GEN^MR\r"))
    };
    assert_eq!(feed.take(&merge("3", MRN, "300002")).code, AckCode::Accept);
    let reply = feed.take(&merge("4", "300002", MRN));
    assert!(reply.code == AckCode::Error && reply.text.contains("the other way"), "{}", reply.text);
    assert_eq!(feed.live.parked().unwrap().len(), 1);
    // The same merge again, also after its survivor was merged on, is nothing new.
    assert_eq!(feed.take(&merge("5", MRN, "300002")).code, AckCode::Accept);
    assert_eq!(feed.take(&merge("6", "300003", MRN)).code, AckCode::Accept);
    assert_eq!(feed.take(&merge("7", MRN, "300002")).code, AckCode::Accept);
    assert_eq!(feed.site().chart.current(&id("300002")), &id("300003"));
}

/// A17 puts two patients into each other's beds: taken as a move of one, both would lie in the same.
#[test]
fn a_swap_of_beds_is_for_a_person() {
    let mut feed = admitted();
    let reply = feed.take(&message("ADT^A17", "2", MRN, "PID|2||300002^^^GEN^MR\rPV1|2|I|3B^14^A^GEN\r"));
    assert!(reply.code == AckCode::Error && reply.text.contains("A17"), "{}", reply.text);
    assert_eq!(feed.live.parked().unwrap().len(), 1);
    assert_eq!(feed.site().chart.patient(&id(MRN)).unwrap().bed.as_deref(), Some("12 A"));
}

/// One A40 may merge C into B and B into A: what was C's is A's then, in whatever order the pairs stand.
#[test]
fn a_merge_in_a_chain_loses_nothing() {
    let pair = |into: &str, from: &str| {
        format!("PID|1||{into}^^^GEN^MR||DOE^JANE^Q^^^^L||19500203|F\rMRG|{from}^^^GEN^MR\r")
    };
    for chain in
        [[pair("300002", "300003"), pair(MRN, "300002")], [pair(MRN, "300002"), pair("300002", "300003")]]
    {
        let mut feed = admitted();
        for (at, mrn) in ["300002", "300003"].into_iter().enumerate() {
            feed.take(&message("ADT^A01", &format!("adt{at}"), mrn, ""));
            let reply =
                feed.take(&message("RDE^O11", &format!("rde{at}"), mrn, &order("NW", &format!("O{mrn}"))));
            assert_eq!(reply.code, AckCode::Accept, "{}", reply.text);
            let rds = format!(
                "ORC|RE|O{mrn}^CPOE\rRXD|1|metoprolol-25^metoprolol^99FORM|20261130|1\rOBX|1|ST|DOSEID||D-{mrn}\r"
            );
            let reply = feed.take(&message("RDS^O13", &format!("rds{at}"), mrn, &rds));
            assert_eq!(reply.code, AckCode::Accept, "{}", reply.text);
        }
        let whole = message("ADT^A40", "merge", MRN, "");
        let (header, _) = whole.split_once("PID").unwrap();
        let reply = feed.take(&format!("{header}{}", chain.concat()));
        assert_eq!(reply.code, AckCode::Accept, "{}", reply.text);
        let site = feed.site();
        assert_eq!(site.rejections, []);
        assert_eq!((site.chart.requests.len(), site.chart.dispensed.len()), (2, 2));
        assert!(site.chart.requests.iter().all(|request| request.patient == id(MRN)));
        assert!(site.chart.dispensed.iter().all(|dose| dose.patient == id(MRN) && dose.request.is_some()));
        for old in ["300002", "300003"] {
            assert_eq!(
                site.chart.current(&id(old)),
                &id(MRN),
                "the old wristband is told from an unknown one"
            );
        }
    }
}

/// A dispense that is taken back: which label is meant cannot be told, so a person has to fetch the doses.
#[test]
fn a_dispense_that_is_taken_back_is_refused() {
    let mut feed = admitted();
    feed.take(&message("RDE^O11", "2", MRN, &order("NW", "O1")));
    let rds = |control: &str| {
        format!(
            "ORC|{control}|O1^CPOE\rRXD|1|metoprolol-25^metoprolol^99FORM|20261130|1\rOBX|1|ST|DOSEID||D-1\r"
        )
    };
    assert_eq!(feed.take(&message("RDS^O13", "3", MRN, &rds("RE"))).code, AckCode::Accept);
    for control in ["CA", "DC", "OD", "OC", "CR", "DR"] {
        let reply = feed.take(&message("RDS^O13", control, MRN, &rds(control)));
        assert!(
            reply.code == AckCode::Error && reply.text.contains("takes a dispense back"),
            "{}",
            reply.text
        );
    }
    assert_eq!(feed.live.parked().unwrap().len(), 6);
    assert_eq!(feed.site().chart.dispensed.len(), 1);
}
