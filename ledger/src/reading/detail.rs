//! From the patient data of an entry to what reports need of it. Most of its bytes are inputs that only `ledger recheck` needs:
//! they are passed over, so that a million entries are read in seconds.

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use rights::case::{Choice, PackageKnown, RequestInCase};
use rights::custody::WasteWitness;
use rights::decide::window;
use rights::ident::ClinicianId;
use rights::policy::Policy;
use rights::request::Request;
use rights::scan::{Meaning, PackageKey, Scan, Source};
use rights::schedule::Timing;
use rights::witness::Witness;

use super::fact::{Band, Detail, Given, Known, Order, Package, Second, Tier};
use crate::cbor::{Cbor, CborError, Reader};
use crate::codec;

/// Reads details, remembering the policies and the orders that were met.
pub(super) struct Details<'a> {
    policy: &'a dyn Fn(&[u8; 32]) -> Option<Vec<u8>>,
    policies: HashMap<[u8; 32], Option<Policy>>,
    seen: HashSet<(String, u32, &'static str)>,
}

/// The dose in its parts, as far as they are needed before they can be put together.
#[derive(Default)]
struct Dose {
    requests: Vec<RequestInCase>,
    chosen: Option<Choice>,
    policy: Option<[u8; 32]>,
}

impl<'a> Details<'a> {
    pub(super) fn new(policy: &'a dyn Fn(&[u8; 32]) -> Option<Vec<u8>>) -> Self {
        Self { policy, policies: HashMap::new(), seen: HashSet::new() }
    }

    /// What the patient data of one entry says.
    pub(super) fn read(&mut self, plain: &[u8]) -> Result<Detail, CborError> {
        let mut detail = Detail::default();
        let mut dose = Dose::default();
        let lookup = self.policy;
        let mut reader = Reader::with_lookup(plain, lookup);
        let r = &mut reader;
        if r.array()? != 2 {
            return Err(CborError::Value { at: 0, what: "pair of version and content" });
        }
        let (at, version) = (r.at(), r.uint()?);
        if version != codec::VERSION {
            return Err(CborError::Unknown { at, number: version });
        }
        let mut fields = r.map()?;
        let mut scanned = None;
        while let Some(key) = fields.next_key(r)? {
            match key {
                0 => detail.patient = Some(Cbor::read(r)?),
                1 => inputs(r, &mut detail, &mut dose)?,
                2 => detail.record = Some(Cbor::read(r)?),
                4 => scanned = Some(String::read(r)?),
                _ => _ = r.skip()?,
            }
        }
        r.finish()?;
        detail.given = detail.record.as_ref().and_then(|record| record.administration()).map(Given::of);
        if detail.packages.is_empty() {
            detail.scanned = scanned;
        }
        if detail.order.is_none() {
            self.order(&mut detail, dose);
        }
        Ok(detail)
    }

    /// The order that was chosen, with its window, and the orders that are new.
    fn order(&mut self, detail: &mut Detail, dose: Dose) {
        let given = detail.record.as_ref().and_then(|record| record.administration());
        let chosen = given
            .map(|done| Choice { request: done.request.clone(), version: done.version, slot: done.slot })
            .or(dose.chosen);
        if let (Some(chosen), Some(hash)) = (chosen, dose.policy) {
            let lookup = self.policy;
            let policy = self.policies.entry(hash).or_insert_with(|| {
                let bytes = lookup(&hash)?;
                Policy::read(&mut Reader::with_lookup(&policy_reference(&hash), &|_| Some(bytes.clone())))
                    .ok()
            });
            let in_case = dose.requests.iter().find(|one| one.request.id == chosen.request);
            detail.order = in_case.map(|one| {
                let half = policy.as_ref().and_then(|policy| window(policy, &one.request));
                let slot = one.slots.iter().find(|slot| Some(slot.due) == chosen.slot);
                let grace = policy.as_ref().filter(|_| matches!(one.request.timing, Timing::AsNeeded(_)));
                Box::new(Order {
                    id: chosen.request,
                    version: chosen.version,
                    slot: chosen.slot,
                    tier: tier(&one.request),
                    half_s: half.map(|half| half.as_secs()),
                    first: slot.is_some_and(|slot| slot.first),
                    grace_s: grace.map(|policy| policy.effect_grace.as_secs()),
                })
            });
        }
        for one in dose.requests {
            let request = one.request;
            let version = (request.id.as_str().to_owned(), request.version, request.status.name());
            if self.seen.insert(version) {
                detail.requests.push(request);
            }
        }
    }
}

/// A policy stands in a case as its hash; this is that item alone.
fn policy_reference(hash: &[u8; 32]) -> Vec<u8> {
    [&[0x58, 0x20], hash.as_slice()].concat()
}

/// The tier of clinical.md, "right time", by the interval alone; the width comes from the policy in force.
fn tier(request: &Request) -> Tier {
    if request.conditions.on_call || request.timing.is_one_time() {
        return Tier::Once;
    }
    match (&request.timing, request.interval()) {
        (Timing::AsNeeded(_), _) => Tier::AsNeeded,
        (Timing::Continuous | Timing::Unscheduled { .. }, _) | (_, None) => Tier::None,
        (_, Some(_)) if request.time_critical => Tier::Critical,
        (_, Some(interval)) if interval < SignedDuration::from_hours(4) => Tier::Frequent,
        (_, Some(interval)) if interval < SignedDuration::from_hours(24) => Tier::SeveralDaily,
        (_, Some(_)) => Tier::Daily,
    }
}

