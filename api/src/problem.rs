//! Problems (RFC 9457): what went wrong, in the caller's language, and what to do about it.
//!
//! A refusal is named by its outer code and by nothing else (domain 3): the same text and status
//! for every list, block and freeze. Troubles are what stops a request before anything is decided.

use axum::body::Body;
use axum::http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, HeaderMap, HeaderName,
    RETRY_AFTER,
};
use axum::http::{HeaderValue, Response, StatusCode};
use phrases::{Language, Phrases};
use pump::{Busy, Class, PumpError};
use terms::Reason;
use terms::reason::Retry as Again;
use wire::{Fault, Faults, Id, Problem, Receipt, Retry, SCHEMA};

use crate::house::Unasked;
use crate::seat::Place;

/// The answer to a request.
pub type Answer = Response<Body>;

/// What stops a request before anything of it is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Its form is wrong.
    Malformed,
    /// It is not JSON by its own account.
    UnsupportedMedia,
    /// It is too large.
    BodyTooLarge,
    /// It did not come in time.
    BodyTooSlow,
    /// There is nothing under this address, or nothing of the caller's.
    NotFound,
    /// The address knows other methods.
    MethodNotAllowed,
    /// The file has nothing in the range of bytes that is asked for.
    RangeBeyond,
    /// Its head is too large.
    HeadTooLarge,
    /// No certificate was shown.
    CertificateMissing,
    /// The certificate is not of the authority.
    CertificateForeign,
    /// The certificate's time is over, or has not begun.
    CertificateExpired,
    /// The certificate speaks for nobody: it was never entered, or it was revoked.
    CertificateUnknown,
    /// The certificate has too many connections.
    ConnectionsExceeded,
    /// The session has ended, or there never was one.
    SessionExpired,
    /// Too many questions were asked.
    RateExceeded,
    /// Too many negative answers were drawn.
    RefusalsExceeded,
    /// A lane is full.
    Busy,
    /// The clock is not trusted.
    Clock,
    /// Another node decides.
    AnotherNode,
    /// Reading has not come as far as writing.
    Behind,
    /// The server is stopping or has stopped; what became of the request is not known.
    Stopping,
}

impl Trouble {
    /// Every trouble.
    pub const ALL: [Trouble; 21] = [
        Trouble::Malformed,
        Trouble::UnsupportedMedia,
        Trouble::BodyTooLarge,
        Trouble::BodyTooSlow,
        Trouble::NotFound,
        Trouble::MethodNotAllowed,
        Trouble::RangeBeyond,
        Trouble::HeadTooLarge,
        Trouble::CertificateMissing,
        Trouble::CertificateForeign,
        Trouble::CertificateExpired,
        Trouble::CertificateUnknown,
        Trouble::ConnectionsExceeded,
        Trouble::SessionExpired,
        Trouble::RateExceeded,
        Trouble::RefusalsExceeded,
        Trouble::Busy,
        Trouble::Clock,
        Trouble::AnotherNode,
        Trouble::Behind,
        Trouble::Stopping,
    ];

