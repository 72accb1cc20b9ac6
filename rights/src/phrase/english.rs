//! The English table.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use jiff::SignedDuration;

use super::write::{capital, phrase};
use super::{Phrase, Words};
use crate::bedside::Notice;
use crate::custody::Disposal;
use crate::entered::{Observation, Wanted};
use crate::history::Outcome;
use crate::person::Role;
use crate::product::{Form, RecallClass, Release, Route};
use crate::quantity::Unit;
use crate::rate::RateOrder;
use crate::request::{Mismatch, Side};
use crate::scan::{ScanFault, ScanFaultKind};
use crate::verdict::{Class, Evidence, Right, Variance};

/// Said of the second of two equal wall times.
pub(super) const SECOND: &str = "2nd";

pub(super) fn variance(variance: &Variance, class: Class, words: &Words<'_>) -> Phrase {
    let Phrase { title, detail, action } = text(variance, words);
    let title = if class.stops() { format!("Stop: {title}") } else { capital(&title) };
    Phrase { title, detail, action }
}

#[expect(clippy::too_many_lines, reason = "one table, one row for each variance")]
fn text(variance: &Variance, words: &Words<'_>) -> Phrase {
    let q = |quantity| words.quantity(quantity);
    let t = |at| words.time(at);
    match variance {
        Variance::NotAWristband(kind) => phrase(
            format!("this is {}, not a wristband", thing(kind)),
            "",
            "Scan the wristband on the patient's wrist first.",
        ),
        Variance::CodeFaulty(faults) => phrase(
            "this code cannot be used",
            faults_in_words(faults),
            "Scan the other code, or ask the pharmacy.",
        ),
        Variance::BandScanOld(lasts) => phrase(
            "wristband scan too old",
            format!("A wristband scan holds for {}.", duration(*lasts)),
            "Scan the wristband again.",
        ),
        Variance::PatientUnknown => phrase(
            "patient not known",
            "No patient has this wristband number.",
            "Check the wristband with the patient; ask admissions for a new band.",
        ),
        Variance::PatientAmbiguous => phrase(
            "wristband number used twice",
            "More than one patient has this number.",
            "Do not give anything. Call admissions.",
        ),
        Variance::OldBand => phrase(
            "old wristband",
            "A newer band was printed for this patient. This one may be a copy.",
            "Scan the band on the wrist; remove this one.",
        ),
        Variance::BandSerialUnknown => phrase(
            "wristband cannot be confirmed",
            "It is not known which band was printed last.",
            "Ask admissions to print a new band.",
        ),
        Variance::Discharged => {
            phrase("patient discharged", "", "Call admissions if the patient is still here.")
        }
        Variance::Deceased => phrase("patient recorded as deceased", "", "Call the charge nurse."),
        Variance::NotAdmitted => {
            phrase("patient not admitted", "No stay in progress is known.", "Call admissions.")
        }
        Variance::OtherWard => phrase(
            "patient is listed on another ward",
            "",
            "Give only if the patient is here; choose the reason.",
        ),
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
        Variance::NotStarted(at) => {
            phrase("order has not started", format!("It starts at {}.", t(*at)), "Do not give it yet.")
        }
        Variance::Stopped(at) => phrase(
            "order stopped",
            at.map(|at| format!("Stopped at {}.", t(at))).unwrap_or_default(),
            "Give nothing. Return or waste what is open.",
        ),
        Variance::Ended(at) => {
            phrase("order has ended", format!("It ended at {}.", t(*at)), "Give nothing. Ask the prescriber.")
        }
        Variance::NotVerified => phrase(
            "not verified by a pharmacist",
            "",
            "Call the pharmacist; record whom you called and why it cannot wait.",
        ),
        Variance::OnHold => phrase("order on hold", "", "Do not give it. Ask the prescriber."),
        Variance::RequestChanged => {
            phrase("order changed since the scan", "", "Read the order as it is now.")
        }
        Variance::OneTimeGiven(at, by) => {
            phrase("one-time dose already given", format!("Given at {} by {by}.", t(*at)), "Give nothing.")
        }
        Variance::ChoiceNeeded(count) => {
            phrase("which dose?", format!("{count} orders or times fit."), "Choose one.")
        }
        Variance::AlreadyCharted(outcome_, at, by) => phrase(
            "already charted",
            format!("{} at {} by {by}.", capital(outcome(*outcome_)), t(*at)),
            "Give nothing.",
        ),
        Variance::NothingScheduled => {
            phrase("no dose is scheduled now", "", "Check the due list or ask the pharmacy.")
        }
        Variance::Unscheduled(text) => phrase(
            "timing must be read by the pharmacy",
            format!("Ordered as: {text}"),
            "Call the pharmacist.",
        ),
        Variance::NotComparable(ordered, package) => phrase(
            "dose cannot be compared",
            format!("Ordered {}, package {}.", q(ordered), q(package)),
            "Call the pharmacist.",
        ),
        Variance::Under(total, ordered) => phrase(
            "less than ordered",
            format!("In hand {} of {}.", q(total), q(ordered)),
            "Scan the next package, or say why less is given.",
        ),
        Variance::Over(total, ordered) => phrase(
            "more than ordered",
            format!("In hand {}, ordered {}.", q(total), q(ordered)),
            "Put the last package back, or correct the amount.",
        ),
        Variance::MeasureOut(_, ordered, part) => phrase(
            "give only part of this package",
            format!("Ordered {}: take {}.", q(ordered), q(part)),
            "Enter the amount you have prepared.",
        ),
        Variance::PartNotPossible(part) => phrase(
            "this part cannot be given",
            format!("{} cannot be taken from this package.", capital(&q(part))),
            "Correct the amount or put it back.",
        ),
        Variance::OutOfRange(total, low, high) => phrase(
            "outside the ordered range",
            format!("In hand {}, ordered {} to {}.", q(total), q(low), q(high)),
            "Correct the dose.",
        ),
        Variance::DailyMaximum(total, maximum) => phrase(
            "above the daily maximum",
            format!("With this dose {} in 24 hours; maximum {}.", q(total), q(maximum)),
            "Call the prescriber or pharmacist.",
        ),
        Variance::DailyTotalUnknown => phrase("24-hour total cannot be computed", "", "Call the pharmacist."),
        Variance::RouteDiffers(ordered) => phrase(
            "wrong route for this product",
            format!("Ordered {}; this product is not made for it.", route(*ordered)),
            "Put it back. Get the product for the ordered route.",
        ),
        Variance::Early(due) => {
            phrase("early", format!("Due at {}.", t(*due)), "Wait, or say why it is given early.")
        }
        Variance::EarlyAfterLast(due, last) => phrase(
            "too early after the last dose",
            format!("Last dose {}; due at {}.", t(*last), t(*due)),
            "Call the prescriber or pharmacist, or wait.",
        ),
        Variance::Late(due) => phrase("late", format!("Was due at {}.", t(*due)), "Say why it is late."),
        Variance::LatePastMiddle(due, next) => phrase(
            "late, nearer to the next dose",
            format!("Was due at {}; the next is due at {}.", t(*due), t(*next)),
            "Call the prescriber or pharmacist: give it late or skip it.",
        ),
        Variance::TooSoon(last, next) => phrase(
            "too soon",
            format!("Last dose {}. Allowed from {}.", t(*last), t(*next)),
            "Wait, or call the prescriber.",
        ),
        Variance::CountReached(count) => {
            phrase("24-hour limit reached", format!("{count} doses in 24 hours."), "Call the prescriber.")
        }
        Variance::ReasonAsked => phrase("as-needed dose: for what?", "", "Choose the reason."),
        Variance::SameIngredientRecently(at, outcome_) => phrase(
            "same ingredient a short time ago",
            format!("{} at {}.", capital(outcome(*outcome_)), t(*at)),
            "Check that this is not a second dose; say why it is given.",
        ),
        Variance::LaterGiven(at) => phrase(
            "a later dose was already given",
            format!("Given at {}.", t(*at)),
            "Give nothing for the earlier time.",
        ),
        Variance::ClockOff(off) => phrase(
            "kiosk clock is wrong",
            format!("It differs by {}.", duration(*off)),
            "Chart on paper. Call the technician.",
        ),
        Variance::AllergyIngredient(text) => phrase(
            "patient is allergic to this",
            format!("Recorded: {text}."),
            "Do not give it. Call the prescriber.",
        ),
        Variance::AllergyClass(text) => phrase(
            "allergy to this class",
            format!("Recorded: {text}."),
            "Check with the patient; say why it can be given.",
        ),
        Variance::AllergyAccepted(text) => phrase(
            "allergy accepted by prescriber or pharmacist",
            format!("Recorded: {text}."),
            "Watch the patient.",
        ),
        Variance::AllergyTextOnly(text) => phrase(
            "allergy that the machine cannot check",
            format!("Recorded: {text}."),
            "Read it and check with the patient.",
        ),
        Variance::OrdersOld(age) => phrase(
            "orders not current",
            format!("Last updated {} ago.", duration(*age)),
            "Check the order in the chart; say why it cannot wait.",
        ),
        Variance::OrdersAgeUnknown => phrase(
            "orders not current",
            "It is not known when they were last updated.",
            "Check the order in the chart; say why it cannot wait.",
        ),
        Variance::ClockUnknown => phrase("kiosk clock not compared lately", "", ""),
        Variance::PatientMerged => phrase(
            "this record was merged into another one",
            "Nothing more is given under this number.",
            "Ask admissions to print a new band.",
        ),
        Variance::BeingGivenElsewhere(by, since) => phrase(
            "another nurse is giving this dose",
            format!("By {by} since {}.", t(*since)),
            "Do not give it. Ask the other nurse.",
        ),
        Variance::BagChange(since) => {
            phrase("next bag of a running infusion", format!("It runs since {}.", t(*since)), "")
        }
        Variance::PatchStillOn(at, by) => phrase(
            "an earlier patch is still on",
            format!("Applied at {} by {by}.", t(*at)),
            "Take it off and chart that first.",
        ),
        Variance::Backdated(at) => phrase(
            "charted later than given",
            format!("Given at {}.", t(*at)),
            "Say why it was not charted then.",
        ),
        Variance::GivenInTheFuture(at) => {
            phrase("this time is still to come", format!("You said {}.", t(*at)), "Correct the time.")
        }
        Variance::GivenTooLongAgo(at) => phrase(
            "given too long ago to chart here",
            format!("You said {}.", t(*at)),
            "Chart it on paper and tell the pharmacy.",
        ),
        Variance::NoRateOrdered => phrase(
            "no rate is ordered",
            "An infusion without a rate cannot be checked.",
            "Call the prescriber.",
        ),
        Variance::BandSeenElsewhere(at) => phrase(
            "this band was just seen at another kiosk",
            format!("Seen there at {}.", t(*at)),
            "Look for a copy of the band. Go on only with a second nurse.",
        ),
        Variance::BirthYearWrong(year) => phrase(
            "wrong patient, or wrong year",
            format!("Typed: {year}. This band is of somebody born in another year."),
            "Ask the name and birth date again and scan the band on the wrist.",
        ),
        Variance::AllergiesChanged => phrase(
            "allergies or flags have changed",
            "They changed since you last opened this patient.",
            "Read them as they are now.",
        ),
        Variance::DoNotGive(text) => {
            phrase("marked: do not give", format!("Noted: {text}"), "Do not give it. Ask the prescriber.")
        }
        Variance::InstructionFlagged(text) => {
            phrase("read the instruction", format!("Ordered with: {text}"), "Confirm that you have read it.")
        }
        Variance::OrdersChanged(names) => phrase(
            "orders are new or changed",
            format!("Since you last looked: {}.", names.join(", ")),
            "Review them before the first dose.",
        ),
        Variance::OnCallGiven(at, by) => {
            phrase("on-call dose already given", format!("Given at {} by {by}.", t(*at)), "Give nothing.")
        }
        Variance::NotByScale(dose, seen) => phrase(
            "not the dose of the sliding scale",
            format!("{}: {} asks for {}.", value_name(seen), q(&seen.value), q(dose)),
            "Correct the dose, or call the prescriber.",
        ),
        Variance::NoScaleRow(seen) => phrase(
            "value outside the sliding scale",
            format!("{}: {} at {}.", value_name(seen), q(&seen.value), t(seen.at)),
            "Give nothing. Call the prescriber.",
        ),
        Variance::ScaleSaysNone(seen) => phrase(
            "no dose at this value",
            format!("{}: {} at {}.", value_name(seen), q(&seen.value), t(seen.at)),
            "Give nothing. Chart it as held.",
        ),
        Variance::WeightUnknown => {
            phrase("no weight for a dose by weight", "", "Weigh the patient, or call the pharmacist.")
        }
        Variance::WeightOld(at) => phrase(
            "weight too old for a dose by weight",
            format!("Measured {}.", t(*at)),
            "Weigh the patient, or call the pharmacist.",
        ),
        Variance::NotByWeight(ordered, by_weight) => phrase(
            "ordered dose does not fit the weight",
            format!("Ordered {}; by weight {}.", q(ordered), q(by_weight)),
            "Call the prescriber or pharmacist.",
        ),
        Variance::RateDiffers(set, ordered) => phrase(
            "pump rate is not the ordered one",
            format!("Set {}, ordered {}.", words.rate(set), ordered_rate(ordered, words)),
            "Correct the pump.",
        ),
        Variance::RateNotComparable(ordered) => phrase(
            "rate cannot be compared",
            format!("Ordered {}.", ordered_rate(ordered, words)),
            "Call the pharmacist; a rate by weight needs a weight.",
        ),
        Variance::RouteNotAllowed(charted) => phrase(
            "route not allowed by the order",
            format!("Chosen: {}.", route(*charted)),
            "Choose an allowed route, or call the prescriber.",
        ),
        Variance::SiteNotOfRoute(code) => phrase(
            "this site does not belong to the route",
            format!("Chosen: {}.", site(code.as_str())),
            "Choose another site.",
        ),
        Variance::SameSite(code, at) => phrase(
            "same site as last time",
            format!("{} at {}.", capital(&site(code.as_str())), t(*at)),
            "Consider another site.",
        ),
        Variance::MustNotBeCrushed => phrase(
            "this must not be crushed",
            "Crushed, it would release everything at once, or harm.",
            "Do not give it. Ask the pharmacy for another form.",
        ),
        Variance::AmountReached(total, maximum) => phrase(
            "24-hour amount reached",
            format!("With this dose {} in 24 hours; allowed {}.", q(total), q(maximum)),
            "Call the prescriber.",
        ),
        Variance::ObservationMissing(what, _, last) => phrase(
            format!("enter {}", observation(what.as_str())),
            last.as_ref().map_or_else(
                || "The order depends on it.".into(),
                |seen| format!("Last: {} at {}, too old.", q(&seen.value), t(seen.at)),
            ),
            "Measure it now and enter the value.",
        ),
        Variance::HoldParameter(seen, hold) => phrase(
            "value in the range where the dose is held",
            format!(
                "{}: {}. Ordered: hold {} {}.",
                value_name(seen),
                q(&seen.value),
                match hold.side {
                    Side::Below => "below",
                    Side::Above => "above",
                },
                q(&hold.limit),
            ),
            "Hold it. To give it, call the prescriber or pharmacist.",
        ),
        Variance::Contraindicated(ingredient, at) => phrase(
            "must not be given together",
            format!("{} was given {}.", capital(ingredient.as_str()), t(*at)),
            "Call the prescriber or pharmacist.",
        ),
        Variance::NilByMouth => {
            phrase("patient is nil by mouth", "", "Ask for another route, or say why it can be given.")
        }
        Variance::Hazardous => phrase(
            "hazardous drug",
            "",
            "Wear protection as the site's list says; dispose of all of it in the hazardous waste.",
        ),
        Variance::ValueMissing(wanted) => missing(wanted),
        Variance::BandNotScanned => phrase(
            "wristband not scanned",
            "Who it is was typed, not read from the band.",
            "Say why it cannot be scanned. A second clinician confirms it. A new band is asked for.",
        ),
        Variance::TypedIdentityDiffers => phrase(
            "the witness typed another birth date",
            "The two of you do not say the same. Both are recorded.",
            "Give nothing. Ask the patient again, or have a new band printed.",
        ),
        Variance::ControlledNeedsBand => phrase(
            "a controlled substance needs the wristband",
            "The band was not scanned.",
            "Do not give it. Have a new band printed and scan it.",
        ),
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
        Variance::WitnessRequired => phrase(
            "a second clinician must check it",
            "",
            "Call a witness. They scan the package and enter the dose without seeing yours.",
        ),
        Variance::WitnessRecommended => phrase(
            "a second clinician should check it",
            "",
            "Call a witness, or say why it is given without one.",
        ),
        Variance::WitnessIsGiver => {
            phrase("the witness must be somebody else", "", "Ask another licensed clinician.")
        }
        Variance::WitnessNotLicensed(role_) => phrase(
            "this role may not witness",
            format!("Badge of a {}.", role(*role_)),
            "Ask a nurse or a pharmacist.",
        ),
        Variance::WitnessTooLate(within) => phrase(
            "the witness took too long",
            format!("At most {} after the PIN.", duration(*within)),
            "The witness signs and enters again.",
        ),
        Variance::WitnessDiffers(mine, theirs) => phrase(
            "the witness says another amount",
            format!("Prepared {}, the witness entered {}. Both are recorded.", q(mine), q(theirs)),
            "Do not go on. Check order, product and calculation together; then put it back and prepare it anew.",
        ),
        Variance::WitnessRateDiffers(mine, theirs) => phrase(
            "the witness says another rate",
            match theirs {
                Some(theirs) => format!(
                    "Set {}, the witness entered {}. Both are recorded.",
                    words.rate(mine),
                    words.rate(theirs)
                ),
                None => format!("Set {}, the witness entered none.", words.rate(mine)),
            },
            "Do not start it. Check order and pump together; then put it back and prepare it anew.",
        ),
        Variance::WitnessOtherProduct(name) => phrase(
            "the witness scanned another product",
            format!(
                "In hand: {}. The witness scanned {name}.",
                in_hand(words).unwrap_or_else(|| "another product".into())
            ),
            "Do not give it. Check the package together.",
        ),
        Variance::WasteDue(left, within) => phrase(
            "waste will be due",
            format!("{} is left.", capital(&q(left))),
            format!("Waste it before a witness within {}.", duration(*within)),
        ),
        Variance::WasteDiffers(left, wasted) => phrase(
            "the waste does not add up",
            format!("Left {}, wasted {} in all.", q(left), q(wasted)),
            "Account for the rest. Until then it stays open as a discrepancy.",
        ),
        Variance::WasteNotComparable(amount) => phrase(
            "this amount is no part of the package",
            capital(&q(amount)),
            "Enter it in the unit of the package or of its ingredient.",
        ),
        Variance::BreakGlass(until) => phrase(
            "break-glass",
            format!("Until {}. Checks are told, not asked.", t(*until)),
            "Everything is recorded. Have orders written afterwards.",
        ),
    }
}

