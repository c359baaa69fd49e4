use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::fault::Fault;

/// State of one agreement version at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Text without effect.
    Draft,
    /// Signed, not yet in effect.
    Agreed,
    /// In effect.
    InForce,
    /// In effect under an overlay that only takes permissions away.
    Narrowed,
    /// Stopped; the mode says what happens to requests.
    Suspended {
        /// What happens to requests.
        mode: Mode,
    },
    /// Ended by decision.
    Withdrawn,
    /// Ended by its end date.
    Expired,
}

impl Status {
    /// The word for it, such as `in force`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Agreed => "agreed",
            Self::InForce => "in force",
            Self::Narrowed => "narrowed",
            Self::Suspended { .. } => "suspended",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }
}

/// What a suspension does with requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// They wait, unanswered.
    Hold,
    /// They are refused.
    Refuse,
}

/// One line of `events.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Version that it is about.
    pub version: String,
    /// What happened.
    pub event: EventKind,
    /// When it was entered here.
    pub recorded: Timestamp,
    /// When it takes effect.
    pub effective: Timestamp,
    /// When the public was told that it would happen.
    #[serde(default)]
    pub announced: Option<Timestamp>,
    /// When its text became public.
    #[serde(default)]
    pub published: Option<Timestamp>,
    /// How exactly the effective time is known: `day` (default) or `month`.
    #[serde(default)]
    pub precision: Option<String>,
    /// What a suspension does with requests.
    #[serde(default)]
    pub mode: Option<Mode>,
    /// What happens to open cases: `hold`, `recheck` or `refuse`.
    #[serde(default)]
    pub open_cases: Option<String>,
    /// Rules of an overlay, in Cedar: forbids like those of `clauses.cedar`.
    #[serde(default)]
    pub overlay: Option<String>,
    /// Who decided.
    pub authority: String,
    /// Public source.
    pub source: String,
    /// Why, in words.
    pub reason: String,
    /// SHA-256 of the line before, in hex; empty on the first line.
    pub prev: String,
}

/// What a status event says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Signed.
    Agreed,
    /// Takes effect.
    InForce,
    /// An overlay takes permissions away.
    Narrowed,
    /// Stopped.
    Suspended,
    /// Started again after a suspension.
    Reopened,
    /// Ended by decision.
    Withdrawn,
    /// Ended by its end date.
    Expired,
    /// Kept for the record; changes nothing.
    Note,
}

impl EventKind {
    /// The word for it, such as `in force`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Agreed => "agreed",
            Self::InForce => "in force",
            Self::Narrowed => "narrowed",
            Self::Suspended => "suspended",
            Self::Reopened => "reopened",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
            Self::Note => "note",
        }
    }
}

/// The status log of one agreement: events in the order they were recorded, hash-chained.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StatusLog {
    events: Vec<Event>,
    /// SHA-256 of the last line, in hex; empty when there is none.
    head: String,
}

impl StatusLog {
    /// All events, in the order they were recorded.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Whether this is its last line.
    pub(crate) fn ends_with(&self, line: Option<&str>) -> bool {
        let hash = line.map(|line| hex::encode(Sha256::digest(line.as_bytes())));
        hash.unwrap_or_default() == self.head
    }

    /// State of a version at `at`: every event with effect by then, in order of effect.
    pub fn status_at(&self, version: &str, at: Timestamp) -> Status {
        let life = Life {
            status: Status::Draft,
            narrowed: false,
        };
        let events = self.in_effect(version, at);
        events
            .iter()
            .fold(life, |life, event| life.step(event).unwrap_or(life))
            .status
    }

    /// The event that gave the version its state at `at`, if any did.
    pub fn cause_at(&self, version: &str, at: Timestamp) -> Option<&Event> {
        let events = self.in_effect(version, at);
        events
            .into_iter()
            .rfind(|event| event.event != EventKind::Note)
    }

    fn in_effect(&self, version: &str, at: Timestamp) -> Vec<&Event> {
        let mut events: Vec<&Event> = self
            .events
            .iter()
            .filter(|event| event.version == version && event.effective <= at)
            .collect();
        events.sort_by_key(|event| event.effective);
        events
    }

