//! Sign-in and sessions, kept in memory on the server (S-45): a restart signs everybody out.
//!
//! A browser holds a random token, the table its SHA-256. A session ends so long after the last
//! request, or after the sign-in, as [`Times`] say. Failed tries delay the next, whether the name
//! exists or not.

use std::collections::{BTreeMap, HashMap};

use parking_lot::Mutex;
use terms::Instant;

use crate::secret;
use crate::staff::{Member, Staff};

const MINUTE: i64 = 60 * Instant::SECOND;
/// When sessions end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// So long after the last request, in nanoseconds: at most 15 minutes (S-45).
    pub idle_ns: i64,
    /// So long after the sign-in: a working day with its breaks.
    pub absolute_ns: i64,
}

impl Times {
    /// The values that stand if nobody chooses others.
    pub const fn standard() -> Times {
        Times { idle_ns: 15 * MINUTE, absolute_ns: 600 * MINUTE }
    }
}

/// How long a password waits for its one-time code (S-45).
const CODE_NS: i64 = 3 * MINUTE;
/// Tries of a code, and of a password before it is delayed (S-45).
const CODE_TRIES: u32 = 3;
const PASSWORD_TRIES: u32 = 5;
/// Sessions and names at a time: nobody fills the memory.
const SESSIONS_MAX: usize = 10_000;
const NAMES_MAX: usize = 10_000;

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The password was right; so many codes were wrong.
    Password { wrong: u32 },
    /// Signed in.
    In,
}

#[derive(Clone, Debug)]
struct Session {
    member: u32,
    stage: Stage,
    opened: Instant,
    seen: Instant,
}

struct Tables {
    times: Times,
    sessions: HashMap<[u8; 32], Session>,
    /// Wrong passwords by name, and from when the next may be tried.
    wrong: BTreeMap<String, (u32, Instant)>,
    /// The last step of each member whose code was used: a code serves once.
    used: BTreeMap<u32, u64>,
}

/// The table of sessions.
pub struct Sessions(Mutex<Tables>);

/// What a try comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tried {
    /// It fits; the token is for the browser.
    Fits(String),
    /// It does not.
    Wrong,
    /// The next try is possible at this time.
    Wait(Instant),
    /// The password is to be given again.
    Again,
}

impl Sessions {
    /// No sessions yet.
    pub fn new(times: Times) -> Sessions {
        Sessions(Mutex::new(Tables {
            sessions: HashMap::new(),
            wrong: BTreeMap::new(),
            used: BTreeMap::new(),
            times,
        }))
    }

    /// Tries a name and a password. The same work is done for a name that nobody has.
    pub fn password(&self, staff: &Staff, name: &str, password: &str, now: Instant) -> Tried {
        if let Some((_, until)) = self.0.lock().wrong.get(name)
            && now < *until
        {
            return Tried::Wait(*until);
        }
        let member = staff.get(name);
        let hash = member.map_or(NOBODY, |member| member.password.as_str());
        // The work is done outside of the lock, so that one try does not hold the others up.
        let fits = secret::fits(password, hash);
        let mut tables = self.0.lock();
        match member {
            Some(member) if fits => {
                tables.wrong.remove(name);
                tables.open(member.number, Stage::Password { wrong: 0 }, now)
            }
            _ => tables.note_wrong(name, now),
        }
    }

    /// Tries the one-time code of a session that has its password.
    pub fn code(&self, staff: &Staff, token: &str, code: &str, now: Instant) -> Tried {
        let mut tables = self.0.lock();
        let key = secret::sha256(token.as_bytes());
        let Some(session) = tables.sessions.get(&key).cloned() else { return Tried::Again };
        let Stage::Password { wrong } = session.stage else { return Tried::Again };
        let member = staff.numbered(session.member);
        let (Some(member), true) = (member, now <= session.opened.plus(CODE_NS)) else {
            tables.sessions.remove(&key);
            return Tried::Again;
        };
        let step = secret::step(u64::try_from(now.0 / Instant::SECOND).unwrap_or(0));
        let found = secret::step_of_code(&member.secret, code, step);
        let used = tables.used.get(&member.number).copied();
        match found.filter(|found| used.is_none_or(|used| used < *found)) {
            Some(found) => {
                tables.used.insert(member.number, found);
                // A new token, so that one set before the sign-in opens nothing.
                tables.sessions.remove(&key);
                tables.open(member.number, Stage::In, now)
            }
            None if CODE_TRIES <= wrong + 1 => {
                tables.sessions.remove(&key);
                Tried::Again
            }
            None => {
                let stage = Stage::Password { wrong: wrong + 1 };
                tables.sessions.insert(key, Session { stage, ..session });
                Tried::Wrong
            }
        }
    }

    /// Who is behind a token, and until when without a request. This is one.
    pub fn member<'a>(
        &self,
        staff: &'a Staff,
        token: &str,
        now: Instant,
    ) -> Option<(&'a Member, Instant)> {
        self.peek(staff, token, now)?;
        let mut tables = self.0.lock();
        let times = tables.times;
        let session = tables.sessions.get_mut(&secret::sha256(token.as_bytes()))?;
        session.seen = now;
        Some((staff.numbered(session.member)?, session.ends(times)))
    }

    /// The same, without prolonging the session.
    pub fn peek<'a>(
        &self,
        staff: &'a Staff,
        token: &str,
        now: Instant,
    ) -> Option<(&'a Member, Instant)> {
        let mut tables = self.0.lock();
        let key = secret::sha256(token.as_bytes());
        let session = tables.sessions.get(&key).filter(|session| session.stage == Stage::In)?;
        let (member, ends) = (session.member, session.ends(tables.times));
        if ends < now {
            tables.sessions.remove(&key);
            return None;
        }
        Some((staff.numbered(member)?, ends))
    }

    /// Ends the session of a token.
    pub fn end(&self, token: &str) {
        self.0.lock().sessions.remove(&secret::sha256(token.as_bytes()));
    }
}

