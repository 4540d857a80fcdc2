//! In which order changes are made that do not fit in one transaction; pure.
//!
//! The rules keep what stands between two transactions whole and closed:
//!
//! 1. What is referred to comes before what refers to it.
//! 2. A new application or endpoint comes in one transaction with the bindings
//!    that the call attaches to it, because without any it would be open.
//! 3. Changes of what exists, and bindings to it, come together as far as they
//!    fit: a person who may do something then had the right before or has it
//!    afterwards, and not by a mixture of the two.
//! 4. What nobody can use yet comes before them (groups, policies, flows,
//!    providers ...), what can be used at once behind them (sources,
//!    applications, endpoints).

use std::collections::{BTreeSet, HashMap};

use causeway_model::object::{Endpoint, PolicyBinding, Subject};
use uuid::Uuid;

use super::change::{Change, ObjectChange};
use crate::config::ConfigObject;

/// Changes that must be made in one transaction, by their place in the call.
pub(super) type Unit = Vec<usize>;

/// Whether the changes of what exists are one unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Core {
    /// All of them are.
    Together,
    /// Each is one of its own: they do not fit together.
    Apart,
}

/// The changes as units, in the order in which they can be made.
pub(super) fn units(changes: &[&ObjectChange], core: Core) -> Vec<Unit> {
    let mut graph = Graph::of(changes, core);
    let mut begin: Vec<usize> = (0..changes.len()).collect();
    begin.sort_by_key(|index| stage(changes, &graph.made, *index));
    for index in begin {
        if graph.seen[index].is_none() {
            graph.visit(index);
        }
    }
    graph.units
}

/// When a change is made unless something needs it earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// New, and nobody can use it yet.
    Idle,
    /// Of what exists.
    Core,
    /// Of what exists, and of no account for who may do what.
    Plain,
    /// New, and can be used.
    Live,
}

fn stage(changes: &[&ObjectChange], made: &HashMap<Uuid, usize>, index: usize) -> Stage {
    fn of<T>(change: &Change<T>, new: Stage) -> Stage {
        match change {
            Change::Create(_) => new,
            Change::Update { .. } | Change::Delete(_) => Stage::Core,
        }
    }
    match changes[index] {
        ObjectChange::Group(change) => of(change, Stage::Idle),
        ObjectChange::Outpost(change) => of(change, Stage::Idle),
        ObjectChange::PropertyMapping(change) => of(change, Stage::Idle),
        ObjectChange::Policy(change) => of(change, Stage::Idle),
        ObjectChange::Flow(change) => of(change, Stage::Idle),
        ObjectChange::Provider(change) => of(change, Stage::Idle),
        ObjectChange::User(change, _) => of(change, Stage::Idle),
        ObjectChange::Source(change) => of(change, Stage::Live),
        ObjectChange::Application(change) => of(change, Stage::Live),
        ObjectChange::Node(change) => of(change, Stage::Live),
        ObjectChange::Edge(change) => of(change, Stage::Live),
        ObjectChange::Endpoint(Change::Update { before, after }) if is_plain(before, after) => {
            Stage::Plain
        }
        ObjectChange::Endpoint(change) => of(change, Stage::Live),
        ObjectChange::PolicyBinding(Change::Create(binding)) => {
            // With what it is attached to, if the call makes that.
            match made.get(&binding.target).map(|target| changes[*target]) {
                Some(target) if is_target(target) => Stage::Live,
                Some(ObjectChange::Flow(Change::Create(_))) => Stage::Idle,
                Some(_) | None => Stage::Core,
            }
        }
        ObjectChange::PolicyBinding(_) => Stage::Core,
    }
}

/// Whether an endpoint stays where it is and asks its policies as before.
fn is_plain(before: &Endpoint, after: &Endpoint) -> bool {
    before.policy_engine_mode == after.policy_engine_mode
        && before.provider == after.provider
        && before.labels == after.labels
}

/// Whether a change makes something that its bindings close.
const fn is_target(change: &ObjectChange) -> bool {
    matches!(
        change,
        ObjectChange::Application(Change::Create(_)) | ObjectChange::Endpoint(Change::Create(_))
    )
}

/// Changes and what each needs; Tarjan's algorithm finds the units: what needs
/// each other belongs together, and what is needed is found first.
struct Graph {
    /// Which change makes an object, or a stage of a flow.
    made: HashMap<Uuid, usize>,
    needs: Vec<BTreeSet<usize>>,
    seen: Vec<Option<usize>>,
    lowest: Vec<usize>,
    open: Vec<usize>,
    is_open: Vec<bool>,
    count: usize,
    units: Vec<Unit>,
}

