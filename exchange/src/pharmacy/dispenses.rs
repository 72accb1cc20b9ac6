//! The dispense file: what left the pharmacy, a cabinet or came back, one package or amount a line (docs/reports.md). A file is taken
//! whole or not at all: what is wrong with it is listed by line, and nothing is reconciled with half of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rights::amount::Amount;
use rights::ident::{ClinicianId, DoseId, Lot, PatientId, ProductId, RequestId};
use rights::quantity::{Quantity, Unit};

use crate::rejection::Rejection;
use crate::table::{self, Row, TableError};

/// The columns that a file must have.
pub const COLUMNS: &[&str] = &["id", "at", "kind", "patient", "request", "product", "quantity", "unit", "by"];
/// The columns that it may have.
pub const OPTIONAL: &[&str] = &["dose_id", "lot"];

/// What happened to a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The pharmacy sent it to the ward.
    Dispense,
    /// A nurse took it out of a cabinet.
    Removal,
    /// It came back to the pharmacy or the cabinet without the kiosk's knowledge.
    Return,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Dispense, Self::Removal, Self::Return];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dispense => "dispense",
            Self::Removal => "removal",
            Self::Return => "return",
        }
    }
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispense {
    /// Its line in the file.
    pub line: u64,
    /// Its id, unique in the file.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub kind: Kind,
    /// For whom, where said.
    pub patient: Option<PatientId>,
    /// For which request; a removal without one is an override at the cabinet.
    pub request: Option<RequestId>,
    /// Which item.
    pub product: ProductId,
    /// How much, more than nothing.
    pub quantity: Quantity,
    /// Which clinician took or returned it; `None` for what the pharmacy sent to the ward.
    pub by: Option<ClinicianId>,
    /// The dose id on the label.
    pub dose: Option<DoseId>,
    /// Its lot.
    pub lot: Option<Lot>,
}

/// What the site knows, against which a line is checked.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The requests of ledgers and orders, each with its patient where it is known.
    pub requests: BTreeMap<RequestId, Option<PatientId>>,
    /// The items, each with the unit of its content.
    pub products: BTreeMap<ProductId, Unit>,
    /// Under which records of a patient a request stood, by what the ledgers saw: a merge moves it, and lines written before do not change.
    pub earlier: BTreeMap<RequestId, BTreeSet<PatientId>>,
    /// Merged records, each with the one that goes on.
    pub merged: BTreeMap<PatientId, PatientId>,
    /// Whether each item that a kiosk ever scanned is a controlled substance: that is no event of a day, and no range decides it.
    pub controlled: BTreeMap<ProductId, bool>,
}

impl Known {
    fn current(&self, patient: PatientId) -> PatientId {
        self.merged.get(&patient).cloned().unwrap_or(patient)
    }

    /// Whether a line may name this patient for a request of that one.
    fn is_of(&self, request: &RequestId, patient: &PatientId, owner: &PatientId) -> bool {
        patient == owner || self.earlier.get(request).is_some_and(|earlier| earlier.contains(patient))
    }
}

/// Reads a dispense file.
///
/// # Errors
/// When it is no such table at all.
pub fn read(file: &str, bytes: &[u8], known: &Known) -> Result<(Vec<Dispense>, Vec<Rejection>), TableError> {
    let (rows, mut rejections) = table::read_with(file, bytes, COLUMNS, OPTIONAL)?;
    if rows.is_empty() && rejections.is_empty() {
        return Err(TableError::Empty { file: file.to_owned() });
    }
    let mut found: Vec<Dispense> = Vec::new();
    let mut ids = BTreeMap::new();
    let mut whole: BTreeMap<(Timestamp, Kind, DoseId), u64> = BTreeMap::new();
    for row in &rows {
        match line(row, known) {
            Ok(dispense) => {
                if let Some(first) = ids.insert(dispense.id.clone(), row.line) {
                    let reason = format!("the id \"{}\" stands in line {first} already", dispense.id);
                    rejections.push(table::reject(
                        file,
                        row.line,
                        reason,
                        "give each line an id of its own, and remove a line that was sent twice",
                    ));
                    continue;
                }
                // A label is handed out once: the same line under another id was sent twice.
                let dose = dispense.dose.as_ref().map(|dose| (dispense.at, dispense.kind, dose.clone()));
                if let Some(first) = dose.as_ref().and_then(|dose| whole.get(dose)) {
                    let reason = format!("says the same as line {first}, but for the id");
                    rejections.push(table::reject(
                        file,
                        row.line,
                        reason,
                        "remove the line if it was sent twice",
                    ));
                    continue;
                }
                whole.extend(dose.map(|dose| (dose, row.line)));
                found.push(dispense);
            }
            Err((reason, remedy)) => rejections.push(table::reject(file, row.line, reason, remedy)),
        }
    }
    found.sort_by_key(|row| (row.at, row.line));
    Ok((found, rejections))
}

