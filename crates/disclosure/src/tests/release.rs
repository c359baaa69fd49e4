use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::sample::subsequence;

use super::sample::{DAY, after, at, caseworker, collected, held, officer, releasable, released};
use crate::case::DOWNLOAD_KEPT;
use crate::release::{AddressKind, HeldRecord, Line, NOT_HELD, compose};
use crate::{Actor, ArrowError, Case, Field, arrows, outward};

const KINDS: [AddressKind; 6] = [
    AddressKind::Home,
    AddressKind::CareOfPractice,
    AddressKind::CareOfOrganisation,
    AddressKind::NoFixedAbode,
    AddressKind::Withheld,
    AddressKind::Unknown,
];

/// Every way of having no address that may be told. All must look alike.
fn without_address() -> Vec<(&'static str, HeldRecord)> {
    let mut records: Vec<(&str, HeldRecord)> = KINDS
        .into_iter()
        .skip(1)
        .map(|kind| {
            let record = HeldRecord {
                address_kind: kind,
                ..held()
            };
            ("by kind", record)
        })
        .collect();
    for (address, postcode) in [
        ("", "ZQ9 9ZQ"),
        (" ", "ZQ9 9ZQ"),
        ("2 Zqroad", ""),
        ("2 Zqroad", "ZZ99 3VZ"),
        ("2 Zqroad", " zz99 3wz"),
        ("2 Zqroad", "Z Z99-3CZ"),
        ("2 Zqroad, ZZ99 3VZ", "ZQ9 9ZQ"),
        ("c/o Zqpractice, 2 Zqroad", "ZQ9 9ZQ"),
        ("Care of: Zqcharity", "ZQ9 9ZQ"),
        ("No fixed abode", "ZQ9 9ZQ"),
        ("N.F.A. (NFA), Zqtown", "ZQ9 9ZQ"),
    ] {
        let record = HeldRecord {
            address: address.to_owned(),
            postcode: postcode.to_owned(),
            ..held()
        };
        records.push(("by text", record));
    }
    records
}

fn value(record: &[Line], field: Field) -> Option<&str> {
    let line = record.iter().find(|line| line.field == field);
    line.map(|line| line.value.as_str())
}

#[test]
fn a_home_address_is_told_with_its_start() {
    let record = compose(&releasable(), &held());
    let told: Vec<(&str, &str)> = record
        .iter()
        .map(|line| (line.field.code(), line.value.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("name", "Zqgiven Zqsurname"),
            ("previous_names", "Zqgiven Zqprevious"),
            ("birth_date", "1980-03-04"),
            ("gender", "F"),
            (
                "last_known_address",
                "2 Zqroad, Zqcity, ZQ9 9ZQ (since 2017-02-01)"
            ),
            ("registration_date", "2016-01-02"),
            ("area_code", "ZQ9"),
            ("gp_practice", "A81001"),
        ]
    );
}

/// I6, I10: care of, no fixed abode, withheld, unknown, pseudo postcode and missing are one answer,
/// for every set of fields.
#[test]
fn every_address_that_may_not_be_told_looks_alike() {
    let all = releasable();
    for set in 1_u32..1 << all.len() {
        let chosen = |position: &usize| set & (1 << position) != 0;
        let fields: Vec<Field> = (0..all.len()).filter(chosen).map(|at| all[at]).collect();
        let home = compose(&fields, &held());
        assert_eq!(home.len(), fields.len());
        let only_locates = fields.iter().all(|field| field.locates());
        for (why, record) in without_address() {
            let told = compose(&fields, &record);
            if only_locates {
                assert_eq!(told, [], "{why} {record:?}");
                continue;
            }
            for (line, at_home) in told.iter().zip(&home) {
                let expected = if line.field.locates() {
                    NOT_HELD
                } else {
                    &at_home.value
                };
                assert_eq!(line.value, expected, "{why} {record:?}");
            }
            assert_eq!(told.len(), fields.len());
        }
    }
}

#[test]
fn streets_that_only_sound_like_no_home_are_told() {
    for address in ["3 Abode Lane", "4 Nfax Way", "5 Zzyzx Road"] {
        let record = HeldRecord {
            address: address.to_owned(),
            ..held()
        };
        let told = compose(&[Field::LastKnownAddress], &record);
        assert!(
            value(&told, Field::LastKnownAddress)
                .unwrap()
                .starts_with(address)
        );
    }
}

#[test]
fn a_pseudo_practice_is_not_held() {
    for practice in ["V81998", "v81999", " V81999 ", ""] {
        let record = HeldRecord {
            gp_practice: practice.to_owned(),
            ..held()
        };
        let told = compose(&[Field::GpPractice, Field::LastKnownAddress], &record);
        assert_eq!(
            value(&told, Field::GpPractice),
            Some(NOT_HELD),
            "`{practice}`"
        );
        assert_ne!(value(&told, Field::LastKnownAddress), Some(NOT_HELD));
        assert_eq!(compose(&[Field::GpPractice], &record), []);
    }
}

