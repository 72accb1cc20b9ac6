//! Dosage: how much, by which route, as needed for what.

use rights::product::Route;
use rights::quantity::Quantity;
use rights::rate::RateOrder;
use rights::request::DoseOrder;

use super::model::{self, CodeableConcept, Dosage};
use super::quantity::{decimal, minutes_of, positive, quantity};
use super::rate::{rate, rate_text};
use crate::rejection::Refusal;
use crate::rules::SiteRules;
use crate::timing::AsNeeded;
use crate::units::{UnitTable, short};

/// One dosage instruction, without its timing.
pub(super) struct Instruction {
    /// `None` where the order names none beside its rate or its scale.
    pub(super) dose: Option<DoseOrder>,
    /// The dose for each kilogram from which the dose was calculated.
    pub(super) per_kilogram: Option<Quantity>,
    pub(super) rate: Option<RateOrder>,
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
        words.extend(route_words(raw, rules));
        let Ordered { dose, per_kilogram, rate } = ordered(raw, &rules.units)?;
        if let Some(rate) = raw.dose_and_rate.iter().find_map(rate_text) {
            words.push(format!("rate: {rate}"));
        }
        if let Some(per_kilogram) = per_kilogram {
            words.push(format!("{per_kilogram}/kg"));
        }
        if let Some(duration) = duration_text(raw) {
            words.push(duration);
        }
        if let Some(most) = &raw.max_dose_per_administration {
            let most =
                quantity(most, &rules.units).map_err(|refusal| refusal.within("maxDosePerAdministration"))?;
            match dose.as_ref().and_then(|dose| dose.most().compare(&most)) {
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
            per_kilogram,
            rate,
            route: route(raw.route.as_ref(), rules)?,
            as_needed: as_needed(raw, reasons, rules)?,
            daily_maximum,
            most_per_day,
            words: (!words.is_empty()).then(|| words.join("; ")),
            notes,
        })
    }
}

/// How much and how fast.
struct Ordered {
    dose: Option<DoseOrder>,
    per_kilogram: Option<Quantity>,
    rate: Option<RateOrder>,
}

const ASK: &str = "the prescriber has to state one dose";

/// The one dose that was ordered. A calculated one beside it is left alone, unless the ordered one goes by weight: then the two
/// belong together, and the calculated one is what is given.
fn ordered(raw: &Dosage, units: &UnitTable) -> Result<Ordered, Refusal> {
    let is_calculated =
        |dose: &model::DoseAndRate| dose.r#type.as_ref().is_some_and(|kind| kind.any_code(&["calculated"]));
    let (calculated, ordered): (Vec<_>, Vec<_>) =
        raw.dose_and_rate.iter().enumerate().partition(|(_, dose)| is_calculated(dose));
    let (index, one) = match ordered.as_slice() {
        [(index, one)] => (*index, *one),
        [] => return Err(Refusal::new("doseAndRate", "no dose: not checkable", ASK)),
        [_, _, ..] => return Err(Refusal::new("doseAndRate", "several doses", ASK)),
    };
    let within = |index: usize| move |refusal: Refusal| refusal.within(&format!("doseAndRate[{index}]"));
    let rate = rate(one, units).map_err(within(index))?;
    let Some(per_kilogram) = per_kilogram(one, units).map_err(within(index))? else {
        return Ok(Ordered { dose: dose(one, units).map_err(within(index))?, per_kilogram: None, rate });
    };
    let dose = match calculated.as_slice() {
        [(index, calculated)] => dose(calculated, units).map_err(within(*index))?,
        _ => None,
    };
    let reason = "a dose by weight without the one dose that was calculated from it";
    let remedy =
        "send both, typed ordered and calculated (dose-rate-type): the bedside checks one against the other";
    let dose = dose.ok_or_else(|| Refusal::new("doseAndRate", reason, remedy))?;
    if dose.most().compare(&per_kilogram).is_none() {
        let reason = "the dose by weight and the calculated one measure different things";
        return Err(Refusal::new("doseAndRate", reason, ASK));
    }
    Ok(Ordered { dose: Some(dose), per_kilogram: Some(per_kilogram), rate })
}

/// The dose of an entry; `None` where it holds a rate alone or nothing.
fn dose(raw: &model::DoseAndRate, units: &UnitTable) -> Result<Option<DoseOrder>, Refusal> {
    match (&raw.dose_quantity, &raw.dose_range) {
        (Some(exact), None) => {
            let exact = quantity(exact, units).map_err(|refusal| refusal.within("doseQuantity"))?;
            Ok(Some(DoseOrder::Exact(exact)))
        }
        (None, Some(range)) => {
            let (low, high) = ends(range, "doseRange", |part| quantity(part, units))?;
            match low.compare(&high) {
                Some(std::cmp::Ordering::Greater) => {
                    Err(Refusal::new("doseRange", "ends below its beginning", ASK))
                }
                Some(_) => Ok(Some(DoseOrder::Range(low, high))),
                None => Err(Refusal::new("doseRange", "its ends measure different things", ASK)),
            }
        }
        (Some(_), Some(_)) => Err(Refusal::new("dose[x]", "a quantity and a range", ASK)),
        (None, None) => Ok(None),
    }
}

