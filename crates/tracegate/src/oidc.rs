//! Signing in through an OpenID Connect provider: code flow with PKCE (RFC 7636), state and nonce.
//!
//! The provider is asked when somebody signs in, and what it publishes of itself is kept for an hour.

pub mod person;
pub mod token;

#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::fs;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use ureq::Agent;

use crate::settings::SignIn;
use token::{Claims, Expected, Fault, Jwk};

/// Longest wait for one answer of the provider.
const ANSWER_WAIT: Duration = Duration::from_secs(10);
/// Longest answer: a document of keys is a few kilobytes.
const ANSWER_BYTES_MAX: u64 = 256 * 1024;
/// How long what the provider publishes is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(1);
/// Shortest time between two looks for a key that was not there.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(30);

/// Why signing in through the provider did not work. For the operator; names nobody.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    #[error("cannot read the client secret `{path}`: {why}; correct `client_secret_file`")]
    Secret { path: String, why: String },
    #[error("the provider does not answer at `{address}`: {why}")]
    Unreachable { address: String, why: String },
    #[error("the provider answers {status} at `{address}`")]
    Status { address: String, status: u16 },
    #[error("the provider's answer at `{address}` cannot be read: {why}")]
    Unreadable { address: String, why: String },
    #[error("`{found}` is the provider's issuer, not `{issuer}`; correct `issuer` in the settings")]
    Issuer { found: String, issuer: String },
    #[error("the provider's ID token is not taken: {0}")]
    Token(#[from] Fault),
    #[error("asking the provider was broken off")]
    BrokenOff,
}

/// A question to the provider: who is it?
#[derive(Clone, Debug)]
pub struct Question {
    /// Comes back with the answer.
    pub state: String,
    /// Stands in the ID token.
    pub nonce: String,
    /// Proves at the end that the answer has come to whoever asked.
    pub verifier: String,
    /// Whether the person must prove anew who they are.
    pub anew: bool,
    pub asked_at: Timestamp,
}

/// The provider, and what it publishes of itself.
pub struct Provider {
    settings: SignIn,
    agent: Agent,
    known: Mutex<Option<Arc<Known>>>,
}

