//! The relationship with a person: his client, his wallets, what he sees of himself, consents that
//! he takes back, and how it ends.

use admission::{ConsentWay, Purpose, Recipient, Recipients, Scopes};
use desk::command::{
    BlockWallet, CloseAccount, EndRelationship, OpenAccount, OpenWallet, RebindAccount,
    RecordConsent, WithdrawConsent,
};
use journal::fact::Fact;
use ledger::{Block, Class};
use pump::Class as Lane;
use terms::{
    Account, Code, Hash, Instant, MessageId, Organiser, Person, Reason, Sender, Text, Wallet,
    record,
};
use vault::{Look, LookReason, PersonRecord};

use crate::entrance::{Client, ClientId};
use crate::house::{People, Who, Whom, derived_id};
use crate::kept::Table;
use crate::no::{No, Outcome};
use crate::secret::Token;
use crate::text::Notice;

record! {
    /// The client of a person.
    pub struct ClientOf {
        /// His id.
        pub client: ClientId,
        /// His wallets, as far as they were opened here.
        pub wallets: Vec<Wallet>,
        /// Those that he has blocked himself, and may open again.
        pub blocked: Vec<Wallet>,
    }
}

record! {
    /// A consent of a person for a purpose, as he sees it; the fact is in the journal.
    pub struct ConsentRow {
        /// What for.
        pub purpose: Purpose,
        /// To what.
        pub scopes: Scopes,
        /// How.
        pub way: ConsentWay,
        /// When.
        pub given: Instant,
        /// When the last scope was taken back.
        pub withdrawn: Option<Instant>,
    }
}

/// What an organiser may read of its own bettor (S-55).
pub struct Disclosed {
    /// The record.
    pub record: PersonRecord,
    /// Full years on this day.
    pub age_years: u32,
}

impl People {
    /// The client of a person.
    pub(crate) fn client_of_person(&self, person: Person) -> Outcome<Option<ClientId>> {
        let (key, now) = (person.0.to_be_bytes(), self.now());
        let kept = self.shelf.get::<ClientOf>(Table::ClientOf, &key, now)?;
        Ok(kept.map(|kept| kept.value.client))
    }

    /// A client becomes that of a person. An earlier one, whose phone was lost, ends: nobody signs
    /// in as it any more.
    pub(crate) fn bind_client(&self, client: &ClientId, person: Person) -> Outcome<()> {
        let now = self.now();
        if let Some(before) = self.client_of_person(person)?
            && before != *client
        {
            self.end_sessions(&before, None)?;
            if let Some(row) = self.shelf.get::<Client>(Table::Client, &before, now)? {
                self.shelf.remove(Table::Login, &row.value.login, now)?;
            }
            self.shelf.remove(Table::Client, &before, now)?;
        }
        let key = person.0.to_be_bytes();
        self.shelf.change::<ClientOf, ()>(Table::ClientOf, &key, now, |kept| {
            let (wallets, blocked) = kept.map_or_else(Default::default, |kept| {
                (kept.value.wallets.clone(), kept.value.blocked.clone())
            });
            ((), Some((ClientOf { client: *client, wallets, blocked }, None)))
        })?;
        Ok(())
    }

    /// Notes a wallet that was opened for a person.
    pub(crate) fn note_wallet(&self, person: Person, wallet: Wallet) -> Outcome<()> {
        let (key, now) = (person.0.to_be_bytes(), self.now());
        self.shelf.change::<ClientOf, ()>(Table::ClientOf, &key, now, |kept| {
            let Some(kept) = kept.filter(|kept| !kept.value.wallets.contains(&wallet)) else {
                return ((), None);
            };
            let mut next = kept.value.clone();
            next.wallets.push(wallet);
            ((), Some((next, kept.until)))
        })?;
        Ok(())
    }

    /// Notes whether the owner has blocked a wallet himself.
    fn note_own_block(&self, person: Person, wallet: Wallet, blocked: bool) -> Outcome<()> {
        let (key, now) = (person.0.to_be_bytes(), self.now());
        self.shelf.change::<ClientOf, ()>(Table::ClientOf, &key, now, |kept| {
            let Some(kept) = kept else { return ((), None) };
            let mut next = kept.value.clone();
            next.blocked.retain(|known| *known != wallet);
            next.blocked.extend(blocked.then_some(wallet));
            ((), Some((next, kept.until)))
        })?;
        Ok(())
    }

