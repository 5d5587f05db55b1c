//! The client: a request goes out again with the same content until its answer is definite.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Method, Request, Response, StatusCode};
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout};
use wire::{PREFIX, Problem};

use crate::connect::{Connections, Patience, Settings, SetupError, connections};
use crate::error::{Attempt, Error};
use crate::nodes::Nodes;
use crate::pause::{draw, pause};
use crate::trace::Trace;

/// Bytes of an answer: the verdicts of a full batch are about 1.5 MiB.
const ANSWER_BYTES_MAX: usize = 16 << 20;
/// A longer pause is not believed: nobody waits for a stake that long.
const RETRY_AFTER_S_MAX: u64 = 3_600;

/// A client of the API. Clones share connections, clock and limits.
#[derive(Clone)]
pub struct Client {
    pub(crate) inner: Arc<Inner>,
    /// The trace that requests are part of; each is one of its own without it.
    trace: Option<Trace>,
}

pub(crate) struct Inner {
    nodes: Nodes,
    connections: Connections,
    patience: Patience,
    places: Semaphore,
    /// The centre's clock minus ours, nanoseconds.
    pub offset_ns: AtomicI64,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Client({})", self.inner.nodes.current())
    }
}

/// The answer to a message that the centre has decided and done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided<A> {
    /// The answer.
    pub answer: A,
    /// Whether it was decided before and this is the answer of then.
    pub repeated: bool,
}

/// A request that can be sent any number of times.
pub(crate) struct Ask<'a> {
    pub method: Method,
    /// Under the prefix, with its query.
    pub path: &'a str,
    /// The type of the content.
    pub kind: &'static str,
    pub content: Bytes,
    /// A bettor's session.
    pub token: Option<&'a str>,
}

