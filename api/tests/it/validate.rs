//! `/v1/validate` says of every kind of message what the message itself is told, and does nothing.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use terms::Hash;
use wire::{Kind, PREFIX};

use crate::client::Client;
use crate::world::{World, account, id, listed, seconds, stake};

/// A world in which each message is first validated and then sent.
struct Trial {
    world: World,
    client: Client,
    accepted: BTreeSet<&'static str>,
    refused: BTreeSet<&'static str>,
}

impl Trial {
    /// The end of the journal and the root of the state.
    fn stands(&self) -> (u64, Hash) {
        let next = self.world.next();
        (next, self.world.house.copy.read(desk::State::hash))
    }

    /// Validates, which must change nothing, then sends, which must be told the same; gives what
    /// was told.
    async fn same(&mut self, kind: Kind, message: &Value) -> Value {
        let line = json!({ "kind": kind.name(), "message": message }).to_string();
        let before = self.stands();
        let told = self.client.post("/v1/validate", &line).await.expect(200);
        assert_eq!(self.stands(), before, "{}: validation has an effect", kind.name());
        let path = format!("{PREFIX}{}", kind.path());
        let real = self.client.post(&path, &message.to_string()).await;
        let accepted = real.status == 201;
        let code = if accepted { json!("accepted") } else { real.json()["code"].clone() };
        assert!(accepted || real.status == 422, "{}: {real:?}", kind.name());
        assert_eq!((&told["code"], &told["would_accept"]), (&code, &json!(accepted)), "{line}");
        let seen = if accepted { &mut self.accepted } else { &mut self.refused };
        seen.insert(kind.name());
        real.json()
    }

    async fn good(&mut self, kind: Kind, message: &Value) -> Value {
        let told = self.same(kind, message).await;
        assert_eq!(told.get("code"), None, "{}: {told}", kind.name());
        told
    }

    async fn bad(&mut self, kind: Kind, message: &Value, code: &str) {
        assert_eq!(self.same(kind, message).await["code"], code, "{}", kind.name());
    }
}

fn with(message: &Value, changes: &[(&str, Value)]) -> Value {
    let mut message = message.clone();
    message["id"] = json!(id());
    for (name, value) in changes {
        message[*name] = value.clone();
    }
    message
}

#[tokio::test(flavor = "multi_thread")]
async fn validation_says_what_the_message_itself_is_told() {
    let world = World::new().await;
    let client = world.organiser(0);
    let (accepted, refused) = (BTreeSet::new(), BTreeSet::new());
    let mut trial = Trial { world, client, accepted, refused };
    let (market, outcomes) = catalogue(&mut trial).await;
    let settled = stakes(&mut trial, &outcomes).await;
    results(&mut trial, &market, &outcomes).await;
    settlements(&mut trial, &settled).await;
    desks(&mut trial, &market, &outcomes).await;
    let all: BTreeSet<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(trial.accepted, all, "each kind is accepted once at least");
    assert_eq!(trial.refused, all, "and refused");
    trial.world.stop().await;
}

async fn catalogue(trial: &mut Trial) -> (String, Vec<String>) {
    let championship = json!({ "id": id(), "own": "c", "sport": "Football", "name": "Cup" });
    let made = trial.good(Kind::Championship, &championship).await;
    trial.bad(Kind::Championship, &with(&championship, &[]), "already_listed").await;
    let event = json!({
        "id": id(), "championship": made["championship"], "own": "e", "name": "One v Other",
        "class": "sport", "scheduled_start": seconds(3_600),
    });
    let made = trial.good(Kind::Event, &event).await;
    trial.bad(Kind::Event, &with(&event, &[]), "already_listed").await;
    let outcome = |own: &str| json!({ "own": own, "name": own });
    let market = json!({
        "id": id(), "event": made["event"], "own": "1x2", "name": "Result", "in_play": false,
        "outcomes": [outcome("1"), outcome("x")],
    });
    let unknown = with(&market, &[("event", json!("99"))]);
    trial.bad(Kind::Market, &unknown, "event_unknown").await;
    let listed = trial.good(Kind::Market, &market).await;
    let change = json!({ "id": id(), "event": made["event"], "state": "rescheduled",
        "time": seconds(7_200) });
    trial.good(Kind::EventChange, &change).await;
    let back = with(&change, &[("event", json!("99"))]);
    trial.bad(Kind::EventChange, &back, "event_unknown").await;
    let change = json!({ "id": id(), "market": listed["market"], "state": "suspended",
        "in_play": false });
    trial.good(Kind::MarketChange, &change).await;
    trial.good(Kind::MarketChange, &with(&change, &[("state", json!("open"))])).await;
    let unknown = with(&change, &[("market", json!((99_u64 << 12).to_string()))]);
    trial.bad(Kind::MarketChange, &unknown, "market_unknown").await;
    let outcomes = listed["outcomes"].as_array().unwrap().iter();
    let outcomes = outcomes.map(|outcome| outcome.as_str().unwrap().to_owned()).collect();
    (listed["market"].as_str().unwrap().to_owned(), outcomes)
}

