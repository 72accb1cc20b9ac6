//! A station over a real ledger whose texts are as bad as they can be, and a browser that shows what is on the wire.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use exchange::drugs::DrugSources;
use exchange::serve::{self, Running};
use exchange::station::staff;
use exchange::store::Store;
use jiff::Timestamp;
use ledger::clock::ClockEvidence;
use ledger::init::{InitOptions, init};
use rights::case::PackageKnown;
use rights::entry::{IdempotencyKey, Inputs};
use rights::history::Outcome;
use rights::ident::{Lot, PersonName};
use rights::scan::{Meaning, NdcDigits, PackageCode, PackageKey};

use super::feed::{Feed, fill, message, order};
use super::shift::{Shift, scan};
use super::{BARCODES, ITEMS, TODAY, rules};

pub const PASSWORD: &str = "several words in a row";
pub const MRN: &str = "300001";
/// As it is in the ledger, and as a page may show it.
pub const NAME: &str = "<img src=x onerror=alert(1)> \"O'Hara\" & Co";
pub const SHOWN: &str = "&lt;img src=x onerror=alert(1)&gt;";
pub const DRUG: &str = "<script>alert(2)</script>";
pub const LOT: &str = "<B>LOT&1";

pub fn clock() -> Timestamp {
    "2026-12-01T17:00:00Z".parse().unwrap()
}

/// One patient: a dose given, a code that nobody knows, one refused, one given late. The kiosk still has its ledger open.
pub fn shift(folder: &Path) -> Shift {
    let mut feed = Feed::new();
    feed.take(&message("ADT^A01", "1", MRN, ""));
    feed.take(&message("RDE^O11", "2", MRN, &order("NW", "ORD1")));
    let mut site = feed.site();
    site.chart.patients[0].name = PersonName::parse(NAME).unwrap();
    for request in &mut site.chart.requests {
        DRUG.clone_into(&mut request.drug.name);
    }
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let mut shift = Shift::new(folder, site, at("2026-11-30T14:05:00Z"), rules().zone);
    shift.lot = Lot::parse(LOT).unwrap();
    shift.sign_on();
    shift.identify(MRN);
    unknown_code(&mut shift);
    shift.sign_on();
    shift.give(MRN, "ORD1.CPOE", at("2026-11-30T14:00:00Z"));
    for (now, slot, given) in [
        ("2026-12-01T02:00:00Z", "2026-12-01T02:00:00Z", false),
        ("2026-12-01T16:30:00Z", "2026-12-01T14:00:00Z", true),
    ] {
        shift.now = at(now);
        shift.chart.orders_as_of = Some(shift.now);
        shift.sign_on();
        if given {
            shift.give(MRN, "ORD1.CPOE", at(slot));
        } else {
            shift.not_given(MRN, "ORD1.CPOE", at(slot), Outcome::Refused, "refused");
        }
    }
    assert_eq!(shift.recorded, 3);
    shift
}

pub fn unknown_code(shift: &mut Shift) {
    let key = PackageKey::Ndc(NdcDigits::parse("9980123499").unwrap());
    let code = PackageCode { key, expiry: None, lot: None, serial: None };
    shift.handle(rights::bedside::Event::Scanned(scan("9980123499", Meaning::Package(code))));
}

/// A controlled substance beside the other items.
fn stock(store: &Path) {
    let morphine = "morphine-15,,morphine sulfate,,,tablet,immediate,morphine sulfate 15 mg,1 {tablet},1 {tablet},no,oral,yes,II,opioids,\n";
    let items = format!("{ITEMS}{morphine}");
    let sources = DrugSources {
        items: ("items.csv", items.as_bytes()),
        barcodes: Some(("barcodes.csv", BARCODES.as_bytes())),
        recalls: None,
    };
    Store::open(store).unwrap().import_drugs(sources, &rules(), TODAY).unwrap();
}

/// The folder of a site: its ledger, store, staff and configuration.
pub struct Place {
    pub dir: tempfile::TempDir,
    pub shift: Shift,
}

