//! Accounts: kept version by version, and of nobody's making but the program's.

use store::{Account, Store, StoreError};

use crate::place::each;

fn account(version: u64, body: &str) -> Account {
    Account {
        version,
        body: body.to_owned(),
    }
}

async fn keep(store: &Store, login: &str, version: u64) -> bool {
    let body = format!("{login} {version}");
    match store.keep_account(login, account(version, &body)).await {
        Ok(()) => true,
        Err(StoreError::Conflict { .. }) => false,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn each_version_follows_the_one_before() {
    each(async |place| {
        let store = place.open().await;
        assert_eq!(store.account("ann").await.expect("reads"), None);
        assert!(keep(&store, "ann", 1).await);
        assert!(!keep(&store, "ann", 1).await, "there is one");
        assert!(!keep(&store, "ann", 3).await, "2 is missing");
        assert!(!keep(&store, "ben", 2).await, "nobody");
        assert!(keep(&store, "ann", 2).await);
        assert!(!keep(&store, "ann", 2).await, "decided on what was");
        assert!(keep(&store, "ben", 1).await);
        let found = store.account("ann").await.expect("reads");
        assert_eq!(found, Some(account(2, "ann 2")));
        assert_eq!(store.accounts().await.expect("reads").len(), 2);
        store.audit().await.expect("no part of the record");
        let names = store.keep_account("cas", account(1, &"x".repeat(2 << 20)));
        assert!(matches!(
            names.await,
            Err(StoreError::TooLarge {
                what: "account",
                ..
            })
        ));
    })
    .await;
}

#[tokio::test]
async fn a_row_of_somebody_elses_making_is_nobodys_account() {
    each(async |place| {
        let store = place.open().await;
        keep(&store, "ann", 1).await;
        keep(&store, "ben", 1).await;
        keep(&store, "cas", 1).await;
        // Ann gets the secrets of whoever is first among the others; versions are counted up.
        let sql = "UPDATE accounts SET sealed = (SELECT sealed FROM accounts ORDER BY sealed LIMIT 1);
                   UPDATE accounts SET version = 2 WHERE who = (SELECT who FROM accounts ORDER BY who DESC LIMIT 1);";
        place.tamper(sql).await;
        assert!(store.accounts().await.expect("reads").len() <= 1);
        let logins = ["ann", "ben", "cas"];
        for login in logins {
            let found = store.account(login).await.expect("reads");
            assert!(found.is_none_or(|found| found.body.starts_with(login)));
        }
    })
    .await;
}
