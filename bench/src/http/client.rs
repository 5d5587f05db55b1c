//! A connection of an organiser, and the least of HTTP/1.1 that it takes to hear an answer: what
//! the load costs is taken from the server on the same machine.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail, ensure};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Opens connections of one organiser.
#[derive(Clone)]
pub struct Connector {
    tls: TlsConnector,
    address: String,
}

impl Connector {
    /// With the certificate of this name in a directory of certificates.
    pub fn new(home: &Path, name: &str, address: &str) -> Result<Connector> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(home.join("ca.crt"))?)?;
        let certificate = CertificateDer::from_pem_file(home.join(format!("{name}.crt")))?;
        let key = PrivateKeyDer::from_pem_file(home.join(format!("{name}.key")))?;
        let config = ClientConfig::builder_with_protocol_versions(&[&rustls::version::TLS13])
            .with_root_certificates(roots)
            .with_client_auth_cert(vec![certificate], key)?;
        Ok(Connector { tls: TlsConnector::from(Arc::new(config)), address: address.to_owned() })
    }

    /// The same certificate, speaking HTTP/2.
    pub fn with_streams(&self) -> Connector {
        let mut config = ClientConfig::clone(self.tls.config());
        config.alpn_protocols = vec![b"h2".to_vec()];
        Connector { tls: TlsConnector::from(Arc::new(config)), address: self.address.clone() }
    }

    /// Connects and shakes hands.
    pub async fn open(&self) -> Result<Connection> {
        Ok(Connection { stream: self.connect().await?, heard: Vec::with_capacity(1 << 14) })
    }

    /// Connects and shakes hands; what is said is up to the caller.
    pub async fn connect(&self) -> Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect(&self.address).await.context("connect to the server")?;
        stream.set_nodelay(true)?;
        let name = ServerName::try_from("localhost")?;
        self.tls.connect(name, stream).await.context("shake hands")
    }
}

/// A kept connection with one request at a time.
pub struct Connection {
    stream: TlsStream<TcpStream>,
    heard: Vec<u8>,
}

/// What an answer says of itself.
#[derive(Debug)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The lines of a batch that were accepted.
    lines: Option<(u64, u64)>,
}

impl Answered {
    /// How many stakes were accepted; an error, if any was not.
    pub fn accepted(&self) -> Result<u64> {
        match (self.status, self.lines) {
            (201, None) => Ok(1),
            (200, Some((total, accepted))) if total == accepted => Ok(accepted),
            _ => bail!("a stake was not accepted: {self:?}"),
        }
    }
}

impl Connection {
    /// Sends a request and hears the whole answer.
    pub async fn ask(&mut self, request: &[u8]) -> Result<Answered> {
        self.stream.write_all(request).await?;
        self.stream.flush().await?;
        self.heard.clear();
        loop {
            let read = self.stream.read_buf(&mut self.heard).await?;
            ensure!(0 < read, "the server has closed the connection");
            if let Some((answered, whole)) = head(&self.heard)? {
                while self.heard.len() < whole {
                    let read = self.stream.read_buf(&mut self.heard).await?;
                    ensure!(0 < read, "the server has closed the connection within an answer");
                }
                return Ok(answered);
            }
        }
    }
}

/// The head of an answer, and how long the whole is; none, if it is not all there yet.
fn head(heard: &[u8]) -> Result<Option<(Answered, usize)>> {
    let Some(end) = heard.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = std::str::from_utf8(&heard[..end])?;
    let mut lines = text.split("\r\n");
    let status = lines.next().and_then(|line| line.get(9..12)).and_then(|word| word.parse().ok());
    let status = status.context("an answer without a status")?;
    let (mut length, mut counts) = (None, None);
    for line in lines {
        let Some((name, value)) = line.split_once(": ") else { continue };
        match name {
            "content-length" => length = Some(value.parse::<usize>()?),
            "bej-lines" => counts = Some((count(value, "total="), count(value, "accepted="))),
            _ => {}
        }
    }
    let length = length.with_context(|| format!("an answer without a length: {text}"))?;
    let lines = match counts {
        Some((Some(total), Some(accepted))) => Some((total, accepted)),
        Some(_) => bail!("counts that cannot be read: {text}"),
        None => None,
    };
    Ok(Some((Answered { status, lines }, end + 4 + length)))
}

fn count(value: &str, name: &str) -> Option<u64> {
    value.split(", ").find_map(|part| part.strip_prefix(name))?.parse().ok()
}

/// The bytes of a question without a body.
pub fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").into_bytes()
}

/// The bytes of a request with a body.
pub fn post(path: &str, content: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: {content}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_heard_whole() {
        let text = b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}";
        for cut in 0..text.len() - 6 {
            assert!(head(&text[..cut]).unwrap().is_none(), "{cut}");
        }
        let (answered, whole) = head(text).unwrap().unwrap();
        assert_eq!((answered.accepted().unwrap(), whole), (1, text.len()));
        let batch = "HTTP/1.1 200 OK\r\nbej-lines: total=3, accepted=2, refused=1\r\n\
                     content-length: 0\r\n\r\n";
        let (answered, _) = head(batch.as_bytes()).unwrap().unwrap();
        assert!(answered.accepted().is_err());
        assert!(head(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
