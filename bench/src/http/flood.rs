//! The load of an overload: many kept connections of HTTP/2 over mutual TLS, driven by one thread,
//! at a pace that does not depend on the answers.
//!
//! Each stake has a moment at which it is to be sent, and its time counts from there. One that
//! finds no place on its connection at that moment, since a hundred streams are open or the
//! server does not read, is not sent at all: the bettor is told by his bookmaker. What is shed is
//! sent again later under the same id.
//!
//! Cost: a request is a copy of some 600 bytes into what is written every [`BEAT`], so that a
//! write carries several.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::{Duration, Instant as Moment};

use anyhow::{Context as _, Result, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, ReadHalf, WriteHalf, split};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio_rustls::client::TlsStream;

use crate::http::client::Connector;
use crate::http::server::Stock;
use crate::http::streams::{Ear, Event, WINDOW_AT_FIRST, preface, put};
use crate::latency::Latency;

/// How often a connection looks at what is due.
const BEAT: Duration = Duration::from_millis(10);

/// Streams that a server allows on a connection.
pub const STREAMS: usize = 100;

/// The part of a second in which recovery is looked at.
pub const SLICE: Duration = Duration::from_millis(100);

/// An answer that is as fast as it is without a storm.
const FAST: Duration = Duration::from_millis(50);

/// What callers do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// So many requests are open on each connection at all times.
    Closed(usize),
    /// So many requests a second are due on each connection.
    Open {
        per_second: f64,
        /// Whether a connection that is told to come again later sends nothing until then.
        heeds: bool,
    },
}

/// What became of the stakes of a phase.
#[derive(Debug)]
pub struct Tally {
    pub accepted: u64,
    pub shed: u64,
    pub shed_without_when: u64,
    /// Found no place on its connection.
    pub held_back: u64,
    /// Was due while its connection had been told to wait.
    pub kept_away: u64,
    pub latency: Latency,
    /// Answers of each slice of the phase, and how many of them were no, or slow.
    pub slices: Vec<(u64, u64)>,
}

impl Tally {
    fn new() -> Tally {
        let latency = Latency::new();
        Tally {
            accepted: 0,
            shed: 0,
            shed_without_when: 0,
            held_back: 0,
            kept_away: 0,
            latency,
            slices: Vec::new(),
        }
    }

    /// Stakes that were put on the wire and answered.
    pub fn answered(&self) -> u64 {
        self.accepted + self.shed
    }
}

/// The stakes of all organisers that are still to be sent.
pub type Stocks = Rc<Vec<RefCell<Stock>>>;

/// A phase: which tallies count what is answered in it, by group of callers.
struct Phase {
    began: Moment,
    tallies: Vec<RefCell<Tally>>,
}

/// A request on the wire.
struct Sent {
    due: Moment,
    request: Vec<u8>,
    answer: Option<(u16, Option<u32>)>,
}

/// A connection of an organiser.
pub struct Line {
    pub organiser: usize,
    group: Cell<usize>,
    open: RefCell<HashMap<u32, Sent>>,
    next_stream: Cell<u32>,
    window: Cell<i64>,
    reply: RefCell<Vec<u8>>,
    silent_until: Cell<Option<Moment>>,
    heard: Notify,
    out: RefCell<Option<WriteHalf<TlsStream<TcpStream>>>>,
    phase: Rc<RefCell<Option<Rc<Phase>>>>,
    stocks: Stocks,
    drawn: Cell<u64>,
}

/// All connections.
pub struct Flood {
    pub lines: Vec<Rc<Line>>,
    phase: Rc<RefCell<Option<Rc<Phase>>>>,
    failed: Rc<RefCell<Option<anyhow::Error>>>,
}

