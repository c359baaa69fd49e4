//! The name of a practice, as it may stand on a sheet.

use std::str::FromStr;

/// Letters that a line at the foot of a sheet has room for, with a margin.
pub const LONGEST: usize = 80;

/// A name that can be printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Practice(pub String);

impl FromStr for Practice {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let name = name.trim();
        let letters = name.chars().count();
        if name.is_empty() {
            return Err("the name is empty; write the practice's name".to_owned());
        }
        if letters > LONGEST {
            return Err(format!(
                "the name has {letters} letters; write at most {LONGEST}"
            ));
        }
        if let Some(sign) = name.chars().find(|sign| is_control(*sign)) {
            let sign = sign.escape_unicode();
            return Err(format!(
                "the name holds the control character `{sign}`; write letters and numbers"
            ));
        }
        Ok(Self(name.to_owned()))
    }
}

/// Line ends and the like, and marks that turn the direction of what follows them on the sheet.
fn is_control(sign: char) -> bool {
    let turns = ['\u{61c}', '\u{200e}', '\u{200f}', '\u{feff}'];
    let turn_ranges = ['\u{2028}'..='\u{202e}', '\u{2066}'..='\u{2069}'];
    sign.is_control()
        || turns.contains(&sign)
        || turn_ranges.iter().any(|range| range.contains(&sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_kept_as_it_is() {
        let name = "#emph[Dr Ó’Néill & Sons] $x$ \\ \"Łódź\"";
        let padded = format!("  {name} ");
        assert_eq!(padded.parse(), Ok(Practice(name.to_owned())));
    }

    #[test]
    fn a_bad_name_is_refused_by_name() {
        let long = "x".repeat(LONGEST + 1);
        for (name, fault) in [
            ("  ", "empty"),
            (long.as_str(), "81 letters"),
            ("a\nb", "u{a}"),
            ("a\u{0}b", "u{0}"),
            ("a\u{202e}b", "u{202e}"),
        ] {
            let refused = name.parse::<Practice>().unwrap_err();
            assert!(refused.contains(fault), "{refused}");
        }
    }
}
