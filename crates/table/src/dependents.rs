//! What has to do with an object: who refers to it, what would go along with
//! it.
//!
//! Configuration is looked through in memory. Endpoints, users and connections
//! are not configuration: whoever of them refers stands in a partition of the
//! object, of which a bounded part is read.

use causeway_model::id::{NodeId, ProviderId};
use causeway_model::object::{Endpoint, Flow, Group, PolicyBinding, Stage, Subject, User};
use uuid::Uuid;

use crate::config::{ConfigObject, ConfigSnapshot, Objects};
use crate::error::TableError;
use crate::indexed;
use crate::item::Item;
use crate::key::{ENDPOINT_PREFIX, Key, SK, USER_PREFIX, referrers_partition};
use crate::kind::Kind;
use crate::page::PAGE_ITEMS_MAX;
use crate::store::Range;
use crate::stored::Stored;
use crate::table::Table;

/// An object that has to do with another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependent {
    /// Its kind.
    pub kind: Kind,
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// What it has to do with the other, in words: `provider`,
    /// `property mapping`, `member` ...
    pub relation: &'static str,
    /// Whether it keeps the other from being deleted; if not, it goes along or
    /// lives on without it.
    pub blocks: bool,
}

/// What was found so far, up to a limit.
struct Found {
    all: Vec<Dependent>,
    limit: usize,
}

impl Found {
    const fn is_full(&self) -> bool {
        self.all.len() >= self.limit
    }

    const fn room(&self) -> usize {
        self.limit.saturating_sub(self.all.len())
    }

    fn add(&mut self, kind: Kind, id: Uuid, name: &str, relation: &'static str, blocks: bool) {
        if !self.is_full() {
            self.all.push(Dependent {
                kind,
                id,
                name: name.to_owned(),
                relation,
                blocks,
            });
        }
    }

    /// All of a kind that refer to `to`.
    fn referrers<T: ConfigObject>(
        &mut self,
        objects: &Objects<T>,
        to: (Kind, Uuid),
        relation: &'static str,
    ) {
        for object in objects.iter() {
            if object.references().contains(&to) {
                self.add(T::KIND, object.uuid(), object.name(), relation, true);
            }
        }
    }

    fn bindings<'a>(
        &mut self,
        bindings: impl Iterator<Item = &'a PolicyBinding>,
        relation: &'static str,
        blocks: bool,
    ) {
        for binding in bindings {
            let id = binding.id.uuid();
            self.add(Kind::PolicyBinding, id, &binding.name, relation, blocks);
        }
    }
}

impl Table {
    /// What has to do with the object `id` of `kind`, at most `limit` (and
    /// [`PAGE_ITEMS_MAX`]) of it, configuration first. A few round trips.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn dependents(
        &self,
        kind: Kind,
        id: Uuid,
        limit: usize,
    ) -> Result<Vec<Dependent>, TableError> {
        let snapshot = self.config().current().await?;
        let mut found = Found {
            all: Vec::new(),
            limit: limit.min(PAGE_ITEMS_MAX),
        };
        in_configuration(&snapshot, kind, id, &mut found);
        match kind {
            Kind::Provider => self.endpoints_of(ProviderId::new(id), &mut found).await?,
            Kind::PropertyMapping => {
                let pk = referrers_partition(kind, id);
                let range = Range::new(&pk, ENDPOINT_PREFIX);
                self.outside(range, "property mapping", &mut found).await?;
            }
            Kind::Group => {
                let pk = referrers_partition(kind, id);
                let range = Range::new(&pk, USER_PREFIX);
                self.outside(range, "member", &mut found).await?;
            }
            Kind::Application => {
                let pk = referrers_partition(kind, id);
                let range = Range::new(&pk, USER_PREFIX);
                self.outside(range, "operator", &mut found).await?;
            }
            Kind::Node => self.connections_on(NodeId::new(id), &mut found).await?,
            _ => {}
        }
        Ok(found.all)
    }

    async fn endpoints_of(
        &self,
        provider: ProviderId,
        found: &mut Found,
    ) -> Result<(), TableError> {
        if found.is_full() {
            return Ok(());
        }
        let page = self.endpoints().list(provider, None, found.room()).await?;
        for endpoint in page.items {
            let id = endpoint.id.uuid();
            found.add(Kind::Endpoint, id, &endpoint.name, "provider", true);
        }
        Ok(())
    }

    /// Endpoints and users that refer to an object.
    async fn outside(
        &self,
        range: Range<'_>,
        relation: &'static str,
        found: &mut Found,
    ) -> Result<(), TableError> {
        if found.is_full() {
            return Ok(());
        }
        let range = Range {
            limit: found.room(),
            ..range
        };
        let slice = self.store().query(range).await?;
        let keys: Vec<Key> = slice
            .items
            .iter()
            .map(referrer_key)
            .collect::<Result<_, _>>()?;
        for named in indexed::read_all::<Named>(self.store(), &keys).await? {
            found.add(named.kind, named.id, &named.name, relation, true);
        }
        Ok(())
    }

    async fn connections_on(&self, node: NodeId, found: &mut Found) -> Result<(), TableError> {
        if found.is_full() {
            return Ok(());
        }
        let page = self.connections().live(&[node], None, found.room()).await?;
        for connection in page.items {
            let id = connection.id.uuid();
            found.add(
                Kind::Connection,
                id,
                &connection.endpoint_name,
                "node",
                true,
            );
        }
        Ok(())
    }
}

