//! Approvals: one person asks, another lets them in.

use serde_json::{Value, json};

use crate::furnish::*;
use crate::harness::{Client, House, PASSWORD};

struct Scene {
    house: House,
    ada: Client,
    boss: Client,
    challenge: Value,
}

impl Scene {
    /// Ada has asked; group `bosses`, with `boss` in it, may decide.
    async fn waiting() -> Self {
        let (house, _edge, _node) = House::staffed().await;
        let mut documents = vec![
            json!({"kind": "group", "name": "bosses"}),
            json!({"kind": "user", "username": "boss", "password": PASSWORD, "groups": ["bosses"]}),
            person("eve"),
        ];
        documents.extend(asked(json!([
            {"type": "approval", "name": "four-eyes", "groups": ["bosses"], "timeout_s": 60,
                "reason_required": true},
        ])));
        house.apply(documents).await;
        let (ada, boss) = (house.sign_in("ada").await, house.sign_in("boss").await);
        let first = ada.poke(LAUNCH).await.expect(200);
        assert_eq!(first["stage"]["state"], "reason_needed");
        assert_eq!(first["stage"]["approvers"], json!(["bosses"]));
        let silent = answer(&ada, &first, json!({})).await;
        let silent = silent.problem(422, "invalid_field");
        assert_eq!(silent["errors"][0]["field"], "reason");
        let challenge = answer(&ada, &first, json!({"reason": "INC-7 is burning"})).await;
        let challenge = challenge.expect(200);
        assert_eq!(challenge["stage"]["state"], "waiting");
        Self {
            house,
            ada,
            boss,
            challenge,
        }
    }

    async fn poll(&self) -> Value {
        self.ada.get(&flow_path(&self.challenge)).await.expect(200)["stage"].clone()
    }

    async fn request(&self) -> Value {
        let mine = self.boss.get("/api/v1/approvals?state=waiting").await;
        mine.expect(200)["items"][0].clone()
    }

    async fn decide(&self, client: &Client, body: Value) -> crate::harness::Answer {
        let id = self.request().await["id"].as_str().unwrap().to_owned();
        client.post(&format!("/api/v1/approvals/{id}"), &body).await
    }
}

#[tokio::test]
async fn an_approver_sees_who_what_and_why_and_lets_them_in() {
    let scene = Scene::waiting().await;
    let request = scene.request().await;
    assert_eq!(request["requester"]["username"], "ada");
    assert_eq!(request["endpoint"]["name"], "web-01");
    assert_eq!(request["application"]["name"], "Linux");
    assert_eq!(request["reason"], "INC-7 is burning");
    assert_eq!(request["address"], "192.0.2.1");
    assert_eq!(request["mine_to_decide"], true);
    let waiting = answer(&scene.ada, &scene.challenge, json!({})).await;
    assert_eq!(waiting.expect(200)["stage"]["state"], "waiting");
    let body = json!({"decision": "approve", "comment": "go"});
    let decided = scene.decide(&scene.boss, body).await.expect(200);
    assert_eq!(decided["state"], "approved");
    assert_eq!(decided["decided_by"], "boss");
    let seen = scene.poll().await;
    assert_eq!(
        (&seen["state"], &seen["comment"]),
        (&json!("approved"), &json!("go"))
    );
    let launched = answer(&scene.ada, &scene.challenge, json!({})).await;
    assert_eq!(launched.expect(200)["type"], "connection");
    let asked = events(&scene.house, "approval_requested").await;
    assert_eq!(asked[0]["actor"], "ada");
    assert_eq!(asked[0]["policy"], "four-eyes");
    let decided = events(&scene.house, "approval_decided").await;
    assert_eq!(
        (&decided[0]["actor"], &decided[0]["outcome"]),
        (&json!("boss"), &json!("success"))
    );
}

#[tokio::test]
async fn a_no_ends_the_launch_with_its_comment() {
    let scene = Scene::waiting().await;
    let body = json!({"decision": "deny", "comment": "not today"});
    scene.decide(&scene.boss, body).await.expect(200);
    assert_eq!(scene.poll().await["state"], "denied");
    let denied = answer(&scene.ada, &scene.challenge, json!({})).await;
    let denied = denied.problem(403, "denied_by_flow");
    assert!(
        denied["detail"].as_str().unwrap().contains("not today"),
        "{denied}"
    );
    answer(&scene.ada, &scene.challenge, json!({}))
        .await
        .problem(404, "execution_not_found");
}

#[tokio::test]
async fn nobody_decides_for_themselves_and_strangers_see_nothing() {
    let scene = Scene::waiting().await;
    let approve = json!({"decision": "approve"});
    scene
        .decide(&scene.ada, approve.clone())
        .await
        .problem(403, "own_request");
    let eve = scene.house.sign_in("eve").await;
    scene
        .decide(&eve, approve.clone())
        .await
        .problem(404, "approval_not_found");
    let hers = eve.get("/api/v1/approvals").await.expect(200);
    assert_eq!(hers["items"], json!([]));
    // Being in the group does not help the requester, nor does being admin.
    scene
        .house
        .apply(vec![
            json!({"kind": "user", "username": "ada", "groups": ["bosses"], "role": "admin"}),
        ])
        .await;
    let ada = scene.house.sign_in("ada").await;
    scene
        .decide(&ada, approve.clone())
        .await
        .problem(403, "own_request");
    // An administrator may, group or not.
    let admin = scene.house.sign_in("admin").await;
    scene.decide(&admin, approve).await.expect(200);
}

#[tokio::test]
async fn no_answer_in_time_is_a_no_and_told_once() {
    let scene = Scene::waiting().await;
    scene.house.wait(59);
    assert_eq!(scene.poll().await["state"], "waiting");
    let id = scene.request().await["id"].as_str().unwrap().to_owned();
    scene.house.wait(2);
    assert_eq!(scene.poll().await["state"], "expired");
    let late = scene
        .boss
        .post(
            &format!("/api/v1/approvals/{id}"),
            &json!({"decision": "approve"}),
        )
        .await;
    late.problem(409, "approval_expired");
    answer(&scene.ada, &scene.challenge, json!({}))
        .await
        .problem(403, "denied_by_flow");
    let decided = events(&scene.house, "approval_decided").await;
    assert_eq!(decided.len(), 1, "{decided:?}");
    assert_eq!(decided[0]["detail"], "expired");
}

#[tokio::test]
async fn giving_up_withdraws_and_nothing_is_decided_twice() {
    let scene = Scene::waiting().await;
    let id = scene.request().await["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/approvals/{id}");
    scene
        .ada
        .delete(&flow_path(&scene.challenge))
        .await
        .expect(204);
    let seen = scene.boss.get(&path).await.expect(200);
    assert_eq!(seen["state"], "withdrawn");
    let approve = json!({"decision": "approve"});
    scene
        .boss
        .post(&path, &approve)
        .await
        .problem(409, "approval_withdrawn");

    let scene = Scene::waiting().await;
    let id = scene.request().await["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/approvals/{id}");
    scene.boss.post(&path, &approve).await.expect(200);
    let deny = json!({"decision": "deny"});
    scene
        .boss
        .post(&path, &deny)
        .await
        .problem(409, "already_decided");
    let long = json!({"decision": "deny", "comment": "x".repeat(1001)});
    let problem = scene.boss.post(&path, &long).await;
    assert_eq!(
        problem.problem(422, "invalid_field")["errors"][0]["field"],
        "comment"
    );
}