    /// Whether a wallet is blocked because its owner wanted it.
    fn is_own_block(&self, person: Person, wallet: Wallet) -> Outcome<bool> {
        let (key, now) = (person.0.to_be_bytes(), self.now());
        let kept = self.shelf.get::<ClientOf>(Table::ClientOf, &key, now)?;
        let own = kept.is_some_and(|kept| kept.value.blocked.contains(&wallet));
        Ok(own && self.block_of(wallet) == Some(Block::Blocked))
    }

    fn block_of(&self, wallet: Wallet) -> Option<Block> {
        self.copy.read(|state| state.ledger.get(wallet).map(|row| row.block))
    }

    /// The wallets of a person, the oldest first. Of somebody who did not come through here they
    /// are looked for among all, which is for small worlds.
    pub fn wallets_of(&self, person: Person) -> Vec<Wallet> {
        let (key, now) = (person.0.to_be_bytes(), self.now());
        let kept = self.shelf.get::<ClientOf>(Table::ClientOf, &key, now).ok().flatten();
        if let Some(kept) = kept.filter(|kept| !kept.value.wallets.is_empty()) {
            return kept.value.wallets;
        }
        self.copy.read(|state| {
            let own = |wallet: &Wallet| {
                let row = state.ledger.get(*wallet);
                row.is_some_and(|row| row.class == Class::Bettor && row.owner == person.0)
            };
            (0..state.ledger.next().0).map(Wallet).filter(own).collect()
        })
    }

    /// Opens a wallet of a person, once for a seed.
    pub(crate) fn open_wallet_of(
        &self,
        person: Person,
        seed: &[u8; 16],
        at: Instant,
    ) -> Outcome<Wallet> {
        let command = OpenWallet { class: Class::Bettor, owner: person.0 };
        let receipt = self.put_derived(seed, at, command)?;
        match self.fact(receipt.seq)? {
            Fact::WalletOpened(fact) => {
                self.note_wallet(person, fact.wallet)?;
                Ok(fact.wallet)
            }
            _ => Err(No::Down("a wallet without its fact".to_owned())),
        }
    }

    /// Opens an account of a person with an organiser, through the first of his wallets (R0-12.1).
    pub(crate) fn open_account(
        &self,
        person: Person,
        organiser: Organiser,
        form: MessageId,
    ) -> Outcome<Account> {
        let wallets = self.wallets_of(person);
        let wallet = *wallets.first().ok_or(No::Refused(Reason::WalletUnknown))?;
        let command = desk::Command::from(OpenAccount { person, organiser, wallet });
        let id = derived_id(&form.0, self.now(), &command);
        let id = MessageId(terms::id::uuid_v7(form.made_ms(), tail(&id)));
        let receipt = self.put(Lane::Control, Sender::Operator, id, command)?;
        match self.fact(receipt.seq)? {
            Fact::AccountOpened(fact) => Ok(fact.account),
            _ => Err(No::Down("an account without its fact".to_owned())),
        }
    }

    /// The person's own record; the look is a fact.
    pub fn own_record(&self, session: &Token) -> Outcome<PersonRecord> {
        let (_, person) = self.signed_in_person(session)?;
        let seen = self.look(Whom::Person(person), Who::Himself, LookReason::OwnRequest)?;
        Ok(self.with_vault(|vault| vault.read(person, &seen))?.record)
    }

    /// Who looked at a person's data, newest first.
    pub fn looks_of(&self, session: &Token, before: Option<terms::Seq>) -> Outcome<Vec<Look>> {
        let (_, person) = self.signed_in_person(session)?;
        Ok(self.with_vault(|vault| vault.looks(person, before))?)
    }

