//! Texts made comparable: case, accents, punctuation, abbreviations.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longest text of one field that is looked at, in bytes. FHIR allows 35 characters a name and five
/// address lines of 35; 300 leaves room for three bytes a character.
pub(crate) const TEXT_BYTES_MAX: usize = 300;

/// Upper case, no accents, letters and digits separated by single spaces.
///
/// Apostrophes vanish (`O'Brien` is `OBRIEN`); any other sign separates words.
pub fn fold(text: &str) -> String {
    if text
        .bytes()
        .all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9'))
    {
        return text.to_owned();
    }
    let mut folded = String::with_capacity(text.len());
    if text.is_ascii() {
        text.bytes()
            .for_each(|byte| push_folded(&mut folded, char::from(byte)));
    } else {
        for character in text
            .nfkd()
            .filter(|character| !is_combining_mark(*character))
        {
            push_folded(&mut folded, character);
        }
    }
    if folded.ends_with(' ') {
        folded.pop();
    }
    folded
}

fn push_folded(folded: &mut String, character: char) {
    match character {
        'A'..='Z' | '0'..='9' => folded.push(character),
        'a'..='z' => folded.push(character.to_ascii_uppercase()),
        '\'' | '`' | '\u{2019}' | '\u{2018}' | '\u{02BC}' => {}
        _ => match spelled_out(character) {
            Some(letters) => folded.push_str(letters),
            None if character.is_alphanumeric() => folded.extend(character.to_uppercase()),
            None if folded.is_empty() || folded.ends_with(' ') => {}
            None => folded.push(' '),
        },
    }
}

/// Letters that have no accent to drop, as passports spell them (ICAO Doc 9303, part 3, section 6).
fn spelled_out(character: char) -> Option<&'static str> {
    Some(match character {
        'ß' | 'ẞ' => "SS",
        'Æ' | 'æ' => "AE",
        'Œ' | 'œ' => "OE",
        'Ø' | 'ø' => "O",
        'Þ' | 'þ' => "TH",
        'Ð' | 'ð' | 'Đ' | 'đ' => "D",
        'Ł' | 'ł' => "L",
        'ı' => "I",
        'Ħ' | 'ħ' => "H",
        'Ŋ' | 'ŋ' => "N",
        'Ŧ' | 'ŧ' => "T",
        _ => return None,
    })
}

/// A postcode without spaces, in capitals.
pub fn postcode(text: &str) -> String {
    let mut compact = fold(text);
    compact.retain(|character| character != ' ');
    compact
}

/// Has the text more words than one? Of its bytes, which is quicker to see than of its characters.
pub(crate) fn is_compound(text: &str) -> bool {
    text.as_bytes().contains(&b' ')
}

/// A text without its spaces.
pub(crate) fn compact(text: &str) -> Cow<'_, str> {
    if !is_compound(text) {
        return Cow::Borrowed(text);
    }
    let mut compact = text.to_owned();
    compact.retain(|character| character != ' ');
    Cow::Owned(compact)
}

/// Pseudo postcodes (no fixed abode, unknown, abroad) are places that do not exist.
pub fn is_pseudo_postcode(compact: &str) -> bool {
    compact.starts_with("ZZ99")
}

/// The outward half of a compact United Kingdom postcode; `None` for any other shape.
pub fn outcode(compact: &str) -> Option<&str> {
    let cut = compact.len().checked_sub(3)?;
    let (outward, inward) = (compact.get(..cut)?, compact.get(cut..)?.as_bytes());
    let plausible = (2..=4).contains(&outward.len())
        && outward
            .as_bytes()
            .first()
            .is_some_and(u8::is_ascii_alphabetic)
        && inward.first().is_some_and(u8::is_ascii_digit)
        && inward.iter().skip(1).all(u8::is_ascii_alphabetic);
    plausible.then_some(outward)
}

/// Practice codes that mean "none" and "unknown".
pub fn is_pseudo_practice(code: &str) -> bool {
    matches!(code, "V81998" | "V81999")
}

/// An address split into what compares by equality and what compares by likeness.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Premises {
    /// Flat, as a premises code; 0 when none.
    pub flat: u16,
    /// House number, as a premises code; 0 when none.
    pub number: u16,
    /// Every other word, abbreviations written out.
    pub street: String,
    /// The text as written, with [`FLAT_MARK`] and [`NUMBER_MARK`] in place of the two numbers.
    pub template: String,
}

/// Stands for the flat in [`Premises::template`].
pub const FLAT_MARK: char = '\u{1}';
/// Stands for the house number in [`Premises::template`].
pub const NUMBER_MARK: char = '\u{2}';

/// Splits one address line that is to be written again.
pub fn premises(text: &str) -> Premises {
    let asked = premises_asked(text);
    Premises {
        template: template_of(text, asked.flat, asked.number),
        ..asked
    }
}

