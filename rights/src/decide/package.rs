//! Right medication, as far as the package itself says it: M1 to M6 and M9 to M11.

use alloc::vec;
use alloc::vec::Vec;

use jiff::civil::{DateTime, Time};

use crate::case::{DoseCase, PackageInHand, PackageKnown};
use crate::entered::Wanted;
use crate::history::{DispensedDose, PackageIdentity};
use crate::ident::Lot;
use crate::moment::Moment;
use crate::product::RecallClass;
use crate::scan::{Meaning, PackageCode, PackageKey, PrintedExpiry, Scan, Source};
use crate::verdict::{Check, Class, Evidence, Finding, Variance};

pub(super) fn findings(case: &DoseCase) -> Vec<Finding> {
    let mut found = Vec::new();
    for (place, package) in case.packages.iter().enumerate() {
        found.extend(one(case, package));
        let identity = identity(&package.scan);
        let twice =
            identity.is_some() && case.packages[..place].iter().any(|p| self::identity(&p.scan) == identity);
        if twice {
            found.push(Finding::variance(Check::M4, Class::Hard, Variance::PackageTwice));
        }
    }
    let all_known = case.packages.iter().all(|package| package.product().is_some());
    if all_known && case.product().is_none() {
        found.push(Finding::variance(Check::M2, Class::Hard, Variance::DifferentProducts));
    }
    found
}

fn one(case: &DoseCase, package: &PackageInHand) -> Vec<Finding> {
    let hard = |check, variance| vec![Finding::variance(check, Class::Hard, variance)];
    let code = match &package.scan.meaning {
        Meaning::Package(code) => Some(code),
        Meaning::Dose(_) => None,
        Meaning::Nothing(faults) => return hard(Check::M1, Variance::CodeFaulty(faults.clone())),
        other => return hard(Check::M1, Variance::NotAPackage(other.kind())),
    };
    let mut found = Vec::new();
    let lasts = case.policy.package_scan_lasts;
    if super::too_old(case.now.at, package.scanned_at, lasts, &case.policy) {
        found.push(Finding::variance(Check::M1, Class::Hard, Variance::PackageScanOld(lasts)));
    }
    let (recall, dose) = match (&package.known, code) {
        (PackageKnown::Product { recall, dose, .. }, _) => (*recall, dose.as_ref()),
        (PackageKnown::Unknown, None) => return hard(Check::M3, Variance::DoseUnknown),
        (PackageKnown::Unknown, Some(_)) => return hard(Check::M2, Variance::ProductUnknown),
        (PackageKnown::Ambiguous, _) => return hard(Check::M2, Variance::ProductAmbiguous),
    };
    found.push(Finding::pass(Check::M2, Evidence::PackageResolved));
    if let Some(PackageKey::Gtin(gtin)) = code.map(|code| &code.key)
        && gtin.indicator() != 0
    {
        let indicator = gtin.indicator();
        found.push(Finding::variance(Check::M11, Class::Hard, Variance::NotUnitOfUse(indicator)));
    }
    found.extend(dose.map(|dose| {
        if case.patient_id() == Some(&dose.patient) {
            Finding::pass(Check::M3, Evidence::DoseOfThisPatient)
        } else {
            Finding::variance(Check::M3, Class::Hard, Variance::OtherPatientsDose)
        }
    }));
    match (package.used_at, package.disposed) {
        (Some(at), _) => found.push(Finding::variance(Check::M4, Class::Hard, Variance::PackageUsed(at))),
        (None, Some((how, at))) => {
            found.push(Finding::variance(Check::M4, Class::Hard, Variance::PackageDisposed(how, at)));
        }
        (None, None) if identity(&package.scan).is_some() => {
            found.push(Finding::pass(Check::M4, Evidence::PackageUnused));
        }
        (None, None) => {}
    }
    found.extend(not_scanned(package));
    found.push(expiry(case, code, dose));
    found.push(lot(code, dose).map_or_else(
        || Finding::variance(Check::M6, Class::Info, Variance::LotUnknown),
        |lot| recalled(lot, recall),
    ));
    found
}

/// M9: NDC and lot were typed. What must not be mistaken needs the scan, except in break-glass mode.
fn not_scanned(package: &PackageInHand) -> Vec<Finding> {
    if package.scan.source != Source::Keyed {
        return Vec::new();
    }
    let mut found = vec![Finding::variance(Check::M9, Class::SoftWitness, Variance::PackageNotScanned)];
    if package.product().is_some_and(|product| product.controlled.is_some() || product.high_alert) {
        found.push(Finding::variance(Check::M9, Class::HardBreakGlass, Variance::MustBeScanned));
    }
    found
}

