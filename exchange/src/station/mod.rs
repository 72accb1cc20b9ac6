//! The station: pages for pharmacists and auditors over a kiosk's ledger.
//!
//! It reads the ledger beside its writer ([`reading`]), and writes a ledger of its own ([`record`]), in which every sign-in and every
//! look at patient data is durable before the answer leaves. Pages are functions from a request to an answer ([`asked`]), without a
//! network; `web` is the one file that knows one.
//!
//! | what comes in | is held off by |
//! |---|---|
//! | guessed passwords | Argon2id, locks by id and by address, one check at a time |
//! | a stolen or planted session id | a new random one at each sign-in, `HttpOnly`, `SameSite=Strict`, an end when idle |
//! | forms of other sites | a token in each form, `Sec-Fetch-Site` |
//! | markup in names, codes, lots | templates that escape every value, a policy that runs no script |
//! | pages of another role | one table of role and page, asked before anything is read |

mod asked;
mod config;
mod grid;
mod pages;
mod reading;
mod reconcile;
mod record;
mod reports;
pub mod session;
pub mod staff;
mod text;
mod web;
mod work;

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError, RwLock};

use axum::http::Method;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ledger::inspect::Inspector;
use rights::desk::Act;
use rights::entry::IdempotencyKey;
use rights::ident::{PatientId, ReasonCode};

pub use asked::{Answer, Asked};
pub(crate) use config::RawStation;
pub use config::StationConfig;
pub use pages::Page;
pub use reading::Reading;
pub use record::{RecordError, Recorder};
use session::{Ended, Held, Session, Sessions};
use staff::{Person, Staff, StaffError};
pub use web::{Web, router};
pub use work::Verified;

use crate::digest::sha256;
use crate::rules::SiteRules;

/// Why the station does not start.
#[derive(Debug, thiserror::Error)]
pub enum StationError {
    /// The staff file.
    #[error("station staff")]
    Staff(#[from] StaffError),
    /// Its own ledger.
    #[error("station record")]
    Record(#[from] RecordError),
    /// The kiosk's ledger.
    #[error("station ledger: {0}")]
    Ledger(String),
}

/// Who is signed in, with what their forms carry.
#[derive(Clone)]
pub struct Signed {
    /// Who.
    pub person: Person,
    /// The token of each form.
    pub csrf: String,
    token: String,
}

impl std::fmt::Debug for Signed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signed({})", self.person.id)
    }
}

/// Why a page is not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody is signed in.
    SignIn,
    /// There is no such page.
    NotFound,
    /// It is not for this role.
    NotYours,
    /// A form without the token of its session.
    OldForm,
    /// A form of another site.
    Foreign,
    /// It could not be recorded.
    NotRecorded,
    /// What was asked makes no sense: why, and what to do.
    Bad(String),
    /// Something of ours does not work: what, and what to do.
    Failed(String),
}

/// The station.
pub struct Station {
    pub(crate) reading: Reading,
    pub(crate) recorder: Recorder,
    pub(crate) staff: Staff,
    config: StationConfig,
    store: std::path::PathBuf,
    rules: SiteRules,
    clock: fn() -> Timestamp,
    sessions: Mutex<Sessions>,
    /// One password is checked at a time: guesses cannot run beside each other past the count.
    gate: Mutex<()>,
    reports: reports::Reports,
    /// Held while the index of the kiosk's ledger is open.
    index: Mutex<()>,
    verified: RwLock<Option<Verified>>,
    verifying: Mutex<()>,
}

impl std::fmt::Debug for Station {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Station({})", self.config.listen)
    }
}

fn code(text: &str) -> ReasonCode {
    // The codes are words of this file.
    ReasonCode::parse(text).unwrap_or_else(|_| unreachable!("a page's code is a reason code"))
}

