//! Requests and their answers, as `docs/api-examples.md` shows them: made anew by a clock that
//! stands still, and compared. With BLESS=1 the page is written.

use std::fmt::Write as _;
use std::sync::Arc;

use desk::command::AnnounceWorks;
use journal::kinds::{WorksKind, WorksScope};
use pump::{Clock, Options};
use serde_json::{Value, json};
use terms::{Instant, MessageId};

use crate::client::{Client, Heard};
use crate::world::{OPENED, World, account};

/// 2026-11-22T07:00:00Z, and it stays that.
const NOW: Instant = Instant(1_795_330_800 * Instant::SECOND);

struct Still;

impl Clock for Still {
    fn wall(&self) -> Instant {
        NOW
    }

    fn monotonic_ns(&self) -> i64 {
        0
    }
}

const HEAD: &str = "# Examples of the API

Requests with their answers, as a server gives them whose clock stands at noon in Almaty on 22
November 2026. A test makes this page and compares it: what is shown here is what is sent. Leaf
hashes, fractions of seconds and names of requests differ each time and are shown as constants.
How to try it is in [api.md](api.md).
";

/// The page as far as it is written.
struct Page {
    text: String,
    client: Client,
    ids: u64,
}

impl Page {
    /// The next id of a sender whose clock is right.
    fn id(&mut self) -> String {
        self.ids += 1;
        let mut random = [0; 10];
        random[2..].copy_from_slice(&self.ids.to_be_bytes());
        MessageId(terms::id::uuid_v7(NOW.ms(), random)).to_string()
    }

    async fn post(&mut self, title: &str, path: &str, more: &str, message: &Value) -> Value {
        let sent = message.to_string();
        let got = self.client.post_as("application/json", more, path, &sent).await;
        self.show(title, &format!("POST {path}"), more, &pretty(&sent), &got);
        got.json()
    }

    async fn get(&mut self, title: &str, path: &str) -> Value {
        let got = self.client.get(path).await;
        self.show(title, &format!("GET {path}"), "", "", &got);
        got.json()
    }

    fn show(&mut self, title: &str, what: &str, more: &str, sent: &str, got: &Heard) {
        let mut block = format!("{what}\n");
        for line in more.lines().filter(|line| !line.starts_with("authorization")) {
            writeln!(block, "{line}").unwrap();
        }
        if more.starts_with("authorization") {
            block.push_str("authorization: Bearer …\n");
        }
        if !sent.is_empty() {
            writeln!(block, "\n{sent}").unwrap();
        }
        let told = ["bej-repeated", "bej-lines", "content-language", "retry-after"];
        let headers = told.iter().filter_map(|name| Some((*name, got.header(name)?)));
        let headers: String = headers.map(|(name, value)| format!("{name}: {value}\n")).collect();
        let body: Vec<String> = got.body.lines().map(pretty).collect();
        write!(
            self.text,
            "\n## {title}\n\n```http\n{block}```\n\n```http\n{}\n{headers}\n{}\n```\n",
            got.status,
            masked(&body.join("\n"))
        )
        .unwrap();
    }
}

fn pretty(text: &str) -> String {
    let value: Value = serde_json::from_str(text).unwrap();
    format!("{value:#}")
}

/// Without what differs each time.
fn masked(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let mut line = line.to_owned();
        for (name, constant) in [
            ("\"leaf\": \"", "b5f2…9c"),
            ("\"instance\": \"", "urn:uuid:01a2020d-f980-7000-8000-000000000001"),
        ] {
            if let Some((before, after)) = line.clone().split_once(name) {
                let rest = after.split_once('"').unwrap().1;
                line = format!("{before}{name}{constant}\"{rest}");
            }
        }
        if let Some((before, after)) = line.clone().split_once("07:00:00.") {
            let rest = after.split_once('Z').unwrap().1;
            line = format!("{before}07:00:00.000000001Z{rest}");
        }
        lines.push(line);
    }
    lines.join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_are_what_is_sent() {
    let world =
        World::on(Options::standard(), World::limits(), Arc::new(Still), |journal| journal).await;
    let client = world.organiser(0);
    let mut page = Page { text: HEAD.to_owned(), client, ids: 0 };
    let token = "0".repeat(64);
    world.visitors.open_as(&token, 0);
    let outcomes = catalogue(&mut page).await;
    let (stake, order) = bets(&mut page, &token, &outcomes).await;
    refusals(&mut page, &stake).await;
    holds(&mut page, &order, &outcomes).await;
    settlements(&mut page, &stake, &outcomes).await;
    desks(&mut page, &outcomes).await;
    questions(&mut page, &world, &stake).await;
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/api-examples.md");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, &page.text).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(kept == page.text, "docs/api-examples.md is stale: run this test with BLESS=1");
    world.stop().await;
}

