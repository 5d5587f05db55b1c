//! Links that organisers give to bettors: to register, and to give an order (domain 2).
//!
//! A link's token is random and kept as its hash; it says nothing of anybody. The organiser's own
//! id makes the same link again as long as it holds, because the token is made of that id and a
//! secret.

use admission::{Accept, Method};
use desk::command::GiveOrder;
use pump::Class;
use terms::{
    Account, Instant, MessageId, OrderId, Organiser, Reason, Sender, Tiyn, Wallet, choice, record,
};

use crate::entrance::ClientId;
use crate::house::People;
use crate::joining::{Failure, Step, Way, WayKey};
use crate::kept::Table;
use crate::limits::{INVITATION_NS, INVITATIONS_PER_MINUTE_MAX, MINUTE, SESSION_IDLE_NS};
use crate::no::{No, Outcome};
use crate::secret::{Token, keyed};

record! {
    /// An organiser's invitation.
    pub struct InvitationRow {
        /// Who invites.
        pub organiser: Organiser,
        /// Until when the link leads somewhere.
        pub until: Instant,
        /// The client who followed it.
        pub client: Option<ClientId>,
        /// Whether somebody has followed it.
        pub followed: bool,
        /// The account, once it is open.
        pub account: Option<Account>,
    }
}

choice! {
    /// Where an order stands that a bettor was asked for.
    pub enum AskedState {
        /// He has not answered.
        Asked = 1 "asked",
        /// He has given it.
        Given = 2 "given",
        /// He has declined it.
        Declined = 3 "declined",
    }
}

record! {
    /// An order that an organiser asks for.
    pub struct AskedRow {
        /// Who asks.
        pub organiser: Organiser,
        /// The bettor's account there.
        pub account: Account,
        /// The most that may be debited.
        pub ceiling: Tiyn,
        /// Which odds would be accepted.
        pub accept: Accept,
        /// From when the order would hold no more.
        pub expires: Instant,
        /// Until when it can be answered.
        pub answer_until: Instant,
        /// Where it stands.
        pub state: AskedState,
        /// The order, once it is given.
        pub order: Option<OrderId>,
    }
}

record! {
    /// How many links an organiser has made since an instant.
    pub struct Made {
        /// How many.
        pub count: u32,
    }
}

/// Where somebody stands who was invited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvitedState {
    /// Nobody has followed the link.
    Invited,
    /// He is on his way.
    Begun,
    /// An answer is awaited.
    Waiting,
    /// His account is open.
    Open,
    /// It has not succeeded.
    Failed,
    /// The time is over.
    Expired,
}

/// What an order would be, for the page on which it is confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The row.
    pub row: AskedRow,
    /// The wallet that is bound to the account.
    pub wallet: Wallet,
    /// What can be staked from it now.
    pub available: Tiyn,
    /// Whether the sum wants a fresh one-time code (S-02).
    pub wants_code: bool,
}

impl People {
    /// Invites somebody: the link's address and its end. The same id gives the same link.
    pub fn invite(&self, organiser: Organiser, id: MessageId) -> Outcome<(String, Instant)> {
        let (token, now) = (self.link_token(b'i', organiser, id), self.now());
        let digest = token.digest();
        if let Some(kept) = self.shelf.get::<InvitationRow>(Table::Invitation, &digest, now)? {
            return Ok((self.address("r", &token), kept.value.until));
        }
        self.count_link(organiser, now)?;
        let until = now.plus(INVITATION_NS);
        let row = InvitationRow { organiser, until, client: None, followed: false, account: None };
        // How far he is can be asked longer than the link leads somewhere.
        let end = Some(until.plus(crate::limits::REGISTRATION_NS));
        self.shelf.put(Table::Invitation, &digest, &row, 0, end, now)?;
        Ok((self.address("r", &token), until))
    }

