//! The choice by examples, its laws by random fleets, and bursts.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::id::OutpostId;
use crate::object::Meta;

const NOW_S: i64 = 1_000_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn edge(number: u128) -> EdgeId {
    EdgeId::new(Uuid::from_u128(number))
}

fn node_id(number: u128) -> NodeId {
    NodeId::new(Uuid::from_u128(number))
}

fn labels(pairs: &[(&str, &str)]) -> Labels {
    let owned = pairs
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()));
    owned.collect()
}

fn outpost(number: u128, carried: &[(&str, &str)]) -> Outpost {
    Outpost {
        id: OutpostId::new(Uuid::from_u128(number)),
        name: format!("outpost-{number}"),
        labels: labels(carried),
        meta: Meta::first(at(0)),
    }
}

/// A node of outpost 1 and its load: ready, empty, ten places, edges 1 and 2.
#[derive(Debug, Clone)]
struct Sample {
    node: Node,
    load: Option<NodeLoad>,
    on_their_way: u32,
}

fn sample(number: u128) -> Sample {
    Sample {
        node: Node {
            id: node_id(number),
            outpost: OutpostId::new(Uuid::from_u128(1)),
            name: format!("node-{number}"),
            public_key: String::new(),
            capacity: 10,
            weight: 100,
            drained: false,
            version: String::new(),
            ephemeral: false,
            enrolled_at: at(0),
        },
        load: Some(NodeLoad {
            connections: 0,
            draining: false,
            edges: [edge(1), edge(2)].into(),
            heartbeat_at: at(NOW_S),
        }),
        on_their_way: 0,
    }
}

fn sample_with(number: u128, change: impl Fn(&mut NodeLoad)) -> Sample {
    let mut sample = sample(number);
    sample.load.as_mut().map(change);
    sample
}

fn rank_samples(samples: &[Sample], wanted: &Wanted<'_>) -> Result<Vec<Candidate>, NoNode> {
    let views: Vec<_> = samples
        .iter()
        .map(|sample| NodeView {
            node: &sample.node,
            load: sample.load.as_ref(),
            on_their_way: sample.on_their_way,
        })
        .collect();
    rank(&views, wanted)
}

/// Ranks for an endpoint without labels, served by outpost 1, with edge 1 live
/// and heartbeats due every 10 seconds.
fn rank_simply(
    samples: &[Sample],
    excluded: &[u128],
    tie_break: u64,
) -> Result<Vec<Candidate>, NoNode> {
    rank_samples(
        samples,
        &Wanted {
            outposts: &[&outpost(1, &[])],
            labels: &labels(&[]),
            edges: &[edge(1)].into(),
            heard_since: at(NOW_S - 10),
            excluded: &excluded.iter().copied().map(node_id).collect(),
            tie_break,
        },
    )
}

fn check(samples: &[Sample], excluded: &[u128], expected: Result<&[u128], NoNode>) {
    let ranked = rank_simply(samples, excluded, 7);
    let ranked = ranked.map(|ranked| ranked.iter().map(|c| c.node).collect::<Vec<_>>());
    let expected = expected.map(|numbers| numbers.iter().copied().map(node_id).collect());
    assert_eq!(ranked, expected);
}

#[test]
fn the_least_loaded_comes_first_weighted_by_capacity() {
    let loaded = |number, connections, capacity| {
        let mut sample = sample_with(number, |load| load.connections = connections);
        sample.node.capacity = capacity;
        sample
    };
    let samples = [
        loaded(1, 5, 10),
        loaded(2, 2, 10),
        loaded(3, 5, 100),
        loaded(4, 1, 3),
    ];
    check(&samples, &[], Ok(&[3, 2, 4, 1]));
    check(&samples, &[3, 4], Ok(&[2, 1]));
}

#[test]
fn the_nearest_reason_is_named() {
    let lost = sample_with(1, |load| load.heartbeat_at = at(NOW_S - 11));
    let silent = Sample {
        load: None,
        ..sample(2)
    };
    let cut_off = sample_with(3, |load| load.edges = [edge(2)].into());
    let draining = sample_with(4, |load| load.draining = true);
    let full = sample_with(5, |load| load.connections = 10);
    check(&[], &[], Err(NoNode::NoNode));
    check(&[lost.clone(), silent], &[], Err(NoNode::NoNodeHealthy));
    check(&[lost.clone(), cut_off.clone()], &[], Err(NoNode::NoTunnel));
    check(
        &[cut_off.clone(), draining.clone(), lost.clone()],
        &[],
        Err(NoNode::AllDraining),
    );
    let mut drained = sample(7);
    drained.node.drained = true;
    check(
        &[lost.clone(), drained.clone()],
        &[],
        Err(NoNode::AllDraining),
    );
    check(&[full.clone(), draining.clone()], &[], Err(NoNode::AllFull));
    check(&[full.clone(), sample(6)], &[6], Err(NoNode::AllTried));
    let fleet = [lost, cut_off, draining, full, drained, sample(6)];
    check(&fleet, &[], Ok(&[6]));
}

