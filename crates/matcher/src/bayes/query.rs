//! A request, prepared to be compared with many rows.

use std::cell::OnceCell;
use std::ops::Range;

use crate::compare::name::NameSide;
use crate::compare::place::{Numbers, StreetSide};
use crate::compare::text::Pattern;
use crate::index::{Lookup, View};
use crate::{Name, PartialDate, Sex, Terms, normalize};

/// The terms of a request in comparable form.
pub(super) struct Query {
    /// The name, and other names the person may have had.
    pub names: Vec<NameQuery>,
    pub birth: Option<PartialDate>,
    pub sex: Sex,
    pub postcode: Option<PostcodeQuery>,
    pub street: Option<StreetQuery>,
    pub numbers: Numbers,
    pub town: Option<TextQuery>,
    pub nhs_stem: u32,
    /// The number asked for belongs to somebody in the index.
    pub nhs_known: bool,
}

/// One name of a request.
pub(super) struct NameQuery {
    pub given: Option<TermQuery>,
    pub middle: Vec<NameSide>,
    /// Places of the first middle name in the dictionary, and people who have it as a given name.
    pub middle_range: Range<u32>,
    pub middle_people: f64,
    pub surname: Option<TermQuery>,
}

/// A given name or a surname.
pub(super) struct TermQuery {
    pub side: NameSide,
    /// Numbers of the same text in the dictionary.
    pub range: Range<u32>,
    /// People who have it as a given name, and as a surname.
    pub as_given: f64,
    pub as_surname: f64,
    /// The same text in the dictionary of the other kind of name.
    pub other_range: Range<u32>,
    /// Names of the same initial.
    pub initial_range: Range<u32>,
}

/// A postcode.
pub(super) struct PostcodeQuery {
    pub text: String,
    pub range: Range<u32>,
    pub people: f64,
    pattern: OnceCell<Pattern>,
    pub outcode: Option<String>,
}

/// A street.
pub(super) struct StreetQuery {
    pub side: StreetSide,
    pub range: Range<u32>,
}

/// A text that compares by equality.
pub(super) struct TextQuery {
    pub range: Range<u32>,
    pub people: f64,
}

impl Query {
    pub(super) fn new(view: &View<'_>, terms: &Terms) -> Self {
        let premises = normalize::premises_asked(&terms.address);
        let town = normalize::fold(&terms.town);
        let postcode = normalize::postcode(&terms.postcode);
        let name = NameTexts::new(&terms.name);
        let derived = view.derived;
        Lookup::read_ahead([
            (&derived.given, &view.given, &name.given),
            (&derived.surnames, &view.surnames, &name.given),
            (&derived.given, &view.given, &name.surname),
            (&derived.surnames, &view.surnames, &name.surname),
            (&derived.streets, &view.streets, &premises.street),
            (&derived.towns, &view.towns, &town),
            (&derived.postcodes, &view.postcodes, &postcode),
        ]);
        let previous = terms.previous_names.iter().map(NameTexts::new);
        let names = std::iter::once(name)
            .chain(previous)
            .map(|name| NameQuery::new(view, name))
            .filter(|name| name.given.is_some() || name.surname.is_some())
            .collect();
        let usable = !postcode.is_empty() && !normalize::is_pseudo_postcode(&postcode);
        Self {
            names,
            birth: terms.date_of_birth,
            sex: terms.sex,
            postcode: usable.then(|| PostcodeQuery::new(view, postcode)),
            street: (!premises.street.is_empty()).then(|| StreetQuery {
                range: derived.streets.range(&view.streets, &premises.street),
                side: StreetSide::new(premises.street),
            }),
            numbers: Numbers {
                flat: premises.flat,
                number: premises.number,
            },
            town: (!town.is_empty()).then(|| {
                let range = derived.towns.range(&view.towns, &town);
                TextQuery {
                    people: f64::from(view.towns.count(&range)),
                    range,
                }
            }),
            nhs_stem: terms.nhs_number.map_or(0, crate::NhsNumber::stem),
            nhs_known: false,
        }
    }
}

/// A name in comparable form.
struct NameTexts {
    given: String,
    middle: String,
    surname: String,
}

impl NameTexts {
    fn new(name: &Name) -> Self {
        Self {
            given: normalize::fold(&name.given),
            middle: normalize::fold(&name.middle),
            surname: normalize::fold(&name.surname),
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
            middle_people: f64::from(view.given.count(&middle_range)),
            middle_range,
            middle,
            surname: TermQuery::new(view, name.surname, Kind::Surname),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Given,
    Surname,
}

impl TermQuery {
    fn new(view: &View<'_>, text: String, kind: Kind) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        let given = view.derived.given.range(&view.given, &text);
        let surname = view.derived.surnames.range(&view.surnames, &text);
        let as_given = f64::from(view.given.count(&given));
        let as_surname = f64::from(view.surnames.count(&surname));
        let (dictionary, range, other_range) = match kind {
            Kind::Given => (&view.given, given, surname),
            Kind::Surname => (&view.surnames, surname, given),
        };
        let initial = text.chars().next().unwrap_or_default();
        let initials = match kind {
            Kind::Given => &view.derived.given_initials,
            Kind::Surname => &view.derived.surname_initials,
        };
        Some(Self {
            side: NameSide::new(text),
            range,
            as_given,
            as_surname,
            other_range,
            initial_range: initials
                .of(initial)
                .map_or(0..dictionary.len(), |(names, _)| names.clone()),
        })
    }

    /// First letter.
    pub(super) fn initial(&self) -> char {
        self.side.text.chars().next().unwrap_or(' ')
    }
}

impl PostcodeQuery {
    fn new(view: &View<'_>, text: String) -> Self {
        let range = view.derived.postcodes.range(&view.postcodes, &text);
        let people = f64::from(view.postcodes.count(&range));
        let outcode = normalize::outcode(&text).map(str::to_owned);
        Self {
            pattern: OnceCell::new(),
            text,
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
