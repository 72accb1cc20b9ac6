//! The bedside with its ward and a ledger in memory.

use jiff::civil::{Date, Time, date, time};
use jiff::{SignedDuration, Timestamp};
use rights::amount::Amount;
use rights::bedside::{
    Bedside, DoseInHand, Effect, Event, NotGiven, Phase, PinOutcome, Second, Step, Tone, Waste,
};
use rights::case::{Answer, Choice, Taken};
use rights::claims::{Claim, Grant};
use rights::custody::{InCustody, in_custody};
use rights::entered::Entered;
use rights::entry::{Entry, EntryKind, IdempotencyKey, Recorded};
use rights::history::{Administration, Outcome, PackageIdentity};
use rights::ident::*;
use rights::person::{Allergen, Allergy};
use rights::scan::Scan;
use rights::verdict::{Check, Class, Finding, Variance, Verdict, Why};
use rights::witness::Blind;

use super::*;

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
    pub(super) waiting: Vec<Entry>,
    pub(super) sessions: u8,
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