/// The hash of no password: trying a name that nobody has takes as long.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$\
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

impl Session {
    fn ends(&self, times: Times) -> Instant {
        self.seen.plus(times.idle_ns).min(self.opened.plus(times.absolute_ns))
    }
}

impl Tables {
    fn open(&mut self, member: u32, stage: Stage, now: Instant) -> Tried {
        if SESSIONS_MAX <= self.sessions.len() {
            let times = self.times;
            self.sessions.retain(|_, session| now <= session.ends(times));
        }
        let random = secret::random::<32>();
        match random {
            Ok(bytes) if self.sessions.len() < SESSIONS_MAX => {
                let token = secret::hex(&bytes);
                let session = Session { member, stage, opened: now, seen: now };
                self.sessions.insert(secret::sha256(token.as_bytes()), session);
                Tried::Fits(token)
            }
            _ => Tried::Wait(now.plus(MINUTE)),
        }
    }

    fn note_wrong(&mut self, name: &str, now: Instant) -> Tried {
        if NAMES_MAX <= self.wrong.len() {
            self.wrong.retain(|_, (_, until)| now < *until);
        }
        if NAMES_MAX <= self.wrong.len() {
            return Tried::Wait(now.plus(MINUTE));
        }
        let (tries, until) = self.wrong.entry(name.to_owned()).or_insert((0, now));
        *tries += 1;
        if *tries < PASSWORD_TRIES {
            return Tried::Wrong;
        }
        // One minute after the fifth, doubled with each further one up to 16.
        *until = now.plus(MINUTE << (*tries - PASSWORD_TRIES).min(4));
        Tried::Wait(*until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::role::Role;

    fn staff() -> Staff {
        let member = Member::new(3, "tax", Role::Tax, None, "a long password").unwrap();
        Staff::read(&member.to_toml()).unwrap()
    }

    fn at(seconds: i64) -> Instant {
        Instant((1_700_000_000 + seconds) * Instant::SECOND)
    }

    fn code_at(staff: &Staff, now: Instant) -> String {
        let step = secret::step((now.0 / Instant::SECOND) as u64);
        secret::code(&staff.get("tax").unwrap().secret, step).unwrap()
    }

    fn fits(tried: Tried) -> String {
        match tried {
            Tried::Fits(token) => token,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn password_and_code_open_a_session_that_ends() {
        // S-45
        let (staff, sessions) = (staff(), Sessions::new(Times::standard()));
        let first = fits(sessions.password(&staff, "tax", "a long password", at(0)));
        assert!(sessions.member(&staff, &first, at(0)).is_none(), "a password is not enough");
        assert_eq!(sessions.code(&staff, &first, "000000", at(1)), Tried::Wrong);
        let code = code_at(&staff, at(2));
        let token = fits(sessions.code(&staff, &first, &code, at(2)));
        assert_ne!(first, token);
        assert_eq!(sessions.member(&staff, &token, at(3)).unwrap().0.number, 3);
        // What a page asks by itself is no sign of life.
        assert!(sessions.peek(&staff, &token, at(3 + 899)).is_some());
        assert!(sessions.member(&staff, &token, at(3 + 901)).is_none(), "idle");

        // A code serves once.
        let second = fits(sessions.password(&staff, "tax", "a long password", at(5)));
        assert_eq!(sessions.code(&staff, &second, &code, at(6)), Tried::Wrong);
        let token = fits(sessions.code(&staff, &second, &code_at(&staff, at(60)), at(60)));
        for minute in 1..60 {
            assert!(sessions.member(&staff, &token, at(60 + minute * 600)).is_some());
        }
        assert!(sessions.member(&staff, &token, at(60 + 36_001)).is_none(), "a working day");
    }

    #[test]
    fn wrong_tries_end_or_delay() {
        // S-45
        let (staff, sessions) = (staff(), Sessions::new(Times::standard()));
        let first = fits(sessions.password(&staff, "tax", "a long password", at(0)));
        let outcomes = [1, 2, 3, 4].map(|_| sessions.code(&staff, &first, "000000", at(1)));
        assert_eq!(outcomes, [Tried::Wrong, Tried::Wrong, Tried::Again, Tried::Again]);
        let late = fits(sessions.password(&staff, "tax", "a long password", at(0)));
        assert_eq!(sessions.code(&staff, &late, &code_at(&staff, at(181)), at(181)), Tried::Again);

        for name in ["tax", "nobody"] {
            for _ in 0..4 {
                assert_eq!(sessions.password(&staff, name, "wrong", at(10)), Tried::Wrong);
            }
            let wait = sessions.password(&staff, name, "wrong", at(10));
            assert_eq!(wait, Tried::Wait(at(70)), "{name}");
        }
        let early = sessions.password(&staff, "tax", "a long password", at(69));
        assert_eq!(early, Tried::Wait(at(70)));
        fits(sessions.password(&staff, "tax", "a long password", at(70)));
    }

    #[test]
    fn signing_out_ends_it() {
        let (staff, sessions) = (staff(), Sessions::new(Times::standard()));
        let first = fits(sessions.password(&staff, "tax", "a long password", at(0)));
        let token = fits(sessions.code(&staff, &first, &code_at(&staff, at(2)), at(2)));
        sessions.end(&token);
        assert!(sessions.member(&staff, &token, at(3)).is_none());
    }
}
