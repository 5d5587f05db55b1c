//! A person's wallets: what is in them, how money leaves them, and how they are blocked.

use terms::{Instant, MessageId, Seq, Tiyn, Wallet, choice};

use super::{Outcome, Private, Who};

choice! {
    /// The state of a wallet.
    pub enum PocketState {
        /// In use.
        Open = 1 "open",
        /// Blocked: winnings come in, nothing goes out.
        Blocked = 2 "blocked",
        /// Operations are suspended by law: credits alone (I-10).
        Frozen = 3 "frozen",
        /// Not used for twelve months.
        Dormant = 4 "dormant",
        /// Closed.
        Closed = 5 "closed",
    }
}

choice! {
    /// Why a wallet is blocked; the first three by its owner's notice (R4-6.3).
    pub enum BlockGround {
        /// Loss (R4-6.3a).
        Lost = 1 "lost",
        /// Theft (R4-6.3b).
        Stolen = 2 "stolen",
        /// Use without leave (R4-6.3c).
        Unauthorised = 3 "unauthorised",
        /// Obligations not met.
        Default = 4 "default",
        /// Deals that breach the conditions.
        Misuse = 5 "misuse",
        /// Seizure.
        Seizure = 6 "seizure",
        /// A dispute.
        Dispute = 7 "dispute",
        /// Another ground of the agreement.
        Contract = 8 "contract",
    }
}

impl BlockGround {
    /// Those that the owner gives notice of himself.
    pub const OWN: [BlockGround; 3] =
        [BlockGround::Lost, BlockGround::Stolen, BlockGround::Unauthorised];
}

/// A wallet and what is in it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pocket {
    /// Which.
    pub wallet: Wallet,
    /// What can be staked or redeemed: the balance less holds and what is seized.
    pub available: Tiyn,
    /// What is set aside for stakes that organisers have not confirmed.
    pub held: Tiyn,
    /// What is seized.
    pub seized: Tiyn,
    /// Its state.
    pub state: PocketState,
    /// Since when it is blocked, and why; the ground is left out where it may not be told.
    pub blocked: Option<(Instant, Option<BlockGround>)>,
    /// Whether it holds more than its limit because a winning came in (S-09).
    pub over_limit: bool,
    /// Entries that these figures contain: the next fact.
    pub as_of: Seq,
}

/// Where e-money is redeemed to. Only what belongs to the person himself is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// An account at a bank: IBAN.
    Account(Private),
    /// A card.
    Card(Private),
}

/// A redemption that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redemption {
    /// From which wallet.
    pub wallet: Wallet,
    /// How much.
    pub sum: Tiyn,
    /// Where to.
    pub to: Destination,
    /// The form.
    pub form: MessageId,
}

/// A way to top a wallet up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopUpWay {
    /// The bank or agent.
    pub name: String,
    /// What is asked for it, in tiyn for each operation; none if nothing is.
    pub fee: Option<Tiyn>,
}

/// The receipt of an operation: the eight fields of R4-5.4.12 (P-35).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The sum (R4-5.4.12a).
    pub sum: Tiyn,
    /// When (R4-5.4.12b).
    pub at: Instant,
    /// Its sequential number, without gaps (R4-5.4.12c).
    pub number: u64,
    /// The name of the payee (R4-5.4.12d).
    pub payee: String,
    /// His identification number; of a bettor himself, none (R4-5.4.12e).
    pub payee_number: Option<String>,
    /// The code of the transaction (R4-5.4.12f).
    pub transaction: String,
    /// The owner's wallet (R4-5.4.12g).
    pub wallet: Wallet,
    /// The operator's phones, mobile included (R4-5.4.12h).
    pub phones: Vec<String>,
}

/// A person's wallets.
pub trait Purse: Send + Sync {
    /// His wallets, the oldest first, from the copy that follows what is durable.
    fn pockets(&self, who: &Who) -> Outcome<Vec<Pocket>>;

    /// Opens a further wallet (R0-12.2).
    fn open_wallet(&self, who: &Who, form: MessageId) -> Outcome<Wallet>;

    /// Blocks a wallet at once on its owner's notice (R4-6.3a–c).
    fn block(
        &self,
        who: &Who,
        wallet: Wallet,
        ground: BlockGround,
        form: MessageId,
    ) -> Outcome<Instant>;

    /// Lifts a block that its owner asked for himself. Wants a fresh code.
    fn unblock(&self, who: &Who, wallet: Wallet, form: MessageId) -> Outcome<()>;

    /// Redeems to the person's own account or card. Wants a fresh code. Gives the fact.
    fn redeem(&self, who: &Who, redemption: &Redemption) -> Outcome<Seq>;

    /// How wallets are topped up.
    fn top_up_ways(&self) -> Outcome<Vec<TopUpWay>>;

    /// The receipt of the movement that a fact made in one of his wallets; absent if it is
    /// another's.
    fn receipt(&self, who: &Who, seq: Seq) -> Outcome<Receipt>;
}
