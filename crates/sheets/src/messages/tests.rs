use std::collections::BTreeSet;

use super::{ENGLISH, FILES, find, languages, say};

fn placeholders(text: &str) -> BTreeSet<&str> {
    let after = text.split('{').skip(1);
    after
        .filter_map(|part| part.split_once('}'))
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn every_language_says_everything_with_the_same_placeholders() {
    assert_eq!(languages().len(), FILES.len(), "a file cannot be read");
    let english = &find(ENGLISH).unwrap().texts;
    assert!(english.values().all(|text| !text.trim().is_empty()));
    for language in languages() {
        let code = language.code;
        let unknown: Vec<_> = language
            .texts
            .keys()
            .filter(|key| !english.contains_key(*key))
            .collect();
        assert!(
            unknown.is_empty(),
            "{code} has texts that English lacks: {unknown:?}"
        );
        let missing: Vec<_> = english
            .keys()
            .filter(|key| !language.texts.contains_key(*key))
            .collect();
        assert_eq!(
            !missing.is_empty(),
            language.incomplete,
            "{code} lacks {missing:?}"
        );
        for (key, text) in &language.texts {
            let wanted = placeholders(&english[key]);
            assert_eq!(placeholders(text), wanted, "{key} in {code}");
            assert!(!text.trim().is_empty(), "{key} in {code} is empty");
            assert!(!text.contains(['<', '>']), "{key} in {code} holds markup");
        }
    }
}

#[test]
fn at_least_ten_languages_with_scripts_that_run_both_ways() {
    let from_right = languages()
        .iter()
        .filter(|one| one.direction == "rtl")
        .count();
    assert!(languages().len() >= 11 && from_right >= 3);
    assert!(
        languages()
            .iter()
            .all(|one| ["ltr", "rtl"].contains(&one.direction.as_str()))
    );
}

#[test]
fn values_are_put_in_once_and_english_stands_in() {
    assert_eq!(
        say("en", "error.too_long", &[("most", "{most}")]),
        "This is too long. Write at most {most} letters"
    );
    let english = say(ENGLISH, "poster.title", &[]);
    assert_eq!(say("tlh", "poster.title", &[]), english);
    assert_ne!(say("ar", "poster.title", &[]), english);
    assert_eq!(say("en", "no.such.key", &[]), "no.such.key");
}
