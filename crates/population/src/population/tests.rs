use std::collections::{HashMap, HashSet};

use proptest::prelude::*;

use super::*;
use crate::names::NAME_CHARS_MAX;
use crate::person::{Name, Sex};
use crate::{EXTRACT_COLUMNS, write_people};

fn share(people: &[Person], test: impl Fn(&Person) -> bool) -> f64 {
    people.iter().filter(|person| test(person)).count() as f64 / people.len() as f64
}

fn extract(size: u32, seed: u64) -> Vec<u8> {
    let population = Population::generate(size, seed);
    let mut bytes = Vec::new();
    write_people(&mut bytes, population.people(), u64::from(size), |_, _| ()).unwrap();
    bytes
}

fn valid_number(number: &str) -> bool {
    let digits: Vec<u32> = number
        .chars()
        .filter_map(|digit| digit.to_digit(10))
        .collect();
    let sum: u32 = digits
        .iter()
        .zip((2..=10).rev())
        .map(|(digit, weight)| digit * weight)
        .sum();
    digits.len() == 10 && (11 - sum % 11) % 11 == digits[9] && number.starts_with("999")
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    assert_eq!(extract(3_000, 42), extract(3_000, 42));
    assert_ne!(extract(300, 42), extract(300, 43));
}

#[test]
fn one_person_is_the_same_as_among_all() {
    let population = Population::generate(1_000, 3);
    let people: Vec<Person> = population.people().collect();
    assert_eq!(people.len(), 1_000);
    for number in [0, 255, 256, 999] {
        assert_eq!(
            population.person(number).as_ref(),
            people.get(number as usize)
        );
    }
    assert_eq!(population.person(1_000), None);
}

#[test]
fn extract_reads_back() {
    let population = Population::generate(2_000, 8);
    let bytes = extract(2_000, 8);
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    assert_eq!(reader.headers().unwrap(), EXTRACT_COLUMNS.as_slice());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2_000);
    for (row, person) in rows.iter().zip(population.people()) {
        assert_eq!(row[0], person.person_id);
        assert_eq!(row[5], person.name.surname);
        let past = row[6].split(';').filter(|name| !name.is_empty());
        assert_eq!(past.count(), person.previous_names.len());
        assert!(
            row[6]
                .split(';')
                .all(|name| name.is_empty() || name.split('|').count() == 2)
        );
        assert_eq!(row[7].parse::<Date>().unwrap(), person.date_of_birth);
        let past: Vec<&str> = row[15].split(';').filter(|past| !past.is_empty()).collect();
        assert_eq!(past.len(), person.previous_addresses.len());
        assert!(past.iter().all(|past| past.split('|').count() == 6));
    }
}

#[test]
fn proportions_are_those_of_a_country() {
    let people: Vec<Person> = Population::generate(60_000, 5).people().collect();
    let within = |what: &str, low: f64, high: f64, test: &dyn Fn(&Person) -> bool| {
        let share = share(&people, test);
        assert!((low..=high).contains(&share), "{what}: {share}");
    };
    let age = |person: &Person| AS_AT.year() - person.date_of_birth.year();
    within("restricted", 0.002, 0.005, &|one| one.restricted);
    within("dead", 0.005, 0.02, &|one| one.death_date.is_some());
    within("without number", 0.005, 0.03, &|one| {
        one.nhs_number.is_none()
    });
    within("superseded", 0.005, 0.015, &|one| {
        !one.superseded_nhs_numbers.is_empty()
    });
    within("not at home", 0.004, 0.02, &|one| {
        one.address.kind != AddressKind::Home
    });
    within("children", 0.16, 0.30, &|one| age(one) < 18);
    within("old", 0.12, 0.26, &|one| age(one) >= 65);
    within("women", 0.48, 0.55, &|one| one.sex == Some(Sex::Female));
    within("renamed", 0.05, 0.25, &|one| !one.previous_names.is_empty());
    within("moved", 0.4, 0.8, &|one| !one.previous_addresses.is_empty());
    within("middle name", 0.4, 0.75, &|one| !one.name.middle.is_empty());
    let twins = people.iter().filter(|one| one.kin == Kin::Twin).count() as f64;
    let births = people.iter().filter(|one| age(one) < 16).count() as f64;
    assert!(
        (0.015..0.07).contains(&(twins / births)),
        "twins {twins} of {births}"
    );
    let elder_pakistanis: Vec<Person> = people
        .iter()
        .filter(|one| one.origin == Origin::Pakistani && one.date_of_birth.year() < 2000)
        .cloned()
        .collect();
    let first = share(&elder_pakistanis, |one| {
        one.has(Quality::BornFirstOfJanuary)
    });
    assert!((0.06..0.2).contains(&first), "1 January: {first}");
}

