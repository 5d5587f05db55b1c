//! The pages of `docs/reasons`: one per reason and an index, made from the books and
//! `books/notes.toml`. After a change of either, run this test once with `BLESS=1` and read the
//! difference.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::PathBuf;

use phrases::{Language, Phrases};
use terms::Reason;
use terms::reason::Retry;

const INDEX: &str = "README.md";

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Notes {
    when: BTreeMap<String, String>,
}

fn notes() -> Notes {
    toml::from_str(include_str!("../../books/notes.toml")).expect("notes.toml can be read")
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/reasons")
}

/// Every page that must be there, by file name.
fn wanted() -> BTreeMap<String, String> {
    let (books, notes) = (Phrases::load().expect("the books are in order"), notes());
    let page = |reason: &Reason| (format!("{}.md", reason.name()), page(&books, &notes, *reason));
    let mut pages: BTreeMap<String, String> = Reason::ALL.iter().map(page).collect();
    pages.insert(INDEX.to_owned(), index(&books));
    pages
}

fn page(books: &Phrases, notes: &Notes, reason: Reason) -> String {
    let name = reason.name();
    let mut page = format!("# {name}\n\n");
    let mut line =
        |label: &str, text: &str| writeln!(page, "- {label}: {text}").expect("a string takes all");
    line("Number", &reason.code().to_string());
    let clause = books.clause(Language::En, reason.clause()).unwrap_or_default();
    line("Clause", &format!("{}. {clause}", reason.clause()));
    line("When it arises", &notes.when[name]);
    line("What the organiser sees", &seen(reason));
    line("Retry", retry(reason));
    line("What to do", &books.reason(Language::En, reason).todo);
    page.push_str("\n| | short | text | to do |\n|---|---|---|---|\n");
    for language in Language::ALL {
        let phrases = books.reason(language, reason);
        let (short, text, todo) = (&phrases.short, &phrases.text, &phrases.todo);
        writeln!(page, "| {} | {short} | {text} | {todo} |", language.code())
            .expect("a string takes all");
    }
    page
}

fn seen(reason: Reason) -> String {
    let outer = reason.outer().name();
    if reason.outer() == reason {
        format!("`{outer}`")
    } else {
        format!("[`{outer}`]({outer}.md); this name stays inside")
    }
}

fn retry(reason: Reason) -> &'static str {
    match reason.retry() {
        Retry::Never => "no; what is asked has to be changed",
        Retry::Later => "yes, under a new id, when the circumstances have changed",
    }
}

fn index(books: &Phrases) -> String {
    let mut index = String::from(
        "# Reasons\n\nWhy a request is refused, or which breach a report carries. Numbers and \
         names are permanent.\nThe order of precedence is a table of the rulebook and not this \
         one. These pages are made from\n`phrases/books` by the tests of `phrases` (`BLESS=1`).\n\n\
         | code | name | short | outer | clause | retry |\n|---|---|---|---|---|---|\n",
    );
    for reason in Reason::ALL {
        let (code, name, outer) = (reason.code(), reason.name(), reason.outer().name());
        let short = &books.reason(Language::En, *reason).short;
        let retry = match reason.retry() {
            Retry::Never => "no",
            Retry::Later => "later",
        };
        let clause = reason.clause();
        let row =
            format!("| {code} | [{name}]({name}.md) | {short} | {outer} | {clause} | {retry} |");
        writeln!(index, "{row}").expect("a string takes all");
    }
    index
}

#[test]
fn the_pages_are_those_that_the_books_make() {
    let (folder, wanted) = (folder(), wanted());
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        std::fs::create_dir_all(&folder).unwrap();
        for (name, page) in &wanted {
            std::fs::write(folder.join(name), page).unwrap();
        }
    }
    for (name, page) in &wanted {
        let found = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert_eq!(&found, page, "docs/reasons/{name} is not what the books make; see BLESS=1");
    }
    let found = std::fs::read_dir(&folder).unwrap();
    let found: BTreeSet<String> =
        found.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let strangers: Vec<_> = found.iter().filter(|name| !wanted.contains_key(*name)).collect();
    assert!(strangers.is_empty(), "pages for which there is no reason: {strangers:?}");
}

#[test]
fn the_notes_are_about_reasons() {
    let notes = notes();
    let names: BTreeSet<&str> = Reason::ALL.iter().map(|reason| reason.name()).collect();
    assert_eq!(notes.when.keys().map(String::as_str).collect::<BTreeSet<_>>(), names);
    for text in notes.when.values() {
        assert!(text.ends_with('.') && !text.contains(['|', '\n']), "{text}");
    }
}
