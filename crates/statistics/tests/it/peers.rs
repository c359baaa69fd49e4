//! Every figure agrees with R's `glm`, which wrote `tests/peers/expected.csv` from the same series
//! (`cargo xtask peers series`).

use std::collections::BTreeMap;

use statistics::{Event, Fit, fit};

const SERIES: &str = include_str!("../peers/series.csv");
const EXPECTED: &str = include_str!("../peers/expected.csv");

/// The plans of `series.R`: first months after the events, from 0, and yearly waves.
const PLANS: [(&str, &[usize], usize); 3] = [
    ("step", &[24], 0),
    ("season", &[32], 2),
    ("two", &[24, 52], 1),
];

fn counts(name: &str) -> Vec<u64> {
    let rows = SERIES
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect::<Vec<_>>());
    rows.filter(|row| row[0] == name)
        .map(|row| row[2].parse().unwrap())
        .collect()
}

fn figures(fit: &Fit) -> BTreeMap<String, f64> {
    let mut figures = BTreeMap::new();
    for (at, coefficient) in fit.coefficients.iter().enumerate() {
        figures.insert(format!("coefficient.{at}.estimate"), coefficient.estimate);
        figures.insert(format!("coefficient.{at}.error"), coefficient.error);
    }
    for (what, bands) in [("fitted", &fit.fitted), ("without", &fit.without)] {
        for (month, band) in bands.iter().enumerate() {
            figures.insert(format!("{what}.{month}.value"), band.value);
            figures.insert(format!("{what}.{month}.low"), band.low);
            figures.insert(format!("{what}.{month}.high"), band.high);
        }
    }
    figures.insert("dispersion".to_owned(), fit.dispersion);
    figures.insert("autocorrelation".to_owned(), fit.autocorrelation);
    figures
}

#[test]
fn every_figure_is_that_of_r() {
    let mut compared = 0;
    for (name, months, waves) in PLANS {
        let events: Vec<Event> = months
            .iter()
            .map(|month| Event {
                name: format!("event {month}"),
                month: *month,
            })
            .collect();
        let ours = figures(&fit(&counts(name), &events, waves).unwrap());
        for line in EXPECTED.lines().skip(1) {
            let (key, value) = line.rsplit_once(',').unwrap();
            let Some(key) = key.strip_prefix(&format!("{name},")) else {
                continue;
            };
            let value: f64 = value.parse().unwrap();
            let off = (ours[key] - value).abs() / value.abs().max(1.0);
            assert!(off < 1e-6, "{name} {key}: {} and not {value}", ours[key]);
            compared += 1;
        }
    }
    assert_eq!(compared, EXPECTED.lines().count() - 1);
}
