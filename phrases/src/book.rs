//! One phrasebook: how it is read and what is refused.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use terms::Reason;

use crate::{Language, ProblemPhrases, ReasonPhrases};

/// The longest name of a reason, in characters: it stands in a column of a table.
const SHORT_MAX: usize = 40;

/// Why the books are refused.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// Not TOML of the form of a book; an unknown section is one cause.
    #[error("the {} phrasebook cannot be read", .language.code())]
    Syntax {
        /// Whose book.
        language: Language,
        /// What the reader says.
        source: toml::de::Error,
    },
    /// A reason of the book is not in the closed list.
    #[error("the {} phrasebook has an unknown reason `{name}`", .language.code())]
    UnknownReason {
        /// Whose book.
        language: Language,
        /// The name in the book.
        name: String,
    },
    /// A reason has no phrases.
    #[error("the {} phrasebook lacks the reason `{}`", .language.code(), .reason.name())]
    MissingReason {
        /// Whose book.
        language: Language,
        /// The reason.
        reason: Reason,
    },
    /// A clause that a reason stands on has no wording.
    #[error("the {} phrasebook lacks the clause `{clause}`", .language.code())]
    MissingClause {
        /// Whose book.
        language: Language,
        /// The requirement row or silent point.
        clause: &'static str,
    },
    /// A phrase is empty, or the short one is too long.
    #[error("the {} phrasebook: `{key}` is empty or too long", .language.code())]
    Length {
        /// Whose book.
        language: Language,
        /// The phrase.
        key: String,
    },
    /// A sentence has braces that do not enclose the name of a parameter.
    #[error("the {} phrasebook: the braces of story `{key}` do not match", .language.code())]
    Braces {
        /// Whose book.
        language: Language,
        /// The sentence.
        key: String,
    },
    /// A key stands in two parts of a book.
    #[error("the {} phrasebook has `{key}` twice", .language.code())]
    Twice {
        /// Whose book.
        language: Language,
        /// The key.
        key: String,
    },
    /// The key is in one of the books only, or its parameters differ from the English book's.
    #[error("the {} phrasebook and the English one differ in `{key}`", .language.code())]
    Differs {
        /// Whose book.
        language: Language,
        /// The word or the sentence.
        key: String,
    },
}

/// A piece of a sentence.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    /// Words that stand as they are.
    Text(String),
    /// The place of a parameter.
    Name(String),
}

/// One language's phrases, checked by themselves.
#[derive(Clone, Debug)]
pub(crate) struct Book {
    pub(crate) reasons: BTreeMap<Reason, ReasonPhrases>,
    pub(crate) clauses: BTreeMap<String, String>,
    pub(crate) words: BTreeMap<String, String>,
    pub(crate) stories: BTreeMap<String, Vec<Part>>,
    pub(crate) problems: BTreeMap<String, ProblemPhrases>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    #[serde(default)]
    reason: BTreeMap<String, ReasonPhrases>,
    #[serde(default)]
    clause: BTreeMap<String, String>,
    #[serde(default)]
    word: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(default)]
    story: BTreeMap<String, String>,
    #[serde(default)]
    problem: BTreeMap<String, ProblemPhrases>,
}

impl Source {
    /// Takes another part in.
    fn take(&mut self, language: Language, part: Source) -> Result<(), BookError> {
        merge(language, &mut self.reason, part.reason)?;
        merge(language, &mut self.clause, part.clause)?;
        merge(language, &mut self.story, part.story)?;
        merge(language, &mut self.problem, part.problem)?;
        for (group, names) in part.word {
            merge(language, self.word.entry(group).or_default(), names)?;
        }
        Ok(())
    }
}

fn merge<T>(
    language: Language,
    into: &mut BTreeMap<String, T>,
    part: BTreeMap<String, T>,
) -> Result<(), BookError> {
    for (key, value) in part {
        if into.contains_key(&key) {
            return Err(BookError::Twice { language, key });
        }
        into.insert(key, value);
    }
    Ok(())
}

impl Book {
    pub(crate) fn read(language: Language, parts: &[&str]) -> Result<Book, BookError> {
        let mut source = Source::default();
        for part in parts {
            let part =
                toml::from_str(part).map_err(|source| BookError::Syntax { language, source })?;
            source.take(language, part)?;
        }
        Ok(Book {
            reasons: reasons(language, source.reason)?,
            clauses: clauses(language, source.clause)?,
            words: words(language, source.word)?,
            stories: stories(language, source.story)?,
            problems: problems(language, source.problem)?,
        })
    }
}

