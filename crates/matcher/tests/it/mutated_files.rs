//! Real files with faults in them never stop the program: they are refused, or read as far as they go.
//!
//! `TRACEGATE_SOAK_SEED` and `TRACEGATE_SOAK_ROUNDS` try other and more faults; a failure names its seed.

use std::env;

use super::bodies;

/// Rounds of each kind of file: enough to see a careless change, in a second or two.
const ROUNDS: u64 = 400;

fn number(name: &str, otherwise: u64) -> u64 {
    let text = env::var(name).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// Up to eight faults: flipped bits, other bytes and numbers, pieces gone, twice or elsewhere.
fn mutated(bytes: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=chance.below(8) {
        let at = chance.below(bytes.len());
        let end = (at + chance.below(40)).min(bytes.len());
        match chance.below(8) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => bytes.splice(at..at, bytes[at..end].to_vec()).for_each(drop),
            3 => {
                let elsewhere = chance.below(bytes.len());
                let piece: Vec<u8> = bytes[at..end].to_vec();
                bytes.splice(elsewhere..elsewhere, piece).for_each(drop);
            }
            4 | 5 => {
                let numbers = [
                    0,
                    1,
                    0x7f,
                    0xff,
                    0xffff,
                    u32::MAX as u64,
                    u64::MAX,
                    chance.next(),
                ];
                let number = numbers[chance.below(numbers.len())].to_le_bytes();
                let bytes = &mut bytes[at..];
                let width = [1, 2, 4, 8][chance.below(4)].min(bytes.len());
                bytes[..width].copy_from_slice(&number[..width]);
            }
            _ if bytes.is_empty() => {}
            _ => bytes[at] ^= 1 << chance.below(8),
        }
    }
    bytes
}

fn check(file: &[u8], body: fn(&[u8])) {
    let first = number("TRACEGATE_SOAK_SEED", 1);
    body(file);
    for seed in first..first + number("TRACEGATE_SOAK_ROUNDS", ROUNDS) {
        let bytes = mutated(file, &mut Chance(seed));
        if std::panic::catch_unwind(|| body(&bytes)).is_err() {
            panic!("TRACEGATE_SOAK_SEED={seed} TRACEGATE_SOAK_ROUNDS=1 shows it");
        }
    }
}

#[test]
fn an_index() {
    check(&bodies::samples().0, bodies::index);
}

#[test]
fn a_delta() {
    check(&bodies::samples().1, bodies::delta);
}

#[test]
fn persons() {
    check(bodies::PERSONS.as_bytes(), bodies::persons);
}

#[test]
fn requests() {
    check(bodies::REQUESTS.as_bytes(), bodies::requests);
}

#[test]
fn patients() {
    check(bodies::PATIENTS.as_bytes(), bodies::patients);
}

#[test]
fn a_model() {
    let shipped = include_str!("../../models/default.json");
    check(shipped.as_bytes(), bodies::model);
}