    /// How far somebody is who was invited under an id, his account, and until when he can go on.
    pub fn invited(
        &self,
        organiser: Organiser,
        id: MessageId,
    ) -> Outcome<Option<(InvitedState, Option<Account>, Instant)>> {
        let (token, now) = (self.link_token(b'i', organiser, id), self.now());
        let kept = self.shelf.get::<InvitationRow>(Table::Invitation, &token.digest(), now)?;
        let Some(row) = kept.map(|kept| kept.value) else { return Ok(None) };
        if row.account.is_some() {
            return Ok(Some((InvitedState::Open, row.account, row.until)));
        }
        let way = match &row.client {
            Some(client) => {
                let key = WayKey::Client(*client).bytes();
                self.shelf.get::<Way>(Table::Way, &key, now)?.map(|kept| kept.value)
            }
            None => None,
        };
        let Some(way) = way else {
            let over = row.until <= now;
            let state = match (row.followed, over) {
                (true, _) => InvitedState::Begun,
                (false, true) => InvitedState::Expired,
                (false, false) => InvitedState::Invited,
            };
            return Ok(Some((state, None, row.until)));
        };
        let state = match way.step {
            Step::Waiting => InvitedState::Waiting,
            Step::Failed if way.failure == Some(Failure::Expired) => InvitedState::Expired,
            Step::Failed => InvitedState::Failed,
            _ => InvitedState::Begun,
        };
        Ok(Some((state, way.account, way.until)))
    }

    /// The invitation of a link, while it holds.
    pub fn invitation(&self, token: &Token) -> Outcome<InvitationRow> {
        let now = self.now();
        let kept = self.shelf.get::<InvitationRow>(Table::Invitation, &token.digest(), now)?;
        let row = kept.map(|kept| kept.value).filter(|row| now < row.until);
        row.ok_or(No::Over)
    }

    pub(crate) fn note_followed(&self, token: &Token, key: &WayKey) -> Outcome<()> {
        self.change_invitation(&token.digest(), |row| {
            row.followed = true;
            if let WayKey::Client(client) = key {
                row.client = Some(*client);
            }
        })
    }

    pub(crate) fn note_client(&self, invitation: &[u8; 32], key: &WayKey) -> Outcome<()> {
        let WayKey::Client(client) = key else { return Ok(()) };
        self.change_invitation(invitation, |row| row.client = Some(*client))
    }

    pub(crate) fn note_account(&self, invitation: &[u8; 32], account: Account) -> Outcome<()> {
        self.change_invitation(invitation, |row| row.account = Some(account))
    }

    /// Changes an invitation, if it is there still: it only tells the organiser.
    fn change_invitation(
        &self,
        digest: &[u8; 32],
        mut change: impl FnMut(&mut InvitationRow),
    ) -> Outcome<()> {
        let now = self.now();
        self.shelf.change::<InvitationRow, ()>(Table::Invitation, digest, now, |kept| {
            let Some(kept) = kept else { return ((), None) };
            let mut next = kept.value.clone();
            change(&mut next);
            ((), Some((next, kept.until)))
        })?;
        Ok(())
    }

    /// Asks a bettor for an order: the link's address and until when it can be answered.
    pub fn ask_order(
        &self,
        organiser: Organiser,
        id: MessageId,
        asked: AskedRow,
    ) -> Outcome<(String, Instant)> {
        let own = self.copy.read(|state| {
            let row = state.people.account(asked.account)?;
            (row.organiser == organiser && row.closed.is_none()).then_some(())
        });
        if own.is_none() {
            return Err(No::Refused(Reason::AccountUnknown));
        }
        let (token, now) = (self.link_token(b'o', organiser, id), self.now());
        let digest = token.digest();
        if let Some(kept) = self.shelf.get::<AskedRow>(Table::Asked, &digest, now)? {
            let before = kept.value;
            let same = (before.account, before.ceiling, before.accept, before.expires)
                == (asked.account, asked.ceiling, asked.accept, asked.expires);
            return if same {
                Ok((self.address("confirm", &token), before.answer_until))
            } else {
                Err(No::Refused(Reason::IdReused))
            };
        }
        if asked.expires <= now {
            return Err(No::Refused(Reason::OrderExpired));
        }
        self.count_link(organiser, now)?;
        let answer_until = now.plus(INVITATION_NS).min(asked.expires);
        let row = AskedRow { answer_until, ..asked };
        let end = Some(asked.expires.plus(SESSION_IDLE_NS));
        self.shelf.put(Table::Asked, &digest, &row, 0, end, now)?;
        Ok((self.address("confirm", &token), answer_until))
    }

    /// Where an order stands that was asked for under an id.
    pub fn asked_order(&self, organiser: Organiser, id: MessageId) -> Outcome<Option<AskedRow>> {
        let token = self.link_token(b'o', organiser, id);
        let kept = self.shelf.get::<AskedRow>(Table::Asked, &token.digest(), self.now())?;
        Ok(kept.map(|kept| kept.value))
    }

