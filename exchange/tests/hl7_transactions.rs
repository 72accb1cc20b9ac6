//! Which order a message speaks of, and when: an older word does not undo a newer one, and a number leads to one order.

mod common;

use common::feed::{Feed, message, now, order};
use exchange::feed::inbox::Reply;
use exchange::feed::live::Pulse;
use exchange::hl7::ack::AckCode;
use rights::quantity::Quantity;
use rights::request::RequestStatus;

const MRN: &str = "300001";

/// A feed that numbers its messages.
struct Sender {
    feed: Feed,
    count: u32,
}

impl Sender {
    fn new() -> Self {
        let feed = Feed::new();
        assert_eq!(feed.take(&message("ADT^A01", "1", MRN, "")).code, AckCode::Accept);
        Self { feed, count: 1 }
    }

    fn send(&mut self, kind: &str, segments: &str) -> Reply {
        self.count += 1;
        self.feed.take(&message(kind, &self.count.to_string(), MRN, segments))
    }

    fn rde(&mut self, segments: &str) -> Reply {
        self.send("RDE^O11", segments)
    }

    fn accept(&mut self, segments: &str) {
        let reply = self.rde(segments);
        assert_eq!(reply.code, AckCode::Accept, "{}", reply.text);
    }

    /// Refused with this word, parked with its bytes, and nothing changed.
    fn refuse(&mut self, segments: &str, why: &str) {
        let (before, parked) = (self.orders(), self.feed.live.parked().unwrap().len());
        let reply = self.rde(segments);
        assert!(reply.code == AckCode::Error && reply.text.contains(why), "{}", reply.text);
        assert_eq!(self.feed.live.parked().unwrap().len(), parked + 1);
        assert_eq!(self.orders(), before, "nothing was changed");
    }

    /// Every order: id, version, dose, status.
    fn orders(&mut self) -> Vec<(String, u32, Quantity, RequestStatus)> {
        let requests = self.feed.site().chart.requests;
        requests.iter().map(|one| (one.id.to_string(), one.version, *one.dose.most(), one.status)).collect()
    }

    fn statuses(&mut self) -> Vec<(String, RequestStatus)> {
        self.orders().into_iter().map(|(id, _, _, status)| (id, status)).collect()
    }
}

/// An order entered at this time of 30 November.
fn at(control: &str, number: &str, time: &str) -> String {
    order(control, number).replacen("20261129090000-0500", &format!("20261130{time}-0500"), 1)
}

fn of_50_mg(order: &str) -> String {
    order.replace("|25||mg", "|50||mg")
}

#[test]
fn an_older_change_that_comes_later_is_refused() {
    let mut sender = Sender::new();
    sender.accept(&at("NW", "O1", "070000"));
    sender.accept(&of_50_mg(&at("XO", "O1", "073000")));
    sender.refuse(&at("XO", "O1", "071500"), "before the last change of this order");
    assert_eq!(sender.orders()[0].2.to_string(), "50 mg");
    // The same time is not older: several messages of one second are in the order of the connection.
    sender.accept(&at("XO", "O1", "073000"));
    assert_eq!(sender.orders()[0].2.to_string(), "25 mg");
}

#[test]
fn an_older_release_does_not_release_a_newer_hold() {
    let mut sender = Sender::new();
    sender.accept(&at("NW", "O1", "070000"));
    sender.accept(&at("HD", "O1", "074000"));
    sender.refuse(&at("RL", "O1", "072000"), "ORC-9");
    assert_eq!(sender.statuses(), [("O1.CPOE".to_owned(), RequestStatus::OnHold)]);
    // Also after a restart.
    sender.feed = sender.feed.reopened();
    sender.refuse(&at("RL", "O1", "073959"), "ORC-9");
    sender.accept(&at("RL", "O1", "074500"));
    assert_eq!(sender.statuses()[0].1, RequestStatus::Active);
}

