use super::*;
use crate::{AddressKind, Person, Sex};

const PERSONS: &str = "\
person_id,nhs_number,given_name,middle_name,surname,date_of_birth,sex,address,town,postcode,\
superseded_nhs_numbers,previous_names,dob_estimated,address_kind,address_from,previous_addresses,\
gp_practice_code,registration_date,restricted,death_date\n";

fn persons(csv: &str) -> Vec<Result<Person, RowFault>> {
    read_persons(csv.as_bytes()).unwrap().collect()
}

#[test]
fn every_column_of_a_person_is_read() {
    let row = "P1,9990000018,Ann,Mary,Lee,1990-02-03,F,1 High St,Leeds,LS1 4AP,9990000026;9990000034,\
        ANN MARY|GREY;ANNE|LEE,Y,care_of_practice,2020-01-02,\
        2 Low Rd|York|YO1 1AA|home|2010|2019-12-31,Y01234,2020-01-02,Y,2024-05\n";
    let read = persons(&format!("{PERSONS}{row}"));
    let person = read[0].as_ref().unwrap();
    assert_eq!(read.len(), 1);
    assert_eq!(person.superseded_nhs_numbers.len(), 2);
    assert_eq!(person.previous_names[0].surname, "GREY");
    assert_eq!(person.previous_addresses[0].postcode, "YO1 1AA");
    assert_eq!(
        person.previous_addresses[0].to.unwrap().to_string(),
        "2019-12-31"
    );
    assert_eq!(person.address.kind, AddressKind::CareOfPractice);
    assert!(person.dob_estimated && person.restricted);
    assert_eq!(person.death_date.unwrap().to_string(), "2024-05");
    assert_eq!(person.gp_practice_code.as_deref(), Some("Y01234"));
}

#[test]
fn a_bad_row_is_reported_and_the_rest_is_read() {
    let csv = "person_id,given_name,surname,date_of_birth,sex,postcode\n\
        P1,Ann,Lee,1990-02-30,F,LS1 4AP\n\
        P2,Ann\n\
        ,Ann,Lee,1990-02-03,F,LS1 4AP\n\
        P4,Bob,Lee,1990-02-03,M,LS1 4AP\n";
    let mut bytes = csv.as_bytes().to_vec();
    bytes.extend(b"P5,\xff,Lee,,,\nP6,Cy,Lee,,,\n");
    let read: Vec<_> = read_persons(bytes.as_slice()).unwrap().collect();
    let found: Vec<String> = read
        .iter()
        .map(|row| match row {
            Ok(person) => person.person_id.clone(),
            Err(fault) => format!(
                "{}:{}:{}",
                fault.line, fault.fault.field, fault.row_left_out
            ),
        })
        .collect();
    let expected = [
        "2:date_of_birth:false",
        "P1",
        "3:row:true",
        "4:person_id:true",
        "P4",
        "6:row:true",
        "P6",
    ];
    assert_eq!(found, expected);
}

#[test]
fn protection_is_not_lost_to_a_spelling() {
    let csv = "person_id,given_name,surname,date_of_birth,sex,postcode,restricted,address_kind\n\
        P1,Ann,Lee,1990-02-03,F,LS1 4AP,R,hme\n";
    let read = persons(csv);
    let person = read.last().unwrap().as_ref().unwrap();
    assert!(person.restricted);
    assert_eq!(person.address.kind, AddressKind::Withheld);
    assert_eq!(read.len(), 3);
}

#[test]
fn the_published_batch_columns_are_read() {
    let csv = "\u{feff}UNIQUE REFERENCE,NHS_NO,FAMILY_NAME,GIVEN_NAME,OTHER_GIVEN_NAME,GENDER,\
        DATE_OF_BIRTH,POSTCODE,DATE_OF_DEATH,ADDRESS_LINE1,ADDRESS_LINE2,ADDRESS_LINE3,\
        ADDRESS_LINE4,ADDRESS_LINE5,ADDRESS_DATE,GP_PRACTICE_CODE,GP_REGISTRATION_DATE,\
        NHAIS_POSTING_ID,AS_AT_DATE,LOCAL_PATIENT_ID,INTERNAL_ID,TELEPHONE_NUMBER,MOBILE_NUMBER,\
        EMAIL_ADDRESS\n\
        R1,9990000018,Lee,Ann,Mary,2,199002,LS1 4AP,,Flat 2,1 High St,,Leeds,,,V81999,,,,,,,,\n";
    let rows: Vec<RequestRow> = read_requests(csv.as_bytes()).unwrap().collect();
    let terms = rows[0].terms.as_ref().unwrap();
    assert_eq!(rows[0].request_id, "R1");
    assert_eq!(terms.sex, Sex::Female);
    assert_eq!(terms.date_of_birth.unwrap().to_string(), "1990-02");
    assert_eq!(
        (terms.address.as_str(), terms.town.as_str()),
        ("Flat 2, 1 High St", "Leeds")
    );
    assert_eq!(rows[0].faults.len(), 1);
}

#[test]
fn headers_are_refused_with_what_is_expected() {
    let check = |header: &str, expected: &str| {
        let error = read_requests(header.as_bytes()).err().unwrap().to_string();
        assert!(error.starts_with(expected), "{error}");
        error
    };
    check(
        "request_id,shoe_size\n",
        "unknown column `shoe_size`; expected `request_id`",
    );
    check(
        "request_id,given_name,surname\n",
        "missing column `date_of_birth`, `sex`",
    );
    check(
        "surname,FAMILY NAME\n",
        "column `family_name` is there twice",
    );
    check("", "missing column");
}

#[test]
fn a_short_request_row_keeps_its_identifier() {
    let csv = "request_id,given_name,surname,date_of_birth,sex,postcode\nR1,Ann\n";
    let rows: Vec<RequestRow> = read_requests(csv.as_bytes()).unwrap().collect();
    assert_eq!(
        (rows[0].request_id.as_str(), rows[0].terms.is_none()),
        ("R1", true)
    );
    assert_eq!(rows[0].line, 2);
}

proptest::proptest! {
    #[test]
    fn no_bytes_stop_the_readers(bytes in proptest::collection::vec(0u8.., 0..400)) {
        let head = b"person_id,given_name,surname,date_of_birth,sex,postcode\n";
        let file: Vec<u8> = head.iter().copied().chain(bytes.iter().copied()).collect();
        if let Ok(reader) = read_persons(file.as_slice()) {
            for _ in reader {}
        }
        let _ = read_requests(bytes.as_slice()).map(Iterator::count);
    }
}