fn ordered_rate(ordered: &RateOrder, words: &Words<'_>) -> String {
    match ordered {
        RateOrder::Exact(rate) => words.rate(rate),
        RateOrder::Range(low, high) => format!("{} to {}", words.rate(low), words.rate(high)),
    }
}

fn missing(wanted: &Wanted) -> Phrase {
    match wanted {
        Wanted::Observation(what, _) => phrase(
            format!("enter {}", observation(what.as_str())),
            "The order depends on it, and no value is young enough.",
            "Measure it now and enter the value.",
        ),
        Wanted::BirthYear => phrase(
            "another patient here has a similar name",
            "",
            "Ask the patient for the year of birth and type it.",
        ),
        Wanted::CountInHand => phrase(
            "how many are in hand?",
            "This code has no serial number.",
            "Count the packages and enter the number.",
        ),
        Wanted::Site => phrase("where is it put?", "", "Choose the site."),
        Wanted::PainScore => phrase("pain score", "", "Ask the patient: 0 is no pain, 10 the worst."),
        Wanted::Route => {
            phrase("by which route?", "This product is not made for the ordered one.", "Choose the route.")
        }
        Wanted::PumpRate => phrase("at which rate does the pump run?", "", "Enter what the pump shows."),
        Wanted::Crushed => phrase("crushed?", "Given by tube.", "Say whether it was crushed."),
        Wanted::GivenAt => phrase("when was it given?", "", "Enter the time."),
    }
}

