use std::collections::{BTreeMap, BTreeSet};

use crate::prove::Table;

/// Attribute to cell.
pub(crate) type Assignment = BTreeMap<usize, u16>;

/// Most steps of one search. Shipped agreements need some dozens.
const STEPS_MAX: usize = 200_000;

/// Finds cells for which every table holds, preferring earlier cells; `Ok(None)` when there are none.
///
/// # Errors
/// The number of steps made, when that is too many.
pub(crate) fn find(tables: &[&Table]) -> Result<Option<Assignment>, usize> {
    let mut live: Vec<Live<'_>> = Vec::new();
    for table in tables.iter().map(|table| Live::new(table)) {
        match live.iter_mut().find(|other| other.scope == table.scope) {
            Some(other) => other.keep(&table),
            None => live.push(table),
        }
    }
    if live.iter().any(|table| table.rows.is_empty()) {
        return Ok(None);
    }
    let mut steps = 0;
    descend(live, &Assignment::new(), &mut steps)
}

/// A table and those of its rows that agree with the choices so far.
#[derive(Clone)]
struct Live<'a> {
    scope: &'a [usize],
    rows: Vec<&'a [u16]>,
}

impl<'a> Live<'a> {
    fn new(table: &'a Table) -> Self {
        Self {
            scope: &table.scope,
            rows: table.rows.iter().map(Vec::as_slice).collect(),
        }
    }

    /// Keeps only rows that the other table of the same scope has too. Rows are in ascending order:
    /// trying two equal tables against each other row by row would be quadratic.
    fn keep(&mut self, other: &Self) {
        self.rows
            .retain(|row| other.rows.binary_search(row).is_ok());
    }

    fn agreeing(&self, chosen: &Assignment) -> Self {
        let agrees = |row: &&&[u16]| {
            let mut pairs = self.scope.iter().zip(row.iter());
            pairs.all(|(attribute, cell)| chosen.get(attribute).is_none_or(|other| other == cell))
        };
        Self {
            scope: self.scope,
            rows: self.rows.iter().filter(agrees).copied().collect(),
        }
    }
}

/// Solves tables that share no open attribute apart from each other, so that a contradiction in one
/// place is never tried against every choice elsewhere.
fn descend(
    live: Vec<Live<'_>>,
    chosen: &Assignment,
    steps: &mut usize,
) -> Result<Option<Assignment>, usize> {
    let mut found = chosen.clone();
    for part in parts(live, chosen) {
        match solve(&part, chosen, steps)? {
            Some(more) => found.extend(more),
            None => return Ok(None),
        }
    }
    Ok(Some(found))
}

/// Fixes the table with the fewest rows left, row by row, and drops every row elsewhere that
/// disagrees.
fn solve(
    live: &[Live<'_>],
    chosen: &Assignment,
    steps: &mut usize,
) -> Result<Option<Assignment>, usize> {
    let smallest = live
        .iter()
        .enumerate()
        .min_by_key(|(_, table)| table.rows.len());
    let Some((index, next)) = smallest else {
        return Ok(Some(chosen.clone()));
    };
    for row in &next.rows {
        *steps += 1;
        if *steps > STEPS_MAX {
            return Err(*steps);
        }
        let mut longer = chosen.clone();
        longer.extend(next.scope.iter().copied().zip(row.iter().copied()));
        let others = live.iter().enumerate().filter(|(other, _)| *other != index);
        let rest: Vec<Live<'_>> = others.map(|(_, table)| table.agreeing(&longer)).collect();
        if rest.iter().any(|table| table.rows.is_empty()) {
            continue;
        }
        if let Some(found) = descend(rest, &longer, steps)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Tables grouped by the attributes that are still open; tables with none left hold already.
fn parts<'a>(live: Vec<Live<'a>>, chosen: &Assignment) -> Vec<Vec<Live<'a>>> {
    let mut parts: Vec<(BTreeSet<usize>, Vec<Live<'a>>)> = Vec::new();
    for table in live {
        let open = table
            .scope
            .iter()
            .copied()
            .filter(|attribute| !chosen.contains_key(attribute));
        let mut open: BTreeSet<usize> = open.collect();
        if open.is_empty() {
            continue;
        }
        let mut tables = vec![table];
        let (touching, apart): (Vec<_>, Vec<_>) = parts
            .into_iter()
            .partition(|(attributes, _)| !attributes.is_disjoint(&open));
        for (attributes, more) in touching {
            open.extend(attributes);
            tables.extend(more);
        }
        parts = apart;
        parts.push((open, tables));
    }
    parts.into_iter().map(|(_, tables)| tables).collect()
}
