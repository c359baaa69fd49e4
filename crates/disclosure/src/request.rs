//! The request: one agency, one authoriser, one person asked about, one purpose.
//!
//! Shape of the record: the union of the public forms for requests under Schedule 2 of the Data
//! Protection Act 2018 (cornwall.gov.uk, bristol.gov.uk, havant.gov.uk) and ETSI TS 103 120.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::Field;
use crate::deferral::DelayAsked;

/// Asks, in the place of a field, that a message be forwarded to the person.
pub const FORWARD_MESSAGE: &str = "forward_message";

/// A tracing request about one person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The agency's own reference.
    #[serde(default)]
    pub agency_reference: String,
    /// `AGREEMENT/VERSION`, where the agency names one; otherwise the gate looks it up.
    #[serde(default)]
    pub agreement: Option<String>,
    /// Who asks.
    pub requester: Requester,
    /// Who countersigned, if anybody has.
    #[serde(default)]
    pub authoriser: Option<Authoriser>,
    /// Purpose code of the agreement.
    pub purpose: String,
    /// The limb of the purpose relied on, where the agreement has limbs.
    #[serde(default)]
    pub limb: Option<String>,
    /// How soon.
    #[serde(default)]
    pub priority: Priority,
    /// The person's part in the matter: suspect, victim, witness, missing.
    #[serde(default)]
    pub subject_role: String,
    /// What the agency says of the offence or order.
    #[serde(default)]
    pub grounds: Grounds,
    /// Why the data are needed, and what else was tried.
    #[serde(default)]
    pub justification: Justification,
    /// The one person asked about.
    pub subject: Subject,
    /// Field codes asked for. Codes unknown to the gate stay readable and are refused.
    pub fields: Vec<String>,
    /// Free text. Any text here stops automatic progress (I20).
    #[serde(default)]
    pub manual_information: Option<String>,
    /// Asks that the person be told later, and why.
    #[serde(default)]
    pub tell_subject_delay: Option<DelayAsked>,
}

impl Request {
    /// The fields asked for that exist, in record order, each once.
    pub fn known_fields(&self) -> Vec<Field> {
        let mut fields: Vec<Field> = self
            .fields
            .iter()
            .filter_map(|code| Field::from_code(code))
            .collect();
        fields.sort_unstable();
        fields.dedup();
        fields
    }

    /// Whether nothing is asked for but that a message be forwarded to the person.
    pub fn asks_only_to_forward(&self) -> bool {
        !self.fields.is_empty() && self.fields.iter().all(|code| code == FORWARD_MESSAGE)
    }

    /// Whether somebody other than the requester has countersigned (I4). Identities are compared
    /// without regard to case and outer space: the agency types them.
    pub fn is_signed_by_two(&self) -> bool {
        self.authoriser.as_ref().is_some_and(|authoriser| {
            let requester = self.requester.officer_id.trim();
            !authoriser.officer_id.trim().eq_ignore_ascii_case(requester)
        })
    }
}

/// How soon an answer is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Priority {
    #[default]
    Routine,
    Priority,
    Emergency,
}

/// Who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requester {
    /// Organization code, for example `police-northmoor`.
    pub organization: String,
    /// Unit within the organization, where the agreement authorizes units.
    #[serde(default)]
    pub unit: Option<String>,
    /// Identity of the officer at the agency; compared for the two-person rule.
    pub officer_id: String,
    /// Officer's name.
    pub name: String,
    /// Post held.
    #[serde(default)]
    pub role: String,
    /// Rank, for example `sergeant`.
    pub rank: String,
    /// Secure address for the answer.
    #[serde(default)]
    pub secure_email: String,
}

/// Who countersigned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authoriser {
    /// Identity of the authoriser at the agency.
    pub officer_id: String,
    /// Name.
    pub name: String,
    /// Rank, for example `inspector`.
    pub rank: String,
    /// When signed.
    pub signed_at: Timestamp,
}

/// What the agency says of the offence, order or concern behind the request. Absent means *not
/// said*, which is not the same as *no*.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Grounds {
    /// Legal gateway relied on, for example `L3`.
    pub gateway: Option<String>,
    /// Offence code of the agreement.
    pub offence: Option<String>,
    /// When the offence was committed.
    pub offence_on: Option<Date>,
    /// Longest prison term the offence can carry, in months.
    pub offence_max_months: Option<i64>,
    /// Statutory power relied on.
    pub power: Option<String>,
    /// `convicted`, `investigated`, `none` or `unknown`; absent when the agency does not say.
    pub conviction: Option<String>,
    /// Longest single prison sentence passed, in months.
    pub sentence_months: Option<i64>,
    /// `immediate` or `suspended`.
    pub sentence_type: Option<String>,
    /// Whether the sentence is for one offence, not an added-up one.
    pub single_offence: Option<bool>,
    /// Whether removal from the country is under consideration.
    pub deportation_considered: Option<bool>,
    /// Whether the agency states a risk to public security.
    pub public_security_risk: Option<bool>,
    /// Stating offence and power would prejudice the security of the state.
    pub prejudice_to_state: bool,
    /// Reference of the attached court order.
    pub court_order: Option<String>,
    /// Field codes the order directs to be disclosed.
    pub order_fields: Vec<String>,
    /// Reference of the attached arrest warrant.
    pub warrant: Option<String>,
    /// Reference of the case under review.
    pub case_reference: Option<String>,
    /// Whether contact with the person has been lost.
    pub contact_lost: Option<bool>,
    /// Forwarding a message first: `tried`, `unsafe` or `not_possible`.
    pub message_first: Option<String>,
    /// The named safeguarding lead who would receive an address.
    pub safeguarding_lead: Option<String>,
    /// The request asks the controller to do something, not for data.
    pub asks_for_act: bool,
}

/// Why the data are needed. Coded reasons first; the texts are short on purpose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Justification {
    /// Why the data are necessary.
    pub necessity: String,
    /// Why the intrusion is proportionate.
    pub proportionality: String,
    /// What would be harmed without the data.
    pub harm: String,
    /// How the harm follows from not having them.
    pub link: String,
    /// How likely it is.
    pub likelihood: String,
    /// `agreed`, `refused`, or why it was not sought: `not_asked_harm`, `not_asked_prejudice`,
    /// `not_asked_no_contact`.
    pub consent: String,
    /// Whether forwarding a message was considered instead.
    pub alternative_considered: Option<bool>,
    /// What else was tried.
    pub attempts: Vec<Attempt>,
}

/// Another means the agency tried first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attempt {
    /// What was tried.
    pub what: String,
    /// On which day.
    pub on: Date,
    /// What came of it.
    pub result: String,
}

/// The one person asked about, as the agency knows them.
///
/// There is one subject in a request and no list of them anywhere in the interface: a batch is
/// many requests, each decided alone (I19).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Subject {
    /// Family name.
    pub surname: String,
    /// First given name.
    pub given_name: String,
    /// Other given names.
    pub middle_name: String,
    /// Earlier names, each `GIVEN SURNAME`.
    pub previous_names: Vec<String>,
    /// Birth date, `YYYY-MM-DD`, `YYYY-MM` or `YYYY`.
    pub date_of_birth: String,
    /// `F` or `M`, where known.
    pub sex: String,
    /// NHS number, where known.
    pub nhs_number: String,
    /// Address lines in one.
    pub address: String,
    /// Town.
    pub town: String,
    /// Postcode.
    pub postcode: String,
}
