//! Traces of a running server, as a collector hears them over OTLP; and a collector that is gone.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};

use hsc::wire::{Kind, Request};
use hsc::{Client, Patience, Settings};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use serde_json::json;

use crate::doors::{ACCOUNT, prepared, stake};
use crate::serve::{Server, told};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// A collector: hands on every span that it hears.
fn collect(listener: TcpListener, told: Sender<Span>) {
    for stream in listener.incoming() {
        let (stream, told) = (stream.unwrap(), told.clone());
        std::thread::spawn(move || while hear(&stream, &told).is_some() {});
    }
}

/// One request of a connection; none when it has ended.
fn hear(stream: &TcpStream, told: &Sender<Span>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let (mut length, mut first) = (0, String::new());
    reader.read_line(&mut first).ok().filter(|read| 0 < *read)?;
    assert!(first.starts_with("POST /v1/traces "), "{first}");
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let request = ExportTraceServiceRequest::decode(&body[..]).unwrap();
    for resource in request.resource_spans {
        let of = resource.resource.unwrap().attributes;
        let name = of.iter().find(|pair| pair.key == "service.name").unwrap();
        let value = name.value.clone().unwrap().value;
        assert_eq!(value, Some(Any::StringValue("bej".into())));
        for span in resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            // An error means that the test has heard enough.
            let _ = told.send(span);
        }
    }
    let mut stream = stream;
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").ok()
}

/// A server that traces every request, with a client of an organiser.
fn start(home: &Path, collector: &str) -> (Server, Client, String) {
    let data = home.join("data");
    told(&["sandbox"], &data);
    told(&["cert", "organiser", "0"], &data);
    let token = told(&["session", ACCOUNT], &data);
    let sample = crate::world::good(&["config", "sample"]);
    let config = sample
        .replace("collector = \"\"", &format!("collector = \"{collector}\""))
        .replace("one_in = 1000\n", "one_in = 1\n")
        .replace("per_second_max = 100\n", "per_second_max = 10000\n");
    assert!(config.contains("one_in = 1\n") && config.contains(collector));
    let file = home.join("bej.toml");
    std::fs::write(&file, config).unwrap();
    let store = crate::world::url(&data.join("bej.db"));
    let more = ["--config", file.to_str().unwrap(), "--store", &store];
    let server = Server::start_on(&data, &more);
    let tls = |name: &str| std::fs::read(data.join("tls").join(name)).unwrap();
    let client = Client::new(Settings {
        bases: vec![format!("https://{}", server.api)],
        authority: tls("ca.crt"),
        certificate: tls("organiser-0.crt"),
        key: tls("organiser-0.key"),
        patience: Patience::standard(),
    });
    (server, client.unwrap(), token.trim().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_hears_where_a_stake_spends_its_time() {
    let home = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (told, spans) = channel();
    std::thread::spawn(move || collect(listener, told));
    let (server, client, token) = start(home.path(), &address);
    let order = prepared(&client, &token).await;
    let within = client.within(&format!("00-{TRACE}-00f067aa0ba902b7-01")).unwrap();
    let message = stake(&client, &order);
    within.send(&message).await.unwrap();
    client.eligibility(serde_json::from_value(json!(ACCOUNT)).unwrap()).await.unwrap();
    assert!(server.stop(), "what is left is sent at the stop");
    let all = until_checked(&spans);
    let named: Vec<&Span> = all.iter().filter(|span| hex(&span.trace_id) == TRACE).collect();
    let root = named.iter().find(|span| span.name == "POST /v1/stakes").unwrap();
    assert!(!root.parent_span_id.is_empty() && hex(&root.parent_span_id) != "00f067aa0ba902b7");
    let mut parts: BTreeMap<u64, &str> = BTreeMap::new();
    for span in named.iter().filter(|span| span.span_id != root.span_id) {
        assert_eq!(span.parent_span_id, root.span_id, "{span:?}");
        let (from, until) = (span.start_time_unix_nano, span.end_time_unix_nano);
        assert!(root.start_time_unix_nano <= from && from <= until, "{span:?}");
        assert!(until <= root.end_time_unix_nano, "{span:?}");
        parts.insert(until, &span.name);
    }
    let order_of_parts: Vec<&str> = parts.into_values().collect();
    assert_eq!(order_of_parts, ["edge", "queue", "decide", "answer"]);
    check_secrets(&all, &[ACCOUNT, &order, &token, &message.id().to_string()]);
}

/// All spans until the check of an account, which was asked for last.
fn until_checked(spans: &Receiver<Span>) -> Vec<Span> {
    let mut all = Vec::new();
    loop {
        let span = spans.recv().unwrap();
        let last = span.name == "GET /v1/accounts/{account}/eligibility";
        all.push(span);
        if last {
            return all;
        }
    }
}

/// No bettor's data: neither these nor any attribute that is not known to be harmless.
fn check_secrets(spans: &[Span], secrets: &[&str]) {
    let known = [
        "bej.organiser",
        "bej.request",
        "error.type",
        "http.request.method",
        "http.response.status_code",
        "http.route",
    ];
    for span in spans {
        let keys = span.attributes.iter().map(|pair| pair.key.as_str());
        assert!(keys.clone().all(|key| known.contains(&key)), "{span:?}");
        let text = format!("{span:?}");
        assert!(!secrets.iter().any(|secret| text.contains(secret)), "{text}");
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_gone_or_mute_harms_nothing() {
    // One takes connections in and says nothing, at the other's address is nobody.
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for address in [mute.local_addr().unwrap(), gone] {
        let home = tempfile::tempdir().unwrap();
        let (server, client, token) = start(home.path(), &address.to_string());
        let order = prepared(&client, &token).await;
        // More spans than fit into the queue: four of each request, and the request.
        for _ in 0..2_000 {
            client.send(&stake(&client, &order)).await.unwrap();
        }
        let changed = json!({ "id": client.new_id().to_string(), "market": "0",
            "state": "suspended", "in_play": false });
        let changed = Request::read(Kind::MarketChange, changed.to_string().as_bytes()).unwrap();
        client.send(&changed).await.unwrap();
        assert!(server.stop(), "it stops as if there were no collector");
    }
}
