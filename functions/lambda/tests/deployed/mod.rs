//! How most tests begin: the functions' programs over an emulated cloud, the
//! first objects made, and the first administrator signed in.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "shared by tests, which use different parts"
)]

use serde_json::json;

use crate::emulated::services::ADMIN_PASSWORD;
use crate::emulated::{Cloud, Function, Program, Sent};
use crate::fleet::{self, Member};

pub const PORTAL: &str = env!("CARGO_BIN_EXE_portal");
pub const ADMIN: &str = env!("CARGO_BIN_EXE_admin");
pub const NODES: &str = env!("CARGO_BIN_EXE_nodes");
pub const SWEEP: &str = env!("CARGO_BIN_EXE_sweep");

/// Starts a program as its deployment tells it.
pub async fn start(cloud: &Cloud, program: &str) -> Function {
    Program::new(program, cloud.environment()).start().await
}

/// A running control plane and an administrator's sign-in.
pub struct Deployed {
    pub cloud: Cloud,
    pub admin: Function,
    pub portal: Function,
    pub nodes: Function,
    pub cookie: String,
}

impl Deployed {
    pub async fn start() -> Self {
        Self::started(|program| program).await
    }

    /// The same with programs that are told more.
    pub async fn started(more: impl Fn(Program) -> Program) -> Self {
        let cloud = Cloud::start().await;
        let program = |path| more(Program::new(path, cloud.environment()));
        let (admin, portal, nodes) = tokio::join!(
            program(ADMIN).start(),
            program(PORTAL).start(),
            program(NODES).start()
        );
        bootstrap(&admin).await;
        let cookie = sign_in(&portal).await;
        Self {
            cloud,
            admin,
            portal,
            nodes,
            cookie,
        }
    }

    /// A request of the administrator.
    pub fn signed_in(&self, sent: Sent) -> Sent {
        sent.cookies([&*self.cookie])
    }

    /// Makes what can be launched; the node that takes it.
    pub async fn ready_to_launch(&self) -> Member {
        let cookie = self.cookie.clone();
        let ready = fleet::ready_to_launch(&self.admin, &self.portal, &self.nodes, cookie);
        ready.await.1
    }
}

/// Makes the first objects, as a deployment does.
pub async fn bootstrap(admin: &Function) {
    let made = admin.invoke(&json!({"causeway": "bootstrap"})).await;
    assert_eq!(
        made.unwrap(),
        json!({"made_administrator": true, "outpost": "default"})
    );
}

async fn sign_in(portal: &Function) -> String {
    let body = json!({"username": "admin", "password": ADMIN_PASSWORD});
    let response = portal.answer(Sent::post("/api/v1/session", &body)).await;
    response.ok();
    assert_eq!(response.header("set-cookie"), "");
    let [cookie] = response.cookies()[..] else {
        panic!("one cookie: {response:?}");
    };
    assert!(cookie.starts_with("__Host-causeway="), "{cookie}");
    cookie.to_owned()
}
