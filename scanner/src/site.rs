//! The site's own wristbands, badges and dose labels: a prefix, the payload and a check character.
//!
//! | what | form | example |
//! |---|---|---|
//! | wristband | `WB-<MRN>-<serial>-<C>` | `WB-3B-0001-7-9` |
//! | badge | `BG-<badge id>-<C>` | |
//! | dose label | `DS-<dose id>-<C>` | |
//!
//! `C` is ISO/IEC 7064 MOD 37,36 over the payload between prefix and `C` without its hyphens. The payload holds digits, capitals
//! and hyphens; the serial is the last hyphenated part before `C`. Only symbols with a strong check of their own may carry these.

use rights::check_digit;
use rights::ident::{BadgeId, BandSerial, DoseId, IdentError, Mrn};
use rights::scan::{Badge, Meaning, ScanFault, ScanFaultKind, Symbology, Wristband};

use crate::fault::{fault, of_ident};

/// The prefixes of the site's own codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteFormats {
    wristband: String,
    badge: String,
    dose: String,
}

/// Why prefixes or a payload cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SiteError {
    /// A prefix is empty, too long or holds a character that not every symbology can carry.
    #[error("prefix {prefix:?}: expected 1 to 8 digits, capitals and hyphens that end in a hyphen")]
    Prefix {
        /// The prefix.
        prefix: String,
    },
    /// One prefix is the beginning of another, so that a code could be two things.
    #[error("prefixes {first:?} and {second:?}: one begins with the other; choose prefixes that differ")]
    Overlap {
        /// One of them.
        first: String,
        /// The other one.
        second: String,
    },
    /// A number that this format cannot carry.
    #[error("{what}: expected digits, capitals and inner hyphens only")]
    Payload {
        /// Which number.
        what: &'static str,
    },
}

impl Default for SiteFormats {
    fn default() -> Self {
        Self { wristband: "WB-".to_owned(), badge: "BG-".to_owned(), dose: "DS-".to_owned() }
    }
}

/// Which of the site's codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Wristband,
    Badge,
    Dose,
}

impl SiteFormats {
    /// Prefixes for wristbands, badges and dose labels.
    ///
    /// # Errors
    /// When a prefix cannot be printed in every symbology or two of them could be taken for each other.
    pub fn new(wristband: &str, badge: &str, dose: &str) -> Result<Self, SiteError> {
        let all = [wristband, badge, dose];
        for (index, prefix) in all.into_iter().enumerate() {
            if prefix.len() > 8 || !prefix.ends_with('-') || !is_payload(prefix.trim_end_matches('-')) {
                return Err(SiteError::Prefix { prefix: prefix.to_owned() });
            }
            for other in &all[..index] {
                if prefix.starts_with(other) || other.starts_with(prefix) {
                    return Err(SiteError::Overlap { first: (*other).to_owned(), second: prefix.to_owned() });
                }
            }
        }
        Ok(Self { wristband: wristband.to_owned(), badge: badge.to_owned(), dose: dose.to_owned() })
    }

    /// Whether the text begins with one of the prefixes.
    pub fn claims(&self, text: &str) -> bool {
        self.kind(text).is_some()
    }

    /// Whether a symbol of this kind may carry the site's codes.
    pub const fn allowed_in(symbology: Symbology) -> bool {
        matches!(
            symbology,
            Symbology::Code128
                | Symbology::Code39
                | Symbology::QrCode
                | Symbology::DataMatrix
                | Symbology::Aztec
        )
    }

    fn kind(&self, text: &str) -> Option<(Kind, usize)> {
        [(Kind::Wristband, &self.wristband), (Kind::Badge, &self.badge), (Kind::Dose, &self.dose)]
            .into_iter()
            .find(|(_, prefix)| text.starts_with(prefix.as_str()))
            .map(|(kind, prefix)| (kind, prefix.len()))
    }

    /// What a text with one of the prefixes means; [`Meaning::Nothing`] with every fault otherwise.
    pub fn parse(&self, text: &str) -> Meaning {
        let Some((kind, start)) = self.kind(text) else {
            return Meaning::Nothing(vec![fault(
                ScanFaultKind::NotRecognised,
                "site format",
                Some(0),
                None,
                "a prefix of this site",
            )]);
        };
        let part = match kind {
            Kind::Wristband => "wristband",
            Kind::Badge => "badge",
            Kind::Dose => "dose label",
        };
        checked_payload(text, start, part)
            .and_then(|payload| meaning(kind, payload, start, part))
            .unwrap_or_else(|fault| Meaning::Nothing(vec![fault]))
    }

