use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use cedar_policy::Schema;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::clause::Clause;
use crate::facts::VOCABULARY;
use crate::fault::Fault;
use crate::interest::InterestTest;
use crate::load::load_agreement;
use crate::overlay::Overlaid;
use crate::policy::Policies;
use crate::prove::attributes_in;
use crate::source::Source;
use crate::status::{Event, Mode, Status, StatusLog, start_of};
use crate::terms::Terms;

/// Name of an agreement version: `ho/2017-01-01`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct VersionId {
    /// Agreement id.
    pub agreement: String,
    /// Version.
    pub version: String,
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.agreement, self.version)
    }
}

impl FromStr for VersionId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('/') {
            Some((agreement, version)) if !agreement.is_empty() && !version.is_empty() => {
                Ok(Self {
                    agreement: agreement.to_owned(),
                    version: version.to_owned(),
                })
            }
            _ => Err(format!("agreement `{text}` is not named AGREEMENT/VERSION")),
        }
    }
}

/// One immutable agreement version, loaded and valid.
#[derive(Debug, Clone)]
pub struct Version {
    /// Its name.
    pub id: VersionId,
    /// The content of `version.toml`.
    pub terms: Terms,
    /// The clauses of the prose, in order.
    pub clauses: Vec<Clause>,
    /// SHA-256 over the version's files, in lower-case hex; see [`Version::files`].
    pub content_hash: String,
    /// The files that the hash covers, name to bytes.
    pub files: BTreeMap<String, Vec<u8>>,
    /// SHA-256 of each overlay over it, in lower-case hex, oldest first. The content hash stays that
    /// of the published text.
    pub overlays: Vec<String>,
    pub(crate) policies: Policies,
}

impl Version {
    /// The files that the hash covers, as text.
    pub(crate) fn texts(&self) -> BTreeMap<String, String> {
        let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
        let files = self.files.iter();
        files
            .map(|(name, bytes)| (name.clone(), text(bytes)))
            .collect()
    }

    /// Names of the facts that its rules look at, in the order of the vocabulary.
    pub fn facts_read(&self) -> Vec<&'static str> {
        let conditions = self.policies.rules.iter().map(|rule| &rule.condition);
        let places: BTreeSet<usize> = conditions.flat_map(attributes_in).collect();
        let facts = places.iter().filter_map(|place| VOCABULARY.get(*place));
        facts.map(|attribute| attribute.name).collect()
    }
}

/// One agreement: its versions, its status log and its public-interest tests.
#[derive(Debug, Clone)]
pub struct Agreement {
    /// Agreement id.
    pub id: String,
    /// Status log.
    pub log: StatusLog,
    /// Public-interest test, if the folder has one.
    pub interest: Option<InterestTest>,
    /// The tests that took its place one after the other, each confirmed by a second guardian.
    pub renewals: Vec<InterestTest>,
    /// Versions by name, as published.
    pub versions: BTreeMap<String, Version>,
    pub(crate) schema: Schema,
    pub(crate) overlaid: Overlaid,
}

impl Agreement {
    /// Its public-interest tests, oldest first.
    pub fn tests(&self) -> impl Iterator<Item = &InterestTest> {
        self.interest.iter().chain(&self.renewals)
    }

    /// The test that counts at an instant, met or not: the newest that was decided by that day.
    pub fn test_at(&self, at: Timestamp) -> Option<&InterestTest> {
        let day = at.to_zoned(jiff::tz::TimeZone::UTC).date();
        let decided = self.tests().filter(|test| test.decided_at <= day).last();
        decided.or_else(|| self.tests().next())
    }
}

/// All agreements that a controller has.
#[derive(Debug, Clone, Default)]
pub struct Library {
    pub(crate) agreements: BTreeMap<String, Agreement>,
    /// Versions that are never judged with: their publication is not on record.
    pub(crate) withheld: BTreeSet<VersionId>,
}

/// Which agreement a request falls under.
#[derive(Debug, Clone)]
pub enum Resolution<'a> {
    /// This version is in force: judge under it.
    Judge(&'a Version),
    /// No version can answer.
    Refused(Refused),
    /// The version is suspended and requests wait.
    Held(Held),
}

/// A refusal that needs no judging.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// `no_agreement`, `agreement_suspended` or `pit_expired`.
    pub code: String,
    /// The version that was named or found, if any.
    pub version: Option<VersionId>,
    /// The clause that it rests on, if any.
    pub clause: Option<String>,
    /// Why, in plain words.
    pub text: String,
    /// What would change the answer.
    pub remedy: String,
}

