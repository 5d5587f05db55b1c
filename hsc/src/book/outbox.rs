//! What a bookmaker has sent and was answered, by the name of the step: an append-only file.
//!
//! Lines of JSON: `{"step": …, "sent": …}` is durable before the message leaves, `{"step": …,
//! "said": …}` follows its answer. An answer that is lost with the process is asked for again by
//! sending the message again, so answers are not waited for. A line that a kill has cut off is
//! the last, and is cut off at the next start.
//!
//! One thread writes. It takes what has come in since its last sync and syncs once for all of it,
//! so that many steps at a time cost little more than one.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use super::centre::{Said, Sent};

/// What is known of a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What was sent, or is to be sent.
    pub sent: Sent,
    /// What was answered, if it was.
    pub said: Option<Said>,
}

/// The outbox.
#[derive(Debug)]
pub struct Outbox {
    steps: Mutex<HashMap<String, Step>>,
    /// To the thread that writes; none if nothing is kept.
    lines: Option<Sender<Line>>,
    thread: Option<JoinHandle<()>>,
}

/// A line on its way to the file, and who waits until it is durable.
#[derive(Debug)]
struct Line(Vec<u8>, Option<oneshot::Sender<io::Result<()>>>);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    step: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sent: Option<Sent>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    said: Option<Said>,
}

impl Outbox {
    /// An outbox that keeps nothing beyond the process.
    pub fn in_memory() -> Outbox {
        Outbox { steps: Mutex::default(), lines: None, thread: None }
    }

    /// The outbox of a file, which is made if there is none. It holds bettors' sessions, so it is
    /// for its owner alone.
    pub fn open(path: &Path) -> io::Result<Outbox> {
        let mut options = OpenOptions::new();
        let mut file = options.read(true).append(true).create(true).mode(0o600).open(path)?;
        file.try_lock().map_err(|_| {
            io::Error::new(io::ErrorKind::ResourceBusy, "another process has the outbox open")
        })?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        file.set_len(whole as u64)?;
        file.seek(io::SeekFrom::End(0))?;
        let steps = read(&text[..whole])?;
        let (lines, taken) = channel();
        let thread = std::thread::Builder::new().name("outbox".into());
        let thread = Some(thread.spawn(move || write(file, &taken))?);
        Ok(Outbox { steps: Mutex::new(steps), lines: Some(lines), thread })
    }

    /// What is known of a step.
    pub fn step(&self, name: &str) -> Option<Step> {
        self.steps().get(name).cloned()
    }

    /// How many steps there are, and how many of them have their answer.
    pub fn count(&self) -> (usize, usize) {
        let steps = self.steps();
        (steps.len(), steps.values().filter(|step| step.said.is_some()).count())
    }

    /// Writes down what is to be sent; returns once it is durable.
    pub async fn keep(&self, name: &str, sent: Sent) -> io::Result<()> {
        self.keep_all(vec![(name.to_owned(), sent)]).await
    }

    /// Writes down many messages that are to be sent; returns once all are durable.
    pub async fn keep_all(&self, new: Vec<(String, Sent)>) -> io::Result<()> {
        let mut durable = None;
        let last = new.len();
        for (number, (step, sent)) in (1..).zip(new) {
            let row = Row { step, sent: Some(sent), said: None };
            // Lines are written in order, so when the last is durable, all are.
            durable = self.put(&row, number == last)?;
            if let Row { step, sent: Some(sent), .. } = row {
                self.steps().insert(step, Step { sent, said: None });
            }
        }
        match durable {
            Some(durable) => durable.await.unwrap_or_else(|_| Err(gone())),
            None => Ok(()),
        }
    }

    /// Notes an answer.
    pub fn answer(&self, name: &str, said: Said) -> io::Result<()> {
        self.put(&Row { step: name.to_owned(), sent: None, said: Some(said.clone()) }, false)?;
        if let Some(step) = self.steps().get_mut(name) {
            step.said = Some(said);
        }
        Ok(())
    }

    fn put(
        &self,
        row: &Row,
        durable: bool,
    ) -> io::Result<Option<oneshot::Receiver<io::Result<()>>>> {
        let Some(lines) = &self.lines else { return Ok(None) };
        let mut text = serde_json::to_vec(row)?;
        text.push(b'\n');
        let (sender, receiver) = oneshot::channel();
        let line = Line(text, durable.then_some(sender));
        lines.send(line).map_err(|_| gone())?;
        Ok(durable.then_some(receiver))
    }

