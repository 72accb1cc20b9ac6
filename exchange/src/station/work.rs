//! What pages ask for that is more than a row: reports, the drug file, the head of the ledger, verification, FHIR.

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::path::Path;
use std::sync::{Arc, PoisonError, TryLockError};

use jiff::Timestamp;
use jiff::civil::Date;
use ledger::index::{Index, IndexError};
use ledger::inspect::Inspector;
use ledger::reading::Options;
use ledger::report::{Bound, Page as Report, Settings, report_on};

use super::asked::Answer;
use super::reading::DoseRow;
use super::reports::{Maker, Version, Wanted};
use super::{Refusal, Station};
use crate::drugs::DrugFile;
use crate::drugs::links::Link;
use crate::outbox::event::{self, Event};
use crate::outbox::fhir::resources::{self, Places};
use crate::outbox::pump::{Directory as _, LedgerOnly};
use crate::pharmacy::Report as Pharmacy;
use crate::rules::SiteRules;
use crate::store::Store;

/// What a verification said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// `valid`, `tampered` ...
    pub outcome: String,
    /// Entries that hold.
    pub entries: u64,
    /// The root hash.
    pub root: String,
    /// When, local.
    pub at: String,
    /// What contradicts.
    pub finding: String,
}

/// The end of the ledger.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) origin: String,
    pub(super) size: u64,
    pub(super) root: String,
    pub(super) key: String,
    pub(super) note: String,
}

impl Maker for Station {
    fn version(&self) -> Result<Version, String> {
        let entries = Inspector::open(self.reading.path()).map_err(|error| error.to_string())?.size();
        // The store says which items are controlled, which orders ended and which records were merged.
        let (imports, feed) = (self.store.join("imports"), crate::feed::db::path_in(&self.store));
        let named = [self.config.dispenses.as_deref(), self.config.policy.as_deref()];
        let files = named.into_iter().chain([Some(imports.as_path()), Some(feed.as_path())]);
        let changed = |path: &Path| path.metadata().ok().and_then(|of| Some((of.len(), of.modified().ok()?)));
        Ok(Version { entries, files: files.map(|path| changed(path?)).collect() })
    }

    fn make(&self, wanted: Wanted, from: Option<&Bound>, to: Option<&Bound>) -> Result<Report, String> {
        match wanted {
            Wanted::Ledger(kind) => {
                let options = Options { from: from.cloned(), to: to.cloned(), names: false };
                let book = self.indexed(|index| index.book_for(kind, &options))?;
                let sources = [self.reading.path().to_owned()];
                report_on(&book, &sources, kind, &Settings::default()).map_err(|error| error.to_string())
            }
            Wanted::Pharmacy(which) => {
                let report = self.make_pharmacy(which, from, to)?;
                Ok(if which == Pharmacy::Barcodes { report } else { self.of_one_kiosk(report) })
            }
        }
    }
}

impl Station {
    /// Brings the index of the kiosk's ledger up to its end, and reads it. One at a time: it is one file.
    pub(super) fn indexed<T>(&self, read: impl FnOnce(Index) -> Result<T, IndexError>) -> Result<T, String> {
        let _one = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        // Beside the station's own ledger: it holds patient data, sealed under the kiosk's device key, and can be thrown away.
        let path = self.config.record.join("index.redb");
        let index = Index::open_own(&path, self.reading.path());
        index.and_then(read).map_err(|error| error.to_string())
    }

    /// A report, made now when none that is young enough is kept.
    pub(super) fn kept(
        &self,
        wanted: Wanted,
        from: Option<&Bound>,
        to: Option<&Bound>,
    ) -> Result<Arc<Report>, String> {
        self.reports.get(self, (wanted, from, to), (self.clock)())
    }

    /// The ward's dispense file and orders are held against one kiosk's ledger: whoever reads the page has to know.
    fn of_one_kiosk(&self, mut report: Report) -> Report {
        let origin = self.reading.known().origin.clone();
        // With the range and the limits of this page, or the figures could not be compared.
        let command = report.command.strip_suffix(" LEDGER").unwrap_or(&report.command);
        let said = format!("{origin} {} `{command} LEDGER-1 LEDGER-2 ..`", super::text::ONE_KIOSK);
        match report.facts.iter_mut().find(|(name, _)| name == "attention") {
            Some((_, known)) => *known = format!("{known}; {said}"),
            None => report.facts.push(("attention".to_owned(), said)),
        }
        report
    }

