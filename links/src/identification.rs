//! The exchange of identification data (СДАО, ЦОИД): is the person before the camera the one whom
//! the register has (X-03, R0-10, S-02)?
//!
//! A session is opened for a person; the exchange names commands (turn, blink …) and a nonce; what
//! the camera saw is sent; the exchange compares it with the picture of the state and says what
//! came of it in a `signed_result`. Only that signed part is believed, under a pinned key, and
//! only if it names our session and our nonce, and the person who was asked for.
//!
//! The interface of the real exchange is not public; the form here is our proposal to it
//! (`docs/connect-outside.md`). Scores are whole ten-thousandths.

use serde::{Deserialize, Serialize};
use terms::{Day, Iin, Instant};

use crate::error::Error;
use crate::gateway::Call;
use crate::limits::{CAPTURE_BYTES_MAX, OWN_TOKEN_NS_MAX, SKEW_NS};
use crate::moment::parse;
use crate::phone::Phone;
use crate::population::Birth;
use crate::private::Private;
use crate::signature::{Certificate, Signer, Verifier};
use crate::token::{TokenError, hash, instant, open, seconds, sign};
use crate::way::{Ask, Way};

/// The exchange as its callers see it.
pub trait Identification: Send + Sync {
    /// Opens a session; the same call a second time opens none.
    fn begin(&self, call: &Call, applicant: &Applicant) -> Result<Session, Error>;
    /// Sends what the camera saw.
    fn capture(&self, call: &Call, session: &Session, film: &Film) -> Result<Attempt, Error>;
    /// What has come of it.
    fn look(&self, call: &Call, session: &Session) -> Result<Outcome, Error>;
}

/// Who is to be identified, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applicant {
    /// His number, if he has one.
    pub iin: Option<Iin>,
    /// His document, if he has no number.
    pub document: Option<Paper>,
    /// His phone.
    pub phone: Phone,
    /// What for.
    pub purpose: Purpose,
    /// Where he is.
    pub channel: Channel,
}

/// A document as it is named to the exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Kind, by the exchange's code.
    pub kind: String,
    /// Number.
    pub number: Private,
}

/// What a person is identified for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// The first time.
    Registration,
    /// Again, after a term (S-02).
    Renewal,
    /// Above a sum (S-02).
    StepUp,
}

/// Where a person is identified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// By his own phone.
    Remote,
    /// Before an employee.
    InPerson,
}

/// What a person is asked to do before the camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Turn the head to the left.
    TurnLeft,
    /// Turn the head to the right.
    TurnRight,
    /// Blink.
    Blink,
    /// Smile.
    Smile,
    /// Nod.
    Nod,
    /// Open the mouth.
    OpenMouth,
}

/// Commands that a session has at least: three visible changes are what the rules of biometric
/// identification ask for.
pub const COMMANDS_MIN: usize = 3;

/// A session that is open.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// The exchange's id of it.
    pub id: String,
    /// What the person does, in this order.
    pub commands: Vec<Command>,
    /// What the result must name.
    pub nonce: String,
    /// When it was opened.
    pub begun_at: Instant,
    /// When it ends by itself.
    pub expires_at: Instant,
    /// Whom the result must be about, where a number was given.
    pub iin: Option<Iin>,
}

impl std::fmt::Debug for Session {
    /// Without the nonce.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Session({}, {:?})", self.id, self.commands)
    }
}

/// What a camera saw.
#[derive(Clone, PartialEq, Eq)]
pub struct Film {
    /// Its form, as a media type: `video/webm`, `image/jpeg` …
    pub kind: String,
    /// Bytes.
    pub content: Vec<u8>,
    /// Milliseconds from the beginning at which each command was shown, in their order.
    pub shown_ms: Vec<u32>,
}

impl std::fmt::Debug for Film {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Film({}, {} bytes)", self.kind, self.content.len())
    }
}

/// What the exchange says to a film at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Which attempt of this session it was.
    pub number: u32,
    /// Whether a living person was seen.
    pub alive: bool,
    /// Attempts that are left.
    pub remaining: u32,
}

