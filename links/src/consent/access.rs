//! The access that the state service grants: a token, and the key that it is checked with.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;
use terms::{Hash, Iin, Instant};
use x509_cert::der::Decode as _;
use x509_cert::spki::SubjectPublicKeyInfoRef;

use super::{Asked, Initiator};
use crate::error::Error;
use crate::limits::{CERTIFICATE_BYTES_MAX, SKEW_NS};
use crate::signature::Certificate;
use crate::token::{TokenError, hash, instant, open};

/// The keys that tokens may be signed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenKeys {
    /// SHA-256 of each key (`SubjectPublicKeyInfo`, DER); two while the service changes keys.
    Pinned(Vec<Hash>),
    /// The key that comes with the token, which the gateway's signature vouches for.
    SentAlong,
}

/// A verified access to a person's data. It prints without its token.
#[derive(Clone, PartialEq, Eq)]
pub struct Access {
    token: String,
    key: String,
    /// Whose data.
    pub person: Iin,
    /// From when.
    pub from: Instant,
    /// Until when.
    pub until: Instant,
    /// A digest of the token's own id, as evidence (P-53).
    pub token_id: Hash,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Access({}, until {})", self.token_id, self.until)
    }
}

/// The claims of a token. Those of the real service are not public; these are ours to it.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Value,
    access: Vec<String>,
    iat: i64,
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
    jti: String,
}

impl Access {
    /// The token as it goes to the registers (`kdpToken`), and for the vault.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The key as it goes to the registers (`publicKey`).
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Whether registers still take it.
    pub fn lasts(&self, at: Instant) -> bool {
        at < self.until
    }

    /// Checks a token that came as the answer to what was asked.
    pub(super) fn verify(
        code: &str,
        key: &str,
        asked: &Asked,
        initiator: &Initiator,
        at: Instant,
    ) -> Result<Access, Error> {
        let token = bare(code);
        let key_info = key_info(key)?;
        if let TokenKeys::Pinned(pins) = &initiator.keys
            && !pins.contains(&hash(&key_info))
        {
            let stranger = crate::signature::SignatureError::Stranger;
            return Err(Error::BadToken(TokenError::Signature(stranger)));
        }
        let claims: Claims =
            open(&token, &key_info, &*initiator.verifier).map_err(Error::BadToken)?;
        check(&claims, asked, initiator, at).map_err(Error::BadToken)?;
        Ok(Access {
            token,
            key: bare(key),
            person: asked.person,
            from: instant(claims.nbf.unwrap_or(claims.iat)),
            until: instant(claims.exp),
            token_id: hash(claims.jti.as_bytes()),
        })
    }
}

fn check(
    claims: &Claims,
    asked: &Asked,
    initiator: &Initiator,
    at: Instant,
) -> Result<(), TokenError> {
    let bin = initiator.bin.to_string();
    let for_us = match &claims.aud {
        Value::String(one) => *one == bin,
        Value::Array(many) => many.iter().any(|one| one.as_str() == Some(&bin)),
        _ => false,
    };
    if !for_us || claims.iss != initiator.issuer {
        return Err(TokenError::Audience);
    }
    if claims.sub != asked.person.reveal() {
        return Err(TokenError::Subject);
    }
    if !asked.registers.iter().all(|register| claims.access.contains(register)) {
        return Err(TokenError::Scope);
    }
    let begin = instant(claims.nbf.unwrap_or(claims.iat).max(claims.iat));
    let end = instant(claims.exp);
    if at.plus(SKEW_NS) < begin {
        return Err(TokenError::NotYet);
    }
    // A token that is about to end is not worth a second look at whose clock is right.
    if end <= at {
        return Err(TokenError::Expired);
    }
    let longest = i64::from(asked.term_s) * Instant::SECOND + SKEW_NS;
    let plain = !claims.jti.trim().is_empty() && claims.iat < claims.exp;
    if !plain || longest < end.since(begin) {
        return Err(TokenError::Times);
    }
    Ok(())
}

/// Senders break long lines.
fn bare(text: &str) -> String {
    text.split_whitespace().collect()
}

/// `SubjectPublicKeyInfo` out of base64 or PEM of a key or of a certificate.
fn key_info(text: &str) -> Result<Vec<u8>, Error> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with("-----"));
    let inner: String = lines.flat_map(str::split_whitespace).collect();
    let malformed = Error::Malformed("public-key");
    if CERTIFICATE_BYTES_MAX * 2 < inner.len() {
        return Err(malformed);
    }
    let der = STANDARD.decode(inner).map_err(|_| malformed.clone())?;
    if SubjectPublicKeyInfoRef::from_der(&der).is_ok() {
        return Ok(der);
    }
    let certificate = Certificate::parse(&der).map_err(|_| malformed)?;
    Ok(certificate.key_info().to_vec())
}
