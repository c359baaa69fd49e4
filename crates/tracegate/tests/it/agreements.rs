//! Agreements on the command line: proofs as exit codes, witnesses that can be judged, certificates
//! that anybody verifies, history judged again.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{stderr, stdout, tracegate};

const OLD: &str = "ho/2017-01-01";
const NEW: &str = "ho/2018-05-09";
const ANNOUNCED: &str = "ho/2018-05-09-as-announced";

fn diff(from: &str, to: &str) -> (Option<i32>, Value) {
    let ran = tracegate(["agreement", "diff", from, to, "--format", "json"]);
    let read = serde_json::from_slice(&ran.stdout);
    (ran.status.code(), read.expect("a certificate"))
}

fn names(list: &Value, key: &str) -> Vec<String> {
    let items = list.as_array().expect("a list").iter();
    let text = |item: &Value| item[key].as_str().expect("text").to_owned();
    items.map(text).collect()
}

fn judge(version: &str, facts: &Path) -> Output {
    let facts = facts.to_str().unwrap();
    tracegate(["agreement", "judge", version, "--facts", facts, "--replay"])
}

#[test]
fn the_change_of_2018_narrows_and_names_clauses_and_fields() {
    let (code, made) = diff(OLD, NEW);
    assert_eq!(code, Some(0));
    let comparison = &made["comparison"];
    assert_eq!(comparison["verdict"], "narrows");
    assert_eq!(comparison["widenings"], json!([]));
    let clauses = names(&comparison["narrowings"], "clause");
    assert!(clauses.contains(&"2.4".to_owned()), "{clauses:?}");
    assert!(clauses.contains(&"3.1".to_owned()), "{clauses:?}");
    let fields = comparison["fields"].as_array().unwrap().iter();
    let dropped: Vec<&Value> = fields
        .filter(|field| field["relation"] == "removed")
        .collect();
    assert!(!dropped.is_empty(), "{comparison}");
    let shown = stdout(&tracegate(["agreement", "diff", OLD, NEW]));
    for said in [
        "permits nothing that the first refuses",
        "no longer released",
        "what the proof does not say",
    ] {
        assert!(shown.contains(said), "no `{said}` in {shown}");
    }
}

#[test]
fn the_change_as_announced_widens_and_its_witness_is_judged_both_ways() {
    let (code, made) = diff(OLD, ANNOUNCED);
    assert_eq!(code, Some(3));
    let change = &made["comparison"]["widenings"][0];
    let facts = &change["witness"]["facts"];
    assert_eq!(facts["public_security_risk"], true, "{facts}");
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("witness.json");
    fs::write(&file, facts.to_string()).unwrap();
    assert_eq!(judge(OLD, &file).status.code(), Some(3));
    assert_eq!(judge(ANNOUNCED, &file).status.code(), Some(0));
}

#[test]
fn the_reverse_widens_strangers_cannot_be_compared_and_equals_are_equal() {
    assert_eq!(diff(NEW, OLD).0, Some(3));
    assert_eq!(diff(OLD, "court-order/2026-01-01").0, Some(4));
    assert_eq!(diff(NEW, NEW).0, Some(0));
    let nowhere = tracegate(["agreement", "diff", OLD, "ho/1999"]);
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(stderr(&nowhere).contains("`ho/1999`"));
    assert_eq!(tracegate(["agreement", "diff"]).status.code(), Some(2));
}

#[test]
fn a_certificate_verifies_and_any_changed_byte_makes_it_fail() {
    let folder = TempDir::new().unwrap();
    let (file, page) = (folder.path().join("n.json"), folder.path().join("d.html"));
    let (certificate, html) = (file.to_str().unwrap(), page.to_str().unwrap());
    let made = tracegate([
        "agreement",
        "diff",
        OLD,
        NEW,
        "--certificate",
        certificate,
        "--html",
        html,
    ]);
    assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
    let verify = || tracegate(["agreement", "diff", "--verify", certificate]);
    let held = verify();
    assert_eq!(held.status.code(), Some(0), "{}", stderr(&held));
    assert!(stdout(&held).contains("that the rules say what the prose says"));
    let good = fs::read(&file).unwrap();
    for at in (0..good.len()).step_by(good.len() / 12) {
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(&file, bad).unwrap();
        assert_eq!(verify().status.code(), Some(4), "byte {at} may change");
    }
    let text = fs::read_to_string(&page).unwrap();
    for said in ["What the proof does not say", "<style>", "Make it again"] {
        assert!(text.contains(said), "no `{said}` on the page");
    }
    assert!(!text.contains("href=\"/"), "the page stands alone");
}

