//! Rulebooks, organisers, people, wallets, catalogues.

use admission::{AccountRow, Level, Lists, PersonRow};
use journal::fact::{
    AccountClosed, AccountOpened, AccountRebound, AdmissionChanged, ChampionshipListed,
    ConnectionChanged, ContractRecorded, DeskClosed, DeskOpened, EmoneyIssued, EmoneyRedeemed,
    EventChanged, EventListed, LicenceRecorded, ListInForce, MarketChanged, MarketListed,
    OrganiserRegistered, PersonRegistered, ResultPublished, RulebookAdopted, StartChecked,
    WalletOpened,
};
use ledger::wallet::OBLIGATION;
use ledger::{Class, Kind};
use register::catalogue::{
    Catalogue, ChampionshipRow, EventRow, EventState, MarketRow, MarketState, Named, OutcomeRow,
};
use register::organiser::{
    ConnectionState, Contract, ContractKind, DeskState, Licence, OrganiserState,
};
use terms::{Account, Championship, Event, Instant, Market, Organiser, Outcome, Seq, Tiyn};

use super::Wrong;
use crate::state::{ListRow, StartWork, State};

impl State {
    pub(super) fn rulebook_adopted(&mut self, fact: &RulebookAdopted) -> Result<(), Wrong> {
        let next = self.rulebooks.last().map_or(1, |rules| rules.number + 1);
        if fact.rulebook.number != next {
            return Err(Wrong::Unknown("rulebook"));
        }
        self.rulebooks.push((*fact.rulebook).clone());
        Ok(())
    }

    pub(super) fn known_organiser(
        &mut self,
        organiser: Organiser,
    ) -> Result<&mut OrganiserState, Wrong> {
        self.organisers.get_mut(organiser).ok_or(Wrong::Unknown("organiser"))
    }

    pub(super) fn organiser_registered(&mut self, fact: &OrganiserRegistered) -> Result<(), Wrong> {
        if fact.organiser != self.organisers.next_organiser() {
            return Err(Wrong::Unknown("organiser"));
        }
        self.organisers.organisers.push(OrganiserState {
            kind: fact.kind,
            bin: fact.bin,
            wallet: None,
            licences: Vec::new(),
            integration: None,
            settlement: None,
            connection: ConnectionState::Integrating,
            waiting: Default::default(),
            waiting_sum: Tiyn::ZERO,
        });
        Ok(())
    }

    pub(super) fn licence_recorded(&mut self, fact: &LicenceRecorded) -> Result<(), Wrong> {
        let licences = &mut self.known_organiser(fact.organiser)?.licences;
        licences.retain(|licence| licence.number != fact.number);
        licences.push(Licence {
            number: fact.number.clone(),
            issued: fact.issued,
            expires: fact.expires,
            suspended: fact.suspended,
        });
        Ok(())
    }

    pub(super) fn contract_recorded(&mut self, fact: &ContractRecorded) -> Result<(), Wrong> {
        let organiser = self.known_organiser(fact.organiser)?;
        let contract = Some(Contract {
            from: fact.from,
            until: fact.until,
            commission_millionths: fact.commission_millionths,
            commission_fixed: fact.commission_fixed,
            floor: fact.floor,
        });
        match fact.kind {
            ContractKind::Integration => organiser.integration = contract,
            ContractKind::Settlement => organiser.settlement = contract,
        }
        Ok(())
    }

    pub(super) fn connection_changed(&mut self, fact: &ConnectionChanged) -> Result<(), Wrong> {
        self.known_organiser(fact.organiser)?.connection = fact.state;
        Ok(())
    }

    pub(super) fn desk_opened(&mut self, fact: &DeskOpened) -> Result<(), Wrong> {
        self.known_organiser(fact.organiser)?;
        if fact.desk != self.organisers.next_desk() {
            return Err(Wrong::Unknown("desk"));
        }
        self.organisers.desks.push(DeskState {
            organiser: fact.organiser,
            kind: fact.kind,
            from: fact.from,
            closed_from: None,
        });
        Ok(())
    }

    pub(super) fn desk_closed(&mut self, fact: &DeskClosed) -> Result<(), Wrong> {
        let desk = self.organisers.desks.get_mut(fact.desk.index());
        desk.ok_or(Wrong::Unknown("desk"))?.closed_from = Some(fact.from);
        Ok(())
    }

