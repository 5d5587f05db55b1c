//! The messages, each by a call of its own that gives the answer of its kind.

use serde::Serialize;
use serde::de::DeserializeOwned;
use wire::{
    Championship, Changed, ClaimSettlement, DeskPayout, DeskStake, Event, EventChange,
    HoldConfirmation, HoldPlaced, HoldRelease, HoldReleased, Kind, Listed, Market, MarketChange,
    MarketResult, Order, OrderGiven, Reported, Request, Resettlement, Settled, Settlement, Stake,
    StakeAccepted, Void,
};

use crate::client::{Ask, Client, Decided};
use crate::error::Error;

macro_rules! messages {
    ($( $(#[$doc:meta])* $call:ident($message:ty) -> $answer:ty: $kind:ident; )*) => {
        impl Client {
            $(
                $(#[$doc])*
                pub async fn $call(&self, message: &$message) -> Result<Decided<$answer>, Error> {
                    self.put(Kind::$kind.path(), message, None).await
                }
            )*
        }
    };
}

messages! {
    /// Asks for a stake in one call.
    stake(Stake) -> StakeAccepted: Stake;
    /// Sets the sum of a stake aside, to be confirmed or released before it expires.
    hold(Stake) -> HoldPlaced: Hold;
    /// Turns a hold into a stake, at these odds.
    confirm_hold(HoldConfirmation) -> StakeAccepted: HoldConfirmation;
    /// Ends a hold.
    release_hold(HoldRelease) -> HoldReleased: HoldRelease;
    /// Settles a bet; an e-money winning is paid with it.
    settle(Settlement) -> Settled: Settlement;
    /// Settles a bet anew.
    resettle(Resettlement) -> Settled: Resettlement;
    /// Settles a bet as void.
    void(Void) -> Settled: Void;
    /// Reports a stake that a desk has taken.
    desk_stake(DeskStake) -> Reported: DeskStake;
    /// Reports a payout at a desk.
    desk_payout(DeskPayout) -> Reported: DeskPayout;
    /// Reports that a bettor has given back what was paid too much.
    settle_claim(ClaimSettlement) -> Reported: ClaimSettlement;
    /// Lists a championship; the answer has its number.
    list_championship(Championship) -> Listed: Championship;
    /// Lists an event; the answer has its number.
    list_event(Event) -> Listed: Event;
    /// Changes the state of an event.
    change_event(EventChange) -> Changed: EventChange;
    /// Lists a market; the answer has its number and those of its outcomes.
    list_market(Market) -> Listed: Market;
    /// Changes a market.
    change_market(MarketChange) -> Changed: MarketChange;
    /// Publishes the result of a market, or corrects it.
    publish_result(MarketResult) -> Changed: MarketResult;
}

impl Client {
    /// Sends a message of any kind. The answer is that of its kind, as JSON.
    pub async fn send(&self, message: &Request) -> Result<Decided<serde_json::Value>, Error> {
        let text = message.to_json().map_err(unwritable)?;
        self.put_text(message.kind().path(), text.into_bytes(), None).await
    }

    /// Gives a bettor's order, by the bettor's own session.
    pub async fn order(&self, token: &str, order: &Order) -> Result<Decided<OrderGiven>, Error> {
        self.put("/me/orders", order, Some(token)).await
    }

    /// What would become of a message if it were sent now: all checks, no effect.
    pub async fn validate(&self, message: &Request) -> Result<wire::Validation, Error> {
        let mut line = Vec::new();
        write_line(message, &mut line)?;
        self.ask(Ask::post("/validate", line)).await?.read()
    }

    async fn put<M: Serialize, A: DeserializeOwned>(
        &self,
        path: &str,
        message: &M,
        token: Option<&str>,
    ) -> Result<Decided<A>, Error> {
        self.put_text(path, serde_json::to_vec(message).map_err(unwritable)?, token).await
    }

    async fn put_text<A: DeserializeOwned>(
        &self,
        path: &str,
        text: Vec<u8>,
        token: Option<&str>,
    ) -> Result<Decided<A>, Error> {
        let heard = self.ask(Ask { token, ..Ask::post(path, text) }).await?;
        Ok(Decided { answer: heard.read()?, repeated: heard.repeated })
    }
}

/// Writes a message as a line of a batch.
pub(crate) fn write_line(message: &Request, out: &mut Vec<u8>) -> Result<(), Error> {
    let text = message.to_json().map_err(unwritable)?;
    out.extend_from_slice(b"{\"kind\":\"");
    out.extend_from_slice(message.kind().name().as_bytes());
    out.extend_from_slice(b"\",\"message\":");
    out.extend_from_slice(text.as_bytes());
    out.extend_from_slice(b"}\n");
    Ok(())
}

pub(crate) fn unwritable(error: serde_json::Error) -> Error {
    Error::Strange { status: 0, what: error.to_string() }
}
