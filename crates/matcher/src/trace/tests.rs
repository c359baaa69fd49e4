use proptest::prelude::*;

use crate::csv_input::read_persons;
use crate::explain::explain;
use crate::{Answer, Code, Index, MatchRule, Model, Outcome, RawTerms, index, trace};

const HEADER: &str = "person_id,nhs_number,given_name,middle_name,surname,date_of_birth,sex,\
address,town,postcode,superseded_nhs_numbers,previous_names,dob_estimated,previous_addresses,\
restricted,death_date\n";

/// Enough people for names and days to be told apart.
fn crowd() -> String {
    let given = [
        "ANN", "BOB", "CLARA", "DAVID", "EDITH", "FRANK", "GRACE", "HENRY", "IRIS", "JOHN",
    ];
    let surnames = [
        "ARCHER", "BUTLER", "CARTER", "DRAPER", "FISHER", "GLOVER", "HUNTER", "MASON",
    ];
    let row = |number: usize| {
        let (first, last) = (given[number % 10], surnames[number / 10 % 8]);
        let (year, month, day) = (1940 + number % 61, 1 + number % 12, 2 + number % 27);
        let sex = if number.is_multiple_of(2) { "F" } else { "M" };
        format!(
            "C{number},,{first},,{last},{year}-{month:02}-{day:02},{sex},{} CROWD LANE,LEEDS,\
             LS{} {}AB,,,,,,\n",
            number + 1,
            1 + number % 20,
            number % 10,
        )
    };
    (0..400).map(row).collect()
}

const CAST: &str = "\
TWIN1,,Amelia,Rose,Thornbury,1990-02-13,F,3 Mill Road,York,YO1 1AA,,,,,,
TWIN2,,Olivia,Jane,Thornbury,1990-02-13,F,3 Mill Road,York,YO1 1AA,,,,,,
MOVED,,Gregory,Alan,Pemberton,1971-05-09,M,9 New Street,Hull,HU1 2BB,,,,4 Old Street|Bath|BA1 5CC|home||,,
WED,,Harriet,May,Quayle,1984-11-23,F,5 Church Walk,Leeds,LS9 9ZZ,,HARRIET MAY|UNDERWOOD,,,,
SWAP,,Winifred,Ada,Lockwood,1963-04-07,F,8 Park View,Ripon,HG4 1DD,,,,,,
JAN,,Abdul,,Karim,1975-01-01,M,2 Hill Top,Leeds,LS4 4EE,,,,,,
HIDDEN,9990000018,Isolde,,Farringdon,1988-08-08,F,1 Quiet Close,Leeds,LS5 5FF,,,,,Y,
DEAD,9990000034,Barnaby,,Oglethorpe,1931-03-30,M,7 Elm Grove,Leeds,LS6 6GG,9990000026,,,,,2020-02
";

fn index_of(rows: &str) -> Index {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("people.tgx");
    let text = format!("{HEADER}{}{rows}", crowd());
    index::build(read_persons(text.as_bytes()).unwrap(), &out, &mut |_| {}).unwrap();
    Index::open(&out).unwrap()
}

fn ask(index: &Index, raw: &RawTerms) -> Answer {
    let (terms, _) = raw.read();
    trace(index, &Model::default(), &MatchRule::bayes(), &terms)
}

fn raw<'a>(given: &'a str, surname: &'a str, birth: &'a str, sex: &'a str) -> RawTerms<'a> {
    RawTerms {
        given_name: given.into(),
        surname: surname.into(),
        date_of_birth: birth.into(),
        sex: sex.into(),
        ..RawTerms::default()
    }
}

fn at<'a>(raw: RawTerms<'a>, address: &'a str, postcode: &'a str) -> RawTerms<'a> {
    RawTerms {
        address: address.into(),
        postcode: postcode.into(),
        ..raw
    }
}

fn check(raw: &RawTerms, outcome: Outcome, person: &str, said: &[&str]) {
    let answer = ask(&index_of(CAST), raw);
    let text = explain(&answer, 3);
    assert_eq!(answer.outcome, outcome, "{text}");
    assert_eq!(answer.person_id.as_deref(), Some(person), "{text}");
    for words in said {
        assert!(text.contains(words), "no `{words}` in\n{text}");
    }
}

#[test]
fn a_twin_is_told_by_the_given_name() {
    let asked = at(
        raw("Amelia", "Thornbury", "1990-02-13", "F"),
        "3 Mill Road",
        "YO1 1AA",
    );
    check(
        &asked,
        Outcome::Single,
        "TWIN1",
        &["given name `Amelia`: the same", "TWIN2"],
    );
    let nameless = at(
        raw("", "Thornbury", "1990-02-13", "F"),
        "3 Mill Road",
        "YO1 1AA",
    );
    let answer = ask(&index_of(CAST), &nameless);
    assert_eq!(
        (answer.outcome, answer.code),
        (Outcome::Ambiguous, Code::MultipleClose)
    );
    assert_eq!(answer.person, None);
}