/// The name of a value, as the beginning of a sentence.
fn value_name(seen: &Observation) -> String {
    let name = observation(seen.what.as_str());
    capital(name.strip_prefix("the ").unwrap_or(name))
}

/// A site of the body: its code with spaces.
pub(super) fn site(code: &str) -> String {
    code.replace('-', " ")
}

/// The name of a vital sign or laboratory value; a code that the table does not know is shown as it is.
fn observation(code: &str) -> &str {
    match code {
        "heart-rate" => "the heart rate",
        "systolic-blood-pressure" => "the systolic blood pressure",
        "diastolic-blood-pressure" => "the diastolic blood pressure",
        "respiratory-rate" => "the respiratory rate",
        "oxygen-saturation" => "the oxygen saturation",
        "body-temperature" => "the temperature",
        "body-weight" => "the weight",
        "glucose" => "the glucose",
        "potassium" => "the potassium",
        "inr" => "the INR",
        unknown => unknown,
    }
}

pub(super) fn evidence(evidence: &Evidence, words: &Words<'_>) -> Phrase {
    let title = match evidence {
        Evidence::BandScanned => "Wristband scanned".into(),
        Evidence::PackageResolved => "Package scanned".into(),
        Evidence::DoseOfThisPatient => "Labelled for this patient".into(),
        Evidence::PackageUnused => "Package not used before".into(),
        Evidence::ExpiresAt(last) => format!("Usable until {}", words.date(last.date())),
        Evidence::LotNotRecalled(lot) => format!("Lot {lot} not recalled"),
        Evidence::SatisfiesRequest(_) => "As ordered".into(),
        Evidence::RequestInForce => "Order is active".into(),
        Evidence::PharmacistVerified(_) => "Verified by a pharmacist".into(),
        Evidence::DoseExact(dose) => format!("{}, exactly as ordered", words.quantity(dose)),
        Evidence::DoseInRange(dose) => format!("{}, inside the ordered range", words.quantity(dose)),
        Evidence::DailyTotal(total, maximum) => {
            format!("{} of at most {} in 24 hours", words.quantity(total), words.quantity(maximum))
        }
        Evidence::RouteFits(fits) => capital(route(*fits)),
        Evidence::InWindow(due) => format!("Due at {}", words.time(*due)),
        Evidence::NoWindow => "One-time or first dose: no fixed window".into(),
        Evidence::IntervalElapsed => "Allowed now".into(),
        Evidence::Indicated(reason) => format!("For {}, as ordered", words.reason(reason).to_lowercase()),
        Evidence::NoAllergy => "No recorded allergy concerns it".into(),
        Evidence::BirthYearFits => "Birth year fits".into(),
        Evidence::DoseByScale(dose, seen) => {
            format!(
                "{} by the scale, {} {}",
                words.quantity(dose),
                value_name(seen),
                words.quantity(&seen.value)
            )
        }
        Evidence::DoseByWeight(seen) => format!("Fits the weight of {}", words.quantity(&seen.value)),
        Evidence::RateAsOrdered(rate) => format!("Pump at {}, as ordered", words.rate(rate)),
        Evidence::RouteAllowed(allowed) => format!("{}, as the order allows", capital(route(*allowed))),
        Evidence::PutAt(code) => capital(&site(code.as_str())),
        Evidence::MayBeTubed => "May be given by tube so".into(),
        Evidence::WithinParameter(seen) => {
            format!("{} {}: give", value_name(seen), words.quantity(&seen.value))
        }
        Evidence::PainScored(score) => format!("Pain {score} of 10"),
        Evidence::PackagesCounted(count) => format!("{count} packages counted"),
        Evidence::Witnessed(who) => format!("Checked independently by {who}"),
        Evidence::WasteAddsUp(left) => format!("All of {} accounted for", words.quantity(left)),
    };
    phrase(title, "", "")
}

