use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clause::ClauseKind;
use crate::facts::Facts;
use crate::fault::Fault;
use crate::judge::{ClauseResult, Judgement, Outcome, judge};
use crate::library::Version;

/// One worked example of `cases.jsonl`: facts, and the answer that people agreed on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What it shows, in a few words.
    pub name: String,
    /// Name of an earlier case whose facts it starts from.
    #[serde(default)]
    pub from: Option<String>,
    /// Facts that differ from that case, or all of them; null takes one away.
    pub facts: serde_json::Map<String, Value>,
    /// Expected answer.
    pub outcome: Outcome,
    /// Clauses expected to fail.
    #[serde(default)]
    pub failing: Vec<String>,
    /// Coded clauses expected to wait for a person.
    #[serde(default)]
    pub waiting: Vec<String>,
    /// Fields expected to be allowed.
    #[serde(default)]
    pub fields_allowed: Vec<String>,
}

/// A worked example that the rules answer otherwise, or that cannot be read.
pub type CaseFailure = Fault;

/// A case, its facts in full, its line and that line's text.
type Written = (Case, Facts, usize, String);

/// Reads `cases.jsonl` of a version, with `from` resolved.
fn read_cases(version: &Version) -> Result<Vec<Written>, Vec<Fault>> {
    let file = format!("{}/cases.jsonl", version.id);
    let bytes = version
        .files
        .get("cases.jsonl")
        .map_or(&[][..], Vec::as_slice);
    let text = String::from_utf8_lossy(bytes).into_owned();
    let mut cases: Vec<Written> = Vec::new();
    let mut whole: Vec<(String, serde_json::Map<String, Value>)> = Vec::new();
    let mut faults = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let fault =
            |problem: String| Fault::at_line(&file, index + 1, line, problem, "correct the case");
        let case: Case = match serde_json::from_str(line) {
            Ok(case) => case,
            Err(error) => {
                faults.push(Fault {
                    column: error.column(),
                    ..fault(error.to_string())
                });
                continue;
            }
        };
        let base = case
            .from
            .as_ref()
            .map(|from| whole.iter().find(|(name, _)| name == from));
        let mut facts = match base {
            Some(Some((_, facts))) => facts.clone(),
            Some(None) => {
                faults.push(fault(format!(
                    "case `{}` starts from none before it",
                    case.name
                )));
                continue;
            }
            None => serde_json::Map::new(),
        };
        for (key, value) in &case.facts {
            if value.is_null() {
                facts.remove(key);
            } else {
                facts.insert(key.clone(), value.clone());
            }
        }
        whole.push((case.name.clone(), facts.clone()));
        match serde_json::from_value(Value::Object(facts)) {
            Ok(facts) => cases.push((case, facts, index + 1, line.to_owned())),
            Err(error) => faults.push(fault(error.to_string())),
        }
    }
    if faults.is_empty() {
        Ok(cases)
    } else {
        Err(faults)
    }
}

/// Judges every worked example of a version and names each that comes out otherwise, and each coded
/// clause that the examples do not show both met and not met.
pub fn run_cases(version: &Version) -> Vec<CaseFailure> {
    let file = format!("{}/cases.jsonl", version.id);
    let cases = match read_cases(version) {
        Ok(cases) => cases,
        Err(faults) => return faults,
    };
    let mut failures = Vec::new();
    let mut judged = Vec::new();
    for (case, facts, line, excerpt) in &cases {
        let judgement = judge(version, facts);
        if let Some(problem) = mismatch(case, &judgement) {
            let remedy = "correct the rule, or the expected answer with the agreement's owners";
            failures.push(Fault::at_line(&file, *line, excerpt, problem, remedy));
        }
        judged.push(judgement);
    }
    failures.extend(coverage(&file, version, &judged));
    failures
}

fn mismatch(case: &Case, judgement: &Judgement) -> Option<String> {
    let of = |result: ClauseResult| -> Vec<String> {
        let coded = judgement
            .clauses
            .iter()
            .filter(|finding| finding.kind == ClauseKind::Coded);
        let found = coded.filter(|finding| finding.result == result);
        found.map(|finding| finding.clause.clone()).collect()
    };
    let name = &case.name;
    let (failing, waiting) = (of(ClauseResult::Fail), of(ClauseResult::NeedsHuman));
    if let Some(alarm) = &judgement.alarm {
        return Some(format!("case `{name}` raises an alarm: {alarm}"));
    }
    if case.outcome != judgement.outcome {
        let (want, got) = (case.outcome.word(), judgement.outcome.word());
        return Some(format!(
            "case `{name}` is {got}, not {want}; failing {failing:?}"
        ));
    }
    if case.failing != failing {
        return Some(format!(
            "case `{name}` fails {failing:?}, not {:?}",
            case.failing
        ));
    }
    if case.waiting != waiting {
        return Some(format!(
            "case `{name}` waits on {waiting:?}, not {:?}",
            case.waiting
        ));
    }
    if case.fields_allowed != judgement.fields_allowed {
        let (want, got) = (&case.fields_allowed, &judgement.fields_allowed);
        return Some(format!("case `{name}` allows {got:?}, not {want:?}"));
    }
    None
}

fn coverage(file: &str, version: &Version, judged: &[Judgement]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for clause in version
        .clauses
        .iter()
        .filter(|clause| clause.kind == ClauseKind::Coded)
    {
        let results = || {
            let findings = judged.iter().flat_map(|judgement| &judgement.clauses);
            findings
                .filter(|finding| finding.clause == clause.number)
                .map(|finding| finding.result)
        };
        let met = results().any(|result| result == ClauseResult::Pass);
        let unmet =
            results().any(|result| matches!(result, ClauseResult::Fail | ClauseResult::NeedsHuman));
        for (shown, word) in [(met, "met"), (unmet, "not met")] {
            if !shown {
                let problem = format!("no case shows clause `{}` {word}", clause.number);
                faults.push(Fault::of_file(file, problem, "add a worked example"));
            }
        }
    }
    faults
}
