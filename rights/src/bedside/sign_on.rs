//! Badge and PIN.

use alloc::vec;
use alloc::vec::Vec;

use super::phase::{Notice, Phase, Session};
use super::{Bedside, Effect, PinOutcome, Tone, World, record};
use crate::entry::{Actor, Clear, Entry, EntryKind, IdempotencyKey};
use crate::ident::ReasonCode;
use crate::scan::{Meaning, Scan};

impl Bedside {
    /// A badge, or what should have been one. A badge alone is no secret: the PIN is asked in any case.
    pub(super) fn badge_scanned(&mut self, scan: &Scan, world: &World<'_>) -> Vec<Effect> {
        let refuse = |notice| Phase::Locked { notice: Some(notice) };
        let Meaning::Badge(badge) = &scan.meaning else {
            self.phase = refuse(Notice::NotABadge);
            return vec![Effect::Sound(Tone::Stop)];
        };
        let Some(clinician) = world.chart.clinician_of_badge(badge) else {
            self.phase = refuse(Notice::UnknownBadge);
            return vec![Effect::Sound(Tone::Stop)];
        };
        if !clinician.role.may_give() {
            self.phase = refuse(Notice::RoleMayNotGive);
            return vec![Effect::Sound(Tone::Stop)];
        }
        let id = clinician.id.clone();
        self.phase = Phase::Pin { clinician: clinician.clone(), refused: false, since: world.now.at };
        vec![Effect::AskPin(id)]
    }

    pub(super) fn pin_checked(
        &mut self,
        outcome: PinOutcome,
        session: [u8; 16],
        world: &World<'_>,
    ) -> Vec<Effect> {
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
                });
                self.phase = Phase::Identify { stop: None };
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
}