    /// The code.
    pub const fn code(self) -> &'static str {
        match self {
            Trouble::Malformed => "malformed",
            Trouble::UnsupportedMedia => "unsupported_media",
            Trouble::BodyTooLarge => "body_too_large",
            Trouble::BodyTooSlow => "body_too_slow",
            Trouble::NotFound => "not_found",
            Trouble::MethodNotAllowed => "method_not_allowed",
            Trouble::RangeBeyond => "range_beyond",
            Trouble::HeadTooLarge => "head_too_large",
            Trouble::CertificateMissing => "certificate_missing",
            Trouble::CertificateForeign => "certificate_foreign",
            Trouble::CertificateExpired => "certificate_expired",
            Trouble::CertificateUnknown => "certificate_unknown",
            Trouble::ConnectionsExceeded => "connections_exceeded",
            Trouble::SessionExpired => "session_expired",
            Trouble::RateExceeded => "rate_exceeded",
            Trouble::RefusalsExceeded => "refusals_exceeded",
            Trouble::Busy => "busy",
            Trouble::Clock => "clock",
            Trouble::AnotherNode => "another_node",
            Trouble::Behind => "behind",
            Trouble::Stopping => "stopping",
        }
    }

    /// The status: by what the caller should do next.
    pub const fn status(self) -> StatusCode {
        match self {
            Trouble::Malformed => StatusCode::BAD_REQUEST,
            Trouble::UnsupportedMedia => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Trouble::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Trouble::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
            Trouble::NotFound => StatusCode::NOT_FOUND,
            Trouble::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Trouble::RangeBeyond => StatusCode::RANGE_NOT_SATISFIABLE,
            Trouble::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Trouble::CertificateMissing
            | Trouble::CertificateForeign
            | Trouble::CertificateExpired
            | Trouble::CertificateUnknown => StatusCode::FORBIDDEN,
            Trouble::SessionExpired => StatusCode::UNAUTHORIZED,
            Trouble::AnotherNode => StatusCode::MISDIRECTED_REQUEST,
            Trouble::ConnectionsExceeded | Trouble::RateExceeded | Trouble::RefusalsExceeded => {
                StatusCode::TOO_MANY_REQUESTS
            }
            Trouble::Busy | Trouble::Clock | Trouble::Behind | Trouble::Stopping => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }

    /// What a machine may do.
    pub const fn retry(self) -> Retry {
        match self {
            Trouble::Malformed
            | Trouble::UnsupportedMedia
            | Trouble::BodyTooLarge
            | Trouble::BodyTooSlow
            | Trouble::RangeBeyond
            | Trouble::HeadTooLarge => Retry::Corrected,
            Trouble::ConnectionsExceeded
            | Trouble::RateExceeded
            | Trouble::RefusalsExceeded
            | Trouble::Busy
            | Trouble::Clock
            | Trouble::AnotherNode
            | Trouble::Behind
            | Trouble::Stopping => Retry::SameId,
            Trouble::SessionExpired => Retry::SameId,
            Trouble::NotFound
            | Trouble::MethodNotAllowed
            | Trouble::CertificateMissing
            | Trouble::CertificateForeign
            | Trouble::CertificateExpired
            | Trouble::CertificateUnknown => Retry::No,
        }
    }

    /// Seconds to wait, where waiting helps. Live lanes empty within a second or two.
    const fn wait_s(self) -> Option<u64> {
        match self {
            Trouble::ConnectionsExceeded
            | Trouble::RateExceeded
            | Trouble::RefusalsExceeded
            | Trouble::Busy
            | Trouble::Behind => Some(1),
            Trouble::Clock | Trouble::Stopping => Some(5),
            Trouble::Malformed
            | Trouble::UnsupportedMedia
            | Trouble::BodyTooLarge
            | Trouble::BodyTooSlow
            | Trouble::RangeBeyond
            | Trouble::HeadTooLarge
            | Trouble::NotFound
            | Trouble::MethodNotAllowed
            | Trouble::CertificateMissing
            | Trouble::CertificateForeign
            | Trouble::CertificateExpired
            | Trouble::CertificateUnknown
            | Trouble::AnotherNode
            | Trouble::SessionExpired => None,
        }
    }
}

/// The code, status and seconds to wait of a request that the pump did not take in.
pub fn of_pump(error: &PumpError) -> (Trouble, Option<u64>) {
    match error {
        PumpError::Busy(Busy::Full { class, retry_after_ms, .. }) => {
            (Trouble::Busy, Some(retry_after_ms.div_ceil(1_000).max(wait_of(*class))))
        }
        PumpError::Busy(Busy::Ids) => (Trouble::Busy, Some(2)),
        PumpError::Busy(Busy::Absent) => (Trouble::Busy, Some(1)),
        PumpError::Busy(Busy::Clock) => (Trouble::Clock, None),
        PumpError::Stopped(_) | PumpError::Malformed(_) => (Trouble::Stopping, None),
    }
}

/// Seconds that a class waits at least which was shed. Those that yield wait longer, so that they
/// do not come back all at once.
pub const fn wait_of(class: Class) -> u64 {
    match class {
        Class::Control | Class::Live => 1,
        Class::Settlement => 2,
        Class::Bulk => 5,
    }
}