    /// The text of a wristband: the inverse of [`parse`](Self::parse).
    ///
    /// # Errors
    /// When a number holds a character that the format cannot carry, or the serial a hyphen.
    pub fn print_wristband(&self, mrn: &Mrn, serial: &BandSerial) -> Result<String, SiteError> {
        if !is_payload(mrn.as_str()) {
            return Err(SiteError::Payload { what: "medical record number" });
        }
        if !is_payload(serial.as_str()) || serial.as_str().contains('-') {
            return Err(SiteError::Payload { what: "band serial" });
        }
        print(&self.wristband, &format!("{mrn}-{serial}"), "wristband")
    }

    /// The text of a badge: the inverse of [`parse`](Self::parse).
    ///
    /// # Errors
    /// When the badge id holds a character that the format cannot carry.
    pub fn print_badge(&self, badge: &BadgeId) -> Result<String, SiteError> {
        print(&self.badge, badge.as_str(), "badge id")
    }

    /// The text of a dose label: the inverse of [`parse`](Self::parse).
    ///
    /// # Errors
    /// When the dose id holds a character that the format cannot carry.
    pub fn print_dose(&self, dose: &DoseId) -> Result<String, SiteError> {
        print(&self.dose, dose.as_str(), "dose id")
    }
}

/// Digits, capitals and hyphens, not at either end.
fn is_payload(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase() || byte == b'-')
}

fn check_character(payload: &str) -> Option<char> {
    let without_hyphens: Vec<u8> = payload.bytes().filter(|byte| *byte != b'-').collect();
    check_digit::mod_37_36(&without_hyphens).map(char::from)
}

fn print(prefix: &str, payload: &str, what: &'static str) -> Result<String, SiteError> {
    match check_character(payload) {
        Some(check) if is_payload(payload) => Ok(format!("{prefix}{payload}-{check}")),
        _ => Err(SiteError::Payload { what }),
    }
}

/// The payload between prefix and check character, once that character holds.
fn checked_payload<'a>(text: &'a str, start: usize, part: &str) -> Result<&'a str, ScanFault> {
    let rest = &text[start..];
    let wrong = |byte: u8| !(byte.is_ascii_digit() || byte.is_ascii_uppercase() || byte == b'-');
    if let Some(at) = rest.bytes().position(wrong) {
        let found =
            rest.get(at..).and_then(|rest| rest.chars().next()).map(|c| c.escape_default().to_string());
        return Err(fault(
            ScanFaultKind::Character,
            part,
            Some(start + at),
            found,
            "digits, capitals and hyphens",
        ));
    }
    let too_short = || {
        let found = Some(format!("{} characters", rest.len()));
        fault(ScanFaultKind::Length, part, Some(start), found, "a number, a hyphen and a check character")
    };
    let (payload, check) = rest.rsplit_once('-').ok_or_else(too_short)?;
    if check.len() != 1 || !is_payload(payload) {
        return Err(too_short());
    }
    match check_character(payload) {
        Some(computed) if check.starts_with(computed) => Ok(payload),
        computed => Err(fault(
            ScanFaultKind::CheckDigit,
            part,
            Some(text.len() - 1),
            Some(check.to_owned()),
            &computed.map(String::from).unwrap_or_default(),
        )),
    }
}

