//! Translation between the engines, which do not know each other. Nothing here decides.

mod registered;

use agreement::{
    ClauseKind, ClauseResult, Conviction, Facts, Judgement, Mode, Outcome, Status, Version,
};
use disclosure::check::{Check, CheckResult, Checks};
use disclosure::deferral::{DeferralGround, DeferralTerms};
use disclosure::intake::Fault;
use disclosure::release::{AddressKind, HeldRecord};
use disclosure::request::{Grounds, Justification};
use disclosure::trace::{Candidate, EvidenceLine, TraceOutcome, TraceResult};
use disclosure::{Actor, AgreementRef, AgreementState, Code, Mark, Request};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use matcher::{Engine, MatchRule, Person, RawTerms, Terms};
use sha2::Sha256;

pub use registered::registered;

/// What a request claims, as an agreement asks it: no word about the person.
pub fn claims(request: &Request) -> Facts {
    let facts = Facts {
        agency: request.requester.organization.clone(),
        purpose: request.purpose.clone(),
        fields_requested: request.fields.clone(),
        unit: request.requester.unit.clone(),
        requester_rank: given(&request.requester.rank),
        authoriser_rank: request
            .authoriser
            .as_ref()
            .and_then(|signed| given(&signed.rank)),
        countersigned: Some(request.authoriser.is_some()),
        requester_is_authoriser: request
            .authoriser
            .as_ref()
            .map(|signed| signed.officer_id == request.requester.officer_id),
        limb: request.limb.clone(),
        subject_role: given(&request.subject_role),
        manual_information: request.manual_information.is_some(),
        ..Facts::default()
    };
    with_justification(
        with_grounds(facts, &request.grounds),
        &request.justification,
    )
}

fn with_grounds(facts: Facts, grounds: &Grounds) -> Facts {
    Facts {
        gateway: grounds.gateway.clone(),
        offence_code: grounds.offence.clone(),
        offence_date: grounds.offence_on,
        offence_max_months: grounds.offence_max_months,
        conviction: grounds.conviction.as_deref().map(conviction),
        sentence_months: grounds.sentence_months,
        sentence_type: grounds.sentence_type.clone(),
        single_offence: grounds.single_offence,
        deportation_considered: grounds.deportation_considered,
        public_security_risk: grounds.public_security_risk,
        prejudice_to_state: grounds.prejudice_to_state,
        contact_lost: grounds.contact_lost,
        message_first: grounds.message_first.clone(),
        court_order_attached: Some(grounds.court_order.is_some()),
        order_fields: grounds
            .court_order
            .is_some()
            .then(|| grounds.order_fields.iter().cloned().collect()),
        warrant_attached: Some(grounds.warrant.is_some()),
        case_reference_given: Some(grounds.case_reference.is_some()),
        safeguarding_lead_named: Some(grounds.safeguarding_lead.is_some()),
        asks_for_act: grounds.asks_for_act,
        ..facts
    }
}

fn with_justification(facts: Facts, justification: &Justification) -> Facts {
    let written = |text: &str| Some(!text.trim().is_empty());
    Facts {
        last_resort_attempts: i64::try_from(justification.attempts.len()).ok(),
        alternative_considered: justification.alternative_considered,
        necessity_given: written(&justification.necessity),
        proportionality_given: written(&justification.proportionality),
        harm_given: written(&justification.harm),
        harm_link_given: written(&justification.link),
        harm_likelihood_given: written(&justification.likelihood),
        consent: given(&justification.consent),
        ..facts
    }
}