type Fault = (String, &'static str);

fn line(row: &Row, known: &Known) -> Result<Dispense, Fault> {
    let id = filled(row, "id")?;
    let at: Timestamp = filled(row, "at")?.parse().map_err(|_| {
        let reason = format!("at \"{}\" is no instant", row.get("at"));
        (reason, "write the time with its offset, such as 2026-11-30T08:55:00-05:00")
    })?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == row.get("kind")).ok_or_else(|| {
        (format!("kind \"{}\" is none", row.get("kind")), "write dispense, removal or return")
    })?;
    let patient = optional(row, "patient", |text| PatientId::parse(text).ok())?;
    let request = optional(row, "request", |text| RequestId::parse(text).ok())?;
    let patient = request_of(kind, request.as_ref(), patient, known)?;
    let product = ProductId::parse(&filled(row, "product")?)
        .map_err(|error| (format!("product: {error}"), "write the item's id of the drug file"))?;
    let quantity = quantity(row, &product, known)?;
    let by = optional(row, "by", |text| ClinicianId::parse(text).ok())?;
    if kind == Kind::Removal && by.is_none() {
        return Err(("a removal without who took it".to_owned(), "name the clinician in the column by"));
    }
    let dose = optional(row, "dose_id", |text| DoseId::parse(text).ok())?;
    let lot = optional(row, "lot", |text| Lot::parse(text).ok())?;
    Ok(Dispense { line: row.line, id, at, kind, patient, request, product, quantity, by, dose, lot })
}

fn filled(row: &Row, column: &str) -> Result<String, Fault> {
    let text = row.get(column);
    if text.is_empty() { Err((format!("no {column}"), "fill in the column")) } else { Ok(text.to_owned()) }
}

