//! What follows from a message: nothing but facts, and an answer.
//!
//! The order is fixed: is the id known → may this sender ask this → form → the grounds of the law,
//! of which the rulebook's ranks choose the one that is told. After the last check everything
//! succeeds. At most [`FACTS_PER_COMMAND_MAX`](terms::limits::FACTS_PER_COMMAND_MAX) facts come of
//! one message.

mod cases;
mod catalogue;
mod central;
mod endings;
mod events;
mod lives;
mod money;
mod people;
mod registry;
mod settle;
mod stake;
mod time;
mod works;

use journal::fact::{Cause, Fact, Refused};
use register::Bet;
use register::catalogue::EventRow;
use terms::rulebook::Rulebook;
use terms::{Account, BetId, Digest, Event, Instant, MessageId, Organiser, Reason, Sender, Seq};

use crate::command::{Command, Manner, Message};
use crate::ids::Seen;
use crate::state::State;

/// When a message is decided, with what chance, and how far the index on disk reaches.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The instant of the first fact; each further fact is one nanosecond later.
    pub at: Instant,
    /// Random bytes.
    pub nonce: [u8; 8],
    /// The index on disk is durable up to here (exclusive): what is older may leave.
    pub indexed: Seq,
}

/// What the shell found outside the hot state, because [`Answer::Gather`] asked for it.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    /// The id: asked or not, and where it was seen.
    pub id: Option<Option<(Seq, Digest)>>,
    /// The bet: asked or not, and what it is.
    pub bet: Option<Option<Box<Bet>>>,
    /// Events that have left, each as it was kept.
    pub events: Vec<EventRow>,
    /// The own id of an event: asked or not, and which event that has left carries it.
    pub named: Option<Option<Event>>,
}

/// What a decision needs from outside the hot state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Whether an id older than the recent ones was seen.
    Id(Sender, MessageId),
    /// A bet that may have left.
    Bet(Organiser, BetId),
    /// An event that has left.
    Event(Event),
    /// Which event that has left carries this own id of the organiser.
    EventNamed(Organiser, Digest),
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was done; the first of its facts is its receipt.
    Done,
    /// It was refused; the refusal is its receipt.
    Refused(Reason),
    /// It was seen before with the same content: the receipt of then holds.
    Repeat(Seq),
    /// Its id was seen before with other content.
    Conflict(Seq),
    /// It refers to something that is not there yet; its id stays free.
    Deferred(Reason),
    /// Nothing was to be done.
    Idle,
    /// It cannot be decided without this.
    Gather(Need),
}

/// The parts of a decision that its rules share.
pub(crate) struct Case<'a> {
    pub state: &'a State,
    pub rules: &'a Rulebook,
    pub moment: Moment,
    pub cause: Cause,
    pub manner: Manner,
    pub gathered: &'a Gathered,
}

/// Why a rule stops.
pub(crate) enum Stop {
    /// A no.
    Refuse(Reason),
    /// A no about an account that exists.
    RefuseAccount(Reason, Account),
    /// Something outside the hot state is needed.
    Gather(Need),
    /// There is nothing to do.
    Idle,
}

impl From<Reason> for Stop {
    fn from(reason: Reason) -> Self {
        Stop::Refuse(reason)
    }
}

