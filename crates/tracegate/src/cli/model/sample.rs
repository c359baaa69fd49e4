//! Requests to learn from or to measure on: those of a file, or of a small synthetic population.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::{Context as _, bail};
use matcher::{Index, Model, Terms, bayes::Measure, csv_input, index};
use population::{Mix, Trial, TrialPlan, write_people, write_requests};

use super::Data;
use crate::cli::faults::Faults;
use crate::cli::progress::Progress;

/// Requests held in memory: at most about 1 KB each.
const REQUESTS_MAX: usize = 200_000;

/// The synthetic population that a model is shown on: people, requests, seed.
const PEOPLE: u32 = 20_000;
const REQUESTS: u32 = 4_000;
const SEED: u64 = 1;

/// An index and requests against it.
pub struct Sample {
    pub index: Index,
    pub requests: Vec<Terms>,
    pub words: String,
}

impl Sample {
    pub fn of(data: &Data) -> anyhow::Result<Sample> {
        let (Some(index), Some(requests)) = (&data.index, &data.requests) else {
            return synthetic();
        };
        Ok(Sample {
            index: Index::open(index)?,
            requests: terms(requests)?,
            words: format!("`{}` against `{}`", requests.display(), index.display()),
        })
    }

    /// Measures the model, with progress.
    pub fn measure(&self, model: &Model) -> Measure {
        let mut progress = Progress::start("requests read", self.requests.len() as u64);
        let measure = model.measure(&self.index, &self.requests, &mut |done| {
            progress.at(done as u64);
        });
        progress.done(&format!("measured on {} requests", measure.requests));
        measure
    }
}

/// Every usable request of a file, at most [`REQUESTS_MAX`] of them.
pub fn terms(path: &Path) -> anyhow::Result<Vec<Terms>> {
    let file = File::open(path).with_context(|| format!("cannot open `{}`", path.display()))?;
    let rows = csv_input::read_requests(BufReader::new(file))
        .with_context(|| format!("`{}`", path.display()))?;
    let mut faults = Faults::new(path);
    let mut requests = Vec::new();
    for row in rows {
        for fault in row.faults {
            faults.show(&csv_input::RowFault {
                line: row.line,
                fault,
                row_left_out: row.terms.is_none(),
            });
        }
        requests.extend(row.terms);
        if requests.len() == REQUESTS_MAX {
            eprintln!("only the first {REQUESTS_MAX} requests are used: more teach nothing new");
            break;
        }
    }
    faults.end(0);
    if requests.is_empty() {
        bail!("`{}` holds no request that can be read", path.display());
    }
    Ok(requests)
}

fn synthetic() -> anyhow::Result<Sample> {
    let trial = Trial::generate(&TrialPlan {
        index_people: PEOPLE,
        requests: REQUESTS,
        train_requests: 0,
        seed: SEED,
        mix: Mix::default(),
        history: true,
    })?;
    let folder = tempfile::tempdir()?;
    let (mut people, mut requests) = (Vec::new(), Vec::new());
    write_people(&mut people, trial.index(), u64::from(PEOPLE), |_, _| {})?;
    write_requests(&mut requests, &trial.requests)?;
    let path = folder.path().join("people.tgx");
    index::build(
        csv_input::read_persons(people.as_slice())?,
        &path,
        &mut |_| {},
    )?;
    let rows = csv_input::read_requests(requests.as_slice())?;
    Ok(Sample {
        index: Index::open(&path)?,
        requests: rows.filter_map(|row| row.terms).collect(),
        words: format!("{REQUESTS} synthetic requests against {PEOPLE} synthetic people"),
    })
}
