//! Sign-in, one-time codes and sessions (S-45, R4-11.1.2).
//!
//! A phone is the login, kept as its keyed hash. A password and then a code open a session; a wrong
//! phone and a wrong password cost the same work and get the same answer. All counters are at the
//! edge, so that all nodes share them, and a try is counted before it is judged: many at once are
//! as many. Tokens are new after each step, so that one that was set before opens nothing.

use links::{Phone, PhoneError};
use pump::Entropy;
use sha2::{Digest as _, Sha256};
use store::Fault;
use store::edge::EdgeStore;
use terms::{Account, Instant, Person, choice, record};

use crate::form::{FormField, Slip};
use crate::house::People;
use crate::kept::{Kept, Shelf, Table, open, seal};
use crate::limits::{
    CODE_AGAIN_NS, CODE_NS, CODE_TRIES, CODES_PER_HOUR_MAX, DELAY_DOUBLINGS_MAX, DELAY_NS, HOUR_NS,
    PASSWORD_TRIES, SEEN_EVERY_NS, SESSION_IDLE_NS, SESSION_NS_MAX, WRONG_KEPT_NS,
};
use crate::no::{No, Outcome};
use crate::secret::{self, NOBODY, Token, Weak, draw_code, fits, keyed, same};
use crate::text::Notice;

/// The identifier of a client: random, given at registration, never a second time (R4-11.1.2d).
pub type ClientId = [u8; 16];

choice! {
    /// What a code is for.
    pub enum Purpose {
        /// The second step of a sign-in.
        SignIn = 1 "sign_in",
        /// A fresh proof within a session (S-02).
        StepUp = 2 "step_up",
        /// The phone of a registration.
        Join = 3 "join",
        /// The new phone of a client.
        ChangePhone = 4 "change_phone",
    }
}

record! {
    /// A client: somebody who has shown that a phone is his.
    pub struct Client {
        /// The keyed hash of his phone.
        pub login: [u8; 32],
        /// The hash of his password.
        pub password: Vec<u8>,
        /// The person, once he is identified.
        pub person: Option<Person>,
        /// The account for whose person the operator opened a session.
        pub account: Option<Account>,
        /// Since when he is a client.
        pub since: Instant,
        /// When he signed in last.
        pub signed_in: Option<Instant>,
        /// Since when nobody signs in, after a theft: he identifies himself anew.
        pub locked: Option<Instant>,
    }
}

record! {
    /// Whose a phone is.
    pub struct Login {
        /// The client.
        pub client: ClientId,
    }
}

record! {
    /// A session.
    pub struct SessionRow {
        /// Whose.
        pub client: ClientId,
        /// When it was opened.
        pub opened: Instant,
        /// When it was used last, within half a minute.
        pub seen: Instant,
        /// When a code was given in it last, beside that of the sign-in.
        pub fresh: Option<Instant>,
        /// When he had signed in before.
        pub before: Option<Instant>,
        /// The phone, sealed under the token.
        pub phone: Vec<u8>,
    }
}

record! {
    /// That a client has a session.
    pub struct SessionMark {
        /// When it was opened.
        pub opened: Instant,
    }
}

record! {
    /// A code that is awaited.
    pub struct CodeRow {
        /// What for.
        pub purpose: Purpose,
        /// Whose; none for a phone that nobody has yet.
        pub client: Option<ClientId>,
        /// The keyed hash of the code, bound to the token.
        pub code: [u8; 32],
        /// Until when it fits.
        pub until: Instant,
        /// From when another may be sent.
        pub again: Instant,
        /// Tries that are left.
        pub tries: u32,
        /// The phone, sealed under the token.
        pub phone: Vec<u8>,
        /// The hash of the password of a registration.
        pub password: Option<Vec<u8>>,
    }
}

record! {
    /// Wrong tries, or messages sent, since an instant.
    pub struct Tries {
        /// How many.
        pub count: u32,
        /// From when on the next is possible.
        pub free: Instant,
    }
}

/// A session as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The client.
    pub client: ClientId,
    /// The person, once he is identified.
    pub person: Option<Person>,
    /// When it was opened.
    pub opened: Instant,
    /// When it ends if nothing is asked.
    pub ends: Instant,
    /// When he gave a code in it, beside that of the sign-in.
    pub fresh: Option<Instant>,
    /// When he signed in before.
    pub before: Option<Instant>,
}

