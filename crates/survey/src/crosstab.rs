use serde::Serialize;

use crate::error::SurveyError;
use crate::percentage::{Percentage, Wording};
use crate::plan::Question;
use crate::rao_scott::{Association, association};
use crate::survey::{Survey, percentage};

/// What the percentages of a cross-tabulation are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PercentOf {
    /// Of each group: columns sum to 100 %.
    Column,
    /// Of those who gave each answer: rows sum to 100 %.
    Row,
}

/// Answers to one question by those to another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Crosstab {
    /// Column of the question in the rows.
    pub question: String,
    /// What is known of its wording.
    pub wording: Wording,
    /// Column of the groups.
    pub by: String,
    /// What is known of the wording of the groups.
    pub by_wording: Wording,
    /// What the percentages are of.
    pub percent_of: PercentOf,
    /// Labels of the groups.
    pub groups: Vec<String>,
    /// Answers.
    pub rows: Vec<CrosstabRow>,
    /// Whether answers and groups go together; `None` where a test cannot be made.
    pub association: Option<Association>,
}

/// One answer over all groups.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CrosstabRow {
    /// The answer in words.
    pub label: String,
    /// One for each group.
    pub cells: Vec<Cell>,
}

/// A percentage, or nothing where nobody is its base.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Cell(pub Option<Percentage>);

impl Survey {
    /// Breaks a question down by another, over those who answered both.
    ///
    /// # Errors
    /// If the plan lacks one of the two.
    pub fn crosstab(
        &self,
        question: &str,
        by: &str,
        of: PercentOf,
    ) -> Result<Crosstab, SurveyError> {
        let question = self.plan.question(question)?;
        let groups = self.plan.question(by)?;
        let rows = (0..).zip(&question.answers).map(|(row, answer)| {
            let cells = (0..groups.answers.len())
                .map(|column| self.cell(question, groups, (row, column), of));
            CrosstabRow {
                label: answer.label.clone(),
                cells: cells.collect(),
            }
        });
        Ok(Crosstab {
            question: question.column.clone(),
            wording: question.wording(),
            by: groups.column.clone(),
            by_wording: groups.wording(),
            percent_of: of,
            groups: groups
                .answers
                .iter()
                .map(|answer| answer.label.clone())
                .collect(),
            rows: rows.collect(),
            association: association(&self.design, self.places(question), self.places(groups)),
        })
    }

    fn cell(
        &self,
        question: &Question,
        groups: &Question,
        (row, column): (usize, usize),
        of: PercentOf,
    ) -> Cell {
        let pairs = self.places(question).iter().zip(self.places(groups));
        let score = |(answer, group): (&Option<usize>, &Option<usize>)| {
            let (answer, group) = ((*answer)?, (*group)?);
            let (based, counts) = match of {
                PercentOf::Column => (group == column, answer == row),
                PercentOf::Row => (answer == row, group == column),
            };
            based.then(|| f64::from(u8::from(counts)))
        };
        let scores: Vec<Option<f64>> = pairs.map(score).collect();
        let mean = self.design.mean(&scores);
        Cell(mean.map(|mean| percentage(&mean, false, question.wording())))
    }
}
