//! Calls the arrow with what the command chooses.

use super::World;
use crate::arrows::{self, Proposed, Recheck, TraceGate};
use crate::check::{CheckResult, Checks};
use crate::decision::{self, Proposal, Views};
use crate::release::{AddressKind, HeldRecord, OutcomeReturn};
use crate::tests::life_cycle::command::Command;
use crate::tests::life_cycle::oracle::Arrow;
use crate::tests::sample::{
    OUTCOMES, WINDOW, agreement, check, checks, every_clause_met, held, person, propose,
    releasable, request, terms, trace_result, views,
};
use crate::trace::{TraceOutcome, TraceResult};
use crate::{Actor, ArrowError, Code, Field, Role, Transition, intake};

pub fn step(
    world: &World,
    command: &Command,
    arrow: Arrow,
    by: &Actor,
) -> Result<Transition, ArrowError> {
    let (case, now, choice) = (&world.case, world.now, command.choice);
    match arrow {
        Arrow::Invalidate => {
            let mut faulty = case.request.clone();
            faulty.purpose.clear();
            arrows::invalidate(case, intake::faults(&faulty), by, now)
        }
        Arrow::Judge => arrows::judge(case, agreement(), judgement(choice), by, now),
        Arrow::AnswerClause => {
            let answer = [CheckResult::Pass, CheckResult::Pass, CheckResult::Fail];
            let answer = answer[usize::from(choice) % answer.len()];
            arrows::answer_clause(case, waiting_clause(world), answer, "Zqreason", by, now)
        }
        Arrow::Refuse => arrows::refuse(case, code(choice), "no", "cure", by, now),
        Arrow::Ask => arrows::ask(case, "Zqquestion?", by, now),
        Arrow::Clarify => arrows::clarify(case, "Zqanswer", revision(command), by, now),
        Arrow::StartTrace => arrows::start_trace(case, gate(world, command), by, now),
        Arrow::RecordTrace => arrows::record_trace(case, found(world, command, by), now),
        Arrow::Draft => arrows::draft(case, proposed(world, choice), &agreed(command), by, now),
        Arrow::EndWithoutResult => arrows::end_without_result(case, code(choice), WINDOW, by, now),
        Arrow::Agree => arrows::agree(case, "Zqwhy", &recheck(world, command), &terms(), by, now),
        Arrow::WriteOwnView => arrows::write_own_view(case, "Zqview", by, now),
        Arrow::Decline => arrows::decline(case, "", WINDOW, by, now),
        Arrow::Collect => arrows::collect(case, "collect", &agreed(command), by, now),
        Arrow::ReturnOutcome => arrows::return_outcome(case, outcome(choice), by, now),
        Arrow::Recall => arrows::recall(case, "wrong_person", by, now),
        Arrow::ConfirmDestroyed => arrows::confirm_destroyed(case, by, now),
        Arrow::ReleaseInEmergency => emergency(world, command, by),
        Arrow::Uphold => arrows::uphold(case, "Zqwhy", by, now),
        Arrow::NotUphold => arrows::not_uphold(case, "", by, now),
        Arrow::Hold => arrows::hold(case, by, now),
        Arrow::RefuseSuspended => arrows::refuse_suspended(case, by, now),
        Arrow::Resume => arrows::resume(case, by, now),
        Arrow::Withdraw => arrows::withdraw(case, by, now),
        Arrow::Expire => arrows::expire(case, by, now),
        Arrow::DeclareEmergency => {
            let proposed = proposed(world, choice);
            arrows::declare_emergency(case, proposed, &agreed(command), by, now)
        }
        Arrow::LapseEmergency => arrows::lapse_emergency(case, by, now),
        Arrow::EndDownload => arrows::end_download(case, by, now),
    }
}

fn judgement(choice: u8) -> Checks {
    let one = |result, code| checks(vec![check("4.1", result, code)]);
    match choice % 20 {
        0 => Checks::default(),
        1 => one(CheckResult::Fail, Code::NotLostContact),
        2 => one(CheckResult::Fail, Code::RankTooLow),
        3 => one(CheckResult::Fail, Code::NoTrace),
        4 => one(CheckResult::NeedsHuman, Code::RequesterUnverified),
        5 => one(CheckResult::NeedsHuman, Code::PitNotMet),
        6 => {
            let mut both = one(CheckResult::NeedsHuman, Code::PitNotMet);
            both.answers
                .push(check("4.2", CheckResult::NeedsHuman, Code::ActNotData));
            both
        }
        _ => every_clause_met(),
    }
}

fn waiting_clause(world: &World) -> &str {
    let checks = world.case.state.checks();
    let first = checks.and_then(|checks| checks.waiting().next());
    first.map_or("4.1", |check| check.clause.as_str())
}

fn code(choice: u8) -> Code {
    let codes: Vec<Code> = Code::all().collect();
    codes[usize::from(choice) % codes.len()]
}

