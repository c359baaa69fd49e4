//! The table of crates in `ARCHITECTURE.md` is true both ways.

use std::collections::BTreeMap;

use super::Problem;
use super::crates;
use super::repository::Repository;
use super::rules::Rules;

const MAP: &str = "ARCHITECTURE.md";
const HEADING: &str = "## Crates";

pub fn check(repository: &Repository, _: &Rules) -> Vec<Problem> {
    let Some(rows) = repository.text(MAP).and_then(rows) else {
        let remedy = "add a table with a crate's name in backticks in the first column of each row";
        return vec![Problem::new(
            MAP,
            1,
            format!("no heading `{HEADING}`"),
            remedy,
        )];
    };
    let members = crates::all(repository);
    let absent = members
        .iter()
        .filter(|member| !rows.contains_key(member.name.as_str()));
    let absent = absent.map(|member| {
        let what = format!("crate `{}` is not in the table of {MAP}", member.name);
        Problem::new(&member.manifest, 1, what, "add a row that says what it is")
    });
    let gone = rows
        .iter()
        .filter(|(name, _)| members.iter().all(|member| member.name != **name));
    let gone = gone.map(|(name, line)| {
        let what = format!("the table names a crate `{name}` that is not there");
        Problem::new(MAP, *line, what, "remove the row or correct the name")
    });
    absent.chain(gone).collect()
}

/// Names in the first column and their lines.
fn rows(text: &str) -> Option<BTreeMap<&str, usize>> {
    let heading = text.lines().position(|line| line.trim_end() == HEADING)?;
    let section = text.lines().enumerate().skip(heading + 1);
    let section = section.take_while(|(_, line)| !line.starts_with("## "));
    Some(
        section
            .filter_map(|(index, line)| Some((name_in(line)?, index + 1)))
            .collect(),
    )
}

/// `ledger` in ``| `ledger` | ... |``.
fn name_in(row: &str) -> Option<&str> {
    let cell = row.trim_start().strip_prefix('|')?.split('|').next()?;
    let (_, name) = cell.split_once('`')?;
    Some(name.split_once('`')?.0)
}
