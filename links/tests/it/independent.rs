//! Our signatures by the eyes of others: canonical XML of Python, RSA of OpenSSL.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use outside::Owner;

use crate::server::{KEYS, call, response, sealed};

/// Whether the program is here; where everything must be, its absence is a failure.
fn there(program: &str, argument: &str) -> bool {
    let found = Command::new(program).arg(argument).output().is_ok_and(|out| out.status.success());
    let must = std::env::var_os("CI").is_some_and(|value| value == "true");
    assert!(found || !must, "{program} is not there");
    if !found {
        println!("NOT RUN: {program} is not there");
    }
    found
}

fn run(command: &mut Command, input: &[u8]) -> String {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    child.stdin.take().expect("an input").write_all(input).expect("an input");
    let out = child.wait_with_output().expect("an output");
    assert!(out.status.success(), "{command:?}");
    String::from_utf8(out.stdout).expect("text")
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    text.split(from).nth(1).and_then(|rest| rest.split(to).next()).expect(from)
}

#[test]
fn others_compute_the_same_digest_and_find_the_signature_good() {
    if !there("python3", "--version") || !there("openssl", "version") {
        return;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/canonical.py");
    let contents = [
        response(call(1).id, "SCSS001", "<data><iin>050712590008</iin></data>"),
        "<a xmlns='u:1' b = \"2\"  a='1'><!-- x --><c xmlns=\"\" d='&#9;&#10;&lt;&quot;>'/></a>"
            .into(),
        "<p:a xmlns:p='u:1' xmlns:q='u:2' xmlns:r='u:3'><q:b p:z='1' q:y='2' a='3'/></p:a>".into(),
        "<a><![CDATA[<&>]]> Қазақша &amp; &gt; \" ' \r\n x<?p  q ?></a>".into(),
        "<a xmlns='u:1'><b xmlns:x='u:2'><x:c xmlns:x='u:3'/><x:d/></b></a>".into(),
        "<a xml:lang='kk' xmlns:b='u:1' b:c='x  y\tz'/>".into(),
    ];
    for content in contents {
        let content: String = content;
        let envelope = sealed(&content, Owner::Gateway);
        let said = run(Command::new("python3").arg(&script), envelope.as_bytes());
        let mut lines = said.lines();
        let ours = between(&envelope, "<ds:DigestValue>", "</ds:DigestValue>");
        assert_eq!(lines.next(), Some(ours), "{content}");
        let info = STANDARD.decode(lines.next().expect("a line")).expect("base64");
        verified(&envelope, &info);
    }
}

/// OpenSSL finds the signature over these bytes good, and over others not.
fn verified(envelope: &str, info: &[u8]) {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("independent");
    fs::create_dir_all(&directory).expect("a directory");
    let (key, signature) = (directory.join("key.der"), directory.join("signature"));
    fs::write(&key, KEYS.certificate(Owner::Gateway).key_info()).expect("a file");
    let value = between(envelope, "<ds:SignatureValue>", "</ds:SignatureValue>");
    fs::write(&signature, STANDARD.decode(value).expect("base64")).expect("a file");
    let check = |content: &[u8]| {
        let mut command = Command::new("openssl");
        command.args(["dgst", "-sha256", "-keyform", "DER", "-verify"]).arg(&key);
        command.arg("-signature").arg(&signature).stdin(Stdio::piped());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("openssl");
        child.stdin.take().expect("an input").write_all(content).expect("an input");
        child.wait().expect("an end").success()
    };
    assert!(check(info));
    assert!(!check(&[info, b" "].concat()));
}
