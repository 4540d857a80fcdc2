//! Every act that ends a connection does so at once: the table says ended, the
//! places are free, the node is ordered, and the audit trail names it.

use serde_json::{Value, json};

use crate::harness::{Client, House, NodeMember};

const LAUNCH: &str = "/api/v1/applications/linux/endpoints/web-01/launch";

struct Scene {
    house: House,
    node: NodeMember,
    ada: Client,
    admin: Client,
    connection: Value,
}

/// A connection of ada's whose target is reached.
async fn scene() -> Scene {
    let (house, _edge, node) = House::staffed().await;
    let (ada, admin) = (house.sign_in("ada").await, house.sign_in("admin").await);
    let launched = ada.poke(LAUNCH).await.expect(200);
    let connection = launched["connection"].clone();
    node.claim(&house, launched["ticket"].as_str().unwrap())
        .await
        .expect(200);
    node.report(&house, &connection, json!({"type": "opened"}))
        .await
        .expect(200);
    Scene {
        house,
        node,
        ada,
        admin,
        connection,
    }
}

impl Scene {
    fn id(&self, field: &str) -> String {
        self.connection[field].as_str().unwrap().to_owned()
    }

    /// It is over for this reason, everywhere.
    async fn is_over(&self, reason: &str) {
        let path = format!("/api/v1/admin/connections/{}", self.id("id"));
        let shown = self.admin.get(&path).await.expect(200);
        assert_eq!(
            (&shown["state"], &shown["end_reason"]),
            (&json!("ended"), &json!(reason))
        );
        let orders = self.house.orders.read(&self.house);
        assert_eq!(orders.len(), 1, "{reason}");
        assert_eq!(orders[0].connection.to_string(), self.id("id"));
        assert_eq!(orders[0].node, self.node.id);
        let table = self.house.app.table();
        let state = table.nodes().state(self.node.id).await.unwrap().unwrap();
        assert_eq!(state.load.connections, 0);
        let ended = self.events("connection_ended").await;
        assert_eq!(ended.len(), 1, "{ended:?}");
        assert_eq!(ended[0]["connection"], self.connection["id"]);
        assert_eq!(ended[0]["detail"], reason);
        // Its place is free for others.
        self.admin.poke(LAUNCH).await.expect(200);
    }

    async fn events(&self, action: &str) -> Vec<Value> {
        let events = self
            .admin
            .get("/api/v1/admin/events?limit=200")
            .await
            .expect(200);
        let items = events["items"].as_array().unwrap().iter();
        items
            .filter(|event| event["action"] == action)
            .cloned()
            .collect()
    }
}

#[tokio::test]
async fn its_owner_terminates_it_and_the_act_is_an_event() {
    let scene = scene().await;
    let path = format!("/api/v1/connections/{}", scene.id("id"));
    scene.ada.delete(&path).await.expect(204);
    scene.ada.delete(&path).await.expect(204);
    scene.is_over("terminated").await;
    let acts = scene.events("terminate").await;
    assert_eq!(acts.len(), 1, "ending it twice is one act");
    assert_eq!(
        (&acts[0]["actor"], &acts[0]["connection"]),
        (&json!("ada"), &scene.connection["id"])
    );
}

#[tokio::test]
async fn who_attaches_is_an_event_and_so_is_who_may_not() {
    let scene = scene().await;
    let path = format!("/api/v1/connections/{}/ticket", scene.id("id"));
    let admitted = scene.ada.poke(&path).await.expect(200);
    let ticket = admitted["ticket"].as_str().unwrap();
    scene.node.claim(&scene.house, ticket).await.expect(200);
    scene
        .node
        .claim(&scene.house, ticket)
        .await
        .problem(401, "ticket_used");
    let attached = scene.events("attach").await;
    let told: Vec<_> = attached
        .iter()
        .map(|event| {
            (
                event["outcome"].as_str().unwrap(),
                event["detail"].as_str().unwrap(),
            )
        })
        .collect();
    // Of one moment, so in no order.
    assert_eq!(told.len(), 3, "{told:?}");
    for expected in [
        ("success", "first"),
        ("success", "again"),
        ("refused", "the ticket was used before"),
    ] {
        assert!(told.contains(&expected), "{told:?}");
    }
    assert!(
        attached
            .iter()
            .all(|event| event["connection"] == scene.connection["id"])
    );
}

#[tokio::test]
async fn who_attaches_is_told_with_where_the_edge_saw_them_come_from() {
    let scene = scene().await;
    let path = format!("/api/v1/connections/{}/ticket", scene.id("id"));
    let admitted = scene.ada.poke(&path).await.expect(200);
    let ticket = admitted["ticket"].as_str().unwrap();
    // A v4 address that a socket shows as v6 is the v4 address.
    let claim = async |address| scene.node.claim_from(&scene.house, ticket, address).await;
    claim("::ffff:192.0.2.44").await.expect(200);
    claim("2001:db8::7").await.problem(401, "ticket_used");
    claim("not an address").await.problem(422, "invalid_field");
    let attached = scene.events("attach").await;
    let told = |address: &str| {
        let found = attached.iter().find(|event| event["address"] == address);
        found.unwrap_or_else(|| panic!("{address}: {attached:?}"))
    };
    assert_eq!(told("192.0.2.44")["outcome"], "success");
    let refused = told("2001:db8::7");
    assert_eq!(refused["outcome"], "refused");
    assert_eq!(refused["actor"], "ada");
}

#[tokio::test]
async fn an_administrator_terminates_it() {
    let scene = scene().await;
    let path = format!("/api/v1/admin/connections/{}", scene.id("id"));
    scene.admin.delete(&path).await.expect(204);
    scene.is_over("terminated").await;
    assert_eq!(scene.events("terminate").await[0]["actor"], "admin");
}

#[tokio::test]
async fn its_owner_signs_out() {
    let scene = scene().await;
    let answer = scene.ada.delete("/api/v1/session").await;
    assert!(answer.status < 300, "{answer:?}");
    scene.is_over("signed_out").await;
}

#[tokio::test]
async fn the_sign_in_session_is_revoked() {
    let scene = scene().await;
    let path = format!("/api/v1/admin/sessions/{}", scene.id("session"));
    scene.admin.delete(&path).await.expect(204);
    scene.is_over("signed_out").await;
}

#[tokio::test]
async fn the_user_is_deactivated() {
    let scene = scene().await;
    let user = json!({"username": "ada", "active": false});
    scene
        .admin
        .put("/api/v1/admin/users/ada", &user)
        .await
        .expect(200);
    scene.is_over("signed_out").await;
}

#[tokio::test]
async fn the_user_is_deleted() {
    let scene = scene().await;
    scene
        .admin
        .delete("/api/v1/admin/users/ada")
        .await
        .expect(204);
    scene.is_over("signed_out").await;
}

#[tokio::test]
async fn an_endpoint_in_use_is_not_deleted() {
    let scene = scene().await;
    let path = format!("/api/v1/admin/endpoints/{}", scene.id("endpoint"));
    let answer = scene.admin.delete(&path).await;
    assert_eq!(answer.status, 409, "{answer:?}");
    let connection = format!("/api/v1/connections/{}", scene.id("id"));
    scene.ada.delete(&connection).await.expect(204);
    scene.admin.delete(&path).await.expect(204);
}
