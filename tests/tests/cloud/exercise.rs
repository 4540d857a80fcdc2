//! What each function is asked so that it uses every right that it has: one
//! exercise a function, begun by a process that knows nothing yet.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use causeway_tests::cloud::{Cloud, NAME, Twin};
use causeway_tests::stack::Api;
use serde_json::{Value, json};

use crate::ghost::Ghost;

/// What functions know the front door by.
const ORIGIN: &str = "x-causeway-origin";
/// A secret that settings refer to, in Secrets Manager and in Parameter Store.
pub(crate) const OUTSIDE: &str = "causeway/target/probe";
/// An invocation of the sweep that may take so long has one round.
const ONE_ROUND_SECONDS: u32 = 5;
const SECONDS_MAX: u32 = 29;

/// A function to be asked, and what it is asked about.
pub(crate) struct Stage {
    cloud: Arc<Cloud>,
    /// Which function.
    pub(crate) function: &'static str,
    /// It.
    pub(crate) twin: Twin,
    /// The administrator and somebody who may launch, at the deployed functions.
    admin: Api,
    user: Api,
    /// The same, and members, at the twin.
    twin_admin: Api,
    twin_user: Api,
    ghosts: [Ghost; 2],
}

impl Stage {
    /// Sets it up: an application whose nodes are played here.
    pub(crate) async fn of(
        cloud: &Arc<Cloud>,
        function: &'static str,
        admin: &Api,
        user: &Api,
    ) -> Result<Self> {
        let seconds = match function {
            "sweep" => ONE_ROUND_SECONDS,
            _ => SECONDS_MAX,
        };
        let twin = cloud.twin(function, seconds).await?;
        let outside = |of: &str| json!({ "secret": format!("{of}{OUTSIDE}") });
        let settings = json!({
            "username": "nobody", "password": "sealed",
            "private-key": outside("aws-secretsmanager:"), "passphrase": outside("aws-ssm:/"),
        });
        let objects = json!({ "documents": [
            { "kind": "outpost", "name": function },
            { "kind": "provider", "name": function, "outposts": [function] },
            { "kind": "application", "slug": function, "name": function, "provider": function },
            { "kind": "endpoint", "name": "shell", "provider": function, "protocol": "ssh",
              "host": "127.0.0.1:1", "maximum_connections": -1, "settings": settings },
        ]});
        admin.post("/api/v1/admin/apply", objects).await?.ok()?;
        let secret = cloud.output("OriginSecret")?;
        let origin = json!({ "SecretId": secret });
        let origin = cloud
            .aws
            .json("secretsmanager", "secretsmanager.GetSecretValue", &origin)
            .await?
            .ok()?;
        let origin = origin["SecretString"].as_str().context("no secret")?;
        let fleet = Api::new(&cloud.url)?;
        Ok(Self {
            cloud: Arc::clone(cloud),
            function,
            twin_admin: admin.at(twin.url()).with_header(ORIGIN, origin),
            twin_user: user.at(twin.url()).with_header(ORIGIN, origin),
            twin,
            admin: admin.clone(),
            user: user.clone(),
            ghosts: [
                Ghost::join(&fleet, admin, function).await?,
                Ghost::join(&fleet, admin, function).await?,
            ],
        })
    }

    /// Asks the twin all that needs its rights.
    pub(crate) async fn exercise(&self) -> Result<()> {
        match self.function {
            "portal" => self.portal().await,
            "admin" => self.admin().await,
            "nodes" => self.nodes().await,
            "sweep" => self.sweep().await,
            "rotate" => self.rotate().await,
            other => anyhow::bail!("nobody knows what to ask {other}"),
        }
    }

    /// Takes the current data key away, so that whoever seals next draws one.
    pub(crate) async fn forget_data_key(&self) -> Result<()> {
        let key = json!({ "pk": { "S": "DATA_KEY" }, "sk": { "S": "CURRENT" } });
        self.table("DeleteItem", json!({ "Key": key })).await
    }

    async fn portal(&self) -> Result<()> {
        self.ghosts_live(&self.fleet()?).await?;
        let launched = self.twin_user.launch(self.function, "shell").await?;
        self.twin_user.terminate(&launched.connection).await?;
        self.twin_user.get("/api/v1/approvals").await?.ok()?;
        // Its seed is sealed.
        let factor = json!({ "name": "phone" });
        let factor = self.twin_user.post("/api/v1/me/factors/totp", factor);
        let factor = factor.await?.ok()?;
        let id = factor["id"].as_str().context("no factor")?;
        let path = format!("/api/v1/me/factors/{id}");
        self.twin_user.delete(&path).await?.ok().map(drop)
    }

