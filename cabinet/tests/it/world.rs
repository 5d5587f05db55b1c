//! A cabinet on the town, and a browser that asks it.

use std::net::IpAddr;
use std::sync::Arc;

use cabinet::{Asked, Cabinet, Settings};
use site::upload::Part;
use site::web::{Answer, Request, encode};

use crate::town::{Town, season};

pub struct World {
    pub cabinet: Cabinet,
    pub town: Arc<Town>,
    pub address: Option<IpAddr>,
}

pub fn settings(tls: bool, templates: Option<std::path::PathBuf>) -> Settings {
    Settings {
        tls,
        proxied: true,
        test_realm: !tls,
        key: [7; 32],
        address: "https://bej.example".into(),
        self_restriction: "https://egov.example/self-restriction".into(),
        help_phone: "+7 7172 00 01 50".into(),
        phones: vec!["+7 7172 00 00 00".into(), "+7 700 000 00 00".into()],
        templates,
    }
}

impl World {
    pub fn new() -> World {
        World::open(true, None)
    }

    pub fn open(tls: bool, templates: Option<std::path::PathBuf>) -> World {
        let town = Town::new(season());
        let cabinet = Cabinet::new(settings(tls, templates), town.ports()).unwrap();
        World { cabinet, town, address: None }
    }

    pub fn get(&self, path: &str, cookies: &str) -> Answer {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        self.ask(Request {
            reads: true,
            path: path.into(),
            query: query.into(),
            cookies: cookies.into(),
            ..Request::default()
        })
    }

    pub fn ask(&self, request: Request) -> Answer {
        self.cabinet.answer(&Asked { request, address: self.address, parts: Vec::new() })
    }

    pub fn post(&self, path: &str, cookies: &str, form: &[(&str, &str)]) -> Answer {
        let body: Vec<String> =
            form.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        self.ask(Request {
            path: path.into(),
            cookies: cookies.into(),
            body: body.join("&"),
            ..Request::default()
        })
    }

    pub fn upload(&self, path: &str, cookies: &str, form: &[(&str, &str)], file: &[u8]) -> Answer {
        let part = |name: &str, file, bytes: &[u8]| Part {
            name: name.to_owned(),
            file,
            bytes: bytes.to_vec(),
        };
        let mut parts: Vec<Part> =
            form.iter().map(|(name, value)| part(name, false, value.as_bytes())).collect();
        parts.push(part("photo", true, file));
        let request = Request { path: path.into(), cookies: cookies.into(), ..Request::default() };
        self.cabinet.answer(&Asked { request, address: self.address, parts })
    }

    /// The cookies of the one who is known, with or without a fresh code.
    pub fn signed_in(&self, fresh: bool) -> String {
        format!("__Host-bej-cabinet={}; bej-lang=en", self.town.session(fresh))
    }

    /// Sends the n-th form of a page back as it stands, with some fields filled in.
    pub fn send(&self, page: &Answer, nth: usize, cookies: &str, fill: &[(&str, &str)]) -> Answer {
        let (action, mut fields) = form(page, nth);
        for (name, value) in fill {
            fields.retain(|(found, _)| found != name);
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post(&action, cookies, &fields)
    }
}

pub fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.clone()).unwrap().replace("&#x2f;", "/").replace("&amp;", "&")
}

pub fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers.iter().find(|(found, _)| *found == name).map(|(_, value)| value.as_str())
}

/// `name=value` of a cookie that an answer sets.
pub fn set(answer: &Answer, name: &str) -> String {
    let wanted = format!("{name}=");
    let mut cookies = answer.headers.iter().filter(|(found, _)| *found == "set-cookie");
    let found = cookies.find(|(_, value)| value.starts_with(&wanted));
    let (_, value) = found.unwrap_or_else(|| panic!("{name} in {:?}", answer.headers));
    value.split(';').next().unwrap().to_owned()
}

/// The action and the hidden fields of the n-th form of the main part of a page.
pub fn form(page: &Answer, nth: usize) -> (String, Vec<(String, String)>) {
    let html = text(page);
    let main = html.split("<main").nth(1).unwrap().split("</main>").next().unwrap().to_owned();
    let form = main.split("<form ").nth(nth + 1).unwrap_or_else(|| panic!("form {nth} of {main}"));
    let form = form.split("</form>").next().unwrap();
    let value = |piece: &str, name: &str| {
        let (_, rest) = piece.split_once(&format!("{name}=\""))?;
        rest.split('"').next().map(str::to_owned)
    };
    let fields = form.split("<input type=\"hidden\"").skip(1).map(|piece| {
        let piece = piece.split('>').next().unwrap();
        (value(piece, "name").unwrap(), value(piece, "value").unwrap())
    });
    (value(form, "action").unwrap(), fields.collect())
}
