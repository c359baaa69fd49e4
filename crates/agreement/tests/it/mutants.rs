use agreement::{Library, Source, check as check_version, release_text, run_cases};

use crate::{shown, source_of};

const POLICE: &str = "police-serious-crime/2026-01-01";

fn text(source: &Source, path: &str) -> String {
    String::from_utf8(source.bytes(path).expect("file").to_vec()).expect("text")
}

/// Replaces `from` in one file of a version, and generates `release.cedar` again when that works.
fn mutated(version: &str, file: &str, from: &str, to: &str) -> Source {
    let agreement = version.split('/').next().expect("agreement");
    let mut source = source_of(agreement);
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
    let mut source = source_of("ho");
    let path = "ho/events.jsonl";
    let after = text(&source, path).replacen("three weeks before", "long after", 1);
    source.insert(path, after);
    check(&source, &["events.jsonl:3:", "`prev` is not the hash"]);
}

#[test]
fn missing_file_is_named() {
    let mut source = source_of("police-serious-crime");
    source.remove(&format!("{POLICE}/clauses.md"));
    check(
        &source,
        &["police-serious-crime/2026-01-01/clauses.md: file is missing"],
    );
}

#[test]
fn a_widened_rule_is_caught_by_the_worked_examples() {
    let from = r#"["suspect", "victim", "witness"]"#;
    let to = r#"["suspect", "victim", "witness", "missing"]"#;
    let source = mutated(POLICE, "clauses.cedar", from, to);
    let library = Library::from_source(&source).expect("valid, but wrong");
    let version = library
        .version(&POLICE.parse().expect("id"))
        .expect("version");
    let shown = shown(&run_cases(version));
    assert!(
        shown.contains("case `bystander` is permitted, not refused"),
        "{shown}"
    );
}

/// The condition of clause 2.6, and what each rewriting of it is told.
#[test]
fn ways_to_fail_open_are_each_refused_with_their_own_message() {
    let from = "context has last_resort_attempts && context.last_resort_attempts >= 1";
    let fact = "context has last_resort_attempts && context.last_resort_attempts";
    for (to, message) in [
        (format!("{fact} + 1 >= 2"), "does arithmetic"),
        (format!("{fact} != 0"), "excludes a value"),
        (
            "!(context has last_resort_attempts)".to_owned(),
            "met by a fact that is missing",
        ),
        (
            r#"!["theft"].contains(context.purpose)"#.to_owned(),
            "denies a list or a value",
        ),
        (
            r#"context.purpose like "serious*""#.to_owned(),
            "uses `like`",
        ),
        (
            "if context.asks_for_act then false else true".to_owned(),
            "uses `if-then-else`",
        ),
        (
            "context.purpose == context.agency".to_owned(),
            "something other than a fact",
        ),
    ] {
        let source = mutated(POLICE, "clauses.cedar", from, &to);
        check(&source, &["clauses.cedar:", "clause `2.6`", message]);
    }
}

/// What Cedar's own validation finds is told once, with the rule's name and why it matters.
#[test]
fn a_missing_fact_and_an_emptied_list_have_their_own_message_told_once() {
    for (from, to, message) in [
        (
            "context has last_resort_attempts && context",
            "context",
            "rule `last_resort` reads a fact that may be missing, and a rule that errs is skipped",
        ),
        (
            r#"["suspect", "victim", "witness"]"#,
            "[]",
            "rule `role` has an empty list, which nothing can meet",
        ),
        (
            "!context.asks_for_act",
            "!context.asks_for_acts",
            "rule `act`: attribute `asks_for_acts` in context not found",
        ),
        ("@id(\"act\")", "", "this policy has no `@id` of its own"),
    ] {
        let source = mutated(POLICE, "clauses.cedar", from, to);
        check(&source, &["clauses.cedar:", message, "^", "remedy:"]);
        let faults = Library::from_source(&source).expect_err("a fault");
        assert_eq!(faults.len(), 1, "{}", shown(&faults));
    }
}

#[test]
fn a_clause_that_nobody_answers_is_refused() {
    for (to, message) in [
        ("### 2.6 Other sources first", "clause heading `2.6 Other"),
        (
            "### 2.6 [perhaps] Other",
            "clause kind `perhaps` does not exist",
        ),
    ] {
        let source = mutated(POLICE, "clauses.md", "### 2.6 [coded] Other", to);
        check(
            &source,
            &["clauses.md:80:", message, "[coded|human|narrative]"],
        );
    }
}

