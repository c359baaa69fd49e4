//! What the log says of the chains of people, entry by entry: everybody told, now or later, in their place.

use std::collections::HashMap;

use disclosure::EventKind;
use disclosure::event::Facts;
use ledger::leaf::{Opening, Part, Salt};
use ledger::{Link, Share};
use serde_json::Value as Json;

use super::told::{Told, ToldErasure, damaged};
use crate::StoreError;
use crate::keys::{Keys, Pseudonym};
use crate::log::Opened;

/// One person's share of an entry, as its row has it.
pub(super) struct ShareRow {
    pub(super) index: u64,
    pub(super) person: Pseudonym,
    pub(super) slot: u64,
    /// `None` once its key is destroyed.
    pub(super) opened: Option<(Salt, Share)>,
}

/// What the log says of one person.
pub(super) struct Person {
    /// What follows in their own chain; `None` where they have not been told of anything that opens.
    next: Option<Link>,
    /// The first link that opens, and whether it is that of an erasure.
    first: Option<(Link, bool)>,
    slot: u64,
}

/// Where an entry stands that a person is told of.
struct Place<'p> {
    index: u64,
    kind: EventKind,
    case: Option<&'p str>,
    /// Whether they are told later.
    is_later: bool,
}

impl Told {
    /// The personal facts of an entry, as far as they are not erased; keeps the chains of the people.
    pub(super) fn personal(
        &mut self,
        opened: &Opened,
        said: &Json,
        shares: &[ShareRow],
        keys: &Keys,
    ) -> Result<Vec<Facts>, StoreError> {
        let row = &opened.entry.row;
        let place = Place {
            index: row.index,
            kind: row.kind,
            case: row.case_id.as_deref(),
            is_later: said["facts"]["deferred"].is_string(),
        };
        if said["shares"].as_u64().unwrap_or_default() != shares.len() as u64 {
            return damaged(format!(
                "ledger entry {} has other shares than the log says",
                row.index
            ));
        }
        let Some(opening) = &opened.entry.personal else {
            // What is about no case and nobody is sealed with a key that nobody's erasure destroys.
            let about = row.case_id.is_some() || row.kind.is_about_a_person();
            if !about {
                return damaged(format!(
                    "ledger entry {} has the key of somebody whom it is not about",
                    row.index
                ));
            }
            let case = row.case_id.clone().unwrap_or_default();
            self.closed.push((row.index, case, opened.personal_slot));
            return self.shares(opened, &place, shares, keys);
        };
        if !shares.is_empty() {
            return self.shares(opened, &place, shares, keys);
        }
        if let Ok(facts) = serde_json::from_slice(&opening.bytes) {
            return Ok(vec![facts]);
        }
        let facts = self.told(&place, &opening.bytes, opened.personal_slot, None, keys)?;
        Ok(vec![facts])
    }

    fn shares(
        &mut self,
        opened: &Opened,
        place: &Place<'_>,
        shares: &[ShareRow],
        keys: &Keys,
    ) -> Result<Vec<Facts>, StoreError> {
        let mut told = Vec::with_capacity(shares.len());
        for row in shares {
            let Some((salt, share)) = &row.opened else {
                self.closed_shares.push((row.index, row.person, row.slot));
                continue;
            };
            let opens = share.personal().is_some_and(|bytes| {
                let opening = Opening { salt: *salt, bytes };
                opened.entry.leaf.opens(Part::Personal, &opening)
            });
            if !opens {
                return damaged(format!(
                    "a share of ledger entry {} is not what was committed to",
                    row.index
                ));
            }
            let bytes = &share.opening.bytes;
            told.push(self.told(place, bytes, row.slot, Some(row.person), keys)?);
        }
        Ok(told)
    }

    /// What one person is told, which must stand in its place in their chain; `known` is whose row it is.
    fn told(
        &mut self,
        place: &Place<'_>,
        bytes: &[u8],
        slot: u64,
        known: Option<Pseudonym>,
        keys: &Keys,
    ) -> Result<Facts, StoreError> {
        let linked = Link::decode(bytes).and_then(|(link, facts)| {
            let facts: Facts = serde_json::from_slice(facts).ok()?;
            let person = keys.pseudonym(facts.get("person")?);
            Some((link, facts, person))
        });
        let linked = linked.filter(|(.., person)| known.is_none_or(|known| known == *person));
        let in_place = linked.filter(|(link, _, person)| self.follows(place, *link, *person, slot));
        in_place.map(|(_, facts, _)| facts).ok_or_else(|| {
            let index = place.index;
            StoreError::damaged(format!("ledger entry {index} has no place in a chain"))
        })
    }

