use serde::Serialize;

use crate::design::{Design, Mean};
use crate::error::SurveyError;
use crate::percentage::{Base, Percentage, Wording};
use crate::plan::{Plan, Question};
use crate::respondents::Respondents;

/// A poll with its answers, weighted as its plan says.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    /// The plan.
    pub plan: Plan,
    pub(crate) design: Design,
    pub(crate) answers: Vec<Vec<Option<usize>>>,
}

/// All answers to one question.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Topline {
    /// Column of the question.
    pub question: String,
    /// What is known of its wording.
    pub wording: Wording,
    /// Answers in the order of the plan, then nets. Empty if nobody was asked.
    pub lines: Vec<Line>,
    /// Kish's factor by which unequal weights alone widen a variance, over the whole sample.
    pub weighting_effect: f64,
}

/// One answer or net.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// In words.
    pub label: String,
    /// Whether it is a net.
    pub net: bool,
    /// The share of those asked.
    pub percentage: Percentage,
}

impl Survey {
    /// Reads answers, one row for each respondent, and weights them. `file` names them in errors.
    ///
    /// # Errors
    /// The first fault with line, column and remedy.
    pub fn read(plan: Plan, file: &str, bytes: &[u8]) -> Result<Self, SurveyError> {
        let respondents = Respondents::read(&plan, file, bytes)?;
        let design = Design::new(&plan, file, &respondents)?;
        let answers = respondents.answers;
        Ok(Self {
            plan,
            design,
            answers,
        })
    }

    /// Respondents of the whole poll.
    pub fn respondents(&self) -> usize {
        self.design.len()
    }

    /// Final weights in the order of the rows, with mean 1.
    pub fn weights(&self) -> impl Iterator<Item = f64> {
        self.design.weights()
    }

    /// The answers to one question, of those who were asked.
    ///
    /// # Errors
    /// If the plan has no such question.
    pub fn topline(&self, question: &str) -> Result<Topline, SurveyError> {
        let question = self.plan.question(question)?;
        let scores = self.lines(question).into_iter();
        let lines = scores.filter_map(|(label, net, scores)| {
            let mean = self.design.mean(&scores)?;
            Some(Line {
                label,
                net,
                percentage: percentage(&mean, net, question.wording()),
            })
        });
        Ok(Topline {
            question: question.column.clone(),
            wording: question.wording(),
            lines: lines.collect(),
            weighting_effect: self.design.weighting_effect(),
        })
    }

    /// Places of the answers that respondents gave.
    pub(crate) fn places(&self, question: &Question) -> &[Option<usize>] {
        let mut columns = self.plan.questions.iter().zip(&self.answers);
        let found = columns.find(|(other, _)| other.column == question.column);
        found.map_or(&[], |(_, places)| places)
    }

    /// Each answer and net of a question with what every respondent counts towards it.
    pub(crate) fn lines(&self, question: &Question) -> Vec<(String, bool, Vec<Option<f64>>)> {
        let places = self.places(question);
        let answers = (0..).zip(&question.answers).map(|(place, answer)| {
            let scores = places
                .iter()
                .map(|given| given.map(|given| f64::from(u8::from(given == place))));
            (answer.label.clone(), false, scores.collect())
        });
        let nets = question.nets.iter().map(|net| {
            let scores: Vec<f64> = question
                .answers
                .iter()
                .map(|answer| net.score(&answer.code))
                .collect();
            let of = places
                .iter()
                .map(|given| given.and_then(|given| scores.get(given).copied()));
            (net.label.clone(), !net.minus.is_empty(), of.collect())
        });
        answers.chain(nets).collect()
    }
}

/// A mean as a percentage; `difference` if its scores can be below 0.
pub(crate) fn percentage(mean: &Mean, difference: bool, wording: Wording) -> Percentage {
    let precision = if difference {
        mean.of_difference()
    } else {
        mean.of_share()
    };
    Percentage {
        percent: 100.0 * mean.mean,
        precision: Some(precision),
        base: Base::Counted(mean.counted),
        wording,
    }
}