/// A code that is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// What the browser holds until the code is given.
    pub token: Token,
    /// The phone, masked.
    pub phone: String,
    /// Until when the code fits.
    pub until: Instant,
    /// From when another may be sent.
    pub again: Instant,
    /// Tries that are left.
    pub tries: u32,
}

/// What a code that fits proves.
pub(crate) struct Proved {
    pub row: CodeRow,
    pub phone: Phone,
}

impl People {
    /// Under which a phone is a login.
    pub(crate) fn login(&self, phone: &Phone) -> [u8; 32] {
        keyed(&self.pepper, "login", phone.e164().as_bytes())
    }

    /// Tries a phone and a password; if they fit, a code goes to the phone.
    pub fn sign_in(
        &self,
        phone: &str,
        password: &str,
        language: phrases::Language,
    ) -> Outcome<Sent> {
        let phone = read_phone(phone)?;
        let (login, now) = (self.login(&phone), self.now());
        self.count_try(&login, now)?;
        let client = self.client_of_login(&login)?;
        let kept = client.as_ref().map(|(_, client)| &client.value);
        let hash = kept.map_or(NOBODY.as_bytes(), |client| &client.password);
        let good = fits(password, std::str::from_utf8(hash).unwrap_or_default());
        let (Some((id, client)), true) = (client, good) else {
            return Err(No::wrong(FormField::Password, Slip::Mismatch));
        };
        self.shelf.remove(Table::Tries, &tries_key(b'p', &login), now)?;
        if client.value.locked.is_some() {
            // Whoever has the password may be the thief: the way back is a new identification.
            return Err(No::Refused(terms::Reason::NotIdentified));
        }
        let token = self.draw_token();
        self.send_code(token, Purpose::SignIn, Some(id), &phone, None, language)
    }

    /// Tries the code of a sign-in, and opens a session.
    pub fn sign_in_code(&self, token: &Token, code: &str) -> Outcome<Token> {
        let proved = self.try_code(token, Purpose::SignIn, code)?;
        let id = proved.row.client.ok_or(No::Over)?;
        let session = self.open_session(id, &proved.phone)?;
        self.shelf.remove(Table::Code, &token.digest(), self.now())?;
        Ok(session)
    }

    /// The code that a token waits for.
    pub fn sent(&self, token: &Token) -> Outcome<Sent> {
        let kept = self.shelf.get::<CodeRow>(Table::Code, &token.digest(), self.now())?;
        let row = kept.ok_or(No::Over)?.value;
        let phone = open(token, &row.phone).and_then(|text| Phone::parse(&text).ok());
        Ok(told(token, &row, &phone.ok_or(No::Over)?))
    }

    /// Sends another code in place of the one that a token waits for.
    pub fn send_again(&self, token: &Token, language: phrases::Language) -> Outcome<Sent> {
        let now = self.now();
        let kept = self.shelf.get::<CodeRow>(Table::Code, &token.digest(), now)?;
        let row = kept.ok_or(No::Over)?.value;
        if now < row.again {
            return Err(No::Wait(row.again));
        }
        let phone = open(token, &row.phone).and_then(|text| Phone::parse(&text).ok());
        let phone = phone.ok_or(No::Over)?;
        self.send_code(*token, row.purpose, row.client, &phone, row.password, language)
    }

    /// The session of a token, prolonged by this request.
    pub fn session(&self, token: &Token) -> Outcome<Option<Session>> {
        let now = self.now();
        let key = token.digest();
        let Some(kept) = self.shelf.get::<SessionRow>(Table::Session, &key, now)? else {
            return Ok(None);
        };
        let row = &kept.value;
        let Some(client) = self.shelf.get::<Client>(Table::Client, &row.client, now)? else {
            return Ok(None);
        };
        let mut ends = ends(row.seen, row.opened);
        if ends <= now || client.value.locked.is_some() {
            return Ok(None);
        }
        if SEEN_EVERY_NS <= now.since(row.seen) {
            let next = SessionRow { seen: now, ..row.clone() };
            let end = self::ends(now, row.opened);
            // Who prolonged it at the same time prolonged it as well.
            self.shelf.put(Table::Session, &key, &next, kept.version, Some(end), now)?;
            ends = end;
        }
        Ok(Some(Session {
            client: row.client,
            person: client.value.person.or_else(|| self.person_of(client.value.account)),
            opened: row.opened,
            ends,
            fresh: row.fresh,
            before: row.before,
        }))
    }

    fn person_of(&self, account: Option<Account>) -> Option<Person> {
        self.copy.read(|state| state.people.account(account?).map(|row| row.person))
    }

