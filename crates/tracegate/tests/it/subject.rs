//! Who asked about one person: the file, what is wrong with one that was changed, and the portal.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Client, Data, Server, police_request, stderr, stdout, tracegate};

const CLERK: &str = "sa-leila-haddad";

/// A case about somebody, and their NHS number.
fn asked(data: &Data, server: &Server, skip: usize) -> (String, String) {
    let person = data.plain_person(skip);
    let officer = server.client(&data.token("dc-amara-osei"));
    let key = format!("subject-{skip:04}");
    let headers = [("x-request-id", key.as_str())];
    let sent = officer.post("/api/v1/requests", &headers, &police_request(&person));
    let (_, body) = Client::expect(202, sent);
    let id = body["case"].as_str().unwrap().to_owned();
    let caseworker = server.client(&data.token("cw-sofia-lindqvist"));
    let path = format!("/api/v1/cases/{id}");
    caseworker.wait(&path, |case| case["state"] == "casework_review");
    // Three views more: entries of the person's log.
    for _ in 0..3 {
        Client::expect(200, caseworker.get(&path));
    }
    (id, person["nhs_number"].as_str().unwrap().to_owned())
}

fn bundle(data: &Data, person: &str, name: &str) -> String {
    let out = data.text(name);
    let made = tracegate([
        "subject",
        "bundle",
        "--person",
        person,
        "--why",
        "asked in a letter",
        "--by",
        CLERK,
        "--data",
        &data.text(""),
        "--out",
        &out,
    ]);
    assert!(made.status.success(), "{}", stderr(&made));
    out
}

fn check(data: &Data, file: &str, more: &[&str]) -> (i32, String, String) {
    let key = data.text("log.vkey");
    let mut args = vec!["subject", "check", file, "--key", &key];
    args.extend(more);
    let checked = tracegate(args);
    let code = checked.status.code().unwrap();
    (code, stdout(&checked), stderr(&checked))
}

fn caught_up(server: &Server, token: &str) {
    server.client(token).wait("/health", |health| {
        health["recorded"] == health["published"] && health["recorded"].as_u64() > Some(0)
    });
}

#[test]
fn a_bundle_checks_offline_and_a_changed_one_does_not() {
    let data = Data::new();
    let server = Server::start(&data);
    let (id, person) = asked(&data, &server, 0);
    let (_, other) = asked(&data, &server, 1);
    bundle(&data, &person, "early.bundle");
    caught_up(&server, &data.token(CLERK));
    let (own, theirs) = (
        bundle(&data, &person, "own.bundle"),
        bundle(&data, &other, "other.bundle"),
    );
    let (code, told, error) = check(&data, &own, &["--format", "json"]);
    assert_eq!(code, 0, "{error}");
    let told: Value = serde_json::from_str(&told).unwrap();
    let entries = told["told"].as_array().unwrap();
    assert!(entries.len() >= 5, "{told}");
    let trace = entries.last().unwrap();
    assert_eq!(trace["kind"], "examined");
    assert_eq!(trace["facts"]["case"], id.as_str());
    assert_eq!(
        entries[0]["kind"], "log_read",
        "newest first: the reading before"
    );
    let reference = trace["facts"]["person"].as_str().unwrap();
    let (code, text, _) = check(&data, &own, &["--person", reference]);
    assert_eq!(code, 0);
    assert!(
        text.contains("Police Northmoor asked about somebody"),
        "{text}"
    );
    // The log file of somebody else.
    let (code, _, error) = check(&data, &theirs, &["--person", reference]);
    assert!(
        code == 4 && error.contains("is about somebody else"),
        "{error}"
    );
    changed_ones_are_refused(&data, &own);
    // A log of another key.
    let keys = tracegate([
        "keys",
        "generate",
        "log",
        "--name",
        "log.northmoor.example/2026",
        "--out",
        &data.text("else.key"),
    ]);
    assert!(keys.status.success(), "{}", stderr(&keys));
    let checked = tracegate(["subject", "check", &own, "--key", stdout(&keys).trim()]);
    assert_eq!(checked.status.code(), Some(4), "{}", stderr(&checked));
}

