//! What patients read, in their languages: one file for each under `messages/`, a text for every key.
//!
//! English is complete and stands in where another language lacks a text. Values in braces are put in by
//! the program; nothing else in a text has a meaning.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// Embeds the files by the code of their language.
macro_rules! embed {
    ($($code:literal),* $(,)?) => {
        [$(($code, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/messages/", $code, ".toml")))),*]
    };
}

/// Every language, English first and the others by the name they have for themselves.
const FILES: &[(&str, &str)] = &embed![
    "en", "bn", "es", "fr", "pl", "pt", "ro", "uk", "ar", "fa", "ur"
];

/// The language that stands in for all others.
pub const ENGLISH: &str = "en";

/// One language as its file says it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Language {
    /// BCP 47 code.
    #[serde(skip)]
    pub code: &'static str,
    /// What its speakers call it.
    pub name: String,
    /// `ltr` or `rtl`.
    pub direction: String,
    /// Somebody who grew up with it has read it.
    pub reviewed: bool,
    /// Texts are missing; English stands in.
    pub incomplete: bool,
    texts: BTreeMap<String, String>,
}

static LANGUAGES: LazyLock<Vec<Language>> = LazyLock::new(|| {
    let read = |(code, text): &(&'static str, &str)| match toml::from_str::<Language>(text) {
        Ok(language) => Some(Language { code, ..language }),
        Err(error) => {
            tracing::error!(%error, code, "messages cannot be read");
            None
        }
    };
    FILES.iter().filter_map(read).collect()
});

/// Every language.
pub fn languages() -> &'static [Language] {
    &LANGUAGES
}

/// The language with this code.
pub fn find(code: &str) -> Option<&'static Language> {
    languages().iter().find(|language| language.code == code)
}

/// The text of a key in a language, with its values; in English where the language lacks it.
pub fn say(language: &str, key: &str, values: &[(&str, &str)]) -> String {
    let in_language = find(language).and_then(|one| one.texts.get(key));
    let in_english = || find(ENGLISH)?.texts.get(key);
    let Some(text) = in_language.or_else(in_english) else {
        tracing::error!(key, "there is no such message");
        return key.to_owned();
    };
    let mut said = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        said += before;
        let Some((name, after)) = after.split_once('}') else {
            return said + "{" + after;
        };
        let value = values.iter().find(|(known, _)| *known == name);
        said += value.map_or("", |(_, value)| value);
        rest = after;
    }
    said + rest
}

#[cfg(test)]
mod tests;
