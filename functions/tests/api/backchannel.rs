//! Back-channel logout: a source says that somebody signed out, and everything
//! of theirs here is over at once.

use axum::body::Body;
use causeway_trust::OrderAction;
use serde_json::{Value, json};

use crate::harness::{Answer, House};
use crate::provider::{Key, Provider};
use crate::sources::{sign_in, with_source};

const LAUNCH: &str = "/api/v1/applications/linux/endpoints/web-01/launch";

/// Sends a form to the source's address, as a server does.
pub(crate) async fn send(house: &House, form: &str) -> Answer {
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let path = "/api/v1/sources/id/backchannel-logout";
    house
        .stranger()
        .send("POST", path, &headers, Body::from(form.to_owned()))
        .await
}

async fn tell(house: &House, provider: &Provider, claims: Value) -> Answer {
    let token = provider.logout_token(&claims);
    send(house, &format!("logout_token={token}")).await
}

#[tokio::test]
async fn a_sign_in_that_the_source_ended_is_over_with_its_connections() {
    let (house, provider) = with_source(json!({})).await;
    let edge = house.edge("edge-1").await;
    let _node = house.node("node-1", 10, &[&edge]).await;
    let ada = sign_in(&house, &provider).await;
    provider.says(&json!({"sid": "sid-2"}));
    let elsewhere = sign_in(&house, &provider).await;
    let launched = ada.poke(LAUNCH).await.expect(200);
    assert!(house.orders.read(&house).is_empty());
    let answer = tell(&house, &provider, json!({"sid": "sid-1", "sub": "0001"})).await;
    assert_eq!(answer.headers["cache-control"], "no-store");
    answer.expect(200);
    ada.get("/api/v1/me").await.problem(401, "not_signed_in");
    elsewhere.get("/api/v1/me").await.expect(200);
    // The node is told to close the target at once.
    let orders = house.orders.read(&house);
    assert_eq!(orders.len(), 1);
    assert_eq!(
        orders[0].connection.to_string(),
        launched["connection"]["id"]
    );
    assert!(matches!(orders[0].action, OrderAction::End { .. }));
    let admin = house.sign_in("admin").await;
    let events = admin.get("/api/v1/admin/events").await;
    assert!(
        events.text.contains("backchannel_logout"),
        "{}",
        events.text
    );
}

#[tokio::test]
async fn a_subject_means_all_sign_ins_from_that_source_and_no_other() {
    let (house, provider) = with_source(json!({"matching": "username"})).await;
    provider.says(&json!({"preferred_username": "ada"}));
    let here = sign_in(&house, &provider).await;
    provider.says(&json!({"sid": "sid-2"}));
    let there = sign_in(&house, &provider).await;
    let local = house.sign_in("ada").await;
    tell(&house, &provider, json!({"sub": "0001"}))
        .await
        .expect(200);
    for browser in [here, there] {
        browser
            .get("/api/v1/me")
            .await
            .problem(401, "not_signed_in");
    }
    local.get("/api/v1/me").await.expect(200);
}

#[tokio::test]
async fn nobody_known_is_no_error() {
    let (house, provider) = with_source(json!({})).await;
    let ada = sign_in(&house, &provider).await;
    let claims = [
        json!({"sid": "unknown", "jti": "1"}),
        json!({"sub": "unknown", "jti": "2"}),
        // A sign-in that is not that person's.
        json!({"sid": "sid-1", "sub": "unknown", "jti": "3"}),
    ];
    for claims in claims {
        tell(&house, &provider, claims).await.expect(200);
    }
    ada.get("/api/v1/me").await.expect(200);
}

#[tokio::test]
async fn a_token_counts_once() {
    let (house, provider) = with_source(json!({})).await;
    let token = provider.logout_token(&json!({"sub": "0001"}));
    let form = format!("logout_token={token}");
    send(&house, &form).await.expect(200);
    let ada = sign_in(&house, &provider).await;
    send(&house, &form)
        .await
        .problem(400, "logout_token_invalid");
    ada.get("/api/v1/me").await.expect(200);
}

#[tokio::test]
async fn what_is_no_logout_token_signs_nobody_out() {
    let (house, provider) = with_source(json!({})).await;
    let ada = sign_in(&house, &provider).await;
    let now = house.app.now().as_second();
    let wrong = [
        json!({"sub": null}),
        json!({"sub": ""}),
        json!({"jti": null}),
        json!({"iat": null}),
        json!({"nonce": "any"}),
        json!({"events": null}),
        json!({"events": {}}),
        json!({"events": {"http://schemas.openid.net/event/backchannel-logout": true}}),
        json!({"iss": "https://evil.example"}),
        json!({"aud": "another"}),
        json!({"aud": ["another"]}),
        json!({"exp": now - 61}),
        json!({"exp": null, "iat": now - 181}),
        json!({"exp": now + 86_400}),
        json!({"iat": now + 61}),
    ];
    for claims in wrong {
        let mut all = json!({"sub": "0001"});
        all.as_object_mut()
            .unwrap()
            .extend(claims.as_object().unwrap().clone());
        let answer = tell(&house, &provider, all).await;
        assert_eq!(answer.status, 400, "{claims}: {}", answer.text);
    }
    let good = provider.logout_token(&json!({"sub": "0001"}));
    let (body, _) = good.rsplit_once('.').unwrap();
    let stranger = Key::generate("key-1").sign(json!({}), json!({"sub": "0001"}));
    for form in [
        String::new(),
        "logout_token=".to_owned(),
        "logout_token=a.b.c".to_owned(),
        format!("token={good}"),
        format!("logout_token={body}."),
        format!("logout_token={body}.AAAA"),
        format!("logout_token={stranger}"),
    ] {
        send(&house, &form)
            .await
            .problem(400, "logout_token_invalid");
    }
    ada.get("/api/v1/me").await.expect(200);
    // It was good all along.
    send(&house, &format!("logout_token={good}"))
        .await
        .expect(200);
    ada.get("/api/v1/me").await.problem(401, "not_signed_in");
}

#[tokio::test]
async fn an_id_token_is_no_logout_token() {
    let (house, provider) = with_source(json!({})).await;
    let ada = sign_in(&house, &provider).await;
    let told = ada.delete("/api/v1/session").await.expect(200);
    let url: url::Url = told["end_session_url"].as_str().unwrap().parse().unwrap();
    let (_, id_token) = url
        .query_pairs()
        .find(|(name, _)| name == "id_token_hint")
        .unwrap();
    let form = format!("logout_token={id_token}");
    send(&house, &form)
        .await
        .problem(400, "logout_token_invalid");
}
