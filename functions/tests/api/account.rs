//! One's own account: confirmation, password, sign-ins, tokens.

use serde_json::{Value, json};

use crate::harness::{Client, House, PASSWORD};

const NEW: &str = "a much better password";

/// Lets a confirmation grow old.
fn grow_old(house: &House) {
    house.wait(15 * 60);
}

async fn confirm(client: &Client, body: Value) -> crate::harness::Answer {
    client.post("/api/v1/me/confirm", &body).await
}

#[tokio::test]
async fn who_i_am_says_what_i_may_and_how_i_proved_it() {
    let house = House::furnished().await;
    house
        .apply(vec![
            json!({"kind": "group", "name": "keepers", "role": "operator", "operates": ["linux"]}),
            json!({"kind": "user", "username": "ada", "groups": ["keepers"]}),
        ])
        .await;
    let me = house
        .sign_in("ada")
        .await
        .get("/api/v1/me")
        .await
        .expect(200);
    assert_eq!(
        me["rights"],
        json!({"admin": false, "audit": false, "operates": ["linux"]})
    );
    assert_eq!(
        (&me["role"], &me["has_password"]),
        (&json!("operator"), &json!(true))
    );
    assert_eq!(
        (&me["methods"], &me["source"]),
        (&json!(["password"]), &Value::Null)
    );
    assert_eq!(me["confirmed_at"], "2027-01-15T08:00:00Z");
}

#[tokio::test]
async fn what_changes_how_one_signs_in_needs_a_confirmation() {
    let house = House::furnished().await;
    let ada = house.sign_in("ada").await;
    grow_old(&house);
    let nobody = "00000000-0000-7000-8000-000000000001";
    let acts = [
        (
            "POST",
            "/api/v1/me/factors/totp".to_owned(),
            json!({"name": "Phone"}),
        ),
        (
            "POST",
            format!("/api/v1/me/factors/totp/{nobody}/confirm"),
            json!({"code": "000000"}),
        ),
        (
            "POST",
            "/api/v1/me/factors/webauthn/options".to_owned(),
            json!({}),
        ),
        (
            "POST",
            "/api/v1/me/factors/webauthn".to_owned(),
            json!({"ceremony": "x", "name": "Key", "credential": {}}),
        ),
        (
            "DELETE",
            format!("/api/v1/me/factors/{nobody}"),
            Value::Null,
        ),
        ("POST", "/api/v1/me/recovery-codes".to_owned(), json!({})),
        (
            "PUT",
            "/api/v1/me/password".to_owned(),
            json!({"current": PASSWORD, "new": NEW}),
        ),
        (
            "POST",
            "/api/v1/me/tokens".to_owned(),
            json!({"name": "ci"}),
        ),
    ];
    for (method, path, body) in &acts {
        let answer = ada.json(method, path, body).await;
        answer.problem(403, "confirmation_needed");
    }
    confirm(&ada, json!({"password": "guess"}))
        .await
        .problem(403, "factor_wrong");
    let until = confirm(&ada, json!({"password": PASSWORD}))
        .await
        .expect(200);
    assert_eq!(until["expires_at"], "2027-01-15T08:30:00Z");
    for (method, path, body) in &acts {
        let answer = ada.json(method, path, body).await;
        assert!(!answer.text.contains("confirmation_needed"), "{path}");
    }
}

#[tokio::test]
async fn a_confirmation_says_one_thing() {
    let house = House::furnished().await;
    let ada = house.sign_in("ada").await;
    for body in [
        json!({}),
        json!({"password": PASSWORD, "code": "1"}),
        json!({"ceremony": "x"}),
        json!({"credential": {}}),
    ] {
        confirm(&ada, body).await.problem(422, "invalid_field");
    }
    confirm(&ada, json!({"code": "000000"}))
        .await
        .problem(409, "second_factor_not_enrolled");
    confirm(&ada, json!({"ceremony": "x", "credential": {}}))
        .await
        .problem(403, "factor_wrong");
    let options = ada.poke("/api/v1/me/confirm/options").await.expect(200);
    assert_eq!(
        options,
        json!({"methods": ["password"], "ceremony": null, "public_key": null})
    );
}

#[tokio::test]
async fn guessing_at_a_confirmation_is_limited_like_signing_in() {
    let house = House::furnished().await;
    let ada = house.sign_in("ada").await;
    for _ in 0..10 {
        confirm(&ada, json!({"password": "guess"}))
            .await
            .problem(403, "factor_wrong");
    }
    let limited = confirm(&ada, json!({"password": PASSWORD})).await;
    assert!(limited.headers.contains_key("retry-after"));
    limited.problem(429, "too_many_attempts");
    let elsewhere = house.stranger().from(9).sign_in("ada", PASSWORD).await;
    elsewhere.problem(429, "too_many_attempts");
}

