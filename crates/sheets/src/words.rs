//! Codes in plain words.

/// `serious_crime` as `Serious crime`.
pub fn sentence(code: &str) -> String {
    let words = code.replace(['_', '-'], " ");
    let words = words.replace("nhs ", "NHS ").replace("gp ", "GP ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}

/// `police-northmoor` as `Police Northmoor`.
pub fn organization(code: &str) -> String {
    let words = code.split(['-', '_']).map(sentence);
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_said_in_words() {
        assert_eq!(sentence("serious_crime"), "Serious crime");
        assert_eq!(sentence("nhs_number"), "NHS number");
        assert_eq!(sentence(""), "");
        assert_eq!(organization("police-northmoor"), "Police Northmoor");
    }
}
