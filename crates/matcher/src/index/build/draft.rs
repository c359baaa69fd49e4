//! Collects people in input order, then puts everything into its final order.

use std::collections::HashSet;

use super::Finished;
use crate::index::IndexError;
use crate::index::dictionary::Interner;
use crate::index::extras::{AddressRef, Extras, NameRef};
use crate::index::postings;
use crate::index::row::{Registration, Row, date_word, flag, flags_of, when_of};
use crate::{Address, Name, Person, normalize};

/// Rows of one person at most: current details, each earlier name and address, and their pairs.
const ROWS_A_PERSON_MAX: usize = 16;

/// People read so far; numbers of texts are provisional.
pub(super) struct Drafts {
    given: Interner,
    surnames: Interner,
    streets: Interner,
    towns: Interner,
    postcodes: Interner,
    practices: Interner,
    rows: Vec<Draft>,
    registrations: Vec<Registration>,
    extras: Vec<(u32, Extras)>,
    ids: Vec<Box<str>>,
    seen: HashSet<u64>,
}

struct Draft {
    row: Row,
    /// Orders people who are alike in everything else, whatever the input order.
    id_hash: u64,
    /// Input order of the person.
    input: u32,
}

impl Drafts {
    pub(super) fn new() -> Self {
        Self {
            given: Interner::new(),
            surnames: Interner::new(),
            streets: Interner::new(),
            towns: Interner::new(),
            postcodes: Interner::new(),
            practices: Interner::new(),
            rows: Vec::new(),
            registrations: Vec::new(),
            extras: Vec::new(),
            ids: Vec::new(),
            seen: HashSet::new(),
        }
    }

    /// Adds a person; `false` when the identifier is already there.
    pub(super) fn add(&mut self, person: &Person) -> Result<bool, IndexError> {
        let id_hash = postings::hash(&[person.person_id.as_bytes()]);
        if !self.seen.insert(id_hash) {
            return Ok(false);
        }
        let input = u32::try_from(self.ids.len()).map_err(|_| IndexError::TooMany("people"))?;
        self.ids.push(person.person_id.as_str().into());
        let extras = self.extras_of(person)?;
        let name = self.name_ref(&person.name)?;
        let address = self.address_ref(&person.address)?;
        for mut row in rows_of(person, name, &address, &extras) {
            if !extras.is_empty() {
                row.when |= flag::EXTRAS;
            }
            self.rows.push(Draft {
                row,
                id_hash,
                input,
            });
        }
        self.registrations.push(Registration {
            practice: self.practices.intern(
                person.gp_practice_code.as_deref().unwrap_or_default(),
                str::to_ascii_uppercase,
            )?,
            registered: date_word(person.registration_date),
            address_from: date_word(person.address.from),
        });
        if !extras.is_empty() {
            self.extras.push((input, extras));
        }
        Ok(true)
    }

    fn extras_of(&mut self, person: &Person) -> Result<Extras, IndexError> {
        let names = person.previous_names.iter().map(|name| self.name_ref(name));
        let names = names.collect::<Result<_, _>>()?;
        let addresses = person
            .previous_addresses
            .iter()
            .map(|address| self.address_ref(address));
        let addresses = addresses.collect::<Result<_, _>>()?;
        let nhs_stems = person
            .superseded_nhs_numbers
            .iter()
            .map(|number| number.stem())
            .collect();
        Ok(Extras {
            names,
            addresses,
            nhs_stems,
            death_date: person.death_date,
        })
    }

    fn name_ref(&mut self, name: &Name) -> Result<NameRef, IndexError> {
        Ok(NameRef {
            given: self.given.intern(&name.given, normalize::fold)?,
            middle: self.given.intern(&name.middle, normalize::fold)?,
            surname: self.surnames.intern(&name.surname, normalize::fold)?,
        })
    }

