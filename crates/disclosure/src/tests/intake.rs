use proptest::prelude::*;

use super::sample::{NHS_NUMBER, leaks, request};
use crate::intake::{self, LIST_ITEMS_MAX, TEXT_CHARS_MAX};
use crate::request::{Authoriser, Subject};
use crate::{Code, Request};

/// What is wrong with the sample request after a change: code and field of each fault.
fn faults(change: impl FnOnce(&mut Request)) -> Vec<(Code, String)> {
    let mut request = request();
    change(&mut request);
    let faults = intake::faults(&request);
    for fault in &faults {
        assert!(
            !fault.problem.is_empty() && !fault.remedy.is_empty(),
            "{fault:?}"
        );
        assert!(
            !leaks(&format!("{fault:?}")),
            "a fault repeats a value: {fault:?}"
        );
    }
    let pairs = faults.into_iter().map(|fault| (fault.code, fault.field));
    pairs.collect()
}

/// Does one thing wrong.
type Spoil = fn(&mut Request);

fn one(code: Code, field: &str) -> Vec<(Code, String)> {
    vec![(code, field.to_owned())]
}

fn authoriser(request: &mut Request) -> &mut Authoriser {
    request.authoriser.as_mut().unwrap()
}

#[test]
fn a_complete_request_has_no_fault() {
    assert_eq!(faults(|_| {}), []);
    let by_number = |request: &mut Request| {
        request.subject = Subject {
            nhs_number: NHS_NUMBER.to_owned(),
            date_of_birth: "1980".to_owned(),
            ..Subject::default()
        };
    };
    assert_eq!(faults(by_number), []);
}

#[test]
fn each_required_field_is_asked_for() {
    let incomplete = Code::FormIncomplete;
    let cases: [(&str, Spoil); 9] = [
        ("requester.organization", |r| {
            r.requester.organization.clear();
        }),
        ("requester.officer_id", |r| r.requester.officer_id.clear()),
        ("requester.name", |r| r.requester.name = " ".to_owned()),
        ("requester.rank", |r| r.requester.rank.clear()),
        ("purpose", |r| r.purpose = "\t".to_owned()),
        ("authoriser.officer_id", |r| {
            authoriser(r).officer_id.clear();
        }),
        ("authoriser.name", |r| authoriser(r).name.clear()),
        ("authoriser.rank", |r| authoriser(r).rank = "  ".to_owned()),
        ("fields", |r| r.fields.clear()),
    ];
    for (field, change) in cases {
        assert_eq!(faults(change), one(incomplete, field));
    }
}

/// I4: the requester is never the authoriser, however the identity is typed.
#[test]
fn somebody_else_countersigns() {
    let unsigned = faults(|request| request.authoriser = None);
    assert_eq!(unsigned, one(Code::NotCountersigned, "authoriser"));
    for same in ["officer", " officer ", "OFFICER"] {
        let found = faults(|request| authoriser(request).officer_id = same.to_owned());
        assert_eq!(
            found,
            one(Code::NotCountersigned, "authoriser.officer_id"),
            "`{same}`"
        );
    }
}

#[test]
fn a_request_names_one_person() {
    let cases: [(&str, Spoil); 12] = [
        ("subject.surname", |r| {
            r.subject.surname = "Zqone and Zqtwo".to_owned();
        }),
        ("subject.surname", |r| {
            r.subject.surname = "Zqone\tOR\tZqtwo".to_owned();
        }),
        ("subject.surname", |r| r.subject.surname = "Zq*".to_owned()),
        ("subject.surname", |r| {
            r.subject.surname = "Zqone; Zqtwo".to_owned();
        }),
        ("subject.given_name", |r| {
            r.subject.given_name = "Zqone/Zqtwo".to_owned();
        }),
        ("subject.given_name", |r| {
            r.subject.given_name = "Zqone\nZqtwo".to_owned();
        }),
        ("subject.nhs_number", |r| {
            r.subject.nhs_number = format!("{NHS_NUMBER}, {NHS_NUMBER}");
        }),
        ("subject.previous_names", |r| {
            let several = "Zqone A; Zqtwo B".to_owned();
            r.subject.previous_names = vec![several.clone(), several];
        }),
        ("subject.middle_name", |r| {
            r.subject.middle_name = "Zq%".to_owned();
        }),
        ("subject.date_of_birth", |r| {
            r.subject.date_of_birth = "198?".to_owned();
        }),
        ("subject.postcode", |r| {
            r.subject.postcode = "ZQ*".to_owned();
        }),
        ("subject.address", |r| {
            r.subject.address = "% Zqstreet".to_owned();
        }),
    ];
    for (field, change) in cases {
        assert_eq!(faults(change), one(Code::SpeculativeOrBulk, field));
    }
}

