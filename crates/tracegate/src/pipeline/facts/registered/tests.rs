//! Random registrations and changes against what may leave: I6, I11, I13, I14, I23.

use disclosure::registration::{
    Contact, MailArrangement, Patient, Protection, Residence, problems,
};
use disclosure::release::{AddressKind, Line, NOT_HELD, compose};
use disclosure::{Actor, Field, Registration, Role, arrows};
use jiff::Timestamp;
use matcher::{NhsNumber, Person};
use proptest::prelude::*;

use super::after;
use crate::pipeline::facts::held_record;
use crate::settings::Practice;
use crate::shipped;

fn practice() -> Practice {
    let text = |text: &str| text.to_owned();
    Practice {
        organization: text("practice-a"),
        code: text("Y99001"),
        name: text("Practice A"),
        address: text("1 Keeper Road"),
        town: text("Northmoor"),
        postcode: text("NM9 9AA"),
        area: text("Area"),
        complaints: text("the board"),
    }
}

fn reception() -> Actor {
    Actor {
        id: "pr".to_owned(),
        name: "P".to_owned(),
        role: Role::Practice,
        organization: "practice-a".to_owned(),
    }
}

/// A place that can be told from every other: number and postcode carry its own number.
fn place(kind: AddressKind, number: u16) -> Residence {
    let keeps = matches!(
        kind,
        AddressKind::CareOfPractice | AddressKind::CareOfOrganisation
    );
    let mail = MailArrangement {
        keeper: format!("Keeper{number}"),
        consent: true,
        hold_days: 30,
    };
    Residence {
        kind,
        address: format!("{number} Street{number}z"),
        town: format!("Town{number}z"),
        postcode: format!("NM{} {}AB", number % 10, number % 9 + 1),
        mail: keeps.then_some(mail),
    }
    .tidied()
}

fn kind() -> impl Strategy<Value = AddressKind> {
    prop::sample::select(AddressKind::ALL.to_vec())
}

fn no_home() -> impl Strategy<Value = AddressKind> {
    prop::sample::select(AddressKind::ALL[1..].to_vec())
}

/// What one form says.
#[derive(Clone, Debug)]
struct Said {
    residence: Residence,
    protection: Protection,
    birth: String,
    estimated: bool,
    number: String,
}

prop_compose! {
    fn said()(
        kind in kind(),
        number in 1_u16..400,
        pseudo in prop::option::weighted(0.1, prop::sample::select(vec!["ZZ99 3VZ", "ZZ99 3WZ", "zz993cz", "C/O NM1 1AA"])),
        protection in prop::sample::select(vec![Protection::None, Protection::None, Protection::Requested, Protection::Active]),
        birth in prop::sample::select(vec!["1980", "1980-01-01", "1980-05", "1980-05-17", "2001-01-01"]),
        estimated: bool,
        stem in 999_000_001_u32..=999_999_998,
        sentinel in prop::option::weighted(0.1, prop::sample::select(vec!["0000000000", "9999999999", "1111111111"])),
    ) -> Said {
        let mut residence = place(kind, number);
        if let (Some(pseudo), false) = (pseudo, residence.postcode.is_empty()) {
            residence.postcode = pseudo.to_owned();
        }
        let number = NhsNumber::from_stem(stem).map(NhsNumber::compact).unwrap_or_default();
        Said {
            residence,
            protection,
            birth: birth.to_owned(),
            estimated,
            number: sentinel.map_or(number, str::to_owned),
        }
    }
}

fn patient(said: &Said) -> Patient {
    Patient {
        given_name: "Given".to_owned(),
        family_name: "Family".to_owned(),
        birth_date: said.birth.clone(),
        birth_estimated: said.estimated,
        nhs_number: said.number.clone(),
        residence: said.residence.clone(),
        contact: Contact {
            phone: "0900 123456".to_owned(),
            ..Contact::default()
        },
        ..Patient::default()
    }
}

/// A registration and its changes, as far as each form is in order.
fn life(forms: &[Said]) -> Option<Registration> {
    let (by, now) = (reception(), Timestamp::UNIX_EPOCH);
    let practice = practice().residence();
    let mut now_written: Option<Registration> = None;
    for said in forms {
        let patient = patient(said);
        let mut keepers = vec![practice.clone()];
        keepers.extend(now_written.iter().flat_map(Registration::keepers));
        if !problems(&patient, &keepers).is_empty() {
            continue;
        }
        let next = Registration {
            id: "R-1".to_owned(),
            version: 1,
            person_ref: "R-1".to_owned(),
            practice: by.organization.clone(),
            patient,
            protection: said.protection,
            earlier: Vec::new(),
            refusal: None,
            registered_at: now,
            changed_at: now,
        };
        let transition = match &now_written {
            None => arrows::register(next, &by, now),
            Some(before) => arrows::change_registration(before, next, &by, now),
        };
        let disclosure::Change::Register(written) = transition.unwrap().change else {
            panic!("a registration writes one");
        };
        now_written = Some(*written);
    }
    now_written
}

