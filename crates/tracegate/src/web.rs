//! The web desk: server-rendered pages that work without JavaScript. The router is the table of
//! contents; each family of pages has its file.

mod access;
pub mod agreements;
mod batches;
mod cases;
mod casework;
mod corrections;
mod decision;
mod deferral;
mod desk;
mod emergency;
mod erasure;
mod evidence;
pub mod language;
mod oops;
mod oversight;
mod page;
mod people;
mod practice;
mod public;
mod refusals;
pub mod requests;
mod search;
mod second_review;
mod session;
mod sessions;
mod sign_in;
mod static_files;
mod statistics;
mod subject_access;
mod visitor;
mod watch;
pub mod words;
mod yours;

#[cfg(test)]
pub mod tests;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tower_http::limit::RequestBodyLimitLayer;

use crate::gate::Gate;
use crate::http::BODY_BYTES_MAX;
use crate::pipeline::batch::FILE_BYTES_MAX;

pub use access::Room;
pub use desk::Desk;

/// Every page of the desk.
pub fn router<S: Clone + Send + Sync + 'static>(gate: Arc<Gate>) -> Router<S> {
    let desk = Arc::new(Desk::new(gate));
    let public = Router::new()
        .route("/", get(public::start))
        .merge(counts())
        .route("/challenge", get(public::challenge))
        .route("/log", get(public::log))
        .route("/language/{code}", get(language::choose))
        .route("/evidence", get(evidence::show))
        .route("/evidence/back-cast", get(evidence::back_cast))
        .route("/agreements", get(agreements::list))
        .route("/agreements/{agreement}/{version}", get(agreements::show))
        .route(
            "/agreements/{agreement}/{version}/travel",
            get(agreements::travel::show),
        )
        .route(
            "/agreements/{agreement}/{version}/diff/{other}",
            get(agreements::diff::show),
        )
        .route("/static/{file}", get(static_files::show))
        .merge(doors());
    let agency = Router::new()
        .route("/requests", get(requests::list))
        .route(
            "/requests/new",
            get(requests::start::show).post(requests::start::begin),
        )
        .route(
            "/requests/drafts/{id}",
            get(requests::draft::show).post(requests::draft::discard),
        )
        .route(
            "/requests/drafts/{id}/check",
            get(requests::signature::check).post(requests::signature::finish),
        )
        .route(
            "/requests/drafts/{id}/signature",
            get(requests::signature::show).post(requests::signature::sign),
        )
        .route(
            "/requests/drafts/{id}/{section}",
            get(requests::draft::section).post(requests::draft::keep),
        )
        .route("/requests/{id}", get(requests::show))
        .route("/requests/{id}/letter", get(requests::letter))
        .route("/requests/{id}/collection", post(requests::collect))
        .route("/requests/{id}/outcome", post(requests::return_outcome))
        .route("/requests/{id}/answer", post(requests::clarify))
        .route("/requests/{id}/revision", post(requests::draft::revise))
        .route(
            "/requests/{id}/destruction",
            post(requests::confirm_destroyed),
        )
        .route("/requests/{id}/withdrawal", post(requests::withdraw));
    Router::new()
        .merge(public)
        .merge(agency)
        .merge(controller())
        .merge(own())
        .merge(practices())
        .layer(RequestBodyLimitLayer::new(BODY_BYTES_MAX))
        .merge(files())
        .fallback(oops::no_such_page)
        .layer(from_fn_with_state(Arc::clone(&desk), oops::dress))
        .with_state(desk)
}

/// Files of requests, the one thing at the desk that is long.
fn files() -> Router<Arc<Desk>> {
    Router::new()
        .route("/batches", get(batches::list).post(batches::hand_in))
        .route("/batches/{id}", get(batches::show))
        .route("/batches/{id}/counts", get(batches::counts))
        .route("/batches/{id}/answers", get(batches::lines))
        .route("/batches/{id}/errors", get(batches::lines))
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(FILE_BYTES_MAX))
}

/// The published figures.
fn counts() -> Router<Arc<Desk>> {
    Router::new()
        .route("/statistics", get(statistics::newest))
        .route("/statistics/watch", get(watch::show))
        .route("/statistics/watch.csv", get(watch::file))
        .route(
            "/statistics/watch.csv-metadata.json",
            get(watch::description),
        )
        .route("/statistics/{name}", get(statistics::one))
}

/// In and out.
fn doors() -> Router<Arc<Desk>> {
    Router::new()
        .route("/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/sign-in/start", get(sign_in::provider::start))
        .route("/sign-in/return", get(sign_in::provider::come_back))
        .route("/sign-in/unsent", get(sign_in::provider::unsent))
        .route(
            "/sign-in/enrolment",
            get(sign_in::account::enrolment).post(sign_in::account::enrol),
        )
        .route(
            "/sign-in/confirm",
            get(sign_in::account::confirmation).post(sign_in::account::confirm),
        )
        .route("/people", get(people::show))
        .route("/people/unlock", post(people::unlock))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/sessions", get(sessions::show).post(sessions::end))
        .route("/sessions/others", post(sessions::end_others))
}

