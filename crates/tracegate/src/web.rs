//! The web desk: server-rendered pages that work without JavaScript.

use std::sync::Arc;

use axum::Router;

use crate::gate::Gate;

/// Every page of the desk.
pub fn router() -> Router<Arc<Gate>> {
    Router::new()
}
