//! Sealing: XChaCha20-Poly1305 with a random nonce of 24 bytes before the sealed text, and what the
//! text belongs to as associated data, so that a value opens in its own place only.
//!
//! Nonces are random: with 2^96 values under one key a pair of equal ones is still out of reach.

use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use store::vault::{ItemRow, KeyRow, LookRow, Reference};
use terms::Seq;
use zeroize::{Zeroize as _, Zeroizing};

use crate::fault::{Place, VaultFault};

/// Bytes of a key.
pub(crate) const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

/// Secret bytes, overwritten when they are dropped.
pub(crate) type Secret = Zeroizing<Vec<u8>>;

/// Random bytes of the system, drawn some hundred nonces at a time.
pub(crate) struct Random {
    bytes: Zeroizing<[u8; 4_096]>,
    used: usize,
}

impl Random {
    pub(crate) fn new() -> Random {
        Random { bytes: Zeroizing::new([0; 4_096]), used: 4_096 }
    }

    /// Bytes that nobody has seen and nobody will see again.
    pub(crate) fn draw<const N: usize>(&mut self) -> Result<[u8; N], VaultFault> {
        if self.bytes.len() < self.used + N {
            getrandom::fill(&mut self.bytes[..]).map_err(VaultFault::Random)?;
            self.used = 0;
        }
        let mut drawn = [0; N];
        let place = &mut self.bytes[self.used..self.used + N];
        drawn.copy_from_slice(place);
        place.zeroize();
        self.used += N;
        Ok(drawn)
    }
}

/// A key that seals and opens.
pub(crate) struct SealKey(XChaCha20Poly1305);

impl SealKey {
    pub(crate) fn new(key: &[u8; KEY_BYTES]) -> SealKey {
        SealKey(XChaCha20Poly1305::new(&(*key).into()))
    }

    /// Seals a text for a place.
    pub(crate) fn seal(
        &self,
        random: &mut Random,
        place: &[u8],
        text: &[u8],
    ) -> Result<Vec<u8>, VaultFault> {
        let nonce: [u8; NONCE_BYTES] = random.draw()?;
        let mut sealed = Vec::with_capacity(NONCE_BYTES + text.len() + 16);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(text);
        let tag = self.0.encrypt_inout_detached(
            &XNonce::from(nonce),
            place,
            (&mut sealed[NONCE_BYTES..]).into(),
        );
        // Cannot fail: only texts of 256 GiB are refused, and limits keep them below 6 MiB.
        let tag = tag.expect("a short text");
        sealed.extend_from_slice(&tag);
        Ok(sealed)
    }

    /// The text, if it was sealed by this key for this place.
    pub(crate) fn open(&self, place: &[u8], sealed: &[u8]) -> Option<Secret> {
        let (nonce, rest) = sealed.split_at_checked(NONCE_BYTES)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
        let mut text = Zeroizing::new(rest.to_vec());
        self.0.decrypt_in_place(&XNonce::from(nonce), place, &mut *text).ok()?;
        Some(text)
    }
}

/// The keys of an epoch: one wraps keys of persons, one makes the hashes of the index.
pub(crate) struct EpochKeys {
    pub(crate) wrap: SealKey,
    index: Hmac<Sha256>,
}

/// Bytes of both.
pub(crate) const EPOCH_BYTES: usize = 2 * KEY_BYTES;

impl EpochKeys {
    /// Of the secret of an epoch.
    pub(crate) fn of(secret: &[u8]) -> Option<EpochKeys> {
        let (wrap, index) = secret.split_at_checked(KEY_BYTES)?;
        let index: &[u8; KEY_BYTES] = index.try_into().ok()?;
        let index = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(index).ok()?;
        Some(EpochKeys { wrap: SealKey::new(wrap.try_into().ok()?), index })
    }

    /// The hash under which the index has a tag.
    pub(crate) fn hash(&self, tag: &[u8; 32]) -> [u8; 32] {
        let mut mac = self.index.clone();
        mac.update(tag);
        mac.finalize().into_bytes().into()
    }
}

