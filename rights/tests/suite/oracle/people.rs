//! Who the patient is (P1 to P8) and who the second person is (W1 to W3), by the table of the specification.

use jiff::SignedDuration;
use rights::entered::Entered;
use rights::person::{Admission, Patient, Role};
use rights::product::Product;
use rights::verdict::Check;
use rights::witness::WitnessRule;

use super::measures::{edits, millionths, passed, same_kind};
use super::table::Given;
use crate::common::*;

impl Given<'_> {
    pub(super) fn right_patient(&mut self, patient: &Patient, product: &Product) {
        let identified = &self.said.patient;
        self.object(patient.admission != Admission::Admitted, "P4 gone");
        let age = passed(identified.scanned_at, self.facts.now);
        if let Some(typed) = &identified.typed {
            self.object(typed.birth_date != patient.birth_date, "P8 another birth date");
            self.object(!patient.mrn.as_str().ends_with(&typed.mrn_end), "P8 another record number");
            self.object(typed.mrn_end.chars().count() < 4, "P8 not four characters");
            self.object(age > minutes(15), "P8 typed too long ago");
            self.object(product.controlled.is_some() && !self.emergency(), "P8 controlled");
            self.object(self.asked(Check::P8), "P8 unanswered");
            if let Some((who, date)) = &typed.witness {
                self.object(*date != patient.birth_date, "P8 the witness said another date");
                self.object(who.id == self.done.by, "P8 witnessed by oneself");
                self.object(who.role == Role::Student, "P8 witnessed by a student");
            } else {
                let alone = self.done.witness.is_none() && !self.emergency();
                self.object(alone, "P8 no witness");
            }
        } else {
            let last = patient.band_serial.as_ref().is_some_and(|serial| serial.as_str() == "2");
            self.object(!last, "P3 old band");
            self.object(age > minutes(5), "session rule 2: band");
        }
        let seen = self.facts.chart.sightings.iter().filter(|seen| seen.patient == patient.id);
        let copied = seen
            .map(|seen| seen.at)
            .max()
            .is_some_and(|at| passed(at, identified.scanned_at).abs() < minutes(2));
        self.object(copied && self.unanswered(Check::P6), "P6 unanswered");
        self.object(copied && self.done.witness.is_none(), "P6 no second nurse");
        if self.has_a_near_name(patient) {
            let year = identified.entered.iter().rev().find_map(|value| match value {
                Entered::BirthYear(year) => Some(*year),
                _ => None,
            });
            self.object(year != Some(patient.birth_date.year()), "P7 the birth year was not typed");
        }
    }

    /// P7, in words of the table.
    fn has_a_near_name(&self, patient: &Patient) -> bool {
        let letters = |name: &str| -> Vec<char> {
            name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
        };
        let surname = |name: &str| name.to_lowercase().split(',').next().unwrap_or_default().to_owned();
        self.facts.chart.patients.iter().any(|other| {
            let (one, two) = (patient.name.as_str(), other.name.as_str());
            other.id != patient.id
                && other.admission == Admission::Admitted
                && other.ward == patient.ward
                && (other.birth_date == patient.birth_date
                    || surname(one) == surname(two)
                    || edits(&letters(one), &letters(two)) <= 2)
        })
    }

    /// W1 to W3.
    pub(super) fn second_person(&mut self, product: &Product) {
        let alone = self.done.witness.is_none();
        match product.marks.witness {
            WitnessRule::No => {}
            WitnessRule::Recommended => self.object(alone && self.unanswered(Check::W1), "W1 unanswered"),
            WitnessRule::Required => self.object(alone, "W1 no witness"),
        }
        let Some(witness) = &self.said.answers.witness else {
            self.object(!alone, "W3 a witness who said nothing");
            return;
        };
        self.object(self.done.witness.as_ref() != Some(&witness.who.id), "W3 another witness is recorded");
        self.object(witness.who.id == self.done.by, "W2 witnessed by oneself");
        let clinician = self.facts.chart.clinicians.iter().find(|known| known.id == witness.who.id);
        self.object(clinician.is_none_or(|known| known.role == Role::Student), "W2 not licensed");
        let took = passed(witness.who.signed_at, witness.at);
        self.object(took > SignedDuration::from_secs(60) || took.is_negative(), "W2 too late");
        self.object(witness.product != product.id, "W3 another product");
        let content: i128 = self.done.packages.iter().map(|package| millionths(&package.taken)).sum();
        let mine = if same_kind(witness.dose.unit, product.package.unit) {
            Some(content)
        } else {
            self.done.dose.as_ref().filter(|dose| same_kind(dose.unit, witness.dose.unit)).map(millionths)
        };
        self.object(mine != Some(millionths(&witness.dose)), "W3 another amount");
    }
}
