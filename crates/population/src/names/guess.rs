//! The naming culture that a name most likely comes from, for reports by group.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::Origin;

type Bearers = HashMap<&'static str, Vec<Origin>>;

/// Which cultures have a given name, and a surname, in their lists.
fn lists() -> &'static [Bearers; 2] {
    static LISTS: OnceLock<[Bearers; 2]> = OnceLock::new();
    LISTS.get_or_init(|| {
        let (mut given, mut surnames) = (Bearers::new(), Bearers::new());
        for origin in Origin::all() {
            let book = origin.culture().book();
            for name in book.all_given() {
                given.entry(name).or_default().push(origin);
            }
            for name in book.all_surnames() {
                surnames.entry(name).or_default().push(origin);
            }
        }
        [given, surnames].map(|mut lists| {
            lists.values_mut().for_each(Vec::dedup);
            lists
        })
    })
}

impl Origin {
    /// The culture whose lists speak most for this upper-case name; none if nothing does, or if
    /// several cultures have an equal claim. A guess about a name, never about a person.
    #[must_use]
    pub fn of_name(given: &str, surname: &str) -> Option<Origin> {
        let mut claims: Vec<(Origin, f64)> = Vec::new();
        for (list, name) in lists().iter().zip([given, surname]) {
            let bearers = list.get(name).map(Vec::as_slice).unwrap_or_default();
            for origin in bearers {
                let claim = 1.0 / bearers.len() as f64;
                match claims.iter_mut().find(|(one, _)| one == origin) {
                    Some((_, sum)) => *sum += claim,
                    None => claims.push((*origin, claim)),
                }
            }
        }
        claims.sort_by(|a, b| b.1.total_cmp(&a.1));
        match claims.as_slice() {
            [best] => Some(best.0),
            [best, second, ..] if best.1 > second.1 => Some(best.0),
            _ => None,
        }
    }
}