/// Both ends of a range, each read in the same way.
pub(super) fn ends<T>(
    range: &model::Range,
    name: &str,
    read: impl Fn(&model::Quantity) -> Result<T, Refusal>,
) -> Result<(T, T), Refusal> {
    let part = |end: &str, part: &Option<model::Quantity>| {
        let path = format!("{name}.{end}");
        let part = part.as_ref().ok_or_else(|| Refusal::new(path.clone(), "missing", ASK))?;
        read(part).map_err(|refusal| refusal.within(&path))
    };
    Ok((part("low", &range.low)?, part("high", &range.high)?))
}

/// The dose for each kilogram, where the unit says that it is one: `mg/kg`.
fn per_kilogram(raw: &model::DoseAndRate, units: &UnitTable) -> Result<Option<Quantity>, Refusal> {
    let by_weight = |quantity: &model::Quantity| unit_of(quantity).strip_suffix("/kg").is_some();
    if let Some(range) = &raw.dose_range
        && [&range.low, &range.high].into_iter().flatten().any(by_weight)
    {
        return Err(Refusal::new("doseRange", "a range of doses by weight cannot be checked", ASK));
    }
    let Some(dose) = raw.dose_quantity.as_ref().filter(|dose| by_weight(dose)) else { return Ok(None) };
    let read = || {
        let amount = positive(dose)?;
        let unit = unit_of(dose).strip_suffix("/kg").unwrap_or_default();
        let unit = units.dose_unit(unit).ok_or_else(|| unknown_unit(dose))?;
        Ok(Some(Quantity::new(amount, unit)))
    };
    read().map_err(|refusal: Refusal| refusal.within("doseQuantity"))
}

pub(super) fn unit_of(quantity: &model::Quantity) -> &str {
    quantity.code.as_deref().or(quantity.unit.as_deref()).unwrap_or_default()
}

fn unknown_unit(quantity: &model::Quantity) -> Refusal {
    let reason = format!("\"{}\" is in no unit table: not checkable", short(unit_of(quantity)));
    Refusal::new("unit", reason, "use a UCUM unit, or add the alias to the unit table")
}

fn duration_text(raw: &Dosage) -> Option<String> {
    let repeat = raw.timing.as_ref()?.repeat.as_ref()?;
    let value = decimal(repeat.duration.as_deref()?).ok()?;
    Some(format!("over {value} {}", short(repeat.duration_unit.as_deref().unwrap_or_default())))
}

pub(super) fn route(concept: Option<&CodeableConcept>, rules: &SiteRules) -> Result<Route, Refusal> {
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

/// The route as it was ordered, where the site's table tells less: LEFT EYE and RIGHT EYE are both ophthalmic there. With a site the
/// words are there already.
fn route_words(raw: &Dosage, rules: &SiteRules) -> Option<String> {
    let concept = raw.route.as_ref()?;
    let says_more = |coding: &model::Coding| match (&coding.system, &coding.code) {
        (Some(system), Some(code)) => rules.routes.says_more(system, code),
        _ => false,
    };
    let named_site = raw.site.as_ref().and_then(CodeableConcept::shown).is_some();
    if named_site || !concept.coding.iter().any(says_more) {
        return None;
    }
    let shown = concept.shown()?;
    let is_its_name = route(Some(concept), rules).is_ok_and(|route| route.name().eq_ignore_ascii_case(shown));
    (!is_its_name).then(|| format!("route: {shown}"))
}

/// T6: the reason as it is displayed, and the site's reasons of which its codes are a kind.
fn indications(concept: &CodeableConcept, rules: &SiteRules) -> Vec<String> {
    let mut found: Vec<String> = concept.shown().map(str::to_owned).into_iter().collect();
    for coding in &concept.coding {
        let (Some(system), Some(code)) = (&coding.system, &coding.code) else { continue };
        if let Some(reason) = rules.indications.reason(system, code)
            && !found.iter().any(|known| known.eq_ignore_ascii_case(reason.as_str()))
        {
            found.push(reason.to_string());
        }
    }
    found
}

fn as_needed(raw: &Dosage, reasons: &[CodeableConcept], rules: &SiteRules) -> Result<AsNeeded, Refusal> {
    let of_request = || reasons.iter().flat_map(|concept| indications(concept, rules)).collect();
    match (raw.as_needed_boolean, &raw.as_needed_codeable_concept) {
        (Some(_), Some(_)) => Err(Refusal::new(
            "asNeeded[x]",
            "stands there twice",
            "the sending system has to send one of the two",
        )),
        (Some(true), None) => Ok(AsNeeded::For(of_request())),
        (Some(false), None) => Ok(AsNeeded::No),
        (None, Some(concept)) => Ok(AsNeeded::For(indications(concept, rules))),
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
