//! The routes: one table that says for each who may ask it and what it draws on. The router, the
//! OpenAPI document and the tests of rights are held against it; what is not in it is denied.

use std::time::Instant as Stopwatch;

use axum::Router;
use axum::extract::{Extension, Path, Request, State};
use axum::http::header::{CONTENT_TYPE, HeaderMap, HeaderName};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::routing::{MethodRouter, get, post};
use terms::Organiser;
use tracing::Instrument as _;
use wire::{Caller, Kind, OrganiserNo, PREFIX};

use crate::budget::Budget;
use crate::edge::Peer;
use crate::house::Shared;
use crate::limits::{HEAD_BYTES_MAX, HEADERS_MAX};
use crate::listen::Known;
use crate::problem::{Answer, NO_SNIFFING, REQUEST_ID, Teller, Trouble, body, json};
use crate::query::Pairs;
use crate::{
    batch, catalogue, changes, commands, daily, notices, openapi, reads, reasons, register, trace,
};

/// Who may ask a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Whoever shows a certificate of the authority.
    Anybody,
    /// An organiser, by his certificate.
    Organiser,
    /// A bettor, by his session.
    Bettor,
}

/// Which node of several answers a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    /// Each, as of the entry up to which it has followed.
    Any,
    /// The one that decides.
    Deciding,
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The address, with names in braces.
    pub path: String,
    /// Who may ask it.
    pub who: Who,
    /// What it draws on; messages draw on the lanes of the pump.
    pub budget: Option<Budget>,
    /// Which node answers it.
    pub node: Node,
}

/// The table.
pub fn routes() -> Vec<Route> {
    table().into_iter().map(|(route, _)| route).collect()
}

/// The routes of organisers, for the listener with mutual TLS.
pub fn api(house: Shared) -> Router {
    let gated = table().into_iter().fold(Router::new(), |router, (route, handler)| {
        let path = route.path.clone();
        router.route(&path, handler.route_layer(from_fn_with_state((house.clone(), route), gate)))
    });
    finish(gated, house)
}

/// The routes of the plain listener on loopback: for probes, for a collector of metrics, and for
/// bettors' sessions, which have no certificate.
pub fn plain(house: Shared) -> Router {
    let router = Router::new()
        .route("/health", get(health))
        .route("/metrics", get(metrics))
        .route(&format!("{PREFIX}{ORDERS}"), order());
    finish(router, house)
}

const ORDERS: &str = "/me/orders";

type Row = (Route, MethodRouter<Shared>);

fn table() -> Vec<Row> {
    let (status, checks) = (Some(Budget::Status), Some(Budget::Checks));
    let mut rows: Vec<Row> = Kind::ALL.iter().map(|kind| message(*kind)).collect();
    let own = |path: &str, handler| row("GET", path, Who::Organiser, status, handler);
    // The same for everybody and cheap: made once, or read from a few words of memory.
    let open = |path: &str, handler| row("GET", path, Who::Anybody, None, handler);
    rows.extend([
        row("POST", "/batches", Who::Organiser, None, post(batches)),
        row("POST", "/validate", Who::Organiser, checks, post(validate)),
        row("POST", "/eligibility-checks", Who::Organiser, checks, post(eligible_many)),
        row("GET", "/accounts/{account}/eligibility", Who::Organiser, checks, get(eligibility)),
        row("POST", ORDERS, Who::Bettor, None, order()),
        row("POST", "/registrations", Who::Organiser, checks, post(invite)),
        row("POST", "/order-requests", Who::Organiser, checks, post(ask_order)),
        row("GET", "/accounts/{account}/bettor", Who::Organiser, checks, get(bettor)),
        own("/registrations/{id}", get(registration)),
        own("/order-requests/{id}", get(order_request)),
        own("/bets/{bet}", get(bet)),
        own("/stakes/{bet}", get(bet)),
        own("/messages/{id}", get(fate)),
        own("/receipts/{id}", get(fate)),
        own("/receipts/{id}/proof", get(proof)),
        own("/wallet", get(wallet)),
        own("/caller", get(caller)),
        own("/events", get(feed)),
        own("/daily-files", get(days)),
        own("/daily-files/{day}/{name}", get(day_file)),
        own("/catalogue/championships", get(championships)),
        own("/catalogue/events", get(events)),
        own("/catalogue/events/{event}", get(event)),
        open("/time", get(async |State(house): State<Shared>| reads::time(&house))),
        open("/works", get(async |State(house): State<Shared>| notices::works(&house))),
        open("/health", get(health)),
        open("/openapi.json", get(async || openapi::answer())),
        open("/changes", get(async || changes::answer())),
        open("/reasons", get(async |State(house): State<Shared>| reasons::all(&house))),
        open("/reasons/{code}", get(reason)),
    ]);
    // What the `type` of a problem leads to.
    let mut page = open("", get(reason));
    page.0.path = "/problems/{code}".to_owned();
    rows.push(page);
    rows
}

