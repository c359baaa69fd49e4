//! What people ask about themselves, and its effect: a protected person is withheld, and an address that
//! its person calls wrong never leaves.

use disclosure::arrows::{self, Acting, Wish};
use disclosure::release::{AddressKind, HeldRecord, NOT_HELD};
use disclosure::trace::{Candidate, TraceOutcome, TraceResult};
use disclosure::wishes::{Item, Objection, Wishes};
use disclosure::{Actor, Case, Field, State, Transition};
use jiff::{SignedDuration, Timestamp};
use matcher::Person;
use sha2::{Digest as _, Sha256};

use super::{StepError, facts, subject};
use crate::gate::Gate;

/// A code works this long: a week to meet whoever is to act.
const INVITED: SignedDuration = SignedDuration::from_hours(24 * 7);

/// Whose desk somebody sits at.
pub struct Own {
    /// Reference into the person index.
    pub person: String,
    /// In whose place they sit there.
    pub acting: Acting,
    /// What has been asked so far.
    pub wishes: Wishes,
}

/// The desk of whoever has signed in with this code of their own, or of the person who lets them act
/// under this reference. Anything else is answered as if there were nothing.
pub async fn whose(
    gate: &Gate,
    by: &Actor,
    code: Option<&str>,
    reference: &str,
) -> Result<Own, StepError> {
    if !reference.is_empty() {
        let wishes = gate.store.wishes(reference).await?;
        let wishes = wishes.filter(|wishes| wishes.lets_act(by));
        let wishes = wishes.ok_or(StepError::NotFound)?;
        return Ok(Own {
            person: wishes.person.clone(),
            acting: Acting::ForThem,
            wishes,
        });
    }
    let code = code.ok_or(StepError::NotFound)?;
    let person = subject::person_of(&gate.store, &gate.people().index, code).await?;
    let person = person.ok_or(StepError::NotFound)?;
    Ok(Own {
        wishes: of(gate, &person).await?,
        acting: Acting::Themselves,
        person,
    })
}

/// What a person has asked, or the empty beginning of it.
pub async fn of(gate: &Gate, person: &str) -> Result<Wishes, StepError> {
    let kept = gate.store.wishes_of(person).await?;
    Ok(kept.unwrap_or_else(|| Wishes::of(person, letters(gate))))
}

impl Own {
    /// Nothing is shown or changed online where the person wants it so.
    pub fn open(&self) -> Result<(), StepError> {
        match self.wishes.hidden_since {
            None => Ok(()),
            Some(_) => Err(StepError::NotAllowed("nothing is shown online here")),
        }
    }
}

/// Records a wish.
pub async fn wish(gate: &Gate, own: &Own, by: &Actor, wish: Wish) -> Result<(), StepError> {
    own.open()?;
    let now = gate.clock.now();
    write(gate, arrows::wish(&own.wishes, wish, own.acting, by, now)?).await
}

/// Asks for a correction; what the index holds now is kept beside it.
pub async fn correct(
    gate: &Gate,
    own: &Own,
    by: &Actor,
    item: Item,
    says: String,
) -> Result<(), StepError> {
    let person = person(gate, &own.person);
    let held = person.map_or_else(String::new, |person| value(item, &person));
    wish(gate, own, by, Wish::Correct { item, says, held }).await
}

/// A code for whoever is to act for the person. It is told once and kept nowhere.
pub async fn invite(gate: &Gate, own: &Own, by: &Actor) -> Result<String, StepError> {
    let code = format!("{}-{}", own.wishes.id, letters(gate));
    let until = gate.clock.now().checked_add(INVITED).unwrap_or_default();
    let invite = Wish::Invite {
        hash: hash(&code),
        until,
    };
    wish(gate, own, by, invite).await?;
    Ok(code)
}

/// Somebody uses a code and acts for the person from now on.
pub async fn accept(gate: &Gate, by: &Actor, code: &str) -> Result<(), StepError> {
    let reference = reference_in(code).ok_or(StepError::NotFound)?;
    let wishes = gate.store.wishes(&reference).await?;
    let wishes = wishes.ok_or(StepError::NotFound)?;
    let now = gate.clock.now();
    write(
        gate,
        arrows::accept_delegation(&wishes, &hash(code), by, now)?,
    )
    .await
}

/// Ten letters that are not taken for one another, in groups: 46 bits.
fn letters(gate: &Gate) -> String {
    let reference = gate.chance.reference();
    reference.trim_start_matches("TG-").to_owned()
}

/// The letters of a code, however it was written down.
fn plain(code: &str) -> String {
    let letters = code.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_uppercase()).collect()
}

/// The first half of a code: whose document it is for.
fn reference_in(code: &str) -> Option<String> {
    let code = plain(code);
    let (first, second) = (code.get(..4)?, code.get(4..8)?);
    Some(format!("{first}-{second}-{}", code.get(8..10)?))
}

fn hash(code: &str) -> String {
    hex::encode(Sha256::digest(plain(code)))
}

/// The staff answer a correction.
pub async fn answer(
    gate: &Gate,
    by: &Actor,
    (reference, seen): (&str, u64),
    answer: (usize, bool),
    reason: &str,
) -> Result<(), StepError> {
    let wishes = gate.store.wishes(reference).await?;
    let wishes = wishes.ok_or(StepError::NotFound)?;
    if wishes.version != seen {
        return Err(StepError::Conflict);
    }
    let now = gate.clock.now();
    write(
        gate,
        arrows::answer_correction(&wishes, answer, reason, by, now)?,
    )
    .await
}

