//! Messages from stake to payout, their repeats, and what others may see of them.

use serde_json::{Value, json};

use crate::world::{OPENED, World, account, id, listed, seconds, stake};

#[tokio::test(flavor = "multi_thread")]
async fn a_stake_goes_from_order_to_payout() {
    // R0-5.3, R0-8.2, R0-13.1
    let world = World::new().await;
    let client = world.organiser(0);
    let (market, outcomes) = listed(&client, "e-1").await;
    let order = world.order(&client, 0, 0).await;
    let message = stake(&order, 0, &outcomes[0], 100_000);
    let made = client.post("/v1/stakes", &message.to_string()).await;
    let bet = made.expect(201)["bet"].clone();
    assert_eq!(bet, message["id"]);
    // The same again is the same answer, and says so.
    let again = client.post("/v1/stakes", &message.to_string()).await;
    assert_eq!((again.status, &again.body), (201, &made.body));
    assert_eq!(again.header("bej-repeated"), Some("?1"));
    assert_eq!(made.header("bej-repeated"), None);
    // Other content under the same id is refused.
    let mut other = message.clone();
    other["amount_tiyn"] = json!(100_001);
    let refused = client.post("/v1/stakes", &other.to_string()).await.expect(422);
    assert_eq!(refused["code"], "id_reused");

    let outcome = |outcome: &String, result: &str| json!({ "outcome": outcome, "result": result });
    let result = json!({
        "id": id(), "market": market, "outcomes": [
            outcome(&outcomes[0], "won"), outcome(&outcomes[1], "lost"),
            outcome(&outcomes[2], "lost"),
        ],
    });
    client.post("/v1/catalogue/results", &result.to_string()).await.expect(201);
    let settlement = json!({ "id": id(), "bet": bet, "basis": "result", "settled_at": seconds(0) });
    let settled = client.post("/v1/settlements", &settlement.to_string()).await.expect(201);
    assert_eq!(settled["computed_gross_tiyn"], 185_000);
    assert_eq!((&settled["payout"], &settled["result"]), (&json!("posted"), &json!("win")));

    let story = client.get(&format!("/v1/bets/{}", bet.as_str().unwrap())).await.expect(200);
    assert_eq!(story["state"], "settled");
    assert_eq!(story["settlement"]["paid_tiyn"], 185_000);
    assert_eq!(story["records"].as_array().unwrap().len(), 3);
    let fate = client.get(&format!("/v1/messages/{}", bet.as_str().unwrap())).await.expect(200);
    assert_eq!(fate["receipt"], made.json()["receipt"]);
    wait_for_notice(&client).await;

    // Another organiser sees nothing of it, in the words for what does not exist.
    let rival = world.organiser(1);
    let path = format!("/v1/bets/{}", bet.as_str().unwrap());
    assert_eq!(rival.get(&path).await.expect(404)["code"], "not_found");
    let theirs = json!({ "id": id(), "bet": bet, "basis": "result", "settled_at": seconds(0) });
    let refused = rival.post("/v1/settlements", &theirs.to_string()).await.expect(422);
    assert_eq!(refused["code"], "bet_unknown");
    let mut foreign = stake(&order, 0, &outcomes[0], 1_000);
    foreign["id"] = json!(id());
    foreign["desk"] = json!("2");
    let refused = rival.post("/v1/stakes", &foreign.to_string()).await.expect(422);
    assert_eq!(refused["code"], "outcome_unknown");
    world.stop().await;
}

