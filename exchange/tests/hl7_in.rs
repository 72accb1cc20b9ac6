//! HL7 v2 in, through the inbox: what a message does, and what it must not do.

mod common;

use common::feed::{Feed, message, now, order, with_visit};
use common::{TODAY, reference, rules};
use exchange::feed::live::News;
use exchange::feed::state::What;
use exchange::hl7::ack::AckCode;
use jiff::SignedDuration;
use rights::ident::PatientId;
use rights::person::{Admission, Allergen};
use rights::request::RequestStatus;
use rights::schedule::Timing;

const MRN: &str = "300001";

fn admitted() -> Feed {
    let feed = Feed::new();
    assert_eq!(feed.take(&message("ADT^A01", "1", MRN, "")).code, AckCode::Accept);
    feed
}

fn id(mrn: &str) -> PatientId {
    PatientId::parse(&format!("{mrn}.GEN")).unwrap()
}

fn adt(feed: &Feed, trigger: &str, id: &str, more: &str) {
    let reply = feed.take(&message(&format!("ADT^{trigger}"), id, MRN, more));
    assert_eq!(reply.code, AckCode::Accept, "{}", reply.text);
}

/// The acknowledgement was lost on the way: the sender sends again.
#[test]
fn acceptance_1_the_same_rde_twice_is_one_order_and_two_acknowledgements() {
    let mut feed = admitted();
    let rde = message("RDE^O11", "2", MRN, &order("NW", "ORD1"));
    let first = feed.take(&rde);
    // The sender stamps it anew; it is the same message all the same.
    let again = feed.take(&rde.replacen("20261130080000", "20261130080500", 1));
    assert_eq!((first.code, first.repeated), (AckCode::Accept, false));
    assert_eq!((again.code, again.repeated), (AckCode::Accept, true));
    assert!(first.text.contains("MSA|AA|2") && again.text.contains("MSA|AA|2"));
    let site = feed.site();
    assert_eq!(site.rejections, []);
    assert_eq!(site.chart.requests.len(), 1);
    let request = &site.chart.requests[0];
    assert_eq!((request.id.as_str(), request.version), ("ORD1.CPOE", 1));
    let zone = rules().zone;
    let until = now() + SignedDuration::from_hours(24);
    let slots = request.timing.slots(request.start, request.stop, &zone, now(), until);
    assert_eq!(slots.iter().filter(|slot| slot.due >= now() && slot.due <= until).count(), 2);
    assert!(request.verified.is_some(), "RXE-14");
    // And after a restart.
    let mut feed = feed.reopened();
    assert!(feed.take(&rde).repeated);
    assert_eq!(feed.site().chart.requests.len(), 1);
    let other = rde.replacen("|25||mg", "|50||mg", 1);
    let reply = feed.take(&other);
    assert!(reply.code == AckCode::Error && reply.text.contains("another message had this control id"));
}

/// Both ids stay: what comes for the retired one reaches the record that stands for it.
#[test]
fn acceptance_3_a40_ends_the_session_and_joins_the_records() {
    let mut feed = admitted();
    feed.take(&message("ADT^A01", "1b", "300002", ""));
    feed.take(&message("RDE^O11", "2", "300002", &order("NW", "ORD1")));
    assert!(!feed.live.news().unwrap().is_empty());
    let reply = feed.take(&message("ADT^A40", "3", MRN, "MRG|300002^^^GEN^MR\r"));
    assert_eq!(reply.code, AckCode::Accept, "{}", reply.text);
    let news = feed.live.news().unwrap();
    assert!(news.ends_session(&id("300002")) && !news.ends_session(&id(MRN)));
    let site = feed.site();
    let retired = site.chart.patient(&id("300002")).expect("the retired band is told from an unknown one");
    assert_eq!(retired.merged_into, Some(id(MRN)));
    assert_eq!(site.chart.current(&retired.id), &id(MRN));
    assert_eq!(site.chart.requests[0].patient, id(MRN));
    feed.take(&message("RDE^O11", "4", "300002", &order("DC", "ORD1")));
    assert_eq!(feed.site().chart.requests[0].status, RequestStatus::Stopped);
    let again = feed.take(&message("ADT^A40", "5", MRN, "MRG|300002^^^GEN^MR\r"));
    assert_eq!(again.code, AckCode::Accept);
    let none = feed.take(&message("ADT^A40", "6", MRN, ""));
    assert!(none.code == AckCode::Error && none.text.contains("MRG"));
}

