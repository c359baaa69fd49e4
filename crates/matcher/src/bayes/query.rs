//! A request, prepared to be compared with many rows.

use std::cell::OnceCell;
use std::ops::Range;

use crate::compare::name::NameSide;
use crate::compare::place::{Numbers, StreetSide};
use crate::compare::text::Pattern;
use crate::index::{Dictionary, Hash, Key, Lookup, View, name_hash};
use crate::{PartialDate, Sex, normalize};

use super::asked::{Asked, NameTexts, Text};

/// The terms of a request in comparable form.
pub(super) struct Query {
    /// The name, and other names the person may have had.
    pub names: Vec<NameQuery>,
    pub birth: Option<PartialDate>,
    /// Rows of people born on that day or a day that is like it.
    pub born_about: OnceCell<Vec<Range<u32>>>,
    pub sex: Sex,
    pub postcode: Option<PostcodeQuery>,
    pub street: Option<StreetQuery>,
    pub numbers: Numbers,
    town: String,
    town_found: OnceCell<TextQuery>,
    pub nhs_stem: u32,
    /// The number asked for belongs to somebody in the index.
    pub nhs_known: bool,
}

/// One name of a request.
pub(super) struct NameQuery {
    pub given: Option<TermQuery>,
    pub middle: Vec<NameSide>,
    /// Places of the first middle name in the dictionary of given names.
    pub middle_range: Range<u32>,
    /// People whose middle name it is.
    pub middle_people: f64,
    pub surname: Option<TermQuery>,
}

/// A given name or a surname.
pub(super) struct TermQuery {
    pub side: NameSide,
    pub hash: Hash,
    /// Numbers of the same text in the dictionary.
    pub range: Range<u32>,
    /// People who have it in its own place.
    pub people: f64,
    /// Names of the same initial.
    pub initial_range: Range<u32>,
    kind: Kind,
    misplaced: OnceCell<TextQuery>,
}

/// A postcode.
pub(super) struct PostcodeQuery {
    pub text: String,
    pub hash: u64,
    pub range: Range<u32>,
    pub people: f64,
    pattern: OnceCell<Pattern>,
    pub outcode: Option<String>,
}

/// A street.
pub(super) struct StreetQuery {
    pub side: StreetSide,
    pub range: Range<u32>,
    /// Hash of house number and street.
    pub premises: u64,
}

/// A text that compares by equality.
pub(super) struct TextQuery {
    pub range: Range<u32>,
    pub people: f64,
}

impl Query {
    pub(super) fn new(view: &View<'_>, asked: Asked<'_>) -> Self {
        let Asked {
            terms,
            name,
            flat,
            number,
            street,
            premises,
            town,
            postcode,
            nhs_stem,
        } = asked;
        let derived = view.derived;
        let previous = terms.previous_names.iter().map(NameTexts::new);
        let names = std::iter::once(name)
            .chain(previous)
            .map(|name| NameQuery::new(view, name))
            .filter(|name| name.given.is_some() || name.surname.is_some())
            .collect();
        let written = &postcode.text;
        let usable = !written.is_empty() && !normalize::is_pseudo_postcode(written);
        Self {
            names,
            birth: terms.date_of_birth,
            born_about: OnceCell::new(),
            sex: terms.sex,
            postcode: usable.then(|| PostcodeQuery::new(view, postcode)),
            street: (!street.text.is_empty()).then(|| StreetQuery {
                range: derived
                    .streets
                    .range_of(&view.streets, (&street.text, street.hash)),
                side: StreetSide::new(street.text),
                premises,
            }),
            numbers: Numbers { flat, number },
            town,
            town_found: OnceCell::new(),
            nhs_stem,
            nhs_known: view.holders(nhs_stem).next().is_some(),
        }
    }

    /// Counts the people of two files together: until then, each query knows those of its own file.
    pub(super) fn count_together(
        &mut self,
        view: &View<'_>,
        (other, there): (&mut Self, &View<'_>),
    ) {
        let counts = self.counts(view).into_iter().zip(other.counts(there));
        for (here, there) in counts {
            *here += *there;
            *there = *here;
        }
    }

    /// How many people bear each value; in the order of the request, whichever the file.
    fn counts(&mut self, view: &View<'_>) -> Vec<&mut f64> {
        self.town(view);
        let town = self.town_found.get_mut().map(|town| &mut town.people);
        let postcode = self.postcode.as_mut().map(|one| &mut one.people);
        let names = self.names.iter_mut().flat_map(|name| {
            let terms = [&mut name.given, &mut name.surname];
            let terms = terms.into_iter().flatten();
            let counts = terms.flat_map(|term| term.counts(view));
            counts.chain([&mut name.middle_people])
        });
        town.into_iter().chain(postcode).chain(names).collect()
    }
}

impl Query {
    /// The town in the dictionary; nobody's when none is asked for.
    pub(super) fn town(&self, view: &View<'_>) -> &TextQuery {
        self.town_found.get_or_init(|| match self.town.as_str() {
            "" => TextQuery::NONE,
            town => {
                let towns = &view.derived.towns;
                TextQuery::new(towns, &view.towns, (town, Hash::of(town)))
            }
        })
    }
}

impl TextQuery {
    const NONE: Self = Self {
        range: 0..0,
        people: 0.0,
    };

