//! Who stops an agreement, and who opens it again.

use super::audit::require_clean;
use super::sample::{agreement, at, guardian, person};
use crate::agreement_status::Standing;
use crate::{Actor, AgreementState, ArrowError, Change, EventKind, Role, Transition, arrows};

fn in_state(state: AgreementState) -> Standing {
    standing(&arrows::record_agreement(None, agreement(), state, "status log", at(0)).unwrap())
}

fn standing(transition: &Transition) -> Standing {
    require_clean(transition);
    match &transition.change {
        Change::Agreement(standing) => (**standing).clone(),
        other => panic!("{other:?}"),
    }
}

fn suspended(before: &Standing, effect: AgreementState) -> Standing {
    standing(&arrows::suspend(before, effect, "committee letter", &guardian(), at(1)).unwrap())
}

/// I4: requester staff never edit rules.
#[test]
fn only_a_guardian_suspends_and_in_one_step() {
    let before = in_state(AgreementState::InForce);
    let effect = AgreementState::SuspendedHold;
    for role in [
        Role::Officer,
        Role::Authoriser,
        Role::Caseworker,
        Role::Overseer,
    ] {
        let by = person("somebody", role, "controller");
        let refused = [
            arrows::suspend(&before, effect, "because", &by, at(1)),
            arrows::propose_reopening(&suspended(&before, effect), "because", &by, at(1)),
        ];
        for refused in refused {
            assert!(matches!(refused, Err(ArrowError::Role { .. })), "{role:?}");
        }
    }
    let unsaid = arrows::suspend(&before, effect, " ", &guardian(), at(1));
    assert_eq!(unsaid, Err(ArrowError::Missing("reason")));
    let step = arrows::suspend(&before, effect, "committee letter", &guardian(), at(1)).unwrap();
    assert_eq!(step.event.audit["to"], "suspended_hold");
    let after = standing(&step);
    assert_eq!((after.state, after.version), (effect, before.version + 1));
}

#[test]
fn only_what_is_open_can_be_suspended_and_only_suspended() {
    for state in [AgreementState::NotYet, AgreementState::Ended] {
        let refused = arrows::suspend(
            &in_state(state),
            AgreementState::SuspendedRefuse,
            "because",
            &guardian(),
            at(1),
        );
        assert_eq!(refused, Err(ArrowError::AgreementNotOpen));
    }
    let open = in_state(AgreementState::InForce);
    for effect in [AgreementState::InForce, AgreementState::Ended] {
        let refused = arrows::suspend(&open, effect, "because", &guardian(), at(1));
        assert_eq!(refused, Err(ArrowError::Missing("effect")));
    }
}

#[test]
fn reopening_takes_two_people_and_goes_back_to_what_it_was() {
    let (first, second) = (guardian(), person("second", Role::Guardian, "controller"));
    for before in [AgreementState::InForce, AgreementState::Narrowed] {
        let held = suspended(&in_state(before), AgreementState::SuspendedHold);
        let alone = arrows::reopen(&held, &second, at(2));
        assert_eq!(alone, Err(ArrowError::Missing("proposal")));
        let step = arrows::propose_reopening(&held, "resolved", &first, at(2)).unwrap();
        assert_eq!(step.event.kind, EventKind::ReopeningProposed);
        let proposed = standing(&step);
        assert!(!proposed.state.is_open(), "a proposal opens nothing");
        let same = arrows::reopen(&proposed, &first, at(3));
        assert!(matches!(same, Err(ArrowError::SamePerson { .. })));
        let step = arrows::reopen(&proposed, &second, at(3)).unwrap();
        assert_eq!(step.event.audit["proposed_by"], first.id);
        let open = standing(&step);
        assert_eq!((open.state, &open.suspension), (before, &None));
        assert_eq!(open.version, held.version + 2);
    }
}

#[test]
fn suspending_again_takes_a_proposal_back_and_remembers_what_it_was() {
    let held = suspended(
        &in_state(AgreementState::Narrowed),
        AgreementState::SuspendedHold,
    );
    let step = arrows::propose_reopening(&held, "resolved", &guardian(), at(2)).unwrap();
    let refused = suspended(&standing(&step), AgreementState::SuspendedRefuse);
    let suspension = refused.suspension.unwrap();
    assert_eq!(suspension.proposed, None);
    assert_eq!(suspension.reopens_as, AgreementState::Narrowed);
}

#[test]
fn two_guardians_publish_and_the_entry_holds_every_hash() {
    let files = std::collections::BTreeMap::from([("clauses.md".to_owned(), "cd".repeat(32))]);
    let (first, second) = (
        guardian(),
        person("guardian-2", Role::Guardian, "controller"),
    );
    let agreement = agreement();
    let proposed = arrows::propose_publication(&agreement, &files, &first, at(1)).unwrap();
    require_clean(&proposed);
    assert_eq!(proposed.event.kind, EventKind::PublicationProposed);
    let published =
        arrows::publish_agreement(&agreement, &files, &first.id, &second, at(2)).unwrap();
    require_clean(&published);
    assert_eq!(published.event.kind, EventKind::AgreementPublished);
    assert_eq!(published.event.audit["file clauses.md"], "cd".repeat(32));
    assert_eq!(published.event.audit["proposed_by"], first.id);
    assert_ne!(proposed.key, published.key);
    let alone = arrows::publish_agreement(&agreement, &files, &first.id, &first, at(2));
    assert!(matches!(alone, Err(ArrowError::SamePerson { .. })));
    let agency = person("officer", Role::Officer, "police-northmoor");
    let agency = arrows::propose_publication(&agreement, &files, &agency, at(1));
    assert!(matches!(agency, Err(ArrowError::Role { .. })));
}

/// I4: an entry of each, and two identities.
#[test]
fn a_public_interest_test_takes_two_guardians() {
    let (by, hash) = (guardian(), "ab".repeat(32));
    let proposed = arrows::propose_interest_test("court-order", &hash, &by, at(1)).unwrap();
    assert_eq!(proposed.event.kind, EventKind::InterestTestProposed);
    assert_eq!(
        proposed.key,
        arrows::interest_proposal_key("court-order", &hash)
    );
    let confirm =
        |by: &Actor| arrows::confirm_interest_test("court-order", &hash, &guardian().id, by, at(2));
    assert!(matches!(confirm(&by), Err(ArrowError::SamePerson { .. })));
    let confirmed = confirm(&super::sample::reviewer()).unwrap();
    assert_eq!(confirmed.event.audit["proposed_by"], by.id);
    assert_eq!(confirmed.event.audit["interest_test"], hash);
    for step in [&proposed, &confirmed] {
        require_clean(step);
        assert_eq!(step.change, Change::Nothing);
    }
    for role in [Role::Caseworker, Role::Overseer, Role::Officer] {
        let by = person("somebody", role, "controller");
        let refused = arrows::propose_interest_test("court-order", &hash, &by, at(1));
        assert!(matches!(refused, Err(ArrowError::Role { .. })));
        assert!(matches!(confirm(&by), Err(ArrowError::Role { .. })));
    }
}