#[test]
fn acceptance_4_see_insulin_chart_is_visible_and_unscheduled() {
    let mut feed = admitted();
    let rde = order("NW", "ORD1").replace("TQ1|1||BID|0900~2100", "TQ1|1||SEE INSULIN CHART|");
    feed.take(&message("RDE^O11", "2", MRN, &rde));
    let site = feed.site();
    assert!(
        matches!(&site.chart.requests[0].timing, Timing::Unscheduled { text } if text == "SEE INSULIN CHART")
    );
}

#[test]
fn acceptance_12_a_feed_that_is_silent_for_15_minutes_is_said() {
    let mut feed = Feed::new();
    feed.inbox
        .write_blocking(|txn| {
            let record = exchange::feed::db::FeedRecord { silent_after_min: 15, ..Default::default() };
            txn.put_feed("adt", &record)
        })
        .unwrap();
    assert_eq!(feed.live.silent_feeds(now()).unwrap().len(), 1, "never heard");
    feed.take(&message("ADT^A01", "1", MRN, ""));
    let after = |minutes: i64, seconds: i64| now() + SignedDuration::from_secs(minutes * 60 + seconds);
    assert!(feed.live.silent_feeds(after(14, 59)).unwrap().is_empty());
    assert_eq!(feed.live.silent_feeds(after(15, 0)).unwrap()[0].name, "adt");
    assert_eq!(feed.site().chart.orders_as_of, Some(now()));
    // A message that only says that the sender is alive counts; one that was refused does not.
    feed.take_at(b"MSH|^~\\&|CPOE|GEN|||20261130||NMD^N02|hb1|P|2.5.1\r", after(16, 0));
    assert!(feed.live.silent_feeds(after(20, 0)).unwrap().is_empty());
    feed.take_at(b"MSH|^~\\&|CPOE|GEN|||20261130||ZZZ^Z01|hb2|P|2.5.1\r", after(30, 0));
    assert_eq!(feed.live.silent_feeds(after(31, 0)).unwrap().len(), 1);
}

#[test]
fn transfers_discharges_and_cancels_reach_an_open_session() {
    let mut feed = admitted();
    let place = |feed: &mut Feed| {
        let site = feed.site();
        let patient = site.chart.patient(&id(MRN)).unwrap().clone();
        (patient.admission, patient.ward.map(|ward| ward.to_string()), patient.bed)
    };
    let at = |ward: &str, bed: &str| (Admission::Admitted, Some(ward.to_owned()), Some(bed.to_owned()));
    assert_eq!(place(&mut feed), at("3B", "12 A"));
    assert!(
        matches!(feed.live.news().unwrap(), News::Changes(all) if all.iter().any(|one| one.what == What::Arrived))
    );
    for (trigger, ward, ends, expected) in [
        ("A02", "ICU", true, Some("ICU")),
        ("A12", "3B", true, Some("3B")),
        ("A08", "3B", false, Some("3B")),
        ("A03", "3B", true, Some("")),
        ("A13", "3B", false, Some("3B")),
        ("A11", "3B", true, None),
    ] {
        let pv1 = format!("PV1|1|I|{ward}^12^A^GEN||||||||||||||||V1^^^GEN^VN\r");
        let reply = feed.take(&with_visit(&format!("ADT^{trigger}"), trigger, MRN, &pv1, ""));
        assert_eq!(reply.code, AckCode::Accept, "{}", reply.text);
        assert_eq!(feed.live.news().unwrap().ends_session(&id(MRN)), ends, "{trigger}");
        match expected {
            Some("") => assert_eq!(place(&mut feed).0, Admission::Discharged),
            Some(ward) => assert_eq!(place(&mut feed), at(ward, "12 A"), "{trigger}"),
            None => assert_eq!(place(&mut feed).0, Admission::NotAdmitted),
        }
    }
    // A discharge of another, older visit is not this one.
    adt(&feed, "A01", "back", "");
    let other = "PV1|1|O|CLINIC||||||||||||||||V0^^^GEN^VN\r";
    let reply = feed.take(&with_visit("ADT^A03", "old", MRN, other, ""));
    assert_eq!(reply.code, AckCode::Accept);
    assert_eq!(place(&mut feed), at("3B", "12 A"));
}

