//! The listeners: sockets in, requests out. Mutual TLS 1.3 for organisers, plain HTTP on loopback
//! for probes and for pages.
//!
//! Every connection has a place that is counted, and every stage of it a time. When the server
//! stops, no connection is taken in any more; one on which nothing was asked, or all was answered,
//! ends at once, and a request that is under way has a time to end.

use std::collections::HashMap;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::body::Body;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use parking_lot::Mutex;
use terms::{Hash, Organiser};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::away::Away;
use crate::brake::{Brake, Gate};
use crate::commands::throw_away;
use crate::edge::{Edge, Peer};
use crate::house::Shared;
use crate::limits::{
    HEAD_READ_MAX, HEADERS_READ_MAX, Limits, PLAIN_CONNECTIONS_MAX, STRANGERS_MAX, STREAMS_MAX,
};
use crate::problem::{Answer, Trouble};
use crate::turnstile::{Lane, Pass, Turnstile, class_of};

/// Serves organisers until the signal comes.
pub async fn serve_tls(
    listener: TcpListener,
    edge: Edge,
    router: Router,
    house: Shared,
    stop: watch::Receiver<bool>,
) {
    let limits = house.limits;
    let doorman = Arc::new(Doorman::new(house));
    let acceptor = TlsAcceptor::from(edge.config.clone());
    let counts = Arc::<Counts>::default();
    let strangers = Arc::new(Semaphore::new(STRANGERS_MAX));
    let (handshake, most) = (limits.handshake, limits.connections_per_caller_max);
    run(listener, stop, limits, move |socket, server| {
        let (acceptor, router, edge) = (acceptor.clone(), router.clone(), edge.clone());
        let (counts, strangers) = (counts.clone(), strangers.clone());
        let doorman = doorman.clone();
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
            let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            let server = server.speaking(http2);
            let router = TowerToHyperService::new(router);
            match peer {
                Peer::Stranger(why) => {
                    tracing::debug!("a connection is told: {}", why.code());
                    let Ok(_place) = strangers.try_acquire() else { return };
                    let service = service_fn(move |mut request: Asked| {
                        request.extensions_mut().insert(peer);
                        router.call(request)
                    });
                    // An error means that it has not heard in time.
                    let _ =
                        timeout(handshake, server.run(TokioIo::new(stream), service, None, true))
                            .await;
                }
                Peer::Shown(print) => {
                    let brake = Arc::<Brake>::default();
                    let turning = brake.clone();
                    let io = TokioIo::new(Gate::new(stream, brake.clone()));
                    let service = service_fn(move |mut request: Asked| {
                        request.extensions_mut().insert(peer);
                        // Now, and not when the answer is waited for: what is turned away puts the
                        // brake on before more is read.
                        let turn = doorman.look(&mut request, print, &brake, http2);
                        let (doorman, router, brake) =
                            (doorman.clone(), router.clone(), brake.clone());
                        async move {
                            match turn {
                                Turn::In(pass) => {
                                    let answer = router.call(request).await;
                                    drop(pass);
                                    answer
                                }
                                Turn::Away(lane) => {
                                    let answer = doorman.turn_away(request, lane, &brake, http2);
                                    Ok(answer.await)
                                }
                            }
                        }
                    });
                    server.run(io, service, Some(turning), false).await;
                }
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
        let service = TowerToHyperService::new(router);
        async move { server.run(TokioIo::new(socket), service, None, false).await }
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

    async fn run<I, S>(mut self, io: I, service: S, brake: Option<Arc<Brake>>, once: bool)
    where
        I: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
        S: Service<Asked, Response = Answer> + Send + 'static,
        S::Future: Send + 'static,
        S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let builder = self.builder(once);
        let asked = Arc::new(AtomicBool::new(false));
        let asks = asked.clone();
        let service = service_fn(move |request: Asked| {
            asks.store(true, Ordering::Relaxed);
            service.call(request)
        });
        let graceful = GracefulShutdown::new();
        let connection = graceful.watch(builder.serve_connection(io, service).into_owned());
        tokio::pin!(connection);
        let connection = poll_fn(|context| {
            if let Some(brake) = &brake {
                brake.turn();
            }
            connection.as_mut().poll(context)
        });
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
            // The shutdown ends when the connection is gone for good, so it is not waited for.
            None => tokio::select! {
                ended = connection.as_mut() => ended,
                () = graceful.shutdown() => Ok(()),
            },
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

/// A request as the listener has it.
type Asked = hyper::Request<hyper::body::Incoming>;

/// For whom the certificate of a request speaks, where that was looked up already.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known(pub Option<Organiser>);

/// Who looks at each request before any route does.
struct Doorman {
    house: Shared,
    turnstile: Arc<Turnstile>,
    away: Away,
}

/// What becomes of a request.
enum Turn {
    /// It goes on, and counts until it is answered if it is of a lane.
    In(Option<Pass>),
    /// There is no room for it.
    Away(Lane),
}

impl Doorman {
    fn new(house: Shared) -> Doorman {
        let turnstile = Arc::new(Turnstile::new(house.limits));
        Doorman { turnstile, away: Away::new(&house.phrases), house }
    }

    fn look(&self, request: &mut Asked, print: Hash, brake: &Arc<Brake>, http2: bool) -> Turn {
        let Some(class) = class_of(request.method(), request.uri().path()) else {
            return Turn::In(None);
        };
        let known = self.house.callers.find(print);
        request.extensions_mut().insert(Known(known));
        // Whoever speaks for nobody is told so by the route.
        let Some(organiser) = known else { return Turn::In(None) };
        let lane = Lane { organiser, class };
        match self.turnstile.enter(lane) {
            Some(pass) => Turn::In(Some(pass)),
            None => {
                if http2 {
                    self.turnstile.rest(lane, brake);
                }
                Turn::Away(lane)
            }
        }
    }

    async fn turn_away(
        &self,
        request: Asked,
        lane: Lane,
        brake: &Arc<Brake>,
        http2: bool,
    ) -> Answer {
        let begun = std::time::Instant::now();
        let (parts, content) = request.into_parts();
        if !http2 {
            // A stream is closed by itself; here the body stands in the way of the next request,
            // and of the answer if it is still being sent.
            throw_away(&self.house, Body::new(content)).await;
            self.turnstile.rest(lane, brake);
        }
        let id = self.house.request_id();
        let answer = self.away.answer(&parts.headers, id, lane.class);
        let took = u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.house.metrics.answer(answer.status().as_u16(), took);
        self.house.metrics.trouble(Trouble::Busy);
        answer
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
