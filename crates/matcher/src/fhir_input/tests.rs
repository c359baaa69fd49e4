use serde_json::{Value, json};

use super::read_patients;
use crate::csv_input::{RowFault, read_persons};
use crate::{Address, AddressKind, Index, Name, Person, Sex, index};

const CSV: &str = "\
person_id,nhs_number,given_name,middle_name,surname,date_of_birth,sex,address,town,postcode,\
superseded_nhs_numbers,previous_names,dob_estimated,address_kind,address_from,previous_addresses,\
gp_practice_code,registration_date,restricted,death_date
P1,9990000018,Ann,Mary Jo,O'Lee,1990-02-03,F,\"Flat 2, 1a High St\",Leeds,LS1 4AP,9990000026,\
ANN MARY|GREY,Y,care_of_practice,2020-01-02,2 Low Rd|York|YO1 1AA|home|2010|2019-12-31,Y01234,\
2020-01-02,Y,
P2,,Zoë,,Smith-Jones,1990-02,F,2 Low Rd,York,YO1 1AA,,,,,,,,,,2024-05
P3,,,,,,,,,ZZ99 3VZ,,,,no_fixed_abode,,,,,,
P4,9990000034,ANN,,O'LEE,1961,M,2 LOW ROAD,YORK,YO1 1AA,,,,,,,,,,
";

fn read(lines: &str) -> Vec<Result<Person, RowFault>> {
    read_patients(lines.as_bytes()).collect()
}

fn one(patient: &Value) -> Person {
    read(&patient.to_string()).remove(0).unwrap()
}

/// Everything that the reader understands, as the standard writes it.
fn patient(person: &Person) -> Value {
    let number = |number: &crate::NhsNumber, r#use: &str| {
        json!({
            "use": r#use,
            "system": "https://fhir.nhs.uk/Id/nhs-number",
            "value": number.compact(),
        })
    };
    let mut identifier: Vec<Value> = person
        .superseded_nhs_numbers
        .iter()
        .map(|one| number(one, "old"))
        .collect();
    identifier.extend(person.nhs_number.iter().map(|one| number(one, "official")));
    let mut name = vec![name(&person.name, "usual")];
    name.extend(
        person
            .previous_names
            .iter()
            .map(|one| self::name(one, "maiden")),
    );
    let mut address = vec![address(&person.address, "home")];
    address.extend(
        person
            .previous_addresses
            .iter()
            .map(|one| self::address(one, "old")),
    );
    let gender = match person.sex {
        Sex::Male => "male",
        Sex::Female => "female",
        Sex::Other => "other",
        Sex::Unknown => "unknown",
    };
    let mut patient = json!({
        "resourceType": "Patient",
        "id": person.person_id,
        "meta": {"security": [{
            "system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
            "code": if person.restricted { "R" } else { "U" },
        }]},
        "identifier": identifier,
        "name": name,
        "gender": gender,
        "address": address,
    });
    let fields = patient.as_object_mut().unwrap();
    if let Some(date) = person.date_of_birth {
        fields.insert("birthDate".into(), json!(date));
    }
    if person.dob_estimated {
        let extension =
            json!([{"url": "urn:tracegate:birth-date-estimated", "valueBoolean": true}]);
        fields.insert("_birthDate".into(), json!({"extension": extension}));
    }
    if let Some(date) = person.death_date {
        fields.insert("deceasedDateTime".into(), json!(date));
    }
    if let Some(code) = &person.gp_practice_code {
        let practice = json!([{"type": "Organization", "identifier": {
            "system": "https://fhir.nhs.uk/Id/ods-organization-code",
            "value": code,
            "period": {"start": person.registration_date},
        }}]);
        fields.insert("generalPractitioner".into(), practice);
    }
    patient
}

