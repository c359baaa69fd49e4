//! The request forms of the demonstration's agencies, filled in.

use disclosure::request::{
    Attempt, Authoriser, Grounds, Justification, Priority, Requester, Subject,
};
use disclosure::{Actor, Request, Role};
use jiff::{Timestamp, civil::Date};

use crate::personas;

/// What a form is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Police: a suspect of a serious crime; name, birth date and address.
    Suspect,
    /// Police: a victim of a serious crime; the address clause is not met, the rest goes on.
    Victim,
    /// Police: a suspect, address only.
    AddressOnly,
    /// Police: theft, which is below the agreed seriousness.
    Theft,
    /// Police: nothing else was tried.
    NothingTried,
    /// Police: why it is necessary is left empty.
    NoReason,
    /// Police: asks for medical information.
    Clinical,
    /// Police: asks the controller to serve a notice.
    Act,
    /// Police: signed by nobody else.
    Unsigned,
    /// Police: no birth date.
    NoBirthDate,
    /// Police: carries free text that a person must read.
    FreeText,
    /// Court: exactly what its order directs.
    Court,
    /// Missing people charity: forward a message.
    Message,
    /// Home Office under the withdrawn memorandum.
    Withdrawn,
    /// Home Office under the suspended one.
    Suspended,
    /// A council, which has no agreement.
    Council,
}

/// Fills in a form about somebody.
pub fn fill(form: Form, number: usize, subject: Subject, at: Timestamp) -> Request {
    let agency = agency(form);
    let (officer, authoriser) = (
        person(agency.officer, agency),
        person(agency.authoriser, agency),
    );
    let request = Request {
        agency_reference: format!("{}/{:04}", agency.prefix, number),
        agreement: None,
        requester: Requester {
            organization: agency.organization.to_owned(),
            unit: agency.unit.map(str::to_owned),
            officer_id: officer.id,
            name: officer.name,
            role: agency.post.to_owned(),
            rank: agency.rank.to_owned(),
            secure_email: format!("desk@{}.example", agency.organization),
        },
        authoriser: Some(Authoriser {
            officer_id: authoriser.id,
            name: authoriser.name,
            rank: agency.authoriser_rank.to_owned(),
            signed_at: at,
        }),
        purpose: agency.purpose.to_owned(),
        limb: None,
        priority: if number.is_multiple_of(9) {
            Priority::Priority
        } else {
            Priority::Routine
        },
        subject_role: agency.subject_role.to_owned(),
        grounds: grounds(agency.gateway),
        justification: justification(at),
        subject,
        fields: agency
            .fields
            .iter()
            .map(|field| (*field).to_owned())
            .collect(),
        manual_information: None,
        tell_subject_delay: None,
    };
    vary(form, request)
}

/// Who sends a form: the officer who signs in to send it.
pub fn sender(form: Form) -> Actor {
    let agency = agency(form);
    person(agency.officer, agency)
}

/// A persona, or somebody of an agency that has no desk in the demonstration.
fn person(id: &str, agency: &Agency) -> Actor {
    personas::find(id).unwrap_or_else(|| Actor {
        id: id.to_owned(),
        name: "Council Officer".to_owned(),
        role: Role::Officer,
        organization: agency.organization.to_owned(),
    })
}

/// What the forms of one agency have in common.
struct Agency {
    organization: &'static str,
    prefix: &'static str,
    officer: &'static str,
    authoriser: &'static str,
    authoriser_rank: &'static str,
    unit: Option<&'static str>,
    post: &'static str,
    rank: &'static str,
    purpose: &'static str,
    subject_role: &'static str,
    gateway: &'static str,
    fields: &'static [&'static str],
}

const POLICE: Agency = Agency {
    organization: "police-northmoor",
    prefix: "NP",
    officer: "dc-amara-osei",
    authoriser: "insp-ruth-hale",
    authoriser_rank: "inspector",
    unit: Some("major-crime"),
    post: "Investigating officer",
    rank: "constable",
    purpose: "serious_crime",
    subject_role: "suspect",
    gateway: "L3",
    fields: &["name", "birth_date", "last_known_address"],
};