impl Place {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let shift = shift(&dir.path().join("ledger"));
        fill(&dir.path().join("store"));
        stock(&dir.path().join("store"));
        init(
            &dir.path().join("station-ledger"),
            &InitOptions::new("hospital.example/pharmacy/station-01/g1"),
            &ClockEvidence::now(),
        )
        .unwrap();
        let hash = staff::hash(PASSWORD, [3; 16]).unwrap();
        let person = |(id, role): (&str, &str)| {
            format!(
                "[[person]]\nid = \"{id}\"\nname = \"<i>{id}</i>\"\nrole = \"{role}\"\npassword = \"{hash}\"\n"
            )
        };
        let people =
            [("ph-1", "pharmacist"), ("ph-2", "pharmacist"), ("au-1", "auditor"), ("ad-1", "administrator")];
        std::fs::write(dir.path().join("staff.toml"), people.map(person).concat()).unwrap();
        let head = "id,at,kind,patient,request,product,quantity,unit,by,dose_id,lot\n";
        let rows = "D1,2026-11-30T08:00:00-05:00,removal,,,morphine-15,2,{tablet},rn-99,,\n";
        std::fs::write(dir.path().join("dispenses.csv"), format!("{head}{rows}")).unwrap();
        Self { dir, shift }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn config(&self, more: &str) -> serve::config::Config {
        let text = format!(
            "store = \"store\"\nzone = \"America/New_York\"\n[station]\nlisten = \"127.0.0.1:0\"\nledger = \"ledger\"\n\
             record = \"station-ledger\"\nstaff = \"staff.toml\"\ndispenses = \"dispenses.csv\"\n{more}"
        );
        std::fs::write(self.path("exchange.toml"), text).unwrap();
        serve::config::read(&self.path("exchange.toml")).unwrap()
    }

    /// The kiosk keeps this picture of the package whose code nobody knows: its entry.
    pub fn keep_picture(&self, jpeg: &[u8]) -> u64 {
        let ledger = self.shift.ledger.as_ref().unwrap();
        let unknown = ledger.history(0).unwrap().map(Result::unwrap).find(|stored| {
            let inputs = stored.detached.as_ref().and_then(|detached| detached.inputs.as_ref());
            matches!(inputs, Some(Inputs::Dose(case)) if case.packages.iter().any(|one| one.known == PackageKnown::Unknown))
        });
        let leaf = unknown.unwrap().leaf;
        let (session, count) = leaf.key.as_ref().unwrap().split_first_chunk::<16>().unwrap();
        let key = IdempotencyKey { session: *session, count: u32::from_be_bytes(count.try_into().unwrap()) };
        ledger.keep_picture(&key, jpeg).unwrap();
        leaf.sequence
    }

    pub fn serve(&self) -> Running {
        serve::start(&self.config(""), clock).unwrap()
    }
}

/// What came back.
pub struct Got {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Got {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }
}

/// A browser without a mind of its own: it keeps one cookie and the token of the last form.
pub struct Browser {
    pub address: SocketAddr,
    pub cookie: Option<String>,
    pub csrf: String,
}

impl Browser {
    pub fn new(running: &Running) -> Self {
        Self { address: running.web.unwrap().0, cookie: None, csrf: String::new() }
    }

    /// Sends bytes as they are.
    pub fn raw(&self, request: &str) -> Got {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(bytes.len());
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Got { status, head, body: bytes.get(end + 4..).unwrap_or_default().to_vec() }
    }

    fn send(&mut self, method: &str, path: &str, more: &str, body: &str) -> Got {
        let cookie =
            self.cookie.as_ref().map(|token| format!("Cookie: station={token}\r\n")).unwrap_or_default();
        let length = body.len();
        let got = self.raw(&format!(
            "{method} {path} HTTP/1.1\r\nHost: station\r\nConnection: close\r\n{cookie}{more}\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
        ));
        if let Some(set) = got.header("set-cookie") {
            let token = set.split(['=', ';']).nth(1).unwrap_or_default().to_owned();
            self.cookie = (!token.is_empty()).then_some(token);
        }
        let text = got.text();
        if let Some((_, rest)) = text.split_once("name=\"csrf\" value=\"") {
            rest.split('"').next().unwrap_or_default().clone_into(&mut self.csrf);
        }
        got
    }

    pub fn get(&mut self, path: &str) -> Got {
        self.send("GET", path, "", "")
    }

    /// A form with the token that the last page carried.
    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Got {
        let csrf = self.csrf.clone();
        self.forge(path, fields, &csrf, "Sec-Fetch-Site: same-origin\r\n")
    }

    /// A form with this token and these headers.
    pub fn forge(&mut self, path: &str, fields: &[(&str, &str)], csrf: &str, more: &str) -> Got {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("csrf", csrf).extend_pairs(fields);
        self.send("POST", path, more, &body.finish())
    }

    pub fn try_sign_in(&mut self, id: &str, password: &str) -> Got {
        self.get("/sign-in");
        self.post("/sign-in", &[("id", id), ("password", password)])
    }

    pub fn signed_in(running: &Running, id: &str) -> Self {
        let mut browser = Self::new(running);
        assert_eq!(browser.try_sign_in(id, PASSWORD).status, 303, "{id}");
        assert_eq!(browser.get("/").status, 200);
        browser
    }
}

/// Waits until the station has read the kiosk's ledger.
pub fn read_up(browser: &mut Browser, doses: usize) {
    for _ in 0..100 {
        if browser.get("/").text().contains(&format!("{doses} doses charted")) {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("the station does not know {doses} doses after 10 s: {}", browser.get("/").text());
}