    /// Whether the link follows in the chain that it belongs to.
    fn follows(&mut self, place: &Place<'_>, link: Link, about: Pseudonym, slot: u64) -> bool {
        let person = self.people.entry(about);
        let person = person.or_insert(Person {
            next: None,
            first: None,
            slot,
        });
        person.slot = slot;
        let held = (place.case.unwrap_or_default().to_owned(), about);
        if place.is_later {
            let expected = self.deferred.entry(held).or_insert(Link::FIRST);
            let follows = *expected == link;
            *expected = link.next(place.index);
            return follows;
        }
        let bare = Link {
            moved: None,
            ..link
        };
        let follows = person.next.is_none_or(|next| next == bare);
        person.next = Some(bare.next(place.index));
        let begins = (bare, place.kind == EventKind::Erased);
        person.first = person.first.or(Some(begins));
        if place.kind == EventKind::Erased {
            self.deferred.retain(|(_, person), _| *person != about);
        }
        let taken_in = match link.moved {
            None => true,
            Some(moved) => self.deferred.remove(&held).is_some_and(|end| {
                (end.counter, end.previous) == (moved.entries, Some(moved.newest))
            }),
        };
        follows && taken_in
    }

    pub(super) fn agree_on_person(
        &mut self,
        person: Pseudonym,
        chain: (u64, u64),
        slot: Option<i64>,
    ) -> Result<(), StoreError> {
        self.found_people.insert(person);
        let slot = slot.map(u64::try_from).transpose();
        let slot = slot.map_err(|_| StoreError::damaged("the key of a person is negative"))?;
        if let Some(slot) = slot {
            self.use_slot(slot, || "a person".to_owned())?;
        }
        let told = self.people.remove(&person);
        let used = told.as_ref().map(|told| told.slot);
        let first = told.as_ref().and_then(|told| told.first);
        let begins = first.is_none_or(|first| self.begins(person, first));
        let agrees = match told.and_then(|told| told.next) {
            Some(next) => (next.counter, next.previous) == (chain.0, Some(chain.1)),
            // Told of nothing yet.
            None if used.is_some() && chain == (0, 0) => true,
            // Nothing about the person opens any more: the erasure says where the chain ended.
            None => {
                let last = self.erasures.iter().rev();
                let mut last = last.filter(|erasure| erasure.person == Some(person));
                let said = last.next().map(|erasure| erasure.said.as_ref());
                let ended = said.map(|said| said.is_none_or(|said| said.chain == Some(chain)));
                ended == Some(true)
            }
        };
        let agrees = agrees && slot == used && begins;
        match agrees {
            true => Ok(()),
            false => damaged("the chain of a person does not end where the log says"),
        }
    }

    /// Whether a chain may begin with this link: it is the first of all, or an erasure, or follows one
    /// from before an erasure was an entry of the chain.
    fn begins(&self, person: Pseudonym, (first, is_erasure): (Link, bool)) -> bool {
        let chain = first.previous.map(|newest| (first.counter, newest));
        let ends_there = |erasure: &ToldErasure| {
            let said = erasure.said.as_ref();
            erasure.person == Some(person) && said.is_none_or(|said| said.chain == chain)
        };
        first == Link::FIRST || is_erasure || self.erasures.iter().any(ends_there)
    }

    /// `found` are the deferred chains: entries and index of the newest.
    pub(super) fn agree_on_deferred(
        &self,
        found: &HashMap<(String, Pseudonym), (u64, u64)>,
    ) -> Result<(), StoreError> {
        let told = self.deferred.iter().map(|(key, next)| {
            let chain = next.previous.map(|newest| (next.counter, newest));
            (key, chain)
        });
        let differs = |(key, chain): (_, Option<(u64, u64)>)| found.get(key).copied() != chain;
        if found.len() == self.deferred.len() && !told.into_iter().any(differs) {
            return Ok(());
        }
        damaged("what people are told of later is not what the log knows")
    }
}
