//! `/metrics`: what `/health` tells and a few counts, for whoever draws curves and raises alarms, in the
//! text format of Prometheus (prometheus.io/docs/instrumenting/exposition_formats, version 0.0.4).
//!
//! Everybody may read it, so it tells nothing of anybody. The cases are counted for staff and overseers
//! only: what is published of them comes a quarter at a time, with nothing small in it. And no count
//! tells sooner than the answer does: a case counts by its ending once the answer is out, and until then
//! every case from the trace on is counted in one line.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderName, header};
use disclosure::{Actor, Ending, Role};
use jiff::Timestamp;
use ledger::tiles::CHECKPOINT_PATH;
use store::webhook::{Channel, Status};
use store::{CaseCount, Health};

use super::Problem;
use super::auth::Caller;
use super::health::DATABASE;
use crate::gate::Gate;
use crate::public_log::{Limit, PublicLog};

const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Where a case can stand before its trace; from then on it is `traced`.
const BEFORE_TRACE: [&str; 4] = ["submitted", "checked", "clarification", "held_suspension"];
const TRACED: &str = "traced";

/// `GET /metrics`.
pub async fn show(
    State(gate): State<Arc<Gate>>,
    caller: Result<Caller, Problem>,
) -> ([(HeaderName, &'static str); 1], String) {
    let now = gate.clock.now();
    let health = gate.store.health().await.ok();
    let may_count = |by: &Actor| by.role.is_staff() || by.role == Role::Overseer;
    let may_count = caller.is_ok_and(|Caller(by)| may_count(&by));
    let mut page = Page::default();
    page.of_releases(&gate.log, health.is_some(), now);
    page.of_log(&gate, health.as_ref());
    page.of_witnesses(&gate.log);
    if may_count && let Ok(counts) = gate.store.case_counts(now).await {
        page.of_cases(&counts);
    }
    if may_count && let Ok(counts) = gate.store.webhook_counts().await {
        page.of_webhooks(&counts);
    }
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], page.0)
}

/// The text, as far as it is written.
#[derive(Default)]
struct Page(String);

impl Page {
    fn of_releases(&mut self, log: &PublicLog, has_database: bool, now: Timestamp) {
        let standing = log.standing(now);
        let stopped_by = standing.level.stopped_by();
        let limits = Limit::ALL.map(|limit| (limit.word(), u64::from(stopped_by == Some(limit))));
        let limits = limits
            .into_iter()
            .chain([(DATABASE, u64::from(!has_database))]);
        self.labelled(
            ("tracegate_releases_stopped", "gauge"),
            "Whether nothing is released, and by which limit; the words of `/health`.",
            "limit",
            limits,
        );
        self.single(
            ("tracegate_log_behind_seconds", "gauge"),
            "How long what is recorded has not become public.",
            standing.behind_seconds,
        );
    }

    /// What the database does not tell is left out, so that nobody takes it for a zero.
    fn of_log(&mut self, gate: &Gate, health: Option<&Health>) {
        let published = gate.log.published();
        self.single(
            ("tracegate_log_entries", "gauge"),
            "Entries under the public signed head.",
            published,
        );
        if let Some(health) = health {
            self.single(
                ("tracegate_events_total", "counter"),
                "Events appended to the ledger.",
                health.ledger_size,
            );
            self.single(
                ("tracegate_log_waiting_entries", "gauge"),
                "Entries recorded that wait for a public head.",
                health.ledger_size.saturating_sub(published),
            );
            self.single(
                ("tracegate_messages_waiting", "gauge"),
                "Steps and notices that wait for the worker.",
                health.outbox_waiting,
            );
        }
        if let Some(at) = checkpoint_time(gate) {
            self.single(
                ("tracegate_log_checkpoint_timestamp_seconds", "gauge"),
                "When the public head was written; it stands while nothing is recorded.",
                at,
            );
        }
    }

    fn of_witnesses(&mut self, log: &PublicLog) {
        let cosigned = log.cosigned();
        let cosigned = cosigned.iter().map(|(name, at)| (name.as_str(), *at));
        self.labelled(
            ("tracegate_witness_cosigned_timestamp_seconds", "gauge"),
            "When each witness of the policy cosigned last, by its own clock; 0 while unknown.",
            "witness",
            cosigned,
        );
    }

    fn of_cases(&mut self, counts: &[CaseCount]) {
        let mut open = BTreeMap::from(BEFORE_TRACE.map(|state| (state, 0)));
        open.insert(TRACED, 0);
        let mut ended = BTreeMap::from(Ending::ALL.map(|ending| (ending.code(), 0)));
        for count in counts {
            let place = match count.told {
                Some(ending) => ended.entry(ending.code()),
                None => open.entry(open_state(&count.state)),
            };
            *place.or_default() += count.cases;
        }
        self.labelled(
            ("tracegate_cases_open", "gauge"),
            "Cases that wait for their answer, by state; one line from the trace on.",
            "state",
            open,
        );
        self.labelled(
            ("tracegate_cases_ended_total", "counter"),
            "Cases whose answer is out, by ending.",
            "ending",
            ended,
        );
    }

    fn of_webhooks(&mut self, counts: &[(Channel, Status, u64)]) {
        for channel in Channel::ALL {
            let (name, help) = match channel {
                Channel::Webhook => (
                    "tracegate_webhooks",
                    "Messages to agencies' machines, by status; a dead one is not tried any more.",
                ),
                Channel::Email => (
                    "tracegate_emails",
                    "E-mails without content, by status; a dead one is not tried any more.",
                ),
            };
            let mut messages = BTreeMap::from(Status::ALL.map(|status| (status.code(), 0)));
            let counted = counts.iter().filter(|(of, ..)| *of == channel);
            messages.extend(counted.map(|(_, status, count)| (status.code(), *count)));
            self.labelled((name, "gauge"), help, "status", messages);
        }
    }

    fn single(&mut self, metric: (&str, &str), help: &str, value: u64) {
        self.head(metric, help);
        writeln!(self.0, "{} {value}", metric.0).ok();
    }

    fn labelled<'l>(
        &mut self,
        metric: (&str, &str),
        help: &str,
        label: &str,
        samples: impl IntoIterator<Item = (&'l str, u64)>,
    ) {
        self.head(metric, help);
        for (name, value) in samples {
            let (metric, name) = (metric.0, escaped(name));
            writeln!(self.0, "{metric}{{{label}=\"{name}\"}} {value}").ok();
        }
    }

    fn head(&mut self, (name, kind): (&str, &str), help: &str) {
        writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}").ok();
    }
}

fn open_state(state: &str) -> &'static str {
    let known = BEFORE_TRACE.into_iter().find(|known| *known == state);
    known.unwrap_or(TRACED)
}

/// A label's value may hold anything but a bare backslash, quote or line end.
fn escaped(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

fn checkpoint_time(gate: &Gate) -> Option<u64> {
    let file = gate.settings.log.folder.join(CHECKPOINT_PATH);
    let written = file.metadata().ok()?.modified().ok()?;
    let at = Timestamp::try_from(written).ok()?;
    u64::try_from(at.as_second()).ok()
}
