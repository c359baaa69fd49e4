//! Published volumes under another version. What the requests claimed was never published, so every
//! line rests on an assumption that is stated with it; what it leaves open stays *cannot tell*.

use serde::{Deserialize, Serialize};
use toml::Table;

use crate::Facts;
use crate::fault::Fault;
use crate::library::{Library, VersionId};
use crate::replay::{Answer, Counts, History, Recorded, ReplayError};

/// Published volumes, and what is assumed of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Backcast {
    /// Versions to judge under.
    pub under: Vec<VersionId>,
    /// Published counts, oldest first.
    pub volumes: Vec<Volume>,
    /// What is assumed of the released requests.
    pub assumptions: Vec<Assumption>,
}

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    under: Vec<String>,
    /// Facts of every part, unless it says otherwise.
    common: Table,
    volume: Vec<Volume>,
    assumption: Vec<AssumptionRecord>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AssumptionRecord {
    id: String,
    text: String,
    source: String,
    part: Vec<PartRecord>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartRecord {
    percent: u8,
    text: String,
    #[serde(default)]
    facts: Table,
}

/// Requests of one agency in one period, as published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Volume {
    /// The period, in words.
    pub period: String,
    /// Requests received.
    pub received: Option<u64>,
    /// Of these, released.
    pub released: Option<u64>,
    /// Of these, nobody found.
    pub no_trace: Option<u64>,
    /// Of these, refused.
    pub refused: Option<u64>,
    /// `AGREEMENT/VERSION` in force at the time, if there was one: it asked for some facts.
    pub version: Option<String>,
    /// What to know when reading the counts.
    pub note: Option<String>,
    /// Public source.
    pub source: String,
}

/// What is assumed of requests that were released.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assumption {
    /// Short name.
    pub id: String,
    /// The assumption in words.
    pub text: String,
    /// Where it comes from.
    pub source: String,
    /// Parts of the released requests, together 100 percent.
    pub parts: Vec<Part>,
}

/// Requests that are taken to have claimed the same.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// Their share of the released requests, in percent.
    pub percent: u8,
    /// What they are taken to have claimed, in words.
    pub text: String,
    /// The same as facts; what is left out is not known.
    pub facts: Facts,
}

/// One volume under one version and one assumption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BackcastLine {
    /// The period of the volume.
    pub period: String,
    /// Requests that the line is about.
    pub requests: u64,
    /// Whether they are those released, or, where that is not published, those received.
    pub basis: Basis,
    /// The source of the volume.
    pub source: String,
    /// The version that they are judged under.
    pub under: String,
    /// Short name of the assumption; none where no assumption could help.
    pub assumption: Option<String>,
    /// What comes out; sums to the requests.
    pub counts: Counts,
}

/// What a line counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Requests that were released.
    Released,
    /// Requests received; how many were released is not published, so nothing can be told.
    Received,
}

impl Backcast {
    /// Reads the volumes and assumptions from the text of their file.
    ///
    /// # Errors
    /// What is wrong, where, and what cures it.
    pub fn parse(file: &str, text: &str) -> Result<Self, Fault> {
        let record: Record = toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            let message = error.message().replace('\n', ", ");
            Fault::at_offset(file, text, offset, message, "correct the key or value")
        })?;
        let fault = |at: &str, problem: String, remedy: &str| {
            Fault::at_text(file, text, at, problem, remedy)
        };
        let under = record.under.iter().map(|name| {
            let wrong = |problem| fault(name, problem, "name a version such as `ho/2018-05-09`");
            name.parse().map_err(wrong)
        });
        let assumptions = record.assumption.into_iter().map(|assumption| {
            let id = assumption.id.clone();
            let read = assumption.read(&record.common);
            read.map_err(|(problem, remedy)| fault(&id, problem, remedy))
        });
        let backcast = Self {
            under: under.collect::<Result<_, _>>()?,
            assumptions: assumptions.collect::<Result<_, _>>()?,
            volumes: record.volume,
        };
        for volume in &backcast.volumes {
            if let Some((problem, remedy)) = volume.problem() {
                return Err(fault(&volume.period, problem, remedy));
            }
        }
        Ok(backcast)
    }

    /// Every volume under every version and assumption.
    ///
    /// # Errors
    /// When a version is not in the library, or cannot judge.
    pub fn lines(&self, library: &Library) -> Result<Vec<BackcastLine>, ReplayError> {
        let mut lines = Vec::new();
        for under in &self.under {
            let unknown = || ReplayError::UnknownVersion {
                reference: "all volumes".to_owned(),
                under: under.to_string(),
            };
            let version = library.version(under).ok_or_else(unknown)?;
            let mut history = History::new(library, version);
            for volume in &self.volumes {
                lines.extend(volume.lines(&mut history, under, &self.assumptions)?);
            }
        }
        Ok(lines)
    }
}