#[test]
fn empty_changes_nothing_and_quotes_delete() {
    let mut feed = admitted();
    adt(
        &feed,
        "A08",
        "2",
        "AL1|1|DA|penicillins^Penicillins^99CLASS|SV|Anaphylaxis\rAL1|2|DA|7980^Penicillin G^RXNORM\r",
    );
    let allergies = |feed: &mut Feed| feed.site().chart.patient(&id(MRN)).unwrap().allergies.clone();
    let found = allergies(&mut feed);
    assert_eq!(found.len(), 2);
    assert!(matches!(found[0].to, Allergen::Class(_)) && found[0].text == "Penicillins (Anaphylaxis)");
    assert_eq!(found[1].to, Allergen::TextOnly);
    adt(&feed, "A08", "3", "");
    assert_eq!(allergies(&mut feed).len(), 2, "no AL1: no change");
    feed.take(&message("RDE^O11", "4", MRN, &format!("AL1|1|DA|latex^Latex^L\r{}", order("NW", "O1"))));
    assert_eq!(allergies(&mut feed).len(), 3, "an order only adds");
    adt(&feed, "A08", "5", "AL1|1||\"\"\r");
    assert_eq!(allergies(&mut feed).len(), 0);
    let bare =
        "MSH|^~\\&|CPOE|GEN|BCMA|3B|20261130||ADT^A08|6|P|2.5.1\rPID|1||300001^^^GEN^MR~\"\"^^^GEN^BAND||\r";
    feed.take(bare);
    let site = feed.site();
    let patient = site.chart.patient(&id(MRN)).unwrap();
    assert_eq!((patient.name.as_str(), patient.band_serial.is_none()), ("DOE, JANE Q", true));
}

#[test]
fn every_order_control_does_what_table_0119_says() {
    let mut feed = admitted();
    let mut count = 0;
    let mut send = |feed: &Feed, text: &str| {
        count += 1;
        feed.take(&message("RDE^O11", &format!("m{count}"), MRN, text))
    };
    let status =
        |feed: &mut Feed| feed.site().chart.requests.first().map(|request| (request.status, request.version));
    send(&feed, &order("NW", "O1"));
    for (control, expected) in [
        ("HD", RequestStatus::OnHold),
        ("RL", RequestStatus::Active),
        ("OH", RequestStatus::OnHold),
        ("XO", RequestStatus::OnHold),
        ("OE", RequestStatus::Active),
        ("XX", RequestStatus::Active),
        ("DC", RequestStatus::Stopped),
    ] {
        assert_eq!(send(&feed, &order(control, "O1")).code, AckCode::Accept, "{control}");
        assert_eq!(status(&mut feed).unwrap().0, expected, "{control}");
    }
    assert_eq!(status(&mut feed).unwrap().1, 8);
    for control in ["NW", "RL", "XO"] {
        assert_eq!(send(&feed, &order(control, "O1")).code, AckCode::Error, "{control} after the end");
    }
    for (control, code) in [("CA", "O2"), ("OD", "O3")] {
        send(&feed, &order("NW", code));
        send(&feed, &order(control, code));
    }
    send(&feed, &order("NW", "O4"));
    let sc = |status: &str| order("SC", "O4").replace("||IP||", &format!("||{status}||"));
    assert_eq!(send(&feed, &sc("HD")).code, AckCode::Accept);
    assert_eq!(send(&feed, &sc("ZZ")).code, AckCode::Error);
    assert_eq!(send(&feed, &sc("CM")).code, AckCode::Accept);
    assert!(feed.site().chart.requests.iter().all(|request| request.status == RequestStatus::Stopped));
    let unknown = send(&feed, &order("ZZ", "O9"));
    assert!(unknown.code == AckCode::Error && unknown.text.contains("ORC-1"), "{}", unknown.text);
    let parked = feed.live.parked().unwrap();
    assert!(parked.iter().any(|one| one.reason.contains("\"ZZ\" is unknown")));
}