/// What has come of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing yet.
    Pending,
    /// It is he.
    Matched(Box<Match>),
    /// It is not.
    NotMatched {
        /// How alike, in ten-thousandths.
        score: u32,
        /// From where on it would be he.
        threshold: u32,
    },
    /// No living person was seen in as many attempts as there are.
    LivenessFailed,
    /// The state has no picture of him.
    NoReference,
    /// The session ended before there was a film.
    Expired,
}

/// A person who was recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// How alike, in ten-thousandths.
    pub score: u32,
    /// From where on it is he.
    pub threshold: u32,
    /// Whose picture it was compared with.
    pub source: String,
    /// The exchange's id of its evidence.
    pub evidence: String,
    /// When.
    pub at: Instant,
    /// What the register says of him.
    pub person: Confirmed,
    /// SHA-256 of the signed result.
    pub digest: terms::Hash,
    /// The signed result as it came, for the vault.
    pub signed: Private,
}

/// Data of a person that the exchange has confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmed {
    /// His number; a foreigner may have none.
    pub iin: Option<Iin>,
    /// Surname.
    pub surname: Private,
    /// Name.
    pub name: Private,
    /// Patronymic.
    pub patronymic: Option<Private>,
    /// Born.
    pub birth: Birth,
    /// The document.
    pub document: Option<Confirmation>,
}

/// A document that the exchange has confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation {
    /// Kind, by the exchange's code.
    pub kind: String,
    /// Number.
    pub number: Private,
    /// The last day on which it is good.
    pub expires: Option<Day>,
}

/// What we are to the exchange.
pub struct Member {
    /// Our id there.
    pub id: String,
    /// The exchange's id, for which our tokens are.
    pub exchange: String,
    /// Our key.
    pub key: Box<dyn Signer>,
    /// The certificates that results may be signed with.
    pub pinned: Vec<Certificate>,
    /// Who checks signatures.
    pub verifier: Box<dyn Verifier>,
}

impl std::fmt::Debug for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Member({})", self.id)
    }
}

/// The exchange at the end of a way.
#[derive(Debug)]
pub struct Exchange {
    way: Way,
    member: Member,
}

#[derive(Serialize)]
struct Pass<'a> {
    iss: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
}

#[derive(Serialize)]
struct Beginning<'a> {
    request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    iin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    doc: Option<WirePaper<'a>>,
    phone: String,
    purpose: Purpose,
    channel: Channel,
}

#[derive(Serialize)]
struct WirePaper<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    number: &'a str,
}

#[derive(Deserialize)]
struct Begun {
    session_id: String,
    liveness: Liveness,
}

#[derive(Deserialize)]
struct Liveness {
    commands: Vec<Command>,
    nonce: String,
    expires_at: String,
}

#[derive(Deserialize)]
struct Attempted {
    attempt: u32,
    liveness: String,
    remaining: u32,
}

#[derive(Deserialize)]
struct Looked {
    signed_result: Option<String>,
    state: String,
}

/// What the exchange signs.
#[derive(Deserialize)]
struct Signed {
    aud: String,
    iat: i64,
    session_id: String,
    nonce: String,
    state: String,
    #[serde(default)]
    score: Option<u32>,
    #[serde(default)]
    threshold: Option<u32>,
    #[serde(default)]
    reference_source: Option<String>,
    #[serde(default)]
    evidence_id: Option<String>,
    #[serde(default)]
    person: Option<SignedPerson>,
}

#[derive(Deserialize)]
struct SignedPerson {
    #[serde(default)]
    iin: Option<String>,
    surname: String,
    name: String,
    #[serde(default)]
    patronymic: Option<String>,
    birth_date: String,
    #[serde(default)]
    doc: Option<SignedPaper>,
}

#[derive(Deserialize)]
struct SignedPaper {
    #[serde(rename = "type")]
    kind: String,
    number: String,
    #[serde(default)]
    expires: Option<String>,
}

impl Exchange {
    /// The exchange as this member sees it.
    pub fn new(way: Way, member: Member) -> Exchange {
        Exchange { way, member }
    }

