//! Who may go where: one row for every path of the desk and of the interface. What has no row is
//! closed to everybody, so a new path is nobody's until it is written down here.

use axum::http::Method;
use disclosure::{Actor, Role};

use crate::web::Room;

/// Who may go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Whoever comes.
    Everybody,
    /// Whoever has signed in, or sends a token.
    Known,
    /// The roles that a room admits.
    Room(Room),
}

use Door::{Everybody, Known};

const ASKS: Door = Door::Room(Room::Requests);
const CASES: Door = Door::Room(Room::Cases);
const STAFF: Door = Door::Room(Room::Staff);
const CASEWORK: Door = Door::Room(Room::Casework);
const SECOND: Door = Door::Room(Room::SecondReview);
const SUSPENSION: Door = Door::Room(Room::Suspension);
const OVERSIGHT: Door = Door::Room(Room::Oversight);
const SUBJECT_ACCESS: Door = Door::Room(Room::SubjectAccess);
const PORTAL: Door = Door::Room(Room::Portal);
const OWN: Door = Door::Room(Room::Own);
const PRACTICE: Door = Door::Room(Room::Practice);
const SESSIONS: Door = Door::Room(Room::Sessions);
const PEOPLE: Door = Door::Room(Room::People);

/// Method, path as the router knows it, door.
pub type Row = (&'static str, &'static str, Door);

