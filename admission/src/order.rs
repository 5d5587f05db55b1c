//! The bettor's order: nobody debits a wallet without its owner's confirmation (domain 2).
//!
//! An order stays until it has expired and the sweep has come by, and as long as a hold made by it
//! stands: a hold that ends gives its part back, and is confirmed at the odds that the order
//! accepts. One that is used up leaves at once, and its id is remembered among the last
//! [`USED_UP_KEPT`], so that the table is bounded by what is open and not by what was ever staked.

use std::collections::VecDeque;

use terms::codec::Spill;
use terms::{
    Account, Broken, Field, Instant, Keyed, Odds, OrderId, Organiser, Reader, Reason, Seq, Table,
    Tiyn, choice, limits, record,
};

/// How many used-up orders are remembered by name. Later ones are told `order_missing`.
pub const USED_UP_KEPT: usize = 4_096;

choice! {
    /// How the bettor confirmed.
    pub enum Method {
        /// A signed-in session at БЕЖ.
        Session = 1 "session",
        /// A one-time code on top of it (S-02).
        OneTimeCode = 2 "one_time_code",
    }
}

choice! {
    /// Which odds the bettor accepts in place of those that he saw (domain 10).
    pub enum Accept {
        /// The same only.
        Exact = 1 "exact",
        /// The same or higher.
        Better = 2 "better",
        /// Any.
        Any = 3 "any",
    }
}

impl Accept {
    /// Whether odds may stand in place of those that were requested.
    pub fn allows(self, requested: Odds, odds: Odds) -> bool {
        match self {
            Accept::Exact => requested == odds,
            Accept::Better => requested <= odds,
            Accept::Any => true,
        }
    }
}

record! {
    /// An open order.
    pub struct Order {
        /// Its id.
        pub id: OrderId,
        /// The fact that gave it.
        pub seq: Seq,
        /// The organiser that may use it.
        pub organiser: Organiser,
        /// The account that it debits.
        pub account: Account,
        /// The most that may be debited, commission included.
        pub ceiling: Tiyn,
        /// What is left of the ceiling.
        pub left: Tiyn,
        /// How many holds have reserved a part of it; it stays as long as there is one.
        pub holds: u32,
        /// From when it holds no more.
        pub expires: Instant,
        /// Which odds it accepts.
        pub accept: Accept,
    }
}

impl Order {
    /// Whether the sweep takes it at an instant.
    fn swept(&self, at: Instant) -> bool {
        self.expires <= at && self.holds == 0
    }
}

impl Keyed for Order {
    fn key(&self) -> (u32, [u8; 16]) {
        (0, self.id.0)
    }
}

/// All open orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orders {
    open: Table<Order>,
    used_up: VecDeque<OrderId>,
}

impl Orders {
    /// No order; `key` is drawn by the shell and influences no result.
    pub fn new(key: u64) -> Self {
        Orders { open: Table::with_room(key, limits::ORDERS_RESERVED), used_up: VecDeque::new() }
    }

    /// How many are open.
    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// Whether none is open.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// One order.
    pub fn get(&self, id: OrderId) -> Option<&Order> {
        self.open.of(0, id.0)
    }

    /// Looks where an order would stand, and no further; see [`Table::touch`].
    pub fn touch(&self, id: OrderId) -> usize {
        self.open.touch(0, id.0)
    }

    /// The open order, or why this organiser cannot debit this account by it.
    pub fn check(
        &self,
        id: OrderId,
        organiser: Organiser,
        account: Account,
        sum: Tiyn,
        at: Instant,
    ) -> Result<&Order, Reason> {
        let Some(order) = self.get(id) else {
            let used_up = self.used_up.contains(&id);
            return Err(if used_up { Reason::OrderUsedUp } else { Reason::OrderMissing });
        };
        if order.organiser != organiser {
            Err(Reason::OrderOfAnotherOrganiser)
        } else if order.account != account {
            Err(Reason::OrderMissing)
        } else if order.expires <= at {
            Err(Reason::OrderExpired)
        } else if order.ceiling < sum {
            Err(Reason::OrderAboveCeiling)
        } else if order.left < sum {
            Err(Reason::OrderUsedUp)
        } else {
            Ok(order)
        }
    }

