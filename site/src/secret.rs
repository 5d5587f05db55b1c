//! Random bytes, digests and tokens.

use std::fs::File;
use std::io::Read;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};

pub use terms::codec::hex;

/// Random bytes of the operating system.
pub fn random<const N: usize>() -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// HMAC-SHA-256 of a text.
pub fn seal(key: &[u8; 32], text: &str) -> String {
    // Cannot fail: HMAC takes keys of every length.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("every length of key is good");
    mac.update(text.as_bytes());
    hex(&mac.finalize().into_bytes())
}

/// Compares without telling by time where two texts differ.
pub fn same(a: &str, b: &str) -> bool {
    let differing = a.bytes().zip(b.bytes()).fold(0, |found, (a, b)| found | (a ^ b));
    a.len() == b.len() && differing == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_told_apart() {
        let key = [7; 32];
        let token = seal(&key, "form a");
        assert!(same(&token, &seal(&key, "form a")) && !same(&token, &seal(&key, "form b")));
        assert!(!same(&token, &seal(&[8; 32], "form a")));
        assert!(same("abc", "abc") && !same("abc", "abd") && !same("abc", "ab"));
        assert_ne!(random::<16>().unwrap(), random::<16>().unwrap());
    }
}
