use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::csv_input::read_persons;
use crate::{NhsNumber, Person};

const PEOPLE: &str = "\
person_id,nhs_number,given_name,middle_name,surname,date_of_birth,sex,address,town,postcode,\
superseded_nhs_numbers,previous_names,dob_estimated,address_kind,address_from,previous_addresses,\
gp_practice_code,registration_date,restricted,death_date
P1,9990000018,Ann,Mary,O'Lee,1990-02-03,F,\"Flat 2, 1a High St\",Leeds,LS1 4AP,9990000026,\
ANN MARY|GREY,Y,care_of_practice,2020-01-02,2 Low Rd|York|YO1 1AA|home|2010|2019-12-31,Y01234,\
2020-01-02,Y,
P2,,Zoë,,Smith-Jones,1990-02-03,F,2 Low Rd,York,YO1 1AA,,,,,,,,,,2024-05
P3,,,,,,,,,,,,,no_fixed_abode,,,,,,
P4,9990000034,ANN,,O'LEE,1961,M,2 LOW ROAD,YORK,YO1 1AA,,,,,,,,,,
";

fn people() -> Vec<Person> {
    read_persons(PEOPLE.as_bytes())
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

fn build_from(people: Vec<Person>, out: &Path) -> BuildReport {
    build(people.into_iter().map(Ok), out, &mut |_| {}).unwrap()
}

#[test]
fn a_person_comes_back_as_given() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("people.tgx");
    let report = build_from(people(), &out);
    let index = Index::open(&out).unwrap();
    index.verify().unwrap();
    assert_eq!((report.people, report.left_out), (4, 0));
    assert_eq!(report.version, index.version());
    assert_eq!(report.rows, index.info().rows);
    for person in people() {
        let row = index.find(&person.person_id).unwrap();
        assert_eq!(index.person(row).unwrap(), person);
    }
    assert_eq!(index.find("P5"), None);
    assert_eq!(index.person(u32::MAX), None);
}

#[test]
fn a_superseded_number_leads_to_the_current_record() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("people.tgx");
    build_from(people(), &out);
    let index = Index::open(&out).unwrap();
    for number in ["9990000018", "9990000026"] {
        let row = index.find_nhs_number(NhsNumber::parse(number).unwrap());
        assert_eq!(row, index.find("P1"));
    }
}

#[test]
fn the_order_of_the_input_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    build_from(people(), &one);
    build_from(people().into_iter().rev().collect(), &two);
    assert_eq!(std::fs::read(one).unwrap(), std::fs::read(two).unwrap());
}

#[test]
fn a_repeated_identifier_is_left_out_and_reported() {
    let folder = tempfile::tempdir().unwrap();
    let mut twice = people();
    twice.extend(people());
    let report = build_from(twice, &folder.path().join("people.tgx"));
    assert_eq!(
        (report.people, report.left_out, report.faults.len()),
        (4, 4, 4)
    );
}

#[test]
fn an_empty_index_is_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("nobody.tgx");
    build_from(Vec::new(), &out);
    let index = Index::open(&out).unwrap();
    index.verify().unwrap();
    assert_eq!(index.find("P1"), None);
}

#[test]
fn nothing_is_left_behind_when_the_folder_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("missing").join("people.tgx");
    let error = build(std::iter::empty(), &out, &mut |_| {}).unwrap_err();
    assert!(error.to_string().starts_with("cannot create `"), "{error}");
}

fn sample_bytes() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("people.tgx");
    build_from(people(), &out);
    std::fs::read(out).unwrap()
}

fn open_bytes(bytes: &[u8]) -> Result<Index, IndexError> {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("people.tgx");
    std::fs::write(&out, bytes).unwrap();
    Index::open(&out)
}

#[test]
fn every_truncation_is_refused() {
    let bytes = sample_bytes();
    for length in 0..bytes.len() {
        assert!(open_bytes(&bytes[..length]).is_err(), "{length}");
    }
    let longer: Vec<u8> = bytes.iter().copied().chain([0]).collect();
    assert!(open_bytes(&longer).is_err());
}

#[test]
fn every_flipped_bit_is_refused() {
    let mut bytes = sample_bytes();
    for position in 0..bytes.len() {
        let bit = 1 << (position % 8);
        bytes[position] ^= bit;
        assert!(open_bytes(&bytes).is_err(), "byte {position}");
        bytes[position] ^= bit;
    }
    assert!(open_bytes(&bytes).is_ok());
}

#[test]
fn refusals_say_what_to_do() {
    let mut bytes = sample_bytes();
    bytes[8] = 9;
    let error = open_bytes(&bytes).unwrap_err().to_string();
    assert!(
        error.contains("has format version 9, not 2; build it again"),
        "{error}"
    );
    let error = open_bytes(b"a,b,c\n").unwrap_err().to_string();
    assert!(error.contains("is not a person index"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_file_with_right_checksums_and_wrong_content_never_panics(
        section in 0usize..37, place in 0usize..400, value in any::<u8>(),
    ) {
        let bytes = forge(sample_bytes(), section, place, value);
        if let Ok(index) = open_bytes(&bytes) {
            let _ = index.verify();
            for row in 0..8 {
                let _ = index.person(row);
            }
            let _ = index.find("P1");
            let _ = index.find_nhs_number(NhsNumber::parse("9990000018").unwrap());
        }
    }
}

/// Changes one byte of a section and corrects every checksum above it.
fn forge(mut bytes: Vec<u8>, section: usize, place: usize, value: u8) -> Vec<u8> {
    let entry = 64 + section * 32;
    let word = |bytes: &[u8], at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
    let (offset, length) = (
        word(&bytes, entry + 8) as usize,
        word(&bytes, entry + 16) as usize,
    );
    if length == 0 {
        return bytes;
    }
    bytes[offset + place % length] = value;
    let crc = crc32fast::hash(&bytes[offset..offset + length]);
    bytes[entry + 4..entry + 8].copy_from_slice(&crc.to_le_bytes());
    let table_crc = crc32fast::hash(&bytes[64..64 + 37 * 32]);
    bytes[32..36].copy_from_slice(&table_crc.to_le_bytes());
    let header_crc = crc32fast::hash(&bytes[..36]);
    bytes[36..40].copy_from_slice(&header_crc.to_le_bytes());
    bytes
}
