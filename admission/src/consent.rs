//! What a person has consented to: for each purpose the acts of clause 7, each apart (R3-7.6,
//! R4-11.1.4). Four bytes a person; when, how and to whom stands in the journal.

use terms::{Broken, Field, Reader, Value, choice, choices};

choice! {
    /// What is consented to.
    pub enum Scope {
        /// Collection.
        Collect = 1 "collect",
        /// Processing.
        Process = 2 "process",
        /// Storage.
        Store = 3 "store",
        /// Transfer to third parties.
        Transfer = 4 "transfer",
        /// Transfer abroad; needed for nothing (I-12).
        CrossBorder = 5 "cross_border",
    }
}

choices! {
    /// A set of what is consented to.
    pub struct Scopes of Scope;
}

choice! {
    /// What for.
    pub enum Purpose {
        /// Identification and accounting of bets.
        Betting = 1 "betting",
        /// The e-money service.
        EMoney = 2 "e_money",
        /// Data from systems of the state (R0-11.2).
        StateData = 3 "state_data",
        /// Data for organisers beyond what the law gives them (R0-10.4).
        Disclosure = 4 "disclosure",
    }
}

choice! {
    /// Who may have the data.
    pub enum Recipient {
        /// The operator of БЕЖ.
        Operator = 1 "operator",
        /// The issuer of e-money.
        Issuer = 2 "issuer",
        /// The partner bank.
        PartnerBank = 3 "partner_bank",
        /// Organisers with whom the person has an account.
        Organisers = 4 "organisers",
    }
}

choices! {
    /// A set of recipients.
    pub struct Recipients of Recipient;
}

choice! {
    /// How it was given: the five ways of clause 7 of the State service's rules, and two of our
    /// own.
    pub enum ConsentWay {
        /// By 1414.
        Message1414 = 1 "message_1414",
        /// By means of a bank, or of who has an agreement.
        OwnMeans = 2 "own_means",
        /// Within a proactive service.
        Proactive = 3 "proactive",
        /// By law, noted only.
        Logging = 4 "logging",
        /// By a one-time code.
        OneTimeCode = 5 "one_time_code",
        /// On paper, before the operator.
        Paper = 6 "paper",
        /// In the cabinet, signed in.
        Cabinet = 7 "cabinet",
    }
}

/// What a person has consented to and not taken back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Consents(u32);

/// Bits of one purpose.
const WIDTH: u32 = 8;

impl Consents {
    /// What was consented to for a purpose.
    pub fn of(self, purpose: Purpose) -> Scopes {
        let bits = self.0 >> (WIDTH * (u32::from(purpose.code()) - 1)) & 0xff;
        // Cannot fail: only bits of scopes are ever put in.
        Scopes::from_bits(bits as u8).unwrap_or(Scopes::NONE)
    }

    /// With other scopes for a purpose.
    pub fn set(self, purpose: Purpose, scopes: Scopes) -> Consents {
        let shift = WIDTH * (u32::from(purpose.code()) - 1);
        Consents(self.0 & !(0xff << shift) | u32::from(scopes.bits()) << shift)
    }
}

impl Field for Consents {
    fn shape() -> String {
        "Consents".into()
    }
    fn put(&self, out: &mut Vec<u8>) {
        for purpose in Purpose::ALL {
            out.push(self.of(*purpose).bits());
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let mut consents = Consents::default();
        for purpose in Purpose::ALL {
            consents = consents.set(*purpose, Scopes::read(from)?);
        }
        Ok(consents)
    }
    fn value(&self) -> Value {
        Value::List(Purpose::ALL.iter().map(|purpose| self.of(*purpose).value()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scope_of_each_purpose_stands_apart() {
        // R3-7.6c, R3-7.6d, R3-7.6e, R4-11.1.4a, R4-11.1.4b, R4-11.1.4c, R4-11.1.4d
        let mut consents = Consents::default();
        for purpose in Purpose::ALL {
            for scope in Scope::ALL {
                let before = consents;
                consents = consents.set(*purpose, consents.of(*purpose).with(*scope));
                for other in Purpose::ALL {
                    let want = before.of(*other);
                    let want = if other == purpose { want.with(*scope) } else { want };
                    assert_eq!(consents.of(*other), want);
                }
            }
        }
        assert_eq!(Consents::from_bytes(&consents.to_bytes()), Ok(consents));
        let less = consents.of(Purpose::Betting).less(Scopes::NONE.with(Scope::Transfer));
        let consents = consents.set(Purpose::Betting, less);
        assert!(!consents.of(Purpose::Betting).has(Scope::Transfer));
        assert!(consents.of(Purpose::EMoney).has(Scope::Transfer));
        assert_eq!(Consents::from_bytes(&[0x20, 0, 0, 0]), Err(Broken::Unknown));
    }
}
