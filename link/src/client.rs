//! The way to the node that decides.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use desk::Message;
use parking_lot::Mutex;
use pump::limits::MESSAGES_PER_REQUEST_MAX;
use pump::{Busy, Class, Handle, Intake, PumpError, Reply};
use rustls::pki_types::ServerName;
use terms::Instant;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_rustls::TlsConnector;

use crate::form::{Answer, Hello, Request};
use crate::limits::{GREETING_MAX, PAUSE, SIGN, UNDER_WAY_MAX, VERSION, WRITE_BYTES};
use crate::server::send;
use crate::tls::WayTls;
use crate::wire;

/// A node that may be the one that decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// `host:port` of its door.
    pub address: String,
    /// What its certificate says.
    pub name: ServerName<'static>,
}

impl Target {
    /// The door at `host:port`; its certificate says the host.
    pub fn parse(address: &str) -> Option<Target> {
        let (host, port) = address.rsplit_once(':')?;
        port.parse::<u16>().ok()?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(host.to_owned()).ok()?;
        Some(Target { address: address.to_owned(), name })
    }
}

/// A connection to whichever of some nodes decides, made again whenever it breaks. It has a thread
/// of its own, so that whoever waits for an answer never keeps it from coming. Dropped, it ends,
/// and what is under way hears [`PumpError::Stopped`].
pub struct Link {
    way: Arc<Way>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Link {
    /// Begins to look for the node that decides.
    pub fn start(targets: Vec<Target>, tls: WayTls) -> io::Result<Link> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let way = Arc::<Way>::default();
        let (stop, stopping) = watch::channel(false);
        let looking = look(way.clone(), targets, TlsConnector::from(tls), stopping);
        let thread = std::thread::Builder::new().name("link".into());
        let thread = Some(thread.spawn(move || runtime.block_on(looking))?);
        Ok(Link { way, stop, thread })
    }

    /// A handle, as that of a pump in this process; its requests bring no instants.
    pub fn handle(&self) -> Handle {
        Handle::new(self.way.clone())
    }

    /// Where the node that decides was found, if there is one now.
    pub fn found(&self) -> Option<String> {
        self.way.open.lock().to.as_ref().map(|to| to.address.clone())
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // Nobody to hear it means that the thread has ended.
        let _ = self.stop.send(true);
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been printed; there is nobody to tell it to.
            let _ = thread.join();
        }
        self.way.close("the way to the node that decides was given up");
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Link({:?})", self.found())
    }
}

/// What those who ask share with the thread.
#[derive(Default)]
struct Way {
    number: AtomicU64,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    /// None while no node that decides is there.
    to: Option<To>,
    waiting: HashMap<u64, Waiting>,
}

struct To {
    address: String,
    requests: UnboundedSender<Vec<u8>>,
}

struct Waiting {
    messages: usize,
    reply: Reply,
}

impl Intake for Way {
    fn submit(&self, class: Class, messages: Vec<Message>, reply: Reply) -> Result<(), PumpError> {
        let count = messages.len();
        let Some(sender) = messages.first().map(|message| message.sender) else {
            return Err(PumpError::Malformed("a request has a message"));
        };
        if MESSAGES_PER_REQUEST_MAX < count {
            return Err(PumpError::Malformed("a request has fewer messages"));
        }
        // Made before the lock is taken. 0 is the number of signs of life.
        let number = self.number.fetch_add(1, Ordering::Relaxed) + 1;
        let frame = wire::frame(&Request::bytes(number, class, &messages));
        let mut open = self.open.lock();
        let Open { to: Some(to), waiting } = &mut *open else {
            return Err(Busy::Absent.into());
        };
        // One place is left for a sign of life.
        if UNDER_WAY_MAX - 1 <= waiting.len() {
            let retry_after_ms = SIGN.as_millis() as u64;
            return Err(Busy::Full { sender, class, retry_after_ms }.into());
        }
        if to.requests.send(frame).is_err() {
            return Err(Busy::Absent.into());
        }
        waiting.insert(number, Waiting { messages: count, reply });
        Ok(())
    }

    fn submit_at(&self, _: Vec<(Instant, Message)>, _: Reply) -> Result<(), PumpError> {
        Err(PumpError::Malformed("instants are brought where the pump is"))
    }
}

