//! What members and the control plane say to each other.

use axum::body::Body;
use causeway_fleet::{CLAIM_PATH, HEARTBEAT_PATH, REPORT_PATH};
use causeway_trust::{RequestSignature, SignedParts, SigningKey};
use serde_json::{Value, json};

use crate::harness::{Client, House, NodeMember, furniture};

const LAUNCH: &str = "/api/v1/applications/linux/endpoints/web-01/launch";

async fn launch(client: &Client) -> (Value, String) {
    let launched = client.poke(LAUNCH).await.expect(200);
    (
        launched["connection"].clone(),
        launched["ticket"].as_str().unwrap().to_owned(),
    )
}

#[tokio::test]
async fn only_signed_requests_of_members_are_heard() {
    let (house, edge, node) = House::staffed().await;
    let stranger = house.stranger();
    let body = json!({"ticket": "x"}).to_string();
    let send = async |header: Option<String>, body: String| {
        let headers: Vec<_> = header
            .iter()
            .map(|text| ("authorization", text.as_str()))
            .collect();
        stranger
            .send("POST", CLAIM_PATH, &headers, Body::from(body))
            .await
    };
    let sign = |key: &SigningKey, path: &str, now| {
        let parts = SignedParts {
            method: "POST",
            path,
            body: body.as_bytes(),
        };
        Some(RequestSignature::sign(key, node.member.id, &parts, now).to_string())
    };
    let now = house.app.now();
    send(None, body.clone())
        .await
        .problem(401, "signature_missing");
    send(Some("Causeway-Member x".into()), body.clone())
        .await
        .problem(401, "signature_malformed");
    let other = SigningKey::generate().unwrap();
    send(sign(&other, CLAIM_PATH, now), body.clone())
        .await
        .problem(401, "signature_invalid");
    let key = &node.member.key;
    send(sign(key, REPORT_PATH, now), body.clone())
        .await
        .problem(401, "signature_invalid");
    send(sign(key, CLAIM_PATH, now), "{}".into())
        .await
        .problem(401, "signature_invalid");
    let signed = sign(key, CLAIM_PATH, now);
    send(signed.clone(), body.clone())
        .await
        .problem(401, "ticket_invalid");
    house.wait(31);
    send(signed, body.clone())
        .await
        .problem(401, "signature_skewed");
    let claim = json!({"ticket": "x"});
    edge.member
        .send(&house, CLAIM_PATH, &claim)
        .await
        .problem(403, "not_a_node");
    let as_node = json!({"version": "1", "node": {
        "draining": false, "capacity": 1, "connections": [], "edges": [],
    }});
    let answer = edge.member.send(&house, HEARTBEAT_PATH, &as_node).await;
    answer.problem(403, "member_of_other_kind");
}

#[tokio::test]
async fn a_deleted_member_is_out_with_its_next_request() {
    let (house, edge, node) = House::staffed().await;
    let admin = house.sign_in("admin").await;
    admin
        .delete(&format!("/api/v1/admin/nodes/{}", node.id))
        .await
        .expect(204);
    node.claim(&house, "x").await.problem(401, "member_unknown");
    admin
        .delete(&format!("/api/v1/admin/edges/{}", edge.id))
        .await
        .expect(204);
    edge.beat(&house).await.problem(401, "member_unknown");
    assert_eq!(
        admin.get("/api/v1/admin/edges").await.expect(200)["items"],
        json!([])
    );
}

#[tokio::test]
async fn a_node_that_holds_connections_is_not_deleted() {
    let (house, _edge, node) = House::staffed().await;
    let admin = house.sign_in("admin").await;
    launch(&admin).await;
    admin
        .delete(&format!("/api/v1/admin/nodes/{}", node.id))
        .await
        .problem(409, "in_use");
}

