mod town;

use std::collections::HashSet;
use std::sync::Arc;

use proptest::prelude::*;

use self::town::{Town, address, built, crowd, date, delta_of, people, request};
use super::*;
use crate::csv_input::read_requests;
use crate::explain::explain;
use crate::{Answer, MatchRule, Model, Name, Outcome, Sex, Terms, answer, batch, trace};

/// Bits of evidence that somebody may have beside a delta more than in the applied index.
const MORE: f64 = 0.5;
/// And fewer: a small list is looked at as a whole more often, so that more people compete.
const LESS: f64 = 3.0;

/// Score below which nobody is worth telling of.
const NOBODY: f64 = -6.0;

fn both(town: &Town, rule: &MatchRule, terms: &Terms) -> [Answer; 2] {
    let model = Model::default();
    let beside = trace(&town.current, &model, rule, terms);
    let applied = trace(&town.applied, &model, rule, terms);
    town.check_candidates(&beside);
    [beside, applied]
}

fn bits(probability: f64) -> f64 {
    (probability / (1.0 - probability)).log2()
}

/// Is what decides an answer further from where it would be decided otherwise than evidence may differ?
fn is_clear(answer: &Answer) -> bool {
    let rule = MatchRule::bayes();
    let known: f64 = answer.candidates.iter().map(|one| one.probability).sum();
    let limits = [bits(rule.floor), bits(0.05)];
    let far = |score: f64| limits.iter().all(|limit| (score - limit).abs() > LESS);
    let gap = answer
        .gap
        .is_none_or(|gap| (gap - rule.min_gap).abs() > 2.0 * LESS);
    gap && answer.score.is_none_or(far) && far(bits(known))
}

/// Evidence for a person, if worth telling of.
fn score(answer: &Answer, person_id: &str) -> Option<f64> {
    let mut told = answer.candidates.iter();
    let score = told.find(|one| one.person_id == person_id)?.score;
    Some(score.max(NOBODY))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Everybody is held as in the index that base and delta make.
    #[test]
    fn everybody_is_held_as_the_delta_says((before, changes, gone) in people()) {
        let town = Town::new(&before, &changes, gone);
        let (current, applied) = (&town.current, &town.applied);
        prop_assert_eq!(current.people(), applied.people());
        for id in (0..60u32).map(|id| format!("P{id}")) {
            let held = current.find(&id).and_then(|row| current.person(row));
            prop_assert_eq!(held, applied.find(&id).and_then(|row| applied.person(row)));
        }
        for number in (999_000_000..999_000_300).filter_map(NhsNumber::from_stem) {
            let held = current.find_nhs_number(number).and_then(|row| current.person(row));
            let there = applied.find_nhs_number(number).and_then(|row| applied.person(row));
            prop_assert_eq!(held, there);
        }
        let mut told = HashSet::new();
        for person in (0..town.base.rows() + 200).filter_map(|row| current.person(row)) {
            let there = applied.find(&person.person_id).and_then(|row| applied.person(row));
            prop_assert_eq!(Some(&person), there.as_ref());
            told.insert(person.person_id);
        }
        prop_assert_eq!(told.len(), applied.people() as usize);
    }

    /// The published steps know no frequencies: their answers are the same to the last digit.
    #[test]
    fn the_mps_engine_answers_as_in_the_applied_index(
        (before, changes, gone) in people(),
        slips in prop::collection::vec(any::<u32>(), 24),
    ) {
        let town = Town::new(&before, &changes, gone);
        for terms in town.requests(&slips) {
            let [beside, applied] = both(&town, &MatchRule::mps(), &terms);
            let told = |answer: &Answer| {
                let Answer { outcome, code, step, score, second_score, .. } = answer;
                (*outcome, *code, *step, *score, *second_score, answer.candidate_count)
            };
            prop_assert_eq!(told(&beside), told(&applied));
            prop_assert!(applied.gap == Some(0.0) || beside.person_id == applied.person_id);
        }
    }

    /// Both files are counted: nobody has more evidence than in the applied index, or little less. Who is
    /// found beside a delta alone is far from certain.
    #[test]
    fn the_bayes_engine_answers_as_in_the_applied_index(
        (before, changes, gone) in people(),
        slips in prop::collection::vec(any::<u32>(), 24),
    ) {
        let town = Town::new(&before, &changes, gone);
        let rule = MatchRule::bayes();
        for terms in town.requests(&slips) {
            let [beside, applied] = both(&town, &rule, &terms);
            let said = || format!("{}\n{}", explain(&beside, 2), explain(&applied, 2));
            let told = beside.candidates.iter().chain(&applied.candidates);
            for one in told.filter(|one| one.score > NOBODY) {
                let [here, there] = [&beside, &applied].map(|all| score(all, &one.person_id));
                match (here, there) {
                    (Some(here), Some(there)) => {
                        prop_assert!(here - there < MORE, "{} bits: {}", here - there, said());
                        prop_assert!(there - here < LESS, "{} bits: {}", here - there, said());
                    }
                    _ => prop_assert!(one.score < bits(rule.floor) - LESS, "{}", said()),
                }
            }
            prop_assert!(!is_clear(&applied) || beside.outcome == applied.outcome, "{}", said());
        }
    }
}

