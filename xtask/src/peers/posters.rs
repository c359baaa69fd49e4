//! Poppler reads what the posters' program prints: tags, a title, one page, what it says, and letters
//! between the head and the foot of each page.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use toml::Table;

use crate::{process, requirements};

const PRACTICE: &str = "Harbour Street Practice";

/// Where the sheets and their pictures stay, to be looked at.
const FOLDER: &str = "target/posters";

/// Share of dark dots in the middle third of a page: written on, and no letters run together.
const INK: std::ops::Range<f64> = 0.005..0.4;

pub fn run(root: &Path) -> anyhow::Result<()> {
    requirements::ensure_for_posters()?;
    let package = ["--locked", "--package", "posters"];
    let lints = [&["clippy", "--all-targets"], &package[..]].concat();
    process::run(process::cargo(root, &lints).args(["--", "-D", "warnings"]))?;
    process::run(process::cargo(root, &["test"]).args(package))?;
    let folder = root.join(FOLDER);
    let mut print = process::cargo(root, &["run"]);
    print.args(package).args(["--", "--practice", PRACTICE]);
    process::run(print.arg("--out").arg(&folder))?;
    let messages = messages(root)?;
    for (name, language) in &messages {
        for sheet in ["poster", "leaflet"] {
            check(
                &folder,
                &format!("{sheet}-{name}"),
                &said_in(language, sheet)?,
            )?;
        }
    }
    let travel = [
        "What can leave",
        "What never leaves",
        "A caseworker proposes.",
    ];
    check(&folder, "travel", &travel.map(Wanted::sentence))?;
    let sheets = messages.len() * 2 + 1;
    println!("{sheets} sheets, each one tagged page that says what it should; look at {FOLDER}");
    Ok(())
}

/// The files of messages, by code of their language.
fn messages(root: &Path) -> anyhow::Result<Vec<(String, Table)>> {
    let folder = root.join("crates/sheets/messages");
    let mut read = Vec::new();
    for file in fs::read_dir(&folder).context("cannot list the messages")? {
        let path = file?.path();
        let code = path.file_stem().context("a message file has no name")?;
        let text = fs::read_to_string(&path)?;
        read.push((code.to_string_lossy().into_owned(), text.parse()?));
    }
    Ok(read)
}

/// What must be found on a page.
enum Wanted {
    Sentence(String),
    /// Poppler gives Arabic letters in the order in which they were drawn, so only the letters count.
    Letters(String),
}

impl Wanted {
    fn sentence(text: &str) -> Self {
        Self::Sentence(text.to_owned())
    }

    fn is_in(&self, text: &str) -> bool {
        let text = letters(text);
        match self {
            Self::Sentence(sentence) => text.contains(&letters(sentence)),
            Self::Letters(wanted) => letters(wanted).chars().all(|letter| text.contains(letter)),
        }
    }
}

/// Lines end elsewhere on a page than in a message, and Poppler drops a hyphen at the end of one.
fn letters(text: &str) -> String {
    text.chars()
        .filter(|letter| letter.is_alphanumeric())
        .collect()
}

/// The messages of a sheet in a language, and whom to ask.
fn said_in(language: &Table, sheet: &str) -> anyhow::Result<Vec<Wanted>> {
    let texts = language.get("texts").and_then(toml::Value::as_table);
    let texts = texts.context("a language has no texts")?;
    let from_right = language.get("direction").and_then(toml::Value::as_str) == Some("rtl");
    let of_sheet = texts
        .iter()
        .filter(|(key, _)| key.starts_with(sheet) || *key == "poster.ask");
    let texts = of_sheet.filter_map(|(_, text)| text.as_str());
    let said = texts.map(|text| text.replace("{practice}", PRACTICE));
    let mut wanted: Vec<Wanted> = match from_right {
        true => said.map(Wanted::Letters).collect(),
        false => said.map(Wanted::Sentence).collect(),
    };
    wanted.push(Wanted::sentence(PRACTICE));
    Ok(wanted)
}

fn check(folder: &Path, name: &str, wanted: &[Wanted]) -> anyhow::Result<()> {
    let pdf = folder.join(format!("{name}.pdf"));
    let info = output(Command::new("pdfinfo").arg(&pdf))?;
    let field = |name: &str| {
        let mut lines = info.lines().filter_map(|line| line.split_once(':'));
        lines
            .find(|(key, _)| *key == name)
            .map_or("", |(_, value)| value.trim())
    };
    if field("Tagged") != "yes" || field("Pages") != "1" || field("Title").is_empty() {
        bail!("`{name}` is not one tagged page with a title:\n{info}");
    }
    let text = output(Command::new("pdftotext").arg(&pdf).arg("-"))?;
    let missing = wanted.iter().find(|wanted| !wanted.is_in(&text));
    if let Some(Wanted::Sentence(missing) | Wanted::Letters(missing)) = missing {
        bail!("`{name}` does not say `{missing}`, but:\n{text}");
    }
    let ink = ink(&draw(&pdf)?).with_context(|| format!("`{name}` cannot be drawn"))?;
    if !INK.contains(&ink) {
        bail!("`{name}` has a share of {ink:.3} of ink in the middle of the page");
    }
    Ok(())
}

/// Draws the page twice: in colors to be looked at, in gray to be counted.
fn draw(pdf: &Path) -> anyhow::Result<PathBuf> {
    let stem = pdf.with_extension("");
    for format in [&["-png", "-r", "96"], &["-gray", "-r", "48"]] {
        let mut draw = Command::new("pdftoppm");
        output(draw.args(format).arg("-singlefile").arg(pdf).arg(&stem))?;
    }
    Ok(pdf.with_extension("pgm"))
}

/// Share of dark dots in the middle third of a picture in the format PGM: a short head, then a byte a dot.
fn ink(picture: &Path) -> anyhow::Result<f64> {
    let bytes = fs::read(picture)?;
    fs::remove_file(picture)?;
    let size = bytes.len();
    let middle = bytes.get(size / 3..size * 2 / 3).unwrap_or_default();
    let dark = middle.iter().filter(|dot| **dot < 128).count();
    Ok(dark as f64 / middle.len().max(1) as f64)
}

/// What a program prints; what it complains of is shown if it fails.
fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command
        .output()
        .with_context(|| process::cannot_start(command))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!("{complaint}");
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests;