/// Puts the facts that follow from a message in a state into `facts`, which must be empty, and says
/// what became of it.
pub fn decide(
    state: &State,
    message: &Message,
    moment: Moment,
    gathered: &Gathered,
    facts: &mut Vec<Fact>,
) -> Answer {
    assert!(facts.is_empty(), "positions are counted from the first fact");
    let cause = Cause { sender: message.sender, id: message.id, digest: message.digest };
    // The clock's own ticks leave no receipt; what others send under its name is refused with one.
    let ticks = message.sender == Sender::System && matches!(message.command, Command::Tick(_));
    if !ticks {
        let seen = match (state.ids.find(message.sender, message.id), &gathered.id) {
            (Seen::Ask, None) => return Answer::Gather(Need::Id(message.sender, message.id)),
            (Seen::Ask, Some(None)) => Seen::New,
            (Seen::Ask, Some(Some((seq, digest)))) => Seen::Known(*seq, *digest),
            (seen @ (Seen::New | Seen::Known(..)), _) => seen,
        };
        if let Seen::Known(seq, digest) = seen {
            return known(state, cause, seq, digest, facts);
        }
    }
    let bootstrap;
    let rules = match state.rulebook(moment.at) {
        Some(rules) => rules,
        None if matches!(message.command, Command::AdoptRulebook(_) | Command::Tick(_)) => {
            bootstrap = Rulebook::sample();
            &bootstrap
        }
        None => {
            let (reason, report) = (Reason::RulebookInvalid, reports(&message.command));
            facts.push(Refused { cause, reason, account: None, report }.into());
            return Answer::Refused(reason);
        }
    };
    let case = Case { state, rules, moment, cause, manner: message.manner, gathered };
    let done = match case.admissible(message) {
        Ok(()) => case.dispatch(&message.command, facts),
        Err(reason) => Err(Stop::Refuse(reason)),
    };
    match done {
        Ok(()) => {
            debug_assert!(facts.len() <= terms::limits::FACTS_PER_COMMAND_MAX);
            Answer::Done
        }
        Err(stop) => {
            facts.clear();
            match stop {
                Stop::Idle => Answer::Idle,
                Stop::Gather(need) => Answer::Gather(need),
                Stop::Refuse(reason) => case.no(reason, None, message, facts),
                Stop::RefuseAccount(reason, account) => {
                    case.no(reason, Some(account), message, facts)
                }
            }
        }
    }
}

/// A known id: the same content gets the same receipt, other content a refusal that is journalled
/// once for each content (core 14, 15, I1).
fn known(state: &State, cause: Cause, seq: Seq, digest: Digest, facts: &mut Vec<Fact>) -> Answer {
    if digest == cause.digest {
        return Answer::Repeat(seq);
    }
    if state.ids.is_new_conflict(cause.sender, cause.id, cause.digest) {
        let reason = Reason::IdReused;
        facts.push(Refused { cause, reason, account: None, report: false }.into());
    }
    Answer::Conflict(seq)
}

/// Whether a command is a report whatever it is about (domain 1).
fn reports(command: &Command) -> bool {
    matches!(
        command,
        Command::ReportStake(_) | Command::ReportPayout(_) | Command::PublishResult(_)
    )
}

