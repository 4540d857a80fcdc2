//! Answers of providers, and logout tokens, with bytes that are others than
//! they should be, many times from fixed seeds: nobody comes in as
//! somebody else, nobody is signed out, and nothing breaks.

use causeway_tests::garble::garbled;
use http::header;
use serde_json::json;

use crate::backchannel::send;
use crate::harness::House;
use crate::provider::{Fault, Provider};
use crate::sources::{begin, come_back, location, sign_in, with_source};

/// How often each thing is garbled.
const ROUNDS: u64 = 96;

/// One sign-in of which every answer after `begin` is garbled; whether
/// somebody came in.
async fn came_in(house: &House, provider: &Provider, seed: u64) -> bool {
    provider.script().fault = Fault::None;
    let (url, browser) = begin(house, "/").await;
    let query = provider.signs_in(&url);
    provider.script().fault = Fault::Garbled(seed);
    let answer = come_back(&browser, &query).await;
    assert_eq!(answer.status, 302, "{seed}: {}", answer.text);
    let has_cookie = answer.headers.get(header::SET_COOKIE).is_some();
    let to = location(&answer);
    let code = to.strip_prefix("/?sign_in_error=");
    assert_eq!(code.is_none(), has_cookie, "{seed}: {to}");
    if let Some(code) = code {
        let known = ["answer_invalid", "source_unavailable", "denied"];
        assert!(known.contains(&code), "{seed}: {code}");
    }
    has_cookie
}

#[tokio::test]
async fn a_garbled_answer_lets_nobody_in_as_somebody_else() {
    let mut let_in = 0;
    for first in (0..ROUNDS).step_by(8) {
        // Few in one house: whoever fails too often is not asked any more.
        let (house, provider) = with_source(json!({})).await;
        for seed in first..first + 8 {
            let_in += u64::from(came_in(&house, &provider, seed).await);
        }
        provider.script().fault = Fault::None;
        let admin = house.sign_in("admin").await;
        let users = admin.get("/api/v1/admin/users").await.expect(200);
        for user in users["items"].as_array().unwrap() {
            let username = user["username"].as_str().unwrap();
            assert!(["ada", "admin", "ada.l"].contains(&username), "{user}");
            assert_ne!((username, &user["role"]), ("ada.l", &json!("admin")));
        }
    }
    // Most changes are noticed, some hit what nobody looks at.
    assert!(let_in < ROUNDS / 2, "{let_in} of {ROUNDS} came in");
}

#[tokio::test]
async fn a_garbled_configuration_or_key_set_sends_nobody_away_from_the_issuer() {
    for seed in 0..ROUNDS / 4 {
        let (house, provider) = with_source(json!({})).await;
        provider.script().fault = Fault::Garbled(seed);
        let path = "/api/v1/sources/id/sign-in?to=/";
        let answer = house.stranger().get(path).await;
        assert_eq!(answer.status, 302, "{seed}: {}", answer.text);
        let to = location(&answer);
        let is_error = to.starts_with("/?sign_in_error=");
        assert!(is_error || to.starts_with("http"), "{seed}: {to}");
    }
}

#[tokio::test]
async fn a_garbled_logout_token_signs_nobody_out() {
    let (house, provider) = with_source(json!({})).await;
    let ada = sign_in(&house, &provider).await;
    let token = provider.logout_token(&json!({"sid": "sid-1", "sub": "0001"}));
    for seed in 0..ROUNDS {
        let garbled = garbled(token.as_bytes(), seed);
        if garbled == token.as_bytes() {
            continue;
        }
        let text = url::form_urlencoded::byte_serialize(&garbled).collect::<String>();
        let answer = send(&house, &format!("logout_token={text}")).await;
        assert!(
            (400..500).contains(&answer.status),
            "{seed}: {}",
            answer.text
        );
        ada.get("/api/v1/me").await.expect(200);
    }
    // It was the changes that did it.
    send(&house, &format!("logout_token={token}"))
        .await
        .expect(200);
    ada.get("/api/v1/me").await.problem(401, "not_signed_in");
}