    /// What an organiser reads of its own bettor (R0-10.4, R0-11.1a, S-55): none if it is not its
    /// own. The look is a fact before anything is read, and stands in the bettor's own log.
    pub fn disclose(&self, organiser: Organiser, account: Account) -> Outcome<Option<Disclosed>> {
        let person = self.copy.read(|state| {
            let row = state.people.account(account)?;
            (row.organiser == organiser).then_some(row.person)
        });
        let Some(person) = person else { return Ok(None) };
        let why = LookReason::Disclosure;
        let seen = self.look(Whom::Account(account), Who::Organiser(organiser), why)?;
        let held = match self.with_vault(|vault| vault.read(person, &seen)) {
            Ok(held) => held,
            // Erased, or known by number alone as in a sandbox.
            Err(vault::VaultFault::Destroyed | vault::VaultFault::Unknown) => return Ok(None),
            Err(fault) => return Err(fault.into()),
        };
        let born = held.record.birth_date.as_ref().map(|born| *born.value.reveal());
        let today = self.today();
        let age_years = born.map_or(0, |born| years(born, today));
        Ok(Some(Disclosed { record: held.record, age_years }))
    }

    /// Blocks a wallet at once on its owner's notice (R4-6.3a–c). After a theft nobody signs in any
    /// more until he identifies himself anew.
    pub fn block_own(
        &self,
        session: &Token,
        wallet: Wallet,
        ground: &'static str,
        stolen: bool,
        form: MessageId,
    ) -> Outcome<Instant> {
        let (open, person) = self.signed_in_person(session)?;
        if !self.wallets_of(person).contains(&wallet) {
            return Err(No::Absent);
        }
        let ground = Text::new(ground).map_err(|_| No::Down("a ground".to_owned()))?;
        let phone = self.phone_of(session);
        // A frozen wallet stays frozen, and a block of the operator is not made the owner's.
        let open_now = self.block_of(wallet) == Some(Block::Open);
        if !open_now && !self.is_own_block(person, wallet)? {
            return Err(No::Refused(Reason::TransitionInvalid));
        }
        let command = BlockWallet { wallet, block: Block::Blocked, ground };
        let receipt = self.put(Lane::Control, Sender::Operator, form, command)?;
        self.note_own_block(person, wallet, true)?;
        self.wait_until_read(receipt.seq);
        if stolen {
            self.lock_client(&open.client)?;
        }
        if let Ok(phone) = phone
            && let Err(why) = self.tell(&phone, &Notice::Blocked, phrases::Language::Kk)
        {
            tracing::warn!("a notice of a block was not sent: {why}");
        }
        Ok(receipt.at)
    }

    /// Lifts a block that its owner asked for himself. Wants a fresh code.
    pub fn unblock_own(&self, session: &Token, wallet: Wallet, form: MessageId) -> Outcome<()> {
        let (open, person) = self.signed_in_person(session)?;
        self.want_fresh(&open)?;
        if !self.wallets_of(person).contains(&wallet) {
            return Err(No::Absent);
        }
        // Only what he has asked for himself: a block of the operator has another ground.
        if !self.is_own_block(person, wallet)? {
            return Err(No::Refused(Reason::TransitionInvalid));
        }
        let ground = Text::new("owner").map_err(|_| No::Down("a ground".to_owned()))?;
        let command = BlockWallet { wallet, block: Block::Open, ground };
        let receipt = self.put(Lane::Control, Sender::Operator, form, command)?;
        self.note_own_block(person, wallet, false)?;
        self.wait_until_read(receipt.seq);
        Ok(())
    }

    /// Opens a further wallet (R0-12.2).
    pub fn open_further_wallet(&self, session: &Token, form: MessageId) -> Outcome<Wallet> {
        let (_, person) = self.signed_in_person(session)?;
        self.open_wallet_of(person, &form.0, Instant(form.made_ms() * 1_000_000))
    }

    /// Binds another of his wallets to an account (S-36).
    pub fn bind_wallet(
        &self,
        session: &Token,
        account: Account,
        wallet: Wallet,
        form: MessageId,
    ) -> Outcome<()> {
        let (_, person) = self.signed_in_person(session)?;
        let own = self
            .copy
            .read(|state| state.people.account(account).is_some_and(|row| row.person == person));
        if !own {
            return Err(No::Absent);
        }
        self.put(Lane::Control, Sender::Operator, form, RebindAccount { account, wallet })?;
        Ok(())
    }

