//! The pharmacy's reports, and the steps that end a discrepancy, on the station.

use std::sync::Arc;

use jiff::tz::TimeZone;
use ledger::reading::Options;
use ledger::report::{Bound, Page as Report};
use rights::discrepancy::{DiscrepancyCase, DiscrepancyStep};
use rights::moment::{ClockTrust, Moment};
use rights::person::Role;
use rights::policy::Policy;
use rights::witness::SecondPerson;

use super::reports::Wanted;
use super::staff::Person;
use super::{Refusal, Signed, Station, record};
use crate::pharmacy::range::{book_of_range, up_to_now};
use crate::pharmacy::{self, Discrepancy, Limits, Report as Which, Site, Steps, Stored, dispenses};
use crate::policy;

/// Up to when something of the pharmacy goes.
#[derive(Clone, Copy)]
enum End<'a> {
    /// The last entry.
    Entries,
    /// Now: a discrepancy also comes about when nobody records anything any more, and a step has to find what the list shows.
    Now,
    /// As somebody asked.
    Before(&'a Bound),
}

impl Station {
    /// A report of the pharmacy.
    pub(super) fn pharmacy(
        &self,
        which: Which,
        from: Option<&Bound>,
        to: Option<&Bound>,
    ) -> Result<Arc<Report>, String> {
        self.kept(Wanted::Pharmacy(which), from, to)
    }

    /// Makes one anew.
    pub(super) fn make_pharmacy(
        &self,
        which: Which,
        from: Option<&Bound>,
        to: Option<&Bound>,
    ) -> Result<Report, String> {
        let needs_file = !matches!(which, Which::Missed | Which::Barcodes);
        let end = match to {
            Some(to) => End::Before(to),
            None if which == Which::Discrepancies => End::Now,
            None => End::Entries,
        };
        self.with_site(needs_file, from, end, |site| Ok(pharmacy::report(site, which).page))
    }

    fn with_site<T>(
        &self,
        needs_file: bool,
        from: Option<&Bound>,
        end: End<'_>,
        make: impl FnOnce(&Site<'_>) -> Result<T, String>,
    ) -> Result<T, String> {
        let read = |to: Option<Bound>| {
            let options = Options { from: None, to, names: false };
            self.indexed(|index| index.book(&options))
        };
        let now = (self.clock)();
        let asked = match end {
            End::Before(to) => Some(to),
            End::Entries | End::Now => None,
        };
        let (mut book, of_ledgers) = book_of_range(asked, &self.rules.zone, read)?;
        // The page says the range as it was asked for.
        book.options.from = from.cloned();
        book.options.to = match end {
            End::Before(to) => Some(to.clone()),
            End::Now => Some(up_to_now(&book, now)),
            End::Entries => None,
        };
        let stored = self.stored()?;
        let known = stored.known(of_ledgers);
        let rows = match &self.config.dispenses {
            Some(path) if needs_file => dispensed(path, &known)?,
            None if needs_file => {
                return Err("it needs the dispense file: name it as `dispenses` in [station]".to_owned());
            }
            _ => Vec::new(),
        };
        let policy = self.config.policy.as_deref().map_or_else(|| Ok(Policy::default()), policy::read_file);
        let policy = policy.map_err(|error| error.to_string())?;
        make(&Site {
            book: &book,
            dispenses: &rows,
            stored: &stored,
            known: &known,
            policy: &policy,
            zone: &self.zone(),
            now,
            steps: &self.steps()?,
            limits: Limits::of(&policy),
        })
    }

    /// What the store knows.
    fn stored(&self) -> Result<Stored, String> {
        let (_, rules, today) = self.store().map_err(|_| "the store cannot be opened".to_owned())?;
        Stored::read(&self.store, &rules.zone, today).map_err(|error| error.to_string())
    }

    fn zone(&self) -> TimeZone {
        self.rules.zone.clone()
    }

    /// The steps that stand in the station's own ledger.
    fn steps(&self) -> Result<Steps, String> {
        record::steps(self.recorder.folder())
    }

    /// The discrepancy of a name, as it is found now.
    pub(super) fn discrepancy(&self, name: &str) -> Result<Option<Discrepancy>, String> {
        self.with_site(true, None, End::Now, |site| {
            Ok(pharmacy::discrepancies(site).into_iter().find(|one| one.id == name))
        })
    }

    /// Takes a step for a discrepancy: it is found again, decided by `rights`, and durable when this returns.
    pub(super) fn step(
        &self,
        who: &Signed,
        name: &str,
        step: DiscrepancyStep,
        (second, note): (Option<&Person>, &str),
    ) -> Result<(), Refusal> {
        let found = self
            .discrepancy(name)
            .map_err(|said| Refusal::Failed(format!("Nothing was changed: {said}.")))?;
        let Some(found) = found else {
            // A list that shows this name is of before: the next one is made anew.
            self.reports.forget_pharmacy();
            return Err(Refusal::NotFound);
        };
        let now = (self.clock)();
        let signed =
            |person: &Person| SecondPerson { id: person.id.clone(), role: person.role, signed_at: now };
        let case = DiscrepancyCase {
            now: Moment { at: now, offset: self.rules.zone.to_offset(now), clock: ClockTrust::Unknown },
            id: found.id,
            of: found.of,
            patient: found.patient,
            step,
            by: signed(&who.person),
            second: second.map(signed),
            note: note.to_owned(),
            before: Vec::new(),
        };
        let key = self.sessions().keys(&who.token, 1).pop().ok_or(Refusal::SignIn)?;
        let taken = self.recorder.step(case, key);
        self.reports.forget_pharmacy();
        taken.map_err(|said| Refusal::Bad(format!("Nothing was changed: {said}.")))
    }

    /// The second person of a step, by id and password: a pharmacist, like everybody at this desk who may witness.
    pub(super) fn second(&self, id: &str, password: &str, from: std::net::IpAddr) -> Result<Person, Refusal> {
        let person = self.admit(id, password, from)?;
        let person = person.filter(|person| person.role == Role::Pharmacist);
        person.ok_or_else(|| Refusal::Bad(super::text::SECOND_REFUSED.to_owned()))
    }
}

fn dispensed(path: &std::path::Path, known: &pharmacy::Known) -> Result<Vec<pharmacy::Dispense>, String> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| {
        format!("the dispense file {name} cannot be read ({error}): check `dispenses` in [station]")
    })?;
    let (rows, rejections) = dispenses::read(&name, &bytes, known).map_err(|error| error.to_string())?;
    match rejections.first() {
        None => Ok(rows),
        Some(first) => Err(format!(
            "{} lines of the dispense file cannot be used, and nothing is reconciled; the first is {}: {}; {}",
            rejections.len(),
            first.place,
            first.reason,
            first.remedy
        )),
    }
}
