//! Who and what the stories are about. Everybody is invented.

use disclosure::case::AnswerWindow;
use disclosure::check::{Check, CheckResult, Checks};
use disclosure::decision::{Proposal, Views};
use disclosure::release::{AddressKind, HeldRecord};
use disclosure::trace::{Candidate, EvidenceLine, TraceOutcome, TraceResult};
use disclosure::{
    Actor, AgreementRef, AgreementState, Case, Code, Field, Request, Role, Transition, arrows,
};
use jiff::{SignedDuration, Timestamp};
use store::{Applied, Store, StoreError};

/// Noon of an ordinary Wednesday, and `minutes` later.
pub fn noon_and(minutes: i64) -> Timestamp {
    let noon: Timestamp = "2026-03-04T12:00:00.123456789Z".parse().expect("a time");
    noon + SignedDuration::from_mins(minutes)
}

pub fn actor(id: &str, role: Role, organization: &str) -> Actor {
    Actor {
        id: id.to_owned(),
        name: id.to_uppercase(),
        role,
        organization: organization.to_owned(),
    }
}

pub fn officer(agency: &str) -> Actor {
    actor("olive", Role::Officer, agency)
}

pub fn caseworker() -> Actor {
    actor("carl", Role::Caseworker, "controller")
}

pub fn guardian() -> Actor {
    actor("gita", Role::Guardian, "controller")
}

pub fn window() -> AnswerWindow {
    AnswerWindow {
        tick_seconds: 3600,
        earliest_seconds: 86_400,
    }
}

pub fn agreement() -> AgreementRef {
    AgreementRef {
        name: "police-serious-crime/2026-01-01".to_owned(),
        hash: "ab".repeat(32),
    }
}

pub fn request(agency: &str) -> Request {
    serde_json::from_value(serde_json::json!({
        "requester": {
            "organization": agency,
            "officer_id": "olive",
            "name": "Olive Ogden",
            "rank": "sergeant",
        },
        "authoriser": {
            "officer_id": "arthur",
            "name": "Arthur Archer",
            "rank": "inspector",
            "signed_at": "2026-03-04T11:00:00Z",
        },
        "purpose": "serious_crime",
        "subject": {
            "surname": "O'Néill",
            "given_name": "Zoë",
            "date_of_birth": "1990-01-01",
        },
        "fields": ["name", "last_known_address"],
    }))
    .expect("a request")
}

/// A request received under reference `id`, with `id` as its key.
pub fn received(id: &str, agency: &str, now: Timestamp) -> Transition {
    arrows::receive(id, id, request(agency), &officer(agency), now)
}

pub fn checks(result: CheckResult) -> Checks {
    let check = Check {
        clause: "1.1".to_owned(),
        text: "The offence is a serious one.".to_owned(),
        result,
        blocking: true,
        code: Code::BelowSeriousness,
        cure: "say which offence".to_owned(),
        answered_by: None,
        reason: None,
    };
    Checks {
        answers: vec![check],
        engine: "test".to_owned(),
        inputs_hash: "00".repeat(32),
    }
}

/// A trace by the gate; scores that take care to be stored exactly.
pub fn traced(outcome: TraceOutcome, now: Timestamp) -> TraceResult {
    let candidate = Candidate {
        person_ref: "P-9990000018".to_owned(),
        score: 0.1 + 0.2,
        probability: 0.999_931_234_567_890_1,
        on_history: false,
        restricted: false,
        jan1: true,
        evidence: vec![EvidenceLine {
            field: "birth date".to_owned(),
            finding: "agrees".to_owned(),
            bits: 13.287_712_379_549_449,
            total: 1.0 / 3.0,
        }],
    };
    TraceResult {
        tracer: Actor::gate(),
        at: now,
        engine: "bayes".to_owned(),
        index_version: "11".repeat(32),
        outcome,
        examined: 1,
        candidates: vec![candidate],
        gap: Some(0.7),
    }
}