    /// Takes consent back: it stops new requests, not records that the law keeps (S-56).
    pub fn withdraw(
        &self,
        session: &Token,
        purpose: Purpose,
        scopes: Scopes,
        form: MessageId,
    ) -> Outcome<()> {
        let (_, person) = self.signed_in_person(session)?;
        let evidence = Hash(crate::secret::keyed(&self.pepper, "withdrawal", &form.0));
        let command = WithdrawConsent { person, purpose, scopes, evidence };
        let at = self.put(Lane::Control, Sender::Operator, form, command)?.at;
        let key = consent_key(person, purpose);
        self.shelf.change::<ConsentRow, ()>(Table::Consent, &key, self.now(), |kept| {
            let Some(kept) = kept else { return ((), None) };
            let left = kept.value.scopes.less(scopes);
            let withdrawn = left.is_empty().then_some(at);
            ((), Some((ConsentRow { scopes: left, withdrawn, ..kept.value.clone() }, None)))
        })?;
        Ok(())
    }

    /// Notes a consent for its person's own page.
    pub(crate) fn note_consent(
        &self,
        person: Person,
        purpose: Purpose,
        scopes: Scopes,
        way: ConsentWay,
        given: Instant,
    ) -> Outcome<()> {
        let key = consent_key(person, purpose);
        self.shelf.change::<ConsentRow, ()>(Table::Consent, &key, self.now(), |kept| {
            let before = kept.map_or(Scopes::NONE, |kept| kept.value.scopes);
            let scopes = before.and(scopes);
            ((), Some((ConsentRow { purpose, scopes, way, given, withdrawn: None }, None)))
        })?;
        Ok(())
    }

    /// The consents of the person of a session.
    pub fn consents_of(&self, session: &Token) -> Outcome<Vec<ConsentRow>> {
        let (_, person) = self.signed_in_person(session)?;
        let key = person.0.to_be_bytes();
        let rows = self.shelf.list::<ConsentRow>(Table::Consent, &key, None, self.now())?;
        Ok(rows.into_iter().map(|(_, kept)| kept.value).collect())
    }

    /// Gives a consent in the cabinet.
    pub fn give_consent(
        &self,
        session: &Token,
        purpose: Purpose,
        scopes: Scopes,
        form: MessageId,
    ) -> Outcome<()> {
        let (_, person) = self.signed_in_person(session)?;
        let evidence = Hash(crate::secret::keyed(&self.pepper, "consent", &form.0));
        let command = RecordConsent {
            person,
            purpose,
            scopes,
            recipients: Recipients::NONE.with(Recipient::Operator),
            way: ConsentWay::Cabinet,
            until: None,
            case: None,
            evidence,
        };
        let at = self.put(Lane::Control, Sender::Operator, form, command)?.at;
        self.note_consent(person, purpose, scopes, ConsentWay::Cabinet, at)
    }

    /// With what the cabinet seals its forms.
    pub fn form_key(&self) -> [u8; 32] {
        crate::secret::keyed(&self.pepper, "forms of the cabinet", b"")
    }

    /// Where bettors reach the cabinet.
    pub fn cabinet_address(&self) -> &str {
        &self.settings.address
    }

    /// The version of the public offer that holds.
    pub fn offer(&self) -> u32 {
        self.settings.offer
    }

    /// Closes an account.
    pub fn close_account(&self, account: Account, form: MessageId) -> Outcome<()> {
        self.put(Lane::Control, Sender::Operator, form, CloseAccount { account })?;
        Ok(())
    }

    /// Ends the relationship: wallets at zero and no open bets; the term of D-07 begins. Wants a
    /// fresh code.
    pub fn end_relationship(&self, session: &Token, form: MessageId) -> Outcome<()> {
        let (open, person) = self.signed_in_person(session)?;
        self.want_fresh(&open)?;
        let ground = Code::new("own_request").map_err(|_| No::Down("a ground".to_owned()))?;
        self.put(Lane::Control, Sender::Operator, form, EndRelationship { person, ground })?;
        self.end_sessions(&open.client, None)?;
        Ok(())
    }
}

