use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::sample::{DAY, WINDOW, at};
use crate::case::AnswerWindow;

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn window(tick_seconds: i64, earliest_seconds: i64) -> AnswerWindow {
    AnswerWindow {
        tick_seconds,
        earliest_seconds,
    }
}

#[test]
fn a_daily_window_answers_at_the_midnight_after_five_days() {
    let expected: Timestamp = "2018-05-20T00:00:00Z".parse().unwrap();
    for now in [0, 1, DAY, 5 * DAY - 1, 5 * DAY] {
        assert_eq!(
            WINDOW.answer_at(at(0), at(now)),
            expected,
            "decided after {now} s"
        );
    }
}

#[test]
fn a_late_decision_waits_for_the_next_tick() {
    let expected: Timestamp = "2018-05-24T00:00:00Z".parse().unwrap();
    assert_eq!(WINDOW.answer_at(at(0), at(9 * DAY)), expected);
}

#[test]
fn an_answer_never_leaves_at_the_instant_of_the_decision() {
    assert_eq!(
        window(10, 0).answer_at(second(100), second(100)),
        second(110)
    );
    assert_eq!(
        window(1, 0).answer_at(second(100), second(100)),
        second(101)
    );
    let fraction = second(100) + SignedDuration::from_millis(1);
    assert_eq!(window(1, 0).answer_at(fraction, fraction), second(101));
}

#[test]
fn senseless_settings_are_read_as_the_nearest_sensible() {
    assert_eq!(window(0, 0).answer_at(second(7), second(7)), second(8));
    assert_eq!(window(-5, 0).answer_at(second(7), second(7)), second(8));
    assert_eq!(
        window(1, i64::MIN).answer_at(second(7), second(7)),
        second(8)
    );
}

#[test]
fn times_before_1970_fall_on_the_same_ticks() {
    assert_eq!(
        window(10, 0).answer_at(second(-100), second(-100)),
        second(-90)
    );
    assert_eq!(window(10, 5).answer_at(second(-13), second(-13)), second(0));
    let fraction = second(-2) + SignedDuration::from_millis(500);
    assert_eq!(window(1, 0).answer_at(fraction, fraction), second(-1));
}

/// An answer that cannot have a time never leaves: leaving early would tell.
#[test]
fn overflow_never_answers_early() {
    for window in [
        window(1, i64::MAX),
        window(i64::MAX, 0),
        window(i64::MAX, i64::MAX),
    ] {
        assert_eq!(window.answer_at(second(7), second(7)), Timestamp::MAX);
    }
    assert_eq!(
        window(10, 0).answer_at(Timestamp::MAX, Timestamp::MAX),
        Timestamp::MAX
    );
    assert_eq!(
        window(i64::MAX, 0).answer_at(Timestamp::MIN, Timestamp::MIN),
        second(0)
    );
}

proptest! {
    #[test]
    fn answers_leave_at_the_first_tick_after_the_earliest(
        tick in 1_i64..200_000,
        earliest in 0_i64..2_000_000,
        received in -4_000_000_000_i64..4_000_000_000,
        late in 0_i64..4_000_000,
        nanosecond in 0_i64..1_000_000_000,
    ) {
        let received = second(received) + SignedDuration::from_nanos(nanosecond);
        let now = received + SignedDuration::from_secs(late);
        let answer = window(tick, earliest).answer_at(received, now);
        let floor = (received + SignedDuration::from_secs(earliest)).max(now);
        prop_assert!(answer > floor);
        prop_assert!(answer.duration_since(floor) <= SignedDuration::from_secs(tick));
        prop_assert_eq!(answer.as_second().rem_euclid(tick), 0);
        prop_assert_eq!(answer.subsec_nanosecond(), 0);
    }

    /// I10: inside the window the moment of the decision leaves no trace in the answer's time.
    #[test]
    fn inside_the_window_only_receipt_counts(
        tick in 1_i64..200_000,
        earliest in 1_i64..2_000_000,
        received in 0_i64..4_000_000_000,
        shares in prop::array::uniform2(0.0..=1.0_f64),
    ) {
        let window = window(tick, earliest);
        let [first, second_decision] = shares.map(|share| {
            let wait = SignedDuration::from_secs_f64(earliest as f64 * share);
            window.answer_at(second(received), second(received) + wait)
        });
        prop_assert_eq!(first, second_decision);
    }
}
