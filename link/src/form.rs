//! What is said, as bytes.

use std::sync::Arc;

use desk::{Command, Manner, Message};
use pump::{Busy, Class, Outcome, PumpError, Receipt, Verdict};
use terms::codec::{Reader, put_leb};
use terms::{Broken, Field, Hash, Instant, MessageId, Reason, Sender, Seq};

/// What the door says first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hello {
    pub version: u32,
    /// Whether this node decides.
    pub leads: bool,
}

impl Hello {
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        let mut out = Vec::new();
        self.version.put(&mut out);
        self.leads.put(&mut out);
        out
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Hello, Broken> {
        let mut from = Reader::new(bytes);
        let hello = Hello { version: u32::read(&mut from)?, leads: bool::read(&mut from)? };
        from.end()?;
        Ok(hello)
    }
}

/// Messages of one sender, under a number by which their answer is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub number: u64,
    pub class: Class,
    /// None of them: a sign of life is asked for.
    pub messages: Vec<Message>,
}

impl Request {
    /// The bytes, without taking the messages.
    pub(crate) fn bytes(number: u64, class: Class, messages: &[Message]) -> Vec<u8> {
        let mut out = Vec::with_capacity(16 + 192 * messages.len());
        number.put(&mut out);
        out.push(class_code(class));
        put_leb(&mut out, messages.len() as u64);
        for message in messages {
            message.sender.put(&mut out);
            message.id.put(&mut out);
            (message.manner == Manner::Bulk).put(&mut out);
            let command = message.command.to_bytes();
            put_leb(&mut out, command.len() as u64);
            out.extend_from_slice(&command);
        }
        out
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Request, Broken> {
        let mut from = Reader::new(bytes);
        let number = u64::read(&mut from)?;
        let class = class(from.byte()?)?;
        let messages = list(&mut from, message)?;
        from.end()?;
        Ok(Request { number, class, messages })
    }
}

fn message(from: &mut Reader<'_>) -> Result<Message, Broken> {
    let (sender, id) = (Sender::read(from)?, MessageId::read(from)?);
    let manner = if bool::read(from)? { Manner::Bulk } else { Manner::Single };
    let length = usize::try_from(from.leb()?).map_err(|_| Broken::Range)?;
    let command = Command::from_bytes(from.take(length)?)?;
    // The digest is computed anew: what is compared for ever is no word of a peer.
    Ok(Message::new(sender, id, manner, command))
}

/// What has come of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub number: u64,
    pub verdicts: Result<Vec<Verdict>, PumpError>,
}

const VERDICTS: u8 = 0;
const FULL: u8 = 1;
const CLOCK: u8 = 2;
const IDS: u8 = 3;
const ABSENT: u8 = 4;
const STOPPED: u8 = 5;
const MALFORMED: u8 = 6;

impl Answer {
    /// Appends the bytes.
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        self.number.put(out);
        match &self.verdicts {
            Ok(verdicts) => {
                out.push(VERDICTS);
                put_leb(out, verdicts.len() as u64);
                verdicts.iter().for_each(|one| put_verdict(one, out));
            }
            Err(PumpError::Busy(Busy::Full { sender, class, retry_after_ms })) => {
                out.push(FULL);
                sender.put(out);
                out.push(class_code(*class));
                retry_after_ms.put(out);
            }
            Err(PumpError::Busy(Busy::Clock)) => out.push(CLOCK),
            Err(PumpError::Busy(Busy::Ids)) => out.push(IDS),
            Err(PumpError::Busy(Busy::Absent)) => out.push(ABSENT),
            Err(PumpError::Stopped(why)) => {
                out.push(STOPPED);
                put_leb(out, why.len() as u64);
                out.extend_from_slice(why.as_bytes());
            }
            Err(PumpError::Malformed(_)) => out.push(MALFORMED),
        }
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Answer, Broken> {
        let mut from = Reader::new(bytes);
        let number = u64::read(&mut from)?;
        let verdicts = match from.byte()? {
            VERDICTS => Ok(list(&mut from, verdict)?),
            FULL => {
                let sender = Sender::read(&mut from)?;
                let class = class(from.byte()?)?;
                let retry_after_ms = u64::read(&mut from)?;
                Err(Busy::Full { sender, class, retry_after_ms }.into())
            }
            CLOCK => Err(Busy::Clock.into()),
            IDS => Err(Busy::Ids.into()),
            ABSENT => Err(Busy::Absent.into()),
            STOPPED => {
                let length = usize::try_from(from.leb()?).map_err(|_| Broken::Range)?;
                let why = std::str::from_utf8(from.take(length)?).map_err(|_| Broken::Text)?;
                Err(PumpError::Stopped(Arc::from(why)))
            }
            MALFORMED => Err(PumpError::Malformed("the node that decides does not take this form")),
            _ => return Err(Broken::Unknown),
        };
        from.end()?;
        Ok(Answer { number, verdicts })
    }
}

const DONE: u8 = 0;
const REFUSED: u8 = 1;
const CONFLICT: u8 = 2;
const DEFERRED: u8 = 3;
const IDLE: u8 = 4;
const TOO_MANY: u8 = 5;

