//! What the portal is asked: somebody comes for the first time, by an identity
//! provider, asks to be let in, and launches when an administrator lets them.

use anyhow::{Context, Result, ensure};
use causeway_tests::stack::Api;
use serde_json::{Value, json};

use crate::exercise::{ORIGIN, Stage};

impl Stage {
    /// The exercise of the portal.
    pub(crate) async fn portal(&self) -> Result<()> {
        let person = Api::step_by_step(self.twin.url())?.with_header(ORIGIN, &self.origin);
        let identities = &self.identities;
        let function = self.function;
        identities.introduces(&person, function, function).await?;
        self.members_live(&self.fleet()?).await?;
        let asked = person.try_launch(function, "shell").await?.ok()?;
        let run = asked["execution"].as_str();
        let run = run.with_context(|| format!("nothing was asked: {asked}"))?;
        let run = format!("/api/v1/flows/{run}");
        let reason = uuid::Uuid::new_v4().to_string();
        let waiting = person.post(&run, json!({ "reason": reason })).await?.ok()?;
        ensure!(waiting["stage"]["state"] == "waiting", "{waiting}");
        self.lets_in(&reason).await?;
        let launched = person.post(&run, json!({})).await?.ok()?;
        let connection = launched["connection"]["id"].as_str();
        person
            .terminate(connection.with_context(|| format!("no connection: {launched}"))?)
            .await
    }

    /// The administrator lets those in who gave this reason.
    async fn lets_in(&self, reason: &str) -> Result<()> {
        let admin = self.at_twin(&self.admin);
        let asked = admin.list("/api/v1/approvals").await?;
        let asked: Option<&Value> = asked.iter().find(|one| one["reason"] == reason);
        let id = asked.and_then(|asked| asked["id"].as_str());
        let path = format!("/api/v1/approvals/{}", id.context("nobody asks")?);
        let yes = json!({ "decision": "approve" });
        admin.post(&path, yes).await?.ok().map(drop)
    }
}
