//! Many requests at once: streamed, on all cores, answers in the order of the requests.

use std::io::{Read, Write};

use csv::{Reader, Writer};
use rayon::prelude::*;
use serde::Serialize;
use thiserror::Error;

use crate::csv_input::{CsvError, RequestReader, RequestRow, RowFault};
use crate::index::Parts;
use crate::{Answer, MatchRule, Model, Outcome, Terms, trace};

/// What a batch did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct BatchReport {
    /// Rows read.
    pub requests: u64,
    /// Rows answered `single`.
    pub single: u64,
    /// Rows answered `invalid`.
    pub invalid: u64,
}

/// Why a batch stopped.
#[derive(Debug, Error)]
pub enum BatchError {
    /// The requests cannot be read.
    #[error(transparent)]
    Input(#[from] CsvError),
    /// The answers cannot be written.
    #[error("cannot write the answers: {0}")]
    Output(csv::Error),
    /// Answers to go on after that cannot be read.
    #[error("cannot read the answers to go on after: {0}")]
    Answered(csv::Error),
    /// Answers to go on after that are of other requests.
    #[error(
        "answer {number} is of another request than row {number} of the requests; leave off `--resume`, or give the same files as before"
    )]
    OtherRequests {
        /// Number of the answer and of the request, from 1.
        number: u64,
    },
}

/// Requests held in memory at a time: at most about 2 KB each, commonly 500 bytes.
const CHUNK: usize = 1 << 14;

/// Requests that are read ahead for together: what they need fits into a processor's own cache.
const GROUP: usize = 32;

/// Outcome of a row that could not be read.
const INVALID: &str = "invalid";

const HEADER: [&str; 6] = [
    "request_id",
    "outcome",
    "person_id",
    "probability",
    "score",
    "second_score",
];

/// Passes over the requests that `answered` holds whole answers of already, and counts them. `answered`
/// is what [`trace_csv`] wrote before it was interrupted, up to the last end of a line.
///
/// # Errors
/// Refuses answers that are not of these requests in this order.
pub fn pass_answered<R: Read>(
    requests: &mut RequestReader<R>,
    answered: impl Read,
) -> Result<u64, BatchError> {
    let mut number = 0;
    for answer in Reader::from_reader(answered).into_records() {
        let answer = answer.map_err(BatchError::Answered)?;
        number += 1;
        let request = requests.next();
        if request.is_none_or(|row| answer.get(0) != Some(&row.request_id)) {
            return Err(BatchError::OtherRequests { number });
        }
    }
    Ok(number)
}

/// Answers every request that is left in `requests` into the CSV `answers`:
/// `request_id,outcome,person_id,probability,score,second_score`, in the order of the requests. The
/// header is written where `answered`, the number of requests passed over, is 0.
///
/// `person_id` and the scores are of the best candidate whatever the outcome; only `single` is an
/// answer. `progress` gets the number of rows answered so far, those passed over included; `fault` gets every row or field fault.
///
/// # Errors
/// Stops when the header is wrong, or reading or writing fails.
pub fn trace_csv<'a, R: Read, W: Write>(
    people: impl Into<Parts<'a>>,
    model: &Model,
    rule: &MatchRule,
    (requests, answered): (RequestReader<R>, u64),
    answers: W,
    progress: &mut dyn FnMut(u64),
    fault: &mut dyn FnMut(RowFault),
) -> Result<BatchReport, BatchError> {
    let parts = people.into();
    let mut report = BatchReport::default();
    let mut rows = requests;
    let mut writer = Writer::from_writer(answers);
    if answered == 0 {
        writer.write_record(HEADER).map_err(BatchError::Output)?;
    }
    // Its memory serves again.
    let mut chunk = Vec::new();
    loop {
        chunk.extend(rows.by_ref().take(CHUNK));
        if chunk.is_empty() {
            break;
        }
        let answers_of_chunk = answer_all(&parts, model, rule, &chunk);
        for (position, row) in chunk.drain(..).enumerate() {
            let answer = answers_of_chunk.of(position);
            write_row(&mut writer, &row.request_id, answer).map_err(BatchError::Output)?;
            report.count(answer);
            tell(row, fault);
        }
        // What was answered stays answered, whatever happens next.
        writer
            .flush()
            .map_err(|error| BatchError::Output(error.into()))?;
        progress(answered + report.requests);
    }
    Ok(report)
}