fn given(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn conviction(text: &str) -> Conviction {
    match text {
        "convicted" => Conviction::Convicted,
        "investigated" => Conviction::Investigated,
        "none" => Conviction::None,
        _ => Conviction::Unknown,
    }
}

/// When people may be told later under this version.
pub fn deferral_terms(version: &Version) -> DeferralTerms {
    let Some(terms) = &version.terms.deferral else {
        return DeferralTerms::default();
    };
    let grounds = terms.grounds.iter();
    DeferralTerms {
        grounds: grounds
            .filter_map(|code| DeferralGround::from_code(code))
            .collect(),
        days_max: i64::from(terms.days_max),
    }
}

/// A judgement as the case records it.
///
/// A coded clause blocks when it stops the request as a whole: it fails and nothing is left to
/// trace for, or it waits for a person. A human clause is answered in the reviewers' weighing.
pub fn checks(judgement: &Judgement) -> Checks {
    let refused = judgement.outcome == Outcome::Refused;
    let answers = judgement.clauses.iter().map(|finding| Check {
        clause: finding.clause.clone(),
        text: finding.text.clone(),
        result: match finding.result {
            ClauseResult::Pass => CheckResult::Pass,
            ClauseResult::Fail => CheckResult::Fail,
            ClauseResult::NeedsHuman => CheckResult::NeedsHuman,
            ClauseResult::NotApplicable => CheckResult::NotApplicable,
        },
        code: Code::from_code(&finding.outcome_code).unwrap_or(Code::NecessityNotShown),
        cure: finding.fix.clone(),
        blocking: finding.kind == ClauseKind::Coded
            && (refused || finding.result == ClauseResult::NeedsHuman),
        answered_by: None,
        reason: None,
    });
    Checks {
        answers: answers.collect(),
        engine: judgement.engine.version.clone(),
        inputs_hash: judgement.engine.inputs_hash.clone(),
    }
}

/// An agreement version, as a case cites it.
pub fn reference(version: &Version) -> AgreementRef {
    AgreementRef {
        name: version.id.to_string(),
        hash: version.content_hash.clone(),
    }
}

/// The status of an agreement version, as a case's life cycle needs it.
pub fn state(status: Status) -> AgreementState {
    match status {
        Status::Draft | Status::Agreed => AgreementState::NotYet,
        Status::InForce => AgreementState::InForce,
        Status::Narrowed => AgreementState::Narrowed,
        Status::Suspended { mode: Mode::Hold } => AgreementState::SuspendedHold,
        Status::Suspended { mode: Mode::Refuse } => AgreementState::SuspendedRefuse,
        Status::Withdrawn | Status::Expired => AgreementState::Ended,
    }
}

/// The identifiers of a request, and the faults of those that cannot be used.
pub fn terms(request: &Request) -> (Terms, Vec<Fault>) {
    let subject = &request.subject;
    let raw = RawTerms {
        nhs_number: subject.nhs_number.as_str().into(),
        given_name: subject.given_name.as_str().into(),
        middle_name: subject.middle_name.as_str().into(),
        surname: subject.surname.as_str().into(),
        previous_names: previous_names(&subject.previous_names).into(),
        date_of_birth: subject.date_of_birth.as_str().into(),
        sex: subject.sex.as_str().into(),
        address: subject.address.as_str().into(),
        town: subject.town.as_str().into(),
        postcode: subject.postcode.as_str().into(),
        ..RawTerms::default()
    };
    let (terms, faults) = raw.read();
    let faults = faults.into_iter().map(|fault| Fault {
        code: Code::FormIncomplete,
        field: format!("subject.{}", fault.field),
        problem: fault.problem,
        remedy: fault.remedy.to_owned(),
    });
    (terms, faults.collect())
}

/// Whom a request asks about, as keyed hashes of combinations of identifiers: two requests about one
/// person share one even where some identifiers were changed. Taken from the request alone, so
/// they are the same whether or not a trace finds anybody.
pub fn marks(key: &[u8; 32], request: &Request) -> Vec<Mark> {
    let (terms, _) = terms(request);
    let born = terms.date_of_birth;
    let date = born.filter(|born| born.is_full());
    let date = date.map_or_else(String::new, |date| date.to_string());
    let year = born.map_or_else(String::new, |born| born.year().to_string());
    let number = terms.nhs_number.map_or_else(String::new, |n| n.to_string());
    let postcode = &terms.postcode;
    let mut marks = vec![mark(key, &["number", &number])];
    for name in std::iter::once(&terms.name).chain(&terms.previous_names) {
        let (given, surname) = (&name.given, &name.surname);
        marks.extend([
            mark(key, &["surname and date", surname, &date]),
            mark(key, &["given and date", given, &date]),
            mark(key, &["names and year", given, surname, &year]),
            mark(key, &["names and postcode", given, surname, postcode]),
        ]);
    }
    marks.push(mark(key, &["date and postcode", &date, postcode]));
    let mut marks: Vec<Mark> = marks.into_iter().flatten().collect();
    marks.sort_unstable();
    marks.dedup();
    marks
}

/// HMAC-SHA-256 over the parts, cut to 128 bits; `None` where one is not given.
fn mark(key: &[u8; 32], parts: &[&str]) -> Option<Mark> {
    let mut hmac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    for part in parts {
        let letters: String = part.chars().filter(|c| c.is_alphanumeric()).collect();
        if letters.is_empty() {
            return None;
        }
        hmac.update(letters.to_uppercase().as_bytes());
        hmac.update(&[0]);
    }
    hmac.finalize().into_bytes().first_chunk().copied()
}

/// `GIVEN MIDDLE SURNAME` texts in the form that the matcher reads: `GIVEN MIDDLE|SURNAME;...`.
fn previous_names(names: &[String]) -> String {
    let split = |name: &String| match name.trim().rsplit_once(' ') {
        Some((given, surname)) => format!("{given}|{surname}"),
        None => format!("|{}", name.trim()),
    };
    names.iter().map(split).collect::<Vec<_>>().join(";")
}

/// The agreement's match rule, as the matcher takes it.
pub fn match_rule(version: &Version) -> MatchRule {
    let rule = &version.terms.match_rule;
    MatchRule {
        engine: if rule.engine == "mps" {
            Engine::Mps
        } else {
            Engine::Bayes
        },
        floor: rule.floor,
        min_gap: rule.min_gap,
        min_items: u8::try_from(rule.min_items).unwrap_or(u8::MAX),
        jan1_extra: u8::try_from(rule.jan1_extra).unwrap_or(u8::MAX),
    }
}

/// A trace as the case records it: which items agreed, never the values that were compared.
pub fn trace_result(
    answer: &matcher::Answer,
    engine: Engine,
    index_version: &str,
    tracer: &Actor,
    at: Timestamp,
) -> TraceResult {
    TraceResult {
        tracer: tracer.clone(),
        at,
        engine: match engine {
            Engine::Mps => "mps".to_owned(),
            Engine::Bayes => "bayes".to_owned(),
        },
        index_version: index_version.to_owned(),
        outcome: match answer.outcome {
            matcher::Outcome::Single => TraceOutcome::Single,
            matcher::Outcome::NoTrace => TraceOutcome::NoTrace,
            matcher::Outcome::Ambiguous => TraceOutcome::Ambiguous,
            matcher::Outcome::NeedsIdentifiers => TraceOutcome::NeedsIdentifiers,
            matcher::Outcome::RestrictedWithheld => TraceOutcome::RestrictedWithheld,
            matcher::Outcome::Deceased => TraceOutcome::Deceased,
        },
        examined: answer.candidate_count,
        candidates: answer.candidates.iter().map(candidate).collect(),
        gap: answer.gap,
    }
}

fn candidate(found: &matcher::Candidate) -> Candidate {
    Candidate {
        person_ref: found.person_id.clone(),
        score: found.score,
        probability: found.probability,
        on_history: found.on_history,
        restricted: found.restricted,
        jan1: found.jan1,
        evidence: found
            .evidence
            .iter()
            .map(|line| EvidenceLine {
                field: line.field.to_owned(),
                finding: line.level.to_owned(),
                bits: line.bits,
                total: line.running_total,
            })
            .collect(),
    }
}

/// What the index holds now, as a release is composed from it.
pub fn held_record(person: &Person) -> HeldRecord {
    let names = |name: &matcher::Name| {
        [name.given.as_str(), &name.middle, &name.surname]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let shown =
        |date: Option<matcher::PartialDate>| date.map_or_else(String::new, |date| date.to_string());
    let address = &person.address;
    let place: Vec<&str> = [address.address.as_str(), &address.town]
        .into_iter()
        .filter(|s| !s.is_empty())
        .collect();
    HeldRecord {
        person_ref: person.person_id.clone(),
        name: names(&person.name),
        previous_names: person.previous_names.iter().map(names).collect(),
        birth_date: shown(person.date_of_birth),
        gender: person.sex.as_str().to_owned(),
        address: place.join(", "),
        postcode: address.postcode.clone(),
        address_kind: address_kind(address.kind),
        address_from: shown(address.from),
        registration_date: shown(person.registration_date),
        // The outward half of the postcode is as much of an area as the index holds.
        area_code: address
            .postcode
            .split(' ')
            .next()
            .unwrap_or_default()
            .to_owned(),
        gp_practice: person.gp_practice_code.clone().unwrap_or_default(),
        restricted: person.restricted,
        deceased: person.deceased,
    }
}

fn address_kind(kind: matcher::AddressKind) -> AddressKind {
    match kind {
        matcher::AddressKind::Home => AddressKind::Home,
        matcher::AddressKind::CareOfPractice => AddressKind::CareOfPractice,
        matcher::AddressKind::CareOfOrganisation => AddressKind::CareOfOrganisation,
        matcher::AddressKind::NoFixedAbode => AddressKind::NoFixedAbode,
        matcher::AddressKind::Withheld => AddressKind::Withheld,
        matcher::AddressKind::Unknown => AddressKind::Unknown,
    }
}
