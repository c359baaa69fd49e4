#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by saying what it expected"
)]

use super::*;

fn event(month: usize) -> Event {
    Event {
        name: "suspended".to_owned(),
        month,
    }
}

#[test]
fn a_step_without_noise_is_found_as_it_was_made() {
    // A thousand a month, then half.
    let counts: Vec<u64> = (0..24)
        .map(|month| if month < 12 { 1000 } else { 500 })
        .collect();
    let fit = fit(&counts, &[event(12)], 0).unwrap();
    let step = &fit.coefficients[2];
    assert_eq!(step.name, "suspended: step");
    assert!((step.ratio.value - 0.5).abs() < 1e-9, "{step:?}");
    assert!((fit.without[23].value - 1000.0).abs() < 1e-6);
    assert!((fit.fitted[23].value - 500.0).abs() < 1e-6);
}

#[test]
fn what_cannot_be_read_says_what_to_do() {
    let said = |counts: &[u64], events: &[Event], waves| {
        fit(counts, events, waves).unwrap_err().to_string()
    };
    assert_eq!(
        said(&[9; 6], &[event(3)], 0),
        "6 months are too few for 4 coefficients; give at least 7, or leave out the season"
    );
    assert!(
        said(&[9; 24], &[event(2)], 0).starts_with("event `suspended` needs at least three months")
    );
    assert!(said(&[9; 24], &[event(12), event(12)], 0).contains("two events say the same"));
    assert!(said(&[0; 24], &[event(12)], 0).contains("zero"));
}
