//! A quarter at the gate, day by day: agencies ask, the worker judges and traces, caseworkers
//! draft, the guardian reviews, agencies collect and return outcomes.

use std::collections::HashMap;

use disclosure::arrows::Proposed;
use disclosure::check::CheckResult;
use disclosure::decision::{Proposal, Views};
use disclosure::release::OutcomeReturn;
use disclosure::requester::{Method, RequesterCheck};
use disclosure::{Actor, Case, Code, State};
use futures::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use store::CaseFilter;

use super::scenario::{DAYS, Ending, Planned};
use crate::cli::progress::Progress;
use crate::gate::Gate;
use crate::pipeline::release::Verdict;
use crate::pipeline::{self, StepError, intake, judgement, publish, release, review};
use crate::reader::LIST_LINES_MAX;
use crate::settings::DEMONSTRATION;
use crate::{personas, reader, worker};

/// The people who work at the controller.
struct Staff {
    caseworkers: [Actor; 2],
    guardian: Actor,
}

/// What the demonstration remembers of a case it has sent.
struct Sent {
    ending: Ending,
    officer: Actor,
}

/// Plays the planned requests from `start` on. The clock stands at the morning after when it ends.
pub async fn play(gate: &Gate, start: Timestamp, planned: Vec<Planned>) -> anyhow::Result<()> {
    let staff = Staff {
        caseworkers: [
            persona("cw-sofia-lindqvist")?,
            persona("cw-tomasz-zielinski")?,
        ],
        guardian: persona("cg-dr-miriam-okafor")?,
    };
    let mut progress = Progress::start("requests worked", planned.len() as u64);
    let mut by_day: Vec<Vec<Planned>> = (0..DAYS).map(|_| Vec::new()).collect();
    for request in planned {
        if let Some(day) = by_day.get_mut(request.day) {
            day.push(request);
        }
    }
    let mut sent: HashMap<String, Sent> = HashMap::new();
    let mut done = 0;
    for (day, requests) in by_day.into_iter().enumerate() {
        let morning = start + SignedDuration::from_hours(24 * i64::try_from(day)? + 9);
        done += requests.len() as u64;
        let last = day + 1 == DAYS;
        work_day(gate, morning, requests, &mut sent, &staff, last).await?;
        progress.at(done);
    }
    progress.done(&format!("{done} requests of one quarter worked"));
    Ok(())
}

fn persona(id: &str) -> anyhow::Result<Actor> {
    personas::find(id).ok_or_else(|| anyhow::anyhow!("there is no persona `{id}`"))
}

async fn work_day(
    gate: &Gate,
    morning: Timestamp,
    requests: Vec<Planned>,
    sent: &mut HashMap<String, Sent>,
    staff: &Staff,
    last: bool,
) -> anyhow::Result<()> {
    let hour = |hours: i64| morning + SignedDuration::from_hours(hours);
    gate.clock.set(morning);
    let submitted = try_join_all(requests.into_iter().map(|planned| send(gate, planned))).await?;
    sent.extend(submitted);
    worker::drain(gate).await?;
    if last {
        // The last day's cases are left on the desks, for whoever tries them: half of them with
        // the caseworkers, half with the guardian.
        let waiting = queue(gate, "casework_review").await?;
        let (drafted, _) = waiting.split_at(waiting.len() / 2);
        casework(gate, sent, staff, drafted).await?;
        publish::publish(gate).await?;
        return Ok(());
    }
    gate.clock.set(hour(1));
    answer_clauses(gate, sent, staff).await?;
    withdraw(gate, sent).await?;
    worker::drain(gate).await?;
    gate.clock.set(hour(3));
    casework(gate, sent, staff, &queue(gate, "casework_review").await?).await?;
    gate.clock.set(hour(5));
    second_reviews(gate, sent, staff).await?;
    publish::publish(gate).await?;
    gate.clock.set(hour(7));
    collect(gate, sent).await?;
    publish::publish(gate).await?;
    Ok(())
}

