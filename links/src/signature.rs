//! Signatures by algorithm: RSA with SHA-256 is here, and everything else fails closed and names
//! the algorithm that is missing.
//!
//! Owns keys, certificates as far as a key and its term are read from them, and the table of
//! algorithms. Kazakhstan's own algorithms (GOST 34.310-2004 and 34.10-2015) have no library that
//! is open; a provider for them implements [`Verifier`] and [`Signer`]. Whom to believe is not
//! decided here by chains of authorities but by pins: the digests of the certificates that the
//! other side has handed over.

use std::fmt;

use ring::rand::SystemRandom;
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use sha2::{Digest as _, Sha256};
use terms::{Hash, Instant};
use x509_cert::Certificate as Parsed;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use crate::limits::CERTIFICATE_BYTES_MAX;

/// PKCS#1 v1.5 with SHA-256.
pub const RSA_SHA256: &str = "1.2.840.113549.1.1.11";
/// The kind of an RSA key.
const RSA_KEY: &str = "1.2.840.113549.1.1.1";

/// The algorithms that signed XML names by address, with their object identifiers.
const ADDRESSES: [(&str, &str); 4] = [
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", RSA_SHA256),
    ("http://www.w3.org/2001/04/xmldsig-more#gost34310-gost34311", "1.2.398.3.10.1.1.1.2"),
    (
        "urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:gostr34102015-gostr34112015-256",
        "1.2.398.3.10.1.1.2.3.1",
    ),
    (
        "urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:gostr34102015-gostr34112015-512",
        "1.2.398.3.10.1.1.2.3.2",
    ),
];

/// Why a signature does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is none where one must be.
    #[error("there is no signature")]
    Absent,
    /// The signed part is arranged in a way that could hide another one.
    #[error("the signed part is arranged in a way that is not agreed on: {0}")]
    Arrangement(&'static str),
    /// No provider here knows the algorithm.
    #[error("the algorithm {0} is not supported")]
    Unsupported(String),
    /// Not a certificate or key that can be read.
    #[error("the certificate or key cannot be read")]
    Key,
    /// A good certificate of somebody else.
    #[error("the certificate is not one of those that are pinned")]
    Stranger,
    /// Not yet, or no longer.
    #[error("the certificate is not valid at this time")]
    NotValidNow,
    /// The digest or the signature is of other content.
    #[error("the content is not what was signed")]
    Mismatch,
}

/// Checks signatures of some algorithms.
pub trait Verifier: Send + Sync {
    /// Whether `signature` over `content` was made with the key of `key_info`
    /// (`SubjectPublicKeyInfo`, DER).
    fn verify(
        &self,
        algorithm: &str,
        key_info: &[u8],
        content: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError>;
}

/// Makes signatures with one key.
pub trait Signer: Send + Sync {
    /// The object identifier of what [`Signer::sign`] makes.
    fn algorithm(&self) -> &'static str;
    /// The certificate of the key, DER.
    fn certificate(&self) -> &[u8];
    /// A signature over this content.
    fn sign(&self, content: &[u8]) -> Result<Vec<u8>, SignatureError>;
}

/// The provider that is built in: RSA from 2,048 bits, PKCS#1 v1.5, SHA-256.
#[derive(Clone, Copy, Debug, Default)]
pub struct Builtin;

impl Verifier for Builtin {
    fn verify(
        &self,
        algorithm: &str,
        key_info: &[u8],
        content: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        if algorithm != RSA_SHA256 {
            return Err(SignatureError::Unsupported(algorithm.to_owned()));
        }
        let info =
            SubjectPublicKeyInfoOwned::from_der(key_info).map_err(|_| SignatureError::Key)?;
        let kind = info.algorithm.oid.to_string();
        if kind != RSA_KEY {
            return Err(SignatureError::Unsupported(kind));
        }
        let key = info.subject_public_key.as_bytes().ok_or(SignatureError::Key)?;
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key)
            .verify(content, signature)
            .map_err(|_| SignatureError::Mismatch)
    }
}

