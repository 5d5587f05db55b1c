//! A wire that can be cut at any byte: between a client on loopback and the server's socket.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    ToServer,
    ToClient,
}

/// What is left before the wire is cut.
type Cut = Arc<Mutex<Option<(Way, usize)>>>;

/// The wire.
pub struct Proxy {
    pub port: u16,
    cut: Cut,
}

impl Proxy {
    /// A wire to the server that listens on a socket.
    pub fn to(socket: PathBuf) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").expect("the wire");
        let port = listener.local_addr().expect("the wire").port();
        let cut = Cut::default();
        let shared = cut.clone();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (client, server) =
                    (client.expect("the wire"), UnixStream::connect(&socket).expect("the wire"));
                client.set_nodelay(true).expect("the wire");
                join(client, server, &shared);
            }
        });
        Proxy { port, cut }
    }

    /// Cuts the wire behind so many more bytes of one way.
    pub fn cut_after(&self, way: Way, bytes: usize) {
        *self.cut.lock().expect("the wire") = Some((way, bytes));
    }

    /// Whether the wire was cut since; it is whole from now on.
    pub fn was_cut(&self) -> bool {
        self.cut.lock().expect("the wire").take().is_none()
    }
}

fn join(client: TcpStream, server: UnixStream, cut: &Cut) {
    let ends = Arc::new((client, server));
    for way in [Way::ToServer, Way::ToClient] {
        let (ends, cut) = (ends.clone(), cut.clone());
        std::thread::spawn(move || {
            let (client, server) = &*ends;
            match way {
                Way::ToServer => carry(client, server, way, &cut),
                Way::ToClient => carry(server, client, way, &cut),
            }
            let _ = client.shutdown(Shutdown::Both);
            let _ = server.shutdown(Shutdown::Both);
        });
    }
}

/// Carries bytes until an end is closed or the wire is cut.
fn carry(mut from: impl Read, mut to: impl Write, way: Way, cut: &Cut) {
    let mut bytes = [0; 4_096];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        let mut armed = cut.lock().expect("the wire");
        let kept = match *armed {
            Some((which, left)) if which == way && left < count => {
                *armed = None;
                left
            }
            Some((which, left)) if which == way => {
                *armed = Some((way, left - count));
                count
            }
            _ => count,
        };
        drop(armed);
        if to.write_all(&bytes[..kept]).is_err() || kept < count {
            return;
        }
    }
}
