//! Places of endpoints and nodes are leases: they never overshoot and nothing
//! of them leaks, whatever happens in whatever order.
//!
//! - [`model`] says what each step must come to; random steps with a seed are
//!   held against it, and the counts against it after every one.
//! - The same steps run many at once, without a model: the counts still equal
//!   the leases, at any moment and at the end.
//! - And a process that does so is killed in the middle, again and again.
//!
//! `CAUSEWAY_TEST_SEED=7 cargo nextest run -p causeway-table --test leases`
//! tries another seed; a failure names its own.

#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../suite/fixtures.rs"]
#[allow(dead_code, unreachable_pub, reason = "made for the suite")]
mod fixtures;
mod kill;
mod model;
mod on_a_service;
mod place;
mod steps;
#[path = "../support/mod.rs"]
mod support;

use std::sync::Arc;

use causeway_table::Table;
use fastrand::Rng;

use model::Model;
use place::Place;

/// Seeds that are always tried.
const SEEDS: [u64; 4] = [1, 2, 3, 4];
/// Random steps for each seed.
const STEPS: usize = 500;
/// Tasks at once, without a model.
const TASKS: usize = 8;
/// Random steps of each task.
const TASK_STEPS: usize = 150;

/// The seeds to try: the usual ones, or the one that is asked for.
fn seeds() -> Vec<u64> {
    match std::env::var("CAUSEWAY_TEST_SEED") {
        Ok(seed) => vec![seed.parse().unwrap()],
        Err(_) => SEEDS.to_vec(),
    }
}

#[tokio::test]
async fn every_step_comes_to_what_the_model_says() {
    for seed in seeds() {
        let table = Table::in_memory().await.unwrap();
        follows_the_model(&table, seed, STEPS).await;
        table.close().await;
    }
}

/// Random steps, each held against the model.
async fn follows_the_model(table: &Table, seed: u64, steps: usize) {
    let place = Place::new(table).await;
    let mut rng = Rng::with_seed(seed);
    let mut model = Model::of(&place);
    for step in 0..steps {
        let told = steps::checked(table, &place, &mut model, &mut rng).await;
        let counts = place.counts(table).await;
        let expected = model.counts();
        assert_eq!(counts, expected, "seed {seed}, step {step}: {told}");
    }
    assert!(
        model.launched() > steps / 50,
        "hardly anything was launched"
    );
    assert!(model.moved() > 0, "nothing ever moved");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_overshoots_or_leaks_with_many_at_once() {
    for seed in seeds() {
        let table = Table::in_memory().await.unwrap();
        nothing_overshoots(&table, seed, TASK_STEPS).await;
        table.close().await;
    }
}

/// Random steps of many at once: no count is ever above its limit, and in the end
/// each equals its leases.
async fn nothing_overshoots(table: &Table, seed: u64, task_steps: usize) {
    let place = Arc::new(Place::new(table).await);
    let done = fixtures::at_once(TASKS + 1, |task| {
        let (table, place) = (table.clone(), Arc::clone(&place));
        async move {
            let mut rng = Rng::with_seed(seed * 1000 + task as u64);
            if task == TASKS {
                place.watch(&table, task_steps).await;
                return;
            }
            for _ in 0..task_steps {
                steps::wild(&table, &place, &mut rng).await;
            }
        }
    });
    done.await;
    place.assert_whole(table).await;
    // What is left can all be ended, and then nothing is taken.
    place.end_all(table).await;
    let counts = place.counts(table).await;
    assert!(counts.is_empty(), "seed {seed}: {counts:?}");
}
