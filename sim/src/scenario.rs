//! The scenario language: what is sent to БЕЖ, what it must answer, and how things then stand.
//!
//! One statement a line; `#` begins a comment. After `→` (or `->`) stands the expected verdict:
//! `accepted` (the default), `refused REASON`, `deferred REASON`, `repeat`, `conflict`, `idle`, or
//! `breach REASON,REASON` for what is stored although it breaks rules. `accepted` means without a
//! breach. A script is independent of every other: ids come from names, time from the script.
//!
//! Names begin with a letter for their kind: `P` person, `O` organiser, `D` desk, `W` wallet, `A`
//! account, `C` championship, `E` event, `M` market (`M1.X` is its outcome), `B` bet, `R` order,
//! `V` planned works, `K` case. `P?` is a person that does not exist, and so for every kind. Sums
//! are tenge with two decimals (`2_500.00`), odds are decimal (`1.85`), times are UTC
//! (`2026-01-05T12:00:00`) or relative to the clock (`+2h`, `-5m`). `by=O2`, `by=operator`,
//! `by=bettor`, `by=system` sets the sender; `id=NAME` the id, so that the same message can be sent
//! twice; `made=-41d` the time in the id. A line that begins with `bulk` goes as a line of a batch.
//!
//! ```text
//! at 2026-01-05 12:00:00   |   +30s   |   tick (until nothing is left to do)   |   index none|all
//! world      an organiser O1 with licence, contracts, desks D1 (electronic) and D2 (land), a
//!            bettor P1 with 10_000.00 in W1 and account A1, championship C1, event E1, market M1
//! rival      a second organiser O2 with D3, D4, A2 of P1 bound to W1, C2, E2, M2
//! bettor P2 W2 A3 O1 [1_000.00]   |   match E3 M3 C1 [+6h] [in_play]
//! rulebook [KEY=VALUE…]   |   key K1
//! audit ACT RECORD [user=7] [account=A1] [result=refused] [ended=-1s]
//! organiser O1 [bin=…] [kind=totalizator]   |   alter O1 [name=…]
//! licence O1 L-1 DAY DAY [suspended] [from=DAY]   |   connection O1 STATE [+1h]
//! contract O1 settlement DAY [until=DAY] [rate=5%] [fixed=200.00] [floor=…]
//! desk D1 O1 land [DAY]   |   close D1 DAY   |   person P1   |   admit P1 full [until=…] [minor]
//! list debtors 2   |   wallet W1 P1   |   block W1 frozen   |   account A1 P1 O1 W1
//! rebind A1 W2   |   close A1   |   order R1 A1 500.00 [accept=better] [for=1h] [session=-1m]
//! championship C1 O1   |   event E1 C1 +6h [class=virtual] [unconfirmed]   |   change E1 started
//! market M1 E1 1 X 2 [in_play]   |   change M1 suspended   |   result M1 won lost lost [reason=…]
//! map E1 CENTRAL   |   map M1 CODE
//! stake B1 A1 100.00 M1.1@1.85 [M2.X@3/3.10] [system=2,3] [bankers=1] [price=exact] [order=R1]
//! hold B1 …   |   confirm B1 [1.90]   |   release B1   |   report B1 A1 100.00 cash M1.1@1.85
//! settle B1 [BASIS] [legs=1,2] [stated=…] [reason=…]   |   correct B1 [legs=1]
//! late B1 E1 (it has left; was it taken after the corrected start?)
//! pay B1 50.00 cash [desk=D2] [paid=-1m]   |   repay B1 10.00   |   issue W1 5.00 | redeem W1 5.00
//! listings debtors 2 [on=P1,P2 | on=P1+51] [off=P3] [case=K1]   |   ages 21 [reached=P1]
//! [missed=P2] identify P1 remote [source=…] [case=K1] [until=+1h] [contract=…] [unestablished]
//! [unconfirmed] relate P1 [case=K1]   |   part P1 [ground=…]   |   merge P2 into P1 [closed=A2]
//! [staff=1,2] consent P1 betting collect,process [to=…] [way=…] [until=…] [case=K1]   |   withdraw
//! P1 … keep P1 court   |   unkeep P1 1   |   erase P1 [ground=…] [case=K1] [staff=1,2]   |
//! erased P1 case K1 KIND [person=P1] [other=P2] [organiser=O1] [list=…] [related=K0] [step=hit]
//! [evidence] step K1 STEP [ground=…] [evidence]   |   check K1 state new due +1d count 0 timely |
//! gone check cases 3   |   check person P1 level full lists debtors relationship active betting
//! none check W1 balance 5.00 held 0   |   check B1 settled win due 5.00 paid 5.00 outstanding 0
//! check bets 3   |   check events 2   |   check wording DAY 10 check ledger balanced issued 5.00
//! |   check facts 2   |   check last BetSettled gross 5.00
//! ```
//!
//! A stake without `order=` is preceded by an order that fits it; `order=none` leaves it out.

