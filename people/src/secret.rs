//! Passwords, one-time codes, tokens and keyed hashes (S-45).
//!
//! A token is random and is kept as its hash alone; a password as its Argon2id hash; a one-time
//! code and a phone number as keyed hashes, so that whoever reads what is kept has neither.

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use pump::Entropy;
use sha2::{Digest as _, Sha256};
use terms::codec::{hex, unhex};

use crate::limits::{PASSWORD_BYTES_MAX, PASSWORD_CHARS_MIN};

/// What a browser holds: thirty-two random bytes. Prints redacted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Token([u8; 32]);

impl Token {
    /// A new one.
    pub fn draw(entropy: &mut dyn Entropy) -> Token {
        let mut bytes = [0; 32];
        for eight in bytes.chunks_mut(8) {
            eight.copy_from_slice(&entropy.draw());
        }
        Token(bytes)
    }

    /// Of bytes that nobody can guess.
    pub(crate) fn of(bytes: [u8; 32]) -> Token {
        Token(bytes)
    }

    /// Reads the text that [`Token::reveal`] wrote.
    pub fn parse(text: &str) -> Option<Token> {
        Some(Token(unhex(text)?.try_into().ok()?))
    }

    /// For the browser, and nobody else.
    pub fn reveal(&self) -> String {
        hex(&self.0)
    }

    /// Under which it is kept.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }

    /// Bytes that are this token's alone and do not tell it.
    pub fn nonce(&self) -> [u8; 8] {
        let mut nonce = [0; 8];
        nonce.copy_from_slice(&keyed(&self.0, "nonce", b"")[..8]);
        nonce
    }

    /// A key that only who has the token can make.
    pub(crate) fn key(&self) -> [u8; 32] {
        keyed(&self.0, "sealed under the token", b"")
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

/// HMAC-SHA-256 of a text, for one use that is named.
pub fn keyed(key: &[u8; 32], purpose: &str, text: &[u8]) -> [u8; 32] {
    // Cannot fail: HMAC takes keys of every length.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("every length of key is good");
    mac.update(purpose.as_bytes());
    mac.update(&[0]);
    mac.update(text);
    mac.finalize().into_bytes().into()
}

/// Compares without telling by time where two hashes differ.
pub fn same(a: &[u8; 32], b: &[u8; 32]) -> bool {
    a.iter().zip(b).fold(0, |found, (a, b)| found | (a ^ b)) == 0
}

/// Six digits, each number equally likely.
pub fn draw_code(entropy: &mut dyn Entropy) -> String {
    const CODES: u32 = 1_000_000;
    // The last incomplete round of a million would make small numbers likelier.
    let fair = u32::MAX - u32::MAX % CODES;
    loop {
        let drawn = entropy.draw();
        let number = u32::from_be_bytes([drawn[0], drawn[1], drawn[2], drawn[3]]);
        if number < fair {
            return format!("{:06}", number % CODES);
        }
    }
}

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weak {
    /// Fewer characters than it takes (S-45).
    Short,
    /// Longer than is hashed.
    Long,
    /// Few different characters, or the phone number itself.
    Guessed,
}

/// Whether a password can be taken for a number (R4-11.1.2b).
pub fn judge_password(password: &str, phone: &str) -> Result<(), Weak> {
    let mut different: Vec<char> = password.chars().collect();
    different.sort_unstable();
    different.dedup();
    let digits: String = password.chars().filter(char::is_ascii_digit).collect();
    if password.chars().count() < PASSWORD_CHARS_MIN {
        Err(Weak::Short)
    } else if PASSWORD_BYTES_MAX < password.len() {
        Err(Weak::Long)
    } else if different.len() < 5 || phone.get(2..).is_some_and(|own| digits.contains(own)) {
        Err(Weak::Guessed)
    } else {
        Ok(())
    }
}

/// The hash that a password is kept as: Argon2id with 19 MiB and two passes, the least that is
/// advised for interactive use.
pub fn hash_password(password: &str, entropy: &mut dyn Entropy) -> Result<String, String> {
    let mut bytes = [0; 16];
    for eight in bytes.chunks_mut(8) {
        eight.copy_from_slice(&entropy.draw());
    }
    let salt = SaltString::encode_b64(&bytes).map_err(|error| error.to_string())?;
    let hash = argon2()?.hash_password(password.as_bytes(), &salt);
    hash.map(|hash| hash.to_string()).map_err(|error| error.to_string())
}

/// The hash of no password: trying a number that nobody has takes as long.
pub const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$\
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Whether a password is the one behind a hash; a hash that cannot be read fits none.
pub fn fits(password: &str, hash: &str) -> bool {
    let (Ok(hash), Ok(argon2)) = (PasswordHash::new(hash), argon2()) else { return false };
    password.len() <= PASSWORD_BYTES_MAX
        && argon2.verify_password(password.as_bytes(), &hash).is_ok()
}

fn argon2() -> Result<Argon2<'static>, String> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|error| error.to_string())?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use pump::Stream;

    use super::*;

    #[test]
    fn tokens_and_codes_are_drawn() {
        let mut entropy = Stream::seeded([7; 32]);
        let (one, two) = (Token::draw(&mut entropy), Token::draw(&mut entropy));
        assert_ne!(one, two);
        assert_eq!(Token::parse(&one.reveal()), Some(one));
        assert_ne!(one.nonce(), two.nonce());
        assert_eq!(format!("{one:?}"), "Token(***)");
        for text in ["", "xyz", &one.reveal()[2..], &"0".repeat(66)] {
            assert_eq!(Token::parse(text), None, "{text}");
        }
        // S-45: six digits.
        for _ in 0..1_000 {
            let code = draw_code(&mut entropy);
            assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
        }
    }

    // R4-11.1.2b, S-45
    #[test]
    fn weak_passwords_are_not_taken() {
        let phone = "+77011234567";
        for (password, want) in [
            ("eleven char", Err(Weak::Short)),
            ("twelve chars", Ok(())),
            ("қазақша құпия", Ok(())),
            ("aaaabbbbcccc", Err(Weak::Guessed)),
            ("my 7011234567 phone", Err(Weak::Guessed)),
            (&"ab cd".repeat(52), Err(Weak::Long)),
        ] {
            assert_eq!(judge_password(password, phone), want, "{password}");
        }
        let mut entropy = Stream::seeded([1; 32]);
        let hash = hash_password("correct horse battery", &mut entropy).unwrap();
        assert!(fits("correct horse battery", &hash) && !fits("correct horse batterz", &hash));
        assert!(!fits("x", NOBODY) && !fits("x", "no hash"));
    }
}
