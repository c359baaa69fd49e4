//! Writes a sound log of 70,000 entries and one tampered log for every way to tamper, and judges
//! each, with this crate and with `signed_note` and `ct-merkle`. Other verifiers judge the same
//! folders: `xtask/peers/ledger`.
//!
//! `cargo run -p ledger --example tampered -- FOLDER` writes `FOLDER/CASE/log`, the keys beside it,
//! and `FOLDER/cases.tsv`: the case, `accept` or `reject`, and who must come to that verdict.

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use ledger::leaf::{Hour, Kind, LEAF_BYTES, Leaf, Part, commit};
use ledger::tiles::{Row, TILE_WIDTH, Tile, decode_bundle};
use ledger::{
    Checkpoint, Folder, KeyType, Note, Policy, Publisher, SignerKey, Watch, cosign, look, verify,
};
use sha2::Digest as _;

type Done<T = ()> = Result<T, Box<dyn Error>>;

const ORIGIN: &str = "log.example/2026";
/// Size of the sound log.
const LARGE: u64 = 70_000;
/// Size of the tampered ones: two full tiles and a part of a third.
const SMALL: u64 = 700;
/// Size of the head that was seen before.
const SEEN: u64 = 300;

/// A way to tamper.
struct Case {
    name: &'static str,
    /// The foreign verifiers that can see it.
    seen_by: &'static str,
    make: fn(&Log) -> Done,
}

const CASES: &[Case] = &[
    Case {
        name: "altered-entry",
        seen_by: "scales aics go rust",
        make: altered_entry,
    },
    Case {
        name: "altered-tile",
        seen_by: "scales aics go",
        make: altered_tile,
    },
    Case {
        name: "entry-and-leaf",
        seen_by: "scales aics go rust",
        make: entry_and_leaf,
    },
    Case {
        name: "swapped-entries",
        seen_by: "scales aics go rust",
        make: swapped,
    },
    Case {
        name: "dropped-entry",
        seen_by: "scales aics go rust",
        make: dropped,
    },
    Case {
        name: "fork",
        seen_by: "scales aics go rust",
        make: |log| log.rewrite(SEEN, 3),
    },
    Case {
        name: "rewritten",
        seen_by: "scales aics go rust",
        make: |log| log.rewrite(SMALL, 3),
    },
    Case {
        name: "rollback",
        seen_by: "scales aics go rust",
        make: |log| log.rewrite(200, 1000),
    },
    Case {
        name: "replaced-root",
        seen_by: "scales aics go rust",
        make: replaced_root,
    },
    Case {
        name: "removed-signature",
        seen_by: "scales aics go rust",
        make: removed_signature,
    },
    Case {
        name: "altered-signature",
        seen_by: "scales aics go rust",
        make: altered_signature,
    },
    Case {
        name: "no-quorum",
        seen_by: "scales aics",
        make: no_quorum,
    },
    Case {
        name: "extension-line",
        seen_by: "scales",
        make: extension_line,
    },
    Case {
        name: "leading-zero",
        seen_by: "scales aics",
        make: leading_zero,
    },
    Case {
        name: "trailing-entry-bytes",
        seen_by: "scales aics",
        make: |log| log.append("tile/entries/001"),
    },
    Case {
        name: "trailing-tile-bytes",
        seen_by: "scales aics go",
        make: |log| log.append("tile/0/001"),
    },
];

fn main() -> Done {
    let place = env::args().nth(1).ok_or("name a folder to write to")?;
    let place = PathBuf::from(place);
    let mut table = String::new();
    let sound = Log::new(&place.join("sound"), LARGE)?;
    table += &sound.judge("sound", "scales aics go rust", true)?;
    for case in CASES {
        let log = Log::new(&place.join(case.name), SMALL)?;
        (case.make)(&log)?;
        table += &log.judge(case.name, case.seen_by, false)?;
    }
    fs::write(place.join("cases.tsv"), &table)?;
    print!("{table}");
    Ok(())
}

fn signer() -> Done<SignerKey> {
    Ok(SignerKey::from_seed(ORIGIN, KeyType::Note, &[1; 32])?)
}

fn witnesses() -> Done<[SignerKey; 2]> {
    Ok([
        SignerKey::from_seed("witness.example/w1", KeyType::Cosignature, &[2; 32])?,
        SignerKey::from_seed("witness.example/w2", KeyType::CosignatureMlDsa44, &[3; 32])?,
    ])
}

