//! TLS to the database: with the authority of the server it is used, with another one nobody is
//! talked to, and that is said at once.

use std::path::Path;
use std::time::Instant;

use cluster::{Cluster, throwaway};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use store_postgres::{Address, Options, PATIENCE, Postgres};

/// An authority of a test.
struct Authority {
    params: CertificateParams,
    key: KeyPair,
}

impl Authority {
    fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        Authority { params, key: KeyPair::generate().unwrap() }
    }

    fn write(&self, path: &Path) {
        std::fs::write(path, self.params.self_signed(&self.key).unwrap().pem()).unwrap();
    }

    /// Has a server show a certificate for this name from now on.
    fn certify(&self, cluster: &Cluster, name: &str) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let issuer = Issuer::from_params(&self.params, &self.key);
        let certificate = params.signed_by(&key, &issuer).unwrap();
        let certificate = cluster.put("server.crt", &certificate.pem()).unwrap();
        let key = cluster.put("server.key", &key.serialize_pem()).unwrap();
        for (setting, value) in [
            ("ssl_cert_file", certificate.display().to_string()),
            ("ssl_key_file", key.display().to_string()),
            ("ssl", "on".to_owned()),
        ] {
            cluster.sql("postgres", &format!("ALTER SYSTEM SET {setting} = '{value}'")).unwrap();
        }
        cluster.sql("postgres", "SELECT pg_reload_conf()").unwrap();
        // Connections that are made from now on have it once the postmaster has.
        let url = format!(
            "postgres://postgres:{}@127.0.0.1:{}/postgres?sslmode=require",
            cluster.password(),
            cluster.port()
        );
        let own = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        while cluster.sql_at(&url, own).ok().as_deref() != Some("t") {}
    }
}

fn open(cluster: &Cluster, host: &str, root: &Path, home: &Path) -> Result<Postgres, String> {
    let address: Address = format!(
        "postgres://postgres:{}@{host}:{}/postgres?sslrootcert={}&dir={}",
        cluster.password(),
        cluster.port(),
        root.display(),
        home.join("node").display()
    )
    .parse()
    .unwrap();
    // As patient as in production: what will not mend itself is told at once all the same.
    let options = Options { create: true, patience: PATIENCE };
    let begun = Instant::now();
    let opened = Postgres::open(&address, options).map_err(|fault| fault.chain());
    assert!(opened.is_ok() || begun.elapsed() < PATIENCE, "it was tried again and again");
    opened
}

// R0-20.0d, R0-20.0e: the address names the authority of the database, and no other is taken.
#[test]
fn only_a_server_whose_authority_is_named_is_talked_to() {
    let Some(cluster) = throwaway(&[]) else { return };
    let home = tempfile::tempdir().unwrap();
    let (right, wrong) = (home.path().join("right.crt"), home.path().join("wrong.crt"));
    let authority = Authority::new();
    authority.write(&right);
    Authority::new().write(&wrong);
    let refused = |host: &str, root: &Path| {
        let said = open(&cluster, host, root, home.path()).unwrap_err();
        assert!(!said.contains(cluster.password()), "{said}");
        assert!(said.contains(&root.display().to_string()), "{said}");
        said
    };
    // A server without TLS.
    let said = refused("127.0.0.1", &right);
    assert!(said.contains("does not speak TLS"), "{said}");
    authority.certify(&cluster, "127.0.0.1");
    let store = open(&cluster, "127.0.0.1", &right, home.path()).unwrap();
    let journal = store.journal().unwrap();
    let used = "SELECT count(*), bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                WHERE application_name = 'bej'";
    let used = cluster.sql("postgres", used).unwrap();
    assert!(used.ends_with("|t") && !used.starts_with("0|"), "{used}");
    drop((journal, store));
    // Another authority, and a certificate for another name.
    let said = refused("127.0.0.1", &wrong);
    assert!(said.contains("invalid peer certificate"), "{said}");
    let said = refused("localhost", &right);
    assert!(said.contains("localhost") && said.contains("not valid for"), "{said}");
    let none = home.path().join("none.crt");
    assert!(refused("127.0.0.1", &none).contains("No such file"));
    let empty = home.path().join("empty.crt");
    std::fs::write(&empty, "nothing\n").unwrap();
    let said = refused("127.0.0.1", &empty);
    assert!(said.contains("holds no certificate"), "{said}");
}
