use super::*;

fn figures(of: &[(&str, f64)]) -> Figures {
    of.iter()
        .map(|(name, value)| ((*name).to_owned(), *value))
        .collect()
}

#[test]
fn figures_that_differ_are_named() {
    let expected = figures(&[("simple,q1", 50.0), ("simple,q2", 20.0)]);
    let same = figures(&[("simple,q1", 50.0), ("simple,q2", 20.0 + 1e-9)]);
    assert!(compare(&expected, &same).unwrap() < 1e-8);
    for (again, said) in [
        (
            figures(&[("simple,q1", 50.0), ("simple,q2", 20.1)]),
            "`simple,q2` is 20.1 and not 20",
        ),
        (
            figures(&[("simple,q1", 50.0)]),
            "no longer gives the figure `simple,q2`",
        ),
        (
            figures(&[("simple,q1", 50.0), ("simple,q2", 20.0), ("x", 1.0)]),
            "`x` is new",
        ),
    ] {
        let error = compare(&expected, &again).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}
