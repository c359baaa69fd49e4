//! How a request travels under one version, what can leave and what never can: a picture drawn from the
//! agreement itself, and the same in words beside it.

use std::collections::BTreeSet;
use std::sync::Arc;

use agreement::{ClauseKind, TakenAway, Version, who};
use axum::extract::{Path, State};
use axum::response::Response;
use minijinja::{Value, context};

use super::find;
use crate::web::Desk;
use crate::web::oops::Oops;
use crate::web::visitor::Visitor;
use crate::web::words;

/// Letters in a line of a box of the picture, which is as wide as a narrow phone.
const LINE: usize = 40;
const LINE_HEIGHT: usize = 20;
const PADDING: usize = 14;
const GAP: usize = 28;

/// `GET /agreements/{agreement}/{version}/travel`.
pub async fn show(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path((agreement, version)): Path<(String, String)>,
) -> Result<Response, Oops> {
    let library = desk.gate.agreements();
    let version = find(&library, &agreement, &version)?;
    let bound = library.version_at(&version.id, desk.gate.clock.now());
    let boxes = boxes(bound.unwrap_or(version));
    let (drawn, height) = drawn(&boxes);
    let content = context! {
        name => version.id.to_string(),
        agreement => version.terms.title.clone(),
        boxes => boxes.iter().map(|one| context! { title => one.title, kind => one.kind, lines => one.said.clone() }).collect::<Vec<_>>(),
        drawn,
        height,
    };
    Ok(visitor.page(
        "agreements/travel.html",
        "How a request travels",
        "agreements",
        content,
    ))
}

/// A step, or what comes out.
struct Station {
    title: &'static str,
    /// `step`, `leaves` or `never`.
    kind: &'static str,
    said: Vec<String>,
}

fn boxes(version: &Version) -> Vec<Station> {
    let mut boxes = vec![
        step("1. An agency asks", asked(version)),
        step("2. Rules judge", judged(version)),
        step(
            "3. The trace finds one person or nobody",
            vec!["Everybody compared is on record.".to_owned()],
        ),
        step(
            "4. Two people decide",
            vec!["A caseworker proposes. A guardian who is somebody else decides.".to_owned()],
        ),
        step(
            "5. It is in the public log first",
            vec!["Then it can be collected, once. The person can read who asked.".to_owned()],
        ),
    ];
    boxes.extend(ends(version));
    boxes
}

fn step(title: &'static str, said: Vec<String>) -> Station {
    Station {
        title,
        kind: "step",
        said,
    }
}

fn asked(version: &Version) -> Vec<String> {
    let terms = &version.terms;
    let asks = terms.parties.requesters.iter();
    let asks: Vec<String> = asks.map(|code| words::organization(code)).collect();
    let signs = match &terms.authority.min_rank {
        None => "A second person countersigns.".to_owned(),
        Some(rank) => {
            let rank = words::label(rank).to_lowercase();
            format!("A second person of the rank {rank} or higher countersigns.")
        }
    };
    let one = "About one named person, for one purpose.".to_owned();
    vec![format!("{}.", asks.join(", ")), one, signs]
}

fn judged(version: &Version) -> Vec<String> {
    let of_kind = |kind| {
        let clauses = version.clauses.iter();
        clauses.filter(|clause| clause.kind == kind).count()
    };
    let (rules, people) = (of_kind(ClauseKind::Coded), of_kind(ClauseKind::Human));
    vec![
        format!("{rules} clauses by rule, {people} by a person."),
        "One that fails is a refusal, with its clause.".to_owned(),
    ]
}

/// What can leave, and what never does.
fn ends(version: &Version) -> [Station; 2] {
    let terms = &version.terms;
    let purposes = terms.purposes.iter();
    let fields = purposes.flat_map(|purpose| terms.fields(purpose));
    let gone = gone(version);
    let fields = fields.filter(|code| !gone.contains(*code));
    let mut leaves: Vec<String> = fields.map(|code| words::field(code)).collect();
    leaves.sort();
    leaves.dedup();
    if leaves.is_empty() {
        leaves.push("Nothing. This agreement lets nothing out.".to_owned());
    }
    let never = gone.iter().chain(&terms.never_fields);
    let never = never.map(|code| words::field(code));
    let always = [
        "An address in care of somebody, withheld, or none at all",
        "Anything that locates a protected person",
        "Whether an address that was supplied is right",
    ];
    let never = never.chain(always.map(str::to_owned)).collect();
    [
        Station {
            title: "What can leave",
            kind: "leaves",
            said: leaves,
        },
        Station {
            title: "What never leaves",
            kind: "never",
            said: never,
        },
    ]
}

/// Fields that are listed, and that nobody can get any more since something was taken away.
fn gone(version: &Version) -> BTreeSet<String> {
    if version.overlays.is_empty() {
        return BTreeSet::new();
    }
    let mut listed = TakenAway::everything(version).fields;
    let reached = who(version).unwrap_or_default();
    let reached = reached.iter().flat_map(|access| &access.fields);
    for field in reached {
        listed.remove(field);
    }
    listed
}

/// The boxes with their places, and the height of the picture.
fn drawn(boxes: &[Station]) -> (Vec<Value>, usize) {
    let (mut y, mut drawn) = (4, Vec::new());
    for (at, one) in boxes.iter().enumerate() {
        let lines: Vec<String> = one.said.iter().flat_map(|text| wrapped(text)).collect();
        let height = PADDING * 2 + LINE_HEIGHT * (lines.len() + 1);
        let line = |(number, text): (usize, &String)| {
            context! { y => y + PADDING + LINE_HEIGHT * (number + 2) - 5, text }
        };
        drawn.push(context! {
            y, height, title => one.title, kind => one.kind,
            title_y => y + PADDING + LINE_HEIGHT - 5,
            lines => lines.iter().enumerate().map(line).collect::<Vec<_>>(),
            arrow => (at + 1 < boxes.len() && one.kind == "step").then_some(y + height),
        });
        y += height + GAP;
    }
    (drawn, y - GAP + 4)
}

/// A text in lines that fit; a word that is longer stands alone.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < LINE => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shipped;

    #[test]
    fn every_shipped_agreement_is_drawn_with_all_it_permits_and_forbids() {
        for version in shipped::library().unwrap().versions() {
            let boxes = boxes(version);
            let said = |kind: &str| {
                boxes
                    .iter()
                    .find(|one| one.kind == kind)
                    .unwrap()
                    .said
                    .clone()
            };
            for purpose in &version.terms.purposes {
                for field in version.terms.fields(purpose) {
                    assert!(said("leaves").contains(&words::field(field)), "{field}");
                }
            }
            for field in &version.terms.never_fields {
                assert!(said("never").contains(&words::field(field)), "{field}");
            }
            let (drawn, height) = drawn(&boxes);
            assert_eq!(drawn.len(), boxes.len());
            assert!(height > 500);
        }
    }

    #[test]
    fn lines_fit_their_box() {
        for line in wrapped(
            "The lines of a box are short enough for a narrow phone, whatever is said in it",
        ) {
            assert!(line.chars().count() <= LINE, "{line}");
        }
    }
}
