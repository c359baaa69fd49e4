use proptest::prelude::*;

use super::*;
use crate::folder::Folder;
use crate::leaf::{Hour, Kind, SALT_BYTES, commit};
use crate::proof::prove;
use crate::shares::Shares;
use crate::testing::{TestLog, key};

/// The kind that says that what came before is gone.
const ERASURE: Kind = Kind(9);

/// A log of 40 entries in which one subject's events are the 7th, 20th, 21st and 39th; the 20th is
/// about others too, and the 39th takes in the deferred 25th and 30th.
fn bundle() -> Bundle {
    bundle_from(Link::FIRST)
}

fn bundle_from(first: Link) -> Bundle {
    let (own, deferred) = ([7_u64, 20, 21, 39], [25_u64, 30]);
    let (mut link, mut held) = (first, Link::FIRST);
    let (mut leaves, mut events) = (Vec::new(), Vec::new());
    for index in 0..40_u64 {
        let salt = [index as u8; SALT_BYTES];
        let facts = format!("event {index}");
        let (chain, bytes) = match () {
            () if own.contains(&index) => {
                let moved = (index == 39).then_some(Moved {
                    entries: 2,
                    newest: 30,
                });
                let bytes = Link { moved, ..link }.encode(facts.as_bytes());
                link = link.next(index);
                (Some(Chain::Own), bytes)
            }
            () if deferred.contains(&index) => {
                let bytes = held.encode(facts.as_bytes());
                held = held.next(index);
                (Some(Chain::Deferred), bytes)
            }
            () => (None, Link::FIRST.encode(b"someone else")),
        };
        let said = match index {
            20 => share(bytes, salt),
            _ => Said::Alone(bytes),
        };
        let personal = match &said {
            Said::Alone(bytes) => bytes.clone(),
            Said::Share(share) => share.personal().unwrap(),
        };
        let leaf = Leaf {
            kind: if index == 7 && first.counter > 0 {
                ERASURE
            } else {
                Kind(1)
            },
            hour: Hour(1),
            audit: commit(Part::Audit, &salt, b""),
            personal: commit(Part::Personal, &salt, &personal),
        };
        leaves.push(leaf.encode());
        events.extend(chain.map(|chain| BundleEvent {
            chain,
            index,
            leaf,
            salt,
            said,
            path: Vec::new(),
        }));
    }
    let log = TestLog::new(&[]);
    let note = log.open().unwrap().publish(0, &leaves).unwrap();
    let folder = Folder::new(log.folder());
    for event in &mut events {
        let (_, proof) = prove(&folder, &key(), event.index).unwrap();
        event.path = proof.path;
    }
    Bundle { events, note }
}

/// The middle one of three shares.
fn share(bytes: Vec<u8>, salt: Salt) -> Said {
    let other = |salt: u8| Opening {
        salt: [salt; SALT_BYTES],
        bytes: b"another".to_vec(),
    };
    let own = Opening { salt, bytes };
    let mut drawn = 0_u8;
    let shares = Shares::new(vec![other(201), own, other(202)], || {
        drawn = drawn.wrapping_add(37);
        [drawn; 32]
    });
    Said::Share(shares.unwrap().1.remove(1))
}

fn policy() -> Policy {
    Policy::log_alone(key())
}

#[test]
fn a_complete_chain_verifies() {
    let bundle = bundle();
    let again = Bundle::parse(bundle.to_string().as_bytes()).unwrap();
    assert_eq!(again, bundle);
    let complete = again.verify(&policy(), ERASURE).unwrap();
    assert_eq!((complete.head.size, complete.erased), (40, 0));
    let (link, facts) = Link::decode(again.events[2].said.bytes()).unwrap();
    assert_eq!(
        (link, facts),
        (
            Link {
                counter: 2,
                previous: Some(20),
                moved: None,
            },
            b"event 21".as_slice()
        )
    );
    // Someone of whom nothing is recorded.
    Bundle {
        events: Vec::new(),
        ..bundle
    }
    .verify(&policy(), ERASURE)
    .unwrap();
}

