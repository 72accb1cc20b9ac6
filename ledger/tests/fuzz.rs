//! The fuzz targets' bodies over a corpus of real files and their random changes: a short, deterministic run of what `make fuzz` does
//! for long.

#[path = "../fuzz/bodies.rs"]
mod bodies;

use std::path::Path;

use ledger::inspect::Inspector;

/// Changes for each body.
const ROUNDS: usize = 30_000;

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides.max(1)
    }
}

/// One to four changes: a bit, a byte, a cut, a piece repeated, or a piece of another file.
fn change(bytes: &[u8], other: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for _ in 0..=dice.roll(4) {
        let at = dice.roll(out.len());
        match dice.roll(6) {
            0 if !out.is_empty() => out[at] ^= 1 << dice.roll(8),
            1 if !out.is_empty() => out[at] = [0, 0xff, 0x80, b'\n', b' ', 0x1b][dice.roll(6)],
            2 => out.truncate(at),
            3 => {
                let part: Vec<u8> = out[at..].iter().take(dice.roll(40)).copied().collect();
                out.splice(at..at, part);
            }
            4 => {
                let from = dice.roll(other.len());
                out.splice(at..at, other[from..].iter().take(dice.roll(60)).copied());
            }
            _ => drop(out.splice(at..(at + dice.roll(8)).min(out.len()), [])),
        }
    }
    out
}

fn run(corpus: &[Vec<u8>], seed: u64, body: fn(&[u8])) {
    let mut dice = Dice(seed);
    for bytes in corpus {
        body(bytes);
    }
    for _ in 0..ROUNDS {
        let (one, other) = (dice.roll(corpus.len()), dice.roll(corpus.len()));
        body(&change(&corpus[one], &corpus[other], &mut dice));
    }
}

#[test]
fn no_parser_panics_or_accepts_what_it_would_print_otherwise() {
    let v1 = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/ledgers/v1");
    let read = |name: &str| std::fs::read(v1.join(name)).unwrap();
    let inspector = Inspector::open(&v1.join("ledger")).unwrap();
    let mut entries: Vec<Vec<u8>> = (0..inspector.size()).map(|at| inspector.entry(at).unwrap().1).collect();
    entries.push(read("export/ledger/enrolment"));
    run(&entries, 1, bodies::entry);
    let (checkpoint, proof) = (read("export/checkpoint"), read("7.tlog-proof"));
    let keys = read("export/log.vkey");
    let key = keys.split(|byte| *byte == b'\n').next().unwrap().to_vec();
    let line = checkpoint.split(|byte| *byte == b'\n').nth(4).unwrap().to_vec();
    run(&[checkpoint.clone(), key, line], 2, bodies::note);
    let text = checkpoint.split_inclusive(|byte| *byte == b'\n').take(3).collect::<Vec<_>>().concat();
    run(&[text], 3, bodies::checkpoint);
    run(&[proof], 4, bodies::proof);
    run(&[read(&format!("export/tile/entries/000.p/{}", inspector.size()))], 5, bodies::tile);
    let hash = b"PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n".as_slice();
    let request = [b"old 7\n", hash, hash, b"\n", checkpoint.as_slice()].concat();
    run(&[request, b"17\n".to_vec()], 6, bodies::request);
}
