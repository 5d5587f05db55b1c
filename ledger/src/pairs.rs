//! The allowed-pairs table: which class of account may pay which, and for what (I-05, R0-5.6).

use terms::choice;

choice! {
    /// What kind of ledger account it is.
    pub enum Class {
        /// What the issuer owes to all wallets; its balance is minus what circulates.
        IssuerObligation = 1 "issuer_obligation",
        /// The operator's commission.
        Commission = 2 "commission",
        /// Money on its way from or to the partner bank.
        BankClearing = 3 "bank_clearing",
        /// Sums whose owner is being established.
        Suspense = 4 "suspense",
        /// A bettor's wallet.
        Bettor = 5 "bettor",
        /// An organiser's wallet (R0-8.4).
        Organiser = 6 "organiser",
        /// A client's wallet for purposes other than betting.
        Client = 7 "client",
        /// A partner's wallet.
        Partner = 8 "partner",
        /// An agent's wallet.
        Agent = 9 "agent",
    }
}

choice! {
    /// Why money moves.
    pub enum Kind {
        /// Issue against money received.
        Issue = 1 "issue",
        /// Redemption against money paid out.
        Redemption = 2 "redemption",
        /// A sum set aside; moves nothing.
        Hold = 3 "hold",
        /// A stake.
        Stake = 4 "stake",
        /// The return of a stake that does not stand.
        StakeRefund = 5 "stake_refund",
        /// A winning.
        Payout = 6 "payout",
        /// The operator's commission.
        Commission = 7 "commission",
        /// The return of a commission.
        Refund = 8 "refund",
        /// A correction by the operator.
        Correction = 9 "correction",
        /// An exchange between issuers.
        Exchange = 10 "exchange",
    }
}

/// Whether `debit` may pay `credit` for this reason. Whatever is not here is refused.
pub const fn allowed(kind: Kind, debit: Class, credit: Class) -> bool {
    use Class::{Agent, Bettor, Client, Commission, IssuerObligation, Organiser};
    matches!(
        (kind, debit, credit),
        (Kind::Issue, IssuerObligation, Bettor | Organiser | Client | Agent)
            | (Kind::Redemption, Bettor | Organiser | Client | Agent, IssuerObligation)
            | (Kind::Stake, Bettor, Organiser)
            | (Kind::StakeRefund | Kind::Payout, Organiser, Bettor)
            | (Kind::Commission, Bettor, Commission)
            | (Kind::Refund, Commission, Bettor)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_between_bettors() {
        // R0-5.6, I-05
        for kind in Kind::ALL {
            assert!(!allowed(*kind, Class::Bettor, Class::Bettor), "{kind:?}");
            assert!(!allowed(*kind, Class::Organiser, Class::Organiser), "{kind:?}");
        }
    }

    #[test]
    fn each_move_has_its_kinds_and_no_other() {
        // R0-8.3, R0-13.1
        let kinds = |debit, credit| -> Vec<Kind> {
            Kind::ALL.iter().copied().filter(|kind| allowed(*kind, debit, credit)).collect()
        };
        assert_eq!(kinds(Class::Bettor, Class::Organiser), [Kind::Stake]);
        assert_eq!(kinds(Class::Organiser, Class::Bettor), [Kind::StakeRefund, Kind::Payout]);
        assert_eq!(kinds(Class::Bettor, Class::Commission), [Kind::Commission]);
        assert_eq!(kinds(Class::IssuerObligation, Class::Bettor), [Kind::Issue]);
        assert_eq!(kinds(Class::Organiser, Class::Client), []);
    }
}
