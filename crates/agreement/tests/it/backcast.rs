use agreement::{Backcast, Basis, Counts};

use crate::library;

const VOLUMES: &str = include_str!("../../../../evidence/volumes.toml");

fn counts(period: &str, under: &str, assumption: Option<&str>) -> Counts {
    let backcast = Backcast::parse("volumes.toml", VOLUMES).expect("shipped");
    let lines = backcast.lines(&library()).expect("judged");
    let wanted = |line: &&agreement::BackcastLine| {
        line.period == period && line.under == under && line.assumption.as_deref() == assumption
    };
    lines.iter().find(wanted).expect("a line").counts
}

const QUARTER: &str = "April to June 2017";
const CONVICTED: &str = "ho/2018-05-09";
const INVESTIGATED: &str = "ho/2018-05-09-investigated";

#[test]
fn without_an_assumption_nothing_can_be_told() {
    for under in [CONVICTED, INVESTIGATED] {
        let open = Counts {
            released: 0,
            refused: 0,
            cannot_tell: 1043,
        };
        assert_eq!(counts(QUARTER, under, Some("nothing more")), open);
        // How the year's requests ended is not published: no assumption about those released helps.
        let open = Counts {
            released: 0,
            refused: 0,
            cannot_tell: 6171,
        };
        assert_eq!(counts("2017", under, None), open);
    }
}

#[test]
fn the_ministers_figure_refuses_nine_in_ten_and_leaves_the_rest_open() {
    let split = Counts {
        released: 0,
        refused: 939,
        cannot_tell: 104,
    };
    assert_eq!(
        counts(QUARTER, CONVICTED, Some("nine in ten fall out")),
        split
    );
}

#[test]
fn the_two_readings_part_over_those_investigated() {
    let out = Counts {
        released: 0,
        refused: 1043,
        cannot_tell: 0,
    };
    let through = Counts {
        released: 104,
        refused: 939,
        cannot_tell: 0,
    };
    let investigated = Some("the tenth is investigated");
    assert_eq!(counts(QUARTER, CONVICTED, investigated), out);
    assert_eq!(counts(QUARTER, INVESTIGATED, investigated), through);
    let convicted = Some("the tenth is convicted");
    assert_eq!(counts(QUARTER, CONVICTED, convicted), through);
}

#[test]
fn every_line_adds_up_and_has_an_assumption_or_a_reason() {
    let backcast = Backcast::parse("volumes.toml", VOLUMES).expect("shipped");
    let lines = backcast.lines(&library()).expect("judged");
    assert_eq!(lines.len(), (4 * 4 + 1) * 2);
    for line in lines {
        assert_eq!(line.counts.sum(), line.requests, "{}", line.period);
        assert!(!line.source.is_empty());
        assert_eq!(line.assumption.is_none(), line.basis == Basis::Received);
    }
}

#[test]
fn faults_are_named_with_line_and_remedy() {
    for (good, bad, said) in [
        (
            "released = 1043",
            "released = 1044",
            "1424 received, but the endings sum to 1425\n",
        ),
        (
            "percent = 10\n",
            "percent = 11\n",
            "the parts of `nine in ten fall out` sum to 101 percent",
        ),
        ("limb = ", "limp = ", "unknown field `limp`"),
        (
            "\"ho/2018-05-09\"",
            "\"ho\"",
            "`ho` is not named AGREEMENT/VERSION",
        ),
        ("period = ", "periods = ", "unknown field `periods`"),
    ] {
        let fault =
            Backcast::parse("volumes.toml", &VOLUMES.replacen(good, bad, 1)).expect_err(bad);
        let shown = fault.to_string();
        assert!(shown.contains(said) && shown.contains("remedy:"), "{shown}");
        assert!(fault.line > 0 || bad == "\"ho\"", "{shown}");
    }
    let gone = VOLUMES.replace("ho/2018-05-09-investigated", "ho/1918-01-01");
    let backcast = Backcast::parse("volumes.toml", &gone).expect("well formed");
    let error = backcast
        .lines(&library())
        .expect_err("no such version")
        .to_string();
    assert!(error.contains("ho/1918-01-01"), "{error}");
}
