//! What other systems say in a journey: the order system, the laboratory, the pharmacy's drug file. Each text is read against the
//! orders as they are then; what cannot be meant is an error that says what could be.

use jiff::{SignedDuration, Timestamp};
use rights::chart::Chart;
use rights::entered::Observation;
use rights::ident::{
    AllergyClass, BandSerial, Ingredient, Lot, ObservationCode, PatientId, ProductId, RequestId, WardId,
};
use rights::person::{Admission, Allergen, Allergy, Patient};
use rights::product::{Formulary, Mark, Recall, RecallClass, Route};
use rights::quantity::Quantity;
use rights::rate::{Rate, RateOrder};
use rights::request::{DoseOrder, HoldWhen, ObservationKind, Request, RequestStatus, Scale, ScaleRow, Side};
use rights::schedule::Timing;
use rights::witness::WitnessRule;

use super::{OrderChange, OrdersSay};

/// Applies what is said to the orders and the drug file.
pub(super) fn say(
    said: &OrdersSay,
    orders: &mut Chart,
    formulary: &mut Formulary,
    now: Timestamp,
) -> Result<(), String> {
    match said {
        OrdersSay::Status(id, change) => {
            let request = request(orders, id)?;
            request.status = match change {
                OrderChange::Stop => RequestStatus::Stopped,
                OrderChange::Hold => RequestStatus::OnHold,
                OrderChange::Resume => RequestStatus::Active,
            };
            request.status_since = Some(now);
            request.version += 1;
        }
        OrdersSay::Set(id, what, value) => {
            let request = request(orders, id)?;
            set(request, what, value, now)?;
            request.version += 1;
        }
        OrdersSay::New(id, model) => {
            let model = request(orders, model)?.clone();
            let id = RequestId::parse(id).map_err(text)?;
            if orders.request(&id).is_some() {
                return Err(format!("request \"{id}\" is there already"));
            }
            orders.requests.push(Request { id, version: 1, ..model });
        }
        OrdersSay::Value { patient: id, what, value, ago } => {
            let id = patient(orders, id)?.id.clone();
            let what = ObservationCode::parse(what).map_err(text)?;
            let value = Quantity::parse(value).map_err(text)?;
            let ago = ago.as_deref().map_or(Ok(SignedDuration::ZERO), duration)?;
            let at = now.checked_sub(ago).map_err(text)?;
            orders.observations.push((id, Observation { what, value, at }));
        }
        OrdersSay::NilByMouth(id, nil) => patient(orders, id)?.flags.nil_by_mouth = *nil,
        OrdersSay::Allergy(id, class, name) => {
            let to = if *class {
                Allergen::Class(AllergyClass::parse(name).map_err(text)?)
            } else {
                Allergen::Ingredient(Ingredient::parse(name).map_err(text)?)
            };
            let recorded = Allergy { to, text: name.clone(), recorded: Some(now) };
            patient(orders, id)?.allergies.push(recorded);
        }
        OrdersSay::Discharge(id) => patient(orders, id)?.admission = Admission::Discharged,
        OrdersSay::Move(id, ward) => patient(orders, id)?.ward = Some(WardId::parse(ward).map_err(text)?),
        OrdersSay::Band(id, serial) => {
            patient(orders, id)?.band_serial = Some(BandSerial::parse(serial).map_err(text)?);
        }
        OrdersSay::Merge(id, into) => {
            let into = patient(orders, into)?.id.clone();
            patient(orders, id)?.merged_into = Some(into);
        }
        OrdersSay::Drug(item, what, value) => drug(formulary, item, what, value)?,
        OrdersSay::Silent | OrdersSay::Speak => {}
    }
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "handed to map_err")]
fn text(error: impl ToString) -> String {
    error.to_string()
}

pub(super) fn duration(written: &str) -> Result<SignedDuration, String> {
    written.parse().map_err(|_| format!("\"{written}\" is no duration such as 6 min or 3 h"))
}

fn request<'a>(orders: &'a mut Chart, id: &str) -> Result<&'a mut Request, String> {
    let found = orders.requests.iter_mut().find(|request| request.id.as_str() == id);
    found.ok_or_else(|| format!("no request \"{id}\" in the orders"))
}

fn patient<'a>(orders: &'a mut Chart, id: &str) -> Result<&'a mut Patient, String> {
    let known = PatientId::parse(id).map_err(text)?;
    let found = orders.patients.iter_mut().find(|patient| patient.id == known);
    found.ok_or_else(|| format!("no patient \"{id}\" in the orders"))
}

