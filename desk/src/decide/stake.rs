//! Orders, stakes and holds. The path that has to be fast: no allocation but the legs.

use admission::{Accept, AccountRow, Lists, Method, Order, Relationship};
use journal::fact::{
    BetTerms, Fact, HoldPlaced, HoldReleased, OrderGiven, ReleaseGround, StakeAccepted,
    StakeReported,
};
use ledger::wallet::State as WalletState;
use register::bet::{Leg, Legs};
use register::organiser::{ContractKind, DeskKind, OrganiserState};
use register::{Bet, BetState, ConnectionState, Form, PriceRule, Shape, winnings};
use smallvec::SmallVec;
use terms::{Account, BetId, Instant, Odds, OrderId, Organiser, Reason, Tiyn, Wallet, limits};

use super::{Case, Stop};
use crate::command::{
    Bid, ConfirmHold, GiveOrder, LegBid, PlaceHold, PlaceStake, ReleaseHold, ReportStake,
};
use crate::grounds::{Every, Grounds, Lowest};
use crate::state::Released;

/// What a stake that may be accepted moves.
struct Admitted<'a> {
    bettor_wallet: Wallet,
    organiser_wallet: Wallet,
    bettor: &'a WalletState,
    organiser: &'a WalletState,
    commission: Tiyn,
    total: Tiyn,
    order: Option<&'a Order>,
    account_previous: Option<terms::Seq>,
}

/// Whether the bettor accepts the odds of a bid in place of those that he saw; where no order is
/// needed and none is given, the same odds only.
fn odds_allowed(order: Option<&Order>, bid: &Bid) -> bool {
    let accept = order.map_or(Accept::Exact, |order| order.accept);
    bid.legs
        .iter()
        .all(|leg| leg.requested.is_none_or(|requested| accept.allows(requested, leg.odds)))
}

