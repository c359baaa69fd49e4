//! The files of the repository, read once.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};

/// A file that is in the repository, or would be after `git add`.
#[derive(Debug)]
pub struct File {
    /// Relative to the top folder, with `/` between the parts.
    pub path: String,
    pub bytes: usize,
    /// Absent for anything but UTF-8 text.
    pub text: Option<String>,
}

#[derive(Debug, Default)]
pub struct Repository {
    files: BTreeMap<String, File>,
}

impl Repository {
    /// Everything that git tracks or does not ignore: a new file is checked before it is added.
    pub fn load(root: &Path) -> anyhow::Result<Self> {
        let mut repository = Self::default();
        for path in list(root)? {
            let file = root.join(&path);
            // A link's target is checked where it lies; a deleted file is still listed.
            if file.is_symlink() || !file.is_file() {
                continue;
            }
            let content = fs::read(&file).with_context(|| format!("cannot read `{path}`"))?;
            repository.add(path, content);
        }
        Ok(repository)
    }

    pub fn add(&mut self, path: impl Into<String>, content: impl Into<Vec<u8>>) {
        let (path, content) = (path.into(), content.into());
        let bytes = content.len();
        let text = String::from_utf8(content)
            .ok()
            .filter(|text| !text.contains('\0'));
        self.files.insert(path.clone(), File { path, bytes, text });
    }

    pub fn files(&self) -> &BTreeMap<String, File> {
        &self.files
    }

    /// The text of a file; none if it is not there or no text.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path)?.text.as_deref()
    }

    /// Path and text of every text file whose path ends so, in the order of paths.
    pub fn texts(&self, ending: &str) -> impl Iterator<Item = (&str, &str)> {
        let files = self
            .files
            .values()
            .filter(move |file| file.path.ends_with(ending));
        files.filter_map(|file| Some((file.path.as_str(), file.text.as_deref()?)))
    }

    /// Names of the files directly in a folder.
    pub fn names_in(&self, folder: &str) -> Vec<&str> {
        let prefix = format!("{folder}/");
        let inside = self
            .files
            .keys()
            .filter_map(|path| path.strip_prefix(&prefix));
        inside.filter(|name| !name.contains('/')).collect()
    }

    /// Whether the path is a file or a folder with files.
    pub fn exists(&self, path: &str) -> bool {
        let prefix = format!("{path}/");
        path.is_empty()
            || self.files.contains_key(path)
            || self
                .files
                .range(prefix.clone()..)
                .next()
                .is_some_and(|(next, _)| next.starts_with(&prefix))
    }
}

fn list(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut git = Command::new("git");
    git.args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ])
    .current_dir(root);
    let output = git
        .output()
        .context("cannot start `git`; is it installed and in PATH?")?;
    if !output.status.success() {
        bail!(
            "git cannot list the files: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    let names = String::from_utf8(output.stdout).context("a file name is not UTF-8; rename it")?;
    Ok(names.split_terminator('\0').map(str::to_owned).collect())
}
