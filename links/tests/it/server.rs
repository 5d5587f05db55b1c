//! A server that answers bytes, and connectors that speak to it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use links::consent::{Asked, Initiator, RequestWay, Standing, StateService, TermUnit, TokenKeys};
use links::gateway::{Answers, Call, Gateway, Peer};
use links::moment::parse;
use links::signature::Builtin;
use links::way::{Driver, Realm, Settings, Way};
use links::{Private, Trust, seal};
use outside::{Keys, Owner};
use terms::{Bin, Iin, Instant, MessageId};

/// Keys that all tests share, made once.
pub static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    Keys::kept_in(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("keys")).expect("keys")
});

/// A synthetic person.
pub const IIN: &str = "050712590008";
pub const BIN: &str = "990141990005";
pub const OTHER_BIN: &str = "990140990004";

pub fn now() -> Instant {
    parse("2026-07-12T10:00:00+05:00").expect("a time")
}

pub fn call(number: u8) -> Call {
    let id = MessageId(terms::id::uuid_v7(now().ms(), [number; 10]));
    Call { id, at: now() }
}

pub fn person() -> Iin {
    Iin::parse(IIN).expect("a number")
}

/// What the server does with a request.
pub enum Answer {
    /// Sends these bytes and closes.
    Bytes(Vec<u8>),
    /// Sends these bytes and says nothing more until the other side has gone.
    Hang(Vec<u8>),
    /// Sends these bytes one by one, so long after each other, until the other side has gone.
    Drip(Vec<u8>, Duration),
}

/// Answers every request by this function, each on a connection of its own. The requests are kept.
pub struct Server {
    pub address: SocketAddr,
    requests: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Server {
    pub fn start(answer: impl Fn(&[u8]) -> Answer + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::<Mutex<Vec<Vec<u8>>>>::default();
        let (kept, answer) = (requests.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, answer) = (kept.clone(), answer.clone());
                std::thread::spawn(move || serve(stream, &kept, &*answer));
            }
        });
        Server { address, requests }
    }

    /// The last request, head and content.
    pub fn last(&self) -> String {
        let requests = self.requests.lock().expect("requests");
        String::from_utf8(requests.last().expect("a request").clone()).expect("text")
    }

    pub fn way(&self, realm: Realm, bytes: usize, whole: Duration) -> Way {
        let settings = Settings {
            base: format!("http://{}", self.address),
            authorities: Vec::new(),
            identity: None,
            connect: Duration::from_secs(2),
            whole,
            answer_bytes_max: bytes,
            realm,
        };
        Way::new(&Driver::start().expect("a thread"), settings).expect("a way")
    }

    pub fn gateway(&self) -> Arc<Gateway> {
        Arc::new(Gateway::new(
            self.way(Realm::Production, 1 << 20, Duration::from_secs(10)),
            peer(),
        ))
    }

    pub fn state_service(&self) -> StateService {
        StateService::new(self.gateway(), initiator()).expect("a service")
    }
}

pub fn peer() -> Peer {
    let trust = Trust {
        pins: vec![KEYS.certificate(Owner::Gateway).pin()],
        plain_id: false,
        verifier: Box::new(Builtin),
    };
    Peer {
        sender: "bej-test".into(),
        password: Some("<secret>".into()),
        key: Box::new(KEYS.signer(Owner::OurMessages)),
        answers: Answers::Signed(trust),
    }
}

pub fn initiator() -> Initiator {
    Initiator {
        name: "БЕЖ & операторы".into(),
        bin: Bin::parse(BIN).expect("a number"),
        responsible: "Оператор".into(),
        standing: Standing { bank: true, proactive: true, ..Standing::default() },
        proof_key: Box::new(KEYS.signer(Owner::OurProofs)),
        proof_ns: 300 * Instant::SECOND,
        issuer: "kdp-simulated".into(),
        keys: TokenKeys::SentAlong,
        verifier: Box::new(Builtin),
        unit: TermUnit::Seconds,
    }
}

pub fn asked() -> Asked {
    Asked {
        person: person(),
        employee: Private::new("СЫНАҚ Қ."),
        registers: vec!["GBDFLUniversal_token".into(), "RESTRICTED_PERSONS".into()],
        data: "Туған күні".into(),
        term_s: 600,
        way: RequestWay::Sms1414,
        code: None,
    }
}

fn serve(mut stream: TcpStream, kept: &Mutex<Vec<Vec<u8>>>, answer: &dyn Fn(&[u8]) -> Answer) {
    let mut request = Vec::new();
    let mut piece = [0; 4_096];
    while !whole(&request) {
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return,
            Ok(count) => request.extend_from_slice(&piece[..count]),
        }
    }
    kept.lock().expect("requests").push(request.clone());
    // The other side may have gone; that is what some tests are about.
    match answer(&request) {
        Answer::Bytes(bytes) => {
            let _ = stream.write_all(&bytes);
        }
        Answer::Hang(bytes) => {
            let _ = stream.write_all(&bytes);
            let _ = stream.read(&mut piece);
        }
        Answer::Drip(bytes, pause) => {
            stream.set_read_timeout(Some(pause)).expect("a time");
            for byte in bytes {
                // Nothing comes but the end of the connection.
                if stream.write_all(&[byte]).is_err() || matches!(stream.read(&mut piece), Ok(0)) {
                    return;
                }
            }
        }
    }
}

fn whole(request: &[u8]) -> bool {
    let Some(end) = request.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&request[..end]).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.map_or(0, |text| text.trim().parse().expect("a length"));
    end + 4 + length <= request.len()
}

/// An answer with status, head and content.
pub fn http(status: u16, head: &str, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut bytes = format!(
        "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n{head}\r\n"
    )
    .into_bytes();
    bytes.extend_from_slice(content);
    bytes
}

/// The content of a body: an answer of the gateway to this message, with these data.
pub fn response(message: MessageId, code: &str, data: &str) -> String {
    format!(
        "<s:SendMessageResponse xmlns:s=\"http://bip.bee.kz/SyncChannel/v10/Types\"><response>\
         <responseInfo><messageId>a-1</messageId><correlationId>{message}</correlationId>\
         <responseDate>2026-07-12T10:00:01.000+05:00</responseDate><status><code>{code}</code>\
         <message>-</message></status>\
         <sessionId>{{6F9619FF-8B86-D011-B42D-00CF4FC964FF}}</sessionId></responseInfo>\
         <responseData>{data}</responseData></response></s:SendMessageResponse>"
    )
}

pub fn sealed(content: &str, owner: Owner) -> String {
    seal(content, "answer", &KEYS.signer(owner)).expect("an envelope")
}

/// A server that answers this envelope, whatever is asked.
pub fn answering(envelope: String) -> Server {
    Server::start(move |_| Answer::Bytes(http(200, "", envelope.as_bytes())))
}