    /// The session of a token, which must be there.
    pub fn signed_in(&self, token: &Token) -> Outcome<Session> {
        self.session(token)?.ok_or(No::Over)
    }

    /// The person of a session.
    pub fn signed_in_person(&self, token: &Token) -> Outcome<(Session, Person)> {
        let session = self.signed_in(token)?;
        let person = session.person.ok_or(No::Refused(terms::Reason::NotIdentified))?;
        Ok((session, person))
    }

    /// Sends a code to the phone of a session, for what wants a fresh one (S-02).
    pub fn step_up(&self, token: &Token, language: phrases::Language) -> Outcome<Sent> {
        let session = self.signed_in(token)?;
        let phone = self.phone_of(token)?;
        self.send_code(*token, Purpose::StepUp, Some(session.client), &phone, None, language)
    }

    /// Tries that code; the session counts as fresh until the instant.
    pub fn step_up_code(&self, token: &Token, code: &str) -> Outcome<Instant> {
        self.signed_in(token)?;
        self.try_code(token, Purpose::StepUp, code)?;
        let now = self.now();
        self.change_session(token, |row| row.fresh = Some(now))?;
        self.shelf.remove(Table::Code, &token.digest(), now)?;
        Ok(now.plus(SESSION_IDLE_NS))
    }

    /// Ends a session.
    pub fn sign_out(&self, token: &Token) -> Outcome<()> {
        let now = self.now();
        let key = token.digest();
        if let Some(kept) = self.shelf.get::<SessionRow>(Table::Session, &key, now)? {
            let mark = mark_key(&kept.value.client, &key);
            self.shelf.remove(Table::SessionOf, &mark, now)?;
        }
        self.shelf.remove(Table::Session, &key, now)?;
        self.shelf.remove(Table::Code, &key, now)?;
        Ok(())
    }

    /// Ends every session of a client but one; how many there were.
    pub fn sign_out_others(&self, token: &Token) -> Outcome<u32> {
        let session = self.signed_in(token)?;
        self.end_sessions(&session.client, Some(token))
    }

    /// Ends the sessions of a client.
    pub(crate) fn end_sessions(&self, client: &ClientId, but: Option<&Token>) -> Outcome<u32> {
        let now = self.now();
        let kept = but.map(Token::digest);
        let mut ended = 0;
        loop {
            let page = self.shelf.list::<SessionMark>(Table::SessionOf, client, None, now)?;
            let others = page.iter().filter(|(key, _)| {
                let own = kept.as_ref().is_some_and(|kept| key.ends_with(kept));
                !own
            });
            let mut some = false;
            for (key, _) in others {
                some = true;
                let session = key.get(client.len()..).unwrap_or_default();
                ended += u32::from(self.shelf.remove(Table::Session, session, now)?);
                self.shelf.remove(Table::SessionOf, key, now)?;
            }
            if !some {
                return Ok(ended);
            }
        }
    }

    /// Changes the password; the old one is asked again.
    pub fn change_password(&self, token: &Token, old: &str, new: &str) -> Outcome<()> {
        let (session, now) = (self.signed_in(token)?, self.now());
        let phone = self.phone_of(token)?;
        let client = self.client(&session.client)?;
        self.count_try(&client.value.login, now)?;
        let hash = std::str::from_utf8(&client.value.password).unwrap_or_default();
        if !fits(old, hash) {
            return Err(No::wrong(FormField::Password, Slip::Mismatch));
        }
        self.shelf.remove(Table::Tries, &tries_key(b'p', &client.value.login), now)?;
        let password = self.new_password(new, &phone)?;
        self.change_client(&session.client, |client| client.password.clone_from(&password))?;
        self.end_sessions(&session.client, Some(token))?;
        Ok(())
    }

    /// Asks for another phone: a code goes to the new number. Wants a fresh code of the old one.
    pub fn change_phone(
        &self,
        token: &Token,
        phone: &str,
        language: phrases::Language,
    ) -> Outcome<Sent> {
        let session = self.signed_in(token)?;
        self.want_fresh(&session)?;
        let phone = read_phone(phone)?;
        let taken = self.client_of_login(&self.login(&phone))?;
        if taken.is_some_and(|(id, _)| id != session.client) {
            return Err(No::wrong(FormField::Phone, Slip::NotOwn));
        }
        let (purpose, client) = (Purpose::ChangePhone, Some(session.client));
        self.send_code(*token, purpose, client, &phone, None, language)
    }

