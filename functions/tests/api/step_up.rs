//! Stepping up in a flow: with a passkey, and with an API token, which has no
//! sign-in that could remember it.

use causeway_model::object::TokenScope;
use serde_json::json;

use crate::authenticator::Authenticator;
use crate::furnish::*;
use crate::harness::{Client, EdgeMember, House, NodeMember};
use crate::rights::token;
use crate::second_factor::{self, LOCAL, enrol_passkey};

/// A house where whoever proved a second factor becomes `root` on the target.
async fn house(stage: &str, method: &str) -> (House, EdgeMember, NodeMember, Client) {
    let house = second_factor::house().await;
    let edge = house.edge("edge-1").await;
    let node = house.node("node-1", 10, &[&edge]).await;
    let mut documents = asked(json!([{"type": stage, "name": "step-up"}]));
    let expression = format!("{{'username': has_method('{method}') ? 'root' : 'guest'}}");
    documents.insert(
        0,
        json!({"kind": "property_mapping", "name": "who", "expression": expression}),
    );
    documents.push(web_01(
        json!({"property_mappings": ["who"], "maximum_connections": -1}),
    ));
    house.apply(documents).await;
    let ada = house.sign_in("ada").await;
    (house, edge, node, ada)
}

#[tokio::test]
async fn a_passkey_steps_up() {
    let (house, _edge, node, ada) = house("webauthn", "webauthn").await;
    ada.poke(LAUNCH)
        .await
        .problem(403, "second_factor_not_enrolled");
    let mut key = Authenticator::new("localhost", LOCAL);
    enrol_passkey(&ada, &mut key).await.expect(201);
    let before = ada.get("/api/v1/me").await.expect(200);
    assert_eq!(before["methods"], json!(["password"]));
    let challenge = ada.poke(LAUNCH).await.expect(200);
    let stage = &challenge["stage"];
    assert_eq!(
        (&stage["type"], &stage["name"]),
        (&json!("webauthn"), &json!("step-up"))
    );
    assert_eq!(stage["public_key"]["rpId"], "localhost");
    let wrong = async |credential: serde_json::Value| {
        answer(&ada, &challenge, json!({"credential": credential}))
            .await
            .problem(403, "factor_wrong");
    };
    // Somebody else's key, one used on another site, one that nobody touched.
    wrong(Authenticator::new("localhost", LOCAL).assert(&stage["public_key"])).await;
    let mut lured = key.assert(&stage["public_key"]);
    lured["response"]["clientDataJSON"] = json!("e30");
    wrong(lured).await;
    answer(&ada, &challenge, json!({}))
        .await
        .problem(422, "invalid_field");
    let proof = json!({"credential": key.assert(&stage["public_key"])});
    let launched = answer(&ada, &challenge, proof.clone()).await.expect(200);
    assert_eq!(launched["type"], "connection");
    let given = claimed(&house, &node, &launched).await;
    assert_eq!(given["settings"]["username"], "root");
    let after = ada.get("/api/v1/me").await.expect(200);
    assert_eq!(after["methods"], json!(["password", "webauthn"]));
    // What proved it once proves nothing in another run.
    let again = ada.poke(LAUNCH).await.expect(200);
    assert_ne!(
        again["stage"]["public_key"]["challenge"],
        stage["public_key"]["challenge"]
    );
    answer(&ada, &again, proof)
        .await
        .problem(403, "factor_wrong");
}

#[tokio::test]
async fn a_token_that_stepped_up_stays_so_for_its_connection() {
    let (house, edge, node, ada) = house("totp", "totp").await;
    let app = second_factor::App::enrol(&ada).await;
    app.confirm(&house, &ada).await.expect(200);
    // A code is good once: the launch needs another one.
    house.wait(60);
    edge.beat(&house).await.expect(200);
    node.beat(&house, &[]).await;
    let program = token(&house, "ada", TokenScope::Launch).await;
    let challenge = program.poke(LAUNCH).await.expect(200);
    assert_eq!(challenge["stage"]["type"], "totp");
    let code = json!({"code": app.code(&house, 0)});
    let launched = answer(&program, &challenge, code).await.expect(200);
    // From now on only who stepped up may: the connection did.
    house
        .apply(vec![
            policy("stepped-up", "has_method('totp')"),
            bind("endpoint/ssh/web-01", "stepped-up"),
        ])
        .await;
    let given = claimed(&house, &node, &launched).await;
    assert_eq!(given["settings"]["username"], "root");
    let back = ticket(&program, &launched).await.expect(200);
    let given = claimed(&house, &node, &back).await;
    assert_eq!(
        (&given["attach"], &given["settings"]["username"]),
        (&json!("again"), &json!("root"))
    );
    // The token itself did not.
    program
        .poke(LAUNCH)
        .await
        .problem(403, "not_allowed_by_policy");
}
