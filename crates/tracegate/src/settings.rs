//! `tracegate.toml`: what an installation may set. Unknown keys are refused.

mod email;
mod machines;
mod practice;
mod sign_in;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use disclosure::Actor;
use disclosure::case::AnswerWindow;
use serde::Deserialize;

use crate::personas;
use crate::web::language;

pub use email::{Email, Tls};
pub use machines::{Agency, Certificates, Client, DEMONSTRATION, Folder, Machines, Officer};
pub use practice::Practice;
pub use sign_in::{SessionTimes, SignIn};

/// Name of the settings file in a data folder.
pub const FILE: &str = "tracegate.toml";

/// The settings of one installation. Relative paths are relative to the data folder.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where to listen, for example `127.0.0.1:8018`.
    pub listen: SocketAddr,
    /// `sqlite:FILE` or a `postgres://` address.
    pub database: String,
    /// What opens the sealed parts of the database: a file that no backup of the database may hold.
    #[serde(default = "keys_file")]
    pub keys: PathBuf,
    /// The person index.
    pub index: PathBuf,
    /// Folder of agreements.
    pub agreements: PathBuf,
    /// Folder of the statistics that were published, a file a quarter.
    #[serde(default = "statistics_folder")]
    pub statistics: PathBuf,
    /// The public log.
    pub log: Log,
    /// When answers leave.
    #[serde(default)]
    pub answers: Answers,
    /// Languages of the desk besides English, by their codes.
    #[serde(default)]
    pub languages: Vec<String>,
    /// Local people to sign in as, without any password. Only on loopback, only to demonstrate.
    #[serde(default)]
    pub demonstration: bool,
    /// Who knows the people that sign in at the desk.
    #[serde(default)]
    pub sign_in: Option<SignIn>,
    /// Whether people sign in with accounts of this installation, where there is no provider.
    #[serde(default)]
    pub accounts: bool,
    /// How long they stay signed in.
    #[serde(default)]
    pub sessions: SessionTimes,
    /// Practices that register patients.
    #[serde(default)]
    pub practices: Vec<Practice>,
    /// Machines that may use the interface.
    #[serde(default)]
    pub clients: Vec<Client>,
    /// Calls of the interface that each client may make a second.
    #[serde(default = "hundred")]
    pub calls_per_second: u32,
    /// Private key that signs packages, a file that only the service may read; none are made without.
    #[serde(default)]
    pub package_key_file: Option<PathBuf>,
    /// What the gate knows of the agencies whose machines ask.
    #[serde(default)]
    pub agencies: Vec<Agency>,
    /// What sends e-mails without content; nobody is told by e-mail without it.
    #[serde(default)]
    pub email: Option<Email>,
    /// Folders from which files of requests are taken.
    #[serde(default)]
    pub folders: Vec<Folder>,
    /// How machines prove who they are; without it only a demonstration has any.
    #[serde(default)]
    pub machines: Option<Machines>,
}

/// The public log.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// Folder of the public files.
    pub folder: PathBuf,
    /// Private signing key, a file that only the service may read.
    pub key_file: PathBuf,
    /// The key that takes over: while it is named, both sign.
    #[serde(default)]
    pub next_key_file: Option<PathBuf>,
    /// Final checkpoint of the log that this one continues under another name: it becomes an entry.
    #[serde(default)]
    pub follows_file: Option<PathBuf>,
    /// Secret from which the marks of budgets are drawn: the first key of the log, so that counts go
    /// on when another has taken over. The log's key unless named.
    #[serde(default)]
    pub marks_key_file: Option<PathBuf>,
    /// Last signed head, kept apart from the public files.
    pub state_file: PathBuf,
    /// Witnesses and quorum (c2sp.org/tlog-policy): nothing is public or released without them.
    #[serde(default)]
    pub policy_file: Option<PathBuf>,
    /// Seconds behind after which the health page warns.
    #[serde(default = "minute")]
    pub warn_seconds: u64,
    /// Seconds behind after which nothing is released any more.
    #[serde(default = "ten_minutes")]
    pub stop_seconds: u64,
    /// Seconds between checkpoints.
    #[serde(default = "one")]
    pub tick_seconds: u64,
}

fn keys_file() -> PathBuf {
    PathBuf::from("tracegate.keys")
}

fn statistics_folder() -> PathBuf {
    PathBuf::from("statistics")
}

fn hundred() -> u32 {
    100
}

fn one() -> u64 {
    1
}

fn minute() -> u64 {
    60
}

fn ten_minutes() -> u64 {
    600
}

/// When answers leave.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// Seconds between the ticks at which answers leave.
    pub tick_seconds: i64,
    /// Earliest answer after receipt, in seconds.
    pub earliest_seconds: i64,
}

impl Default for Answers {
    /// Once a day, and never sooner than five days after receipt: longer than a usual review.
    fn default() -> Answers {
        Answers {
            tick_seconds: 86_400,
            earliest_seconds: 5 * 86_400,
        }
    }
}

