//! The changelog has a place for the next line.

use super::Problem;
use super::repository::Repository;
use super::rules::Rules;

const CHANGELOG: &str = "CHANGELOG.md";
const HEADING: &str = "## Unreleased";

pub fn check(repository: &Repository, _: &Rules) -> Vec<Problem> {
    let text = repository.text(CHANGELOG).unwrap_or_default();
    if text.lines().any(|line| line.trim_end() == HEADING) {
        return Vec::new();
    }
    let remedy = "add the heading, for the line that belongs to each change";
    vec![Problem::new(
        CHANGELOG,
        1,
        format!("no heading `{HEADING}`"),
        remedy,
    )]
}
