//! Data directories of earlier programs: their items get what later ones look
//! for.
//!
//! Every step is good when it is done twice, so an opening that breaks off is
//! simply made again. The file is marked last. Only one process has the
//! directory, so nobody writes meanwhile.
//!
//! | layout | what it lacked |
//! |-|-|
//! | 1 | endpoints, users and connections listed by all their parts; users by mail address; who refers to groups, applications and mappings; since when a lease is |

use causeway_model::object::{Connection, Endpoint, User};
use dynoxide::{Database, DynoxideError};
use uuid::Uuid;

use super::embedded::EMBEDDED_TABLE;
use crate::action::{ABSENT, Action, PRESENT};
use crate::connections::connection_listed_by;
use crate::endpoints;
use crate::error::TableError;
use crate::item::{Item, number, text};
use crate::key::{
    CONNECTION_PREFIX, CONNECTIONS, ENDPOINTS, GSI1_PK, GSI1_SK, Key, LEASE_PREFIX, PK, SK, USERS,
    fold_email,
};
use crate::kind::Kind;
use crate::table::Table;
use crate::users;

/// Keys of the items that may have to be brought up to date. The only thing
/// that reads a whole table, and only before anybody uses it.
pub(super) fn keys(database: &Database) -> Result<Vec<Key>, DynoxideError> {
    let mut keys = Vec::new();
    let mut after = None;
    loop {
        let request = serde_json::json!({
            "TableName": EMBEDDED_TABLE,
            "ProjectionExpression": format!("{PK}, {SK}"),
            "ExclusiveStartKey": after,
        });
        let request = serde_json::from_value(request)
            .map_err(|error| DynoxideError::InternalServerError(error.to_string()))?;
        let page = match database.scan(request) {
            // A file that was made and never used.
            Err(DynoxideError::ResourceNotFoundException(_)) => return Ok(keys),
            page => serde_json::to_value(page?)
                .map_err(|error| DynoxideError::InternalServerError(error.to_string()))?,
        };
        let items = page["Items"].as_array().into_iter().flatten();
        keys.extend(items.filter_map(|item| {
            let part = |name: &str| item[name]["S"].as_str();
            let (pk, sk) = (part(PK)?, part(SK)?);
            let is_ours = sk == "USER"
                || sk == "ENDPOINT"
                || sk.starts_with(CONNECTION_PREFIX)
                || sk.starts_with(LEASE_PREFIX);
            is_ours.then(|| Key::new(pk, sk))
        }));
        after = page.get("LastEvaluatedKey").cloned();
        if after.is_none() {
            return Ok(keys);
        }
    }
}

impl Table {
    /// Brings the items with these keys up to date.
    pub(super) async fn migrate(&self, keys: &[Key]) -> Result<(), TableError> {
        for key in keys {
            let Some(item) = self.store().get(key).await? else {
                continue;
            };
            match key.sk.as_str() {
                "USER" => self.migrate_user(key, &item.document()?).await?,
                "ENDPOINT" => self.migrate_endpoint(key, &item.document()?).await?,
                sk if sk.starts_with(CONNECTION_PREFIX) => {
                    let connection: Connection = item.document()?;
                    let listed = connection_listed_by(&connection);
                    self.list(key, CONNECTIONS, &listed).await?;
                }
                _ => {
                    let since = "SET since_ms = if_not_exists(since_ms, :zero)";
                    self.write_there(Action::update(key.clone(), since).value(":zero", number(0)))
                        .await?;
                }
            }
        }
        Ok(())
    }

    async fn migrate_user(&self, key: &Key, user: &User) -> Result<(), TableError> {
        self.list(key, USERS, &users::listed_by(user)?).await?;
        let folded = fold_email(&user.email);
        if !folded.is_empty() {
            let found_by = Item::new(&Key::email(&folded, user.id));
            let _ = self.store().write(Action::put(found_by)).await?;
        }
        let from = (Kind::User, user.id.uuid());
        for group in &user.groups {
            let referrer = Item::new(&Key::referrer((Kind::Group, group.uuid()), from));
            let _ = self.store().write(Action::put(referrer)).await?;
        }
        for application in &user.operates {
            self.count_operator(application.uuid(), from).await?;
        }
        Ok(())
    }

