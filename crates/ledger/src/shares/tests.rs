use std::collections::BTreeSet;

use super::*;
use crate::leaf::SALT_BYTES;

fn opening(number: u8) -> Opening {
    Opening {
        salt: [number; SALT_BYTES],
        bytes: vec![number; 40],
    }
}

/// Bytes that are never the same twice.
fn draws() -> impl FnMut() -> [u8; HASH_BYTES] {
    let mut count = 0_u64;
    move || {
        count += 1;
        leaf_hash(&count.to_be_bytes()).0
    }
}

#[test]
fn everybody_finds_their_share_and_nobody_learns_how_many_there_are() {
    for people in [0, 1, 2, SHARES] {
        let openings: Vec<Opening> = (0..people as u8).map(opening).collect();
        let (shares, given) = Shares::new(openings.clone(), draws()).unwrap();
        assert_eq!(shares.personal().len(), LABEL.len() + HASH_BYTES);
        let places: BTreeSet<u8> = given.iter().map(|share| share.place).collect();
        assert_eq!(places.len(), people, "no place is given twice");
        for (share, opening) in given.iter().zip(&openings) {
            assert_eq!(&share.opening, opening);
            assert_eq!(share.personal(), Some(shares.personal()));
        }
    }
}

#[test]
fn a_share_of_another_entry_or_of_another_place_is_none() {
    let (shares, given) = Shares::new(vec![opening(1), opening(2)], draws()).unwrap();
    let (others, _) = Shares::new(vec![opening(1), opening(2)], || [7; 32]).unwrap();
    assert_ne!(shares.personal(), others.personal());
    let changed = |change: &dyn Fn(&mut Share)| {
        let mut share = given[0].clone();
        change(&mut share);
        assert_ne!(share.personal(), Some(shares.personal()));
    };
    changed(&|share| share.place ^= 1);
    changed(&|share| share.place = SHARES as u8);
    changed(&|share| share.opening.bytes[0] ^= 1);
    changed(&|share| share.path[0].0[0] ^= 1);
    changed(&|share| share.path.truncate(5));
    changed(&|share| share.path.push(Hash([0; 32])));
}

#[test]
fn more_people_than_shares_are_refused() {
    let openings = (0..=SHARES as u8).map(opening).collect();
    assert_eq!(Shares::new(openings, draws()).unwrap_err(), TooMany);
}
