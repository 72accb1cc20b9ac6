//! The pharmacy's reports as pages.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ledger::report::{Page, Table, head, minutes, share};
use rights::discrepancy::{DiscrepancyState, DiscrepancyType};
use rights::ident::{ClinicianId, PatientId};
use rights::policy::Policy;

use super::account::{Account, Key};
use super::desk::Step;
use super::discrepancy::Discrepancy;
use super::diversion::{Measure, Standing};
use super::missed::Schedule;
use super::{Found, Limits, Site, zone_option};

/// A local time with its offset, to the second.
pub(super) fn local(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S %:z").to_string()
}

pub(super) fn utc(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn or_dash<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

impl Site<'_> {
    fn facts(&self) -> Vec<(String, String)> {
        let mut facts = head(self.book);
        facts.push(("dispense lines".to_owned(), self.dispenses.len().to_string()));
        facts.push(("limits".to_owned(), self.limits_used()));
        facts
    }

    /// What was measured with, so that a page of another policy is told from this one.
    fn limits_used(&self) -> String {
        let of = |time: SignedDuration| format!("{} min", minutes(time).trim_end_matches(".0"));
        let Policy { window_time_critical, window_frequent_most, window_several_daily, window_daily, .. } =
            self.policy;
        format!(
            "a removal is used within {}, a rest wasted within {}; windows: time-critical {}, frequent at most {}, several times a day {}, daily {}; zone {}",
            of(self.limits.matched),
            of(self.limits.waste),
            of(*window_time_critical),
            of(*window_frequent_most),
            of(*window_several_daily),
            of(*window_daily),
            self.zone.iana_name().unwrap_or("without a name")
        )
    }

    pub(super) fn patient(&self, id: Option<&PatientId>) -> String {
        id.map_or_else(|| "-".to_owned(), |id| self.book.people.patient(id))
    }

    /// A step with who took it and what they said.
    fn step(&self, step: &Step) -> String {
        let second = step.second.as_ref().map(|id| format!(" and {}", self.nurse(Some(id))));
        let who = self.nurse(Some(&step.by)) + &second.unwrap_or_default();
        format!("{} {} by {who}: {}", step.step.name(), local(step.at, self.zone), step.note)
    }

    fn nurse(&self, id: Option<&ClinicianId>) -> String {
        id.map_or_else(|| "-".to_owned(), |id| self.book.people.clinician(id))
    }
}

/// A page of the pharmacy, with the command that makes it again.
pub(super) fn page(
    site: &Site<'_>,
    kind: &'static str,
    title: &'static str,
    tables: Vec<Table>,
    notes: &'static [&'static str],
) -> Page {
    let mut command = format!("exchange reconcile --report {kind}");
    for (option, bound) in [("--from", &site.book.options.from), ("--to", &site.book.options.to)] {
        if let Some(bound) = bound {
            command = format!("{command} {option} {}", bound.argument());
        }
    }
    command.push_str(&zone_option(site.zone));
    if site.book.options.names {
        command.push_str(" --names");
    }
    let standard = Limits::of(site.policy);
    if site.limits.matched != standard.matched {
        command = format!("{command} --window {}", site.limits.matched.as_mins());
    }
    if *site.policy != Policy::default() {
        command.push_str(" --policy POLICY");
    }
    if !site.stored.products.is_empty() || !site.stored.all.is_empty() {
        command.push_str(" --store STORE");
    }
    if !matches!(kind, "missed" | "barcodes") {
        command.push_str(" --dispenses DISPENSES");
    }
    if site.steps.all().next().is_some() {
        command.push_str(" --steps STEPS");
    }
    command.push_str(&" LEDGER".repeat(site.book.parts.len()));
    Page { command, ..ledger::report::page(kind, title, site.facts(), tables, notes) }
}

/// The columns of an account.
const ACCOUNT: [&str; 14] = [
    "item",
    "request",
    "patient",
    "nurse",
    "from, local",
    "dispensed",
    "given",
    "left over",
    "wasted",
    "returned",
    "in custody",
    "unaccounted",
    "lines",
    "entries",
];