/// Answers of a chunk of requests, in the order in which they were found.
struct Answers {
    groups: Vec<Vec<Answer>>,
    /// Place among the answers, by position of the request; `None` of a row that could not be read.
    places: Vec<Option<usize>>,
}

impl Answers {
    /// Answer to the request at `position` of the chunk.
    fn of(&self, position: usize) -> Option<&Answer> {
        let place = self.places.get(position).copied().flatten()?;
        self.groups.get(place / GROUP)?.get(place % GROUP)
    }
}

/// Answers `requests`, in order of birth: the index is in order of birth too, and
/// neighbors are answered from the same few pages of memory.
fn answer_all(
    parts: &Parts<'_>,
    model: &Model,
    rule: &MatchRule,
    requests: &[RequestRow],
) -> Answers {
    let mut order: Vec<(usize, &Terms)> = requests
        .iter()
        .enumerate()
        .filter_map(|(position, row)| Some((position, row.terms.as_ref()?)))
        .collect();
    order.sort_by_cached_key(|(_, terms)| terms.date_of_birth);
    let answer_group = |group: &[(usize, &Terms)]| {
        let terms: Vec<&Terms> = group.iter().map(|(_, terms)| *terms).collect();
        trace::trace_group(parts, model, rule, &terms)
    };
    let mut places = vec![None; requests.len()];
    for (place, (position, _)) in order.iter().enumerate() {
        if let Some(slot) = places.get_mut(*position) {
            *slot = Some(place);
        }
    }
    Answers {
        groups: order.par_chunks(GROUP).map(answer_group).collect(),
        places,
    }
}

impl BatchReport {
    fn count(&mut self, answer: Option<&Answer>) {
        self.requests += 1;
        self.single += u64::from(answer.is_some_and(|one| one.outcome == Outcome::Single));
        self.invalid += u64::from(answer.is_none());
    }
}

fn write_row<W: Write>(
    writer: &mut Writer<W>,
    request_id: &str,
    answer: Option<&Answer>,
) -> csv::Result<()> {
    let Some(answer) = answer else {
        return writer.write_record([request_id, INVALID, "", "", "", ""]);
    };
    let number = |value: Option<f64>| value.map(|value| decimal(value, 4)).unwrap_or_default();
    writer.write_record([
        request_id,
        answer.outcome.as_str(),
        answer.person_id.as_deref().unwrap_or_default(),
        &decimal(answer.probability, 6),
        &number(answer.score),
        &number(answer.second_score),
    ])
}

/// `value` with `places` places after the point. Values here are small: nothing is cut off.
fn decimal(value: f64, places: u32) -> String {
    let unit = 10u64.pow(places);
    let rounded = (value.abs() * unit as f64).round() as u64;
    let sign = if value < 0.0 && rounded != 0 { "-" } else { "" };
    let (mut whole, mut part) = (itoa::Buffer::new(), itoa::Buffer::new());
    // The unit before the part keeps its leading zeros.
    let part = part.format(unit + rounded % unit).get(1..);
    [
        sign,
        whole.format(rounded / unit),
        ".",
        part.unwrap_or_default(),
    ]
    .concat()
}

fn tell(row: RequestRow, fault: &mut dyn FnMut(RowFault)) {
    let row_left_out = row.terms.is_none();
    for one in row.faults {
        fault(RowFault {
            line: row.line,
            fault: one,
            row_left_out,
        });
    }
}

#[cfg(test)]
mod tests;
