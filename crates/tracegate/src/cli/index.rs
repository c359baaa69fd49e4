//! `tracegate index`: build and look at person index files.

use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use matcher::csv_input::RowFault;
use matcher::index::{self, BuildPhase, BuildProgress, Change, Delta, DiffReport, Difference};
use matcher::{BuildReport, Index, IndexError, Person, csv_input, fhir_input};

use super::faults::Faults;
use super::progress::Progress;
use super::{Exit, Format, print_json};

#[derive(Subcommand)]
pub enum Command {
    /// Build an index from an extract of people, CSV or FHIR
    #[command(after_help = "Examples:\n  \
        tracegate index build --persons people.csv --out people.tgx\n  \
        tracegate index build --persons people.ndjson --out people.tgx --memory-mib 4096\n  \
        tracegate index build --delta-of people.tgx --persons changes.csv --out changes.tgd\n\n\
        CSV: the header is either person_id, nhs_number, given_name, middle_name, surname,\n\
        date_of_birth, sex, address, town, postcode, ... or the columns of a PDS batch trace file.\n\
        FHIR: one FHIR R4 Patient resource a line (NDJSON).\n\
        The file replaces an older one at once, when it is complete. Temporary files beside it take\n\
        about three times its room.")]
    Build {
        /// File of people
        #[arg(long)]
        persons: PathBuf,
        /// Index file to write
        #[arg(long)]
        out: PathBuf,
        /// Form of the file of people; by its extension otherwise (`ndjson`, `jsonl`: fhir)
        #[arg(long, value_enum)]
        format: Option<Extract>,
        /// Memory for sorting, in MiB; distinct names and streets come on top
        #[arg(long, default_value_t = index::MEMORY_BYTES as u64 >> 20,
              value_parser = clap::value_parser!(u64).range(16..=1 << 20))]
        memory_mib: u64,
        /// Build a delta to this index instead: the file of people holds new and changed ones only
        #[arg(long, value_name = "BASE")]
        delta_of: Option<PathBuf>,
        /// Text file of the identifiers of people who are gone, one a line
        #[arg(long, requires = "delta_of")]
        removed: Option<PathBuf>,
    },
    /// Make one index of an index and a delta to it
    #[command(after_help = "Example:\n  \
        tracegate index build --delta-of monday.tgx --persons changes.csv --out tuesday.tgd\n  \
        tracegate index apply --base monday.tgx --delta tuesday.tgd --out tuesday.tgx\n\n\
        The new file is the same, byte for byte, as one built from the whole extract.")]
    Apply {
        /// Index file
        #[arg(long)]
        base: PathBuf,
        /// Delta that was built of it
        #[arg(long)]
        delta: PathBuf,
        /// Index file to write
        #[arg(long)]
        out: PathBuf,
        /// Memory for sorting, in MiB; distinct names and streets come on top
        #[arg(long, default_value_t = index::MEMORY_BYTES as u64 >> 20,
              value_parser = clap::value_parser!(u64).range(16..=1 << 20))]
        memory_mib: u64,
    },
    /// Print what is in an index
    #[command(after_help = "Example:\n  tracegate index info people.tgx --format json")]
    Info {
        /// Index file
        file: PathBuf,
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Check every byte and every reference of an index
    #[command(after_help = "Example:\n  tracegate index verify people.tgx")]
    Verify {
        /// Index file
        file: PathBuf,
    },
    /// Compare the people of two indexes: how many differ, and in which fields
    #[command(after_help = "Examples:\n  \
        tracegate index diff monday.tgx tuesday.tgx\n  \
        tracegate index diff monday.tgx tuesday.tgx --list\n\n\
        Values are never shown. Exit codes: 0 the same people with the same details, 4 different,\n\
        1 a file cannot be read")]
    Diff {
        /// Index file before
        before: PathBuf,
        /// Index file after
        after: PathBuf,
        /// Print each person who differs: identifier and fields
        #[arg(long)]
        list: bool,
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

/// Form of a file of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Extract {
    /// Comma-separated values with a header.
    Csv,
    /// FHIR R4 Patient resources, one a line.
    Fhir,
}

impl Extract {
    fn of(path: &Path) -> Self {
        let extension = path.extension().and_then(|extension| extension.to_str());
        match extension {
            Some("ndjson" | "jsonl") => Self::Fhir,
            _ => Self::Csv,
        }
    }
}

pub fn run(command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::Build {
            persons,
            out,
            format,
            memory_mib,
            delta_of,
            removed,
        } => {
            let form = format.unwrap_or_else(|| Extract::of(&persons));
            let task = Task {
                memory_bytes: (memory_mib << 20) as usize,
                out: &out,
            };
            match delta_of {
                Some(base) => task.build_delta(&base, &persons, form, removed.as_deref()),
                None => task.build(&persons, form),
            }
        }
        Command::Apply {
            base,
            delta,
            out,
            memory_mib,
        } => {
            let task = Task {
                memory_bytes: (memory_mib << 20) as usize,
                out: &out,
            };
            task.apply(&base, &delta).or_else(refused)
        }
        Command::Info { file, format } => info(&file, format),
        Command::Verify { file } => verify(&file),
        Command::Diff {
            before,
            after,
            list,
            format,
        } => diff([&before, &after], list, format),
    }
}

/// A file to make.
struct Task<'a> {
    memory_bytes: usize,
    out: &'a Path,
}

