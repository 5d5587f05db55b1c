//! Checkpoints: signed statements that a journal of so many facts has such a root.
//!
//! The form is C2SP tlog-checkpoint, an Ed25519 signed note, so that standard tools and witnesses
//! can read it. Its origin and the name of its key are `bej/<instance>`. Contract: a checkpoint
//! that [`open`] accepts was signed by the verifier's key for the verifier's origin; lines that
//! extend the text are refused, signatures of others beside ours are let be. Ed25519 is
//! deterministic: the same size and root give the same text. Whoever signs must have made (size,
//! root) durable before; this module remembers nothing.

use core::fmt;

use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use signed_note::{Note, NoteError, StandardVerifier, Verifier as _, VerifierList};
use terms::Hash;
use tlog_tiles::{checkpoint::Checkpoint, tlog};

/// The most characters of an instance's name.
pub const INSTANCE_CHARS_MAX: usize = 32;

/// What every origin starts with.
const ORIGIN_PREFIX: &str = "bej/";

/// Which journal a checkpoint speaks of: `bej/<instance>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// The origin of an instance: 1 to 32 of `a`–`z`, `0`–`9` and `-`, a letter first, no `-` at
    /// the end.
    pub fn of(instance: &str) -> Result<Origin, CheckpointError> {
        let right = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let good = instance.len() <= INSTANCE_CHARS_MAX
            && instance.bytes().all(right)
            && instance.starts_with(|first: char| first.is_ascii_lowercase())
            && !instance.ends_with('-');
        if good {
            Ok(Origin(format!("{ORIGIN_PREFIX}{instance}")))
        } else {
            Err(CheckpointError::Instance)
        }
    }

    /// Reads `bej/<instance>`.
    pub fn parse(text: &str) -> Result<Origin, CheckpointError> {
        Origin::of(text.strip_prefix(ORIGIN_PREFIX).ok_or(CheckpointError::Instance)?)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The secret key that signs checkpoints. It has no printed form.
pub struct CheckpointKey(SigningKey);

impl CheckpointKey {
    /// The key of a seed: 32 random bytes that are kept secret.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        CheckpointKey(SigningKey::from_bytes(&seed))
    }

    /// The bytes of the public key.
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// Whoever checks what this key signs for an origin.
    pub fn verifier(&self, origin: &Origin) -> CheckpointVerifier {
        CheckpointVerifier::from_key(origin.clone(), &self.0.verifying_key())
    }
}

impl fmt::Debug for CheckpointKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CheckpointKey(…)")
    }
}

/// Checks checkpoints of one origin against one public key.
#[derive(Clone)]
pub struct CheckpointVerifier {
    origin: Origin,
    public: [u8; 32],
    printed: String,
    note: StandardVerifier,
}

impl CheckpointVerifier {
    /// The verifier of a public key.
    pub fn new(origin: Origin, public: [u8; 32]) -> Result<Self, CheckpointError> {
        let key = VerifyingKey::from_bytes(&public).map_err(|_| CheckpointError::Key)?;
        // Under a key of small order one signature fits many texts.
        if key.is_weak() {
            return Err(CheckpointError::Key);
        }
        Ok(CheckpointVerifier::from_key(origin, &key))
    }

    /// Reads the printed form `bej/<instance>+<key id>+<base64 of 0x01 and the public key>`.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let (name, rest) = text.split_once('+').ok_or(CheckpointError::Key)?;
        let origin = Origin::parse(name)?;
        let (_, key) = rest.split_once('+').ok_or(CheckpointError::Key)?;
        let key = crate::from_base64(key).ok_or(CheckpointError::Key)?;
        let public = key.get(1..).and_then(|key| key.try_into().ok());
        let verifier = CheckpointVerifier::new(origin, public.ok_or(CheckpointError::Key)?)?;
        // The algorithm, the key id and the one form of each part are checked by printing again.
        if verifier.printed == text { Ok(verifier) } else { Err(CheckpointError::Key) }
    }

    fn from_key(origin: Origin, key: &VerifyingKey) -> Self {
        let printed = signed_note::new_ed25519_verifier_key(&origin.0, key);
        // Cannot fail: the library reads what it has just printed, and the name is validated.
        let note = StandardVerifier::new(&printed).expect("a printed key is read back");
        CheckpointVerifier { origin, public: key.to_bytes(), printed, note }
    }

    /// The bytes of the public key, as the journal names them.
    pub fn public(&self) -> [u8; 32] {
        self.public
    }

    /// The origin.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }
}

