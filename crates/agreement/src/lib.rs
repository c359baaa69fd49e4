//! Agreements as code: load, validate, judge, explain, compare.
//!
//! An agreement is a folder: numbered prose that people sign (`clauses.md`), the same conditions as
//! Cedar policies that a gate enforces (`clauses.cedar`, `release.cedar`), the terms around them
//! (`version.toml`), worked examples (`cases.jsonl`) and a status log (`events.jsonl`). This crate
//! reads that folder, refuses it with file, line and remedy when anything is wrong, and answers two
//! questions as plain values: *which agreement applies now* ([`Library::find`]) and *what does it
//! say about this request, clause by clause* ([`judge`]).
//!
//! This crate must never know who the person is, SQL or HTTP.

mod backcast;
mod blank;
mod cases;
mod check;
mod clause;
mod facts;
mod fault;
mod interest;
mod judge;
mod library;
mod lint;
mod load;
mod narrowing;
mod overlay;
mod policy;
mod prove;
mod publication;
mod replay;
mod source;
mod status;
mod terms;

pub use backcast::{Assumption, Backcast, BackcastLine, Basis, Part, Volume};
pub use blank::new_agreement;
pub use cases::{Case, CaseFailure, run_cases};
pub use check::check;
pub use clause::{Clause, ClauseKind};
pub use facts::{Attribute, AttributeKind, Conviction, Facts, VOCABULARY, schema_text};
pub use fault::Fault;
pub use interest::{Evidence, ITEMS, InterestTest, Problem};
pub use judge::{ClauseFinding, ClauseResult, Engine, Judgement, Outcome, judge};
pub use library::{Agreement, Held, Library, Refused, Resolution, Version, VersionId};
pub use narrowing::TakenAway;
pub use policy::release_text;
pub use prove::{
    Certificate, ClauseChange, Comparison, FieldAccess, FieldChange, ProveError, Relation,
    Requirement, TermChange, Verdict, VersionRef, Witness, compare, verify_certificate, who,
};
pub use publication::WIDENING_NOTICE;
pub use replay::{
    Answer, Changed, Counts, Flow, History, Recorded, Replay, ReplayError, Replayed, Report, Tally,
};
pub use source::Source;
pub use status::{Event, EventKind, Mode, Status, StatusLog};
pub use terms::{
    Authority, Budgets, Conditions, DEFERRAL_DAYS_MAX, DEFERRAL_GROUNDS, Dates, DeferralTerms,
    Handling, Interest, LimbABasis, Marker, MatchRule, Offence, Parties, Terms,
};

/// Fields of a person record that some shipped agreement can release, as other crates spell them.
pub const FIELDS: [&str; 8] = [
    "name",
    "previous_names",
    "birth_date",
    "gender",
    "last_known_address",
    "registration_date",
    "area_code",
    "gp_practice",
];

/// The service of passing a letter on. It is asked for like a field but discloses nothing.
pub const FORWARD_MESSAGE: &str = "forward_message";

/// Anything on health, care or treatment. It is an action so that every version can be shown never
/// to permit it.
pub const CLINICAL: &str = "clinical";

/// Fields that no agreement releases unless it names them, after [`CLINICAL`].
pub const NEVER_FIELDS: [&str; 14] = [
    CLINICAL,
    "nhs_number",
    "phone",
    "email",
    "emergency_contact",
    "related_persons",
    "pharmacy",
    "past_or_temporary_address",
    "birthplace",
    "death_data",
    "reason_for_leaving",
    "immigration_or_charging_status",
    "care_of_address",
    "pseudo_postcode",
];
