//! What a call does with answers, with their absence, and with connections.

use std::time::Duration;

use hsc::wire::{
    AccountNo, Championship, Currency, Desk, HoldRelease, Name, OddsE4, OutcomeNo, PriceRule,
    Request, Selection, Shape, Stake, Sum, Time,
};
use hsc::{Attempt, Client, Error, Patience, Settings, SetupError};
use terms::{Account, DeskNo, Organiser, Outcome, Text};

use crate::server::{Act, Heard, PATIENCE, Server, answer, problem};

fn stake(client: &Client) -> Stake {
    Stake {
        id: client.new_id(),
        account: AccountNo((Organiser(0), Account(0))),
        desk: Desk(DeskNo(0)),
        amount_tiyn: Sum(100),
        currency: Currency::Kzt,
        made_at: Time(client.now()),
        shape: Shape::Single,
        price_rule: PriceRule::Exact,
        selections: vec![Selection {
            outcome: OutcomeNo(Outcome(0)),
            odds_e4: OddsE4(18_500),
            offered_odds_e4: None,
        }],
        order: None,
        system: None,
        total_odds_e4: None,
    }
}

/// The answer to a stake.
fn accepted(stake: &Stake, more: &str) -> String {
    let id = stake.id;
    let receipt = format!(
        "{{\"code\":\"accepted\",\"seq\":7,\"leaf\":\"00\",\"at\":\"{}\",\"rulebook\":1}}",
        stake.made_at
    );
    let body = format!("{{\"id\":\"{id}\",\"receipt\":{receipt},\"bet\":\"{id}\"}}");
    answer(201, more, &body)
}

#[tokio::test]
async fn a_cut_at_every_byte_of_the_answer_ends_in_the_receipt_of_then() {
    // R2-55.2
    let server = Server::start().await;
    let message = stake(&server.client(PATIENCE, []));
    let whole = accepted(&message, "bej-repeated: ?1\r\n");
    for length in 0..whole.len() {
        let client = server.client(
            PATIENCE,
            [
                Act::Cut(accepted(&message, ""), length.min(accepted(&message, "").len() - 1)),
                Act::Say(whole.clone()),
            ],
        );
        let done = client.stake(&message).await.unwrap();
        assert!(done.repeated);
        assert_eq!((done.answer.bet, done.answer.receipt.seq), (message.id, 7));
        let heard = server.heard();
        assert_eq!(heard.len(), 2, "{length}");
        assert_eq!(heard[0].body, heard[1].body);
        assert!(heard[0].head.starts_with("POST /v1/stakes HTTP/1.1"), "{}", heard[0].head);
        assert_ne!(heard[0].connection, heard[1].connection);
    }
}

#[tokio::test]
async fn what_is_put_off_is_sent_again_as_it_was() {
    // R2-55.2
    let server = Server::start().await;
    let message = stake(&server.client(PATIENCE, []));
    let again = "retry-after: 0\r\n";
    let script = [
        Act::Say(problem(503, "busy", again)),
        Act::Say(problem(429, "refusals_exceeded", again)),
        Act::Say(problem(408, "body_too_slow", "")),
        Act::Say(accepted(&message, "")),
    ];
    let client = server.client(PATIENCE, script);
    assert!(!client.stake(&message).await.unwrap().repeated);
    let heard = server.heard();
    assert_eq!(heard.len(), 4);
    // Of one trace, each under a number of its own; all else is the same.
    let parts = |one: &Heard| {
        let (before, rest) = one.head.split_once("traceparent: ").unwrap();
        let (trace, span) = (rest[..35].to_owned(), rest[36..52].to_owned());
        ((one.connection, before.to_owned(), trace, rest[55..].to_owned(), one.body.clone()), span)
    };
    let (same, spans): (Vec<_>, std::collections::BTreeSet<_>) = heard.iter().map(parts).unzip();
    assert!(same.iter().all(|one| one == &same[0]), "one connection, one content: {heard:?}");
    assert_eq!(spans.len(), heard.len());
}

