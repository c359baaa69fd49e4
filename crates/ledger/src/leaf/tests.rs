use proptest::prelude::*;

use super::*;

fn opening(salt: u8, bytes: &[u8]) -> Opening {
    Opening {
        salt: [salt; 32],
        bytes: bytes.to_vec(),
    }
}

fn leaf() -> Leaf {
    Leaf {
        kind: Kind(0x0102),
        hour: Hour(0x0304_0506),
        audit: commit(Part::Audit, &[1; 32], b"audit"),
        personal: commit(Part::Personal, &[2; 32], b"personal"),
    }
}

#[test]
fn layout() {
    let bytes = leaf().encode();
    assert_eq!(bytes[..7], [1, 1, 2, 3, 4, 5, 6]);
    assert_eq!(bytes[7..39], leaf().audit.0);
    assert_eq!(bytes[39..], leaf().personal.0);
}

/// Also computed with Python: `hmac.new(bytes([1])*32, b"tracegate leaf v1 audit\naudit",
/// "sha256")`.
#[test]
fn known_commitment() {
    let expected = "4fd4c9e3985a8f648fd1b286382c21e60684eb80109756f8f8dae82cd8455d2e";
    assert_eq!(hex::encode(leaf().audit.0), expected);
}

#[test]
fn hours_round_down() {
    assert_eq!(Hour::from_unix_seconds(3_599), Hour(0));
    assert_eq!(Hour::from_unix_seconds(3_600), Hour(1));
    assert_eq!(Hour(1).unix_seconds(), 3_600);
    assert_eq!(Hour::from_unix_seconds(u64::MAX), Hour(u32::MAX));
}

#[test]
fn opens_with_its_own_openings_only() {
    let leaf = leaf();
    let (audit, personal) = (opening(1, b"audit"), opening(2, b"personal"));
    assert!(open(&leaf, Some(&audit), Some(&personal)));
    assert!(open(&leaf, Some(&audit), None));
    assert!(open(&leaf, None, Some(&personal)));
    assert!(!open(&leaf, None, None));
    assert!(!open(&leaf, Some(&personal), Some(&audit)));
    assert!(!open(&leaf, Some(&audit), Some(&opening(3, b"personal"))));
    assert!(!open(&leaf, Some(&opening(1, b"audix")), Some(&personal)));
}

#[test]
fn the_same_bytes_under_the_same_salt_differ_by_part() {
    let both = [Part::Audit, Part::Personal].map(|part| commit(part, &[0; 32], b""));
    assert_ne!(both[0], both[1]);
}

#[test]
fn openings_do_not_show() {
    assert_eq!(format!("{:?}", opening(1, b"name")), "Opening(secret)");
}

#[test]
fn other_bytes_are_refused() {
    let mut bytes = leaf().encode();
    assert_eq!(
        Leaf::decode(&bytes[1..]),
        Err(LeafError::Length(LEAF_BYTES - 1))
    );
    assert_eq!(
        Leaf::decode(&[1; LEAF_BYTES + 1]),
        Err(LeafError::Length(LEAF_BYTES + 1))
    );
    bytes[0] = 2;
    assert_eq!(Leaf::decode(&bytes), Err(LeafError::Version(2)));
}

proptest! {
    #[test]
    fn leaves_read_back(bytes in prop::collection::vec(any::<u8>(), 0..2 * LEAF_BYTES)) {
        let mut bytes = bytes;
        if let Some(version) = bytes.first_mut() {
            *version = LEAF_VERSION;
        }
        match Leaf::decode(&bytes) {
            Ok(leaf) => prop_assert_eq!(leaf.encode().to_vec(), bytes),
            Err(error) => prop_assert_eq!(error, LeafError::Length(bytes.len())),
        }
    }

    #[test]
    fn a_changed_opening_does_not_open(salt in any::<Salt>(), bytes in any::<Vec<u8>>(), spot in any::<prop::sample::Index>(), bit in 0_u32..8) {
        let audit = commit(Part::Audit, &salt, &bytes);
        let leaf = Leaf { audit, ..leaf() };
        let mut changed = Opening { salt, bytes };
        prop_assert!(leaf.opens(Part::Audit, &changed));
        let at = spot.index(SALT_BYTES + changed.bytes.len());
        let byte = match at.checked_sub(SALT_BYTES) {
            Some(at) => &mut changed.bytes[at],
            None => &mut changed.salt[at],
        };
        *byte ^= 1 << bit;
        prop_assert!(!leaf.opens(Part::Audit, &changed));
    }
}
