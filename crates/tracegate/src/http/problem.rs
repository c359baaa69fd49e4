//! Problems as RFC 9457 describes them, built in this one file. Never personal data.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use disclosure::{ArrowError, Role};
use serde::Serialize;
use store::StoreError;

use crate::machines::Refusal;
use crate::pipeline::StepError;

/// A problem for a program to read.
#[derive(Clone, Debug, Serialize)]
pub struct Problem {
    /// Stable name of the kind of problem, relative to the service.
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
    /// The reference of the case it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    /// Seconds after which the same call may succeed.
    #[serde(skip)]
    retry_after: Option<u64>,
    /// Why a machine is refused, for the record.
    #[serde(skip)]
    refusal: Option<Refusal>,
}

impl Problem {
    /// A problem of this kind.
    pub fn new(
        status: StatusCode,
        kind: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Problem {
        Problem {
            kind,
            title,
            status: status.as_u16(),
            detail: detail.into(),
            instance: None,
            // What is not ready yet is so in seconds: ticks and publications are that far apart.
            retry_after: (status == StatusCode::SERVICE_UNAVAILABLE).then_some(2),
            refusal: None,
        }
    }

    /// The problem that a response tells of; one that a layer below made gets its form here.
    pub fn of(response: Response) -> Problem {
        let status = response.status();
        let (parts, _) = response.into_parts();
        if let Some(problem) = parts.extensions.get::<Problem>() {
            return problem.clone();
        }
        let (kind, title, detail) = match status {
            StatusCode::PAYLOAD_TOO_LARGE => (
                "/problems/too-long",
                "the request is too long",
                "send one request about one person",
            ),
            StatusCode::SERVICE_UNAVAILABLE => (
                "/problems/busy",
                "no answer in time",
                "nothing is known to have changed; send it again with the same `X-Request-ID`",
            ),
            status if status.is_server_error() => (
                "/problems/internal",
                "the gate failed",
                "send it again with the same `X-Request-ID`, or ask the operator",
            ),
            _ => (
                "/problems/unreadable",
                "the request cannot be read",
                "the API description at `/api/v1/openapi.json` says what can be sent",
            ),
        };
        Problem::new(status, kind, title, detail)
    }

    /// Says which case it is about, where the caller is known to be one of its parties: whatever is
    /// answered before that looks to the byte as for a case that does not exist.
    pub fn about(self, case: Option<String>) -> Problem {
        let known = matches!(
            self.status(),
            StatusCode::CONFLICT | StatusCode::GONE | StatusCode::SERVICE_UNAVAILABLE
        );
        Problem {
            instance: case.filter(|_| known),
            ..self
        }
    }

    /// A client is known, and what it says of its officer is not to be believed.
    pub fn refused(refusal: Refusal) -> Problem {
        let problem = Problem::new(
            StatusCode::FORBIDDEN,
            "/problems/officer",
            "this is no call of an officer known here",
            refusal.to_string(),
        );
        Problem {
            refusal: Some(refusal),
            ..problem
        }
    }

    /// Why a machine is refused.
    pub fn refusal(&self) -> Option<Refusal> {
        self.refusal
    }

    /// The client asks faster than its share.
    pub fn too_many(seconds: u64) -> Problem {
        let problem = Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "/problems/too-many",
            "too many calls",
            "wait as long as `Retry-After` says",
        );
        Problem {
            retry_after: Some(seconds),
            ..problem
        }
    }

    /// The request cannot be read.
    pub fn unreadable(detail: impl Into<String>) -> Problem {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Problem::new(
            status,
            "/problems/unreadable",
            "the request cannot be read",
            detail,
        )
    }

    /// Nobody has signed in, or the token is unknown.
    pub fn unauthenticated() -> Problem {
        Problem::new(
            StatusCode::UNAUTHORIZED,
            "/problems/unauthenticated",
            "who asks is not known",
            "send `Authorization: Bearer` with a token of this installation",
        )
    }

    /// The caller may not do this.
    pub fn forbidden(detail: impl Into<String>) -> Problem {
        Problem::new(
            StatusCode::FORBIDDEN,
            "/problems/forbidden",
            "not allowed",
            detail,
        )
    }

    /// The caller's role has no business here.
    pub fn closed(role: Role) -> Problem {
        let role = role.code();
        Problem::forbidden(format!(
            "the role `{role}` may not use this part of the interface"
        ))
    }

    /// There is no such thing, or it is none of the caller's business.
    pub fn not_found() -> Problem {
        Problem::new(
            StatusCode::NOT_FOUND,
            "/problems/not-found",
            "there is no such thing",
            "check the reference",
        )
    }

    /// The status code.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The kind of problem, in words.
    pub fn title(&self) -> &'static str {
        self.title
    }

    /// What to tell a person.
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

/// Something inside failed: the operator reads why, the caller what to do.
fn failed(error: &StepError, detail: String) -> Problem {
    let why = std::error::Error::source(error).map(ToString::to_string);
    tracing::error!(%error, why, "a step failed");
    match error {
        StepError::Store(StoreError::Busy) => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "/problems/busy",
            "the gate is busy",
            detail,
        ),
        StepError::Package(_) => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "/problems/package",
            "the package was not made",
            detail,
        ),
        StepError::People(_) => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "/problems/index",
            "the person index is not up to date",
            detail,
        ),
        StepError::Statistics(_) => Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "/problems/statistics",
            "the statistics failed",
            "try again, or ask the operator",
        ),
        _ => Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "/problems/store",
            "the store failed",
            "nothing was changed; try again, or ask the operator",
        ),
    }
}

impl From<StepError> for Problem {
    fn from(error: StepError) -> Problem {
        let detail = error.to_string();
        match error {
            StepError::NotFound => Problem::not_found(),
            StepError::Conflict => Problem::new(
                StatusCode::CONFLICT,
                "/problems/conflict",
                "the case has changed",
                detail,
            ),
            StepError::AgreementNotOpen => Problem::new(
                StatusCode::CONFLICT,
                "/problems/agreement-not-open",
                "the agreement is not in force",
                detail,
            ),
            StepError::NotYetPublished => Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "/problems/not-yet-published",
                "not yet in the public log",
                detail,
            ),
            StepError::NotProposed => Problem::new(
                StatusCode::CONFLICT,
                "/problems/not-proposed",
                "not proposed",
                detail,
            ),
            StepError::LogStopped => Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "/problems/log-stopped",
                "the public log is not up to date",
                detail,
            ),
            StepError::NotAllowed(_) => Problem::forbidden(detail),
            StepError::Arrow(ArrowError::AlreadyCollected) => Problem::new(
                StatusCode::GONE,
                "/problems/collected",
                "already collected",
                detail,
            ),
            StepError::Arrow(ArrowError::Role { .. } | ArrowError::SamePerson { .. }) => {
                Problem::forbidden(detail)
            }
            StepError::Arrow(_) => Problem::new(
                StatusCode::CONFLICT,
                "/problems/guard",
                "not possible now",
                detail,
            ),
            error => failed(&error, detail),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status(), Json(&self)).into_response();
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = self.retry_after {
            let seconds = HeaderValue::from(seconds.max(1));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        if self.status == StatusCode::UNAUTHORIZED.as_u16() {
            let scheme = HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, scheme);
        }
        response.extensions_mut().insert(self);
        response
    }
}