/// What the provider publishes of itself (OpenID Connect Discovery 1.0).
struct Known {
    authorization_endpoint: String,
    token_endpoint: String,
    keys: Vec<Jwk>,
    read_at: Timestamp,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct Keys {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

impl Provider {
    /// The provider of these settings; whether it is there shows with the first question.
    pub fn new(settings: SignIn) -> Provider {
        let config = Agent::config_builder()
            .timeout_global(Some(ANSWER_WAIT))
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("tracegate/", env!("CARGO_PKG_VERSION")))
            .build();
        Provider {
            settings,
            agent: config.into(),
            known: Mutex::new(None),
        }
    }

    pub fn settings(&self) -> &SignIn {
        &self.settings
    }

    /// Where to send the browser with a question.
    pub fn address(&self, question: &Question) -> Result<String, ProviderError> {
        let known = self.known(question.asked_at, KEPT)?;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&question.verifier));
        let mut fields = vec![
            ("response_type", "code"),
            ("client_id", &self.settings.client_id),
            ("scope", &self.settings.scope),
            ("state", &question.state),
            ("nonce", &question.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        if question.anew {
            fields.extend([("prompt", "login"), ("max_age", "0")]);
        }
        let back = self.settings.return_address();
        fields.push(("redirect_uri", &back));
        let endpoint = &known.authorization_endpoint;
        let join = if endpoint.contains('?') { '&' } else { '?' };
        Ok(format!("{endpoint}{join}{}", form(&fields)))
    }

    /// Exchanges the code of an answer for what the provider says of the person.
    pub fn answer(
        &self,
        question: &Question,
        code: &str,
        now: Timestamp,
    ) -> Result<Claims, ProviderError> {
        let known = self.known(now, KEPT)?;
        let token = self.exchange(&known, question, code)?;
        let expected = Expected {
            issuer: &self.settings.issuer,
            client_id: &self.settings.client_id,
            nonce: &question.nonce,
            now,
            since: question.anew.then_some(question.asked_at),
        };
        match token::verify(&token, &known.keys, &expected) {
            // The provider may have changed its keys since.
            Err(Fault::UnknownKey) => {
                let known = self.known(now, LOOK_AGAIN)?;
                Ok(token::verify(&token, &known.keys, &expected)?)
            }
            claims => Ok(claims?),
        }
    }

    /// Reads what the provider publishes, to see whether it is there.
    pub fn look(&self, now: Timestamp) -> Result<(), ProviderError> {
        self.secret()?;
        self.known(now, SignedDuration::ZERO).map(drop)
    }

    fn exchange(
        &self,
        known: &Known,
        question: &Question,
        code: &str,
    ) -> Result<String, ProviderError> {
        let back = self.settings.return_address();
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &back),
            ("code_verifier", &question.verifier),
        ];
        // RFC 6749, section 2.3.1: both parts are encoded as in a form.
        let secret = self.secret()?;
        let pair = [quote(&self.settings.client_id), quote(&secret)].join(":");
        let address = &known.token_endpoint;
        let request = self.agent.post(address);
        let request = request.header("authorization", format!("Basic {}", STANDARD.encode(pair)));
        let tokens: Tokens = read(address, request.send_form(fields))?;
        Ok(tokens.id_token)
    }

    fn secret(&self) -> Result<String, ProviderError> {
        let path = &self.settings.client_secret_file;
        let text = fs::read_to_string(path).map_err(|error| ProviderError::Secret {
            path: path.display().to_string(),
            why: error.to_string(),
        })?;
        Ok(text.trim().to_owned())
    }

    /// What the provider publishes, read again when it is older than `kept`.
    fn known(&self, now: Timestamp, kept: SignedDuration) -> Result<Arc<Known>, ProviderError> {
        let held = self.held().clone();
        let is_new = |known: &Arc<Known>| now.duration_since(known.read_at) < kept;
        if let Some(known) = held.filter(is_new) {
            return Ok(known);
        }
        let known = Arc::new(self.discover(now)?);
        *self.held() = Some(Arc::clone(&known));
        Ok(known)
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Option<Arc<Known>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn discover(&self, now: Timestamp) -> Result<Known, ProviderError> {
        let issuer = &self.settings.issuer;
        let base = issuer.trim_end_matches('/');
        let address = format!("{base}/.well-known/openid-configuration");
        let found: Discovery = read(&address, self.agent.get(&address).call())?;
        if found.issuer != *issuer {
            return Err(ProviderError::Issuer {
                found: found.issuer,
                issuer: issuer.clone(),
            });
        }
        let keys: Keys = read(&found.jwks_uri, self.agent.get(&found.jwks_uri).call())?;
        // A key of a kind that is not known here is none that is looked for.
        let keys = keys.keys.into_iter();
        let keys = keys.filter_map(|key| serde_json::from_value(key).ok());
        Ok(Known {
            authorization_endpoint: found.authorization_endpoint,
            token_endpoint: found.token_endpoint,
            keys: keys.collect(),
            read_at: now,
        })
    }
}

fn read<T: for<'de> Deserialize<'de>>(
    address: &str,
    answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<T, ProviderError> {
    let mut answer = answer.map_err(|error| ProviderError::Unreachable {
        address: address.to_owned(),
        why: error.to_string(),
    })?;
    let status = answer.status().as_u16();
    if status != 200 {
        let address = address.to_owned();
        return Err(ProviderError::Status { address, status });
    }
    let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX);
    let unreadable = |why: String| ProviderError::Unreadable {
        address: address.to_owned(),
        why,
    };
    let bytes = body.read_to_vec();
    let bytes = bytes.map_err(|error| unreadable(error.to_string()))?;
    // Where it stops being readable, and nothing of what stands there.
    serde_json::from_slice(&bytes).map_err(|error| unreadable(format!("line {}", error.line())))
}

/// `application/x-www-form-urlencoded`.
fn form(fields: &[(&str, &str)]) -> String {
    let pairs = fields.iter();
    let pairs = pairs.map(|(name, value)| format!("{name}={}", quote(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                quoted.push(char::from(byte));
            }
            _ => {
                write!(quoted, "%{byte:02X}").ok();
            }
        }
    }
    quoted
}