/// What the keys of an epoch belong to.
pub(crate) fn of_epoch(epoch: u32) -> Vec<u8> {
    [b"bej-vault-epoch-v1\0".as_slice(), &epoch.to_be_bytes()].concat()
}

/// What a person's key belongs to.
pub(crate) fn of_key(reference: Reference, epoch: u32) -> Vec<u8> {
    [b"bej-vault-key-v1\0".as_slice(), &reference.0, &epoch.to_be_bytes()].concat()
}

/// What an item belongs to.
pub(crate) fn of_item(row: &ItemRow) -> Vec<u8> {
    let ItemRow { reference, item, kind, version, epoch, .. } = row;
    let mut place = b"bej-vault-item-v1\0".to_vec();
    place.extend_from_slice(&reference.0);
    place.extend_from_slice(&item.to_be_bytes());
    place.push(*kind);
    place.extend_from_slice(&version.to_be_bytes());
    place.extend_from_slice(&epoch.to_be_bytes());
    place
}

/// What a look belongs to.
pub(crate) fn of_look(reference: Reference, seq: Seq) -> Vec<u8> {
    [b"bej-vault-look-v1\0".as_slice(), &reference.0, &seq.0.to_be_bytes()].concat()
}

/// Opens an item.
pub(crate) fn open_item(key: &SealKey, row: &ItemRow) -> Result<Secret, VaultFault> {
    let place = Place::Item(row.reference, row.item);
    key.open(&of_item(row), &row.sealed).ok_or(VaultFault::Tampered(place))
}

/// Opens a look.
pub(crate) fn open_look(key: &SealKey, row: &LookRow) -> Result<Secret, VaultFault> {
    let place = Place::Look(row.reference, row.seq);
    key.open(&of_look(row.reference, row.seq), &row.sealed).ok_or(VaultFault::Tampered(place))
}

/// A person's key with the tags of what he is found by.
pub(crate) struct Opened {
    pub(crate) key: Zeroizing<[u8; KEY_BYTES]>,
    /// Field and tag.
    pub(crate) tags: Vec<(u8, [u8; 32])>,
}

impl Opened {
    /// Opens a key row by the keys of its epoch.
    pub(crate) fn open(keys: &EpochKeys, row: &KeyRow) -> Result<Opened, VaultFault> {
        let place = Place::Key(row.reference, row.epoch);
        let text = keys.wrap.open(&of_key(row.reference, row.epoch), &row.sealed);
        let text = text.ok_or(VaultFault::Tampered(place))?;
        let read = || {
            let (key, tags) = text.split_at_checked(KEY_BYTES)?;
            if !tags.len().is_multiple_of(33) {
                return None;
            }
            let mut opened = Opened { key: Zeroizing::new([0; KEY_BYTES]), tags: Vec::new() };
            opened.key.copy_from_slice(key);
            for tag in tags.chunks_exact(33) {
                opened.tags.push((tag[0], tag[1..].try_into().ok()?));
            }
            Some(opened)
        };
        read().ok_or(VaultFault::Unreadable(place))
    }

    /// The row of this key in an epoch.
    pub(crate) fn row(
        &self,
        keys: &EpochKeys,
        random: &mut Random,
        epoch: u32,
        reference: Reference,
    ) -> Result<KeyRow, VaultFault> {
        let mut text = Zeroizing::new(Vec::with_capacity(KEY_BYTES + 33 * self.tags.len()));
        text.extend_from_slice(&self.key[..]);
        let mut entries = Vec::with_capacity(self.tags.len());
        for (field, tag) in &self.tags {
            text.push(*field);
            text.extend_from_slice(tag);
            entries.push(store::vault::Entry { field: *field, hash: keys.hash(tag) });
        }
        let sealed = keys.wrap.seal(random, &of_key(reference, epoch), &text)?;
        Ok(KeyRow { epoch, reference, sealed, entries })
    }

    /// The key, to use.
    pub(crate) fn seal_key(&self) -> SealKey {
        SealKey::new(&self.key)
    }
}
