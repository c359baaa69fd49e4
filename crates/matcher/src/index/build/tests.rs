use std::path::Path;

use proptest::prelude::*;

use super::sorter::Sorter;
use super::*;
use crate::csv_input::read_persons;
use crate::{Address, AddressKind, Index, Name, NhsNumber, PartialDate, Sex};

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "[A-D]{1,2}",
        Just("Zoë".to_owned()),
        Just("12a High St".to_owned()),
    ]
}

fn date() -> impl Strategy<Value = Option<PartialDate>> {
    let date = (1990u16..1992, 0u8..3, 0u8..3);
    date.prop_map(|(year, month, day)| PartialDate::new(year, month, day).ok())
}

fn name() -> impl Strategy<Value = Name> {
    (text(), text(), text()).prop_map(|(given, middle, surname)| Name {
        given,
        middle,
        surname,
    })
}

fn address() -> impl Strategy<Value = Address> {
    (text(), text(), text(), date()).prop_map(|(address, town, postcode, from)| Address {
        address,
        town,
        postcode,
        kind: AddressKind::CareOfPractice,
        from,
        to: None,
    })
}

fn number() -> impl Strategy<Value = Option<NhsNumber>> {
    (999_000_000u32..999_000_040).prop_map(NhsNumber::from_stem)
}

pub(in crate::index) fn person() -> impl Strategy<Value = Person> {
    let now = (name(), address(), number(), date(), any::<bool>());
    let before = (
        prop::collection::vec(name(), 0..3),
        prop::collection::vec(address(), 0..3),
        number(),
        date(),
    );
    (0..40u32, now, before).prop_map(|(id, now, before)| {
        let (name, address, nhs_number, date_of_birth, restricted) = now;
        let (previous_names, previous_addresses, superseded, death_date) = before;
        Person {
            person_id: format!("P{id}"),
            nhs_number,
            superseded_nhs_numbers: superseded.into_iter().collect(),
            name,
            previous_names,
            date_of_birth,
            sex: Sex::Female,
            gp_practice_code: (!address.town.is_empty()).then(|| address.town.clone()),
            address,
            previous_addresses,
            restricted,
            deceased: death_date.is_some(),
            death_date,
            ..Person::default()
        }
    })
}

fn built(memory_bytes: usize, people: &[Person]) -> (Vec<u8>, BuildReport) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("people.tgx");
    let rows = people.iter().cloned().map(Ok);
    let report = build_within(memory_bytes, rows, &out, &mut |_| {}).unwrap();
    let index = Index::open(&out).unwrap();
    index.verify().unwrap();
    assert_eq!(index.version(), report.version);
    assert_eq!(names_in(folder.path()), ["people.tgx"]);
    (std::fs::read(out).unwrap(), report)
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

pub(in crate::index) fn without_repeats(people: &[Person]) -> Vec<Person> {
    let mut kept: Vec<Person> = Vec::new();
    for person in people {
        if kept.iter().all(|other| other.person_id != person.person_id) {
            kept.push(person.clone());
        }
    }
    kept
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn neither_order_nor_memory_changes_a_byte(
        people in prop::collection::vec(person(), 0..40),
        memory_bytes in 1usize..2000,
        turn in 0usize..40,
    ) {
        let (bytes, report) = built(MEMORY_BYTES, &people);
        let mut turned = without_repeats(&people);
        prop_assert_eq!(report.left_out as usize, people.len() - turned.len());
        let middle = turn.min(turned.len());
        turned.rotate_left(middle);
        let (again, other) = built(memory_bytes, &turned);
        prop_assert!(bytes == again, "{} and {} bytes", bytes.len(), again.len());
        prop_assert_eq!(other.left_out, 0);
    }

    #[test]
    fn everybody_comes_back_as_given(people in prop::collection::vec(person(), 0..40)) {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("people.tgx");
        build_within(500, people.iter().cloned().map(Ok), &out, &mut |_| {}).unwrap();
        let index = Index::open(&out).unwrap();
        for person in without_repeats(&people) {
            let row = index.find(&person.person_id).unwrap();
            prop_assert_eq!(index.person(row).unwrap(), person);
        }
    }

    #[test]
    fn a_sorter_sorts(items in prop::collection::vec(any::<u64>(), 0..300), memory in 1usize..3000) {
        let folder = tempfile::tempdir().unwrap();
        let scratch = Scratch::beside(&folder.path().join("sorted"));
        let mut sorter = Sorter::new(&scratch, memory);
        items.iter().for_each(|item| sorter.push(*item).unwrap());
        prop_assert_eq!(sorter.len(), items.len() as u64);
        let mut sorted = sorter.finish().unwrap();
        let mut out = Vec::new();
        sorted.fill(&mut out, usize::MAX).unwrap();
        let mut expected = items;
        expected.sort_unstable();
        prop_assert_eq!(out, expected);
    }
}

const PEOPLE: &str = "person_id,given_name,surname,date_of_birth,sex,postcode\n\
P1,Ann,Lee,1990-02-03,F,LS1 4AP\nP2,Bob,Lee,1991-02-03,M,LS1 4AP\n";

/// Breaks off after the first person, as a killed build does.
struct Broken;

impl Iterator for Broken {
    type Item = Result<Person, RowFault>;

    fn next(&mut self) -> Option<Self::Item> {
        panic!("killed")
    }
}

#[test]
fn an_interrupted_build_leaves_the_old_file_and_can_be_run_again() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("people.tgx");
    let run = || build(read_persons(PEOPLE.as_bytes()).unwrap(), &out, &mut |_| {});
    run().unwrap();
    let before = std::fs::read(&out).unwrap();
    let broken = std::panic::catch_unwind(|| build(Broken, &out, &mut |_| {}));
    assert!(broken.is_err());
    assert_eq!(std::fs::read(&out).unwrap(), before);
    // What a killed process leaves, longer than the next build's file.
    std::fs::write(folder.path().join("people.tgx.building"), [7; 99_999]).unwrap();
    run().unwrap();
    assert_eq!(std::fs::read(&out).unwrap(), before);
    assert_eq!(names_in(folder.path()), ["people.tgx"]);
}

#[test]
fn two_builds_of_one_file_do_not_meet() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("people.tgx");
    let _other = Aside::lock(&out).unwrap();
    let error = build(std::iter::empty(), &out, &mut |_| {}).unwrap_err();
    assert!(
        error.to_string().starts_with("another build of `"),
        "{error}"
    );
}

#[test]
fn every_step_tells_how_far_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut told = Vec::new();
    let people = read_persons(PEOPLE.as_bytes()).unwrap();
    build(people, &folder.path().join("people.tgx"), &mut |now| {
        told.push(now);
    })
    .unwrap();
    let mut ends: Vec<(BuildPhase, u64, u64)> = Vec::new();
    for now in told {
        ends.retain(|(phase, ..)| *phase != now.phase);
        ends.push((now.phase, now.done, now.total));
    }
    assert_eq!(
        ends,
        [
            (BuildPhase::Reading, 2, 0),
            (BuildPhase::Sorting, 2, 2),
            (BuildPhase::Placing, 2, 2),
            (BuildPhase::Detailing, 2, 2),
            (BuildPhase::Listing, 8, 8),
        ]
    );
}
