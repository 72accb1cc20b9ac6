//! The drug file: products, their barcodes and their recalls.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use crate::ident::{AllergyClass, Ingredient, Lot, ProductId};
use crate::quantity::{Quantity, Unit};
use crate::scan::PackageKey;
use crate::witness::WitnessRule;

/// A fieldless enum with a stable name for files and entries.
macro_rules! named {
    ($(#[$doc:meta])* $type:ident { $($(#[$vdoc:meta])* $variant:ident = $name:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type { $($(#[$vdoc])* $variant,)+ }

        impl $type {
            /// Every value, in declaration order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable name used in files and entries.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The value with this [`name`](Self::name).
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.name() == name)
            }
        }
    };
}
pub(crate) use named;

named! {
    /// The dose form.
    Form {
        /// Tablet.
        Tablet = "tablet",
        /// Capsule.
        Capsule = "capsule",
        /// Solution, suspension or syrup to drink.
        OralSolution = "oral_solution",
        /// Anything injected or infused.
        Injection = "injection",
        /// Transdermal patch.
        Patch = "patch",
        /// Suppository.
        Suppository = "suppository",
        /// Inhaler or nebuliser solution.
        Inhaler = "inhaler",
        /// Cream, ointment or gel.
        Topical = "topical",
        /// Eye drops.
        EyeDrops = "eye_drops",
    }
}

named! {
    /// How fast the form releases its ingredient. Extended release is not immediate release.
    Release {
        /// At once.
        Immediate = "immediate",
        /// Over hours: ER, XL, SR, CR.
        Extended = "extended",
        /// After the stomach: DR, EC.
        Delayed = "delayed",
    }
}

named! {
    /// How a dose enters the body.
    Route {
        /// By mouth.
        Oral = "oral",
        /// Into a vein.
        Intravenous = "iv",
        /// Into a muscle.
        Intramuscular = "im",
        /// Under the skin.
        Subcutaneous = "subcut",
        /// Through the skin, patch.
        Transdermal = "transdermal",
        /// Rectal.
        Rectal = "rectal",
        /// Breathed in.
        Inhaled = "inhaled",
        /// On the skin.
        Topical = "topical",
        /// Into the eye.
        Ophthalmic = "ophthalmic",
        /// Under the tongue.
        Sublingual = "sublingual",
        /// By a tube into the stomach.
        Nasogastric = "nasogastric",
    }
}

named! {
    /// Whether a package's content may be divided at the bedside.
    Divisible {
        /// Only whole.
        No = "no",
        /// Scored once: halves.
        Half = "half",
        /// Scored twice: quarters.
        Quarter = "quarter",
        /// A liquid, vial or ampoule: any measured volume.
        Volume = "volume",
    }
}

named! {
    /// Schedule of a controlled substance (21 CFR 1308).
    Controlled {
        /// Schedule II.
        Two = "II",
        /// Schedule III.
        Three = "III",
        /// Schedule IV.
        Four = "IV",
        /// Schedule V.
        Five = "V",
    }
}

named! {
    /// Class of a recall (21 CFR 7.3(m)).
    RecallClass {
        /// Reasonable probability of serious harm.
        One = "I",
        /// May cause temporary or reversible harm.
        Two = "II",
        /// Not likely to cause harm.
        Three = "III",
    }
}

impl Form {
    /// Whether one form can stand for the other when nothing else differs: a tablet for a capsule of the same release, by mouth.
    pub const fn same_family(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::Tablet | Self::Capsule, Self::Tablet | Self::Capsule)
                | (Self::OralSolution, Self::OralSolution)
                | (Self::Injection, Self::Injection)
                | (Self::Patch, Self::Patch)
                | (Self::Suppository, Self::Suppository)
                | (Self::Inhaler, Self::Inhaler)
                | (Self::Topical, Self::Topical)
                | (Self::EyeDrops, Self::EyeDrops)
        )
    }
}

/// How much of one ingredient is in the product's basis (`per`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strength {
    /// Which ingredient.
    pub ingredient: Ingredient,
    /// How much of it.
    pub amount: Quantity,
}

/// One item of the drug file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// Generic name, lower case.
    pub name: String,
    /// The name with tall-man letters, where listed.
    pub tall_man: Option<String>,
    /// Brand, where displayed.
    pub brand: Option<String>,
    /// Dose form.
    pub form: Form,
    /// Release type.
    pub release: Release,
    /// What is in `per` of it; several for a combination. Never empty.
    pub strengths: Vec<Strength>,
    /// The basis of the strengths: `1 {tablet}`, `1 mL`.
    pub per: Quantity,
    /// What one unit-of-use package holds, in the dimension of `per`.
    pub package: Quantity,
    /// Whether the content may be divided.
    pub divisible: Divisible,
    /// The routes it is made for.
    pub routes: Vec<Route>,
    /// High-alert medication (ISMP list, by the site).
    pub high_alert: bool,
    /// Controlled substance.
    pub controlled: Option<Controlled>,
    /// The allergy classes it belongs to.
    pub allergy_classes: Vec<AllergyClass>,
    /// Items whose names or looks are confused with it.
    pub look_alike: Vec<ProductId>,
    /// What the site's pharmacist marked it with.
    pub marks: Marks,
}

named! {
    /// What the site's pharmacist says of a product that a check needs to know.
    Mark {
        /// An opioid: as-needed limits are strict (T4, T5).
        Opioid = "opioid",
        /// A sedative: as-needed limits are strict (T4, T5).
        Sedative = "sedative",
        /// An analgesic: an as-needed dose asks for the pain score (T6).
        Analgesic = "analgesic",
        /// Hazardous to who handles it (C6; NIOSH list, by the site).
        Hazardous = "hazardous",
        /// Must not be crushed, whatever its release type (R3; ISMP "do not crush" list, by the site).
        DoNotCrush = "do_not_crush",
    }
}

