//! The e-government gateway (ЭҮШ, ШЭП): SyncChannel version 10 over SOAP 1.1 (X-08, R3-2.11).
//!
//! Owns the envelope of requests and answers, the table of status codes by service, faults, and
//! that every answer is bound to its request. The forms are public (`SyncChannel/v10`); what is
//! within `data` belongs to each service.
//!
//! Contract:
//! - a sender keeps to the schema: lengths of properties, order of elements, times with offset;
//! - a receiver takes what senders in the field write: a session id without braces, `data` inline
//!   or as escaped text, elements of `data` in any namespace;
//! - a status code is an opaque word. Each service names the words it knows; an unknown one is
//!   [`Error::Refused`] and wants a person's eye;
//! - an answer names our message in `messageId` or `correlationId`, or it is not ours.
//!
//! Cost per call: one signature, one verification, one canonical form of each body: below a
//! millisecond and a half beside the network.

use hyper::header::HeaderName;
use roxmltree::Node;
use terms::{Hash, Instant, MessageId};

use crate::error::{Code, Error};
use crate::limits::FIELD_BYTES_MAX;
use crate::moment::{local, parse};
use crate::security::{Trust, body, open, seal};
use crate::signature::Signer;
use crate::token::hash;
use crate::way::{Ask, Way};
use crate::xml::{Message, escape, field, maybe, need, one, own_text, text};

const TYPES: &str = "http://bip.bee.kz/SyncChannel/v10/Types";
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// What every call has: an id of ours, under which it may be sent again, and the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Made by whoever calls; kept with what it was for.
    pub id: MessageId,
    /// Now.
    pub at: Instant,
}

/// How the answers of a gateway are known to be its own.
#[derive(Debug)]
pub enum Answers {
    /// Each is signed with a pinned certificate.
    Signed(Trust),
    /// They are not signed; TLS alone says who speaks. Tokens must then be checked with a key
    /// that was handed over, not with one that came along.
    Plain,
}

/// How we are known to a gateway.
pub struct Peer {
    /// Our id in the register of its participants.
    pub sender: String,
    /// Our password there, if the participant has one.
    pub password: Option<String>,
    /// Our key.
    pub key: Box<dyn Signer>,
    /// Its answers.
    pub answers: Answers,
}

impl std::fmt::Debug for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Peer({}, {:?})", self.sender, self.answers)
    }
}

/// The gateway, as its services are reached through it.
#[derive(Debug)]
pub struct Gateway {
    way: Way,
    peer: Peer,
}

/// What a service's answer says, and what remains of the exchange as evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard<T> {
    /// What the service's data say; `None` when it has nothing on record.
    pub found: Option<T>,
    /// The evidence.
    pub trace: Trace,
}

/// One exchange as evidence: digests and ids, nothing that names a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Our message.
    pub message: MessageId,
    /// The message that answered it.
    pub answer_id: Hash,
    /// The session that the gateway gave it, as a digest.
    pub session: Option<Hash>,
    /// SHA-256 of the request as it was sent.
    pub request: Hash,
    /// SHA-256 of the answer as it came.
    pub answer: Hash,
    /// When it was asked.
    pub asked_at: Instant,
    /// When the answer says that it was made.
    pub answered_at: Instant,
}

/// One message to a service.
pub(crate) struct Question<'a> {
    pub service: &'a str,
    /// Codes that mean that the answer has its data.
    pub found: &'a [&'a str],
    /// Codes that mean that nothing is on record.
    pub absent: &'a [&'a str],
    /// The element `data`, whole, in its form for this service.
    pub data: String,
}

impl Gateway {
    /// A gateway at the end of this way.
    pub fn new(way: Way, peer: Peer) -> Gateway {
        Gateway { way, peer }
    }

    /// Whether answers are signed, so that a key which comes along is the service's own.
    pub fn signs(&self) -> bool {
        matches!(self.peer.answers, Answers::Signed(_))
    }

    /// The way's realm.
    pub fn realm(&self) -> crate::way::Realm {
        self.way.realm()
    }

