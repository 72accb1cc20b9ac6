//! The ward of the tests: a few people, a drug file that each test fills, a clock that each test sets, and a driver that carries
//! out what the bedside asks against a ledger in memory.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part of the ward")]

pub mod life;

use jiff::civil::{Date, DateTime, Time, Weekday, date, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rights::amount::Amount;
use rights::bedside::{
    Bedside, DoseInHand, Effect, Event, NotGiven, Phase, PinOutcome, Second, Step, Tone, Waste, World,
};
use rights::case::{Answer, Choice, Contact, ContactRole, Taken};
use rights::chart::Chart;
use rights::check_digit;
use rights::claims::{Claim, Grant};
use rights::custody::{InCustody, in_custody};
use rights::entered::{Entered, Observation};
use rights::entry::{Entry, EntryKind, IdempotencyKey, Recorded};
use rights::history::{Administration, DispensedDose, Outcome, PackageIdentity};
use rights::ident::*;
use rights::moment::{ClockTrust, Moment};
use rights::person::{Admission, Allergen, Allergy, Clinician, Flags, Patient, Role};
use rights::policy::Policy;
use rights::product::{Divisible, Form, Formulary, Marks, Product, Release, Route, Strength};
use rights::quantity::Quantity;
use rights::request::{Conditions, DoseOrder, OrderedDrug, Request, RequestStatus};
use rights::scan::{
    Badge, Meaning, PackageCode, PackageKey, PrintedExpiry, Scan, Source, Symbology, Wristband,
};
use rights::schedule::{AsNeeded, Timing};
use rights::verdict::{Check, Class, Finding, Variance, Verdict, Why};
use rights::witness::Blind;

/// Local time of New York by the rule of 2007; this crate carries no time-zone database.
pub fn new_york() -> TimeZone {
    TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").unwrap()
}

/// An instant: `2026-06-10 09:00` local, or RFC 3339 in UTC with a `Z`.
pub fn at(text: &str) -> Timestamp {
    if text.ends_with('Z') {
        return text.parse().unwrap();
    }
    let local: DateTime = text.replace(' ', "T").parse().unwrap();
    new_york().to_ambiguous_timestamp(local).earlier().unwrap()
}

/// Wednesday, an ordinary day: `09:00` and so on.
pub fn today(clock: &str) -> Timestamp {
    at(&format!("2026-06-10 {clock}"))
}

pub fn q(text: &str) -> Quantity {
    Quantity::parse(text).unwrap()
}

pub fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

pub fn patient_id(id: &str) -> PatientId {
    PatientId::parse(id).unwrap()
}

fn patient(id: &str, mrn: &str) -> Patient {
    Patient {
        id: patient_id(id),
        // Nobody could be taken for the other one (P7).
        name: PersonName::parse(if id == "p1" { "Testwell, Adelheid" } else { "Mockford, Bo" }).unwrap(),
        mrn: Mrn::parse(mrn).unwrap(),
        gsrn: None,
        band_serial: Some(BandSerial::parse("2").unwrap()),
        birth_date: if id == "p1" { date(1951, 4, 3) } else { date(1962, 11, 30) },
        admission: Admission::Admitted,
        ward: Some(WardId::parse("3B").unwrap()),
        bed: None,
        allergies: Vec::new(),
        flags: Flags::default(),
        merged_into: None,
    }
}

/// A tablet of one ingredient, whole only, by mouth.
pub fn tablet(id: &str, ingredient: &str, strength: &str) -> Product {
    Product {
        id: ProductId::parse(id).unwrap(),
        name: ingredient.into(),
        tall_man: None,
        brand: None,
        form: Form::Tablet,
        release: Release::Immediate,
        strengths: vec![self::strength(ingredient, strength)],
        per: q("1 {tablet}"),
        package: q("1 {tablet}"),
        divisible: Divisible::No,
        routes: vec![Route::Oral],
        high_alert: false,
        controlled: None,
        allergy_classes: Vec::new(),
        look_alike: Vec::new(),
        marks: Marks::default(),
    }
}

/// A liquid to drink: so much in a millilitre, so many millilitres in the bottle.
pub fn liquid(id: &str, ingredient: &str, in_one_ml: &str, bottle: &str) -> Product {
    Product {
        form: Form::OralSolution,
        per: q("1 mL"),
        package: q(bottle),
        divisible: Divisible::Volume,
        ..tablet(id, ingredient, in_one_ml)
    }
}

/// A vial for injection.
pub fn vial(id: &str, ingredient: &str, in_one_ml: &str, volume: &str, routes: &[Route]) -> Product {
    Product { form: Form::Injection, routes: routes.to_vec(), ..liquid(id, ingredient, in_one_ml, volume) }
}

pub fn strength(ingredient: &str, amount: &str) -> Strength {
    Strength { ingredient: Ingredient::parse(ingredient).unwrap(), amount: q(amount) }
}

/// A verified request of patient `p1` for what this product is, daily at 09:00 since a week ago.
pub fn order(id: &str, product: &Product, dose: &str) -> Request {
    Request {
        id: RequestId::parse(id).unwrap(),
        version: 1,
        patient: patient_id("p1"),
        status: RequestStatus::Active,
        status_since: None,
        verified: Some(at("2026-06-03 08:00")),
        drug: OrderedDrug {
            name: product.name.clone(),
            item: Some(product.id.clone()),
            ingredients: product.ingredients().into_iter().cloned().collect(),
            form: product.form,
            release: product.release,
        },
        dose: DoseOrder::Exact(q(dose)),
        route: product.routes[0],
        alternate_routes: Vec::new(),
        timing: daily(&[9]),
        start: at("2026-06-03 08:00"),
        stop: None,
        time_critical: false,
        daily_maximum: None,
        allergy_accepted: None,
        rate: None,
        bolus: None,
        patch_worn: None,
        prescriber: None,
        instruction: None,
        source_sha256: [0; 32],
        conditions: Conditions::default(),
    }
}

/// Every day at these hours.
pub fn daily(hours: &[i8]) -> Timing {
    Timing::Daily {
        times: hours.iter().map(|hour| time(*hour, 0, 0, 0)).collect(),
        weekdays: Vec::new(),
        every_days: 1,
    }
}

pub fn weekly(weekdays: &[Weekday], hour: i8) -> Timing {
    Timing::Daily { times: vec![time(hour, 0, 0, 0)], weekdays: weekdays.to_vec(), every_days: 1 }
}

pub fn every_hours(hours: u32) -> Timing {
    Timing::Every { minutes: hours * 60 }
}

pub fn as_needed(minimum_hours: Option<i64>, most_per_day: Option<u16>) -> Timing {
    Timing::AsNeeded(AsNeeded {
        minimum_interval: minimum_hours.map(SignedDuration::from_hours),
        most_per_day,
        reasons: vec!["pain".into()],
    })
}

/// Patients, drug file, orders, history and clock.
pub struct Ward {
    pub now: Timestamp,
    pub clock: ClockTrust,
    pub zone: TimeZone,
    pub place: WardId,
    pub policy: Policy,
    pub formulary: Formulary,
    pub chart: Chart,
}

impl Ward {
    /// Two patients and a nurse at 09:00; nothing is ordered, the drug file is empty.
    pub fn new() -> Self {
        let clinician = |id: &str, role| Clinician {
            id: ClinicianId::parse(id).unwrap(),
            name: PersonName::parse(id).unwrap(),
            role,
            badge: Some(BadgeId::parse(&format!("badge-{id}")).unwrap()),
            gsrn: None,
        };
        let chart = Chart {
            orders_as_of: Some(today("08:55")),
            patients: vec![patient("p1", "000117"), patient("p2", "000242")],
            clinicians: vec![
                clinician("n1", Role::Nurse),
                clinician("n2", Role::Nurse),
                clinician("ph1", Role::Pharmacist),
                clinician("s1", Role::Student),
            ],
            ..Chart::default()
        };
        Self {
            now: today("09:00"),
            clock: ClockTrust::Known(SignedDuration::ZERO),
            zone: new_york(),
            place: WardId::parse("3B").unwrap(),
            policy: Policy::default(),
            formulary: Formulary::default(),
            chart,
        }
    }

    /// With these products on the shelf and these requests.
    pub fn with(products: &[&Product], requests: &[Request]) -> Self {
        let mut ward = Self::new();
        for product in products {
            ward.stock(product);
        }
        ward.chart.requests = requests.to_vec();
        ward
    }

    /// Puts a product into the drug file under its own GTIN.
    pub fn stock(&mut self, product: &Product) {
        self.formulary.link(PackageKey::Gtin(gtin_of(&product.id)), product.id.clone());
        self.formulary.add(product.clone());
    }

    pub fn world(&self) -> World<'_> {
        World {
            now: Moment { at: self.now, offset: self.zone.to_offset(self.now), clock: self.clock },
            zone: &self.zone,
            ward: &self.place,
            policy: &self.policy,
            formulary: &self.formulary,
            chart: &self.chart,
        }
    }

    pub fn patient(&mut self, id: &str) -> &mut Patient {
        self.chart.patients.iter_mut().find(|patient| patient.id.as_str() == id).unwrap()
    }

    pub fn request(&mut self, id: &str) -> &mut Request {
        self.chart.requests.iter_mut().find(|request| request.id.as_str() == id).unwrap()
    }

    /// Charts a dose of a request as if another nurse had done it, with the whole ordered amount.
    pub fn charted(&mut self, request: &str, slot: Option<Timestamp>, outcome: Outcome, when: Timestamp) {
        let request = self.request(request).clone();
        let ingredients = match (outcome.entered_patient(), request.drug.ingredients.as_slice()) {
            (true, [one]) => vec![Strength { ingredient: one.clone(), amount: *request.dose.least() }],
            _ => Vec::new(),
        };
        self.chart.history.push(Administration {
            patient: request.patient.clone(),
            request: request.id.clone(),
            version: request.version,
            slot,
            outcome,
            at: when,
            by: ClinicianId::parse("n2").unwrap(),
            dose: outcome.entered_patient().then_some(*request.dose.least()),
            ingredients,
            route: Some(request.route),
            packages: Vec::new(),
            reason: None,
            note: None,
            entry: Some(self.elsewhere()),
            backdated: None,
            effect_due: None,
            rate: None,
            continues: None,
            grant: None,
            site: None,
            pain_score: None,
            witness: None,
            order_link_due: None,
        });
    }

    /// The key of an entry of another kiosk, a new one each time.
    fn elsewhere(&self) -> IdempotencyKey {
        let count = u32::try_from(self.chart.history.len() + self.chart.corrected.len()).unwrap();
        IdempotencyKey { session: [0xee; 16], count }
    }

    /// The pharmacy dispensed this dose for a patient.
    pub fn dispense(&mut self, id: &str, patient: &str, product: &Product) -> &mut DispensedDose {
        self.chart.dispensed.push(DispensedDose {
            id: DoseId::parse(id).unwrap(),
            patient: patient_id(patient),
            request: None,
            product: product.id.clone(),
            lot: None,
            beyond_use: None,
        });
        self.chart.dispensed.last_mut().unwrap()
    }
}

