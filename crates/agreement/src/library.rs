use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use cedar_policy::Schema;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::clause::{Clause, ClauseKind, parse_clauses};
use crate::fault::Fault;
use crate::interest::InterestTest;
use crate::policy::{Policies, from_diagnostic, release_text};
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
    pub(crate) policies: Policies,
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
    /// Versions by name.
    pub versions: BTreeMap<String, Version>,
}

/// All agreements that a controller has.
#[derive(Debug, Clone, Default)]
pub struct Library {
    agreements: BTreeMap<String, Agreement>,
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

    /// One version, whatever its status: for showing, comparing and replaying.
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
        let interest = self
            .agreements
            .get(agreement)
            .and_then(|found| found.interest.as_ref());
        interest.is_some_and(|interest| interest.valid_at(at))
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
            Status::InForce | Status::Narrowed => Resolution::Judge(version),
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

fn load_agreement(source: &Source, name: &str) -> Result<Agreement, Vec<Fault>> {
    let schema = load_schema(source, name)?;
    let mut faults = Vec::new();
    let file = format!("{name}/events.jsonl");
    let log = source.text(&file).map_err(|fault| vec![fault]);
    let log = log.and_then(|text| StatusLog::parse(&file, text));
    let log = keep(log, &mut faults).unwrap_or_default();
    let interest = load_interest(source, name);
    let interest = keep(interest, &mut faults).flatten();
    let mut versions = BTreeMap::new();
    for version in version_names(source, name) {
        let loaded = load_version(source, &schema, name, version);
        if let Some(loaded) = keep(loaded, &mut faults) {
            versions.insert(version.to_owned(), loaded);
        }
    }
    let agreement = Agreement {
        id: name.to_owned(),
        log,
        interest,
        versions,
    };
    faults.extend(standing_faults(source, &agreement));
    if faults.is_empty() {
        Ok(agreement)
    } else {
        Err(faults)
    }
}

fn keep<T>(result: Result<T, Vec<Fault>>, faults: &mut Vec<Fault>) -> Option<T> {
    result.map_err(|found| faults.extend(found)).ok()
}

fn version_names<'a>(source: &'a Source, name: &str) -> BTreeSet<&'a str> {
    let below = source
        .paths()
        .filter_map(|path| path.strip_prefix(name)?.strip_prefix('/'));
    below
        .filter_map(|path| path.split_once('/'))
        .map(|(version, _)| version)
        .collect()
}

fn load_schema(source: &Source, name: &str) -> Result<Schema, Vec<Fault>> {
    let file = format!("{name}/schema.cedarschema");
    let text = source.text(&file).map_err(|fault| vec![fault])?;
    let parsed = Schema::from_cedarschema_str(text);
    parsed
        .map(|(schema, _)| schema)
        .map_err(|error| vec![from_diagnostic(&file, text, &error)])
}

fn load_interest(source: &Source, name: &str) -> Result<Option<InterestTest>, Vec<Fault>> {
    let file = format!("{name}/pit.toml");
    if source.bytes(&file).is_none() {
        return Ok(None);
    }
    let text = source.text(&file).map_err(|fault| vec![fault])?;
    InterestTest::parse(&file, text).map(Some)
}

/// The files of a version that its content hash covers.
const HASHED: [&str; 5] = [
    "cases.jsonl",
    "clauses.cedar",
    "clauses.md",
    "release.cedar",
    "version.toml",
];

fn load_version(
    source: &Source,
    schema: &Schema,
    agreement: &str,
    version: &str,
) -> Result<Version, Vec<Fault>> {
    let path = |file: &str| format!("{agreement}/{version}/{file}");
    let mut files = BTreeMap::new();
    let mut missing = Vec::new();
    for name in HASHED {
        match source.text(&path(name)) {
            Ok(text) => {
                files.insert(name.to_owned(), text.to_owned());
            }
            Err(fault) => missing.push(fault),
        }
    }
    if !missing.is_empty() {
        return Err(missing);
    }
    let text = |file: &str| files.get(file).map_or("", String::as_str);
    let mut faults = Vec::new();
    let toml_path = path("version.toml");
    let terms = Terms::parse(&toml_path, text("version.toml")).map_err(|fault| vec![fault]);
    let terms = keep(terms, &mut faults);
    if let Some(terms) = &terms {
        faults.extend(terms.faults(&toml_path, text("version.toml"), agreement, version));
    }
    let clauses = keep(
        parse_clauses(&path("clauses.md"), text("clauses.md")),
        &mut faults,
    );
    let cedar = (path("clauses.cedar"), path("release.cedar"));
    let policies = Policies::parse(
        schema,
        (&cedar.0, text("clauses.cedar")),
        (&cedar.1, text("release.cedar")),
    );
    let policies = keep(policies, &mut faults);
    let (Some(terms), Some(clauses), Some(policies)) = (terms, clauses, policies) else {
        return Err(faults);
    };
    faults.extend(pairing_faults(&path, &clauses, &policies, &files));
    faults.extend(regeneration_faults(&path, &files));
    if !faults.is_empty() {
        return Err(faults);
    }
    let id = VersionId {
        agreement: agreement.to_owned(),
        version: version.to_owned(),
    };
    let files: BTreeMap<String, Vec<u8>> = files
        .into_iter()
        .map(|(name, text)| (name, text.into_bytes()))
        .collect();
    let content_hash = content_hash(&files);
    Ok(Version {
        id,
        terms,
        clauses,
        content_hash,
        files,
        policies,
    })
}

