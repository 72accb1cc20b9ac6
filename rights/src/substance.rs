//! Which ingredients are one substance, whatever the salt, the ester or the hydrate.
//!
//! What was ordered is compared with what is in hand by the whole name (M7): the salt matters. What harms a patient or adds up in a body is
//! the substance: an allergy (C1), a pair (C4), the last dose (T4, T7, T9), the day's total (D8).

use crate::ident::Ingredient;

/// Last words of a name that say in which form its substance comes, sorted.
const FORMS: &[&str] = &[
    "acetate",
    "acetonide",
    "alafenamide",
    "anhydrous",
    "arginine",
    "aspartate",
    "axetil",
    "benzathine",
    "benzoate",
    "besilate",
    "besylate",
    "bitartrate",
    "bromide",
    "butyrate",
    "calcium",
    "camsylate",
    "caproate",
    "carbonate",
    "chloride",
    "cilexetil",
    "citrate",
    "cypionate",
    "decanoate",
    "dihydrate",
    "dihydrochloride",
    "dimesylate",
    "dipropionate",
    "disodium",
    "disoproxil",
    "edisylate",
    "embonate",
    "enanthate",
    "erbumine",
    "estolate",
    "esylate",
    "etabonate",
    "ethylsuccinate",
    "fumarate",
    "furoate",
    "gluconate",
    "hemifumarate",
    "hemihydrate",
    "heptahydrate",
    "hippurate",
    "hyclate",
    "hydrate",
    "hydrobromide",
    "hydrochloride",
    "hydrogen",
    "iodide",
    "isethionate",
    "lactate",
    "lactobionate",
    "lauroxil",
    "lysine",
    "magnesium",
    "malate",
    "maleate",
    "mandelate",
    "medoxomil",
    "meglumine",
    "mesilate",
    "mesylate",
    "mofetil",
    "monohydrate",
    "monosodium",
    "napsylate",
    "nitrate",
    "oxalate",
    "palmitate",
    "pamoate",
    "pentahydrate",
    "phosphate",
    "pivoxil",
    "polacrilex",
    "polistirex",
    "potassium",
    "procaine",
    "propionate",
    "proxetil",
    "saccharate",
    "sesquihydrate",
    "sodium",
    "stearate",
    "succinate",
    "sulfate",
    "sulphate",
    "tannate",
    "tartrate",
    "tetrahydrate",
    "tosylate",
    "trihydrate",
    "trisodium",
    "trometamol",
    "tromethamine",
    "undecanoate",
    "valerate",
    "xinafoate",
    "zinc",
];

/// First words, sorted, of names where the metal itself is given, or a salt that is none of it: potassium chloride is not potassium phosphate.
const METALS: &[&str] = &[
    "aluminium",
    "aluminum",
    "ammonium",
    "barium",
    "bismuth",
    "calcium",
    "chromic",
    "copper",
    "cupric",
    "ferric",
    "ferrous",
    "gold",
    "iron",
    "lithium",
    "magnesium",
    "manganese",
    "potassium",
    "selenium",
    "silver",
    "sodium",
    "zinc",
];

impl Ingredient {
    /// Whether the two are one substance: fentanyl and fentanyl citrate are, insulin glargine and insulin lispro are not. A scan is
    /// compared with thousands of doses, and the first word tells nearly all of them apart.
    pub fn is_same_substance(&self, other: &Self) -> bool {
        if self == other {
            return true;
        }
        let (mut one, mut other) = (self.as_str().split(' '), other.as_str().split(' '));
        match (one.next(), other.next()) {
            (Some(first), Some(same)) if first == same && METALS.binary_search(&first).is_err() => {}
            _ => return false,
        }
        let is_form = |word: &str| FORMS.binary_search(&word).is_ok();
        loop {
            match (one.next(), other.next()) {
                (None, None) => return true,
                (Some(word), Some(same)) if word == same => {}
                // From here on the two differ, in nothing but their forms or in their substance.
                (word, another) => {
                    return word.into_iter().chain(another).chain(one).chain(other).all(is_form);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_because_they_are_sorted() {
        assert!(FORMS.is_sorted() && METALS.is_sorted());
    }

    #[test]
    fn salts_esters_and_hydrates_are_one_substance_and_nothing_else_is() {
        for (one, other, same) in [
            ("fentanyl", "fentanyl citrate", true),
            ("metoprolol tartrate", "metoprolol succinate", true),
            ("prednisolone sodium phosphate", "prednisolone acetate", true),
            ("amoxicillin trihydrate", "amoxicillin", true),
            ("pantoprazole sodium sesquihydrate", "pantoprazole sodium", true),
            ("penicillin g benzathine", "penicillin g potassium", true),
            ("penicillin g potassium", "penicillin v potassium", false),
            ("insulin glargine", "insulin lispro", false),
            ("potassium chloride", "potassium phosphate", false),
            ("sodium chloride", "sodium phosphate", false),
            ("sodium chloride", "sodium", false),
            ("calcium gluconate", "calcium chloride", false),
            ("isosorbide mononitrate", "isosorbide dinitrate", false),
            ("hydroxyzine hydrochloride", "hydralazine hydrochloride", false),
            ("citrate", "citrate", true),
            ("doxycycline hyclate", "doxycycline monohydrate", true),
            ("tenofovir disoproxil fumarate", "tenofovir alafenamide", true),
            ("mycophenolate mofetil", "mycophenolate sodium", true),
            ("sevelamer carbonate", "sevelamer hydrochloride", true),
            ("lithium carbonate", "lithium citrate", false),
        ] {
            let parse = |name| Ingredient::parse(name).unwrap();
            assert_eq!(parse(one).is_same_substance(&parse(other)), same, "{one}, {other}");
            assert_eq!(parse(other).is_same_substance(&parse(one)), same, "{other}, {one}");
        }
    }
}