/// What is wrong, and the remedy.
type Problem = (String, &'static str);

impl Volume {
    fn problem(&self) -> Option<Problem> {
        let parts = [self.released, self.no_trace, self.refused];
        let sum: Option<u64> = parts.into_iter().sum();
        if let Some((received, sum)) = self.received.zip(sum).filter(|(all, sum)| all != sum) {
            let problem = format!("{received} received, but the endings sum to {sum}");
            return Some((problem, "correct the counts, or leave one out"));
        }
        (self.received.is_none() && self.released.is_none()).then(|| {
            let problem = "neither received nor released is given".to_owned();
            (problem, "give at least one of them")
        })
    }

    fn lines(
        &self,
        history: &mut History<'_>,
        under: &VersionId,
        assumptions: &[Assumption],
    ) -> Result<Vec<BackcastLine>, ReplayError> {
        let line = |requests, basis, assumption: Option<&Assumption>, counts| BackcastLine {
            period: self.period.clone(),
            requests,
            basis,
            source: self.source.clone(),
            under: under.to_string(),
            assumption: assumption.map(|assumption| assumption.id.clone()),
            counts,
        };
        let Some(released) = self.released else {
            let mut counts = Counts::default();
            let received = self.received.unwrap_or_default();
            counts.add_many(Answer::CannotTell, received);
            return Ok(vec![line(received, Basis::Received, None, counts)]);
        };
        let lines = assumptions.iter().map(|assumption| {
            let counts = self.split(history, assumption, released)?;
            Ok(line(released, Basis::Released, Some(assumption), counts))
        });
        lines.collect()
    }

    fn split(
        &self,
        history: &mut History<'_>,
        assumption: &Assumption,
        requests: u64,
    ) -> Result<Counts, ReplayError> {
        let mut counts = Counts::default();
        let (mut percent, mut done) = (0, 0);
        for part in &assumption.parts {
            // Cumulative shares, so that rounding loses nobody.
            percent += u64::from(part.percent);
            let until = (requests * percent + 50) / 100;
            let record = Recorded {
                reference: format!("{}: {}", assumption.id, part.text),
                at: None,
                under: self.version.clone(),
                then: Some(Answer::Released),
                facts: part.facts.clone(),
            };
            let answer = history.take(&record)?.answer();
            counts.add_many(answer, until - done);
            done = until;
        }
        Ok(counts)
    }
}

impl AssumptionRecord {
    fn read(self, common: &Table) -> Result<Assumption, Problem> {
        let sum: u64 = self.part.iter().map(|part| u64::from(part.percent)).sum();
        if sum != 100 {
            let problem = format!("the parts of `{}` sum to {sum} percent", self.id);
            return Err((problem, "give shares that sum to 100"));
        }
        let parts = self.part.into_iter().map(|part| {
            let mut facts = common.clone();
            facts.extend(part.facts);
            let facts = facts.try_into().map_err(|error: toml::de::Error| {
                let problem = error.message().replace('\n', ", ");
                (problem, "name facts as in `schema.cedarschema`")
            })?;
            Ok(Part {
                percent: part.percent,
                text: part.text,
                facts,
            })
        });
        Ok(Assumption {
            parts: parts.collect::<Result<_, Problem>>()?,
            id: self.id,
            text: self.text,
            source: self.source,
        })
    }
}
