use std::collections::{HashMap, HashSet};

use super::*;
use crate::noise::Noise;

fn trial(index_people: u32, requests: u32, seed: u64) -> Trial {
    let mix = Mix::default();
    Trial::generate(&TrialPlan {
        index_people,
        requests,
        train_requests: requests,
        seed,
        mix,
        history: true,
    })
    .unwrap()
}

#[test]
fn index_has_its_size_and_holds_only_those_who_match() {
    for (people, requests) in [(2_000, 250), (20_000, 1_000), (5_003, 77)] {
        let trial = trial(people, requests, 9);
        let index: HashMap<String, Person> = trial
            .index()
            .map(|person| (person.person_id.clone(), person))
            .collect();
        assert_eq!(index.len() as u32, people);
        let households: HashSet<_> = index.values().map(|person| person.household).collect();
        let numbers: HashSet<u32> = index.values().map(|person| person.number).collect();
        for request in trial.requests.iter().chain(&trial.train_requests) {
            let truth = &request.truth;
            let person = trial.population().person(truth.number).unwrap();
            assert_eq!(numbers.contains(&truth.number), truth.kind == Kind::Match);
            assert_eq!(truth.person_id.is_some(), truth.kind == Kind::Match);
            assert!(
                truth
                    .person_id
                    .as_ref()
                    .is_none_or(|id| index.contains_key(id))
            );
            let relative = households.contains(&person.household);
            assert_eq!(relative, truth.kind != Kind::Absent, "{:?}", truth.kind);
        }
    }
}

#[test]
fn sets_are_disjoint_and_mixed_as_planned() {
    let trial = trial(20_000, 1_000, 4);
    let asked: HashSet<u32> = trial
        .requests
        .iter()
        .chain(&trial.train_requests)
        .map(|request| request.truth.number)
        .collect();
    assert_eq!(asked.len(), 2_000);
    for set in [&trial.requests, &trial.train_requests] {
        let count = |kind| {
            set.iter()
                .filter(|request| request.truth.kind == kind)
                .count()
        };
        assert_eq!(count(Kind::Match), 800);
        assert_eq!(count(Kind::Absent), 100);
        assert_eq!(count(Kind::AbsentNear), 100);
        let numbered = set
            .iter()
            .filter(|request| !request.nhs_number.is_empty())
            .count();
        assert!((230..370).contains(&numbered), "{numbered}");
    }
}

#[test]
fn half_of_the_near_are_twins_or_namesakes() {
    let trial = trial(60_000, 600, 2);
    let near = trial
        .requests
        .iter()
        .filter(|request| request.truth.kind == Kind::AbsentNear);
    let doubles = near.filter(|request| {
        let person = trial.population().person(request.truth.number).unwrap();
        person.kin != Kin::None
    });
    assert!((18..=60).contains(&doubles.count()));
}

#[test]
fn the_same_plan_gives_the_same_requests() {
    assert_eq!(trial(3_000, 200, 5).requests, trial(3_000, 200, 5).requests);
    assert_ne!(trial(3_000, 200, 5).requests, trial(3_000, 200, 6).requests);
}

#[test]
fn every_noise_occurs_and_none_without_intensity() {
    let trial = trial(60_000, 7_000, 1);
    let seen: HashSet<Noise> = trial
        .requests
        .iter()
        .flat_map(|request| request.truth.noise.clone())
        .collect();
    let missing: Vec<_> = Noise::ALL
        .iter()
        .filter(|noise| !seen.contains(noise))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");

    let mix = Mix {
        absent: 0.0,
        near: 0.0,
        intensity: 0.0,
        numbered: 1.0,
    };
    let plan = TrialPlan {
        index_people: 4_000,
        requests: 1_000,
        train_requests: 0,
        seed: 3,
        mix,
        history: true,
    };
    for request in Trial::generate(&plan).unwrap().requests {
        let truth = &request.truth;
        let person = Population::generate(4_000, 3).person(truth.number).unwrap();
        assert!(
            truth
                .noise
                .iter()
                .all(|noise| *noise == Noise::FormerAddress)
        );
        assert_eq!(request.surname, person.name.surname);
        assert_eq!(request.date_of_birth, Some(person.date_of_birth));
    }
}

#[test]
fn too_many_requests_are_refused_with_the_remedy() {
    let mix = Mix::default();
    let plan = TrialPlan {
        index_people: 100,
        requests: 50,
        train_requests: 0,
        seed: 1,
        mix,
        history: true,
    };
    let error = Trial::generate(&plan).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("at most one request for every 4 people")
    );
}

#[test]
fn files_read_back() {
    let trial = trial(2_000, 100, 1);
    let (mut requests, mut truths) = (Vec::new(), Vec::new());
    write_requests(&mut requests, &trial.requests).unwrap();
    write_truth(&mut truths, &trial.requests).unwrap();
    let mut reader = csv::Reader::from_reader(requests.as_slice());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 100);
    let mut reader = csv::Reader::from_reader(truths.as_slice());
    for (row, truth) in rows.iter().zip(reader.records().map(Result::unwrap)) {
        assert_eq!(row[0], truth[0]);
        assert_eq!(truth[1].is_empty(), &truth[2] != "match");
    }
}
