//! A kiosk without a ledger and without a window: what a person does at it, a second apart, and what comes of it.

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use kiosk::codes::Codes;
use kiosk::device::{Device, Output, Site};
use kiosk::model::{Act, Model};
use kiosk::pin::Cost;
use kiosk::reading::taps;
use kiosk::view::{CameraState, Surroundings, Technical};
use kiosk::ward::{self, OrderFiles, StaffFiles, Ward, WardFiles};
use rights::bedside::Tone;
use rights::chart::Chart;
use rights::ident::WardId;
use rights::moment::{ClockTrust, Moment};
use scanner::interpret::Interpreter;
use scanner::site::SiteFormats;

pub(crate) struct Bed {
    pub(crate) device: Device,
    pub(crate) orders: Chart,
    codes: Codes,
    interpreter: Interpreter,
    zone: TimeZone,
    at: Timestamp,
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/ward-3b")
}

fn load(zone: &TimeZone, at: Timestamp) -> Ward {
    let folder = fixtures();
    let files = WardFiles {
        orders: OrderFiles { orders: vec![folder.join("orders/ward-3b.json")], drugs: folder.join("drugs") },
        staff: StaffFiles { staff: folder.join("staff.csv"), policy: None },
    };
    ward::load(&files, zone, zone.to_datetime(at).date()).unwrap()
}

impl Bed {
    /// Signed on at this time, with orders that differ from the ward's.
    pub(crate) fn with(start: &str, change: impl FnOnce(&mut Chart)) -> Self {
        let (zone, at) = (ward::zone("America/New_York").unwrap(), start.parse().unwrap());
        let mut loaded = load(&zone, at);
        change(&mut loaded.chart);
        loaded.chart.orders_as_of = Some(at);
        let pins = ward::hash_pins(&loaded.pins, b"bed", Cost::Demo, || [1; 16]).unwrap();
        let site = Site {
            ward: WardId::parse("3B").unwrap(),
            zone: zone.clone(),
            policy: loaded.policy,
            formulary: loaded.formulary,
            alone: true,
        };
        let surroundings = Surroundings {
            place: "3B · bed".into(),
            camera: CameraState::Pictures,
            mode: None,
            night: None,
            technical: Technical::starting("demo.example/3b/bed/g1"),
        };
        let orders = loaded.chart.clone();
        let device = Device::new(site, loaded.chart, pins, surroundings, Box::new(|| [7; 16]));
        let interpreter = Interpreter::new(SiteFormats::default(), 2026);
        let codes = Codes::read(&fixtures().join("codes.csv")).unwrap();
        let mut bed = Self { device, orders, codes, interpreter, zone, at };
        bed.scan("badge-alvarez");
        bed.types("2468");
        bed
    }

    pub(crate) fn at(start: &str) -> Self {
        Self::with(start, |_| {})
    }

    fn now(&self) -> Moment {
        let clock = ClockTrust::Known(SignedDuration::ZERO);
        Moment { at: self.at, offset: self.zone.to_offset(self.at), clock }
    }

    pub(crate) fn screen(&self) -> Model {
        self.device.view(self.now())
    }

    /// A second later, and a kiosk that runs has seen it pass.
    pub(crate) fn later(&mut self) {
        self.at += SignedDuration::from_secs(1);
        let _ = self.device.tick(self.now());
    }

    /// At once: before the kiosk looks at what it heard.
    pub(crate) fn act(&mut self, act: Act) -> Vec<Tone> {
        tones(self.device.act(act, self.now()))
    }

    pub(crate) fn scan(&mut self, code: &str) -> Vec<Tone> {
        self.later();
        let scan = self.interpreter.hand_scan(&self.codes.get(code).unwrap().as_hand_scan());
        tones(self.device.scan(scan, self.now()))
    }

    pub(crate) fn keys(&mut self, keys: &str) {
        for key in keys.chars() {
            self.act(Act::Key(key));
        }
    }

    pub(crate) fn types(&mut self, keys: &str) -> Vec<Tone> {
        self.later();
        self.keys(keys);
        self.act(Act::Enter)
    }

    /// What can be tapped that begins so.
    pub(crate) fn find(&self, label: &str) -> Act {
        let all = taps(&self.screen());
        let found = all.iter().find(|(known, _)| known.starts_with(label));
        found.unwrap_or_else(|| panic!("no \"{label}\" among {all:?}")).1.clone()
    }

    pub(crate) fn tap(&mut self, label: &str) -> Vec<Tone> {
        self.later();
        let act = self.find(label);
        self.act(act)
    }

    pub(crate) fn writes(&mut self, note: &str) {
        self.act(Act::Note(note.into()));
    }
}

fn tones(outputs: Vec<Output>) -> Vec<Tone> {
    let tone = |output| if let Output::Sound(tone) = output { Some(tone) } else { None };
    outputs.into_iter().filter_map(tone).collect()
}
