//! No message makes the feed panic or half succeed; a second parser reads the same fields. The short, deterministic run of what
//! `exchange/fuzz` does without end.

mod common;

use common::feed::{Feed, message, now, order};
use exchange::hl7::ack::AckCode;
use exchange::hl7::er7::Message;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// `hl7-parser` splits messages into the same fields.
fn same_as_the_oracle(text: &str) {
    let (Ok(ours), Ok(theirs)) = (Message::read(text.as_bytes()), hl7_parser::Message::parse(text)) else {
        return;
    };
    let names: Vec<&str> = ours.segments().iter().map(exchange::hl7::er7::Segment::name).collect();
    let other: Vec<&str> = theirs.segments().map(|segment| segment.name).collect();
    assert_eq!(names, other);
    for (segment, other) in ours.segments().iter().zip(theirs.segments()) {
        for number in 3..40 {
            let field = other.field(number).map_or("", |field| field.raw_value());
            assert_eq!(segment.raw(number), field, "{}-{number}", segment.name());
        }
    }
}

#[test]
fn hl7_parser_reads_the_same_fields() {
    let rds = "ORC|RE|O1^CPOE\rRXD|1|metoprolol-25^m^99FORM|20261130|1\rOBX|1|ST|DOSEID||D-1\r";
    for text in [
        message("ADT^A01", "1", "300001", "AL1|1|DA|x^y&z~q^r|SV|a~b\r"),
        message("RDE^O11", "2", "300001", &order("NW", "O1")),
        message("RDS^O13", "3", "300001", rds),
    ] {
        assert!(hl7_parser::Message::parse(&text).is_ok());
        same_as_the_oracle(&text);
    }
    if let Some(dir) = common::reference() {
        for path in exchange::site::files_of(&dir.join("interop-samples"), "hl7").unwrap() {
            same_as_the_oracle(&std::fs::read_to_string(path).unwrap());
        }
    }
}

/// Fields replaced, segments dropped, doubled and exchanged, bytes changed: each message is taken, or refused with a reason and
/// kept with its bytes.
#[test]
fn broken_messages_are_taken_or_parked_with_their_bytes() {
    let feed = Feed::new();
    feed.take(&message("ADT^A01", "base", "300001", ""));
    let config = Config { cases: 250, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]));
    let field = prop::sample::select(vec![
        "",
        "\"\"",
        "^^^",
        "~~",
        "&",
        "\\",
        "\\X41",
        "é",
        "99999999999999",
        "-1",
        "20269999",
        "MR",
        "ZZ",
        "a\u{FEFF}b",
        "RP",
        "NW",
    ]);
    let change = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), field, 0_u8..5);
    let strategy = (0_usize..4, prop::collection::vec(change, 1..4), any::<u32>());
    let feed = std::cell::RefCell::new(feed);
    runner
        .run(&strategy, |(kind, changes, id)| {
            let id = format!("f{id}");
            let text = match kind {
                0 => message("ADT^A08", &id, "300001", "AL1|1|DA|x^y|SV|a\r"),
                1 => message("RDE^O11", &id, "300001", &order("NW", &format!("O{id}"))),
                2 => message("ADT^A40", &id, "300001", "MRG|300002^^^GEN^MR\r"),
                _ => message("RDS^O13", &id, "300001", "RXD|1|m^m^99FORM|20261130|1\rOBX|1|ST|DOSEID||D-1\r"),
            };
            let mut segments: Vec<String> = text.split_terminator('\r').map(str::to_owned).collect();
            for (segment, place, value, act) in changes {
                let at = segment.index(segments.len());
                match act {
                    0 if segments.len() > 1 => drop(segments.remove(at)),
                    1 => segments.push(segments[at].clone()),
                    _ => {
                        let mut fields: Vec<&str> = segments[at].split('|').collect();
                        let place = place.index(fields.len());
                        fields[place] = value;
                        segments[at] = fields.join("|");
                    }
                }
            }
            let bytes = segments.join("\r").into_bytes();
            same_as_the_oracle(&segments.join("\r"));
            let feed = feed.borrow();
            let before = feed.db.view().unwrap().parked().unwrap().len();
            let reply = feed.take_at(&bytes, now());
            let view = feed.db.view().unwrap();
            let parked = view.parked().unwrap();
            if reply.code == AckCode::Accept {
                prop_assert!(reply.text.contains("MSA|AA|"));
            } else if parked.len() > before {
                let record = parked.last().unwrap();
                prop_assert!(
                    !record.reason.is_empty() && !record.remedy.is_empty() && !record.place.is_empty()
                );
                prop_assert_eq!(view.message_bytes(record.number).unwrap().unwrap(), bytes);
            }
            Ok(())
        })
        .unwrap();
    let mut feed = feed.into_inner();
    let site = feed.site();
    assert!(
        site.rejections.iter().all(|rejection| !rejection.reason.is_empty() && !rejection.remedy.is_empty())
    );
}
