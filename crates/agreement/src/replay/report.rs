//! A replay of many requests, counted. The same records give the same bytes, in whatever order they
//! come.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::clause::number_key;
use crate::facts::{Facts, VOCABULARY};
use crate::judge::engine_version;
use crate::library::{Library, Version};
use crate::prove::VersionRef;
use crate::replay::{Replay, Replayed};

/// One recorded request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// What it is called; never a person's name.
    pub reference: String,
    /// When it arrived.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// `AGREEMENT/VERSION` that it was judged under. What that version did not ask for was never
    /// recorded; without a name, nothing that is absent counts as asked for.
    #[serde(default)]
    pub under: Option<String>,
    /// What the agreement said then.
    #[serde(default)]
    pub then: Option<Answer>,
    /// What the request claimed.
    pub facts: Facts,
}

/// What an agreement says about a recorded request. Whether the right person is then found is not
/// its matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// At least one field can be released, and of no field is it open.
    Released,
    /// No field can be.
    Refused,
    /// It hangs on a fact that was never recorded.
    CannotTell,
}

impl Answer {
    /// The answer in words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Released => "released",
            Self::Refused => "refused",
            Self::CannotTell => "cannot tell",
        }
    }
}

impl Replayed {
    /// The answer as a whole.
    pub fn answer(&self) -> Answer {
        match (self.cannot_tell.is_empty(), self.released.is_empty()) {
            (false, _) => Answer::CannotTell,
            (true, false) => Answer::Released,
            (true, true) => Answer::Refused,
        }
    }
}

/// Recorded history under another version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// `tracegate-replay/1`.
    pub format: String,
    /// What judged.
    pub engine: String,
    /// The version that everything was judged under.
    pub under: VersionRef,
    /// Requests judged.
    pub requests: u64,
    /// What came out.
    pub counts: Counts,
    /// The same, by what was said at the time.
    pub then: Vec<Flow>,
    /// Facts that were never recorded and would decide, with the requests that hang on them; most
    /// first.
    pub missing: Vec<Tally>,
    /// Clauses that refuse for certain, with the requests they refuse; in order of number.
    pub failing: Vec<Tally>,
    /// Decisions that come out otherwise for certain, by time and reference.
    pub changed: Vec<Changed>,
}

/// Requests by answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Released.
    pub released: u64,
    /// Refused.
    pub refused: u64,
    /// Cannot tell.
    pub cannot_tell: u64,
}

impl Counts {
    fn add(&mut self, answer: Answer) {
        self.add_many(answer, 1);
    }

    pub(crate) fn add_many(&mut self, answer: Answer, requests: u64) {
        match answer {
            Answer::Released => self.released += requests,
            Answer::Refused => self.refused += requests,
            Answer::CannotTell => self.cannot_tell += requests,
        }
    }

    /// All of them.
    pub fn sum(&self) -> u64 {
        self.released + self.refused + self.cannot_tell
    }
}

/// Requests with one answer at the time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// That answer; `None` when it is not on record.
    pub then: Option<Answer>,
    /// Their answers now.
    pub now: Counts,
}

/// A name and how many requests it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Name of a fact, or number of a clause.
    pub name: String,
    /// Requests.
    pub requests: u64,
}

/// A decision that comes out otherwise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Changed {
    /// When the request arrived.
    pub at: Option<Timestamp>,
    /// What it is called.
    pub reference: String,
    /// The answer then.
    pub then: Answer,
    /// The answer now.
    pub now: Answer,
    /// Clauses that refuse now.
    pub failing: Vec<String>,
}

/// Why a record cannot be replayed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// It names a version that is not there.
    #[error("request `{reference}` was judged under `{under}`, which is not among the agreements")]
    UnknownVersion {
        /// The request.
        reference: String,
        /// The version it names.
        under: String,
    },
    /// It cannot be judged.
    #[error("request `{reference}` cannot be judged")]
    Judging {
        /// The request.
        reference: String,
        /// Why.
        #[source]
        source: crate::ProveError,
    },
}

