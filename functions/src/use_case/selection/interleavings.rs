//! The choice under every order of events that a seed can find: several
//! processes, a table that does one thing at a time, and requests and answers
//! that overtake each other without bound.
//!
//! Not the table's own conditions and not the use case: those are tested where
//! they are. Here every step of a launch (read, send, take, hear) is an event of
//! its own, and the next event is any of those that are due.

use std::collections::{BTreeSet, VecDeque};

use causeway_model::id::OutpostId;
use causeway_model::object::Meta;
use uuid::Uuid;

use super::*;

/// What becomes of the launches of one storm.
#[derive(Debug, Clone)]
struct Storm {
    /// Weight and capacity of each node.
    nodes: Vec<(u32, u32)>,
    /// Launches of each process.
    processes: Vec<u32>,
    /// Of a hundred that reach the table, so many are refused for a reason that
    /// is none of the node's.
    give_up_percent: u32,
    seed: u64,
}

/// One launch.
#[derive(Debug)]
struct Launch {
    process: usize,
    tie_break: u64,
    attempts: u32,
}

/// What is known of each node: changes and places.
type Reading = Vec<(u64, u32)>;

/// What is on its way to the table, or back.
#[derive(Debug)]
enum Due {
    Read(Launch),
    WasRead(Launch, Reading),
    Take(Launch, OnItsWay, Chosen),
    Taken(Launch, OnItsWay),
    Refused(Launch, OnItsWay, Chosen, (u64, u32)),
    GaveUp(Launch, OnItsWay),
}

/// How it went.
#[derive(Debug, Default)]
struct Outcome {
    taken: Vec<u32>,
    gave_up: u32,
    attempts: Vec<u32>,
}

/// `SplitMix64`.
struct Seeded(u64);

impl Seeded {
    const fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    fn between(&mut self, from: u32, below: u32) -> u32 {
        from + (self.draw() % u64::from(below - from)) as u32
    }
}

struct World {
    nodes: Vec<FleetNode>,
    outpost: Outpost,
    table: Reading,
    ledgers: Vec<Ledger>,
    waiting: Vec<VecDeque<Launch>>,
    due: Vec<Due>,
    random: Seeded,
    outcome: Outcome,
}

fn edge() -> EdgeId {
    EdgeId::new(Uuid::from_u128(1))
}

fn fleet_node(number: usize, (weight, capacity): (u32, u32), outpost: OutpostId) -> FleetNode {
    let node = Node {
        id: NodeId::new(Uuid::from_u128(number as u128 + 1)),
        outpost,
        name: String::new(),
        public_key: String::new(),
        capacity,
        weight,
        drained: false,
        version: String::new(),
        ephemeral: false,
        enrolled_at: Timestamp::UNIX_EPOCH,
    };
    let state = NodeState {
        load: NodeLoad {
            connections: 0,
            draining: false,
            edges: [edge()].into(),
            heartbeat_at: Timestamp::UNIX_EPOCH,
        },
        changes: 0,
        capacity,
        version: String::new(),
    };
    FleetNode::new(&node, state)
}

impl World {
    fn new(storm: &Storm) -> Self {
        let outpost = Outpost {
            id: OutpostId::new(Uuid::from_u128(1)),
            name: String::new(),
            labels: Labels::default(),
            meta: Meta::first(Timestamp::UNIX_EPOCH),
        };
        let nodes = storm.nodes.iter().enumerate();
        let nodes: Vec<_> = nodes
            .map(|(number, node)| fleet_node(number, *node, outpost.id))
            .collect();
        let mut world = Self {
            table: vec![(0, 0); nodes.len()],
            nodes,
            outpost,
            ledgers: storm.processes.iter().map(|_| Ledger::default()).collect(),
            waiting: storm.processes.iter().map(|_| VecDeque::new()).collect(),
            due: Vec::new(),
            random: Seeded(storm.seed),
            outcome: Outcome::default(),
        };
        for (process, launches) in storm.processes.iter().enumerate() {
            for _ in 0..*launches {
                let launch = Launch {
                    process,
                    tie_break: world.random.draw(),
                    attempts: 0,
                };
                world.due.push(Due::Read(launch));
            }
        }
        world
    }

    fn run(mut self, storm: &Storm) -> Outcome {
        while !self.due.is_empty() {
            let next = self.random.draw() as usize % self.due.len();
            let due = self.due.swap_remove(next);
            let process = self.happen(due, storm);
            self.let_choose(process);
            self.check_ledger(process);
        }
        assert!(
            self.waiting.iter().all(VecDeque::is_empty),
            "some wait forever"
        );
        self.outcome.taken = self.table.iter().map(|(_, places)| *places).collect();
        self.outcome
    }

    /// Lets it happen, and tells to which process.
    fn happen(&mut self, due: Due, storm: &Storm) -> usize {
        match due {
            Due::Read(launch) => {
                let process = launch.process;
                self.due.push(Due::WasRead(launch, self.table.clone()));
                process
            }
            Due::WasRead(launch, reading) => {
                for (node, (changes, places)) in self.nodes.iter().zip(reading) {
                    self.ledgers[launch.process].learn(node.node.id, changes, places);
                }
                self.queue(launch)
            }
            Due::Take(launch, on_its_way, chosen) => {
                let process = launch.process;
                let answer = if self.random.between(0, 100) < storm.give_up_percent {
                    Due::GaveUp(launch, on_its_way)
                } else {
                    self.take(launch, on_its_way, chosen)
                };
                self.due.push(answer);
                process
            }
            Due::Taken(launch, on_its_way) => {
                on_its_way.arrived();
                self.outcome.attempts.push(launch.attempts);
                launch.process
            }
            Due::Refused(launch, on_its_way, chosen, (changes, places)) => {
                drop(on_its_way);
                let process = launch.process;
                self.ledgers[process].learn(chosen.node, changes, places);
                if places > chosen.at_most + 1 {
                    self.due.push(Due::Read(launch));
                    process
                } else {
                    self.queue(launch)
                }
            }
            Due::GaveUp(launch, on_its_way) => {
                drop(on_its_way);
                self.outcome.gave_up += 1;
                launch.process
            }
        }
    }

