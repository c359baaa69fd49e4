use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

#[test]
fn a_seed_stands_for_these_numbers_for_ever() {
    let mut chance = Chance::new(7, Purpose::People, 3);
    let drawn: Vec<u32> = (0..4).map(|_| chance.below(1_000_000)).collect();
    let mut again = Chance::new(7, Purpose::People, 3);
    assert_eq!(
        drawn,
        (0..4).map(|_| again.below(1_000_000)).collect::<Vec<_>>()
    );
    let mut other = Chance::new(7, Purpose::Places, 3);
    assert_ne!(
        drawn,
        (0..4).map(|_| other.below(1_000_000)).collect::<Vec<_>>()
    );
}

#[test]
fn zipf_follows_its_weights() {
    let mut chance = Chance::new(1, Purpose::People, 0);
    let mut counts = [0_u32; 20];
    for _ in 0..100_000 {
        counts[chance.zipf(4, 20) as usize] += 1;
    }
    let total: f64 = (0..20).map(|rank| 1.0 / f64::from(rank + 5)).sum();
    for (rank, count) in counts.into_iter().enumerate() {
        let expected = 100_000.0 / (rank as f64 + 5.0) / total;
        assert!(
            (f64::from(count) - expected).abs() < 6.0 * expected.sqrt(),
            "rank {rank}"
        );
    }
}

proptest! {
    #[test]
    fn permutation_is_one_to_one(len in 1_u64..3000, seed: u64) {
        let permutation = Permutation::new(len, seed, 0);
        let places: HashSet<u64> = (0..len).map(|value| permutation.apply(value)).collect();
        prop_assert_eq!(places.len() as u64, len);
        prop_assert!(places.into_iter().all(|place| place < len));
    }
}
