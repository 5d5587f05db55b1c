//! A server as its operator runs it: started, asked over its plain listeners, told to stop.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::world::bej;

/// A running server.
pub struct Server {
    child: Child,
    /// Where organisers connect; empty if its group has no such door, as all of these.
    pub api: String,
    /// Where the pages are.
    pub console: String,
    /// Where the bettors' pages are.
    pub cabinet: String,
    /// Where other groups connect.
    pub inner: String,
    /// Where probes are asked for.
    pub probes: String,
    /// What it says of its work.
    said: Option<std::thread::JoinHandle<String>>,
}

impl Server {
    pub fn start(data: &Path) -> Server {
        Server::start_at(data, "127.0.0.1:0")
    }

    /// Where organisers connect to this address.
    pub fn start_at(data: &Path, api: &str) -> Server {
        Server::start_with(data, &["--api", api])
    }

    /// With these arguments, and any port for organisers.
    pub fn start_on(data: &Path, more: &[&str]) -> Server {
        Server::start_with(data, &[&["--api", "127.0.0.1:0"], more].concat())
    }

    /// With these arguments, where organisers connect among them.
    pub fn start_with(data: &Path, more: &[&str]) -> Server {
        let mut child = Command::new(env!("CARGO_BIN_EXE_bej"))
            .args(["serve", "--probes", "127.0.0.1:0"])
            .args(["--console", "127.0.0.1:0", "--cabinet", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut errors = child.stderr.take().unwrap();
        let said = std::thread::spawn(move || {
            let mut text = String::new();
            errors.read_to_string(&mut text).unwrap();
            text
        });
        let mut server = Server {
            api: String::new(),
            console: String::new(),
            cabinet: String::new(),
            inner: String::new(),
            probes: String::new(),
            said: Some(said),
            child,
        };
        let mut lines = BufReader::new(server.child.stdout.take().unwrap()).lines();
        // The probes come last.
        while server.probes.is_empty() {
            let line = lines.next().expect("the server has ended").unwrap();
            let Some((door, address)) = line.split_once(' ') else { continue };
            let address = address.trim_start_matches("https://").trim_start_matches("http://");
            match door {
                "api" => server.api = address.to_owned(),
                "console" => server.console = address.to_owned(),
                "cabinet" => server.cabinet = address.to_owned(),
                "inner" => server.inner = address.to_owned(),
                "probes" => server.probes = address.to_owned(),
                _ => {}
            }
        }
        server
    }

    /// Sends SIGKILL and waits.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends SIGTERM and waits.
    pub fn stop(mut self) -> bool {
        self.signal("TERM");
        self.child.wait().unwrap().success()
    }

    /// Waits until it has ended by itself.
    pub fn wait(&mut self) {
        self.child.wait().unwrap();
    }

    /// Sends a signal.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Waits until it has ended by itself; whether with success, and what it said.
    pub fn ended(mut self) -> (bool, String) {
        let success = self.child.wait().unwrap().success();
        (success, self.said.take().unwrap().join().unwrap())
    }

    /// What it answers to probes.
    pub fn health(&self) -> serde_json::Value {
        let (_, text) = Browser::default().ask(&self.probes, "GET /health", "");
        serde_json::from_str(&text).unwrap()
    }

    /// Asks for a page as a browser does: the status, and the head of the answer.
    pub fn page(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.console).unwrap();
        let host = &self.console;
        let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        (head[9..12].parse().unwrap(), head.to_ascii_lowercase())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended already where all went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks over HTTP; cookies are kept.
#[derive(Default)]
pub struct Browser {
    cookies: Vec<(String, String)>,
}

impl Browser {
    pub fn ask(&mut self, host: &str, request: &str, body: &str) -> (u16, String) {
        self.ask_as(host, request, "application/x-www-form-urlencoded", body.as_bytes())
    }

    /// With a body of this kind.
    pub fn ask_as(&mut self, host: &str, request: &str, kind: &str, body: &[u8]) -> (u16, String) {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut stream = TcpStream::connect(host).unwrap();
        let request = format!(
            "{request} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncookie: {}\r\n\
             content-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            cookies.join("; "),
            body.len()
        );
        // In one piece, so that no part of it comes after the answer.
        stream.write_all(&[request.as_bytes(), body].concat()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        for line in head.lines() {
            let Some(cookie) = line.strip_prefix("set-cookie: ") else { continue };
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.into(), value.into()));
        }
        (head[9..12].parse().unwrap(), body.to_owned())
    }

    /// Signs a member of the staff in.
    pub fn signed_in(host: &str, name: &str, password: &str, code: impl Fn() -> String) -> Browser {
        let mut browser = Browser::default();
        let (status, page) = browser.ask(host, "GET /en/sign-in", "");
        assert_eq!(status, 200);
        let form = |page: &str, rest: &str| format!("token={}&{rest}", Browser::token(page));
        let body = form(&page, &format!("name={name}&password={password}"));
        let (status, page) = browser.ask(host, "POST /en/sign-in", &body);
        assert_eq!(status, 200);
        let body = form(&page, &format!("code={}", code().trim()));
        let (status, page) = browser.ask(host, "POST /en/sign-in/code", &body);
        assert_eq!(status, 303, "{page}");
        browser
    }

    /// The hidden token of a page's form.
    pub fn token(page: &str) -> String {
        let start = page.find("name=\"token\" value=\"").unwrap() + 20;
        page[start..].split('"').next().unwrap().to_owned()
    }
}

/// The status and the body of a page that needs no sign-in.
pub fn asked(host: &str, path: &str) -> (u16, String) {
    Browser::default().ask(host, &format!("GET {path}"), "")
}

/// What a command prints.
pub fn told(args: &[&str], data: &Path) -> String {
    let mut all = args.to_vec();
    all.extend(["--data", data.to_str().unwrap()]);
    let output = bej(&all);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

pub fn after<'a>(text: &'a str, start: &str) -> &'a str {
    text.lines().find_map(|line| line.strip_prefix(start)).unwrap().trim()
}

#[test]
fn an_officer_signs_in_to_a_running_server_and_each_look_is_a_fact() {
    // R0-24, R2-55.11, S-45
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    told(&["sandbox"], &data);
    let added = told(&["staff", "add", "gam", "--role", "gambling"], &data);
    let password = after(&added, "password");
    let server = Server::start(&data);
    let code = || told(&["staff", "code", "gam"], &data);
    let mut browser = Browser::signed_in(&server.console, "gam", password, code);
    let (status, page) = browser.ask(&server.console, "GET /en/authority", "");
    assert_eq!(status, 200, "{page}");
    let (status, page) = browser.ask(&server.console, "GET /en/stakes", "");
    assert_eq!(status, 200, "{page}");
    let (status, _) = browser.ask(&server.console, "GET /en/tax", "");
    assert_eq!(status, 403);
    let mut stranger = Browser::default();
    assert_eq!(stranger.ask(&server.console, "GET /en/stakes", "").0, 303);
    // Whoever is taken out while the server runs is signed out within seconds.
    told(&["staff", "remove", "gam"], &data);
    let mut looks = 0;
    while browser.ask(&server.console, "GET /en/invariants", "").0 == 200 {
        looks += 1;
        assert!(looks < 600, "still signed in");
        std::thread::park_timeout(std::time::Duration::from_millis(100));
    }
    assert!(server.stop());
    let store = format!("sqlite:{}", data.join("bej.db").display());
    let output = bej(&["export", "journal", "--store", &store, "--format", "ndjson"]);
    let journal = String::from_utf8(output.stdout).unwrap();
    let acts: Vec<&str> = ["sign_in", "register_view"]
        .into_iter()
        .filter(|act| journal.lines().any(|line| line.contains("AuditNoted") && line.contains(act)))
        .collect();
    assert_eq!(acts, ["sign_in", "register_view"], "{journal}");
    // What the notary signed last covers all of it.
    let signed = std::fs::read_to_string(data.join("bej.db.d/checkpoint")).unwrap();
    let entries: usize = signed.lines().nth(1).unwrap().parse().unwrap();
    assert_eq!(entries, journal.lines().count());
    let verified = bej(&["verify", "--store", &store]);
    assert!(verified.status.success(), "{verified:?}");
    assert!(data.join("bej.db.d/verified.json").exists());
}