#[test]
fn every_shipped_example_covers_each_coded_clause_both_ways() {
    let library = crate::library();
    for version in library.versions() {
        let coded = version.clauses.iter();
        assert!(
            coded
                .clone()
                .any(|clause| clause.kind == agreement::ClauseKind::Coded)
        );
        assert_eq!(run_cases(version), [], "{}", version.id);
    }
    // The check itself can fail: without the cases of one clause it names that clause.
    let mut source = source_of("police-serious-crime");
    let path = format!("{POLICE}/cases.jsonl");
    let kept: Vec<String> = text(&source, &path)
        .lines()
        .filter(|line| !line.contains("\"2.6\""))
        .map(str::to_owned)
        .collect();
    source.insert(path, kept.join("\n"));
    let library = Library::from_source(&source).expect("loads");
    let version = library
        .version(&POLICE.parse().expect("id"))
        .expect("version");
    let found = shown(&run_cases(version));
    assert!(
        found.contains("no case shows clause `2.6` not met"),
        "{found}"
    );
}

#[test]
fn field_clause_that_permits_clinical_data_is_refused() {
    let from = r#"action in [Action::"name","#;
    let to = r#"action in [Action::"clinical", Action::"name","#;
    let source = mutated(POLICE, "clauses.cedar", from, to);
    check(
        &source,
        &["permits field `clinical`, which is not scheduled"],
    );
}

#[test]
fn schedule_with_more_fields_than_the_clause_is_refused() {
    let source = mutated(
        POLICE,
        "version.toml",
        "\"gender\"",
        "\"gender\", \"gp_practice\"",
    );
    check(
        &source,
        &[
            "field `gp_practice` is scheduled, clause `3.1` refuses it",
            "version.toml:",
        ],
    );
}

#[test]
fn lists_that_differ_between_terms_and_rules_are_refused() {
    let (from, to) = ("min_rank = \"inspector\"", "min_rank = \"sergeant\"");
    let source = mutated(POLICE, "version.toml", from, to);
    check(
        &source,
        &["`sergeant` of `min_rank` is in no rule about `authoriser_rank`"],
    );
    let source = mutated(
        POLICE,
        "clauses.cedar",
        "\"murder\", ",
        "\"murder\", \"theft\", ",
    );
    check(&source, &["names `theft`, `[[offences]]` does not"]);
}

#[test]
fn an_agreement_adds_nothing_to_the_general_grounds_and_term_of_a_deferral() {
    let with = |terms: &str| {
        let section = format!("[deferral]\n{terms}\n\n[interest]");
        mutated(POLICE, "version.toml", "[interest]", &section)
    };
    for allowed in [
        "grounds = [\"crime\"]\ndays_max = 14",
        "grounds = []\ndays_max = 90",
    ] {
        Library::from_source(&with(allowed)).expect("no fault");
    }
    let unknown = with("grounds = [\"boredom\"]\ndays_max = 30");
    check(
        &unknown,
        &["version.toml:", "ground `boredom` does not exist"],
    );
    for days in [0, 91] {
        let term = with(&format!("grounds = [\"crime\"]\ndays_max = {days}"));
        check(
            &term,
            &["version.toml:", "`days_max` is", "give 1 to 90 days"],
        );
    }
}

#[test]
fn a_version_takes_effect_only_with_all_that_must_come_first() {
    for (from, to, message) in [
        ("consultation_refs = [", "# [", "without a consultation"),
        ("ethics_ref = ", "# ", "without ethics advice"),
        (
            "version = \"1\"",
            "version = \"2\"",
            "without a valid public-interest test",
        ),
    ] {
        check(
            &mutated(POLICE, "version.toml", from, to),
            &["events.jsonl:2:", message],
        );
    }
    let mut source = source_of("police-serious-crime");
    let path = "police-serious-crime/pit.toml";
    let after = text(&source, path).replacen("expires_at = \"2029", "expires_at = \"2025", 1);
    source.insert(
        path,
        after.replacen("decided_at = \"2025", "decided_at = \"2024", 1),
    );
    check(&source, &["without a valid public-interest test"]);
}

#[test]
fn a_dead_clause_and_a_version_that_permits_nothing_are_found() {
    let dead = "context has offence_code && !context.prejudice_to_state";
    let source = mutated(POLICE, "clauses.cedar", dead, "context has offence_code");
    let library = Library::from_source(&source).expect("valid, but wrong");
    let version = library
        .version(&POLICE.parse().expect("id"))
        .expect("version");
    let found = shown(&check_version(version));
    assert!(
        found.contains("clause `2.1` is dead") && found.contains("clauses.cedar:"),
        "{found}"
    );
    let to = "context has offence_code && context.offence_code == \"theft\"";
    let mut source = mutated(POLICE, "clauses.cedar", dead, to);
    let path = format!("{POLICE}/version.toml");
    let offence = "\n[[offences]]\ncode = \"theft\"\nstatute = \"named in the request\"\n";
    let terms = text(&source, &path) + offence;
    source.insert(path, terms);
    let library = Library::from_source(&source).expect("valid, but wrong");
    let version = library
        .version(&POLICE.parse().expect("id"))
        .expect("version");
    assert!(shown(&check_version(version)).contains("no request can ever be permitted"));
}