impl fmt::Display for CheckpointVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.printed)
    }
}

impl fmt::Debug for CheckpointVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CheckpointVerifier({})", self.printed)
    }
}

/// The key under the origin's name, as the note library wants it.
struct NoteSigner<'a> {
    name: &'a str,
    id: u32,
    key: &'a SigningKey,
}

impl signed_note::Signer for NoteSigner<'_> {
    fn name(&self) -> &str {
        self.name
    }
    fn key_id(&self) -> u32 {
        self.id
    }
    fn sign(&self, text: &[u8]) -> Result<Vec<u8>, ed25519_dalek::SignatureError> {
        Ok(self.key.sign(text).to_bytes().to_vec())
    }
}

/// The signed checkpoint of a journal with `size` facts and this root.
pub fn sign(origin: &Origin, size: u64, root: Hash, key: &CheckpointKey) -> String {
    let text = Checkpoint::new(&origin.0, size, tlog::Hash(root.0), "").map(|c| c.to_bytes());
    // Cannot fail: the origin is not empty and there is no extension.
    let text = text.expect("a checkpoint of a valid origin");
    // Cannot fail: the text is printable lines far below the library's limit.
    let note = Note::new(&text, &[]).expect("a note of a checkpoint");
    with_signature(note, origin, key)
}

/// The signed note of another text than a checkpoint: lines without control characters, the last
/// one ended. Refused: a text that begins like a checkpoint, so that none can be taken for one.
pub fn sign_text(
    origin: &Origin,
    text: &str,
    key: &CheckpointKey,
) -> Result<String, CheckpointError> {
    if text.starts_with(ORIGIN_PREFIX) {
        return Err(CheckpointError::Body);
    }
    let note = Note::new(text.as_bytes(), &[]).map_err(|_| CheckpointError::Form)?;
    Ok(with_signature(note, origin, key))
}

/// Checks a signed note of another text than a checkpoint, and gives the text.
pub fn open_text(note: &str, verifier: &CheckpointVerifier) -> Result<String, CheckpointError> {
    let note = verified(note, verifier)?;
    let text = String::from_utf8(note.text().to_vec()).map_err(|_| CheckpointError::Form)?;
    if text.starts_with(ORIGIN_PREFIX) {
        return Err(CheckpointError::Body);
    }
    Ok(text)
}

fn with_signature(mut note: Note, origin: &Origin, key: &CheckpointKey) -> String {
    let id = key.verifier(origin).note.key_id();
    let signed = note.add_sigs(&[&NoteSigner { name: &origin.0, id, key: &key.0 }]);
    // Cannot fail: a valid origin is a valid key name, and the signer has no way to fail.
    signed.expect("a signature under a valid name");
    // Cannot fail: the text of a note is text, and base64 as well.
    String::from_utf8(note.to_bytes()).expect("a note is text")
}

fn verified(text: &str, verifier: &CheckpointVerifier) -> Result<Note, CheckpointError> {
    let note = Note::from_bytes(text.as_bytes()).map_err(|_| CheckpointError::Form)?;
    let known = VerifierList::new(vec![Box::new(verifier.note.clone())]);
    note.verify(&known).map_err(|error| match error {
        NoteError::UnverifiedNote => CheckpointError::Unsigned,
        _ => CheckpointError::Signature,
    })?;
    Ok(note)
}

