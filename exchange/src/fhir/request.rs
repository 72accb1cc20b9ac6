//! MedicationRequest to requests.

use std::cmp::Ordering;

use jiff::Timestamp;
use rights::ident::{ClinicianId, RequestId};
use rights::quantity::Quantity;
use rights::request::{Conditions, DoseOrder, OrderedDrug, Request, RequestStatus};

use super::bundle::Entry;
use super::dosage::Instruction;
use super::medication::{Choice, Named};
use super::own::{self, Own};
use super::{DateTime, Reader, extension, model, parse_with, version_of};
use crate::digest::sha256;
use crate::rejection::Refusal;
use crate::timing::{Ordered, schedule};
use crate::units::short;

impl Reader<'_> {
    pub(super) fn read_requests(&mut self) {
        for entry in self.entries("MedicationRequest") {
            match self.requests(entry) {
                Ok((requests, notes)) => {
                    self.import.chart.requests.extend(requests);
                    for note in notes {
                        self.note(entry, note);
                    }
                }
                Err(refusal) => {
                    let patient = self.patient_by_subject(entry);
                    self.refuse(entry, patient.as_ref(), &refusal);
                }
            }
        }
    }

    fn requests(&self, entry: &Entry<'_>) -> Result<(Vec<Request>, Vec<String>), Refusal> {
        let known =
            |url: &str| url.strip_prefix(own::BASE).is_some_and(|name| own::MODIFIERS.contains(&name));
        let mut raw: model::MedicationRequest = parse_with(entry.resource()?, &known)?;
        refuse_other_versions(&raw)?;
        let own = Own::read(&raw, self.rules)?;
        let status = status(&raw)?;
        let mut notes = Vec::new();
        let id = entry.id.as_deref().ok_or_else(|| Refusal::new("id", "missing", "export it with its id"))?;
        let id = RequestId::parse(id)
            .map_err(|error| Refusal::new("id", error.to_string(), "export it with a FHIR id"))?;
        let at = self.patient_of("subject", raw.subject.as_ref())?;
        let patient =
            self.patient_id(at).ok_or_else(|| Refusal::new("subject", "no patient", "export it again"))?;
        let version = version_of(entry).unwrap_or_else(|| {
            notes.push("has no version number: taken as version 0".to_owned());
            0
        });
        let r5 = raw.medication.take();
        let named = self.medication(&Choice {
            concept: raw.medication_codeable_concept.as_ref(),
            reference: raw.medication_reference.as_ref(),
            contained: &raw.contained,
            r5,
        })?;
        notes.extend(named.note.clone());
        let authored = raw.authored_on.as_deref().map(DateTime::parse).transpose();
        let authored = authored.map_err(|reason| Refusal::new("authoredOn", reason, "correct the date"))?;
        let updated = raw.meta.as_ref().and_then(|meta| meta.last_updated.as_deref()).map(DateTime::parse);
        // When the resource was changed last. One that is held may be touched long after it was held, and a dose of before the hold may be
        // charted afterwards: nobody knows here since when it is held.
        let status_since = match updated {
            Some(Ok(DateTime::Instant(at))) if status != RequestStatus::OnHold => Some(at),
            _ => None,
        };
        let base = Request {
            id: id.clone(),
            version,
            patient,
            status,
            status_since,
            verified: extension::instant(&raw.extension, "verified")?,
            drug: drug(&named),
            // The next four are replaced by each instruction.
            dose: rights::request::DoseOrder::Exact(named.product.per),
            route: rights::product::Route::Oral,
            timing: rights::schedule::Timing::Unscheduled { text: String::new() },
            start: jiff::Timestamp::MIN,
            alternate_routes: own.alternate_routes,
            bolus: own.bolus,
            patch_worn: own.patch_worn,
            stop: None,
            time_critical: extension::flag(&raw.extension, "time-critical")?,
            daily_maximum: None,
            allergy_accepted: extension::instant(&raw.extension, "allergy-accepted")?,
            prescriber: self.prescriber(raw.requester.as_ref()),
            rate: None,
            instruction: None,
            source_sha256: sha256(entry.json.as_bytes()),
            conditions: Conditions {
                do_not_give: own.do_not_give,
                instruction_flagged: own.instruction_flagged,
                on_call: own.on_call,
                hold_when: own.hold_when,
                scale: own.scale,
                ..Conditions::default()
            },
        };
        let requests = self.instructed(&raw, &base, &named, authored, &mut notes)?;
        Ok((requests, notes))
    }

    fn instructed(
        &self,
        raw: &model::MedicationRequest,
        base: &Request,
        named: &Named<'_>,
        authored: Option<DateTime>,
        notes: &mut Vec<String>,
    ) -> Result<Vec<Request>, Refusal> {
        if raw.dosage_instruction.is_empty() {
            return Err(Refusal::new(
                "dosageInstruction",
                "missing: no dose, no time",
                "the prescriber has to state them",
            ));
        }
        let prn_interval = extension::interval(&raw.extension, "prn-min-interval")?;
        let validity = raw.dispense_request.as_ref().and_then(|dispense| dispense.validity_period.as_ref());
        let several = raw.dosage_instruction.len() > 1;
        let mut steps: Vec<Step> = Vec::new();
        for (index, dosage) in raw.dosage_instruction.iter().enumerate() {
            let within = |refusal: Refusal| refusal.within(&format!("dosageInstruction[{index}]"));
            let read = Instruction::read(dosage, &raw.reason_code, self.rules).map_err(within)?;
            notes.extend(read.notes.iter().cloned());
            let ordered = Ordered {
                timing: dosage.timing.as_ref(),
                text: dosage.text.as_deref(),
                as_needed: read.as_needed,
                prn_interval,
                most_per_day: read.most_per_day,
                on_call: base.conditions.on_call,
                authored,
                validity,
            };
            let scheduled = schedule(&ordered, self.rules).map_err(within)?;
            notes.extend(scheduled.notes);
            let id = if several { format!("{}#{}", base.id, index + 1) } else { base.id.to_string() };
            let request = Request {
                id: RequestId::parse(&id)
                    .map_err(|error| Refusal::new("id", error.to_string(), "shorten the id"))?,
                dose: amount(read.dose, base, read.rate.is_some()).map_err(within)?,
                route: read.route,
                timing: scheduled.timing,
                start: scheduled.start,
                stop: scheduled.stop,
                daily_maximum: read.daily_maximum,
                instruction: read.words,
                rate: read.rate,
                conditions: Conditions { per_kilogram: read.per_kilogram, ..base.conditions.clone() },
                ..base.clone()
            };
            if request.conditions.instruction_flagged && request.instruction.is_none() {
                return Err(within(Refusal::new(
                    "text",
                    "missing: the flagged instruction has no words",
                    "the prescriber has to write it",
                )));
            }
            if request.content_for(named.product, request.dose.most()).is_none() {
                let text = format!(
                    "its dose ({}) cannot be compared with {}",
                    request.dose.most(),
                    named.product.id
                );
                notes.push(text);
            }
            steps.push(Step { sequence: dosage.sequence, last: scheduled.last, request });
        }
        check_sequence(&mut steps)?;
        Ok(steps.into_iter().map(|step| step.request).collect())
    }

    fn prescriber(&self, requester: Option<&model::Reference>) -> Option<ClinicianId> {
        let text = requester?.reference.as_deref()?;
        let id = match self.bundle.resolve(text) {
            Some(entry) if entry.kind == "Practitioner" => entry.id.as_deref()?,
            Some(_) => return None,
            None => text.strip_prefix("Practitioner/")?,
        };
        ClinicianId::parse(id).ok()
    }
}

