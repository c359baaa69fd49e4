//! Drafts: a request is written over days, signed by a second person of sufficient rank, and only
//! then sent. Nobody has asked anything before that: a draft is the agency's own.

use std::collections::BTreeSet;

use agreement::{Resolution, Version};
use disclosure::check::{Check, CheckResult};
use disclosure::request::Authoriser;
use disclosure::requester::RequesterCheck;
use disclosure::{Actor, Code, Request, Role};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::intake::{self, Sender};
use super::{StepError, casework, facts, judgement, load};
use crate::gate::Gate;

/// A draft that nobody touches is thrown away: what is still needed after 30 days is written anew.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Why a draft goes back to its writer, coded; the page asks for words beside it.
pub const RETURN_REASONS: [&str; 4] = ["not_necessary", "too_much_asked", "facts_wrong", "other"];

/// A request on its way to be sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// Who asks.
    pub officer: Actor,
    /// The case whose question it answers, if it corrects one.
    pub revises: Option<String>,
    /// Inputs of the form as they were typed, complete or not.
    pub said: Vec<(String, String)>,
    /// Parts of the form that the writer has finished.
    pub done: BTreeSet<String>,
    /// The complete request, once it waits for a signature.
    pub request: Option<Request>,
    /// How the gate made sure who asks, when it was finished.
    #[serde(default)]
    pub check: Option<RequesterCheck>,
    /// Why it came back unsigned.
    pub returned: Option<Returned>,
}

/// A draft that was not signed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Returned {
    pub by: Actor,
    pub at: Timestamp,
    pub reason: String,
    pub text: String,
}

/// A draft as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    pub id: String,
    pub version: u64,
    pub changed_at: Timestamp,
    pub draft: Draft,
}

impl Draft {
    /// An empty draft of this officer.
    pub fn of(officer: &Actor) -> Draft {
        Draft {
            officer: officer.clone(),
            revises: None,
            said: Vec::new(),
            done: BTreeSet::new(),
            request: None,
            check: None,
            returned: None,
        }
    }
}

impl Kept {
    /// Where it stands, as a code.
    pub fn status(&self) -> &'static str {
        match (&self.draft.request, &self.draft.returned) {
            (Some(_), _) => "waits_for_signature",
            (None, Some(_)) => "sent_back",
            (None, None) => "draft",
        }
    }

    /// When it is thrown away unless somebody touches it.
    pub fn kept_until(&self) -> Timestamp {
        self.changed_at.checked_add(KEPT).unwrap_or(self.changed_at)
    }

    /// Whether this person may look: its writer, and once it waits for a signature whoever may sign.
    fn is_open_to(&self, by: &Actor) -> bool {
        let writes = self.draft.officer.is(by);
        writes || (self.draft.request.is_some() && by.role == Role::Authoriser)
    }
}

/// Begins a draft and returns its reference. Beginning again with the same key returns the same one.
pub async fn begin(gate: &Gate, by: &Actor, key: &str, draft: Draft) -> Result<String, StepError> {
    if !matches!(by.role, Role::Officer | Role::Authoriser) || !draft.officer.is(by) {
        return Err(StepError::NotAllowed("only an agency writes requests"));
    }
    let id = reference(by, key);
    match keep(gate, &by.organization, (&id, 1), &draft).await {
        Ok(()) | Err(StepError::Conflict) => Ok(id),
        Err(error) => Err(error),
    }
}

/// Begins a draft that is finished already, as a machine sends it: it waits for somebody else's signature.
pub async fn begin_finished(
    gate: &Gate,
    (by, check): Sender<'_>,
    key: &str,
    mut draft: Draft,
    request: Request,
) -> Result<String, StepError> {
    draft.request = Some(unsigned(by, request)?);
    draft.check = Some(check.clone());
    begin(gate, by, key, draft).await
}

/// A draft that this person may look at; any other is answered as if it did not exist.
pub async fn find(gate: &Gate, by: &Actor, id: &str) -> Result<Kept, StepError> {
    let stored = gate.store.draft(id).await?;
    let own = stored.filter(|draft| draft.organization == by.organization);
    let kept = own.map(read).transpose()?;
    kept.filter(|kept| kept.is_open_to(by))
        .ok_or(StepError::NotFound)
}

