//! The life cycle as a whole: random people take random steps at random times, and whatever they
//! reach, the table of arrows and the invariants hold.

mod command;
mod oracle;
mod world;

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use command::{Command, Opening};
use oracle::TABLE;
use world::{World, require_readable};

fn story() -> impl Strategy<Value = (Opening, Vec<Command>)> {
    (
        any::<Opening>(),
        prop::collection::vec(any::<Command>(), 1..48),
    )
}

fn play((opening, commands): &(Opening, Vec<Command>)) -> World {
    let mut world = World::open(opening);
    for command in commands {
        world.take(command);
    }
    require_readable(&world.case);
    world
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_reachable_case_keeps_the_invariants(story in story()) {
        play(&story);
    }
}

/// The stories are worth something only if they get everywhere: every arrow of the table is taken,
/// and far more are refused.
#[test]
fn the_stories_take_every_arrow_of_the_table() {
    let mut runner = TestRunner::deterministic();
    let mut taken = BTreeSet::new();
    let (mut refused, mut lost) = (0, 0);
    for _ in 0..1_800 {
        let story = story().new_tree(&mut runner).unwrap().current();
        let world = play(&story);
        taken.extend(world.taken);
        refused += world.refused;
        lost += world.lost;
    }
    let missing: Vec<String> = TABLE
        .iter()
        .flat_map(|(from, arrow, to)| to.iter().map(move |to| (*from, *arrow, *to)))
        .filter(|row| !taken.contains(row))
        .map(|(from, arrow, to)| format!("{from} --{arrow:?}--> {to}"))
        .collect();
    assert_eq!(missing, [] as [&str; 0], "never taken");
    assert!(refused > 10_000, "only {refused} steps refused");
    assert!(lost > 100, "only {lost} writes lost to a suspension");
}
