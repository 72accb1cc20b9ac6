//! National Drug Codes with their hyphens, and the digit strings under which scanners and systems know them.
//!
//! Ten digits without hyphens say nothing about where labeler, product and package part; only the hyphenated code of the drug
//! file does. Nor does padding tell packages apart: FDA's list of 2018 has 40074-001-01 and 40074-0001-1, one NDC-11 for two
//! packages. Whatever two items share is ambiguous in the drug file. NDC-11 pads each part to 5-4-2 (HIPAA); NDC-12 is 6-4-2 (21 CFR 207.33 as amended, effective 7 March 2033).

use rights::check_digit;
use rights::ident::{Gtin14, IdentError};
use rights::scan::NdcDigits;

/// A hyphenated NDC: 4-4-2, 5-3-2, 5-4-1 or 6-4-2.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ndc {
    labeler: String,
    product: String,
    package: String,
}

/// Why a text is no NDC.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an NDC: expected digits in the form 4-4-2, 5-3-2, 5-4-1 or 6-4-2, with the hyphens")]
pub struct NdcError;

impl Ndc {
    /// Parses the hyphenated form.
    ///
    /// # Errors
    /// For any other form; a bare digit string has no single reading.
    pub fn parse(text: &str) -> Result<Self, NdcError> {
        let parts: Vec<&str> = text.split('-').collect();
        let [labeler, product, package] = parts.as_slice() else { return Err(NdcError) };
        let digits = parts.iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()));
        match (labeler.len(), product.len(), package.len()) {
            (4 | 6, 4, 2) | (5, 3, 2) | (5, 4, 1) if digits => Ok(Self {
                labeler: (*labeler).to_owned(),
                product: (*product).to_owned(),
                package: (*package).to_owned(),
            }),
            _ => Err(NdcError),
        }
    }

    /// The digits as printed: 10, or 12 for 6-4-2.
    pub fn bare(&self) -> String {
        format!("{}{}{}", self.labeler, self.product, self.package)
    }

    /// NDC-12, 6-4-2: the canonical key.
    pub fn ndc12(&self) -> String {
        format!("{:0>6}{:0>4}{:0>2}", self.labeler, self.product, self.package)
    }

    /// NDC-11, 5-4-2. Labelers from 100000 on have none.
    pub fn ndc11(&self) -> Option<String> {
        self.ndc12().strip_prefix('0').map(str::to_owned)
    }

    /// The GTIN of a ten-digit NDC: 003, the ten digits, the check digit (GS1 US). 6-4-2 codes have no GTIN embedding.
    ///
    /// # Errors
    /// For a 6-4-2 code.
    pub fn gtin(&self) -> Result<Gtin14, IdentError> {
        let body = format!("003{}", self.bare());
        let digit = check_digit::gs1(body.as_bytes()).map_or(' ', char::from);
        Gtin14::parse(&format!("{body}{digit}"))
    }

    /// Every digit string under which the drug file knows it.
    pub fn keys(&self) -> Vec<NdcDigits> {
        let mut texts = vec![self.bare(), self.ndc12()];
        texts.extend(self.ndc11());
        texts.sort();
        texts.dedup();
        texts.iter().filter_map(|text| NdcDigits::parse(text).ok()).collect()
    }
}

impl std::fmt::Display for Ndc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}-{}", self.labeler, self.product, self.package)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The vector of exchange.md section 4.
    #[test]
    fn m2_the_chain_of_0904_6340_61() {
        let ndc = Ndc::parse("0904-6340-61").unwrap();
        assert_eq!(ndc.gtin().unwrap(), Gtin14::from_upc_or_ean("309046340614").unwrap());
        assert_eq!(ndc.gtin().unwrap().as_str(), "00309046340614");
        assert_eq!(ndc.ndc11().unwrap(), "00904634061");
        assert_eq!(ndc.ndc12(), "000904634061");
    }

    #[test]
    fn the_other_forms_and_what_is_none() {
        assert_eq!(Ndc::parse("68084-045-01").unwrap().ndc11().unwrap(), "68084004501");
        assert_eq!(Ndc::parse("68084-0450-1").unwrap().ndc11().unwrap(), "68084045001");
        let new = Ndc::parse("123456-0001-01").unwrap();
        assert_eq!((new.ndc11(), new.ndc12().as_str()), (None, "123456000101"));
        assert!(new.gtin().is_err());
        let keys: Vec<_> = Ndc::parse("000904-6340-61").unwrap().keys();
        assert_eq!(keys.iter().map(NdcDigits::as_str).collect::<Vec<_>>(), ["000904634061", "00904634061"]);
        for wrong in ["6808404501", "68084-0450-01", "0904-634-61", "0904-6340-6X", "", "0904--634061"] {
            assert!(Ndc::parse(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn parse_is_the_inverse_of_print(
            text in "[0-9]{4}-[0-9]{4}-[0-9]{2}|[0-9]{5}-[0-9]{3}-[0-9]{2}|[0-9]{5}-[0-9]{4}-[0-9]|[0-9]{6}-[0-9]{4}-[0-9]{2}"
        ) {
            prop_assert_eq!(Ndc::parse(&text).unwrap().to_string(), text);
        }

        #[test]
        fn any_text_is_taken_without_panic(text in ".*") {
            let _ = Ndc::parse(&text);
        }
    }
}
