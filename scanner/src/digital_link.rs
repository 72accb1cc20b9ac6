//! GS1 Digital Link URIs (uncompressed): a web address whose path holds a primary key, its qualifiers and, in the query, further
//! identifiers. Translated into a bracketed element string, which then goes through the one strict parser.

use rights::scan::{ScanFault, ScanFaultKind};

use crate::fault::fault;
use crate::gs1::{self, ElementString, lookup};

/// A text that claims to be a Digital Link: a web address with a primary key of GS1 in its path.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    path: &'a str,
    query: &'a str,
}

/// Whether the text is a web address that holds a primary key of GS1; other web addresses are none of ours.
pub fn claims(text: &str) -> Option<Claim<'_>> {
    let rest =
        ["https://", "http://", "HTTPS://", "HTTP://"].iter().find_map(|scheme| text.strip_prefix(scheme))?;
    let (_, rest) = rest.split_once('/')?;
    let rest = rest.split('#').next()?;
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let segments: Vec<&str> = path.split('/').collect();
    // The path may begin with segments of the site's own; the key is the first identifier that is one.
    let start = segments.iter().position(|segment| is_key(segment))?;
    let offset: usize = segments[..start].iter().map(|segment| segment.len() + 1).sum();
    Some(Claim { path: &path[offset..], query })
}

fn is_key(segment: &str) -> bool {
    lookup(segment).is_some_and(|identifier| identifier.link_qualifiers().is_some())
}

impl Claim<'_> {
    /// The element string that the address stands for.
    ///
    /// # Errors
    /// With every fault: order of qualifiers, identifiers that may not stand in a link, and those of the element string.
    pub fn parse(self, this_year: i16) -> Result<ElementString, Vec<ScanFault>> {
        let mut bracketed = String::new();
        let segments: Vec<&str> = self.path.trim_end_matches('/').split('/').collect();
        let mut order = Vec::new();
        for pair in segments.chunks(2) {
            let &[ai, value] = pair else {
                return Err(vec![wrong("a value after each identifier")]);
            };
            order.push(ai);
            push(&mut bracketed, ai, value)?;
        }
        check_order(&order)?;
        for parameter in self.query.split(['&', ';']).filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let name = percent_decoded(name).ok_or_else(|| vec![not_decoded()])?;
            // Names that are no number are the site's own and mean nothing here.
            if name.bytes().all(|byte| byte.is_ascii_digit()) {
                if !lookup(&name).is_some_and(gs1::Identifier::is_link_attribute) {
                    return Err(vec![wrong("identifiers that may stand in the query of a link")]);
                }
                push(&mut bracketed, &name, value)?;
            }
        }
        gs1::parse_bracketed(&bracketed, this_year).into_result()
    }
}

fn wrong(expected: &str) -> ScanFault {
    fault(ScanFaultKind::NotRecognised, "Digital Link", None, None, expected)
}

fn not_decoded() -> ScanFault {
    wrong("% with two hexadecimal digits")
}

fn push(bracketed: &mut String, ai: &str, value: &str) -> Result<(), Vec<ScanFault>> {
    let value = percent_decoded(value).ok_or_else(|| vec![not_decoded()])?;
    // No identifier may hold a backslash, and in a bracketed text it would make the next bracket a part of this value.
    if value.contains('\\') {
        let part = format!("({ai})");
        return Err(vec![fault(ScanFaultKind::Character, &part, None, Some(value), "no backslash")]);
    }
    // Only the key (01) may be shorter: a GTIN-8, -12 or -13 is filled with zeros by the standard itself (4.4).
    let value =
        if ai == "01" && matches!(value.len(), 8 | 12 | 13) { format!("{value:0>14}") } else { value };
    bracketed.extend(["(", ai, ")", &value.replace('(', "\\(")]);
    Ok(())
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            let value = digit(bytes.next())? * 16 + digit(bytes.next())?;
            decoded.push(u8::try_from(value).ok()?);
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok()
}

/// The qualifiers stand in the order of one of the key's alternatives, each at most once.
fn check_order(order: &[&str]) -> Result<(), Vec<ScanFault>> {
    let Some((key, qualifiers)) = order.split_first() else {
        return Err(vec![wrong("a primary key")]);
    };
    let alternatives = lookup(key).and_then(gs1::Identifier::link_qualifiers).unwrap_or_default();
    let fits = |alternative: &Vec<&str>| {
        let mut rest = alternative.iter();
        qualifiers.iter().all(|qualifier| rest.any(|known| known == qualifier))
    };
    if qualifiers.is_empty() || alternatives.iter().any(fits) {
        return Ok(());
    }
    Err(vec![wrong("the qualifiers of the key in their order")])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bracketed(text: &str) -> Result<String, Vec<ScanFault>> {
        claims(text).expect("a link").parse(2026).map(|elements| elements.to_bracketed())
    }

    #[test]
    fn a_link_is_its_element_string() {
        assert_eq!(
            bracketed("https://id.example.org/01/00305910369019/10/A1%2F2/21/S9?17=271231&lang=en"),
            Ok("(01)00305910369019(10)A1/2(21)S9(17)271231".to_owned())
        );
        assert_eq!(
            bracketed("https://example.org/01/00305910369019?%31%37=271231"),
            Ok("(01)00305910369019(17)271231".to_owned()),
            "names are encoded like values"
        );
        assert_eq!(
            bracketed("https://example.org/shop/01/305910369019"),
            Ok("(01)00305910369019".to_owned())
        );
    }

    #[test]
    fn a_value_with_brackets_stays_one_value() {
        assert_eq!(
            bracketed("https://e.org/01/00305910369019/10/A(17)B?17=271231"),
            Ok("(01)00305910369019(10)A\\(17)B(17)271231".to_owned())
        );
    }

    #[test]
    fn wrong_links_are_faults_and_other_addresses_are_none_of_ours() {
        assert!(bracketed("https://e.org/01/00305910369014").is_err(), "check digit");
        assert!(bracketed("https://e.org/01/00305910369019/21/S/10/L").is_err(), "order");
        assert!(bracketed("https://e.org/01/00305910369019/10").is_err(), "no value");
        assert!(bracketed("https://e.org/01/00305910369019?21=A").is_err(), "(21) is no attribute");
        assert!(bracketed("https://e.org/01/00305910369019/10/AB%5C?17=250101").is_err(), "backslash");
        assert!(bracketed("https://e.org/01/00305910369019/10/A%5C(B?17=250101").is_err(), "backslash");
        assert!(claims("https://e.org/about").is_none());
        assert!(claims("01/00305910369019").is_none());
    }
}