impl Case<'_> {
    pub(super) fn give_order(
        &self,
        command: &GiveOrder,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let at = self.moment.at;
        let terms = &self.rules.terms;
        let account = self.state.people.account_of(command.organiser, command.account)?;
        if account.closed.is_some() {
            return Err(Reason::AccountClosed.into());
        }
        if command.ceiling.is_zero() {
            return Err(Reason::SumInvalid.into());
        }
        if at < command.session_at || terms.order_session_ns < at.since(command.session_at) {
            return Err(Reason::IdentificationStale.into());
        }
        if command.expires <= at || terms.order_ns_max < command.expires.since(at) {
            return Err(Reason::OrderExpired.into());
        }
        if terms.step_up_from <= command.ceiling && command.method != Method::OneTimeCode {
            return Err(Reason::OrderStepUpRequired.into());
        }
        // From here it must succeed.
        facts.push(
            OrderGiven {
                cause: self.cause.clone(),
                organiser: command.organiser,
                account: command.account,
                ceiling: command.ceiling,
                expires: command.expires,
                session_at: command.session_at,
                method: command.method,
                accept: command.accept,
            }
            .into(),
        );
        Ok(())
    }

    pub(super) fn place_stake(
        &self,
        command: &PlaceStake,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let admitted = self.admit(&command.bid, command.order)?;
        // From here it must succeed.
        let order = admitted.order.map(|order| order.seq);
        self.accept(&admitted, self.terms(&command.bid), None, (order, command.order), facts);
        Ok(())
    }

    pub(super) fn place_hold(
        &self,
        command: &PlaceHold,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let admitted = self.admit(&command.bid, command.order)?;
        // From here it must succeed.
        facts.push(
            HoldPlaced {
                cause: self.cause.clone(),
                bet: self.terms(&command.bid),
                commission: admitted.commission,
                order: admitted.order.map(|order| order.seq),
                order_id: admitted.order.map(|order| order.id),
                bettor_wallet: admitted.bettor_wallet,
                expires: self.moment.at.plus(self.rules.terms.hold_ns),
                account_previous: admitted.account_previous,
                thawed: self.thawed_events(),
            }
            .into(),
        );
        Ok(())
    }

    /// Every ground that speaks against an e-money stake, and what it moves if there is none.
    fn admit(&self, bid: &Bid, order: Option<OrderId>) -> Result<Admitted<'_>, Stop> {
        let state = self.state;
        let organiser = self.organiser()?;
        few_legs(bid)?;
        self.need_events(bid.legs.iter().map(|leg| leg.outcome))?;
        let row = state.organisers.get(organiser).ok_or(Reason::SenderUnknown)?;
        let at = self.moment.at;
        let mut grounds = Lowest::new(self.rules);
        let commission = self.standing_grounds(organiser, row, bid, &mut grounds);
        if at.plus(self.rules.terms.id_ahead_ns) < bid.made_at {
            grounds.note(Reason::DateInvalid);
        }
        let Some(total) = bid.amount.checked_add(commission) else {
            return Err(Reason::SumInvalid.into());
        };
        let account = match state.people.account_of(organiser, bid.account) {
            Ok(account) => account,
            Err(reason) => {
                grounds.note(reason);
                return Err(grounds.reason().unwrap_or(reason).into());
            }
        };
        self.bettor_grounds(account, &mut grounds);
        grounds.note_if(state.ledger.debit_ground(account.wallet, total));
        let found = match self.order(order, organiser, bid.account, total) {
            Ok(order) => {
                if !odds_allowed(order, bid) {
                    grounds.note(Reason::OddsMoved);
                }
                order
            }
            // Which odds the bettor accepts is not known then, so nothing is said of them.
            Err(reason) => {
                grounds.note(reason);
                None
            }
        };
        let wallets = row.wallet.and_then(|wallet| {
            Some((wallet, state.ledger.get(wallet)?, state.ledger.get(account.wallet)?))
        });
        if wallets.is_none() {
            grounds.note(Reason::WalletUnknown);
        }
        match (grounds.reason(), wallets) {
            (None, Some((organiser_wallet, organiser, bettor))) => Ok(Admitted {
                bettor_wallet: account.wallet,
                organiser_wallet,
                bettor,
                organiser,
                commission,
                total,
                order: found,
                account_previous: account.last,
            }),
            (reason, _) => {
                let reason = reason.unwrap_or(Reason::WalletUnknown);
                Err(Stop::RefuseAccount(reason, bid.account))
            }
        }
    }

    /// What speaks against a stake now on the organiser's side, and the commission on it.
    fn standing_grounds(
        &self,
        organiser: Organiser,
        row: &OrganiserState,
        bid: &Bid,
        grounds: &mut Lowest<'_>,
    ) -> Tiyn {
        let at = self.moment.at;
        self.organiser_grounds(row, at, grounds);
        self.desk_grounds(organiser, bid, Form::EMoney, at, grounds);
        self.bid_grounds(organiser, bid, at, grounds);
        self.commission(row, bid.amount, grounds)
    }

    /// What speaks against a stake now on the bettor's side.
    fn bettor_grounds(&self, account: &AccountRow, grounds: &mut Lowest<'_>) {
        if account.closed.is_some() {
            grounds.note(Reason::AccountClosed);
        }
        if let Some(person) = self.state.people.state(account.person) {
            let full = self.rules.switches.full_identification;
            person.now.grounds(self.moment.at, full, |reason| grounds.note(reason));
            // An end closes accounts; an order to destroy what is known of somebody does not.
            let forgotten = [Relationship::ErasureOrdered, Relationship::Erased];
            if forgotten.contains(&person.relationship) {
                grounds.note(Reason::RelationshipEnded);
            }
        }
        grounds.note_if(self.state.lists_ground(self.rules, self.moment.at));
    }

    /// The usable order; none if none is given and none is needed.
    fn order(
        &self,
        id: Option<OrderId>,
        organiser: Organiser,
        account: Account,
        total: Tiyn,
    ) -> Result<Option<&Order>, Reason> {
        match id {
            Some(id) => {
                let at = self.moment.at;
                self.state.orders.check(id, organiser, account, total, at).map(Some)
            }
            None if self.rules.switches.order_required => Err(Reason::OrderMissing),
            None => Ok(None),
        }
    }

    fn accept(
        &self,
        admitted: &Admitted<'_>,
        bet: BetTerms,
        hold: Option<BetId>,
        (order, order_id): (Option<terms::Seq>, Option<OrderId>),
        facts: &mut Vec<Fact>,
    ) {
        // Cannot fall short: the balance covers the total, by `debit_ground` or by the hold.
        let bettor_balance = admitted.bettor.sum().or_zero_sub(admitted.total);
        let organiser_balance =
            admitted.organiser.sum().checked_add(bet.amount).unwrap_or(Tiyn::MAX);
        let organiser = self.cause.sender;
        facts.push(
            StakeAccepted {
                cause: self.cause.clone(),
                hold,
                commission: admitted.commission,
                order,
                order_id,
                bettor_wallet: admitted.bettor_wallet,
                organiser_wallet: admitted.organiser_wallet,
                bettor_balance,
                organiser_balance,
                bettor_previous: admitted.bettor.last,
                organiser_previous: admitted.organiser.last,
                account_previous: admitted.account_previous,
                bet,
                thawed: self.thawed_events(),
            }
            .into(),
        );
        if let Some(organiser) = crate::life::organiser_of(organiser) {
            self.pay_waiting(organiser, facts);
        }
    }

    /// The stake is accepted now, so whatever speaks against a stake now speaks against it, but for
    /// the funds and the order, which the hold has reserved (A1).
    pub(super) fn confirm_hold(
        &self,
        command: &ConfirmHold,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let organiser = self.organiser()?;
        let bet = self.held(organiser, command.bet)?;
        // A held bet has its hold; without one it would not be in this state.
        let hold = bet.hold.as_deref().ok_or(Reason::HoldUnknown)?;
        if hold.expires <= self.moment.at {
            return Err(Reason::HoldExpired.into());
        }
        let total = bet.amount.checked_add(bet.commission).ok_or(Reason::SumInvalid)?;
        let row = self.state.organisers.get(organiser).ok_or(Reason::SenderUnknown)?;
        let account = self.state.people.account(bet.account).ok_or(Reason::AccountUnknown)?;
        let organiser_wallet = row.wallet.ok_or(Reason::WalletUnknown)?;
        if bet.legs.0.len() != command.odds.len() {
            return Err(Reason::ShapeInvalid.into());
        }
        let bid = confirmed_bid(bet, &command.odds);
        let order = hold.order.and_then(|id| self.state.orders.get(id));
        let mut grounds = Lowest::new(self.rules);
        self.standing_grounds(organiser, row, &bid, &mut grounds);
        self.bettor_grounds(account, &mut grounds);
        grounds.note_if(self.state.ledger.get(hold.wallet).and_then(WalletState::blocked));
        if !odds_allowed(order, &bid) {
            grounds.note(Reason::OddsMoved);
        }
        if let Some(reason) = grounds.reason() {
            return Err(Stop::RefuseAccount(reason, bet.account));
        }
        let admitted = Admitted {
            bettor_wallet: hold.wallet,
            organiser_wallet,
            bettor: self.state.ledger.get(hold.wallet).ok_or(Reason::WalletUnknown)?,
            organiser: self.state.ledger.get(organiser_wallet).ok_or(Reason::WalletUnknown)?,
            commission: bet.commission,
            total,
            order: None,
            account_previous: account.last,
        };
        // From here it must succeed: the sum was set aside when the hold was placed.
        let terms = self.terms(&bid);
        self.accept(&admitted, terms, Some(command.bet), (bet.order, None), facts);
        Ok(())
    }

    pub(super) fn release_hold(
        &self,
        command: &ReleaseHold,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let organiser = self.organiser()?;
        let bet = self.held(organiser, command.bet)?;
        // From here it must succeed.
        facts.push(
            HoldReleased {
                cause: Some(self.cause.clone()),
                nonce: None,
                organiser,
                bet: command.bet,
                ground: ReleaseGround::Organiser,
                account_previous: self.account_previous(bet.account),
            }
            .into(),
        );
        Ok(())
    }

    /// The held bet, or what became of it.
    fn held(&self, organiser: Organiser, id: BetId) -> Result<&Bet, Reason> {
        match self.state.bet(organiser, id) {
            Some(bet) if bet.state == BetState::Held => Ok(bet),
            Some(_) => Err(Reason::HoldConfirmed),
            None => Err(self.ended(organiser, id)),
        }
    }

    /// Why a hold is not there any more.
    fn ended(&self, organiser: Organiser, id: BetId) -> Reason {
        let named = |row: &&Released| (row.organiser, row.bet) == (organiser, id);
        match self.state.released.iter().rev().find(named).map(|row| row.ground) {
            Some(ReleaseGround::Expired) => Reason::HoldExpired,
            Some(ReleaseGround::Organiser) => Reason::HoldReleased,
            None => Reason::HoldUnknown,
        }
    }

    pub(super) fn account_previous(&self, account: Account) -> Option<terms::Seq> {
        self.state.people.account(account).and_then(|row| row.last)
    }

    pub(super) fn report_stake(
        &self,
        command: &ReportStake,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let bid = &command.bid;
        let organiser = self.organiser()?;
        few_legs(bid)?;
        self.need_events(bid.legs.iter().map(|leg| leg.outcome))?;
        let row = self.state.organisers.get(organiser).ok_or(Reason::SenderUnknown)?;
        let mut form = Lowest::new(self.rules);
        self.report_form(organiser, command, &mut form);
        form.verdict()?;
        let account = self.state.people.account_of(organiser, bid.account)?;
        let made = bid.made_at;
        let mut breaches = Every::default();
        self.organiser_grounds(row, made, &mut breaches);
        self.desk_grounds(organiser, bid, command.form, made, &mut breaches);
        self.bid_grounds(organiser, bid, made, &mut breaches);
        if account.closed_at(made) {
            breaches.note(Reason::AccountClosed);
        }
        let (mut oldest_known, mut lists) = (false, Lists::NONE);
        if let Some((person, oldest)) = self.state.people.person_at(account.person, made) {
            let full = self.rules.switches.full_identification;
            person.grounds(made, full, |reason| breaches.note(reason));
            (oldest_known, lists) = (oldest, person.lists);
        }
        if made < self.moment.at.plus(-self.rules.terms.id_age_ns) {
            breaches.note(Reason::LateReport);
        }
        // From here it must succeed.
        facts.push(
            StakeReported {
                cause: self.cause.clone(),
                bet: self.terms_at(bid, made),
                form: command.form,
                late: self.rules.terms.report_late_ns < self.moment.at.since(made),
                breaches: breaches.0,
                oldest_known,
                resends: command.resends,
                account_previous: account.last,
                thawed: self.thawed_events(),
            }
            .into(),
        );
        // What a land desk has taken from a person on a list that freezes is an attempt as well.
        for list in lists.iter().filter(|list| list.freezes()) {
            self.record_hit(account.person, list, self.state.list_version(list), facts);
        }
        Ok(())
    }

    /// What makes a report unusable, as against one that breaks a rule (domain 1).
    fn report_form(&self, organiser: Organiser, command: &ReportStake, grounds: &mut Lowest<'_>) {
        let bid = &command.bid;
        if command.form == Form::EMoney {
            grounds.note(Reason::FormNotAllowed);
        }
        if self.state.organisers.desk(organiser, bid.desk).is_none() {
            grounds.note(Reason::DeskUnknown);
        }
        if bid.amount.is_zero() || limits::RETURN_TIYN_MAX < bid.amount.get() {
            grounds.note(Reason::SumInvalid);
        }
        if self.moment.at.plus(self.rules.terms.id_ahead_ns) < bid.made_at {
            grounds.note(Reason::DateInvalid);
        }
        if winnings::unit(bid.shape, bid.legs.len(), bid.amount).is_none() {
            grounds.note(Reason::ShapeInvalid);
        } else if matches!((bid.price, bid.shape), (PriceRule::Given(_), Shape::System { .. })) {
            grounds.note(Reason::PriceRuleInvalid);
        } else if possible(bid).is_none_or(|sum| limits::RETURN_TIYN_MAX < sum.get()) {
            grounds.note(Reason::ReturnTooLarge);
        }
        let known = |leg: &LegBid| {
            self.place(leg.outcome).is_some_and(|placed| placed.event.organiser == organiser)
        };
        if !bid.legs.iter().all(known) {
            grounds.note(Reason::OutcomeUnknown);
        }
    }

    /// Contracts, connection and licence of the organiser at an instant.
    fn organiser_grounds(&self, row: &OrganiserState, at: Instant, grounds: &mut impl Grounds) {
        let day = self.rules.day(at);
        if self.rules.switches.connection_checked {
            if row.contract_on(ContractKind::Integration, day).is_none() {
                grounds.note(Reason::IntegrationContractAbsent);
            }
            match row.connection_at(at) {
                ConnectionState::InOperation | ConnectionState::Degraded => {}
                ConnectionState::Integrating
                | ConnectionState::Testing
                | ConnectionState::Suspended
                | ConnectionState::Closed => grounds.note(Reason::ConnectionNotInOperation),
            }
        }
        if !row.licensed_on(day) {
            grounds.note(Reason::LicenceNotInForce);
        }
    }

    /// The commission by the settlement contract; without the contract there is no e-money stake.
    fn commission(&self, row: &OrganiserState, amount: Tiyn, grounds: &mut Lowest<'_>) -> Tiyn {
        let day = self.rules.day(self.moment.at);
        match row.contract_on(ContractKind::Settlement, day) {
            None => {
                grounds.note(Reason::SettlementContractAbsent);
                Tiyn::ZERO
            }
            Some(contract) => contract.commission(amount).unwrap_or_else(|| {
                grounds.note(Reason::SumInvalid);
                Tiyn::ZERO
            }),
        }
    }

    fn desk_grounds(
        &self,
        organiser: Organiser,
        bid: &Bid,
        form: Form,
        at: Instant,
        grounds: &mut impl Grounds,
    ) {
        let organisers = &self.state.organisers;
        grounds.note_if(organisers.desk_ground(organiser, bid.desk, self.rules.day(at)));
        // E-money is taken at electronic desks, cash at land desks, other non-cash at both.
        let kind = organisers.desk(organiser, bid.desk).map(|desk| desk.kind);
        let fits = match (kind, form) {
            (None, _) => true,
            (Some(DeskKind::Electronic), Form::Cash) | (Some(DeskKind::Land), Form::EMoney) => {
                false
            }
            (Some(DeskKind::Electronic), Form::EMoney | Form::NonCash) => true,
            (Some(DeskKind::Land), Form::Cash | Form::NonCash) => true,
        };
        if !fits {
            grounds.note(Reason::FormNotAllowed);
        }
    }

    /// Sum, shape, odds and each leg at an instant.
    fn bid_grounds(
        &self,
        organiser: Organiser,
        bid: &Bid,
        at: Instant,
        grounds: &mut impl Grounds,
    ) {
        let row = self.state.organisers.get(organiser);
        if row.is_some_and(|row| row.kind != bid.shape.taken_by()) {
            grounds.note(Reason::OrganiserKindWrong);
        }
        if bid.amount.is_zero() {
            grounds.note(Reason::SumInvalid);
        }
        let limits = &self.rules.odds;
        let lines = winnings::lines(bid.shape, bid.legs.len());
        let within = lines.is_some_and(|lines| lines <= limits.lines_max)
            && bid.legs.len() <= limits.legs_max as usize
            && winnings::unit(bid.shape, bid.legs.len(), bid.amount).is_some();
        if !within {
            grounds.note(Reason::ShapeInvalid);
        }
        for (index, leg) in bid.legs.iter().enumerate() {
            let placed = self.place(leg.outcome);
            match placed.filter(|placed| placed.event.organiser == organiser) {
                Some(placed) => {
                    let virtual_events = self.rules.switches.virtual_events;
                    placed.grounds(at, virtual_events, |reason| grounds.note(reason));
                }
                None => grounds.note(Reason::OutcomeUnknown),
            }
            if leg.odds.get() < limits.odds_min || limits.odds_max < leg.odds.get() {
                grounds.note(Reason::OddsOutOfRange);
            }
            let market = leg.outcome.market();
            if bid.legs[..index].iter().any(|other| other.outcome.market() == market) {
                grounds.note(Reason::ShapeInvalid);
            }
        }
        if let PriceRule::Given(total) = bid.price
            && (matches!(bid.shape, Shape::System { .. })
                || total <= u64::from(terms::Odds::SCALE)
                || u64::from(terms::Odds::MAX) * u64::from(terms::Odds::SCALE) < total)
        {
            grounds.note(Reason::PriceRuleInvalid);
        } else if within && possible(bid).is_none_or(|sum| limits.return_max < sum) {
            grounds.note(Reason::ReturnTooLarge);
        }
    }

    fn terms(&self, bid: &Bid) -> BetTerms {
        self.terms_at(bid, self.moment.at)
    }

    /// The bet as the fact keeps it: with БЕЖ's own finding whether each event was under way.
    fn terms_at(&self, bid: &Bid, at: Instant) -> BetTerms {
        let live = |outcome| {
            let placed = self.place(outcome);
            placed.is_some_and(|placed| placed.market.in_play && placed.event.begun(at))
        };
        BetTerms {
            account: bid.account,
            desk: bid.desk,
            made_at: bid.made_at,
            amount: bid.amount,
            shape: bid.shape,
            price: bid.price,
            legs: Legs(legs(bid).map(|leg| Leg { live: live(leg.outcome), ..leg }).collect()),
        }
    }
}