/// A request that waits for a suspension to end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The suspended version.
    pub version: VersionId,
    /// Since when.
    pub since: Option<Timestamp>,
    /// Who decided.
    pub authority: String,
    /// Why.
    pub reason: String,
}

impl Library {
    /// Reads an agreements folder.
    ///
    /// # Errors
    /// Every fault found, each with file, line and remedy. A folder with one fault yields nothing.
    pub fn load(folder: &Path) -> Result<Self, Vec<Fault>> {
        Self::from_source(&Source::from_folder(folder)?)
    }

    /// Reads agreements that are already in memory.
    ///
    /// # Errors
    /// As [`Library::load`].
    pub fn from_source(source: &Source) -> Result<Self, Vec<Fault>> {
        let mut library = Self::default();
        let mut faults = Vec::new();
        let names: BTreeSet<&str> = source
            .paths()
            .filter_map(|path| path.split_once('/'))
            .map(|(name, _)| name)
            .collect();
        for name in names {
            match load_agreement(source, name) {
                Ok(agreement) => {
                    library.agreements.insert(name.to_owned(), agreement);
                }
                Err(found) => faults.extend(found),
            }
        }
        if faults.is_empty() {
            Ok(library)
        } else {
            Err(faults)
        }
    }

    /// Reads one agreement of the folder again, because its status log has grown.
    ///
    /// A version that is new, or whose text is no longer the one read before, is withheld: whether
    /// its publication is on record must be looked up first.
    ///
    /// # Errors
    /// Every fault found, among them a status log that has lost a line. Nothing is changed then.
    pub fn read_again(&mut self, folder: &Path, id: &str) -> Result<(), Vec<Fault>> {
        let found = load_agreement(&Source::from_folder(folder)?, id)?;
        let before = self.agreements.get(id);
        let known = before.map_or(&[][..], |before| before.log.events());
        if !found.log.events().starts_with(known) {
            let problem = "a line that was read before is not there any more";
            let remedy = "put it back; a status log is only ever added to";
            let file = format!("{id}/events.jsonl");
            return Err(vec![Fault::of_file(&file, problem, remedy)]);
        }
        let same = |version: &&Version| {
            let before = before.and_then(|before| before.versions.get(&version.id.version));
            before.is_some_and(|before| before.content_hash == version.content_hash)
        };
        let strangers = found.versions.values().filter(|version| !same(version));
        let strangers: Vec<VersionId> = strangers.map(|version| version.id.clone()).collect();
        self.withheld.extend(strangers);
        self.agreements.insert(id.to_owned(), found);
        Ok(())
    }

    /// All agreements, by id.
    pub fn agreements(&self) -> impl Iterator<Item = &Agreement> {
        self.agreements.values()
    }

    /// One agreement.
    pub fn agreement(&self, id: &str) -> Option<&Agreement> {
        self.agreements.get(id)
    }

    /// All versions, by name.
    pub fn versions(&self) -> impl Iterator<Item = &Version> {
        self.agreements
            .values()
            .flat_map(|agreement| agreement.versions.values())
    }

    /// One version as it binds at an instant, with every overlay in effect by then.
    pub fn version_at(&self, id: &VersionId, at: Timestamp) -> Option<&Version> {
        let agreement = self.agreements.get(&id.agreement)?;
        let overlaid = agreement.overlaid.get(&id.version).into_iter().flatten();
        let newest = overlaid.rev().find(|(from, _)| *from <= at);
        match newest {
            Some((_, version)) => Some(version),
            None => agreement.versions.get(&id.version),
        }
    }

    /// One version as published, whatever its status: for showing, comparing and replaying.
    pub fn version(&self, id: &VersionId) -> Option<&Version> {
        self.agreements
            .get(&id.agreement)?
            .versions
            .get(&id.version)
    }

    /// State of a version at an instant. An end date ends it without any event.
    pub fn status_at(&self, id: &VersionId, at: Timestamp) -> Status {
        let Some(agreement) = self.agreements.get(&id.agreement) else {
            return Status::Draft;
        };
        if self.withheld.contains(id) {
            return Status::Draft;
        }
        let status = agreement.log.status_at(&id.version, at);
        let ends = self
            .version(id)
            .and_then(|version| version.terms.dates.ends);
        let over = ends.and_then(start_of).is_some_and(|end| end <= at);
        match status {
            Status::InForce | Status::Narrowed if over => Status::Expired,
            status => status,
        }
    }

