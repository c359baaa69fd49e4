use super::*;
use crate::csv_input::read_requests;
use crate::{Index, index};

const PEOPLE: &str = "person_id,given_name,surname,date_of_birth,sex,postcode\n\
P1,Ann,Lee,1990-02-03,F,LS1 4AP\nP2,Bob,Lee,1991-02-03,M,LS1 4AP\n";

const REQUESTS: &str = "request_id,nhs_number,given_name,surname,date_of_birth,sex,postcode\n\
R1,,Ann,Lee,1990-02-03,F,LS1 4AP\n\
R2,,Ann\n\
R3,9999999999,Bob,Lee,1991-02-03,M,LS1 4AP\n\
R4,,Zed,Nobody,1950-02-03,M,ZE1 1ZZ\n";

fn run() -> (String, BatchReport, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("people.tgx");
    let people = crate::csv_input::read_persons(PEOPLE.as_bytes()).unwrap();
    index::build(people, &out, &mut |_| {}).unwrap();
    let index = Index::open(&out).unwrap();
    let (mut answers, mut faults, mut done) = (Vec::new(), Vec::new(), 0);
    let report = trace_csv(
        &index,
        &Model::default(),
        &MatchRule::bayes(),
        (read_requests(REQUESTS.as_bytes()).unwrap(), 0),
        &mut answers,
        &mut |count| done = count,
        &mut |fault| faults.push(format!("{}:{}", fault.line, fault.fault.field)),
    )
    .unwrap();
    assert_eq!(done, 4);
    (String::from_utf8(answers).unwrap(), report, faults)
}

#[test]
fn every_row_gets_a_row_in_the_order_of_the_requests() {
    let (answers, report, faults) = run();
    let rows: Vec<Vec<&str>> = answers
        .lines()
        .map(|line| line.split(',').take(3).collect())
        .collect();
    assert_eq!(
        answers.lines().next(),
        Some("request_id,outcome,person_id,probability,score,second_score")
    );
    assert_eq!(rows[1], ["R1", "single", "P1"]);
    assert_eq!(rows[2], ["R2", "invalid", ""]);
    assert_eq!(rows[3], ["R3", "single", "P2"]);
    assert_eq!(rows[4][..2], ["R4", "no_trace"]);
    assert_eq!((report.requests, report.single, report.invalid), (4, 2, 1));
    assert_eq!(faults, ["3:row", "4:nhs_number"]);
}

#[test]
fn an_interrupted_batch_goes_on_after_its_last_whole_answer() {
    let (whole, ..) = run();
    let ends = whole.match_indices('\n').map(|(end, _)| end + 1);
    for (answered, end) in ends.enumerate() {
        let mut requests = read_requests(REQUESTS.as_bytes()).unwrap();
        let so_far = &whole[..end];
        let passed = pass_answered(&mut requests, so_far.as_bytes()).unwrap();
        assert_eq!(passed, answered as u64);
        assert_eq!(requests.count(), 4 - answered);
    }
    let mut others = read_requests(REQUESTS.as_bytes()).unwrap();
    let swapped = whole.replace("R2", "R9");
    let error = pass_answered(&mut others, swapped.as_bytes()).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("answer 2 is of another request")
    );
}

#[test]
fn the_same_answers_every_time_and_on_one_core() {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    assert_eq!(pool.install(run), run());
}
