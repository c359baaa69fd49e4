//! A quarter published and then corrected: what stays, what is hidden again, and what is refused.

use super::*;

fn quarter_of(rows: &[(&str, &str, [u64; 4])]) -> Vec<CountedCase> {
    cases(&counted(rows))
}

/// What an edition shows of how the requests of an agency ended.
fn shown(table: &PublishedTable, agency: Option<&str>) -> Vec<Option<u64>> {
    let is_it = |line: &&Line| line.agreement.is_none() && line.agency.as_deref() == agency;
    let line = table.lines.iter().find(is_it).unwrap();
    let wanted = ["received", "refused", "no_result", "released_all"];
    let counts = line.named().filter(|(name, _)| wanted.contains(name));
    counts.map(|(_, count)| count).collect()
}

#[test]
fn a_large_change_is_shown_and_the_first_file_stays() {
    let folder = TempDir::new().unwrap();
    let before = [
        ("police/1", "police-a", [20, 10, 41, 0]),
        ("court/1", "court-a", [30, 30, 30, 0]),
    ];
    let mut after = before;
    after[0].2 = [20, 30, 21, 0];
    published(folder.path(), &[quarter_of(&before), quarter_of(&after)]);
    let editions = editions(folder.path(), quarter());
    let names: Vec<String> = editions.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["2026-Q3", "2026-Q3-correction-1"]);
    let counts = |edition| {
        let (_, table) = read(folder.path(), edition).unwrap().unwrap();
        shown(&table, Some("police-a"))
    };
    assert_eq!(counts(editions[0]), [71, 20, 10, 41].map(Some));
    assert_eq!(counts(editions[1]), [71, 20, 30, 21].map(Some));
    assert_eq!(quarters(folder.path()).unwrap(), [quarter()]);
}

#[test]
fn a_small_change_is_told_for_everything_and_of_no_agency() {
    let folder = TempDir::new().unwrap();
    let before = [
        ("police/1", "police-a", [20, 10, 41, 0]),
        ("court/1", "court-a", [30, 30, 30, 0]),
    ];
    let mut after = before;
    after[0].2 = [20, 11, 40, 0];
    published(folder.path(), &[quarter_of(&before), quarter_of(&after)]);
    let correction = Edition::from(quarter()).after();
    let (_, table) = read(folder.path(), correction).unwrap().unwrap();
    assert_eq!(shown(&table, None), [161, 50, 41, 70].map(Some));
    let [received, _, no_result, released] = shown(&table, Some("police-a"))[..] else {
        panic!("{table:?}");
    };
    assert_eq!((received, no_result, released), (Some(71), None, None));
    // Nor that it was not the other agency.
    let other = shown(&table, Some("court-a"));
    assert_eq!((other[2], other[3]), (None, None), "{table:?}");
}

#[test]
fn what_was_hidden_once_stays_hidden() {
    let folder = TempDir::new().unwrap();
    let before = [
        ("police/1", "police-a", [3, 10, 41, 0]),
        ("court/1", "court-a", [30, 30, 30, 0]),
    ];
    let mut after = before;
    after[0].2 = [30, 10, 41, 0];
    let held = published(folder.path(), &[quarter_of(&before), quarter_of(&after)]);
    assert_eq!(held.len(), 2);
    let correction = Edition::from(quarter()).after();
    let (_, table) = read(folder.path(), correction).unwrap().unwrap();
    assert_eq!(shown(&table, Some("police-a"))[1], None);
}

#[test]
fn the_same_counts_say_no_more() {
    let folder = TempDir::new().unwrap();
    let cases = cases(&register());
    let held = published(folder.path(), &[cases.clone(), cases]);
    assert!(!held[1].says_more_than(&held[0]));
}