pub(super) fn notice(notice: Notice) -> Phrase {
    match notice {
        Notice::NotABadge => phrase("This is not a badge", "", "Scan the barcode on your badge."),
        Notice::UnknownBadge => phrase("Badge not known", "", "Ask the charge nurse."),
        Notice::RoleMayNotGive => {
            phrase("This role cannot give medication here", "", "Ask a nurse to sign on.")
        }
        Notice::LockedOut => {
            phrase("Too many wrong PINs", "This badge is locked for a while.", "Ask the charge nurse.")
        }
        Notice::AnswerIncomplete => {
            phrase("Answer not complete", "", "Choose a reason; \"other\" needs at least 10 characters.")
        }
        Notice::ValueNotPossible => phrase("This value is not possible", "", "Enter it again with its time."),
        Notice::CannotChart => phrase("This dose cannot be charted so", "It may be charted already.", ""),
        Notice::MayNotCorrect => phrase(
            "You cannot correct this entry",
            "Its giver can for an hour, later a charge nurse.",
            "Ask the charge nurse.",
        ),
        Notice::RateNotOrdered => {
            phrase("This rate is not ordered", "", "Set the ordered rate or call the prescriber.")
        }
        Notice::BolusNotOrdered => {
            phrase("This bolus is not ordered", "", "Give no bolus. Call the prescriber.")
        }
        Notice::BandAgain => phrase("Scan the wristband again", "The last scan is too old.", ""),
        Notice::RecordUnreadable => phrase(
            "A record of this patient could not be read",
            "The list of orders or allergies is not complete.",
            "Call the pharmacy before you say that something is not ordered.",
        ),
        Notice::WitnessIsGiver => {
            phrase("The witness must be somebody else", "", "Another clinician scans their own badge.")
        }
        Notice::WitnessNotLicensed => phrase("This role may not witness", "", "Ask a nurse or a pharmacist."),
        Notice::WitnessTooLate => phrase(
            "The witness took too long",
            "Everything must be entered within a minute of the PIN.",
            "Scan the witness's badge again.",
        ),
        Notice::WitnessDiffers => phrase(
            "The witness entered another amount",
            "Both amounts are recorded. Nothing is recorded as wasted.",
            "Measure it again together, then enter the waste anew.",
        ),
        Notice::WrongPin => phrase("Wrong PIN", "", "Type it again."),
        Notice::PackageNotKnown => {
            phrase("The drug file does not know this package", "", "Scan the package of the dose.")
        }
        Notice::AmountNotPossible => phrase(
            "This amount is not possible",
            "",
            "Enter it in the unit of the package or its ingredient.",
        ),
        Notice::RecordOnPaper => {
            phrase("This kiosk cannot record", "", "Chart on paper and call the technician.")
        }
    }
}

