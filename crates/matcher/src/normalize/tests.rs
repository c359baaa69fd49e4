use proptest::prelude::*;

use super::*;

#[test]
fn names_are_folded() {
    for (text, expected) in [
        ("O'Brien", "OBRIEN"),
        ("  Zoë-Łucja  Straße ", "ZOE LUCJA STRASSE"),
        ("Bjørn Ærø", "BJORN AERO"),
        ("SMITH-JONES", "SMITH JONES"),
        ("-", ""),
        ("Ольга", "ОЛЬГА"),
    ] {
        assert_eq!(fold(text), expected, "{text}");
    }
}

#[test]
fn postcodes() {
    assert_eq!(postcode("bb15 2ga"), "BB152GA");
    assert_eq!(outcode("BB152GA"), Some("BB15"));
    assert_eq!(outcode("E145EA"), Some("E14"));
    assert_eq!(outcode("3072"), None);
    assert_eq!(outcode("é"), None);
    assert!(is_pseudo_postcode(&postcode("zz99 3vz")));
}

#[test]
fn premises_are_split() {
    let check = |text: &str, flat: &str, number: &str, street: &str| {
        let got = premises(text);
        assert_eq!(
            (premises_text(got.flat), premises_text(got.number)),
            (flat.into(), number.into())
        );
        assert_eq!(got.street, street);
        assert_eq!(
            address_from_template(&got.template, got.flat, got.number),
            text
        );
    };
    check("FLAT 13 47 Burns Dr", "13", "47", "BURNS DRIVE");
    check("Apt 3, 12a High St", "3", "12A", "HIGH STREET");
    check("19 9 HOOPER GDNS", "19", "9", "HOOPER GARDENS");
    check("Flat 2, The Manor", "2", "0", "THE MANOR");
    check("Rose Cottage", "0", "0", "ROSE COTTAGE");
    check("7 7 ELM ROAD", "7", "7", "ELM ROAD");
}

proptest! {
    #[test]
    fn folding_twice_changes_nothing(text in "\\PC{0,30}") {
        let once = fold(&text);
        prop_assert_eq!(fold(&once), once);
    }

    #[test]
    fn an_address_comes_back_as_written(text in "[A-Za-z0-9é,./ -]{0,40}") {
        let got = premises(&text);
        prop_assert_eq!(address_from_template(&got.template, got.flat, got.number), text);
    }
}
