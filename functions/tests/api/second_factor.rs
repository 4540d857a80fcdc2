//! Second factors: enrolment, signing in with them, and whoever guesses.

use causeway_identity::totp::{SEED_LENGTH, STEP_S, Seed};
use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::harness::{Answer, Client, House, PASSWORD};

pub(crate) const LOCAL: &str = "http://localhost:8080";
const FACTORS: &str = "/api/v1/me/factors";

/// A house that is reached as `localhost` too, so that passkeys work.
pub(crate) async fn house() -> House {
    let house = House::with(|config| config.own_origins.push(LOCAL.to_owned())).await;
    house.apply(crate::harness::furniture()).await;
    house
}

/// An authenticator app with a seed that was typed in.
pub(crate) struct App {
    seed: Seed,
    secret: String,
    id: String,
}

impl App {
    pub(crate) async fn enrol(client: &Client) -> Self {
        let shown = client
            .post(&format!("{FACTORS}/totp"), &json!({"name": "Phone"}))
            .await;
        let shown = shown.expect(201);
        let secret = shown["secret"].as_str().unwrap();
        assert!(shown["otpauth_url"].as_str().unwrap().contains(secret));
        assert!(shown["qr_svg"].as_str().unwrap().contains("<svg"));
        Self {
            seed: Seed::new(from_base32(secret)),
            secret: secret.to_owned(),
            id: shown["id"].as_str().unwrap().to_owned(),
        }
    }

    /// What was typed in, in base32.
    pub(crate) fn secret(&self) -> &str {
        &self.secret
    }

    pub(crate) fn code(&self, house: &House, steps: i64) -> String {
        self.seed.code(house.app.now().as_second() / STEP_S + steps)
    }

    pub(crate) async fn confirm(&self, house: &House, client: &Client) -> Answer {
        let path = format!("{FACTORS}/totp/{}/confirm", self.id);
        client
            .post(&path, &json!({"code": self.code(house, 0)}))
            .await
    }
}

fn from_base32(text: &str) -> [u8; SEED_LENGTH] {
    let value = |c: u8| match c {
        b'A'..=b'Z' => c - b'A',
        _ => c - b'2' + 26,
    };
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for c in text.bytes() {
        bits = bits << 5 | u32::from(value(c));
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).unwrap());
        }
    }
    bytes.try_into().unwrap()
}

/// The first step of a sign-in, which asks for more.
async fn first_step(house: &House) -> (Client, Value) {
    let client = house.stranger();
    let body = json!({"username": "ada", "password": PASSWORD});
    let answer = client.post("/api/v1/session", &body).await;
    assert!(
        answer.headers.get("set-cookie").is_none(),
        "nobody is signed in yet"
    );
    let asked = answer.expect(200);
    assert_eq!(asked["type"], "second_factor");
    (client, asked)
}

async fn second_step(client: &Client, asked: &Value, mut body: Value) -> Answer {
    body["sign_in"] = asked["sign_in"].clone();
    client.post("/api/v1/session/second-factor", &body).await
}

fn signed_in(house: &House, answer: Answer) -> Client {
    let cookie = answer.headers["set-cookie"].to_str().unwrap().to_owned();
    assert_eq!(answer.expect(200)["type"], "signed_in");
    let pair = cookie.split(';').next().unwrap();
    house.stranger().with("cookie", pair)
}

/// How many recovery codes a list of factors says are left.
fn codes_left(listed: &Value) -> u64 {
    let mut items = listed["items"].as_array().unwrap().iter();
    let codes = items.find(|item| item["kind"] == "recovery_codes").unwrap();
    codes["remaining"].as_u64().unwrap()
}

pub(crate) async fn enrol_passkey(client: &Client, authenticator: &mut Authenticator) -> Answer {
    let options = client
        .poke(&format!("{FACTORS}/webauthn/options"))
        .await
        .expect(200);
    let credential = authenticator.create(&options["public_key"]);
    let body = json!({
        "ceremony": options["ceremony"], "name": "Key", "credential": credential,
    });
    client.post(&format!("{FACTORS}/webauthn"), &body).await
}