/// Without ORC-9 the time of MSH-7 counts (08:00 here).
#[test]
fn without_orc_9_msh_7_counts() {
    let mut sender = Sender::new();
    sender.accept(&at("NW", "O1", "070000"));
    sender.accept(&order("HD", "O1").replacen("20261129090000-0500", "", 1));
    sender.refuse(&at("RL", "O1", "075900"), "ORC-9");
    sender.accept(&at("RL", "O1", "080000"));
}

/// A clock that once was ahead does not have the messages after it refused.
#[test]
fn a_time_that_has_not_come_yet_is_not_kept() {
    let mut sender = Sender::new();
    sender.accept(&order("NW", "O1").replacen("20261129090000-0500", "20271130080000-0500", 1));
    sender.refuse(&at("HD", "O1", "075900"), "ORC-9");
    sender.accept(&at("HD", "O1", "080500"));
    assert_eq!(sender.statuses()[0].1, RequestStatus::OnHold);
}

#[test]
fn a_new_order_does_not_take_the_place_of_a_known_one() {
    let mut sender = Sender::new();
    sender.accept(&at("NW", "O1", "070000"));
    let before = sender.orders();
    sender.accept(&at("NW", "O1", "071000"));
    assert_eq!(sender.orders(), before, "the same content is no new version");
    sender.refuse(&of_50_mg(&at("NW", "O1", "072000")), "another content");
    sender.accept(&at("HD", "O1", "073000"));
    sender.accept(&at("NW", "O1", "074000"));
    assert_eq!(sender.statuses()[0].1, RequestStatus::OnHold, "and releases nothing");
    sender.accept(&at("DC", "O1", "075000"));
    sender.refuse(&at("NW", "O1", "075500"), "was stopped before");
}

/// ORC-15: what is kept holds at once.
#[test]
fn what_takes_effect_later_is_refused() {
    let mut sender = Sender::new();
    sender.accept(&at("NW", "O1", "070000"));
    let effective = |control: &str, time: &str| {
        at(control, "O1", "080000").replacen("MARCUS", &format!("MARCUS|||{time}"), 1)
    };
    for later in ["20261130090000-0500", "20261130080501-0500", "20261201", "202612", "2027"] {
        for control in ["DC", "CA", "OD", "XO", "HD", "RL"] {
            sender.refuse(&effective(control, later), "ORC-15");
        }
    }
    for by_now in ["20261130080500-0500", "20261130", "202611", "20261129090000-0500"] {
        sender.accept(&effective("HD", by_now));
        sender.accept(&effective("RL", ""));
    }
    sender.accept(&effective("DC", "20261130080400-0500"));
    let request = &sender.feed.site().chart.requests[0];
    assert_eq!(request.status_since.unwrap().to_string(), "2026-11-30T13:04:00Z");
}

/// An order entered at 07:30 with this ORC-15 and this start in TQ1-7.
fn effective_from(control: &str, number: &str, orc_15: &str, tq1_7: &str) -> String {
    let order = at(control, number, "073000").replacen("MARCUS", &format!("MARCUS|||{orc_15}"), 1);
    order.replacen("0900~2100|||20261129090000-0500", &format!("0900~2100|||{tq1_7}"), 1)
}

