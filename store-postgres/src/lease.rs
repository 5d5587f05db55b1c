//! The lease as one row, by the clock of the server that takes writes.
//!
//! Each call is one statement. None waits for the medium or for a standby: while a standby is
//! missed, frames wait, and the node that waits keeps its lease.
//!
//! Nobody waits longer than [`ANSWER_MAX`] for an answer: the statements are those of a thread of
//! their own, so that a server that stands still holds up no renewal of what can be known without
//! it, and no end of the process. While that thread waits, no other question is put. What is
//! answered too late has no effect here: a lease that was taken or renewed so lapses by itself.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use store::lease::{LEASE_MS, check};
use store::{Fault, Holder, Lease, LeaseStore};

use crate::address::Address;
use crate::db::{Values, Wait, again};
use crate::line::Line;

/// For how long an answer is waited for: less than a lease lasts.
pub const ANSWER_MAX: Duration = Duration::from_secs(2);

/// A handle to the lease; it connects when it is first asked, and again when it was cut off.
#[derive(Debug)]
pub struct Leases {
    address: Address,
    asking: Option<Asking>,
}

/// The thread that asks.
#[derive(Debug)]
struct Asking {
    questions: SyncSender<Question>,
    answers: Receiver<Result<Answer, Fault>>,
    /// An answer has not come in time and is still to come.
    late: bool,
}

#[derive(Debug)]
enum Question {
    Look,
    Take(Holder),
    Renew(u64),
    Release(u64),
}

#[derive(Debug)]
enum Answer {
    Found(Option<Lease>),
    Taken(Option<u64>),
    Changed(bool),
}

impl Leases {
    /// That of the store at this address.
    pub fn at(address: &Address) -> Leases {
        Leases { address: address.clone(), asking: None }
    }

    fn ask(&mut self, question: Question) -> Result<Answer, Fault> {
        let place = self.address.to_string();
        let silent = || {
            let seconds = ANSWER_MAX.as_secs();
            Fault::failed(format!("ask {place}"), format!("no answer within {seconds} s"))
        };
        let asking = match self.asking.take() {
            Some(asking) => asking,
            None => Asking::begin(&self.address)?,
        };
        let asking = self.asking.insert(asking);
        if asking.late {
            match asking.answers.recv_timeout(ANSWER_MAX) {
                Ok(_) => asking.late = false,
                Err(RecvTimeoutError::Timeout) => return Err(silent()),
                Err(RecvTimeoutError::Disconnected) => return Err(self.ended()),
            }
        }
        if asking.questions.send(question).is_err() {
            return Err(self.ended());
        }
        match asking.answers.recv_timeout(ANSWER_MAX) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => {
                asking.late = true;
                Err(silent())
            }
            Err(RecvTimeoutError::Disconnected) => Err(self.ended()),
        }
    }

    /// The thread has ended, which only a bug brings about; the next question gets another.
    fn ended(&mut self) -> Fault {
        self.asking = None;
        Fault::refused("the thread that asks for the lease has ended")
    }
}

impl Asking {
    fn begin(address: &Address) -> Result<Asking, Fault> {
        let (questions, asked) = sync_channel(1);
        let (answered, answers) = sync_channel(1);
        let mut line = Line::to(address, Wait::Nothing);
        let run = move || {
            while let Ok(question) = asked.recv() {
                if answered.send(answer(&mut line, question)).is_err() {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("lease".into()).spawn(run);
        thread.map_err(|error| Fault::failed("start a thread", error))?;
        Ok(Asking { questions, answers, late: false })
    }
}

fn answer(line: &mut Line, question: Question) -> Result<Answer, Fault> {
    let db = line.db()?;
    let ms = LEASE_MS as f64;
    let mut change = |sql: &str, values: Values<'_>| {
        let changed = again(|| db.change(sql, values))?;
        Ok(Answer::Changed(changed == 1))
    };
    match question {
        Question::Renew(term) => {
            change(include_str!("../sql/lease/renew.sql"), &[&(term as i64), &ms])
        }
        Question::Release(term) => {
            change(include_str!("../sql/lease/release.sql"), &[&(term as i64)])
        }
        Question::Look => {
            let row = db.row(include_str!("../sql/lease/look.sql"), &[])?;
            Ok(Answer::Found(row.map(|row| Lease {
                term: row.get::<_, i64>(0).unsigned_abs(),
                holder: Holder { node: row.get(1), api: row.get(2), console: row.get(3) },
                left_ms: row.get::<_, i64>(4).unsigned_abs(),
            })))
        }
        Question::Take(Holder { node, api, console }) => {
            let sql = include_str!("../sql/lease/take.sql");
            let row = again(|| db.row(sql, &[&node, &api, &console, &ms]))?;
            Ok(Answer::Taken(row.map(|row| row.get::<_, i64>(0).unsigned_abs())))
        }
    }
}

/// An answer to another question, which only a bug brings about.
fn astray() -> Fault {
    Fault::refused("the answer is not that of the question")
}

impl LeaseStore for Leases {
    fn look(&mut self) -> Result<Option<Lease>, Fault> {
        match self.ask(Question::Look)? {
            Answer::Found(lease) => Ok(lease),
            Answer::Taken(_) | Answer::Changed(_) => Err(astray()),
        }
    }

    fn take(&mut self, holder: &Holder) -> Result<Option<u64>, Fault> {
        check(holder)?;
        match self.ask(Question::Take(holder.clone()))? {
            Answer::Taken(term) => Ok(term),
            Answer::Found(_) | Answer::Changed(_) => Err(astray()),
        }
    }

    fn renew(&mut self, term: u64) -> Result<bool, Fault> {
        match self.ask(Question::Renew(term))? {
            Answer::Changed(renewed) => Ok(renewed),
            Answer::Found(_) | Answer::Taken(_) => Err(astray()),
        }
    }

    fn release(&mut self, term: u64) -> Result<(), Fault> {
        self.ask(Question::Release(term)).map(drop)
    }
}
