//! Invitations to register, orders that are asked for, and what an organiser reads of its own
//! bettors.

use axum::extract::Request as HttpRequest;
use axum::http::{HeaderMap, StatusCode};
use terms::number::parse_account_number;
use terms::{MessageId, Organiser, Reason};
use wire::{
    AccountNo, BettorCard, Id, Invitation, InvitationProgress, OrderRequest, OrderRequestProgress,
    Registration, Time,
};

use crate::commands::take;
use crate::house::{House, Shared};
use crate::limits::BODY_MAX;
use crate::persons::{Link, OrderAsked, Unhelped};
use crate::problem::{Answer, Teller, Trouble, json};
use crate::qr;

/// `POST /v1/registrations`: a link with which somebody registers at БЕЖ, and the same as a
/// picture.
pub async fn invite(house: Shared, caller: Organiser, request: HttpRequest) -> Answer {
    let (parts, content) = request.into_parts();
    let tell = Teller::new(&house.phrases, &parts.headers);
    let taken = match take(&house, &parts.headers, content, "application/json", BODY_MAX).await {
        Ok(taken) => taken,
        Err(trouble) => return tell.trouble(trouble),
    };
    let asked = match wire::read::<Registration>(&taken.text) {
        Ok(asked) => asked,
        Err(faults) => return tell.malformed(faults),
    };
    let made = tokio::task::block_in_place(|| house.persons.invite(caller, asked.id.0));
    invitation(&tell, asked.id, made)
}

/// `POST /v1/order-requests`: a link with which a bettor gives an order at БЕЖ.
pub async fn ask_order(house: Shared, caller: Organiser, request: HttpRequest) -> Answer {
    let (parts, content) = request.into_parts();
    let tell = Teller::new(&house.phrases, &parts.headers);
    let taken = match take(&house, &parts.headers, content, "application/json", BODY_MAX).await {
        Ok(taken) => taken,
        Err(trouble) => return tell.trouble(trouble),
    };
    let asked = match wire::read::<OrderRequest>(&taken.text) {
        Ok(asked) => asked,
        Err(faults) => return tell.malformed(faults),
    };
    let (organiser, account) = asked.account.0;
    if organiser != caller {
        return tell.refusal(Reason::AccountUnknown, Some(asked.id), None);
    }
    let Some(ceiling) = i64::try_from(asked.ceiling_tiyn.0).ok().and_then(terms::Tiyn::new) else {
        return tell.refusal(Reason::SumInvalid, Some(asked.id), None);
    };
    let order = OrderAsked { account, ceiling, accept: asked.accept, expires: asked.expires_at.0 };
    let made = tokio::task::block_in_place(|| house.persons.ask_order(caller, asked.id.0, &order));
    invitation(&tell, asked.id, made)
}

fn invitation(tell: &Teller<'_>, id: Id, made: Result<Link, Unhelped>) -> Answer {
    match made {
        Ok(link) => json(
            StatusCode::CREATED,
            &Invitation {
                id,
                qr_svg: qr::svg(&link.address),
                link: link.address,
                expires_at: Time(link.until),
            },
        ),
        Err(why) => unhelped(tell, Some(id), why),
    }
}

/// `GET /v1/registrations/{id}`: how far the person is.
pub fn progress(house: &House, caller: Organiser, id: &str, headers: &HeaderMap) -> Answer {
    let tell = Teller::new(&house.phrases, headers);
    let Some(id) = MessageId::parse(id) else { return tell.trouble(Trouble::NotFound) };
    match tokio::task::block_in_place(|| house.persons.invited(caller, id)) {
        Ok(Some(found)) => json(
            StatusCode::OK,
            &InvitationProgress {
                id: Id(id),
                state: found.state,
                expires_at: Time(found.until),
                account: found.account.map(|account| AccountNo((caller, account))),
            },
        ),
        Ok(None) => tell.trouble(Trouble::NotFound),
        Err(why) => unhelped(&tell, Some(Id(id)), why),
    }
}

/// `GET /v1/order-requests/{id}`: whether the bettor has answered.
pub fn order_progress(house: &House, caller: Organiser, id: &str, headers: &HeaderMap) -> Answer {
    let tell = Teller::new(&house.phrases, headers);
    let Some(id) = MessageId::parse(id) else { return tell.trouble(Trouble::NotFound) };
    match tokio::task::block_in_place(|| house.persons.asked_order(caller, id)) {
        Ok(Some(found)) => json(
            StatusCode::OK,
            &OrderRequestProgress {
                id: Id(id),
                state: found.state,
                expires_at: Time(found.until),
                order: found.order.map(|order| Id(MessageId(order.0))),
            },
        ),
        Ok(None) => tell.trouble(Trouble::NotFound),
        Err(why) => unhelped(&tell, Some(Id(id)), why),
    }
}

/// `GET /v1/accounts/{account}/bettor`: the organiser's own bettor (S-55).
pub fn bettor(house: &House, caller: Organiser, account: &str, headers: &HeaderMap) -> Answer {
    let tell = Teller::new(&house.phrases, headers);
    // Another organiser's account answers like one that does not exist.
    let own = parse_account_number(account).filter(|(organiser, _)| *organiser == caller);
    let Some((_, account)) = own else { return tell.trouble(Trouble::NotFound) };
    match tokio::task::block_in_place(|| house.persons.bettor(caller, account)) {
        Ok(Some(found)) => json(
            StatusCode::OK,
            &BettorCard {
                account: AccountNo((caller, account)),
                surname: found.surname,
                given_name: found.given_name,
                age_years: found.age_years,
                patronymic: found.patronymic,
                iin: found.iin,
            },
        ),
        Ok(None) => tell.trouble(Trouble::NotFound),
        Err(why) => unhelped(&tell, None, why),
    }
}

fn unhelped(tell: &Teller<'_>, id: Option<Id>, why: Unhelped) -> Answer {
    match why {
        Unhelped::Reused => tell.refusal(Reason::IdReused, id, None),
        Unhelped::Many => tell.trouble(Trouble::Busy),
        Unhelped::Refused(reason) => tell.refusal(reason, id, None),
        Unhelped::Down(what) => {
            tracing::error!("the room of people does not answer: {what}");
            tell.trouble(Trouble::Behind)
        }
    }
}
