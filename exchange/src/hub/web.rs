//! The hub on the network (a fence for axum): three routes of CBOR, and one that says that it is there.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use ledger::cbor;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use super::message::{CBOR, CLAIM, RELEASE, ROUND, Round};
use super::serve::Clock;
use super::{Claimed, Hub, HubDbError};
use crate::listen::{self, ARRIVES_WITHIN, Limits};

/// A round of [`MOST_RECORDS`](super::message::MOST_RECORDS) records of 16 kB; most have less than one.
const MOST_BYTES: usize = 4 << 20;
/// Kiosks keep their connections open; a ward has a dozen.
const MOST_CONNECTIONS: usize = 256;
/// A connection that is kept is made anew once a day.
const CONNECTION_FOR: Duration = Duration::from_hours(24);

#[derive(Clone)]
struct Shared {
    hub: Arc<Hub>,
    clock: Clock,
}

/// Takes connections until told to stop.
pub(super) async fn serve(
    hub: Arc<Hub>,
    clock: Clock,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    stop: watch::Receiver<bool>,
) {
    let limits = Limits { most: MOST_CONNECTIONS, lasts: CONNECTION_FOR };
    listen::serve(listener, tls, router(Shared { hub, clock }), limits, stop).await;
}

fn router(shared: Shared) -> Router {
    Router::new()
        .route("/health", get(health))
        .route(CLAIM, post(claim))
        .route(RELEASE, post(release))
        .route(ROUND, post(round))
        .with_state(shared)
}

async fn health(State(shared): State<Shared>) -> Response {
    if shared.hub.has_failed() {
        return (StatusCode::SERVICE_UNAVAILABLE, "the hub's store fails\n").into_response();
    }
    "ok\n".into_response()
}

async fn claim(State(shared): State<Shared>, request: Request) -> Response {
    answer(shared, request, |shared, claim| {
        Ok(match shared.hub.claim(&claim, (shared.clock)())? {
            Claimed::Granted => StatusCode::NO_CONTENT.into_response(),
            Claimed::Refused(refusal) => body(StatusCode::CONFLICT, &refusal),
            Claimed::GivenBack => StatusCode::GONE.into_response(),
        })
    })
    .await
}

async fn release(State(shared): State<Shared>, request: Request) -> Response {
    answer(shared, request, |shared, entry| {
        shared.hub.release(entry, (shared.clock)())?;
        Ok(StatusCode::NO_CONTENT.into_response())
    })
    .await
}

async fn round(State(shared): State<Shared>, request: Request) -> Response {
    answer(shared, request, |shared, round: Round| {
        Ok(body(StatusCode::OK, &shared.hub.round(round, (shared.clock)())?))
    })
    .await
}

fn body<T: cbor::Cbor>(status: StatusCode, value: &T) -> Response {
    (status, [(header::CONTENT_TYPE, CBOR)], cbor::encode(value)).into_response()
}

/// Reads what was asked, and answers on a thread that may wait for the disk.
async fn answer<T: cbor::Cbor + Send + 'static>(
    shared: Shared,
    request: Request,
    act: fn(&Shared, T) -> Result<Response, HubDbError>,
) -> Response {
    let read = tokio::time::timeout(ARRIVES_WITHIN, to_bytes(request.into_body(), MOST_BYTES)).await;
    let Ok(Ok(bytes)) = read else {
        return (StatusCode::PAYLOAD_TOO_LARGE, "too long, or it did not arrive in time\n").into_response();
    };
    let done = tokio::task::spawn_blocking(move || carry_out(&shared, &bytes, act)).await;
    done.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

fn carry_out<T: cbor::Cbor>(
    shared: &Shared,
    bytes: &Bytes,
    act: fn(&Shared, T) -> Result<Response, HubDbError>,
) -> Response {
    let asked = match cbor::decode(bytes) {
        Ok(asked) => asked,
        // The error names a place, never a content.
        Err(error) => return (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
    };
    act(shared, asked).unwrap_or_else(|error| {
        tracing::error!(%error, "the hub cannot answer; kiosks go on alone");
        (StatusCode::SERVICE_UNAVAILABLE, "the hub's store fails\n").into_response()
    })
}
