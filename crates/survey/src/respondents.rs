//! Answers from CSV: one row for each respondent, every cell checked against the plan.

use std::collections::BTreeMap;

use crate::error::SurveyError;
use crate::plan::Plan;

/// Most respondents of a poll: a hundred times the largest that is weighted in practice.
const RESPONDENTS_MAX: usize = 1_000_000;

/// The columns that the plan names, by respondent.
#[derive(Debug, Clone, PartialEq)]
pub struct Respondents {
    /// Design weights.
    pub weights: Vec<f64>,
    /// Strata, numbered from 0.
    pub strata: Vec<usize>,
    /// Primary sampling units, numbered from 0 over all strata.
    pub units: Vec<usize>,
    /// Primary sampling units in the population of the stratum.
    pub units_in_stratum: Option<Vec<f64>>,
    /// Category of each margin, by the order of its codes.
    pub margins: Vec<Vec<usize>>,
    /// Place of the answer of each question; `None` for those who were not asked.
    pub answers: Vec<Vec<Option<usize>>>,
}

impl Respondents {
    fn empty(plan: &Plan) -> Self {
        Self {
            weights: Vec::new(),
            strata: Vec::new(),
            units: Vec::new(),
            units_in_stratum: plan.design.units_in_stratum.is_some().then(Vec::new),
            margins: vec![Vec::new(); plan.margins.len()],
            answers: vec![Vec::new(); plan.questions.len()],
        }
    }

    pub fn read(plan: &Plan, file: &str, bytes: &[u8]) -> Result<Self, SurveyError> {
        let mut reader = csv::ReaderBuilder::new().from_reader(bytes);
        let header = reader.headers().map_err(|error| unreadable(file, &error))?;
        let header: Vec<String> = header.iter().map(str::to_owned).collect();
        let columns = Columns::find(plan, file, &header)?;
        let mut taken = Taken {
            respondents: Self::empty(plan),
            strata: BTreeMap::new(),
            units: BTreeMap::new(),
        };
        for record in reader.records() {
            let record = record.map_err(|error| unreadable(file, &error))?;
            let line = record.position().map_or(0, csv::Position::line);
            let row = Row {
                file,
                line,
                header: &header,
                record: &record,
            };
            taken.take(plan, &columns, &row)?;
            if taken.respondents.weights.len() > RESPONDENTS_MAX {
                return Err(row.fault(
                    0,
                    format!("more than {RESPONDENTS_MAX} respondents"),
                    "split the file",
                ));
            }
        }
        if taken.respondents.weights.is_empty() {
            return Err(SurveyError::Design {
                file: file.to_owned(),
                problem: "there is no respondent".to_owned(),
                remedy: "give one row for each, below the header".to_owned(),
            });
        }
        Ok(taken.respondents)
    }
}

/// Places of the columns that the plan names.
struct Columns {
    weight: Option<usize>,
    stratum: Option<usize>,
    cluster: Option<usize>,
    units_in_stratum: Option<usize>,
    margins: Vec<usize>,
    questions: Vec<usize>,
}

impl Columns {
    fn find(plan: &Plan, file: &str, header: &[String]) -> Result<Self, SurveyError> {
        let fault = |column: &str, problem: &str, remedy: &str| SurveyError::Answers {
            file: file.to_owned(),
            line: 1,
            column: column.to_owned(),
            problem: problem.to_owned(),
            remedy: remedy.to_owned(),
        };
        let place = |name: &String| {
            let mut places = (0..).zip(header).filter(|(_, column)| *column == name);
            match (places.next(), places.next()) {
                (Some((place, _)), None) => Ok(place),
                (None, _) => Err(fault(
                    name,
                    "the plan names it and it is not there",
                    "add the column, or correct the plan",
                )),
                _ => Err(fault(name, "it stands in the header twice", "keep one")),
            }
        };
        let optional = |name: &Option<String>| name.as_ref().map(place).transpose();
        let design = &plan.design;
        Ok(Self {
            weight: optional(&design.weight)?,
            stratum: optional(&design.stratum)?,
            cluster: optional(&design.cluster)?,
            units_in_stratum: optional(&design.units_in_stratum)?,
            margins: plan
                .margins
                .iter()
                .map(|margin| place(&margin.column))
                .collect::<Result<_, _>>()?,
            questions: plan
                .questions
                .iter()
                .map(|question| place(&question.column))
                .collect::<Result<_, _>>()?,
        })
    }
}

