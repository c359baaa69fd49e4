//! A mail server in a thread of its own, as RFC 5321 has it, which takes e-mails or refuses their recipients.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use super::site::Site;
use crate::settings::Settings;

/// What was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    pub to: String,
    pub text: String,
}

/// The address of the officer who asks in the journeys.
pub const ADDRESS: &str = "amara.osei@northmoor.example";

/// A server that listens.
pub struct PostOffice {
    port: u16,
    letters: Arc<Mutex<Vec<Letter>>>,
    /// What it says of the next recipients.
    answer: Arc<Mutex<u16>>,
}

impl PostOffice {
    pub fn start() -> PostOffice {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let office = PostOffice {
            port: listener.local_addr().unwrap().port(),
            letters: Arc::default(),
            answer: Arc::new(Mutex::new(250)),
        };
        let (letters, answer) = (Arc::clone(&office.letters), Arc::clone(&office.answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                serve(&stream, &letters, &answer);
            }
        });
        office
    }

    /// A demonstration whose officer, and whose staff, have addresses.
    pub fn site(&self) -> Site {
        Site::with_settings(|settings| self.enter(settings))
    }

    fn enter(&self, settings: &mut Settings) {
        let officer = format!(
            "id = \"dc-amara-osei\"\nname = \"Amara Osei\"\nrank = \"constable\"\nemail = \"{ADDRESS}\""
        );
        let agency = format!("organization = \"police-northmoor\"\n[[officers]]\n{officer}");
        settings.agencies.push(toml::from_str(&agency).unwrap());
        let email = format!(
            "server = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nfrom = \"gate@gate.example\"\n\
             desk = \"https://gate.example\"\n[staff]\ncontroller = \"guardians@gate.example\"",
            self.port
        );
        settings.email = Some(toml::from_str(&email).unwrap());
    }

    pub fn answer(&self, status: u16) {
        *self.answer.lock().unwrap() = status;
    }

    /// Everything that was taken since the last time.
    pub fn take(&self) -> Vec<Letter> {
        std::mem::take(&mut self.letters.lock().unwrap())
    }
}

fn serve(stream: &TcpStream, letters: &Mutex<Vec<Letter>>, answer: &Mutex<u16>) {
    let mut writer = stream;
    let mut say = |text: &str| writer.write_all(format!("{text}\r\n").as_bytes()).ok();
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let mut to = String::new();
    say("220 post.example ESMTP");
    while let Some(line) = lines.next() {
        let verb = line.split([' ', ':']).next().unwrap_or_default();
        match verb {
            "RCPT" => {
                to = line["RCPT TO:<".len()..].replace('>', "");
                let status = *answer.lock().unwrap();
                // A server's words often repeat the address.
                say(&format!("{status} <{to}>"));
            }
            "DATA" => {
                say("354 go on");
                let text = lines.by_ref().take_while(|line| line != ".");
                let text = text.collect::<Vec<_>>().join("\n");
                let to = to.clone();
                letters.lock().unwrap().push(Letter { to, text });
                say("250 taken");
            }
            "QUIT" => {
                say("221 bye");
                return;
            }
            _ => {
                say("250 post.example");
            }
        }
    }
}
