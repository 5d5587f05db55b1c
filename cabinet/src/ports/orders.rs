//! Orders that an organiser asks the bettor for (domain 2): he confirms at БЕЖ, never at the
//! organiser's.

use terms::{Account, Instant, MessageId, OrderId, Organiser, Tiyn, Wallet, choice};

use super::{Outcome, Token, Who};

choice! {
    /// Which odds the bettor accepts instead of those that he saw (domain 10).
    pub enum Accept {
        /// These alone.
        Exact = 1 "exact",
        /// These or better ones.
        Better = 2 "better",
        /// Any.
        Any = 3 "any",
    }
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderState {
    /// It waits for the bettor.
    Asked,
    /// He confirmed it: the order that the organiser may use.
    Given(OrderId),
    /// He declined it.
    Declined,
    /// Nobody answered in time.
    Expired,
}

/// What an organiser asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Who asks.
    pub organiser: Organiser,
    /// The bettor's account there.
    pub account: Account,
    /// The wallet that is bound to it.
    pub wallet: Wallet,
    /// What can be staked from it now.
    pub available: Tiyn,
    /// The most that may be debited, commission included.
    pub ceiling: Tiyn,
    /// Until when the order would hold.
    pub until: Instant,
    /// Until when it can be answered.
    pub answer_until: Instant,
    /// The odds that the organiser proposes to accept; the bettor chooses.
    pub accept: Accept,
    /// Whether the sum wants a fresh one-time code (S-02).
    pub wants_code: bool,
    /// Where it stands.
    pub state: OrderState,
    /// The page of the organiser to go back to: an `https` address that its contract names.
    pub back: Option<String>,
}

/// Orders.
pub trait Orders: Send + Sync {
    /// What a link asks for; absent if it is not for this person.
    fn asked(&self, who: &Who, order: &Token) -> Outcome<Asked>;

    /// Gives the order. Refused with `order_step_up_required` where the sum wants a fresh code and
    /// the session has none.
    fn give(&self, who: &Who, order: &Token, accept: Accept, form: MessageId) -> Outcome<OrderId>;

    /// Declines it.
    fn decline(&self, who: &Who, order: &Token, form: MessageId) -> Outcome<()>;
}
