//! Multiplies the cases of a demonstration, so that a gate can be measured under as many as it would have after
//! years: `multiply DATABASE KEYS CASES`. Every copy goes through the one write: the case as it stands,
//! under a reference of its own, and an entry for each entry of the first. Copies tell nobody anything.
//! Prints the reference, state and agency of every copy.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use disclosure::event::Facts;
use disclosure::{Case, Change, Event, Telling, Transition};
use store::{CaseFilter, Chance, EntryRow, Store};

type Done<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Callers at once; the writer puts what waits into one transaction.
const CALLERS: usize = 1_024;
/// One in so many copies may still be open: a desk has a few thousand cases in hand, not all of them.
const OPEN_SHARE: usize = 50;
/// Copies between two lines of progress.
const PROGRESS: usize = 10_000;
/// Most cases of one kind that are copied.
const PATTERNS: u32 = 1_000;

/// A case to copy, with its entries.
struct Pattern {
    id: String,
    text: String,
    entries: Vec<EntryRow>,
}

fn main() -> Done {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [database, keys, cases] = arguments.as_slice() else {
        return Err("say `multiply DATABASE KEYS CASES`".into());
    };
    let cases = cases.parse()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(multiply(database, Path::new(keys), cases))
}

async fn multiply(database: &str, keys: &Path, cases: usize) -> Done {
    let store = Store::open(database, keys, chance()).await?;
    let ended = patterns(&store, true).await?;
    let open = patterns(&store, false).await?;
    if ended.is_empty() || open.is_empty() {
        return Err(format!("`{database}` lacks cases to copy, both open and ended").into());
    }
    let (patterns, next) = (Arc::new((ended, open)), Arc::new(AtomicUsize::new(0)));
    let callers = (0..CALLERS).map(|_| {
        let (store, patterns, next) = (store.clone(), Arc::clone(&patterns), Arc::clone(&next));
        tokio::spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= cases {
                    return Done::Ok(());
                }
                let (ended, open) = &*patterns;
                let of = if number % OPEN_SHARE == 0 {
                    open
                } else {
                    ended
                };
                let pattern = &of[number / OPEN_SHARE % of.len()];
                copy(&store, pattern, number).await?;
                if number % PROGRESS == 0 {
                    eprintln!("{number} of {cases} cases");
                }
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await??;
    }
    Ok(store.close().await?)
}

/// Every case whose requester's wait has ended, or has not.
async fn patterns(store: &Store, ended: bool) -> Done<Vec<Pattern>> {
    let filter = CaseFilter {
        ended: Some(ended),
        ..CaseFilter::default()
    };
    let mut patterns = Vec::new();
    for row in store.cases(&filter, None, PATTERNS).await?.rows {
        // Gone since the list was read: nothing to copy.
        let Some(case) = store.case(&row.id).await? else {
            continue;
        };
        patterns.push(Pattern {
            text: serde_json::to_string(&case)?,
            entries: store.entries_of_case(&row.id).await?,
            id: row.id,
        });
    }
    Ok(patterns)
}

async fn copy(store: &Store, pattern: &Pattern, number: usize) -> Done {
    let id = format!("{}-{number}", pattern.id);
    let case: Case = serde_json::from_str(&pattern.text.replace(&pattern.id, &id))?;
    let mut change = Change::Open(Box::new(case.clone()));
    for (place, entry) in pattern.entries.iter().enumerate() {
        let step = case.history.iter().find(|step| step.kind == entry.kind);
        let Some(actor) = step.or(case.history.first()).map(|step| step.actor.clone()) else {
            continue;
        };
        let transition = Transition {
            key: format!("{id}/{place}"),
            change: std::mem::replace(&mut change, Change::Nothing),
            event: Event {
                kind: entry.kind,
                at: entry.at,
                case_id: Some(id.clone()),
                actor,
                audit: Facts::new(),
                concerns: Vec::new(),
                telling: Telling::Now,
            },
            outbox: Vec::new(),
            marks: Vec::new(),
        };
        store.apply(transition).await?;
    }
    let agency = &case.request.requester.organization;
    println!("{id} {} {agency}", case.state.code());
    Ok(())
}

/// Bytes for salts and keys of a database that is thrown away: splitmix64 (Steele, Lea and Flood, 2014).
fn chance() -> Chance {
    let mut state = 1_u64;
    Box::new(move |bytes| {
        for part in bytes.chunks_exact_mut(8) {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            part.copy_from_slice(&(mixed ^ (mixed >> 31)).to_le_bytes());
        }
    })
}