/// One line of the file.
struct Row<'a> {
    file: &'a str,
    line: u64,
    header: &'a [String],
    record: &'a csv::StringRecord,
}

impl Row<'_> {
    fn fault(&self, column: usize, problem: String, remedy: &str) -> SurveyError {
        SurveyError::Answers {
            file: self.file.to_owned(),
            line: self.line,
            column: self.header.get(column).cloned().unwrap_or_default(),
            problem,
            remedy: remedy.to_owned(),
        }
    }

    fn text(&self, column: usize) -> &str {
        self.record.get(column).unwrap_or_default()
    }

    /// A cell that must be filled in.
    fn code(&self, column: usize) -> Result<&str, SurveyError> {
        let text = self.text(column);
        if text.is_empty() {
            return Err(self.fault(
                column,
                "it is empty".to_owned(),
                "fill it in for every respondent",
            ));
        }
        Ok(text)
    }

    /// A number above 0.
    fn number(&self, column: usize) -> Result<f64, SurveyError> {
        let text = self.text(column);
        let number = text.parse::<f64>().ok();
        number
            .filter(|number| number.is_finite() && *number > 0.0)
            .ok_or_else(|| {
                self.fault(
                    column,
                    format!("`{text}` is not a number above 0"),
                    "give a number such as 0.85",
                )
            })
    }

    /// Place of the cell among `codes`.
    fn place<'c>(
        &self,
        column: usize,
        mut codes: impl Iterator<Item = &'c String>,
    ) -> Result<usize, SurveyError> {
        let text = self.text(column);
        codes.position(|code| code == text).ok_or_else(|| {
            self.fault(
                column,
                format!("`{text}` is not a code of the plan"),
                "correct the cell, or add the code to the plan",
            )
        })
    }
}

struct Taken {
    respondents: Respondents,
    strata: BTreeMap<String, usize>,
    units: BTreeMap<(usize, String), usize>,
}

impl Taken {
    fn take(&mut self, plan: &Plan, columns: &Columns, row: &Row<'_>) -> Result<(), SurveyError> {
        let weight = columns
            .weight
            .map_or(Ok(1.0), |column| row.number(column))?;
        let stratum = columns.stratum.map_or(Ok(""), |column| row.code(column))?;
        let next = self.strata.len();
        let stratum = *self.strata.entry(stratum.to_owned()).or_insert(next);
        // Without clusters, each respondent is a unit of its own.
        let own = self.respondents.weights.len().to_string();
        let unit = columns
            .cluster
            .map_or(Ok(own.as_str()), |column| row.code(column))?;
        let next = self.units.len();
        let unit = *self.units.entry((stratum, unit.to_owned())).or_insert(next);
        let known = columns
            .units_in_stratum
            .map(|column| row.number(column))
            .transpose()?;
        let taken = &mut self.respondents;
        taken.weights.push(weight);
        taken.strata.push(stratum);
        taken.units.push(unit);
        if let (Some(all), Some(known)) = (&mut taken.units_in_stratum, known) {
            all.push(known);
        }
        for ((margin, column), places) in plan
            .margins
            .iter()
            .zip(&columns.margins)
            .zip(&mut taken.margins)
        {
            places.push(row.place(*column, margin.totals.keys())?);
        }
        for ((question, column), places) in plan
            .questions
            .iter()
            .zip(&columns.questions)
            .zip(&mut taken.answers)
        {
            let asked = !row.text(*column).is_empty();
            let codes = question.answers.iter().map(|answer| &answer.code);
            places.push(asked.then(|| row.place(*column, codes)).transpose()?);
        }
        Ok(())
    }
}

fn unreadable(file: &str, error: &csv::Error) -> SurveyError {
    let line = error.position().map_or(1, csv::Position::line);
    let problem = match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            format!("{len} cells, where the header has {expected_len}")
        }
        csv::ErrorKind::Utf8 { .. } => "it is not UTF-8".to_owned(),
        _ => "it cannot be read".to_owned(),
    };
    SurveyError::Answers {
        file: file.to_owned(),
        line,
        column: "all".to_owned(),
        problem,
        remedy: "save as CSV in UTF-8, with one cell for each column".to_owned(),
    }
}