    fn new(lookup: &Lookup, dictionary: &Dictionary<'_>, text: (&str, Hash)) -> Self {
        let range = lookup.range_of(dictionary, text);
        Self {
            people: f64::from(dictionary.count(&range)),
            range,
        }
    }
}

impl Kind {
    fn find(self, view: &View<'_>, text: (&str, Hash)) -> TextQuery {
        match self {
            Self::Given => TextQuery::new(&view.derived.given, &view.given, text),
            Self::Surname => TextQuery::new(&view.derived.surnames, &view.surnames, text),
        }
    }
}

impl NameQuery {
    fn new(view: &View<'_>, name: NameTexts) -> Self {
        let words = name.middle.split(' ').filter(|word| !word.is_empty());
        let middle: Vec<NameSide> = words.map(|word| NameSide::new(word.to_owned())).collect();
        let middle_range = middle.first().map_or(0..0, |first| {
            view.derived.given.range(&view.given, &first.text)
        });
        Self {
            given: TermQuery::new(view, name.given, Kind::Given),
            middle_people: f64::from(view.middle_names(&middle_range)),
            middle_range,
            middle,
            surname: TermQuery::new(view, name.surname, Kind::Surname),
        }
    }

    /// Hash of the search list of those who bear a whole name, the surname or the given name as `key` says, and
    /// the initial of the other.
    pub(super) fn list(&self, key: Key) -> Option<u64> {
        let (whole, other) = match key {
            Key::Surname => (&self.surname, &self.given),
            _ => (&self.given, &self.surname),
        };
        let other = other.as_ref().map_or("", |other| &other.side.text);
        Some(name_hash(whole.as_ref()?.hash, other))
    }

    /// Given name and surname, where both are asked for.
    pub(super) fn both(&self) -> Option<(&TermQuery, &TermQuery)> {
        self.given.as_ref().zip(self.surname.as_ref())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Given,
    Surname,
}

impl TermQuery {
    fn new(view: &View<'_>, Text { text, hash }: Text, kind: Kind) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        let own = kind.find(view, (&text, hash));
        let initials = match kind {
            Kind::Given => &view.derived.given_initials,
            Kind::Surname => &view.derived.surname_initials,
        };
        let initial = initials.of(text.chars().next().unwrap_or_default());
        Some(Self {
            side: NameSide::new(text),
            hash,
            range: own.range,
            people: own.people,
            // Outside A to Z every name may begin alike.
            initial_range: initial.map_or(0..u32::MAX, |(names, _)| names.clone()),
            kind,
            misplaced: OnceCell::new(),
        })
    }

    fn counts(&mut self, view: &View<'_>) -> impl Iterator<Item = &mut f64> {
        self.misplaced(view);
        let misplaced = self.misplaced.get_mut().map(|one| &mut one.people);
        std::iter::once(&mut self.people).chain(misplaced)
    }

    /// The same text in the place of the other name.
    pub(super) fn misplaced(&self, view: &View<'_>) -> &TextQuery {
        let other = match self.kind {
            Kind::Given => Kind::Surname,
            Kind::Surname => Kind::Given,
        };
        self.misplaced
            .get_or_init(|| other.find(view, (&self.side.text, self.hash)))
    }

    /// First letter.
    pub(super) fn initial(&self) -> char {
        self.side.text.chars().next().unwrap_or(' ')
    }
}

impl PostcodeQuery {
    fn new(view: &View<'_>, Text { text, hash }: Text) -> Self {
        let lookup = &view.derived.postcodes;
        let range = lookup.range_of(&view.postcodes, (&text, hash));
        let people = f64::from(view.postcodes.count(&range));
        let outcode = normalize::outcode(&text).map(str::to_owned);
        Self {
            pattern: OnceCell::new(),
            text,
            hash: hash.finish(),
            range,
            people,
            outcode,
        }
    }

    /// One slip away?
    pub(super) fn is_close(&self, other: &str) -> bool {
        let pattern = self.pattern.get_or_init(|| Pattern::new(&self.text));
        pattern.distance(other) == 1
    }

    /// The same district?
    pub(super) fn is_near(&self, other: &str) -> bool {
        match (&self.outcode, normalize::outcode(other)) {
            (Some(one), Some(two)) => one == two,
            _ => false,
        }
    }
}
