//! What people ask about themselves: kept sealed, found by those it concerns, and whole in the log's eyes.

use disclosure::arrows::{self, Acting, Wish, accept_delegation, wish};
use disclosure::wishes::{Item, Wishes};
use disclosure::{Actor, Change, Role, Transition};
use store::{Store, StoreError};

use crate::people::{actor, caseworker, drafted, guardian, noon_and};
use crate::place::each;

const PERSON: &str = "person-7";

fn subject() -> Actor {
    actor("sue", Role::Subject, "self")
}

fn helper() -> Actor {
    actor("hanna", Role::Subject, "self")
}

fn asked(before: &Wishes, what: Wish) -> Transition {
    wish(before, what, Acting::Themselves, &subject(), noon_and(1)).expect("an arrow")
}

async fn kept(store: &Store, transition: Transition) -> Wishes {
    let Change::Wishes(next) = transition.change.clone() else {
        panic!("no wish");
    };
    store.apply(transition).await.expect("applies");
    *next
}

/// A person who is protected, has an objection and a correction that waits, and lets somebody act.
pub async fn asked_everything(store: &Store) -> Wishes {
    let first = Wishes::of(PERSON, "w1".to_owned());
    let next = kept(store, asked(&first, Wish::Protect)).await;
    let next = kept(store, asked(&next, Wish::Object("My own words".to_owned()))).await;
    let correct = Wish::Correct {
        item: Item::Address,
        says: "9 New Street".to_owned(),
        held: "14 Larch Close".to_owned(),
    };
    let next = kept(store, asked(&next, correct)).await;
    let invite = Wish::Invite {
        hash: "code".to_owned(),
        until: noon_and(60),
    };
    let next = kept(store, asked(&next, invite)).await;
    let accepted = accept_delegation(&next, "code", &helper(), noon_and(2));
    kept(store, accepted.expect("an arrow")).await
}

#[tokio::test]
async fn a_person_finds_what_they_asked_and_so_do_those_who_act_and_answer() {
    each(async |place| {
        let store = place.open().await;
        assert_eq!(store.wishes_of(PERSON).await.expect("reads"), None);
        let wishes = asked_everything(&store).await;
        let all = [wishes.clone()];
        assert_eq!(
            store.wishes_of(PERSON).await.expect("reads").as_ref(),
            Some(&wishes)
        );
        assert_eq!(
            store.wishes("w1").await.expect("reads").as_ref(),
            Some(&wishes)
        );
        assert_eq!(
            store.wishes_delegated_to("hanna").await.expect("reads"),
            all
        );
        assert_eq!(store.wishes_delegated_to("sue").await.expect("reads"), []);
        assert_eq!(store.wishes_waiting().await.expect("reads"), all);
        assert_eq!(store.wishes_of("person-8").await.expect("reads"), None);
        let log = store.subject_log(PERSON).await.expect("reads");
        let told: Vec<&str> = log
            .entries
            .iter()
            .map(|one| one.facts["what"].as_str())
            .collect();
        assert_eq!(
            told,
            [
                "protection",
                "objection",
                "correction",
                "invitation",
                "delegation"
            ]
        );
        let end = Wish::EndDelegation("hanna".to_owned());
        let ended = kept(&store, asked(&wishes, end)).await;
        assert_eq!(store.wishes_delegated_to("hanna").await.expect("reads"), []);
        let answer =
            arrows::answer_correction(&ended, (0, true), "seen", &caseworker(), noon_and(4));
        kept(&store, answer.expect("an arrow")).await;
        assert_eq!(store.wishes_waiting().await.expect("reads"), []);
        store.audit().await.expect("nothing is wrong");
    })
    .await;
}

#[tokio::test]
async fn of_two_changes_of_one_version_the_second_is_a_conflict_and_the_same_one_is_done_once() {
    each(async |place| {
        let store = place.open().await;
        let first = Wishes::of(PERSON, "w1".to_owned());
        let protect = asked(&first, Wish::Protect);
        store.apply(protect.clone()).await.expect("applies");
        store.apply(protect).await.expect("is done already");
        let late = store.apply(asked(&first, Wish::Hide)).await;
        assert!(matches!(late, Err(StoreError::Conflict { .. })));
        let twin = Wishes::of(PERSON, "w2".to_owned());
        let twin = store.apply(asked(&twin, Wish::Hide)).await;
        assert!(
            matches!(twin, Err(StoreError::Conflict { .. })),
            "one for each person"
        );
        assert!(
            store
                .wishes_of(PERSON)
                .await
                .expect("reads")
                .is_some_and(|one| one.version == 1)
        );
        store.audit().await.expect("nothing is wrong");
    })
    .await;
}

#[tokio::test]
async fn whoever_edits_what_a_person_asked_or_who_acts_for_them_is_found() {
    for edit in [
        "DELETE FROM delegations",
        "DELETE FROM delegations; DELETE FROM wishes",
        "UPDATE wishes SET waiting = 0",
        "UPDATE wishes SET version = version + 1",
        "UPDATE wishes SET key_slot = key_slot + 1",
        "UPDATE delegations SET who = (SELECT pseudonym FROM wishes)",
        "UPDATE wishes SET pseudonym = (SELECT who FROM delegations)",
    ] {
        each(async |place| {
            let store = place.open().await;
            asked_everything(&store).await;
            store.audit().await.expect("nothing is wrong");
            place.tamper(edit).await;
            assert!(store.audit().await.is_err(), "{edit}");
        })
        .await;
    }
}

#[tokio::test]
async fn an_older_version_of_what_a_person_asked_is_not_taken_for_the_newest() {
    each(async |place| {
        let store = place.open().await;
        let first = Wishes::of(PERSON, "w1".to_owned());
        let next = kept(&store, asked(&first, Wish::Hide)).await;
        place
            .tamper("CREATE TABLE saved AS SELECT * FROM wishes")
            .await;
        kept(&store, asked(&next, Wish::Protect)).await;
        let back = "UPDATE wishes SET version = (SELECT version FROM saved),
                        sealed = (SELECT sealed FROM saved)";
        place.tamper(back).await;
        let error = store.audit().await.expect_err("it is old").to_string();
        assert!(error.contains("is not what the log knows"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn protection_outlives_the_erasure_of_a_persons_cases() {
    each(async |place| {
        let store = place.open().await;
        let case = drafted(&store, "TG-1").await;
        let found = case.concerned().found.expect("somebody");
        let first = Wishes::of(&found, "w1".to_owned());
        kept(&store, asked(&first, Wish::Protect)).await;
        let gone = arrows::expire(&case, &Actor::gate(), noon_and(60 * 24 * 400));
        let case = crate::people::go(&store, gone.expect("an arrow")).await;
        let later = noon_and(60 * 24 * 800);
        let ground = arrows::ErasureGround::RightToErasure;
        let cases = [case];
        let proposed = arrows::propose_erasure(&cases, ground, &caseworker(), later);
        store
            .apply(proposed.expect("an arrow"))
            .await
            .expect("applies");
        let erased = arrows::erase(&cases, ground, &caseworker().id, &guardian(), later);
        store
            .apply(erased.expect("an arrow"))
            .await
            .expect("applies");
        store.audit().await.expect("nothing is wrong");
        let wishes = store
            .wishes_of(&found)
            .await
            .expect("reads")
            .expect("it is kept");
        assert!(wishes.protected_since.is_some());
        kept(&store, asked(&wishes, Wish::Hide)).await;
        store.audit().await.expect("nothing is wrong");
    })
    .await;
}