    pub(super) fn person_registered(
        &mut self,
        at: Instant,
        fact: &PersonRegistered,
    ) -> Result<(), Wrong> {
        if fact.person != self.people.next_person() {
            return Err(Wrong::Unknown("person"));
        }
        self.people.persons.push(PersonRow {
            level: Level::Unidentified,
            identified_until: None,
            of_age: false,
            lists: Lists::NONE,
            since: at,
            earlier: None,
        });
        Ok(())
    }

    pub(super) fn admission_changed(
        &mut self,
        at: Instant,
        fact: &AdmissionChanged,
    ) -> Result<(), Wrong> {
        let row = self.people.persons.get_mut(fact.person.index());
        let row = row.ok_or(Wrong::Unknown("person"))?;
        // One step back is kept; a person that was never identified has no state worth keeping.
        let keeps = row.level != Level::Unidentified;
        let earlier = keeps.then(|| Box::new(PersonRow { earlier: None, ..row.clone() }));
        *row = PersonRow {
            level: fact.level,
            identified_until: fact.identified_until,
            of_age: fact.of_age,
            lists: fact.lists,
            since: at,
            earlier,
        };
        Ok(())
    }

    pub(super) fn list_in_force(&mut self, at: Instant, fact: &ListInForce) -> Result<(), Wrong> {
        self.lists.retain(|row| row.list != fact.list);
        self.lists.push(ListRow {
            list: fact.list,
            version: fact.version,
            digest: fact.digest,
            since: at,
        });
        Ok(())
    }

    pub(super) fn wallet_opened(&mut self, fact: &WalletOpened) -> Result<(), Wrong> {
        self.ledger.open(fact.wallet, fact.class, fact.owner)?;
        if fact.class == Class::Organiser {
            self.known_organiser(Organiser(fact.owner))?.wallet = Some(fact.wallet);
        }
        Ok(())
    }

    pub(super) fn account_opened(&mut self, fact: &AccountOpened) -> Result<(), Wrong> {
        if fact.account != self.people.next_account() {
            return Err(Wrong::Unknown("account"));
        }
        self.people.accounts.push(AccountRow {
            person: fact.person,
            organiser: fact.organiser,
            wallet: fact.wallet,
            closed: false,
            last: None,
        });
        self.pairs.insert((fact.person.0, fact.organiser.0), fact.account.0);
        Ok(())
    }

    pub(super) fn known_account(&mut self, account: Account) -> Result<&mut AccountRow, Wrong> {
        self.people.account_mut(account).ok_or(Wrong::Unknown("account"))
    }

    pub(super) fn account_rebound(&mut self, fact: &AccountRebound) -> Result<(), Wrong> {
        self.known_account(fact.account)?.wallet = fact.wallet;
        Ok(())
    }

    pub(super) fn account_closed(&mut self, fact: &AccountClosed) -> Result<(), Wrong> {
        self.known_account(fact.account)?.closed = true;
        Ok(())
    }

    pub(super) fn emoney_issued(&mut self, seq: Seq, fact: &EmoneyIssued) -> Result<(), Wrong> {
        self.ledger.post(Kind::Issue, OBLIGATION, fact.wallet, fact.amount)?;
        Ok(self.ledger.seal(fact.wallet, fact.balance, fact.previous, seq)?)
    }

    pub(super) fn emoney_redeemed(&mut self, seq: Seq, fact: &EmoneyRedeemed) -> Result<(), Wrong> {
        self.ledger.post(Kind::Redemption, fact.wallet, OBLIGATION, fact.amount)?;
        Ok(self.ledger.seal(fact.wallet, fact.balance, fact.previous, seq)?)
    }

    pub(super) fn championship_listed(&mut self, fact: &ChampionshipListed) -> Result<(), Wrong> {
        let rows = &mut self.catalogue.championships;
        if fact.championship != Championship(rows.len() as u32) {
            return Err(Wrong::Unknown("championship"));
        }
        rows.push(ChampionshipRow { organiser: fact.organiser });
        let own = Catalogue::own_id(Named::Championship, fact.organiser.0, fact.own.as_str());
        self.catalogue.name(own, fact.championship.0);
        Ok(())
    }

