//! Decision records: numbered without gaps, and listed.

use super::Problem;
use super::repository::Repository;
use super::rules::Rules;

const FOLDER: &str = "docs/adr";
const LIST: &str = "docs/adr/README.md";
const NOT_RECORDS: [&str; 2] = ["README.md", "template.md"];

pub fn check(repository: &Repository, _: &Rules) -> Vec<Problem> {
    let names = repository.names_in(FOLDER);
    let records = names
        .iter()
        .filter(|name| name.ends_with(".md") && !NOT_RECORDS.contains(name));
    let list = repository.text(LIST).unwrap_or_default();
    let mut problems = Vec::new();
    for (expected, name) in (1..).zip(records) {
        let path = format!("{FOLDER}/{name}");
        if !name.starts_with(&format!("{expected:04}-")) {
            let what = format!("number {expected:04} was expected here");
            problems.push(Problem::new(
                &path,
                1,
                what,
                "number decision records without gaps",
            ));
        }
        if !list.contains(name) {
            let remedy = format!("add a line to {LIST}");
            problems.push(Problem::new(
                &path,
                1,
                "the decision record is not listed",
                remedy,
            ));
        }
    }
    problems
}