async fn send(gate: &Gate, planned: Planned) -> Result<(String, Sent), StepError> {
    let key = gate.chance.token();
    let officer = planned.officer;
    let check = RequesterCheck::new(Method::Session, DEMONSTRATION, gate.clock.now());
    let id = intake::submit(gate, (&officer, &check), &key, planned.request).await?;
    Ok((
        id,
        Sent {
            ending: planned.ending,
            officer,
        },
    ))
}

/// Cases in one state, as a queue shows them.
async fn queue(gate: &Gate, state: &str) -> Result<Vec<String>, StepError> {
    let filter = CaseFilter {
        state: Some(state.to_owned()),
        ..CaseFilter::default()
    };
    let (lines, _) = reader::queue(gate, &filter, None, LIST_LINES_MAX).await?;
    Ok(lines.into_iter().map(|line| line.case).collect())
}

/// Caseworkers answer the clauses that only a person can, except where the plan lets them lie.
async fn answer_clauses(
    gate: &Gate,
    sent: &HashMap<String, Sent>,
    staff: &Staff,
) -> Result<(), StepError> {
    let waiting = queue(gate, "submitted").await?;
    let answers = waiting
        .iter()
        .filter(|id| ending(sent, id) != Ending::Expired)
        .map(|id| async {
            let by = caseworker(staff, id, None);
            let view = reader::open(gate, by, id, "clauses wait for a person").await?;
            let clauses = view.checks.into_iter().flat_map(|checks| checks.answers);
            for clause in clauses.filter(|c| c.blocking && c.result == CheckResult::NeedsHuman) {
                let version = pipeline::load(gate, id).await?.version;
                let reason = "Read; it changes nothing about the request.";
                let met = CheckResult::Pass;
                judgement::answer_clause(gate, by, (id, version), &clause.clause, met, reason)
                    .await?;
            }
            pipeline::trace::start(gate, id, by).await
        });
    try_join_all(answers).await.map(|_| ())
}

async fn withdraw(gate: &Gate, sent: &HashMap<String, Sent>) -> Result<(), StepError> {
    let waiting = queue(gate, "casework_review").await?;
    let given_up = waiting
        .iter()
        .filter(|id| ending(sent, id) == Ending::Withdrawn);
    try_join_all(given_up.map(|id| async move {
        let Some(case) = sent.get(id.as_str()) else {
            return Ok(());
        };
        let version = pipeline::load(gate, id).await?.version;
        release::withdraw(gate, &case.officer, (id, version)).await
    }))
    .await
    .map(|_| ())
}

/// Caseworkers look at what the traces found, and draft or end.
async fn casework(
    gate: &Gate,
    sent: &HashMap<String, Sent>,
    staff: &Staff,
    waiting: &[String],
) -> Result<(), StepError> {
    try_join_all(waiting.iter().map(|id| async move {
        let case = pipeline::load(gate, id).await?;
        let by = caseworker(staff, id, Some(&case));
        reader::open(gate, by, id, "review").await?;
        let seen = (id.as_str(), case.version);
        match proposal(gate, &case, ending(sent, id)).await? {
            Some(proposal) => {
                let gateway = case.request.grounds.gateway.clone().unwrap_or_default();
                let proposed = Proposed {
                    proposal,
                    gateway,
                    views: views(),
                };
                review::draft(gate, by, seen, proposed).await
            }
            None => review::end_without_result(gate, by, seen, Code::NoReleasableField).await,
        }
    }))
    .await
    .map(|_| ())
}

/// What a caseworker proposes: forward where that is what was asked, else the agreed fields, where
/// anything would be told.
async fn proposal(gate: &Gate, case: &Case, ending: Ending) -> Result<Option<Proposal>, StepError> {
    let Some(held) = review::held(gate, case).await? else {
        return Ok(None);
    };
    let (agreements, now) = (gate.agreements(), gate.clock.now());
    if ending == Ending::Forwarded {
        let may = judgement::may_forward(&agreements, case, now);
        return Ok(may.then_some(Proposal::Forward));
    }
    let agreed = judgement::agreed_fields(&agreements, case, now);
    let requested = case.request.known_fields();
    let fields: Vec<_> = requested
        .into_iter()
        .filter(|field| agreed.contains(field))
        .collect();
    let tells = !review::preview(Some(&held), &fields).is_empty();
    Ok(tells.then_some(Proposal::Release(fields)))
}

