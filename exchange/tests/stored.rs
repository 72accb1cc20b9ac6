//! What reconciliation knows of a store that feeds write to while it is read.

mod common;

use common::feed::{Feed, message, order};
use common::{TODAY, rules};
use exchange::pharmacy::{Known, Stored, dispenses};

const MRN: &str = "300001";

#[test]
fn a_line_that_was_written_before_a_merge_is_the_survivors() {
    let mut feed = Feed::new();
    feed.take(&message("ADT^A01", "1", "300002", ""));
    feed.take(&message("RDE^O11", "2", "300002", &order("NW", "ORD1")));
    let old = feed.site().chart.patients[0].id.clone();
    let row = format!(
        "id,at,kind,patient,request,product,quantity,unit,by\n\
         D1,2026-11-30T08:00:00-05:00,removal,{old},ORD1.CPOE,metoprolol-25,1,{{tablet}},n1\n"
    );
    let read = |feed: &Feed| {
        let stored = Stored::read(feed.dir.path(), &rules().zone, TODAY).unwrap();
        let (rows, bad) = dispenses::read("d.csv", row.as_bytes(), &stored.known(Known::default())).unwrap();
        assert!(bad.is_empty(), "{}", bad[0]);
        rows[0].patient.clone().unwrap()
    };
    // An order that came by a feed and that no kiosk has seen is known.
    assert_eq!(read(&feed), old);
    feed.take(&message("ADT^A01", "3", MRN, ""));
    feed.take(&message("ADT^A40", "4", MRN, "MRG|300002^^^GEN^MR\r"));
    let survivor = feed.site().chart.requests[0].patient.clone();
    assert_ne!(survivor, old);
    assert_eq!(read(&feed), survivor);
}
