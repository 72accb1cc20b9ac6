//! Our own extensions of a MedicationRequest, for what FHIR R4 has no element for. They stand field by field in
//! `docs/fhir-import.md`.
//!
//! What would be dangerous to leave out is a *modifier* ([`MODIFIERS`]): it has to stand in `modifierExtension`, so that a
//! receiver who does not know it refuses the order. One of ours that is misspelt, stands in the wrong place, lacks a part or has
//! one too many is refused with its path, never ignored.

use jiff::SignedDuration;
use rights::product::Route;
use rights::quantity::Quantity;
use rights::request::{HoldWhen, Scale, ScaleRow, Side};

use super::model::{self, Extension, MedicationRequest};
use super::{dosage, duration, quantity};
use crate::observations::Known;
use crate::rejection::Refusal;
use crate::rules::SiteRules;
use crate::units::{is_given, short};

/// What the names of our extensions begin with.
pub(crate) const BASE: &str = "https://bcma.example/fhir/StructureDefinition/";
/// In the dosage of a MedicationAdministration of ours that starts an infusion: the dose that was hung.
pub(crate) const DOSE_HUNG: &str = "dose-hung";
/// Those that have to stand in `modifierExtension` of a MedicationRequest.
pub(super) const MODIFIERS: [&str; 3] = ["hold-parameter", "sliding-scale", "do-not-give"];
/// Those that have to stand in `extension` of a MedicationRequest.
const PLAIN: [&str; 5] = ["on-call", "flagged-instruction", "alternate-route", "patch-worn", "bolus"];

const REMEDY: &str = "send the extension as docs/fhir-import.md describes it";

/// What the extensions of one request say.
#[derive(Default)]
pub(super) struct Own {
    pub(super) do_not_give: Option<String>,
    pub(super) instruction_flagged: bool,
    pub(super) on_call: bool,
    pub(super) alternate_routes: Vec<Route>,
    pub(super) patch_worn: Option<SignedDuration>,
    pub(super) bolus: Option<Quantity>,
    pub(super) hold_when: Vec<HoldWhen>,
    pub(super) scale: Option<Scale>,
}

impl Own {
    pub(super) fn read(raw: &MedicationRequest, rules: &SiteRules) -> Result<Self, Refusal> {
        let mut own = Self::default();
        for (index, extension) in raw.modifier_extension.iter().enumerate() {
            let part = Part { path: format!("modifierExtension[{index}]"), extension };
            own.take(&part, &MODIFIERS, rules)?;
        }
        for (index, extension) in raw.extension.iter().enumerate() {
            let part = Part { path: format!("extension[{index}]"), extension };
            own.take(&part, &PLAIN, rules)?;
        }
        Ok(own)
    }

    fn take(&mut self, part: &Part<'_>, allowed: &[&str], rules: &SiteRules) -> Result<(), Refusal> {
        let Some(name) = part.extension.url.as_deref().and_then(|url| url.strip_prefix(BASE)) else {
            return Ok(());
        };
        if !allowed.contains(&name) {
            let reason = if MODIFIERS.contains(&name) {
                format!("{name} changes the order and has to stand in modifierExtension")
            } else {
                format!("{BASE}{} is no extension of this product for this place", short(name))
            };
            return Err(part.refuse("", reason));
        }
        match name {
            "hold-parameter" => self.hold_when.push(hold_when(part, rules)?),
            "sliding-scale" => put(&mut self.scale, scale(part, rules)?, part)?,
            "do-not-give" => put(&mut self.do_not_give, part.text()?, part)?,
            "alternate-route" => {
                let concept = part.extension.value_codeable_concept.as_ref();
                let concept = concept.ok_or_else(|| part.lacks("valueCodeableConcept"))?;
                let route = dosage::route(Some(concept), rules).map_err(|refusal| part.within(refusal))?;
                if !self.alternate_routes.contains(&route) {
                    self.alternate_routes.push(route);
                }
            }
            "patch-worn" => {
                let worn = part.extension.value_duration.as_ref();
                let worn = duration(worn.ok_or_else(|| part.lacks("valueDuration"))?);
                put(&mut self.patch_worn, worn.map_err(|refusal| part.within(refusal))?, part)?;
            }
            "bolus" => put(&mut self.bolus, part.quantity(rules)?, part)?,
            "on-call" => self.on_call |= part.flag()?,
            "flagged-instruction" => self.instruction_flagged |= part.flag()?,
            _ => return Err(part.refuse("", "is not read")),
        }
        Ok(())
    }
}

/// An extension that may stand once.
fn put<T>(place: &mut Option<T>, value: T, part: &Part<'_>) -> Result<(), Refusal> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(part.refuse("", "stands there twice")),
    }
}

/// One of our extensions, or one part of one, with its place.
struct Part<'a> {
    path: String,
    extension: &'a Extension,
}

impl<'a> Part<'a> {
    fn refuse(&self, element: &str, reason: impl Into<String>) -> Refusal {
        let path = if element.is_empty() { self.path.clone() } else { format!("{}.{element}", self.path) };
        Refusal::new(path, reason, REMEDY)
    }

    fn lacks(&self, element: &str) -> Refusal {
        self.refuse("", format!("has no {element}"))
    }

    fn within(&self, refusal: Refusal) -> Refusal {
        refusal.within(&self.path)
    }

    fn text(&self) -> Result<String, Refusal> {
        let text = self.extension.value_string.as_deref().map(str::trim).filter(|text| !text.is_empty());
        text.map(str::to_owned).ok_or_else(|| self.lacks("valueString"))
    }

    fn flag(&self) -> Result<bool, Refusal> {
        self.extension.value_boolean.ok_or_else(|| self.lacks("valueBoolean"))
    }