impl Flood {
    /// Opens so many connections of each organiser. To be called within a local set of tasks.
    pub async fn open(connectors: &[Connector], each: usize, stocks: &Stocks) -> Result<Flood> {
        let (phase, failed) = (Rc::default(), Rc::<RefCell<Option<anyhow::Error>>>::default());
        let mut lines = Vec::new();
        for number in 0..each * connectors.len() {
            let organiser = number % connectors.len();
            let stream = connectors[organiser].with_streams().connect().await?;
            let (input, mut out) = split(stream);
            out.write_all(&preface()).await?;
            out.flush().await?;
            let line = Rc::new(Line {
                organiser,
                group: Cell::new(0),
                open: RefCell::default(),
                next_stream: Cell::new(1),
                window: Cell::new(WINDOW_AT_FIRST),
                reply: RefCell::default(),
                silent_until: Cell::new(None),
                heard: Notify::new(),
                out: RefCell::new(Some(out)),
                phase: Rc::clone(&phase),
                stocks: stocks.clone(),
                drawn: Cell::new(number as u64 + 1),
            });
            let (listener, failed) = (line.clone(), failed.clone());
            tokio::task::spawn_local(async move {
                if let Err(error) = listener.listen(input).await {
                    failed.borrow_mut().get_or_insert(error);
                }
            });
            lines.push(line);
        }
        Ok(Flood { lines, phase, failed })
    }

    /// Runs the first so many lines for so long, each by the pace of its group.
    pub async fn run(
        &self,
        count: usize,
        length: Duration,
        paces: &[Pace],
        group: impl Fn(&Line) -> usize,
    ) -> Result<Vec<Tally>> {
        let tallies = paces.iter().map(|_| RefCell::new(Tally::new())).collect();
        let began = Moment::now();
        let phase = Rc::new(Phase { began, tallies });
        *self.phase.borrow_mut() = Some(phase.clone());
        let mut tasks = Vec::new();
        for (number, line) in self.lines.iter().take(count).enumerate() {
            line.group.set(group(line));
            let (line, pace) = (line.clone(), paces[line.group.get()]);
            // Spread over the beat, so that not all come at once.
            let shift = BEAT * u32::try_from(number)? / u32::try_from(count)?;
            tasks.push(tokio::task::spawn_local(async move {
                let out = line.out.borrow_mut().take().context("a line that is in use")?;
                let out = line.clone().talk(out, pace, (began, length, shift)).await?;
                *line.out.borrow_mut() = Some(out);
                anyhow::Ok(())
            }));
        }
        tokio::time::sleep_until((began + length).into()).await;
        *self.phase.borrow_mut() = None;
        for task in tasks {
            task.await??;
        }
        if let Some(error) = self.failed.borrow_mut().take() {
            return Err(error);
        }
        let phase = Rc::into_inner(phase).context("a phase that goes on")?;
        Ok(phase.tallies.into_iter().map(RefCell::into_inner).collect())
    }
}

impl Line {
    /// Hears answers until the connection ends.
    async fn listen(&self, mut input: ReadHalf<TlsStream<TcpStream>>) -> Result<()> {
        let mut ear = Ear::default();
        loop {
            ensure!(0 < input.read_buf(ear.room()).await?, "the server has closed a connection");
            ear.hear(|event| self.note(event))?;
            self.reply.borrow_mut().append(&mut ear.reply);
            self.heard.notify_one();
        }
    }

    fn note(&self, event: Event) -> Result<()> {
        match event {
            Event::Room(more) => self.window.set(self.window.get() + more),
            Event::Head { stream, status, retry_after_s } => {
                let mut open = self.open.borrow_mut();
                let sent = open.get_mut(&stream).context("an answer to nothing")?;
                sent.answer = Some((status, retry_after_s));
            }
            Event::End { stream } => {
                // The server closes a stream a second time whose body it has not read.
                if let Some(sent) = self.open.borrow_mut().remove(&stream) {
                    self.count(sent)?;
                }
            }
        }
        Ok(())
    }

    fn count(&self, sent: Sent) -> Result<()> {
        let Sent { due, request, answer } = sent;
        let (status, wait) = answer.context("a stream was closed without an answer")?;
        let now = Moment::now();
        let phase = self.phase.borrow().clone();
        let mut tally = phase.as_ref().map(|phase| phase.tallies[self.group.get()].borrow_mut());
        match status {
            201 => {
                if let Some(tally) = &mut tally {
                    tally.accepted += 1;
                    tally.latency.record(now - due);
                }
            }
            503 => {
                self.stocks[self.organiser].borrow_mut().give_back(request);
                if let Some(tally) = &mut tally {
                    tally.shed += 1;
                    tally.shed_without_when += u64::from(wait.is_none());
                }
                let wait = Duration::from_secs(u64::from(wait.unwrap_or(1)));
                self.silent_until.set(Some(now + wait + wait.mul_f64(self.draw())));
            }
            status => bail!("an answer of {status} in the storm"),
        }
        // What was due before is what is left of the storm.
        if let (Some(phase), Some(tally)) = (&phase, &mut tally)
            && let Some(since) = now.checked_duration_since(phase.began)
        {
            let slice = (since.as_nanos() / SLICE.as_nanos()) as usize;
            if tally.slices.len() <= slice {
                tally.slices.resize(slice + 1, (0, 0));
            }
            tally.slices[slice].0 += 1;
            let late = phase.began <= due && FAST < now - due;
            tally.slices[slice].1 += u64::from(status != 201 || late);
        }
        Ok(())
    }

