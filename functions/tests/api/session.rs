//! Signing in and out.

use serde_json::json;

use crate::harness::{House, ORIGIN, PASSWORD};

#[tokio::test]
async fn the_right_password_opens_a_session() {
    let house = House::furnished().await;
    let mut ada = house.stranger();
    let answer = ada.sign_in("ADA", PASSWORD).await;
    let cookie = answer.headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("causeway=cws_"), "{cookie}");
    assert!(
        cookie.ends_with("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict"),
        "{cookie}"
    );
    let view = answer.expect(200);
    assert_eq!(view["user"]["username"], "ada");
    assert_eq!(view["user"]["role"], "user");
    assert_eq!(view["expires_at"], "2027-01-15T20:00:00Z");
    let me = ada.get("/api/v1/me").await.expect(200);
    assert_eq!(me["id"], view["user"]["id"]);
}

#[tokio::test]
async fn over_tls_the_cookie_is_bound_to_the_host() {
    let house = House::with(|config| {
        config.public_url = "https://causeway.example".parse().unwrap();
    })
    .await;
    let answer = house.stranger().sign_in("admin", PASSWORD).await;
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(
        cookie.starts_with("__Host-causeway=") && cookie.ends_with("; Secure"),
        "{cookie}"
    );
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_look_the_same() {
    let house = House::furnished().await;
    let wrong_password = house.stranger().sign_in("ada", "guess").await;
    let wrong_name = house.stranger().sign_in("nobody", PASSWORD).await;
    assert!(wrong_password.headers.get("set-cookie").is_none());
    let problem = wrong_password.problem(401, "credentials_wrong");
    assert_eq!(problem, wrong_name.problem(401, "credentials_wrong"));
    let long = "x".repeat(2000);
    house
        .stranger()
        .sign_in("ada", &long)
        .await
        .problem(401, "credentials_wrong");
}

#[tokio::test]
async fn who_is_not_active_cannot_sign_in() {
    let house = House::furnished().await;
    let ada = house.sign_in("ada").await;
    house
        .apply(vec![
            json!({"kind": "user", "username": "ada", "active": false}),
        ])
        .await;
    ada.get("/api/v1/me").await.problem(401, "not_signed_in");
    house
        .stranger()
        .sign_in("ada", PASSWORD)
        .await
        .problem(401, "credentials_wrong");
}

#[tokio::test]
async fn guessing_is_limited_by_username_and_good_sign_ins_are_not_counted() {
    let house = House::furnished().await;
    for _ in 0..20 {
        house.sign_in("ada").await;
    }
    for last_byte in 0..10 {
        let mut guesser = house.stranger().from(last_byte);
        guesser
            .sign_in("ada", "guess")
            .await
            .problem(401, "credentials_wrong");
    }
    let limited = house.stranger().sign_in("ada", PASSWORD).await;
    let wait: u64 = limited.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=300).contains(&wait), "{wait}");
    limited.problem(429, "too_many_attempts");
    house.sign_in("admin").await;
    house.wait(wait);
    house.sign_in("ada").await;
}

#[tokio::test]
async fn guessing_is_limited_by_address() {
    let house = House::with(|config| config.sign_in.by_address = 3).await;
    for name in ["a", "b", "c"] {
        house
            .stranger()
            .sign_in(name, "guess")
            .await
            .problem(401, "credentials_wrong");
    }
    house
        .stranger()
        .sign_in("admin", PASSWORD)
        .await
        .problem(429, "too_many_attempts");
    house
        .stranger()
        .from(9)
        .sign_in("admin", PASSWORD)
        .await
        .expect(200);
}

#[tokio::test]
async fn a_session_ends_by_itself_and_by_signing_out() {
    let house = House::furnished().await;
    let ada = house.sign_in("ada").await;
    let other = house.sign_in("ada").await;
    let answer = ada.delete("/api/v1/session").await;
    assert!(
        answer.headers["set-cookie"]
            .to_str()
            .unwrap()
            .starts_with("causeway=; ")
    );
    answer.expect(204);
    ada.get("/api/v1/me").await.problem(401, "not_signed_in");
    other.get("/api/v1/me").await.expect(200);
    house.wait(12 * 3600);
    other.get("/api/v1/me").await.problem(401, "not_signed_in");
}