#[tokio::test]
async fn definite_answers_end_a_call() {
    // R2-55.3
    let server = Server::start().await;
    let message = stake(&server.client(PATIENCE, []));
    let ended = async |text: String| {
        let client = server.client(PATIENCE, [Act::Say(text)]);
        let error = client.stake(&message).await.unwrap_err();
        assert_eq!(server.heard().len(), 1, "{error}");
        error
    };
    let error = ended(problem(422, "not_admitted", "")).await;
    assert!(matches!(&error, Error::Refused(problem) if problem.code == "not_admitted"));
    for (status, code) in [(400, "malformed"), (401, "session_expired"), (403, "x"), (413, "y")] {
        let error = ended(problem(status, code, "")).await;
        assert!(matches!(&error, Error::Rejected(problem) if problem.status == status), "{error}");
        assert_eq!(error.code(), Some(code));
    }
    let error = ended(answer(201, "", "{}")).await;
    assert!(matches!(error, Error::Strange { status: 201, .. }), "{error}");
    let error = ended(answer(502, "", "<html>")).await;
    assert!(matches!(error, Error::Strange { status: 502, .. }), "{error}");
}

#[tokio::test]
async fn a_call_that_ends_without_an_answer_tells_whether_it_may_have_been_decided() {
    let server = Server::start().await;
    let message = stake(&server.client(PATIENCE, []));
    let short = Patience { whole: Duration::from_millis(300), ..PATIENCE };
    let unanswered = async |acts: Vec<Act>| match server
        .client(short, acts)
        .stake(&message)
        .await
        .unwrap_err()
    {
        Error::Unanswered { perhaps_decided, last, .. } => (perhaps_decided, last),
        other => panic!("{other}"),
    };
    let (perhaps, last) = unanswered(vec![]).await;
    assert_eq!((perhaps, last), (true, Attempt::TimedOut));
    let later = "retry-after: 3000\r\n";
    let (perhaps, last) = unanswered(vec![Act::Say(problem(503, "busy", later))]).await;
    assert!(matches!(&last, Attempt::PutOff(_)), "{last}");
    assert!(!perhaps);
    let (perhaps, _) = unanswered(vec![Act::Say(problem(503, "stopping", later))]).await;
    assert!(perhaps);
    let (perhaps, _) =
        unanswered(vec![Act::Cut(String::new(), 0), Act::Say(problem(503, "busy", later))]).await;
    assert!(perhaps, "the first attempt was cut");

    // A port on which nobody listens.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let bases = vec![format!("https://localhost:{}", free.port())];
    let client = Client::new(Settings { bases, patience: short, ..server.settings() }).unwrap();
    match client.stake(&message).await.unwrap_err() {
        Error::Unanswered { perhaps_decided, last, attempts } => {
            // On a busy machine time may be up in the middle of the last attempt.
            let refused = matches!(last, Attempt::Connect(_)) && !perhaps_decided;
            assert!(1 < attempts && (refused || last == Attempt::TimedOut), "{last}");
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_node_that_does_not_decide_leads_on_to_the_one_that_does() {
    // R0-18.2, R0-20.3d
    let first = Server::start().await;
    let message = stake(&first.client(PATIENCE, []));
    let port = |server: &Server| server.settings().bases[0].rsplit(':').next().unwrap().to_owned();
    let elsewhere = |active: &str| {
        let body = format!(
            "{{\"type\":\"-\",\"title\":\"-\",\"status\":421,\"code\":\"another_node\",\
             \"retryable\":true,\"retry\":\"same_id\",\"what_to_do\":\"-\",\
             \"active\":\"{active}\"}}"
        );
        answer(421, "", &body)
    };
    // The settings name the first alone; the second is found, and asked at once from then on. Here
    // it is the same server by another name.
    let other = format!("127.0.0.1:{}", port(&first));
    let script = [
        Act::Say(elsewhere(&other)),
        Act::Say(accepted(&message, "")),
        Act::Say(accepted(&message, "bej-repeated: ?1\r\n")),
    ];
    let client = first.client(PATIENCE, script);
    assert!(!client.stake(&message).await.unwrap().repeated);
    assert!(client.stake(&message).await.unwrap().repeated);
    let heard = first.heard();
    assert_eq!(heard.len(), 3);
    assert_eq!(heard[0].body, heard[1].body, "the same message with the same id");
    let host = |heard: &Heard| heard.head.contains(&other);
    assert_eq!([host(&heard[0]), host(&heard[1]), host(&heard[2])], [false, true, true]);
    // Two that lead to each other: the call pauses, and ends when its time is over.
    let pauses = (Duration::from_millis(50), Duration::from_millis(100));
    let short = Patience {
        whole: Duration::from_millis(300),
        pause_least: pauses.0,
        pause_most: pauses.1,
        ..PATIENCE
    };
    let own = format!("localhost:{}", port(&first));
    let circle =
        (0..1_000).map(|turn| Act::Say(elsewhere(if turn % 2 == 0 { &other } else { &own })));
    let client = first.client(short, circle);
    match client.stake(&message).await.unwrap_err() {
        Error::Unanswered { perhaps_decided, last: Attempt::PutOff(problem), .. } => {
            assert!(!perhaps_decided);
            assert_eq!((problem.status, &*problem.code), (421, "another_node"));
        }
        // On a slow machine the time is over within an attempt.
        Error::Unanswered { last: Attempt::TimedOut, .. } => {}
        error => panic!("{error}"),
    }
    assert!(1 < first.heard().len());
    assert!(first.heard().len() < 100, "{}", first.heard().len());
    // A node that cannot be reached is left for the next one of the settings.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = format!("https://localhost:{}", free.port());
    let settings = first.settings();
    let bases = vec![nobody, settings.bases[0].clone()];
    drop(first.client(PATIENCE, [Act::Say(accepted(&message, ""))]));
    let client = Client::new(Settings { bases, ..settings }).unwrap();
    assert!(!client.stake(&message).await.unwrap().repeated);
}

#[tokio::test]
async fn connections_are_kept_and_bounded() {
    let server = Server::start().await;
    let message = stake(&server.client(PATIENCE, []));
    let client = server.client(PATIENCE, (0..40).map(|_| Act::Say(accepted(&message, ""))));
    let calls = (0..40).map(|_| {
        let (client, message) = (client.clone(), message.clone());
        tokio::spawn(async move { client.stake(&message).await.unwrap() })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
    let connections: std::collections::BTreeSet<_> =
        server.heard().iter().map(|heard| heard.connection).collect();
    assert!(connections.len() <= PATIENCE.in_flight, "{connections:?}");
}

#[tokio::test]
async fn batches_have_a_verdict_for_each_line() {
    let server = Server::start().await;
    let client = server.client(PATIENCE, []);
    let release = |client: &Client| HoldRelease { id: client.new_id(), hold: client.new_id() };
    let messages: Vec<Request> =
        (0..2).map(|_| Request::HoldRelease(Box::new(release(&client)))).collect();
    let lines =
        "{\"line\":1,\"code\":\"accepted\",\"seq\":3}\n{\"line\":2,\"code\":\"deferred\"}\n";
    let script = [
        Act::Say(problem(503, "busy", "retry-after: 0\r\n")),
        Act::Say(answer(200, "", lines)),
        Act::Say(answer(200, "", "{\"line\":1,\"code\":\"accepted\"}\n")),
    ];
    let client = server.client(PATIENCE, script);
    let verdicts = client.batch(&messages).await.unwrap();
    let codes: Vec<_> = verdicts.iter().map(|verdict| &*verdict.code).collect();
    assert_eq!(codes, ["accepted", "deferred"]);
    let heard = server.heard();
    assert!(heard[1].head.contains("application/x-ndjson"), "{}", heard[1].head);
    let read = |line: &str| Request::read_line(line.as_bytes()).unwrap();
    assert_eq!(heard[1].body.lines().map(read).collect::<Vec<_>>(), messages);
    let few = client.batch(&messages).await.unwrap_err();
    assert!(matches!(few, Error::Strange { .. }), "{few}");
    let many = vec![messages[0].clone(); hsc::BATCH_LINES_MAX + 1];
    assert!(matches!(client.batch(&many).await, Err(Error::TooLarge("lines"))));
    assert_eq!(client.batch(&[]).await.unwrap(), []);
}

#[tokio::test]
async fn the_feed_keeps_its_cursor() {
    let server = Server::start().await;
    let notice = |number: u64| {
        format!(
            "{{\"number\":{number},\"event\":\"payout.posted\",\"at\":\"2026-11-22T00:00:00Z\"}}"
        )
    };
    let page = |numbers: &[u64], next: u64| {
        let events: Vec<_> = numbers.iter().map(|number| notice(*number)).collect();
        let events = events.join(",");
        Act::Say(answer(
            200,
            "",
            &format!("{{\"events\":[{events}],\"next_after\":{next},\"more\":false}}"),
        ))
    };
    let script = [page(&[6, 7], 7), page(&[], 7), page(&[8], 8), page(&[10], 10)];
    let mut feed = server.client(PATIENCE, script).feed(5);
    assert_eq!(feed.next().await.unwrap().len(), 2);
    assert_eq!(feed.cursor(), 7);
    assert_eq!(feed.wait(Duration::from_millis(1)).await.unwrap()[0].number, 8);
    assert!(feed.next().await.is_err(), "9 is missing");
    assert_eq!(feed.cursor(), 8);
    let asked: Vec<_> =
        server.heard().iter().map(|heard| heard.head.lines().next().unwrap().to_owned()).collect();
    assert!(asked[0].contains("after=5&"), "{asked:?}");
    assert!(asked[3].contains("after=8&"), "{asked:?}");
}

#[tokio::test]
async fn the_clock_is_the_centre_s() {
    let server = Server::start().await;
    let now = "2031-01-01T00:00:00Z";
    let body = format!(
        "{{\"now\":\"{now}\",\"day\":\"2031-01-01\",\"last_entry_at\":\"{now}\",\
         \"id_ahead_s\":5,\"id_age_days\":7}}"
    );
    let client = server.client(PATIENCE, [Act::Say(answer(200, "", &body))]);
    client.synchronise().await.unwrap();
    let far = client.now().since(Time::parse(now).unwrap().0);
    assert!((0..3_600 * terms::Instant::SECOND).contains(&far), "{far}");
    let earliest = client.now().ms();
    let id = client.new_id();
    assert_eq!(hsc::wire::Id::parse(&id.to_string()), Some(id));
    let mut made = [0; 8];
    made[2..].copy_from_slice(&id.0.0[..6]);
    assert!((earliest..=client.now().ms()).contains(&i64::from_be_bytes(made)));
    assert_ne!(id, client.new_id());
}

#[tokio::test]
async fn a_session_goes_with_its_order_alone() {
    let server = Server::start().await;
    let client = server.client(PATIENCE, [Act::Say(problem(401, "session_expired", ""))]);
    let order = hsc::wire::Order {
        id: client.new_id(),
        organiser: hsc::wire::OrganiserNo(Organiser(0)),
        account: AccountNo((Organiser(0), Account(0))),
        ceiling_tiyn: Sum(1),
        currency: Currency::Kzt,
        accept: hsc::wire::Accept::Any,
        expires_at: Time(client.now()),
    };
    assert!(client.order("not\na token", &order).await.is_err());
    let error = client.order("abc", &order).await.unwrap_err();
    assert_eq!(error.code(), Some("session_expired"));
    assert!(server.heard()[0].head.contains("authorization: Bearer abc"));
    let championship = Championship {
        id: client.new_id(),
        own: Name(Text::new("c").unwrap()),
        sport: Name(Text::new("s").unwrap()),
        name: Name(Text::new("n").unwrap()),
    };
    let client = server.client(PATIENCE, [Act::Say(problem(422, "x", ""))]);
    client.list_championship(&championship).await.unwrap_err();
    assert!(!server.heard()[0].head.contains("authorization"));
}

#[tokio::test]
async fn settings_that_cannot_work_are_told_at_once() {
    let settings = Server::start().await.settings();
    let made = |settings: Settings| Client::new(settings).map(drop);
    for base in ["", "localhost:1", "http://localhost:1", "https://localhost:1/v1"] {
        let settings = Settings { bases: vec![base.into()], ..settings.clone() };
        assert!(matches!(made(settings), Err(SetupError::Base(_))), "{base}");
    }
    let none = || Vec::from(*b"none");
    let wrong = [
        Settings { authority: none(), ..settings.clone() },
        Settings { certificate: none(), ..settings.clone() },
        Settings { key: none(), ..settings.clone() },
    ];
    assert!(wrong.into_iter().all(|settings| made(settings).is_err()));
    let none = Patience { in_flight: 0, ..PATIENCE };
    assert!(made(Settings { patience: none, ..settings.clone() }).is_err());
    assert!(made(settings).is_ok());
}
