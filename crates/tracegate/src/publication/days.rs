//! How long answers took, in whole days from request to answer; for everything alone.

use disclosure::Ending;
use statistics::{Rule, SMALL, Table};
use store::CountedCase;

use super::details::Detail;
use super::table::Places;

/// What counts as an answer.
const ANSWERS: [Ending; 5] = [
    Ending::Refused,
    Ending::NoResult,
    Ending::ReleasedAll,
    Ending::ReleasedPart,
    Ending::Forwarded,
];

/// Adds to `table`, which holds the `lines` of the first file, how long the answers took: half of them no longer, nine in ten
/// no longer, none longer. Only of eight or more, since they would be somebody's otherwise; that there were so many, or were not,
/// tells something, which the table takes in.
pub fn add(table: &mut Table, lines: &[Places], cases: &[CountedCase]) -> Vec<(Detail, usize)> {
    let Some(total) = lines.last() else {
        return Vec::new();
    };
    let mut days: Vec<u64> = cases.iter().filter_map(answered_after).collect();
    days.sort_unstable();
    let answered: Vec<usize> = ANSWERS.iter().map(|one| total.column(one.code())).collect();
    let few = *SMALL.end();
    let ended: u64 = answered
        .iter()
        .map(|place| table.counts[*place].value)
        .sum();
    let is_told = ended > few;
    let bound = table.add(few + u64::from(is_told), Rule::Exact);
    match is_told {
        true => table.at_most(vec![bound], answered),
        false => table.at_most(answered, vec![bound]),
    }
    let rule = if is_told { Rule::Exact } else { Rule::Unseen };
    let share = |item: &str, percent: usize| {
        // The nearest rank.
        let rank = (days.len() * percent).div_ceil(100).saturating_sub(1);
        let value = days.get(rank).copied().unwrap_or(0);
        (Detail::of_everything("days", item), value)
    };
    let shares = [
        share("median", 50),
        share("nine_in_ten", 90),
        share("most", 100),
    ];
    let mut add = |(detail, value)| (detail, table.add(value, rule));
    shares.map(&mut add).to_vec()
}

fn answered_after(case: &CountedCase) -> Option<u64> {
    case.days
        .filter(|_| case.ending.is_some_and(|ending| ANSWERS.contains(&ending)))
}
