//! Relative links between documents resolve, down to the heading.

use std::collections::{BTreeMap, BTreeSet};

use super::Problem;
use super::repository::Repository;
use super::rules::Rules;

pub fn check(repository: &Repository, _: &Rules) -> Vec<Problem> {
    let documents = repository.texts(".md");
    documents
        .flat_map(|(path, text)| check_document(repository, path, text))
        .collect()
}

fn check_document(repository: &Repository, path: &str, text: &str) -> Vec<Problem> {
    let links = prose(text).flat_map(|(line, words)| {
        targets(&words)
            .into_iter()
            .map(move |target| (line, target))
    });
    let broken = links.filter(|(_, target)| !resolves(repository, path, target));
    let report = |(line, target)| {
        let what = format!("link `{target}` leads nowhere");
        Problem::new(
            path,
            line,
            what,
            "correct it, or add the file or heading that it names",
        )
    };
    broken.map(report).collect()
}

/// Lines and their numbers, without blocks and spans of code.
fn prose(text: &str) -> impl Iterator<Item = (usize, String)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        let outside = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
        (!fenced && !fence).then_some((index + 1, outside))
    })
}

/// What follows `](`, `href="`, `src="`, or a definition's `]: `.
fn targets(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (start, end) in [("](", ')'), ("href=\"", '"'), ("src=\"", '"')] {
        found.extend(
            line.split(start)
                .skip(1)
                .filter_map(|rest| rest.split(end).next()),
        );
    }
    if line.starts_with('[') {
        found.extend(line.split_once("]: ").map(|(_, rest)| rest));
    }
    let bare = |target: &&str| target.trim().trim_start_matches('<').to_owned();
    let first_word = |target: String| target.split([' ', '>']).next().map(str::to_owned);
    found.iter().map(bare).filter_map(first_word).collect()
}

fn resolves(repository: &Repository, document: &str, target: &str) -> bool {
    if target.contains("://") || target.starts_with("mailto:") {
        return true;
    }
    let (file, heading) = target.split_once('#').unwrap_or((target, ""));
    let Some(path) = join(document, file) else {
        return false;
    };
    if !repository.exists(&path) {
        return false;
    }
    let headings = path
        .ends_with(".md")
        .then(|| repository.text(&path))
        .flatten()
        .map(anchors);
    heading.is_empty() || headings.is_none_or(|anchors| anchors.contains(heading))
}

/// None if the target lies outside the repository.
fn join(document: &str, target: &str) -> Option<String> {
    if target.is_empty() {
        return Some(document.to_owned());
    }
    let mut parts: Vec<&str> = document.split('/').collect();
    parts.pop();
    if target.starts_with('/') {
        parts.clear();
    }
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// The names that the common renderers give to a document's headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut seen = BTreeMap::new();
    let mut anchors = BTreeSet::new();
    for line in text.lines().filter(|line| line.starts_with('#')) {
        let name = anchor(line.trim_start_matches('#').trim());
        let earlier = seen.entry(name.clone()).or_insert(0);
        anchors.insert(if *earlier == 0 {
            name
        } else {
            format!("{name}-{earlier}")
        });
        *earlier += 1;
    }
    anchors
}

fn anchor(heading: &str) -> String {
    let kept = heading
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.flat_map(char::to_lowercase)
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}
