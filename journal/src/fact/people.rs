//! Facts about persons, wallets, accounts and e-money that enters or leaves.

use admission::{Level, List, Lists};
use ledger::{Block, Class};
use terms::{Account, Hash, Instant, Organiser, Person, Seq, Text, Tiyn, Wallet, record};

use super::Cause;

record! {
    /// A person enters as a number; everything personal is in the vault (design 2.5).
    pub struct PersonRegistered {
        /// What caused it.
        pub cause: Cause,
        /// The number.
        pub person: Person,
    }
}

record! {
    /// What decisions may know of a person, as a whole (core 19).
    pub struct AdmissionChanged {
        /// What caused it.
        pub cause: Cause,
        /// Who.
        pub person: Person,
        /// Level of identification.
        pub level: Level,
        /// Until when it is good.
        pub identified_until: Option<Instant>,
        /// Whether the age of the rulebook is reached.
        pub of_age: bool,
        /// Lists on which the person stands.
        pub lists: Lists,
    }
}

record! {
    /// A version of a list is in force for every decision after this.
    pub struct ListInForce {
        /// What caused it.
        pub cause: Cause,
        /// Which list.
        pub list: List,
        /// Its version.
        pub version: u32,
        /// SHA-256 of its content.
        pub digest: Hash,
    }
}

record! {
    /// A wallet is opened (R0-5.2, R0-8.4, R0-12.2).
    pub struct WalletOpened {
        /// What caused it.
        pub cause: Cause,
        /// Its number.
        pub wallet: Wallet,
        /// What kind of account.
        pub class: Class,
        /// The person or organiser that owns it.
        pub owner: u32,
    }
}

record! {
    /// What a wallet's owner may do changes (state machine E).
    pub struct WalletBlockChanged {
        /// What caused it.
        pub cause: Cause,
        /// Which.
        pub wallet: Wallet,
        /// From now on.
        pub block: Block,
        /// The ground, as a code of the act or clause.
        pub ground: Text<64>,
    }
}

record! {
    /// A bettor's account with an organiser, bound to one wallet (R0-12.1, R0-12.4). If the pair
    /// has an earlier account, that one is closed.
    pub struct AccountOpened {
        /// What caused it.
        pub cause: Cause,
        /// Its number.
        pub account: Account,
        /// The bettor.
        pub person: Person,
        /// The organiser.
        pub organiser: Organiser,
        /// The wallet.
        pub wallet: Wallet,
    }
}

record! {
    /// Another wallet of the same bettor is bound to the account from now on.
    pub struct AccountRebound {
        /// What caused it.
        pub cause: Cause,
        /// Which.
        pub account: Account,
        /// The wallet.
        pub wallet: Wallet,
    }
}

record! {
    /// An account takes no stakes any more.
    pub struct AccountClosed {
        /// What caused it.
        pub cause: Cause,
        /// Which.
        pub account: Account,
    }
}

record! {
    /// E-money is issued against money received (R4-5.2).
    pub struct EmoneyIssued {
        /// What caused it.
        pub cause: Cause,
        /// The wallet.
        pub wallet: Wallet,
        /// The sum.
        pub amount: Tiyn,
        /// The bank's reference of the money.
        pub bank_reference: Text<64>,
        /// What the wallet holds after it.
        pub balance: Tiyn,
        /// The record of the wallet before this one.
        pub previous: Option<Seq>,
    }
}

record! {
    /// E-money is redeemed.
    pub struct EmoneyRedeemed {
        /// What caused it.
        pub cause: Cause,
        /// The wallet.
        pub wallet: Wallet,
        /// The sum.
        pub amount: Tiyn,
        /// The bank's reference of the payment.
        pub bank_reference: Text<64>,
        /// What the wallet holds after it.
        pub balance: Tiyn,
        /// The record of the wallet before this one.
        pub previous: Option<Seq>,
    }
}