impl Graph {
    fn of(changes: &[&ObjectChange], core: Core) -> Self {
        let mut made = HashMap::new();
        for (index, change) in changes.iter().enumerate() {
            made.extend(makes(change).into_iter().map(|id| (id, index)));
        }
        let mut needs: Vec<BTreeSet<usize>> = changes
            .iter()
            .map(|change| {
                let all = refers_to(change).into_iter();
                all.filter_map(|id| made.get(&id).copied()).collect()
            })
            .collect();
        for (index, change) in changes.iter().enumerate() {
            let ObjectChange::PolicyBinding(change) = change else {
                continue;
            };
            let target = change.after().and_then(|after| made.get(&after.target));
            if let Some(target) = target.filter(|target| is_target(changes[**target])) {
                needs[*target].insert(index);
            }
        }
        if core == Core::Together {
            let of_core = |index: &usize| stage(changes, &made, *index) == Stage::Core;
            let ring: Vec<usize> = (0..changes.len()).filter(of_core).collect();
            for (one, next) in ring.iter().zip(ring.iter().cycle().skip(1)) {
                needs[*one].insert(*next);
            }
        }
        let count = changes.len();
        Self {
            made,
            needs,
            seen: vec![None; count],
            lowest: vec![0; count],
            open: Vec::new(),
            is_open: vec![false; count],
            count: 0,
            units: Vec::new(),
        }
    }

    /// Walks with a stack of its own: a call may have a thousand changes, each
    /// needing the next.
    fn visit(&mut self, begin: usize) {
        self.enter(begin);
        let mut path = vec![(begin, self.needs[begin].clone().into_iter())];
        while let Some((index, rest)) = path.last_mut() {
            let index = *index;
            match rest.next() {
                Some(needed) if self.seen[needed].is_none() => {
                    self.enter(needed);
                    path.push((needed, self.needs[needed].clone().into_iter()));
                }
                Some(needed) => {
                    if self.is_open[needed] {
                        let order = self.seen[needed].unwrap_or(usize::MAX);
                        self.lowest[index] = self.lowest[index].min(order);
                    }
                }
                None => {
                    path.pop();
                    if let Some((above, _)) = path.last() {
                        self.lowest[*above] = self.lowest[*above].min(self.lowest[index]);
                    }
                    self.leave(index);
                }
            }
        }
    }

    fn enter(&mut self, index: usize) {
        self.seen[index] = Some(self.count);
        self.lowest[index] = self.count;
        self.count += 1;
        self.open.push(index);
        self.is_open[index] = true;
    }

    /// Closes the unit that began with `index`, if it did.
    fn leave(&mut self, index: usize) {
        if self.seen[index] != Some(self.lowest[index]) {
            return;
        }
        let mut unit = Unit::new();
        while let Some(member) = self.open.pop() {
            self.is_open[member] = false;
            unit.push(member);
            if member == index {
                break;
            }
        }
        unit.sort_unstable();
        self.units.push(unit);
    }
}

/// The objects and stages that are there after a change and may not have been
/// before.
fn makes(change: &ObjectChange) -> Vec<Uuid> {
    fn created<T>(change: &Change<T>, id: impl Fn(&T) -> Uuid) -> Vec<Uuid> {
        match change {
            Change::Create(object) => vec![id(object)],
            Change::Update { .. } | Change::Delete(_) => Vec::new(),
        }
    }
    match change {
        ObjectChange::Application(change) => created(change, ConfigObject::uuid),
        ObjectChange::Provider(change) => created(change, ConfigObject::uuid),
        ObjectChange::PropertyMapping(change) => created(change, ConfigObject::uuid),
        ObjectChange::Policy(change) => created(change, ConfigObject::uuid),
        ObjectChange::PolicyBinding(change) => created(change, ConfigObject::uuid),
        ObjectChange::Source(change) => created(change, ConfigObject::uuid),
        ObjectChange::Outpost(change) => created(change, ConfigObject::uuid),
        ObjectChange::Group(change) => created(change, ConfigObject::uuid),
        ObjectChange::Node(change) => created(change, ConfigObject::uuid),
        ObjectChange::Edge(change) => created(change, ConfigObject::uuid),
        ObjectChange::Endpoint(change) => created(change, |endpoint| endpoint.id.uuid()),
        ObjectChange::User(change, _) => created(change, |user| user.id.uuid()),
        ObjectChange::Flow(change) => {
            let stages = change.after().into_iter().flat_map(|flow| &flow.stages);
            let stages = stages.map(|stage| stage.id.uuid());
            created(change, ConfigObject::uuid)
                .into_iter()
                .chain(stages)
                .collect()
        }
    }
}

/// What must be there before, or together with, an object as it will be.
fn refers_to(change: &ObjectChange) -> Vec<Uuid> {
    fn of<T: ConfigObject>(change: &Change<T>) -> Vec<Uuid> {
        let references = change.after().map(ConfigObject::references);
        let references = references.into_iter().flatten();
        references.map(|(_, id)| id).collect()
    }
    match change {
        ObjectChange::Application(change) => of(change),
        ObjectChange::Provider(change) => of(change),
        ObjectChange::PropertyMapping(change) => of(change),
        ObjectChange::Policy(change) => of(change),
        ObjectChange::Flow(change) => of(change),
        ObjectChange::Source(change) => of(change),
        ObjectChange::Outpost(change) => of(change),
        ObjectChange::Group(change) => of(change),
        ObjectChange::Node(change) => of(change),
        ObjectChange::Edge(change) => of(change),
        ObjectChange::PolicyBinding(change) => change.after().map_or_else(Vec::new, of_binding),
        ObjectChange::Endpoint(change) => change.after().map_or_else(Vec::new, |endpoint| {
            let mappings = endpoint.property_mappings.iter().map(|id| id.uuid());
            mappings.chain([endpoint.provider.uuid()]).collect()
        }),
        ObjectChange::User(change, _) => change.after().map_or_else(Vec::new, |user| {
            let groups = user.groups.iter().map(|id| id.uuid());
            let operated = user.operates.iter().map(|id| id.uuid());
            groups.chain(operated).collect()
        }),
    }
}

