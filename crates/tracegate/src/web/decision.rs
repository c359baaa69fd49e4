//! The caseworker's decision: choose, look at exactly what would leave, confirm.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use disclosure::arrows::Proposed;
use disclosure::decision::{Proposal, Views};
use disclosure::release::HeldRecord;
use disclosure::{Actor, Case, Code, Field};
use minijinja::{Value, context};

use super::access::Room;
use super::agreements::gateways;
use super::oops::Oops;
use super::visitor::{FieldError, Fields, Posted, Visitor};
use super::{Desk, cases, page};
use crate::gate::Gate;
use crate::pipeline::{self, judgement, review};
use crate::reader::CaseView;

/// Why nothing is released about a person who was found: codes first, no text.
const CODES: [Code; 2] = [Code::PitNotMetAfterTrace, Code::NoReleasableField];

/// Name of a view's input, what it asks, and a hint.
const VIEWS: [(&str, &str, &str); 4] = [
    (
        "necessity",
        "Why are these items necessary?",
        "Say why less would not do.",
    ),
    (
        "public_interest",
        "Which public interest weighs more, disclosure or confidentiality?",
        "Name both and say which wins here.",
    ),
    (
        "harm",
        "What harm could come to the person?",
        "Count later avoidance of care as harm.",
    ),
    (
        "public_health",
        "Is there a risk to public health?",
        "If none, say why not.",
    ),
];

/// What the caseworker decides to do.
enum Choice {
    Propose(Proposed),
    NoResult(Code),
}

/// A case, and what is held of the person found.
type Of<'a> = (&'a Case, Option<&'a HeldRecord>);

