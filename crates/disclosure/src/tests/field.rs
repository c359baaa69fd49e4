use crate::{AgreementState, EventKind, Field};

#[test]
fn every_field_round_trips_in_record_order() {
    let mut sorted = Field::ALL;
    sorted.sort_unstable();
    assert_eq!(sorted, Field::ALL);
    for field in Field::ALL {
        assert_eq!(Field::from_code(field.code()), Some(field));
        assert_eq!(field.to_string(), field.code());
        assert_eq!(
            serde_json::to_string(&field).unwrap(),
            format!("\"{field}\"")
        );
    }
    assert_eq!(Field::from_code("passport"), None);
    assert_eq!(Field::from_code("Name"), None);
}

#[test]
fn only_the_releasable_fields_are_releasable() {
    let releasable: Vec<&str> = Field::ALL
        .into_iter()
        .filter(|field| field.is_releasable())
        .map(Field::code)
        .collect();
    assert_eq!(
        releasable,
        [
            "name",
            "previous_names",
            "birth_date",
            "gender",
            "last_known_address",
            "registration_date",
            "area_code",
            "gp_practice"
        ]
    );
}

#[test]
fn whatever_locates_a_person_is_classed_with_the_address() {
    let locating: Vec<Field> = Field::ALL
        .into_iter()
        .filter(|field| field.locates())
        .collect();
    let expected = [Field::LastKnownAddress, Field::AreaCode, Field::GpPractice];
    assert_eq!(locating, expected);
}

#[test]
fn labels_are_words() {
    assert_eq!(Field::LastKnownAddress.label(), "Last known address");
    assert_eq!(Field::GpPractice.label(), "GP practice");
    assert_eq!(Field::NhsNumber.label(), "NHS number");
}

#[test]
fn kinds_of_events_keep_their_numbers() {
    for kind in EventKind::ALL {
        assert_eq!(EventKind::from_number(kind.number()), Some(kind));
        assert!(!kind.label().is_empty());
    }
    let mut numbers = EventKind::ALL.map(EventKind::number).to_vec();
    numbers.dedup();
    assert_eq!(numbers.len(), EventKind::ALL.len());
    assert!(numbers.is_sorted());
    assert_eq!(EventKind::Released.number(), 14);
    assert_eq!(EventKind::AgreementChanged.number(), 40);
    assert_eq!(EventKind::from_number(0), None);
}

#[test]
fn only_two_states_of_an_agreement_are_open() {
    let states = [
        "not_yet",
        "in_force",
        "narrowed",
        "suspended_hold",
        "suspended_refuse",
        "ended",
    ];
    let open: Vec<&str> = states
        .into_iter()
        .filter(|code| AgreementState::from_code(code).unwrap().is_open())
        .collect();
    assert_eq!(open, ["in_force", "narrowed"]);
    for code in states {
        assert_eq!(AgreementState::from_code(code).unwrap().code(), code);
    }
    assert_eq!(AgreementState::from_code("open"), None);
}