    /// Whether the public-interest test of an agreement is met and valid at an instant.
    pub fn pit_valid_at(&self, agreement: &str, at: Timestamp) -> bool {
        let found = self.agreements.get(agreement);
        let test = found.and_then(|found| found.test_at(at));
        test.is_some_and(|test| test.valid_at(at))
    }

    /// Finds the newest version in force, narrowed or suspended that serves this agency and
    /// purpose. Without one the answer is `no_agreement`: nothing is carried over from another
    /// agency or purpose.
    pub fn find(&self, agency: &str, purpose: &str, at: Timestamp) -> Resolution<'_> {
        let serves = |version: &&Version| {
            let parties = &version.terms.parties;
            parties.requesters.iter().any(|code| code == agency)
                && version.terms.purposes.iter().any(|code| code == purpose)
        };
        let alive = |version: &&Version| {
            let status = self.status_at(&version.id, at);
            matches!(
                status,
                Status::InForce | Status::Narrowed | Status::Suspended { .. }
            )
        };
        let newest = self
            .versions()
            .filter(serves)
            .filter(alive)
            .max_by_key(|version| (version.terms.dates.effective, &version.id));
        match newest {
            Some(version) => self.resolve(version, at),
            None => Resolution::Refused(Refused {
                code: "no_agreement".to_owned(),
                version: None,
                clause: None,
                text: format!("no agreement lets `{agency}` ask for the purpose `{purpose}`"),
                remedy: "an agreement must be made and published first".to_owned(),
            }),
        }
    }

    /// Takes the version that a request names. One that is not in force gives `no_agreement`; one
    /// that does not serve the agency or purpose is left to its own clauses.
    pub fn named(&self, id: &VersionId, at: Timestamp) -> Resolution<'_> {
        match self.version(id) {
            Some(version) => self.resolve(version, at),
            None => Resolution::Refused(Refused {
                code: "no_agreement".to_owned(),
                version: None,
                clause: None,
                text: format!("there is no agreement `{id}`"),
                remedy: "name an agreement from the public list".to_owned(),
            }),
        }
    }

    /// [`Library::named`] when the request names a version, else [`Library::find`].
    pub fn apply(
        &self,
        named: Option<&VersionId>,
        agency: &str,
        purpose: &str,
        at: Timestamp,
    ) -> Resolution<'_> {
        named.map_or_else(|| self.find(agency, purpose, at), |id| self.named(id, at))
    }

    fn resolve<'a>(&'a self, version: &'a Version, at: Timestamp) -> Resolution<'a> {
        let id = &version.id;
        let status = self.status_at(id, at);
        let log = self
            .agreements
            .get(&id.agreement)
            .map(|agreement| &agreement.log);
        let cause = log.and_then(|log| log.cause_at(&id.version, at));
        match status {
            Status::InForce | Status::Narrowed => {
                Resolution::Judge(self.version_at(id, at).unwrap_or(version))
            }
            Status::Suspended { mode: Mode::Hold } => Resolution::Held(held(id, cause)),
            Status::Suspended { mode: Mode::Refuse } => {
                let remedy = "ask again when the suspension has ended";
                Resolution::Refused(ended(id, "agreement_suspended", status, cause, remedy))
            }
            _ => {
                let remedy = "ask under an agreement that is in force";
                Resolution::Refused(ended(id, "no_agreement", status, cause, remedy))
            }
        }
    }
}

fn held(id: &VersionId, cause: Option<&Event>) -> Held {
    Held {
        version: id.clone(),
        since: cause.map(|event| event.effective),
        authority: cause
            .map(|event| event.authority.clone())
            .unwrap_or_default(),
        reason: cause.map(|event| event.reason.clone()).unwrap_or_default(),
    }
}

fn ended(
    id: &VersionId,
    code: &str,
    status: Status,
    cause: Option<&Event>,
    remedy: &str,
) -> Refused {
    let word = status.word();
    let text = match cause {
        Some(event) => {
            let day = event.effective.to_zoned(jiff::tz::TimeZone::UTC).date();
            format!(
                "agreement `{id}` is {word}; last changed on {day}: {}",
                event.reason
            )
        }
        None => format!("agreement `{id}` is {word}"),
    };
    Refused {
        code: code.to_owned(),
        version: Some(id.clone()),
        clause: None,
        text,
        remedy: remedy.to_owned(),
    }
}
