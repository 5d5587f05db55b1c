//! The listeners: sockets in, requests out. Mutual TLS 1.3 for organisers, plain HTTP on loopback
//! for probes and for pages.
//!
//! Every connection has a place that is counted, and every stage of it a time. When the server
//! stops, no connection is taken in any more; one on which nothing was asked, or all was answered,
//! ends at once, and a request that is under way has a time to end.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use parking_lot::Mutex;
use terms::Hash;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::edge::{Edge, Peer};
use crate::limits::{
    HEAD_READ_MAX, HEADERS_READ_MAX, Limits, PLAIN_CONNECTIONS_MAX, STRANGERS_MAX, STREAMS_MAX,
};
use crate::problem::Trouble;

/// Serves organisers until the signal comes.
pub async fn serve_tls(
    listener: TcpListener,
    edge: Edge,
    router: Router,
    limits: Limits,
    stop: watch::Receiver<bool>,
) {
    let acceptor = TlsAcceptor::from(edge.config.clone());
    let counts = Arc::<Counts>::default();
    let strangers = Arc::new(Semaphore::new(STRANGERS_MAX));
    let (handshake, most) = (limits.handshake, limits.connections_per_caller_max);
    run(listener, stop, limits, move |socket, server| {
        let (acceptor, router, edge) = (acceptor.clone(), router.clone(), edge.clone());
        let (counts, strangers) = (counts.clone(), strangers.clone());
        async move {
            // A peer that is too slow costs a line of the log at most.
            let mut stop = server.stop.clone();
            let accepted = tokio::select! {
                accepted = timeout(handshake, acceptor.accept(socket)) => accepted,
                _ = stop.wait_for(|stop| *stop) => return,
            };
            let Ok(Ok(stream)) = accepted else {
                tracing::debug!("a connection ended before its handshake did");
                return;
            };
            let (peer, _place) = match edge.peer(stream.get_ref().1) {
                Peer::Shown(print) => match counts.take(print, most) {
                    Some(place) => (Peer::Shown(print), Some(place)),
                    None => (Peer::Stranger(Trouble::ConnectionsExceeded), None),
                },
                stranger @ Peer::Stranger(_) => (stranger, None),
            };
            // What was agreed on in the handshake is spoken: a peer that says nothing is not waited
            // for to find out.
            let server = server.speaking(stream.get_ref().1.alpn_protocol() == Some(b"h2"));
            let io = TokioIo::new(stream);
            if let Peer::Stranger(why) = peer {
                tracing::debug!("a connection is told: {}", why.code());
                let Ok(_place) = strangers.try_acquire() else { return };
                // An error means that it has not heard in time.
                let _ = timeout(handshake, server.run(io, router, Some(peer))).await;
            } else {
                server.run(io, router, Some(peer)).await;
            }
        }
    })
    .await;
}

/// Serves plain HTTP on loopback until the signal comes.
pub async fn serve_plain(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    stop: watch::Receiver<bool>,
) {
    let limits = Limits { connections_max: PLAIN_CONNECTIONS_MAX, ..limits };
    run(listener, stop, limits, move |socket, server| {
        let router = router.clone();
        async move { server.run(TokioIo::new(socket), router, None).await }
    })
    .await;
}

/// Binds a plain listener, which must be on loopback: it has no protection of its own.
pub async fn bind_loopback(at: SocketAddr) -> std::io::Result<TcpListener> {
    if !at.ip().is_loopback() {
        let what = format!("{at} is not on loopback, and plain HTTP has no protection of its own");
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, what));
    }
    TcpListener::bind(at).await
}

