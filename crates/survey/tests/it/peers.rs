//! Every figure agrees with R's `survey` package, which wrote `tests/peers/expected.csv` from the same
//! answers (`cargo xtask peers survey`).

use std::collections::BTreeMap;

use serde_json::Value;
use survey::{PercentOf, Plan, Survey, compare};

const WAVES: [&[u8]; 2] = [
    include_bytes!("../peers/wave1.csv"),
    include_bytes!("../peers/wave2.csv"),
];
const EXPECTED: &str = include_str!("../peers/expected.csv");

const QUESTIONS: &str = r#"
[[question]]
column = "q1"
wording = "full"
text = "Do you agree?"
answers = [
  { code = "1", label = "1" },
  { code = "2", label = "2" },
  { code = "3", label = "3" },
  { code = "4", label = "4" },
  { code = "9", label = "9" },
]
net = [
  { label = "agree", plus = ["1", "2"] },
  { label = "net_agree", plus = ["1", "2"], minus = ["3", "4"] },
]
[[question]]
column = "q2"
wording = "unknown"
answers = [{ code = "yes", label = "yes" }, { code = "no", label = "no" }]
[[question]]
column = "age"
wording = "unknown"
answers = [{ code = "18-34", label = "18-34" }, { code = "35-64", label = "35-64" }, { code = "65+", label = "65+" }]
[[question]]
column = "region"
wording = "unknown"
answers = [
  { code = "north", label = "north" },
  { code = "east", label = "east" },
  { code = "south", label = "south" },
  { code = "west", label = "west" },
]
"#;

const AGES: &str =
    "[[margin]]\ncolumn = \"age\"\ntotals = { 18-34 = 270.0, 35-64 = 490.0, \"65+\" = 240.0 }\n";
const SEXES: &str = "[[margin]]\ncolumn = \"sex\"\ntotals = { F = 510.0, M = 490.0 }\n";

/// The designs of `survey.R`: columns, and margins.
fn design(name: &str) -> (&'static str, String) {
    let weight = "weight = \"weight\"\n";
    let design: &[&str] = match name {
        "simple" | "raked" => &[],
        "weighted" | "post_stratified" => &[weight],
        "stratified" => &[weight, "stratum = \"region\"\n"],
        "stratified_fpc" => &[
            weight,
            "stratum = \"region\"\n",
            "units_in_stratum = \"people_in_region\"\n",
        ],
        "clustered" => &[weight, "cluster = \"point\"\n"],
        "clustered_stratified" => &[weight, "stratum = \"region\"\n", "cluster = \"point\"\n"],
        "clustered_fpc" | "raked_clustered" => &[
            weight,
            "stratum = \"region\"\n",
            "cluster = \"point\"\n",
            "units_in_stratum = \"points_in_region\"\n",
        ],
        other => panic!("no design `{other}`"),
    };
    let margins = match name {
        "post_stratified" => AGES.to_owned(),
        "raked" | "raked_clustered" => format!("{SEXES}{AGES}"),
        _ => String::new(),
    };
    (
        "title = \"T\"\nfieldwork = \"F\"\npopulation = \"P\"\n[design]\n",
        design.concat() + &margins,
    )
}

fn read(name: &str, wave: &[u8]) -> Survey {
    let (head, design) = design(name);
    let plan = Plan::parse("plan.toml", &format!("{head}{design}{QUESTIONS}")).unwrap();
    Survey::read(plan, "wave.csv", wave).unwrap()
}

type Figures = BTreeMap<String, f64>;

/// What R calls the members of a percentage.
fn put(figures: &mut Figures, key: &str, percentage: &Value) {
    let precision = &percentage["precision"];
    let members = [
        ("percent", &percentage["percent"]),
        ("standard_error", &precision["standard_error"]),
        ("low", &precision["interval"]["low"]),
        ("high", &precision["interval"]["high"]),
        ("design_effect", &precision["design_effect"]),
    ];
    for (name, value) in members {
        figures.insert(format!("{key}.{name}"), value.as_f64().unwrap());
    }
}

fn json(value: impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

fn figures(name: &str) -> Figures {
    let [before, after] = WAVES.map(|wave| read(name, wave));
    let mut figures = Figures::new();
    for question in ["q1", "q2"] {
        let topline = json(before.topline(question).unwrap());
        for line in topline["lines"].as_array().unwrap() {
            let key = format!("{question}.{}", line["label"].as_str().unwrap());
            put(&mut figures, &key, &line["percentage"]);
        }
        let effect = topline["weighting_effect"].as_f64().unwrap();
        figures.insert("weighting_effect".to_owned(), effect);
    }
    for (of, name) in [(PercentOf::Column, "column"), (PercentOf::Row, "row")] {
        let table = json(before.crosstab("q1", "age", of).unwrap());
        for row in table["rows"].as_array().unwrap() {
            let cells = row["cells"].as_array().unwrap().iter();
            for (cell, group) in cells.zip(table["groups"].as_array().unwrap()) {
                let (row, group) = (row["label"].as_str().unwrap(), group.as_str().unwrap());
                put(&mut figures, &format!("{name}.{row}.{group}"), cell);
            }
        }
    }
    let test = json(before.crosstab("q1", "region", PercentOf::Column).unwrap());
    for member in ["f", "numerator", "denominator", "p"] {
        let value = test["association"][member].as_f64().unwrap();
        figures.insert(format!("association.{member}"), value);
    }
    let changes = json(compare(&before, &after, "q1").unwrap());
    let changes = changes["changes"].as_array().unwrap();
    let net = changes
        .iter()
        .find(|change| change["label"] == "net_agree")
        .unwrap();
    let ends = &net["interval"];
    let members = [
        ("points", &net["points"]),
        ("standard_error", &net["standard_error"]),
        ("low", &ends["low"]),
        ("high", &ends["high"]),
    ];
    for (name, value) in members {
        figures.insert(format!("change.{name}"), value.as_f64().unwrap());
    }
    figures
}

#[test]
fn every_figure_is_that_of_r() {
    let mut expected: BTreeMap<&str, Figures> = BTreeMap::new();
    for line in EXPECTED.lines().skip(1) {
        let mut cells = line.split(',');
        let mut cell = || cells.next().unwrap();
        let (design, key, value) = (cell(), cell(), cell());
        let figures = expected.entry(design).or_default();
        figures.insert(key.to_owned(), value.parse().unwrap());
    }
    assert_eq!(expected.len(), 10);
    for (design, expected) in expected {
        let ours = figures(design);
        assert!(ours.keys().eq(expected.keys()), "{design}: other figures");
        for (key, value) in expected {
            let off = (ours[&key] - value).abs();
            assert!(
                off < 1e-6,
                "{design}, {key}: {} and not {value}",
                ours[&key]
            );
        }
    }
}
