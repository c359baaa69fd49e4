//! `/api/v1/statistics`: the published counts. Public.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::gate::Gate;
use crate::http::Problem;
use crate::pipeline::StepError;
use crate::publication::{self, Edition, Line, Quarter, correction};

/// `GET /statistics`: the newest edition of every quarter that was published, newest first; `null` stands for `*`.
pub async fn show(State(gate): State<Arc<Gate>>) -> Result<Json<Value>, Problem> {
    let quarters = publication::quarters(&gate.settings.statistics).map_err(StepError::from)?;
    let quarters: Result<Vec<Value>, Problem> = quarters
        .into_iter()
        .map(|quarter| one(&gate, quarter))
        .collect();
    Ok(Json(json!({ "quarters": quarters? })))
}

fn one(gate: &Gate, quarter: Quarter) -> Result<Value, Problem> {
    let folder = &gate.settings.statistics;
    let editions = publication::editions(folder, quarter);
    let (edition, earlier) = editions.split_last().ok_or_else(Problem::not_found)?;
    let found = publication::read(folder, *edition).map_err(StepError::from)?;
    let (_, table) = found.ok_or_else(Problem::not_found)?;
    let correction = correction::of(folder, *edition).map_err(StepError::from)?;
    let csv = |edition: &Edition| format!("/statistics/{edition}.csv");
    Ok(json!({
        "period": quarter.to_string(),
        "as_at": quarter.end(),
        "csv": csv(edition),
        "correction": correction.map(|one| json!({ "reason": one.reason, "corrected_at": one.corrected_at })),
        "earlier": earlier.iter().map(csv).collect::<Vec<_>>(),
        "rows": table.lines.iter().map(line).collect::<Vec<_>>(),
    }))
}

fn line(line: &Line) -> Value {
    let counts = line
        .named()
        .map(|(name, count)| (name.to_owned(), json!(count)));
    let counts: serde_json::Map<String, Value> = counts.collect();
    json!({ "agreement": line.agreement, "agency": line.agency, "counts": counts })
}