/// A private RSA key with its certificate.
pub struct RsaSigner {
    key: RsaKeyPair,
    certificate: Certificate,
}

impl RsaSigner {
    /// Takes a key in PKCS#8 and the certificate of that very key, both DER.
    pub fn new(key: &[u8], certificate: &[u8]) -> Result<RsaSigner, SignatureError> {
        let key = RsaKeyPair::from_pkcs8(key).map_err(|_| SignatureError::Key)?;
        let certificate = Certificate::parse(certificate)?;
        let signer = RsaSigner { key, certificate };
        // A certificate of another key would be noticed by the other side only.
        let probe = signer.sign(b"probe")?;
        Builtin.verify(RSA_SHA256, &signer.certificate.key_info, b"probe", &probe)?;
        Ok(signer)
    }

    /// The certificate.
    pub fn own(&self) -> &Certificate {
        &self.certificate
    }
}

impl fmt::Debug for RsaSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RsaSigner({})", self.certificate.pin)
    }
}

impl Signer for RsaSigner {
    fn algorithm(&self) -> &'static str {
        RSA_SHA256
    }

    fn certificate(&self) -> &[u8] {
        &self.certificate.der
    }

    fn sign(&self, content: &[u8]) -> Result<Vec<u8>, SignatureError> {
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), content, &mut signature)
            .map_err(|_| SignatureError::Key)?;
        Ok(signature)
    }
}

/// A certificate as far as it matters here: its key and its term. What it says of its owner is not
/// read: test certificates hold personal numbers that are none.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    key_info: Vec<u8>,
    pin: Hash,
    from: Instant,
    to: Instant,
}

impl Certificate {
    /// Reads one certificate, DER.
    pub fn parse(der: &[u8]) -> Result<Certificate, SignatureError> {
        let key = |_| SignatureError::Key;
        if CERTIFICATE_BYTES_MAX < der.len() {
            return Err(SignatureError::Key);
        }
        let parsed = Parsed::from_der(der).map_err(key)?;
        let body = &parsed.tbs_certificate;
        let instant = |time: x509_cert::time::Time| {
            let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
            Instant(seconds.saturating_mul(Instant::SECOND))
        };
        Ok(Certificate {
            der: der.to_vec(),
            key_info: body.subject_public_key_info.to_der().map_err(key)?,
            pin: Hash(Sha256::digest(der).into()),
            from: instant(body.validity.not_before),
            to: instant(body.validity.not_after),
        })
    }

    /// SHA-256 of the certificate: what is compared when it is handed over.
    pub fn pin(&self) -> Hash {
        self.pin
    }

    /// The public key, `SubjectPublicKeyInfo` in DER.
    pub fn key_info(&self) -> &[u8] {
        &self.key_info
    }

    /// The whole certificate, DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Refuses one that is not pinned, or not valid at this time.
    pub fn believe(&self, pins: &[Hash], at: Instant) -> Result<(), SignatureError> {
        if !pins.contains(&self.pin) {
            return Err(SignatureError::Stranger);
        }
        if self.from <= at && at <= self.to { Ok(()) } else { Err(SignatureError::NotValidNow) }
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", self.pin)
    }
}

/// The object identifier behind an address of signed XML; one that is not known is named as it
/// stands, as far as it is printable.
pub(crate) fn algorithm_of(address: &str) -> Result<&'static str, SignatureError> {
    let known = ADDRESSES.iter().find(|(name, _)| *name == address);
    known.map(|(_, oid)| *oid).ok_or_else(|| {
        let printable = address.chars().filter(char::is_ascii_graphic).take(100).collect();
        SignatureError::Unsupported(printable)
    })
}

/// The address of an object identifier in signed XML.
pub(crate) fn address_of(algorithm: &str) -> Result<&'static str, SignatureError> {
    let known = ADDRESSES.iter().find(|(_, oid)| *oid == algorithm);
    known
        .map(|(address, _)| *address)
        .ok_or_else(|| SignatureError::Unsupported(algorithm.to_owned()))
}
