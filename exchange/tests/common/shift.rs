//! A real ledger with real entries: a small shift through the bedside, since nothing else can make an entry.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use exchange::site::Site;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use ledger::clock::ClockEvidence;
use ledger::init::{InitOptions, init};
use ledger::ledger::{Ledger, OpenOptions};
use rights::bedside::{Bedside, Charted, Effect, Event, NotGiven, Phase, PinOutcome, World};
use rights::case::{Answer, Choice, Contact, ContactRole, Entered};
use rights::chart::Chart;
use rights::claims::Grant;
use rights::follow_up::Act;
use rights::history::{Administration, Outcome};
use rights::ident::{
    BadgeId, BandSerial, ClinicianId, Lot, Mrn, PatientId, PersonName, ReasonCode, RequestId, WardId,
};
use rights::moment::{ClockTrust, Moment};
use rights::person::{Clinician, Role};
use rights::policy::Policy;
use rights::product::Formulary;
use rights::quantity::Quantity;
use rights::rate::{Rate, RateOrder, RateTime};
use rights::scan::{
    Badge, Meaning, NdcDigits, PackageCode, PackageKey, PrintedExpiry, Scan, Source, Symbology, Wristband,
};
use rights::schedule::Timing;
use rights::verdict::Class;

pub const ORIGIN: &str = "hospital.example/3b/kiosk-03/g1";

pub struct Shift {
    pub chart: Chart,
    pub formulary: Formulary,
    pub bedside: Bedside,
    pub now: Timestamp,
    pub ledger: Option<Ledger>,
    pub folder: PathBuf,
    /// The lot of the tablets.
    pub lot: Lot,
    /// Whether their code holds it.
    pub prints_lot: bool,
    zone: TimeZone,
    ward: WardId,
    policy: Arc<Policy>,
    sessions: u8,
    /// Whether entries are recorded; an entry that waits is kept by the bedside as "saving".
    pub recorded: usize,
}

impl Shift {
    /// A new ledger in `folder`, and a nurse; patients and orders are those of the site.
    pub fn new(folder: &Path, site: Site, now: Timestamp, zone: TimeZone) -> Self {
        let clock = ClockEvidence::of_moment(moment(now));
        init(folder, &InitOptions::new(ORIGIN), &clock).unwrap();
        let ledger = Ledger::open(folder, &OpenOptions::default(), &clock).unwrap();
        let mut chart = site.chart;
        chart.orders_as_of = Some(now);
        chart.clinicians = vec![Clinician {
            id: ClinicianId::parse("rn-77").unwrap(),
            name: PersonName::parse("Nurse, Nancy").unwrap(),
            role: Role::Nurse,
            badge: Some(BadgeId::parse("B77").unwrap()),
            gsrn: None,
        }];
        Self {
            chart,
            formulary: site.formulary,
            bedside: Bedside::new(),
            now,
            ledger: Some(ledger),
            folder: folder.to_owned(),
            lot: Lot::parse("LOT123").unwrap(),
            prints_lot: true,
            zone,
            ward: WardId::parse("3B").unwrap(),
            policy: Arc::default(),
            sessions: 0,
            recorded: 0,
        }
    }

    pub fn handle(&mut self, event: Event) {
        self.now += SignedDuration::from_millis(500);
        let world = World {
            now: moment(self.now),
            zone: &self.zone,
            ward: &self.ward,
            policy: &self.policy,
            formulary: &self.formulary,
            chart: &self.chart,
        };
        for effect in self.bedside.handle(event, &world) {
            match effect {
                Effect::Record(entry) => {
                    let clock = ClockEvidence::of_moment(moment(self.now));
                    let appended = self.ledger.as_mut().unwrap().append(&entry, &clock).unwrap();
                    if let Some(done) = entry.detached().and_then(|detached| detached.record.clone()) {
                        self.recorded += usize::from(done.administration().is_some());
                        self.chart.learn(done);
                    }
                    self.handle(Event::Recorded(appended.receipt().recorded()));
                }
                // No other kiosk gives here.
                Effect::Claim(claim) => self.handle(Event::Claimed(claim.entry, Grant::Alone)),
                Effect::Release(_) | Effect::AskPin(_) | Effect::Sound(_) => {}
            }
        }
    }

    pub fn sign_on(&mut self) {
        self.handle(Event::SignOff);
        let badge = Meaning::Badge(Badge::Site(BadgeId::parse("B77").unwrap()));
        self.handle(Event::Scanned(scan("BG-B77", badge)));
        self.sessions += 1;
        self.handle(Event::PinChecked { outcome: PinOutcome::Accepted, session: [self.sessions; 16] });
    }

    pub fn identify(&mut self, mrn: &str) {
        let band = Wristband::Site { mrn: Mrn::parse(mrn).unwrap(), serial: BandSerial::parse("7").unwrap() };
        self.handle(Event::Scanned(scan(&format!("WB-{mrn}-7"), Meaning::Wristband(band))));
        // P7: the patients of the tests have the same name, so the birth year tells them apart.
        let identified = self.bedside.patient().and_then(|identified| self.chart.patient(&identified.id));
        if let Some(year) = identified.map(|patient| patient.birth_date.year()) {
            self.handle(Event::Enter(Entered::BirthYear(year)));
        }
    }

