//! The forms of the web that pages speak: addresses, forms, cookies and answers.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::{HeaderMap, Response};

/// Parameters of one address or form: more are refused.
const PAIRS_MAX: usize = 64;

/// Names and values of an address or a form, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairs(Vec<(String, String)>);

impl Pairs {
    /// Reads `a=b&c=d`; nothing if it is no such form.
    pub fn parse(text: &str) -> Option<Pairs> {
        let mut pairs = Vec::new();
        for piece in text.split('&').filter(|piece| !piece.is_empty()) {
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            let (name, value) = (decode(name)?, decode(value)?);
            if PAIRS_MAX <= pairs.len() {
                return None;
            }
            pairs.push((name, value.trim().to_owned()));
        }
        Some(Pairs(pairs))
    }

    /// The first value of a name that is not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(found, value)| found == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    /// All pairs.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The same without a name.
    pub fn without(&self, name: &str) -> Pairs {
        Pairs(self.0.iter().filter(|(found, _)| found != name).cloned().collect())
    }

    /// The same with one value for a name.
    pub fn with(&self, name: &str, value: &str) -> Pairs {
        let mut pairs = self.without(name);
        pairs.0.push((name.to_owned(), value.to_owned()));
        pairs
    }

    /// The part of an address behind the path: nothing, or `?` and the pairs.
    pub fn address(&self) -> String {
        let mut text = String::new();
        for (name, value) in self.iter().filter(|(_, value)| !value.is_empty()) {
            let mark = if text.is_empty() { '?' } else { '&' };
            // Writing to a string does not fail.
            let _ = write!(text, "{mark}{}={}", encode(name), encode(value));
        }
        text
    }
}

/// Percent-encodes all but unreserved characters.
pub fn encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Undoes percent-encoding, with `+` as a blank; nothing if it is broken or no UTF-8.
pub fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                (high * 16 + low) as u8
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok().filter(|text| !text.chars().any(char::is_control))
}

/// The value of a cookie in the header.
pub fn cookie<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header.split(';').find_map(|piece| {
        let (found, value) = piece.trim().split_once('=')?;
        (found == name).then_some(value)
    })
}

/// Escapes text for HTML and SVG.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// What comes in: an address, a method, the headers that count, and the body.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Whether it changes nothing: GET or HEAD.
    pub reads: bool,
    /// The path, not decoded.
    pub path: String,
    /// What stands behind the `?`.
    pub query: String,
    /// The cookies.
    pub cookies: String,
    /// The languages that the browser prefers.
    pub languages: String,
    /// Where the browser says that the request comes from (`Sec-Fetch-Site`).
    pub site: Option<String>,
    /// Whether a page that is open asks by itself: that is no sign of life of its reader.
    pub live: bool,
    /// The body of a form.
    pub body: String,
}

/// What goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Headers beside those that every answer has.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// A page.
    pub fn page(status: u16, html: String) -> Answer {
        let headers = vec![("content-type", "text/html; charset=utf-8".to_owned())];
        Answer { status, headers, body: html.into_bytes() }
    }

    /// On to another address by GET.
    pub fn see(address: String) -> Answer {
        Answer { status: 303, headers: vec![("location", address)], body: Vec::new() }
    }

    /// The same with a header more.
    pub fn with(mut self, name: &'static str, value: String) -> Answer {
        self.headers.push((name, value));
        self
    }
}

/// The value of a header, if it is text.
pub fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// Nothing but what comes from here; no script within a page, no frame, no form to elsewhere.
const POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; \
    style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'";

/// An answer on its way out, with the headers that every answer has; without its body, of a HEAD.
pub fn respond(answer: Answer, head: bool) -> Response<Body> {
    let mut response = Response::builder()
        .status(answer.status)
        .header("content-security-policy", POLICY)
        .header("x-content-type-options", "nosniff")
        .header("x-frame-options", "DENY")
        .header("referrer-policy", "same-origin")
        .header("cross-origin-opener-policy", "same-origin")
        .header("permissions-policy", "camera=(), geolocation=(), microphone=()");
    if !answer.headers.iter().any(|(name, _)| *name == "cache-control") {
        response = response.header("cache-control", "no-store");
    }
    for (name, value) in &answer.headers {
        response = response.header(*name, value);
    }
    let body = if head { Body::empty() } else { Body::from(answer.body) };
    response.body(body).unwrap_or_else(|error| {
        tracing::error!("an answer could not be sent: {error}");
        Response::new(Body::empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_read_back() {
        let pairs = Pairs::parse("a=1&b=x%20%D2%B0&c=&d=%26+").unwrap();
        assert_eq!(pairs.get("b"), Some("x Ұ"));
        assert_eq!((pairs.get("c"), pairs.get("e")), (None, None));
        assert_eq!(pairs.address(), "?a=1&b=x%20%D2%B0&d=%26");
        assert_eq!(pairs.with("a", "2").without("b").address(), "?d=%26&a=2");
        for broken in ["a=%", "a=%g0", "a=%ff", "a=%00", "a=%0d%0aSet-Cookie"] {
            assert_eq!(Pairs::parse(broken), None, "{broken}");
        }
        assert_eq!(Pairs::parse(&"a=1&".repeat(65)), None);
    }

    #[test]
    fn cookies_and_escapes() {
        assert_eq!(cookie("a=1; bej=xyz", "bej"), Some("xyz"));
        assert_eq!(cookie("abej=1", "bej"), None);
        assert_eq!(escape("<a href='\"&'>"), "&lt;a href=&#39;&quot;&amp;&#39;&gt;");
    }
}
