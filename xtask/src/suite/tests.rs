use super::*;

#[test]
fn a_closing_line_is_counted() {
    let line = "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; \
                finished in 0.03s";
    assert_eq!(
        count_in(line),
        Some(Count {
            passed: 12,
            failed: 0
        })
    );
    assert_eq!(
        count_in("14 passed, 1 failed"),
        Some(Count {
            passed: 14,
            failed: 1
        })
    );
    let line = "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out";
    assert_eq!(
        count_in(line),
        Some(Count {
            passed: 3,
            failed: 2
        })
    );
}

#[test]
fn other_lines_hold_no_count() {
    for line in [
        "",
        "running 5 tests",
        "test result: ok",
        "a test result: ok. 5 passed; 0 failed",
    ] {
        assert_eq!(count_in(line), None, "{line}");
    }
}

#[test]
fn counts_of_several_test_programs_add_up_and_a_failure_is_an_error() {
    let script = "echo 'test result: ok. 2 passed; 0 failed; 0 ignored'
                  echo 'test result: FAILED. 1 passed; 4 failed; 0 ignored'
                  exit 101";
    let mut count = Count::default();
    let outcome = run_counting(Command::new("sh").args(["-c", script]), &mut count);
    assert_eq!(
        count,
        Count {
            passed: 3,
            failed: 4
        }
    );
    assert!(outcome.is_err());
}