fn optional<T>(row: &Row, column: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Fault> {
    let text = row.get(column);
    if text.is_empty() {
        return Ok(None);
    }
    let fault =
        || (format!("{column} \"{text}\" is no id"), "write it as the order system and the labels do");
    parse(text).map(Some).ok_or_else(fault)
}

/// The request must be known and be this patient's.
fn request_of(
    kind: Kind,
    request: Option<&RequestId>,
    patient: Option<PatientId>,
    known: &Known,
) -> Result<Option<PatientId>, Fault> {
    let patient = patient.map(|patient| known.current(patient));
    let Some(request) = request else {
        return match kind {
            Kind::Removal => Ok(patient),
            Kind::Dispense | Kind::Return => {
                Err(("no request".to_owned(), "name the request; only a removal can be without one"))
            }
        };
    };
    let Some(owner) = known.requests.get(request) else {
        let reason = format!("request \"{request}\" is in none of the ledgers and orders");
        return Err((reason, "correct the id, or name the orders with --store"));
    };
    let owner = owner.clone().map(|owner| known.current(owner));
    match (owner, patient) {
        (Some(owner), Some(patient)) if !known.is_of(request, &patient, &owner) => {
            Err((format!("request \"{request}\" is another patient's"), "correct the patient or the request"))
        }
        (owner, patient) => Ok(owner.or(patient)),
    }
}

fn quantity(row: &Row, product: &ProductId, known: &Known) -> Result<Quantity, Fault> {
    let text = filled(row, "quantity")?;
    let nothing = || {
        let remedy = "write an amount above 0; what came back is a line of kind return";
        (format!("quantity {text} is not more than nothing"), remedy)
    };
    if text.strip_prefix('-').is_some_and(|rest| Amount::parse(rest).is_ok()) {
        return Err(nothing());
    }
    let amount = Amount::parse(&text).map_err(|_| {
        (format!("quantity \"{text}\" is no decimal number"), "write digits with a point, such as 0.5")
    })?;
    if !amount.is_positive() {
        return Err(nothing());
    }
    let code = filled(row, "unit")?;
    let unit = Unit::from_code(&code).ok_or_else(|| {
        (format!("unit \"{code}\" is no UCUM unit known here"), "write UCUM, such as {tablet} or mL")
    })?;
    let Some(wanted) = known.products.get(product) else {
        let reason = format!("product \"{product}\" is in none of the ledgers and not in the drug file");
        return Err((reason, "correct the item's id, or name the drug file with --store"));
    };
    let quantity = Quantity::new(amount, unit);
    match quantity.in_unit(*wanted) {
        Some(amount) => Ok(Quantity::new(amount, *wanted)),
        None => {
            let reason = format!("unit {code}: the content of {product} is counted in {}", wanted.code());
            Err((reason, "write how many tablets, millilitres or other units of content it is"))
        }
    }
}

/// The lines that hand out a label again, from its second one on, where one so far is of a wanted item. What comes later changes none of them.
pub fn repeated_doses(
    dispenses: &[Dispense],
    wanted: impl Fn(&ProductId) -> bool,
) -> Vec<(&DoseId, &Dispense)> {
    let mut seen: BTreeMap<&DoseId, bool> = BTreeMap::new();
    let out = dispenses.iter().filter(|row| row.kind != Kind::Return);
    let again = out.filter_map(|row| {
        let dose = row.dose.as_ref()?;
        let is_wanted = wanted(&row.product);
        let before = seen.get(dose).copied();
        let so_far = before.unwrap_or(false) || is_wanted;
        let _ = seen.insert(dose, so_far);
        (before.is_some() && so_far).then_some((dose, row))
    });
    again.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "id,at,kind,patient,request,product,quantity,unit,by,dose_id,lot\n";

    fn known() -> Known {
        let request = |text| RequestId::parse(text).unwrap();
        let patient = PatientId::parse("p1").unwrap();
        Known {
            requests: [(request("r1"), Some(patient)), (request("r2"), None)].into(),
            products: [(ProductId::parse("fentanyl").unwrap(), Unit::from_code("mL").unwrap())].into(),
            ..Known::default()
        }
    }

    fn rejected(line: &str) -> String {
        let (rows, bad) = read("d.csv", format!("{HEAD}{line}\n").as_bytes(), &known()).unwrap();
        assert!(rows.is_empty(), "{line}");
        assert_eq!(bad[0].place, "d.csv line 2");
        bad[0].reason.clone()
    }

    #[test]
    fn each_fault_of_a_line_is_named() {
        let good = "D1,2026-11-30T08:55:00-05:00,removal,p1,r1,fentanyl,2,mL,n1,,";
        let (rows, bad) = read("d.csv", format!("{HEAD}{good}\n").as_bytes(), &known()).unwrap();
        assert!(bad.is_empty() && rows[0].quantity.to_string() == "2 mL", "{bad:?}");
        for (from, to, reason) in [
            (",2,", ",-2,", "quantity -2 is not more than nothing"),
            (",2,", ",0,", "quantity 0 is not more than nothing"),
            (",2,", ",2e3,", "quantity \"2e3\" is no decimal number"),
            (",2,", ",,", "no quantity"),
            ("mL", "{tablet}", "unit {tablet}: the content of fentanyl is counted in mL"),
            ("mL", "ccm", "unit \"ccm\" is no UCUM unit known here"),
            ("r1", "r9", "request \"r9\" is in none of the ledgers and orders"),
            ("p1", "p2", "request \"r1\" is another patient's"),
            ("fentanyl", "aspirin", "product \"aspirin\" is in none of the ledgers and not in the drug file"),
            ("-05:00", "", "at \"2026-11-30T08:55:00\" is no instant"),
            ("removal", "stolen", "kind \"stolen\" is none"),
            (",n1,", ",,", "a removal without who took it"),
            ("D1,", ",", "no id"),
        ] {
            assert_eq!(rejected(&good.replacen(from, to, 1)), reason);
        }
    }

    #[test]
    fn a_line_may_name_the_record_that_was_merged_since() {
        let patient = |text| PatientId::parse(text).unwrap();
        let old = "D1,2026-11-30T08:55:00-05:00,removal,p0,r1,fentanyl,2,mL,n1,,";
        assert_eq!(rejected(old), "request \"r1\" is another patient's");
        let request = RequestId::parse("r1").unwrap();
        let merged = Known { merged: [(patient("p0"), patient("p1"))].into(), ..known() };
        let seen = Known { earlier: [(request, [patient("p0")].into())].into(), ..known() };
        for known in [merged, seen] {
            let (rows, bad) = read("d.csv", format!("{HEAD}{old}\n").as_bytes(), &known).unwrap();
            assert!(bad.is_empty() && rows[0].patient == Some(patient("p1")), "{bad:?}");
        }
    }

    #[test]
    fn what_came_twice_is_refused_and_other_encodings_whole() {
        let row = "D1,2026-11-30T13:55:00Z,removal,p1,r1,fentanyl,2,mL,n1,,";
        let (rows, bad) = read("d.csv", format!("{HEAD}{row}\n{row}\n").as_bytes(), &known()).unwrap();
        assert_eq!((rows.len(), bad[0].place.as_str()), (1, "d.csv line 3"));
        let label = row.replace("n1,,", "n1,26F01,");
        let again = label.replace("D1", "D2");
        let (_, bad) = read("d.csv", format!("{HEAD}{label}\n{again}\n").as_bytes(), &known()).unwrap();
        assert_eq!(bad[0].reason, "says the same as line 2, but for the id");
        let utf16: Vec<u8> = HEAD.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(matches!(
            read("d.csv", &utf16, &known()),
            Err(TableError::Column { .. } | TableError::Encoding { .. })
        ));
        let latin = [HEAD.as_bytes(), b"D\xE9,x\n"].concat();
        assert!(matches!(read("d.csv", &latin, &known()), Err(TableError::Encoding { .. })));
        assert!(matches!(read("d.csv", HEAD.as_bytes(), &known()), Err(TableError::Empty { .. })));
    }
}
