use causeway_model::id::{
    ApplicationId, ConnectionId, EndpointId, GroupId, NodeId, ProviderId, UserId,
};
use causeway_model::object::{
    Application, EngineMode, Group, Labels, MaximumConnections, Meta, Protocol, Provider, Role,
};
use jiff::Timestamp;

use causeway_model::object::{Endpoint, User};
use uuid::Uuid;

use super::*;
use crate::item::{Item, text};
use crate::key::{GSI1_SK, Key};
use crate::kind::Kind;
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

/// Takes away what says that the items are as today's program wants them.
async fn forget_layout(table: &Table) {
    let old = Action::update(Key::epoch(), "REMOVE born, migrated SET layout = :one");
    let old = old.value(":one", number(1));
    table.store().write(old).await.unwrap().unwrap();
}

/// More than is read at once.
async fn fill(table: &Table) {
    for index in 0..8 {
        let filler = Item::new(&Key::new(format!("FILLER#{index}"), "FILLER"));
        let filler = filler.with("doc", text("x".repeat(300_000)));
        table
            .store()
            .write(Action::put(filler))
            .await
            .unwrap()
            .unwrap();
    }
}

/// An aged table is migrated by processes that die after ever more requests,
/// and by one that does not.
async fn check_migration(table: &Table) {
    let house = House::new(table).await;
    let made = table.migration().await.unwrap();
    assert!(made.was_needless(), "{made:?}");
    fill(table).await;
    house.age(table).await;
    forget_layout(table).await;
    assert_eq!(table.migration().await.unwrap().found, 0);
    let mut died = 0;
    let migrated = loop {
        // Whoever comes after the one that died goes on.
        if let Some(migrated) = crate::cut_short(4 + died, table.migrate(|_| ())).await {
            break migrated.unwrap();
        }
        died += 1;
    };
    assert!(died > 3, "died {died} times");
    // What others read before is counted.
    assert!(migrated.items_read > 8, "{migrated:?}");
    house.check(table).await;
    let after = table.migration().await.unwrap();
    assert!(after.was_needless() && after.items_read == 0, "{after:?}");
    // Programs of before refuse it from the first moment on.
    let epoch = table.store().get(&Key::epoch()).await.unwrap().unwrap();
    assert_eq!(epoch.number::<i32>(LAYOUT).unwrap(), LAYOUT_VERSION);
    // And again from the start, which changes nothing.
    forget_layout(table).await;
    let mut parts = 0;
    table.migrate(|_| parts += 1).await.unwrap();
    assert!(parts > 1, "{parts} parts");
    house.check(table).await;
}

#[tokio::test]
async fn a_migration_goes_on_where_another_died() {
    check_migration(&Table::in_memory().await.unwrap()).await;
}

#[tokio::test]
async fn a_migration_undoes_nothing_that_is_written_meanwhile() {
    let table = Table::in_memory().await.unwrap();
    let house = House::new(&table).await;
    let mut user = house.user.clone();
    for round in 0..30 {
        forget_layout(&table).await;
        let before = user.clone();
        user.email = format!("ada-{round}@example.org");
        user.name = format!("Ada {round}");
        user.groups = if round % 2 == 0 {
            Vec::new()
        } else {
            vec![house.group.id]
        };
        user.meta = before.meta.next(Timestamp::UNIX_EPOCH);
        let change: [ObjectChange; 1] = [Change::Update {
            before: before.clone(),
            after: user.clone(),
        }
        .into()];
        let (written, migrated) = tokio::join!(table.write(&change, &[]), table.migrate(|_| ()));
        written.unwrap();
        migrated.unwrap();
        let found = table.users().by_email(&before.email).await.unwrap();
        assert_eq!(found, [], "{round}");
        let found = table.users().by_email(&user.email).await.unwrap();
        assert_eq!(found, std::slice::from_ref(&user), "{round}");
        let filter = UserFilter {
            search: Some(&user.name),
            ..UserFilter::default()
        };
        let found = table.users().search(&filter, None, 9).await.unwrap();
        assert_eq!(found.items, std::slice::from_ref(&user), "{round}");
        let members = table
            .dependents(Kind::Group, house.group.id.uuid(), 9)
            .await;
        assert_eq!(members.unwrap().len(), user.groups.len(), "{round}");
    }
}

#[tokio::test]
async fn a_table_of_a_newer_program_is_not_migrated() {
    let table = Table::in_memory().await.unwrap();
    House::new(&table).await;
    let newer = Action::update(Key::epoch(), "REMOVE born SET layout = :newer")
        .value(":newer", number(LAYOUT_VERSION + 1));
    table.store().write(newer).await.unwrap().unwrap();
    let refused = table.migrate(|_| ()).await.unwrap_err();
    assert!(
        matches!(refused, TableError::NewerLayout { .. }),
        "{refused}"
    );
}

/// On services that speak DynamoDB by HTTP: `scripts/with-services`.
mod on_a_service {
    use aws_credential_types::Credentials;
    use aws_credential_types::provider::SharedCredentialsProvider;

    use super::*;
    use crate::CloudConfig;

    async fn check(variable: &str) {
        let url = std::env::var(variable)
            .unwrap_or_else(|_| panic!("{variable} is not set: run this by scripts/with-services"));
        let credentials = Credentials::new("id", "secret", None, None, "test");
        let config = CloudConfig::over_http(
            format!("causeway-{}", Uuid::new_v4()),
            "eu-central-1".to_owned(),
            SharedCredentialsProvider::new(credentials),
            reqwest::Client::builder().no_proxy().build().unwrap(),
        );
        let table = Table::cloud(config.at(url));
        table.create_if_missing().await.unwrap();
        check_migration(&table).await;
    }

    #[tokio::test]
    #[ignore = "needs DynamoDB Local"]
    async fn a_migration_on_dynamodb_local() {
        check("CAUSEWAY_TEST_DYNAMODB_LOCAL").await;
    }

    #[tokio::test]
    #[ignore = "needs ministack"]
    async fn a_migration_on_ministack() {
        check("CAUSEWAY_TEST_MINISTACK").await;
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
        assert_eq!(layout(&path), LAYOUT_VERSION);
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
    table.bring_up_to_date(vec![key]).await.unwrap();
    assert_eq!(table.connections().of_node(node).await.unwrap().len(), 1);
}
