//! Judgement: procedural faults first, then the agreement's clauses.

use agreement::{Judgement, Library, Resolution, Version, VersionId};
use disclosure::check::CheckResult;
use disclosure::{Actor, AgreementState, Case, Code, Field, Request, Standing, arrows, intake};
use jiff::Timestamp;

use super::{StepError, apply, budget, deferral, facts, load, outcomes, requester, step};
use crate::gate::Gate;

/// Judges a case that has just been received or taken up again.
pub async fn judge(gate: &Gate, id: &str) -> Result<(), StepError> {
    let case = load(gate, id).await?;
    let (by, now) = (Actor::gate(), gate.clock.now());
    let faults = faults(&case.request);
    if !faults.is_empty() {
        let returned = arrows::invalidate(&case, faults, &by, now)?;
        return apply(gate, returned).await.map(|_| ());
    }
    let agreements = gate.agreements();
    let transition = match resolve(&agreements, &case.request, now) {
        Resolution::Refused(refused) => {
            let code = Code::from_code(&refused.code).unwrap_or(Code::NoAgreement);
            arrows::refuse(&case, code, &refused.text, &refused.remedy, &by, now)?
        }
        Resolution::Held(_) => arrows::hold(&case, &by, now)?,
        Resolution::Judge(version) => match open_state(gate, &agreements, version, now).await? {
            AgreementState::InForce | AgreementState::Narrowed => {
                if let Some(fault) = deferral::fault(version, &case) {
                    let returned = arrows::invalidate(&case, vec![fault], &by, now)?;
                    return apply(gate, returned).await.map(|_| ());
                }
                let judgement = agreement::judge(version, &facts::claims(&case.request));
                let mut checks = facts::checks(&judgement);
                let agreement = &version.id.agreement;
                checks.answers.extend([
                    budget::check(gate, &case, version).await?,
                    outcomes::check(gate, &case, agreement, now).await?,
                ]);
                checks.answers.extend(requester::clause(&case));
                arrows::judge(&case, facts::reference(version), checks, &by, now)?
            }
            AgreementState::SuspendedHold => arrows::hold(&case, &by, now)?,
            AgreementState::NotYet | AgreementState::SuspendedRefuse | AgreementState::Ended => {
                arrows::refuse_suspended(&case, &by, now)?
            }
        },
    };
    apply(gate, transition).await.map(|_| ())
}

/// A person answers a clause that only a person can answer.
pub async fn answer_clause(
    gate: &Gate,
    by: &Actor,
    (id, seen): (&str, u64),
    clause: &str,
    result: CheckResult,
    reason: &str,
) -> Result<(), StepError> {
    step(gate, id, seen, |case, now| {
        Ok(arrows::answer_clause(
            case, clause, result, reason, by, now,
        )?)
    })
    .await
}

/// Every procedural fault, those of the identifiers among them.
fn faults(request: &Request) -> Vec<intake::Fault> {
    let mut faults = intake::faults(request);
    faults.extend(facts::terms(request).1);
    faults
}

/// Which agreement the request falls under: the one it names, or the one in force for its agency
/// and purpose.
pub fn resolve<'a>(agreements: &'a Library, request: &Request, now: Timestamp) -> Resolution<'a> {
    // A name that is not `AGREEMENT/VERSION` is the name of no agreement.
    let named = request.agreement.as_deref().map(|name| {
        name.parse().unwrap_or_else(|_| VersionId {
            agreement: name.to_owned(),
            version: String::new(),
        })
    });
    agreements.apply(
        named.as_ref(),
        &request.requester.organization,
        &request.purpose,
        now,
    )
}

/// The state of a version now: what its published status log says, or what people have recorded
/// since where that permits less.
pub async fn open_state(
    gate: &Gate,
    agreements: &Library,
    version: &Version,
    now: Timestamp,
) -> Result<AgreementState, StepError> {
    let recorded = gate.store.standing(&version.id.to_string()).await?;
    Ok(narrower(gate, agreements, version, recorded.as_ref(), now))
}

/// The published state, unless a person's suspension or narrowing permits less.
pub fn narrower(
    gate: &Gate,
    agreements: &Library,
    version: &Version,
    recorded: Option<&Standing>,
    now: Timestamp,
) -> AgreementState {
    let published = facts::state(agreements.status_at(&version.id, now));
    if published.is_open() && !gate.is_read(agreements, &version.id.agreement) {
        // An overlay or an end has been entered since; nothing is decided under the old text.
        return AgreementState::SuspendedHold;
    }
    match recorded {
        Some(recorded) if published.is_open() => match recorded.state {
            // Narrowed, but by an overlay that is not here: nothing is decided without it.
            AgreementState::Narrowed if published != AgreementState::Narrowed => {
                AgreementState::SuspendedHold
            }
            suspended if recorded.suspension.is_some() => suspended,
            _ => published,
        },
        _ => published,
    }
}

/// The version a case is judged under, with every overlay that binds by now, if it is still in the
/// library with the same content.
pub fn version_of<'a>(agreements: &'a Library, case: &Case, now: Timestamp) -> Option<&'a Version> {
    let cited = case.agreement.as_ref()?;
    let id: VersionId = cited.name.parse().ok()?;
    agreements
        .version_at(&id, now)
        .filter(|version| version.content_hash == cited.hash)
}

/// The judgement of a case's request under its version, made again from the same facts.
fn judgement(agreements: &Library, case: &Case, now: Timestamp) -> Option<Judgement> {
    let version = version_of(agreements, case, now)?;
    Some(agreement::judge(version, &facts::claims(&case.request)))
}

/// The fields that the agreement lets this request have.
pub fn agreed_fields(agreements: &Library, case: &Case, now: Timestamp) -> Vec<Field> {
    agreed(agreements, case, now)
        .iter()
        .filter_map(|code| Field::from_code(code))
        .collect()
}

/// Whether the agreement lets this request have a message forwarded.
pub fn may_forward(agreements: &Library, case: &Case, now: Timestamp) -> bool {
    agreed(agreements, case, now)
        .iter()
        .any(|field| field == agreement::FORWARD_MESSAGE)
}

/// Items allowed outright, and those that waited for a person: a case comes this far only when
/// that person has answered.
fn agreed(agreements: &Library, case: &Case, now: Timestamp) -> Vec<String> {
    let judgement = judgement(agreements, case, now);
    judgement.map_or_else(Vec::new, |judgement| {
        [judgement.fields_allowed, judgement.fields_waiting].concat()
    })
}
