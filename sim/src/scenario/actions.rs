//! Statements about organisers, people, wallets, catalogues and money.

use admission::{Level, List, Lists};
use desk::command::{
    AdoptRulebook, AnnounceKey, AnnounceWorks, BlockWallet, CancelWorks, ChangeAdmission,
    ChangeConnection, ChangeEvent, ChangeMarket, ChangeOrganiser, ChangeWorks, CloseAccount,
    CloseDesk, IssueEmoney, ListChampionship, ListEvent, ListMarket, MapEvent, MapMarket,
    NoteAudit, OpenAccount, OpenDesk, OpenWallet, PublishResult, PutListInForce, RebindAccount,
    RecordContract, RecordLicence, RedeemEmoney, RegisterOrganiser, RegisterPerson,
};
use journal::fact::{Fact, OutcomeText};
use ledger::{Block, Class};
use register::catalogue::{EventClass, EventState, MarketState};
use register::organiser::{ConnectionState, ContractKind, DeskKind, OrganiserKind, TaxableObject};
use register::winnings::LegResult;
use register::{WorksKind, WorksScope};
use terms::rulebook::Rulebook;
use terms::{
    AuditAct, AuditResult, Bin, Clock, Day, Event, Hash, Market, Organiser, Outcome, Reason,
    Sender, Text, Tiyn, Unit,
};

use super::words::Line;
use super::{Failure, Script};

impl Script {
    pub(super) fn action(&mut self, verb: &str, line: &mut Line) -> Result<(), Failure> {
        match verb {
            "rulebook" => self.rulebook(line),
            "key" => self.key(line),
            "audit" => self.audit(line),
            "organiser" => self.organiser(line),
            "alter" => self.alter(line),
            "licence" => self.licence(line),
            "contract" => self.contract(line),
            "connection" => self.connection(line),
            "desk" => self.desk(line),
            "close" => self.close(line),
            "person" => self.person(line),
            "admit" => self.admit(line),
            "list" => self.list(line),
            "lists" => self.lists(line),
            "wallet" => self.wallet(line),
            "block" => self.block(line),
            "account" => self.account(line),
            "rebind" => self.rebind(line),
            "championship" => self.championship(line),
            "event" => self.event(line),
            "change" => self.change(line),
            "market" => self.market(line),
            "result" => self.result(line),
            "map" => self.map(line),
            "works" => self.works(line),
            "move" => self.move_works(line),
            "cancel" => self.cancel_works(line),
            "issue" | "redeem" => self.money(verb, line),
            _ if self.people_action(verb, line)? => Ok(()),
            _ => Err(line.wrong(verb, "there is no such statement")),
        }
    }

    /// The sample rulebook with changes, under the next number.
    fn rulebook(&mut self, line: &mut Line) -> Result<(), Failure> {
        let last = self.machine.state().rulebooks.last();
        let mut rules = match last {
            None => Rulebook::sample(),
            Some(last) => {
                // It may not reach back, so it begins a second from now unless the line says when.
                let from = self.machine.now.plus(terms::Instant::SECOND);
                Rulebook { number: last.number + 1, from, ..last.clone() }
            }
        };
        if let Some(word) = line.option("from") {
            rules.from = line.instant(&word, self.machine.now)?;
        }
        if let Some(word) = line.option("number") {
            rules.number = line.count(&word)?;
        }
        if let Some(word) = line.option("approver") {
            rules.second_approver = line.count(&word)?;
        }
        if let Some(word) = line.option("agent") {
            rules.agents.push(self.names.organiser(line, &word)?);
        }
        while let Some(word) = line.option("first") {
            let reason = line.named(&word, Reason::from_name)?;
            rules.ranks.iter_mut().filter(|row| row.reason == reason).for_each(|row| row.rank = 0);
        }
        rule_terms(line, &mut rules)?;
        self.send(line, Sender::Operator, AdoptRulebook { rulebook: Box::new(rules) })?;
        Ok(())
    }

    fn key(&mut self, line: &mut Line) -> Result<(), Failure> {
        let name = line.word("a key")?;
        let mut key = Hash([0; 32]);
        for (slot, byte) in key.0.iter_mut().zip(name.bytes()) {
            *slot = byte;
        }
        self.send(line, Sender::Operator, AnnounceKey { key, successor: None })?;
        Ok(())
    }