impl Station {
    /// Checks everything that it needs, and changes nothing.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn check(config: &StationConfig) -> Result<Staff, StationError> {
        let staff = Staff::read(&config.staff)?;
        let inspector =
            Inspector::open(&config.ledger).and_then(|inspector| inspector.device_key().map(|_| ()));
        inspector.map_err(|error| StationError::Ledger(error.to_string()))?;
        let record = Inspector::open(&config.record).map(|_| ());
        record.map_err(|error| RecordError::Open { reason: error.to_string() })?;
        Ok(staff)
    }

    /// Opens everything that it needs.
    ///
    /// # Errors
    /// When the staff file or a ledger cannot be used; the message names the key.
    pub fn open(
        config: StationConfig,
        store: std::path::PathBuf,
        zone: TimeZone,
        clock: fn() -> Timestamp,
    ) -> Result<Self, StationError> {
        let staff = Self::check(&config)?;
        let reading = Reading::new(&config.ledger);
        let recorder = Recorder::open(&config.record, zone.clone())?;
        Ok(Self {
            reading,
            recorder,
            staff,
            config,
            store,
            rules: SiteRules::new(zone),
            clock,
            sessions: Mutex::default(),
            gate: Mutex::new(()),
            reports: reports::Reports::default(),
            index: Mutex::new(()),
            verified: RwLock::new(None),
            verifying: Mutex::new(()),
        })
    }

    /// Its settings.
    pub const fn config(&self) -> &StationConfig {
        &self.config
    }

    /// Reads the kiosk's ledger up to its end, and makes the reports that people look at again.
    pub fn catch_up(&self, stop: &dyn Fn() -> bool) {
        self.reading.catch_up(stop);
        // So that whoever asks for a report does not wait for the index.
        if !stop()
            && let Err(error) = self.indexed(|_| Ok(()))
        {
            tracing::warn!(error, "the index of the kiosk's ledger was not brought up to its end");
        }
        self.reports.refresh(self, (self.clock)());
    }

    /// Records the end, and nothing after it.
    pub fn close(&self) {
        self.recorder.close();
    }

    fn sessions(&self) -> std::sync::MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a request. Never panics on what comes in; what cannot be shown is a page that says why.
    pub fn answer(&self, asked: &Asked) -> Answer {
        let first = asked.path.first().map_or("", String::as_str);
        match (first, asked.path.len()) {
            ("sign-in", 1) => self.sign_in(asked),
            ("sign-out", 1) => self.sign_out(asked),
            _ => {
                let who = match self.signed(asked) {
                    Ok(who) => who,
                    Err(refusal) => return pages::refusal(&refusal, None),
                };
                self.page(asked, &who).unwrap_or_else(|refusal| pages::refusal(&refusal, Some(&who)))
            }
        }
    }

    fn page(&self, asked: &Asked, who: &Signed) -> Result<Answer, Refusal> {
        let page = Page::of(asked).ok_or(Refusal::NotFound)?;
        let role = who.person.role;
        if !page.is_for(role) {
            return Err(Refusal::NotYours);
        }
        if asked.method == Method::POST {
            if !page.is_written_by(role) {
                return Err(Refusal::NotYours);
            }
            self.checked(asked, &who.csrf)?;
            return pages::act(page, self, asked, who);
        }
        pages::show(page, self, asked, who)
    }

    /// A form must come from a page of ours and from this session.
    #[allow(clippy::unused_self, reason = "beside its callers")]
    fn checked(&self, asked: &Asked, csrf: &str) -> Result<(), Refusal> {
        if asked.foreign {
            return Err(Refusal::Foreign);
        }
        // Hashes are compared, so that the time of the comparison tells nothing of the token.
        let right = sha256(asked.of_form("csrf").as_bytes()) == sha256(csrf.as_bytes());
        if right { Ok(()) } else { Err(Refusal::OldForm) }
    }

    fn session(&self, asked: &Asked) -> Option<(String, Session)> {
        let token = asked.token.clone()?;
        let now = (self.clock)();
        let seen = self.sessions().seen(&token, now, self.config.lasting);
        match seen {
            Ok(session) => Some((token, session)),
            Err(ended) => {
                self.signed_off(ended, "timeout", now);
                None
            }
        }
    }

    fn signed(&self, asked: &Asked) -> Result<Signed, Refusal> {
        let (token, session) = self.session(asked).ok_or(Refusal::SignIn)?;
        let Session { person, csrf, .. } = session;
        person.map(|person| Signed { person, csrf, token }).ok_or(Refusal::SignIn)
    }

    fn signed_off(&self, ended: Option<Ended>, why: &str, now: Timestamp) {
        let Some(Ended { person, key }) = ended else { return };
        if let Err(error) = self.recorder.record(&Act::SignOff(code(why)), Some(&person), key, now) {
            // The session has ended all the same.
            tracing::warn!(%error, "the end of a session was not recorded");
        }
    }

    fn form(&self, refused: bool) -> Answer {
        let opened = self.sessions().open(None, (self.clock)());
        match opened {
            Ok((token, session)) => {
                Answer { token: Some(token), ..pages::sign_in::form(&session.csrf, refused) }
            }
            Err(error) => pages::refusal(&Refusal::Failed(error.to_string()), None),
        }
    }

    fn sign_in(&self, asked: &Asked) -> Answer {
        let session = self.session(asked);
        if asked.method != Method::POST {
            return match session {
                Some((_, session)) if session.person.is_some() => Answer::see("/"),
                // Another tab, or a picture that the browser looks for, must not make the open form an old one.
                Some((_, session)) => pages::sign_in::form(&session.csrf, false),
                None => self.form(false),
            };
        }
        let Some((before, session)) = session else {
            return Answer { token: Some(String::new()), ..pages::refusal(&Refusal::OldForm, None) };
        };
        if let Err(refusal) = self.checked(asked, &session.csrf) {
            return pages::refusal(&refusal, None);
        }
        match self.admit(asked.of_form("id").trim(), asked.of_form("password"), asked.from) {
            Ok(Some(person)) => {
                let now = (self.clock)();
                let ended = self.sessions().close(&before);
                self.signed_off(ended, "signed-in-again", now);
                self.admitted(&person, now)
            }
            Ok(None) => self.form(true),
            Err(refusal) => pages::refusal(&refusal, None),
        }
    }

    /// A new session under a new token: one that was planted before the sign-in leads nowhere.
    fn admitted(&self, person: &Person, now: Timestamp) -> Answer {
        let opened = self.sessions().open(Some(person.clone()), now);
        let Ok((token, _)) = opened else {
            return pages::refusal(&Refusal::Failed("No session can be made; try again.".to_owned()), None);
        };
        let key = self.sessions().keys(&token, 1).pop();
        let recorded = key.map(|key| self.recorder.record(&Act::SignOn, Some(person), key, now));
        match recorded {
            Some(Ok(())) => Answer { token: Some(token), ..Answer::see("/") },
            Some(Err(error)) => {
                tracing::error!(%error, "a sign-in was not recorded");
                self.sessions().close(&token);
                pages::refusal(&Refusal::NotRecorded, None)
            }
            None => pages::refusal(&Refusal::SignIn, None),
        }
    }

    /// The person, when id and password are right and nobody is held off.
    fn admit(&self, id: &str, password: &str, from: IpAddr) -> Result<Option<Person>, Refusal> {
        let _one = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        let now = (self.clock)();
        if self.sessions().held(id, from, now) == Held::Yes {
            return Ok(None);
        }
        if let Some(person) = self.staff.check(id, password) {
            self.sessions().right(id);
            return Ok(Some(person.clone()));
        }
        let held = self.sessions().wrong(id, from, now);
        let known = self.staff.person(id);
        let why = match (known, held) {
            (None, _) => "unknown-id",
            (Some(_), Held::No) => "wrong-password",
            (Some(_), Held::Yes) => "locked",
        };
        let session = ledger::random::public().map_err(|error| Refusal::Failed(error.to_string()))?;
        let key = IdempotencyKey { session, count: 0 };
        let refused = self.recorder.record(&Act::Refused(code(why)), known, key, now);
        refused.map(|()| None).map_err(|error| {
            tracing::error!(%error, "a refused sign-in was not recorded");
            Refusal::NotRecorded
        })
    }

    fn sign_out(&self, asked: &Asked) -> Answer {
        let who = match self.signed(asked) {
            Ok(who) => who,
            Err(refusal) => return pages::refusal(&refusal, None),
        };
        if asked.method != Method::POST {
            return pages::refusal(&Refusal::NotFound, Some(&who));
        }
        if let Err(refusal) = self.checked(asked, &who.csrf) {
            return pages::refusal(&refusal, Some(&who));
        }
        let ended = self.sessions().close(&who.token);
        self.signed_off(ended, "signed-out", (self.clock)());
        Answer { token: Some(String::new()), ..Answer::see("/sign-in") }
    }

    /// Records that somebody sees patients' data. Only when this returns well may it be shown.
    pub(crate) fn saw(&self, who: &Signed, page: &str, patients: Vec<PatientId>) -> Result<(), Refusal> {
        let now = (self.clock)();
        let keys = self.sessions().keys(&who.token, patients.len());
        if keys.len() != patients.len() {
            return Err(Refusal::SignIn);
        }
        let page = code(page);
        let acts = patients.into_iter().map(|patient| Act::Saw { page: page.clone(), patient });
        let acts: Vec<_> = acts.zip(keys).collect();
        self.recorder.record_all(&acts, Some(&who.person), now).map_err(|error| {
            tracing::error!(%error, "a look at patient data was not recorded");
            Refusal::NotRecorded
        })
    }
}