#[test]
fn nothing_is_told_of_a_protected_or_deceased_person() {
    for (restricted, deceased) in [(true, false), (false, true), (true, true)] {
        let record = HeldRecord {
            restricted,
            deceased,
            ..held()
        };
        assert_eq!(compose(&releasable(), &record), []);
    }
}

#[test]
fn a_field_that_never_leaves_does_not_leave_even_when_approved() {
    assert_eq!(
        compose(
            &[Field::NhsNumber, Field::Phone, Field::PastAddress],
            &held()
        ),
        []
    );
    let record = compose(&Field::ALL, &held());
    let told: Vec<Field> = record.iter().map(|line| line.field).collect();
    assert_eq!(told, releasable());
    assert_eq!(compose(&[], &held()), []);
}

#[test]
fn an_empty_value_is_not_held() {
    let record = HeldRecord {
        previous_names: Vec::new(),
        ..held()
    };
    let told = compose(&[Field::Name, Field::PreviousNames], &record);
    assert_eq!(value(&told, Field::PreviousNames), Some(NOT_HELD));
    assert_eq!(compose(&[Field::PreviousNames], &record), []);
}

#[test]
fn a_download_ends_and_its_record_is_emptied() {
    let gate = Actor::gate();
    let case = collected();
    let until = case.answer_at.unwrap() + DOWNLOAD_KEPT;
    assert_eq!(case.download_until(), Some(until));
    let early = arrows::end_download(&case, &gate, until - SignedDuration::from_secs(1));
    assert!(early.is_err());
    assert!(arrows::end_download(&case, &caseworker(), until).is_err());
    let case = after(arrows::end_download(&case, &gate, until));
    assert_eq!(case.state.code(), "outcome_due");
    let release = &case.state.disclosed().unwrap().release;
    assert_eq!(release.record, []);
    assert!(release.repeats("collect-1") && !release.repeats("collect-2"));
    assert_eq!(case.download_until(), None);
    assert!(arrows::end_download(&case, &gate, until).is_err());
    let again = arrows::collect_again(&case, ("collect-1", "u"), &releasable(), &officer(), until);
    assert_eq!(again, Err(ArrowError::AlreadyCollected));
}

/// The agency is told that it has come too late, not that something is ready.
#[test]
fn a_release_nobody_collects_ends_with_its_data_life() {
    let until = at(32 * DAY);
    let case = released();
    assert_eq!(case.download_until(), Some(until));
    let case = after(arrows::end_download(&case, &Actor::gate(), until));
    assert_eq!(outward::answer(&case, until).status, "expired");
    let late = arrows::collect(&case, "late", &releasable(), &officer(), until);
    assert_eq!(late, Err(ArrowError::AlreadyCollected));
}

/// I5: an overlay since the decision takes fields out of a release that waits for collection.
#[test]
fn what_was_narrowed_since_the_decision_never_leaves() {
    let case = released();
    let now = case.answer_at.unwrap();
    let fields = |case: &Case| {
        let lines = case.state.disclosed().unwrap().release.record.clone();
        lines.iter().map(|line| line.field).collect::<Vec<_>>()
    };
    assert!(fields(&case).len() > 1, "{:?}", fields(&case));
    let step = arrows::collect(&case, "key-1", &[Field::Name], &officer(), now).unwrap();
    assert_eq!(step.event.audit["fields"], "name");
    let collected = step.case().unwrap().clone();
    assert_eq!(fields(&collected), [Field::Name]);
    let again = |agreed: &[Field]| {
        arrows::collect_again(&collected, ("key-1", "u"), agreed, &officer(), now)
    };
    assert!(again(&[Field::Name]).is_ok());
    for none in [&[][..], &[Field::GpPractice][..]] {
        let nothing = Err(ArrowError::NothingAgreed);
        assert_eq!(
            arrows::collect(&case, "key-1", none, &officer(), now),
            nothing
        );
        assert_eq!(again(none), nothing);
    }
}

proptest! {
    /// I5, I6 for any fields in any order.
    #[test]
    fn what_leaves_is_within_what_was_approved(
        fields in subsequence(Field::ALL.to_vec(), 0..=Field::ALL.len()).prop_shuffle(),
        kind in prop::sample::select(KINDS.to_vec()),
        postcode in prop::sample::select(vec!["ZQ9 9ZQ", "ZZ99 3VZ", "zz993wz", ""]),
        restricted: bool,
        deceased: bool,
    ) {
        let record = HeldRecord {
            address_kind: kind,
            postcode: postcode.to_owned(),
            restricted,
            deceased,
            ..held()
        };
        let home = kind == AddressKind::Home && postcode == "ZQ9 9ZQ";
        let told = compose(&fields, &record);
        for line in &told {
            prop_assert!(fields.contains(&line.field) && line.field.is_releasable());
            prop_assert!(home || !line.field.locates() || line.value == NOT_HELD);
        }
        prop_assert!(!(restricted || deceased) || told.is_empty());
        prop_assert!(told.is_empty() || told.iter().any(|line| line.value != NOT_HELD));
    }
}
