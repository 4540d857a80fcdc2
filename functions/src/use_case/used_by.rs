//! Who refers to an object: what keeps it from being deleted, and what goes
//! along with it.

use causeway_model::object::{
    Application, Endpoint, Flow, Group, Outpost, Policy, PolicyBinding, PropertyMapping, Provider,
    Source, User,
};
use causeway_table::{ConfigSnapshot, Dependent, Kind, PAGE_ITEMS_MAX, TableError, WriteError};
use uuid::Uuid;

use super::object::Object;
use super::policy_binding::words_of;
use crate::access::Staff;
use crate::app::App;

/// An object that has to do with another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// Its kind as documents write it.
    pub kind: String,
    /// Its id.
    pub id: Uuid,
    /// Its name for people.
    pub name: String,
    /// What it has to do with the other, in words.
    pub relation: String,
    /// Whether it keeps the other from being deleted.
    pub blocks: bool,
}

impl From<Dependent> for Use {
    fn from(dependent: Dependent) -> Self {
        Self {
            kind: kind_name(dependent.kind),
            id: dependent.id,
            name: dependent.name,
            relation: dependent.relation.to_owned(),
            blocks: dependent.blocks,
        }
    }
}

/// Why nobody can say.
#[derive(Debug, thiserror::Error)]
pub enum UsedByError {
    /// There is no such kind.
    #[error("there is no such kind")]
    Kind,
    /// There is no such object that the reader sees.
    #[error("there is no such object")]
    NotFound,
    /// The table did not answer.
    #[error("who refers to the object could not be read")]
    Table(#[from] TableError),
}

/// What has to do with an object, a hundred at most.
///
/// # Errors
/// [`UsedByError`].
pub async fn used_by(
    app: &App,
    staff: &Staff,
    kind: &str,
    reference: &str,
) -> Result<Vec<Use>, UsedByError> {
    let snapshot = app.table().config().current().await?;
    let (kind, id) = find(app, &snapshot, staff, kind, reference).await?;
    let mut dependents = app.table().dependents(kind, id, PAGE_ITEMS_MAX).await?;
    name_bindings(app, &snapshot, &mut dependents).await?;
    Ok(dependents.into_iter().map(Use::from).collect())
}

/// A refusal to delete, with names for people of those that it names.
pub(crate) async fn refusal(app: &App, refused: WriteError) -> WriteError {
    let WriteError::InUse {
        kind,
        id,
        references,
        mut referrers,
    } = refused
    else {
        return refused;
    };
    // Only for words: a failure to find them changes nothing about the refusal.
    if let Ok(snapshot) = app.table().config().current().await {
        let _ = name_bindings(app, &snapshot, &mut referrers).await;
    }
    WriteError::InUse {
        kind,
        id,
        references,
        referrers,
    }
}

/// Gives bindings names for people: their own are made of ids.
async fn name_bindings(
    app: &App,
    snapshot: &ConfigSnapshot,
    dependents: &mut [Dependent],
) -> Result<(), TableError> {
    let bindings: Vec<PolicyBinding> = dependents
        .iter()
        .filter(|dependent| dependent.kind == Kind::PolicyBinding)
        .filter_map(|dependent| snapshot.policy_bindings().get(dependent.id))
        .map(|binding| PolicyBinding::clone(binding))
        .collect();
    let words = words_of(app, snapshot, &bindings).await?;
    for (binding, words) in bindings.iter().zip(words) {
        let its = |dependent: &&mut Dependent| dependent.id == binding.id.uuid();
        if let Some(dependent) = dependents.iter_mut().find(its) {
            dependent.name = format!("{} {} {}", words.target, words.subject_kind, words.subject);
        }
    }
    Ok(())
}

/// A kind as documents write it.
pub(crate) fn kind_name(kind: Kind) -> String {
    kind.as_str().replace(' ', "_")
}

macro_rules! kinds {
    ($($kind:ident),* $(,)?) => {
        async fn find(
            app: &App,
            snapshot: &ConfigSnapshot,
            staff: &Staff,
            kind: &str,
            reference: &str,
        ) -> Result<(Kind, Uuid), UsedByError> {
            let found = match kind.replace('-', "_").as_str() {
                $(<$kind as Object>::KIND_NAME => {
                    let found = <$kind as Object>::stored(app, snapshot, reference).await?;
                    let found = found.ok_or(UsedByError::NotFound)?;
                    let is_seen = staff.rights().reads_everything()
                        || found.is_operated(app, snapshot, staff.rights()).await?
                            && crate::use_case::object::may_write::<$kind>(staff).is_ok();
                    is_seen.then_some((<$kind as Object>::KIND, found.uuid()))
                })*
                "node" if staff.rights().reads_everything() => snapshot
                    .nodes()
                    .resolve(reference)
                    .map(|node| (Kind::Node, node.id.uuid())),
                _ => return Err(UsedByError::Kind),
            };
            found.ok_or(UsedByError::NotFound)
        }
    };
}

kinds!(
    Application,
    Endpoint,
    Flow,
    Group,
    Outpost,
    Policy,
    PolicyBinding,
    PropertyMapping,
    Provider,
    Source,
    User,
);
