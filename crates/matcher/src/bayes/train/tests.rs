use std::fmt::Write;

use crate::csv_input::{read_persons, read_requests};
use crate::{Index, Model, Terms};

/// People without anything in common, and as many requests of which every fourth has a typing error
/// in the surname.
pub(in crate::bayes) fn sample() -> (Index, Vec<Terms>) {
    let letters = |seed: usize| -> String {
        (0..7)
            .map(|place| char::from(b'A' + (seed * 7 + place * seed + place * 11) as u8 % 26))
            .collect()
    };
    let mut people = "person_id,given_name,surname,date_of_birth,sex,postcode\n".to_owned();
    let mut requests = "request_id,given_name,surname,date_of_birth,sex,postcode\n".to_owned();
    for number in 0..200 {
        let (given, surname) = (letters(number + 1), letters(number + 501));
        let (year, month, day) = (1930 + number % 80, 1 + number % 12, 1 + number % 28);
        let asked = if number % 4 == 0 {
            format!("{surname}X")
        } else {
            surname.clone()
        };
        let rest = format!("{year}-{month:02}-{day:02},F,LS{} 4AP", 1 + number % 20);
        let _ = writeln!(people, "P{number},{given},{surname},{rest}");
        let _ = writeln!(requests, "R{number},{given},{asked},{rest}");
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("people.tgx");
    crate::index::build(read_persons(people.as_bytes()).unwrap(), &out, &mut |_| {}).unwrap();
    let rows = read_requests(requests.as_bytes()).unwrap();
    (
        Index::open(&out).unwrap(),
        rows.filter_map(|row| row.terms).collect(),
    )
}

#[test]
fn training_learns_how_common_slips_are() {
    let (index, requests) = sample();
    let start = Model::default();
    let training = start.train(&index, &requests, 5, &mut |_, _| {});
    let share = |model: &Model| model.average_share(super::Level::SurnameClose);
    assert!(share(&start) < 0.1);
    assert!(share(&training.model) > 0.15, "{}", share(&training.model));
    assert_eq!(
        Model::from_json(&training.model.to_json())
            .unwrap()
            .to_json(),
        training.model.to_json()
    );
}

#[test]
fn training_without_requests_keeps_the_model() {
    let (index, _) = sample();
    let start = Model::default();
    let training = start.train(&index, &[], 5, &mut |_, _| {});
    assert_eq!(training.rounds.len(), 1);
    assert!(training.rounds[0].change < 1e-6);
}