#[test]
fn a_place_without_capacity_is_full() {
    let mut none = sample(1);
    none.node.capacity = 0;
    check(&[none], &[], Err(NoNode::AllFull));
}

#[test]
fn a_heartbeat_at_the_deadline_counts() {
    check(
        &[sample_with(1, |load| load.heartbeat_at = at(NOW_S - 10))],
        &[],
        Ok(&[1]),
    );
}

#[test]
fn only_outposts_that_serve_and_carry_the_labels_count() {
    let check = |outposts: &[&Outpost], wanted: &[(&str, &str)], expected: Option<NoNode>| {
        let ranked = rank_samples(
            &[sample(1)],
            &Wanted {
                outposts,
                labels: &labels(wanted),
                edges: &[edge(1)].into(),
                heard_since: at(NOW_S),
                excluded: &BTreeSet::new(),
                tie_break: 0,
            },
        );
        assert_eq!(ranked.err(), expected, "{wanted:?}");
    };
    let vienna = outpost(1, &[("site", "vienna"), ("zone", "dmz")]);
    check(&[&vienna], &[], None);
    check(&[&vienna], &[("site", "vienna")], None);
    check(
        &[&vienna],
        &[("site", "graz")],
        Some(NoNode::LabelsMismatch),
    );
    check(&[&vienna], &[("rack", "4")], Some(NoNode::LabelsMismatch));
    check(&[&outpost(2, &[])], &[], Some(NoNode::NoNode));
    check(&[], &[], Some(NoNode::NoOutpost));
}

#[test]
fn a_candidate_names_the_live_edges_it_has_a_tunnel_to() {
    let ranked = rank_simply(&[sample(1)], &[], 0).unwrap();
    assert_eq!(ranked[0].edges, [edge(1)]);
    assert_eq!((ranked[0].connections, ranked[0].capacity), (0, 10));
}

#[test]
fn what_is_on_its_way_is_avoided_and_never_relied_on() {
    let fleet = |on_their_way: [u32; 3]| {
        let standing = (1..=3).zip(on_their_way);
        let samples: Vec<_> = standing
            .map(|(number, on_their_way)| Sample {
                on_their_way,
                ..sample(number)
            })
            .collect();
        rank_simply(&samples, &[], 7).unwrap()
    };
    let check = |on_their_way, expected: Option<(u128, u32)>| {
        let ranked = fleet(on_their_way);
        let chosen = choose(&ranked).map(|(candidate, at_most)| (candidate.node, at_most));
        let expected = expected.map(|(number, at_most)| (node_id(number), at_most));
        assert_eq!(chosen, expected, "{on_their_way:?}");
    };
    check([1, 1, 0], Some((3, 0)));
    check([0, 2, 1], Some((1, 0)));
    // A second place at any of them may turn out to be one too many.
    check([1, 1, 1], None);
}

#[test]
fn the_last_node_is_filled_and_not_overfilled_by_what_is_on_its_way() {
    let with = |connections, on_their_way| {
        let mut sample = sample_with(1, |load| load.connections = connections);
        sample.on_their_way = on_their_way;
        rank_simply(&[sample], &[], 0).unwrap()
    };
    let at_most = |ranked: &[Candidate]| choose(ranked).map(|(_, at_most)| at_most);
    assert_eq!(at_most(&with(0, 9)), Some(9));
    assert_eq!(at_most(&with(9, 0)), Some(9));
    assert_eq!(at_most(&with(9, 1)), None, "who came first may be refused");
}

#[test]
fn ties_fall_evenly() {
    let samples: Vec<_> = (1..=4).map(sample).collect();
    let mut first = [0_u32; 5];
    for tie_break in 0..4000 {
        let ranked = rank_simply(&samples, &[], tie_break).unwrap();
        first[ranked[0].node.uuid().as_u128() as usize] += 1;
    }
    assert!(
        first[1..].iter().all(|count| (850..1150).contains(count)),
        "{first:?}"
    );
}

/// Any fleet: some lost, draining, cut off, without places or full.
fn any_sample(number: u128) -> impl Strategy<Value = Sample> {
    let load = (0..8_u32, prop::bool::weighted(0.2), 0..4_u8, 0..14_i64);
    let standing = (0..6_u32, 1..300_u32, prop::bool::weighted(0.1), 0..3_u32);
    (standing, prop::option::weighted(0.9, load)).prop_map(move |(standing, load)| {
        let mut sample = sample(number);
        (
            sample.node.capacity,
            sample.node.weight,
            sample.node.drained,
            sample.on_their_way,
        ) = standing;
        sample.load = load.map(|(connections, draining, edges, age_s)| NodeLoad {
            connections,
            draining,
            edges: (1..=2)
                .filter(|bit| edges & bit != 0)
                .map(|bit| edge(bit.into()))
                .collect(),
            heartbeat_at: at(NOW_S - age_s),
        });
        sample
    })
}

fn any_fleet() -> impl Strategy<Value = Vec<Sample>> {
    (1..8_usize).prop_flat_map(|count| (1..=count as u128).map(any_sample).collect::<Vec<_>>())
}

