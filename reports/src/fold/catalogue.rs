//! Facts that give names to numbers.

use journal::fact::{
    AccountOpened, ChampionshipListed, DeskClosed, DeskOpened, EventChanged, EventConfirmed,
    EventListed, EventMapped, LicenceRecorded, MarketChanged, MarketListed, OrganiserChanged,
    OrganiserRegistered, ResultPublished, WalletOpened,
};
use journal::kinds::MarketState;
use terms::rulebook::Rulebook;
use terms::{Account, Instant, Market, Sender, Wallet};

use super::{Done, FoldError, Lookup, Turn};
use crate::card::{
    AccountCard, Card, CardKey, CardKind, ChampionshipCard, DeskCard, EventCard, HoldingCard,
    LicenceCard, MarketCard, OrganiserCard, OutcomeCard, RulebookCard, SportCard, TwinCard,
    WalletCard,
};

impl<L: Lookup + ?Sized> Turn<'_, L> {
    pub(super) fn put(&mut self, card: Card) -> Done<L> {
        self.fold.directory.learn(&card);
        self.rows.cards.insert(card.key(), card);
        Ok(())
    }

    /// The one card of a number.
    fn find(
        &mut self,
        kind: CardKind,
        number: impl Into<u64>,
    ) -> Result<Card, FoldError<L::Error>> {
        self.find_at(CardKey { kind, number: number.into(), version: 0 })
    }

    /// The card of a key.
    pub(super) fn find_at(&mut self, key: CardKey) -> Result<Card, FoldError<L::Error>> {
        let kept = self.rows.cards.get(&key).or_else(|| self.fold.cards.get(&key));
        if let Some(card) = kept {
            return Ok(card.clone());
        }
        let found = self.lookup.card(key).map_err(FoldError::Lookup)?;
        self.known(found, key.kind.name())
    }

    pub(super) fn rulebook(&mut self, rulebook: &Rulebook) -> Done<L> {
        self.put(Card::Rulebook(RulebookCard {
            number: rulebook.number,
            offsets: rulebook.calendar.offsets.clone(),
        }))
    }

    pub(super) fn organiser(&mut self, fact: &OrganiserRegistered) -> Done<L> {
        self.put(Card::Organiser(OrganiserCard {
            organiser: fact.organiser,
            seq: self.seq(),
            kind: fact.kind,
            bin: fact.bin,
            name: fact.name.clone(),
            address: fact.address.clone(),
            taxable: fact.taxable.clone(),
            from: fact.from,
        }))
    }

    pub(super) fn organiser_changed(&mut self, fact: &OrganiserChanged) -> Done<L> {
        let found = self.fold.directory.organiser(fact.organiser).cloned();
        let before = self.known(found, "an organiser")?;
        self.put(Card::Organiser(OrganiserCard {
            seq: self.seq(),
            name: fact.name.clone().unwrap_or(before.name),
            address: fact.address.clone().unwrap_or(before.address),
            taxable: fact.taxable.clone().unwrap_or(before.taxable),
            from: fact.from,
            ..before
        }))
    }

    pub(super) fn licence(&mut self, fact: &LicenceRecorded) -> Done<L> {
        self.put(Card::Licence(LicenceCard {
            organiser: fact.organiser,
            seq: self.seq(),
            number: fact.number.clone(),
            issued: fact.issued,
            expires: fact.expires,
            suspended: fact.suspended,
            from: fact.from,
        }))
    }

    pub(super) fn desk(&mut self, fact: &DeskOpened) -> Done<L> {
        self.put(Card::Desk(DeskCard {
            desk: fact.desk,
            organiser: fact.organiser,
            kind: fact.kind,
            place: fact.place.clone(),
            from: fact.from,
            closed_from: None,
        }))
    }

    pub(super) fn desk_closed(&mut self, fact: &DeskClosed) -> Done<L> {
        match self.find(CardKind::Desk, fact.desk.0)? {
            Card::Desk(card) => {
                self.put(Card::Desk(DeskCard { closed_from: Some(fact.from), ..card }))
            }
            _ => self.known(None, "a desk"),
        }
    }

    pub(super) fn wallet(&mut self, fact: &WalletOpened) -> Done<L> {
        let (wallet, class, owner) = (fact.wallet, fact.class, fact.owner);
        self.put(Card::Wallet(WalletCard { wallet, class, owner }))
    }

    pub(super) fn account(&mut self, fact: &AccountOpened) -> Done<L> {
        self.put(Card::Account(AccountCard {
            account: fact.account,
            person: fact.person,
            organiser: fact.organiser,
            wallet: fact.wallet,
            opened: self.at(),
            closed: None,
        }))?;
        self.put(Card::Holding(HoldingCard { person: fact.person, account: fact.account }))
    }

    pub(super) fn change_account(
        &mut self,
        account: Account,
        change: impl FnOnce(&mut AccountCard, Instant),
    ) -> Done<L> {
        match self.find(CardKind::Account, account.0)? {
            Card::Account(mut card) => {
                change(&mut card, self.at());
                self.put(Card::Account(card))
            }
            _ => self.known(None, "an account"),
        }
    }

    pub(super) fn change_wallet(
        &mut self,
        wallet: Wallet,
        change: impl FnOnce(&mut WalletCard),
    ) -> Done<L> {
        match self.find(CardKind::Wallet, wallet.0)? {
            Card::Wallet(mut card) => {
                change(&mut card);
                self.put(Card::Wallet(card))
            }
            _ => self.known(None, "a wallet"),
        }
    }

    pub(super) fn championship(&mut self, fact: &ChampionshipListed) -> Done<L> {
        let sport = match self.fold.directory.sport(fact.sport.as_str()) {
            Ok(sport) => sport,
            Err(sport) => {
                self.put(Card::Sport(SportCard { sport, name: fact.sport.clone() }))?;
                sport
            }
        };
        self.put(Card::Championship(ChampionshipCard {
            championship: fact.championship,
            organiser: fact.organiser,
            own: fact.own.clone(),
            sport,
            name: fact.name.clone(),
        }))
    }

    pub(super) fn event(&mut self, fact: &EventListed) -> Done<L> {
        self.put(Card::Event(EventCard {
            event: fact.event,
            championship: fact.championship,
            own: fact.own.clone(),
            name: fact.name.clone(),
            class: fact.class,
            state: journal::kinds::EventState::Scheduled,
            scheduled: fact.scheduled,
            started: None,
            confirmed: fact.confirmed,
            central: None,
        }))
    }

    /// Bets that are in the register already keep their championship; roll-ups of later ones go by
    /// the new one.
    pub(super) fn event_confirmed(&mut self, fact: &EventConfirmed) -> Done<L> {
        match self.find(CardKind::Event, fact.event.0)? {
            Card::Event(card) => self.put(Card::Event(EventCard {
                championship: fact.championship,
                name: fact.name.clone(),
                class: fact.class,
                scheduled: fact.scheduled,
                confirmed: true,
                ..card
            })),
            _ => self.known(None, "an event"),
        }
    }

    pub(super) fn event_changed(&mut self, fact: &EventChanged) -> Done<L> {
        match self.find(CardKind::Event, fact.event.0)? {
            Card::Event(card) => self.put(Card::Event(EventCard {
                state: fact.state,
                scheduled: fact.scheduled,
                started: fact.started,
                ..card
            })),
            _ => self.known(None, "an event"),
        }
    }

    /// An event that is mapped anew keeps its place beside those of the central event before:
    /// whoever reads the cards looks at what the event itself says.
    pub(super) fn event_mapped(&mut self, fact: &EventMapped) -> Done<L> {
        let (event, central) = (fact.event, fact.central.clone());
        self.put(Card::Twin(TwinCard { central: central.clone(), event }))?;
        match self.find(CardKind::Event, event.0)? {
            Card::Event(card) => {
                self.put(Card::Event(EventCard { central: Some(central), ..card }))
            }
            _ => self.known(None, "an event"),
        }
    }

    pub(super) fn market(&mut self, fact: &MarketListed) -> Done<L> {
        let outcomes = fact.outcomes.iter().map(|outcome| OutcomeCard {
            own: outcome.own.clone(),
            name: outcome.name.clone(),
            result: None,
        });
        self.put(Card::Market(MarketCard {
            market: fact.market,
            event: fact.event,
            own: fact.own.clone(),
            name: fact.name.clone(),
            state: MarketState::Open,
            in_play: fact.in_play,
            outcomes: outcomes.collect(),
            result: None,
        }))
    }

    pub(super) fn market_changed(&mut self, fact: &MarketChanged) -> Done<L> {
        let card = self.market_card(fact.market)?;
        self.put(Card::Market(MarketCard { state: fact.state, in_play: fact.in_play, ..card }))
    }

    pub(super) fn result(&mut self, fact: &ResultPublished) -> Done<L> {
        let mut card = self.market_card(fact.market)?;
        for (outcome, result) in card.outcomes.iter_mut().zip(&fact.results) {
            outcome.result = Some(*result);
        }
        let state = match card.state {
            MarketState::Void => MarketState::Void,
            _ => MarketState::Resulted,
        };
        let result = Some(self.seq());
        if let Sender::Organiser(organiser) = fact.cause.sender {
            self.list_breaches(organiser, None, &fact.breaches)?;
        }
        self.put(Card::Market(MarketCard { state, result, ..card }))
    }

    fn market_card(&mut self, market: Market) -> Result<MarketCard, FoldError<L::Error>> {
        match self.find(CardKind::Market, market.0)? {
            Card::Market(card) => Ok(card),
            _ => self.known(None, "a market"),
        }
    }
}
