//! The hospital's feeds at a real kiosk: a message that a sender has in its hands acknowledged is on the due list, and a merge ends an
//! open session. Loopback only.

#[path = "common/ward_3b.rs"]
mod ward_3b;

use std::path::Path;
use std::time::Duration;

use exchange::drugs::DrugSources;
use exchange::feed::live::Pulse;
use exchange::hl7::ack::AckCode;
use exchange::mllp::client::Client;
use exchange::rules::SiteRules;
use exchange::store::Store;
use jiff::{SignedDuration, Timestamp};
use kiosk::device::{Device, Output};
use kiosk::feeds::{Feeds, FeedsConfig, FeedsError, Run};
use kiosk::model::{Act, Mark, Screen, Status};
use kiosk::recorder::Recorder;
use kiosk::ward;
use ledger::clock::ClockEvidence;
use scanner::interpret::Interpreter;
use scanner::site::SiteFormats;
use ward_3b::{BADGE, TODAY, moment, now, staff, zone};

const BAND: &str = "]d28018952123400000001175\u{1D}80191";

/// A store with the demo's drug file, and the configuration of its feeds.
fn store(dir: &Path) -> FeedsConfig {
    let file = |name: &str| std::fs::read(ward_3b::file("drugs").join(name)).unwrap();
    let (items, barcodes) = (file("items.csv"), file("barcodes.csv"));
    let sources = DrugSources {
        items: ("items.csv", &items),
        barcodes: Some(("barcodes.csv", &barcodes)),
        recalls: None,
    };
    Store::open(&dir.join("store")).unwrap().import_drugs(sources, &SiteRules::new(zone()), TODAY).unwrap();
    let text = "store = \"store\"\nzone = \"America/New_York\"\n\
                [[mllp]]\nname = \"adt\"\nlisten = \"127.0.0.1:0\"\nsilent_after_min = 15\n";
    let exchange = dir.join("exchange.toml");
    std::fs::write(&exchange, text).unwrap();
    FeedsConfig { exchange, run: Run::Here, origin: "feeds.example/3b/kiosk-01/g1".into() }
}

/// A message about a patient of ward 3B with this number and, where they wear one, this GS1 number on the band.
fn message(kind: &str, id: &str, mrn: &str, gsrn: &str, more: &str) -> String {
    format!(
        "MSH|^~\\&|CPOE|GEN|BCMA|3B|20261130080000-0500||{kind}|{id}|P|2.5.1\r\
         PID|1||{mrn}^^^GEN^MR~{gsrn}^^^GS1^GSRN~1^^^GEN^BAND||WOOD^ALMA^^^^^L||19500203|F\r\
         PV1|1|I|3B^12^A^GEN||||||||||||||||V1^^^GEN^VN\r{more}"
    )
}

fn order(number: &str) -> String {
    format!(
        "ORC|NW|{number}^CPOE|RX-{number}^PHARM||IP||||20261129090000-0500|||1234^WELBY^MARCUS\r\
         RXE|^DAILY|lisinopril-10mg-tab^lisinopril 10 mg^99FORM|10||mg^milligram^UCUM|||||||||77\r\
         TQ1|1||QD|0900|||20261129090000-0500\rRXR|PO^Oral^HL70162\r"
    )
}

const WOOD: &str = "952123400000001175";

/// A kiosk on the feeds, and its ledger.
struct Bedside {
    device: Device,
    recorder: Recorder,
    feeds: Feeds,
    sender: Client,
    now: Timestamp,
}

impl Bedside {
    fn new(dir: &Path) -> Self {
        let mut feeds = Feeds::start(&store(dir), &zone(), now).unwrap();
        let sender = Client::new(feeds.addresses()[0].1.to_string(), None, Duration::from_secs(10));
        let ward = ward::with_staff(feeds.orders(TODAY).unwrap(), &staff()).unwrap();
        let evidence = ClockEvidence::of_moment(moment(now()));
        let recorder = Recorder::open(
            &dir.join("ledger"),
            "feeds.example/3b/kiosk-01/g1",
            true,
            &ward.policy,
            &evidence,
        )
        .unwrap();
        Self {
            device: ward_3b::device(ward, "feeds.example/3b/kiosk-01/g1"),
            recorder,
            feeds,
            sender,
            now: now(),
        }
    }

