use super::*;

const TEXT: &str = include_str!("../../../docs/matching.md");

#[test]
fn the_page_shows_what_the_engine_says() {
    let (_, shown) = TEXT.split_once(START).unwrap();
    assert_eq!(
        shown.trim(),
        explanations().unwrap().trim(),
        "run `cargo xtask explanations`"
    );
}

#[test]
fn the_examples_show_what_they_are_for() {
    let text = explanations().unwrap();
    let section = |title: &str| {
        let (_, rest) = text.split_once(&format!("### {title}\n")).unwrap();
        rest.split("\n### ").next().unwrap().to_owned()
    };
    for (title, outcome, evidence) in [
        ("A twin", "1. TWIN-A", "2. TWIN-B"),
        ("A person who has moved", "One person", "elsewhere"),
        ("A changed surname", "One person", "different (a woman"),
        ("A swapped birth date", "One person", "day and month stand"),
        ("Born on 1 January", "more identifiers", "1 January"),
    ] {
        let section = section(title);
        assert!(section.contains(outcome), "{section}");
        assert!(section.contains(evidence), "{section}");
    }
}
