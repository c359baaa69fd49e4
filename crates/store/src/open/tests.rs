use super::{connect_sqlite, create_private};
use crate::rows::Session;

/// What an acknowledged event and an erased one rest on.
#[tokio::test]
async fn the_writer_is_durable_and_overwrites_what_it_deletes() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("gate.sqlite");
    create_private(&path).expect("creates");
    let mut connection = connect_sqlite(&path).await.expect("connects");
    let mut session = Session::Sqlite(&mut connection);
    for (name, sql, expected) in [
        ("synchronous", "PRAGMA synchronous", 2),
        ("secure_delete", "PRAGMA secure_delete", 1),
        ("foreign_keys", "PRAGMA foreign_keys", 1),
        ("timeout", "PRAGMA busy_timeout", 10_000),
    ] {
        let row = session.row(sql, &[]).await.expect("asks").expect("answers");
        assert_eq!(row.get::<i64>(name).expect("a number"), expected, "{name}");
    }
    let row = session
        .row("PRAGMA journal_mode", &[])
        .await
        .expect("asks")
        .expect("answers");
    assert_eq!(row.get::<String>("journal_mode").expect("a mode"), "wal");
}
