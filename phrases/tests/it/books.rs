//! What the books must hold, and which books are refused.

use phrases::{BookError, Language, Phrases, StoryError};
use terms::Reason;
use terms::reason::Retry;

/// The book of reasons with those of clauses and stories, which cannot do without it.
macro_rules! book {
    ($language:literal) => {
        concat!(
            include_str!(concat!("../../books/", $language, ".toml")),
            include_str!(concat!("../../books/clauses.", $language, ".toml")),
            include_str!(concat!("../../books/stories.", $language, ".toml"))
        )
    };
}

const KK: &str = book!("kk");
const RU: &str = book!("ru");
const EN: &str = book!("en");
const PAGES: &str = include_str!("../../books/console.en.toml");
const CABINET: &str = include_str!("../../books/cabinet.en.toml");
const PEOPLE: &str = include_str!("../../books/people.en.toml");

fn books() -> Phrases {
    Phrases::load().expect("the books are in order")
}

/// Loads the books with one change in the Russian one; the change must find its place.
fn changed(from: &str, to: &str) -> Result<Phrases, BookError> {
    assert!(RU.contains(from), "{from}");
    Phrases::from_texts(KK, &RU.replacen(from, to, 1), EN)
}

#[test]
fn every_reason_has_three_phrases_in_three_languages() {
    let books = books();
    for language in Language::ALL {
        let mut shorts = std::collections::BTreeSet::new();
        for reason in Reason::ALL {
            let phrases = books.reason(language, *reason);
            let name = reason.name();
            let parts = [&phrases.short, &phrases.text, &phrases.todo];
            assert!(phrases.short.chars().count() <= 40, "{name}");
            assert!(parts.iter().all(|part| part.trim() == part.as_str()), "{name}");
            assert!(!parts.iter().any(|part| part.contains(['{', '\n']) || part.contains("  ")));
            assert!(!phrases.short.ends_with('.'), "{name}");
            assert!(phrases.text.ends_with('.') && phrases.todo.ends_with('.'), "{name}");
            assert!(shorts.insert(&phrases.short), "two reasons are called `{}`", phrases.short);
        }
    }
}

#[test]
fn the_languages_are_not_mixed_up() {
    let kazakh = |text: &str| text.contains(['ә', 'ғ', 'қ', 'ң', 'ө', 'ұ', 'ү', 'і']);
    let cyrillic = |text: &str| text.chars().any(|c| ('а'..='я').contains(&c));
    let books = books();
    for reason in Reason::ALL {
        let name = reason.name();
        let [kk, ru, en] = Language::ALL.map(|language| books.reason(language, *reason));
        assert!(kazakh(&kk.text) && !kk.text.contains("ЕСУ"), "{name}");
        assert!(cyrillic(&ru.text) && !kazakh(&ru.text) && !ru.text.contains("БЕЖ"), "{name}");
        assert!(!cyrillic(&en.text), "{name}");
        for part in [&kk.todo, &ru.todo, &kk.short, &ru.short] {
            assert!(cyrillic(part), "{name}");
        }
    }
}

#[test]
fn what_an_organiser_is_told_betrays_no_inner_reason() {
    // R0-10.3
    let books = books();
    for language in Language::ALL {
        for inner in Reason::ALL.iter().filter(|reason| reason.outer() != **reason) {
            let secret = books.reason(language, *inner);
            for outer in Reason::ALL.iter().filter(|reason| reason.outer() == **reason) {
                let told = books.reason(language, *outer);
                let said = [&told.short, &told.text, &told.todo];
                for phrase in [&secret.short, &secret.text, &secret.todo] {
                    let betrayed = said.iter().any(|part| part.contains(phrase.as_str()));
                    assert!(!betrayed, "{} tells of {}", outer.name(), inner.name());
                }
            }
        }
    }
}

#[test]
fn not_admitted_says_nothing_about_why() {
    // R0-10.3
    let grounds = [
        "list",
        "regist",
        "roster",
        "block",
        "froz",
        "freez",
        "stale",
        "terror",
        "debt",
        "monitor",
        "спис",
        "реестр",
        "переч",
        "блок",
        "замор",
        "устар",
        "террор",
        "долж",
        "мониторинг",
        "тізім",
        "тізбе",
        "бұғатта",
        "тоқтат",
        "ескір",
        "борыш",
    ];
    let books = books();
    for language in Language::ALL {
        let told = books.reason(language, Reason::NotAdmitted);
        let said = format!("{} {} {}", told.short, told.text, told.todo).to_lowercase();
        for ground in grounds {
            assert!(!said.contains(ground), "`{ground}` in {said}");
        }
    }
    // The same answer must not differ in whether to try again either.
    for reason in Reason::ALL.iter().filter(|reason| reason.outer() == Reason::NotAdmitted) {
        assert_eq!(reason.retry(), Retry::Later, "{}", reason.name());
    }
}