    /// A metoprolol tablet of the tests' drug file, with expiry and, where it is printed, lot.
    pub fn scan_package(&mut self) {
        let code = PackageCode {
            key: PackageKey::Ndc(NdcDigits::parse("68084004501").unwrap()),
            expiry: Some(PrintedExpiry::Day(jiff::civil::date(2027, 9, 30))),
            lot: self.prints_lot.then(|| self.lot.clone()),
            serial: None,
        };
        self.handle(Event::Scanned(scan("68084004501", Meaning::Package(code))));
    }

    /// Answers whatever is asked with this reason, and confirms.
    pub fn answer_and_confirm(&mut self, reason: &str) {
        let asked: Vec<_> = match self.bedside.phase() {
            Phase::Dose(dose) => {
                dose.verdict.questions().map(|finding| (finding.check, finding.class)).collect()
            }
            _ => Vec::new(),
        };
        for (check, class) in asked {
            let coded = class != Class::Acknowledge;
            self.handle(Event::Answer(Answer {
                check,
                reason: coded.then(|| ReasonCode::parse(reason).unwrap()),
                note: None,
                contact: (class == Class::SoftContact)
                    .then_some(Contact { who: ContactRole::Pharmacist, at: self.now }),
            }));
        }
        self.handle(Event::Confirm);
        self.handle(Event::Continue);
    }

    pub fn give(&mut self, mrn: &str, request: &str, slot: Timestamp) {
        self.identify(mrn);
        self.scan_package();
        let request = self.chart.request(&RequestId::parse(request).unwrap()).unwrap();
        let choice = Choice { request: request.id.clone(), version: request.version, slot: Some(slot) };
        self.handle(Event::Choose(choice));
        self.answer_and_confirm("workload");
    }

    pub fn not_given(&mut self, mrn: &str, request: &str, slot: Timestamp, outcome: Outcome, reason: &str) {
        self.identify(mrn);
        let request = self.chart.request(&RequestId::parse(request).unwrap()).unwrap();
        let choice = Choice { request: request.id.clone(), version: request.version, slot: Some(slot) };
        let reason = ReasonCode::parse(reason).unwrap();
        self.handle(Event::ChartNotGiven(NotGiven { choice, outcome, reason, note: None }));
        self.handle(Event::Continue);
    }

    /// Makes the first order a continuous one, and starts it.
    pub fn infuse(&mut self, mrn: &str) -> Administration {
        let rate =
            Rate { amount: Quantity::parse("10 mL").unwrap(), per: RateTime::Hour, per_kilogram: false };
        let request = &mut self.chart.requests[0];
        request.timing = Timing::Continuous;
        request.rate = Some(RateOrder::Exact(rate));
        let choice = Choice { request: request.id.clone(), version: request.version, slot: None };
        self.sign_on();
        self.identify(mrn);
        self.scan_package();
        self.handle(Event::Choose(choice));
        self.handle(Event::Enter(Entered::PumpRate(rate)));
        self.answer_and_confirm("workload");
        let started = self.chart.history.last().unwrap().clone();
        assert_eq!(started.rate, Some(rate));
        started
    }

    /// A charge nurse takes over and charts what followed a dose.
    pub fn charge_nurse_charts(&mut self, mrn: &str, of: &Administration, act: Act, note: Option<&str>) {
        let badge = BadgeId::parse("B88").unwrap();
        let id = ClinicianId::parse("rn-88").unwrap();
        if self.chart.clinicians.iter().all(|known| known.id != id) {
            let nurse = self.chart.clinicians[0].clone();
            let badge = Some(badge.clone());
            self.chart.clinicians.push(Clinician { id, role: Role::ChargeNurse, badge, ..nurse });
        }
        self.handle(Event::SignOff);
        self.handle(Event::Scanned(scan("BG-B88", Meaning::Badge(Badge::Site(badge)))));
        self.sessions += 1;
        self.handle(Event::PinChecked { outcome: PinOutcome::Accepted, session: [self.sessions; 16] });
        self.identify(mrn);
        let reason = if act == Act::EnteredInError { "not-taken" } else { "order-stopped" };
        let reason = Some(ReasonCode::parse(reason).unwrap());
        let note = note.map(str::to_owned);
        self.handle(Event::Chart(Charted { of: of.entry.unwrap(), act, reason, note }));
        self.handle(Event::Continue);
    }

    pub fn patient(&self, mrn: &str) -> PatientId {
        self.chart.patients.iter().find(|patient| patient.mrn.as_str() == mrn).unwrap().id.clone()
    }
}

fn moment(at: Timestamp) -> Moment {
    Moment { at, offset: Offset::constant(-5), clock: ClockTrust::Known(SignedDuration::ZERO) }
}

pub fn scan(text: &str, meaning: Meaning) -> Scan {
    Scan { symbology: Some(Symbology::DataMatrix), source: Source::Camera, text: text.into(), meaning }
}