async fn run<F, W>(
    listener: TcpListener,
    mut stop: watch::Receiver<bool>,
    limits: Limits,
    connection: F,
) where
    F: Fn(TcpStream, Server) -> W,
    W: Future<Output = ()> + Send + 'static,
{
    let (most, stop_time) = (limits.connections_max, limits.stop);
    let places = Arc::new(Semaphore::new(most));
    let server = Server { stop: stop.clone(), limits, http2: false };
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let socket = match accepted {
            Ok((socket, _)) => socket,
            // Out of descriptors, most likely: those that are open must end first.
            Err(error) => {
                tracing::warn!("a connection could not be taken in: {error}");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                continue;
            }
        };
        let Ok(place) = places.clone().try_acquire_owned() else {
            tracing::warn!("too many connections at a time");
            continue;
        };
        // An error costs a packet more, nothing else.
        let _ = socket.set_nodelay(true);
        let work = connection(socket, server.clone());
        tokio::spawn(async move {
            work.await;
            drop(place);
        });
    }
    // Whoever comes now is turned away at once, and not left waiting to be cut off at the end.
    drop(listener);
    // All places are free when all connections have ended.
    let all = u32::try_from(most).unwrap_or(u32::MAX);
    if timeout(stop_time, places.acquire_many(all)).await.is_err() {
        tracing::warn!("connections were cut at the stop, since they did not end in time");
    }
}

/// How a connection is served.
#[derive(Clone)]
struct Server {
    stop: watch::Receiver<bool>,
    limits: Limits,
    http2: bool,
}

impl Server {
    fn speaking(self, http2: bool) -> Server {
        Server { http2, ..self }
    }

    async fn run<I>(mut self, io: I, router: Router, peer: Option<Peer>)
    where
        I: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
    {
        let builder = self.builder(matches!(peer, Some(Peer::Stranger(_))));
        let inner = TowerToHyperService::new(router);
        let asked = Arc::new(AtomicBool::new(false));
        let asks = asked.clone();
        let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
            asks.store(true, Ordering::Relaxed);
            if let Some(peer) = peer {
                request.extensions_mut().insert(peer);
            }
            inner.call(request)
        });
        let graceful = GracefulShutdown::new();
        let connection = graceful.watch(builder.serve_connection(io, service).into_owned());
        tokio::pin!(connection);
        let life = self.limits.connection;
        let ended = tokio::select! {
            ended = connection.as_mut() => Some(ended),
            _ = self.stop.wait_for(|stop| *stop) => None,
            () = sleep(life) => None,
        };
        let ended = match ended {
            Some(ended) => ended,
            // Nobody is waited for who has asked for nothing yet: what came of a first request is
            // not whole.
            None if *self.stop.borrow() && !asked.load(Ordering::Relaxed) => return,
            None => tokio::join!(connection, graceful.shutdown()).0,
        };
        if let Err(error) = ended {
            tracing::debug!("a connection ended: {error}");
        }
    }

    /// A stranger is heard once.
    fn builder(&self, once: bool) -> Builder<TokioExecutor> {
        let builder = Builder::new(TokioExecutor::new());
        let mut builder = if self.http2 { builder.http2_only() } else { builder.http1_only() };
        builder
            .http1()
            .timer(TokioTimer::new())
            .keep_alive(!once)
            .header_read_timeout(self.limits.idle)
            .max_buf_size(HEAD_READ_MAX)
            .max_headers(HEADERS_READ_MAX);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(if once { 1 } else { STREAMS_MAX })
            .max_header_list_size(HEAD_READ_MAX as u32)
            .keep_alive_interval(self.limits.idle)
            .keep_alive_timeout(self.limits.handshake);
        builder
    }
}

/// Connections at a time by certificate.
#[derive(Debug, Default)]
struct Counts(Mutex<HashMap<Hash, usize>>);

struct Place {
    counts: Arc<Counts>,
    print: Hash,
}

impl Counts {
    fn take(self: &Arc<Counts>, print: Hash, most: usize) -> Option<Place> {
        let mut counts = self.0.lock();
        let count = counts.entry(print).or_default();
        if most <= *count {
            return None;
        }
        *count += 1;
        Some(Place { counts: self.clone(), print })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.counts.0.lock();
        if let Some(count) = counts.get_mut(&self.print) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.print);
            }
        }
    }
}
