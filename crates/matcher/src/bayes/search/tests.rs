use proptest::prelude::*;

use super::*;
use crate::compare::birth::{self, BirthLikeness};

fn dates_of(year: u16) -> impl Iterator<Item = PartialDate> {
    let days = (0..=12).flat_map(|month| (0..=31).map(move |day| (month, day)));
    days.filter_map(move |(month, day)| PartialDate::new(year, month, day).ok())
}

proptest! {
    #[test]
    fn likely_slips_are_all_dates_that_are_like_it(year in 1900u16..2030, place in 0usize..400) {
        let of_year: Vec<PartialDate> = dates_of(year).collect();
        let birth = of_year[place % of_year.len()];
        let slips = likely_slips(birth);
        prop_assert!(slips.is_sorted_by(|one, other| one.end <= other.start));
        let years = [year - 10, year - 1, year, year + 1, year + 10];
        for date in years.into_iter().flat_map(dates_of) {
            let found = slips.iter().any(|slip| slip.contains(&date.packed()));
            let is_like = birth::compare(birth, date) != BirthLikeness::Different;
            // What is like the whole year is like a month of it without a day, too.
            let whole_year = birth.is_first_of_january() && date.year() == year && !date.is_full();
            prop_assert_eq!(found, is_like || whole_year, "{} and {}", birth, date);
        }
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
