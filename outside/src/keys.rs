//! Keys of the simulated systems and of whoever speaks to them.
//!
//! They are made when they are first wanted and kept in a directory, so that a restart does not
//! change them. RSA keys are made here because `ring`, which signs with them, makes none; they are
//! good for nothing but a test, and nothing but a test is given them.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use links::signature::{Certificate, RsaSigner};
use num_bigint::{BigInt, BigUint};
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_RSA_SHA256, date_time_ymd};

/// Bits of each of a key's two primes.
const PRIME_BITS: u64 = 1_024;
/// Rounds of the test for a prime; the error is below 2^-80 for numbers of this size.
const ROUNDS: usize = 16;

/// Whose key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The gateway's, for its answers.
    Gateway,
    /// The state service's, for its tokens.
    StateService,
    /// The exchange's, for its results.
    Exchange,
    /// Nobody's that anyone should believe.
    Stranger,
    /// Ours, for messages to the gateway.
    OurMessages,
    /// Ours, for proofs to the state service.
    OurProofs,
    /// Ours, for passes to the exchange.
    OurPasses,
}

/// All keys of a simulation.
#[derive(Debug)]
pub struct Keys {
    pairs: Vec<(Owner, Vec<u8>, Vec<u8>)>,
}

const OWNERS: [(Owner, &str); 7] = [
    (Owner::Gateway, "gateway"),
    (Owner::StateService, "state-service"),
    (Owner::Exchange, "exchange"),
    (Owner::Stranger, "stranger"),
    (Owner::OurMessages, "our-messages"),
    (Owner::OurProofs, "our-proofs"),
    (Owner::OurPasses, "our-passes"),
];

impl Keys {
    /// Reads the keys of this directory, and makes those that are missing. Two processes at once
    /// end up with the same keys.
    pub fn kept_in(directory: &Path) -> io::Result<Keys> {
        fs::create_dir_all(directory)?;
        let pair = |(owner, name): (Owner, &str)| {
            let path = directory.join(format!("{name}.pair"));
            if !path.exists() {
                keep(&path, &make(name).map_err(io::Error::other)?)?;
            }
            let (key, certificate) = split(&fs::read(&path)?)?;
            Ok((owner, key, certificate))
        };
        let pairs = OWNERS.into_iter().map(pair).collect::<io::Result<_>>()?;
        Ok(Keys { pairs })
    }

    /// A signer with this key.
    pub fn signer(&self, owner: Owner) -> RsaSigner {
        let (key, certificate) = self.pair(owner);
        // Cannot fail: the pair was made for each other, or reading it has failed.
        RsaSigner::new(key, certificate).expect("a pair of key and certificate")
    }

    /// The certificate of this key.
    pub fn certificate(&self, owner: Owner) -> Certificate {
        // Cannot fail: as above.
        Certificate::parse(self.pair(owner).1).expect("a certificate")
    }

    /// The private key in PKCS#8, DER, for configurations of the caller's side.
    pub fn private(&self, owner: Owner) -> &[u8] {
        self.pair(owner).0
    }

    fn pair(&self, owner: Owner) -> (&[u8], &[u8]) {
        let found = self.pairs.iter().find(|(of, _, _)| *of == owner);
        // Cannot fail: every owner has a row in OWNERS.
        let (_, key, certificate) = found.expect("a key of each owner");
        (key, certificate)
    }
}

/// Writes a file whole, readable to its owner alone, unless somebody else was quicker.
fn keep(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let aside = path.with_extension(format!("{:x}", u64::from_be_bytes(random)));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&aside)?;
    file.write_all(content)?;
    file.sync_all()?;
    let linked = fs::hard_link(&aside, path);
    fs::remove_file(&aside)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Length of the key, key, certificate.
fn split(content: &[u8]) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let broken = || io::Error::other("a file of keys is broken; delete it");
    let (length, rest) = content.split_first_chunk::<4>().ok_or_else(broken)?;
    let length = u32::from_be_bytes(*length) as usize;
    let (key, certificate) = rest.split_at_checked(length).ok_or_else(broken)?;
    RsaSigner::new(key, certificate).map_err(|_| broken())?;
    Ok((key.to_vec(), certificate.to_vec()))
}

