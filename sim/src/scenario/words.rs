//! A line as words, flags, options and a verdict, and how values are written.

use std::collections::{BTreeSet, VecDeque};

use desk::Manner;
use terms::{Day, Instant, Odds, Reason, Text, Tiyn};

use super::{Failure, Verdict};

/// A line whose words are taken one by one; what is left over at its end is an error.
pub(super) struct Line {
    pub number: usize,
    pub verb: String,
    pub verdict: Option<Verdict>,
    pub manner: Manner,
    words: VecDeque<String>,
    options: Vec<(String, String)>,
}

impl Line {
    pub fn parse(number: usize, text: &str) -> Result<Line, Failure> {
        let mut line = Line {
            number,
            verb: String::new(),
            verdict: None,
            manner: Manner::Single,
            words: VecDeque::new(),
            options: Vec::new(),
        };
        let mut words = split(text);
        if let Some(at) = words.iter().position(|word| word == "→" || word == "->") {
            let verdict = words.split_off(at);
            line.verdict = Some(line.parse_verdict(&verdict[1..])?);
        }
        for word in words {
            match word.split_once('=') {
                Some((key, value)) => line.options.push((key.into(), value.into())),
                None => line.words.push_back(word),
            }
        }
        line.verb = line.words.front().cloned().unwrap_or_default();
        Ok(line)
    }

    fn parse_verdict(&self, words: &[String]) -> Result<Verdict, Failure> {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let reason = |name: &str| {
            Reason::from_name(name).ok_or_else(|| self.wrong(name, "there is no such reason"))
        };
        match words.as_slice() {
            ["accepted"] => Ok(Verdict::Accepted),
            ["refused", name] => Ok(Verdict::Refused(reason(name)?)),
            ["deferred", name] => Ok(Verdict::Deferred(reason(name)?)),
            ["breach", names] => {
                let found: Result<BTreeSet<_>, _> = names.split(',').map(reason).collect();
                Ok(Verdict::Breach(found?))
            }
            ["repeat"] => Ok(Verdict::Repeat),
            ["conflict"] => Ok(Verdict::Conflict),
            ["idle"] => Ok(Verdict::Idle),
            _ => Err(self.wrong(&words.join(" "), "there is no such verdict")),
        }
    }

    pub fn wrong(&self, token: &str, what: &str) -> Failure {
        Failure { line: self.number, token: token.into(), what: what.into() }
    }

    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The next word.
    pub fn word(&mut self, what: &str) -> Result<String, Failure> {
        let next = self.words.pop_front();
        next.ok_or_else(|| self.wrong(&self.verb, &format!("{what} is missing")))
    }

    /// The next word, if there is one.
    pub fn maybe(&mut self) -> Option<String> {
        self.words.pop_front()
    }

    /// All words that are left.
    pub fn rest(&mut self) -> Vec<String> {
        self.words.drain(..).collect()
    }

    /// Takes a word out wherever it stands.
    pub fn flag(&mut self, name: &str) -> bool {
        let at = self.words.iter().position(|word| word == name);
        at.and_then(|at| self.words.remove(at)).is_some()
    }

    /// Takes an option out.
    pub fn option(&mut self, key: &str) -> Option<String> {
        let at = self.options.iter().position(|(name, _)| name == key)?;
        Some(self.options.remove(at).1)
    }

    /// Makes a name the message's id, unless the line names another.
    pub fn name_id(&mut self, name: &str) {
        if !self.options.iter().any(|(key, _)| key == "id") {
            self.options.push(("id".into(), name.into()));
        }
    }

    /// Refuses what nobody has asked for.
    pub fn end(&self) -> Result<(), Failure> {
        let option = self.options.first().map(|(key, _)| key);
        match self.words.front().or(option) {
            None => Ok(()),
            Some(word) => Err(self.wrong(word, "this is not understood here")),
        }
    }

    pub fn sum(&self, text: &str) -> Result<Tiyn, Failure> {
        sum(text).ok_or_else(|| self.wrong(text, "a sum such as 2_500.00 is expected"))
    }

    pub fn odds(&self, text: &str) -> Result<Odds, Failure> {
        Odds::parse(text).ok_or_else(|| self.wrong(text, "odds such as 1.85 are expected"))
    }

    pub fn count(&self, text: &str) -> Result<u32, Failure> {
        text.parse().map_err(|_| self.wrong(text, "a whole number is expected"))
    }

    pub fn day(&self, text: &str) -> Result<Day, Failure> {
        Day::parse(text).ok_or_else(|| self.wrong(text, "a day such as 2026-01-05 is expected"))
    }

    pub fn text<const MAX: usize>(&self, text: &str) -> Result<Text<MAX>, Failure> {
        Text::new(text).map_err(|error| self.wrong(text, &error.to_string()))
    }

    pub fn instant(&self, text: &str, now: Instant) -> Result<Instant, Failure> {
        let found = match text.as_bytes().first() {
            Some(b'+' | b'-') => duration(text).map(|long| now.plus(long)),
            _ => time(text),
        };
        found.ok_or_else(|| self.wrong(text, "a time such as 2026-01-05T12:00:00 or +30s"))
    }

    pub fn duration(&self, text: &str) -> Result<i64, Failure> {
        duration(text).ok_or_else(|| self.wrong(text, "a term such as 30s, 5m, 2h or 1d"))
    }

    /// A member of a closed list, by its permanent name.
    pub fn named<T>(&self, text: &str, of: impl Fn(&str) -> Option<T>) -> Result<T, Failure> {
        of(text).ok_or_else(|| self.wrong(text, "there is no such name here"))
    }
}

/// Words are parted by white space; inside double quotes it is kept. `#` ends the line.
fn split(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '#' if !quoted => break,
            c if c.is_whitespace() && !quoted => {
                if !word.is_empty() {
                    words.push(core::mem::take(&mut word));
                }
            }
            c => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Tenge with two decimals, or `0`; `_` groups digits.
pub(super) fn sum(text: &str) -> Option<Tiyn> {
    if text == "0" {
        return Some(Tiyn::ZERO);
    }
    let plain = text.replace('_', "");
    let (whole, part) = plain.split_once('.')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() != 2 {
        return None;
    }
    let tenge: i64 = whole.parse().ok()?;
    Tiyn::new(tenge.checked_mul(100)?.checked_add(part.parse().ok()?)?)
}

fn duration(text: &str) -> Option<i64> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => (-1, text),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    let number: i64 = number.parse().ok().filter(|n| 0 <= *n)?;
    number.checked_mul(seconds)?.checked_mul(Instant::SECOND)?.checked_mul(sign)
}

fn time(text: &str) -> Option<Instant> {
    let (day, clock) = text.split_once('T').unwrap_or((text, "00:00:00"));
    let parts: Option<Vec<i64>> = clock.split(':').map(|part| part.parse().ok()).collect();
    let (hours, minutes, seconds) = match parts?.as_slice() {
        [h, m] => (*h, *m, 0),
        [h, m, s] => (*h, *m, *s),
        _ => return None,
    };
    if !(0 <= hours && hours < 24 && 0 <= minutes && minutes < 60 && 0 <= seconds && seconds < 60) {
        return None;
    }
    let of_day = (hours * 60 + minutes) * 60 + seconds;
    Some(Instant(i64::from(Day::parse(day)?.0) * Instant::DAY).plus(of_day * Instant::SECOND))
}
