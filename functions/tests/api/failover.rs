//! A node that fails a connection is tried no second time for it.

use causeway_functions::use_case::sweep::sweep;
use serde_json::{Value, json};

use crate::harness::{Client, EdgeMember, House, NodeMember};

const LAUNCH: &str = "/api/v1/applications/linux/endpoints/web-01/launch";

/// A house with so many nodes; `web-01` takes one connection.
struct Scene {
    house: House,
    edge: EdgeMember,
    nodes: Vec<NodeMember>,
    ada: Client,
}

impl Scene {
    async fn of(count: usize) -> Self {
        let house = House::furnished().await;
        let edge = house.edge("edge-1").await;
        let mut nodes = Vec::new();
        for number in 1..=count {
            nodes.push(house.node(&format!("node-{number}"), 10, &[&edge]).await);
        }
        let ada = house.sign_in("ada").await;
        Self {
            house,
            edge,
            nodes,
            ada,
        }
    }

    async fn launch(&self) -> Value {
        self.ada.poke(LAUNCH).await.expect(200)
    }

    /// A launch that its node has claimed.
    async fn claimed(&self) -> Value {
        let launched = self.launch().await;
        let ticket = launched["ticket"].as_str().unwrap();
        let node = self.holder(&launched["connection"]);
        node.claim(&self.house, ticket).await.expect(200);
        launched["connection"].clone()
    }

    /// The node that a connection names.
    fn holder(&self, connection: &Value) -> &NodeMember {
        let is_it = |node: &&NodeMember| connection["node"] == node.id.to_string();
        self.nodes.iter().find(is_it).unwrap()
    }

    async fn shown(&self, connection: &Value) -> Value {
        let id = connection["id"].as_str().unwrap();
        let path = format!("/api/v1/connections/{id}");
        self.ada.get(&path).await.expect(200)
    }

    async fn ticket(&self, connection: &Value) -> crate::harness::Answer {
        let id = connection["id"].as_str().unwrap();
        self.ada
            .poke(&format!("/api/v1/connections/{id}/ticket"))
            .await
    }

    async fn taken(&self) -> Vec<u32> {
        let mut taken = Vec::new();
        for node in &self.nodes {
            let state = self.house.app.table().nodes().state(node.id).await;
            taken.push(state.unwrap().unwrap().load.connections);
        }
        taken
    }

    /// Everybody but the silent ones is heard of.
    async fn beat(&self, silent: &[&NodeMember]) {
        self.edge.beat(&self.house).await.expect(200);
        for node in &self.nodes {
            if silent.iter().all(|other| other.id != node.id) {
                node.beat(&self.house, &[]).await;
            }
        }
    }