    /// The table's transaction.
    fn take(&mut self, launch: Launch, on_its_way: OnItsWay, chosen: Chosen) -> Due {
        let is_it = |known: &FleetNode| known.node.id == chosen.node;
        let index = self.nodes.iter().position(is_it).unwrap();
        let capacity = self.nodes[index].node.capacity;
        let (changes, places) = self.table[index];
        if places > chosen.at_most || places >= capacity {
            return Due::Refused(launch, on_its_way, chosen, (changes, places));
        }
        self.check_is_best(index);
        self.table[index] = (changes + 1, places + 1);
        Due::Taken(launch, on_its_way)
    }

    /// The place is taken where one is owed most, by the truth.
    fn check_is_best(&self, index: usize) {
        let asked = |index: usize| {
            let node = &self.nodes[index].node;
            let (_, places) = self.table[index];
            (places < node.capacity).then(|| {
                let size = f64::from(node.weight) * f64::from(node.capacity);
                (2.0 * f64::from(places) + 1.0) / size
            })
        };
        let best = (0..self.nodes.len())
            .filter_map(asked)
            .fold(f64::INFINITY, f64::min);
        let taken = asked(index).unwrap();
        assert!(taken <= best * (1.0 + 1e-9), "{index} of {:?}", self.table);
    }

    /// Nobody leaves in a storm, so nobody ever believes in a place that is not
    /// taken.
    fn check_ledger(&self, process: usize) {
        let _: Result<Option<(OnItsWay, ())>, ()> = self.ledgers[process].send(|account| {
            for (node, (_, places)) in self.nodes.iter().zip(&self.table) {
                let known = account(node.node.id).connections;
                assert!(known <= *places, "{known} of {places}");
            }
            Ok(None)
        });
    }

    fn queue(&mut self, launch: Launch) -> usize {
        let process = launch.process;
        self.waiting[process].push_back(launch);
        process
    }

    /// Those whose turn it is choose until one has to wait.
    fn let_choose(&mut self, process: usize) {
        while let Some(mut launch) = self.waiting[process].pop_front() {
            let sent = send(
                &self.ledgers[process],
                &self.nodes,
                &Wanted {
                    outposts: &[&self.outpost],
                    labels: &Labels::default(),
                    edges: &[edge()].into(),
                    heard_since: Timestamp::UNIX_EPOCH,
                    excluded: &BTreeSet::new(),
                    tie_break: launch.tie_break,
                },
                true,
            );
            match sent {
                Ok(Some((on_its_way, chosen))) => {
                    launch.attempts += 1;
                    assert!(launch.attempts <= ATTEMPTS_MAX, "{launch:?}");
                    self.due.push(Due::Take(launch, on_its_way, chosen));
                }
                Ok(None) => {
                    self.waiting[process].push_front(launch);
                    return;
                }
                Err(reason) => {
                    assert_eq!(reason, NoNode::AllFull);
                    self.outcome.gave_up += 1;
                }
            }
        }
    }
}

fn run(storm: &Storm) -> Outcome {
    World::new(storm).run(storm)
}

#[test]
fn two_hundred_launches_over_five_nodes_are_even_under_all_orders() {
    for (processes, launches, seeds) in [(1, 200, 20), (2, 100, 20), (5, 40, 10), (200, 1, 2)] {
        for seed in 0..seeds {
            let outcome = run(&Storm {
                nodes: vec![(100, 100); 5],
                processes: vec![launches; processes],
                give_up_percent: 0,
                seed,
            });
            assert_eq!(outcome.taken, [40; 5], "{processes} processes, seed {seed}");
        }
    }
}

#[test]
fn a_process_by_itself_hardly_ever_tries_twice() {
    for seed in 0..20 {
        let outcome = run(&Storm {
            nodes: vec![(100, 100); 5],
            processes: vec![200],
            give_up_percent: 0,
            seed,
        });
        let attempts: u32 = outcome.attempts.iter().sum();
        assert!(attempts <= 210, "{attempts} attempts, seed {seed}");
    }
}

#[test]
fn any_storm_over_any_fleet_takes_each_place_at_the_best_node() {
    for seed in 0..300 {
        let mut random = Seeded(seed);
        let mut draw = |from, below| random.between(from, below);
        let storm = Storm {
            nodes: (0..draw(1, 6))
                .map(|_| (draw(1, 300), draw(1, 40)))
                .collect(),
            processes: (0..draw(1, 5)).map(|_| draw(0, 40)).collect(),
            give_up_percent: draw(0, 50),
            seed,
        };
        let launches: u32 = storm.processes.iter().sum();
        let outcome = run(&storm);
        let taken: u32 = outcome.taken.iter().sum();
        assert_eq!(taken + outcome.gave_up, launches, "{storm:?}");
        let within = |(taken, (_, capacity)): (&u32, &(u32, u32))| taken <= capacity;
        assert!(
            outcome.taken.iter().zip(&storm.nodes).all(within),
            "{storm:?}"
        );
    }
}
