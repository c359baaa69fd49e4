//! What the tests need from the operating system beyond the Rust toolchain.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::process;

/// A Debian package and the probe that shows whether it is there already.
struct Requirement {
    package: &'static str,
    purpose: &'static str,
    probe: fn() -> Option<PathBuf>,
    /// Commands to run as root before the package is installed.
    before: &'static [&'static [&'static str]],
}

/// Where Debian puts Go's libraries.
pub const GO_LIBRARIES: &str = "/usr/share/gocode";

const REQUIREMENTS: &[Requirement] = &[
    NPM, CHROMIUM, FONTS, POSTGRESQL, GO, GO_MOD, VENV, AGE, CURL,
];

/// What the posters need beside that.
const OF_POSTERS: &[Requirement] = &[POPPLER, DEJAVU, NOTO];

const NPM: Requirement = Requirement {
    package: "npm",
    purpose: "Node with npm, from which the build takes the desk's styles",
    probe: || find_in_path("node").and_then(|_| find_in_path("npm")),
    before: &[],
};

const GO: Requirement = Requirement {
    package: "golang-go",
    purpose: "Go, for a foreign verifier of the log",
    probe: || find_in_path("go"),
    before: &[],
};

const GO_MOD: Requirement = Requirement {
    package: "golang-golang-x-mod-dev",
    purpose: "Go's `x/mod/sumdb`, a foreign verifier of the log",
    probe: || existing(Path::new(GO_LIBRARIES).join("src/golang.org/x/mod/sumdb")),
    before: &[],
};

const VENV: Requirement = Requirement {
    package: "python3-venv",
    purpose: "Python with `venv`, for foreign verifiers of the log",
    probe: python_with_venv,
    before: &[],
};

const CHROMIUM: Requirement = Requirement {
    package: "chromium",
    purpose: "the browser that walks through the desk",
    probe: chromium,
    before: &[],
};

const FONTS: Requirement = Requirement {
    package: "fonts-liberation",
    purpose: "letters as wide as Arial's, for the browser's tests and pictures",
    probe: || {
        let fonts = "/usr/share/fonts/truetype";
        existing(Path::new(fonts).join("liberation"))
            .or_else(|| existing(Path::new(fonts).join("liberation2")))
    },
    before: &[],
};

const AGE: Requirement = Requirement {
    package: "age",
    purpose: "Debian's `age`, which must open what we seal",
    probe: || find_in_path("age-keygen"),
    before: &[],
};

const CURL: Requirement = Requirement {
    package: "curl",
    purpose: "`curl`, with which the page for agencies shows the interface",
    probe: || find_in_path("curl"),
    before: &[],
};

const POPPLER: Requirement = Requirement {
    package: "poppler-utils",
    purpose: "Poppler, which reads and draws what the posters' PDF files hold",
    probe: || {
        find_in_path("pdfinfo")
            .and(find_in_path("pdftotext"))
            .and(find_in_path("pdftoppm"))
    },
    before: &[],
};

const DEJAVU: Requirement = Requirement {
    package: "fonts-dejavu-core",
    purpose: "letters of Latin and Cyrillic scripts for the posters",
    probe: || existing(Path::new("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf").into()),
    before: &[],
};

const NOTO: Requirement = Requirement {
    package: "fonts-noto-core",
    purpose: "Naskh, Nastaliq and Bengali for the posters",
    probe: || {
        existing(Path::new("/usr/share/fonts/truetype/noto/NotoNastaliqUrdu-Regular.ttf").into())
    },
    before: &[],
};

const POSTGRESQL: Requirement = Requirement {
    package: "postgresql",
    purpose: "the PostgreSQL server, for the tests of the second database",
    probe: postgres_programs,
    // The tests start a cluster of their own; without this line Debian would also create one that
    // starts with the machine and listens on port 5432.
    before: &[
        &[
            "apt-get",
            "install",
            "-y",
            "--no-install-recommends",
            "postgresql-common",
        ],
        &[
            "pg_conftool",
            "/etc/postgresql-common/createcluster.conf",
            "set",
            "create_main_cluster",
            "off",
        ],
    ],
};

/// Installs what is missing when run as root on Debian; otherwise says what to install.
pub fn ensure() -> anyhow::Result<()> {
    ensure_these(REQUIREMENTS)
}

/// [`ensure`] for the posters.
pub fn ensure_for_posters() -> anyhow::Result<()> {
    ensure_these(OF_POSTERS)
}

fn ensure_these(requirements: &'static [Requirement]) -> anyhow::Result<()> {
    let missing: Vec<_> = requirements
        .iter()
        .filter(|need| (need.probe)().is_none())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    for need in &missing {
        println!(
            "missing: {} (Debian package `{}`)",
            need.purpose, need.package
        );
    }
    if !process::is_root() || find_in_path("apt-get").is_none() {
        let packages: Vec<_> = missing.iter().map(|need| need.package).collect();
        bail!(
            "run `apt-get install {}` as root and try again",
            packages.join(" ")
        );
    }
    install(&missing)
}

/// The browser.
pub fn chromium() -> Option<PathBuf> {
    find_in_path("chromium")
}

/// Folder of the newest installed `initdb`, `pg_ctl` and `postgres`.
pub fn postgres_programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok();
    let newest = versions
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|bin| bin.join("initdb").is_file() && bin.join("pg_ctl").is_file())
        .max_by_key(|bin| major_version(bin));
    newest.or_else(|| find_in_path("initdb")?.parent().map(PathBuf::from))
}

/// `15` in `/usr/lib/postgresql/15/bin`.
fn major_version(bin: &Path) -> u32 {
    let version = bin.parent().and_then(Path::file_name);
    version
        .and_then(|name| name.to_str()?.parse().ok())
        .unwrap_or(0)
}

fn existing(path: PathBuf) -> Option<PathBuf> {
    path.exists().then_some(path)
}

/// Debian's Python comes without `ensurepip`, which `venv` needs.
fn python_with_venv() -> Option<PathBuf> {
    let python = find_in_path("python3")?;
    let probed = Command::new(&python)
        .args(["-c", "import ensurepip, venv"])
        .output();
    probed
        .is_ok_and(|probed| probed.status.success())
        .then_some(python)
}

fn find_in_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

fn install(missing: &[&Requirement]) -> anyhow::Result<()> {
    as_root(&["apt-get", "update"])?;
    for need in missing {
        for command in need.before {
            as_root(command)?;
        }
        as_root(&[
            "apt-get",
            "install",
            "-y",
            "--no-install-recommends",
            need.package,
        ])?;
        (need.probe)().with_context(|| {
            format!(
                "package `{}` is installed but {} is not there",
                need.package, need.purpose
            )
        })?;
    }
    Ok(())
}

fn as_root(words: &[&str]) -> anyhow::Result<()> {
    let (program, arguments) = words.split_first().context("an empty command")?;
    let mut command = Command::new(program);
    process::run(
        command
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive"),
    )
}

#[cfg(test)]
mod tests;