    /// `audit ACT RECORD [user=7] [account=A1] [result=refused] [ended=-1s]`.
    fn audit(&mut self, line: &mut Line) -> Result<(), Failure> {
        let act = line.word("an act")?;
        let act = line.named(&act, AuditAct::from_name)?;
        let record = line.word("a record")?;
        let record = line.text(&record)?;
        let user = match line.option("user") {
            None => 7,
            Some(word) => line.count(&word)?,
        };
        let account = match line.option("account") {
            None => None,
            Some(word) => Some(self.names.account(line, &word)?),
        };
        let result = match line.option("result") {
            None => AuditResult::Done,
            Some(word) => line.named(&word, AuditResult::from_name)?,
        };
        let started = self.machine.now;
        let ended = match line.option("ended") {
            None => started,
            Some(word) => line.instant(&word, started)?,
        };
        let command = NoteAudit { started, act, user, record, account, ended, result };
        self.send(line, Sender::Operator, command)?;
        Ok(())
    }

    fn organiser(&mut self, line: &mut Line) -> Result<(), Failure> {
        let name = line.word("an O")?;
        let bin = line.option("bin").unwrap_or("180440000123".into());
        // The check digit is completed, so that scripts need not compute it.
        let bin = bin.get(..11).and_then(|first| first.parse().ok()).and_then(Bin::complete);
        let bin = bin.ok_or_else(|| line.wrong(&name, "the bin has no check digit"))?;
        let kind = match line.option("kind") {
            None => OrganiserKind::Bookmaker,
            Some(word) => line.named(&word, OrganiserKind::from_name)?,
        };
        let full_name = line.option("name").unwrap_or(format!("Organiser {name}"));
        let command = RegisterOrganiser {
            kind,
            bin,
            name: line.text(&full_name)?,
            address: line.text("Astana, 1")?,
            taxable: vec![TaxableObject { kind: line.text("betting desk")?, count: 2 }],
            from: self.today(),
        };
        let number = self.machine.state().organisers.next_organiser();
        if self.send(line, Sender::Operator, command)? {
            self.names.give(line, &name, number.0)?;
        }
        Ok(())
    }

    fn alter(&mut self, line: &mut Line) -> Result<(), Failure> {
        let name = line.word("an O")?;
        let new_name = line.option("name").map(|text| line.text(&text)).transpose()?;
        let address = line.option("address").map(|text| line.text(&text)).transpose()?;
        let object = |text: String, line: &Line| {
            let (kind, count) = text.split_once(':').unwrap_or((&text, "1"));
            let many = terms::limits::TAXABLE_OBJECTS_MAX + 1;
            let object = TaxableObject { kind: line.text(kind)?, count: 1 };
            Ok(vec![object; if count == "many" { many } else { 1 }])
        };
        let taxable = line.option("taxable").map(|text| object(text, line)).transpose()?;
        let command = ChangeOrganiser {
            organiser: self.names.organiser(line, &name)?,
            name: new_name,
            address,
            taxable,
            from: self.today(),
        };
        self.send(line, Sender::Operator, command)?;
        Ok(())
    }

    fn licence(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [name, number] = [line.word("an O")?, line.word("a number")?];
        let [issued, expires] = [line.word("a day")?, line.word("a day")?];
        let (issued, suspended) = (line.day(&issued)?, line.flag("suspended"));
        // A suspension begins today, anything else with the licence, unless the line says when.
        let usual = if suspended { self.today() } else { issued };
        let from = line.option("from").map(|text| line.day(&text)).transpose()?;
        let command = RecordLicence {
            organiser: self.names.organiser(line, &name)?,
            number: line.text(&number)?,
            issued,
            expires: line.day(&expires)?,
            suspended,
            from: from.unwrap_or(usual),
        };
        self.send(line, Sender::Operator, command)?;
        Ok(())
    }

