//! `tracegate witness serve`: the protocol of c2sp.org/tlog-witness over HTTP.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{self, DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use ledger::witness::{REQUEST_BYTES_MAX, WitnessStore as _};
use ledger::{SignerKey, VerifierKey, Witness};
use sha2::{Digest as _, Sha256};
use store::{StoreError, WitnessFile};
use tokio::net::TcpListener;

use crate::cli::Exit;
use crate::cli::keys::read_secret;
use crate::cli::serve::{log_to_stderr, runtime};
use crate::clock::Clock;

#[derive(clap::Args)]
pub struct Args {
    /// Secret key file; given twice, with an Ed25519 and an ML-DSA-44 key, both cosign
    #[arg(long, required = true)]
    key: Vec<PathBuf>,
    /// File with the public keys of the logs to follow
    #[arg(long)]
    logs: PathBuf,
    /// File that remembers the last head of each log, and evidence
    #[arg(long)]
    state: PathBuf,
    /// Make the state file: the witness is new
    #[arg(long)]
    create: bool,
    /// Where to listen
    #[arg(long, default_value = "127.0.0.1:8020")]
    listen: SocketAddr,
}

/// A running witness.
struct Service {
    witness: Witness,
    file: Mutex<WitnessFile>,
    clock: Clock,
}

impl Service {
    /// Seconds since the epoch.
    fn now(&self) -> u64 {
        u64::try_from(self.clock.now().as_second()).unwrap_or_default()
    }
}

pub fn run(args: &Args) -> anyhow::Result<Exit> {
    log_to_stderr();
    let mut keys = Vec::new();
    for path in &args.key {
        let key: SignerKey = read_secret(path)?;
        let cosigns = key.public().key_type().is_cosignature();
        let shown = path.display();
        anyhow::ensure!(
            cosigns,
            "`{shown}` is a log's key; make one with `tracegate keys generate witness`"
        );
        eprintln!("cosigning as {}", key.public());
        keys.push(key);
    }
    let logs = read_logs(&args.logs)?;
    eprintln!("following {} logs", logs.len());
    runtime()?.block_on(async {
        let file = open(&args.state, args.create).await?;
        let service = Service {
            witness: Witness::new(keys, logs),
            file: Mutex::new(file),
            clock: Clock::system(),
        };
        serve(service, args.listen).await
    })?;
    Ok(Exit::Done)
}

async fn open(state: &Path, create: bool) -> anyhow::Result<WitnessFile> {
    let shown = state.display();
    if create {
        WitnessFile::create(state).await?;
    } else if !state.exists() {
        anyhow::bail!("there is no state file `{shown}`; pass `--create` if the witness is new");
    }
    let file = WitnessFile::open(state).await;
    file.with_context(|| format!("the state file `{shown}`"))
}

fn read_logs(path: &Path) -> anyhow::Result<Vec<VerifierKey>> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read `{shown}`"))?;
    let lines = (1..).zip(text.lines().map(str::trim));
    let keys = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let keys = keys.map(|(number, line)| line.parse().with_context(|| format!("{shown}:{number}")));
    keys.collect()
}

async fn serve(service: Service, address: SocketAddr) -> anyhow::Result<()> {
    let app = Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/{origin}/checkpoint", get(last_checkpoint))
        .route("/health", get(health))
        .layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX))
        .with_state(Arc::new(service));
    let listener = TcpListener::bind(address).await;
    let listener = listener.with_context(|| format!("cannot listen on {address}"))?;
    eprintln!(
        "serving http://{}/ (stop with Ctrl-C)",
        listener.local_addr()?
    );
    let stop = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let served = axum::serve(listener, app).with_graceful_shutdown(stop);
    served.await.context("serving")
}

/// `POST /add-checkpoint`.
async fn add_checkpoint(State(service): State<Arc<Service>>, body: Bytes) -> Response {
    on_file(service, move |service, file| {
        let answer = service.witness.add_checkpoint(file, &body, service.now())?;
        let status = StatusCode::from_u16(answer.status());
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let kind = [(header::CONTENT_TYPE, answer.content_type())];
        Ok((status, kind, answer.body()).into_response())
    })
    .await
}

/// `GET /HASH/checkpoint`: the last head cosigned for the log whose origin has this SHA-256.
async fn last_checkpoint(
    State(service): State<Arc<Service>>,
    extract::Path(hash): extract::Path<String>,
) -> Response {
    on_file(service, move |service, file| {
        let is_asked = |origin: &&str| hex::encode(Sha256::digest(origin)) == hash;
        let note = match service.witness.origins().find(is_asked) {
            Some(origin) => file.last(origin)?,
            None => None,
        };
        let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
        Ok(match note {
            Some(note) => {
                let shown = service.witness.show(note, service.now());
                (kind, shown.to_string()).into_response()
            }
            None => (
                StatusCode::NOT_FOUND,
                "no head of this log has been cosigned\n",
            )
                .into_response(),
        })
    })
    .await
}

/// `GET /health`.
async fn health(State(service): State<Arc<Service>>) -> Response {
    on_file(service, |_, file| {
        file.last("")?;
        Ok("ok\n".into_response())
    })
    .await
}

/// Works on the state file where waiting is allowed.
async fn on_file(
    service: Arc<Service>,
    work: impl FnOnce(&Service, &mut WitnessFile) -> Result<Response, StoreError> + Send + 'static,
) -> Response {
    let worked = tokio::task::spawn_blocking(move || {
        let mut file = service.file.lock().unwrap_or_else(PoisonError::into_inner);
        work(&service, &mut file)
    })
    .await;
    match worked {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => {
            tracing::error!(%error, "the state file failed; nothing is cosigned");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
