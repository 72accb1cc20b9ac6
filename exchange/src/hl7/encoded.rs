//! The segments of one order as the pharmacy encoded it (RDE^O11, v2.5.1 section 4.13.3):
//!
//! ```text
//! ORC [{TQ1 [{TQ2}]}] [RXO [{NTE}] {RXR} [{RXC [{NTE}]}]] RXE [{NTE}] {TQ1 [{TQ2}]} {RXR} [{RXC}]
//! ```
//!
//! What stands before RXE is what the prescriber wrote, what stands after it is what the pharmacy made of that. Both say the same
//! order: read together, one BID would be two. The pharmacy's count; the prescriber's only where the pharmacy sent none of that
//! segment.

use super::er7::{Message, Segment};

/// One order.
pub(super) struct Encoded<'a> {
    message: &'a Message,
    pub(super) orc: &'a Segment,
    pub(super) rxe: &'a Segment,
    /// Where RXE stands.
    at: usize,
}

impl<'a> Encoded<'a> {
    /// `None` where there is no ORC or no RXE: nothing is ordered then.
    pub(super) fn of(message: &'a Message) -> Option<Self> {
        let at = message.segments().iter().position(|segment| segment.name() == "RXE")?;
        Some(Self { message, orc: message.segment("ORC")?, rxe: message.segments().get(at)?, at })
    }

    /// The encoded segments of this name, or else the prescriber's.
    fn named(&self, name: &str) -> Vec<&'a Segment> {
        let (ordered, encoded) = self.message.segments().split_at(self.at);
        let of = |segments: &'a [Segment]| -> Vec<&'a Segment> {
            segments.iter().filter(|segment| segment.name() == name).collect()
        };
        let found = of(encoded);
        if found.is_empty() { of(ordered) } else { found }
    }

    /// TQ1: one instruction each.
    pub(super) fn timings(&self) -> Vec<&'a Segment> {
        self.named("TQ1")
    }

    /// TQ2: how the order follows other orders.
    pub(super) fn sequences(&self) -> Vec<&'a Segment> {
        self.named("TQ2")
    }

    /// RXR: the route, then others that may be taken instead.
    pub(super) fn routes(&self) -> Vec<&'a Segment> {
        self.named("RXR")
    }

    /// RXC: what a compound holds.
    pub(super) fn components(&self) -> Vec<&'a Segment> {
        self.named("RXC")
    }

    /// NTE: the notes of the prescriber and of the pharmacy. They are words for the nurse; neither takes the place of the other.
    pub(super) fn notes(&self) -> impl Iterator<Item = &'a Segment> {
        self.message.segments().iter().filter(|segment| segment.name() == "NTE")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(segments: &str) -> Message {
        Message::read(format!("MSH|^~\\&\rORC|NW|O1\r{segments}").as_bytes()).unwrap()
    }

    #[test]
    fn what_the_pharmacy_encoded_counts() {
        let message =
            read("TQ1|1||QD\rRXO|x\rNTE|1||a\rRXR|IV\rRXC|B|d\rRXE||x\rNTE|1||b\rTQ1|1||BID\rRXR|PO\r");
        let order = Encoded::of(&message).unwrap();
        let first = |segments: Vec<&Segment>, field: usize| {
            segments.iter().map(|segment| segment.text(field)).collect::<Vec<_>>()
        };
        assert_eq!(first(order.timings(), 3), ["BID"]);
        assert_eq!(first(order.routes(), 1), ["PO"]);
        assert_eq!(first(order.components(), 1), ["B"], "the pharmacy sent none");
        assert_eq!(order.notes().map(|note| note.text(3)).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(order.sequences().len(), 0);
    }

    #[test]
    fn the_prescribers_count_where_the_pharmacy_sent_none() {
        let message = read("TQ1|1||QD\rRXO|x\rRXR|IV\rRXE||x\r");
        let order = Encoded::of(&message).unwrap();
        assert_eq!((order.timings().len(), order.routes().len()), (1, 1));
        assert!(Encoded::of(&read("TQ1|1||QD\rRXO|x\rRXR|IV\r")).is_none());
    }
}
