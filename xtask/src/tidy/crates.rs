//! The crates of the workspace and the rules that hold for each of them.

use toml::{Table, Value};

use super::Problem;
use super::repository::Repository;
use super::rules::Rules;

/// A member of the workspace.
pub struct Crate {
    pub name: String,
    /// Relative to the top folder, `crates/ledger`.
    pub folder: String,
    /// Path of its `Cargo.toml`.
    pub manifest: String,
    pub table: Table,
}

/// All members, in the order of their folders. A manifest that is no TOML is cargo's to report.
pub fn all(repository: &Repository) -> Vec<Crate> {
    repository
        .texts("/Cargo.toml")
        .filter_map(|(path, text)| read(path, text))
        .collect()
}

fn read(manifest: &str, text: &str) -> Option<Crate> {
    let folder = manifest.strip_suffix("/Cargo.toml")?;
    let table: Table = text.parse().ok()?;
    let name = table.get("package")?.get("name")?.as_str()?.to_owned();
    Some(Crate {
        name,
        folder: folder.to_owned(),
        manifest: manifest.to_owned(),
        table,
    })
}

/// Number of the first line that starts so, or 1.
pub fn line_starting(text: &str, start: &str) -> usize {
    text.lines()
        .position(|line| line.starts_with(start))
        .map_or(1, |index| index + 1)
}

pub fn check(repository: &Repository, _: &Rules) -> Vec<Problem> {
    let mut problems = Vec::new();
    for member in all(repository) {
        problems.extend(check_name(&member));
        problems.extend(check_lints(&member));
        for file in ["src/lib.rs", "src/main.rs"] {
            let path = format!("{}/{file}", member.folder);
            let text = repository.text(&path);
            problems.extend(text.and_then(|text| check_opening(&path, text)));
        }
    }
    problems.extend(repository.texts("/mod.rs").map(|(path, _)| {
        Problem::new(
            path,
            1,
            "a module is named `mod.rs`",
            "name it `folder.rs` beside `folder/`",
        )
    }));
    problems
}

fn check_name(member: &Crate) -> Option<Problem> {
    let folder = member.folder.rsplit('/').next()?;
    (folder != member.name).then(|| {
        let what = format!("crate `{}` lives in folder `{folder}`", member.name);
        Problem::new(&member.manifest, 1, what, "give both the same name")
    })
}

fn check_lints(member: &Crate) -> Option<Problem> {
    let lints = member
        .table
        .get("lints")
        .and_then(|lints| lints.get("workspace"));
    (lints.and_then(Value::as_bool) != Some(true)).then(|| {
        let what = "the crate does not take the lints of the workspace";
        Problem::new(
            &member.manifest,
            1,
            what,
            "add `workspace = true` under `[lints]`",
        )
    })
}

/// A crate says first what it is and, if others build on it, what it must never know.
fn check_opening(path: &str, text: &str) -> Option<Problem> {
    let opening: Vec<_> = text
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .collect();
    if opening.is_empty() {
        let remedy = "open with a `//!` paragraph that says what the crate is";
        return Some(Problem::new(
            path,
            1,
            "the crate does not say what it is",
            remedy,
        ));
    }
    let says_limit = opening.concat().contains("must never");
    (path.ends_with("lib.rs") && !says_limit).then(|| {
        let what = "the opening does not say what the crate must never know";
        Problem::new(path, 1, what, "add a sentence with the words `must never`")
    })
}
