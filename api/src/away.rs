//! What is said to a request that is turned away: a problem that was put together once for each
//! class and language, with only the request's id to be written in. It costs a copy of some
//! hundred bytes.

use axum::http::HeaderValue;
use axum::http::header::{CONTENT_LANGUAGE, CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use phrases::{Language, Phrases};
use pump::Class;

use crate::problem::{
    Answer, NO_SNIFFING, PROBLEM, REQUEST_ID, Teller, Trouble, body, language, wait_of,
};

/// What is said, by language.
#[derive(Debug)]
pub(crate) struct Away([Told; Language::ALL.len()]);

/// The problem before and after the id of the request.
#[derive(Debug)]
struct Told {
    before: Vec<u8>,
    after: Vec<u8>,
}

impl Away {
    /// In the words of the phrasebooks.
    pub(crate) fn new(phrases: &Phrases) -> Away {
        Away(Language::ALL.map(|language| {
            let text = Teller::in_language(phrases, language).text(Trouble::Busy);
            let (before, after) = text.split_once(Teller::NO_REQUEST).unwrap_or((&text, ""));
            Told { before: before.into(), after: after.into() }
        }))
    }

    /// The answer to a request of this id and class.
    pub(crate) fn answer(&self, headers: &HeaderMap, id: HeaderValue, class: Class) -> Answer {
        let language = language(headers);
        let Told { before, after } = &self.0[language as usize];
        let text = [before, id.as_bytes(), after].concat();
        let mut answer = body(Trouble::Busy.status(), PROBLEM, text);
        let headers = answer.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM));
        headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.code()));
        headers.insert(RETRY_AFTER, HeaderValue::from(wait_of(class)));
        headers.insert(NO_SNIFFING, HeaderValue::from_static("nosniff"));
        headers.insert(REQUEST_ID, id);
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_together_before_is_what_would_be_told() {
        // R2-55.3
        let phrases = Phrases::load().unwrap();
        let away = Away::new(&phrases);
        let id = HeaderValue::from_static("0190c5f1-0000-7000-8000-0000000000ff");
        for (language, class, wait) in [
            (Language::Kk, Class::Live, "1"),
            (Language::Ru, Class::Settlement, "2"),
            (Language::En, Class::Bulk, "5"),
        ] {
            let mut headers = HeaderMap::new();
            let code = HeaderValue::from_static(language.code());
            headers.insert(axum::http::header::ACCEPT_LANGUAGE, code);
            headers.insert(REQUEST_ID, id.clone());
            let said = away.answer(&headers, id.clone(), class);
            let told = Teller::new(&phrases, &headers).trouble(Trouble::Busy);
            assert_eq!(said.status(), told.status());
            assert_eq!(said.headers()[RETRY_AFTER], wait);
            for (name, value) in told.headers().iter().filter(|(name, _)| *name != RETRY_AFTER) {
                assert_eq!(said.headers().get(name), Some(value), "{name}");
            }
            let said = size(&said);
            assert_eq!(said, size(&told), "{language:?}");
        }
    }

    fn size(answer: &Answer) -> Option<u64> {
        hyper::body::Body::size_hint(answer.body()).exact()
    }
}