/// Replacing is atomic: both or neither.
#[test]
fn a_replacement_happens_as_a_whole_or_not_at_all() {
    let mut feed = admitted();
    feed.take(&message("RDE^O11", "1r", MRN, &order("NW", "OLD")));
    let half = feed.take(&message("RDE^O11", "2r", MRN, &order("RP", "OLD")));
    assert!(half.code == AckCode::Error && half.text.contains("missing"), "{}", half.text);
    let broken = order("RO", "NEW").replace("RXE|", "ZXE|");
    let half = feed.take(&message("RDE^O11", "3r", MRN, &format!("{}{broken}", order("RP", "OLD"))));
    assert_eq!(half.code, AckCode::Error);
    let statuses = |feed: &mut Feed| {
        let mut all: Vec<_> =
            feed.site().chart.requests.iter().map(|r| (r.id.to_string(), r.status)).collect();
        all.sort();
        all
    };
    assert_eq!(statuses(&mut feed), [("OLD.CPOE".to_owned(), RequestStatus::Active)]);
    let whole = format!("{}{}", order("RU", "OLD"), order("RO", "NEW"));
    assert_eq!(feed.take(&message("RDE^O11", "4r", MRN, &whole)).code, AckCode::Accept);
    assert_eq!(
        statuses(&mut feed),
        [("NEW.CPOE".to_owned(), RequestStatus::Active), ("OLD.CPOE".to_owned(), RequestStatus::Stopped)]
    );
}

#[test]
fn orders_and_doses_of_another_patient_are_refused() {
    let mut feed = admitted();
    feed.take(&message("ADT^A01", "1b", "300002", ""));
    feed.take(&message("RDE^O11", "2", MRN, &order("NW", "O1")));
    let reply = feed.take(&message("RDE^O11", "3", "300002", &order("DC", "O1")));
    assert!(reply.code == AckCode::Error && reply.text.contains("another patient"), "{}", reply.text);
    let rds = |mrn: &str, id: &str, dose: &str| {
        let more = format!(
            "ORC|RE|O1^CPOE|RX-O1^PHARM\rRXD|1|metoprolol-25^metoprolol^99FORM|20261130|1||||||||||||||LOT7|20261231\r\
             OBX|1|ST|DOSEID^Dose id^99BCMA||{dose}||||||F\r"
        );
        message("RDS^O13", id, mrn, &more)
    };
    assert_eq!(feed.take(&rds("300002", "4", "D-1")).code, AckCode::Error);
    assert_eq!(feed.take(&rds(MRN, "5", "D-1")).code, AckCode::Accept);
    let site = feed.site();
    let dose = &site.chart.dispensed[0];
    assert_eq!(dose.lot.as_ref().unwrap().as_str(), "LOT7");
    assert_eq!(dose.beyond_use.unwrap().to_string(), "2027-01-01T05:00:00Z", "the end of the local day");
    assert_eq!(dose.request.as_ref().unwrap().as_str(), "O1.CPOE");
    let several = message("ADT^A08", "6", MRN, "").replacen("X9^^^GEN^SS", "300009^^^OTHER^MR", 1);
    assert!(feed.take(&several).text.contains("several identifiers"));
}

/// A message that failed is applied when it comes again and can be.
#[test]
fn a_parked_message_that_comes_again_is_tried_again() {
    let mut feed = Feed::new();
    let rds = message(
        "RDS^O13",
        "5",
        MRN,
        "ORC|RE|O1^CPOE\rRXD|1|metoprolol-25^m^99FORM|20261130|1\rOBX|1|ST|DOSEID||D-1\r",
    );
    assert_eq!(feed.take(&rds).code, AckCode::Error);
    assert_eq!(feed.live.parked().unwrap().len(), 1);
    feed.take(&message("ADT^A01", "1", MRN, ""));
    assert_eq!(feed.take(&rds).code, AckCode::Accept);
    assert!(feed.live.parked().unwrap().is_empty());
    assert_eq!(feed.site().chart.dispensed.len(), 1);
}

/// What cannot be read at all is kept with its bytes.
#[test]
fn nothing_is_lost_of_what_cannot_be_read() {
    let feed = Feed::new();
    let bad: [&[u8]; 6] = [
        b"hello",
        b"MSH|^~\\&|A|B|C|D|20261130||ADT^A01||P|2.5.1\r",
        b"MSH|^~\\&|A|B|C|D|20261130||ADT^A01|1|T|2.5.1\rPID|1\r",
        b"MSH|^~\\&|A|B|C|D|20261130||ORU^R01|2|P|2.5.1\rPID|1\r",
        b"MSH|^~\\&|A|B|C|D|20261130||ADT^A01|3|P|3.0\rPID|1\r",
        b"MSH|^~\\&|A|B|C|D|20261130||ADT^A18|4|P|2.3\rPID|1\r",
    ];
    for (at, bytes) in bad.iter().enumerate() {
        let reply = feed.take_at(bytes, now());
        assert_ne!(reply.code, AckCode::Accept);
        let view = feed.db.view().unwrap();
        let record = view.parked().unwrap().pop().unwrap();
        assert_eq!(view.message_bytes(record.number).unwrap().unwrap(), *bytes);
        assert_eq!(record.number, at as u64 + 1);
        assert!(!record.reason.is_empty() && !record.remedy.is_empty());
    }
}

