//! The client of foreign servers: logs to check and witnesses to ask.

use std::io;
use std::time::Duration;

use ledger::{Files, Folder};
use ureq::Agent;

/// Longest wait for one answer.
const ANSWER_WAIT: Duration = Duration::from_secs(20);
/// Longest answer of a witness: a few cosignatures of 4 kB.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;

/// A server at an `http://` or `https://` address.
pub struct Remote {
    agent: Agent,
    base: String,
}

impl Remote {
    /// The server at this address; whether it is there shows with the first question.
    pub fn new(address: &str) -> Remote {
        Remote::patient(address, ANSWER_WAIT)
    }

    /// As [`Remote::new`], with another longest wait.
    pub fn patient(address: &str, wait: Duration) -> Remote {
        let config = Agent::config_builder()
            .timeout_global(Some(wait))
            .http_status_as_error(false)
            .user_agent(concat!("tracegate/", env!("CARGO_PKG_VERSION")))
            .build();
        Remote {
            agent: config.into(),
            base: address.trim_end_matches('/').into(),
        }
    }

    /// Sends text; returns status and answer.
    pub fn post(&self, path: &str, text: &str) -> io::Result<(u16, Vec<u8>)> {
        let request = self.agent.post(format!("{}/{path}", self.base));
        let mut response = request
            .content_type("text/plain; charset=utf-8")
            .send(text)
            .map_err(io::Error::other)?;
        let body = response.body_mut().with_config().limit(ANSWER_BYTES_MAX);
        let body = body.read_to_vec().map_err(io::Error::other)?;
        Ok((response.status().as_u16(), body))
    }
}

impl Files for Remote {
    fn read(&self, path: &str, limit: usize) -> io::Result<Option<Vec<u8>>> {
        let request = self.agent.get(format!("{}/{path}", self.base));
        let mut response = request.call().map_err(io::Error::other)?;
        match response.status().as_u16() {
            200 => {}
            404 | 410 => return Ok(None),
            status => return Err(io::Error::other(format!("the server answers {status}"))),
        }
        // One byte more than allowed shows that there is more.
        let body = response.body_mut().with_config().limit(limit as u64 + 1);
        let bytes = body.read_to_vec().map_err(io::Error::other)?;
        match bytes.len() <= limit {
            true => Ok(Some(bytes)),
            false => Err(io::Error::other(format!("it is longer than {limit} bytes"))),
        }
    }
}

/// Where the public files of a log are.
pub enum Place {
    /// In a folder.
    Folder(Folder),
    /// On a web server.
    Remote(Remote),
}

impl Place {
    /// A folder, or an `http://` or `https://` address.
    pub fn new(place: &str) -> Place {
        match place.starts_with("http://") || place.starts_with("https://") {
            true => Place::Remote(Remote::new(place)),
            false => Place::Folder(Folder::new(place)),
        }
    }
}

impl Files for Place {
    fn read(&self, path: &str, limit: usize) -> io::Result<Option<Vec<u8>>> {
        match self {
            Place::Folder(folder) => folder.read(path, limit),
            Place::Remote(remote) => remote.read(path, limit),
        }
    }
}
