//! Members that joined by their role: who they are, and who they become again
//! after they were forgotten.

use std::sync::Arc;

use async_trait::async_trait;
use causeway_fleet::RoleProof;
use causeway_functions::member_roles::MemberRoles;
use causeway_functions::outbound::{Outbound, OutboundError};
use causeway_functions::use_case::ephemeral;
use causeway_functions::use_case::sweep::sweep;
use causeway_trust::{MemberId, SigningKey};
use serde_json::json;

use crate::harness::{Answer, House, Member, NodeMember, furniture, request};

const LAUNCH: &str = "/api/v1/applications/linux/endpoints/web-01/launch";

const ENROL: &str = "/api/v1/fleet/enrol";
const REGION: &str = "eu-central-1";

/// Says that whoever asks has the role that their session token names.
struct Identities;

#[async_trait]
impl Outbound for Identities {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, OutboundError> {
        let role = request.headers()["x-amz-security-token"].to_str().unwrap();
        let arn = format!("arn:aws:sts::1:assumed-role/{role}/task");
        Ok(http::Response::new(
            format!("<Arn>{arn}</Arn>").into_bytes(),
        ))
    }
}

async fn house() -> House {
    let house = House::with_parts(|parts| {
        let identities = "https://sts.example/".parse().unwrap();
        let roles =
            r#"{"arn:aws:iam::1:role/edge":"edge","arn:aws:iam::1:role/node":"outpost:home"}"#;
        let roles = MemberRoles::parse(REGION.to_owned(), identities, roles).unwrap();
        parts.config.member_roles = Some(roles);
        parts.outbound = Arc::new(Identities);
    })
    .await;
    house.apply(furniture()).await;
    house
}

async fn enrol(house: &House, key: &SigningKey, role: &str) -> Answer {
    let date = house.app.now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let scope = format!("ASIA/{}/{REGION}/sts/aws4_request", &date[..8]);
    let signed = "host;x-amz-date;x-causeway-audience;x-causeway-key";
    let proof = RoleProof {
        authorization: format!(
            "AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={signed}, Signature=00"
        ),
        date,
        security_token: Some(role.to_owned()),
    };
    let what = match role {
        "edge" => json!({"edge": {"public_url": "wss://edge.example", "tunnel_address": "e:443"}}),
        _ => json!({"node": {"capacity": 5}}),
    };
    let body = request(&proof.to_token(), role, key, what);
    house.stranger().post(ENROL, &body).await
}

async fn member(house: &House, key: &SigningKey, role: &str) -> String {
    let enrolled = enrol(house, key, role).await.expect(200);
    enrolled["member"].as_str().unwrap().to_owned()
}

/// Nobody is heard of for so long that those who joined by a role are forgotten.
async fn all_are_forgotten(house: &House) {
    house.wait(11 * 60);
    let lost = ephemeral::lost(&house.app).await.unwrap();
    let forgotten = ephemeral::forget(&house.app, &lost).await.unwrap();
    assert_eq!(forgotten, lost.len());
}

#[tokio::test]
async fn the_forgotten_become_who_they_were() {
    let house = house().await;
    let (edge_key, node_key) = (
        SigningKey::generate().unwrap(),
        SigningKey::generate().unwrap(),
    );
    let edge = member(&house, &edge_key, "edge").await;
    let node = member(&house, &node_key, "node").await;
    assert_eq!(member(&house, &node_key, "node").await, node, "asked twice");
    // The same key in another place is somebody else.
    let elsewhere = member(&house, &node_key, "edge").await;
    assert_ne!(elsewhere.rsplit(':').next(), node.rsplit(':').next());
    all_are_forgotten(&house).await;
    let admin = house.sign_in("admin").await;
    for kind in ["nodes", "edges"] {
        let shown = admin
            .get(&format!("/api/v1/admin/{kind}"))
            .await
            .expect(200);
        assert_eq!(shown["items"], json!([]), "{kind}");
    }
    assert_eq!(member(&house, &edge_key, "edge").await, edge);
    assert_eq!(member(&house, &node_key, "node").await, node);
    let other = SigningKey::generate().unwrap();
    assert_ne!(member(&house, &other, "node").await, node);
    let shown = admin.get("/api/v1/admin/nodes").await.expect(200);
    assert_eq!(shown["items"][0]["health"], "lost", "until it is heard of");
}

#[tokio::test]
async fn whom_an_administrator_removes_stays_away() {
    let house = house().await;
    let admin = house.sign_in("admin").await;
    for (role, kind) in [("edge", "edges"), ("node", "nodes")] {
        let key = SigningKey::generate().unwrap();
        let id = member(&house, &key, role).await;
        let (_, id) = id.split_once(':').unwrap();
        let path = format!("/api/v1/admin/{kind}/{id}");
        admin.delete(&path).await.expect(204);
        for _ in 0..2 {
            enrol(&house, &key, role)
                .await
                .problem(403, "member_removed");
        }
        all_are_forgotten(&house).await;
        enrol(&house, &key, role)
            .await
            .problem(403, "member_removed");
        // Another process with the role may join.
        member(&house, &SigningKey::generate().unwrap(), role).await;
    }
}

#[tokio::test]
async fn who_could_not_be_removed_can_come_back() {
    let house = house().await;
    let edge = house.edge("edge-1").await;
    let key = SigningKey::generate().unwrap();
    let id: MemberId = member(&house, &key, "node").await.parse().unwrap();
    let node = NodeMember {
        member: Member::new(&house, id, key.clone()),
        id: id.node().unwrap(),
        capacity: 5,
        edges: vec![edge.id],
    };
    node.beat(&house, &[]).await;
    house.sign_in("ada").await.poke(LAUNCH).await.expect(200);
    let admin = house.sign_in("admin").await;
    let path = format!("/api/v1/admin/nodes/{}", node.id);
    admin.delete(&path).await.problem(409, "in_use");
    house.wait(8);
    assert_eq!(sweep(&house.app).await.unwrap(), 1);
    all_are_forgotten(&house).await;
    assert_eq!(member(&house, &key, "node").await, id.to_string());
    node.beat(&house, &[]).await;
}