/// A new order whose ORC-15 is the start of the order, which is often still to come.
#[test]
fn a_new_order_may_begin_later() {
    let mut sender = Sender::new();
    let tomorrow = "20261201090000-0500";
    sender.accept(&effective_from("NW", "A", tomorrow, tomorrow));
    sender.accept(&effective_from("NW", "B", tomorrow, ""));
    sender.accept(&effective_from("NW", "C", "202612", ""));
    sender.accept(&effective_from("NW", "D", tomorrow, "20261202090000-0500"));
    sender.accept(&format!("{}{}", at("RP", "A", "073000"), effective_from("RO", "E", tomorrow, tomorrow)));
    let requests = sender.feed.site().chart.requests;
    let start = |id: &str| {
        let request = requests.iter().find(|request| request.id.as_str() == id).unwrap();
        assert!(request.status_since.unwrap() <= common::feed::now(), "what is kept holds now");
        request.start.to_string()
    };
    assert_eq!(start("A.CPOE"), "2026-12-01T14:00:00Z");
    assert_eq!(start("B.CPOE"), "2026-12-01T14:00:00Z", "ORC-15 stands for TQ1-7");
    assert_eq!(start("C.CPOE"), "2026-11-30T12:30:00Z", "a month is no beginning");
    assert_eq!(start("D.CPOE"), "2026-12-02T14:00:00Z", "TQ1-7 counts");
    assert_eq!(start("E.CPOE"), "2026-12-01T14:00:00Z");
}

/// The start stands in the ORC-15 of the NW alone: neither a change nor the same order again may lose it.
#[test]
fn the_start_of_a_new_order_is_not_lost() {
    let (tomorrow, later) = ("20261201090000-0500", "20261202090000-0500");
    let mut sender = Sender::new();
    sender.accept(&effective_from("NW", "B", tomorrow, ""));
    sender.accept(&effective_from("NW", "B", tomorrow, ""));
    sender.refuse(&effective_from("NW", "B", later, ""), "another content");
    sender.refuse(&of_50_mg(&effective_from("XO", "B", "", "")), "TQ1-7");
    sender.accept(&of_50_mg(&effective_from("XO", "B", "", tomorrow)));
    let requests = sender.feed.site().chart.requests;
    assert_eq!(requests[0].start.to_string(), "2026-12-01T14:00:00Z");
}

/// A cancellation that takes effect not after the order would have begun ends it at once.
#[test]
fn an_order_that_has_not_begun_can_be_cancelled() {
    let tomorrow = "20261201090000-0500";
    for (until, stops) in
        [(tomorrow, true), ("20261201", true), ("20261201090100-0500", false), ("20261202", false)]
    {
        for tq1_7 in [tomorrow, ""] {
            let mut sender = Sender::new();
            sender.accept(&effective_from("NW", "A", tomorrow, tq1_7));
            let cancelled = effective_from("CA", "A", until, "");
            if stops {
                sender.accept(&cancelled);
                assert_eq!(sender.statuses()[0].1, RequestStatus::Stopped);
            } else {
                sender.refuse(&cancelled, "ORC-15");
            }
        }
    }
}

/// Two clocks, minutes without seconds, the hour of an autumn night that comes twice: a stop counts.
#[test]
fn a_stop_is_not_refused_for_its_age() {
    for stop in ["DC", "CA", "OD"] {
        let mut sender = Sender::new();
        sender.accept(&at("NW", "O1", "070030"));
        sender.accept(&at(stop, "O1", "070000"));
        assert_eq!(sender.statuses()[0].1, RequestStatus::Stopped, "{stop}");
    }
    let mut sender = Sender::new();
    sender.accept(&at("NW", "O1", "073000"));
    let status = |code: &str| format!("ORC|SC|O1^CPOE|||{code}||||20261130070000-0500\r");
    sender.refuse(&status("HD"), "ORC-9");
    sender.accept(&status("CM"));
    assert_eq!(sender.statuses()[0].1, RequestStatus::Stopped);
}

/// What changes nothing does not make the message after it an old one.
#[test]
fn an_order_that_is_sent_again_does_not_advance_the_kept_time() {
    let mut sender = Sender::new();
    sender.accept(&at("NW", "O1", "070000"));
    sender.accept(&at("NW", "O1", "075000"));
    sender.accept(&at("HD", "O1", "073000"));
    assert_eq!(sender.statuses()[0].1, RequestStatus::OnHold);
}