fn of_binding(binding: &PolicyBinding) -> Vec<Uuid> {
    let subject = match binding.subject {
        Subject::Policy(id) => id.uuid(),
        Subject::Group(id) => id.uuid(),
        Subject::User(id) => id.uuid(),
    };
    vec![binding.target, subject]
}

#[cfg(test)]
mod tests {
    use causeway_model::id::{GroupId, PolicyBindingId, PolicyId, ProviderId};
    use causeway_model::object::{Group, Meta, Policy, Role, TargetKind};
    use jiff::Timestamp;

    use super::*;

    fn group(name: &str, operates: Vec<causeway_model::id::ApplicationId>) -> Group {
        Group {
            role: Role::User,
            operates,
            attributes: serde_json::Map::new(),
            id: GroupId::new(Uuid::now_v7()),
            name: name.to_owned(),
            meta: Meta::first(Timestamp::UNIX_EPOCH),
        }
    }

    fn policy() -> Policy {
        Policy {
            id: PolicyId::new(Uuid::now_v7()),
            name: "p".to_owned(),
            expression: "true".to_owned(),
            meta: Meta::first(Timestamp::UNIX_EPOCH),
        }
    }

    fn binding(target: Uuid, subject: Subject) -> PolicyBinding {
        PolicyBinding {
            id: PolicyBindingId::new(Uuid::now_v7()),
            name: String::new(),
            target,
            target_kind: TargetKind::Application,
            order: 0,
            enabled: true,
            negate: false,
            timeout_s: 1,
            failure_result: false,
            subject,
            meta: Meta::first(Timestamp::UNIX_EPOCH),
        }
    }

    fn application(provider: ProviderId) -> causeway_model::object::Application {
        causeway_model::object::Application {
            id: causeway_model::id::ApplicationId::new(Uuid::now_v7()),
            name: "a".to_owned(),
            slug: "a".to_owned(),
            icon: String::new(),
            group: String::new(),
            provider,
            policy_engine_mode: causeway_model::object::EngineMode::Any,
            meta: Meta::first(Timestamp::UNIX_EPOCH),
        }
    }

    fn check(changes: &[ObjectChange], core: Core, expected: &[&[usize]]) {
        let changes: Vec<&ObjectChange> = changes.iter().collect();
        let units = units(&changes, core);
        assert_eq!(units, expected, "{core:?}");
    }

    #[test]
    fn what_is_needed_comes_first_and_what_needs_each_other_together() {
        let provider = ProviderId::new(Uuid::now_v7());
        let application = application(provider);
        let policy = policy();
        let keepers = group("keepers", vec![application.id]);
        let bound = [
            binding(application.id.uuid(), Subject::Policy(policy.id)),
            binding(application.id.uuid(), Subject::Group(keepers.id)),
        ];
        let changes = [
            Change::Create(bound[0].clone()).into(),
            Change::Create(application).into(),
            Change::Create(policy).into(),
            Change::Create(keepers).into(),
            Change::Create(bound[1].clone()).into(),
        ];
        check(&changes, Core::Together, &[&[2], &[0, 1, 3, 4]]);
    }

    #[test]
    fn changes_of_what_exists_come_together_behind_what_is_new() {
        let renamed = |name: &str| {
            let before = group(name, Vec::new());
            let mut after = before.clone();
            after.name.push('2');
            Change::Update { before, after }.into()
        };
        let policy = policy();
        let exists = Uuid::now_v7();
        let changes = [
            renamed("a"),
            renamed("b"),
            Change::Create(binding(exists, Subject::Policy(policy.id))).into(),
            Change::Create(policy).into(),
        ];
        check(&changes, Core::Together, &[&[3], &[0, 1, 2]]);
        check(&changes, Core::Apart, &[&[3], &[0], &[1], &[2]]);
    }

    #[test]
    fn a_long_chain_needs_no_stack() {
        let mut changes: Vec<ObjectChange> = Vec::new();
        for _ in 0..5_000 {
            let before = group("a", Vec::new());
            let after = before.clone();
            changes.push(Change::Update { before, after }.into());
        }
        let changes: Vec<&ObjectChange> = changes.iter().collect();
        assert_eq!(units(&changes, Core::Together).len(), 1);
        assert_eq!(units(&changes, Core::Apart).len(), 5_000);
    }
}
