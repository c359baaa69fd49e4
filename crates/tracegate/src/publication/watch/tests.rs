use proptest::prelude::*;
use statistics::{Published, SMALL, told as told_by};

use super::*;

fn month() -> Month {
    "2026-07".parse().unwrap()
}

fn counted(areas: &[(&str, Counted)]) -> BTreeMap<String, Counted> {
    areas
        .iter()
        .map(|(area, counts)| ((*area).to_owned(), *counts))
        .collect()
}

/// What somebody who has the file, and nothing else, can work out: places by line and column, and every
/// sum that its description tells.
fn attacked(month: &WatchMonth) -> Published {
    let place = |line: usize, column: usize| line * COLUMNS.len() + column;
    let mut sums = Vec::new();
    for line in 0..month.lines.len() {
        for parts in [[1, 2], [3, 4]] {
            let parts = parts.map(|column| place(line, column)).to_vec();
            sums.push(Sum {
                whole: place(line, 0),
                parts,
            });
        }
    }
    let last = month.lines.len() - 1;
    for column in 0..COLUMNS.len() {
        let parts = (0..last).map(|line| place(line, column)).collect();
        sums.push(Sum {
            whole: place(last, column),
            parts,
        });
    }
    let shown = month.lines.iter().flat_map(|line| line.counts).collect();
    Published { shown, sums }
}

/// Counts of an area from 1 to 7 that the file tells exactly.
fn told(month: &WatchMonth) -> usize {
    let areas = (month.lines.len() - 1) * COLUMNS.len();
    let told = told_by(&attacked(month), &Vec::from_iter(0..areas)).unwrap();
    told.iter()
        .filter(|(_, count)| SMALL.contains(count))
        .count()
}

#[test]
fn a_careless_month_is_cracked_and_the_published_one_is_not() {
    let cells = counted(&[
        ("Coast", [41, 9, 1]),
        ("Hills", [12, 1, 0]),
        ("Town", [1, 1, 1]),
    ]);
    let published = WatchMonth::of(month(), &cells).unwrap();
    assert_eq!(told(&published), 0, "{published:?}");
    // The same with the small counts alone left out, as registers have been published.
    let mut careless = published;
    for (line, [registered, no_home, protected]) in careless.lines.iter_mut().zip(cells.values()) {
        let open = [
            *registered,
            registered - no_home,
            *no_home,
            *protected,
            registered - protected,
        ];
        line.counts = open.map(|count| (!(1..8).contains(&count)).then_some(count));
    }
    careless.lines[3].counts = [54, 43, 11, 2, 52].map(Some);
    assert!(told(&careless) > 0, "{careless:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn no_count_of_an_area_below_eight_can_be_worked_out(
        areas in prop::collection::vec((0_u64..40, 0_u64..40, 0_u64..40), 1..6),
    ) {
        let cells: BTreeMap<String, Counted> = areas.iter().enumerate().map(|(at, (all, no_home, protected))| {
            (format!("area {at}"), [*all, *no_home.min(all), *protected.min(all)])
        }).collect();
        let published = WatchMonth::of(month(), &cells).unwrap();
        prop_assert_eq!(told(&published), 0, "{:?}", published);
    }
}

#[test]
fn a_month_reads_back_as_it_was_written_and_is_never_written_over() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = file_of(folder.path(), month());
    let first = WatchMonth::of(month(), &counted(&[("Coast", [40, 10, 0])])).unwrap();
    write(&path, &first).unwrap();
    let second = WatchMonth::of(month(), &counted(&[("Coast", [41, 10, 0])])).unwrap();
    write(&path, &second).unwrap();
    assert_eq!(read(&path, month()).unwrap(), first);
    assert_eq!(month().after().to_string(), "2026-08");
    assert_eq!("2027-01".parse::<Month>().unwrap().since(month()), 6);
    for text in ["2026-13", "2026-7", "", "../2026-07"] {
        assert!(text.parse::<Month>().is_err(), "{text}");
    }
}
