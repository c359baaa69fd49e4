//! Budgets: how much an agency may ask before a person is asked.

use agreement::Version;
use disclosure::check::{BUDGETS, Check, CheckResult};
use disclosure::{Case, Code};

use super::StepError;
use crate::gate::Gate;

/// Requests are counted this far at least, so that whoever lets one go on sees how far it is over.
const COUNTED: u64 = 1_000;

/// The budgets of the agreement as one more answer of the judgement: met, or for a person, who lets
/// the request go on or refuses it, with a reason.
///
/// Only requests of the asking agency are counted, so that the answer tells it nothing new.
pub async fn check(gate: &Gate, case: &Case, version: &Version) -> Result<Check, StepError> {
    let budgets = &version.terms.budgets;
    let largest = budgets.day.max(budgets.officer);
    let largest = largest.max(budgets.subject).max(budgets.attempts);
    let counted = COUNTED.max(u64::from(largest));
    let earlier = gate.store.earlier(case, counted).await?;
    let over: Vec<String> = [
        ("of the agency in a day", earlier.agency, budgets.day),
        ("of the officer in a day", earlier.officer, budgets.officer),
        (
            "about this person in a year",
            earlier.subject,
            budgets.subject,
        ),
        (
            "about this person in 30 days",
            earlier.attempts,
            budgets.attempts,
        ),
    ]
    .into_iter()
    .filter(|(_, earlier, budget)| *earlier >= u64::from(*budget))
    .map(|(what, earlier, budget)| {
        if earlier < counted {
            let this = earlier + 1;
            format!("request {this} {what}, where {budget} are agreed")
        } else {
            format!("more than {counted} requests {what}, where {budget} are agreed")
        }
    })
    .collect();
    let (result, text) = if over.is_empty() {
        let text = "The agreed number of requests is not used up.".to_owned();
        (CheckResult::Pass, text)
    } else {
        let text = format!(
            "The agreed number of requests is used up: {}.",
            over.join("; ")
        );
        (CheckResult::NeedsHuman, text)
    };
    Ok(Check {
        clause: BUDGETS.to_owned(),
        text,
        result,
        code: Code::BudgetExceeded,
        cure: "Wait until the time has passed, or say why this request cannot.".to_owned(),
        blocking: true,
        answered_by: None,
        reason: None,
    })
}

/// Whether the budgets were not used up when the case was judged, or a person let it go on.
pub async fn is_left(gate: &Gate, case: &Case, version: &Version) -> Result<bool, StepError> {
    let judged = case
        .state
        .checks()
        .and_then(|checks| checks.answer(BUDGETS));
    let result = match judged {
        Some(check) => check.result,
        None => check(gate, case, version).await?.result,
    };
    Ok(result == CheckResult::Pass)
}