impl Answers {
    /// The window as the case's arrows take it.
    pub fn window(self) -> AnswerWindow {
        AnswerWindow {
            tick_seconds: self.tick_seconds,
            earliest_seconds: self.earliest_seconds,
        }
    }
}

impl Settings {
    /// Reads `tracegate.toml` of a data folder and resolves its paths.
    pub fn load(data: &Path) -> anyhow::Result<Settings> {
        let path = data.join(FILE);
        let text = std::fs::read_to_string(&path).with_context(|| {
            format!(
                "cannot read `{}`; `tracegate demo --data {}` writes one to start from",
                path.display(),
                data.display()
            )
        })?;
        let settings: Settings =
            toml::from_str(&text).with_context(|| format!("in `{}`", path.display()))?;
        settings.check()?;
        Ok(settings.within(data))
    }

    /// Rules about values, beyond their shape.
    pub fn check(&self) -> anyhow::Result<()> {
        if self.demonstration && !self.listen.ip().is_loopback() {
            bail!("`demonstration` lets anybody sign in; `listen` must then be a loopback address");
        }
        if self.log.tick_seconds == 0 || self.answers.tick_seconds < 1 {
            bail!("`tick_seconds` must be at least 1");
        }
        self.check_machines()?;
        self.check_folders()?;
        self.check_email()?;
        let ways = [self.demonstration, self.accounts, self.sign_in.is_some()];
        if ways.into_iter().filter(|way| *way).count() > 1 {
            bail!(
                "people sign in one way: through `[sign_in]`, with `accounts`, or as anybody in a \
                 `demonstration`; leave two of them out"
            );
        }
        if let Some(code) = self
            .languages
            .iter()
            .find(|code| language::find(code).is_none())
        {
            let known = language::languages().iter().map(|one| one.code);
            let known = known.collect::<Vec<_>>().join("`, `");
            bail!("`languages` names `{code}`; besides English there is `{known}`");
        }
        self.sign_in.as_ref().map_or(Ok(()), SignIn::check)?;
        self.sessions.check()
    }

    /// Who acts under this identity: a client, an agency's officer, or a persona of the demonstration.
    pub fn actor(&self, id: &str) -> Option<Actor> {
        let clients = self.clients.iter().map(Client::actor);
        let clients = clients.chain(self.agencies.iter().flat_map(Agency::actors));
        let mut people = clients.chain(personas::all().filter(|_| self.demonstration));
        people.find(|actor| actor.id == id)
    }

    /// The practice of this organization.
    pub fn practice(&self, organization: &str) -> Option<&Practice> {
        let mut practices = self.practices.iter();
        practices.find(|practice| practice.organization == organization)
    }

    /// A secret file that others than its owner may read or that lies among the public files.
    pub fn readable_secret(&self) -> Option<String> {
        use std::os::unix::fs::PermissionsExt as _;
        let client = self.sign_in.as_ref().map(|one| &one.client_secret_file);
        let secrets = [&self.keys, &self.log.key_file];
        let mut secrets = secrets
            .into_iter()
            .chain(client)
            .chain(&self.package_key_file)
            .chain(self.email.iter().flat_map(|email| &email.password_file))
            .chain(self.agencies.iter().flat_map(Agency::secrets));
        secrets.find_map(|path| {
            let shown = path.display();
            if path.starts_with(&self.log.folder) {
                return Some(format!("`{shown}` lies among the public files; move it"));
            }
            let mode = std::fs::metadata(path).ok()?.permissions().mode();
            (mode & 0o077 != 0).then(|| format!("others may read `{shown}`; run `chmod 600` on it"))
        })
    }

    fn within(mut self, data: &Path) -> Settings {
        let log = &mut self.log;
        let optional = [
            &mut log.next_key_file,
            &mut log.marks_key_file,
            &mut log.policy_file,
            &mut log.follows_file,
        ];
        for path in optional
            .into_iter()
            .chain([&mut self.package_key_file])
            .chain(self.email.iter_mut().flat_map(Email::files_mut))
            .flatten()
        {
            *path = data.join(&*path);
        }
        for folder in &mut self.folders {
            folder.path = data.join(&folder.path);
        }
        for path in self.agencies.iter_mut().flat_map(Agency::secrets_mut) {
            *path = data.join(&*path);
        }
        let paths = [
            &mut self.keys,
            &mut self.index,
            &mut self.agreements,
            &mut self.statistics,
            &mut self.log.folder,
            &mut self.log.key_file,
            &mut self.log.state_file,
        ];
        for path in paths {
            *path = data.join(&*path);
        }
        if let Some(sign_in) = &mut self.sign_in {
            sign_in.client_secret_file = data.join(&sign_in.client_secret_file);
        }
        if let Some(file) = self.database.strip_prefix("sqlite:") {
            self.database = format!("sqlite:{}", data.join(file).display());
        }
        self
    }
}