    /// Layout 1 did not count who operates an application: whoever is not
    /// written down is not counted.
    async fn count_operator(
        &self,
        application: Uuid,
        from: (Kind, Uuid),
    ) -> Result<(), TableError> {
        let to = (Kind::Application, application);
        let referrer = Action::put(Item::new(&Key::referrer(to, from))).when(ABSENT);
        let count = Action::update(Key::config(to.0, to.1), "ADD referrers :one")
            .when(PRESENT)
            .value(":one", number(1));
        // Refused when it is counted, or when there is no such application.
        let _ = self.store().transact(vec![referrer, count]).await?;
        Ok(())
    }

    async fn migrate_endpoint(&self, key: &Key, endpoint: &Endpoint) -> Result<(), TableError> {
        self.list(key, ENDPOINTS, &endpoints::listed_by(endpoint))
            .await?;
        let from = (Kind::Endpoint, endpoint.id.uuid());
        for mapping in &endpoint.property_mappings {
            let to = (Kind::PropertyMapping, mapping.uuid());
            let _ = self
                .store()
                .write(Action::put(Item::new(&Key::referrer(to, from))))
                .await?;
        }
        Ok(())
    }

    /// Has an item listed by `listed` in a partition of the index.
    async fn list(&self, key: &Key, partition: &str, listed: &str) -> Result<(), TableError> {
        let set = format!("SET {GSI1_PK} = :partition, {GSI1_SK} = :listed");
        let update = Action::update(key.clone(), set)
            .value(":partition", text(partition))
            .value(":listed", text(listed));
        self.write_there(update).await
    }

