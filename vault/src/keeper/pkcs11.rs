//! Key-encryption keys in a device that speaks PKCS #11: AES-256, made in it, never taken out.
//!
//! A key has the label `bej-vault-kek-000001` and is neither readable nor extractable; what it
//! seals is sealed with AES-GCM within the device: nonce of 12 bytes, text, tag of 16 bytes. Two
//! keys of one label, should two processes make the first at once, are both tried, and both
//! destroyed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use zeroize::Zeroizing;

use super::{KeeperFault, KeyKeeper};
use crate::seal::Random;

const LABEL: &str = "bej-vault-kek-";
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

/// A token of a device.
pub struct Pkcs11Keeper {
    token: String,
    session: Mutex<Session>,
}

impl std::fmt::Debug for Pkcs11Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pkcs11Keeper({})", self.token)
    }
}

impl Pkcs11Keeper {
    /// Opens the token of this label with a library of the device's maker. The file of the PIN has
    /// it in its first line and is readable by its owner alone.
    pub fn open(module: &Path, token: &str, pin: &Path) -> Result<Pkcs11Keeper, KeeperFault> {
        let failed = |doing: &str| {
            let (keeper, doing) = (name(token), doing.to_owned());
            move |error: Error| KeeperFault::Failed { keeper, doing, source: error.into() }
        };
        let pin = read_pin(token, pin)?;
        let library = Pkcs11::new(module).map_err(failed("load its library"))?;
        match library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
            Err(error) => return Err(failed("start its library")(error)),
        }
        let slots = library.get_slots_with_initialized_token().map_err(failed("list tokens"))?;
        for slot in slots {
            let info = library.get_token_info(slot).map_err(failed("look at a token"))?;
            if info.label().trim_end() != token {
                continue;
            }
            let session = library.open_rw_session(slot).map_err(failed("open a session"))?;
            match session.login(UserType::User, Some(&pin)) {
                Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {}
                Err(error) => return Err(failed("log in")(error)),
            }
            let (token, session) = (token.to_owned(), Mutex::new(session));
            return Ok(Pkcs11Keeper { token, session });
        }
        let what = "the device has no token of this label".to_owned();
        Err(KeeperFault::Unfit { keeper: name(token), what })
    }

    fn session(&self) -> MutexGuard<'_, Session> {
        // A panic elsewhere leaves a session whose next call begins anew.
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, doing: &str, error: Error) -> KeeperFault {
        let (keeper, doing) = (self.name(), doing.to_owned());
        KeeperFault::Failed { keeper, doing, source: error.into() }
    }

    /// The keys of an epoch.
    fn keys(&self, session: &Session, epoch: u32) -> Result<Vec<ObjectHandle>, KeeperFault> {
        let template = [
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::Token(true),
            Attribute::Label(label(epoch).into_bytes()),
        ];
        session.find_objects(&template).map_err(|error| self.failed("find a key", error))
    }

    fn unknown(&self, epoch: u32) -> KeeperFault {
        KeeperFault::Unknown { keeper: self.name(), epoch }
    }
}

fn name(token: &str) -> String {
    format!("the token {token}")
}

fn label(epoch: u32) -> String {
    format!("{LABEL}{epoch:06}")
}

fn read_pin(token: &str, path: &Path) -> Result<AuthPin, KeeperFault> {
    let unfit = |what: String| KeeperFault::Unfit { keeper: name(token), what };
    let place = path.display();
    let mode = fs::metadata(path).map(|found| found.permissions().mode() & 0o777);
    match mode {
        Ok(mode) if mode & 0o077 == 0 => {}
        Ok(mode) => return Err(unfit(format!("{place} has mode {mode:04o}; others can read it"))),
        Err(error) => return Err(unfit(format!("{place} cannot be read: {error}"))),
    }
    let text = fs::read_to_string(path).map(Zeroizing::new);
    let text = text.map_err(|error| unfit(format!("{place} cannot be read: {error}")))?;
    let pin = text.lines().next().filter(|pin| !pin.is_empty());
    pin.map(|pin| AuthPin::new(pin.into())).ok_or_else(|| unfit(format!("{place} holds no PIN")))
}

