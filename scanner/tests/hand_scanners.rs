//! Hand scanners that are devices: a serial port over a pseudo terminal, and what becomes of broken texts.

mod common;

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use common::interpreter;
use rights::scan::{Source, Symbology};
use scanner::hand::serial::{PortScanner, SerialScanner};
use scanner::hand::{HandError, HandScanner, LineSettings};
use serialport::{SerialPort as _, TTYPort};

const TERMINAL: &str = "pseudo terminal";

/// A scanner on one end of a pseudo terminal, and the other end.
fn opened(settings: LineSettings) -> (SerialScanner<TTYPort>, TTYPort) {
    let (ours, mut theirs) = TTYPort::pair().unwrap();
    theirs.set_timeout(Duration::from_millis(10)).unwrap();
    (SerialScanner::on(Path::new(TERMINAL), theirs, settings), ours)
}

/// The same, open for so long that what comes is no rest of a scan that began before.
fn pair(settings: LineSettings) -> (SerialScanner<TTYPort>, TTYPort) {
    let gap = settings.gap;
    let pair = opened(settings);
    std::thread::sleep(gap);
    pair
}

#[test]
fn a_port_that_is_opened_in_the_middle_of_a_scan_drops_the_rest_of_it() {
    let settings = LineSettings { gap: Duration::from_mins(1), ..LineSettings::default() };
    let (mut scanner, mut port) = opened(settings);
    port.write_all(b"05910369019\r0591036901\r").unwrap();
    assert_eq!(next(&mut scanner), Ok("0591036901".to_owned()));
}

/// The next text or fault; gives up after some seconds.
fn next(scanner: &mut impl HandScanner) -> Result<String, HandError> {
    let start = Instant::now();
    loop {
        match scanner.next_text() {
            Ok(None) => assert!(start.elapsed() < Duration::from_secs(10), "nothing came"),
            Ok(Some(text)) => return Ok(text),
            Err(error) => return Err(error),
        }
    }
}

#[test]
fn a_serial_scan_in_pieces_becomes_one_scan_with_its_carrier() {
    let (mut scanner, mut port) = pair(LineSettings::default());
    for piece in ["]d20100305910", "369019\u{1D}10", "A1\r\n"] {
        port.write_all(piece.as_bytes()).unwrap();
        assert_eq!(scanner.next_text().map(|text| text.is_some()), Ok(piece.ends_with('\n')), "{piece:?}");
    }
    port.write_all(b"]C1WB-1\r").unwrap();
    assert_eq!(
        next(&mut scanner),
        Ok("]C1WB-1".to_owned()),
        "the line feed of the first one is no empty scan"
    );
    let scan = interpreter().hand_scan("]d20100305910369019\u{1D}10A1");
    assert_eq!((scan.symbology, scan.source), (Some(Symbology::DataMatrix), Source::HandScanner));
}

#[test]
fn two_texts_in_one_read_and_a_text_with_an_accent() {
    let (mut scanner, mut port) = pair(LineSettings::default());
    port.write_all("AB\rC\u{e9}D\r".as_bytes()).unwrap();
    assert_eq!(next(&mut scanner), Ok("AB".to_owned()));
    assert_eq!(next(&mut scanner), Ok("C\u{e9}D".to_owned()));
}

#[test]
fn broken_texts_are_named_and_the_next_one_is_whole() {
    let (gap, quiet) = (Duration::from_millis(120), Duration::from_millis(400));
    let settings = LineSettings { gap, quiet, longest: 20, ..LineSettings::default() };
    let (mut scanner, mut port) = pair(settings);
    port.write_all(b"HALF").unwrap();
    assert_eq!(next(&mut scanner), Err(HandError::Incomplete));
    port.write_all(b"OTHER HALF\rWHOLE\r").unwrap();
    assert_eq!(next(&mut scanner), Ok("WHOLE".to_owned()));
    port.write_all(b"HALF").unwrap();
    assert_eq!(next(&mut scanner), Err(HandError::Incomplete));
    std::thread::sleep(quiet);
    port.write_all(b"0123456789012345678901234567890\rWHOLE\r").unwrap();
    assert_eq!(next(&mut scanner), Err(HandError::TooLong { limit: 20 }));
    assert_eq!(next(&mut scanner), Ok("WHOLE".to_owned()));
    port.write_all(b"\xFF\xFE\x00abc\rWHOLE\r").unwrap();
    assert_eq!(next(&mut scanner), Err(HandError::NotText));
    assert_eq!(next(&mut scanner), Ok("WHOLE".to_owned()));
}

#[test]
fn an_unplugged_scanner_and_one_that_is_not_there_are_named() {
    let (mut scanner, port) = pair(LineSettings::default());
    drop(port);
    assert!(matches!(next(&mut scanner), Err(HandError::Unplugged { .. })));
    let gone = PortScanner::open(Path::new("/dev/ttyACM250"), 9_600, LineSettings::default());
    assert!(matches!(gone.map(|_| ()), Err(HandError::NotFound { .. })));
}