    fn send(&mut self, text: &str, id: &str) {
        let answer = self.sender.send(text.as_bytes(), id).unwrap();
        assert_eq!(answer.code, AckCode::Accept, "{answer:?}");
    }

    /// What the orders' thread does when it looks.
    fn look(&mut self) {
        if self.feeds.pulse(TODAY).unwrap() == Pulse::Changed {
            let ward = ward::with_staff(self.feeds.orders(TODAY).unwrap(), &staff()).unwrap();
            self.device.drug_file_arrived(ward.formulary);
            self.device.orders_arrived(ward.chart);
        }
        self.now += SignedDuration::from_secs(1);
        let outputs = self.device.tick(moment(self.now));
        self.carry_out(outputs);
    }

    fn scan(&mut self, text: &str) {
        self.now += SignedDuration::from_secs(1);
        let scan = Interpreter::new(SiteFormats::default(), 2026).hand_scan(text);
        let outputs = self.device.scan(scan, moment(self.now));
        self.carry_out(outputs);
    }

    fn act(&mut self, act: Act) {
        let outputs = self.device.act(act, moment(self.now));
        self.carry_out(outputs);
    }

    fn carry_out(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            if let Output::Record(entry) = output {
                let receipt = self.recorder.append(&entry, &ClockEvidence::of_moment(moment(self.now)));
                let more = self.device.appended(entry.key(), receipt, moment(self.now));
                self.carry_out(more);
            }
        }
    }

    fn sign_on(&mut self) {
        self.scan(BADGE);
        for key in "2468".chars() {
            self.act(Act::Key(key));
        }
        self.act(Act::Enter);
    }

    fn screen(&self) -> Screen {
        self.device.view(moment(self.now)).screen
    }

    /// The drugs that can be given now or later, with their state.
    fn due(&self) -> Vec<String> {
        match self.screen() {
            Screen::DueList(list) => {
                list.rows.into_iter().map(|row| format!("{}: {}", row.name, row.state)).collect()
            }
            other => panic!("no due list but {other:?}"),
        }
    }
}

#[test]
fn an_acknowledged_order_is_on_the_due_list_of_an_open_patient() {
    let dir = tempfile::tempdir().unwrap();
    let mut bedside = Bedside::new(dir.path());
    bedside.send(&message("ADT^A01", "1", "300001", WOOD, ""), "1");
    bedside.look();
    bedside.sign_on();
    bedside.scan(BAND);
    assert_eq!(bedside.due(), Vec::<String>::new());
    bedside.send(&message("RDE^O11", "2", "300001", WOOD, &order("ORD1")), "2");
    bedside.look();
    assert_eq!(bedside.due(), ["lisinopril: Due now"]);
    // Stopped again: it is due no more.
    let stop = "ORC|DC|ORD1^CPOE|RX-ORD1^PHARM||DC||||20261130085900-0500\r";
    bedside.send(&message("RDE^O11", "3", "300001", WOOD, stop), "3");
    bedside.look();
    assert_eq!(bedside.due(), ["lisinopril: Stopped 08:59"]);
    bedside.feeds.stop();
}

/// Acceptance 3 at the screen: A40 ends the session, both ids stay, and the old wristband says why it is no good.
#[test]
fn a_merge_ends_an_open_session_and_the_old_band_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let mut bedside = Bedside::new(dir.path());
    bedside.send(&message("RDE^O11", "1", "300001", WOOD, &order("ORD1")), "1");
    bedside.look();
    bedside.sign_on();
    bedside.scan(BAND);
    assert_eq!(bedside.due(), ["lisinopril: Due now"]);
    let merge = message("ADT^A40", "2", "300009", "952123400000001243", "MRG|300001^^^GEN^MR\r");
    bedside.send(&merge, "2");
    bedside.look();
    let Screen::Identify(prompt) = bedside.screen() else { panic!("{:?}", bedside.screen()) };
    let trouble = prompt.trouble.expect("why");
    assert_eq!((trouble.mark, trouble.check.as_str()), (Mark::Stop, "P2"));
    bedside.scan(BAND);
    let Screen::Identify(prompt) = bedside.screen() else { panic!("{:?}", bedside.screen()) };
    assert_eq!(
        prompt.trouble.map(|trouble| trouble.title),
        Some(trouble.title),
        "the old band is told from an unknown one"
    );
    // The survivor's band opens the survivor, with the orders of both.
    bedside.scan("]d28018952123400000001243\u{1D}80191");
    assert_eq!(bedside.due(), ["lisinopril: Due now"]);
    bedside.feeds.stop();
}

