//! What holds of every poll.

use proptest::prelude::*;
use serde_json::Value;
use survey::{PercentOf, Plan, Survey};

const HEAD: &str = "title = \"T\"\nfieldwork = \"F\"\npopulation = \"P\"\n";
const QUESTIONS: &str = r#"
[[question]]
column = "q"
wording = "unknown"
answers = [{ code = "a", label = "a" }, { code = "b", label = "b" }, { code = "c", label = "c" }]
net = [
  { label = "a or b", plus = ["a", "b"] },
  { label = "a less b", plus = ["a"], minus = ["b"] },
]
[[question]]
column = "g"
wording = "unknown"
answers = [{ code = "x", label = "x" }, { code = "y", label = "y" }]
"#;

/// A respondent: weight in hundredths, answer, group, age band.
type Person = (u32, u8, bool, u8);

/// Polls in which every code of every margin has somebody.
fn people() -> impl Strategy<Value = Vec<Person>> {
    let person = (10_u32..500, 0_u8..4, any::<bool>(), 0_u8..3);
    prop::collection::vec(person, 20..80).prop_map(|mut people| {
        for (place, person) in people.iter_mut().take(6).enumerate() {
            (person.2, person.3) = (place % 2 == 0, place as u8 % 3);
        }
        people
    })
}

fn survey(people: &[Person], scale: f64, margins: &str) -> Survey {
    let mut answers = "weight,q,g,age\n".to_owned();
    for (weight, answer, group, age) in people {
        let weight = f64::from(*weight) / 100.0 * scale;
        let answer = ["a", "b", "c", ""][usize::from(*answer)];
        let group = if *group { "x" } else { "y" };
        answers += &format!("{weight},{answer},{group},{age}\n");
    }
    let text = format!("{HEAD}{margins}[design]\nweight = \"weight\"\n{QUESTIONS}");
    let plan = Plan::parse("plan.toml", &text).unwrap();
    Survey::read(plan, "answers.csv", answers.as_bytes()).unwrap()
}

fn percents(survey: &Survey, question: &str) -> Vec<f64> {
    let topline = serde_json::to_value(survey.topline(question).unwrap()).unwrap();
    let lines = topline["lines"].as_array().unwrap().clone();
    lines
        .iter()
        .map(|line| line["percentage"]["percent"].as_f64().unwrap())
        .collect()
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-8
}

const MARGINS: &str = "[[margin]]\ncolumn = \"g\"\ntotals = { x = 600.0, y = 400.0 }\n\
    [[margin]]\ncolumn = \"age\"\ntotals = { 0 = 300.0, 1 = 300.0, 2 = 400.0 }\n";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn answers_sum_to_all_and_nets_to_their_parts(people in people()) {
        let survey = survey(&people, 1.0, "");
        if let [a, b, c, both, less] = percents(&survey, "q")[..] {
            prop_assert!(close(a + b + c, 100.0));
            prop_assert!(close(a + b, both));
            prop_assert!(close(a - b, less));
        }
    }

    #[test]
    fn weights_count_only_against_each_other(people in people(), scale in 0.01_f64..100.0) {
        let (one, other) = (survey(&people, 1.0, ""), survey(&people, scale, ""));
        let (one, other) = (one.topline("q").unwrap(), other.topline("q").unwrap());
        let (one, other) = (serde_json::to_value(one).unwrap(), serde_json::to_value(other).unwrap());
        prop_assert!(alike(&one, &other), "{one}\n{other}");
    }

    #[test]
    fn raked_weights_give_the_totals_and_are_known_without_error(people in people()) {
        let raked = survey(&people, 1.0, MARGINS);
        let sums: Vec<f64> = percents(&raked, "g");
        prop_assert!(close(sums[0], 60.0) && close(sums[1], 40.0), "{sums:?}");
        let weights: Vec<f64> = raked.weights().collect();
        prop_assert!(weights.iter().all(|weight| *weight > 0.0));
        let sum = |age: u8| -> f64 {
            let pairs = weights.iter().zip(&people);
            pairs.filter(|(_, person)| person.3 == age).map(|(weight, _)| *weight).sum()
        };
        let all = people.len() as f64;
        prop_assert!(close(sum(0) / all, 0.3) && close(sum(1) / all, 0.3) && close(sum(2) / all, 0.4));
        let topline = serde_json::to_value(raked.topline("g").unwrap()).unwrap();
        let error = topline["lines"][0]["percentage"]["precision"]["standard_error"].as_f64().unwrap();
        prop_assert!(error < 1e-6, "what the margins fix does not vary: {error}");
    }

    #[test]
    fn intervals_hold_their_percentage_and_stay_in_range(people in people()) {
        let survey = survey(&people, 1.0, MARGINS);
        for of in [PercentOf::Column, PercentOf::Row] {
            let table = serde_json::to_value(survey.crosstab("q", "g", of).unwrap()).unwrap();
            for cell in table["rows"].as_array().unwrap().iter().flat_map(|row| row["cells"].as_array().unwrap()) {
                let (Some(low), Some(high)) = (ends(cell, "low"), ends(cell, "high")) else { continue };
                let percent = cell["percent"].as_f64().unwrap();
                prop_assert!(0.0 <= low && low <= percent && percent <= high && high <= 100.0, "{cell}");
            }
        }
    }

    #[test]
    fn every_percentage_has_a_base(people in people()) {
        let survey = survey(&people, 1.0, MARGINS);
        let tables = [
            serde_json::to_value(survey.topline("q").unwrap()).unwrap(),
            serde_json::to_value(survey.crosstab("q", "g", PercentOf::Row).unwrap()).unwrap(),
        ];
        prop_assert!(tables.iter().all(based));
    }

    #[test]
    fn no_bytes_bring_it_down(bytes in prop::collection::vec(any::<u8>(), 0..200), text in ".{0,200}") {
        let plan = Plan::parse("plan.toml", &format!("{HEAD}{QUESTIONS}")).unwrap();
        let _ = Survey::read(plan, "answers.csv", &bytes);
        let _ = Plan::parse("plan.toml", &text);
    }
}

fn ends(cell: &Value, end: &str) -> Option<f64> {
    cell["precision"]["interval"][end].as_f64()
}

/// Whether every record with a percentage has a base of somebody and a wording.
fn based(value: &Value) -> bool {
    match value {
        Value::Object(members) if members.contains_key("percent") => {
            let base = &members["base"]["counted"];
            base["unweighted"].as_u64() > Some(0)
                && base["weighted"].as_f64() > Some(0.0)
                && members["wording"].is_string()
        }
        Value::Object(members) => members.values().all(based),
        Value::Array(items) => items.iter().all(based),
        _ => true,
    }
}

/// Equal up to rounding.
fn alike(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            (one.as_f64().unwrap() - other.as_f64().unwrap()).abs() < 1e-6
        }
        (Value::Object(one), Value::Object(other)) => {
            one.iter().all(|(key, value)| alike(value, &other[key]))
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| alike(one, other))
        }
        _ => one == other,
    }
}
