//! Connections that are cut: after each byte of a request and of an answer, by a proxy between
//! client and server. The client asks again with the same id, and there is one record.

use axum::Extension;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::client::{Client, head, heard, plain};
use crate::world::{World, listed, stake};

/// Lets so many bytes through in each direction; then both connections are reset.
#[derive(Clone, Copy, Debug)]
struct Cut {
    up: usize,
    down: usize,
}

/// Serves one connection to a port with a cut; gives where.
async fn proxy(to: u16, cut: Cut) -> (u16, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        let (client, _) = listener.accept().await.unwrap();
        let server = TcpStream::connect(("127.0.0.1", to)).await.unwrap();
        for socket in [&client, &server] {
            socket.set_zero_linger().unwrap();
            socket.set_nodelay(true).unwrap();
        }
        let (mut from_client, mut to_client) = client.into_split();
        let (mut from_server, mut to_server) = server.into_split();
        let up = pass(&mut from_client, &mut to_server, cut.up);
        let down = pass(&mut from_server, &mut to_client, cut.down);
        // Whichever is cut first ends both.
        tokio::select! { () = up => {}, () = down => {} }
    });
    (port, task)
}

async fn pass(
    from: &mut (impl tokio::io::AsyncRead + Unpin),
    to: &mut (impl tokio::io::AsyncWrite + Unpin),
    most: usize,
) {
    let mut buffer = vec![0; 4_096];
    let mut left = most;
    while 0 < left {
        let room = left.min(buffer.len());
        match from.read(&mut buffer[..room]).await {
            Ok(0) | Err(_) => return,
            Ok(count) => {
                if to.write_all(&buffer[..count]).await.is_err() {
                    return;
                }
                left -= count;
            }
        }
    }
}

fn posted(message: &Value) -> Vec<u8> {
    let text = message.to_string();
    let more = format!("content-type: application/json\r\ncontent-length: {}\r\n", text.len());
    head("POST", "/v1/stakes", &more, &text)
}

/// Sends through a proxy and forgets what comes.
async fn sent(port: u16, request: &[u8]) {
    // Errors are what this is about; the first may come with the connection itself.
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)).await else { return };
    let mut some = Vec::new();
    let _ = stream.write_all(request).await;
    let _ = stream.read_to_end(&mut some).await;
}

fn available(world: &World) -> i64 {
    world.next();
    world.house.copy.read(|state| {
        let wallet = sim::sandbox::wallet(terms::Person(0));
        state.ledger.get(wallet).unwrap().available().get()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn cut_after_each_byte_there_is_one_record() {
    // R0-17.4a, R2-55.1a
    let world = World::new().await;
    let client = world.organiser(0);
    let (_, outcomes) = listed(&client, "e-1").await;
    let order = world.order(&client, 0, 0).await;
    // Without TLS each byte of the message is a byte on the line.
    let print = api::fingerprint(&world.authority.identity("organiser-0").unwrap().0[0]);
    let router = api::api(world.house.clone()).layer(Extension(api::Peer::Shown(print)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let server =
        tokio::spawn(api::serve_plain(listener, router, api::Limits::standard(), stopping));
    let first = posted(&stake(&order, 0, &outcomes[0], 10));
    let whole = {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.write_all(&first).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        assert_eq!(heard(&answer).status, 201);
        answer.len()
    };
    let before = available(&world);
    let all = usize::MAX;
    let ups = (0..=first.len()).map(|up| Cut { up, down: all });
    let downs = (0..whole + 8).map(|down| Cut { up: all, down });
    let mut rounds = 0;
    for cut in ups.chain(downs) {
        let message = stake(&order, 0, &outcomes[0], 10);
        let request = posted(&message);
        let (through, task) = proxy(port, cut).await;
        sent(through, &request).await;
        task.await.unwrap();
        let next = world.next();
        let got = plain(port, &request).await;
        let made = got.expect(201);
        let seq = made["receipt"]["seq"].as_u64().unwrap();
        // What was not decided before the cut is decided now, and otherwise a repeat.
        let repeated = got.header("bej-repeated").is_some();
        assert!(request.len() <= cut.up || !repeated, "{cut:?}");
        assert!(repeated || next <= seq, "{cut:?}");
        rounds += 1;
        assert_eq!(before - available(&world), 10 * rounds, "{cut:?}");
    }
    stop.send(true).unwrap();
    server.await.unwrap();
    world.stop().await;
}

/// A stream of numbers that is the same for a seed (SplitMix64).
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) as usize % most
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cut_anywhere_within_tls_there_is_one_record() {
    // R0-17.4a
    let world = World::new().await;
    let client = world.organiser(0);
    let (_, outcomes) = listed(&client, "e-1").await;
    let order = world.order(&client, 0, 0).await;
    let before = available(&world);
    let mut seeded = Seeded(2_026);
    for round in 1..=150 {
        let request = posted(&stake(&order, 0, &outcomes[0], 10));
        // Handshake, certificate, request and answer are about three thousand bytes each way.
        let cut = match seeded.below(2) {
            0 => Cut { up: seeded.below(3_000), down: usize::MAX },
            _ => Cut { up: usize::MAX, down: seeded.below(3_000) },
        };
        let (through, task) = proxy(client.port, cut).await;
        // An error, or an answer that came through before the cut: either way it is asked again.
        let _ = Client { port: through, ..client.clone() }.bytes(&request).await;
        task.await.unwrap();
        client.raw(&request).await.unwrap().expect(201);
        assert_eq!(before - available(&world), 10 * round, "{cut:?}");
    }
    world.stop().await;
}
