//! `/metrics`, read as Prometheus reads it.

use std::collections::BTreeMap;

use disclosure::statistics;
use jiff::SignedDuration;

use super::journey::{OFFICER, ask, draft, second_review};
use super::site::{Site, token};
use crate::public_log::LogError;

/// Samples by metric and label: `name` or `name{label}` with the label's value alone.
pub struct Samples(BTreeMap<String, f64>);

impl Samples {
    /// Of a page in the text format 0.0.4. Stricter than the format: every metric has its help and type,
    /// once and in front of its samples, and at most one label.
    fn parse(text: &str) -> Samples {
        assert!(text.ends_with('\n'), "the last line has no end");
        let (mut samples, mut kinds) = (BTreeMap::new(), BTreeMap::new());
        let (mut helped, mut current) = (String::new(), String::new());
        for line in text.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, said) = help.split_once(' ').unwrap();
                assert!(!said.is_empty() && !said.contains('\\'), "{line}");
                helped = name.to_owned();
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').unwrap();
                assert_eq!(name, helped, "help and type stand together");
                assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
                assert!(["counter", "gauge"].contains(&kind), "{line}");
                assert!(kinds.insert(name.to_owned(), kind).is_none(), "{name}");
                current = name.to_owned();
            } else {
                let (metric, value) = line.rsplit_once(' ').unwrap();
                let name = metric.split('{').next().unwrap();
                assert_eq!(name, current, "a sample stands under its type");
                assert!(is_name(name), "{line}");
                let key = metric[name.len()..].strip_prefix('{').map(label_of);
                let key = key.map_or(name.to_owned(), |label| format!("{name}{{{label}}}"));
                assert!(samples.insert(key, value.parse().unwrap()).is_none());
            }
        }
        Samples(samples)
    }

    /// As an overseer has them.
    pub fn of(site: &Site) -> Samples {
        Samples::told_to(site, "ov-james-whitlock")
    }

    fn told_to(site: &Site, person: &str) -> Samples {
        let request = ureq::get(format!("{}/metrics", site.address));
        let request = request.header("authorization", format!("Bearer {}", token(person)));
        let mut answer = request.call().unwrap();
        let kind = &answer.headers()["content-type"];
        assert_eq!(kind, "text/plain; version=0.0.4; charset=utf-8");
        let text = answer.body_mut().read_to_string().unwrap();
        for personal in ["Thistlewood", "9990000018", "P1", "amara", "TG-"] {
            assert!(!text.contains(personal), "{text}");
        }
        Samples::parse(&text)
    }

    #[track_caller]
    pub fn is(&self, metric: &str, value: u32) {
        assert_eq!(self.0.get(metric), Some(&f64::from(value)), "{metric}");
    }
}

fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic())
        && chars.all(|rest| rest.is_ascii_alphanumeric() || rest == '_')
}

/// The value of the one label of `name="value"}`.
fn label_of(label: &str) -> String {
    let (name, value) = label.split_once("=\"").unwrap();
    assert!(is_name(name), "{label}");
    let value = value.strip_suffix("\"}").unwrap();
    let plain = value
        .replace("\\\\", "")
        .replace("\\\"", "")
        .replace("\\n", "");
    assert!(!plain.contains(['\\', '"', '\n']), "{label}");
    value.to_owned()
}

#[test]
fn counts_follow_a_case_and_tell_its_ending_with_its_answer() {
    let site = Site::demonstration();
    let begun = Samples::of(&site);
    for (name, _) in statistics::Row::default().columns() {
        if !["pending", "held"].contains(&name) {
            begun.is(&format!("tracegate_cases_ended_total{{{name}}}"), 0);
        }
    }
    let events = begun.0["tracegate_events_total"];
    let id = ask(&mut site.signed_in(OFFICER), &[]);
    let received = Samples::of(&site);
    received.is("tracegate_cases_open{submitted}", 1);
    received.is("tracegate_messages_waiting", 1);
    assert_eq!(received.0["tracegate_events_total"], events + 1.0);
    site.work();
    let refused = [("grounds.offence", "theft")];
    ask(&mut site.signed_in(OFFICER), &refused);
    site.work();
    draft(&site, &id);
    second_review(&site, &id, "agree");
    let waiting = Samples::of(&site);
    waiting.is("tracegate_cases_open{traced}", 1);
    waiting.is("tracegate_cases_ended_total{refused}", 1);
    waiting.is("tracegate_cases_ended_total{released_all}", 0);
    site.later(SignedDuration::from_hours(1));
    let told = Samples::of(&site);
    told.is("tracegate_cases_open{traced}", 0);
    told.is("tracegate_cases_ended_total{released_all}", 1);
    for person in [OFFICER, "nobody"] {
        let others = Samples::told_to(&site, person).0;
        assert!(others.contains_key("tracegate_events_total"));
        assert!(
            !others.keys().any(|metric| metric.contains("_cases_")),
            "{person}"
        );
    }
    let recorded = told.0["tracegate_events_total"];
    assert_eq!(told.0["tracegate_log_waiting_entries"], recorded);
    site.publish();
    let published = Samples::of(&site);
    assert_eq!(published.0["tracegate_log_entries"], recorded);
    published.is("tracegate_log_waiting_entries", 0);
    assert!(published.0["tracegate_log_checkpoint_timestamp_seconds"] > 1.7e9);
}

#[test]
fn the_limit_that_stops_releases_has_the_name_it_has_everywhere() {
    let site = Site::demonstration();
    let now = site.gate.clock.now();
    site.gate.log.note_outcome(&Err(LogError::Interrupted), now);
    site.later(SignedDuration::from_secs(599));
    let late = Samples::of(&site);
    late.is("tracegate_releases_stopped{behind}", 0);
    late.is("tracegate_log_behind_seconds", 599);
    site.later(SignedDuration::from_secs(1));
    Samples::of(&site).is("tracegate_releases_stopped{behind}", 1);
    let health = site.visitor().get("/health");
    assert_eq!(health.status, 503);
    assert!(
        health.says("\"releases_stopped_by\":\"behind\""),
        "{}",
        health.text
    );
    let page = site.visitor().get("/log").ok();
    assert!(
        page.says("behind for 600 seconds, and the limit is 600"),
        "{}",
        page.text
    );
    let older = LogError::OlderDatabase {
        recorded: 1,
        signed: 2,
    };
    site.gate.log.note_outcome(&Err(older), now);
    let contradicted = Samples::of(&site);
    contradicted.is("tracegate_releases_stopped{contradiction}", 1);
    contradicted.is("tracegate_releases_stopped{behind}", 0);
    contradicted.is("tracegate_releases_stopped{database}", 0);
    let page = site.visitor().get("/log").ok();
    assert!(page.says("until a person has looked"), "{}", page.text);
    site.block_on(site.gate.store.close()).unwrap();
    Samples::of(&site).is("tracegate_releases_stopped{database}", 1);
}
