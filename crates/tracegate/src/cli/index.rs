//! `tracegate index`: build and look at person index files.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use matcher::{Index, IndexError, csv_input, index};

use super::faults::Faults;
use super::progress::Progress;
use super::{Exit, Format, print_json};

#[derive(Subcommand)]
pub enum Command {
    /// Build an index from a CSV extract of people
    #[command(after_help = "Examples:\n  \
        tracegate index build --persons people.csv --out people.tgx\n\n\
        The header is either person_id, nhs_number, given_name, middle_name, surname, date_of_birth,\n\
        sex, address, town, postcode, ... or the columns of a PDS batch trace file.")]
    Build {
        /// CSV file of people
        #[arg(long)]
        persons: PathBuf,
        /// Index file to write
        #[arg(long)]
        out: PathBuf,
    },
    /// Print what is in an index
    Info {
        /// Index file
        file: PathBuf,
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Check every byte and every reference of an index
    Verify {
        /// Index file
        file: PathBuf,
    },
}

pub fn run(command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::Build { persons, out } => build(&persons, &out),
        Command::Info { file, format } => info(&file, format),
        Command::Verify { file } => verify(&file),
    }
}

fn build(persons: &Path, out: &Path) -> anyhow::Result<Exit> {
    let file =
        File::open(persons).with_context(|| format!("cannot open `{}`", persons.display()))?;
    let rows = csv_input::read_persons(BufReader::new(file))
        .with_context(|| format!("`{}`", persons.display()))?;
    let mut progress = Progress::start("people indexed", 0);
    let report = index::build(rows, out, &mut |done| progress.at(done))?;
    let mut faults = Faults::new(persons);
    report.faults.iter().for_each(|fault| faults.show(fault));
    let listed = report.faults.len() as u64;
    faults.end((report.left_out + report.field_faults).saturating_sub(listed));
    progress.done(&format!(
        "{} people in {} bytes; {} rows left out, {} fields left out; index {}",
        report.people, report.bytes, report.left_out, report.field_faults, report.version
    ));
    Ok(Exit::Done)
}

fn info(file: &Path, format: Format) -> anyhow::Result<Exit> {
    let index = match Index::open(file) {
        Ok(index) => index,
        Err(error) => return refused(error),
    };
    let info = index.info();
    if format == Format::Json {
        print_json(&info)?;
        return Ok(Exit::Done);
    }
    println!("people    {}", info.people);
    println!("rows      {}", info.rows);
    println!("bytes     {}", info.bytes);
    println!("version   {}", info.version);
    println!("format    {}", info.format_version);
    for (name, bytes) in info.sections {
        println!("  {name:<20} {bytes:>14}");
    }
    Ok(Exit::Done)
}

fn verify(file: &Path) -> anyhow::Result<Exit> {
    let checked = Index::open(file).and_then(|index| index.verify().map(|()| index));
    match checked {
        Ok(index) => {
            println!("index verified: {} people", index.info().people);
            Ok(Exit::Done)
        }
        Err(error) => refused(error),
    }
}

/// A file that is not a whole index is *not verified*, not merely failed.
fn refused(error: IndexError) -> anyhow::Result<Exit> {
    if matches!(error, IndexError::Refused { .. }) {
        eprintln!("tracegate: {error}");
        return Ok(Exit::NotVerified);
    }
    Err(error.into())
}
