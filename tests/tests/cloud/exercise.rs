//! What each function is asked so that it uses every right that it has: one
//! exercise a function, begun by a process that knows nothing yet. Those of the
//! portal and of the sweep have files of their own.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use causeway_tests::cloud::{Cloud, NAME, Twin};
use causeway_tests::stack::Api;
use serde_json::{Value, json};

use crate::ghost::Ghost;
use crate::identity_provider::IdentityProvider;

/// What functions know the front door by.
pub(crate) const ORIGIN: &str = "x-causeway-origin";
/// A secret that settings refer to, in Secrets Manager and in Parameter Store.
pub(crate) const OUTSIDE: &str = "causeway/target/probe";
/// An invocation of the sweep that may take so long has one round.
const ONE_ROUND_SECONDS: u32 = 5;
const SECONDS_MAX: u32 = 29;

/// A function to be asked, and what it is asked about.
pub(crate) struct Stage {
    pub(crate) cloud: Arc<Cloud>,
    /// Which function.
    pub(crate) function: &'static str,
    /// It.
    pub(crate) twin: Twin,
    /// The administrator and somebody who may launch, at the deployed functions.
    pub(crate) admin: Api,
    pub(crate) user: Api,
    /// What requests to the twin have in their header [`ORIGIN`].
    pub(crate) origin: String,
    /// Who knows the people that come to it from elsewhere.
    pub(crate) identities: IdentityProvider,
    /// The nodes that serve its application, and the edge that they are behind.
    nodes: [Ghost; 2],
    edge: Ghost,
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
        let identities = IdentityProvider::start().await?;
        let outside = |of: &str| json!({ "secret": format!("{of}{OUTSIDE}") });
        let settings = json!({
            "username": "nobody", "password": "sealed",
            "private-key": outside("aws-secretsmanager:"), "passphrase": outside("aws-ssm:/"),
        });
        let objects = json!({ "documents": [
            { "kind": "group", "name": function },
            identities.source(function),
            { "kind": "flow", "name": function, "title": function, "stages": [
                { "type": "approval", "name": function, "groups": [function],
                  "reason_required": true },
            ]},
            { "kind": "outpost", "name": function },
            { "kind": "provider", "name": function, "outposts": [function],
              "authorization_flow": (function == "portal").then_some(function) },
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
        let (one, other, edge) = tokio::try_join!(
            Ghost::node(&fleet, admin, function),
            Ghost::node(&fleet, admin, function),
            Ghost::edge(&fleet, admin),
        )?;
        Ok(Self {
            cloud: Arc::clone(cloud),
            function,
            twin,
            admin: admin.clone(),
            user: user.clone(),
            origin: origin.to_owned(),
            identities,
            nodes: [one, other],
            edge,
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
        let forget = json!({ "TableName": NAME, "Key": key });
        self.table("DeleteItem", &forget).await.map(drop)
    }

    async fn admin(&self) -> Result<()> {
        self.twin
            .invoke(&json!({ "causeway": "bootstrap" }))
            .await?;
        let api = &self.at_twin(&self.admin);
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
        self.members_live(&self.fleet()?).await?;
        let launched = self.user.launch(self.function, "shell").await?;
        let path = format!("/api/v1/admin/connections/{}", launched.connection);
        api.delete(&path).await?.ok().map(drop)
    }

    async fn nodes(&self) -> Result<()> {
        let fleet = &Api::new(self.twin.url())?;
        self.members_live(fleet).await?;
        Ghost::node(fleet, &self.admin, self.function).await?;
        // Who comes with a role is counted, whatever becomes of them.
        let refused = Ghost::with_no_role(fleet).await?;
        ensure!(
            refused.problem() == (401, "role_proof_malformed"),
            "a role that is none: {refused:?}"
        );
        let launched = self.user.launch(self.function, "shell").await?;
        let node = self.node(&launched.node)?;
        let claimed = node.claim(fleet, &launched.entry.ticket).await?;
        ensure!(claimed["settings"]["password"] == "sealed", "{claimed}");
        let user = &claimed["user"]["id"];
        node.ended(fleet, &launched.connection, user).await
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
    pub(crate) fn fleet(&self) -> Result<Api> {
        Api::new(&self.cloud.url)
    }

    /// The same person at the twin.
    pub(crate) fn at_twin(&self, person: &Api) -> Api {
        person.at(self.twin.url()).with_header(ORIGIN, &self.origin)
    }

    /// Edge and nodes say so.
    pub(crate) async fn members_live(&self, fleet: &Api) -> Result<()> {
        let [one, other] = &self.nodes;
        tokio::try_join!(
            self.edge.carries(fleet),
            one.lives_behind(fleet, &self.edge),
            other.lives_behind(fleet, &self.edge),
        )?;
        Ok(())
    }

    fn node(&self, id: &str) -> Result<&Ghost> {
        let found = self.nodes.iter().find(|node| node.id() == id);
        found.with_context(|| format!("{id} is no ghost"))
    }

    /// Asks the table as the account's owner.
    pub(crate) async fn table(&self, what: &str, arguments: &Value) -> Result<Value> {
        let target = format!("DynamoDB_20120810.{what}");
        let said = self.cloud.aws.json("dynamodb", &target, arguments).await?;
        said.ok()
    }
}
