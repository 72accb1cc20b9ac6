//! Sessions in memory: who is signed in, for how long, and who is held off after wrong passwords. A restart ends every session.

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use ledger::random::{self, NoRandomness};
use rights::entry::IdempotencyKey;

use super::staff::Person;
use crate::digest::{hex, sha256};

/// Wrong passwords in a row before an id is locked.
pub const MOST_WRONG: u32 = 5;
/// Wrong passwords from one address before it is held off, whatever ids they were for.
pub const MOST_WRONG_FROM: u32 = 30;
/// How long both last.
pub const HELD_FOR: SignedDuration = SignedDuration::from_mins(15);
/// How long the form of a sign-in is good.
const FORM_FOR: SignedDuration = SignedDuration::from_mins(20);
/// Sessions, forms and counts that are kept at most, of each kind; the oldest go first.
const MOST_KEPT: usize = 5_000;

/// How long a session lasts.
#[derive(Clone, Copy, Debug)]
pub struct Lasting {
    /// Without a request.
    pub idle: SignedDuration,
    /// At all.
    pub longest: SignedDuration,
}

/// One session.
#[derive(Clone, Debug)]
pub struct Session {
    /// Who; nobody before the sign-in.
    pub person: Option<Person>,
    /// What each form of the session carries.
    pub csrf: String,
    made: Timestamp,
    seen: Timestamp,
    entry: [u8; 16],
    entries: u32,
}

/// What a wrong password leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// Another attempt is taken.
    No,
    /// This id or address is held off until later, even with the right password.
    Yes,
}

#[derive(Clone, Copy, Debug)]
struct Wrong {
    count: u32,
    last: Timestamp,
}

/// All sessions. Those of somebody and those of a form before a sign-in lie apart: anybody can ask for a form, as often as they like,
/// and must not push out who is signed in.
#[derive(Debug, Default)]
pub struct Sessions {
    open: BTreeMap<[u8; 32], Session>,
    forms: BTreeMap<[u8; 32], Session>,
    by_id: BTreeMap<String, Wrong>,
    by_address: BTreeMap<IpAddr, Wrong>,
}

/// The key of a session: its token is not kept, so that a dump of the memory's map holds none.
fn key(token: &str) -> [u8; 32] {
    sha256(token.as_bytes())
}

fn fresh() -> Result<String, NoRandomness> {
    random::secret::<32>().map(|bytes| hex(&*bytes))
}

impl Sessions {
    /// A new session of somebody, or the one before a sign-in; its token.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn open(
        &mut self,
        person: Option<Person>,
        now: Timestamp,
    ) -> Result<(String, Session), NoRandomness> {
        let (token, csrf) = (fresh()?, fresh()?);
        let entry = random::public()?;
        let session = Session { person, csrf, made: now, seen: now, entry, entries: 0 };
        let kept = if session.person.is_some() { &mut self.open } else { &mut self.forms };
        make_room(kept, |session| session.seen);
        kept.insert(key(&token), session.clone());
        Ok((token, session))
    }

    /// The session of a token, used now; `None` when there is none or its time is over, with the person whose session ended.
    ///
    /// # Errors
    /// When there is no such session any more.
    pub fn seen(&mut self, token: &str, now: Timestamp, lasting: Lasting) -> Result<Session, Option<Ended>> {
        let key = key(token);
        let held = self.open.get_mut(&key).or_else(|| self.forms.get_mut(&key));
        let Some(session) = held else { return Err(None) };
        let (idle, age) = (now.duration_since(session.seen), now.duration_since(session.made));
        let (most_idle, longest) =
            if session.person.is_some() { (lasting.idle, lasting.longest) } else { (FORM_FOR, FORM_FOR) };
        if idle < most_idle && age < longest {
            session.seen = now.max(session.seen);
            return Ok(session.clone());
        }
        Err(self.close_key(&key))
    }

    /// Ends a session: its person, and the key of the entry that says so.
    pub fn close(&mut self, token: &str) -> Option<Ended> {
        self.close_key(&key(token))
    }

    fn close_key(&mut self, key: &[u8; 32]) -> Option<Ended> {
        let session = self.open.remove(key).or_else(|| self.forms.remove(key))?;
        let key = IdempotencyKey { session: session.entry, count: session.entries };
        session.person.map(|person| Ended { person, key })
    }

    /// The next `count` keys of entries of somebody's session.
    pub fn keys(&mut self, token: &str, count: usize) -> Vec<IdempotencyKey> {
        let Some(session) = self.open.get_mut(&key(token)) else { return Vec::new() };
        (0..count)
            .map(|_| {
                let key = IdempotencyKey { session: session.entry, count: session.entries };
                session.entries = session.entries.saturating_add(1);
                key
            })
            .collect()
    }

    /// Whether an id or an address is held off.
    pub fn held(&self, id: &str, from: IpAddr, now: Timestamp) -> Held {
        let over = |wrong: Option<&Wrong>, most: u32| {
            wrong.is_some_and(|wrong| wrong.count >= most && now.duration_since(wrong.last) < HELD_FOR)
        };
        let by_id = over(self.by_id.get(&id.to_lowercase()), MOST_WRONG);
        if by_id || over(self.by_address.get(&from), MOST_WRONG_FROM) { Held::Yes } else { Held::No }
    }

    /// Counts a wrong password: whether the next one is refused unseen.
    pub fn wrong(&mut self, id: &str, from: IpAddr, now: Timestamp) -> Held {
        let count = |wrong: &mut Wrong| {
            let old = now.duration_since(wrong.last) >= HELD_FOR;
            *wrong = Wrong { count: if old { 1 } else { wrong.count.saturating_add(1) }, last: now };
        };
        let new = Wrong { count: 0, last: now };
        make_room(&mut self.by_id, |wrong| wrong.last);
        make_room(&mut self.by_address, |wrong| wrong.last);
        count(self.by_id.entry(id.to_lowercase()).or_insert(new));
        count(self.by_address.entry(from).or_insert(new));
        self.held(id, from, now)
    }

    /// Forgets the wrong passwords of an id after the right one. Those of the address stay: one known password must not open the
    /// way to guess others.
    pub fn right(&mut self, id: &str) {
        self.by_id.remove(&id.to_lowercase());
    }
}

