//! The command line as a user meets it: verdicts as exit codes, bad input with file, line, field
//! and remedy, and the rest of a batch still answered.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use crate::support::{Data, stderr, stdout, tracegate};

const HEADER: &str =
    "request_id,nhs_number,given_name,middle_name,surname,date_of_birth,sex,address,town,postcode";

#[test]
fn one_flipped_byte_anywhere_in_the_log_is_named() {
    let data = Data::new();
    let (log, key) = (data.text("log"), data.text("log.vkey"));
    let clean = tracegate(["ledger", "verify", &log, "--key", &key]);
    assert_eq!(clean.status.code(), Some(0), "{}", stderr(&clean));
    let mut files = Vec::new();
    walk(&data.path().join("log"), &mut files);
    assert!(files.len() > 3);
    for file in files {
        let good = fs::read(&file).unwrap();
        let mut bad = good.clone();
        let at = bad.len() / 2;
        bad[at] ^= 1;
        fs::write(&file, bad).unwrap();
        let found = tracegate(["ledger", "verify", &log, "--key", &key]);
        assert_eq!(found.status.code(), Some(4), "{} passed", file.display());
        let said = stderr(&found);
        let name = file.strip_prefix(&log).unwrap().to_str().unwrap();
        assert!(
            said.contains(name) || said.contains("entry"),
            "{name}: {said}"
        );
        fs::write(&file, good).unwrap();
    }
}

fn walk(folder: &std::path::Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else {
            files.push(path);
        }
    }
}

#[test]
fn a_proof_checks_offline_and_an_altered_entry_does_not() {
    let data = Data::new();
    let (log, key, out) = (
        data.text("log"),
        data.text("log.vkey"),
        data.text("p.tlog-proof"),
    );
    let made = tracegate(["ledger", "prove", &log, "5", "--key", &key, "--out", &out]);
    assert!(made.status.success(), "{}", stderr(&made));
    let entry = format!("{out}.entry");
    let checked = tracegate(["ledger", "check", &out, "--entry", &entry, "--key", &key]);
    assert!(
        stdout(&checked).contains("proof verified"),
        "{}",
        stderr(&checked)
    );
    let mut bytes = fs::read(&entry).unwrap();
    bytes[0] ^= 1;
    fs::write(&entry, bytes).unwrap();
    let refused = tracegate(["ledger", "check", &out, "--entry", &entry, "--key", &key]);
    assert_eq!(refused.status.code(), Some(4));
}

#[test]
fn bad_rows_are_named_and_the_rest_of_the_batch_is_answered() {
    let data = Data::new();
    let requests = data.text("requests.csv");
    let good = data.plain_person(8);
    let text = |name: &str| good[name].as_str().unwrap().to_owned();
    let good_row = format!(
        "R1,{},{},{},{},{},{},{},{},{}",
        text("nhs_number"),
        text("given_name"),
        text("middle_name"),
        text("surname"),
        text("date_of_birth"),
        text("sex"),
        text("address"),
        text("town"),
        text("postcode"),
    );
    let rows = [
        HEADER,
        &good_row,
        "R2,9990000019,ANNA,,SMITH,1980-05-06,F,,,",
        "R3,9999999999,ANNA,,SMITH,1980-05-06,F,,,",
        "R4,,ANNA,,SMITH,1980-02-30,F,,,",
        "R5,too,few",
        "R6,,ANNA,,SMITH,1980-05-06,F,,,",
    ];
    fs::write(&requests, rows.join("\n") + "\n").unwrap();
    let (index, out) = (data.text("people.tgx"), data.text("answers.csv"));
    let ran = tracegate([
        "trace",
        "--index",
        &index,
        "--requests",
        &requests,
        "--out",
        &out,
    ]);
    let said = stderr(&ran);
    assert!(!said.contains("panicked"), "{said}");
    for named in [
        ":3: nhs_number",
        ":4: nhs_number",
        ":5: date_of_birth",
        ":6:",
    ] {
        assert!(said.contains(named), "no `{named}` in: {said}");
    }
    let answers = fs::read_to_string(&out).unwrap();
    let lines: Vec<&str> = answers.lines().collect();
    assert_eq!(lines.len(), 7, "{answers}");
    assert!(lines[1].starts_with("R1,single,"), "{answers}");
    assert!(lines[5].starts_with("R5,invalid,"), "{answers}");
}