#[test]
fn the_fillers_number_alone_stops_the_order() {
    let mut sender = Sender::new();
    sender.accept(&order("NW", "ORD1"));
    sender.accept("ORC|OD||RX-ORD1^PHARM||DC\r");
    assert_eq!(sender.statuses(), [("ORD1.CPOE".to_owned(), RequestStatus::Stopped)]);
}

#[test]
fn an_order_of_the_pharmacy_that_gets_a_placer_number_stays_one_order() {
    let mut sender = Sender::new();
    sender.accept(&order("NW", "9").replacen("9^CPOE", "", 1));
    sender.accept(&of_50_mg(&order("XO", "ORD5").replacen("RX-ORD5", "RX-9", 1)));
    let orders = sender.orders();
    assert_eq!(orders.len(), 1, "{orders:?}");
    assert_eq!((orders[0].0.as_str(), orders[0].2.to_string().as_str()), ("RX-9.PHARM", "50 mg"));
    // From now on both numbers lead to it; also after a restart.
    sender.feed = sender.feed.reopened();
    sender.accept("ORC|HD|ORD5^CPOE\r");
    sender.accept("ORC|DC||RX-9^PHARM\r");
    assert_eq!(sender.statuses(), [("RX-9.PHARM".to_owned(), RequestStatus::Stopped)]);
}

#[test]
fn numbers_of_two_orders_are_refused() {
    let mut sender = Sender::new();
    sender.accept(&order("NW", "ORD1"));
    sender.accept(&order("NW", "ORD2"));
    sender.refuse("ORC|DC|ORD1^CPOE|RX-ORD2^PHARM\r", "the number of one order");
    sender.refuse(&order("XO", "ORD3").replacen("RX-ORD3", "RX-ORD1", 1), "another ORC-2");
    let rds = |orc: &str| {
        format!(
            "{orc}\rRXD|1|metoprolol-25^metoprolol^99FORM|20261130|1\rOBX|1|ST|DOSEID^Dose id^99BCMA||D-1||||||F\r"
        )
    };
    let reply = sender.send("RDS^O13", &rds("ORC|RE|ORD1^CPOE|RX-ORD2^PHARM"));
    assert!(reply.code == AckCode::Error && reply.text.contains("ORC-2"), "{}", reply.text);
    // The pharmacy's number alone leads to the order.
    let reply = sender.send("RDS^O13", &rds("ORC|RE||RX-ORD2^PHARM"));
    assert_eq!(reply.code, AckCode::Accept, "{}", reply.text);
    let dose = &sender.feed.site().chart.dispensed[0];
    assert_eq!(dose.request.as_ref().unwrap().as_str(), "ORD2.CPOE");
}

/// A new order of the placer is one of its own, whatever number the pharmacy gives it.
#[test]
fn a_new_order_may_share_the_fillers_number() {
    let mut sender = Sender::new();
    sender.accept(&order("NW", "ORD1"));
    let second = |control: &str| order(control, "ORD2").replacen("RX-ORD2", "RX-ORD1", 1);
    sender.accept(&second("NW"));
    sender.accept(&second("NW"));
    assert_eq!(sender.orders().len(), 2);
    // Whose the shared number alone is cannot be told; with the placer's it can.
    sender.refuse("ORC|DC||RX-ORD1^PHARM\r", "several orders have this number");
    sender.refuse(&second("XO").replacen("ORD2^CPOE", "ORD3^CPOE", 1), "several orders have this number");
    sender.accept(&second("DC"));
    let mut statuses = sender.statuses();
    statuses.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(
        statuses.iter().map(|(_, status)| *status).collect::<Vec<_>>(),
        [RequestStatus::Active, RequestStatus::Stopped]
    );
}