/// Entries with these indexes; the one with index `other` says something else.
fn entries(range: Range<u64>, other: u64) -> Vec<[u8; LEAF_BYTES]> {
    let entry = |index: u64| {
        let (salt, bytes) = (
            [index as u8; 32],
            [index, u64::from(index == other)]
                .map(u64::to_be_bytes)
                .concat(),
        );
        let (audit, personal) = (
            commit(Part::Audit, &salt, &bytes),
            commit(Part::Personal, &salt, &bytes),
        );
        let (kind, hour) = (Kind(index as u16), Hour(490_000));
        Leaf {
            kind,
            hour,
            audit,
            personal,
        }
        .encode()
    };
    range.map(entry).collect()
}

/// A log with its keys, in a folder of its own.
struct Log {
    place: PathBuf,
}

impl Log {
    /// A sound log of this size, whose head of [`SEEN`] entries has been seen before.
    fn new(place: &Path, size: u64) -> Done<Log> {
        let log = Log {
            place: place.into(),
        };
        if place.exists() {
            fs::remove_dir_all(place)?;
        }
        log.publish(SEEN, u64::MAX)?;
        fs::copy(log.file("checkpoint"), place.join("seen"))?;
        log.publish(size, u64::MAX)?;
        fs::write(place.join("log.vkey"), format!("{}\n", signer()?.public()))?;
        let keys = witnesses()?.map(|key| format!("{}\n", key.public()));
        fs::write(place.join("witnesses"), keys.concat())?;
        Ok(log)
    }

    fn file(&self, path: &str) -> PathBuf {
        self.place.join("log").join(path)
    }

    fn publish(&self, size: u64, other: u64) -> Done {
        let state = self.place.join("state");
        let mut publisher = Publisher::open(self.place.join("log"), state, signer()?)?;
        let first = publisher.size();
        let note = publisher.sign(first, &entries(first..size, other))?;
        let lines = witnesses()?.map(|key| cosign(&note, &key, 1_790_000_000));
        let lines: Vec<_> = lines.into_iter().flatten().collect();
        let keys = witnesses()?.map(|key| key.public().clone());
        publisher.add_cosignatures(&lines, &keys)?;
        Ok(publisher.release()?)
    }

    /// The same key signs another history, or a shorter one.
    fn rewrite(&self, size: u64, other: u64) -> Done {
        fs::remove_dir_all(self.place.join("log"))?;
        fs::remove_file(self.place.join("state"))?;
        self.publish(size, other)
    }

    fn change(&self, path: &str, change: impl FnOnce(&mut Vec<u8>)) -> Done {
        let mut bytes = fs::read(self.file(path))?;
        change(&mut bytes);
        Ok(fs::write(self.file(path), bytes)?)
    }

    fn append(&self, path: &str) -> Done {
        self.change(path, |bytes| bytes.push(0))
    }

    /// Replaces the head by another text that the log and its witnesses sign.
    fn sign(&self, change: impl FnOnce(String) -> String) -> Done {
        let note = Note::parse(&fs::read(self.file("checkpoint"))?)?;
        let mut note = Note::sign(change(note.text().into()), &signer()?);
        for key in witnesses()? {
            if let Some(line) = cosign(&note, &key, 1_790_000_000) {
                note.add(line);
            }
        }
        Ok(fs::write(self.file("checkpoint"), note.to_string())?)
    }

    /// Judges the log and returns its line of the table; an unexpected verdict is an error.
    fn judge(&self, name: &str, who: &str, sound: bool) -> Done<String> {
        let ours = self.ours();
        if ours.is_ok() != sound {
            return Err(format!("{name}: our verdict is wrong: {ours:?}").into());
        }
        let peers = self.rust_peers();
        if who.contains("rust") && peers.is_ok() != sound {
            return Err(format!("{name}: signed_note and ct-merkle: {peers:?}").into());
        }
        let verdict = if sound { "accept" } else { "reject" };
        Ok(format!("{name}\t{verdict}\t{who}\n"))
    }

    fn ours(&self) -> Done {
        let mut policy = format!("log {}\n", signer()?.public());
        for (number, key) in witnesses()?.iter().enumerate() {
            policy += &format!("witness w{number} {}\n", key.public());
        }
        let policy: Policy = (policy + "group both all w0 w1\nquorum both\n").parse()?;
        let seen = Note::parse(&fs::read(self.place.join("seen"))?)?;
        let watch = Watch {
            note: seen,
            since: 0,
        };
        let folder = self.place.join("log");
        let report = verify(&folder, signer()?.public())?;
        policy.check(&report.note)?;
        look(&Folder::new(folder), &policy, Some(&watch), 0, 1)?;
        Ok(())
    }