impl Way {
    /// Tells whoever waits for this answer.
    fn answer(&self, answer: Answer) -> io::Result<()> {
        if answer.number == 0 {
            return Ok(());
        }
        let waiting = self.open.lock().waiting.remove(&answer.number);
        let Some(Waiting { messages, reply }) = waiting else {
            return Err(io::Error::other("an answer that nobody has asked for"));
        };
        if answer.verdicts.as_ref().is_ok_and(|verdicts| verdicts.len() != messages) {
            reply.tell(Err(PumpError::Stopped("the answer is not whole".into())));
            return Err(io::Error::other("an answer that is not whole"));
        }
        reply.tell(answer.verdicts);
        Ok(())
    }

    /// Nothing goes this way any more; whoever waits hears why.
    fn close(&self, why: &str) {
        let Open { to, waiting } = std::mem::take(&mut *self.open.lock());
        drop(to);
        for (_, Waiting { reply, .. }) in waiting {
            reply.tell(Err(PumpError::Stopped(why.into())));
        }
    }
}

/// Looks for the node that decides, and speaks with it until that ends.
async fn look(
    way: Arc<Way>,
    targets: Vec<Target>,
    tls: TlsConnector,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        for target in &targets {
            let spoken = tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                spoken = visit(&way, target, &tls) => spoken,
            };
            let had = way.open.lock().to.is_some();
            way.close("the connection to the node that decides was lost");
            if let Err(error) = spoken {
                match had {
                    true => tracing::warn!("{} is lost: {error}", target.address),
                    false => tracing::debug!("{} is not there: {error}", target.address),
                }
            }
        }
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = sleep(PAUSE) => {}
        }
    }
}

/// Speaks with a node until the connection ends; returns at once if the node does not decide.
async fn visit(way: &Way, target: &Target, tls: &TlsConnector) -> io::Result<()> {
    let greeted = timeout(GREETING_MAX, greet(target, tls)).await;
    let Some(stream) = greeted.map_err(|_| io::ErrorKind::TimedOut)?? else { return Ok(()) };
    let (from, to) = tokio::io::split(stream);
    let (requests, queue) = unbounded_channel();
    let address = target.address.clone();
    way.open.lock().to = Some(To { address, requests });
    tracing::info!("{} decides", target.address);
    tokio::select! {
        ended = hear(way, from) => ended,
        ended = say(to, queue) => ended,
    }
}

type Stream = tokio_rustls::client::TlsStream<TcpStream>;

/// A connection to a node that decides; none if this one does not.
async fn greet(target: &Target, tls: &TlsConnector) -> io::Result<Option<Stream>> {
    let socket = TcpStream::connect(&target.address).await?;
    socket.set_nodelay(true)?;
    let mut stream = tls.connect(target.name.clone(), socket).await?;
    let hello = wire::read(&mut stream).await?;
    let Hello { version, leads } = Hello::from_bytes(&hello).map_err(io::Error::other)?;
    if version != VERSION {
        let what = format!("it speaks version {version} of the inner wire, not {VERSION}");
        return Err(io::Error::other(what));
    }
    Ok(leads.then_some(stream))
}

async fn hear(way: &Way, mut from: impl AsyncRead + Unpin) -> io::Result<()> {
    loop {
        let bytes = wire::read(&mut from).await?;
        way.answer(Answer::from_bytes(&bytes).map_err(io::Error::other)?)?;
    }
}

/// Sends requests, those that are ready together in one write, and signs of life.
async fn say(
    mut to: impl AsyncWrite + Unpin,
    mut queue: UnboundedReceiver<Vec<u8>>,
) -> io::Result<()> {
    let sign = wire::frame(&Request::bytes(0, Class::Control, &[]));
    let mut signs = interval(SIGN);
    signs.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut out = Vec::new();
    loop {
        out.clear();
        tokio::select! {
            frame = queue.recv() => match frame {
                Some(frame) => out.extend_from_slice(&frame),
                None => return Ok(()),
            },
            _ = signs.tick() => out.extend_from_slice(&sign),
        }
        while out.len() < WRITE_BYTES
            && let Ok(frame) = queue.try_recv()
        {
            out.extend_from_slice(&frame);
        }
        send(&mut to, &out).await?;
    }
}