impl Case<'_> {
    /// A refusal, or for a line of a batch a deferral, if what it refers to may still come.
    fn no(
        &self,
        reason: Reason,
        account: Option<Account>,
        message: &Message,
        facts: &mut Vec<Fact>,
    ) -> Answer {
        let may_come = matches!(
            reason,
            Reason::BetUnknown
                | Reason::EventUnknown
                | Reason::MarketUnknown
                | Reason::OutcomeUnknown
                | Reason::AccountUnknown
        );
        match self.manner {
            Manner::Bulk if may_come => Answer::Deferred(reason),
            Manner::Bulk | Manner::Single => {
                let (cause, report) = (self.cause.clone(), self.is_report(&message.command));
                facts.push(Refused { cause, reason, account, report }.into());
                if !report {
                    self.record_attempt(&message.command, facts);
                }
                Answer::Refused(reason)
            }
        }
    }

    /// Whether a command tells what has happened. A settlement does if its stake was no e-money.
    fn is_report(&self, command: &Command) -> bool {
        match command {
            Command::SettleBet(command) => self.of_land_desk(command),
            _ => reports(command),
        }
    }

    /// Whether the id is of its time and the sender may send such a message at all.
    fn admissible(&self, message: &Message) -> Result<(), Reason> {
        if matches!(message.command, Command::Tick(_)) {
            return match message.sender {
                Sender::System => Ok(()),
                _ => Err(Reason::SenderNotPermitted),
            };
        }
        let terms = &self.rules.terms;
        let made = Instant(message.id.made_ms().saturating_mul(1_000_000));
        if self.moment.at.plus(terms.id_ahead_ns) < made {
            return Err(Reason::IdFromFuture);
        }
        if made < self.moment.at.plus(-terms.id_age_ns) {
            return Err(Reason::IdTooOld);
        }
        if let Sender::Organiser(organiser) = message.sender
            && self.state.organisers.get(organiser).is_none()
        {
            return Err(Reason::SenderUnknown);
        }
        if permitted(message.sender, &message.command) {
            Ok(())
        } else {
            Err(Reason::SenderNotPermitted)
        }
    }

    fn dispatch(&self, command: &Command, facts: &mut Vec<Fact>) -> Result<(), Stop> {
        match command {
            Command::PlaceStake(command) => self.place_stake(command, facts),
            Command::GiveOrder(command) => self.give_order(command, facts),
            Command::SettleBet(command) => self.settle_bet(command, facts),
            Command::PlaceHold(command) => self.place_hold(command, facts),
            Command::ConfirmHold(command) => self.confirm_hold(command, facts),
            Command::ReleaseHold(command) => self.release_hold(command, facts),
            Command::ReportStake(command) => self.report_stake(command, facts),
            Command::ReportPayout(command) => self.report_payout(command, facts),
            Command::SettleClaim(command) => self.settle_claim(command, facts),
            Command::IssueEmoney(command) => self.issue_emoney(command, facts),
            Command::RedeemEmoney(command) => self.redeem_emoney(command, facts),
            Command::AdoptRulebook(command) => self.adopt_rulebook(command, facts),
            Command::RegisterOrganiser(command) => self.register_organiser(command, facts),
            Command::ChangeOrganiser(command) => self.change_organiser(command, facts),
            Command::RecordLicence(command) => self.record_licence(command, facts),
            Command::RecordContract(command) => self.record_contract(command, facts),
            Command::ChangeConnection(command) => self.change_connection(command, facts),
            Command::OpenDesk(command) => self.open_desk(command, facts),
            Command::CloseDesk(command) => self.close_desk(command, facts),
            Command::RegisterPerson(_) => self.register_person(facts),
            Command::ChangeAdmission(command) => self.change_admission(command, facts),
            Command::PutListInForce(command) => self.put_list_in_force(command, facts),
            Command::OpenWallet(command) => self.open_wallet(command, facts),
            Command::BlockWallet(command) => self.block_wallet(command, facts),
            Command::OpenAccount(command) => self.open_account(command, facts),
            Command::RebindAccount(command) => self.rebind_account(command, facts),
            Command::CloseAccount(command) => self.close_account(command, facts),
            Command::ChangeListings(command) => self.change_listings(command, facts),
            Command::ChangeAges(command) => self.change_ages(command, facts),
            Command::RecordIdentification(command) => self.record_identification(command, facts),
            Command::StartRelationship(command) => self.start_relationship(command, facts),
            Command::EndRelationship(command) => self.end_relationship(command, facts),
            Command::RecordConsent(command) => self.record_consent(command, facts),
            Command::WithdrawConsent(command) => self.withdraw_consent(command, facts),
            Command::SetLegalHold(command) => self.set_legal_hold(command, facts),
            Command::LiftLegalHold(command) => self.lift_legal_hold(command, facts),
            Command::OrderErasure(command) => self.order_erasure(command, facts),
            Command::ConfirmErasure(command) => self.confirm_erasure(command, facts),
            Command::OpenCase(command) => self.open_case(command, facts),
            Command::MoveCase(command) => self.move_case(command, facts),
            Command::MergePersons(command) => self.merge_persons(command, facts),
            Command::ListChampionship(command) => self.list_championship(command, facts),
            Command::ListEvent(command) => self.list_event(command, facts),
            Command::ChangeEvent(command) => self.change_event(command, facts),
            Command::ListMarket(command) => self.list_market(command, facts),
            Command::ChangeMarket(command) => self.change_market(command, facts),
            Command::MapEvent(command) => self.map_event(command, facts),
            Command::MapMarket(command) => self.map_market(command, facts),
            Command::PublishResult(command) => self.publish_result(command, facts),
            Command::AnnounceKey(command) => self.announce_key(command, facts),
            Command::NoteAudit(command) => self.note_audit(command, facts),
            Command::AnnounceWorks(command) => self.announce_works(command, facts),
            Command::ChangeWorks(command) => self.change_works(command, facts),
            Command::CancelWorks(command) => self.cancel_works(command, facts),
            Command::CheckStart(command) => self.check_left(command, facts),
            Command::Tick(command) => self.tick(command, facts),
        }
    }

    /// The organiser that sends this.
    fn organiser(&self) -> Result<Organiser, Reason> {
        crate::life::organiser_of(self.cause.sender).ok_or(Reason::SenderNotPermitted)
    }

    /// The position that the n-th fact of this decision gets.
    fn seq(&self, index: usize) -> Seq {
        Seq(self.state.next.0 + index as u64)
    }

    /// Eight bytes for the n-th fact: drawn once for the message, then counted on.
    fn nonce(&self, index: usize) -> [u8; 8] {
        let drawn = u64::from_be_bytes(self.moment.nonce);
        drawn.wrapping_add((index as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)).to_be_bytes()
    }
}

