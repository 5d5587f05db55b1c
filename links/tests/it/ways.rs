//! The way itself: deadlines, limits, marks, cuts.

use std::time::{Duration, Instant as Clock};

use links::debtors::{Debtors as _, Register, Words};
use links::gateway::Gateway;
use links::lists::{Export, Fetched, Publisher as _, Site, Version};
use links::way::{Driver, Realm, Settings, SetupError, Way};
use links::{Advice, Error};
use outside::Owner;
use std::sync::Arc;

use crate::server::{Answer, Server, call, http, now, peer, person, response, sealed};

const SECOND: Duration = Duration::from_secs(1);

fn fetch(server: &Server, bytes: usize, whole: Duration) -> Result<Fetched, Error> {
    Site::new(server.way(Realm::Production, bytes, whole)).fetch(Export::Active, None, now())
}

fn ending(answer: impl Fn() -> Answer + Send + Sync + 'static) -> Result<Fetched, Error> {
    fetch(&Server::start(move |_| answer()), 1_000, SECOND)
}

#[test]
fn each_bad_end_of_a_call_has_its_name() {
    let bytes = |status, head: &'static str, content: &'static [u8]| {
        ending(move || Answer::Bytes(http(status, head, content)))
    };
    assert!(matches!(bytes(200, "", b"<xml/>"), Ok(Fetched::File { .. })));
    assert_eq!(bytes(200, "", b""), Err(Error::Malformed("an empty file")));
    assert_eq!(bytes(503, "", b""), Err(Error::Unavailable));
    assert_eq!(bytes(500, "", b"<xml/>"), Err(Error::Unavailable));
    assert_eq!(bytes(429, "retry-after: 7\r\n", b""), Err(Error::Throttled { after_s: Some(7) }));
    assert_eq!(bytes(429, "retry-after: soon\r\n", b""), Err(Error::Throttled { after_s: None }));
    // A redirect is never followed: it may lead anywhere.
    let led = bytes(302, "location: http://127.0.0.1:1/x\r\n", b"");
    assert_eq!(led, Err(Error::Malformed("a redirect")));
    assert!(matches!(bytes(404, "", b"{\"code\":\"no_such\"}"), Err(Error::Refused(_))));
    assert_eq!(
        bytes(200, "content-encoding: gzip\r\n", b"x"),
        Err(Error::Malformed("a compressed answer"))
    );
    assert_eq!(bytes(200, "x-sim: true\r\n", b"<xml/>"), Err(Error::Simulated));
    assert_eq!(bytes(304, "", b""), Err(Error::Refused(links::Code::of("304"))));
    assert_eq!(ending(|| Answer::Bytes(b"nonsense\r\n\r\n".to_vec())), Err(Error::Cut));
    let long_head = format!("x-long: {}\r\n", "y".repeat(100_000));
    let long = ending(move || Answer::Bytes(http(200, &long_head, b"<xml/>")));
    assert_eq!(long, Err(Error::Cut));
}

#[test]
fn a_simulator_is_believed_in_a_test_only() {
    let server = Server::start(|_| Answer::Bytes(http(200, "x-sim: true\r\n", b"<xml/>")));
    let way = server.way(Realm::Test, 1_000, SECOND);
    assert!(Site::new(way).fetch(Export::Active, None, now()).is_ok());
}

#[test]
fn nobody_there_is_told_at_once() {
    let server = Server::start(|_| Answer::Bytes(Vec::new()));
    let mut way = format!("http://{}", server.address);
    // A port of this machine where nobody listens: bound and let go.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    way.replace_range(.., &format!("http://{free}"));
    let settings = settings(&way);
    let way = Way::new(&Driver::start().unwrap(), settings).unwrap();
    let heard = Site::new(way).fetch(Export::Active, None, now());
    assert_eq!(heard, Err(Error::Unavailable));
    assert!(!Error::Unavailable.perhaps_done());
}

fn settings(base: &str) -> Settings {
    Settings {
        base: base.to_owned(),
        authorities: Vec::new(),
        identity: None,
        connect: SECOND,
        whole: SECOND,
        answer_bytes_max: 1_000,
        realm: Realm::Production,
    }
}

#[test]
fn addresses_are_secure_or_of_this_machine() {
    let driver = Driver::start().unwrap();
    let cases = [
        ("https://gateway.example/shep", true),
        ("http://127.0.0.1:8080", true),
        ("http://[::1]:8080/x", true),
        ("http://gateway.example", false),
        ("http://10.0.0.1", false),
        ("http://localhost", false),
        ("ftp://127.0.0.1", false),
        ("https://user@gateway.example", false),
        ("https://gateway.example/?a=b", false),
        ("gateway.example", false),
        ("", false),
    ];
    for (base, good) in cases {
        let way = Way::new(&driver, settings(base));
        let refused = matches!(way, Err(SetupError::Base(_)));
        assert_eq!(!refused, good, "{base}");
    }
    let zero = Settings { whole: Duration::ZERO, ..settings("https://gateway.example") };
    assert!(matches!(Way::new(&driver, zero), Err(SetupError::Patience(_))));
}