fn row(
    method: &'static str,
    path: &str,
    who: Who,
    budget: Option<Budget>,
    handler: MethodRouter<Shared>,
) -> Row {
    // What decides, and what is judged for money and draws on a budget that one node keeps.
    let decides = method == "POST" || budget == Some(Budget::Checks);
    let node = if decides { Node::Deciding } else { Node::Any };
    (Route { method, path: format!("{PREFIX}{path}"), who, budget, node }, handler)
}

fn message(kind: Kind) -> Row {
    let handler = move |State(house): State<Shared>, Extension(caller), request: Request| {
        commands::post(house, caller, kind, request)
    };
    row("POST", kind.path(), Who::Organiser, None, post(handler))
}

/// Lets a request through that may ask this route, and tells what is left of its budget.
async fn gate(
    State((house, route)): State<(Shared, Route)>,
    mut request: Request,
    next: Next,
) -> Answer {
    let organiser = match request.extensions().get::<Peer>() {
        Some(Peer::Shown(print)) => match request.extensions().get::<Known>() {
            Some(Known(organiser)) => *organiser,
            None => house.callers.find(*print),
        },
        Some(Peer::Stranger(_)) | None => None,
    };
    trace::note_route(&route.path, organiser);
    match (route.who, organiser) {
        (Who::Organiser, Some(organiser)) => {
            request.extensions_mut().insert(organiser);
        }
        (Who::Organiser, None) => {
            let tell = Teller::new(&house.phrases, request.headers());
            return tell.trouble(Trouble::CertificateUnknown);
        }
        // The session is looked at by the handler.
        (Who::Anybody | Who::Bettor, _) => {}
    }
    if route.node == Node::Deciding
        && let Err(place) = house.seat.handle()
    {
        let (parts, content) = request.into_parts();
        // Read, so that the answer is not lost behind what is still being sent.
        commands::throw_away(&house, content).await;
        return Teller::new(&house.phrases, &parts.headers).elsewhere(place.as_ref());
    }
    let (Some(budget), Some(organiser)) = (route.budget, organiser) else {
        return next.run(request).await;
    };
    let stopped = match house.budgets.take(organiser, budget, house.now()) {
        false => Some(Trouble::RateExceeded),
        true => (!house.caught_up()).then_some(Trouble::Behind),
    };
    let mut answer = match stopped {
        Some(trouble) => Teller::new(&house.phrases, request.headers()).trouble(trouble),
        None => next.run(request).await,
    };
    let told = [budget, Budget::Refusals];
    let told = if budget == Budget::Checks { &told[..] } else { &told[..1] };
    house.budgets.tell(organiser, told, house.now(), answer.headers_mut());
    answer
}

/// What every route has: an id, problems for what no route takes, and counting.
fn finish(router: Router<Shared>, house: Shared) -> Router {
    router
        .fallback(async |State(house): State<Shared>, headers: HeaderMap| {
            Teller::new(&house.phrases, &headers).trouble(Trouble::NotFound)
        })
        .method_not_allowed_fallback(async |State(house): State<Shared>, headers: HeaderMap| {
            Teller::new(&house.phrases, &headers).trouble(Trouble::MethodNotAllowed)
        })
        .layer(from_fn_with_state(house.clone(), count))
        .with_state(house)
}