/// The desk.
pub const DESK: &[Row] = &[
    ("GET", "/", Everybody),
    ("GET", "/statistics", Everybody),
    ("GET", "/statistics/{name}", Everybody),
    ("GET", "/statistics/watch", Everybody),
    ("GET", "/statistics/watch.csv", Everybody),
    ("GET", "/statistics/watch.csv-metadata.json", Everybody),
    ("GET", "/challenge", Everybody),
    ("GET", "/log", Everybody),
    ("GET", "/language/{code}", Everybody),
    ("GET", "/evidence", Everybody),
    ("GET", "/evidence/back-cast", Everybody),
    ("GET", "/agreements", Everybody),
    ("GET", "/agreements/{agreement}/{version}", Everybody),
    ("GET", "/agreements/{agreement}/{version}/travel", Everybody),
    (
        "GET",
        "/agreements/{agreement}/{version}/diff/{other}",
        Everybody,
    ),
    ("GET", "/static/{file}", Everybody),
    ("GET", "/sign-in", Everybody),
    ("POST", "/sign-in", Everybody),
    ("GET", "/sign-in/start", Everybody),
    ("GET", "/sign-in/return", Everybody),
    ("GET", "/sign-in/unsent", Known),
    ("GET", "/sign-in/enrolment", Everybody),
    ("POST", "/sign-in/enrolment", Everybody),
    ("GET", "/sign-in/confirm", Known),
    ("POST", "/sign-in/confirm", Known),
    ("POST", "/sign-out", Everybody),
    ("GET", "/sessions", Known),
    ("POST", "/sessions", Known),
    ("POST", "/sessions/others", SESSIONS),
    ("GET", "/people", PEOPLE),
    ("POST", "/people/unlock", SESSIONS),
    ("GET", "/requests", ASKS),
    ("GET", "/requests/new", ASKS),
    ("POST", "/requests/new", ASKS),
    ("GET", "/requests/drafts/{id}", ASKS),
    ("POST", "/requests/drafts/{id}", ASKS),
    ("GET", "/requests/drafts/{id}/check", ASKS),
    ("POST", "/requests/drafts/{id}/check", ASKS),
    ("GET", "/requests/drafts/{id}/signature", ASKS),
    ("POST", "/requests/drafts/{id}/signature", ASKS),
    ("GET", "/requests/drafts/{id}/{section}", ASKS),
    ("POST", "/requests/drafts/{id}/{section}", ASKS),
    ("GET", "/requests/{id}", ASKS),
    ("GET", "/requests/{id}/letter", ASKS),
    ("POST", "/requests/{id}/collection", ASKS),
    ("POST", "/requests/{id}/outcome", ASKS),
    ("POST", "/requests/{id}/answer", ASKS),
    ("POST", "/requests/{id}/revision", ASKS),
    ("POST", "/requests/{id}/destruction", ASKS),
    ("POST", "/requests/{id}/withdrawal", ASKS),
    ("GET", "/batches", ASKS),
    ("POST", "/batches", ASKS),
    ("GET", "/batches/{id}", ASKS),
    ("GET", "/batches/{id}/counts", ASKS),
    ("GET", "/batches/{id}/answers", ASKS),
    ("GET", "/batches/{id}/errors", ASKS),
    ("GET", "/cases", CASES),
    ("GET", "/cases/counts", CASES),
    ("GET", "/cases/{id}", CASES),
    ("GET", "/cases/{id}/print", CASES),
    ("GET", "/cases/{id}/letter", CASES),
    ("POST", "/cases/{id}/assignment", STAFF),
    ("POST", "/cases/{id}/clauses", CASEWORK),
    ("POST", "/cases/{id}/trace", CASEWORK),
    ("POST", "/cases/{id}/question", CASEWORK),
    ("POST", "/cases/{id}/recall", STAFF),
    ("POST", "/cases/{id}/destruction", STAFF),
    ("GET", "/cases/{id}/emergency", STAFF),
    ("POST", "/cases/{id}/emergency", STAFF),
    ("GET", "/deferrals", CASES),
    ("GET", "/refusals", CASES),
    ("GET", "/cases/{id}/deferral", CASES),
    ("POST", "/cases/{id}/deferral", STAFF),
    ("GET", "/cases/{id}/candidates", CASES),
    ("POST", "/cases/{id}/candidates", CASES),
    ("GET", "/cases/{id}/decision", CASEWORK),
    ("POST", "/cases/{id}/decision", CASEWORK),
    ("GET", "/cases/{id}/second-review", SECOND),
    ("POST", "/cases/{id}/second-review", SECOND),
    ("GET", "/subject-access", SUBJECT_ACCESS),
    ("POST", "/subject-access", SUBJECT_ACCESS),
    ("POST", "/subject-access/bundle", SUBJECT_ACCESS),
    ("POST", "/subject-access/shown-again", SUBJECT_ACCESS),
    ("GET", "/yours", OWN),
    ("POST", "/yours", OWN),
    ("GET", "/yours/log", OWN),
    ("POST", "/yours/log", OWN),
    ("POST", "/yours/file", OWN),
    ("GET", "/yours/details", OWN),
    ("POST", "/yours/details", OWN),
    ("GET", "/yours/choices", OWN),
    ("POST", "/yours/choices", OWN),
    ("GET", "/yours/helpers", OWN),
    ("POST", "/yours/helpers", OWN),
    ("GET", "/corrections", STAFF),
    ("GET", "/corrections/{id}", STAFF),
    ("POST", "/corrections/{id}", STAFF),
    ("GET", "/practice", PRACTICE),
    ("GET", "/practice/registrations/new", PRACTICE),
    ("POST", "/practice/registrations/new", PRACTICE),
    ("GET", "/practice/registrations/{id}", PRACTICE),
    ("POST", "/practice/registrations/{id}", PRACTICE),
    ("GET", "/practice/registrations/{id}/change", PRACTICE),
    ("GET", "/practice/refusals/new", PRACTICE),
    ("POST", "/practice/refusals/new", PRACTICE),
    ("GET", "/practice/refusals/{id}", PRACTICE),
    ("POST", "/practice/refusals/{id}", PRACTICE),
    ("GET", "/practice/approaches", PRACTICE),
    ("POST", "/practice/approaches", PRACTICE),
    ("GET", "/practice/toolkit", PRACTICE),
    ("POST", "/practice/toolkit", PRACTICE),
    ("GET", "/practice/posters/{language}", PRACTICE),
    ("GET", "/practice/leaflets/{language}", PRACTICE),
    ("GET", "/oversight", OVERSIGHT),
    ("POST", "/oversight", OVERSIGHT),
    ("GET", "/erasure", STAFF),
    ("POST", "/erasure", STAFF),
    ("GET", "/agreements/{agreement}/{version}/replay", OVERSIGHT),
    (
        "GET",
        "/agreements/{agreement}/{version}/narrowing",
        SUSPENSION,
    ),
    (
        "POST",
        "/agreements/{agreement}/{version}/narrowing",
        SUSPENSION,
    ),
    (
        "GET",
        "/agreements/{agreement}/{version}/interest",
        SUSPENSION,
    ),
    (
        "POST",
        "/agreements/{agreement}/{version}/interest",
        SUSPENSION,
    ),
    (
        "GET",
        "/agreements/{agreement}/{version}/suspension",
        SUSPENSION,
    ),
    (
        "POST",
        "/agreements/{agreement}/{version}/suspension",
        SUSPENSION,
    ),
    (
        "GET",
        "/agreements/{agreement}/{version}/reopening",
        SUSPENSION,
    ),
    (
        "POST",
        "/agreements/{agreement}/{version}/reopening",
        SUSPENSION,
    ),
];

