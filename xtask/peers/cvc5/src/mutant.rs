//! A shipped version with one thing changed at random in its rules.

use agreement::{Library, Source, Version, release_text};
use anyhow::Context as _;

use crate::chance::Chance;

/// A changed version beside the one it was made from.
pub struct Mutant<'a> {
    pub original: &'a Version,
    pub version: Version,
    /// What was changed, in words.
    pub change: String,
}

/// Draws until a change is one that the crate loads: it refuses what could fail open, and lists that
/// no longer agree with the terms.
pub fn draw<'a>(
    source: &Source,
    versions: &[&'a Version],
    chance: &mut Chance,
) -> anyhow::Result<Mutant<'a>> {
    for _ in 0..10_000 {
        let original = *chance.pick(versions).context("there are no versions")?;
        let bytes = original.files.get("clauses.cedar").context("no rules")?;
        let text = String::from_utf8_lossy(bytes).into_owned();
        let Some((changed, change)) = mutate(&text, chance) else {
            continue;
        };
        if let Some(version) = load(source, original, &changed) {
            return Ok(Mutant {
                original,
                version,
                change,
            });
        }
    }
    anyhow::bail!("no change was accepted")
}

/// The version with these rules, if the crate accepts them.
fn load(source: &Source, original: &Version, clauses: &str) -> Option<Version> {
    let (agreement, id) = (&original.id.agreement, &original.id);
    let prefix = format!("{agreement}/");
    let mine = source.paths().filter(|path| path.starts_with(&prefix));
    let files = mine.filter_map(|path| Some((path, source.bytes(path)?.to_vec())));
    let mut changed = Source::from_entries(files);
    let release = release_text("clauses.cedar", clauses).ok()?;
    changed.insert(format!("{id}/release.cedar"), release);
    changed.insert(format!("{id}/clauses.cedar"), clauses);
    let library = Library::from_source(&changed).ok()?;
    library.version(id).cloned()
}

/// What may stand where one of these stands.
const SWAPS: [(&str, &[&str]); 8] = [
    (" >= ", &[" > ", " <= ", " < "]),
    (" > ", &[" >= ", " < "]),
    (" <= ", &[" < ", " >= "]),
    (" < ", &[" <= ", " > "]),
    (" && ", &[" || "]),
    (" || ", &[" && "]),
    (" &&\n", &[" ||\n"]),
    (" ||\n", &[" &&\n"]),
];

/// Conditions that are added to a rule whole.
const ADDED: [&str; 6] = [
    " || (context has public_security_risk && context.public_security_risk)",
    " || (context has sentence_months && context.sentence_months >= 24)",
    " || (context has limb && context.limb == \"serious_crime\")",
    " && context has contact_lost && context.contact_lost",
    " && context has last_resort_attempts && context.last_resort_attempts < 9",
    " && context has subject_role && [\"suspect\", \"missing\"].contains(context.subject_role)",
];

/// One change in one rule's condition, and what it was.
fn mutate(text: &str, chance: &mut Chance) -> Option<(String, String)> {
    let bodies: Vec<(usize, usize)> = bodies(text);
    let (start, end) = *chance.pick(&bodies)?;
    let body = text.get(start..end)?;
    let (place, length, to) = match chance.pick(&[0, 1, 2, 3, 4])? {
        0 => {
            let (from, places) = *chance.pick(&SWAPS)?;
            let at = occurrence(body, from, chance)?;
            (at, from.len(), (*chance.pick(places)?).to_owned())
        }
        1 => number(body, chance)?,
        2 => listed(body, chance)?,
        3 => flag(body, chance)?,
        _ => {
            let to = format!("({}){}", body.trim(), chance.pick(&ADDED)?);
            (0, body.len(), to)
        }
    };
    let (from, at) = (body.get(place..place + length)?, start + place);
    let changed = format!("{}{to}{}", text.get(..at)?, text.get(at + length..)?);
    Some((changed, format!("`{from}` to `{to}`")))
}

/// Places of the conditions.
fn bodies(text: &str) -> Vec<(usize, usize)> {
    let starts = text
        .match_indices("unless {")
        .map(|(at, found)| at + found.len());
    let end = |start: usize| Some((start, start + text.get(start..)?.find("};")?));
    starts.filter_map(end).collect()
}

fn occurrence(body: &str, needle: &str, chance: &mut Chance) -> Option<usize> {
    let places: Vec<usize> = body.match_indices(needle).map(|(at, _)| at).collect();
    chance.pick(&places).copied()
}

/// Another number near a number.
fn number(body: &str, chance: &mut Chance) -> Option<(usize, usize, String)> {
    let is_digit = |c: char| c.is_ascii_digit();
    let starts = body.match_indices(|c: char| c == ' ').map(|(at, _)| at + 1);
    let numbers = starts.filter_map(|at| {
        let rest = body.get(at..)?;
        let length = rest.len() - rest.trim_start_matches(is_digit).len();
        (length > 0).then_some((at, length))
    });
    let numbers: Vec<(usize, usize)> = numbers.collect();
    let (at, length) = *chance.pick(&numbers)?;
    let value: i64 = body.get(at..at + length)?.parse().ok()?;
    let near = [value + 1, value - 1, value * 2, 0];
    Some((at, length, chance.pick(&near)?.to_string()))
}

/// A code left out of a list, or another code in its place.
fn listed(body: &str, chance: &mut Chance) -> Option<(usize, usize, String)> {
    let quoted: Vec<usize> = body.match_indices('"').map(|(at, _)| at).collect();
    let codes: Vec<(usize, usize)> = quoted
        .chunks(2)
        .filter_map(|pair| Some((*pair.first()?, *pair.get(1)? + 1)))
        .collect();
    let (start, end) = *chance.pick(&codes)?;
    if body.get(end..)?.starts_with(", ") && *chance.pick(&[true, false])? {
        return Some((start, end + 2 - start, String::new()));
    }
    let others: Vec<&str> = codes
        .iter()
        .filter_map(|(from, to)| body.get(*from..*to))
        .collect();
    let other = match *chance.pick(&[true, false])? {
        true => *chance.pick(&others)?,
        false => "\"mutant\"",
    };
    Some((start, end - start, other.to_owned()))
}

/// A fact denied, or asked for where it was denied.
fn flag(body: &str, chance: &mut Chance) -> Option<(usize, usize, String)> {
    let at = occurrence(body, "context.", chance)?;
    if at > 0 && body.get(at - 1..at)? == "!" {
        return Some((at - 1, 1, String::new()));
    }
    Some((at, 0, "!".to_owned()))
}
