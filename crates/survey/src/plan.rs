//! The plan of a poll: which columns hold the design, to which totals it is weighted, and what was
//! asked, in which words.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::error::SurveyError;
use crate::percentage::Wording;
use crate::source::Source;

/// Most questions of a plan: several times the longest questionnaire in the field.
const QUESTIONS_MAX: usize = 500;

/// What was asked of whom, and how the sample was drawn.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Name of the poll.
    pub title: String,
    /// When it was in the field, in words.
    pub fieldwork: String,
    /// Whom it stands for, in words.
    pub population: String,
    /// How the sample was drawn.
    #[serde(default)]
    pub design: Design,
    /// Known totals that the weights are raked to; one alone is post-stratification.
    #[serde(default, rename = "margin")]
    pub margins: Vec<Margin>,
    /// What was asked.
    #[serde(rename = "question")]
    pub questions: Vec<Question>,
}

/// Columns of the design. Without any, it is a simple random sample with replacement.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Design {
    /// Design weight, above 0.
    pub weight: Option<String>,
    /// Stratum.
    pub stratum: Option<String>,
    /// Primary sampling unit, numbered anew in each stratum or not; without it, each respondent is one.
    pub cluster: Option<String>,
    /// Primary sampling units in the population of the stratum, for the finite-population correction.
    pub units_in_stratum: Option<String>,
}

/// Known totals of one column.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Margin {
    /// The column.
    pub column: String,
    /// Code to total.
    pub totals: BTreeMap<String, f64>,
}

/// A question, or a column to break answers down by.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its column. An empty cell means that the respondent was not asked.
    pub column: String,
    /// How much of the wording is known.
    wording: Status,
    /// That wording.
    text: Option<String>,
    /// Every answer that was taken down, *do not know* and refusals among them.
    pub answers: Vec<Answer>,
    /// Sums and differences of answers.
    #[serde(default, rename = "net")]
    pub nets: Vec<Net>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Full,
    Reported,
    Unknown,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// As it stands in the column.
    pub code: String,
    /// In words.
    pub label: String,
}

/// A sum of answers, less others: `agree` is a sum, `net agree` a difference.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Net {
    /// In words.
    pub label: String,
    /// Codes that count for it.
    pub plus: Vec<String>,
    /// Codes that count against it.
    #[serde(default)]
    pub minus: Vec<String>,
}

impl Question {
    /// What is known of the wording.
    pub fn wording(&self) -> Wording {
        let text = self.text.clone().unwrap_or_default();
        match self.wording {
            Status::Full => Wording::Full(text),
            Status::Reported => Wording::Reported(text),
            Status::Unknown => Wording::Unknown,
        }
    }

    fn problem(&self) -> Option<(String, &'static str)> {
        let column = &self.column;
        let has_text = self
            .text
            .as_ref()
            .is_some_and(|text| !text.trim().is_empty());
        if has_text == (self.wording == Status::Unknown) {
            let problem = format!("wording and text of question `{column}` do not go together");
            return Some((
                problem,
                "give the text, or the wording `unknown` without text",
            ));
        }
        let codes: BTreeSet<&str> = self
            .answers
            .iter()
            .map(|answer| answer.code.as_str())
            .collect();
        if codes.len() != self.answers.len() || codes.contains("") || codes.len() < 2 {
            let problem =
                format!("question `{column}` has repeated, empty or fewer than two answers");
            return Some((problem, "list each answer once, at least two"));
        }
        self.nets.iter().find_map(|net| net.problem(column, &codes))
    }
}

impl Net {
    fn problem(&self, column: &str, codes: &BTreeSet<&str>) -> Option<(String, &'static str)> {
        let named: Vec<&str> = self
            .plus
            .iter()
            .chain(&self.minus)
            .map(String::as_str)
            .collect();
        let once: BTreeSet<&str> = named.iter().copied().collect();
        let label = &self.label;
        if let Some(code) = once.difference(codes).next() {
            let problem = format!("net `{label}` of question `{column}` names answer `{code}`");
            return Some((problem, "name answers of the question"));
        }
        (self.plus.is_empty() || once.len() != named.len()).then(|| {
            let problem =
                format!("net `{label}` of question `{column}` counts nothing, or one twice");
            (
                problem,
                "name at least one answer under `plus`, and each once",
            )
        })
    }