#[test]
fn twins_share_birth_date_household_and_address_but_not_names() {
    let population = Population::generate(60_000, 2);
    let pairs: Vec<(Person, Person)> = population.twin_pairs().collect();
    assert!(pairs.len() > 100, "{}", pairs.len());
    for (one, other) in pairs {
        assert_eq!(one.household, other.household);
        assert_eq!(one.date_of_birth, other.date_of_birth);
        assert_eq!(one.address.postcode, other.address.postcode);
        assert_ne!(one.name.given, other.name.given);
        assert_ne!(one.person_id, other.person_id);
        let home = population.household_of(&one);
        assert!(home.contains(&one) && home.contains(&other));
    }
}

#[test]
fn namesakes_live_with_the_person_they_are_named_after() {
    let population = Population::generate(30_000, 6);
    let mut seen = 0;
    for person in population.with(Quality::Namesake).take(40) {
        let home = population.household_of(&person);
        let named_alike = home
            .iter()
            .filter(|other| other.name.given == person.name.given);
        // The last household of a block may be cut short.
        seen += usize::from(named_alike.count() > 1);
    }
    assert!(seen >= 38, "{seen}");
}

#[test]
fn surnames_have_a_long_tail_and_a_head() {
    let mut counts: HashMap<String, u32> = HashMap::new();
    let mut given = HashSet::new();
    for person in Population::generate(100_000, 4).people() {
        *counts.entry(person.name.surname).or_default() += 1;
        given.insert(person.name.given);
    }
    assert!(counts.len() > 11_000, "{} surnames", counts.len());
    assert!(given.len() > 3_000, "{} given names", given.len());
    let most = counts.values().max().copied().unwrap_or_default();
    assert!((500..2_500).contains(&most), "most common: {most}");
}

#[test]
fn addresses_hold_few_households_and_postcodes_a_street() {
    let mut people_at: HashMap<String, u32> = HashMap::new();
    for person in Population::generate(50_000, 7).people() {
        if person.address.kind == AddressKind::Home {
            *people_at.entry(person.address.postcode).or_default() += 1;
        }
    }
    let mean = 50_000.0 / people_at.len() as f64;
    assert!((15.0..40.0).contains(&mean), "{mean} people in a postcode");
}

#[test]
fn every_kind_of_person_can_be_found() {
    let population = Population::generate(100_000, 1);
    let qualities = [
        Quality::Restricted,
        Quality::Address(AddressKind::Home),
        Quality::Address(AddressKind::CareOfPractice),
        Quality::Address(AddressKind::CareOfOrganisation),
        Quality::Address(AddressKind::NoFixedAbode),
        Quality::Address(AddressKind::Withheld),
        Quality::Address(AddressKind::Unknown),
        Quality::Deceased,
        Quality::Twin,
        Quality::Namesake,
        Quality::Moved,
        Quality::Renamed,
        Quality::BornFirstOfJanuary,
        Quality::Superseded,
        Quality::Unnumbered,
        Quality::Plain,
    ];
    for quality in qualities {
        let found = population.with(quality).next();
        assert!(
            found.is_some_and(|person| person.has(quality)),
            "{quality:?}"
        );
    }
}

#[test]
fn a_population_beyond_the_range_has_no_numbers() {
    let population = Population::generate(800_001, 1);
    assert!(
        population
            .people()
            .take(500)
            .all(|person| person.nhs_number.is_none())
    );
}

fn check_name(name: &Name) {
    for part in [&name.given, &name.middle, &name.surname] {
        assert!(part.chars().count() <= NAME_CHARS_MAX, "{part}");
        let fine = |letter: char| letter.is_ascii_uppercase() || " -'".contains(letter);
        assert!(part.chars().all(fine), "{part}");
        assert_eq!(part.trim(), part);
    }
    assert!(!name.given.is_empty() && !name.surname.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn people_keep_within_the_limits(seed: u64, size in 1_u32..3_000) {
        let population = Population::generate(size, seed);
        let (mut ids, mut numbers) = (HashSet::new(), HashSet::new());
        for person in population.people() {
            prop_assert!(ids.insert(person.person_id.clone()));
            let older = person.superseded_nhs_numbers.iter();
            for number in person.nhs_number.iter().chain(older) {
                prop_assert!(numbers.insert(*number));
                prop_assert!(valid_number(&number.to_string()));
                prop_assert!(number.to_string() != "9999999999");
            }
            check_name(&person.name);
            person.previous_names.iter().for_each(check_name);
            check_dates(&person)?;
        }
        prop_assert_eq!(ids.len() as u32, size);
    }
}

fn check_dates(person: &Person) -> Result<(), TestCaseError> {
    let born = person.date_of_birth;
    prop_assert!(born <= AS_AT && born.year() >= 1920);
    prop_assert!(born <= person.address.from && person.address.from <= AS_AT);
    prop_assert!(person.registration_date <= AS_AT);
    prop_assert!(
        person
            .death_date
            .is_none_or(|death| death > born && death <= AS_AT)
    );
    let mut newer = &person.address;
    for address in &person.previous_addresses {
        prop_assert_eq!(address.to, Some(newer.from));
        prop_assert!(born <= address.from && address.from <= newer.from);
        newer = address;
    }
    for part in [
        &person.address.line,
        &person.address.town,
        &person.address.postcode,
    ] {
        prop_assert!(!part.contains([';', '|']));
    }
    Ok(())
}
