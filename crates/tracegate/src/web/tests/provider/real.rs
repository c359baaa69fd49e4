//! The same with a certified provider: npm's `oidc-provider`, run by node.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::super::browser::Browser;
use super::super::site::Site;
use super::{CONFIRM, SUSPENSION};
use crate::clock::Clock;

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/provider");
const LOCK: &str = "package-lock.json";

/// The provider as its lock file names it, installed once into the build folder.
fn installed() -> PathBuf {
    let folder = Path::new(env!("OUT_DIR")).join("provider");
    fs::create_dir_all(&folder).unwrap();
    let lock = fs::read(Path::new(SOURCE).join(LOCK)).unwrap();
    let is_there = fs::read(folder.join("installed")).is_ok_and(|found| found == lock);
    for name in ["package.json", LOCK, "provider.mjs"] {
        fs::copy(Path::new(SOURCE).join(name), folder.join(name)).unwrap();
    }
    if !is_there {
        let quiet = [
            "--no-audit",
            "--no-fund",
            "--prefer-offline",
            "--loglevel=error",
        ];
        let npm = Command::new("npm")
            .args(["ci", "--ignore-scripts"])
            .args(quiet)
            .current_dir(&folder)
            .status();
        let done = npm.expect("npm runs; install Debian's package `npm`");
        assert!(
            done.success(),
            "`npm ci` of the provider failed; it needs the registry once"
        );
        fs::write(folder.join("installed"), lock).unwrap();
    }
    folder
}

/// The running provider. It ends with its standard input, and so with the test.
struct Real {
    _node: Child,
    issuer: String,
}

impl Real {
    fn start() -> Real {
        let mut node = Command::new("node")
            .arg("provider.mjs")
            .current_dir(installed())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node runs; install Debian's package `npm`");
        let mut issuer = String::new();
        let answer = node.stdout.take().unwrap();
        BufReader::new(answer).read_line(&mut issuer).unwrap();
        assert!(!issuer.is_empty(), "the provider does not start");
        Real {
            _node: node,
            issuer: issuer.trim().to_owned(),
        }
    }

    /// Fills in what the provider asks until it sends the browser back: the path at the desk.
    fn answer(&self, at_provider: &mut Browser, asked: &str, login: &str) -> (String, usize) {
        let mut path = asked.strip_prefix(&self.issuer).unwrap().to_owned();
        let mut logins = 0;
        for _ in 0..12 {
            let page = at_provider.get(&path);
            let next = match &page.location {
                Some(next) => next.clone(),
                None => {
                    logins += usize::from(page.says("name=\"login\""));
                    let prompt = if page.says("name=\"login\"") {
                        "login"
                    } else {
                        "consent"
                    };
                    let fields = [("prompt", prompt), ("login", login), ("password", "any")];
                    let fields = fields.map(|(n, v)| (n.to_owned(), v.to_owned()));
                    at_provider.post_exactly(&path, &fields).location()
                }
            };
            if let Some(back) = next.strip_prefix("https://gate.example") {
                return (back.to_owned(), logins);
            }
            path = next.strip_prefix(&self.issuer).unwrap_or(&next).to_owned();
        }
        panic!("the provider never sent the browser back; it is at {path}");
    }
}

#[test]
fn a_certified_provider_is_understood() {
    let real = Real::start();
    let site = Site::with_provider(&real.issuer);
    site.gate.clock.set(Clock::system().now());
    let mut at_provider = Browser::new(&real.issuer);
    let mut guardian = site.visitor();

    let asked = guardian.get("/sign-in/start").location();
    let (back, logins) = real.answer(&mut at_provider, &asked, "guardian.Ann");
    assert_eq!(logins, 1);
    let jar = guardian.cookie.clone();
    let page = guardian.get(&back).ok();
    assert_eq!(page.headers["refresh"], "0; url=/cases");
    assert!(guardian.get("/cases").ok().says("Ann"));

    // The code is spent here and there.
    let mut replay = site.visitor();
    replay.cookie = jar;
    assert_eq!(replay.get(&back).status, 403);
    let mut other = site.visitor();
    let theirs = other.get("/sign-in/start").location();
    let (_, logins) = real.answer(&mut at_provider, &theirs, "guardian.Ann");
    assert_eq!(logins, 0, "the provider knows her still");

    // Proving it again asks for the login again, however well the provider knows her.
    site.later(jiff::SignedDuration::from_mins(6));
    guardian.get(SUSPENSION).ok();
    let page = guardian.post(SUSPENSION, &CONFIRM);
    assert!(page.says("Confirm that it is you"), "{}", page.text);
    site.gate.clock.set(Clock::system().now());
    let asked = guardian.get("/sign-in/start?anew=yes").location();
    let (back, logins) = real.answer(&mut at_provider, &asked, "guardian.Ann");
    assert_eq!(logins, 1, "she logs in again");
    let page = guardian.get(&back).ok();
    assert_eq!(page.headers["refresh"], "0; url=/sign-in/unsent");

    let mut minister = site.visitor();
    let asked = minister.get("/sign-in/start").location();
    let mut fresh = Browser::new(&real.issuer);
    let (back, _) = real.answer(&mut fresh, &asked, "minister.Max");
    assert!(minister.get(&back).says("has no place here"));
}
