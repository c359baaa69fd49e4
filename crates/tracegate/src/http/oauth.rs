//! `/oauth/token`: a client proves who it is and is given a token (RFC 6749, 7523, 8705).

use std::sync::Arc;

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, FromRequest as _, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use disclosure::EventKind;
use serde::Deserialize;
use serde_json::json;

use super::auth::certificate_of;
use crate::gate::Gate;
use crate::machines::{self, Refusal};
use crate::reader;
use crate::settings::Client;

const GRANT: &str = "client_credentials";
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

#[derive(Deserialize)]
struct Asked {
    grant_type: String,
    client_assertion_type: String,
    client_assertion: String,
    /// Says again who asks; believed of nobody.
    client_id: Option<String>,
}

/// `POST /oauth/token`.
pub async fn token(State(gate): State<Arc<Gate>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let certificate = certificate_of(&gate, &parts);
    let asked = Form::from_request(Request::from_parts(parts, body), &()).await;
    let asked: Result<Form<Asked>, FormRejection> = asked;
    let Ok(Form(asked)) = asked else {
        return refused(
            "invalid_request",
            "send grant_type, client_assertion_type and client_assertion",
        );
    };
    if asked.grant_type != GRANT {
        return refused(
            "unsupported_grant_type",
            "the one grant is client_credentials",
        );
    }
    if asked.client_assertion_type != ASSERTION_TYPE {
        return refused(
            "invalid_request",
            "client_assertion_type is not that of RFC 7523",
        );
    }
    give(&gate, &asked, certificate.as_deref()).await
}

async fn give(gate: &Gate, asked: &Asked, certificate: Option<&str>) -> Response {
    let (settings, now) = (&gate.settings, gate.clock.now());
    let known = settings.machines.as_ref().and_then(|machines| {
        let (client, checked) =
            machines::assertion(settings, machines, &asked.client_assertion, now)?;
        let named = asked.client_id.as_ref().is_none_or(|id| *id == client.id);
        named.then_some((machines, client, checked))
    });
    // Whoever no key proves to be a client fills no log.
    let Some((machines, client, checked)) = known else {
        return refused(
            "invalid_client",
            "no key that is entered here proves who this is",
        );
    };
    let given = match checked {
        Ok(once) => match gate.store.use_once(once.mark, now, once.until).await {
            Ok(true) => machines::issue(&gate.tokens_key, machines, client, certificate, now),
            Ok(false) => Err(Refusal::Replay),
            Err(error) => return broken(&error),
        },
        Err(refusal) => Err(refusal),
    };
    match given {
        Ok(token) => answer(
            StatusCode::OK,
            &json!({
                "access_token": token,
                "token_type": "Bearer",
                "expires_in": machines.token_seconds,
            }),
        ),
        Err(refusal) => {
            record(gate, client, refusal).await;
            refused("invalid_client", &refusal.to_string())
        }
    }
}

async fn record(gate: &Gate, client: &Client, refusal: Refusal) {
    let what = format!("interface: POST /oauth/token: {}", refusal.code());
    let noted = reader::note(gate, EventKind::AccessRefused, None, &what, &client.actor()).await;
    if let Err(error) = noted {
        tracing::error!(%error, "a refusal could not be recorded");
    }
}

fn broken(error: &store::StoreError) -> Response {
    tracing::error!(%error, "whether an assertion was used before cannot be told");
    let told = json!({ "error": "temporarily_unavailable" });
    answer(StatusCode::SERVICE_UNAVAILABLE, &told)
}

fn refused(error: &str, description: &str) -> Response {
    let status = match error {
        "invalid_client" => StatusCode::UNAUTHORIZED,
        _ => StatusCode::BAD_REQUEST,
    };
    answer(
        status,
        &json!({ "error": error, "error_description": description }),
    )
}

fn answer(status: StatusCode, told: &serde_json::Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, told.to_string()).into_response()
}
