//! How a client connects: whom it believes, who it is, and how patient it is.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

/// Connections that carry nothing are closed after this time; the server closes them after two
/// minutes.
const IDLE: Duration = Duration::from_secs(60);

/// What a client needs to know.
#[derive(Clone)]
pub struct Settings {
    /// Where the centre's nodes are: each `https://host:port`, without a path. One of them decides
    /// and the others know which; the client finds it, and follows when another takes over.
    pub bases: Vec<String>,
    /// The certificate of the authority that has signed the server's, PEM.
    pub authority: Vec<u8>,
    /// The organiser's certificate with what lies between it and the authority, PEM.
    pub certificate: Vec<u8>,
    /// The private key of the certificate, PEM.
    pub key: Vec<u8>,
    /// How long to wait, and for how much at a time.
    pub patience: Patience,
}

impl std::fmt::Debug for Settings {
    /// Without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Settings({}, {:?})", self.bases.join(" "), self.patience)
    }
}

/// How long a client waits, and for how many answers at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For the answer to one attempt, the time to send it included.
    pub attempt: Duration,
    /// For a call with all its attempts.
    pub whole: Duration,
    /// The longest pause after the first attempt that failed; it doubles with each further one.
    pub pause_least: Duration,
    /// The longest pause of all.
    pub pause_most: Duration,
    /// Requests under way at a time. The centre takes 64 connections of one organiser.
    pub in_flight: usize,
}

impl Patience {
    /// For stakes that a bettor is waiting for: five seconds for each attempt, twenty in all.
    pub const fn standard() -> Patience {
        Patience {
            connect: Duration::from_secs(2),
            attempt: Duration::from_secs(5),
            whole: Duration::from_secs(20),
            pause_least: Duration::from_millis(50),
            pause_most: Duration::from_secs(2),
            in_flight: 16,
        }
    }
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The address of the server.
    #[error("{0:?} is not of the form https://host:port")]
    Base(String),
    /// A certificate or key.
    #[error("the {what} is no PEM of that kind")]
    Pem {
        /// Which.
        what: &'static str,
        /// What is wrong.
        source: rustls::pki_types::pem::Error,
    },
    /// No address at all.
    #[error("there is no address to connect to")]
    Nowhere,
    /// Certificate, key or authority.
    #[error("certificate, key or authority cannot be used")]
    Tls(#[from] rustls::Error),
    /// The numbers of [`Patience`].
    #[error("in_flight must be at least 1")]
    InFlight,
}

/// Kept connections.
pub(crate) type Connections = Pool<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// The pool of connections of these settings.
pub(crate) fn connections(settings: &Settings) -> Result<Connections, SetupError> {
    let pem = |what| move |source| SetupError::Pem { what, source };
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_slice(&settings.authority);
    roots.add(authority.map_err(pem("authority"))?)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&settings.certificate).collect();
    let chain = chain.map_err(pem("certificate"))?;
    let key = PrivateKeyDer::from_pem_slice(&settings.key).map_err(pem("key"))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)?;
    let mut tcp = HttpConnector::new();
    tcp.set_connect_timeout(Some(settings.patience.connect));
    tcp.set_nodelay(true);
    tcp.enforce_http(false);
    let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_only().enable_http1();
    Ok(Pool::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(settings.patience.in_flight)
        .build(connector.wrap_connector(tcp)))
}