async fn passkey_sign_in(house: &House, authenticator: &mut Authenticator) -> Answer {
    let browser = house.stranger();
    let options = browser
        .poke("/api/v1/session/passkey/options")
        .await
        .expect(200);
    let credential = authenticator.assert(&options["public_key"]);
    let body = json!({"ceremony": options["ceremony"], "credential": credential});
    browser.post("/api/v1/session/passkey", &body).await
}

#[tokio::test]
async fn an_authenticator_app_is_asked_for_from_its_first_code_on() {
    let house = house().await;
    let ada = house.sign_in("ada").await;
    let app = App::enrol(&ada).await;
    // Shown, but not yet proven: a sign-in asks for nothing.
    house.sign_in("ada").await;
    let path = format!("{FACTORS}/totp/{}/confirm", app.id);
    ada.post(&path, &json!({"code": "000000"}))
        .await
        .problem(403, "factor_wrong");
    let added = app.confirm(&house, &ada).await.expect(200);
    let codes = added["recovery_codes"].as_array().unwrap();
    assert_eq!((codes.len(), codes[0].as_str().unwrap().len()), (10, 19));
    app.confirm(&house, &ada).await.problem(404, "not_found");
    house.wait(30);
    let (browser, asked) = first_step(&house).await;
    assert_eq!(asked["methods"], json!(["totp", "recovery_code"]));
    assert_eq!(asked["public_key"], Value::Null);
    let body = json!({"method": "totp", "code": app.code(&house, 0)});
    let signed_in = signed_in(&house, second_step(&browser, &asked, body).await);
    let me = signed_in.get("/api/v1/me").await.expect(200);
    assert_eq!(me["methods"], json!(["password", "totp"]));
    let listed = ada.get(FACTORS).await;
    assert!(!listed.text.contains("seed") && !listed.text.contains("sealed"));
    let listed = listed.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    assert_eq!(codes_left(&listed), 10);
}

#[tokio::test]
async fn a_code_is_good_once_and_for_a_minute_and_a_half() {
    let house = house().await;
    let ada = house.sign_in("ada").await;
    let app = App::enrol(&ada).await;
    app.confirm(&house, &ada).await.expect(200);
    // The code that confirmed the app is used up.
    for (wait, steps, good) in [
        (0, 0, false),
        (30, 0, true),
        (0, 0, false),
        (0, 1, true),
        (120, -2, false),
        (0, -1, true),
    ] {
        house.wait(wait);
        let (browser, asked) = first_step(&house).await;
        let body = json!({"method": "totp", "code": app.code(&house, steps)});
        let answer = second_step(&browser, &asked, body).await;
        if good {
            signed_in(&house, answer);
        } else {
            answer.problem(401, "factor_wrong");
        }
    }
}

#[tokio::test]
async fn of_the_same_code_twice_at_once_one_counts() {
    let house = house().await;
    let ada = house.sign_in("ada").await;
    let app = App::enrol(&ada).await;
    app.confirm(&house, &ada).await.expect(200);
    house.wait(30);
    let body = json!({"method": "totp", "code": app.code(&house, 0)});
    let (first, second) = (first_step(&house).await, first_step(&house).await);
    let (a, b) = tokio::join!(
        second_step(&first.0, &first.1, body.clone()),
        second_step(&second.0, &second.1, body.clone()),
    );
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
}

#[tokio::test]
async fn a_half_done_sign_in_bears_few_wrong_answers_and_little_time() {
    let house = house().await;
    let ada = house.sign_in("ada").await;
    let app = App::enrol(&ada).await;
    app.confirm(&house, &ada).await.expect(200);
    house.wait(300);
    let (browser, asked) = first_step(&house).await;
    let wrong = json!({"method": "totp", "code": "000000"});
    for _ in 0..5 {
        second_step(&browser, &asked, wrong.clone())
            .await
            .problem(401, "factor_wrong");
    }
    let right = json!({"method": "totp", "code": app.code(&house, 0)});
    second_step(&browser, &asked, right)
        .await
        .problem(401, "sign_in_gone");
    // Five minutes later.
    let (browser, asked) = first_step(&house).await;
    house.wait(300);
    let right = json!({"method": "totp", "code": app.code(&house, 0)});
    second_step(&browser, &asked, right.clone())
        .await
        .problem(401, "sign_in_gone");
    // Used once.
    let (browser, asked) = first_step(&house).await;
    signed_in(&house, second_step(&browser, &asked, right.clone()).await);
    second_step(&browser, &asked, right)
        .await
        .problem(401, "sign_in_gone");
    let made_up = json!({"sign_in": "made-up"});
    second_step(&browser, &made_up, wrong)
        .await
        .problem(401, "sign_in_gone");
}