fn yes(value: &str) -> Result<bool, String> {
    match value {
        "yes" => Ok(true),
        "no" => Ok(false),
        other => Err(format!("\"{other}\": write \"yes\" or \"no\"")),
    }
}

/// Nothing where the value is `none`.
fn optional<T>(value: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Result<Option<T>, String> {
    if value == "none" { Ok(None) } else { read(value).map(Some) }
}

/// What a request can be set to, for the error of a word that is none of them.
const SETTINGS: &str = "dose, route, alternate-route, start-at, stop-at, verified, time-critical, instruction, flagged, do-not-give, \
                        on-call, hold-below, hold-above, hold-below-lab, hold-above-lab, scale, per-kg, rate, bolus, \
                        daily-maximum, minimum-interval, most-per-day, allergy-accepted, patch-worn";

fn set(request: &mut Request, what: &str, value: &str, now: Timestamp) -> Result<(), String> {
    let quantity = |written: &str| Quantity::parse(written.trim()).map_err(text);
    let conditions = &mut request.conditions;
    match what {
        "dose" => request.dose = dose(value)?,
        "route" => request.route = route(value)?,
        "alternate-route" => request.alternate_routes.push(route(value)?),
        "start-at" => request.start = value.parse().map_err(text)?,
        "stop-at" => request.stop = optional(value, |written| written.parse().map_err(text))?,
        "verified" => request.verified = yes(value)?.then_some(now),
        "time-critical" => request.time_critical = yes(value)?,
        "instruction" => request.instruction = optional(value, |written| Ok(written.to_owned()))?,
        "flagged" => conditions.instruction_flagged = yes(value)?,
        "do-not-give" => conditions.do_not_give = optional(value, |written| Ok(written.to_owned()))?,
        "on-call" => conditions.on_call = yes(value)?,
        "hold-below" => conditions.hold_when.push(hold(value, ObservationKind::VitalSign, Side::Below)?),
        "hold-above" => conditions.hold_when.push(hold(value, ObservationKind::VitalSign, Side::Above)?),
        "hold-below-lab" => conditions.hold_when.push(hold(value, ObservationKind::Laboratory, Side::Below)?),
        "hold-above-lab" => conditions.hold_when.push(hold(value, ObservationKind::Laboratory, Side::Above)?),
        "scale" => conditions.scale = optional(value, scale)?,
        "per-kg" => conditions.per_kilogram = optional(value, quantity)?,
        "rate" => request.rate = optional(value, rate)?,
        "bolus" => request.bolus = optional(value, quantity)?,
        "daily-maximum" => request.daily_maximum = optional(value, quantity)?,
        "allergy-accepted" => request.allergy_accepted = yes(value)?.then_some(now),
        "patch-worn" => request.patch_worn = optional(value, duration)?,
        "minimum-interval" => as_needed(request)?.minimum_interval = optional(value, duration)?,
        "most-per-day" => {
            as_needed(request)?.most_per_day = optional(value, |written| written.parse().map_err(text))?;
        }
        other => return Err(format!("\"{other}\" cannot be set; use one of {SETTINGS}")),
    }
    Ok(())
}

fn as_needed(request: &mut Request) -> Result<&mut rights::schedule::AsNeeded, String> {
    match &mut request.timing {
        Timing::AsNeeded(limits) => Ok(limits),
        _ => Err(format!("request \"{}\" is not as needed", request.id)),
    }
}

/// `25 mg`, or `2 mg to 4 mg`.
fn dose(value: &str) -> Result<DoseOrder, String> {
    let quantity = |written: &str| Quantity::parse(written.trim()).map_err(text);
    Ok(match value.split_once(" to ") {
        Some((low, high)) => DoseOrder::Range(quantity(low)?, quantity(high)?),
        None => DoseOrder::Exact(quantity(value)?),
    })
}

/// `100 mL/h`, or `2 ug/kg/min to 10 ug/kg/min`.
fn rate(value: &str) -> Result<RateOrder, String> {
    let rate = |written: &str| Rate::parse(written.trim()).map_err(text);
    Ok(match value.split_once(" to ") {
        Some((low, high)) => RateOrder::Range(rate(low)?, rate(high)?),
        None => RateOrder::Exact(rate(value)?),
    })
}

fn route(value: &str) -> Result<Route, String> {
    let known = || Route::ALL.iter().map(|route| route.name()).collect::<Vec<_>>().join(", ");
    Route::from_name(value).ok_or_else(|| format!("route \"{value}\" is not one of {}", known()))
}

/// `heart-rate 60 /min`.
fn hold(value: &str, kind: ObservationKind, side: Side) -> Result<HoldWhen, String> {
    let (what, limit) =
        value.split_once(' ').ok_or_else(|| format!("\"{value}\": write `heart-rate 60 /min`"))?;
    Ok(HoldWhen {
        what: ObservationCode::parse(what).map_err(text)?,
        kind,
        side,
        limit: Quantity::parse(limit).map_err(text)?,
    })
}

/// `glucose 70 mg/dL: 0 [iU]; 150 mg/dL: 2 [iU]; 200 mg/dL: 4 [iU]`: from each value on, so much.
fn scale(value: &str) -> Result<Scale, String> {
    let form = || format!("\"{value}\": write `glucose 70 mg/dL: 0 [iU]; 150 mg/dL: 2 [iU]`");
    let (what, rows) = value.split_once(' ').ok_or_else(form)?;
    let mut read = Vec::new();
    for row in rows.split(';') {
        let (from, dose) = row.split_once(':').ok_or_else(form)?;
        let (from, dose) = (Quantity::parse(from.trim()), Quantity::parse(dose.trim()));
        read.push((from.map_err(text)?, dose.map_err(text)?));
    }
    let ends = read.iter().skip(1).map(|(from, _)| Some(*from)).chain([None]);
    let rows =
        read.iter().zip(ends).map(|((from, dose), below)| ScaleRow { from: *from, below, dose: *dose });
    Ok(Scale { what: ObservationCode::parse(what).map_err(text)?, rows: rows.collect() })
}

/// `NS8120 II`: a lot and the class of its recall.
fn recall(product: ProductId, value: &str) -> Result<Recall, String> {
    let (lot, class) = value.rsplit_once(' ').ok_or_else(|| format!("\"{value}\": write `NS8120 II`"))?;
    let class =
        RecallClass::from_name(class).ok_or_else(|| format!("\"{class}\" is not one of I, II, III"))?;
    Ok(Recall { product, lot: Lot::parse(lot).map_err(text)?, class })
}

fn drug(formulary: &mut Formulary, item: &str, what: &str, value: &str) -> Result<(), String> {
    let id = ProductId::parse(item).map_err(text)?;
    if what == "recalled" {
        formulary.recall(recall(id, value)?);
        return Ok(());
    }
    let mut product =
        formulary.product(&id).cloned().ok_or_else(|| format!("no item \"{item}\" in the drug file"))?;
    match what {
        "witness" => {
            let known = || WitnessRule::ALL.iter().map(|rule| rule.name()).collect::<Vec<_>>().join(", ");
            product.marks.witness = WitnessRule::from_name(value)
                .ok_or_else(|| format!("witness \"{value}\" is not one of {}", known()))?;
        }
        "high-alert" => product.high_alert = yes(value)?,
        other => {
            let known = || Mark::ALL.iter().map(|mark| mark.name()).collect::<Vec<_>>().join(", ");
            let mark = Mark::from_name(other).ok_or_else(|| {
                format!("\"{other}\" is not one of recalled, witness, high-alert, {}", known())
            })?;
            product.marks.kinds.retain(|kind| *kind != mark);
            if yes(value)? {
                product.marks.kinds.push(mark);
            }
        }
    }
    formulary.add(product);
    Ok(())
}

#[cfg(test)]
mod tests {
    use rights::amount::Amount;

    use super::*;

    #[test]
    fn a_scale_is_read_row_by_row_and_the_last_has_no_end() {
        let scale = scale("glucose 70 mg/dL: 0 [iU]; 150 mg/dL: 2 [iU]; 200 mg/dL: 4 [iU]").unwrap();
        let dose = |value: &str| scale.row(&Quantity::parse(value).unwrap()).map(|row| row.dose.amount);
        assert_eq!(dose("149 mg/dL"), Some(Amount::ZERO));
        assert_eq!(dose("150 mg/dL"), Some(Amount::whole(2)));
        assert_eq!(dose("900 mg/dL"), Some(Amount::whole(4)));
        assert_eq!(dose("69 mg/dL"), None);
    }

    #[test]
    fn a_slip_of_the_pen_says_what_could_be_written() {
        assert!(hold("heart-rate", ObservationKind::VitalSign, Side::Below).unwrap_err().contains("60 /min"));
        assert!(route("by-mouth").unwrap_err().contains("oral"));
        assert!(yes("true").unwrap_err().contains("\"yes\""));
        assert!(duration("soon").unwrap_err().contains("3 h"));
    }
}