/// The follower runs behind the answer: ask until the payout is told.
async fn wait_for_notice(client: &crate::client::Client) {
    loop {
        let page = client.get("/v1/events?after=0&limit=100").await.expect(200);
        let events = page["events"].as_array().unwrap();
        let (opened, others) = events.split_at(events.len().min(OPENED as usize));
        // R0-10.4: the number of each account, and whether it may stake.
        assert!(opened.iter().all(|event| event["event"] == "account.opened"), "{page}");
        if let Some(first) = others.first() {
            assert_eq!(opened[0]["account"], account(0, 0));
            assert!(opened.iter().all(|event| event["code"] == "admitted"), "{page}");
            let number = u64::from(OPENED) + 1;
            assert_eq!(
                (&first["number"], &first["event"]),
                (&json!(number), &json!("payout.posted"))
            );
            assert_eq!(first["amount_tiyn"], 185_000);
            let rest = client.get(&format!("/v1/events?after={number}")).await.expect(200);
            assert_eq!((&rest["events"], &rest["next_after"]), (&json!([]), &json!(number)));
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_is_confirmed_or_released() {
    // S-34
    let world = World::new().await;
    let client = world.organiser(0);
    let (_, outcomes) = listed(&client, "e-1").await;
    let order = world.order(&client, 0, 0).await;
    let one = stake(&order, 0, &outcomes[0], 1_000);
    let two = stake(&order, 0, &outcomes[1], 1_000);
    for hold in [&one, &two] {
        let made = client.post("/v1/holds", &hold.to_string()).await.expect(201);
        assert_eq!(made["hold"], hold["id"]);
    }
    let confirm = json!({ "id": id(), "hold": one["id"], "odds_e4": [18_500] });
    let made = client.post("/v1/hold-confirmations", &confirm.to_string()).await.expect(201);
    assert_eq!(made["bet"], one["id"]);
    let release = json!({ "id": id(), "hold": two["id"] });
    client.post("/v1/hold-releases", &release.to_string()).await.expect(201);
    let late = json!({ "id": id(), "hold": two["id"], "odds_e4": [18_500] });
    let refused = client.post("/v1/hold-confirmations", &late.to_string()).await.expect(422);
    assert_eq!(refused["code"], "hold_released");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_never_betrayed() {
    // R0-10.3
    let world = World::new().await;
    let client = world.organiser(0);
    let (_, outcomes) = listed(&client, "e-1").await;
    let code = |person: u32| {
        let client = client.clone();
        async move {
            let path = format!("/v1/accounts/{}/eligibility", account(person, 0));
            client.get(&path).await.expect(200)["code"].clone()
        }
    };
    assert_eq!(code(0).await, "admitted");
    assert_eq!(code(1).await, "funds_insufficient");
    assert_eq!(code(2).await, "not_admitted");
    assert_eq!(code(3).await, "not_identified");
    assert_eq!(code(900).await, "account_unknown");
    let order = world.order(&client, 2, 0).await;
    let message = stake(&order, 2, &outcomes[0], 1_000);
    let refused = client.post("/v1/stakes", &message.to_string()).await;
    assert_eq!(refused.expect(422)["code"], "not_admitted");
    assert!(!refused.body.contains("debt"), "{refused:?}");
    let many = json!({ "accounts": [account(0, 0), account(0, 1), account(2, 0)] });
    let answers = client.post("/v1/eligibility-checks", &many.to_string()).await.expect(200);
    let codes: Vec<&Value> =
        answers["answers"].as_array().unwrap().iter().map(|answer| &answer["code"]).collect();
    assert_eq!(codes, ["admitted", "account_unknown", "not_admitted"]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn validating_changes_nothing() {
    let world = World::new().await;
    let client = world.organiser(0);
    let (_, outcomes) = listed(&client, "e-1").await;
    let order = world.order(&client, 0, 0).await;
    let message = stake(&order, 0, &outcomes[0], 1_000);
    let line = |message: &Value| json!({ "kind": "stake", "message": message }).to_string();
    let head = world.next();
    let ask = |message: &Value| {
        let (client, text) = (client.clone(), line(message));
        async move { client.post("/v1/validate", &text).await }
    };
    assert_eq!(ask(&message).await.expect(200)["would_accept"], true);
    let mut much = message.clone();
    much["amount_tiyn"] = json!(9_000_000);
    assert_eq!(ask(&much).await.expect(200)["code"], "order_above_ceiling");
    let mut wrong = message.clone();
    wrong["amount_tiyn"] = json!("1000");
    let faults = &ask(&wrong).await.expect(400)["errors"];
    assert_eq!(faults[0]["pointer"], "/message/amount_tiyn");
    assert_eq!(world.next(), head);
    client.post("/v1/stakes", &message.to_string()).await.expect(201);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_of_a_batch_has_its_verdict() {
    // core 26
    let world = World::new().await;
    let client = world.organiser(0);
    let (_, outcomes) = listed(&client, "e-1").await;
    let order = world.order(&client, 0, 0).await;
    let line =
        |kind: &str, message: &Value| json!({ "kind": kind, "message": message }).to_string();
    let good = stake(&order, 0, &outcomes[0], 1_000);
    let poor = stake(&order, 1, &outcomes[0], 1_000);
    let early = json!({ "id": id(), "bet": id(), "basis": "result", "settled_at": seconds(0) });
    let lines = [
        line("stake", &good),
        "{\"kind\":\"stake\",".to_owned(),
        line("stake", &poor),
        line("settlement", &early),
        line("stake", &good),
        line("stakes", &good),
        String::new(),
    ];
    let sent = client.post_as("application/x-ndjson", "", "/v1/batches", &lines.join("\n")).await;
    assert_eq!(sent.status, 200, "{sent:?}");
    let got: Vec<Value> =
        sent.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let codes: Vec<&str> = got.iter().map(|line| line["code"].as_str().unwrap()).collect();
    let refused = codes[2];
    assert!(refused.starts_with("order_") || refused == "account_unknown", "{refused}");
    assert_eq!(
        (codes[0], codes[1], codes[3], codes[4], codes[5]),
        ("accepted", "malformed", "deferred", "accepted", "malformed")
    );
    assert_eq!(got[3]["waits_for"], "bet_unknown");
    assert_eq!((&got[4]["repeated"], &got[4]["seq"]), (&json!(true), &got[0]["seq"]));
    let counts = sent.header("bej-lines").unwrap();
    assert!(counts.starts_with("total=6, accepted=2, refused=1, malformed=2"), "{counts}");
    for (index, line) in got.iter().enumerate() {
        assert_eq!(line["line"], index + 1);
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn land_desks_report() {
    // R0-9.1, R0-9.3
    let world = World::new().await;
    let client = world.organiser(0);
    let (market, outcomes) = listed(&client, "e-1").await;
    let before = client.get("/v1/wallet").await.expect(200)["balance_tiyn"].clone();
    let report = json!({
        "id": id(), "account": account(2, 0), "desk": "1", "amount_tiyn": 5_000,
        "currency": "KZT", "form": "cash", "accepted_at": seconds(0), "shape": "single",
        "price_rule": "exact", "selections": [{ "outcome": outcomes[0], "odds_e4": 20_000 }],
    });
    let made = client.post("/v1/desk-stakes", &report.to_string()).await.expect(201);
    assert_eq!((&made["bet"], &made["breaches"]), (&report["id"], &json!(["not_admitted"])));
    let end = |outcome: &String, result: &str| json!({ "outcome": outcome, "result": result });
    let result = json!({
        "id": id(), "market": market, "outcomes": [
            end(&outcomes[0], "won"), end(&outcomes[1], "lost"), end(&outcomes[2], "lost"),
        ],
    });
    client.post("/v1/catalogue/results", &result.to_string()).await.expect(201);
    let settlement =
        json!({ "id": id(), "bet": report["id"], "basis": "result", "settled_at": seconds(0) });
    let settled = client.post("/v1/settlements", &settlement.to_string()).await.expect(201);
    assert_eq!(settled["payout"], "due_at_desk");
    let payout = json!({
        "id": id(), "bet": report["id"], "amount_tiyn": 10_000, "currency": "KZT",
        "form": "cash", "desk": "1", "paid_at": seconds(0),
    });
    let paid = client.post("/v1/desk-payouts", &payout.to_string()).await.expect(201);
    assert_eq!(paid["breaches"], json!([]));
    let wallet = client.get("/v1/wallet").await.expect(200);
    assert_eq!(wallet["balance_tiyn"], before, "no e-money moves for a land desk");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_orders_for_its_own_person_alone() {
    // R0-2.3a
    let world = World::new().await;
    let client = world.organiser(0);
    let order = |account: String| {
        json!({
            "id": id(), "organiser": "0", "account": account, "ceiling_tiyn": 1_000,
            "currency": "KZT", "accept": "any", "expires_at": seconds(60),
        })
        .to_string()
    };
    let path = "/v1/me/orders";
    let without = client.post(path, &order(account(0, 0))).await;
    assert_eq!(without.expect(401)["code"], "session_expired");
    let token = world.visitors.open(4);
    let bearer = format!("authorization: Bearer {token}\r\n");
    let send = |text: String| {
        let (client, bearer) = (client.clone(), bearer.clone());
        async move { client.post_as("application/json", &bearer, path, &text).await }
    };
    send(order(account(4, 0))).await.expect(201);
    assert_eq!(send(order(account(0, 0))).await.expect(422)["code"], "account_unknown");
    world.stop().await;
}
