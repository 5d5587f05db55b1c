//! Traces: where the time of a request goes, under the caller's trace where he names one (W3C
//! Trace Context). What is traced is handed to the shell, which tells a collector.
//!
//! A trace holds the route, the status, the organiser's number and the request's id, and nothing of
//! a bettor: no account, no id of a message, no sum. Without a tracer a request costs one look
//! whether there is one. With one, a request that is not traced costs a count; how many are traced
//! in a second is bounded, whatever callers ask for.

use std::fs::File;
use std::io::Read as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use parking_lot::Mutex;
use pump::Verdict;
use sha2::{Digest as _, Sha256};
use terms::{Instant, Organiser};

/// What a caller names his trace by.
const PARENT: HeaderName = HeaderName::from_static("traceparent");
/// What the answer names its trace by (W3C Trace Context, level 2).
pub(crate) const RESPONSE: HeaderName = HeaderName::from_static("traceresponse");

/// Steps of one request: a batch is put to the pump in pieces.
const STEPS_MAX: usize = 32;

/// Takes what was traced. Given by the shell; it must not wait.
pub type Sink = Box<dyn Fn(Traced) + Send + Sync>;

/// Which requests are traced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sampling {
    /// One request in so many, of those for which no caller asks.
    pub one_in: u64,
    /// At most so many in a second, those for which a caller asks among them.
    pub per_second_max: u32,
}

/// A request that was traced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traced {
    /// The trace.
    pub trace: [u8; 16],
    /// The request within it.
    pub span: [u8; 8],
    /// What it is part of at its caller.
    pub parent: Option<[u8; 8]>,
    /// The request's id, as in its answer.
    pub request: String,
    /// The method.
    pub method: String,
    /// The route as it stands in the table, not the address: that may name a bettor's account.
    pub route: Option<String>,
    /// Who asked.
    pub organiser: Option<Organiser>,
    /// The status of the answer.
    pub status: u16,
    /// The code of what was wrong with the server or with the request as such.
    pub code: Option<&'static str>,
    /// When it began.
    pub from: Instant,
    /// When its answer was made.
    pub until: Instant,
    /// Its parts, in order.
    pub steps: Vec<Step>,
}

/// A part of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The part within the trace.
    pub span: [u8; 8],
    /// `edge`: reading and checking; `queue`: in a lane of the pump; `decide`: decided and made
    /// durable; `pump`: both, where nothing new was recorded; `answer`: from then on.
    pub name: &'static str,
    /// When it began.
    pub from: Instant,
    /// When it ended.
    pub until: Instant,
}

/// A caller's trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Parent {
    trace: [u8; 16],
    span: [u8; 8],
    sampled: bool,
}

impl Parent {
    /// Reads the header; what is not of its form is as if it were not there.
    fn read(headers: &HeaderMap) -> Option<Parent> {
        let mut found = headers.get_all(PARENT).iter();
        let (text, None) = (found.next()?.to_str().ok()?, found.next()) else { return None };
        let mut parts = text.split('-');
        let (version, trace, span) = (parts.next()?, parts.next()?, parts.next()?);
        let flags = parts.next()?;
        let [version] = bytes(version)?;
        // Later versions may say more behind the flags.
        if version == 0xff || (version == 0 && parts.next().is_some()) {
            return None;
        }
        let (trace, span, [flags]) = (bytes(trace)?, bytes(span)?, bytes(flags)?);
        let named = trace != [0; 16] && span != [0; 8];
        named.then_some(Parent { trace, span, sampled: flags & 1 == 1 })
    }
}

/// So many bytes in lower hexadecimal digits.
fn bytes<const COUNT: usize>(text: &str) -> Option<[u8; COUNT]> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    terms::codec::unhex(text)?.try_into().ok()
}

/// Chooses what is traced and hands it over.
pub struct Tracer {
    sink: Sink,
    sampling: Sampling,
    /// Numbers of traces cannot be guessed from others.
    secret: [u8; 32],
    seen: AtomicU64,
    named: AtomicU64,
    /// The second, and how many were traced in it.
    spent: Mutex<(i64, u32)>,
}

impl std::fmt::Debug for Tracer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tracer({:?})", self.sampling)
    }
}

