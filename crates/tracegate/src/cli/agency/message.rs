//! `tracegate agency message`: a request in the words of ETSI TS 103 120.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use disclosure::Request;
use interchange::{Endpoint, Header, Message, Object, write};

use super::read_request;
use crate::cli::Exit;
use crate::clock::Clock;
use crate::package::digest;

#[derive(Args)]
pub struct MessageArgs {
    /// The request, as the interface takes it
    request: PathBuf,
    /// Country of both ends, two letters
    #[arg(long)]
    country: String,
    /// Whom it is written to: the controller
    #[arg(long)]
    receiver: String,
    /// The agency's identifier of what is disclosed (LDID), for example GB-police-northmoor-104
    #[arg(long, default_value = "")]
    reference: String,
}

pub fn print(args: &MessageArgs) -> anyhow::Result<Exit> {
    let said = read_request(&args.request)?;
    let text = said.to_string();
    let request: Request =
        serde_json::from_value(said).with_context(|| format!("in `{}`", args.request.display()))?;
    let end = |identifier: &str| Endpoint {
        country: args.country.clone(),
        identifier: identifier.to_owned(),
    };
    let object = |action, kind| Object {
        action,
        identifier: uuid(kind, &text),
    };
    let message = Message {
        header: Header {
            sender: end(&request.requester.organization),
            receiver: end(&args.receiver),
            transaction: uuid("transaction", &text),
            at: Clock::system().now(),
        },
        authorisation: object(0, "authorization"),
        task: object(1, "task"),
        document: Some(object(2, "document")),
        reference: args.reference.clone(),
        request,
    };
    print!("{}", write(&message).context("the request as a message")?);
    Ok(Exit::Done)
}

/// Drawn from the request: the same request is the same objects (RFC 9562, version 8).
fn uuid(kind: &str, text: &str) -> String {
    let digest = digest(format!("{kind}\n{text}"));
    let part = |from: usize, to: usize| digest.get(from..to).unwrap_or_default();
    let (a, b, c, d, e) = (
        part(0, 8),
        part(8, 12),
        part(13, 16),
        part(17, 20),
        part(20, 32),
    );
    format!("{a}-{b}-8{c}-8{d}-{e}")
}
