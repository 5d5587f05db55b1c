//! What all parts of this room share.

use std::sync::Arc;
use std::time::Duration;

use desk::command::{Manner, NoteAudit};
use desk::{Command, Message};
use journal::fact::{Entry, Fact};
use links::gateway::Call;
use links::messages::{Kind, Messages, Short};
use parking_lot::{Mutex, RwLock};
use phrases::{Language, Phrases};
use pump::{Class, Entropy, Outcome as Verdict, ReadCopy, Receipt};
use sha2::{Digest as _, Sha256};
use store::edge::EdgeStore;
use terms::id::uuid_v7;
use terms::{
    Account, AuditAct, AuditResult, Instant, MessageId, Organiser, Person, Reason, Sender, Seq,
    Text,
};
use vault::{LookReason, Looker, Seen, Vault, VaultFault};

use crate::kept::Shelf;
use crate::limits::CODE_NS;
use crate::lists::Screens;
use crate::no::{No, Outcome};
use crate::ports::{Decides, Now, OpenJournal};
use crate::secret::Token;
use crate::text::Notice;

/// The outside systems.
pub struct Outside {
    /// Remote identification.
    pub identification: Arc<dyn links::identification::Identification>,
    /// Consent to data of the state.
    pub consent: Arc<dyn links::consent::Consent>,
    /// The population register.
    pub population: Arc<dyn links::population::Population>,
    /// Persons restricted from gambling.
    pub restricted: Arc<dyn links::restricted::Restricted>,
    /// The register of debtors.
    pub debtors: Arc<dyn links::debtors::Debtors>,
    /// Short messages.
    pub messages: Arc<dyn Messages>,
}

/// What the operator chooses.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address of the cabinet, before the tokens of links.
    pub address: String,
    /// The version of the public offer that holds (R4-11.1.3).
    pub offer: u32,
    /// Whether this is a test realm: the State service may then be asked before production
    /// (R3-12.1).
    pub test_realm: bool,
    /// How consent to data of the state is asked for (R3-7).
    pub consent_way: links::consent::RequestWay,
    /// The registers that access is asked for, by the gateway's ids.
    pub registers: Vec<String>,
    /// Words of the population register.
    pub words: links::population::Words,
    /// How many of a thousand entries a list may lose without a second person.
    pub shrink_permille_max: u16,
}

/// The room.
pub struct People {
    pub(crate) decides: Arc<dyn Decides>,
    pub(crate) copy: ReadCopy,
    pub(crate) clock: Now,
    pub(crate) entropy: Mutex<Box<dyn Entropy>>,
    /// Under which phones and codes are hashed; apart from the edge.
    pub(crate) pepper: [u8; 32],
    pub(crate) shelf: Shelf,
    pub(crate) vault: Mutex<Vault>,
    spare: Mutex<Vec<Vault>>,
    pub(crate) outside: Outside,
    pub(crate) screens: RwLock<Arc<Screens>>,
    journal: OpenJournal,
    pub(crate) phrases: Phrases,
    pub(crate) settings: Settings,
}

/// What the room is made of.
pub struct Parts {
    /// Who decides.
    pub decides: Arc<dyn Decides>,
    /// What is durable.
    pub copy: ReadCopy,
    /// The time of day.
    pub clock: Now,
    /// Random bytes.
    pub entropy: Box<dyn Entropy>,
    /// A secret that is not at the edge.
    pub pepper: [u8; 32],
    /// The edge.
    pub edge: Box<dyn EdgeStore>,
    /// The vault.
    pub vault: Vault,
    /// The outside systems.
    pub outside: Outside,
    /// The lists as they are on disk.
    pub screens: Screens,
    /// The journal.
    pub journal: OpenJournal,
    /// The sentences.
    pub phrases: Phrases,
    /// What the operator chooses.
    pub settings: Settings,
}

impl std::fmt::Debug for People {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("People(..)")
    }
}

/// How long somebody waits to see what he has changed.
const READ_WITHIN: Duration = Duration::from_secs(2);

/// Handles to the vault that wait for the next call.
const SPARE_MAX: usize = 8;