#[tokio::test]
async fn other_sites_cannot_write_with_the_cookie() {
    let house = House::furnished().await;
    let ada = house.sign_in("ada").await;
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "http://evil.example"),
        ("origin", "null"),
    ] {
        let lured = ada.clone().with(name, value);
        lured
            .delete("/api/v1/session")
            .await
            .problem(403, "cross_site_request");
        lured.get("/api/v1/me").await.expect(200);
        let mut lured = house.stranger().with(name, value);
        lured
            .sign_in("ada", PASSWORD)
            .await
            .problem(403, "cross_site_request");
    }
    let ours = ada
        .with("origin", ORIGIN)
        .with("sec-fetch-site", "same-origin");
    ours.delete("/api/v1/session").await.expect(204);
}

#[tokio::test]
async fn a_program_uses_a_token_which_is_shown_once() {
    let house = House::furnished().await;
    let admin = house.sign_in("admin").await;
    let path = "/api/v1/admin/tokens";
    let made = admin
        .post(path, &json!({"name": "ci", "user": "ada"}))
        .await
        .expect(201);
    let text = made["token"].as_str().unwrap();
    assert!(text.starts_with("cwt_"), "{text}");
    let program = house
        .stranger()
        .with("authorization", &format!("Bearer {text}"));
    let me = program
        .clone()
        .with("sec-fetch-site", "cross-site")
        .get("/api/v1/me")
        .await;
    assert_eq!(me.expect(200)["username"], "ada");
    let listed = admin.get(path).await;
    assert!(!listed.text.contains(text));
    assert_eq!(listed.expect(200)["items"][0]["name"], "ci");
    program.get(path).await.problem(403, "not_allowed");
    let id = made["id"].as_str().unwrap();
    admin.delete(&format!("{path}/{id}")).await.expect(204);
    program
        .get("/api/v1/me")
        .await
        .problem(401, "not_signed_in");
    admin
        .delete(&format!("{path}/{id}"))
        .await
        .problem(404, "not_found");
}

#[tokio::test]
async fn a_token_ends_at_its_time() {
    let house = House::furnished().await;
    let admin = house.sign_in("admin").await;
    let path = "/api/v1/admin/tokens";
    let body = json!({"name": "short", "expires_at": "2027-01-15T08:01:00Z"});
    let made = admin.post(path, &body).await.expect(201);
    let program = format!("Bearer {}", made["token"].as_str().unwrap());
    let program = house.stranger().with("authorization", &program);
    program.get("/api/v1/admin/users").await.expect(200);
    house.wait(60);
    program
        .get("/api/v1/me")
        .await
        .problem(401, "not_signed_in");
    let past = json!({"name": "late", "expires_at": "2027-01-15T08:00:00Z"});
    let problem = admin.post(path, &past).await.problem(422, "invalid_field");
    assert_eq!(problem["errors"][0]["field"], "expires_at");
}

#[tokio::test]
async fn an_administrator_ends_anybodys_session() {
    let house = House::furnished().await;
    let admin = house.sign_in("admin").await;
    let ada = house.sign_in("ada").await;
    let me = ada.get("/api/v1/me").await.expect(200);
    let sessions = admin.get("/api/v1/admin/sessions").await.expect(200);
    let sessions = sessions["items"].as_array().unwrap();
    let hers = sessions
        .iter()
        .find(|session| session["user"] == me["id"])
        .unwrap();
    assert_eq!(hers["address"], "192.0.2.1");
    let path = format!("/api/v1/admin/sessions/{}", hers["id"].as_str().unwrap());
    admin.delete(&path).await.expect(204);
    ada.get("/api/v1/me").await.problem(401, "not_signed_in");
    admin.delete(&path).await.problem(404, "not_found");
}
