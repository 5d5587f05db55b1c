//! Facts of the life of a bet.

use journal::fact::{
    BetSettled, BetTerms, BreachRaised, ClaimSettled, Fact, HoldPlaced, HoldReleased, PayoutPosted,
    PayoutReported, ReleaseGround, StakeAccepted, StakeReported,
};
use journal::kinds::{BetOutcome, Form};
use smallvec::SmallVec;
use terms::{BetId, Championship, DeskNo, Organiser, Reason, Seq, Tiyn};

use super::{Done, FoldError, Lookup, Place, Touched, Turn};
use crate::card::Sport;
use crate::directory::Directory;
use crate::rollup::{
    BreachKey, BreachSums, DeskKey, DeskSums, HourSums, Partition, Quarter, QuarterKey,
    QuarterSums, RollupKey, RollupSums, Subject, Unpaid, UnpaidKey, UnpaidSums,
};
use crate::row::{BetRow, BreachRow, LegRow, LegRows, PayoutRow, Settled, SettlementRow, Standing};
use crate::totals::Weight;

/// A row of the register as it was when a fact began to change it.
struct Before {
    weight: Weight,
    unpaid: Option<(UnpaidKey, UnpaidSums)>,
}

impl Before {
    fn of(row: &BetRow) -> Before {
        Before { weight: Weight::of(row), unpaid: unpaid(row) }
    }
}

/// What only some of the facts that bring a bet tell.
struct Arrival {
    standing: Standing,
    form: Form,
    commission: Tiyn,
    hold: Option<Seq>,
    late: bool,
}

/// The earlier bet that a fact changes, if it does and its organiser is known.
pub(super) fn changed(fact: &Fact, directory: &Directory) -> Option<(Organiser, BetId)> {
    let of = |account, bet| Some((directory.organiser_of(account)?, bet));
    match fact {
        Fact::StakeAccepted(fact) => of(fact.bet.account, fact.hold?),
        Fact::HoldReleased(fact) => Some((fact.organiser, fact.bet)),
        Fact::BetSettled(fact) => of(fact.account, fact.bet),
        Fact::PayoutPosted(fact) => Some((fact.organiser, fact.bet)),
        Fact::PayoutReported(fact) => of(fact.account, fact.bet),
        Fact::ClaimSettled(fact) => of(fact.account, fact.bet),
        Fact::BreachRaised(fact) => Some((fact.organiser, fact.bet)),
        _ => None,
    }
}

/// The bet that no fact before this one has brought, if it brings one.
pub(super) fn brought(fact: &Fact) -> Option<BetId> {
    match fact {
        Fact::StakeAccepted(fact) if fact.hold.is_none() => Some(fact.bet_id()),
        Fact::StakeReported(fact) => Some(BetId::from(fact.cause.id)),
        Fact::HoldPlaced(fact) => Some(BetId::from(fact.cause.id)),
        _ => None,
    }
}