    fn contract(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [name, kind, from] = [line.word("an O")?, line.word("a kind")?, line.word("a day")?];
        let sum = |line: &mut Line, key| match line.option(key) {
            None => Ok(Tiyn::ZERO),
            Some(text) => line.sum(&text),
        };
        let millionths = match line.option("rate") {
            None => 0,
            Some(text) => {
                // Percent with at most two decimals.
                let plain = text.trim_end_matches('%').replace('.', "");
                let shift = 4 - text.split_once('.').map_or(0, |(_, part)| part.len() as u32 - 1);
                line.count(&plain)?.saturating_mul(10u32.saturating_pow(shift))
            }
        };
        let command = RecordContract {
            organiser: self.names.organiser(line, &name)?,
            kind: line.named(&kind, ContractKind::from_name)?,
            from: line.day(&from)?,
            until: line.option("until").map(|text| line.day(&text)).transpose()?,
            commission_millionths: millionths,
            commission_fixed: sum(line, "fixed")?,
            floor: sum(line, "floor")?,
        };
        self.send(line, Sender::Operator, command)?;
        Ok(())
    }

    fn connection(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [name, state] = [line.word("an O")?, line.word("a state")?];
        let from = line.maybe().map(|text| line.instant(&text, self.machine.now)).transpose()?;
        let command = ChangeConnection {
            organiser: self.names.organiser(line, &name)?,
            state: line.named(&state, ConnectionState::from_name)?,
            from,
        };
        self.send(line, Sender::Operator, command)?;
        Ok(())
    }

    fn desk(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [name, of, kind] = [line.word("a D")?, line.word("an O")?, line.word("a kind")?];
        let kind = line.named(&kind, DeskKind::from_name)?;
        let place = match kind {
            DeskKind::Land => format!("Almaty, Abai {name}"),
            DeskKind::Electronic => format!("{}.example.kz", name.to_lowercase()),
        };
        let from = line.maybe().map(|text| line.day(&text)).transpose()?;
        let command = OpenDesk {
            organiser: self.names.organiser(line, &of)?,
            kind,
            place: line.text(&place)?,
            from: from.unwrap_or(self.today()),
        };
        let number = self.machine.state().organisers.next_desk();
        if self.send(line, Sender::Operator, command)? {
            self.names.give(line, &name, number.0)?;
        }
        Ok(())
    }

    fn close(&mut self, line: &mut Line) -> Result<(), Failure> {
        let name = line.word("a D or an A")?;
        if name.starts_with('A') {
            let account = self.names.account(line, &name)?;
            self.send(line, Sender::Operator, CloseAccount { account })?;
        } else {
            let from = line.maybe().map(|text| line.day(&text)).transpose()?;
            let from = from.unwrap_or(self.today());
            let desk = self.names.desk(line, &name)?;
            self.send(line, Sender::Operator, CloseDesk { desk, from })?;
        }
        Ok(())
    }

    fn person(&mut self, line: &mut Line) -> Result<(), Failure> {
        let name = line.word("a P")?;
        let mut reference = [0; 16];
        for (slot, byte) in reference.iter_mut().zip(name.bytes()) {
            *slot = byte;
        }
        let number = self.machine.state().people.next_person();
        if self.send(line, Sender::Operator, RegisterPerson { reference })? {
            self.names.give(line, &name, number.0)?;
        }
        Ok(())
    }

    fn admit(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [name, level] = [line.word("a P")?, line.word("a level")?];
        let mut lists = Lists::NONE;
        for text in line.option("lists").iter().flat_map(|text| text.split(',')) {
            lists = lists.with(line.named(text, List::from_name)?);
        }
        let until = line.option("until").map(|text| line.instant(&text, self.machine.now));
        let command = ChangeAdmission {
            person: self.names.person(line, &name)?,
            level: line.named(&level, Level::from_name)?,
            identified_until: until.transpose()?,
            of_age: !line.flag("minor"),
            lists,
        };
        self.send(line, Sender::Operator, command)?;
        Ok(())
    }

    fn list(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [list, version] = [line.word("a list")?, line.word("a version")?];
        let command = PutListInForce {
            list: line.named(&list, List::from_name)?,
            version: line.count(&version)?,
            digest: Hash([7; 32]),
        };
        self.send(line, Sender::Operator, command)?;
        Ok(())
    }

    /// The next version of each list.
    fn lists(&mut self, line: &mut Line) -> Result<(), Failure> {
        for list in List::ALL {
            let now = self.machine.state().lists.iter().find(|row| row.list == *list);
            let version = now.map_or(1, |row| row.version + 1);
            let command = PutListInForce { list: *list, version, digest: Hash([7; 32]) };
            self.send(line, Sender::Operator, command)?;
        }
        Ok(())
    }

