//! What people at a desk do that must be recorded: they sign on, and they see patient data. A desk gives nothing and decides nothing
//! about a dose; the entries it makes say who looked, at what and when (access accounting of the evidence specification).

use alloc::vec::Vec;

use crate::entry::{Actor, Clear, Detached, Entry, EntryKind, IdempotencyKey};
use crate::ident::{PatientId, ReasonCode};
use crate::moment::Moment;
use crate::person::Role;

/// Whether a role may sign on at a desk at all. Nurses, students and prescribers work at the bedside.
pub const fn may_sign_on(role: Role) -> bool {
    match role {
        Role::Pharmacist | Role::Auditor | Role::Administrator => true,
        Role::Nurse | Role::ChargeNurse | Role::Student | Role::Provider => false,
    }
}

/// Whether a role may see patient data at a desk. An administrator keeps the desk running and needs none.
pub const fn may_see_patients(role: Role) -> bool {
    match role {
        Role::Pharmacist | Role::Auditor => true,
        Role::Nurse | Role::ChargeNurse | Role::Student | Role::Provider | Role::Administrator => false,
    }
}

/// What happened at a desk.
#[derive(Clone, PartialEq, Eq)]
pub enum Act {
    /// Somebody signed on.
    SignOn,
    /// A sign-on was refused, with the reason's code.
    Refused(ReasonCode),
    /// Somebody signed off, or the session ended by itself, with the reason's code.
    SignOff(ReasonCode),
    /// Patient data was shown: which page, of whom. Several patients are several acts.
    Saw {
        /// The page's code.
        page: ReasonCode,
        /// Whose data.
        patient: PatientId,
    },
}

/// `Debug` names no patient.
impl core::fmt::Debug for Act {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::SignOn => "SignOn",
            Self::Refused(_) => "Refused(..)",
            Self::SignOff(_) => "SignOff(..)",
            Self::Saw { .. } => "Saw(..)",
        })
    }
}

/// The entry of an act, or `None` for one that the actor's role does not allow, so that it cannot be recorded as done: the desk must
/// then not do it. A refusal without an actor is one of somebody who is not known.
pub fn entry(act: &Act, actor: Option<Actor>, key: IdempotencyKey, now: Moment) -> Option<Entry> {
    let role = actor.as_ref().map(|actor| actor.role);
    let allowed = match act {
        Act::SignOn | Act::SignOff(_) => role.is_some_and(may_sign_on),
        Act::Saw { .. } => role.is_some_and(may_see_patients),
        Act::Refused(_) => true,
    };
    let (kind, reason, patient) = match act {
        Act::SignOn => (EntryKind::SignOn, None, None),
        Act::Refused(reason) => (EntryKind::SignOnRefused, Some(reason), None),
        Act::SignOff(reason) => (EntryKind::SignOff, Some(reason), None),
        Act::Saw { page, patient } => (EntryKind::View, Some(page), Some(patient)),
    };
    let clear = Clear { reason: reason.cloned(), ..Clear::default() };
    let detached = patient.map(|patient| Detached {
        patient: Some(patient.clone()),
        inputs: None,
        record: None,
        answers: Vec::new(),
        scanned: None,
    });
    allowed.then(|| Entry::new(kind, key, now, actor, clear, detached))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ident::ClinicianId;
    use crate::moment::ClockTrust;

    fn made(act: &Act, role: Option<Role>) -> Option<Entry> {
        let clinician = ClinicianId::parse("somebody").unwrap();
        let now = Moment {
            at: jiff::Timestamp::UNIX_EPOCH,
            offset: jiff::tz::Offset::UTC,
            clock: ClockTrust::Unknown,
        };
        let key = IdempotencyKey { session: [1; 16], count: 0 };
        entry(act, role.map(|role| Actor { clinician, role }), key, now)
    }

    #[test]
    fn what_a_role_may_not_do_at_a_desk_has_no_entry() {
        let code = |text: &str| ReasonCode::parse(text).unwrap();
        let saw = Act::Saw { page: code("patient"), patient: PatientId::parse("p-1").unwrap() };
        for role in Role::ALL {
            assert_eq!(made(&Act::SignOn, Some(role)).is_some(), may_sign_on(role));
            assert_eq!(made(&saw, Some(role)).is_some(), may_see_patients(role));
            assert!(!may_see_patients(role) || may_sign_on(role));
            assert!(!may_sign_on(role) || !role.may_give());
        }
        assert!(made(&saw, None).is_none() && made(&Act::SignOn, None).is_none());
        let refused = made(&Act::Refused(code("unknown")), None).unwrap();
        assert_eq!((refused.kind(), refused.actor()), (EntryKind::SignOnRefused, None));
        let seen = made(&saw, Some(Role::Auditor)).unwrap();
        assert_eq!(seen.kind(), EntryKind::View);
        assert_eq!(seen.clear().reason, Some(code("patient")));
        assert_eq!(seen.detached().unwrap().patient, Some(PatientId::parse("p-1").unwrap()));
        assert_eq!(alloc::format!("{saw:?}"), "Saw(..)");
    }
}