fn name(name: &Name, r#use: &str) -> Value {
    let given = [&name.given, &name.middle];
    let given: Vec<_> = given.into_iter().filter(|one| !one.is_empty()).collect();
    json!({"use": r#use, "family": name.surname, "given": given})
}

fn address(address: &Address, r#use: &str) -> Value {
    let mut period = json!({});
    for (key, date) in [("start", address.from), ("end", address.to)] {
        if let Some(date) = date {
            period[key] = json!(date);
        }
    }
    json!({
        "use": r#use,
        "line": [address.address],
        "city": address.town,
        "postalCode": address.postcode,
        "period": period,
        "extension": [{
            "url": "urn:tracegate:address-kind",
            "valueCode": address.kind.as_str(),
        }],
    })
}

#[test]
fn the_same_people_give_the_same_index_from_either_form() {
    let folder = tempfile::tempdir().unwrap();
    let (csv, fhir) = (folder.path().join("csv"), folder.path().join("fhir"));
    let people: Vec<Person> = read_persons(CSV.as_bytes())
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let lines: Vec<String> = people.iter().map(|one| patient(one).to_string()).collect();
    let lines = lines.join("\r\n\n");
    index::build(read_persons(CSV.as_bytes()).unwrap(), &csv, &mut |_| {}).unwrap();
    index::build(read_patients(lines.as_bytes()), &fhir, &mut |_| {}).unwrap();
    assert_eq!(std::fs::read(csv).unwrap(), std::fs::read(&fhir).unwrap());
    let index = Index::open(&fhir).unwrap();
    let row = index.find("P1").unwrap();
    assert_eq!(index.person(row).as_ref(), people.first());
}

#[test]
fn names_are_chosen_by_use_and_period() {
    let person = one(&json!({"resourceType": "Patient", "id": "1", "name": [
        {"use": "official", "family": "Grey", "given": ["Ann"], "period": {"end": "2019-03-01"}},
        {"use": "nickname", "given": ["Annie"]},
        {"use": "anonymous", "family": "X"},
        {"use": "official", "family": "Lee", "given": ["Ann", "Mary", "Jo"]},
        {"use": "maiden", "text": "Ann Mary Black"},
    ]}));
    assert_eq!(person.name.surname, "Lee");
    assert_eq!(person.name.middle, "Mary Jo");
    let others: Vec<_> = person
        .previous_names
        .iter()
        .map(|one| one.surname.as_str())
        .collect();
    assert_eq!(others, ["Grey", "", "Black"]);
}

#[test]
fn only_a_plain_home_is_a_home() {
    let kind = |address: Value| {
        let patient = json!({"resourceType": "Patient", "id": "1", "address": [address]});
        one(&patient).address.kind
    };
    let check = |address, expected| assert_eq!(kind(address), expected);
    check(
        json!({"use": "home", "line": ["1 High St"]}),
        AddressKind::Home,
    );
    check(
        json!({"line": ["1 High St"], "type": "both"}),
        AddressKind::Home,
    );
    check(
        json!({"use": "home", "type": "postal"}),
        AddressKind::Unknown,
    );
    check(
        json!({"use": "temp", "line": ["1 High St"]}),
        AddressKind::Unknown,
    );
    check(json!({"use": "billing"}), AddressKind::Unknown);
    check(json!({"use": "work"}), AddressKind::Unknown);
    check(
        json!({"use": "home", "line": ["c/o The Surgery", "1 High St"]}),
        AddressKind::CareOfOrganisation,
    );
    check(
        json!({"use": "home", "postalCode": "ZZ99 3VZ"}),
        AddressKind::NoFixedAbode,
    );
    check(
        json!({"use": "home", "postalCode": "ZZ99 3WZ"}),
        AddressKind::Unknown,
    );
}

#[test]
fn an_old_address_is_never_the_current_one() {
    let person = one(&json!({"resourceType": "Patient", "id": "1", "address": [
        {"use": "old", "line": ["1 High St"]},
        {"use": "home", "line": ["2 Low Rd"], "period": {"start": "2001-02-03T00:00:00Z", "end": "2009"}},
    ]}));
    assert!(person.address.is_empty());
    assert_eq!(person.previous_addresses.len(), 2);
    assert_eq!(
        person.previous_addresses[1].from.unwrap().to_string(),
        "2001-02-03"
    );
}

#[test]
fn death_and_restriction_are_never_lost() {
    let with = |key: &str, value: Value| {
        let mut patient = json!({"resourceType": "Patient", "id": "1"});
        patient[key] = value;
        let read = read(&patient.to_string());
        read.last().unwrap().clone().unwrap()
    };
    assert!(with("deceasedBoolean", json!(true)).deceased);
    assert!(!with("deceasedBoolean", json!(false)).deceased);
    let unreadable = with("deceasedDateTime", json!("last spring"));
    assert_eq!((unreadable.deceased, unreadable.death_date), (true, None));
    let dated = with("deceasedDateTime", json!("2024-05-06T10:00:00+01:00"));
    assert_eq!(dated.death_date.unwrap().to_string(), "2024-05-06");
    for (code, expected) in [("U", false), ("R", true), ("V", true), ("odd", true)] {
        let person = with("meta", json!({"security": [{"code": code}]}));
        assert_eq!(person.restricted, expected, "{code}");
    }
}

#[test]
fn faults_name_line_field_and_remedy_and_never_the_person() {
    let lines = "{\"resourceType\":\"Patient\",\"id\":\"1\",\"birthDate\":\"Secretson\"}\n\
        \n\
        {\"resourceType\":\"Bundle\"}\n\
        {\"resourceType\":\"Patient\",\"id\":{\"a\":\"Secretson\"}}\n\
        Secretson\n\
        {\"resourceType\":\"Patient\"}\n\
        {\"resourceType\":\"Patient\",\"id\":\"2\",\"link\":[{\"type\":\"replaced-by\"}]}\n";
    let told: Vec<String> = read(lines)
        .into_iter()
        .filter_map(|one| one.err().map(|fault| fault.to_string()))
        .collect();
    let expected = [
        "line 1: date_of_birth: not a date; write YYYY-MM-DD",
        "line 3: row: the resource is not a Patient; write one Patient",
        "line 4: row: not shaped as a FHIR R4 Patient at column 31; write",
        "line 5: row: not JSON at column 1; write one",
        "line 6: person_id: no identifier; give every person",
        "line 7: row: the record is not in use any more; send",
    ];
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(expected), "{told}");
        assert!(!told.contains("Secretson"), "{told}");
    }
}

#[test]
fn a_line_without_end_is_left_out() {
    let long = "x".repeat((super::LINE_BYTES_MAX * 2) as usize + 7);
    let read = read(&format!(
        "{long}\n{{\"resourceType\":\"Patient\",\"id\":\"1\"}}"
    ));
    assert!(
        read[0]
            .as_ref()
            .unwrap_err()
            .to_string()
            .contains("longer than 1048576 bytes")
    );
    assert_eq!(read[1].as_ref().unwrap().person_id, "1");
}

proptest::proptest! {
    #[test]
    fn no_bytes_stop_the_reader(bytes in proptest::collection::vec(0u8.., 0..300)) {
        read_patients(bytes.as_slice()).for_each(drop);
    }
}
