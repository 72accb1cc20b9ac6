//! Orders pulled from a FHIR server: what is not all there is must not look as if it were.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::time::Duration;

use exchange::http::Http;
use exchange::server::Server;
use exchange::server::pull::{Queries, pull};
use serde_json::{Value, json};

/// A server that answers the census with this, and every other search with nothing.
fn pulled(census: &Value) -> Result<Vec<String>, String> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/fhir", listener.local_addr().unwrap());
    let census = census.to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let lines: Vec<String> = BufReader::new(&stream)
                .lines()
                .map_while(Result::ok)
                .take_while(|line| !line.is_empty())
                .collect();
            let empty = || searchset(Some(0), &[]).to_string();
            let of_census = lines.first().is_some_and(|line| line.contains("/fhir/Encounter"));
            let body = if of_census { census.clone() } else { empty() };
            let head =
                format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            (&stream).write_all((head + &body).as_bytes()).unwrap();
        }
    });
    let http = Http::new(None, Duration::from_secs(10)).unwrap();
    let mut server = Server::new(http, &base, None, jiff::Timestamp::now);
    let bundles = pull(&mut server, &Queries::default()).map_err(|error| error.to_string())?;
    Ok(bundles.into_iter().map(|(patient, _)| patient).collect())
}

fn searchset(total: Option<u64>, entries: &[Value]) -> Value {
    let mut set = json!({ "resourceType": "Bundle", "type": "searchset", "entry": entries });
    if let Some(total) = total {
        set["total"] = total.into();
    }
    set
}

fn stay(id: &str, subject: &Value) -> Value {
    json!({ "resource": { "resourceType": "Encounter", "id": id, "status": "in-progress", "subject": subject }, "search": { "mode": "match" } })
}

fn patient(id: &str) -> Value {
    json!({ "resource": { "resourceType": "Patient", "id": id }, "search": { "mode": "include" } })
}

#[test]
fn a_stay_that_names_nobody_is_no_whole_census() {
    let known = stay("e1", &json!({ "reference": "Patient/p1" }));
    assert_eq!(pulled(&searchset(None, &[known.clone(), patient("p1")])).unwrap(), ["p1"]);
    let by_number = json!({ "identifier": { "system": "urn:bcma:mrn", "value": "300001" } });
    for subject in [by_number, Value::Null, json!({ "reference": "urn:uuid:300001" })] {
        let error =
            pulled(&searchset(None, &[known.clone(), patient("p1"), stay("e2", &subject)])).unwrap_err();
        assert!(error.starts_with("orders not current") && error.contains("subject.reference"), "{error}");
        assert!(!error.contains("300001"), "{error}");
    }
}

#[test]
fn fewer_than_the_server_counts_are_not_all() {
    let known = stay("e1", &json!({ "reference": "Patient/p1" }));
    for total in [None, Some(0), Some(1)] {
        assert_eq!(pulled(&searchset(total, &[known.clone(), patient("p1")])).unwrap(), ["p1"]);
    }
    let error = pulled(&searchset(Some(2), &[known, patient("p1")])).unwrap_err();
    assert!(error.starts_with("orders not current") && error.contains("1 of 2 came"), "{error}");
}
