//! Health and metrics over HTTP (the fence for hyper). No patient data: names of feeds, ages, counts.
//!
//! `/health` answers 200 while the process can store messages, `/ready` only when no feed is silent either; `/metrics` is Prometheus
//! text; `/parked` lists what waits for a person, by place and reason.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use super::Shown;
use crate::feed::db::{DbError, FeedRecord};

const MOST_CONNECTIONS: usize = 32;
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

pub(super) async fn serve(listener: TcpListener, shown: Arc<Shown>, mut stop: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        let Ok((socket, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
        let shown = Arc::clone(&shown);
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let shown = Arc::clone(&shown);
                async move { Ok::<_, Infallible>(answer(&request, &shown)) }
            });
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(ANSWERS_WITHIN)
                .keep_alive(false)
                .serve_connection(TokioIo::new(socket), service);
            // Whoever asks and does not take the answer asks again.
            let _ = tokio::time::timeout(ANSWERS_WITHIN, connection).await;
            drop(place);
        });
    }
}

fn answer(request: &Request<Incoming>, shown: &Shown) -> Response<Full<Bytes>> {
    if request.method() != Method::GET {
        return response(StatusCode::METHOD_NOT_ALLOWED, "text/plain", "GET only\n".to_owned());
    }
    let asked = match request.uri().path() {
        "/health" => health(shown, false),
        "/ready" => health(shown, true),
        "/metrics" => metrics(shown).map(|text| (StatusCode::OK, "text/plain; version=0.0.4", text)),
        "/parked" => parked(shown).map(|text| (StatusCode::OK, "application/json", text)),
        _ => Ok((StatusCode::NOT_FOUND, "text/plain", "/health, /ready, /metrics, /parked\n".to_owned())),
    };
    let (status, kind, body) = asked.unwrap_or_else(|error| {
        (StatusCode::SERVICE_UNAVAILABLE, "text/plain", format!("the feed store cannot be read: {error}\n"))
    });
    response(status, kind, body)
}

fn response(status: StatusCode, kind: &'static str, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", hyper::header::HeaderValue::from_static(kind));
    response
}

fn silent(feed: &FeedRecord, now: Timestamp) -> (Option<SignedDuration>, bool) {
    let heard: Option<Timestamp> = feed.heard.parse().ok();
    let age = heard.map(|heard| now.duration_since(heard));
    let most = SignedDuration::from_mins(i64::from(feed.silent_after_min));
    (age, age.is_none_or(|age| age >= most))
}

type Page = (StatusCode, &'static str, String);

fn health(shown: &Shown, ready: bool) -> Result<Page, DbError> {
    let view = shown.inbox.db().view()?;
    let now = (shown.clock)();
    let all = view.feeds()?;
    let feeds: Vec<serde_json::Value> = all
        .iter()
        .map(|(name, feed)| {
            let (age, silent) = silent(feed, now);
            serde_json::json!({
                "name": name, "heard": feed.heard, "age_s": age.map(|age| age.as_secs()), "silent": silent,
                "failure": feed.failure,
            })
        })
        .collect();
    let current = all.iter().all(|(_, feed)| !silent(feed, now).1);
    let alive = !shown.inbox.is_stopped();
    let status = match (alive, current) {
        (false, _) => "messages cannot be stored",
        (true, false) => "orders not current",
        (true, true) => "ok",
    };
    let body = serde_json::json!({
        "status": status, "feeds": feeds, "messages": view.messages()?, "parked": view.parked_count()?,
    });
    let good = alive && (current || !ready);
    let code = if good { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok((code, "application/json", format!("{body}\n")))
}

fn parked(shown: &Shown) -> Result<String, DbError> {
    let parked = shown.inbox.db().view()?.parked()?;
    Ok(serde_json::to_string(&parked).unwrap_or_default() + "\n")
}

fn metrics(shown: &Shown) -> Result<String, DbError> {
    let view = shown.inbox.db().view()?;
    let now = (shown.clock)();
    let mut text = String::new();
    let mut family = |name: &str, kind: &str, help: &str, samples: Vec<(String, String)>| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (labels, value) in samples {
            let _ = writeln!(text, "{name}{labels} {value}");
        }
    };
    let label = |name: &str, value: &str| format!("{{{name}=\"{}\"}}", escape(value));
    let feeds = view.feeds()?;
    family(
        "exchange_feed_age_seconds",
        "gauge",
        "Seconds since a feed was last heard.",
        feeds
            .iter()
            .filter_map(|(name, feed)| {
                silent(feed, now).0.map(|age| (label("feed", name), age.as_secs().to_string()))
            })
            .collect(),
    );
    family(
        "exchange_feed_silent",
        "gauge",
        "1 while a feed is silent: orders not current.",
        feeds
            .iter()
            .map(|(name, feed)| (label("feed", name), u8::from(silent(feed, now).1).to_string()))
            .collect(),
    );
    family(
        "exchange_messages_parked",
        "gauge",
        "Messages that wait for a person.",
        vec![(String::new(), view.parked_count()?.to_string())],
    );
    let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed).to_string();
    let mut messages = Vec::new();
    let mut connections = Vec::new();
    for (feed, counters) in &shown.feeds {
        let feed = escape(feed);
        let both = |name: &str, value: &str| format!("{{feed=\"{feed}\",{name}=\"{value}\"}}");
        messages.push((both("result", "accepted"), read(&counters.accepted)));
        messages.push((both("result", "repeated"), read(&counters.repeated)));
        messages.push((both("result", "parked"), read(&counters.parked)));
        messages.push((both("result", "unstored"), read(&counters.unstored)));
        connections.push((both("result", "taken"), read(&counters.connections)));
        connections.push((both("result", "refused"), read(&counters.refused)));
        connections.push((both("result", "broken"), read(&counters.broken)));
    }
    family("exchange_messages_total", "counter", "Messages by what became of them.", messages);
    family("exchange_connections_total", "counter", "MLLP connections by what became of them.", connections);
    let mut deliveries = Vec::new();
    let mut waiting = Vec::new();
    for (target, counters) in &shown.targets {
        let target = escape(target);
        for (name, counter) in
            [("done", &counters.done), ("parked", &counters.parked), ("later", &counters.later)]
        {
            deliveries.push((format!("{{target=\"{target}\",result=\"{name}\"}}"), read(counter)));
        }
        waiting.push((format!("{{target=\"{target}\"}}"), read(&counters.waiting)));
    }
    family("exchange_deliveries_total", "counter", "Attempts to deliver ledger entries.", deliveries);
    family("exchange_deliveries_waiting", "gauge", "Ledger entries that wait for a target.", waiting);
    Ok(text)
}

fn escape(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', " ")
}
