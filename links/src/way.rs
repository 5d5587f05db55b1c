//! The way to one outside system: HTTP/1.1 with a deadline and a limit for everything.
//!
//! Contract:
//! - calls block; they are made from threads, never from within a Tokio runtime;
//! - the whole call, from the connection to the last byte, ends within [`Settings::whole`];
//! - no proxies, no redirects, no compression, no cookies; certificates are believed only under the
//!   authorities of the settings;
//! - TLS 1.3; `http` is spoken to this machine only, so that a sidecar can stand between a system
//!   that speaks less;
//! - an answer that a simulator has marked (`x-sim`) is refused unless the realm is test.
//!
//! Cost: one thread for all ways together, one kept connection for each call under way.

use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue,
    LAST_MODIFIED, RETRY_AFTER,
};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::runtime::{Builder, Runtime};

use crate::error::{Code, Error};
use crate::limits::{CALL_MAX, CONNECT_MAX, HEAD_BYTES_MAX};

/// The mark of a simulator's answer.
pub const MARK: &str = "x-sim";

/// Whether simulators are believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Realm {
    /// Real systems alone.
    Production,
    /// Test systems of the real owners, and simulators.
    Test,
}

/// Where a system is and how patient its caller is.
#[derive(Clone)]
pub struct Settings {
    /// `https://host:port/path`, or `http://` with an address of this machine.
    pub base: String,
    /// The authorities that have signed the system's certificate, PEM; empty for `http`.
    pub authorities: Vec<u8>,
    /// Our certificate and key for the connection, PEM, where the system asks for them.
    pub identity: Option<(Vec<u8>, Vec<u8>)>,
    /// For a connection, at most [`CONNECT_MAX`].
    pub connect: Duration,
    /// For a whole call, at most [`CALL_MAX`].
    pub whole: Duration,
    /// Bytes of the largest answer that is believed.
    pub answer_bytes_max: usize,
    /// Whether simulators are believed.
    pub realm: Realm,
}

impl fmt::Debug for Settings {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Settings({}, {:?})", self.base, self.realm)
    }
}

/// Why there is no way.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The address.
    #[error("{0:?} is not of the form https://host:port/path, nor http:// to this machine")]
    Base(String),
    /// A certificate or key.
    #[error("the {0} is no PEM of that kind")]
    Pem(&'static str),
    /// Certificate, key or authority do not go together.
    #[error("certificate, key or authority cannot be used")]
    Tls(#[from] rustls::Error),
    /// A time of nothing, or longer than anybody should wait.
    #[error("the patience for {0} is out of range")]
    Patience(&'static str),
    /// No thread.
    #[error("the thread of the ways cannot be started")]
    Thread(#[from] std::io::Error),
}

/// The thread that all ways share. Clones are the same thread; it ends with the last of them.
#[derive(Clone, Debug)]
pub struct Driver(Arc<Runtime>);

impl Driver {
    /// Starts the thread.
    pub fn start() -> Result<Driver, SetupError> {
        let mut builder = Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).thread_name("links").enable_all().build()?;
        Ok(Driver(Arc::new(runtime)))
    }
}

type Connections = Pool<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// The way to one system. Clones share its connections.
#[derive(Clone)]
pub struct Way {
    driver: Driver,
    connections: Connections,
    settings: Arc<Settings>,
}

impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Way({})", self.settings.base)
    }
}

/// A call.
pub(crate) struct Ask<'a> {
    pub method: Method,
    /// After the base; never with anything that names a person.
    pub path: &'a str,
    /// The type of the content.
    pub kind: &'a str,
    pub content: Vec<u8>,
    /// Further fields of the head.
    pub head: Vec<(HeaderName, String)>,
}

impl<'a> Ask<'a> {
    pub fn get(path: &'a str) -> Ask<'a> {
        Ask { method: Method::GET, path, kind: "", content: Vec::new(), head: Vec::new() }
    }

    pub fn post(path: &'a str, kind: &'a str, content: Vec<u8>) -> Ask<'a> {
        Ask { method: Method::POST, path, kind, content, head: Vec::new() }
    }
}

/// An answer, whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: StatusCode,
    head: HeaderMap,
    pub content: Bytes,
}

impl Answer {
    /// A field of the head, as text.
    pub fn field(&self, name: HeaderName) -> Option<&str> {
        self.head.get(name)?.to_str().ok()
    }

    /// The entity tag and the date of the file.
    pub fn version(&self) -> (Option<String>, Option<String>) {
        let field = |name| self.field(name).map(str::to_owned);
        (field(ETAG), field(LAST_MODIFIED))
    }

    /// The answer, unless its status says that there is none.
    pub fn good(self) -> Result<Answer, Error> {
        match self.status {
            StatusCode::TOO_MANY_REQUESTS => Err(Error::Throttled { after_s: self.after_s() }),
            StatusCode::REQUEST_TIMEOUT => Err(Error::Late),
            status if status.is_server_error() => Err(Error::Unavailable),
            status if status.is_redirection() && status != StatusCode::NOT_MODIFIED => {
                Err(Error::Malformed("a redirect"))
            }
            _ => Ok(self),
        }
    }