fn meaning(kind: Kind, payload: &str, start: usize, part: &str) -> Result<Meaning, ScanFault> {
    let ident = |error: &IdentError, text: &str| of_ident(error, part, start, text);
    match kind {
        Kind::Wristband => {
            let Some((mrn, serial)) = payload.rsplit_once('-') else {
                return Err(fault(
                    ScanFaultKind::Length,
                    part,
                    Some(start),
                    None,
                    "record number, hyphen, serial",
                ));
            };
            if mrn.ends_with('-') {
                return Err(fault(
                    ScanFaultKind::Character,
                    part,
                    Some(start + mrn.len() - 1),
                    None,
                    "one hyphen",
                ));
            }
            Ok(Meaning::Wristband(Wristband::Site {
                mrn: Mrn::parse(mrn).map_err(|error| ident(&error, mrn))?,
                serial: BandSerial::parse(serial).map_err(|error| ident(&error, serial))?,
            }))
        }
        Kind::Badge => BadgeId::parse(payload)
            .map(|badge| Meaning::Badge(Badge::Site(badge)))
            .map_err(|error| ident(&error, payload)),
        Kind::Dose => DoseId::parse(payload).map(Meaning::Dose).map_err(|error| ident(&error, payload)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kind_of_fault(text: &str) -> ScanFaultKind {
        match SiteFormats::default().parse(text) {
            Meaning::Nothing(faults) => faults[0].kind,
            other => panic!("{text} is a {}", other.kind()),
        }
    }

    #[test]
    fn a_wristband_prints_and_parses() {
        let site = SiteFormats::default();
        let (mrn, serial) = (Mrn::parse("3B-0001").unwrap(), BandSerial::parse("7").unwrap());
        let text = site.print_wristband(&mrn, &serial).unwrap();
        assert!(text.starts_with("WB-3B-0001-7-"), "{text}");
        let Meaning::Wristband(Wristband::Site { mrn: m, serial: s }) = site.parse(&text) else { panic!() };
        assert!(m == mrn && s == serial);
    }

    #[test]
    fn wrong_texts_are_refused_with_their_fault() {
        let good = SiteFormats::default().print_badge(&BadgeId::parse("N4711").unwrap()).unwrap();
        let last = if good.ends_with('A') { "B" } else { "A" };
        assert_eq!(kind_of_fault(&format!("{}{last}", &good[..good.len() - 1])), ScanFaultKind::CheckDigit);
        assert_eq!(kind_of_fault("BG-n4711-1"), ScanFaultKind::Character);
        for text in ["BG-", "BG--", "BG-1", "BG--1-1", "BG-1-", "WB-1-12"] {
            assert_eq!(kind_of_fault(text), ScanFaultKind::Length, "{text}");
        }
        assert_eq!(kind_of_fault("BG-\u{e9}-1"), ScanFaultKind::Character);
        let no_serial =
            SiteFormats { wristband: "BG-".to_owned(), badge: "X-".to_owned(), dose: "Y-".to_owned() };
        assert!(matches!(no_serial.parse(&good), Meaning::Nothing(_)), "a band needs a serial");
    }

    #[test]
    fn prefixes_that_could_be_taken_for_each_other_are_refused() {
        assert!(SiteFormats::new("A-", "B-", "C-").is_ok());
        assert!(matches!(SiteFormats::new("A-", "A-B-", "C-"), Err(SiteError::Overlap { .. })));
        for bad in ["", "a-", "A", "-", "TOOLONGTO-"] {
            assert!(matches!(SiteFormats::new(bad, "B-", "C-"), Err(SiteError::Prefix { .. })), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_printed_code_parses_to_the_same(mrn in "[0-9A-Z]{1,8}(-[0-9A-Z]{1,8}){0,2}", serial in "[0-9A-Z]{1,10}") {
            let site = SiteFormats::default();
            let (mrn, serial) = (Mrn::parse(&mrn).unwrap(), BandSerial::parse(&serial).unwrap());
            let text = site.print_wristband(&mrn, &serial).unwrap();
            let good = matches!(
                site.parse(&text),
                Meaning::Wristband(Wristband::Site { mrn: m, serial: s }) if m == mrn && s == serial
            );
            prop_assert!(good);
            let dose = DoseId::parse(mrn.as_str()).unwrap();
            let same = matches!(site.parse(&site.print_dose(&dose).unwrap()), Meaning::Dose(d) if d == dose);
            prop_assert!(same);
        }

        #[test]
        fn one_wrong_character_never_makes_another_band(place in 3_usize..14, to in "[0-9A-Z]") {
            let site = SiteFormats::default();
            let text = site.print_wristband(&Mrn::parse("30017").unwrap(), &BandSerial::parse("0002").unwrap()).unwrap();
            let old = &text[place..=place];
            prop_assume!(old != to && old != "-");
            let changed = format!("{}{to}{}", &text[..place], &text[place + 1..]);
            let refused = matches!(site.parse(&changed), Meaning::Nothing(_));
            prop_assert!(refused, "{changed}");
        }

        #[test]
        fn no_text_panics(text in "(WB-|BG-|DS-)?.{0,30}") {
            let _ = SiteFormats::default().parse(&text);
        }
    }
}