fn put_verdict(verdict: &Verdict, out: &mut Vec<u8>) {
    match verdict.outcome {
        Outcome::Done => out.push(DONE),
        Outcome::Refused(reason) => put_reason(REFUSED, reason, out),
        Outcome::Conflict(seq) => {
            out.push(CONFLICT);
            seq.put(out);
        }
        Outcome::Deferred(reason) => put_reason(DEFERRED, reason, out),
        Outcome::Idle => out.push(IDLE),
        Outcome::TooMany(reason) => put_reason(TOO_MANY, reason, out),
    }
    verdict.repeat.put(out);
    verdict.receipt.is_some().put(out);
    if let Some(receipt) = &verdict.receipt {
        receipt.seq.put(out);
        receipt.leaf.put(out);
        receipt.at.put(out);
        receipt.rulebook.put(out);
        receipt.code.is_some().put(out);
        if let Some(code) = receipt.code {
            code.put(out);
        }
    }
}

fn put_reason(kind: u8, reason: Reason, out: &mut Vec<u8>) {
    out.push(kind);
    reason.put(out);
}

fn verdict(from: &mut Reader<'_>) -> Result<Verdict, Broken> {
    let outcome = match from.byte()? {
        DONE => Outcome::Done,
        REFUSED => Outcome::Refused(Reason::read(from)?),
        CONFLICT => Outcome::Conflict(Seq::read(from)?),
        DEFERRED => Outcome::Deferred(Reason::read(from)?),
        IDLE => Outcome::Idle,
        TOO_MANY => Outcome::TooMany(Reason::read(from)?),
        _ => return Err(Broken::Unknown),
    };
    let repeat = bool::read(from)?;
    let receipt = if bool::read(from)? { Some(receipt(from)?) } else { None };
    Ok(Verdict { outcome, receipt, repeat })
}

fn receipt(from: &mut Reader<'_>) -> Result<Receipt, Broken> {
    Ok(Receipt {
        seq: Seq::read(from)?,
        leaf: Hash::read(from)?,
        at: Instant::read(from)?,
        rulebook: u32::read(from)?,
        code: if bool::read(from)? { Some(Reason::read(from)?) } else { None },
    })
}

/// A list, whose length is no longer than its bytes.
fn list<T>(
    from: &mut Reader<'_>,
    read: impl Fn(&mut Reader<'_>) -> Result<T, Broken>,
) -> Result<Vec<T>, Broken> {
    let count = usize::try_from(from.leb()?).map_err(|_| Broken::Range)?;
    if from.left() < count {
        return Err(Broken::Short);
    }
    (0..count).map(|_| read(from)).collect()
}

fn class_code(class: Class) -> u8 {
    match class {
        Class::Control => 1,
        Class::Live => 2,
        Class::Settlement => 3,
        Class::Bulk => 4,
    }
}

fn class(code: u8) -> Result<Class, Broken> {
    Class::ALL.into_iter().find(|one| class_code(*one) == code).ok_or(Broken::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use desk::command::Tick;

    fn check(verdicts: Result<Vec<Verdict>, PumpError>) {
        let answer = Answer { number: 300, verdicts };
        let mut bytes = Vec::new();
        answer.put(&mut bytes);
        assert_eq!(Answer::from_bytes(&bytes), Ok(answer));
        for end in 0..bytes.len() {
            assert!(Answer::from_bytes(&bytes[..end]).is_err(), "{end} of {bytes:?}");
        }
    }

    #[test]
    fn every_answer_comes_back_as_it_was() {
        let receipt = |code| Receipt {
            seq: Seq(1 << 40),
            leaf: Hash([7; 32]),
            at: Instant(-5),
            rulebook: 3,
            code,
        };
        let reason = Reason::ListDataStale;
        let outcomes = [
            (Outcome::Done, Some(receipt(None))),
            (Outcome::Refused(reason), Some(receipt(Some(reason)))),
            (Outcome::Conflict(Seq(9)), None),
            (Outcome::Deferred(reason), None),
            (Outcome::Idle, None),
            (Outcome::TooMany(reason), None),
        ];
        let verdict = |(outcome, receipt)| Verdict { outcome, receipt, repeat: true };
        check(Ok(outcomes.map(verdict).to_vec()));
        let sender = Sender::Operator;
        for busy in [
            Busy::Full { sender, class: Class::Bulk, retry_after_ms: 70_000 },
            Busy::Clock,
            Busy::Ids,
            Busy::Absent,
        ] {
            check(Err(busy.into()));
        }
        check(Err(PumpError::Stopped("ұзілді".into())));
        check(Err(PumpError::Malformed("the node that decides does not take this form")));
    }

    #[test]
    fn a_request_comes_back_as_it_was_and_no_part_of_it_does() {
        let message = |manner| {
            let command = Tick { orders_from: 77 }.into();
            Message::new(Sender::System, MessageId([3; 16]), manner, command)
        };
        let messages = vec![message(Manner::Single), message(Manner::Bulk)];
        for class in Class::ALL {
            let bytes = Request::bytes(1 << 33, class, &messages);
            let request = Request { number: 1 << 33, class, messages: messages.clone() };
            assert_eq!(Request::from_bytes(&bytes), Ok(request));
            for end in 0..bytes.len() {
                assert!(Request::from_bytes(&bytes[..end]).is_err(), "{end}");
            }
        }
        // A length that promises more than there is takes no memory.
        let mut lie = Request::bytes(1, Class::Live, &[]);
        lie.pop();
        put_leb(&mut lie, u64::MAX >> 1);
        assert_eq!(Request::from_bytes(&lie), Err(Broken::Short));
        let hello = Hello { version: 1, leads: true };
        assert_eq!(Hello::from_bytes(&hello.to_bytes()), Ok(hello));
    }
}
