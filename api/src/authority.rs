//! The development authority: a certificate authority that the program makes for itself.
//!
//! ```text
//! DIR/tls/ca.crt       the authority; clients trust it      DIR/tls/ca.key       mode 0600
//! DIR/tls/server.crt   the server, for names on loopback    DIR/tls/server.key   mode 0600
//! DIR/tls/NAME.crt     a client                             DIR/tls/NAME.key     mode 0600
//! DIR/inner/ca.crt     the inner authority, by which the system's own processes know each other;
//!                      none of its certificates opens a door to the outside, or the other way
//! ```
//!
//! For loopback, demonstration and tests. In production the certificates of organisers come from
//! the operator's own authority; the table in [`crate::callers`] is the same.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use terms::Day;

use crate::limits::{AUTHORITY_DAYS, CERTIFICATE_DAYS};

/// Why a certificate could not be made or read.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// A file.
    #[error("{place} cannot be {doing}")]
    File {
        /// The file.
        place: String,
        /// What was being done.
        doing: &'static str,
        /// The failure.
        source: std::io::Error,
    },
    /// A certificate.
    #[error("a certificate cannot be made")]
    Make(#[from] rcgen::Error),
    /// A file that holds something else.
    #[error("{place} holds no PEM of the right kind")]
    Pem {
        /// The file.
        place: String,
        /// What is wrong.
        source: rustls::pki_types::pem::Error,
    },
}

/// A chain and its key, as the server shows it.
pub type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// The authority of a data directory.
#[derive(Debug)]
pub struct Authority {
    home: PathBuf,
}

impl Authority {
    /// The authority of a data directory; it and the server's certificate are made if they are not
    /// there. `today` is the first day of what is made.
    pub fn load_or_make(data: &Path, today: Day) -> Result<Authority, AuthorityError> {
        let authority = Authority::at(data.join("tls"), today)?;
        if !authority.path("server.crt").exists() {
            let mut params = named("bej", today, CERTIFICATE_DAYS)?;
            let hosts = ["localhost", "127.0.0.1", "::1"].map(String::from);
            params.subject_alt_names = CertificateParams::new(hosts)?.subject_alt_names;
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
            authority.issue("server", params)?;
        }
        Ok(authority)
    }

    /// The inner authority of a data directory; it is made if it is not there.
    pub fn inner(data: &Path, today: Day) -> Result<Authority, AuthorityError> {
        Authority::at(data.join("inner"), today)
    }

    /// Of certificates that were made elsewhere and lie here.
    pub fn given(home: PathBuf) -> Authority {
        Authority { home }
    }

    fn at(home: PathBuf, today: Day) -> Result<Authority, AuthorityError> {
        let authority = Authority { home };
        fs::create_dir_all(&authority.home).map_err(file(&authority.home, "made"))?;
        if !authority.path("ca.crt").exists() {
            authority.make_root(today)?;
        }
        Ok(authority)
    }

    /// Makes the certificate and key of a node that others find under these hosts, and that goes to
    /// others as well.
    pub fn issue_node(
        &self,
        name: &str,
        hosts: &[String],
        from: Day,
        days: i32,
    ) -> Result<(), AuthorityError> {
        let mut params = named(name, from, days)?;
        params.subject_alt_names = CertificateParams::new(hosts.to_vec())?.subject_alt_names;
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        self.issue(name, params)
    }

    /// A file of the authority.
    pub fn path(&self, name: &str) -> PathBuf {
        self.home.join(name)
    }

    /// Makes a client's certificate and key; gives the certificate.
    pub fn issue_client(
        &self,
        name: &str,
        from: Day,
        days: i32,
    ) -> Result<CertificateDer<'static>, AuthorityError> {
        let mut params = named(name, from, days)?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.issue(name, params)?;
        self.certificate(&format!("{name}.crt"))
    }

    /// The authority's own certificate.
    pub fn root(&self) -> Result<CertificateDer<'static>, AuthorityError> {
        self.certificate("ca.crt")
    }

    /// The server's certificate and key.
    pub fn server(&self) -> Result<Identity, AuthorityError> {
        self.identity("server")
    }

    /// The certificate and key of this name.
    pub fn identity(&self, name: &str) -> Result<Identity, AuthorityError> {
        let chain = vec![self.certificate(&format!("{name}.crt"))?];
        let path = self.path(&format!("{name}.key"));
        let key = PrivateKeyDer::from_pem_file(&path).map_err(pem(&path))?;
        Ok((chain, key))
    }

    fn certificate(&self, name: &str) -> Result<CertificateDer<'static>, AuthorityError> {
        let path = self.path(name);
        CertificateDer::from_pem_file(&path).map_err(pem(&path))
    }

    fn make_root(&self, today: Day) -> Result<(), AuthorityError> {
        let key = KeyPair::generate()?;
        let root = root(today)?.self_signed(&key)?;
        self.write("ca", &root, &key)
    }

    fn issue(&self, name: &str, params: CertificateParams) -> Result<(), AuthorityError> {
        let path = self.path("ca.key");
        let key = fs::read_to_string(&path).map_err(file(&path, "read"))?;
        // Of the authority's particulars a certificate carries the name and the key alone.
        let issuer = Issuer::new(root(Day(0))?, KeyPair::from_pem(&key)?);
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &issuer)?;
        self.write(name, &certificate, &key)
    }

    /// The key first: a certificate that is there has its key.
    fn write(&self, name: &str, made: &Certificate, key: &KeyPair) -> Result<(), AuthorityError> {
        self.put(&format!("{name}.key"), &key.serialize_pem(), 0o600)?;
        self.put(&format!("{name}.crt"), &made.pem(), 0o644)
    }

    fn put(&self, name: &str, text: &str, mode: u32) -> Result<(), AuthorityError> {
        let path = self.path(name);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(mode);
        let mut to = options.open(&path).map_err(file(&path, "made"))?;
        to.write_all(text.as_bytes()).and_then(|()| to.sync_all()).map_err(file(&path, "written"))
    }
}

/// The authority's own particulars.
fn root(from: Day) -> Result<CertificateParams, rcgen::Error> {
    let mut params = named("bej development authority", from, AUTHORITY_DAYS)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

fn named(name: &str, from: Day, days: i32) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.push(DnType::CommonName, name);
    let date = |day: Day| {
        let (year, month, day) = day.date();
        date_time_ymd(year, month as u8, day as u8)
    };
    params.not_before = date(from);
    params.not_after = date(Day(from.0 + days));
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn file<'a>(
    path: &'a Path,
    doing: &'static str,
) -> impl FnOnce(std::io::Error) -> AuthorityError + 'a {
    move |source| AuthorityError::File { place: path.display().to_string(), doing, source }
}

fn pem(path: &Path) -> impl FnOnce(rustls::pki_types::pem::Error) -> AuthorityError + '_ {
    move |source| AuthorityError::Pem { place: path.display().to_string(), source }
}
