//! Files as agencies' systems write them, and files as they must not be.

use disclosure::{Actor, Role};
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn officer() -> Actor {
    Actor {
        id: "dc-1".into(),
        name: "DC One".into(),
        role: Role::Officer,
        organization: "police-northmoor".into(),
    }
}

fn read(file: &str) -> Vec<(u64, Result<Request, String>)> {
    let columns = Columns::of(file.as_bytes()).unwrap();
    let rows = columns.rows(file.as_bytes());
    let request = |row: Result<ByteRecord, String>| columns.request(&row?, &officer());
    rows.map(|(line, row)| (line, request(row))).collect()
}

fn fault(cells: &str, columns: &str) -> String {
    let file = format!("UNIQUE REFERENCE,PURPOSE,RANK,FIELDS{columns}\r\n{cells}\r\n");
    read(&file).remove(0).1.unwrap_err()
}

#[test]
fn the_columns_of_the_pds_batch_and_our_own_make_a_request() {
    let file = "\u{feff}UNIQUE REFERENCE,NHS_NO,FAMILY_NAME,GIVEN_NAME,OTHER_GIVEN_NAME,GENDER,DATE_OF_BIRTH,\
                ADDRESS_LINE1,ADDRESS_LINE3,POSTCODE,LOCAL_PATIENT_ID,purpose,rank,fields,attempts,single_offence,\
                offence_max_months,authoriser_id,authoriser_name,authoriser_rank,authoriser_signed_at\r\n\
                NP/1,999 000 0018,\"Thistle\nwood\",Maud,,2,19840327,\"14, Larch Close\",Northmoor,NM1 2AB,x,serious_crime,\
                constable,name; last_known_address,visit|2026-01-02|moved;letter|2026-01-03|returned,yes,60,\
                insp-7,Inspector Two,inspector,2026-01-04T08:00:00Z\r\n";
    let (line, request) = read(file).remove(0);
    let request = serde_json::to_value(request.unwrap()).unwrap();
    assert_eq!(line, 2);
    for (place, value) in [
        ("/agency_reference", json!("NP/1")),
        ("/requester/officer_id", json!("dc-1")),
        ("/requester/rank", json!("constable")),
        ("/subject/surname", json!("Thistle\nwood")),
        ("/subject/sex", json!("F")),
        ("/subject/date_of_birth", json!("1984-03-27")),
        ("/subject/address", json!("14, Larch Close, Northmoor")),
        ("/fields", json!(["name", "last_known_address"])),
        ("/justification/attempts/1/result", json!("returned")),
        ("/grounds/single_offence", json!(true)),
        ("/grounds/offence_max_months", json!(60)),
        ("/authoriser/officer_id", json!("insp-7")),
    ] {
        assert_eq!(request.pointer(place), Some(&value), "{place}");
    }
}

#[test]
fn a_row_that_is_no_request_says_which_column_and_never_what_stands_there() {
    for (cells, columns, said) in [
        (
            "NP/1,p,r",
            "",
            "the line has 3 cells where 4 columns are named; write one cell for each",
        ),
        (
            ",p,r,name",
            "",
            "UNIQUE_REFERENCE: is empty; write your reference of this request",
        ),
        (
            "NP/1,p,r,name,secret",
            ",OFFENCE_MAX_MONTHS",
            "OFFENCE_MAX_MONTHS: is no whole number; write digits alone",
        ),
        (
            "NP/1,p,r,name,secret",
            ",SINGLE_OFFENCE",
            "SINGLE_OFFENCE: is neither yes nor no; write one of them",
        ),
        (
            "NP/1,p,r,name,secret",
            ",GENDER",
            "GENDER: is no known code; write F, M, 0, 1, 2 or 9",
        ),
        (
            "NP/1,p,r,name,20261399",
            ",OFFENCE_ON",
            "OFFENCE_ON: is no day; write YYYY-MM-DD",
        ),
        (
            "NP/1,p,r,name,secret",
            ",ATTEMPTS",
            "ATTEMPTS: cannot be read; write WHAT|YYYY-MM-DD|RESULT, with `;` between several",
        ),
        (
            "NP/1,p,r,name,secret",
            ",PRIORITY",
            "PRIORITY: is no known priority; write routine, priority or emergency",
        ),
        (
            "NP/1,p,r,name,secret",
            ",AUTHORISER_ID",
            "AUTHORISER_ID: the authoriser is incomplete; write id, name, rank and signed at, or none",
        ),
    ] {
        assert_eq!(fault(cells, columns), said);
    }
    let long = format!("{},p,r,name", "9".repeat(101));
    assert_eq!(
        fault(&long, ""),
        "UNIQUE_REFERENCE: is longer than 100 characters; write a shorter one"
    );
}

