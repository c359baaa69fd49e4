//! How right the answers are, where it is known whom the requests are about.

use super::html::{Html, Table, count, of_one, percent, with_interval};
use crate::chart::{self, Bar, Caption, Line, Point, bars, lines};
use crate::evaluate::{Evaluation, Scored, Threshold, curve, interval};
use crate::report::{Group, Report};

/// Thresholds that are drawn, in bits.
const BITS_FROM: i32 = -20;
const BITS_TO: i32 = 60;
/// Groups with fewer requests are shown together.
const GROUP_LEAST: u64 = 30;

pub(super) fn operating_point(html: &mut Html, report: &Report) {
    html.section("operating-point", "Right and wrong answers");
    let tally = &report.tally;
    let apart = tally
        .scored
        .iter()
        .zip(&tally.near)
        .filter(|(_, near)| !**near);
    let without_near: Vec<Scored> = apart.map(|(one, _)| *one).collect();
    let row = |words: &str, answers: &[Scored]| {
        let evaluation = Evaluation::of(answers);
        let at =
            |one: Option<Threshold>| one.map_or_else(|| "-".to_owned(), |one| of_one(one.recall));
        let operating = evaluation.operating_point;
        vec![
            words.to_owned(),
            count(evaluation.requests),
            count(operating.answered),
            count(operating.wrong),
            of_one(operating.precision),
            of_one(operating.recall),
            at(evaluation.recall_at_p999),
            at(evaluation.recall_at_p9999),
        ]
    };
    html.paragraph(
        "Precision is right answers over answers; recall is right answers over requests whose person is in the \
         index. People who have died or whose record is restricted count as not answered here: a person decides \
         about them. The last two columns have the best recall that any threshold reaches with at least that \
         precision.",
    );
    html.table(&Table {
        caption: "Answers at the rule, and the best that a threshold could do",
        header: &[
            "requests",
            "number",
            "answered",
            "wrong",
            "precision",
            "recall",
            "recall at 0.999",
            "at 0.9999",
        ],
        rows: vec![
            row("all", &tally.scored),
            row(
                "without absent people whose relative is in the index",
                &without_near,
            ),
        ],
    });
}

pub(super) fn thresholds(html: &mut Html, report: &Report) {
    html.section("thresholds", "What another threshold would give");
    let scored = &report.tally.scored;
    let all = curve(scored, report.rule.min_gap);
    // The last entry of the curve that asks for at least so much.
    let at = |least: i32| {
        let place = all.partition_point(|one| one.score >= f64::from(least));
        Some((f64::from(least), all.get(place.checked_sub(1)?)?))
    };
    let points: Vec<(f64, &Threshold)> = (BITS_FROM..=BITS_TO).filter_map(at).collect();
    let requests = scored.len().max(1) as f64;
    let line = |label: &str, dashes: &'static str, share: &dyn Fn(&Threshold) -> f64| Line {
        label: label.to_owned(),
        dashes,
        points: points
            .iter()
            .map(|(bits, one)| (*bits, share(one)))
            .collect(),
    };
    let answered = |one: &Threshold| (one.right + one.wrong) as f64 / requests;
    let drawn = [
        line("precision (whole line)", "", &|one| one.precision),
        line("recall (dashes)", "8 4", &|one| one.recall),
        line("share of requests answered (dots)", "2 4", &answered),
    ];
    let floor = (report.rule.floor / (1.0 - report.rule.floor)).log2();
    let caption = Caption {
        id: "c-thresholds",
        title: "Precision, recall and answers by threshold",
        description: "As the least evidence for an answer grows, precision rises and recall falls. The table \
                      has the numbers.",
    };
    let svg = lines(
        caption,
        "least evidence in bits",
        Some((floor, "floor of the rule")),
        &drawn,
    );
    let row = |(bits, one): &(f64, &Threshold)| {
        vec![
            format!("{bits:.0}"),
            format!("{:.5}", one.precision),
            of_one(one.recall),
            of_one(answered(one)),
            count(one.wrong),
        ]
    };
    html.pair(
        "Precision, recall and answers by threshold",
        &svg,
        &Table {
            caption: "By least evidence in bits",
            header: &["bits", "precision", "recall", "answered", "wrong"],
            rows: points.iter().step_by(4).map(row).collect(),
        },
    );
}

