//! Statements about persons over time and about cases.

use admission::{
    ConsentWay, HoldGround, IdentificationMethod, IdentificationSource, List, Purpose, Recipient,
    Recipients, Relationship, Scope, Scopes,
};
use casework::{CaseKind, CaseStep};
use desk::command::{
    ChangeAges, ChangeListings, ConfirmErasure, EndRelationship, LiftLegalHold, MergePersons,
    MoveCase, OpenCase, OrderErasure, RecordConsent, RecordIdentification, SetLegalHold,
    StartRelationship, WithdrawConsent,
};
use terms::{CaseNo, Code, Hash, Instant, Person, Sender};

use super::checks::same;
use super::words::Line;
use super::{Failure, Script};

const EVIDENCE: Hash = Hash([9; 32]);

impl Script {
    pub(super) fn people_action(&mut self, verb: &str, line: &mut Line) -> Result<bool, Failure> {
        match verb {
            "listings" => self.listings(line)?,
            "ages" => self.ages(line)?,
            "identify" => self.identify(line)?,
            "relate" => self.relate(line)?,
            "part" => self.part(line)?,
            "consent" => self.consent(line)?,
            "withdraw" => self.withdraw(line)?,
            "keep" => self.keep(line)?,
            "unkeep" => self.unkeep(line)?,
            "erase" => self.erase(line)?,
            "erased" => self.erased(line)?,
            "merge" => self.merge(line)?,
            "case" => self.case(line)?,
            "step" => self.step_case(line)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Names, and ranges such as `P10..P1010` of numbers whatever they are called.
    fn persons(&self, line: &Line, text: Option<String>) -> Result<Vec<Person>, Failure> {
        let Some(text) = text else { return Ok(Vec::new()) };
        if let Some((from, count)) = text.split_once('+') {
            let from = self.names.person(line, from)?.0;
            let count = line.count(count)?;
            return Ok((from..from + count).map(Person).collect());
        }
        text.split(',').map(|name| self.names.person(line, name)).collect()
    }

    fn case_option(&self, line: &mut Line, key: &str) -> Result<Option<CaseNo>, Failure> {
        let name = line.option(key);
        name.map(|name| self.names.case(line, &name)).transpose()
    }

    /// `listings debtors 2 [on=P1,P2] [off=P3] [case=K1]`; `on=P1+51` is 51 numbers from P1 on.
    fn listings(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [list, version] = [line.word("a list")?, line.word("a version")?];
        let (on, off) = (line.option("on"), line.option("off"));
        let command = ChangeListings {
            list: line.named(&list, List::from_name)?,
            version: line.count(&version)?,
            case: self.case_option(line, "case")?,
            listed: self.persons(line, on)?,
            cleared: self.persons(line, off)?,
        };
        self.send(line, Sender::Operator, command)?;
        Ok(())
    }

    /// `ages 21 [reached=P1] [missed=P2]`.
    fn ages(&mut self, line: &mut Line) -> Result<(), Failure> {
        let age = line.word("an age")?;
        let (reached, missed) = (line.option("reached"), line.option("missed"));
        let command = ChangeAges {
            age: line.count(&age)?,
            reached: self.persons(line, reached)?,
            not_reached: self.persons(line, missed)?,
        };
        self.send(line, Sender::Operator, command)?;
        Ok(())
    }

    /// `identify P1 remote [source=exchange_centre] [case=K1] [until=+1h] [contract=17]
    /// [unestablished] [unconfirmed]`.
    fn identify(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [name, method] = [line.word("a P")?, line.word("a way")?];
        let method = line.named(&method, IdentificationMethod::from_name)?;
        let source = match line.option("source") {
            Some(word) => line.named(&word, IdentificationSource::from_name)?,
            None if method == IdentificationMethod::Remote => IdentificationSource::ExchangeCentre,
            None => IdentificationSource::Document,
        };
        let until = line.option("until").map(|text| line.instant(&text, self.machine.now));
        let command = RecordIdentification {
            person: self.names.person(line, &name)?,
            case: self.case_option(line, "case")?,
            method,
            source,
            established: !line.flag("unestablished"),
            confirmed: !line.flag("unconfirmed"),
            delegate_contract: line.option("contract").map(|text| line.text(&text)).transpose()?,
            evidence: EVIDENCE,
            until: until.transpose()?,
        };
        self.send(line, Sender::Operator, command)?;
        Ok(())
    }

    fn relate(&mut self, line: &mut Line) -> Result<(), Failure> {
        let name = line.word("a P")?;
        let person = self.names.person(line, &name)?;
        let case = self.case_option(line, "case")?;
        self.send(line, Sender::Operator, StartRelationship { person, case })?;
        Ok(())
    }

    fn part(&mut self, line: &mut Line) -> Result<(), Failure> {
        let name = line.word("a P")?;
        let person = self.names.person(line, &name)?;
        let ground = code(line, "client_request")?;
        self.send(line, Sender::Operator, EndRelationship { person, ground })?;
        Ok(())
    }

    /// `consent P1 betting collect,process [to=operator] [way=cabinet] [until=+1h] [case=K1]`.
    fn consent(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [name, purpose] = [line.word("a P")?, line.word("a purpose")?];
        let scopes = line.word("scopes")?;
        let to = line.option("to").unwrap_or("operator".into());
        let way = line.option("way").unwrap_or("cabinet".into());
        let until = line.option("until").map(|text| line.instant(&text, self.machine.now));
        let command = RecordConsent {
            person: self.names.person(line, &name)?,
            purpose: line.named(&purpose, Purpose::from_name)?,
            scopes: scopes_of(line, &scopes)?,
            recipients: recipients_of(line, &to)?,
            way: line.named(&way, ConsentWay::from_name)?,
            until: until.transpose()?,
            case: self.case_option(line, "case")?,
            evidence: EVIDENCE,
        };
        self.send(line, Sender::Operator, command)?;
        Ok(())
    }

    fn withdraw(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [name, purpose] = [line.word("a P")?, line.word("a purpose")?];
        let scopes = line.word("scopes")?;
        let command = WithdrawConsent {
            person: self.names.person(line, &name)?,
            purpose: line.named(&purpose, Purpose::from_name)?,
            scopes: scopes_of(line, &scopes)?,
            evidence: EVIDENCE,
        };
        self.send(line, Sender::Operator, command)?;
        Ok(())
    }

    fn keep(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [name, ground] = [line.word("a P")?, line.word("a ground")?];
        let command = SetLegalHold {
            person: self.names.person(line, &name)?,
            ground: line.named(&ground, HoldGround::from_name)?,
            evidence: EVIDENCE,
        };
        self.send(line, Sender::Operator, command)?;
        Ok(())
    }

    fn unkeep(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [name, number] = [line.word("a P")?, line.word("a number")?];
        let command = LiftLegalHold {
            person: self.names.person(line, &name)?,
            number: line.count(&number)?,
            evidence: EVIDENCE,
        };
        self.send(line, Sender::Operator, command)?;
        Ok(())
    }

    /// `erase P1 [ground=court_order] [case=K1] [staff=1,2]`.
    fn erase(&mut self, line: &mut Line) -> Result<(), Failure> {
        let name = line.word("a P")?;
        let (approver, second_approver) = staff(line)?;
        let ground = line.option("ground").map(|text| code_of(line, &text)).transpose()?;
        let command = OrderErasure {
            person: self.names.person(line, &name)?,
            case: self.case_option(line, "case")?,
            ground,
            approver,
            second_approver,
        };
        self.send(line, Sender::Operator, command)?;
        Ok(())
    }

    fn erased(&mut self, line: &mut Line) -> Result<(), Failure> {
        let name = line.word("a P")?;
        let person = self.names.person(line, &name)?;
        self.send(line, Sender::Operator, ConfirmErasure { person, act: EVIDENCE })?;
        Ok(())
    }

    /// `merge P2 into P1 [closed=A2,A3] [case=K1] [staff=1,2]`.
    fn merge(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [gone, _, kept] = [line.word("a P")?, line.word("into")?, line.word("a P")?];
        let (approver, second_approver) = staff(line)?;
        let closed = line.option("closed");
        let closed = closed.iter().flat_map(|text| text.split(','));
        let closed: Result<Vec<_>, Failure> =
            closed.map(|name| self.names.account(line, name)).collect();
        let command = MergePersons {
            case: self.case_option(line, "case")?,
            kept: self.names.person(line, &kept)?,
            gone: self.names.person(line, &gone)?,
            closed: closed?,
            approver,
            second_approver,
            evidence: EVIDENCE,
        };
        self.send(line, Sender::Operator, command)?;
        Ok(())
    }

    /// `case K1 registration [person=P1] [other=P2] [organiser=O1] [list=debtors] [related=K0]
    /// [step=hit]`.
    fn case(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [name, kind] = [line.word("a K")?, line.word("a kind")?];
        let step = line.option("step").unwrap_or("open".into());
        let person = |script: &Script, line: &mut Line, key: &str| {
            let name = line.option(key);
            name.map(|name| script.names.person(line, &name)).transpose()
        };
        let (one, other) = (person(self, line, "person")?, person(self, line, "other")?);
        let organiser = line.option("organiser");
        let list = line.option("list");
        let command = OpenCase {
            kind: line.named(&kind, CaseKind::from_name)?,
            step: line.named(&step, CaseStep::from_name)?,
            person: one,
            other,
            organiser: organiser.map(|name| self.names.organiser(line, &name)).transpose()?,
            list: list.map(|name| line.named(&name, List::from_name)).transpose()?,
            related: self.case_option(line, "related")?,
            evidence: line.flag("evidence").then_some(EVIDENCE),
        };
        let (number, ..) = self.machine.state().cases.next(0, 0);
        if self.send(line, Sender::Operator, command)? {
            self.names.give(line, &name, number.0)?;
        }
        Ok(())
    }

    /// `step K1 inform [ground=…] [evidence]`.
    fn step_case(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [name, step] = [line.word("a K")?, line.word("a step")?];
        let ground = line.option("ground").map(|text| code_of(line, &text)).transpose()?;
        let command = MoveCase {
            case: self.names.case(line, &name)?,
            step: line.named(&step, CaseStep::from_name)?,
            ground,
            evidence: line.flag("evidence").then_some(EVIDENCE),
        };
        self.send(line, Sender::Operator, command)?;
        Ok(())
    }

    /// `check cases 3`.
    pub(super) fn check_cases(&self, line: &mut Line) -> Result<(), Failure> {
        let want = line.word("a number")?;
        same(line, &want, &self.machine.state().cases.len().to_string())
    }

    /// `check K1 state sent count 2 clock aml_report overdue due 2026-01-06T19:00:00 | gone`.
    pub(super) fn check_case(&self, line: &mut Line, name: &str) -> Result<(), Failure> {
        let row = self.machine.state().cases.get(self.names.case(line, name)?);
        while let Some(key) = line.maybe() {
            match (key.as_str(), row) {
                ("gone", None) => {}
                ("state", Some(row)) => {
                    let want = line.word("a state")?;
                    same(line, &want, row.state.name())?;
                }
                ("count", Some(row)) => {
                    let want = line.word("a number")?;
                    same(line, &want, &row.count.to_string())?;
                }
                ("due", Some(row)) => {
                    let want = line.word("a time")?;
                    let want = line.instant(&want, self.machine.now)?;
                    same(line, &second(Some(want)), &second(row.due))?;
                }
                ("overdue", Some(row)) => same(line, "true", &row.overdue.to_string())?,
                ("timely", Some(row)) => same(line, "false", &row.overdue.to_string())?,
                ("free", Some(row)) => same(line, "true", &row.due.is_none().to_string())?,
                _ => return Err(line.wrong(&key, "the case is not like this")),
            }
        }
        Ok(())
    }

    /// `check person P1 level full lists debtors relationship active betting collect,process`.
    pub(super) fn check_person(&self, line: &mut Line) -> Result<(), Failure> {
        let name = line.word("a P")?;
        let number = self.names.person(line, &name)?;
        let people = &self.machine.state().people;
        let state = people.persons.get(number.index());
        let state = state.ok_or_else(|| line.wrong(&name, "there is no such person"))?;
        while let Some(key) = line.maybe() {
            let want = line.word("a value")?;
            match key.as_str() {
                "level" => same(line, &want, state.now.level.name())?,
                "lists" => {
                    let names: Vec<_> = state.now.lists.iter().map(List::name).collect();
                    same(line, &want, &joined(&names))?;
                }
                "of_age" => same(line, &want, &state.now.of_age.to_string())?,
                "until" => {
                    let want = line.instant(&want, self.machine.now)?;
                    same(line, &second(Some(want)), &second(state.now.identified_until))?;
                }
                "relationship" => same(line, &want, Relationship::name(state.relationship))?,
                "holds" => same(line, &want, &people.holds(number).len().to_string())?,
                "is" => {
                    let other = self.names.person(line, &want)?;
                    same(line, &other.to_string(), &people.who(number).to_string())?;
                }
                purpose => {
                    let purpose = line.named(purpose, Purpose::from_name)?;
                    let scopes: Vec<_> =
                        state.consents.of(purpose).iter().map(Scope::name).collect();
                    same(line, &want, &joined(&scopes))?;
                }
            }
        }
        Ok(())
    }
}

/// An instant to the second: messages of one second are nanoseconds apart.
fn second(at: Option<Instant>) -> String {
    let cut = |at: Instant| Instant(at.0.div_euclid(Instant::SECOND) * Instant::SECOND);
    at.map_or("none".into(), |at| cut(at).to_string())
}

fn joined(names: &[&str]) -> String {
    if names.is_empty() { "none".into() } else { names.join(",") }
}

fn code(line: &mut Line, usual: &str) -> Result<Code, Failure> {
    let text = line.option("ground").unwrap_or(usual.into());
    code_of(line, &text)
}

fn code_of(line: &Line, text: &str) -> Result<Code, Failure> {
    Code::new(text).map_err(|error| line.wrong(text, &error.to_string()))
}

/// The two approvers: `staff=1,2`.
fn staff(line: &mut Line) -> Result<(u32, u32), Failure> {
    let text = line.option("staff").unwrap_or("1,2".into());
    let two = text.split_once(',');
    let (one, other) = two.ok_or_else(|| line.wrong(&text, "two numbers are expected"))?;
    Ok((line.count(one)?, line.count(other)?))
}

fn scopes_of(line: &Line, text: &str) -> Result<Scopes, Failure> {
    if text == "none" {
        return Ok(Scopes::NONE);
    }
    text.split(',')
        .try_fold(Scopes::NONE, |scopes, name| Ok(scopes.with(line.named(name, Scope::from_name)?)))
}

fn recipients_of(line: &Line, text: &str) -> Result<Recipients, Failure> {
    if text == "none" {
        return Ok(Recipients::NONE);
    }
    text.split(',').try_fold(Recipients::NONE, |recipients, name| {
        Ok(recipients.with(line.named(name, Recipient::from_name)?))
    })
}