#[test]
fn a_truncated_index_is_refused() {
    let data = Data::new();
    let index = data.path().join("people.tgx");
    let bytes = fs::read(&index).unwrap();
    fs::write(&index, &bytes[..bytes.len() / 2]).unwrap();
    let ran = tracegate(["index", "verify", index.to_str().unwrap()]);
    assert_eq!(ran.status.code(), Some(4), "{}", stderr(&ran));
    assert!(stderr(&ran).contains("people.tgx"), "{}", stderr(&ran));
}

#[test]
fn an_agreement_with_a_misspelt_attribute_is_refused_with_its_line() {
    let data = Data::new();
    let path = data
        .path()
        .join("agreements/police-serious-crime/2026-01-01/clauses.cedar");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text.replacen("context.offence_code", "context.offense_code", 1),
    )
    .unwrap();
    let ran = tracegate([
        "agreement",
        "check",
        "--agreements",
        &data.text("agreements"),
    ]);
    assert_eq!(ran.status.code(), Some(1));
    let said = stderr(&ran);
    assert!(
        said.contains("clauses.cedar:") && said.contains("offense_code"),
        "{said}"
    );
    assert!(said.contains("remedy:"), "{said}");
}

#[test]
fn an_explanation_goes_through_the_candidates_field_by_field() {
    let data = Data::new();
    let good = data.plain_person(9);
    let text = |name: &str| good[name].as_str().unwrap().to_owned();
    let requests = data.text("requests.csv");
    let row = format!(
        "R1,,{},,{},{},,,,{}",
        text("given_name"),
        text("surname"),
        text("date_of_birth"),
        text("postcode")
    );
    fs::write(&requests, format!("{HEADER}\n{row}\n")).unwrap();
    let index = data.text("people.tgx");
    let args = [
        "trace",
        "--index",
        &index,
        "--requests",
        &requests,
        "--explain",
        "R1",
    ];
    let said = stdout(&tracegate(args));
    assert!(
        said.contains("date of birth") || said.contains("date_of_birth"),
        "{said}"
    );
    assert!(
        said.contains("prior") && said.contains("the same"),
        "{said}"
    );
    let args = [
        "trace",
        "--index",
        &index,
        "--requests",
        &requests,
        "--explain",
        "R9",
    ];
    assert_eq!(tracegate(args).status.code(), Some(1));
}

