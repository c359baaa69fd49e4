//! Slips between a person's record and what an agency asks with.

mod place;
mod slip;
mod when;
mod who;

use crate::chance::Chance;
use crate::life::Surroundings;
use crate::names;
use crate::person::{Address, AddressKind, Person};
use crate::request::{Request, Truth};
use crate::trial::Kind;

/// What a set of requests is like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mix {
    /// Share of requests for people who are not in the index.
    pub absent: f64,
    /// Share of those with a relative in the index.
    pub near: f64,
    /// Share of requests with an NHS number.
    pub numbered: f64,
    /// How many slips: 1 is usual, 0 is none.
    pub intensity: f64,
}

impl Default for Mix {
    /// A fifth absent, half of those with a relative in the index, three in ten with a number.
    fn default() -> Mix {
        Mix {
            absent: 0.2,
            near: 0.5,
            numbered: 0.3,
            intensity: 1.0,
        }
    }
}

macro_rules! noises {
    ($($name:ident $code:literal $doc:literal)*) => {
        /// One slip, or one thing left out.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum Noise { $(#[doc = $doc] $name,)* }

        impl Noise {
            /// Every kind of noise.
            pub const ALL: &[Noise] = &[$(Noise::$name,)*];

            /// The code used in files.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Noise::$name => $code,)* }
            }
        }
    };
}

noises! {
    GivenTypo "given_typo" "A slip of the keys in the given name."
    GivenPhonetic "given_phonetic" "The given name written as heard."
    GivenOcr "given_ocr" "The given name misread by a scanner."
    GivenVariant "given_variant" "The given name transliterated another way."
    Nickname "nickname" "A short or pet form of the given name, or the long form of one."
    GivenInitial "given_initial" "Only the initial of the given name."
    GivenMissing "given_missing" "No given name."
    GivenMiddleSwap "given_middle_swap" "Called by the middle name."
    SurnameTypo "surname_typo" "A slip of the keys in the surname."
    SurnamePhonetic "surname_phonetic" "The surname written as heard."
    SurnameOcr "surname_ocr" "The surname misread by a scanner."
    SurnameVariant "surname_variant" "The surname transliterated another way."
    SurnameChanged "surname_changed" "A surname that the index has never heard of."
    SurnameFormer "surname_former" "A past surname that the index holds."
    DoubleBarrelled "double_barrelled" "A second surname added, or one of two dropped."
    SurnameMissing "surname_missing" "No surname."
    NameSwap "name_swap" "Given name and surname in each other's place."
    DayMonthSwap "day_month_swap" "Day and month in each other's place."
    DateDigit "date_digit" "One digit of the birth date wrong."
    YearError "year_error" "The birth year a year, or ten, out."
    FirstOfJanuary "first_of_january" "Only the year known, written as 1 January."
    DateMissing "date_missing" "No birth date."
    SexWrong "sex_wrong" "The other sex."
    Moved "moved" "An address that the index has never heard of."
    FormerAddress "former_address" "A past address that the index holds."
    PostcodeTypo "postcode_typo" "A slip in the postcode."
    PostcodeMissing "postcode_missing" "No postcode."
    AddressShortened "address_shortened" "Words of the address shortened, or the flat left out."
    AddressTypo "address_typo" "A slip in the address."
    AddressMissing "address_missing" "No address."
    NumberTypo "nhs_typo" "A slip in the NHS number."
    NumberSuperseded "nhs_superseded" "An older NHS number that the index holds."
}

/// How likely slips are for one request: most requests are careful, a few are careless.
struct Care {
    factor: f64,
    noise: Vec<Noise>,
}

impl Care {
    /// True with the probability, weighed by care; notes the noise if so.
    fn slips(&mut self, chance: &mut Chance, probability: f64, noise: Noise) -> bool {
        let slips = chance.hit(probability * self.factor);
        if slips {
            self.noise.push(noise);
        }
        slips
    }
}

/// What an agency might ask for the person with.
pub(crate) fn distorted(
    chance: &mut Chance,
    person: &Person,
    mix: Mix,
    surroundings: Surroundings<'_>,
    block: u32,
) -> Request {
    let factor = *chance.pick_weighted(&[(50, 0.5), (35, 1.2), (15, 3.0)]) * mix.intensity;
    let mut care = Care {
        factor,
        noise: Vec::new(),
    };
    let name = who::asked_name(chance, &mut care, person);
    let date_of_birth = when::asked_date(chance, &mut care, person.date_of_birth);
    let blank_sex = mix.intensity > 0.0 && chance.hit(0.05);
    let wrong_sex = care.slips(chance, 0.005, Noise::SexWrong);
    let sex = person
        .sex
        .map(|sex| if wrong_sex { sex.other() } else { sex });
    let lived = asked_residence(chance, &mut care, person, surroundings, block);
    let (address, town, postcode) = place::asked_place(chance, &mut care, &lived, mix);
    let nhs_number = asked_number(chance, &mut care, person, mix);
    Request {
        request_id: String::new(),
        nhs_number,
        given_name: name.given,
        middle_name: name.middle,
        surname: name.surname,
        date_of_birth,
        sex: sex.filter(|_| !blank_sex),
        address,
        town,
        postcode,
        truth: Truth {
            number: person.number,
            person_id: None,
            kind: Kind::Match,
            noise: care.noise,
        },
    }
}

/// The address that the agency knows of: mostly the current one. An address that is none (withheld,
/// no fixed abode) is not known to anybody, so the last home stands in.
fn asked_residence(
    chance: &mut Chance,
    care: &mut Care,
    person: &Person,
    surroundings: Surroundings<'_>,
    block: u32,
) -> Address {
    let past = person.previous_addresses.as_slice();
    let homeless = person.address.kind != AddressKind::Home;
    if !past.is_empty() && (homeless || care_hit(chance, care, 0.055)) {
        care.noise.push(Noise::FormerAddress);
        return past[chance.zipf(0, past.len() as u32) as usize].clone();
    }
    let mut address = person.address.clone();
    if care.slips(chance, 0.06, Noise::Moved) {
        let place = surroundings.elsewhere(chance, block);
        (address.line, address.town, address.postcode) = (place.line, place.town, place.postcode);
    }
    address
}

fn care_hit(chance: &mut Chance, care: &Care, probability: f64) -> bool {
    chance.hit(probability * care.factor)
}

fn asked_number(chance: &mut Chance, care: &mut Care, person: &Person, mix: Mix) -> String {
    let Some(number) = person.nhs_number.filter(|_| chance.hit(mix.numbered)) else {
        return String::new();
    };
    let older = person.superseded_nhs_numbers.first();
    if let Some(older) = older.filter(|_| mix.intensity > 0.0 && chance.hit(0.3)) {
        care.noise.push(Noise::NumberSuperseded);
        return older.to_string();
    }
    let number = number.to_string();
    match care.slips(chance, 0.015, Noise::NumberTypo) {
        true => slip::wrong_digit(chance, &number),
        false => number,
    }
}

/// Short forms of given names, one family of names a line.
const NICKNAMES: &str = include_str!("noise/nicknames.txt");
/// Other spellings of names from other scripts, one name a line.
const VARIANTS: &str = include_str!("noise/variants.txt");

/// Lines of words as lists.
fn families(text: &'static str) -> Vec<Vec<&'static str>> {
    text.lines()
        .map(names::words)
        .filter(|family| family.len() > 1)
        .collect()
}

#[cfg(test)]
mod tests;
