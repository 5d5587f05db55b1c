//! The cabinet: the bettor's own pages, for a phone first, in Kazakh, Russian and English
//! (R4-11.1, R0-10, R0-11, R0-12, S-59).
//!
//! Knows what it needs of the house as [`ports`]: who asks, his registration, his money, his
//! orders, what is known of him. It keeps nothing, decides nothing, and sees personal data only to
//! show them to the person they are about. Bets, movements and refusals are read from the views.
//!
//! There is no script. Nothing is asked of another host, nothing is kept by browsers but files
//! with their content in their name, and no address holds more of a person than an opaque token.
//!
//! Limits: forms of 16 KiB, photographs of 4 MiB, videos of 12 MiB, four files at a time; sixteen
//! pages at a time, five seconds of patience; sixty forms a minute from one address.

mod code;
mod doc;
mod gate;
mod hall;
pub mod limits;
mod looks;
mod pages;
pub mod ports;
pub mod routes;
mod visit;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{Method, Response};
use phrases::Phrases;
use site::templates::{Templates, Words};
use site::upload;
use site::web::{Answer, Request, header, respond};
use tokio::sync::Semaphore;

pub use crate::hall::Asked;
use crate::hall::House;
use crate::limits::{
    FORM_BYTES_MAX, FORM_ROOM, PAGES_MAX, PATIENCE_SECONDS, PHOTO_BYTES_MAX, UPLOAD_SECONDS,
    UPLOADS_MAX, VIDEO_BYTES_MAX,
};
use crate::ports::Ports;
use crate::routes::{Brings, Match};

/// How a cabinet is set up.
#[derive(Clone)]
pub struct Settings {
    /// Whether it is reached over TLS: cookies then carry the `__Host-` prefix and `Secure`. Off
    /// on a loopback address alone.
    pub tls: bool,
    /// Whether a proxy of ours stands before it, which names the address of each connection as the
    /// last of `x-forwarded-for`. Without one the header is anybody's and is not read.
    pub proxied: bool,
    /// Whether this is a test realm, which every page then says.
    pub test_realm: bool,
    /// What forms are sealed with; the same on all nodes, and secret.
    pub key: [u8; 32],
    /// Where it is reached, `https://…` without a path: what QR codes lead to.
    pub address: String,
    /// The page of e-government on which a person bars himself from gambling.
    pub self_restriction: String,
    /// Where a person with a gambling problem finds help: a phone, as people dial it.
    pub help_phone: String,
    /// The operator's phones, for those who cannot go on alone.
    pub phones: Vec<String>,
    /// A directory to load templates from at each page, for development; none for those that are
    /// built in.
    pub templates: Option<PathBuf>,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Settings({})", self.address)
    }
}

/// Why a cabinet cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum CabinetError {
    /// The phrasebooks are broken.
    #[error("the phrasebooks cannot be read")]
    Phrases(#[from] phrases::BookError),
    /// The templates are broken.
    #[error("the templates cannot be read: {0}")]
    Templates(String),
}

/// The cabinet.
#[derive(Clone)]
pub struct Cabinet {
    house: Arc<House>,
    turns: Arc<Semaphore>,
    uploads: Arc<Semaphore>,
}

impl Cabinet {
    /// A cabinet on what its house gives it.
    pub fn new(settings: Settings, ports: Ports) -> Result<Cabinet, CabinetError> {
        let phrases = Phrases::load()?;
        let templates = Templates::new(looks::SOURCES, looks::ASSETS, settings.templates.clone());
        let house = House {
            templates: templates.map_err(|error| CabinetError::Templates(format!("{error:#}")))?,
            words: Words::all(&phrases),
            phrases,
            settings,
            gate: gate::Gate::default(),
            readers: parking_lot::Mutex::default(),
            ports,
        };
        Ok(Cabinet {
            house: Arc::new(house),
            turns: Arc::new(Semaphore::new(PAGES_MAX)),
            uploads: Arc::new(Semaphore::new(UPLOADS_MAX)),
        })
    }

    /// The routes, to be mounted at the root of a listener that tells the address of connections.
    pub fn router(&self) -> Router {
        let cabinet = self.clone();
        Router::new().fallback(move |request: axum::extract::Request| {
            let cabinet = cabinet.clone();
            async move { cabinet.take(request).await }
        })
    }

    /// Answers one request, on this thread: what the router does, without the web.
    pub fn answer(&self, asked: &Asked) -> Answer {
        self.house.answer(asked)
    }

    /// Whose request it is, as far as an address tells.
    fn address(&self, parts: &Parts) -> Option<IpAddr> {
        let connection = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        if !self.house.settings.proxied {
            return connection.map(|info| info.0.ip());
        }
        let named = header(&parts.headers, "x-forwarded-for")?;
        named.rsplit(',').next()?.trim().parse().ok()
    }

    async fn take(self, request: axum::extract::Request) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let reads = parts.method == Method::GET || parts.method == Method::HEAD;
        let head = parts.method == Method::HEAD;
        if !reads && parts.method != Method::POST {
            return respond(self.house.plain(405), false);
        }
        let patience = Duration::from_secs(PATIENCE_SECONDS);
        let brings = match routes::find(parts.uri.path(), reads) {
            Match::Route(route, _) => route.brings,
            Match::Method | Match::None => Brings::Fields,
        };
        // Files take memory: few at a time, and whoever has no session does not get this far in.
        let room = match brings {
            Brings::Fields => None,
            Brings::Photo | Brings::Video => {
                match tokio::time::timeout(patience, self.uploads.clone().acquire_owned()).await {
                    Ok(Ok(room)) => Some(room),
                    _ => return respond(self.house.plain(503), false),
                }
            }
        };
        let most = match brings {
            Brings::Fields => FORM_BYTES_MAX,
            Brings::Photo => PHOTO_BYTES_MAX + FORM_ROOM,
            Brings::Video => VIDEO_BYTES_MAX + FORM_ROOM,
        };
        let read = tokio::time::timeout(Duration::from_secs(UPLOAD_SECONDS), to_bytes(body, most));
        let Ok(Ok(body)) = read.await else {
            return respond(self.house.plain(413), false);
        };
        let content = header(&parts.headers, "content-type").unwrap_or_default();
        let mut asked = Asked {
            request: Request {
                reads,
                path: parts.uri.path().to_owned(),
                query: parts.uri.query().unwrap_or_default().to_owned(),
                cookies: header(&parts.headers, "cookie").unwrap_or_default(),
                site: header(&parts.headers, "sec-fetch-site"),
                ..Request::default()
            },
            address: self.address(&parts),
            parts: Vec::new(),
        };
        match (brings, upload::boundary(&content)) {
            (Brings::Photo | Brings::Video, Some(boundary)) => {
                let Some(found) = upload::parts(&body, boundary) else {
                    return respond(self.house.plain(400), false);
                };
                asked.parts = found;
            }
            _ => {
                let Ok(text) = String::from_utf8(body.to_vec()) else {
                    return respond(self.house.plain(400), false);
                };
                asked.request.body = text;
            }
        }
        drop(body);
        let turn = tokio::time::timeout(patience, self.turns.clone().acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            return respond(self.house.plain(503), false);
        };
        let house = self.house.clone();
        let made = tokio::task::spawn_blocking(move || {
            let answer = house.answer(&asked);
            drop((turn, room));
            answer
        });
        match made.await {
            Ok(answer) => respond(answer, head),
            Err(error) => {
                tracing::error!("a page of the cabinet could not be made: {error}");
                respond(self.house.plain(503), false)
            }
        }
    }
}

impl std::fmt::Debug for Cabinet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cabinet(..)")
    }
}
