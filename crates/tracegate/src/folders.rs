//! Folders from which files of requests are taken, for agencies whose systems write files and call nobody.
//!
//! A file is taken once it has stayed as it is from one look to the next, and by a rename, so that nobody adds to
//! it any more. What was taken and not finished is read on when the gate starts again: the same file is the same
//! batch.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use disclosure::requester::{Method, RequesterCheck};
use store::batch::Batch;
use thiserror::Error;
use tokio::sync::watch;

use crate::gate::Gate;
use crate::pipeline::StepError;
use crate::pipeline::batch::answers::{self, LINES_AT_ONCE, List};
use crate::pipeline::batch::{self, Columns, FILE_BYTES_MAX};
use crate::settings::Folder;

/// How often is looked.
const EVERY: Duration = Duration::from_secs(1);

/// Files that are being read, below a watched folder.
const TAKEN: &str = "taken";
/// Files that have been read, with their answers.
const DONE: &str = "done";

/// Why a folder could not be looked through.
#[derive(Debug, Error)]
enum FolderError {
    #[error("a file could not be read, moved or written")]
    File(#[from] io::Error),
    #[error(transparent)]
    Step(#[from] StepError),
}

/// Length and last change of files that are still being written, for all one knows.
type Seen = HashMap<PathBuf, (u64, SystemTime)>;

/// What is known of a folder from look to look.
#[derive(Clone, Default)]
struct Watched {
    seen: Seen,
    /// Batches that the taken files became.
    batches: HashMap<PathBuf, String>,
}

/// Looks until told to stop.
pub async fn run(gate: &Arc<Gate>, mut stop: watch::Receiver<bool>) {
    let folders = &gate.settings.folders;
    let mut watched = vec![Watched::default(); folders.len()];
    while !folders.is_empty() {
        for (folder, watched) in folders.iter().zip(&mut watched) {
            if let Err(error) = look(gate, folder, watched).await {
                // The path is the operator's; the names of files are the agency's and are not told.
                let path = folder.path.display();
                tracing::warn!(%error, folder = %path, "a watched folder is looked through again");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stop.changed() => return,
        }
    }
}

async fn look(gate: &Arc<Gate>, folder: &Folder, watched: &mut Watched) -> Result<(), FolderError> {
    let taken = folder.path.join(TAKEN);
    fs::create_dir_all(&taken)?;
    fs::create_dir_all(folder.path.join(DONE))?;
    take(&folder.path, &taken, &mut watched.seen)?;
    let mut batches = HashMap::new();
    for file in files(&taken)? {
        let known = watched.batches.get(&file);
        let is_read = |id: &&String| gate.reading.holds(id);
        let batch = match known.filter(is_read) {
            Some(id) => Some(id.clone()),
            None => read(gate, folder, &file).await?,
        };
        batches.extend(batch.map(|id| (file, id)));
    }
    watched.batches = batches;
    Ok(())
}

/// Takes the files that have stayed as they are since the last look.
fn take(from: &Path, to: &Path, seen: &mut Seen) -> io::Result<()> {
    let mut now = Seen::new();
    for file in files(from)? {
        let about = fs::symlink_metadata(&file)?;
        let state = (about.len(), about.modified()?);
        let place = to.join(file.file_name().unwrap_or_default());
        // Another of its name is being read: this one waits.
        if seen.get(&file) == Some(&state) && !place.exists() {
            fs::rename(&file, place)?;
        } else {
            now.insert(file, state);
        }
    }
    *seen = now;
    Ok(())
}

/// The plain files of a folder whose names end in `.csv`, in the order of their names.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = PathBuf::from(entry.file_name());
        let is_csv = name.extension().is_some_and(|ending| ending == "csv");
        // A link is no plain file: it could lead anywhere.
        if is_csv && entry.file_type()?.is_file() {
            found.push(entry.path());
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Hands a file in and names its batch; or puts it away where all of it has been read, or none of it can be.
async fn read(
    gate: &Arc<Gate>,
    folder: &Folder,
    file: &Path,
) -> Result<Option<String>, FolderError> {
    let Some(by) = gate.settings.actor(&folder.officer) else {
        return Ok(None);
    };
    let Some(_turn) = gate.reading.turn() else {
        return Ok(None);
    };
    let done = folder.path.join(DONE);
    if fs::symlink_metadata(file)?.len() > FILE_BYTES_MAX as u64 {
        let fault = format!("the file is longer than {} MiB", FILE_BYTES_MAX >> 20);
        refuse(file, &done, &fault)?;
        return Ok(None);
    }
    let bytes = axum::body::Bytes::from(fs::read(file)?);
    let columns = match Columns::of(&bytes) {
        Ok(columns) => columns,
        Err(fault) => {
            refuse(file, &done, &fault.to_string())?;
            return Ok(None);
        }
    };
    let key = batch::key_of(&bytes);
    let credential = format!("folder {}", folder.path.display());
    let check = RequesterCheck::new(Method::Folder, credential, gate.clock.now());
    let taken = batch::hand_in(gate, ((&by, &check), None), &key, bytes, columns).await?;
    if let Some(batch) = taken.as_ref().filter(|batch| batch.rows.is_some()) {
        put_away(gate, batch, file, &done).await?;
    }
    Ok(taken.map(|batch| batch.id))
}

/// A file whose columns cannot be read is refused whole.
fn refuse(file: &Path, done: &Path, fault: &str) -> io::Result<()> {
    let name = free(done, &stem(file));
    let named = |ending| done.join(format!("{name}{ending}"));
    let told =
        format!("LINE,COLUMN,PROBLEM,REMEDY\n1,,{fault},correct it and put the file here again\n");
    fs::write(named(".errors.csv"), told)?;
    fs::rename(file, named(".csv"))
}

/// Writes answers and faulty lines, and moves the file beside them, which says that both are whole.
async fn put_away(gate: &Gate, batch: &Batch, file: &Path, done: &Path) -> Result<(), FolderError> {
    let name = format!("{}-{}", stem(file), batch.id);
    for list in [List::Answers, List::Errors] {
        let path = done.join(format!("{name}.{}.csv", list.name()));
        let mut out = io::BufWriter::new(fs::File::create(path)?);
        let mut after = Some(0);
        while let Some(from) = after {
            let page = answers::page(gate, batch, list, (from, LINES_AT_ONCE)).await?;
            out.write_all(page.lines(from))?;
            after = page.next;
        }
        out.flush()?;
    }
    Ok(fs::rename(file, done.join(format!("{name}.csv")))?)
}

/// This name, or where another refused file has it, the first numbered one that none has.
fn free(done: &Path, name: &str) -> String {
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    let is_free = |name: &String| !done.join(format!("{name}.errors.csv")).exists();
    names.find(is_free).unwrap_or_default()
}

fn stem(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}
