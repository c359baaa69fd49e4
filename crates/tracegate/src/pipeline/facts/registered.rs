//! From registrations to people of the index.

use std::collections::BTreeMap;

use disclosure::Registration;
use disclosure::registration::{Patient, Residence};
use matcher::{Address, Index, Name, NhsNumber, PartialDate, Person, Sex};

use crate::settings::Practice;

/// Everybody registered, as the index is to hold them now. Who was in the index before is one person
/// with what was held; the address held before is from now on one to search by.
pub fn registered(all: &[Registration], base: &Index, practices: &[Practice]) -> Vec<Person> {
    let mut by_person = BTreeMap::<&str, Vec<&Registration>>::new();
    for one in all.iter().filter(|one| one.refusal.is_none()) {
        by_person.entry(&one.person_ref).or_default().push(one);
    }
    let people = by_person.into_iter().map(|(reference, mut written)| {
        written.sort_by_key(|one| (one.changed_at, one.registered_at));
        let held = base.find(reference).and_then(|row| base.person(row));
        let mut person = held.unwrap_or_else(|| Person {
            person_id: reference.to_owned(),
            ..Person::default()
        });
        for one in written {
            person = after(person, one, practices);
        }
        // A number that is somebody else's in the index stays theirs.
        let owner = person
            .nhs_number
            .and_then(|number| base.find_nhs_number(number));
        let owner = owner.and_then(|row| base.person(row));
        if owner.is_some_and(|owner| owner.person_id != reference) {
            person.nhs_number = None;
        }
        person
    });
    people.collect()
}

/// The person after one registration.
pub fn after(mut person: Person, one: &Registration, practices: &[Practice]) -> Person {
    let patient = &one.patient;
    let name = name(patient);
    if !person.name.is_empty() && person.name != name {
        person.previous_names.push(std::mem::take(&mut person.name));
    }
    person.name = name;
    person
        .previous_names
        .extend(patient.previous_names.iter().map(|text| whole_name(text)));
    person.previous_names.sort();
    person.previous_names.dedup();
    let number = NhsNumber::parse(&patient.nhs_number).ok();
    person.nhs_number = number.or(person.nhs_number);
    person.date_of_birth = PartialDate::parse(&patient.birth_date).ok();
    person.dob_estimated = patient.birth_estimated;
    person.sex = Sex::parse(&patient.gender).unwrap_or_default();
    let before = std::mem::replace(&mut person.address, address(&patient.residence));
    let earlier = one.earlier.iter().map(address).chain([before]);
    let earlier = earlier.filter(|one| !one.is_empty());
    person.previous_addresses.extend(earlier);
    let current = person.address.clone();
    let place = |one: &Address| (one.address.clone(), one.postcode.clone());
    person
        .previous_addresses
        .retain(|one| place(one) != place(&current));
    person.previous_addresses.sort();
    person.previous_addresses.dedup();
    let practice = practices
        .iter()
        .find(|known| known.organization == one.practice);
    person.gp_practice_code = practice.map(|known| known.code.clone());
    let day = one.registered_at.strftime("%Y-%m-%d").to_string();
    person.registration_date = PartialDate::parse(&day).ok();
    // Protection is never lost by registering elsewhere.
    person.restricted |= one.protection.acts();
    person
}

fn name(patient: &Patient) -> Name {
    Name {
        given: patient.given_name.clone(),
        middle: patient.middle_name.clone(),
        surname: patient.family_name.clone(),
    }
}

/// Given name first; the last word is the family name.
fn whole_name(text: &str) -> Name {
    let (given, surname) = text.trim().rsplit_once(' ').unwrap_or(("", text.trim()));
    let (given, middle) = given.split_once(' ').unwrap_or((given, ""));
    Name {
        given: given.to_owned(),
        middle: middle.trim().to_owned(),
        surname: surname.to_owned(),
    }
}

fn address(residence: &Residence) -> Address {
    use disclosure::release::AddressKind as Kind;
    Address {
        address: residence.address.clone(),
        town: residence.town.clone(),
        postcode: residence.postcode.clone(),
        kind: match residence.kind {
            Kind::Home => matcher::AddressKind::Home,
            Kind::CareOfPractice => matcher::AddressKind::CareOfPractice,
            Kind::CareOfOrganisation => matcher::AddressKind::CareOfOrganisation,
            Kind::NoFixedAbode => matcher::AddressKind::NoFixedAbode,
            Kind::Withheld => matcher::AddressKind::Withheld,
            Kind::Unknown => matcher::AddressKind::Unknown,
        },
        from: None,
        to: None,
    }
}

#[cfg(test)]
mod tests;
