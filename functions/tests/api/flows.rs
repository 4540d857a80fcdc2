//! Flows: what is asked between the wish and the connection.

use futures_util::future::join;
use serde_json::{Value, json};

use crate::furnish::*;
use crate::harness::{Client, House, NodeMember, PASSWORD};

async fn asking(stages: Value) -> (House, NodeMember, Client) {
    let (house, _edge, node) = House::staffed().await;
    house.apply(asked(stages)).await;
    let ada = house.sign_in("ada").await;
    (house, node, ada)
}

fn credentials() -> Value {
    json!({"type": "prompt", "name": "who", "title": "Sign in to the machine", "fields": [
        {"name": "connection_settings.username", "label": "User", "required": true,
            "default_expression": "user.username"},
        {"name": "connection_settings.password", "type": "password", "required": true},
    ]})
}

#[tokio::test]
async fn consent_is_asked_once_and_leads_to_the_connection() {
    let (_house, _node, ada) = asking(json!([
        {"type": "consent", "name": "rules", "text": "Everything is logged."},
    ]))
    .await;
    let challenge = ada.poke(LAUNCH).await.expect(200);
    assert_eq!(
        challenge["stage"],
        json!({"type": "consent", "name": "rules", "text": "Everything is logged."})
    );
    assert_eq!(
        challenge["flow"],
        json!({"name": "ask", "title": "Before you go on"})
    );
    assert_eq!(
        challenge["application"],
        json!({"slug": "linux", "name": "Linux"})
    );
    assert_eq!(challenge["endpoint"]["name"], "web-01");
    assert_eq!(
        (&challenge["step"], &challenge["steps"]),
        (&json!(1), &json!(1))
    );
    let refused = answer(&ada, &challenge, json!({"accept": false})).await;
    let refused = refused.problem(422, "invalid_field");
    assert_eq!(refused["errors"][0]["field"], "accept");
    let launched = answer(&ada, &challenge, json!({"accept": true})).await;
    let launched = launched.expect(200);
    assert_eq!(launched["type"], "connection");
    assert_eq!(launched["connection"]["state"], "pending");
    answer(&ada, &challenge, json!({"accept": true}))
        .await
        .problem(404, "execution_not_found");
}

#[tokio::test]
async fn a_reload_shows_the_same_question_and_another_sign_in_none() {
    let (house, _node, ada) = asking(json!([credentials()])).await;
    let challenge = ada.poke(LAUNCH).await.expect(200);
    let path = flow_path(&challenge);
    assert_eq!(ada.get(&path).await.expect(200), challenge);
    assert_eq!(ada.get(&path).await.expect(200), challenge);
    for stranger in [house.sign_in("ada").await, house.sign_in("admin").await] {
        stranger
            .get(&path)
            .await
            .problem(404, "execution_not_found");
        stranger
            .post(&path, &json!({"fields": {}}))
            .await
            .problem(404, "execution_not_found");
        stranger
            .delete(&path)
            .await
            .problem(404, "execution_not_found");
    }
    house.wait(601);
    ada.get(&path).await.problem(404, "execution_not_found");
    let late = json!({"fields": {"connection_settings.username": "x"}});
    ada.post(&path, &late)
        .await
        .problem(404, "execution_not_found");
}

#[tokio::test]
async fn fields_are_answered_in_every_form_that_names_them() {
    let (_house, _node, ada) = asking(json!([credentials()])).await;
    let flat = json!({"connection_settings.username": "x", "connection_settings.password": "y"});
    let nested = json!({"connection_settings": {"username": "x", "password": "y"}});
    for form in [
        json!({"fields": flat}),
        json!({"fields": nested}),
        flat.clone(),
        nested.clone(),
    ] {
        let challenge = ada.poke(LAUNCH).await.expect(200);
        let launched = answer(&ada, &challenge, form).await.expect(200);
        assert_eq!(launched["type"], "connection");
        let id = launched["connection"]["id"].as_str().unwrap();
        ada.delete(&format!("/api/v1/connections/{id}")).await;
    }
    let challenge = ada.poke(LAUNCH).await.expect(200);
    let unknown = json!({"connection_settings": {"username": "x", "password": "y", "port": 1}});
    let refused = answer(&ada, &challenge, unknown).await;
    assert_eq!(
        refused.problem(422, "invalid_field")["errors"][0]["field"],
        "fields.connection_settings.port"
    );
}

