//! Which drug a request or a dispensed dose names: by item of the drug file first, then `RxNorm`, then, as a hint, NDC.

use std::collections::BTreeSet;

use rights::ident::ProductId;
use rights::product::{Product, Resolution};
use rights::scan::{NdcDigits, PackageKey};
use serde_json::value::RawValue;

use super::model::{CodeableConcept, Head, Medication, Present, Reference};
use super::{Reader, parse};
use crate::ndc::Ndc;
use crate::rejection::Refusal;
use crate::units::short;

const RXNORM: &str = "http://www.nlm.nih.gov/research/umls/rxnorm";
const NDC: &str = "http://hl7.org/fhir/sid/ndc";

/// What was named: items that are the same drug, and what a person should know.
pub(super) struct Named<'a> {
    /// One of them; all have the same ingredients, form family and release.
    pub(super) product: &'a Product,
    /// The one item, where it is one.
    pub(super) item: Option<ProductId>,
    pub(super) note: Option<String>,
}

/// The medication[x] of a resource.
pub(super) struct Choice<'a> {
    pub(super) concept: Option<&'a CodeableConcept>,
    pub(super) reference: Option<&'a Reference>,
    pub(super) contained: &'a [Box<RawValue>],
    /// R5 has `medication` instead.
    pub(super) r5: Present,
}

impl<'a> Reader<'a> {
    pub(super) fn medication(&self, choice: &Choice<'_>) -> Result<Named<'a>, Refusal> {
        if choice.r5.is_some() {
            return Err(Refusal::new(
                "medication",
                "has the shape of FHIR R5",
                "export it as FHIR R4 (4.0.1)",
            ));
        }
        match (choice.concept, choice.reference) {
            (Some(_), Some(_)) => {
                let reason = "names its drug twice, as a concept and as a reference";
                Err(Refusal::new("medication[x]", reason, "the sending system has to send one"))
            }
            (None, None) => {
                Err(Refusal::new("medication[x]", "no drug", "order it with an item of the drug file"))
            }
            (Some(concept), None) => {
                self.named(concept).map_err(|refusal| refusal.within("medicationCodeableConcept"))
            }
            (None, Some(reference)) => {
                let medication = self.referenced(reference, choice.contained)?;
                if matches!(medication.status.as_deref(), Some("inactive" | "entered-in-error")) {
                    let reason = "its Medication is not in use";
                    return Err(Refusal::new("medicationReference", reason, "order a drug that is in use"));
                }
                let concept = medication.code.unwrap_or_default();
                self.named(&concept).map_err(|refusal| refusal.within("medicationReference"))
            }
        }
    }

    fn referenced(&self, reference: &Reference, contained: &[Box<RawValue>]) -> Result<Medication, Refusal> {
        let at = |reason: &str| {
            Refusal::new("medicationReference", reason, "export the Medication with it (_include)")
        };
        let text = reference.reference.as_deref().ok_or_else(|| at("names no Medication"))?;
        let json = if let Some(id) = text.strip_prefix('#') {
            let is_it = |raw: &&RawValue| {
                serde_json::from_str::<Head>(raw.get()).is_ok_and(|head| {
                    head.resource_type.as_deref() == Some("Medication") && head.id.as_deref() == Some(id)
                })
            };
            let mut hits = contained.iter().map(AsRef::as_ref).filter(is_it);
            match (hits.next(), hits.next()) {
                (Some(raw), None) => raw.get(),
                (None, _) => return Err(at("its contained Medication is missing")),
                (Some(_), Some(_)) => return Err(at("its contained Medication stands there twice")),
            }
        } else {
            let entry = self.bundle.resolve(text).filter(|entry| entry.kind == "Medication");
            let entry = entry.ok_or_else(|| at("its Medication is not in the Bundle"))?;
            entry.resource().map_err(|refusal| refusal.within("medicationReference"))?
        };
        parse(json).map_err(|refusal| refusal.within("medicationReference"))
    }

    fn named(&self, concept: &CodeableConcept) -> Result<Named<'a>, Refusal> {
        let ask = "add the item to the drug file, or order one that is in it";
        let mut found: Option<Named<'a>> = None;
        for code in concept.codes(&self.rules.systems.formulary) {
            let known = ProductId::parse(code).ok().and_then(|id| self.drugs.formulary.product(&id));
            let reason = || format!("\"{}\" is no item of the drug file", short(code));
            let product = known.ok_or_else(|| Refusal::new("", reason(), ask))?;
            found = Some(agree(found, Named { product, item: Some(product.id.clone()), note: None })?);
        }
        for code in concept.codes(RXNORM) {
            match (self.by_rxnorm(code)?, &found) {
                (Some(named), _) => found = Some(agree(found, named)?),
                (None, None) => {
                    let reason = format!("no item of the drug file has the RxNorm concept {}", short(code));
                    return Err(Refusal::new("", reason, ask));
                }
                (None, Some(_)) => {}
            }
        }
        for code in concept.codes(NDC) {
            if let Some(named) = self.by_ndc(code) {
                found = Some(agree(found, named)?);
            }
        }
        found.ok_or_else(|| {
            let reason = "has no code of the drug file; a text is not searched for";
            Refusal::new("", reason, ask)
        })
    }

    fn by_rxnorm(&self, code: &str) -> Result<Option<Named<'a>>, Refusal> {
        let mut found: Option<Named<'a>> = None;
        for product in self.drugs.items_of_rxnorm(code).filter_map(|id| self.drugs.formulary.product(id)) {
            found = match found {
                None => Some(Named { product, item: Some(product.id.clone()), note: None }),
                Some(known) if same_drug(known.product, product) => Some(Named { item: None, ..known }),
                Some(_) => {
                    let reason = format!(
                        "the RxNorm concept {} stands for different drugs of the drug file",
                        short(code)
                    );
                    return Err(Refusal::new("", reason, "correct the rxnorm column of the drug file"));
                }
            };
        }
        Ok(found)
    }

    /// An NDC in an order is one package among equals: it tells the drug, never the item.
    fn by_ndc(&self, code: &str) -> Option<Named<'a>> {
        let digits = match Ndc::parse(code) {
            Ok(ndc) => NdcDigits::parse(&ndc.ndc12()),
            Err(_) => NdcDigits::parse(code),
        };
        match self.drugs.formulary.resolve(&PackageKey::Ndc(digits.ok()?)) {
            Resolution::One(product) => {
                let note = Some("its drug is known by an NDC alone".to_owned());
                Some(Named { product, item: None, note })
            }
            Resolution::Unknown | Resolution::Ambiguous => None,
        }
    }
}

/// Two codings of one concept have to mean one drug; the earlier one counts.
fn agree<'a>(known: Option<Named<'a>>, other: Named<'a>) -> Result<Named<'a>, Refusal> {
    match known {
        None => Ok(other),
        Some(known) if same_drug(known.product, other.product) => Ok(known),
        Some(_) => Err(Refusal::new(
            "",
            "its codes name different drugs",
            "the prescriber has to say which one is meant",
        )),
    }
}

fn same_drug(a: &Product, b: &Product) -> bool {
    let set = |product: &Product| product.ingredients().into_iter().cloned().collect::<BTreeSet<_>>();
    set(a) == set(b) && a.form.same_family(b.form) && a.release == b.release
}
