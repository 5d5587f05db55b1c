//! Statements about orders, stakes, holds, reports, settlements and payouts.

use admission::{Accept, Method};
use desk::command::{
    Bid, CheckStart, ConfirmHold, GiveOrder, LegBid, PlaceHold, PlaceStake, ReleaseHold,
    ReportPayout, ReportStake, SettleBet, SettleClaim,
};
use desk::{Answer, Command};
use register::organiser::ContractKind;
use register::{Basis, Form, PriceRule, Shape};
use terms::{Account, Instant, MessageId, Odds, OrderId, Organiser, Sender, Tiyn};

use super::words::Line;
use super::{Failure, Script};

impl Script {
    /// Runs a statement about a bet; `false` if it is none.
    pub(super) fn bet_statement(&mut self, verb: &str, line: &mut Line) -> Result<bool, Failure> {
        match verb {
            "order" => self.order(line)?,
            "stake" | "hold" | "report" => self.place(verb, line)?,
            "confirm" => self.confirm(line)?,
            "release" => self.release(line)?,
            "settle" | "correct" => self.settle(verb, line)?,
            "pay" => self.pay(line)?,
            "repay" => self.repay(line)?,
            "late" => self.late(line)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn organiser_of(&self, account: Account) -> Organiser {
        let row = self.machine.state().people.account(account);
        row.map_or(Organiser(0), |row| row.organiser)
    }

    fn order(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [name, of, ceiling] = [line.word("an R")?, line.word("an A")?, line.word("a sum")?];
        let account = self.names.account(line, &of)?;
        let now = self.machine.now;
        let instant = |line: &mut Line, key: &str, usual: &str| {
            line.option(key).map_or_else(
                || line.instant(usual, now),
                |text| {
                    let text = if text.starts_with(['-', '+']) { text } else { format!("+{text}") };
                    line.instant(&text, now)
                },
            )
        };
        let command = GiveOrder {
            organiser: match line.option("organiser") {
                Some(word) => self.names.organiser(line, &word)?,
                None => self.organiser_of(account),
            },
            account,
            ceiling: line.sum(&ceiling)?,
            expires: instant(line, "for", "+1h")?,
            session_at: instant(line, "session", "+0s")?,
            method: match line.option("method") {
                Some(word) => line.named(&word, Method::from_name)?,
                None => Method::Session,
            },
            accept: self.accept(line)?,
            nonce: [1; 8],
        };
        line.name_id(&name);
        self.send(line, Sender::Bettor, command)?;
        Ok(())
    }

    fn accept(&self, line: &mut Line) -> Result<Accept, Failure> {
        match line.option("accept") {
            Some(word) => line.named(&word, Accept::from_name),
            None => Ok(Accept::Exact),
        }
    }

    fn place(&mut self, verb: &str, line: &mut Line) -> Result<(), Failure> {
        let [name, of, amount] = [line.word("a B")?, line.word("an A")?, line.word("a sum")?];
        if !name.starts_with('B') {
            return Err(line.wrong(&name, "a name with B is expected"));
        }
        let account = self.names.account(line, &of)?;
        let form = match verb {
            "report" => Some(line.word("a form")?),
            _ => None,
        };
        let amount = line.sum(&amount)?;
        let owner = self.organiser_of(account);
        let bid = self.bid(line, &name, account, amount, form.is_some())?;
        let command: Command = match form {
            Some(form) => {
                let resends = line.option("resends");
                let resends = resends.map(|name| self.names.bet(line, &name, self.machine.now));
                let resends = resends.transpose()?.map(|bet| MessageId(bet.0));
                let form = line.named(&form, Form::from_name)?;
                ReportStake { bid, form, resends }.into()
            }
            None => {
                let order = self.order_for(line, &name, &bid, owner)?;
                match verb {
                    "stake" => PlaceStake { bid, order }.into(),
                    _ => PlaceHold { bid, order }.into(),
                }
            }
        };
        line.name_id(&name);
        self.names.owners.entry(name).or_insert(owner);
        self.send(line, Sender::Organiser(owner), command)?;
        Ok(())
    }

    /// The order that the line names, or one made to fit; none if that is refused.
    fn order_for(
        &mut self,
        line: &mut Line,
        bet: &str,
        bid: &Bid,
        organiser: Organiser,
    ) -> Result<Option<OrderId>, Failure> {
        let now = self.machine.now;
        match line.option("order").as_deref() {
            Some("none") => return Ok(None),
            Some(name) => return self.names.order(line, name, now).map(Some),
            None => {}
        }
        let name = format!("R~{bet}");
        let accept = self.accept(line)?;
        if self.names.knows(&name) {
            return self.names.order(line, &name, now).map(Some);
        }
        let row = self.machine.state().organisers.get(organiser);
        let rules = self.machine.state().rulebook(now);
        let contract = row
            .zip(rules)
            .and_then(|(row, rules)| row.contract_on(ContractKind::Settlement, rules.day(now)));
        let commission = contract.and_then(|contract| contract.commission(bid.amount));
        let command = GiveOrder {
            organiser,
            account: bid.account,
            ceiling: commission.and_then(|sum| sum.checked_add(bid.amount)).unwrap_or(bid.amount),
            expires: now.plus(3_600 * Instant::SECOND),
            session_at: now,
            method: Method::OneTimeCode,
            accept,
            nonce: [2; 8],
        };
        let mut own = Line::parse(line.number, "order")?;
        own.name_id(&name);
        let sent = self.message(&mut own, Sender::Bettor, command.into())?;
        match sent.answer {
            Answer::Done => self.names.order(line, &name, now).map(Some),
            _ => Ok(None),
        }
    }

    fn bid(
        &mut self,
        line: &mut Line,
        name: &str,
        account: Account,
        amount: Tiyn,
        land: bool,
    ) -> Result<Bid, Failure> {
        let legs: Vec<LegBid> =
            line.rest().iter().map(|word| self.leg(line, word)).collect::<Result<_, _>>()?;
        let owner = self.organiser_of(account);
        let desk = match line.option("desk") {
            Some(word) => self.names.desk(line, &word)?,
            // O1 has D1 and D2, O2 has D3 and D4.
            None => terms::DeskNo(2 * owner.0 + u32::from(land)),
        };
        let made_at = match line.option("made") {
            Some(word) => line.instant(&word, self.machine.now)?,
            None => *self.names.made.entry(name.into()).or_insert(self.machine.present()),
        };
        let shape = self.shape(line, legs.len())?;
        let price = match line.option("price") {
            None => PriceRule::Exact,
            Some(word) => match word.as_str() {
                "exact" => PriceRule::Exact,
                "step" => PriceRule::StepFloor,
                total => PriceRule::Given(given(total).ok_or_else(|| {
                    line.wrong(total, "exact, step or a total such as 5.55 is expected")
                })?),
            },
        };
        Ok(Bid { account, desk, made_at, amount, shape, price, legs })
    }

    fn shape(&self, line: &mut Line, legs: usize) -> Result<Shape, Failure> {
        if let Some(sizes) = line.option("system") {
            let mut mask = 0;
            for size in sizes.split(',') {
                let size = line.count(size)?;
                mask |= 1u32.checked_shl(size.wrapping_sub(1)).unwrap_or(0);
            }
            let bankers = line.option("bankers").map_or(Ok(0), |text| line.count(&text))?;
            return Ok(Shape::System { sizes: mask, bankers: bankers as u8 });
        }
        match line.option("shape").as_deref() {
            Some("single") => Ok(Shape::Single),
            Some("accumulator") => Ok(Shape::Accumulator),
            Some(other) => Err(line.wrong(other, "single or accumulator")),
            None if legs <= 1 => Ok(Shape::Single),
            None => Ok(Shape::Accumulator),
        }
    }

    /// `M1.X@1.85`, or with the odds that the bettor saw first: `M1.X@1.80/1.85`.
    fn leg(&self, line: &Line, word: &str) -> Result<LegBid, Failure> {
        let parts = word.split_once('@');
        let (outcome, odds) = parts.ok_or_else(|| line.wrong(word, "M1.X@1.85 is expected"))?;
        let (requested, odds) = match odds.split_once('/') {
            Some((requested, odds)) => (Some(line.odds(requested)?), line.odds(odds)?),
            None => (None, line.odds(odds)?),
        };
        let outcome = self.names.outcome(line, outcome)?;
        Ok(LegBid { outcome, odds, requested })
    }

    fn owner_of_bet(&self, name: &str) -> Sender {
        Sender::Organiser(self.names.owners.get(name).copied().unwrap_or(Organiser(0)))
    }

    fn confirm(&mut self, line: &mut Line) -> Result<(), Failure> {
        let name = line.word("a B")?;
        let bet = self.names.bet(line, &name, self.machine.now)?;
        let sender = self.owner_of_bet(&name);
        let mut odds: Vec<Odds> =
            line.rest().iter().map(|word| line.odds(word)).collect::<Result<_, _>>()?;
        if odds.is_empty()
            && let Sender::Organiser(organiser) = sender
            && let Some(held) = self.machine.state().bet(organiser, bet)
        {
            odds = held.legs.0.iter().map(|leg| leg.odds).collect();
        }
        self.send(line, sender, ConfirmHold { bet, odds })?;
        Ok(())
    }

    fn release(&mut self, line: &mut Line) -> Result<(), Failure> {
        let name = line.word("a B")?;
        let bet = self.names.bet(line, &name, self.machine.now)?;
        let sender = self.owner_of_bet(&name);
        self.send(line, sender, ReleaseHold { bet })?;
        Ok(())
    }

    fn settle(&mut self, verb: &str, line: &mut Line) -> Result<(), Failure> {
        let name = line.word("a B")?;
        let bet = self.names.bet(line, &name, self.machine.now)?;
        let correct = verb == "correct";
        let basis = match line.maybe() {
            _ if correct => Basis::Correction,
            None => Basis::Result,
            Some(word) => line.named(&word, Basis::from_name)?,
        };
        let mut legs = 0;
        for number in line.option("legs").iter().flat_map(|text| text.split(',')) {
            legs |= 1u32.checked_shl(line.count(number)?.wrapping_sub(1)).unwrap_or(0);
        }
        let usual = correct.then(|| "wrong result".to_owned());
        let reason = line.option("reason").or(usual).filter(|text| text != "none");
        let computed = line.option("computed").unwrap_or("+0s".into());
        let command = SettleBet {
            bet,
            basis,
            legs,
            stated: line.option("stated").map(|text| line.sum(&text)).transpose()?,
            reason: reason.map(|text| line.text(&text)).transpose()?,
            computed_at: line.instant(&computed, self.machine.now)?,
        };
        let sender = self.owner_of_bet(&name);
        self.send(line, sender, command)?;
        Ok(())
    }

    fn pay(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [name, amount, form] = [line.word("a B")?, line.word("a sum")?, line.word("a form")?];
        let sender = self.owner_of_bet(&name);
        let paid_at = line.option("paid").unwrap_or("+0s".into());
        let owner = match sender {
            Sender::Organiser(organiser) => organiser.0,
            Sender::Operator | Sender::System | Sender::Bettor => 0,
        };
        let desk = match line.option("desk") {
            Some(word) => self.names.desk(line, &word)?,
            None => terms::DeskNo(2 * owner + 1),
        };
        let command = ReportPayout {
            bet: self.names.bet(line, &name, self.machine.now)?,
            amount: line.sum(&amount)?,
            form: line.named(&form, Form::from_name)?,
            desk,
            paid_at: line.instant(&paid_at, self.machine.now)?,
        };
        self.send(line, sender, command)?;
        Ok(())
    }

    /// Looks at a bet that has left for the start of an event as it is known now.
    fn late(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [name, of] = [line.word("a B")?, line.word("an E")?];
        let event = self.names.event(line, &of)?;
        let row = self.machine.state().catalogue.event(event);
        let (started, until) = row
            .and_then(|row| Some((row.started?, row.scheduled)))
            .unwrap_or((self.machine.now, self.machine.now));
        let started = match line.maybe() {
            Some(text) => line.instant(&text, self.machine.now)?,
            None => started,
        };
        let organiser = self.names.owners.get(&name).copied().unwrap_or(Organiser(0));
        let bet = self.names.bet(line, &name, self.machine.now)?;
        let command = CheckStart { organiser, bet, event, started, until };
        self.send(line, Sender::System, command)?;
        Ok(())
    }

    fn repay(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [name, amount] = [line.word("a B")?, line.word("a sum")?];
        let bet = self.names.bet(line, &name, self.machine.now)?;
        let sender = self.owner_of_bet(&name);
        let amount = line.sum(&amount)?;
        self.send(line, sender, SettleClaim { bet, amount })?;
        Ok(())
    }
}

/// A total of any size, in ten-thousandths.
fn given(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let parts: u64 = format!("{part:0<4}").parse().ok().filter(|_| part.len() <= 4)?;
    whole.parse::<u64>().ok()?.checked_mul(10_000)?.checked_add(parts)
}
