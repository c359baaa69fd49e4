//! An agency's machine that is told, in a thread of its own, and answers as a test wants it to.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::Value;

use super::site::Site;
use crate::cli::keys::write_private;
use crate::settings::Settings;

/// What was sent.
#[derive(Clone, Debug)]
pub struct Told {
    pub id: String,
    pub signature: String,
    pub body: String,
}

impl Told {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A machine that listens.
pub struct Receiver {
    address: String,
    told: Arc<Mutex<Vec<Told>>>,
    /// Status of the next answers; 0 sends no challenge back.
    pub answers: Arc<Mutex<u16>>,
}

/// Seconds for which it wants to be left alone by whoever is not answered with a success.
pub const RETRY_AFTER: i64 = 100;

const SECRET: [u8; 32] = [5; 32];

impl Receiver {
    pub fn start() -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let receiver = Receiver {
            address: format!("http://{}/told", listener.local_addr().unwrap()),
            told: Arc::default(),
            answers: Arc::new(Mutex::new(200)),
        };
        let (told, answers) = (Arc::clone(&receiver.told), Arc::clone(&receiver.answers));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                serve(stream, &told, &answers);
            }
        });
        receiver
    }

    /// A demonstration whose police are told here.
    pub fn site(&self) -> Site {
        Site::with_settings(|settings| self.enter(settings))
    }

    fn enter(&self, settings: &mut Settings) {
        let folder = settings.keys.parent().unwrap_or(Path::new("."));
        let file = folder.join("webhook.secret");
        let secret = format!("whsec_{}\n", STANDARD.encode(SECRET));
        write_private(&file, secret.as_bytes()).unwrap();
        let entered = format!(
            "organization = \"police-northmoor\"\n[webhook]\naddress = \"{}\"\nsecret_files = [{file:?}]",
            self.address
        );
        settings.agencies.push(toml::from_str(&entered).unwrap());
    }

    pub fn answer(&self, status: u16) {
        *self.answers.lock().unwrap() = status;
    }

    /// Everything that was sent since the last time, each properly signed.
    pub fn take(&self) -> Vec<Told> {
        std::mem::take(&mut self.told.lock().unwrap())
    }

    /// The messages among them, without challenges.
    pub fn changes(&self) -> Vec<Told> {
        let mut told = self.take();
        told.retain(|told| told.json()["type"] == "request.changed");
        told
    }
}

fn serve(stream: TcpStream, told: &Mutex<Vec<Told>>, answers: &Mutex<u16>) {
    let mut reader = BufReader::new(stream);
    let mut headers = std::collections::BTreeMap::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.trim().split_once(": ") {
            headers.insert(name.to_lowercase(), value.to_owned());
        }
    }
    let length = headers["content-length"].parse().unwrap();
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let sent = Told {
        id: headers["webhook-id"].clone(),
        signature: headers["webhook-signature"].clone(),
        body: String::from_utf8(body).unwrap(),
    };
    let signed = format!("{}.{}.{}", sent.id, headers["webhook-timestamp"], sent.body);
    let key = hmac::Key::new(hmac::HMAC_SHA256, &SECRET);
    let tag = STANDARD.encode(hmac::sign(&key, signed.as_bytes()));
    assert_eq!(sent.signature, format!("v1,{tag}"));
    let status = *answers.lock().unwrap();
    let challenge = sent.json()["data"]["challenge"].clone();
    told.lock().unwrap().push(sent);
    let (status, answer) = match status {
        0 => (200, "{}".to_owned()),
        status => (
            status,
            serde_json::json!({ "challenge": challenge }).to_string(),
        ),
    };
    let head = format!(
        "HTTP/1.1 {status} Told\r\nLocation: http://127.0.0.1:1/\r\nRetry-After: {RETRY_AFTER}\r\nConnection: close\r\n"
    );
    let answer = format!("{head}Content-Length: {}\r\n\r\n{answer}", answer.len());
    reader.into_inner().write_all(answer.as_bytes()).ok();
}
