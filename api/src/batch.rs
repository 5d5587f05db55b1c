//! Batches: lines of NDJSON, each with a verdict of its own, in the order of the lines (core 26).
//!
//! A line that cannot be read does not hold up the others. The messages of a batch go to the pump
//! as one request, so that either all of them get verdicts or, with 503, none was taken in; sending
//! the whole batch again does no harm.

use axum::extract::Request as HttpRequest;
use axum::http::{HeaderValue, StatusCode};
use desk::Message;
use desk::command::Manner;
use pump::{Class, Outcome, Verdict};
use terms::{Organiser, Sender};
use wire::{Faults, Id, LineVerdict, Request};

use crate::budget::Budget;
use crate::commands::{receipt, take};
use crate::house::Shared;
use crate::limits::{BATCH_BYTES_MAX, BATCH_LINES_MAX, LINE_MAX};
use crate::problem::{Answer, Teller, Trouble, body};
use crate::translate;

/// A batch of an organiser.
pub async fn post(house: Shared, caller: Organiser, request: HttpRequest) -> Answer {
    let (parts, content) = request.into_parts();
    let tell = Teller::new(&house.phrases, &parts.headers);
    let Ok(_place) = house.batches.try_acquire() else { return tell.trouble(Trouble::Busy) };
    let taken = take(&house, &parts.headers, content, "application/x-ndjson", BATCH_BYTES_MAX);
    let taken = match taken.await {
        Ok(taken) => taken,
        Err(trouble) => return tell.trouble(trouble),
    };
    let read = tokio::task::block_in_place(|| Read::of(caller, &taken.text));
    let Some(Read { lines, messages, class }) = read else {
        return tell.trouble(Trouble::BodyTooLarge);
    };
    house.metrics.messages(messages.len());
    let verdicts = match messages.is_empty() {
        true => Vec::new(),
        false => match house.ask(class, messages).await {
            Ok(verdicts) => verdicts,
            Err(error) => return tell.unasked(&error),
        },
    };
    let refused =
        |verdict: &&Verdict| matches!(verdict.outcome, Outcome::Refused(_) | Outcome::TooMany(_));
    let negative = verdicts.iter().filter(refused).count();
    let (now, negative) = (house.now(), u32::try_from(negative).unwrap_or(u32::MAX));
    house.budgets.note(caller, Budget::Refusals, now, negative);
    let mut answer = tokio::task::block_in_place(|| answer(lines, &verdicts));
    house.budgets.tell(caller, &[Budget::Refusals], now, answer.headers_mut());
    answer
}

/// A batch that was read.
struct Read {
    lines: Vec<Line>,
    messages: Vec<Message>,
    class: Class,
}

enum Line {
    /// The next message of the request.
    Put(Id),
    Malformed(Faults),
}

impl Read {
    /// None if there are too many lines.
    fn of(caller: Organiser, text: &[u8]) -> Option<Read> {
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        let (mut lines, mut messages) = (Vec::new(), Vec::new());
        let mut class = Class::Settlement;
        for line in text.split(|byte| *byte == b'\n') {
            if BATCH_LINES_MAX <= lines.len() {
                return None;
            }
            let read = match line.len() <= LINE_MAX {
                true => Request::read_line(line),
                false => Err(Faults::one("length")),
            };
            match read {
                Err(faults) => lines.push(Line::Malformed(faults)),
                Ok(message) => {
                    // Stakes in bulk are a backlog: a bettor waits for none of them.
                    if translate::class(message.kind()) != Class::Settlement {
                        class = Class::Bulk;
                    }
                    let command = translate::command(caller, &message);
                    let (sender, id) = (Sender::Organiser(caller), message.id());
                    messages.push(Message::new(sender, id.0, Manner::Bulk, command));
                    lines.push(Line::Put(id));
                }
            }
        }
        Some(Read { lines, messages, class })
    }
}

/// How many lines ended how.
#[derive(Default)]
struct Tally {
    accepted: usize,
    refused: usize,
    malformed: usize,
    deferred: usize,
    /// Beyond the budget of refusals.
    suppressed: usize,
}

fn answer(lines: Vec<Line>, verdicts: &[Verdict]) -> Answer {
    let mut verdicts = verdicts.iter();
    let (mut text, mut tally) = (Vec::with_capacity(lines.len() * 192), Tally::default());
    let total = lines.len();
    for (index, line) in lines.into_iter().enumerate() {
        let blank = blank(index);
        let said = match line {
            Line::Malformed(faults) => {
                tally.malformed += 1;
                let code = "malformed".to_owned();
                LineVerdict { code, errors: Some(faults.0), ..blank }
            }
            Line::Put(id) => match verdicts.next() {
                Some(verdict) => said(verdict, LineVerdict { id: Some(id), ..blank }, &mut tally),
                None => LineVerdict { code: "stopping".to_owned(), id: Some(id), ..blank },
            },
        };
        // Cannot fail: wire types have string keys only, and writing to memory does not fail.
        serde_json::to_writer(&mut text, &said).expect("wire types are JSON");
        text.push(b'\n');
    }
    let mut answer = body(StatusCode::OK, "application/x-ndjson", text);
    let Tally { accepted, refused, malformed, deferred, suppressed } = tally;
    let counts = format!(
        "total={total}, accepted={accepted}, refused={refused}, malformed={malformed}, \
         deferred={deferred}, suppressed={suppressed}"
    );
    if let Ok(counts) = HeaderValue::from_str(&counts) {
        answer.headers_mut().insert("bej-lines", counts);
    }
    answer
}

fn blank(index: usize) -> LineVerdict {
    LineVerdict {
        line: u32::try_from(index + 1).unwrap_or(u32::MAX),
        code: String::new(),
        id: None,
        seq: None,
        leaf: None,
        at: None,
        rulebook: None,
        repeated: None,
        waits_for: None,
        errors: None,
    }
}

fn said(verdict: &Verdict, mut line: LineVerdict, tally: &mut Tally) -> LineVerdict {
    line.code = match verdict.outcome {
        Outcome::Done | Outcome::Idle => {
            tally.accepted += 1;
            "accepted"
        }
        Outcome::Refused(reason) => {
            tally.refused += 1;
            reason.outer().name()
        }
        Outcome::Conflict(_) => {
            tally.refused += 1;
            terms::Reason::IdReused.name()
        }
        Outcome::Deferred(reason) => {
            tally.deferred += 1;
            line.waits_for = Some(reason.outer().name().to_owned());
            "deferred"
        }
        Outcome::TooMany(_) => {
            tally.suppressed += 1;
            Trouble::RefusalsExceeded.code()
        }
    }
    .to_owned();
    line.repeated = verdict.repeat.then_some(true);
    if let Some(receipt) =
        receipt(verdict).filter(|_| !matches!(verdict.outcome, Outcome::Conflict(_)))
    {
        line.seq = Some(receipt.seq);
        line.leaf = Some(receipt.leaf);
        line.at = Some(receipt.at);
        line.rulebook = Some(receipt.rulebook);
    }
    line
}
