//! How one item of an earlier layout gets what it lacks, while others write.
//!
//! What is written is held to the version that was read: whoever changes the
//! item in between has it read again. What stands by itself (a mail address, a
//! reference) is written in a transaction that checks the same, so that a
//! deleted user leaves nothing behind.

use causeway_model::object::{Connection, Endpoint, User};
use uuid::Uuid;

use crate::action::{ABSENT, Action, PRESENT};
use crate::connections::connection_listed_by;
use crate::endpoints;
use crate::error::TableError;
use crate::item::{Item, number, text};
use crate::key::{
    CONNECTION_PREFIX, CONNECTIONS, ENDPOINTS, GSI1_PK, GSI1_SK, Key, USERS, fold_email,
};
use crate::kind::Kind;
use crate::retry::{Tries, Why};
use crate::store::ACTIONS_MAX;
use crate::table::Table;
use crate::users;
use crate::write::REVISION;

/// Whether an item was still as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
enum Held {
    Yes,
    No,
}

impl Table {
    pub(super) async fn migrate_item(&self, key: &Key) -> Result<(), TableError> {
        let mut tries = Tries::new();
        loop {
            let Some(item) = self.store().get(key).await? else {
                return Ok(());
            };
            let held = match key.sk.as_str() {
                "USER" => self.migrate_user(key, &item).await?,
                "ENDPOINT" => self.migrate_endpoint(key, &item).await?,
                sk if sk.starts_with(CONNECTION_PREFIX) => {
                    // Its document never changes.
                    let connection: Connection = item.document()?;
                    let listed = connection_listed_by(&connection);
                    let update = listing(key, CONNECTIONS, &listed).when(PRESENT);
                    let _ = self.store().write(update).await?;
                    Held::Yes
                }
                _ => {
                    let since = "SET since_ms = if_not_exists(since_ms, :zero)";
                    let update = Action::update(key.clone(), since).value(":zero", number(0));
                    let _ = self.store().write(update.when(PRESENT)).await?;
                    Held::Yes
                }
            };
            if held == Held::Yes {
                return Ok(());
            }
            if !tries.again(Why::Conflict).await {
                return Err(TableError::Contention);
            }
        }
    }

    async fn migrate_user(&self, key: &Key, item: &Item) -> Result<Held, TableError> {
        let user: User = item.document()?;
        let from = (Kind::User, user.id.uuid());
        let folded = fold_email(&user.email);
        let mut found_by = Vec::new();
        if !folded.is_empty() {
            found_by.push(Key::email(&folded, user.id));
        }
        let groups = user.groups.iter();
        found_by.extend(groups.map(|group| Key::referrer((Kind::Group, group.uuid()), from)));
        if self.put_beside(key, item, &found_by).await? == Held::No {
            return Ok(Held::No);
        }
        for application in &user.operates {
            let counted = self.count_operator(key, item, application.uuid(), from);
            if counted.await? == Held::No {
                return Ok(Held::No);
            }
        }
        let listed = users::listed_by(&user)?;
        self.list(key, item, USERS, &listed).await
    }

    /// Layout 1 did not count who operates an application: whoever is not
    /// written down is not counted.
    async fn count_operator(
        &self,
        key: &Key,
        item: &Item,
        application: Uuid,
        from: (Kind, Uuid),
    ) -> Result<Held, TableError> {
        let to = (Kind::Application, application);
        let referrer = Action::put(Item::new(&Key::referrer(to, from))).when(ABSENT);
        let count = Action::update(Key::config(to.0, to.1), "ADD referrers :one")
            .when(PRESENT)
            .value(":one", number(1));
        let still = still_as_read(Action::check(key.clone(), AS_READ), item)?;
        let written = self.store().transact(vec![still, referrer, count]).await?;
        // The others are refused when it is counted already, or when there is no
        // such application.
        let moved = written.is_err_and(|cancelled| cancelled.refusal(0).is_some());
        Ok(if moved { Held::No } else { Held::Yes })
    }

    async fn migrate_endpoint(&self, key: &Key, item: &Item) -> Result<Held, TableError> {
        let endpoint: Endpoint = item.document()?;
        let from = (Kind::Endpoint, endpoint.id.uuid());
        let mappings = endpoint.property_mappings.iter();
        let referrers: Vec<Key> = mappings
            .map(|mapping| Key::referrer((Kind::PropertyMapping, mapping.uuid()), from))
            .collect();
        if self.put_beside(key, item, &referrers).await? == Held::No {
            return Ok(Held::No);
        }
        let listed = endpoints::listed_by(&endpoint);
        self.list(key, item, ENDPOINTS, &listed).await
    }

    /// Writes items that are nothing but their keys, as long as `item` stays
    /// what it is.
    async fn put_beside(&self, key: &Key, item: &Item, others: &[Key]) -> Result<Held, TableError> {
        for chunk in others.chunks(ACTIONS_MAX - 1) {
            let mut actions = vec![still_as_read(Action::check(key.clone(), AS_READ), item)?];
            actions.extend(chunk.iter().map(|other| Action::put(Item::new(other))));
            if self.store().transact(actions).await?.is_err() {
                return Ok(Held::No);
            }
        }
        Ok(Held::Yes)
    }

    /// Has an item listed by `listed` in a partition of the index.
    async fn list(
        &self,
        key: &Key,
        item: &Item,
        partition: &str,
        listed: &str,
    ) -> Result<Held, TableError> {
        let update = still_as_read(listing(key, partition, listed).when(AS_READ), item)?;
        let written = self.store().write(update).await?;
        Ok(if written.is_ok() { Held::Yes } else { Held::No })
    }
}

/// The condition that an item is as it was read.
const AS_READ: &str = "revision = :read";

fn still_as_read(action: Action, item: &Item) -> Result<Action, TableError> {
    let revision: u64 = item.number(REVISION)?;
    Ok(action.value(":read", number(revision)))
}

fn listing(key: &Key, partition: &str, listed: &str) -> Action {
    let set = format!("SET {GSI1_PK} = :partition, {GSI1_SK} = :listed");
    Action::update(key.clone(), set)
        .value(":partition", text(partition))
        .value(":listed", text(listed))
}
