//! Files of requests: each line is recorded once and answered, whatever happens on the way.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::agency::Agency;
use crate::support::{Client, Data, Server, stderr, stdout};

const COLUMNS: &str = "UNIQUE REFERENCE,FAMILY_NAME,GIVEN_NAME,DATE_OF_BIRTH,GENDER,POSTCODE,PURPOSE,RANK,UNIT,\
    SUBJECT_ROLE,FIELDS,GATEWAY,OFFENCE,NECESSITY,PROPORTIONALITY,HARM,LINK,LIKELIHOOD,CONSENT,ATTEMPTS,\
    AUTHORISER_ID,AUTHORISER_NAME,AUTHORISER_RANK,AUTHORISER_SIGNED_AT\r\n";
const REST: &str = "serious_crime,constable,major-crime,suspect,name;last_known_address,L3,serious_fraud,\
    cannot be found otherwise,contact only,others at risk,cannot be questioned,likely,not_asked_prejudice,\
    visit|2026-09-20|moved,insp-ruth-hale,Inspector Ruth Hale,inspector,2026-10-01T08:00:00Z";

/// So many lines, each about somebody else.
pub fn lines(count: usize) -> String {
    let mut file = COLUMNS.to_owned();
    for number in 0..count {
        let (year, month, day) = (1940 + number % 60, 1 + number % 12, 1 + number % 28);
        let (area, sector) = (1 + number % 97, number % 10);
        writeln!(
            file,
            "NP/{number},Surname{number},Given{number},{year}{month:02}{day:02},2,NM{area} {sector}AB,{REST}\r"
        )
        .unwrap();
    }
    file
}

/// Hands a file in and returns the status, and the batch or the problem.
fn hand_in(client: &Client, key: &str, file: &str) -> (u16, Value) {
    client.post_csv("/api/v1/batches", key, file)
}

pub fn batch(client: &Client, key: &str, file: &str) -> String {
    let (status, told) = hand_in(client, key, file);
    assert_eq!(status, 202, "{told}");
    let id = told["batch"].as_str().unwrap();
    format!("/api/v1/batches/{id}")
}

pub fn wait(client: &Client, batch: &str) -> Value {
    client.wait_long(batch, |told| told["status"] == "complete")
}

/// What each line became, by its line.
pub fn answers(client: &Client, batch: &str) -> BTreeMap<u64, BTreeMap<String, String>> {
    let mut answers = BTreeMap::new();
    let mut next = Some(format!("{batch}/answers?limit=100"));
    while let Some(page) = next {
        let (text, link) = client.get_text(&page);
        let mut rows = csv::Reader::from_reader(text.as_bytes());
        for row in rows.deserialize::<BTreeMap<String, String>>() {
            let row = row.unwrap();
            let line = row["LINE"].parse().unwrap();
            assert!(
                answers.insert(line, row).is_none(),
                "line {line} is answered twice"
            );
        }
        next = link;
    }
    answers
}

/// How many lines the test has: a hundred thousand where there is time.
fn count() -> usize {
    let count = std::env::var("TRACEGATE_SOAK_ROWS");
    count.map_or(2_000, |count| count.parse().unwrap())
}

#[test]
fn a_batch_that_is_cut_off_is_read_on_and_nothing_is_recorded_twice() {
    let data = Data::new();
    let (token, file, count) = (data.token("dc-amara-osei"), lines(count()), count());
    let server = Server::start(&data);
    let client = server.client(&token);
    let path = batch(&client, "the-batch-of-monday", &file);
    client.wait_long(&path, |told| told["done"].as_u64() >= Some(300));
    server.kill();

    let server = Server::start(&data);
    let client = server.client(&token);
    let cut = client.wait_long(&path, |_| true);
    assert_eq!(cut["status"], "broken_off");
    assert_eq!(cut["rows"], Value::Null);
    let before = answers(&client, &path);
    assert!(
        before.len() >= 300 && before.len() < count,
        "{}",
        before.len()
    );
    assert_eq!(batch(&client, "the-batch-of-monday", &file), path);
    let told = wait(&client, &path);
    assert_eq!(
        (told["rows"].as_u64(), told["faulty"].as_u64()),
        (Some(count as u64), Some(0))
    );
    let after = answers(&client, &path);
    assert_eq!(after.len(), count);
    let cases: BTreeSet<&String> = after.values().map(|row| &row["CASE"]).collect();
    assert_eq!(cases.len(), count, "each line has a case of its own");
    for (line, row) in &after {
        assert_eq!(row["UNIQUE_REFERENCE"], format!("NP/{}", line - 2));
        assert!(
            row["DUPLICATE_OF"].is_empty() && row["FAULT"].is_empty(),
            "{row:?}"
        );
    }
    for (line, row) in &before {
        assert_eq!(
            row["CASE"], after[line]["CASE"],
            "line {line} became another case"
        );
    }
    // All that the agency has asked is in the file, beside what the demonstration began with.
    let recorded = client.every("/api/v1/requests?limit=200");
    let recorded: Vec<&Value> = recorded.iter().map(|told| &told["case"]).collect();
    let of_batch = recorded
        .iter()
        .filter(|case| cases.contains(&case.as_str().unwrap().to_owned()));
    assert_eq!(of_batch.count(), count);
    if std::env::var_os("TRACEGATE_SOAK_ROWS").is_some() {
        eprintln!(
            "{count} rows; most memory at once: {} MiB",
            server.memory_max() / 1024
        );
        assert!(
            server.memory_max() < 600 * 1024,
            "{} KiB",
            server.memory_max()
        );
    }
}

