//! The distinct texts of an extract, and the references to them.

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::index::IndexError;
use crate::index::dictionary::Interner;
use crate::index::extras::{AddressRef, Extras, NameRef};
use crate::index::row::{Registration, Row};
use crate::normalize::{self, Premises};
use crate::{Address, Name};

/// Number of dictionaries.
pub(super) const TEXTS: usize = 6;

/// Which dictionary a text stands in, in the order of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    Given,
    Surname,
    Street,
    Town,
    Postcode,
    Practice,
}

/// Texts read so far, by provisional number.
pub(super) struct Texts([Interner; TEXTS]);

impl Texts {
    pub(super) fn new() -> Self {
        Self(std::array::from_fn(|_| Interner::new()))
    }

    fn intern(
        &mut self,
        text: Text,
        written: &str,
        comparable: impl FnOnce(&str) -> String,
    ) -> Result<u32, IndexError> {
        match self.0.get_mut(text as usize) {
            Some(interner) => interner.intern(written, comparable),
            None => Ok(0),
        }
    }

    pub(super) fn name(&mut self, name: &Name) -> Result<NameRef, IndexError> {
        Ok(NameRef {
            given: self.intern(Text::Given, &name.given, normalize::fold)?,
            middle: self.intern(Text::Given, &name.middle, normalize::fold)?,
            surname: self.intern(Text::Surname, &name.surname, normalize::fold)?,
        })
    }

    pub(super) fn address(
        &mut self,
        address: &Address,
        premises: &Premises,
    ) -> Result<AddressRef, IndexError> {
        Ok(AddressRef {
            street: self.intern(Text::Street, &premises.template, |_| {
                premises.street.clone()
            })?,
            town: self.intern(Text::Town, &address.town, normalize::fold)?,
            postcode: self.intern(Text::Postcode, &address.postcode, normalize::postcode)?,
            flat: premises.flat,
            number: premises.number,
            kind: address.kind,
            from: address.from,
            to: address.to,
        })
    }

    pub(super) fn practice(&mut self, code: &str) -> Result<u32, IndexError> {
        self.intern(Text::Practice, code, str::to_ascii_uppercase)
    }

    /// Marks for every text, all unset.
    pub(super) fn marks(&self) -> Marks {
        Marks(
            self.0
                .each_ref()
                .map(|interner| vec![false; interner.len()]),
        )
    }

    /// Sorts the texts that are `used`: all of them when there are no marks.
    pub(super) fn finish(self, used: Option<Marks>) -> (Dictionaries, Finals) {
        let used = used.map_or_else(|| [const { None }; TEXTS], |marks| marks.0.map(Some));
        let finished: Vec<_> = self
            .0
            .into_iter()
            .zip(used)
            .collect::<Vec<_>>()
            .into_par_iter()
            .map(|(interner, used)| interner.finish(used.as_deref()))
            .collect();
        let (entries, finals) = finished.into_iter().unzip();
        (Dictionaries { entries }, Finals(finals))
    }
}

/// Which texts are used.
pub(super) struct Marks([Vec<bool>; TEXTS]);

impl Marks {
    pub(super) fn mark(&mut self, text: Text, number: u32) {
        let marks = self.0.get_mut(text as usize);
        if let Some(mark) = marks.and_then(|marks| marks.get_mut(number as usize)) {
            *mark = true;
        }
    }
}

/// Texts in their final order.
#[derive(Default)]
pub(super) struct Dictionaries {
    /// By [`Text`].
    pub(super) entries: Vec<Vec<Box<str>>>,
}

impl Dictionaries {
    /// A count for every text.
    pub(super) fn zeros(&self) -> [Vec<u32>; TEXTS] {
        std::array::from_fn(|text| vec![0; self.entries.get(text).map_or(0, Vec::len)])
    }

    pub(super) fn comparable(&self, text: Text, number: u32) -> &str {
        self.entries
            .get(text as usize)
            .and_then(|entries| entries.get(number as usize))
            .map_or("", |entry| entry.split('\0').next().unwrap_or_default())
    }
}

/// Final numbers of texts by provisional number.
#[derive(Default)]
pub(super) struct Finals(Vec<Vec<u32>>);

impl Finals {
    pub(super) fn apply(&self, text: Text, number: &mut u32) {
        let finals = self.0.get(text as usize);
        *number = finals
            .and_then(|finals| finals.get(*number as usize))
            .copied()
            .unwrap_or_default();
    }
}

/// Shows every reference to a text to `visit`.
pub(super) trait References {
    fn visit(&mut self, visit: &mut impl FnMut(Text, &mut u32));
}

impl References for Row {
    fn visit(&mut self, visit: &mut impl FnMut(Text, &mut u32)) {
        visit(Text::Given, &mut self.given);
        visit(Text::Given, &mut self.middle);
        visit(Text::Surname, &mut self.surname);
        visit(Text::Street, &mut self.street);
        visit(Text::Town, &mut self.town);
        visit(Text::Postcode, &mut self.postcode);
    }
}

impl References for Registration {
    fn visit(&mut self, visit: &mut impl FnMut(Text, &mut u32)) {
        visit(Text::Practice, &mut self.practice);
    }
}

impl References for Extras {
    fn visit(&mut self, visit: &mut impl FnMut(Text, &mut u32)) {
        for name in &mut self.names {
            visit(Text::Given, &mut name.given);
            visit(Text::Given, &mut name.middle);
            visit(Text::Surname, &mut name.surname);
        }
        for address in &mut self.addresses {
            visit(Text::Street, &mut address.street);
            visit(Text::Town, &mut address.town);
            visit(Text::Postcode, &mut address.postcode);
        }
    }
}
