//! A practice registers patients. What it writes is part of the index an instant later.

use disclosure::approach::Act;
use disclosure::registration::{Patient, Protection, Refusal, Residence};
use disclosure::release::AddressKind;
use disclosure::{Actor, Registration, Role, arrows};
use matcher::{MatchRule, Outcome, RawTerms};
use sha2::{Digest as _, Sha256};

use super::{StepError, apply};
use crate::gate::Gate;
use crate::gate::people::People;

/// Registers a patient, once however often the page's `key` comes; the reference.
///
/// Whoever is certainly in the index already stays one person: an address that was held before must not
/// be left behind under another reference, where it could still be told.
pub async fn register(
    gate: &Gate,
    by: &Actor,
    key: &str,
    (patient, protection): (Patient, Protection),
) -> Result<String, StepError> {
    let people = gate.fresh_people().await?;
    let mut first = new(gate, by, key, patient);
    first.person_ref =
        same_person(gate, &people, &first.patient).unwrap_or_else(|| first.id.clone());
    first.protection = protection;
    let id = first.id.clone();
    write_once(gate, arrows::register(first, by, gate.clock.now())?).await?;
    gate.fresh_people().await?;
    Ok(id)
}

/// Writes the next version, decided on version `seen`.
pub async fn change(
    gate: &Gate,
    by: &Actor,
    (id, seen): (&str, u64),
    (patient, protection): (Patient, Protection),
) -> Result<(), StepError> {
    let before = own(gate, by, id).await?;
    if before.version != seen {
        return Err(StepError::Conflict);
    }
    let next = Registration {
        patient,
        protection,
        ..before.clone()
    };
    let now = gate.clock.now();
    apply(gate, arrows::change_registration(&before, next, by, now)?).await?;
    gate.fresh_people().await?;
    Ok(())
}

/// Records that somebody was not registered, and why; the reference.
pub async fn refuse(
    gate: &Gate,
    by: &Actor,
    key: &str,
    (patient, refusal): (Patient, Refusal),
) -> Result<String, StepError> {
    let mut refused = new(gate, by, key, patient);
    refused.refusal = Some(refusal);
    let id = refused.id.clone();
    let now = gate.clock.now();
    write_once(gate, arrows::refuse_registration(refused, by, now)?).await?;
    Ok(id)
}

/// Records that the letter to a refused patient went out.
pub async fn tell_refusal(gate: &Gate, by: &Actor, id: &str) -> Result<(), StepError> {
    let refused = own(gate, by, id).await?;
    let now = gate.clock.now();
    apply(gate, arrows::tell_refusal(&refused, by, now)?).await?;
    Ok(())
}

/// A registration of the looker's own practice; that it was looked at is on record first (I9).
pub async fn view(gate: &Gate, by: &Actor, id: &str) -> Result<Registration, StepError> {
    let seen = own(gate, by, id).await?;
    let (key, now) = (gate.chance.token(), gate.clock.now());
    apply(gate, arrows::note_registration_view(&key, &seen, by, now)?).await?;
    Ok(seen)
}

/// A registration of this practice; any other is answered as if it did not exist.
pub async fn own(gate: &Gate, by: &Actor, id: &str) -> Result<Registration, StepError> {
    let kept = gate.store.registration(id).await?;
    let own = kept.filter(|one| by.role == Role::Practice && one.is_of(by));
    own.ok_or(StepError::NotFound)
}

/// Records an approach outside the channel.
pub async fn approached(
    gate: &Gate,
    by: &Actor,
    key: &str,
    (act, agency): (Act, &str),
) -> Result<(), StepError> {
    let now = gate.clock.now();
    let key = reference("approach", by, key);
    apply(gate, arrows::note_approach(&key, act, agency, by, now)?).await?;
    Ok(())
}

/// Addresses at which practices keep letters: none of them is anybody's home.
pub fn keepers(gate: &Gate) -> Vec<Residence> {
    let practices = gate.settings.practices.iter();
    practices
        .map(crate::settings::Practice::residence)
        .collect()
}

/// Where this practice keeps letters.
pub fn address_of(gate: &Gate, by: &Actor) -> Option<Residence> {
    gate.settings
        .practice(&by.organization)
        .map(crate::settings::Practice::residence)
}

fn new(gate: &Gate, by: &Actor, key: &str, patient: Patient) -> Registration {
    let now = gate.clock.now();
    Registration {
        id: reference("registration", by, key),
        version: 1,
        person_ref: String::new(),
        practice: by.organization.clone(),
        patient,
        protection: Protection::None,
        earlier: Vec::new(),
        refusal: None,
        registered_at: now,
        changed_at: now,
    }
}

/// A form that is sent again has been taken already.
async fn write_once(gate: &Gate, transition: disclosure::Transition) -> Result<(), StepError> {
    match apply(gate, transition).await {
        Ok(_) | Err(StepError::Conflict) => Ok(()),
        Err(error) => Err(error),
    }
}

fn reference(what: &str, by: &Actor, key: &str) -> String {
    let hash = Sha256::digest([what, " ", &by.id, " ", key].concat());
    let short = hex::encode(hash.get(..10).unwrap_or_default());
    format!("R-{short}")
}

/// Whoever this certainly is.
fn same_person(gate: &Gate, people: &People, patient: &Patient) -> Option<String> {
    let home = patient.residence.kind == AddressKind::Home;
    let at_home = |text| if home { text } else { "" };
    let raw = RawTerms {
        nhs_number: patient.nhs_number.as_str().into(),
        given_name: patient.given_name.as_str().into(),
        middle_name: patient.middle_name.as_str().into(),
        surname: patient.family_name.as_str().into(),
        date_of_birth: patient.birth_date.as_str().into(),
        sex: patient.gender.as_str().into(),
        address: at_home(&patient.residence.address).into(),
        town: at_home(&patient.residence.town).into(),
        postcode: at_home(&patient.residence.postcode).into(),
        ..RawTerms::default()
    };
    let (terms, _) = raw.read();
    let answer = matcher::answer(&people.index, &gate.model, &MatchRule::bayes(), &terms);
    let found = matches!(
        answer.outcome,
        Outcome::Single | Outcome::RestrictedWithheld
    );
    answer.person_id.filter(|_| found)
}
