//! What a reader with patience can work out about the counts that are not shown.

use microlp::OptimizationDirection::{self, Maximize, Minimize};
use microlp::{ComparisonOp, Error as Unsolvable, Problem, SolveOptions, SolveOutcome};
use thiserror::Error;

use crate::{Published, Sum};

/// Why no way of filling in what is hidden was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unread {
    /// There is none.
    #[error("the sums contradict each other")]
    Contradiction,
    /// There may be one, and somebody may solve elsewhere what was not solved here.
    #[error("the sums could not be solved")]
    Unsolved,
}

/// Which of `wanted` (positions) are the same however what is hidden is filled in, and what they are. A shown
/// count is just itself.
///
/// The reader knows every sum and that counts are whole and not below zero, and asks of one count at a time how little and
/// how much it can be: the audit of Fischetti and Salazar, "Solving the cell suppression problem on tabular
/// data with linear constraints", *Management Science* 47 (2001), with integer programs. What is not in the answer is
/// open for certain, since two ways of filling it in were found and checked; what no program could be solved for is
/// in the answer.
///
/// # Errors
/// Where nothing fits the sums at all, or nothing was found.
pub fn told(published: &Published, wanted: &[usize]) -> Result<Vec<(usize, u64)>, Unread> {
    let mut fillings = Fillings::of(published)?;
    let closed = wanted.iter().filter(|at| !fillings.is_open(**at));
    let closed: Vec<usize> = closed.copied().collect();
    let first = fillings.found.swap_remove(0);
    Ok(closed.into_iter().map(|at| (at, first[at])).collect())
}

/// Ways of filling in what is hidden, as far as they have been found. The first has always been there.
#[derive(Clone, Debug)]
pub(crate) struct Fillings {
    published: Published,
    found: Vec<Vec<u64>>,
}

impl Fillings {
    fn of(published: &Published) -> Result<Fillings, Unread> {
        let blank = published.shown.iter().map(|shown| shown.unwrap_or(0));
        let mut fillings = Fillings::with(published.clone(), blank.collect());
        let hidden: Vec<usize> = fillings.hidden().collect();
        fillings.found = vec![fillings.extreme(Minimize, &hidden, &hidden)?];
        Ok(fillings)
    }

    /// With one way that is known.
    pub fn with(published: Published, truth: Vec<u64>) -> Fillings {
        Fillings {
            published,
            found: vec![truth],
        }
    }

    /// What is shown.
    pub fn published(&self) -> &Published {
        &self.published
    }

    /// Hides a count: whatever was possible stays so.
    pub fn hide(&mut self, at: usize) {
        self.published.shown[at] = None;
    }

    /// Shows a count as the first filling has it.
    pub fn show(&mut self, at: usize) {
        let value = self.found[0][at];
        self.published.shown[at] = Some(value);
        self.found.retain(|filling| filling[at] == value);
    }

    /// Can the count be one thing or another?
    pub fn is_open(&mut self, at: usize) -> bool {
        self.differs(at)
            || [Maximize, Minimize].into_iter().any(|direction| {
                let tied = self.tied(at);
                self.found
                    .extend(self.extreme(direction, &[at], &tied).ok());
                self.differs(at)
            })
    }

    fn differs(&self, at: usize) -> bool {
        self.found
            .iter()
            .any(|filling| filling[at] != self.found[0][at])
    }

    fn hidden(&self) -> impl Iterator<Item = usize> {
        let shown = self.published.shown.iter().enumerate();
        shown.filter_map(|(at, shown)| shown.is_none().then_some(at))
    }

    /// Hidden counts that hang together with this one by sums; ascending. Nothing if it is shown.
    fn tied(&self, at: usize) -> Vec<usize> {
        let is_hidden = |at: &usize| self.published.shown[*at].is_none();
        let mut tied = Vec::from_iter(Some(at).filter(is_hidden));
        let mut next = 0;
        while let Some(one) = tied.get(next).copied() {
            next += 1;
            for sum in self.published.sums.iter().filter(|sum| sum.has(one)) {
                let members = sum.members().filter(is_hidden);
                let new: Vec<usize> = members.filter(|member| !tied.contains(member)).collect();
                tied.extend(new);
            }
        }
        tied.sort_unstable();
        tied
    }

    /// The filling in which `wanted` together are as large, or as small, as they can be and nothing but `free` differs from the first.
    fn extreme(
        &self,
        direction: OptimizationDirection,
        wanted: &[usize],
        free: &[usize],
    ) -> Result<Vec<u64>, Unread> {
        let mut problem = Problem::new(direction);
        let most = self.most();
        let variables: Vec<_> = free
            .iter()
            .map(|at| problem.add_integer_var(f64::from(u8::from(wanted.contains(at))), (0, most)))
            .collect();
        let mut filling = self.found[0].clone();
        for sum in &self.published.sums {
            let (mut terms, mut known) = (Vec::new(), 0.0);
            for (at, factor) in sum.signed() {
                match free.binary_search(&at) {
                    Ok(place) => terms.push((variables[place], factor)),
                    Err(_) => known -= factor * filling[at] as f64,
                }
            }
            problem.add_constraint(&terms, ComparisonOp::Eq, known);
        }
        let mut options = SolveOptions::default();
        options.node_limit = Some(NODES);
        let solution = match problem.solve_with(options) {
            Ok(SolveOutcome::Solution(solution)) => solution,
            Err(Unsolvable::Infeasible) => return Err(Unread::Contradiction),
            _ => return Err(Unread::Unsolved),
        };
        for (at, variable) in free.iter().zip(variables) {
            filling[*at] = solution.var_value(variable).round() as u64;
        }
        let holds = self.published.holds(&filling);
        holds.then_some(filling).ok_or(Unread::Unsolved)
    }

    /// More than any count can sensibly be: programs need a limit.
    fn most(&self) -> i32 {
        let shown = self.published.shown.iter().flatten();
        let known = shown.chain(&self.found[0]).max().copied();
        i32::try_from(known.unwrap_or(0))
            .map_or(i32::MAX, |most| most.saturating_mul(2).saturating_add(1000))
    }
}

/// Branches that are tried for one program; nearly all need none.
const NODES: u64 = 2000;

impl Sum {
    fn members(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().copied().chain([self.whole])
    }

    fn has(&self, at: usize) -> bool {
        self.whole == at || self.parts.contains(&at)
    }

    /// Parts are added, the whole is taken away.
    fn signed(&self) -> impl Iterator<Item = (usize, f64)> {
        let parts = self.parts.iter().map(|part| (*part, 1.0));
        parts.chain([(self.whole, -1.0)])
    }
}

impl Published {
    /// Do all sums hold, and is what is shown as it is shown?
    fn holds(&self, filling: &[u64]) -> bool {
        let adds_up = |sum: &Sum| {
            let parts: u64 = sum.parts.iter().map(|part| filling[*part]).sum();
            parts == filling[sum.whole]
        };
        let mut shown = self.shown.iter().zip(filling);
        self.sums.iter().all(adds_up)
            && shown.all(|(shown, value)| shown.is_none_or(|shown| shown == *value))
    }
}

#[cfg(test)]
mod tests;
