//! The way over TLS: whom it believes, and who it says that we are.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use links::lists::{Export, Fetched, Publisher as _, Site};
use links::way::{Driver, Realm, Settings, Way};
use links::{Advice, Error};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use crate::server::{http, now};

/// An authority and what it has signed for `127.0.0.1`.
struct Authority {
    pem: String,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::new()).expect("params");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("an authority");
        Authority { pem: issuer.pem(), issuer }
    }

    fn signed(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let params = CertificateParams::new(vec![name.to_owned()]).expect("params");
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        (certificate, key)
    }
}

/// A server of one kind of answer, which wants certificates of `clients` if it is given.
fn serve(authority: &Authority, name: &str, clients: Option<&Authority>) -> SocketAddr {
    let (certificate, key) = authority.signed(name);
    let provider = Arc::new(default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("a version");
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(clients) => {
            let mut roots = RootCertStore::empty();
            roots.add(clients.issuer.der().clone()).expect("a root");
            let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
            builder.with_client_cert_verifier(verifier.build().expect("a verifier"))
        }
    };
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let config = builder.with_single_cert(vec![certificate.der().clone()], key).expect("a server");
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = ServerConnection::new(config.clone()).expect("a connection");
            let mut stream = StreamOwned::new(connection, stream);
            // Whoever does not believe us leaves; that is what the tests are about.
            if stream.read(&mut [0; 4_096]).is_ok_and(|count| 0 < count) {
                let _ = stream.write_all(&http(200, "", b"<xml/>"));
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        }
    });
    address
}

fn fetch(
    address: SocketAddr,
    authority: &Authority,
    identity: Option<(Vec<u8>, Vec<u8>)>,
) -> Result<Fetched, Error> {
    let settings = Settings {
        base: format!("https://{address}"),
        authorities: authority.pem.clone().into_bytes(),
        identity,
        connect: Duration::from_secs(5),
        whole: Duration::from_secs(10),
        answer_bytes_max: 1_000,
        realm: Realm::Production,
    };
    let way = Way::new(&Driver::start().expect("a thread"), settings).expect("a way");
    Site::new(way).fetch(Export::Active, None, now())
}

#[test]
fn only_named_authorities_are_believed() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let good = serve(&ours, "127.0.0.1", None);
    assert!(matches!(fetch(good, &ours, None), Ok(Fetched::File { .. })));
    assert_eq!(fetch(good, &theirs, None), Err(Error::Untrusted));
    let elsewhere = serve(&ours, "gateway.example", None);
    assert_eq!(fetch(elsewhere, &ours, None), Err(Error::Untrusted));
    assert_eq!(Error::Untrusted.advice(), Advice::Alarm);
    assert!(!Error::Untrusted.perhaps_done());
}

#[test]
fn we_say_who_we_are_where_it_is_asked() {
    let (server, clients) = (Authority::new(), Authority::new());
    let address = serve(&server, "127.0.0.1", Some(&clients));
    let (certificate, key) = clients.signed("bej");
    let identity = (certificate.pem().into_bytes(), key.serialize_pem().into_bytes());
    assert!(matches!(fetch(address, &server, Some(identity)), Ok(Fetched::File { .. })));
    assert!(fetch(address, &server, None).is_err());
    let (certificate, key) = server.signed("bej");
    let strange = (certificate.pem().into_bytes(), key.serialize_pem().into_bytes());
    assert!(fetch(address, &server, Some(strange)).is_err());
}