#[test]
fn a_slow_answer_ends_with_the_deadline() {
    let whole = Duration::from_millis(400);
    let slow: [fn() -> Answer; 3] = [
        || Answer::Hang(Vec::new()),
        || Answer::Hang(http(200, "", &[b' '; 900])[..200].to_vec()),
        // A byte now and then keeps no call alive.
        || Answer::Drip(http(200, "", &[b' '; 900]), Duration::from_millis(20)),
    ];
    for answer in slow {
        let server = Server::start(move |_| answer());
        let begun = Clock::now();
        assert_eq!(fetch(&server, 1_000, whole), Err(Error::Late));
        assert!(begun.elapsed() < 3 * SECOND, "{:?}", begun.elapsed());
    }
    assert_eq!(Error::Late.advice(), Advice::SameAgain);
}

#[test]
fn an_answer_larger_than_any_good_one_is_left() {
    let exact = Server::start(|_| Answer::Bytes(http(200, "", &[b'x'; 1_000])));
    assert!(fetch(&exact, 1_000, SECOND).is_ok());
    let more = Server::start(|_| Answer::Bytes(http(200, "", &[b'x'; 1_001])));
    assert_eq!(fetch(&more, 1_000, SECOND), Err(Error::TooLarge));
    // Without a length, and without an end.
    let endless = Server::start(|_| {
        let mut bytes = b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
        for _ in 0..1_000 {
            bytes.extend_from_slice(b"400\r\n");
            bytes.extend_from_slice(&[b'x'; 1_024]);
            bytes.extend_from_slice(b"\r\n");
        }
        Answer::Bytes(bytes)
    });
    assert_eq!(fetch(&endless, 1_000, SECOND), Err(Error::TooLarge));
}

#[test]
fn an_answer_cut_at_any_byte_is_never_taken_for_whole() {
    let data = format!(
        "<data><iin>{}</iin><record><category>NON_PROPERTY</category></record></data>",
        person().reveal()
    );
    let call = call(1);
    let envelope = sealed(&response(call.id, "SCSS001", &data), Owner::Gateway);
    let bytes = http(200, "", envelope.as_bytes());
    let length = bytes.len();
    let at = Arc::new(std::sync::atomic::AtomicUsize::new(length));
    let (ending, whole) = (at.clone(), bytes);
    let server = Server::start(move |_| {
        let end = ending.load(std::sync::atomic::Ordering::SeqCst);
        Answer::Bytes(whole[..end].to_vec())
    });
    let way = server.way(Realm::Production, 1 << 20, 10 * SECOND);
    let debtors = Register::new(Arc::new(Gateway::new(way, peer())), Words::proposed());
    let heard = debtors.owes(&call, &person()).expect("the whole answer");
    assert_eq!(heard.found, Some(links::debtors::Owes::Other));
    for end in 0..length {
        at.store(end, std::sync::atomic::Ordering::SeqCst);
        let heard = debtors.owes(&call, &person());
        assert_eq!(heard, Err(Error::Cut), "cut after {end} of {length} bytes");
    }
}

#[test]
fn a_file_that_is_known_is_not_fetched_again() {
    let server = Server::start(|request| {
        let head = String::from_utf8_lossy(request).to_lowercase();
        let known = head.contains("if-none-match: \"v1\"");
        let dated = head.contains("if-modified-since: wed, 01 jul 2026 00:00:00 gmt");
        let fields = "etag: \"v1\"\r\nlast-modified: Wed, 01 Jul 2026 00:00:00 GMT\r\n";
        let status = if known || dated { 304 } else { 200 };
        Answer::Bytes(http(status, fields, if status == 304 { b"" } else { b"<xml/>" }))
    });
    let site = Site::new(server.way(Realm::Production, 1_000, SECOND));
    let first = site.fetch(Export::Active, None, now()).unwrap();
    let Fetched::File { version, content, .. } = first else { panic!("{first:?}") };
    assert_eq!(content, b"<xml/>");
    assert_eq!(version.tag.as_deref(), Some("\"v1\""));
    let again = site.fetch(Export::Active, Some(&version), now());
    assert_eq!(again, Ok(Fetched::Unchanged));
    let dated = Version { tag: None, ..version };
    assert_eq!(site.fetch(Export::Active, Some(&dated), now()), Ok(Fetched::Unchanged));
    let other = Version { tag: Some("\"v0\"".into()), date: None };
    assert!(matches!(site.fetch(Export::Active, Some(&other), now()), Ok(Fetched::File { .. })));
}
