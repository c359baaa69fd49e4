use agreement::{Replay, Version};

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