impl Tracer {
    /// With a sink. An error means that the system gives no random bytes.
    pub fn new(sampling: Sampling, sink: Sink) -> std::io::Result<Tracer> {
        let mut secret = [0; 32];
        File::open("/dev/urandom")?.read_exact(&mut secret)?;
        let (seen, named, spent) = (AtomicU64::new(0), AtomicU64::new(0), Mutex::default());
        Ok(Tracer { sink, sampling, secret, seen, named, spent })
    }

    /// Begins with a request, if it is one to be traced.
    pub(crate) fn begin(&self, headers: &HeaderMap, now: Instant) -> Option<Arc<Running>> {
        let parent = Parent::read(headers);
        let asked = parent.is_some_and(|parent| parent.sampled);
        let turn = self.seen.fetch_add(1, Ordering::Relaxed);
        if !(asked || turn.is_multiple_of(self.sampling.one_in.max(1))) || !self.has_room(now) {
            return None;
        }
        let mut hash = Sha256::new();
        hash.update(self.secret);
        hash.update(self.named.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        let drawn: [u8; 32] = hash.finalize().into();
        let (mut trace, mut span) = ([0; 16], [0; 8]);
        trace.copy_from_slice(&drawn[..16]);
        span.copy_from_slice(&drawn[16..24]);
        let trace = parent.map_or(trace, |parent| parent.trace);
        let parent = parent.map(|parent| parent.span);
        let notes = Mutex::new(Notes { route: None, organiser: None, steps: Vec::new() });
        Some(Arc::new(Running { trace, span, parent, from: now, notes }))
    }

    fn has_room(&self, now: Instant) -> bool {
        let second = now.0.div_euclid(Instant::SECOND);
        let mut spent = self.spent.lock();
        if spent.0 != second {
            *spent = (second, 0);
        }
        let room = spent.1 < self.sampling.per_second_max;
        spent.1 += u32::from(room);
        room
    }

    /// Hands a request over that has its answer; `until` is when.
    pub(crate) fn end(&self, running: &Running, until: Instant, ended: Ended) {
        let Notes { route, organiser, steps } = running.notes.lock().clone();
        let until = until.max(running.from);
        let step = |(place, (name, from, until)): (u64, (&'static str, Instant, Instant))| Step {
            span: (u64::from_be_bytes(running.span) ^ place).to_be_bytes(),
            name,
            from,
            until,
        };
        let first = steps.first().map_or(until, |(_, from, _)| *from);
        let last = steps.last().map(|(_, _, heard)| ("answer", *heard, until.max(*heard)));
        let all = [("edge", running.from, first)].into_iter().chain(steps).chain(last);
        let steps = (1..).zip(all).map(step).collect();
        let (trace, span, parent) = (running.trace, running.span, running.parent);
        let (request, method) = (ended.request, ended.method);
        let (status, code, from) = (ended.status, ended.code, running.from);
        (self.sink)(Traced {
            trace,
            span,
            parent,
            request,
            method,
            route,
            organiser,
            status,
            code,
            from,
            until,
            steps,
        });
    }
}

/// What became of a request.
pub(crate) struct Ended {
    pub request: String,
    pub method: String,
    pub status: u16,
    pub code: Option<&'static str>,
}

/// A request that is being traced.
#[derive(Debug)]
pub(crate) struct Running {
    trace: [u8; 16],
    span: [u8; 8],
    parent: Option<[u8; 8]>,
    from: Instant,
    notes: Mutex<Notes>,
}

#[derive(Clone, Debug)]
struct Notes {
    route: Option<String>,
    organiser: Option<Organiser>,
    steps: Vec<(&'static str, Instant, Instant)>,
}

impl Running {
    /// What the answer says of the trace.
    pub(crate) fn response(&self) -> Option<HeaderValue> {
        let (trace, span) = (terms::codec::hex(&self.trace), terms::codec::hex(&self.span));
        HeaderValue::from_str(&format!("00-{trace}-{span}-01")).ok()
    }
}

tokio::task_local! {
    /// The request that this task answers, where it is traced.
    static RUNNING: Arc<Running>;
}

/// Answers a request that is traced.
pub(crate) async fn within<F: Future>(running: Arc<Running>, answer: F) -> F::Output {
    RUNNING.scope(running, answer).await
}

/// Whether this task answers a request that is traced.
pub(crate) fn is_on() -> bool {
    RUNNING.try_with(|_| ()).is_ok()
}

/// Notes which route of the table it is, and who asks.
pub(crate) fn note_route(path: &str, organiser: Option<Organiser>) {
    // An error means that nothing is traced, here and below.
    let _ = RUNNING.try_with(|running| {
        let mut notes = running.notes.lock();
        notes.route = Some(path.to_owned());
        notes.organiser = organiser;
    });
}

/// Notes how long the pump had messages: put to it, and heard of. What is recorded anew carries the
/// instant at which it was taken out of its lane.
pub(crate) fn note_pump(put: Instant, heard: Instant, verdicts: &[Verdict]) {
    let _ = RUNNING.try_with(|running| {
        let mut notes = running.notes.lock();
        if STEPS_MAX < notes.steps.len() + 2 {
            return;
        }
        let heard = heard.max(put);
        let fresh = verdicts.iter().find(|verdict| !verdict.repeat);
        match fresh.and_then(|verdict| verdict.receipt) {
            Some(receipt) => {
                let taken = receipt.at.clamp(put, heard);
                notes.steps.extend([("queue", put, taken), ("decide", taken, heard)]);
            }
            None => notes.steps.push(("pump", put, heard)),
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(PARENT, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn a_parent_is_read_whole_or_not_at_all() {
        let good = format!("00-{TRACE}-{SPAN}-01");
        let read = |text: &str| Parent::read(&headers(&[text]));
        let parent = read(&good).unwrap();
        assert_eq!(terms::codec::hex(&parent.trace), TRACE);
        assert_eq!((terms::codec::hex(&parent.span).as_str(), parent.sampled), (SPAN, true));
        assert!(!read(&format!("00-{TRACE}-{SPAN}-02")).unwrap().sampled);
        assert!(read(&format!("cc-{TRACE}-{SPAN}-01-what-comes")).unwrap().sampled);
        for bad in [
            String::new(),
            good.to_uppercase(),
            good[..good.len() - 1].to_owned(),
            format!("{good}-x"),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("00-{}-{SPAN}-01", "0".repeat(32)),
            format!("00-{TRACE}-{}-01", "0".repeat(16)),
            format!("00-{SPAN}-{TRACE}-01"),
            format!("00 {TRACE} {SPAN} 01"),
        ] {
            assert_eq!(read(&bad), None, "{bad}");
        }
        assert_eq!(Parent::read(&headers(&[&good, &good])), None);
    }

    #[test]
    fn one_in_so_many_is_traced_and_no_more_than_the_budget() {
        let count = |one_in, per_second_max, requests: u32, asked: bool| {
            let sampling = Sampling { one_in, per_second_max };
            let tracer = Tracer::new(sampling, Box::new(|_| {})).unwrap();
            let flags = if asked { "01" } else { "00" };
            let headers = headers(&[&format!("00-{TRACE}-{SPAN}-{flags}")]);
            let traced = (0..requests).filter(|_| tracer.begin(&headers, Instant(5)).is_some());
            let first = traced.count();
            let later = Instant(Instant::SECOND);
            (first, tracer.begin(&headers, later).is_some())
        };
        assert_eq!(count(10, 100, 100, false), (10, true));
        assert_eq!(count(10, 3, 100, false), (3, true));
        assert_eq!(count(1_000, 20, 100, true), (20, true));
        assert_eq!(count(1_000, 20, 100, false), (1, false));
        assert_eq!(count(1, 0, 100, true), (0, false));
    }

    #[test]
    fn traces_without_a_parent_have_numbers_of_their_own() {
        let sampling = Sampling { one_in: 1, per_second_max: 10 };
        let tracer = Tracer::new(sampling, Box::new(|_| {})).unwrap();
        let none = HeaderMap::new();
        let [one, two] = [0, 1].map(|_| tracer.begin(&none, Instant(0)).unwrap());
        assert_ne!((one.trace, one.span), (two.trace, two.span));
        assert_eq!(one.parent, None);
        assert_ne!(one.response(), two.response());
    }
}