async fn catalogue(page: &mut Page) -> Vec<String> {
    let message =
        json!({ "id": page.id(), "own": "c-1", "sport": "Football", "name": "Premier League" });
    page.post("A championship is listed", "/v1/catalogue/championships", "", &message).await;
    let message = json!({
        "id": page.id(), "championship": "0", "own": "F-88121", "name": "Kairat v Astana",
        "class": "sport", "scheduled_start": "2026-11-22T18:00:00+05:00",
    });
    page.post("An event is listed", "/v1/catalogue/events", "", &message).await;
    let outcome = |own: &str, name: &str| json!({ "own": own, "name": name });
    let message = json!({
        "id": page.id(), "event": "0", "own": "1x2", "name": "Result", "in_play": false,
        "outcomes": [outcome("1", "Kairat"), outcome("x", "Draw"), outcome("2", "Astana")],
    });
    let made = page
        .post("A market is listed with its outcomes", "/v1/catalogue/markets", "", &message)
        .await;
    let outcomes = made["outcomes"].as_array().unwrap();
    outcomes.iter().map(|outcome| outcome.as_str().unwrap().to_owned()).collect()
}

fn bet(id: &str, order: &str, outcome: &str, amount: u64) -> Value {
    json!({
        "id": id, "order": order, "account": account(0, 0), "desk": "0", "amount_tiyn": amount,
        "currency": "KZT", "made_at": "2026-11-22T12:00:00+05:00", "shape": "single",
        "price_rule": "exact", "selections": [{ "outcome": outcome, "odds_e4": 18_500 }],
    })
}

async fn bets(page: &mut Page, token: &str, outcomes: &[String]) -> (Value, String) {
    let eligible = format!("/v1/accounts/{}/eligibility", account(0, 0));
    page.get("Whether an account may stake", &eligible).await;
    let order = page.id();
    let message = json!({
        "id": order, "organiser": "0", "account": account(0, 0), "ceiling_tiyn": 500_000,
        "currency": "KZT", "accept": "better", "expires_at": "2026-11-22T12:10:00+05:00",
    });
    let bearer = format!("authorization: Bearer {token}\r\n");
    page.post("A bettor gives an order, by his session", "/v1/me/orders", &bearer, &message).await;
    let stake = bet(&page.id(), &order, &outcomes[0], 100_000);
    let line = json!({ "kind": "stake", "message": stake });
    page.post("A stake is checked, without effect", "/v1/validate", "", &line).await;
    page.post("A stake is accepted", "/v1/stakes", "", &stake).await;
    page.post("The same again is a repeat", "/v1/stakes", "", &stake).await;
    (stake, order)
}

async fn refusals(page: &mut Page, stake: &Value) {
    let english = "accept-language: en\r\n";
    let mut other = stake.clone();
    other["amount_tiyn"] = json!(100_001);
    let title = "Other content under the same id is refused, for ever";
    page.post(title, "/v1/stakes", english, &other).await;
    other["id"] = json!(page.id());
    other["amount_tiyn"] = json!(900_000);
    page.post("A stake above the order is refused", "/v1/stakes", english, &other).await;
    other["amount_tiyn"] = json!("1000");
    other["made_at"] = json!("2026-11-22T12:00:00");
    other["price"] = json!(1);
    let title = "What is wrong with a form is told at once, in Kazakh here";
    page.post(title, "/v1/stakes", "accept-language: kk\r\n", &other).await;
    page.get("Nothing is there, and what to do", "/v1/bets/1").await;
}

async fn holds(page: &mut Page, order: &str, outcomes: &[String]) {
    let (one, two) = (page.id(), page.id());
    let hold = bet(&one, order, &outcomes[0], 50_000);
    page.post("A sum is held", "/v1/holds", "", &hold).await;
    let confirm = json!({ "id": page.id(), "hold": one, "odds_e4": [19_000] });
    page.post("The hold becomes a stake", "/v1/hold-confirmations", "", &confirm).await;
    page.client
        .post("/v1/holds", &bet(&two, order, &outcomes[1], 50_000).to_string())
        .await
        .expect(201);
    let release = json!({ "id": page.id(), "hold": two });
    page.post("Another hold is released", "/v1/hold-releases", "", &release).await;
}