/// PH1: the accounts that settled in the range, and those that had not settled at its end.
pub(super) fn doses(site: &Site<'_>, accounts: &[Account<'_>], moving: &[Account<'_>]) -> Found {
    let open: Vec<&Account<'_>> = accounts.iter().filter(|account| !account.is_balanced()).collect();
    let balanced = accounts.len() - open.len();
    let summary = vec![vec![
        accounts.len().to_string(),
        balanced.to_string(),
        open.len().to_string(),
        match (open.is_empty(), moving.is_empty()) {
            (false, _) => "NOT BALANCED",
            (true, true) => "balanced: every package is accounted for",
            (true, false) => "balanced: every package is accounted for in what has settled",
        }
        .to_owned(),
        moving.len().to_string(),
    ]];
    let mut products: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for account in accounts {
        let product = products.entry(account.product.as_str()).or_default();
        product.0 += 1;
        product.1 += u64::from(!account.is_balanced());
    }
    let by_product = products
        .into_iter()
        .map(|(product, (all, open))| vec![product.to_owned(), all.to_string(), open.to_string()])
        .collect();
    let row = |account: &&Account<'_>| {
        let (what, request, nurse) = match &account.key {
            Key::Dose(id) => (format!("dose {id}"), account.uses.first().and_then(|used| used.request), None),
            Key::Nurse(product, request, nurse, _) => (product.to_string(), request.as_ref(), Some(nurse)),
            Key::Ward(product, request) => (product.to_string(), request.as_ref(), None),
        };
        let row = account.dispenses.first();
        let patient = row.and_then(|row| row.patient.as_ref());
        let patient = patient.or_else(|| account.uses.first().map(|used| used.patient));
        let nurse = nurse.or_else(|| account.uses.first().map(|used| used.by));
        let lines: Vec<&str> = account.dispenses.iter().map(|row| row.id.as_str()).collect();
        let entries: Vec<String> =
            account.uses.iter().map(|used| used.line.fact.sequence.to_string()).collect();
        let begins = account.begins();
        let fault = account.fault.as_ref().map(|fault| format!("; {fault}"));
        let unaccounted = account.unaccounted.to_string() + &fault.unwrap_or_default();
        vec![
            what,
            or_dash(request),
            site.patient(patient),
            site.nurse(nurse),
            begins.map_or_else(|| "-".to_owned(), |at| local(at, site.zone)),
            account.dispensed.to_string(),
            account.given.to_string(),
            account.left.to_string(),
            account.wasted.to_string(),
            account.returned.to_string(),
            account.custody.to_string(),
            unaccounted,
            lines.join(" "),
            entries.join(" "),
        ]
    };
    let tables = vec![
        Table {
            title: "PH1 Accounts",
            columns: vec!["accounts", "balanced", "not balanced", "result", "not settled yet"],
            rows: summary,
        },
        Table { title: "Not balanced", columns: ACCOUNT.to_vec(), rows: open.iter().map(row).collect() },
        Table {
            title: "Not settled yet at the end, and no finding",
            columns: ACCOUNT.to_vec(),
            rows: moving.iter().map(|account| row(&account)).collect(),
        },
        Table { title: "By item", columns: vec!["item", "accounts", "not balanced"], rows: by_product },
        Table {
            title: "Balanced",
            columns: ACCOUNT.to_vec(),
            rows: accounts
                .iter()
                .filter(|account| account.is_balanced())
                .map(|account| row(&account))
                .collect(),
        },
    ];
    let notes: &[&str] = &[
        "dispensed - given - left over - wasted - returned - in custody = unaccounted, exactly. Left over: the rest of a package that is no controlled substance, which nobody records. In custody: the rest of a controlled one that was not wasted or returned yet.",
        "Packages are held against each other from the first entry on. An account is counted in the range in which it was settled: nothing of it moved for the window. What moved within the window before the end is not settled yet: what is missing of it may still be given, wasted or returned.",
        "Where one label stands on two items, or amounts of one account cannot be added, that account says so and is not balanced.",
        "A labelled dose is an account of its own; what a nurse took is one for each item, request and nurse, from the first removal until nothing moved for the window; what the pharmacy sent to the ward is one for each item and request. Items that the dispense file does not name are left out, unless they are controlled.",
    ];
    let findings = open.len();
    Found { page: page(site, "doses", "Dose reconciliation", tables, notes), findings }
}