/// The lines that became no request, with column, problem and remedy, page by page.
fn says_what_is_wrong(client: &Client, batch: &str) {
    let (errors, _) = client.get_text(&format!("{batch}/errors"));
    assert_eq!(
        errors,
        "LINE,COLUMN,PROBLEM,REMEDY\n\
         5,UNIQUE_REFERENCE,was used before for another request,write a new one\n\
         6,,the line has 3 cells where 24 columns are named,write one cell for each\n\
         7,UNIQUE_REFERENCE,is empty,write your reference of this request\n\
         8,GENDER,is no known code,\"write F, M, 0, 1, 2 or 9\"\n"
    );
    let (page, next) = client.get_text(&format!("{batch}/errors?limit=2&after=5"));
    assert_eq!(page.lines().count(), 3, "{page}");
    let (rest, next) = client.get_text(&next.unwrap());
    assert!(rest.contains("\n8,") && next.is_none(), "{rest}");
}

/// The same request, and said so.
fn the_next_file_has_an_old_line(client: &Client, first: &str, case: &str, line: &str) {
    let second = batch(client, "the-second-file", &[COLUMNS, line].concat());
    wait(client, &second);
    let again = answers(client, &second);
    assert_eq!(again[&2]["CASE"], case);
    assert_eq!(again[&2]["DUPLICATE_OF"], format!("{first}/3"));
}

#[test]
fn lines_that_say_the_same_are_one_request_and_lines_that_cannot_be_read_say_why() {
    let data = Data::new();
    let server = Server::start(&data);
    let client = server.client(&data.token("dc-amara-osei"));
    let line = |reference: &str, surname: &str| {
        format!("{reference},{surname},Given,19600102,2,NM1 2AB,{REST}\r\n")
    };
    let file = [
        COLUMNS,
        &line("NP/1", "One"),
        &line("NP/2", "Two"),
        &line("NP/1", "One"),
        &line("NP/2", "Three"),
        "NP/5,too,few\r\n",
        &line("", "Nobody"),
        &line("NP/8", "Eight").replace(",2,NM1", ",secret,NM1"),
    ]
    .concat();
    let first = batch(&client, "the-first-file", &file);
    let told = wait(&client, &first);
    assert_eq!(
        (told["rows"].as_u64(), told["faulty"].as_u64()),
        (Some(7), Some(4)),
        "{told}"
    );
    let rows = answers(&client, &first);
    let id = first.rsplit('/').next().unwrap();
    assert_eq!(rows[&4]["CASE"], rows[&2]["CASE"]);
    assert_eq!(rows[&4]["DUPLICATE_OF"], format!("{id}/2"));
    assert!(rows[&2]["DUPLICATE_OF"].is_empty());
    for (line, fault) in [
        (
            5,
            "UNIQUE_REFERENCE: was used before for another request; write a new one",
        ),
        (
            6,
            "the line has 3 cells where 24 columns are named; write one cell for each",
        ),
        (
            7,
            "UNIQUE_REFERENCE: is empty; write your reference of this request",
        ),
        (8, "GENDER: is no known code; write F, M, 0, 1, 2 or 9"),
    ] {
        assert_eq!(
            (
                rows[&line]["FAULT"].as_str(),
                rows[&line]["STATUS"].as_str()
            ),
            (fault, "faulty")
        );
    }
    says_what_is_wrong(&client, &first);
    the_next_file_has_an_old_line(&client, id, &rows[&3]["CASE"], &line("NP/2", "Two"));
    let (status, told) = hand_in(&client, "the-first-file", COLUMNS);
    assert_eq!(
        (status, &told["type"]),
        (422, &"/problems/request-id-used".into())
    );
    let (status, told) = hand_in(&client, "another-file", "SURNAME\r\nOne\r\n");
    assert_eq!(status, 422, "{told}");
    // Nobody else learns of a batch.
    let other = server.client(&data.token("clerk-idris-vaughan"));
    Client::expect(404, other.get(&first));
    Client::expect(200, client.get("/api/v1/batches"));
}

