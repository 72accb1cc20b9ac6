//! PH1 and PH2 of one vial or a few, told minute by minute: what is really in whose hands accuses nobody, and what is missing is found.
//! Where a package is named after a dose was entered in error, the name comes from the chart of `rights`, as it does at a bedside.

#[path = "../../ledger/src/cli/ward/mod.rs"]
mod ward;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::OnceLock;

use exchange::pharmacy::account::Key;
use exchange::pharmacy::{Account, Discrepancy, Limits, Stored, Uses, account, discrepancy, dispenses};
use jiff::{SignedDuration, Timestamp};
use ledger::reading::{Book, Line, Options, read};
use rights::chart::Chart;
use rights::custody::{Disposal, Disposed, SetAside, in_custody};
use rights::entry::IdempotencyKey;
use rights::follow_up::{Act, FollowUp};
use rights::history::{Administration, Outcome, PackageIdentity, Record, UsedPackage};
use rights::ident::{ClinicianId, DoseId, PatientId};
use rights::policy::Policy;
use rights::quantity::Quantity;
use ward::{Size, make};

/// A real dose of a part of a vial (2 mL), from which the others are made.
fn template() -> (Book, Line, Administration) {
    static WARD: OnceLock<(tempfile::TempDir, Vec<std::path::PathBuf>)> = OnceLock::new();
    let (_, folders) = WARD.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let size = Size { seed: 3, planted: false, days: 1, ..Size::SMALL };
        let (folders, _) = make(&dir.path().join("ward"), &size).unwrap();
        (dir, folders)
    });
    let book = read(folders, &Options::default()).unwrap();
    let vial = |line: &&Line| {
        let done = line.fact.administration();
        done.is_some_and(|done| done.packages.iter().any(|of| of.product.as_str() == "fentanyl"))
    };
    let line = book.lines.iter().find(vial).unwrap().clone();
    let done = line.fact.administration().unwrap().clone();
    (book, line, done)
}

fn ml(text: &str) -> Quantity {
    Quantity::parse(&format!("{text} mL")).unwrap()
}

