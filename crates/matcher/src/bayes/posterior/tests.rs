use super::*;
use crate::bayes::day::Day;
use crate::bayes::evidence::Comparison;
use crate::bayes::frequency::Frequencies;
use crate::bayes::query::Query;
use crate::csv_input::read_persons;
use crate::{Index, RawTerms, index};

/// Families of four at a hundred addresses: a couple, and two children born on one day in every tenth.
fn families() -> String {
    let given = [
        "ADA", "BEN", "CLEO", "DAN", "EVE", "FAY", "GUS", "HAL", "IDA", "JOE",
    ];
    let surnames = [
        "ARCHER", "BAKER", "COOPER", "DYER", "FLETCHER", "GLOVER", "MASON",
    ];
    let row = |number: usize| {
        let (home, member) = (number / 4, number % 4);
        let name = given[(home * 3 + member * 7) % 10];
        let surname = surnames[home * 5 % 7];
        let year = if member < 2 {
            1960 + home % 20
        } else {
            1990 + home % 15
        };
        let day = if home.is_multiple_of(10) && member > 2 {
            2
        } else {
            member
        };
        format!(
            "P{number},F,{name},{surname},{year}-{:02}-{:02},{} LOW ROAD,YO{} {}AA\n",
            1 + home % 12,
            3 + day,
            1 + home % 50,
            1 + home % 9,
            home % 7,
        )
    };
    let head = "person_id,sex,given_name,surname,date_of_birth,address,postcode\n";
    head.to_owned() + &(0..400).map(row).collect::<String>()
}

fn index_of_families() -> Index {
    index_of(&families())
}

fn index_of(people: &str) -> Index {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("people.tgx");
    index::build(read_persons(people.as_bytes()).unwrap(), &out, &mut |_| {}).unwrap();
    Index::open(&out).unwrap()
}

#[test]
fn of_the_day_nobody_worth_comparing_is_passed_over() {
    let (people, index) = (families(), index_of_families());
    let (view, model) = (index.view(), Model::default());
    let mut worth = 0;
    for line in people.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let (terms, _) = RawTerms {
            given_name: cells[3].into(),
            surname: cells[2].into(),
            date_of_birth: cells[4].into(),
            address: cells[5].into(),
            ..RawTerms::default()
        }
        .read();
        let query = Query::new(&view, Asked::new(&terms));
        let day = Day::new(&view, &query);
        let frequencies = Frequencies::new(&[(&view, &query, &day)]);
        let comparison = Comparison::new(&view, &model, &query, frequencies);
        let looked_at = day.agreeing().chain(day.others(&view, &query));
        let looked_at: Vec<u32> = looked_at.map(|(number, _)| number).collect();
        for number in view.derived.born_on(terms.date_of_birth.unwrap()) {
            let is_worth =
                comparison.is_worth_comparing(&comparison.held(number, view.row(number).unwrap()));
            assert!(!is_worth || looked_at.contains(&number), "{line}: {number}");
            worth += usize::from(is_worth);
        }
    }
    assert!(worth > 400, "{worth}");
}

#[test]
fn where_the_first_look_is_clear_a_wider_one_changes_nothing() {
    let (people, index) = (families(), index_of_families());
    let (model, rule) = (Model::default(), MatchRule::bayes());
    let mut clear = 0;
    for line in people.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let (terms, _) = RawTerms {
            given_name: cells[2].into(),
            surname: cells[3].replace("CH", "SH").into(),
            date_of_birth: cells[4].into(),
            address: cells[5].into(),
            postcode: cells[6].into(),
            ..RawTerms::default()
        }
        .read();
        let parts = Parts::from(&index);
        let found = Found::first(&parts, Asked::new(&terms));
        let both = found.compared(&parts, &model, &terms, |sides| {
            let near = Weighed::of(&model, sides);
            let mut wide = Weighed::near(&model, sides);
            let clear = wide.clear().is_some_and(Person::is_at_home);
            wide.look(at_home);
            wide.look_wider();
            assert!(!clear || wide.examined > near.examined, "{line}");
            let answer = |weighed: Weighed<'_>| weighed.answer(&rule, &terms, false);
            clear.then(|| (answer(near), answer(wide)))
        });
        let Some((near, wide)) = both else { continue };
        clear += 1;
        assert_eq!(
            (near.outcome, &near.person_id),
            (wide.outcome, &wide.person_id),
            "{line}"
        );
        let apart = near.score.unwrap() - wide.score.unwrap();
        assert!((0.0..0.2).contains(&apart), "{line}: {apart} bits");
    }
    assert!(clear > 300, "{clear}");
}