fn tail(id: &MessageId) -> [u8; 10] {
    let mut tail = [0; 10];
    tail.copy_from_slice(&id.0[6..]);
    tail
}

fn consent_key(person: Person, purpose: Purpose) -> Vec<u8> {
    [&person.0.to_be_bytes()[..], &[purpose.code()]].concat()
}

/// Full years on a day.
pub(crate) fn years(born: terms::Day, today: terms::Day) -> u32 {
    (1..=crate::limits::AGE_YEARS_MAX)
        .take_while(|years| born.years_later(*years).is_some_and(|day| day <= today))
        .last()
        .unwrap_or(0)
}

/// A wallet as it is in the read copy.
#[derive(Clone, Debug)]
pub struct WalletNow {
    /// The row.
    pub row: ledger::State,
    /// Whether its owner is on a list that freezes.
    pub frozen: bool,
    /// The next fact.
    pub as_of: terms::Seq,
}

impl People {
    /// What decisions know of a person.
    pub fn admission(&self, person: Person) -> Option<admission::PersonRow> {
        self.copy.read(|state| state.people.person(person).cloned())
    }

    /// A wallet as it is.
    pub fn wallet(&self, wallet: Wallet) -> Option<WalletNow> {
        self.copy.read(|state| {
            let row = state.ledger.get(wallet)?.clone();
            let owner = state.people.person(Person(row.owner));
            let frozen =
                row.class == Class::Bettor && owner.is_some_and(|owner| owner.lists.freezes());
            Some(WalletNow { row, frozen, as_of: state.next })
        })
    }

    /// The organiser whose wallet it is, and its business number.
    pub fn organiser_of_wallet(&self, wallet: Wallet) -> Option<(Organiser, String)> {
        self.copy.read(|state| {
            let row = state.ledger.get(wallet)?;
            let organiser = Organiser(row.owner);
            Some((organiser, state.organisers.get(organiser)?.bin.to_string()))
        })
    }

    /// The name of the person of a session; the look is a fact.
    pub fn own_name(&self, session: &Token) -> Outcome<String> {
        let record = self.own_record(session)?;
        let name = record.names.first().map(|name| &name.value);
        let name = name.map(|name| format!("{} {}", name.surname.reveal(), name.given.reveal()));
        Ok(name.unwrap_or_default())
    }

    /// An entry: when it was, and its fact.
    pub fn entry(&self, seq: terms::Seq) -> Outcome<(Instant, journal::fact::Fact)> {
        let bytes = self.open_journal()?.fact(seq.0)?.ok_or(No::Absent)?;
        let entry = journal::fact::Entry::from_bytes(&bytes).map_err(|_| No::Absent)?;
        Ok((entry.at, entry.fact))
    }

    /// The phone of a session, masked.
    pub fn masked_phone(&self, session: &Token) -> Outcome<String> {
        Ok(self
            .phone_of(session)
            .map_or_else(|_| String::new(), |phone| crate::entrance::masked(&phone)))
    }

    /// What still hinders the end of the relationship.
    pub fn hindrances(&self, session: &Token) -> Outcome<Vec<Reason>> {
        let (_, person) = self.signed_in_person(session)?;
        let wallets = self.wallets_of(person);
        Ok(self.copy.read(|state| {
            let mut found = Vec::new();
            let holds = |wallet: &Wallet| {
                state.ledger.get(*wallet).is_some_and(|row| row.sum() != terms::Tiyn::ZERO)
            };
            if wallets.iter().any(holds) {
                found.push(Reason::BalanceRemains);
            }
            let own = state.people.accounts.iter().filter(|row| row.person == person);
            let (open, waiting) =
                own.fold((0, 0), |(open, waiting), row| (open + row.open, waiting + row.waiting));
            if 0 < open {
                found.push(Reason::BetsOpen);
            }
            if 0 < waiting {
                found.push(Reason::WinningsUnpaid);
            }
            found
        }))
    }
}
