//! Orders of RDE^O11 as a pharmacy really sends them: what of a message counts, and what a schedule cannot hold.

mod common;

use common::feed::{Feed, message, now};
use common::rules;
use exchange::hl7::ack::AckCode;
use jiff::SignedDuration;
use rights::product::Route;
use rights::quantity::Quantity;
use rights::rate::{Rate, RateOrder, RateTime};
use rights::request::Request;
use rights::schedule::Timing;

const MRN: &str = "300001";
const ORC: &str = "ORC|NW|ORD1^CPOE|RX1^PHARM||IP||||20261129090000-0500";
const RXE: &str = "RXE||metoprolol-25^metoprolol tartrate 25 mg^99FORM|25||mg^milligram^UCUM|||||||||77";
const RXR: &str = "RXR|PO^Oral^HL70162";

fn admitted() -> Feed {
    let feed = Feed::new();
    assert_eq!(feed.take(&message("ADT^A01", "1", MRN, "")).code, AckCode::Accept);
    feed
}

/// What the bedside makes of an order with these segments.
fn requests(segments: &[&str]) -> Vec<Request> {
    let mut feed = admitted();
    let reply = feed.take(&message("RDE^O11", "2", MRN, &format!("{}\r", segments.join("\r"))));
    assert_eq!(reply.code, AckCode::Accept, "{}", reply.text);
    let site = feed.site();
    let rejections: Vec<String> = site.rejections.iter().map(ToString::to_string).collect();
    assert_eq!(rejections, Vec::<String>::new());
    site.chart.requests
}

