use super::*;
use crate::csv_input::read_persons;
use crate::index::build;

const HEADER: &str =
    "person_id,given_name,surname,date_of_birth,sex,postcode,previous_names,restricted\n";

fn index_of(rows: &str) -> Index {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("people.tgx");
    let file = format!("{HEADER}{rows}");
    build(read_persons(file.as_bytes()).unwrap(), &out, &mut |_| {}).unwrap();
    Index::open(&out).unwrap()
}

fn differences(before: &str, after: &str) -> (DiffReport, Vec<Difference>) {
    let mut told = Vec::new();
    let (before, after) = (index_of(before), index_of(after));
    let report = diff(
        &before,
        &after,
        &mut |one| told.push(one.clone()),
        &mut |_| {},
    );
    (report, told)
}

const ANN: &str = "P1,Ann,Lee,1990-02-03,F,LS1 4AP,ANN|GREY,\n";
const BOB: &str = "P2,Bob,Lee,1991-02-03,M,LS1 4AP,,\n";

#[test]
fn the_same_people_in_another_order_are_the_same() {
    let (report, told) = differences(&format!("{ANN}{BOB}"), &format!("{BOB}{ANN}"));
    assert!(report.is_same() && told.is_empty());
    assert_eq!((report.people_before, report.people_after), (2, 2));
}

#[test]
fn added_removed_and_changed_people_are_told_without_values() {
    let before = format!("{ANN}{BOB}P3,Cy,Lee,,,,,\n");
    let after = format!("{BOB}P1,Ann,Grey,1990-02-03,F,LS1 4AP,,Y\nP4,Di,Lee,,,,,\n");
    let (report, told) = differences(&before, &after);
    assert_eq!((report.added, report.removed, report.changed), (1, 1, 1));
    let fields = report.fields.iter().filter(|one| one.people > 0);
    let fields: Vec<_> = fields.map(|one| (one.field, one.people)).collect();
    let expected = [("surname", 1), ("previous_names", 1), ("restricted", 1)];
    assert_eq!(fields, expected);
    let told: Vec<_> = told
        .iter()
        .map(|one| (one.person_id.as_str(), &one.change))
        .collect();
    let changed = Change::Changed(vec!["surname", "previous_names", "restricted"]);
    assert_eq!(
        told,
        [
            ("P3", &Change::Removed),
            ("P1", &changed),
            ("P4", &Change::Added)
        ]
    );
}

#[test]
fn every_field_is_compared() {
    // A person equal in all listed fields is equal.
    let (one, other) = (
        Person::default(),
        Person {
            deceased: true,
            ..Person::default()
        },
    );
    let same = |a: &Person, b: &Person| FIELDS.iter().all(|(_, same)| same(a, b));
    assert!(same(&one, &one) && !same(&one, &other));
    let held = serde_json::to_value(&one).unwrap();
    // Identifier apart; name has three fields, the address five that a current one can have.
    assert_eq!(held.as_object().unwrap().len() - 3 + 3 + 5, FIELDS.len());
}
