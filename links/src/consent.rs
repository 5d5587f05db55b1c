//! The state's service of access to personal data (КДП): consent of a person, and the token with
//! which his data may then be asked for (X-08, R3).
//!
//! Two tokens are kept apart by type: the *proof* that we sign when consent was taken by our own
//! means (`ovt`), and the [`Access`] that the service signs and that goes to the registers. The
//! service is asked through the gateway; asking again with the same content is how one learns
//! whether the person has answered, and [`next_look`] says when that is worth while.
//!
//! Contract of [`Consent::request`]: `Granted` comes with an access whose token was verified: RS256
//! alone, the service's key, our number as its audience, this person as its subject, its times
//! within a minute of ours, every register that was asked for. Whatever does not hold is
//! [`Error::BadToken`], and no data may be asked for (R3-3.1, R3-7.6).

mod access;
pub mod trial;

use serde::Serialize;
use terms::{Bin, Day, Iin, Instant};

pub use access::{Access, TokenKeys};

use crate::error::Error;
use crate::gateway::{Call, Gateway, Question, Trace, data, fits};
use crate::limits::{ANSWER_1414_NS, ANSWER_CODE_NS, OWN_TOKEN_NS_MAX, RECORDS_MAX};
use crate::moment::parse;
use crate::private::Private;
use crate::signature::{Signer, Verifier};
use crate::token;
use crate::xml::{Message, children, field, need, one, own_text, text};

const SERVICE: &str = "KDP_SERVICE";
const HISTORY: &str = "KDP_PERSONALDATA";
const SPACE: &str = "http://service.2fa-chain.kz/ns/kdp";
const HISTORY_SPACE: &str = "http://service.2fa-chain.kz/ns/kdp/personalData";
/// The words that the gateway has for a processed message, and for one that found nothing.
pub(crate) const PROCESSED: [&str; 1] = ["SCSS001"];
pub(crate) const ABSENT: [&str; 2] = ["SCSE001", "404"];

/// The state service as its callers see it.
pub trait Consent: Send + Sync {
    /// Asks for access, or, with the same content, for what has become of it.
    fn request(&self, call: &Call, asked: &Asked) -> Result<Answer, Error>;
    /// Who looked at a person's data, from the first day to the last.
    fn history(&self, call: &Call, person: &Iin, from: Day, to: Day) -> Result<Vec<Look>, Error>;
}

/// What entitles us to which way of asking (R3-2.1, R3-7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// A bank.
    pub bank: bool,
    /// An agreement with the authority exists.
    pub agreement: bool,
    /// An operational centre of information security exists.
    pub security_centre: bool,
    /// Registered as a giver of proactive services.
    pub proactive: bool,
}

/// The five ways of request and answer (R3-7.1 to R3-7.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RequestWay {
    /// A message from 1414, which the person answers; the way unless another is chosen.
    #[default]
    Sms1414,
    /// Our own means of asking him.
    OwnMeans(Means),
    /// A service that is given without an application.
    Proactive,
    /// The access is only logged, and the person is told afterwards.
    Logging(Exemption),
    /// A message with a one-time code.
    OneTimeCode,
}

/// How a person was asked by our own means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// Biometry.
    Biometry,
    /// His digital signature.
    Signature,
}

/// Article 9 of the law on personal data, the subparagraphs that need no consent (R3-3.2, I-24).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exemption {
    /// 1).
    Sub1,
    /// 2).
    Sub2,
    /// 9).
    Sub9,
    /// 9-2).
    Sub9Dash2,
}

/// Why a way may not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WayRefused {
    /// Neither a bank nor an agreement with a security centre.
    #[error("own means are for banks, or for an agreement with an operational security centre")]
    OwnMeans,
    /// Not registered for it.
    #[error("a proactive way is for givers of proactive services")]
    Proactive,
}

impl RequestWay {
    /// Refuses a way that we are not entitled to.
    pub fn permitted(self, standing: Standing) -> Result<(), WayRefused> {
        match self {
            RequestWay::OwnMeans(_) => {
                let own = standing.bank || (standing.agreement && standing.security_centre);
                own.then_some(()).ok_or(WayRefused::OwnMeans)
            }
            RequestWay::Proactive => standing.proactive.then_some(()).ok_or(WayRefused::Proactive),
            RequestWay::Sms1414 | RequestWay::Logging(_) | RequestWay::OneTimeCode => Ok(()),
        }
    }

