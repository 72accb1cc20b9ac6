//! `exchange.toml` as it is written, before anything of it is checked.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;

use crate::station::RawStation;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawConfig {
    pub(super) store: PathBuf,
    pub(super) zone: String,
    pub(super) http: Option<SocketAddr>,
    pub(super) keep_messages: Option<u64>,
    #[serde(default)]
    pub(super) hl7: RawHl7,
    #[serde(default)]
    pub(super) mllp: Vec<RawMllp>,
    #[serde(default)]
    pub(super) fhir: Vec<RawFhir>,
    pub(super) outbox: Option<RawOutbox>,
    pub(super) station: Option<RawStation>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHl7 {
    pub(super) mrn_type: Option<String>,
    pub(super) mrn_authority: Option<String>,
    pub(super) gsrn_type: Option<String>,
    pub(super) band_type: Option<String>,
    pub(super) processing: Option<String>,
    pub(super) formulary: Option<Vec<String>>,
    pub(super) allergy_class: Option<Vec<String>>,
    pub(super) ingredient: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMllp {
    pub(super) name: String,
    pub(super) listen: SocketAddr,
    pub(super) certificate: Option<PathBuf>,
    pub(super) key: Option<PathBuf>,
    pub(super) clients: Option<PathBuf>,
    pub(super) silent_after_min: Option<u32>,
    pub(super) most_bytes: Option<usize>,
    pub(super) most_connections: Option<usize>,
    pub(super) frame_within_s: Option<u64>,
    pub(super) idle_within_s: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFhir {
    pub(super) name: String,
    pub(super) url: String,
    pub(super) ca: Option<PathBuf>,
    pub(super) auth: Option<RawAuth>,
    pub(super) every_s: Option<u64>,
    pub(super) timeout_s: Option<u64>,
    pub(super) silent_after_min: Option<u32>,
    pub(super) census: Option<String>,
    pub(super) orders: Option<String>,
    pub(super) allergies: Option<String>,
    pub(super) observations: Option<String>,
    pub(super) administrations: Option<String>,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAuth {
    pub(super) token_url: String,
    pub(super) client_id: String,
    pub(super) key: PathBuf,
    pub(super) key_id: String,
    pub(super) scope: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOutbox {
    pub(super) ledger: PathBuf,
    pub(super) look_every_s: Option<u64>,
    #[serde(default)]
    pub(super) hl7: Vec<RawHl7Target>,
    #[serde(default)]
    pub(super) fhir: Vec<RawFhirTarget>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHl7Target {
    pub(super) name: String,
    pub(super) address: String,
    pub(super) application: Option<String>,
    pub(super) facility: Option<String>,
    pub(super) to_application: Option<String>,
    pub(super) to_facility: Option<String>,
    pub(super) ca: Option<PathBuf>,
    pub(super) certificate: Option<PathBuf>,
    pub(super) key: Option<PathBuf>,
    pub(super) timeout_s: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFhirTarget {
    pub(super) name: String,
    pub(super) url: String,
    pub(super) mrn_system: String,
    pub(super) audit: Option<bool>,
    pub(super) ca: Option<PathBuf>,
    pub(super) auth: Option<RawAuth>,
    pub(super) timeout_s: Option<u64>,
}

impl std::fmt::Debug for RawHl7Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}

impl std::fmt::Debug for RawFhirTarget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}
