//! One-time codes against the vectors of the standard, and what an account takes.

use disclosure::Role;
use jiff::{SignedDuration, Timestamp};

use super::totp::{KEY_BYTES, code, find, letters, step};
use super::{Account, ENROLMENT, Password, Proof, Standing, WRONG_MAX, login};
use crate::chance::Chance;

const KEY: &[u8; KEY_BYTES] = b"12345678901234567890";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// RFC 6238, appendix B, the rows of SHA-1.
const VECTORS: [(i64, &str); 6] = [
    (59, "94287082"),
    (1_111_111_109, "07081804"),
    (1_111_111_111, "14050471"),
    (1_234_567_890, "89005924"),
    (2_000_000_000, "69279037"),
    (20_000_000_000, "65353130"),
];

#[test]
fn codes_are_those_of_the_standard() {
    for (second, expected) in VECTORS {
        assert_eq!(code(KEY, step(at(second)), 8), expected, "{second}");
    }
    // RFC 4226, appendix D: the first counts.
    let counts = ["755224", "287082", "359152", "969429", "338314"];
    for (count, expected) in counts.iter().enumerate() {
        assert_eq!(code(KEY, count as u64, 6), *expected, "{count}");
    }
}

#[test]
fn a_code_is_taken_once_and_around_its_time() {
    let key = letters(KEY);
    assert_eq!(key, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    let now = at(1_111_111_109);
    let own = step(now);
    assert_eq!(find(&key, "081804", now, 0), Some(own));
    assert_eq!(find(&key, " 081 804 ", now, 0), Some(own));
    assert_eq!(find(&key, "081804", now, own), None, "spent");
    assert_eq!(find(&key, "081804", now, own + 1), None, "older than spent");
    for (seconds, taken) in [(-60, false), (-30, true), (30, true), (60, false)] {
        let then = now + SignedDuration::from_secs(seconds);
        assert_eq!(find(&key, "081804", then, 0).is_some(), taken, "{seconds}");
    }
    for wrong in ["", "81804", "081805", "0818040", "07081804", "abcdef"] {
        assert_eq!(find(&key, wrong, now, 0), None, "{wrong}");
    }
    assert_eq!(find("not base 32", "081804", now, 0), None);
}

#[test]
fn an_enrolment_code_is_good_for_three_days_however_it_is_typed() {
    let (chance, now) = (Chance::seeded(1), at(1_700_000_000));
    let place = (Role::Guardian, "controller");
    let mut account = Account::new(("ann", "Ann"), place, &chance, now);
    assert_eq!(account.standing(now), Standing::RunOut, "no code yet");
    let code = account.enrol_anew(&chance, now);
    assert_eq!(code.len(), 14, "{code}");
    let typed = code.to_lowercase().replace('-', " ");
    for good in [code.as_str(), &typed] {
        assert!(account.is_enrolled_with(good), "{good}");
    }
    for bad in ["", "BCDF-GHJK-MNPQ"] {
        assert!(!account.is_enrolled_with(bad), "{bad}");
    }
    assert_eq!(account.standing(now), Standing::Waiting);
    assert_eq!(account.standing(now + ENROLMENT), Standing::RunOut);
    account.wrong = WRONG_MAX;
    assert_eq!(account.standing(now), Standing::Locked);
    account.disabled = true;
    assert_eq!(account.standing(now), Standing::Disabled);
    let again = account.enrol_anew(&chance, now);
    assert_ne!(again, code);
    assert!(!account.is_enrolled_with(&code), "the one before is void");
    account.proof = Proof::Both {
        password: Password::of_nobody(),
        key: letters(KEY),
        spent: 0,
    };
    assert!(!account.is_enrolled_with(&again) && !account.is_enrolled_with(""));
}

#[test]
fn a_password_is_itself_and_nothing_else() {
    let password = Password::new("correct horse battery", &Chance::seeded(2));
    assert!(password.is("correct horse battery"));
    assert!(!password.is("correct horse batterY") && !password.is(""));
    assert!(!Password::of_nobody().is(""));
}

#[test]
fn login_names_are_small_letters() {
    assert_eq!(login(" Ann.Lee "), Some("ann.lee".to_owned()));
    for bad in ["", "a", "ann lee", "ann@nhs", "änn", &"a".repeat(41)] {
        assert_eq!(login(bad), None, "{bad}");
    }
}
