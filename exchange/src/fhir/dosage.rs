//! Dosage: how much, by which route, as needed for what.

use rights::product::Route;
use rights::quantity::Quantity;
use rights::request::DoseOrder;

use super::model::{self, CodeableConcept, Dosage};
use super::quantity::{decimal, minutes_of, positive, quantity};
use crate::rejection::Refusal;
use crate::rules::SiteRules;
use crate::timing::AsNeeded;
use crate::units::{UnitTable, short};

/// One dosage instruction, without its timing.
pub(super) struct Instruction {
    pub(super) dose: DoseOrder,
    pub(super) route: Route,
    pub(super) as_needed: AsNeeded,
    pub(super) daily_maximum: Option<Quantity>,
    pub(super) most_per_day: Option<u16>,
    pub(super) words: Option<String>,
    pub(super) notes: Vec<String>,
}

impl Instruction {
    pub(super) fn read(
        raw: &Dosage,
        reasons: &[CodeableConcept],
        rules: &SiteRules,
    ) -> Result<Self, Refusal> {
        let mut notes = Vec::new();
        let mut words: Vec<String> = raw.text.iter().cloned().collect();
        words.extend(raw.additional_instruction.iter().filter_map(CodeableConcept::shown).map(str::to_owned));
        if let Some(site) = raw.site.as_ref().and_then(CodeableConcept::shown) {
            words.push(format!("site: {site}"));
        }
        let ordered = ordered_dose(raw)?;
        let dose = dose(ordered, &rules.units).map_err(|refusal| refusal.within("doseAndRate[0]"))?;
        if let Some(rate) = rate(ordered) {
            notes.push("has a rate: shown to the nurse, not checked at this stage".to_owned());
            words.push(format!("rate: {rate}"));
        }
        if let Some(duration) = duration_text(raw) {
            words.push(duration);
        }
        if let Some(most) = &raw.max_dose_per_administration {
            let most =
                quantity(most, &rules.units).map_err(|refusal| refusal.within("maxDosePerAdministration"))?;
            match dose.most().compare(&most) {
                Some(std::cmp::Ordering::Greater) => {
                    let reason = "the dose is above its own maximum per administration";
                    return Err(Refusal::new(
                        "maxDosePerAdministration",
                        reason,
                        "the prescriber has to correct one",
                    ));
                }
                Some(_) => {}
                None => words.push(format!("at most {most} per administration")),
            }
        }
        if raw.max_dose_per_lifetime.is_some() {
            notes.push("has a maximum per lifetime, which is not checked at this stage".to_owned());
        }
        let (daily_maximum, most_per_day) = maximum(raw.max_dose_per_period.as_ref(), &rules.units)?;
        Ok(Self {
            dose,
            route: route(raw.route.as_ref(), rules)?,
            as_needed: as_needed(raw, reasons)?,
            daily_maximum,
            most_per_day,
            words: (!words.is_empty()).then(|| words.join("; ")),
            notes,
        })
    }
}

/// The one dose that was ordered; a calculated one beside it is left alone.
fn ordered_dose(raw: &Dosage) -> Result<&model::DoseAndRate, Refusal> {
    let calculated =
        |dose: &&model::DoseAndRate| dose.r#type.as_ref().is_some_and(|kind| kind.any_code(&["calculated"]));
    let mut hits = raw.dose_and_rate.iter().filter(|dose| !calculated(dose));
    let ask = "the prescriber has to state one dose";
    match (hits.next(), hits.next()) {
        (Some(dose), None) => Ok(dose),
        (None, _) => Err(Refusal::new("doseAndRate", "no dose: not checkable", ask)),
        (Some(_), Some(_)) => Err(Refusal::new("doseAndRate", "several doses", ask)),
    }
}

fn dose(raw: &model::DoseAndRate, units: &UnitTable) -> Result<DoseOrder, Refusal> {
    let ask = "the prescriber has to state one dose";
    match (&raw.dose_quantity, &raw.dose_range) {
        (Some(exact), None) => {
            Ok(DoseOrder::Exact(quantity(exact, units).map_err(|refusal| refusal.within("doseQuantity"))?))
        }
        (None, Some(range)) => {
            let part = |name: &str, part: &Option<model::Quantity>| {
                let path = format!("doseRange.{name}");
                let part = part.as_ref().ok_or_else(|| Refusal::new(path.clone(), "missing", ask))?;
                quantity(part, units).map_err(|refusal| refusal.within(&path))
            };
            let (low, high) = (part("low", &range.low)?, part("high", &range.high)?);
            match low.compare(&high) {
                Some(std::cmp::Ordering::Greater) => {
                    Err(Refusal::new("doseRange", "ends below its beginning", ask))
                }
                Some(_) => Ok(DoseOrder::Range(low, high)),
                None => Err(Refusal::new("doseRange", "its ends measure different things", ask)),
            }
        }
        (Some(_), Some(_)) => Err(Refusal::new("dose[x]", "a quantity and a range", ask)),
        (None, None) if rate(raw).is_some() => Err(Refusal::new(
            "dose[x]",
            "a rate without a dose: infusions are not read at this stage",
            "chart it on paper",
        )),
        (None, None) => Err(Refusal::new("dose[x]", "no dose: not checkable", ask)),
    }
}

