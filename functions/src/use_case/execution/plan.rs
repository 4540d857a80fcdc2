//! The plan of a run: what is launched, how far the flow has come, and what was
//! answered. The table keeps it sealed.

use causeway_model::id::{ApplicationId, ApprovalId, EndpointId, ExecutionId, FlowId};
use causeway_model::object::{AuthenticationMethod, Flow};
use causeway_model::settings::Settings;
use causeway_trust::SealError;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::challenge::Question;
use super::stage::Given;
use crate::sealing::{Sealing, SealingError};
use crate::use_case::flow_result::FlowResult;
use crate::use_case::launch::Facts;

/// Key of the context that holds settings of the connection.
pub(super) const CONNECTION_SETTINGS: &str = "connection_settings";

/// One run of a flow.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Plan {
    pub(super) application: ApplicationId,
    pub(super) endpoint: EndpointId,
    pub(super) flow: FlowId,
    /// The flow as it was begun; another version ends the run.
    pub(super) flow_version: u64,
    /// The stage that asks, from 0; as many as there are when none does.
    pub(super) stage: usize,
    /// What was answered, nested by the dots in the names of fields.
    pub(super) context: Map<String, Value>,
    /// What the user proved in this run.
    pub(super) methods: Vec<AuthenticationMethod>,
    /// What is asked now, as it is shown.
    pub(super) question: Question,
    /// What the stage that asks must remember.
    pub(super) memory: Memory,
}

/// What a stage remembers between its question and the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Memory {
    /// Nothing.
    Nothing,
    /// State of a WebAuthn ceremony.
    Ceremony(String),
    /// The approval that was asked for.
    Approval(ApprovalId),
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plan")
            .field("endpoint", &self.endpoint)
            .field("flow", &self.flow)
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}

impl Plan {
    /// A run that has not asked anything yet.
    pub(super) fn begin(facts: &Facts, flow: &Flow) -> Self {
        Self {
            application: facts.application.id,
            endpoint: facts.endpoint.id,
            flow: flow.id,
            flow_version: flow.meta.version,
            stage: 0,
            context: Map::new(),
            methods: Vec::new(),
            question: Question::Ready,
            memory: Memory::Nothing,
        }
    }

    /// What the flow has set for the connection so far.
    pub(super) fn connection_settings(&self) -> Map<String, Value> {
        match self.context.get(CONNECTION_SETTINGS) {
            Some(Value::Object(settings)) => settings.clone(),
            _ => Map::new(),
        }
    }

    /// What the connection gets of it.
    pub(super) fn result(&self) -> FlowResult {
        FlowResult {
            settings: Settings::from(self.connection_settings()),
            methods: self.methods.clone(),
        }
    }

    /// Asks.
    pub(super) fn ask(&mut self, question: Question, memory: Memory) {
        self.question = question;
        self.memory = memory;
    }

    /// Takes what the stage gave, and goes to the next. Maps are merged at every depth, so that a later
    /// stage adds to an earlier one; anything else is replaced. A `null` stays:
    /// it removes what lower levels set.
    pub(super) fn pass(&mut self, given: Given) {
        merge(&mut self.context, given.context);
        self.methods.extend(given.method);
        self.stage += 1;
    }

    pub(super) async fn seal(
        &self,
        secrets: &dyn Sealing,
        id: ExecutionId,
    ) -> Result<String, SealingError> {
        let text = serde_json::to_string(self).map_err(|_| SealError::Malformed)?;
        secrets.seal(&context(id), &Zeroizing::new(text)).await
    }

    pub(super) async fn open(
        secrets: &dyn Sealing,
        id: ExecutionId,
        sealed: &str,
    ) -> Result<Self, SealingError> {
        let text = secrets.open(&context(id), sealed).await?;
        Ok(serde_json::from_str(text.expose()).map_err(|_| SealError::Malformed)?)
    }
}

fn context(id: ExecutionId) -> String {
    format!("execution:{id}:plan")
}

fn merge(under: &mut Map<String, Value>, over: Map<String, Value>) {
    for (name, value) in over {
        match (under.get_mut(&name), value) {
            (Some(Value::Object(under)), Value::Object(over)) => merge(under, over),
            (_, value) => {
                under.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn merged(under: Value, over: Value) -> Value {
        let mut under = under.as_object().unwrap().clone();
        merge(&mut under, over.as_object().unwrap().clone());
        Value::Object(under)
    }

    #[test]
    fn a_later_stage_adds_to_an_earlier_one() {
        let first = json!({"connection_settings": {"username": "ada", "port": 22}});
        let second = json!({"connection_settings": {"password": "p", "port": null}, "why": "x"});
        assert_eq!(
            merged(first, second),
            json!({
                "connection_settings": {"username": "ada", "password": "p", "port": null},
                "why": "x",
            })
        );
    }
}
