//! Flag and `NutritionOrder` to "nothing by mouth" (C5): two ways in which sites say it. One that is in force is enough.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rights::ident::PatientId;

use super::bundle::Entry;
use super::{DateTime, Period, Reader, model, read_entry};
use crate::rejection::{Note, Refusal};
use crate::units::short;

/// SNOMED CT 182923009 "Nil by mouth".
const NIL_BY_MOUTH: (&str, &str) = ("http://snomed.info/sct", "182923009");

/// What one resource says; `None` when it is about something else.
type Word = Option<bool>;

impl Reader<'_> {
    pub(super) fn read_nil_by_mouth(&mut self) {
        let mut words: BTreeMap<PatientId, bool> = BTreeMap::new();
        for kind in ["Flag", "NutritionOrder"] {
            let mut others = 0_usize;
            for entry in self.entries(kind) {
                let patient = self.patient_by_subject(entry);
                let read = if kind == "Flag" { self.flag(entry) } else { self.nutrition(entry) };
                match (read, patient) {
                    (Ok(Some(word)), Some(patient)) => *words.entry(patient).or_default() |= word,
                    (Ok(Some(_)), None) => {
                        let remedy = "export the Patient with it (_include)";
                        let refusal = Refusal::new("subject", "its patient is not in the Bundle", remedy);
                        self.refuse(entry, None, &refusal);
                    }
                    (Ok(None), _) => others += 1,
                    (Err(refusal), patient) => self.refuse(entry, patient.as_ref(), &refusal),
                }
            }
            if others > 0 {
                let text = format!("{others} that do not say \"nil by mouth\": not used");
                self.import.notes.push(Note { resource: kind.to_owned(), text });
            }
        }
        for patient in &mut self.import.chart.patients {
            patient.flags.nil_by_mouth |= words.get(&patient.id).copied().unwrap_or_default();
        }
        self.import.nil_by_mouth = words;
    }

    fn flag(&self, entry: &Entry<'_>) -> Result<Word, Refusal> {
        let raw: model::Flag = read_entry(entry)?;
        if !raw.code.as_ref().is_some_and(|code| self.says_nil(code)) {
            return Ok(None);
        }
        match raw.status.as_deref() {
            Some("active") => Ok(Some(self.in_force(raw.period.as_ref(), "period")?)),
            Some("inactive" | "entered-in-error") => Ok(Some(false)),
            other => Err(no_status(other)),
        }
    }

    fn nutrition(&self, entry: &Entry<'_>) -> Result<Word, Refusal> {
        let raw: model::NutritionOrder = read_entry(entry)?;
        let Some(diet) = raw.oral_diet.filter(|diet| diet.r#type.iter().any(|kind| self.says_nil(kind)))
        else {
            return Ok(None);
        };
        match raw.intent.as_deref() {
            Some("order" | "original-order" | "reflex-order" | "filler-order" | "instance-order") => {}
            Some("proposal" | "plan" | "directive" | "option") => return Ok(None),
            other => {
                let reason = format!("\"{}\" is no intent", short(other.unwrap_or("missing")));
                return Err(Refusal::new("intent", reason, "export it with its intent"));
            }
        }
        let bounds = diet.schedule.first().and_then(|timing| timing.repeat.as_ref()?.bounds_period.as_ref());
        match raw.status.as_deref() {
            Some("active") => Ok(Some(self.in_force(bounds, "oralDiet.schedule[0].repeat.boundsPeriod")?)),
            Some("draft" | "on-hold" | "revoked" | "completed" | "entered-in-error") => Ok(Some(false)),
            other => Err(no_status(other)),
        }
    }

    fn says_nil(&self, concept: &model::CodeableConcept) -> bool {
        let (system, code) = NIL_BY_MOUTH;
        concept.codes(system).any(|known| known == code)
            || concept.codes(&self.rules.systems.flag).any(|known| known == "nil-by-mouth")
    }

    /// Whether a period holds at the time of the Bundle; where that is not known, it does.
    fn in_force(&self, period: Option<&Period>, path: &str) -> Result<bool, Refusal> {
        let (Some(period), Some(now)) = (period, self.stamp) else { return Ok(true) };
        let zone = &self.rules.zone;
        let read = |text: &Option<String>, end: &str, bound: &dyn Fn(DateTime) -> Option<Timestamp>| {
            let Some(text) = text else { return Ok(None) };
            let parsed = DateTime::parse(text)
                .and_then(|at| bound(at).ok_or_else(|| "is not precise to the day".to_owned()));
            parsed
                .map(Some)
                .map_err(|reason| Refusal::new(format!("{path}.{end}"), reason, "correct the time"))
        };
        let start = read(&period.start, "start", &|at| at.first(zone))?;
        let end = read(&period.end, "end", &|at| at.after(zone))?;
        Ok(start.is_none_or(|start| start <= now) && end.is_none_or(|end| now < end))
    }
}

fn no_status(found: Option<&str>) -> Refusal {
    let reason = format!("\"{}\" is no status", short(found.unwrap_or("missing")));
    Refusal::new("status", reason, "export it with its status")
}
