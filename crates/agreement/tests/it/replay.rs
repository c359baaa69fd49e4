use agreement::{Answer, Facts, History, Recorded, Replay, Version};

use crate::{library, permitted_facts};

fn version<'a>(library: &'a agreement::Library, id: &str) -> &'a Version {
    library.version(&id.parse().expect("id")).expect("shipped")
}

/// Facts that nobody asked for in 2017.
const UNRECORDED: [&str; 5] = [
    "limb",
    "conviction",
    "sentence_months",
    "deportation_considered",
    "public_security_risk",
];

#[test]
fn a_request_of_2017_cannot_be_told_under_2018_and_the_missing_facts_are_named() {
    let library = library();
    let facts = permitted_facts(version(&library, "ho/2017-01-01"));
    let mut replay = Replay::new(version(&library, "ho/2018-05-09"), &UNRECORDED).expect("facts");
    let replayed = replay.judge(&facts).expect("replayed");
    assert!(replayed.released.is_empty() && replayed.refused.is_empty());
    assert_eq!(replayed.cannot_tell, facts.fields_requested);
    assert_eq!(replayed.missing, UNRECORDED);
}

#[test]
fn what_was_recorded_still_decides() {
    let library = library();
    let mut facts = permitted_facts(version(&library, "ho/2017-01-01"));
    facts.fields_requested = vec!["name".to_owned(), "gp_practice".to_owned()];
    let mut replay = Replay::new(version(&library, "ho/2018-05-09"), &UNRECORDED).expect("facts");
    let replayed = replay.judge(&facts).expect("replayed");
    assert_eq!(replayed.refused, ["gp_practice"]);
    assert_eq!(replayed.failing, ["3.1"]);
    assert_eq!(replayed.cannot_tell, ["name"]);
    facts.contact_lost = Some(false);
    let replayed = replay.judge(&facts).expect("replayed");
    assert_eq!(replayed.refused.len(), 2);
    assert_eq!(replayed.failing, ["2.2", "3.1"]);
}

#[test]
fn a_recorded_sentence_releases_or_refuses_for_certain() {
    let library = library();
    let new = version(&library, "ho/2018-05-09");
    let mut replay = Replay::new(new, &UNRECORDED).expect("facts");
    let mut facts = permitted_facts(new);
    assert_eq!(
        replay.judge(&facts).expect("replayed").released,
        facts.fields_requested
    );
    facts.sentence_months = Some(6);
    assert_eq!(replay.judge(&facts).expect("replayed").failing, ["2.4"]);
}

#[test]
fn a_name_that_is_no_fact_is_refused() {
    let library = library();
    let version = version(&library, "ho/2018-05-09");
    assert!(Replay::new(version, &["passport"]).is_err_and(|problem| problem.contains("passport")));
}

fn recorded(reference: &str, under: Option<&str>, then: Answer, facts: &Facts) -> Recorded {
    Recorded {
        reference: reference.to_owned(),
        at: "2017-03-01T09:00:00Z".parse().ok(),
        under: under.map(str::to_owned),
        then: Some(then),
        facts: facts.clone(),
    }
}

#[test]
fn a_replay_of_history_counts_three_ways_and_lists_what_changed() {
    let library = library();
    let (old, new) = (
        version(&library, "ho/2017-01-01"),
        version(&library, "ho/2018-05-09"),
    );
    let in_2017 = permitted_facts(old);
    let mut field_dropped = in_2017.clone();
    field_dropped.fields_requested = vec!["gp_practice".to_owned()];
    let in_2018 = permitted_facts(new);
    let records = [
        recorded("c", Some("ho/2017-01-01"), Answer::Released, &in_2017),
        recorded("b", Some("ho/2017-01-01"), Answer::Released, &field_dropped),
        recorded("a", Some("ho/2018-05-09"), Answer::Released, &in_2018),
    ];
    let report = |records: &[&Recorded]| {
        let mut history = History::new(&library, new);
        for record in records {
            history.take(record).expect("replayed");
        }
        history.report()
    };
    let [first, second, third] = &records;
    let made = report(&[first, second, third]);
    assert_eq!(made.requests, 3);
    assert_eq!(
        (
            made.counts.released,
            made.counts.refused,
            made.counts.cannot_tell
        ),
        (1, 1, 1)
    );
    let names: Vec<&str> = made
        .missing
        .iter()
        .map(|tally| tally.name.as_str())
        .collect();
    assert_eq!(names.len(), 6, "{names:?}");
    assert!(names.contains(&"sentence_months"), "{names:?}");
    assert_eq!(made.changed.len(), 1);
    assert_eq!(made.changed[0].reference, "b");
    assert_eq!(made.changed[0].failing, ["3.1"]);
    assert_eq!(made.failing[0].name, "3.1");
    assert_eq!(
        made,
        report(&[third, second, first]),
        "order does not matter"
    );
}

#[test]
fn what_the_version_of_the_time_asked_for_and_did_not_get_is_refused() {
    let library = library();
    let new = version(&library, "ho/2018-05-09");
    let mut facts = permitted_facts(new);
    facts.sentence_months = None;
    let mut history = History::new(&library, new);
    let asked = recorded("a", Some("ho/2018-05-09"), Answer::Refused, &facts);
    let answer = history.take(&asked).expect("replayed").answer();
    assert_eq!(answer, Answer::Refused, "2018 asked for a sentence");
    let unknown = recorded("b", None, Answer::Refused, &facts);
    let replayed = history.take(&unknown).expect("replayed");
    assert_eq!(replayed.answer(), Answer::CannotTell);
    assert!(replayed.missing.contains(&"sentence_months".to_owned()));
    let nowhere = recorded("c", Some("ho/1999"), Answer::Refused, &facts);
    let error = history.take(&nowhere).expect_err("no such version");
    assert!(error.to_string().contains("`ho/1999`"), "{error}");
}

#[test]
fn free_text_that_a_person_must_read_leaves_the_answer_open() {
    let library = library();
    let police = version(&library, "police-serious-crime/2026-01-01");
    let mut facts = permitted_facts(police);
    facts.manual_information = true;
    let mut history = History::new(&library, police);
    let name = police.id.to_string();
    let record = recorded("a", Some(&name), Answer::Released, &facts);
    let replayed = history.take(&record).expect("replayed");
    assert_eq!(replayed.answer(), Answer::CannotTell);
    assert_eq!(replayed.missing, ["person_looked"]);
}
