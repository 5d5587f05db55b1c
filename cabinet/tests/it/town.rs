//! A town in memory: synthetic people, what they may do, and a small season of bets. What the
//! cabinet's tests and its example stand on; nothing of it is personal data of anybody.

#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped here is a failed test")]

#[path = "town_money.rs"]
mod money;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use cabinet::ports::*;
use phrases::Language;
use reports::card::AccountCard;
use reports::{Card, CardKind};
use sim::bookmaker::{self, Bookmaker, Input, Options};
use sim::driver::{Driver, DriverOptions};
use sim::{odds_file, seasons};
use store::{
    Fault, JournalReader, JournalStore, Memory, MemoryViews, Progress, Projector, ViewReader,
};
use terms::{
    Account, Day, Instant, MessageId, OrderId, Organiser, Person, Reason, Seq, Tiyn, Wallet,
};

pub const PHONE: &str = "+77010000021";
pub const PASSWORD: &str = "correct horse battery";
pub const CODE: &str = "123456";
/// The one who is signed in.
pub const PERSON: Person = Person(5);
/// The clock of the tests, in seconds of Unix.
pub const NOW: i64 = 1_790_000_000;
const MINUTE: i64 = 60 * Instant::SECOND;

/// A season of few bets, as short as it may be.
pub fn season() -> Memory {
    let mut input = Input::new();
    let (name, content) = seasons::sample().into_iter().next().unwrap();
    let lines: Vec<&str> = content.lines().take(41).collect();
    input.add(odds_file::read(name, lines.join("\n").as_bytes()).unwrap());
    let options = Options { seed: 1, bettors: 60, bets_per_match: 6 };
    let memory = Memory::new();
    let entropy = bookmaker::entropy_seed(1);
    let cut = DriverOptions { messages_per_frame: 200, run_entries: None, entropy };
    let mut driver = Driver::new(Box::new(memory.journal()), cut).unwrap();
    for step in Bookmaker::new(input, options).unwrap() {
        driver.submit(step.at, &step.message).unwrap();
    }
    driver.finish().unwrap();
    memory
}

fn project(journal: &Memory) -> MemoryViews {
    let views = MemoryViews::default();
    let reader = journal.journal().reader().unwrap();
    let mut projector = Projector::new(reader, Box::new(views.clone()), 1).unwrap();
    while let Progress::Projected(_) = projector.step().unwrap() {}
    drop(projector);
    views
}

/// What changes while the town lives.
pub struct State {
    pub now: Instant,
    /// Sessions by token: who, when it was opened, until when a code is fresh.
    pub sessions: HashMap<String, Session>,
    /// Tokens that wait for a code.
    pub codes: HashMap<String, Sent>,
    pub ways: HashMap<String, Registration>,
    pub data: HashMap<String, Particulars>,
    pub photos: Vec<Photo>,
    pub pockets: Vec<Pocket>,
    pub consents: Vec<Consent>,
    pub looks: Vec<Look>,
    pub needs: Vec<Need>,
    pub orders: HashMap<String, Asked>,
    pub redemptions: Vec<Redemption>,
    /// Forms that were sent, each by what it did.
    pub forms: HashMap<MessageId, &'static str>,
    /// What the next change is refused with.
    pub refuse: Option<No>,
    pub failure: Option<Failure>,
    pub hindrances: Vec<Reason>,
    next: u32,
}

/// The town.
pub struct Town {
    journal: Memory,
    pub views: MemoryViews,
    pub state: Mutex<State>,
}

impl Town {
    pub fn new(journal: Memory) -> Arc<Town> {
        let views = project(&journal);
        let now = Instant(NOW * Instant::SECOND);
        let mut town = Town { journal, views, state: Mutex::new(State::new(now)) };
        let accounts = town.accounts();
        let cursor = town.views.cursor().unwrap();
        let mut wallets: Vec<Wallet> = accounts.iter().map(|card| card.wallet).collect();
        wallets.dedup();
        let balance = |wallet: Wallet| {
            let row = town.views.clone().postings(wallet, None, 1).unwrap().pop();
            row.map_or(0, |row| match row.side(wallet) {
                Some(reports::Side::In { balance_tiyn, .. }) => balance_tiyn,
                Some(reports::Side::Out { balance_tiyn, .. }) => balance_tiyn,
                None => 0,
            })
        };
        let pockets = wallets.iter().map(|wallet| Pocket {
            wallet: *wallet,
            available: Tiyn::new(balance(*wallet)).unwrap(),
            held: Tiyn::ZERO,
            seized: Tiyn::ZERO,
            state: PocketState::Open,
            blocked: None,
            over_limit: false,
            as_of: cursor,
        });
        let pockets: Vec<Pocket> = pockets.collect();
        let state = town.state.get_mut().unwrap();
        state.pockets = pockets;
        state.orders = orders(&accounts, now);
        Arc::new(town)
    }

