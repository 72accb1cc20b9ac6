//! HL7 v2: ADT, RDE and RDS in, RAS out. The map, field by field, is `docs/wire.md`.
//!
//! A message is understood as a whole or not at all ([`apply`]): what it changes is collected in a
//! [`Book`](crate::feed::book::Book) and written in one transaction. What it *means* for the bedside is read later, by the same
//! rules as a FHIR order ([`resources`]).

pub mod ack;
mod adt;
mod allergies;
mod encoded;
pub mod er7;
mod event;
mod numbers;
pub mod ras;
mod rde;
mod rds;
pub mod resources;
pub(crate) mod time;
mod timing;
mod transaction;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::feed::book::Book;
use crate::feed::db::DbError;
use crate::feed::state::{Code, Number};
use er7::{Field, Message, Segment};

/// What a site decides about reading HL7 v2.
#[derive(Clone, Debug)]
pub struct Hl7Rules {
    /// The site's zone: times without an offset are local.
    pub zone: TimeZone,
    /// PID-3.5 of the record number on wristbands.
    pub mrn_type: String,
    /// PID-3.4 of the record number; any when left out.
    pub mrn_authority: Option<String>,
    /// PID-3.5 of the GS1 number on wristbands.
    pub gsrn_type: String,
    /// PID-3.5 of the serial of the wristband that was issued last.
    pub band_type: String,
    /// Coding systems (RXE-2.3) whose codes are items of the drug file.
    pub formulary: Vec<String>,
    /// Coding systems (AL1-3.3) whose codes are allergy classes of the drug file.
    pub allergy_class: Vec<String>,
    /// Coding systems (AL1-3.3) whose codes are ingredients of the drug file.
    pub ingredient: Vec<String>,
    /// MSH-11 that is taken; others are refused, so that a test system cannot write into a ward.
    pub processing: String,
}

impl Hl7Rules {
    /// The defaults, in this zone.
    pub fn new(zone: TimeZone) -> Self {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            zone,
            mrn_type: "MR".into(),
            mrn_authority: None,
            gsrn_type: "GSRN".into(),
            band_type: "BAND".into(),
            formulary: list(&["99FORM", "L"]),
            allergy_class: list(&["99CLASS"]),
            ingredient: list(&["99INGR"]),
            processing: "P".into(),
        }
    }

    /// The record that PID names, by authority and type (never the first of PID-3).
    fn mrn(&self, segment: &Segment, field: usize) -> Result<Number, Refused> {
        let place = format!("{}-{field}", segment.name());
        let mut hits = segment.repetitions(field).filter(|id| {
            let of_type =
                id.component(5) == self.mrn_type || (segment.name() == "MRG" && id.component(5).is_empty());
            let of_authority = self.mrn_authority.as_ref().is_none_or(|wanted| id.component(4) == *wanted);
            of_type && of_authority && !id.component(1).is_empty()
        });
        let wanted = self.mrn_authority.as_ref().map_or_else(String::new, |name| format!(" of {name}"));
        match (hits.next(), hits.next()) {
            (Some(id), None) => Ok(Number { value: id.component(1), authority: id.component(4) }),
            (None, _) => Err(Refused::error(
                place,
                format!("no identifier of type {}{wanted}", self.mrn_type),
                "send the record number with its authority and type, or set `mrn_type` and `mrn_authority`",
            )),
            (Some(_), Some(_)) => Err(Refused::error(
                place,
                format!(
                    "several identifiers of type {}{wanted}: which one is meant cannot be told",
                    self.mrn_type
                ),
                "send one, or set `mrn_authority`",
            )),
        }
    }
}

/// Why a message was not applied. Nothing of it was, but what it stops is stopped, and the allergies that it adds are added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The acknowledgement code: `AE`, or `AR` where another message could never be accepted either (HL7 section 2.9.2).
    pub code: &'static str,
    /// Which field, such as `ORC-1`.
    pub place: String,
    /// Why; no patient data.
    pub reason: String,
    /// What to do.
    pub remedy: String,
}

impl Refused {
    pub(crate) fn error(
        place: impl Into<String>,
        reason: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { code: "AE", place: place.into(), reason: reason.into(), remedy: remedy.into() }
    }

    fn reject(place: &str, reason: impl Into<String>, remedy: &str) -> Self {
        Self { code: "AR", ..Self::error(place, reason, remedy) }
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}; {}", self.place, self.reason, self.remedy)
    }
}

/// Why applying a message failed.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The message cannot be applied.
    #[error("{0}")]
    Refused(Refused),
    /// The store cannot be read: the message is not at fault.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<Refused> for ApplyError {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

/// What the header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// MSH-3 and MSH-4.
    pub sender: String,
    /// MSH-10.
    pub control_id: String,
    /// MSH-9.1.
    pub code: String,
    /// MSH-9.2.
    pub trigger: String,
}

impl Head {
    /// Reads MSH.
    ///
    /// # Errors
    /// When there is no control id: then nothing can be told apart from a repetition.
    pub fn of(message: &Message) -> Result<Self, Refused> {
        let msh = message.header();
        let control_id = msh.text(10);
        if control_id.is_empty() || control_id.len() > 199 {
            return Err(Refused::reject(
                "MSH-10",
                "no control id, or one that is too long",
                "send a unique MSH-10",
            ));
        }
        let sender = format!("{}|{}", msh.text(3), msh.text(4));
        Ok(Self { sender, control_id, code: msh.text(9), trigger: msh.field(9).component(2) })
    }

