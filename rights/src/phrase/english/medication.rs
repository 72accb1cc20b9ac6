//! Right medication: M1 to M11.

use alloc::format;

use crate::phrase::english::names::{disposal, duration, form, mismatch_title, recall, thing};
use crate::phrase::english::values::in_hand;
use crate::phrase::families::{conditions, dose, patient, request, route_and_time, safety};
use crate::phrase::write::phrase;
use crate::phrase::{Phrase, Words};
use crate::verdict::Variance;

#[expect(clippy::too_many_lines, reason = "one table, one row for each variance")]
pub(super) fn text(variance: &Variance, words: &Words<'_>) -> Option<Phrase> {
    let t = |at| words.time(at);
    Some(match variance {
        Variance::NotAPackage(kind) => {
            phrase(format!("this is {}, not a medication", thing(kind)), "", "Scan the medication package.")
        }
        Variance::PackageScanOld(lasts) => phrase(
            "package scan too old",
            format!("A package scan holds for {}.", duration(*lasts)),
            "Put it back and scan the package again.",
        ),
        Variance::ProductUnknown => phrase(
            "barcode not in the drug file",
            "The pharmacy has not linked this barcode.",
            "Do not give it. Send it to the pharmacy or use another package.",
        ),
        Variance::ProductAmbiguous => phrase(
            "barcode fits more than one product",
            "The code alone does not say which product this is.",
            "Do not give it. Send it to the pharmacy or scan its other code.",
        ),
        Variance::DifferentProducts => {
            phrase("different products in hand", "One dose is one product.", "Put one back.")
        }
        Variance::OtherPatientsDose => {
            phrase("this dose is another patient's", "", "Put it back. Look for this patient's own dose.")
        }
        Variance::DoseUnknown => phrase(
            "dose label not known",
            "The pharmacy has no such dose.",
            "Do not give it. Ask the pharmacy.",
        ),
        Variance::PackageUsed(at) => {
            phrase("package already used", format!("Charted at {}.", t(*at)), "Use a new package.")
        }
        Variance::PackageTwice => phrase(
            "same package scanned twice",
            "This very package is already in hand.",
            "Put it back once and scan the next package.",
        ),
        Variance::Expired(last) => phrase(
            "expired",
            format!("Usable until {}.", words.date(last.date())),
            "Return it to the pharmacy.",
        ),
        Variance::BeyondUse(at) => {
            phrase("past its use-by time", format!("Usable until {}.", t(*at)), "Return it to the pharmacy.")
        }
        Variance::ExpiredSince(last) => phrase(
            "expired after the dose",
            format!("Usable until {}.", t(*last)),
            "Check the time of giving; say why it is charted afterwards.",
        ),
        Variance::ExpiryUnknown => {
            phrase("expiry not in the code", "", "Read the expiry date on the package.")
        }
        Variance::Recalled(lot, class) => phrase(
            "lot recalled",
            format!("Lot {lot}, recall class {}.", recall(*class)),
            "Return it to the pharmacy; use another lot.",
        ),
        Variance::LotUnknown => phrase("lot not in the code", "", ""),
        Variance::NotOrdered => phrase(
            "not ordered for this patient",
            in_hand(words).map(|name| format!("Scanned: {name}.")).unwrap_or_default(),
            "Put it back. Check the due list.",
        ),
        Variance::Differs { ordered, ordered_form, ordered_release, mismatches } => phrase(
            mismatch_title(mismatches),
            format!(
                "Ordered: {ordered}, {}. Scanned: {}.",
                form(*ordered_form, *ordered_release),
                in_hand(words).unwrap_or_else(|| "another product".into()),
            ),
            "Put it back. Get the ordered product.",
        ),
        Variance::LookAlike(other) => {
            phrase("looks or sounds alike", format!("Do not confuse with {other}."), "")
        }
        Variance::NotUnitOfUse(_) => {
            phrase("this is a case or shelf pack", "", "Scan the package of the single dose.")
        }
        Variance::PackageDisposed(how, at) => phrase(
            format!("package already {}", disposal(*how)),
            format!("Recorded at {}.", t(*at)),
            "Use a new package. Tell the pharmacy.",
        ),
        Variance::VerbalOrderNeeded => phrase(
            "not ordered in writing",
            in_hand(words).map(|name| format!("Scanned: {name}.")).unwrap_or_default(),
            "Enter the dose and route that were ordered by word of mouth.",
        ),
        Variance::VerbalOrder => phrase(
            "spoken order",
            "No written order asks for it.",
            "Have it written and link it to this dose in time.",
        ),
        Variance::PackageNotScanned => phrase(
            "package not scanned",
            "NDC and lot were typed.",
            "Say why it cannot be scanned. A second clinician checks it.",
        ),
        Variance::MustBeScanned => phrase(
            "this medication must be scanned",
            "It is a controlled or a high-alert medication.",
            "Do not give it from this package. Get one that can be scanned.",
        ),
        Variance::CountDiffers(scanned, said) => phrase(
            "the count is not what was scanned",
            format!("Scanned {scanned}, in hand {said}. Both are recorded."),
            "Put them back and scan each package once.",
        ),
        patient!() | request!() | dose!() | route_and_time!() | conditions!() | safety!() => return None,
    })
}
