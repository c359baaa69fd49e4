//! A superuser who has the database and not the key file: a thousand edits drawn at random, and a
//! thousand flipped bits. Each is found, or changes nothing that anybody acts on.

use std::fs;

use disclosure::{AgreementState, arrows};
use ledger::hash::leaf_hash;
use ledger::{Checkpoint, KeyType, Publisher, SignerKey, tree};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, Row as _, SqliteConnection};
use store::Store;

use crate::erasure::{erased, finished};
use crate::people::{agreement_becomes, drafted, go, noon_and, officer, received};
use crate::place::{Dice, Place, seed};
use crate::subject::traced_case;

const ROUNDS: usize = 1_000;
/// Edits before signing.
const HEADS: usize = 300;
/// Entries up to and with the erasures of `of_everything`.
const ERASED: usize = 18;

/// What the audit leaves out, and why: docs/adr/0016-what-the-audit-covers.md.
const LEFT_OUT: [(&str, &str); 6] = [
    ("outbox", "id"),
    ("outbox", "not_before"),
    ("outbox", "leased_until"),
    ("outbox", "attempts"),
    ("outbox", "done_at"),
    ("ledger_head", "key_slots"),
];

/// A database with some of everything: open, marked, found, erased, suspended; and the person erased
/// may have been asked about again.
async fn of_everything(again: bool) -> (Place, Store) {
    let place = Place::sqlite();
    let store = place.open().await;
    finished(&store, "TG-1").await;
    finished(&store, "TG-2").await;
    let case = go(&store, received("TG-3", "police", noon_and(7))).await;
    let gone = arrows::withdraw(&case, &officer("police"), noon_and(8));
    go(&store, gone.expect("an arrow")).await;
    for id in ["TG-2", "TG-3"] {
        let cases = store.cases_about(id).await.expect("reads");
        store.apply(erased(&cases)).await.expect("applies");
    }
    if again {
        drafted(&store, "TG-4").await;
    }
    let marked = |id: &str, marks: &[u8]| {
        let marks = marks.iter().map(|mark| [*mark; 16]).collect();
        received(id, "customs", noon_and(8)).marked(marks)
    };
    go(&store, marked("TG-5", &[1, 2])).await;
    go(&store, marked("TG-6", &[2])).await;
    // Two people compared, told now and later.
    traced_case(&store, "TG-7", None).await;
    traced_case(&store, "TG-8", Some(60)).await;
    let suspended = AgreementState::SuspendedHold;
    agreement_becomes(&store, suspended, noon_and(9))
        .await
        .expect("applies");
    place
        .tamper("DROP TRIGGER ledger_entries_unchanged; DROP TRIGGER ledger_entries_kept")
        .await;
    store.audit().await.expect("nothing is wrong");
    (place, store)
}

/// A connection of the superuser's, who does not care for foreign keys.
struct Superuser {
    connection: SqliteConnection,
    tables: Vec<Table>,
    /// Slots of keys that are destroyed.
    gone: Vec<String>,
}

struct Table {
    name: String,
    columns: Vec<Column>,
}

struct Column {
    name: String,
    kind: String,
    is_key: bool,
}

impl Superuser {
    async fn of(place: &Place) -> Superuser {
        let options = SqliteConnectOptions::new()
            .filename(&place.location)
            .foreign_keys(false)
            .synchronous(sqlx::sqlite::SqliteSynchronous::Off);
        let connection = SqliteConnection::connect_with(&options).await;
        let mut superuser = Superuser {
            connection: connection.expect("opens"),
            tables: Vec::new(),
            gone: Vec::new(),
        };
        let gone = superuser
            .texts(
                "SELECT CAST(key_slot AS TEXT) AS slot FROM erased_keys",
                ["slot"],
            )
            .await;
        superuser.gone = gone.into_iter().map(|[slot]| slot).collect();
        let sql =
            "SELECT name FROM sqlite_master WHERE lower(type) = 'table' AND name NOT LIKE 'sqlite%'
                   ORDER BY name";
        for [name] in superuser.texts(sql, ["name"]).await {
            let sql = format!(
                "SELECT name, type, CAST(pk > 0 AS TEXT) AS pk FROM pragma_table_info('{name}')"
            );
            let columns = superuser.texts(&sql, ["name", "type", "pk"]).await;
            let columns = columns.into_iter().map(|[name, kind, key]| Column {
                name,
                kind,
                is_key: key == "1",
            });
            // A bit flipped in the text of the schema may name a column nothing at all: nobody reads it.
            let columns = columns.filter(|column| !column.name.is_empty()).collect();
            superuser.tables.push(Table { name, columns });
        }
        superuser
    }

