//! What the edges may show: views of a case, built through the one visibility function.
//!
//! A view of somebody's case is an entry of the ledger before it is a page (I9).

mod timeline;

use disclosure::case::Exchange;
use disclosure::check::Checks;
use disclosure::decision::{Draft, OwnView, SecondReview};
use disclosure::outward::{Answer, answer};
use disclosure::release::OutcomeReturn;
use disclosure::request::{Priority, Requester, Subject};
use disclosure::requester::RequesterCheck;
use disclosure::statistics::Row;
use disclosure::trace::TraceResult;
use disclosure::visibility::{Audience, Item, audience, may_see, may_see_draft};
use disclosure::{Actor, Case, EventKind, Request, arrows};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use store::CaseFilter;
use store::read::Cursor;

pub use timeline::timeline;

use crate::gate::Gate;
use crate::pipeline::{self, StepError};

/// A case as one audience may see it. Absent parts are not theirs to see.
#[derive(Debug, Serialize)]
pub struct CaseView {
    pub case: String,
    pub version: u64,
    pub received_at: Timestamp,
    pub agreement: Option<String>,
    pub agreement_hash: Option<String>,
    /// What the requester is told; never more than that for the requester.
    pub answer: Answer,
    pub requester: Option<Requester>,
    pub subject: Option<Subject>,
    pub fields: Option<Vec<String>>,
    pub request: Option<Request>,
    pub state: Option<&'static str>,
    pub checks: Option<Checks>,
    pub trace: Option<TraceResult>,
    pub draft: Option<Draft>,
    pub review: Option<SecondReview>,
    /// What second people wrote before they saw the draft: all of it for overseers, otherwise one's own.
    pub own_views: Vec<OwnView>,
    /// What a caseworker declared to be released in an emergency.
    pub emergency: Option<Draft>,
    /// Questions the agency has answered.
    pub exchanges: Option<Vec<Exchange>>,
    pub internal_code: Option<&'static str>,
    /// What the agency says became of the release.
    pub outcome: Option<OutcomeReturn>,
    pub history: Option<Vec<HistoryLine>>,
    /// Why somebody is to call the agency back, while nobody has.
    pub call_back: Option<Vec<&'static str>>,
    /// How the gate made sure who asks.
    pub requester_check: Option<RequesterCheck>,
}

/// One line of a timeline.
#[derive(Debug, Serialize)]
pub struct HistoryLine {
    pub at: Timestamp,
    pub what: &'static str,
    pub who: String,
    pub note: String,
}

/// One line of a list of cases. Lists never hold personal data.
#[derive(Debug, Serialize)]
pub struct QueueLine {
    pub case: String,
    pub state: String,
    pub agency: String,
    pub purpose: String,
    pub agreement: Option<String>,
    pub received_at: Timestamp,
    pub expires_at: Timestamp,
    #[serde(skip)]
    pub priority: Priority,
    /// Identity of the member of staff who has it in hand.
    #[serde(skip)]
    pub assignee: Option<String>,
}

