//! Wallets and orders of the town.

use cabinet::ports::*;
use store::ViewReader;
use terms::{Instant, MessageId, OrderId, Reason, Seq, Tiyn, Wallet};

use super::{PERSON, Town, wrong};

impl Purse for Town {
    fn pockets(&self, who: &Who) -> Outcome<Vec<Pocket>> {
        let state = self.lock();
        Ok(if who.person.is_some() { state.pockets.clone() } else { Vec::new() })
    }

    fn open_wallet(&self, _: &Who, form: MessageId) -> Outcome<Wallet> {
        let mut state = self.lock();
        if state.first(form, "wallet")? {
            let first = state.pockets[0].clone();
            let wallet = Wallet(900_000 + state.pockets.len() as u32);
            state.pockets.push(Pocket { wallet, available: Tiyn::ZERO, ..first });
        }
        Ok(state.pockets.last().unwrap().wallet)
    }

    fn block(
        &self,
        _: &Who,
        wallet: Wallet,
        ground: BlockGround,
        form: MessageId,
    ) -> Outcome<Instant> {
        let mut state = self.lock();
        let now = state.now;
        state.pocket(wallet)?;
        if state.first(form, "block")? {
            let pocket = state.pocket(wallet)?;
            pocket.state = PocketState::Blocked;
            pocket.blocked = Some((now, Some(ground)));
        }
        Ok(now)
    }

    fn unblock(&self, _: &Who, wallet: Wallet, form: MessageId) -> Outcome<()> {
        let mut state = self.lock();
        if state.first(form, "unblock")? {
            let pocket = state.pocket(wallet)?;
            (pocket.state, pocket.blocked) = (PocketState::Open, None);
        }
        Ok(())
    }

    fn redeem(&self, _: &Who, redemption: &Redemption) -> Outcome<Seq> {
        let mut state = self.lock();
        let available = state.pocket(redemption.wallet)?.available;
        if available < redemption.sum {
            return Err(wrong(Field::Sum, Wrong::TooMuch));
        }
        if state.first(redemption.form, "redeem")? {
            state.redemptions.push(redemption.clone());
        }
        Ok(Seq(41))
    }

    fn top_up_ways(&self) -> Outcome<Vec<TopUpWay>> {
        let way = |name: &str, fee| TopUpWay { name: name.into(), fee };
        Ok(vec![way("Синтетика Банк", None), way("Үлгі терминалдары", Tiyn::new(20_000))])
    }

    fn receipt(&self, who: &Who, seq: Seq) -> Outcome<Receipt> {
        let state = self.lock();
        for pocket in state.pockets.iter().filter(|_| who.person.is_some()) {
            let rows = self.views.clone().postings(pocket.wallet, None, 1_000).unwrap();
            if let Some(row) = rows.iter().find(|row| row.seq == seq) {
                return Ok(Receipt {
                    sum: row.amount,
                    at: row.at,
                    number: seq.0 + 1,
                    payee: "«Синтетика бук» ЖШС".into(),
                    payee_number: Some("180440000129".into()),
                    transaction: "019b8e07-4600-7745-af22-2bc4a9e9d771".into(),
                    wallet: pocket.wallet,
                    phones: vec!["+7 7172 00 00 00".into(), "+7 700 000 00 00".into()],
                });
            }
        }
        Err(No::Absent)
    }
}

impl Orders for Town {
    fn asked(&self, who: &Who, order: &Token) -> Outcome<Asked> {
        if who.person != Some(PERSON) {
            return Err(No::Absent);
        }
        self.lock().orders.get(&order.0).cloned().ok_or(No::Absent)
    }

    fn give(&self, who: &Who, order: &Token, accept: Accept, form: MessageId) -> Outcome<OrderId> {
        let mut state = self.lock();
        let now = state.now;
        let fresh = state.sessions[&who.token.0].fresh_until.is_some_and(|until| now <= until);
        if state.orders.get(&order.0).ok_or(No::Absent)?.wants_code && !fresh {
            return Err(No::Refused(Reason::OrderStepUpRequired));
        }
        state.first(form, "order")?;
        let asked = state.orders.get_mut(&order.0).ok_or(No::Absent)?;
        (asked.state, asked.accept) = (OrderState::Given(OrderId(form.0)), accept);
        Ok(OrderId(form.0))
    }

    fn decline(&self, _: &Who, order: &Token, form: MessageId) -> Outcome<()> {
        let mut state = self.lock();
        state.first(form, "decline")?;
        state.orders.get_mut(&order.0).ok_or(No::Absent)?.state = OrderState::Declined;
        Ok(())
    }
}