#[test]
fn an_interrupted_trace_goes_on_where_it_stopped() {
    let data = Data::new();
    let (requests, out) = (data.path().join("requests.csv"), data.text("answers.csv"));
    let row = |number: usize| format!("R{number},,Ann,,Lee,19{}-02-03,F,,,\n", 10 + number);
    let rows: String = (0..60).map(row).collect();
    fs::write(&requests, format!("{HEADER}\n{rows}")).unwrap();
    let (index, requests) = (data.text("people.tgx"), requests.to_str().unwrap());
    let trace = |more: &[&str]| {
        let args = [
            "trace",
            "--index",
            &index,
            "--requests",
            requests,
            "--out",
            &out,
        ];
        tracegate(args.iter().chain(more).copied())
    };
    assert_eq!(trace(&[]).status.code(), Some(0));
    let whole = fs::read_to_string(&out).unwrap();
    for cut in [0, 10, 90, whole.len() / 2, whole.len() - 1, whole.len()] {
        fs::write(&out, &whole[..cut]).unwrap();
        let ran = trace(&["--resume"]);
        assert_eq!(ran.status.code(), Some(0), "{cut}: {}", stderr(&ran));
        assert_eq!(fs::read_to_string(&out).unwrap(), whole, "cut at {cut}");
    }
    fs::write(&out, whole.replace("R7,", "R700,")).unwrap();
    let refused = trace(&["--resume"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("answer 8 is of another request"));
}

#[test]
fn a_trace_beside_a_delta_finds_who_is_new_and_not_who_is_gone() {
    let data = Data::new();
    let file = |name: &str, text: &str| {
        let path = data.text(name);
        fs::write(&path, text).unwrap();
        path
    };
    let persons = |rows: &[&str]| {
        let header = "person_id,given_name,surname,date_of_birth,sex,address,town,postcode";
        format!("{header}\n{}\n", rows.join("\n"))
    };
    let (one, two) = (
        "P1,Ann,Quill,1961-03-07,F,3 High Street,Leeds,LS4 4AB",
        "P2,Bob,Mason,1962-05-09,M,8 Mill Road,Leeds,LS6 4AA",
    );
    let new = "P3,Clara,Draper,1963-02-11,F,5 Old Lane,Leeds,LS7 4AD";
    let build = |rows: &[&str], out: &str, more: &[&str]| {
        let (rows, out) = (file("persons.csv", &persons(rows)), data.text(out));
        let args = ["index", "build", "--persons", &rows, "--out", &out];
        let ran = tracegate(args.iter().chain(more).copied());
        assert!(ran.status.success(), "{}", stderr(&ran));
        out
    };
    let index = build(&[one, two], "monday.tgx", &[]);
    let other = build(&[one, new], "other.tgx", &[]);
    let removed = file("removed.txt", "P2\n");
    let delta = ["--delta-of", &index, "--removed", &removed];
    let delta = build(&[new], "tuesday.tgd", &delta);
    let asked = [two, new].map(|row| {
        let cells: Vec<&str> = row.split(',').collect();
        let [id, given, surname] = [cells[0], cells[1], cells[2]];
        format!("{id},,{given},,{surname},{}\n", cells[3..].join(","))
    });
    let requests = file("asked.csv", &format!("{HEADER}\n{}", asked.concat()));
    let out = data.text("answers.csv");
    let trace = |index: &str, more: &[&str]| {
        let args = [
            "trace",
            "--index",
            index,
            "--requests",
            &requests,
            "--out",
            &out,
        ];
        let ran = tracegate(args.iter().chain(more).copied());
        let answers = fs::read_to_string(&out).unwrap_or_default();
        (ran, answers)
    };
    let (_, alone) = trace(&index, &[]);
    assert!(alone.contains("P2,single,P2,"), "{alone}");
    assert!(!alone.contains("P3,single,"), "{alone}");
    let (_, beside) = trace(&index, &["--delta", &delta]);
    assert!(beside.contains("P3,single,P3,"), "{beside}");
    assert!(beside.contains("P2,no_trace,"), "{beside}");
    let (refused, _) = trace(&other, &["--delta", &delta]);
    assert_eq!(refused.status.code(), Some(1));
    let said = stderr(&refused);
    assert!(said.contains("the delta belongs to index"), "{said}");
}

#[test]
fn what_is_piped_into_a_reader_that_stops_ends_quietly() {
    let mut listing = Command::new(env!("CARGO_BIN_EXE_tracegate"))
        .args(["poll", "published"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(listing.stdout.take());
    let output = listing.wait_with_output().unwrap();
    assert_eq!(stderr(&output), "");
}

/// Port 0 is any that is free: whoever is told to sign in is told which.
#[test]
fn the_demonstration_says_where_it_is() {
    let data = Data::new();
    let folder = data.text("");
    let mut command = Command::new(env!("CARGO_BIN_EXE_tracegate"));
    command.args(["demo", "--listen", "127.0.0.1:0", "--data", &folder]);
    let mut demo = command.stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(demo.stdout.take().unwrap()).lines();
    let mut told = lines.map_while(Result::ok).filter_map(|line| {
        let (_, rest) = line.split_once("http://127.0.0.1:")?;
        Some(rest.split_once("/sign-in")?.0.parse::<u16>().unwrap())
    });
    let port = told.next();
    demo.kill().unwrap();
    demo.wait().unwrap();
    assert!(port.is_some_and(|port| port > 0), "{port:?}");
}
