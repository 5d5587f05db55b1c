//! The server under load, and what is sent to it.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use desk::Message;
use desk::command::PlaceStake;
use pump::Class;
use serde_json::Value;
use terms::number::account_number;

use crate::http::client::{Connector, post};
use crate::http::streams;
use crate::rig::{Rig, Wait, now};
use crate::world::ORGANISERS;

/// Stakes whose orders are put to the pump together.
const ROUND: u64 = 2_000;

/// Requests of one organiser, in the order in which they are sent.
pub struct Stock(VecDeque<Vec<u8>>);

impl Stock {
    /// The next request.
    pub fn next(&mut self) -> Option<Vec<u8>> {
        self.0.pop_front()
    }

    /// Takes a request back of which nothing was decided: it is sent again under the same id.
    pub fn give_back(&mut self, request: Vec<u8>) {
        self.0.push_back(request);
    }
}

/// How stakes are sent.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// Each as a request of HTTP/1.1.
    Alone,
    /// Each as the frames of a stream of HTTP/2.
    Streams,
    /// In batches of so many lines.
    Batches(u64),
}

/// Puts orders for so many stakes of each organiser to the pump, and makes the requests of the
/// stakes.
pub fn stock(rig: &mut Rig, stakes: u64, form: Form) -> Result<Vec<Stock>> {
    let handle = rig.pump.handle();
    let mut all = Vec::new();
    for organiser in 0..ORGANISERS {
        let mut requests = VecDeque::new();
        let mut left = stakes;
        while 0 < left {
            let round = if let Form::Batches(lines) = form { lines } else { ROUND };
            let count = left.min(round);
            rig.world.set_clock(now().plus(-crate::rig::BEHIND_NS));
            let request = rig.world.request(organiser, count);
            Wait::submit(&handle, Class::Live, request.orders)?.done()?;
            let bodies = request.stakes.iter().map(body).collect::<Result<Vec<String>>>()?;
            let stakes = ("/v1/stakes", "application/json");
            match form {
                Form::Alone => {
                    requests.extend(bodies.iter().map(|body| post(stakes.0, stakes.1, body)));
                }
                Form::Streams => {
                    let put = |body| streams::post(stakes.0, stakes.1, body);
                    requests.extend(bodies.iter().map(|body| put(body)));
                }
                Form::Batches(_) => {
                    let mut text = String::new();
                    for body in &bodies {
                        writeln!(text, "{{\"kind\":\"stake\",\"message\":{body}}}")?;
                    }
                    requests.push_back(post("/v1/batches", "application/x-ndjson", &text));
                }
            }
            left -= count;
        }
        all.push(Stock(requests));
    }
    Ok(all)
}

/// A stake as an organiser sends it.
fn body(message: &Message) -> Result<String> {
    let desk::Command::PlaceStake(PlaceStake { bid, order: Some(order) }) = &message.command else {
        bail!("not a stake with an order")
    };
    let terms::Sender::Organiser(organiser) = message.sender else { bail!("not an organiser's") };
    let leg = bid.legs.first().context("a stake without a leg")?;
    Ok(format!(
        "{{\"id\":\"{}\",\"order\":\"{order}\",\"account\":\"{}\",\"desk\":\"{}\",\
         \"amount_tiyn\":{},\"currency\":\"KZT\",\"made_at\":\"{}\",\"shape\":\"single\",\
         \"price_rule\":\"exact\",\"selections\":[{{\"outcome\":\"{}\",\"odds_e4\":{}}}]}}",
        message.id,
        account_number(organiser, bid.account),
        bid.desk.0,
        bid.amount.get(),
        bid.made_at,
        leg.outcome.0,
        leg.odds.get(),
    ))
}

/// `bej serve` in a process of its own.
pub struct Server {
    child: Child,
    data: PathBuf,
    api: String,
    probes: String,
}

impl Server {
    /// Stops the pump that has set the world up, lets the server take the store over, and waits
    /// until its views have caught up.
    pub fn start(rig: Rig, store: &str, dir: &Path) -> Result<Server> {
        rig.pump.stop()?;
        drop(rig.store);
        let (bej, data) = (binary()?, dir.join("data"));
        for organiser in 0..ORGANISERS {
            let mut command = Command::new(&bej);
            command.args(["cert", "organiser", &organiser.to_string(), "--data"]).arg(&data);
            let made = command.output().context("make a certificate")?;
            ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        }
        let mut child = Command::new(&bej)
            .args(["serve", "--store", store, "--data"])
            .arg(&data)
            .args(["--api", "127.0.0.1:0", "--probes", "127.0.0.1:0", "--console", "127.0.0.1:0"])
            .args(["--cabinet", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("start the server")?;
        let output = child.stdout.take().context("the server's output")?;
        let mut server = Server { child, data, api: String::new(), probes: String::new() };
        for line in BufReader::new(output).lines() {
            let line = line?;
            if let Some(address) = line.strip_prefix("api https://") {
                server.api = address.to_owned();
            }
            if let Some(address) = line.strip_prefix("probes http://") {
                server.probes = address.to_owned();
                break;
            }
        }
        ensure!(!server.probes.is_empty(), "the server has not started");
        while server.health()?["views_lag_entries"] != 0 {
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(server)
    }

    /// The number of its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What opens connections, by organiser.
    pub fn connectors(&self) -> Result<Vec<Connector>> {
        let home = self.data.join("tls");
        let open = |number| Connector::new(&home, &format!("organiser-{number}"), &self.api);
        (0..ORGANISERS).map(open).collect()
    }

    /// How the system is.
    pub fn health(&self) -> Result<Value> {
        let mut stream = TcpStream::connect(&self.probes).context("ask for the health")?;
        stream
            .write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        let (_, body) = text.split_once("\r\n\r\n").context("an answer without a body")?;
        serde_json::from_str(body).context("read the health")
    }

    /// Tells it to stop, and waits until it has.
    pub fn stop(mut self) -> Result<()> {
        let told = Command::new("kill").arg(self.child.id().to_string()).status()?;
        ensure!(told.success(), "the server could not be told to stop");
        let ended = self.child.wait()?;
        ensure!(ended.success(), "the server has failed: {ended}");
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended already, where all went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The binary beside this one, built anew if cargo runs this one.
fn binary() -> Result<PathBuf> {
    let beside = std::env::current_exe()?.with_file_name("bej");
    if let Some(cargo) = std::env::var_os("CARGO") {
        let mut command = Command::new(cargo);
        command.args(["build", "--release", "--locked", "--quiet", "-p", "bej"]);
        ensure!(command.status()?.success(), "bej could not be built");
    }
    ensure!(beside.exists(), "{} is not there: cargo build --release -p bej", beside.display());
    Ok(beside)
}
