//! Who asks: checked for each request anew, and a person calls back where something is odd.

use disclosure::check::{Check, CheckResult, REQUESTER};
use disclosure::requester::{Comparison, RequesterCheck};
use disclosure::{Case, Code, Request};

use super::StepError;
use crate::gate::Gate;

/// Earlier requests of an officer that a new one is compared with.
const COMPARED: u32 = 10;

/// The check of a request that is about to be recorded, beside the officer's earlier ones.
pub async fn compared(
    gate: &Gate,
    check: RequesterCheck,
    request: &Request,
) -> Result<RequesterCheck, StepError> {
    let mut comparison = Comparison::of(check, request);
    for earlier in gate.store.asked_before(request, COMPARED).await? {
        if comparison.is_done() {
            break;
        }
        // An erased case tells nothing any more.
        if let Some(earlier) = gate.store.case(&earlier).await? {
            comparison.with(&earlier);
        }
    }
    Ok(comparison.found())
}

/// Who asks, as one more answer of the judgement: for a person where something is odd, who calls the agency
/// back. `None` for a case without a check on record.
pub fn clause(case: &Case) -> Option<Check> {
    let check = case.requester_check.as_ref()?;
    let (result, text) = if check.is_settled() {
        (
            CheckResult::Pass,
            "Nothing sets this request apart from the officer\u{2019}s earlier ones.",
        )
    } else {
        (
            CheckResult::NeedsHuman,
            "The agency confirms, when called back, that it asks.",
        )
    };
    Some(Check {
        clause: REQUESTER.to_owned(),
        text: text.to_owned(),
        result,
        code: Code::RequesterUnverified,
        cure: "Find out who sent this request in your name; then ask again.".to_owned(),
        blocking: true,
        answered_by: None,
        reason: None,
    })
}
