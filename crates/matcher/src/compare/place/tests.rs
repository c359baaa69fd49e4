use proptest::prelude::*;

use super::*;

#[test]
fn streets() {
    for (a, b, expected) in [
        ("BURNS DRIVE", "BURNS DRIVE", StreetLikeness::Same),
        ("BURNS DRIVE", "BRUNS DRIVE", StreetLikeness::Close),
        ("HIGH STREET", "MILL STREET", StreetLikeness::Different),
        (
            "LIND CLOSE TELEBANG STATION",
            "LIND CLOSE TELEBANGSTATION",
            StreetLikeness::Close,
        ),
        (
            "DEGRAVES CRESCENT WONGA SQUARE",
            "WONGA SQUARE DEGRAVES CIRESCENT",
            StreetLikeness::Close,
        ),
    ] {
        assert_eq!(StreetSide::new(a.into()).compare(b), expected, "{a} {b}");
    }
}

#[test]
fn numbers() {
    let check = |a: (u16, u16), b: (u16, u16), expected| {
        let numbers = |(flat, number)| Numbers { flat, number };
        assert_eq!(
            premises(StreetLikeness::Same, numbers(a), numbers(b)),
            expected
        );
        assert_eq!(
            premises(StreetLikeness::Same, numbers(b), numbers(a)),
            expected
        );
    };
    check((1, 2), (1, 2), PremisesLikeness::Same);
    check((1, 2), (0, 2), PremisesLikeness::Same);
    check((1, 2), (3, 2), PremisesLikeness::Street);
    check((0, 2), (0, 4), PremisesLikeness::Street);
    check((2, 0), (0, 2), PremisesLikeness::Same);
}

proptest! {
    #[test]
    fn comparison_is_symmetric(a in "[A-C ]{0,14}", b in "[A-C ]{0,14}") {
        let one = StreetSide::new(a.clone()).compare(&b);
        prop_assert_eq!(one, StreetSide::new(b).compare(&a));
    }
}