    async fn texts<const N: usize>(&mut self, sql: &str, names: [&str; N]) -> Vec<[String; N]> {
        let rows = sqlx::query(AssertSqlSafe(sql.to_owned()))
            .fetch_all(&mut self.connection)
            .await
            .expect("reads");
        let text = |row: &sqlx::sqlite::SqliteRow, name: &str| {
            let text = row.try_get_unchecked::<String, _>(name);
            text.unwrap_or_default()
        };
        rows.iter()
            .map(|row| names.map(|name| text(row, name)))
            .collect()
    }

    async fn run(&mut self, sql: &str) -> Result<u64, sqlx::Error> {
        let sql = AssertSqlSafe(sql.to_owned());
        let done = sqlx::query(sql).execute(&mut self.connection).await?;
        Ok(done.rows_affected())
    }

    /// Every row of a table, each value as a literal of SQL.
    async fn literals(&mut self, table: usize) -> Vec<Vec<String>> {
        let table = &self.tables[table];
        let quoted: Vec<String> = table
            .columns
            .iter()
            .map(|column| format!("quote({})", column.name))
            .collect();
        let sql = format!("SELECT {} FROM {}", quoted.join(", "), table.name);
        let rows = sqlx::query(AssertSqlSafe(sql))
            .fetch_all(&mut self.connection)
            .await
            .expect("reads");
        let row = |row: &sqlx::sqlite::SqliteRow| (0..row.len()).map(|at| row.get(at)).collect();
        rows.iter().map(row).collect()
    }

    /// Makes one edit; what it was, or `None` where the database refused or nothing changed.
    async fn edit(&mut self, dice: &mut Dice) -> Option<(usize, String)> {
        let at = dice.below(self.tables.len());
        let rows = self.literals(at).await;
        let row = rows.get(dice.below(rows.len().max(1)))?;
        let other = &rows[dice.below(rows.len())];
        let table = &self.tables[at];
        let place = dice.below(table.columns.len());
        let column = &table.columns[place];
        let (name, change) = (&table.name, dice.below(8));
        let keys = || {
            table
                .columns
                .iter()
                .zip(row)
                .filter(|(column, _)| column.is_key)
        };
        let key: Vec<String> = keys()
            .map(|(column, value)| format!("{} = {value}", column.name))
            .collect();
        let row_is = key.join(" AND ");
        let value = edited(&row[place], &other[place], &column.kind, dice);
        let left_out = LEFT_OUT.contains(&(name, &column.name));
        let sql = match change {
            0 => format!("DELETE FROM {name} WHERE {row_is}"),
            1 => {
                let mut copy = row.clone();
                for (at, column) in table
                    .columns
                    .iter()
                    .enumerate()
                    .filter(|(_, one)| one.is_key)
                {
                    copy[at] = edited(&row[at], &row[at], &column.kind, dice);
                }
                format!("INSERT INTO {name} VALUES ({})", copy.join(", "))
            }
            _ if left_out || value == row[place] || self.is_gone(table, row, &column.name) => {
                return None;
            }
            _ => format!("UPDATE {name} SET {} = {value} WHERE {row_is}", column.name),
        };
        match self.run(&sql).await {
            Ok(1) => Some((at, sql)),
            _ => None,
        }
    }

    /// Keeps everything as it is now, to undo edits.
    async fn save(&mut self, place: &Place) {
        let saved = place.folder().join("saved.sqlite").display().to_string();
        let save = format!("VACUUM INTO '{saved}'");
        self.run(&save).await.expect("saves");
        let attach = format!("ATTACH '{saved}' AS saved");
        self.run(&attach).await.expect("attaches");
    }