/// Answers of a batch on so many threads.
fn batch_of(people: &Current, requests: &str, threads: usize) -> String {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    let mut answers = Vec::new();
    let traced = || {
        let requests = (read_requests(requests.as_bytes()).unwrap(), 0);
        let (model, rule) = (Model::default(), MatchRule::bayes());
        let (mut quiet, mut fine) = (|_| {}, |fault| panic!("{fault:?}"));
        batch::trace_csv(
            people,
            &model,
            &rule,
            requests,
            &mut answers,
            &mut quiet,
            &mut fine,
        )
    };
    pool.build().unwrap().install(traced).unwrap();
    String::from_utf8(answers).unwrap()
}

fn ann(surname: &str) -> Person {
    Person {
        person_id: "P1".to_owned(),
        name: Name {
            given: "Ann".to_owned(),
            surname: surname.to_owned(),
            ..Name::default()
        },
        date_of_birth: date(7),
        sex: Sex::Female,
        address: address((3, 1, 4)),
        ..Person::default()
    }
}

#[test]
fn alone_or_in_a_batch_on_any_number_of_threads_the_answers_are_the_same() {
    let others = [(2, 0), (3, 4), (9, 11)].map(|(id, born)| Person {
        person_id: format!("P{id}"),
        date_of_birth: date(born),
        ..ann("Archer")
    });
    let before = [&[ann("Mason")], &others[..]].concat();
    let gone = HashSet::from(["P2".to_owned()]);
    let town = Town::new(&before, &[ann("Hunter"), ann("Fisher")], gone);
    let mut requests =
        "request_id,given_name,surname,date_of_birth,sex,address,postcode\n".to_owned();
    for about in before
        .iter()
        .chain(&town.changes)
        .chain(&crowd().collect::<Vec<_>>())
    {
        let raw = request(about, 2);
        let [given, surname, birth] = [raw.given_name, raw.surname, raw.date_of_birth];
        let line = [given, surname, birth, raw.sex, raw.address, raw.postcode].join(",");
        requests += &format!("{},{line}\n", about.person_id);
    }
    let one = batch_of(&town.current, &requests, 1);
    assert_eq!(one, batch_of(&town.current, &requests, 4));
    let rows = read_requests(requests.as_bytes()).unwrap();
    let (model, rule) = (Model::default(), MatchRule::bayes());
    for (row, line) in rows.zip(one.lines().skip(1)) {
        let alone = answer(&town.current, &model, &rule, &row.terms.unwrap());
        let person = alone.person_id.unwrap_or_default();
        let told = format!(
            "{},{},{person},{:.6}",
            row.request_id, alone.outcome, alone.probability
        );
        assert!(line.starts_with(&told), "{line} is not {told}");
    }
}

