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

mod links;

use std::collections::{BTreeSet, HashMap};

use causeway_model::object::Endpoint;
use uuid::Uuid;

use super::change::{Change, ObjectChange};
use links::{makes, refers_to};

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

#[cfg(test)]
mod tests;
