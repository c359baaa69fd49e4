//! Small polls worked by hand, and what is said of faulty ones.

use survey::{PercentOf, Plan, Survey, SurveyError, compare};

const PLAN: &str = r#"title = "A poll"
fieldwork = "1 June 2026"
population = "adults"

[design]
weight = "weight"

[[question]]
column = "view"
wording = "full"
text = "Are you for it?"
answers = [
  { code = "for", label = "For it" },
  { code = "against", label = "Against it" },
  { code = "dk", label = "Do not know" },
]
net = [{ label = "Net support", plus = ["for"], minus = ["against"] }]

[[question]]
column = "sex"
wording = "unknown"
answers = [{ code = "F", label = "Women" }, { code = "M", label = "Men" }]
"#;

const ANSWERS: &str = "weight,view,sex\n1,for,F\n1,for,M\n1,against,F\n1,dk,M\n2,,F\n";

fn plan() -> Plan {
    Plan::parse("poll.toml", PLAN).unwrap()
}

fn read(answers: &str) -> Result<Survey, SurveyError> {
    Survey::read(plan(), "answers.csv", answers.as_bytes())
}

#[test]
fn every_percentage_is_told_with_its_base_and_wording() {
    let topline = read(ANSWERS).unwrap().topline("view").unwrap();
    let told: Vec<String> = topline
        .lines
        .iter()
        .map(|line| format!("{}: {}", line.label, line.percentage))
        .collect();
    // Four of five were asked; their weights are 4 of 6, so 3.3 of 5.
    let base = "base 4 unweighted, 3.3 weighted; wording known in full";
    assert!(told[0].starts_with("For it: 50.0 % ("), "{}", told[0]);
    assert!(
        told.iter()
            .all(|line| line.ends_with(&format!("; {base})"))),
        "{told:?}"
    );
    assert!(told[3].starts_with("Net support: 25.0 % ("), "{}", told[3]);
    let json = serde_json::to_value(&topline).unwrap();
    let percentage = &json["lines"][0]["percentage"];
    assert_eq!(percentage["base"]["counted"]["unweighted"], 4);
    assert_eq!(percentage["wording"], "wording known in full");
}

#[test]
fn an_answer_of_everybody_or_nobody_has_no_interval() {
    let answers = "weight,view,sex\n1,for,F\n1.5,for,M\n0.7,for,F\n";
    let topline = read(answers).unwrap().topline("view").unwrap();
    for line in topline.lines {
        assert!(
            line.percentage.to_string().contains("no interval"),
            "{}",
            line.percentage
        );
    }
}

#[test]
fn a_group_of_nobody_has_no_percentage() {
    let answers = "weight,view,sex\n1,for,F\n1,against,F\n";
    let table = read(answers)
        .unwrap()
        .crosstab("view", "sex", PercentOf::Column)
        .unwrap();
    assert_eq!(table.groups, ["Women", "Men"]);
    assert!(
        table
            .rows
            .iter()
            .all(|row| row.cells[0].0.is_some() && row.cells[1].0.is_none())
    );
    assert!(table.association.is_none());
    let nobody = read("weight,view,sex\n1,,F\n1,,M\n").unwrap();
    assert!(nobody.topline("view").unwrap().lines.is_empty());
}

#[test]
fn faulty_answers_are_named_by_line_column_and_remedy() {
    for (answers, said) in [
        (
            "weight,view\n1,for\n",
            "line 1, column `sex`: the plan names it and it is not there; add the column",
        ),
        (
            "weight,view,sex,sex\n1,for,F,F\n",
            "line 1, column `sex`: it stands in the header twice; keep one",
        ),
        (
            "weight,view,sex\n1,for,F\n1,maybe,F\n",
            "line 3, column `view`: `maybe` is not a code of the plan; correct the cell",
        ),
        (
            "weight,view,sex\n0,for,F\n",
            "line 2, column `weight`: `0` is not a number above 0; give a number",
        ),
        (
            "weight,view,sex\nNaN,for,F\n",
            "line 2, column `weight`: `NaN` is not a number above 0",
        ),
        (
            "weight,view,sex\n1,for\n",
            "line 2, column `all`: 2 cells, where the header has 3; save as CSV",
        ),
        (
            "weight,view,sex\n1,\"fo\nr\",F\n1,x,F\n",
            "line 2, column `view`",
        ),
        (
            "weight,view,sex\n",
            "`answers.csv`: there is no respondent; give one row",
        ),
        (
            "weight,view,sex\n1,for,F\n",
            "one sampling unit, which tells nothing of its variance; merge the stratum",
        ),
    ] {
        let error = read(answers).unwrap_err().to_string();
        assert!(error.contains(said), "{error}\n  lacks: {said}");
    }
    let bytes = b"weight,view,sex\n1,f\xff,F\n";
    let error = Survey::read(plan(), "answers.csv", bytes)
        .unwrap_err()
        .to_string();
    assert!(error.contains("it is not UTF-8"), "{error}");
}

