//! Measures the ledger: events through the one write, on SQLite and PostgreSQL; ticks; a log of a million
//! entries and its proofs. `cargo xtask bench ledger` runs it optimized and writes the page.
//!
//! `ledger FOLDER [POSTGRES_URL]` prints one JSON object; FOLDER then holds the log as `million/log`.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use disclosure::{Actor, EventKind, Request, Role, Transition, arrows};
use jiff::Timestamp;
use ledger::hash::leaf_hash;
use ledger::leaf::{Commitment, Hour, Kind, Leaf};
use ledger::tree::verify_inclusion;
use ledger::{Checkpoint, Folder, KeyType, Publisher, SignerKey, TlogProof, prove, verify};
use serde_json::{Value, json};
use store::{Chance, Store};

type Done<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Callers at once.
const CALLERS: usize = 1_024;
/// Events of one measurement.
const EVENTS: usize = 60_000;
/// Entries that a tick still has to read: as many as the program reads at once.
const LEFT: u64 = 512;
/// Entries of the large log.
const MILLION: u64 = 1_000_000;
/// Proofs checked.
const PROOFS: u64 = 2_000;

fn main() -> Done {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("name a folder")?;
    let folder = Path::new(&folder);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let sqlite = folder.join("gate.sqlite").display().to_string();
    let (store, figures) = runtime.block_on(events(&sqlite, &folder.join("sqlite.keys")))?;
    let mut printed = json!({ "sqlite": figures });
    let bytes =
        ["", "-wal"].map(|end| fs::metadata(format!("{sqlite}{end}")).map_or(0, |it| it.len()));
    printed["database_bytes"] = json!(bytes.iter().sum::<u64>() as f64 / (2 * EVENTS) as f64);
    printed["ticks"] = runtime.block_on(ticks(&store, folder))?;
    runtime.block_on(store.close())?;
    if let Some(url) = arguments.next() {
        let (store, figures) = runtime.block_on(events(&url, &folder.join("postgres.keys")))?;
        printed["postgres"] = figures;
        runtime.block_on(store.close())?;
    }
    printed["log"] = log(&folder.join("million"))?;
    println!("{printed}");
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark is what a clock is for"
)]
fn now() -> Instant {
    Instant::now()
}

/// Seconds of processor time that this process has taken, in all its threads.
fn cpu_s() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
        / 100.0
}

/// Numbers drawn from a seed: splitmix64 (Steele, Lea and Flood, 2014).
struct Dice(u64);

impl Dice {
    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn fill(&mut self, bytes: &mut [u8; 32]) {
        for part in bytes.chunks_exact_mut(8) {
            part.copy_from_slice(&self.draw().to_le_bytes());
        }
    }
}

fn chance() -> Chance {
    let mut dice = Dice(1);
    Box::new(move |bytes| dice.fill(bytes))
}

fn officer() -> Actor {
    Actor {
        id: "olive".to_owned(),
        name: "Olive Ogden".to_owned(),
        role: Role::Officer,
        organization: "police-northmoor".to_owned(),
    }
}

fn request() -> Done<Request> {
    Ok(serde_json::from_value(json!({
        "requester": {
            "organization": "police-northmoor", "officer_id": "olive", "name": "Olive Ogden",
            "rank": "sergeant",
        },
        "authoriser": {
            "officer_id": "arthur", "name": "Arthur Archer", "rank": "inspector",
            "signed_at": "2026-03-04T11:00:00Z",
        },
        "purpose": "serious_crime",
        "subject": { "surname": "Thistlewood", "given_name": "Maud", "date_of_birth": "1984-03-27" },
        "fields": ["name", "last_known_address"],
    }))?)
}

/// Requests received, then looks at the log: events with and without a case and a message.
async fn events(location: &str, keys: &Path) -> Done<(Store, Value)> {
    let store = Store::open(location, keys, chance()).await?;
    let (at, request, officer) = (Timestamp::UNIX_EPOCH, request()?, officer());
    let received = {
        let (request, officer) = (request.clone(), officer.clone());
        move |number: usize| {
            let id = format!("TG-{number}");
            let mark = (number as u128).to_be_bytes();
            arrows::receive(&id, &id, request.clone(), &officer, at).marked(vec![mark])
        }
    };
    let look = move |number: usize| {
        let key = number.to_string();
        arrows::note_look(&key, EventKind::LogRead, None, "log", &officer, at)
    };
    let received = measured(&store, received).await?;
    let looks = measured(&store, look).await?;
    Ok((store, json!({ "received": received, "looks": looks })))
}

async fn measured(
    store: &Store,
    make: impl Fn(usize) -> Transition + Send + Sync + 'static,
) -> Done<Value> {
    let (make, next) = (Arc::new(make), Arc::new(AtomicUsize::new(0)));
    let (start, cpu) = (now(), cpu_s());
    let callers = (0..CALLERS).map(|_| {
        let (store, make, next) = (store.clone(), Arc::clone(&make), Arc::clone(&next));
        tokio::spawn(async move {
            let mut slowest = Duration::ZERO;
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= EVENTS {
                    return Ok::<_, store::StoreError>(slowest);
                }
                let start = now();
                store.apply(make(number)).await?;
                slowest = slowest.max(start.elapsed());
            }
        })
    });
    let callers: Vec<_> = callers.collect();
    let mut slowest = Duration::ZERO;
    for caller in callers {
        slowest = slowest.max(caller.await??);
    }
    let seconds = start.elapsed().as_secs_f64();
    Ok(json!({
        "events_a_second": EVENTS as f64 / seconds,
        "cpu_us": 1e6 * (cpu_s() - cpu) / EVENTS as f64,
        "slowest_ms": 1e3 * slowest.as_secs_f64(),
    }))
}