    /// The owner's name tells the class: `P1`, `O1`, or else the name of a class.
    fn wallet(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [name, owner] = [line.word("a W")?, line.word("an owner")?];
        let (class, owner) = match owner.chars().next() {
            Some('P') => (Class::Bettor, self.names.person(line, &owner)?.0),
            Some('O') => (Class::Organiser, self.names.organiser(line, &owner)?.0),
            _ => (line.named(&owner, Class::from_name)?, 0),
        };
        let number = self.machine.state().ledger.next();
        if self.send(line, Sender::Operator, OpenWallet { class, owner })? {
            self.names.give(line, &name, number.0)?;
        }
        Ok(())
    }

    fn block(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [name, block] = [line.word("a W")?, line.word("a state")?];
        let command = BlockWallet {
            wallet: self.names.wallet(line, &name)?,
            block: line.named(&block, Block::from_name)?,
            ground: line.text("act 17")?,
        };
        self.send(line, Sender::Operator, command)?;
        Ok(())
    }

    fn account(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [name, person] = [line.word("an A")?, line.word("a P")?];
        let [organiser, wallet] = [line.word("an O")?, line.word("a W")?];
        let command = OpenAccount {
            person: self.names.person(line, &person)?,
            organiser: self.names.organiser(line, &organiser)?,
            wallet: self.names.wallet(line, &wallet)?,
        };
        let number = self.machine.state().people.next_account();
        if self.send(line, Sender::Operator, command)? {
            self.names.give(line, &name, number.0)?;
        }
        Ok(())
    }

    fn rebind(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [name, wallet] = [line.word("an A")?, line.word("a W")?];
        let command = RebindAccount {
            account: self.names.account(line, &name)?,
            wallet: self.names.wallet(line, &wallet)?,
        };
        self.send(line, Sender::Operator, command)?;
        Ok(())
    }

    fn championship(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [name, organiser] = [line.word("a C")?, line.word("an O")?];
        let organiser = self.names.organiser(line, &organiser)?;
        let command = ListChampionship {
            own: own_id(line, &name)?,
            sport: line.text("football")?,
            name: line.text(&format!("Championship {name}"))?,
        };
        let number = self.machine.state().catalogue.championships.len();
        if self.send(line, Sender::Organiser(organiser), command)? {
            self.names.give(line, &name, number as u32)?;
        }
        Ok(())
    }

    fn event(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [name, championship, when] =
            [line.word("an E")?, line.word("a C")?, line.word("a time")?];
        let class = match line.option("class") {
            None => EventClass::Sport,
            Some(word) => line.named(&word, EventClass::from_name)?,
        };
        let championship = self.names.championship(line, &championship)?;
        let command = ListEvent {
            championship,
            own: own_id(line, &name)?,
            name: line.text(&format!("Event {name}"))?,
            class,
            scheduled: line.instant(&when, self.machine.now)?,
            confirmed: !line.flag("unconfirmed"),
        };
        let catalogue = &self.machine.state().catalogue;
        let row = catalogue.championships.get(championship.index());
        let sender = Sender::Organiser(row.map_or(Organiser(0), |row| row.organiser));
        let number = catalogue.next_event().0;
        // A name that is known already is listed once more, to confirm it.
        if self.send(line, sender, command)? && !self.names.knows(&name) {
            self.names.give(line, &name, number)?;
            self.names.listed.insert(Event(number), sender);
        }
        Ok(())
    }

    fn change(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [name, state] = [line.word("an E or an M")?, line.word("a state")?];
        if name.starts_with('M') {
            let market = self.names.market(line, &name)?;
            let command = ChangeMarket {
                market,
                state: line.named(&state, MarketState::from_name)?,
                in_play: line.flag("in_play"),
            };
            let sender = self.owner_of(market.event());
            self.send(line, sender, command)?;
        } else {
            let event = self.names.event(line, &name)?;
            let time = line.maybe().map(|text| line.instant(&text, self.machine.now));
            let command = ChangeEvent {
                event,
                state: line.named(&state, EventState::from_name)?,
                time: time.transpose()?,
            };
            let sender = self.owner_of(event);
            self.send(line, sender, command)?;
        }
        Ok(())
    }