/// The cases that pass a filter, oldest first: a page, and where it goes on.
pub async fn queue(
    gate: &Gate,
    filter: &CaseFilter,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<(Vec<QueueLine>, Option<Cursor>), StepError> {
    let page = gate.store.cases(filter, after, limit).await?;
    let line = |row: store::CaseRow| QueueLine {
        case: row.id,
        state: row.state,
        agency: row.agency,
        purpose: row.purpose,
        agreement: row.agreement.map(|agreement| agreement.name),
        received_at: row.received_at,
        expires_at: row.expires_at,
        priority: row.priority,
        assignee: row.assignee,
    };
    Ok((page.rows.into_iter().map(line).collect(), page.next))
}

/// What an agency may know of its requests, oldest first: a page, and where it goes on.
pub async fn own_page(
    gate: &Gate,
    by: &Actor,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<(Vec<Answer>, Option<Cursor>), StepError> {
    let filter = CaseFilter {
        agency: Some(by.organization.clone()),
        ..CaseFilter::default()
    };
    let page = gate.store.cases(&filter, after, limit).await?;
    let now = gate.clock.now();
    let mut told = Vec::new();
    for row in page.rows {
        // An erased case is not told of any more.
        let case = gate.store.case(&row.id).await?;
        told.extend(case.map(|case| answer(&case, now)));
    }
    Ok((told, page.next))
}

/// Most lines of one list.
pub const LIST_LINES_MAX: u32 = 200;

/// Lines of a page, unless another number is asked for: what a person can still scan.
pub const PAGE_LINES: u32 = 50;

/// One line of an agency's list of its requests.
#[derive(Debug, Serialize)]
pub struct OwnLine {
    pub answer: Answer,
    pub received_at: Timestamp,
    /// What is due next, as a code, and when.
    pub due: Option<(&'static str, Timestamp)>,
}

/// An agency's requests of the last 90 days with their deadlines, newest first: a page, and where it
/// goes on.
pub async fn own_lines(
    gate: &Gate,
    by: &Actor,
    before: Option<&Cursor>,
) -> Result<(Vec<OwnLine>, Option<Cursor>), StepError> {
    let now = gate.clock.now();
    let filter = CaseFilter {
        agency: Some(by.organization.clone()),
        received_from: now.checked_sub(SignedDuration::from_hours(24 * 90)).ok(),
        ..CaseFilter::default()
    };
    let (cases, next) = gate.store.latest(&filter, before, PAGE_LINES).await?;
    Ok((cases.iter().map(|case| own_line(case, now)).collect(), next))
}

fn own_line(case: &Case, now: Timestamp) -> OwnLine {
    let answer = answer(case, now);
    OwnLine {
        due: due(case, answer.status),
        received_at: case.received_at,
        answer,
    }
}

/// What the agency has to do, or may wait for, by when. It depends on the outward status alone, and on
/// times that are the same for every ending (I10).
fn due(case: &Case, status: &str) -> Option<(&'static str, Timestamp)> {
    match status {
        "received" | "held" => Some(("ends_by_itself", case.expires_at)),
        "question" => Some(("answer_by", case.expires_at)),
        "released" => Some(("collect_by", case.download_until()?)),
        "collected" => Some(("outcome_by", case.outcome_due_at()?)),
        _ => None,
    }
}

/// The exact counts, for the operator and for overseers.
#[derive(Debug, Serialize)]
pub struct StatisticsView {
    pub as_of: Timestamp,
    pub rows: Vec<StatisticsLine>,
    pub total: Row,
}

/// The exact counts of one agreement version and agency.
#[derive(Debug, Serialize)]
pub struct StatisticsLine {
    pub agreement: Option<String>,
    pub agency: String,
    pub counts: Row,
}

impl StatisticsView {
    /// The view of what the store has counted.
    pub fn new(counted: store::Statistics, as_of: Timestamp) -> StatisticsView {
        let line = |row: store::StatisticsRow| StatisticsLine {
            agreement: row.agreement,
            agency: row.agency,
            counts: row.counts,
        };
        let rows = counted.rows.into_iter().map(line).collect();
        StatisticsView {
            as_of,
            rows,
            total: counted.total,
        }
    }
}

/// Opens a case for somebody: found, allowed, and recorded as seen, or an error.
///
/// A case that is none of the caller's business is answered like one that does not exist, and the
/// attempt is recorded.
pub async fn open(gate: &Gate, by: &Actor, id: &str, why: &str) -> Result<CaseView, StepError> {
    let case = pipeline::load(gate, id).await?;
    let Some(audience) = audience(by, &case) else {
        note(gate, EventKind::AccessRefused, Some(&case), why, by).await?;
        return Err(StepError::NotFound);
    };
    // An agency reading its own answer is not a view of the person's record.
    if audience != Audience::Requester {
        note(gate, EventKind::CaseViewed, Some(&case), why, by).await?;
    }
    Ok(view(&case, audience, by, gate.clock.now()))
}

/// Records that something was looked at, or that somebody was refused.
pub async fn note(
    gate: &Gate,
    kind: EventKind,
    case: Option<&Case>,
    what: &str,
    by: &Actor,
) -> Result<(), StepError> {
    let key = gate.chance.token();
    let look = arrows::note_look(&key, kind, case, what, by, gate.clock.now());
    gate.store.apply(look).await?;
    Ok(())
}

/// The parts of a case that `audience` may see, and of what is proposed and thought `by` now.
fn view(case: &Case, audience: Audience, by: &Actor, now: Timestamp) -> CaseView {
    let see = |item: Item| may_see(audience, item);
    let proposed = see(Item::Weighing) && may_see_draft(by, case);
    let own_views = case.state.drafted().map(|drafted| &drafted.own_views);
    let own_views = own_views.into_iter().flatten();
    let state = &case.state;
    let internal_code = match state {
        disclosure::State::NoResult(ended) => Some(ended.code.code()),
        disclosure::State::Refused(refusal) => Some(refusal.code.code()),
        disclosure::State::Invalid(faults) => faults.first().map(|fault| fault.code.code()),
        _ => None,
    };
    CaseView {
        case: case.id.clone(),
        version: case.version,
        received_at: case.received_at,
        agreement: case
            .agreement
            .as_ref()
            .map(|agreement| agreement.name.clone()),
        agreement_hash: case
            .agreement
            .as_ref()
            .map(|agreement| agreement.hash.clone()),
        answer: answer(case, now),
        requester: see(Item::Requester).then(|| case.request.requester.clone()),
        subject: see(Item::SubjectTerms).then(|| case.request.subject.clone()),
        fields: see(Item::FieldsRequested).then(|| case.request.fields.clone()),
        request: see(Item::Justification).then(|| case.request.clone()),
        state: see(Item::InternalStatus).then(|| state.code()),
        checks: seen(see(Item::Checks), || state.checks().cloned())
            .map(|checks| without_engine(checks, see(Item::CheckEngine))),
        trace: seen(see(Item::Trace), || {
            state.traced().map(|traced| traced.trace.clone())
        }),
        draft: seen(proposed, || {
            let declined = state.declined().map(|declined| &declined.draft);
            let draft = state.drafted().map(|drafted| &drafted.draft);
            draft.or(declined).cloned()
        }),
        review: seen(see(Item::Deciders), || {
            let declined = state.declined().map(|declined| &declined.review);
            let review = state.disclosed().map(|disclosed| &disclosed.review);
            review.or(declined).cloned()
        }),
        own_views: own_views
            .filter(|view| see(Item::Deciders) || view.by.is(by))
            .cloned()
            .collect(),
        emergency: seen(proposed, || case.emergency.clone()),
        exchanges: see(Item::Justification).then(|| case.exchanges.clone()),
        internal_code: seen(see(Item::InternalCode), || internal_code),
        outcome: seen(see(Item::OutcomeReturn), || state.outcome()),
        history: see(Item::History).then(|| history(case)),
        call_back: seen(see(Item::Checks), || {
            let check = case.requester_check.as_ref();
            let waits = check.filter(|check| !check.is_settled());
            waits.map(|check| check.odd.iter().map(|odd| odd.words()).collect())
        }),
        requester_check: seen(see(Item::RequesterCheck), || case.requester_check.clone()),
    }
}

/// The answers; what they were computed with, and from, is for overseers.
fn without_engine(checks: Checks, see: bool) -> Checks {
    let answers = checks.answers;
    match see {
        true => Checks { answers, ..checks },
        false => Checks {
            answers,
            ..Checks::default()
        },
    }
}

fn seen<T>(allowed: bool, part: impl FnOnce() -> Option<T>) -> Option<T> {
    if allowed { part() } else { None }
}

fn history(case: &Case) -> Vec<HistoryLine> {
    let line = |step: &disclosure::case::Step| HistoryLine {
        at: step.at,
        what: step.kind.label(),
        who: step.actor.name.clone(),
        note: step.note.clone(),
    };
    case.history.iter().map(line).collect()
}
