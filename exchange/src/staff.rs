//! `staff.csv`: who works here. Columns `id,name,role,badge,gsrn,pin`.

use std::collections::BTreeSet;
use std::fmt;

use rights::ident::{BadgeId, ClinicianId, Gsrn, PersonName};
use rights::person::{Clinician, Role};

use crate::rejection::Rejection;
use crate::table::{self, Row, TableError};

const COLUMNS: &[&str] = &["id", "name", "role", "badge", "gsrn", "pin"];

/// The staff as read. Secrets stand apart from people, so that a snapshot of the staff holds none.
#[derive(Clone, Debug, Default)]
pub struct Staff {
    /// Clinicians.
    pub clinicians: Vec<Clinician>,
    /// The PIN of each, for the kiosk to hash at once and forget.
    pub pins: Vec<(ClinicianId, Pin)>,
    /// Every line that was refused.
    pub rejections: Vec<Rejection>,
}

/// A PIN in the clear: 4 to 12 digits. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Pin(String);

impl Pin {
    /// Parses a PIN; `None` when it is not 4 to 12 digits.
    pub fn parse(text: &str) -> Option<Self> {
        let good = (4..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        good.then(|| Self(text.to_owned()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(..)")
    }
}

/// Reads a staff file.
///
/// # Errors
/// When it is no such table. Single bad lines are listed in the result.
pub fn read(file: &str, bytes: &[u8]) -> Result<Staff, TableError> {
    let (rows, rejections) = table::read(file, bytes, COLUMNS)?;
    let mut staff = Staff { rejections, ..Staff::default() };
    let mut seen: BTreeSet<(&str, String)> = BTreeSet::new();
    for row in rows {
        match clinician(&row) {
            Ok((clinician, pin)) => {
                let mut keys = vec![("id", clinician.id.to_string())];
                keys.extend(clinician.badge.as_ref().map(|badge| ("badge", badge.to_string())));
                keys.extend(clinician.gsrn.as_ref().map(|gsrn| ("gsrn", gsrn.to_string())));
                if let Some((what, _)) = keys.iter().find(|key| seen.contains(*key)) {
                    let reason = format!("{what} belongs to a line above already");
                    staff.rejections.push(table::reject(
                        file,
                        row.line,
                        reason,
                        "give each person their own",
                    ));
                    continue;
                }
                seen.extend(keys);
                staff.pins.extend(pin.map(|pin| (clinician.id.clone(), pin)));
                staff.clinicians.push(clinician);
            }
            Err(reason) => staff.rejections.push(table::reject(file, row.line, reason, "correct the line")),
        }
    }
    Ok(staff)
}

/// Reads a table of PINs alone: columns `id,pin`, others left alone. It tells nothing about people.
///
/// # Errors
/// When it is no such table. Single bad lines are listed in the result.
pub fn read_pins(file: &str, bytes: &[u8]) -> Result<Staff, TableError> {
    let (rows, rejections) = table::read(file, bytes, &["id", "pin"])?;
    let mut staff = Staff { rejections, ..Staff::default() };
    for row in rows {
        let id = ClinicianId::parse(row.get("id")).map_err(|error| error.to_string());
        match id.and_then(|id| Ok((id, Pin::parse(row.get("pin")).ok_or("the pin is not 4 to 12 digits")?))) {
            Ok(pin) => staff.pins.push(pin),
            Err(reason) => staff.rejections.push(table::reject(file, row.line, reason, "correct the line")),
        }
    }
    Ok(staff)
}

fn clinician(row: &Row) -> Result<(Clinician, Option<Pin>), String> {
    let text = |error: rights::ident::IdentError| error.to_string();
    let optional = |column: &str| Some(row.get(column).to_owned()).filter(|value| !value.is_empty());
    let role = Role::ALL.into_iter().find(|role| role.name() == row.get("role"));
    let role = role.ok_or_else(|| format!("role \"{}\" is unknown", row.get("role")))?;
    let pin = match optional("pin") {
        // The wrong PIN is not repeated in the message: it may be a right one with a typing slip.
        Some(digits) => Some(Pin::parse(&digits).ok_or("the pin is not 4 to 12 digits")?),
        None => None,
    };
    let clinician = Clinician {
        id: ClinicianId::parse(row.get("id")).map_err(text)?,
        name: PersonName::parse(row.get("name")).map_err(text)?,
        role,
        badge: optional("badge").map(|value| BadgeId::parse(&value)).transpose().map_err(text)?,
        gsrn: optional("gsrn").map(|value| Gsrn::parse(&value)).transpose().map_err(text)?,
    };
    if clinician.badge.is_none() && clinician.gsrn.is_none() {
        return Err("neither badge nor gsrn: could never sign on".to_owned());
    }
    Ok((clinician, pin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_pins_are_kept_apart_and_bad_lines_listed() {
        let text = "id,name,role,badge,gsrn,pin\nN1,A B,nurse,701,,2468\nN2,C D,nurse,701,,1357\nN3,E F,chief,702,,1\n\
                    N4,G H,nurse,,952123400000070011,1234\nN5,I J,nurse,703,,12x4\nN6,K L,nurse,,,1234\n";
        let staff = read("staff.csv", text.as_bytes()).unwrap();
        assert_eq!(staff.clinicians.len(), 1);
        assert_eq!(staff.pins.len(), 1);
        assert_eq!(staff.rejections.len(), 5);
        assert!(!format!("{staff:?}").contains("2468"));
        assert!(staff.rejections.iter().all(|rejection| !rejection.reason.contains("12x4")));
    }

    #[test]
    fn a_table_of_pins_names_each_bad_line_without_its_pin() {
        let Staff { pins, rejections, .. } =
            read_pins("pins.csv", b"pin,id\n2468,N1\n12x4,N2\n,N3\n1357,\n").unwrap();
        assert_eq!((pins.len(), rejections.len()), (1, 3));
        assert_eq!((pins[0].0.as_str(), pins[0].1.as_str()), ("N1", "2468"));
        assert!(!format!("{rejections:?}{pins:?}").contains("12x4"));
        assert!(read_pins("pins.csv", b"id,name\n").is_err(), "no column for the PIN");
    }
}