fn may_take(sample: &Sample, excluded: &[u128]) -> bool {
    sample.load.as_ref().is_some_and(|load| {
        !load.draining
            && !sample.node.drained
            && load.edges.contains(&edge(1))
            && load.heartbeat_at >= at(NOW_S - 10)
            && load.connections < sample.node.capacity
            && !excluded.contains(&sample.node.id.uuid().as_u128())
    })
}

proptest! {
    #[test]
    fn all_that_may_take_it_are_ranked_and_no_others(
        fleet in any_fleet(),
        excluded in prop::collection::vec(1..8_u128, 0..3),
        tie_break in any::<u64>(),
    ) {
        let allowed: BTreeSet<_> = fleet
            .iter()
            .filter(|sample| may_take(sample, &excluded))
            .map(|sample| sample.node.id)
            .collect();
        match rank_simply(&fleet, &excluded, tie_break) {
            Err(refusal) => prop_assert!(allowed.is_empty(), "{refusal}"),
            Ok(ranked) => {
                let chosen: Vec<_> = ranked.iter().map(|c| c.node).collect();
                prop_assert_eq!(chosen.len(), allowed.len());
                prop_assert_eq!(chosen.into_iter().collect::<BTreeSet<_>>(), allowed);
                let share = |c: &Candidate| {
                    (2.0 * f64::from(c.expected()) + 1.0) / (f64::from(c.weight) * f64::from(c.capacity))
                };
                prop_assert!(ranked.is_sorted_by(|a, b| share(a) <= share(b)));
                prop_assert!(ranked.iter().all(|c| !c.edges.is_empty()));
            }
        }
    }

    #[test]
    fn a_place_within_the_bound_is_taken_at_the_best_node(
        fleet in any_fleet(),
        tie_break in any::<u64>(),
    ) {
        let Ok(ranked) = rank_simply(&fleet, &[], tie_break) else {
            return Ok(());
        };
        let Some((chosen, at_most)) = choose(&ranked) else {
            prop_assert!(ranked.iter().any(|candidate| candidate.on_their_way > 0));
            return Ok(());
        };
        prop_assert!((chosen.expected()..chosen.capacity).contains(&at_most), "{at_most}");
        // Taken alone: what is on its way may never arrive.
        let known = |candidate: &Candidate, connections| Candidate {
            connections,
            on_their_way: 0,
            ..candidate.clone()
        };
        let is_best = |connections| {
            let others = ranked.iter().filter(|other| other.node != chosen.node);
            others
                .map(|other| known(other, other.connections))
                .all(|other| by_load(&known(chosen, connections), &other).is_le())
        };
        prop_assert!(is_best(at_most));
        prop_assert!(at_most + 1 == chosen.capacity || !is_best(at_most + 1));
    }

    #[test]
    fn a_burst_follows_weights_and_capacities(
        nodes in prop::collection::vec((1..5_u32, 1..5_u32), 1..6),
        launches in 0..200_u32,
        seed in any::<u64>(),
    ) {
        let mut fleet: Vec<_> = nodes
            .iter()
            .zip(1..)
            .map(|((weight, capacity), number)| {
                let mut sample = sample(number);
                (sample.node.weight, sample.node.capacity) = (weight * 50, capacity * 200);
                sample
            })
            .collect();
        for launch in 0..launches {
            let ranked = rank_simply(&fleet, &[], seed.wrapping_add(launch.into())).unwrap();
            let chosen = fleet.iter_mut().find(|sample| sample.node.id == ranked[0].node);
            chosen.unwrap().load.as_mut().unwrap().connections += 1;
        }
        let whole: u32 = nodes.iter().map(|(weight, capacity)| weight * capacity).sum();
        for (sample, (weight, capacity)) in fleet.iter().zip(nodes) {
            let share = f64::from(launches) * f64::from(weight * capacity) / f64::from(whole);
            let taken = f64::from(sample.load.as_ref().unwrap().connections);
            prop_assert!((taken - share).abs() < 1.5, "{taken} of {share}");
        }
    }

    #[test]
    fn a_burst_over_equal_nodes_spreads_within_one(
        nodes in 1..6_u128,
        launches in 0..30_u32,
        seed in any::<u64>(),
    ) {
        let mut fleet: Vec<_> = (1..=nodes).map(sample).collect();
        for launch in 0..launches {
            let ranked = rank_simply(&fleet, &[], seed.wrapping_add(launch.into()));
            let Ok(ranked) = ranked else {
                prop_assert_eq!(ranked.err(), Some(NoNode::AllFull));
                prop_assert_eq!(u128::from(launch), nodes * 10);
                break;
            };
            let chosen = fleet.iter_mut().find(|sample| sample.node.id == ranked[0].node);
            chosen.unwrap().load.as_mut().unwrap().connections += 1;
        }
        let taken = || fleet.iter().filter_map(|s| s.load.as_ref()).map(|load| load.connections);
        prop_assert!(taken().max().unwrap() - taken().min().unwrap() <= 1);
    }
}