    fn address_ref(&mut self, address: &Address) -> Result<AddressRef, IndexError> {
        let premises = normalize::premises(&address.address);
        let street = premises.street;
        Ok(AddressRef {
            street: self.streets.intern(&premises.template, |_| street)?,
            town: self.towns.intern(&address.town, normalize::fold)?,
            postcode: self
                .postcodes
                .intern(&address.postcode, normalize::postcode)?,
            flat: premises.flat,
            number: premises.number,
            kind: address.kind,
            from: address.from,
            to: address.to,
        })
    }

    /// Sorts texts and rows and gives every text and row its final number.
    pub(super) fn finish(self) -> Result<Finished, IndexError> {
        let (given, given_finals) = self.given.finish();
        let (surnames, surname_finals) = self.surnames.finish();
        let (streets, street_finals) = self.streets.finish();
        let (towns, town_finals) = self.towns.finish();
        let (postcodes, postcode_finals) = self.postcodes.finish();
        let (practices, practice_finals) = self.practices.finish();
        let finals = Finals {
            given: given_finals,
            surnames: surname_finals,
            streets: street_finals,
            towns: town_finals,
            postcodes: postcode_finals,
        };
        let mut drafts = self.rows;
        drafts
            .iter_mut()
            .for_each(|draft| finals.apply(&mut draft.row));
        drafts.sort_unstable_by_key(|draft| (draft.row, draft.id_hash));
        u32::try_from(drafts.len()).map_err(|_| IndexError::TooMany("rows"))?;

        let (rows, id_by_row, primaries) = place(&drafts, self.ids.len());
        let registrations = place_registrations(&self.registrations, &practice_finals, &id_by_row);
        let extras = place_extras(self.extras, &primaries, &finals);
        let dictionaries = vec![
            counted(given, &rows, |row| row.given),
            counted(surnames, &rows, |row| row.surname),
            counted(streets, &rows, |row| row.street),
            counted(towns, &rows, |row| row.town),
            counted(postcodes, &rows, |row| row.postcode),
            (practices.clone(), vec![0; practices.len()]),
        ];
        Ok(Finished {
            people: self.ids.len() as u32,
            rows,
            registrations,
            extra_rows: extras.0,
            extra_offsets: extras.1,
            extra_words: extras.2,
            dictionaries,
            ids: self.ids,
            id_by_row,
        })
    }
}

/// The current row of a person, then one row for everything else the person may be found by.
fn rows_of(person: &Person, name: NameRef, address: &AddressRef, extras: &Extras) -> Vec<Row> {
    let mut flags = 0;
    for (flag, on) in [
        (flag::RESTRICTED, person.restricted),
        (flag::DECEASED, person.death_date.is_some()),
        (flag::ESTIMATED, person.dob_estimated),
    ] {
        flags |= if on { flag } else { 0 };
    }
    let when = when_of(person.date_of_birth) | flags_of(person.sex, person.address.kind) | flags;
    let stem = person.nhs_number.map_or(0, crate::NhsNumber::stem);
    let row = |name: &NameRef, address: &AddressRef, nhs_stem: u32, earlier: u32| Row {
        when: when | earlier,
        surname: name.surname,
        given: name.given,
        middle: name.middle,
        postcode: address.postcode,
        street: address.street,
        town: address.town,
        nhs_stem,
        primary: 0,
        flat: address.flat,
        number: address.number,
    };
    let mut rows = vec![row(&name, address, stem, 0)];
    rows.extend(
        extras
            .names
            .iter()
            .map(|name| row(name, address, stem, flag::EARLIER_NAME)),
    );
    let moved = extras.addresses.iter();
    rows.extend(moved.map(|address| row(&name, address, stem, flag::EARLIER_ADDRESS)));
    let numbers = extras.nhs_stems.iter();
    rows.extend(numbers.map(|stem| row(&name, address, *stem, flag::EARLIER_NUMBER)));
    for name in &extras.names {
        let both = flag::EARLIER_NAME | flag::EARLIER_ADDRESS;
        rows.extend(
            extras
                .addresses
                .iter()
                .map(|address| row(name, address, stem, both)),
        );
    }
    rows.truncate(ROWS_A_PERSON_MAX);
    rows
}

