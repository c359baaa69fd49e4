//! The HTTP edge. The router is the table of contents.

mod api;
mod auth;
mod calls;
pub mod certificate;
mod delivery;
mod fhir;
mod guard;
mod health;
mod log_files;
mod metrics;
mod oauth;
mod problem;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;

use crate::gate::Gate;
use crate::pipeline::batch::FILE_BYTES_MAX;
use crate::pipeline::publish::Ahead;
use crate::{folders, web, webhooks, worker};

use calls::Calls;

pub use delivery::under_lease;
pub use problem::Problem;

/// Where the interface begins.
const INTERFACE: &str = "/api/v1";
/// Where FHIR begins.
const FHIR: &str = "/fhir/R4";

/// What a page may load and where it may send: nothing but this service, and no script or style inside
/// a page.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Largest request body: the longest form is 12 texts of 2,000 characters of 4 bytes, doubled.
pub const BODY_BYTES_MAX: usize = 200_000;

/// Longest time one answer may take.
const ANSWER_SECONDS_MAX: u64 = 30;

/// Every path of the service.
pub fn router(gate: Arc<Gate>) -> Router {
    let calls = Calls::new(Arc::clone(&gate));
    let files = of_files()
        .route_layer(from_fn_with_state(Arc::clone(&calls), calls::once))
        .route_layer(from_fn_with_state(Arc::clone(&gate), guard::pass))
        .method_not_allowed_fallback(calls::method_not_allowed)
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(FILE_BYTES_MAX));
    let api = Router::new()
        .merge(of_agencies())
        .merge(of_the_controller())
        .merge(of_agreements())
        .merge(of_the_portal())
        .route("/statistics", get(api::statistics::show))
        .route("/openapi.json", get(api::description::show))
        .route_layer(from_fn_with_state(Arc::clone(&calls), calls::once))
        .route_layer(from_fn_with_state(Arc::clone(&gate), guard::pass))
        .fallback(api::not_found)
        .method_not_allowed_fallback(calls::method_not_allowed)
        .layer(RequestBodyLimitLayer::new(BODY_BYTES_MAX))
        .merge(files)
        .layer(from_fn(calls::answer));
    let fhir = fhir::router()
        .route_layer(from_fn_with_state(calls, calls::once))
        .route_layer(from_fn_with_state(Arc::clone(&gate), guard::pass))
        .layer(map_response(fhir::in_fhir));
    let token = post(oauth::token).layer(RequestBodyLimitLayer::new(BODY_BYTES_MAX));
    let public = Router::new()
        .route("/oauth/token", token)
        .route("/health", get(health::show))
        .route("/metrics", get(metrics::show))
        .route("/log/checkpoint", get(log_files::checkpoint))
        .route("/log/log.vkey", get(log_files::keys))
        .route("/log/tile/{*path}", get(log_files::tile));
    Router::new()
        .nest(INTERFACE, api)
        .nest(FHIR, fhir)
        .merge(public)
        .merge(web::router(Arc::clone(&gate)))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            Duration::from_secs(ANSWER_SECONDS_MAX),
        ))
        .layer(CatchPanicLayer::new())
        .layer(fixed(header::CONTENT_SECURITY_POLICY, CONTENT_POLICY))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::X_FRAME_OPTIONS, "DENY"))
        .layer(fixed(header::REFERRER_POLICY, "no-referrer"))
        .layer(fixed(header::CACHE_CONTROL, "no-store"))
        // Over plain HTTP, as on a developer's machine, browsers take no notice of it.
        .layer(fixed(
            header::STRICT_TRANSPORT_SECURITY,
            "max-age=63072000; includeSubDomains",
        ))
        .layer(fixed(
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ))
        .layer(fixed(
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=()",
        ))
        .with_state(gate)
}

/// What an agency calls.
fn of_agencies() -> Router<Arc<Gate>> {
    Router::new()
        .route(
            "/requests",
            post(api::requests::submit).get(api::requests::list),
        )
        .route(
            "/requests/drafts",
            post(api::drafts::begin).get(api::drafts::list),
        )
        .route("/requests/drafts/{id}", get(api::drafts::show))
        .route("/requests/drafts/{id}/signature", post(api::drafts::sign))
        .route("/ts103120", post(api::ts103120::receive))
        .route("/requests/{id}", get(api::requests::show))
        .route("/requests/{id}/withdrawal", post(api::requests::withdraw))
        .route("/requests/{id}/collection", post(api::requests::collect))
        .route("/webhooks", get(api::webhooks::list))
        .route("/webhooks/{id}/replay", post(api::webhooks::replay))
        .route("/requests/{id}/package", post(api::packages::collect))
        .route("/requests/{id}/receipt", get(api::packages::receipt))
        .route("/requests/{id}/recall", get(api::packages::recall))
        .route(
            "/requests/{id}/outcome",
            post(api::requests::return_outcome),
        )
        .route("/requests/{id}/answer", post(api::requests::clarify))
        .route(
            "/requests/{id}/destruction",
            post(api::requests::confirm_destroyed),
        )
}

