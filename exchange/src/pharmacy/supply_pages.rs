//! PH5 and PH6 as pages.

use jiff::{SignedDuration, Timestamp};
use ledger::report::{Table, minutes};

use super::barcodes::Code;
use super::missed::Asked;
use super::pages::{local, page, utc};
use super::{Found, Site};

/// PH5.
pub(super) fn turnaround(site: &Site<'_>, asked: &[Asked]) -> Found {
    let times = |of: &dyn Fn(&Asked) -> Option<SignedDuration>| {
        let mut times: Vec<SignedDuration> = asked.iter().filter_map(of).collect();
        times.sort_unstable();
        times
    };
    let row = |name: &str, times: Vec<SignedDuration>| {
        let rank = |per_cent: usize| {
            let at = (times.len() * per_cent).div_ceil(100).max(1) - 1;
            times.get(at).map_or_else(|| "-".to_owned(), |time| minutes(*time))
        };
        vec![name.to_owned(), times.len().to_string(), rank(50), rank(90)]
    };
    let spans = vec![
        row("asked to dispensed", times(&|one| Some(one.dispensed?.duration_since(one.asked)))),
        row("dispensed to given", times(&|one| Some(one.given?.duration_since(one.dispensed?)))),
        row("asked to given", times(&|one| Some(one.given?.duration_since(one.asked)))),
    ];
    let time = |at: Option<Timestamp>| at.map_or_else(|| "-".to_owned(), |at| local(at, site.zone));
    let rows = asked.iter().map(|one| {
        vec![
            local(one.asked, site.zone),
            utc(one.asked),
            time(one.dispensed),
            time(one.given),
            site.patient(Some(&one.patient)),
            one.request.to_string(),
            one.reason.clone(),
        ]
    });
    let columns = vec![
        "asked, local",
        "asked, UTC",
        "dispensed, local",
        "given, local",
        "patient",
        "request",
        "reason",
    ];
    let tables = vec![
        Table {
            title: "PH5 Turnaround",
            columns: vec!["from and to", "doses", "p50, min", "p90, min"],
            rows: spans,
        },
        Table { title: "Missing doses", columns, rows: rows.collect() },
    ];
    let notes: &[&str] = &[
        "Asked: the nurse charted the dose as missing. Dispensed: the first line of the dispense file for the request after that. Given: the same scheduled dose.",
        "A missing dose is counted in the range in which it was given, and as not given in the one in which its time was over: the half of its window after it was due or asked for, whichever is later; without a schedule the limit for removals.",
    ];
    let findings = asked.iter().filter(|one| one.given.is_none()).count();
    Found {
        page: page(site, "turnaround", "Missing doses: from the request to the dose", tables, notes),
        findings,
    }
}

/// PH6.
pub(super) fn barcodes(site: &Site<'_>, codes: &[Code<'_>]) -> Found {
    let rows = codes.iter().map(|code| {
        vec![
            code.known.name().to_owned(),
            code.code.clone(),
            code.scans.count().to_string(),
            code.scans.first().map(|at| local(at, site.zone)).unwrap_or_default(),
            local(code.last.fact.moment(), site.zone),
            code.last.fact.sequence.to_string(),
            site.book.unit(code.last).to_owned(),
        ]
    });
    let columns = vec!["drug file", "code", "scans", "first, local", "last, local", "last entry", "unit"];
    let tables = vec![Table { title: "PH6 Codes that led to no single item", columns, rows: rows.collect() }];
    let notes: &[&str] = &[
        "unknown: no item has the code. ambiguous: several have. no-package: the code has a fault, or is no package's. `exchange drugs link` and `approve` link a code to an item, by two people.",
        "A picture of the package is no part of the ledger. Where the kiosk kept one, the station shows it (Unknown barcodes), and records who looked.",
    ];
    Found { page: page(site, "barcodes", "Barcode quality", tables, notes), findings: codes.len() }
}