impl KeyKeeper for Pkcs11Keeper {
    fn epochs(&self) -> Result<Vec<u32>, KeeperFault> {
        let session = self.session();
        let listing = |error| self.failed("list its keys", error);
        let template = [Attribute::Class(ObjectClass::SECRET_KEY), Attribute::Token(true)];
        let mut found = Vec::new();
        for key in session.find_objects(&template).map_err(listing)? {
            let attributes = session.get_attributes(key, &[AttributeType::Label]);
            for attribute in attributes.map_err(listing)? {
                let Attribute::Label(label) = attribute else { continue };
                let label = String::from_utf8_lossy(&label).into_owned();
                found.extend(label.strip_prefix(LABEL).and_then(|epoch| epoch.parse::<u32>().ok()));
            }
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    fn ensure(&self, epoch: u32) -> Result<(), KeeperFault> {
        let session = self.session();
        if !self.keys(&session, epoch)?.is_empty() {
            return Ok(());
        }
        let template = [
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(KeyType::AES),
            Attribute::ValueLen(32.into()),
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Encrypt(true),
            Attribute::Decrypt(true),
            Attribute::Label(label(epoch).into_bytes()),
        ];
        let made = session.generate_key(&Mechanism::AesKeyGen, &template);
        made.map(drop).map_err(|error| self.failed("make a key", error))
    }

    fn seal(&self, epoch: u32, context: &[u8], secret: &[u8]) -> Result<Vec<u8>, KeeperFault> {
        let session = self.session();
        let key = self.keys(&session, epoch)?.first().copied();
        let key = key.ok_or_else(|| self.unknown(epoch))?;
        let nonce: [u8; NONCE_BYTES] =
            Random::new().draw().map_err(|error| KeeperFault::Failed {
                keeper: self.name(),
                doing: "seal keys".to_owned(),
                source: error.into(),
            })?;
        let mut iv = nonce;
        let failed = |error| self.failed("seal keys", error);
        let gcm =
            GcmParams::new(&mut iv, context, (8 * TAG_BYTES as u64).into()).map_err(failed)?;
        let sealed = session.encrypt(&Mechanism::AesGcm(gcm), key, secret).map_err(failed)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    fn open(
        &self,
        epoch: u32,
        context: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeeperFault> {
        let session = self.session();
        let keys = self.keys(&session, epoch)?;
        if keys.is_empty() {
            return Err(self.unknown(epoch));
        }
        let wrong = || KeeperFault::Wrong { keeper: self.name(), epoch };
        let Some((nonce, text)) = sealed.split_at_checked(NONCE_BYTES) else { return Err(wrong()) };
        if text.len() < TAG_BYTES {
            return Err(wrong());
        }
        for key in keys {
            let mut iv = nonce.to_vec();
            let gcm = GcmParams::new(&mut iv, context, (8 * TAG_BYTES as u64).into());
            let gcm = gcm.map_err(|error| self.failed("open keys", error))?;
            match session.decrypt(&Mechanism::AesGcm(gcm), key, text) {
                Ok(secret) => return Ok(Zeroizing::new(secret)),
                Err(error) if is_wrong(&error) => {}
                Err(error) => return Err(self.failed("open keys", error)),
            }
        }
        Err(wrong())
    }

    fn destroy(&self, epoch: u32) -> Result<(), KeeperFault> {
        let session = self.session();
        for key in self.keys(&session, epoch)? {
            session.destroy_object(key).map_err(|error| self.failed("destroy a key", error))?;
        }
        Ok(())
    }

    fn name(&self) -> String {
        name(&self.token)
    }
}

/// Whether the device says that a text was not sealed by its key. Devices differ in how they say
/// it.
fn is_wrong(error: &Error) -> bool {
    matches!(
        error,
        Error::Pkcs11(
            RvError::EncryptedDataInvalid
                | RvError::EncryptedDataLenRange
                | RvError::GeneralError
                | RvError::FunctionFailed,
            _
        )
    )
}