impl<L: Lookup + ?Sized> Turn<'_, L> {
    pub(super) fn stake_accepted(&mut self, fact: &StakeAccepted) -> Done<L> {
        let hold = match fact.hold {
            Some(bet) => Some(self.confirm_hold(&fact.bet, bet)?),
            None => None,
        };
        let commission = fact.commission;
        let (standing, form, late) = (Standing::Open, Form::EMoney, false);
        let arrival = Arrival { standing, form, commission, hold, late };
        let row = self.new_row(&fact.bet, fact.bet_id(), arrival)?;
        self.count_stake(&row)?;
        self.stake_posting(fact)?;
        self.add(row)
    }

    pub(super) fn stake_reported(&mut self, fact: &StakeReported) -> Done<L> {
        let (standing, commission, hold) = (Standing::Open, Tiyn::ZERO, None);
        let arrival = Arrival { standing, form: fact.form, commission, hold, late: fact.late };
        let mut row = self.new_row(&fact.bet, BetId::from(fact.cause.id), arrival)?;
        self.breach(&mut row, &fact.breaches)?;
        if fact.late {
            self.signal_late(&row, row.made_at);
        }
        self.count_stake(&row)?;
        self.add(row)
    }

    pub(super) fn hold_placed(&mut self, fact: &HoldPlaced) -> Done<L> {
        let (standing, commission, hold) = (Standing::Held, fact.commission, None);
        let arrival = Arrival { standing, form: Form::EMoney, commission, hold, late: false };
        let row = self.new_row(&fact.bet, BetId::from(fact.cause.id), arrival)?;
        self.add(row)
    }

    pub(super) fn hold_released(&mut self, fact: &HoldReleased) -> Done<L> {
        let mut row = self.fetch(fact.organiser, fact.bet)?;
        let before = Before::of(&row);
        row.standing = match fact.ground {
            ReleaseGround::Organiser => Standing::Released,
            ReleaseGround::Expired => Standing::Expired,
        };
        self.put_back(row, before)
    }

    /// Ends the hold and gives its row's position; the stake gets a row of its own.
    fn confirm_hold(&mut self, terms: &BetTerms, bet: BetId) -> Result<Seq, FoldError<L::Error>> {
        let found = self.fold.directory.organiser_of(terms.account);
        let organiser = self.known(found, "an account")?;
        let mut row = self.fetch(organiser, bet)?;
        let (before, seq) = (Before::of(&row), row.seq);
        row.standing = Standing::Confirmed;
        row.last = self.seq();
        self.weigh(&row, Some(&before))?;
        let touched = self.touch(seq, before.weight.standing, organiser, bet);
        touched.row = Place::Here(Box::new(row));
        Ok(seq)
    }

    pub(super) fn settled(&mut self, fact: &BetSettled) -> Done<L> {
        let found = self.fold.directory.organiser_of(fact.account);
        let organiser = self.known(found, "an account")?;
        let mut row = self.fetch(organiser, fact.bet)?;
        let before = Before::of(&row);
        let settled = Settled {
            seq: self.seq(),
            at: self.at(),
            day: self.day,
            computed_at: fact.computed_at,
            basis: fact.basis,
            result: fact.outcome,
            gross: fact.gross,
            of_which_stake: fact.of_which_stake,
            refund: fact.refund,
            tax: fact.tax,
            net_due: fact.net_due,
        };
        self.count_settlement(&row, &settled, fact.corrects)?;
        self.signal_settlement(&row, &settled, fact.corrects);
        self.rows.settlements.push(SettlementRow {
            seq: self.seq(),
            bet_seq: row.seq,
            organiser,
            corrects: fact.corrects,
            settled: settled.clone(),
            gross_computed: fact.gross_computed,
            reason: fact.reason.clone(),
        });
        for (index, leg) in row.legs.iter_mut().enumerate() {
            leg.result = fact.results.0.get(index).copied().flatten();
        }
        row.standing = Standing::Settled;
        row.settlement = Some(Box::new(settled));
        row.waiting = fact.waits.is_some();
        self.breach(&mut row, &fact.breaches)?;
        self.put_back(row, before)
    }

    pub(super) fn payout_posted(&mut self, fact: &PayoutPosted) -> Done<L> {
        let mut row = self.fetch(fact.organiser, fact.bet)?;
        let before = Before::of(&row);
        let amount = self.fits(fact.winning.checked_add(fact.refund))?;
        self.payout_postings(fact, row.seq)?;
        let (desk, form, paid_at) = (row.desk, Form::EMoney, self.at());
        let payout =
            PayoutRow { refund: fact.refund, ..self.payout(&row, desk, form, paid_at, amount) };
        self.pay(&mut row, payout)?;
        self.put_back(row, before)
    }

    pub(super) fn payout_reported(&mut self, fact: &PayoutReported) -> Done<L> {
        let found = self.fold.directory.organiser_of(fact.account);
        let organiser = self.known(found, "an account")?;
        let mut row = self.fetch(organiser, fact.bet)?;
        let before = Before::of(&row);
        if let Some(posting) = &fact.posting {
            self.desk_postings(fact, posting, row.seq)?;
        }
        let payout = PayoutRow {
            refund: fact.refund,
            late: fact.late,
            ..self.payout(&row, fact.desk, fact.form, fact.paid_at, fact.amount)
        };
        self.pay(&mut row, payout)?;
        self.breach(&mut row, &fact.breaches)?;
        self.put_back(row, before)
    }

    pub(super) fn claim_settled(&mut self, fact: &ClaimSettled) -> Done<L> {
        let found = self.fold.directory.organiser_of(fact.account);
        let organiser = self.known(found, "an account")?;
        let mut row = self.fetch(organiser, fact.bet)?;
        let before = Before::of(&row);
        row.repaid = self.fits(row.repaid.checked_add(fact.amount))?;
        self.put_back(row, before)
    }

    pub(super) fn breach_raised(&mut self, fact: &BreachRaised) -> Done<L> {
        let mut row = self.fetch(fact.organiser, fact.bet)?;
        let before = Before::of(&row);
        self.breach(&mut row, &[fact.reason])?;
        self.put_back(row, before)
    }

    fn payout(
        &self,
        row: &BetRow,
        desk: DeskNo,
        form: Form,
        paid_at: terms::Instant,
        amount: Tiyn,
    ) -> PayoutRow {
        PayoutRow {
            seq: self.seq(),
            bet_seq: row.seq,
            bet: row.bet,
            organiser: row.organiser,
            account: row.account,
            desk,
            form,
            paid_at,
            at: self.at(),
            day: self.day,
            amount,
            refund: Tiyn::ZERO,
            late: false,
        }
    }

    fn pay(&mut self, row: &mut BetRow, payout: PayoutRow) -> Done<L> {
        row.paid = self.fits(row.paid.checked_add(payout.amount))?;
        row.waiting = row.waiting && !row.outstanding().is_zero();
        let paid_tiyn = payout.amount.get();
        self.count(row, &RollupSums { payouts: 1, paid_tiyn, ..RollupSums::default() })?;
        let sums = DeskSums { payouts: 1, paid_tiyn, ..DeskSums::default() };
        self.count_desk(payout.organiser, payout.desk, payout.form, &sums)?;
        self.signal_payout(row, &payout);
        self.rows.payouts.push(payout);
        Ok(())
    }

    /// Notes breaches of a bet: each fact's in a row of its own, each rule on the bet once.
    fn breach(&mut self, row: &mut BetRow, reasons: &[Reason]) -> Done<L> {
        for reason in reasons {
            if !row.breaches.contains(reason) {
                row.breaches.push(*reason);
            }
        }
        self.list_breaches(row.organiser, Some(row.seq), reasons)
    }

    /// Lists and counts the breaches of this fact.
    pub(super) fn list_breaches(
        &mut self,
        organiser: Organiser,
        bet_seq: Option<Seq>,
        reasons: &[Reason],
    ) -> Done<L> {
        for (part, reason) in (0..).zip(reasons) {
            self.rows.breaches.push(BreachRow {
                seq: self.seq(),
                part,
                at: self.at(),
                day: self.day,
                organiser,
                bet_seq,
                reason: *reason,
            });
            let key = BreachKey { day: self.day, organiser, reason: *reason };
            let added = self.rows.breach_counts.add(key, &BreachSums { count: 1 });
            self.fits(added)?;
        }
        Ok(())
    }

    fn new_row(
        &mut self,
        terms: &BetTerms,
        bet: BetId,
        arrival: Arrival,
    ) -> Result<BetRow, FoldError<L::Error>> {
        let directory = &self.fold.directory;
        let organiser = self.known(directory.organiser_of(terms.account), "an account")?;
        let desk_kind = self.known(directory.desk_kind(terms.desk), "a desk")?;
        let mut legs = SmallVec::with_capacity(terms.legs.0.len());
        let mut places = Places::default();
        for leg in &terms.legs.0 {
            let event = leg.outcome.event();
            let championship = self.known(directory.championship_of(event), "an event")?;
            let sport = self.known(directory.sport_of(championship), "a championship")?;
            places.add(championship, sport);
            legs.push(LegRow {
                outcome: leg.outcome,
                event,
                championship,
                sport,
                odds: leg.odds,
                requested: leg.requested,
                live: leg.live,
                result: None,
            });
        }
        Ok(BetRow {
            seq: self.seq(),
            bet,
            organiser,
            account: terms.account,
            desk: terms.desk,
            desk_kind,
            form: arrival.form,
            shape: terms.shape,
            price: terms.price,
            sport: places.sport.only(),
            championship: places.championship.only(),
            live: legs.iter().any(|leg: &LegRow| leg.live),
            legs: LegRows(legs),
            late: arrival.late,
            made_at: terms.made_at,
            at: self.at(),
            made_day: directory.day(self.entry.rulebook, terms.made_at),
            day: self.day,
            amount: terms.amount,
            commission: arrival.commission,
            hold: arrival.hold,
            standing: arrival.standing,
            settlement: None,
            paid: Tiyn::ZERO,
            repaid: Tiyn::ZERO,
            waiting: false,
            breaches: Vec::new(),
            last: self.seq(),
        })
    }

    /// Adds a new row.
    fn add(&mut self, row: BetRow) -> Done<L> {
        self.weigh(&row, None)?;
        let place = Place::Recent(row.organiser, row.bet);
        self.rows.touched.insert(row.seq.0, Touched { was: None, row: place });
        self.fold.recent.insert(row);
        Ok(())
    }

    /// Takes the newest row of a bet out of memory, or looks it up.
    fn fetch(&mut self, organiser: Organiser, bet: BetId) -> Result<BetRow, FoldError<L::Error>> {
        if let Some(row) = self.fold.recent.take(organiser, bet) {
            return Ok(row);
        }
        let found = self.lookup.bet(organiser, bet).map_err(FoldError::Lookup)?;
        self.known(found, "a bet")
    }

    /// Puts a changed row back.
    fn put_back(&mut self, mut row: BetRow, before: Before) -> Done<L> {
        row.last = self.seq();
        self.weigh(&row, Some(&before))?;
        self.touch(row.seq, before.weight.standing, row.organiser, row.bet);
        self.fold.recent.insert(row);
        Ok(())
    }

    fn touch(&mut self, seq: Seq, was: Standing, organiser: Organiser, bet: BetId) -> &mut Touched {
        let row = Place::Recent(organiser, bet);
        self.rows.touched.entry(seq.0).or_insert(Touched { was: Some(was), row })
    }

    /// Keeps totals and unpaid sums in step with a row.
    fn weigh(&mut self, row: &BetRow, before: Option<&Before>) -> Done<L> {
        let weighed = self.fold.totals.weigh(before.map(|before| before.weight), Weight::of(row));
        self.fits(weighed)?;
        let gone = before.and_then(|before| before.unpaid);
        if let Some((key, UnpaidSums { bets, sum_tiyn })) = gone {
            let less = UnpaidSums { bets: -bets, sum_tiyn: -sum_tiyn };
            let added = self.rows.unpaid.add(key, &less);
            self.fits(added)?;
        }
        if let Some((key, sums)) = unpaid(row) {
            let added = self.rows.unpaid.add(key, &sums);
            self.fits(added)?;
        }
        Ok(())
    }

    fn count_stake(&mut self, row: &BetRow) -> Done<L> {
        let tiyn = row.amount.get();
        let sums = DeskSums { stakes: 1, staked_tiyn: tiyn, ..DeskSums::default() };
        self.count_desk(row.organiser, row.desk, row.form, &sums)?;
        let combined = i64::from(row.is_combined());
        self.count(
            row,
            &RollupSums {
                stakes: 1,
                staked_tiyn: tiyn,
                combined,
                combined_tiyn: combined * tiyn,
                live: i64::from(row.live),
                late: i64::from(row.late),
                commission_tiyn: row.commission.get(),
                ..RollupSums::default()
            },
        )?;
        self.count_quarter(
            row,
            &QuarterSums {
                stakes: 1,
                staked_tiyn: tiyn,
                combined,
                combined_tiyn: combined * tiyn,
                ..QuarterSums::default()
            },
        )
    }

    /// Counts the difference to the settlement before it.
    fn count_settlement(&mut self, row: &BetRow, now: &Settled, corrects: Option<Seq>) -> Done<L> {
        let before = row.settlement.as_deref();
        let flag = |count: fn(&Settled) -> bool| {
            i64::from(count(now)) - i64::from(before.is_some_and(count))
        };
        let sum = |sum: fn(&Settled) -> Tiyn| sum(now).delta(before.map_or(Tiyn::ZERO, sum)).0;
        let refunded = flag(|settled| !settled.refund.is_zero());
        let refund_tiyn = sum(|settled| settled.refund);
        self.count(
            row,
            &RollupSums {
                settled: i64::from(before.is_none()),
                won: flag(|settled| matches!(settled.result, BetOutcome::Win)),
                winnings_tiyn: sum(Settled::winnings),
                refunded,
                refund_tiyn,
                tax_tiyn: sum(|settled| settled.tax),
                corrections: i64::from(corrects.is_some()),
                ..RollupSums::default()
            },
        )?;
        if refunded == 0 && refund_tiyn == 0 {
            return Ok(());
        }
        self.count_quarter(row, &QuarterSums { refunded, refund_tiyn, ..QuarterSums::default() })
    }

    /// Counts in both partitions: under the day of the fact, and under the day of the stake.
    fn count(&mut self, row: &BetRow, sums: &RollupSums) -> Done<L> {
        for (partition, day) in [(Partition::Recorded, self.day), (Partition::Made, row.made_day)] {
            let key = RollupKey {
                partition,
                day,
                organiser: row.organiser,
                desk_kind: row.desk_kind,
                form: row.form,
                sport: row.sport,
                championship: row.championship,
                shape: row.shape.into(),
            };
            let added = self.rows.rollups.add(key, sums);
            self.fits(added)?;
        }
        let RollupSums { stakes, staked_tiyn, winnings_tiyn, paid_tiyn, .. } = *sums;
        let hour = HourSums { stakes, staked_tiyn, winnings_tiyn, paid_tiyn, refused: 0 };
        self.count_hour(row.organiser, Some((row.desk_kind, row.form)), &hour)
    }

    /// Counts what passed over a desk.
    fn count_desk(
        &mut self,
        organiser: Organiser,
        desk: DeskNo,
        form: Form,
        sums: &DeskSums,
    ) -> Done<L> {
        let key = DeskKey { day: self.day, organiser, desk, form };
        let added = self.rows.desks.add(key, sums);
        self.fits(added)
    }

    /// Counts once in each event, championship and sport of the bet, and once in all (domain 23).
    fn count_quarter(&mut self, row: &BetRow, sums: &QuarterSums) -> Done<L> {
        let quarter = Quarter::of(row.made_day);
        let difference = (quarter.final_after() < self.day).then_some(self.day);
        let mut subjects: SmallVec<[Subject; 4]> = SmallVec::new();
        subjects.push(Subject::Total);
        for leg in row.legs.iter() {
            subjects.push(Subject::Event(leg.event));
            subjects.push(Subject::Championship(leg.championship));
            subjects.push(Subject::Sport(leg.sport));
        }
        subjects.sort_unstable();
        subjects.dedup();
        for subject in subjects {
            let key = QuarterKey { quarter, difference, organiser: row.organiser, subject };
            let added = self.rows.quarters.add(key, sums);
            self.fits(added)?;
        }
        Ok(())
    }
}