    /// Opens an order; `false` if the id is taken.
    pub fn open(&mut self, order: Order) -> bool {
        self.open.insert(order).is_some()
    }

    /// Takes a sum off what is left, for a stake; `false` if there is no such order or not enough
    /// left.
    pub fn spend(&mut self, id: OrderId, sum: Tiyn) -> bool {
        let spent = self.change(id, |order| Some((order.left.checked_sub(sum)?, order.holds)));
        self.finish(id);
        spent
    }

    /// Takes a sum off what is left, for a hold.
    pub fn hold(&mut self, id: OrderId, sum: Tiyn) -> bool {
        self.change(id, |order| Some((order.left.checked_sub(sum)?, order.holds.checked_add(1)?)))
    }

    /// A hold becomes a stake: what it had reserved is spent.
    pub fn confirm(&mut self, id: OrderId) -> bool {
        let confirmed = self.change(id, |order| Some((order.left, order.holds.checked_sub(1)?)));
        self.finish(id);
        confirmed
    }

    /// A hold ends without a stake: what it had reserved is given back.
    pub fn give_back(&mut self, id: OrderId, sum: Tiyn) -> bool {
        self.change(id, |order| {
            let left = order.left.checked_add(sum).filter(|left| *left <= order.ceiling)?;
            Some((left, order.holds.checked_sub(1)?))
        })
    }

    fn change(&mut self, id: OrderId, to: impl Fn(&Order) -> Option<(Tiyn, u32)>) -> bool {
        let Some(order) = self.open.find(0, id.0).and_then(|slot| self.open.get_mut(slot)) else {
            return false;
        };
        match to(order) {
            Some((left, holds)) => {
                (order.left, order.holds) = (left, holds);
                true
            }
            None => false,
        }
    }

    /// Lets an order leave once a stake has taken the last of it.
    fn finish(&mut self, id: OrderId) {
        let Some(slot) = self.open.find(0, id.0) else { return };
        if self.open.get(slot).is_some_and(|order| order.left.is_zero() && order.holds == 0) {
            self.open.remove(slot);
            if self.used_up.len() == USED_UP_KEPT {
                self.used_up.pop_front();
            }
            self.used_up.push_back(id);
        }
    }

    /// Removes the orders in slots `from..to` that have expired at an instant; returns how many.
    pub fn sweep(&mut self, from: u32, to: u32, at: Instant) -> u32 {
        let mut gone = 0;
        for slot in from..to.min(self.open.slots()) {
            if self.open.get(slot).is_some_and(|order| order.swept(at)) {
                self.open.remove(slot);
                gone += 1;
            }
        }
        gone
    }

    /// Whether a slot in `from..to` holds an order that has expired.
    pub fn any_expired(&self, from: u32, to: u32, at: Instant) -> bool {
        (from..to.min(self.open.slots()))
            .any(|slot| self.open.get(slot).is_some_and(|order| order.swept(at)))
    }

    /// One more than the highest slot.
    pub fn slots(&self) -> u32 {
        self.open.slots()
    }

    /// Appends the canonical bytes.
    pub fn put(&self, out: &mut Vec<u8>, spill: Spill<'_>) {
        self.open.put(out, spill);
        self.used_up.iter().copied().collect::<Vec<_>>().put(out);
    }