    fn today(&self) -> Date {
        (self.clock)().to_zoned(self.rules.zone.clone()).date()
    }

    /// The store, its rules, and the day on which barcodes have to be in force.
    pub(super) fn store(&self) -> Result<(Store, &SiteRules, Date), Refusal> {
        let store = Store::open(&self.store).map_err(|error| Refusal::Failed(error.to_string()))?;
        Ok((store, &self.rules, self.today()))
    }

    pub(super) fn drugs(&self) -> Result<DrugFile, Refusal> {
        let (store, rules, today) = self.store()?;
        store.drugs(rules, today).map_err(|error| Refusal::Failed(error.to_string()))
    }

    pub(super) fn links(&self) -> Result<Vec<Link>, Refusal> {
        self.store()?.0.links().map_err(|error| Refusal::Failed(error.to_string()))
    }

    /// A time in the site's zone, to the minute.
    pub(super) fn local(&self, at: Timestamp) -> String {
        at.to_zoned(self.rules.zone.clone()).strftime("%Y-%m-%dT%H:%M").to_string()
    }

    pub(super) fn head(&self) -> Result<Head, String> {
        let inspector = Inspector::open(self.reading.path()).map_err(|error| error.to_string())?;
        let size = inspector.size();
        let root = inspector.root(size).map_err(|error| error.to_string())?;
        let (note, key) = inspector.checkpoint(size).map_err(|error| error.to_string())?;
        Ok(Head {
            origin: inspector.origin().to_owned(),
            size,
            root: ledger::hash::hex(&root),
            key: key.to_string(),
            note: note.to_string(),
        })
    }

    /// The last verification.
    pub(super) fn verified(&self) -> Option<Verified> {
        self.verified.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Verifies every entry, one verification at a time.
    pub(super) fn verify(&self) -> Result<(), Refusal> {
        let _one = match self.verifying.try_lock() {
            Ok(one) => one,
            Err(TryLockError::Poisoned(one)) => one.into_inner(),
            Err(TryLockError::WouldBlock) => {
                let said = "A verification is running already. Wait, then open this page again.";
                return Err(Refusal::Bad(said.to_owned()));
            }
        };
        let report = ledger::verify::verify(self.reading.path(), &ledger::verify::Options::default());
        let verified = Verified {
            outcome: report.outcome.name().to_owned(),
            entries: report.entries,
            root: report.root.map_or_else(|| "-".to_owned(), |root| ledger::hash::hex(&root)),
            at: self.local((self.clock)()),
            finding: report.finding.as_ref().map_or("none", |finding| finding.detail.as_str()).to_owned(),
        };
        *self.verified.write().unwrap_or_else(PoisonError::into_inner) = Some(verified);
        Ok(())
    }

    /// Those of a patient's doses that are `shown`, by entry, as a FHIR Bundle: as they stand now, what was entered in error as that.
    pub(super) fn fhir(&self, doses: &[DoseRow], shown: &BTreeSet<u64>) -> Result<Answer, Refusal> {
        let entries = doses.iter().flat_map(|dose| std::iter::once(&dose.entry).chain(&dose.later));
        let entries: BTreeSet<u64> = entries.copied().collect();
        let told = event::events_at(self.reading.path(), entries)
            .map_err(|error| Refusal::Failed(error.to_string()))?;
        let mut standing: BTreeMap<String, (u64, Event)> = BTreeMap::new();
        for event in told {
            match standing.entry(resources::resource_event(&event).to_owned()) {
                Entry::Vacant(dose) => drop(dose.insert((event.sequence, event))),
                Entry::Occupied(mut dose) => dose.get_mut().1 = event,
            }
        }
        let mut events: Vec<(u64, Event)> = standing.into_values().collect();
        events.retain(|(entry, _)| shown.contains(entry));
        events.sort_by_key(|(entry, _)| *entry);
        let places = Places { mrn_system: self.rules.systems.mrn.clone(), ..Places::default() };
        let resources = events.iter().map(|(_, event)| {
            let known = LedgerOnly.look_up(event);
            let text = resources::administration(event, &known, &places, &self.rules.zone);
            format!("{{\"resource\":{}}}", text.trim_end())
        });
        let all: Vec<String> = resources.collect();
        let bundle = format!(
            "{{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{}]}}\n",
            all.join(",")
        );
        Ok(Answer::file("application/fhir+json", "doses.json".to_owned(), bundle.into_bytes()))
    }
}
