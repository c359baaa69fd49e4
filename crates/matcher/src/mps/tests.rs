use std::path::Path;

use super::score::{date, gender, mean, name_score, postcode};
use super::*;
use crate::Index;
use crate::csv_input::read_persons;
use crate::{PartialDate, RawTerms, Sex};

const HEADER: &str = "person_id,nhs_number,given_name,middle_name,surname,date_of_birth,sex,\
address,town,postcode,superseded_nhs_numbers,previous_names,previous_addresses,gp_practice_code,\
restricted,death_date\n";

fn index(rows: &str) -> Index {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("people.tgx");
    let people =
        read_persons(format!("{HEADER}{rows}").as_bytes().to_vec().leak() as &[u8]).unwrap();
    crate::index::build(people, Path::new(&out), &mut |_| {}).unwrap();
    Index::open(&out).unwrap()
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "each call makes its terms on the spot"
)]
fn answer(index: &Index, raw: RawTerms) -> Answer {
    let (terms, faults) = raw.read();
    assert_eq!(faults, []);
    trace(&index.into(), &MatchRule::mps(), &terms, true)
}

fn near(got: f64, expected: f64) {
    assert!((got - expected).abs() < 0.005, "{got} is not {expected}");
}

#[test]
fn published_name_scores() {
    near(name_score("JON", "JAMES"), 51.11);
    near(name_score("SMITH-JONES", "SMITH"), 89.09);
    near(name_score("ZÖE", "ZOE"), 80.00);
    near(name_score("Ó BRIAIN", "O BRIAIN"), 91.67);
    near(name_score("Ó BRIAIN", "BRIAIN"), 91.67);
    near(name_score("JOHN", "JON"), 93.33);
    near(name_score("ADAMS", "DAN"), 52.22);
}

#[test]
fn published_means() {
    assert_eq!(
        mean([51.11, 89.09, 100.0, 100.0, 100.0].into_iter()).floor(),
        88.0
    );
    assert_eq!(
        mean([100.0, 92.0, 100.0, 100.0, 100.0].into_iter()).floor(),
        98.0
    );
    assert_eq!(
        mean([80.0, 92.0, 100.0, 100.0, 100.0].into_iter()).floor(),
        94.0
    );
    near(
        mean([100.0, 51.11, 100.0, 100.0, 100.0, 100.0].into_iter()),
        91.85,
    );
}

#[test]
fn published_field_scores() {
    let day = |text: &str| PartialDate::parse(text).unwrap();
    assert_eq!(date(day("1990-02-03"), day("1990-02-03")), 100.0);
    assert_eq!(date(day("1990-02-03"), day("1990-02-04")), 66.0);
    assert_eq!(date(day("1990-02-03"), day("1990-03-02")), 66.0);
    assert_eq!(date(day("1990-02-03"), day("1990-05-06")), 33.0);
    assert_eq!(date(day("1990-02-03"), day("1991-05-03")), 0.0);
    assert_eq!(gender(Sex::Male, Sex::Male), 100.0);
    assert_eq!(gender(Sex::Male, Sex::Female), 0.0);
    assert_eq!(gender(Sex::Male, Sex::Other), 50.0);
    near(postcode("LS1", &clean::postcode("LS1 4AP")), 42.86);
    assert_eq!(
        postcode(&clean::postcode("ls14ap"), &clean::postcode("LS1 4AP")),
        100.0
    );
}

#[test]
fn published_blocking_names() {
    assert_eq!(clean::for_block("JON"), "JOHNNY");
    assert_eq!(clean::for_block("JONES-SMITH"), "JONESSMITH");
    assert_eq!(clean::for_block("JENNY"), "JENNIFER");
}

#[test]
fn the_second_name_set_wins() {
    let index = index(
        "A,,Jon,,Smith,1990-02-03,M,,,LS1 4AP,,,,,,\n\
         B,,Jon,Adams,Smith,1990-02-03,M,,,LS1 4AP,,,,,,\n\
         C,,John,Dan,Smith,1990-02-03,M,,,LS1 4AP,,,,,,\n",
    );
    let got = answer(
        &index,
        RawTerms {
            given_name: "John".into(),
            middle_name: "Adams".into(),
            surname: "Smith".into(),
            date_of_birth: "1990-02-03".into(),
            sex: "M".into(),
            postcode: "LS1 4AP".into(),
            ..RawTerms::default()
        },
    );
    assert_eq!((got.outcome, got.step), (Outcome::Single, Some(3)));
    assert_eq!(got.person_id.as_deref(), Some("B"));
    let scores: Vec<f64> = got.candidates.iter().map(|one| one.score).collect();
    near(scores[0], 98.89);
    near(scores[1], 92.04);
    near(scores[2], 82.22);
    near(
        got.candidates[0].evidence.last().unwrap().running_total,
        98.89,
    );
}

fn simple_index() -> Index {
    index(
        "BERNARD,,Sammy,,Bernard,1992-01-01,M,,,SW1A 2AB,,,,000001,,\n\
         CHERRY,,Penelope,,Cherry,1976-08-15,F,,,E14 5EA,,,,000002,,\n\
         FOX,,Hadley,,Fox,2002-12-17,M,,,LS1 4AP,,,||SE1 8UG|home||,000003,,\n",
    )
}

fn fox() -> RawTerms<'static> {
    RawTerms {
        surname: "Fox".into(),
        date_of_birth: "2002-12-17".into(),
        sex: "M".into(),
        ..RawTerms::default()
    }
}

