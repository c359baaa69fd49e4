//! `tracegate agency batch`: a file of requests, and the gate's signed answer to each line.

use std::io::stdout;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use csv::{Reader, StringRecord, Writer};
use ledger::VerifierKey;
use serde_json::Value;

use super::client::Client;
use super::folder::Folder;
use crate::cli::ledger::{not_verified, read};
use crate::cli::progress::Progress;
use crate::cli::{Exit, Format};
use crate::package::{LineAnswer, Notice as _, digest};
use crate::pipeline::batch::key_of;

/// Pause between two questions whether the file has been read.
const PAUSE: Duration = Duration::from_millis(250);

pub fn hand_in(file: &Path, folder: &Path) -> anyhow::Result<Exit> {
    let folder = Folder::open(folder)?;
    let file = read(file)?;
    let client = Client::of(&folder)?;
    let told = until_read(&client, &file)?;
    let expected = Expected {
        batch: told["batch"].as_str().unwrap_or_default(),
        recipient: &folder.settings.organization,
        file_sha256: digest(&file),
        gate: folder.gate_key()?,
    };
    let answers = answers(&client, expected.batch)?;
    if told["rows"].as_u64() != Some(answers.len() as u64) {
        let problem = format!("{} lines are answered of {}", answers.len(), told["rows"]);
        return not_verified(Format::Text, &problem, &Value::Null);
    }
    let mut last = 0;
    for answer in &answers {
        match expected.check(answer, last) {
            Ok(line) => last = line,
            Err(problem) => return not_verified(Format::Text, &problem, &Value::Null),
        }
    }
    print(&answers)?;
    let (rows, faulty) = (answers.len(), &told["faulty"]);
    eprintln!(
        "{rows} lines, each with an answer that the gate has signed; {faulty} became no request"
    );
    Ok(Exit::Done)
}

/// Hands the file in, under a key drawn from it, until the gate has read all of it.
fn until_read(client: &Client, file: &[u8]) -> anyhow::Result<Value> {
    let key = key_of(file);
    let mut progress = Progress::start("lines read", 0);
    let mut told = client.hand_in(&key, file)?.body;
    while told["status"] != "complete" {
        progress.at(told["done"].as_u64().unwrap_or_default());
        std::thread::sleep(PAUSE);
        let batch = told["batch"].as_str().context("the gate names no batch")?;
        told = client.get(&format!("batches/{batch}"))?.body;
        if told["status"] == "broken_off" {
            told = client.hand_in(&key, file)?.body;
        }
    }
    progress.clear();
    Ok(told)
}

/// A line of the answers, by the names of its columns.
struct Row {
    names: StringRecord,
    cells: StringRecord,
}

impl Row {
    fn cell(&self, name: &str) -> &str {
        let place = self.names.iter().position(|column| column == name);
        place
            .and_then(|place| self.cells.get(place))
            .unwrap_or_default()
    }
}

fn answers(client: &Client, batch: &str) -> anyhow::Result<Vec<Row>> {
    let mut answers = Vec::new();
    let mut next = Some(format!("batches/{batch}/answers"));
    while let Some(path) = next {
        let (page, more) = client.get_page(&path)?;
        let mut csv = Reader::from_reader(&page[..]);
        let names = csv.headers().context("the answers")?.clone();
        for cells in csv.records() {
            let (names, cells) = (names.clone(), cells.context("the answers")?);
            answers.push(Row { names, cells });
        }
        next = more;
    }
    Ok(answers)
}

/// What the signed answers must be about.
struct Expected<'e> {
    batch: &'e str,
    recipient: &'e str,
    file_sha256: String,
    gate: VerifierKey,
}

impl Expected<'_> {
    /// The number of a line that is answered after the last one; or why its answer is not believed.
    fn check(&self, row: &Row, last: u64) -> Result<u64, String> {
        let line = row.cell("LINE");
        let signed = LineAnswer::verified(row.cell("SIGNED").as_bytes(), &self.gate);
        let signed = signed.map_err(|error| format!("the answer to line {line}: {error}"))?;
        let same = signed.batch == self.batch
            && signed.recipient == self.recipient
            && signed.file_sha256 == self.file_sha256
            && signed.line.to_string() == line
            && signed.case == row.cell("CASE")
            && signed.status == row.cell("STATUS")
            && signed.code == row.cell("CODE")
            && signed.fault == row.cell("FAULT");
        match same && signed.line > last {
            true => Ok(signed.line),
            false => Err(format!(
                "the answer to line {line} is not the one that was signed"
            )),
        }
    }
}

fn print(answers: &[Row]) -> anyhow::Result<()> {
    let mut csv = Writer::from_writer(stdout().lock());
    if let Some(first) = answers.first() {
        csv.write_record(&first.names)?;
    }
    for answer in answers {
        csv.write_record(&answer.cells)?;
    }
    Ok(csv.flush()?)
}