/// Checks a checkpoint and gives its size and root.
pub fn open(text: &str, verifier: &CheckpointVerifier) -> Result<(u64, Hash), CheckpointError> {
    let note = verified(text, verifier)?;
    // Only a signed text is read.
    let body = Checkpoint::from_bytes(note.text()).map_err(|_| CheckpointError::Body)?;
    if body.origin() != verifier.origin.0 {
        return Err(CheckpointError::Origin);
    }
    if !body.extension().is_empty() {
        return Err(CheckpointError::Body);
    }
    Ok((body.size(), Hash(body.hash().0)))
}

/// Why a checkpoint, its origin or its key is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckpointError {
    /// Not a name for an instance.
    Instance,
    /// Not a public key, or not in its printed form.
    Key,
    /// Not a signed note.
    Form,
    /// No signature by the key that is trusted.
    Unsigned,
    /// A signature that names the trusted key and is not by it.
    Signature,
    /// A signed text that is not size and root.
    Body,
    /// A checkpoint of another journal.
    Origin,
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CheckpointError::Instance => {
                "an instance's name is 1 to 32 of a-z, 0-9 and -, a letter first"
            }
            CheckpointError::Key => "not a public key for checkpoints",
            CheckpointError::Form => "the checkpoint is not a signed note",
            CheckpointError::Unsigned => "the checkpoint is not signed by the trusted key",
            CheckpointError::Signature => "the checkpoint's signature does not fit its text",
            CheckpointError::Body => "the checkpoint's text is not origin, size and root",
            CheckpointError::Origin => "the checkpoint is of another journal",
        })
    }
}