    pub fn ports(self: &Arc<Town>) -> Ports {
        Ports {
            source: self.clone(),
            entrance: self.clone(),
            joining: self.clone(),
            relation: self.clone(),
            purse: self.clone(),
            orders: self.clone(),
        }
    }

    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The accounts of the one who is signed in.
    pub fn accounts(&self) -> Vec<AccountCard> {
        let mut views = self.views.clone();
        let held = views.versions(CardKind::Holding, u64::from(PERSON.0)).unwrap();
        let mut accounts = Vec::new();
        for card in held {
            let Card::Holding(held) = card else { continue };
            let found = views.versions(CardKind::Account, u64::from(held.account.0)).unwrap();
            if let Some(Card::Account(card)) = found.into_iter().next_back() {
                accounts.push(card);
            }
        }
        accounts
    }

    /// A session of the one who is known, with or without a fresh code.
    pub fn session(&self, fresh: bool) -> String {
        let mut state = self.lock();
        let token = state.token("session");
        let now = state.now;
        let session = Session {
            person: Some(PERSON),
            opened: now,
            ends: now.plus(15 * MINUTE),
            fresh_until: fresh.then(|| now.plus(5 * MINUTE)),
            before: Some(Instant(now.0 - 30 * 60 * MINUTE)),
        };
        state.sessions.insert(token.clone(), session);
        token
    }

    /// A way that stands on a step.
    pub fn way(&self, path: Path, step: Step, failure: Option<Failure>) -> String {
        let mut state = self.lock();
        let token = state.token("way");
        let mut way = begun(path, state.now);
        way.step = step;
        way.failure = failure;
        if step == Step::Liveness {
            way.liveness = Some(state.liveness());
        }
        if step == Step::Code {
            let sent = state.sent(&token);
            state.codes.insert(token.clone(), sent);
        }
        state.ways.insert(token.clone(), way);
        token
    }
}

/// A way at its beginning.
fn begun(path: Path, now: Instant) -> Registration {
    let all = [Step::Consents, Step::Phone, Step::Code, Step::Data, Step::Photos, Step::Liveness];
    let steps: Vec<Step> = match path {
        Path::Join => all.to_vec(),
        Path::Renew => vec![Step::Photos, Step::Liveness],
        Path::LostPhone => vec![Step::Phone, Step::Code, Step::Data, Step::Liveness],
    };
    Registration {
        path,
        step: steps[0],
        steps,
        until: now.plus(7 * Instant::DAY),
        invited_by: None,
        photos: PhotoKind::ALL.to_vec(),
        liveness: None,
        failure: None,
        account: None,
    }
}

/// Orders that wait, one for each way in which they may stand.
fn orders(accounts: &[AccountCard], now: Instant) -> HashMap<String, Asked> {
    let card = &accounts[0];
    let asked = Asked {
        organiser: card.organiser,
        account: card.account,
        wallet: card.wallet,
        available: Tiyn::new(4_130_000).unwrap(),
        ceiling: Tiyn::new(2_500_000).unwrap(),
        until: now.plus(30 * MINUTE),
        answer_until: now.plus(5 * MINUTE),
        accept: Accept::Better,
        wants_code: false,
        state: OrderState::Asked,
        back: Some("https://book.example/slip/41".into()),
    };
    let large = Asked {
        ceiling: Tiyn::new(90_000_000).unwrap(),
        wants_code: true,
        back: Some("javascript:alert(1)".into()),
        ..asked.clone()
    };
    let given = Asked { state: OrderState::Given(OrderId([7; 16])), ..asked.clone() };
    let declined = Asked { state: OrderState::Declined, ..asked.clone() };
    let expired = Asked { state: OrderState::Expired, ..asked.clone() };
    [
        ("K7QM2V9D", asked),
        ("L7QM2V9D", large),
        ("G7QM2V9D", given),
        ("D7QM2V9D", declined),
        ("E7QM2V9D", expired),
    ]
    .map(|(token, asked)| (token.to_owned(), asked))
    .into()
}