/// An account: whose, unaccounted, in custody.
type Row = (&'static str, String, String);

struct Story {
    book: Book,
    line: Line,
    done: Administration,
    lines: Vec<Line>,
    chart: Chart,
    file: String,
    stored: Stored,
    limits: Limits,
}

impl Story {
    fn new() -> Self {
        let (book, line, done) = template();
        let file = "id,at,kind,patient,request,product,quantity,unit,by,dose_id,lot\n".to_owned();
        Self {
            book,
            line,
            done,
            lines: Vec::new(),
            chart: Chart::default(),
            file,
            stored: Stored::default(),
            limits: Limits::default(),
        }
    }

    fn at(&self, minute: i64) -> Timestamp {
        self.done.at + SignedDuration::from_mins(minute)
    }

    fn key(minute: i64) -> IdempotencyKey {
        IdempotencyKey { session: [7; 16], count: u32::try_from(minute).unwrap() }
    }

    fn tell(mut self, minute: i64, record: Option<Record>) -> Self {
        let mut line = self.line.clone();
        line.fact.at = self.at(minute);
        line.fact.key = Some(Self::key(minute).to_bytes());
        line.fact.detail.as_mut().unwrap().record = record.clone().map(Box::new);
        self.lines.push(line);
        if let Some(record) = record {
            self.chart.learn(record);
        }
        self
    }

    /// A line of the dispense file, by the nurse of the doses or by nobody.
    fn line(mut self, minute: i64, kind: &str, amount: &str, named: bool) -> Self {
        let (at, number) = (self.at(minute), self.file.lines().count());
        let Administration { patient, request, by, .. } = &self.done;
        let by = if named { by.as_str() } else { "" };
        writeln!(self.file, "L{number},{at},{kind},{patient},{request},fentanyl,{amount},mL,{by},,").unwrap();
        self
    }

    /// A labelled dose that the pharmacy sent, of any item.
    fn labelled(mut self, minute: i64, item: &str, amount: &str, label: &str) -> Self {
        let (at, number) = (self.at(minute), self.file.lines().count());
        let Administration { patient, request, .. } = &self.done;
        writeln!(self.file, "L{number},{at},dispense,{patient},{request},{item},{amount},,{label},").unwrap();
        self
    }

    /// One vial under a label, given whole.
    fn gave_labelled(self, minute: i64, label: &str) -> Self {
        let mut packages = self.vials(&["2"]);
        packages[0].identity = Some(PackageIdentity::Dose(DoseId::parse(label).unwrap()));
        let (at, entry) = (self.at(minute), Some(Self::key(minute)));
        let done = Administration { at, packages, outcome: Outcome::Given, entry, ..self.done.clone() };
        self.tell(minute, Some(Record::Administration(done)))
    }

    /// One labelled vial that the nurse took out of the cabinet.
    fn removed_labelled(mut self, minute: i64, label: &str) -> Self {
        let (at, number) = (self.at(minute), self.file.lines().count());
        let Administration { patient, request, by, .. } = &self.done;
        writeln!(self.file, "L{number},{at},removal,{patient},{request},fentanyl,2,mL,{by},{label},")
            .unwrap();
        self
    }

    fn removed(self, minute: i64, amount: &str) -> Self {
        self.line(minute, "removal", amount, true)
    }

    /// Vials without serial numbers: so much taken of each, the rest left.
    fn vials(&self, taken: &[&str]) -> Vec<UsedPackage> {
        let vial = |taken: &&str| {
            let left = ml("2").minus(&ml(taken)).unwrap();
            UsedPackage { taken: ml(taken), left, identity: None, ..self.done.packages[0].clone() }
        };
        taken.iter().map(vial).collect()
    }

    fn gave(self, minute: i64, taken: &[&str]) -> Self {
        let done = Administration {
            at: self.at(minute),
            packages: self.vials(taken),
            outcome: Outcome::Given,
            entry: Some(Self::key(minute)),
            ..self.done.clone()
        };
        self.tell(minute, Some(Record::Administration(done)))
    }

    /// Another nurse takes a vial for the same request, and gives it five minutes later or not.
    fn another(mut self, minute: i64, gives: bool) -> Self {
        let own = self.done.by.clone();
        self.done.by = ClinicianId::parse("n-another").unwrap();
        let taken = self.removed(minute, "2");
        let mut all = if gives { taken.gave(minute + 5, &["2"]) } else { taken };
        all.done.by = own;
        all
    }

    fn aside(self, minute: i64, vials: usize) -> Self {
        let patient = self.done.patient.clone();
        self.aside_for(patient, minute, vials)
    }

    fn aside_for(self, patient: PatientId, minute: i64, vials: usize) -> Self {
        let by = self.done.by.clone();
        let packages = self.vials(&vec!["0"; vials]);
        let aside = SetAside { patient, packages, by, at: self.at(minute) };
        self.tell(minute, Some(Record::SetAside(aside)))
    }

    /// The dose of that minute was entered in error.
    fn in_error(self, minute: i64, of: i64) -> Self {
        let done = FollowUp {
            patient: self.done.patient.clone(),
            request: self.done.request.clone(),
            of: Self::key(of),
            act: Act::EnteredInError,
            at: self.at(minute),
            by: Some(self.done.by.clone()),
            reason: None,
            note: None,
            witness: None,
            entry: Self::key(minute),
        };
        self.tell(minute, Some(Record::FollowUp(done)))
    }

    /// So much of the package that the kiosk lists first is wasted before a witness, or returned.
    fn ended(self, minute: i64, how: Disposal, amount: &str) -> Self {
        let custody = in_custody(&self.chart, &Policy::default(), self.at(minute));
        let open = custody.first().expect("something in custody");
        let wasted = how == Disposal::Wasted;
        let done = Disposed {
            patient: open.patient.clone(),
            how,
            of: open.id.clone(),
            product: open.package.product.clone(),
            identity: None,
            amount: ml(amount),
            reason: None,
            note: None,
            by: self.done.by.clone(),
            witness: wasted.then(|| ClinicianId::parse("nurse-99").unwrap()),
            at: self.at(minute),
        };
        self.tell(minute, Some(Record::Disposed(done)))
    }

    fn wasted(self, minute: i64, amount: &str) -> Self {
        self.ended(minute, Disposal::Wasted, amount)
    }

    fn wasted_unseen(self, minute: i64, amount: &str) -> Self {
        let mut story = self.wasted(minute, amount);
        let detail = story.lines.last_mut().unwrap().fact.detail.as_mut().unwrap();
        match detail.record.as_deref_mut() {
            Some(Record::Disposed(done)) => done.witness = None,
            other => panic!("{other:?}"),
        }
        story
    }

    /// What PH1 and PH2 say at the end of that minute.
    fn ends(self, minute: i64) -> (Vec<Row>, BTreeMap<&'static str, usize>) {
        let (accounts, found) = self.found(minute);
        let mut types = BTreeMap::new();
        for one in found {
            *types.entry(one.of.name()).or_default() += 1;
        }
        (accounts, types)
    }

    /// The only discrepancy at the end of that minute.
    #[track_caller]
    fn only(self, minute: i64) -> Discrepancy {
        let (_, found) = self.found(minute);
        let [one] = <[Discrepancy; 1]>::try_from(found).unwrap();
        one
    }

    fn found(self, minute: i64) -> (Vec<Row>, Vec<Discrepancy>) {
        let Self { book, lines, file, stored, limits, .. } = self.tell(minute, None);
        // The whole ward knows the order and the item.
        let known = stored.known(Uses::of(&book).known(&book));
        let book = Book { lines, ..book };
        let uses = Uses::beside(&book, &stored);
        // A file of nothing is refused: then there is none.
        let nothing = file.lines().count() == 1;
        let read = (!nothing).then(|| dispenses::read("d.csv", file.as_bytes(), &known).unwrap());
        let (rows, bad) = read.unwrap_or_default();
        assert!(bad.is_empty(), "{}", bad[0]);
        let accounts = account::accounts(&uses, &rows, limits.matched);
        let row = |one: &Account<'_>| {
            let of = match one.key {
                Key::Nurse(..) => "nurse",
                Key::Ward(..) => "ward",
                Key::Dose(_) => "dose",
            };
            (of, one.unaccounted.to_string(), one.custody.to_string())
        };
        let found = discrepancy::discrepancies(&uses, &rows, &accounts, limits);
        (accounts.iter().map(row).collect(), found)
    }

    /// One account of the nurse that is balanced with so much in custody, and these findings of PH2.
    #[track_caller]
    fn balances(self, minute: i64, custody: &str, found: &[(&'static str, usize)]) {
        let (accounts, types) = self.ends(minute);
        assert_eq!(accounts, [("nurse", "0 mL".to_owned(), format!("{custody} mL"))]);
        assert_eq!(types, found.iter().copied().collect());
    }
}

#[test]
fn ph1_a_dose_entered_in_error_is_in_custody_again_until_it_is_wasted_or_returned() {
    let charted = || Story::new().removed(0, "2").gave(5, &["2"]).in_error(30, 5);
    // From the correction on, as at the kiosk: not yet due, then due.
    charted().balances(50, "2", &[]);
    charted().balances(120, "2", &[("NO-WASTE", 1)]);
    charted().wasted(40, "2").balances(120, "0", &[("FULL-DOSE-WASTE", 1)]);
    charted().ended(40, Disposal::Returned, "2").balances(120, "0", &[]);
    // Or without the kiosk, by the file.
    charted().line(40, "return", "2", true).balances(120, "0", &[]);
    // What is still missing of it is found.
    charted().wasted(40, "1.5").balances(120, "0.5", &[("AMOUNT-MISMATCH", 1), ("FULL-DOSE-WASTE", 1)]);
}

#[test]
fn ph1_what_was_wasted_before_the_correction_stays_wasted() {
    let part = || Story::new().removed(0, "2").gave(5, &["0.5"]).wasted(10, "1.5").in_error(30, 5);
    part().balances(50, "0.5", &[("FULL-DOSE-WASTE", 1)]);
    part().balances(120, "0.5", &[("FULL-DOSE-WASTE", 1), ("NO-WASTE", 1)]);
    part().wasted(40, "0.5").balances(120, "0", &[("FULL-DOSE-WASTE", 1)]);
    // Charted anew from the same vial: what was wasted of it goes with it.
    part().gave(35, &["0.5"]).balances(120, "0", &[]);
}

#[test]
fn ph1_of_a_dose_entered_in_error_only_what_is_controlled_comes_back() {
    let mut story = Story::new().removed(0, "2");
    let mut free = story.vials(&["1"]);
    free[0].controlled = None;
    let packages = [free, story.vials(&["2"])].concat();
    let (at, entry) = (story.at(5), Some(Story::key(5)));
    let done = Administration { at, packages, entry, ..story.done.clone() };
    story = story.tell(5, Some(Record::Administration(done)));
    // The kiosk counts the places of what came back anew: the second package is its first.
    story.in_error(30, 5).wasted(40, "2").balances(120, "0", &[("FULL-DOSE-WASTE", 1)]);
}

#[test]
fn ph1_a_line_that_something_came_back_means_a_package_that_was_put_aside_only_as_far_as_it_must() {
    // Two taken, one scanned and put aside, both brought back.
    Story::new().removed(0, "4").aside(5, 1).line(20, "return", "4", true).balances(120, "0", &[]);
    // One brought back that was never scanned: the other one is still in hand, and due.
    let one = || Story::new().removed(0, "4").aside(5, 1).line(20, "return", "2", true);
    one().balances(30, "2", &[]);
    one().balances(120, "2", &[("NO-WASTE", 1)]);
    one().wasted(25, "2").balances(120, "0", &[("FULL-DOSE-WASTE", 1)]);
    // Three taken, two of them partly given, the third brought back unscanned: the remainders are in hand until they are wasted.
    let three = || Story::new().removed(0, "6").gave(5, &["0.5", "0.5"]).line(20, "return", "2", true);
    three().balances(25, "3", &[]);
    three().wasted(25, "1.5").wasted(26, "1.5").balances(120, "0", &[]);
    // Two put aside together are two, and one that came back leaves the other one.
    let two = || Story::new().removed(0, "4").aside(5, 2);
    two().balances(20, "4", &[]);
    two().line(20, "return", "2", true).balances(120, "2", &[("NO-WASTE", 1)]);
    two().line(20, "return", "4", true).balances(120, "0", &[]);
    // A remainder beside it is due all the same.
    let rest = Story::new().removed(0, "4").gave(5, &["0.5"]).aside(10, 1).line(20, "return", "2", true);
    rest.balances(120, "1.5", &[("NO-WASTE", 1)]);
    // One that was wasted is not the one that is scanned later.
    let waste = Story::new().removed(0, "4").aside(5, 1).wasted(10, "2").gave(20, &["2"]);
    waste.balances(120, "0", &[("FULL-DOSE-WASTE", 1)]);
}

#[test]
fn ph1_what_is_missing_is_still_found() {
    let (accounts, types) = Story::new().removed(0, "4").gave(5, &["2"]).ends(120);
    assert_eq!(accounts, [("nurse", "2 mL".to_owned(), "0 mL".to_owned())]);
    assert_eq!(types, BTreeMap::from([("AMOUNT-MISMATCH", 1)]));
    // More came back than was ever taken.
    let (accounts, _) = Story::new().removed(0, "2").aside(5, 1).line(20, "return", "4", true).ends(120);
    assert_eq!(accounts, [("nurse", "-2 mL".to_owned(), "0 mL".to_owned())]);
    // What was taken hours before is not what was given.
    let (_, types) = Story::new().removed(0, "2").gave(200, &["2"]).ends(300);
    assert_eq!(types, BTreeMap::from([("ADMIN-NO-REMOVAL", 1), ("NO-ADMIN", 1)]));
}

#[test]
fn ph1_two_sources_of_one_order_do_not_take_each_others_doses() {
    // The pharmacy sends one to the ward, the nurse takes another one out of the cabinet and gives it.
    let both = || Story::new().line(0, "dispense", "2", false).removed(10, "2").gave(15, &["2"]);
    let (accounts, types) = both().ends(300);
    let row = |of, unaccounted: &str| (of, format!("{unaccounted} mL"), "0 mL".to_owned());
    assert_eq!((accounts, types), (vec![row("nurse", "0"), row("ward", "2")], BTreeMap::new()));
    // What the pharmacy sent is given too, by the same nurse: at once, or hours later.
    for minute in [20, 200] {
        let (accounts, types) = both().gave(minute, &["2"]).ends(300);
        assert_eq!((accounts, types), (vec![row("nurse", "0"), row("ward", "0")], BTreeMap::new()));
    }
    // A removal that was never used is no excuse for what is given from the ward's store hours later.
    let old = Story::new().line(0, "dispense", "2", false).removed(10, "2").gave(200, &["2"]).ends(300);
    assert_eq!(old.0, [row("nurse", "2"), row("ward", "0")]);
    assert_eq!(old.1, BTreeMap::from([("NO-ADMIN", 1)]));
    // What the nurse took, put aside and brought back is open no more.
    let back = Story::new().line(0, "dispense", "2", false).removed(10, "4").aside(15, 1);
    let (accounts, types) = back.line(20, "return", "2", true).gave(25, &["2"]).ends(300);
    assert_eq!(accounts.last(), Some(&row("ward", "2")));
    assert!(!types.contains_key("NO-ADMIN"), "{types:?}");
}

#[test]
fn ph1_something_that_came_back_by_nobody_makes_no_store_of_the_ward() {
    // Two taken, one given, one back in the pharmacy, and the file does not say by whom.
    Story::new().removed(0, "4").gave(5, &["2"]).line(20, "return", "2", false).balances(120, "0", &[]);
    // Where the pharmacy sent it, it came back from there.
    let sent = Story::new().line(0, "dispense", "2", false).line(20, "return", "2", false);
    assert_eq!(sent.ends(120).0, [("ward", "0 mL".to_owned(), "0 mL".to_owned())]);
}

#[test]
fn ph2_what_came_back_by_nobody_was_in_the_hands_of_who_alone_held_some_of_it() {
    let back = |story: Story| story.removed(200, "2").line(220, "return", "2", false).ends(400).1;
    let nothing = BTreeMap::new();
    assert_eq!(back(Story::new()), nothing);
    // What another nurse took and gave, in the same hour or long before, is no doubt about it.
    assert_eq!(back(Story::new().another(0, true)), nothing);
    assert_eq!(back(Story::new().another(190, true)), nothing);
    // What another one still holds is: which of the two came back nobody knows.
    assert_eq!(back(Story::new().another(190, false)), BTreeMap::from([("NO-ADMIN", 2)]));
    // A package that was put aside is held.
    let aside = Story::new().another(0, true).removed(200, "2").aside(205, 1);
    assert_eq!(aside.line(220, "return", "2", false).ends(400).1, nothing);
}

#[test]
fn ph2_what_may_still_be_given_is_missing_only_when_nothing_moved_for_the_window() {
    let one_of_two = || Story::new().removed(0, "4").gave(5, &["2"]);
    assert_eq!(one_of_two().ends(20).1, BTreeMap::new());
    assert_eq!(one_of_two().ends(65).1, BTreeMap::new());
    assert_eq!(one_of_two().ends(66).1, BTreeMap::from([("AMOUNT-MISMATCH", 1)]));
    assert_eq!(one_of_two().gave(40, &["2"]).ends(300).1, BTreeMap::new());
}

#[test]
fn ph2_a_full_waste_hides_nothing_else() {
    // Of two vials one is wasted whole, and the other one is gone.
    let (_, types) = Story::new().removed(0, "4").aside(5, 1).wasted(10, "2").ends(120);
    assert_eq!(types, BTreeMap::from([("AMOUNT-MISMATCH", 1), ("FULL-DOSE-WASTE", 1)]));
    // One that nobody took out is wasted whole.
    let (_, types) = Story::new().aside(5, 1).wasted(10, "2").ends(120);
    assert_eq!(types, BTreeMap::from([("AMOUNT-MISMATCH", 1), ("FULL-DOSE-WASTE", 1)]));
    // Beside one that was given, and that nobody took out either.
    let (_, types) = Story::new().aside(5, 1).wasted(10, "2").gave(20, &["2"]).ends(120);
    let all = [("ADMIN-NO-REMOVAL", 1), ("AMOUNT-MISMATCH", 1), ("FULL-DOSE-WASTE", 1)];
    assert_eq!(types, BTreeMap::from(all));
}

#[test]
fn ph2_a_dose_given_from_another_package_hides_no_full_waste() {
    let full = |story: Story| {
        let (_, found) = story.found(300);
        let names = found.into_iter().filter(|one| one.of.name() == "FULL-DOSE-WASTE").map(|one| one.id);
        names.collect::<Vec<_>>()
    };
    let one = || Story::new().removed(0, "4").aside(5, 1).wasted(10, "2");
    let name = full(one());
    assert_eq!(name.len(), 1);
    // What was explained of the wasted vial holds when the other one is given.
    assert_eq!(full(one().gave(20, &["2"])), name);
    assert_eq!(full(Story::new().removed(0, "4").gave(5, &["2"]).aside(6, 1).wasted(10, "2")).len(), 1);
    // Two wasted whole are two; what is wasted of a vial that was partly given is none.
    assert_eq!(full(Story::new().removed(0, "4").aside(5, 2).wasted(10, "2").wasted(11, "2")).len(), 2);
    let part = || Story::new().removed(0, "2").gave(5, &["0.5"]).wasted(10, "1.5");
    assert_eq!(full(part()).len(), 0);
    // Until the dose is entered in error: then it came about.
    assert_eq!(part().in_error(30, 5).only(50).at, Story::new().at(30));
}

#[test]
fn ph2_a_waste_without_a_witness_keeps_its_name_when_the_package_is_given_later() {
    let name = |story: Story| {
        let (_, found) = story.found(300);
        found.into_iter().find(|one| one.of.name() == "WASTE-NO-WITNESS").unwrap().id
    };
    let one = || Story::new().removed(0, "2").aside(5, 1).wasted_unseen(10, "0.5");
    assert_eq!(name(one().gave(20, &["1.5"])), name(one()));
}

#[test]
fn ph2_the_rest_of_a_ward_store_is_on_the_shelf_and_what_is_used_beyond_it_is_found_once() {
    let sent = || Story::new().line(0, "dispense", "6", false);
    assert_eq!(sent().gave(5, &["2"]).ends(300).1, BTreeMap::new());
    assert_eq!(sent().gave(5, &["2"]).gave(200, &["2"]).ends(300).1, BTreeMap::new());
    // PH1 says all the same what is there.
    let rest = [("ward", "2 mL".to_owned(), "0 mL".to_owned())];
    assert_eq!(sent().gave(5, &["2"]).gave(200, &["2"]).ends(300).0, rest);
    // A fourth vial out of three, and a fifth one: each has its name, whatever follows.
    let three = || sent().gave(5, &["2"]).gave(100, &["2"]).gave(200, &["2"]);
    assert_eq!(three().ends(500).1, BTreeMap::new());
    let four = three().gave(300, &["2"]).only(500);
    assert_eq!(four.of.name(), "AMOUNT-MISMATCH");
    assert!(four.evidence.starts_with("2 mL more"), "{}", four.evidence);
    let (_, found) = three().gave(300, &["2"]).gave(400, &["2"]).found(500);
    assert!(found.len() == 2 && found[0].id == four.id && found[0].at == four.at, "{found:?}");
    // The pharmacy sent more later: nobody had it before.
    let later = three().gave(300, &["2"]).line(400, "dispense", "4", false).only(500);
    assert_eq!((later.id, later.at), (four.id, four.at));
    // What was on its way is none, and what was put aside and came back left the store once.
    let soon = three().gave(300, &["2"]).line(350, "dispense", "2", false);
    assert_eq!(soon.ends(500).1, BTreeMap::new());
    let back = sent().gave(5, &["2"]).gave(100, &["2"]).aside(200, 1).line(210, "return", "2", false);
    assert_eq!(back.ends(300).1, BTreeMap::new());
    // More came back than was there.
    let back = three().line(210, "return", "2", false).only(500);
    assert_eq!((back.of.name(), &back.id[..19]), ("AMOUNT-MISMATCH", "AMOUNT-MISMATCH:L2:"));
    // Also when no kiosk saw any of it.
    let unseen = sent().line(210, "return", "8", false).only(500);
    assert_eq!(unseen.of.name(), "AMOUNT-MISMATCH");
}

#[test]
fn ph2_a_labelled_dose_that_was_given_too_late_was_missing_until_then() {
    let out = || Story::new().removed_labelled(0, "26X0001");
    let found = out().only(70);
    assert_eq!(found.of.name(), "NO-ADMIN");
    let late = out().gave_labelled(80, "26X0001").only(300);
    assert_eq!((late.id, late.at), (found.id, found.at));
    assert_eq!(out().gave_labelled(60, "26X0001").ends(300).1, BTreeMap::new());
    // What went before, such as the way of the label to the ward, says nothing of how long it was in somebody's hands.
    let known = Story::new().labelled(0, "fentanyl", "2,mL", "26X0001").removed_labelled(10, "26X0001");
    let (_, found) = known.gave_labelled(200, "26X0001").found(300);
    assert!(found.iter().any(|one| one.of.name() == "NO-ADMIN"), "{found:?}");
    // What the pharmacy sent to the ward is given when it is due.
    let sent = Story::new().labelled(0, "fentanyl", "2,mL", "26X0001").gave_labelled(80, "26X0001");
    assert_eq!(sent.ends(300).1, BTreeMap::new());
}

#[test]
fn ph2_a_name_holds_for_what_was_found_and_for_nothing_else() {
    let of = |name: &str| name.rsplit_once(':').unwrap().0.to_owned();
    // The same found again later, or with more recorded of others, has the same name.
    let name = Story::new().removed(0, "2").only(120).id;
    assert_eq!(Story::new().removed(0, "2").only(600).id, name);
    assert_eq!(of(&name), "NO-ADMIN:L1");
    // Tomorrow's file counts from one again, another amount is another amount.
    for other in [Story::new().removed(1440, "2"), Story::new().removed(0, "4")] {
        let other = other.only(2880).id;
        assert_eq!(of(&other), "NO-ADMIN:L1");
        assert_ne!(other, name);
    }
    // A later loss under the same line is not the one that was explained.
    let four = Story::new().removed(0, "6").gave(5, &["2"]).only(120);
    let two = Story::new().removed(0, "6").gave(5, &["2"]).gave(10, &["2"]).only(120);
    assert!(four.of == two.of && of(&four.id) == of(&two.id) && four.id != two.id, "{four:?} {two:?}");
    // When the rest of a package was left and then wasted too late, it is still the same rest.
    let rest = || Story::new().removed(0, "2").gave(5, &["0.5"]);
    assert_eq!(rest().only(60).id, rest().wasted(70, "1.5").only(120).id);
}

#[test]
fn ph1_a_package_that_was_put_aside_for_longer_than_the_window_stays_in_its_account() {
    Story::new().removed(0, "2").aside(5, 1).gave(100, &["2"]).balances(300, "0", &[]);
    Story::new().removed(0, "4").aside(5, 1).gave(100, &["2"]).gave(130, &["2"]).balances(300, "0", &[]);
    // What the pharmacy sent to the ward stays there.
    let both = Story::new().line(0, "dispense", "2", false).removed(10, "2").aside(15, 1).gave(200, &["2"]);
    let row = |of, unaccounted: &str| (of, format!("{unaccounted} mL"), "0 mL".to_owned());
    assert_eq!(both.ends(300), (vec![row("nurse", "0"), row("ward", "2")], BTreeMap::new()));
    // Put aside hours after the removal, it is another one.
    let other = Story::new().removed(0, "2").aside(200, 1).gave(210, &["2"]).ends(300);
    assert_eq!(other.1, BTreeMap::from([("ADMIN-NO-REMOVAL", 1), ("NO-ADMIN", 1)]));
}

#[test]
fn ph1_a_label_on_another_item_is_a_finding_and_fails_its_own_account_alone() {
    let found = |item: &str, amount: &str| {
        let story = Story::new().labelled(0, item, amount, "26X0001").gave_labelled(5, "26X0001");
        story.removed(10, "2").gave(15, &["2"]).ends(120)
    };
    let row = |of, unaccounted: &str| (of, unaccounted.to_owned());
    let rows = |found: &(Vec<Row>, BTreeMap<&'static str, usize>)| -> Vec<(&'static str, String)> {
        found.0.iter().map(|(of, unaccounted, _)| (*of, unaccounted.clone())).collect()
    };
    let same = found("fentanyl", "2,mL");
    assert_eq!(rows(&same), [row("dose", "0 mL"), row("nurse", "0 mL")]);
    assert_eq!(same.1, BTreeMap::new());
    // Tablets on the label, a vial in the hand: nothing can be added, and the other account is balanced all the same.
    let other = found("morphine", "1,{tablet}");
    assert_eq!(rows(&other), [row("dose", "1 {tablet}"), row("nurse", "0 mL")]);
    assert_eq!(other.1, BTreeMap::from([("AMOUNT-MISMATCH", 1)]));
}

#[test]
fn ph1_a_package_that_was_put_aside_before_a_merge_and_given_after_it_counts_once() {
    let old = PatientId::parse("merged-away").unwrap();
    let story = || {
        let mut story = Story::new();
        story.stored.merged = [(old.clone(), story.done.patient.clone())].into();
        let file = story.removed(0, "2");
        // The line was written before the merge.
        let text = file.file.replace(file.done.patient.as_str(), old.as_str());
        Story { file: text, ..file }
    };
    story().aside_for(old.clone(), 5, 1).gave(20, &["2"]).balances(120, "0", &[]);
    // Of another patient it is another package.
    let mut other = story();
    other.stored = Stored::default();
    other.file = other.file.replace(old.as_str(), other.done.patient.as_str());
    let (_, types) = other.aside_for(old.clone(), 5, 1).gave(20, &["2"]).ends(120);
    assert!(types.contains_key("NO-WASTE"), "{types:?}");
}

#[test]
fn ph2_a_rest_is_wasted_in_time_by_the_policy_of_the_site() {
    let within = |minutes: i64| {
        let waste_within = SignedDuration::from_mins(minutes);
        let mut story = Story::new().removed(0, "2").gave(5, &["0.5"]).wasted(20, "1.5");
        story.limits = Limits::of(&Policy { waste_within, ..Policy::default() });
        story.ends(120).1
    };
    assert_eq!(within(15), BTreeMap::new());
    assert_eq!(within(14), BTreeMap::from([("NO-WASTE", 1)]));
}
