//! Who may ask what: each route of the table with each kind of caller.

use api::{Route, Who};
use serde_json::{Value, json};

use crate::client::{Client, Heard};
use crate::world::{World, account, id, listed, seconds, stake};

/// What stands for the names in an address.
struct Known {
    bet: String,
    event: String,
}

impl Known {
    fn fill(&self, path: &str) -> String {
        path.replace("{bet}", &self.bet)
            .replace("{id}", &self.bet)
            .replace("{account}", &account(0, 0))
            .replace("{event}", &self.event)
            .replace("{code}", "busy")
            .replace("{day}", "2026-01-05")
            .replace("{name}", "stakes.v1.csv")
    }
}

async fn ask(client: &Client, route: &Route, path: &str, token: &str) -> Heard {
    match route.method {
        "GET" => client.get(path).await,
        _ => client.post_as("application/json", token, path, "{}").await,
    }
}

/// The status and the code of what may not be asked; none for what may.
fn denied(got: &Heard) -> Option<(u16, String)> {
    let shut = [401, 403].contains(&got.status);
    shut.then(|| (got.status, got.json()["code"].as_str().unwrap().to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_those_alone_who_may_ask() {
    // R2-55.1b, R2-55.2b, R2-55.2c
    let world = World::new().await;
    let organiser = world.organiser(0);
    let (_, outcomes) = listed(&organiser, "e-1").await;
    let order = world.order(&organiser, 0, 0).await;
    let message = stake(&order, 0, &outcomes[0], 1_000);
    organiser.post("/v1/stakes", &message.to_string()).await.expect(201);
    let known = Known { bet: message["id"].as_str().unwrap().to_owned(), event: "0".to_owned() };
    let unknown = world.unknown("unknown");
    let revoked = world.organiser(7);
    api::Callers::of(world.home.path()).revoke("organiser-7").unwrap();
    let token = world.visitors.open(0);
    let token = format!("authorization: Bearer {token}\r\n");
    let routes = api::routes();
    assert!(35 < routes.len(), "{}", routes.len());
    for route in &routes {
        let path = known.fill(&route.path);
        let name = format!("{} {path}", route.method);
        for (stranger, code) in world.strangers() {
            let got = ask(&stranger, route, &path, &token).await;
            assert_eq!(denied(&got), Some((403, code.to_owned())), "{name}");
        }
        // A certificate that speaks for nobody, with a bettor's token and without.
        for client in [&unknown, &revoked] {
            for token in ["", &token] {
                let want = match route.who {
                    Who::Anybody => None,
                    Who::Organiser => Some((403, "certificate_unknown".to_owned())),
                    Who::Bettor if token.is_empty() => Some((401, "session_expired".to_owned())),
                    Who::Bettor => None,
                };
                assert_eq!(denied(&ask(client, route, &path, token).await), want, "{name}");
            }
        }
        let got = ask(&organiser, route, &path, "").await;
        let want = (route.who == Who::Bettor).then(|| (401, "session_expired".to_owned()));
        assert_eq!(denied(&got), want, "{name}");
        assert!(got.status < 500, "{name} {got:?}");
        // Everything that can be denied is denied in the same form.
        if 400 <= got.status {
            assert_eq!(got.header("content-type"), Some("application/problem+json"), "{name}");
        }
    }
    // On the plain listener there are no routes of organisers.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let plain = tokio::spawn(api::serve_plain(
        listener,
        api::plain(world.house.clone()),
        api::Limits::standard(),
        stopping,
    ));
    for route in &routes {
        let path = known.fill(&route.path);
        let text = crate::client::head(route.method, &path, &token, "");
        let got = crate::client::plain(port, &text).await;
        let want = if route.who == Who::Bettor { 415 } else { 404 };
        assert_eq!(got.status, want, "{} {path}", route.method);
    }
    stop.send(true).unwrap();
    plain.await.unwrap();
    world.stop().await;
}

/// An answer without what differs between two questions.
fn bare(got: &Heard) -> (u16, Value) {
    let mut told = got.json();
    for name in ["instance", "id", "bet", "account", "as_of_seq", "at", "receipt"] {
        if let Some(fields) = told.as_object_mut() {
            fields.remove(name);
        }
    }
    (got.status, told)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_of_another_organiser_answers_like_what_is_not_there() {
    // R2-55.1b
    let world = World::new().await;
    let (owner, rival) = (world.organiser(0), world.organiser(1));
    let (market, outcomes) = listed(&owner, "e-1").await;
    let order = world.order(&owner, 0, 0).await;
    let hold = stake(&order, 0, &outcomes[0], 1_000);
    owner.post("/v1/holds", &hold.to_string()).await.expect(201);
    let message = stake(&order, 0, &outcomes[0], 1_000);
    owner.post("/v1/stakes", &message.to_string()).await.expect(201);
    let (theirs, hold) = (message["id"].clone(), hold["id"].clone());
    let absent = json!(id());
    let text = |id: &Value| id.as_str().unwrap().to_owned();
    for path in ["bets", "stakes", "messages", "receipts"] {
        let ask = |id: &Value| rival.clone().got(format!("/v1/{path}/{}", text(id)));
        assert_eq!(bare(&ask(&theirs).await), bare(&ask(&absent).await), "{path}");
    }
    let proof = |id: &Value| rival.clone().got(format!("/v1/receipts/{}/proof", text(id)));
    assert_eq!(bare(&proof(&theirs).await), bare(&proof(&absent).await));
    let event = |number: &str| rival.clone().got(format!("/v1/catalogue/events/{number}"));
    assert_eq!(bare(&event("0").await), bare(&event("999999").await));
    let check = |number: String| rival.clone().got(format!("/v1/accounts/{number}/eligibility"));
    let (one, other) = (check(account(0, 0)).await, check(account(900, 1)).await);
    assert_eq!(bare(&one), bare(&other));
    // The same for messages that name them.
    let send = |path: &str, mut message: Value, at: &str, place: Value| {
        message["id"] = json!(id());
        *message.pointer_mut(at).unwrap() = place;
        let (path, rival) = (format!("/v1/{path}"), rival.clone());
        async move { bare(&rival.post(&path, &message.to_string()).await) }
    };
    let settle = json!({ "id": "", "bet": "", "basis": "result", "settled_at": seconds(0) });
    let void = json!({ "id": "", "bet": "", "basis": "organiser_error", "voided_at": seconds(0) });
    let claim = json!({ "id": "", "bet": "", "amount_tiyn": 1, "currency": "KZT" });
    let confirm = json!({ "id": "", "hold": "", "odds_e4": [18_500] });
    let release = json!({ "id": "", "hold": "" });
    let pay = json!({
        "id": "", "bet": "", "amount_tiyn": 1, "currency": "KZT", "form": "cash", "desk": "3",
        "paid_at": seconds(0),
    });
    let market_change = json!({ "id": "", "market": "", "state": "suspended", "in_play": false });
    let cases = [
        ("settlements", settle, "/bet", &theirs, &absent),
        ("voids", void, "/bet", &theirs, &absent),
        ("claim-settlements", claim, "/bet", &theirs, &absent),
        ("desk-payouts", pay, "/bet", &theirs, &absent),
        ("hold-confirmations", confirm, "/hold", &hold, &absent),
        ("hold-releases", release, "/hold", &hold, &absent),
        ("catalogue/market-changes", market_change, "/market", &json!(market), &json!("4095")),
    ];
    for (path, message, at, theirs, absent) in cases {
        let one = send(path, message.clone(), at, theirs.clone()).await;
        let other = send(path, message, at, absent.clone()).await;
        assert_eq!(one, other, "{path}");
        assert_eq!(one.0, 422, "{path}");
    }
    let story = owner.get(&format!("/v1/bets/{}", text(&theirs))).await.expect(200);
    assert_eq!(story["state"], "open", "nothing of it has changed");
    world.stop().await;
}
