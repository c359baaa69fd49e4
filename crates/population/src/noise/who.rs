//! Slips in names.

use std::sync::OnceLock;

use super::{Care, NICKNAMES, Noise, VARIANTS, families, slip};
use crate::chance::Chance;
use crate::names::{self, NAME_CHARS_MAX, sound};
use crate::person::{Name, Person, Sex};

/// The name that an agency asks with.
pub(super) fn asked_name(chance: &mut Chance, care: &mut Care, person: &Person) -> Name {
    let mut name = person.name.clone();
    distort_given(chance, care, &mut name);
    distort_surname(chance, care, &mut name, person);
    if care.slips(chance, 0.007, Noise::NameSwap) {
        std::mem::swap(&mut name.given, &mut name.surname);
    }
    // Agencies rarely know middle names; that is no slip.
    match chance.below(100) {
        _ if care.factor == 0.0 => {}
        0..45 => name.middle.clear(),
        45..65 => name.middle.truncate(1),
        _ => {}
    }
    name
}

fn distort_given(chance: &mut Chance, care: &mut Care, name: &mut Name) {
    let given = name.given.as_str();
    let distorted = if care.slips(chance, 0.024, Noise::GivenTypo) {
        slip::typo(chance, given)
    } else if care.slips(chance, 0.018, Noise::GivenPhonetic) {
        sound::respelled(chance, given)
    } else if care.slips(chance, 0.006, Noise::GivenOcr) {
        slip::misread(chance, given)
    } else if let Some(variant) = variant_of(chance, care, given, 0.12, Noise::GivenVariant) {
        variant.to_owned()
    } else if let Some(nickname) = nickname_of(chance, care, given) {
        nickname.to_owned()
    } else if care.slips(chance, 0.014, Noise::GivenInitial) {
        given.chars().take(1).collect()
    } else if care.slips(chance, 0.006, Noise::GivenMissing) {
        String::new()
    } else if !name.middle.is_empty() && care.slips(chance, 0.014, Noise::GivenMiddleSwap) {
        let (called, rest) = name.middle.split_once(' ').unwrap_or((&name.middle, ""));
        let (called, rest) = (called.to_owned(), rest.to_owned());
        let gap = if rest.is_empty() { "" } else { " " };
        name.middle = format!("{given}{gap}{rest}");
        called
    } else {
        return;
    };
    name.given = distorted;
}

fn distort_surname(chance: &mut Chance, care: &mut Care, name: &mut Name, person: &Person) {
    let surname = name.surname.as_str();
    let woman = person.sex == Some(Sex::Female) && person.date_of_birth.year() < 2006;
    let distorted = if care.slips(chance, 0.024, Noise::SurnameTypo) {
        slip::typo(chance, surname)
    } else if care.slips(chance, 0.018, Noise::SurnamePhonetic) {
        sound::respelled(chance, surname)
    } else if care.slips(chance, 0.006, Noise::SurnameOcr) {
        slip::misread(chance, surname)
    } else if let Some(variant) = variant_of(chance, care, surname, 0.08, Noise::SurnameVariant) {
        variant.to_owned()
    } else if !person.previous_names.is_empty() && care.slips(chance, 0.1, Noise::SurnameFormer) {
        chance.pick(&person.previous_names).surname.clone()
    } else if woman && care.slips(chance, 0.025, Noise::SurnameChanged) {
        names::surname(chance, person.origin)
    } else if care.slips(chance, 0.008, Noise::DoubleBarrelled) {
        more_or_fewer_barrels(chance, surname, person)
    } else if care.slips(chance, 0.004, Noise::SurnameMissing) {
        String::new()
    } else {
        return;
    };
    name.surname = distorted;
}

fn more_or_fewer_barrels(chance: &mut Chance, surname: &str, person: &Person) -> String {
    if let Some((first, second)) = surname.split_once('-')
        && first.len() > 2
    {
        return chance.pick(&[first, second]).to_string();
    }
    let other = names::surname(chance, person.origin);
    let joint = if chance.hit(0.6) { "-" } else { " " };
    let both = match chance.hit(0.5) {
        true => format!("{surname}{joint}{other}"),
        false => format!("{other}{joint}{surname}"),
    };
    if both.len() > NAME_CHARS_MAX {
        other
    } else {
        both
    }
}

fn nickname_of(chance: &mut Chance, care: &mut Care, given: &str) -> Option<&'static str> {
    static FAMILIES: OnceLock<Vec<Vec<&'static str>>> = OnceLock::new();
    let families = FAMILIES.get_or_init(|| families(NICKNAMES));
    let known: Vec<_> = families
        .iter()
        .filter(|family| family.contains(&given))
        .collect();
    if known.is_empty() || !care.slips(chance, 0.04, Noise::Nickname) {
        return None;
    }
    let family = *chance.pick(&known);
    match family.first() {
        // From the long form to a short one, from a short one to the long form.
        Some(long) if *long != given => Some(long),
        _ => Some(*chance.pick(&family[1..])),
    }
}

fn variant_of(
    chance: &mut Chance,
    care: &mut Care,
    name: &str,
    probability: f64,
    noise: Noise,
) -> Option<&'static str> {
    static FAMILIES: OnceLock<Vec<Vec<&'static str>>> = OnceLock::new();
    let families = FAMILIES.get_or_init(|| families(VARIANTS));
    let family = families.iter().find(|family| family.contains(&name))?;
    if !care.slips(chance, probability, noise) {
        return None;
    }
    let others: Vec<&'static str> = family
        .iter()
        .copied()
        .filter(|other| *other != name)
        .collect();
    Some(*chance.pick(&others))
}
