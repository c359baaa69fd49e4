use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn a_place_is_the_one_that_halving_finds(
        list in prop::collection::btree_set(0u32..3000, 0..400),
        far in prop::collection::btree_set(100_000u32..101_000, 0..40),
        row in prop_oneof![0u32..3100, 99_900u32..101_100],
    ) {
        let list: Vec<u32> = list.into_iter().chain(far).collect();
        prop_assert_eq!(place_of(&list, row), list.partition_point(|held| *held < row));
    }

    #[test]
    fn rows_in_ranges_are_those_a_filter_finds(
        list in prop::collection::btree_set(0u32..300, 0..60),
        ends in prop::collection::btree_set(0u32..300, 0..12),
    ) {
        let list: Vec<u32> = list.into_iter().collect();
        let ends: Vec<u32> = ends.into_iter().collect();
        let ranges: Vec<Range<u32>> = ends.chunks_exact(2).map(|ends| ends[0]..ends[1]).collect();
        let mut rows = Vec::new();
        add_in(&list, &ranges, &mut rows);
        let within = |row: &u32| ranges.iter().any(|range| range.contains(row));
        prop_assert_eq!(rows, list.iter().copied().filter(within).collect::<Vec<_>>());
    }

    #[test]
    fn rows_in_both_lists_are_those_a_filter_finds(
        one in prop::collection::btree_set(0u32..99, 0..40),
        other in prop::collection::btree_set(0u32..99, 0..40),
    ) {
        let lists = [&one, &other].map(|list| list.iter().copied().collect::<Vec<u32>>());
        let mut rows = Vec::new();
        add_in_both(&lists[0], &lists[1], &mut rows);
        prop_assert_eq!(rows, one.intersection(&other).copied().collect::<Vec<_>>());
    }
}