fn outcome(choice: u8) -> OutcomeReturn {
    match choice % 3 {
        0 => OutcomeReturn::WrongPerson,
        1 => OutcomeReturn::NotUsed,
        _ => OutcomeReturn::Located,
    }
}

fn revision(command: &Command) -> Option<crate::Request> {
    let mut revised = request();
    match command.choice % 6 {
        0 | 1 => return None,
        2 => revised.requester.organization = "police-southmoor".to_owned(),
        3 => revised.requester.officer_id = "inspector".to_owned(),
        4 => revised.authoriser = None,
        _ => revised.manual_information = Some("Zqmanual".to_owned()),
    }
    Some(revised)
}

/// Claims are true, except now and then: a claim made a moment too early.
fn claims_open(world: &World, command: &Command) -> bool {
    world.agreement.is_open() || command.claim.is_multiple_of(3)
}

fn gate(world: &World, command: &Command) -> TraceGate {
    TraceGate {
        agreement_open: claims_open(world, command),
        test_valid: command.claim % 11 != 1,
        budget_left: command.claim % 11 != 2,
    }
}

fn found(world: &World, command: &Command, tracer: &Actor) -> TraceResult {
    let outcomes = OUTCOMES.get(usize::from(command.choice % 24));
    let mut found = trace_result(
        outcomes.copied().unwrap_or(TraceOutcome::Single),
        tracer,
        world.now,
    );
    if command.held % 16 == 15 {
        found.candidates.clear();
    }
    found
}

fn proposed(world: &World, choice: u8) -> Proposed {
    let asked = world.case.request.known_fields();
    let releasable = |field: &Field| field.is_releasable();
    let fitting = || {
        asked
            .iter()
            .copied()
            .filter(releasable)
            .collect::<Vec<Field>>()
    };
    let good = || propose(Proposal::Release(fitting()));
    match choice % 24 {
        0 => propose(Proposal::Release(Vec::new())),
        1 => propose(Proposal::Release(vec![Field::NhsNumber])),
        2 => propose(Proposal::Release(vec![Field::Name, Field::Gender])),
        3 => propose(Proposal::Release(Field::ALL.to_vec())),
        4 => Proposed {
            gateway: String::new(),
            ..good()
        },
        5 => Proposed {
            views: Views::default(),
            ..good()
        },
        6 | 7 => propose(Proposal::Forward),
        8 => propose(Proposal::Release([fitting(), fitting()].concat())),
        _ => good(),
    }
}

/// What the agreement allows at this instant.
pub fn agreed(command: &Command) -> Vec<Field> {
    match command.held % 24 {
        20 => Vec::new(),
        21 => vec![Field::Name],
        22 => vec![Field::LastKnownAddress],
        23 => Field::ALL.to_vec(),
        _ => releasable(),
    }
}

fn recheck(world: &World, command: &Command) -> Recheck {
    Recheck {
        agreement_open: claims_open(world, command),
        test_valid: command.claim % 11 != 1,
        held: record(command.held),
        agreed: agreed(command),
    }
}

/// What the index holds now. Where the address may not be told, practice and area differ from the
/// sample's, so that the invariants notice any of the three in a release.
fn record(choice: u8) -> Option<HeldRecord> {
    let mut record = held();
    match choice % 20 {
        0 => return None,
        1 => record.person_ref = "person-2".to_owned(),
        2 => record.restricted = true,
        3 => record.deceased = true,
        4 => record.postcode = "ZZ99 3VZ".to_owned(),
        5 => record.address_kind = AddressKind::CareOfPractice,
        6 => record.address_kind = AddressKind::Withheld,
        7 => record.address = "c/o Zqpractice".to_owned(),
        _ => return Some(record),
    }
    if choice % 20 >= 4 {
        record.address = format!("{}, away", record.address);
        record.area_code = "ZQ7".to_owned();
        record.gp_practice = "B82002".to_owned();
    }
    Some(record)
}

fn emergency(world: &World, command: &Command, by: &Actor) -> Result<Transition, ArrowError> {
    let tracer = match command.choice % 5 {
        0 | 1 => person("bert", Role::Caseworker, "controller"),
        2 => by.clone(),
        _ => Actor::gate(),
    };
    let drafter = match command.wait % 10 {
        0 => tracer.clone(),
        1 => by.clone(),
        2 => person("officer", Role::Caseworker, "controller"),
        _ => person("anna", Role::Caseworker, "controller"),
    };
    let proposed = proposed(world, command.choice);
    let draft = decision::Draft {
        proposal: proposed.proposal,
        gateway: proposed.gateway,
        views: if command.choice.is_multiple_of(32) {
            Views::default()
        } else {
            views()
        },
        by: drafter,
        at: world.now,
    };
    let trace = found(world, command, &tracer);
    let recheck = recheck(world, command);
    let (case, now) = (&world.case, world.now);
    arrows::release_in_emergency(case, trace, draft, &recheck, &terms(), by, now)
}