    /// `signed_note` checks the signature, `ct-merkle` rebuilds the root from the entries, for the
    /// head there is and for the one seen before.
    fn rust_peers(&self) -> Done {
        let head = foreign_head(&fs::read(self.file("checkpoint"))?)?;
        let seen = foreign_head(&fs::read(self.place.join("seen"))?)?;
        let mut roots = BTreeMap::new();
        let mut tree = ct_merkle::mem_backed_tree::MemoryBackedTree::<sha2::Sha256, Vec<u8>>::new();
        for index in 0..head.size.div_ceil(TILE_WIDTH as u64) {
            let tile = Tile::of_tree(Row::Entries, index, head.size).ok_or("no such tile")?;
            let bytes = fs::read(self.file(&tile.to_string()))?;
            for entry in decode_bundle(&bytes, tile.width)? {
                tree.push(entry.to_vec());
                if [head.size, seen.size].contains(&tree.len()) {
                    roots.insert(tree.len(), tree.root().as_bytes().to_vec());
                }
            }
        }
        for (what, head) in [("head", &head), ("seen", &seen)] {
            if roots.get(&head.size).map(Vec::as_slice) != Some(head.root.0.as_slice()) {
                return Err(format!("another root at the {what}'s size").into());
            }
        }
        Ok(())
    }
}

/// The head in a note, its signature checked by `signed_note`.
fn foreign_head(bytes: &[u8]) -> Done<Checkpoint> {
    let key = signed_note::StandardVerifier::new(&signer()?.public().to_string());
    let key = key.map_err(|error| format!("{error:?}"))?;
    let note = signed_note::Note::from_bytes(bytes).map_err(|error| format!("{error:?}"))?;
    let known = signed_note::VerifierList::new(vec![Box::new(key)]);
    note.verify(&known).map_err(|error| format!("{error:?}"))?;
    Ok(std::str::from_utf8(note.text())?.parse()?)
}

fn altered_entry(log: &Log) -> Done {
    log.change("tile/entries/000", |bytes| bytes[100] ^= 1)
}

fn altered_tile(log: &Log) -> Done {
    log.change("tile/0/000", |bytes| bytes[32 * 5] ^= 1)
}

fn entry_and_leaf(log: &Log) -> Done {
    let mut hash = [0; 32];
    log.change("tile/entries/000", |bytes| {
        bytes[2 + 40] ^= 1;
        let leaf = [&[0], &bytes[2..2 + LEAF_BYTES]].concat();
        hash = sha2::Sha256::digest(leaf).into();
    })?;
    log.change("tile/0/000", |bytes| bytes[..32].copy_from_slice(&hash))
}

fn swapped(log: &Log) -> Done {
    log.change("tile/entries/000", |bytes| {
        let (first, second) = bytes.split_at_mut(2 + LEAF_BYTES);
        first[2..].swap_with_slice(&mut second[2..2 + LEAF_BYTES]);
    })
}

fn dropped(log: &Log) -> Done {
    let width = SMALL % TILE_WIDTH as u64;
    let bundle = format!("tile/entries/002.p/{width}");
    log.change(&bundle, |bytes| {
        bytes.truncate(bytes.len() - 2 - LEAF_BYTES);
    })
}

fn replaced_root(log: &Log) -> Done {
    let seen = fs::read_to_string(log.place.join("seen"))?;
    let root = seen.lines().nth(2).ok_or("no root")?.to_owned();
    log.change("checkpoint", |bytes| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let old = text.lines().nth(2).unwrap_or_default().to_owned();
        *bytes = text.replacen(&old, &root, 1).into_bytes();
    })
}

fn removed_signature(log: &Log) -> Done {
    log.change("checkpoint", |bytes| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let own = format!("\u{2014} {ORIGIN} ");
        *bytes = text
            .split_inclusive('\n')
            .filter(|line| !line.starts_with(&own))
            .collect::<String>()
            .into_bytes();
    })
}

fn altered_signature(log: &Log) -> Done {
    let note = Note::parse(&fs::read(log.file("checkpoint"))?)?;
    let mut line = note.signatures()[0].clone();
    line.signature[10] ^= 1;
    let mut note = note;
    note.add(line);
    Ok(fs::write(log.file("checkpoint"), note.to_string())?)
}

fn no_quorum(log: &Log) -> Done {
    let note = Note::parse(&fs::read(log.file("checkpoint"))?)?;
    let stranger = SignerKey::from_seed("witness.example/w9", KeyType::Cosignature, &[9; 32])?;
    let mut alone = Note::sign(note.text().into(), &signer()?);
    if let Some(line) = cosign(&alone, &stranger, 1_790_000_000) {
        alone.add(line);
    }
    Ok(fs::write(log.file("checkpoint"), alone.to_string())?)
}

fn extension_line(log: &Log) -> Done {
    log.sign(|text| text + "and more\n")
}

fn leading_zero(log: &Log) -> Done {
    log.sign(|text| text.replacen(&format!("\n{SMALL}\n"), &format!("\n0{SMALL}\n"), 1))
}