    /// Tries the code of the new phone, which is the login from then on; other sessions end.
    pub fn change_phone_code(&self, token: &Token, code: &str) -> Outcome<Phone> {
        let session = self.signed_in(token)?;
        let proved = self.try_code(token, Purpose::ChangePhone, code)?;
        self.move_login(&session.client, &proved.phone)?;
        let sealed = seal(token, &proved.phone.e164(), &mut **self.entropy.lock());
        self.change_session(token, |row| row.phone.clone_from(&sealed))?;
        self.end_sessions(&session.client, Some(token))?;
        self.shelf.remove(Table::Code, &token.digest(), self.now())?;
        Ok(proved.phone)
    }

    /// Nobody signs in as this client any more until he identifies himself anew: his wallet was
    /// lost or stolen (R4-6.3b).
    pub(crate) fn lock_client(&self, client: &ClientId) -> Outcome<()> {
        let now = self.now();
        self.change_client(client, |client| client.locked = Some(now))?;
        self.end_sessions(client, None)?;
        Ok(())
    }

    /// That a session has a proof of the last quarter of an hour by a code.
    pub(crate) fn want_fresh(&self, session: &Session) -> Outcome<()> {
        match session.fresh {
            Some(at) if self.now() < at.plus(SESSION_IDLE_NS) => Ok(()),
            _ => Err(No::Refused(terms::Reason::OrderStepUpRequired)),
        }
    }

    /// The phone of a session.
    pub(crate) fn phone_of(&self, token: &Token) -> Outcome<Phone> {
        let kept = self.shelf.get::<SessionRow>(Table::Session, &token.digest(), self.now())?;
        let phone = kept.and_then(|kept| open(token, &kept.value.phone));
        phone.and_then(|text| Phone::parse(&text).ok()).ok_or(No::Over)
    }

    pub(crate) fn client(&self, id: &ClientId) -> Outcome<Kept<Client>> {
        self.shelf.get::<Client>(Table::Client, id, self.now())?.ok_or(No::Over)
    }

    /// The client of a login; a login without a client was cut off in the middle, and is free.
    pub(crate) fn client_of_login(
        &self,
        login: &[u8; 32],
    ) -> Outcome<Option<(ClientId, Kept<Client>)>> {
        let now = self.now();
        let Some(kept) = self.shelf.get::<Login>(Table::Login, login, now)? else {
            return Ok(None);
        };
        let id = kept.value.client;
        let client = self.shelf.get::<Client>(Table::Client, &id, now)?;
        Ok(client.filter(|client| client.value.login == *login).map(|client| (id, client)))
    }

    pub(crate) fn change_client(
        &self,
        id: &ClientId,
        mut change: impl FnMut(&mut Client),
    ) -> Outcome<()> {
        let done = self.shelf.change::<Client, bool>(Table::Client, id, self.now(), |kept| {
            let Some(kept) = kept else { return (false, None) };
            let mut next = kept.value.clone();
            change(&mut next);
            (true, Some((next, kept.until)))
        })?;
        if done { Ok(()) } else { Err(No::Over) }
    }

    fn change_session(
        &self,
        token: &Token,
        mut change: impl FnMut(&mut SessionRow),
    ) -> Outcome<()> {
        let (key, now) = (token.digest(), self.now());
        let done = self.shelf.change::<SessionRow, bool>(Table::Session, &key, now, |kept| {
            let Some(kept) = kept else { return (false, None) };
            let mut next = kept.value.clone();
            change(&mut next);
            (true, Some((next, kept.until)))
        })?;
        if done { Ok(()) } else { Err(No::Over) }
    }

    /// A phone becomes the login of a client. In this order, so that a stop in between leaves the
    /// old login or the new one, and never none or two: a login counts only where its client says
    /// the same.
    pub(crate) fn move_login(&self, id: &ClientId, phone: &Phone) -> Outcome<()> {
        let (login, now) = (self.login(phone), self.now());
        let old = self.client(id)?.value.login;
        if self.client_of_login(&login)?.is_some_and(|(other, _)| other != *id) {
            return Err(No::wrong(FormField::Phone, Slip::NotOwn));
        }
        self.shelf.change::<Login, ()>(Table::Login, &login, now, |_| {
            ((), Some((Login { client: *id }, None)))
        })?;
        self.change_client(id, |client| client.login = login)?;
        if old != login {
            self.shelf.remove(Table::Login, &old, now)?;
        }
        Ok(())
    }