async fn settlements(page: &mut Page, stake: &Value, outcomes: &[String]) {
    let end = |place: usize, result: &str| json!({ "outcome": outcomes[place], "result": result });
    let market: u64 = outcomes[0].parse::<u64>().unwrap() >> 9;
    let message = json!({
        "id": page.id(), "market": market.to_string(),
        "outcomes": [end(0, "won"), end(1, "lost"), end(2, "lost")],
    });
    page.post("A result is published", "/v1/catalogue/results", "", &message).await;
    let settle = json!({
        "id": page.id(), "bet": stake["id"], "basis": "result",
        "settled_at": "2026-11-22T12:00:00+05:00",
    });
    page.post("A bet is settled, and its payout posted", "/v1/settlements", "", &settle).await;
    let resettle = json!({
        "id": page.id(), "bet": stake["id"], "basis": "correction",
        "settled_at": "2026-11-22T12:00:00+05:00", "reason": "protocol corrected",
    });
    page.post("It is settled anew", "/v1/resettlements", "", &resettle).await;
    let void = json!({
        "id": page.id(), "bet": page.id(), "basis": "organiser_error",
        "voided_at": "2026-11-22T12:00:00+05:00",
    });
    let title = "A bet that is not known cannot be settled as void";
    page.post(title, "/v1/voids", "accept-language: en\r\n", &void).await;
}

async fn desks(page: &mut Page, outcomes: &[String]) {
    let report = json!({
        "id": page.id(), "account": account(2, 0), "desk": "1", "amount_tiyn": 5_000,
        "currency": "KZT", "form": "cash", "accepted_at": "2026-11-22T12:00:00+05:00",
        "shape": "single", "price_rule": "exact",
        "selections": [{ "outcome": outcomes[0], "odds_e4": 20_000 }],
    });
    let title = "A desk's stake is recorded with the rules that it breaks";
    page.post(title, "/v1/desk-stakes", "", &report).await;
    let payout = json!({
        "id": page.id(), "bet": report["id"], "amount_tiyn": 10_000, "currency": "KZT",
        "form": "cash", "desk": "1", "paid_at": "2026-11-22T12:00:00+05:00",
    });
    page.post("A desk's payout is recorded", "/v1/desk-payouts", "", &payout).await;
    let line = json!({ "kind": "desk_payout", "message": payout }).to_string();
    let lines = format!("{line}\n{{\"kind\":\"desk_payout\"}}\n");
    let got = page.client.post_as("application/x-ndjson", "", "/v1/batches", &lines).await;
    let sent = lines.trim_end();
    page.show("A batch has a verdict a line", "POST /v1/batches", "", sent, &got);
}

async fn questions(page: &mut Page, world: &World, stake: &Value) {
    let id = stake["id"].as_str().unwrap();
    page.get("What became of a message", &format!("/v1/messages/{id}")).await;
    page.get("A bet with its story", &format!("/v1/bets/{id}")).await;
    page.get("The organiser's own wallet", "/v1/wallet").await;
    let many = json!({ "accounts": [account(0, 0), account(2, 0), account(3, 0)] });
    page.post("Whether many accounts may stake", "/v1/eligibility-checks", "", &many).await;
    let at = |hours: i64| NOW.plus(hours * 3_600 * Instant::SECOND);
    let (kind, scope) = (WorksKind::Preventive, WorksScope::Everything);
    world.operator(AnnounceWorks { kind, scope, from: at(30), until: at(31) });
    page.get("Works that are planned at the centre", "/v1/works").await;
    // The feed follows: it is asked for once it has what the others have told.
    while page.client.get("/v1/events").await.expect(200)["next_after"] != u64::from(OPENED) + 2 {
        tokio::task::yield_now().await;
    }
    assert!(world.house.caught_up());
    page.get("What the organiser is told", &format!("/v1/events?after={}&limit=10", OPENED - 1))
        .await;
    page.get("What a code means", "/v1/reasons/not_admitted").await;
    page.get("The versions of the schema", "/v1/changes").await;
}