/// An event left out in the middle or at the beginning, and one altered.
fn changed_ones_are_refused(data: &Data, own: &str) {
    let text = fs::read_to_string(own).unwrap();
    let changed = data.text("changed.bundle");
    let starts: Vec<usize> = text.match_indices("\nevent ").map(|(at, _)| at).collect();
    let cut = [&text[..starts[2]], &text[starts[3]..]].concat();
    fs::write(&changed, cut).unwrap();
    let (code, _, error) = check(data, &changed, &[]);
    assert!(
        code == 4 && error.contains("one was left out, added or moved"),
        "{error}"
    );
    let headless = [&text[..starts[0]], &text[starts[1]..]].concat();
    fs::write(&changed, headless).unwrap();
    let (code, _, error) = check(data, &changed, &[]);
    assert!(
        code == 4 && error.contains("the ones before it were left out"),
        "{error}"
    );
    let line = text[starts[2] + 1..].split('\n').next().unwrap();
    let last = line.rsplit(' ').next().unwrap();
    let swapped = if last.starts_with('A') { "B" } else { "A" };
    fs::write(
        &changed,
        text.replacen(last, &format!("{swapped}{}", &last[1..]), 1),
    )
    .unwrap();
    let (code, _, error) = check(data, &changed, &[]);
    assert!(
        code == 4 && error.contains("does not match the commitment"),
        "{error}"
    );
}

#[test]
fn nobody_else_reads_a_log_and_nobody_unknown_has_one() {
    let data = Data::new();
    let person = data.plain_person(0)["nhs_number"]
        .as_str()
        .unwrap()
        .to_owned();
    let read = |by: &str, person: &str| {
        tracegate([
            "subject",
            "bundle",
            "--person",
            person,
            "--why",
            "w",
            "--by",
            by,
            "--data",
            &data.text(""),
            "--out",
            &data.text("x.bundle"),
        ])
    };
    let refused = read("cw-sofia-lindqvist", &person);
    assert!(stderr(&refused).contains("the subject access clerk or a guardian"));
    let unknown = read(CLERK, "nobody");
    assert!(stderr(&unknown).contains("nobody is known under this code"));
    assert!(!refused.status.success() && !unknown.status.success());
}

#[test]
fn a_portal_asks_in_the_shape_of_the_data_tracker() {
    let data = Data::new();
    let server = Server::start(&data);
    let (_, person) = asked(&data, &server, 2);
    let portal = server.client(&data.token(CLERK));
    let path = format!("/api/v1/tracker/findUsage?userCode={person}");
    let (status, _, _) = portal.get(&path).unwrap();
    assert_eq!(status, 422, "who asks the portal must be said");
    let ask = |user: &str, path: &str| {
        let (_, body) = Client::expect(200, portal.get_with(path, &[("x-road-userid", user)]));
        body
    };
    let told = ask(&person, &path);
    let total = told["totalUsages"].as_u64().unwrap();
    let usages = told["usages"].as_array().unwrap();
    assert_eq!(usages.len() as u64, total);
    for usage in usages {
        for name in [
            "logtime",
            "action",
            "receiverCode",
            "receiverName",
            "receiverSystem",
        ] {
            assert!(usage[name].is_string(), "{usage}");
        }
    }
    let times: Vec<&str> = usages
        .iter()
        .map(|usage| usage["logtime"].as_str().unwrap())
        .collect();
    assert!(
        times.windows(2).all(|pair| pair[0] >= pair[1]),
        "newest first"
    );
    assert!(
        usages
            .iter()
            .any(|usage| usage["receiverCode"] == "police-northmoor")
    );
    // Somebody acts for the person, and that is on record.
    let page = ask("9990000999", &format!("{path}&offset=1&limit=1"));
    assert_eq!(page["usages"].as_array().unwrap().len(), 1);
    assert_eq!(
        page["totalUsages"],
        total + 1,
        "the first asking is an entry"
    );
    let again = ask(&person, &path);
    let acted = "This log was read by somebody who acts for you.";
    assert_eq!(again["usages"][1]["action"], acted, "{again}");
    let until = format!("{path}&periodEnd=2001-01-01T00:00:00Z");
    assert_eq!(ask(&person, &until)["totalUsages"], 0);
    let unknown = ask("x", "/api/v1/tracker/findUsage?userCode=nobody");
    assert_eq!(unknown, json!({"totalUsages": 0, "usages": []}));
    let (_, period) = Client::expect(200, portal.get("/api/v1/tracker/usagePeriod"));
    assert!(period["periodStart"].is_string());
    let (_, alive) = Client::expect(200, portal.get("/api/v1/tracker/heartbeat"));
    assert_eq!(alive["status"], "OK");
    let officer = server.client(&data.token("dc-amara-osei"));
    Client::expect(403, officer.get_with(&path, &[("x-road-userid", &person)]));
}