#[test]
fn an_event_left_out_added_or_moved_is_found() {
    let bundle = bundle();
    let check = |change: &dyn Fn(&mut Vec<BundleEvent>), expected: BundleError| {
        let mut bundle = bundle.clone();
        change(&mut bundle.events);
        assert_eq!(bundle.verify(&policy(), ERASURE), Err(expected));
    };
    check(&|events| drop(events.remove(0)), BundleError::Begins(20));
    check(&|events| drop(events.remove(1)), BundleError::Link(21));
    check(&|events| events.swap(1, 2), BundleError::Link(21));
    check(
        &|events| events.push(events[5].clone()),
        BundleError::Link(39),
    );
    for (place, index) in [(1, 20), (2, 21)] {
        check(
            &|events| match &mut events[place].said {
                Said::Alone(bytes) => bytes[20] ^= 1,
                Said::Share(share) => share.opening.bytes[20] ^= 1,
            },
            BundleError::Opening(index),
        );
        check(
            &|events| events[place].salt[0] ^= 1,
            BundleError::Opening(index),
        );
        check(
            &|events| events[place].said = events[0].said.clone(),
            BundleError::Opening(index),
        );
    }
    let of_share = |change: &dyn Fn(&mut Share)| {
        let change = |events: &mut Vec<BundleEvent>| match &mut events[1].said {
            Said::Alone(_) => panic!("it is a share"),
            Said::Share(share) => change(share),
        };
        check(&change, BundleError::Opening(20));
    };
    of_share(&|share| share.place ^= 1);
    of_share(&|share| share.place = 128);
    of_share(&|share| share.path[6].0[0] ^= 1);
    of_share(&|share| share.path.truncate(5));
    of_share(&|share| share.opening.salt[0] ^= 1);
    let path = |change: &dyn Fn(&mut BundleEvent)| {
        let mut bundle = bundle.clone();
        change(&mut bundle.events[1]);
        let error = bundle.verify(&policy(), ERASURE).unwrap_err();
        assert!(matches!(error, BundleError::Path { .. }), "{error}");
    };
    path(&|event| event.leaf.kind = Kind(2));
    path(&|event| event.index = 19);
    path(&|event| event.path[2].0[0] ^= 1);
    path(&|event| event.path.truncate(2));
}

#[test]
fn deferred_events_are_all_there_or_the_bundle_is_refused() {
    let bundle = bundle();
    let check = |change: &dyn Fn(&mut Vec<BundleEvent>), expected: BundleError| {
        let mut bundle = bundle.clone();
        change(&mut bundle.events);
        assert_eq!(bundle.verify(&policy(), ERASURE), Err(expected));
    };
    check(&|events| drop(events.remove(3)), BundleError::Link(30));
    check(&|events| drop(events.remove(4)), BundleError::Moved(39));
    check(&|events| drop(events.drain(3..5)), BundleError::Moved(39));
    // Deferred events that nothing has taken in.
    check(&|events| drop(events.pop()), BundleError::Moved(30));
    check(
        &|events| events[3].chain = Chain::Own,
        BundleError::Link(25),
    );
}

#[test]
fn only_an_erasure_may_stand_for_what_came_before() {
    let first = Link {
        counter: 5,
        previous: Some(3),
        moved: None,
    };
    let bundle = bundle_from(first);
    assert_eq!(bundle.verify(&policy(), ERASURE).unwrap().erased, 5);
    let refused = bundle.verify(&policy(), Kind(8));
    assert_eq!(refused, Err(BundleError::Begins(7)));
}

#[test]
fn the_head_must_satisfy_the_policy() {
    let other = "log other.example+00000000+AQ==\nquorum none\n".parse::<Policy>();
    assert!(other.is_err());
    let seed = [2; 32];
    let stranger = crate::key::SignerKey::from_seed(key().name(), crate::key::KeyType::Note, &seed);
    let error = bundle()
        .verify(
            &Policy::log_alone(stranger.unwrap().public().clone()),
            ERASURE,
        )
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
        // A chain taken in without an event, and one cut short.
        &[&TAKES_IN.to_be_bytes()[..], &[0xff; 8], &[0; 16]].concat(),
        &[&TAKES_IN.to_be_bytes()[..], &[0xff; 8], &[1; 15]].concat(),
    ] {
        assert_eq!(Link::decode(bytes), None);
    }
    let takes_in = Link {
        counter: 3,
        previous: Some(9),
        moved: Some(Moved {
            entries: 2,
            newest: 8,
        }),
    };
    let bytes = takes_in.encode(b"facts");
    assert_eq!(Link::decode(&bytes), Some((takes_in, b"facts".as_slice())));
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
    check(
        "event 20 ",
        "event 20 a ",
        text.lines()
            .position(|l| l.starts_with("event 20 "))
            .unwrap()
            + 1,
    );
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
        prop_assert!(bundle.is_err() || bundle.is_ok_and(|bundle| bundle.verify(&policy(), ERASURE).is_err()));
    }

    #[test]
    fn any_bytes_are_read_or_refused(
        bytes in any::<Vec<u8>>(),
        text in "tracegate-bundle@v1\n((event|deferred) [0-9]{1,3} [A-Za-z0-9+/]{4} [A-Za-z0-9+/]{43}=( [0-9] [A-Za-z0-9+/]{43}=)? [A-Za-z0-9+/]{4}\n){0,3}\n[a-z]\n\n(— n [A-Za-z0-9+/]{8}\n){1,2}",
    ) {
        for bytes in [bytes, text.into_bytes()] {
            if let Ok(bundle) = Bundle::parse(&bytes) {
                prop_assert_eq!(bundle.to_string().into_bytes(), bytes);
            }
        }
    }
}