impl core::error::Error for CheckpointError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::leaf_hash;

    fn origin() -> Origin {
        Origin::of("almaty-1").unwrap()
    }

    fn key() -> CheckpointKey {
        CheckpointKey::from_seed([7; 32])
    }

    fn signed() -> String {
        sign(&origin(), 1_234, leaf_hash(b"root"), &key())
    }

    /// Signs a text that `sign` would never make.
    fn sign_text(text: &str) -> String {
        let (origin, key) = (origin(), key());
        let id = key.verifier(&origin).note.key_id();
        let mut note = Note::new(text.as_bytes(), &[]).unwrap();
        note.add_sigs(&[&NoteSigner { name: &origin.0, id, key: &key.0 }]).unwrap();
        String::from_utf8(note.to_bytes()).unwrap()
    }

    #[test]
    fn golden_text() {
        crate::golden::check("checkpoint.txt", signed().as_bytes());
        let verifier = key().verifier(&origin());
        crate::golden::check("checkpoint-key.txt", format!("{verifier}\n").as_bytes());
        assert_eq!(open(&signed(), &verifier), Ok((1_234, leaf_hash(b"root"))));
    }

    #[test]
    fn keys_are_read_back() {
        let verifier = key().verifier(&origin());
        let read = CheckpointVerifier::parse(&verifier.to_string()).unwrap();
        assert_eq!(open(&signed(), &read), Ok((1_234, leaf_hash(b"root"))));
        let made = CheckpointVerifier::new(origin(), key().public()).unwrap();
        assert_eq!(made.to_string(), verifier.to_string());
        assert_eq!(made.origin(), &origin());
        assert_eq!(format!("{:?}", key()), "CheckpointKey(…)");

        fn check(text: &str, why: CheckpointError) {
            assert_eq!(CheckpointVerifier::parse(text).map(|_| ()), Err(why), "{text}");
        }
        let printed = verifier.to_string();
        check("", CheckpointError::Key);
        check("bej/almaty-1", CheckpointError::Key);
        check(&printed.replace("almaty-1", "almaty-2"), CheckpointError::Key);
        check(&printed.replace("bej/", "log/"), CheckpointError::Instance);
        check(&format!("{printed} "), CheckpointError::Key);
        let mut identity = [0; 32];
        identity[0] = 1;
        let weak = CheckpointVerifier::new(origin(), identity);
        assert_eq!(weak.map(|_| ()), Err(CheckpointError::Key));
    }

    #[test]
    fn instances_have_plain_names() {
        for good in ["a", "demo", "almaty-1", "a--b", &"a".repeat(32)] {
            assert_eq!(Origin::of(good).unwrap().to_string(), format!("bej/{good}"));
            assert_eq!(Origin::parse(&format!("bej/{good}")), Origin::of(good));
        }
        let bad = ["", "1a", "-a", "a-", "A", "a b", "a+b", "a/b", "a\n", "бәс", &"a".repeat(33)];
        for bad in bad {
            assert_eq!(Origin::of(bad), Err(CheckpointError::Instance), "{bad:?}");
        }
        assert_eq!(Origin::parse("demo"), Err(CheckpointError::Instance));
    }

    #[test]
    fn any_changed_character_is_refused() {
        let text = signed();
        let verifier = key().verifier(&origin());
        for at in 0..text.len() {
            for bit in 0..8 {
                let mut bytes = text.clone().into_bytes();
                bytes[at] ^= 1 << bit;
                if let Ok(changed) = String::from_utf8(bytes) {
                    assert!(open(&changed, &verifier).is_err(), "byte {at}, bit {bit}: {changed}");
                }
            }
        }
        for cut in 0..text.len() {
            assert!(text.get(..cut).is_none_or(|cut| open(cut, &verifier).is_err()), "{cut}");
        }
    }

    #[test]
    fn refusals_say_why() {
        let verifier = key().verifier(&origin());
        let check = |text: &str, why: CheckpointError| {
            assert_eq!(open(text, &verifier), Err(why), "{text}");
        };
        let text = signed();
        let root = tlog::Hash(leaf_hash(b"root").0);
        check("", CheckpointError::Form);
        check(&text.replace("1234", "1235"), CheckpointError::Signature);
        check(&text.replace("\n\n", "\n"), CheckpointError::Form);
        let other = CheckpointKey::from_seed([8; 32]);
        check(&sign(&origin(), 1, Hash::ZERO, &other), CheckpointError::Unsigned);
        let elsewhere = Origin::of("astana").unwrap();
        check(&sign(&elsewhere, 1, Hash::ZERO, &key()), CheckpointError::Unsigned);
        check(&sign_text(&format!("bej/astana\n1\n{root}\n")), CheckpointError::Origin);
        check(&sign_text(&format!("bej/almaty-1\n01\n{root}\n")), CheckpointError::Body);
        check(&sign_text(&format!("bej/almaty-1\n1\n{root}\nmore\n")), CheckpointError::Body);
        check(&sign_text("bej/almaty-1\n1\nAAAA\n"), CheckpointError::Body);
    }

    #[test]
    fn another_text_is_signed_and_is_never_a_checkpoint() {
        let verifier = key().verifier(&origin());
        let text = "{\n  \"day\": \"2026-01-05\"\n}\n";
        let note = super::sign_text(&origin(), text, &key()).unwrap();
        assert_eq!(open_text(&note, &verifier).as_deref(), Ok(text));
        assert_eq!(open(&note, &verifier), Err(CheckpointError::Body));
        let changed = note.replace("2026", "2027");
        assert_eq!(open_text(&changed, &verifier), Err(CheckpointError::Signature));
        let other = CheckpointKey::from_seed([8; 32]).verifier(&origin());
        assert_eq!(open_text(&note, &other), Err(CheckpointError::Unsigned));
        assert_eq!(open_text(&signed(), &verifier), Err(CheckpointError::Body));
        for bad in ["bej/almaty-1\n1\nAAAA\n", "bej/x", "no end", "a\tb\n", ""] {
            assert!(super::sign_text(&origin(), bad, &key()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn signatures_of_witnesses_are_let_be() {
        let verifier = key().verifier(&origin());
        let line = "— witness.example AAAAAAAAAAAA\n";
        assert_eq!(open(&format!("{}{line}", signed()), &verifier).unwrap().0, 1_234);
    }
}
