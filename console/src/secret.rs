//! Passwords, one-time codes and tokens (S-45).

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
pub use site::secret::{hex, random, same, seal, sha256};

/// Seconds of a step of one-time codes (RFC 6238).
const STEP_SECONDS: u64 = 30;
/// The letters of base32 (RFC 4648).
const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The hash that a password is kept as: Argon2id with 19 MiB and two passes, the least that is
/// advised for interactive use.
pub fn hash_password(password: &str) -> Result<String, String> {
    let bytes: [u8; 16] = random().map_err(|error| error.to_string())?;
    let salt = SaltString::encode_b64(&bytes).map_err(|error| error.to_string())?;
    let hash = argon2()?.hash_password(password.as_bytes(), &salt);
    hash.map(|hash| hash.to_string()).map_err(|error| error.to_string())
}

/// Whether a password is the one behind a hash; a hash that cannot be read fits none.
pub fn fits(password: &str, hash: &str) -> bool {
    let (Ok(hash), Ok(argon2)) = (PasswordHash::new(hash), argon2()) else { return false };
    argon2.verify_password(password.as_bytes(), &hash).is_ok()
}

fn argon2() -> Result<Argon2<'static>, String> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|error| error.to_string())?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// A new secret of one-time codes, as authenticator programs take it.
pub fn new_secret() -> std::io::Result<String> {
    let bytes: [u8; 20] = random()?;
    let mut text = String::new();
    for chunk in bytes.chunks(5) {
        let bits = chunk.iter().fold(0u64, |bits, byte| (bits << 8) | u64::from(*byte));
        for at in (0..8).rev() {
            text.push(char::from(LETTERS[((bits >> (at * 5)) & 31) as usize]));
        }
    }
    Ok(text)
}

fn from_base32(text: &str) -> Option<Vec<u8>> {
    let (mut bits, mut count, mut bytes) = (0u64, 0, Vec::new());
    for letter in text.bytes().filter(|byte| *byte != b' ' && *byte != b'=') {
        let value = LETTERS.iter().position(|known| *known == letter.to_ascii_uppercase())?;
        (bits, count) = ((bits << 5 | value as u64) & 0xffff, count + 5);
        if 8 <= count {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    (!bytes.is_empty()).then_some(bytes)
}

/// The step of a time.
pub fn step(unix_seconds: u64) -> u64 {
    unix_seconds / STEP_SECONDS
}

/// The code of a step: six digits (RFC 6238, SHA-1, which every authenticator program knows).
pub fn code(secret: &str, step: u64) -> Option<String> {
    let key = from_base32(secret)?;
    let mut mac = Hmac::<Sha1>::new_from_slice(&key).ok()?;
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[19] & 15);
    let number = u32::from_be_bytes([hash[at] & 0x7f, hash[at + 1], hash[at + 2], hash[at + 3]]);
    Some(format!("{:06}", number % 1_000_000))
}

/// The step of a code that holds now, one step before or one after.
pub fn step_of_code(secret: &str, typed: &str, now: u64) -> Option<u64> {
    let steps = now.saturating_sub(1)..=now + 1;
    let fits = |step: &u64| code(secret, *step).is_some_and(|code| same(&code, typed));
    steps.rev().find(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, the last six of eight digits.
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        for (time, want) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(secret, step(time)).as_deref(), Some(want));
        }
        assert_eq!(step_of_code(secret, "287082", 2), Some(1));
        assert_eq!(step_of_code(secret, "287082", 3), None);
        assert_eq!(code("1!", 0), None);
    }

    #[test]
    fn secrets_read_back_and_passwords_fit() {
        // S-45
        let secret = new_secret().unwrap();
        assert_eq!((secret.len(), from_base32(&secret).unwrap().len()), (32, 20));
        let hash = hash_password("correct horse battery").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(fits("correct horse battery", &hash));
        assert!(!fits("correct horse batterz", &hash) && !fits("x", "no hash"));
    }
}
