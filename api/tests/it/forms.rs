//! Whatever is wrong with a form is told at once, with a pointer, and nothing is recorded.

use serde_json::{Value, json};

use crate::client::head;
use crate::world::{World, account, id, stake};

#[tokio::test(flavor = "multi_thread")]
async fn all_faults_are_told_at_once() {
    // R2-55.3
    let world = World::new().await;
    let client = world.organiser(0);
    let head = world.next();
    let text = format!(
        "{{\"id\":\"{}\",\"account\":\"{}\",\"desk\":\"0\",\"amount_tiyn\":\"5\",\
         \"currency\":\"USD\",\"made_at\":\"2026-11-22T12:00:00\",\"shape\":\"system\",\
         \"selections\":[{{\"outcome\":1,\"odds_e4\":10000,\"price\":1}}],\"order\":null,\
         \"desk\":\"1\"}}",
        id(),
        account(0, 0)
    );
    let got = client.post("/v1/stakes", &text).await;
    assert_eq!(got.header("content-type"), Some("application/problem+json"));
    let got = got.expect(400);
    let mut faults: Vec<(String, String)> = got["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| {
            let part = |name: &str| fault[name].as_str().unwrap().to_owned();
            (part("pointer"), part("rule"))
        })
        .collect();
    faults.sort();
    let want = [
        ("/amount_tiyn", "type"),
        ("/currency", "enum"),
        ("/desk", "repeated_field"),
        ("/made_at", "format"),
        ("/order", "type"),
        ("/price_rule", "required"),
        ("/selections/0/odds_e4", "minimum"),
        ("/selections/0/outcome", "type"),
        ("/selections/0/price", "unknown_field"),
    ];
    let want: Vec<(String, String)> =
        want.iter().map(|(at, rule)| ((*at).to_owned(), (*rule).to_owned())).collect();
    assert_eq!(faults, want);
    assert!(!got.to_string().contains("USD"), "values are not echoed");
    assert_eq!(world.next(), head, "nothing is recorded");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_wrong_value_is_refused() {
    let world = World::new().await;
    let client = world.organiser(0);
    let good = stake(&id(), 0, "0", 1_000);
    let cases: &[(&str, Value)] = &[
        ("/amount_tiyn", json!(-1)),
        ("/amount_tiyn", json!(1.0)),
        ("/amount_tiyn", json!(9_007_199_254_740_992_u64)),
        ("/account", json!("0100000000000000")),
        ("/id", json!("01a2020d-f980-4a31-8c55-0d2f6b1e9a44")),
        ("/shape", json!("accumulators")),
        ("/selections", json!([])),
        ("/selections", json!({})),
        ("/selections/0/odds_e4", json!(100_000_001)),
        ("/selections/0/outcome", json!("01")),
        ("/made_at", json!("2026-11-22T12:00:00.0000000001Z")),
        ("/currency", json!(null)),
    ];
    for (at, value) in cases {
        let mut message = good.clone();
        *message.pointer_mut(at).unwrap() = value.clone();
        let got = client.post("/v1/stakes", &message.to_string()).await.expect(400);
        assert_eq!(got["errors"][0]["pointer"], *at, "{value}");
    }
    // R2-55.3a, R2-55.3b
    for field in ["id", "account", "desk", "amount_tiyn", "currency", "made_at", "shape"] {
        let mut message = good.clone();
        message.as_object_mut().unwrap().remove(field);
        let got = client.post("/v1/stakes", &message.to_string()).await.expect(400);
        let fault = &got["errors"][0];
        assert_eq!(fault["pointer"], format!("/{field}"));
        assert_eq!(fault["rule"], "required");
    }
    for text in ["", "{", "[]", "nul", "{\"id\":\"\\ud800\"}", "{} {}", &"[".repeat(10_000)] {
        let got = client.post("/v1/stakes", text).await.expect(400);
        assert_eq!(got["code"], "malformed", "{text:.20}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_message_is_told_so() {
    let world = World::new().await;
    let client = world.organiser(0);
    let large = format!("{{\"id\":\"{}\"}}", "x".repeat(api::limits::BODY_MAX));
    assert_eq!(client.post("/v1/stakes", &large).await.expect(413)["code"], "body_too_large");
    let got = client.post_as("text/plain", "", "/v1/stakes", "{}").await;
    assert_eq!(got.expect(415)["code"], "unsupported_media");
    assert_eq!(client.get("/v1/stakes").await.expect(405)["code"], "method_not_allowed");
    for path in ["/v1/nothing", "/v1/bets/1", "/v1/bets/../../etc", "/v1/messages/%00", "/"] {
        assert_eq!(client.get(path).await.expect(404)["code"], "not_found", "{path}");
    }
    for path in ["/v1/events?after=-1", "/v1/events?x=1"] {
        assert_eq!(client.get(path).await.expect(400)["code"], "malformed", "{path}");
    }
    for (language, word) in [("kk", "пішімі"), ("ru", "Форма"), ("en", "form")] {
        let more = format!("accept-language: {language}\r\n");
        let got = client.post_as("application/json", &more, "/v1/stakes", "{}").await;
        assert!(got.expect(400)["title"].as_str().unwrap().contains(word), "{language}");
        assert_eq!(got.header("content-language"), Some(language));
    }
    let reasons = client.get("/v1/reasons").await.expect(200);
    assert!(60 < reasons["reasons"].as_array().unwrap().len());
    assert_eq!(client.get("/v1/time").await.expect(200)["id_age_days"], 40);
    let api = client.get("/v1/openapi.json").await.expect(200);
    assert_eq!(api["openapi"], "3.1.0");
    // A head that is larger than any honest one.
    let head = head("GET", "/v1/time", &format!("x: {}\r\n", "y".repeat(64 << 10)), "");
    if let Ok(got) = client.raw(&head).await {
        assert_eq!(got.status, 431);
    }
    world.stop().await;
}