#[tokio::test]
async fn giving_up_ends_a_run() {
    let (_house, _node, ada) = asking(json!([credentials()])).await;
    let challenge = ada.poke(LAUNCH).await.expect(200);
    ada.delete(&flow_path(&challenge)).await.expect(204);
    ada.get(&flow_path(&challenge))
        .await
        .problem(404, "execution_not_found");
    ada.delete(&flow_path(&challenge))
        .await
        .problem(404, "execution_not_found");
}

#[tokio::test]
async fn what_is_typed_reaches_the_node_and_nobody_else() {
    let (house, node, ada) = asking(json!([credentials()])).await;
    let challenge = ada.poke(LAUNCH).await.expect(200);
    let fields = &challenge["stage"]["fields"];
    assert_eq!(fields[0]["value"], "ada");
    assert_eq!(fields[1].get("value"), None);
    let empty = answer(&ada, &challenge, json!({"fields": {}})).await;
    let errors = empty.problem(422, "invalid_field")["errors"].clone();
    assert_eq!(errors[0]["field"], "fields.connection_settings.username");
    assert_eq!(errors[1]["field"], "fields.connection_settings.password");
    let typed = json!({"fields": {
        "connection_settings.username": "root2", "connection_settings.password": "TYPED-9f2",
    }});
    let launched = answer(&ada, &challenge, typed).await;
    let mut seen = vec![launched.text.clone()];
    let launched = launched.expect(200);
    let given = claimed(&house, &node, &launched).await;
    assert_eq!(given["settings"]["username"], "root2");
    assert_eq!(given["settings"]["password"], "TYPED-9f2");
    let admin = house.sign_in("admin").await;
    for path in [
        "/api/v1/admin/events",
        "/api/v1/admin/connections",
        "/metrics",
    ] {
        seen.push(admin.get(path).await.text);
    }
    seen.push(ada.get("/api/v1/connections?all=true").await.text);
    for text in seen {
        assert!(!text.contains("TYPED-9f2"), "{text}");
    }
    // Another launch is asked anew.
    let path = format!(
        "/api/v1/connections/{}",
        launched["connection"]["id"].as_str().unwrap()
    );
    ada.delete(&path).await.expect(204);
    let again = ada.poke(LAUNCH).await;
    assert!(!again.text.contains("TYPED-9f2"), "{}", again.text);
    assert_eq!(again.expect(200)["type"], "challenge");
}

#[tokio::test]
async fn fields_are_of_their_types_and_settings_of_the_catalogues() {
    let (_house, _node, ada) = asking(json!([
        {"type": "prompt", "name": "p", "fields": [
            {"name": "connection_settings.port", "label": "Port"},
            {"name": "connection_settings.my-own", "label": "Unknown to the catalogue"},
            {"name": "count", "type": "number", "minimum": 1, "maximum": 9},
            {"name": "colour", "type": "choice", "choices": [{"value": "red"}, {"value": "blue"}]},
            {"name": "ticket", "validation": "value.startsWith('INC')"},
        ]},
    ]))
    .await;
    let challenge = ada.poke(LAUNCH).await.expect(200);
    let wrong = async |fields: Value| {
        let problem = answer(&ada, &challenge, json!({"fields": fields})).await;
        let problem = problem.problem(422, "invalid_field");
        problem["errors"][0]["field"].as_str().unwrap().to_owned()
    };
    assert_eq!(wrong(json!({"count": 10})).await, "fields.count");
    assert_eq!(wrong(json!({"colour": "green"})).await, "fields.colour");
    assert_eq!(wrong(json!({"ticket": "42"})).await, "fields.ticket");
    assert_eq!(wrong(json!({"other": "x"})).await, "fields.other");
    assert_eq!(
        wrong(json!({"connection_settings.port": "no"})).await,
        "fields.connection_settings.port"
    );
    let right = json!({"fields": {
        "connection_settings.port": "2200", "connection_settings.my-own": "kept",
        "count": "3", "colour": "red", "ticket": "INC-1",
    }});
    let launched = answer(&ada, &challenge, right).await.expect(200);
    assert_eq!(launched["type"], "connection");
}