    fn owner_of(&self, event: Event) -> Sender {
        let listed = self.names.listed.get(&event).copied();
        listed.unwrap_or(Sender::Organiser(Organiser(0)))
    }

    fn market(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [name, event] = [line.word("an M")?, line.word("an E")?];
        let in_play = line.flag("in_play");
        let event = self.names.event(line, &event)?;
        let own: Vec<String> = line.rest();
        let outcomes: Result<Vec<_>, Failure> = own
            .iter()
            .map(|own| Ok(OutcomeText { own: line.text(own)?, name: line.text(own)? }))
            .collect();
        let command = ListMarket {
            event,
            own: own_id(line, &name)?,
            name: line.text(&format!("Market {name}"))?,
            in_play,
            outcomes: outcomes?,
        };
        let sender = self.owner_of(event);
        if self.send(line, sender, command)?
            && let Some(market) = self.last_market()
        {
            self.names.give(line, &name, market.0)?;
            for (own, place) in own.iter().zip(0..) {
                if let Some(outcome) = Outcome::of(market, place) {
                    self.names.give(line, &format!("{name}.{own}"), outcome.0)?;
                }
            }
        }
        Ok(())
    }

    /// The market that was listed last.
    fn last_market(&self) -> Option<Market> {
        self.machine.entries().iter().rev().find_map(|entry| match &entry.fact {
            Fact::MarketListed(fact) => Some(fact.market),
            _ => None,
        })
    }

    /// `map E1 CENTRAL` or `map M1 CODE`.
    fn map(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [name, to] = [line.word("an E or an M")?, line.word("a central id or a code")?];
        if name.starts_with('M') {
            let market = self.names.market(line, &name)?;
            self.send(line, Sender::Operator, MapMarket { market, code: line.text(&to)? })?;
        } else {
            let event = self.names.event(line, &name)?;
            self.send(line, Sender::Operator, MapEvent { event, central: line.text(&to)? })?;
        }
        Ok(())
    }

    /// `works V1 KIND SCOPE FROM UNTIL`.
    fn works(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [name, kind, scope] = [line.word("a V")?, line.word("a kind")?, line.word("a scope")?];
        let [from, until] = [line.word("a time")?, line.word("a time")?];
        let number = self.machine.state().works.next();
        let command = AnnounceWorks {
            kind: line.named(&kind, WorksKind::from_name)?,
            scope: line.named(&scope, WorksScope::from_name)?,
            from: line.instant(&from, self.machine.now)?,
            until: line.instant(&until, self.machine.now)?,
        };
        if self.send(line, Sender::Operator, command)? {
            self.names.give(line, &name, number.0)?;
        }
        Ok(())
    }

    /// `move V1 FROM UNTIL`; `same` is the beginning as it stands.
    fn move_works(&mut self, line: &mut Line) -> Result<(), Failure> {
        let [name, from, until] = [line.word("a V")?, line.word("a time")?, line.word("a time")?];
        let works = self.names.works(line, &name)?;
        let now = self.machine.now;
        let known = self.machine.state().works.open(now).find(|window| window.works == works);
        let from = match known {
            Some(window) if from == "same" => window.from,
            _ => line.instant(&from, now)?,
        };
        let until = line.instant(&until, now)?;
        self.send(line, Sender::Operator, ChangeWorks { works, from, until })?;
        Ok(())
    }

    fn cancel_works(&mut self, line: &mut Line) -> Result<(), Failure> {
        let name = line.word("a V")?;
        let works = self.names.works(line, &name)?;
        self.send(line, Sender::Operator, CancelWorks { works })?;
        Ok(())
    }

    fn result(&mut self, line: &mut Line) -> Result<(), Failure> {
        let name = line.word("an M")?;
        let market = self.names.market(line, &name)?;
        let results: Result<Vec<_>, Failure> =
            line.rest().iter().map(|word| line.named(word, LegResult::from_name)).collect();
        let command = PublishResult {
            market,
            results: results?,
            reason: line.option("reason").map(|text| line.text(&text)).transpose()?,
        };
        let sender = self.owner_of(market.event());
        self.send(line, sender, command)?;
        Ok(())
    }

