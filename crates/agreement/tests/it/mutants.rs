use agreement::{Library, Outcome, Source, judge, release_text, run_cases};

use crate::{permitted_facts, shown, source};

const POLICE: &str = "police-serious-crime/2026-01-01";

fn text(source: &Source, path: &str) -> String {
    String::from_utf8(source.bytes(path).expect("file").to_vec()).expect("text")
}

/// Replaces `from` in one file of a version, and generates `release.cedar` again when that works.
fn mutated(version: &str, file: &str, from: &str, to: &str) -> Source {
    let mut source = source();
    let path = format!("{version}/{file}");
    let before = text(&source, &path);
    let after = before.replacen(from, to, 1);
    assert_ne!(before, after, "the mutation must change {path}");
    if file == "clauses.cedar"
        && let Ok(release) = release_text(&path, &after)
    {
        source.insert(format!("{version}/release.cedar"), release);
    }
    source.insert(path, after);
    source
}

fn faults(source: &Source) -> String {
    match Library::from_source(source) {
        Ok(_) => panic!("the mutant loads"),
        Err(faults) => shown(&faults),
    }
}

fn check(source: &Source, parts: &[&str]) {
    let shown = faults(source);
    for part in parts {
        assert!(shown.contains(part), "no `{part}` in:\n{shown}");
    }
}

#[test]
fn misspelt_attribute_is_named_with_line_caret_and_remedy() {
    let source = mutated(
        POLICE,
        "clauses.cedar",
        "context.countersigned",
        "context.countersinged",
    );
    let path = format!("{POLICE}/clauses.cedar:");
    check(
        &source,
        &[
            &path,
            "countersinged",
            "countersigned",
            "      | ",
            "^",
            "remedy:",
        ],
    );
}

#[test]
fn missing_guard_of_an_optional_fact_is_refused() {
    let from = "context has necessity_given && context.necessity_given";
    let source = mutated(POLICE, "clauses.cedar", from, "context.necessity_given");
    check(&source, &["necessity_given", "remedy:"]);
}

#[test]
fn emptied_list_is_refused() {
    let from = r#"["suspect", "victim", "witness"].contains"#;
    check(
        &mutated(POLICE, "clauses.cedar", from, "[].contains"),
        &["clauses.cedar:", "empty"],
    );
}

#[test]
fn broken_cedar_is_refused_with_its_place() {
    let source = mutated(POLICE, "clauses.cedar", "unless {", "unles {");
    check(&source, &["clauses.cedar:12:1", "^"]);
}

#[test]
fn unknown_key_in_the_terms_is_refused() {
    let source = mutated(POLICE, "version.toml", "benefit =", "benefits =");
    check(&source, &["version.toml:5:1", "benefits", "remedy:"]);
}

#[test]
fn clinical_must_stay_among_the_never_fields() {
    let source = mutated(POLICE, "version.toml", "  \"clinical\",\n", "");
    check(&source, &["`never_fields` does not name `clinical`"]);
}

#[test]
fn release_edited_by_hand_is_refused_at_the_line() {
    let source = mutated(POLICE, "release.cedar", "\"suspect\", ", "");
    check(
        &source,
        &["release.cedar:", "not what clauses.cedar generates"],
    );
}

#[test]
fn permit_with_a_condition_is_refused() {
    let from = "permit (principal, action, resource);";
    let to = "permit (principal, action, resource) when { context.prejudice_to_state };";
    check(
        &mutated(POLICE, "clauses.cedar", from, to),
        &["permit has a scope or a condition"],
    );
}

#[test]
fn missing_annotation_is_refused() {
    let from = "@fix(\"State both; an agency that will not say why has not shown enough.\")\n";
    check(&mutated(POLICE, "clauses.cedar", from, ""), &["no `@fix`"]);
}

#[test]
fn unknown_outcome_is_refused() {
    let source = mutated(POLICE, "clauses.cedar", "below_seriousness", "ambiguous");
    check(&source, &["outcome `ambiguous`", "before a trace"]);
}

#[test]
fn coded_clause_without_rule_and_rule_without_clause_are_refused() {
    let source = mutated(POLICE, "clauses.md", "### 2.3 [coded]", "### 2.3 [human]");
    check(&source, &["clause `2.3` is not a coded clause"]);
    let source = mutated(POLICE, "clauses.md", "### 5.1 [human]", "### 5.1 [coded]");
    check(&source, &["coded clause `5.1` has no rule", "clauses.md:"]);
}

#[test]
fn changed_status_log_line_breaks_the_chain() {
    let mut source = source();
    let path = "ho/events.jsonl";
    let after = text(&source, path).replacen("three weeks before", "long after", 1);
    source.insert(path, after);
    check(&source, &["events.jsonl:3:", "`prev` is not the hash"]);
}

#[test]
fn missing_file_is_named() {
    let mut source = source();
    source.remove(&format!("{POLICE}/clauses.md"));
    check(
        &source,
        &["police-serious-crime/2026-01-01/clauses.md: file is missing"],
    );
}

#[test]
fn dropped_clause_is_caught_by_the_worked_examples() {
    let from = "[\"murder\", ";
    let source = mutated(POLICE, "clauses.cedar", from, "[\"theft\", \"murder\", ");
    let library = Library::from_source(&source).expect("valid, but wrong");
    let version = library
        .version(&POLICE.parse().expect("id"))
        .expect("version");
    assert!(shown(&run_cases(version)).contains("case `theft` is Permitted, not Refused"));
}

#[test]
fn a_rule_that_errs_refuses_and_raises_the_alarm() {
    // Arithmetic validates, overflows at run time, and Cedar then skips the forbid: fail-open.
    let from = "context.last_resort_attempts >= 1";
    let to = "context.last_resort_attempts + 9223372036854775807 >= 1";
    let source = mutated(POLICE, "clauses.cedar", from, to);
    let shown = match Library::from_source(&source) {
        Err(faults) => shown(&faults),
        Ok(library) => {
            let version = library
                .version(&POLICE.parse().expect("id"))
                .expect("version");
            let judgement = judge(version, &permitted_facts(version));
            assert_eq!(judgement.outcome, Outcome::Refused);
            judgement.alarm.expect("an alarm")
        }
    };
    assert!(
        shown.contains("overflow") || shown.contains("arithmetic"),
        "{shown}"
    );
}
