//! The people who can be traced: the index, and whoever a practice has registered since.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use disclosure::Registration;
use matcher::{Index, IndexError, index};
use store::{RegistrationsMark, Store, StoreError};
use thiserror::Error;
use tokio::sync::Mutex;

use crate::pipeline::facts;
use crate::settings::Practice;

/// An index of everybody as of one state of the registrations.
#[derive(Debug)]
pub struct People {
    pub index: Arc<Index>,
    /// Checksum of the index, for the record of a trace.
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
    /// Where there is room for an index.
    folder: PathBuf,
    now: RwLock<Arc<People>>,
    /// Held by whoever makes the next index; the others wait for it and find it made.
    making: Mutex<()>,
}

impl Living {
    /// The index at `path`, as it is.
    pub fn open(path: &Path) -> Result<Living, IndexError> {
        let base = Arc::new(Index::open(path)?);
        let people = People {
            version: base.info().version,
            index: Arc::clone(&base),
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

    /// The people with every registration that is written by now, on whatever node. Base and delta give
    /// the same file as a build from everybody, so that no trace can tell who came later.
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
        let made = tokio::task::spawn_blocking(move || make(&base, &folder, changed));
        let index = made.await.map_err(|_| PeopleError::CutOff)??;
        let people = Arc::new(People {
            version: index.info().version,
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

/// The base with what has changed. The files are gone from their folder before anybody asks for them: the
/// open index holds what it needs.
fn make(
    base: &Arc<Index>,
    folder: &Path,
    changed: Vec<matcher::Person>,
) -> Result<Arc<Index>, PeopleError> {
    if changed.is_empty() {
        return Ok(Arc::clone(base));
    }
    let folder = tempfile::TempDir::new_in(folder)?;
    let (delta, whole) = (folder.path().join("delta"), folder.path().join("people"));
    let (removed, mut quiet) = (Default::default(), |_| {});
    let memory = index::MEMORY_BYTES;
    let persons = changed.into_iter().map(Ok);
    index::build_delta(base, memory, persons, &removed, &delta, &mut quiet)?;
    let delta = index::Delta::open(&delta)?;
    index::apply(base, &delta, memory, &whole, &mut quiet)?;
    Ok(Arc::new(Index::open(&whole)?))
}