    /// Asks a service; `read` gets the data of a verified answer and nothing else.
    pub(crate) fn ask<T>(
        &self,
        call: &Call,
        question: &Question<'_>,
        read: impl FnOnce(Node<'_, '_>) -> Result<T, Error>,
    ) -> Result<Heard<T>, Error> {
        let content = self.envelope(call, question)?;
        let sealed = seal(&content, &call.id.to_string(), &*self.peer.key);
        let sealed = sealed.map_err(|_| Error::Unsendable("a message that cannot be signed"))?;
        let request = hash(sealed.as_bytes());
        let mut ask = Ask::post("", "text/xml; charset=utf-8", sealed.into_bytes());
        let action = HeaderName::from_static("soapaction");
        ask.head.push((action, "\"\"".to_owned()));
        let answer = self.way.ask(ask)?;
        // A fault comes with status 500 and a body; without a body it is the machine that failed.
        let fault = answer.status.as_u16() == 500 && answer.content.trim_ascii().starts_with(b"<");
        let answer = if fault { answer } else { answer.good()? };
        let content = std::str::from_utf8(&answer.content);
        let content = content.map_err(|_| Error::Malformed("no UTF-8"))?;
        let message = Message::parse(content)?;
        let body = match &self.peer.answers {
            Answers::Signed(trust) => open(&message, trust, call.at)?,
            Answers::Plain => body(&message)?,
        };
        let mut trace = Trace {
            message: call.id,
            answer_id: Hash::ZERO,
            session: None,
            request,
            answer: hash(&answer.content),
            asked_at: call.at,
            answered_at: call.at,
        };
        let found = read_answer(body, call, question, &mut trace, read)?;
        Ok(Heard { found, trace })
    }

    fn envelope(&self, call: &Call, question: &Question<'_>) -> Result<String, Error> {
        let mut out = format!("<SendMessage xmlns=\"{TYPES}\"><request xmlns=\"\"><requestInfo>");
        field(&mut out, "messageId", &call.id.to_string());
        field(&mut out, "serviceId", fits(question.service, "the service's id")?);
        field(&mut out, "messageDate", &local(call.at));
        out.push_str("<sender>");
        field(&mut out, "senderId", fits(&self.peer.sender, "our id")?);
        if let Some(password) = &self.peer.password {
            field(&mut out, "password", password);
        }
        out.push_str("</sender></requestInfo><requestData>");
        out.push_str(&question.data);
        out.push_str("</requestData></request></SendMessage>");
        Ok(out)
    }
}

/// Text that fits into a field of a message.
pub(crate) fn fits<'a>(text: &'a str, what: &'static str) -> Result<&'a str, Error> {
    let fits = !text.trim().is_empty() && text.len() <= FIELD_BYTES_MAX;
    if fits { Ok(text) } else { Err(Error::Unsendable(what)) }
}

/// `<data>` of a type that a namespace names, with what is in it.
pub(crate) fn data(space: &str, kind: &str, content: &str) -> String {
    format!(
        "<data xmlns:xsi=\"{XSI}\" xmlns:own=\"{}\" xsi:type=\"own:{kind}\">{content}</data>",
        escape(space)
    )
}

fn read_answer<T>(
    body: Node<'_, '_>,
    call: &Call,
    question: &Question<'_>,
    trace: &mut Trace,
    read: impl FnOnce(Node<'_, '_>) -> Result<T, Error>,
) -> Result<Option<T>, Error> {
    if let Some(fault) = maybe(body, "Fault")? {
        return Err(read_fault(fault));
    }
    let response = one(one(body, "SendMessageResponse")?, "response")?;
    let info = one(response, "responseInfo")?;
    let ours = call.id.to_string();
    let id = need(info, "messageId")?;
    let correlation = text(info, "correlationId")?;
    if !id.eq_ignore_ascii_case(&ours)
        && !correlation.is_some_and(|named| named.eq_ignore_ascii_case(&ours))
    {
        return Err(Error::Malformed("the answer to another message"));
    }
    trace.answer_id = hash(id.as_bytes());
    trace.session = text(info, "sessionId")?.map(|session| {
        let bare = session.trim_start_matches('{').trim_end_matches('}').to_ascii_lowercase();
        hash(bare.as_bytes())
    });
    let date = need(info, "responseDate")?;
    trace.answered_at = parse(&date).ok_or(Error::Malformed("responseDate"))?;
    let code = need(one(info, "status")?, "code")?;
    if question.absent.contains(&&*code) {
        return Ok(None);
    }
    if !question.found.contains(&&*code) {
        return Err(Error::Refused(Code::of(&code)));
    }
    let data = one(one(response, "responseData")?, "data")?;
    if data.children().any(|child| child.is_element()) {
        return read(data).map(Some);
    }
    // Business data that are signed by themselves come as escaped text.
    let inner = own_text(data);
    if inner.trim_start().starts_with('<') {
        return read(Message::parse(inner.trim())?.root()).map(Some);
    }
    Err(Error::Malformed("data"))
}

/// A fault is the gateway's no; its innermost code says most.
fn read_fault(fault: Node<'_, '_>) -> Error {
    let innermost = |name| {
        let mut within = fault.descendants();
        within.rfind(|node| node.is_element() && node.tag_name().name() == name)
    };
    let code = innermost("errorCode").or_else(|| innermost("faultcode"));
    match code {
        Some(code) => Error::Refused(Code::of(&own_text(code))),
        None => Error::Malformed("a fault without a code"),
    }
}
