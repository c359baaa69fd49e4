//! What is answered to each line of a batch, as CSV (RFC 4180).

use csv::Writer;
use disclosure::outward::answer;
use jiff::Timestamp;
use store::batch::{AnsweredRow, Batch, BatchRow};

use crate::gate::Gate;
use crate::package::{LineAnswer, Notice as _};
use crate::pipeline::StepError;

/// A file about the lines of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// What each line became and where that stands.
    Answers,
    /// The lines that became no case.
    Errors,
}

impl List {
    /// The list that this path ends with.
    pub fn of(path: &str) -> Option<List> {
        let lists = [List::Answers, List::Errors].into_iter();
        let mut lists = lists.filter(|list| path.ends_with(&format!("/{}", list.name())));
        lists.next()
    }

    /// Its name in a path.
    pub fn name(self) -> &'static str {
        match self {
            List::Answers => "answers",
            List::Errors => "errors",
        }
    }
}

/// A part of a list.
pub struct Page {
    /// With a first line that names the columns.
    pub csv: Vec<u8>,
    /// The line after which the list goes on, where it may.
    pub next: Option<u64>,
}

impl Page {
    /// What of it follows on the part before, where it came after a line: the columns are named once.
    pub fn lines(&self, after: u64) -> &[u8] {
        let head = self.csv.iter().position(|byte| *byte == b'\n');
        let head = head.filter(|_| after > 0).map_or(0, |at| at + 1);
        self.csv.get(head..).unwrap_or_default()
    }
}

/// Most lines of a list that are made at once: each is a case to open and an answer to sign.
pub const LINES_AT_ONCE: u32 = 100;

/// So many lines of a list after one.
pub async fn page(
    gate: &Gate,
    batch: &Batch,
    list: List,
    (after, limit): (u64, u32),
) -> Result<Page, StepError> {
    let (csv, last, count) = match list {
        List::Answers => {
            let rows = gate.store.batch_answers(&batch.id, after, limit).await?;
            let last = rows.last().map(|last| last.row.line);
            (csv(gate, batch, &rows).await?, last, rows.len())
        }
        List::Errors => {
            let rows = gate.store.batch_faults(&batch.id, after, limit).await?;
            let last = rows.last().map(|last| last.line);
            (faults(&rows), last, rows.len())
        }
    };
    let next = last.filter(|_| count == limit as usize);
    Ok(Page { csv, next })
}

const COLUMNS: [&str; 9] = [
    "LINE",
    "UNIQUE_REFERENCE",
    "CASE",
    "STATUS",
    "CODE",
    "MESSAGE",
    "DUPLICATE_OF",
    "FAULT",
    "SIGNED",
];

/// What a line is answered: its columns but the signature.
#[derive(Default)]
struct Answered {
    reference: String,
    status: &'static str,
    code: &'static str,
    message: String,
}

/// One row for each line, in its order. Nothing in it was written by the agency but its reference. The last
/// column is the answer as a note that the gate has signed, where this gate signs.
async fn csv(gate: &Gate, batch: &Batch, rows: &[AnsweredRow]) -> Result<Vec<u8>, StepError> {
    let now = gate.clock.now();
    let mut csv = Writer::from_writer(Vec::new());
    // INVARIANT: a write to memory does not fail.
    csv.write_record(COLUMNS).ok();
    for AnsweredRow { row, first } in rows {
        let answered = answered(gate, row, now).await?;
        let duplicate = first.as_ref();
        let duplicate = duplicate.map(|(batch, line)| format!("{batch}/{line}"));
        let signed = signed(gate, batch, row, &answered, now);
        let line = row.line.to_string();
        let cells = [
            &line,
            &answered.reference,
            row.case_id.as_deref().unwrap_or_default(),
            answered.status,
            answered.code,
            &answered.message,
            duplicate.as_deref().unwrap_or_default(),
            row.fault.as_deref().unwrap_or_default(),
            &signed,
        ];
        csv.write_record(cells).ok();
    }
    Ok(csv.into_inner().unwrap_or_default())
}

async fn answered(gate: &Gate, row: &BatchRow, now: Timestamp) -> Result<Answered, StepError> {
    let without_case = |status| Answered {
        status,
        ..Answered::default()
    };
    let Some(id) = &row.case_id else {
        return Ok(without_case("faulty"));
    };
    // An erased case is not told of any more, and the line stands.
    let Some(case) = gate.store.case(id).await? else {
        return Ok(without_case("erased"));
    };
    let told = answer(&case, now);
    Ok(Answered {
        status: told.status,
        code: told.code.unwrap_or_default(),
        message: told.message,
        reference: case.request.agency_reference,
    })
}

fn signed(
    gate: &Gate,
    batch: &Batch,
    row: &BatchRow,
    answered: &Answered,
    now: Timestamp,
) -> String {
    let Some(signer) = &gate.signer else {
        return String::new();
    };
    let answer = LineAnswer {
        batch: batch.id.clone(),
        recipient: batch.organization.clone(),
        file_sha256: hex::encode(batch.digest),
        line: row.line,
        case: row.case_id.clone().unwrap_or_default(),
        status: answered.status.to_owned(),
        code: answered.code.to_owned(),
        fault: row.fault.clone().unwrap_or_default(),
        answered_at: now,
    };
    answer.sign(signer).to_string()
}

/// The faulty lines alone: line, column, what is wrong with it and what to do. A line as a whole has no column.
fn faults(rows: &[BatchRow]) -> Vec<u8> {
    let mut csv = Writer::from_writer(Vec::new());
    csv.write_record(["LINE", "COLUMN", "PROBLEM", "REMEDY"])
        .ok();
    for row in rows {
        let fault = row.fault.as_deref().unwrap_or_default();
        let [column, problem, remedy] = parts(fault);
        csv.write_record([&row.line.to_string(), column, problem, remedy])
            .ok();
    }
    csv.into_inner().unwrap_or_default()
}

/// Column, what is wrong with it, and what to do.
pub fn parts(fault: &str) -> [&str; 3] {
    let (column, told) = fault.split_once(": ").unwrap_or(("", fault));
    let (problem, remedy) = told.split_once("; ").unwrap_or((told, ""));
    [column, problem, remedy]
}