#[tokio::test]
async fn guessing_codes_is_limited_however_many_sign_ins_are_begun() {
    let house = house().await;
    let ada = house.sign_in("ada").await;
    let app = App::enrol(&ada).await;
    app.confirm(&house, &ada).await.expect(200);
    house.wait(300);
    let mut heard = 0;
    for _ in 0..4 {
        let (browser, asked) = first_step(&house).await;
        for method in ["totp", "recovery_code", "totp", "recovery_code"] {
            let body = json!({"method": method, "code": "000000"});
            let answer = second_step(&browser, &asked, body).await;
            heard += usize::from(answer.status == 401);
            assert!([401, 429].contains(&answer.status), "{}", answer.text);
        }
    }
    assert_eq!(heard, 10);
    let (browser, asked) = first_step(&house).await;
    let body = json!({"method": "totp", "code": app.code(&house, 0)});
    let limited = second_step(&browser, &asked, body).await;
    assert!(limited.headers.contains_key("retry-after"));
    limited.problem(429, "too_many_attempts");
    house.wait(300);
    let (browser, asked) = first_step(&house).await;
    let body = json!({"method": "totp", "code": app.code(&house, 0)});
    signed_in(&house, second_step(&browser, &asked, body).await);
}

#[tokio::test]
async fn a_recovery_code_is_used_up() {
    let house = house().await;
    let ada = house.sign_in("ada").await;
    let app = App::enrol(&ada).await;
    let added = app.confirm(&house, &ada).await.expect(200);
    let code = added["recovery_codes"][3].as_str().unwrap();
    // As people type: other case, other blanks.
    let typed = code.to_uppercase().replace('-', " ");
    let (browser, asked) = first_step(&house).await;
    let body = json!({"method": "recovery_code", "code": typed});
    let signed_in = signed_in(&house, second_step(&browser, &asked, body.clone()).await);
    let me = signed_in.get("/api/v1/me").await.expect(200);
    assert_eq!(me["methods"], json!(["password", "recovery_code"]));
    let (browser, asked) = first_step(&house).await;
    second_step(&browser, &asked, body)
        .await
        .problem(401, "factor_wrong");
    let listed = ada.get(FACTORS).await.expect(200);
    assert_eq!(codes_left(&listed), 9);
    let fresh = ada.poke("/api/v1/me/recovery-codes").await.expect(201);
    assert_eq!(fresh["codes"].as_array().unwrap().len(), 10);
    let old = json!({"method": "recovery_code", "code": added["recovery_codes"][0]});
    second_step(&browser, &asked, old)
        .await
        .problem(401, "factor_wrong");
    let new = json!({"method": "recovery_code", "code": fresh["codes"][0]});
    self::signed_in(&house, second_step(&browser, &asked, new).await);
    let events = house
        .sign_in("admin")
        .await
        .get("/api/v1/admin/events")
        .await;
    assert!(events.text.contains("recovery_code_used"));
    for secret in [code, fresh["codes"][0].as_str().unwrap()] {
        assert!(!events.text.contains(secret));
    }
}

#[tokio::test]
async fn with_the_last_factor_the_codes_go() {
    let house = house().await;
    let ada = house.sign_in("ada").await;
    ada.poke("/api/v1/me/recovery-codes")
        .await
        .problem(409, "second_factor_not_enrolled");
    let app = App::enrol(&ada).await;
    app.confirm(&house, &ada).await.expect(200);
    let path = format!("{FACTORS}/{}", app.id);
    let renamed = ada
        .put(&path, &json!({"name": "Old phone"}))
        .await
        .expect(200);
    assert_eq!(renamed["name"], "Old phone");
    let admin = house.sign_in("admin").await;
    let events = admin.get("/api/v1/admin/events").await.expect(200);
    let mut events = events["items"].as_array().unwrap().iter();
    assert!(events.any(|event| event["detail"] == "totp_renamed" && event["actor"] == "ada"));
    admin.delete(&path).await.problem(404, "not_found");
    admin
        .put(&path, &json!({"name": "x"}))
        .await
        .problem(404, "not_found");
    ada.delete(&path).await.expect(204);
    ada.delete(&path).await.problem(404, "not_found");
    assert_eq!(ada.get(FACTORS).await.expect(200)["items"], json!([]));
    house.sign_in("ada").await;
}