impl State {
    fn new(now: Instant) -> State {
        let at = |minutes: i64| Instant(now.0 - minutes * MINUTE);
        let consent = |number, kind, way, withdrawn| Consent {
            number,
            kind,
            recipients: Recipient::ALL.to_vec(),
            way,
            given: at(60 * 24 * 40),
            until: Some(now.plus(300 * Instant::DAY)),
            withdrawn,
            uses: 14,
        };
        let look = |seq, minutes, watcher, ground| Look {
            seq: Seq(seq),
            at: at(minutes),
            watcher,
            organiser: (watcher == Watcher::Organiser).then_some(Organiser(0)),
            ground,
            case: (watcher == Watcher::Gambling).then(|| "12-4/881".to_owned()),
            account: None,
        };
        State {
            now,
            sessions: HashMap::new(),
            codes: HashMap::new(),
            ways: HashMap::new(),
            data: HashMap::new(),
            photos: Vec::new(),
            pockets: Vec::new(),
            consents: vec![
                consent(1, ConsentKind::Collect, ConsentWay::Cabinet, None),
                consent(2, ConsentKind::StateService, ConsentWay::Message1414, None),
                consent(3, ConsentKind::CrossBorder, ConsentWay::InPerson, Some(at(60))),
            ],
            looks: vec![
                look(1_412, 12, Watcher::Oneself, LookGround::Service),
                look(1_397, 190, Watcher::Organiser, LookGround::Service),
                look(1_105, 2_900, Watcher::Gambling, LookGround::Inspection),
                look(880, 5_000, Watcher::Operator, LookGround::Match),
                look(871, 5_001, Watcher::System, LookGround::Duty),
            ],
            needs: Vec::new(),
            orders: HashMap::new(),
            redemptions: Vec::new(),
            forms: HashMap::new(),
            refuse: None,
            failure: None,
            hindrances: Vec::new(),
            next: 0,
        }
    }

    fn token(&mut self, what: &str) -> String {
        self.next += 1;
        format!("{what}-{:04}", self.next)
    }

    fn sent(&self, token: &str) -> Sent {
        Sent {
            token: Token(token.to_owned()),
            phone: "+7 701 ••• •• 21".into(),
            until: self.now.plus(3 * MINUTE),
            again: self.now.plus(MINUTE),
            tries: 3,
        }
    }

    fn liveness(&self) -> Liveness {
        let motions = vec![Motion::TurnLeft, Motion::Blink, Motion::Smile];
        Liveness { motions, until: self.now.plus(10 * MINUTE), tries: 3 }
    }

    /// Refuses once what a test chose.
    fn may(&mut self) -> Outcome<()> {
        self.refuse.take().map_or(Ok(()), Err)
    }

    /// Whether a form did this before; a refused one did nothing.
    fn first(&mut self, form: MessageId, what: &'static str) -> Outcome<bool> {
        if let Some(before) = self.forms.get(&form) {
            assert_eq!(*before, what, "one form does one thing");
            return Ok(false);
        }
        self.may()?;
        self.forms.insert(form, what);
        Ok(true)
    }

    fn way(&mut self, token: &Token) -> Outcome<&mut Registration> {
        self.ways.get_mut(&token.0).ok_or(No::Absent)
    }

    /// On to the step behind this one.
    fn on(&mut self, token: &Token, from: Step) -> Outcome<()> {
        self.may()?;
        let failure = self.failure;
        let liveness = self.liveness();
        let way = self.way(token)?;
        if way.step != from {
            return Err(No::Over);
        }
        let at = way.steps.iter().position(|step| *step == from).unwrap();
        way.step = way.steps.get(at + 1).copied().unwrap_or(Step::Done);
        way.liveness = (way.step == Step::Liveness).then_some(liveness);
        if way.step == Step::Done && failure.is_some() {
            (way.step, way.failure) = (Step::Failed, failure);
        }
        Ok(())
    }

