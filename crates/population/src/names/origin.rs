//! Naming cultures and their customs. Shares and rates are rough, made for realism, not statistics.

use std::sync::OnceLock;

use super::book::Book;

/// What happens to a family name in the next generation.
#[derive(Clone, Copy, Debug)]
pub(super) enum Custom {
    /// Passed on as it is.
    Same,
    /// Passed on; a woman's form has another ending (male, female).
    Endings(&'static [(&'static str, &'static str)]),
    /// A child's last name is the father's given name.
    FathersGiven,
}

/// How one culture names its people.
#[derive(Debug)]
pub(crate) struct Culture {
    origin: Origin,
    /// The code used in reports.
    code: &'static str,
    /// People of this origin among 10,000 outside its favored towns.
    pub(crate) share: u32,
    text: &'static str,
    pub(super) custom: Custom,
    pub(super) surname_offset: u32,
    pub(super) surname_ranks: u32,
    pub(super) given_offset: u32,
    /// Share of given names taken from the English lists.
    pub(super) english_given: f64,
    pub(super) middle: f64,
    pub(super) shared_middle: f64,
    pub(super) shared_surname: f64,
    pub(super) double_barrelled: f64,
    /// Share of wives who take the husband's name.
    pub(crate) takes_husbands_name: f64,
    /// Share of those born before 2000 whose birth date stands at 1 January.
    pub(crate) first_of_january: f64,
    /// Share who arrived as adults, and so have a short history of addresses.
    pub(crate) arrived: f64,
}

const USUAL: Culture = Culture {
    origin: Origin::English,
    code: "",
    share: 0,
    text: "",
    custom: Custom::Same,
    surname_offset: 4,
    surname_ranks: 2_000,
    given_offset: 8,
    english_given: 0.05,
    middle: 0.2,
    shared_middle: 0.0,
    shared_surname: 0.0,
    double_barrelled: 0.003,
    takes_husbands_name: 0.6,
    first_of_january: 0.002,
    arrived: 0.5,
};

const BRITISH: Culture = Culture {
    surname_offset: 10,
    english_given: 0.55,
    middle: 0.74,
    double_barrelled: 0.012,
    takes_husbands_name: 0.84,
    first_of_january: 0.0,
    arrived: 0.0,
    ..USUAL
};

macro_rules! cultures {
    ($($origin:ident $code:literal $share:literal { $($field:ident: $value:expr),* $(,)? } ..$base:ident;)*) => {
        /// A naming culture: where a person's names come from.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[expect(missing_docs, reason = "the names say it")]
        pub enum Origin { $($origin,)* }

        const CULTURES: &[Culture] = &[$(Culture {
            origin: Origin::$origin,
            code: $code,
            share: $share,
            text: include_str!(concat!("lists/", $code, ".txt")),
            $($field: $value,)*
            ..$base
        },)*];
    };
}

const SLAVIC: Custom = Custom::Endings(&[
    ("SKI", "SKA"),
    ("CKI", "CKA"),
    ("DZKI", "DZKA"),
    ("SKYI", "SKA"),
    ("SKYY", "SKA"),
    ("OV", "OVA"),
    ("EV", "EVA"),
    ("NY", "NA"),
]);
const BALTIC: Custom = Custom::Endings(&[("AS", "IENE"), ("IS", "IENE"), ("US", "IENE")]);
const HELLENIC: Custom = Custom::Endings(&[
    ("OPOULOS", "OPOULOU"),
    ("IDIS", "IDOU"),
    ("ADIS", "ADOU"),
    ("AKIS", "AKI"),
    ("ATOS", "ATOU"),
]);

cultures! {
    English "english" 6300 { surname_ranks: 60_000, surname_offset: 8, english_given: 0.0 } ..BRITISH;
    Scottish "scottish" 850 { surname_ranks: 9_000, surname_offset: 14 } ..BRITISH;
    Welsh "welsh" 520 { surname_ranks: 2_500, surname_offset: 3 } ..BRITISH;
    Irish "irish" 680 { surname_ranks: 7_000, surname_offset: 14 } ..BRITISH;
    Caribbean "caribbean" 120 {
        surname_ranks: 9_000, english_given: 0.7, middle: 0.7, takes_husbands_name: 0.6
    } ..USUAL;
    Gujarati "gujarati" 210 {
        surname_offset: 1, surname_ranks: 700, middle: 0.45, english_given: 0.04,
        first_of_january: 0.01, takes_husbands_name: 0.85, given_offset: 14
    } ..USUAL;
    Punjabi "punjabi" 150 {
        surname_offset: 5, surname_ranks: 900, shared_middle: 0.55, shared_surname: 0.38,
        middle: 0.05, english_given: 0.03, first_of_january: 0.03, given_offset: 14
    } ..USUAL;
    Tamil "tamil" 60 {
        custom: Custom::FathersGiven, surname_ranks: 1_600, middle: 0.12, first_of_january: 0.01,
        given_offset: 14
    } ..USUAL;
    Pakistani "pakistani" 240 {
        surname_offset: 3, surname_ranks: 1_500, shared_middle: 0.16, shared_surname: 0.3,
        middle: 0.28, english_given: 0.0, takes_husbands_name: 0.35, first_of_january: 0.12,
        arrived: 0.4
    } ..USUAL;
    Bangladeshi "bangladeshi" 95 {
        surname_offset: 2, surname_ranks: 700, shared_surname: 0.5, shared_middle: 0.1,
        middle: 0.25, english_given: 0.0, takes_husbands_name: 0.1, first_of_january: 0.13,
        arrived: 0.4
    } ..USUAL;
    Arabic "arabic" 110 {
        surname_ranks: 3_000, middle: 0.35, english_given: 0.0, takes_husbands_name: 0.2,
        first_of_january: 0.08, arrived: 0.6
    } ..USUAL;
    Iranian "iranian" 35 {
        surname_ranks: 2_500, middle: 0.04, english_given: 0.02, takes_husbands_name: 0.15,
        first_of_january: 0.04, arrived: 0.65
    } ..USUAL;
    Afghan "afghan" 35 {
        surname_offset: 2, surname_ranks: 500, middle: 0.06, english_given: 0.0,
        takes_husbands_name: 0.2, first_of_january: 0.25, arrived: 0.75
    } ..USUAL;
    Kurdish "kurdish" 25 {
        surname_ranks: 800, middle: 0.15, english_given: 0.0, takes_husbands_name: 0.1,
        first_of_january: 0.2, arrived: 0.75
    } ..USUAL;
    Turkish "turkish" 60 {
        surname_offset: 6, surname_ranks: 4_000, middle: 0.12, english_given: 0.01,
        takes_husbands_name: 0.9, first_of_january: 0.04, given_offset: 10
    } ..USUAL;
    Somali "somali" 40 {
        custom: Custom::FathersGiven, surname_offset: 2, surname_ranks: 160, middle: 0.75,
        english_given: 0.0, takes_husbands_name: 0.0, first_of_january: 0.22, arrived: 0.6
    } ..USUAL;
    Eritrean "eritrean" 20 {
        custom: Custom::FathersGiven, surname_offset: 3, surname_ranks: 200, middle: 0.2,
        english_given: 0.03, takes_husbands_name: 0.0, first_of_january: 0.2, arrived: 0.8
    } ..USUAL;
    Nigerian "nigerian" 120 {
        surname_offset: 12, surname_ranks: 6_000, middle: 0.72, english_given: 0.4,
        takes_husbands_name: 0.8, given_offset: 14
    } ..USUAL;
    Ghanaian "ghanaian" 50 {
        surname_offset: 4, surname_ranks: 900, middle: 0.5, english_given: 0.55,
        takes_husbands_name: 0.6
    } ..USUAL;
    Zimbabwean "zimbabwean" 30 {
        surname_ranks: 1_500, middle: 0.35, english_given: 0.45
    } ..USUAL;
    Chinese "chinese" 80 {
        surname_offset: 4, surname_ranks: 0, english_given: 0.3, middle: 0.3,
        takes_husbands_name: 0.05, given_offset: 24
    } ..USUAL;
    Vietnamese "vietnamese" 12 {
        surname_offset: 1, surname_ranks: 0, shared_middle: 0.6, english_given: 0.05,
        middle: 0.1, takes_husbands_name: 0.0
    } ..USUAL;
    Filipino "filipino" 35 {
        surname_offset: 8, surname_ranks: 900, english_given: 0.35, middle: 0.7,
        takes_husbands_name: 0.8, arrived: 0.7
    } ..USUAL;
    Polish "polish" 150 {
        custom: SLAVIC, surname_offset: 12, surname_ranks: 20_000, middle: 0.12,
        takes_husbands_name: 0.88, arrived: 0.7, english_given: 0.03
    } ..USUAL;
    Romanian "romanian" 120 {
        surname_offset: 8, surname_ranks: 9_000, middle: 0.55, takes_husbands_name: 0.85,
        arrived: 0.75, english_given: 0.02
    } ..USUAL;
    Bulgarian "bulgarian" 30 {
        custom: SLAVIC, surname_ranks: 2_500, middle: 0.3, takes_husbands_name: 0.8, arrived: 0.8
    } ..USUAL;
    Lithuanian "lithuanian" 45 {
        custom: BALTIC, surname_ranks: 3_000, middle: 0.04, takes_husbands_name: 0.85,
        arrived: 0.7
    } ..USUAL;
    Ukrainian "ukrainian" 45 {
        custom: SLAVIC, surname_ranks: 5_000, middle: 0.05, takes_husbands_name: 0.85,
        arrived: 0.85
    } ..USUAL;
    Portuguese "portuguese" 70 {
        surname_ranks: 1_500, surname_offset: 8, middle: 0.45, takes_husbands_name: 0.4,
        double_barrelled: 0.0
    } ..USUAL;
    Italian "italian" 70 { surname_ranks: 9_000, surname_offset: 20, middle: 0.2 } ..USUAL;
    Spanish "spanish" 50 {
        surname_ranks: 1_500, surname_offset: 8, middle: 0.25, takes_husbands_name: 0.05,
        double_barrelled: 0.5, arrived: 0.7
    } ..USUAL;
    Greek "greek" 40 { custom: HELLENIC, surname_ranks: 5_000, middle: 0.08 } ..USUAL;
    Albanian "albanian" 25 {
        surname_ranks: 1_200, middle: 0.03, first_of_january: 0.06, arrived: 0.7
    } ..USUAL;
    French "french" 40 { surname_ranks: 6_000, surname_offset: 14, middle: 0.4 } ..USUAL;
    German "german" 30 { surname_ranks: 6_000, surname_offset: 10, middle: 0.35 } ..USUAL;
}

impl Origin {
    /// Every origin.
    pub fn all() -> impl Iterator<Item = Origin> {
        CULTURES.iter().map(|culture| culture.origin)
    }

    /// The code used in reports: lower case.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.culture().code
    }

    pub(crate) fn culture(self) -> &'static Culture {
        // INVARIANT: enum and table come from one macro, so they are in the same order.
        &CULTURES[self as usize]
    }
}

impl Culture {
    pub(super) fn book(&self) -> &'static Book {
        static BOOKS: OnceLock<Vec<Book>> = OnceLock::new();
        let books = BOOKS.get_or_init(|| {
            CULTURES
                .iter()
                .map(|culture| Book::read(culture.text))
                .collect()
        });
        &books[self.origin as usize]
    }
}
