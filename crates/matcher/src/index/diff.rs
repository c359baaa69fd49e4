//! What differs between two indexes, person by person: which fields, never their values.

use rayon::prelude::*;
use serde::Serialize;

use super::Index;
use super::row::Row;
use crate::Person;

/// How one person differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Only the second index has the person.
    Added,
    /// Only the first index has the person.
    Removed,
    /// Both have the person, with other values in these fields.
    Changed(Vec<&'static str>),
}

/// One person who differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Identifier in the source.
    pub person_id: String,
    /// How the person differs.
    pub change: Change,
}

/// How many people differ, and in what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DiffReport {
    /// People of the first index.
    pub people_before: u64,
    /// People of the second index.
    pub people_after: u64,
    /// People only the second index has.
    pub added: u64,
    /// People only the first index has.
    pub removed: u64,
    /// People who differ in at least one field.
    pub changed: u64,
    /// People who differ in each field; every field is there.
    pub fields: Vec<FieldCount>,
}

/// People who differ in one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldCount {
    /// Name as in the header of a CSV extract.
    pub field: &'static str,
    /// People.
    pub people: u64,
}

impl DiffReport {
    /// Do both hold the same people with the same details?
    pub fn is_same(&self) -> bool {
        self.added + self.removed + self.changed == 0
    }

    fn count(&mut self, change: &Change) {
        match change {
            Change::Added => self.added += 1,
            Change::Removed => self.removed += 1,
            Change::Changed(fields) => {
                self.changed += 1;
                let counts = self.fields.iter_mut();
                counts
                    .filter(|count| fields.contains(&count.field))
                    .for_each(|count| count.people += 1);
            }
        }
    }
}

/// Rows looked at before the differences among them are told.
const CHUNK: usize = 1 << 14;

/// Compares the people of two indexes by identifier, on all cores, in memory that does not grow with
/// them. `tell` gets the people who differ: those removed or changed in the order of the first index,
/// then those added in the order of the second. `progress` gets the people looked at, of both.
pub fn diff(
    before: &Index,
    after: &Index,
    tell: &mut dyn FnMut(&Difference),
    progress: &mut dyn FnMut(u64),
) -> DiffReport {
    let mut report = DiffReport {
        people_before: u64::from(before.people()),
        people_after: u64::from(after.people()),
        fields: FIELDS
            .iter()
            .map(|(field, _)| FieldCount { field, people: 0 })
            .collect(),
        ..DiffReport::default()
    };
    // The version is the checksum of the content.
    if before.version() == after.version() {
        return report;
    }
    let mut done = 0;
    let mut note = |found: Vec<Difference>, looked_at: u64| {
        for difference in &found {
            report.count(&difference.change);
            tell(difference);
        }
        done += looked_at;
        progress(done);
    };
    each_chunk(before, &mut note, |row| compare(before, after, row));
    each_chunk(after, &mut note, |row| {
        let person_id = after.view().person_id(row);
        before.find(person_id).is_none().then(|| Difference {
            person_id: person_id.to_owned(),
            change: Change::Added,
        })
    });
    report
}

fn each_chunk(
    index: &Index,
    note: &mut impl FnMut(Vec<Difference>, u64),
    find: impl Fn(u32) -> Option<Difference> + Sync + Send,
) {
    let is_current = |(_, row): &(u32, &Row)| !row.is_earlier();
    for (number, rows) in index.view().rows.chunks(CHUNK).enumerate() {
        let first = (number * CHUNK) as u32;
        let current: Vec<u32> = (first..)
            .zip(rows)
            .filter(is_current)
            .map(|(position, _)| position)
            .collect();
        let found = current.par_iter().filter_map(|row| find(*row)).collect();
        note(found, current.len() as u64);
    }
}

fn compare(before: &Index, after: &Index, row: u32) -> Option<Difference> {
    let one = before.person(row)?;
    let other = after.find(&one.person_id).and_then(|row| after.person(row));
    let change = match other {
        None => Change::Removed,
        Some(other) if other == one => return None,
        Some(other) => {
            let differs = FIELDS.iter().filter(|(_, same)| !same(&one, &other));
            Change::Changed(differs.map(|(field, _)| *field).collect())
        }
    };
    Some(Difference {
        person_id: one.person_id,
        change,
    })
}

type Same = fn(&Person, &Person) -> bool;

/// Every field of a person but the identifier.
const FIELDS: [(&str, Same); 20] = [
    ("nhs_number", |a, b| a.nhs_number == b.nhs_number),
    ("superseded_nhs_numbers", |a, b| {
        a.superseded_nhs_numbers == b.superseded_nhs_numbers
    }),
    ("given_name", |a, b| a.name.given == b.name.given),
    ("middle_name", |a, b| a.name.middle == b.name.middle),
    ("surname", |a, b| a.name.surname == b.name.surname),
    ("previous_names", |a, b| {
        a.previous_names == b.previous_names
    }),
    ("date_of_birth", |a, b| a.date_of_birth == b.date_of_birth),
    ("dob_estimated", |a, b| a.dob_estimated == b.dob_estimated),
    ("sex", |a, b| a.sex == b.sex),
    ("address", |a, b| a.address.address == b.address.address),
    ("town", |a, b| a.address.town == b.address.town),
    ("postcode", |a, b| a.address.postcode == b.address.postcode),
    ("address_kind", |a, b| a.address.kind == b.address.kind),
    ("address_from", |a, b| a.address.from == b.address.from),
    ("previous_addresses", |a, b| {
        a.previous_addresses == b.previous_addresses
    }),
    ("gp_practice_code", |a, b| {
        a.gp_practice_code == b.gp_practice_code
    }),
    ("registration_date", |a, b| {
        a.registration_date == b.registration_date
    }),
    ("restricted", |a, b| a.restricted == b.restricted),
    ("deceased", |a, b| a.deceased == b.deceased),
    ("death_date", |a, b| a.death_date == b.death_date),
];

#[cfg(test)]
mod tests;
