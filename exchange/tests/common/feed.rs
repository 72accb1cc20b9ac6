//! A store with its inbox, and messages for it.

use std::path::Path;
use std::sync::Arc;

use exchange::drugs::DrugSources;
use exchange::feed::db::{self, Db};
use exchange::feed::inbox::{Arrived, Inbox, Reply, Writer};
use exchange::feed::live::Live;
use exchange::hl7::Hl7Rules;
use exchange::site::Site;
use exchange::store::Store;
use jiff::Timestamp;

use super::{BARCODES, ITEMS, TODAY, rules};

pub fn now() -> Timestamp {
    "2026-11-30T13:00:00Z".parse().unwrap()
}

pub fn hl7_rules() -> Hl7Rules {
    Hl7Rules::new(rules().zone)
}

/// A store in a temporary folder, with the drug file of the tests.
pub struct Feed {
    pub dir: tempfile::TempDir,
    pub db: Arc<Db>,
    pub inbox: Inbox,
    pub live: Live,
    writer: Option<Writer>,
}

impl Feed {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fill(dir.path());
        Self::on(dir)
    }

    /// The same folder, opened again after a stop.
    pub fn reopened(self) -> Self {
        let Self { dir, db, inbox, live, writer } = self;
        drop((inbox, live));
        writer.unwrap().join();
        drop(db);
        Self::on(dir)
    }

    fn on(dir: tempfile::TempDir) -> Self {
        let db = Arc::new(Db::open(&db::path_in(dir.path())).unwrap());
        let (inbox, writer) = Inbox::start(Arc::clone(&db), hl7_rules());
        let live = Live::beside(dir.path(), Arc::clone(&db), rules(), hl7_rules()).unwrap();
        Self { dir, db, inbox, live, writer: Some(writer) }
    }

    pub fn take_at(&self, message: &[u8], received: Timestamp) -> Reply {
        let arrived = Arrived { feed: Arc::from("adt"), bytes: message.to_vec(), received };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(self.inbox.take(arrived)).unwrap()
    }

    pub fn take(&self, message: &str) -> Reply {
        self.take_at(message.as_bytes(), now())
    }

    pub fn site(&mut self) -> Site {
        self.live.load(TODAY).unwrap()
    }
}

pub fn fill(dir: &Path) {
    let sources = DrugSources {
        items: ("items.csv", ITEMS.as_bytes()),
        barcodes: Some(("barcodes.csv", BARCODES.as_bytes())),
        recalls: None,
    };
    Store::open(dir).unwrap().import_drugs(sources, &rules(), TODAY).unwrap();
}

/// A message: MSH with this type and control id, PID of patient `mrn`, PV1, then `more`.
pub fn message(kind: &str, id: &str, mrn: &str, more: &str) -> String {
    let pv1 = "PV1|1|I|3B^12^A^GEN||||||||||||||||V1^^^GEN^VN\r";
    with_visit(kind, id, mrn, pv1, more)
}

pub fn with_visit(kind: &str, id: &str, mrn: &str, pv1: &str, more: &str) -> String {
    format!(
        "MSH|^~\\&|CPOE|GEN|BCMA|3B|20261130080000-0500||{kind}|{id}|P|2.5.1\r\
         PID|1||X9^^^GEN^SS~{mrn}^^^GEN^MR~7^^^GEN^BAND||DOE^JANE^Q^^^^L||19500203|F\r{pv1}{more}"
    )
}

/// An order of metoprolol 25 mg, twice a day.
pub fn order(control: &str, number: &str) -> String {
    format!(
        "ORC|{control}|{number}^CPOE|RX-{number}^PHARM||IP||||20261129090000-0500|||1234^WELBY^MARCUS\r\
         RXE|^BID|metoprolol-25^metoprolol tartrate 25 mg^99FORM|25||mg^milligram^UCUM|||||||||77\r\
         TQ1|1||BID|0900~2100|||20261129090000-0500\rRXR|PO^Oral^HL70162\r"
    )
}