/// A sender that hears `AE` may send the same again without end: it hears which message is meant, and one row is kept.
#[test]
fn what_cannot_be_read_is_answered_by_its_id_and_kept_once() {
    let mut feed = Feed::new();
    let taken = b"MSH|^~\\&|CPOE|GEN|C|D|20261130||NMD^N02|M4|P|2.5.1\rNTE|1\r";
    assert_eq!(feed.take_at(taken, now()).code, AckCode::Accept);
    let bad: [(&[u8], &str); 5] = [
        (b"MSH|^~\\&|CPOE|GEN|C|D|20261130||RDE^O11^RDE_O11|M1|P|2.5.1\rPID|1||M\xFCller\r", "M1"),
        (b"MSH|^~\\&|CPOE|GEN|C|D|20261130||RDE^O11|M2|P|2.5.1||||||BIG-5\rPID|1\r", "M2"),
        (b"\rMSH#*~\\&#CPOE#GEN#C#D#20261130##RDE*O11#M3#P#2.5.1\rpid#1\r", "M3"),
        (b"MSH|^~\\&|CPOE|GEN|C|D|20261130||NMD^N02|M4|P|2.5.1\rNTE|2\r", "M4"),
        (b"MSH|^~\\&|CPOE|GEN|C|D|20261130||RDE^O11||P|2.5.1\rPID|1\r", ""),
    ];
    for (at, (bytes, id)) in bad.into_iter().enumerate() {
        for _ in 0..3 {
            let reply = feed.take_at(bytes, now());
            let answer = exchange::hl7::ack::read(reply.text.as_bytes()).unwrap();
            assert_ne!(answer.code, AckCode::Accept);
            assert_eq!(answer.control_id, id);
            assert!(reply.text.starts_with("MSH") && reply.text.contains("CPOE"), "{}", reply.text);
        }
        let view = feed.db.view().unwrap();
        assert_eq!((view.messages().unwrap(), view.parked_count().unwrap()), (at as u64 + 2, at as u64 + 1));
        assert_eq!(view.parked().unwrap().pop().unwrap().control_id, id);
    }
    // Corrected, it is another message, and taken under the same id.
    feed.take(&message("ADT^A01", "1", MRN, ""));
    let corrected = message("RDE^O11", "M1", MRN, &order("NW", "O1"));
    assert_eq!(feed.take(&corrected).code, AckCode::Accept);
    assert_eq!(feed.site().chart.requests.len(), 1);
}

/// The samples as they are, each taken or refused with a reason.
#[test]
fn the_interop_samples_are_taken_or_refused_with_a_reason() {
    let Some(dir) = reference() else { return };
    let mut feed = Feed::new();
    let read = |name: &str| std::fs::read(dir.join("interop-samples").join(name)).unwrap();
    assert_eq!(feed.take_at(&read("rde_o11.hl7"), now()).code, AckCode::Accept);
    assert_eq!(feed.take_at(&read("adt_a02.hl7"), now()).code, AckCode::Accept);
    assert_eq!(feed.take_at(&read("rde_o11_ivpb.hl7"), now()).code, AckCode::Accept);
    assert_eq!(feed.take_at(&read("ras.hl7"), now()).code, AckCode::Reject);
    let site = feed.site();
    // The item METO25 and the cefazolin are in no drug file here; both orders are listed with their reason.
    assert_eq!(site.chart.patients.len(), 1);
    assert_eq!(site.chart.requests.len(), 0, "the item counts first");
    assert_eq!(
        site.rejections.len(),
        2,
        "{:?}",
        site.rejections.iter().map(ToString::to_string).collect::<Vec<_>>()
    );
    assert!(site.rejections[0].to_string().contains("RXE-2"), "{}", site.rejections[0]);
    assert!(!site.chart.unreadable.is_empty(), "the nurse is told");
    assert!(site.chart.orders_as_of.is_some() && TODAY.year() == 2026);
}
