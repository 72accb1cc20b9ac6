//! PH4 of one order that changes, told hour by hour: each version is laid over the time in which it was in force.

#[path = "../../ledger/src/cli/ward/mod.rs"]
mod ward;

use std::sync::OnceLock;

use exchange::pharmacy::{Limits, Range, Uses, missed};
use jiff::{SignedDuration, Timestamp};
use ledger::kind::Kind;
use ledger::reading::{Book, Line, Options, read};
use rights::follow_up::{Act, FollowUp};
use rights::history::{Administration, Outcome, Record};
use rights::ident::RequestId;
use rights::policy::Policy;
use rights::request::{Request, RequestStatus};
use rights::schedule::Timing;
use ward::{Size, make, zone};

/// A real dose of a scheduled order, from which the others are made.
fn template() -> (Book, Line, Administration, Request) {
    static WARD: OnceLock<(tempfile::TempDir, Vec<std::path::PathBuf>)> = OnceLock::new();
    let (_, folders) = WARD.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let size = Size { seed: 3, planted: false, days: 1, ..Size::SMALL };
        let (folders, _) = make(&dir.path().join("ward"), &size).unwrap();
        (dir, folders)
    });
    let book = read(folders, &Options::default()).unwrap();
    let given = |line: &&Line| {
        line.fact.administration().is_some_and(|done| done.slot.is_some() && done.reason.is_none())
    };
    let line = book.lines.iter().find(given).unwrap().clone();
    let done = line.fact.administration().unwrap().clone();
    let requests =
        book.lines.iter().filter_map(|line| line.fact.detail.as_ref()).flat_map(|one| &one.requests);
    let request = requests.into_iter().find(|request| request.id == done.request).unwrap().clone();
    (book, line, done, request)
}

fn hour(hours: i64) -> Timestamp {
    "2026-11-10T05:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hours)
}

struct Story {
    book: Book,
    line: Line,
    done: Administration,
    request: Request,
    lines: Vec<Line>,
}

impl Story {
    /// Every six hours from hour 0 on, and seen then.
    fn new() -> Self {
        Self::starting(|_| {})
    }

    /// The same of another order.
    fn starting(change: impl FnOnce(&mut Request)) -> Self {
        let (book, line, done, mut request) = template();
        request.timing = Timing::Every { minutes: 360 };
        (request.start, request.stop, request.time_critical) = (hour(0), None, false);
        (request.status, request.status_since, request.verified) = (RequestStatus::Active, None, None);
        request.version = 1;
        change(&mut request);
        Self { book, line, done, request, lines: Vec::new() }.sees(0, |_| {})
    }

    fn line(&mut self, at: i64, request: Option<Request>, record: Option<Record>) {
        let mut line = self.line.clone();
        let number = u32::try_from(self.lines.len()).unwrap();
        line.fact.at = hour(at);
        line.fact.key = Some(rights::entry::IdempotencyKey { session: [7; 16], count: number }.to_bytes());
        let detail = line.fact.detail.as_mut().unwrap();
        detail.requests = request.into_iter().collect();
        detail.record = record.map(Box::new);
        self.lines.push(line);
    }

    /// A kiosk sees the next version.
    fn sees(mut self, at: i64, change: impl FnOnce(&mut Request)) -> Self {
        change(&mut self.request);
        self.line(at, Some(self.request.clone()), None);
        self.request.version += 1;
        self
    }

    fn gave(mut self, hours: &[i64]) -> Self {
        for at in hours {
            let done = Administration {
                at: hour(*at),
                slot: Some(hour(*at)),
                outcome: Outcome::Given,
                ..self.done.clone()
            };
            self.line(*at, None, Some(Record::Administration(done)));
        }
        self
    }

    /// The ward asks for the dose of an hour.
    fn asks(mut self, at: i64, slot: i64) -> Self {
        let done = Administration {
            at: hour(at),
            slot: Some(hour(slot)),
            outcome: Outcome::Missing,
            ..self.done.clone()
        };
        self.line(at, None, Some(Record::Administration(done)));
        self.lines.last_mut().unwrap().fact.kind = Kind::MISSING;
        self
    }

    /// What was told last was entered in error.
    fn corrects(mut self, at: i64) -> Self {
        let wrong = u32::try_from(self.lines.len() - 1).unwrap();
        let key = |count| rights::entry::IdempotencyKey { session: [7; 16], count };
        let done = FollowUp {
            patient: self.done.patient.clone(),
            request: self.done.request.clone(),
            of: key(wrong),
            act: Act::EnteredInError,
            at: hour(at),
            by: Some(self.done.by.clone()),
            reason: None,
            note: None,
            witness: None,
            entry: key(wrong + 1),
        };
        self.line(at, None, Some(Record::FollowUp(done)));
        self
    }

