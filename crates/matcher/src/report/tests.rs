use super::*;
use crate::csv_input::read_persons;

const PEOPLE: &str = "\
person_id,given_name,surname,date_of_birth,sex,address,postcode
P1,Ada,Byron,1970-05-06,F,1 High Street,LS1 4AP
P2,Bela,Cole,1971-01-01,M,2 High Street,LS1 4AP
P3,Carl,Dunn,1972-07-08,M,3 High Street,LS1 4AP
P4,Carl,Dunn,1972-07-08,M,3 High Street,LS1 4AP
P5,Dora,Ede,,F,5 High Street,LS1 4AP
";

const REQUESTS: &str = "\
request_id,given_name,surname,date_of_birth,sex,address,postcode
R1,Ada,Byron,1970-05-06,F,1 High Street,LS1 4AP
R2,Bela,Kole,1971-01-01,M,2 High Street,LS1 4AP
R3,Carl,Dunn,1972-07-08,M,3 High Street,LS1 4AP
R4,Zoltan,Zipp,1999-09-09,,8 Low Road,YO1 1AA
R5,too,few
";

const TRUTH: &str = "\
request_id,person_id,kind,noise
R1,P1,match,
R2,P2,match,surname_typo
R3,P3,match,
R4,,absent,
R5,P5,match,
";

fn made(truth: Option<&str>) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("people.tgx");
    crate::index::build(read_persons(PEOPLE.as_bytes()).unwrap(), &out, &mut |_| {}).unwrap();
    let index = Index::open(&out).unwrap();
    let truths = truth.map(|truth| Truths::read(truth.as_bytes()).unwrap());
    let source = Source {
        index: &index,
        model: &Model::default(),
        rule: &MatchRule::bayes(),
        truths: truths.as_ref(),
        group: &|name| name.given.chars().take(1).collect(),
    };
    report(&source, REQUESTS.as_bytes(), &mut |_| {}).unwrap()
}

#[test]
fn requests_are_counted_by_outcome_group_and_key() {
    let report = made(Some(TRUTH));
    let tally = &report.tally;
    assert_eq!(tally.requests, 5);
    assert_eq!(tally.outcomes.get("invalid"), Some(&1));
    assert_eq!(tally.scored.len(), 5);
    assert_eq!((tally.looked_for, tally.found), (3, 3));
    let sexes = &tally.groups["sex"];
    assert_eq!(sexes["male"].requests, 2);
    assert_eq!(sexes["not stated"].in_index, 0);
    assert_eq!(tally.groups["year of birth"]["1970 to 1984"].requests, 3);
    let noise = &tally.noises[1];
    assert_eq!(
        (noise.noise.as_str(), noise.group.requests),
        ("surname_typo", 1)
    );
    // Everybody sought is found by the day of birth.
    assert_eq!(tally.keys[0].found, 3);
}

#[test]
fn people_who_can_never_be_told_apart_are_named_by_identifier() {
    let facts = made(None).facts;
    assert_eq!(
        (facts.people, facts.undated, facts.first_of_january),
        (5, 1, 1)
    );
    assert_eq!((facts.indistinct_groups, facts.indistinct_people), (1, 2));
    assert_eq!(facts.indistinct, [["P3", "P4"]]);
}

#[test]
fn the_page_is_whole_and_says_only_what_is_known() {
    let (with, without) = (page(&made(Some(TRUTH))), page(&made(None)));
    for page in [&with, &without] {
        let mut open: Vec<&str> = Vec::new();
        for tag in page
            .split('<')
            .skip(2)
            .map(|tag| tag.split_once('>').unwrap().0)
        {
            let name = tag.split(' ').next().unwrap();
            match tag.strip_prefix('/') {
                Some(name) => assert_eq!(open.pop(), Some(name), "{tag}"),
                None if tag.ends_with('/') || name == "meta" => {}
                None => open.push(name),
            }
        }
        assert!(open.is_empty(), "{open:?}");
        assert_eq!(
            page.matches("<svg ").count(),
            page.matches("<figure>").count()
        );
        assert!(page.matches("<table>").count() > page.matches("<svg ").count());
        assert!(page.contains("P3, P4"));
        assert!(!page.contains("Byron") && !page.contains("NaN"));
    }
    assert!(with.contains("id=\"calibration\""));
    assert!(!without.contains("id=\"calibration\""));
    assert!(without.contains("It is not known whom the requests are really about"));
}
