//! Bettors' sessions, kept on the server: whoever has the token is the bettor for fifteen minutes
//! (domain 2).
//!
//! A file for each in `DIR/sessions/`, named by the SHA-256 of the token, which itself is nowhere
//! kept: number of the account with which the bettor signed in, and when. Today an operator's
//! command opens them for synthetic bettors; sign-in by the bettor himself takes its place.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use terms::codec::hex;
use terms::number::{account_number, parse_account_number};
use terms::{Account, Instant, Organiser};

use crate::limits::{SESSION_S, SESSIONS_MAX};

/// The sessions of a data directory.
#[derive(Clone, Debug)]
pub struct Sessions {
    home: PathBuf,
}

/// An open session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// The account with which the bettor signed in.
    pub account: (Organiser, Account),
    /// When that was.
    pub opened: Instant,
    /// Bytes that are this session's alone.
    pub nonce: [u8; 8],
}

/// Why no session was opened.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// A file.
    #[error("the sessions in {place} cannot be read or written")]
    File {
        /// The directory.
        place: String,
        /// The failure.
        source: std::io::Error,
    },
    /// Too many at a time.
    #[error("{SESSIONS_MAX} sessions are open already")]
    Many,
}

impl Sessions {
    /// The sessions of a data directory.
    pub fn of(data: &Path) -> Sessions {
        Sessions { home: data.join("sessions") }
    }

    /// Opens a session and gives its token: 32 random bytes in hexadecimal digits. Sessions that
    /// have ended are removed on the way.
    pub fn open(
        &self,
        account: (Organiser, Account),
        now: Instant,
    ) -> Result<String, SessionError> {
        fs::create_dir_all(&self.home).map_err(self.file())?;
        if SESSIONS_MAX <= self.sweep(now)? {
            return Err(SessionError::Many);
        }
        let mut token = [0; 32];
        File::open("/dev/urandom")
            .and_then(|mut random| random.read_exact(&mut token))
            .map_err(self.file())?;
        let token = hex(&token);
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(self.path(&token))
            .map_err(self.file())?;
        let (organiser, account) = account;
        writeln!(file, "{} {}", account_number(organiser, account), now.0).map_err(self.file())?;
        file.sync_all().map_err(self.file())?;
        Ok(token)
    }

    /// The open session of a token; none if it has ended or never was.
    pub fn find(&self, token: &str, now: Instant) -> Option<Session> {
        let form = token.len() == 64 && token.bytes().all(|byte| byte.is_ascii_hexdigit());
        let text = form.then(|| fs::read_to_string(self.path(token)).ok()).flatten()?;
        let (account, opened) = read(&text)?;
        let age = now.since(opened);
        let mut nonce = [0; 8];
        nonce.copy_from_slice(&digest(token)[24..]);
        (0 <= age && age < SESSION_S * Instant::SECOND).then_some(Session {
            account,
            opened,
            nonce,
        })
    }

    /// Removes what has ended; gives how many are open.
    fn sweep(&self, now: Instant) -> Result<usize, SessionError> {
        let mut open = 0;
        for entry in fs::read_dir(&self.home).map_err(self.file())? {
            let path = entry.map_err(self.file())?.path();
            let kept = fs::read_to_string(&path).ok().and_then(|text| read(&text));
            match kept {
                Some((_, opened)) if now.since(opened) < SESSION_S * Instant::SECOND => open += 1,
                // One that cannot be removed is found as ended again.
                _ => drop(fs::remove_file(&path)),
            }
        }
        Ok(open)
    }

    fn path(&self, token: &str) -> PathBuf {
        self.home.join(hex(&digest(token)))
    }

    fn file(&self) -> impl Fn(std::io::Error) -> SessionError + '_ {
        |source| SessionError::File { place: self.home.display().to_string(), source }
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

fn read(text: &str) -> Option<((Organiser, Account), Instant)> {
    let (number, at) = text.trim_end().split_once(' ')?;
    Some((parse_account_number(number)?, Instant(at.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_lasts_a_quarter_of_an_hour() {
        // R0-2.3a
        let home = tempfile::tempdir().unwrap();
        let sessions = Sessions::of(home.path());
        let account = (Organiser(2), Account(7));
        let token = sessions.open(account, Instant(100)).unwrap();
        let end = Instant(100).plus(SESSION_S * Instant::SECOND);
        let found = sessions.find(&token, end.plus(-1)).unwrap();
        assert_eq!((found.account, found.opened), (account, Instant(100)));
        assert_eq!(sessions.find(&token, end), None);
        assert_eq!(sessions.find(&token, Instant(99)), None);
        for token in ["", "../../etc/passwd", &"0".repeat(64), &token[1..]] {
            assert_eq!(sessions.find(token, Instant(100)), None, "{token}");
        }
        sessions.open(account, end).unwrap();
        assert_eq!(fs::read_dir(home.path().join("sessions")).unwrap().count(), 1);
    }
}
