//! A demonstration data folder, a running server on it, and a client.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{OnceLock, mpsc};

use serde_json::{Value, json};
use tempfile::TempDir;

/// Runs the program and returns what it printed.
pub fn tracegate<'a>(args: impl IntoIterator<Item = &'a str>) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tracegate"))
        .args(args)
        .output()
        .unwrap()
}

/// Text of what a run printed on standard error.
pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Text of what a run printed on standard output.
pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A small demonstration, made once and copied for each test.
fn template() -> &'static Path {
    static TEMPLATE: OnceLock<TempDir> = OnceLock::new();
    TEMPLATE
        .get_or_init(|| {
            let folder = TempDir::new().unwrap();
            let data = folder.path().join("demo");
            let data = data.to_str().unwrap();
            let made = tracegate([
                "demo",
                "--once",
                "--people",
                "3000",
                "--requests",
                "60",
                "--data",
                data,
            ]);
            assert!(
                made.status.success(),
                "{}\n{}",
                stdout(&made),
                stderr(&made)
            );
            folder
        })
        .path()
}

/// A copy of the small demonstration.
pub struct Data {
    folder: TempDir,
}

impl Data {
    pub fn new() -> Data {
        let folder = TempDir::new().unwrap();
        copy(&template().join("demo"), &folder.path().join("demo"));
        Data { folder }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("demo")
    }

    pub fn text(&self, name: &str) -> String {
        self.path().join(name).to_str().unwrap().to_owned()
    }

    /// The token of a persona.
    pub fn token(&self, persona: &str) -> String {
        let tokens = fs::read_to_string(self.path().join("tokens.txt")).unwrap();
        let line = tokens
            .lines()
            .find(|line| line.starts_with(persona))
            .unwrap();
        line.split_once(' ').unwrap().1.to_owned()
    }

    /// Somebody in the index whose record is protected.
    pub fn protected_person(&self) -> Value {
        let mut people = csv::Reader::from_path(self.path().join("people.csv")).unwrap();
        let rows = people.deserialize::<std::collections::BTreeMap<String, String>>();
        let mut protected = rows
            .map(Result::unwrap)
            .filter(|row| row["restricted"] == "Y");
        let row = protected.find(|row| !row["nhs_number"].is_empty()).unwrap();
        json!({
            "surname": row["surname"], "given_name": row["given_name"],
            "middle_name": row["middle_name"], "date_of_birth": row["date_of_birth"],
            "sex": row["sex"], "nhs_number": row["nhs_number"],
        })
    }

    /// Somebody in the index whose record has nothing special about it, and who is easy to tell
    /// from everybody else; `skip` gives another one each time.
    pub fn plain_person(&self, skip: usize) -> Value {
        let mut people = csv::Reader::from_path(self.path().join("people.csv")).unwrap();
        let headers = people.headers().unwrap().clone();
        let plain = |row: &csv::StringRecord| {
            let get = |name: &str| {
                let at = headers.iter().position(|header| header == name).unwrap();
                row.get(at).unwrap().to_owned()
            };
            let special = [
                "restricted",
                "death_date",
                "dob_estimated",
                "previous_names",
            ];
            let usual = special.iter().all(|name| get(name).is_empty())
                && get("address_kind") == "home"
                && !get("nhs_number").is_empty()
                && !get("middle_name").is_empty()
                && !get("date_of_birth").ends_with("-01-01");
            usual.then(|| {
                json!({
                    "surname": get("surname"), "given_name": get("given_name"),
                    "middle_name": get("middle_name"), "date_of_birth": get("date_of_birth"),
                    "sex": get("sex"), "nhs_number": get("nhs_number"),
                    "address": get("address"), "town": get("town"), "postcode": get("postcode"),
                })
            })
        };
        people
            .records()
            .filter_map(|row| plain(&row.unwrap()))
            .nth(skip)
            .unwrap()
    }
}

pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    address: String,
}

impl Server {
    pub fn start(data: &Data) -> Server {
        Server::run(["demo", "--listen", "127.0.0.1:0", "--data", &data.text("")])
    }

    /// As `start`, and tells every step: the lines of its log from then on.
    pub fn start_telling(data: &Data) -> (Server, mpsc::Receiver<String>) {
        Server::telling(&["demo", "--listen", "127.0.0.1:0", "--data", &data.text("")])
    }

    /// As `start_telling`, of a folder that is no demonstration any more.
    pub fn serve_telling(data: &Data) -> (Server, mpsc::Receiver<String>) {
        Server::telling(&["serve", "--data", &data.text("")])
    }

