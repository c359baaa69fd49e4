use super::{fisher_exceeds, student_quantile};

/// What R's `qt(0.975, ...)` and `pf(..., lower.tail = FALSE)` give.
#[test]
fn quantiles_and_tails_are_those_of_r() {
    for (degrees, expected) in [
        (1, 12.7062047361747),
        (2, 4.30265272974946),
        (5, 2.57058183563631),
        (33, 2.03451529744934),
        (586, 1.9640204610445),
        (619, 1.96380378692944),
        (1_000_000, 1.95996635681411),
    ] {
        let point = student_quantile(degrees);
        let off = (point.unwrap_or(0.0) - expected).abs();
        assert!(off < 1e-8, "{degrees}: {point:?}");
    }
    assert_eq!(student_quantile(0), None);
    for (f, numerator, denominator, expected) in [
        (1.6, 3.2, 90.0, 0.192193074466588),
        (5.0, 1.0, 7.0, 0.0604274201844288),
        (0.3, 12.0, 7000.5, 0.989600542651235),
        (2.5, 8.7, 250.0, 0.0102355377730701),
        (40.0, 2.2, 33.0, 6.62891321053576e-10),
        (1.0, 1.0, 1.0, 0.5),
        (0.001, 3.0, 1e6, 0.999956337340828),
        (0.0, 3.0, 9.0, 1.0),
    ] {
        let tail = fisher_exceeds(f, numerator, denominator);
        assert!(
            (tail - expected).abs() < 1e-9,
            "{f}: {tail} and not {expected}"
        );
    }
}
