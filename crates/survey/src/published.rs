//! Published figures of a poll whose answers were not published: what is known, what is not, and the
//! little that follows.

use serde::{Deserialize, Serialize};

use crate::error::SurveyError;
use crate::percentage::{Base, Percentage, Wording};
use crate::source::Source;

/// A poll as it was published.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Published {
    /// Name of the poll.
    pub title: String,
    /// Day of publication.
    pub published: String,
    /// Where it was published.
    pub source: String,
    /// Whom it stands for, in words.
    pub population: String,
    /// How people were asked, in words.
    pub mode: String,
    /// What is known of the weights, in words.
    pub weighting: String,
    /// What an answer in the figures joins, in words.
    pub answers: String,
    /// The samples, by fieldwork.
    pub samples: Vec<Sample>,
    /// The figures.
    pub figures: Vec<PublishedFigure>,
    /// What follows of two figures, if the same people answered both.
    pub overlaps: Vec<Overlap>,
    /// What was not published.
    pub unknown: Vec<String>,
    /// What the figures can support.
    pub can: Vec<String>,
    /// What the figures cannot support.
    pub cannot: Vec<String>,
    /// What was said against them.
    pub critique: Vec<Critique>,
}

/// A part of the sample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// Interviews.
    pub interviews: u64,
    /// When, in words.
    pub fieldwork: String,
}

/// One published figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PublishedFigure {
    /// Short name.
    pub id: String,
    /// What people are said to have said.
    pub label: String,
    /// The percentage; its base and wording are unknown.
    pub percentage: Percentage,
    /// Margins of a simple random sample, if all, or one part, had been asked.
    pub bounds: Vec<Bounds>,
}

/// The 95 % margin that a simple random sample of this size would have.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bounds {
    /// Its size.
    pub interviews: u64,
    /// Percentage points on either side.
    pub points: f64,
}

/// The share that must hold both of two views.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Overlap {
    /// Label of the one.
    pub first: String,
    /// Label of the other.
    pub second: String,
    /// What it means.
    pub meaning: String,
    /// The share of people who at least hold both.
    pub at_least: Percentage,
}

/// What was said against a poll.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Critique {
    /// The objection.
    pub text: String,
    /// Where it stands, or what it is computed from.
    pub source: String,
}

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    title: String,
    published: String,
    source: String,
    population: String,
    mode: String,
    weighting: String,
    answers: String,
    unknown: Vec<String>,
    can: Vec<String>,
    cannot: Vec<String>,
    sample: Vec<Sample>,
    figure: Vec<FigureRecord>,
    overlap: Vec<OverlapRecord>,
    critique: Vec<Critique>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FigureRecord {
    id: String,
    label: String,
    percent: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OverlapRecord {
    first: String,
    second: String,
    meaning: String,
}

impl Published {
    /// Reads the record of a published poll from the text of its file.
    ///
    /// # Errors
    /// [`SurveyError::Plan`] with the line.
    pub fn parse(file: &str, text: &str) -> Result<Self, SurveyError> {
        let source = Source { file, text };
        let record: Record = source.read()?;
        if let Some(figure) = record.figure.iter().find(|figure| figure.percent > 100) {
            let problem = format!("figure `{}` is over 100 percent", figure.id);
            let words = format!("\"{}\"", figure.id);
            return Err(source.fault_at(&words, problem, "correct the figure"));
        }
        let overlaps = record.overlap.iter().map(|overlap| record.overlap(overlap));
        let overlaps = overlaps.collect::<Result<_, &str>>().map_err(|id| {
            let problem = format!("there is no figure `{id}`");
            source.fault_at("[[overlap]]", problem, "name the `id` of a figure")
        })?;
        let figures = record
            .figure
            .iter()
            .map(|figure| record.figure(figure))
            .collect();
        Ok(Self {
            figures,
            overlaps,
            title: record.title,
            published: record.published,
            source: record.source,
            population: record.population,
            mode: record.mode,
            weighting: record.weighting,
            answers: record.answers,
            samples: record.sample,
            unknown: record.unknown,
            can: record.can,
            cannot: record.cannot,
            critique: record.critique,
        })
    }
}

impl Record {
    /// A printed or derived percentage of this poll.
    fn percentage(&self, percent: u8) -> Percentage {
        let interviews: u64 = self.sample.iter().map(|sample| sample.interviews).sum();
        Percentage {
            percent: f64::from(percent),
            precision: None,
            base: Base::NotPublished {
                interviews: (interviews > 0).then_some(interviews),
            },
            wording: Wording::Unknown,
        }
    }

    fn figure(&self, figure: &FigureRecord) -> PublishedFigure {
        let mut sizes: Vec<u64> = self.sample.iter().map(|sample| sample.interviews).collect();
        sizes.push(sizes.iter().sum());
        sizes.sort_unstable();
        sizes.dedup();
        let share = f64::from(figure.percent) / 100.0;
        let largest_first = sizes.into_iter().rev().filter(|size| *size > 0);
        let bounds = largest_first.map(|interviews| Bounds {
            interviews,
            points: 196.0 * (share * (1.0 - share) / interviews as f64).sqrt(),
        });
        PublishedFigure {
            id: figure.id.clone(),
            label: figure.label.clone(),
            percentage: self.percentage(figure.percent),
            bounds: bounds.collect(),
        }
    }

    /// Two views held by `a` and `b` percent of the same people are held together by at least
    /// `a + b - 100` (Fréchet 1935). The error is a name that no figure has.
    fn overlap<'a>(&self, overlap: &'a OverlapRecord) -> Result<Overlap, &'a str> {
        let find = |id: &'a str| self.figure.iter().find(|figure| figure.id == id).ok_or(id);
        let (first, second) = (find(&overlap.first)?, find(&overlap.second)?);
        let at_least = (first.percent + second.percent).saturating_sub(100);
        Ok(Overlap {
            first: first.label.clone(),
            second: second.label.clone(),
            meaning: overlap.meaning.clone(),
            at_least: self.percentage(at_least),
        })
    }
}