/// Every draft that this person may look at, the latest changed first.
pub async fn all(gate: &Gate, by: &Actor) -> Result<Vec<Kept>, StepError> {
    let stored = gate.store.drafts(&by.organization).await?;
    let mut kept = Vec::new();
    for draft in stored {
        kept.extend(Some(read(draft)?).filter(|kept| kept.is_open_to(by)));
    }
    Ok(kept)
}

/// The writer changes a draft. What waited for a signature waits no longer.
pub async fn write(
    gate: &Gate,
    by: &Actor,
    (id, seen): (&str, u64),
    mut draft: Draft,
) -> Result<(), StepError> {
    own(gate, by, id, seen).await?;
    draft.request = None;
    keep(gate, &by.organization, (id, seen + 1), &draft).await
}

/// The writer has finished: the request waits for somebody else's signature.
pub async fn ask_for_signature(
    gate: &Gate,
    (by, check): Sender<'_>,
    (id, seen): (&str, u64),
    request: Request,
) -> Result<(), StepError> {
    let mut draft = own(gate, by, id, seen).await?.draft;
    draft.request = Some(unsigned(by, request)?);
    draft.check = Some(check.clone());
    draft.returned = None;
    keep(gate, &by.organization, (id, seen + 1), &draft).await
}

/// The writer throws a draft away.
pub async fn discard(gate: &Gate, by: &Actor, (id, seen): (&str, u64)) -> Result<(), StepError> {
    own(gate, by, id, seen).await?;
    Ok(gate.store.drop_draft(id).await?)
}

/// A second person of sufficient rank signs, and with that the request is sent. Returns the case's
/// reference; signing twice sends once.
pub async fn countersign(
    gate: &Gate,
    by: &Actor,
    (id, seen): (&str, u64),
    rank: &str,
) -> Result<String, StepError> {
    let (kept, mut request) = to_sign(gate, by, id, seen).await?;
    let agreements = gate.agreements();
    let resolution = judgement::resolve(&agreements, &request, gate.clock.now());
    if let Resolution::Judge(version) = resolution
        && !suffices(version, rank)
    {
        return Err(StepError::NotAllowed(
            "the agreement asks for the signature of somebody of a higher rank",
        ));
    }
    request.authoriser = Some(Authoriser {
        officer_id: by.id.clone(),
        name: by.name.clone(),
        rank: rank.to_owned(),
        signed_at: gate.clock.now(),
    });
    // Finished before there were checks: it is finished again.
    let sender = (by, kept.draft.check.as_ref().ok_or(StepError::Conflict)?);
    let case = match &kept.draft.revises {
        Some(case) => {
            correct(gate, sender, case, &kept.draft, request).await?;
            case.clone()
        }
        None => intake::submit(gate, sender, &format!("draft-{id}"), request).await?,
    };
    gate.store.drop_draft(id).await?;
    Ok(case)
}

/// The second person does not sign, and says why.
pub async fn send_back(
    gate: &Gate,
    by: &Actor,
    (id, seen): (&str, u64),
    (reason, text): (&str, &str),
) -> Result<(), StepError> {
    let (mut kept, _) = to_sign(gate, by, id, seen).await?;
    if !RETURN_REASONS.contains(&reason) {
        return Err(StepError::NotAllowed("choose a coded reason"));
    }
    kept.draft.request = None;
    kept.draft.returned = Some(Returned {
        by: by.clone(),
        at: gate.clock.now(),
        reason: reason.to_owned(),
        text: text.to_owned(),
    });
    keep(gate, &by.organization, (id, seen + 1), &kept.draft).await
}

/// Throws away the drafts that nobody has touched for long.
pub async fn drop_old(gate: &Gate, now: Timestamp) -> Result<(), StepError> {
    let before = now.checked_sub(KEPT).unwrap_or(Timestamp::MIN);
    Ok(gate.store.drop_drafts_before(before).await?)
}

/// What the agreement would say of a request as it stands: the clauses not met, with their cure. It
/// judges what the agency itself has written, by a published text, and looks at nothing else.
pub fn forecast(gate: &Gate, request: &Request) -> Vec<Check> {
    let agreements = gate.agreements();
    let now = gate.clock.now();
    match judgement::resolve(&agreements, request, now) {
        Resolution::Judge(version) => {
            let ranks = &version.terms.authority.ranks;
            let signed = signed(request, ranks.last().cloned().unwrap_or_default(), now);
            let judged = agreement::judge(version, &facts::claims(&signed));
            let mut checks = facts::checks(&judged).answers;
            checks.retain(|check| check.result == CheckResult::Fail);
            checks
        }
        Resolution::Refused(refused) => vec![no_agreement(refused)],
        Resolution::Held(_) => Vec::new(),
    }
}

