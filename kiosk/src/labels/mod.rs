//! The kiosk's own words, one table for each language: buttons, questions, headings, states. What is said about a decision comes from the
//! phrase table of `rights` instead. A field that a language lacks does not compile.
//!
//! `{0}`, `{1}` are holes for [`fill`]; a language may change their order, never their number (a test counts).

mod english;
mod spanish;
#[expect(clippy::struct_field_names, reason = "a field is named as the word it holds")]
mod table;

use rights::phrase::Language;

pub(crate) use table::*;

/// The table of a language.
pub(crate) const fn of(language: Language) -> &'static Labels {
    match language {
        Language::English => &english::LABELS,
        Language::Spanish => &spanish::LABELS,
    }
}

/// The name of a vital sign or laboratory value; a code that the table does not know is shown as it is.
pub(crate) fn observation(language: Language, code: &str) -> &str {
    match language {
        Language::English => english::observation(code),
        Language::Spanish => spanish::observation(code),
    }
}

/// A template with its holes filled.
pub(crate) fn fill(template: &str, with: &[&str]) -> String {
    let mut out = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((hole, after)) = after.split_once('}') else {
            rest = after;
            break;
        };
        out.push_str(hole.parse::<usize>().ok().and_then(|at| with.get(at)).copied().unwrap_or_default());
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn holes_are_filled_in_the_order_of_the_language() {
        assert_eq!(fill("{0} of {1}", &["25 mg", "50 mg"]), "25 mg of 50 mg");
        assert_eq!(fill("de {1}: {0}", &["25 mg", "50 mg"]), "de 50 mg: 25 mg");
        assert_eq!(fill("nothing", &[]), "nothing");
        assert_eq!(fill("a { that is not closed", &["x"]), "a  that is not closed");
        assert_eq!(fill("{0}", &["{1}"]), "{1}", "what is filled in is not read again");
    }

    /// Both files line by line: the same fields, the same holes, and no text that was left in the other language.
    #[test]
    fn both_languages_have_the_same_holes() {
        let rows = |source: &'static str| {
            let rows = source.lines().filter_map(|line| line.trim().split_once(": \""));
            rows.map(|(field, text)| (field, text.trim_end_matches("\","))).collect::<Vec<_>>()
        };
        let (english, spanish) = (rows(include_str!("english.rs")), rows(include_str!("spanish.rs")));
        assert!(english.len() > 250 && english.len() == spanish.len());
        let mut same = Vec::new();
        for ((field, english), (other, spanish)) in english.into_iter().zip(spanish) {
            assert_eq!(field, other);
            for hole in ["{0}", "{1}", "{2}"] {
                assert_eq!(english.contains(hole), spanish.contains(hole), "{field}: {hole}");
            }
            if english == spanish && english.chars().any(|c| c.is_ascii_lowercase()) {
                same.push(field);
            }
        }
        // Abbreviations of time read the same.
        assert_eq!(same, ["hours_minutes", "minutes"]);
    }
}