/// A discharge while the patient is open is found at the next step; nothing more is given.
#[test]
fn a_discharge_stops_the_wristband() {
    let dir = tempfile::tempdir().unwrap();
    let mut bedside = Bedside::new(dir.path());
    bedside.send(&message("RDE^O11", "1", "300001", WOOD, &order("ORD1")), "1");
    bedside.look();
    bedside.sign_on();
    bedside.send(&message("ADT^A03", "2", "300001", WOOD, ""), "2");
    bedside.look();
    bedside.scan(BAND);
    let Screen::Identify(prompt) = bedside.screen() else { panic!("{:?}", bedside.screen()) };
    assert_eq!(prompt.trouble.map(|trouble| trouble.check), Some("P4".to_owned()));
    bedside.feeds.stop();
}

/// Acceptance 12: the screen says which feed is silent, and since when.
#[test]
fn a_silent_feed_is_named_on_the_screen() {
    let dir = tempfile::tempdir().unwrap();
    let mut bedside = Bedside::new(dir.path());
    let never = bedside.feeds.silent(now()).unwrap().expect("never heard");
    bedside.device.silent_feed(Some((never.name, never.heard)));
    let orders = |bedside: &Bedside| bedside.device.view(moment(bedside.now)).header.orders;
    assert_eq!(orders(&bedside).text, "Orders not current: adt never heard");
    bedside.send(&message("ADT^A01", "1", "300001", WOOD, ""), "1");
    assert_eq!(bedside.feeds.silent(now() + SignedDuration::from_mins(14)).unwrap(), None);
    bedside.look();
    bedside.device.silent_feed(None);
    assert_eq!(orders(&bedside).mark, Mark::Pass);
    let silent = bedside.feeds.silent(now() + SignedDuration::from_mins(15)).unwrap().expect("silent");
    bedside.device.silent_feed(Some((silent.name, silent.heard)));
    assert_eq!(
        orders(&bedside),
        Status { mark: Mark::Stop, text: "Orders not current: adt silent since 09:00".into() }
    );
    bedside.feeds.stop();
}

/// Heard and nothing new: no order is read anew, and the store beside another process tells the same.
#[test]
fn the_pulse_tells_news_from_a_heartbeat_also_from_another_process() {
    let dir = tempfile::tempdir().unwrap();
    let config = store(dir.path());
    let mut here = Feeds::start(&config, &zone(), now).unwrap();
    let mut sender = Client::new(here.addresses()[0].1.to_string(), None, Duration::from_secs(10));
    sender.send(message("RDE^O11", "1", "300001", WOOD, &order("ORD1")).as_bytes(), "1").unwrap();
    let mut beside = Feeds::look(&config, &zone()).unwrap();
    for feeds in [&mut here, &mut beside] {
        assert_eq!(feeds.pulse(TODAY).unwrap(), Pulse::Changed);
        assert_eq!(feeds.orders(TODAY).unwrap().chart.requests.len(), 1);
        assert_eq!(feeds.pulse(TODAY).unwrap(), Pulse::Same);
        assert_eq!(feeds.pulse(TODAY.tomorrow().unwrap()).unwrap(), Pulse::Changed);
    }
    sender.send(message("RDE^O11", "2", "300001", WOOD, &order("ORD2")).as_bytes(), "2").unwrap();
    for feeds in [&mut here, &mut beside] {
        assert_eq!(feeds.pulse(TODAY).unwrap(), Pulse::Changed);
        assert_eq!(feeds.orders(TODAY).unwrap().chart.requests.len(), 2);
    }
    here.stop();
}

#[test]
fn feeds_of_another_zone_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let config = store(dir.path());
    let other = jiff::tz::TimeZone::get("America/Chicago").unwrap();
    let error = Feeds::start(&config, &other, now).unwrap_err();
    assert!(matches!(error, FeedsError::Zone { .. }));
    let text = error.to_string();
    assert!(text.contains("America/Chicago") && text.contains("America/New_York"), "{text}");
}