/// PH2, of all discrepancies, whenever they came about.
pub(super) fn discrepancies(site: &Site<'_>, all: &[Discrepancy]) -> Found {
    let range = site.range();
    let end = range.end;
    let found: Vec<&Discrepancy> = all.iter().filter(|one| range.holds(one.at)).collect();
    let state = |one: &Discrepancy| site.steps.state(&one.id);
    let mut kinds = Vec::new();
    for kind in DiscrepancyType::ALL {
        let of: Vec<DiscrepancyState> =
            found.iter().filter(|one| one.of == *kind).map(|one| state(one)).collect();
        let count =
            |wanted: DiscrepancyState| of.iter().filter(|state| **state == wanted).count().to_string();
        kinds.push(vec![
            kind.name().to_owned(),
            of.len().to_string(),
            count(DiscrepancyState::Open),
            count(DiscrepancyState::Explained),
            count(DiscrepancyState::Closed),
        ]);
    }
    let unclosed: Vec<&Discrepancy> =
        found.iter().copied().filter(|one| state(one) != DiscrepancyState::Closed).collect();
    let ages =
        [("under 8 h", 8), ("8 to 24 h", 24), ("1 to 3 days", 72), ("3 to 7 days", 168), ("older", i64::MAX)];
    let mut by_age = [0_u64; 5];
    for one in &unclosed {
        let hours = end.duration_since(one.at).as_hours();
        if let Some(at) = ages.iter().position(|(_, below)| hours < *below) {
            by_age[at] += 1;
        }
    }
    let age_rows =
        ages.iter().zip(by_age).map(|((name, _), count)| vec![(*name).to_owned(), count.to_string()]);
    let rows = found.iter().map(|one| {
        let other = || {
            let last = site.steps.of_others(&one.id).max_by_key(|step| step.at)?;
            Some(format!("not of this: {}", site.step(last)))
        };
        let last = site.steps.of_one(&one.id).last().map(|step| site.step(step));
        let step = last.or_else(other).unwrap_or_else(|| "-".to_owned());
        vec![
            one.of.name().to_owned(),
            state(one).name().to_owned(),
            local(one.at, site.zone),
            utc(one.at),
            site.nurse(one.by.as_ref()),
            site.patient(one.patient.as_ref()),
            one.product.to_string(),
            or_dash(one.request.as_ref()),
            one.evidence.clone(),
            step,
            one.id.clone(),
        ]
    });
    let columns = vec![
        "type",
        "state",
        "since, local",
        "since, UTC",
        "nurse",
        "patient",
        "item",
        "request",
        "what was found",
        "last step",
        "name",
    ];
    let tables = vec![
        Table {
            title: "PH2 By type",
            columns: vec!["type", "all", "open", "explained", "closed"],
            rows: kinds,
        },
        Table {
            title: "Not closed, by age at the end of the range",
            columns: vec!["age", "discrepancies"],
            rows: age_rows.collect(),
        },
        Table { title: "Discrepancies", columns, rows: rows.collect() },
        Table {
            title: "Steps for what is not found any more, or no longer as it was",
            columns: vec!["name", "state", "last step"],
            rows: no_longer(site, all),
        },
    ];
    let notes: &[&str] = &[
        "Each removal is held against what the same nurse did with the item for the same request within the limit above; what is left of a package is to be wasted or returned within the other one.",
        "Packages are held against each other from the first entry on, and a discrepancy is counted in the range in which it became one.",
        "A step holds for the line or package with the amounts that were found of it. When other amounts are found, or the line is another one, the discrepancy has another name and is open.",
        "Open: nobody explained it. Explained: a pharmacist did, and a second person signed. Closed: a pharmacist closed it afterwards. Each step is an entry of the pharmacy's ledger.",
    ];
    let title = "Controlled-substance discrepancies";
    Found { page: page(site, "discrepancies", title, tables, notes), findings: unclosed.len() }
}

/// The steps in the range that are under none of the names of now.
fn no_longer(site: &Site<'_>, all: &[Discrepancy]) -> Vec<Vec<String>> {
    let names: BTreeSet<&str> = all.iter().map(|one| one.id.as_str()).collect();
    let range = site.range();
    let others = site.steps.all().filter(|(name, _)| !names.contains(name));
    let row = |(name, steps): (&str, &[Step])| {
        let last = steps.last().filter(|step| range.holds(step.at))?;
        Some(vec![name.to_owned(), site.steps.state(name).name().to_owned(), site.step(last)])
    };
    others.filter_map(row).collect()
}