    /// What an answer counts: 1, -1 or 0.
    pub(crate) fn score(&self, code: &str) -> f64 {
        if self.plus.iter().any(|plus| plus == code) {
            1.0
        } else if self.minus.iter().any(|minus| minus == code) {
            -1.0
        } else {
            0.0
        }
    }
}

impl Plan {
    /// Reads a plan from the text of its file.
    ///
    /// # Errors
    /// [`SurveyError::Plan`] with the line.
    pub fn parse(file: &str, text: &str) -> Result<Self, SurveyError> {
        let source = Source { file, text };
        let plan: Self = source.read()?;
        let problem = plan.problem();
        problem.map_or(Ok(plan), |(column, problem, remedy)| {
            Err(source.fault_at(&format!("\"{column}\""), problem, remedy))
        })
    }

    /// The question in this column.
    ///
    /// # Errors
    /// [`SurveyError::Question`], naming those that there are.
    pub fn question(&self, column: &str) -> Result<&Question, SurveyError> {
        let mut questions = self.questions.iter();
        let found = questions.find(|question| question.column == column);
        found.ok_or_else(|| {
            let known: Vec<String> = self
                .questions
                .iter()
                .map(|q| format!("`{}`", q.column))
                .collect();
            SurveyError::Question {
                question: column.to_owned(),
                known: known.join(", "),
            }
        })
    }

    /// The first thing wrong: the column it is about, what, and the remedy.
    fn problem(&self) -> Option<(String, String, &'static str)> {
        if self.questions.is_empty() || self.questions.len() > QUESTIONS_MAX {
            let problem = format!("a plan has 1 to {QUESTIONS_MAX} questions");
            return Some((
                String::new(),
                problem,
                "add a `[[question]]`, or split the poll",
            ));
        }
        let margins = self
            .margins
            .iter()
            .map(|margin| (&margin.column, margin.problem()));
        let questions = self
            .questions
            .iter()
            .map(|question| (&question.column, question.problem()));
        let mut parts = margins.chain(questions);
        let part = parts.find_map(|(column, problem)| Some((column.clone(), problem?)));
        if let Some((column, (problem, remedy))) = part {
            return Some((column, problem, remedy));
        }
        self.repeated().or_else(|| self.unequal())
    }

    fn repeated(&self) -> Option<(String, String, &'static str)> {
        let margins: Vec<&str> = self
            .margins
            .iter()
            .map(|margin| margin.column.as_str())
            .collect();
        let questions: Vec<&str> = self.questions.iter().map(|q| q.column.as_str()).collect();
        let twice = repeated(&margins).or_else(|| repeated(&questions))?;
        let problem = format!("column `{twice}` stands twice among the margins or the questions");
        Some((twice.to_owned(), problem, "name each once"))
    }

    /// Margins are of one population: their totals are the same sum.
    fn unequal(&self) -> Option<(String, String, &'static str)> {
        let (first, rest) = self.margins.split_first()?;
        let sum = first.sum();
        // One part in a million: totals are often rounded to whole people.
        let other = rest
            .iter()
            .find(|other| (other.sum() - sum).abs() > sum * 1e-6)?;
        let problem = format!(
            "the totals of `{}` sum to {sum} and those of `{}` to {}",
            first.column,
            other.column,
            other.sum()
        );
        Some((
            other.column.clone(),
            problem,
            "give all margins the totals of one population",
        ))
    }
}

impl Margin {
    fn sum(&self) -> f64 {
        self.totals.values().sum()
    }

    fn problem(&self) -> Option<(String, &'static str)> {
        let good = |total: &f64| total.is_finite() && *total > 0.0;
        (self.totals.is_empty() || !self.totals.values().all(good)).then(|| {
            let problem = format!(
                "margin `{}` has no totals, or one that is not above 0",
                self.column
            );
            (
                problem,
                "give each code its total, and leave out codes that nobody has",
            )
        })
    }
}

fn repeated<'a>(names: &[&'a str]) -> Option<&'a str> {
    let mut seen = BTreeSet::new();
    names.iter().copied().find(|name| !seen.insert(*name))
}