/// A replay of many requests under way.
pub struct History<'a> {
    agreements: &'a Library,
    version: &'a Version,
    /// One replay for each version that requests were judged under: each left out other facts.
    replays: BTreeMap<Option<String>, Replay<'a>>,
    counts: Counts,
    then: BTreeMap<Option<Answer>, Counts>,
    missing: BTreeMap<String, u64>,
    failing: BTreeMap<Vec<u32>, Tally>,
    changed: Vec<Changed>,
}

impl<'a> History<'a> {
    /// Begins a replay under `version`; `library` knows the versions that requests were judged under.
    pub fn new(library: &'a Library, version: &'a Version) -> Self {
        Self {
            agreements: library,
            version,
            replays: BTreeMap::new(),
            counts: Counts::default(),
            then: BTreeMap::new(),
            missing: BTreeMap::new(),
            failing: BTreeMap::new(),
            changed: Vec::new(),
        }
    }

    /// Judges one request and counts it.
    ///
    /// # Errors
    /// When it names a version that is not there, or cannot be judged.
    pub fn take(&mut self, record: &Recorded) -> Result<Replayed, ReplayError> {
        let replayed = self.replay_of(record)?.judge(&record.facts);
        let replayed = replayed.map_err(|source| ReplayError::Judging {
            reference: record.reference.clone(),
            source,
        })?;
        self.count(record, &replayed);
        Ok(replayed)
    }

    fn replay_of(&mut self, record: &Recorded) -> Result<&mut Replay<'a>, ReplayError> {
        let unrecorded = match &record.under {
            _ if self.replays.contains_key(&record.under) => Vec::new(),
            None => optional_facts().collect(),
            Some(name) => {
                let origin = name
                    .parse()
                    .ok()
                    .and_then(|id| self.agreements.version(&id));
                let origin = origin.ok_or_else(|| ReplayError::UnknownVersion {
                    reference: record.reference.clone(),
                    under: name.clone(),
                })?;
                let asked = origin.facts_read();
                optional_facts()
                    .filter(|name| !asked.contains(name))
                    .collect()
            }
        };
        let version = self.version;
        let replay = self.replays.entry(record.under.clone());
        Ok(replay.or_insert_with(|| Replay::without(version, &unrecorded)))
    }

    fn count(&mut self, record: &Recorded, replayed: &Replayed) {
        let now = replayed.answer();
        self.counts.add(now);
        self.then.entry(record.then).or_default().add(now);
        if now == Answer::CannotTell {
            for name in &replayed.missing {
                *self.missing.entry(name.clone()).or_default() += 1;
            }
        }
        for number in &replayed.failing {
            let tally = self.failing.entry(number_key(number));
            let tally = tally.or_insert_with(|| Tally {
                name: number.clone(),
                requests: 0,
            });
            tally.requests += 1;
        }
        if let Some(then) = record.then
            && then != now
            && now != Answer::CannotTell
        {
            self.changed.push(Changed {
                at: record.at,
                reference: record.reference.clone(),
                then,
                now,
                failing: replayed.failing.clone(),
            });
        }
    }

    /// Everything counted so far.
    pub fn report(mut self) -> Report {
        self.changed.sort();
        let tally = |(name, requests)| Tally { name, requests };
        let mut missing: Vec<Tally> = self.missing.into_iter().map(tally).collect();
        // Most first; equal counts stay in order of name.
        missing.sort_by_key(|tally| std::cmp::Reverse(tally.requests));
        let flow = |(then, now)| Flow { then, now };
        Report {
            format: "tracegate-replay/1".to_owned(),
            engine: engine_version(),
            under: VersionRef::of(self.version),
            requests: self.counts.sum(),
            counts: self.counts,
            then: self.then.into_iter().map(flow).collect(),
            missing,
            failing: self.failing.into_values().collect(),
            changed: self.changed,
        }
    }
}

/// Facts that a request may leave out.
fn optional_facts() -> impl Iterator<Item = &'static str> {
    let optional = VOCABULARY.iter().filter(|attribute| !attribute.required);
    optional.map(|attribute| attribute.name)
}
