//! Tests through the front door: load the shipped folder, judge, find.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by saying what it expected"
)]

mod backcast;
mod compare;
mod mutants;
mod properties;
mod replay;
mod shipped;
mod standing;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use agreement::{Facts, Library, Source};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../agreements")
}

fn source() -> Source {
    Source::from_folder(&folder()).expect("the shipped folder reads")
}

/// The shipped library. Loading parses and checks two dozen policy files: once is enough.
fn library() -> Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    let load = || match Library::load(&folder()) {
        Ok(library) => library,
        Err(faults) => panic!("{}", shown(&faults)),
    };
    LIBRARY.get_or_init(load).clone()
}

/// The files of one shipped agreement.
fn source_of(agreement: &str) -> Source {
    let all = source();
    let prefix = format!("{agreement}/");
    let mine = all.paths().filter(|path| path.starts_with(&prefix));
    Source::from_entries(mine.map(|path| (path, all.bytes(path).expect("listed"))))
}

fn shown(faults: &[agreement::Fault]) -> String {
    faults
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Facts of the first worked example of a version: one that is permitted.
fn permitted_facts(version: &agreement::Version) -> Facts {
    let text = String::from_utf8_lossy(&version.files["cases.jsonl"]).into_owned();
    let first: serde_json::Value =
        serde_json::from_str(text.lines().next().expect("a case")).expect("json");
    serde_json::from_value(first["facts"].clone()).expect("facts")
}
