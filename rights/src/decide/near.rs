//! P7: which patients of a ward could be taken for each other.

use alloc::vec::Vec;

use crate::case::Neighbour;
use crate::person::Patient;
use crate::policy::Policy;

/// The same surname, a full name few edits away, or the same birth date. Upper and lower case are the same.
pub(crate) fn is_near(patient: &Patient, other: &Neighbour, policy: &Policy) -> bool {
    let (one, two) = (patient.name.as_str().to_lowercase(), other.name.as_str().to_lowercase());
    patient.birth_date == other.birth_date
        || surname(&one) == surname(&two)
        || edits(&one, &two) <= usize::from(policy.near_name_edits)
}

/// What stands before the comma; the last word where there is none.
fn surname(name: &str) -> &str {
    let before = name.split_once(',').map(|(family, _)| family);
    before.or_else(|| name.split_whitespace().next_back()).unwrap_or(name).trim()
}

/// The Levenshtein distance in characters. Punctuation and spaces do not count: people say names, not commas.
fn edits(one: &str, two: &str) -> usize {
    let letters = |name: &str| -> Vec<char> { name.chars().filter(|c| c.is_alphanumeric()).collect() };
    let (one, two) = (letters(one), letters(two));
    let mut row: Vec<usize> = (0..=two.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, b) in two.iter().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[two.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn edits_are_counted_as_people_mistake_names() {
        for (one, two, distance) in [
            ("garcia, maria", "garcia, mariah", 1),
            ("müller", "muller", 1),
            ("", "abc", 3),
            ("abc", "", 3),
            ("o'hara", "ohara", 0),
        ] {
            assert_eq!(edits(one, two), distance, "{one} {two}");
        }
        assert_eq!(surname("garcia, maria"), "garcia");
        assert_eq!(surname("maria garcia"), "garcia");
    }

    /// By the recursive definition.
    fn naive(one: &[char], two: &[char]) -> usize {
        match (one, two) {
            ([], rest) | (rest, []) => rest.len(),
            ([a, one_rest @ ..], [b, two_rest @ ..]) => {
                let replaced = naive(one_rest, two_rest) + usize::from(a != b);
                replaced.min(naive(one_rest, two) + 1).min(naive(one, two_rest) + 1)
            }
        }
    }

    proptest! {
        #[test]
        fn edits_are_the_shortest_way(one in "[ab]{0,6}", two in "[abc]{0,6}") {
            let letters = |text: &str| text.chars().collect::<Vec<char>>();
            prop_assert_eq!(edits(&one, &two), naive(&letters(&one), &letters(&two)));
        }
    }
}