/// Gives two stakes that can be settled.
async fn stakes(trial: &mut Trial, outcomes: &[String]) -> [Value; 2] {
    let order = trial.world.order(&trial.client, 0, 0).await;
    let good = stake(&order, 0, &outcomes[0], 1_000);
    trial.good(Kind::Stake, &good).await;
    let second = with(&good, &[]);
    trial.good(Kind::Stake, &second).await;
    let above = with(&good, &[("amount_tiyn", json!(6_000_000))]);
    trial.bad(Kind::Stake, &above, "order_above_ceiling").await;
    let other = with(&good, &[("account", json!(account(2, 0)))]);
    trial.bad(Kind::Stake, &other, "order_missing").await;
    let hold = with(&good, &[]);
    trial.good(Kind::Hold, &hold).await;
    trial.bad(Kind::Hold, &with(&good, &[("desk", json!("900"))]), "desk_unknown").await;
    let confirm = json!({ "id": id(), "hold": hold["id"], "odds_e4": [18_500] });
    trial.good(Kind::HoldConfirmation, &confirm).await;
    trial.bad(Kind::HoldConfirmation, &with(&confirm, &[]), "hold_confirmed").await;
    let hold = with(&good, &[]);
    trial.good(Kind::Hold, &hold).await;
    let release = json!({ "id": id(), "hold": hold["id"] });
    trial.good(Kind::HoldRelease, &release).await;
    trial.bad(Kind::HoldRelease, &with(&release, &[]), "hold_released").await;
    [good["id"].clone(), second["id"].clone()]
}

fn ends(market: &str, outcomes: &[String], results: [&str; 2]) -> Value {
    let end = |place: usize| json!({ "outcome": outcomes[place], "result": results[place] });
    json!({ "id": id(), "market": market, "outcomes": [end(0), end(1)] })
}

async fn results(trial: &mut Trial, market: &str, outcomes: &[String]) {
    trial.good(Kind::MarketResult, &ends(market, outcomes, ["won", "lost"])).await;
    let nowhere = 99_u64 << 12;
    let others = [0, 1].map(|place| (nowhere << 9 | place).to_string());
    let unknown = ends(&nowhere.to_string(), &others, ["lost", "won"]);
    trial.bad(Kind::MarketResult, &unknown, "market_unknown").await;
}

async fn settlements(trial: &mut Trial, [first, second]: &[Value; 2]) {
    let (basis, now) = ("result", seconds(0));
    let settle = |bet: &Value| json!({ "id": id(), "bet": bet, "basis": basis, "settled_at": now });
    trial.good(Kind::Settlement, &settle(first)).await;
    trial.bad(Kind::Settlement, &settle(&json!(id())), "bet_unknown").await;
    trial.bad(Kind::Settlement, &settle(first), "bet_settled").await;
    let resettle = |bet: &Value| {
        json!({ "id": id(), "bet": bet, "basis": "correction", "settled_at": seconds(0),
            "reason": "protocol corrected" })
    };
    trial.good(Kind::Resettlement, &resettle(first)).await;
    trial.bad(Kind::Resettlement, &resettle(&json!(id())), "bet_unknown").await;
    let void = |bet: &Value| {
        json!({ "id": id(), "bet": bet, "basis": "organiser_error", "voided_at": seconds(0),
            "reason": "wrong odds" })
    };
    trial.good(Kind::Void, &void(second)).await;
    trial.bad(Kind::Void, &void(&json!(id())), "bet_unknown").await;
}

