//! People as these tests need them: whoever a test signs in, and one name for everybody.

use std::collections::HashMap;
use std::sync::Arc;

use api::{Bettor, Link, OrderAsked, OrderProgress, Persons, Progress, Session, Unhelped};
use parking_lot::Mutex;
use pump::Clock;
use serde_json::json;
use terms::{Account, Instant, MessageId, OrderId, Organiser, Person};
use wire::{OrderRequestState, RegistrationState};

use crate::world::{World, account, id, seconds};

/// The people of the small world.
pub struct Visitors {
    clock: Arc<dyn Clock>,
    sessions: Mutex<HashMap<String, Session>>,
    asked: Mutex<HashMap<(Organiser, MessageId), Option<OrderAsked>>>,
}

impl Visitors {
    pub fn new(clock: Arc<dyn Clock>) -> Visitors {
        Visitors { clock, sessions: Mutex::default(), asked: Mutex::default() }
    }

    /// Signs a person in now; gives the token.
    pub fn open(&self, person: u32) -> String {
        let token = format!("{:064x}", self.sessions.lock().len());
        self.open_as(&token, person);
        token
    }

    /// The same with a token that the test has chosen.
    pub fn open_as(&self, token: &str, person: u32) {
        let proved = self.clock.wall();
        let session = Session { person: Person(person), proved, by_code: false, nonce: [0; 8] };
        self.sessions.lock().insert(token.to_owned(), session);
    }

    fn link(&self, organiser: Organiser, id: MessageId, order: Option<OrderAsked>) -> Link {
        let until = Instant(id.made_ms() * 1_000_000).plus(1_800 * Instant::SECOND);
        self.asked.lock().insert((organiser, id), order);
        Link { address: format!("https://bej.example/x/{organiser}-{id}"), until }
    }
}

impl Persons for Visitors {
    fn session(&self, token: &str) -> Result<Option<Session>, Unhelped> {
        Ok(self.sessions.lock().get(token).copied())
    }

    fn invite(&self, organiser: Organiser, id: MessageId) -> Result<Link, Unhelped> {
        if let Some(Some(_)) = self.asked.lock().get(&(organiser, id)) {
            return Err(Unhelped::Reused);
        }
        Ok(self.link(organiser, id, None))
    }

    fn invited(&self, organiser: Organiser, id: MessageId) -> Result<Option<Progress>, Unhelped> {
        let until = Instant(id.made_ms() * 1_000_000).plus(1_800 * Instant::SECOND);
        let known = self.asked.lock().get(&(organiser, id)).is_some_and(Option::is_none);
        Ok(known.then_some(Progress {
            state: RegistrationState::Open,
            account: Some(Account(9)),
            until,
        }))
    }

    fn ask_order(
        &self,
        organiser: Organiser,
        id: MessageId,
        asked: &OrderAsked,
    ) -> Result<Link, Unhelped> {
        match self.asked.lock().get(&(organiser, id)) {
            Some(before) if *before != Some(*asked) => return Err(Unhelped::Reused),
            Some(_) | None => {}
        }
        Ok(self.link(organiser, id, Some(*asked)))
    }

    fn asked_order(
        &self,
        organiser: Organiser,
        id: MessageId,
    ) -> Result<Option<OrderProgress>, Unhelped> {
        let known = self.asked.lock().get(&(organiser, id)).copied().flatten();
        Ok(known.map(|asked| OrderProgress {
            state: OrderRequestState::Given,
            order: Some(OrderId(id.0)),
            until: asked.expires,
        }))
    }

    fn bettor(&self, organiser: Organiser, account: Account) -> Result<Option<Bettor>, Unhelped> {
        let own = (0..8).any(|person| sim::sandbox::account(Person(person), organiser) == account);
        Ok(own.then(|| Bettor {
            surname: "Үлгіұлы".to_owned(),
            given_name: "Үлгі".to_owned(),
            patronymic: None,
            iin: None,
            age_years: 33,
        }))
    }
}

// R0-10.4, R0-10.4a, R0-11.1a, S-55
#[tokio::test(flavor = "multi_thread")]
async fn an_organiser_reads_its_own_bettors_alone() {
    let world = World::new().await;
    let client = world.organiser(0);
    let own = client.get(&format!("/v1/accounts/{}/bettor", account(1, 0))).await.expect(200);
    assert_eq!((own["age_years"].as_u64(), own["given_name"].as_str()), (Some(33), Some("Үлгі")));
    assert!(own.get("birth_date").is_none() && own.get("iin").is_none(), "{own}");
    for other in [account(1, 1), account(100, 0), "12".to_owned()] {
        let got = client.get(&format!("/v1/accounts/{other}/bettor")).await;
        assert_eq!(got.expect(404)["code"], "not_found");
    }
    world.stop().await;
}

// R0-2.3a, R0-5.1: the same message is the same link; what another organiser sent is not there.
#[tokio::test(flavor = "multi_thread")]
async fn invitations_and_order_requests_lead_to_a_link() {
    let world = World::new().await;
    let client = world.organiser(0);
    let message = json!({ "id": id() }).to_string();
    let made = client.post("/v1/registrations", &message).await.expect(201);
    assert!(made["qr_svg"].as_str().unwrap().starts_with("<svg "), "{made}");
    let again = client.post("/v1/registrations", &message).await.expect(201);
    assert_eq!(made, again);
    let path = format!("/v1/registrations/{}", made["id"].as_str().unwrap());
    let found = client.get(&path).await.expect(200);
    assert_eq!(found["state"], "open");
    assert!(found["account"].is_string(), "{found}");
    world.organiser(1).get(&path).await.expect(404);
    client.get("/v1/registrations/x").await.expect(404);

    let order = |id: &str, account: String, ceiling: u64| {
        json!({
            "id": id, "account": account, "ceiling_tiyn": ceiling, "currency": "KZT",
            "accept": "better", "expires_at": seconds(600),
        })
        .to_string()
    };
    let name = id();
    let text = order(&name, account(0, 0), 5_000);
    let asked = client.post("/v1/order-requests", &text).await.expect(201);
    assert_eq!(asked["id"], name.as_str());
    client.post("/v1/order-requests", &text).await.expect(201);
    let found = client.get(&format!("/v1/order-requests/{name}")).await.expect(200);
    assert_eq!((found["state"].as_str(), found["order"].as_str()), (Some("given"), Some(&*name)));
    let other = client.post("/v1/order-requests", &order(&name, account(0, 0), 5_001)).await;
    assert_eq!(other.expect(422)["code"], "id_reused");
    let other = client.post("/v1/order-requests", &order(&id(), account(0, 1), 5_000)).await;
    assert_eq!(other.expect(422)["code"], "account_unknown");
    let wrong = client.post("/v1/registrations", "{\"id\":1,\"iin\":\"050712590008\"}").await;
    assert!(!wrong.body.contains("050712590008"), "{wrong:?}");
    wrong.expect(400);
    world.stop().await;
}
