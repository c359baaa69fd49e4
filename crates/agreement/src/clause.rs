use serde::{Deserialize, Serialize};

use crate::fault::Fault;

/// One numbered clause of the prose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clause {
    /// Number, such as `2.3`.
    pub number: String,
    /// Heading.
    pub title: String,
    /// Who answers it.
    pub kind: ClauseKind,
    /// The prose, as one line.
    pub text: String,
    /// Public source, or the words that mark it as a configured choice.
    pub source: String,
    /// Line of the heading in `clauses.md`, from 1.
    pub line: usize,
}

/// Who answers a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClauseKind {
    /// A rule decides it.
    Coded,
    /// A person decides it, on every request.
    Human,
    /// It states something and decides nothing.
    Narrative,
}

/// Sort key of a clause number: `2.10` comes after `2.9`.
pub(crate) fn number_key(number: &str) -> Vec<u32> {
    number
        .split('.')
        .map(|part| part.parse().unwrap_or(u32::MAX))
        .collect()
}

/// Reads `### 2.3 [coded] Contact has been lost`, the prose below it, and its `Source:` line.
pub(crate) fn parse_clauses(file: &str, text: &str) -> Result<Vec<Clause>, Vec<Fault>> {
    let mut clauses: Vec<Clause> = Vec::new();
    let mut faults = Vec::new();
    let mut part = Part::Outside;
    for (index, line) in text.lines().enumerate() {
        if let Some(heading) = line.strip_prefix("### ") {
            match parse_heading(heading, index + 1) {
                Ok(clause) => clauses.push(clause),
                Err(problem) => {
                    faults.push(Fault::at_line(file, index + 1, line, problem, HEADING));
                }
            }
            part = Part::Text;
        } else if line.starts_with('#') {
            part = Part::Outside;
        } else if let Some(clause) = clauses.last_mut() {
            part = part.append(clause, line.trim());
        }
    }
    faults.extend(clause_faults(file, text, &clauses));
    if faults.is_empty() {
        Ok(clauses)
    } else {
        Err(faults)
    }
}

const HEADING: &str = "write `### NUMBER [coded|human|narrative] Title`";

fn parse_heading(heading: &str, line: usize) -> Result<Clause, String> {
    let malformed = || format!("clause heading `{heading}` is malformed");
    let (number, rest) = heading.split_once(' ').ok_or_else(malformed)?;
    let (kind, title) = rest
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("] "))
        .ok_or_else(malformed)?;
    let kind = match kind {
        "coded" => ClauseKind::Coded,
        "human" => ClauseKind::Human,
        "narrative" => ClauseKind::Narrative,
        other => return Err(format!("clause kind `{other}` does not exist")),
    };
    if number.split('.').any(|part| part.parse::<u32>().is_err()) {
        return Err(format!(
            "clause number `{number}` is not made of numbers and dots"
        ));
    }
    Ok(Clause {
        number: number.to_owned(),
        title: title.trim().to_owned(),
        kind,
        text: String::new(),
        source: String::new(),
        line,
    })
}

/// Where in a clause a line stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Outside,
    Text,
    Source,
}

impl Part {
    /// Puts a line where it belongs and says where the next one does.
    fn append(self, clause: &mut Clause, line: &str) -> Self {
        let (part, line) = match (self, line.strip_prefix("Source:")) {
            (Self::Text | Self::Source, Some(source)) => (Self::Source, source.trim()),
            (part, _) => (part, line),
        };
        let target = match part {
            Self::Outside => return part,
            Self::Text => &mut clause.text,
            Self::Source => &mut clause.source,
        };
        if !line.is_empty() && !target.is_empty() {
            target.push(' ');
        }
        target.push_str(line);
        part
    }
}

fn clause_faults(file: &str, text: &str, clauses: &[Clause]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut fault = |clause: &Clause, problem: String, remedy: &str| {
        let excerpt = text.lines().nth(clause.line - 1).unwrap_or_default();
        faults.push(Fault::at_line(file, clause.line, excerpt, problem, remedy));
    };
    for (index, clause) in clauses.iter().enumerate() {
        let number = &clause.number;
        if clauses
            .iter()
            .take(index)
            .any(|other| other.number == *number)
        {
            fault(
                clause,
                format!("clause `{number}` stands twice"),
                "number each clause once",
            );
        }
        if clause.text.is_empty() {
            fault(
                clause,
                format!("clause `{number}` has no text"),
                "say in words what it demands",
            );
        }
        if clause.source.is_empty() {
            let remedy = "add a line `Source: ADDRESS` or `Source: configured, REASON`";
            fault(clause, format!("clause `{number}` has no source"), remedy);
        }
    }
    faults
}
