//! The PINs of a device: where they come from, how they are set, and whether everybody has one.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use anyhow::Context as _;
use exchange::staff::{self, Staff};
use kiosk::config::Config;
use kiosk::pin::file::{Hashes, PinFileError};
use kiosk::pin::{self, Cost, Pins};
use kiosk::recorder::device_secret;
use kiosk::ward::{self, Ward};
use rights::ident::ClinicianId;

/// The PINs of a device: hashes from their file, or those of the staff, hashed now.
pub(crate) fn of_device(
    config: &Config,
    ward: &Ward,
    salt: impl FnMut() -> [u8; 16],
) -> anyhow::Result<Pins> {
    let secret = device_secret(&config.ledger)?;
    let Some(path) = &config.pins else {
        return Ok(ward::hash_pins(&ward.pins, &secret, Cost::Device, salt)?);
    };
    if !ward.pins.is_empty() {
        eprintln!("kiosk: {}", in_the_clear(config));
    }
    let mut pins = Pins::new(&secret, Cost::Device);
    pins.load(pin::file::read(path, &secret)?);
    Ok(pins)
}

fn in_the_clear(config: &Config) -> String {
    let staff = config.staff.staff.display();
    format!("{staff}: PINs in the clear, which are not used beside `pins`: empty the column pin")
}

/// Hashes the PINs of a table into the file of the device. False when a line was not taken over.
pub(crate) fn set(config: &Config, table: &Path, salt: impl FnMut() -> [u8; 16]) -> anyhow::Result<bool> {
    let path = config.pins.as_deref().context("the configuration names no file `pins`")?;
    let name = table.display().to_string();
    let bytes = if name == "-" {
        io::read_to_string(io::stdin()).map(String::into_bytes)
    } else {
        std::fs::read(table)
    };
    let Staff { pins: given, rejections, .. } =
        staff::read_pins(&name, &bytes.with_context(|| name.clone())?)?;
    let Staff { clinicians: people, rejections: bad_staff, .. } = ward::read_staff(&config.staff)?;
    let (known, unknown): (Vec<_>, Vec<_>) =
        given.into_iter().partition(|(id, _)| people.iter().any(|person| person.id == *id));
    let secret = device_secret(&config.ledger)
        .context("PINs are hashed with the device's key: make the ledger first with `ledger init`")?;
    let mut hashes = match pin::file::read(path, &secret) {
        Ok(hashes) => hashes,
        Err(PinFileError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => Hashes::new(),
        // Under another key they are worth nothing to anybody.
        Err(error @ PinFileError::OtherDevice(_)) => {
            println!("{error}; it is made anew, with the PINs of this table alone");
            Hashes::new()
        }
        Err(error @ (PinFileError::Io { .. } | PinFileError::Malformed { .. })) => return Err(error.into()),
    };
    // Who does not work here any more leaves no hash behind; a line that cannot be read may be anybody's.
    if bad_staff.is_empty() {
        hashes.retain(|id, _| people.iter().any(|person| person.id == *id));
    }
    let set = ward::hash_pins(&known, &secret, Cost::Device, salt)?.into_hashes();
    let count = set.len();
    hashes.extend(set);
    pin::file::write(path, &secret, &hashes)?;
    for rejection in rejections.iter().chain(&bad_staff) {
        println!("not taken over: {rejection}");
    }
    for (id, _) in &unknown {
        println!("not taken over: {name}: {id} is not in {}", config.staff.staff.display());
    }
    let and_remove = if name == "-" { "" } else { "; no PIN may stay in the clear in the table" };
    println!("{}: {count} PINs set, {} in all; restart the kiosk{and_remove}", path.display(), hashes.len());
    Ok(rejections.is_empty() && bad_staff.is_empty() && unknown.is_empty())
}

/// Whether who works here has a PIN, and none stands in the clear where they are kept hashed.
pub(crate) fn check(config: &Config, ward: &Ward) -> anyhow::Result<bool> {
    let staff = config.staff.staff.display();
    let (file, have): (_, BTreeSet<ClinicianId>) = match &config.pins {
        Some(path) => (path, pin::file::read(path, &device_secret(&config.ledger)?)?.into_keys().collect()),
        None => (&config.staff.staff, ward.pins.iter().map(|(id, _)| id.clone()).collect()),
    };
    match (&config.pins, ward.pins.is_empty()) {
        (_, true) => {}
        (Some(_), false) => println!("{}", in_the_clear(config)),
        (None, false) => println!(
            "{staff}: PINs in the clear; name a file `pins` and use `kiosk set-pins` to keep only hashes"
        ),
    }
    let people = ward.chart.clinicians.iter().map(|person| &person.id);
    let without: Vec<&str> = people.filter(|id| !have.contains(*id)).map(ClinicianId::as_str).collect();
    if !without.is_empty() {
        let remedy = if config.pins.is_none() { "; name a file `pins` and use `kiosk set-pins`" } else { "" };
        println!("{}: no PIN for {}{remedy}", file.display(), without.join(", "));
    }
    Ok(ward.pins.is_empty() && without.is_empty())
}