/// The interface, below its prefix.
pub const INTERFACE: &[Row] = &[
    ("GET", "/statistics", Everybody),
    ("GET", "/openapi.json", Everybody),
    ("POST", "/requests", ASKS),
    ("GET", "/requests", ASKS),
    ("POST", "/ts103120", ASKS),
    ("POST", "/requests/drafts", ASKS),
    ("GET", "/requests/drafts", ASKS),
    ("GET", "/requests/drafts/{id}", ASKS),
    ("POST", "/requests/drafts/{id}/signature", ASKS),
    ("POST", "/batches", ASKS),
    ("GET", "/batches", ASKS),
    ("GET", "/batches/{id}", ASKS),
    ("GET", "/batches/{id}/answers", ASKS),
    ("GET", "/batches/{id}/errors", ASKS),
    ("GET", "/webhooks", ASKS),
    ("POST", "/webhooks/{id}/replay", ASKS),
    ("GET", "/requests/{id}", ASKS),
    ("POST", "/requests/{id}/withdrawal", ASKS),
    ("POST", "/requests/{id}/collection", ASKS),
    ("POST", "/requests/{id}/package", ASKS),
    ("GET", "/requests/{id}/receipt", ASKS),
    ("GET", "/requests/{id}/recall", ASKS),
    ("POST", "/requests/{id}/outcome", ASKS),
    ("POST", "/requests/{id}/answer", ASKS),
    ("POST", "/requests/{id}/destruction", ASKS),
    ("GET", "/cases", CASES),
    ("GET", "/cases/{id}", CASES),
    ("POST", "/cases/{id}/clauses/{clause}", CASEWORK),
    ("POST", "/cases/{id}/trace", CASEWORK),
    ("POST", "/cases/{id}/draft", CASEWORK),
    ("POST", "/cases/{id}/no-result", CASEWORK),
    ("POST", "/cases/{id}/own-view", SECOND),
    ("POST", "/cases/{id}/second-review", SECOND),
    ("POST", "/cases/{id}/question", CASEWORK),
    ("POST", "/cases/{id}/recall", STAFF),
    ("POST", "/cases/{id}/destruction", STAFF),
    ("POST", "/cases/{id}/emergency", CASEWORK),
    ("POST", "/cases/{id}/emergency/release", SECOND),
    ("POST", "/cases/{id}/emergency/review", SECOND),
    ("GET", "/agreements/{agreement}/{version}", Everybody),
    (
        "POST",
        "/agreements/{agreement}/{version}/suspension",
        SUSPENSION,
    ),
    (
        "POST",
        "/agreements/{agreement}/{version}/reopening",
        SUSPENSION,
    ),
    (
        "POST",
        "/agreements/{agreement}/{version}/reopening/confirmation",
        SUSPENSION,
    ),
    ("GET", "/tracker/findUsage", PORTAL),
    ("GET", "/tracker/usagePeriod", PORTAL),
    ("GET", "/tracker/heartbeat", PORTAL),
];

/// What a case system reads as FHIR, below its prefix.
pub const FHIR: &[Row] = &[
    ("GET", "/metadata", Everybody),
    ("GET", "/Task", ASKS),
    ("GET", "/Task/{id}", ASKS),
    ("GET", "/Provenance/{id}", ASKS),
    ("GET", "/AuditEvent", OVERSIGHT),
    ("POST", "/Patient/$match", CASEWORK),
    ("GET", "/Consent/{id}", STAFF),
];

/// The door of a path; `None` where nobody may go.
pub fn find(rows: &[Row], method: &Method, path: &str) -> Option<Door> {
    // Whoever may see a page may ask how long it is.
    let method = match method.as_str() {
        "HEAD" => "GET",
        method => method,
    };
    let row = rows.iter().find(|(of, at, _)| (*of, *at) == (method, path));
    if row.is_none() {
        tracing::warn!(method, path, "no row of `doors.rs` lets anybody through");
    }
    row.map(|(_, _, door)| *door)
}

impl Door {
    /// Whether somebody may go through.
    pub fn admits(self, by: Option<&Actor>) -> bool {
        match (self, by) {
            (Everybody, _) | (Known, Some(_)) => true,
            (Door::Room(room), Some(by)) => room.admits(by.role) && by.role != Role::Gate,
            (Known | Door::Room(_), None) => false,
        }
    }
}
