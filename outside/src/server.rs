//! The HTTP side of all systems: one port each on loopback, faults, and the mark of a simulator.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use bytes::Bytes;
use hyper::body::Frame;
use links::way::MARK;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::fault::{Fault, System};
use crate::world::World;
use crate::{control, exchange, gateway, lists, operator};

/// Bytes of the largest request: a film with its frame.
const REQUEST_BYTES_MAX: usize = 16 << 20;
/// Bytes that follow an oversized answer.
const OVERSIZE: usize = 1 << 30;

/// A request as the systems see it.
#[derive(Debug)]
pub struct Request {
    /// GET, POST …
    pub method: String,
    /// Without the query.
    pub path: String,
    head: HeaderMap,
    /// The content, whole.
    pub content: Bytes,
}

impl Request {
    /// A field of the head.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.head.get(name)?.to_str().ok()
    }
}

/// An answer as the systems give it.
#[derive(Debug)]
pub struct Reply {
    status: u16,
    head: Vec<(&'static str, String)>,
    content: Vec<u8>,
}

impl Reply {
    /// An answer of this kind.
    pub fn new(status: u16, kind: &str, content: Vec<u8>) -> Reply {
        Reply { status, head: vec![("content-type", kind.to_owned())], content }
    }

    /// JSON.
    pub fn json(status: u16, content: &serde_json::Value) -> Reply {
        Reply::new(status, "application/json", content.to_string().into_bytes())
    }

    /// With one more field in its head.
    pub fn with(mut self, name: &'static str, value: &str) -> Reply {
        self.head.push((name, value.to_owned()));
        self
    }
}

/// What answers at a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// A system.
    System(System),
    /// The control of the simulation.
    Control,
}

/// Listens on a port of this machine; 0 means any free one.
pub async fn open(
    world: Arc<World>,
    door: Door,
    port: u16,
    mut stop: watch::Receiver<bool>,
) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let address = listener.local_addr()?;
    let router = Router::new().fallback(answer).with_state((world, door));
    tokio::spawn(async move {
        let stopped = async move {
            // Whoever could say stop is gone: that says it as well.
            let _ = stop.wait_for(|stop| *stop).await;
        };
        // An error of one connection ends that connection; there is nobody to tell it to.
        let _ = axum::serve(listener, router).with_graceful_shutdown(stopped).await;
    });
    Ok(address)
}

async fn answer(
    State((world, door)): State<(Arc<World>, Door)>,
    request: axum::extract::Request,
) -> Result<Response<Body>, Infallible> {
    let (head, body) = request.into_parts();
    let Ok(content) = to_bytes(body, REQUEST_BYTES_MAX).await else {
        return Ok(response(Reply::json(413, &serde_json::json!({"code": "too_large"})), true));
    };
    let request = Request {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        head: head.headers,
        content,
    };
    let Door::System(system) = door else {
        return Ok(response(control::answer(&world, &request), true));
    };
    let fault = world.arrive(system);
    Ok(with_fault(&world, system, &request, fault).await)
}

async fn with_fault(
    world: &World,
    system: System,
    request: &Request,
    fault: Option<Fault>,
) -> Response<Body> {
    let right = |fault: Option<&Fault>| match system {
        System::Exchange => exchange::answer(world, request, fault),
        System::Gateway => gateway::answer(world, request, fault),
        System::Lists => lists::answer(world, request),
        System::Operator => operator::answer(world, request),
    };
    match &fault {
        Some(Fault::Down) => response(Reply::json(503, &serde_json::json!({"code": "down"})), true),
        Some(Fault::Throttled { after_s }) => {
            let reply = Reply::json(429, &serde_json::json!({"code": "throttled"}));
            response(reply.with("retry-after", &after_s.to_string()), true)
        }
        Some(Fault::Wrong) => response(Reply::new(200, "text/plain", b"<?\0}".to_vec()), true),
        Some(Fault::Slow { ms }) => {
            tokio::time::sleep(Duration::from_millis(*ms)).await;
            response(right(None), true)
        }
        Some(Fault::Cut) => cut(right(None)),
        Some(Fault::Oversized) => oversized(right(None)),
        Some(Fault::Unmarked) => response(right(None), false),
        other => response(right(other.as_ref()), true),
    }
}

fn response(reply: Reply, marked: bool) -> Response<Body> {
    let mut response = Response::new(Body::from(reply.content));
    set_head(&mut response, reply.status, &reply.head, marked);
    response
}

fn set_head(
    response: &mut Response<Body>,
    status: u16,
    head: &[(&'static str, String)],
    marked: bool,
) {
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    for (name, value) in head {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    if marked {
        response.headers_mut().insert(MARK, HeaderValue::from_static("true"));
    }
}

/// Says a length, and ends after half of it.
fn cut(reply: Reply) -> Response<Body> {
    let half = Bytes::copy_from_slice(&reply.content[..reply.content.len() / 2]);
    let pieces = [Ok(half), Err(io::Error::other("cut"))];
    let mut response = Response::new(streamed(pieces.into_iter()));
    let length = ("content-length", reply.content.len().to_string());
    set_head(&mut response, reply.status, &reply.head, true);
    set_head(&mut response, reply.status, &[length], true);
    response
}

/// The answer with spaces behind it that do not end.
fn oversized(reply: Reply) -> Response<Body> {
    let spaces = Bytes::from(vec![b' '; 64 << 10]);
    let count = OVERSIZE / spaces.len();
    let first = std::iter::once(Ok(Bytes::from(reply.content)));
    let pieces = first.chain(std::iter::repeat_n(spaces, count).map(Ok));
    let mut response = Response::new(streamed(pieces));
    set_head(&mut response, reply.status, &reply.head, true);
    response
}

fn streamed(pieces: impl Iterator<Item = io::Result<Bytes>> + Send + Unpin + 'static) -> Body {
    Body::new(Pieces(pieces))
}

/// A body of pieces that are all there.
struct Pieces<I>(I);

impl<I: Iterator<Item = io::Result<Bytes>> + Unpin> HttpBody for Pieces<I> {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Ready(self.0.next().map(|piece| piece.map(Frame::data)))
    }
}
