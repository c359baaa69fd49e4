use super::*;
use crate::bayes::train::tests::sample;

#[test]
fn a_measure_sees_what_the_requests_show() {
    let (index, requests) = sample();
    let mut told = 0;
    let measure = Model::default().measure(&index, &requests, &mut |done| told = done);
    assert_eq!((measure.requests, told), (200, 200));
    assert!(measure.in_index > 0.95, "{}", measure.in_index);
    let of = |level: Level| measure.levels[level as usize];
    assert!((of(Level::SurnameClose).seen - 0.25).abs() < 0.02);
    assert!((of(Level::SurnameExact).count - 150.0).abs() < 5.0);
    assert!(of(Level::SurnameExact).bits.unwrap() > 5.0);
    assert!(of(Level::NumberSame).bits.is_none());
    assert!(of(Level::NumberSame).strangers.is_none());
    // Half of the 200 rows would be the wrong sex, were they not all women.
    assert_eq!(of(Level::SexSame).strangers, Some(1.0));
    let exact = of(Level::GivenExact).strangers.unwrap();
    assert!((exact - 0.005).abs() < 0.002, "{exact}");
}
