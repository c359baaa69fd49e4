//! The agreements as they bind now. A published text never changes; what its status log says of it
//! does: an overlay, an end, a suspension entered on the command line, a version yet to come. Nor does a
//! public-interest test; another takes its place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use agreement::{Fault, Library};

/// The agreements of an installation, read again where a status log has grown.
pub struct Agreements {
    folder: PathBuf,
    current: RwLock<Current>,
}

struct Current {
    agreements: Arc<Library>,
    /// Length of each status log and of the tests renewed when they were read. Both are only ever added to.
    read: BTreeMap<String, u64>,
}

impl Agreements {
    /// `library` was read from `folder`, and `read` is how long its status logs were before.
    pub fn new(folder: &Path, library: Library, read: BTreeMap<String, u64>) -> Agreements {
        let agreements = Arc::new(library);
        Agreements {
            folder: folder.to_owned(),
            current: RwLock::new(Current { agreements, read }),
        }
    }

    /// Everything entered by now, in effect or to come. Where a log cannot be read or has a fault,
    /// what it said before stays here, and [`Agreements::are_read`] says that it is not all.
    pub fn now(&self) -> Arc<Library> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        let library = Arc::clone(&current.agreements);
        let read = |id: &str| current.read.get(id).copied();
        if library
            .agreements()
            .all(|agreement| length(&self.folder, &agreement.id) == read(&agreement.id))
        {
            return library;
        }
        drop(current);
        self.read_again()
    }

    fn read_again(&self) -> Arc<Library> {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let mut library = Library::clone(&current.agreements);
        for (id, length) in lengths(&self.folder, &current.agreements) {
            if current.read.insert(id.clone(), length) == Some(length) {
                continue;
            }
            match library.read_again(&self.folder, &id) {
                Ok(()) => {
                    tracing::info!(agreement = %id, "status log or tests have grown; read again");
                }
                Err(faults) => report(&id, &faults),
            }
        }
        current.agreements = Arc::new(library);
        Arc::clone(&current.agreements)
    }

    /// Whether `library` knows all that the status log of an agreement says at this instant. One
    /// that can no longer be read is not known.
    pub fn are_read(&self, library: &Library, agreement: &str) -> bool {
        let text = std::fs::read_to_string(status_log(&self.folder, agreement));
        text.is_ok_and(|text| library.has_read(agreement, &text))
    }
}

/// Length of the status log of every agreement, in bytes.
pub fn lengths(folder: &Path, library: &Library) -> BTreeMap<String, u64> {
    let ids = library.agreements().map(|agreement| agreement.id.clone());
    ids.filter_map(|id| Some((id.clone(), length(folder, &id)?)))
        .collect()
}

fn length(folder: &Path, agreement: &str) -> Option<u64> {
    let found = std::fs::metadata(status_log(folder, agreement)).ok()?;
    let renewals = std::fs::metadata(folder.join(agreement).join("renewals.jsonl"));
    Some(found.len() + renewals.map_or(0, |renewals| renewals.len()))
}

fn status_log(folder: &Path, agreement: &str) -> PathBuf {
    folder.join(agreement).join("events.jsonl")
}

fn report(agreement: &str, faults: &[Fault]) {
    let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
    tracing::error!(
        %agreement,
        "requests wait: what was entered cannot be read; correct it\n{}",
        shown.join("\n")
    );
}