    pub(super) fn event_listed(&mut self, at: Instant, fact: &EventListed) -> Result<(), Wrong> {
        let catalogue = &mut self.catalogue;
        let championship = catalogue.championships.get(fact.championship.index());
        let organiser = championship.ok_or(Wrong::Unknown("championship"))?.organiser;
        if fact.event != Event(catalogue.events.len() as u32) {
            return Err(Wrong::Unknown("event"));
        }
        catalogue.events.push(EventRow {
            organiser,
            championship: fact.championship,
            class: fact.class,
            state: EventState::Scheduled,
            scheduled: fact.scheduled,
            started: None,
            confirmed: fact.confirmed,
            since: at,
        });
        let own = Catalogue::own_id(Named::Event, organiser.0, fact.own.as_str());
        catalogue.name(own, fact.event.0);
        Ok(())
    }

    pub(super) fn event_changed(&mut self, at: Instant, fact: &EventChanged) -> Result<(), Wrong> {
        let event = self.catalogue.events.get_mut(fact.event.index());
        let event = event.ok_or(Wrong::Unknown("event"))?;
        if event.scheduled != fact.scheduled_before || event.started != fact.started_before {
            return Err(Wrong::Stated("the event"));
        }
        let begun_before = event.started.unwrap_or(event.scheduled);
        event.become_state(fact.state, at);
        event.scheduled = fact.scheduled;
        event.started = fact.started;
        if let Some(started) = fact.started.filter(|started| *started < begun_before) {
            let until = begun_before;
            self.work.push_back(StartWork { event: fact.event, started, until, next: 0 });
        }
        Ok(())
    }

    pub(super) fn start_checked(&mut self, fact: &StartChecked) -> Result<(), Wrong> {
        let work = self.work.front_mut().filter(|work| work.event == fact.event);
        let work = work.ok_or(Wrong::Unknown("work"))?;
        work.next = fact.next;
        if fact.done {
            self.work.pop_front();
        }
        Ok(())
    }

    pub(super) fn market_listed(&mut self, at: Instant, fact: &MarketListed) -> Result<(), Wrong> {
        let catalogue = &mut self.catalogue;
        let next = (Market(catalogue.markets.len() as u32), catalogue.outcomes.len() as u32);
        if (fact.market, fact.first.0) != next || catalogue.events.len() <= fact.event.index() {
            return Err(Wrong::Unknown("market"));
        }
        catalogue.markets.push(MarketRow {
            event: fact.event,
            state: MarketState::Open,
            in_play: fact.in_play,
            first: fact.first,
            count: fact.outcomes.len() as u32,
            since: at,
            result: None,
        });
        let own = Catalogue::own_id(Named::Market, fact.event.0, fact.own.as_str());
        catalogue.name(own, fact.market.0);
        for (outcome, number) in fact.outcomes.iter().zip(fact.first.0..) {
            catalogue.outcomes.push(OutcomeRow { market: fact.market, result: None });
            let own = Catalogue::own_id(Named::Outcome, fact.market.0, outcome.own.as_str());
            catalogue.name(own, number);
        }
        Ok(())
    }

    fn known_market(&mut self, market: Market) -> Result<&mut MarketRow, Wrong> {
        self.catalogue.markets.get_mut(market.index()).ok_or(Wrong::Unknown("market"))
    }

    pub(super) fn market_changed(
        &mut self,
        at: Instant,
        fact: &MarketChanged,
    ) -> Result<(), Wrong> {
        let market = self.known_market(fact.market)?;
        market.become_state(fact.state, at);
        market.in_play = fact.in_play;
        Ok(())
    }

    pub(super) fn result_published(
        &mut self,
        seq: Seq,
        at: Instant,
        fact: &ResultPublished,
    ) -> Result<(), Wrong> {
        let market = self.known_market(fact.market)?;
        if market.result != fact.corrects || market.count as usize != fact.results.len() {
            return Err(Wrong::Stated("the market's result"));
        }
        // A market that does not stand stays so, whatever is published.
        if market.state != MarketState::Void {
            market.become_state(MarketState::Resulted, at);
        }
        market.result = Some(seq);
        let first = market.first;
        for (result, number) in fact.results.iter().zip(first.0..) {
            let outcome = self.catalogue.outcomes.get_mut(Outcome(number).index());
            outcome.ok_or(Wrong::Unknown("outcome"))?.result = Some(*result);
        }
        Ok(())
    }
}