    fn code(&mut self, token: &Token, code: &Private) -> Outcome<()> {
        let sent = self.codes.get_mut(&token.0).ok_or(No::Over)?;
        if code.reveal() == CODE {
            self.codes.remove(&token.0);
            return Ok(());
        }
        sent.tries -= 1;
        if sent.tries == 0 {
            self.codes.remove(&token.0);
            return Err(No::Over);
        }
        Err(wrong(Field::Code, Wrong::Mismatch))
    }

    fn open(&mut self, person: Option<Person>) -> Token {
        let token = self.token("session");
        let session = Session {
            person,
            opened: self.now,
            ends: self.now.plus(15 * MINUTE),
            fresh_until: None,
            before: None,
        };
        self.sessions.insert(token.clone(), session);
        Token(token)
    }

    fn pocket(&mut self, wallet: Wallet) -> Outcome<&mut Pocket> {
        self.pockets.iter_mut().find(|pocket| pocket.wallet == wallet).ok_or(No::Absent)
    }
}

fn wrong(field: Field, wrong: Wrong) -> No {
    No::Wrong(vec![Problem { field, wrong }])
}

impl Source for Town {
    fn views(&self) -> Result<Box<dyn ViewReader>, Fault> {
        Ok(Box::new(self.views.clone()))
    }

    fn journal(&self) -> Result<Box<dyn JournalReader>, Fault> {
        self.journal.journal().reader()
    }

    fn now(&self) -> Instant {
        self.lock().now
    }

    fn prove(&self, seq: Seq) -> Result<String, String> {
        Ok(format!("the proof of entry {seq}\n"))
    }
}

impl Entrance for Town {
    fn session(&self, token: &Token) -> Outcome<Option<Session>> {
        Ok(self.lock().sessions.get(&token.0).cloned())
    }

    fn sign_in(&self, phone: &Private, password: &Private, _: Origin) -> Outcome<Sent> {
        let mut state = self.lock();
        state.may()?;
        if phone.reveal() != PHONE || password.reveal() != PASSWORD {
            return Err(wrong(Field::Password, Wrong::Mismatch));
        }
        let token = state.token("half");
        let sent = state.sent(&token);
        state.codes.insert(token, sent.clone());
        Ok(sent)
    }

    fn sign_in_code(&self, token: &Token, code: &Private) -> Outcome<Token> {
        let mut state = self.lock();
        state.code(token, code)?;
        Ok(state.open(Some(PERSON)))
    }

    fn sent(&self, token: &Token) -> Outcome<Sent> {
        self.lock().codes.get(&token.0).cloned().ok_or(No::Absent)
    }

    fn send_again(&self, token: &Token, _: Origin) -> Outcome<Sent> {
        let mut state = self.lock();
        let sent = state.sent(&token.0);
        state.codes.insert(token.0.clone(), sent.clone());
        Ok(sent)
    }

    fn step_up(&self, who: &Who, from: Origin) -> Outcome<Sent> {
        self.send_again(&who.token, from)
    }

    fn step_up_code(&self, who: &Who, code: &Private) -> Outcome<Instant> {
        let mut state = self.lock();
        state.code(&who.token, code)?;
        let until = state.now.plus(5 * MINUTE);
        state.sessions.get_mut(&who.token.0).unwrap().fresh_until = Some(until);
        Ok(until)
    }

    fn sign_out(&self, token: &Token) -> Outcome<()> {
        self.lock().sessions.remove(&token.0);
        Ok(())
    }

    fn sign_out_others(&self, who: &Who) -> Outcome<u32> {
        let mut state = self.lock();
        let before = state.sessions.len();
        state.sessions.retain(|token, _| *token == who.token.0);
        Ok((before - state.sessions.len()) as u32)
    }

    fn change_password(&self, _: &Who, old: &Private, new: &Private) -> Outcome<()> {
        match (old.reveal() == PASSWORD, new.reveal().chars().count() < 12) {
            (false, _) => Err(wrong(Field::Password, Wrong::Mismatch)),
            (true, true) => Err(wrong(Field::Password, Wrong::TooShort)),
            (true, false) => Ok(()),
        }
    }

