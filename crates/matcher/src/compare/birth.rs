//! Compares dates of birth.

use crate::PartialDate;

/// How two dates of birth compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BirthLikeness {
    Same,
    /// The same as far as both are known.
    KnownParts,
    /// Day and month stand in each other's place.
    Swapped,
    /// The year is off by one.
    YearNear,
    /// One digit differs.
    Digit,
    /// The same year, and 1 January on one side.
    FirstJanuary,
    /// Two of day, month and year are the same.
    TwoParts,
    Different,
}

/// Compares two dates; the same in both directions.
pub(crate) fn compare(a: PartialDate, b: PartialDate) -> BirthLikeness {
    if a == b && a.is_full() {
        return BirthLikeness::Same;
    }
    if !a.is_full() || !b.is_full() {
        return compare_known_parts(a, b);
    }
    let same_year = a.year() == b.year();
    let same_month = a.month() == b.month();
    let same_day = a.day() == b.day();
    match u8::from(same_year) + u8::from(same_month) + u8::from(same_day) {
        2 if !same_year && a.year().abs_diff(b.year()) == 1 => BirthLikeness::YearNear,
        2 if digits_apart(a, b) == 1 => BirthLikeness::Digit,
        1 if same_year && a.day() == b.month() && a.month() == b.day() => BirthLikeness::Swapped,
        1 | 2 if same_year && (a.is_first_of_january() || b.is_first_of_january()) => {
            BirthLikeness::FirstJanuary
        }
        2 => BirthLikeness::TwoParts,
        _ => BirthLikeness::Different,
    }
}

fn compare_known_parts(a: PartialDate, b: PartialDate) -> BirthLikeness {
    let month_known = a.month() != 0 && b.month() != 0;
    let agree = a.year() == b.year() && (!month_known || a.month() == b.month());
    if agree {
        BirthLikeness::KnownParts
    } else {
        BirthLikeness::Different
    }
}

/// Digits that differ when both are written YYYYMMDD.
fn digits_apart(a: PartialDate, b: PartialDate) -> u32 {
    let apart = |mut x: u16, mut y: u16| {
        let mut count = 0;
        while x != y {
            count += u32::from(x % 10 != y % 10);
            (x, y) = (x / 10, y / 10);
        }
        count
    };
    apart(a.year(), b.year())
        + apart(u16::from(a.month()), u16::from(b.month()))
        + apart(u16::from(a.day()), u16::from(b.day()))
}

#[cfg(test)]
mod tests;
