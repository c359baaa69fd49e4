//! Months of registrations before the demonstration begins: counts and no people, so that the deterrence
//! watch has something to show.

use std::collections::BTreeMap;
use std::path::Path;

use crate::publication::watch::{self, Counted, Month, WatchMonth};

/// First month, months, and the month in which a sample agreement comes into force.
const FIRST: &str = "2023-07";
const MONTHS: u64 = 36;
const SHARED_FROM: u64 = 30;

/// Area, people a month, and how many of a hundred give no home address.
const AREAS: [(&str, u64, u64); 2] = [("Northmoor Coast", 64, 14), ("Northmoor Hills", 41, 22)];

/// Writes the files of the months.
pub fn write(folder: &Path) -> anyhow::Result<()> {
    let month = FIRST.parse::<Month>();
    let mut month = month.map_err(|()| anyhow::anyhow!("`{FIRST}` is no month"))?;
    for number in 0..MONTHS {
        let counted: BTreeMap<String, Counted> = AREAS
            .into_iter()
            .zip(0..)
            .map(|(area, place)| (area.0.to_owned(), counts(area, place, number)))
            .collect();
        let path = watch::file_of(folder, month);
        watch::write(&path, &WatchMonth::of(month, &counted)?)?;
        month = month.after();
    }
    Ok(())
}

/// About as many as usual, with a season, and a fifth fewer once data are shared.
fn counts((_, usual, homeless): (&str, u64, u64), place: u64, month: u64) -> Counted {
    let season = [6, 4, 9, 12, 5, 0, 7, 3, 4, 2, 1, 5];
    let wobble = (month * 37 + place * 11) % 13;
    let all = usual
        + season
            .get((month % 12) as usize)
            .copied()
            .unwrap_or_default()
        + wobble;
    let shared = month >= SHARED_FROM;
    let registered = if shared { all * 8 / 10 } else { all };
    let share = if shared { homeless + 9 } else { homeless };
    let no_home = registered * share / 100;
    [registered, no_home, no_home / 2 + 4]
}
