//! A case, its agreement and a clock; takes steps, writes them as a store would, and asserts.

mod attempt;
mod invariant;

pub use invariant::require_readable;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::command::{Command, Opening};
use super::oracle::{self, Arrow};
use crate::tests::audit::require_clean;
use crate::tests::sample::{at, officer};
use crate::{Actor, AgreementState, Case, Change, EventKind, Message, Role, Transition, arrows};

pub struct World {
    pub case: Case,
    pub now: Timestamp,
    /// The agreement's true state.
    pub agreement: AgreementState,
    /// Everybody who has started a trace of this case.
    tracers: BTreeSet<String>,
    keys: BTreeSet<String>,
    /// Rows of the table that were taken.
    pub taken: BTreeSet<(&'static str, Arrow, &'static str)>,
    /// Steps that a guard refused.
    pub refused: usize,
    /// Writes lost because the agreement closed between decision and write.
    pub lost: usize,
}

impl World {
    pub fn open(opening: &Opening) -> World {
        let received = arrows::receive("TG-7F3K-92QD", "key", opening.request(), &officer(), at(0));
        require_clean(&received);
        let case = received.case().unwrap().clone();
        assert_eq!((case.version, case.history.len()), (1, 1));
        let asked = serde_json::to_value(&case.request).unwrap();
        assert!(asked["subject"].is_object(), "I19: one person");
        World {
            case,
            now: at(0),
            agreement: AgreementState::InForce,
            tracers: BTreeSet::new(),
            keys: BTreeSet::from([received.key]),
            taken: BTreeSet::new(),
            refused: 0,
            lost: 0,
        }
    }

    /// Takes one step. A case at its end is tried some more, and then followed by another.
    pub fn take(&mut self, command: &Command) {
        let at_end = oracle::from(self.case.state.code()).next().is_none();
        if at_end && command.agreement.is_multiple_of(2) {
            let next = World::open(&command.next_opening());
            (self.case, self.now) = (next.case, next.now);
            (self.tracers, self.keys) = (next.tracers, next.keys);
        }
        let arrow = command.arrow(&self.case);
        let (arrow, actor) = self.own_view_first(arrow, command);
        self.pass_time(command, arrow);
        let Ok(step) = attempt::step(self, command, arrow, &actor) else {
            self.refused += 1;
            return;
        };
        self.require_step(arrow, &step);
        invariant::require_guards(&self.case, arrow, &actor, &step, &self.tracers);
        if matches!(
            arrow,
            Arrow::Agree | Arrow::ReleaseInEmergency | Arrow::Collect
        ) {
            invariant::require_agreed(&step, &attempt::agreed(command));
        }
        self.change_agreement(command.agreement);
        self.write(arrow, step);
        invariant::require_case(&self.case, self.now);
    }

    /// A guided second person writes an own view and then decides; any other tries what they like.
    fn own_view_first(&self, arrow: Arrow, command: &Command) -> (Arrow, Actor) {
        let actor = command.actor(arrow);
        let decides = matches!(
            arrow,
            Arrow::Agree | Arrow::Decline | Arrow::Uphold | Arrow::NotUphold
        );
        let drafted = self.case.state.drafted();
        let Some(drafted) = drafted.filter(|_| command.guided && decides) else {
            return (arrow, actor);
        };
        match drafted.own_views.first() {
            Some(view) => (arrow, view.by.clone()),
            None => (Arrow::WriteOwnView, actor),
        }
    }

    fn pass_time(&mut self, command: &Command, arrow: Arrow) {
        self.now += SignedDuration::from_secs(command.seconds());
        let due = match arrow {
            Arrow::Expire => Some(self.case.expires_at),
            Arrow::Collect => self.case.answer_at,
            Arrow::LapseEmergency => self.case.emergency_review_due(),
            Arrow::EndDownload => self.case.download_until(),
            _ => None,
        };
        if command.guided && !command.wait.is_multiple_of(4) {
            self.now = self.now.max(due.unwrap_or(self.now));
        }
    }

    /// Mostly open; now and then closed just before the write, in every way there is.
    fn change_agreement(&mut self, choice: u8) {
        self.agreement = match choice % 32 {
            0 => AgreementState::SuspendedHold,
            1 => AgreementState::SuspendedRefuse,
            2 => AgreementState::Ended,
            3 => AgreementState::NotYet,
            4..=7 => AgreementState::Narrowed,
            8..=11 => self.agreement,
            _ => AgreementState::InForce,
        };
    }

    /// What a store does: the conditional write asks for the agreement at the instant of the write.
    fn write(&mut self, arrow: Arrow, step: Transition) {
        let (after, allowed) = match step.change {
            Change::Move(case) => (case, true),
            Change::MoveIfAgreementOpen(case, agreement) => {
                assert_eq!(Some(&agreement), case.agreement.as_ref());
                (case, self.agreement.is_open())
            }
            other => panic!("{arrow:?} wrote {other:?}"),
        };
        if !allowed {
            self.lost += 1;
            return;
        }
        invariant::require_open_for_release(step.event.kind, self.agreement);
        if step.event.kind == EventKind::TraceStarted {
            self.tracers.insert(step.event.actor.id.clone());
        }
        assert!(
            self.keys.insert(step.key.clone()),
            "key used twice: {}",
            step.key
        );
        let row = oracle::row(self.case.state.code(), arrow, after.state.code());
        self.taken.extend(row);
        self.case = *after;
    }

    /// One legal arrow, one version, one line of history, one event, no values.
    fn require_step(&self, arrow: Arrow, step: &Transition) {
        let (before, after) = (&self.case, step.case().unwrap());
        let (from, to) = (before.state.code(), after.state.code());
        assert!(
            oracle::row(from, arrow, to).is_some(),
            "illegal: {from} --{arrow:?}--> {to}"
        );
        assert_eq!(after.version, before.version + 1);
        let (last, earlier) = after.history.split_last().unwrap();
        assert_eq!(earlier, before.history);
        let event = &step.event;
        assert_eq!(
            (last.at, last.kind, &last.actor),
            (self.now, event.kind, &event.actor)
        );
        assert_eq!(
            (event.at, event.case_id.as_ref()),
            (self.now, Some(&before.id))
        );
        assert_eq!(
            (&after.id, after.received_at),
            (&before.id, before.received_at)
        );
        assert!(arrow == Arrow::Clarify || after.request == before.request);
        assert!(
            before.ending.is_none() || after.ending == before.ending,
            "counted twice"
        );
        let counts = event.audit.contains_key("ending");
        assert_eq!(
            counts,
            before.ending != after.ending,
            "the log counts what the case counts"
        );
        require_clean(step);
        for message in &step.outbox {
            if let Message::Notify {
                at, organization, ..
            } = message
                && *organization == after.request.requester.organization
            {
                // A question is asked before any trace, so that it tells of none.
                let asked = event.kind == EventKind::Asked && before.state.traced().is_none();
                assert!(
                    asked || after.answer_at.is_some_and(|answer_at| answer_at <= *at),
                    "told early"
                );
            }
        }
        let traces = event.kind == EventKind::TraceStarted && event.actor.role == Role::Gate;
        let works = step
            .outbox
            .iter()
            .any(|message| matches!(message, Message::Work { .. }));
        if before.request.manual_information.is_some() {
            assert!(!traces, "I20: the gate traces by itself");
            assert!(
                !works || to != "checked",
                "I20: the worker goes on by itself"
            );
        }
    }
}