#[tokio::test]
async fn a_new_password_ends_all_other_sign_ins() {
    let house = House::furnished().await;
    let (ada, other) = (house.sign_in("ada").await, house.sign_in("ada").await);
    let path = "/api/v1/me/password";
    ada.put(path, &json!({"current": "guess", "new": NEW}))
        .await
        .problem(403, "factor_wrong");
    for (new, code) in [
        ("short", "too_short"),
        ("xx-ADA-xxxxx", "invalid_password"),
        (PASSWORD, "unchanged"),
        (&"x".repeat(1025), "too_long"),
    ] {
        let wrong = ada
            .put(path, &json!({"current": PASSWORD, "new": new}))
            .await;
        let problem = wrong.problem(422, "invalid_field");
        assert_eq!(
            (
                &problem["errors"][0]["field"],
                &problem["errors"][0]["code"]
            ),
            (&json!("new"), &json!(code))
        );
    }
    other.get("/api/v1/me").await.expect(200);
    ada.put(path, &json!({"current": PASSWORD, "new": NEW}))
        .await
        .expect(204);
    ada.get("/api/v1/me").await.expect(200);
    other.get("/api/v1/me").await.problem(401, "not_signed_in");
    house
        .stranger()
        .sign_in("ada", PASSWORD)
        .await
        .problem(401, "credentials_wrong");
    house.stranger().sign_in("ada", NEW).await.expect(200);
    let events = house
        .sign_in("admin")
        .await
        .get("/api/v1/admin/events")
        .await;
    assert!(events.text.contains("password_changed"));
    assert!(!events.text.contains(NEW) && !events.text.contains(PASSWORD));
}

#[tokio::test]
async fn one_sees_and_ends_ones_own_sign_ins() {
    let house = House::furnished().await;
    let ada = house.sign_in("ada").await;
    let other = house.sign_in("ada").await;
    let third = house.sign_in("ada").await;
    let path = "/api/v1/me/sessions";
    let listed = ada.get(path).await.expect(200);
    let items = listed["items"].as_array().unwrap().clone();
    assert_eq!(items.len(), 3);
    let current: Vec<_> = items
        .iter()
        .filter(|item| item["current"] == true)
        .collect();
    assert_eq!(current.len(), 1);
    let mine = other.get(path).await.expect(200);
    let others = mine["items"].as_array().unwrap().iter();
    let id = others.clone().find(|item| item["current"] == true).unwrap()["id"].clone();
    ada.delete(&format!("{path}/{}", id.as_str().unwrap()))
        .await
        .expect(204);
    other.get("/api/v1/me").await.problem(401, "not_signed_in");
    third.get("/api/v1/me").await.expect(200);
    ada.delete(path).await.expect(204);
    third.get("/api/v1/me").await.problem(401, "not_signed_in");
    ada.get("/api/v1/me").await.expect(200);
    // Another user's sign-in is not there.
    let admin = house.sign_in("admin").await;
    let listed = admin.get(path).await.expect(200);
    let theirs = listed["items"][0]["id"].as_str().unwrap();
    ada.delete(&format!("{path}/{theirs}"))
        .await
        .problem(404, "not_found");
    admin.get("/api/v1/me").await.expect(200);
}

#[tokio::test]
async fn one_makes_and_deletes_ones_own_tokens() {
    let house = House::furnished().await;
    let ada = house.sign_in("ada").await;
    let path = "/api/v1/me/tokens";
    let made = ada
        .post(
            path,
            &json!({"name": "ci", "scope": "launch", "expires_at": "2027-01-15T09:00:00Z"}),
        )
        .await
        .expect(201);
    let text = made["token"].as_str().unwrap();
    let program = house
        .stranger()
        .with("authorization", &format!("Bearer {text}"));
    let me = program.get("/api/v1/me").await.expect(200);
    assert_eq!(
        (&me["username"], &me["methods"]),
        (&json!("ada"), &json!(["token"]))
    );
    assert_eq!(me["confirmed_at"], Value::Null);
    let listed = ada.get(path).await;
    assert!(!listed.text.contains(text));
    assert_eq!(listed.expect(200)["items"][0]["scope"], "launch");
    for (body, field) in [
        (json!({"name": ""}), "name"),
        (json!({"name": "x", "user": "admin"}), "user"),
        (
            json!({"name": "x", "expires_at": "2027-01-15T08:00:00Z"}),
            "expires_at",
        ),
    ] {
        let problem = ada.post(path, &body).await.problem(422, "invalid_field");
        assert_eq!(problem["errors"][0]["field"], field);
    }
    let id = made["id"].as_str().unwrap();
    let eve = house.sign_in("admin").await;
    eve.delete(&format!("{path}/{id}"))
        .await
        .problem(404, "not_found");
    ada.delete(&format!("{path}/{id}")).await.expect(204);
    program
        .get("/api/v1/me")
        .await
        .problem(401, "not_signed_in");
}

#[tokio::test]
async fn a_program_cannot_change_how_its_user_signs_in() {
    let house = House::furnished().await;
    let ada = house.sign_in("ada").await;
    let made = ada
        .post("/api/v1/me/tokens", &json!({"name": "full"}))
        .await
        .expect(201);
    let text = format!("Bearer {}", made["token"].as_str().unwrap());
    let program = house.stranger().with("authorization", &text);
    confirm(&program, json!({"password": PASSWORD}))
        .await
        .expect(200);
    program
        .put(
            "/api/v1/me/password",
            &json!({"current": PASSWORD, "new": NEW}),
        )
        .await
        .problem(403, "sign_in_needed");
    program
        .post("/api/v1/me/tokens", &json!({"name": "more"}))
        .await
        .problem(403, "sign_in_needed");
}