#[tokio::test]
async fn only_stages_whose_bindings_pass_are_asked() {
    let (house, _node, ada) = asking(json!([
        {"type": "consent", "name": "outside"},
        {"type": "deny", "name": "never"},
    ]))
    .await;
    house
        .apply(vec![
            policy("elsewhere", "!in_network(address, '192.0.2.0/28')"),
            policy("no", "false"),
            bind("stage/ask/outside", "elsewhere"),
            bind("stage/ask/never", "no"),
            web_01(json!({"maximum_connections": -1})),
        ])
        .await;
    let inside = ada.clone().from(3).poke(LAUNCH).await.expect(200);
    assert_eq!(inside["type"], "connection");
    let outside = ada.from(99).poke(LAUNCH).await.expect(200);
    assert_eq!(outside["stage"]["name"], "outside");
}

#[tokio::test]
async fn an_expression_sets_settings_or_ends_the_launch() {
    let (house, node, ada) = asking(json!([
        {"type": "expression", "name": "look",
            "expression": "user.username == 'ada' \
                ? {'connection_settings': {'username': 'svc-' + user.username}} \
                : {'deny': 'Only Ada, ' + user.username + '.'}"},
    ]))
    .await;
    let launched = ada.poke(LAUNCH).await.expect(200);
    let given = claimed(&house, &node, &launched).await;
    assert_eq!(given["settings"]["username"], "svc-ada");
    let admin = house.sign_in("admin").await;
    let denied = admin.poke(LAUNCH).await.problem(403, "denied_by_flow");
    assert_eq!(denied["detail"], "Only Ada, admin.");
    let launches = events(&house, "launch").await;
    let refused = launches.iter().find(|event| event["outcome"] == "refused");
    let refused = refused.unwrap();
    assert_eq!(refused["detail"], "denied_by_flow");
    assert_eq!(refused["policy"], "look");
    assert_eq!(refused["actor"], "admin");
}

#[tokio::test]
async fn an_expression_that_fails_lets_nobody_through() {
    let (house, _node, ada) = asking(json!([
        {"type": "expression", "name": "look", "expression": "{'deny': user.attributes.nothing}"},
    ]))
    .await;
    ada.poke(LAUNCH).await.problem(403, "denied_by_flow");
    let failed = events(&house, "policy_failed").await;
    assert_eq!(failed[0]["policy"], "look", "{failed:?}");
}

#[tokio::test]
async fn a_deny_stage_says_its_words() {
    let (_house, _node, ada) = asking(json!([
        {"type": "deny", "name": "closed", "message": "Closed for the audit until Monday."},
    ]))
    .await;
    let denied = ada.poke(LAUNCH).await.problem(403, "denied_by_flow");
    assert_eq!(denied["detail"], "Closed for the audit until Monday.");
}

