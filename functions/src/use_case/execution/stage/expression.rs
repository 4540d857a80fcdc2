//! Expression: a look at the launch that may set `connection_settings` or end
//! it. One that fails ends the launch: it may have been there to keep somebody
//! out.

use causeway_model::object::{EventAction, ExpressionStage, Outcome};
use causeway_model::settings::Settings;
use causeway_policy::Purpose;
use serde_json::{Map, Value};

use super::{Step, Surroundings};
use crate::use_case::authorize::ExpressionKey;
use crate::use_case::event::Entry;
use crate::use_case::execution::plan::CONNECTION_SETTINGS;
use crate::use_case::launch::note;

/// What the user is told when the expression fails.
const FAILED: &str = "This launch cannot be checked at the moment. Ask an administrator: the \
                      audit trail says what is wrong.";

pub(super) async fn reach(around: &Surroundings<'_>, stage: &ExpressionStage) -> Step {
    match evaluate(around, stage) {
        Ok(Wanted::Deny(message)) => around.deny(message),
        Ok(Wanted::Set(settings)) => {
            let given = [(CONNECTION_SETTINGS.to_owned(), Value::Object(settings))];
            Step::set(given.into_iter().collect())
        }
        Err(reason) => {
            let entry = Entry::new(EventAction::PolicyFailed, Outcome::Failed)
                .policy(&stage.name)
                .detail(&reason);
            note(around.app, around.facts.about(entry)).await;
            around.deny(FAILED)
        }
    }
}

/// What the expression wants.
enum Wanted {
    Deny(String),
    Set(Map<String, Value>),
}

fn evaluate(around: &Surroundings<'_>, stage: &ExpressionStage) -> Result<Wanted, String> {
    let key = ExpressionKey {
        object: around.stage.id.uuid(),
        version: around.flow.meta.version,
        part: 0,
    };
    let expressions = around.app.expressions();
    let compiled = expressions.of(key, &stage.expression, Purpose::Stage);
    let expression = compiled.as_ref().as_ref().map_err(ToString::to_string)?;
    let value = expression
        .evaluate(&around.scope)
        .map_err(|error| error.to_string())?;
    let Value::Object(mut map) = value else {
        return Err("the expression does not give a map".to_owned());
    };
    match map.remove("deny") {
        None | Some(Value::Null | Value::Bool(false)) => {}
        Some(Value::String(message)) => return Ok(Wanted::Deny(message)),
        Some(_) => return Err("deny is no text".to_owned()),
    }
    match map.remove(CONNECTION_SETTINGS) {
        None | Some(Value::Null) => Ok(Wanted::Set(Map::new())),
        Some(Value::Object(settings)) => {
            let protocol = around.facts.endpoint.protocol;
            let checked = Settings::from(settings.clone()).check(Some(protocol));
            match checked.errors.first() {
                None => Ok(Wanted::Set(settings)),
                Some(error) => Err(error.to_string()),
            }
        }
        Some(_) => Err("connection_settings is no map".to_owned()),
    }
}
