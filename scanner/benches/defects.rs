//! `cargo bench -p scanner --bench defects -- LABELS [SEED] [first]`: misreads of labels with 0, 1 and 2 dead dots, by this scanner and by
//! zxing-cpp alone on the same pictures. `LABELS` for each symbology; half of them with one dead dot, half with two.
//! With `first` the second looks at pictures that show nothing are left out: their readings pass the same checks, at ten times the
//! cost.
#![allow(clippy::cast_precision_loss, reason = "counts of labels")]

#[path = "../tests/common/mod.rs"]
mod common;

use common::Noise;
use common::defects::{Print, label};
use scanner::decode::{Effort, Second, alone, decode};
use scanner::symbol::Wanted;

#[derive(Default)]
struct Count {
    labels: u64,
    read: u64,
    misread: u64,
}

impl Count {
    fn add(&mut self, texts: &[String], text: &str) -> bool {
        self.labels += 1;
        let wrong = texts.iter().any(|read| read != text);
        self.read += u64::from(!wrong && !texts.is_empty());
        self.misread += u64::from(wrong);
        wrong
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1).filter_map(|argument| argument.parse::<u64>().ok());
    let (labels, seed) = (arguments.next().unwrap_or(2_000), arguments.next().unwrap_or(1));
    let effort = if std::env::args().any(|argument| argument == "first") {
        Effort { second: Second::None, ..Effort::FULL }
    } else {
        Effort::FULL
    };
    println!(
        "{:<12} {:>4} {:>9}   {:<28}   zxing-cpp alone, 2 lines",
        "symbology", "dead", "labels", "this scanner"
    );
    for print in Print::ALL {
        let wanted: Wanted = [print.symbology()].into_iter().collect();
        for dead in [0_usize, 1, 2] {
            let mut noise =
                Noise(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (dead as u64 + 3 * print as u64 + 1));
            let (mut ours, mut theirs) = (Count::default(), Count::default());
            for _ in 0..if dead == 0 { labels / 20 } else { labels / 2 } {
                let label = label(print, dead, &mut noise);
                let texts = |symbols: Vec<scanner::symbol::Symbol>| -> Vec<String> {
                    symbols.into_iter().map(|symbol| symbol.text).collect()
                };
                let mine = texts(decode(&label.frame, wanted, effort).unwrap());
                theirs.add(&texts(alone(&label.frame, wanted, 2).unwrap()), &label.text);
                if ours.add(&mine, &label.text) {
                    println!("  misread: {} as {mine:?}", label.text);
                }
            }
            let say = |count: &Count| {
                format!(
                    "misread {:>6} ({:.1e}) read {:>5.1} %",
                    count.misread,
                    count.misread as f64 / count.labels as f64,
                    count.read as f64 / count.labels as f64 * 100.0
                )
            };
            println!(
                "{:<12} {dead:>4} {:>9}   {:<28}   {}",
                print.symbology().name(),
                ours.labels,
                say(&ours),
                say(&theirs)
            );
        }
    }
}