    fn raw_quantity(&self) -> Result<&'a model::Quantity, Refusal> {
        self.extension.value_quantity.as_ref().ok_or_else(|| self.lacks("valueQuantity"))
    }

    fn quantity(&self, rules: &SiteRules) -> Result<Quantity, Refusal> {
        quantity::quantity(self.raw_quantity()?, &rules.units)
            .map_err(|refusal| self.within(refusal.within("valueQuantity")))
    }

    /// A value that may be zero, whatever its comparator says.
    fn measured(&self, rules: &SiteRules) -> Result<Quantity, Refusal> {
        quantity::measured(self.raw_quantity()?, &rules.units)
            .map_err(|refusal| self.within(refusal.within("valueQuantity")))
    }

    /// A value that may be zero and has no comparator.
    fn exact(&self, rules: &SiteRules) -> Result<Quantity, Refusal> {
        if self.raw_quantity()?.comparator.is_some() {
            return Err(self.refuse("valueQuantity.comparator", "has no place here"));
        }
        self.measured(rules)
    }

    /// Its parts; one with a name that is not among these is refused.
    fn parts(&self, names: &[&str]) -> Result<Vec<(&'a str, Part<'a>)>, Refusal> {
        let mut parts = Vec::new();
        for (index, extension) in self.extension.parts.iter().enumerate() {
            let part = Part { path: format!("{}.extension[{index}]", self.path), extension };
            match extension.url.as_deref() {
                Some(name) if names.contains(&name) => parts.push((name, part)),
                other => {
                    let name = short(other.unwrap_or("no url"));
                    return Err(part.refuse("url", format!("\"{name}\" is none of {}", names.join(", "))));
                }
            }
        }
        Ok(parts)
    }

    /// The observation that a `valueCoding` names, by the site's table.
    fn observation<'r>(&self, rules: &'r SiteRules) -> Result<&'r Known, Refusal> {
        let coding = self.extension.value_coding.as_ref().ok_or_else(|| self.lacks("valueCoding"))?;
        let (system, code) =
            (coding.system.as_deref().unwrap_or_default(), coding.code.as_deref().unwrap_or_default());
        rules.observations.known(system, code).ok_or_else(|| {
            let reason = format!("{}|{} is in no observation table", short(system), short(code));
            Refusal::new(
                format!("{}.valueCoding", self.path),
                reason,
                "have the pharmacy add the code to the table",
            )
        })
    }
}

/// The one part with this name.
fn one<'p, 'a>(
    whole: &Part<'a>,
    parts: &'p [(&'a str, Part<'a>)],
    name: &str,
) -> Result<Option<&'p Part<'a>>, Refusal> {
    let mut hits = parts.iter().filter(|(known, _)| *known == name);
    match (hits.next(), hits.next()) {
        (found, None) => Ok(found.map(|(_, part)| part)),
        _ => Err(whole.refuse("", format!("the part {name} stands there twice"))),
    }
}

fn needed<'p, 'a>(
    whole: &Part<'a>,
    parts: &'p [(&'a str, Part<'a>)],
    name: &str,
) -> Result<&'p Part<'a>, Refusal> {
    one(whole, parts, name)?.ok_or_else(|| whole.refuse("", format!("the part {name} is missing")))
}

fn hold_when(part: &Part<'_>, rules: &SiteRules) -> Result<HoldWhen, Refusal> {
    let parts = part.parts(&["observation", "hold-if"])?;
    let known = needed(part, &parts, "observation")?.observation(rules)?;
    let hold_if = needed(part, &parts, "hold-if")?;
    let side = match hold_if.raw_quantity()?.comparator.as_deref() {
        Some("<") => Side::Below,
        Some(">") => Side::Above,
        _ => return Err(hold_if.refuse("valueQuantity.comparator", "is neither < nor >")),
    };
    let limit = hold_if.measured(rules)?;
    Ok(HoldWhen { what: known.what.clone(), kind: known.kind, side, limit })
}

fn scale(part: &Part<'_>, rules: &SiteRules) -> Result<Scale, Refusal> {
    let parts = part.parts(&["observation", "row", "call-from"])?;
    let what = needed(part, &parts, "observation")?.observation(rules)?.what.clone();
    let mut rows: Vec<ScaleRow> = Vec::new();
    for (_, row) in parts.iter().filter(|(name, _)| *name == "row") {
        let cells = row.parts(&["from", "dose"])?;
        let from = needed(row, &cells, "from")?.exact(rules)?;
        let dose = needed(row, &cells, "dose")?.exact(rules)?;
        if !is_given(dose.unit) {
            return Err(row.refuse("", "its dose is no amount to give"));
        }
        if let Some(before) = rows.last_mut() {
            if !rises(&before.from, &from) {
                return Err(row.refuse("", "does not begin above the row before it, in the same unit"));
            }
            if before.dose.compare(&dose).is_none() {
                return Err(row.refuse("", "its dose measures something else than that of the row before it"));
            }
            before.below = Some(from);
        }
        rows.push(ScaleRow { from, below: None, dose });
    }
    let Some(last) = rows.last_mut() else { return Err(part.refuse("", "has no row")) };
    if let Some(call) = one(part, &parts, "call-from")? {
        let call = call.exact(rules)?;
        if !rises(&last.from, &call) {
            return Err(part.refuse("", "call-from is not above the last row, in the same unit"));
        }
        last.below = Some(call);
    }
    Ok(Scale { what, rows })
}

fn rises(from: &Quantity, to: &Quantity) -> bool {
    from.compare(to) == Some(std::cmp::Ordering::Less)
}
