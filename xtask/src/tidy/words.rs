//! Text that no file of the repository may hold.

use super::Problem;
use super::repository::Repository;
use super::rules::{Forbidden, Rules};

/// Written by tools, from sources that are not ours to word.
const GENERATED: [&str; 2] = ["Cargo.lock", "package-lock.json"];

pub fn check(repository: &Repository, rules: &Rules) -> Vec<Problem> {
    let ours = |path: &str| !GENERATED.iter().any(|name| path.ends_with(name));
    let mut problems = Vec::new();
    for (path, text) in repository.texts("").filter(|(path, _)| ours(path)) {
        for rule in rules.forbidden.iter().filter(|rule| applies(rule, path)) {
            let word = rule.parts.concat();
            let lines = text
                .lines()
                .enumerate()
                .filter(|(_, line)| holds(line, &word));
            problems.extend(lines.map(|(index, _)| {
                Problem::new(
                    path,
                    index + 1,
                    format!("forbidden text `{word}`"),
                    &rule.remedy,
                )
            }));
        }
    }
    problems
}

fn applies(rule: &Forbidden, path: &str) -> bool {
    !rule.except.iter().any(|start| path.starts_with(start))
}

/// Whether the line holds the word, not as a part of a longer one.
fn holds(line: &str, word: &str) -> bool {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let after = line[start + word.len()..].chars().next();
        let joined_before = word.starts_with(in_word) && before.is_some_and(in_word);
        let joined_after = word.ends_with(in_word) && after.is_some_and(in_word);
        !joined_before && !joined_after
    })
}
