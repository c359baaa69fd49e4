//! Nobody's NHS number stands in the repository: synthetic people use 999..., and the few published
//! examples are on record. One digit ten times over is what people type when they know none.

use std::collections::BTreeSet;

use super::Problem;
use super::repository::Repository;
use super::rules::{PATH, Rules};

/// Numbers of synthetic people start so; none of them is ever given to a person.
const SYNTHETIC: &str = "999";

pub fn check(repository: &Repository, rules: &Rules) -> Vec<Problem> {
    let published = rules.published_nhs_number.iter();
    let published: BTreeSet<&str> = published.map(|entry| entry.number.as_str()).collect();
    let mut problems = Vec::new();
    for (path, text) in repository
        .texts("")
        .filter(|(path, _)| !path.ends_with(".lock"))
    {
        for (index, line) in text.lines().enumerate() {
            let suspect = valid_numbers(line).into_iter().filter(|number| {
                let repeated = number.chars().all(|digit| number.starts_with(digit));
                !repeated && !number.starts_with(SYNTHETIC) && !published.contains(number.as_str())
            });
            problems.extend(suspect.map(|number| {
                let what = format!("`{number}` could be a person's NHS number");
                let remedy =
                    format!("use one that starts with 999, or record its source in {PATH}");
                Problem::new(path, index + 1, what, remedy)
            }));
        }
    }
    problems
}

/// Ten digits with a right check digit, alone or written 3-3-4 with spaces or hyphens.
fn valid_numbers(line: &str) -> Vec<String> {
    let bytes = line.as_bytes();
    let starts = (0..bytes.len()).filter(|start| !joined_before(bytes, *start));
    let numbers = starts.filter_map(|start| number_at(bytes, start));
    numbers
        .filter(|number| has_right_check_digit(number))
        .collect()
}

fn number_at(bytes: &[u8], start: usize) -> Option<String> {
    let mut digits = String::new();
    let mut end = start;
    let separator = bytes
        .get(start + 3)
        .copied()
        .filter(|byte| b" -".contains(byte));
    while digits.len() < 10 {
        let byte = *bytes.get(end)?;
        end += 1;
        if byte.is_ascii_digit() {
            digits.push(char::from(byte));
        } else if Some(byte) != separator || !(end == start + 4 || end == start + 8) {
            return None;
        }
    }
    (!joined_after(bytes, end)).then_some(digits)
}

/// A digit of a longer number, word, decimal fraction or hyphenated code is not the start of one.
fn joined_before(bytes: &[u8], start: usize) -> bool {
    let Some(before) = start.checked_sub(1).and_then(|index| bytes.get(index)) else {
        return false;
    };
    before.is_ascii_alphanumeric() || b"_.-+".contains(before) || !before.is_ascii()
}

fn joined_after(bytes: &[u8], end: usize) -> bool {
    let decimal =
        bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
    decimal
        || bytes
            .get(end)
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(byte))
}

/// Modulus 11 with weights 10 to 2; a remainder that asks for 10 makes no number.
fn has_right_check_digit(number: &str) -> bool {
    let digits: Vec<u32> = number.chars().filter_map(|c| c.to_digit(10)).collect();
    let Some((check, nine)) = digits.split_last() else {
        return false;
    };
    let sum: u32 = nine
        .iter()
        .zip((2..=10).rev())
        .map(|(digit, weight)| digit * weight)
        .sum();
    (11 - sum % 11) % 11 == *check
}
