//! A server of few words: it does what the next act of its script says, and notes what it heard.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hsc::{Client, Patience, Settings};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// What the server does with a request.
#[derive(Clone, Debug)]
pub enum Act {
    /// Answers with these bytes and keeps the connection.
    Say(String),
    /// Sends so many bytes of an answer and cuts the connection.
    Cut(String, usize),
    /// Says nothing until the client goes away.
    Silence,
}

/// What it heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The connection, counted from 0.
    pub connection: usize,
    /// The head of the request.
    pub head: String,
    /// The body.
    pub body: String,
}

/// The server.
pub struct Server {
    settings: Settings,
    acts: Arc<Mutex<Vec<Act>>>,
    heard: Arc<Mutex<Vec<Heard>>>,
}

/// An answer with a length.
pub fn answer(status: u16, more: &str, body: &str) -> String {
    let kind = if status < 300 { "application/json" } else { "application/problem+json" };
    let length = body.len();
    let head = format!("HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\n");
    format!("{head}content-length: {length}\r\n{more}\r\n{body}")
}

/// A problem document.
pub fn problem(status: u16, code: &str, more: &str) -> String {
    let body = format!(
        "{{\"type\":\"/problems/{code}\",\"title\":\"-\",\"status\":{status},\"code\":\"{code}\",\
         \"retryable\":true,\"retry\":\"same_id\",\"what_to_do\":\"-\"}}"
    );
    answer(status, more, &body)
}

impl Server {
    pub async fn start() -> Server {
        let (authority, own, client) = certificates();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(authority.der().clone()).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone());
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.1.serialize_der()));
        let tls = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_client_cert_verifier(verifier.build().unwrap())
            .with_single_cert(vec![own.0.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let settings = Settings {
            bases: vec![format!("https://localhost:{}", listener.local_addr().unwrap().port())],
            authority: authority.pem().into_bytes(),
            certificate: client.0.pem().into_bytes(),
            key: client.1.serialize_pem().into_bytes(),
            patience: PATIENCE,
        };
        let acts: Arc<Mutex<Vec<Act>>> = Arc::default();
        let heard: Arc<Mutex<Vec<Heard>>> = Arc::default();
        let (script, notes) = (Arc::clone(&acts), Arc::clone(&heard));
        tokio::spawn(async move {
            let acceptor = TlsAcceptor::from(Arc::new(tls));
            for connection in 0.. {
                let (socket, _) = listener.accept().await.unwrap();
                let (acceptor, script, notes) = (acceptor.clone(), script.clone(), notes.clone());
                tokio::spawn(async move {
                    // Whoever shows no certificate gets no further.
                    let Ok(stream) = acceptor.accept(socket).await else { return };
                    serve(stream, connection, &script, &notes).await;
                });
            }
        });
        Server { settings, acts, heard }
    }

    /// A client of this server, with a script for what it asks.
    pub fn client(&self, patience: Patience, acts: impl IntoIterator<Item = Act>) -> Client {
        let mut acts: Vec<Act> = acts.into_iter().collect();
        acts.reverse();
        *self.acts.lock().unwrap() = acts;
        self.heard.lock().unwrap().clear();
        Client::new(Settings { patience, ..self.settings.clone() }).unwrap()
    }

    pub fn settings(&self) -> Settings {
        self.settings.clone()
    }

    /// What was heard since the last client was made.
    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

/// Long enough for any machine, with short pauses.
pub const PATIENCE: Patience = Patience {
    connect: Duration::from_secs(20),
    attempt: Duration::from_secs(20),
    whole: Duration::from_secs(60),
    pause_least: Duration::from_millis(1),
    pause_most: Duration::from_millis(2),
    in_flight: 4,
};

type Made = (rcgen::Certificate, KeyPair);

fn certificates() -> (CertifiedIssuer<'static, KeyPair>, Made, Made) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "authority");
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let made = |name: &str| {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned(), "127.0.0.1".to_owned()]).unwrap();
        (params.signed_by(&key, &authority).unwrap(), key)
    };
    let (own, client) = (made("localhost"), made("organiser"));
    (authority, own, client)
}

async fn serve(
    mut stream: TlsStream<TcpStream>,
    connection: usize,
    acts: &Mutex<Vec<Act>>,
    notes: &Mutex<Vec<Heard>>,
) {
    let mut bytes = Vec::new();
    while let Some((head, body)) = request(&mut stream, &mut bytes).await {
        notes.lock().unwrap().push(Heard { connection, head, body });
        let act = acts.lock().unwrap().pop();
        match act.unwrap_or(Act::Silence) {
            Act::Say(text) => stream.write_all(text.as_bytes()).await.unwrap(),
            Act::Cut(text, length) => {
                let _ = stream.write_all(&text.as_bytes()[..length]).await;
                let _ = stream.flush().await;
                return;
            }
            Act::Silence => {
                let _ = stream.read(&mut [0]).await;
                return;
            }
        }
    }
}

/// The next request: head and body.
async fn request(
    stream: &mut TlsStream<TcpStream>,
    bytes: &mut Vec<u8>,
) -> Option<(String, String)> {
    loop {
        let text = String::from_utf8_lossy(bytes).into_owned();
        if let Some((head, rest)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length = length.map_or(0, |length| length.parse().unwrap());
            if length <= rest.len() {
                let body = rest[..length].to_owned();
                bytes.drain(..head.len() + 4 + length);
                return Some((head.to_owned(), body));
            }
        }
        let mut more = [0; 4096];
        let count = stream.read(&mut more).await.ok().filter(|count| 0 < *count)?;
        bytes.extend_from_slice(&more[..count]);
    }
}