    /// Reads what [`Orders::put`] wrote.
    pub fn read(from: &mut Reader<'_>, key: u64) -> Result<Self, Broken> {
        let open = Table::read(from, key, limits::ORDERS_RESERVED)?;
        let used_up: Vec<OrderId> = Vec::read(from)?;
        if USED_UP_KEPT < used_up.len() {
            return Err(Broken::Range);
        }
        Ok(Orders { open, used_up: used_up.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(n: u8, ceiling: u32) -> Order {
        Order {
            id: OrderId([n; 16]),
            seq: Seq(u64::from(n)),
            organiser: Organiser(1),
            account: Account(2),
            ceiling: Tiyn::of(ceiling),
            left: Tiyn::of(ceiling),
            holds: 0,
            expires: Instant(100),
            accept: Accept::Better,
        }
    }

    #[test]
    fn each_refusal_of_an_order() {
        // R0-2.3a, R0-5.3
        let mut orders = Orders::new(1);
        assert!(orders.open(order(1, 500)));
        assert!(!orders.open(order(1, 900)));
        assert!(orders.spend(OrderId([1; 16]), Tiyn::of(200)));
        let cases = [
            (1, 1, 2, 300, 99, Ok(Seq(1))),
            (2, 1, 2, 300, 99, Err(Reason::OrderMissing)),
            (1, 2, 2, 300, 99, Err(Reason::OrderOfAnotherOrganiser)),
            (1, 1, 3, 300, 99, Err(Reason::OrderMissing)),
            (1, 1, 2, 300, 100, Err(Reason::OrderExpired)),
            (1, 1, 2, 501, 99, Err(Reason::OrderAboveCeiling)),
            (1, 1, 2, 301, 99, Err(Reason::OrderUsedUp)),
        ];
        for (id, organiser, account, sum, at, want) in cases {
            let (organiser, account) = (Organiser(organiser), Account(account));
            let got =
                orders.check(OrderId([id; 16]), organiser, account, Tiyn::of(sum), Instant(at));
            assert_eq!(got.map(|order| order.seq), want);
        }
        assert!(!orders.spend(OrderId([1; 16]), Tiyn::of(301)));
        assert!(!orders.hold(OrderId([1; 16]), Tiyn::of(301)));
        assert!(!orders.confirm(OrderId([1; 16])));
        assert!(orders.hold(OrderId([1; 16]), Tiyn::of(300)));
        assert!(!orders.give_back(OrderId([1; 16]), Tiyn::of(501)));
        assert!(orders.give_back(OrderId([1; 16]), Tiyn::of(300)));
        assert!(!orders.give_back(OrderId([1; 16]), Tiyn::ZERO));
        assert!(orders.spend(OrderId([1; 16]), Tiyn::of(300)));
        let (organiser, account) = (Organiser(1), Account(2));
        let got = orders.check(OrderId([1; 16]), organiser, account, Tiyn::of(1), Instant(1));
        assert_eq!(got, Err(Reason::OrderUsedUp));
    }

    #[test]
    fn an_order_stays_as_long_as_a_hold_made_by_it() {
        // S-34
        let id = OrderId([1; 16]);
        let mut orders = Orders::new(1);
        assert!(orders.open(order(1, 500)));
        assert!(orders.hold(id, Tiyn::of(300)));
        assert!(orders.spend(id, Tiyn::of(200)));
        assert_eq!(orders.get(id).map(|order| order.left), Some(Tiyn::ZERO));
        assert!(!orders.any_expired(0, 1, Instant(100)));
        assert_eq!(orders.sweep(0, 1, Instant(100)), 0);
        assert!(orders.confirm(id));
        assert_eq!(orders.get(id), None);
    }

    #[test]
    fn the_table_is_bounded_by_what_is_open() {
        let mut orders = Orders::new(1);
        for n in 0..20_000u32 {
            let mut id = [0; 16];
            id[..4].copy_from_slice(&n.to_be_bytes());
            orders.open(Order { id: OrderId(id), ..order(0, 10) });
            assert!(orders.spend(OrderId(id), Tiyn::of(10)));
        }
        assert_eq!((orders.len(), orders.slots()), (0, 1));
        assert!(orders.open(order(7, 10)));
        assert!(!orders.any_expired(0, 9, Instant(99)));
        assert!(orders.any_expired(0, 9, Instant(100)));
        let mut bytes = Vec::new();
        orders.put(&mut bytes, &mut |_| ());
        assert_eq!(Orders::read(&mut Reader::new(&bytes), 3), Ok(orders.clone()));
        assert_eq!(orders.sweep(0, 9, Instant(100)), 1);
        assert!(orders.is_empty());
    }
}
