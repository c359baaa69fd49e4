use proptest::prelude::*;

use super::*;

#[test]
fn dates() {
    for (a, b, expected) in [
        ("1987-03-04", "1987-03-04", BirthLikeness::Same),
        ("1987-03-04", "1987-04-03", BirthLikeness::Swapped),
        ("1987-03-04", "1986-03-04", BirthLikeness::YearNear),
        ("1990-03-04", "1989-03-04", BirthLikeness::YearNear),
        ("1987-03-04", "1987-03-14", BirthLikeness::Digit),
        ("1987-03-04", "1977-03-04", BirthLikeness::Digit),
        ("1987-03-04", "1987-01-01", BirthLikeness::FirstJanuary),
        ("1987-03-24", "1987-03-11", BirthLikeness::TwoParts),
        ("1987-03", "1987-03-11", BirthLikeness::KnownParts),
        ("1987", "1987-03-11", BirthLikeness::KnownParts),
        ("1987-04", "1987-03-11", BirthLikeness::Different),
        ("1987-04-02", "1951-03-11", BirthLikeness::Different),
    ] {
        let (one, two) = (
            PartialDate::parse(a).unwrap(),
            PartialDate::parse(b).unwrap(),
        );
        assert_eq!(compare(one, two), expected, "{a} {b}");
    }
}

proptest! {
    #[test]
    fn comparison_is_symmetric(
        (y, m, d) in (1980u16..1984, 0u8..13, 0u8..29), (v, n, e) in (1980u16..1984, 0u8..13, 0u8..29),
    ) {
        if let (Ok(a), Ok(b)) = (PartialDate::new(y, m, d), PartialDate::new(v, n, e)) {
            prop_assert_eq!(compare(a, b), compare(b, a));
        }
    }
}
