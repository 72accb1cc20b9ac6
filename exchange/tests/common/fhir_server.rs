//! A FHIR server of a few lines: search by identifier and tag, read, create, update with `If-Match`. What a real one does more is held by the
//! peers (`tests/peers.rs`, `tests/hfs.rs`).

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

#[derive(Clone, Default)]
pub struct FhirServer {
    resources: Arc<Mutex<Vec<Value>>>,
    asked: Arc<Mutex<Vec<String>>>,
    /// With which status nothing is taken any more.
    refuses: Arc<Mutex<Option<u16>>>,
}

impl FhirServer {
    /// Listens until the process ends; the base address.
    pub fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}/fhir", listener.local_addr().unwrap());
        let server = self.clone();
        std::thread::spawn(move || listener.incoming().flatten().for_each(|stream| server.serve(&stream)));
        base
    }

    pub fn put(&self, resource: Value) {
        self.resources.lock().unwrap().push(resource);
    }

    /// Takes nothing from now on, or everything again.
    pub fn refuse(&self, status: Option<u16>) {
        *self.refuses.lock().unwrap() = status;
    }

    /// Forgets a resource.
    pub fn remove(&self, id: &str) {
        self.resources.lock().unwrap().retain(|resource| resource["id"] != id);
    }

    /// All of one type.
    pub fn all(&self, kind: &str) -> Vec<Value> {
        let resources = self.resources.lock().unwrap();
        resources.iter().filter(|resource| resource["resourceType"] == kind).cloned().collect()
    }

    /// What was asked, such as `PUT MedicationAdministration`.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    fn serve(&self, stream: &TcpStream) {
        let mut reader = BufReader::new(stream);
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if line.trim().is_empty() {
                break;
            }
            head.push(line.trim().to_owned());
        }
        let Some(first) = head.first() else { return };
        let mut words = first.split(' ');
        let (method, target) = (words.next().unwrap(), words.next().unwrap());
        let header = |name: &str| {
            let of = |line: &String| {
                let (key, value) = line.split_once(':')?;
                key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
            };
            head.iter().find_map(of)
        };
        let length = header("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let (status, answer) = self.answer(method, target, header("if-match"), body);
        let text = answer.to_string();
        let head = format!(
            "HTTP/1.1 {status} -\r\nContent-Type: application/fhir+json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            text.len()
        );
        let mut stream = stream;
        stream.write_all((head + &text).as_bytes()).unwrap();
    }

    fn answer(&self, method: &str, target: &str, version: Option<String>, mut body: Value) -> (u16, Value) {
        let path = target.strip_prefix("/fhir/").unwrap();
        let kind = path.split(['/', '?']).next().unwrap();
        self.asked.lock().unwrap().push(format!("{method} {kind}"));
        if let Some(status) = self.refuses.lock().unwrap().filter(|_| method != "GET") {
            return (status, json!({ "resourceType": "OperationOutcome" }));
        }
        let mut resources = self.resources.lock().unwrap();
        if let Some((_, query)) = path.split_once('?') {
            let (_, mark) = query.split_once('=').unwrap();
            let mark = mark.replace("%7C", "|").replace("%3A", ":");
            let (system, code) = mark.split_once('|').unwrap();
            let marks = |resource: &Value| {
                let all = [&resource["identifier"], &resource["meta"]["tag"]];
                let mut all = all.into_iter().filter_map(Value::as_array).flatten();
                all.any(|one| one["system"] == system && (one["value"] == code || one["code"] == code))
            };
            let hits = resources.iter().filter(|one| one["resourceType"] == kind && marks(one));
            let entries: Vec<Value> = hits.map(|one| json!({ "resource": one })).collect();
            return (200, json!({ "resourceType": "Bundle", "type": "searchset", "entry": entries }));
        }
        let number = resources.len() + 1;
        let id = path.split_once('/').map_or_else(|| format!("r{number}"), |(_, id)| id.to_owned());
        let known = resources.iter_mut().find(|one| one["resourceType"] == kind && one["id"] == *id);
        match (method, known) {
            ("GET", Some(known)) => (200, known.clone()),
            ("PUT", Some(known)) => {
                let was: u64 = known["meta"]["versionId"].as_str().unwrap().parse().unwrap();
                if version.is_some_and(|version| version != format!("W/\"{was}\"")) {
                    return (412, json!({ "resourceType": "OperationOutcome" }));
                }
                body["meta"]["versionId"] = (was + 1).to_string().into();
                *known = body;
                (200, known.clone())
            }
            ("POST", _) => {
                body["id"] = id.into();
                body["meta"]["versionId"] = "1".into();
                resources.push(body.clone());
                (201, body)
            }
            _ => (404, json!({ "resourceType": "OperationOutcome" })),
        }
    }
}