/// RP and RO: the new order may keep the pharmacy's number of the one that it replaces.
#[test]
fn a_replacement_may_keep_the_fillers_number() {
    let mut sender = Sender::new();
    sender.accept(&order("NW", "OLD"));
    let replacement = order("RO", "NEW").replacen("RX-NEW", "RX-OLD", 1);
    sender.accept(&format!("{}{replacement}", order("RP", "OLD")));
    let stopped_and_active =
        [("NEW.CPOE".to_owned(), RequestStatus::Active), ("OLD.CPOE".to_owned(), RequestStatus::Stopped)];
    let mut statuses = sender.statuses();
    statuses.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(statuses, stopped_and_active);
    // Once more; and the number leads to the one that goes on.
    let third = replacement.replacen("NEW^CPOE", "THIRD^CPOE", 1);
    sender.accept(&format!("{}{third}", order("RP", "NEW").replacen("RX-NEW", "RX-OLD", 1)));
    sender.refuse("ORC|DC|ELSE^CPOE|RX-OLD^PHARM\r", "another ORC-2");
    sender.accept("ORC|DC||RX-OLD^PHARM\r");
    assert!(sender.statuses().iter().all(|(_, status)| *status == RequestStatus::Stopped));
    sender.refuse("ORC|DC|ELSE^CPOE|RX-OLD^PHARM\r", "no order with these numbers");
}

/// What matches nothing is no status of an order that nobody knows: the one that was meant would go on.
#[test]
fn what_matches_no_order_is_refused() {
    let mut sender = Sender::new();
    sender.accept(&order("NW", "ORD1"));
    for control in ["HD", "OH", "RL", "OE", "SC", "DC", "CA", "OD"] {
        sender.refuse(&order(control, "ORD7"), "no order with these numbers");
    }
    sender.refuse("ORC|XO|ORD9^CPOE\rRXE||||\r", "no order with these numbers");
    sender.refuse(&order("XO", "ORD9").replacen("ORD9^CPOE", "", 1), "no order with these numbers");
    sender.refuse(&order("XO", "ORD9"), "no order with these numbers");
    assert_eq!(sender.statuses(), [("ORD1.CPOE".to_owned(), RequestStatus::Active)]);
}

/// An order that was parked, and cancelled meanwhile, does not begin when it is sent again.
#[test]
fn an_order_that_was_stopped_before_it_came_does_not_begin() {
    let mut sender = Sender::new();
    for (control, number) in [("DC", "A"), ("CA", "B"), ("OD", "C")] {
        sender.refuse(&order(control, number), "no order with these numbers");
        sender.refuse(&order("NW", number), "was stopped before");
    }
    // What was replaced, and what the pharmacy says is discontinued, were stopped too.
    sender.refuse(&format!("{}{}", order("RP", "R"), order("RO", "S")), "no order with these numbers");
    sender.refuse(&order("NW", "R"), "was stopped before");
    sender.refuse("ORC|SC|T^CPOE|RX-T^PHARM||DC\r", "no order with these numbers");
    sender.refuse(&order("NW", "T"), "was stopped before");
    // The pharmacy's number alone; several in one message, of which nothing else is taken.
    sender.refuse("ORC|OD||RX-D^PHARM||DC\r", "no order with these numbers");
    let both = format!("{}{}{}", order("NW", "G"), order("DC", "E"), order("DC", "F"));
    sender.refuse(&both, "no order with these numbers");
    sender.feed = sender.feed.reopened();
    for number in ["D", "E", "F"] {
        sender.refuse(&order("NW", number), "was stopped before");
        sender.refuse(&at("XO", number, "080000"), "was stopped");
    }
    sender.accept(&order("NW", "G"));
    assert_eq!(sender.statuses(), [("G.CPOE".to_owned(), RequestStatus::Active)]);
}

/// Of a message that is refused for an order that is not known, the stop of one that is known counts.
#[test]
fn a_stop_beside_an_unknown_order_counts() {
    let mut sender = Sender::new();
    sender.accept(&order("NW", "A"));
    for both in [
        format!("{}{}", order("DC", "A"), order("DC", "B")),
        format!("{}{}", order("DC", "C"), order("DC", "A")),
    ] {
        let reply = sender.rde(&both);
        assert!(
            reply.code == AckCode::Error && reply.text.contains("no order with these numbers"),
            "{}",
            reply.text
        );
        assert_eq!(sender.statuses(), [("A.CPOE".to_owned(), RequestStatus::Stopped)]);
    }
}