/// What is due and not paid on a bet.
fn unpaid(row: &BetRow) -> Option<(UnpaidKey, UnpaidSums)> {
    let settled = row.settlement.as_deref()?;
    let outstanding = row.outstanding();
    if outstanding.is_zero() {
        return None;
    }
    let unpaid = if row.waiting { Unpaid::WaitingFunds } else { Unpaid::Unclaimed };
    let (organiser, desk, day) = (row.organiser, row.desk, settled.day);
    let sums = UnpaidSums { bets: 1, sum_tiyn: outstanding.get() };
    Some((UnpaidKey { organiser, desk, unpaid, day }, sums))
}

/// The championships and sports of the legs of a bet.
#[derive(Default)]
struct Places {
    championship: Only<Championship>,
    sport: Only<Sport>,
}

impl Places {
    fn add(&mut self, championship: Championship, sport: Sport) {
        self.championship.add(championship);
        self.sport.add(sport);
    }
}

/// The one value of many, if they are all the same.
#[derive(Default)]
enum Only<T> {
    #[default]
    Nothing,
    One(T),
    Several,
}

impl<T: Copy + PartialEq> Only<T> {
    fn add(&mut self, value: T) {
        *self = match self {
            Only::Nothing => Only::One(value),
            Only::One(other) if *other == value => Only::One(value),
            Only::One(_) | Only::Several => Only::Several,
        };
    }

    fn only(&self) -> Option<T> {
        match self {
            Only::One(value) => Some(*value),
            Only::Nothing | Only::Several => None,
        }
    }
}
