//! `cargo xtask explanations`: the worked explanations of `docs/matching.md`, made by the engine itself.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use matcher::csv_input::read_persons;
use matcher::explain::explain;
use matcher::{Index, MatchRule, Model, RawTerms, index, trace};
use population::{EXTRACT_COLUMNS, Population, write_people};

/// The page, from the top of the repository.
const PAGE: &str = "docs/matching.md";
const START: &str = "<!-- Made by `cargo xtask explanations`; do not edit from here. -->";

/// Synthetic people around the ones explained, so that names and days are as common as they are.
const PEOPLE: u32 = 20_000;
const SEED: u64 = 6;

/// One explanation: what a caseworker sees in it, the request, and the people in the index.
struct Example {
    title: &'static str,
    said: &'static str,
    asked: &'static [(&'static str, &'static str)],
    held: &'static [&'static [(&'static str, &'static str)]],
}

const EXAMPLES: [Example; 5] = [
    Example {
        title: "A twin",
        said: "Both twins are in the index. All that is common to them speaks for both; the given name alone \
               tells them apart. The last line takes most of the evidence away again, because it might be \
               about the other twin; what is left is just enough.",
        asked: &[
            ("given_name", "Amelia"),
            ("surname", "Thornbury"),
            ("date_of_birth", "1990-02-13"),
            ("sex", "F"),
            ("address", "3 Mill Road"),
            ("postcode", "YO1 1AA"),
        ],
        held: &[
            &[
                ("person_id", "TWIN-A"),
                ("given_name", "Amelia"),
                ("middle_name", "Rose"),
                ("surname", "Thornbury"),
                ("date_of_birth", "1990-02-13"),
                ("sex", "F"),
                ("address", "3 Mill Road"),
                ("town", "York"),
                ("postcode", "YO1 1AA"),
            ],
            &[
                ("person_id", "TWIN-B"),
                ("given_name", "Olivia"),
                ("middle_name", "Jane"),
                ("surname", "Thornbury"),
                ("date_of_birth", "1990-02-13"),
                ("sex", "F"),
                ("address", "3 Mill Road"),
                ("town", "York"),
                ("postcode", "YO1 1AA"),
            ],
        ],
    },
    Example {
        title: "A person who has moved",
        said: "The agency knows an address that the index has never heard of. That speaks against the person, \
               but people move: rare names and the day of birth outweigh it.",
        asked: &[
            ("given_name", "Gregory"),
            ("middle_name", "Alan"),
            ("surname", "Pemberton"),
            ("date_of_birth", "1971-05-09"),
            ("sex", "M"),
            ("address", "12 Castle Hill"),
            ("town", "Derby"),
            ("postcode", "DE1 3AA"),
        ],
        held: &[&[
            ("person_id", "MOVED"),
            ("given_name", "Gregory"),
            ("middle_name", "Alan"),
            ("surname", "Pemberton"),
            ("date_of_birth", "1971-05-09"),
            ("sex", "M"),
            ("address", "9 New Street"),
            ("town", "Hull"),
            ("postcode", "HU1 2BB"),
        ]],
    },
    Example {
        title: "A changed surname",
        said: "A woman is asked for by a surname that the index has never heard of. A different surname speaks \
               less against a woman than against a man, because more women change theirs; and she lives where \
               she should.",
        asked: &[
            ("given_name", "Harriet"),
            ("surname", "Stannard"),
            ("date_of_birth", "1984-11-23"),
            ("sex", "F"),
            ("address", "5 Church Walk"),
            ("postcode", "LS9 9ZZ"),
        ],
        held: &[&[
            ("person_id", "RENAMED"),
            ("given_name", "Harriet"),
            ("middle_name", "May"),
            ("surname", "Quayle"),
            ("date_of_birth", "1984-11-23"),
            ("sex", "F"),
            ("address", "5 Church Walk"),
            ("town", "Leeds"),
            ("postcode", "LS9 9ZZ"),
        ]],
    },
    Example {
        title: "A swapped birth date",
        said: "Day and month stand in each other's place: a slip that is made now and then, and that a stranger \
               would show as seldom as the right date.",
        asked: &[
            ("given_name", "Winifred"),
            ("surname", "Lockwood"),
            ("date_of_birth", "1963-07-04"),
            ("sex", "F"),
            ("postcode", "HG4 1DD"),
        ],
        held: &[&[
            ("person_id", "SWAPPED"),
            ("given_name", "Winifred"),
            ("middle_name", "Ada"),
            ("surname", "Lockwood"),
            ("date_of_birth", "1963-04-07"),
            ("sex", "F"),
            ("address", "8 Park View"),
            ("town", "Ripon"),
            ("postcode", "HG4 1DD"),
        ]],
    },
    Example {
        title: "Born on 1 January",
        said: "1 January often stands for an unknown day, so many people share it and it says less than another \
               day. It also takes one more agreeing item before anybody is named: however likely he is, the \
               answer asks for more identifiers.",
        asked: &[
            ("given_name", "Abdul"),
            ("surname", "Karimzada"),
            ("date_of_birth", "1975-01-01"),
            ("sex", "M"),
        ],
        held: &[&[
            ("person_id", "JANUARY"),
            ("given_name", "Abdul"),
            ("surname", "Karimzada"),
            ("date_of_birth", "1975-01-01"),
            ("sex", "M"),
            ("address", "2 Hill Top"),
            ("town", "Leeds"),
            ("postcode", "LS4 4EE"),
        ]],
    },
];

