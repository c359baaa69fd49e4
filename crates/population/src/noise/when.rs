//! Slips in birth dates. The result is always a real date.

use jiff::civil::Date;

use super::{Care, Noise};
use crate::chance::Chance;

/// The birth date that an agency asks with.
pub(super) fn asked_date(chance: &mut Chance, care: &mut Care, born: Date) -> Option<Date> {
    if !chance.hit(0.032 * care.factor) {
        let missing = care.slips(chance, 0.008, Noise::DateMissing);
        return (!missing).then_some(born);
    }
    let (date, noise) = wrong_date(chance, born);
    if date != born {
        care.noise.push(noise);
    }
    Some(date)
}

fn wrong_date(chance: &mut Chance, born: Date) -> (Date, Noise) {
    let swapped = Date::new(born.year(), born.day(), born.month())
        .ok()
        .filter(|date| *date != born);
    if let Some(swapped) = swapped.filter(|_| chance.hit(0.3)) {
        return (swapped, Noise::DayMonthSwap);
    }
    match chance.below(72) {
        0..36 => (wrong_digit(chance, born), Noise::DateDigit),
        36..64 => (wrong_year(chance, born), Noise::YearError),
        _ => (
            Date::new(born.year(), 1, 1).unwrap_or(born),
            Noise::FirstOfJanuary,
        ),
    }
}

/// One digit of day, month or year replaced, so that a real date within a century is left.
fn wrong_digit(chance: &mut Chance, born: Date) -> Date {
    for _ in 0..40 {
        let place = *chance.pick(&[2_usize, 3, 5, 6, 8, 9]);
        let digit = *chance.pick(b"1234567890") as char;
        let text: String = (born.to_string().chars().enumerate())
            .map(|(at, letter)| if at == place { digit } else { letter })
            .collect();
        match text.parse::<Date>() {
            Ok(date) if date != born && (1900..=2030).contains(&date.year()) => return date,
            _ => {}
        }
    }
    born
}

fn wrong_year(chance: &mut Chance, born: Date) -> Date {
    let years = *chance.pick_weighted(&[(9, -1), (9, 1), (4, -10), (4, 10), (1, -2), (1, 2)]);
    let year = born.year() + years;
    Date::new(year, born.month(), born.day())
        .or(Date::new(year, born.month(), 28))
        .unwrap_or(born)
}