/// How the site's pharmacist marked a product; nothing by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Each at most once.
    pub kinds: Vec<Mark>,
    /// The same content of `per` in another dimension, by the pharmacist's table: milliequivalents or millimoles of a salt whose
    /// strength is a mass (D1).
    pub equivalents: Vec<Strength>,
    /// Whether a second clinician checks the dose (W1).
    pub witness: WitnessRule,
}

impl Marks {
    /// Whether it is marked so.
    pub fn has(&self, mark: Mark) -> bool {
        self.kinds.contains(&mark)
    }
}

impl Product {
    /// The name for the screen: tall-man where listed.
    pub fn display_name(&self) -> &str {
        self.tall_man.as_deref().unwrap_or(&self.name)
    }

    /// Whether it holds this ingredient.
    pub fn holds(&self, ingredient: &Ingredient) -> bool {
        self.strengths.iter().any(|strength| strength.ingredient == *ingredient)
    }

    /// Whether it holds the substance of this ingredient, in whichever salt.
    pub fn holds_substance(&self, ingredient: &Ingredient) -> bool {
        self.strengths.iter().any(|strength| strength.ingredient.is_same_substance(ingredient))
    }

    /// The set of its ingredients.
    pub fn ingredients(&self) -> BTreeSet<&Ingredient> {
        self.strengths.iter().map(|strength| &strength.ingredient).collect()
    }

    /// How much of each ingredient is in `content` of it; `None` when `content` is not in the dimension of `per`.
    pub fn ingredients_in(&self, content: &Quantity) -> Option<Vec<Strength>> {
        self.scaled(&self.strengths, content)
    }

    /// The same in the other dimensions of the pharmacist's table.
    pub fn equivalents_in(&self, content: &Quantity) -> Option<Vec<Strength>> {
        self.scaled(&self.marks.equivalents, content)
    }

    /// How much of its one ingredient is in `content` of it, in this unit, also by the pharmacist's table of equivalents. `None` for
    /// a combination and where the two cannot be compared.
    pub fn single_ingredient_in(&self, content: &Quantity, unit: Unit) -> Option<Quantity> {
        let [only] = self.strengths.as_slice() else { return None };
        let mut inside = self.ingredients_in(content)?;
        inside.extend(self.equivalents_in(content)?);
        let amount = inside.iter().find(|strength| {
            strength.ingredient == only.ingredient && strength.amount.unit.dimension() == unit.dimension()
        })?;
        Some(Quantity::new(amount.amount.in_unit(unit)?, unit))
    }

    /// An amount of an ingredient in another unit: one of the same dimension, or one of the pharmacist's table of equivalents.
    pub fn measured_in(&self, strength: &Strength, amount: &Quantity, unit: Unit) -> Option<Quantity> {
        let times = amount.in_unit(strength.amount.unit)?.over(strength.amount.amount)?;
        let one = self.strengths.iter().chain(&self.marks.equivalents).find(|one| {
            one.ingredient == strength.ingredient && one.amount.unit.dimension() == unit.dimension()
        })?;
        Some(Quantity::new(one.amount.times(times)?.in_unit(unit)?, unit))
    }

    fn scaled(&self, strengths: &[Strength], content: &Quantity) -> Option<Vec<Strength>> {
        let times = content.in_unit(self.per.unit)?.over(self.per.amount)?;
        strengths
            .iter()
            .map(|s| Some(Strength { ingredient: s.ingredient.clone(), amount: s.amount.times(times)? }))
            .collect()
    }
}

/// A recalled lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recall {
    /// Of which item.
    pub product: ProductId,
    /// Which lot.
    pub lot: Lot,
    /// How serious.
    pub class: RecallClass,
}

/// What the drug file says to a package code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution<'a> {
    /// Exactly one item.
    One(&'a Product),
    /// No item.
    Unknown,
    /// Several: never a pick list at the bedside.
    Ambiguous,
}

/// The drug file. Barcodes resolve by its table alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Formulary {
    products: BTreeMap<ProductId, Product>,
    barcodes: BTreeMap<PackageKey, BTreeSet<ProductId>>,
    recalls: Vec<Recall>,
}

impl Formulary {
    /// Adds or replaces an item.
    pub fn add(&mut self, product: Product) {
        self.products.insert(product.id.clone(), product);
    }

    /// Links a barcode to an item. A barcode of two items is ambiguous from then on. A link to an unknown item has no effect
    /// on resolution.
    pub fn link(&mut self, key: PackageKey, product: ProductId) {
        self.barcodes.entry(key).or_default().insert(product);
    }

    /// Adds a recall.
    pub fn recall(&mut self, recall: Recall) {
        self.recalls.push(recall);
    }

    /// The item with this id.
    pub fn product(&self, id: &ProductId) -> Option<&Product> {
        self.products.get(id)
    }

    /// Every item, by id.
    pub fn products(&self) -> impl Iterator<Item = &Product> {
        self.products.values()
    }

    /// M2: the item of a package code, by table.
    pub fn resolve(&self, key: &PackageKey) -> Resolution<'_> {
        let mut hits = self.barcodes.get(key).into_iter().flatten().filter_map(|id| self.products.get(id));
        match (hits.next(), hits.next()) {
            (Some(product), None) => Resolution::One(product),
            (None, _) => Resolution::Unknown,
            (Some(_), Some(_)) => Resolution::Ambiguous,
        }
    }

    /// M6: the most serious recall of this lot, however its letters are written.
    pub fn recall_of(&self, product: &ProductId, lot: &Lot) -> Option<RecallClass> {
        self.recalls.iter().filter(|r| r.product == *product && r.lot.is_same(lot)).map(|r| r.class).min()
    }
}
