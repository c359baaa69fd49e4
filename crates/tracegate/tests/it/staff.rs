//! `tracegate staff`, and a planted name on the way in: it stands in no line of the program's log.

use std::fs;
use std::process::Command;

use ring::hmac;

use crate::support::{Data, Server, stderr, stdout, tracegate};

const PLANTED: &str = "quillfeatherstonehaugh";
const PASSWORD: &str = "planted horse battery staple";

/// The demonstration's folder, whose people sign in with accounts from now on.
fn with_accounts() -> Data {
    let data = Data::new();
    let path = data.path().join("tracegate.toml");
    let text = fs::read_to_string(&path).unwrap();
    // Machines with tokens are of a demonstration alone; they stand last.
    let text = text.split("\n[[clients]]").next().unwrap();
    let text = text.replace("demonstration = true", "accounts = true");
    fs::write(path, text.replace("127.0.0.1:8018", "127.0.0.1:0")).unwrap();
    data
}

fn staff(data: &Data, args: &[&str]) -> std::process::Output {
    let folder = data.text("");
    let place = ["--data", folder.as_str()];
    tracegate(["staff"].iter().chain(args).chain(&place).copied())
}

fn enrolment_code(output: &std::process::Output) -> String {
    assert!(output.status.success(), "{}", stderr(output));
    let said = stdout(output);
    let (_, code) = said.lines().next().unwrap().rsplit_once(' ').unwrap();
    code.to_owned()
}

fn standing(data: &Data) -> Vec<(String, String)> {
    let listed = staff(data, &["list", "--format", "json"]);
    let lines: Vec<serde_json::Value> = serde_json::from_str(&stdout(&listed)).unwrap();
    let text = |line: &serde_json::Value, name: &str| line[name].as_str().unwrap().to_owned();
    let pair = |line| (text(line, "login"), text(line, "standing"));
    lines.iter().map(pair).collect()
}

#[test]
fn accounts_are_made_listed_disabled_and_reset() {
    let data = with_accounts();
    assert!(stdout(&staff(&data, &["list"])).contains("nobody yet"));
    let add = ["add", "ann.lee", "--name", "Ann Lee", "--role", "guardian"];
    let first = enrolment_code(&staff(&data, &add));
    assert_eq!(first.len(), 14, "{first}");
    let again = staff(&data, &add);
    assert!(
        stderr(&again).contains("nobody else ever gets it"),
        "{}",
        stderr(&again)
    );
    let open = [("ann.lee".to_owned(), "waiting".to_owned())];
    assert_eq!(standing(&data), open);
    assert!(staff(&data, &["disable", "ann.lee"]).status.success());
    assert_eq!(standing(&data)[0].1, "disabled");
    let second = enrolment_code(&staff(&data, &["reset", "ann.lee"]));
    assert_ne!(first, second);
    assert_eq!(standing(&data), open);
    for (args, told) in [
        (vec!["disable", "nobody"], "no such account"),
        (vec!["reset", "Not A Login"], "no login name"),
        (
            vec!["add", "ben", "--name", "", "--role", "guardian"],
            "1 to 100 characters",
        ),
        (
            vec!["add", "ben", "--name", "B", "--role", "minister"],
            "it is one of officer",
        ),
    ] {
        let refused = staff(&data, &args);
        assert!(
            !refused.status.success() && stderr(&refused).contains(told),
            "{args:?}: {}",
            stderr(&refused)
        );
    }
    let elsewhere = staff(&Data::new(), &["list"]);
    assert!(stderr(&elsewhere).contains("set `accounts = true`"));
    // Each change is an entry, and the record still adds up.
    let folder = data.text("");
    let doctor = tracegate(["doctor", "--data", &folder]);
    assert!(
        doctor.status.success(),
        "{}{}",
        stdout(&doctor),
        stderr(&doctor)
    );
    assert!(
        stdout(&doctor).contains("accounts    ok, 1"),
        "{}",
        stdout(&doctor)
    );
}

/// A browser of a few lines.
struct Visitor {
    address: String,
    cookie: String,
    token: String,
}

