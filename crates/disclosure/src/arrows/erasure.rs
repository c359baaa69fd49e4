//! Erasure: two people have what the gate holds about a person destroyed. The entries of the log stay,
//! and so does every proof; what would open them goes.

use jiff::Timestamp;

use super::facts;
use super::guard::require_any_staff;
use crate::{
    Actor, ArrowError, Case, Change, Concern, Event, EventKind, State, Telling, Transition,
};

/// Why a record is erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum ErasureGround {
    RetentionEnded,
    RightToErasure,
    CourtOrder,
    WrongPerson,
}

impl ErasureGround {
    /// Every ground.
    pub const ALL: [ErasureGround; 4] = [
        ErasureGround::RetentionEnded,
        ErasureGround::RightToErasure,
        ErasureGround::CourtOrder,
        ErasureGround::WrongPerson,
    ];

    /// The text form.
    pub fn code(self) -> &'static str {
        match self {
            ErasureGround::RetentionEnded => "retention_ended",
            ErasureGround::RightToErasure => "right_to_erasure",
            ErasureGround::CourtOrder => "court_order",
            ErasureGround::WrongPerson => "wrong_person",
        }
    }

    /// The ground with this text form, if there is one.
    pub fn from_code(code: &str) -> Option<ErasureGround> {
        ErasureGround::ALL
            .into_iter()
            .find(|ground| ground.code() == code)
    }
}

/// The key of a proposal: of one person's cases as they stood, the first proposal stands.
pub fn erasure_proposal_key(cases: &[Case]) -> String {
    let stood: Vec<String> = cases
        .iter()
        .map(|case| format!("{}/{}", case.id, case.version))
        .collect();
    let digest = super::discriminator([&stood.join(" "), ""]);
    format!("erasure/{digest:016x}/proposal")
}

/// The first of two people proposes; nothing is destroyed yet. `cases` are all that are about the
/// person, the one named by the proposer first.
pub fn propose_erasure(
    cases: &[Case],
    ground: ErasureGround,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    require_any_staff(by)?;
    let key = erasure_proposal_key(cases);
    let kind = EventKind::ErasureProposed;
    entry(key, kind, cases, ground, by, now)
}

/// The second person, a guardian, erases what the first, whose identity is `proposed_by`, proposed.
pub fn erase(
    cases: &[Case],
    ground: ErasureGround,
    proposed_by: &str,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    super::guard::require_guardian(by)?;
    if proposed_by == by.id {
        return Err(ArrowError::SamePerson {
            rule: "who proposed to erase may not confirm it",
        });
    }
    let key = erasure_proposal_key(cases).replace("proposal", "done");
    let mut erased = entry(key, EventKind::Erased, cases, ground, by, now)?;
    let audit = &mut erased.event.audit;
    audit.insert("proposed_by".to_owned(), proposed_by.to_owned());
    erased.event.concerns = told(cases, ground, by, now).into_iter().collect();
    erased.change = Change::Erase(
        cases
            .iter()
            .map(|case| (case.id.clone(), case.version))
            .collect(),
    );
    Ok(erased)
}

/// The first entry of what is left of the person's chain: that the ones before it are gone, and why.
fn told(cases: &[Case], ground: ErasureGround, by: &Actor, now: Timestamp) -> Option<Concern> {
    let person = cases.iter().find_map(|case| case.concerned().found)?;
    let facts = facts([
        ("person", person.as_str()),
        ("part", "erased"),
        ("at", now.to_string().as_str()),
        ("by", by.role.code()),
        ("reason", ground.code()),
    ]);
    Some(Concern {
        person,
        is_subject: true,
        facts,
    })
}

fn entry(
    key: String,
    kind: EventKind,
    cases: &[Case],
    ground: ErasureGround,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    let unfinished = cases.iter().find(|case| !is_finished(case, now));
    if let Some(case) = unfinished {
        return Err(ArrowError::Unfinished(case.id.clone()));
    }
    let ids: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    Ok(Transition {
        key,
        change: Change::Nothing,
        event: Event {
            kind,
            at: now,
            // A case alone would be one of several.
            case_id: ids.first().map(|id| (*id).to_owned()),
            actor: by.clone(),
            audit: facts([
                ("actor", by.id.as_str()),
                ("role", by.role.code()),
                ("ground", ground.code()),
                ("cases", &ids.join(" ")),
            ]),
            concerns: Vec::new(),
            telling: Telling::Now,
        },
        outbox: Vec::new(),
        marks: Vec::new(),
    })
}

/// Whether nobody waits for anything any more: the answer is out, and no outcome, review or recall is
/// open.
fn is_finished(case: &Case, now: Timestamp) -> bool {
    let over = matches!(
        case.state,
        State::Invalid(_)
            | State::Refused(_)
            | State::NoResult(_)
            | State::Forwarded(_)
            | State::Withdrawn
            | State::Expired
            | State::Closed(_)
    );
    // Whoever has not been told yet would never be.
    over && case.answer_at.is_none_or(|at| at <= now) && case.deferred_until().is_none()
}
