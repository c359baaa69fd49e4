use crate::approach::{Act, Routed};
use crate::arrows::{
    change_registration, note_approach, refuse_registration, register, tell_refusal,
};
use crate::registration::{
    Patient, Protection, Refusal, RefusalReason, Registration, Residence, problems,
};
use crate::release::AddressKind;
use crate::tests::sample::{at, caseworker, leaks, person};
use crate::{Actor, Change, Role};

fn reception() -> Actor {
    person("reception", Role::Practice, "practice-a")
}

fn registration() -> Registration {
    let residence = Residence {
        kind: AddressKind::Home,
        address: "1 Zqroad".to_owned(),
        postcode: "ZQ1 1ZQ".to_owned(),
        ..Residence::default()
    };
    Registration {
        id: "R-1".to_owned(),
        version: 1,
        person_ref: "R-1".to_owned(),
        practice: "practice-a".to_owned(),
        patient: Patient {
            family_name: "Zq".to_owned(),
            residence,
            ..Patient::default()
        },
        protection: Protection::None,
        earlier: Vec::new(),
        refusal: None,
        registered_at: at(0),
        changed_at: at(0),
    }
}

#[test]
fn only_the_patients_own_practice_writes() {
    let other = person("other", Role::Practice, "practice-b");
    for by in [other, caseworker()] {
        assert!(register(registration(), &by, at(0)).is_err());
        assert!(change_registration(&registration(), registration(), &by, at(0)).is_err());
        assert!(refuse_registration(registration(), &by, at(0)).is_err());
    }
    assert!(note_approach("k", Act::ServeNotice, "police", &caseworker(), at(0)).is_err());
}

#[test]
fn an_entry_names_the_practice_and_never_the_patient() {
    let written = register(registration(), &reception(), at(0)).unwrap();
    let all: String = written.event.audit.values().cloned().collect();
    assert!(!leaks(&all), "{all}");
    let told = &written.event.concerns[0];
    assert_eq!((told.person.as_str(), told.is_subject), ("R-1", true));
    assert!(!told.facts.values().any(|fact| leaks(fact)));
    assert_eq!(told.facts["practice"], "practice-a");
}

#[test]
fn a_change_keeps_the_address_before_and_never_lowers_protection() {
    let mut before = registration();
    before.protection = Protection::Requested;
    let mut next = registration();
    next.patient.residence.kind = AddressKind::Withheld;
    let changed = change_registration(&before, next, &reception(), at(9)).unwrap();
    let Change::Register(after) = changed.change else {
        panic!("nothing is written");
    };
    assert_eq!(after.version, 2);
    assert_eq!(after.protection, Protection::Requested);
    assert_eq!(after.earlier, [before.patient.residence]);
}

#[test]
fn an_address_that_keeps_letters_is_no_home_under_another_postcode() {
    let home = registration().patient;
    let kept = |postcode: &str| Residence {
        kind: AddressKind::CareOfPractice,
        postcode: postcode.to_owned(),
        ..home.residence.clone()
    };
    let mut sound = home.clone();
    sound.birth_date = "1980".to_owned();
    for postcode in ["zq11zq", "ZZ99 3VZ", "C/O ZQ1 1ZQ"] {
        let wrong = problems(&sound, &[kept(postcode)]);
        assert_eq!(wrong.len(), 1, "{postcode}: {wrong:?}");
    }
    assert_eq!(problems(&sound, &[kept("ZQ2 2ZQ")]), [], "another place");
}

#[test]
fn a_refusal_has_a_reason_and_its_letter_is_dated_once() {
    assert!(refuse_registration(registration(), &reception(), at(0)).is_err());
    let mut refused = registration();
    refused.person_ref = String::new();
    refused.refusal = Some(Refusal {
        reason: RefusalReason::ListClosed,
        words: String::new(),
        told_in_writing_at: None,
    });
    let written = refuse_registration(refused.clone(), &reception(), at(0)).unwrap();
    assert_eq!(written.event.audit["reason"], "list_closed");
    assert!(written.event.concerns.is_empty());
    for now in [at(5), at(50)] {
        let told = tell_refusal(&refused, &reception(), now).unwrap();
        let Change::Register(after) = told.change else {
            panic!("nothing is written");
        };
        refused = *after;
    }
    assert_eq!(refused.refusal.unwrap().told_in_writing_at, Some(at(5)));
}

#[test]
fn each_approach_has_its_place_and_its_code() {
    for act in Act::ALL {
        assert_eq!(Act::from_code(act.code()), Some(act));
        let written = note_approach("k", act, "Some Body", &reception(), at(0)).unwrap();
        let audit = &written.event.audit;
        assert_eq!(audit["code"], act.routed().code());
        assert_eq!(audit["agency"], "not_a_code");
    }
    assert_eq!(Act::ServeNotice.routed().code(), "act_not_data");
    assert_eq!(Act::HandOverList.routed(), Routed::Bulk);
    assert!(Act::ConfirmAddress.is_about_data());
}
