//! Traces of requests: their parts, whose trace they belong to, and what is not in them.

use std::sync::Arc;

use api::{Sampling, Step, Traced, Tracer};
use parking_lot::Mutex;
use terms::Organiser;

use crate::client::{Client, Heard, head};
use crate::world::{World, account, listed, stake};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";

type Told = Arc<Mutex<Vec<Traced>>>;

fn tracer(one_in: u64) -> (Tracer, Told) {
    let heard = Told::default();
    let sink = heard.clone();
    let sampling = Sampling { one_in, per_second_max: 1_000 };
    (Tracer::new(sampling, Box::new(move |traced| sink.lock().push(traced))).unwrap(), heard)
}

async fn with(client: &Client, header: &str, path: &str) -> Heard {
    client.raw(&head("GET", path, header, "")).await.unwrap()
}

fn check_parts(traced: &Traced, names: &[&str]) {
    let found: Vec<&str> = traced.steps.iter().map(|step| step.name).collect();
    assert_eq!(found, names, "{traced:?}");
    let mut at = traced.from;
    for Step { from, until, .. } in &traced.steps {
        assert_eq!(*from, at, "each begins where the one before ends: {traced:?}");
        assert!(from <= until, "{traced:?}");
        at = *until;
    }
    assert_eq!(at, traced.until);
    let spans: std::collections::BTreeSet<_> = traced.steps.iter().map(|step| step.span).collect();
    assert!(spans.len() == names.len() && !spans.contains(&traced.span));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_traced_as_part_of_its_callers_trace() {
    let (tracer, heard) = tracer(1_000_000);
    let world = World::traced(tracer).await;
    let client = world.organiser(0);
    // The first of so many is traced by itself.
    client.get("/v1/time").await.expect(200);
    let (_, outcomes) = listed(&client, "e-1").await;
    let order = world.order(&client, 0, 0).await;
    assert_eq!(heard.lock().len(), 1);
    heard.lock().clear();
    let message = stake(&order, 0, &outcomes[0], 123_457).to_string();
    let named = |flags: &str| format!("traceparent: 00-{TRACE}-{SPAN}-{flags}\r\n");
    let json = "application/json";
    let made = client.post_as(json, &named("01"), "/v1/stakes", &message).await;
    let traced = heard.lock().pop().unwrap();
    let hex = terms::codec::hex;
    let response = format!("00-{TRACE}-{}-01", hex(&traced.span));
    assert_eq!(made.header("traceresponse"), Some(response.as_str()));
    made.expect(201);
    assert_eq!(
        (hex(&traced.trace), traced.parent.map(|span| hex(&span))),
        (TRACE.into(), Some(SPAN.into()))
    );
    assert_eq!((traced.method.as_str(), traced.route.as_deref()), ("POST", Some("/v1/stakes")));
    assert_eq!((traced.organiser, traced.status, traced.code), (Some(Organiser(0)), 201, None));
    assert_eq!(Some(traced.request.as_str()), made.header("request-id"));
    check_parts(&traced, &["edge", "queue", "decide", "answer"]);
    // A repeat is recorded nowhere anew.
    client.post_as(json, &named("01"), "/v1/stakes", &message).await.expect(201);
    check_parts(&heard.lock().pop().unwrap(), &["edge", "pump", "answer"]);
    // The route, not the address.
    let path = format!("/v1/accounts/{}/eligibility", account(0, 0));
    with(&client, &named("01"), &path).await.expect(200);
    let traced = heard.lock().pop().unwrap();
    assert_eq!(traced.route.as_deref(), Some("/v1/accounts/{account}/eligibility"));
    check_parts(&traced, &["edge"]);
    with(&client, &named("01"), "/v1/nothing").await.expect(404);
    let traced = heard.lock().pop().unwrap();
    assert_eq!((traced.route, traced.code), (None, Some("not_found")));
    // Whoever does not trace, and whoever names no trace, is left alone.
    for parent in [named("00"), "traceparent: 00-x\r\n".to_owned(), String::new()] {
        let answer = with(&client, &parent, "/v1/time").await;
        assert_eq!(answer.header("traceresponse"), None);
    }
    assert_eq!(*heard.lock(), []);
    world.stop().await;
}
