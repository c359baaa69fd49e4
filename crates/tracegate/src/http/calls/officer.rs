//! For which officer a call is made: signed by the agency, for this one call, used once for ever.

use axum::extract::MatchedPath;
use axum::http::request::Parts;
use axum::http::{HeaderName, Method};
use disclosure::Actor;

use crate::gate::Gate;
use crate::http::api::ts103120;
use crate::http::{FHIR, INTERFACE, Problem};
use crate::machines::{self, Call, Refusal};
use crate::pipeline::StepError;
use crate::settings::Client;

const IDENTITY: HeaderName = HeaderName::from_static("officer-identity");

/// The officer that a call is signed for.
#[derive(Clone)]
pub struct SignedFor {
    pub officer: Actor,
    /// Name of the agency's key.
    pub key: Option<String>,
}

/// The officer of a call. Whatever changes something needs one where the client speaks for officers; what is
/// only read is the client's own, unless it names one.
pub async fn of(
    gate: &Gate,
    client: &Client,
    parts: &Parts,
    body: &[u8],
) -> Result<Option<SignedFor>, Problem> {
    if !client.speaks_for_officers() {
        return Ok(None);
    }
    let identity = parts.headers.get(&IDENTITY);
    let Some(identity) = identity.map(|value| value.to_str().unwrap_or_default()) else {
        let changes = parts.method != Method::GET && parts.method != Method::HEAD;
        return if changes {
            Err(Problem::refused(Refusal::NoOfficer))
        } else {
            Ok(None)
        };
    };
    let now = gate.clock.now();
    let known = gate
        .settings
        .agency(&client.organization)
        .zip(gate.settings.machines.as_ref());
    let (agency, machines) = known.ok_or_else(|| Problem::refused(Refusal::Signature))?;
    let call = Call {
        method: parts.method.as_str(),
        address: format!("{}{}", machines.address, path(parts)),
        body,
    };
    let (officer, key, once) =
        machines::officer(agency, identity, &call, now).map_err(Problem::refused)?;
    let fresh = gate.store.use_once(once.mark, now, once.until).await;
    if !fresh.map_err(StepError::from)? {
        return Err(Problem::refused(Refusal::Replay));
    }
    let said = match parts.uri.path() {
        ts103120::PATH => ts103120::requester(body),
        _ => serde_json::from_slice(body).unwrap_or_default(),
    };
    if !machines::speaks_for(officer, &said) {
        return Err(Problem::refused(Refusal::OtherOfficer));
    }
    let officer = officer.actor(&client.organization);
    Ok(Some(SignedFor { officer, key }))
}

/// The path as it was called; here, inside the interface, it stands without its beginning.
fn path(parts: &Parts) -> String {
    let matched = parts.extensions.get::<MatchedPath>();
    let fhir = matched.is_some_and(|path| path.as_str().starts_with(FHIR));
    let base = if fhir { FHIR } else { INTERFACE };
    format!("{base}{}", parts.uri.path())
}