/// Writes the explanations into the page again.
pub fn run(root: &Path) -> anyhow::Result<ExitCode> {
    let path = root.join(PAGE);
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read `{PAGE}`"))?;
    let (kept, _) = text
        .split_once(START)
        .with_context(|| format!("`{PAGE}` has lost its line `{START}`"))?;
    fs::write(&path, format!("{kept}{START}\n{}", explanations()?))?;
    eprintln!("explanations in `{PAGE}`");
    Ok(ExitCode::SUCCESS)
}

/// All explanations, as the page has them.
fn explanations() -> anyhow::Result<String> {
    let index = people()?;
    let (model, rule) = (Model::default(), MatchRule::bayes());
    let mut text = String::new();
    for example in &EXAMPLES {
        let (terms, _) = raw_terms(example.asked).read();
        let answer = trace(&index, &model, &rule, &terms);
        let asked: Vec<&str> = example.asked.iter().map(|(_, value)| *value).collect();
        let _ = write!(
            text,
            "\n### {}\n\n{}\n\nAsked: {}\n\n```text\n{}\n```\n",
            example.title,
            example.said,
            asked.join(", "),
            explain(&answer, example.held.len()).trim_end(),
        );
    }
    Ok(text)
}

fn people() -> anyhow::Result<Index> {
    let population = Population::generate(PEOPLE, SEED);
    let mut extract = Vec::new();
    write_people(
        &mut extract,
        population.people(),
        u64::from(PEOPLE),
        |_, _| {},
    )?;
    let mut writer = csv::Writer::from_writer(&mut extract);
    for person in EXAMPLES.iter().flat_map(|example| example.held) {
        writer.write_record(EXTRACT_COLUMNS.map(|column| value(person, column)))?;
    }
    writer.flush()?;
    drop(writer);
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("people.tgx");
    index::build(read_persons(extract.as_slice())?, &path, &mut |_| {})?;
    Ok(Index::open(&path)?)
}

fn value(of: &[(&'static str, &'static str)], column: &str) -> &'static str {
    let found = of.iter().find(|(name, _)| *name == column);
    found.map_or("", |(_, value)| value)
}

fn raw_terms(asked: &[(&'static str, &'static str)]) -> RawTerms<'static> {
    let text = |column| value(asked, column).into();
    RawTerms {
        given_name: text("given_name"),
        middle_name: text("middle_name"),
        surname: text("surname"),
        date_of_birth: text("date_of_birth"),
        sex: text("sex"),
        address: text("address"),
        town: text("town"),
        postcode: text("postcode"),
        ..RawTerms::default()
    }
}

#[cfg(test)]
mod tests;
