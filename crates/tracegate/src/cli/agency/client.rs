//! The client of a gate's interface.

use std::cell::OnceCell;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::Response;

use super::folder::{Folder, Officer, Proof};
use crate::chance::Chance;
use crate::clock::Clock;
use crate::jose::Signer;
use crate::machines::{self, Call};
use crate::package::PACKAGE_BYTES_MAX;

/// Longest wait for one answer; the gate gives up after 30 seconds itself.
const ANSWER_WAIT: Duration = Duration::from_secs(40);

/// How long an assertion is good for, in seconds.
const ASSERTION_SECONDS: i64 = 60;

/// A gate that this agency may ask.
pub struct Client {
    agent: Agent,
    gate: String,
    base: String,
    name: String,
    proof: Proof,
    officer: Option<Officer>,
    clock: Clock,
    chance: Chance,
    /// The token that the gate has given, for the calls of this command.
    given: OnceCell<String>,
}

/// An answer.
pub struct Answer {
    /// Tag of what was told.
    pub etag: String,
    /// What was told.
    pub body: Value,
    /// Path of the next page of a list (RFC 8288).
    pub next: Option<String>,
}

impl Client {
    /// The gate of an agency's folder.
    pub fn of(folder: &Folder) -> anyhow::Result<Client> {
        let config = Agent::config_builder()
            .timeout_global(Some(ANSWER_WAIT))
            .http_status_as_error(false)
            .user_agent(concat!("tracegate-agency/", env!("CARGO_PKG_VERSION")))
            .build();
        let gate = folder.settings.gate.trim_end_matches('/').to_owned();
        Ok(Client {
            agent: config.into(),
            base: format!("{gate}/api/v1"),
            gate,
            name: folder.settings.client.clone(),
            proof: folder.proof()?,
            officer: folder.settings.officer.clone(),
            clock: Clock::system(),
            chance: Chance::system()?,
            given: OnceCell::new(),
        })
    }

    /// The same client, calling for this officer where one is known.
    pub fn calling_for(mut self, officer: Option<Officer>) -> Client {
        self.officer = officer.or(self.officer);
        self
    }

    /// Asks.
    pub fn get(&self, path: &str) -> anyhow::Result<Answer> {
        read(self.call(path)?)
    }

    /// Asks for a text.
    pub fn get_text(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        bytes(self.call(path)?)
    }

    /// Asks for a page of a text, and where the next one is.
    pub fn get_page(&self, path: &str) -> anyhow::Result<(Vec<u8>, Option<String>)> {
        let response = self.call(path)?;
        let next = next(&response);
        Ok((bytes(response)?, next))
    }

    /// Asks for every page of a list.
    pub fn every(&self, path: &str) -> anyhow::Result<Vec<Value>> {
        let mut all = Vec::new();
        let mut next = Some(path.to_owned());
        while let Some(page) = next {
            let answer = self.get(&page)?;
            let Value::Array(lines) = answer.body else {
                bail!("the gate's answer is not a list");
            };
            all.extend(lines);
            next = answer.next;
        }
        Ok(all)
    }

    /// Sends.
    pub fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> anyhow::Result<Answer> {
        read(self.send(path, headers, &Body::json(body)?)?)
    }

    /// Hands a file of requests in.
    pub fn hand_in(&self, key: &str, file: &[u8]) -> anyhow::Result<Answer> {
        let file = Body {
            kind: "text/csv",
            bytes: file.to_vec(),
        };
        read(self.send("batches", &[("x-request-id", key)], &file)?)
    }

    /// Sends, and takes bytes away.
    pub fn post_for_bytes(&self, path: &str, headers: &[(&str, &str)]) -> anyhow::Result<Vec<u8>> {
        bytes(self.send(path, headers, &Body::json(&Value::Null)?)?)
    }

    fn call(&self, path: &str) -> anyhow::Result<Response<ureq::Body>> {
        let address = format!("{}/{path}", self.base);
        let request = self
            .agent
            .get(&address)
            .header("authorization", self.bearer()?);
        request
            .call()
            .with_context(|| format!("asking `{address}`"))
    }