/// Gives the request its id and counts its answer. What the id is called by the caller is
/// forgotten: it is the centre's.
async fn count(State(house): State<Shared>, mut request: Request, next: Next) -> Answer {
    let begun = Stopwatch::now();
    let id = house.request_id();
    request.headers_mut().insert(REQUEST_ID, id.clone());
    let span = tracing::debug_span!("request", ?id, method = %request.method());
    let path = request.uri().path().to_owned();
    // Before the answer is made: it knows at least so much.
    let as_of = house.copy.head().next_seq;
    let traced = house.tracer.as_ref().and_then(|tracer| {
        let running = tracer.begin(request.headers(), house.clock.wall())?;
        Some((tracer, running, request.method().to_string()))
    });
    let answered = answer(&house, request, next).instrument(span);
    let mut answer = match &traced {
        None => answered.await,
        Some((_, running, _)) => trace::within(running.clone(), answered).await,
    };
    let took = u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
    let status = answer.status().as_u16();
    house.metrics.answer(status, took);
    if let Some(trouble) = answer.extensions().get::<Trouble>() {
        house.metrics.trouble(*trouble);
        // What a full lane sheds is counted and no more: a line for each would be a load itself.
        if matches!(trouble, Trouble::Behind | Trouble::Stopping | Trouble::Clock) {
            tracing::warn!(?id, %path, code = trouble.code(), "a request was not answered");
        }
    }
    tracing::debug!(?id, %path, status, took_ns = took, "a request was answered");
    if let Some((tracer, running, method)) = traced {
        let code = answer.extensions().get::<Trouble>().map(|trouble| trouble.code());
        let request = id.to_str().unwrap_or_default().to_owned();
        let ended = trace::Ended { request, method, status, code };
        tracer.end(&running, house.clock.wall(), ended);
        answer.headers_mut().extend(running.response().map(|value| (trace::RESPONSE, value)));
    }
    let headers = answer.headers_mut();
    headers.insert(REQUEST_ID, id);
    headers.insert(NO_SNIFFING, HeaderValue::from_static("nosniff"));
    if house.seat.handle().is_err() {
        headers.insert(AS_OF, HeaderValue::from(as_of));
    }
    answer
}

/// As of which position a node answers that follows.
const AS_OF: HeaderName = HeaderName::from_static("bej-as-of");

async fn answer(house: &Shared, request: Request, next: Next) -> Answer {
    let own = |headers: &HeaderMap, trouble| Teller::new(&house.phrases, headers).trouble(trouble);
    if let Some(Peer::Stranger(why)) = request.extensions().get::<Peer>().copied() {
        let (parts, content) = request.into_parts();
        // Read, so that the answer is not lost behind what is still being sent.
        commands::throw_away(house, content).await;
        return own(&parts.headers, why);
    }
    let fields = request.headers();
    let bytes: usize = fields.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    let length = request.uri().path_and_query().map_or(0, |path| path.as_str().len());
    if HEADERS_MAX < fields.len() || HEAD_BYTES_MAX < bytes + length {
        return own(fields, Trouble::HeadTooLarge);
    }
    // Kept for what a framework would say in its own words.
    let language = fields.get(axum::http::header::ACCEPT_LANGUAGE).cloned();
    let id = fields.get(REQUEST_ID).cloned();
    let answer = next.run(request).await;
    let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let said = kind.is_some_and(|kind| kind.contains("json"));
    if answer.status().as_u16() < 400 || said {
        return answer;
    }
    let mut headers = HeaderMap::new();
    let kept = [(axum::http::header::ACCEPT_LANGUAGE, language), (REQUEST_ID, id)];
    headers.extend(kept.into_iter().filter_map(|(name, value)| Some((name, value?))));
    own(
        &headers,
        if answer.status().is_client_error() { Trouble::Malformed } else { Trouble::Behind },
    )
}

type Of = Extension<Organiser>;

fn order() -> MethodRouter<Shared> {
    post(async |State(house): State<Shared>, request: Request| {
        commands::post_order(house, request).await
    })
}

async fn batches(State(house): State<Shared>, Extension(caller): Of, request: Request) -> Answer {
    batch::post(house, caller, request).await
}

