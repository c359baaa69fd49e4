use proptest::prelude::*;

use super::*;
use crate::folder::Folder;
use crate::leaf::{Hour, Kind, commit};
use crate::proof::prove;
use crate::testing::{TestLog, key};

/// A log of 40 entries in which one subject's events are the 7th, 20th, 21st and 39th.
fn bundle() -> Bundle {
    let own = [7_u64, 20, 21, 39];
    let mut link = Link::FIRST;
    let mut leaves = Vec::new();
    let mut openings = Vec::new();
    for index in 0..40_u64 {
        let salt = [index as u8; SALT_BYTES];
        let bytes = match own.contains(&index) {
            true => link.encode(format!("event {index}").as_bytes()),
            false => Link::FIRST.encode(b"someone else"),
        };
        let audit = commit(Part::Audit, &salt, b"");
        let personal = commit(Part::Personal, &salt, &bytes);
        leaves.push(Leaf {
            kind: Kind(1),
            hour: Hour(1),
            audit,
            personal,
        });
        if own.contains(&index) {
            openings.push(Opening { salt, bytes });
            link = link.next(index);
        }
    }
    let log = TestLog::new(&[]);
    let entries: Vec<_> = leaves.iter().map(Leaf::encode).collect();
    let note = log.open().unwrap().publish(0, &entries).unwrap();
    let folder = Folder::new(log.folder());
    let event = |(index, opening): (u64, Opening)| {
        let (_, proof) = prove(&folder, &key(), index).unwrap();
        BundleEvent {
            index,
            leaf: leaves[index as usize],
            opening,
            path: proof.path,
        }
    };
    Bundle {
        events: own.into_iter().zip(openings).map(event).collect(),
        note,
    }
}

fn policy() -> Policy {
    Policy::log_alone(key())
}

#[test]
fn a_complete_chain_verifies() {
    let bundle = bundle();
    let again = Bundle::parse(bundle.to_string().as_bytes()).unwrap();
    assert_eq!(again, bundle);
    assert_eq!(again.verify(&policy()).unwrap().size, 40);
    let (link, facts) = Link::decode(&again.events[2].opening.bytes).unwrap();
    assert_eq!(
        (link, facts),
        (
            Link {
                counter: 2,
                previous: Some(20)
            },
            b"event 21".as_slice()
        )
    );
    // Someone of whom nothing is recorded.
    Bundle {
        events: Vec::new(),
        ..bundle
    }
    .verify(&policy())
    .unwrap();
}

#[test]
fn an_event_left_out_added_or_moved_is_found() {
    let bundle = bundle();
    let check = |change: &dyn Fn(&mut Vec<BundleEvent>), expected: BundleError| {
        let mut bundle = bundle.clone();
        change(&mut bundle.events);
        assert_eq!(bundle.verify(&policy()), Err(expected));
    };
    check(&|events| drop(events.remove(0)), BundleError::Link(20));
    check(&|events| drop(events.remove(1)), BundleError::Link(21));
    check(&|events| events.swap(1, 2), BundleError::Link(21));
    check(
        &|events| events.push(events[3].clone()),
        BundleError::Link(39),
    );
    check(
        &|events| events[1].opening.bytes[20] ^= 1,
        BundleError::Opening(20),
    );
    check(
        &|events| events[1].opening.salt[0] ^= 1,
        BundleError::Opening(20),
    );
    check(
        &|events| events[1].opening = events[2].opening.clone(),
        BundleError::Opening(20),
    );
    let path = |change: &dyn Fn(&mut BundleEvent)| {
        let mut bundle = bundle.clone();
        change(&mut bundle.events[1]);
        let error = bundle.verify(&policy()).unwrap_err();
        assert!(matches!(error, BundleError::Path { .. }), "{error}");
    };
    path(&|event| event.leaf.kind = Kind(2));
    path(&|event| event.index = 19);
    path(&|event| event.path[2].0[0] ^= 1);
    path(&|event| event.path.truncate(2));
}

#[test]
fn the_head_must_satisfy_the_policy() {
    let other = "log other.example+00000000+AQ==\nquorum none\n".parse::<Policy>();
    assert!(other.is_err());
    let seed = [2; 32];
    let stranger = crate::key::SignerKey::from_seed(key().name(), crate::key::KeyType::Note, &seed);
    let error = bundle()
        .verify(&Policy::log_alone(stranger.unwrap().public().clone()))
        .unwrap_err();
    assert_eq!(error, BundleError::Distrust(DistrustError::Log));
}

#[test]
fn links_are_strict() {
    for bytes in [
        &[][..],
        &[0; LINK_BYTES - 1],
        // Counter 0 with a previous event, and counter 1 without.
        &[0; LINK_BYTES],
        &[&1_u64.to_be_bytes()[..], &[0xff; 8]].concat(),
    ] {
        assert_eq!(Link::decode(bytes), None);
    }
    let bytes = Link::FIRST.encode(b"");
    assert_eq!(Link::decode(&bytes), Some((Link::FIRST, b"".as_slice())));
}

#[test]
fn malformed_bundles_name_the_line() {
    let text = bundle().to_string();
    let check = |from: &str, to: &str, line: usize| {
        let error = Bundle::parse(text.replacen(from, to, 1).as_bytes()).unwrap_err();
        assert_eq!(error, BundleError::Line(line), "{from}");
    };
    check("bundle@v1", "bundle@v2", 1);
    check("event 7 ", "event 07 ", 2);
    check("event 7 ", "Event 7 ", 2);
    let hash = text.lines().nth(2).unwrap();
    check(hash, &hash[1..], 3);
    check(hash, &[hash; 65].join("\n"), 2 + PROOF_HASHES_MAX + 1);
    // Without the blank line the head's origin would be a hash.
    let blank = text.lines().position(str::is_empty).unwrap();
    check("\n\n", "\n", blank + 1);
}

proptest! {
    #[test]
    fn a_flipped_bit_never_verifies(spot in any::<prop::sample::Index>(), bit in 0_u32..8) {
        thread_local! {
            static BYTES: Vec<u8> = bundle().to_string().into_bytes();
        }
        let mut bytes = BYTES.with(Clone::clone);
        let at = spot.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let bundle = Bundle::parse(&bytes);
        prop_assert!(bundle.is_err() || bundle.is_ok_and(|bundle| bundle.verify(&policy()).is_err()));
    }

    #[test]
    fn any_bytes_are_read_or_refused(
        bytes in any::<Vec<u8>>(),
        text in "tracegate-bundle@v1\n(event [0-9]{1,3} [A-Za-z0-9+/]{4} [A-Za-z0-9+/]{43}= [A-Za-z0-9+/]{4}\n){0,3}\n[a-z]\n\n(— n [A-Za-z0-9+/]{8}\n){1,2}",
    ) {
        for bytes in [bytes, text.into_bytes()] {
            if let Ok(bundle) = Bundle::parse(&bytes) {
                prop_assert_eq!(bundle.to_string().into_bytes(), bytes);
            }
        }
    }
}
