//! Writes a trial: `cargo run --release -p population --example trial -- PEOPLE REQUESTS SEED FOLDER`.

use std::error::Error;
use std::path::Path;

use population::{Mix, Trial, TrialPlan};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [people, requests, seed, folder] = arguments.as_slice() else {
        return Err("usage: trial PEOPLE REQUESTS SEED FOLDER".into());
    };
    let requests = requests.parse()?;
    let trial = Trial::generate(&TrialPlan {
        index_people: people.parse()?,
        requests,
        train_requests: requests,
        seed: seed.parse()?,
        mix: Mix::default(),
        history: true,
    })?;
    let report = |done, total| eprint!("\r{done} of {total} people");
    trial.write(Path::new(folder), report)?;
    eprintln!();
    Ok(())
}