    /// What a link asks the person of a session for; absent if it is not for him.
    pub fn asked(&self, session: &Token, link: &Token) -> Outcome<Asked> {
        let (_, person) = self.signed_in_person(session)?;
        let kept = self.shelf.get::<AskedRow>(Table::Asked, &link.digest(), self.now())?;
        let row = kept.ok_or(No::Absent)?.value;
        let now = self.now();
        let found = self.copy.read(|state| {
            let account = state.people.account(row.account)?;
            if account.person != person {
                return None;
            }
            let wallet = state.ledger.get(account.wallet)?;
            let step_up = state.rulebook(now).map(|rules| rules.terms.step_up_from);
            Some((account.wallet, wallet.available(), step_up))
        });
        let (wallet, available, step_up) = found.ok_or(No::Absent)?;
        let wants_code = step_up.is_some_and(|from| from <= row.ceiling);
        Ok(Asked { row, wallet, available, wants_code })
    }

    /// Gives the order: the bettor's confirmation in his session, no older than a quarter of an
    /// hour, by a code above the step-up sum (S-02). Under the id of the form; the same again is a
    /// repeat.
    pub fn give_order(
        &self,
        session: &Token,
        link: &Token,
        accept: Accept,
        form: MessageId,
    ) -> Outcome<OrderId> {
        let asked = self.asked(session, link)?;
        let (open, now) = (self.signed_in(session)?, self.now());
        match asked.row.state {
            AskedState::Given => return asked.row.order.ok_or(No::Over),
            AskedState::Declined => return Err(No::Over),
            AskedState::Asked if asked.row.answer_until <= now => return Err(No::Over),
            AskedState::Asked => {}
        }
        let (session_at, method) = match open.fresh {
            Some(at) => (at.max(open.opened), Method::OneTimeCode),
            None => (open.opened, Method::Session),
        };
        let order = GiveOrder {
            organiser: asked.row.organiser,
            account: asked.row.account,
            ceiling: asked.row.ceiling,
            expires: asked.row.expires,
            session_at,
            method,
            accept,
            nonce: session.nonce(),
        };
        self.put(Class::Live, Sender::Bettor, form, order)?;
        let given = OrderId::from(form);
        self.answer(link, AskedState::Given, Some(given))?;
        Ok(given)
    }

    /// Declines the order.
    pub fn decline_order(&self, session: &Token, link: &Token) -> Outcome<()> {
        self.asked(session, link)?;
        self.answer(link, AskedState::Declined, None)
    }

    fn answer(&self, link: &Token, state: AskedState, order: Option<OrderId>) -> Outcome<()> {
        let (digest, now) = (link.digest(), self.now());
        let done = self.shelf.change::<AskedRow, bool>(Table::Asked, &digest, now, |kept| {
            let Some(kept) = kept.filter(|kept| kept.value.state == AskedState::Asked) else {
                return (false, None);
            };
            (true, Some((AskedRow { state, order, ..kept.value.clone() }, kept.until)))
        })?;
        if done { Ok(()) } else { Err(No::Over) }
    }

    /// The token of an organiser's link: nobody makes it without the secret.
    fn link_token(&self, kind: u8, organiser: Organiser, id: MessageId) -> Token {
        let mut text = vec![kind];
        text.extend_from_slice(&organiser.0.to_be_bytes());
        text.extend_from_slice(&id.0);
        Token::of(keyed(&self.pepper, "link", &text))
    }

    fn address(&self, what: &str, token: &Token) -> String {
        format!("{}/{what}/{}", self.settings.address.trim_end_matches('/'), token.reveal())
    }

    /// Counts a link of an organiser: nobody fills the edge.
    fn count_link(&self, organiser: Organiser, now: Instant) -> Outcome<()> {
        let key = [b"l".as_slice(), &organiser.0.to_be_bytes()].concat();
        let wait = self.shelf.change::<Made, Option<Instant>>(Table::Tries, &key, now, |kept| {
            let (count, end) = match kept {
                Some(kept) => (kept.value.count, kept.until.unwrap_or(now)),
                None => (0, now.plus(MINUTE)),
            };
            if INVITATIONS_PER_MINUTE_MAX <= count {
                return (Some(end), None);
            }
            (None, Some((Made { count: count + 1 }, Some(end))))
        })?;
        wait.map_or(Ok(()), |until| Err(No::Wait(until)))
    }
}
