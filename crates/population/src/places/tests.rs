use std::collections::{HashMap, HashSet};

use super::*;

#[test]
fn every_dwelling_is_another_address() {
    let places = Places::new(400, 5);
    let mut seen = HashSet::new();
    for block in 0..400 {
        for place in 0..120 {
            let Place { line, postcode, .. } = places.dwelling(block, place);
            assert!(
                seen.insert((line.clone(), postcode.clone())),
                "{line} {postcode}"
            );
        }
    }
}

#[test]
fn postcodes_belong_to_one_block_even_in_the_largest_population() {
    let blocks = 65_000_000 / 256;
    let places = Places::new(blocks, 5);
    let mut owner = HashMap::new();
    for block in (0..blocks).filter(|block| places.district(*block) < 3) {
        for street in 0..43 {
            let postcode = places.postcode(block, street);
            assert_eq!(*owner.entry(postcode).or_insert(block), block);
        }
    }
}

#[test]
fn a_dwelling_does_not_depend_on_what_was_asked_before() {
    let places = Places::new(40, 9);
    let first = places.dwelling(7, 33);
    places.dwelling(8, 1);
    assert_eq!(places.dwelling(7, 33), first);
}
