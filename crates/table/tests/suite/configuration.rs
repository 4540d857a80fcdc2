//! The configuration as processes that write and read at once have it: each
//! with a handle of its own, kept up to date change by change.

use causeway_model::object::*;
use causeway_table::*;
use uuid::Uuid;

use super::dependents::{binding, policy};
use super::fixtures::*;

/// Versions of the configuration that can be caught up with, and some more.
const TOO_MANY_VERSIONS: usize = 260;

/// Steps of each writer.
const STEPS: usize = 60;

/// What bindings of a test are about.
#[derive(Debug, Clone, Copy)]
struct Bound {
    subject: Subject,
    /// Endpoints.
    targets: [Uuid; 2],
}

/// What the writers of a test keep, each a part of its own.
#[derive(Debug, Clone, Default)]
struct House {
    groups: Vec<Group>,
    policies: Vec<Policy>,
    bindings: Vec<PolicyBinding>,
    mappings: Vec<PropertyMapping>,
}

impl House {
    /// One random change of it.
    fn step(&mut self, random: &mut fastrand::Rng, bound: &Bound) -> ObjectChange {
        loop {
            let change = match random.u8(..4) {
                0 => change(random, &mut self.groups, group, |group| {
                    group.name = name("group");
                    &mut group.meta
                }),
                1 => change(random, &mut self.policies, policy, |policy| {
                    policy.name = name("policy");
                    &mut policy.meta
                }),
                2 => change(random, &mut self.mappings, property_mapping, |mapping| {
                    mapping.name = name("mapping");
                    &mut mapping.meta
                }),
                _ => self.step_of_a_binding(random, bound),
            };
            if let Some(change) = change {
                return change;
            }
        }
    }

    fn step_of_a_binding(
        &mut self,
        random: &mut fastrand::Rng,
        bound: &Bound,
    ) -> Option<ObjectChange> {
        let Bound { subject, targets } = bound;
        let (from, to) = (random.usize(..2), random.usize(..2));
        let order = random.i32(..4);
        change(
            random,
            &mut self.bindings,
            || PolicyBinding {
                name: name("binding"),
                ..binding(TargetKind::Endpoint, targets[from], *subject)
            },
            |binding| {
                binding.target = targets[to];
                binding.order = order;
                &mut binding.meta
            },
        )
    }

    /// What must be in a snapshot.
    fn check(&self, of: &str, snapshot: &ConfigSnapshot) {
        for group in &self.groups {
            let found = snapshot.groups();
            assert_eq!(
                found.get(group.id.uuid()).map(AsRef::as_ref),
                Some(group),
                "{of}"
            );
            assert_eq!(
                found.named(&group.name).map(AsRef::as_ref),
                Some(group),
                "{of}"
            );
        }
        for policy in &self.policies {
            let found = snapshot.policies().get(policy.id.uuid());
            assert_eq!(found.map(AsRef::as_ref), Some(policy), "{of}");
        }
        for mapping in &self.mappings {
            let found = snapshot.property_mappings().get(mapping.id.uuid());
            assert_eq!(found.map(AsRef::as_ref), Some(mapping), "{of}");
        }
        for binding in &self.bindings {
            let of_target = snapshot.bindings_of(binding.target);
            assert!(of_target.iter().any(|one| one.as_ref() == binding), "{of}");
        }
    }
}

/// A random change of one of `objects`: a new one, another state, its end.
fn change<T: Clone>(
    random: &mut fastrand::Rng,
    objects: &mut Vec<T>,
    new: impl FnOnce() -> T,
    edit: impl FnOnce(&mut T) -> &mut Meta,
) -> Option<ObjectChange>
where
    Change<T>: Into<ObjectChange>,
{
    let one = random.usize(..objects.len() + 2);
    if one >= objects.len() {
        let object = new();
        objects.push(object.clone());
        return Some(Change::Create(object).into());
    }
    if random.u8(..3) == 0 {
        return Some(Change::Delete(objects.swap_remove(one)).into());
    }
    let before = objects[one].clone();
    let mut after = before.clone();
    let meta = edit(&mut after);
    *meta = meta.next(later(1));
    objects[one] = after.clone();
    Some(Change::Update { before, after }.into())
}

/// Everything in two snapshots of these kinds is the same, indexes included.
/// Other tests may write to the same table: of what they have, nothing is said.
fn assert_same(
    of: &str,
    houses: &[House],
    targets: &[Uuid],
    one: &ConfigSnapshot,
    other: &ConfigSnapshot,
) {
    for snapshot in [one, other] {
        for house in houses {
            house.check(of, snapshot);
        }
        let names: Vec<_> = snapshot
            .groups()
            .iter()
            .map(|group| (&group.name, group.id))
            .collect();
        assert!(names.is_sorted(), "{of}");
        assert_eq!(names.len(), snapshot.groups().len(), "{of}");
    }
    let expected = |target: &Uuid| {
        let all = houses.iter().flat_map(|house| &house.bindings);
        let mut ids: Vec<_> = all
            .filter(|binding| binding.target == *target)
            .map(|binding| (binding.order, binding.id))
            .collect();
        ids.sort_unstable();
        ids
    };
    for target in targets {
        for snapshot in [one, other] {
            let found: Vec<_> = snapshot
                .bindings_of(*target)
                .iter()
                .map(|binding| (binding.order, binding.id))
                .collect();
            assert_eq!(found, expected(target), "{of}");
        }
    }
}