    /// It comes, and is given.
    fn gave_late(mut self, at: i64, slot: i64) -> Self {
        let done = Administration {
            at: hour(at),
            slot: Some(hour(slot)),
            outcome: Outcome::Given,
            ..self.done.clone()
        };
        self.line(at, None, Some(Record::Administration(done)));
        self
    }

    /// The doses that the ward asked for and that count in a range, each with the hour in which it was given.
    fn asked(self, from: i64, to: i64) -> Vec<Option<i64>> {
        let lines = self.lines.into_iter().filter(|line| line.fact.at < hour(to)).collect();
        let book = Book { lines, ..self.book };
        let (first, end) = (hour(0), hour(to));
        let range = Range { from: Some(hour(from)), to: Some(end), first, end };
        let all = missed::asked(&book, &Uses::of(&book), &[], (&Policy::default(), Limits::default()));
        let counted = all.into_iter().filter(|one| one.is_of(range));
        counted.map(|one| one.given.map(|at| at.duration_since(hour(0)).as_hours())).collect()
    }

    /// How many doses were scheduled up to that hour, and the hours of the missed ones.
    fn ends(self, at: i64, orders: &[Request]) -> (u64, Vec<i64>) {
        self.between(None, at, orders)
    }

    /// The same of what became known since another hour.
    fn between(mut self, from: Option<i64>, at: i64, orders: &[Request]) -> (u64, Vec<i64>) {
        self.line(at, None, None);
        self.lines.sort_by_key(|line| line.fact.at);
        let book = Book { lines: self.lines, ..self.book };
        let (uses, zone) = (Uses::of(&book), zone());
        let range = Range { from: from.map(hour), ..Range::of(&book, &zone, hour(at)) };
        let found = missed::schedule(&book, &uses, orders, (&Policy::default(), &zone), range);
        let hours = found.missed.iter().map(|one| one.due.duration_since(hour(0)).as_hours());
        (found.due, hours.collect())
    }
}

#[test]
fn ph4_nothing_is_due_while_an_order_is_held() {
    let held = |request: &mut Request| {
        (request.status, request.status_since) = (RequestStatus::OnHold, Some(hour(8)));
    };
    let released = |request: &mut Request| {
        (request.status, request.status_since) = (RequestStatus::Active, Some(hour(20)));
    };
    let story = || Story::new().gave(&[0, 6]).sees(9, held).sees(21, released);
    assert_eq!(story().gave(&[24]).ends(28, &[]), (3, vec![]));
    // Before and afterwards it is.
    assert_eq!(story().ends(28, &[]), (3, vec![24]));
    assert_eq!(Story::new().sees(9, held).ends(28, &[]), (2, vec![0, 6]));
}

#[test]
fn ph4_a_changed_schedule_holds_since_it_was_changed() {
    let slower = |request: &mut Request| request.timing = Timing::Every { minutes: 480 };
    let verified = |request: &mut Request| {
        slower(request);
        request.verified = Some(hour(10));
    };
    // Every six hours at 0, 6, 12; every eight at 8, 16, 24. A kiosk sees the change at the dose of 16.
    assert_eq!(Story::new().gave(&[0, 6]).sees(16, verified).gave(&[16, 24]).ends(28, &[]), (4, vec![]));
    // Without a word since when, it holds since it was seen.
    assert_eq!(Story::new().gave(&[0, 6]).sees(15, slower).gave(&[16, 24]).ends(28, &[]), (5, vec![12]));
    // Two kiosks that see the same version change nothing.
    let twice = Story::new().gave(&[0, 6]).sees(15, verified);
    let again = |request: &mut Request| request.version -= 1;
    assert_eq!(twice.sees(17, again).gave(&[16, 24]).ends(28, &[]), (4, vec![]));
}

/// At hour 8 the order gets a second instruction, and what was one request is two.
#[test]
fn ph4_an_order_that_gets_another_instruction_is_due_under_its_new_ids_since_then() {
    let renamed = |id: &str, minutes: u32| {
        let id = RequestId::parse(id).unwrap();
        move |request: &mut Request| (request.id, request.timing) = (id, Timing::Every { minutes })
    };
    let story = || {
        let story = Story::new().gave(&[0, 6, 12]);
        let (first, second) = (format!("{}#1", story.request.id), format!("{}#2", story.request.id));
        let mut story = story.sees(8, renamed(&first, 360));
        story.request.version -= 1;
        story.sees(8, renamed(&second, 1440 * 7))
    };
    // The dose of 12 was charted under the old id by a kiosk that had the old version still.
    assert_eq!(story().ends(20, &[]), (4, vec![18]));
    // Two instructions of one version are two doses.
    let both = || {
        let story = Story::new();
        let id = format!("{}#2", story.request.id);
        let mut story = story;
        story.request.version -= 1;
        story.sees(0, renamed(&id, 720)).gave(&[0, 6, 12])
    };
    assert_eq!(both().ends(14, &[]), (5, vec![0, 12]));
}

