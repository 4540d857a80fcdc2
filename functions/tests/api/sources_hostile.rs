//! Signing in with a source: providers, browsers and bystanders that do not do
//! as they should. Nobody ever comes in.

use serde_json::{Value, json};

use crate::harness::House;
use crate::provider::{Fault, Key, Provider};
use crate::sources::{begin, come_back, location, refused, with_source};

async fn house() -> (House, Provider) {
    with_source(json!({})).await
}

type Tamper = fn(&mut Value, &mut Value);

#[tokio::test]
async fn a_token_that_says_something_else_is_refused() {
    let cases: [(&str, Tamper); 14] = [
        ("nonce", |_, claims| claims["nonce"] = json!("another")),
        ("no nonce", |_, claims| claims["nonce"] = Value::Null),
        ("audience", |_, claims| claims["aud"] = json!("another")),
        ("audiences without party", |_, claims| {
            claims["aud"] = json!(["causeway", "x"])
        }),
        ("another party", |_, claims| {
            claims["aud"] = json!(["causeway", "x"]);
            claims["azp"] = json!("x");
        }),
        ("party alone", |_, claims| claims["azp"] = json!("x")),
        ("issuer", |_, claims| {
            claims["iss"] = json!("https://evil.example")
        }),
        ("expired", |_, claims| {
            claims["exp"] = json!(1_800_000_000 - 61)
        }),
        ("from the future", |_, claims| {
            claims["iat"] = json!(1_800_000_000 + 120)
        }),
        ("access token", |_, claims| {
            claims["at_hash"] = json!("AAAAAAAAAAAAAAAAAAAAAA")
        }),
        ("no subject", |_, claims| claims["sub"] = Value::Null),
        ("a logout token", |_, claims| {
            claims["events"] = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
        }),
        ("a logout token by type", |header, _| {
            header["typ"] = json!("logout+jwt")
        }),
        ("a shared key", |header, _| header["alg"] = json!("HS256")),
    ];
    for (what, tamper) in cases {
        let (house, provider) = house().await;
        provider.script().tamper = tamper;
        let code = refused(&house, &provider).await;
        assert!(
            ["answer_invalid", "source_unavailable"].contains(&code.as_str()),
            "{what}: {code}"
        );
        let admin = house.sign_in("admin").await;
        let users = admin.get("/api/v1/admin/users").await.expect(200);
        assert_eq!(users["items"].as_array().unwrap().len(), 2, "{what}");
    }
}

#[tokio::test]
async fn clocks_may_differ_by_a_minute() {
    for tamper in [
        (|_, claims| claims["exp"] = json!(1_800_000_000 - 50)) as Tamper,
        |_, claims| claims["iat"] = json!(1_800_000_000 + 50),
        |_, claims| {
            claims["aud"] = json!(["causeway", "x"]);
            claims["azp"] = json!("causeway");
        },
    ] {
        let (house, provider) = house().await;
        provider.script().tamper = tamper;
        crate::sources::sign_in(&house, &provider).await;
    }
}

#[tokio::test]
async fn a_token_that_nobody_signed_is_refused() {
    fn unsigned(token: String) -> String {
        use causeway_identity::text::{base64url, from_base64url};
        let header = base64url(json!({"alg": "none"}).to_string());
        let payload = token.split('.').nth(1).unwrap();
        assert!(from_base64url(payload).is_some());
        format!("{header}.{payload}.")
    }
    fn altered(token: String) -> String {
        let mut parts: Vec<_> = token.split('.').map(str::to_owned).collect();
        parts[1] = parts[1].replacen("ey", "fy", 1);
        parts.join(".")
    }
    fn cut(token: String) -> String {
        token[..token.len() - 8].to_owned()
    }
    let forgeries: [fn(String) -> String; 4] =
        [unsigned, altered, cut, |_| "not.a.token".to_owned()];
    for forge in forgeries {
        let (house, provider) = house().await;
        provider.script().forge = forge;
        let code = refused(&house, &provider).await;
        assert!(
            ["answer_invalid", "source_unavailable"].contains(&code.as_str()),
            "{code}"
        );
    }
    // Signed with another key under the name of the known one.
    let (house, provider) = house().await;
    provider.script().signs_with = Key::generate("key-1");
    assert_eq!(refused(&house, &provider).await, "answer_invalid");
}

#[tokio::test]
async fn a_state_is_good_once_and_in_its_own_browser() {
    let (house, provider) = house().await;
    let (url, browser) = begin(&house, "/").await;
    let query = provider.signs_in(&url);
    // Somebody else's browser is lured to the callback: login CSRF.
    let (_, other) = begin(&house, "/").await;
    for lured in [house.stranger(), other] {
        let (url, _) = begin(&house, "/").await;
        let answer = come_back(&lured, &provider.signs_in(&url)).await;
        assert_eq!(location(&answer), "/?sign_in_error=state_lost");
    }
    let brought = provider.script().codes_brought;
    assert_eq!(brought, 0, "no code is exchanged for the wrong browser");
    let first = come_back(&browser, &query).await;
    assert_eq!(location(&first), "/");
    let again = come_back(&browser, &query).await;
    assert_eq!(location(&again), "/?sign_in_error=state_lost");
    assert_eq!(provider.script().codes_brought, 1);
    // Nothing, and something made up.
    for query in ["", "code=x", "code=x&state=", "code=x&state=made-up"] {
        let answer = come_back(&browser, query).await;
        assert_eq!(location(&answer), "/?sign_in_error=state_lost", "{query}");
    }
}