/// M10: two codes of one item that may stand on one package are one package until somebody has counted. How many are in hand is asked,
/// and must be what was scanned.
pub(super) fn count(case: &DoseCase) -> Option<Finding> {
    let packages = &case.packages;
    let again = (1..packages.len())
        .any(|place| packages[..place].iter().any(|known| may_be_one(known, &packages[place])));
    if !again {
        return None;
    }
    let scanned = u16::try_from(packages.len()).unwrap_or(u16::MAX);
    Some(match case.answers.count_in_hand() {
        None => Finding::variance(Check::M10, Class::Choice, Variance::ValueMissing(Wanted::CountInHand)),
        Some(said) if said == scanned => Finding::pass(Check::M10, Evidence::PackagesCounted(said)),
        Some(said) => Finding::variance(Check::M10, Class::Hard, Variance::CountDiffers(scanned, said)),
    })
}

/// Whether two scans may be of one package: of one item, and not told apart by numbers of one kind. A package carries one serial number
/// and at most one dose label; beside either stand codes without a number, and a label of ours sticks on a package with codes of its own.
fn may_be_one(a: &PackageInHand, b: &PackageInHand) -> bool {
    let told_apart = match (identity(&a.scan), identity(&b.scan)) {
        (Some(PackageIdentity::Dose(a)), Some(PackageIdentity::Dose(b))) => a != b,
        (Some(PackageIdentity::Serial(_, a)), Some(PackageIdentity::Serial(_, b))) => a != b,
        _ => false,
    };
    let of_one_item = match (a.product(), b.product()) {
        (Some(a), Some(b)) => a.id == b.id,
        _ => same_key(&a.scan.meaning, &b.scan.meaning),
    };
    of_one_item && !told_apart
}

/// Whether two codes are those of one item; lot and expiry may be printed in one symbol of a package and not in another.
fn same_key(a: &Meaning, b: &Meaning) -> bool {
    matches!((a, b), (Meaning::Package(a), Meaning::Package(b)) if a.key == b.key)
}

fn recalled(lot: &Lot, recall: Option<RecallClass>) -> Finding {
    let class = match recall {
        None => return Finding::pass(Check::M6, Evidence::LotNotRecalled(lot.clone())),
        Some(RecallClass::One | RecallClass::Two) => Class::Hard,
        Some(RecallClass::Three) => Class::SoftContact,
    };
    let serious = recall.unwrap_or(RecallClass::One);
    Finding::variance(Check::M6, class, Variance::Recalled(lot.clone(), serious))
}

/// M5. The end of a printed day is the end of that local day, so only the local date of now matters, not the zone's rules. What expired
/// since the dose was given (S3) was good then.
fn expiry(case: &DoseCase, code: Option<&PackageCode>, dose: Option<&DispensedDose>) -> Finding {
    let now = &case.now;
    let then = Moment { at: case.at(), ..case.now };
    let (last, expired, variance): (_, &dyn Fn(&Moment) -> bool, _) =
        match (dose.and_then(|dose| dose.beyond_use), code.and_then(|code| code.expiry)) {
            (Some(at), _) => (now.offset.to_datetime(at), &move |on| on.at >= at, Variance::BeyondUse(at)),
            (None, Some(printed)) => {
                let last = last_usable(printed);
                (last, &move |on| on.local() > last, Variance::Expired(last))
            }
            (None, None) => return Finding::variance(Check::M5, Class::Info, Variance::ExpiryUnknown),
        };
    if expired(&then) {
        Finding::variance(Check::M5, Class::Hard, variance)
    } else if expired(now) {
        let since = now.offset.to_timestamp(last).unwrap_or(now.at);
        Finding::variance(Check::M5, Class::SoftReason, Variance::ExpiredSince(since))
    } else {
        Finding::pass(Check::M5, Evidence::ExpiresAt(last))
    }
}

/// The last local moment at which a package may be used.
fn last_usable(printed: PrintedExpiry) -> DateTime {
    match printed {
        PrintedExpiry::Day(date) | PrintedExpiry::EndOfMonth(date) => date.to_datetime(Time::MAX),
        PrintedExpiry::Minute(date, time) => date.to_datetime(time),
    }
}

/// M5: whether the day that a code says is over here.
pub(crate) fn is_expired(now: &Moment, code: &PackageCode) -> bool {
    code.expiry.is_some_and(|printed| now.local() > last_usable(printed))
}

/// The lot of a package: as printed, else as dispensed.
pub(crate) fn lot<'a>(code: Option<&'a PackageCode>, dose: Option<&'a DispensedDose>) -> Option<&'a Lot> {
    code.and_then(|code| code.lot.as_ref()).or_else(|| dose.and_then(|dose| dose.lot.as_ref()))
}

/// What makes a scanned package this one package, where it says so.
pub(crate) fn identity(scan: &Scan) -> Option<PackageIdentity> {
    match &scan.meaning {
        Meaning::Dose(id) => Some(PackageIdentity::Dose(id.clone())),
        Meaning::Package(PackageCode { key, serial: Some(serial), .. }) => {
            Some(PackageIdentity::Serial(key.clone(), serial.clone()))
        }
        _ => None,
    }
}
