//! `tracegate agreement diff`: how a version differs from another, proved.

use std::path::{Path, PathBuf};

use agreement::{Certificate, ClauseChange, Comparison, Verdict, VersionId, verify_certificate};
use anyhow::Context as _;

use super::{Shelf, find, write};
use crate::cli::{Exit, Format, print_json};
use crate::web::agreements::diff::page;

pub const HELP: &str = "Examples:\n  \
    tracegate agreement diff ho/2017-01-01 ho/2018-05-09\n  \
    tracegate agreement diff ho/2017-01-01 ho/2018-05-09 --html diff.html --certificate narrowing.json\n  \
    tracegate agreement diff --verify narrowing.json\n\n\
    Exit codes: 0 the second narrows or equals the first, 3 it permits something new, 4 the two\n\
    permit nothing in common, 5 it could not be decided. They keep their usual sense: 3 says that\n\
    the claim `it only narrows` is refused, 4 that nothing could be verified. 1 and 2 as always.\n\
    `--verify` exits 0 when the certificate holds and 4 when it does not.";

#[derive(clap::Args)]
pub struct Args {
    /// `AGREEMENT/VERSION` to start from
    #[arg(required_unless_present = "verify", requires = "to")]
    from: Option<VersionId>,
    /// `AGREEMENT/VERSION` to compare with it
    to: Option<VersionId>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Write a page to this file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write a certificate that anybody can verify to this file
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// Make the comparison of this certificate again and say whether it holds
    #[arg(long, value_name = "FILE", conflicts_with_all = ["from", "html", "certificate"])]
    verify: Option<PathBuf>,
    #[command(flatten)]
    shelf: Shelf,
}

pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let library = args.shelf.open()?;
    if let Some(file) = &args.verify {
        return verify(&library, file);
    }
    let (Some(from), Some(to)) = (&args.from, &args.to) else {
        return Ok(Exit::Failed);
    };
    let (from, to) = (find(&library, from)?, find(&library, to)?);
    let certificate = match agreement::compare(from, to) {
        Ok(comparison) => Certificate::new(comparison),
        Err(error) => {
            eprintln!("tracegate: could not be decided: {error}");
            return Ok(Exit::Undecided);
        }
    };
    if let Some(file) = &args.html {
        write(file, &page(&certificate)?)?;
    }
    if let Some(file) = &args.certificate {
        write(file, &certificate.to_text())?;
    }
    match args.format {
        Format::Json => print_json(&certificate)?,
        Format::Text => print(&certificate),
    }
    Ok(match certificate.comparison.verdict {
        Verdict::Equal | Verdict::Narrows => Exit::Done,
        Verdict::Widens | Verdict::WidensAndNarrows => Exit::Refused,
        Verdict::Incomparable => Exit::NotVerified,
    })
}

fn verify(library: &agreement::Library, file: &Path) -> anyhow::Result<Exit> {
    let name = file.display();
    let text = std::fs::read(file).with_context(|| format!("cannot read `{name}`"))?;
    match verify_certificate(library, &String::from_utf8_lossy(&text)) {
        Ok(certificate) => {
            let Comparison {
                from, to, verdict, ..
            } = &certificate.comparison;
            println!(
                "{name}: holds: {} -> {}: {}",
                from.id,
                to.id,
                verdict.sentence()
            );
            print_not_said(&certificate);
            Ok(Exit::Done)
        }
        Err(problem) => {
            eprintln!("{name}: does not hold: {problem}");
            Ok(Exit::NotVerified)
        }
    }
}

fn print(certificate: &Certificate) {
    let comparison = &certificate.comparison;
    println!("{} -> {}", comparison.from.id, comparison.to.id);
    println!("{}", comparison.verdict.sentence());
    if !comparison.permits_something {
        println!("The second version permits nothing at all.");
    }
    if comparison.clinical_never {
        println!("Neither version can ever release clinical data.");
    } else {
        println!("ALARM: it is not shown that clinical data are never released.");
    }
    println!("\nfields");
    for field in &comparison.fields {
        println!("  {:<22} {}", field.field, field.relation.word());
    }
    print_clauses(
        "clauses that widen: refused before, permitted now",
        &comparison.widenings,
    );
    print_clauses(
        "clauses that narrow: permitted before, refused now",
        &comparison.narrowings,
    );
    if !comparison.offence_days_widened.is_empty() {
        let codes = comparison.offence_days_widened.join(", ");
        println!("\noffence codes that count on more days: {codes}");
    }
    if !comparison.terms.is_empty() {
        println!("\nterms that differ; the proof says nothing about them");
        for term in &comparison.terms {
            println!("  {}", term.term);
        }
    }
    print_not_said(certificate);
}

fn print_clauses(title: &str, changes: &[ClauseChange]) {
    println!("\n{title}");
    if changes.is_empty() {
        println!("  none");
    }
    for change in changes {
        println!("  {} {}", change.clause, change.text);
        println!("      for {}", change.fields.join(", "));
        println!("      shown by:");
        for words in &change.witness.words {
            println!("        {words}");
        }
    }
}

fn print_not_said(certificate: &Certificate) {
    println!("\nwhat the proof does not say");
    for line in &certificate.not_said {
        println!("  {line}");
    }
}