fn only(segments: &[&str]) -> Request {
    let mut all = requests(segments);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// The order with this one TQ1.
fn timed(tq1: &str) -> Request {
    only(&[ORC, RXE, tq1, RXR])
}

fn doses_in_a_day(request: &Request) -> usize {
    let until = now() + SignedDuration::from_hours(24);
    let slots = request.timing.slots(request.start, request.stop, &rules().zone, now(), until);
    slots.iter().filter(|slot| slot.due >= now() && slot.due < until).count()
}

/// The words in which an unscheduled order is shown; they also stand among the words of the instruction.
fn unscheduled(request: &Request) -> &str {
    let Timing::Unscheduled { text } = &request.timing else { panic!("{:?}", request.timing) };
    assert!(request.instruction.as_ref().is_some_and(|words| words.contains(text)), "{request:?}");
    text
}

/// v2.5.1 section 4.13.3: TQ1, RXO, RXR before RXE are the prescriber's, those after it the pharmacy's: one order.
#[test]
fn the_prescribers_and_the_pharmacys_timing_are_one_order() {
    let same = only(&[ORC, "TQ1|1||BID", "RXO|x", RXR, RXE, "TQ1|1||BID|0900~2100", RXR]);
    assert_eq!((same.id.as_str(), doses_in_a_day(&same)), ("ORD1.CPOE", 2));
    assert!(same.alternate_routes.is_empty());
    let changed =
        [ORC, "TQ1|1||QID|0600~1200~1800~2300", "RXO|x", "NTE|1||with food", "RXR|IV^IV^HL70162", RXE];
    let changed = only(&[&changed[..], &["NTE|1||crush", "TQ1|1||BID|0900~2100", RXR]].concat());
    assert_eq!((changed.route, doses_in_a_day(&changed)), (Route::Oral, 2));
    assert!(changed.alternate_routes.is_empty(), "the prescriber's route is none to choose");
    assert_eq!(changed.instruction.as_deref(), Some("with food; crush"), "notes of both are words");
}

#[test]
fn the_prescribers_timing_counts_where_the_pharmacy_sent_none() {
    let request = only(&[ORC, "TQ1|1||BID|0900~2100", "RXO|x", RXR, RXE]);
    assert_eq!((request.route, doses_in_a_day(&request)), (Route::Oral, 2));
}

/// D2: the rate at which the pump is set is compared with it; one that cannot be compared is no order.
#[test]
fn the_rate_of_an_infusion_is_that_of_rxe_23_and_24() {
    let rated = |rate: &str| format!("{RXE}|||||||||{rate}");
    let rate = only(&[ORC, &rated("75|mL/h^mL/h^UCUM"), "TQ1|1||BID|0900~2100", RXR]).rate;
    let amount = Quantity::parse("75 mL").unwrap();
    assert_eq!(rate, Some(RateOrder::Exact(Rate { amount, per: RateTime::Hour, per_kilogram: false })));
    assert_eq!(only(&[ORC, RXE, "TQ1|1||BID|0900~2100", RXR]).rate, None);
    for unclear in ["75|mL^mL^UCUM", "75", "fast|mL/h^mL/h^UCUM", "0|mL/h^mL/h^UCUM"] {
        let mut feed = admitted();
        let text = format!("{ORC}\r{}\rTQ1|1||BID|0900~2100\r{RXR}\r", rated(unclear));
        assert_eq!(feed.take(&message("RDE^O11", "2", MRN, &text)).code, AckCode::Accept);
        let chart = feed.site().chart;
        assert_eq!((chart.requests.len(), chart.unreadable.len()), (0, 1), "{unclear}");
    }
}

/// Which of the two is meant cannot be told.
#[test]
fn two_rxe_under_one_orc_are_refused() {
    let feed = admitted();
    let text = [ORC, RXE, "TQ1|1||BID", RXR, RXE, RXR].join("\r");
    let reply = feed.take(&message("RDE^O11", "2", MRN, &text));
    assert!(reply.code == AckCode::Error && reply.text.contains("several of them"), "{}", reply.text);
}

/// exchange.md section 1: neither flattened nor guessed.
#[test]
fn what_a_schedule_cannot_hold_is_unscheduled_and_said_in_words() {
    for (tq1, words) in [
        ("TQ1|1||QD~HS|0900", "QD, HS; at 0900"),
        ("TQ1|1||BID|0900~2100|30^min&minute&UCUM", "BID; at 0900, 2100; relative time 30 min minute UCUM"),
        ("TQ1|1||BID|||7^M", "BID; for 7 M"),
        ("TQ1|1||BID^^^^^^^AC", "BID AC"),
        ("TQ1|1||BID^^^^12^fortnight", "BID 12 fortnight"),
        ("TQ1|1|2|BID|0900~2100", "quantity 2; BID; at 0900, 2100"),
        ("TQ1|1|1^mg|BID|0900~2100", "quantity 1 mg; BID; at 0900, 2100"),
        ("TQ1|1|25^g|BID|0900~2100", "quantity 25 g; BID; at 0900, 2100"),
        ("TQ1|1||BID^^2^5|0900~2100", "BID 2 5; at 0900, 2100"),
        ("TQ1|1||BID^^^^^^X|0900~2100", "BID X; at 0900, 2100"),
        ("TQ1|1||BID|||||||||C", "BID; conjunction C"),
        ("TQ1|1||BID|||||||||||ten", "BID; doses in all: ten"),
        ("TQ1|1||Q4H~Q6H||||||PRN||for pain", "Q4H, Q6H; priority PRN; for pain"),
    ] {
        assert_eq!(unscheduled(&timed(tq1)), words, "{tq1}");
    }
    let after = only(&[ORC, RXE, "TQ1|1||BID|0900~2100", "TQ2|1|S|ORD0^CPOE|||ES", RXR]);
    assert_eq!(unscheduled(&after), "BID; at 0900, 2100; goes with other orders: S ORD0 CPOE ES");
}

/// Whatever the cause, all of the timing is said.
#[test]
fn an_unscheduled_order_says_all_of_its_timing() {
    for (tq1, words) in [
        ("TQ1|1||BID|0600~1200~1800||||||||||3", "BID; at 0600, 1200, 1800; doses in all: 3"),
        ("TQ1|1||ODD^Every odd day||||||||after meals", "ODD Every odd day; after meals"),
        ("TQ1|1||^Twice a day|0900~2100", "Twice a day; at 0900, 2100"),
        ("TQ1|1||BID|0900~2460", "BID; at 0900, 2460"),
        ("TQ1|1||BID|||||||||||0", "BID; doses in all: 0"),
        ("TQ1|1||||||||||as the doctor says", "as the doctor says"),
    ] {
        let request = timed(tq1);
        assert!(
            matches!(&request.timing, Timing::Unscheduled { text } if text == words),
            "{:?}",
            request.timing
        );
    }
    let both = requests(&[ORC, RXE, "TQ1|1||BID|0900~2100", "TQ1|2||ODD", RXR]);
    assert!(matches!(&both[1].timing, Timing::Unscheduled { text } if text == "ODD"), "{both:?}");
}

#[test]
fn what_says_the_same_twice_stays_a_schedule() {
    for tq1 in [
        "TQ1|1|1|BID|0900~2100",
        "TQ1|1|25^mg|BID|0900~2100",
        "TQ1|1||BID^^^^12^h|0900~2100",
        "TQ1|1||BID&twice a day|0900~2100||||||||A",
        "TQ1|1||BID^Twice a day^HL70335|0900~2100",
        "TQ1|1||BID^Twice a day^HL70335^TWICE|0900~2100",
        "TQ1|1||BID^^^^^^Y|0900~2100",
        "TQ1|1||BID^^^^^^N|0900~2100",
        "TQ1|1|0.025^g|BID|0900~2100",
        "TQ1|1|1^TAB|BID|0900~2100",
        "TQ1|1||BID|0900~2100|\"\"",
    ] {
        assert_eq!(doses_in_a_day(&timed(tq1)), 2, "{tq1}");
    }
}

/// TQ1-2 may be either end of a range (RXE-3, RXE-4).
#[test]
fn a_quantity_of_the_most_is_one_dose() {
    let range = RXE.replacen("|25||mg", "|25|50|mg", 1);
    for quantity in ["25", "50", "50^mg", "0.05^g"] {
        let request = only(&[ORC, &range, &format!("TQ1|1|{quantity}|BID|0900~2100"), RXR]);
        assert_eq!(doses_in_a_day(&request), 2, "{quantity}");
    }
    let request = only(&[ORC, &range, "TQ1|1|40|BID|0900~2100", RXR]);
    assert!(unscheduled(&request).starts_with("quantity 40"));
}

/// TQ1-13 changes nothing about when, and is said.
#[test]
fn how_long_one_takes_is_said() {
    let request = timed("TQ1|1||BID|0900~2100|||||||with food||30^min");
    assert_eq!(doses_in_a_day(&request), 2);
    assert_eq!(request.instruction.as_deref(), Some("with food; each over 30 min"));
}

/// TQ1-6 of less than one turn may be how long one takes: no end of the order.
#[test]
fn a_duration_of_less_than_a_turn_is_no_end() {
    for (tq1, words) in [
        ("TQ1|1||BID|0900~2100||30^min|20261129090000-0500", "BID; at 0900, 2100; for 30 min"),
        ("TQ1|1||Q6H^^^^6^h|||60^min|20261129090000-0500", "Q6H 6 h; for 60 min"),
        ("TQ1|1||BID|||12^h|20261129090000-0500", "BID; for 12 h"),
    ] {
        let request = timed(tq1);
        assert_eq!((unscheduled(&request), request.stop), (words, None), "{tq1}");
    }
    let twice = timed("TQ1|1||Q6H^^^^6^h|||12^h|20261129090000-0500");
    assert_eq!(twice.stop.unwrap().to_string(), "2026-11-30T02:00:00Z");
}

/// The table's row names the weekday; the order only the time and that it is weekly. 2 December 2026 is a Wednesday.
#[test]
fn a_code_with_weekdays_keeps_them() {
    for tq1 in ["TQ1|1||QMON^^^^1^wk|0900|||20261202090000-0500", "TQ1|1||QMON|0900|||20261202090000-0500"] {
        let request = timed(tq1);
        let until = now() + SignedDuration::from_hours(24 * 14);
        let slots = request.timing.slots(request.start, request.stop, &rules().zone, now(), until);
        let due: Vec<String> = slots.iter().map(|slot| slot.due.to_string()).collect();
        assert_eq!(due, ["2026-12-07T14:00:00Z", "2026-12-14T14:00:00Z"], "{tq1}");
    }
    let daily = timed("TQ1|1||QMON^^^^1^d|0900|||20261202090000-0500");
    assert!(matches!(daily.timing, Timing::Unscheduled { .. }), "{:?}", daily.timing);
}

/// Without TQ1-8 the order ends after its service duration.
#[test]
fn a_service_duration_ends_the_order() {
    let stop = |tq1: &str| timed(tq1).stop.map(|stop| stop.to_string());
    let week = "TQ1|1||BID|0900~2100||7^d&day&UCUM|20261129090000-0500";
    assert_eq!(stop(week).as_deref(), Some("2026-12-06T14:00:00Z"));
    let both = "TQ1|1||BID|0900~2100||07^DAYS|20261129090000-0500|20261201090000-0500";
    assert_eq!(stop(both).as_deref(), Some("2026-12-01T14:00:00Z"));
    assert_eq!(stop("TQ1|1||BID|0900~2100|||20261129090000-0500"), None);
}

#[test]
fn as_needed_is_any_of_the_priorities() {
    let request = timed("TQ1|1||Q6H||||||R~PRN");
    assert!(matches!(request.timing, Timing::AsNeeded(_)), "{:?}", request.timing);
    assert!(timed("TQ1|1||BID|0900~2100|||||R~TS30").time_critical);
}

/// TQ1-10: the nurse has to see to it before each dose, so it is shown and acknowledged.
#[test]
fn a_condition_is_shown_and_acknowledged() {
    let request = timed("TQ1|1||BID|0900~2100||||||BP above 100");
    assert!(request.conditions.instruction_flagged);
    assert_eq!(request.instruction.as_deref(), Some("condition: BP above 100"));
    assert_eq!(doses_in_a_day(&request), 2);
    let both = requests(&[ORC, RXE, "TQ1|1||BID|0900~2100||||||BP above 100", "TQ1|2||QD|1500", RXR]);
    assert_eq!(both.len(), 2, "one with the condition, one without");
}

/// RXE-1 before v2.5 (type TQ): its parts are read or said, too.
#[test]
fn the_quantity_and_timing_of_rxe_1() {
    let old = |rxe_1: &str| only(&[ORC, &RXE.replacen("RXE|", &format!("RXE|{rxe_1}"), 1), RXR]);
    let request = old("^BID&0900,2100^D7^20261129090000-0500");
    assert_eq!(doses_in_a_day(&request), 2);
    assert_eq!(request.stop.unwrap().to_string(), "2026-12-06T14:00:00Z");
    assert_eq!(unscheduled(&old("^BID^L1")), "BID; for L1");
    assert_eq!(unscheduled(&old("^BID^M30")), "BID; for M30");
    let over = old("^BID&0900,2100^^^^^^with food^^^30 min");
    assert_eq!(over.instruction.as_deref(), Some("with food; each over 30 min"));
    assert_eq!(doses_in_a_day(&over), 2);
    assert_eq!(unscheduled(&old("^QD~^HS")), "QD; all of it: QD, HS");
    let conditional = old("^BID^^^^^BP above 100");
    assert!(conditional.conditions.instruction_flagged && doses_in_a_day(&conditional) == 2);
}

/// R: several codes of the site's table are one route; which eye is in the code alone.
#[test]
fn a_route_that_says_more_than_the_table_goes_on_in_words() {
    let tq1 = "TQ1|1||BID|0900~2100";
    let eye = |rxr: &[&str]| only(&[&[ORC, RXE, tq1], rxr].concat());
    let left = eye(&["RXR|LEFT EYE^Left eye^99ROUTE"]);
    assert_eq!((left.route, left.instruction.as_deref()), (Route::Ophthalmic, Some("route: Left eye")));
    assert_eq!(eye(&["RXR|RIGHT EYE^^99ROUTE"]).instruction.as_deref(), Some("route: RIGHT EYE"));
    let with_site = eye(&["RXR|EYE^Eye^99ROUTE|OS^Left eye^HL70163"]);
    assert_eq!(with_site.instruction.as_deref(), Some("site: Left eye"));
    let either = eye(&["RXR|LEFT EYE^Left eye^99ROUTE", "RXR|RIGHT EYE^Right eye^99ROUTE"]);
    assert_eq!(either.instruction.as_deref(), Some("route: Left eye; or route: Right eye"));
    let unknown =
        eye(&[RXR, "RXR|XX^By spoon^L", "RXR|SL^Sublingual^HL70162", "RXR|NG^Nasogastric^HL70162|L^left"]);
    assert_eq!(unknown.alternate_routes, [Route::Sublingual, Route::Nasogastric]);
    assert_eq!(unknown.instruction.as_deref(), Some("or route: By spoon; or route: Nasogastric left"));
    assert_eq!(eye(&[RXR]).instruction, None, "a route with one code says nothing more");
}