/// Final numbers of texts by provisional number.
struct Finals {
    given: Vec<u32>,
    surnames: Vec<u32>,
    streets: Vec<u32>,
    towns: Vec<u32>,
    postcodes: Vec<u32>,
}

fn map(finals: &[u32], number: &mut u32) {
    *number = finals.get(*number as usize).copied().unwrap_or_default();
}

impl Finals {
    fn apply(&self, row: &mut Row) {
        map(&self.given, &mut row.given);
        map(&self.given, &mut row.middle);
        map(&self.surnames, &mut row.surname);
        map(&self.streets, &mut row.street);
        map(&self.towns, &mut row.town);
        map(&self.postcodes, &mut row.postcode);
    }

    fn apply_extras(&self, extras: &mut Extras) {
        for name in &mut extras.names {
            map(&self.given, &mut name.given);
            map(&self.given, &mut name.middle);
            map(&self.surnames, &mut name.surname);
        }
        for address in &mut extras.addresses {
            map(&self.streets, &mut address.street);
            map(&self.towns, &mut address.town);
            map(&self.postcodes, &mut address.postcode);
        }
    }
}

/// Rows that point to their primary row; input order by row; primary row by input order.
fn place(drafts: &[Draft], people: usize) -> (Vec<Row>, Vec<u32>, Vec<u32>) {
    let mut primaries = vec![0u32; people];
    let mut id_by_row = vec![u32::MAX; drafts.len()];
    for (position, (draft, id)) in drafts.iter().zip(&mut id_by_row).enumerate() {
        if !draft.row.is(flag::EARLIER) {
            *id = draft.input;
            if let Some(primary) = primaries.get_mut(draft.input as usize) {
                *primary = position as u32;
            }
        }
    }
    let row = |draft: &Draft| Row {
        primary: primaries
            .get(draft.input as usize)
            .copied()
            .unwrap_or_default(),
        ..draft.row
    };
    (drafts.iter().map(row).collect(), id_by_row, primaries)
}

fn place_registrations(
    by_input: &[Registration],
    practice_finals: &[u32],
    id_by_row: &[u32],
) -> Vec<Registration> {
    if by_input.iter().all(|one| *one == Registration::default()) {
        return Vec::new();
    }
    let one = |input: &u32| {
        let mut one = by_input.get(*input as usize).copied().unwrap_or_default();
        map(practice_finals, &mut one.practice);
        one
    };
    id_by_row.iter().map(one).collect()
}

/// Rows that have extras, ascending; where each one's words start, and the end; the words.
fn place_extras(
    extras: Vec<(u32, Extras)>,
    primaries: &[u32],
    finals: &Finals,
) -> (Vec<u32>, Vec<u32>, Vec<u32>) {
    let mut placed: Vec<(u32, Extras)> = extras
        .into_iter()
        .map(|(input, extras)| {
            (
                primaries.get(input as usize).copied().unwrap_or_default(),
                extras,
            )
        })
        .collect();
    placed.sort_unstable_by_key(|(row, _)| *row);
    let (mut rows, mut offsets, mut words) = (Vec::new(), vec![0], Vec::new());
    for (row, mut extras) in placed {
        finals.apply_extras(&mut extras);
        extras.write(&mut words);
        rows.push(row);
        offsets.push(words.len() as u32);
    }
    (rows, offsets, words)
}

/// Entries with the number of people whose current details hold them.
fn counted(
    entries: Vec<Box<str>>,
    rows: &[Row],
    field: impl Fn(&Row) -> u32,
) -> (Vec<Box<str>>, Vec<u32>) {
    let mut counts = vec![0u32; entries.len()];
    for row in rows.iter().filter(|row| !row.is(flag::EARLIER)) {
        if let Some(count) = counts.get_mut(field(row) as usize) {
            *count += 1;
        }
    }
    (entries, counts)
}