/// The pages of the person asked about, and of whoever acts for them.
fn own() -> Router<Arc<Desk>> {
    Router::new()
        .route("/yours", get(yours::home).post(yours::accept))
        .route("/yours/log", get(yours::log).post(yours::read))
        .route("/yours/file", post(yours::file))
        .route("/yours/details", get(yours::details).post(yours::correct))
        .route("/yours/choices", get(yours::choices).post(yours::choose))
        .route("/yours/helpers", get(yours::helpers).post(yours::help))
}

/// The pages of a practice.
fn practices() -> Router<Arc<Desk>> {
    Router::new()
        .route("/practice", get(practice::start))
        .route(
            "/practice/registrations/new",
            get(practice::registrations::blank).post(practice::registrations::register),
        )
        .route(
            "/practice/registrations/{id}",
            get(practice::registrations::show).post(practice::registrations::change),
        )
        .route(
            "/practice/registrations/{id}/change",
            get(practice::registrations::edit),
        )
        .route(
            "/practice/refusals/new",
            get(practice::refusals::blank).post(practice::refusals::refuse),
        )
        .route(
            "/practice/refusals/{id}",
            get(practice::refusals::letter).post(practice::refusals::told),
        )
        .route(
            "/practice/approaches",
            get(practice::approaches::show).post(practice::approaches::record),
        )
        .route(
            "/practice/toolkit",
            get(practice::toolkit::show).post(practice::toolkit::assess),
        )
        .route(
            "/practice/posters/{language}",
            get(practice::toolkit::poster),
        )
        .route(
            "/practice/leaflets/{language}",
            get(practice::toolkit::leaflet),
        )
}

/// The pages of the controller's staff.
fn controller() -> Router<Arc<Desk>> {
    Router::new()
        .route("/cases", get(cases::queue::show))
        .route("/cases/counts", get(cases::queue::counts))
        .route("/cases/{id}", get(cases::show))
        .route("/cases/{id}/print", get(cases::print::show))
        .route("/cases/{id}/letter", get(cases::print::letter))
        .route("/cases/{id}/clauses", post(cases::answer_clause))
        .route("/cases/{id}/trace", post(cases::start_trace))
        .route("/cases/{id}/assignment", post(casework::assign))
        .route("/cases/{id}/question", post(casework::ask))
        .route("/cases/{id}/recall", post(casework::recall))
        .route("/cases/{id}/destruction", post(casework::confirm_destroyed))
        .route(
            "/cases/{id}/emergency",
            get(emergency::show).post(emergency::take),
        )
        .route("/deferrals", get(deferral::list))
        .route("/refusals", get(refusals::list))
        .route(
            "/cases/{id}/deferral",
            get(deferral::show).post(deferral::take),
        )
        .route(
            "/cases/{id}/candidates",
            get(cases::candidates).post(cases::protected_candidates),
        )
        .route(
            "/cases/{id}/decision",
            get(decision::show).post(decision::take),
        )
        .route(
            "/cases/{id}/second-review",
            get(second_review::show).post(second_review::take),
        )
        .route(
            "/subject-access",
            get(subject_access::show).post(subject_access::read),
        )
        .route("/oversight", get(oversight::show).post(oversight::take))
        .route("/erasure", get(erasure::list).post(erasure::take))
        .route("/subject-access/bundle", post(subject_access::bundle))
        .route(
            "/subject-access/shown-again",
            post(subject_access::show_again),
        )
        .route("/corrections", get(corrections::list))
        .route(
            "/corrections/{id}",
            get(corrections::show).post(corrections::answer),
        )
        .merge(rules())
}

/// What the staff do with an agreement itself.
fn rules() -> Router<Arc<Desk>> {
    Router::new()
        .route(
            "/agreements/{agreement}/{version}/replay",
            get(agreements::replay::show),
        )
        .route(
            "/agreements/{agreement}/{version}/narrowing",
            get(agreements::narrowing::show).post(agreements::narrowing::take),
        )
        .route(
            "/agreements/{agreement}/{version}/interest",
            get(agreements::interest::show).post(agreements::interest::take),
        )
        .route(
            "/agreements/{agreement}/{version}/suspension",
            get(agreements::suspension::show).post(agreements::suspension::take),
        )
        .route(
            "/agreements/{agreement}/{version}/reopening",
            get(agreements::reopening::show).post(agreements::reopening::take),
        )
}
