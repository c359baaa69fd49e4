use agreement::{
    CLINICAL, ClauseResult, Facts, Held, NEVER_FIELDS, Outcome, Refused, Resolution, Status, judge,
    release_text, run_cases, schema_text,
};
use jiff::Timestamp;

use crate::{library, permitted_facts, shown, source};

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn now() -> Timestamp {
    at("2026-06-01T12:00:00Z")
}

fn refused(resolution: Resolution<'_>) -> Refused {
    match resolution {
        Resolution::Refused(refused) => refused,
        other => panic!("not refused: {other:?}"),
    }
}

fn held(resolution: Resolution<'_>) -> Held {
    match resolution {
        Resolution::Held(held) => held,
        other => panic!("not held: {other:?}"),
    }
}

#[test]
fn every_worked_example_comes_out_as_written_and_shows_each_clause_both_ways() {
    let library = library();
    assert!(library.versions().count() >= 5);
    for version in library.versions() {
        let failures = run_cases(version);
        assert!(failures.is_empty(), "{}", shown(&failures));
    }
}

#[test]
fn generated_files_are_current() {
    let source = source();
    for path in source.paths() {
        let text = String::from_utf8_lossy(source.bytes(path).expect("listed")).into_owned();
        if path.ends_with("schema.cedarschema") {
            assert_eq!(text, schema_text(), "{path}");
        }
        if let Some(folder) = path.strip_suffix("clauses.cedar") {
            let release = source
                .bytes(&format!("{folder}release.cedar"))
                .expect("release");
            let made = release_text(path, &text).expect("generates");
            assert_eq!(String::from_utf8_lossy(release), made, "{path}");
        }
    }
}

#[test]
fn withdrawn_version_is_refused_by_name() {
    let library = library();
    let id = "ho/2017-01-01".parse().expect("id");
    let refusal = refused(library.named(&id, now()));
    assert_eq!(refusal.code, "no_agreement");
    assert!(refusal.text.contains("withdrawn"), "{}", refusal.text);
}

#[test]
fn suspended_version_holds_named_or_found() {
    let library = library();
    let id = "ho/2018-05-09".parse().expect("id");
    assert_eq!(held(library.named(&id, now())).version, id);
    assert_eq!(
        held(library.find("home-office", "immigration_offence", now())).version,
        id
    );
}

#[test]
fn status_follows_the_log() {
    let library = library();
    let id = "ho/2017-01-01".parse().expect("id");
    let states = [
        ("2016-10-31T00:00:00Z", "draft"),
        ("2016-12-01T00:00:00Z", "agreed"),
        ("2017-01-01T00:00:00Z", "in force"),
        ("2018-05-08T23:59:59Z", "in force"),
        ("2018-05-09T00:00:00Z", "suspended"),
        ("2018-11-02T00:00:00Z", "withdrawn"),
    ];
    for (when, word) in states {
        assert_eq!(library.status_at(&id, at(when)).word(), word, "{when}");
    }
    let resolution = library.find(
        "home-office",
        "immigration_offence",
        at("2017-06-01T00:00:00Z"),
    );
    assert!(matches!(resolution, Resolution::Judge(version) if version.id == id));
}

#[test]
fn end_date_ends_a_version_without_an_event() {
    let library = library();
    let id = "court-order/2026-01-01".parse().expect("id");
    assert_eq!(
        library.status_at(&id, at("2028-12-31T00:00:00Z")),
        Status::InForce
    );
    assert_eq!(
        library.status_at(&id, at("2029-01-01T00:00:00Z")),
        Status::Expired
    );
}

#[test]
fn unknown_agency_or_purpose_has_no_agreement() {
    let library = library();
    for (agency, purpose) in [
        ("revenue", "tax"),
        ("police-northmoor", "immigration_offence"),
        ("home-office", "serious_crime"),
        ("", ""),
    ] {
        assert_eq!(
            refused(library.find(agency, purpose, now())).code,
            "no_agreement"
        );
    }
    let id = "ho/2099-01-01".parse().expect("id");
    assert_eq!(refused(library.named(&id, now())).code, "no_agreement");
}

