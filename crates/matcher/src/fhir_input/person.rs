//! Makes a person of a Patient.

use super::patient::{Coding, Extension, HumanName, Identifier, Patient, PatientAddress};
use crate::people_input::limited;
use crate::terms::{read_date, read_names, read_nhs_number, read_text};
use crate::{Address, AddressKind, Fault, Name, NhsNumber, PartialDate, Person, Sex, normalize};

const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";
const PRACTICE: &str = "https://fhir.nhs.uk/Id/ods-organization-code";
const CONFIDENTIALITY: &str = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
/// Own extension of `address`, `valueCode`: one of the words of [`AddressKind`].
const ADDRESS_KIND: &str = "urn:tracegate:address-kind";
/// Own extension of `birthDate`, `valueBoolean`.
const BIRTH_DATE_ESTIMATED: &str = "urn:tracegate:birth-date-estimated";

/// A fault of a field leaves that field out; the rest is kept.
pub(super) fn person_of(patient: &Patient, faults: &mut Vec<Fault>) -> Person {
    let (name, previous_names) = names_of(&patient.name, faults);
    let (address, previous_addresses) = addresses_of(&patient.address, faults);
    let (nhs_number, superseded_nhs_numbers) = numbers_of(&patient.identifier, faults);
    let practice = patient
        .general_practitioner
        .iter()
        .map(|reference| &reference.identifier)
        .find(|identifier| identifier.system == PRACTICE && identifier.period.end.is_empty());
    let code = practice.map_or("", |practice| practice.value.as_str());
    let code = read_text(code, "gp_practice_code", faults);
    let registered = practice.map_or("", |practice| practice.period.start.as_str());
    let died = patient.deceased_date_time.as_deref().unwrap_or_default();
    Person {
        person_id: read_text(&patient.id, "person_id", faults),
        nhs_number,
        superseded_nhs_numbers,
        name,
        previous_names,
        date_of_birth: day(&patient.birth_date, "date_of_birth", faults),
        dob_estimated: is_estimated(&patient.birth_date_element.extension),
        sex: sex_of(&patient.gender, faults),
        address,
        previous_addresses,
        gp_practice_code: (!code.is_empty()).then_some(code),
        registration_date: day(registered, "registration_date", faults),
        restricted: is_restricted(&patient.meta.security, faults),
        deceased: patient.deceased_boolean == Some(true) || !died.is_empty(),
        death_date: day(died, "death_date", faults),
    }
}

/// The current number, and those before it.
fn numbers_of(
    identifiers: &[Identifier],
    faults: &mut Vec<Fault>,
) -> (Option<NhsNumber>, Vec<NhsNumber>) {
    const SUPERSEDED: &str = "superseded_nhs_numbers";
    let (mut current, mut superseded) = (None, Vec::new());
    for identifier in identifiers.iter().filter(|one| one.system == NHS_NUMBER) {
        let is_old = identifier.r#use == "old" || !identifier.period.end.is_empty();
        if is_old {
            superseded.extend(read_nhs_number(&identifier.value, SUPERSEDED, faults));
        } else if current.is_none() {
            current = read_nhs_number(&identifier.value, "nhs_number", faults);
        } else {
            let remedy = "mark all but one as `old`";
            faults.push(Fault::new("nhs_number", "more than one is current", remedy));
        }
    }
    (current, limited(superseded, SUPERSEDED, faults))
}

