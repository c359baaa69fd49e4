//! Publication: what must be there before a version may bind anybody, and how status is entered.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::library::{Agreement, Library, Version, VersionId};
use crate::overlay::proved;
use crate::prove::{Comparison, ProveError, Verdict, compare};
use crate::status::{Event, EventKind, Status, StatusLog, start_of};
use crate::terms::Marker;

/// How long the public must know of a widening before it takes effect.
pub const WIDENING_NOTICE: SignedDuration = SignedDuration::from_hours(24);

/// Something that is missing: what, and what cures it.
type Demand = (bool, &'static str, &'static str);

impl Version {
    /// SHA-256 of every file that the content hash covers, in lower-case hex, by name.
    pub fn file_hashes(&self) -> BTreeMap<String, String> {
        let hash = |bytes: &Vec<u8>| hex::encode(Sha256::digest(bytes));
        let files = self.files.iter();
        files
            .map(|(name, bytes)| (name.clone(), hash(bytes)))
            .collect()
    }
}

impl Library {
    /// Withholds every version that is not among those on record as published, by name and content
    /// hash: it counts as a draft and is never judged with.
    pub fn withhold_unpublished(&mut self, published: &BTreeSet<(String, String)>) {
        let missing = self.versions().filter(|version| {
            !published.contains(&(version.id.to_string(), version.content_hash.clone()))
        });
        self.withheld = missing.map(|version| version.id.clone()).collect();
    }

    /// Versions that would bind now if their publication were on record.
    pub fn withheld_in_force(&self, at: Timestamp) -> Vec<&VersionId> {
        let binds = |id: &&VersionId| {
            let agreement = self.agreements.get(&id.agreement);
            let status = agreement.map(|found| found.log.status_at(&id.version, at));
            matches!(status, Some(Status::InForce | Status::Narrowed))
        };
        self.withheld.iter().filter(binds).collect()
    }

    /// Why a version cannot be published at an instant; each with its remedy.
    ///
    /// A text kept for the record, or a sample, may be taken up at any time; one that binds must be
    /// published before it takes effect, and a day before where it permits more than what is in force.
    pub fn publication_problems(&self, id: &VersionId, at: Timestamp) -> Vec<String> {
        let found = self.agreements.get(&id.agreement);
        let Some((agreement, version)) = found.zip(self.version(id)) else {
            return vec![format!("there is no version `{id}`")];
        };
        let effective = start_of(version.terms.dates.effective).unwrap_or(Timestamp::MAX);
        let mut demands = match version.terms.marker {
            Marker::Historical | Marker::Modelled => Vec::new(),
            Marker::Sample | Marker::Binding => agreement.demands(version, effective),
            Marker::Template => {
                let remedy = "fill it in and mark it `binding`";
                vec![(false, "anything filled in: it is a template", remedy)]
            }
        };
        if version.terms.marker == Marker::Binding {
            let remedy = "move `effective` in version.toml";
            demands.push((at <= effective, "being early: it has taken effect", remedy));
            if at + WIDENING_NOTICE > effective && !self.narrows(version, at) {
                let missing = "a day's notice, although it permits more than what is in force";
                demands.push((false, missing, remedy));
            }
        }
        let missing = demands.into_iter().filter(|(met, ..)| !met);
        missing
            .map(|(_, what, remedy)| format!("`{id}` would be published without {what}; {remedy}"))
            .collect()
    }

    /// Whether a version permits nothing that the versions of its agreement in force refuse. What
    /// cannot be decided counts as no; so does a first version, which permits where nothing did.
    fn narrows(&self, version: &Version, at: Timestamp) -> bool {
        let siblings = self.versions().filter(|other| {
            other.id.agreement == version.id.agreement
                && matches!(
                    self.status_at(&other.id, at),
                    Status::InForce | Status::Narrowed
                )
        });
        let bind = siblings.filter_map(|other| self.version_at(&other.id, at));
        let verdict = |other| compare(other, version).map(|found| found.verdict);
        let narrow = |found: Result<Verdict, ProveError>| {
            matches!(found, Ok(Verdict::Equal | Verdict::Narrows))
        };
        bind.map(verdict).any(narrow)
    }