    async fn undo(&mut self, table: usize) {
        let name = self.tables[table].name.clone();
        self.run("BEGIN").await.expect("runs");
        self.run(&format!("DELETE FROM main.{name}"))
            .await
            .expect("runs");
        let sql = format!("INSERT INTO main.{name} SELECT * FROM saved.{name}");
        self.run(&sql).await.expect("runs");
        self.run("COMMIT").await.expect("runs");
    }

    /// Whether it is the sealed part of an entry whose key is destroyed: bytes that nothing opens.
    fn is_gone(&self, table: &Table, row: &[String], column: &str) -> bool {
        let (part, slot) = match table.name.as_str() {
            "shares" => ("sealed", "key_slot"),
            _ => ("personal", "personal_slot"),
        };
        let slot = table.columns.iter().position(|one| one.name == slot);
        column.starts_with(part) && slot.is_some_and(|slot| self.gone.contains(&row[slot]))
    }

    /// Everything that somebody acts on, as text.
    async fn dump(&mut self) -> Vec<String> {
        let mut dump = Vec::new();
        for at in 0..self.tables.len() {
            let rows = self.literals(at).await;
            let table = &self.tables[at];
            for row in &rows {
                let kept = table.columns.iter().zip(row).filter(|(column, _)| {
                    !LEFT_OUT.contains(&(&table.name.to_lowercase(), &column.name))
                        && !self.is_gone(table, row, &column.name)
                });
                let kept: Vec<&str> = kept.map(|(_, value)| value.as_str()).collect();
                // To SQLite, small and capital letters of a name are one.
                dump.push(format!("{} {}", table.name.to_lowercase(), kept.join(" ")));
            }
        }
        dump.sort_unstable();
        dump
    }
}

/// Another value of the same kind.
fn edited(value: &str, other: &str, kind: &str, dice: &mut Dice) -> String {
    if dice.below(5) == 0 {
        return other.to_owned();
    }
    match kind {
        "INTEGER" | "BIGINT" => {
            let number: i64 = value.parse().unwrap_or_default();
            let far = i64::try_from(dice.below(1_000_000)).expect("small");
            let by = [1, -1, 2, far, -far, 3_600_000_000][dice.below(6)];
            (number + by).to_string()
        }
        "TEXT" => {
            let text = value.trim_matches('\'');
            let at = dice.below(text.len().max(1));
            match dice.below(4) {
                0 => "NULL".to_owned(),
                1 => format!("'{text}x'"),
                2 => format!("'{}'", text.get(..at).unwrap_or_default().replace('\'', "")),
                _ => format!("'{}'", text.replacen(['a', 'e', '1', '0'], "f", 1)),
            }
        }
        _ => {
            let hex = value.trim_start_matches("X'").trim_end_matches('\'');
            let mut bytes = hex::decode(hex).unwrap_or_default();
            if bytes.is_empty() || dice.below(8) == 0 {
                return "X'00'".to_owned();
            }
            let at = dice.below(bytes.len());
            bytes[at] ^= 1 << dice.below(8);
            format!("X'{}'", hex::encode(bytes))
        }
    }
}

#[tokio::test]
async fn a_thousand_edits_are_found() {
    edits(ROUNDS / 2, true).await;
    edits(ROUNDS / 2, false).await;
}

async fn edits(rounds: usize, again: bool) {
    let (place, store) = of_everything(again).await;
    let mut superuser = Superuser::of(&place).await;
    superuser.save(&place).await;
    let mut dice = Dice::new(seed());
    let mut made = 0;
    let signed = head(&store).await;
    while made < rounds {
        let Some((table, edit)) = superuser.edit(&mut dice).await else {
            continue;
        };
        made += 1;
        // What ties the database to its keys is asked when it is opened.
        let found = audited(&store, signed).await || place.try_open().await.is_err();
        assert!(found, "unseen: {edit:.300}");
        superuser.undo(table).await;
    }
    store.audit().await.expect("all edits are undone");
}

