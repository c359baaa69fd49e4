//! A database from before cases and openings were sealed.

use disclosure::EventKind;
use ledger::leaf::{self, Hour, Kind, LEAF_BYTES, Leaf, Part};
use sha2::{Digest as _, Sha256};
use store::{Store, StoreError};

use crate::people::{noon_and, received};
use crate::place::{Place, chance, each};

macro_rules! migrations {
    ($database:literal) => {
        [
            include_str!(concat!("../../migrations/", $database, "/0001_initial.sql")),
            include_str!(concat!(
                "../../migrations/",
                $database,
                "/0002_standing.sql"
            )),
            include_str!(concat!("../../migrations/", $database, "/0003_budgets.sql")),
        ]
    };
}

/// Makes the schema as it was, with one case and its entry lying open.
async fn made_before(place: &Place) -> (String, [u8; LEAF_BYTES]) {
    let steps = match place.is_postgres() {
        true => migrations!("postgres"),
        false => migrations!("sqlite"),
    };
    place
        .tamper("CREATE TABLE schema_migrations (version BIGINT, name TEXT, hash TEXT)")
        .await;
    for (version, sql) in (1..).zip(steps) {
        place.tamper(sql).await;
        let hash = hex::encode(Sha256::digest(sql));
        let row = format!("INSERT INTO schema_migrations VALUES ({version}, 'step', '{hash}')");
        place.tamper(&row).await;
    }
    let transition = received("TG-1", "police", noon_and(0));
    let case = transition.case().expect("a case");
    let body = serde_json::to_string(case).expect("json");
    let leaf = Leaf {
        kind: Kind(EventKind::Received.number()),
        hour: Hour::from_unix_seconds(noon_and(0).as_second().unsigned_abs()),
        audit: leaf::commit(Part::Audit, &[1; 32], b"{}"),
        personal: leaf::commit(Part::Personal, &[2; 32], b"{}"),
    };
    let (at, quoted) = (noon_and(0).as_microsecond(), body.replace('\'', "''"));
    let bytes = |bytes: &[u8]| match place.is_postgres() {
        true => format!("'\\x{}'", hex::encode(bytes)),
        false => format!("x'{}'", hex::encode(bytes)),
    };
    let (entry, audit, personal) = (bytes(&leaf.encode()), bytes(&[1; 32]), bytes(&[2; 32]));
    let facts = bytes(b"{}");
    let rows = format!(
        "INSERT INTO cases (id, version, state, agency, purpose, priority, received_at, expires_at,
             body)
         VALUES ('TG-1', {}, 'submitted', 'police', 'serious_crime', 'routine', {at}, {at},
             '{quoted}');
         INSERT INTO ledger_entries VALUES (0, 1, {entry}, 'TG-1', {at});
         INSERT INTO openings VALUES (0, {facts}, {audit}, {facts}, {personal});
         UPDATE ledger_head SET size = 1;",
        case.version
    );
    place.tamper(&rows).await;
    (body, leaf.encode())
}

#[tokio::test]
async fn what_lay_open_is_sealed_and_nothing_is_lost() {
    each(async |place| {
        let (body, leaf) = made_before(place).await;
        let Err(error) = place.try_open().await else {
            panic!("an older database was opened");
        };
        assert!(
            matches!(error, StoreError::SchemaOld { found: 3, .. }),
            "{error}"
        );
        let migrated = Store::migrate(&place.location, &place.keys(), chance()).await;
        let store = migrated.expect("migrates");
        let kept = store.case_body("TG-1").await.expect("reads");
        assert_eq!(kept.expect("a case"), body.as_bytes());
        assert!(store.case("TG-1").await.expect("reads").is_some());
        assert_eq!(store.leaves(0, 9).await.expect("reads"), [leaf]);
        let entry = store.entry(0).await.expect("reads").expect("an entry");
        assert_eq!(entry.audit.expect("opens").salt, [1; 32]);
        assert_eq!(entry.personal.expect("opens").salt, [2; 32]);
        let next = store.apply(received("TG-2", "police", noon_and(1))).await;
        assert_eq!(next.expect("applies").index(), 1);
        store.close().await.expect("closes");
        if !place.is_postgres() {
            let file = std::fs::read(&place.location).expect("a file");
            let name = "O'N\u{e9}ill".as_bytes();
            assert!(!file.windows(name.len()).any(|window| window == name));
        }
    })
    .await;
}