/// The clerk shows everything online again.
pub async fn show_again(gate: &Gate, by: &Actor, code: &str) -> Result<(), StepError> {
    let person = subject::person_of(&gate.store, &gate.people().index, code).await?;
    let wishes = of(gate, &person.ok_or(StepError::NotFound)?).await?;
    write(gate, arrows::show_again(&wishes, by, gate.clock.now())?).await
}

/// Records that somebody looks at what is held of a person, before they do (I9).
pub async fn look(gate: &Gate, person: &str, acting: Acting, by: &Actor) -> Result<(), StepError> {
    let (key, now) = (gate.chance.token(), gate.clock.now());
    write(
        gate,
        arrows::note_details_read(&key, person, acting, by, now),
    )
    .await
}

async fn write(gate: &Gate, transition: Transition) -> Result<(), StepError> {
    gate.store.apply(transition).await?;
    Ok(())
}

/// The person in the index.
pub fn person(gate: &Gate, reference: &str) -> Option<Person> {
    let index = &gate.people().index;
    let row = index.find(reference)?;
    index.person(row)
}

/// What the index holds of an item, in one line.
pub fn value(item: Item, person: &Person) -> String {
    let held = facts::held_record(person);
    match item {
        Item::Name => held.name,
        Item::BirthDate => held.birth_date,
        Item::Gender => held.gender,
        Item::Address => address(&held),
        Item::GpPractice => held.gp_practice,
        Item::EndProtection => String::new(),
    }
}

fn address(held: &HeldRecord) -> String {
    let parts = [held.address.as_str(), &held.postcode];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}

/// What the index holds now, and may be told of as far as its person lets it.
pub async fn held(gate: &Gate, found: Option<&Candidate>) -> Result<Option<HeldRecord>, StepError> {
    let Some(found) = found else {
        return Ok(None);
    };
    // What a practice wrote a moment ago is in it.
    gate.fresh_people().await?;
    let person = person(gate, &found.person_ref);
    let wishes = gate.store.wishes_of(&found.person_ref).await?;
    Ok(person.map(|person| {
        let mut held = facts::held_record(&person);
        if let Some(wishes) = &wishes {
            heed(&mut held, wishes);
        }
        held
    }))
}

/// A release that waits to be collected, as it may leave now: protection that has been asked for since
/// holds all of it back, and an address that is called wrong since has become the token for none.
pub async fn let_leave(
    gate: &Gate,
    mut case: Case,
    mut agreed: Vec<Field>,
) -> Result<(Case, Vec<Field>), StepError> {
    let Some(found) = case.concerned().found else {
        return Ok((case, agreed));
    };
    let Some(wishes) = gate.store.wishes_of(&found).await? else {
        return Ok((case, agreed));
    };
    if wishes.protected_since.is_some() {
        agreed.clear();
    }
    let held = person(gate, &found).map(|person| facts::held_record(&person));
    if held.is_some_and(|held| wishes.disputes_address(&address(&held))) {
        withhold_address(&mut case.state);
    }
    Ok((case, agreed))
}

fn withhold_address(state: &mut State) {
    let (State::Released(disclosed)
    | State::ReleasedPart(disclosed)
    | State::EmergencyPending(disclosed)
    | State::OutcomeDue(disclosed)) = state
    else {
        return;
    };
    let lines = disclosed.release.record.iter_mut();
    for line in lines.filter(|line| line.field.locates()) {
        NOT_HELD.clone_into(&mut line.value);
    }
}

fn heed(held: &mut HeldRecord, wishes: &Wishes) {
    held.restricted |= wishes.protected_since.is_some();
    if wishes.disputes_address(&address(held)) {
        held.address_kind = AddressKind::Unknown;
    }
}

/// A trace as it is with everybody's protection in force: as if the index said so.
pub async fn protect(gate: &Gate, mut result: TraceResult) -> Result<TraceResult, StepError> {
    for candidate in &mut result.candidates {
        candidate.restricted |= is_protected(gate, &candidate.person_ref).await?;
    }
    if result.single().is_some_and(|found| found.restricted) {
        result.outcome = TraceOutcome::RestrictedWithheld;
    }
    Ok(result)
}

/// Whether the person has asked for protection.
pub async fn is_protected(gate: &Gate, person: &str) -> Result<bool, StepError> {
    let wishes = gate.store.wishes_of(person).await?;
    Ok(wishes.is_some_and(|wishes| wishes.protected_since.is_some()))
}

/// What a person says against being looked for, for whoever decides a case that has found them: as they wrote it
/// at their own desk, or else as they told a practice.
pub async fn objection(gate: &Gate, person: &str) -> Result<Option<Objection>, StepError> {
    let wishes = gate.store.wishes_of(person).await?;
    if let Some(own) = wishes.and_then(|wishes| wishes.objection) {
        return Ok(Some(own));
    }
    let people = gate.fresh_people().await?;
    let Some(told) = people.objecting.get(person) else {
        return Ok(None);
    };
    let told = gate.store.registration(told).await?;
    Ok(told.and_then(|told| {
        let at = told.changed_at;
        let text = told.patient.objection;
        text.map(|text| Objection { text, at })
    }))
}

/// What the staff are asked to correct, oldest first: since when, in which document, how many.
pub async fn waiting(gate: &Gate) -> Result<Vec<(Timestamp, String, usize)>, StepError> {
    let documents = gate.store.wishes_waiting().await?.into_iter();
    let lines = documents.filter_map(|wishes| {
        let since = wishes
            .waiting()
            .map(|(_, correction)| correction.at)
            .min()?;
        Some((since, wishes.id.clone(), wishes.waiting().count()))
    });
    let mut lines: Vec<_> = lines.collect();
    lines.sort();
    Ok(lines)
}