/// A GTIN-14 for a product, from its id.
pub fn gtin_of(product: &ProductId) -> Gtin14 {
    gtin(0, product.as_str().bytes().fold(7, |sum, byte| (sum * 31 + u64::from(byte)) % 1_000_000_000))
}

/// A GTIN-14 with this indicator digit.
pub fn gtin(indicator: u8, number: u64) -> Gtin14 {
    let body = format!("{indicator}003{number:09}");
    let check = char::from(check_digit::gs1(body.as_bytes()).unwrap());
    Gtin14::parse(&format!("{body}{check}")).unwrap()
}

pub fn scan_of(meaning: Meaning, text: &str) -> Scan {
    Scan { symbology: Some(Symbology::DataMatrix), source: Source::Camera, text: text.into(), meaning }
}

/// A wristband of patient `p1` or `p2` with this serial.
pub fn band_with(patient: &str, serial: &str) -> Scan {
    let mrn = if patient == "p1" { "000117" } else { "000242" };
    let band = Wristband::Site { mrn: Mrn::parse(mrn).unwrap(), serial: BandSerial::parse(serial).unwrap() };
    scan_of(Meaning::Wristband(band), "W")
}

/// The wristband that was issued last.
pub fn band(patient: &str) -> Scan {
    band_with(patient, "2")
}

