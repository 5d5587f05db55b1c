//! The state service's tokens, good and bad (R3-2.8, S-58).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use links::Error;
use links::consent::{
    Consent as _, Initiator, Means, RequestWay, Said, StateService, StateServiceError, TokenKeys,
};
use links::gateway::{Answers, Gateway, Peer};
use links::signature::{Builtin, SignatureError};
use links::token::{TokenError, open, sign};
use links::way::Realm;
use outside::Owner;
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use std::time::Duration;
use terms::{Hash, Instant};

use crate::server::{
    BIN, IIN, KEYS, OTHER_BIN, answering, asked, call, initiator, now, peer, response, sealed,
};

fn seconds() -> i64 {
    now().0 / Instant::SECOND
}

fn claims() -> Value {
    json!({
        "iss": "kdp-simulated", "sub": IIN, "aud": BIN, "iat": seconds(), "exp": seconds() + 600,
        "access": ["GBDFLUniversal_token", "RESTRICTED_PERSONS"], "method": "sms", "jti": "t-1",
    })
}

fn key_text() -> String {
    STANDARD.encode(KEYS.certificate(Owner::StateService).key_info())
}

fn signed(claims: &Value) -> String {
    sign(claims, &KEYS.signer(Owner::StateService)).expect("a token")
}

fn heard_with(initiator: Initiator, token: &str, key: &str) -> Result<Said, Error> {
    let data = format!(
        "<data><status>VALID</status><code>{token}</code><public-key>{key}</public-key></data>"
    );
    let server = answering(sealed(&response(call(1).id, "SCSS001", &data), Owner::Gateway));
    let service = StateService::new(server.gateway(), initiator).expect("a service");
    service.request(&call(1), &asked()).map(|answer| answer.said)
}

fn heard(token: &str) -> Result<Said, Error> {
    heard_with(initiator(), token, &key_text())
}

