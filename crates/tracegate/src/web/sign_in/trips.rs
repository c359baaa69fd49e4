//! What is kept in memory while somebody is at the provider: the question, and what they had written.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use disclosure::Actor;
use jiff::{SignedDuration, Timestamp};
use store::Mark;

use crate::oidc::Question;
use crate::web::visitor::Fields;

/// Longest time at the provider.
const TRIP: SignedDuration = SignedDuration::from_mins(10);
/// How long an unsent form is kept; its page says so.
const UNSENT: SignedDuration = SignedDuration::from_mins(15);
/// Most of each; beyond it the oldest is forgotten. A form has at most 200 kB.
const TRIPS_MAX: usize = 10_000;
const UNSENT_MAX: usize = 500;

/// Somebody's way to the provider and back.
#[derive(Clone, Debug)]
pub struct Trip {
    pub question: Question,
    /// The session that goes on under a new token, if its owner proves that it is them.
    pub confirms: Option<(Mark, String)>,
}

/// Everybody who is on the way, by the mark of the cookie they carry.
#[derive(Debug, Default)]
pub struct Trips(Mutex<HashMap<Mark, Trip>>);

impl Trips {
    pub fn begin(&self, mark: Mark, trip: Trip) {
        let now = trip.question.asked_at;
        let mut trips = self.table();
        trips.retain(|_, trip| now.duration_since(trip.question.asked_at) < TRIP);
        if trips.len() >= TRIPS_MAX {
            let oldest = trips.iter().min_by_key(|(_, trip)| trip.question.asked_at);
            if let Some(mark) = oldest.map(|(mark, _)| *mark) {
                trips.remove(&mark);
            }
        }
        trips.insert(mark, trip);
    }

    /// Ends a trip, so that an answer is heard once.
    pub fn end(&self, mark: &Mark, now: Timestamp) -> Option<Trip> {
        let trip = self.table().remove(mark)?;
        (now.duration_since(trip.question.asked_at) < TRIP).then_some(trip)
    }

    fn table(&self) -> MutexGuard<'_, HashMap<Mark, Trip>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A form that was not taken because its writer had to prove who they are.
#[derive(Clone, Debug)]
pub struct Form {
    pub path: String,
    pub fields: Fields,
    at: Timestamp,
}

/// The newest unsent form of each person.
#[derive(Debug, Default)]
pub struct Unsent(Mutex<HashMap<String, Form>>);

impl Unsent {
    pub fn keep(&self, by: &Actor, path: &str, fields: Fields, now: Timestamp) {
        let form = Form {
            path: path.to_owned(),
            fields,
            at: now,
        };
        let mut forms = self.table();
        forms.retain(|_, form| now.duration_since(form.at) < UNSENT);
        if forms.len() >= UNSENT_MAX {
            let oldest = forms.iter().min_by_key(|(_, form)| form.at);
            if let Some(id) = oldest.map(|(id, _)| id.clone()) {
                forms.remove(&id);
            }
        }
        forms.insert(by.id.clone(), form);
    }

    pub fn find(&self, by: &Actor, now: Timestamp) -> Option<Form> {
        let form = self.table().get(&by.id).cloned()?;
        (now.duration_since(form.at) < UNSENT).then_some(form)
    }

    pub fn forget(&self, by: &Actor) {
        self.table().remove(&by.id);
    }

    fn table(&self) -> MutexGuard<'_, HashMap<String, Form>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