pub fn badge(id: &str) -> Scan {
    scan_of(Meaning::Badge(Badge::Site(BadgeId::parse(&format!("badge-{id}")).unwrap())), "B")
}

/// What is printed on a package.
#[derive(Clone, Default)]
pub struct Printed {
    pub expiry: Option<PrintedExpiry>,
    pub lot: Option<&'static str>,
    pub serial: Option<&'static str>,
}

pub fn code(key: PackageKey, printed: &Printed) -> Scan {
    let code = PackageCode {
        key,
        expiry: printed.expiry,
        lot: printed.lot.map(|lot| Lot::parse(lot).unwrap()),
        serial: printed.serial.map(|serial| Serial::parse(serial).unwrap()),
    };
    scan_of(Meaning::Package(code), "P")
}

/// A package of this product without anything but its GTIN.
pub fn package(product: &Product) -> Scan {
    code(PackageKey::Gtin(gtin_of(&product.id)), &Printed::default())
}

/// A package with a serial number of its own.
pub fn package_no(product: &Product, serial: &'static str) -> Scan {
    code(PackageKey::Gtin(gtin_of(&product.id)), &Printed { serial: Some(serial), ..Printed::default() })
}

/// A dose label of our own pharmacy.
pub fn label(id: &str) -> Scan {
    scan_of(Meaning::Dose(DoseId::parse(id).unwrap()), "D")
}