impl Visitor {
    fn ask(&mut self, path: &str, form: Option<&[(&str, &str)]>) -> (u16, String) {
        let config = ureq::Agent::config_builder();
        let config = config.http_status_as_error(false).max_redirects(0);
        let agent: ureq::Agent = config.build().into();
        let address = format!("{}{path}", self.address);
        let answer = match form {
            None => agent.get(address).header("cookie", &self.cookie).call(),
            Some(fields) => {
                let token = [("form_token", self.token.as_str())];
                let all: Vec<(&str, &str)> = token.iter().chain(fields).copied().collect();
                agent
                    .post(address)
                    .header("cookie", &self.cookie)
                    .send_form(all)
            }
        };
        let mut answer = answer.unwrap();
        if let Some(cookie) = answer.headers().get("set-cookie") {
            let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
            self.cookie = cookie.to_owned();
        }
        let text = answer.body_mut().read_to_string().unwrap();
        if let Some(token) = value(&text, "form_token") {
            self.token = token;
        }
        (answer.status().as_u16(), text)
    }
}

fn value(page: &str, name: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\""))?;
    Some(rest.split_once('"')?.0.to_owned())
}

/// RFC 6238, as a device has it.
fn code(key: &str) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits = key.bytes().flat_map(|letter| {
        let value = letters.iter().position(|known| *known == letter).unwrap();
        (0..5).rev().map(move |bit| value >> bit & 1)
    });
    let bits: Vec<usize> = bits.collect();
    let bytes = bits.chunks_exact(8);
    let bytes: Vec<u8> = bytes
        .map(|eight| eight.iter().fold(0, |sum, bit| sum << 1 | *bit as u8))
        .collect();
    let now = Command::new("date").arg("+%s").output().unwrap();
    let now: u64 = String::from_utf8(now.stdout)
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes);
    let tag = hmac::sign(&key, &(now / 30).to_be_bytes());
    let at = usize::from(tag.as_ref()[19] & 15);
    let word = u32::from_be_bytes(tag.as_ref()[at..at + 4].try_into().unwrap());
    format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
}

#[test]
fn what_is_typed_to_sign_in_is_in_no_line_of_the_log() {
    let data = with_accounts();
    let add = ["add", PLANTED, "--name", PLANTED, "--role", "caseworker"];
    let enrolment = enrolment_code(&staff(&data, &add));
    let (server, told) = Server::serve_telling(&data);
    let (cookie, token) = (String::new(), String::new());
    let address = server.address().to_owned();
    let mut visitor = Visitor {
        address,
        cookie,
        token,
    };
    visitor.ask("/sign-in/enrolment", None);
    let wrong = [
        ("login", PLANTED),
        ("enrolment", "PLANTED-CODE"),
        ("step", "begin"),
    ];
    assert_eq!(visitor.ask("/sign-in/enrolment", Some(&wrong)).0, 422);
    let begin = [
        ("login", PLANTED),
        ("enrolment", &enrolment),
        ("step", "begin"),
    ];
    let (status, page) = visitor.ask("/sign-in/enrolment", Some(&begin));
    assert_eq!(status, 200, "{page}");
    let key = value(&page, "key").unwrap();
    let shown = code(&key);
    let mut finish = begin.to_vec();
    finish.pop();
    finish.extend([
        ("password", PASSWORD),
        ("again", PASSWORD),
        ("code", &shown),
        ("step", "finish"),
    ]);
    assert_eq!(visitor.ask("/sign-in/enrolment", Some(&finish)).0, 303);
    let (status, page) = visitor.ask("/people", None);
    assert_eq!(status, 403, "a caseworker: {page}");
    assert_eq!(visitor.ask(&format!("/people?name={PLANTED}"), None).0, 403);
    visitor.ask("/sign-in/confirm", None);
    assert_eq!(
        visitor
            .ask("/sign-in/confirm", Some(&[("code", PASSWORD)]))
            .0,
        422
    );
    visitor.cookie.clear();
    visitor.ask("/sign-in", None);
    let guess = [("login", PLANTED), ("password", PASSWORD), ("code", &shown)];
    let (status, page) = visitor.ask("/sign-in", Some(&guess));
    assert_eq!(status, 422, "the code is spent");
    assert!(!page.contains(PASSWORD) && !page.contains(&format!("\"{shown}\"")));
    let metrics = visitor.ask("/metrics", None).1;
    server.kill();
    let lines: Vec<String> = told.iter().chain([metrics]).collect();
    assert!(lines.iter().any(|line| line.contains("enrolled")));
    let secrets = [PLANTED, PASSWORD, &enrolment, &key, &shown, "planted-code"];
    for line in lines {
        let line = line.to_lowercase();
        for secret in secrets {
            assert!(
                !line.contains(&secret.to_lowercase()),
                "`{secret}` in {line}"
            );
        }
    }
}
