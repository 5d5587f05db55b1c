//! How things stand: `check` statements.

use register::{Bet, BetState, Settlement};
use terms::{Tiyn, Value, Wallet};

use super::words::{self, Line};
use super::{Failure, Script};

impl Script {
    pub(super) fn check(&mut self, line: &mut Line) -> Result<(), Failure> {
        let what = line.word("what to check")?;
        match what.as_str() {
            "ledger" => self.check_ledger(line),
            "facts" => {
                let want = line.word("a number")?;
                same(line, &want, &self.last.len().to_string())
            }
            "bets" => {
                let want = line.word("a number")?;
                same(line, &want, &self.machine.state().bets.len().to_string())
            }
            "events" => {
                let want = line.word("a number")?;
                same(line, &want, &self.machine.state().catalogue.len().to_string())
            }
            "wording" => self.check_wording(line),
            "cases" => self.check_cases(line),
            "person" => self.check_person(line),
            name if name.starts_with('K') => self.check_case(line, name),
            "last" => self.check_last(line),
            name if name.starts_with('B') => self.check_bet(line, name),
            name if name.starts_with('R') => self.check_order(line, name),
            name if name.starts_with(['W', 'P', 'A', 'O']) => self.check_wallet(line, name),
            other => Err(line.wrong(other, "nothing like this can be checked")),
        }
    }

    fn check_ledger(&self, line: &mut Line) -> Result<(), Failure> {
        let ledger = &self.machine.state().ledger;
        while let Some(key) = line.maybe() {
            match key.as_str() {
                "balanced" if ledger.balanced() => {}
                "balanced" => return Err(line.wrong(&key, "it is not")),
                "issued" => money(line, ledger.issued())?,
                "redeemed" => money(line, ledger.redeemed())?,
                "commission" => {
                    let row = ledger.get(ledger::wallet::COMMISSION);
                    money(line, row.map_or(Tiyn::ZERO, |row| row.sum()))?;
                }
                _ => return Err(line.wrong(&key, "the ledger has nothing like this")),
            }
        }
        Ok(())
    }

    /// D-11: so many rules show «wording to be confirmed» on a day.
    fn check_wording(&self, line: &mut Line) -> Result<(), Failure> {
        let [day, want] = [line.word("a day")?, line.word("a number")?];
        let day = line.day(&day)?;
        let rules = self.machine.state().rulebook(self.machine.now);
        let count = rules.map_or(0, |rules| rules.to_confirm(day).count());
        same(line, &want, &count.to_string())
    }

    /// The last fact of this kind among those of the last statement, and fields of it.
    fn check_last(&self, line: &mut Line) -> Result<(), Failure> {
        let name = line.word("a fact")?;
        let entries = &self.machine.entries()[self.last.clone()];
        let Some(entry) = entries.iter().rev().find(|entry| entry.fact.name() == name) else {
            let names: Vec<_> = entries.iter().map(|entry| entry.fact.name()).collect();
            return Err(line.wrong(&name, &format!("the facts are: {}", names.join(", "))));
        };
        let value = entry.fact.value();
        while let Some(path) = line.maybe() {
            let want = line.word("a value")?;
            let found = path.split('.').try_fold(&value, |value, part| at(value, part));
            let found = found.ok_or_else(|| line.wrong(&path, "the fact has no such field"))?;
            let got = print(found);
            let number = match words::sum(&want) {
                _ if path.ends_with("odds") => line.odds(&want)?.get().to_string(),
                Some(sum) => sum.get().to_string(),
                None => want.clone(),
            };
            if got != number {
                return Err(line.wrong(&want, &format!("{path} is {got}")));
            }
        }
        Ok(())
    }

    fn check_bet(&mut self, line: &mut Line, name: &str) -> Result<(), Failure> {
        let id = self.names.bet(line, name, self.machine.now)?;
        let organiser = self.names.owners.get(name).copied().unwrap_or(terms::Organiser(0));
        let bet = self.machine.state().bet(organiser, id);
        while let Some(key) = line.maybe() {
            match (key.as_str(), bet) {
                ("absent", None) => {}
                (_, None) => return Err(line.wrong(&key, "the bet is not there")),
                (_, Some(bet)) => check_of_bet(line, &key, bet)?,
            }
        }
        Ok(())
    }

    fn check_order(&mut self, line: &mut Line, name: &str) -> Result<(), Failure> {
        let id = self.names.order(line, name, self.machine.now)?;
        let order = self.machine.state().orders.get(id);
        while let Some(key) = line.maybe() {
            match (key.as_str(), order) {
                ("gone", None) => {}
                ("left", Some(order)) => money(line, order.left)?,
                _ => return Err(line.wrong(&key, "the order is not like this")),
            }
        }
        Ok(())
    }