    /// Whether no message goes to the person.
    pub fn omits_message(self) -> bool {
        match self {
            RequestWay::Sms1414 | RequestWay::OneTimeCode => false,
            RequestWay::OwnMeans(_) | RequestWay::Proactive | RequestWay::Logging(_) => true,
        }
    }

    /// How long an answer is waited for (S-56); nothing where the answer comes at once.
    pub fn term_ns(self) -> i64 {
        match self {
            RequestWay::Sms1414 => ANSWER_1414_NS,
            RequestWay::OneTimeCode => ANSWER_CODE_NS,
            RequestWay::OwnMeans(_) | RequestWay::Proactive | RequestWay::Logging(_) => 0,
        }
    }
}

/// When to look again whether the person has answered: soon at first, each pause half as long as
/// what has passed, at most ten minutes; `None` when the term is over.
pub fn next_look(way: RequestWay, asked_at: Instant, now: Instant) -> Option<Instant> {
    let passed = now.since(asked_at).max(0);
    let pause = (passed / 2).clamp(3 * Instant::SECOND, 600 * Instant::SECOND);
    let end = asked_at.plus(way.term_ns());
    (now < end).then(|| Instant(now.plus(pause).0.min(end.0)))
}

/// In which unit the service counts a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TermUnit {
    /// Seconds; what the known values look like.
    Seconds,
    /// Milliseconds.
    Milliseconds,
}

/// What we are to the state service.
pub struct Initiator {
    /// Our name.
    pub name: String,
    /// Our number.
    pub bin: Bin,
    /// Who answers for the data base.
    pub responsible: String,
    /// What entitles us to which way.
    pub standing: Standing,
    /// The key of our proofs; its public part was handed over (R3-10.2).
    pub proof_key: Box<dyn Signer>,
    /// Life of a proof, at most five minutes (S-58), nanoseconds.
    pub proof_ns: i64,
    /// The name that the service signs its tokens with.
    pub issuer: String,
    /// The keys that its tokens may be signed with.
    pub keys: TokenKeys,
    /// Who checks signatures of tokens.
    pub verifier: Box<dyn Verifier>,
    /// The unit of `expiresIn`.
    pub unit: TermUnit,
}

impl std::fmt::Debug for Initiator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Initiator({}, {:?})", self.bin, self.standing)
    }
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Whose data.
    pub person: Iin,
    /// Our employee or system that asks.
    pub employee: Private,
    /// The registers, by the gateway's ids.
    pub registers: Vec<String>,
    /// Which data, in words the person reads; may be empty.
    pub data: String,
    /// How long the access shall last, seconds.
    pub term_s: u32,
    /// The way.
    pub way: RequestWay,
    /// The code that the person has got and told, on the way that has one.
    pub code: Option<Private>,
}

/// What the person has said, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Nothing yet.
    Pending,
    /// Yes; and this is the access.
    Granted(Box<Access>),
    /// No.
    Refused,
    /// Nothing until the term was over.
    TimedOut,
    /// He has no number that the service knows.
    NotReachable,
    /// The service could not ask him.
    Failed,
}

/// The service's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What the person has said.
    pub said: Said,
    /// The exchange as evidence.
    pub trace: Trace,
}

/// One look at a person's data, from the service's journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// When.
    pub at: Instant,
    /// Who: the name of the company.
    pub company: String,
    /// The registers that were asked.
    pub registers: String,
}

/// The content of a proof.
#[derive(Serialize)]
struct Proof {
    cbin: String,
    mcheck: &'static str,
    iat: i64,
    exp: i64,
}

/// The state service behind the gateway.
#[derive(Debug)]
pub struct StateService {
    gateway: std::sync::Arc<Gateway>,
    initiator: Initiator,
}

/// Why the state service cannot be set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateServiceError {
    /// S-58.
    #[error("a proof lives more than nothing and at most five minutes")]
    ProofLife,
    /// A key that comes with an unsigned answer proves nothing.
    #[error("keys that come along need a gateway that signs; name the keys instead")]
    Keys,
}