#[test]
fn the_agencys_client_believes_only_answers_that_the_gate_has_signed() {
    let agency = Agency::registered();
    let file = agency.data.text("requests.csv");
    let faulty = format!("NP/9,Nine,Given,19600102,X,NM1 2AB,{REST}\r\n");
    std::fs::write(&file, lines(3) + &faulty).unwrap();
    let answered = agency.run(&["batch", &file]);
    assert!(answered.status.success(), "{}", stderr(&answered));
    assert!(
        stderr(&answered)
            .contains("4 lines, each with an answer that the gate has signed; 1 became"),
        "{}",
        stderr(&answered)
    );
    let answers = stdout(&answered);
    let mut rows = csv::Reader::from_reader(answers.as_bytes());
    let rows: Vec<BTreeMap<String, String>> = rows.deserialize().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 4);
    for row in &rows {
        let signed = &row["SIGNED"];
        assert!(
            signed.starts_with("tracegate batch answer v1\nbatch "),
            "{signed}"
        );
        assert!(signed.contains(&format!("\nline {}\ncase {}\n", row["LINE"], row["CASE"])));
    }
    // The same file again is the same batch, and the same cases.
    let again = agency.ok(&["batch", &file]);
    assert!(again.contains(&rows[0]["CASE"]), "{again}");
    // Another gate's key has not signed them.
    let key = agency.folder().join("gate.vkey");
    std::fs::copy(agency.folder().join("log.vkey"), key).unwrap();
    let refused = agency.run(&["batch", &file]);
    assert_eq!(refused.status.code(), Some(4), "{}", stderr(&refused));
    assert!(stdout(&refused).is_empty(), "{}", stdout(&refused));
}

/// The files of a folder, by how their names begin and end.
fn found(folder: &Path, begins: &str, ends: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let paths = entries.map(|entry| entry.unwrap().path());
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    paths
        .filter(|path| name(path).starts_with(begins) && name(path).ends_with(ends))
        .collect()
}

/// Waits for one such file, and reads it.
fn come(folder: &Path, begins: &str, ends: &str) -> String {
    for _ in 0..2_400 {
        if let [path] = &found(folder, begins, ends)[..] {
            return std::fs::read_to_string(path).unwrap();
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("no `{begins}...{ends}` in {}", folder.display());
}

/// Puts a file there as a program should: whole, under its name.
fn put(folder: &Path, name: &str, text: &str) {
    let unfinished = folder.join("unfinished");
    std::fs::write(&unfinished, text).unwrap();
    std::fs::rename(unfinished, folder.join(name)).unwrap();
}

#[test]
fn files_are_taken_from_a_watched_folder_once_and_answered_beside_them() {
    let data = Data::new();
    let folder = data.path().join("incoming");
    std::fs::create_dir(&folder).unwrap();
    let mut settings = std::fs::read_to_string(data.text("tracegate.toml")).unwrap();
    settings += "\n[[folders]]\npath = \"incoming\"\nofficer = \"dc-amara-osei\"\n";
    std::fs::write(data.text("tracegate.toml"), settings).unwrap();
    let server = Server::start(&data);
    let done = folder.join("done");
    put(&folder, "a note.txt", "no file of requests");
    std::os::unix::fs::symlink(data.path().join("tracegate.toml"), folder.join("link.csv"))
        .unwrap();
    // The next one of that name does not overwrite it.
    for (text, name, missing) in [
        ("SURNAME\r\nOne\r\n", "faulty", "UNIQUE_REFERENCE"),
        ("UNIQUE_REFERENCE\r\n1\r\n", "faulty-2", "PURPOSE"),
    ] {
        put(&folder, "faulty.csv", text);
        let refused = format!("{name}.csv");
        assert_eq!(come(&done, &refused, ".csv"), text, "it moves last");
        let errors = come(&done, name, ".errors.csv");
        assert!(errors.contains(missing), "{errors}");
    }
    assert_eq!(come(&done, "faulty.csv", ".csv"), "SURNAME\r\nOne\r\n");
    // Cut off on the way, it is read on by itself.
    put(&folder, "monday.csv", &lines(2_000));
    let client = server.client(&data.token("dc-amara-osei"));
    let begun = |told: &Value| told[0]["done"].as_u64() >= Some(300);
    let path = client.wait_long("/api/v1/batches", begun);
    let path = format!("/api/v1/batches/{}", path[0]["batch"].as_str().unwrap());
    server.kill();
    assert_eq!(found(&folder.join("taken"), "monday", ".csv").len(), 1);
    let server = Server::start(&data);
    let client = server.client(&data.token("dc-amara-osei"));
    let told = wait(&client, &path);
    assert_eq!(told["rows"].as_u64(), Some(2_000));
    let cases: BTreeSet<String> = answers(&client, &path)
        .into_values()
        .map(|row| row["CASE"].clone())
        .collect();
    assert_eq!(cases.len(), 2_000);
    for _ in 0..600 {
        if found(&folder.join("taken"), "monday", ".csv").is_empty() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    // The file moves when both lists are whole.
    let answered = come(&done, "monday", ".answers.csv");
    let rows = csv::Reader::from_reader(answered.as_bytes()).into_records();
    let listed: BTreeSet<String> = rows.map(|row| row.unwrap()[2].to_owned()).collect();
    assert_eq!(
        listed, cases,
        "the answers beside the file are those of its lines"
    );
    assert_eq!(come(&done, "monday", ".errors.csv").lines().count(), 1);
    assert_eq!(found(&done, "monday-", ".csv").len(), 3);
    // What is no file of requests stays where it is.
    assert!(folder.join("a note.txt").exists() && folder.join("link.csv").exists());
}