fn make(name: &str) -> anyhow::Result<Vec<u8>> {
    let key = rsa_key()?;
    let pair = KeyPair::from_pkcs8_der_and_sign_algo(&key.as_slice().into(), &PKCS_RSA_SHA256)?;
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.push(DnType::CommonName, format!("simulated {name}"));
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2060, 1, 1);
    let certificate = params.self_signed(&pair)?;
    let mut content = u32::try_from(key.len())?.to_be_bytes().to_vec();
    content.extend_from_slice(&key);
    content.extend_from_slice(certificate.der());
    Ok(content)
}

/// A key of 2,048 bits, PKCS#8.
fn rsa_key() -> anyhow::Result<Vec<u8>> {
    let one = BigUint::from(1u8);
    let e = BigUint::from(65_537u32);
    loop {
        let (a, b) = (prime()?, prime()?);
        let (p, q) = if a < b { (b, a) } else { (a, b) };
        let (p1, q1) = (&p - &one, &q - &one);
        let n = &p * &q;
        let (Some(d), Some(inverse)) = (invert(&e, &(&p1 * &q1)), invert(&q, &p)) else {
            continue;
        };
        let (dp, dq) = (&d % &p1, &d % &q1);
        let zero = BigUint::from(0u8);
        let numbers = [&zero, &n, &e, &d, &p, &q, &dp, &dq, &inverse];
        let inner = tagged(0x30, &numbers.map(integer).concat());
        // rsaEncryption, without parameters.
        let kind = [0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 0x05, 0];
        let parts = [integer(&zero), tagged(0x30, &kind), tagged(0x04, &inner)];
        return Ok(tagged(0x30, &parts.concat()));
    }
}

fn prime() -> anyhow::Result<BigUint> {
    loop {
        let mut bytes = [0; (PRIME_BITS / 8) as usize];
        getrandom::fill(&mut bytes)?;
        // The two highest bits, so that the product has all its bits; the lowest, since it is odd.
        bytes[0] |= 0xc0;
        bytes[bytes.len() - 1] |= 1;
        let candidate = BigUint::from_bytes_be(&bytes);
        if is_prime(&candidate) {
            return Ok(candidate);
        }
    }
}

/// Trial division, then the test of Miller and Rabin with the first primes as bases: the
/// candidates are random, so no base needs to be.
fn is_prime(n: &BigUint) -> bool {
    let small: Vec<u32> = (3u32..2_000).filter(|n| (2..*n).all(|d| n % d != 0)).collect();
    let zero = BigUint::from(0u8);
    if small.iter().any(|divisor| n % *divisor == zero) {
        return false;
    }
    let one = BigUint::from(1u8);
    let last = n - &one;
    let twos = last.trailing_zeros().unwrap_or(0);
    let odd = &last >> twos;
    small.iter().take(ROUNDS).all(|base| {
        let mut power = BigUint::from(*base).modpow(&odd, n);
        if power == one || power == last {
            return true;
        }
        (1..twos).any(|_| {
            power = &power * &power % n;
            power == last
        })
    })
}

/// The inverse of `a` modulo `m` by Euclid's algorithm.
fn invert(a: &BigUint, m: &BigUint) -> Option<BigUint> {
    let (zero, one) = (BigInt::from(0), BigInt::from(1));
    let modulus = BigInt::from(m.clone());
    let (mut r, mut next_r) = (modulus.clone(), BigInt::from(a.clone()));
    let (mut t, mut next_t) = (zero.clone(), one.clone());
    while next_r != zero {
        let quotient = &r / &next_r;
        (r, next_r) = (next_r.clone(), r - &quotient * &next_r);
        (t, next_t) = (next_t.clone(), t - &quotient * &next_t);
    }
    if r != one {
        return None;
    }
    let t = if t < zero { t + modulus } else { t };
    t.to_biguint()
}

fn integer(number: &BigUint) -> Vec<u8> {
    let mut bytes = number.to_bytes_be();
    if 0x80 <= bytes[0] {
        bytes.insert(0, 0);
    }
    tagged(0x02, &bytes)
}

fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let length = content.len();
    if length < 0x80 {
        out.push(length as u8);
    } else {
        let bytes = length.to_be_bytes();
        let used = bytes.iter().skip_while(|byte| **byte == 0).count();
        out.push(0x80 | used as u8);
        out.extend_from_slice(&bytes[bytes.len() - used..]);
    }
    out.extend_from_slice(content);
    out
}
