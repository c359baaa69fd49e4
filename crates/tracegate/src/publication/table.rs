//! The table of a quarter, with what must not be seen left out.

use std::collections::BTreeMap;

use disclosure::statistics::Row;
use statistics::{Rule, Sum, Table, protect};

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

/// What is published of a quarter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedTable {
    /// Of this quarter, and as of its end.
    pub quarter: Quarter,
    /// By agency and agreement, each agency followed by its total; everything last.
    pub lines: Vec<Line>,
}

/// A line's places in the table of counts: received first.
struct Places {
    line: Line,
    places: Vec<usize>,
}

impl PublishedTable {
    /// Protects what was counted: what an agency sent in and the national figures are told, any finer count
    /// from 1 to 7 is not.
    pub fn of(quarter: Quarter, counted: &store::Statistics) -> Result<Self, PublicationError> {
        let mut table = Table::default();
        let mut by_agency: BTreeMap<&str, Vec<Places>> = BTreeMap::new();
        for row in &counted.rows {
            let agreement = row.agreement.clone().unwrap_or_else(|| "none".to_owned());
            let line = Line {
                agreement: Some(agreement),
                agency: Some(row.agency.clone()),
                counts: Vec::new(),
            };
            let places = add_row(&mut table, &row.counts);
            by_agency
                .entry(&row.agency)
                .or_default()
                .push(Places { line, places });
        }
        let mut lines = Vec::new();
        let mut totals = Vec::new();
        for (agency, rows) in by_agency {
            let places = add_total(&mut table, &rows, [Rule::Exact, Rule::Fine]);
            let line = Line {
                agency: Some(agency.to_owned()),
                ..Line::default()
            };
            lines.extend(rows);
            lines.push(Places {
                line: line.clone(),
                places: places.clone(),
            });
            totals.push(Places { line, places });
        }
        let places = add_total(&mut table, &totals, [Rule::Exact, Rule::Coarse]);
        lines.push(Places {
            line: Line::default(),
            places,
        });
        let shown = protect(&table)
            .map_err(|error| PublicationError::Unprotectable { quarter, error })?
            .shown;
        let fill = |row: Places| Line {
            counts: row.places.iter().map(|place| shown[*place]).collect(),
            ..row.line
        };
        let lines = lines.into_iter().map(fill).collect();
        Ok(PublishedTable { quarter, lines })
    }

    /// The line of everything.
    pub fn total(&self) -> Option<&Line> {
        self.lines.last()
    }
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
