//! One person in a temporary file: the current row, the registration, the history, the identifier.

use std::io::{ErrorKind, Read};

use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, KnownLayout};

use super::texts::{References, Text};
use crate::Person;
use crate::index::extras::{AddressRef, Extras, NameRef};
use crate::index::row::{Registration, Row, date_word, flag, flags_of, when_of};

/// Rows of one person at most: current details, each earlier name and address, and their pairs.
const ROWS_A_PERSON_MAX: usize = 16;

/// A person of whom the texts are places in dictionaries.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Record {
    /// Current details.
    pub row: Row,
    pub registration: Registration,
    pub extras: Extras,
    pub person_id: Vec<u8>,
}

/// What stands before history and identifier.
#[derive(FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
struct Head {
    row: Row,
    registration: Registration,
    extra_words: u32,
    id_bytes: u32,
}

impl Record {
    pub(super) fn new(
        person: &Person,
        name: NameRef,
        address: AddressRef,
        practice: u32,
        extras: Extras,
    ) -> Self {
        let mut when = when_of(person.date_of_birth) | flags_of(person.sex, person.address.kind);
        for (flag, on) in [
            (flag::RESTRICTED, person.restricted),
            (flag::DECEASED, person.deceased),
            (flag::ESTIMATED, person.dob_estimated),
            (flag::EXTRAS, !extras.is_empty()),
        ] {
            when |= if on { flag } else { 0 };
        }
        let row = Row {
            when,
            nhs_stem: person.nhs_number.map_or(0, crate::NhsNumber::stem),
            ..Row::default()
        };
        Self {
            row: at(named(row, &name, 0), &address, 0),
            registration: Registration {
                practice,
                registered: date_word(person.registration_date),
                address_from: date_word(person.address.from),
            },
            extras,
            person_id: person.person_id.as_bytes().to_vec(),
        }
    }

    /// The current row, then one row for everything else the person may be found by.
    pub(super) fn rows(&self, rows: &mut Vec<Row>) {
        let Extras {
            names,
            addresses,
            nhs_stems,
            ..
        } = &self.extras;
        let row = self.row;
        let renamed = |name| named(row, name, flag::EARLIER_NAME);
        let moved = |row, address| at(row, address, flag::EARLIER_ADDRESS);
        rows.clear();
        rows.push(row);
        rows.extend(names.iter().map(renamed));
        rows.extend(addresses.iter().map(|address| moved(row, address)));
        rows.extend(nhs_stems.iter().map(|stem| Row {
            when: row.when | flag::EARLIER_NUMBER,
            nhs_stem: *stem,
            ..row
        }));
        for row in names.iter().map(renamed) {
            rows.extend(addresses.iter().map(|address| moved(row, address)));
        }
        rows.truncate(ROWS_A_PERSON_MAX);
    }

    pub(super) fn encode(&self, bytes: &mut Vec<u8>) {
        let mut words = Vec::new();
        if !self.extras.is_empty() {
            self.extras.write(&mut words);
        }
        let head = Head {
            row: self.row,
            registration: self.registration,
            extra_words: words.len() as u32,
            id_bytes: self.person_id.len() as u32,
        };
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(words.as_bytes());
        bytes.extend_from_slice(&self.person_id);
    }

    /// Inverse of [`Self::encode`].
    pub(super) fn decode(mut from: impl Read) -> std::io::Result<Self> {
        let mut head = Head::new_zeroed();
        from.read_exact(head.as_mut_bytes())?;
        let mut words = vec![0; head.extra_words as usize];
        from.read_exact(words.as_mut_bytes())?;
        let extras = match words.as_slice() {
            [] => Extras::default(),
            words => Extras::read(words).ok_or(ErrorKind::InvalidData)?,
        };
        let mut person_id = vec![0; head.id_bytes as usize];
        from.read_exact(&mut person_id)?;
        Ok(Self {
            row: head.row,
            registration: head.registration,
            extras,
            person_id,
        })
    }
}

impl References for Record {
    fn visit(&mut self, visit: &mut impl FnMut(Text, &mut u32)) {
        self.row.visit(visit);
        self.registration.visit(visit);
        self.extras.visit(visit);
    }
}

/// `row` under another name.
fn named(row: Row, name: &NameRef, earlier: u32) -> Row {
    Row {
        when: row.when | earlier,
        surname: name.surname,
        given: name.given,
        middle: name.middle,
        ..row
    }
}

/// `row` at another address.
fn at(row: Row, address: &AddressRef, earlier: u32) -> Row {
    Row {
        when: row.when | earlier,
        postcode: address.postcode,
        street: address.street,
        town: address.town,
        flat: address.flat,
        number: address.number,
        ..row
    }
}