#[test]
fn a_header_that_says_too_little_too_much_or_something_else_is_refused_whole() {
    let refused = |header: &str| Columns::of(header.as_bytes()).unwrap_err();
    let needed = "UNIQUE_REFERENCE,PURPOSE,RANK,FIELDS";
    assert_eq!(refused(""), HeaderFault::None);
    assert_eq!(
        refused(&format!("{needed},SUBJECTS\n")),
        HeaderFault::Unknown(5)
    );
    assert_eq!(
        refused(&format!("{needed},NHS_NO,NHS_NUMBER\n")),
        HeaderFault::Twice(6)
    );
    assert_eq!(
        refused(&format!("{needed},ADDRESS_LINE1,ADDRESS_LINE1\n")),
        HeaderFault::Twice(6)
    );
    assert_eq!(
        refused("UNIQUE_REFERENCE,PURPOSE,RANK\n"),
        HeaderFault::Missing("FIELDS")
    );
    assert!(Columns::of(format!("{needed},ADDRESS_LINE1,ADDRESS_LINE2\n").as_bytes()).is_ok());
}

#[test]
fn every_column_has_a_place_in_the_request() {
    for (name, place, kind) in COLUMNS.iter().filter(|column| column.2 != Kind::Ignored) {
        let cell = match kind {
            Kind::Number | Kind::Flag | Kind::Sex => "1",
            Kind::Birth | Kind::Day => "2020-01-02",
            Kind::Instant => "2020-01-02T00:00:00Z",
            Kind::Priority => "routine",
            Kind::Attempts => "a|2020-01-02|b",
            _ => "x",
        };
        let mut request = json!({
            "requester": { "organization": "o", "officer_id": "i", "name": "n", "rank": "" },
            "purpose": "", "subject": {}, "grounds": {}, "justification": {}, "fields": [],
        });
        if place.starts_with("/authoriser") {
            request["authoriser"] = json!({ "officer_id": "", "name": "", "rank": "", "signed_at": "2020-01-02T00:00:00Z" });
        }
        put(&mut request, place, *kind, value(*kind, cell).unwrap());
        let read: Result<Request, _> = serde_json::from_value(request);
        assert!(read.is_ok(), "{name}: {read:?}");
    }
}

proptest! {
    #[test]
    fn no_bytes_stop_the_reader(header in "[A-Z_,\" ]{0,60}", body in prop::collection::vec(any::<u8>(), 0..400)) {
        let known = "UNIQUE_REFERENCE,PURPOSE,RANK,FIELDS,GENDER,DATE_OF_BIRTH,ATTEMPTS\n";
        for header in [header.as_str(), known] {
            let file = [header.as_bytes(), b"\n", &body].concat();
            if let Ok(columns) = Columns::of(&file) {
                let mut before = 1;
                for (line, row) in columns.rows(&file) {
                    prop_assert!(line > before, "lines only go on");
                    before = line;
                    row.and_then(|row| columns.request(&row, &officer())).ok();
                }
            }
        }
    }

    /// A fault within one line is that line's own: every other line says what it said, under its own number.
    #[test]
    fn a_fault_in_one_line_is_no_other_lines(
        lines in prop::collection::vec("[a-z0-9-]{1,8}", 2..6),
        place in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        fault in prop::collection::vec(any::<u8>().prop_filter("no end of a line", |byte| !b"\r\n\"".contains(byte)), 0..6),
    ) {
        let header = "UNIQUE_REFERENCE,PURPOSE,RANK,FIELDS,GENDER,DATE_OF_BIRTH,ATTEMPTS\n";
        let whole = |cell: &String| format!("{cell},warrant,constable,name,2,19800101,visit|2026-01-02|{cell}\n");
        let mut written: Vec<Vec<u8>> = lines.iter().map(|cell| whole(cell).into_bytes()).collect();
        let read = |written: &[Vec<u8>]| {
            let file = [header.as_bytes(), &written.concat()].concat();
            let columns = Columns::of(&file).unwrap();
            let rows = columns.rows(&file);
            rows.map(|(line, row)| (line, row.and_then(|row| columns.request(&row, &officer()))))
                .collect::<Vec<_>>()
        };
        let before = read(&written);
        prop_assert_eq!(before.len(), lines.len());
        prop_assert!(before.iter().all(|(_, asked)| asked.is_ok()));
        let place = place.index(written.len());
        let at = at.index(written[place].len());
        written[place].splice(at..at, fault);
        let after = read(&written);
        prop_assert_eq!(before.len(), after.len());
        for (index, (before, after)) in before.iter().zip(&after).enumerate() {
            prop_assert_eq!(before.0, after.0);
            prop_assert!(index == place || before == after, "line {} is another", before.0);
        }
    }
}
