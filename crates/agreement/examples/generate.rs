//! Writes the generated files of an agreements folder: each agreement's `schema.cedarschema` and each
//! version's `release.cedar`, and every `narrowing.json` that is there. Run it after a change to `clauses.cedar` or to the vocabulary:
//! `cargo run -p agreement --example generate -- agreements`.

use std::error::Error;
use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let root = std::env::args()
        .nth(1)
        .ok_or("name the agreements folder")?;
    for agreement in folders(Path::new(&root))? {
        fs::write(
            agreement.join("schema.cedarschema"),
            agreement::schema_text(),
        )?;
        for version in folders(&agreement)? {
            let clauses = version.join("clauses.cedar");
            let text = fs::read_to_string(&clauses)?;
            match agreement::release_text(&clauses.to_string_lossy(), &text) {
                Ok(release) => fs::write(version.join("release.cedar"), release)?,
                Err(faults) => faults.iter().for_each(|fault| eprintln!("{fault}")),
            }
        }
    }
    certify(Path::new(&root))
}

/// Makes each certificate again for the two versions that it names.
fn certify(root: &Path) -> Result<(), Box<dyn Error>> {
    let library = match agreement::Library::load(root) {
        Ok(library) => library,
        Err(faults) => {
            faults.iter().for_each(|fault| eprintln!("{fault}"));
            return Err("the folder has faults".into());
        }
    };
    for to in library.versions() {
        let file = root.join(to.id.to_string()).join("narrowing.json");
        let Ok(text) = fs::read_to_string(&file) else {
            continue;
        };
        let old: serde_json::Value = serde_json::from_str(&text)?;
        let id = serde_json::from_value(old["comparison"]["from"]["id"].clone())?;
        let from = library
            .version(&id)
            .ok_or("the certificate names no version here")?;
        let comparison = agreement::compare(from, to)?;
        fs::write(file, agreement::Certificate::new(comparison).to_text())?;
    }
    Ok(())
}

fn folders(root: &Path) -> Result<Vec<std::path::PathBuf>, std::io::Error> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root)? {
        let path = entry?.path();
        if path.is_dir() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