/// What a custom gives to many is no evidence of one.
#[test]
fn a_middle_name_of_custom_tells_nobody_apart() {
    let names = ["GILL", "SANDHU", "DHALIWAL", "BRAR"];
    let row = |number: usize| {
        format!(
            "K{number},,JASLEEN{},KAUR,{},{}-05-1{},F,{} Temple Road,Hull,HU{} 7ZZ,,,,,,\n",
            ["A", "B", "C"][number % 3],
            names[number % 4],
            1950 + number,
            number % 9,
            number + 1,
            1 + number % 9,
        )
    };
    let people: String = (0..40).map(row).collect();
    let sister = "KG,,Harleen,Kaur,Gill,1991-03-12,F,2 Gurdwara Close,Hull,HU3 3QQ,,,,,,\n";
    let index = index_of(&format!("{people}{sister}"));
    for middle in ["Kaur", "K"] {
        let asked = RawTerms {
            middle_name: middle.into(),
            ..at(
                raw("Simran", "Gill", "1991-03-12", "F"),
                "2 Gurdwara Close",
                "HU3 3QQ",
            )
        };
        let answer = ask(&index, &asked);
        let text = explain(&answer, 1);
        let best = &answer.candidates[0];
        let line = best
            .evidence
            .iter()
            .find(|line| line.field == "middle_name");
        assert!(line.is_some_and(|line| line.bits < 5.0), "{text}");
    }
}

#[test]
fn a_twin_who_is_not_here_is_not_mistaken() {
    let absent = at(
        raw("Frederick", "Thornbury", "1990-02-13", "M"),
        "3 Mill Road",
        "YO1 1AA",
    );
    let answer = ask(&index_of(CAST), &absent);
    assert_ne!(answer.outcome, Outcome::Single, "{}", explain(&answer, 2));
}

#[test]
fn a_moved_person_is_found_under_the_old_address() {
    let asked = at(
        raw("Gregory", "Pemberton", "1971-05-09", "M"),
        "4 Old Street",
        "BA1 5CC",
    );
    check(
        &asked,
        Outcome::Single,
        "MOVED",
        &["an earlier name, address or number"],
    );
}

#[test]
fn a_changed_surname_is_found_under_the_old_and_the_new_one() {
    let said = ["an earlier name, address or number"];
    let old = at(
        raw("Harriet", "Underwood", "1984-11-23", "F"),
        "5 Church Walk",
        "LS9 9ZZ",
    );
    check(&old, Outcome::Single, "WED", &said);
    let unknown = at(
        raw("Harriet", "Villiers", "1984-11-23", "F"),
        "5 Church Walk",
        "LS9 9ZZ",
    );
    check(
        &unknown,
        Outcome::Single,
        "WED",
        &["different (a woman, perhaps married)"],
    );
}

#[test]
fn a_swapped_birth_date_is_seen_as_one() {
    let asked = at(
        raw("Winifred", "Lockwood", "1963-07-04", "F"),
        "8 Park View",
        "HG4 1DD",
    );
    check(
        &asked,
        Outcome::Single,
        "SWAP",
        &["day and month stand in each other's place"],
    );
}

#[test]
fn a_first_of_january_needs_one_more_item() {
    let bare = raw("Abdul", "Karim", "1975-01-01", "M");
    let answer = ask(&index_of(CAST), &bare);
    assert_ne!(answer.outcome, Outcome::Single, "{}", explain(&answer, 1));
    let placed = at(bare, "2 Hill Top", "LS4 4EE");
    check(
        &placed,
        Outcome::Single,
        "JAN",
        &["date of birth is 1 January"],
    );
}

#[test]
fn a_restricted_person_is_withheld_whatever_is_asked() {
    let by_name = raw("Isolde", "Farringdon", "1988-08-08", "F");
    let by_address = at(by_name.clone(), "1 Quiet Close", "LS5 5FF");
    let by_number = RawTerms {
        nhs_number: "9990000018".into(),
        ..by_name
    };
    for asked in [by_address, by_number] {
        check(
            &asked,
            Outcome::RestrictedWithheld,
            "HIDDEN",
            &["restricted record"],
        );
    }
}

#[test]
fn a_superseded_number_finds_the_current_record() {
    let asked = raw("Barnaby", "Oglethorpe", "1931-03-30", "M");
    let asked = RawTerms {
        nhs_number: "9990000026".into(),
        ..asked
    };
    check(&asked, Outcome::Deceased, "DEAD", &["has died"]);
}

#[test]
fn a_pseudo_postcode_matches_nobody() {
    let homeless = "Z1,,Peregrine,,Yardley,1980-06-15,M,,,ZZ99 3VZ,,,,,,\n\
        Z2,,Thaddeus,,Yardley,1981-06-15,M,,,ZZ99 3VZ,,,,,,\n";
    let index = index_of(homeless);
    let asked = RawTerms {
        postcode: "ZZ99 3VZ".into(),
        ..raw("", "", "", "")
    };
    let answer = ask(&index, &asked);
    assert_eq!(
        (answer.outcome, answer.candidate_count),
        (Outcome::NeedsIdentifiers, 0)
    );
    let named = ask(&index, &raw("Peregrine", "Yardley", "1980-06-15", "M"));
    let named_there = RawTerms {
        postcode: "ZZ993VZ".into(),
        ..raw("Peregrine", "Yardley", "1980-06-15", "M")
    };
    assert_eq!(named, ask(&index, &named_there));
}