    /// Opens a session of a client, whose phone it keeps sealed.
    pub(crate) fn open_session(&self, id: ClientId, phone: &Phone) -> Outcome<Token> {
        let (token, now) = (self.draw_token(), self.now());
        let before = self.client(&id)?.value.signed_in;
        let phone = seal(&token, &phone.e164(), &mut **self.entropy.lock());
        let row = SessionRow { client: id, opened: now, seen: now, fresh: None, before, phone };
        let key = token.digest();
        let end = now.plus(SESSION_NS_MAX);
        let mark = SessionMark { opened: now };
        self.shelf.put(Table::SessionOf, &mark_key(&id, &key), &mark, 0, Some(end), now)?;
        self.shelf.put(Table::Session, &key, &row, 0, Some(ends(now, now)), now)?;
        self.change_client(&id, |client| client.signed_in = Some(now))?;
        Ok(token)
    }

    /// A password that can be taken, as it is kept.
    pub(crate) fn new_password(&self, password: &str, phone: &Phone) -> Outcome<Vec<u8>> {
        let slip = match secret::judge_password(password, &phone.e164()) {
            Ok(()) => {
                let hash = secret::hash_password(password, &mut **self.entropy.lock());
                return Ok(hash.map_err(No::Down)?.into_bytes());
            }
            Err(Weak::Short) => Slip::TooShort,
            Err(Weak::Long) => Slip::TooLong,
            Err(Weak::Guessed) => Slip::Weak,
        };
        Err(No::wrong(FormField::Password, slip))
    }

    /// Counts a try before it is judged (S-45): from the fifth on the next has to wait, twice as
    /// long each time. A good try forgets them.
    fn count_try(&self, login: &[u8; 32], now: Instant) -> Outcome<()> {
        let key = tries_key(b'p', login);
        let wait =
            self.shelf.change::<Tries, Option<Instant>>(Table::Tries, &key, now, |kept| {
                let before = kept.map_or(Tries { count: 0, free: now }, |kept| kept.value.clone());
                if now < before.free {
                    return (Some(before.free), None);
                }
                let count = before.count.saturating_add(1);
                let doublings = count.saturating_sub(PASSWORD_TRIES).min(DELAY_DOUBLINGS_MAX);
                let delay = if count < PASSWORD_TRIES { 0 } else { DELAY_NS << doublings };
                let next = Tries { count, free: now.plus(delay) };
                (None, Some((next, Some(now.plus(WRONG_KEPT_NS)))))
            })?;
        wait.map_or(Ok(()), |until| Err(No::Wait(until)))
    }

    /// Counts a message to a phone: who asks for too many waits.
    fn count_message(&self, login: &[u8; 32], now: Instant) -> Outcome<()> {
        let key = tries_key(b's', login);
        let wait =
            self.shelf.change::<Tries, Option<Instant>>(Table::Tries, &key, now, |kept| {
                let (count, end) = match kept {
                    Some(kept) => (kept.value.count, kept.until.unwrap_or(now)),
                    None => (0, now.plus(HOUR_NS)),
                };
                if CODES_PER_HOUR_MAX <= count {
                    return (Some(end), None);
                }
                (None, Some((Tries { count: count + 1, free: now }, Some(end))))
            })?;
        wait.map_or(Ok(()), |until| Err(No::Wait(until)))
    }

    /// Draws a code, keeps its hash and sends it. A code that is not sent is not kept for long: the
    /// next one takes its place.
    pub(crate) fn send_code(
        &self,
        token: Token,
        purpose: Purpose,
        client: Option<ClientId>,
        phone: &Phone,
        password: Option<Vec<u8>>,
        language: phrases::Language,
    ) -> Outcome<Sent> {
        let now = self.now();
        self.count_message(&self.login(phone), now)?;
        let (code, sealed) = {
            let mut entropy = self.entropy.lock();
            (draw_code(&mut **entropy), seal(&token, &phone.e164(), &mut **entropy))
        };
        let row = CodeRow {
            purpose,
            client,
            code: self.code_hash(&token, &code),
            until: now.plus(CODE_NS),
            again: now.plus(CODE_AGAIN_NS),
            tries: CODE_TRIES,
            phone: sealed,
            password,
        };
        // The token outlives the code, so that another one can be sent.
        let end = Some(now.plus(CODE_NS + CODE_NS));
        self.shelf.change::<CodeRow, ()>(Table::Code, &token.digest(), now, |_| {
            ((), Some((row.clone(), end)))
        })?;
        let known = match (purpose, client) {
            // The owner of the phone is told instead, and who asks hears the same (R4-11.1.2c).
            (Purpose::Join, Some(_)) => Notice::PhoneKnown,
            _ => Notice::Code(code),
        };
        self.tell(phone, &known, language)?;
        Ok(told(&token, &row, phone))
    }

