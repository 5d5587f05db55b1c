//! The bettor's pages: what they need of their house, fulfilled by the room `people`, the read copy
//! and the views.

mod joining;
mod purse;
mod relation;

use std::sync::Arc;

use api::Prover;
use cabinet::ports::{
    self, Accept, Asked, Entrance, Field, No, OrderState, Orders, Origin, Outcome, Ports, Private,
    Problem, Sent, Session, Source, Token, Who, Wrong,
};
use people::invitations::AskedState;
use people::{People, Token as Held};
use pump::{Clock as _, SystemClock};
use store::{Fault, JournalReader, ViewReader};
use terms::{Instant, MessageId, OrderId, Seq};

use crate::store_url::Lasting;

/// The house of the cabinet.
pub struct House {
    people: Arc<People>,
    opened: Lasting,
    prover: Prover,
    clock: SystemClock,
}

/// All that a cabinet needs.
pub fn ports(people: Arc<People>, opened: Lasting, prover: Prover) -> Ports {
    let house = Arc::new(House { people, opened, prover, clock: SystemClock::new() });
    Ports {
        source: house.clone(),
        entrance: house.clone(),
        joining: house.clone(),
        relation: house.clone(),
        purse: house.clone(),
        orders: house,
    }
}

impl Source for House {
    fn views(&self) -> Result<Box<dyn ViewReader>, Fault> {
        self.opened.view_reader()
    }

    fn journal(&self) -> Result<Box<dyn JournalReader>, Fault> {
        Ok(Box::new(self.opened.reader()?))
    }

    fn now(&self) -> Instant {
        self.clock.wall()
    }

    fn prove(&self, seq: Seq) -> Result<String, String> {
        (self.prover)(seq.0)
    }
}

/// What a call comes to, in the words of the cabinet. Both rooms name fields and slips alike; one
/// that the cabinet has no word for is a wrong form of the field.
fn told<T>(done: people::Outcome<T>) -> Outcome<T> {
    done.map_err(|no| match no {
        people::No::Wrong(slips) => No::Wrong(
            slips
                .into_iter()
                .map(|(field, slip)| Problem {
                    field: Field::from_name(field.name()).unwrap_or(Field::Iban),
                    wrong: Wrong::from_name(slip.name()).unwrap_or(Wrong::Form),
                })
                .collect(),
        ),
        people::No::Refused(reason) => No::Refused(reason),
        people::No::Wait(until) => No::Wait(until),
        people::No::Over => No::Over,
        people::No::Absent => No::Absent,
        people::No::Down(what) => No::Down(what),
    })
}

fn held(token: &Token) -> Outcome<Held> {
    Held::parse(&token.0).ok_or(No::Over)
}

fn given(token: &Held) -> Token {
    Token(token.reveal())
}

fn sent(sent: people::entrance::Sent) -> Sent {
    Sent {
        token: given(&sent.token),
        phone: sent.phone,
        until: sent.until,
        again: sent.again,
        tries: u8::try_from(sent.tries).unwrap_or(u8::MAX),
    }
}

impl Entrance for House {
    fn session(&self, token: &Token) -> Outcome<Option<Session>> {
        let Ok(token) = held(token) else { return Ok(None) };
        let found = told(self.people.session(&token))?;
        Ok(found.map(|session| Session {
            person: session.person,
            opened: session.opened,
            ends: session.ends,
            fresh_until: session.fresh.map(|at| at.plus(people::limits::SESSION_IDLE_NS)),
            before: session.before,
        }))
    }

    fn sign_in(&self, phone: &Private, password: &Private, from: Origin) -> Outcome<Sent> {
        let (phone, password) = (phone.reveal(), password.reveal());
        told(self.people.sign_in(phone, password, from.language)).map(sent)
    }

    fn sign_in_code(&self, token: &Token, code: &Private) -> Outcome<Token> {
        told(self.people.sign_in_code(&held(token)?, code.reveal())).map(|token| given(&token))
    }

    fn sent(&self, token: &Token) -> Outcome<Sent> {
        told(self.people.sent(&held(token)?)).map(sent)
    }

    fn send_again(&self, token: &Token, from: Origin) -> Outcome<Sent> {
        told(self.people.send_again(&held(token)?, from.language)).map(sent)
    }

    fn step_up(&self, who: &Who, from: Origin) -> Outcome<Sent> {
        told(self.people.step_up(&held(&who.token)?, from.language)).map(sent)
    }

    fn step_up_code(&self, who: &Who, code: &Private) -> Outcome<Instant> {
        told(self.people.step_up_code(&held(&who.token)?, code.reveal()))
    }

    fn sign_out(&self, token: &Token) -> Outcome<()> {
        told(self.people.sign_out(&held(token)?))
    }

    fn sign_out_others(&self, who: &Who) -> Outcome<u32> {
        told(self.people.sign_out_others(&held(&who.token)?))
    }

    fn change_password(&self, who: &Who, old: &Private, new: &Private) -> Outcome<()> {
        told(self.people.change_password(&held(&who.token)?, old.reveal(), new.reveal()))
    }

    fn change_phone(&self, who: &Who, phone: &Private, from: Origin) -> Outcome<Sent> {
        let token = held(&who.token)?;
        told(self.people.change_phone(&token, phone.reveal(), from.language)).map(sent)
    }

    fn change_phone_code(&self, who: &Who, code: &Private, _form: MessageId) -> Outcome<()> {
        told(self.people.change_phone_code(&held(&who.token)?, code.reveal())).map(drop)
    }
}

impl Orders for House {
    fn asked(&self, who: &Who, order: &Token) -> Outcome<Asked> {
        let found = told(self.people.asked(&held(&who.token)?, &held(order)?))?;
        let (row, now) = (found.row, self.people.now());
        let state = match (row.state, row.order) {
            (AskedState::Given, Some(order)) => OrderState::Given(order),
            (AskedState::Given, None) | (AskedState::Declined, _) => OrderState::Declined,
            (AskedState::Asked, _) if row.answer_until <= now => OrderState::Expired,
            (AskedState::Asked, _) => OrderState::Asked,
        };
        Ok(Asked {
            organiser: row.organiser,
            account: row.account,
            wallet: found.wallet,
            available: found.available,
            ceiling: row.ceiling,
            until: row.expires,
            answer_until: row.answer_until,
            accept: match row.accept {
                admission::Accept::Exact => Accept::Exact,
                admission::Accept::Better => Accept::Better,
                admission::Accept::Any => Accept::Any,
            },
            wants_code: found.wants_code,
            state,
            back: None,
        })
    }

    fn give(
        &self,
        who: &Who,
        order: &Token,
        accept: Accept,
        form: MessageId,
    ) -> ports::Outcome<OrderId> {
        let accept = match accept {
            Accept::Exact => admission::Accept::Exact,
            Accept::Better => admission::Accept::Better,
            Accept::Any => admission::Accept::Any,
        };
        told(self.people.give_order(&held(&who.token)?, &held(order)?, accept, form))
    }

    fn decline(&self, who: &Who, order: &Token, _form: MessageId) -> Outcome<()> {
        told(self.people.decline_order(&held(&who.token)?, &held(order)?))
    }
}
