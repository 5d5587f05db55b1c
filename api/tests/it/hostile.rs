//! Whoever means harm: requests that are framed wrong, addresses that climb, heads that are too
//! large. None is answered with anything but 4xx, none leaves a trace in the journal.

use crate::client::head;
use crate::world::{World, account, id, listed, stake};

/// A request that must not be done, hidden behind another one.
fn hidden(order: &str, outcome: &str) -> String {
    let text = stake(order, 0, outcome, 10).to_string();
    format!(
        "POST /v1/stakes HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{text}",
        text.len()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_smuggled_behind_a_wrong_frame() {
    // R2-55.1b
    let world = World::new().await;
    let client = world.organiser(0);
    let (_, outcomes) = listed(&client, "e-1").await;
    let order = world.order(&client, 0, 0).await;
    let next = world.next();
    let post = "POST /v1/stakes HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    let heads = [
        format!("{post}content-length: 2\r\ncontent-length: 40\r\n\r\n{{}}"),
        format!("{post}content-length: +2\r\n\r\n{{}}"),
        format!("{post}content-length: -2\r\n\r\n{{}}"),
        format!("{post}content-length: 2, 2\r\n\r\n{{}}"),
        format!("{post}content-length: 0x2\r\n\r\n{{}}"),
        format!("{post}content-length: 99999999999999999999\r\n\r\n{{}}"),
        format!("{post}content-length : 2\r\n\r\n{{}}"),
        format!("{post}transfer-encoding: gzip\r\n\r\n{{}}"),
        format!("{post}transfer-encoding: chunked, gzip\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n"),
        format!("{post}transfer-encoding: xchunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n"),
        format!("{post}transfer-encoding: chunked\r\n\r\nx\r\n{{}}\r\n0\r\n\r\n"),
        format!("{post}transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n{{}}\r\n"),
        format!("{post}transfer-encoding: chunked\r\n\r\n-2\r\n{{}}\r\n0\r\n\r\n"),
        format!("{post} folded: x\r\n\r\n"),
        format!("{post}x: a\0b\r\n\r\n"),
        format!("{post}x y: a\r\n\r\n"),
        "GET /v1/time\r\n\r\n".to_owned(),
        "GET /v1/time HTTP/1.2\r\n\r\n".to_owned(),
        "GET  /v1/time HTTP/1.1\r\nhost: x\r\n\r\n".to_owned(),
        "G\u{e9}T /v1/time HTTP/1.1\r\nhost: x\r\n\r\n".to_owned(),
        "GET /v1/time HTTP/1.1 HTTP/1.1\r\nhost: x\r\n\r\n".to_owned(),
        "\u{16}\u{3}\u{1} nonsense\r\n\r\n".to_owned(),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nnonsense that is no frame".to_owned(),
    ];
    for text in &heads {
        let whole = format!("{text}{}", hidden(&order, &outcomes[0]));
        // Closed without a word, or one answer of 4xx: what follows is never looked at.
        if let Ok(bytes) = client.bytes(whole.as_bytes()).await {
            let heard = String::from_utf8_lossy(&bytes);
            let answers = heard.matches("HTTP/1.1 ").count();
            let refused = heard.matches("HTTP/1.1 4").count();
            assert!(answers <= 1 && answers == refused, "{text:?}: {heard}");
        }
        assert_eq!(world.next(), next, "{text:?}");
    }
    // The same bytes are done when they are framed well: the test could see them.
    let whole = format!("GET /v1/time HTTP/1.1\r\nhost: x\r\n\r\n{}", hidden(&order, &outcomes[0]));
    let bytes = client.bytes(whole.as_bytes()).await.unwrap();
    let heard = String::from_utf8_lossy(&bytes);
    let (time, stake) = (heard.find("HTTP/1.1 200"), heard.find("HTTP/1.1 201"));
    assert!(time.is_some() && time < stake, "pipelined, answered in order: {heard}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_address_the_answer_is_a_problem() {
    // R2-55.1b
    let world = World::new().await;
    let client = world.organiser(0);
    let good = account(0, 0);
    let paths = [
        "/../../etc/passwd".to_owned(),
        "/v1/../metrics".to_owned(),
        "/v1//time".to_owned(),
        "/v1/time/".to_owned(),
        "/V1/time".to_owned(),
        "/v1/%74ime%00".to_owned(),
        "/v1/bets/%ff%fe".to_owned(),
        "/v1/bets/%2e%2e%2f%2e%2e%2fetc".to_owned(),
        "/v1/bets/<script>alert(1)</script>".to_owned(),
        "/v1/bets/'%20or%201=1--".to_owned(),
        format!("/v1/bets/{}", id().to_uppercase()),
        format!("/v1/bets/{}", id().replace('-', "")),
        format!("/v1/messages/{}%00", id()),
        format!("/v1/accounts/{}/eligibility", good.replace('0', "\u{660}")),
        format!("/v1/accounts/{}/eligibility", &good[..15]),
        "/v1/accounts/../../eligibility".to_owned(),
        "/v1/catalogue/events/-1".to_owned(),
        "/v1/catalogue/events/4294967296".to_owned(),
        "/v1/reasons/list_terror".to_owned(),
        "/v1/events?after=18446744073709551616".to_owned(),
        "/v1/events?after=1&after=2".to_owned(),
        "/v1/events?limit=1001".to_owned(),
        "/v1/events?limit=%ff".to_owned(),
        "/metrics".to_owned(),
        "*".to_owned(),
        format!("/v1/bets/{}", "x".repeat(20_000)),
    ];
    for path in &paths {
        let Ok(got) = client.raw(&head("GET", path, "", "")).await else {
            panic!("closed without an answer: {path:.60}")
        };
        // What is no HTTP at all has no words; everything else is a problem document.
        if got.body.is_empty() {
            assert!([400, 414].contains(&got.status), "{path:.60} {got:?}");
            continue;
        }
        assert!((400..500).contains(&got.status), "{path:.60} {got:?}");
        let told = got.json();
        assert_eq!(got.header("content-type"), Some("application/problem+json"), "{path:.60}");
        assert_eq!(told["status"], got.status, "{path:.60}");
        let instance = format!("urn:uuid:{}", got.header("request-id").unwrap());
        assert_eq!(told["instance"], instance, "{path:.60}");
        assert!(!told.to_string().contains("script"), "{told}");
    }
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "BREW"] {
        let got = client.raw(&head(method, "/v1/time", "", "")).await.unwrap();
        assert_eq!(got.expect(405)["code"], "method_not_allowed", "{method}");
        assert_eq!(got.header("allow"), Some("GET,HEAD"), "{method}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_and_bodies_have_their_limits() {
    let world = World::new().await;
    let client = world.organiser(0);
    let large =
        |bytes: usize| head("GET", "/v1/time", &format!("x: {}\r\n", "y".repeat(bytes)), "");
    assert_eq!(client.raw(&large(1 << 10)).await.unwrap().status, 200);
    let got = client.raw(&large(17 << 10)).await.unwrap();
    assert_eq!(got.expect(431)["code"], "head_too_large");
    let many: String = (0..100).map(|field| format!("x-{field}: y\r\n")).collect();
    let got = client.raw(&head("GET", "/v1/time", &many, "")).await.unwrap();
    assert_eq!(got.expect(431)["code"], "head_too_large");
    // Beyond what is read to be polite there are no words.
    for bytes in [large(200 << 10), {
        let many: String = (0..1_000).map(|field| format!("x-{field}: y\r\n")).collect();
        head("GET", "/v1/time", &many, "")
    }] {
        if let Ok(got) = client.raw(&bytes).await {
            assert_eq!((got.status, &*got.body), (431, ""));
        }
    }
    // A body that is announced small and is large, and one that is sent in pieces without end.
    let piece = format!("8000\r\n{}\r\n", "x".repeat(0x8000));
    let more = "content-type: application/json\r\ntransfer-encoding: chunked\r\n";
    let endless = head("POST", "/v1/stakes", more, &piece.repeat(60));
    if let Ok(got) = client.raw(&endless).await {
        assert_eq!(got.expect(413)["code"], "body_too_large");
    }
    let whole = head("POST", "/v1/stakes", more, &format!("{}0\r\n\r\n", piece.repeat(5)));
    let got = client.raw(&whole).await.unwrap();
    assert_eq!(got.expect(413)["code"], "body_too_large");
    let packed = "content-encoding: gzip\r\n";
    let got = client.post_as("application/json", packed, "/v1/stakes", "{}").await;
    assert_eq!(got.expect(415)["code"], "unsupported_media");
    // A caller's own name for a request is not the centre's.
    let named = head("GET", "/v1/caller", "request-id: forged\r\n", "");
    let got = client.raw(&named).await.unwrap();
    assert_eq!(got.header("request-id").unwrap().len(), 36);
    world.stop().await;
}