const fn disposal(how: Disposal) -> &'static str {
    match how {
        Disposal::Wasted => "wasted",
        Disposal::Returned => "returned",
    }
}

const fn role(role: Role) -> &'static str {
    match role {
        Role::Nurse => "nurse",
        Role::ChargeNurse => "charge nurse",
        Role::Pharmacist => "pharmacist",
        Role::Student => "student",
        Role::Provider => "provider",
        Role::Auditor => "auditor",
        Role::Administrator => "administrator",
    }
}

fn in_hand(words: &Words<'_>) -> Option<String> {
    words.in_hand.map(|names| format!("{}, {}", names.name, form(names.form, names.release)))
}

fn mismatch_title(mismatches: &[Mismatch]) -> String {
    match mismatches {
        [Mismatch::Release] => "wrong release type".into(),
        [Mismatch::Form] => "wrong form".into(),
        [Mismatch::Form, Mismatch::Release] => "wrong form and release type".into(),
        _ => "wrong drug".into(),
    }
}

fn thing(kind: &str) -> &'static str {
    match kind {
        "wristband" => "a wristband",
        "badge" => "a badge",
        "package" => "a medication package",
        "dose" => "a dose label",
        _ => "an unknown code",
    }
}

fn faults_in_words(faults: &[ScanFault]) -> String {
    let all: Vec<String> = faults.iter().map(fault).collect();
    all.join(" ")
}