mod actions;
mod bets;
mod checks;
mod names;
mod people;
mod words;

use std::collections::BTreeSet;
use std::ops::Range;

use desk::{Answer, Command, Manner, Message};
use journal::fact::{Entry, Fact};
use terms::{Instant, Reason, Sender};

use crate::machine::{Machine, Sent};
use names::Names;
use words::Line;

/// Ticks after one `tick` line: far more than any script needs.
const TICKS_MAX: usize = 1_000;

/// Where a script stops: its line, the word, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, «{token}»: {what}")]
pub struct Failure {
    /// The line, from 1.
    pub line: usize,
    /// The word.
    pub token: String,
    /// What is wrong.
    pub what: String,
}

/// What a script has shown.
#[derive(Clone, Debug)]
pub struct Run {
    /// Every reason that was told or noted as a breach, as its line expected.
    pub earned: BTreeSet<Reason>,
    /// The journal.
    pub entries: Vec<Entry>,
}

/// Runs a script to its end, with its follower and a snapshot.
pub fn run(text: &str) -> Result<Run, Failure> {
    let mut script = Script::new();
    script.lines(text, None)?;
    let end = Failure { line: text.lines().count(), token: "end".into(), what: String::new() };
    script.machine.finish().map_err(|fault| Failure { what: fault.to_string(), ..end.clone() })?;
    Ok(Run { earned: script.earned, entries: script.machine.entries().to_vec() })
}

/// The machine as a script leaves it, to go on from there by other means.
pub fn machine(text: &str) -> Result<Machine, Failure> {
    let mut script = Script::new();
    script.lines(text, None)?;
    Ok(script.machine)
}

const WORLD: &str = "
    rulebook
    lists
    organiser O1
    licence O1 L-1 2026-01-01 2026-12-31
    contract O1 integration 2026-01-01
    contract O1 settlement 2026-01-01
    connection O1 in_operation
    wallet WO1 O1
    desk D1 O1 electronic 2026-01-01
    desk D2 O1 land 2026-01-01
    bettor P1 W1 A1 O1 10_000.00
    championship C1 O1
    match E1 M1 C1 +6h";

const RIVAL: &str = "
    organiser O2 bin=180440000222
    licence O2 L-2 2026-01-01 2026-12-31
    contract O2 integration 2026-01-01
    contract O2 settlement 2026-01-01
    connection O2 in_operation
    wallet WO2 O2
    desk D3 O2 electronic 2026-01-01
    desk D4 O2 land 2026-01-01
    account A2 P1 O2 W1
    championship C2 O2
    match E2 M2 C2 +6h";

/// What a line expects.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    Accepted,
    Refused(Reason),
    Deferred(Reason),
    Breach(BTreeSet<Reason>),
    Repeat,
    Conflict,
    Idle,
}

/// A script as it runs.
struct Script {
    machine: Machine,
    names: Names,
    earned: BTreeSet<Reason>,
    /// The entries of the last statement.
    last: Range<usize>,
    /// Messages so far, for ids of those without a name.
    count: u64,
}

