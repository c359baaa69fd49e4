//! The people who can be traced: the index, and whoever a practice has registered since.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use disclosure::Registration;
use matcher::index::{self, Current, Delta};
use matcher::{Index, IndexError};
use store::{RegistrationsMark, Store, StoreError};
use thiserror::Error;
use tokio::sync::Mutex;

use crate::pipeline::facts;
use crate::settings::Practice;

/// Everybody as of one state of the registrations: the index, and beside it a delta of the registrations.
#[derive(Debug)]
pub struct People {
    pub index: Current,
    /// Checksum of the index and its delta, for the record of a trace.
    pub version: String,
    /// The registration with the latest objection of each person who has told a practice one.
    pub objecting: BTreeMap<String, String>,
    mark: RegistrationsMark,
}

/// Why the registrations could not be taken in.
#[derive(Debug, Error)]
pub enum PeopleError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The index could not be made.
    #[error("the registrations cannot be taken into the index: {0}")]
    Index(#[from] IndexError),
    /// There is no room for it.
    #[error("no folder for the index of registrations can be made: {0}")]
    Folder(#[from] std::io::Error),
    /// The work was cut off.
    #[error("taking the registrations into the index was cut off")]
    CutOff,
}

/// Keeps the people up to date.
pub struct Living {
    base: Arc<Index>,
    /// Where there is room for a delta.
    folder: PathBuf,
    now: RwLock<Arc<People>>,
    /// Held by whoever makes the next delta; the others wait for it and find it made.
    making: Mutex<()>,
}

impl Living {
    /// The index at `path`, as it is.
    pub fn open(path: &Path) -> Result<Living, IndexError> {
        let base = Arc::new(Index::open(path)?);
        let people = People {
            version: base.version().to_owned(),
            index: Current::from(Arc::clone(&base)),
            objecting: BTreeMap::new(),
            mark: RegistrationsMark::default(),
        };
        let parent = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        let folder = parent.unwrap_or(Path::new(".")).to_owned();
        Ok(Living {
            base,
            folder,
            now: RwLock::new(Arc::new(people)),
            making: Mutex::new(()),
        })
    }

    /// The people as they were taken in last.
    pub fn now(&self) -> Arc<People> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The people with every registration that is written by now, on whatever node. What this costs
    /// depends on how many registrations there are, and not on how many people the index holds.
    pub async fn fresh(
        &self,
        store: &Store,
        practices: &[Practice],
    ) -> Result<Arc<People>, PeopleError> {
        let mark = store.registrations_mark().await?;
        let people = self.now();
        if people.mark == mark {
            return Ok(people);
        }
        let _alone = self.making.lock().await;
        let people = self.now();
        if people.mark == store.registrations_mark().await? {
            return Ok(people);
        }
        let all = store.every_registration().await?;
        let mark = RegistrationsMark {
            count: all.len() as u64,
            writes: all.iter().map(|one| one.version).sum(),
        };
        let changed = facts::registered(&all, &self.base, practices);
        let objecting = objecting(&all);
        let (base, folder) = (Arc::clone(&self.base), self.folder.clone());
        let made = tokio::task::spawn_blocking(move || current(base, &folder, changed));
        let index = made.await.map_err(|_| PeopleError::CutOff)??;
        let people = Arc::new(People {
            version: index.version().to_owned(),
            index,
            objecting,
            mark,
        });
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        now.clone_from(&people);
        Ok(people)
    }
}

fn objecting(all: &[Registration]) -> BTreeMap<String, String> {
    let objects = |one: &&Registration| one.refusal.is_none() && one.patient.objection.is_some();
    let mut objecting: Vec<&Registration> = all.iter().filter(objects).collect();
    objecting.sort_by_key(|one| one.changed_at);
    let by_person = |one: &Registration| (one.person_ref.clone(), one.id.clone());
    objecting.into_iter().map(by_person).collect()
}

/// The base with what has changed. The file of the delta is gone before anybody asks for it: what is
/// open holds it in memory.
fn current(
    base: Arc<Index>,
    folder: &Path,
    changed: Vec<matcher::Person>,
) -> Result<Current, PeopleError> {
    if changed.is_empty() {
        return Ok(Current::from(base));
    }
    let folder = tempfile::TempDir::new_in(folder)?;
    let file = folder.path().join("delta");
    let persons = changed.into_iter().map(Ok);
    let nobody = HashSet::new();
    index::build_delta(
        &base,
        index::MEMORY_BYTES,
        persons,
        &nobody,
        &file,
        &mut |_| {},
    )?;
    Ok(Current::new(base, Delta::open(&file)?)?)
}