/// The rate in words.
fn rate(raw: &model::DoseAndRate) -> Option<String> {
    let shown = |quantity: &Option<model::Quantity>| {
        let quantity = quantity.as_ref()?;
        let value = quantity.value.as_deref().map_or("?", |value| value.get());
        let unit = quantity.unit.as_deref().or(quantity.code.as_deref()).unwrap_or_default();
        Some(format!("{} {}", short(value), short(unit)).trim_end().to_owned())
    };
    let pair = |a: Option<String>, word: &str, b: Option<String>| match (a, b) {
        (Some(a), Some(b)) => Some(format!("{a} {word} {b}")),
        (a, b) => a.or(b),
    };
    let of_range =
        raw.rate_range.as_ref().and_then(|range| pair(shown(&range.low), "to", shown(&range.high)));
    let of_ratio = raw
        .rate_ratio
        .as_ref()
        .and_then(|ratio| pair(shown(&ratio.numerator), "in", shown(&ratio.denominator)));
    shown(&raw.rate_quantity).or(of_range).or(of_ratio)
}

fn duration_text(raw: &Dosage) -> Option<String> {
    let repeat = raw.timing.as_ref()?.repeat.as_ref()?;
    let value = decimal(repeat.duration.as_deref()?).ok()?;
    Some(format!("over {value} {}", short(repeat.duration_unit.as_deref().unwrap_or_default())))
}

fn route(concept: Option<&CodeableConcept>, rules: &SiteRules) -> Result<Route, Refusal> {
    let remedy = "order it with a route of the site's table, or add the code to the table";
    let Some(concept) = concept else {
        return Err(Refusal::new("route", "no route: not checkable", "the prescriber has to state one"));
    };
    let mut found = None;
    for coding in &concept.coding {
        let (Some(system), Some(code)) = (&coding.system, &coding.code) else { continue };
        match (rules.routes.route(system, code), found) {
            (Some(route), Some(known)) if route != known => {
                return Err(Refusal::new("route", "its codes name different routes", remedy));
            }
            (Some(route), _) => found = Some(route),
            (None, _) => {}
        }
    }
    found.ok_or_else(|| {
        let code = concept.coding.iter().find_map(|coding| coding.code.as_deref());
        let reason = match code {
            Some(code) => format!("the code \"{}\" is in no route table; its text is not read", short(code)),
            None => "has no code; its text is not read".to_owned(),
        };
        Refusal::new("route", reason, remedy)
    })
}

fn as_needed(raw: &Dosage, reasons: &[CodeableConcept]) -> Result<AsNeeded, Refusal> {
    let of_request = || reasons.iter().filter_map(CodeableConcept::shown).map(str::to_owned).collect();
    match (raw.as_needed_boolean, &raw.as_needed_codeable_concept) {
        (Some(_), Some(_)) => Err(Refusal::new(
            "asNeeded[x]",
            "stands there twice",
            "the sending system has to send one of the two",
        )),
        (Some(true), None) => Ok(AsNeeded::For(of_request())),
        (Some(false), None) => Ok(AsNeeded::No),
        (None, Some(concept)) => Ok(AsNeeded::For(concept.shown().map(str::to_owned).into_iter().collect())),
        (None, None) => Ok(AsNeeded::NotSaid),
    }
}

/// `maxDosePerPeriod` over 24 hours: an amount, or a number of doses.
fn maximum(
    raw: Option<&model::Ratio>,
    units: &UnitTable,
) -> Result<(Option<Quantity>, Option<u16>), Refusal> {
    let Some(ratio) = raw else { return Ok((None, None)) };
    let refuse = |reason: &str| {
        let remedy = "the prescriber has to state the maximum for 24 hours";
        Refusal::new("maxDosePerPeriod", reason, remedy)
    };
    let (Some(most), Some(period)) = (&ratio.numerator, &ratio.denominator) else {
        return Err(refuse("is incomplete"));
    };
    let unit = period.code.as_deref().or(period.unit.as_deref()).unwrap_or_default();
    let value = positive(period).map_err(|refusal| refusal.within("maxDosePerPeriod.denominator"))?;
    let minutes = minutes_of(unit).and_then(|minutes| value.times(rights::amount::Amount::whole(minutes)));
    if minutes != Some(rights::amount::Amount::whole(24 * 60)) {
        return Err(refuse("is not for 24 hours, which is all that can be checked"));
    }
    let counted = most.code.as_deref().or(most.unit.as_deref());
    if matches!(counted, Some("{dose}" | "{doses}" | "dose" | "doses" | "1")) {
        let doses = positive(most).map_err(|refusal| refusal.within("maxDosePerPeriod.numerator"))?;
        let doses =
            doses.whole_multiple_of(rights::amount::Amount::ONE).and_then(|doses| u16::try_from(doses).ok());
        return doses.map(|doses| (None, Some(doses))).ok_or_else(|| refuse("is no whole number of doses"));
    }
    let most = quantity(most, units).map_err(|refusal| refusal.within("maxDosePerPeriod.numerator"))?;
    Ok((Some(most), None))
}