pub(super) fn reliability(html: &mut Html, report: &Report) {
    html.section(
        "calibration",
        "Can the probabilities be taken at their word?",
    );
    let calibration = Evaluation::of(&report.tally.scored).calibration;
    html.paragraph(&format!(
        "Of the answers given, {:.1} would be wrong if the probabilities were true; {} are. A calibrated tracer \
         lies on the dotted line.",
        calibration.wrong_expected,
        count(calibration.wrong),
    ));
    let bins: Vec<_> = calibration
        .bins
        .iter()
        .filter(|bin| bin.requests > 0)
        .collect();
    let points: Vec<Point> = bins
        .iter()
        .map(|bin| {
            let (low, high) = interval(bin.right, bin.requests);
            Point {
                said: bin.said,
                so: bin.so(),
                low,
                high,
            }
        })
        .collect();
    let caption = Caption {
        id: "c-reliability",
        title: "Reliability diagram",
        description: "For each range of probabilities, the mean that was given and the share that was right, \
                      with a 95 % interval, on axes of log-odds. The table has the numbers.",
    };
    let rows = bins.iter().map(|bin| {
        let (low, high) = interval(bin.right, bin.requests);
        vec![
            format!("{} to {}", of_one(bin.from), of_one(bin.to)),
            count(bin.requests),
            of_one(bin.said),
            of_one(bin.so()),
            format!("{:.2} to {:.2} %", 100.0 * low, 100.0 * high),
        ]
    });
    html.pair(
        "Probability given, and share that was right",
        &chart::reliability(caption, &points),
        &Table {
            caption: "Best candidates by probability",
            header: &["probability", "requests", "mean given", "right", "interval"],
            rows: rows.collect(),
        },
    );
}

pub(super) fn noises(html: &mut Html, report: &Report) {
    html.section("noise", "What makes people hard to find");
    html.paragraph(
        "Requests by what is known to be wrong with them, hardest first. A request with two faults counts twice.",
    );
    let mut noises: Vec<_> = report
        .tally
        .noises
        .iter()
        .filter(|one| one.group.requests > 0)
        .collect();
    let missed = |group: &Group| {
        let recall = group.recall();
        1.0 - recall.part as f64 / recall.whole.max(1) as f64
    };
    noises.sort_by(|a, b| missed(&b.group).total_cmp(&missed(&a.group)));
    let words = |noise: &str| match noise {
        "" => "nothing wrong".to_owned(),
        noise => noise.replace('_', " "),
    };
    let bar = |(noise, group): (&str, &Group)| Bar {
        label: words(noise),
        value: missed(group),
        text: of_one(missed(group)),
    };
    let drawn: Vec<Bar> = noises
        .iter()
        .map(|one| bar((&one.noise, &one.group)))
        .collect();
    let caption = Caption {
        id: "c-noise",
        title: "People in the index who were not found, by fault of the request",
        description: "Share of the people in the index who were not the answer. The table has the numbers.",
    };
    let rows = noises.iter().map(|one| row(words(&one.noise), &one.group));
    html.pair(
        "People in the index who were not found",
        &bars(caption, 1.0, &drawn),
        &Table {
            caption: "By fault of the request",
            header: &HEADER,
            rows: rows.collect(),
        },
    );
}

const HEADER: [&str; 5] = [
    "",
    "requests",
    "in the index",
    "found (95 %)",
    "answers wrong (95 %)",
];

fn row(words: String, group: &Group) -> Vec<String> {
    vec![
        words,
        count(group.requests),
        percent(group.in_index, group.requests),
        with_interval(group.recall()),
        with_interval(group.wrong()),
    ]
}

pub(super) fn groups(html: &mut Html, report: &Report) {
    html.section("groups", "Is everybody found alike?");
    html.paragraph(
        "By what the request says. The origin is that of the name, guessed from lists of names; it says nothing \
         of the person. Groups of fewer than 30 requests are shown together.",
    );
    for (dimension, groups) in &report.tally.groups {
        let mut shown: Vec<(String, Group)> = Vec::new();
        let mut others = Group::default();
        for (name, group) in groups {
            match group.requests < GROUP_LEAST {
                true => others.join(group),
                false => shown.push((name.clone(), *group)),
            }
        }
        if others.requests > 0 {
            shown.push(("smaller groups".to_owned(), others));
        }
        let bar = |(name, group): &(String, Group)| {
            let recall = group.recall();
            Bar {
                label: name.clone(),
                value: recall.part as f64 / recall.whole.max(1) as f64,
                text: percent(recall.part, recall.whole),
            }
        };
        let title = format!("Found, by {dimension}");
        let id = format!("c-group-{}", dimension.replace(' ', "-"));
        let caption = Caption {
            id: &id,
            title: &title,
            description: "Share of the people in the index who were the answer. The table has the numbers.",
        };
        let svg = bars(caption, 1.0, &shown.iter().map(bar).collect::<Vec<_>>());
        let rows = shown.iter().map(|(name, group)| row(name.clone(), group));
        html.pair(
            &title,
            &svg,
            &Table {
                caption: &title,
                header: &HEADER,
                rows: rows.collect(),
            },
        );
    }
}