#[tokio::test]
async fn an_administrator_takes_lost_factors_away() {
    let house = house().await;
    let ada = house.sign_in("ada").await;
    let app = App::enrol(&ada).await;
    app.confirm(&house, &ada).await.expect(200);
    first_step(&house).await;
    let me = ada.get("/api/v1/me").await.expect(200);
    let path = format!("/api/v1/admin/users/{}/factors", me["id"].as_str().unwrap());
    ada.delete(&path).await.problem(403, "not_allowed");
    let admin = house.sign_in("admin").await;
    admin.delete(&path).await.expect(204);
    admin.delete(&path).await.expect(204);
    house.sign_in("ada").await;
    let nobody = "/api/v1/admin/users/00000000-0000-7000-8000-000000000001/factors";
    admin.delete(nobody).await.problem(404, "not_found");
}

#[tokio::test]
async fn a_passkey_signs_in_alone() {
    let house = house().await;
    let ada = house.sign_in("ada").await;
    let mut key = Authenticator::new("localhost", LOCAL);
    let added = enrol_passkey(&ada, &mut key).await.expect(201);
    assert_eq!(added["recovery_codes"].as_array().unwrap().len(), 10);
    let browser = signed_in(&house, passkey_sign_in(&house, &mut key).await);
    let me = browser.get("/api/v1/me").await.expect(200);
    assert_eq!(
        (&me["username"], &me["methods"]),
        (&json!("ada"), &json!(["webauthn"]))
    );
    // After the password it is asked for.
    let (client, asked) = first_step(&house).await;
    assert_eq!(asked["methods"], json!(["webauthn", "recovery_code"]));
    let credential = key.assert(&asked["public_key"]);
    let body = json!({"method": "webauthn", "credential": credential});
    let browser = signed_in(&house, second_step(&client, &asked, body).await);
    let me = browser.get("/api/v1/me").await.expect(200);
    assert_eq!(me["methods"], json!(["password", "webauthn"]));
    // And it confirms.
    house.wait(15 * 60);
    let options = browser.poke("/api/v1/me/confirm/options").await.expect(200);
    assert_eq!(options["methods"], json!(["webauthn", "password"]));
    let credential = key.assert(&options["public_key"]);
    let body = json!({"ceremony": options["ceremony"], "credential": credential});
    browser.post("/api/v1/me/confirm", &body).await.expect(200);
    browser
        .post("/api/v1/me/confirm", &body)
        .await
        .problem(403, "factor_wrong");
    browser.poke("/api/v1/me/recovery-codes").await.expect(201);
}

#[tokio::test]
async fn a_passkey_that_is_wrong_about_anything_signs_nobody_in() {
    type Tamper = fn(&mut Authenticator);
    let tampers: [Tamper; 8] = [
        |key| key.origin = "https://evil.example".to_owned(),
        |key| key.origin = "http://127.0.0.1:8080".to_owned(),
        |key| key.rp_id = "evil.example".to_owned(),
        |key| key.user_handle = None,
        |key| key.user_handle = Some(vec![7; 16]),
        |key| key.id = vec![7; 24],
        Authenticator::without_presence,
        // Touched, but nobody's PIN or finger: a second factor, not a sign-in.
        Authenticator::without_verification,
    ];
    let house = house().await;
    let ada = house.sign_in("ada").await;
    for tamper in tampers {
        let mut key = Authenticator::new("localhost", LOCAL);
        enrol_passkey(&ada, &mut key).await.expect(201);
        tamper(&mut key);
        let answer = passkey_sign_in(&house, &mut key).await;
        assert!(answer.headers.get("set-cookie").is_none());
        answer.problem(401, "passkey_refused");
    }
}