pub fn held_record() -> HeldRecord {
    HeldRecord {
        person_ref: "P-9990000018".to_owned(),
        name: "Zoë O'Néill".to_owned(),
        previous_names: Vec::new(),
        birth_date: "1990-01-01".to_owned(),
        gender: "F".to_owned(),
        address: "1 Invented Row".to_owned(),
        postcode: "ZX1 1AA".to_owned(),
        address_kind: AddressKind::Home,
        address_from: String::new(),
        registration_date: String::new(),
        area_code: String::new(),
        gp_practice: String::new(),
        restricted: false,
        deceased: false,
    }
}

pub fn recheck() -> arrows::Recheck {
    arrows::Recheck {
        agreement_open: true,
        test_valid: true,
        held: Some(held_record()),
        agreed: fields(),
    }
}

pub fn fields() -> Vec<Field> {
    request("x").known_fields()
}

pub fn terms() -> arrows::ReleaseTerms {
    arrows::ReleaseTerms {
        data_life_days: 90,
        outcome_due_days: 30,
        onward_rule: "none".to_owned(),
        window: window(),
    }
}

pub fn proposed() -> arrows::Proposed {
    let view = || "because".to_owned();
    arrows::Proposed {
        proposal: Proposal::Release(fields()),
        gateway: "L3".to_owned(),
        views: Views {
            necessity: view(),
            public_interest: view(),
            harm: view(),
            public_health: view(),
        },
    }
}

/// Records a state of the agreement, as the gate does.
pub async fn agreement_becomes(
    store: &Store,
    state: AgreementState,
    now: Timestamp,
) -> Result<Applied, StoreError> {
    record(store, agreement(), state, now).await
}

/// Records a state of an agreement version, as the gate does.
pub async fn record(
    store: &Store,
    agreement: AgreementRef,
    state: AgreementState,
    now: Timestamp,
) -> Result<Applied, StoreError> {
    let before = store.standing(&agreement.name).await.expect("reads");
    let change = arrows::record_agreement(before.as_ref(), agreement, state, "decided", now);
    store.apply(change.expect("an arrow")).await
}

/// Applies a transition that changes a case and returns the case as it is then.
pub async fn go(store: &Store, transition: Transition) -> Case {
    let case = transition.case().expect("a case").clone();
    store.apply(transition).await.expect("applies");
    case
}

/// A case that waits for the second person, under an agreement in force.
pub async fn drafted(store: &Store, id: &str) -> Case {
    let gate = Actor::gate();
    let in_force = agreement_becomes(store, AgreementState::InForce, noon_and(0));
    in_force.await.expect("applies");
    let case = go(store, received(id, "police-northmoor", noon_and(1))).await;
    let judged = arrows::judge(
        &case,
        agreement(),
        checks(CheckResult::Pass),
        &gate,
        noon_and(2),
    );
    let case = go(store, judged.expect("an arrow")).await;
    let open = arrows::TraceGate {
        agreement_open: true,
        test_valid: true,
        budget_left: true,
    };
    let started = arrows::start_trace(&case, open, &gate, noon_and(3));
    let case = go(store, started.expect("an arrow")).await;
    let found = traced(TraceOutcome::Single, noon_and(4));
    let case = go(
        store,
        arrows::record_trace(&case, found, noon_and(4)).expect("an arrow"),
    )
    .await;
    let draft = arrows::draft(&case, proposed(), &fields(), &caseworker(), noon_and(5));
    go(store, draft.expect("an arrow")).await
}

/// The second person's own view, before they see the draft.
pub async fn viewed(store: &Store, case: &Case, by: &Actor, minutes: i64) -> Case {
    let view = arrows::write_own_view(case, "agrees: Zo\u{eb}", by, noon_and(minutes));
    go(store, view.expect("an arrow")).await
}

/// The second person's agreement to release.
pub fn release(case: &Case, by: &Actor, minutes: i64) -> Transition {
    arrows::agree(case, "", &recheck(), &terms(), by, noon_and(minutes)).expect("an arrow")
}