pub fn observation(what: &str, value: &str, when: Timestamp) -> Observation {
    Observation { what: ObservationCode::parse(what).unwrap(), value: q(value), at: when }
}

pub fn site(code: &str) -> Entered {
    Entered::Site(SiteCode::parse(code).unwrap())
}

pub fn ingredient(name: &str) -> Ingredient {
    Ingredient::parse(name).unwrap()
}

pub fn answer(check: Check, reason: &str) -> Answer {
    Answer { check, reason: Some(ReasonCode::parse(reason).unwrap()), note: None, contact: None }
}

pub fn with_contact(answer: Answer, when: Timestamp) -> Answer {
    Answer { contact: Some(Contact { who: ContactRole::Prescriber, at: when }), ..answer }
}

/// The bedside with its ward and a ledger in memory.
pub struct Bench {
    pub ward: Ward,
    pub bedside: Bedside,
    /// Everything that was to be recorded, in order; also what could not be.
    pub entries: Vec<Entry>,
    pub tones: Vec<Tone>,
    /// Whether the ledger writes.
    pub disk_works: bool,
    /// Entries are kept unanswered while set; see [`Bench::receipts`].
    pub receipts_wait: bool,
    /// Claims are kept unanswered while set.
    pub hub_waits: bool,
    pub claims: Vec<Claim>,
    pub released: Vec<IdempotencyKey>,
    /// What the shell says to the next PINs; every other one is right.
    pub pins: Vec<PinOutcome>,
    waiting: Vec<Entry>,
    sessions: u8,
}

impl Bench {
    /// A locked kiosk on this ward.
    pub fn locked(ward: Ward) -> Self {
        Self {
            ward,
            bedside: Bedside::new(),
            entries: Vec::new(),
            tones: Vec::new(),
            disk_works: true,
            receipts_wait: false,
            hub_waits: false,
            claims: Vec::new(),
            released: Vec::new(),
            pins: Vec::new(),
            waiting: Vec::new(),
            sessions: 0,
        }
    }

    /// The nurse is signed on and the band of `p1` is scanned.
    pub fn at_bedside(ward: Ward) -> Self {
        let mut bench = Self::locked(ward);
        bench.sign_on("n1").scan(band("p1"));
        bench
    }

    /// One event and everything that it asks for.
    pub fn event(&mut self, event: Event) -> &mut Self {
        let effects = self.bedside.handle(event, &self.ward.world());
        for effect in effects {
            match effect {
                Effect::Record(entry) => {
                    self.entries.push(entry.clone());
                    if self.receipts_wait {
                        self.waiting.push(entry);
                    } else {
                        self.write(&entry, self.disk_works);
                    }
                }
                Effect::AskPin(_) => {
                    self.sessions += 1;
                    let session = [self.sessions; 16];
                    let outcome = self.pins.pop().unwrap_or(PinOutcome::Accepted);
                    self.event(Event::PinChecked { outcome, session });
                }
                Effect::Claim(claim) => {
                    let entry = claim.entry;
                    self.claims.push(claim);
                    if !self.hub_waits {
                        self.event(Event::Claimed(entry, Grant::Alone));
                    }
                }
                Effect::Release(entry) => self.released.push(entry),
                Effect::Sound(tone) => self.tones.push(tone),
            }
        }
        self
    }

