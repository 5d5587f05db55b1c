//! A person's wallets, in the words of the cabinet.

use cabinet::ports::{
    BlockGround, No, Outcome, Pocket, PocketState, Purse, Receipt, Redemption, TopUpWay, Who,
};
use journal::fact::Fact;
use ledger::Block;
use reports::card::{Card, CardKind};
use terms::{Instant, MessageId, Seq, Tiyn, Wallet};

use super::{House, held, told};

impl Purse for House {
    fn pockets(&self, who: &Who) -> Outcome<Vec<Pocket>> {
        let (_, person) = told(self.people.signed_in_person(&held(&who.token)?))?;
        Ok(self
            .people
            .wallets_of(person)
            .into_iter()
            .filter_map(|wallet| self.pocket(wallet))
            .collect())
    }

    fn open_wallet(&self, who: &Who, form: MessageId) -> Outcome<Wallet> {
        told(self.people.open_further_wallet(&held(&who.token)?, form))
    }

    fn block(
        &self,
        who: &Who,
        wallet: Wallet,
        ground: BlockGround,
        form: MessageId,
    ) -> Outcome<Instant> {
        if !BlockGround::OWN.contains(&ground) {
            return Err(No::Absent);
        }
        let stolen = ground == BlockGround::Stolen;
        told(self.people.block_own(&held(&who.token)?, wallet, ground.name(), stolen, form))
    }

    fn unblock(&self, who: &Who, wallet: Wallet, form: MessageId) -> Outcome<()> {
        told(self.people.unblock_own(&held(&who.token)?, wallet, form))
    }

    fn redeem(&self, who: &Who, _redemption: &Redemption) -> Outcome<Seq> {
        told(self.people.signed_in_person(&held(&who.token)?))?;
        // E-money is not taken before a bank is there that pays for it.
        Err(No::Down("no bank is connected".to_owned()))
    }

    fn top_up_ways(&self) -> Outcome<Vec<TopUpWay>> {
        Ok(Vec::new())
    }

    fn receipt(&self, who: &Who, seq: Seq) -> Outcome<Receipt> {
        let (_, person) = told(self.people.signed_in_person(&held(&who.token)?))?;
        let wallets = self.people.wallets_of(person);
        let (at, fact) = told(self.people.entry(seq))?;
        let (wallet, sum, organiser) = match fact {
            Fact::StakeAccepted(fact) => {
                let payee = self.people.organiser_of_wallet(fact.organiser_wallet);
                (fact.bettor_wallet, fact.bet.amount, payee)
            }
            Fact::PayoutPosted(fact) => {
                let sum = fact.winning.checked_add(fact.refund).unwrap_or(Tiyn::ZERO);
                (fact.bettor_wallet, sum, None)
            }
            Fact::EmoneyIssued(fact) => (fact.wallet, fact.amount, None),
            Fact::EmoneyRedeemed(fact) => (fact.wallet, fact.amount, None),
            _ => return Err(No::Absent),
        };
        if !wallets.contains(&wallet) {
            return Err(No::Absent);
        }
        let (payee, payee_number) = match organiser {
            Some((organiser, bin)) => (self.name_of(organiser), Some(bin)),
            None => (told(self.people.own_name(&held(&who.token)?))?, None),
        };
        Ok(Receipt {
            sum,
            at,
            number: seq.0,
            payee,
            payee_number,
            transaction: format!("{:032x}", seq.0),
            wallet,
            phones: Vec::new(),
        })
    }
}

impl House {
    /// The name of an organiser, as the views have it; its number where they do not.
    fn name_of(&self, organiser: terms::Organiser) -> String {
        let numbers = [u64::from(organiser.0)];
        let cards = self
            .opened
            .view_reader()
            .and_then(|mut views| store::views::names(&mut *views, CardKind::Organiser, &numbers));
        match cards.ok().and_then(|mut cards| cards.pop().flatten()) {
            Some(Card::Organiser(card)) => card.name.to_string(),
            _ => organiser.to_string(),
        }
    }

    fn pocket(&self, wallet: Wallet) -> Option<Pocket> {
        let found = self.people.wallet(wallet)?;
        let state = match found.row.block {
            Block::Open => PocketState::Open,
            Block::Blocked => PocketState::Blocked,
            Block::Frozen => PocketState::Frozen,
        };
        Some(Pocket {
            wallet,
            available: found.row.available(),
            held: found.row.held,
            seized: found.row.seized,
            state: if found.frozen { PocketState::Frozen } else { state },
            blocked: None,
            over_limit: false,
            as_of: found.as_of,
        })
    }
}