    fn ask(&self, mut ask: Ask<'_>, call: &Call) -> Result<crate::way::Answer, Error> {
        let iat = seconds(call.at);
        let pass = Pass {
            iss: &self.member.id,
            aud: &self.member.exchange,
            iat,
            exp: iat + OWN_TOKEN_NS_MAX / Instant::SECOND,
            jti: call.id.to_string(),
        };
        let pass = sign(&pass, &*self.member.key).map_err(Error::BadToken)?;
        ask.head.push((hyper::header::AUTHORIZATION, format!("Bearer {pass}")));
        let answer = self.way.ask(ask)?.good()?;
        if answer.status.is_success() { Ok(answer) } else { Err(answer.refused()) }
    }

    /// The signed content, under whichever pinned key it was signed with.
    fn open(&self, text: &str, at: Instant) -> Result<Signed, Error> {
        let mut last = TokenError::Signature(crate::signature::SignatureError::Stranger);
        for certificate in &self.member.pinned {
            let now = certificate.believe(&[certificate.pin()], at);
            let opened = now
                .map_err(TokenError::Signature)
                .and_then(|()| open(text, certificate.key_info(), &*self.member.verifier));
            match opened {
                Ok(signed) => return Ok(signed),
                Err(error) => last = error,
            }
        }
        Err(Error::BadToken(last))
    }

    fn judge(&self, text: &str, call: &Call, session: &Session) -> Result<Outcome, Error> {
        let signed = self.open(text, call.at)?;
        if signed.aud != self.member.id {
            return Err(Error::BadToken(TokenError::Audience));
        }
        if signed.session_id != session.id || signed.nonce != session.nonce {
            return Err(Error::BadToken(TokenError::Session));
        }
        let at = instant(signed.iat);
        if at.plus(SKEW_NS) < session.begun_at || call.at.plus(SKEW_NS) < at {
            return Err(Error::BadToken(TokenError::Times));
        }
        let scores = || {
            let score = signed.score.ok_or(Error::Malformed("score"))?;
            let threshold = signed.threshold.ok_or(Error::Malformed("threshold"))?;
            let possible = 0 < threshold && threshold <= 10_000 && score <= 10_000;
            if possible { Ok((score, threshold)) } else { Err(Error::Malformed("score")) }
        };
        match signed.state.as_str() {
            "matched" => {
                let (score, threshold) = scores()?;
                if score < threshold {
                    return Err(Error::Malformed("a match below its threshold"));
                }
                let person = confirmed(signed.person.ok_or(Error::Malformed("person"))?)?;
                if session.iin.is_some() && session.iin != person.iin {
                    return Err(Error::BadToken(TokenError::Subject));
                }
                let source = signed.reference_source.ok_or(Error::Malformed("reference_source"))?;
                let evidence = signed.evidence_id.ok_or(Error::Malformed("evidence_id"))?;
                let (source, evidence) = (name(source)?, name(evidence)?);
                let (digest, signed) = (hash(text.as_bytes()), Private::new(text));
                let matched =
                    Match { score, threshold, source, evidence, at, person, digest, signed };
                Ok(Outcome::Matched(Box::new(matched)))
            }
            "not_matched" => {
                let (score, threshold) = scores()?;
                Ok(Outcome::NotMatched { score, threshold })
            }
            "liveness_failed" => Ok(Outcome::LivenessFailed),
            "no_reference" => Ok(Outcome::NoReference),
            "expired" => Ok(Outcome::Expired),
            _ => Err(Error::Malformed("state")),
        }
    }
}

impl Identification for Exchange {
    fn begin(&self, call: &Call, applicant: &Applicant) -> Result<Session, Error> {
        let doc = applicant.document.as_ref();
        if applicant.iin.is_none() && doc.is_none() {
            return Err(Error::Unsendable("neither number nor document"));
        }
        let beginning = Beginning {
            request_id: call.id.to_string(),
            iin: applicant.iin.as_ref().map(Iin::reveal),
            doc: doc.map(|paper| WirePaper { kind: &paper.kind, number: paper.number.reveal() }),
            phone: applicant.phone.digits(),
            purpose: applicant.purpose,
            channel: applicant.channel,
        };
        let content = serde_json::to_vec(&beginning);
        let content = content.map_err(|_| Error::Unsendable("the applicant"))?;
        let answer = self.ask(Ask::post("/v1/sessions", "application/json", content), call)?;
        let begun: Begun = answer.json()?;
        let expires_at = parse(&begun.liveness.expires_at).ok_or(Error::Malformed("expires_at"))?;
        if begun.liveness.commands.len() < COMMANDS_MIN {
            return Err(Error::Malformed("fewer than three commands"));
        }
        if expires_at <= call.at || begun.liveness.nonce.len() < 16 {
            return Err(Error::Malformed("a session without time or nonce"));
        }
        Ok(Session {
            id: name(begun.session_id)?,
            commands: begun.liveness.commands,
            nonce: name(begun.liveness.nonce)?,
            begun_at: call.at,
            expires_at,
            iin: applicant.iin,
        })
    }

