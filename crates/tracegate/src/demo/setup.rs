//! The demonstration's data folder: people, index, agreements, key, settings.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use disclosure::{Actor, Role};
use jiff::Timestamp;
use ledger::{KeyType, SignerKey};
use sha2::{Digest as _, Sha256};

use crate::chance::Chance;
use crate::cli::keys::write_private;
use crate::gate::{load_library, open_store};
use crate::pipeline::publication;
use crate::settings::Settings;
use crate::{personas, settings, shipped};

/// Marks a folder as an earlier demonstration, which may be replaced.
const MARK: &str = "this-is-a-demonstration";

/// Name of the demonstration's log.
const ORIGIN: &str = "log.northmoor.example/2026";

/// Name of the demonstration's key for packages.
const GATE: &str = "gate.northmoor.example/2026";

/// Whether the folder holds a finished demonstration.
pub fn is_finished(data: &Path) -> bool {
    fs::read_to_string(data.join(MARK)).is_ok_and(|text| text.trim() == "finished")
}

/// Marks the demonstration as finished.
pub fn finish(data: &Path) -> anyhow::Result<()> {
    Ok(fs::write(data.join(MARK), "finished\n")?)
}

/// Makes an empty data folder. An earlier demonstration is replaced; anything else is left alone.
pub fn folder(data: &Path) -> anyhow::Result<()> {
    let occupied = data.exists() && fs::read_dir(data)?.next().is_some();
    if occupied && !data.join(MARK).exists() {
        bail!(
            "`{}` holds other files; choose an empty folder with `--data`",
            data.display()
        );
    }
    if occupied {
        fs::remove_dir_all(data)?;
    }
    fs::create_dir_all(data).with_context(|| format!("cannot make `{}`", data.display()))?;
    Ok(fs::write(data.join(MARK), "begun\n")?)
}

/// Writes agreements, signing key and settings.
pub fn installation(data: &Path, listen: SocketAddr, chance: &Chance) -> anyhow::Result<()> {
    shipped::write_agreements(&data.join("agreements"))?;
    let key = SignerKey::from_seed(ORIGIN, KeyType::Note, &chance.bytes())?;
    write_private(&data.join("log.key"), key.to_secret_text().as_bytes())?;
    fs::write(data.join("log.vkey"), format!("{}\n", key.public()))?;
    let key = SignerKey::from_seed(GATE, KeyType::Note, &chance.bytes())?;
    write_private(&data.join("gate.key"), key.to_secret_text().as_bytes())?;
    fs::write(data.join("gate.vkey"), format!("{}\n", key.public()))?;
    let mut text = settings_text(listen);
    let mut tokens = String::new();
    // People have pages and no interface.
    let machines = personas::all().filter(|actor| actor.role != Role::Subject);
    for actor in machines {
        let token = chance.token();
        tokens += &format!("{} {token}\n", actor.id);
        text += &client_text(&actor, &token);
    }
    write_private(&data.join("tokens.txt"), tokens.as_bytes())?;
    Ok(fs::write(data.join(settings::FILE), text)?)
}

/// Two guardians publish every shipped agreement that anybody has agreed to.
pub async fn publish(settings: &Settings, at: Timestamp) -> anyhow::Result<()> {
    let library = load_library(&settings.agreements)?;
    let chance = Arc::new(Chance::system()?);
    let store = open_store(settings, &chance).await?;
    let guardians = personas::all().filter(|actor| actor.role == Role::Guardian);
    let [first, second] = guardians
        .collect::<Vec<Actor>>()
        .try_into()
        .map_err(|found: Vec<Actor>| anyhow::anyhow!("{} guardians, not two", found.len()))?;
    for version in library.versions() {
        if library.publication_problems(&version.id, at).is_empty() {
            publication::propose(&store, &library, &first, &version.id, at).await?;
            publication::confirm(&store, &library, &second, &version.id, at).await?;
        }
    }
    Ok(store.close().await?)
}

/// A persona as a machine that may use the interface.
fn client_text(actor: &Actor, token: &str) -> String {
    format!(
        "\n[[clients]]\nid = \"{}\"\nname = \"{}\"\nrole = \"{}\"\norganization = \"{}\"\n\
         token_sha256 = \"{}\"\n",
        actor.id,
        actor.name,
        actor.role.code(),
        actor.organization,
        hex::encode(Sha256::digest(token))
    )
}

fn settings_text(listen: SocketAddr) -> String {
    format!(
        "# Settings of a demonstration: sample people, nobody is real.\n\
         listen = \"{listen}\"\n\
         database = \"sqlite:tracegate.sqlite\"\n\
         keys = \"tracegate.keys\"\n\
         index = \"people.tgx\"\n\
         agreements = \"agreements\"\n\
         package_key_file = \"gate.key\"\n\
         demonstration = true\n\n\
         # What the keys of machines are entered for; the tokens below are the demonstration's alone.\n\
         [machines]\n\
         address = \"http://{listen}\"\n\n\
         [log]\n\
         folder = \"log\"\n\
         key_file = \"log.key\"\n\
         state_file = \"log.state\"\n\
         tick_seconds = 1\n\n\
         # Answers leave every ten seconds here; once a day, five days after receipt, by default.\n\
         [answers]\n\
         tick_seconds = 10\n\
         earliest_seconds = 0\n"
    ) + PRACTICES
}

/// The demonstration's practices.
#[cfg(test)]
pub fn practices() -> Vec<settings::Practice> {
    #[derive(serde::Deserialize)]
    struct Listed {
        practices: Vec<settings::Practice>,
    }
    let listed: Result<Listed, _> = toml::from_str(PRACTICES);
    listed.map_or_else(|_| Vec::new(), |listed| listed.practices)
}

/// Where the demonstration's practices are.
const PRACTICES: &str = r#"
[[practices]]
organization = "practice-harbour-street"
code = "Y99001"
name = "Harbour Street Practice"
address = "12 Harbour Street"
town = "Northmoor"
postcode = "NM1 1AA"
area = "Northmoor Coast"
complaints = "the Northmoor care board"

[[practices]]
organization = "practice-larch-lane"
code = "Y99002"
name = "Larch Lane Surgery"
address = "3 Larch Lane"
town = "Northmoor"
postcode = "NM2 2AB"
area = "Northmoor Hills"
complaints = "the Northmoor care board"
"#;
