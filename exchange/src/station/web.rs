//! The station on the network (a fence for axum): routes, headers, cookies, bounds.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::Response;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use super::asked::{Answer, Asked, MOST_FORM};
use super::{Page, Station};
use crate::listen::{self, ARRIVES_WITHIN, From, Limits};

/// How long a connection is kept without an end: a verification of a large ledger takes minutes.
const CONNECTION_FOR: Duration = Duration::from_mins(15);

const STYLE: &str = include_str!("style.css");

/// Nothing from elsewhere, no script, no frame, forms to ourselves alone.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

#[derive(Clone)]
struct Shared {
    station: Arc<Station>,
    /// Whether cookies are for TLS alone.
    secure: bool,
}

impl Shared {
    /// With TLS the name says that it is bound to this host and to TLS.
    const fn cookie(&self) -> &'static str {
        if self.secure { "__Host-station" } else { "station" }
    }
}

/// The routes of the station.
pub fn router(station: Arc<Station>, secure: bool) -> Router {
    let mut routes: Router<Shared> = Router::new()
        .route("/style.css", get(async || ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)))
        .route("/sign-in", get(answer).post(answer))
        .route("/sign-out", get(answer).post(answer));
    for page in Page::ALL {
        let path = format!("/{}", page.path());
        routes = routes.route(&path, get(answer));
        if page != Page::Overview {
            routes = routes.route(&format!("{path}/{{part}}"), get(answer).post(answer));
        }
    }
    routes
        .fallback(answer)
        .layer(middleware::map_response(move |response: Response| async move { guarded(response, secure) }))
        .with_state(Shared { station, secure })
}

async fn answer(State(shared): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let from = parts.extensions.get::<From>().map_or(IpAddr::from([0, 0, 0, 0]), |from| from.0);
    let read = tokio::time::timeout(ARRIVES_WITHIN, to_bytes(body, MOST_FORM)).await;
    let Ok(Ok(form)) = read else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE, "The form is too long or did not arrive in time.\n");
    };
    let asked = Asked::of(parts.method, &parts.uri, &parts.headers, &form, from, shared.cookie());
    let cookie = shared.cookie();
    let secure = shared.secure;
    // Reading files and hashing passwords would hold up other connections of this thread.
    let station = shared.station;
    match tokio::task::spawn_blocking(move || station.answer(&asked)).await {
        Ok(answer) => response(answer, cookie, secure),
        Err(_) => {
            plain(StatusCode::INTERNAL_SERVER_ERROR, "This page failed; the service's log says where.\n")
        }
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response
}

fn response(answer: Answer, cookie: &str, secure: bool) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: String| {
        // Each of our values is plain ASCII: names of files, paths of pages, hexadecimal tokens.
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    };
    set(header::CONTENT_TYPE, answer.kind.to_owned());
    if let Some(name) = answer.file {
        set(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""));
    }
    if let Some(location) = answer.location {
        set(header::LOCATION, location);
    }
    if let Some(token) = answer.token {
        let more = if secure { "; Secure" } else { "" };
        let age = if token.is_empty() { "; Max-Age=0" } else { "" };
        set(header::SET_COOKIE, format!("{cookie}={token}; Path=/; HttpOnly; SameSite=Strict{more}{age}"));
    }
    response
}

/// What every answer carries, whoever made it.
fn guarded(mut response: Response, secure: bool) -> Response {
    let headers: &mut HeaderMap = response.headers_mut();
    let all = [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
    ];
    for (name, value) in all {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if secure {
        let value = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    response
}

/// The listening station.
pub struct Web {
    /// The station.
    pub station: Arc<Station>,
    /// Its TLS, where it has one.
    pub tls: Option<TlsAcceptor>,
}

impl std::fmt::Debug for Web {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Web({:?})", self.station)
    }
}

impl Web {
    /// Takes connections until told to stop.
    pub async fn serve(self, listener: TcpListener, stop: watch::Receiver<bool>) {
        let most = self.station.config().most_connections;
        let routes = router(Arc::clone(&self.station), self.tls.is_some());
        listen::serve(listener, self.tls, routes, Limits { most, lasts: CONNECTION_FOR }, stop).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_tls_the_cookie_is_for_this_host_and_tls_alone() {
        let answer = Answer { token: Some("t".to_owned()), ..Answer::see("/") };
        let secure = guarded(response(answer.clone(), "__Host-station", true), true);
        assert_eq!(
            secure.headers().get("set-cookie").unwrap(),
            "__Host-station=t; Path=/; HttpOnly; SameSite=Strict; Secure"
        );
        assert!(secure.headers().contains_key("strict-transport-security"));
        let plain = guarded(response(answer, "station", false), false);
        assert_eq!(
            plain.headers().get("set-cookie").unwrap(),
            "station=t; Path=/; HttpOnly; SameSite=Strict"
        );
        let gone = response(Answer { token: Some(String::new()), ..Answer::see("/") }, "station", false);
        assert!(gone.headers().get("set-cookie").unwrap().to_str().unwrap().ends_with("; Max-Age=0"));
    }

    #[test]
    fn the_policy_allows_nothing_from_elsewhere() {
        assert!(!POLICY.contains("unsafe") && !POLICY.contains("http") && !POLICY.contains("script-src"));
        assert!(!STYLE.contains("@import") && !STYLE.contains("url("));
    }
}
