//! The phrasebooks: every sentence and word that a person reads, in Kazakh, Russian and English.
//!
//! Owns the three books (`books/{kk,ru,en}.toml`, embedded) and the way sums and times are
//! written in each language. Decides nothing, and does not know who may read what: a caller that
//! answers an organiser asks for the phrases of `reason.outer()`.
//!
//! The books are checked as a whole when they are loaded: unknown sections are refused, every
//! reason has its three phrases and the wording of its clause, all books have the same keys and
//! each sentence takes the same parameters in each. After that nothing here fails or panics; a key
//! that no book has prints itself, so that a slip in a caller shows on the page and not in a crash.

mod book;
mod show;

use std::collections::BTreeMap;
use std::str::FromStr;

use terms::Reason;

pub use book::BookError;
use book::{Book, Part};
pub use show::{Plural, instant, money, plural};

/// A language of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Kazakh.
    Kk,
    /// Russian.
    Ru,
    /// English.
    En,
}

impl Language {
    /// Every language, in the order in which they are offered.
    pub const ALL: [Language; 3] = [Language::Kk, Language::Ru, Language::En];

    /// The ISO 639-1 code: `kk`, `ru`, `en`.
    pub const fn code(self) -> &'static str {
        match self {
            Language::Kk => "kk",
            Language::Ru => "ru",
            Language::En => "en",
        }
    }
}

/// The text is not the code of a language that the books have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not one of kk, ru, en")]
pub struct UnknownLanguage(String);

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(code: &str) -> Result<Language, UnknownLanguage> {
        Language::ALL
            .into_iter()
            .find(|language| language.code() == code)
            .ok_or_else(|| UnknownLanguage(code.to_owned()))
    }
}

/// What a reason is called and what to say about it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReasonPhrases {
    /// What to call it in a table, at most 40 characters.
    pub short: String,
    /// What is wrong, for whoever may know the reason.
    pub text: String,
    /// What to do about it.
    pub todo: String,
}

/// What stops a request before anything of it is decided, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProblemPhrases {
    /// What is wrong.
    pub title: String,
    /// What to do about it.
    pub todo: String,
}

/// Why a sentence cannot be put together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoryError {
    /// No book has the key.
    #[error("no story has the key `{0}`")]
    Key(String),
    /// The sentence needs a parameter that was not given.
    #[error("story `{key}` needs the parameter `{name}`")]
    Parameter {
        /// The sentence.
        key: String,
        /// The parameter.
        name: String,
    },
}

/// The three books, loaded and checked.
#[derive(Clone, Debug)]
pub struct Phrases {
    kk: Book,
    ru: Book,
    en: Book,
}

impl Phrases {
    /// Loads the books that are built in.
    pub fn load() -> Result<Phrases, BookError> {
        Phrases::from_parts(
            [
                include_str!("../books/kk.toml"),
                include_str!("../books/clauses.kk.toml"),
                include_str!("../books/stories.kk.toml"),
                include_str!("../books/problems/kk.toml"),
                include_str!("../books/console.kk.toml"),
                include_str!("../books/papers.kk.toml"),
                include_str!("../books/registers.kk.toml"),
                include_str!("../books/cabinet.kk.toml"),
                include_str!("../books/people.kk.toml"),
                include_str!("../books/lives.kk.toml"),
            ],
            [
                include_str!("../books/ru.toml"),
                include_str!("../books/clauses.ru.toml"),
                include_str!("../books/stories.ru.toml"),
                include_str!("../books/problems/ru.toml"),
                include_str!("../books/console.ru.toml"),
                include_str!("../books/papers.ru.toml"),
                include_str!("../books/registers.ru.toml"),
                include_str!("../books/cabinet.ru.toml"),
                include_str!("../books/people.ru.toml"),
                include_str!("../books/lives.ru.toml"),
            ],
            [
                include_str!("../books/en.toml"),
                include_str!("../books/clauses.en.toml"),
                include_str!("../books/stories.en.toml"),
                include_str!("../books/problems/en.toml"),
                include_str!("../books/console.en.toml"),
                include_str!("../books/papers.en.toml"),
                include_str!("../books/registers.en.toml"),
                include_str!("../books/cabinet.en.toml"),
                include_str!("../books/people.en.toml"),
                include_str!("../books/lives.en.toml"),
            ],
        )
    }