/// The dose, or else what the doses of the sliding scale lie between.
fn amount(dose: Option<DoseOrder>, base: &Request, runs: bool) -> Result<DoseOrder, Refusal> {
    let ask = "the prescriber has to state one dose";
    match (dose, &base.conditions.scale) {
        (Some(dose), None) => Ok(dose),
        (Some(_), Some(_)) => {
            Err(Refusal::new("doseAndRate", "a dose beside a sliding scale", "leave the dose to the scale"))
        }
        (None, Some(scale)) => {
            let doses = || scale.rows.iter().map(|row| row.dose).filter(|dose| dose.amount.is_positive());
            let by_amount = |a: &Quantity, b: &Quantity| a.compare(b).unwrap_or(Ordering::Equal);
            match (doses().min_by(by_amount), doses().max_by(by_amount)) {
                (Some(least), Some(most)) if least.compare(&most) == Some(Ordering::Less) => {
                    Ok(DoseOrder::Range(least, most))
                }
                (Some(only), _) => Ok(DoseOrder::Exact(only)),
                (None, _) => Err(Refusal::new("modifierExtension", "a sliding scale without a dose", ask)),
            }
        }
        (None, None) if runs => {
            let reason = "a rate without what it runs from: not checkable";
            Err(Refusal::new("doseAndRate", reason, "state the bag or syringe as the dose, beside the rate"))
        }
        (None, None) => Err(Refusal::new("doseAndRate", "no dose: not checkable", ask)),
    }
}