    /// The ledger answers one entry.
    fn write(&mut self, entry: &Entry, works: bool) {
        if !works {
            self.event(Event::NotRecorded(entry.key()));
            return;
        }
        if let Some(record) = entry.detached().and_then(|detached| detached.record.clone()) {
            self.ward.chart.learn(record);
        }
        let recorded = Recorded { key: entry.key(), sequence: self.entries.len() as u64, at: entry.at().at };
        self.event(Event::Recorded(recorded));
    }

    /// The ledger answers what waits, each as told.
    pub fn receipts(&mut self, works: &[bool]) -> &mut Self {
        let waiting = std::mem::take(&mut self.waiting);
        assert_eq!(waiting.len(), works.len(), "so many entries wait");
        for (entry, works) in waiting.iter().zip(works) {
            self.write(entry, *works);
        }
        self
    }

    pub fn sign_on(&mut self, clinician: &str) -> &mut Self {
        self.scan(badge(clinician))
    }

    pub fn scan(&mut self, scan: Scan) -> &mut Self {
        self.event(Event::Scanned(scan))
    }

    pub fn answer(&mut self, check: Check, reason: &str) -> &mut Self {
        self.event(Event::Answer(answer(check, reason)))
    }

    /// Answers with the prescriber called a minute ago.
    pub fn call(&mut self, check: Check, reason: &str) -> &mut Self {
        let when = self.ward.now.checked_sub(minutes(1)).unwrap();
        self.event(Event::Answer(with_contact(answer(check, reason), when)))
    }

    /// A value is typed or declared.
    pub fn enter(&mut self, value: Entered) -> &mut Self {
        self.event(Event::Enter(value))
    }

    /// A value that was measured just now.
    pub fn observe(&mut self, what: &str, value: &str) -> &mut Self {
        let seen = observation(what, value, self.ward.now);
        self.enter(Entered::Observation(seen))
    }

    pub fn acknowledge(&mut self, check: Check) -> &mut Self {
        self.event(Event::Answer(Answer { check, reason: None, note: None, contact: None }))
    }

    pub fn choose(&mut self, place: usize) -> &mut Self {
        let choice = self.dose().choices()[place].clone();
        self.event(Event::Choose(choice))
    }

    pub fn measure(&mut self, quantity: &str) -> &mut Self {
        let last = self.dose().case.packages.len() - 1;
        self.event(Event::Take(last, Taken::Measured(q(quantity))))
    }

    /// Calls a witness, whose badge is scanned and whose PIN is right.
    pub fn call_witness(&mut self, who: &str) -> &mut Self {
        self.event(Event::CallWitness).scan(badge(who))
    }

    /// The second person types an amount.
    pub fn blind(&mut self, quantity: &str) -> &mut Self {
        self.event(Event::EnterBlind(Blind::Amount(q(quantity))))
    }

    /// Break-glass with this second clinician.
    pub fn break_glass(&mut self, second: &str) -> &mut Self {
        let reason = ReasonCode::parse("cardiac-arrest").unwrap();
        self.event(Event::BreakGlass { reason, note: None }).scan(badge(second))
    }

