//! One attempt over HTTP.

use std::io;
use std::time::Duration;

use jiff::SignedDuration;
use thiserror::Error;
use ureq::http::Response;
use ureq::{Agent, Body, unversioned::transport::DefaultConnector};

use super::addresses::PublicAlone;

/// Longest wait for one answer: the standard proposes 15 to 30 seconds.
const ANSWER_WAIT: Duration = Duration::from_secs(15);
/// Longest answer read: that of a challenge.
const ANSWER_BYTES_MAX: u64 = 4096;
/// Longest pause that an endpoint may ask for: the longest that a message makes by itself.
const RETRY_AFTER_SECONDS_MAX: i64 = 24 * 60 * 60;

/// Why an attempt failed, as a code.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// The name leads to an address inside.
    #[error("address_refused")]
    Address,
    /// Nobody answered in time, or not in HTTP.
    #[error("unreachable")]
    Unreachable,
    /// The endpoint did not send the challenge back.
    #[error("challenge_failed")]
    Challenge,
    /// No address is known any more of whoever was to be told by e-mail.
    #[error("nobody")]
    Nobody,
    /// The server for e-mails refused.
    #[error("smtp_{status}")]
    Smtp {
        /// Its reply code (RFC 5321, section 4.2).
        status: u16,
    },
    /// Another answer than a success; redirects are not followed.
    #[error("http_{status}")]
    Http {
        /// The answer's status.
        status: u16,
        /// Seconds for which the endpoint wants to be left alone (`Retry-After`).
        retry_after: Option<i64>,
    },
}

impl Fault {
    /// For how long the endpoint wants to be left alone.
    pub fn wait(&self) -> SignedDuration {
        match self {
            Fault::Http { retry_after, .. } => SignedDuration::from_secs(retry_after.unwrap_or(0)),
            _ => SignedDuration::ZERO,
        }
    }

    /// Whether trying again is in vain: the endpoint wants no more of this message (410), or there is no such mailbox
    /// (RFC 5321, section 4.2.3). That the service may not sign in is mended by its operator, and tried again.
    pub fn is_final(&self) -> bool {
        match self {
            Fault::Nobody | Fault::Http { status: 410, .. } => true,
            Fault::Smtp { status } => matches!(status, 550 | 551 | 553),
            _ => false,
        }
    }
}

/// What sends to agencies' machines: to public addresses alone, without any proxy, and never elsewhere.
pub struct Sender(Agent);

impl Sender {
    /// A demonstration may send to the machine that it runs on, and without TLS.
    pub fn new(demonstration: bool) -> Sender {
        let config = Agent::config_builder()
            .timeout_global(Some(ANSWER_WAIT))
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .https_only(!demonstration)
            .user_agent(concat!("tracegate/", env!("CARGO_PKG_VERSION")))
            .build();
        let resolver = PublicAlone {
            or_here: demonstration,
        };
        Sender(Agent::with_parts(
            config,
            DefaultConnector::default(),
            resolver,
        ))
    }

    /// Sends JSON; the answer of a success.
    pub fn post(
        &self,
        address: &str,
        headers: &[(&str, String)],
        body: &str,
    ) -> Result<Vec<u8>, Fault> {
        let request = self
            .0
            .post(address)
            .header("content-type", "application/json");
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, value)
        });
        let mut answer = request.send(body).map_err(|error| fault(&error))?;
        let status = answer.status();
        if !status.is_success() {
            let status = status.as_u16();
            let retry_after = retry_after(&answer);
            return Err(Fault::Http {
                status,
                retry_after,
            });
        }
        let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX);
        // A success is one, whatever comes after it.
        Ok(body.read_to_vec().unwrap_or_default())
    }
}

/// Seconds of `Retry-After` (RFC 9110, section 10.2.3), at most a day; a date is not read, the pauses grow anyhow.
fn retry_after(answer: &Response<Body>) -> Option<i64> {
    let wait = answer.headers().get("retry-after")?.to_str().ok()?;
    let seconds: u32 = wait.trim().parse().ok()?;
    Some(i64::from(seconds).min(RETRY_AFTER_SECONDS_MAX))
}

fn fault(error: &ureq::Error) -> Fault {
    match error {
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => Fault::Address,
        _ => Fault::Unreachable,
    }
}