    fn change_phone(&self, who: &Who, phone: &Private, from: Origin) -> Outcome<Sent> {
        if !phone.reveal().starts_with("+77") {
            return Err(wrong(Field::Phone, Wrong::Form));
        }
        self.send_again(&who.token, from)
    }

    fn change_phone_code(&self, who: &Who, code: &Private, form: MessageId) -> Outcome<()> {
        let mut state = self.lock();
        if state.first(form, "phone")? {
            let checked = state.code(&who.token, code);
            if checked.is_err() {
                state.forms.remove(&form);
            }
            checked?;
        }
        Ok(())
    }
}

impl Joining for Town {
    fn offer(&self, language: Language) -> Outcome<Offer> {
        let text = match language {
            Language::Kk => "Электрондық ақша жүйесіне қосылу шарты. Синтетикалық мәтін.",
            Language::Ru => "Договор присоединения к системе электронных денег. Пример текста.",
            Language::En => "Agreement on joining the e-money system. A sample text.",
        };
        Ok(Offer { version: 3, from: Day(20_454), paragraphs: vec![text.into(); 4] })
    }

    fn invitation(&self, token: &Token) -> Outcome<Invitation> {
        match &*token.0 {
            "K7QM2V9D" => {
                Ok(Invitation { organiser: Organiser(0), until: self.lock().now.plus(30 * MINUTE) })
            }
            _ => Err(No::Absent),
        }
    }

    fn begin(
        &self,
        path: Path,
        _: Instant,
        invitation: Option<&Token>,
        who: Option<&Who>,
        _: Origin,
    ) -> Outcome<Token> {
        let mut state = self.lock();
        state.may()?;
        let token = who.map_or_else(|| state.token("way"), |who| who.token.0.clone());
        let mut way = begun(path, state.now);
        way.invited_by = invitation.map(|_| Organiser(0));
        state.ways.insert(token.clone(), way);
        Ok(Token(token))
    }

    fn registration(&self, token: &Token) -> Outcome<Registration> {
        self.lock().way(token).cloned()
    }

    fn agree(&self, token: &Token, agreement: &Agreement) -> Outcome<()> {
        let needed = [
            (Field::Offer, agreement.offer == Some(3)),
            (Field::Collect, agreement.consents.contains(&ConsentKind::Collect)),
            (Field::Process, agreement.consents.contains(&ConsentKind::Process)),
            (Field::Store, agreement.consents.contains(&ConsentKind::Store)),
        ];
        let missing = needed.iter().filter(|(_, given)| !given);
        let problems: Vec<Problem> =
            missing.map(|(field, _)| Problem { field: *field, wrong: Wrong::Missing }).collect();
        if !problems.is_empty() {
            return Err(No::Wrong(problems));
        }
        self.lock().on(token, Step::Consents)
    }

    fn claim_phone(
        &self,
        token: &Token,
        phone: &Private,
        password: &Private,
        _: Origin,
    ) -> Outcome<Sent> {
        let mut problems = Vec::new();
        if !phone.reveal().starts_with("+77") {
            problems.push(Problem { field: Field::Phone, wrong: Wrong::Form });
        }
        if password.reveal().chars().count() < 12 {
            problems.push(Problem { field: Field::Password, wrong: Wrong::TooShort });
        }
        if !problems.is_empty() {
            return Err(No::Wrong(problems));
        }
        let mut state = self.lock();
        state.on(token, Step::Phone)?;
        let sent = state.sent(&token.0);
        state.codes.insert(token.0.clone(), sent.clone());
        Ok(sent)
    }

    fn confirm_phone(&self, token: &Token, code: &Private) -> Outcome<Token> {
        let mut state = self.lock();
        state.code(token, code)?;
        state.on(token, Step::Code)?;
        let session = state.open(None);
        let way = state.ways.remove(&token.0).unwrap();
        state.ways.insert(session.0.clone(), way);
        Ok(session)
    }