pub(crate) async fn a_snapshot_follows_whatever_writers_do(table: &Table) {
    for seed in 0..4 {
        follows(table, seed).await;
    }
}

/// Two processes write while a third reads; whenever they stop, what the third
/// has is what a fourth reads from nothing.
async fn follows(table: &Table, seed: u64) {
    let world = World::new(table, MaximumConnections::default(), &[1]).await;
    let second = endpoint(&world.provider, MaximumConnections::default());
    write(table, Change::Create(second.clone())).await.unwrap();
    let bound = Bound {
        subject: Subject::User(world.user.id),
        targets: [world.endpoint.id.uuid(), second.id.uuid()],
    };
    let reader = table.apart();
    reader.config().current().await.unwrap();
    let mut houses = [House::default(), House::default()];
    for round in 0..3 {
        let of = format!("seed {seed}, round {round}");
        let written = at_once(2, |writer| {
            let (table, mut house) = (table.apart(), houses[writer].clone());
            let mut random = fastrand::Rng::with_seed(seed * 100 + round * 10 + writer as u64);
            async move {
                for _ in 0..STEPS / 3 {
                    let change = house.step(&mut random, &bound);
                    table.write(&[change], &[]).await.unwrap();
                }
                house
            }
        });
        let seen = async {
            let mut last = reader.config().current().await.unwrap();
            for _ in 0..STEPS {
                // An epoch read by itself, as a launch does along with other
                // things: the snapshot is never older.
                let mut batch = Batch::new();
                let slot = batch.epoch();
                let answer = reader.read(batch).await.unwrap();
                let epoch = answer.take(slot).unwrap().unwrap();
                let now = reader.config().at(epoch).await.unwrap();
                assert!(now.epoch() >= epoch.max(last.epoch()), "{of}");
                last = now;
            }
        };
        let (written, ()) = tokio::join!(written, seen);
        houses = written.try_into().unwrap();
        let followed = reader.config().current().await.unwrap();
        let fresh = table.apart().config().current().await.unwrap();
        assert_same(&of, &houses, &bound.targets, &followed, &fresh);
    }
}

pub(crate) async fn a_snapshot_that_is_far_behind_is_read_whole(table: &Table) {
    let reader = table.apart();
    let gone = group();
    write(table, Change::Create(gone.clone())).await.unwrap();
    reader.config().current().await.unwrap();
    write(table, Change::Delete(gone.clone())).await.unwrap();
    let mut group = group();
    write(table, Change::Create(group.clone())).await.unwrap();
    for _ in 0..TOO_MANY_VERSIONS {
        let change = update(&group, |group| &mut group.meta, |_| ());
        group = change.after().unwrap().clone();
        write(table, change).await.unwrap();
    }
    let followed = reader.config().current().await.unwrap();
    let groups = followed.groups();
    assert_eq!(groups.get(group.id.uuid()).map(AsRef::as_ref), Some(&group));
    assert!(groups.get(gone.id.uuid()).is_none());
}

pub(crate) async fn after_one_change_only_that_is_read(table: &Table) {
    let world = World::new(table, MaximumConnections::default(), &[1]).await;
    let reader = table.apart();
    reader.config().current().await.unwrap();
    let subject = Subject::User(world.user.id);
    let bound = binding(TargetKind::Endpoint, world.endpoint.id.uuid(), subject);
    write(table, Change::Create(bound.clone())).await.unwrap();
    let (followed, trips) = counted(reader.config().current()).await;
    let followed = followed.unwrap();
    assert_eq!(
        followed.bindings_of(bound.target),
        [std::sync::Arc::new(bound)]
    );
    // The version; what changed; the changed object; the version again. Others
    // of the suite may write meanwhile.
    assert!(trips <= 3 * 4, "{trips} round trips");
}

pub(crate) async fn a_burst_of_readers_shares_one_load(table: &Table) {
    let reader = table.apart();
    let epoch = table.config().current().await.unwrap().epoch();
    let loads = at_once(50, |_| {
        let reader = reader.clone();
        async move { counted(reader.config().at(epoch)).await }
    })
    .await;
    let loading = loads.iter().filter(|(_, trips)| *trips > 0).count();
    assert_eq!(loading, 1);
    assert!(
        loads
            .into_iter()
            .all(|(snapshot, _)| snapshot.unwrap().epoch() >= epoch)
    );
}
