//! The console on a sample season in memory, on a loopback address: to look at pages while they
//! are made. Templates and the style sheet are read from this directory at each page.
//!
//! ```text
//! cargo run --profile ci -p console@0.1.0 --example season -- 8080
//! ```
//!
//! It prints a name for each role, one password for all, and on each line of input the codes of
//! the moment.

#![expect(clippy::unwrap_used, reason = "whoever looks at pages sees at once what fails")]

#[path = "../tests/it/folk.rs"]
mod folk;
#[path = "../tests/it/world.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod world;

use std::io::BufRead as _;
use std::time::{SystemTime, UNIX_EPOCH};

use terms::Instant;
use world::{PASSWORD, World, season};

fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Instant(since.as_nanos() as i64)
}

fn main() {
    let port: u16 = std::env::args().nth(1).and_then(|port| port.parse().ok()).unwrap_or(8080);
    let world = World::open(season(), false, Some(env!("CARGO_MANIFEST_DIR").into()));
    *world.mem.now.lock().unwrap() = now();
    let router = world.console.router();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.spawn(async move {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        axum::serve(listener, router).await.unwrap();
    });
    println!("http://127.0.0.1:{port}/ password: {PASSWORD}");
    for line in std::io::stdin().lock().lines() {
        line.unwrap();
        *world.mem.now.lock().unwrap() = now();
        for member in &world.members {
            let code = member.code((now().0 / Instant::SECOND) as u64).unwrap();
            println!("{} {code}", member.name);
        }
    }
}
