//! What the desk keeps in memory besides the gate.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use agreement::BackcastLine;
use disclosure::Actor;

use super::session::Sessions;
use super::sign_in::{Trips, Unsent};
use crate::gate::Gate;
use crate::oidc::Provider;

/// Most own views kept; beyond it all but the newest are dropped and must be written again.
const VIEWS_MAX: usize = 10_000;

/// The gate, and who visits.
pub struct Desk {
    pub gate: Arc<Gate>,
    pub sessions: Sessions,
    /// Who knows the people; nobody in a demonstration.
    pub provider: Option<Arc<Provider>>,
    /// Who is on the way to the provider and back.
    pub trips: Trips,
    /// What waits until its writer has proven who they are.
    pub unsent: Unsent,
    pub own_views: OwnViews,
    /// Published volumes under other versions: neither ever changes, and judging takes a moment.
    pub back_cast: OnceLock<Vec<BackcastLine>>,
}

impl Desk {
    /// A desk with nobody at it.
    pub fn new(gate: Arc<Gate>) -> Desk {
        let provider = gate.settings.sign_in.clone().map(Provider::new);
        Desk {
            sessions: Sessions::new(Arc::clone(&gate)),
            provider: provider.map(Arc::new),
            trips: Trips::default(),
            unsent: Unsent::default(),
            gate,
            own_views: OwnViews::default(),
            back_cast: OnceLock::new(),
        }
    }
}

/// Person, case and the case's version.
type ViewKey = (String, String, u64);

/// What a second person wrote before the draft was shown. The first text stands: it cannot be
/// written again once the draft has been seen.
#[derive(Debug, Default)]
pub struct OwnViews(Mutex<HashMap<ViewKey, String>>);

impl OwnViews {
    /// Keeps a view unless there is one already.
    pub fn keep(&self, by: &Actor, case: &str, version: u64, view: String) {
        let mut views = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if views.len() >= VIEWS_MAX {
            views.clear();
        }
        views.entry(view_key(by, case, version)).or_insert(view);
    }

    /// The view this person has written on this version of the case.
    pub fn find(&self, by: &Actor, case: &str, version: u64) -> Option<String> {
        let views = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        views.get(&view_key(by, case, version)).cloned()
    }
}

fn view_key(by: &Actor, case: &str, version: u64) -> ViewKey {
    (by.id.clone(), case.to_owned(), version)
}