impl Script {
    fn new() -> Script {
        let mut machine = Machine::new();
        // 2026-01-05T12:00:00Z, a working Monday.
        machine.now = Instant(20_458 * Instant::DAY + Instant::DAY / 2);
        Script { machine, names: Names::default(), earned: BTreeSet::new(), last: 0..0, count: 0 }
    }

    /// Runs lines; those that a statement stands for carry its number.
    fn lines(&mut self, text: &str, number: Option<usize>) -> Result<(), Failure> {
        for (own, text) in (1..).zip(text.lines()) {
            let mut line = Line::parse(number.unwrap_or(own), text)?;
            if !line.is_empty() {
                self.statement(&mut line)?;
                line.end()?;
            }
        }
        Ok(())
    }

    fn statement(&mut self, line: &mut Line) -> Result<(), Failure> {
        let verb = line.word("a statement")?;
        if verb == "bulk" {
            line.manner = Manner::Bulk;
            return self.statement(line);
        }
        match verb.as_str() {
            "at" => self.at(line),
            "tick" => self.tick(line),
            "index" => self.index(line),
            "world" => self.lines(WORLD, Some(line.number)),
            "rival" => self.lines(RIVAL, Some(line.number)),
            "bettor" => self.bettor(line),
            "match" => self.fixture(line),
            "check" => self.check(line),
            _ if verb.starts_with(['+', '-']) => {
                self.machine.now = line.instant(&verb, self.machine.now)?;
                Ok(())
            }
            _ => match self.bet_statement(&verb, line)? {
                true => Ok(()),
                false => self.action(&verb, line),
            },
        }
    }

    fn at(&mut self, line: &mut Line) -> Result<(), Failure> {
        let mut text = line.word("a time")?;
        if !text.contains('T')
            && let Some(time) = line.maybe()
        {
            text = format!("{text}T{time}");
        }
        self.machine.now = line.instant(&text, self.machine.now)?;
        Ok(())
    }

    fn index(&mut self, line: &mut Line) -> Result<(), Failure> {
        let word = line.word("none or all")?;
        self.machine.indexed = match word.as_str() {
            "none" => Some(terms::Seq(0)),
            "all" => None,
            _ => return Err(line.wrong(&word, "none or all")),
        };
        Ok(())
    }

    fn bettor(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [person, wallet, account, organiser] =
            [line.word("a P")?, line.word("a W")?, line.word("an A")?, line.word("an O")?];
        let sum = line.maybe().unwrap_or("1_000.00".into());
        let text = format!(
            "person {person}\nadmit {person} full\nwallet {wallet} {person}\n\
             issue {wallet} {sum}\naccount {account} {person} {organiser} {wallet}"
        );
        self.lines(&text, Some(line.number))
    }

    fn fixture(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [event, market, championship] =
            [line.word("an E")?, line.word("an M")?, line.word("a C")?];
        let in_play = if line.flag("in_play") { "in_play" } else { "" };
        let when = line.maybe().unwrap_or("+6h".into());
        let text =
            format!("event {event} {championship} {when}\nmarket {market} {event} 1 X 2 {in_play}");
        self.lines(&text, Some(line.number))
    }

    /// Ticks until nothing is left to do, as the shell does.
    fn tick(&mut self, line: &mut Line) -> Result<(), Failure> {
        let first = self.machine.entries().len();
        let by = self.sender(line, Sender::System)?;
        let mut answer = Answer::Idle;
        for _ in 0..TICKS_MAX {
            let command = desk::command::Tick { orders_from: 0 };
            let sent = self.message(line, by, command.into())?;
            match sent.answer {
                Answer::Done => answer = Answer::Done,
                Answer::Idle => break,
                other => {
                    answer = other;
                    break;
                }
            }
        }
        self.last = first..self.machine.entries().len();
        if line.verdict.is_none() && matches!(answer, Answer::Idle) {
            return Ok(());
        }
        self.judge(line, answer)
    }