async fn validate(State(house): State<Shared>, Extension(caller): Of, request: Request) -> Answer {
    reads::validate(house, caller, request).await
}

async fn eligible_many(
    State(house): State<Shared>,
    Extension(caller): Of,
    request: Request,
) -> Answer {
    reads::eligible_many(house, caller, request).await
}

async fn eligibility(
    State(house): State<Shared>,
    Extension(caller): Of,
    Path(account): Path<String>,
    headers: HeaderMap,
) -> Answer {
    reads::eligible(&house, caller, &account, &headers)
}

async fn invite(State(house): State<Shared>, Extension(caller): Of, request: Request) -> Answer {
    register::invite(house, caller, request).await
}

async fn ask_order(State(house): State<Shared>, Extension(caller): Of, request: Request) -> Answer {
    register::ask_order(house, caller, request).await
}

async fn registration(
    State(house): State<Shared>,
    Extension(caller): Of,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    register::progress(&house, caller, &id, &headers)
}

async fn order_request(
    State(house): State<Shared>,
    Extension(caller): Of,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    register::order_progress(&house, caller, &id, &headers)
}

async fn bettor(
    State(house): State<Shared>,
    Extension(caller): Of,
    Path(account): Path<String>,
    headers: HeaderMap,
) -> Answer {
    register::bettor(&house, caller, &account, &headers)
}

async fn bet(
    State(house): State<Shared>,
    Extension(caller): Of,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    reads::story(&house, caller, &id, &headers)
}

async fn fate(
    State(house): State<Shared>,
    Extension(caller): Of,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    reads::message(&house, caller, &id, &headers)
}

async fn proof(
    State(house): State<Shared>,
    Extension(caller): Of,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    reads::proof(&house, caller, &id, &headers)
}

async fn wallet(State(house): State<Shared>, Extension(caller): Of, headers: HeaderMap) -> Answer {
    reads::wallet(&house, caller, &headers)
}

async fn caller(Extension(caller): Of) -> Answer {
    json(StatusCode::OK, &Caller { organiser: OrganiserNo(caller) })
}

async fn championships(
    State(house): State<Shared>,
    Extension(caller): Of,
    headers: HeaderMap,
) -> Answer {
    catalogue::championships(&house, caller, &headers)
}

async fn events(
    State(house): State<Shared>,
    Extension(caller): Of,
    pairs: Pairs,
    headers: HeaderMap,
) -> Answer {
    catalogue::events(&house, caller, &pairs, &headers)
}

async fn days(
    State(house): State<Shared>,
    Extension(caller): Of,
    pairs: Pairs,
    headers: HeaderMap,
) -> Answer {
    daily::list(&house, caller, &pairs, &headers)
}

async fn day_file(
    State(house): State<Shared>,
    Extension(caller): Of,
    Path((day, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    daily::file(&house, caller, (&day, &name), &headers)
}

async fn feed(
    State(house): State<Shared>,
    Extension(caller): Of,
    pairs: Pairs,
    headers: HeaderMap,
) -> Answer {
    notices::page(&house, caller, &pairs, &headers)
}

async fn event(
    State(house): State<Shared>,
    Extension(caller): Of,
    Path(number): Path<String>,
    headers: HeaderMap,
) -> Answer {
    catalogue::event(&house, caller, &number, &headers)
}

async fn reason(
    State(house): State<Shared>,
    Path(code): Path<String>,
    headers: HeaderMap,
) -> Answer {
    reasons::one(&house, &code, &headers)
}

async fn health(State(house): State<Shared>) -> Answer {
    let (well, told) = (house.health)();
    json(if well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, &told)
}

async fn metrics(State(house): State<Shared>) -> Answer {
    let (_, told) = (house.health)();
    let mut text = house.metrics.text();
    for name in ["entries", "views_lag_entries", "waiting_messages"] {
        if let Some(value) = told.get(name).and_then(serde_json::Value::as_u64) {
            text.push_str(&format!("# TYPE bej_{name} gauge\nbej_{name} {value}\n"));
        }
    }
    body(StatusCode::OK, "text/plain; version=0.0.4", text)
}
