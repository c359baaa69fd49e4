//! What the log says of the other tables, gathered entry by entry and then compared.

use std::collections::{BTreeSet, HashMap, HashSet};

use disclosure::EventKind;
use disclosure::event::Facts;
use ledger::Link;
use ledger::leaf::Hour;
use serde_json::Value as Json;

use super::chains::{Person, ShareRow};
use crate::StoreError;
use crate::commitment::{Erasure, digest, marks_of};
use crate::keys::{Keys, Pseudonym};
use crate::log::Opened;
use crate::slots::epoch_of;
use crate::wishes::Found;

/// What the log says.
#[derive(Default)]
pub(super) struct Told {
    /// By entry: hash of its key, and of the case it wrote.
    pub(super) transitions: HashMap<u64, (String, Option<String>)>,
    pub(super) cases: HashMap<String, ToldCase>,
    /// By reference of a registration: its hash as its newest entry has it.
    pub(super) registrations: HashMap<String, String>,
    /// By case: the marks it must have.
    pub(super) marks: HashMap<String, BTreeSet<String>>,
    /// By case: the erasure that says so.
    erased: HashMap<String, usize>,
    pub(super) erasures: Vec<ToldErasure>,
    /// Entries whose personal facts do not open any more, with their cases and the slots of their keys.
    pub(super) closed: Vec<(u64, String, u64)>,
    /// Hashes of every message, in order.
    messages: Vec<String>,
    /// Whether entries from before they listed their messages and marks are among them.
    has_older: bool,
    /// By name of an agreement: hash of its row.
    standings: HashMap<String, String>,
    /// By reference: hash of what a person has asked.
    wishes: HashMap<String, String>,
    pub(super) people: HashMap<Pseudonym, Person>,
    /// Chains of what people have not been told of yet, by case: the link that follows.
    pub(super) deferred: HashMap<(String, Pseudonym), Link>,
    /// Shares that do not open any more: entry, person, slot of the key.
    pub(super) closed_shares: Vec<(u64, Pseudonym, u64)>,
    /// Everybody who has a row.
    pub(super) found_people: HashSet<Pseudonym>,
    epochs: HashMap<i64, u64>,
    used: HashSet<u64>,
}

/// What the log says of one case.
pub(super) struct ToldCase {
    /// Hash of the case as its newest entry has it.
    pub(super) hash: String,
    /// `None` if the case is from before marks were listed.
    pub(super) marks: Option<BTreeSet<String>>,
    person: Option<Pseudonym>,
}

impl ToldCase {
    /// Whether this is the person found.
    pub(super) fn names(&self, person: Option<&[u8]>) -> bool {
        self.person.as_ref().map(Pseudonym::as_slice) == person
    }
}

pub(super) struct ToldErasure {
    index: u64,
    /// `None` if the entry is from before it was said.
    pub(super) said: Option<Erasure>,
    cases: Vec<String>,
    left: HashMap<String, String>,
    pub(super) person: Option<Pseudonym>,
    slots: HashSet<u64>,
}

pub(super) fn damaged<T>(what: impl Into<String>) -> Result<T, StoreError> {
    Err(StoreError::damaged(what))
}

impl Told {
    /// Takes the next entry, which opens.
    pub(super) fn take(
        &mut self,
        opened: &Opened,
        shares: &[ShareRow],
        keys: &Keys,
    ) -> Result<(), StoreError> {
        let (entry, row) = (&opened.entry, &opened.entry.row);
        let index = row.index;
        let differs =
            || StoreError::damaged(format!("ledger entry {index} differs from its own columns"));
        let opening = entry.audit.as_ref().ok_or_else(differs)?;
        let said: Json = serde_json::from_slice(&opening.bytes).map_err(|_| differs())?;
        let seconds = u64::try_from(row.at.as_second()).unwrap_or_default();
        let micros = row.at.as_microsecond();
        let agrees = said["case_id"].as_str() == row.case_id.as_deref()
            && said["at"].as_i64() == Some(micros)
            && entry.leaf.hour == Hour::from_unix_seconds(seconds);
        if !agrees || !self.is_written(index, &said) {
            return Err(differs());
        }
        if *self
            .epochs
            .entry(epoch_of(micros))
            .or_insert(opened.audit_slot)
            != opened.audit_slot
        {
            return Err(differs());
        }
        let facts = self.personal(opened, &said, shares, keys)?;
        if let Some(case) = &row.case_id {
            self.case(case, &said, &facts, keys);
        }
        if let (None, Some(hash), Some(id)) = (
            &row.case_id,
            said["body_hash"].as_str(),
            entry.fact("registration"),
        ) {
            self.registrations.insert(id, hash.to_owned());
        }
        self.messages.extend(texts(&said["messages"]));
        self.has_older |= said["key"].is_null();
        if let (Some(hash), Some(name)) = (said["standing"].as_str(), entry.fact("agreement")) {
            self.standings.insert(name, hash.to_owned());
        }
        let wishes = &said["wishes"];
        if let (Some(id), Some(hash)) = (wishes["id"].as_str(), wishes["hash"].as_str()) {
            self.wishes.insert(id.to_owned(), hash.to_owned());
        }
        if row.kind == EventKind::Erased {
            let cases = entry.fact("cases").unwrap_or_default();
            self.erasure(index, &said, &cases);
        }
        Ok(())
    }