    /// The sender that the line names, or else this one.
    fn sender(&mut self, line: &mut Line, usual: Sender) -> Result<Sender, Failure> {
        let Some(word) = line.option("by") else { return Ok(usual) };
        match word.as_str() {
            "operator" => Ok(Sender::Operator),
            "bettor" => Ok(Sender::Bettor),
            "system" => Ok(Sender::System),
            _ => Ok(Sender::Organiser(self.names.organiser(line, &word)?)),
        }
    }

    /// Sends a command under the id that the line names, or a new one, and judges the answer.
    fn send(
        &mut self,
        line: &mut Line,
        usual: Sender,
        command: impl Into<Command>,
    ) -> Result<bool, Failure> {
        let by = self.sender(line, usual)?;
        let sent = self.message(line, by, command.into())?;
        self.last = sent.entries;
        self.judge(line, sent.answer)?;
        Ok(sent.answer == Answer::Done)
    }

    fn message(&mut self, line: &mut Line, by: Sender, command: Command) -> Result<Sent, Failure> {
        self.count += 1;
        let name = line.option("id").unwrap_or_else(|| format!("#{}", self.count));
        let made = match line.option("made_id") {
            Some(word) => line.instant(&word, self.machine.now)?,
            None => self.machine.now,
        };
        let id = self.names.message(&name, made);
        let message = Message::new(by, id, line.manner, command);
        let sent = self.machine.send(&message);
        sent.map_err(|fault| line.wrong(&line.verb.clone(), &fault.to_string()))
    }

    /// Whether the answer is the one that the line expects; if so, its reasons are earned.
    fn judge(&mut self, line: &Line, answer: Answer) -> Result<(), Failure> {
        let got = match answer {
            Answer::Done => match self.breaches() {
                found if found.is_empty() => Verdict::Accepted,
                found => Verdict::Breach(found),
            },
            Answer::Refused(reason) => Verdict::Refused(reason),
            Answer::Deferred(reason) => Verdict::Deferred(reason),
            Answer::Repeat(_) => Verdict::Repeat,
            Answer::Conflict(_) => Verdict::Conflict,
            Answer::Idle => Verdict::Idle,
            Answer::Gather(_) => return Err(line.wrong(&line.verb, "nothing was gathered")),
        };
        if *line.verdict.as_ref().unwrap_or(&Verdict::Accepted) != got {
            return Err(line.wrong(&line.verb, &format!("the answer is: {}", got.text())));
        }
        match got {
            Verdict::Refused(reason) | Verdict::Deferred(reason) => {
                self.earned.insert(reason);
            }
            Verdict::Breach(found) => self.earned.extend(found),
            Verdict::Conflict => {
                self.earned.insert(Reason::IdReused);
            }
            Verdict::Accepted | Verdict::Repeat | Verdict::Idle => {}
        }
        Ok(())
    }

    fn breaches(&self) -> BTreeSet<Reason> {
        let mut found = BTreeSet::new();
        for entry in &self.machine.entries()[self.last.clone()] {
            match &entry.fact {
                Fact::StakeReported(fact) => found.extend(&fact.breaches),
                Fact::PayoutReported(fact) => found.extend(&fact.breaches),
                Fact::BetSettled(fact) => found.extend(&fact.breaches),
                Fact::ResultPublished(fact) => found.extend(&fact.breaches),
                Fact::BreachRaised(fact) => {
                    found.insert(fact.reason);
                }
                _ => {}
            }
        }
        found
    }
}

impl Verdict {
    fn text(&self) -> String {
        match self {
            Verdict::Accepted => "accepted".into(),
            Verdict::Refused(reason) => format!("refused {}", reason.name()),
            Verdict::Deferred(reason) => format!("deferred {}", reason.name()),
            Verdict::Breach(found) => {
                let names: Vec<_> = found.iter().map(|reason| reason.name()).collect();
                format!("breach {}", names.join(","))
            }
            Verdict::Repeat => "repeat".into(),
            Verdict::Conflict => "conflict".into(),
            Verdict::Idle => "idle".into(),
        }
    }
}