    fn send(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: &Body,
    ) -> anyhow::Result<Response<ureq::Body>> {
        let address = format!("{}/{path}", self.base);
        let mut request = self.agent.post(&address);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(identity) = self.identity(&address, &body.bytes)? {
            request = request.header("officer-identity", identity);
        }
        let request = request.header("authorization", self.bearer()?);
        let sent = match body.bytes.is_empty() {
            true => request.send_empty(),
            false => request
                .header("content-type", body.kind)
                .send(&body.bytes[..]),
        };
        sent.with_context(|| format!("sending to `{address}`"))
    }

    /// What the agency signs for this call of an officer.
    fn identity(&self, address: &str, body: &[u8]) -> anyhow::Result<Option<String>> {
        let Proof::Signer(signer) = &self.proof else {
            return Ok(None);
        };
        let officer = self.officer.as_ref().context(
            "`agency.toml` does not say for whom: add `officer = { id = \"...\", rank = \"...\" }`",
        )?;
        let call = Call {
            method: "POST",
            address: address.to_owned(),
            body,
        };
        let named = (&*officer.id, &*officer.rank);
        let claims = call.claims(named, &self.chance.token(), self.clock.now());
        Ok(Some(signer.sign(machines::OFFICER, &claims)))
    }

    fn bearer(&self) -> anyhow::Result<String> {
        let token = match &self.proof {
            Proof::Token(token) => token,
            Proof::Signer(signer) => match self.given.get() {
                Some(given) => given,
                None => {
                    let given = self.ask_for_token(signer)?;
                    self.given.get_or_init(|| given)
                }
            },
        };
        Ok(format!("Bearer {token}"))
    }

    /// Proves who this is, and is given a token (RFC 7523).
    fn ask_for_token(&self, signer: &Signer) -> anyhow::Result<String> {
        let now = self.clock.now().as_second();
        let claims = json!({
            "iss": self.name, "sub": self.name, "aud": self.gate,
            "iat": now, "exp": now + ASSERTION_SECONDS, "jti": self.chance.token(),
        });
        let assertion = signer.sign(machines::ASSERTION, &claims);
        let form = [
            ("grant_type", "client_credentials"),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", assertion.as_str()),
        ];
        let address = format!("{}/oauth/token", self.gate);
        let answer = self.agent.post(&address).send_form(form);
        let mut answer = answer.with_context(|| format!("asking `{address}`"))?;
        let told: Value = answer.body_mut().read_json().unwrap_or_default();
        let token = told["access_token"].as_str();
        token.map(str::to_owned).with_context(|| {
            let why = told["error_description"]
                .as_str()
                .unwrap_or("no reason told");
            format!("the gate gives no token: {why}")
        })
    }
}

/// What is sent.
struct Body {
    kind: &'static str,
    bytes: Vec<u8>,
}

impl Body {
    fn json(body: &Value) -> anyhow::Result<Body> {
        Ok(Body {
            kind: "application/json",
            bytes: match body {
                Value::Null => Vec::new(),
                body => serde_json::to_vec(body)?,
            },
        })
    }
}

fn header<'r>(response: &'r Response<ureq::Body>, name: &str) -> Option<&'r str> {
    response.headers().get(name)?.to_str().ok()
}

/// Path of the next page.
fn next(response: &Response<ureq::Body>) -> Option<String> {
    let link = header(response, "link")?.strip_prefix("</api/v1/")?;
    link.strip_suffix(">; rel=\"next\"").map(str::to_owned)
}

fn read(response: Response<ureq::Body>) -> anyhow::Result<Answer> {
    let etag = header(&response, "etag").unwrap_or_default().to_owned();
    let next = next(&response);
    let body = bytes(response)?;
    Ok(Answer {
        etag,
        next,
        body: serde_json::from_slice(&body).context("the gate's answer cannot be read")?,
    })
}

/// The body; a problem is told in its own words.
fn bytes(mut response: Response<ureq::Body>) -> anyhow::Result<Vec<u8>> {
    let status = response.status();
    let body = response.body_mut().with_config().limit(PACKAGE_BYTES_MAX);
    let body = body.read_to_vec().context("the gate's answer broke off")?;
    if status.is_success() {
        return Ok(body);
    }
    let problem: Value = serde_json::from_slice(&body).unwrap_or_default();
    let words = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
    bail!(
        "the gate answers {}: {}: {}",
        status.as_u16(),
        words("title"),
        words("detail")
    )
}
