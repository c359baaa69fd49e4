use super::*;
use crate::bayes::train::tests::sample;

#[test]
fn each_key_tells_whom_it_finds() {
    let (index, requests) = sample();
    let person = |number: usize| index.find(&format!("P{number}"));
    // Request 1 is clean; request 0 has a slip in the surname.
    let clean = blocking(&index, &requests[1], person(1));
    let found = |found: &Found, key: SearchKey| {
        let place = SearchKey::ALL.iter().position(|one| *one == key).unwrap();
        (found.rows[place] > 0, found.person[place])
    };
    assert_eq!(found(&clean, SearchKey::Surname), (true, true));
    assert_eq!(found(&clean, SearchKey::Birth), (true, true));
    assert_eq!(found(&clean, SearchKey::Number), (false, false));
    let slip = blocking(&index, &requests[0], person(0));
    assert!(!found(&slip, SearchKey::Surname).1);
    assert!(found(&slip, SearchKey::Postcode).1);
    assert!(slip.together >= *slip.rows.iter().max().unwrap());
    let nobody = blocking(&index, &requests[0], None);
    assert_eq!(nobody.person, [false; SearchKey::ALL.len()]);
    assert_eq!(nobody.rows, slip.rows);
}