fn fault(fault: &ScanFault) -> String {
    let part = &fault.part;
    let what = match fault.kind {
        ScanFaultKind::NotRecognised => return "No format that this site uses.".into(),
        ScanFaultKind::Ambiguous => return "Several codes at once: show one.".into(),
        ScanFaultKind::NotMarkedGs1 => return format!("{part}: a copy, not a GS1 symbol."),
        ScanFaultKind::CheckDigit => "check digit",
        ScanFaultKind::Length => "length",
        ScanFaultKind::Character => "character",
        ScanFaultKind::Date => "date",
        ScanFaultKind::UnknownIdentifier => "unknown identifier",
        ScanFaultKind::Separator => "separator",
        ScanFaultKind::Repeated => "repeated",
        ScanFaultKind::Pairing => "needs or excludes another part",
        ScanFaultKind::Symbology => "not allowed in this kind of symbol",
    };
    let found = fault.found.as_ref().map(|found| format!(" {found}")).unwrap_or_default();
    let expected =
        fault.expected.as_ref().map(|expected| format!(", expected {expected}")).unwrap_or_default();
    format!("{part}: {what}{found}{expected}.")
}

/// A duration in the largest whole unit that says it.
fn duration(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().abs();
    if seconds >= 2 * 3_600 {
        format!("{} hours", seconds / 3_600)
    } else if seconds >= 120 {
        format!("{} minutes", seconds / 60)
    } else {
        format!("{seconds} seconds")
    }
}