/// SHA-256 over each file in order of name: name, newline, length in decimal, newline, bytes.
fn content_hash(files: &BTreeMap<String, Vec<u8>>) -> String {
    let mut hasher = Sha256::new();
    for (name, bytes) in files {
        hasher.update(format!("{name}\n{}\n", bytes.len()));
        hasher.update(bytes);
    }
    hex::encode(hasher.finalize())
}

/// Every coded clause of the prose has exactly one rule, and every rule a coded clause.
fn pairing_faults(
    path: &dyn Fn(&str) -> String,
    clauses: &[Clause],
    policies: &Policies,
    files: &BTreeMap<String, String>,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    let cedar = files.get("clauses.cedar").map_or("", String::as_str);
    let prose = files.get("clauses.md").map_or("", String::as_str);
    for rule in &policies.rules {
        let coded = clauses
            .iter()
            .any(|clause| clause.number == rule.clause && clause.kind == ClauseKind::Coded);
        let rules = policies
            .rules
            .iter()
            .filter(|other| other.clause == rule.clause)
            .count();
        let needle = format!("@id(\"{}\")", rule.id);
        if !coded {
            let problem = format!(
                "clause `{}` is not a coded clause of the prose",
                rule.clause
            );
            let remedy = "write the clause in clauses.md and mark it `[coded]`";
            faults.push(Fault::at_text(
                &path("clauses.cedar"),
                cedar,
                &needle,
                problem,
                remedy,
            ));
        }
        if rules > 1 {
            let problem = format!("clause `{}` has {rules} rules", rule.clause);
            let remedy = "have one rule a clause";
            faults.push(Fault::at_text(
                &path("clauses.cedar"),
                cedar,
                &needle,
                problem,
                remedy,
            ));
        }
    }
    for clause in clauses
        .iter()
        .filter(|clause| clause.kind == ClauseKind::Coded)
    {
        if !policies
            .rules
            .iter()
            .any(|rule| rule.clause == clause.number)
        {
            let excerpt = prose.lines().nth(clause.line - 1).unwrap_or_default();
            let problem = format!("coded clause `{}` has no rule", clause.number);
            let remedy = "write its forbid in clauses.cedar, or mark it `[human]`";
            faults.push(Fault::at_line(
                &path("clauses.md"),
                clause.line,
                excerpt,
                problem,
                remedy,
            ));
        }
    }
    faults
}

fn regeneration_faults(
    path: &dyn Fn(&str) -> String,
    files: &BTreeMap<String, String>,
) -> Vec<Fault> {
    let clauses = files.get("clauses.cedar").map_or("", String::as_str);
    let release = files.get("release.cedar").map_or("", String::as_str);
    match release_text(&path("clauses.cedar"), clauses) {
        Err(faults) => faults,
        Ok(made) if made == release => Vec::new(),
        Ok(made) => {
            let same = made
                .lines()
                .zip(release.lines())
                .take_while(|(a, b)| a == b)
                .count();
            let excerpt = release.lines().nth(same).unwrap_or_default();
            let problem = "release.cedar is not what clauses.cedar generates";
            let remedy = "generate it again; never edit it by hand";
            vec![Fault::at_line(
                &path("release.cedar"),
                same + 1,
                excerpt,
                problem,
                remedy,
            )]
        }
    }
}

/// Faults between status log, versions and public-interest test.
fn standing_faults(source: &Source, agreement: &Agreement) -> Vec<Fault> {
    let mut faults = Vec::new();
    let file = format!("{}/events.jsonl", agreement.id);
    let text = source.text(&file).unwrap_or_default();
    let known = version_names(source, &agreement.id);
    for (index, event) in agreement.log.events().iter().enumerate() {
        if !known.contains(event.version.as_str()) {
            let excerpt = text.lines().nth(index).unwrap_or_default();
            let problem = format!("there is no version `{}`", event.version);
            let remedy = "add the version's folder, or name one that exists";
            faults.push(Fault::at_line(&file, index + 1, excerpt, problem, remedy));
        }
    }
    faults
}
