//! How a request travels under one version, what can leave and what never can: a picture drawn from the
//! agreement itself, and the same in words beside it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use minijinja::{Value, context};

use super::find;
use crate::web::Desk;
use crate::web::oops::Oops;
use crate::web::visitor::Visitor;

/// `GET /agreements/{agreement}/{version}/travel`.
pub async fn show(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path((agreement, version)): Path<(String, String)>,
) -> Result<Response, Oops> {
    let library = desk.gate.agreements();
    let version = find(&library, &agreement, &version)?;
    let bound = library.version_at(&version.id, desk.gate.clock.now());
    let version = bound.unwrap_or(version);
    let boxes = sheets::stations(version);
    let content = context! {
        name => version.id.to_string(),
        agreement => version.terms.title.clone(),
        boxes => boxes.iter().map(|one| context! { title => one.title, lines => one.said.clone() }).collect::<Vec<_>>(),
        picture => Value::from_safe_string(sheets::picture(version)),
    };
    Ok(visitor.page(
        "agreements/travel.html",
        "How a request travels",
        "agreements",
        content,
    ))
}

#[cfg(test)]
mod tests {
    use sheets::Kind;

    use crate::shipped;
    use crate::web::words;

    #[test]
    fn every_shipped_agreement_is_drawn_with_all_it_permits_and_forbids() {
        for version in shipped::library().unwrap().versions() {
            let boxes = sheets::stations(version);
            let said = |kind| &boxes.iter().find(|one| one.kind == kind).unwrap().said;
            for purpose in &version.terms.purposes {
                for field in version.terms.fields(purpose) {
                    assert!(said(Kind::Leaves).contains(&words::field(field)), "{field}");
                }
            }
            for field in &version.terms.never_fields {
                assert!(said(Kind::Never).contains(&words::field(field)), "{field}");
            }
        }
    }
}