#[test]
fn every_story_is_told_in_every_language() {
    let books = books();
    let stories: Vec<_> = books.stories().collect();
    assert!(20 <= stories.len());
    for (key, names) in stories {
        let marks: Vec<String> = names.iter().map(|name| format!("<{name}>")).collect();
        let given: Vec<(&str, &str)> =
            names.iter().copied().zip(marks.iter().map(String::as_str)).collect();
        for language in Language::ALL {
            let told = books.try_story(language, key, &given).unwrap();
            assert!(marks.iter().all(|mark| told.contains(mark)), "{key}: {told}");
            assert!(!told.contains(['{', '}']), "{key}: {told}");
            let Some((name, rest)) = names.first().zip(given.get(1..)) else { continue };
            let missing = books.try_story(language, key, rest);
            let (key, name) = (key.to_owned(), (*name).to_owned());
            assert_eq!(books.story(language, &key, rest), key);
            assert_eq!(missing, Err(StoryError::Parameter { key, name }));
        }
        let listed = |name: &&str| {
            let line = format!("\n#   {name}: ");
            [EN, PAGES, CABINET, PEOPLE].iter().any(|book| book.contains(&line))
        };
        assert!(names.iter().all(listed), "a parameter of {key} is not explained in en.toml");
    }
}

#[test]
fn every_clause_is_a_sentence_in_every_language() {
    let books = books();
    for clause in books.clauses() {
        let told = Language::ALL.map(|language| books.clause(language, clause).unwrap());
        for text in told {
            assert!(text.ends_with('.') && !text.contains(['|', '\n']), "{clause}: {text}");
        }
        let [kk, ru, en] = told;
        assert!(kk != ru && ru != en && kk != en, "{clause}: {told:?}");
    }
    assert_eq!(books.clause(Language::En, "R0-0"), None);
}

#[test]
fn an_unknown_key_prints_itself() {
    let books = books();
    assert_eq!(books.word(Language::Ru, "form.e_money"), "электронные деньги");
    assert_eq!(books.word(Language::Kk, "form.e_money"), "электрондық ақша");
    assert_eq!(books.word(Language::Ru, "form.shells"), "form.shells");
    assert_eq!(books.story(Language::En, "tale", &[]), "tale");
    let missing = books.try_story(Language::En, "tale", &[]);
    assert_eq!(missing, Err(StoryError::Key("tale".to_owned())));
}

#[test]
fn a_book_that_does_not_fit_is_refused() {
    let syntax = |refused: &BookError| matches!(refused, BookError::Syntax { .. });
    let unknown = |refused: &BookError| matches!(refused, BookError::UnknownReason { .. });
    let missing = |refused: &BookError| matches!(refused, BookError::MissingReason { .. });
    let length = |refused: &BookError| matches!(refused, BookError::Length { .. });
    let braces = |refused: &BookError| matches!(refused, BookError::Braces { .. });
    let differs = |refused: &BookError| matches!(refused, BookError::Differs { .. });
    let reason = RU.split("[reason.desk_closed]").nth(1).unwrap();
    let reason = reason.split("\n[").next().unwrap();
    let reason = format!("[reason.desk_closed]{reason}");
    let long = format!("\"{}\"", "ы".repeat(41));
    type Expected<'a> = &'a dyn Fn(&BookError) -> bool;
    let clause = |refused: &BookError| matches!(refused, BookError::MissingClause { .. });
    let cases: [(&str, &str, Expected<'_>); 15] = [
        ("[story]\n", "[extra]\nkey = \"x\"\n\n[story]\n", &syntax),
        ("[reason.desk_closed]\n", "[reason.desk_closed]\nmore = \"x\"\n", &syntax),
        ("short = \"Касса закрыта\"\n", "", &syntax),
        ("[reason.desk_closed]", "[reason.desk_shut]", &unknown),
        (&reason, "", &missing),
        ("\"Касса закрыта\"", "\"\"", &length),
        ("\"Касса закрыта\"", &long, &length),
        ("cash = \"наличные\"", "cash = \"\"", &length),
        ("({clause})", "({clause)", &braces),
        ("({clause})", "", &differs),
        ("cash = \"наличные\"\n", "", &differs),
        ("[story]\n", "[story]\ntale = \"x\"\n", &differs),
        ("\"R0-10.2a\" = \"Проверяется возраст.\"\n", "", &clause),
        ("\"Проверяется возраст.\"", "\"\"", &length),
        ("[clause]\n", "[clause]\n\"R0-0\" = \"x\"\n", &differs),
    ];
    for (from, to, expected) in cases {
        let refused = changed(from, to).unwrap_err();
        assert!(expected(&refused), "{from} → {to}: {refused}");
    }
    assert!(changed("Касса закрыта", "Касса не работает").is_ok());
}

#[test]
fn languages_have_codes() {
    for language in Language::ALL {
        assert_eq!(language.code().parse(), Ok(language));
        let key = format!("language.{}", language.code());
        assert_ne!(books().word(language, &key), key);
    }
    for code in ["", "KK", "de", "kk-KZ"] {
        assert!(code.parse::<Language>().is_err(), "{code}");
    }
}
