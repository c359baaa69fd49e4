//! What Cedar says about a text, as faults with their place and in the agreement's own words.

use cedar_policy::{PolicyId, PolicySet, Schema, ValidationError, ValidationMode, Validator};
use miette::Diagnostic;

use crate::fault::Fault;

const CORRECT: &str = "correct the text; see the language reference";

/// A Cedar diagnostic as a fault: its first label is the place, its help the remedy.
pub(crate) fn from_diagnostic(file: &str, text: &str, error: &dyn Diagnostic) -> Fault {
    let help = error.help().map(|help| help.to_string());
    let remedy = help.unwrap_or_else(|| CORRECT.to_owned());
    at_label(file, text, error, error.to_string(), remedy)
}

fn at_label(
    file: &str,
    text: &str,
    error: &dyn Diagnostic,
    problem: String,
    remedy: String,
) -> Fault {
    let label = error.labels().and_then(|mut labels| labels.next());
    match label {
        Some(label) => Fault::at_offset(file, text, label.offset(), problem, remedy),
        None => Fault::of_file(file, problem, remedy),
    }
}

/// Every fault that strict validation finds, each once: Cedar finds it once for each field.
pub(super) fn of_validation(
    schema: &Schema,
    file: &str,
    text: &str,
    set: &PolicySet,
) -> Vec<Fault> {
    let result = Validator::new(schema.clone()).validate(set, ValidationMode::Strict);
    let errors = result
        .validation_errors()
        .map(|error| of_error(file, text, set, error));
    let warnings = result
        .validation_warnings()
        .map(|warning| from_diagnostic(file, text, warning));
    let mut faults: Vec<Fault> = errors.chain(warnings).collect();
    faults.sort_unstable();
    faults.dedup();
    faults
}

fn of_error(file: &str, text: &str, set: &PolicySet, error: &ValidationError) -> Fault {
    let rule = name(set, error.policy_id());
    let help = error.help().map(|help| help.to_string());
    let (problem, remedy) = match error {
        ValidationError::UnsafeOptionalAttributeAccess(_) => (
            format!(
                "rule `{rule}` reads a fact that may be missing, and a rule that errs is skipped"
            ),
            help,
        ),
        ValidationError::EmptySetForbidden(_) => (
            format!("rule `{rule}` has an empty list, which nothing can meet"),
            Some("fill the list".to_owned()),
        ),
        other => (format!("rule `{rule}`: {}", what(&other.to_string())), help),
    };
    let remedy = remedy.unwrap_or_else(|| CORRECT.to_owned());
    at_label(file, text, error, problem, remedy)
}

/// The `@id` of a policy, or its place for want of one.
fn name(set: &PolicySet, id: &PolicyId) -> String {
    let named = set.policy(id).and_then(|policy| policy.annotation("id"));
    named.map_or_else(|| id.to_string(), str::to_owned)
}

/// What is wrong, without the policy's number and the field it was found for.
fn what(message: &str) -> String {
    let told = message.strip_prefix("for policy `");
    let told = told
        .and_then(|rest| rest.split_once("`, "))
        .map(|(_, rest)| rest);
    let told = told.unwrap_or(message);
    let field = told.split_once(" for Action::\"");
    let field = field.and_then(|(before, rest)| Some((before, rest.split_once('"')?.1)));
    field.map_or_else(
        || told.to_owned(),
        |(before, after)| [before, after].concat(),
    )
}

/// Where the policy stands whose place in the text is `place`, from 0, in bytes.
pub(super) fn offset_of(text: &str, place: usize) -> Option<usize> {
    let (mut seen, mut rest) = (0, text);
    loop {
        let at = text.len() - rest.len();
        let letters = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        let (word, after) = rest.split_at(letters.unwrap_or(rest.len()));
        if ["permit", "forbid"].contains(&word) && after.trim_start().starts_with('(') {
            if seen == place {
                return Some(at);
            }
            seen += 1;
        }
        rest = match after.chars().next()? {
            '"' => after_text(after)?,
            '/' if after.starts_with("//") => after.split_once('\n')?.1,
            other => after.get(other.len_utf8()..)?,
        };
    }
}

/// What follows a text in quotation marks.
fn after_text(quoted: &str) -> Option<&str> {
    let mut escaped = false;
    let end = quoted.char_indices().skip(1).find(|(_, letter)| {
        let ends = *letter == '"' && !escaped;
        escaped = *letter == '\\' && !escaped;
        ends
    });
    quoted.get(end?.0 + 1..)
}
