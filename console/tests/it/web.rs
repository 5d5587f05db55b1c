//! The router: headers, methods, and bodies that are too large.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use tower::ServiceExt as _;

use crate::world::{World, named};

#[tokio::test]
async fn answers_carry_a_strict_policy() {
    let world = World::new(named("Book"));
    let router = world.console.router();
    let ask = |method: &str, path: &str, body: Body| {
        let request = Request::builder().method(method).uri(path).body(body).unwrap();
        router.clone().oneshot(request)
    };
    let answer = ask("GET", "/ru/sign-in", Body::empty()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let policy = answer.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"));
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-bej-form=") && cookie.contains("; Path=/; HttpOnly"));
    assert!(cookie.ends_with("; SameSite=Lax; Secure"), "{cookie}");
    for (method, path, body, status) in [
        ("HEAD", "/ru/sign-in", String::new(), 200),
        ("PUT", "/ru/sign-in", String::new(), 405),
        ("POST", "/ru/sign-in", "x".repeat(20_000), 413),
        ("POST", "/ru/sign-in", String::new(), 403),
        ("GET", "/assets/other.css", String::new(), 404),
        ("GET", "/", String::new(), 303),
    ] {
        let answer = ask(method, path, Body::from(body)).await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{method} {path}");
    }
    let request = Request::builder().uri("/").header("accept-language", "de,ru;q=0.8,en;q=0.5");
    let answer = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(answer.headers()["location"], "/ru");
}