fn signer() -> Done<SignerKey> {
    Ok(SignerKey::from_seed(
        "log.example/2026",
        KeyType::Note,
        &[1; 32],
    )?)
}

/// From the tick to the head on disk: the last entries read and opened, all hashed, signed, written. As in
/// the program, those before them have been read as they came.
async fn ticks(store: &Store, folder: &Path) -> Done<Value> {
    let mut publisher =
        Publisher::open(folder.join("ticks"), folder.join("ticks.state"), signer()?)?;
    let size = store.ledger_size().await?;
    let mut until = 0;
    let mut figures = json!({});
    for entries in [1, 100, 1_000, 10_000] {
        let rounds = if entries > 1_000 { 5 } else { 20 };
        let mut times = Vec::new();
        for _ in 0..rounds {
            until = (until + entries).min(size);
            let first = publisher.size().saturating_sub(1);
            let mut leaves = Vec::new();
            let mut end = first;
            while end + LEFT < until {
                let page = store
                    .opened_leaves(end, (end + LEFT).min(until - LEFT))
                    .await?;
                end += page.len() as u64;
                leaves.extend(page);
            }
            let start = now();
            leaves.extend(store.opened_leaves(end, until).await?);
            publisher.publish(first, &leaves)?;
            times.push(start.elapsed().as_secs_f64() * 1e3);
        }
        times.sort_by(f64::total_cmp);
        figures[entries.to_string()] =
            json!({ "median_ms": times[rounds / 2], "slowest_ms": times[rounds - 1] });
    }
    Ok(figures)
}

/// A log of a million entries, audited; proofs of some of them, checked.
fn log(case: &Path) -> Done<Value> {
    let folder = case.join("log");
    let mut publisher = Publisher::open(&folder, case.join("state"), signer()?)?;
    let mut dice = Dice(2);
    let mut leaf = || {
        let (mut audit, mut personal) = ([0; 32], [0; 32]);
        dice.fill(&mut audit);
        dice.fill(&mut personal);
        let (audit, personal) = (Commitment(audit), Commitment(personal));
        let (kind, hour) = (Kind(1), Hour(492_000));
        Leaf {
            kind,
            hour,
            audit,
            personal,
        }
        .encode()
    };
    while publisher.size() < MILLION {
        let leaves: Vec<_> = (0..50_000).map(|_| leaf()).collect();
        publisher.publish(publisher.size(), &leaves)?;
    }
    drop(publisher);
    let key = signer()?.public().clone();
    fs::write(case.join("log.vkey"), format!("{key}\n"))?;
    fs::copy(folder.join("checkpoint"), case.join("seen"))?;
    // Once to have the files in memory, as for whoever comes after.
    verify(&folder, &key)?;
    let (start, cpu) = (now(), cpu_s());
    let report = verify(&folder, &key)?;
    let (audit_s, audit_cpu_s) = (start.elapsed().as_secs_f64(), cpu_s() - cpu);
    let bytes = bytes_of(case)?;
    let mut proof_bytes = 0;
    let [mut whole, mut signature, mut path] = [Duration::ZERO; 3];
    let files = Folder::new(&folder);
    for number in 0..PROOFS {
        let index = number * (MILLION / PROOFS);
        let (entry, proof) = prove(&files, &key, index)?;
        let text = proof.to_string();
        proof_bytes += text.len();
        let start = now();
        let head = TlogProof::parse(text.as_bytes())?.verify(&entry, &key)?;
        whole += start.elapsed();
        let start = now();
        Checkpoint::open(&proof.note, &key)?;
        signature += start.elapsed();
        let start = now();
        verify_inclusion(index, head.size, leaf_hash(&entry), &proof.path, head.root)?;
        path += start.elapsed();
    }
    Ok(json!({
        "entries": report.checkpoint.size,
        "audit_s": audit_s,
        "audit_cpu_s": audit_cpu_s,
        "bytes_an_entry": bytes as f64 / MILLION as f64,
        "proof_bytes": proof_bytes as f64 / PROOFS as f64,
        "proof_us": 1e6 * whole.as_secs_f64() / PROOFS as f64,
        "head_us": 1e6 * signature.as_secs_f64() / PROOFS as f64,
        "path_us": 1e6 * path.as_secs_f64() / PROOFS as f64,
    }))
}

/// Bytes of all files under a folder.
fn bytes_of(folder: &Path) -> Done<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        sum += match entry.file_type()?.is_dir() {
            true => bytes_of(&entry.path())?,
            false => entry.metadata()?.len(),
        };
    }
    Ok(sum)
}