/// What a machine may do after a refusal.
pub fn retry_of(reason: Reason) -> Retry {
    match reason.retry() {
        Again::Later => Retry::NewId,
        Again::Never => Retry::No,
    }
}

/// The caller's language by `Accept-Language`: the first of kk, ru and en with the highest weight,
/// and Russian for everybody else.
pub fn language(headers: &HeaderMap) -> Language {
    let text = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let mut best = (Language::Ru, 0);
    for part in text.unwrap_or_default().split(',') {
        let (range, weight) = part.split_once(';').unwrap_or((part, "q=1"));
        let code = range.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
        let Ok(language) = code.parse::<Language>() else { continue };
        let weight = thousandths(weight.trim().strip_prefix("q=").unwrap_or_default());
        if best.1 < weight {
            best = (language, weight);
        }
    }
    best.0
}

/// `0.8` as 800; what is no weight is none.
fn thousandths(text: &str) -> u32 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if 1 < whole.len() || 3 < part.len() || !digits(whole) || !digits(part) {
        return 0;
    }
    format!("{whole}{part:0<3}").parse().unwrap_or(0).min(1_000)
}

/// The header that names a request: in answers, in problems, and in the log.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// Keeps a browser from guessing what an answer is.
pub const NO_SNIFFING: HeaderName = HeaderName::from_static("x-content-type-options");

/// The type of a problem.
pub const PROBLEM: &str = "application/problem+json";

/// Where the node is that decides.
const ACTIVE: HeaderName = HeaderName::from_static("bej-active");

/// Says what went wrong in one language.
#[derive(Clone, Copy, Debug)]
pub struct Teller<'a> {
    phrases: &'a Phrases,
    language: Language,
    request: [u8; 36],
}

impl<'a> Teller<'a> {
    /// What stands for a request's id where there is no request.
    pub const NO_REQUEST: &'static str = "000000000000000000000000000000000000";

    /// In the language of the caller. The server has put the request's id into the headers.
    pub fn new(phrases: &'a Phrases, headers: &HeaderMap) -> Teller<'a> {
        let request = headers.get(REQUEST_ID).and_then(|id| id.as_bytes().try_into().ok());
        let tell = Teller::in_language(phrases, language(headers));
        Teller { request: request.unwrap_or(tell.request), ..tell }
    }

    /// In a language, about no request.
    pub fn in_language(phrases: &'a Phrases, language: Language) -> Teller<'a> {
        Teller { phrases, language, request: [b'0'; Teller::NO_REQUEST.len()] }
    }

    /// The document of a trouble.
    pub fn text(&self, trouble: Trouble) -> String {
        // Cannot fail: wire types have string keys only, and writing to memory does not fail.
        serde_json::to_string(&self.document(trouble, Vec::new())).expect("wire types are JSON")
    }

    /// The request, as a problem names it.
    fn instance(&self) -> Option<String> {
        Some(format!("urn:uuid:{}", String::from_utf8_lossy(&self.request)))
    }

    /// A trouble.
    pub fn trouble(&self, trouble: Trouble) -> Answer {
        let mut answer = self.answer(self.document(trouble, Vec::new()), trouble.wait_s());
        answer.extensions_mut().insert(trouble);
        answer
    }

    /// Everything that is wrong with a form.
    pub fn malformed(&self, faults: Faults) -> Answer {
        self.answer(self.document(Trouble::Malformed, faults.0), None)
    }

    /// A request that the pump did not take in.
    pub fn pump(&self, error: &PumpError) -> Answer {
        let (trouble, wait) = of_pump(error);
        let wait = wait.or(trouble.wait_s());
        let mut answer = self.answer(self.document(trouble, Vec::new()), wait);
        answer.extensions_mut().insert(trouble);
        answer
    }

    /// Messages for which there are no verdicts.
    pub fn unasked(&self, unasked: &Unasked) -> Answer {
        match unasked {
            Unasked::Elsewhere(place) => self.elsewhere(place.as_ref()),
            Unasked::Pump(error) => self.pump(error),
        }
    }

    /// Another node decides: there, or it is not known where and will be soon.
    pub fn elsewhere(&self, place: Option<&Place>) -> Answer {
        let trouble = Trouble::AnotherNode;
        let active = place.map(|place| place.api.clone());
        let header = active.as_deref().and_then(|active| HeaderValue::from_str(active).ok());
        let wait = if place.is_none() { Some(1) } else { None };
        let document = Problem { active, ..self.document(trouble, Vec::new()) };
        let mut answer = self.answer(document, wait);
        answer.headers_mut().extend(header.map(|active| (ACTIVE, active)));
        answer.extensions_mut().insert(trouble);
        answer
    }

    /// A refusal, by its outer code.
    pub fn refusal(&self, reason: Reason, id: Option<Id>, receipt: Option<Receipt>) -> Answer {
        let reason = reason.outer();
        let phrases = self.phrases.reason(self.language, reason);
        let retry = retry_of(reason);
        let problem = Problem {
            kind: format!("/problems/{}", reason.name()),
            title: phrases.text.clone(),
            status: StatusCode::UNPROCESSABLE_ENTITY.as_u16(),
            code: reason.name().to_owned(),
            retryable: retry != Retry::No,
            retry,
            what_to_do: phrases.todo.clone(),
            instance: self.instance(),
            id,
            receipt,
            active: None,
            errors: Vec::new(),
        };
        self.answer(problem, None)
    }

    fn document(&self, trouble: Trouble, errors: Vec<Fault>) -> Problem {
        let code = trouble.code();
        let (title, what_to_do) = said(self.phrases, self.language, trouble);
        Problem {
            kind: format!("/problems/{code}"),
            title,
            status: trouble.status().as_u16(),
            code: code.to_owned(),
            retryable: trouble.retry() != Retry::No,
            retry: trouble.retry(),
            what_to_do,
            instance: self.instance(),
            id: None,
            receipt: None,
            active: None,
            errors,
        }
    }

    fn answer(&self, problem: Problem, wait_s: Option<u64>) -> Answer {
        let status = StatusCode::from_u16(problem.status);
        let mut answer = json(status.unwrap_or(StatusCode::BAD_REQUEST), &problem);
        let headers = answer.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM));
        headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(self.language.code()));
        if let Some(wait) = wait_s {
            headers.insert(RETRY_AFTER, HeaderValue::from(wait));
        }
        answer
    }
}