    /// `ADT^A01`.
    pub fn kind(&self) -> String {
        crate::units::short(&format!("{}^{}", self.code, self.trigger))
    }
}

/// One message on its way into the book.
pub(crate) struct Incoming<'a> {
    pub(crate) message: &'a Message,
    pub(crate) rules: &'a Hl7Rules,
    /// Where its times without an offset are local.
    pub(crate) zone: TimeZone,
    /// When it reached us; stands for a time that it does not say.
    pub(crate) received: Timestamp,
    /// SHA-256 of its bytes, in hexadecimal.
    pub(crate) sha256: &'a str,
}

/// Applies a message to the book: all of it, or nothing. Returns what of it was not taken as it was sent.
///
/// # Errors
/// When it cannot be applied; of the book then only the orders that it stopped and the allergies that it added are kept
/// (`Changes::of_refused`).
pub fn apply(
    message: &Message,
    head: &Head,
    rules: &Hl7Rules,
    received: Timestamp,
    sha256: &str,
    book: &mut Book<'_>,
) -> Result<Vec<String>, ApplyError> {
    let processing = message.header().text(11);
    if processing != rules.processing {
        let reason = format!(
            "processing id \"{}\", this feed takes {}",
            crate::units::short(&processing),
            rules.processing
        );
        return Err(Refused::reject(
            "MSH-11",
            reason,
            "connect the production system, or change `processing`",
        )
        .into());
    }
    let version = message.header().text(12);
    if !version.is_empty() && !version.starts_with("2.") {
        let reason = format!("version \"{}\" is not HL7 v2", crate::units::short(&version));
        return Err(Refused::reject("MSH-12", reason, "send HL7 v2.3 to v2.8").into());
    }
    let zone = time::default_zone(message, &rules.zone);
    let incoming = Incoming { message, rules, zone, received, sha256 };
    match (head.code.as_str(), head.trigger.as_str()) {
        ("ADT", trigger) => adt::apply(&incoming, trigger, book),
        ("RDE", "O11" | "O25" | "O01" | "") => rde::apply(&incoming, book),
        ("RDS", "O13" | "O01" | "") => rds::apply(&incoming, book),
        // A message that only says that the sender is alive (HL7 chapter 14).
        ("NMD", _) => Ok(Vec::new()),
        _ => {
            let reason = format!("{} is not read here", head.kind());
            Err(Refused::reject("MSH-9", reason, "send ADT, RDE and RDS to this feed, and nothing else")
                .into())
        }
    }
}

/// The chart's id of the patient whom a message names, or bytes that are none; `None` when that cannot be told.
pub(crate) fn patient_of(bytes: &[u8], rules: &Hl7Rules) -> Option<String> {
    let message = Message::read(bytes).ok().or_else(|| Message::patient_of(bytes))?;
    let mrn = rules.mrn(message.segment("PID")?, 3).ok()?;
    Some(chart_id(&mrn))
}

impl Incoming<'_> {
    /// A time field as FHIR time.
    pub(crate) fn time(&self, segment: &Segment, field: usize) -> Result<Option<String>, Refused> {
        self.time_of(&segment.text(field), &format!("{}-{field}", segment.name()))
    }

    pub(crate) fn time_of(&self, text: &str, place: &str) -> Result<Option<String>, Refused> {
        if text.is_empty() {
            return Ok(None);
        }
        let read = time::to_fhir(text, &self.zone).map(Some);
        read.map_err(|reason| Refused::error(place, reason, "correct the time in the sending system"))
    }

    /// When it was sent.
    pub(crate) fn sent(&self) -> Timestamp {
        let sent = time::instant(&self.message.header().text(7), &self.zone);
        sent.unwrap_or(self.received)
    }
}

/// The codes of a CWE: the first and the alternate one.
pub(crate) fn codes(field: &Field<'_>) -> Vec<Code> {
    let code = |from: usize| Code {
        code: field.component(from),
        text: field.component(from + 1),
        system: field.component(from + 2),
    };
    [code(1), code(4)].into_iter().filter(|code| !code.code.is_empty() || !code.text.is_empty()).collect()
}

/// An EI: number and namespace (or universal id).
pub(crate) fn entity(field: &Field<'_>) -> Number {
    let namespace = field.component(2);
    let authority = if namespace.is_empty() { field.component(3) } else { namespace };
    Number { value: field.component(1), authority }
}

/// An id for the chart: readable where it is short and plain, else a digest. The same number always gives the same id.
pub(crate) fn chart_id(number: &Number) -> String {
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    let id = if number.authority.is_empty() {
        number.value.clone()
    } else {
        format!("{}.{}", number.value, number.authority)
    };
    if id.len() <= 36 && plain(&number.value) && plain(&number.authority) {
        return id;
    }
    let digest = crate::digest::sha256(format!("{}\u{1F}{}", number.value, number.authority).as_bytes());
    format!("x{}", crate::digest::hex(&digest[..12]))
}
