//! People in this process: the room `people` on the store's vault and edge, with the keys that lie
//! apart from both and the systems outside as the configuration names them.

pub mod duties;
pub mod inbox;
mod outside;
mod silent;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use api::Seat;
use desk::Message;
use people::lists::Screens;
use people::ports::Decides;
use people::{Parts, People, Settings};
use pump::{Class, Clock as _, Entropy as _, ReadCopy, Stream, SystemClock, Verdict};
use vault::{FileKeeper, Vault};

use crate::config::Config;
use crate::store_url::Lasting;

/// Puts messages to whoever decides, from here.
struct Sent(Arc<Seat>);

impl Decides for Sent {
    fn ask(&self, class: Class, message: Message) -> Result<Verdict, String> {
        let handle = self.0.handle().map_err(|_| "another node decides".to_owned())?;
        handle.ask(class, message).map_err(|error| error.to_string())
    }
}

/// Where the keys of personal data are.
pub fn keys(config: &Config) -> PathBuf {
    match config.people.keys.as_os_str().is_empty() {
        true => config.data.join("keys"),
        false => config.people.keys.clone(),
    }
}

/// Where the lists are.
pub fn lists(data: &Path) -> PathBuf {
    data.join("lists")
}

/// Opens people's services on a store.
pub fn open(
    config: &Config,
    opened: &Lasting,
    copy: ReadCopy,
    seat: Arc<Seat>,
) -> anyhow::Result<Arc<People>> {
    let keys = keys(config);
    let vault = Vault::open_or_make(config.store.make_vault()?, Arc::new(FileKeeper::at(&keys)));
    let vault = vault.with_context(|| {
        format!("the vault cannot be opened with the keys in {}", keys.display())
    })?;
    let readers = opened.clone();
    let clock = SystemClock::new();
    let entropy = Stream::system().context("the system gives no random bytes")?;
    let screens = Screens::open(&lists(&config.data)).context("the lists cannot be read")?;
    let address = match config.people.address.as_str() {
        "" => format!("http://{}", config.people.cabinet),
        address => address.to_owned(),
    };
    let outside = match config.people.outside.as_os_str().is_empty() {
        true => silent::outside(),
        false => outside::connect(&config.people.outside, config.test_realm)?,
    };
    Ok(Arc::new(People::new(Parts {
        decides: Arc::new(Sent(seat)),
        copy,
        clock: Arc::new(move || clock.wall()),
        entropy: Box::new(entropy),
        pepper: pepper(&keys.join("pepper"))?,
        edge: config.store.make_edge()?,
        vault,
        outside,
        screens,
        journal: Box::new(move || {
            readers.reader().map(|reader| Box::new(reader) as Box<dyn store::JournalReader>)
        }),
        phrases: phrases::Phrases::load().context("the phrasebooks cannot be read")?,
        settings: Settings {
            address,
            offer: config.people.offer,
            test_realm: config.test_realm,
            consent_way: config.people.consent_way,
            registers: REGISTERS.map(String::from).to_vec(),
            words: links::population::Words::proposed(),
            shrink_permille_max: config.people.list_shrink_permille_max,
        },
    })))
}

/// The registers that access is asked for, by the gateway's ids.
const REGISTERS: [&str; 2] = ["GBDFLUniversal_token", links::restricted::Register::PROPOSED];

/// The secret under which phones and codes are hashed, which lies with the keys. Made by whoever
/// comes first.
fn pepper(path: &Path) -> anyhow::Result<[u8; 32]> {
    let place = || format!("{} cannot be read or made", path.display());
    if !path.exists() {
        let mut entropy = Stream::system().context("the system gives no random bytes")?;
        let bytes: Vec<u8> = (0..4).flat_map(|_| entropy.draw()).collect();
        store::files::replace(path, &bytes, 0o600).with_context(place)?;
    }
    let bytes = fs::read(path).with_context(place)?;
    ensure!(bytes.len() == 32, "{} is not the secret of sign-in", path.display());
    let mut pepper = [0; 32];
    pepper.copy_from_slice(&bytes);
    Ok(pepper)
}
