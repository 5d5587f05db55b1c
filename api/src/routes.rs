//! The routes, and who may ask them: denied unless the certificate speaks for an organiser.

use std::time::Instant;

use axum::extract::{Extension, Path, Query, Request, State};
use axum::http::header::HeaderMap;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::routing::{get, post};
use axum::{Router, middleware};
use terms::Organiser;
use wire::{Caller, Kind, OrganiserNo, PREFIX};

use crate::catalogue::{self, Asked};
use crate::house::Shared;
use crate::listen::Peer;
use crate::problem::{Answer, Teller, Trouble, body, json};
use crate::{batch, commands, notices, openapi, reads, reasons};

/// The routes of organisers, for the listener with mutual TLS.
pub fn api(house: Shared) -> Router {
    let own = own_routes().layer(from_fn_with_state(house.clone(), admit));
    let open = Router::new()
        .route("/time", get(async |State(house): State<Shared>| reads::time(&house)))
        .route("/openapi.json", get(async || json(StatusCode::OK, &openapi::document())))
        .route("/reasons", get(async |State(house): State<Shared>| reasons::all(&house)))
        .route(
            "/reasons/{code}",
            get(async |State(house): State<Shared>, Path(code): Path<String>, headers| {
                reasons::one(&house, &code, &headers)
            }),
        );
    let router = Router::new().nest(PREFIX, own.merge(open).merge(me()));
    finish(router, house)
}

/// The routes of the plain listener on loopback: for probes, for a collector of metrics, and for
/// bettors' sessions, which have no certificate.
pub fn plain(house: Shared) -> Router {
    let router = Router::new()
        .route("/health", get(health))
        .route("/metrics", get(metrics))
        .nest(PREFIX, me());
    finish(router, house)
}

fn me() -> Router<Shared> {
    Router::new().route(
        "/me/orders",
        post(async |State(house): State<Shared>, request: Request| {
            commands::post_order(house, request).await
        }),
    )
}

fn own_routes() -> Router<Shared> {
    let mut router = Router::new();
    for kind in Kind::ALL {
        let kind = *kind;
        let handler = move |State(house): State<Shared>, Extension(caller), request: Request| {
            commands::post(house, caller, kind, request)
        };
        router = router.route(kind.path(), post(handler));
    }
    router
        .route(
            "/batches",
            post(async |State(house): State<Shared>, Extension(caller), request| {
                batch::post(house, caller, request).await
            }),
        )
        .route(
            "/validate",
            post(async |State(house): State<Shared>, Extension(caller), request| {
                reads::validate(house, caller, request).await
            }),
        )
        .route(
            "/eligibility-checks",
            post(async |State(house): State<Shared>, Extension(caller), request: Request| {
                reads::eligible_many(house, caller, request).await
            }),
        )
        .route("/accounts/{account}/eligibility", get(eligibility))
        .route("/bets/{bet}", get(bet))
        .route("/stakes/{bet}", get(bet))
        .route("/messages/{id}", get(message))
        .route("/receipts/{id}", get(message))
        .route("/receipts/{id}/proof", get(proof))
        .route("/wallet", get(wallet))
        .route("/caller", get(caller))
        .route("/events", get(feed))
        .route("/catalogue/championships", get(championships))
        .route("/catalogue/events", get(events))
        .route("/catalogue/events/{event}", get(event))
}

type Who = Extension<Organiser>;

async fn eligibility(
    State(house): State<Shared>,
    Extension(caller): Who,
    Path(account): Path<String>,
    headers: HeaderMap,
) -> Answer {
    reads::eligible(&house, caller, &account, &headers)
}

async fn bet(
    State(house): State<Shared>,
    Extension(caller): Who,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    reads::story(&house, caller, &id, &headers)
}

async fn message(
    State(house): State<Shared>,
    Extension(caller): Who,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    reads::message(&house, caller, &id, &headers)
}

async fn proof(
    State(house): State<Shared>,
    Extension(caller): Who,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    reads::proof(&house, caller, &id, &headers)
}

async fn wallet(State(house): State<Shared>, Extension(caller): Who, headers: HeaderMap) -> Answer {
    reads::wallet(&house, caller, &headers)
}

async fn caller(Extension(caller): Who) -> Answer {
    json(StatusCode::OK, &Caller { organiser: OrganiserNo(caller) })
}

async fn championships(
    State(house): State<Shared>,
    Extension(caller): Who,
    headers: HeaderMap,
) -> Answer {
    catalogue::championships(&house, caller, &headers)
}

async fn events(
    State(house): State<Shared>,
    Extension(caller): Who,
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
) -> Answer {
    match asked {
        Ok(Query(asked)) => catalogue::events(&house, caller, &asked, &headers),
        Err(_) => Teller::new(&house.phrases, &headers).trouble(Trouble::Malformed),
    }
}

async fn feed(
    State(house): State<Shared>,
    Extension(caller): Who,
    asked: Result<Query<notices::Asked>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
) -> Answer {
    match asked {
        Ok(Query(asked)) => notices::page(&house, caller, &asked, &headers),
        Err(_) => Teller::new(&house.phrases, &headers).trouble(Trouble::Malformed),
    }
}

async fn event(
    State(house): State<Shared>,
    Extension(caller): Who,
    Path(number): Path<String>,
    headers: HeaderMap,
) -> Answer {
    catalogue::event(&house, caller, &number, &headers)
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

/// Lets a request through whose certificate speaks for an organiser now.
async fn admit(State(house): State<Shared>, mut request: Request, next: Next) -> Answer {
    let peer = request.extensions().get::<Peer>().copied();
    match peer.and_then(|Peer(print)| house.callers.find(print)) {
        Some(organiser) => {
            request.extensions_mut().insert(organiser);
            next.run(request).await
        }
        None => Teller::new(&house.phrases, request.headers()).trouble(Trouble::CertificateUnknown),
    }
}

/// What every route has: problems for what no route takes, and counting.
fn finish(router: Router<Shared>, house: Shared) -> Router {
    router
        .fallback(async |State(house): State<Shared>, headers: HeaderMap| {
            Teller::new(&house.phrases, &headers).trouble(Trouble::NotFound)
        })
        .method_not_allowed_fallback(async |State(house): State<Shared>, headers: HeaderMap| {
            Teller::new(&house.phrases, &headers).trouble(Trouble::MethodNotAllowed)
        })
        .layer(middleware::from_fn_with_state(house.clone(), count))
        .with_state(house)
}

async fn count(State(house): State<Shared>, request: Request, next: Next) -> Answer {
    let begun = Instant::now();
    let mut answer = next.run(request).await;
    let took = u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
    house.metrics.answer(answer.status().as_u16(), took);
    let headers = answer.headers_mut();
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    answer
}
