//! Where a database is: a URL, with what only this program knows of it.
//!
//! ```text
//! postgres://USER[:PASSWORD]@HOST[:PORT][,HOST…]/DATABASE[?NAME=VALUE&…]
//!   dir=DIR             what this node keeps beside the database; ./DATABASE.d if it is not given
//!   passwordfile=FILE   a file with the password in its first line, readable by its owner alone
//!   sslrootcert=FILE    the authority that has to have signed the server's certificate
//! ```
//!
//! Every other name is one of the driver's, such as `connect_timeout`. A host that is percent-
//! encoded and begins with / is the directory of a socket. Nothing here ever shows a password.

use std::fmt;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use postgres::config::{Host, SslMode, TargetSessionAttrs};
use postgres::error::DbError;
use postgres::{Client, Config, NoTls};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use store::Fault;
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long one server may take to take a connection.
const CONNECT_MAX: Duration = Duration::from_secs(5);

/// How long sent bytes may stay without an answer of the other machine.
const SILENT_MAX: Duration = Duration::from_secs(15);

/// The address of a database.
#[derive(Clone)]
pub struct Address(Arc<Parsed>);

struct Parsed {
    config: Config,
    shown: String,
    directory: PathBuf,
    root: Option<PathBuf>,
    password: Option<PathBuf>,
}

/// Why a text is not an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressError(String);

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for AddressError {}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Address, AddressError> {
        let wrong = |what: String| AddressError(what);
        let (before, query) = text.split_once('?').unwrap_or((text, ""));
        let (mut theirs, mut shown) = (Vec::new(), Vec::new());
        let (mut directory, mut root, mut password) = (None, None, None);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let path = || Some(PathBuf::from(value));
            match name {
                "dir" => directory = path(),
                "sslrootcert" => root = path(),
                "passwordfile" => password = path(),
                _ => theirs.push(pair),
            }
            if name != "password" {
                shown.push(pair);
            }
        }
        let mut plain = before.to_owned();
        if !theirs.is_empty() {
            plain.push('?');
            plain.push_str(&theirs.join("&"));
        }
        // What the driver says of a wrong value never repeats the value.
        let mut config: Config = plain.parse().map_err(|error: postgres::Error| {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            wrong(cause.unwrap_or_else(|| error.to_string()))
        })?;
        let database = config.get_dbname().unwrap_or_default().to_owned();
        if database.is_empty() || config.get_hosts().is_empty() || config.get_user().is_none() {
            return Err(wrong("it must name a user, a host and a database".to_owned()));
        }
        let elsewhere = config.get_hosts().iter().any(|host| !is_near(host));
        if elsewhere && root.is_none() && config.get_ssl_mode() != SslMode::Disable {
            return Err(wrong(
                "a database on another machine is reached by TLS: name the authority of its \
                 certificate with sslrootcert=FILE, or say sslmode=disable where the network \
                 itself is protected"
                    .to_owned(),
            ));
        }
        config.application_name("bej");
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_MAX);
        }
        config.tcp_user_timeout(SILENT_MAX).keepalives_idle(CONNECT_MAX);
        let directory = directory.unwrap_or_else(|| PathBuf::from(format!("{database}.d")));
        let shown = without_password(before, &shown.join("&"));
        Ok(Address(Arc::new(Parsed { config, shown, directory, root, password })))
    }
}

/// Whether a host needs no network to be reached.
fn is_near(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost"
                || name.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
        }
    }
}

fn without_password(before: &str, query: &str) -> String {
    let (scheme, rest) = before.split_once("//").unwrap_or(("postgres:", before));
    let (user, rest) = rest.rsplit_once('@').unwrap_or(("", rest));
    let (user, _) = user.split_once(':').unwrap_or((user, ""));
    let question = if query.is_empty() { "" } else { "?" };
    let at = if user.is_empty() { "" } else { "@" };
    format!("{scheme}//{user}{at}{rest}{question}{query}")
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.shown)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.0.shown)
    }
}

impl PartialEq for Address {
    fn eq(&self, other: &Address) -> bool {
        self.0.shown == other.0.shown
    }
}

impl Eq for Address {}

/// What the server said beside its answers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notices(Arc<Mutex<Option<DbError>>>);

impl Notices {
    /// The last one since the last question.
    pub(crate) fn take(&self) -> Option<DbError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, notice: DbError) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(notice);
    }
}

/// Which servers of several may be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    /// The one that takes writes.
    Primary,
    /// Any, as the address says.
    Any,
}

