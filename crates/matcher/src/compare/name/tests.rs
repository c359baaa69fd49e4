use proptest::prelude::*;

use super::*;

fn given(a: &str, b: &str) -> Likeness {
    NameSide::new(a.into()).given(b)
}

fn surname(a: &str, b: &str) -> Likeness {
    NameSide::new(a.into()).surname(b)
}

#[test]
fn given_names() {
    for (a, b, expected) in [
        ("ROBERT", "BOB", Likeness::Variant),
        ("MOHAMMED", "MUHAMMAD", Likeness::Variant),
        ("JON", "JONATHAN", Likeness::Variant),
        ("MARY ANN", "MARYANN", Likeness::Same),
        ("JOHN", "JHON", Likeness::Close),
        ("STEPHEN", "STEFEN", Likeness::Near),
        ("J", "JOHN", Likeness::Initial),
        ("JEAN PIERRE", "PIERRE", Likeness::Part),
        ("JOHN", "MARK", Likeness::Different),
        ("BOB", "ROB", Likeness::Variant),
        ("AL", "ED", Likeness::Different),
    ] {
        assert_eq!(given(a, b), expected, "{a} {b}");
        assert_eq!(given(b, a), expected, "{b} {a}");
        let alike = Signature::of_given(a).may_be_alike(Signature::of_given(b));
        assert!(alike || expected == Likeness::Different, "{a} {b}");
    }
}

#[test]
fn surnames() {
    for (a, b, expected) in [
        ("SMITH JONES", "SMITH", Likeness::Part),
        ("MC DONALD", "MCDONALD", Likeness::Same),
        ("SMITH", "SMYTH", Likeness::Close),
        ("SMITH", "JONES", Likeness::Different),
        ("LI", "LE", Likeness::Different),
    ] {
        assert_eq!(surname(a, b), expected, "{a} {b}");
        assert_eq!(surname(b, a), expected, "{b} {a}");
    }
}

proptest! {
    #[test]
    fn comparisons_are_symmetric(a in "[A-F ]{1,12}", b in "[A-F ]{1,12}") {
        prop_assert_eq!(given(&a, &b), given(&b, &a));
        prop_assert_eq!(surname(&a, &b), surname(&b, &a));
    }

    #[test]
    fn a_signature_never_hides_a_likeness(a in "[A-H ]{1,10}", b in "[A-H ]{1,10}") {
        let alike = Signature::of_given(&a).may_be_alike(Signature::of_given(&b));
        prop_assert!(alike || given(&a, &b) == Likeness::Different);
        let alike = Signature::of_surname(&a).may_be_alike(Signature::of_surname(&b));
        prop_assert!(alike || surname(&a, &b) == Likeness::Different);
    }
}