#[tokio::test]
async fn the_password_is_asked_again_and_wrong_ones_go_no_further() {
    let (house, _node, ada) = asking(json!([{"type": "password", "name": "again"}])).await;
    let challenge = ada.poke(LAUNCH).await.expect(200);
    assert_eq!(
        challenge["stage"],
        json!({"type": "password", "name": "again"})
    );
    answer(&ada, &challenge, json!({"password": "guess"}))
        .await
        .problem(403, "factor_wrong");
    let launched = answer(&ada, &challenge, json!({"password": PASSWORD})).await;
    assert_eq!(launched.expect(200)["type"], "connection");
    // A program has no password to type.
    let admin = house.sign_in("admin").await;
    let token = admin
        .post(
            "/api/v1/admin/tokens",
            &json!({"name": "ci", "user": "ada"}),
        )
        .await
        .expect(201);
    let bearer = format!("Bearer {}", token["token"].as_str().unwrap());
    let program = house.stranger().with("authorization", &bearer);
    program
        .poke(LAUNCH)
        .await
        .problem(403, "password_not_available");
}

#[tokio::test]
async fn a_second_factor_that_is_not_there_ends_the_launch_or_is_passed_over() {
    for kind in ["totp", "webauthn"] {
        let (house, _node, ada) = asking(json!([{"type": kind, "name": "step-up"}])).await;
        ada.poke(LAUNCH)
            .await
            .problem(403, "second_factor_not_enrolled");
        let skipping = json!([{"type": kind, "name": "step-up", "if_not_enrolled": "skip"}]);
        house.apply(asked(skipping)).await;
        assert_eq!(ada.poke(LAUNCH).await.expect(200)["type"], "connection");
    }
}

#[tokio::test]
async fn a_code_of_the_authenticator_steps_up_and_policies_see_it() {
    let (house, edge, node) = House::staffed().await;
    house
        .apply(asked(json!([{"type": "totp", "name": "step-up"}])))
        .await;
    let ada = house.sign_in("ada").await;
    let begun = ada
        .post("/api/v1/me/factors/totp", &json!({"name": "Phone"}))
        .await
        .expect(201);
    let secret = begun["secret"].as_str().unwrap();
    let confirm = format!(
        "/api/v1/me/factors/totp/{}/confirm",
        begun["id"].as_str().unwrap()
    );
    let code = |house: &House| code(secret, house.app.now().as_second());
    ada.post(&confirm, &json!({"code": code(&house)}))
        .await
        .expect(200);
    // A code is good once: the next launch needs the next one.
    house.wait(60);
    edge.beat(&house).await.expect(200);
    node.beat(&house, &[]).await;
    house
        .apply(vec![
            policy("stepped-up", "has_method('totp')"),
            bind("stage/ask/step-up", "stepped-up"),
        ])
        .await;
    // Not stepped up yet: bound the wrong way round, the stage is passed over.
    let passed_over = ada.poke(LAUNCH).await.expect(200);
    assert_eq!(passed_over["type"], "connection");
    let id = passed_over["connection"]["id"].as_str().unwrap();
    ada.delete(&format!("/api/v1/connections/{id}"))
        .await
        .expect(204);
    let turned = json!({"negate": true});
    house
        .apply(vec![with(bind("stage/ask/step-up", "stepped-up"), turned)])
        .await;
    let challenge = ada.poke(LAUNCH).await.expect(200);
    assert_eq!(
        challenge["stage"],
        json!({"type": "totp", "name": "step-up"})
    );
    answer(&ada, &challenge, json!({"code": "000000"}))
        .await
        .problem(403, "factor_wrong");
    let launched = answer(&ada, &challenge, json!({"code": code(&house)})).await;
    let launched = launched.expect(200);
    claimed(&house, &node, &launched).await;
    // From now on the sign-in is one with a second factor.
    let id = launched["connection"]["id"].as_str().unwrap();
    ada.delete(&format!("/api/v1/connections/{id}"))
        .await
        .expect(204);
    assert_eq!(ada.poke(LAUNCH).await.expect(200)["type"], "connection");
}