#[test]
fn a_drafted_version_cannot_be_used() {
    let id = "ho/2018-05-09-as-announced".parse().expect("id");
    let refusal = refused(library().named(&id, now()));
    assert_eq!(
        (refusal.code.as_str(), refusal.text.contains("draft")),
        ("no_agreement", true)
    );
}

#[test]
fn samples_in_force_have_a_valid_interest_test_until_it_expires() {
    let library = library();
    for agreement in ["police-serious-crime", "court-order", "welfare-missing"] {
        assert!(library.pit_valid_at(agreement, now()));
        assert!(!library.pit_valid_at(agreement, at("2029-01-01T00:00:00Z")));
    }
    assert!(!library.pit_valid_at("ho", now()));
    assert!(!library.pit_valid_at("none", now()));
}

#[test]
fn clinical_is_never_permitted() {
    for version in library().versions() {
        let mut facts = permitted_facts(version);
        facts.fields_requested.push(CLINICAL.to_owned());
        let judgement = judge(version, &facts);
        assert!(
            judgement.fields_refused.contains(&CLINICAL.to_owned()),
            "{}",
            version.id
        );
        for field in NEVER_FIELDS
            .iter()
            .filter(|field| version.terms.never_fields.contains(&(**field).to_owned()))
        {
            facts.fields_requested = vec![(*field).to_owned()];
            assert_eq!(
                judge(version, &facts).outcome,
                Outcome::Refused,
                "{} {field}",
                version.id
            );
        }
    }
}

#[test]
fn every_clause_is_answered_in_order_and_asking_for_nothing_is_refused() {
    for version in library().versions() {
        let mut facts = permitted_facts(version);
        let judgement = judge(version, &facts);
        assert_eq!(judgement.clauses.len(), version.clauses.len());
        assert!(
            judgement
                .clauses
                .iter()
                .all(|finding| !finding.source.is_empty())
        );
        assert_eq!(judgement.engine.content_hash.len(), 64);
        facts.fields_requested.clear();
        assert_eq!(judge(version, &facts).outcome, Outcome::Refused);
    }
}

#[test]
fn an_empty_request_fails_many_clauses_at_once_each_with_its_cure() {
    for version in library().versions() {
        let judgement = judge(version, &Facts::new("nobody", "nothing", ["name"]));
        assert_eq!(judgement.refusal_code(), Some("no_agreement"));
        assert!(judgement.failing().count() >= 4, "{}", version.id);
        assert!(judgement.failing().all(|finding| !finding.fix.is_empty()));
        assert!(judgement.alarm.is_none());
    }
}

#[test]
fn an_offence_code_outside_its_dates_fails_the_offence_clause() {
    let library = library();
    let mut version = library
        .version(&"police-serious-crime/2026-01-01".parse().expect("id"))
        .expect("shipped")
        .clone();
    let mut facts = permitted_facts(&version);
    for row in &mut version.terms.offences {
        row.valid_from = Some("2000-01-01".parse().expect("day"));
    }
    facts.offence_date = Some("2020-01-01".parse().expect("day"));
    assert_eq!(judge(&version, &facts).outcome, Outcome::Permitted);
    facts.offence_date = Some("1999-12-31".parse().expect("day"));
    let judgement = judge(&version, &facts);
    let failing: Vec<&str> = judgement
        .failing()
        .map(|finding| finding.clause.as_str())
        .collect();
    assert_eq!(
        (judgement.outcome, failing),
        (Outcome::Refused, vec!["2.2"])
    );
}

#[test]
fn human_clauses_are_left_to_people_and_do_not_hold_up_the_answer() {
    for version in library().versions() {
        let judgement = judge(version, &permitted_facts(version));
        assert_eq!(judgement.outcome, Outcome::Permitted, "{}", version.id);
        assert!(
            judgement
                .clauses
                .iter()
                .any(|finding| finding.result == ClauseResult::NeedsHuman)
        );
    }
}