#[test]
fn nobody_is_found_for_nothing() {
    let answer = ask(&index_of(CAST), &RawTerms::default());
    assert_eq!(
        (answer.outcome, answer.code),
        (Outcome::NeedsIdentifiers, Code::NotEnoughData)
    );
    let stranger = at(
        raw("Ebenezer", "Zworykin", "1955-05-05", "M"),
        "77 Far Away",
        "ZE1 1ZZ",
    );
    assert_eq!(ask(&index_of(CAST), &stranger).outcome, Outcome::NoTrace);
}

fn score_of(answer: &Answer, person: &str) -> f64 {
    let found = answer
        .candidates
        .iter()
        .find(|candidate| candidate.person_id == person);
    found.map_or(f64::NEG_INFINITY, |candidate| candidate.score)
}

#[test]
fn whoever_goes_by_a_middle_name_is_found_by_either_of_two() {
    let index = index_of(
        "BOTH,,Rosalind,Beth Tamsin,Quilliam,1979-06-11,F,4 Weir Road,York,YO1 1AA,,,,,,\n",
    );
    for given in ["Beth", "Tamsin"] {
        let asked = at(
            raw(given, "Quilliam", "1979-06-11", "F"),
            "4 Weir Road",
            "YO1 1AA",
        );
        let text = explain(&ask(&index, &asked), 3);
        assert!(text.contains("another given name of the person"), "{text}");
    }
}

#[test]
fn every_agreeing_item_adds_evidence() {
    let index = index_of(CAST);
    let full = RawTerms {
        middle_name: "Ada".into(),
        town: "Ripon".into(),
        ..at(
            raw("Winifred", "Lockwood", "1963-04-07", "F"),
            "8 Park View",
            "HG4 1DD",
        )
    };
    let all = score_of(&ask(&index, &full), "SWAP");
    let without: [fn(&mut RawTerms); 5] = [
        |raw| raw.given_name = "".into(),
        |raw| raw.middle_name = "".into(),
        |raw| raw.surname = "".into(),
        |raw| raw.date_of_birth = "".into(),
        |raw| {
            raw.postcode = "".into();
            raw.address = "".into();
        },
    ];
    for clear in without {
        let mut less = full.clone();
        clear(&mut less);
        assert!(score_of(&ask(&index, &less), "SWAP") < all, "{less:?}");
    }
}

#[test]
fn the_waterfall_ends_at_the_score() {
    let asked = at(
        raw("Amelia", "Thornbury", "1990-02-13", "F"),
        "3 Mill Road",
        "YO1 1AA",
    );
    for candidate in ask(&index_of(CAST), &asked).candidates {
        let sum: f64 = candidate.evidence.iter().map(|line| line.bits).sum();
        assert!((sum - candidate.score).abs() < 1e-6);
        let last = candidate.evidence.last().unwrap();
        assert!((last.running_total - candidate.score).abs() < 1e-6);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Another person, whoever it is, never turns a certain answer into another certain answer.
    #[test]
    fn another_person_never_takes_over(
        given in "[A-Z]{3,8}", surname in "[A-Z]{3,9}", year in 1935u16..2005, day in 1u8..29,
        asked in 0usize..6, postcode in "[A-Z]{2}[1-9] [0-9][A-Z]{2}",
    ) {
        let cast: Vec<&str> = CAST.lines().collect();
        let fields: Vec<&str> = cast[asked].split(',').collect();
        let terms = RawTerms {
            middle_name: fields[3].into(),
            ..at(raw(fields[2], fields[4], fields[5], fields[6]), fields[7], fields[9])
        };
        let newcomer = format!("NEW,,{given},,{surname},{year}-06-{day:02},,,,{postcode},,,,,,\n");
        let before = ask(&index_of(CAST), &terms);
        let after = ask(&index_of(&format!("{CAST}{newcomer}")), &terms);
        prop_assert_eq!(before.outcome, Outcome::Single);
        if after.outcome == Outcome::Single {
            prop_assert_eq!(before.person_id, after.person_id);
        }
    }

    /// No terms at all make either engine panic, and probabilities stay probabilities.
    #[test]
    fn any_terms_are_answered(
        given in "\\PC{0,12}", surname in "\\PC{0,12}", birth in "(19[0-9]{2}-0[1-9]-[12][0-9])?",
        address in "\\PC{0,20}", postcode in "[A-Z0-9 ]{0,8}",
    ) {
        let (terms, _) = at(raw(&given, &surname, &birth, "M"), &address, &postcode).read();
        let index = index_of(CAST);
        for rule in [MatchRule::bayes(), MatchRule::mps()] {
            let answer = trace(&index, &Model::default(), &rule, &terms);
            prop_assert!((0.0..=1.0).contains(&answer.probability));
        }
    }
}
