//! The listeners: sockets in, requests out. Mutual TLS 1.3 for organisers, plain HTTP on loopback
//! for probes and for pages.
//!
//! Every connection has a place that is counted, and every stage of it a time. When the server
//! stops, no connection is taken in any more, and what is under way has a time to end.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use parking_lot::Mutex;
use rustls::pki_types::CertificateDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use terms::Hash;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::authority::Identity;
use crate::callers::fingerprint;
use crate::limits::{
    HANDSHAKE, HEAD_BYTES_MAX, HEADERS_MAX, Limits, PLAIN_CONNECTIONS_MAX, STREAMS_MAX,
};

/// Who is at the other end of a connection: the fingerprint of the certificate that was shown and
/// verified. Whom it speaks for is looked up for each request, so that a certificate that is
/// revoked is refused at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub Hash);

/// TLS 1.3 with client certificates of this authority, and nothing else.
pub fn mutual_tls(
    root: CertificateDer<'static>,
    server: Identity,
) -> Result<Arc<ServerConfig>, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(root)?;
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone());
    let verifier = verifier.build().map_err(|error| rustls::Error::General(error.to_string()))?;
    let (chain, key) = server;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Serves organisers until the signal comes.
pub async fn serve_tls(
    listener: TcpListener,
    tls: Arc<ServerConfig>,
    router: Router,
    limits: Limits,
    stop: watch::Receiver<bool>,
) {
    let acceptor = TlsAcceptor::from(tls);
    let counts = Arc::<Counts>::default();
    run(listener, stop, limits, limits.connections_max, move |socket, server| {
        let (acceptor, router, counts) = (acceptor.clone(), router.clone(), counts.clone());
        async move {
            // A peer that is too slow, unknown or not entitled costs a line of the log at most.
            let Ok(Ok(stream)) = timeout(HANDSHAKE, acceptor.accept(socket)).await else {
                tracing::debug!("a connection ended before its handshake did");
                return;
            };
            let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
            let Some(print) = certificate.map(|der| fingerprint(der)) else { return };
            let Some(_place) = counts.take(print, limits.connections_per_caller_max) else {
                tracing::warn!("a certificate has too many connections at a time");
                return;
            };
            let router = router.layer(axum::Extension(Peer(print)));
            server.run(TokioIo::new(stream), router).await;
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
    run(listener, stop, limits, PLAIN_CONNECTIONS_MAX, move |socket, server| {
        let router = router.clone();
        async move { server.run(TokioIo::new(socket), router).await }
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
    most: usize,
    connection: F,
) where
    F: Fn(TcpStream, Server) -> W,
    W: Future<Output = ()> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(most));
    let server = Server { stop: stop.clone(), limits };
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
    // All places are free when all connections have ended.
    let all = u32::try_from(most).unwrap_or(u32::MAX);
    if timeout(limits.stop, places.acquire_many(all)).await.is_err() {
        tracing::warn!("connections were cut at the stop, since they did not end in time");
    }
}

/// How a connection is served.
#[derive(Clone)]
struct Server {
    limits: Limits,
    stop: watch::Receiver<bool>,
}

impl Server {
    async fn run<I>(mut self, io: I, router: Router)
    where
        I: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
    {
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.idle)
            .max_buf_size(HEAD_BYTES_MAX)
            .max_headers(HEADERS_MAX);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS_MAX)
            .max_header_list_size(HEAD_BYTES_MAX as u32)
            .keep_alive_interval(self.limits.idle)
            .keep_alive_timeout(HANDSHAKE);
        let graceful = GracefulShutdown::new();
        let connection = builder.serve_connection(io, TowerToHyperService::new(router));
        let connection = graceful.watch(connection.into_owned());
        tokio::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => Some(ended),
            _ = self.stop.wait_for(|stop| *stop) => None,
        };
        let ended = match ended {
            Some(ended) => ended,
            None => {
                let shutting = graceful.shutdown();
                let (ended, ()) = tokio::join!(connection, shutting);
                ended
            }
        };
        if let Err(error) = ended {
            tracing::debug!("a connection ended: {error}");
        }
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
