//! Registrations: sealed, version by version, each with its entry, and found out where they are edited.

use disclosure::registration::{Patient, Protection, Registration};
use disclosure::{Actor, Role, arrows};
use store::{Applied, RegistrationsMark, StoreError};

use crate::people::noon_and;
use crate::place::each;

fn reception() -> Actor {
    Actor {
        id: "reception".to_owned(),
        name: "Reception".to_owned(),
        role: Role::Practice,
        organization: "practice-a".to_owned(),
    }
}

fn registration(id: &str) -> Registration {
    Registration {
        id: id.to_owned(),
        version: 1,
        person_ref: id.to_owned(),
        practice: "practice-a".to_owned(),
        patient: Patient {
            family_name: "Thistlewood-registered".to_owned(),
            ..Patient::default()
        },
        protection: Protection::None,
        earlier: Vec::new(),
        refusal: None,
        registered_at: noon_and(0),
        changed_at: noon_and(0),
    }
}

#[tokio::test]
async fn a_registration_is_kept_version_by_version_with_its_entries() {
    each(async |place| {
        let store = place.open().await;
        let (first, by) = (registration("R-1"), reception());
        let written = arrows::register(first.clone(), &by, noon_and(0)).expect("may");
        assert_eq!(
            store.apply(written.clone()).await.expect("writes").index(),
            0
        );
        let again = store.apply(written).await.expect("was written");
        assert_eq!(again, Applied::AlreadyDone { index: 0 });
        let mut next = first.clone();
        next.protection = Protection::Requested;
        let changed = arrows::change_registration(&first, next, &by, noon_and(1)).expect("may");
        store.apply(changed).await.expect("writes");
        let stale = arrows::change_registration(&first, first.clone(), &by, noon_and(2));
        let stale = store.apply(stale.expect("may")).await;
        assert!(
            matches!(stale, Err(StoreError::Conflict { .. })),
            "{stale:?}"
        );
        let kept = store
            .registration("R-1")
            .await
            .expect("reads")
            .expect("is there");
        assert_eq!((kept.version, kept.protection), (2, Protection::Requested));
        assert_eq!(
            store.registrations("practice-a").await.expect("reads"),
            std::slice::from_ref(&kept)
        );
        assert_eq!(store.registrations("practice-b").await.expect("reads"), []);
        assert_eq!(store.every_registration().await.expect("reads"), [kept]);
        let mark = RegistrationsMark {
            count: 1,
            writes: 2,
        };
        assert_eq!(store.registrations_mark().await.expect("reads"), mark);
        assert_eq!(store.registration("R-2").await.expect("reads"), None);
        store.audit().await.expect("nothing is wrong");
    })
    .await;
}

#[tokio::test]
async fn an_edited_registration_is_found_out() {
    for edit in [
        "UPDATE registrations SET practice = 'practice-b'",
        "UPDATE registrations SET version = 2",
        "UPDATE registrations SET key_slot = 2",
        "UPDATE registrations SET sealed = (SELECT sealed FROM registrations WHERE id = 'R-2') WHERE id = 'R-1'",
        "DELETE FROM registrations WHERE id = 'R-1'",
    ] {
        each(async |place| {
            let store = place.open().await;
            for id in ["R-1", "R-2"] {
                let written = arrows::register(registration(id), &reception(), noon_and(0));
                store.apply(written.expect("may")).await.expect("writes");
            }
            store.audit().await.expect("nothing is wrong yet");
            place.tamper(edit).await;
            let found = store.audit().await;
            assert!(found.is_err(), "{edit} was not found out");
        })
        .await;
    }
}
