//! Webhooks (Standard Webhooks 1.0, github.com/standard-webhooks/standard-webhooks): an agency's machine is told
//! that there is something to look at, and of which case. It learns no more than that, and asks as ever.
//!
//! A message becomes due at the instant from which the answer can be looked at, and is drawn from the outbox,
//! which is written with the change of the case: nothing is told early, and nothing is lost with the process.

mod addresses;
mod sending;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use ring::hmac;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use store::webhook::{Channel, Status, Webhook};
use tokio::sync::watch;

use crate::clock::Clock;
use crate::email;
use crate::gate::Gate;
use crate::pipeline::StepError;
use crate::settings::{Agency, Settings};
use sending::Sender;

pub use sending::Fault;

/// Messages of one agency sent side by side.
const AT_ONCE: u32 = 8;
/// Pause of an idle agency.
const IDLE: Duration = Duration::from_millis(500);
/// Pauses after each failure, as the standard proposes them; after the last one a message is dead.
const PAUSES: [SignedDuration; 9] = [
    SignedDuration::from_secs(5),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(30),
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(5),
    SignedDuration::from_hours(10),
    SignedDuration::from_hours(14),
    SignedDuration::from_hours(20),
    SignedDuration::from_hours(24),
];
/// By how much of itself a pause is made longer at most, in percent, so that what failed together does not come again
/// together.
const JITTER_PERCENT: i64 = 20;
/// How long a message can be sent anew after it was delivered or given up.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);
/// Lengths of a secret in bytes, as the standard has them.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// The endpoints of the agencies, and what sends to them.
pub struct Webhooks {
    sender: Arc<Sender>,
    endpoints: BTreeMap<String, Arc<Endpoint>>,
}

/// Where an agency is told, and the keys that sign for it: the old and the new one while one takes over.
struct Endpoint {
    address: String,
    keys: Vec<hmac::Key>,
}

impl Webhooks {
    /// Reads the secrets that the settings name.
    pub fn open(settings: &Settings) -> anyhow::Result<Webhooks> {
        let mut endpoints = BTreeMap::new();
        for agency in &settings.agencies {
            if let Some(endpoint) = Endpoint::open(agency)? {
                endpoints.insert(agency.organization.clone(), Arc::new(endpoint));
            }
        }
        Ok(Webhooks {
            sender: Arc::new(Sender::new(settings.demonstration)),
            endpoints,
        })
    }

    /// Whether an agency is told by its machine.
    pub fn reach(&self, organization: &str) -> bool {
        self.endpoints.contains_key(organization)
    }
}

impl Endpoint {
    fn open(agency: &Agency) -> anyhow::Result<Option<Endpoint>> {
        let Some(webhook) = &agency.webhook else {
            return Ok(None);
        };
        let keys = webhook.secret_files.iter().map(|file| secret(file));
        let keys = keys.collect::<anyhow::Result<_>>();
        let keys = keys.with_context(|| format!("the webhook of `{}`", agency.organization))?;
        Ok(Some(Endpoint {
            address: webhook.address.clone(),
            keys,
        }))
    }

    /// `webhook-signature`: one signature by each key.
    fn sign(&self, id: &str, at: i64, body: &str) -> String {
        let signed = [id, ".", &at.to_string(), ".", body].concat();
        let sign = |key: &hmac::Key| {
            let tag = hmac::sign(key, signed.as_bytes());
            format!("v1,{}", STANDARD.encode(tag))
        };
        self.keys.iter().map(sign).collect::<Vec<_>>().join(" ")
    }

    /// By which it is known that this address, with these keys, has answered the challenge.
    fn mark(&self) -> [u8; 32] {
        let mut mark = Sha256::new();
        for key in &self.keys {
            let tag = hmac::sign(
                key,
                format!("tracegate webhook {}", self.address).as_bytes(),
            );
            mark.update(tag.as_ref());
        }
        mark.finalize().into()
    }
}

/// Reads `whsec_` and base64.
fn secret(file: &Path) -> anyhow::Result<hmac::Key> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read `{shown}`"))?;
    let secret = text.trim().strip_prefix("whsec_");
    let secret = secret.and_then(|text| STANDARD.decode(text).ok());
    let secret = secret.with_context(|| format!("`{shown}` is not `whsec_` and base64"))?;
    ensure!(
        SECRET_BYTES.contains(&secret.len()),
        "the secret in `{shown}` is not of 24 to 64 bytes; make one with \
         `echo whsec_$(openssl rand -base64 32)`"
    );
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &secret))
}

/// There is something to look at: says so to the agency's machine, where it has one that listens.
pub async fn notice(
    gate: &Gate,
    (organization, case_id): (&str, &str),
    at: Timestamp,
) -> Result<(), StepError> {
    if !gate.webhooks.reach(organization) {
        return Ok(());
    }
    let about = (organization, case_id);
    let id = format!("msg_{}", drawn(about, at));
    let webhook = (Channel::Webhook, id);
    Ok(gate.store.webhook_add(webhook, about, at).await?)
}

/// The reference of what is told of a case at one instant: the same whenever it is drawn.
pub fn drawn((organization, case_id): (&str, &str), at: Timestamp) -> String {
    let drawn = Sha256::digest(format!("{organization}\n{case_id}\n{at}"));
    hex::encode(drawn.get(..16).unwrap_or_default())
}

/// A message of this agency is to be sent anew, as at first.
pub async fn send_anew(
    gate: &Gate,
    organization: &str,
    id: &str,
) -> Result<Option<Webhook>, StepError> {
    let (store, now) = (&gate.store, gate.clock.now());
    match store.webhook_again(organization, id, now).await? {
        true => Ok(store.webhook(organization, id).await?),
        false => Ok(None),
    }
}

