//! Tokens: signed JSON in compact form (JWS), RS256 and nothing else.
//!
//! The algorithm is pinned by the reader, never chosen by the token: `none`, HS256 and headers that
//! must be understood (`crit`) are refused before a key is looked at (R3-2.8, S-58).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use terms::{Hash, Instant};

use crate::limits::TOKEN_BYTES_MAX;
use crate::signature::{RSA_SHA256, SignatureError, Signer, Verifier};

/// Why a token may not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not three parts of base64 with JSON in them.
    #[error("the token has no such form: {0}")]
    Form(&'static str),
    /// Another algorithm than RS256.
    #[error("the token names an algorithm that is not agreed on")]
    Algorithm,
    /// The signature.
    #[error("the signature of the token does not hold")]
    Signature(#[source] SignatureError),
    /// For somebody else.
    #[error("the token is for another audience")]
    Audience,
    /// About somebody else.
    #[error("the token is about another person")]
    Subject,
    /// For other data.
    #[error("the token is for other data")]
    Scope,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its time has not begun.
    #[error("the token is not valid yet")]
    NotYet,
    /// Its time ends before it begins, or it lives longer than was asked for.
    #[error("the token's times do not fit together")]
    Times,
    /// Of another session than ours.
    #[error("the token belongs to another session")]
    Session,
}

#[derive(Deserialize)]
struct Head {
    alg: String,
    #[serde(default)]
    typ: Option<String>,
    #[serde(default)]
    crit: Option<serde_json::Value>,
}

/// Signs this content.
pub fn sign<T: Serialize>(content: &T, key: &dyn Signer) -> Result<String, TokenError> {
    if key.algorithm() != RSA_SHA256 {
        return Err(TokenError::Algorithm);
    }
    let content = serde_json::to_vec(content).map_err(|_| TokenError::Form("content"))?;
    let head = URL_SAFE_NO_PAD.encode(br#"{"alg":"RS256","typ":"JWT"}"#);
    let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(content));
    let signature = key.sign(signed.as_bytes()).map_err(TokenError::Signature)?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// Checks form, algorithm and signature, and reads the content. Fields that the type does not have
/// are passed over.
pub fn open<T: DeserializeOwned>(
    token: &str,
    key_info: &[u8],
    verifier: &dyn Verifier,
) -> Result<T, TokenError> {
    if TOKEN_BYTES_MAX < token.len() {
        return Err(TokenError::Form("length"));
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Form("parts"))?;
    let (head, content) = signed.split_once('.').ok_or(TokenError::Form("parts"))?;
    let decode = |part: &str, what| {
        URL_SAFE_NO_PAD.decode(part.as_bytes()).map_err(|_| TokenError::Form(what))
    };
    let head: Head =
        serde_json::from_slice(&decode(head, "head")?).map_err(|_| TokenError::Form("head"))?;
    let kind = head.typ.as_deref().unwrap_or("JWT");
    if head.alg != "RS256" || head.crit.is_some() || !kind.eq_ignore_ascii_case("JWT") {
        return Err(TokenError::Algorithm);
    }
    let signature = decode(signature, "signature")?;
    verifier
        .verify(RSA_SHA256, key_info, signed.as_bytes(), &signature)
        .map_err(TokenError::Signature)?;
    serde_json::from_slice(&decode(content, "content")?).map_err(|_| TokenError::Form("content"))
}

/// Seconds since 1970 as tokens count them.
pub(crate) fn seconds(at: Instant) -> i64 {
    at.0.div_euclid(Instant::SECOND)
}

/// The instant of so many seconds since 1970.
pub(crate) fn instant(seconds: i64) -> Instant {
    Instant(seconds.saturating_mul(Instant::SECOND))
}

/// SHA-256 of bytes, as evidence.
pub(crate) fn hash(bytes: &[u8]) -> Hash {
    use sha2::{Digest as _, Sha256};
    Hash(Sha256::digest(bytes).into())
}
