//! The console: pages for the state's bodies, the operator and organisers' staff, rendered on the
//! server in Kazakh, Russian and English (R0-24, R2-55.2, R2-55.9).
//!
//! Owns sign-in, roles, the one table of routes, the pages and their looks. Reads the views and the
//! journal through [`ports::Source`], decides nothing, has the operator's plans of works decided
//! through [`ports::Planner`], and writes nothing else but audit events through
//! [`ports::Auditor`]: a page with a bettor's records is sent after its audit fact is durable
//! (core 21). Every page says up to which entry it speaks.
//!
//! Works without script, which only keeps two boards fresh, and asks nothing of another host.
//! Limits: a form has 16 KiB, sixteen pages are made at a time, a page waits five seconds for its
//! turn and is then told to come again.

mod chart;
mod doc;
mod hall;
mod looks;
mod pages;
pub mod ports;
pub mod role;
pub mod routes;
mod secret;
mod session;
mod shelf;
pub mod staff;
mod visit;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Response};
use phrases::Phrases;
use site::templates::{Templates, Words};
pub use site::web;
use site::web::{header, respond};
use site::{show, templates};
use tokio::sync::Semaphore;

use crate::hall::{House, PAGES_MAX};
use crate::ports::people::People;
use crate::ports::{Auditor, Planner, Source};
pub use crate::session::Times;
use crate::staff::Staff;
use crate::web::{Answer, Request};

/// The largest form: a register's question, or a sign-in.
const FORM_BYTES_MAX: usize = 16 * 1024;
/// How long a page waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// How a console is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether it is reached over TLS: cookies then carry the `__Host-` prefix and `Secure`. Off
    /// on a loopback address alone.
    pub tls: bool,
    /// Whether this is a test realm, which every page then says.
    pub test_realm: bool,
    /// When sessions end.
    pub times: Times,
    /// A directory to load templates from at each page, for development; none for those that are
    /// built in.
    pub templates: Option<PathBuf>,
}

/// Why a console cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// The phrasebooks are broken.
    #[error("the phrasebooks cannot be read")]
    Phrases(#[from] phrases::BookError),
    /// The templates are broken.
    #[error("the templates cannot be read")]
    Templates(#[from] minijinja::Error),
    /// The saved queries are broken.
    #[error("the saved queries cannot be read: {0}")]
    Queries(String),
    /// No random bytes.
    #[error("the system gives no random bytes")]
    Random(#[from] std::io::Error),
}

/// The console.
#[derive(Clone)]
pub struct Console {
    house: Arc<House>,
    turns: Arc<Semaphore>,
}

impl Console {
    /// A console for a staff, on a source, with a place for its audit events and one for plans.
    pub fn new(
        settings: Settings,
        staff: Staff,
        source: Arc<dyn Source>,
        auditor: Arc<dyn Auditor>,
        planner: Arc<dyn Planner>,
    ) -> Result<Console, ConsoleError> {
        let phrases = Phrases::load()?;
        let queries = source.kept().and_then(|text| shelf::read(&text));
        let queries = queries.map_err(ConsoleError::Queries)?;
        let house = House {
            templates: Templates::new(looks::SOURCES, looks::ASSETS, settings.templates.clone())?,
            words: Words::all(&phrases),
            phrases,
            key: secret::random()?,
            sessions: session::Sessions::new(settings.times),
            readers: parking_lot::Mutex::default(),
            settings,
            queries: parking_lot::Mutex::new(queries),
            staff: parking_lot::RwLock::new(Arc::new(staff)),
            source,
            auditor,
            planner,
            people: std::sync::OnceLock::new(),
        };
        Ok(Console { house: Arc::new(house), turns: Arc::new(Semaphore::new(PAGES_MAX)) })
    }

    /// Takes another staff from here on. Whoever is no longer a member is signed out.
    pub fn set_staff(&self, staff: Staff) {
        *self.house.staff.write() = Arc::new(staff);
    }

    /// Puts people behind the pages that need them, once; without, these pages are not there.
    pub fn set_people(&self, people: Arc<dyn People>) {
        // Whoever sets it first has set it: there is one room of people in a house.
        let _ = self.house.people.set(people);
    }

    /// The routes, to be mounted at the root of a listener.
    pub fn router(&self) -> Router {
        let console = self.clone();
        Router::new().fallback(move |request: axum::extract::Request| {
            let console = console.clone();
            async move { console.take(request).await }
        })
    }

    /// Answers one request, on this thread: what the router does, without the web.
    pub fn answer(&self, request: &Request) -> Answer {
        self.house.answer(request)
    }

    async fn take(self, request: axum::extract::Request) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let reads = parts.method == Method::GET || parts.method == Method::HEAD;
        if !reads && parts.method != Method::POST {
            return respond(self.house.plain(405), false);
        }
        let Ok(body) = to_bytes(body, FORM_BYTES_MAX).await else {
            return respond(self.house.plain(413), false);
        };
        let Ok(body) = String::from_utf8(body.to_vec()) else {
            return respond(self.house.plain(400), false);
        };
        let request = Request {
            reads,
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            cookies: header(&parts.headers, "cookie").unwrap_or_default(),
            languages: header(&parts.headers, "accept-language").unwrap_or_default(),
            site: header(&parts.headers, "sec-fetch-site"),
            live: header(&parts.headers, "x-live").is_some(),
            body,
        };
        let turn = tokio::time::timeout(PATIENCE, self.turns.clone().acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            return respond(self.house.plain(503), false);
        };
        let house = self.house.clone();
        let made = tokio::task::spawn_blocking(move || {
            let answer = house.answer(&request);
            drop(turn);
            answer
        });
        match made.await {
            Ok(answer) => respond(answer, parts.method == Method::HEAD),
            Err(error) => {
                tracing::error!("a page could not be made: {error}");
                respond(self.house.plain(503), false)
            }
        }
    }
}

impl std::fmt::Debug for Console {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Console(..)")
    }
}
