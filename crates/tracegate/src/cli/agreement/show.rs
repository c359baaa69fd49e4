//! `tracegate agreement list`, `show` and `who`.

use agreement::{Library, VersionId};
use serde_json::json;

use super::{find, now};
use crate::cli::{Exit, Format, print_json};

pub fn list(library: &Library, format: Format) -> anyhow::Result<Exit> {
    let state = |id| library.status_at(id, now());
    if format == Format::Json {
        let rows = library.versions().map(|version| {
            json!({
                "name": version.id.to_string(),
                "state": state(&version.id),
                "marker": version.terms.marker,
                "title": version.terms.title,
                "content_hash": version.content_hash,
            })
        });
        print_json(&rows.collect::<Vec<_>>())?;
        return Ok(Exit::Done);
    }
    for version in library.versions() {
        println!(
            "{:<40} {:<10} {:<10} {}",
            version.id.to_string(),
            state(&version.id).word(),
            format!("{:?}", version.terms.marker).to_lowercase(),
            version.terms.title
        );
    }
    Ok(Exit::Done)
}

pub fn show(library: &Library, name: &VersionId, format: Format) -> anyhow::Result<Exit> {
    let version = find(library, name)?;
    let state = library.status_at(&version.id, now());
    if format == Format::Json {
        print_json(&json!({
            "name": version.id.to_string(),
            "state": state,
            "content_hash": version.content_hash,
            "terms": version.terms,
            "clauses": version.clauses,
        }))?;
        return Ok(Exit::Done);
    }
    println!("{}  {}", version.id, version.terms.title);
    println!("state     {}", state.word());
    println!("hash      {}", version.content_hash);
    println!("agencies  {}", version.terms.parties.requesters.join(", "));
    for purpose in &version.terms.purposes {
        println!(
            "purpose   {purpose}: {}",
            version.terms.fields(purpose).join(", ")
        );
    }
    println!("never     {}", version.terms.never_fields.join(", "));
    for clause in &version.clauses {
        let kind = format!("{:?}", clause.kind).to_lowercase();
        println!(
            "\n{} ({kind}) {}\n    source: {}",
            clause.number, clause.text, clause.source
        );
    }
    Ok(Exit::Done)
}

pub fn who(library: &Library, name: &VersionId, format: Format) -> anyhow::Result<Exit> {
    let found = agreement::who(find(library, name)?)?;
    if format == Format::Json {
        print_json(&found)?;
        return Ok(Exit::Done);
    }
    if found.is_empty() {
        println!("nobody can get anything under {name}");
    }
    for access in found {
        println!(
            "{} for {}: {}",
            access.agency,
            access.purpose,
            access.fields.join(", ")
        );
        for requirement in access.requirements {
            println!(
                "    {:<26} {}",
                requirement.fact.replace('_', " "),
                requirement.one_of.join(" or ")
            );
        }
    }
    Ok(Exit::Done)
}