#[tokio::test]
async fn heartbeats_keep_the_fleet_together() {
    let (house, edge, node) = House::staffed().await;
    let answer = node.beat(&house, &[]).await;
    assert_eq!(answer["edges"][0]["id"], edge.id.to_string());
    assert_eq!(answer["edges"][0]["tunnel_address"], "edge-1.example:4433");
    let answer = edge.beat(&house).await.expect(200);
    assert_eq!(answer["allowed_origins"], json!(["http://127.0.0.1:8080"]));
    let admin = house.sign_in("admin").await;
    let nodes = admin.get("/api/v1/admin/nodes").await.expect(200);
    assert_eq!(nodes["items"][0]["health"], "ready");
    let edges = admin.get("/api/v1/admin/edges/edge-1").await.expect(200);
    assert_eq!((&edges["live"], &edges["nodes"]), (&json!(true), &json!(1)));
    house.wait(8);
    let lost = admin.get("/api/v1/admin/nodes/node-1").await.expect(200);
    assert_eq!(lost["health"], "lost");
    assert_eq!(
        admin.get("/api/v1/admin/edges/edge-1").await.expect(200)["live"],
        false
    );
}

#[tokio::test]
async fn an_edge_that_moved_keeps_its_identity() {
    let (house, edge, node) = House::staffed().await;
    let moved = json!({"version": "1.0", "edge": {
        "nodes": 0, "public_url": "ws://moved:1", "tunnel_address": "moved:2",
    }});
    edge.member
        .send(&house, HEARTBEAT_PATH, &moved)
        .await
        .expect(200);
    let answer = node.beat(&house, &[]).await;
    assert_eq!(answer["edges"][0]["id"], edge.id.to_string());
    assert_eq!(answer["edges"][0]["tunnel_address"], "moved:2");
    let launched = house.sign_in("ada").await.poke(LAUNCH).await.expect(200);
    assert_eq!(launched["edge_url"], "ws://moved:1/edge/v1/connect");
    let nowhere = json!({"version": "1.0", "edge": {
        "nodes": 0, "public_url": "ftp://moved", "tunnel_address": "moved:2",
    }});
    let answer = edge.member.send(&house, HEARTBEAT_PATH, &nowhere).await;
    answer.problem(422, "invalid_field");
}

