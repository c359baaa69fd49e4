//! `tracegate serve`, `migrate`, `doctor`: run a data folder, or look whether it could run.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use ledger::Checkpoint;
use tokio::net::TcpListener;

use super::Exit;
use super::keys::read_secret;
use super::progress::{self, Progress};
use crate::chance::Chance;
use crate::clock::Clock;
use crate::gate::{Gate, open_store};
use crate::http;
use crate::oidc::Provider;
use crate::pipeline::{log_keys, publication, suspension};
use crate::settings::{Log, Settings};

#[derive(clap::Args)]
#[command(after_help = "Examples:\n  tracegate serve --data data")]
pub struct Args {
    /// Data folder with `tracegate.toml`
    #[arg(long, default_value = "tracegate-data")]
    data: PathBuf,
}

pub fn serve(args: &Args) -> anyhow::Result<Exit> {
    log_to_stderr();
    runtime()?.block_on(async {
        let settings = Settings::load(&args.data)?;
        let gate = Arc::new(Gate::open(settings, Clock::system(), Chance::system()?).await?);
        gate.store.outbox_recover().await?;
        suspension::record_states(&gate).await?;
        let listener = bind(gate.settings.listen).await?;
        listen(gate, listener).await
    })?;
    Ok(Exit::Done)
}

/// Takes the address to listen on; port 0 is any that is free.
pub async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).await;
    listener.with_context(|| format!("cannot listen on {address}; choose another with `--listen`"))
}

/// Serves until interrupted.
pub async fn listen(gate: Arc<Gate>, listener: TcpListener) -> anyhow::Result<()> {
    log_keys::record(&gate).await?;
    eprintln!(
        "serving http://{}/ (stop with Ctrl-C)",
        listener.local_addr()?
    );
    http::serve(gate, listener).await
}

pub fn migrate(args: &Args) -> anyhow::Result<Exit> {
    let settings = Settings::load(&args.data)?;
    let chance = Chance::system()?;
    runtime()?.block_on(async {
        let salts = Box::new(move |salt: &mut [u8; 32]| *salt = chance.bytes());
        store::Store::migrate(&settings.database, &settings.keys, salts)
            .await
            .context("the database")
    })?;
    println!("the database is up to date");
    Ok(Exit::Done)
}

pub fn doctor(args: &Args) -> anyhow::Result<Exit> {
    let settings = Settings::load(&args.data)?;
    println!("settings    ok");
    let mut library = crate::gate::load_library(&settings.agreements)?;
    println!("agreements  ok, {} versions", library.versions().count());
    let index = matcher::Index::open(&settings.index)?;
    println!("index       ok, {} people", index.info().people);
    let chance = Arc::new(Chance::system()?);
    let head = match verified(&settings.log) {
        Ok(head) => head,
        Err(error) => {
            println!("log         NOT VERIFIED: {error:#}");
            return Ok(Exit::NotVerified);
        }
    };
    let signed = head.as_ref().map_or(0, |head| head.size);
    let (size, root, published, accounts) = runtime()?.block_on(async {
        let store = open_store(&settings, &chance).await?;
        let published = publication::published(&store, &library).await?;
        progress::wait("reading the database's file, seconds", store.check()).await?;
        let mut audited = Progress::start("rows compared with the log", 0);
        store.audit_telling(&mut |rows| audited.at(rows)).await?;
        audited.clear();
        let root = progress::wait("hashing the entries, seconds", store.root(signed)).await?;
        let accounts = store.accounts().await?.len();
        anyhow::Ok((store.ledger_size().await?, root, published, accounts))
    })?;
    println!("database    ok, {size} entries, each opens; every row is the one the log knows");
    if let Some(problem) = settings.readable_secret() {
        println!("keys        NO: {problem}");
        return Ok(Exit::Failed);
    }
    println!("keys        ok, readable by the owner only");
    if let Some(sign_in) = settings.sign_in.clone() {
        let issuer = sign_in.issuer.clone();
        let looked = Provider::new(sign_in).look(Clock::system().now());
        looked.with_context(|| format!("nobody can sign in through `{issuer}`"))?;
        println!("sign-in     ok, {issuer} answers");
    }
    if settings.accounts {
        println!("accounts    ok, {accounts} in all; `tracegate staff list` tells who");
    }
    library.withhold_unpublished(&published);
    let withheld = library.withheld_in_force(Clock::system().now());
    for id in &withheld {
        println!(
            "published   NO: `{id}` is not in the log with this content; nothing is judged under it"
        );
    }
    if !withheld.is_empty() {
        return Ok(Exit::NotVerified);
    }
    println!("published   ok, {} versions", published.len());
    let Some(head) = head else {
        println!("log         nothing is published yet");
        return Ok(Exit::Done);
    };
    if head.root != root {
        println!("log         NOT VERIFIED: it holds other entries than the database");
        return Ok(Exit::NotVerified);
    }
    println!("log         ok, {signed} entries, those of the database");
    Ok(Exit::Done)
}

/// The public head, once there is one, after every file of the log was checked under it.
fn verified(log: &Log) -> anyhow::Result<Option<Checkpoint>> {
    if !log.folder.join(ledger::tiles::CHECKPOINT_PATH).exists() {
        return Ok(None);
    }
    let key = read_secret(&log.key_file).context("the log's key")?;
    let mut progress = Progress::start("checking entries of the log", 0);
    let each = |index: u64, _: &[u8]| progress.at(index);
    let report = ledger::verify_each(&log.folder, key.public(), each);
    progress.clear();
    Ok(Some(report.context("the log is not verified")?.checkpoint))
}

pub fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?)
}

/// Structured lines on standard error. What is logged never names a person: references, codes,
/// organizations and errors only.
pub fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("TRACEGATE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,tracegate=info"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second call in one process keeps the first subscriber.
    subscriber.try_init().ok();
}
