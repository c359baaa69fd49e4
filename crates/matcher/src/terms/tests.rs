use super::*;

fn raw() -> RawTerms<'static> {
    RawTerms {
        nhs_number: "999 000 0018".into(),
        given_name: " Ada ".into(),
        surname: "Byron".into(),
        previous_names: "ADA|KING; AUGUSTA ADA|GORDON;".into(),
        date_of_birth: "18151210".into(),
        sex: "female".into(),
        postcode: "SW1A 2AB".into(),
        ..RawTerms::default()
    }
}

#[test]
fn every_usable_field_is_kept() {
    let raw = RawTerms {
        date_of_birth: "1975-12-10".into(),
        ..raw()
    };
    let (terms, faults) = raw.read();
    assert_eq!(faults, []);
    assert_eq!(terms.name.given, "Ada");
    assert_eq!(terms.sex, Sex::Female);
    assert_eq!(terms.previous_names.len(), 2);
    assert_eq!(terms.previous_names[1].middle, "ADA");
    assert_eq!(terms.nhs_number.unwrap().compact(), "9990000018");
}

#[test]
fn a_faulty_field_is_left_out_and_the_rest_is_kept() {
    let check = |raw: RawTerms, field: &str| {
        let (terms, faults) = raw.read();
        assert_eq!(
            faults.iter().map(|fault| fault.field).collect::<Vec<_>>(),
            [field]
        );
        assert_eq!(terms.name.surname, "Byron");
    };
    let full = RawTerms {
        date_of_birth: "".into(),
        ..raw()
    };
    check(
        RawTerms {
            nhs_number: "9990000019".into(),
            ..full.clone()
        },
        "nhs_number",
    );
    check(
        RawTerms {
            nhs_number: "9999999999".into(),
            ..full.clone()
        },
        "nhs_number",
    );
    check(
        RawTerms {
            date_of_birth: "2001-02-30".into(),
            ..full.clone()
        },
        "date_of_birth",
    );
    check(
        RawTerms {
            sex: "Q".into(),
            ..full.clone()
        },
        "sex",
    );
    check(
        RawTerms {
            postcode: "zz99 3vz".into(),
            ..full.clone()
        },
        "postcode",
    );
    check(
        RawTerms {
            gp_practice_code: "v81999".into(),
            ..full.clone()
        },
        "gp_practice_code",
    );
    check(
        RawTerms {
            town: "A\u{7}B".into(),
            ..full.clone()
        },
        "town",
    );
    check(
        RawTerms {
            address: "X".repeat(301).into(),
            ..full
        },
        "address",
    );
}

#[test]
fn a_fault_does_not_repeat_the_value() {
    let (_, faults) = RawTerms {
        nhs_number: "9990000019".into(),
        ..RawTerms::default()
    }
    .read();
    assert!(!faults[0].to_string().contains("9990000019"));
}

#[test]
fn of_an_impossible_day_the_possible_part_is_used() {
    for (text, used) in [
        ("1938-56-21", "1938"),
        ("1938-02-31", "1938-02"),
        ("19385621", "1938"),
    ] {
        let raw = RawTerms {
            date_of_birth: text.into(),
            ..RawTerms::default()
        };
        let (terms, faults) = raw.read();
        let read = terms.date_of_birth.map(|date| date.to_string());
        assert_eq!(read.as_deref(), Some(used), "{text}");
        assert_eq!(faults.len(), 1, "and it is said");
    }
}
