//! Connections of our HTTP services (the fence for hyper beside health and metrics): bounded in number and time, over TLS where there is one.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

/// How long head, body and TLS of a request may take to arrive.
pub(crate) const ARRIVES_WITHIN: Duration = Duration::from_secs(10);

/// From where a request came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct From(pub(crate) IpAddr);

/// What a service takes at the most.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Connections at once.
    pub(crate) most: usize,
    /// How long one is kept without an end.
    pub(crate) lasts: Duration,
}

/// Takes connections until told to stop.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    routes: Router,
    limits: Limits,
    mut stop: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(limits.most));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let Ok((socket, peer)) = accepted else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
        let (routes, tls, stop) = (routes.clone(), tls.clone(), stop.clone());
        tokio::spawn(async move {
            match tls {
                None => connection(socket, peer, routes, limits.lasts, stop).await,
                Some(tls) => {
                    let shaken = tokio::time::timeout(ARRIVES_WITHIN, tls.accept(socket)).await;
                    if let Ok(Ok(socket)) = shaken {
                        connection(socket, peer, routes, limits.lasts, stop).await;
                    }
                }
            }
            drop(place);
        });
    }
    drop(listener);
    // What is being answered is answered.
    let all = u32::try_from(limits.most).unwrap_or(u32::MAX);
    let _ = tokio::time::timeout(ARRIVES_WITHIN, places.acquire_many(all)).await;
}

async fn connection<S>(
    socket: S,
    peer: SocketAddr,
    routes: Router,
    lasts: Duration,
    mut stop: watch::Receiver<bool>,
) where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
{
    let service =
        hyper::service::service_fn(move |mut request: axum::http::Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(From(peer.ip()));
            routes.clone().oneshot(request.map(Body::new))
        });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(ARRIVES_WITHIN)
        .max_headers(64)
        .serve_connection(TokioIo::new(socket), service);
    let mut connection = std::pin::pin!(connection);
    let told = async {
        let _ = stop.wait_for(|stop| *stop).await;
    };
    tokio::select! {
        // Whoever asks and does not take the answer asks again.
        _ = connection.as_mut() => {}
        () = tokio::time::sleep(lasts) => {}
        () = told => {
            // What is being answered is answered; nothing more is taken.
            connection.as_mut().graceful_shutdown();
            let _ = tokio::time::timeout(ARRIVES_WITHIN, connection).await;
        }
    }
}