    /// A number from 0 to 1; it only has to differ from line to line.
    fn draw(&self) -> f64 {
        let drawn = self.drawn.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        self.drawn.set(drawn);
        (drawn >> 33) as f64 / f64::from(1_u32 << 31)
    }

    /// Sends what is due until the time is over.
    async fn talk(
        self: Rc<Line>,
        mut out: WriteHalf<TlsStream<TcpStream>>,
        pace: Pace,
        (began, length, shift): (Moment, Duration, Duration),
    ) -> Result<WriteHalf<TlsStream<TcpStream>>> {
        let mut bytes = Vec::new();
        let (mut first, mut beat, share) = (0_u64, began + shift, self.draw());
        self.silent_until.set(None);
        while began.elapsed() < length {
            bytes.append(&mut self.reply.borrow_mut());
            match pace {
                Pace::Closed(most) => {
                    let now = Moment::now();
                    while self.open.borrow().len() < most && self.send(&mut bytes, now)? {}
                }
                Pace::Open { per_second, heeds } => {
                    let now = Moment::now();
                    let end = ((now - began).as_secs_f64() * per_second + share) as u64;
                    let moment = |turn: u64| {
                        let since = (turn as f64 + 1.0 - share) / per_second;
                        (began + Duration::from_secs_f64(since)).min(now)
                    };
                    self.send_due(&mut bytes, (first, end), heeds, moment)?;
                    first = end;
                }
            }
            if !bytes.is_empty() {
                out.write_all(&bytes).await?;
                out.flush().await?;
                bytes.clear();
            }
            match pace {
                Pace::Closed(_) => {
                    let end = (began + length).into();
                    // An error means that the time is over.
                    let _ = tokio::time::timeout_at(end, self.heard.notified()).await;
                }
                Pace::Open { .. } => {
                    beat = (beat + BEAT).max(Moment::now());
                    tokio::time::sleep_until(beat.into()).await;
                }
            }
        }
        Ok(out)
    }

    /// Sends those of the turns for which there is a place: the latest.
    fn send_due(
        &self,
        bytes: &mut Vec<u8>,
        (first, end): (u64, u64),
        heeds: bool,
        moment: impl Fn(u64) -> Moment,
    ) -> Result<()> {
        let phase = self.phase.borrow().clone();
        let Some(phase) = phase else { return Ok(()) };
        let count = end - first;
        let silent = self.silent_until.get().is_some_and(|until| Moment::now() < until);
        if heeds && silent {
            phase.tallies[self.group.get()].borrow_mut().kept_away += count;
            return Ok(());
        }
        let room = STREAMS.saturating_sub(self.open.borrow().len()) as u64;
        let mut held = count.saturating_sub(room);
        for turn in first + held..end {
            if !self.send(bytes, moment(turn))? {
                held += 1;
            }
        }
        phase.tallies[self.group.get()].borrow_mut().held_back += held;
        Ok(())
    }

    /// Sends the next stake, if the server has room for its bytes.
    fn send(&self, bytes: &mut Vec<u8>, due: Moment) -> Result<bool> {
        // More than a stake has.
        if self.window.get() < 1_024 {
            return Ok(false);
        }
        let request = self.stocks[self.organiser].borrow_mut().next();
        let request = request.context("what was prepared to be sent is used up")?;
        let stream = self.next_stream.get();
        self.next_stream.set(stream + 2);
        let size = put(bytes, &request, stream);
        self.window.set(self.window.get() - i64::try_from(size)?);
        self.open.borrow_mut().insert(stream, Sent { due, request, answer: None });
        Ok(true)
    }
}
