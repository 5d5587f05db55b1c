//! The connectors of `links`, set up for a simulation: what a test in the same process begins with.

use std::sync::Arc;
use std::time::Duration;

use links::Trust;
use links::consent::{Initiator, Standing, StateService, TermUnit, TokenKeys};
use links::debtors::{Register as Debtors, Words};
use links::gateway::{Answers, Gateway, Peer};
use links::identification::{Exchange, Member};
use links::limits::{ANSWER_BYTES_MAX, OWN_TOKEN_NS_MAX};
use links::lists::Site;
use links::messages::Operator;
use links::population::Register as Population;
use links::restricted::Register as Restricted;
use links::signature::Builtin;
use links::way::{Driver, Realm, Settings, SetupError, Way};
use terms::Bin;

use crate::keys::Owner;
use crate::{Running, exchange, gateway, operator};

/// Bytes of a list file of the simulation, the grown ones included.
const LIST_BYTES_MAX: usize = 64 << 20;

/// A connector for each system.
#[derive(Debug)]
pub struct Systems {
    /// The exchange of identification data.
    pub identification: Exchange,
    /// The state service.
    pub consent: StateService,
    /// The register of persons.
    pub population: Population,
    /// The register of debtors.
    pub debtors: Debtors,
    /// The list of restricted persons.
    pub restricted: Restricted,
    /// The publisher of the list of terror.
    pub terror: Site,
    /// The publisher of the list of proliferation.
    pub proliferation: Site,
    /// The operator of short messages.
    pub messages: Operator,
}

impl Running {
    /// Connectors to this simulation, with this patience for a whole call.
    pub fn systems(
        &self,
        realm: Realm,
        standing: Standing,
        whole: Duration,
    ) -> Result<Systems, SetupError> {
        let driver = Driver::start()?;
        let way = |name: &str, path: &str, answer_bytes_max| {
            // Cannot fail: these are the names of the ports.
            let address = self.address(name).expect("a port");
            Way::new(
                &driver,
                Settings {
                    base: format!("http://{address}{path}"),
                    authorities: Vec::new(),
                    identity: None,
                    connect: Duration::from_secs(1),
                    whole,
                    answer_bytes_max,
                    realm,
                },
            )
        };
        let keys = &self.world().keys;
        let trust = Trust {
            pins: vec![keys.certificate(Owner::Gateway).pin()],
            plain_id: false,
            verifier: Box::new(Builtin),
        };
        let peer = Peer {
            sender: gateway::SENDER.into(),
            password: Some(gateway::PASSWORD.into()),
            key: Box::new(keys.signer(Owner::OurMessages)),
            answers: Answers::Signed(trust),
        };
        let gateway = Arc::new(Gateway::new(way("gateway", "", ANSWER_BYTES_MAX)?, peer));
        let member = Member {
            id: exchange::MEMBER.into(),
            exchange: exchange::EXCHANGE.into(),
            key: Box::new(keys.signer(Owner::OurPasses)),
            pinned: vec![keys.certificate(Owner::Exchange)],
            verifier: Box::new(Builtin),
        };
        let consent = StateService::new(gateway.clone(), self.initiator(standing));
        let operator = way("operator", "", ANSWER_BYTES_MAX)?;
        Ok(Systems {
            identification: Exchange::new(way("exchange", "", ANSWER_BYTES_MAX)?, member),
            // Cannot fail: the proof's life is the longest there is, and the gateway signs.
            consent: consent.expect("an initiator"),
            population: Population::new(gateway.clone(), gateway::SENDER),
            debtors: Debtors::new(gateway.clone(), Words::proposed()),
            restricted: Restricted::new(gateway, Restricted::PROPOSED),
            terror: Site::new(way("lists", "/terror", LIST_BYTES_MAX)?),
            proliferation: Site::new(way("lists", "/proliferation", LIST_BYTES_MAX)?),
            messages: Operator::new(operator, operator::SECRET),
        })
    }

    fn initiator(&self, standing: Standing) -> Initiator {
        Initiator {
            name: "БЕЖ".into(),
            // Cannot fail: a number of the test vectors.
            bin: Bin::parse(BIN).expect("a number"),
            responsible: "Сынақ операторы".into(),
            standing,
            proof_key: Box::new(self.world().keys.signer(Owner::OurProofs)),
            proof_ns: OWN_TOKEN_NS_MAX,
            issuer: gateway::ISSUER.into(),
            keys: TokenKeys::SentAlong,
            verifier: Box::new(Builtin),
            unit: TermUnit::Seconds,
        }
    }
}

/// Our number in a simulation: of the vectors that nobody has.
pub const BIN: &str = "990141990005";
