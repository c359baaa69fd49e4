//! Phrases are found, said, and nowhere forgotten.

use std::collections::BTreeSet;

use axum::http::{HeaderMap, HeaderValue, header};
use minijinja::HtmlEscape;
use serde_json::Value as Json;

use super::template::said;
use super::{ENGLISH, chosen, languages, phrases};
use crate::web::page;
use crate::web::tests::templates;
use crate::web::words;

/// The phrases of a source, and the source with each of them in capitals.
fn told(source: &str) -> (Vec<String>, String) {
    let mut phrases = Vec::new();
    let out = said(source, &mut |phrase| {
        phrases.push(phrase.to_owned());
        Some(phrase.to_uppercase())
    });
    (phrases, out)
}

#[test]
fn a_sentence_is_one_phrase_with_its_values_and_links() {
    let source = "<p>\n  Case {{ id }} waits for <a href=\"/x\">a\nperson</a>. </p><h2>Next</h2>";
    let (phrases, out) = told(source);
    assert_eq!(phrases, ["Case {1} waits for <1>a person</1>.", "Next"]);
    assert_eq!(
        out,
        "<p> CASE {{ id }} WAITS FOR <a href=\"/x\">A PERSON</a>. </p><h2>NEXT</h2>"
    );
}

#[test]
fn words_within_expressions_and_attributes_are_phrases() {
    let source = r#"<nav aria-label="Main">{{ forms.button("Send it", "send", kind="secondary") }}</nav>
{% call parts.card("What never leaves", "never") %}{% if a == "Refused" %}{{ x["key"] }}{% endif %}{% endcall %}"#;
    let (phrases, out) = told(source);
    assert_eq!(phrases, ["Main", "Send it", "What never leaves"]);
    assert!(out.contains(r#"aria-label="MAIN""#), "{out}");
    assert!(out.contains(r#"forms.button("SEND IT", "send", kind="secondary")"#));
    assert!(out.contains(r#"a == "Refused""#) && out.contains(r#"x["key"]"#));
}

#[test]
fn marks_with_statements_inside_stay_whole() {
    let source =
        r#"<a href="/"{% if here > 1 %} aria-current="page"{% endif %}>Home</a>{# no words #}"#;
    let (phrases, out) = told(source);
    assert_eq!(phrases, ["<1>Home</1>"]);
    assert_eq!(out, source.replace("Home", "HOME"));
}

#[test]
fn a_value_may_hold_lists_and_quotes_of_its_own() {
    let source =
        r#"{{ radios({"legend": {"text": legend, "size": "s"}}, "}} Which one?") }} Then this"#;
    let (phrases, out) = told(source);
    assert_eq!(phrases, ["}} Which one?", "{1} Then this"]);
    assert!(
        out.contains(r#""size": "s"}}, "}} WHICH ONE?") }} THEN THIS"#),
        "{out}"
    );
}

#[test]
fn words_that_lose_a_value_are_not_used() {
    let source = "Received {{ at }} here";
    assert_eq!(said(source, &mut |_| Some("Derbyniwyd".to_owned())), source);
    let moved = said(source, &mut |_| Some("{1} yma".to_owned()));
    assert_eq!(moved, "{{ at }} yma");
}

#[test]
fn every_phrase_of_a_table_is_one_of_the_desk_and_keeps_its_values() {
    let mut known: BTreeSet<String> = phrases().into_iter().collect();
    known.extend(words::all());
    for language in languages() {
        for (phrase, words) in &language.phrases {
            let code = language.code;
            assert!(known.contains(phrase), "{code}: no page says `{phrase}`");
            assert_eq!(places(phrase), places(words), "{code}: `{phrase}`");
        }
    }
}

/// Placeholders, in order of their names.
fn places(words: &str) -> BTreeSet<&str> {
    let starts = words.match_indices(['{', '<']);
    let place = |(at, open): (usize, &str)| {
        let close = if open == "{" { '}' } else { '>' };
        let rest = &words[at..];
        &rest[..=rest.find(close).unwrap()]
    };
    starts.map(place).collect()
}

/// English with another sound: whatever of a page does not sound so is no phrase.
fn foreign(phrase: &str) -> Option<String> {
    let (mut out, mut inside) = (String::new(), false);
    for letter in phrase.chars() {
        inside = match letter {
            '<' | '{' | '&' => true,
            '>' | '}' | ';' => false,
            _ => inside,
        };
        let sounds = ['à', 'è', 'ì', 'ò', 'ù'];
        let vowel = "aeiou".find(letter).filter(|_| !inside);
        out.push(vowel.map_or(letter, |at| sounds[at]));
    }
    Some(out)
}

#[test]
fn no_page_says_anything_that_cannot_be_said_in_another_language() {
    let mut environment = page::environment(foreign);
    environment.add_filter("organization", |_: &str| "");
    let mut english = BTreeSet::new();
    for (name, content) in templates::samples() {
        let context = templates::context_of(content.clone());
        let template = environment.get_template(name).unwrap();
        let text = template.render(context).unwrap();
        let mut values = BTreeSet::from(NAMES.map(str::to_owned));
        gather(&content, &mut values);
        gather(&templates::frame_json(), &mut values);
        let mut values: Vec<_> = values.into_iter().filter(|value| value.len() > 1).collect();
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        for words in spoken(&text) {
            let left = values.iter().fold(words.clone(), |left, value| {
                left.replace(value.as_str(), "")
            });
            let mut words_left = left.split(|c: char| !c.is_alphabetic());
            let said = |word: &&str| word.len() > 1 && word.contains(['a', 'e', 'i', 'o', 'u']);
            let cut_short = values.iter().any(|value| value.contains(words.trim()));
            if !cut_short && words_left.any(|word| said(&word)) {
                english.insert(format!("{name}: `{}`", words.trim()));
            }
        }
    }
    assert!(english.is_empty(), "{english:#?}");
}

/// Names, which are the same in every language.
const NAMES: [&str; 1] = ["Tracegate"];

/// Every text of the sample, as a page shows it.
fn gather(of: &Json, values: &mut BTreeSet<String>) {
    match of {
        Json::String(text) => {
            let escaped = HtmlEscape(text).to_string();
            values.extend(foreign(&escaped));
            values.extend(foreign(text).map(|text| HtmlEscape(&text).to_string()));
            values.insert(escaped);
        }
        Json::Array(all) => all.iter().for_each(|one| gather(one, values)),
        Json::Object(all) => all.values().for_each(|one| gather(one, values)),
        _ => {}
    }
}

/// What a page says: its texts, and the attributes that are spoken.
fn spoken(page: &str) -> Vec<String> {
    let mut said = Vec::new();
    let mut rest = page;
    while let Some((text, after)) = rest.split_once('<') {
        said.push(text.to_owned());
        let (mark, after) = after.split_once('>').unwrap();
        for name in [" aria-label=\"", " title=\"", " alt=\"", " placeholder=\""] {
            if let Some((_, value)) = mark.split_once(name) {
                said.push(value.split('"').next().unwrap().to_owned());
            }
        }
        rest = match mark {
            "style" | "script" => after.split_once("</").unwrap().1,
            "code" => after.split_once("</code>").unwrap().1,
            _ => after,
        };
    }
    said
}

#[test]
fn a_browser_is_answered_in_what_it_asks_for_first_of_what_is_offered() {
    let asking = |asked: &'static str| {
        HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, HeaderValue::from_static(asked))])
    };
    let offered = ["cy".to_owned()];
    for (asked, answer) in [
        ("cy-GB,en;q=0.5", "cy"),
        ("en-GB,cy;q=0.5", ENGLISH),
        ("fr, cy;q=0.3", "cy"),
        ("", ENGLISH),
        ("xx;;,,", ENGLISH),
    ] {
        assert_eq!(chosen(&asking(asked), &offered), answer, "{asked}");
    }
    assert_eq!(chosen(&asking("cy"), &[]), ENGLISH, "not on offer");
    let mut remembered = asking("cy");
    remembered.insert(header::COOKIE, HeaderValue::from_static("language=en"));
    assert_eq!(chosen(&remembered, &offered), ENGLISH, "the choice counts");
}
