//! The agreements and the published evidence that come with the program, embedded at build.

use std::path::Path;

use agreement::{Backcast, Fault, Library, Source};
use anyhow::Context as _;
use include_dir::{Dir, DirEntry, include_dir};
use survey::{Published, SurveyError};

static AGREEMENTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../agreements");

/// The poll of 2018, as it was published.
pub fn poll() -> Result<Published, SurveyError> {
    let text = include_str!("../../../evidence/poll-2018.toml");
    Published::parse("evidence/poll-2018.toml", text)
}

/// The published volumes of the Home Office, with assumptions.
pub fn volumes() -> Result<Backcast, Fault> {
    let text = include_str!("../../../evidence/volumes.toml");
    Backcast::parse("evidence/volumes.toml", text)
}

/// The shipped agreements, checked like any others.
pub fn library() -> anyhow::Result<Library> {
    Library::from_source(&source()).map_err(|faults| {
        anyhow::anyhow!(
            "{}",
            faults.iter().map(ToString::to_string).collect::<String>()
        )
    })
}

/// Their files.
pub fn source() -> Source {
    let mut files = Vec::new();
    collect(&AGREEMENTS, &mut files);
    Source::from_entries(files)
}

fn collect(folder: &Dir<'static>, files: &mut Vec<(String, Vec<u8>)>) {
    for entry in folder.entries() {
        match entry {
            DirEntry::Dir(folder) => collect(folder, files),
            DirEntry::File(file) => {
                let path = file.path().to_string_lossy().replace('\\', "/");
                files.push((path, file.contents().to_vec()));
            }
        }
    }
}

/// Writes the shipped agreements into a folder of an installation.
pub fn write_agreements(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)
        .and_then(|()| AGREEMENTS.extract(folder))
        .with_context(|| format!("cannot write the agreements to `{}`", folder.display()))
}