impl Task<'_> {
    fn build(&self, persons: &Path, form: Extract) -> anyhow::Result<Exit> {
        let people = people(persons, form)?;
        let mut steps = Steps::new();
        let told = &mut |now| steps.at(now);
        let report = index::build_within(self.memory_bytes, people, self.out, told)?;
        Ok(built(persons, &report, steps))
    }

    fn build_delta(
        &self,
        base: &Path,
        persons: &Path,
        form: Extract,
        removed: Option<&Path>,
    ) -> anyhow::Result<Exit> {
        let base = Index::open(base)?;
        let removed = removed_from(removed)?;
        let people = people(persons, form)?;
        let mut steps = Steps::new();
        let told = &mut |now| steps.at(now);
        let memory = self.memory_bytes;
        let report = index::build_delta(&base, memory, people, &removed, self.out, told)?;
        Ok(built(persons, &report, steps))
    }

    fn apply(&self, base: &Path, delta: &Path) -> Result<Exit, IndexError> {
        let (base, delta) = (Index::open(base)?, Delta::open(delta)?);
        let mut steps = Steps::new();
        let told = &mut |now| steps.at(now);
        let report = index::apply(&base, &delta, self.memory_bytes, self.out, told)?;
        steps.done(&said(&report));
        Ok(Exit::Done)
    }
}

type People = Box<dyn Iterator<Item = Result<Person, RowFault>> + Send>;

fn people(persons: &Path, form: Extract) -> anyhow::Result<People> {
    let file =
        File::open(persons).with_context(|| format!("cannot open `{}`", persons.display()))?;
    Ok(match form {
        Extract::Fhir => Box::new(fhir_input::read_patients(file)),
        Extract::Csv => {
            let people = csv_input::read_persons(file);
            Box::new(people.with_context(|| format!("`{}`", persons.display()))?)
        }
    })
}

fn removed_from(file: Option<&Path>) -> anyhow::Result<HashSet<String>> {
    let Some(path) = file else {
        return Ok(HashSet::new());
    };
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read `{}`", path.display()))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    Ok(lines.map(str::to_owned).collect())
}

fn built(persons: &Path, report: &BuildReport, steps: Steps) -> Exit {
    let mut faults = Faults::new(persons);
    report.faults.iter().for_each(|fault| faults.show(fault));
    let listed = report.faults.len() as u64;
    faults.end((report.left_out + report.field_faults).saturating_sub(listed));
    steps.done(&said(report));
    Exit::Done
}

fn said(report: &BuildReport) -> String {
    format!(
        "{} people in {} bytes; {} rows left out, {} fields left out; index {}",
        report.people, report.bytes, report.left_out, report.field_faults, report.version
    )
}

/// Progress of a build, step by step.
struct Steps {
    whole: Progress,
    step: Option<(BuildPhase, Progress)>,
}

impl Steps {
    fn new() -> Self {
        Self {
            whole: Progress::start("index", 0),
            step: None,
        }
    }

    fn at(&mut self, now: BuildProgress) {
        match &mut self.step {
            Some((phase, progress)) if *phase == now.phase => progress.at(now.done),
            step => {
                let mut progress = Progress::start(now.phase.words(), now.total);
                progress.at(now.done);
                if let Some((_, before)) = step.replace((now.phase, progress)) {
                    before.clear();
                }
            }
        }
    }

    fn done(self, said: &str) {
        if let Some((_, step)) = self.step {
            step.clear();
        }
        self.whole.done(said);
    }
}

fn diff([before, after]: [&Path; 2], list: bool, format: Format) -> anyhow::Result<Exit> {
    let (before, after) = match (Index::open(before), Index::open(after)) {
        (Ok(before), Ok(after)) => (before, after),
        (Err(error), _) | (_, Err(error)) => return Err(error.into()),
    };
    let total = u64::from(before.people()) + u64::from(after.people());
    let mut progress = Progress::start("people compared", total);
    let mut tell = |difference: &Difference| {
        if list {
            println!("{}", line_of(difference, format));
        }
    };
    let report = index::diff(&before, &after, &mut tell, &mut |done| progress.at(done));
    let is_same = report.is_same();
    match format {
        // With a list, every line is a value of its own.
        Format::Json if list => println!("{}", serde_json::to_string(&report)?),
        Format::Json => print_json(&report)?,
        Format::Text => print_report(&report),
    }
    progress.done(if is_same {
        "the same people"
    } else {
        "different people"
    });
    Ok(if is_same {
        Exit::Done
    } else {
        Exit::NotVerified
    })
}

fn line_of(difference: &Difference, format: Format) -> String {
    if format == Format::Json {
        return serde_json::json!(difference).to_string();
    }
    let person_id = &difference.person_id;
    match &difference.change {
        Change::Added => format!("added    {person_id}"),
        Change::Removed => format!("removed  {person_id}"),
        Change::Changed(fields) => format!("changed  {person_id}  {}", fields.join(", ")),
    }
}

fn print_report(report: &DiffReport) {
    println!("people before  {:>12}", report.people_before);
    println!("people after   {:>12}", report.people_after);
    println!("added          {:>12}", report.added);
    println!("removed        {:>12}", report.removed);
    println!("changed        {:>12}", report.changed);
    for count in report.fields.iter().filter(|count| count.people > 0) {
        println!("  {:<22} {:>12}", count.field, count.people);
    }
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
    if matches!(
        error,
        IndexError::Refused { .. } | IndexError::OtherBase { .. }
    ) {
        eprintln!("tracegate: {error}");
        return Ok(Exit::NotVerified);
    }
    Err(error.into())
}
