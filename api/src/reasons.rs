//! `/v1/reasons`: every code that an answer may carry, what it is called and what to do.
//!
//! Only outer codes are listed. A code that stands for several inner ones has no clause: it would
//! tell which of them is likely (domain 3).

use std::sync::OnceLock;

use axum::http::{HeaderMap, StatusCode};
use phrases::{Language, Phrases};
use terms::Reason;
use wire::{ReasonPage, ReasonPages, Retry, Texts};

use crate::house::House;
use crate::problem::{Answer, Teller, Trouble, json, retry_of, said};

/// All codes.
pub fn all(house: &House) -> Answer {
    json(StatusCode::OK, &ReasonPages { reasons: pages(&house.phrases).to_vec() })
}

/// One code.
pub fn one(house: &House, code: &str, headers: &HeaderMap) -> Answer {
    match pages(&house.phrases).iter().find(|page| page.code == code) {
        Some(page) => json(StatusCode::OK, page),
        None => Teller::new(&house.phrases, headers).trouble(Trouble::NotFound),
    }
}

/// Made once: the phrasebooks are part of the program.
fn pages(phrases: &Phrases) -> &'static [ReasonPage] {
    static PAGES: OnceLock<Vec<ReasonPage>> = OnceLock::new();
    PAGES.get_or_init(|| {
        let open = Reason::ALL.iter().filter(|reason| reason.outer() == **reason);
        let reasons = open.map(|reason| of_reason(phrases, *reason));
        reasons.chain(Trouble::ALL.map(|trouble| of_trouble(phrases, trouble))).collect()
    })
}

fn texts(say: impl Fn(Language) -> String) -> Texts {
    Texts { kk: say(Language::Kk), ru: say(Language::Ru), en: say(Language::En) }
}

fn of_reason(phrases: &Phrases, reason: Reason) -> ReasonPage {
    let stands_for = Reason::ALL.iter().filter(|inner| inner.outer() == reason).count();
    let retry = retry_of(reason);
    ReasonPage {
        code: reason.name().to_owned(),
        http: StatusCode::UNPROCESSABLE_ENTITY.as_u16(),
        retryable: retry != Retry::No,
        retry,
        title: texts(|language| phrases.reason(language, reason).short.clone()),
        text: texts(|language| phrases.reason(language, reason).text.clone()),
        what_to_do: texts(|language| phrases.reason(language, reason).todo.clone()),
        clause: (stands_for == 1).then(|| reason.clause().to_owned()),
    }
}

fn of_trouble(phrases: &Phrases, trouble: Trouble) -> ReasonPage {
    let say = |language| said(phrases, language, trouble);
    ReasonPage {
        code: trouble.code().to_owned(),
        http: trouble.status().as_u16(),
        retryable: trouble.retry() != Retry::No,
        retry: trouble.retry(),
        title: texts(|language| say(language).0),
        text: texts(|language| say(language).0),
        what_to_do: texts(|language| say(language).1),
        clause: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_page_betrays_a_list() {
        // R0-10.3
        let pages = pages(&Phrases::load().unwrap());
        assert!(pages.iter().all(|page| !page.code.starts_with("list")));
        let page = pages.iter().find(|page| page.code == "not_admitted").unwrap();
        assert_eq!(page.clause, None);
        let page = pages.iter().find(|page| page.code == "order_missing").unwrap();
        assert_eq!(page.clause.as_deref(), Some("R0-2.3a"));
    }
}