/// The request as it will be once somebody of this rank has signed.
fn signed(request: &Request, rank: String, now: Timestamp) -> Request {
    let mut signed = request.clone();
    signed.authoriser = Some(Authoriser {
        officer_id: String::new(),
        name: String::new(),
        rank,
        signed_at: now,
    });
    signed
}

fn no_agreement(refused: agreement::Refused) -> Check {
    Check {
        clause: refused.clause.unwrap_or_default(),
        text: refused.text,
        result: CheckResult::Fail,
        code: Code::from_code(&refused.code).unwrap_or(Code::NoAgreement),
        cure: refused.remedy,
        blocking: true,
        answered_by: None,
        reason: None,
    }
}

/// Whether a rank is high enough to sign under an agreement version.
pub fn suffices(version: &Version, rank: &str) -> bool {
    let authority = &version.terms.authority;
    let place = |rank: &str| authority.ranks.iter().position(|known| known == rank);
    match authority.min_rank.as_deref() {
        Some(lowest) => place(rank).is_some_and(|place_of| Some(place_of) >= place(lowest)),
        None => !rank.trim().is_empty(),
    }
}

/// The draft that waits for this person's signature. Compared are identities, not sessions (I4).
async fn to_sign(
    gate: &Gate,
    by: &Actor,
    id: &str,
    seen: u64,
) -> Result<(Kept, Request), StepError> {
    let kept = find(gate, by, id).await?;
    if by.role != Role::Authoriser {
        return Err(StepError::NotAllowed("only an authoriser countersigns"));
    }
    if kept
        .draft
        .officer
        .id
        .trim()
        .eq_ignore_ascii_case(by.id.trim())
    {
        return Err(StepError::NotAllowed(
            "who asks may not countersign; another person must",
        ));
    }
    match kept.draft.request.clone() {
        Some(request) if kept.version == seen => Ok((kept, request)),
        _ => Err(StepError::Conflict),
    }
}

/// The corrected request goes to the case whose question it answers.
async fn correct(
    gate: &Gate,
    sender: Sender<'_>,
    case: &str,
    draft: &Draft,
    request: Request,
) -> Result<(), StepError> {
    let said = draft.said.iter().find(|(name, _)| name == "answer");
    let said = said
        .map(|(_, text)| text.trim())
        .filter(|text| !text.is_empty());
    let said = said.unwrap_or("The request has been corrected.");
    let asked = load(gate, case).await?;
    casework::clarify(gate, sender, (case, asked.version), said, Some(request)).await
}

/// A request of this officer, without any signature.
fn unsigned(by: &Actor, mut request: Request) -> Result<Request, StepError> {
    if request.requester.organization != by.organization || request.requester.officer_id != by.id {
        return Err(StepError::NotAllowed(
            "`requester` is not you; an officer asks in their own name",
        ));
    }
    request.authoriser = None;
    Ok(request)
}

/// The writer's own draft, as the writer has seen it.
async fn own(gate: &Gate, by: &Actor, id: &str, seen: u64) -> Result<Kept, StepError> {
    let kept = find(gate, by, id).await?;
    if !kept.draft.officer.is(by) {
        return Err(StepError::NotAllowed("only who writes a draft changes it"));
    }
    if kept.version != seen {
        return Err(StepError::Conflict);
    }
    Ok(kept)
}

async fn keep(
    gate: &Gate,
    organization: &str,
    (id, version): (&str, u64),
    draft: &Draft,
) -> Result<(), StepError> {
    let body = serde_json::to_string(draft).unwrap_or_default();
    let draft = store::Draft {
        id: id.to_owned(),
        version,
        organization: organization.to_owned(),
        changed_at: gate.clock.now(),
        body,
    };
    Ok(gate.store.keep_draft(draft).await?)
}

fn read(stored: store::Draft) -> Result<Kept, StepError> {
    let draft = serde_json::from_str(&stored.body).map_err(|_| StepError::NotFound)?;
    Ok(Kept {
        id: stored.id,
        version: stored.version,
        changed_at: stored.changed_at,
        draft,
    })
}

/// A reference that the same person and key always give.
fn reference(by: &Actor, key: &str) -> String {
    let digest = Sha256::digest([&by.organization, "/", &by.id, "/", key].concat());
    hex::encode(digest.get(..12).unwrap_or_default())
}