/// Splits one address line that is only to be compared: without the template.
pub(crate) fn premises_asked(text: &str) -> Premises {
    let folded = fold(text);
    let numbers: Vec<(u16, bool)> = numbers_of(&folded);
    let (flat, number) = match numbers.as_slice() {
        [] => (0, 0),
        [(only, true)] => (*only, 0),
        [(only, false)] => (0, *only),
        [(first, _), (second, _), ..] => (*first, *second),
    };
    Premises {
        flat,
        number,
        street: street_of(&folded),
        template: String::new(),
    }
}

/// Codes of the words that are numbers, each with "stands right after a word for a flat".
fn numbers_of(folded: &str) -> Vec<(u16, bool)> {
    let mut after_flat_word = false;
    let mut numbers = Vec::new();
    for word in folded.split_ascii_whitespace() {
        if let Some(code) = premises_code(word) {
            numbers.push((code, after_flat_word));
        }
        after_flat_word = is_flat_word(word);
    }
    numbers
}

fn street_of(folded: &str) -> String {
    let mut street = String::with_capacity(folded.len() + 8);
    let words = folded
        .split_ascii_whitespace()
        .filter(|word| !is_flat_word(word) && premises_code(word).is_none());
    for word in words {
        if !street.is_empty() {
            street.push(' ');
        }
        street.push_str(written_out(word));
    }
    street
}

fn template_of(text: &str, flat: u16, number: u16) -> String {
    let (flat_text, number_text) = (premises_text(flat), premises_text(number));
    let mut marks = [
        (flat, flat_text, FLAT_MARK),
        (number, number_text, NUMBER_MARK),
    ]
    .into_iter();
    let mut next = marks.find(|(code, ..)| *code != 0);
    let mut template = String::with_capacity(text.len());
    for piece in text.split_inclusive(|character: char| !character.is_alphanumeric()) {
        let word = piece.trim_end_matches(|character: char| !character.is_alphanumeric());
        match &next {
            Some((_, expected, mark)) if word == expected => {
                template.push(*mark);
                template.push_str(piece.get(word.len()..).unwrap_or_default());
                next = marks.find(|(code, ..)| *code != 0);
            }
            _ => template.push_str(piece),
        }
    }
    template
}

/// Puts the numbers back: the inverse of [`premises`].
pub fn address_from_template(template: &str, flat: u16, number: u16) -> String {
    let mut text = String::with_capacity(template.len() + 6);
    for character in template.chars() {
        match character {
            FLAT_MARK => text.push_str(&premises_text(flat)),
            NUMBER_MARK => text.push_str(&premises_text(number)),
            other => text.push(other),
        }
    }
    text
}

fn is_flat_word(word: &str) -> bool {
    matches!(
        word,
        "FLAT" | "FLT" | "APT" | "APARTMENT" | "UNIT" | "ROOM" | "SUITE"
    )
}

/// Code of a premises number with at most one letter after it: number x 27 + letter.
///
/// Numbers up to 2,426 are coded exactly; `None` for anything else.
fn premises_code(word: &str) -> Option<u16> {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let letter = match word.as_bytes().get(digits..)? {
        [] => 0,
        [letter @ b'A'..=b'Z'] => u16::from(letter - b'A' + 1),
        _ => return None,
    };
    let number: u16 = word.get(..digits)?.parse().ok()?;
    let code = number.checked_mul(27)?.checked_add(letter)?;
    (code != 0).then_some(code)
}

/// The text of a premises code.
pub fn premises_text(code: u16) -> String {
    match code % 27 {
        0 => (code / 27).to_string(),
        letter => format!("{}{}", code / 27, char::from(b'A' + letter as u8 - 1)),
    }
}

/// Street words written in full.
fn written_out(word: &str) -> &str {
    match word {
        "ST" | "STR" => "STREET",
        "RD" => "ROAD",
        "AVE" | "AV" => "AVENUE",
        "CL" | "CLS" => "CLOSE",
        "LN" => "LANE",
        "DR" | "DRV" => "DRIVE",
        "GDNS" | "GDN" | "GARDEN" => "GARDENS",
        "CRES" | "CRESC" | "CR" => "CRESCENT",
        "CT" | "CRT" => "COURT",
        "TER" | "TERR" | "TCE" => "TERRACE",
        "PL" => "PLACE",
        "SQ" => "SQUARE",
        "GRV" | "GR" => "GROVE",
        "PK" => "PARK",
        "HSE" | "HO" => "HOUSE",
        "BLDG" | "BLDGS" => "BUILDINGS",
        "MT" => "MOUNT",
        "CTT" | "COTT" => "COTTAGE",
        "EST" => "ESTATE",
        "VILL" => "VILLAS",
        "N" | "NTH" => "NORTH",
        "S" | "STH" => "SOUTH",
        "E" => "EAST",
        "W" => "WEST",
        "UPR" => "UPPER",
        "LWR" => "LOWER",
        other => other,
    }
}

#[cfg(test)]
mod tests;