#[tokio::test]
async fn a_question_is_answered_once_and_in_its_own_sign_in() {
    let house = house().await;
    let ada = house.sign_in("ada").await;
    let mut key = Authenticator::new("localhost", LOCAL);
    let options = ada
        .poke(&format!("{FACTORS}/webauthn/options"))
        .await
        .expect(200);
    let credential = key.create(&options["public_key"]);
    let body = json!({"ceremony": options["ceremony"], "name": "Key", "credential": credential});
    // Another sign-in of the same user, and another user.
    for other in [house.sign_in("ada").await, house.sign_in("admin").await] {
        let options = ada
            .poke(&format!("{FACTORS}/webauthn/options"))
            .await
            .expect(200);
        let mut theirs = body.clone();
        theirs["ceremony"] = options["ceremony"].clone();
        let answer = other.post(&format!("{FACTORS}/webauthn"), &theirs).await;
        answer.problem(409, "enrolment_gone");
    }
    ada.post(&format!("{FACTORS}/webauthn"), &body)
        .await
        .expect(201);
    let again = ada.post(&format!("{FACTORS}/webauthn"), &body).await;
    again.problem(409, "enrolment_gone");
    enrol_passkey(&ada, &mut key)
        .await
        .problem(409, "passkey_known");
    // An answer to a sign-in question counts once.
    let browser = house.stranger();
    let options = browser
        .poke("/api/v1/session/passkey/options")
        .await
        .expect(200);
    let credential = key.assert(&options["public_key"]);
    let body = json!({"ceremony": options["ceremony"], "credential": credential});
    browser
        .post("/api/v1/session/passkey", &body)
        .await
        .expect(200);
    browser
        .post("/api/v1/session/passkey", &body)
        .await
        .problem(401, "sign_in_gone");
    house.wait(0);
    let late = browser
        .poke("/api/v1/session/passkey/options")
        .await
        .expect(200);
    house.wait(300);
    let body = json!({"ceremony": late["ceremony"], "credential": key.assert(&late["public_key"])});
    browser
        .post("/api/v1/session/passkey", &body)
        .await
        .problem(401, "sign_in_gone");
}

#[tokio::test]
async fn a_copied_authenticator_is_noticed() {
    let house = house().await;
    let ada = house.sign_in("ada").await;
    let mut key = Authenticator::new("localhost", LOCAL);
    key.sign_count = 1;
    enrol_passkey(&ada, &mut key).await.expect(201);
    key.sign_count = 5;
    passkey_sign_in(&house, &mut key).await.expect(200);
    key.sign_count = 3;
    passkey_sign_in(&house, &mut key)
        .await
        .problem(401, "passkey_refused");
    key.sign_count = 6;
    passkey_sign_in(&house, &mut key).await.expect(200);
}

#[tokio::test]
async fn without_a_host_name_there_are_no_passkeys() {
    let house = House::furnished().await;
    let ada = house.sign_in("ada").await;
    let answer = ada.poke(&format!("{FACTORS}/webauthn/options")).await;
    answer.problem(409, "webauthn_needs_domain");
    let answer = house
        .stranger()
        .poke("/api/v1/session/passkey/options")
        .await;
    answer.problem(409, "webauthn_needs_domain");
}

#[tokio::test]
async fn an_answer_names_what_its_method_needs() {
    let house = house().await;
    let ada = house.sign_in("ada").await;
    let app = App::enrol(&ada).await;
    app.confirm(&house, &ada).await.expect(200);
    let (browser, asked) = first_step(&house).await;
    for (method, field) in [
        ("totp", "code"),
        ("recovery_code", "code"),
        ("webauthn", "credential"),
    ] {
        let answer = second_step(&browser, &asked, json!({"method": method})).await;
        let problem = answer.problem(422, "invalid_field");
        assert_eq!(problem["errors"][0]["field"], field);
    }
    // A method that this user has not.
    let body = json!({"method": "webauthn", "credential": {}});
    second_step(&browser, &asked, body)
        .await
        .problem(401, "factor_wrong");
}
