use agreement::{
    CLINICAL, ClauseResult, Event, EventKind, Facts, Held, Library, Mode, NEVER_FIELDS, Outcome,
    Refused, Resolution, Source, Status, check, judge, new_agreement, release_text, schema_text,
};
use jiff::Timestamp;

use crate::{library, permitted_facts, shown, source, source_of};

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
fn every_shipped_version_passes_every_check() {
    let library = library();
    assert_eq!(library.versions().count(), 12);
    for version in library.versions() {
        let failures = check(version);
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

/// A renewal takes the place of the test before from its day on, and a version that took effect under
/// the first still stands.
#[test]
fn a_renewed_test_counts_from_its_day_on() {
    let mut source = source();
    let first = library();
    let first = first.agreement("court-order").expect("is shipped");
    let mut test = first.interest.clone().expect("has a test");
    test.version = "2".to_owned();
    test.conclusion = "not_met".to_owned();
    test.decided_at = "2026-04-01".parse().expect("a day");
    let path = "court-order/renewals.jsonl";
    source.insert(path, format!("{}\n", test.canonical()));
    let library = Library::from_source(&source).expect("no fault");
    assert!(library.pit_valid_at("court-order", at("2026-03-31T23:00:00Z")));
    assert!(!library.pit_valid_at("court-order", at("2026-04-01T00:00:00Z")));
    assert_eq!(
        library
            .agreement("court-order")
            .expect("there")
            .tests()
            .count(),
        2
    );

    test.guardian_signoff = String::new();
    test.t2_trust = " ".to_owned();
    source.insert(path, format!("{}\n", test.canonical()));
    let faults = shown(&Library::from_source(&source).expect_err("faults"));
    for fault in [
        "renewals.jsonl:1",
        "item T2 is empty",
        "nobody has confirmed it",
    ] {
        assert!(faults.contains(fault), "{fault}: {faults}");
    }
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

#[test]
fn requests_stay_valid_when_the_vocabulary_grows() {
    // An agreement written when `single_offence` and `sentence_type` were not yet known.
    let mut older = source_of("ho");
    let text = schema_text();
    let text = text
        .replace("  single_offence?: Bool,\n", "")
        .replace("  sentence_type?: String,\n", "");
    assert_ne!(text, schema_text());
    older.insert("ho/schema.cedarschema", text);
    let older = Library::from_source(&older).expect("loads");
    let id = "ho/2017-01-01".parse().expect("id");
    let (before, now) = (older.version(&id).expect("old"), library());
    let now = now.version(&id).expect("new");
    let mut facts = permitted_facts(now);
    facts.single_offence = Some(true);
    facts.sentence_type = Some("immediate".to_owned());
    assert_eq!(judge(before, &facts), judge(now, &facts));
    assert_eq!(before.content_hash, now.content_hash);
}

#[test]
fn a_new_agreement_from_the_template_loads_but_has_no_effect() {
    let made = new_agreement(&source_of("template"), "donor-tracing", "2027-01-01").expect("made");
    let library = Library::from_source(&made).expect("loads");
    let id = "donor-tracing/2027-01-01".parse().expect("id");
    assert!(check(library.version(&id).expect("there")).is_empty());
    assert_eq!(refused(library.named(&id, now())).code, "no_agreement");
    assert!(new_agreement(&source_of("template"), "../escape", "v").is_err());
    assert!(new_agreement(&Source::default(), "x", "v").is_err());
}

#[test]
fn a_suspension_entered_at_run_time_bites_at_once_and_reopening_ends_it() {
    let mut library = library();
    let id = "police-serious-crime/2026-01-01".parse().expect("id");
    let event = |kind, mode| Event {
        version: "2026-01-01".to_owned(),
        event: kind,
        recorded: now(),
        effective: now(),
        announced: None,
        published: None,
        precision: None,
        mode,
        open_cases: None,
        overlay: None,
        authority: "guardian".to_owned(),
        source: "internal".to_owned(),
        reason: "wrong person found".to_owned(),
        prev: String::new(),
    };
    let suspend = event(EventKind::Suspended, Some(Mode::Refuse));
    let (line, _) = library
        .record("police-serious-crime", suspend)
        .expect("entered");
    assert!(line.contains("\"prev\":\"") && !line.contains("\"prev\":\"\""));
    assert_eq!(
        refused(library.named(&id, now())).code,
        "agreement_suspended"
    );
    let earlier = library.named(&id, at("2026-06-01T11:59:59Z"));
    assert!(matches!(earlier, Resolution::Judge(_)));
    library
        .record("police-serious-crime", event(EventKind::Reopened, None))
        .expect("reopened");
    assert!(matches!(library.named(&id, now()), Resolution::Judge(_)));
    library
        .record("police-serious-crime", event(EventKind::Withdrawn, None))
        .expect("withdrawn");
    let again = library.record("police-serious-crime", event(EventKind::Reopened, None));
    assert!(
        again
            .expect_err("ended")
            .contains("cannot follow `withdrawn`")
    );
    assert!(
        library
            .record("none", event(EventKind::Note, None))
            .is_err()
    );
}