/// What the controller's staff call.
fn of_the_controller() -> Router<Arc<Gate>> {
    Router::new()
        .route("/cases", get(api::cases::list))
        .route("/cases/{id}", get(api::cases::show))
        .route(
            "/cases/{id}/clauses/{clause}",
            post(api::cases::answer_clause),
        )
        .route("/cases/{id}/trace", post(api::cases::trace))
        .route("/cases/{id}/draft", post(api::cases::draft))
        .route(
            "/cases/{id}/no-result",
            post(api::cases::end_without_result),
        )
        .route("/cases/{id}/own-view", post(api::cases::write_own_view))
        .route("/cases/{id}/second-review", post(api::cases::second_review))
        .route("/cases/{id}/question", post(api::cases::ask))
        .route("/cases/{id}/recall", post(api::cases::recall))
        .route(
            "/cases/{id}/destruction",
            post(api::cases::confirm_destroyed),
        )
        .route("/cases/{id}/emergency", post(api::cases::declare_emergency))
        .route(
            "/cases/{id}/emergency/release",
            post(api::cases::release_in_emergency),
        )
        .route(
            "/cases/{id}/emergency/review",
            post(api::cases::review_emergency),
        )
}

/// What a portal asks in which people see who asked about them: Estonia's data tracker, version 2
/// (github.com/e-gov/AJ, dumonitor-openapi-v2).
fn of_the_portal() -> Router<Arc<Gate>> {
    Router::new()
        .route("/tracker/findUsage", get(api::usage::find))
        .route("/tracker/usagePeriod", get(api::usage::period))
        .route("/tracker/heartbeat", get(api::usage::heartbeat))
}

/// What is longer than a request: files of them.
fn of_files() -> Router<Arc<Gate>> {
    Router::new()
        .route(
            "/batches",
            post(api::batches::hand_in).get(api::batches::list),
        )
        .route("/batches/{id}", get(api::batches::show))
        .route("/batches/{id}/answers", get(api::batches::lines))
        .route("/batches/{id}/errors", get(api::batches::lines))
}

/// The standing of agreements.
fn of_agreements() -> Router<Arc<Gate>> {
    Router::new()
        .route(
            "/agreements/{agreement}/{version}",
            get(api::agreements::show),
        )
        .route(
            "/agreements/{agreement}/{version}/suspension",
            post(api::agreements::suspend),
        )
        .route(
            "/agreements/{agreement}/{version}/reopening",
            post(api::agreements::propose_reopening),
        )
        .route(
            "/agreements/{agreement}/{version}/reopening/confirmation",
            post(api::agreements::reopen),
        )
}

/// Sets a header that no handler has set.
fn fixed(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// Serves until told to stop, with the worker and the publisher beside.
pub async fn serve(gate: Arc<Gate>, listener: TcpListener) -> anyhow::Result<()> {
    let (stop, stopped) = watch::channel(false);
    let worker = {
        let (gate, stopped) = (Arc::clone(&gate), stopped.clone());
        tokio::spawn(async move { worker::run(&gate, stopped).await })
    };
    let teller = {
        let (gate, stopped) = (Arc::clone(&gate), stopped.clone());
        tokio::spawn(async move { webhooks::run(&gate, stopped).await })
    };
    let publisher = {
        let (gate, stopped) = (Arc::clone(&gate), stopped);
        tokio::spawn(async move { publish_at_ticks(&gate, stopped).await })
    };
    let watcher = {
        let (gate, stopped) = (Arc::clone(&gate), stop.subscribe());
        tokio::spawn(async move { folders::run(&gate, stopped).await })
    };
    let service = router(gate).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service)
        .with_graceful_shutdown(interrupted())
        .await
        .context("serving")?;
    stop.send(true).ok();
    worker.await?;
    teller.await?;
    publisher.await?;
    watcher.await?;
    Ok(())
}

async fn publish_at_ticks(gate: &Gate, mut stop: watch::Receiver<bool>) {
    let mut tick = tokio::time::interval(Duration::from_secs(gate.settings.log.tick_seconds));
    let (mut ahead, mut written) = (Ahead::default(), gate.store.written());
    loop {
        tokio::select! {
            biased;
            _ = stop.changed() => return,
            _ = tick.tick() => {}
            Ok(()) = written.changed() => {
                if ahead.read_on(gate).await {
                    written.mark_changed();
                }
                continue;
            }
        }
        if let Err(error) = ahead.publish(gate).await {
            tracing::error!(%error, "the log was not published; nothing is released until it is");
        }
    }
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
