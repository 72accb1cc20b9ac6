//! What is typed because it cannot be scanned: the wristband (P8) and the package (M9). Both need a witness.

use alloc::string::String;
use alloc::vec::Vec;

use jiff::civil::Date;

use super::phase::{Identified, Notice, Phase};
use super::{Bedside, Effect, Tone, World, assemble, record};
use crate::case::{Answer, TypedIdentity};
use crate::decide::decide_patient;
use crate::entry::{Actor, EntryKind, Inputs};
use crate::history::{Record, Reprint};
use crate::ident::{Lot, ReasonCode};
use crate::policy::ReasonList;
use crate::scan::{Meaning, NdcDigits, PackageCode, PackageKey, PrintedExpiry, Scan, Source};
use crate::verdict::{Check, Class};

/// P8: a wristband that cannot be scanned.
#[derive(Clone, PartialEq, Eq)]
pub struct TypedBand {
    /// Why, from the site's list.
    pub reason: ReasonCode,
    /// In the nurse's words; "other" needs it.
    pub note: Option<String>,
    /// The patient's whole birth date, asked of the patient.
    pub birth_date: Date,
    /// The last four characters of the record number, read from the band.
    pub mrn_end: String,
}

/// Without anything of the patient.
impl core::fmt::Debug for TypedBand {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "TypedBand({:?}, ..)", self.reason)
    }
}

/// M9: a package that cannot be scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypedPackage {
    /// The digits of its NDC, as printed, without hyphens; which product they are is a matter of the drug file's table.
    pub ndc: NdcDigits,
    /// Its lot, as printed.
    pub lot: Lot,
    /// Its expiry, where it is printed.
    pub expiry: Option<PrintedExpiry>,
}

impl TypedPackage {
    /// As the decision takes it: a package that nobody scanned.
    pub fn into_scan(self) -> Scan {
        let text = alloc::format!("{} {}", self.ndc.as_str(), self.lot);
        let code = PackageCode {
            key: PackageKey::Ndc(self.ndc),
            expiry: self.expiry,
            lot: Some(self.lot),
            serial: None,
        };
        Scan { symbology: None, source: Source::Keyed, text, meaning: Meaning::Package(code) }
    }
}

impl Bedside {
    /// P8: who it is was typed. Nothing of the patient is shown before the witness agrees, except in break-glass mode.
    pub(super) fn band_typed(&mut self, band: TypedBand, world: &World<'_>) -> Vec<Effect> {
        let in_place = matches!(
            self.phase,
            Phase::Identify { .. } | Phase::DueList { .. } | Phase::Dose(_) | Phase::Done(_)
        );
        let Some(session) = self.session.as_ref().filter(|_| in_place) else { return Vec::new() };
        let answer = Answer { check: Check::P8, reason: Some(band.reason), note: band.note, contact: None };
        if !super::dose::is_complete(&answer, ReasonList::BandNotScanned, world.policy) {
            return self.say(Notice::AnswerIncomplete);
        }
        let nurse = session.clinician.id.clone();
        let typed = TypedIdentity { birth_date: band.birth_date, mrn_end: band.mrn_end, witness: None };
        let case = assemble::typed_patient_case(typed, &nurse, world);
        let verdict = decide_patient(&case);
        let mut effects = self.void_pending("another-wristband", world);
        let patient = match case.candidates.as_slice() {
            [one] => Some(one.id.clone()),
            _ => None,
        };
        self.end_break_glass_of_another(patient.as_ref(), world, &mut effects);
        let emergency = self.session.as_ref().is_some_and(|session| session.break_glass_at(world).is_some());
        let kind = if case.candidates.is_empty() { EntryKind::Unidentified } else { EntryKind::Verdict };
        let inputs = Inputs::Patient(case.clone(), world.now);
        let mut draft = record::verdict(kind, &verdict, patient.clone(), inputs, &case.scan);
        draft.clear.reasons = alloc::vec![(answer.check, answer.reason.clone())];
        if let Some(detached) = &mut draft.detached {
            detached.answers.push(answer.clone());
        }
        effects.extend(self.record(draft, world));
        if let Some(session) = &mut self.session {
            session.patient = None;
        }
        match patient {
            Some(id) if verdict.class() < Class::HardBreakGlass => {
                let seen = case.candidates.first().map(|patient| assemble::review(patient, &nurse, world));
                let Some(seen) = seen else { return effects };
                let identified = Identified::new(id, case, verdict, alloc::vec![answer], seen);
                if emergency {
                    effects.extend(self.identified_by_typing(identified, world));
                } else {
                    effects.extend(self.ask_identity_witness(identified));
                }
            }
            _ => {
                self.phase = Phase::Identify { stop: Some(verdict), notice: None };
                effects.push(Effect::Sound(Tone::Stop));
            }
        }
        effects
    }

    /// The witness has typed the birth date.
    pub(super) fn identity_witnessed(
        &mut self,
        mut identified: Identified,
        world: &World<'_>,
    ) -> Vec<Effect> {
        let witness = identified.case.typed.as_ref().and_then(|typed| typed.witness.as_ref());
        let actor = witness.map(|(who, _)| Actor { clinician: who.id.clone(), role: who.role });
        identified.verdict = decide_patient(&identified.case);
        let inputs = Inputs::Patient(identified.case.clone(), world.now);
        let (verdict, scan) = (&identified.verdict, &identified.case.scan);
        let mut draft =
            record::verdict(EntryKind::Witness, verdict, Some(identified.id.clone()), inputs, scan);
        draft.actor = actor;
        let mut effects: Vec<Effect> = self.record(draft, world).into_iter().collect();
        if identified.verdict.class() < Class::HardBreakGlass {
            effects.extend(self.identified_by_typing(identified, world));
        } else {
            self.phase = Phase::Identify { stop: Some(identified.verdict), notice: None };
            effects.push(Effect::Sound(Tone::Stop));
        }
        effects
    }

    /// The patient is known, as far as people say. A new band is asked for.
    fn identified_by_typing(&mut self, identified: Identified, world: &World<'_>) -> Vec<Effect> {
        let Some(session) = &mut self.session else { return Vec::new() };
        let reprint = identified.case.candidates.first().map(|patient| Reprint {
            patient: patient.id.clone(),
            band_serial: patient.band_serial.clone(),
            by: session.clinician.id.clone(),
            at: world.now.at,
        });
        let seen = identified.seen.clone();
        let first_look = world.chart.review_of(&seen.by, &identified.id).is_none();
        session.open(identified);
        self.phase = Phase::DueList { notice: None };
        let review = first_look.then(|| record::done(EntryKind::View, Record::Review(seen)));
        let reprint = reprint.map(|reprint| record::done(EntryKind::Reprint, Record::Reprint(reprint)));
        let drafts = review.into_iter().chain(reprint);
        let mut effects: Vec<Effect> = drafts.filter_map(|draft| self.record(draft, world)).collect();
        effects.push(Effect::Sound(Tone::Question));
        effects
    }

    /// M9: a package whose NDC and lot were typed, by the nurse or by the witness.
    pub(super) fn package_typed(&mut self, package: TypedPackage, world: &World<'_>) -> Vec<Effect> {
        let scan = package.into_scan();
        match &self.phase {
            Phase::Second(_) => self.second_scanned(&scan, world),
            Phase::DueList { .. } | Phase::Dose(_) | Phase::Done(_) if self.patient().is_some() => {
                self.package_scanned(&scan, world)
            }
            _ => Vec::new(),
        }
    }
}
