//! A client of few words: one request a connection, over TLS with a certificate of its own.

use std::sync::Arc;

use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// An answer.
#[derive(Clone, Debug)]
pub struct Heard {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Heard {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The body after the status was looked at.
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        self.json()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let line = self.head.lines().find(|line| {
            line.split(':').next().is_some_and(|found| found.eq_ignore_ascii_case(name))
        })?;
        Some(line.split_once(':')?.1.trim())
    }
}

/// Who asks, and where.
#[derive(Clone)]
pub struct Client {
    pub port: u16,
    pub tls: Arc<ClientConfig>,
}

impl Client {
    pub fn new(
        port: u16,
        root: CertificateDer<'static>,
        own: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
    ) -> Client {
        let mut roots = RootCertStore::empty();
        roots.add(root).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_root_certificates(roots);
        let tls = match own {
            Some((chain, key)) => config.with_client_auth_cert(chain, key).unwrap(),
            None => config.with_no_client_auth(),
        };
        Client { port, tls: Arc::new(tls) }
    }

    pub async fn connect(&self) -> std::io::Result<TlsStream<TcpStream>> {
        let socket = TcpStream::connect(("127.0.0.1", self.port)).await?;
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(self.tls.clone()).connect(name, socket).await
    }

    /// Sends bytes as they are and reads one answer until the server closes.
    pub async fn raw(&self, request: &[u8]) -> std::io::Result<Heard> {
        self.bytes(request).await.map(|bytes| heard(&bytes))
    }

    /// Sends bytes as they are and reads until the server closes.
    pub async fn bytes(&self, request: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut stream = self.connect().await?;
        // Whoever has heard enough closes before all is sent.
        let sent = stream.write_all(request).await;
        let mut bytes = Vec::new();
        // A server that closes without a farewell has still said what it had to say.
        match stream.read_to_end(&mut bytes).await {
            Ok(_) => {}
            Err(_) if !bytes.is_empty() => {}
            Err(error) => return Err(sent.err().unwrap_or(error)),
        }
        if bytes.is_empty() {
            return Err(std::io::Error::other("closed without an answer"));
        }
        Ok(bytes)
    }

    /// The same with an address and a client of its own, for closures.
    pub async fn got(self, path: String) -> Heard {
        self.get(&path).await
    }

    pub async fn get(&self, path: &str) -> Heard {
        self.raw(&head("GET", path, "", "")).await.unwrap()
    }

    pub async fn post(&self, path: &str, body: &str) -> Heard {
        self.post_as("application/json", "", path, body).await
    }

    pub async fn post_as(&self, kind: &str, more: &str, path: &str, body: &str) -> Heard {
        let more = format!("content-type: {kind}\r\ncontent-length: {}\r\n{more}", body.len());
        let mut request = head("POST", path, &more, "");
        request.extend_from_slice(body.as_bytes());
        self.raw(&request).await.unwrap()
    }
}

/// The head of a request, and what follows it.
pub fn head(method: &str, path: &str, more: &str, body: &str) -> Vec<u8> {
    let head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n");
    format!("{head}{more}\r\n{body}").into_bytes()
}

/// The one answer that stands in these bytes.
pub fn heard(bytes: &[u8]) -> Heard {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    let body = if chunked { dechunked(body) } else { body.to_owned() };
    Heard { status, head: head.to_owned(), body }
}

fn dechunked(mut text: &str) -> String {
    let mut body = String::new();
    while let Some((size, rest)) = text.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        body.push_str(&rest[..size]);
        text = rest[size..].trim_start_matches("\r\n");
        if size == 0 {
            break;
        }
    }
    body
}

/// Reads the next answer of a kept connection; what comes behind it stays in `bytes`.
pub async fn one(stream: &mut TlsStream<TcpStream>, bytes: &mut Vec<u8>) -> Heard {
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let got = heard(&bytes[..end + 4]);
            let length: usize = got.header("content-length").unwrap().parse().unwrap();
            if end + 4 + length <= bytes.len() {
                let whole: Vec<u8> = bytes.drain(..end + 4 + length).collect();
                return heard(&whole);
            }
        }
        assert_ne!(stream.read_buf(bytes).await.unwrap(), 0, "closed within an answer");
    }
}

/// Sends bytes over plain HTTP on loopback and reads one answer.
pub async fn plain(port: u16, request: &[u8]) -> Heard {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    heard(&bytes)
}