#[test]
fn a_twin_is_weighed_before_it_is_clear_who_is_meant_though_the_home_is_unknown() {
    let (index, model) = (index_of_families(), Model::default());
    let (terms, _) = RawTerms {
        given_name: "EVE".into(),
        surname: "ARCHER".into(),
        date_of_birth: "1990-01-05".into(),
        ..RawTerms::default()
    }
    .read();
    let parts = Parts::from(&index);
    let found = Found::first(&parts, Asked::new(&terms));
    let people = found.compared(&parts, &model, &terms, |sides| {
        let near = Weighed::near(&model, sides);
        let ids = near.people.iter().map(|person| person.id().to_owned());
        ids.collect::<Vec<_>>()
    });
    assert!(
        ["P2", "P3"]
            .iter()
            .all(|twin| people.contains(&(*twin).to_owned())),
        "{people:?}"
    );
}

#[test]
fn the_home_asked_for_is_looked_at_though_somebody_elsewhere_is_clear() {
    let namesakes = "HERE,F,ORSOLA,QUINCEY,1950-02-03,9 HIGH ROAD,AB1 2CD\n\
        THERE,F,ORSOLA,QUINCEY,1971-05-06,4 FAR LANE,XY9 8ZZ\n";
    let (index, model) = (index_of(&(families() + namesakes)), Model::default());
    let (terms, _) = RawTerms {
        given_name: "ORSOLA".into(),
        surname: "QUINCEY".into(),
        date_of_birth: "1971-05-06".into(),
        address: "9 HIGH ROAD".into(),
        postcode: "AB1 2CD".into(),
        ..RawTerms::default()
    }
    .read();
    let parts = Parts::from(&index);
    let found = Found::first(&parts, Asked::new(&terms));
    let (clear, people) = found.compared(&parts, &model, &terms, |sides| {
        let near = Weighed::near(&model, sides);
        let clear = near.clear().map(|person| person.id().to_owned());
        (clear, Weighed::of(&model, sides).people.len())
    });
    assert_eq!(clear.as_deref(), Some("THERE"));
    assert_eq!(people, 2);
}

#[test]
fn of_a_housemate_only_an_absent_relative_counts() {
    let index = index_of(&families().replace(",1 LOW", ",FLAT 3 1 LOW"));
    let (model, parts) = (Model::default(), Parts::from(&index));
    let relatives = |address: &str, postcode: &str| {
        let (terms, _) = RawTerms {
            given_name: "ZYX".into(),
            surname: "WHIPP".into(),
            date_of_birth: "1921-11-29".into(),
            address: address.into(),
            postcode: postcode.into(),
            ..RawTerms::default()
        }
        .read();
        let found = Found::first(&parts, Asked::new(&terms));
        found.compared(&parts, &model, &terms, |sides| {
            let weighed = Weighed::of(&model, sides);
            assert!(weighed.people.is_empty(), "a housemate is a candidate");
            weighed.relatives
        })
    };
    assert!(relatives("FLAT 3 1 LOW ROAD", "YO1 0AA") > 0.0);
    assert!(relatives("1 LOW ROAD", "YO1 0AA") > 0.0);
    assert_eq!(relatives("FLAT 4 1 LOW ROAD", "YO1 0AA"), 0.0);
    assert_eq!(relatives("FLAT 3 1 LOW ROAD", "ZE9 9ZZ"), 0.0);
}
