use serde::Serialize;

use crate::design::around;
use crate::error::SurveyError;
use crate::percentage::{Interval, Percentage, Wording};
use crate::survey::{Survey, percentage};

/// One question in two waves.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Column of the question.
    pub question: String,
    /// What is known of its wording, the same in both.
    pub wording: Wording,
    /// Answers and nets that both waves have a base for.
    pub changes: Vec<Change>,
}

/// The change of one answer from wave to wave. The samples are taken as independent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// The answer in words.
    pub label: String,
    /// In the earlier wave.
    pub before: Percentage,
    /// In the later wave.
    pub after: Percentage,
    points: f64,
    standard_error: f64,
    interval: Option<Interval>,
}

impl Change {
    /// The change in percentage points and its interval, as text.
    pub fn cells(&self) -> [String; 2] {
        let interval = self.interval.map(|interval| interval.to_string());
        let interval = interval.unwrap_or_else(|| "no interval".to_owned());
        [format!("{:+.1} points", self.points), interval]
    }

    /// Whether the interval leaves out 0.
    pub fn is_clear(&self) -> bool {
        self.interval
            .is_some_and(|interval| interval.low > 0.0 || interval.high < 0.0)
    }
}

/// How the answers to a question changed between two waves of different people.
///
/// # Errors
/// If one wave has no such question, or the two differ in wording or answers.
pub fn compare(before: &Survey, after: &Survey, question: &str) -> Result<Comparison, SurveyError> {
    let first = before.plan.question(question)?;
    let second = after.plan.question(question)?;
    if first != second {
        let problem = if first.wording() == second.wording() {
            "the answers or nets differ"
        } else {
            "the wording differs"
        };
        return Err(SurveyError::Waves {
            question: question.to_owned(),
            problem: problem.to_owned(),
            remedy: "compare only what was put alike, and give both plans the same question"
                .to_owned(),
        });
    }
    let wording = first.wording();
    let pairs = before.lines(first).into_iter().zip(after.lines(second));
    let changes = pairs.filter_map(|((label, net, earlier), (_, _, later))| {
        let (earlier, later) = (before.design.mean(&earlier)?, after.design.mean(&later)?);
        let (change, variance) = (
            later.mean - earlier.mean,
            earlier.variance() + later.variance(),
        );
        let degrees = earlier.degrees + later.degrees;
        Some(Change {
            label,
            before: percentage(&earlier, net, wording.clone()),
            after: percentage(&later, net, wording.clone()),
            points: 100.0 * change,
            standard_error: 100.0 * variance.sqrt(),
            interval: around(change, variance, degrees).filter(|_| variance > 0.0),
        })
    });
    Ok(Comparison {
        question: question.to_owned(),
        changes: changes.collect(),
        wording: wording.clone(),
    })
}
