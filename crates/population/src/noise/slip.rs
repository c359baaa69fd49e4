//! Slips of keys and scanners in any text.

use crate::chance::Chance;

/// Keys beside each letter on a British keyboard.
const NEIGHBORS: [&str; 26] = [
    "QWSZ", "VGHN", "XDFV", "SERFCX", "WSDR", "DRTGVC", "FTYHBV", "GYUJNB", "UJKO", "HUIKMN",
    "JIOLM", "KOP", "NJK", "BHJM", "IKLP", "OL", "WA", "EDFT", "AWEDXZ", "RFGY", "YHJI", "CFGB",
    "QASE", "ZSDC", "TGHU", "ASX",
];

/// Shapes that scanners confuse.
const LOOKALIKES: &[(char, &str)] = &[
    ('O', "0"),
    ('0', "O"),
    ('I', "L"),
    ('I', "1"),
    ('L', "I"),
    ('1', "7"),
    ('7', "1"),
    ('B', "8"),
    ('8', "B"),
    ('S', "5"),
    ('5', "S"),
    ('G', "6"),
    ('6', "G"),
    ('Z', "2"),
    ('2', "Z"),
    ('U', "V"),
    ('V', "U"),
    ('M', "RN"),
    ('W', "VV"),
    ('N', "M"),
    ('E', "F"),
    ('F', "E"),
    ('C', "G"),
    ('D', "O"),
    ('H', "N"),
    ('R', "K"),
    ('Q', "O"),
    ('Y', "V"),
];

/// The text with a key beside the right one, one too few, one too many, or two exchanged.
pub(super) fn typo(chance: &mut Chance, text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.is_empty() {
        return String::new();
    }
    let at = chance.below(letters.len() as u32) as usize;
    let long = letters.len() > 2;
    match chance.below(100) {
        0..32 => letters[at] = beside(chance, letters[at]),
        32..52 if long => {
            letters.remove(at);
        }
        52..62 => letters.insert(at, letters[at]),
        62..72 => letters.insert(at, beside(chance, letters[at])),
        _ if long => {
            let first = at.min(letters.len() - 2);
            letters.swap(first, first + 1);
        }
        _ => letters[at] = beside(chance, letters[at]),
    }
    letters.into_iter().collect()
}

/// The text with one shape taken for another.
pub(super) fn misread(chance: &mut Chance, text: &str) -> String {
    let found: Vec<(usize, &(char, &str))> = text
        .char_indices()
        .flat_map(|(at, letter)| {
            LOOKALIKES
                .iter()
                .filter(move |(seen, _)| *seen == letter)
                .map(move |pair| (at, pair))
        })
        .collect();
    if found.is_empty() {
        return typo(chance, text);
    }
    let (at, (seen, read)) = chance.pick(&found);
    format!("{}{read}{}", &text[..*at], &text[at + seen.len_utf8()..])
}

/// The number with one digit replaced by another.
pub(super) fn wrong_digit(chance: &mut Chance, number: &str) -> String {
    let at = chance.below(number.len() as u32) as usize;
    let shift = 1 + chance.below(9);
    let wrong = |digit: char| {
        digit
            .to_digit(10)
            .and_then(|digit| char::from_digit((digit + shift) % 10, 10))
    };
    let digits = number.chars().enumerate();
    digits
        .map(|(place, digit)| {
            if place == at {
                wrong(digit).unwrap_or(digit)
            } else {
                digit
            }
        })
        .collect()
}

fn beside(chance: &mut Chance, letter: char) -> char {
    match letter {
        'A'..='Z' => {
            let keys = NEIGHBORS[letter as usize - 'A' as usize].as_bytes();
            *chance.pick(keys) as char
        }
        '0'..='9' => chance.pick(b"1234567890").to_owned() as char,
        _ => *chance.pick(b"AEIOURSTLN") as char,
    }
}