    pub(crate) fn parse(file: &str, text: &str) -> Result<Self, Vec<Fault>> {
        let mut log = Self::default();
        let mut faults = Vec::new();
        let mut prev = String::new();
        for (index, line) in text.lines().enumerate() {
            let number = index + 1;
            match serde_json::from_str::<Event>(line) {
                Ok(event) => {
                    if event.prev != prev {
                        let problem = "`prev` is not the hash of the line before";
                        let remedy = "never change a line; append, with the hash of the last line";
                        faults.push(Fault::at_line(file, number, line, problem, remedy));
                    }
                    log.events.push(event);
                }
                Err(error) => faults.push(Fault {
                    column: error.column(),
                    ..Fault::at_line(file, number, line, error.to_string(), "correct the event")
                }),
            }
            prev = hex::encode(Sha256::digest(line.as_bytes()));
        }
        log.head = prev;
        faults.extend(log.arrow_faults(file, text));
        if faults.is_empty() {
            Ok(log)
        } else {
            Err(faults)
        }
    }

    /// Appends an event, chained to the last one, and returns the line for `events.jsonl`.
    ///
    /// # Errors
    /// When the event cannot follow the version's state, with the reason in words.
    pub fn append(&mut self, event: Event) -> Result<String, String> {
        let event = Event {
            prev: self.head.clone(),
            ..event
        };
        if let Some(problem) = self.arrow_problem(&event) {
            return Err(problem);
        }
        let line = serde_json::to_string(&event).map_err(|error| error.to_string())?;
        self.head = hex::encode(Sha256::digest(line.as_bytes()));
        self.events.push(event);
        Ok(line)
    }

    fn arrow_problem(&self, event: &Event) -> Option<String> {
        let before = self.status_at(&event.version, event.effective);
        // Whether it was narrowed before decides where it returns to, not whether it may.
        let life = Life {
            status: before,
            narrowed: false,
        };
        let problem = || format!("`{}` cannot follow `{}`", event.event.word(), before.word());
        life.step(event).is_none().then(problem)
    }

    fn arrow_faults(&self, file: &str, text: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (index, event) in self.events.iter().enumerate() {
            let events = self.events.get(..index).unwrap_or_default().to_vec();
            let earlier = Self {
                events,
                head: String::new(),
            };
            if let Some(problem) = earlier.arrow_problem(event) {
                let excerpt = text.lines().nth(index).unwrap_or_default();
                let remedy = "enter the events between, or correct the effective time";
                faults.push(Fault::at_line(file, index + 1, excerpt, problem, remedy));
            }
        }
        faults
    }
}

/// A state, and whether an overlay has ever narrowed it: a suspension must not forget that.
#[derive(Clone, Copy)]
struct Life {
    status: Status,
    narrowed: bool,
}

impl Life {
    /// One arrow of the agreement's life; `None` when the arrow does not exist.
    fn step(self, event: &Event) -> Option<Self> {
        use Status::{Agreed, Draft, Expired, InForce, Narrowed, Suspended, Withdrawn};
        let status = match (self.status, event.event) {
            (status, EventKind::Note) => status,
            (Draft, EventKind::Agreed) => Agreed,
            (Agreed, EventKind::InForce) => InForce,
            (InForce | Narrowed, EventKind::Narrowed) => Narrowed,
            // A text that was announced and stopped before anyone signed it goes from draft.
            (Draft | Agreed | InForce | Narrowed | Suspended { .. }, EventKind::Suspended) => {
                Suspended { mode: event.mode? }
            }
            (Suspended { .. }, EventKind::Reopened) if self.narrowed => Narrowed,
            (Suspended { .. }, EventKind::Reopened) => InForce,
            (Draft | Withdrawn | Expired, _) => return None,
            (_, EventKind::Withdrawn) => Withdrawn,
            (_, EventKind::Expired) => Expired,
            _ => return None,
        };
        let narrowed = self.narrowed || event.event == EventKind::Narrowed;
        Some(Self { status, narrowed })
    }
}

/// Start of a day in UTC: how days in `version.toml` become instants.
pub(crate) fn start_of(day: Date) -> Option<Timestamp> {
    day.to_zoned(jiff::tz::TimeZone::UTC)
        .ok()
        .map(|zoned| zoned.timestamp())
}
