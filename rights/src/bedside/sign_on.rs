//! Badge and PIN.

use alloc::vec;
use alloc::vec::Vec;

use super::phase::{Notice, Phase, Session};
use super::{Bedside, Effect, PinOutcome, Tone, World, record};
use crate::entry::{Actor, Clear, Detached, Entry, EntryKind, IdempotencyKey};
use crate::ident::ReasonCode;
use crate::scan::{Meaning, Scan};

impl Bedside {
    /// A badge, or what should have been one. A badge alone is no secret: the PIN is asked in any case.
    pub(super) fn badge_scanned(&mut self, scan: &Scan, world: &World<'_>) -> Vec<Effect> {
        let Meaning::Badge(badge) = &scan.meaning else {
            return self.refuse_badge(Notice::NotABadge, "not-a-badge", None, scan, world);
        };
        let Some(clinician) = world.chart.clinician_of_badge(badge) else {
            return self.refuse_badge(Notice::UnknownBadge, "unknown-badge", None, scan, world);
        };
        if !clinician.role.may_give() {
            let actor = Actor { clinician: clinician.id.clone(), role: clinician.role };
            return self.refuse_badge(Notice::RoleMayNotGive, "role", Some(actor), scan, world);
        }
        let id = clinician.id.clone();
        self.phase = Phase::Pin { clinician: clinician.clone(), refused: false, since: world.now.at };
        vec![Effect::AskPin(id)]
    }

    /// A rejection is evidence too. The text may be a patient's wristband, so it stands with the patient data.
    fn refuse_badge(
        &mut self,
        notice: Notice,
        reason: &str,
        actor: Option<Actor>,
        scan: &Scan,
        world: &World<'_>,
    ) -> Vec<Effect> {
        self.phase = Phase::Locked { notice: Some(notice) };
        let clear = Clear {
            reason: ReasonCode::parse(reason).ok(),
            source: Some(scan.source),
            symbology: scan.symbology,
            ..Clear::default()
        };
        let scanned = Detached {
            patient: None,
            inputs: None,
            record: None,
            answers: Vec::new(),
            scanned: Some(scan.text.clone()),
        };
        let key = self.key_without_session(world);
        let entry = Entry::new(EntryKind::SignOnRefused, key, world.now, actor, clear, Some(scanned));
        vec![Effect::Record(entry), Effect::Sound(Tone::Stop)]
    }

    pub(super) fn pin_checked(
        &mut self,
        outcome: PinOutcome,
        session: [u8; 16],
        world: &World<'_>,
    ) -> Vec<Effect> {
        if matches!(self.phase, Phase::Second(_)) {
            return self.second_pin(outcome, world);
        }
        let Phase::Pin { clinician, .. } = &self.phase else { return Vec::new() };
        let clinician = clinician.clone();
        match outcome {
            PinOutcome::Accepted => {
                self.session = Some(Session {
                    clinician,
                    id: session,
                    count: 0,
                    active_at: world.now.at,
                    patient: None,
                    break_glass: None,
                    break_glass_of: None,
                });
                self.phase = Phase::Identify { stop: None, notice: None };
                self.record(record::plain(EntryKind::SignOn, None), world).into_iter().collect()
            }
            PinOutcome::Refused | PinOutcome::LockedOut => {
                let locked = outcome == PinOutcome::LockedOut;
                let reason = ReasonCode::parse(if locked { "locked-out" } else { "wrong-pin" }).ok();
                let actor = Actor { clinician: clinician.id.clone(), role: clinician.role };
                let entry = Entry::new(
                    EntryKind::SignOnRefused,
                    IdempotencyKey { session, count: 0 },
                    world.now,
                    Some(actor),
                    Clear { reason, ..Clear::default() },
                    None,
                );
                self.phase = if locked {
                    Phase::Locked { notice: Some(Notice::LockedOut) }
                } else {
                    Phase::Pin { clinician, refused: true, since: world.now.at }
                };
                vec![Effect::Record(entry), Effect::Sound(Tone::Stop)]
            }
        }
    }

    /// Nobody is signed on, so there is no session whose key could be used: the instant and a count of the kiosk's own stand in.
    pub(super) fn key_without_session(&mut self, world: &World<'_>) -> IdempotencyKey {
        self.refused_badges = self.refused_badges.wrapping_add(1);
        IdempotencyKey { session: world.now.at.as_nanosecond().to_be_bytes(), count: self.refused_badges }
    }
}
