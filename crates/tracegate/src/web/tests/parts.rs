//! Parts of pages that have rules of their own: words, dates, the comparison, sessions.

use disclosure::trace::{Candidate, EvidenceLine, TraceOutcome, TraceResult};
use disclosure::{Actor, Code, EventKind};
use jiff::Timestamp;

use crate::web::cases::compare;
use crate::web::requests::form;
use crate::web::visitor::Fields;
use crate::web::words;

fn now() -> Timestamp {
    "2026-03-02T09:30:00Z".parse().unwrap()
}

fn fields(pairs: &[(&str, &str)]) -> Fields {
    let owned = pairs
        .iter()
        .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
    Fields(owned.collect())
}

fn officer() -> Actor {
    crate::personas::find("dc-amara-osei").unwrap()
}

#[test]
fn an_entry_tells_the_hour_and_no_more() {
    let at = "2026-03-02T09:47:13.5Z";
    assert_eq!(words::hour(at), "2 March 2026, 09:00 UTC");
    assert_eq!(words::time(at), "2 March 2026, 09:47 UTC");
    assert_eq!(words::day(at), "2 March 2026");
    assert_eq!(words::day("not a time"), "not a time");
}

#[test]
fn every_code_has_words() {
    for code in Code::all() {
        let words = words::label(code.code());
        assert!(
            !words.contains('_') && words.starts_with(char::is_uppercase),
            "{words}"
        );
    }
    for kind in EventKind::ALL {
        assert!(!kind.label().is_empty());
    }
    assert_eq!(words::label(""), "");
    assert_eq!(words::organization("police-northmoor"), "Police Northmoor");
}

#[test]
fn a_birth_date_may_be_known_in_part() {
    let read = |day: &str, month: &str, year: &str| {
        let fields = fields(&[
            ("subject.date_of_birth.day", day),
            ("subject.date_of_birth.month", month),
            ("subject.date_of_birth.year", year),
            ("subject.surname", "Lund"),
            ("subject.given_name", "Peter"),
        ]);
        let (request, errors) = form::read(&fields, &officer());
        let wrong = errors
            .iter()
            .any(|error| error.field == "subject.date_of_birth");
        (request.subject.date_of_birth, wrong)
    };
    assert_eq!(read("7", "3", "1984"), ("1984-03-07".to_owned(), false));
    assert_eq!(read("", "3", "1984"), ("1984-03".to_owned(), false));
    assert_eq!(read("", "", "1984"), ("1984".to_owned(), false));
    assert_eq!(read("", "", ""), (String::new(), false));
    for (day, month, year) in [
        ("7", "", "1984"),
        ("7", "3", ""),
        ("7", "3", "84"),
        ("x", "3", "1984"),
    ] {
        assert!(read(day, month, year).1, "{day}/{month}/{year}");
    }
    assert!(read("31", "2", "1984").1, "a day that does not exist");
}

#[test]
fn an_attempt_is_whole_or_an_error() {
    let read = |pairs: &[(&str, &str)]| {
        let (request, errors) = form::read(&fields(pairs), &officer());
        let wrong: Vec<String> = errors
            .into_iter()
            .map(|error| error.field)
            .filter(|field| field.starts_with("attempt"))
            .collect();
        (request.justification.attempts.len(), wrong)
    };
    assert_eq!(read(&[]), (0, vec![]));
    let (found, wrong) = read(&[("attempt2.what", "A letter")]);
    assert_eq!(found, 0);
    assert_eq!(wrong, ["attempt2.on", "attempt2.result"]);
    let whole = [
        ("attempt1.what", "A letter"),
        ("attempt1.on.day", "1"),
        ("attempt1.on.month", "2"),
        ("attempt1.on.year", "2026"),
        ("attempt1.result", "No answer"),
    ];
    assert_eq!(read(&whole), (1, vec![]));
}

fn candidate(probability: f64, bits: &[f64]) -> Candidate {
    let line = |bits: &f64| EvidenceLine {
        field: "surname".to_owned(),
        finding: "the same".to_owned(),
        bits: *bits,
        total: *bits,
    };
    Candidate {
        person_ref: "P1".to_owned(),
        score: -1.5,
        probability,
        on_history: false,
        restricted: false,
        jan1: false,
        evidence: bits.iter().map(line).collect(),
    }
}

#[test]
fn a_comparison_never_rounds_to_certainty_and_its_bars_fit() {
    let trace = TraceResult {
        tracer: Actor::gate(),
        at: now(),
        engine: "bayes".to_owned(),
        index_version: "v".to_owned(),
        outcome: TraceOutcome::Single,
        examined: 6,
        candidates: vec![
            candidate(0.999_999, &[40.0, -3.0]),
            candidate(0.0, &[-40.0]),
            candidate(0.5, &[]),
            candidate(0.1, &[0.0]),
            candidate(0.1, &[0.0]),
        ],
        gap: None,
    };
    let table = serde_json::to_value(compare::table(&trace)).unwrap();
    let columns = table["columns"].as_array().unwrap();
    let shown: Vec<&str> = columns
        .iter()
        .map(|c| c["probability"].as_str().unwrap())
        .collect();
    assert_eq!(
        shown,
        ["over 99.99 %", "under 0.01 %", "50.00 %", "10.00 %"]
    );
    assert_eq!(table["not_shown"], 1);
    let rows = table["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2, "a thing compared twice has two rows");
    for cell in rows.iter().flat_map(|row| row["cells"].as_array().unwrap()) {
        if cell.is_null() {
            continue;
        }
        let number = |name: &str| cell[name].as_str().unwrap().parse::<f64>().unwrap();
        let (x, width) = (number("x"), number("width"));
        assert!(x >= 0.0 && width >= 0.0 && x + width <= 100.0, "{cell}");
    }
}