#[tokio::test]
async fn what_is_typed_is_never_a_reference_to_a_secret() {
    let (_house, _node, ada) = asking(json!([
        {"type": "prompt", "name": "odd", "fields": [{"name": "connection_settings.password.secret"}]},
    ]))
    .await;
    let challenge = ada.poke(LAUNCH).await.expect(200);
    let body = json!({"fields": {"connection_settings.password.secret": "env:HOME"}});
    let problem = answer(&ada, &challenge, body).await;
    let problem = problem.problem(422, "invalid_field");
    assert_eq!(
        problem["errors"][0]["field"],
        "fields.connection_settings.password.secret"
    );
}

#[tokio::test]
async fn two_answers_at_once_launch_once() {
    let (house, _node, ada) = asking(json!([{"type": "consent", "name": "ok"}])).await;
    house
        .apply(vec![web_01(json!({"maximum_connections": -1}))])
        .await;
    let challenge = ada.poke(LAUNCH).await.expect(200);
    let body = json!({"accept": true});
    let path = flow_path(&challenge);
    let (first, second) = join(ada.post(&path, &body), ada.post(&path, &body)).await;
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 404], "{} {}", first.text, second.text);
    let mine = ada.get("/api/v1/connections").await.expect(200);
    assert_eq!(mine["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_changed_flow_is_begun_anew() {
    let (house, _node, ada) = asking(json!([{"type": "consent", "name": "ok"}])).await;
    let challenge = ada.poke(LAUNCH).await.expect(200);
    house
        .apply(asked(json!([{"type": "deny", "name": "closed"}])))
        .await;
    answer(&ada, &challenge, json!({"accept": true}))
        .await
        .problem(409, "flow_changed");
    ada.poke(LAUNCH).await.problem(403, "denied_by_flow");
}

#[tokio::test]
async fn policies_are_asked_again_at_the_end_of_a_flow() {
    let (house, _node, ada) = asking(json!([{"type": "consent", "name": "ok"}])).await;
    let challenge = ada.poke(LAUNCH).await.expect(200);
    house
        .apply(vec![policy("no", "false"), bind("application/linux", "no")])
        .await;
    answer(&ada, &challenge, json!({"accept": true}))
        .await
        .problem(403, "not_allowed_by_policy");
    ada.get(&flow_path(&challenge))
        .await
        .problem(404, "execution_not_found");
}

#[tokio::test]
async fn without_a_place_nothing_is_asked_twice() {
    let (house, node, ada) = asking(json!([credentials()])).await;
    let admin = house.sign_in("admin").await;
    let taken = admin.poke(LAUNCH).await.expect(200);
    let fields = json!({"fields": {
        "connection_settings.username": "u", "connection_settings.password": "p",
    }});
    let taken = answer(&admin, &taken, fields.clone()).await.expect(200);
    let challenge = ada.poke(LAUNCH).await.expect(200);
    answer(&ada, &challenge, fields)
        .await
        .problem(409, "maximum_connections_reached");
    let ready = ada.get(&flow_path(&challenge)).await.expect(200);
    assert_eq!(ready["stage"], json!({"type": "ready"}));
    let path = format!(
        "/api/v1/connections/{}",
        taken["connection"]["id"].as_str().unwrap()
    );
    admin.delete(&path).await.expect(204);
    let launched = answer(&ada, &challenge, json!({})).await.expect(200);
    let given = claimed(&house, &node, &launched).await;
    assert_eq!(given["settings"]["username"], "u");
}

#[tokio::test]
async fn a_sign_in_that_ends_takes_its_runs_along() {
    let (_house, _node, ada) = asking(json!([{"type": "consent", "name": "ok"}])).await;
    let challenge = ada.poke(LAUNCH).await.expect(200);
    ada.delete("/api/v1/session").await;
    answer(&ada, &challenge, json!({"accept": true}))
        .await
        .problem(401, "not_signed_in");
}

#[tokio::test]
async fn a_flow_without_stages_asks_nothing() {
    let (_house, _node, ada) = asking(json!([])).await;
    assert_eq!(ada.poke(LAUNCH).await.expect(200)["type"], "connection");
}