    /// The content as this type. What is wrong with it is not told: it may name a person.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.content).map_err(|_| Error::Malformed("no such JSON"))
    }

    /// The no of a system that speaks JSON: `code` of what it says, or the status.
    pub fn refused(&self) -> Error {
        #[derive(Deserialize)]
        struct Problem {
            code: String,
        }
        let code = match serde_json::from_slice::<Problem>(&self.content) {
            Ok(problem) => Code::of(&problem.code),
            Err(_) => Code::of(self.status.as_str()),
        };
        Error::Refused(code)
    }

    fn after_s(&self) -> Option<u32> {
        self.field(RETRY_AFTER)?.parse().ok()
    }
}

impl Way {
    /// A way by these settings. Nothing is connected before the first call.
    pub fn new(driver: &Driver, settings: Settings) -> Result<Way, SetupError> {
        check(&settings)?;
        let connections = connections(&settings)?;
        Ok(Way { driver: driver.clone(), connections, settings: Arc::new(settings) })
    }

    /// Whether simulators are believed on this way.
    pub fn realm(&self) -> Realm {
        self.settings.realm
    }

    /// One call, one attempt. Trying again is for whoever knows what the message does.
    pub(crate) fn ask(&self, ask: Ask<'_>) -> Result<Answer, Error> {
        let request = self.request(ask)?;
        let whole = self.settings.whole;
        self.driver.0.block_on(async {
            match tokio::time::timeout(whole, self.once(request)).await {
                Ok(ended) => ended,
                Err(_) => Err(Error::Late),
            }
        })
    }

    fn once(
        &self,
        request: Request<Full<Bytes>>,
    ) -> impl Future<Output = Result<Answer, Error>> + '_ {
        let asked = self.connections.request(request);
        async move {
            let response = asked.await.map_err(|error| match error.is_connect() {
                true if is_tls(&error) => Error::Untrusted,
                true => Error::Unavailable,
                false => Error::Cut,
            })?;
            self.whole(response).await
        }
    }

    async fn whole(&self, response: Response<Incoming>) -> Result<Answer, Error> {
        let (head, body) = response.into_parts();
        if head.headers.contains_key(MARK) && self.settings.realm == Realm::Production {
            return Err(Error::Simulated);
        }
        if head.headers.contains_key(CONTENT_ENCODING) {
            return Err(Error::Malformed("a compressed answer"));
        }
        let content = Limited::new(body, self.settings.answer_bytes_max).collect().await;
        let content = content.map_err(|error| {
            if error.is::<LengthLimitError>() { Error::TooLarge } else { Error::Cut }
        })?;
        Ok(Answer { status: head.status, head: head.headers, content: content.to_bytes() })
    }

    fn request(&self, ask: Ask<'_>) -> Result<Request<Full<Bytes>>, Error> {
        let address = format!("{}{}", self.settings.base.trim_end_matches('/'), ask.path);
        let mut request = Request::builder().method(ask.method).uri(address);
        if !ask.kind.is_empty() {
            request = request.header(CONTENT_TYPE, ask.kind);
        }
        for (name, value) in &ask.head {
            let value = HeaderValue::from_str(value);
            let mut value = value.map_err(|_| Error::Unsendable("a field of the head"))?;
            value.set_sensitive(*name == AUTHORIZATION);
            request = request.header(name, value);
        }
        let content = Full::new(Bytes::from(ask.content));
        request.body(content).map_err(|_| Error::Unsendable("the address"))
    }
}

/// Whether TLS is what failed, rather than the line beneath it.
fn is_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    let within = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    error.is::<rustls::Error>()
        || within.is_some_and(|within| is_tls(within))
        || error.source().is_some_and(is_tls)
}

fn check(settings: &Settings) -> Result<(), SetupError> {
    let base = || SetupError::Base(settings.base.clone());
    let uri: Uri = settings.base.parse().map_err(|_| base())?;
    let host = uri.host().ok_or_else(base)?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let here = bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    let scheme = match uri.scheme_str() {
        Some("https") => true,
        Some("http") => here,
        _ => false,
    };
    if !scheme || uri.query().is_some() || settings.base.contains('@') {
        return Err(base());
    }
    let within = |time: Duration, most| Duration::ZERO < time && time <= most;
    if !within(settings.connect, CONNECT_MAX) {
        return Err(SetupError::Patience("a connection"));
    }
    // A list file is larger than a message and gets longer.
    if !within(settings.whole, CALL_MAX * 10) {
        return Err(SetupError::Patience("a call"));
    }
    Ok(())
}

fn connections(settings: &Settings) -> Result<Connections, SetupError> {
    let pem = |what| move |_| SetupError::Pem(what);
    let mut roots = RootCertStore::empty();
    for authority in CertificateDer::pem_slice_iter(&settings.authorities) {
        roots.add(authority.map_err(pem("authority"))?)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_root_certificates(roots);
    let tls = match &settings.identity {
        None => tls.with_no_client_auth(),
        Some((certificate, key)) => {
            let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate).collect();
            let chain = chain.map_err(pem("certificate"))?;
            let key = PrivateKeyDer::from_pem_slice(key).map_err(pem("key"))?;
            tls.with_client_auth_cert(chain, key)?
        }
    };
    let mut tcp = HttpConnector::new();
    tcp.set_connect_timeout(Some(settings.connect));
    tcp.set_nodelay(true);
    tcp.enforce_http(false);
    // `http` is for this machine alone, which `check` has seen to.
    let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http();
    Ok(Pool::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(CALL_MAX)
        .http1_max_buf_size(HEAD_BYTES_MAX.max(8_192))
        .build(connector.enable_http1().wrap_connector(tcp)))
}
