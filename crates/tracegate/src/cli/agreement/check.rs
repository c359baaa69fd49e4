//! `tracegate agreement new` and `check`.

use std::path::Path;

use agreement::{Library, VersionId};
use anyhow::{Context as _, bail};

use super::find;
use crate::cli::Exit;
use crate::shipped;

pub fn new(name: &VersionId, folder: &Path) -> anyhow::Result<Exit> {
    let made = agreement::new_agreement(&shipped::source(), &name.agreement, &name.version);
    let made = made.map_err(anyhow::Error::msg)?;
    let taken = folder.join(&name.agreement);
    if taken.exists() {
        bail!(
            "`{}` is there already; a further version is a copy of the one before, under a new name",
            taken.display()
        );
    }
    for path in made.paths() {
        let file = folder.join(path);
        let parent = file.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent)
            .and_then(|()| std::fs::write(&file, made.bytes(path).unwrap_or_default()))
            .with_context(|| format!("cannot write `{}`", file.display()))?;
        println!("{}", file.display());
    }
    eprintln!(
        "fill in what is written in CAPITALS, then `tracegate agreement check {name} --agreements {}`",
        folder.display()
    );
    Ok(Exit::Done)
}

pub fn check(library: &Library, names: &[VersionId]) -> anyhow::Result<Exit> {
    let versions = if names.is_empty() {
        library.versions().collect()
    } else {
        let named = names.iter().map(|name| find(library, name));
        named.collect::<anyhow::Result<Vec<_>>>()?
    };
    let mut sound = true;
    for version in versions {
        let faults = agreement::check(version);
        faults.iter().for_each(|fault| eprintln!("{fault}"));
        sound &= faults.is_empty();
        match faults.len() {
            0 => println!("{}: sound", version.id),
            1 => println!("{}: 1 fault", version.id),
            count => println!("{}: {count} faults", version.id),
        }
    }
    Ok(if sound { Exit::Done } else { Exit::Failed })
}