#[test]
fn faulty_plans_are_named_by_line_and_remedy() {
    for (good, bad, said) in [
        ("[design]", "[desing]", "line 5: unknown field `desing`"),
        (
            "wording = \"unknown\"",
            "wording = \"full\"",
            "line 20: wording and text of question `sex` do not go together; give the text",
        ),
        (
            "code = \"M\"",
            "code = \"F\"",
            "question `sex` has repeated, empty or fewer than two answers; list each",
        ),
        (
            "minus = [\"against\"]",
            "minus = [\"contra\"]",
            "line 9: net `Net support` of question `view` names answer `contra`; name answers",
        ),
        (
            "minus = [\"against\"]",
            "minus = [\"for\"]",
            "counts nothing, or one twice",
        ),
        (
            "[design]",
            "[[margin]]\ncolumn = \"sex\"\ntotals = { F = 0.0 }\n[design]",
            "line 6: margin `sex` has no totals, or one that is not above 0",
        ),
        (
            "[design]",
            "[[margin]]\ncolumn = \"sex\"\ntotals = { F = 5.0, M = 5.0 }\n[[margin]]\ncolumn = \"age\"\ntotals = { y = 9.0 }\n[design]",
            "the totals of `sex` sum to 10 and those of `age` to 9; give all margins",
        ),
        (
            "column = \"sex\"",
            "column = \"view\"",
            "column `view` stands twice",
        ),
    ] {
        assert!(PLAN.contains(good));
        let error = Plan::parse("poll.toml", &PLAN.replace(good, bad))
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("`poll.toml`, line "), "{error}");
        assert!(error.contains(said), "{error}\n  lacks: {said}");
    }
}

#[test]
fn margins_without_respondents_and_wrong_unit_counts_are_refused() {
    let margin = "[[margin]]\ncolumn = \"sex\"\ntotals = { F = 5.0, M = 4.0, X = 1.0 }\n[design]";
    let fault = |plan: &str, answers: &str| {
        let plan = Plan::parse("poll.toml", plan).unwrap();
        Survey::read(plan, "answers.csv", answers.as_bytes())
            .unwrap_err()
            .to_string()
    };
    let error = fault(&PLAN.replace("[design]", margin), ANSWERS);
    assert!(
        error.contains("nobody has the code `X` in margin `sex`; merge it"),
        "{error}"
    );
    let counted = PLAN.replace("weight = \"weight\"", "units_in_stratum = \"weight\"");
    let error = fault(&counted, ANSWERS);
    assert!(
        error.contains("one stratum has both 1 and 2 units in all"),
        "{error}"
    );
    let error = fault(&counted, "weight,view,sex\n1,for,F\n1,for,M\n");
    assert!(
        error.contains("a stratum has 1 units in all, and 2 in the sample"),
        "{error}"
    );
}

#[test]
fn only_what_was_put_alike_is_compared() {
    let before = read(ANSWERS).unwrap();
    let other = PLAN.replace("Are you for it?", "You are for it, are you not?");
    let plan = Plan::parse("poll.toml", &other).unwrap();
    let after = Survey::read(plan, "later.csv", ANSWERS.as_bytes()).unwrap();
    let error = compare(&before, &after, "view").unwrap_err().to_string();
    assert!(
        error.contains("the wording differs; compare only what was put alike"),
        "{error}"
    );
    let error = compare(&before, &before, "views").unwrap_err().to_string();
    assert!(
        error.contains("no question `views`; it has: `view`, `sex`"),
        "{error}"
    );
    let same = compare(&before, &before, "view").unwrap();
    assert!(same.changes.iter().all(|change| !change.is_clear()));
    assert_eq!(same.changes[0].cells()[0], "+0.0 points");
}