const COURT: Agency = Agency {
    organization: "court-northmoor",
    prefix: "NC",
    officer: "clerk-idris-vaughan",
    authoriser: "judge-helen-adeyemi",
    authoriser_rank: "judge",
    unit: None,
    post: "Court clerk",
    rank: "clerk",
    purpose: "court_order",
    subject_role: "witness",
    gateway: "L4",
    fields: &["name", "last_known_address"],
};

const MISSING: Agency = Agency {
    organization: "missing-northmoor",
    prefix: "MP",
    officer: "mp-nadia-rahman",
    authoriser: "mp-owen-price",
    authoriser_rank: "manager",
    unit: Some("missing-persons"),
    post: "Search coordinator",
    rank: "coordinator",
    purpose: "welfare_missing",
    subject_role: "missing",
    gateway: "L2",
    fields: &["forward_message"],
};

const HOME_OFFICE: Agency = Agency {
    organization: "home-office",
    prefix: "HO",
    officer: "ho-daniel-marsh",
    authoriser: "ho-grace-bell",
    authoriser_rank: "chief_immigration_officer",
    unit: None,
    post: "Tracing officer",
    rank: "immigration_officer",
    purpose: "immigration_offence",
    subject_role: "suspect",
    gateway: "L2",
    fields: &["name", "last_known_address"],
};

const COUNCIL: Agency = Agency {
    organization: "council-northmoor",
    prefix: "CN",
    officer: "cn-officer",
    authoriser: "cn-manager",
    authoriser_rank: "manager",
    unit: None,
    post: "Benefits investigator",
    rank: "investigator",
    purpose: "benefit_fraud",
    subject_role: "suspect",
    gateway: "L3",
    fields: &["last_known_address"],
};

fn agency(form: Form) -> &'static Agency {
    match form {
        Form::Court => &COURT,
        Form::Message => &MISSING,
        Form::Withdrawn | Form::Suspended => &HOME_OFFICE,
        Form::Council => &COUNCIL,
        _ => &POLICE,
    }
}

fn grounds(gateway: &str) -> Grounds {
    Grounds {
        gateway: Some(gateway.to_owned()),
        offence: Some("serious_fraud".to_owned()),
        power: Some("as stated on the form".to_owned()),
        conviction: Some("investigated".to_owned()),
        contact_lost: Some(true),
        ..Grounds::default()
    }
}

fn justification(at: Timestamp) -> Justification {
    let day: Date = at.to_zoned(jiff::tz::TimeZone::UTC).date();
    Justification {
        necessity: "The person cannot be found by any other means open to us.".to_owned(),
        proportionality: "Only what is needed to make contact is asked for.".to_owned(),
        harm: "The investigation would end and others would be at risk.".to_owned(),
        link: "Without an address the person cannot be questioned.".to_owned(),
        likelihood: "likely".to_owned(),
        consent: "not_asked_prejudice".to_owned(),
        alternative_considered: Some(true),
        attempts: vec![Attempt {
            what: "visited the last address known to us".to_owned(),
            on: day.yesterday().unwrap_or(day),
            result: "moved away, no forwarding address".to_owned(),
        }],
    }
}

/// What makes one form differ from its agency's usual one.
fn vary(form: Form, mut request: Request) -> Request {
    let fields = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect();
    match form {
        Form::Suspect | Form::Message => {}
        Form::Victim => request.subject_role = "victim".to_owned(),
        Form::AddressOnly => request.fields = fields(&["last_known_address"]),
        Form::Theft => request.grounds.offence = Some("theft".to_owned()),
        Form::NothingTried => request.justification.attempts.clear(),
        Form::NoReason => request.justification.necessity.clear(),
        Form::Clinical => request.fields = fields(&["clinical"]),
        Form::Act => request.grounds.asks_for_act = true,
        Form::Unsigned => request.authoriser = None,
        Form::NoBirthDate => request.subject.date_of_birth.clear(),
        Form::FreeText => {
            request.manual_information =
                Some("The officer will telephone about this request.".to_owned());
        }
        Form::Court => {
            request.grounds.court_order = Some("order of the Northmoor court".to_owned());
            request.grounds.order_fields = fields(&["name", "last_known_address"]);
        }
        Form::Withdrawn => request.agreement = Some("ho/2017-01-01".to_owned()),
        Form::Suspended => request.agreement = Some("ho/2018-05-09".to_owned()),
        Form::Council => {}
    }
    request
}
