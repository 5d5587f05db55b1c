//! Roles as data: who works here, and which page each opens on (R0-24.2, R2-55.2).

use terms::choice;

choice! {
    /// What a member of the staff may do. No role holds the rights of another by accident: each
    /// route names its roles, and what is not named is denied.
    pub enum Role {
        /// Runs the console: staff, settings. Sees no bettor's records.
        Administrator = 1 "administrator",
        /// The operator's staff: everything that happens, and why.
        Operator = 2 "operator",
        /// An officer of the gambling authority.
        Gambling = 3 "gambling",
        /// An officer of the tax body.
        Tax = 4 "tax",
        /// An officer of the financial monitoring authority.
        Monitoring = 5 "monitoring",
        /// An officer of one organiser, who sees that organiser's records alone.
        Organiser = 6 "organiser",
        /// The operator's officer against laundering of money: matches, lists, alerts.
        Aml = 7 "aml",
        /// The operator's officer for personal data: consents, erasures.
        Privacy = 8 "privacy",
    }
}

impl Role {
    /// Where the role begins its day, without the language.
    pub const fn home(self) -> &'static str {
        match self {
            Role::Administrator => "/invariants",
            Role::Operator | Role::Organiser => "/overview",
            Role::Gambling => "/authority",
            Role::Tax => "/tax",
            Role::Monitoring => "/monitoring",
            Role::Aml => "/alerts",
            Role::Privacy => "/consents",
        }
    }

    /// Whether grounds that stand on a list of financial monitoring are told by their inner code
    /// (domain 3, I-09). All others are told the outer one.
    pub const fn sees_lists(self) -> bool {
        matches!(self, Role::Monitoring | Role::Aml)
    }
}
