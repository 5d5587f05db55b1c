//! The program: it tells where it listens, is controlled over HTTP, and ends with its input.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

fn post(address: &str, path: &str, content: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("a connection");
    let length = content.len();
    let head = format!("host: x\r\nconnection: close\r\ncontent-length: {length}");
    let request = format!("POST {path} HTTP/1.1\r\n{head}\r\n\r\n{content}");
    stream.write_all(request.as_bytes()).expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[test]
fn the_program_tells_where_it_is_and_ends_with_its_input() {
    let keys = Path::new(env!("CARGO_TARGET_TMPDIR")).join("keys");
    let mut child = Command::new(env!("CARGO_BIN_EXE_outside"))
        .arg("--keys")
        .arg(keys)
        .args(["--at", "2026-07-12T10:00:00+05:00"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().expect("an output"));
    out.read_line(&mut line).expect("a line");
    let told: Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(told["realm"], "test");
    for name in ["exchange", "gateway", "lists", "operator", "control"] {
        let address = told["addresses"][name].as_str().expect("an address");
        let address = address.strip_prefix("http://").expect("http");
        assert!(address.starts_with("127.0.0.1:"), "{address}");
        TcpStream::connect(address).expect("a listener");
    }
    let control = told["addresses"]["control"].as_str().expect("an address");
    let control = control.trim_start_matches("http://");
    let answer = post(control, "/clock", "{\"at\": \"2026-08-01T00:00:00Z\"}");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("x-sim: true") && answer.contains("2026-08-01T00:00:00Z"), "{answer}");
    assert!(post(control, "/clock", "{}x").starts_with("HTTP/1.1 400"));
    drop(child.stdin.take());
    assert!(child.wait().expect("an end").success());
}