    fn give_data(&self, token: &Token, data: &Particulars) -> Outcome<()> {
        let document = &data.document;
        let needed = [
            (Field::Surname, &data.surname),
            (Field::GivenName, &data.given_name),
            (Field::BirthDate, &data.birth_date),
            (Field::DocumentNumber, &document.number),
        ];
        let missing = needed.iter().filter(|(_, given)| given.reveal().is_empty());
        let mut problems: Vec<Problem> =
            missing.map(|(field, _)| Problem { field: *field, wrong: Wrong::Missing }).collect();
        if terms::person::Iin::parse(data.iin.reveal()).is_err() {
            problems.insert(0, Problem { field: Field::Iin, wrong: Wrong::CheckDigit });
        }
        if document.kind.is_none() {
            problems.push(Problem { field: Field::DocumentKind, wrong: Wrong::Missing });
        }
        if !problems.is_empty() {
            return Err(No::Wrong(problems));
        }
        let mut state = self.lock();
        state.on(token, Step::Data)?;
        state.data.insert(token.0.clone(), data.clone());
        Ok(())
    }

    fn given_data(&self, token: &Token) -> Outcome<Option<Particulars>> {
        Ok(self.lock().data.get(&token.0).cloned())
    }

    fn give_photo(&self, token: &Token, photo: Photo) -> Outcome<()> {
        let mut state = self.lock();
        state.may()?;
        let way = state.way(token)?;
        way.photos.retain(|kind| *kind != photo.kind);
        let all = way.photos.is_empty();
        state.photos.push(photo);
        if all { state.on(token, Step::Photos) } else { Ok(()) }
    }

    fn give_capture(&self, token: &Token, _: Capture) -> Outcome<()> {
        self.lock().on(token, Step::Liveness)
    }

    fn again(&self, token: &Token) -> Outcome<()> {
        let mut state = self.lock();
        let way = state.way(token)?;
        (way.step, way.failure) = (Step::Data, None);
        Ok(())
    }

    fn accept_invitation(&self, _: &Who, _: &Token, form: MessageId) -> Outcome<Account> {
        self.lock().first(form, "account")?;
        Ok(Account(0))
    }
}

impl Relation for Town {
    fn profile(&self, who: &Who) -> Outcome<Profile> {
        let state = self.lock();
        let known = who.person.is_some();
        Ok(Profile {
            name: known.then(|| Private::new("Қоңырбаева Әсемгүл Ғабитқызы")),
            phone: "+7 701 ••• •• 21".into(),
            level: if known { Level::Full } else { Level::Unidentified },
            identified_until: known.then(|| state.now.plus(11 * Instant::DAY)),
            document_ends: known.then_some(Day(22_000)),
            since: Instant(state.now.0 - 40 * Instant::DAY),
            needs: match known {
                true => state.needs.clone(),
                false => vec![Need::Identify],
            },
        })
    }

    fn looks(&self, _: &Who, before: Option<Seq>, limit: usize) -> Outcome<Vec<Look>> {
        let state = self.lock();
        let older = |look: &&Look| before.is_none_or(|before| look.seq < before);
        Ok(state.looks.iter().filter(older).take(limit).cloned().collect())
    }

    fn consents(&self, _: &Who) -> Outcome<Vec<Consent>> {
        Ok(self.lock().consents.clone())
    }

    fn give_consent(&self, _: &Who, kind: ConsentKind, form: MessageId) -> Outcome<()> {
        let mut state = self.lock();
        if state.first(form, "consent")? {
            let number = state.consents.len() as u64 + 1;
            let given = state.now;
            let first = state.consents[0].clone();
            state.consents.push(Consent { number, kind, given, ..first });
        }
        Ok(())
    }

    fn withdraw_consent(&self, _: &Who, number: u64, form: MessageId) -> Outcome<()> {
        let mut state = self.lock();
        if state.first(form, "withdraw")? {
            let now = state.now;
            let found = state.consents.iter_mut().find(|consent| consent.number == number);
            found.ok_or(No::Absent)?.withdrawn = Some(now);
        }
        Ok(())
    }

    fn hindrances(&self, _: &Who) -> Outcome<Vec<Reason>> {
        Ok(self.lock().hindrances.clone())
    }

    fn close(&self, who: &Who, form: MessageId) -> Outcome<()> {
        let mut state = self.lock();
        state.first(form, "close")?;
        state.sessions.remove(&who.token.0);
        Ok(())
    }

    fn bind(&self, _: &Who, account: Account, _: Wallet, form: MessageId) -> Outcome<()> {
        if self.accounts().iter().all(|card| card.account != account) {
            return Err(No::Absent);
        }
        self.lock().first(form, "bind").map(|_| ())
    }
}