#[tokio::test]
async fn an_edge_that_drains_carries_nobody_new() {
    let house = House::furnished().await;
    let (first, second) = (house.edge("edge-1").await, house.edge("edge-2").await);
    let node = house.node("node-1", 10, &[&first, &second]).await;
    let ada = house.sign_in("ada").await;
    let launched = ada.poke(LAUNCH).await.expect(200);
    let ticket = launched["ticket"].as_str().unwrap();
    node.claim(&house, ticket).await.expect(200);
    let carried_by_first = launched["edge_url"].as_str().unwrap().contains("edge-1");
    let (edge, other) = match carried_by_first {
        true => (first, second),
        false => (second, first),
    };
    edge.drain(&house).await;
    let admin = house.sign_in("admin").await;
    let shown = admin.get("/api/v1/admin/edges").await.expect(200);
    let of_edge = shown["items"].as_array().unwrap().iter();
    let draining: Vec<_> = of_edge
        .filter(|shown| shown["draining"] == true)
        .map(|shown| (&shown["id"], &shown["live"]))
        .collect();
    assert_eq!(draining, [(&json!(edge.id), &json!(true))]);
    // Who was carried by it is sent to the other.
    let id = launched["connection"]["id"].as_str().unwrap();
    let path = format!("/api/v1/connections/{id}/ticket");
    let again = ada.poke(&path).await.expect(200);
    let through_other = format!("{}/edge/v1/connect", other.public_url);
    assert_eq!(again["edge_url"], through_other);
    // Nodes dial it no more, and go on with the tunnel that they have.
    let answer = node.beat(&house, &[]).await;
    let dialled = answer["edges"].as_array().unwrap();
    assert_eq!(dialled.len(), 1);
    assert_eq!(dialled[0]["id"], other.id.to_string());
    // Started anew, it is one like before.
    edge.beat(&house).await.expect(200);
    let answer = node.beat(&house, &[]).await;
    assert_eq!(answer["edges"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_ticket_admits_once_and_brings_everything_along() {
    let (house, _edge, node) = House::staffed().await;
    let mut documents = furniture();
    documents[1]["settings"] = json!({"font-size": 14, "color-scheme": "green-black"});
    documents[1]["property_mappings"] = json!(["shared"]);
    documents[3]["settings"]["font-size"] = json!("16");
    documents.push(json!({"kind": "property_mapping", "name": "shared",
        "static_settings": {"color-scheme": "", "locale": "de_DE.UTF-8", "disable-paste": "true"}}));
    house.apply(documents).await;
    let ada = house.sign_in("ada").await;
    let (connection, ticket) = launch(&ada).await;
    let claimed = node.claim(&house, &ticket).await.expect(200);
    assert_eq!(claimed["connection"], connection["id"]);
    assert_eq!(
        (&claimed["attach"], &claimed["protocol"]),
        (&json!("first"), &json!("ssh"))
    );
    assert_eq!(claimed["endpoint"]["name"], "web-01");
    assert_eq!(claimed["user"]["username"], "ada");
    assert_eq!(claimed["ends_at"], connection["expires_at"]);
    assert_eq!(claimed["resume_grace_s"], 120);
    assert_eq!(claimed["host_keys"], json!([]));
    let settings = &claimed["settings"];
    for (name, value) in [
        ("hostname", "10.0.0.1"),
        ("port", "2222"),
        ("username", "root"),
        ("password", "target secret"),
        ("font-size", "16"),
        ("color-scheme", "green-black"),
        ("locale", "de_DE.UTF-8"),
    ] {
        assert_eq!(settings[name], value, "{name}");
    }
    assert_eq!(claimed["data_policy"]["paste_allowed"], false);
    assert_eq!(claimed["data_policy"]["copy_allowed"], true);
    node.claim(&house, &ticket)
        .await
        .problem(401, "ticket_used");
    let shown = ada.get("/api/v1/connections").await.expect(200);
    assert_eq!(shown["items"][0]["state"], "active");
}

#[tokio::test]
async fn a_ticket_is_good_at_its_node_and_in_its_minute_only() {
    let (house, edge, node) = House::staffed().await;
    let ada = house.sign_in("ada").await;
    let (_, ticket) = launch(&ada).await;
    let other = house.node("node-2", 10, &[&edge]).await;
    other
        .claim(&house, &ticket)
        .await
        .problem(403, "ticket_for_other_node");
    house.wait(60);
    node.claim(&house, &ticket)
        .await
        .problem(401, "ticket_expired");
    let (signed, signature) = ticket.rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { "B" } else { "A" };
    let forged = format!("{signed}.{other}{}", &signature[1..]);
    node.claim(&house, &forged)
        .await
        .problem(401, "ticket_invalid");
}

/// Launches, lets something happen, and claims.
async fn claim_after(
    happening: impl AsyncFnOnce(&House, &Client),
) -> (House, crate::harness::Answer) {
    let (house, _edge, node) = House::staffed().await;
    let (ada, admin) = (house.sign_in("ada").await, house.sign_in("admin").await);
    let (_, ticket) = launch(&ada).await;
    happening(&house, &admin).await;
    let answer = node.claim(&house, &ticket).await;
    (house, answer)
}

#[tokio::test]
async fn what_changed_since_the_launch_counts_at_the_claim() {
    let (_, answer) = claim_after(async |house: &House, _: &Client| {
        house
            .apply(vec![
                json!({"kind": "provider", "name": "ssh", "outposts": []}),
            ])
            .await;
    })
    .await;
    answer.problem(403, "endpoint_not_allowed");
    let (_, answer) = claim_after(async |_: &House, admin: &Client| {
        admin
            .delete("/api/v1/admin/applications/linux")
            .await
            .expect(204);
    })
    .await;
    answer.problem(403, "endpoint_not_allowed");
    let (_, answer) = claim_after(async |house: &House, _: &Client| {
        house
            .apply(vec![
                json!({"kind": "user", "username": "ada", "active": false}),
            ])
            .await;
    })
    .await;
    answer.problem(401, "signed_out");
    let (_, answer) = claim_after(async |_: &House, admin: &Client| {
        let sessions = admin.get("/api/v1/admin/sessions").await.expect(200);
        let own = admin.get("/api/v1/me").await.expect(200)["id"].clone();
        let others = sessions["items"].as_array().unwrap().iter();
        for session in others.filter(|session| session["user"] != own) {
            let path = format!("/api/v1/admin/sessions/{}", session["id"].as_str().unwrap());
            admin.delete(&path).await.expect(204);
        }
    })
    .await;
    answer.problem(409, "connection_ended");
}

#[tokio::test]
async fn reports_are_believed_about_ones_own_connections_and_may_repeat() {
    let (house, edge, node) = House::staffed().await;
    let other = house.node("node-2", 10, &[&edge]).await;
    let ada = house.sign_in("ada").await;
    let (connection, ticket) = launch(&ada).await;
    let (node, other): (&NodeMember, &NodeMember) = if connection["node"] == node.id.to_string() {
        (&node, &other)
    } else {
        (&other, &node)
    };
    node.claim(&house, &ticket).await.expect(200);
    let ended = json!({"type": "ended", "reason": "connect_failed", "code": "target_refused"});
    let foreign = other.report(&house, &connection, ended.clone()).await;
    foreign.problem(404, "connection_not_found");
    let odd = json!({"type": "ended", "reason": "exited", "code": "a code\nwith a line"});
    node.report(&house, &connection, odd)
        .await
        .problem(422, "invalid_field");
    node.report(&house, &connection, json!({"type": "attached"}))
        .await
        .expect(200);
    for _ in 0..2 {
        node.report(&house, &connection, ended.clone())
            .await
            .expect(200);
    }
    let shown = ada.get("/api/v1/connections?all=true").await.expect(200);
    let shown = &shown["items"][0];
    assert_eq!(
        (&shown["state"], &shown["end_code"]),
        (&json!("ended"), &json!("target_refused"))
    );
    assert_eq!(shown["end_reason"], "connect_failed");
    launch(&ada).await;
    let admin = house.sign_in("admin").await;
    let found = admin
        .get(&format!("/api/v1/admin/nodes/{}", node.id))
        .await
        .expect(200);
    let spare = admin
        .get(&format!("/api/v1/admin/nodes/{}", other.id))
        .await
        .expect(200);
    let places = found["connections"].as_u64().unwrap() + spare["connections"].as_u64().unwrap();
    assert_eq!(places, 1);
}

#[tokio::test]
async fn a_host_key_is_remembered_and_never_taken_over() {
    let (house, _edge, node) = House::staffed().await;
    let mut documents = furniture();
    documents[3]["maximum_connections"] = json!(-1);
    house.apply(documents).await;
    let ada = house.sign_in("ada").await;
    let (connection, _) = launch(&ada).await;
    let key = |fingerprint: &str| json!({"type": "host_key", "algorithm": "ssh-ed25519", "key": "AAAA", "fingerprint": fingerprint});
    for _ in 0..2 {
        node.report(&house, &connection, key("SHA256:one"))
            .await
            .expect(200);
    }
    // What a certificate is known by is as long as a certificate.
    let certificate = json!({"type": "host_key", "algorithm": "x509", "key": "A".repeat(12 * 1024), "fingerprint": "SHA256:three"});
    node.report(&house, &connection, certificate)
        .await
        .expect(200);
    let mut changed = key("SHA256:two");
    changed["key"] = json!("BBBB");
    node.report(&house, &connection, changed)
        .await
        .problem(409, "host_key_changed");
    let (_, ticket) = launch(&ada).await;
    let claimed = node.claim(&house, &ticket).await.expect(200);
    let known = claimed["host_keys"].as_array().unwrap();
    let known: Vec<_> = known.iter().map(|key| &key["fingerprint"]).collect();
    assert_eq!(known, ["SHA256:one", "SHA256:three"]);
    let admin = house.sign_in("admin").await;
    let events = admin.get("/api/v1/admin/events").await.expect(200);
    let outcomes: Vec<_> = events["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["action"] == "host_key")
        .map(|event| event["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes.len(), 3);
    assert!(outcomes.contains(&"refused"));
}
