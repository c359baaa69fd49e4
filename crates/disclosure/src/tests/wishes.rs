//! What people ask about themselves: who may ask it, who answers, and what it leads to.

use super::sample::*;
use crate::arrows::{
    Acting, Wish, accept_delegation, answer_correction, note_details_read, show_again, wish,
};
use crate::wishes::{Item, Wishes};
use crate::{Actor, ArrowError, Change, EventKind, Role, Transition};

const OWN: Acting = Acting::Themselves;
const FOR_THEM: Acting = Acting::ForThem;
const HELD: &str = "14 Larch Close, NM1 2AB";

fn subject() -> Actor {
    person("subject", Role::Subject, "self")
}

fn helper() -> Actor {
    person("helper", Role::Subject, "self")
}

fn empty() -> Wishes {
    Wishes::of("person-1", "w1".to_owned())
}

#[track_caller]
fn after(transition: Result<Transition, ArrowError>) -> Wishes {
    match transition.unwrap().change {
        Change::Wishes(next) => *next,
        other => panic!("{other:?}"),
    }
}

fn asked(wishes: &Wishes, asked: Wish) -> Wishes {
    after(wish(wishes, asked, OWN, &subject(), at(1)))
}

fn correction(item: Item) -> Wish {
    Wish::Correct {
        item,
        says: "9 New Street".to_owned(),
        held: HELD.to_owned(),
    }
}

fn invite() -> Wish {
    Wish::Invite {
        hash: "code".to_owned(),
        until: at(50),
    }
}

#[test]
fn a_wish_is_an_entry_of_the_persons_own_log_without_what_they_wrote() {
    let text = "He used to live with me.".to_owned();
    let written = wish(&empty(), Wish::Object(text.clone()), OWN, &subject(), at(1)).unwrap();
    assert_eq!(written.event.kind, EventKind::WishRecorded);
    assert!(written.event.kind.is_about_a_person());
    let concern = &written.event.concerns[0];
    assert_eq!(
        (concern.person.as_str(), concern.is_subject),
        ("person-1", true)
    );
    assert_eq!(concern.facts["what"], "objection");
    for facts in [&concern.facts, &written.event.audit] {
        assert!(facts.values().all(|fact| !fact.contains(&text)));
    }
    assert!(!written.key.contains("live"));
    let next = after(Ok(written));
    assert_eq!((next.version, next.objection.unwrap().text), (1, text));
}

#[test]
fn two_wishes_at_one_version_have_two_keys() {
    let keys = ["one", "two"].map(|text| {
        let said = Wish::Object(text.to_owned());
        wish(&empty(), said, OWN, &subject(), at(1)).unwrap().key
    });
    assert_ne!(keys[0], keys[1]);
}

#[test]
fn only_a_person_asks_and_a_representative_may_not_let_others_in() {
    for by in [
        caseworker(),
        guardian(),
        officer(),
        person("c", Role::SubjectAccess, "x"),
    ] {
        let refused = wish(&empty(), Wish::Protect, OWN, &by, at(1));
        assert!(matches!(refused, Err(ArrowError::Role { .. })), "{by:?}");
    }
    for own in [
        invite(),
        Wish::Hide,
        Wish::EndDelegation("other".to_owned()),
    ] {
        let refused = wish(&empty(), own, FOR_THEM, &helper(), at(1));
        assert!(matches!(refused, Err(ArrowError::Role { .. })));
    }
    assert!(wish(&empty(), Wish::Protect, FOR_THEM, &helper(), at(1)).is_ok());
}

#[test]
fn a_code_works_once_and_in_time_and_either_ends_the_delegation() {
    let invited = asked(&empty(), invite());
    let wrong = accept_delegation(&invited, "other", &helper(), at(2));
    assert_eq!(wrong.unwrap_err(), ArrowError::Missing("invitation"));
    let late = accept_delegation(&invited, "code", &helper(), at(50));
    assert!(late.is_err());
    let staff = accept_delegation(&invited, "code", &caseworker(), at(2));
    assert!(staff.is_err());
    let acting = after(accept_delegation(&invited, "code", &helper(), at(2)));
    assert!(acting.lets_act(&helper()) && !acting.lets_act(&subject()));
    let again = accept_delegation(
        &acting,
        "code",
        &person("third", Role::Subject, "self"),
        at(3),
    );
    assert!(again.is_err(), "the code is used up");
    let end = Wish::EndDelegation("helper".to_owned());
    assert!(!asked(&acting, end.clone()).lets_act(&helper()));
    let left = after(wish(&acting, end.clone(), FOR_THEM, &helper(), at(4)));
    assert!(!left.lets_act(&helper()));
    assert!(
        wish(&left, end, OWN, &subject(), at(5)).is_err(),
        "it has ended"
    );
}