impl<'a> Ask<'a> {
    pub fn get(path: &'a str) -> Ask<'a> {
        Ask { method: Method::GET, path, kind: "", content: Bytes::new(), token: None }
    }

    pub fn post(path: &'a str, content: Vec<u8>) -> Ask<'a> {
        let (kind, content) = ("application/json", content.into());
        Ask { method: Method::POST, path, kind, content, token: None }
    }
}

/// A definite answer with a status of success.
pub(crate) struct Heard {
    pub status: u16,
    pub repeated: bool,
    pub content: Bytes,
}

impl Heard {
    /// The content as this type.
    pub fn read<A: DeserializeOwned>(&self) -> Result<A, Error> {
        serde_json::from_slice(&self.content).map_err(|error| {
            // The place without the value, which may be personal data.
            let what = format!("line {}, column {}", error.line(), error.column());
            Error::Strange { status: self.status, what }
        })
    }

    /// The content as text.
    pub fn text(&self) -> Result<&str, Error> {
        let strange = |_| Error::Strange { status: self.status, what: "no UTF-8".to_owned() };
        std::str::from_utf8(&self.content).map_err(strange)
    }
}

/// What one attempt came to.
enum Outcome {
    Heard(Heard),
    Ended(Error),
    Again(Attempt, Option<Duration>),
    /// Another node decides: there, if it is known where.
    Elsewhere(Box<Problem>, Option<Duration>),
}

impl Client {
    /// A client. Nothing is connected before the first call; it must be made within a Tokio
    /// runtime.
    pub fn new(settings: Settings) -> Result<Client, SetupError> {
        let nodes = Nodes::of(&settings.bases)?;
        if settings.patience.in_flight == 0 {
            return Err(SetupError::InFlight);
        }
        let connections = connections(&settings)?;
        let patience = settings.patience;
        let places = Semaphore::new(patience.in_flight);
        let offset_ns = AtomicI64::new(0);
        let inner = Arc::new(Inner { nodes, connections, patience, places, offset_ns });
        Ok(Client { inner, trace: None })
    }

    /// The same client, whose requests are part of the trace that a `traceparent` names (W3C
    /// Trace Context); `None` if it is not of that form.
    pub fn within(&self, parent: &str) -> Option<Client> {
        Some(Client { trace: Some(Trace::read(parent)?), ..self.clone() })
    }

    /// Sends until the answer is definite or the time is over.
    pub(crate) async fn ask(&self, ask: Ask<'_>) -> Result<Heard, Error> {
        let patience = &self.inner.patience;
        let until = Instant::now() + patience.whole;
        // Cannot fail: nobody closes the semaphore.
        let _place = self.inner.places.acquire().await.expect("an open semaphore");
        let trace = self.trace.unwrap_or_else(Trace::new);
        let (mut attempts, mut perhaps_decided, mut led) = (0, false, 0);
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let asked = self.inner.nodes.current();
            let once = self.once(&asked, &ask, &trace);
            let (last, after) = match timeout(patience.attempt.min(left), once).await {
                Ok(Outcome::Heard(heard)) => return Ok(heard),
                Ok(Outcome::Ended(error)) => return Err(error),
                Ok(Outcome::Elsewhere(problem, after)) => {
                    let led_on = self.inner.nodes.lead(&asked, problem.active.as_deref());
                    led += u32::from(led_on);
                    // It is not a failure to be led on; only to be led in a circle is.
                    if led_on && led <= self.inner.nodes.count() {
                        continue;
                    }
                    (Attempt::PutOff(problem), after)
                }
                Ok(Outcome::Again(attempt, after)) => {
                    if matches!(attempt, Attempt::Connect(_) | Attempt::Cut(_)) {
                        self.inner.nodes.leave(&asked);
                    }
                    (attempt, after)
                }
                Err(_) => {
                    self.inner.nodes.leave(&asked);
                    (Attempt::TimedOut, None)
                }
            };
            led = 0;
            attempts += 1;
            perhaps_decided |= last.perhaps_decided();
            let pause = pause(patience, attempts, draw(), after);
            if until <= Instant::now() + pause {
                return Err(Error::Unanswered { attempts, perhaps_decided, last });
            }
            sleep(pause).await;
        }
    }

    async fn once(&self, base: &str, ask: &Ask<'_>, trace: &Trace) -> Outcome {
        let request = match self.request(base, ask, trace) {
            Ok(request) => request,
            Err(error) => return Outcome::Ended(error),
        };
        let response = match self.inner.connections.request(request).await {
            Ok(response) => response,
            Err(error) if error.is_connect() => {
                return Outcome::Again(Attempt::Connect(chain(&error)), None);
            }
            Err(error) => return Outcome::Again(Attempt::Cut(chain(&error)), None),
        };
        let (status, after) = (response.status(), retry_after(&response));
        let repeated = response.headers().get("bej-repeated").is_some_and(|value| value == "?1");
        let content = match Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await {
            Ok(content) => content.to_bytes(),
            Err(error) => return Outcome::Again(Attempt::Cut(chain(&*error)), None),
        };
        let heard = Heard { status: status.as_u16(), repeated, content };
        if status.is_success() {
            return Outcome::Heard(heard);
        }
        let problem = match heard.read::<Problem>() {
            Ok(problem) => Box::new(problem),
            Err(error) => return Outcome::Ended(error),
        };
        match status {
            StatusCode::UNPROCESSABLE_ENTITY => Outcome::Ended(Error::Refused(problem)),
            StatusCode::MISDIRECTED_REQUEST => Outcome::Elsewhere(problem, after),
            StatusCode::REQUEST_TIMEOUT
            | StatusCode::TOO_MANY_REQUESTS
            | StatusCode::SERVICE_UNAVAILABLE => Outcome::Again(Attempt::PutOff(problem), after),
            _ => Outcome::Ended(Error::Rejected(problem)),
        }
    }

    fn request(
        &self,
        base: &str,
        ask: &Ask<'_>,
        trace: &Trace,
    ) -> Result<Request<Full<Bytes>>, Error> {
        let uri = format!("{base}{PREFIX}{}", ask.path);
        let mut request = Request::builder().method(ask.method.clone()).uri(uri);
        request = request.header("traceparent", trace.attempt());
        if ask.method == Method::POST {
            request = request.header(CONTENT_TYPE, ask.kind);
        }
        if let Some(token) = ask.token {
            let strange = |_| Error::Strange { status: 0, what: "a token of no form".to_owned() };
            let mut value = HeaderValue::from_str(&format!("Bearer {token}")).map_err(strange)?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        let strange =
            |error: hyper::http::Error| Error::Strange { status: 0, what: error.to_string() };
        request.body(Full::new(ask.content.clone())).map_err(strange)
    }
}

/// What the centre asks for, in seconds.
fn retry_after<B>(response: &Response<B>) -> Option<Duration> {
    let seconds: u64 = response.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds.min(RETRY_AFTER_S_MAX)))
}

/// An error with what is behind it.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(&format!(": {error}"));
        source = error.source();
    }
    text
}
