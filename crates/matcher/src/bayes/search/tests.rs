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
}
