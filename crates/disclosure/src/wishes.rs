//! What a person has asked of the gate about themselves: an objection, the protection of their record,
//! corrections, who may act for them, and that nothing is shown online.
//!
//! One document for each person, kept whole by [`crate::Change::Wishes`]. It takes effect the moment it
//! is written: whoever composes a release asks for it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Actor;

/// Everything one person has asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wishes {
    /// Random reference.
    pub id: String,
    /// Counts the changes, from 1; 0 before the first.
    pub version: u64,
    /// Reference into the person index.
    pub person: String,
    /// Their own view of being asked about, for whoever decides.
    pub objection: Option<Objection>,
    /// Since when nothing that tells where they are may leave.
    pub protected_since: Option<Timestamp>,
    /// Since when nothing is shown online, to them or to whoever has their account.
    pub hidden_since: Option<Timestamp>,
    /// Oldest first.
    pub corrections: Vec<Correction>,
    /// Oldest first.
    pub delegations: Vec<Delegation>,
    /// A code that lets whoever has it act for them, until somebody uses it.
    pub invitation: Option<Invitation>,
}

/// A view in the person's own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objection {
    /// What they wrote.
    pub text: String,
    /// When.
    pub at: Timestamp,
}

/// Something the person says is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// Which item.
    pub item: Item,
    /// What is right, as they say; empty where the record is only to be protected no longer.
    pub says: String,
    /// What the index held then.
    pub held: String,
    /// Identity of whoever asked.
    pub asked_by: String,
    /// When.
    pub at: Timestamp,
    /// What became of it.
    pub answer: Option<Answer>,
}

/// What the staff said to a correction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Whether it is right; the source of the index is then told.
    pub agreed: bool,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// What can be corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Item {
    Name,
    BirthDate,
    Gender,
    Address,
    GpPractice,
    /// The record is to be protected no longer.
    EndProtection,
}

/// Somebody who may act for the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegation {
    /// Identity of the representative.
    pub identity: String,
    /// Their name, as they signed in.
    pub name: String,
    /// Since when.
    pub since: Timestamp,
    /// Until when, once it has ended.
    pub ended_at: Option<Timestamp>,
}

/// A code that has been handed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Hex SHA-256 of the code; the code itself is never kept.
    pub hash: String,
    /// Until when it works.
    pub until: Timestamp,
}

impl Item {
    /// Every item.
    pub const ALL: [Item; 6] = [
        Item::Name,
        Item::BirthDate,
        Item::Gender,
        Item::Address,
        Item::GpPractice,
        Item::EndProtection,
    ];

    /// The text form.
    pub fn code(self) -> &'static str {
        match self {
            Item::Name => "name",
            Item::BirthDate => "birth_date",
            Item::Gender => "gender",
            Item::Address => "address",
            Item::GpPractice => "gp_practice",
            Item::EndProtection => "end_protection",
        }
    }

    /// The item with this text form, if there is one.
    pub fn from_code(code: &str) -> Option<Item> {
        Item::ALL.into_iter().find(|item| item.code() == code)
    }
}

impl Wishes {
    /// Nothing asked yet.
    pub fn of(person: &str, id: String) -> Wishes {
        Wishes {
            id,
            version: 0,
            person: person.to_owned(),
            objection: None,
            protected_since: None,
            hidden_since: None,
            corrections: Vec::new(),
            delegations: Vec::new(),
            invitation: None,
        }
    }

    /// Whether this address is one that the person has called wrong, and nobody has found right. That
    /// the correction was agreed to changes nothing until the index holds another address: an old one
    /// never becomes releasable by it (I6).
    pub fn disputes_address(&self, held: &str) -> bool {
        self.corrections.iter().any(|correction| {
            let declined = correction
                .answer
                .as_ref()
                .is_some_and(|answer| !answer.agreed);
            correction.item == Item::Address && correction.held == held && !declined
        })
    }

    /// Corrections that nobody has answered, with their places.
    pub fn waiting(&self) -> impl Iterator<Item = (usize, &Correction)> {
        let all = self.corrections.iter().enumerate();
        all.filter(|(_, correction)| correction.answer.is_none())
    }

    /// Those who may act for the person now.
    pub fn representatives(&self) -> impl Iterator<Item = &Delegation> {
        let all = self.delegations.iter();
        all.filter(|delegation| delegation.ended_at.is_none())
    }

    /// Whether somebody may act for the person now.
    pub fn lets_act(&self, by: &Actor) -> bool {
        self.representatives().any(|one| one.identity == by.id)
    }
}