impl StateService {
    /// The service as this initiator sees it.
    pub fn new(
        gateway: std::sync::Arc<Gateway>,
        initiator: Initiator,
    ) -> Result<StateService, StateServiceError> {
        if !(0 < initiator.proof_ns && initiator.proof_ns <= OWN_TOKEN_NS_MAX) {
            return Err(StateServiceError::ProofLife);
        }
        if matches!(initiator.keys, TokenKeys::SentAlong) && !gateway.signs() {
            return Err(StateServiceError::Keys);
        }
        Ok(StateService { gateway, initiator })
    }

    /// The realm of the gateway.
    pub fn realm(&self) -> crate::way::Realm {
        self.gateway.realm()
    }

    /// An access that was kept, checked anew: what it was asked with must be what it was granted
    /// for, and its time must not be over.
    pub fn reopen(
        &self,
        token: &str,
        key: &str,
        asked: &Asked,
        at: Instant,
    ) -> Result<Access, Error> {
        Access::verify(token, key, asked, &self.initiator, at)
    }

    fn content(&self, call: &Call, asked: &Asked) -> Result<String, Error> {
        let initiator = &self.initiator;
        let permitted = asked.way.permitted(initiator.standing);
        permitted.map_err(|_| Error::Unsendable("a way that we are not entitled to"))?;
        let registers = asked.registers.join(";");
        if asked.registers.iter().any(|one| one.contains(';') || one.is_empty()) {
            return Err(Error::Unsendable("the registers"));
        }
        if asked.term_s == 0 {
            return Err(Error::Unsendable("the term"));
        }
        let term = match initiator.unit {
            TermUnit::Seconds => u64::from(asked.term_s),
            TermUnit::Milliseconds => u64::from(asked.term_s) * 1_000,
        };
        let mut out = String::new();
        field(&mut out, "uin", &asked.person.reveal());
        field(&mut out, "company", fits(&initiator.name, "our name")?);
        field(&mut out, "company_bin", &initiator.bin.to_string());
        field(&mut out, "company_responsible", fits(&initiator.responsible, "who answers")?);
        field(&mut out, "employee_name", fits(asked.employee.reveal(), "the employee")?);
        field(&mut out, "access_name", fits(&registers, "the registers")?);
        if crate::limits::FIELD_BYTES_MAX < asked.data.len() {
            return Err(Error::Unsendable("the names of the data"));
        }
        field(&mut out, "personal_data_name", &asked.data);
        field(&mut out, "expiresIn", &term.to_string());
        field(&mut out, "omit-sms", if asked.way.omits_message() { "true" } else { "false" });
        if let Some(proof) = self.proof(call, asked)? {
            field(&mut out, "ovt", &proof);
        }
        Ok(out)
    }

    /// What goes into `ovt`: our proof, or the code that the person told.
    fn proof(&self, call: &Call, asked: &Asked) -> Result<Option<String>, Error> {
        match (asked.way, &asked.code) {
            (RequestWay::OwnMeans(means), None) => {
                let iat = token::seconds(call.at);
                let proof = Proof {
                    cbin: self.initiator.bin.to_string(),
                    mcheck: match means {
                        Means::Biometry => "Bio",
                        Means::Signature => "Ds",
                    },
                    iat,
                    exp: iat + self.initiator.proof_ns / Instant::SECOND,
                };
                token::sign(&proof, &*self.initiator.proof_key).map(Some).map_err(Error::BadToken)
            }
            (RequestWay::OneTimeCode, Some(code)) => {
                let text = code.reveal();
                let fits = (4..=12).contains(&text.len())
                    && text.bytes().all(|b| b.is_ascii_alphanumeric());
                fits.then(|| Some(text.to_owned())).ok_or(Error::Unsendable("the code"))
            }
            (_, None) => Ok(None),
            (_, Some(_)) => Err(Error::Unsendable("a code on a way that has none")),
        }
    }
}

