use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::fault::Fault;

/// The files of an agreements folder, path to bytes: read from disk or embedded in a binary.
///
/// Paths use `/`, have no leading slash and start with the agreement: `ho/2017-01-01/clauses.md`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    files: BTreeMap<String, Vec<u8>>,
}

impl Source {
    /// Takes files that are already in memory.
    pub fn from_entries<P, B>(entries: impl IntoIterator<Item = (P, B)>) -> Self
    where
        P: Into<String>,
        B: Into<Vec<u8>>,
    {
        let files = entries
            .into_iter()
            .map(|(path, bytes)| (path.into(), bytes.into()));
        Self {
            files: files.collect(),
        }
    }

    /// Reads every file below `root`, except hidden ones.
    ///
    /// # Errors
    /// A fault for each file or folder that cannot be read.
    pub fn from_folder(root: &Path) -> Result<Self, Vec<Fault>> {
        let mut source = Self::default();
        let mut faults = Vec::new();
        source.read_below(root, "", &mut faults);
        if faults.is_empty() {
            Ok(source)
        } else {
            Err(faults)
        }
    }

    /// Puts one file in, replacing what was there.
    pub fn insert(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.files.insert(path.into(), bytes.into());
    }

    /// Takes one file out.
    pub fn remove(&mut self, path: &str) -> Option<Vec<u8>> {
        self.files.remove(path)
    }

    /// The bytes of one file.
    pub fn bytes(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// The text of one file, or the fault that says why there is none.
    pub(crate) fn text(&self, path: &str) -> Result<&str, Fault> {
        let bytes = self
            .bytes(path)
            .ok_or_else(|| Fault::of_file(path, "file is missing", "add the file"))?;
        std::str::from_utf8(bytes).map_err(|error| {
            let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let text = String::from_utf8_lossy(valid);
            Fault::at_offset(
                path,
                &text,
                valid.len(),
                "file is not UTF-8",
                "save it as UTF-8",
            )
        })
    }

    /// All paths, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    fn read_below(&mut self, folder: &Path, prefix: &str, faults: &mut Vec<Fault>) {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => {
                let shown = folder.display().to_string();
                faults.push(unreadable(&shown, &error));
                return;
            }
        };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            let path = format!("{prefix}{name}");
            if entry.path().is_dir() {
                self.read_below(&entry.path(), &format!("{path}/"), faults);
                continue;
            }
            match fs::read(entry.path()) {
                Ok(bytes) => self.insert(path, bytes),
                Err(error) => faults.push(unreadable(&path, &error)),
            }
        }
    }
}

fn unreadable(path: &str, error: &std::io::Error) -> Fault {
    Fault::of_file(
        path,
        format!("cannot be read: {error}"),
        "check the path and its permissions",
    )
}