    fn steps(&self) -> std::sync::MutexGuard<'_, HashMap<String, Step>> {
        // A panic while it was held has ended the process's work anyway.
        self.steps.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Drop for Outbox {
    /// Once it is gone, all lines are in the file and the file is free.
    fn drop(&mut self) {
        self.lines = None;
        if let Some(thread) = self.thread.take() {
            // A panic there has told whoever waited for a line.
            let _ = thread.join();
        }
    }
}

fn gone() -> io::Error {
    io::Error::other("the outbox can no longer be written")
}

fn read(text: &[u8]) -> io::Result<HashMap<String, Step>> {
    let mut steps: HashMap<String, Step> = HashMap::new();
    for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let Row { step, sent, said } = serde_json::from_slice(line)?;
        if let Some(sent) = sent {
            steps.insert(step, Step { sent, said });
        } else if let Some(known) = steps.get_mut(&step) {
            known.said = said;
        }
    }
    Ok(steps)
}

/// Writes lines until nobody sends any more. After a failure nothing is written: what follows
/// could not be read behind half a line.
fn write(mut file: File, taken: &Receiver<Line>) {
    let mut failed = false;
    while let Ok(first) = taken.recv() {
        let mut lines = vec![first];
        lines.extend(taken.try_iter());
        let text: Vec<u8> = lines.iter().flat_map(|Line(text, _)| text).copied().collect();
        let wait = lines.iter().any(|Line(_, waiter)| waiter.is_some());
        let mut done = if failed { Err(gone()) } else { file.write_all(&text) };
        if wait && done.is_ok() {
            done = file.sync_data();
        }
        failed |= done.is_err();
        for waiter in lines.into_iter().filter_map(|Line(_, waiter)| waiter) {
            let told = match &done {
                Ok(()) => Ok(()),
                Err(error) => Err(io::Error::from(error.kind())),
            };
            // Whoever has gone away needs no answer.
            let _ = waiter.send(told);
        }
    }
}

#[cfg(test)]
mod tests {
    use terms::MessageId;
    use terms::id::uuid_v7;
    use wire::{HoldRelease, Id, Request};

    use super::*;
    use crate::book::centre::Done;

    fn sent(number: u8) -> Sent {
        let id = Id(MessageId(uuid_v7(1, [number; 10])));
        Sent::Message(Request::HoldRelease(Box::new(HoldRelease { id, hold: id })))
    }

    #[tokio::test]
    async fn an_outbox_is_read_again_up_to_the_last_whole_line() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("outbox");
        let outbox = Outbox::open(&path).unwrap();
        assert!(Outbox::open(&path).is_err(), "two processes with one outbox");
        outbox.keep("a", sent(1)).await.unwrap();
        outbox.answer("a", Said::Done(Done::default())).unwrap();
        outbox.keep_all(vec![("b".into(), sent(2)), ("c".into(), sent(3))]).await.unwrap();
        outbox.answer("b", Said::Refused("x".into())).unwrap();
        outbox.keep("b2", sent(4)).await.unwrap();
        assert_eq!(outbox.count(), (4, 2));
        drop(outbox);
        let whole = std::fs::read(&path).unwrap();
        // A kill may cut off any part of what was not yet durable; whole lines before it stay.
        for cut in 0..whole.len() {
            let part = home.path().join("part");
            std::fs::write(&part, &whole[..cut]).unwrap();
            let outbox = Outbox::open(&part).unwrap();
            let lines = whole[..cut].iter().filter(|byte| **byte == b'\n').count();
            let (steps, answered) = outbox.count();
            assert_eq!(steps + answered, lines, "{cut}");
        }
        let part = home.path().join("part");
        std::fs::write(&part, &whole[..whole.len() - 1]).unwrap();
        let outbox = Outbox::open(&part).unwrap();
        assert_eq!(outbox.step("a").unwrap().said, Some(Said::Done(Done::default())));
        assert_eq!(
            outbox.step("b").unwrap(),
            Step { sent: sent(2), said: Some(Said::Refused("x".into())) }
        );
        assert_eq!(outbox.step("c").unwrap(), Step { sent: sent(3), said: None });
        assert_eq!(outbox.step("b2"), None);
        outbox.keep("b2", sent(5)).await.unwrap();
        drop(outbox);
        assert_eq!(Outbox::open(&part).unwrap().step("b2").unwrap().sent, sent(5));
    }
}
