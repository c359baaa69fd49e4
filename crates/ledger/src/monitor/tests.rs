use std::fs;

use super::*;
use crate::folder::Folder;
use crate::testing::{TestLog, entries, key};

const STALE_AFTER: u64 = 600;

fn look_at(log: &TestLog, before: Option<&Watch>, now: u64) -> Result<Watch, Alarm> {
    let policy = Policy::log_alone(key());
    look(
        &Folder::new(log.folder()),
        &policy,
        before,
        now,
        STALE_AFTER,
    )
}

fn size(watch: &Watch) -> u64 {
    Checkpoint::open(&watch.note, &key()).unwrap().size
}

/// A log whose entry 3 is another, signed with the same key.
fn rewritten(size: u64) -> TestLog {
    let log = TestLog::new(&[]);
    let mut altered = entries(0..size);
    altered[3][8] ^= 1;
    log.open().unwrap().publish(0, &altered).unwrap();
    log
}

#[test]
fn a_growing_log_is_followed() {
    let log = TestLog::new(&[0]);
    let mut watch = look_at(&log, None, 0).unwrap();
    for (now, grown) in (1..).zip([0, 1, 5, 300, 700]) {
        log.publish(grown).unwrap();
        watch = look_at(&log, Some(&watch), now).unwrap();
        assert_eq!(size(&watch), grown);
        assert_eq!(watch.since, if grown == 0 { 0 } else { now });
    }
}

#[test]
fn a_log_without_new_heads_goes_stale() {
    let log = TestLog::new(&[5]);
    let watch = look_at(&log, None, 1000).unwrap();
    assert_eq!(
        look_at(&log, Some(&watch), 1000 + STALE_AFTER).unwrap(),
        watch
    );
    let alarm = look_at(&log, Some(&watch), 1001 + STALE_AFTER).unwrap_err();
    assert!(matches!(alarm, Alarm::Stale(601)), "{alarm}");
    // A clock set back is no alarm.
    look_at(&log, Some(&watch), 0).unwrap();
}

#[test]
fn rollback_split_view_and_rewriting_are_alarms() {
    let watch = look_at(&TestLog::new(&[300]), None, 0).unwrap();
    let alarm = look_at(&TestLog::new(&[299]), Some(&watch), 1).unwrap_err();
    assert!(
        matches!(
            alarm,
            Alarm::RolledBack {
                before: 300,
                now: 299
            }
        ),
        "{alarm}"
    );
    let alarm = look_at(&rewritten(300), Some(&watch), 1).unwrap_err();
    assert!(matches!(alarm, Alarm::SplitView(300)), "{alarm}");
    let alarm = look_at(&rewritten(400), Some(&watch), 1).unwrap_err();
    assert!(
        matches!(
            alarm,
            Alarm::Rewritten {
                before: 300,
                now: 400,
                ..
            }
        ),
        "{alarm}"
    );
}

#[test]
fn missing_and_forged_files_are_alarms() {
    let log = TestLog::new(&[300]);
    let watch = look_at(&log, None, 0).unwrap();
    log.publish(700).unwrap();
    fs::remove_file(log.folder().join("tile/0/001")).unwrap();
    let alarm = look_at(&log, Some(&watch), 1).unwrap_err();
    assert_eq!(alarm.to_string(), "`tile/0/001` is missing");
    fs::write(log.folder().join("checkpoint"), "x").unwrap();
    let alarm = look_at(&log, Some(&watch), 1).unwrap_err();
    assert!(
        matches!(alarm, Alarm::Files(VerifyError::Checkpoint(_))),
        "{alarm}"
    );
}

#[test]
fn a_state_file_is_read_back_or_refused() {
    let watch = look_at(&TestLog::new(&[5]), None, 1000).unwrap();
    let text = watch.to_string();
    assert!(text.starts_with("since 1000\nlog.example/2026\n5\n"));
    assert_eq!(Watch::parse(text.as_bytes()), Some(watch));
    for wrong in [
        "",
        "since 1000",
        &text[5..],
        &text.replacen("1000", "01000", 1),
        &text[..text.len() - 1],
    ] {
        assert_eq!(Watch::parse(wrong.as_bytes()), None, "{wrong}");
    }
}
