use super::*;

const TABLE: &str = "sound\taccept\tgo rust\nfork\treject\tgo\n";

fn verdicts(sound: bool, fork: bool) -> Verdicts {
    let verdict = |case: &str, accepted| {
        (
            (case.to_owned(), "go".to_owned()),
            (accepted, String::new()),
        )
    };
    Verdicts::from([verdict("sound", sound), verdict("fork", fork)])
}

#[test]
fn every_verdict_must_be_the_right_one() {
    let judge = |sound, fork| {
        let mut count = Count::default();
        let right = compare(TABLE, &verdicts(sound, fork), &mut count).is_ok();
        (right, count.passed, count.failed)
    };
    assert_eq!(judge(true, false), (true, 2, 0));
    assert_eq!(judge(true, true), (false, 1, 1));
    assert_eq!(judge(false, true), (false, 0, 2));
}

#[test]
fn a_missing_verdict_is_no_acceptance() {
    let mut count = Count::default();
    assert!(compare(TABLE, &Verdicts::new(), &mut count).is_err());
}