    /// Whether the key of the entry stands in its row; entries from before keys were listed have one.
    fn is_written(&mut self, index: u64, said: &Json) -> bool {
        let Some((key, body_hash)) = self.transitions.remove(&index) else {
            return false;
        };
        let listed = said["key"].as_str();
        listed.is_none_or(|said| said == key) && body_hash.as_deref() == said["body_hash"].as_str()
    }

    fn case(&mut self, id: &str, said: &Json, told: &[Facts], keys: &Keys) {
        let Some(hash) = said["body_hash"].as_str() else {
            return;
        };
        let is_older = said["key"].is_null();
        let case = self.cases.entry(id.to_owned());
        let case = case.or_insert_with(|| ToldCase {
            hash: String::new(),
            marks: (!is_older).then(BTreeSet::new),
            person: None,
        });
        hash.clone_into(&mut case.hash);
        for facts in told {
            if let Some(marks) = &mut case.marks {
                marks.extend(marks_of(facts).map(str::to_owned));
            }
            let compared = facts.get("part").is_some_and(|part| part == "compared");
            let person = facts.get("person").filter(|_| !compared);
            case.person = person.map(|one| keys.pseudonym(one)).or(case.person);
        }
    }

    fn erasure(&mut self, index: u64, said: &Json, cases: &str) {
        let cases: Vec<String> = cases.split(' ').map(str::to_owned).collect();
        for case in &cases {
            self.erased.insert(case.clone(), self.erasures.len());
        }
        let said = Erasure::read(said);
        let slots = said.iter().flat_map(|said| said.slots.iter().copied());
        self.erasures.push(ToldErasure {
            index,
            slots: slots.collect(),
            said,
            cases,
            left: HashMap::new(),
            person: None,
        });
    }

    /// Takes what is left of an erased case.
    pub(super) fn leave(
        &mut self,
        id: &str,
        left: String,
        person: Option<Vec<u8>>,
    ) -> Result<(), StoreError> {
        let erasure = self.erased.get(id).copied();
        let Some(erasure) = erasure.and_then(|place| self.erasures.get_mut(place)) else {
            return damaged(format!(
                "case `{id}` is marked as erased and the log does not say so"
            ));
        };
        erasure.person = person.and_then(|person| person.try_into().ok());
        erasure.left.insert(id.to_owned(), left);
        Ok(())
    }

    /// Notes that a slot is in use; each is used once.
    pub(super) fn use_slot(
        &mut self,
        slot: u64,
        by: impl Fn() -> String,
    ) -> Result<(), StoreError> {
        match self.used.insert(slot) {
            true => Ok(()),
            false => damaged(format!("{} has the key of something else", by())),
        }
    }

    pub(super) fn agree_on_marks(
        &self,
        mut found: HashMap<String, Vec<String>>,
    ) -> Result<(), StoreError> {
        for (case, marks) in &self.marks {
            let found = found.remove(case).unwrap_or_default();
            if !found.iter().eq(marks) {
                return damaged(format!("case `{case}` has other marks than the log says"));
            }
        }
        match found.into_keys().min() {
            Some(case) if !self.has_older => damaged(format!(
                "case `{case}` has marks and the log does not say so"
            )),
            _ => Ok(()),
        }
    }

    /// `found` are the hashes of all messages, in order. Entries from before messages were listed are
    /// older than all others, and so are their messages.
    pub(super) fn agree_on_messages(&self, found: &[String]) -> Result<(), StoreError> {
        let older = found.len().checked_sub(self.messages.len());
        let agrees = older.is_some_and(|older| {
            (older == 0 || self.has_older) && found.iter().skip(older).eq(&self.messages)
        });
        match agrees {
            true => Ok(()),
            false => damaged("the messages are not those that the log knows"),
        }
    }

    pub(super) fn agree_on_standings(
        &self,
        found: &HashMap<String, String>,
    ) -> Result<(), StoreError> {
        let differs = |(name, hash): (&String, &String)| {
            (self.standings.get(name) != Some(hash)).then(|| name.clone())
        };
        let edited = found.iter().filter_map(differs);
        let missing = self
            .standings
            .keys()
            .filter(|name| !found.contains_key(*name));
        let first = match self.has_older {
            // Entries from before standings were listed: what is listed must agree.
            true => edited
                .filter(|name| self.standings.contains_key(name))
                .min(),
            false => edited.min(),
        };
        match first.or_else(|| missing.min().cloned()) {
            None => Ok(()),
            Some(name) => damaged(format!(
                "the standing of agreement `{name}` is not the one that the log knows"
            )),
        }
    }