    async fn write_there(&self, update: Action) -> Result<(), TableError> {
        let _ = self.store().write(update.when(PRESENT)).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use causeway_model::id::{
        ApplicationId, ConnectionId, EndpointId, GroupId, NodeId, ProviderId, UserId,
    };
    use causeway_model::object::{
        Application, EngineMode, Group, Labels, MaximumConnections, Meta, Protocol, Provider, Role,
    };
    use jiff::Timestamp;

    use super::*;
    use crate::{Change, EndpointFilter, ObjectChange, UserFilter};

    /// A table with one of each, as this program writes it.
    struct House {
        user: User,
        endpoint: Endpoint,
        application: Application,
        group: Group,
    }

    fn meta() -> Meta {
        Meta::first(Timestamp::UNIX_EPOCH)
    }

    impl House {
        async fn new(table: &Table) -> Self {
            let provider = Provider {
                id: ProviderId::new(Uuid::now_v7()),
                name: "servers".to_owned(),
                settings: Default::default(),
                property_mappings: Vec::new(),
                authorization_flow: None,
                connection_expiry: Default::default(),
                delete_token_on_disconnect: false,
                outposts: Vec::new(),
                meta: meta(),
            };
            let application = Application {
                id: ApplicationId::new(Uuid::now_v7()),
                name: "Servers".to_owned(),
                slug: "servers".to_owned(),
                icon: String::new(),
                group: String::new(),
                provider: provider.id,
                policy_engine_mode: EngineMode::Any,
                meta: meta(),
            };
            let group = Group {
                role: Role::User,
                operates: Vec::new(),
                attributes: serde_json::Map::new(),
                id: GroupId::new(Uuid::now_v7()),
                name: "staff".to_owned(),
                meta: meta(),
            };
            let endpoint = Endpoint {
                id: EndpointId::new(Uuid::now_v7()),
                name: "web-01".to_owned(),
                provider: provider.id,
                protocol: Protocol::Ssh,
                host: "needle.example:22".parse().unwrap(),
                settings: Default::default(),
                property_mappings: Vec::new(),
                maximum_connections: MaximumConnections::default(),
                labels: Labels::new(),
                policy_engine_mode: EngineMode::Any,
                meta: meta(),
            };
            let user = User {
                operates: vec![application.id],
                attributes: serde_json::Map::new(),
                id: UserId::new(Uuid::now_v7()),
                name: "Ada Lovelace".to_owned(),
                username: "ada".to_owned(),
                email: "ada@example.org".to_owned(),
                role: Role::User,
                groups: vec![group.id],
                active: true,
                sourced: Vec::new(),
                meta: meta(),
            };
            let changes: [ObjectChange; 5] = [
                Change::Create(provider).into(),
                Change::Create(application.clone()).into(),
                Change::Create(group.clone()).into(),
                Change::Create(endpoint.clone()).into(),
                Change::Create(user.clone()).into(),
            ];
            table.write(&changes, &[]).await.unwrap();
            Self {
                user,
                endpoint,
                application,
                group,
            }
        }

        /// Takes away what layout 1 did not have.
        async fn age(&self, table: &Table) {
            let from = (Kind::User, self.user.id.uuid());
            let application = (Kind::Application, self.application.id.uuid());
            let old = |key: Key, name: &str| {
                Action::update(key, format!("SET {GSI1_SK} = :name")).value(":name", text(name))
            };
            let group = (Kind::Group, self.group.id.uuid());
            for action in [
                old(Key::user(self.user.id), "ada"),
                old(Key::endpoint(self.endpoint.id), "web-01"),
                Action::delete(Key::email("ada@example.org", self.user.id)),
                Action::delete(Key::referrer(group, from)),
                Action::delete(Key::referrer(application, from)),
                Action::update(
                    Key::config(application.0, application.1),
                    "ADD referrers :less",
                )
                .value(":less", number(-1)),
            ] {
                table.store().write(action).await.unwrap().unwrap();
            }
        }

        async fn check(&self, table: &Table) {
            let users = UserFilter {
                search: Some("lovelace"),
                ..UserFilter::default()
            };
            let found = table.users().search(&users, None, 9).await.unwrap();
            assert_eq!(found.items, std::slice::from_ref(&self.user));
            let endpoints = EndpointFilter {
                search: Some("needle"),
                ..EndpointFilter::default()
            };
            let found = table.endpoints().search(&endpoints, None, 9).await.unwrap();
            assert_eq!(found.items, std::slice::from_ref(&self.endpoint));
            let found = table.users().by_email("ADA@example.org").await.unwrap();
            assert_eq!(found, std::slice::from_ref(&self.user));
            let members = table.dependents(Kind::Group, self.group.id.uuid(), 9).await;
            assert_eq!(members.unwrap().len(), 1);
            let key = Key::config(Kind::Application, self.application.id.uuid());
            let stored = table.store().get(&key).await.unwrap().unwrap();
            assert_eq!(stored.number::<i64>("referrers").unwrap(), 1);
        }
    }

    fn layout(path: &std::path::Path) -> i32 {
        let connection = rusqlite::Connection::open(path).unwrap();
        connection
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .unwrap()
    }

    #[tokio::test]
    async fn a_directory_of_an_earlier_layout_is_brought_up_to_date() {
        let parent = tempfile::tempdir().unwrap();
        let directory = parent.path().join("data");
        let path = directory.join(crate::FILE_NAME);
        let table = Table::embedded(&directory).await.unwrap();
        let house = House::new(&table).await;
        house.check(&table).await;
        house.age(&table).await;
        let gone = table.users().by_email("ada@example.org").await.unwrap();
        assert_eq!(gone, []);
        table.close().await;
        // A second time, as after an opening that broke off before its end.
        for _ in 0..2 {
            let connection = rusqlite::Connection::open(&path).unwrap();
            connection.pragma_update(None, "user_version", 1).unwrap();
            drop(connection);
            let table = Table::embedded(&directory).await.unwrap();
            house.check(&table).await;
            table.close().await;
            assert_eq!(layout(&path), crate::key::LAYOUT_VERSION);
        }
    }

    #[tokio::test]
    async fn a_lease_without_a_beginning_gets_one() {
        let table = Table::in_memory().await.unwrap();
        let node = NodeId::new(Uuid::now_v7());
        let key = Key::lease(node, ConnectionId::new(Uuid::now_v7()));
        let lease = Item::new(&key)
            .with("user_id", text(Uuid::now_v7()))
            .with("endpoint_id", text(Uuid::now_v7()));
        table
            .store()
            .write(Action::put(lease))
            .await
            .unwrap()
            .unwrap();
        assert!(table.connections().of_node(node).await.is_err());
        table.migrate(&[key]).await.unwrap();
        assert_eq!(table.connections().of_node(node).await.unwrap().len(), 1);
    }
}
