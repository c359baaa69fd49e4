//! The client of a gate's interface.

use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::Value;
use ureq::Agent;
use ureq::http::Response;

use super::folder::Folder;
use crate::package::PACKAGE_BYTES_MAX;

/// Longest wait for one answer; the gate gives up after 30 seconds itself.
const ANSWER_WAIT: Duration = Duration::from_secs(40);

/// A gate that this agency may ask.
pub struct Client {
    agent: Agent,
    base: String,
    token: String,
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
        Ok(Client {
            agent: config.into(),
            base: format!("{}/api/v1", folder.settings.gate.trim_end_matches('/')),
            token: folder.token()?,
        })
    }

    /// Asks.
    pub fn get(&self, path: &str) -> anyhow::Result<Answer> {
        json(self.call(path)?)
    }

    /// Asks for a text.
    pub fn get_text(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        bytes(self.call(path)?)
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
        json(self.send(path, headers, body)?)
    }

    /// Sends, and takes bytes away.
    pub fn post_for_bytes(&self, path: &str, headers: &[(&str, &str)]) -> anyhow::Result<Vec<u8>> {
        bytes(self.send(path, headers, &Value::Null)?)
    }

    fn call(&self, path: &str) -> anyhow::Result<Response<ureq::Body>> {
        let address = format!("{}/{path}", self.base);
        let request = self
            .agent
            .get(&address)
            .header("authorization", self.bearer());
        request
            .call()
            .with_context(|| format!("asking `{address}`"))
    }

    fn send(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> anyhow::Result<Response<ureq::Body>> {
        let address = format!("{}/{path}", self.base);
        let mut request = self.agent.post(&address);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.header("authorization", self.bearer());
        let sent = match body {
            Value::Null => request.send_empty(),
            body => request.send_json(body),
        };
        sent.with_context(|| format!("sending to `{address}`"))
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }
}

fn json(response: Response<ureq::Body>) -> anyhow::Result<Answer> {
    let header = |name| response.headers().get(name)?.to_str().ok();
    let etag = header("etag").unwrap_or_default().to_owned();
    let link = header("link").and_then(|link| link.strip_prefix("</api/v1/"));
    let next = link.and_then(|link| link.strip_suffix(">; rel=\"next\""));
    let next = next.map(str::to_owned);
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