    /// Tries a code. The try is counted before it is judged.
    pub(crate) fn try_code(&self, token: &Token, purpose: Purpose, code: &str) -> Outcome<Proved> {
        let (now, hash) = (self.now(), self.code_hash(token, code.trim()));
        let key = token.digest();
        let row = self.shelf.change::<CodeRow, Option<(CodeRow, bool)>>(
            Table::Code,
            &key,
            now,
            |kept| {
                let Some(kept) = kept else { return (None, None) };
                let row = kept.value.clone();
                if row.purpose != purpose || row.until <= now || row.tries == 0 {
                    return (None, None);
                }
                // One that fits is spent at once: of two at a time one succeeds.
                let hidden = purpose == Purpose::Join && row.client.is_some();
                let fits = same(&row.code, &hash) && !hidden;
                let tries = if fits { 0 } else { row.tries - 1 };
                let next = CodeRow { tries, ..row.clone() };
                (Some((row, fits)), Some((next, kept.until)))
            },
        )?;
        let (row, fits) = row.ok_or(No::Over)?;
        if !fits {
            return Err(match row.tries {
                0 | 1 => No::Over,
                _ => No::wrong(FormField::Code, Slip::Mismatch),
            });
        }
        let phone = open(token, &row.phone).and_then(|text| Phone::parse(&text).ok());
        Ok(Proved { phone: phone.ok_or(No::Over)?, row })
    }

    fn code_hash(&self, token: &Token, code: &str) -> [u8; 32] {
        let mut text = token.digest().to_vec();
        text.extend_from_slice(code.as_bytes());
        keyed(&self.pepper, "code", &text)
    }
}

/// Opens a session for the person of an account, without sign-in: the operator's own command, for
/// synthetic bettors. Nobody can sign in as the client that stands behind it.
pub fn open_for_account(
    edge: Box<dyn EdgeStore>,
    account: Account,
    now: Instant,
    entropy: &mut dyn Entropy,
) -> Result<Token, Fault> {
    let shelf = Shelf::new(edge);
    let mut id = [0; 16];
    id.copy_from_slice(&Sha256::digest(account.0.to_be_bytes())[..16]);
    let client = Client {
        login: Sha256::digest(id).into(),
        password: Vec::new(),
        person: None,
        account: Some(account),
        since: now,
        signed_in: None,
        locked: None,
    };
    let end = Some(now.plus(SESSION_NS_MAX));
    shelf.change::<Client, ()>(Table::Client, &id, now, |_| ((), Some((client.clone(), end))))?;
    let token = Token::draw(entropy);
    let row = SessionRow {
        client: id,
        opened: now,
        seen: now,
        fresh: None,
        before: None,
        phone: Vec::new(),
    };
    shelf.put(Table::Session, &token.digest(), &row, 0, Some(ends(now, now)), now)?;
    Ok(token)
}

/// Reads a phone that was typed.
pub(crate) fn read_phone(text: &str) -> Outcome<Phone> {
    let slip = match Phone::parse(text) {
        Ok(phone) => return Ok(phone),
        Err(_) if text.trim().is_empty() => Slip::Missing,
        Err(PhoneError::Form) => Slip::Form,
        Err(PhoneError::NotKazakhstan) => Slip::NotOffered,
    };
    Err(No::wrong(FormField::Phone, slip))
}

fn told(token: &Token, row: &CodeRow, phone: &Phone) -> Sent {
    Sent {
        token: *token,
        phone: masked(phone),
        until: row.until,
        again: row.again,
        tries: row.tries,
    }
}

/// What its owner recognises of a number: the range and the last two digits.
pub(crate) fn masked(phone: &Phone) -> String {
    let digits = phone.digits();
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default().to_owned();
    format!("+7 {} ••• •• {}", part(1, 4), part(9, 11))
}

fn ends(seen: Instant, opened: Instant) -> Instant {
    seen.plus(SESSION_IDLE_NS).min(opened.plus(SESSION_NS_MAX))
}

fn tries_key(kind: u8, login: &[u8; 32]) -> Vec<u8> {
    let mut key = vec![kind];
    key.extend_from_slice(login);
    key
}

fn mark_key(client: &ClientId, session: &[u8; 32]) -> Vec<u8> {
    let mut key = client.to_vec();
    key.extend_from_slice(session);
    key
}