/// A session that ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// Whose.
    pub person: Person,
    /// For the entry that says so.
    pub key: IdempotencyKey,
}

/// Drops the oldest when the map is full.
fn make_room<K: Ord + Clone, V>(map: &mut BTreeMap<K, V>, last: impl Fn(&V) -> Timestamp) {
    if map.len() >= MOST_KEPT {
        let oldest = map.iter().min_by_key(|(_, value)| last(value)).map(|(key, _)| key.clone());
        if let Some(key) = oldest {
            map.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rights::ident::ClinicianId;
    use rights::person::Role;

    const LASTING: Lasting =
        Lasting { idle: SignedDuration::from_mins(15), longest: SignedDuration::from_hours(10) };

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_796_000_000 + minute * 60).unwrap()
    }

    fn somebody() -> Person {
        let id = ClinicianId::parse("ph-1").unwrap();
        Person { id, name: "Somebody".to_owned(), role: Role::Pharmacist }
    }

    #[test]
    fn a_session_ends_when_idle_and_in_any_case() {
        let mut sessions = Sessions::default();
        let (token, _) = sessions.open(Some(somebody()), at(0)).unwrap();
        assert!(sessions.seen(&token, at(14), LASTING).is_ok());
        assert!(sessions.seen(&token, at(28), LASTING).is_ok());
        assert!(sessions.seen(&token, at(43), LASTING).unwrap_err().is_some(), "idle for 15 minutes");
        assert!(sessions.seen(&token, at(43), LASTING).unwrap_err().is_none(), "and gone");
        let (token, _) = sessions.open(Some(somebody()), at(0)).unwrap();
        for minute in (0..600).step_by(10) {
            assert!(sessions.seen(&token, at(minute), LASTING).is_ok());
        }
        assert!(sessions.seen(&token, at(600), LASTING).is_err(), "ten hours");
        assert!(sessions.seen("", at(0), LASTING).is_err() && sessions.close("x").is_none());
    }

    /// Whoever asks for the sign-in page over and over signs nobody out, and takes no more than their share of the memory.
    #[test]
    fn forms_take_no_place_of_who_is_signed_in() {
        let mut sessions = Sessions::default();
        let (token, _) = sessions.open(Some(somebody()), at(0)).unwrap();
        let (old, _) = sessions.open(None, at(0)).unwrap();
        let forms: Vec<String> = (0..MOST_KEPT).map(|_| sessions.open(None, at(1)).unwrap().0).collect();
        assert!(sessions.seen(&token, at(2), LASTING).is_ok());
        assert_eq!(sessions.keys(&token, 2).len(), 2);
        assert!(sessions.seen(&old, at(2), LASTING).is_err(), "the oldest form made room");
        assert!(sessions.seen(&forms[0], at(2), LASTING).unwrap().person.is_none());
        assert_eq!(sessions.forms.len(), MOST_KEPT);
        assert!(sessions.close(&forms[0]).is_none(), "nobody's session ends without an entry");
        assert!(sessions.seen(&forms[0], at(2), LASTING).is_err());
        assert!(sessions.close(&token).is_some());
    }

    #[test]
    fn an_id_and_an_address_are_held_off_and_let_in_later() {
        let mut sessions = Sessions::default();
        let from: IpAddr = "192.0.2.1".parse().unwrap();
        for _ in 0..4 {
            assert_eq!(sessions.wrong("PH-1", from, at(0)), Held::No);
        }
        assert_eq!(sessions.wrong("ph-1", from, at(0)), Held::Yes);
        assert_eq!(sessions.held("ph-1", "192.0.2.2".parse().unwrap(), at(14)), Held::Yes);
        assert_eq!(sessions.held("ph-2", from, at(14)), Held::No);
        assert_eq!(sessions.held("ph-1", from, at(15)), Held::No);
        for guess in 0..25 {
            let _ = sessions.wrong(&format!("guess-{guess}"), from, at(1));
        }
        assert_eq!(sessions.held("ph-2", from, at(2)), Held::Yes, "the address guesses ids");
        assert_eq!(sessions.held("ph-2", "192.0.2.2".parse().unwrap(), at(2)), Held::No);
    }
}
