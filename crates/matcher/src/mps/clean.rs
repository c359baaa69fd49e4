//! Cleaning of the published rules.

use rphonetic::{Encoder, Soundex};

use crate::compare::variants;

/// Signs that the rules strip.
const STRIPPED: &str = "!$%&()[]{}=:;#~@|<>.?/_\\`£";

/// A name in capitals without the stripped signs.
pub(super) fn name(text: &str) -> String {
    let kept = text
        .chars()
        .filter(|character| !STRIPPED.contains(*character));
    kept.collect::<String>().trim().to_uppercase()
}

/// A postcode in capitals, its space an underscore.
pub(super) fn postcode(text: &str) -> String {
    let compact = crate::normalize::postcode(text);
    match crate::normalize::outcode(&compact) {
        Some(outward) => {
            format!(
                "{outward}_{}",
                compact.get(outward.len()..).unwrap_or_default()
            )
        }
        None => compact,
    }
}

/// A name as the scores compare it: letters outside ASCII become `@`.
pub(super) fn for_score(name: &str) -> String {
    name.chars()
        .map(|character| if character.is_ascii() { character } else { '@' })
        .collect()
}

/// A name as the blocks compare it: no spaces or hyphens, short forms written out.
pub(super) fn for_block(name: &str) -> String {
    let joined: String = name.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    match joined.as_str() {
        // Published examples.
        "JON" => "JOHNNY".to_owned(),
        "JENNY" => "JENNIFER".to_owned(),
        other => variants::formal(other).unwrap_or(other).to_owned(),
    }
}

/// American Soundex of the letters of a name; empty when it has none.
pub(super) fn soundex(name: &str) -> String {
    let letters: String = crate::normalize::fold(name)
        .chars()
        .filter(char::is_ascii_alphabetic)
        .collect();
    Soundex::default().encode(&letters)
}
