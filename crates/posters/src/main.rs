//! Prints posters and leaflets for patients, and how a request travels under an agreement, as accessible
//! PDF. A program of its own, because typesetting is larger than all the rest and nobody needs it to run the gate.

mod fonts;
mod practice;
mod press;
mod proof;
mod sheet;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use agreement::{Library, Resolution, Version, VersionId};
use anyhow::{Context, anyhow, bail};
use clap::Parser;
use jiff::Timestamp;
use sheets::messages::{self, ENGLISH, Language};

use crate::fonts::Fonts;
use crate::practice::Practice;
use crate::sheet::Page;

/// Print posters, leaflets and how a request travels, as accessible PDF (PDF/UA).
#[derive(Parser)]
#[command(name = "posters", after_help = EXAMPLES)]
struct Arguments {
    /// Name of the practice, as it stands on every sheet
    #[arg(long, value_name = "NAME")]
    practice: Practice,
    /// Folder for the files; made if it is missing
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Posters and leaflets in this language alone; can be given again [default: all]
    #[arg(long, value_name = "CODE", value_parser = language)]
    language: Vec<&'static Language>,
    /// Agreement under which a request travels
    #[arg(
        long,
        value_name = "AGREEMENT/VERSION",
        default_value = "police-serious-crime/2026-01-01"
    )]
    agreement: VersionId,
    /// Folder of agreements
    #[arg(long, value_name = "DIR", default_value = "agreements")]
    agreements: PathBuf,
}

const EXAMPLES: &str = "\
Examples, from the top of the repository:
  cargo run --release -p posters -- --practice \"Harbour Street Practice\" --out sheets
  cargo run --release -p posters -- --practice \"Harbour Street Practice\" --out sheets --language ar --language ur
  cargo run --release -p posters -- --practice \"Harbour Street Practice\" --out sheets --agreement coroner/2026-01-01

Fonts come from the system: the Debian packages fonts-dejavu-core and fonts-noto-core.";

fn main() -> ExitCode {
    match print(&Arguments::parse(), now()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Sets every sheet and writes it; the first fault ends it.
fn print(arguments: &Arguments, now: Timestamp) -> anyhow::Result<()> {
    let library = library(&arguments.agreements)?;
    let version = in_force(&library, &arguments.agreement, now)?;
    let pages = pages(arguments, version)?;
    let fonts = Fonts::of_system(languages(arguments).map(|language| language.code))?;
    let out = &arguments.out;
    fs::create_dir_all(out)
        .with_context(|| format!("cannot make the folder `{}`", out.display()))?;
    for (number, page) in (1..).zip(&pages) {
        let pdf = press::pdf(&fonts, page.markup, page.values.clone())
            .with_context(|| format!("`{}` cannot be printed", page.name))?;
        let file = write(out, &format!("{}.pdf", page.name), &pdf)?;
        println!("{number}/{} {}", pages.len(), file.display());
    }
    let file = write(out, "travel.svg", sheets::picture(version).as_bytes())?;
    println!("and as a picture {}", file.display());
    Ok(())
}

fn write(folder: &Path, name: &str, content: &[u8]) -> anyhow::Result<PathBuf> {
    let file = folder.join(name);
    fs::write(&file, content).with_context(|| format!("cannot write `{}`", file.display()))?;
    Ok(file)
}

/// Every sheet that is asked for.
fn pages(arguments: &Arguments, version: &Version) -> anyhow::Result<Vec<Page>> {
    let Practice(practice) = &arguments.practice;
    let english = language(ENGLISH).map_err(anyhow::Error::msg)?;
    let for_patients = |language| sheet::for_patients(language, practice);
    let mut pages: Vec<Page> = languages(arguments).flat_map(for_patients).collect();
    pages.push(sheet::travel(version, english, practice));
    Ok(pages)
}

fn languages(arguments: &Arguments) -> impl Iterator<Item = &'static Language> {
    let all = arguments.language.is_empty();
    let wanted = move |one: &&Language| {
        all || arguments
            .language
            .iter()
            .any(|asked| asked.code == one.code)
    };
    messages::languages().iter().filter(wanted)
}

fn language(code: &str) -> Result<&'static Language, String> {
    messages::find(code).ok_or_else(|| {
        let known = messages::languages().iter().map(|one| one.code);
        let known = known.collect::<Vec<_>>().join(", ");
        format!("there is no language `{code}`; choose from {known}")
    })
}

fn library(folder: &Path) -> anyhow::Result<Library> {
    Library::load(folder).map_err(|faults| {
        let faults: String = faults.iter().map(ToString::to_string).collect();
        anyhow!("{faults}").context(format!(
            "cannot read agreements from `{}`",
            folder.display()
        ))
    })
}

/// The version as it binds now, with what has been taken away since.
fn in_force<'a>(
    library: &'a Library,
    id: &VersionId,
    now: Timestamp,
) -> anyhow::Result<&'a Version> {
    match library.named(id, now) {
        Resolution::Judge(version) => Ok(version),
        Resolution::Held(_) => bail!("agreement `{id}` is suspended; name one that is in force"),
        Resolution::Refused(refused) => bail!("{}; name one that is in force", refused.text),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "what hangs on a wall is what is in force today"
)]
fn now() -> Timestamp {
    Timestamp::now()
}