#[test]
fn a_new_agreement_is_made_checked_and_not_overwritten() {
    let folder = TempDir::new().unwrap();
    let shelf = folder.path().to_str().unwrap();
    let new = || tracegate(["agreement", "new", "fire/2027-01-01", "--agreements", shelf]);
    let made = new();
    assert!(made.status.success(), "{}", stderr(&made));
    assert_eq!(new().status.code(), Some(1), "it is there already");
    let checked = tracegate(["agreement", "check", "--agreements", shelf]);
    assert!(
        stdout(&checked).contains("fire/2027-01-01: sound"),
        "{}",
        stderr(&checked)
    );
    let rules = folder.path().join("fire/2027-01-01/clauses.cedar");
    let text = fs::read_to_string(&rules).unwrap();
    fs::write(
        &rules,
        text.replacen("context.purpose", "context.purpos", 1),
    )
    .unwrap();
    let refused = tracegate(["agreement", "check", "--agreements", shelf]);
    assert_eq!(refused.status.code(), Some(1));
    let said = stderr(&refused);
    for part in ["fire/2027-01-01/clauses.cedar:", " | ", "^", "remedy:"] {
        assert!(said.contains(part), "no `{part}` in {said}");
    }
}

#[test]
fn who_lists_askers_and_what_they_must_claim() {
    let shown = stdout(&tracegate(["agreement", "who", NEW]));
    assert!(shown.contains("home-office for "), "{shown}");
    assert!(
        shown.contains("contact lost") && shown.contains("yes"),
        "{shown}"
    );
}

/// A request that `ho/2017-01-01` permits.
fn of_2017() -> Value {
    let cases =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../agreements/ho/2017-01-01/cases.jsonl");
    let text = fs::read_to_string(cases).unwrap();
    let first: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    first["facts"].clone()
}

#[test]
fn history_is_judged_again_three_ways_the_same_on_every_run() {
    let folder = TempDir::new().unwrap();
    let (file, page) = (folder.path().join("h.jsonl"), folder.path().join("r.html"));
    let facts = of_2017();
    let mut dropped = facts.clone();
    dropped["fields_requested"] = json!(["gp_practice"]);
    let line = |reference: &str, month: u8, facts: &Value| {
        let at = format!("2017-{month:02}-01T09:00:00Z");
        json!({"reference": reference, "at": at, "under": OLD, "then": "released", "facts": facts})
            .to_string()
    };
    let lines = [
        line("A", 1, &facts),
        line("B", 2, &dropped),
        line("C", 9, &dropped),
    ];
    fs::write(&file, lines.join("\n")).unwrap();
    let (records, html) = (file.to_str().unwrap(), page.to_str().unwrap());
    let replay = |more: &[&str]| {
        let base = [
            "replay", "--under", NEW, "--facts", records, "--format", "json",
        ];
        let ran = tracegate(base.iter().chain(more).copied());
        assert_eq!(ran.status.code(), Some(0), "{}", stderr(&ran));
        stdout(&ran)
    };
    let all = replay(&["--list", "--html", html]);
    assert_eq!(all, replay(&["--list"]), "the same bytes");
    let report: Value = serde_json::from_str(&all).unwrap();
    assert_eq!(
        report["counts"],
        json!({"released": 0, "refused": 2, "cannot_tell": 1})
    );
    assert_eq!(names(&report["changed"], "reference"), ["B", "C"]);
    assert!(names(&report["missing"], "name").contains(&"sentence_months".to_owned()));
    let early: Value = serde_json::from_str(&replay(&["--to", "2017-03-01T00:00:00Z"])).unwrap();
    assert_eq!(early["requests"], 2);
    assert_eq!(
        early["changed"],
        json!([]),
        "the list is only for who asks for it"
    );
    let text = fs::read_to_string(&page).unwrap();
    for said in [
        "<svg",
        "role=\"img\"",
        "cannot tell 1",
        "sentence months: 1",
    ] {
        assert!(text.contains(said), "no `{said}` on the page");
    }
    fs::write(&file, "{\"reference\": 1}").unwrap();
    let bad = tracegate(["replay", "--under", NEW, "--facts", records]);
    assert_eq!(bad.status.code(), Some(1));
    assert!(stderr(&bad).contains("line 1"), "{}", stderr(&bad));
}
