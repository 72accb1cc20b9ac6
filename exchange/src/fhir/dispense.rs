//! MedicationDispense with a dose id of our pharmacy to a dispensed dose.

use rights::history::DispensedDose;
use rights::ident::{DoseId, Lot, RequestId};

use super::bundle::Entry;
use super::medication::Choice;
use super::{Import, Reader, extension, model, read_entry};
use crate::rejection::Refusal;
use crate::units::short;

/// What a dispense says of the doses with its ids.
enum Word {
    /// They may be given.
    Dispensed(Vec<DispensedDose>),
    /// They may not, and why.
    Withdrawn(Vec<DoseId>, Refusal),
}

impl Reader<'_> {
    pub(super) fn read_dispenses(&mut self) {
        let mut without_id = 0_usize;
        for entry in self.entries("MedicationDispense") {
            match self.doses(entry) {
                Ok(Word::Dispensed(doses)) if doses.is_empty() => without_id += 1,
                Ok(Word::Withdrawn(ids, refusal)) => {
                    self.refuse(entry, None, &refusal);
                    self.import.withdrawn.extend(ids);
                }
                Ok(Word::Dispensed(doses)) => {
                    for dose in doses {
                        if self.import.chart.dose(&dose.id).is_some() {
                            let reason = "a dose id of it was dispensed already: a label is for one dose";
                            let refusal = Refusal::new("identifier", reason, "print new labels");
                            self.refuse(entry, Some(&dose.patient), &refusal);
                        } else {
                            self.import.chart.dispensed.push(dose);
                        }
                    }
                }
                Err(refusal) => self.refuse(entry, None, &refusal),
            }
        }
        // The label of a dose that another dispense of the Bundle takes back is not to be scanned, whichever came first.
        let Import { chart, withdrawn, .. } = &mut self.import;
        chart.dispensed.retain(|dose| !withdrawn.contains(&dose.id));
        if without_id > 0 {
            let text = format!("{without_id} without a dose id: not labelled for the bedside, not used");
            self.import
                .notes
                .push(crate::rejection::Note { resource: "MedicationDispense".to_owned(), text });
        }
    }

    fn doses(&self, entry: &Entry<'_>) -> Result<Word, Refusal> {
        let mut raw: model::MedicationDispense = read_entry(entry)?;
        let system = &self.rules.systems.dose_id;
        let ids: Vec<&str> = raw
            .identifier
            .iter()
            .filter(|identifier| identifier.system.as_deref() == Some(system))
            .filter_map(|identifier| identifier.value.as_deref())
            .collect();
        if ids.is_empty() {
            return Ok(Word::Dispensed(Vec::new()));
        }
        match raw.status.as_deref() {
            Some("completed" | "in-progress" | "preparation") => {}
            other => {
                let reason = format!("status {} is no dose to give", short(other.unwrap_or("missing")));
                let refusal = Refusal::new("status", reason, "nothing, when the dose was taken back");
                // An id that is none was on no label that can be scanned.
                let ids = ids.into_iter().filter_map(|id| DoseId::parse(id).ok()).collect();
                return Ok(Word::Withdrawn(ids, refusal));
            }
        }
        let at = self.patient_of("subject", raw.subject.as_ref())?;
        let patient =
            self.patient_id(at).ok_or_else(|| Refusal::new("subject", "no patient", "export it again"))?;
        let r5 = raw.medication.take();
        let named = self.medication(&Choice {
            concept: raw.medication_codeable_concept.as_ref(),
            reference: raw.medication_reference.as_ref(),
            contained: &raw.contained,
            r5,
        })?;
        let product = named.item.ok_or_else(|| {
            Refusal::new(
                "medication[x]",
                "names no single item of the drug file",
                "dispense it with its item id",
            )
        })?;
        let lot = extension::text(&raw.extension, "lot")?.map(Lot::parse).transpose();
        let lot = lot.map_err(|error| Refusal::new("extension", error.to_string(), "correct the lot"))?;
        let beyond_use = extension::instant(&raw.extension, "beyond-use")?;
        let request = self.prescription(&raw.authorizing_prescription);
        let dose = |id: &str| {
            let id = DoseId::parse(id)
                .map_err(|error| Refusal::new("identifier", error.to_string(), "print a new label"))?;
            let (patient, request, product, lot) =
                (patient.clone(), request.clone(), product.clone(), lot.clone());
            Ok(DispensedDose { id, patient, request, product, lot, beyond_use })
        };
        ids.into_iter().map(dose).collect::<Result<_, _>>().map(Word::Dispensed)
    }

    /// The request it was dispensed for; not said when there are several, or when one became several requests.
    fn prescription(&self, references: &[model::Reference]) -> Option<RequestId> {
        let [one] = references else { return None };
        let entry = self
            .bundle
            .resolve(one.reference.as_deref()?)
            .filter(|entry| entry.kind == "MedicationRequest")?;
        let id = RequestId::parse(entry.id.as_deref()?).ok()?;
        let split = RequestId::parse(&format!("{id}#1")).ok()?;
        self.import.chart.request(&split).is_none().then_some(id)
    }
}
