//! How many people of an index live with a twin, a namesake or a relative who is also in it.
//!
//! Who is missing from an index is much like who is in it: where the index has no twins, a request is
//! hardly about the absent twin of somebody.

use super::postings::{Key, premises_hash};
use super::read::View;
use super::row::Row;

/// Shares of people.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Kinship {
    /// With somebody of the same surname and date of birth, and another given name.
    pub twin: f64,
    /// With somebody of the same name and another date of birth.
    pub namesake: f64,
    /// With anybody else.
    pub household: f64,
}

/// People asked: enough to see a share of one in a thousand, few enough to open a file at once.
const SAMPLE: usize = 8192;
/// Rows at one address that are looked at: an institution is no family.
const NEIGHBORS_MAX: usize = 64;

impl Kinship {
    /// Asks people at even distances.
    pub(super) fn of(view: &View<'_>) -> Self {
        let step = (view.rows.len() / SAMPLE).max(1);
        let mut asked = 0.0;
        let mut found = Self::default();
        let people = view
            .rows
            .iter()
            .step_by(step)
            .filter(|row| !row.is_earlier());
        for row in people.filter(|row| row.street != 0 && row.postcode != 0) {
            asked += 1.0;
            let (twin, namesake, household) = relatives(view, row);
            found.twin += f64::from(u8::from(twin));
            found.namesake += f64::from(u8::from(namesake));
            found.household += f64::from(u8::from(household));
        }
        let share = |count: f64| if asked > 0.0 { count / asked } else { 0.0 };
        Self {
            twin: share(found.twin),
            namesake: share(found.namesake),
            household: share(found.household),
        }
    }
}

fn relatives(view: &View<'_>, row: &Row) -> (bool, bool, bool) {
    let key = premises_hash(row.number, view.streets.comparable(row.street));
    let at_home = |other: &&Row| {
        (other.number, other.flat, other.postcode) == (row.number, row.flat, row.postcode)
            && other.street == row.street
            && other.primary != row.primary
            && !other.is_earlier()
    };
    let mut found = (false, false, false);
    let rows = view.bucket(Key::Premises, key).iter().take(NEIGHBORS_MAX);
    for other in rows.filter_map(|row| view.row(*row)).filter(at_home) {
        let same_surname = other.surname == row.surname;
        let same_given = other.given == row.given;
        let same_birth = other.date_bits() == row.date_bits() && row.date_bits() != 0;
        match (same_surname, same_given, same_birth) {
            (true, false, true) => found.0 = true,
            (true, true, false) => found.1 = true,
            _ => found.2 = true,
        }
    }
    found
}