/// `GET /cases/{id}/decision`.
pub async fn show(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Oops> {
    let by = visitor.enter(Room::Casework)?;
    let opened = open(&desk.gate, by, &id).await?;
    let content = content(&desk.gate, &opened, &Fields::default(), &[]);
    Ok(visitor.page("decision/form.html", &title(&id), "cases", content))
}

/// `POST /cases/{id}/decision`: step `preview`, `change` or `confirm`.
pub async fn take(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Oops> {
    let (visitor, fields) = (&posted.visitor, &posted.fields);
    let by = visitor.enter(Room::Casework)?;
    let gate = &desk.gate;
    let back = |oops: Oops| oops.then(format!("/cases/{id}"), "Look at the case");
    let opened = open(gate, by, &id).await?;
    let (case, held) = (&opened.case, opened.held.as_ref());
    if fields.seen()? != case.version {
        return Err(back(Oops::changed()));
    }
    let title = title(&id);
    let choice = match (read(gate, (case, held), fields), fields.text("step")) {
        (Err(errors), _) => {
            let content = content(gate, &opened, fields, &errors);
            return Ok(visitor.page_again("decision/form.html", &title, "cases", content));
        }
        (Ok(_), "change") => {
            let content = content(gate, &opened, fields, &[]);
            return Ok(visitor.page("decision/form.html", &title, "cases", content));
        }
        (Ok(choice), "confirm") => choice,
        (Ok(choice), _) => {
            let content = previewed(gate, (case, held), fields, &choice);
            return Ok(visitor.page("decision/preview.html", &title, "cases", content));
        }
    };
    posted.proven()?;
    let seen = (id.as_str(), case.version);
    let done = match choice {
        Choice::Propose(proposed) => review::draft(gate, by, seen, proposed).await,
        Choice::NoResult(code) => review::end_without_result(gate, by, seen, code).await,
    };
    done.map_err(|error| back(error.into()))?;
    Ok(Redirect::to(&format!("/cases/{id}")).into_response())
}

fn title(id: &str) -> String {
    format!("Decide case {id}")
}

/// A case that waits for a decision, and what is held of the person found.
struct Opened {
    view: CaseView,
    case: Case,
    held: Option<HeldRecord>,
    objection: Option<String>,
}

/// The case, opened on the record, if it waits for a caseworker.
async fn open(gate: &Gate, by: &Actor, id: &str) -> Result<Opened, Oops> {
    let view = cases::open(gate, by, id, "decision").await?;
    let case = pipeline::load(gate, id).await?;
    if case.state.code() == "casework_review" {
        return Ok(Opened {
            held: review::held(gate, &case).await?,
            objection: cases::objection(gate, &case).await?,
            view,
            case,
        });
    }
    let oops = Oops::not_now("The case does not wait for a caseworker's decision.");
    Err(oops.then(format!("/cases/{id}"), "Look at the case"))
}

/// Reads the choice; errors are by input.
fn read(gate: &Gate, of: Of<'_>, fields: &Fields) -> Result<Choice, Vec<FieldError>> {
    let (case, _) = of;
    let wrong = |field: &str, message: &str| Err(vec![FieldError::new(field, message)]);
    let single = is_single(case);
    let proposal = match fields.text("choice") {
        "release" if single => Proposal::Release(chosen(fields)),
        "forward" if may_forward(gate, case) => Proposal::Forward,
        "no_result" => match (code(fields), single) {
            // Where the trace found nobody certain its own code stands, whatever is sent.
            (_, false) => return Ok(Choice::NoResult(Code::NoReleasableField)),
            (Some(code), true) => return Ok(Choice::NoResult(code)),
            (None, true) => return wrong("code", "Choose why nothing is released"),
        },
        _ => return wrong("choice", "Choose what to do"),
    };
    let errors = errors(gate, of, fields, &proposal);
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(Choice::Propose(Proposed {
        proposal,
        gateway: fields.lines("gateway"),
        views: views(fields),
    }))
}

/// The weighing as written.
pub fn views(fields: &Fields) -> Views {
    Views {
        necessity: fields.lines("necessity"),
        public_interest: fields.lines("public_interest"),
        harm: fields.lines("harm"),
        public_health: fields.lines("public_health"),
    }
}

/// The questions of the weighing, as a form asks them.
pub fn questions() -> Vec<Value> {
    let asked = VIEWS.map(|(name, question, hint)| context! { name, question, hint });
    asked.to_vec()
}

fn errors(
    gate: &Gate,
    (case, held): Of<'_>,
    fields: &Fields,
    proposal: &Proposal,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if let Proposal::Release(chosen) = proposal {
        if chosen.is_empty() {
            errors.push(FieldError::new("fields", "Choose at least one item"));
        } else if review::preview(held, chosen).is_empty() {
            let message = "Nothing of what you chose can be told; choose other items, or no result";
            errors.push(FieldError::new("fields", message));
        }
    }
    let agreements = gate.agreements();
    let version = judgement::version_of(&agreements, case, gate.clock.now());
    let codes = version.map(|version| &version.terms.gateways);
    let known = codes.is_some_and(|codes| codes.iter().any(|code| code == fields.text("gateway")));
    if !known {
        errors.push(FieldError::new(
            "gateway",
            "Choose the one gateway relied on",
        ));
    }
    errors.extend(unanswered(fields));
    errors
}

/// The questions of the weighing that have been left empty.
pub fn unanswered(fields: &Fields) -> impl Iterator<Item = FieldError> {
    let empty = VIEWS
        .iter()
        .filter(|(name, ..)| fields.text(name).is_empty());
    empty.map(|(name, question, _)| FieldError::new(name, format!("Answer: {question}")))
}

fn may_forward(gate: &Gate, case: &Case) -> bool {
    judgement::may_forward(&gate.agreements(), case, gate.clock.now())
}

fn is_single(case: &Case) -> bool {
    let traced = case.state.traced();
    traced.is_some_and(|traced| traced.trace.single().is_some())
}

pub fn chosen(fields: &Fields) -> Vec<Field> {
    let codes = fields.all("fields");
    codes
        .iter()
        .filter_map(|code| Field::from_code(code))
        .collect()
}

fn code(fields: &Fields) -> Option<Code> {
    Code::from_code(fields.text("code")).filter(|code| CODES.contains(code))
}

fn content(gate: &Gate, opened: &Opened, fields: &Fields, errors: &[FieldError]) -> Value {
    let (view, case) = (&opened.view, &opened.case);
    let (agreements, now) = (gate.agreements(), gate.clock.now());
    let agreed = judgement::agreed_fields(&agreements, case, now);
    let requested = case.request.known_fields();
    let (may, may_not): (Vec<Field>, Vec<Field>) = requested
        .into_iter()
        .partition(|field| agreed.contains(field) && field.is_releasable());
    let option = |field: &Field| context! { code => field.code(), words => field.label() };
    let version = judgement::version_of(&agreements, case, now);
    context! {
        view => page::value(view),
        facts => cases::facts(view),
        trace => cases::trace_summary(view),
        objection => opened.objection.as_deref(),
        single => is_single(case),
        may_forward => judgement::may_forward(&agreements, case, now),
        fields => may.iter().map(option).collect::<Vec<_>>(),
        not_permitted => may_not.iter().map(option).collect::<Vec<_>>(),
        gateways => version.map(gateways).unwrap_or_default(),
        views => questions(),
        codes => CODES.map(|code| context! { code => code.code(), words => code.meaning() }).to_vec(),
        f => fields.shown(errors),
    }
}

/// Exactly what would happen, field by field.
fn previewed(gate: &Gate, of: Of<'_>, fields: &Fields, choice: &Choice) -> Value {
    let (case, _) = of;
    let (kind, proposal) = match choice {
        Choice::NoResult(_) => ("no_result", None),
        Choice::Propose(proposed) => match &proposed.proposal {
            Proposal::Release(_) => ("release", Some(&proposed.proposal)),
            Proposal::Forward => ("forward", Some(&proposed.proposal)),
        },
    };
    context! {
        id => case.id.clone(),
        kind,
        outgoing => proposal.map(|proposal| outgoing(gate, of, proposal)),
        code => match choice {
            Choice::NoResult(code) => Some(inside_code(case, *code).code()),
            Choice::Propose(_) => None,
        },
        gateway => fields.text("gateway"),
        views => VIEWS
            .map(|(name, question, _)| context! { question, text => fields.lines(name) })
            .to_vec(),
        carried => fields.carried(),
    }
}

/// The code that stays inside.
fn inside_code(case: &Case, chosen: Code) -> Code {
    let traced = case.state.traced();
    traced
        .and_then(|traced| traced.trace.outcome.code())
        .unwrap_or(chosen)
}

/// The record that would leave, and the rules stamped on it.
pub fn outgoing(gate: &Gate, (case, held): Of<'_>, proposal: &Proposal) -> Value {
    let fields: &[Field] = match proposal {
        Proposal::Release(fields) => fields,
        Proposal::Forward => &[],
    };
    let mut fields = fields.to_vec();
    fields.sort_unstable();
    fields.dedup();
    let agreements = gate.agreements();
    let version = judgement::version_of(&agreements, case, gate.clock.now());
    let handling = version.map(|version| &version.terms.handling);
    context! {
        forward => *proposal == Proposal::Forward,
        recipient => case.request.requester.organization.clone(),
        record => page::value(review::preview(held, &fields)),
        data_life_days => handling.map(|handling| handling.data_life_days),
        outcome_due_days => handling.map(|handling| handling.outcome_due_days),
        onward_rule => handling.map(|handling| handling.onward_rule.clone()),
    }
}