fn drug(named: &Named<'_>) -> OrderedDrug {
    let product = named.product;
    OrderedDrug {
        name: product.name.clone(),
        item: named.item.clone(),
        ingredients: product.strengths.iter().map(|strength| strength.ingredient.clone()).collect(),
        form: product.form,
        release: product.release,
    }
}

fn refuse_other_versions(raw: &model::MedicationRequest) -> Result<(), Refusal> {
    let remedy = "export it as FHIR R4 (4.0.1)";
    let r5 = [("medication", raw.medication.is_some()), ("reported", raw.reported.is_some())];
    if let Some((path, _)) = r5.into_iter().find(|(_, present)| *present) {
        return Err(Refusal::new(path, "has the shape of FHIR R5", remedy));
    }
    for (index, dosage) in raw.dosage_instruction.iter().enumerate() {
        let path = |element: &str| format!("dosageInstruction[{index}].{element}");
        if dosage.as_needed.is_some() || dosage.as_needed_for.is_some() {
            return Err(Refusal::new(path("asNeeded"), "has the shape of FHIR R5", remedy));
        }
        if dosage.dose_quantity.is_some() || dosage.dose_range.is_some() {
            return Err(Refusal::new(path("dose[x]"), "has the shape of FHIR STU3", remedy));
        }
    }
    Ok(())
}

/// What may become an order. `stopped` and `on-hold` are taken over with that status, so that the nurse is told so instead of
/// "no order" (O1, O3); the others are no orders.
fn status(raw: &model::MedicationRequest) -> Result<RequestStatus, Refusal> {
    if raw.do_not_perform == Some(true) {
        let reason = "is an order not to give (doNotPerform)";
        return Err(Refusal::new(
            "doNotPerform",
            reason,
            "nothing may be given by it; the pharmacy tells the ward",
        ));
    }
    if raw.reported_boolean == Some(true) || raw.reported_reference.is_some() {
        let reason = "is reported, not ordered here";
        return Err(Refusal::new("reported[x]", reason, "a prescriber of this site has to order it"));
    }
    match raw.intent.as_deref() {
        Some("order" | "instance-order") => {}
        other => {
            let reason = format!("intent {} is no order", short(other.unwrap_or("missing")));
            return Err(Refusal::new("intent", reason, "a prescriber has to order it"));
        }
    }
    match raw.status.as_deref() {
        Some("active") => Ok(RequestStatus::Active),
        Some("on-hold") => Ok(RequestStatus::OnHold),
        Some("stopped") => Ok(RequestStatus::Stopped),
        other => {
            let reason = format!("status {} is not active", short(other.unwrap_or("missing")));
            Err(Refusal::new("status", reason, "nothing, unless it should be active"))
        }
    }
}

/// One dosage instruction.
struct Step {
    sequence: Option<i64>,
    /// Its last dose, where they are counted.
    last: Option<Timestamp>,
    request: Request,
}

/// Equal sequence numbers, or none at all, are concurrent. Different ones follow each other: taken only when each ends before
/// the next begins, since "then" has no time of its own. One whose doses are counted ends when the next one begins.
fn check_sequence(steps: &mut [Step]) -> Result<(), Refusal> {
    let Some(first) = steps.first().map(|step| step.sequence) else { return Ok(()) };
    if steps.iter().all(|step| step.sequence == first) {
        return Ok(());
    }
    let refuse = |reason: &str| {
        Refusal::new("dosageInstruction", reason, "order each step with its own start and end")
    };
    if steps.iter().any(|step| step.sequence.is_none()) {
        return Err(refuse("some instructions have a sequence and some have none"));
    }
    let begun: Vec<_> = steps.iter().map(|step| (step.sequence, step.request.start)).collect();
    for step in steps {
        let later = begun.iter().filter(|(sequence, _)| *sequence > step.sequence);
        let Some(next) = later.map(|(_, start)| *start).min() else { continue };
        if step.request.stop.is_some_and(|stop| stop <= next) {
            continue;
        }
        if step.last.is_none_or(|last| last >= next) {
            return Err(refuse("its steps follow each other without saying when each begins"));
        }
        step.request.stop = Some(next);
    }
    Ok(())
}
