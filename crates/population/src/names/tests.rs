use std::collections::HashSet;

use super::*;
use crate::chance::Purpose;

#[test]
fn every_origin_has_names_of_its_own() {
    let mut chance = Chance::new(1, Purpose::People, 0);
    for origin in Origin::all() {
        let book = origin.culture().book();
        for sex in [Sex::Female, Sex::Male] {
            let names: HashSet<String> = (0..400)
                .map(|_| given(&mut chance, origin, sex, 1985))
                .collect();
            assert!(names.len() > 25, "{origin:?} {sex:?}: {}", names.len());
        }
        let surnames: HashSet<String> = (0..400).map(|_| surname(&mut chance, origin)).collect();
        assert!(surnames.len() > 20, "{origin:?}: {}", surnames.len());
        let parts = (book.stems.is_empty(), book.endings.is_empty());
        let composes = origin.culture().surname_ranks > book.surnames.len() as u32;
        assert!(
            !composes || parts == (false, false),
            "{origin:?} has no parts to compose from"
        );
    }
}

#[test]
fn lists_hold_plain_capitals() {
    for origin in Origin::all() {
        let book = origin.culture().book();
        let lists = [&book.surnames, &book.stems, &book.endings];
        for name in lists.into_iter().flatten() {
            let fine = |letter: char| letter.is_ascii_uppercase() || "_-'".contains(letter);
            assert!(name.chars().all(fine), "{origin:?}: {name}");
        }
    }
}

#[test]
fn women_bear_the_ending_of_their_language() {
    let mut chance = Chance::new(1, Purpose::People, 0);
    for (origin, name, expected) in [
        (Origin::Polish, "KOWALSKI", "KOWALSKA"),
        (Origin::Polish, "NOWAK", "NOWAK"),
        (Origin::Bulgarian, "IVANOV", "IVANOVA"),
        (Origin::Lithuanian, "PETRAUSKAS", "PETRAUSKIENE"),
        (Origin::Greek, "PAPADOPOULOS", "PAPADOPOULOU"),
    ] {
        let family = Family {
            origin,
            name: name.to_owned(),
        };
        assert_eq!(borne(&mut chance, &family, Sex::Female), expected);
        assert_eq!(borne(&mut chance, &family, Sex::Male), name);
    }
}

#[test]
fn a_generation_has_its_own_names() {
    let mut chance = Chance::new(1, Purpose::People, 0);
    let mut count = |year, name: &str| {
        (0..2_000)
            .filter(|_| given(&mut chance, Origin::English, Sex::Female, year) == name)
            .count()
    };
    assert!(count(1930, "MARY") > 10 * count(2010, "MARY"));
    assert!(count(2010, "OLIVIA") > 10 * count(1930, "OLIVIA"));
}

#[test]
fn rare_surnames_are_distinct() {
    let book = Origin::English.culture().book();
    let names: HashSet<String> = (0..60_000).map(|rank| compose(book, rank)).collect();
    assert!(names.len() > 52_000, "{}", names.len());
}

#[test]
fn the_culture_of_a_name_is_guessed_only_where_the_lists_agree() {
    assert_eq!(Origin::of_name("KRZYSZTOF", "NOWAK"), Some(Origin::Polish));
    assert_eq!(Origin::of_name("NOBODY", "UNHEARDOF"), None);
    assert_eq!(Origin::of_name("", ""), None);
}