    /// Loads books from their TOML texts; they must agree with one another.
    pub fn from_texts(kk: &str, ru: &str, en: &str) -> Result<Phrases, BookError> {
        Phrases::from_parts([kk], [ru], [en])
    }

    /// Loads books in several parts: a part may lack sections, and no key stands in two parts.
    pub fn from_parts<const N: usize>(
        kk: [&str; N],
        ru: [&str; N],
        en: [&str; N],
    ) -> Result<Phrases, BookError> {
        let phrases = Phrases {
            kk: Book::read(Language::Kk, &kk)?,
            ru: Book::read(Language::Ru, &ru)?,
            en: Book::read(Language::En, &en)?,
        };
        book::agree(Language::Kk, &phrases.kk, &phrases.en)?;
        book::agree(Language::Ru, &phrases.ru, &phrases.en)?;
        Ok(phrases)
    }

    /// The phrases of a reason; the inner one, unless the caller asks for `reason.outer()`.
    pub fn reason(&self, language: Language, reason: Reason) -> &ReasonPhrases {
        // Cannot fail: a book that lacks a reason is refused when it is read.
        self.book(language).reasons.get(&reason).expect("every reason is in the book")
    }

    /// What is said of a problem, by its code.
    pub fn problem(&self, language: Language, code: &str) -> Option<&ProblemPhrases> {
        self.book(language).problems.get(code)
    }

    /// What a requirement row or silent point means, in our words; of every clause that a reason
    /// stands on, and of some others.
    pub fn clause(&self, language: Language, clause: &str) -> Option<&str> {
        self.book(language).clauses.get(clause).map(String::as_str)
    }

    /// Every clause that has a wording, in order.
    pub fn clauses(&self) -> impl Iterator<Item = &str> {
        self.en.clauses.keys().map(String::as_str)
    }

    /// A word by `group.name`, such as `form.e_money` or `label.account`.
    ///
    /// The groups are those of `[word.*]` in the books; the names in a group are those of the
    /// closed list it belongs to. A key that no book has is returned as it is.
    pub fn word<'a>(&'a self, language: Language, key: &'a str) -> &'a str {
        self.book(language).words.get(key).map_or(key, String::as_str)
    }

    /// A sentence with its parameters put in; what cannot be put together prints its key.
    ///
    /// Parameters that the sentence does not use are ignored, so that one list serves several.
    pub fn story(&self, language: Language, key: &str, parameters: &[(&str, &str)]) -> String {
        self.try_story(language, key, parameters).unwrap_or_else(|_| key.to_owned())
    }

    /// The same as [`Phrases::story`], with the reason why it cannot be put together.
    pub fn try_story(
        &self,
        language: Language,
        key: &str,
        parameters: &[(&str, &str)],
    ) -> Result<String, StoryError> {
        let parts = self.book(language).stories.get(key);
        let parts = parts.ok_or_else(|| StoryError::Key(key.to_owned()))?;
        let given: BTreeMap<&str, &str> = parameters.iter().copied().collect();
        let mut sentence = String::new();
        for part in parts {
            sentence.push_str(match part {
                Part::Text(text) => text,
                Part::Name(name) => given.get(name.as_str()).ok_or_else(|| {
                    StoryError::Parameter { key: key.to_owned(), name: name.clone() }
                })?,
            });
        }
        Ok(sentence)
    }

    /// Every sentence with the names of its parameters, in order of keys.
    pub fn stories(&self) -> impl Iterator<Item = (&str, Vec<&str>)> {
        let parameters = |parts| book::names(parts).into_iter().collect();
        self.en.stories.iter().map(move |(key, parts)| (key.as_str(), parameters(parts)))
    }

    /// Every key of a word, in order.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.en.words.keys().map(String::as_str)
    }

    fn book(&self, language: Language) -> &Book {
        match language {
            Language::Kk => &self.kk,
            Language::Ru => &self.ru,
            Language::En => &self.en,
        }
    }
}