    /// Takes what a person has asked, as its row has it.
    pub(super) fn agree_on_wishes(&mut self, found: &Found) -> Result<(), StoreError> {
        let id = &found.id;
        self.use_slot(found.slot, || format!("what a person has asked, `{id}`,"))?;
        match self.wishes.remove(id).as_ref() == Some(&found.hash) {
            true => Ok(()),
            false => damaged(format!(
                "what a person has asked, `{id}`, is not what the log knows"
            )),
        }
    }

    pub(super) fn agree_on_epoch(&mut self, epoch: i64, slot: u64) -> Result<(), StoreError> {
        self.use_slot(slot, || format!("epoch {epoch}"))?;
        match self.epochs.remove(&epoch) == Some(slot) {
            true => Ok(()),
            false => damaged(format!("no entry is sealed with the key of epoch {epoch}")),
        }
    }

    pub(super) fn agree_on_erased(&mut self, slot: u64, index: u64) -> Result<(), StoreError> {
        self.used.insert(slot);
        let mut erasures = self.erasures.iter_mut();
        let erasure = erasures.find(|erasure| erasure.index == index);
        let said = erasure.is_some_and(|erasure| {
            let said = erasure.slots.remove(&slot);
            said || erasure.said.is_none()
        });
        match said {
            true => Ok(()),
            false => damaged(format!(
                "key {slot} is marked as erased and entry {index} does not say so"
            )),
        }
    }

    /// `next` is the first slot that is free, `there` how many the key file has.
    pub(super) fn agree_on_slots(&self, next: u64, there: u64) -> Result<(), StoreError> {
        let last = self.used.iter().max().copied().unwrap_or_default();
        match last < next && next <= there {
            true => Ok(()),
            false => damaged("the first free key is not after the last one used"),
        }
    }

    /// Everything that the log knows has been found.
    pub(super) fn nothing_left(self) -> Result<(), StoreError> {
        let unsaid = |(index, case, slot): &&(u64, String, u64)| {
            let erasure = self.erased.get(case);
            let erasure = erasure.and_then(|place| self.erasures.get(*place));
            // A reading of the person's log is about no case, and an erasure may be erased again.
            let named = self.erasures.iter().any(|one| one.names(*index, *slot));
            !named && !erasure.is_some_and(|erasure| erasure.closes(*index, *slot))
        };
        let unsaid_share = |(index, person, slot): &&(u64, Pseudonym, u64)| {
            let erasures = self.erasures.iter();
            let mut of_person = erasures.filter(|one| one.person == Some(*person));
            !of_person.any(|one| one.names(*index, *slot))
        };
        let closed = self.closed.iter().find(unsaid).map(|(index, ..)| index);
        let share = self.closed_shares.iter().find(unsaid_share);
        if let Some(index) = closed.or(share.map(|(index, ..)| index)) {
            return damaged(format!(
                "ledger entry {index} does not open and the log does not say why"
            ));
        }
        if let Some(index) = self.transitions.into_keys().min() {
            return damaged(format!("entry {index} has a key and is not there"));
        }
        for erasure in &self.erasures {
            erasure.nothing_left()?;
        }
        let erased = self.erasures.iter().filter_map(ToldErasure::chained);
        let mut erased = erased.filter(|person| !self.found_people.contains(person));
        if erased.next().is_some() {
            return damaged("the chain of a person who was erased is missing");
        }
        if !self.people.is_empty() || !self.epochs.is_empty() {
            return damaged("a person or an epoch of the log is missing");
        }
        if let Some(id) = self.wishes.into_keys().min() {
            return damaged(format!("what a person has asked, `{id}`, is missing"));
        }
        if let Some(id) = self.registrations.into_keys().min() {
            return damaged(format!("registration `{id}` is missing"));
        }
        match self.cases.into_keys().min() {
            None => Ok(()),
            Some(id) => damaged(format!("case `{id}` is missing")),
        }
    }
}

impl ToldErasure {
    /// Whether it destroyed the key that this slot held for the entry with this index.
    fn closes(&self, index: u64, slot: u64) -> bool {
        let said = self.said.as_ref();
        index < self.index && said.is_none_or(|said| said.slots.contains(&slot))
    }

    /// As `closes`, where the entry says which keys it destroyed.
    fn names(&self, index: u64, slot: u64) -> bool {
        self.said.is_some() && self.closes(index, slot)
    }

    /// The person, if they had a chain.
    fn chained(&self) -> Option<Pseudonym> {
        self.said.as_ref()?.chain?;
        self.person
    }

    fn nothing_left(&self) -> Result<(), StoreError> {
        let Some(said) = &self.said else {
            return Ok(());
        };
        let left = self.cases.iter().map(|case| self.left.get(case));
        let left: Option<Vec<&str>> = left.map(|left| left.map(String::as_str)).collect();
        let agrees = left.is_some_and(|left| digest(left) == said.left) && self.slots.is_empty();
        match agrees {
            true => Ok(()),
            false => damaged(format!(
                "what entry {} erased is not as it was left",
                self.index
            )),
        }
    }
}

fn texts(list: &Json) -> impl Iterator<Item = String> {
    let list = list.as_array().into_iter().flatten();
    list.filter_map(|text| text.as_str().map(str::to_owned))
}