    async fn admin(&self) -> Result<()> {
        self.twin
            .invoke(&json!({ "causeway": "bootstrap" }))
            .await?;
        let api = &self.twin_admin;
        api.get("/api/v1/admin/users").await?.ok()?;
        let name = uuid::Uuid::new_v4().to_string();
        let group = api.create("groups", json!({ "name": name })).await?;
        let path = format!("/api/v1/admin/groups/{group}");
        api.delete(&path).await?.ok()?;
        // What is secret in its settings is sealed.
        let endpoint = json!({
            "name": name, "provider": self.function, "protocol": "ssh",
            "host": "127.0.0.1:1", "settings": { "password": "sealed" },
        });
        let endpoint = api.create("endpoints", endpoint).await?;
        let path = format!("/api/v1/admin/endpoints/{endpoint}");
        api.delete(&path).await?.ok()?;
        // Its node is told by a signed order.
        self.ghosts_live(&self.fleet()?).await?;
        let launched = self.user.launch(self.function, "shell").await?;
        let path = format!("/api/v1/admin/connections/{}", launched.connection);
        api.delete(&path).await?.ok().map(drop)
    }

    async fn nodes(&self) -> Result<()> {
        let fleet = &Api::new(self.twin.url())?;
        Ghost::join(fleet, &self.admin, self.function).await?;
        self.ghosts_live(fleet).await?;
        let launched = self.user.launch(self.function, "shell").await?;
        let ghost = self.ghost(&launched.node)?;
        let claimed = ghost.claim(fleet, &launched.entry.ticket).await?;
        ensure!(claimed["settings"]["password"] == "sealed", "{claimed}");
        let user = &claimed["user"]["id"];
        ghost.ended(fleet, &launched.connection, user).await
    }

    /// One connection whose node is lost and that another can take, and one
    /// that nobody claimed in time.
    async fn sweep(&self) -> Result<()> {
        self.ghosts_live(&self.fleet()?).await?;
        let movable = self.user.launch(self.function, "shell").await?;
        let late = self.user.launch(self.function, "shell").await?;
        let long_ago = |attribute: &str, pk: &str, sk: &str| {
            json!({
                "Key": { "pk": { "S": format!("NODE#{pk}") }, "sk": { "S": sk } },
                "UpdateExpression": "SET #a = :then",
                "ExpressionAttributeNames": { "#a": attribute },
                "ExpressionAttributeValues": { ":then": { "N": "1" } },
            })
        };
        let lease = format!("LEASE#{}", late.connection);
        let lease = long_ago("pending_until_ms", &late.node, &lease);
        self.table("UpdateItem", lease).await?;
        let lost = long_ago("heartbeat_ms", &movable.node, "LOAD");
        self.table("UpdateItem", lost).await?;
        let swept = self.twin.invoke(&Value::Null).await;
        let state = async |id: &str| {
            let path = format!("/api/v1/connections/{id}");
            self.user.get(&path).await?.ok()
        };
        let (moved, ended) = (
            state(&movable.connection).await,
            state(&late.connection).await,
        );
        for connection in [&movable.connection, &late.connection] {
            // Nothing is left for the next time; what is over is so already.
            let path = format!("/api/v1/connections/{connection}");
            self.user.delete(&path).await?;
        }
        swept?;
        let (moved, ended) = (moved?, ended?);
        ensure!(moved["node"] != movable.node, "not moved: {moved}");
        ensure!(ended["state"] == "ended", "not ended: {ended}");
        Ok(())
    }

    async fn rotate(&self) -> Result<()> {
        let token = uuid::Uuid::new_v4();
        let secret = self.cloud.output("SigningKeys")?;
        for step in ["createSecret", "setSecret", "testSecret", "finishSecret"] {
            let asked = json!({ "Step": step, "SecretId": secret, "ClientRequestToken": token });
            self.twin.invoke(&asked).await?;
        }
        Ok(())
    }

    /// The deployed function that members ask.
    fn fleet(&self) -> Result<Api> {
        Api::new(&self.cloud.url)
    }

    async fn ghosts_live(&self, fleet: &Api) -> Result<()> {
        let edges = self.admin.list("/api/v1/admin/edges").await?;
        let edges = edges
            .into_iter()
            .map(|mut edge| edge["id"].take())
            .collect();
        for ghost in &self.ghosts {
            ghost.lives(fleet, &edges).await?;
        }
        Ok(())
    }

    fn ghost(&self, node: &str) -> Result<&Ghost> {
        let found = self.ghosts.iter().find(|ghost| ghost.id() == node);
        found.with_context(|| format!("{node} is no ghost"))
    }

    /// Writes the table as the account's owner.
    async fn table(&self, what: &str, mut arguments: Value) -> Result<()> {
        arguments["TableName"] = NAME.into();
        let target = format!("DynamoDB_20120810.{what}");
        let said = self.cloud.aws.json("dynamodb", &target, &arguments).await?;
        said.ok().map(drop)
    }
}