/// Whatever else of the message cannot be read, before the stop or after it: the order is given by nobody any more.
#[test]
fn a_stop_is_not_lost_with_the_rest_of_its_message() {
    let held = "ORC|HD|B^CPOE|||||||20261130060000-0500\r".to_owned();
    for (other, why) in [
        (held, "ORC-9"),
        (order("ZZ", "B"), "ORC-1"),
        (order("RO", "E"), "ORC-1"),
        (order("NW", "E").replacen("RXE|", "NTE|", 1), "RXE"),
        ("ORC|DC\r".to_owned(), "ORC-2"),
    ] {
        for (control, status) in [("DC", ""), ("CA", ""), ("OD", ""), ("SC", "DC")] {
            let stop = format!("ORC|{control}|A^CPOE|||{status}\r");
            for both in [format!("{other}{stop}"), format!("{stop}{other}")] {
                let mut sender = Sender::new();
                sender.accept(&at("NW", "A", "070000"));
                sender.accept(&at("NW", "B", "070000"));
                let reply = sender.rde(&both);
                assert!(reply.code == AckCode::Error && reply.text.contains(why), "{both}: {}", reply.text);
                let now = [("A.CPOE", RequestStatus::Stopped), ("B.CPOE", RequestStatus::Active)];
                assert_eq!(sender.statuses(), now.map(|(id, status)| (id.to_owned(), status)), "{both}");
                // It comes again, as it does until a person has seen it, and changes nothing.
                let (orders, revision) =
                    (sender.orders(), sender.feed.db.view().unwrap().revision().unwrap());
                assert_eq!(sender.rde(&both).code, AckCode::Error);
                let changes = sender.feed.db.view().unwrap().changes_after(revision).unwrap();
                assert_eq!((sender.orders(), changes), (orders, Some(Vec::new())), "{both}");
            }
        }
    }
}

