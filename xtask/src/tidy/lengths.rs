//! Short files and functions. What is longer is on record and may only shrink.

use std::collections::BTreeMap;

use super::Problem;
use super::repository::Repository;
use super::rules::{PATH, Rules};

/// Lines of a file that needs no reason.
const FILE_LINES: usize = 500;
/// Lines that no file may have, whatever the reason.
const FILE_LINES_MAX: usize = 800;
/// Lines of a function, from `fn` to the closing brace: what a screen shows.
const FUNCTION_LINES: usize = 70;
/// How far a recorded length may lie above the true one.
const SLACK: usize = 20;

pub fn check_files(repository: &Repository, rules: &Rules) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in repository.texts(".rs") {
        let lines = text.lines().count();
        let recorded = rules.long_file.iter().find(|entry| entry.path == path);
        let verdict = if lines > FILE_LINES_MAX {
            Some((
                format!("{lines} lines, over the wall of {FILE_LINES_MAX}"),
                SPLIT.to_owned(),
            ))
        } else {
            judge(lines, FILE_LINES, recorded.map(|entry| entry.lines))
        };
        problems.extend(verdict.map(|(what, remedy)| Problem::new(path, 1, what, remedy)));
    }
    let gone = rules
        .long_file
        .iter()
        .filter(|entry| repository.text(&entry.path).is_none());
    problems.extend(gone.map(|entry| no_longer_there(&entry.path)));
    problems
}

pub fn check_functions(repository: &Repository, rules: &Rules) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut met = Vec::new();
    for (path, text) in repository.texts(".rs") {
        for (name, Function { line, lines }) in longest_by_name(text) {
            let mut entries = rules.long_function.iter();
            let recorded = entries.find(|entry| entry.path == path && entry.name == name);
            met.extend(recorded.map(|entry| (&entry.path, &entry.name)));
            let verdict = judge(lines, FUNCTION_LINES, recorded.map(|entry| entry.lines));
            problems.extend(verdict.map(|(what, remedy)| {
                Problem::new(path, line, format!("function `{name}`: {what}"), remedy)
            }));
        }
    }
    let gone = rules.long_function.iter();
    let gone = gone.filter(|entry| !met.contains(&(&entry.path, &entry.name)));
    problems.extend(gone.map(|entry| no_longer_there(&format!("{}, {}", entry.path, entry.name))));
    problems
}

const SPLIT: &str = "split it where the subject changes";

/// What is wrong with a length, given the length on record, and the remedy.
fn judge(lines: usize, limit: usize, recorded: Option<usize>) -> Option<(String, String)> {
    let Some(recorded) = recorded else {
        let remedy = format!("{SPLIT}, or record the length with a reason in {PATH}");
        return (lines > limit).then(|| (format!("{lines} lines, over {limit}"), remedy));
    };
    if lines <= limit {
        let what = format!("{lines} lines, and on record as longer than {limit}");
        Some((what, format!("remove the entry from {PATH}")))
    } else if lines > recorded {
        Some((
            format!("grew to {lines} lines, on record with {recorded}"),
            SPLIT.to_owned(),
        ))
    } else if recorded - lines > SLACK {
        let what = format!("shrank to {lines} lines, on record with {recorded}");
        Some((what, format!("lower the ratchet in {PATH}")))
    } else {
        None
    }
}

fn no_longer_there(entry: &str) -> Problem {
    Problem::new(
        PATH,
        1,
        format!("`{entry}` is on record and not there"),
        "remove the entry",
    )
}

/// Where a function starts, counted from 1, and how many lines it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Function {
    pub line: usize,
    pub lines: usize,
}

/// The longest function of each name in a file that rustfmt has formatted.
pub fn longest_by_name(text: &str) -> BTreeMap<&str, Function> {
    let lines: Vec<&str> = text.lines().collect();
    let mut longest: BTreeMap<&str, Function> = BTreeMap::new();
    for (index, name) in lines
        .iter()
        .enumerate()
        .filter_map(|(i, line)| Some((i, name(line)?)))
    {
        let Some(length) = length(&lines[index..]) else {
            continue;
        };
        let function = Function {
            line: index + 1,
            lines: length,
        };
        let known = longest.entry(name).or_insert(function);
        if known.lines < length {
            *known = function;
        }
    }
    longest
}

/// The name of the function that this line begins to define.
fn name(line: &str) -> Option<&str> {
    let modifier = |word: &str| {
        word.starts_with("pub")
            || word.starts_with('"')
            || ["async", "const", "default", "extern", "unsafe"].contains(&word)
    };
    let mut words = line.split_whitespace().skip_while(|word| modifier(word));
    if words.next()? != "fn" {
        return None;
    }
    words.next()?.split(['(', '<']).next()
}

/// Lines up to the closing brace, which stands in the column where the definition began. None for a
/// declaration without a body.
fn length(lines: &[&str]) -> Option<usize> {
    let first = lines.first()?;
    let indent = first.len() - first.trim_start().len();
    let in_column = |line: &str| line.len() - line.trim_start().len() == indent;
    let mut header = lines.iter().enumerate().filter(|(_, line)| in_column(line));
    let (end_of_header, last) = header.find(|(_, line)| line.ends_with(['{', ';', '}']))?;
    match last.chars().last()? {
        ';' => None,
        '}' => Some(end_of_header + 1),
        _ => {
            let closing = |line: &&str| in_column(line) && line.trim_start() == "}";
            Some(lines.iter().position(closing)? + 1)
        }
    }
}
