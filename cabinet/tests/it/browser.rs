//! What a phone's browser sees: every page in three languages, light and dark, judged by an
//! accessibility engine. The driver is the console's; the screenshots lie in
//! `target/cabinet-pages`.
//!
//! `LOOK_ONLY` in the environment is a regular expression over «role/path language width colours»
//! that narrows what is looked at.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cabinet::ports::Failure;

use crate::pages::{As, busy, cookies, pages};
use crate::world::World;

/// Says why nothing was looked at; where everything must be there, that is a failure.
fn not_run(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "{why}");
    println!("NOT RUN: {why}");
}

fn chromium() -> Option<PathBuf> {
    let found = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    found.iter().map(PathBuf::from).find(|path| path.exists())
}

#[test]
fn a_phones_browser_finds_nothing_wrong() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../console/browser");
    let Some(chromium) = chromium() else {
        return not_run("pages of the cabinet in a browser: there is no Chromium");
    };
    if !folder.join("node_modules/playwright-core").exists() {
        return not_run("pages of the cabinet in a browser: run npm ci in console/browser");
    }
    let fresh = std::env::var_os("LOOK_ONLY").map(|_| env!("CARGO_MANIFEST_DIR").into());
    let world = World::open(false, fresh);
    let mut listed = pages(&world);
    // All failures are laid out alike: one that can be mended, one that cannot, one that waits.
    let looked_at = [Failure::Face, Failure::Debtor, Failure::InReview];
    listed.retain(|(who, _)| match who {
        As::Way(_, _, Some(failure)) => looked_at.contains(failure),
        As::Nobody | As::Way(_, _, None) | As::Session | As::Fresh => true,
    });
    busy(&world);
    let (mut roles, mut looked) = (Vec::new(), Vec::new());
    for (number, (who, path)) in listed.iter().enumerate() {
        let role = match who {
            As::Nobody => String::new(),
            As::Way(path, step, failure) => {
                let failure = failure.map_or("", |failure| failure.name());
                format!("{}-{}{failure}-{number}", path.name(), step.name())
            }
            As::Session => "session".into(),
            As::Fresh => "fresh".into(),
        };
        if !role.is_empty() && roles.iter().all(|(known, _)| *known != role) {
            roles.push((role.clone(), cookies(&world, who, "")));
        }
        looked.push(format!("{{\"role\":{role:?},\"path\":{path:?}}}"));
    }
    looked.push("{\"role\":\"session\",\"path\":\"/nothing\",\"still\":404}".into());
    let router = world.cabinet.router();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    runtime.spawn(async move { axum::serve(listener, router).await.unwrap() });
    let out = folder.join("../../target/cabinet-pages");
    let roles: Vec<String> =
        roles.iter().map(|(role, cookies)| format!("{role:?}:{cookies:?}")).collect();
    // console.md 6: a page weighs at most 100 kB with all it asks for, from 320 pixels on.
    let job = format!(
        "{{\"base\":{base:?},\"out\":{out:?},\"chromium\":{chromium:?},\"weight\":100000,\
         \"sizes\":{{\"phone\":{{\"width\":360,\"height\":740}},\
         \"small\":{{\"width\":320,\"height\":640,\"languages\":[\"kk\"]}}}},\
         \"cookies\":{{{}}},\"pages\":[{}]}}",
        roles.join(","),
        looked.join(",")
    );
    let mut child = Command::new("node")
        .arg("look.js")
        .current_dir(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(job.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{said}");
    println!("{said}");
}
