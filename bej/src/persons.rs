//! People as the API meets them: its port, fulfilled by the room `people`.

use std::sync::Arc;

use api::{Bettor, Link, OrderAsked, OrderProgress, Persons, Progress, Session, Unhelped};
use people::invitations::{AskedRow, AskedState, InvitedState};
use people::{No, Outcome, People, Token};
use terms::{Account, MessageId, OrderId, Organiser, Reason};
use vault::Numbered;
use wire::{OrderRequestState, RegistrationState};

/// The room behind the API.
pub struct Behind(pub Arc<People>);

fn told<T>(done: Outcome<T>) -> Result<T, Unhelped> {
    done.map_err(|no| match no {
        No::Refused(Reason::IdReused) => Unhelped::Reused,
        No::Refused(reason) => Unhelped::Refused(reason),
        No::Wait(_) => Unhelped::Many,
        No::Wrong(_) | No::Over | No::Absent => Unhelped::Refused(Reason::AccountUnknown),
        No::Down(what) => Unhelped::Down(what),
    })
}

impl Persons for Behind {
    fn session(&self, token: &str) -> Result<Option<Session>, Unhelped> {
        let Some(token) = Token::parse(token) else { return Ok(None) };
        let Some(session) = told(self.0.session(&token))? else { return Ok(None) };
        Ok(session.person.map(|person| Session {
            person,
            proved: session.fresh.unwrap_or(session.opened).max(session.opened),
            by_code: session.fresh.is_some(),
            nonce: token.nonce(),
        }))
    }

    fn invite(&self, organiser: Organiser, id: MessageId) -> Result<Link, Unhelped> {
        let (address, until) = told(self.0.invite(organiser, id))?;
        Ok(Link { address, until })
    }

    fn invited(&self, organiser: Organiser, id: MessageId) -> Result<Option<Progress>, Unhelped> {
        let found = told(self.0.invited(organiser, id))?;
        Ok(found.map(|(state, account, until)| Progress {
            state: match state {
                InvitedState::Invited => RegistrationState::Invited,
                InvitedState::Begun => RegistrationState::Begun,
                InvitedState::Waiting => RegistrationState::Waiting,
                InvitedState::Open => RegistrationState::Open,
                InvitedState::Failed => RegistrationState::Failed,
                InvitedState::Expired => RegistrationState::Expired,
            },
            account,
            until,
        }))
    }

    fn ask_order(
        &self,
        organiser: Organiser,
        id: MessageId,
        asked: &OrderAsked,
    ) -> Result<Link, Unhelped> {
        let row = AskedRow {
            organiser,
            account: asked.account,
            ceiling: asked.ceiling,
            accept: match asked.accept {
                wire::Accept::Exact => admission::Accept::Exact,
                wire::Accept::Better => admission::Accept::Better,
                wire::Accept::Any => admission::Accept::Any,
            },
            expires: asked.expires,
            answer_until: asked.expires,
            state: AskedState::Asked,
            order: None,
        };
        let (address, until) = told(self.0.ask_order(organiser, id, row))?;
        Ok(Link { address, until })
    }

    fn asked_order(
        &self,
        organiser: Organiser,
        id: MessageId,
    ) -> Result<Option<OrderProgress>, Unhelped> {
        let now = self.0.now();
        let found = told(self.0.asked_order(organiser, id))?;
        Ok(found.map(|row| OrderProgress {
            state: match row.state {
                AskedState::Given => OrderRequestState::Given,
                AskedState::Declined => OrderRequestState::Declined,
                AskedState::Asked if row.answer_until <= now => OrderRequestState::Expired,
                AskedState::Asked => OrderRequestState::Asked,
            },
            order: row.order.map(|order| OrderId(order.0)),
            until: row.answer_until,
        }))
    }

    fn bettor(&self, organiser: Organiser, account: Account) -> Result<Option<Bettor>, Unhelped> {
        let Some(found) = told(self.0.disclose(organiser, account))? else { return Ok(None) };
        let Some(name) = found.record.names.first().map(|name| &name.value) else {
            return Ok(None);
        };
        let iin = match found.record.number.as_ref().map(|number| &number.value) {
            Some(Numbered::Iin(number)) => Some(number.reveal().reveal()),
            Some(Numbered::Without(_)) | None => None,
        };
        Ok(Some(Bettor {
            surname: name.surname.reveal().to_owned(),
            given_name: name.given.reveal().to_owned(),
            patronymic: name.patronymic.as_ref().map(|text| text.reveal().to_owned()),
            iin,
            age_years: found.age_years,
        }))
    }
}

/// In a group that does not meet people.
pub struct Nobody;

fn nobody<T>() -> Result<T, Unhelped> {
    Err(Unhelped::Down("people are not served by this group".to_owned()))
}

impl Persons for Nobody {
    fn session(&self, _: &str) -> Result<Option<Session>, Unhelped> {
        nobody()
    }

    fn invite(&self, _: Organiser, _: MessageId) -> Result<Link, Unhelped> {
        nobody()
    }

    fn invited(&self, _: Organiser, _: MessageId) -> Result<Option<Progress>, Unhelped> {
        nobody()
    }

    fn ask_order(&self, _: Organiser, _: MessageId, _: &OrderAsked) -> Result<Link, Unhelped> {
        nobody()
    }

    fn asked_order(&self, _: Organiser, _: MessageId) -> Result<Option<OrderProgress>, Unhelped> {
        nobody()
    }

    fn bettor(&self, _: Organiser, _: Account) -> Result<Option<Bettor>, Unhelped> {
        nobody()
    }
}
