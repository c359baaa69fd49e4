//! People as NDJSON of FHIR R4 Patient resources, one a line, as FHIR Bulk Data Access exports them.
//!
//! Sources: hl7.org/fhir/R4/patient.html, hl7.org/fhir/R4/datatypes.html; the identifier systems are
//! those of the Personal Demographics Service, digital.nhs.uk.

mod patient;
mod person;

use std::io::{BufRead, BufReader, Read};

use crate::csv_input::RowFault;
use crate::people_input::{CHUNK, Outcome, Queue, outcomes};
use crate::{Fault, Person};

use self::patient::Patient;
use self::person::person_of;

/// Reads people one by one; see [`read_patients`].
pub struct PatientReader<R> {
    reader: BufReader<R>,
    line: u64,
    lines: Vec<Line>,
    has_failed: bool,
    queue: Queue,
}

/// One line of a file.
struct Line {
    number: u64,
    bytes: Vec<u8>,
    fault: Option<Fault>,
}

/// Longest line that is read. A Patient with a photo may be longer, and has no business in an index.
const LINE_BYTES_MAX: u64 = 1 << 20;

/// Reads Patient resources from `reader`, one a line, in chunks and on all cores, in the order of the
/// file. Empty lines are skipped.
///
/// A line that is not a usable Patient gives one `Err` and the reading goes on; a faulty element gives
/// an `Err` with `row_left_out: false` just before its person, who lacks that element. A fault is named
/// after the column of [`crate::csv_input`] that the element fills.
pub fn read_patients<R: Read>(reader: R) -> PatientReader<R> {
    PatientReader {
        reader: BufReader::with_capacity(1 << 16, reader),
        line: 0,
        lines: Vec::new(),
        has_failed: false,
        queue: Queue::default(),
    }
}

impl<R: Read> Iterator for PatientReader<R> {
    type Item = Result<Person, RowFault>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut queue = std::mem::take(&mut self.queue);
        let next = queue.next(|| self.read_chunk());
        self.queue = queue;
        next
    }
}

impl<R: Read> PatientReader<R> {
    fn read_chunk(&mut self) -> Vec<Outcome> {
        self.lines.clear();
        while self.lines.len() < CHUNK
            && let Some(line) = self.read_line()
        {
            if line.fault.is_some() || !line.bytes.trim_ascii().is_empty() {
                self.lines.push(line);
            }
        }
        outcomes(&self.lines, read_patient)
    }

    fn read_line(&mut self) -> Option<Line> {
        if self.has_failed {
            return None;
        }
        self.line += 1;
        let mut line = Line {
            number: self.line,
            bytes: Vec::new(),
            fault: None,
        };
        let mut limited = self.reader.by_ref().take(LINE_BYTES_MAX);
        match limited.read_until(b'\n', &mut line.bytes) {
            Ok(0) => return None,
            Ok(_) if line.bytes.len() as u64 == LINE_BYTES_MAX && !line.bytes.ends_with(b"\n") => {
                let problem = format!("longer than {LINE_BYTES_MAX} bytes");
                let remedy = "write one Patient a line, without attachments";
                line.fault = Some(Fault::new("row", problem, remedy));
                self.has_failed = self.reader.skip_until(b'\n').is_err();
            }
            Ok(_) => {}
            Err(error) => {
                self.has_failed = true;
                let remedy = "check the file and try again";
                line.fault = Some(Fault::new("row", error.to_string(), remedy));
            }
        }
        Some(line)
    }
}

fn read_patient(line: &Line) -> Outcome {
    if let Some(fault) = &line.fault {
        return Outcome::unusable(line.number, fault.clone());
    }
    let patient = match serde_json::from_slice::<Patient>(line.bytes.trim_ascii()) {
        Ok(patient) => patient,
        Err(error) => return Outcome::unusable(line.number, shape_fault(&error)),
    };
    if let Some(fault) = patient.unusable() {
        return Outcome::unusable(line.number, fault);
    }
    let mut faults = Vec::new();
    let person = person_of(&patient, &mut faults);
    Outcome::of(line.number, person, faults)
}

/// The library's own words may repeat a person's details, so that only the place is told.
fn shape_fault(error: &serde_json::Error) -> Fault {
    let problem = match error.classify() {
        serde_json::error::Category::Data => "not shaped as a FHIR R4 Patient",
        _ => "not JSON",
    };
    Fault::new(
        "row",
        format!("{problem} at column {}", error.column()),
        "write one Patient resource a line",
    )
}

#[cfg(test)]
mod tests;