impl Consent for StateService {
    fn request(&self, call: &Call, asked: &Asked) -> Result<Answer, Error> {
        let data = data(SPACE, "getUserDataRequest", &self.content(call, asked)?);
        let question = Question { service: SERVICE, found: &PROCESSED, absent: &ABSENT, data };
        let heard = self.gateway.ask(call, &question, |data| {
            let status = need(data, "status")?;
            Ok((status, text(data, "code")?, text(data, "public-key")?))
        })?;
        let Some((status, code, key)) = heard.found else {
            return Ok(Answer { said: Said::NotReachable, trace: heard.trace });
        };
        let said = match status.to_ascii_uppercase().as_str() {
            "PENDING" => Said::Pending,
            "VALID" => {
                let code = code.ok_or(Error::Malformed("code"))?;
                let key = key.ok_or(Error::Malformed("public-key"))?;
                let access = Access::verify(&code, &key, asked, &self.initiator, call.at)?;
                Said::Granted(Box::new(access))
            }
            "INVALID" => Said::Refused,
            "TIMEOUT" => Said::TimedOut,
            "NOT_FOUND" => Said::NotReachable,
            "ERROR" => Said::Failed,
            _ => return Err(Error::Malformed("status")),
        };
        Ok(Answer { said, trace: heard.trace })
    }

    fn history(&self, call: &Call, person: &Iin, from: Day, to: Day) -> Result<Vec<Look>, Error> {
        if to < from {
            return Err(Error::Unsendable("the days"));
        }
        let mut content = String::new();
        field(&mut content, "uin", &person.reveal());
        field(&mut content, "start_date", &from.to_string());
        field(&mut content, "end_date", &to.to_string());
        let data = data(HISTORY_SPACE, "personalDataRequest", &content);
        let question = Question { service: HISTORY, found: &PROCESSED, absent: &ABSENT, data };
        let heard = self.gateway.ask(call, &question, |data| {
            if need(data, "uin")? != person.reveal() {
                return Err(Error::Malformed("the history of another person"));
            }
            let looks = one(data, "r_pdata")?;
            if looks.children().any(|child| child.is_element()) {
                return looks_of(looks);
            }
            let inner = own_text(looks);
            if inner.trim().is_empty() {
                return Ok(Vec::new());
            }
            looks_of(Message::parse(inner.trim())?.root())
        })?;
        Ok(heard.found.unwrap_or_default())
    }
}

fn looks_of(node: roxmltree::Node<'_, '_>) -> Result<Vec<Look>, Error> {
    let mut looks = Vec::new();
    for look in children(node, "look") {
        if RECORDS_MAX <= looks.len() {
            return Err(Error::Malformed("more looks than are read at once"));
        }
        let at = parse(&need(look, "date")?).ok_or(Error::Malformed("date"))?;
        let (company, registers) = (need(look, "company")?, need(look, "access_name")?);
        looks.push(Look { at, company, registers });
    }
    Ok(looks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_are_for_those_entitled_to_them() {
        let none = Standing::default();
        let bank = Standing { bank: true, ..none };
        let agreement = Standing { agreement: true, ..none };
        let both = Standing { security_centre: true, ..agreement };
        let proactive = Standing { proactive: true, ..none };
        let own = RequestWay::OwnMeans(Means::Biometry);
        let cases = [
            (RequestWay::Sms1414, none, Ok(())),
            // R3-7.2
            (own, none, Err(WayRefused::OwnMeans)),
            (own, agreement, Err(WayRefused::OwnMeans)),
            (own, bank, Ok(())),
            (own, both, Ok(())),
            // R3-7.3
            (RequestWay::Proactive, both, Err(WayRefused::Proactive)),
            (RequestWay::Proactive, proactive, Ok(())),
            // R3-7.4, R3-7.5a
            (RequestWay::Logging(Exemption::Sub9Dash2), none, Ok(())),
            (RequestWay::OneTimeCode, none, Ok(())),
        ];
        for (way, standing, want) in cases {
            assert_eq!(way.permitted(standing), want, "{way:?} {standing:?}");
        }
        // R3-7.1
        assert_eq!(RequestWay::default(), RequestWay::Sms1414);
    }

    #[test]
    fn looks_grow_rarer_and_end_with_the_term() {
        // S-56
        let start = Instant(0);
        let (mut now, mut count) = (start, 0);
        while let Some(next) = next_look(RequestWay::Sms1414, start, now) {
            assert!(now < next);
            now = next;
            count += 1;
        }
        assert_eq!(now, start.plus(ANSWER_1414_NS));
        assert!(count < 200, "{count}");
        assert_eq!(next_look(RequestWay::OneTimeCode, start, start.plus(ANSWER_CODE_NS)), None);
        // A clock that went back.
        assert!(next_look(RequestWay::Sms1414, Instant(10), Instant(0)).is_some());
    }
}