/// Refuses a book whose words, sentences or parameters are not those of the English book.
pub(crate) fn agree(language: Language, book: &Book, english: &Book) -> Result<(), BookError> {
    let differs = |key: &str| BookError::Differs { language, key: key.to_owned() };
    let keys = |book: &Book| -> BTreeSet<String> { book.clauses.keys().cloned().collect() };
    if let Some(key) = keys(book).symmetric_difference(&keys(english)).next() {
        return Err(differs(key));
    }
    let keys = |book: &Book| -> BTreeSet<String> { book.words.keys().cloned().collect() };
    if let Some(key) = keys(book).symmetric_difference(&keys(english)).next() {
        return Err(differs(key));
    }
    let keys = |book: &Book| -> BTreeSet<String> { book.stories.keys().cloned().collect() };
    if let Some(key) = keys(book).symmetric_difference(&keys(english)).next() {
        return Err(differs(key));
    }
    let keys = |book: &Book| -> BTreeSet<String> { book.problems.keys().cloned().collect() };
    if let Some(key) = keys(book).symmetric_difference(&keys(english)).next() {
        return Err(differs(key));
    }
    let mut pairs = book.stories.iter().zip(english.stories.values());
    match pairs.find(|((_, ours), theirs)| names(ours) != names(theirs)) {
        Some(((key, _), _)) => Err(differs(key)),
        None => Ok(()),
    }
}

/// The names of a sentence's parameters.
pub(crate) fn names<'a>(parts: &'a [Part]) -> BTreeSet<&'a str> {
    let name = |part: &'a Part| match part {
        Part::Text(_) => None,
        Part::Name(name) => Some(name.as_str()),
    };
    parts.iter().filter_map(name).collect()
}

fn reasons(
    language: Language,
    source: BTreeMap<String, ReasonPhrases>,
) -> Result<BTreeMap<Reason, ReasonPhrases>, BookError> {
    let mut reasons = BTreeMap::new();
    for (name, phrases) in source {
        let Some(reason) = Reason::from_name(&name) else {
            return Err(BookError::UnknownReason { language, name });
        };
        let key = |part| BookError::Length { language, key: format!("reason.{name}.{part}") };
        if phrases.short.is_empty() || SHORT_MAX < phrases.short.chars().count() {
            return Err(key("short"));
        }
        if phrases.text.is_empty() {
            return Err(key("text"));
        }
        if phrases.todo.is_empty() {
            return Err(key("todo"));
        }
        reasons.insert(reason, phrases);
    }
    match Reason::ALL.iter().find(|reason| !reasons.contains_key(reason)) {
        Some(reason) => Err(BookError::MissingReason { language, reason: *reason }),
        None => Ok(reasons),
    }
}

fn clauses(
    language: Language,
    source: BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, BookError> {
    if let Some((key, _)) = source.iter().find(|(_, text)| text.is_empty()) {
        return Err(BookError::Length { language, key: format!("clause.{key}") });
    }
    let mut needed = Reason::ALL.iter().map(|reason| reason.clause());
    match needed.find(|clause| !source.contains_key(*clause)) {
        Some(clause) => Err(BookError::MissingClause { language, clause }),
        None => Ok(source),
    }
}

fn words(
    language: Language,
    source: BTreeMap<String, BTreeMap<String, String>>,
) -> Result<BTreeMap<String, String>, BookError> {
    let mut words = BTreeMap::new();
    for (group, names) in source {
        for (name, word) in names {
            let key = format!("{group}.{name}");
            if word.is_empty() {
                return Err(BookError::Length { language, key });
            }
            words.insert(key, word);
        }
    }
    Ok(words)
}

fn stories(
    language: Language,
    source: BTreeMap<String, String>,
) -> Result<BTreeMap<String, Vec<Part>>, BookError> {
    let mut stories = BTreeMap::new();
    for (key, sentence) in source {
        if sentence.is_empty() {
            return Err(BookError::Length { language, key });
        }
        let Some(parts) = split(&sentence) else {
            return Err(BookError::Braces { language, key });
        };
        stories.insert(key, parts);
    }
    Ok(stories)
}

fn problems(
    language: Language,
    source: BTreeMap<String, ProblemPhrases>,
) -> Result<BTreeMap<String, ProblemPhrases>, BookError> {
    let empty = |said: &&ProblemPhrases| said.title.is_empty() || said.todo.is_empty();
    match source.iter().find(|(_, said)| empty(said)) {
        Some((key, _)) => Err(BookError::Length { language, key: format!("problem.{key}") }),
        None => Ok(source),
    }
}

/// Splits a sentence at `{name}`; `None` if braces do not enclose a name in small letters.
fn split(sentence: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
            return None;
        }
        parts.push(Part::Text(before.to_owned()));
        parts.push(Part::Name(name.to_owned()));
        rest = after;
    }
    parts.push(Part::Text(rest.to_owned()));
    let stray = |part: &Part| matches!(part, Part::Text(text) if text.contains('}'));
    if parts.iter().any(stray) { None } else { Some(parts) }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn braces_enclose_a_name_or_the_sentence_is_refused() {
        for (sentence, pieces) in [
            ("plain", Some(1)),
            ("{a}", Some(3)),
            ("{a} and {b_c}.", Some(5)),
            ("{a", None),
            ("a}", None),
            ("{a}}", None),
            ("{{a}", None),
            ("{}", None),
            ("{A}", None),
            ("{a b}", None),
        ] {
            assert_eq!(split(sentence).map(|parts| parts.len()), pieces, "{sentence}");
        }
    }
}
