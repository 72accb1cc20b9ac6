//! Which order an ORC speaks of. The placer (ORC-2) and the filler (ORC-3) each have a number of their own for it (v2.5.1 sections
//! 4.5.1.2 and 4.5.1.3), and a message may bring either: the pharmacy's OD comes with ORC-3 alone.

use super::er7::Segment;
use super::{ApplyError, Refused, chart_id, entity};
use crate::feed::book::Book;
use crate::feed::db::DbError;
use crate::feed::state::{Number, OrderState, OrderStatus, Role};

/// The numbers of one ORC.
pub(super) struct Numbers {
    placer: Number,
    filler: Number,
}

impl Numbers {
    /// `None` when it brings neither.
    pub(super) fn of(orc: &Segment) -> Option<Self> {
        let numbers = Self { placer: entity(&orc.field(2)), filler: entity(&orc.field(3)) };
        (!numbers.placer.value.is_empty() || !numbers.filler.value.is_empty()).then_some(numbers)
    }

    /// The id in the chart of an order that begins with these numbers.
    pub(super) fn chart_id(&self) -> String {
        chart_id(if self.placer.value.is_empty() { &self.filler } else { &self.placer })
    }

    /// The known order that has these numbers; `None` when nobody has either. Numbers of two orders lead to none of them. What `begins`
    /// an order (NW, RO) with a placer number of its own is that one, even where the pharmacy keeps its number of another.
    pub(super) fn known(&self, book: &Book<'_>, begins: bool) -> Result<Option<OrderState>, ApplyError> {
        let contradicts = |placer: &Number| {
            !self.placer.value.is_empty() && !placer.value.is_empty() && *placer != self.placer
        };
        let by_placer = one("ORC-2", with(Role::Placer, &self.placer, book)?)?;
        let mut by_filler = with(Role::Filler, &self.filler, book)?;
        // A replacement may keep the pharmacy's number of what it replaces, which has ended by then.
        let may_differ = |order: &OrderState| begins || order.status == OrderStatus::Stopped;
        by_filler.retain(|order| !(may_differ(order) && contradicts(&order.placer)));
        // Where several orders share the pharmacy's number, the placer's says which.
        if let Some(known) = &by_placer
            && by_filler.iter().any(|order| order.id == known.id)
        {
            return Ok(by_placer);
        }
        let by_filler = one("ORC-3", by_filler)?;
        match (by_placer, by_filler) {
            (Some(one), Some(other)) if one.id != other.id => {
                Err(ambiguous("ORC-2", "ORC-2 is the number of one order and ORC-3 that of another").into())
            }
            (None, Some(known)) if contradicts(&known.placer) => {
                Err(ambiguous("ORC-3", "ORC-3 is the number of an order that has another ORC-2").into())
            }
            (Some(known), _) | (None, Some(known)) => Ok(Some(known)),
            (None, None) => Ok(None),
        }
    }

    /// Keeps the numbers with the order: one that comes later is added.
    pub(super) fn keep(&self, order: &mut OrderState) {
        for (known, told) in [(&mut order.placer, &self.placer), (&mut order.filler, &self.filler)] {
            if !told.value.is_empty() {
                known.clone_from(told);
            }
        }
    }
}

fn with(role: Role, number: &Number, book: &Book<'_>) -> Result<Vec<OrderState>, DbError> {
    if number.value.is_empty() { Ok(Vec::new()) } else { book.orders_with(role, number) }
}

/// The one order of those with a number. Stores of before numbers were looked up by both may hold several; what has ended is none of
/// them while another goes on.
fn one(place: &str, mut hits: Vec<OrderState>) -> Result<Option<OrderState>, Refused> {
    if hits.iter().any(|order| order.status != OrderStatus::Stopped) {
        hits.retain(|order| order.status != OrderStatus::Stopped);
    }
    match (hits.pop(), hits.is_empty()) {
        (hit, true) => Ok(hit),
        (_, false) => Err(ambiguous(place, "several orders have this number")),
    }
}

fn ambiguous(place: &str, what: &str) -> Refused {
    let reason = format!("{what}: which one is meant cannot be told, nothing was changed");
    Refused::error(place, reason, "find out which order it is, and send it with the numbers of that one")
}
