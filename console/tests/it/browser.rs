//! What a browser sees: every page as its roles, in three languages, two widths, light and dark,
//! judged by an accessibility engine (R0-24.1). The screenshots lie in `target/console-pages`.
//!
//! `LOOK_ONLY` in the environment is a regular expression over «role/path language width colours»
//! that narrows what is looked at.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use console::role::Role;

use crate::pages::{a_bet, a_refusal, an_account};
use crate::world::{World, season};

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
fn browsers_find_nothing_wrong() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser");
    let Some(chromium) = chromium() else {
        return not_run("pages in a browser: there is no Chromium");
    };
    if !folder.join("node_modules/playwright-core").exists() {
        return not_run("pages in a browser: run npm ci in console/browser");
    }
    // While looks are being made, templates and styles are read as they lie there.
    let fresh = std::env::var_os("LOOK_ONLY").map(|_| env!("CARGO_MANIFEST_DIR").into());
    let world = World::open(season(), false, fresh);
    let pages = pages(&world);
    let cookies: Vec<String> = Role::ALL
        .iter()
        .map(|role| format!("{:?}:{:?}", role.name(), world.sign_in(*role)))
        .collect();
    let router = world.console.router();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    runtime.spawn(async move { axum::serve(listener, router).await.unwrap() });
    let out = folder.join("../../target/console-pages");
    let job = format!(
        "{{\"base\":{base:?},\"out\":{out:?},\"chromium\":{chromium:?},\
         \"cookies\":{{{}}},\"pages\":[{}]}}",
        cookies.join(","),
        pages.join(",")
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

/// The pages as the driver reads them.
fn pages(world: &World) -> Vec<String> {
    let page = |role: &str, path: &str| format!("{{\"role\":{role:?},\"path\":{path:?}}}");
    let mut pages: Vec<String> =
        crate::pages::PAGES.iter().map(|(role, path)| page(role.name(), path)).collect();
    pages.push(page("operator", &a_bet(world)));
    pages.push(page("operator", &an_account(world)));
    pages.push(page("gambling", &a_refusal(world)));
    pages.push(page("administrator", "/invariants"));
    pages.push(page("", "/sign-in"));
    pages.push("{\"role\":\"tax\",\"path\":\"/nothing\",\"still\":404}".into());
    pages
}
