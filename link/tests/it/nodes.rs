//! Nodes with doors, the authority that knows them, and what is sent to them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use desk::command::{AdoptRulebook, RegisterPerson};
use desk::{Command, Manner, Message};
use link::{Identity, Link, Target};
use parking_lot::Mutex;
use pump::{
    Busy, Class, Clock as _, Handle, Options, Outcome, Pump, PumpError, Reply, Stream, SystemClock,
    Time, Verdict,
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use store::Memory;
use terms::id::uuid_v7;
use terms::rulebook::Rulebook;
use terms::{MessageId, Sender};
use tokio::sync::watch;

/// An authority of its own, in memory.
pub struct Authority {
    pub root: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub fn new() -> Authority {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let root = params.self_signed(&key).unwrap();
        Authority { root: root.der().clone(), issuer: Issuer::new(params, key) }
    }

    /// A certificate for loopback with its key.
    pub fn identity(&self) -> Identity {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        (vec![certificate.der().clone()], key)
    }
}

/// A node with a door, whose pump comes and goes.
pub struct Node {
    pub address: SocketAddr,
    pump: Arc<Mutex<Option<Pump>>>,
    stop: watch::Sender<bool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Node {
    pub fn start(authority: &Authority) -> Node {
        let pump = Arc::<Mutex<Option<Pump>>>::default();
        let tls = link::door(authority.root.clone(), authority.identity()).unwrap();
        let (stop, stopping) = watch::channel(false);
        let (told, address) = channel();
        let leads = pump.clone();
        let leader: link::Leader = Arc::new(move || leads.lock().as_ref().map(Pump::handle));
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async move {
                let door = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                told.send(door.local_addr().unwrap()).unwrap();
                link::serve(door, tls, leader, stopping).await;
            });
        });
        Node { address: address.recv().unwrap(), pump, stop, thread: Some(thread) }
    }

    /// Decides from now on.
    pub fn lead(&self, memory: &Memory) {
        let time = Time::Clock(Arc::new(SystemClock::new()));
        let entropy = Box::new(Stream::seeded([7; 32]));
        let journal = Box::new(memory.journal());
        let pump = Pump::start(journal, None, None, time, entropy, Options::standard()).unwrap();
        *self.pump.lock() = Some(pump);
    }

    /// Ends its pump in good order.
    pub fn retire(&self) {
        let pump = self.pump.lock().take().unwrap();
        pump.stop().unwrap();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
        self.thread.take().unwrap().join().unwrap();
        drop(self.pump.lock().take());
    }
}

/// A way to nodes at these addresses.
pub fn link_to(authority: &Authority, addresses: &[SocketAddr]) -> Link {
    let tls = link::way(authority.root.clone(), authority.identity()).unwrap();
    let target = |address: &SocketAddr| Target::parse(&address.to_string()).unwrap();
    Link::start(addresses.iter().map(target).collect(), tls).unwrap()
}

/// An id that nobody else has.
pub fn id(number: u64) -> MessageId {
    let mut random = [0; 10];
    random[2..].copy_from_slice(&number.to_be_bytes());
    MessageId(uuid_v7(SystemClock::new().wall().ms(), random))
}

pub fn message(id: MessageId, command: impl Into<Command>) -> Message {
    Message::new(Sender::Operator, id, Manner::Single, command.into())
}

/// A command that is always done.
pub fn person(number: u64) -> Message {
    let id = id(number);
    message(id, RegisterPerson { reference: id.0 })
}

/// Asks, and again while no node that decides is found.
pub fn found(handle: &Handle, message: &Message) -> Verdict {
    loop {
        match handle.ask(Class::Live, message.clone()) {
            Err(PumpError::Busy(Busy::Absent)) => std::thread::yield_now(),
            verdict => return verdict.unwrap(),
        }
    }
}

/// The rulebook, without which nothing is decided.
pub fn adopt(handle: &Handle) {
    let rulebook = Box::new(Rulebook::sample());
    let adopted = found(handle, &message(id(0), AdoptRulebook { rulebook }));
    assert_eq!(adopted.outcome, Outcome::Done);
}

pub type Heard = Result<Vec<Verdict>, PumpError>;

/// A reply, and where what it hears comes out, once.
pub fn hearing() -> (Reply, Receiver<Heard>) {
    let (sender, heard) = channel();
    (Reply::new(move |verdicts| sender.send(verdicts).unwrap()), heard)
}