/// The name in use, and all others a person may be known by, in the order of the resource.
fn names_of(names: &[HumanName], faults: &mut Vec<Fault>) -> (Name, Vec<Name>) {
    let known = || names.iter().filter(|name| name.r#use != "anonymous");
    let rank = |name: &&HumanName| {
        let by_use = ["usual", "official", "", "temp", "nickname", "maiden", "old"];
        let place = by_use.iter().position(|one| *one == name.r#use);
        (!name.period.end.is_empty(), place.unwrap_or(by_use.len()))
    };
    let current = known().min_by_key(rank);
    let others = known().filter(|name| !current.is_some_and(|one| std::ptr::eq(one, *name)));
    let others: Vec<Name> = others
        .map(|name| name_of(name, "previous_names", faults))
        .filter(|name| !name.is_empty())
        .collect();
    let others = limited(others, "previous_names", faults);
    let current = current.map(|name| name_of(name, "surname", faults));
    (current.unwrap_or_default(), others)
}

fn name_of(name: &HumanName, field: &'static str, faults: &mut Vec<Fault>) -> Name {
    let mut text = |text: &str| read_text(text, field, faults);
    match name.given.split_first() {
        // Only the whole name is written: its last word is the surname.
        None if name.family.is_empty() => {
            let whole = text(&name.text).replace(['|', ';'], " ");
            read_names(&whole).into_iter().next().unwrap_or_default()
        }
        given => Name {
            given: given.map_or_else(String::new, |(first, _)| text(first)),
            middle: given.map_or_else(String::new, |(_, others)| text(&others.join(" "))),
            surname: text(&name.family),
        },
    }
}

/// Where the person is now, and all other addresses in the order of the resource.
fn addresses_of(addresses: &[PatientAddress], faults: &mut Vec<Fault>) -> (Address, Vec<Address>) {
    let rank = |address: &&PatientAddress| {
        let by_use = ["home", "", "temp", "billing", "work", "old"];
        let place = by_use.iter().position(|one| *one == address.r#use);
        let is_past = !address.period.end.is_empty() || address.r#use == "old";
        (is_past, place.unwrap_or(by_use.len()))
    };
    let current = addresses.iter().min_by_key(rank).filter(|one| !rank(one).0);
    let others = addresses
        .iter()
        .filter(|address| !current.is_some_and(|one| std::ptr::eq(one, *address)));
    let others: Vec<Address> = others
        .map(|address| address_of(address, "previous_addresses", faults))
        .collect();
    let others = limited(others, "previous_addresses", faults);
    let current = current.map(|address| Address {
        to: None,
        ..address_of(address, "address", faults)
    });
    (current.unwrap_or_default(), others)
}

fn address_of(address: &PatientAddress, field: &'static str, faults: &mut Vec<Fault>) -> Address {
    let lines = address.line.iter().map(|line| line.trim());
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    let written = match lines.is_empty() {
        true => address.text.as_str(),
        false => &lines.join(", "),
    };
    let mut text = |text: &str| read_text(text, field, faults);
    Address {
        address: text(written),
        town: text(&address.city),
        postcode: text(&address.postal_code),
        kind: kind_of(address, &lines, faults),
        from: day(&address.period.start, "address_from", faults),
        to: day(&address.period.end, field, faults),
    }
}

/// Only what is plainly a home is a home: where in doubt, nothing that locates a person may leave.
fn kind_of(address: &PatientAddress, lines: &[&str], faults: &mut Vec<Fault>) -> AddressKind {
    let own = address.extension.iter().find(|one| one.url == ADDRESS_KIND);
    if let Some(own) = own {
        return AddressKind::parse(&own.value_code).unwrap_or_else(|| {
            let remedy = "write home, care_of_practice, care_of_organisation, no_fixed_abode, \
                          withheld or unknown";
            let problem = "not a known kind; taken as withheld";
            faults.push(Fault::new("address_kind", problem, remedy));
            AddressKind::Withheld
        });
    }
    let postcode = normalize::postcode(&address.postal_code);
    let care_of = |line: &&str| {
        let line = normalize::fold(line);
        line.starts_with("C O ") || line.starts_with("CARE OF ")
    };
    match (address.r#use.as_str(), address.r#type.as_str()) {
        _ if postcode == NO_FIXED_ABODE => AddressKind::NoFixedAbode,
        _ if normalize::is_pseudo_postcode(&postcode) => AddressKind::Unknown,
        _ if lines.iter().any(care_of) => AddressKind::CareOfOrganisation,
        ("home" | "old" | "", "physical" | "both" | "") => AddressKind::Home,
        _ => AddressKind::Unknown,
    }
}

/// Pseudo postcode of people without a home, NHS Postcode Directory.
const NO_FIXED_ABODE: &str = "ZZ993VZ";

/// The day of a FHIR `date` or `dateTime`.
fn day(text: &str, field: &'static str, faults: &mut Vec<Fault>) -> Option<PartialDate> {
    let day = text.split_once('T').map_or(text, |(day, _)| day);
    read_date(day, field, faults)
}

fn is_estimated(extensions: &[Extension]) -> bool {
    let own = extensions
        .iter()
        .find(|one| one.url == BIRTH_DATE_ESTIMATED);
    own.is_some_and(|own| own.value_boolean != Some(false))
}

fn sex_of(gender: &str, faults: &mut Vec<Fault>) -> Sex {
    match gender {
        "male" => Sex::Male,
        "female" => Sex::Female,
        "other" => Sex::Other,
        "unknown" | "" => Sex::Unknown,
        _ => {
            let remedy = "write male, female, other or unknown";
            faults.push(Fault::new("sex", "not a known code", remedy));
            Sex::Unknown
        }
    }
}

/// Protection must not be lost to an unknown code: only the codes for "not restricted" count as such.
fn is_restricted(labels: &[Coding], faults: &mut Vec<Fault>) -> bool {
    let confidentiality = labels
        .iter()
        .filter(|label| label.system == CONFIDENTIALITY || label.system.is_empty());
    let mut is_restricted = false;
    for label in confidentiality {
        match label.code.as_str() {
            "U" | "L" | "M" | "N" => {}
            "R" | "V" => is_restricted = true,
            _ => {
                let problem = "not a known confidentiality code; taken as restricted";
                faults.push(Fault::new("restricted", problem, "write U, N, R or V"));
                is_restricted = true;
            }
        }
    }
    is_restricted
}
