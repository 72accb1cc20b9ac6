//! The ledger against a plain vector: whatever is appended, repeated and reopened, both hold the same.

#[path = "../src/cli/shift.rs"]
mod shift;

use ledger::epoch::EpochPlan;
use ledger::init::{InitOptions, init};
use ledger::ledger::{Ledger, OpenOptions};
use ledger::receipt::Appended;
use ledger::tree::{Frontier, leaf_hash};
use ledger::verify::{Options, Outcome, verify};
use proptest::prelude::*;
use shift::Shift;

#[derive(Clone, Copy, Debug)]
enum Act {
    Append,
    Repeat(prop::sample::Index),
    /// So many new entries in one commit, with one that was recorded before or that stands in the batch already.
    Batch(usize, prop::sample::Index),
    Reopen {
        orderly: bool,
    },
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => Just(Act::Append),
        2 => any::<prop::sample::Index>().prop_map(Act::Repeat),
        3 => (1..6_usize, any::<prop::sample::Index>()).prop_map(|(count, index)| Act::Batch(count, index)),
        1 => any::<bool>().prop_map(|orderly| Act::Reopen { orderly }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn ledger_and_vector_agree(acts in prop::collection::vec(any_act(), 1..30)) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger");
        let mut shift = Shift::new(shift::start(), 3);
        let plan = EpochPlan { count: 4, length_s: 1_000_000, start_s: shift::start().as_second() };
        let options = InitOptions { plan: Some(plan), ..InitOptions::new("o") };
        init(&path, &options, &shift.clock()).unwrap();
        let clock = shift.clock();
        let entries = shift.entries(180);
        let mut ledger = Ledger::open(&path, &OpenOptions::default(), &clock).unwrap();
        let mut model: Vec<Appended> = Vec::new();
        let mut own = 2;
        for act in acts {
            match act {
                Act::Append => {
                    let (entry, clock) = &entries[model.len()];
                    model.push(ledger.append(entry, clock).unwrap());
                }
                Act::Repeat(index) if !model.is_empty() => {
                    let at = index.index(model.len());
                    let again = ledger.append(&entries[at].0, &entries[at].1).unwrap();
                    prop_assert_eq!(again.receipt(), model[at].receipt());
                    prop_assert!(matches!(again, Appended::AlreadyRecorded(_)));
                }
                Act::Repeat(_) => {}
                Act::Batch(count, index) => {
                    let from = model.len();
                    let again = index.index(from + count);
                    let mut batch: Vec<_> = entries[from..from + count].iter().map(|one| one.0.clone()).collect();
                    batch.push(entries[again].0.clone());
                    let mut appended = ledger.append_all(&batch, &entries[from + count - 1].1).unwrap();
                    let repeated = appended.pop().unwrap().unwrap();
                    for one in appended {
                        let one = one.unwrap();
                        prop_assert!(matches!(one, Appended::New(_)));
                        model.push(one);
                    }
                    prop_assert_eq!(repeated.receipt(), model[again].receipt());
                    prop_assert!(matches!(repeated, Appended::AlreadyRecorded(_)));
                }
                Act::Reopen { orderly } => {
                    if orderly {
                        ledger.close(&clock).unwrap();
                        own += 1;
                    } else {
                        drop(ledger);
                    }
                    ledger = Ledger::open(&path, &OpenOptions::default(), &clock).unwrap();
                    own += 1;
                }
            }
            prop_assert_eq!(ledger.size(), model.len() as u64 + own);
        }
        let mut frontier = Frontier::default();
        ledger.view().unwrap().rows_between(0, u64::MAX, |row| {
            frontier.push(leaf_hash(row.entry), |_, _, _| {});
            true
        }).unwrap();
        let report = verify(&path, &Options::default());
        prop_assert_eq!(report.outcome, Outcome::Fine);
        prop_assert_eq!(report.root, Some(frontier.root()));
    }
}
