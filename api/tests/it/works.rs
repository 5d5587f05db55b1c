//! Planned works over the API: every organiser is told, and who comes later can ask.

use desk::command::{AnnounceWorks, CancelWorks, ChangeWorks};
use journal::kinds::{WorksKind, WorksScope};
use serde_json::{Value, json};
use terms::{Instant, Works};

use crate::client::Client;
use crate::world::{OPENED, World};

/// The kinds and the works of a feed that has so many notices; the follower is behind the answer.
async fn feed(client: &Client, count: usize) -> Vec<Value> {
    loop {
        let path = format!("/v1/events?after={OPENED}&limit=100");
        let page = client.get(&path).await.expect(200);
        let events = page["events"].as_array().unwrap().clone();
        if count <= events.len() {
            let numbers = events.iter().map(|event| event["number"].as_u64().unwrap());
            let first = u64::from(OPENED) + 1;
            assert!(numbers.eq(first..first + events.len() as u64), "{events:?}");
            return events;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_organiser_is_told_of_planned_works() {
    // R4-12.1.2.1b, I-42
    let world = World::new().await;
    let clients = [world.organiser(0), world.organiser(1)];
    let now = world.house.clock.wall();
    let hour = |hours: i64| now.plus(hours * 3_600 * Instant::SECOND);
    let (kind, scope) = (WorksKind::Preventive, WorksScope::Payouts);
    world.operator(AnnounceWorks { kind, scope, from: hour(48), until: hour(50) });
    let works = |from: i64, until: i64| {
        json!({
            "works": 0, "kind": "preventive", "scope": "payouts",
            "from": hour(from).to_string(), "until": hour(until).to_string(),
        })
    };
    let listed = clients[0].get("/v1/works").await.expect(200);
    assert_eq!(listed["works"], json!([works(48, 50)]));
    world.operator(ChangeWorks { works: Works(0), from: hour(72), until: hour(73) });
    assert_eq!(clients[1].get("/v1/works").await.expect(200)["works"], json!([works(72, 73)]));
    world.operator(CancelWorks { works: Works(0) });
    let listed = world.unknown("stranger").get("/v1/works").await.expect(200);
    assert_eq!(listed["works"], json!([]));
    let mut feeds = Vec::new();
    for client in &clients {
        let events = feed(client, 3).await;
        let told: Vec<_> =
            events.iter().map(|event| (&event["event"], &event["planned_works"])).collect();
        assert_eq!(
            told,
            [
                (&json!("planned_works.announced"), &works(48, 50)),
                (&json!("planned_works.changed"), &works(72, 73)),
                (&json!("planned_works.cancelled"), &works(72, 73)),
            ]
        );
        feeds.push(events);
    }
    assert_eq!(feeds[0], feeds[1]);
    // Made again from the journal it is the same.
    let (world, home) = (world.house.clone(), world.stop().await.1);
    assert!(4 < world.feeds.next());
    std::fs::remove_file(home.path().join("feed/cursor")).unwrap();
    let again = api::Feeds::open(home.path()).unwrap();
    world
        .lookup
        .with_reader(|reader| {
            let mut after = 0;
            while let Some(frame) = reader.frames(after, 1)?.pop() {
                after = frame.number;
                for fact in frame.facts() {
                    let entry = journal::fact::Entry::from_bytes(fact.unwrap().1).unwrap();
                    again.note(&entry, &world.copy).unwrap();
                }
            }
            Ok(())
        })
        .unwrap();
    for organiser in [0, 1].map(terms::Organiser) {
        let rows = |feeds: &api::Feeds| feeds.page(organiser, 0, 100).unwrap();
        assert_eq!(rows(&again), rows(&world.feeds));
        assert_eq!(rows(&again).0.len(), 3 + OPENED as usize);
    }
}
