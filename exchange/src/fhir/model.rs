//! The few FHIR R4 resources that are used, as far as they are used. Decimals stay [`RawValue`]: their digits are exact.
//!
//! A field typed [`Present`] is one that only another FHIR version has, or that we refuse: its presence is all that counts.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

pub(super) type Present = Option<IgnoredAny>;

/// What every resource begins with.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Head {
    pub(super) resource_type: Option<String>,
    pub(super) id: Option<String>,
    pub(super) meta: Option<Meta>,
    /// Of a `CapabilityStatement`: the version that the server speaks.
    pub(super) fhir_version: Option<String>,
    /// Of an `OperationOutcome`.
    #[serde(default)]
    pub(super) issue: Vec<Issue>,
}

#[derive(Deserialize)]
pub(super) struct Issue {
    pub(super) severity: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Meta {
    pub(super) version_id: Option<String>,
    pub(super) last_updated: Option<String>,
    #[serde(default)]
    pub(super) profile: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Identifier {
    pub(super) r#use: Option<String>,
    pub(super) system: Option<String>,
    pub(super) value: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Coding {
    pub(super) system: Option<String>,
    pub(super) code: Option<String>,
    pub(super) display: Option<String>,
}

#[derive(Deserialize, Default)]
pub(super) struct CodeableConcept {
    #[serde(default)]
    pub(super) coding: Vec<Coding>,
    pub(super) text: Option<String>,
}

impl CodeableConcept {
    /// The text for people.
    pub(super) fn shown(&self) -> Option<&str> {
        let display = || self.coding.iter().find_map(|coding| coding.display.as_deref());
        let code = || self.coding.iter().find_map(|coding| coding.code.as_deref());
        self.text.as_deref().or_else(display).or_else(code)
    }

    pub(super) fn codes<'a>(&'a self, system: &'a str) -> impl Iterator<Item = &'a str> {
        let of_system = move |coding: &&Coding| coding.system.as_deref() == Some(system);
        self.coding.iter().filter(of_system).filter_map(|coding| coding.code.as_deref())
    }

    pub(super) fn any_code(&self, codes: &[&str]) -> bool {
        self.coding.iter().filter_map(|coding| coding.code.as_deref()).any(|code| codes.contains(&code))
    }
}

#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "the standard's names")]
pub(super) struct Reference {
    pub(super) reference: Option<String>,
    pub(super) identifier: Option<Box<Identifier>>,
    pub(super) display: Option<String>,
}

#[derive(Deserialize, Clone)]
pub(crate) struct Period {
    pub(crate) start: Option<String>,
    pub(crate) end: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Quantity {
    pub(crate) value: Option<Box<RawValue>>,
    pub(crate) comparator: Option<String>,
    pub(crate) unit: Option<String>,
    pub(crate) system: Option<String>,
    pub(crate) code: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Range {
    pub(crate) low: Option<Quantity>,
    pub(crate) high: Option<Quantity>,
}

#[derive(Deserialize)]
pub(crate) struct Ratio {
    pub(crate) numerator: Option<Quantity>,
    pub(crate) denominator: Option<Quantity>,
}

/// An extension; only the value types that the site's extensions use.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Extension {
    pub(super) url: Option<String>,
    #[serde(default, rename = "extension")]
    pub(super) parts: Vec<Extension>,
    pub(super) value_string: Option<String>,
    pub(super) value_date_time: Option<String>,
    pub(super) value_boolean: Option<bool>,
    pub(super) value_duration: Option<Quantity>,
    pub(super) value_quantity: Option<Quantity>,
    pub(super) value_coding: Option<Coding>,
    pub(super) value_codeable_concept: Option<CodeableConcept>,
}

#[derive(Deserialize)]
pub(super) struct HumanName {
    pub(super) r#use: Option<String>,
    pub(super) text: Option<String>,
    pub(super) family: Option<String>,
    #[serde(default)]
    pub(super) given: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Patient {
    #[serde(default)]
    pub(super) identifier: Vec<Identifier>,
    pub(super) active: Option<bool>,
    #[serde(default)]
    pub(super) name: Vec<HumanName>,
    pub(super) birth_date: Option<String>,
    pub(super) deceased_boolean: Option<bool>,
    pub(super) deceased_date_time: Option<String>,
    #[serde(default)]
    pub(super) link: Vec<PatientLink>,
    #[serde(default)]
    pub(super) extension: Vec<Extension>,
}

#[derive(Deserialize)]
pub(super) struct PatientLink {
    pub(super) r#type: Option<String>,
    pub(super) other: Option<Reference>,
}

#[derive(Deserialize)]
pub(super) struct Encounter {
    pub(super) status: Option<String>,
    pub(super) class: Option<Coding>,
    pub(super) subject: Option<Reference>,
    #[serde(default)]
    pub(super) location: Vec<EncounterLocation>,
}

#[derive(Deserialize)]
pub(super) struct EncounterLocation {
    pub(super) location: Option<Reference>,
    pub(super) status: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Location {
    #[serde(default)]
    pub(super) identifier: Vec<Identifier>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AllergyIntolerance {
    pub(super) clinical_status: Option<CodeableConcept>,
    pub(super) verification_status: Option<CodeableConcept>,
    pub(super) code: Option<CodeableConcept>,
    pub(super) patient: Option<Reference>,
    pub(super) recorded_date: Option<String>,
    #[serde(default)]
    pub(super) reaction: Vec<Reaction>,
}

#[derive(Deserialize)]
pub(super) struct Reaction {
    #[serde(default)]
    pub(super) manifestation: Vec<CodeableConcept>,
}

#[derive(Deserialize)]
pub(super) struct Medication {
    pub(super) code: Option<CodeableConcept>,
    pub(super) status: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MedicationDispense {
    #[serde(default)]
    pub(super) identifier: Vec<Identifier>,
    pub(super) status: Option<String>,
    pub(super) medication_codeable_concept: Option<CodeableConcept>,
    pub(super) medication_reference: Option<Reference>,
    pub(super) medication: Present,
    pub(super) subject: Option<Reference>,
    #[serde(default)]
    pub(super) authorizing_prescription: Vec<Reference>,
    #[serde(default)]
    pub(super) contained: Vec<Box<RawValue>>,
    #[serde(default)]
    pub(super) extension: Vec<Extension>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MedicationAdministration {
    #[serde(default)]
    pub(super) identifier: Vec<Identifier>,
    pub(super) status: Option<String>,
    pub(super) medication_codeable_concept: Option<CodeableConcept>,
    pub(super) medication_reference: Option<Reference>,
    /// R5.
    pub(super) medication: Present,
    pub(super) subject: Option<Reference>,
    pub(super) effective_date_time: Option<String>,
    pub(super) effective_period: Option<Period>,
    #[serde(default)]
    pub(super) performer: Vec<Performer>,
    pub(super) request: Option<Reference>,
    pub(super) dosage: Option<AdministeredDosage>,
    #[serde(default)]
    pub(super) contained: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
pub(super) struct Performer {
    pub(super) actor: Option<Reference>,
}

#[derive(Deserialize)]
pub(super) struct AdministeredDosage {
    #[serde(default)]
    pub(super) extension: Vec<Extension>,
    pub(super) route: Option<CodeableConcept>,
    pub(super) dose: Option<Quantity>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MedicationRequest {
    pub(super) meta: Option<Meta>,
    pub(super) status: Option<String>,
    pub(super) intent: Option<String>,
    pub(super) do_not_perform: Option<bool>,
    pub(super) reported: Present,
    pub(super) reported_boolean: Option<bool>,
    pub(super) reported_reference: Present,
    pub(super) medication: Present,
    pub(super) medication_codeable_concept: Option<CodeableConcept>,
    pub(super) medication_reference: Option<Reference>,
    pub(super) subject: Option<Reference>,
    pub(super) authored_on: Option<String>,
    pub(super) requester: Option<Reference>,
    #[serde(default)]
    pub(super) reason_code: Vec<CodeableConcept>,
    #[serde(default)]
    pub(super) dosage_instruction: Vec<Dosage>,
    pub(super) dispense_request: Option<DispenseRequest>,
    #[serde(default)]
    pub(super) contained: Vec<Box<RawValue>>,
    #[serde(default)]
    pub(super) extension: Vec<Extension>,
    #[serde(default)]
    pub(super) modifier_extension: Vec<Extension>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Observation {
    pub(super) status: Option<String>,
    pub(super) code: Option<CodeableConcept>,
    pub(super) subject: Option<Reference>,
    pub(super) effective_date_time: Option<String>,
    pub(super) effective_instant: Option<String>,
    pub(super) value_quantity: Option<Quantity>,
    #[serde(default)]
    pub(super) component: Vec<Component>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Component {
    pub(super) code: Option<CodeableConcept>,
    pub(super) value_quantity: Option<Quantity>,
}

#[derive(Deserialize)]
pub(super) struct Flag {
    pub(super) status: Option<String>,
    pub(super) code: Option<CodeableConcept>,
    pub(super) period: Option<Period>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NutritionOrder {
    pub(super) status: Option<String>,
    pub(super) intent: Option<String>,
    pub(super) oral_diet: Option<OralDiet>,
}

#[derive(Deserialize)]
pub(super) struct OralDiet {
    #[serde(default)]
    pub(super) r#type: Vec<CodeableConcept>,
    #[serde(default)]
    pub(super) schedule: Vec<Timing>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DispenseRequest {
    pub(super) validity_period: Option<Period>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Dosage {
    pub(super) sequence: Option<i64>,
    pub(super) text: Option<String>,
    #[serde(default)]
    pub(super) additional_instruction: Vec<CodeableConcept>,
    pub(super) timing: Option<Timing>,
    pub(super) as_needed_boolean: Option<bool>,
    pub(super) as_needed_codeable_concept: Option<CodeableConcept>,
    /// R5.
    pub(super) as_needed: Present,
    /// R5.
    pub(super) as_needed_for: Present,
    pub(super) site: Option<CodeableConcept>,
    pub(super) route: Option<CodeableConcept>,
    #[serde(default)]
    pub(super) dose_and_rate: Vec<DoseAndRate>,
    /// STU3.
    pub(super) dose_quantity: Present,
    /// STU3.
    pub(super) dose_range: Present,
    /// An object in R4; R5 has a list.
    pub(super) max_dose_per_period: Option<Ratio>,
    pub(super) max_dose_per_administration: Option<Quantity>,
    pub(super) max_dose_per_lifetime: Option<Quantity>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DoseAndRate {
    pub(super) r#type: Option<CodeableConcept>,
    pub(super) dose_quantity: Option<Quantity>,
    pub(super) dose_range: Option<Range>,
    pub(super) rate_quantity: Option<Quantity>,
    pub(super) rate_range: Option<Range>,
    pub(super) rate_ratio: Option<Ratio>,
}

#[derive(Deserialize)]
pub(crate) struct Timing {
    #[serde(default)]
    pub(crate) event: Vec<String>,
    pub(crate) repeat: Option<Repeat>,
    pub(super) code: Option<CodeableConcept>,
}

impl Timing {
    /// The codes under which the frequency table may know it: those of its codings, or else its text.
    pub(crate) fn codes(&self) -> Vec<&str> {
        let Some(concept) = &self.code else { return Vec::new() };
        let codes: Vec<&str> = concept.coding.iter().filter_map(|coding| coding.code.as_deref()).collect();
        if codes.is_empty() { concept.text.as_deref().into_iter().collect() } else { codes }
    }

    /// The text for people.
    pub(crate) fn shown(&self) -> Option<&str> {
        self.code.as_ref().and_then(CodeableConcept::shown)
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Repeat {
    pub(crate) bounds_period: Option<Period>,
    pub(crate) bounds_duration: Option<Quantity>,
    pub(crate) bounds_range: Present,
    pub(crate) count: Option<u32>,
    pub(crate) count_max: Option<u32>,
    pub(crate) duration: Option<Box<RawValue>>,
    pub(crate) duration_unit: Option<String>,
    pub(crate) frequency: Option<u32>,
    pub(crate) frequency_max: Option<u32>,
    pub(crate) period: Option<Box<RawValue>>,
    pub(crate) period_max: Option<Box<RawValue>>,
    pub(crate) period_unit: Option<String>,
    #[serde(default)]
    pub(crate) day_of_week: Vec<String>,
    #[serde(default)]
    pub(crate) time_of_day: Vec<String>,
    #[serde(default)]
    pub(crate) when: Vec<String>,
    pub(crate) offset: Option<u32>,
}
