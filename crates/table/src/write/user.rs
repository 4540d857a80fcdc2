//! Changes of users.

use causeway_model::object::User;
use uuid::Uuid;

use super::change::Change;
use super::claims::{claim_name, references_told};
use super::plan::{ObjectWrite, Plan};
use super::{REVISION, document};
use crate::action::Action;
use crate::config::once_each;
use crate::error::WriteError;
use crate::item::{DOC, Item, number, text};
use crate::key::{Key, USERS, fold_email, fold_username};
use crate::kind::Kind;
use crate::secret::PasswordHash;

/// Adds the change of a user: its item, its name, its password, what it is
/// found by.
pub(super) fn user(
    plan: &mut Plan,
    change: &Change<User>,
    password: Option<&PasswordHash>,
) -> Result<(), WriteError> {
    let object = change.object();
    let id = object.id.uuid();
    let key = Key::user(object.id);
    let item = |user: &User| -> Result<Item, WriteError> {
        Ok(Item::new(&key)
            .with(DOC, text(document(Kind::User, id, user)?))
            .with(REVISION, number(user.meta.version))
            .indexed(USERS, &crate::users::listed_by(user)?))
    };
    let write = match change {
        Change::Create(after) => ObjectWrite::create(item(after)?),
        Change::Update { before, after } => ObjectWrite::Overwrite {
            before: before.meta.version,
            item: item(after)?,
        },
        Change::Delete(before) => ObjectWrite::Delete {
            before: before.meta.version,
        },
    };
    plan.object(Kind::User, id, key.clone(), write)?;

    let name = |user: &User| fold_username(&user.username);
    claim_name(
        plan,
        Kind::User,
        id,
        change.before().map(name),
        change.after().map(name),
        Key::username,
    )?;

    let password_key = Key::password(object.id);
    match (change, password) {
        (Change::Delete(before), _) => {
            plan.extra(Action::delete(password_key));
            plan.extra(Action::delete(Key::factors(before.id)));
        }
        (_, Some(hash)) => plan.extra(Action::put(
            Item::new(&password_key).with("hash", text(hash.expose())),
        )),
        (_, None) => {}
    }
    email(plan, change);
    references_told(
        plan,
        (Kind::User, id),
        &[Kind::Group, Kind::Application],
        change.before().map(user_references),
        change.after().map(user_references),
    );
    Ok(())
}

fn user_references(user: &User) -> Vec<(Kind, Uuid)> {
    let groups = user.groups.iter().map(|id| (Kind::Group, id.uuid()));
    let operates = user.operates.iter();
    once_each(groups.chain(operates.map(|id| (Kind::Application, id.uuid()))))
}

/// What finds a user by mail address. Several users may have the same.
fn email(plan: &mut Plan, change: &Change<User>) {
    let key = |user: &User| {
        let folded = fold_email(&user.email);
        (!folded.is_empty()).then(|| Key::email(&folded, user.id))
    };
    let (old, new) = (change.before().and_then(key), change.after().and_then(key));
    if old == new {
        return;
    }
    plan.extras(old.map(Action::delete));
    plan.extras(new.map(|key| Action::put(Item::new(&key))));
}