#[test]
fn published_simple_traces() {
    let index = simple_index();
    let bernard = RawTerms {
        surname: "Bernard".into(),
        given_name: "Sammy".into(),
        date_of_birth: "1992-01-01".into(),
        postcode: "SW1A 2AB".into(),
        ..RawTerms::default()
    };
    assert_eq!(answer(&index, bernard).code, Code::NotEnoughData);
    let cherry = RawTerms {
        surname: "Cherry".into(),
        date_of_birth: "1976-08-15".into(),
        sex: "F".into(),
        ..RawTerms::default()
    };
    let got = answer(&index, cherry);
    assert_eq!((got.code, got.step), (Code::Success, Some(2)));
    assert_eq!(got.person_id.as_deref(), Some("CHERRY"));
    let wrong_practice = answer(
        &index,
        RawTerms {
            gp_practice_code: "000009".into(),
            ..fox()
        },
    );
    assert_eq!(wrong_practice.person_id, None);
    let past = answer(
        &index,
        RawTerms {
            postcode: "SE1 8UG".into(),
            ..fox()
        },
    );
    assert_eq!((past.code, past.step), (Code::Success, Some(2)));
}

#[test]
fn the_second_step_alone_releases_nothing() {
    let got = answer(&simple_index(), fox());
    assert_eq!(got.outcome, Outcome::NeedsIdentifiers);
    assert_eq!(got.person, None);
    let full = RawTerms {
        given_name: "Hadley".into(),
        postcode: "LS1 4AP".into(),
        ..fox()
    };
    assert_eq!(answer(&simple_index(), full).outcome, Outcome::Single);
}

#[test]
fn close_scores_are_ambiguous() {
    let index = index(
        "A,,Ann,,Ó Briain,1990-02-03,F,,,LS1 4AP,,,,,,\n\
         B,,Zoe,,Ó Briain,1990-02-03,F,,,LS1 4AP,,,,,,\n",
    );
    let raw = |given: &'static str| RawTerms {
        given_name: given.into(),
        surname: "O Briain".into(),
        date_of_birth: "1990-02-03".into(),
        sex: "F".into(),
        postcode: "LS1 4AP".into(),
        ..RawTerms::default()
    };
    let got = answer(&index, raw("A"));
    assert_eq!(got.code, Code::Success);
    let got = answer(&index, raw("X"));
    assert_eq!(
        (got.outcome, got.code),
        (Outcome::Ambiguous, Code::MultipleClose)
    );
    assert_eq!(got.person, None);
}

#[test]
fn cross_check() {
    let index = index("A,9990000018,Ann,,Lee,1945-12-03,F,,,LS1 4AP,9990000026,,,,,\n");
    let raw = |number: &'static str, birth: &'static str, given: &'static str| RawTerms {
        nhs_number: number.into(),
        given_name: given.into(),
        surname: "Leeds".into(),
        date_of_birth: birth.into(),
        ..RawTerms::default()
    };
    let step = |number, birth, given| answer(&index, raw(number, birth, given)).code;
    assert_eq!(step("9990000018", "1945-12-03", "Bob"), Code::Success);
    assert_eq!(step("9990000018", "1954-12-30", "Anita"), Code::Success);
    assert_eq!(step("9990000018", "1945-03-12", "Anita"), Code::Success);
    assert_eq!(step("9990000018", "1945-12-04", "Bob"), Code::NotFound);
    assert_eq!(step("9990000018", "1956-01-30", "Anita"), Code::NotFound);
    let full = RawTerms {
        surname: "Lee".into(),
        ..raw("9990000026", "1945-12-03", "Ann")
    };
    let superseded = answer(&index, full);
    assert_eq!(
        (superseded.outcome, superseded.code),
        (Outcome::Single, Code::Superseded)
    );
}

#[test]
fn restricted_and_deceased_people() {
    let index = index(
        "A,,Ann,,Lee,1945-12-03,F,,,LS1 4AP,,,,,Y,\n\
         B,,Bob,,Lee,1946-12-03,M,,,LS1 4AP,,,,,,2020-02-03\n",
    );
    let raw = |given: &'static str, birth: &'static str, sex: &'static str| RawTerms {
        given_name: given.into(),
        surname: "Lee".into(),
        date_of_birth: birth.into(),
        sex: sex.into(),
        postcode: "LS1 4AP".into(),
        ..RawTerms::default()
    };
    let restricted = answer(&index, raw("Ann", "1945-12-03", "F"));
    assert_eq!(restricted.outcome, Outcome::RestrictedWithheld);
    assert_eq!(restricted.code, Code::Sensitive);
    assert_eq!(
        answer(&index, raw("Bob", "1946-12-03", "M")).outcome,
        Outcome::Deceased
    );
}

#[test]
fn a_first_of_january_needs_one_more_item() {
    let index = index("A,9990000018,Ann,,Lee,1945-01-01,F,,,LS1 4AP,,,,,,\n");
    let raw = RawTerms {
        given_name: "Ann".into(),
        surname: "Lee".into(),
        date_of_birth: "1945-01-01".into(),
        sex: "F".into(),
        postcode: "LS1 4AP".into(),
        ..RawTerms::default()
    };
    assert_eq!(
        answer(&index, raw.clone()).outcome,
        Outcome::NeedsIdentifiers
    );
    let more = RawTerms {
        nhs_number: "9990000018".into(),
        ..raw
    };
    assert_eq!(answer(&index, more).outcome, Outcome::Single);
}
