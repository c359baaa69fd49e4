//! How a request travels under one version, what can leave and what never can.

use std::collections::BTreeSet;

use agreement::{ClauseKind, TakenAway, Version, who};

use crate::words::{organization, sentence};

/// What a station is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A step of the way.
    Step,
    /// What can come out.
    Leaves,
    /// What never comes out.
    Never,
}

impl Kind {
    /// `step`, `leaves` or `never`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Leaves => "leaves",
            Self::Never => "never",
        }
    }
}

/// A step, or what comes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Station {
    /// Its heading.
    pub title: &'static str,
    /// What it is.
    pub kind: Kind,
    /// What happens here, or what it is that leaves or does not.
    pub said: Vec<String>,
}

/// The steps in their order, then what can leave, then what never leaves.
pub fn stations(version: &Version) -> Vec<Station> {
    let mut stations = vec![
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
    stations.extend(ends(version));
    stations
}

fn step(title: &'static str, said: Vec<String>) -> Station {
    Station {
        title,
        kind: Kind::Step,
        said,
    }
}

fn asked(version: &Version) -> Vec<String> {
    let terms = &version.terms;
    let asks = terms.parties.requesters.iter();
    let asks: Vec<String> = asks.map(|code| organization(code)).collect();
    let signs = match &terms.authority.min_rank {
        None => "A second person countersigns.".to_owned(),
        Some(rank) => {
            let rank = sentence(rank).to_lowercase();
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
    let mut leaves: Vec<String> = fields.map(|code| sentence(code)).collect();
    leaves.sort();
    leaves.dedup();
    if leaves.is_empty() {
        leaves.push("Nothing. This agreement lets nothing out.".to_owned());
    }
    let never = gone.iter().chain(&terms.never_fields);
    let never = never.map(|code| sentence(code));
    let always = [
        "An address in care of somebody, withheld, or none at all",
        "Anything that locates a protected person",
        "Whether an address that was supplied is right",
    ];
    let never = never.chain(always.map(str::to_owned)).collect();
    [
        Station {
            title: "What can leave",
            kind: Kind::Leaves,
            said: leaves,
        },
        Station {
            title: "What never leaves",
            kind: Kind::Never,
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
