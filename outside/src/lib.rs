//! Simulators of the systems outside: the exchange of identification data, the e-government
//! gateway with the state service and the registers behind it, 1414 and the phones, the publisher
//! of lists, the operator of short messages.
//!
//! Each speaks the wire form of its connector in `links`, on a port of its own on loopback, and
//! marks its answers. People are synthetic and follow from a seed; what befalls whom is said by
//! the digits of his number, and anything can be made to go wrong by the control
//! (`docs/connect-outside.md`). Never linked into `bej`.
//!
//! Memory is bounded by [`world::KEPT`] records of a kind.

pub mod control;
pub mod exchange;
mod fault;
pub mod gateway;
mod keys;
pub mod lists;
pub mod operator;
pub mod people;
mod server;
mod systems;
pub mod world;

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use terms::Instant;
use tokio::runtime::Runtime;
use tokio::sync::watch;

pub use fault::{Fault, SYSTEMS, System};
pub use keys::{Keys, Owner};
use server::{Door, open};
pub use systems::Systems;
use world::World;

/// What a simulation is made of.
#[derive(Clone, Debug)]
pub struct Settings {
    /// People and lists follow from it.
    pub seed: u64,
    /// Where the keys are kept.
    pub keys: PathBuf,
    /// The time at which the clock stands; without one it runs.
    pub at: Option<Instant>,
    /// The first of five ports; 0 for any that are free.
    pub port: u16,
}

/// A simulation that runs. Dropped, it ends.
#[derive(Debug)]
pub struct Running {
    world: Arc<World>,
    ports: Vec<(&'static str, SocketAddr)>,
    stop: watch::Sender<bool>,
    runtime: Option<Runtime>,
}

const DOORS: [(&str, Door); 5] = [
    ("exchange", Door::System(System::Exchange)),
    ("gateway", Door::System(System::Gateway)),
    ("lists", Door::System(System::Lists)),
    ("operator", Door::System(System::Operator)),
    ("control", Door::Control),
];

/// Starts a simulation.
pub fn start(settings: &Settings) -> io::Result<Running> {
    let keys = Keys::kept_in(&settings.keys)?;
    let world = Arc::new(World::new(settings.seed, keys, settings.at));
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(2).thread_name("outside").enable_all().build()?;
    let (stop, stopping) = watch::channel(false);
    let mut ports = Vec::new();
    for (place, (name, door)) in (0u16..).zip(DOORS) {
        let port = if settings.port == 0 { 0 } else { settings.port.saturating_add(place) };
        let opening = open(world.clone(), door, port, stopping.clone());
        ports.push((name, runtime.block_on(opening)?));
    }
    Ok(Running { world, ports, stop, runtime: Some(runtime) })
}

impl Running {
    /// The world, for tests in the same process.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Where a system listens: `exchange`, `gateway`, `lists`, `operator`, `control`.
    pub fn address(&self, name: &str) -> Option<SocketAddr> {
        self.ports.iter().find(|(of, _)| *of == name).map(|(_, address)| *address)
    }

    /// A call of the control; panics where the control refuses, which is a mistake of the test.
    pub fn control(&self, path: &str, content: &Value) -> Value {
        let done = control::control(&self.world, path, content.to_string().as_bytes());
        done.unwrap_or_else(|what| panic!("{path}: {what}"))
    }

    /// The file that `people.outside` of a configuration of БЕЖ names (docs/people.md), with the
    /// keys of this directory.
    pub fn configuration(&self, keys: &Path) -> io::Result<String> {
        let keys = keys.canonicalize()?;
        let pair = |name: &str| format!("{:?}", keys.join(name).with_extension("pair"));
        let pin = self.world.keys.certificate(Owner::Gateway).pin();
        let address = |name: &str| {
            let address = self.address(name);
            address.map(|address| format!("http://{address}")).unwrap_or_default()
        };
        Ok(format!(
            "[us]\nname = \"БЕЖ\"\nbin = \"{}\"\nresponsible = \"operator\"\n\
             messages = {}\nproofs = {}\npasses = {}\n\
             bank = false\nagreement = false\nsecurity_centre = false\nproactive = false\n\n\
             [gateway]\naddress = \"{}\"\nsender = \"{}\"\npassword = \"{}\"\n\
             pins = [\"{pin}\"]\nissuer = \"{}\"\ntoken_pins = []\n\n\
             [exchange]\naddress = \"{}\"\nmember = \"{}\"\nexchange = \"{}\"\n\
             certificates = [{}]\n\n\
             [operator]\naddress = \"{}\"\nsecret = \"{}\"\n",
            systems::BIN,
            pair("our-messages"),
            pair("our-proofs"),
            pair("our-passes"),
            address("gateway"),
            gateway::SENDER,
            gateway::PASSWORD,
            gateway::ISSUER,
            address("exchange"),
            exchange::MEMBER,
            exchange::EXCHANGE,
            pair("exchange"),
            address("operator"),
            operator::SECRET,
        ))
    }

    /// What a configuration needs to know of the simulation.
    pub fn told(&self) -> Value {
        let ports = self.ports.iter().map(|(name, address)| (*name, format!("http://{address}")));
        let pin = |owner| self.world.keys.certificate(owner).pin().to_string();
        json!({
            "realm": "test",
            "addresses": ports.collect::<std::collections::BTreeMap<_, _>>(),
            "pins": {
                "gateway": pin(Owner::Gateway),
                "state_service": pin(Owner::StateService),
                "exchange": pin(Owner::Exchange),
            },
            "gateway": {"sender": gateway::SENDER, "password": gateway::PASSWORD},
            "exchange": {"member": exchange::MEMBER, "exchange": exchange::EXCHANGE},
            "operator": {"secret": operator::SECRET},
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Nobody to hear it means that all ports are closed.
        let _ = self.stop.send(true);
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
