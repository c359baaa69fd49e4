//! How a version differs from another, proved, for everybody to read.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use agreement::{Certificate, ProveError, Relation, Verdict, Version, VersionId};
use axum::extract::{Path, State};
use axum::response::Response;
use minijinja::{Value, context};

use super::find;
use crate::web::Desk;
use crate::web::oops::Oops;
use crate::web::page;
use crate::web::visitor::Visitor;

/// `GET /agreements/{agreement}/{version}/diff/{other}`: from the other version of the same
/// agreement to this one.
pub async fn show(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path((agreement, version, other)): Path<(String, String, String)>,
) -> Result<Response, Oops> {
    let library = desk.gate.agreements();
    let to = find(&library, &agreement, &version)?.id.clone();
    let from = find(&library, &agreement, &other)?.id.clone();
    let title = title(&from, &to);
    let made = tokio::task::spawn_blocking(move || {
        let version = |id: &VersionId| library.version(id);
        let (from, to) = version(&from).zip(version(&to))?;
        Some(compared(from, to))
    });
    let made = made.await.ok().flatten().ok_or_else(Oops::not_found)?;
    let content = match made {
        Ok(certificate) => content(&certificate),
        Err(error) => context! { undecided => error.to_string() },
    };
    Ok(visitor.page("agreements/diff.html", &title, "agreements", content))
}

/// A page for a file of its own.
pub fn page(certificate: &Certificate) -> Result<String, minijinja::Error> {
    let comparison = &certificate.comparison;
    let title = title(&comparison.from.id, &comparison.to.id);
    page::alone("agreements/diff.html", &title, content(certificate))
}

fn title(from: &VersionId, to: &VersionId) -> String {
    format!("From {from} to {to}")
}

/// A proof, or why there is none, kept until the program ends.
type Made = Result<Arc<Certificate>, ProveError>;

/// Content hashes of the two versions.
type Pair = (String, String);

/// A proof costs some hundred milliseconds and never changes: versions are immutable.
fn compared(from: &Version, to: &Version) -> Made {
    static MADE: LazyLock<Mutex<BTreeMap<Pair, Made>>> = LazyLock::new(Mutex::default);
    let pair = (from.content_hash.clone(), to.content_hash.clone());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let prove = || {
        let comparison = agreement::compare(from, to)?;
        Ok(Arc::new(Certificate::new(comparison)))
    };
    made.entry(pair).or_insert_with(prove).clone()
}

fn content(certificate: &Certificate) -> Value {
    let comparison = &certificate.comparison;
    let fields = comparison.fields.iter().map(|field| {
        let tone = match field.relation {
            Relation::Removed | Relation::Narrower => "good",
            Relation::Added | Relation::Wider | Relation::Changed => "stop",
            Relation::Same => "calm",
        };
        context! { code => field.field.clone(), word => field.relation.word(), tone }
    });
    context! {
        c => page::value(certificate),
        from => comparison.from.id.to_string(),
        to => comparison.to.id.to_string(),
        sentence => comparison.verdict.sentence(),
        tone => match comparison.verdict {
            Verdict::Equal | Verdict::Narrows => "good",
            _ => "stop",
        },
        fields => fields.collect::<Vec<Value>>(),
        clauses => [
            clauses("widens", "Refused before, permitted now", &comparison.widenings),
            clauses("narrows", "Permitted before, refused now", &comparison.narrowings),
        ],
    }
}

fn clauses(id: &str, title: &str, changes: &[agreement::ClauseChange]) -> Value {
    context! { id, title, changes => page::value(changes) }
}
