//! `/api/v1/statistics`: the published counts. Public.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use crate::gate::Gate;
use crate::http::Problem;
use crate::reader::{self, StatisticsView};

/// `GET /statistics`: one row for each agreement and agency, and the total.
pub async fn show(State(gate): State<Arc<Gate>>) -> Result<Json<StatisticsView>, Problem> {
    Ok(Json(reader::statistics(&gate).await?))
}