/// Who may send what. A bettor's only message is the order; organisers speak for themselves.
fn permitted(sender: Sender, command: &Command) -> bool {
    match command {
        Command::AdoptRulebook(_)
        | Command::RegisterOrganiser(_)
        | Command::ChangeOrganiser(_)
        | Command::RecordLicence(_)
        | Command::RecordContract(_)
        | Command::ChangeConnection(_)
        | Command::OpenDesk(_)
        | Command::CloseDesk(_)
        | Command::RegisterPerson(_)
        | Command::ChangeAdmission(_)
        | Command::PutListInForce(_)
        | Command::OpenWallet(_)
        | Command::BlockWallet(_)
        | Command::OpenAccount(_)
        | Command::RebindAccount(_)
        | Command::CloseAccount(_)
        | Command::ChangeListings(_)
        | Command::ChangeAges(_)
        | Command::RecordIdentification(_)
        | Command::StartRelationship(_)
        | Command::EndRelationship(_)
        | Command::RecordConsent(_)
        | Command::WithdrawConsent(_)
        | Command::SetLegalHold(_)
        | Command::LiftLegalHold(_)
        | Command::OrderErasure(_)
        | Command::ConfirmErasure(_)
        | Command::OpenCase(_)
        | Command::MoveCase(_)
        | Command::MergePersons(_)
        | Command::IssueEmoney(_)
        | Command::RedeemEmoney(_)
        | Command::MapEvent(_)
        | Command::MapMarket(_)
        | Command::AnnounceKey(_)
        | Command::AnnounceWorks(_)
        | Command::ChangeWorks(_)
        | Command::CancelWorks(_)
        | Command::NoteAudit(_) => sender == Sender::Operator,
        Command::GiveOrder(_) => sender == Sender::Bettor,
        Command::ListChampionship(_)
        | Command::ListEvent(_)
        | Command::ChangeEvent(_)
        | Command::ListMarket(_)
        | Command::ChangeMarket(_)
        | Command::PublishResult(_)
        | Command::PlaceStake(_)
        | Command::ReportStake(_)
        | Command::PlaceHold(_)
        | Command::ConfirmHold(_)
        | Command::ReleaseHold(_)
        | Command::SettleBet(_)
        | Command::ReportPayout(_)
        | Command::SettleClaim(_) => matches!(sender, Sender::Organiser(_)),
        Command::CheckStart(_) | Command::Tick(_) => sender == Sender::System,
    }
}