/// The inputs of a decision: `[0, patient case, moment]`, `[1, dose case]`, `[2, waste case]`, `[3, discrepancy]`.
fn inputs(r: &mut Reader<'_>, detail: &mut Detail, dose: &mut Dose) -> Result<(), CborError> {
    let items = r.array()?;
    let which = r.uint()?;
    match which {
        0 => patient_case(r, detail)?,
        1 => dose_case(r, detail, dose)?,
        2 => waste_case(r, detail)?,
        3 => detail.discrepancy = Some(Cbor::read(r)?),
        _ => _ = r.skip()?,
    }
    for _ in 2..items {
        let _ = r.skip()?;
    }
    Ok(())
}

fn patient_case(r: &mut Reader<'_>, detail: &mut Detail) -> Result<(), CborError> {
    let mut fields = r.map()?;
    let (mut source, mut at, mut typed, mut elsewhere) = (Source::Keyed, None, false, None);
    while let Some(key) = fields.next_key(r)? {
        match key {
            0 => detail.ward = Some(Cbor::read(r)?),
            1 => source = Scan::read(r)?.source,
            2 => at = Some(Timestamp::read(r)?),
            7 => elsewhere = Some(Timestamp::read(r)?),
            10 => {
                typed = true;
                let _ = r.skip()?;
            }
            _ => _ = r.skip()?,
        }
    }
    detail.band = at.map(|at| Band { at, source, typed, elsewhere });
    Ok(())
}

fn dose_case(r: &mut Reader<'_>, detail: &mut Detail, dose: &mut Dose) -> Result<(), CborError> {
    let mut fields = r.map()?;
    while let Some(key) = fields.next_key(r)? {
        match key {
            1 => dose.policy = Some(r.fixed()?),
            2 => patient_case(r, detail)?,
            4 => {
                for _ in 0..r.array()? {
                    detail.packages.push(package(r)?);
                }
            }
            5 => dose.requests = Vec::read(r)?,
            8 => answers(r, detail, dose)?,
            15 => detail.giver = Some(ClinicianId::read(r)?),
            16 => {
                detail.emergency = true;
                let _ = r.skip()?;
            }
            _ => _ = r.skip()?,
        }
    }
    Ok(())
}

fn answers(r: &mut Reader<'_>, detail: &mut Detail, dose: &mut Dose) -> Result<(), CborError> {
    let mut fields = r.map()?;
    while let Some(key) = fields.next_key(r)? {
        match key {
            0 => dose.chosen = Some(Choice::read(r)?),
            10 => {
                let witness = Witness::read(r)?;
                let (who, entered_at) = (witness.who, witness.at);
                let second = Second { id: who.id, signed_at: who.signed_at, entered_at };
                detail.second = Some(Box::new(second));
            }
            _ => _ = r.skip()?,
        }
    }
    Ok(())
}

fn waste_case(r: &mut Reader<'_>, detail: &mut Detail) -> Result<(), CborError> {
    let mut fields = r.map()?;
    while let Some(key) = fields.next_key(r)? {
        match key {
            2 => detail.giver = Some(ClinicianId::read(r)?),
            11 => {
                let witness = WasteWitness::read(r)?;
                let (who, entered_at) = (witness.who, witness.at);
                let second = Second { id: who.id, signed_at: who.signed_at, entered_at };
                detail.second = Some(Box::new(second));
            }
            _ => _ = r.skip()?,
        }
    }
    Ok(())
}

fn package(r: &mut Reader<'_>) -> Result<Package, CborError> {
    let mut fields = r.map()?;
    let (mut scan, mut at, mut known) = (None, None, None);
    while let Some(key) = fields.next_key(r)? {
        match key {
            0 => scan = Some(Scan::read(r)?),
            1 => at = Some(Timestamp::read(r)?),
            2 => known = Some(PackageKnown::read(r)?),
            _ => _ = r.skip()?,
        }
    }
    let missing = |key| CborError::Missing { at: r.at(), key };
    let (scan, at) = (scan.ok_or_else(|| missing(0))?, at.ok_or_else(|| missing(1))?);
    let known = known.ok_or_else(|| missing(2))?;
    let (code, single, printed) = code_of(&scan);
    let is_package = matches!(scan.meaning, Meaning::Package(_) | Meaning::Dose(_));
    let mut package = Package {
        at,
        source: scan.source,
        known: match &known {
            _ if !is_package => Known::NoPackage,
            PackageKnown::Product { .. } => Known::One,
            PackageKnown::Unknown => Known::Unknown,
            PackageKnown::Ambiguous => Known::Ambiguous,
        },
        product: None,
        lot: printed,
        code,
        single,
        high_alert: false,
        controlled: None,
    };
    if let PackageKnown::Product { product, dose, .. } = known {
        package.product = Some(product.id);
        package.high_alert = product.high_alert;
        package.controlled = product.controlled;
        package.lot = package.lot.or(dose.and_then(|dose| dose.lot));
    }
    Ok(package)
}

/// What a code says: itself, whether it names one single package, and the printed lot.
fn code_of(scan: &Scan) -> (String, bool, Option<rights::ident::Lot>) {
    match &scan.meaning {
        Meaning::Package(code) => {
            let key = match &code.key {
                PackageKey::Gtin(gtin) => gtin.to_string(),
                PackageKey::Ndc(digits) => digits.as_str().to_owned(),
                PackageKey::Hibc(primary) => primary.as_str().to_owned(),
            };
            (key, code.serial.is_some(), code.lot.clone())
        }
        Meaning::Dose(id) => (id.to_string(), true, None),
        Meaning::Wristband(_) => ("a wristband".to_owned(), false, None),
        Meaning::Badge(_) => ("a badge".to_owned(), false, None),
        Meaning::Nothing(_) => (scan.text.clone(), false, None),
    }
}