const fn recall(class: RecallClass) -> &'static str {
    class.name()
}

pub(super) const fn right(right: Right) -> &'static str {
    match right {
        Right::Patient => "Patient",
        Right::Medication => "Medication",
        Right::Dose => "Dose",
        Right::Route => "Route",
        Right::Time => "Time",
    }
}

pub(super) const fn route(route: Route) -> &'static str {
    match route {
        Route::Oral => "by mouth",
        Route::Intravenous => "into a vein (IV)",
        Route::Intramuscular => "into a muscle (IM)",
        Route::Subcutaneous => "under the skin (subcut)",
        Route::Transdermal => "patch on the skin",
        Route::Rectal => "rectal",
        Route::Inhaled => "inhaled",
        Route::Topical => "on the skin",
        Route::Ophthalmic => "into the eye",
        Route::Sublingual => "under the tongue",
        Route::Nasogastric => "by stomach tube",
    }
}

pub(super) fn form(form: Form, release: Release) -> String {
    let name = match form {
        Form::Tablet => "tablet",
        Form::Capsule => "capsule",
        Form::OralSolution => "oral liquid",
        Form::Injection => "injection",
        Form::Patch => "patch",
        Form::Suppository => "suppository",
        Form::Inhaler => "inhaler",
        Form::Topical => "cream or ointment",
        Form::EyeDrops => "eye drops",
    };
    match (release, form) {
        (Release::Extended, _) => format!("extended-release {name}"),
        (Release::Delayed, _) => format!("delayed-release {name}"),
        (Release::Immediate, Form::Tablet | Form::Capsule) => format!("immediate-release {name}"),
        (Release::Immediate, _) => name.to_string(),
    }
}

pub(super) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Given => "given",
        Outcome::Partial => "partly given",
        Outcome::Held => "held",
        Outcome::Refused => "refused",
        Outcome::NotGiven => "not given",
        Outcome::Missing => "missing, pharmacy asked",
    }
}

pub(super) const fn unit(unit: Unit, one: bool) -> &'static str {
    match (unit, one) {
        (Unit::Kilogram, _) => "kg",
        (Unit::Gram, _) => "g",
        (Unit::Milligram, _) => "mg",
        (Unit::Microgram, _) => "mcg",
        (Unit::Nanogram, _) => "nanograms",
        (Unit::Litre, _) => "L",
        (Unit::Millilitre, _) => "mL",
        (Unit::InternationalUnit | Unit::UspUnit, true) => "unit",
        (Unit::InternationalUnit | Unit::UspUnit, false) => "units",
        (Unit::Milliequivalent, _) => "mEq",
        (Unit::Millimole, _) => "mmol",
        (Unit::Mole, _) => "mol",
        (Unit::Tablet, true) => "tablet",
        (Unit::Tablet, false) => "tablets",
        (Unit::Capsule, true) => "capsule",
        (Unit::Capsule, false) => "capsules",
        (Unit::Patch, true) => "patch",
        (Unit::Patch, false) => "patches",
        (Unit::Suppository, true) => "suppository",
        (Unit::Suppository, false) => "suppositories",
        (Unit::Puff, true) => "puff",
        (Unit::Puff, false) => "puffs",
        (Unit::Spray, true) => "spray",
        (Unit::Spray, false) => "sprays",
        (Unit::Drop, true) => "drop",
        (Unit::Drop, false) => "drops",
        (Unit::Application, true) => "application",
        (Unit::Application, false) => "applications",
        (Unit::PerMinute, _) => "per minute",
        (Unit::MillimetreOfMercury, _) => "mmHg",
        (Unit::Percent, _) => "%",
        (Unit::MilligramPerDecilitre, _) => "mg/dL",
        (Unit::GramPerLitre, _) => "g/L",
        (Unit::NanogramPerMillilitre, _) => "nanograms/mL",
        (Unit::MillimolePerLitre, _) => "mmol/L",
        (Unit::MilliequivalentPerLitre, _) => "mEq/L",
        (Unit::Inr, _) => "INR",
        (Unit::Celsius, _) => "\u{b0}C",
        (Unit::Score, true) => "point",
        (Unit::Score, false) => "points",
    }
}

pub(super) const fn month(month: i8) -> &'static str {
    match month {
        1 => "Jan",
        2 => "Feb",
        3 => "Mar",
        4 => "Apr",
        5 => "May",
        6 => "Jun",
        7 => "Jul",
        8 => "Aug",
        9 => "Sep",
        10 => "Oct",
        11 => "Nov",
        _ => "Dec",
    }
}

