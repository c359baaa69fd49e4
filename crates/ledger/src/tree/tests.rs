use std::env;
use std::fs;

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;

use super::*;
use crate::hash::leaf_hash;

/// The eight test entries of the public Certificate Transparency test suites, in hex.
const ENTRIES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];

/// Roots of the trees of their first 1 to 8.
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn hash(text: &str) -> Hash {
    Hash::from_slice(&hex::decode(text).unwrap()).unwrap()
}

fn known_leaves() -> Vec<Hash> {
    ENTRIES
        .iter()
        .map(|entry| leaf_hash(&hex::decode(entry).unwrap()))
        .collect()
}

fn inclusion(leaves: &[Hash], index: u64) -> Vec<Hash> {
    prove_inclusion(index, leaves.len() as u64, node_in(leaves)).unwrap()
}

fn consistency(leaves: &[Hash], old: u64) -> Vec<Hash> {
    prove_consistency(old, leaves.len() as u64, node_in(leaves)).unwrap()
}

#[test]
fn eight_known_roots() {
    let leaves = known_leaves();
    assert_eq!(
        root(&[]),
        hash("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    );
    for (size, expected) in (1..).zip(ROOTS) {
        assert_eq!(root(&leaves[..size]), hash(expected), "size {size}");
    }
}

#[test]
fn known_inclusion_proofs() {
    let leaves = known_leaves();
    let check = |index: u64, size: usize, expected: &[&str]| {
        let expected: Vec<Hash> = expected.iter().map(|text| hash(text)).collect();
        assert_eq!(
            inclusion(&leaves[..size], index),
            expected,
            "entry {index} of {size}"
        );
        let leaf = leaves[index as usize];
        let root = hash(ROOTS[size - 1]);
        assert_eq!(
            verify_inclusion(index, size as u64, leaf, &expected, root),
            Ok(())
        );
    };
    check(0, 1, &[]);
    check(
        0,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    );
    check(
        5,
        8,
        &[
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    );
    check(
        2,
        3,
        &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    );
    check(
        1,
        5,
        &[
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    );
}

#[test]
fn known_consistency_proofs() {
    let leaves = known_leaves();
    let check = |old: usize, new: usize, expected: &[&str]| {
        let expected: Vec<Hash> = expected.iter().map(|text| hash(text)).collect();
        assert_eq!(
            consistency(&leaves[..new], old as u64),
            expected,
            "{old} to {new}"
        );
        let old = (old as u64, hash(ROOTS[old - 1]));
        let new = (new as u64, hash(ROOTS[new - 1]));
        assert_eq!(verify_consistency(old, new, &expected), Ok(()));
    };
    check(1, 1, &[]);
    check(
        1,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    );
    check(
        6,
        8,
        &[
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    );
    check(
        2,
        5,
        &[
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    );
}

#[test]
fn sizes_and_indexes_out_of_range_are_errors() {
    let leaves = known_leaves();
    let root = hash(ROOTS[7]);
    let index = ProofError::Index { index: 8, size: 8 };
    assert_eq!(prove_inclusion(8, 8, node_in(&leaves)), Err(index.clone()));
    assert_eq!(verify_inclusion(8, 8, leaves[0], &[], root), Err(index));
    let shrunk = ProofError::Shrunk { old: 9, new: 8 };
    assert_eq!(
        prove_consistency(9, 8, node_in(&leaves)),
        Err(shrunk.clone())
    );
    assert_eq!(verify_consistency((9, root), (8, root), &[]), Err(shrunk));
    assert_eq!(
        verify_consistency((0, empty_root()), (8, root), &[]),
        Err(ProofError::Empty)
    );
    let length = ProofError::Length {
        expected: 3,
        found: 0,
    };
    assert_eq!(verify_inclusion(0, 8, leaves[0], &[], root), Err(length));
    let huge = [leaves[0]; 64];
    assert!(verify_inclusion(u64::MAX - 1, u64::MAX, leaves[0], &huge, root).is_err());
    assert!(verify_consistency((u64::MAX - 1, root), (u64::MAX, root), &huge).is_err());
}

/// The definition of RFC 6962, section 2.1, word for word.
fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(naive_split(leaves.len()));
            node_hash(naive_root(left), naive_root(right))
        }
    }
}

/// PATH of section 2.1.1.
fn naive_path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(naive_split(leaves.len()));
    let (mut path, sibling) = match index < left.len() {
        true => (naive_path(index, left), naive_root(right)),
        false => (naive_path(index - left.len(), right), naive_root(left)),
    };
    path.push(sibling);
    path
}

/// SUBPROOF of section 2.1.2.
fn naive_subproof(old: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if old == leaves.len() {
        return if whole {
            Vec::new()
        } else {
            vec![naive_root(leaves)]
        };
    }
    let (left, right) = leaves.split_at(naive_split(leaves.len()));
    let (mut proof, sibling) = match old <= left.len() {
        true => (naive_subproof(old, left, whole), naive_root(right)),
        false => (
            naive_subproof(old - left.len(), right, false),
            naive_root(left),
        ),
    };
    proof.push(sibling);
    proof
}

fn naive_split(length: usize) -> usize {
    let mut split = 1;
    while split * 2 < length {
        split *= 2;
    }
    split
}

fn some_leaves() -> impl Strategy<Value = Vec<Hash>> {
    (1_usize..200).prop_map(|n| (0..n).map(|i| leaf_hash(&i.to_be_bytes())).collect())
}

proptest! {
    #[test]
    fn roots_and_proofs_are_the_naive_ones(leaves in some_leaves(), pick in any::<prop::sample::Index>()) {
        let (size, index) = (leaves.len(), pick.index(leaves.len()));
        let whole = root(&leaves);
        prop_assert_eq!(whole, naive_root(&leaves));
        let path = inclusion(&leaves, index as u64);
        prop_assert_eq!(&path, &naive_path(index, &leaves));
        prop_assert_eq!(verify_inclusion(index as u64, size as u64, leaves[index], &path, whole), Ok(()));
        let old = index + 1;
        let proof = consistency(&leaves, old as u64);
        prop_assert_eq!(&proof, &naive_subproof(old, &leaves, true));
        let old = (old as u64, root(&leaves[..old]));
        prop_assert_eq!(verify_consistency(old, (size as u64, whole), &proof), Ok(()));
    }

    #[test]
    fn a_changed_proof_never_holds(
        leaves in some_leaves(),
        pick in any::<prop::sample::Index>(),
        spot in any::<prop::sample::Index>(),
        bit in 0_u32..8,
    ) {
        let (size, index) = (leaves.len() as u64, pick.index(leaves.len()) as u64);
        let (leaf, whole) = (leaves[index as usize], root(&leaves));
        let mut path = inclusion(&leaves, index);
        prop_assert!(verify_inclusion(index, size, node_hash(leaf, leaf), &path, whole).is_err());
        for other in [index ^ 1, index + 1, size].into_iter().filter(|other| *other != index) {
            prop_assert!(verify_inclusion(other, size, leaf, &path, whole).is_err());
        }
        let old = (index + 1, root(&leaves[..=index as usize]));
        let mut proof = consistency(&leaves, index + 1);
        prop_assert!(verify_consistency((old.0, node_hash(leaf, leaf)), (size, whole), &proof).is_err());
        for proof in [&mut path, &mut proof].into_iter().filter(|proof| !proof.is_empty()) {
            let at = spot.index(proof.len() * 32);
            proof[at / 32].0[at % 32] ^= 1 << bit;
        }
        if !path.is_empty() {
            prop_assert!(verify_inclusion(index, size, leaf, &path, whole).is_err());
        }
        if !proof.is_empty() {
            prop_assert!(verify_consistency(old, (size, whole), &proof).is_err());
        }
    }

    #[test]
    fn agrees_with_ct_merkle(entries in prop::collection::vec(any::<Vec<u8>>(), 1..60), pick in any::<prop::sample::Index>()) {
        let mut other = MemoryBackedTree::<Sha256, Vec<u8>>::new();
        entries.iter().for_each(|entry| other.push(entry.clone()));
        let leaves: Vec<Hash> = entries.iter().map(|entry| leaf_hash(entry)).collect();
        let index = pick.index(entries.len());
        let their_root = other.root();
        prop_assert_eq!(their_root.as_bytes().as_slice(), root(&leaves).0);
        let path: Vec<u8> = inclusion(&leaves, index as u64).iter().flat_map(|hash| hash.0).collect();
        let theirs = other.prove_inclusion(index);
        prop_assert_eq!(theirs.as_bytes(), path.as_slice());
        let ours = ct_merkle::InclusionProof::try_from_bytes(path).unwrap();
        prop_assert!(other.root().verify_inclusion(&entries[index], index as u64, &ours).is_ok());
        let proof: Vec<u8> = consistency(&leaves, index as u64 + 1).iter().flat_map(|hash| hash.0).collect();
        let theirs = other.prove_consistency(entries.len() - index - 1);
        prop_assert_eq!(theirs.as_bytes(), proof.as_slice());
    }

    #[test]
    fn agrees_with_tlog_tiles(n in 1_u64..200, pick in any::<prop::sample::Index>()) {
        let leaves: Vec<Hash> = (0..n).map(|i| leaf_hash(&i.to_be_bytes())).collect();
        let index = pick.index(leaves.len()) as u64;
        let theirs = |hash: Hash| tlog_tiles::tlog::Hash(hash.0);
        let all = |hashes: Vec<Hash>| hashes.into_iter().map(theirs).collect::<Vec<_>>();
        let (whole, leaf) = (theirs(root(&leaves)), theirs(leaves[index as usize]));
        let path = all(inclusion(&leaves, index));
        prop_assert!(tlog_tiles::tlog::check_record(&path, n, whole, index, leaf).is_ok());
        let proof = all(consistency(&leaves, index + 1));
        let old = theirs(root(&leaves[..=index as usize]));
        prop_assert!(tlog_tiles::tlog::check_tree(&proof, n, whole, index + 1, old).is_ok());
    }
}

/// One line a case: kind, index or old size, size, leaf or old root, root, proof, 1 if it must be
/// rejected, name.
///
/// The cases of the transparency-dev merkle project can be checked in this form by naming their
/// file.
#[test]
fn vectors() {
    const BUILT_IN: &str = "\
        i 0 1 6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d \
        6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d - 0 single-leaf\n\
        i 1 1 6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d \
        6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d - 1 index-beyond\n\
        c 1 2 6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d \
        fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125 \
        96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7 0 one-to-two\n\
        c 1 2 6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d \
        fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125 - 1 proof-missing\n";
    let path = env::var_os("TRACEGATE_RFC6962_VECTORS");
    let text = path.map_or_else(|| BUILT_IN.into(), |path| fs::read_to_string(path).unwrap());
    let mut cases = 0;
    for line in text.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [kind, first, size, leaf, root, proof, rejected, name] = fields[..] else {
            panic!("malformed case: {line}");
        };
        let held = check_vector(kind, first, size, leaf, root, proof).unwrap_or(false);
        assert_eq!(held, rejected == "0", "{name}");
        cases += 1;
    }
    assert!(cases >= 4);
}

/// Whether the proof of a case holds; `None` when a hash in it has more than 32 bytes.
fn check_vector(
    k: &str,
    first: &str,
    size: &str,
    leaf: &str,
    root: &str,
    proof: &str,
) -> Option<bool> {
    // Some cases use short text as an opaque root: fill it up to a hash.
    let hash = |text: &str| {
        let mut bytes = hex::decode(text).ok().filter(|bytes| bytes.len() <= 32)?;
        bytes.resize(32, 0);
        Hash::from_slice(&bytes)
    };
    let proof = proof.split(',').filter(|hash| *hash != "-");
    let proof = proof.map(hash).collect::<Option<Vec<Hash>>>()?;
    let (first, size) = (first.parse().ok()?, size.parse().ok()?);
    let (leaf, root) = (hash(leaf)?, hash(root)?);
    Some(match k {
        "i" => verify_inclusion(first, size, leaf, &proof, root).is_ok(),
        _ => verify_consistency((first, leaf), (size, root), &proof).is_ok(),
    })
}
