//! Outcome returns: an agency that does not say in time what became of what it was given is given no
//! more under that agreement until it has.

use disclosure::check::{Check, CheckResult, OUTCOMES};
use disclosure::request::Priority;
use disclosure::{Case, Code};
use jiff::Timestamp;
use store::CaseFilter;

use super::StepError;
use super::suspension::all;
use crate::gate::Gate;

/// References that are listed; more are counted.
const LISTED_MAX: usize = 10;

/// The agency's overdue outcome returns under any version of the agreement, as one more answer of the
/// judgement. They refuse a request; an emergency waits for a person, who lets it go on or refuses it,
/// with a reason.
pub async fn check(
    gate: &Gate,
    case: &Case,
    agreement: &str,
    now: Timestamp,
) -> Result<Check, StepError> {
    let owed = CaseFilter {
        agency: Some(case.request.requester.organization.clone()),
        outcome_by: Some(now),
        ..CaseFilter::default()
    };
    let owed = all(gate, &owed).await?.into_iter().filter(|row| {
        let name = row
            .agreement
            .as_ref()
            .and_then(|of| of.name.split_once('/'));
        name.is_some_and(|(of, _)| of == agreement)
    });
    let owed: Vec<String> = owed.map(|row| row.id).collect();
    let result = match case.request.priority {
        _ if owed.is_empty() => CheckResult::Pass,
        Priority::Emergency => CheckResult::NeedsHuman,
        Priority::Routine | Priority::Priority => CheckResult::Fail,
    };
    Ok(Check {
        clause: OUTCOMES.to_owned(),
        text: text(&owed),
        result,
        code: Code::OutcomesOverdue,
        cure: "Return the outcome of each, then ask again.".to_owned(),
        blocking: true,
        answered_by: None,
        reason: None,
    })
}

fn text(owed: &[String]) -> String {
    if owed.is_empty() {
        return "No outcome return is overdue.".to_owned();
    }
    let listed: Vec<&str> = owed.iter().take(LISTED_MAX).map(String::as_str).collect();
    let more = match owed.len() - listed.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let listed = listed.join(", ");
    format!("What became of earlier releases has not been said in time: {listed}{more}.")
}
