//! The table of a quarter, with what must not be seen left out.

use std::collections::BTreeMap;

use disclosure::statistics::Row;
use statistics::{Rule, Sum, Table, protect};
use store::CountedCase;

use super::details::{self, Detail, Placed};
use super::held::{self, Held, Key};
use super::{PublicationError, Quarter};

/// One line: an agreement and an agency, all agreements of an agency, or everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// `AGREEMENT/VERSION`, `none` where none applied; nothing for all of them.
    pub agreement: Option<String>,
    /// Organization code; nothing for all of them.
    pub agency: Option<String>,
    /// Requests received, then the columns of [`Row::columns`]; nothing where `*` is shown.
    pub counts: Vec<Option<u64>>,
}

impl Line {
    /// The counts with the names of their columns.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, Option<u64>)> {
        names().zip(self.counts.iter().copied())
    }
}

/// The columns that are counted.
pub fn names() -> impl Iterator<Item = &'static str> {
    let ended = Row::default().columns().map(|(name, _)| name);
    std::iter::once("received").chain(ended)
}

/// What is published of a quarter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedTable {
    /// Of this quarter, and as of its end.
    pub quarter: Quarter,
    /// By agency and agreement, each agency followed by its total; everything last.
    pub lines: Vec<Line>,
}

/// A line's places in the table of counts: received first.
#[derive(Clone)]
pub struct Places {
    /// Not yet filled.
    pub line: Line,
    places: Vec<usize>,
}

impl Places {
    /// Is `case` counted in the line?
    pub fn counts(&self, case: &CountedCase) -> bool {
        let of_agency = |agency: &str| agency == case.agency;
        let of_agreement = |one: &str| one == case.agreement.as_deref().unwrap_or("none");
        self.line.agency.as_deref().is_none_or(of_agency)
            && self.line.agreement.as_deref().is_none_or(of_agreement)
    }

    /// Is it all agreements of an agency?
    pub fn is_agency(&self) -> bool {
        self.line.agreement.is_none() && self.line.agency.is_some()
    }

    /// Is `part` one of those that the line is the sum of?
    pub fn is_made_of(&self, part: &Places) -> bool {
        match (&self.line.agreement, &self.line.agency) {
            (Some(_), _) => false,
            (None, Some(_)) => {
                part.line.agreement.is_some() && part.line.agency == self.line.agency
            }
            (None, None) => part.is_agency(),
        }
    }

    /// Where each of its counts stands.
    fn keyed(&self) -> impl Iterator<Item = (Key, usize)> {
        let key = |name| held::key(&self.line.agreement, &self.line.agency, name);
        names().map(key).zip(self.places.iter().copied())
    }

    /// The place of a column of the file.
    pub fn column(&self, name: &str) -> usize {
        let at = names().position(|one| one == name).unwrap_or_default();
        self.places.get(at).copied().unwrap_or_default()
    }
}

impl PublishedTable {
    /// Protects what was counted, in this table and in the details beside it: what an agency sent in and the
    /// national figures are told, any finer count from 1 to 7 is not, nor is one of people.
    /// Readers hold those `editions` of the quarter already.
    pub fn of(
        quarter: Quarter,
        cases: &[CountedCase],
        editions: &[Held],
    ) -> Result<(Self, Vec<Detail>), PublicationError> {
        let mut table = Table::default();
        let lines = add_lines(&mut table, cases, editions);
        let details = details::add(&mut table, &lines, cases, editions);
        held::add(&mut table, &all_places(&lines, &details), editions);
        let shown = protect(&table)
            .map_err(|error| PublicationError::Unprotectable { quarter, error })?
            .shown;
        let fill = |row: Places| Line {
            counts: row.places.iter().map(|place| shown[*place]).collect(),
            ..row.line
        };
        let lines = lines.into_iter().map(fill).collect();
        Ok((PublishedTable { quarter, lines }, details.shown(&shown)))
    }

    /// The line of everything.
    pub fn total(&self) -> Option<&Line> {
        self.lines.last()
    }
}

fn all_places(lines: &[Places], details: &Placed) -> BTreeMap<Key, usize> {
    let places = lines.iter().flat_map(Places::keyed);
    places.chain(details.places()).collect()
}

/// What was counted, with nothing hidden.
#[cfg(test)]
pub fn exact(cases: &[CountedCase], editions: &[Held]) -> BTreeMap<Key, u64> {
    let mut table = Table::default();
    let lines = add_lines(&mut table, cases, editions);
    let details = details::add(&mut table, &lines, cases, editions);
    let places = all_places(&lines, &details).into_iter();
    places
        .map(|(key, place)| (key, table.counts[place].value))
        .collect()
}

/// Adds the lines of the file, by agency and agreement, and those that earlier editions had.
fn add_lines(table: &mut Table, cases: &[CountedCase], editions: &[Held]) -> Vec<Places> {
    let mut counted: BTreeMap<&str, BTreeMap<Option<&str>, Row>> = BTreeMap::new();
    for case in cases {
        let of_agency = counted.entry(&case.agency).or_default();
        let row = of_agency.entry(case.agreement.as_deref()).or_default();
        row.count(case.ending, case.held);
    }
    for (agreement, agency) in editions.iter().flat_map(Held::lines) {
        let of_agency = counted.entry(agency).or_default();
        let agreement = Some(agreement).filter(|one| *one != "none");
        of_agency.entry(agreement).or_default();
    }
    let (mut lines, mut totals) = (Vec::new(), Vec::new());
    for (agency, rows) in counted {
        let rows = rows.into_iter().map(|(agreement, row)| Places {
            line: Line {
                agreement: Some(agreement.unwrap_or("none").to_owned()),
                agency: Some(agency.to_owned()),
                counts: Vec::new(),
            },
            places: add_row(table, &row),
        });
        let rows: Vec<Places> = rows.collect();
        let total = Places {
            line: Line {
                agency: Some(agency.to_owned()),
                ..Line::default()
            },
            places: add_total(table, &rows, [Rule::Exact, Rule::Fine]),
        };
        lines.extend(rows);
        lines.push(total.clone());
        totals.push(total);
    }
    let places = add_total(table, &totals, [Rule::Exact, Rule::Coarse]);
    let line = Line::default();
    lines.push(Places { line, places });
    lines
}

/// Adds the counts of one agreement and agency: how they ended makes up how many came.
fn add_row(table: &mut Table, row: &Row) -> Vec<usize> {
    let ended = row.columns().map(|(_, count)| table.add(count, Rule::Fine));
    let received = table.add_sum(ended.to_vec(), Rule::Coarse);
    std::iter::once(received).chain(ended).collect()
}

/// Adds the sums of `rows`: of what was received under the first rule, of how it ended under the second.
fn add_total(table: &mut Table, rows: &[Places], [first, others]: [Rule; 2]) -> Vec<usize> {
    let width = Row::default().columns().len() + 1;
    let column = |at: usize| {
        rows.iter()
            .filter_map(|row| row.places.get(at).copied())
            .collect()
    };
    let places: Vec<usize> = (0..width)
        .map(|at| table.add_sum(column(at), if at == 0 { first } else { others }))
        .collect();
    if let Some((whole, parts)) = places.split_first() {
        let parts = parts.to_vec();
        table.sums.push(Sum {
            whole: *whole,
            parts,
        });
    }
    places
}