impl Address {
    /// What this node keeps beside the database.
    pub fn directory(&self) -> &Path {
        &self.0.directory
    }

    /// Connects, once.
    pub(crate) fn connect(&self, server: Server) -> Result<(Client, Notices), Fault> {
        let Parsed { config, root, password, .. } = &*self.0;
        let doing = || format!("connect to {self}");
        let (mut config, notices) = (config.clone(), Notices::default());
        let told = notices.clone();
        config.notice_callback(move |notice| told.put(notice));
        if server == Server::Primary {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        if let Some(file) = password {
            config.password(read_password(file)?);
        }
        let connected = match root {
            None => config.connect(NoTls),
            Some(root) => {
                config.ssl_mode(SslMode::Require);
                config.connect(tls(root)?)
            }
        };
        let connected = connected.map_err(|error| match (root, distrusted(&error)) {
            (Some(root), Some(why)) => Fault::refused(format!(
                "{self}: {why}; sslrootcert is {}: it must have signed the server's certificate, \
                 and that must be for the host named here",
                root.display()
            )),
            _ => Fault::failed(doing(), error),
        });
        Ok((connected?, notices))
    }
}

/// Why a server is not trusted, if that is what an error is about. It will not be a moment later
/// either, so nobody tries again.
fn distrusted(error: &postgres::Error) -> Option<String> {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let told = inner.to_string();
        // An error of input and output does not give what it holds as its source.
        let held = inner.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        let held = held.and_then(|held| held.downcast_ref::<rustls::Error>());
        if let Some(tls) = held.or_else(|| inner.downcast_ref()) {
            return matches!(tls, rustls::Error::InvalidCertificate(_)).then(|| tls.to_string());
        }
        if told == "server does not support TLS" {
            return Some("the server does not speak TLS".to_owned());
        }
        cause = inner.source();
    }
    None
}

fn read_password(file: &Path) -> Result<String, Fault> {
    let doing = || format!("read the password in {}", file.display());
    let mode = fs::metadata(file).map_err(|error| Fault::failed(doing(), error))?;
    if mode.permissions().mode() & 0o077 != 0 {
        let place = file.display();
        return Err(Fault::refused(format!("others can read {place}; chmod 600 makes it yours")));
    }
    let text = fs::read_to_string(file).map_err(|error| Fault::failed(doing(), error))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// TLS to a server whose certificate this authority has signed for its name.
fn tls(root: &Path) -> Result<MakeRustlsConnect, Fault> {
    let doing = || format!("use the authority {}", root.display());
    let mut roots = rustls::RootCertStore::empty();
    let found = CertificateDer::pem_file_iter(root);
    for certificate in found.map_err(|error| Fault::failed(doing(), error))? {
        let certificate = certificate.map_err(|error| Fault::failed(doing(), error))?;
        roots.add(certificate).map_err(|error| Fault::failed(doing(), error))?;
    }
    if roots.is_empty() {
        return Err(Fault::refused(format!("{} holds no certificate", root.display())));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Fault::failed(doing(), error))?;
    Ok(MakeRustlsConnect::new(config.with_root_certificates(roots).with_no_client_auth()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_never_show_a_password() {
        let check = |text: &str, shown: &str, directory: &str| {
            let address: Address = text.parse().unwrap();
            assert_eq!(address.to_string(), shown);
            assert!(!format!("{address:?}").contains("secret"), "{address:?}");
            assert_eq!(address.directory(), Path::new(directory));
        };
        check("postgres://bej:secret@localhost/bej", "postgres://bej@localhost/bej", "bej.d");
        check(
            "postgresql://bej:s%40ecret@127.0.0.1:5433/x?dir=/var/lib/bej&password=secret",
            "postgresql://bej@127.0.0.1:5433/x?dir=/var/lib/bej",
            "/var/lib/bej",
        );
        check(
            "postgres://bej@%2Frun%2Fpostgresql/bej?connect_timeout=3",
            "postgres://bej@%2Frun%2Fpostgresql/bej?connect_timeout=3",
            "bej.d",
        );
        let check = |text: &str, want: &str| {
            let error = text.parse::<Address>().unwrap_err().to_string();
            assert!(error.contains(want) && !error.contains("secret"), "{text}: {error}");
        };
        check("postgres://bej:secret@db.example/bej", "sslrootcert");
        check("postgres://localhost/bej", "a user");
        check("postgres://bej@localhost", "a database");
        check("postgres://bej:secret@localhost/bej?nonsense=secret", "nonsense");
        check("postgres://bej:secret@localhost:secret/bej", "port");
    }
}