    fn telling(args: &[&str]) -> (Server, mpsc::Receiver<String>) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tracegate"));
        command.args(args);
        command.env("TRACEGATE_LOG", "warn,store=trace,tracegate=trace");
        let (lines, told) = mpsc::channel();
        let tell = move |line: String| drop(lines.send(line));
        (Server::spawn(command.env("NO_COLOR", "1"), tell), told)
    }

    /// Starts a command that serves.
    pub fn run<'a>(args: impl IntoIterator<Item = &'a str>) -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tracegate"));
        Server::spawn(command.args(args), drop)
    }

    fn spawn(command: &mut Command, tell: impl FnMut(String) + Send + 'static) -> Server {
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = String::new();
        let address = loop {
            let Some(line) = lines.next() else {
                panic!("the server did not start: {said}")
            };
            let line = line.unwrap();
            if let Some(rest) = line.strip_prefix("serving ") {
                break rest.split_once("/ ").unwrap().0.to_owned();
            }
            said += &line;
        };
        // Keeps the pipe empty, so that the server never waits for a reader of its log.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(tell));
        Server { child, address }
    }

    /// Kills the process on the spot: no clean-up runs.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Most memory that the process has held, in KiB.
    pub fn memory_max(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmHWM:"))
            .unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    pub fn client(&self, token: &str) -> Client {
        Client {
            address: self.address.clone(),
            token: token.to_owned(),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already gone after `kill`.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A caller of the interface.
#[derive(Clone)]
pub struct Client {
    address: String,
    token: String,
}

/// Status, `ETag` and body of an answer; `None` where the connection broke.
pub type Reply = Option<(u16, String, Value)>;

impl Client {
    pub fn get(&self, path: &str) -> Reply {
        self.get_with(path, &[])
    }

    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        let request = agent().get(format!("{}{path}", self.address));
        let request = request.header("authorization", format!("Bearer {}", self.token));
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        described("get", path, read(request.call()))
    }

    /// Sends; with an `X-Request-ID` of its own unless the headers name one.
    pub fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Reply {
        static CALLS: AtomicU64 = AtomicU64::new(0);
        let request = agent().post(format!("{}{path}", self.address));
        let named = headers.iter().any(|(name, _)| *name == "x-request-id");
        let request = if named {
            request
        } else {
            let call = CALLS.fetch_add(1, Ordering::Relaxed);
            request.header(
                "x-request-id",
                format!("call-{}-{call}", std::process::id()),
            )
        };
        let request = request.header("authorization", format!("Bearer {}", self.token));
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        described("post", path, read(request.send_json(body)))
    }

    /// A reply that must have come, with this status.
    pub fn expect(status: u16, reply: Reply) -> (String, Value) {
        let (found, etag, body) = reply.expect("the connection broke");
        assert_eq!(found, status, "{body}");
        (etag, body)
    }

    /// Asks until `done` says so.
    pub fn wait(&self, path: &str, done: impl Fn(&Value) -> bool) -> (String, Value) {
        for _ in 0..600 {
            if let Some((200, etag, body)) = self.get(path)
                && done(&body)
            {
                return (etag, body);
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("{path} did not come to it: {:?}", self.get(path));
    }

    /// Sends a file, and tells status and answer.
    pub fn post_csv(&self, path: &str, key: &str, file: &str) -> (u16, Value) {
        let request = agent().post(format!("{}{path}", self.address));
        let request = request
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "text/csv")
            .header("x-request-id", key);
        let reply = described("post", path, read(request.send(file)));
        let (status, _, body) = reply.expect("the connection broke");
        (status, body)
    }

    /// A text, and the path of the next page.
    pub fn get_text(&self, path: &str) -> (String, Option<String>) {
        let call = || {
            let request = agent().get(format!("{}{path}", self.address));
            let token = format!("Bearer {}", self.token);
            request.header("authorization", token).call().unwrap()
        };
        let mut reply = call();
        // Told to come back later, a client does.
        for _ in 0..60 {
            if reply.headers().get("retry-after").is_none() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_secs(1));
            reply = call();
        }
        assert_eq!(reply.status(), 200, "{path}");
        let link = reply
            .headers()
            .get("link")
            .map(|link| link.to_str().unwrap().to_owned());
        let next = link.map(|link| link.split(['<', '>']).nth(1).unwrap().to_owned());
        (reply.body_mut().read_to_string().unwrap(), next)
    }

    /// Every line of a list.
    pub fn every(&self, path: &str) -> Vec<Value> {
        let mut lines = Vec::new();
        let mut next = Some(path.to_owned());
        while let Some(page) = next {
            let (text, more) = self.get_text(&page);
            let Value::Array(read) = serde_json::from_str(&text).unwrap() else {
                panic!("{page} is not a list")
            };
            lines.extend(read);
            next = more;
        }
        lines
    }

    /// As [`Client::wait`], for what takes minutes.
    pub fn wait_long(&self, path: &str, done: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..24_000 {
            if let Some((200, _, body)) = self.get(path)
                && done(&body)
            {
                return body;
            }
            std::thread::sleep(std::time::Duration::from_millis(25));
        }
        panic!("{path} did not come to it: {:?}", self.get(path));
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into()
}

/// The reply, which must be as the description of the interface says.
fn described(method: &str, path: &str, reply: Reply) -> Reply {
    if let Some((status, _, body)) = &reply {
        crate::described::check(method, path, *status, body);
    }
    reply
}

fn read(result: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Reply {
    let mut response = result.ok()?;
    let etag = response
        .headers()
        .get("etag")
        .map(|tag| tag.to_str().unwrap().to_owned());
    let text = response.body_mut().read_to_string().ok()?;
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Some((response.status().as_u16(), etag.unwrap_or_default(), body))
}

/// A request that every clause of the police agreement lets through.
pub fn police_request(subject: &Value) -> Value {
    json!({
        "agency_reference": "NP/1",
        "requester": {
            "organization": "police-northmoor", "unit": "major-crime",
            "officer_id": "dc-amara-osei", "name": "DC Amara Osei", "rank": "constable",
        },
        "authoriser": {
            "officer_id": "insp-ruth-hale", "name": "Inspector Ruth Hale", "rank": "inspector",
            "signed_at": "2026-10-01T08:00:00Z",
        },
        "purpose": "serious_crime",
        "subject_role": "suspect",
        "grounds": { "gateway": "L3", "offence": "serious_fraud" },
        "justification": {
            "necessity": "cannot be found otherwise", "proportionality": "contact only",
            "harm": "others at risk", "link": "cannot be questioned", "likelihood": "likely",
            "consent": "not_asked_prejudice",
            "attempts": [{ "what": "visit", "on": "2026-09-20", "result": "moved" }],
        },
        "subject": subject,
        "fields": ["name", "last_known_address"],
    })
}