#[test]
fn an_address_in_dispute_stays_so_until_it_is_found_right_or_the_index_holds_another() {
    let disputed = asked(&empty(), correction(Item::Address));
    assert!(disputed.disputes_address(HELD) && !disputed.disputes_address("9 New Street"));
    let answered = |agreed| {
        after(answer_correction(
            &disputed,
            (0, agreed),
            "checked",
            &caseworker(),
            at(3),
        ))
    };
    assert!(
        answered(true).disputes_address(HELD),
        "agreeing releases nothing"
    );
    assert!(!answered(false).disputes_address(HELD));
    assert_eq!(answered(true).waiting().count(), 0);
    let twice = answer_correction(&answered(true), (0, false), "again", &caseworker(), at(4));
    assert!(twice.is_err());
    let other = asked(&empty(), correction(Item::Name));
    assert!(!other.disputes_address(HELD));
}

#[test]
fn staff_answer_and_only_a_guardian_ends_protection() {
    let protected = asked(&empty(), Wish::Protect);
    let ends = asked(&protected, correction(Item::EndProtection));
    assert!(ends.protected_since.is_some(), "asking ends nothing");
    for by in [subject(), officer(), person("o", Role::Overseer, "x")] {
        assert!(answer_correction(&ends, (0, true), "r", &by, at(2)).is_err());
    }
    assert!(answer_correction(&ends, (0, true), "r", &caseworker(), at(2)).is_err());
    assert!(answer_correction(&ends, (0, true), " ", &guardian(), at(2)).is_err());
    assert!(answer_correction(&ends, (1, true), "r", &guardian(), at(2)).is_err());
    let declined = after(answer_correction(
        &ends,
        (0, false),
        "r",
        &caseworker(),
        at(2),
    ));
    assert!(declined.protected_since.is_some());
    let ended = answer_correction(&ends, (0, true), "r", &guardian(), at(2)).unwrap();
    assert_eq!(ended.event.kind, EventKind::CorrectionAnswered);
    assert!(after(Ok(ended)).protected_since.is_none());
    let again = asked(&protected, Wish::Protect);
    assert_eq!(
        again.protected_since, protected.protected_since,
        "the first time counts"
    );
}

#[test]
fn nobody_answers_what_they_asked_themselves() {
    let mut asked = asked(&empty(), correction(Item::Name));
    asked.corrections[0].asked_by = caseworker().id;
    let refused = answer_correction(&asked, (0, true), "r", &caseworker(), at(2));
    assert!(matches!(refused, Err(ArrowError::SamePerson { .. })));
}

#[test]
fn what_is_hidden_is_shown_again_by_the_clerk_alone() {
    let hidden = asked(&empty(), Wish::Hide);
    let clerk = person("clerk", Role::SubjectAccess, "controller");
    assert!(show_again(&hidden, &subject(), at(2)).is_err());
    assert!(show_again(&empty(), &clerk, at(2)).is_err());
    assert!(
        after(show_again(&hidden, &clerk, at(2)))
            .hidden_since
            .is_none()
    );
}

#[test]
fn there_is_an_end_to_corrections() {
    let mut wishes = empty();
    for _ in 0..50 {
        wishes = asked(&wishes, correction(Item::Name));
    }
    let full = wish(&wishes, correction(Item::Name), OWN, &subject(), at(9));
    assert_eq!(full.unwrap_err(), ArrowError::Full { most: 50 });
}

#[test]
fn looking_is_an_entry_too() {
    let look = note_details_read("k", "person-1", FOR_THEM, &caseworker(), at(1));
    assert_eq!(look.event.kind, EventKind::OwnRecordRead);
    assert_eq!(look.event.concerns[0].facts["by"], "caseworker");
    assert_eq!(look.change, Change::Nothing);
}
