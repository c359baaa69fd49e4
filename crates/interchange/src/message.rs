//! A message: an authorization, a lawful-disclosure task, and a document with the reasons, all of one request.

use disclosure::Request;
use jiff::Timestamp;

use crate::Fault;

/// Who writes, or who is written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Two letters (ISO 3166-1).
    pub country: String,
    /// Who, in that country.
    pub identifier: String,
}

/// Who writes to whom, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Who writes: the organization that asks.
    pub sender: Endpoint,
    /// To whom: the controller.
    pub receiver: Endpoint,
    /// A UUID, which the answer repeats.
    pub transaction: String,
    /// When it was written.
    pub at: Timestamp,
}

impl Header {
    /// The header of an answer to what has none.
    pub(crate) fn unread() -> Header {
        let nobody = || Endpoint {
            country: "XX".to_owned(),
            identifier: "unknown".to_owned(),
        };
        Header {
            sender: nobody(),
            receiver: nobody(),
            transaction: "00000000-0000-0000-0000-000000000000".to_owned(),
            at: Timestamp::UNIX_EPOCH,
        }
    }
}

/// An object that the sender makes, and the action that does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Number of the action in the message.
    pub action: u64,
    /// A UUID, drawn by the sender.
    pub identifier: String,
}

/// A request as a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Who writes to whom.
    pub header: Header,
    /// The authorization.
    pub authorisation: Object,
    /// The task, which says about whom and what.
    pub task: Object,
    /// The document with the reasons, where there is one.
    pub document: Option<Object>,
    /// The sender's identifier of what is disclosed (TS 103 280, `LDID`); empty where none is given.
    pub reference: String,
    /// What is asked.
    pub request: Request,
}

impl Message {
    /// Its objects, in the order of their actions.
    pub fn objects(&self) -> Vec<&Object> {
        let mut objects = vec![&self.authorisation, &self.task];
        objects.extend(&self.document);
        objects.sort_by_key(|object| object.action);
        objects
    }
}

/// A message that is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct Refused {
    /// To whom the answer goes, where that could be read.
    pub header: Option<Box<Header>>,
    /// Why.
    pub fault: Fault,
}