    /// A wallet by its own name, or by its owner, or by the account to which it is bound.
    fn check_wallet(&self, line: &mut Line, name: &str) -> Result<(), Failure> {
        let state = self.machine.state();
        let organiser = match name.chars().next() {
            Some('O') => state.organisers.get(self.names.organiser(line, name)?),
            _ => None,
        };
        let wallet = match name.chars().next() {
            Some('W') => Some(self.names.wallet(line, name)?),
            Some('O') => organiser.and_then(|row| row.wallet),
            Some('A') => {
                let account = self.names.account(line, name)?;
                state.people.account(account).map(|row| row.wallet)
            }
            _ => {
                let person = self.names.person(line, name)?.0;
                let own =
                    |row: &ledger::State| row.class == ledger::Class::Bettor && row.owner == person;
                state.ledger.all().find(|(_, row)| own(row)).map(|(wallet, _)| wallet)
            }
        };
        let wallet: Wallet = wallet.ok_or_else(|| line.wrong(name, "it has no wallet"))?;
        let row = state.ledger.get(wallet);
        let row = row.ok_or_else(|| line.wrong(name, "it has no wallet"))?;
        while let Some(key) = line.maybe() {
            match key.as_str() {
                "wallet" | "balance" => money(line, row.sum())?,
                "held" => money(line, row.held)?,
                "available" => money(line, row.available())?,
                "block" => {
                    let want = line.word("a state")?;
                    same(line, &want, row.block.name())?;
                }
                "bound" => {
                    let want = line.word("a W")?;
                    let want = self.names.wallet(line, &want)?;
                    same(line, &want.to_string(), &wallet.to_string())?;
                }
                "waiting" => {
                    let want = line.word("a number")?;
                    let count = organiser.map_or(0, |row| row.waiting.len());
                    same(line, &want, &count.to_string())?;
                }
                "due" => money(line, organiser.map_or(Tiyn::ZERO, |row| row.waiting_sum))?,
                _ => return Err(line.wrong(&key, "a wallet has nothing like this")),
            }
        }
        Ok(())
    }
}

fn check_of_bet(line: &mut Line, key: &str, bet: &Bet) -> Result<(), Failure> {
    let settlement = bet.settlement.as_deref();
    let sum = |of: fn(&Settlement) -> Tiyn| settlement.map_or(Tiyn::ZERO, of);
    match key {
        "held" | "open" | "settled" => {
            let state = match bet.state {
                BetState::Held => "held",
                BetState::Open => "open",
                BetState::Settled => "settled",
            };
            same(line, key, state)
        }
        "win" | "loss" | "refund" => {
            same(line, key, settlement.map_or("none", |row| row.outcome.name()))
        }
        "waiting" | "done" => {
            let waits = settlement.is_some_and(|row| row.waiting);
            same(line, key, if waits { "waiting" } else { "done" })
        }
        "live" => same(line, "true", &bet.legs.0.iter().any(|leg| leg.live).to_string()),
        "prematch" => same(line, "false", &bet.legs.0.iter().any(|leg| leg.live).to_string()),
        "stake" => money(line, bet.amount),
        "commission" => money(line, bet.commission),
        "gross" => money(line, sum(|row| row.gross)),
        "refunded" => money(line, sum(|row| row.refund)),
        "due" => money(line, sum(|row| row.net_due)),
        "paid" => money(line, sum(|row| row.paid)),
        "repaid" => money(line, sum(|row| row.repaid)),
        "outstanding" => money(line, sum(Settlement::outstanding)),
        "claim" => money(line, sum(Settlement::claim)),
        "odds" => {
            let want = line.word("odds")?;
            let want = line.odds(&want)?.to_string();
            same(line, &want, &bet.legs.0.first().map_or(String::new(), |leg| leg.odds.to_string()))
        }
        _ => Err(line.wrong(key, "a bet has nothing like this")),
    }
}

pub(super) fn same(line: &Line, want: &str, got: &str) -> Result<(), Failure> {
    if want == got { Ok(()) } else { Err(line.wrong(want, &format!("it is {got}"))) }
}

fn money(line: &mut Line, got: Tiyn) -> Result<(), Failure> {
    let text = line.word("a sum")?;
    let want = line.sum(&text)?;
    if want == got { Ok(()) } else { Err(line.wrong(&text, &format!("it is {got}"))) }
}

fn at<'a>(value: &'a Value, part: &str) -> Option<&'a Value> {
    match value {
        Value::Record(fields) => {
            fields.iter().find(|(name, _)| *name == part).map(|(_, value)| value)
        }
        Value::List(items) => items.get(part.parse::<usize>().ok()?),
        Value::Null | Value::Flag(_) | Value::Int(_) | Value::Text(_) => None,
    }
}

fn print(value: &Value) -> String {
    match value {
        Value::Null => "none".into(),
        Value::Flag(flag) => flag.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::List(items) if items.is_empty() => "none".into(),
        Value::List(items) => items.iter().map(print).collect::<Vec<_>>().join(","),
        Value::Record(fields) => {
            fields.iter().map(|(_, value)| print(value)).collect::<Vec<_>>().join(",")
        }
    }
}
