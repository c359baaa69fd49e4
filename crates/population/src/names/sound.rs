//! The same sound spelled another way.

use crate::chance::Chance;

/// Spellings that are heard alike, as (written, heard).
const ALIKE: &[(&str, &str)] = &[
    ("PH", "F"),
    ("CK", "K"),
    ("IE", "Y"),
    ("EE", "EA"),
    ("EA", "EE"),
    ("SS", "S"),
    ("LL", "L"),
    ("TT", "T"),
    ("NN", "N"),
    ("RR", "R"),
    ("MM", "M"),
    ("EY", "Y"),
    ("AI", "AY"),
    ("AY", "AI"),
    ("OU", "OO"),
    ("OW", "OU"),
    ("MAC", "MC"),
    ("MC", "MAC"),
    ("SON", "SEN"),
    ("TH", "T"),
    ("KH", "K"),
    ("DH", "D"),
    ("CZ", "CH"),
    ("SZ", "SH"),
    ("SH", "CH"),
    ("GH", "G"),
    ("X", "KS"),
    ("QU", "KW"),
    ("AU", "OR"),
    ("C", "K"),
    ("K", "C"),
    ("Z", "S"),
    ("V", "W"),
    ("J", "G"),
    ("Y", "I"),
    ("I", "Y"),
    ("O", "U"),
    ("E", "A"),
    ("N", "NN"),
    ("L", "LL"),
    ("T", "TT"),
    ("R", "RR"),
];

/// The name with one sound, other than its first letter, spelled another way.
pub(crate) fn respelled(chance: &mut Chance, name: &str) -> String {
    for _ in 0..20 {
        let (written, heard) = chance.pick(ALIKE);
        if let Some(place) = name.get(1..).and_then(|rest| rest.find(written)) {
            let (before, after) = (&name[..place + 1], &name[place + 1 + written.len()..]);
            return format!("{before}{heard}{after}");
        }
    }
    name.to_owned()
}

/// Old spellings of a surname, one for each rule; rule 0 leaves it as it is.
pub(super) fn respelled_by_rule(name: &str, rule: u32) -> String {
    match rule {
        0 => name.to_owned(),
        1 if name.ends_with('S') => format!("{name}E"),
        1 => format!("{name}S"),
        2 if name.ends_with('E') => name[..name.len() - 1].to_owned(),
        2 => format!("{name}E"),
        3 => swap(name, "I", "Y", "ER"),
        4 => swap(name, "LEY", "LY", "ES"),
        5 => swap(name, "N", "NN", "MAN"),
        6 => swap(name, "TON", "TEN", "S"),
        _ => swap(name, "O", "OO", "SON"),
    }
}

/// Swaps the first `from` after the first letter, or adds `suffix` where there is none.
fn swap(name: &str, from: &str, to: &str, suffix: &str) -> String {
    match name.get(1..).and_then(|rest| rest.find(from)) {
        Some(at) => format!("{}{to}{}", &name[..at + 1], &name[at + 1 + from.len()..]),
        None => format!("{name}{suffix}"),
    }
}