/// What a nurse sees of a patient whose order is parked: that not everything could be read.
#[test]
fn a_refused_order_is_marked_at_the_bedside_until_a_person_has_dealt_with_it() {
    let mut sender = Sender::new();
    let marked = |sender: &mut Sender| {
        assert_eq!(sender.feed.live.pulse(common::TODAY).unwrap(), Pulse::Changed);
        let chart = sender.feed.site().chart;
        assert_eq!(sender.feed.live.pulse(common::TODAY).unwrap(), Pulse::Same);
        chart.unreadable.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert!(marked(&mut sender).is_empty());
    let refused = message("RDE^O11", "refused", MRN, &order("HD", "O1"));
    assert_eq!(sender.feed.take(&refused).code, AckCode::Error);
    assert_eq!(marked(&mut sender), ["300001.GEN"]);
    sender.feed = sender.feed.reopened();
    assert_eq!(marked(&mut sender), ["300001.GEN"], "also after a restart");
    sender.accept(&order("NW", "O1"));
    assert_eq!(marked(&mut sender), ["300001.GEN"]);
    assert_eq!(sender.feed.take(&refused).code, AckCode::Accept);
    assert!(marked(&mut sender).is_empty(), "applied");

    let reply = sender.rde(&order("ZZ", "O1"));
    assert_eq!(reply.code, AckCode::Error);
    assert_eq!(marked(&mut sender), ["300001.GEN"]);
    // Whoever the record is merged into is the one whose order it is.
    let merged = message("ADT^A40", "merge", "300002", &format!("MRG|{MRN}^^^GEN^MR\r"));
    assert_eq!(sender.feed.take(&merged).code, AckCode::Accept);
    assert_eq!(marked(&mut sender), ["300002.GEN"]);
    let number = sender.feed.db.view().unwrap().parked_numbers().unwrap()[0];
    assert!(sender.feed.db.write(|txn| txn.dismiss(number)).unwrap());
    assert!(marked(&mut sender).is_empty(), "dismissed");
    // A test system marks nobody, nor does a patient who is not known, nor what is no order.
    let test = message("RDE^O11", "test", MRN, &order("NW", "O2")).replacen("|P|2.5.1", "|T|2.5.1", 1);
    assert_eq!(sender.feed.take(&test).code, AckCode::Reject);
    assert_eq!(
        sender.feed.take(&message("RDE^O11", "else", "300009", &order("HD", "O3"))).code,
        AckCode::Error
    );
    assert_eq!(sender.feed.take(&message("ADT^A17", "swap", MRN, "")).code, AckCode::Error);
    assert!(marked(&mut sender).is_empty());
    // Whose order it is can be told, too, where its bytes are no message.
    let mut broken = message("RDE^O11", "broken", "300002", &order("NW", "O4")).into_bytes();
    let name = broken.windows(4).position(|name| name == b"JANE").unwrap();
    broken[name] = 0xFC;
    assert_eq!(sender.feed.take_at(&broken, now()).code, AckCode::Error);
    assert_eq!(marked(&mut sender), ["300002.GEN"]);
}

/// What is replaced stays until what takes its place is known, too.
#[test]
fn an_order_whose_replacement_is_refused_stays() {
    let mut sender = Sender::new();
    sender.accept(&order("NW", "A"));
    let without_content = order("RO", "B").replacen("RXE|", "NTE|", 1);
    sender.refuse(&format!("{}{without_content}", order("RP", "A")), "RXE");
    assert_eq!(sender.statuses(), [("A.CPOE".to_owned(), RequestStatus::Active)]);
}

/// A change of an order that is not known may mean one that is known by the pharmacy's number: begun anew, its drug would be due twice.
#[test]
fn a_change_of_an_unknown_order_begins_nothing() {
    let mut sender = Sender::new();
    sender.accept(&order("NW", "ORD5").replacen("ORD5^CPOE", "", 1));
    sender.refuse(
        &of_50_mg(&order("XO", "ORD5").replacen("RX-ORD5^PHARM", "", 1)),
        "no order with these numbers",
    );
    assert_eq!(sender.statuses().len(), 1);
}

/// MSH-7 with another offset than the site's is the default of the message (v2.5.1 section 2.14.9.7).
#[test]
fn times_of_a_sender_in_another_zone() {
    let mut sender = Sender::new();
    let rde = |id: &str, tq1: &str| {
        let order = order("NW", id).replace("TQ1|1||BID|0900~2100|||20261129090000-0500", tq1);
        let order = order.replace("20261129090000-0500", "202611300600");
        message("RDE^O11", id, MRN, &order).replacen("20261130080000-0500", "20261130060000-0700", 1)
    };
    assert_eq!(sender.feed.take(&rde("A", "TQ1|1||Q6H||||202611301200")).code, AckCode::Accept);
    assert_eq!(sender.feed.take(&rde("B", "TQ1|1||BID|0900~2100")).code, AckCode::Accept);
    let site = sender.feed.site();
    let [interval, wall] = site.chart.requests.as_slice() else { panic!("{:?}", site.rejections) };
    assert_eq!(interval.start.to_string(), "2026-11-30T19:00:00Z");
    assert_eq!(interval.status_since.unwrap().to_string(), "2026-11-30T13:00:00Z");
    assert_eq!(interval.verified.unwrap().to_string(), "2026-11-30T13:00:00Z");
    let words = "BID; at 0900, 2100; times of day of the sender, UTC -07";
    assert!(
        matches!(&wall.timing, rights::schedule::Timing::Unscheduled { text } if text == words),
        "{:?}",
        wall.timing
    );
}
