//! Polls and back-casts as a user meets them.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{stderr, stdout, tracegate};

const GUIDE: &str = include_str!("../../../../docs/polls.md");

/// A fenced block of the guide.
fn block(language: &str) -> &'static str {
    let (_, rest) = GUIDE.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

/// The plan and the answers of the guide, in a folder.
fn poll() -> (TempDir, String, String) {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (plan, answers) = (path("poll.toml"), path("answers.csv"));
    fs::write(&plan, block("toml")).unwrap();
    fs::write(&answers, block("csv")).unwrap();
    (folder, plan, answers)
}

/// Lines that name a percentage.
fn percentages(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| line.contains(" %  "))
}

#[test]
fn the_poll_of_the_guide_is_told_with_base_and_wording() {
    let (_folder, plan, answers) = poll();
    let ran = tracegate(["poll", "toplines", "--plan", &plan, "--answers", &answers]);
    let text = stdout(&ran);
    assert!(ran.status.success(), "{}", stderr(&ran));
    assert!(
        text.contains("q1 (wording known in full)\n  \"May a hospital give"),
        "{text}"
    );
    assert!(
        text.contains("base 7 unweighted") && text.contains("; design effect "),
        "{text}"
    );
    assert!(percentages(&text).count() == 8, "{text}");
    assert!(
        percentages(&text).all(|line| line.contains("base ")),
        "{text}"
    );
    let table = tracegate([
        "poll",
        "crosstab",
        "--plan",
        &plan,
        "--answers",
        &answers,
        "--question",
        "q1",
        "--by",
        "sex",
        "--percent",
        "row",
    ]);
    let text = stdout(&table);
    assert!(
        text.contains("percent of those who gave each answer"),
        "{text}"
    );
    assert!(percentages(&text).count() == 8, "{text}");
    assert!(
        percentages(&text).all(|line| line.contains("base ")),
        "{text}"
    );
    let change = tracegate([
        "poll",
        "compare",
        "--plan",
        &plan,
        "--answers",
        &answers,
        "--later",
        &answers,
        "--question",
        "q1",
        "--format",
        "json",
    ]);
    let change: Value = serde_json::from_str(&stdout(&change)).unwrap();
    assert_eq!(change["changes"][0]["points"], 0.0);
    assert!(change["changes"][0]["before"]["base"]["counted"]["unweighted"] == 7);
}

#[test]
fn a_faulty_answer_is_named_with_file_line_column_and_remedy() {
    let (_folder, plan, answers) = poll();
    let bad = fs::read_to_string(&answers)
        .unwrap()
        .replace("north,2,1.0,F,3", "north,2,1.0,F,7");
    fs::write(&answers, bad).unwrap();
    let ran = tracegate(["poll", "toplines", "--plan", &plan, "--answers", &answers]);
    assert_eq!(ran.status.code(), Some(1));
    let said = stderr(&ran);
    assert!(
        said.contains("line 4, column `q1`: `7` is not a code of the plan; correct the cell"),
        "{said}"
    );
    let missing = tracegate([
        "poll",
        "toplines",
        "--plan",
        "no.toml",
        "--answers",
        &answers,
    ]);
    assert!(stderr(&missing).contains("cannot read `no.toml`"));
}

#[test]
fn the_published_poll_is_told_with_what_is_not_known() {
    let text = stdout(&tracegate(["poll", "published"]));
    assert!(
        text.contains("72 % (base not published, 2000 interviews in all; wording unknown)"),
        "{text}"
    );
    assert!(
        text.contains("of 1000 would have a margin of 2.8 points; this is not one"),
        "{text}"
    );
    assert!(text.contains("at least 69 % (base not published"), "{text}");
    let json = stdout(&tracegate(["poll", "published", "--format", "json"]));
    let json: Value = serde_json::from_str(&json).unwrap();
    for figure in json["figures"].as_array().unwrap() {
        assert_eq!(
            figure["percentage"]["base"]["not_published"]["interviews"],
            2000
        );
        assert_eq!(figure["percentage"]["wording"], "wording unknown");
    }
}

#[test]
fn published_volumes_are_told_by_assumption() {
    let text = stdout(&tracegate(["replay", "--published"]));
    assert!(
        text.contains("nine in ten fall out") && text.contains("source: "),
        "{text}"
    );
    let json = stdout(&tracegate(["replay", "--published", "--format", "json"]));
    let json: Value = serde_json::from_str(&json).unwrap();
    let lines = json["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 34);
    let one = [
        "replay",
        "--published",
        "--under",
        "ho/2018-05-09-as-announced",
        "--format",
        "json",
    ];
    let one: Value = serde_json::from_str(&stdout(&tracegate(one))).unwrap();
    assert_eq!(one["lines"].as_array().unwrap().len(), 17);
    let none = tracegate(["replay", "--published", "--under", "ho/1900-01-01"]);
    assert!(stderr(&none).contains("there is no agreement `ho/1900-01-01`"));
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../evidence/volumes.toml");
    let again = tracegate(["replay", "--published", file.to_str().unwrap()]);
    assert_eq!(stdout(&again), text);
}
