//! The application to use the State service of personal data (state machine O, R3): its five
//! fields, its way, its attachments, its ten answers; and whether the service may be asked.
//!
//! The steps are facts of a case; what was written and attached is at the edge, and the digest of
//! it is the evidence of the step.

use casework::{CaseKind, CaseState, CaseStep};
use desk::command::{MoveCase, OpenCase};
use journal::fact::Fact;
use links::consent::{RequestWay, Standing};
use pump::Class;
use sha2::{Digest as _, Sha256};
use terms::{CaseNo, Code, Field as _, Hash, MessageId, Reason, Sender, record};

use crate::house::People;
use crate::kept::Table;
use crate::no::{No, Outcome};

record! {
    /// Something that is attached to the application: its name and SHA-256.
    pub struct Attachment {
        /// What it is, as the operator calls it.
        pub name: Vec<u8>,
        /// SHA-256 of it.
        pub digest: Hash,
    }
}

record! {
    /// An application (clause 5).
    pub struct Application {
        /// Names of the services in whose frame data are asked for (R3-5.1).
        pub services: Vec<u8>,
        /// The services that are needed, with the processes behind them (R3-5.2).
        pub needed: Vec<u8>,
        /// How long the service is given (R3-5.3).
        pub period: Vec<u8>,
        /// How long data are kept and processed, years (R3-5.4).
        pub retention_years: u32,
        /// The ground of keeping them (R3-5.5).
        pub ground: Vec<u8>,
        /// The number on the platform, once it is filed (R3-4.1).
        pub platform: Option<Vec<u8>>,
        /// Attachments: conformity, protocols, documents, the key's public part, the act.
        pub attachments: Vec<Attachment>,
    }
}

/// What is wrong with an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// The services are not named.
    Services,
    /// What is needed is not described.
    Needed,
    /// No period is named.
    Period,
    /// The time of keeping is not that of the rulebook.
    Retention,
    /// No ground is named.
    Ground,
    /// The way is not open to us (R3-7.2, R3-7.3).
    Way,
    /// Own means want protocols of tests (R3-8.1).
    Protocols,
}

impl Application {
    /// Everything that is wrong with it.
    pub fn flaws(&self, way: RequestWay, standing: Standing, retention_years: u32) -> Vec<Flaw> {
        let own = matches!(way, RequestWay::OwnMeans(_));
        [
            (self.services.is_empty(), Flaw::Services),
            (self.needed.is_empty(), Flaw::Needed),
            (self.period.is_empty(), Flaw::Period),
            (self.retention_years != retention_years, Flaw::Retention),
            (self.ground.is_empty(), Flaw::Ground),
            (way.permitted(standing).is_err(), Flaw::Way),
            (own && self.attachments.is_empty(), Flaw::Protocols),
        ]
        .into_iter()
        .filter_map(|(is, flaw)| is.then_some(flaw))
        .collect()
    }

    /// SHA-256 of all that it says.
    pub fn digest(&self) -> Hash {
        Hash(Sha256::digest(self.to_bytes()).into())
    }
}

impl People {
    /// Refuses calls to production before the application has come that far (R3-12.1).
    pub(crate) fn production(&self) -> Outcome<()> {
        if self.settings.test_realm || self.in_production() {
            return Ok(());
        }
        Err(No::Down("the State service is not in production for us (R3-12.1)".to_owned()))
    }

    /// Whether the newest application is in production. The last step ends the case, so that it is
    /// asked of the edge, where the step was noted.
    pub fn in_production(&self) -> bool {
        let key = b"production".as_slice();
        let kept = self.shelf.get::<crate::erasure::Place>(Table::Application, key, self.now());
        matches!(kept, Ok(Some(_)))
    }

    /// Begins an application.
    pub fn draft_application(
        &self,
        application: &Application,
        standing: Standing,
        id: MessageId,
    ) -> Outcome<Result<CaseNo, Vec<Flaw>>> {
        let now = self.now();
        let years = self
            .copy
            .read(|state| state.rulebook(now).map_or(0, |rules| rules.people.retention_years));
        let flaws = application.flaws(self.settings.consent_way, standing, years);
        if !flaws.is_empty() {
            return Ok(Err(flaws));
        }
        let command = OpenCase {
            kind: CaseKind::StateService,
            step: CaseStep::Open,
            person: None,
            other: None,
            organiser: None,
            list: None,
            related: None,
            evidence: None,
        };
        let receipt = self.put(Class::Control, Sender::Operator, id, command)?;
        let Fact::CaseOpened(fact) = self.fact(receipt.seq)? else {
            return Err(No::Down("a case without its fact".to_owned()));
        };
        self.keep_application(fact.case, application)?;
        Ok(Ok(fact.case))
    }

    /// Writes an application anew, while it is a draft.
    pub fn keep_application(&self, case: CaseNo, application: &Application) -> Outcome<()> {
        let (key, now) = (case.0.to_be_bytes(), self.now());
        self.shelf.change::<Application, ()>(Table::Application, &key, now, |_| {
            ((), Some((application.clone(), None)))
        })?;
        Ok(())
    }

    /// An application as it is.
    pub fn application(&self, case: CaseNo) -> Outcome<Option<Application>> {
        let (key, now) = (case.0.to_be_bytes(), self.now());
        let kept = self.shelf.get::<Application>(Table::Application, &key, now)?;
        Ok(kept.map(|kept| kept.value))
    }

    /// Moves an application; `ground` is why it came back, `attached` what the step comes with.
    pub fn move_application(
        &self,
        case: CaseNo,
        step: CaseStep,
        ground: Option<Code>,
        attached: Option<Attachment>,
        id: MessageId,
    ) -> Outcome<()> {
        let application = self.application(case)?.ok_or(No::Refused(Reason::CaseUnknown))?;
        let evidence = match (&attached, step) {
            (Some(attached), _) => Some(attached.digest),
            (None, CaseStep::Submit) => Some(application.digest()),
            (None, _) => None,
        };
        let command = MoveCase { case, step, ground, evidence };
        let receipt = self.put(Class::Control, Sender::Operator, id, command)?;
        self.wait_until_read(receipt.seq);
        if let Some(attached) = attached {
            let mut next = application;
            next.attachments.push(attached);
            self.keep_application(case, &next)?;
        }
        if step == CaseStep::Launch {
            let (key, now) = (b"production".as_slice(), self.now());
            let place = crate::erasure::Place { frame: u64::from(case.0) };
            self.shelf.change::<crate::erasure::Place, ()>(Table::Application, key, now, |_| {
                ((), Some((place.clone(), None)))
            })?;
        }
        Ok(())
    }

    /// Where an application stands; none when it has ended.
    pub fn application_state(&self, case: CaseNo) -> Option<CaseState> {
        self.copy.read(|state| state.cases.get(case).map(|row| row.state))
    }
}