/// Whether there are no more legs than any bet has. Asked first, because the work on a bid, and
/// what is fetched for it, grow with its legs.
fn few_legs(bid: &Bid) -> Result<(), Reason> {
    if limits::LEGS_MAX < bid.legs.len() { Err(Reason::ShapeInvalid) } else { Ok(()) }
}

fn legs(bid: &Bid) -> impl Iterator<Item = Leg> {
    bid.legs.iter().map(|leg| Leg {
        outcome: leg.outcome,
        odds: leg.odds,
        requested: leg.requested.filter(|requested| *requested != leg.odds),
        live: false,
    })
}

fn possible(bid: &Bid) -> Option<Tiyn> {
    let legs: SmallVec<[Leg; 2]> = legs(bid).collect();
    winnings::possible(bid.shape, bid.price, bid.amount, &legs)
}

/// A held bet at the odds of its confirmation; the odds that the bettor saw stay.
fn confirmed_bid(bet: &Bet, odds: &[Odds]) -> Bid {
    let leg = |(leg, odds): (&Leg, &Odds)| LegBid {
        outcome: leg.outcome,
        odds: *odds,
        requested: Some(leg.requested.unwrap_or(leg.odds)),
    };
    Bid {
        account: bet.account,
        desk: bet.desk,
        made_at: bet.made_at,
        amount: bet.amount,
        shape: bet.shape,
        price: bet.price,
        legs: bet.legs.0.iter().zip(odds).map(leg).collect(),
    }
}