impl People {
    /// The room, of its parts.
    pub fn new(parts: Parts) -> People {
        People {
            decides: parts.decides,
            copy: parts.copy,
            clock: parts.clock,
            entropy: Mutex::new(parts.entropy),
            pepper: parts.pepper,
            shelf: Shelf::new(parts.edge),
            vault: Mutex::new(parts.vault),
            spare: Mutex::default(),
            outside: parts.outside,
            screens: RwLock::new(Arc::new(parts.screens)),
            journal: parts.journal,
            phrases: parts.phrases,
            settings: parts.settings,
        }
    }

    /// The time of day, never before the last entry.
    pub fn now(&self) -> Instant {
        (self.clock)().max(self.copy.head().at)
    }

    /// The age of the rulebook, and whether somebody who was born on this day has it (S-01).
    pub(crate) fn age(&self, born: terms::Day) -> Option<(u32, bool)> {
        let (now, today) = (self.now(), self.today());
        self.copy.read(|state| {
            let rules = &state.rulebook(now)?.people;
            let of_age = rules.of_age_from(born).is_some_and(|from| from <= today);
            Some((rules.age_min, of_age))
        })
    }

    /// The civil day of now.
    pub(crate) fn today(&self) -> terms::Day {
        let now = self.now();
        let day = self.copy.read(|state| state.rulebook(now).map(|rules| rules.day(now)));
        day.unwrap_or(terms::Day(now.0.div_euclid(Instant::DAY) as i32))
    }

    pub(crate) fn draw_token(&self) -> Token {
        Token::draw(&mut **self.entropy.lock())
    }

    /// Sixteen random bytes.
    pub(crate) fn draw_id(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        let mut entropy = self.entropy.lock();
        bytes[..8].copy_from_slice(&entropy.draw());
        bytes[8..].copy_from_slice(&entropy.draw());
        bytes
    }

    /// A new id of this moment.
    pub(crate) fn message_id(&self) -> MessageId {
        let mut random = [0; 10];
        random.copy_from_slice(&self.draw_id()[..10]);
        MessageId(uuid_v7(self.now().ms(), random))
    }

    /// A call to an outside system.
    pub(crate) fn call(&self) -> Call {
        Call { id: self.message_id(), at: self.now() }
    }

    /// Works with a handle to the vault.
    pub(crate) fn with_vault<T>(
        &self,
        work: impl FnOnce(&mut Vault) -> Result<T, VaultFault>,
    ) -> Result<T, VaultFault> {
        let spare = self.spare.lock().pop();
        let mut vault = match spare {
            Some(vault) => vault,
            None => self.vault.lock().another()?,
        };
        let done = work(&mut vault);
        let mut spare = self.spare.lock();
        if spare.len() < SPARE_MAX {
            spare.push(vault);
        }
        done
    }

    /// Puts a command; its receipt, once it is durable.
    pub(crate) fn put(
        &self,
        class: Class,
        sender: Sender,
        id: MessageId,
        command: impl Into<Command>,
    ) -> Outcome<Receipt> {
        let message = Message::new(sender, id, Manner::Single, command.into());
        let name = message.command.name();
        let verdict = self.decides.ask(class, message).map_err(No::Down)?;
        match (verdict.outcome, verdict.receipt) {
            (Verdict::Done, Some(receipt)) => Ok(receipt),
            (Verdict::Refused(reason) | Verdict::Deferred(reason), _) => Err(No::Refused(reason)),
            (outcome, _) => Err(No::Down(format!("{name} was not decided: {outcome:?}"))),
        }
    }

    /// Puts a command of the operator under an id that is made of a seed and its content: the same
    /// again after a stop is a repeat, other content is another message.
    pub(crate) fn put_derived(
        &self,
        seed: &[u8; 16],
        at: Instant,
        command: impl Into<Command>,
    ) -> Outcome<Receipt> {
        let command = command.into();
        let id = derived_id(seed, at, &command);
        self.put(Class::Control, Sender::Operator, id, command)
    }