fn all_told(registration: &Registration) -> (Person, Vec<Line>) {
    let person = after(Person::default(), registration, &[practice()]);
    let told = compose(&Field::ALL, &held_record(&person));
    (person, told)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn whatever_is_registered_only_a_present_unprotected_home_can_be_told(
        forms in prop::collection::vec(said(), 1..5),
    ) {
        let Some(registration) = life(&forms) else { return Ok(()) };
        let (person, told) = all_told(&registration);
        let residence = &registration.patient.residence;
        let text: String = told.iter().map(|line| format!("{}\n", line.value)).collect();
        // I6: nothing that locates leaves unless it is the present home; protection takes everything.
        let may = residence.kind == AddressKind::Home && !registration.protection.acts();
        if registration.protection.acts() {
            prop_assert!(told.is_empty(), "{told:?}");
        }
        for line in told.iter().filter(|line| line.field.locates() && !may) {
            prop_assert_eq!(&line.value, NOT_HELD);
        }
        // No earlier address leaves, whatever it was then.
        for earlier in registration.earlier.iter().filter(|one| !one.is_at(residence)) {
            prop_assert!(earlier.address.is_empty() || !text.contains(&format!("\n{}", earlier.address)), "{text}");
            prop_assert!(earlier.town.is_empty() || earlier.town == residence.town || !text.contains(&earlier.town), "{text}");
        }
        prop_assert!(!text.contains("Keeper") && !text.contains("0900"), "{text}");
        // I13: sentinels are never kept as numbers; pseudo postcodes never as a home.
        if may {
            prop_assert!(!person.address.postcode.to_uppercase().contains("ZZ99"));
        }
        let sentinels = ["0000000000", "9999999999", "1111111111"];
        let number = person.nhs_number.map(NhsNumber::compact).unwrap_or_default();
        prop_assert!(!sentinels.contains(&number.as_str()));
        // I14: an estimate, a part of a date and 1 January want one more agreeing item.
        let patient = &registration.patient;
        if patient.birth_estimated || patient.birth_date.ends_with("-01-01") {
            prop_assert!(person.jan1());
        }
        // I23: a made-up person has a number of the range that is never issued, with a valid check digit.
        if !number.is_empty() {
            prop_assert!(number.starts_with("999") && NhsNumber::parse(&number).is_ok());
        }
    }

    #[test]
    fn every_answer_without_an_address_has_one_shape(
        one in no_home(), other in no_home(), numbers in (1_u16..400, 1_u16..400), fields in prop::sample::subsequence(Field::ALL.to_vec(), 1..8),
    ) {
        let told = |kind, number| {
            let residence = place(kind, number);
            let person = Person {
                name: matcher::Name { given: "G".into(), ..matcher::Name::default() },
                address: super::address(&residence),
                ..Person::default()
            };
            compose(&fields, &held_record(&person))
        };
        // I11: nothing in the answer depends on which address, or whether there is one.
        prop_assert_eq!(told(one, numbers.0), told(other, numbers.1));
    }
}

#[test]
fn no_shipped_agreement_lets_such_an_address_out_by_any_field() {
    let library = shipped::library().unwrap();
    let mut tried = 0;
    for version in library.versions() {
        for purpose in &version.terms.purposes {
            let codes = version.terms.fields(purpose).iter();
            let fields: Vec<Field> = codes.filter_map(|code| Field::from_code(code)).collect();
            for fields in [fields, Field::ALL.to_vec()] {
                for kind in AddressKind::ALL {
                    for protected in [false, true] {
                        let telling = kind == AddressKind::Home && !protected;
                        let mut person = Person {
                            name: matcher::Name {
                                given: "Given".into(),
                                ..matcher::Name::default()
                            },
                            address: super::address(&place(kind, 77)),
                            restricted: protected,
                            ..Person::default()
                        };
                        person.previous_addresses =
                            vec![super::address(&place(AddressKind::Home, 78))];
                        let told = compose(&fields, &held_record(&person));
                        let said: String = told.iter().map(|line| line.value.clone()).collect();
                        assert!(
                            !said.contains("Street78z"),
                            "{}: the old home left",
                            version.id
                        );
                        assert!(
                            telling || !said.contains("77") && !said.contains("NM7"),
                            "{}: {said}",
                            version.id
                        );
                        tried += 1;
                    }
                }
            }
        }
    }
    assert!(tried >= 24, "the agreements were not tried");
}
