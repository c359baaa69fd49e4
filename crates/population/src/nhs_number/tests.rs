use std::collections::HashSet;

use super::*;

#[test]
fn first_and_last_numbers_of_the_range() {
    let numbers = valid_numbers();
    let text: Vec<String> = numbers.iter().take(3).map(ToString::to_string).collect();
    assert_eq!(text, ["9990000018", "9990000026", "9990000034"]);
    assert_eq!(
        numbers.last().map(ToString::to_string).as_deref(),
        Some("9999999980")
    );
    assert!(numbers.len() > 900_000);
}

#[test]
fn check_digits_of_known_numbers() {
    assert_eq!(check_digit(943_476_591), Some(9));
    assert_eq!(check_digit(900_000_002), Some(5));
    assert_eq!(check_digit(999_000_000), None);
}

#[test]
fn current_and_superseded_numbers_never_meet() {
    let pool = NumberPool::new(11);
    let mut seen = HashSet::new();
    // Every eighth person, who alone can have an older number, and the seventh beside.
    for person in (0..PEOPLE_MAX).filter(|person| person % 8 < 2) {
        assert!(seen.insert(pool.current(person).unwrap()));
        if let Some(old) = pool.superseded(person) {
            assert!(seen.insert(old));
        }
    }
    assert_eq!(pool.current(PEOPLE_MAX), None);
}
