//! A ward with enough to do: every patient of the demo ward gets the same packages at the same times, over and over.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Time;
use kiosk::device::{Device, Site};
use kiosk::pin::Cost;
use kiosk::recorder::Recorder;
use kiosk::view::{CameraState, Mode, Surroundings, Technical};
use kiosk::ward::{self, OrderFiles, StaffFiles, Ward, WardFiles};
use ledger::clock::ClockEvidence;
use rights::ident::{ProductId, RequestId, WardId};
use rights::request::{DoseOrder, Request};
use rights::schedule::Timing;

use crate::robot::Visit;

/// Wristband and year of birth. Near names are asked for the year (P7); one patient may not eat (C5).
const BEDS: [(&str, &str, &str); 11] = [
    ("band-garcia-maria", "garcia-maria", "1951"),
    ("band-garcia-mariah", "garcia-mariah", "1957"),
    ("band-kowalski", "kowalski", "1944"),
    ("band-okafor", "okafor", "1968"),
    ("band-thornton", "thornton", "1979"),
    ("band-tran", "tran", "1990"),
    ("band-nilsson", "nilsson", "1949"),
    ("band-reyes", "reyes", "1959"),
    ("band-ferreira", "ferreira", "1972"),
    ("band-adeyemi", "adeyemi", "1964"),
    ("band-appleseed", "appleseed", "1962"),
];

/// Packages without a serial number, which can be scanned at every bed, and the item of the drug file that they hold.
const PACKAGES: [(&str, &str); 6] = [
    ("pkg-loxapine-upc", "loxapine-5mg-cap"),
    ("pkg-ondansetron", "ondansetron-4mg-tab"),
    ("pkg-metformin", "metformin-500mg-tab"),
    ("pkg-amlodipine", "amlodipine-5mg-tab"),
    ("pkg-levothyroxine", "levothyroxine-0.1mg-tab"),
    ("pkg-furosemide", "furosemide-40mg-tab"),
];

pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/ward-3b")
}

/// The demo ward on its morning.
pub(crate) fn load(start: Timestamp) -> Ward {
    let folder = fixtures();
    let zone = ward::zone("America/New_York").unwrap();
    let files = WardFiles {
        orders: OrderFiles {
            orders: vec![folder.join("orders/ward-3b.json"), folder.join("orders/onc-36.json")],
            drugs: folder.join("drugs"),
        },
        staff: StaffFiles { staff: folder.join("staff.csv"), policy: None },
    };
    ward::load(&files, &zone, zone.to_datetime(start).date()).unwrap()
}

/// Replaces the orders by the same six drugs at each of these times of day for every patient.
pub(crate) fn busy(ward: &mut Ward, times: &[Time], start: Timestamp) {
    let pattern =
        ward.chart.requests.iter().find(|r| r.id.as_str() == "mr-kowalski-lisinopril").unwrap().clone();
    let mut requests = Vec::new();
    for patient in &mut ward.chart.patients {
        for (_, item) in PACKAGES {
            let product = ward.formulary.product(&ProductId::parse(item).unwrap()).unwrap();
            let mut drug = pattern.drug.clone();
            drug.item = Some(product.id.clone());
            drug.name.clone_from(&product.name);
            drug.form = product.form;
            drug.release = product.release;
            drug.ingredients = product.strengths.iter().map(|inside| inside.ingredient.clone()).collect();
            requests.push(Request {
                id: RequestId::parse(&format!("mr-{}-{item}", patient.id)).unwrap(),
                patient: patient.id.clone(),
                drug,
                dose: DoseOrder::Exact(product.strengths[0].amount),
                timing: Timing::Daily { times: times.to_vec(), weekdays: Vec::new(), every_days: 1 },
                start,
                ..pattern.clone()
            });
        }
    }
    ward.chart.requests = requests;
}

/// One round over every bed.
pub(crate) fn round(extra: bool) -> Vec<Visit> {
    BEDS.iter()
        .map(|(band, _, year)| {
            let mut packages: Vec<String> =
                PACKAGES.iter().map(|(package, _)| (*package).to_owned()).collect();
            let mut not_given = Vec::new();
            if extra {
                // From the wrong drawer: expired, recalled, unknown, somebody else's, a chart label.
                packages.extend(
                    [
                        "pkg-lisinopril-expired",
                        "pkg-metformin-recalled",
                        "pkg-unknown",
                        "dose-cefoxitin",
                        "pkg-glargine",
                    ]
                    .map(String::from),
                );
                packages.truncate(if band.ends_with("kowalski") {
                    packages.len()
                } else {
                    PACKAGES.len() - 1
                });
                if !band.ends_with("kowalski") {
                    not_given.push(["Refused", "Held", "Missing", "Not given"][band.len() % 4].to_owned());
                }
            }
            Visit {
                band: (*band).to_owned(),
                birth_year: (*year).to_owned(),
                packages: packages.into(),
                not_given: not_given.into(),
            }
        })
        .collect()
}

/// The only kiosk of this ward, with a new ledger.
pub(crate) fn kiosk(ward: Ward, ledger: &Path, clock: &ClockEvidence) -> (Device, Recorder) {
    kiosk_of(ward, ledger, clock, true)
}

/// A kiosk of this ward, the only one or one of several, with a new ledger.
pub(crate) fn kiosk_of(ward: Ward, ledger: &Path, clock: &ClockEvidence, alone: bool) -> (Device, Recorder) {
    let origin = "demo.example/3b/shift/g1";
    let recorder = Recorder::open(ledger, origin, true, &ward.policy, clock).unwrap();
    let pins = ward::hash_pins(&ward.pins, b"shift", Cost::Demo, || [1; 16]).unwrap();
    let site = Site {
        ward: WardId::parse("3B").unwrap(),
        zone: ward::zone("America/New_York").unwrap(),
        policy: ward.policy,
        formulary: ward.formulary,
        alone,
    };
    let surroundings = Surroundings {
        place: "3B · shift".into(),
        camera: CameraState::Pictures,
        mode: Some(Mode::Demo),
        night: None,
        technical: Technical::starting(origin),
    };
    let mut count = 0_u64;
    let random = Box::new(move || {
        count += 1;
        let mut bytes = [7; 16];
        bytes[8..].copy_from_slice(&count.to_be_bytes());
        bytes
    });
    (Device::new(site, ward.chart, pins, surroundings, random), recorder)
}