#[tokio::test]
async fn a_thousand_flipped_bits_are_found_or_change_nothing() {
    let (place, store) = of_everything(true).await;
    let signed = head(&store).await;
    store.close().await.expect("closes");
    // Small pages leave little free space for a bit to be flipped in.
    place
        .tamper("PRAGMA journal_mode = DELETE; PRAGMA page_size = 512; VACUUM")
        .await;
    let good = fs::read(&place.location).expect("a file");
    let wanted = Superuser::of(&place).await.dump().await;
    let mut dice = Dice::new(seed());
    let mut found = 0;
    for _ in 0..ROUNDS {
        let (byte, bit) = (dice.below(good.len()), dice.below(8));
        let mut bad = good.clone();
        bad[byte] ^= 1 << bit;
        for suffix in ["-wal", "-shm"] {
            fs::remove_file(format!("{}{suffix}", place.location)).ok();
        }
        fs::write(&place.location, &bad).expect("writes");
        if checked(&place, signed).await {
            found += 1;
            continue;
        }
        let dump = Superuser::of(&place).await.dump().await;
        let differs = dump.iter().find(|row| !wanted.contains(row));
        let differs = differs.or_else(|| wanted.iter().find(|row| !dump.contains(row)));
        assert!(
            dump == wanted,
            "bit {bit} of byte {byte} was flipped unseen: {differs:.300?}"
        );
    }
    // The rest is free space and what SQLite keeps for itself.
    assert!(found > ROUNDS / 2, "{found}");
}

/// The head as it was signed: size and root.
type Head = (u64, ledger::Hash);

async fn head(store: &Store) -> Head {
    let size = store.ledger_size().await.expect("reads");
    (size, store.root(size).await.expect("reads"))
}

/// Whether the audit finds something, or another log than the one signed.
async fn audited(store: &Store, (size, root): Head) -> bool {
    store.audit().await.is_err() || store.root(size).await.ok() != Some(root)
}

async fn checked(place: &Place, signed: Head) -> bool {
    let Ok(store) = place.try_open().await else {
        return true;
    };
    let found = store.check().await.is_err() || audited(&store, signed).await;
    store.close().await.expect("closes");
    found
}

/// An open publisher of a log, and its folder.
fn publisher(folder: &std::path::Path) -> Publisher {
    let key = SignerKey::from_seed("log.example/2026", KeyType::Note, &[1; 32]).expect("a key");
    Publisher::open(folder.join("log"), folder.join("state"), key).expect("opens")
}

/// What the gate does at each tick: reads what is recorded from the last published entry on, each entry
/// opened, and signs it.
async fn tick(store: &Store, publisher: &mut Publisher) -> Option<Checkpoint> {
    let recorded = store.ledger_size().await.ok()?;
    let first = publisher.size().saturating_sub(1);
    let leaves = store.opened_leaves(first, recorded).await.ok()?;
    let note = publisher.publish(first, &leaves).ok()?;
    note.text().parse().ok()
}

#[tokio::test]
async fn a_bad_head_is_never_signed() {
    let (place, store) = of_everything(true).await;
    let leaves = store.leaves(0, 1_000).await.expect("reads");
    let hashes: Vec<_> = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
    let mut superuser = Superuser::of(&place).await;
    superuser.save(&place).await;
    let tables = ["ledger_entries", "ledger_head", "sealed_openings"];
    superuser
        .tables
        .retain(|table| tables.contains(&table.name.as_str()));
    let mut dice = Dice::new(seed());
    let (mut refused, mut signed) = (0, 0);
    while refused + signed < HEADS {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut publisher = publisher(folder.path());
        // Some entries are public already, those erased among them; the others wait to be signed.
        let public = ERASED + dice.below(leaves.len() - ERASED);
        publisher.publish(0, &leaves[..public]).expect("publishes");
        let Some((table, edit)) = superuser.edit(&mut dice).await else {
            continue;
        };
        match tick(&store, &mut publisher).await {
            None => refused += 1,
            Some(head) => {
                let size = usize::try_from(head.size).expect("small");
                assert!(
                    size >= public && head.root == tree::root(&hashes[..size]),
                    "{edit}"
                );
                signed += 1;
            }
        }
        superuser.undo(table).await;
    }
    assert!(
        refused > HEADS / 5 && signed > HEADS / 20,
        "{refused} {signed}"
    );
}
