//! `/api/v1/statistics`: the published counts. Public.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use disclosure::statistics::Row;
use serde_json::{Value, json};

use crate::gate::Gate;
use crate::http::Problem;
use crate::pipeline::StepError;
use crate::publication::{self, Line, Quarter};

/// `GET /statistics`: every quarter that was published, newest first; `null` stands for `*`.
pub async fn show(State(gate): State<Arc<Gate>>) -> Result<Json<Value>, Problem> {
    let quarters = publication::quarters(&gate).map_err(StepError::from)?;
    let quarters: Result<Vec<Value>, Problem> = quarters
        .into_iter()
        .map(|quarter| one(&gate, quarter))
        .collect();
    Ok(Json(json!({ "quarters": quarters? })))
}

fn one(gate: &Gate, quarter: Quarter) -> Result<Value, Problem> {
    let found = publication::read(gate, quarter).map_err(StepError::from)?;
    let (_, table) = found.ok_or_else(Problem::not_found)?;
    let rows: Vec<Value> = table.lines.iter().map(line).collect();
    Ok(json!({
        "period": quarter.to_string(),
        "as_at": quarter.end(),
        "csv": format!("/statistics/{quarter}.csv"),
        "rows": rows,
    }))
}

fn line(line: &Line) -> Value {
    let names = ["received"]
        .into_iter()
        .chain(Row::default().columns().map(|(name, _)| name));
    let counts: serde_json::Map<String, Value> = names
        .zip(&line.counts)
        .map(|(name, count)| (name.to_owned(), json!(count)))
        .collect();
    json!({ "agreement": line.agreement, "agency": line.agency, "counts": counts })
}