/// A version that the store knows is all instructions of its order, whichever of them a kiosk saw.
#[test]
fn ph4_every_instruction_of_an_order_that_no_kiosk_saw_is_due() {
    let of = |template: &Request, id: &str, version: u32, hours: u32| Request {
        id: RequestId::parse(id).unwrap(),
        version,
        timing: Timing::Every { minutes: hours * 60 },
        ..template.clone()
    };
    // Every six hours, seen; every twelve and every eight of an order that no kiosk ever saw.
    let story = || Story::new().gave(&[0, 6, 12]);
    let template = story().request;
    let unseen = [of(&template, "unseen#1", 1, 12), of(&template, "unseen#2", 1, 8)];
    assert_eq!(story().ends(14, &unseen), (7, vec![0, 0, 8, 12]));
    // A kiosk saw one of the two.
    let beside = [of(&template, &format!("{}#2", template.id), 1, 12)];
    assert_eq!(story().ends(14, &beside), (5, vec![0, 12]));
    // It came with the second version, which a kiosk saw at hour 8: not due before.
    let edited = story().sees(8, |_| {});
    let beside = [of(&template, &format!("{}#2", template.id), 2, 4)];
    assert_eq!(edited.ends(14, &beside), (5, vec![8, 12]));
}

#[test]
fn ph4_an_end_that_was_told_later_counts_from_the_end() {
    let ends = |request: &mut Request| request.stop = Some(hour(11));
    assert_eq!(Story::new().gave(&[0, 6]).sees(20, ends).ends(28, &[]), (2, vec![]));
    let stopped = |request: &mut Request| {
        (request.status, request.status_since) = (RequestStatus::Stopped, Some(hour(11)));
    };
    assert_eq!(Story::new().gave(&[0, 6]).sees(20, stopped).ends(28, &[]), (2, vec![]));
    // The store knows it, and no kiosk saw it yet.
    let story = Story::new().gave(&[0, 6]);
    let mut order = story.request.clone();
    stopped(&mut order);
    assert_eq!(story.ends(20, &[order]), (2, vec![]));
}

#[test]
fn ph4_what_was_missed_while_no_kiosk_saw_the_patient_counts_once_when_one_does_again() {
    // Seen at hour 6, and then at 54 again.
    assert_eq!(Story::new().gave(&[0, 6, 54]).ends(56, &[]).1, [12, 18, 24, 30, 36, 42, 48]);
}

#[test]
fn ph4_an_order_of_today_is_laid_however_old_the_ledger_is() {
    let hourly = || Story::starting(|request| request.timing = Timing::Every { minutes: 60 });
    let mut old = hourly();
    old.line(-24 * 900, None, None);
    let found = old.ends(6, &[]);
    assert!(found.1.starts_with(&[0, 1, 2, 3, 4]), "{found:?}");
    assert_eq!(found, hourly().ends(6, &[]));
}

#[test]
fn ph4_a_day_of_an_old_order_is_laid_from_what_can_become_known_in_it() {
    let now = 24 * 900;
    let hourly = Story::starting(|request| request.timing = Timing::Every { minutes: 60 });
    let (due, missed) = hourly.gave(&[now - 6]).between(Some(now - 3), now, &[]);
    assert!(due > 1 && missed.contains(&(now - 2)) && missed.iter().all(|at| *at > now - 5), "{missed:?}");
    // What was missed while no kiosk saw the patient becomes known when one does.
    assert_eq!(Story::new().gave(&[0, 6, 54]).between(Some(50), 56, &[]).1, [30, 36, 42, 48]);
}

#[test]
fn ph5_a_dose_that_was_asked_for_before_midnight_is_given_after_it() {
    // Asked for late, an hour before the end of the day; it may take one hour, as the window of the order.
    let asked = || Story::new().asks(23, 18);
    let given = || asked().gave_late(25, 18);
    assert_eq!(given().asked(0, 24), []);
    assert_eq!(given().asked(24, 48), [Some(25)]);
    assert_eq!(given().asked(0, 48), [Some(25)]);
    // It never came: that is clear on the next day, and counts on no other.
    assert_eq!(
        (asked().asked(0, 24), asked().asked(24, 48), asked().asked(48, 72)),
        (vec![], vec![None], vec![])
    );
    // The request was a mistake.
    assert_eq!(asked().corrects(24).asked(0, 48), []);
    // The order got a second instruction in between, and what was asked for is given under its new id.
    let mut renumbered = asked();
    renumbered.done.request = RequestId::parse(&format!("{}#1", renumbered.request.id)).unwrap();
    assert_eq!(renumbered.gave_late(25, 18).asked(24, 48), [Some(25)]);
    // It came after its time was over: missing until then.
    assert_eq!((given().asked(0, 25), given().asked(25, 48)), (vec![None], vec![Some(25)]));
}