fn views() -> Views {
    Views {
        necessity: "The items asked for are those needed to make contact.".to_owned(),
        public_interest: "The crime is serious; trust in confidentiality is weighed.".to_owned(),
        harm: "No sign that the person would be put at risk or avoid care.".to_owned(),
        public_health: "None known.".to_owned(),
    }
}

async fn second_reviews(
    gate: &Gate,
    sent: &HashMap<String, Sent>,
    staff: &Staff,
) -> Result<(), StepError> {
    let waiting = queue(gate, "guardian_review").await?;
    try_join_all(waiting.iter().map(|id| async move {
        let view = reader::open(gate, &staff.guardian, id, "second review").await?;
        let (verdict, own_view) = match ending(sent, id) {
            Ending::Declined => (Verdict::Decline, "The harm outweighs what would be gained."),
            _ => (
                Verdict::Agree,
                "Necessary, proportionate and the least that will do.",
            ),
        };
        let guardian = &staff.guardian;
        review::write_own_view(gate, guardian, (id, view.version), own_view).await?;
        let seen = (id.as_str(), view.version + 1);
        release::second_review(gate, guardian, seen, verdict, "").await
    }))
    .await
    .map(|_| ())
}

/// Agencies collect what is ready and return the outcome of what they collected before.
async fn collect(gate: &Gate, sent: &HashMap<String, Sent>) -> Result<(), StepError> {
    let ready = [
        queue_ended(gate, "released").await?,
        queue_ended(gate, "released_part").await?,
    ];
    let now = gate.clock.now();
    try_join_all(ready.iter().flatten().map(|id| async move {
        let (Some(sent), case) = (sent.get(id.as_str()), pipeline::load(gate, id).await?) else {
            return Ok(());
        };
        if case.answer_at.is_some_and(|at| now < at) {
            return Ok(());
        }
        release::collect(gate, &sent.officer, id, &gate.chance.token()).await?;
        let case = pipeline::load(gate, id).await?;
        if !matches!(case.state, State::OutcomeDue(_)) || sent.ending == Ending::NotReturned {
            return Ok(());
        }
        let outcome = match sent.ending {
            Ending::WrongPerson => OutcomeReturn::WrongPerson,
            _ => OutcomeReturn::Located,
        };
        release::return_outcome(gate, &sent.officer, (id, case.version), outcome).await
    }))
    .await
    .map(|_| ())
}

async fn queue_ended(gate: &Gate, state: &str) -> Result<Vec<String>, StepError> {
    let filter = CaseFilter {
        state: Some(state.to_owned()),
        ..Default::default()
    };
    let page = gate
        .store
        .cases(&filter, None, store::read::PAGE_MAX)
        .await?;
    Ok(page.rows.into_iter().map(|row| row.id).collect())
}

fn ending(sent: &HashMap<String, Sent>, id: &str) -> Ending {
    sent.get(id).map_or(Ending::Usual, |sent| sent.ending)
}

/// The caseworker for a case: never the one who started its trace.
fn caseworker<'a>(staff: &'a Staff, id: &str, case: Option<&Case>) -> &'a Actor {
    let [first, second] = &staff.caseworkers;
    let by = if id.ends_with(['2', '3', '4', '5', '6', '7', '8', '9']) {
        first
    } else {
        second
    };
    let traced = case.and_then(|case| case.state.traced());
    let tracer = traced.is_some_and(|traced| traced.trace.tracer.is(by));
    match (tracer, by.is(first)) {
        (false, _) => by,
        (true, true) => second,
        (true, false) => first,
    }
}
