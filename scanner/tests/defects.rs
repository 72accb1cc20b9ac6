//! Dead dots of a print head: no misread, and the labels that are whole are still read. The 10^6 labels of scanning specification,
//! section 4, are `make bench-defects`.

mod common;

use common::Noise;
use common::defects::{Print, label};
use scanner::decode::{Effort, decode};
use scanner::symbol::Wanted;

/// How many of the labels were read, after each misread has failed the test.
fn read(print: Print, dead: usize, labels: u32) -> u32 {
    let wanted: Wanted = [print.symbology()].into_iter().collect();
    let mut noise = Noise(0x5EED + 17 * dead as u64 + print as u64);
    let mut read = 0;
    for _ in 0..labels {
        let label = label(print, dead, &mut noise);
        let symbols = decode(&label.frame, wanted, Effort::FULL).unwrap();
        for symbol in &symbols {
            assert_eq!(symbol.text, label.text, "{print:?} with {dead} dead dots");
        }
        read += u32::from(!symbols.is_empty());
    }
    read
}

#[test]
fn labels_with_dead_dots_are_never_misread() {
    for print in Print::ALL {
        for dead in [1, 2] {
            read(print, dead, 150);
        }
    }
}

#[test]
fn labels_without_a_defect_are_read() {
    for print in Print::ALL {
        let read = read(print, 0, 100);
        assert!(read >= 95, "{print:?}: {read} of 100");
    }
}