    /// What is in custody at this moment.
    pub fn custody(&self) -> Vec<InCustody<'_>> {
        in_custody(&self.ward.chart, &self.ward.policy, self.ward.now)
    }

    /// Wastes of the first thing in custody; the witness is asked next.
    pub fn waste(&mut self, amount: &str) -> &mut Self {
        let of = self.custody()[0].id.clone();
        let reason = ReasonCode::parse("partial-dose").unwrap();
        self.event(Event::Waste(Waste { of, amount: q(amount), reason, note: None }))
    }

    /// The second person's screen.
    pub fn second(&self) -> &Second {
        match self.bedside.phase() {
            Phase::Second(second) => second,
            other => panic!("no second person is asked: {}", phase_name(other)),
        }
    }

    /// So many packages are in hand.
    pub fn count(&mut self, packages: u16) -> &mut Self {
        self.event(Event::Enter(Entered::CountInHand(packages)))
    }

    pub fn confirm(&mut self) -> &mut Self {
        self.event(Event::Confirm)
    }

    pub fn not_given(&mut self, choice: Choice, outcome: Outcome, reason: &str) -> &mut Self {
        let reason = ReasonCode::parse(reason).unwrap();
        self.event(Event::ChartNotGiven(NotGiven { choice, outcome, reason, note: None }))
    }

    /// Time passes without an event.
    pub fn wait(&mut self, time: SignedDuration) -> &mut Self {
        self.ward.now = self.ward.now.checked_add(time).unwrap();
        self
    }

    /// The dose in hand.
    pub fn dose(&self) -> &DoseInHand {
        match self.bedside.phase() {
            Phase::Dose(dose) => dose,
            other => panic!("no dose in hand: {}", phase_name(other)),
        }
    }

    pub fn verdict(&self) -> &Verdict {
        &self.dose().verdict
    }

    pub fn step(&self) -> Step {
        self.dose().step()
    }

    /// The class of the strictest finding of a check; `None` when the check says nothing.
    pub fn class(&self, check: Check) -> Option<Class> {
        self.verdict().finding(check).map(|finding| finding.class)
    }

    /// The variance of the strictest finding of a check.
    pub fn variance(&self, check: Check) -> Option<&Variance> {
        variance(self.verdict(), check)
    }

    pub fn phase(&self) -> &'static str {
        phase_name(self.bedside.phase())
    }

    pub fn kinds(&self) -> Vec<EntryKind> {
        self.entries.iter().map(Entry::kind).collect()
    }

    pub fn last(&self) -> &Entry {
        self.entries.last().unwrap()
    }

    /// Every administration that was recorded as having entered the patient.
    pub fn given(&self) -> Vec<&Administration> {
        self.entries
            .iter()
            .filter(|entry| matches!(entry.kind(), EntryKind::Given | EntryKind::Partial))
            .filter_map(|entry| entry.detached()?.record.as_ref()?.administration())
            .collect()
    }

    /// The class of a check for one package in hand, on a bench of its own.
    #[track_caller]
    pub fn assert_class(&self, check: Check, class: Class) -> &Self {
        assert_eq!(self.class(check), Some(class), "{check:?}: {:?}", self.verdict().findings());
        self
    }

    /// Nothing is asked and nothing stops.
    #[track_caller]
    pub fn assert_ready(&self) -> &Self {
        let asked: Vec<&Finding> =
            self.verdict().findings().iter().filter(|finding| finding.class > Class::Info).collect();
        assert!(asked.is_empty() && self.step() == Step::Ready, "{asked:?}");
        self
    }

    #[track_caller]
    pub fn assert_stopped_by(&self, check: Check) -> &Self {
        assert_eq!(self.step(), Step::Stopped, "{:?}", self.verdict().findings());
        assert!(
            self.verdict().stops().any(|finding| finding.check == check),
            "{:?}",
            self.verdict().findings()
        );
        self
    }
}

pub fn variance(verdict: &Verdict, check: Check) -> Option<&Variance> {
    match &verdict.finding(check)?.why {
        Why::Variance(variance) => Some(variance),
        Why::Established(_) => None,
    }
}

pub fn phase_name(phase: &Phase) -> &'static str {
    match phase {
        Phase::Locked { .. } => "locked",
        Phase::Pin { .. } => "pin",
        Phase::Identify { .. } => "identify",
        Phase::DueList { .. } => "due list",
        Phase::Dose(_) => "dose",
        Phase::Claiming(_) => "claiming",
        Phase::Second(_) => "second",
        Phase::Saving(_) => "saving",
        Phase::Done(_) => "done",
        Phase::NotRecorded { .. } => "not recorded",
    }
}

/// The verdict that stopped the identification.
pub fn stopped_identification(bench: &Bench) -> &Verdict {
    match bench.bedside.phase() {
        Phase::Identify { stop: Some(verdict), .. } => verdict,
        other => panic!("identification was not stopped: {}", phase_name(other)),
    }
}

pub fn allergy(to: Allergen, recorded: Option<Timestamp>) -> Allergy {
    Allergy { to, text: "as recorded".into(), recorded }
}

pub fn half() -> Taken {
    Taken::Share(Amount::fraction(1, 2).unwrap())
}

pub fn local_date(year: i16, month: i8, day: i8) -> Date {
    date(year, month, day)
}

pub fn clock_time(hour: i8, minute: i8) -> Time {
    time(hour, minute, 0, 0)
}

/// The single-use identity of a dose label.
pub fn label_identity(id: &str) -> PackageIdentity {
    PackageIdentity::Dose(DoseId::parse(id).unwrap())
}
