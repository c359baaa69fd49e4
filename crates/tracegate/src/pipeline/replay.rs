//! Recorded history as a replay takes it: what each request claimed, and what its agreement said.
//! Nothing is traced and nothing is written.

use agreement::{Answer, Recorded, Version};
use disclosure::check::CheckResult;
use disclosure::{Case, State};
use jiff::Timestamp;
use store::read::PAGE_MAX;
use store::{CaseFilter, Store, StoreError};

use super::facts;

/// Requests received from the first instant on and before the second, of the agencies that the
/// version serves; `seen` is told how many have been read.
pub async fn records(
    store: &Store,
    version: &Version,
    (from, until): (Option<Timestamp>, Option<Timestamp>),
    mut seen: impl FnMut(u64),
) -> Result<Vec<Recorded>, StoreError> {
    let mut records = Vec::new();
    let mut read = 0;
    for agency in &version.terms.parties.requesters {
        let filter = CaseFilter {
            agency: Some(agency.clone()),
            received_from: from,
            received_until: until,
            ..CaseFilter::default()
        };
        let mut after = None;
        loop {
            let page = store.cases(&filter, after.as_ref(), PAGE_MAX).await?;
            for row in page.rows {
                records.extend(store.case(&row.id).await?.as_ref().map(record));
                read += 1;
                seen(read);
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(records)
}

/// A case without the person.
fn record(case: &Case) -> Recorded {
    let mut claims = facts::claims(&case.request);
    claims.person_looked = looked(case);
    Recorded {
        reference: case.id.clone(),
        at: Some(case.received_at),
        under: case.agreement.as_ref().map(|cited| cited.name.clone()),
        then: then(case),
        facts: claims,
    }
}

/// Whether a person read what no rule can read, and let it go on.
fn looked(case: &Case) -> Option<bool> {
    let mut answers = case.state.checks()?.answers.iter();
    let answered = answers.find(|check| check.blocking && check.answered_by.is_some());
    answered.map(|check| check.result == CheckResult::Pass)
}

/// What the clauses said. A refusal that no clause made, such as one by suspension, is none of
/// theirs.
fn then(case: &Case) -> Option<Answer> {
    let answers = &case.state.checks()?.answers;
    let failed = || {
        let mut of_clauses = answers.iter().filter(|check| check.is_of_clause());
        of_clauses.any(|check| check.result == CheckResult::Fail)
    };
    match &case.state {
        State::Submitted(_) => None,
        State::Refused(_) => failed().then_some(Answer::Refused),
        _ => (!answers.is_empty()).then_some(Answer::Released),
    }
}
