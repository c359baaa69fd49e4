//! `tracegate staff`: who signs in at a desk without a provider.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::Subcommand;
use disclosure::{Actor, Role};
use serde::Serialize;

use super::serve::runtime;
use super::{Exit, Format, print_json};
use crate::accounts::{self, Account, ENROLMENT, Standing};
use crate::chance::Chance;
use crate::clock::Clock;
use crate::gate::open_store;
use crate::pipeline::StepError;
use crate::pipeline::accounts::Book;
use crate::settings::Settings;

#[derive(Subcommand)]
pub enum Command {
    /// Make an account; the enrolment code is printed once, to be handed over in person
    #[command(after_help = "Examples:\n  \
        tracegate staff add slindqvist --name \"Sofia Lindqvist\" --role caseworker --data data\n  \
        tracegate staff add rhale --name \"Ruth Hale\" --role authoriser --rank inspector \\\n      \
        --organization police-northmoor --data data")]
    Add(Add),
    /// List the accounts
    #[command(after_help = "Examples:\n  tracegate staff list --data data --format json")]
    List {
        #[command(flatten)]
        place: Place,
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Take an account out of use, and end its sessions; the login name is never given away
    #[command(after_help = "Examples:\n  tracegate staff disable slindqvist --data data")]
    Disable(One),
    /// Print a new enrolment code: for a lost device or password, a lock, or somebody who is back
    #[command(after_help = "Examples:\n  tracegate staff reset slindqvist --data data")]
    Reset(One),
}

#[derive(clap::Args)]
pub struct Place {
    /// Data folder with `tracegate.toml`
    #[arg(long, default_value = "tracegate-data")]
    data: PathBuf,
}

#[derive(clap::Args)]
pub struct One {
    /// Login name
    login: String,
    #[command(flatten)]
    place: Place,
}

#[derive(clap::Args)]
pub struct Add {
    /// Login name: small letters, digits, dots, hyphens
    login: String,
    /// Name that colleagues see
    #[arg(long)]
    name: String,
    /// What they may do
    #[arg(long, value_parser = role)]
    role: Role,
    /// Code of their organization in the agreements
    #[arg(long, default_value = "controller")]
    organization: String,
    /// Rank or grade, as the agreements name it
    #[arg(long)]
    rank: Option<String>,
    #[command(flatten)]
    place: Place,
}

/// One line of the list.
#[derive(Serialize)]
struct Line {
    login: String,
    id: String,
    name: String,
    role: Role,
    organization: String,
    rank: Option<String>,
    standing: Standing,
}

fn role(text: &str) -> Result<Role, String> {
    let known = Role::ALL.into_iter().find(|role| role.code() == text);
    known.ok_or_else(|| {
        let codes = Role::ALL.map(Role::code).join(", ");
        format!("it is one of {codes}")
    })
}

pub fn run(command: &Command) -> anyhow::Result<Exit> {
    match command {
        Command::Add(new) => add(new)?,
        Command::List { place, format } => list(&place.data, *format)?,
        Command::Disable(one) => {
            let login = login(&one.login)?;
            let disabled = async |book: &Book<'_>| book.disable(&login, &operator()).await;
            with_book(&one.place.data, disabled)?;
            println!("`{login}` signs in no more; `tracegate staff reset` lets them back");
        }
        Command::Reset(one) => {
            let login = login(&one.login)?;
            let reset = async |book: &Book<'_>| book.reset(&login, &operator()).await;
            tell(&login, &with_book(&one.place.data, reset)?);
        }
    }
    Ok(Exit::Done)
}

fn add(new: &Add) -> anyhow::Result<()> {
    let login = login(&new.login)?;
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > 100 {
        bail!("`--name` has 1 to 100 characters");
    }
    for code in [Some(&new.organization), new.rank.as_ref()] {
        if code.is_some_and(|code| accounts::login(code).as_ref() != Some(code)) {
            bail!("`--organization` and `--rank` are codes: small letters, digits, `-`, `_`, `.`");
        }
    }
    let added = async |book: &Book<'_>| {
        let place = (new.role, new.organization.as_str());
        let mut account = Account::new((&login, name), place, book.chance, book.now);
        account.rank.clone_from(&new.rank);
        book.add(account, &operator()).await
    };
    tell(&login, &with_book(&new.place.data, added)?);
    Ok(())
}

fn list(data: &Path, format: Format) -> anyhow::Result<()> {
    let lines = with_book(data, async |book: &Book<'_>| {
        let all = book.all().await?.into_iter();
        Ok(all.map(|one| line(one, book)).collect::<Vec<Line>>())
    })?;
    if format == Format::Json {
        return print_json(&lines);
    }
    if lines.is_empty() {
        println!("nobody yet; `tracegate staff add` makes an account");
    }
    for one in lines {
        let standing = serde_json::to_value(one.standing)?;
        println!(
            "{:<20} {:<8} {:<14} {:<20} {}",
            one.login,
            standing.as_str().unwrap_or_default(),
            one.role.code(),
            one.organization,
            one.name
        );
    }
    Ok(())
}

fn line(account: Account, book: &Book<'_>) -> Line {
    Line {
        standing: account.standing(book.now),
        login: account.login,
        id: account.id,
        name: account.name,
        role: account.role,
        organization: account.organization,
        rank: account.rank,
    }
}

fn tell(login: &str, code: &str) {
    let days = ENROLMENT.as_hours() / 24;
    println!("enrolment code of `{login}`: {code}");
    println!("hand it over in person; it is good once, for {days} days, at /sign-in/enrolment");
}

fn login(text: &str) -> anyhow::Result<String> {
    accounts::login(text).with_context(|| {
        format!("`{text}` is no login name: 2 to 40 small letters, digits, `-`, `_` or `.`")
    })
}

/// Whoever holds the data folder.
fn operator() -> Actor {
    Actor {
        id: "operator".to_owned(),
        name: "Operator".to_owned(),
        ..Actor::gate()
    }
}

fn with_book<T>(
    data: &Path,
    work: impl AsyncFnOnce(&Book<'_>) -> Result<T, StepError>,
) -> anyhow::Result<T> {
    let settings = Settings::load(data)?;
    if !settings.accounts {
        bail!("people do not sign in with accounts here; set `accounts = true` in the settings");
    }
    let chance = Arc::new(Chance::system()?);
    runtime()?.block_on(async {
        let store = open_store(&settings, &chance).await?;
        let book = Book {
            store: &store,
            chance: &chance,
            now: Clock::system().now(),
        };
        let done = work(&book).await;
        store.close().await?;
        match done {
            Err(StepError::NotFound) => {
                bail!("there is no such account; see `tracegate staff list`")
            }
            done => Ok(done?),
        }
    })
}
