//! Signing in with a source: a provider that does as it should.

use http::header;
use serde_json::{Value, json};
use url::Url;

use crate::harness::{Answer, Client, House, ORIGIN, furniture};
use crate::provider::{Key, Provider};

/// A house that people may come into with a provider.
pub(crate) async fn with_source(change: Value) -> (House, Provider) {
    let house = House::furnished().await;
    let provider = Provider::start(house.app.now()).await;
    let mut source = provider.source();
    let fields = change.as_object().unwrap().clone();
    source.as_object_mut().unwrap().extend(fields);
    house
        .apply(vec![json!({"kind": "group", "name": "staff"}), source])
        .await;
    (house, provider)
}

/// Begins a sign-in: where the browser is sent, and the browser with its cookie.
pub(crate) async fn begin(house: &House, to: &str) -> (Url, Client) {
    let path = format!("/api/v1/sources/id/sign-in?to={to}");
    let answer = house.stranger().get(&path).await;
    assert_eq!(answer.status, 302, "{}", answer.text);
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(
        cookie.ends_with("; Path=/; Max-Age=300; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );
    let pair = cookie.split(';').next().unwrap().to_owned();
    let url = location(&answer).parse().unwrap();
    (url, house.stranger().with("cookie", &pair))
}

/// The browser comes back with what the provider gave it.
pub(crate) async fn come_back(browser: &Client, query: &str) -> Answer {
    browser
        .get(&format!("/api/v1/sources/id/callback?{query}"))
        .await
}

pub(crate) fn location(answer: &Answer) -> String {
    answer.headers[header::LOCATION]
        .to_str()
        .unwrap()
        .to_owned()
}

/// A whole sign-in.
pub(crate) async fn sign_in(house: &House, provider: &Provider) -> Client {
    let (url, browser) = begin(house, "/").await;
    let answer = come_back(&browser, &provider.signs_in(&url)).await;
    assert_eq!((answer.status, location(&answer).as_str()), (302, "/"));
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.ends_with("SameSite=Strict"), "{cookie}");
    let pair = cookie.split(';').next().unwrap();
    house.stranger().with("cookie", pair)
}

/// The code that a whole sign-in ends with.
pub(crate) async fn refused(house: &House, provider: &Provider) -> String {
    let (url, browser) = begin(house, "/").await;
    let answer = come_back(&browser, &provider.signs_in(&url)).await;
    assert!(answer.headers.get(header::SET_COOKIE).is_none());
    let to = location(&answer);
    to.strip_prefix("/?sign_in_error=")
        .unwrap_or_else(|| panic!("{to}"))
        .to_owned()
}

async fn me(browser: &Client) -> Value {
    browser.get("/api/v1/me").await.expect(200)
}

#[tokio::test]
async fn a_person_who_comes_for_the_first_time_becomes_a_user() {
    let (house, provider) = with_source(json!({})).await;
    provider.says(&json!({"name": "Ada Lovelace", "email": "ada@example.org"}));
    let open = house.stranger().get("/api/v1/sources").await.expect(200);
    assert_eq!(open["items"][0]["url"], "/api/v1/sources/id/sign-in");
    assert_eq!(open["items"][0]["name"], "Example ID");
    let first = me(&sign_in(&house, &provider).await).await;
    assert_eq!(first["username"], "ada.l");
    assert_eq!(
        (&first["name"], &first["email"]),
        (&json!("Ada Lovelace"), &json!("ada@example.org"))
    );
    assert_eq!(first["methods"], json!(["source"]));
    assert_eq!(first["source"], json!({"slug": "id", "name": "Example ID"}));
    assert_eq!(
        (&first["has_password"], &first["role"]),
        (&json!(false), &json!("user"))
    );
    // Once known, a person is found by the subject, whatever they are called.
    provider.says(&json!({"preferred_username": "ada.byron", "name": "Ada Byron"}));
    let second = me(&sign_in(&house, &provider).await).await;
    assert_eq!(second["id"], first["id"]);
    assert_eq!(
        (&second["username"], &second["name"]),
        (&json!("ada.l"), &json!("Ada Byron"))
    );
}

#[tokio::test]
async fn the_question_says_what_it_must() {
    let (house, provider) = with_source(json!({"scopes": ["openid", "groups"]})).await;
    let (url, _) = begin(&house, "/session/7?x=1").await;
    assert!(
        url.as_str()
            .starts_with(&format!("{}/authorize?", provider.issuer))
    );
    let query: std::collections::HashMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(
        query["redirect_uri"],
        format!("{ORIGIN}/api/v1/sources/id/callback")
    );
    assert_eq!(query["scope"], "openid groups");
    assert!(query["state"].len() >= 43 && query["nonce"].len() >= 43);
    assert_ne!(query["state"], query["nonce"]);
}

#[tokio::test]
async fn one_comes_back_to_where_one_wanted_to_go_and_nowhere_else() {
    let (house, provider) = with_source(json!({})).await;
    for (to, expected) in [
        ("/session/7", "/session/7"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
    ] {
        let (url, browser) = begin(&house, to).await;
        let answer = come_back(&browser, &provider.signs_in(&url)).await;
        assert_eq!(location(&answer), expected);
        assert_eq!(answer.headers[header::REFERRER_POLICY], "no-referrer");
    }
}

#[tokio::test]
async fn what_a_source_gives_is_taken_back_and_what_was_given_by_hand_stays() {
    let expression = "{'department': claims.department, 'level': 3}";
    let (house, provider) = with_source(json!({"attributes": expression})).await;
    house
        .apply(vec![
            json!({"kind": "group", "name": "admins", "role": "admin"}),
        ])
        .await;
    provider.says(&json!({"groups": ["staff", "admins", "unknown"], "department": "looms"}));
    let ada = me(&sign_in(&house, &provider).await).await;
    assert_eq!(
        (
            ada["role"].as_str(),
            ada["groups"].as_array().unwrap().len()
        ),
        (Some("admin"), 2)
    );
    let admin = house.sign_in("admin").await;
    let path = format!("/api/v1/admin/users/{}", ada["id"].as_str().unwrap());
    let mut user = admin.get(&path).await.expect(200);
    assert_eq!(
        user["attributes"],
        json!({"department": "looms", "level": 3})
    );
    // By hand: another group and another attribute.
    house
        .apply(vec![json!({"kind": "group", "name": "night shift"})])
        .await;
    user["groups"]
        .as_array_mut()
        .unwrap()
        .push(json!("night shift"));
    user["attributes"]["desk"] = json!(7);
    admin.put(&path, &user).await.expect(200);
    provider.says(&json!({"groups": ["staff"], "department": "engines"}));
    let ada = me(&sign_in(&house, &provider).await).await;
    assert_eq!(
        (
            ada["role"].as_str(),
            ada["groups"].as_array().unwrap().len()
        ),
        (Some("user"), 2)
    );
    let user = admin.get(&path).await.expect(200);
    assert_eq!(
        user["attributes"],
        json!({"department": "engines", "level": 3, "desk": 7})
    );
    // An expression that fails leaves the attributes as they are.
    provider.script().person.remove("department");
    provider.says(&json!({"groups": []}));
    let ada = me(&sign_in(&house, &provider).await).await;
    assert_eq!(ada["groups"].as_array().unwrap().len(), 1);
    let user = admin.get(&path).await.expect(200);
    assert_eq!(user["attributes"]["department"], "engines");
}

#[tokio::test]
async fn what_the_token_does_not_say_is_asked_for() {
    let (house, provider) = with_source(json!({})).await;
    provider.script().person.remove("preferred_username");
    let told = json!({"preferred_username": "ada.l", "groups": ["staff"], "sub": "0001"});
    provider.script().userinfo = Some(told.as_object().unwrap().clone());
    let ada = me(&sign_in(&house, &provider).await).await;
    assert_eq!(
        (
            ada["username"].as_str(),
            ada["groups"].as_array().unwrap().len()
        ),
        (Some("ada.l"), 1)
    );
    // It must be about the same person.
    provider
        .script()
        .userinfo
        .as_mut()
        .unwrap()
        .insert("sub".to_owned(), json!("0002"));
    assert_eq!(refused(&house, &provider).await, "answer_invalid");
}

#[tokio::test]
async fn a_source_without_userinfo_is_taken_as_it_is() {
    let (house, provider) = with_source(json!({})).await;
    provider.script().userinfo = None;
    let ada = me(&sign_in(&house, &provider).await).await;
    assert_eq!(ada["username"], "ada.l");
    provider.script().person.remove("preferred_username");
    provider.says(&json!({"sub": "0002"}));
    assert_eq!(refused(&house, &provider).await, "username_missing");
}

#[tokio::test]
async fn people_are_matched_as_the_source_says() {
    // create: a username that is taken is refused, whoever has it.
    let (house, provider) = with_source(json!({"matching": "create"})).await;
    provider.says(&json!({"preferred_username": "admin"}));
    assert_eq!(refused(&house, &provider).await, "username_taken");
    // linked: nobody comes in who was not linked.
    let (house, provider) = with_source(json!({"matching": "linked"})).await;
    assert_eq!(refused(&house, &provider).await, "not_linked");
    // username: the user of that name is taken, and is the same ever after.
    let (house, provider) = with_source(json!({"matching": "username"})).await;
    provider.says(&json!({"preferred_username": "Ada"}));
    let ada = me(&sign_in(&house, &provider).await).await;
    assert_eq!(
        (&ada["username"], &ada["has_password"]),
        (&json!("ada"), &json!(true))
    );
    provider.says(&json!({"preferred_username": "admin"}));
    assert_eq!(me(&sign_in(&house, &provider).await).await["id"], ada["id"]);
}

#[tokio::test]
async fn a_mail_address_counts_only_when_the_source_verified_it() {
    let (house, provider) = with_source(json!({"matching": "email"})).await;
    house
        .apply(vec![
            json!({"kind": "user", "username": "ada", "email": "Ada@Example.org"}),
        ])
        .await;
    provider.says(&json!({"sub": "1", "email": "ada@example.org"}));
    assert_eq!(
        me(&sign_in(&house, &provider).await).await["username"],
        "ada.l"
    );
    provider.says(&json!({"sub": "2", "email_verified": false}));
    assert_eq!(refused(&house, &provider).await, "username_taken");
    house
        .apply(vec![
            json!({"kind": "user", "username": "ada.l", "email": ""}),
        ])
        .await;
    provider.says(&json!({"sub": "3", "email_verified": true}));
    assert_eq!(
        me(&sign_in(&house, &provider).await).await["username"],
        "ada"
    );
    // Two users with the address: nobody is meant.
    house
        .apply(vec![
            json!({"kind": "user", "username": "eve", "email": "ada@example.org"}),
        ])
        .await;
    provider.says(&json!({"sub": "4"}));
    assert_eq!(refused(&house, &provider).await, "email_ambiguous");
}

#[tokio::test]
async fn who_is_not_active_is_turned_away() {
    let (house, provider) = with_source(json!({})).await;
    let browser = sign_in(&house, &provider).await;
    house
        .apply(vec![
            json!({"kind": "user", "username": "ada.l", "active": false}),
        ])
        .await;
    browser
        .get("/api/v1/me")
        .await
        .problem(401, "not_signed_in");
    assert_eq!(refused(&house, &provider).await, "not_active");
}

#[tokio::test]
async fn a_source_that_is_not_enabled_is_not_there() {
    let (house, provider) = with_source(json!({"enabled": false})).await;
    let open = house.stranger().get("/api/v1/sources").await.expect(200);
    assert_eq!(open["items"], json!([]));
    let answer = house.stranger().get("/api/v1/sources/id/sign-in").await;
    assert_eq!(location(&answer), "/?sign_in_error=source_unknown");
    let form = format!(
        "logout_token={}",
        provider.logout_token(&json!({"sub": "0001"}))
    );
    crate::backchannel::send(&house, &form)
        .await
        .problem(404, "not_found");
}

#[tokio::test]
async fn a_new_key_is_found_and_a_wrong_one_is_not_asked_for_each_time() {
    let (house, provider) = with_source(json!({})).await;
    sign_in(&house, &provider).await;
    assert_eq!(provider.script().keys_asked, 1);
    let next = Key::generate("key-2");
    provider.script().keys = vec![next.clone()];
    provider.script().signs_with = next;
    house.wait(31);
    sign_in(&house, &provider).await;
    assert_eq!(provider.script().keys_asked, 2);
    // A key that the provider does not show: asked once, then not for a while.
    provider.script().signs_with = Key::generate("key-3");
    house.wait(31);
    for _ in 0..4 {
        assert_eq!(refused(&house, &provider).await, "answer_invalid");
    }
    assert_eq!(provider.script().keys_asked, 3);
}

#[tokio::test]
async fn signing_out_leads_to_the_source_too() {
    let (house, provider) = with_source(json!({})).await;
    let browser = sign_in(&house, &provider).await;
    let told = browser.delete("/api/v1/session").await.expect(200);
    let url: Url = told["end_session_url"].as_str().unwrap().parse().unwrap();
    assert!(
        url.as_str()
            .starts_with(&format!("{}/end?", provider.issuer))
    );
    let query: std::collections::HashMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(query["id_token_hint"].split('.').count(), 3);
    assert_eq!(query["post_logout_redirect_uri"], format!("{ORIGIN}/"));
    assert!(query["state"].len() > 20 && query["client_id"] == "causeway");
    browser
        .get("/api/v1/me")
        .await
        .problem(401, "not_signed_in");
    // A provider that cannot end a sign-in is not asked to.
    let (house, provider) = with_source(json!({})).await;
    provider.script().configure = |document| {
        document
            .as_object_mut()
            .unwrap()
            .remove("end_session_endpoint");
    };
    sign_in(&house, &provider)
        .await
        .delete("/api/v1/session")
        .await
        .expect(204);
}

#[tokio::test]
async fn nothing_secret_is_shown_of_a_source() {
    let (house, provider) = with_source(json!({})).await;
    sign_in(&house, &provider).await;
    let admin = house.sign_in("admin").await;
    for path in [
        "/api/v1/admin/sources",
        "/api/v1/admin/sources/id",
        "/api/v1/admin/events",
    ] {
        let answer = admin.get(path).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        for secret in [
            crate::provider::CLIENT_SECRET,
            "sealed:",
            "an access token",
            "code-0",
        ] {
            assert!(!answer.text.contains(secret), "{path}: {secret}");
        }
    }
    assert_eq!(furniture().len(), 5);
}