fn refused(claims: &Value, error: TokenError) {
    assert_eq!(heard(&signed(claims)), Err(Error::BadToken(error)), "{claims}");
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

#[test]
fn a_good_token_becomes_an_access() {
    let token = signed(&claims());
    // Senders break long lines.
    let broken = token.replace('.', "\n  .\n");
    let Said::Granted(access) = heard(&broken).expect("an access") else { panic!("no access") };
    assert_eq!(access.token(), token);
    assert_eq!(access.person.reveal(), IIN);
    assert!(access.lasts(now()) && !access.lasts(now().plus(600 * Instant::SECOND)));
    assert!(!format!("{access:?}").contains(&token));
    // The key may come as PEM, and as a certificate.
    let certificate = STANDARD.encode(KEYS.certificate(Owner::StateService).der());
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----", key_text());
    for key in [pem, certificate] {
        assert!(heard_with(initiator(), &token, &key).is_ok());
    }
    for aud in [json!([OTHER_BIN, BIN]), json!(BIN)] {
        assert!(heard(&signed(&with("aud", aud))).is_ok());
    }
}

#[test]
fn a_token_for_another_than_us_or_him_is_refused() {
    refused(&with("aud", json!(OTHER_BIN)), TokenError::Audience);
    refused(&with("aud", json!([OTHER_BIN])), TokenError::Audience);
    refused(&with("aud", json!([])), TokenError::Audience);
    refused(&with("aud", json!({"bin": BIN})), TokenError::Audience);
    refused(&with("iss", json!("somebody")), TokenError::Audience);
    refused(&with("sub", json!("000101390004")), TokenError::Subject);
    refused(&with("access", json!(["GBDFLUniversal_token"])), TokenError::Scope);
    refused(&with("access", json!([])), TokenError::Scope);
    refused(&with("jti", json!(" ")), TokenError::Times);
    let mut without = claims();
    without.as_object_mut().expect("claims").remove("exp");
    refused(&without, TokenError::Form("content"));
}

#[test]
fn times_are_ours_within_a_minute() {
    // S-58
    let at = |name, offset: i64| with(name, json!(seconds() + offset));
    refused(&at("exp", 0), TokenError::Expired);
    refused(&at("exp", -1), TokenError::Expired);
    refused(&at("iat", 61), TokenError::NotYet);
    refused(&at("nbf", 61), TokenError::NotYet);
    refused(&at("exp", 661), TokenError::Times);
    for good in [at("iat", 60), at("nbf", 60), at("nbf", -60), at("exp", 1), at("exp", 660)] {
        assert!(heard(&signed(&good)).is_ok(), "{good}");
    }
    // A token that is still good, asked with a clock that went back.
    refused(&with("iat", json!(i64::MAX)), TokenError::NotYet);
    refused(&with("iat", json!(i64::MIN)), TokenError::Times);
}

fn head(head: &str, signature: &str) -> String {
    let content = URL_SAFE_NO_PAD.encode(claims().to_string());
    format!("{}.{content}.{signature}", URL_SAFE_NO_PAD.encode(head))
}

#[test]
fn the_algorithm_is_ours_to_choose() {
    let good = signed(&claims());
    let signature = good.rsplit('.').next().expect("a signature");
    for alg in ["none", "None", "", "HS256", "RS384", "PS256", "ES256", "rs256"] {
        for signature in ["", signature] {
            let token = head(&format!("{{\"alg\":\"{alg}\",\"typ\":\"JWT\"}}"), signature);
            assert_eq!(heard(&token), Err(Error::BadToken(TokenError::Algorithm)), "{alg}");
        }
    }
    let critical = head("{\"alg\":\"RS256\",\"crit\":[\"b64\"],\"b64\":false}", signature);
    assert_eq!(heard(&critical), Err(Error::BadToken(TokenError::Algorithm)));
    // A key in the token's own head is not looked at.
    let own = head("{\"alg\":\"RS256\",\"jwk\":{\"kty\":\"RSA\",\"n\":\"AQAB\"}}", signature);
    let mismatch = TokenError::Signature(SignatureError::Mismatch);
    assert_eq!(heard(&own), Err(Error::BadToken(mismatch)));
    // Two values for one name.
    let twice = head("{\"alg\":\"none\",\"alg\":\"RS256\"}", signature);
    assert!(matches!(heard(&twice), Err(Error::BadToken(_))));
}

fn pin(owner: Owner) -> Hash {
    Hash(Sha256::digest(KEYS.certificate(owner).key_info()).into())
}

#[test]
fn a_token_of_another_key_is_refused() {
    let stranger = sign(&claims(), &KEYS.signer(Owner::Stranger)).expect("a token");
    let mismatch = Err(Error::BadToken(TokenError::Signature(SignatureError::Mismatch)));
    assert_eq!(heard(&stranger), mismatch);
    let mut cut = signed(&claims());
    cut.pop();
    assert!(matches!(heard(&cut), Err(Error::BadToken(_))));
    // A stranger's key that comes along is refused where keys are named.
    let named =
        || Initiator { keys: TokenKeys::Pinned(vec![pin(Owner::StateService)]), ..initiator() };
    let key = STANDARD.encode(KEYS.certificate(Owner::Stranger).key_info());
    let heard = heard_with(named(), &stranger, &key);
    let unknown = TokenError::Signature(SignatureError::Stranger);
    assert_eq!(heard, Err(Error::BadToken(unknown)));
    assert!(heard_with(named(), &signed(&claims()), &key_text()).is_ok());
}

#[test]
fn a_gateway_that_does_not_sign_needs_keys_that_are_named() {
    let content = format!(
        "<data><status>VALID</status><code>{}</code><public-key>{}</public-key></data>",
        signed(&claims()),
        key_text()
    );
    let unsigned = format!(
        "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body>{}</e:Body>\
         </e:Envelope>",
        response(call(1).id, "SCSS001", &content)
    );
    let server = answering(unsigned);
    let gateway = || {
        let way = server.way(Realm::Production, 1 << 20, Duration::from_secs(10));
        Arc::new(Gateway::new(way, Peer { answers: Answers::Plain, ..peer() }))
    };
    let along = StateService::new(gateway(), initiator());
    assert_eq!(along.err(), Some(StateServiceError::Keys));
    let keys = TokenKeys::Pinned(vec![pin(Owner::StateService)]);
    let named = StateService::new(gateway(), Initiator { keys, ..initiator() });
    let heard = named.expect("a service").request(&call(1), &asked());
    assert!(matches!(heard.map(|answer| answer.said), Ok(Said::Granted(_))));
}

#[test]
fn a_broken_key_is_malformed() {
    for key in ["", "!!!", "AAAA", &STANDARD.encode([0u8; 300])] {
        let heard = heard_with(initiator(), &signed(&claims()), key);
        assert_eq!(heard, Err(Error::Malformed("public-key")), "{key}");
    }
}

#[test]
fn proofs_live_at_most_five_minutes() {
    // S-58
    let server = answering(String::new());
    for (ns, good) in [(0, false), (1, true), (300, true), (301, false), (-1, false)] {
        let initiator = Initiator { proof_ns: ns * Instant::SECOND, ..initiator() };
        let made = StateService::new(server.gateway(), initiator);
        assert_eq!(made.err(), (!good).then_some(StateServiceError::ProofLife), "{ns}");
    }
}

#[test]
fn a_proof_names_us_and_the_time() {
    let data = "<data><status>PENDING</status></data>";
    let server = answering(sealed(&response(call(1).id, "SCSS001", data), Owner::Gateway));
    let asked = links::consent::Asked { way: RequestWay::OwnMeans(Means::Biometry), ..asked() };
    let answer = server.state_service().request(&call(1), &asked).expect("an answer");
    assert_eq!(answer.said, Said::Pending);
    let request = server.last();
    let ovt = request.split("<ovt>").nth(1).and_then(|rest| rest.split("</ovt>").next());
    let key = KEYS.certificate(Owner::OurProofs);
    let proof: Value = open(ovt.expect("a proof"), key.key_info(), &Builtin).expect("ours");
    let want = json!({
        "cbin": BIN, "mcheck": "Bio", "iat": seconds(), "exp": seconds() + 300,
    });
    assert_eq!(proof, want);
    assert!(request.contains("<omit-sms>true</omit-sms>"));
}

proptest! {
    /// No text makes the reader of tokens panic, and none is believed.
    #[test]
    fn any_token_is_refused_in_peace(
        text in "\\PC{0,200}",
        parts in "[A-Za-z0-9_-]{0,40}(\\.[A-Za-z0-9_-]{0,40}){0,4}",
    ) {
        let key = KEYS.certificate(Owner::StateService);
        for token in [text, parts] {
            prop_assert!(open::<Value>(&token, key.key_info(), &Builtin).is_err());
        }
    }
}