    /// Waits a moment until what is read here has an entry, so that who has changed something sees
    /// it. Where it lags for longer, pages say so.
    pub(crate) fn wait_until_read(&self, seq: Seq) {
        self.copy.wait_for(seq, READ_WITHIN);
    }

    /// The fact at a position.
    pub(crate) fn fact(&self, seq: Seq) -> Outcome<Fact> {
        let bytes = (self.journal)()?.fact(seq.0)?;
        let entry = bytes.and_then(|bytes| Entry::from_bytes(&bytes).ok());
        entry.map(|entry| entry.fact).ok_or_else(|| No::Down(format!("entry {seq} is not there")))
    }

    /// A reader of the journal.
    pub(crate) fn open_journal(&self) -> Outcome<Box<dyn store::JournalReader>> {
        Ok((self.journal)()?)
    }

    /// Makes the look at a person's data a fact, before anything is read (core 21).
    pub(crate) fn look(&self, whom: Whom, who: Who, why: LookReason) -> Outcome<Seen> {
        let at = self.now();
        let (looker, user, name) = match who {
            Who::Himself => (Looker::Himself, 0, None),
            Who::System => (Looker::System, 0, None),
            Who::Staff(number) => (Looker::Staff, number, Some(number.to_string())),
            Who::Organiser(organiser) => (Looker::Organiser, 0, Some(organiser.to_string())),
        };
        let (record, account) = match whom {
            Whom::Person(person) => (format!("person {person}: {}", why.name()), None),
            Whom::Account(account) => (format!("account: {}", why.name()), Some(account)),
            Whom::Pending => (format!("person without a number: {}", why.name()), None),
        };
        let record = Text::new(&record).map_err(|_| No::Down("the record's name".to_owned()))?;
        let note = NoteAudit {
            started: at,
            act: AuditAct::RecordView,
            user,
            record,
            account,
            ended: at,
            result: AuditResult::Done,
        };
        let receipt = self.put(Class::Control, Sender::Operator, self.message_id(), note)?;
        let name = name.and_then(|name| vault::Private::new(&name).ok());
        Ok(Seen { seq: receipt.seq, at, who: looker, name, why })
    }

    /// Sends a notice to a phone.
    pub(crate) fn tell(
        &self,
        phone: &links::Phone,
        notice: &Notice,
        language: Language,
    ) -> Outcome<()> {
        let text = notice.sentence(&self.phrases, language);
        let (kind, valid_s) = match notice {
            Notice::Code(_) => (Kind::Code, CODE_NS / Instant::SECOND),
            _ => (Kind::Notice, Instant::DAY / Instant::SECOND),
        };
        let valid_s = u32::try_from(valid_s).unwrap_or(u32::MAX);
        let short = Short { text: links::Private::new(text), kind, valid_s };
        let sent = self.outside.messages.send(&self.call(), phone, &short);
        sent.map(drop).map_err(|error| No::Down(format!("a message was not sent: {error}")))
    }
}

/// Whose data are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whom {
    Person(Person),
    Account(Account),
    Pending,
}

/// Who looks at data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The person himself.
    Himself,
    /// The system by itself.
    System,
    /// A member of the staff, by number.
    Staff(u32),
    /// An organiser.
    Organiser(Organiser),
}

/// The id of a command that is put once for a seed.
pub(crate) fn derived_id(seed: &[u8; 16], at: Instant, command: &Command) -> MessageId {
    let mut hash = Sha256::new();
    hash.update(seed);
    hash.update(command.to_bytes());
    let mut random = [0; 10];
    random.copy_from_slice(&hash.finalize()[..10]);
    MessageId(uuid_v7(at.ms(), random))
}

impl From<VaultFault> for No {
    fn from(fault: VaultFault) -> No {
        match fault {
            VaultFault::Destroyed | VaultFault::Unknown => No::Absent,
            other => No::Down(other.chain()),
        }
    }
}

/// What a rule has said, where it has said no.
pub(crate) fn refusal<T>(done: Outcome<T>) -> Outcome<Result<T, Reason>> {
    match done {
        Ok(value) => Ok(Ok(value)),
        Err(No::Refused(reason)) => Ok(Err(reason)),
        Err(other) => Err(other),
    }
}
