//! How the systems outside are reached: a file of its own, because it names keys.
//!
//! A pair is a file with a private key (PKCS#8, DER) and its certificate: the length of the key in
//! four bytes, the key, the certificate, as the simulators keep theirs.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use links::Trust;
use links::consent::{Initiator, Standing, StateService, TermUnit, TokenKeys};
use links::gateway::{Answers, Gateway, Peer};
use links::identification::{Exchange, Member};
use links::limits::{ANSWER_BYTES_MAX, OWN_TOKEN_NS_MAX};
use links::messages::Operator;
use links::signature::{Builtin, Certificate, RsaSigner};
use links::way::{Driver, Realm, Settings, Way};
use links::{debtors, population, restricted};
use people::Outside;
use serde::Deserialize;
use terms::{Bin, Hash};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    us: Us,
    gateway: GatewayFile,
    exchange: ExchangeFile,
    operator: OperatorFile,
}

/// What we are to the others (R3-2.1, R3-2.2).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Us {
    name: String,
    bin: String,
    responsible: String,
    /// The keys of messages to the gateway, of proofs to the State service, of passes to the
    /// exchange.
    messages: PathBuf,
    proofs: PathBuf,
    passes: PathBuf,
    bank: bool,
    agreement: bool,
    security_centre: bool,
    proactive: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GatewayFile {
    address: String,
    sender: String,
    password: Option<String>,
    /// SHA-256 of the certificates' keys that its answers are signed with, in hexadecimal digits.
    pins: Vec<String>,
    /// The name that the State service signs its tokens with, and the pins of its keys; without
    /// pins the key that comes with a token is believed because the gateway signed it.
    issuer: String,
    token_pins: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExchangeFile {
    address: String,
    member: String,
    exchange: String,
    /// Pairs or certificates (DER) that its results are signed with.
    certificates: Vec<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OperatorFile {
    address: String,
    secret: String,
}

/// Connects all of them. In a test realm simulators are believed; elsewhere they are not.
pub fn connect(path: &Path, test_realm: bool) -> anyhow::Result<Outside> {
    let place = path.display();
    let text = fs::read_to_string(path).with_context(|| format!("{place} cannot be read"))?;
    let file: File =
        toml::from_str(&text).with_context(|| format!("{place} is not as it should be"))?;
    let home = path.parent().unwrap_or(Path::new("."));
    let driver = Driver::start()?;
    let realm = if test_realm { Realm::Test } else { Realm::Production };
    let way = |address: &str| {
        let settings = Settings {
            base: address.to_owned(),
            authorities: Vec::new(),
            identity: None,
            connect: Duration::from_secs(2),
            whole: Duration::from_secs(10),
            answer_bytes_max: ANSWER_BYTES_MAX,
            realm,
        };
        Way::new(&driver, settings).with_context(|| format!("{address} is no way"))
    };
    let us = &file.us;
    let signer = |name: &Path| signer(&home.join(name));
    let trust =
        Trust { pins: pins(&file.gateway.pins)?, plain_id: false, verifier: Box::new(Builtin) };
    let peer = Peer {
        sender: file.gateway.sender.clone(),
        password: file.gateway.password.clone(),
        key: Box::new(signer(&us.messages)?),
        answers: Answers::Signed(trust),
    };
    let gateway = Arc::new(Gateway::new(way(&file.gateway.address)?, peer));
    let initiator = Initiator {
        name: us.name.clone(),
        bin: Bin::parse(&us.bin).context("us.bin is no business number")?,
        responsible: us.responsible.clone(),
        standing: Standing {
            bank: us.bank,
            agreement: us.agreement,
            security_centre: us.security_centre,
            proactive: us.proactive,
        },
        proof_key: Box::new(signer(&us.proofs)?),
        proof_ns: OWN_TOKEN_NS_MAX,
        issuer: file.gateway.issuer.clone(),
        keys: match file.gateway.token_pins.is_empty() {
            true => TokenKeys::SentAlong,
            false => TokenKeys::Pinned(pins(&file.gateway.token_pins)?),
        },
        verifier: Box::new(Builtin),
        unit: TermUnit::Seconds,
    };
    let member = Member {
        id: file.exchange.member.clone(),
        exchange: file.exchange.exchange.clone(),
        key: Box::new(signer(&us.passes)?),
        pinned: file
            .exchange
            .certificates
            .iter()
            .map(|name| certificate(&home.join(name)))
            .collect::<anyhow::Result<_>>()?,
        verifier: Box::new(Builtin),
    };
    let sender = file.gateway.sender.clone();
    Ok(Outside {
        identification: Arc::new(Exchange::new(way(&file.exchange.address)?, member)),
        consent: Arc::new(StateService::new(gateway.clone(), initiator)?),
        population: Arc::new(population::Register::new(gateway.clone(), sender)),
        debtors: Arc::new(debtors::Register::new(gateway.clone(), debtors::Words::proposed())),
        restricted: Arc::new(restricted::Register::new(gateway, restricted::Register::PROPOSED)),
        messages: Arc::new(Operator::new(way(&file.operator.address)?, file.operator.secret)),
    })
}

fn pins(texts: &[String]) -> anyhow::Result<Vec<Hash>> {
    let pin = |text: &String| {
        let bytes = terms::codec::unhex(text).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        bytes.map(Hash).with_context(|| format!("{text:?} is no SHA-256"))
    };
    texts.iter().map(pin).collect()
}

fn signer(path: &Path) -> anyhow::Result<RsaSigner> {
    let (key, certificate) = pair(path)?;
    RsaSigner::new(&key, &certificate).with_context(|| format!("{} is no pair", path.display()))
}

fn certificate(path: &Path) -> anyhow::Result<Certificate> {
    let broken = || format!("{} is no certificate", path.display());
    if path.extension().is_some_and(|extension| extension == "pair") {
        return Certificate::parse(&pair(path)?.1).with_context(broken);
    }
    let der = fs::read(path).with_context(broken)?;
    Certificate::parse(&der).with_context(broken)
}

fn pair(path: &Path) -> anyhow::Result<(Vec<u8>, Vec<u8>)> {
    let place = path.display();
    let bytes = fs::read(path).with_context(|| format!("{place} cannot be read"))?;
    let (length, rest) =
        bytes.split_first_chunk::<4>().with_context(|| format!("{place} is no pair"))?;
    let length = u32::from_be_bytes(*length) as usize;
    ensure!(length <= rest.len(), "{place} is no pair");
    let (key, certificate) = rest.split_at(length);
    Ok((key.to_vec(), certificate.to_vec()))
}
