use std::path::Path;

use clap::Parser as _;

use super::*;

const DAY: &str = "2026-06-01T00:00:00Z";

fn asked(practice: &str, more: &[&str]) -> anyhow::Result<Vec<Page>> {
    let agreements = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../agreements");
    let agreements = agreements.to_string_lossy();
    let fixed = [
        "posters",
        "--practice",
        practice,
        "--out",
        "out",
        "--agreements",
        &agreements,
    ];
    let words = fixed.iter().chain(more);
    let arguments = Arguments::try_parse_from(words)?;
    let library = library(&arguments.agreements)?;
    pages(
        &arguments,
        in_force(&library, &arguments.agreement, DAY.parse()?)?,
    )
}

/// The PDF of every page, or the first fault.
fn printed(pages: &[Page]) -> anyhow::Result<Vec<Vec<u8>>> {
    let fonts = Fonts::of_system(messages::languages().iter().map(|one| one.code))?;
    let set = |page: &Page| press::pdf(&fonts, page.markup, page.values.clone());
    pages.iter().map(set).collect()
}

#[test]
fn every_sheet_is_one_tagged_page() {
    let pages = asked("Harbour Street Practice", &[]).unwrap();
    assert_eq!(pages.len(), 2 * messages::languages().len() + 1);
    for (page, pdf) in pages.iter().zip(printed(&pages).unwrap()) {
        let text = String::from_utf8_lossy(&pdf);
        assert!(text.contains("pdfuaid:part"), "{} is no PDF/UA", page.name);
        assert!(
            text.contains("/StructTreeRoot"),
            "{} has no tags",
            page.name
        );
    }
}

#[test]
fn a_long_name_is_set_smaller_and_markup_stays_text() {
    let long = "#panic() $x$ *a* _b_ <c> @d ".repeat(3);
    let name = long.get(..practice::LONGEST).unwrap();
    let both = ["--language", "en", "--language", "ur"];
    printed(&asked(name, &both).unwrap()).unwrap();
}

#[test]
fn a_name_of_one_long_word_is_refused_and_named() {
    let word = "x".repeat(practice::LONGEST);
    let refused = printed(&asked(&word, &["--language", "en"]).unwrap()).unwrap_err();
    assert!(
        refused.to_string().contains("runs over the edge"),
        "{refused}"
    );
}

#[test]
fn a_letter_that_no_font_has_is_named() {
    let refused = printed(&asked("診療所", &["--language", "fr"]).unwrap()).unwrap_err();
    assert!(
        refused.to_string().contains("has the letter `診`"),
        "{refused}"
    );
}

#[test]
fn languages_can_be_chosen_and_the_travel_is_always_there() {
    let pages = asked(
        "Harbour Street Practice",
        &["--language", "ur", "--language", "ar"],
    );
    let pages = pages.unwrap();
    let names: Vec<&str> = pages.iter().map(|page| page.name.as_str()).collect();
    let wanted = [
        "poster-ar",
        "leaflet-ar",
        "poster-ur",
        "leaflet-ur",
        "travel",
    ];
    assert_eq!(names, wanted);
    let refused = asked("Harbour Street Practice", &["--language", "xx"])
        .err()
        .unwrap();
    assert!(
        refused.to_string().contains("there is no language `xx`"),
        "{refused}"
    );
}

#[test]
fn only_an_agreement_in_force_is_drawn() {
    for (agreement, fault) in [
        ("ho/2017-01-01", "name one that is in force"),
        ("ho", "AGREEMENT/VERSION"),
    ] {
        let refused = asked("Harbour Street Practice", &["--agreement", agreement]);
        let refused = refused.err().unwrap().to_string();
        assert!(refused.contains(fault), "{refused}");
    }
}