#[test]
fn what_was_held_before_finds_nobody_and_what_is_held_now_finds_the_person() {
    let after = Person {
        date_of_birth: date(20),
        address: address((9, 3, 7)),
        ..ann("Hunter")
    };
    let town = Town::new(
        &[ann("Mason")],
        std::slice::from_ref(&after),
        HashSet::new(),
    );
    for rule in [MatchRule::bayes(), MatchRule::mps()] {
        let [found, applied] = both(&town, &rule, &request(&after, 2).read().0);
        assert_eq!(found.outcome, Outcome::Single);
        assert_eq!(applied.outcome, Outcome::Single);
        let held = town.current.person(found.person.unwrap());
        assert_eq!(held, Some(after.clone()));
        let [before, _] = both(&town, &rule, &request(&ann("Mason"), 2).read().0);
        assert_ne!(before.outcome, Outcome::Single);
    }
}

#[test]
fn a_name_that_somebody_of_the_delta_shares_is_no_rarer_than_in_the_applied_index() {
    let named = |id: u32, born: u32, number: u16| Person {
        person_id: format!("P{id}"),
        nhs_number: NhsNumber::from_stem(999_000_000 + id),
        name: Name {
            middle: "Zelda".to_owned(),
            ..ann("Quill").name
        },
        date_of_birth: date(born),
        address: address((number, 1, 4)),
        ..ann("Quill")
    };
    let (held, registered) = (named(1, 7, 3), named(2, 20, 9));
    let town = Town::new(
        std::slice::from_ref(&held),
        std::slice::from_ref(&registered),
        HashSet::new(),
    );
    for about in [&held, &registered] {
        let answers = both(&town, &MatchRule::bayes(), &request(about, 128).read().0);
        let [beside, applied] = answers.map(|answer| score(&answer, &about.person_id).unwrap());
        assert!((beside - applied).abs() < 0.1, "{beside} is not {applied}");
    }
}

#[test]
fn an_empty_delta_changes_nothing() {
    let before: Vec<Person> = (0..5)
        .map(|id| Person {
            person_id: format!("P{id}"),
            ..ann("Mason")
        })
        .collect();
    let town = Town::new(&before, &[], HashSet::from(["P77".to_owned()]));
    assert_eq!(town.current.version(), town.base.version());
    for terms in town.requests(&(0..400).map(|slip| slip * 77).collect::<Vec<_>>()) {
        for rule in [MatchRule::bayes(), MatchRule::mps()] {
            let [beside, _] = both(&town, &rule, &terms);
            let alone = trace(town.base.as_ref(), &Model::default(), &rule, &terms);
            assert_eq!(beside, alone);
        }
    }
}

#[test]
fn a_delta_of_another_index_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let base = built([ann("Mason")].into_iter(), &path("base"));
    let other = built([ann("Hunter")].into_iter(), &path("other"));
    let delta = delta_of(&base, &[ann("Fisher")], &HashSet::new(), &path("delta"));
    let error = Current::new(Arc::new(other), delta)
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("the delta belongs to index"), "{error}");
}

#[test]
fn a_version_names_what_was_searched() {
    let version = |changes: &[Person], gone: &[&str]| {
        let gone = gone.iter().map(|id| (*id).to_owned()).collect();
        let town = Town::new(&[ann("Mason")], changes, gone);
        let version = town.current.version().to_owned();
        assert_eq!(version.len(), town.base.version().len());
        version
    };
    let versions = [
        version(&[], &[]),
        version(&[], &["P1"]),
        version(&[ann("Hunter")], &[]),
        version(&[ann("Fisher")], &[]),
        version(&[ann("Fisher")], &["P2"]),
    ];
    let different: HashSet<&String> = versions.iter().collect();
    assert_eq!(different.len(), versions.len());
    assert_eq!(versions[3], version(&[ann("Fisher")], &[]));
}