#[test]
fn real_names_are_not_taken_for_lists() {
    for name in [
        "Or",
        "And",
        "Or Zq",
        "Zq And",
        "O'Zq",
        "Zq-Zq",
        "de Zq",
        "Anderson",
        "Zq Oran Zq",
    ] {
        let found = faults(|request| {
            request.subject.surname = name.to_owned();
            request.subject.given_name = name.to_owned();
        });
        assert_eq!(found, [], "`{name}`");
    }
    let flat = faults(|request| request.subject.address = "Flat 2/3, 1 Zqstreet & Co".to_owned());
    assert_eq!(flat, []);
}

#[test]
fn too_little_to_tell_one_person_from_another() {
    let cases: [fn(&mut Request); 4] = [
        |r| r.subject.date_of_birth.clear(),
        |r| r.subject = Subject::default(),
        |r| {
            r.subject.surname.clear();
            r.subject.nhs_number.clear();
        },
        |r| {
            r.subject.given_name = " ".to_owned();
            r.subject.nhs_number.clear();
        },
    ];
    for change in cases {
        assert_eq!(
            faults(change),
            one(Code::InsufficientIdentifiers, "subject")
        );
    }
}

/// Writes a text into one field.
type Write = fn(&mut Request, String);

#[test]
fn every_text_and_list_has_a_limit() {
    let cases: [(&str, Write); 6] = [
        ("justification.necessity", |r, text| {
            r.justification.necessity = text;
        }),
        ("justification.attempts", |r, text| {
            r.justification.attempts[0].result = text;
        }),
        ("manual_information", |r, text| {
            r.manual_information = Some(text);
        }),
        ("subject.address", |r, text| r.subject.address = text),
        ("grounds.warrant", |r, text| r.grounds.warrant = Some(text)),
        ("fields", |r, text| r.fields = vec![text]),
    ];
    for (field, write) in cases {
        let fits = "é".repeat(TEXT_CHARS_MAX);
        assert_eq!(
            faults(|request| write(request, fits.clone())),
            [],
            "{field}"
        );
        let over = faults(|request| write(request, fits.clone() + "é"));
        assert_eq!(over, one(Code::FormIncomplete, field));
    }
    let many = vec!["name".to_owned(); LIST_ITEMS_MAX + 1];
    let over = faults(|request| request.fields = many.clone());
    assert_eq!(over, one(Code::FormIncomplete, "fields"));
    let over = faults(|request| request.subject.previous_names = many);
    assert_eq!(over, one(Code::FormIncomplete, "subject.previous_names"));
}

/// I18: every fault is told at once, so that nobody corrects a request one field a day.
#[test]
fn all_faults_are_found_together() {
    let found = faults(|request| {
        request.authoriser = None;
        request.purpose.clear();
        request.subject.surname = "Zqone or Zqtwo".to_owned();
        request.subject.date_of_birth.clear();
    });
    let codes: Vec<Code> = found.into_iter().map(|(code, _)| code).collect();
    let expected = [
        Code::FormIncomplete,
        Code::NotCountersigned,
        Code::SpeculativeOrBulk,
        Code::InsufficientIdentifiers,
    ];
    assert_eq!(codes, expected);
}

/// I19: there is nowhere to put a second person.
#[test]
fn a_request_with_a_list_of_subjects_is_not_a_request() {
    let mut json = serde_json::to_value(request()).unwrap();
    assert!(serde_json::from_value::<Request>(json.clone()).is_ok());
    let subject = json["subject"].clone();
    json["subjects"] = serde_json::json!([subject.clone(), subject.clone()]);
    assert!(serde_json::from_value::<Request>(json.clone()).is_err());
    let mut json = serde_json::to_value(request()).unwrap();
    json["subject"] = serde_json::json!([subject.clone(), subject]);
    assert!(serde_json::from_value::<Request>(json).is_err());
}

#[test]
fn known_fields_are_in_record_order_and_once() {
    let mut request = request();
    request.fields = ["gender", "passport", "name", "gender"]
        .map(str::to_owned)
        .to_vec();
    let codes: Vec<&str> = request
        .known_fields()
        .into_iter()
        .map(crate::Field::code)
        .collect();
    assert_eq!(codes, ["name", "gender"]);
}

proptest! {
    /// Whatever is sent, faults come back, never a panic, and no value is repeated.
    #[test]
    fn any_text_is_answered(surname in ".*", given in ".*", number in ".*", born in ".*") {
        let mut request = request();
        request.subject.surname = format!("{surname}zq");
        request.subject.given_name = given;
        request.subject.nhs_number = number;
        request.subject.date_of_birth = born;
        for fault in intake::faults(&request) {
            let told = format!("{fault:?}");
            prop_assert!(!leaks(&told));
        }
    }
}