/// What is wrong and what to do, in a language; the code where the book lacks it.
pub fn said(phrases: &Phrases, language: Language, trouble: Trouble) -> (String, String) {
    let said = phrases.problem(language, trouble.code());
    let code = || trouble.code().to_owned();
    said.map_or_else(|| (code(), code()), |said| (said.title.clone(), said.todo.clone()))
}

/// An answer in JSON.
pub fn json(status: StatusCode, value: &impl serde::Serialize) -> Answer {
    // Cannot fail: wire types have string keys only, and writing to memory does not fail.
    let text = serde_json::to_vec(value).expect("wire types are JSON");
    body(status, "application/json", text)
}

/// An answer with its schema version, never kept by anybody on the way.
pub fn body(status: StatusCode, kind: &'static str, content: impl Into<Body>) -> Answer {
    let mut answer = Response::new(content.into());
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("bej-schema", HeaderValue::from_static(SCHEMA));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trouble_has_its_sentences_in_three_languages() {
        let phrases = Phrases::load().unwrap();
        for trouble in Trouble::ALL {
            for language in Language::ALL {
                let said = phrases.problem(language, trouble.code());
                assert!(said.is_some(), "{language:?} {trouble:?}");
            }
            assert_eq!(Reason::from_name(trouble.code()), None, "{trouble:?}");
        }
    }

    #[test]
    fn the_language_is_the_one_with_the_highest_weight() {
        let cases = [
            ("", Language::Ru),
            ("de", Language::Ru),
            ("kk", Language::Kk),
            ("en-GB, kk;q=0.9", Language::En),
            ("ru;q=0.5, kk;q=0.7, en;q=0.6", Language::Kk),
            ("en;q=x, kk;q=0.1", Language::Kk),
            ("en;q=0, ru;q=0.1", Language::Ru),
        ];
        for (text, want) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(text));
            assert_eq!(language(&headers), want, "{text}");
        }
    }
}
