//! The cabinet on a town in memory, on a loopback address: to look at pages while they are made.
//! Templates and the style sheet are read from this directory at each page.
//!
//! ```text
//! cargo run --profile ci -p cabinet --example town -- 8081
//! ```
//!
//! Sign in with the phone, the password and the code that it prints.

#![expect(clippy::unwrap_used, reason = "whoever looks at pages sees at once what fails")]

#[path = "../tests/it/town.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod town;

use std::net::SocketAddr;

use cabinet::{Cabinet, Settings};

fn main() {
    let port: u16 = std::env::args().nth(1).and_then(|port| port.parse().ok()).unwrap_or(8081);
    let settings = Settings {
        tls: false,
        proxied: false,
        test_realm: true,
        key: [7; 32],
        address: format!("http://127.0.0.1:{port}"),
        self_restriction: "https://egov.example/self-restriction".into(),
        help_phone: "+7 7172 00 01 50".into(),
        phones: vec!["+7 7172 00 00 00".into()],
        templates: Some(env!("CARGO_MANIFEST_DIR").into()),
    };
    let cabinet = Cabinet::new(settings, town::Town::new(town::season()).ports()).unwrap();
    println!("http://127.0.0.1:{port}/ {} {} {}", town::PHONE, town::PASSWORD, town::CODE);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async move {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let service = cabinet.router().into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(listener, service).await.unwrap();
    });
}
