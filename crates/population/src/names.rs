//! Names: common ones from lists, rare ones put together from parts.
//!
//! How often a name is used follows a Zipf-Mandelbrot law over its rank, as in real registers;
//! ranks past the end of a list of surnames are composed from stems and endings, so that rare
//! surnames are as many as in reality.

mod book;
mod guess;
mod origin;
pub(crate) mod sound;

pub use origin::Origin;

pub(crate) use book::words;

use crate::chance::Chance;
use crate::person::Sex;
use book::Book;
use origin::Custom;

/// Longest name that the index takes, in characters.
pub(crate) const NAME_CHARS_MAX: usize = 35;

/// The family name that a household passes on, before it is fitted to a person.
#[derive(Clone, Debug)]
pub(crate) struct Family {
    pub(crate) origin: Origin,
    pub(crate) name: String,
}

/// A family of the given origin.
pub(crate) fn family(chance: &mut Chance, origin: Origin) -> Family {
    let mut name = surname(chance, origin);
    if chance.hit(origin.culture().double_barrelled) {
        let other = surname(chance, origin);
        if other != name && name.len() + other.len() < NAME_CHARS_MAX {
            name = format!("{name}-{other}");
        }
    }
    Family { origin, name }
}

/// A family name as one person bears it: with a woman's ending, or a shared second name instead.
pub(crate) fn borne(chance: &mut Chance, family: &Family, sex: Sex) -> String {
    let culture = family.origin.culture();
    let shared = match sex {
        Sex::Female => &culture.book().surnames_female,
        Sex::Male => &culture.book().surnames_male,
    };
    if !shared.is_empty() && chance.hit(culture.shared_surname) {
        return spaced(shared[chance.zipf(1, shared.len() as u32) as usize]);
    }
    match (culture.custom, sex) {
        (Custom::Endings(endings), Sex::Female) => with_ending(&family.name, endings),
        _ => family.name.clone(),
    }
}

/// The name that a child bears in place of a family name, where children take their father's.
pub(crate) fn fathers_given(origin: Origin, father_given: &str) -> Option<Family> {
    let takes = matches!(origin.culture().custom, Custom::FathersGiven);
    takes.then(|| Family {
        origin,
        name: father_given.to_owned(),
    })
}

/// A given name for a person born in `year`.
pub(crate) fn given(chance: &mut Chance, origin: Origin, sex: Sex, year: i16) -> String {
    let culture = origin.culture();
    let home = culture.book().given(sex, year);
    let borrowed = home.is_empty() || chance.hit(culture.english_given);
    let book = if borrowed {
        Origin::English.culture().book()
    } else {
        culture.book()
    };
    let (list, tail) = (book.given(sex, year), book.tail(sex));
    let rare = !tail.is_empty() && chance.hit(rare_share(year));
    let (list, offset) = match (rare, borrowed) {
        (true, _) => (tail, 60),
        (false, true) => (list, english_offset(year)),
        (false, false) => (list, culture.given_offset),
    };
    let rank = chance.zipf(offset, list.len() as u32) as usize;
    let name = spaced(list.get(rank).copied().unwrap_or("ALEX"));
    if borrowed {
        modern_form(chance, name, sex, year)
    } else {
        name
    }
}

/// Middle names: none, one, or two.
pub(crate) fn middle(chance: &mut Chance, origin: Origin, sex: Sex, year: i16) -> String {
    let culture = origin.culture();
    let shared = match sex {
        Sex::Female => &culture.book().middles_female,
        Sex::Male => &culture.book().middles_male,
    };
    if !shared.is_empty() && chance.hit(culture.shared_middle) {
        return spaced(shared[chance.zipf(0, shared.len() as u32) as usize]);
    }
    if !chance.hit(culture.middle) {
        return String::new();
    }
    // Middle names are a generation older in taste than first names.
    let first = given(chance, origin, sex, year - 20);
    if !chance.hit(0.07) {
        return first;
    }
    let second = given(chance, origin, sex, year - 20);
    let long = first.len() + second.len() + 1 > NAME_CHARS_MAX;
    if second == first || long {
        first
    } else {
        format!("{first} {second}")
    }
}

/// A surname by rank in its culture.
pub(crate) fn surname(chance: &mut Chance, origin: Origin) -> String {
    let culture = origin.culture();
    let book = culture.book();
    let listed = book.surnames.len() as u32;
    let ranks = culture
        .surname_ranks
        .clamp(listed, listed + book.composable(origin));
    let rank = chance.zipf(culture.surname_offset, ranks);
    match book.surnames.get(rank as usize) {
        Some(name) => spaced(name),
        None => compose(book, rank - listed),
    }
}

/// The rare surname of a rank: a stem and an ending, then the same spelled another way.
fn compose(book: &Book, rank: u32) -> String {
    let (stems, endings) = (book.stems.len() as u32, book.endings.len() as u32);
    let pairs = (stems * endings).max(1);
    // 7919 is prime and shares no factor with the number of pairs, so every pair comes up once.
    let place = (u64::from(rank % pairs) * 7919 % u64::from(pairs)) as u32;
    let stem = book
        .stems
        .get((place % stems.max(1)) as usize)
        .copied()
        .unwrap_or("ASH");
    let ending = book
        .endings
        .get((place / stems.max(1)) as usize)
        .copied()
        .unwrap_or("FORD");
    let joined = join(stem, ending);
    spaced(&sound::respelled_by_rule(&joined, rank / pairs))
}

/// Joins two parts without tripling a letter or doubling an H or a vowel across the seam.
fn join(stem: &str, ending: &str) -> String {
    let (last, first) = (stem.chars().last(), ending.chars().next());
    let tripled = stem.chars().rev().nth(1) == last && last == first;
    let clumsy = last == first && last.is_some_and(|letter| "AEIOUHWYJ".contains(letter));
    let stem = if tripled || clumsy {
        &stem[..stem.len() - 1]
    } else {
        stem
    };
    format!("{stem}{ending}")
}

fn with_ending(name: &str, endings: &[(&str, &str)]) -> String {
    endings
        .iter()
        .find_map(|(male, female)| Some(format!("{}{female}", name.strip_suffix(male)?)))
        .unwrap_or_else(|| name.to_owned())
}

/// Girls' names joined by a hyphen since the 1990s, and own spellings since the 1980s.
fn modern_form(chance: &mut Chance, name: String, sex: Sex, year: i16) -> String {
    if sex == Sex::Female && year >= 1995 && name.len() <= 6 && chance.hit(0.03) {
        let second = chance.pick(&[
            "MAE", "MAY", "ROSE", "GRACE", "LEIGH", "MAI", "JO", "LOUISE",
        ]);
        if *second != name {
            return format!("{name}-{second}");
        }
    }
    if year >= 1985 && chance.hit(0.01) {
        sound::respelled(chance, &name)
    } else {
        name
    }
}

/// The older the generation, the fewer names it shared.
fn english_offset(year: i16) -> u32 {
    match year {
        ..1940 => 5,
        1940..1960 => 6,
        1960..1980 => 9,
        1980..2000 => 16,
        _ => 34,
    }
}

/// Share of names outside the common ones of a generation.
fn rare_share(year: i16) -> f64 {
    match year {
        ..1960 => 0.06,
        1960..1980 => 0.09,
        1980..2000 => 0.14,
        _ => 0.24,
    }
}

/// Lists write a space inside a name as an underscore.
fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

#[cfg(test)]
mod tests;