    async fn events(&self, action: &str) -> Vec<Value> {
        let admin = self.house.sign_in("admin").await;
        let events = admin
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

fn refused() -> Value {
    json!({"type": "connect_failed", "code": "target_refused"})
}

#[tokio::test]
async fn what_a_node_cannot_reach_the_next_best_takes_and_no_node_twice() {
    let scene = Scene::of(3).await;
    let mut connection = scene.claimed().await;
    let mut failed = Vec::new();
    for round in 0..2 {
        let node = scene.holder(&connection);
        failed.push(node.id.to_string());
        let answer = node.report(&scene.house, &connection, refused()).await;
        assert_eq!(answer.expect(200), json!({"moved": true}));
        // The answer was lost and the node tells it again.
        let answer = node.report(&scene.house, &connection, refused()).await;
        assert_eq!(answer.expect(200), json!({"moved": true}), "round {round}");
        let shown = scene.shown(&connection).await;
        assert_eq!(shown["state"], "pending");
        assert!(!failed.contains(&shown["node"].as_str().unwrap().to_owned()));
        assert_eq!(scene.taken().await.iter().sum::<u32>(), 1);
        let admitted = scene.ticket(&shown).await.expect(200);
        assert_eq!(admitted["connection"]["node"], shown["node"]);
        let claimed = scene
            .holder(&shown)
            .claim(&scene.house, admitted["ticket"].as_str().unwrap())
            .await
            .expect(200);
        assert_eq!(claimed["attach"], "first");
        connection = shown;
    }
    let last = scene.holder(&connection);
    let answer = last.report(&scene.house, &connection, refused()).await;
    assert_eq!(answer.expect(200), json!({"moved": false}));
    let end = json!({"type": "ended", "reason": "connect_failed", "code": "target_refused"});
    last.report(&scene.house, &connection, end)
        .await
        .expect(200);
    let shown = scene.shown(&connection).await;
    assert_eq!(
        (&shown["end_reason"], &shown["end_code"]),
        (&json!("connect_failed"), &json!("target_refused"))
    );
    assert_eq!(scene.taken().await, [0, 0, 0]);
    let moves = scene.events("move").await;
    assert_eq!(moves.len(), 2);
    for event in moves {
        assert_eq!(event["connection"], connection["id"]);
        assert!(
            event["detail"]
                .as_str()
                .unwrap()
                .starts_with("target_refused: from node-")
        );
    }
    // The place at the endpoint was kept all the time, and is free now.
    scene.launch().await;
}

#[tokio::test]
async fn the_place_at_the_endpoint_is_kept_on_the_way() {
    let scene = Scene::of(2).await;
    let connection = scene.claimed().await;
    let node = scene.holder(&connection);
    node.report(&scene.house, &connection, refused())
        .await
        .expect(200);
    scene
        .ada
        .poke(LAUNCH)
        .await
        .problem(409, "maximum_connections_reached");
}

#[tokio::test]
async fn a_node_that_lost_a_connection_has_no_say_in_it() {
    let scene = Scene::of(2).await;
    let connection = scene.claimed().await;
    let node = scene.holder(&connection);
    node.report(&scene.house, &connection, refused())
        .await
        .expect(200);
    for event in [
        json!({"type": "opened"}),
        json!({"type": "detached"}),
        json!({"type": "ended", "reason": "exited"}),
    ] {
        node.report(&scene.house, &connection, event)
            .await
            .problem(404, "connection_not_found");
    }
    let (id, user) = (&connection["id"], &connection["user"]);
    let held = [id.as_str().unwrap().parse().unwrap()];
    let answer = node
        .beat(
            &scene.house,
            &[(held[0], user.as_str().unwrap().parse().unwrap())],
        )
        .await;
    assert_eq!(
        answer["end"],
        json!([{"connection": id, "reason": "node_lost"}])
    );
    assert_eq!(scene.shown(&connection).await["state"], "pending");
}

#[tokio::test]
async fn what_has_reached_its_target_stays() {
    let scene = Scene::of(2).await;
    let connection = scene.claimed().await;
    let node = scene.holder(&connection);
    let opened = json!({"type": "opened"});
    node.report(&scene.house, &connection, opened)
        .await
        .expect(200);
    scene.house.wait(8);
    scene.beat(&[node]).await;
    // The session may live: its browser is sent nowhere else.
    let admitted = scene.ticket(&connection).await.expect(200);
    assert_eq!(admitted["connection"]["node"], connection["node"]);
    assert_eq!(sweep(&scene.house.app).await.unwrap(), 1);
    assert_eq!(scene.shown(&connection).await["end_reason"], "node_lost");
    assert!(scene.events("move").await.is_empty());
}

#[tokio::test]
async fn a_browser_that_comes_back_to_a_dead_node_is_sent_to_another() {
    for claimed in [false, true] {
        let scene = Scene::of(2).await;
        let connection = if claimed {
            scene.claimed().await
        } else {
            scene.launch().await["connection"].clone()
        };
        let dead = scene.holder(&connection);
        // Nobody knows yet that it is dead.
        let admitted = scene.ticket(&connection).await.expect(200);
        assert_eq!(admitted["connection"]["node"], connection["node"]);
        scene.house.wait(8);
        scene.beat(&[dead]).await;
        let admitted = scene.ticket(&connection).await.expect(200);
        assert_ne!(admitted["connection"]["node"], connection["node"]);
        let next = scene.holder(&admitted["connection"]);
        next.claim(&scene.house, admitted["ticket"].as_str().unwrap())
            .await
            .expect(200);
        assert_eq!(sweep(&scene.house.app).await.unwrap(), 0);
        assert_eq!(scene.taken().await.iter().sum::<u32>(), 1);
        assert_eq!(scene.events("move").await[0]["outcome"], "success");
    }
}

#[tokio::test]
async fn an_old_ticket_is_void_at_both_nodes_once_the_connection_moved() {
    let scene = Scene::of(2).await;
    let launched = scene.launch().await;
    let (connection, ticket) = (
        &launched["connection"],
        launched["ticket"].as_str().unwrap(),
    );
    let dead = scene.holder(connection);
    scene.house.wait(8);
    scene.beat(&[dead]).await;
    scene.ticket(connection).await.expect(200);
    dead.claim(&scene.house, ticket)
        .await
        .problem(403, "ticket_for_other_node");
    let shown = scene.shown(connection).await;
    scene
        .holder(&shown)
        .claim(&scene.house, ticket)
        .await
        .problem(403, "ticket_for_other_node");
}

#[tokio::test]
async fn the_sweep_moves_what_a_dead_node_had_not_opened_or_ends_it() {
    let scene = Scene::of(2).await;
    let connection = scene.claimed().await;
    let dead = scene.holder(&connection);
    scene.house.wait(8);
    scene.beat(&[dead]).await;
    assert_eq!(sweep(&scene.house.app).await.unwrap(), 0);
    let moved = scene.shown(&connection).await;
    assert_eq!(moved["state"], "pending");
    assert_ne!(moved["node"], connection["node"]);
    // The other node dies as well.
    scene.house.wait(8);
    scene.edge.beat(&scene.house).await.expect(200);
    assert_eq!(sweep(&scene.house.app).await.unwrap(), 1);
    let ended = scene.shown(&connection).await;
    assert_eq!(
        (&ended["state"], &ended["end_reason"]),
        (&json!("ended"), &json!("node_lost"))
    );
    assert_eq!(scene.taken().await, [0, 0]);
}

#[tokio::test]
async fn nobody_comes_for_it_and_it_is_given_up_once_its_ticket_is_old() {
    let scene = Scene::of(2).await;
    let connection = scene.claimed().await;
    let node = scene.holder(&connection);
    node.report(&scene.house, &connection, refused())
        .await
        .expect(200);
    scene.house.wait(71);
    scene.beat(&[]).await;
    assert_eq!(sweep(&scene.house.app).await.unwrap(), 1);
    let ended = scene.shown(&connection).await;
    assert_eq!(ended["end_reason"], "never_claimed");
    assert_eq!(scene.taken().await, [0, 0]);
}

#[tokio::test]
async fn a_node_started_anew_gives_away_what_it_had_not_opened() {
    let scene = Scene::of(2).await;
    let connection = scene.claimed().await;
    let node = scene.holder(&connection);
    let lost = json!({"type": "ended", "reason": "node_lost", "code": "session_lost"});
    let answer = node.report(&scene.house, &connection, lost).await;
    assert_eq!(answer.expect(200), json!({"moved": true}));
    assert_ne!(scene.shown(&connection).await["node"], connection["node"]);

    let scene = Scene::of(2).await;
    let connection = scene.claimed().await;
    scene.house.wait(7);
    // Its heartbeat does not list what it claimed.
    scene.beat(&[]).await;
    let moved = scene.shown(&connection).await;
    assert_ne!(moved["node"], connection["node"]);
    assert_eq!(moved["state"], "pending");
}

#[tokio::test]
async fn nothing_moves_to_a_node_that_takes_nothing() {
    let scene = Scene::of(2).await;
    let connection = scene.claimed().await;
    let node = scene.holder(&connection);
    let other = scene
        .nodes
        .iter()
        .find(|other| other.id != node.id)
        .unwrap();
    other.beat_with(&scene.house, &[], true).await;
    let answer = node.report(&scene.house, &connection, refused()).await;
    assert_eq!(answer.expect(200), json!({"moved": false}));
    other.beat(&scene.house, &[]).await;
    let admin = scene.house.sign_in("admin").await;
    let path = format!("/api/v1/admin/nodes/{}", other.id);
    admin
        .put(&path, &json!({"drained": true}))
        .await
        .expect(200);
    let answer = node.report(&scene.house, &connection, refused()).await;
    assert_eq!(answer.expect(200), json!({"moved": false}));
    assert_eq!(scene.shown(&connection).await["node"], connection["node"]);
}

#[tokio::test]
async fn an_ended_connection_moves_nowhere() {
    let scene = Scene::of(2).await;
    let connection = scene.claimed().await;
    let node = scene.holder(&connection);
    let path = format!("/api/v1/connections/{}", connection["id"].as_str().unwrap());
    scene.ada.delete(&path).await.expect(204);
    let answer = node.report(&scene.house, &connection, refused()).await;
    assert_eq!(answer.expect(200), json!({"moved": false}));
    assert_eq!(scene.shown(&connection).await["end_reason"], "terminated");
    assert_eq!(scene.taken().await, [0, 0]);
}
