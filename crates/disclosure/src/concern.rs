//! Whom an entry is about, and what it tells them: the words of the log of who asked.
//!
//! Nothing here names anybody else: not a member of staff, not another candidate. Whoever was only
//! compared is not told which agency asked, because it was not about them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::case::State;
use crate::event::Facts;
use crate::{Actor, Case, EventKind, Field};

/// The people a case has come to be about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Concerned {
    /// The one certain person, once a trace has found one.
    pub found: Option<String>,
    /// Everybody on record as compared, in order.
    pub compared: Vec<String>,
}

/// An entry's part for one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concern {
    /// Reference into the person index.
    pub person: String,
    /// Whether what the entry is about rests on this person, so that both are erased together.
    pub is_subject: bool,
    /// What the entry tells the person.
    pub facts: Facts,
}

/// When the people whom an entry is about are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Telling {
    /// With the entry.
    #[default]
    Now,
    /// When the deferral ends.
    Later,
    /// This entry ends the deferral: everybody is told of all that was kept from them.
    AtLast,
}

impl Case {
    /// The people the case has come to be about. A case from before this was kept has its trace.
    pub fn concerned(&self) -> Concerned {
        let mut concerned = self.concerned.clone();
        if concerned.compared.is_empty() {
            concerned.add(&self.state);
        }
        concerned
    }

    /// When the deferral ends unless it is renewed, while there is one.
    pub fn deferred_until(&self) -> Option<Timestamp> {
        let deferral = self.deferral.as_ref();
        let open = deferral.filter(|deferral| deferral.is_open());
        open.map(|deferral| deferral.until)
    }

    /// When the people are told of an entry made now.
    pub(crate) fn telling(&self) -> Telling {
        match self.deferred_until() {
            Some(_) => Telling::Later,
            None => Telling::Now,
        }
    }
}

/// Most people of one case. Traces of a case that is held and taken up again may compare others;
/// two traces keep 100 on record.
const COMPARED_MAX: usize = 120;

impl Concerned {
    /// Adds whom the trace of a state compared and found.
    pub(crate) fn add(&mut self, state: &State) {
        let Some(traced) = state.traced() else {
            return;
        };
        let candidates = traced.trace.candidates.iter();
        for candidate in candidates {
            let new = !self.compared.contains(&candidate.person_ref);
            if new && self.compared.len() < COMPARED_MAX {
                self.compared.push(candidate.person_ref.clone());
            }
        }
        if let Some(found) = traced.trace.single() {
            self.found = Some(found.person_ref.clone());
        }
    }
}

/// Something that happened to a case, as far as the people it is about are told.
pub(crate) struct Happening<'a> {
    /// The case before.
    pub(crate) before: &'a Case,
    /// The case after.
    pub(crate) after: &'a Case,
    pub(crate) kind: EventKind,
    pub(crate) by: &'a Actor,
    pub(crate) now: Timestamp,
    /// Short, coded note.
    pub(crate) note: &'a str,
}

impl Happening<'_> {
    /// What each person is told.
    pub(crate) fn concerns(&self) -> Vec<Concern> {
        let concerned = self.after.concerned();
        let mut concerns = Vec::new();
        if let Some(person) = &concerned.found {
            concerns.push(Concern {
                person: person.clone(),
                is_subject: true,
                facts: self.to_subject(person),
            });
        }
        let others = self.looked_at(&concerned).into_iter();
        let others = others.filter(|person| Some(person) != concerned.found.as_ref());
        concerns.extend(others.map(|person| Concern {
            facts: self.to_compared(&person),
            person,
            is_subject: false,
        }));
        concerns
    }

    /// Every candidate, where they were looked at: by a trace, or by whoever opened the case.
    fn looked_at(&self, concerned: &Concerned) -> Vec<String> {
        if self.kind == EventKind::DeferralEnded {
            return concerned.compared.clone();
        }
        let when = |case: &Case| case.state.traced().map(|traced| traced.trace.at);
        let fresh = when(self.after) != when(self.before);
        let mut seen = Concerned::default();
        if fresh || self.kind == EventKind::CaseViewed {
            seen.add(&self.after.state);
        }
        seen.compared
    }

    fn to_compared(&self, person: &str) -> Facts {
        let mut told = Facts::new();
        let mut tell = |name: &str, value: &str| told.insert(name.to_owned(), value.to_owned());
        tell("person", person);
        tell("part", "compared");
        tell("at", &self.now.to_string());
        tell("by", self.by.role.code());
        told
    }

    fn to_subject(&self, person: &str) -> Facts {
        let mut told = self.to_compared(person);
        let mut tell = |name: &str, value: &str| told.insert(name.to_owned(), value.to_owned());
        let request = &self.after.request;
        tell("part", "asked_about");
        tell("case", &self.after.id);
        tell(
            "receiver",
            crate::arrows::coded(&request.requester.organization),
        );
        tell("purpose", crate::arrows::coded(&request.purpose));
        if let Some(agreement) = &self.after.agreement {
            tell("agreement", &agreement.name);
        }
        if let State::NoResult(ended) = &self.after.state {
            tell("code", ended.code.code());
        }
        match self.kind {
            EventKind::Released | EventKind::EmergencyReleased => {
                let released = self.after.state.disclosed();
                let fields = released.map(|disclosed| disclosed.release.fields_released());
                let fields = fields.unwrap_or_default().into_iter().map(Field::code);
                tell("fields", &fields.collect::<Vec<_>>().join(" "));
                let basis = released.map(|disclosed| disclosed.drafted.draft.gateway.as_str());
                tell(
                    "basis",
                    crate::arrows::coded_gateway(basis.unwrap_or_default()),
                );
            }
            EventKind::Recalled | EventKind::Refused => {
                tell("reason", self.note);
            }
            _ => {}
        }
        told
    }
}
