//! Changes that do not fit in one transaction: all of them are made in the
//! end, whatever becomes of the process, and nothing is open meanwhile.

use causeway_model::object::*;
use causeway_table::*;

use super::dependents::{binding, policy};
use super::fixtures::*;

/// Everything of a file: a provider with its application, a policy, and
/// endpoints that the policy keeps.
#[derive(Debug, Clone)]
struct File {
    changes: Vec<Told>,
    provider: Provider,
    endpoints: Vec<Endpoint>,
}

impl File {
    /// In the worst order: what is needed comes last.
    fn new(endpoints: usize) -> Self {
        let (provider, policy) = (provider(), policy());
        let application = application(&provider);
        let mut keepers = group();
        // Which needs the application, whose binding needs it.
        keepers.operates = vec![application.id];
        let endpoints: Vec<_> = (0..endpoints)
            .map(|_| endpoint(&provider, MaximumConnections::default()))
            .collect();
        let mut changes: Vec<ObjectChange> = Vec::new();
        for endpoint in &endpoints {
            let id = endpoint.id.uuid();
            let bound = binding(TargetKind::Endpoint, id, Subject::Policy(policy.id));
            changes.push(Change::Create(bound).into());
            changes.push(Change::Create(endpoint.clone()).into());
        }
        let id = application.id.uuid();
        let bound = binding(TargetKind::Application, id, Subject::Group(keepers.id));
        changes.push(Change::Create(bound).into());
        changes.push(Change::Create(keepers).into());
        changes.push(Change::Create(application).into());
        changes.push(Change::Create(policy).into());
        changes.push(Change::Create(provider.clone()).into());
        Self {
            changes: changes.into_iter().map(told).collect(),
            provider,
            endpoints,
        }
    }

    /// How many of the endpoints are there; each of those has its binding, and
    /// so has the application.
    async fn found(&self, table: &Table) -> usize {
        let endpoints = &table.endpoints();
        let mut found = 0;
        for endpoint in &self.endpoints {
            let stored = endpoints.by_id(endpoint.id).await.unwrap();
            found += usize::from(stored.is_some());
            if stored.is_some() {
                let snapshot = table.config().current().await.unwrap();
                assert_eq!(
                    snapshot.bindings_of(endpoint.id.uuid()).len(),
                    1,
                    "it is open"
                );
            }
        }
        let snapshot = table.config().current().await.unwrap();
        if let Some(application) = snapshot.application_of(self.provider.id) {
            assert_eq!(
                snapshot.bindings_of(application.id.uuid()).len(),
                1,
                "it is open"
            );
        }
        found
    }
}

fn told(change: ObjectChange) -> Told {
    Told {
        change,
        event: event(now(), "applied"),
    }
}

pub(crate) async fn many_changes_are_all_made(table: &Table) {
    let file = File::new(120);
    table
        .write_all(uuid(), file.changes.clone(), now())
        .await
        .unwrap();
    assert_eq!(file.found(&table.apart()).await, 120);
    // A second time each of them is there already.
    let error = table
        .write_all(uuid(), file.changes, now())
        .await
        .unwrap_err();
    assert!(
        matches!(error, WriteAllError::Refused(WriteError::Exists { .. })),
        "{error}"
    );
}

pub(crate) async fn what_breaks_off_is_finished_and_never_open(table: &Table) {
    let mut seen = std::collections::BTreeSet::new();
    for requests in (1..).step_by(4) {
        let file = File::new(40);
        let write = table.write_all(uuid(), file.changes.clone(), now());
        let ended = cut_short(requests, write).await;
        let other = table.apart();
        let before = file.found(&other).await;
        // What was begun lately may still be under way.
        let is_begun = now() - jiff::SignedDuration::from_secs(1);
        other.finish_begun(is_begun).await.unwrap();
        other.finish_begun(later(1)).await.unwrap();
        let after = file.found(&other).await;
        assert!(
            after == 40 || (after == 0 && before == 0),
            "{before}, {after}"
        );
        seen.insert((before, after));
        if ended.is_some() {
            break;
        }
    }
    // It was seen not begun, in the middle, and done.
    assert!(seen.contains(&(0, 0)), "{seen:?}");
    assert!(seen.contains(&(40, 40)), "{seen:?}");
    assert!(
        seen.iter().any(|(before, _)| (1..40).contains(before)),
        "{seen:?}"
    );
}

pub(crate) async fn several_processes_finish_the_same(table: &Table) {
    let file = File::new(60);
    // Enough to have the plan written down.
    let write = table.write_all(uuid(), file.changes.clone(), now());
    assert!(cut_short(24, write).await.is_none());
    assert!(file.found(table).await < 60);
    let outcomes = at_once(3, |_| {
        let table = table.apart();
        async move { table.finish_begun(later(1)).await }
    })
    .await;
    for outcome in outcomes {
        outcome.unwrap();
    }
    assert_eq!(file.found(table).await, 60);
}

pub(crate) async fn what_somebody_stands_in_the_way_of_is_told(table: &Table) {
    let provider = provider();
    let (first, second) = (application(&provider), application(&provider));
    write(table, Change::Create(provider)).await.unwrap();
    write(table, Change::Create(first)).await.unwrap();
    // Applications come last, in the order of the call.
    let file = File::new(40);
    let mut changes = file.changes;
    changes.push(told(Change::Create(second).into()));
    let error = table.write_all(uuid(), changes, now()).await.unwrap_err();
    let WriteAllError::Interrupted { written, source } = error else {
        panic!("{error}");
    };
    assert!(
        matches!(source, WriteError::ProviderTaken { .. }),
        "{source}"
    );
    assert!(written > 0, "{written}");
    // It is given up, not taken up again.
    table.finish_begun(later(1)).await.unwrap();
}

pub(crate) async fn what_can_only_come_together_is_refused_when_it_is_too_much(table: &Table) {
    let provider = provider();
    let application = application(&provider);
    let id = application.id.uuid();
    let mut changes = vec![told(Change::Create(application).into())];
    changes.push(told(Change::Create(provider.clone()).into()));
    for _ in 0..50 {
        let group = group();
        let bound = binding(TargetKind::Application, id, Subject::Group(group.id));
        changes.push(told(Change::Create(bound).into()));
        changes.push(told(Change::Create(group).into()));
    }
    let error = table.write_all(uuid(), changes, now()).await.unwrap_err();
    assert!(
        matches!(
            error,
            WriteAllError::Refused(WriteError::TooManyChanges { limit: 100, .. })
        ),
        "{error}"
    );
    let snapshot = table.config().current().await.unwrap();
    assert!(snapshot.providers().get(provider.id.uuid()).is_none());
}
