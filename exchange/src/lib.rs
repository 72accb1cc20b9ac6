//! Other systems: orders in over FHIR R4 and HL7 v2, administrations out over both, the drug file, and the site's frequency, route,
//! unit and meal tables. Both wires are described field by field in `docs/wire.md`.
//!
//! What comes in becomes [`rights`]' own: parts of a `Chart` and a `Formulary`. Whatever is not taken over is a
//! [`Rejection`](rejection::Rejection) with its place, reason and remedy; nothing is dropped without one. What goes out is read from
//! the [`ledger`] and from nothing else.
//!
//! | module | what |
//! |---|---|
//! | [`fhir`], [`drugs`], [`ndc`] | reading of resources and of the drug file |
//! | [`frequency`], [`routes`], [`units`], [`meals`], [`observations`], [`indications`], [`staff`], [`table`] | the site's tables, from CSV |
//! | [`rules`], [`policy`] | what a site decides: zone, tables and systems; the site policy file |
//! | [`rejection`] | what was not taken over, and why |
//! | [`hl7`], [`mllp`] | HL7 v2 and its framing |
//! | [`feed`] | what feeds said, durable; [`feed::live`] is what a bedside reads |
//! | [`server`], [`http`], [`tls`] | a FHIR server as a client sees it |
//! | [`outbox`] | ledger entries to other systems; the export |
//! | [`serve`] | all of it as one service |
//! | [`hub`] | what the kiosks of a ward ask and tell each other |
//! | [`station`] | pages for pharmacists and auditors over a kiosk's ledger |
//! | [`pharmacy`] | PH1 to PH6: accounts of doses, discrepancies, diversion, missed doses |
//! | [`store`], [`site`] | imported files, laid over each other |
//! | [`digest`] | SHA-256 |
//!
//! What other systems gave counts for maxima, intervals and repetitions, and closes no scheduled dose of ours.
//!
//! Deliberately absent: any reading of free text, any guess.
//!
//! # From FHIR R4 to the chart
//!
//! | internal | from | rule |
//! |---|---|---|
//! | patient | Patient | id; identifier `urn:bcma:mrn` (needed) and `https://www.gs1.org/gsrn` (a wrong one is listed and not used); official, usual or unmarked name; whole `birthDate`; `active` not false, not `replaced-by` |
//! | band serial | extension `urn:bcma:band-serial` | `valueString` |
//! | admission | `deceased[x]`, Encounter | deceased first; in-progress = admitted; finished = discharged; otherwise not admitted |
//! | ward, bed | Encounter.location (active) | Location.identifier `urn:bcma:ward`; the display is the bed; two places of equal rank: not known |
//! | allergy | AllergyIntolerance | active, not refuted nor entered in error; coding `urn:bcma:allergy-class`, `urn:bcma:ingredient` where the drug file holds it, else text only; one that cannot be read is shown as such |
//! | drug | medication\[x\], contained or in the Bundle | `urn:bcma:formulary` item, then `RxNorm` by the drug file's column, then NDC as a hint to the drug, never the item; codes that name different drugs, or no code: refused |
//! | status | status | active; `on-hold` and `stopped` are taken over so that the nurse is told so instead of "no order"; all others refused |
//! | version | `meta.versionId` as a number, else the second of `meta.lastUpdated`, else 0 | a lower one never replaces a higher one; a refused newer one ends the older one |
//! | dose | `doseAndRate` with `doseQuantity` or `doseRange` | exact decimals; unit by UCUM, then the unit table; no unit, no dose: refused as not checkable |
//! | dose by weight, rate | `doseAndRate` in `mg/kg` beside a `calculated` one; `rateQuantity`, `rateRange`, `rateRatio` | field by field in `docs/fhir-import.md`, as the next three |
//! | hold parameters, sliding scale, do not give, on call, flagged instruction, alternate routes, patch, bolus | our own extensions | one that is malformed or misplaced refuses the order |
//! | vital signs, laboratory values, weight | Observation, by the observation table | one that cannot be read ends the older ones of its kind |
//! | nil by mouth | Flag, `NutritionOrder` | one in force is enough; what is not said does not end it |
//! | daily maximum | `maxDosePerPeriod` over 24 h or 1 d | an amount, or a number of `{dose}`; any other period: refused |
//! | route | route | by the route table, system and code; never by text |
//! | timing | timing, asNeeded\[x\] | in the order of the `timing` module; what cannot be told is *unscheduled*, with its text |
//! | as-needed limits | `urn:bcma:prn-min-interval` (`valueDuration`), frequency, code | the longest interval and the lowest count |
//! | start, stop | `repeat.bounds[x]`, `dispenseRequest.validityPeriod`, event, `authoredOn` | start: the first of these that is there; stop: the earlier end; an end that is a day includes it, an end that is an instant does not |
//! | verified, allergy accepted | `urn:bcma:verified`, `urn:bcma:allergy-accepted` | `valueDateTime` with time and offset |
//! | time-critical | `urn:bcma:time-critical` | `valueBoolean` |
//! | several `dosageInstruction` | sequence | equal: several requests `id#1`, `id#2`; different: only when each ends before the next begins |
//! | source | the resource's bytes | SHA-256 in the request; the store keeps the Bundle |
//! | dispensed dose | `MedicationDispense` with identifier `urn:bcma:dose-id` | one item; extensions `urn:bcma:lot`, `urn:bcma:beyond-use`; a status that is no dose to give ends the dose, unless its Bundle is older |
//! | orders as of | Bundle `timestamp`, else `meta.lastUpdated` | none for a page of a longer search |
//!
//! Refused with a reason, anywhere in a resource that is used: a `modifierExtension` that is not ours, `implicitRules`, a member that stands twice;
//! on a request: `doNotPerform`, `reported[x]`, an intent other than `order` and `instance-order`, the shape of R5 or STU3. A
//! Bundle is refused whole when it is broken, not UTF-8, too large, of another FHIR version, the result of a failed search, or
//! holds one id twice.
//!
//! # Example
//!
//! ```
//! use exchange::{drugs, fhir, rules::SiteRules};
//! use jiff::{civil::date, tz::TimeZone};
//!
//! let rules = SiteRules::new(TimeZone::UTC);
//! let items = b"item,rxnorm,name,tall_man,brand,form,release,ingredients,per,package,divisible,routes,high_alert,controlled,\
//! allergy_classes,look_alike\nsenna-tab,,sennosides,,,tablet,immediate,sennosides 8.6 mg,1 {tablet},1 {tablet},no,oral,no,,,\n";
//! let sources = drugs::DrugSources { items: ("items.csv", items), barcodes: None, recalls: None };
//! let drug_file = drugs::read(sources, &rules.units, date(2026, 11, 30))?;
//!
//! let bundle = br#"{"resourceType": "Bundle", "type": "collection", "timestamp": "2026-11-30T08:00:00Z", "entry": [
//!   {"resource": {"resourceType": "MedicationRequest", "id": "mr-1", "status": "active", "intent": "order"}}]}"#;
//! let import = fhir::read("orders.json", bundle, &rules, &drug_file)?;
//! assert!(import.chart.requests.is_empty());
//! assert_eq!(import.rejections[0].reason, "no patient");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod coded;
pub mod digest;
pub mod drugs;
pub mod feed;
pub mod fhir;
pub mod frequency;
pub mod hl7;
pub mod http;
pub mod hub;
pub mod indications;
mod json;
mod listen;
pub mod meals;
pub mod mllp;
pub mod ndc;
pub mod observations;
pub mod outbox;
pub mod pharmacy;
pub mod policy;
pub mod rejection;
pub mod routes;
pub mod rules;
pub mod serve;
pub mod server;
mod signal;
pub mod site;
pub mod staff;
pub mod station;
pub mod store;
pub mod table;
mod timing;
pub mod tls;
pub mod units;
