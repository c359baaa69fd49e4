//! `tracegate model`: learn, show, check.

use std::fs;
use std::path::Path;

use population::{Mix, Trial, TrialPlan};
use tempfile::TempDir;

use crate::support::{stderr, stdout, tracegate};

const SHIPPED: &str = include_str!("../../../matcher/models/default.json");

/// An index of synthetic people, and requests with their truth.
pub struct Files {
    folder: TempDir,
}

impl Files {
    pub fn new() -> Files {
        let folder = TempDir::new().unwrap();
        let plan = TrialPlan {
            index_people: 4000,
            requests: 400,
            train_requests: 400,
            seed: 7,
            mix: Mix::default(),
            history: true,
        };
        let trial = Trial::generate(&plan).unwrap();
        trial.write(folder.path(), |_, _| {}).unwrap();
        let files = Files { folder };
        let (persons, out) = (files.text("index.csv"), files.text("people.tgx"));
        let built = tracegate(["index", "build", "--persons", &persons, "--out", &out]);
        assert!(built.status.success(), "{}", stderr(&built));
        files
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn text(&self, name: &str) -> String {
        self.path().join(name).to_str().unwrap().to_owned()
    }
}

#[test]
fn a_model_is_learned_shown_and_checked() {
    let files = Files::new();
    let (index, requests) = (files.text("people.tgx"), files.text("train_requests.csv"));
    let (index, requests) = (index.as_str(), requests.as_str());
    let model = &files.text("model.json");
    let trained = tracegate([
        "model",
        "train",
        "--out",
        model,
        "--index",
        index,
        "--requests",
        requests,
    ]);
    let said = stderr(&trained);
    assert!(trained.status.success(), "{said}");
    assert!(
        said.contains("round 1: largest change of a share"),
        "{said}"
    );
    let shown = tracegate([
        "model",
        "show",
        model,
        "--index",
        index,
        "--requests",
        requests,
    ]);
    let said = stdout(&shown);
    assert!(said.contains("Learned from 400 requests."), "{said}");
    assert!(said.contains("day_month_swapped"), "{said}");
    let checked = tracegate([
        "model",
        "check",
        model,
        "--index",
        index,
        "--requests",
        requests,
    ]);
    let said = stdout(&checked);
    assert_eq!(checked.status.code(), Some(0), "{said}");
    assert!(
        said.contains("levels differ from the shipped model"),
        "{said}"
    );
}

#[test]
fn the_shipped_model_is_shown_without_any_file() {
    let shown = tracegate(["model", "show", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&stdout(&shown)).unwrap();
    assert_eq!(json["levels"][0]["level"], "exact");
    assert!(json["levels"][0]["bits"].as_f64().unwrap() > 3.0);
    assert!(json["levels"][0]["stranger_share"].as_f64().unwrap() < 0.05);
}

#[test]
fn a_model_that_is_none_or_not_sane_is_not_verified() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("model.json");
    let check = |text: &str| {
        fs::write(&path, text).unwrap();
        let ran = tracegate(["model", "check", path.to_str().unwrap()]);
        (ran.status.code(), stdout(&ran) + &stderr(&ran))
    };
    let (code, said) = check("no model");
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("not a model file; write one with"), "{said}");
    let (code, said) = check(&SHIPPED.replacen("\"household\": 0.", "\"household\": 0.9", 1));
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("fault: the prior shares add up to"), "{said}");
    let (code, said) = check(SHIPPED);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("The shares are those of the shipped model."),
        "{said}"
    );
}

#[test]
fn an_explanation_is_also_a_picture_that_describes_itself() {
    let files = Files::new();
    let (index, requests) = (files.text("people.tgx"), files.text("requests.csv"));
    let explain = |format: &str| {
        stdout(&tracegate([
            "trace",
            "--index",
            &index,
            "--requests",
            &requests,
            "--explain",
            "R0000003",
            "--format",
            format,
        ]))
    };
    let json: serde_json::Value = serde_json::from_str(&explain("json")).unwrap();
    let best = &json["candidates"][0];
    let svg = explain("svg");
    let title = format!("Evidence for {}", best["person_id"].as_str().unwrap());
    assert!(svg.starts_with("<svg ") && svg.contains(&title), "{svg}");
    for line in best["evidence"].as_array().unwrap() {
        assert!(
            svg.contains(line["level"].as_str().unwrap()),
            "{line} in {svg}"
        );
    }
}

#[test]
fn a_report_is_one_page_that_needs_nothing_else() {
    let files = Files::new();
    let (index, requests) = (files.text("people.tgx"), files.text("requests.csv"));
    let (truth, out) = (files.text("truth.csv"), files.text("report"));
    let ran = tracegate([
        "model",
        "report",
        "--index",
        &index,
        "--requests",
        &requests,
        "--truth",
        &truth,
        "--out",
        &out,
    ]);
    assert!(ran.status.success(), "{}", stderr(&ran));
    let page = fs::read_to_string(files.path().join("report/index.html")).unwrap();
    for part in [
        "400 requests traced",
        "Reliability diagram",
        "origin of the name",
        "english",
        "day month swap",
        "People who can never be told apart",
    ] {
        assert!(page.contains(part), "{part}");
    }
    for banned in ["<script", "http://", "https://", " src=", "NaN"] {
        let page = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!page.contains(banned), "{banned}");
    }
    let wrong = tracegate([
        "model",
        "report",
        "--index",
        &index,
        "--requests",
        &requests,
        "--truth",
        &requests,
        "--out",
        &out,
    ]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(
        stderr(&wrong).contains("missing column `person_id`"),
        "{}",
        stderr(&wrong)
    );
}
