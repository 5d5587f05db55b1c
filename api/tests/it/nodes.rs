//! A node that follows: what it answers, and where it leads.

use std::time::Instant;

use api::{Node, Place};

use crate::world::{World, id, listed, stake};

fn elsewhere() -> Place {
    Place { api: "bej-2.example:8443".into(), console: String::new() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_follows_answers_what_it_can_and_leads_on_for_the_rest() {
    // R0-18.2, R0-20.3d
    let world = World::new().await;
    let client = world.organiser(0);
    let (_, outcomes) = listed(&client, "e-1").await;
    let order = world.order(&client, 0, 0).await;
    let message = stake(&order, 0, &outcomes[0], 1_000).to_string();
    let seat = world.house.seat.clone();
    let handle = seat.handle().unwrap();
    assert_eq!(client.get("/v1/wallet").await.header("bej-as-of"), None, "it decides");

    seat.there(Some(elsewhere()));
    let entries = world.house.copy.head().next_seq;
    for route in api::routes() {
        let path = route.path.replace("{account}", &crate::world::account(0, 0));
        if route.node == Node::Any {
            continue;
        }
        let told = match route.method {
            "GET" => client.get(&path).await,
            _ => client.post(&path, &message).await,
        };
        let problem = told.expect(421);
        assert_eq!(problem["code"], "another_node", "{path}");
        assert_eq!(problem["active"], "bej-2.example:8443", "{path}");
        assert_eq!((&problem["retry"], &problem["retryable"]), (&"same_id".into(), &true.into()));
        assert_eq!(told.header("bej-active"), Some("bej-2.example:8443"));
        assert_eq!(told.header("retry-after"), None, "the other one can be asked at once");
    }
    assert_eq!(world.house.copy.head().next_seq, entries, "nothing was decided");
    // What can be read is read, as of an entry.
    for path in ["/v1/wallet", "/v1/catalogue/championships", "/v1/events", "/v1/works", "/v1/time"]
    {
        let told = client.get(path).await;
        // Views are not part of this house.
        assert!([200, 404].contains(&told.status), "{path} {}", told.status);
        assert_eq!(told.header("bej-as-of"), Some(&*entries.to_string()), "{path}");
    }
    let fate = client.get(&format!("/v1/messages/{order}")).await.expect(200);
    assert_eq!((&fate["state"], &fate["as_of_seq"]), (&"absent".into(), &entries.into()));

    // Nobody is known who decides: that will change soon.
    seat.there(None);
    let told = client.post("/v1/stakes", &message).await;
    assert_eq!(told.header("retry-after"), Some("1"));
    assert!(told.expect(421)["active"].is_null());
    // A lease that has run out, as after a pause of the process, is none.
    seat.here(handle.clone(), Some(Instant::now()));
    client.post("/v1/stakes", &message).await.expect(421);
    let mut batch = message.clone();
    batch.insert_str(0, "{\"kind\":\"stake\",\"message\":");
    batch.push('}');
    client.post_as("application/x-ndjson", "", "/v1/batches", &batch).await.expect(421);
    assert_eq!(world.house.copy.head().next_seq, entries);
    // Then it decides again, and the same message is done once.
    seat.here(handle, None);
    client.post("/v1/stakes", &message).await.expect(201);
    let other = serde_json::json!({ "id": id() });
    client.post("/v1/stakes", &other.to_string()).await.expect(400);
    world.stop().await;
}
