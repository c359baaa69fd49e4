//! Takes the design system's styles from npm, by the lock file in `web/`, into the build folder.
//!
//! They are never copied into the repository. The network is asked only when `web/package*.json`
//! changes; the program needs neither npm nor the network when it runs.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

/// Whose work the styles are; served with them.
const NOTICE: &str = "/*! nhsuk-frontend by NHS England, MIT License, \
    https://github.com/nhsuk/nhsuk-frontend; without its fonts */\n";

/// The package's styles inside its folder.
const STYLES: &str = "dist/nhsuk/nhsuk-frontend.min.css";

fn main() -> ExitCode {
    match styles() {
        Ok(package) => {
            println!("cargo::rustc-env=NHSUK_FRONTEND={}", package.display());
            ExitCode::SUCCESS
        }
        Err(message) => {
            println!("cargo::error={message}");
            ExitCode::FAILURE
        }
    }
}

/// Installs the package, writes `nhsuk.css`, and answers with the package's folder.
fn styles() -> Result<PathBuf, String> {
    let out = folder("OUT_DIR")?;
    let web = folder("CARGO_MANIFEST_DIR")?.join("../../web");
    let scratch = out.join("web");
    fs::create_dir_all(&scratch).map_err(|error| format!("cannot make a folder: {error}"))?;
    for name in ["package.json", "package-lock.json"] {
        let from = web.join(name);
        println!("cargo::rerun-if-changed={}", from.display());
        fs::copy(&from, scratch.join(name))
            .map_err(|error| format!("cannot copy `{}`: {error}", from.display()))?;
    }
    install(&scratch)?;
    let package = scratch.join("node_modules/nhsuk-frontend");
    let css = fs::read_to_string(package.join(STYLES))
        .map_err(|error| format!("`nhsuk-frontend` lacks `{STYLES}`: {error}"))?;
    fs::write(out.join("nhsuk.css"), plain(&css)?)
        .map_err(|error| format!("cannot write `nhsuk.css`: {error}"))?;
    Ok(package)
}

fn folder(variable: &str) -> Result<PathBuf, String> {
    let path = env::var_os(variable).ok_or_else(|| format!("cargo sets no `{variable}`"))?;
    Ok(PathBuf::from(path))
}

/// `npm ci` without anybody's install scripts and without what only the browser tests need.
fn install(scratch: &Path) -> Result<(), String> {
    let arguments = [
        "ci",
        "--ignore-scripts",
        "--omit=dev",
        "--no-audit",
        "--no-fund",
        "--prefer-offline",
        "--loglevel=error",
    ];
    let run = Command::new("npm")
        .args(arguments)
        .current_dir(scratch)
        .output();
    let output = run.map_err(|_| {
        "npm is missing: the desk's styles come from npm; install Node 20 or newer with npm \
         (Debian: `apt-get install npm`)"
            .to_owned()
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().next().unwrap_or("it said nothing");
    Err(format!(
        "`npm ci` failed: {said}; the desk's styles come from npm: it needs the registry once, \
         and Node 20 or newer"
    ))
}

/// The styles without the two foreign fonts: the desk loads nothing from anywhere else.
fn plain(css: &str) -> Result<String, String> {
    let mut kept = String::with_capacity(css.len());
    let mut rest = css;
    let mut fonts = 0;
    while let Some((before, font)) = rest.split_once("@font-face{") {
        let (_, after) = font.split_once('}').ok_or("a font rule without end")?;
        kept.push_str(before);
        rest = after;
        fonts += 1;
    }
    kept.push_str(rest);
    let kept = kept.replace("Frutiger W01,", "");
    let (kept, _map) = kept
        .split_once("/*# sourceMappingURL")
        .unwrap_or((&kept, ""));
    if fonts != 2 || kept.contains("Frutiger") || kept.contains("https:") {
        return Err(format!(
            "`{STYLES}` is not as expected: {fonts} font rules; look at what changed in it"
        ));
    }
    Ok(format!("{NOTICE}{kept}"))
}
