//! AllergyIntolerance to allergies of a patient.
//!
//! An allergy that cannot be read is not dropped: the patient gets one that is text only, so that the screen shows that there
//! is something to ask about.

use rights::ident::{AllergyClass, Ingredient};
use rights::person::{Allergen, Allergy};

use super::bundle::Entry;
use super::{DateTime, Reader, model, read_entry};
use crate::rejection::Refusal;

/// SNOMED CT statements that there is none: of anything, of drugs, of food, of the environment, of latex, of insect venom.
const NONE_KNOWN: [&str; 6] = ["716186003", "409137002", "429625007", "428607008", "1003774007", "428197003"];

impl Reader<'_> {
    pub(super) fn read_allergies(&mut self) {
        for entry in self.entries("AllergyIntolerance") {
            let (patient, read) = match read_entry::<model::AllergyIntolerance>(entry) {
                Ok(raw) => match self.patient_of("patient", raw.patient.as_ref()) {
                    Ok(at) => (Some(at), self.allergy(entry, &raw)),
                    Err(refusal) if whose(entry.json).is_none() => (None, Err(refusal)),
                    Err(refusal) => {
                        self.refuse(entry, None, &refusal);
                        (None, self.allergy(entry, &raw))
                    }
                },
                Err(refusal) => {
                    // Whose it is may still be told, though nothing else of it is believed.
                    #[derive(serde::Deserialize)]
                    struct Whose {
                        patient: Option<model::Reference>,
                    }
                    let whose =
                        serde_json::from_str::<Whose>(entry.json).ok().and_then(|whose| whose.patient);
                    (self.patient_of("patient", whose.as_ref()).ok(), Err(refusal))
                }
            };
            let id = patient.and_then(|at| self.patient_id(at));
            let allergies = match read {
                Ok(allergies) => allergies,
                Err(refusal) => {
                    self.refuse(entry, id.as_ref(), &refusal);
                    let text = "an allergy record could not be read: ask the pharmacy".to_owned();
                    vec![Allergy { to: Allergen::TextOnly, text, recorded: None }]
                }
            };
            match patient.and_then(|at| self.import.chart.patients.get_mut(at)) {
                Some(patient) => patient.allergies.extend(allergies),
                // Another Bundle may bring the patient; the allergy waits for them.
                None => self.import.others_allergies.extend(
                    whose(entry.json)
                        .into_iter()
                        .flat_map(|id| allergies.iter().map(move |a| (id.clone(), a.clone()))),
                ),
            }
        }
    }

    fn allergy(
        &mut self,
        entry: &Entry<'_>,
        raw: &model::AllergyIntolerance,
    ) -> Result<Vec<Allergy>, Refusal> {
        let says = |concept: &Option<model::CodeableConcept>, codes: &[&str]| {
            concept.as_ref().is_some_and(|concept| concept.any_code(codes))
        };
        if says(&raw.clinical_status, &["inactive", "resolved"])
            || says(&raw.verification_status, &["refuted", "entered-in-error"])
        {
            return Ok(Vec::new());
        }
        let code = raw.code.as_ref();
        let shown = code.and_then(model::CodeableConcept::shown).ok_or_else(|| {
            Refusal::new("code", "does not say to what", "record the substance in the sending system")
        })?;
        if code.is_some_and(|code| code.any_code(&NONE_KNOWN)) {
            self.note(entry, "says that none is known");
            return Ok(Vec::new());
        }
        let reactions: Vec<&str> = raw
            .reaction
            .iter()
            .flat_map(|reaction| &reaction.manifestation)
            .filter_map(model::CodeableConcept::shown)
            .collect();
        let text = if reactions.is_empty() {
            shown.to_owned()
        } else {
            format!("{shown} ({})", reactions.join(", "))
        };
        let recorded = match raw.recorded_date.as_deref().map(DateTime::parse) {
            Some(Ok(at)) => at.after(&self.rules.zone),
            Some(Err(reason)) => return Err(Refusal::new("recordedDate", reason, "correct the date")),
            None => None,
        };
        let allergens = self.allergens(entry, code);
        Ok(allergens.into_iter().map(|to| Allergy { to, text: text.clone(), recorded }).collect())
    }

    /// What of it the drug file knows, in whichever salt. A name that the drug file does not hold would never match anything: it is text only.
    fn allergens(&mut self, entry: &Entry<'_>, code: Option<&model::CodeableConcept>) -> Vec<Allergen> {
        let systems = &self.rules.systems;
        let codes = |system| code.into_iter().flat_map(move |code| code.codes(system));
        let formulary = &self.drugs.formulary;
        let mut found: Vec<Allergen> = Vec::new();
        let mut unknown = false;
        for class in codes(&systems.allergy_class) {
            match AllergyClass::parse(class) {
                Ok(class) if formulary.products().any(|product| product.allergy_classes.contains(&class)) => {
                    found.push(Allergen::Class(class));
                }
                _ => unknown = true,
            }
        }
        for name in codes(&systems.ingredient) {
            match Ingredient::parse(name) {
                Ok(ingredient)
                    if formulary.products().any(|product| product.holds_substance(&ingredient)) =>
                {
                    found.push(Allergen::Ingredient(ingredient));
                }
                _ => unknown = true,
            }
        }
        if unknown {
            self.note(
                entry,
                "names a class or an ingredient that the drug file does not hold: shown, cannot be checked",
            );
        } else if found.is_empty() {
            self.note(entry, "has no code of the drug file: shown, cannot be checked");
        }
        if unknown || found.is_empty() {
            found.push(Allergen::TextOnly);
        }
        found
    }
}

/// The id of the Patient that an allergy names, whatever else of it can be read.
fn whose(json: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Whose {
        patient: Option<model::Reference>,
    }
    let reference = serde_json::from_str::<Whose>(json).ok()?.patient?.reference?;
    let (before, id) = reference.rsplit_once('/')?;
    (before == "Patient" || before.ends_with("/Patient")).then(|| id.to_owned())
}