    fn capture(&self, call: &Call, session: &Session, film: &Film) -> Result<Attempt, Error> {
        let size = film.content.len();
        if !(1 <= size && size <= CAPTURE_BYTES_MAX) {
            return Err(Error::Unsendable("the film"));
        }
        if film.shown_ms.len() != session.commands.len() {
            return Err(Error::Unsendable("the times of the commands"));
        }
        let (boundary, content) = multipart(call, film)?;
        let path = format!("/v1/sessions/{}/capture", session.id);
        let kind = format!("multipart/form-data; boundary={boundary}");
        let attempted: Attempted = self.ask(Ask::post(&path, &kind, content), call)?.json()?;
        let alive = match attempted.liveness.as_str() {
            "pass" => true,
            "fail" => false,
            _ => return Err(Error::Malformed("liveness")),
        };
        let Attempted { attempt: number, remaining, .. } = attempted;
        Ok(Attempt { number, alive, remaining })
    }

    fn look(&self, call: &Call, session: &Session) -> Result<Outcome, Error> {
        let path = format!("/v1/sessions/{}", session.id);
        let looked: Looked = self.ask(Ask::get(&path), call)?.json()?;
        match looked.signed_result {
            Some(text) => self.judge(&text, call, session),
            // Only waiting needs no signature: anybody can make us wait.
            None if looked.state == "pending" => Ok(Outcome::Pending),
            None => Err(Error::BadToken(TokenError::Signature(
                crate::signature::SignatureError::Absent,
            ))),
        }
    }
}

/// A short name that may stand in an address.
fn name(text: String) -> Result<String, Error> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let fits = !text.is_empty() && text.len() <= 64 && text.bytes().all(plain);
    if fits { Ok(text) } else { Err(Error::Malformed("a name")) }
}

fn confirmed(person: SignedPerson) -> Result<Confirmed, Error> {
    let iin = match person.iin {
        Some(text) => Some(Iin::parse(&text).map_err(|_| Error::Malformed("iin"))?),
        None => None,
    };
    let birth = Day::parse(&person.birth_date).ok_or(Error::Malformed("birth_date"))?;
    let document = match person.doc {
        Some(doc) => Some(Confirmation {
            kind: name(doc.kind)?,
            number: Private::new(doc.number),
            expires: match doc.expires {
                Some(text) => Some(Day::parse(&text).ok_or(Error::Malformed("expires"))?),
                None => None,
            },
        }),
        None => None,
    };
    Ok(Confirmed {
        iin,
        surname: Private::new(person.surname),
        name: Private::new(person.name),
        patronymic: person.patronymic.map(Private::new),
        birth: Birth(birth),
        document,
    })
}

/// The film and the times of its commands, as a form with two parts.
fn multipart(call: &Call, film: &Film) -> Result<(String, Vec<u8>), Error> {
    let boundary = format!("bej-{}", call.id);
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/-+.".contains(&b);
    let within = film.content.windows(boundary.len()).any(|part| part == boundary.as_bytes());
    if !film.kind.bytes().all(plain) || within {
        return Err(Error::Unsendable("the film"));
    }
    let times: Vec<String> = film.shown_ms.iter().map(u32::to_string).collect();
    let mut content = format!(
        "--{boundary}\r\ncontent-disposition: form-data; name=\"shown_ms\"\r\n\r\n{}\r\n\
         --{boundary}\r\ncontent-disposition: form-data; name=\"film\"; filename=\"film\"\r\n\
         content-type: {}\r\n\r\n",
        times.join(","),
        film.kind
    )
    .into_bytes();
    content.extend_from_slice(&film.content);
    content.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    Ok((boundary, content))
}