    /// The line for `events.jsonl` that says that a binding version was agreed, or that it takes
    /// effect; `None` for a text kept for the record or a sample, whose log is shipped with it, and
    /// where the log says so already.
    ///
    /// # Errors
    /// As [`Library::record`].
    pub fn enter(
        &mut self,
        id: &VersionId,
        kind: EventKind,
        at: Timestamp,
        authority: &str,
    ) -> Result<Option<String>, String> {
        let version = self.version(id);
        let version = version.ok_or_else(|| format!("there is no version `{id}`"))?;
        let log = self.agreements.get(&id.agreement).map(|found| &found.log);
        let mut events = log.into_iter().flat_map(StatusLog::events);
        let entered = events.any(|event| event.version == id.version && event.event == kind);
        if entered || version.terms.marker != Marker::Binding {
            return Ok(None);
        }
        let (effective, reason) = match kind {
            EventKind::InForce => (start_of(version.terms.dates.effective), "takes effect"),
            _ => (Some(at), "signed"),
        };
        let event = Event {
            version: id.version.clone(),
            event: kind,
            recorded: at,
            effective: effective.unwrap_or(at),
            announced: None,
            published: Some(at),
            precision: None,
            mode: None,
            open_cases: None,
            overlay: None,
            authority: authority.to_owned(),
            source: version.terms.public_address.clone(),
            reason: reason.to_owned(),
            prev: String::new(),
        };
        let (line, _) = self.record(&id.agreement, event)?;
        Ok(Some(line))
    }

    /// Whether these bytes of `events.jsonl` are the status log that was read: somebody may have
    /// entered something since.
    pub fn has_read(&self, agreement: &str, events: &str) -> bool {
        let found = self.agreements.get(agreement);
        found.is_some_and(|agreement| agreement.log.ends_with(events.lines().next_back()))
    }

    /// Enters a status event, such as a suspension, with effect from its own time on. Returns the
    /// line to append to the agreement's `events.jsonl`, and of an overlay the proof that it only
    /// narrows.
    ///
    /// # Errors
    /// Why the event cannot be entered: unknown agreement or version, a step that the version's
    /// state does not allow, a version that lacks what must be there before it takes effect, or an
    /// overlay that does not narrow.
    pub fn record(
        &mut self,
        agreement: &str,
        event: Event,
    ) -> Result<(String, Option<Comparison>), String> {
        let id = VersionId {
            agreement: agreement.to_owned(),
            version: event.version.clone(),
        };
        let base = self.version_at(&id, event.effective).cloned();
        let found = self.agreements.get_mut(agreement);
        let found = found.ok_or_else(|| format!("there is no agreement `{agreement}`"))?;
        let base = base.ok_or_else(|| format!("there is no version `{id}`"))?;
        if event.event == EventKind::InForce
            && let Some((problem, remedy)) = found.publication_problems(&event).first()
        {
            return Err(format!("{problem}; {remedy}"));
        }
        if event.event != EventKind::Narrowed {
            return Ok((found.log.append(event)?, None));
        }
        let (narrowed, proof) = proved(&found.schema, &base, &event)?;
        let effective = event.effective;
        let line = found.log.append(event)?;
        let overlaid = found.overlaid.entry(id.version).or_default();
        overlaid.push((effective, narrowed));
        Ok((line, Some(proof)))
    }
}

impl Agreement {
    /// What a version lacks that must be there before it takes effect. A historical text is kept as
    /// it was, faults included.
    pub(crate) fn publication_problems(&self, event: &Event) -> Vec<(String, &'static str)> {
        let Some(version) = self.versions.get(&event.version) else {
            return Vec::new();
        };
        if version.terms.marker == Marker::Historical {
            return Vec::new();
        }
        let mut demands = self.demands(version, event.effective);
        let published = event.published;
        demands.push((
            published.is_some_and(|published| published <= event.effective),
            "publication before it takes effect",
            "publish first, then let it take effect",
        ));
        let id = &event.version;
        let missing = demands.into_iter().filter(|(met, ..)| !met);
        missing
            .map(|(_, what, remedy)| {
                (
                    format!("version `{id}` takes effect without {what}"),
                    remedy,
                )
            })
            .collect()
    }

    fn demands(&self, version: &Version, effective: Timestamp) -> Vec<Demand> {
        let terms = &version.terms;
        let interest = self.tests().find(|interest| {
            interest.id == terms.interest.pit
                && interest.version == terms.interest.version
                && interest.valid_at(effective)
        });
        vec![
            (
                !terms.consultation_refs.is_empty(),
                "a consultation",
                "fill `consultation_refs`",
            ),
            (
                terms.ethics_ref.is_some(),
                "ethics advice",
                "fill `ethics_ref`",
            ),
            (
                !terms.public_address.is_empty(),
                "a public address",
                "fill `public_address`",
            ),
            (
                interest.is_some(),
                "a valid public-interest test",
                "renew pit.toml and name it in version.toml",
            ),
        ]
    }
}
