//! The report as one page: no scripts, nothing from elsewhere, every chart with its table.

mod answers;
mod html;
mod levels;
mod people;
mod truth;

use self::html::{Html, count, percent};
use super::Report;
use crate::evaluate::Operating;

/// The whole page as HTML.
pub fn page(report: &Report) -> String {
    let mut html = Html::new("Model report");
    head(&mut html, report);
    answers::outcomes(&mut html, report);
    answers::scores(&mut html, report);
    if report.tally.truth_known() {
        truth::operating_point(&mut html, report);
        truth::thresholds(&mut html, report);
        truth::reliability(&mut html, report);
        truth::noises(&mut html, report);
        truth::groups(&mut html, report);
    }
    levels::levels(&mut html, report);
    people::search(&mut html, report);
    people::facts(&mut html, report);
    html.finish()
}

fn head(html: &mut Html, report: &Report) {
    let tally = &report.tally;
    html.paragraph(&format!(
        "{} requests traced against an index of {} people (version {}). {}",
        count(tally.requests),
        count(report.index.people),
        report.index.version,
        report.description,
    ));
    let rule = &report.rule;
    html.paragraph(&format!(
        "One person is the answer when the probability is at least {}, the next person is at least {} bits \
         behind, and at least {} items agree, {} more where the date of birth is 1 January.",
        rule.floor, rule.min_gap, rule.min_items, rule.jan1_extra
    ));
    let single = tally.outcomes.get("single").copied().unwrap_or(0);
    let mut tiles = vec![("answered with one person", percent(single, tally.requests))];
    if tally.truth_known() {
        let operating = Operating::of(&tally.scored);
        let right = operating.answered - operating.wrong;
        let in_index = tally.scored.iter().filter(|one| one.in_index).count() as u64;
        tiles.push(("of the people in the index found", percent(right, in_index)));
        tiles.push((
            "of the answers wrong",
            percent(operating.wrong, operating.answered),
        ));
    }
    let january = percent(report.facts.first_of_january, report.facts.people);
    tiles.push(("of the people born on 1 January", january));
    html.tiles(&tiles);
    if !tally.truth_known() {
        html.paragraph(
            "It is not known whom the requests are really about, so this page says how certain the answers \
             claim to be, not how right they are. Give a file of truths for that.",
        );
    }
}