    fn money(&mut self, verb: &str, line: &mut Line) -> Result<(), Failure> {
        let [name, amount] = [line.word("a W")?, line.word("a sum")?];
        let wallet = self.names.wallet(line, &name)?;
        let amount = line.sum(&amount)?;
        let bank_reference = line.text("bank 1")?;
        if verb == "issue" {
            let command = IssueEmoney { wallet, amount, bank_reference };
            self.send(line, Sender::Operator, command)?;
        } else {
            let command = RedeemEmoney { wallet, amount, bank_reference };
            self.send(line, Sender::Operator, command)?;
        }
        Ok(())
    }

    /// The civil day of now; before there is a rulebook, the day in UTC.
    fn today(&self) -> Day {
        let now = self.machine.now;
        let utc = Day(now.0.div_euclid(terms::Instant::DAY) as i32);
        self.machine.state().rulebook(now).map_or(utc, |rules| rules.day(now))
    }
}

/// The organiser's own id: the name, unless the line says `own=`.
fn own_id(line: &mut Line, name: &str) -> Result<Text<64>, Failure> {
    let own = line.option("own").unwrap_or(name.into());
    line.text(&own)
}

fn rule_terms(line: &mut Line, rules: &mut Rulebook) -> Result<(), Failure> {
    let mut times = [
        ("hold", &mut rules.terms.hold_ns),
        ("late", &mut rules.terms.report_late_ns),
        ("list_age", &mut rules.terms.list_age_ns),
        ("hot", &mut rules.terms.closed_bet_hot_ns),
        ("over", &mut rules.terms.over_event_hot_ns),
        ("idle", &mut rules.terms.idle_event_hot_ns),
        ("id_age", &mut rules.terms.id_age_ns),
    ];
    for (key, term) in &mut times {
        if let Some(text) = line.option(key) {
            **term = line.duration(&text)?;
        }
    }
    let mut counts = [
        ("tax", &mut rules.terms.tax_millionths),
        ("age_min", &mut rules.people.age_min),
        ("renewal_days", &mut rules.people.renewal_days),
        ("retention_years", &mut rules.people.retention_years),
        ("code_tries", &mut rules.people.code_tries),
        ("legs_max", &mut rules.odds.legs_max),
        ("lines_max", &mut rules.odds.lines_max),
    ];
    for (key, count) in &mut counts {
        if let Some(text) = line.option(key) {
            **count = line.count(&text)?;
        }
    }
    for (key, odds) in
        [("odds_min", &mut rules.odds.odds_min), ("odds_max", &mut rules.odds.odds_max)]
    {
        if let Some(text) = line.option(key) {
            *odds = line.odds(&text)?.get();
        }
    }
    if let Some(text) = line.option("clocks") {
        // So many of them, to show that all are needed.
        rules.people.clocks.truncate(line.count(&text)? as usize);
    }
    if let Some(text) = line.option("term") {
        // `term=aml_report:2:hours`
        let mut parts = text.split(':');
        let mut part = |line: &Line| {
            let part = parts.next();
            part.map(str::to_owned).ok_or_else(|| line.wrong(&text, "clock:count:unit"))
        };
        let (clock, count, unit) = (part(line)?, part(line)?, part(line)?);
        let clock = line.named(&clock, Clock::from_name)?;
        let (count, unit) = (line.count(&count)?, line.named(&unit, Unit::from_name)?);
        for term in rules.people.clocks.iter_mut().filter(|term| term.clock == clock) {
            (term.count, term.unit) = (u64::from(count), unit);
        }
    }
    if let Some(text) = line.option("return_max") {
        rules.odds.return_max = line.sum(&text)?;
    }
    let switches = &mut rules.switches;
    let mut switches = [
        ("virtual_events", &mut switches.virtual_events),
        ("order_required", &mut switches.order_required),
        ("full_identification", &mut switches.full_identification),
        ("connection_checked", &mut switches.connection_checked),
    ];
    for (key, switch) in &mut switches {
        if let Some(text) = line.option(key) {
            **switch = match text.as_str() {
                "on" => true,
                "off" => false,
                _ => return Err(line.wrong(&text, "on or off")),
            };
        }
    }
    Ok(())
}
