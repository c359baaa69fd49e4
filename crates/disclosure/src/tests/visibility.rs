use super::sample::{AGENCY, OTHER_AGENCY, checked, person, request};
use crate::visibility::{Audience, Item, audience, may_see};
use crate::{Actor, Role};

const AUDIENCES: [(char, Audience); 5] = [
    ('P', Audience::Public),
    ('S', Audience::Subject),
    ('R', Audience::Requester),
    ('C', Audience::Casework),
    ('O', Audience::Overseer),
];

/// The published table: item, and who sees it.
const TABLE: [(Item, &str); 25] = [
    (Item::AgreementText, "PSRCO"),
    (Item::Statistics, "PSRCO"),
    (Item::References, "RCO"),
    (Item::Channel, "O"),
    (Item::Requester, "RCO"),
    (Item::RequesterCheck, "O"),
    (Item::Justification, "CO"),
    (Item::SubjectTerms, "RCO"),
    (Item::FieldsRequested, "RCO"),
    (Item::OutwardStatus, "RCO"),
    (Item::InternalStatus, "CO"),
    (Item::Checks, "CO"),
    (Item::CheckEngine, "O"),
    (Item::Trace, "CO"),
    (Item::DecisionOutcome, "RCO"),
    (Item::LawfulBasis, "SRCO"),
    (Item::InternalCode, "CO"),
    (Item::Weighing, "CO"),
    (Item::Deciders, "O"),
    (Item::ReleaseRecipient, "SRCO"),
    (Item::ReleaseFields, "SRCO"),
    (Item::ReleaseValues, "RCO"),
    (Item::OutcomeReturn, "RCO"),
    (Item::Deferral, "CO"),
    (Item::History, "CO"),
];

#[test]
fn everybody_sees_what_the_table_says_and_nothing_else() {
    assert_eq!(TABLE.map(|(item, _)| item), Item::ALL);
    for (item, letters) in TABLE {
        for (letter, audience) in AUDIENCES {
            let expected = letters.contains(letter);
            assert_eq!(may_see(audience, item), expected, "{audience:?} {item:?}");
        }
    }
}

#[test]
fn the_overseer_sees_all_that_casework_sees() {
    for item in Item::ALL {
        assert!(!may_see(Audience::Casework, item) || may_see(Audience::Overseer, item));
    }
}

#[test]
fn nothing_personal_is_public() {
    let public: Vec<Item> = Item::ALL
        .into_iter()
        .filter(|item| may_see(Audience::Public, *item))
        .collect();
    assert_eq!(public, [Item::AgreementText, Item::Statistics]);
}

#[test]
fn a_case_is_the_business_of_its_agency_and_of_the_controller() {
    let case = checked(request());
    for (role, organization, expected) in [
        (Role::Officer, AGENCY, Some(Audience::Requester)),
        (Role::Authoriser, AGENCY, Some(Audience::Requester)),
        (Role::Officer, OTHER_AGENCY, None),
        (Role::Authoriser, OTHER_AGENCY, None),
        (Role::Caseworker, "controller", Some(Audience::Casework)),
        (Role::Guardian, "controller", Some(Audience::Casework)),
        (Role::Overseer, "committee", Some(Audience::Overseer)),
        (Role::Caseworker, AGENCY, Some(Audience::Requester)),
        (Role::Guardian, AGENCY, Some(Audience::Requester)),
        (Role::Overseer, AGENCY, Some(Audience::Requester)),
    ] {
        let actor = person("somebody", role, organization);
        assert_eq!(
            audience(&actor, &case),
            expected,
            "{role:?} of {organization}"
        );
    }
    assert_eq!(audience(&Actor::gate(), &case), Some(Audience::Casework));
}