/// PH3.
pub(super) fn diversion(site: &Site<'_>, all: &[Standing]) -> Found {
    let mut listed: Vec<&Standing> = all.iter().filter(|one| one.z >= 3.0).collect();
    listed.sort_by(|a, b| b.z.total_cmp(&a.z).then_with(|| a.nurse.cmp(&b.nurse)));
    let cells = |one: &Standing| {
        vec![
            site.nurse(Some(&one.nurse)),
            one.unit.clone(),
            one.measure.name().to_owned(),
            one.of.to_string(),
            format!("{:.3}", one.value),
            format!("{:.3}", one.mean),
            format!("{:.2}", one.z),
        ]
    };
    let columns = vec!["nurse", "unit", "measure", "out of", "value", "mean of peers", "z"];
    let mut rest: Vec<&Standing> = all.iter().collect();
    rest.sort_by(|a, b| {
        (a.measure, &a.unit).cmp(&(b.measure, &b.unit)).then(b.z.total_cmp(&a.z)).then(a.nurse.cmp(&b.nurse))
    });
    let measures = Measure::ALL.iter().map(|measure| {
        let of: Vec<&Standing> = all.iter().filter(|one| one.measure == *measure).collect();
        let out = of.iter().filter(|one| one.z >= 3.0).count();
        vec![measure.name().to_owned(), of.len().to_string(), out.to_string()]
    });
    let tables = vec![
        Table {
            title: "PH3 Listed: three standard deviations above the peers, or more",
            columns: columns.clone(),
            rows: listed.iter().map(|one| cells(one)).collect(),
        },
        Table { title: "By measure", columns: vec!["measure", "nurses", "listed"], rows: measures.collect() },
        Table { title: "Everybody", columns, rows: rest.iter().map(|one| cells(one)).collect() },
    ];
    let notes: &[&str] = &[
        "A nurse who is listed stands out, and is accused of nothing: one patient with much pain, or a shift that nobody else works, looks the same.",
        "z is how many standard deviations of the other nurses of the unit a nurse lies above their mean. Spreads below 0.5 removals a shift, 0.05 of a share and 0.1 of the same witness count as that much. Nobody with fewer than five cases is compared.",
    ];
    let findings = listed.len();
    Found { page: page(site, "diversion", "Diversion screen", tables, notes), findings }
}

/// PH4.
pub(super) fn missed(site: &Site<'_>, schedule: &Schedule) -> Found {
    let missed = schedule.missed.len() as u64;
    let rate = vec![vec![schedule.due.to_string(), missed.to_string(), share(missed, schedule.due)]];
    let ends =
        schedule.terminal.iter().map(|(outcome, count)| vec![(*outcome).to_owned(), count.to_string()]);
    let mut why: BTreeMap<&str, u64> = BTreeMap::new();
    for one in &schedule.missed {
        *why.entry(&one.why).or_default() += 1;
    }
    let why = why.into_iter().map(|(why, count)| vec![why.to_owned(), count.to_string()]).collect();
    let rows = schedule.missed.iter().map(|one| {
        vec![
            local(one.due, site.zone),
            utc(one.due),
            site.patient(Some(&one.patient)),
            one.drug.clone(),
            one.request.to_string(),
            one.why.clone(),
        ]
    });
    let tables = vec![
        Table { title: "PH4 Omission rate", columns: vec!["scheduled", "missed", "rate"], rows: rate },
        Table { title: "How the others ended", columns: vec!["outcome", "doses"], rows: ends.collect() },
        Table { title: "Why", columns: vec!["why", "doses"], rows: why },
        Table {
            title: "Missed doses",
            columns: vec!["due, local", "due, UTC", "patient", "drug", "request", "why"],
            rows: rows.collect(),
        },
    ];
    let notes: &[&str] = &[
        "A scheduled dose is missed when its window ended within the range and nobody charted it as given, held, refused or not given. Without an end the range goes to the last entry. As-needed, one-time and continuous orders are left out.",
        "Schedules are those of the orders that the kiosks saw, each version for as long as it was in force and active, and of the orders in --store. An order runs on for 24 hours after its patient was last seen by a kiosk; what was missed while no kiosk saw the patient for longer is counted when one does again.",
    ];
    let findings = schedule.missed.len();
    Found { page: page(site, "missed", "Missed doses", tables, notes), findings }
}
