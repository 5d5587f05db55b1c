//! What is counted, in the text form of Prometheus. Labels are bounded: classes and words.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::problem::Trouble;

/// Counters of the API.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Answers by class of status, from 1xx.
    answers: [AtomicU64; 5],
    /// Answers by what stopped the request.
    troubles: [AtomicU64; Trouble::ALL.len()],
    /// Messages that were put to the pump.
    messages: AtomicU64,
    /// Nanoseconds between a request's head and its answer, added up.
    answer_ns: AtomicU64,
}

impl Metrics {
    /// Counts an answer.
    pub fn answer(&self, status: u16, took_ns: u64) {
        let class = usize::from(status / 100).clamp(1, 5) - 1;
        self.answers[class].fetch_add(1, Ordering::Relaxed);
        self.answer_ns.fetch_add(took_ns, Ordering::Relaxed);
    }

    /// Counts what stopped a request.
    pub fn trouble(&self, trouble: Trouble) {
        if let Some(place) = Trouble::ALL.iter().position(|known| *known == trouble) {
            self.troubles[place].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts messages.
    pub fn messages(&self, count: usize) {
        self.messages.fetch_add(count as u64, Ordering::Relaxed);
    }

    /// The text form.
    pub fn text(&self) -> String {
        let mut text = String::from("# TYPE api_answers_total counter\n");
        let mut all = 0;
        for (index, count) in self.answers.iter().enumerate() {
            let count = count.load(Ordering::Relaxed);
            all += count;
            // Writing to a string does not fail.
            let _ = writeln!(text, "api_answers_total{{status=\"{}xx\"}} {count}", index + 1);
        }
        text.push_str("# TYPE api_troubles_total counter\n");
        for (trouble, count) in Trouble::ALL.iter().zip(&self.troubles) {
            let count = count.load(Ordering::Relaxed);
            let _ = writeln!(text, "api_troubles_total{{code=\"{}\"}} {count}", trouble.code());
        }
        let nanoseconds = self.answer_ns.load(Ordering::Relaxed);
        let (seconds, rest) = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
        let messages = self.messages.load(Ordering::Relaxed);
        let _ = write!(
            text,
            "# TYPE api_answer_seconds summary\n\
             api_answer_seconds_sum {seconds}.{rest:09}\n\
             api_answer_seconds_count {all}\n\
             # TYPE api_messages_total counter\n\
             api_messages_total {messages}\n"
        );
        text
    }
}