async fn desks(trial: &mut Trial, market: &str, outcomes: &[String]) {
    // On an event of its own, which has not ended.
    let (open, fresh) = listed(&trial.client, "desk").await;
    assert_ne!(open, market);
    let report = json!({
        "id": id(), "account": account(2, 0), "desk": "1", "amount_tiyn": 5_000,
        "currency": "KZT", "form": "cash", "accepted_at": seconds(-1), "shape": "single",
        "price_rule": "exact", "selections": [{ "outcome": fresh[0], "odds_e4": 20_000 }],
    });
    trial.good(Kind::DeskStake, &report).await;
    // A report that breaks rules is recorded all the same.
    let selection = json!([{ "outcome": outcomes[0], "odds_e4": 20_000 }]);
    trial.good(Kind::DeskStake, &with(&report, &[("selections", selection)])).await;
    let unknown = with(&report, &[("account", json!(account(900, 0)))]);
    trial.bad(Kind::DeskStake, &unknown, "account_unknown").await;
    let end = |place: usize, result: &str| json!({ "outcome": fresh[place], "result": result });
    let won = json!({ "id": id(), "market": open,
        "outcomes": [end(0, "won"), end(1, "lost"), end(2, "lost")] });
    trial.good(Kind::MarketResult, &won).await;
    let settle = json!({ "id": id(), "bet": report["id"], "basis": "result",
        "settled_at": seconds(0) });
    trial.good(Kind::Settlement, &settle).await;
    let payout = json!({
        "id": id(), "bet": report["id"], "amount_tiyn": 10_000, "currency": "KZT",
        "form": "cash", "desk": "1", "paid_at": seconds(0),
    });
    trial.good(Kind::DeskPayout, &payout).await;
    trial.bad(Kind::DeskPayout, &with(&payout, &[("bet", json!(id()))]), "bet_unknown").await;
    let claim = json!({ "id": id(), "bet": report["id"], "amount_tiyn": 10_000,
        "currency": "KZT" });
    trial.bad(Kind::ClaimSettlement, &claim, "claim_unknown").await;
    let lost = json!({ "id": id(), "market": open, "reason": "protocol corrected",
        "outcomes": [end(0, "lost"), end(1, "won"), end(2, "lost")] });
    trial.good(Kind::MarketResult, &lost).await;
    let resettle = json!({ "id": id(), "bet": report["id"], "basis": "correction",
        "settled_at": seconds(0), "reason": "protocol corrected" });
    trial.good(Kind::Resettlement, &resettle).await;
    trial.good(Kind::ClaimSettlement, &with(&claim, &[])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_malformed_is_told_at_the_same_places() {
    let world = World::new().await;
    let client = world.organiser(0);
    for kind in Kind::ALL {
        let message = json!({ "id": 7, "surplus": true, "bet": "x" });
        let path = format!("{PREFIX}{}", kind.path());
        let real = client.post(&path, &message.to_string()).await.expect(400);
        let line = json!({ "kind": kind.name(), "message": message }).to_string();
        let told = client.post("/v1/validate", &line).await.expect(400);
        let places = |problem: &Value, before: &str| -> Vec<(String, Value)> {
            let errors = problem["errors"].as_array().unwrap().iter();
            let place = |error: &Value| error["pointer"].as_str().unwrap().to_owned();
            errors
                .map(|error| (format!("{before}{}", place(error)), error["code"].clone()))
                .collect()
        };
        assert_eq!(places(&told, ""), places(&real, "/message"), "{}", kind.name());
        assert!(2 < places(&real, "").len(), "{real}");
    }
    world.stop().await;
}