#[test]
fn an_overseer_finds_a_published_number_that_the_log_does_not_bear_out() {
    let data = Data::new();
    let oversee = |step: &[&str]| {
        let mut args = vec!["oversee"];
        args.extend(step);
        let folder = data.text("");
        args.extend(["--data", &folder, "--by", "ov-james-whitlock"]);
        tracegate(args)
    };
    let whole = oversee(&["recompute"]);
    assert_eq!(
        whole.status.code(),
        Some(0),
        "{}{}",
        stdout(&whole),
        stderr(&whole)
    );
    assert!(stdout(&whole).contains("every published number is what the log says"));
    let sample = |seed: &str| {
        let drawn = oversee(&["sample", "--count", "5", "--seed", seed, "--format", "json"]);
        let sample: Value = serde_json::from_slice(&drawn.stdout).unwrap();
        let entries = sample["entries"].as_array().unwrap().clone();
        let indexes: Vec<u64> = entries
            .iter()
            .map(|one| one["index"].as_u64().unwrap())
            .collect();
        (indexes, entries[0]["audit"].as_str().unwrap().to_owned())
    };
    let (first, audit) = sample("one");
    assert!(first.len() == 5 && audit.contains("case_id"), "{audit}");
    assert_eq!(sample("one").0, first, "the same seed, the same entries");
    assert_ne!(sample("two").0, first);
    let all = oversee(&["sample", "--all", "--until", "2020-01-01T00:00:00Z"]);
    assert!(
        stdout(&all).starts_with("0 of 0 entries opened"),
        "{}",
        stdout(&all)
    );
    assert!(stdout(&oversee(&["deferred"])).contains("entries of"));
    let stranger = tracegate([
        "oversee",
        "deferred",
        "--data",
        &data.text(""),
        "--by",
        "cg-dr-anton-keller",
    ]);
    assert!(stderr(&stranger).contains("this is for overseers"));
    // Somebody makes refusals look better, behind the program's back.
    let file = data.path().join("tracegate.sqlite");
    let mut bytes = fs::read(&file).unwrap();
    let (from, to) = (b"no_resultno_result", b"no_resultforwarded");
    let at = bytes
        .windows(from.len())
        .position(|window| window == from)
        .unwrap();
    bytes[at..at + to.len()].copy_from_slice(to);
    fs::write(&file, bytes).unwrap();
    let differs = oversee(&["recompute"]);
    let text = stdout(&differs);
    assert_eq!(differs.status.code(), Some(4), "{text}{}", stderr(&differs));
    assert!(
        text.contains("DIFFERS") && text.contains("forwarded: published"),
        "{text}"
    );
}