#[tokio::test]
async fn a_sign_in_takes_five_minutes_at_most() {
    let (house, provider) = house().await;
    let (url, browser) = begin(&house, "/").await;
    let query = provider.signs_in(&url);
    house.wait(300);
    let answer = come_back(&browser, &query).await;
    assert_eq!(location(&answer), "/?sign_in_error=state_lost");
}

#[tokio::test]
async fn another_browser_tab_can_sign_in_at_the_same_time() {
    let (house, provider) = house().await;
    let (first, browser) = begin(&house, "/").await;
    let answer = browser.get("/api/v1/sources/id/sign-in").await;
    let second = location(&answer).parse().unwrap();
    for url in [first, second] {
        let answer = come_back(&browser, &provider.signs_in(&url)).await;
        assert_eq!(location(&answer), "/");
    }
}

#[tokio::test]
async fn an_answer_of_another_issuer_is_refused() {
    let (house, provider) = house().await;
    let honest = format!(
        "iss={}",
        provider.issuer.replace(':', "%3A").replace('/', "%2F")
    );
    for iss in ["iss=https%3A%2F%2Fevil.example", "x=y"] {
        let (url, browser) = begin(&house, "/").await;
        let query = provider.signs_in(&url);
        assert!(query.contains(&honest), "{query}");
        let answer = come_back(&browser, &query.replace(&honest, iss)).await;
        assert_eq!(location(&answer), "/?sign_in_error=answer_invalid");
    }
    assert_eq!(provider.script().codes_brought, 0);
}

#[tokio::test]
async fn a_code_for_one_source_is_not_taken_at_another() {
    let (house, provider) = house().await;
    let other = Provider::start(house.app.now()).await;
    let mut source = other.source();
    source["slug"] = json!("other");
    house.apply(vec![source]).await;
    let (url, browser) = begin(&house, "/").await;
    let query = provider.signs_in(&url);
    let answer = browser
        .get(&format!("/api/v1/sources/other/callback?{query}"))
        .await;
    assert_eq!(location(&answer), "/?sign_in_error=state_lost");
    assert_eq!(
        (
            provider.script().codes_brought,
            other.script().codes_brought
        ),
        (0, 0)
    );
}

#[tokio::test]
async fn who_says_no_is_heard() {
    let (house, provider) = house().await;
    let (url, browser) = begin(&house, "/").await;
    let query = provider.signs_in(&url);
    let query = format!("error=access_denied&{}", query.split_once('&').unwrap().1);
    let answer = come_back(&browser, &query).await;
    assert_eq!(location(&answer), "/?sign_in_error=denied");
}

#[tokio::test]
async fn a_source_that_does_not_answer_as_it_should_is_not_waited_for() {
    for fault in [Fault::Huge, Fault::Redirect, Fault::Broken, Fault::Slow] {
        let (house, provider) = house().await;
        provider.script().fault = fault;
        let answer = house.stranger().get("/api/v1/sources/id/sign-in").await;
        assert_eq!(
            location(&answer),
            "/?sign_in_error=source_unavailable",
            "{fault:?}"
        );
        // While it is asked for tokens.
        provider.script().fault = Fault::None;
        let (url, browser) = begin(&house, "/").await;
        let query = provider.signs_in(&url);
        provider.script().fault = fault;
        let answer = come_back(&browser, &query).await;
        assert_eq!(
            location(&answer),
            "/?sign_in_error=source_unavailable",
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn a_configuration_that_leads_elsewhere_is_refused() {
    let configures: [fn(&mut Value); 4] = [
        |document| document["issuer"] = json!("https://evil.example"),
        |document| document["token_endpoint"] = json!("http://evil.example/token"),
        |document| document["jwks_uri"] = json!("http://169.254.169.254/latest"),
        |document| document["authorization_endpoint"] = json!("javascript:alert(1)"),
    ];
    for configure in configures {
        let (house, provider) = house().await;
        provider.script().configure = configure;
        let answer = house.stranger().get("/api/v1/sources/id/sign-in").await;
        assert_eq!(location(&answer), "/?sign_in_error=source_unavailable");
    }
}

#[tokio::test]
async fn signing_in_never_takes_over_a_session_that_was_there() {
    let (house, provider) = house().await;
    let ada = house.sign_in("ada").await;
    let before = ada.get("/api/v1/me").await.expect(200);
    let fresh = crate::sources::sign_in(&house, &provider).await;
    let after = fresh.get("/api/v1/me").await.expect(200);
    assert_ne!(before["id"], after["id"]);
    let still = ada.get("/api/v1/me").await.expect(200);
    assert_eq!(still["id"], before["id"]);
}
