//! What a site decides about reading orders: its zone, its tables, and the systems its identifiers stand under.

use jiff::tz::TimeZone;

use crate::frequency::FrequencyTable;
use crate::indications::IndicationTable;
use crate::meals::MealTable;
use crate::observations::ObservationTable;
use crate::routes::RouteTable;
use crate::units::UnitTable;

/// Everything that reading an order depends on beside the order and the drug file.
#[derive(Clone, Debug)]
pub struct SiteRules {
    /// The site's zone: dates without a time are local days.
    pub zone: TimeZone,
    /// Frequency codes.
    pub frequencies: FrequencyTable,
    /// Meal and sleep times.
    pub meals: MealTable,
    /// Route codes.
    pub routes: RouteTable,
    /// Codes of vital signs and laboratory values.
    pub observations: ObservationTable,
    /// Codes of the reasons of as-needed orders.
    pub indications: IndicationTable,
    /// Unit aliases.
    pub units: UnitTable,
    /// Identifier systems.
    pub systems: Systems,
    /// The origin of the ledger whose doses are known without being told: what comes back of them from a server is not counted
    /// again. Doses of every other ledger, another kiosk's too, count.
    pub own_ledger: Option<String>,
}

/// Under which systems the site's identifiers stand in FHIR.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Systems {
    /// The medical record number on wristbands.
    pub mrn: String,
    /// The GSRN on wristbands.
    pub gsrn: String,
    /// The ward's code on a Location.
    pub ward: String,
    /// Item ids of the drug file.
    pub formulary: String,
    /// Allergy classes of the drug file.
    pub allergy_class: String,
    /// Ingredients of the drug file.
    pub ingredient: String,
    /// Dose ids on labels of our pharmacy.
    pub dose_id: String,
    /// What holds for a patient, such as `nil-by-mouth`.
    pub flag: String,
}

impl Default for Systems {
    fn default() -> Self {
        Self {
            mrn: "urn:bcma:mrn".into(),
            gsrn: "https://www.gs1.org/gsrn".into(),
            ward: "urn:bcma:ward".into(),
            formulary: "urn:bcma:formulary".into(),
            allergy_class: "urn:bcma:allergy-class".into(),
            ingredient: "urn:bcma:ingredient".into(),
            dose_id: "urn:bcma:dose-id".into(),
            flag: "urn:bcma:flag".into(),
        }
    }
}

/// A site without a named zone cannot place a local time, so the zone is the one thing that has no default.
impl SiteRules {
    /// The demo site's tables in this zone.
    pub fn new(zone: TimeZone) -> Self {
        Self {
            zone,
            frequencies: FrequencyTable::default(),
            meals: MealTable::default(),
            routes: RouteTable::default(),
            observations: ObservationTable::default(),
            indications: IndicationTable::default(),
            units: UnitTable::default(),
            systems: Systems::default(),
            own_ledger: None,
        }
    }
}