#[expect(clippy::too_many_lines, reason = "one table, one row for each code")]
pub(super) fn reason(code: &str) -> &str {
    match code {
        "procedure" => "Procedure",
        "patient-request" => "Patient's request",
        "clustered-care" => "Clustered care",
        "transport" => "Transport",
        "first-dose-retimed" => "First dose re-timed",
        "prescriber-ordered" => "Prescriber ordered it",
        "from-pharmacy" => "Late from pharmacy",
        "off-unit" => "Patient off the unit",
        "asleep" => "Patient asleep",
        "npo-or-procedure" => "Nothing by mouth or procedure",
        "iv-access" => "IV access",
        "awaiting-result" => "Awaiting lab or vital sign",
        "workload" => "Workload",
        "refused-earlier" => "Refused earlier",
        "downtime" => "Downtime",
        "scanner" => "Scanner",
        "refused" => "Patient refused",
        "npo" => "Nothing by mouth",
        "on-pass" => "Patient on pass",
        "vomiting" => "Vomiting",
        "no-iv-access" => "No IV access",
        "tube-not-usable" => "Tube not usable",
        "not-available" => "Medication not available",
        "order-unclear" => "Order unclear, prescriber called",
        "parameter-out-of-range" => "Vital sign or lab out of range",
        "allergy-suspected" => "Allergy suspected",
        "adverse-reaction-suspected" => "Adverse reaction suspected",
        "given-elsewhere" => "Given elsewhere",
        "duplicate-order" => "Duplicate order",
        "deceased-or-discharged" => "Deceased or discharged",
        "given-by-other-discipline" => "Given by another discipline",
        "self-administered" => "Self-administered",
        "remainder-later" => "Remainder later",
        "remainder-wasted" => "Remainder wasted",
        "remainder-refused" => "Remainder refused",
        "pharmacist-advised" => "Pharmacist advised it",
        "benefit-outweighs-risk" => "Benefit outweighs the risk",
        "tolerated-before" => "Tolerated before",
        "pain" => "Pain",
        "fever" => "Fever",
        "nausea" => "Nausea",
        "anxiety" => "Anxiety",
        "agitation" => "Agitation",
        "insomnia" => "Insomnia",
        "constipation" => "Constipation",
        "diarrhoea" => "Diarrhea",
        "cough" => "Cough",
        "dyspnoea" => "Shortness of breath",
        "itching" => "Itching",
        "dizziness" => "Dizziness",
        "headache" => "Headache",
        "high-blood-pressure" => "High blood pressure",
        "low-blood-pressure" => "Low blood pressure",
        "high-glucose" => "High glucose",
        "low-glucose" => "Low glucose",
        "muscle-spasm" => "Muscle spasm",
        "seizure" => "Seizure",
        "wheezing" => "Wheezing",
        "withdrawal" => "Withdrawal",
        "not-taken" => "Not taken after all",
        "wrong-patient-charted" => "Charted for the wrong patient",
        "wrong-dose-charted" => "Wrong dose charted",
        "wrong-time-charted" => "Wrong time charted",
        "charted-twice" => "Charted twice",
        "effective" => "It worked",
        "partly-effective" => "It worked in part",
        "not-effective" => "It did not work",
        "adverse-effect" => "Adverse effect",
        "worn-as-ordered" => "Worn as ordered",
        "order-stopped" => "Order stopped",
        "skin-reaction" => "Skin reaction",
        "fell-off" => "It fell off",
        "titrated" => "Titrated",
        "completed" => "Completed",
        "damaged" => "Band damaged",
        "missing-reprint-asked" => "Band missing, reprint asked",
        "cannot-be-reached" => "Band cannot be reached",
        "neonate-band-on-crib" => "Neonate, band on the crib",
        "equipment" => "Equipment",
        "emergency" => "Emergency",
        "no-barcode" => "No barcode",
        "unreadable" => "Barcode unreadable",
        "not-in-table" => "Not in the drug file",
        "wrong-strength-in-table" => "Wrong strength in the drug file",
        "opened-for-preparation" => "Opened for preparation",
        "partial-dose" => "Partial dose",
        "dropped" => "Dropped",
        "refused-after-opening" => "Refused after opening",
        "order-changed-after-preparation" => "Order changed after preparation",
        "spilled" => "Spilled",
        "expired-after-opening" => "Expired after opening",
        "vomited" => "Vomited",
        "line-primed" => "Line primed",
        "patch-removed" => "Patch removed",
        "cardiac-arrest" => "Cardiac arrest",
        "respiratory-failure" => "Respiratory failure",
        "anaphylaxis" => "Anaphylaxis",
        "haemorrhage" => "Hemorrhage",
        "severe-hypoglycaemia" => "Severe low glucose",
        "rapid-sedation" => "Rapid sedation",
        "systems-down" => "Systems down",
        "other" => "Other (type why)",
        unknown => unknown,
    }
}