/// Forgets what was told long ago.
pub async fn forget_old(gate: &Gate, now: Timestamp) -> Result<(), StepError> {
    let before = now.checked_sub(KEPT).unwrap_or(Timestamp::MIN);
    Ok(gate.store.webhooks_forget(before).await?)
}

/// Sends until told to stop, to machines and by e-mail. Each organization has its own turn: none waits for another's
/// machine.
pub async fn run(gate: &Gate, stop: watch::Receiver<bool>) {
    let machines = gate.webhooks.endpoints.keys();
    let machines = machines.map(|organization| (Channel::Webhook, &**organization));
    let people = email::organizations(&gate.settings).into_iter();
    let turns = machines.chain(people.map(|organization| (Channel::Email, organization)));
    join_all(turns.map(|turn| run_one(gate, turn, stop.clone()))).await;
}

async fn run_one(
    gate: &Gate,
    (channel, organization): (Channel, &str),
    mut stop: watch::Receiver<bool>,
) {
    loop {
        let sent = match channel {
            Channel::Webhook => send_due(gate, organization).await,
            Channel::Email => email::send_due(gate, organization).await,
        };
        let sent = sent.unwrap_or_else(|error| {
            tracing::error!(%error, organization, "messages could not be sent");
            0
        });
        let pause = if sent == 0 { IDLE } else { Duration::ZERO };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.changed() => return,
        }
    }
}

/// Tries what is due of one agency, and returns how many messages that were.
pub async fn send_due(gate: &Gate, organization: &str) -> Result<usize, StepError> {
    let Some(endpoint) = gate.webhooks.endpoints.get(organization) else {
        return Ok(0);
    };
    let now = gate.clock.now();
    let store = &gate.store;
    let due = store
        .webhooks_take((Channel::Webhook, organization), now, AT_ONCE)
        .await?;
    if due.is_empty() {
        return Ok(0);
    }
    let proven = prove(gate, organization, endpoint).await?;
    let tried = due.iter().map(|message| async {
        let told = match &proven {
            Ok(()) => send(gate, endpoint, message).await,
            Err(fault) => Err(fault.clone()),
        };
        store.webhook_settle(settled(gate, message, told)).await
    });
    for settled in join_all(tried).await {
        settled?;
    }
    Ok(due.len())
}

/// An endpoint must show once that it reads what is sent to it: it sends the challenge back.
async fn prove(
    gate: &Gate,
    organization: &str,
    endpoint: &Arc<Endpoint>,
) -> Result<Result<(), Fault>, StepError> {
    let mark = endpoint.mark();
    if gate.store.webhook_verified(organization, &mark).await? {
        return Ok(Ok(()));
    }
    let challenge = gate.chance.token();
    let data = json!({ "challenge": challenge });
    let id = format!("msg_{}", hex::encode(gate.chance.bytes::<16>()));
    let now = gate.clock.now();
    let answer = match post(
        gate,
        endpoint,
        &id,
        payload("endpoint.challenge", now, &data),
    )
    .await
    {
        Ok(answer) => answer,
        Err(fault) => return Ok(Err(fault)),
    };
    let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
    if answer["challenge"] != challenge.as_str() {
        return Ok(Err(Fault::Challenge));
    }
    gate.store.webhook_verify(organization, mark, now).await?;
    Ok(Ok(()))
}

async fn send(gate: &Gate, endpoint: &Arc<Endpoint>, message: &Webhook) -> Result<(), Fault> {
    let data = json!({ "case": message.case_id });
    let body = payload("request.changed", message.noticed_at, &data);
    post(gate, endpoint, &message.id, body).await.map(drop)
}

/// The same bytes at each attempt.
fn payload(kind: &str, at: Timestamp, data: &Value) -> String {
    json!({ "type": kind, "timestamp": at.to_string(), "data": data }).to_string()
}

async fn post(
    gate: &Gate,
    endpoint: &Arc<Endpoint>,
    id: &str,
    body: String,
) -> Result<Vec<u8>, Fault> {
    // The receiver compares it with its own clock, and a demonstration's may be set to another day.
    let at = Clock::system().now().as_second();
    let headers = [
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", at.to_string()),
        ("webhook-signature", endpoint.sign(id, at, &body)),
    ];
    let (sender, endpoint) = (Arc::clone(&gate.webhooks.sender), Arc::clone(endpoint));
    let sent = tokio::task::spawn_blocking(move || sender.post(&endpoint.address, &headers, &body));
    sent.await.unwrap_or(Err(Fault::Unreachable))
}

/// The message after an attempt.
pub fn settled(gate: &Gate, message: &Webhook, told: Result<(), Fault>) -> Webhook {
    let now = gate.clock.now();
    let mut settled = message.clone();
    settled.tried_at = Some(now);
    let Err(fault) = told else {
        settled.status = Status::Delivered;
        settled.outcome = Some("delivered".to_owned());
        return settled;
    };
    let (id, organization, code) = (&message.id, &message.organization, fault.to_string());
    tracing::warn!(id, organization, fault = code, "a message was not taken");
    settled.outcome = Some(code);
    let failures = usize::try_from(message.attempts).unwrap_or(usize::MAX);
    let pause = PAUSES.get(failures.saturating_sub(1));
    match pause.filter(|_| !fault.is_final()) {
        Some(pause) => {
            let [random] = gate.chance.bytes::<1>();
            let more = pause.as_millis() as i64 * JITTER_PERCENT / 100 * i64::from(random) / 255;
            let pause = (*pause).max(fault.wait()) + SignedDuration::from_millis(more);
            settled.due_at = now.checked_add(pause).unwrap_or(Timestamp::MAX);
        }
        None => settled.status = Status::Dead,
    }
    settled
}