/// What a snapshot knows.
fn in_configuration(snapshot: &ConfigSnapshot, kind: Kind, id: Uuid, found: &mut Found) {
    let to = (kind, id);
    match kind {
        Kind::Provider => found.referrers(snapshot.applications(), to, "provider"),
        Kind::PropertyMapping => found.referrers(snapshot.providers(), to, "property mapping"),
        Kind::Outpost => {
            found.referrers(snapshot.providers(), to, "outpost");
            found.referrers(snapshot.nodes(), to, "outpost");
        }
        Kind::Policy => found.referrers(snapshot.policy_bindings(), to, "policy"),
        Kind::Group => {
            found.referrers(snapshot.policy_bindings(), to, "group");
            for flow in snapshot.flows().iter() {
                let group = snapshot.groups().get(id);
                if group.is_some_and(|group| has_approvers(flow, group)) {
                    found.add(Kind::Flow, flow.id.uuid(), &flow.name, "approvers", false);
                }
            }
        }
        Kind::Application => {
            found.referrers(snapshot.groups(), to, "operators");
            found.bindings(targets(snapshot, id), "target", false);
        }
        Kind::Endpoint => found.bindings(targets(snapshot, id), "target", false),
        Kind::Flow => {
            found.referrers(snapshot.providers(), to, "authorization flow");
            if let Some(flow) = snapshot.flows().get(id) {
                for stage in &flow.stages {
                    found.bindings(targets(snapshot, stage.id.uuid()), "stage", false);
                }
            }
        }
        Kind::User => {
            let bindings = snapshot.policy_bindings().iter();
            let his = bindings
                .filter(
                    |binding| matches!(binding.subject, Subject::User(user) if user.uuid() == id),
                )
                .map(AsRef::as_ref);
            found.bindings(his, "user", true);
        }
        _ => {}
    }
}

fn targets(snapshot: &ConfigSnapshot, target: Uuid) -> impl Iterator<Item = &PolicyBinding> {
    snapshot.bindings_of(target).iter().map(AsRef::as_ref)
}

/// Whether an approval stage of a flow names a group.
fn has_approvers(flow: &Flow, group: &Group) -> bool {
    let id = group.id.to_string();
    let names = |named: &String| *named == group.name || *named == id;
    flow.stages.iter().any(|stage| match &stage.stage {
        Stage::Approval(stage) => stage.groups.iter().any(names),
        _ => false,
    })
}

/// An endpoint or a user, by name.
struct Named {
    kind: Kind,
    id: Uuid,
    name: String,
}

impl Stored for Named {
    fn read(item: &Item) -> Result<Self, TableError> {
        Ok(match item.text(SK)? {
            "USER" => {
                let user = User::read(item)?;
                Self {
                    kind: Kind::User,
                    id: user.id.uuid(),
                    name: user.username,
                }
            }
            _ => {
                let endpoint = Endpoint::read(item)?;
                Self {
                    kind: Kind::Endpoint,
                    id: endpoint.id.uuid(),
                    name: endpoint.name,
                }
            }
        })
    }
}

/// The key of the endpoint or user that refers.
fn referrer_key(item: &Item) -> Result<Key, TableError> {
    let sk = item.text(SK)?;
    let unreadable = || item.unreadable("no referrer".to_owned());
    if let Some(id) = sk.strip_prefix(USER_PREFIX) {
        return id.parse().map(Key::user).map_err(|_| unreadable());
    }
    let id = sk.strip_prefix(ENDPOINT_PREFIX).ok_or_else(unreadable)?;
    id.parse().map(Key::endpoint).map_err(|_| unreadable())
}
