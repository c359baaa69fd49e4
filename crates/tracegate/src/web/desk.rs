//! What the desk keeps in memory besides the gate.

use std::sync::{Arc, OnceLock};

use agreement::BackcastLine;

use super::session::Sessions;
use super::sign_in::{Trips, Unsent};
use crate::gate::Gate;
use crate::oidc::Provider;

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
            back_cast: OnceLock::new(),
        }
    }
}
