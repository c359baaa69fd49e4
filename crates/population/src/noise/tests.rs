use proptest::prelude::*;

use super::*;
use crate::chance::Purpose;

#[test]
fn lists_are_well_formed() {
    for text in [NICKNAMES, VARIANTS] {
        for family in families(text) {
            let mut sorted = family.clone();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len(), family.len(), "{family:?}");
            assert!(
                family
                    .iter()
                    .all(|name| name.chars().all(|letter| letter.is_ascii_uppercase()))
            );
        }
    }
}

proptest! {
    #[test]
    fn slips_stay_close(seed: u64, text in "[A-Z][A-Z0-9 '-]{0,30}") {
        let mut chance = Chance::new(seed, Purpose::Noise, 0);
        let slipped = slip::typo(&mut chance, &text);
        prop_assert!(slipped.len().abs_diff(text.len()) <= 1);
        let misread = slip::misread(&mut chance, &text);
        prop_assert!(misread.len().abs_diff(text.len()) <= 1);
    }

    #[test]
    fn wrong_digit_changes_one_place(seed: u64, number in "[0-9]{10}") {
        let mut chance = Chance::new(seed, Purpose::Noise, 0);
        let wrong = slip::wrong_digit(&mut chance, &number);
        let changed = wrong.chars().zip(number.chars()).filter(|(one, other)| one != other);
        prop_assert_eq!(changed.count(), 1);
    }
}
