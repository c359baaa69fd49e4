use super::*;

#[test]
fn known_numbers() {
    for valid in [
        "9000000009",
        "900 000 0025",
        "9000000033",
        "911-123-1130",
        "9434765919",
        "9990000018",
    ] {
        assert!(NhsNumber::parse(valid).is_ok(), "{valid}");
    }
    for wrong in ["9000000000", "9990000000"] {
        assert_eq!(
            NhsNumber::parse(wrong),
            Err(NhsNumberError::CheckDigit),
            "{wrong}"
        );
    }
    for sentinel in ["0000000000", "9999999999", "1111111111"] {
        assert_eq!(
            NhsNumber::parse(sentinel),
            Err(NhsNumberError::Sentinel),
            "{sentinel}"
        );
    }
    assert_eq!(
        NhsNumber::parse("900000000"),
        Err(NhsNumberError::Length(9))
    );
    assert_eq!(
        NhsNumber::parse("90000000O9"),
        Err(NhsNumberError::NotDigits)
    );
    assert_eq!(
        NhsNumber::parse("99999999999999999999999999"),
        Err(NhsNumberError::Length(26))
    );
}

#[test]
fn shown_in_groups_and_rebuilt_from_the_stem() {
    let number = NhsNumber::parse("9434765919").unwrap();
    assert_eq!(number.to_string(), "943 476 5919");
    assert_eq!(number.compact(), "9434765919");
    assert_eq!(NhsNumber::from_stem(number.stem()), Some(number));
    assert_eq!(NhsNumber::from_stem(0), None);
    assert_eq!(NhsNumber::from_stem(999_999_999), None);
}
