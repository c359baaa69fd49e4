//! How the gate made sure who asks: a check of its own for each request.
//!
//! A credential that was right is not enough: it may be in other hands. What sets a request apart from the
//! officer's earlier ones calls for a second channel: somebody calls the agency back, on a number that was not
//! taken from the request.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::request::Priority;
use crate::{Actor, Case, Request};

/// How an officer showed who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Signed in at the desk.
    Session,
    /// A machine's own token: in a demonstration, a person's.
    Token,
    /// The agency's signature for this officer and this call.
    Signature,
    /// A file in a folder that only the agency's system writes to.
    Folder,
}

impl Method {
    /// The text form, as the log writes it.
    pub fn code(self) -> &'static str {
        match self {
            Method::Session => "session",
            Method::Token => "token",
            Method::Signature => "signature",
            Method::Folder => "folder",
        }
    }
}

/// The check of one request. It is for overseers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequesterCheck {
    /// How.
    pub method: Method,
    /// With which credential: a name that opens nothing.
    pub credential: String,
    /// Name of the key that signed, where one did. Each has been entered here: another one is not odd.
    #[serde(default)]
    pub key: Option<String>,
    /// When the officer showed it.
    pub at: Timestamp,
    /// What sets the request apart from the officer's earlier ones.
    #[serde(default)]
    pub odd: Vec<Oddity>,
    /// What came of calling the agency back.
    #[serde(default)]
    pub second_channel: Option<SecondChannel>,
}

/// Why somebody calls back before anything is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Oddity {
    /// None of the officer's earlier requests came with this credential.
    Credential,
    /// None of them named this address for the answer.
    Address,
    /// It is said to be an emergency: whoever borrows a credential is in a hurry.
    Emergency,
}

impl Oddity {
    /// The text form, as the log writes it.
    pub fn code(self) -> &'static str {
        match self {
            Oddity::Credential => "credential",
            Oddity::Address => "address",
            Oddity::Emergency => "emergency",
        }
    }

    /// In words, as part of a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Oddity::Credential => "it came with a credential that this officer has not used before",
            Oddity::Address => "it names an address for the answer that is new for this officer",
            Oddity::Emergency => "it is said to be an emergency",
        }
    }
}

/// A call back to the agency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondChannel {
    /// Who called.
    pub by: Actor,
    /// When it was recorded.
    pub at: Timestamp,
    /// Whether the agency knew of the request.
    pub confirmed: bool,
}

impl RequesterCheck {
    /// A check in which nothing has been found odd yet.
    pub fn new(method: Method, credential: impl Into<String>, at: Timestamp) -> RequesterCheck {
        RequesterCheck {
            method,
            credential: credential.into(),
            key: None,
            at,
            odd: Vec::new(),
            second_channel: None,
        }
    }

    /// Whether nothing was odd, or the agency has confirmed it when called back.
    pub fn is_settled(&self) -> bool {
        let called = self.second_channel.as_ref();
        called.map_or(self.odd.is_empty(), |called| called.confirmed)
    }
}

/// A request beside the officer's earlier ones. Only those count whose own check is settled: a stolen
/// credential does not become a known one by being used.
pub struct Comparison<'r> {
    check: RequesterCheck,
    request: &'r Request,
    compared: bool,
    credential_known: bool,
    address_known: bool,
}

impl<'r> Comparison<'r> {
    /// Begins with nothing to compare with.
    pub fn of(check: RequesterCheck, request: &'r Request) -> Comparison<'r> {
        Comparison {
            check,
            request,
            compared: false,
            credential_known: false,
            address_known: address(request).is_empty(),
        }
    }

    /// An earlier request of the same officer.
    pub fn with(&mut self, earlier: &Case) {
        let Some(check) = &earlier.requester_check else {
            return;
        };
        self.compared = true;
        if check.is_settled() {
            self.credential_known |= check.credential == self.check.credential;
            self.address_known |= address(&earlier.request) == address(self.request);
        }
    }

    /// Whether further requests could not change anything.
    pub fn is_done(&self) -> bool {
        self.credential_known && self.address_known
    }

    /// The check, with what was found. An officer's first request has nothing to differ from.
    pub fn found(self) -> RequesterCheck {
        let emergency = self.request.priority == Priority::Emergency;
        let odd = [
            (Oddity::Credential, self.compared && !self.credential_known),
            (Oddity::Address, self.compared && !self.address_known),
            (Oddity::Emergency, emergency),
        ];
        let odd = odd.into_iter().filter(|(_, is)| *is).map(|(odd, _)| odd);
        RequesterCheck {
            odd: odd.collect(),
            ..self.check
        }
    }
}

fn address(request: &Request) -> String {
    request.requester.secure_email.trim().to_lowercase()
}
