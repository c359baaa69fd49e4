use std::collections::BTreeSet;

use cedar_policy::{Context, RestrictedExpression};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What a request claims, without the person: the only thing a rule ever sees.
///
/// Each member is also an attribute of the same name in the Cedar context, except `offence_date`
/// and `fields_requested`. `None` means *not recorded*, which is not the same as *no*: rules guard
/// every optional fact with `has`, and a replay answers *cannot tell* where it matters.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Organization code of the agency that asks, such as `home-office`.
    pub agency: String,
    /// Purpose code, such as `serious_crime`.
    pub purpose: String,
    /// Field names asked for; each is judged alone.
    #[serde(default)]
    pub fields_requested: Vec<String>,
    /// Unit of the agency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Rank code of the person who asks, such as `constable`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester_rank: Option<String>,
    /// Rank code of the person who signed for it, such as `inspector`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authoriser_rank: Option<String>,
    /// Whether the authorization is signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub countersigned: Option<bool>,
    /// Whether one person asked and authorized.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester_is_authoriser: Option<bool>,
    /// Limb of the agreement that the request relies on, such as `convicted`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limb: Option<String>,
    /// Legal gateway that the request relies on: `L1` to `L6`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway: Option<String>,
    /// `suspect`, `victim`, `witness`, `missing` or `deceased`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_role: Option<String>,
    /// Offence code of the agreement's own table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offence_code: Option<String>,
    /// Day of the offence; tested against the validity dates of the code, never seen by Cedar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offence_date: Option<Date>,
    /// Longest prison term that the offence can carry, in months.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offence_max_months: Option<i64>,
    /// How far the criminal case has come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conviction: Option<Conviction>,
    /// Prison term passed, in months.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sentence_months: Option<i64>,
    /// `immediate` or `suspended`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sentence_type: Option<String>,
    /// Whether the term is for one offence, not an added-up one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub single_offence: Option<bool>,
    /// Whether removal from the country is under consideration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deportation_considered: Option<bool>,
    /// Whether the agency states a risk to public security.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_security_risk: Option<bool>,
    /// Whether the agency says that naming the offence would prejudice the case.
    #[serde(default)]
    pub prejudice_to_state: bool,
    /// Whether the agency has lost contact with the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_lost: Option<bool>,
    /// Number of other attempts to find the person, each with day and result on file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_resort_attempts: Option<i64>,
    /// Whether forwarding a message was considered instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alternative_considered: Option<bool>,
    /// Forwarding a message before asking for data: `tried`, `unsafe` or `not_possible`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_first: Option<String>,
    /// Whether the request says why it is necessary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub necessity_given: Option<bool>,
    /// Whether the request says why it is proportionate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proportionality_given: Option<bool>,
    /// Whether the harm of not disclosing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub harm_given: Option<bool>,
    /// Whether the causal link between not disclosing and that harm is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub harm_link_given: Option<bool>,
    /// Whether the likelihood of that harm is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub harm_likelihood_given: Option<bool>,
    /// `agreed`, `refused`, or why it was not sought: `not_asked_harm`, `not_asked_prejudice`,
    /// `not_asked_no_contact`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<String>,
    /// Whether a court order is attached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub court_order_attached: Option<bool>,
    /// Fields that the attached order directs to be disclosed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_fields: Option<BTreeSet<String>>,
    /// Whether an arrest warrant is attached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warrant_attached: Option<bool>,
    /// Whether a case reference is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_reference_given: Option<bool>,
    /// Whether a safeguarding lead is named as the only recipient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safeguarding_lead_named: Option<bool>,
    /// Whether the request asks for an act and not for data.
    #[serde(default)]
    pub asks_for_act: bool,
    /// Whether the form carries free text that no rule can read.
    #[serde(default)]
    pub manual_information: bool,
    /// Whether a person has read that text and let the request go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person_looked: Option<bool>,
}

/// How far the criminal case against the person has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conviction {
    /// Found guilty.
    Convicted,
    /// Under investigation, or charged and not tried.
    Investigated,
    /// Neither.
    None,
    /// The agency does not know.
    Unknown,
}

impl Conviction {
    /// The code that rules compare with.
    pub fn code(self) -> &'static str {
        match self {
            Self::Convicted => "convicted",
            Self::Investigated => "investigated",
            Self::None => "none",
            Self::Unknown => "unknown",
        }
    }
}

/// Type of an attribute that a rule may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeKind {
    /// A code.
    Text,
    /// Yes or no.
    Flag,
    /// A whole number.
    Number,
    /// A set of codes.
    TextSet,
}

/// One attribute of the context that rules are judged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute {
    /// The name, as in [`Facts`].
    pub name: &'static str,
    /// Its type.
    pub kind: AttributeKind,
    /// Whether every request has it.
    pub required: bool,
}

const fn required(name: &'static str, kind: AttributeKind) -> Attribute {
    Attribute {
        name,
        kind,
        required: true,
    }
}

const fn optional(name: &'static str, kind: AttributeKind) -> Attribute {
    Attribute {
        name,
        kind,
        required: false,
    }
}

/// Every attribute that a rule may read, in the order of [`Facts`].
pub const VOCABULARY: [Attribute; 37] = {
    use AttributeKind::{Flag, Number, Text, TextSet};
    [
        required("agency", Text),
        required("purpose", Text),
        optional("unit", Text),
        optional("requester_rank", Text),
        optional("authoriser_rank", Text),
        optional("countersigned", Flag),
        optional("requester_is_authoriser", Flag),
        optional("limb", Text),
        optional("gateway", Text),
        optional("subject_role", Text),
        optional("offence_code", Text),
        optional("offence_max_months", Number),
        optional("conviction", Text),
        optional("sentence_months", Number),
        optional("sentence_type", Text),
        optional("single_offence", Flag),
        optional("deportation_considered", Flag),
        optional("public_security_risk", Flag),
        required("prejudice_to_state", Flag),
        optional("contact_lost", Flag),
        optional("last_resort_attempts", Number),
        optional("alternative_considered", Flag),
        optional("message_first", Text),
        optional("necessity_given", Flag),
        optional("proportionality_given", Flag),
        optional("harm_given", Flag),
        optional("harm_link_given", Flag),
        optional("harm_likelihood_given", Flag),
        optional("consent", Text),
        optional("court_order_attached", Flag),
        optional("order_fields", TextSet),
        optional("warrant_attached", Flag),
        optional("case_reference_given", Flag),
        optional("safeguarding_lead_named", Flag),
        required("asks_for_act", Flag),
        required("manual_information", Flag),
        optional("person_looked", Flag),
    ]
};

impl Facts {
    /// Facts of a request that says nothing yet beyond who asks, why and for what.
    pub fn new<S: Into<String>>(
        agency: impl Into<String>,
        purpose: impl Into<String>,
        fields_requested: impl IntoIterator<Item = S>,
    ) -> Self {
        Self {
            agency: agency.into(),
            purpose: purpose.into(),
            fields_requested: fields_requested.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }

    /// SHA-256 over the canonical JSON of these facts, in lower-case hex.
    pub fn inputs_hash(&self) -> String {
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        hex::encode(Sha256::digest(bytes))
    }

    /// The Cedar context: every fact that is recorded, under its own name.
    pub(crate) fn context(&self) -> Result<Context, String> {
        Context::from_pairs(self.pairs()).map_err(|error| error.to_string())
    }

    fn pairs(&self) -> Vec<(String, RestrictedExpression)> {
        let mut pairs = Pairs(Vec::with_capacity(VOCABULARY.len()));
        self.push_who(&mut pairs);
        self.push_why(&mut pairs);
        self.push_evidence(&mut pairs);
        pairs.0
    }

    fn push_who(&self, pairs: &mut Pairs) {
        pairs.text("agency", Some(&self.agency));
        pairs.text("purpose", Some(&self.purpose));
        pairs.text("unit", self.unit.as_deref());
        pairs.text("requester_rank", self.requester_rank.as_deref());
        pairs.text("authoriser_rank", self.authoriser_rank.as_deref());
        pairs.flag("countersigned", self.countersigned);
        pairs.flag("requester_is_authoriser", self.requester_is_authoriser);
        pairs.text("limb", self.limb.as_deref());
        pairs.text("gateway", self.gateway.as_deref());
        pairs.text("subject_role", self.subject_role.as_deref());
    }

    fn push_why(&self, pairs: &mut Pairs) {
        pairs.text("offence_code", self.offence_code.as_deref());
        pairs.number("offence_max_months", self.offence_max_months);
        pairs.text("conviction", self.conviction.map(Conviction::code));
        pairs.number("sentence_months", self.sentence_months);
        pairs.text("sentence_type", self.sentence_type.as_deref());
        pairs.flag("single_offence", self.single_offence);
        pairs.flag("deportation_considered", self.deportation_considered);
        pairs.flag("public_security_risk", self.public_security_risk);
        pairs.flag("prejudice_to_state", Some(self.prejudice_to_state));
        pairs.flag("contact_lost", self.contact_lost);
        pairs.number("last_resort_attempts", self.last_resort_attempts);
        pairs.flag("alternative_considered", self.alternative_considered);
        pairs.text("message_first", self.message_first.as_deref());
    }

    fn push_evidence(&self, pairs: &mut Pairs) {
        pairs.flag("necessity_given", self.necessity_given);
        pairs.flag("proportionality_given", self.proportionality_given);
        pairs.flag("harm_given", self.harm_given);
        pairs.flag("harm_link_given", self.harm_link_given);
        pairs.flag("harm_likelihood_given", self.harm_likelihood_given);
        pairs.text("consent", self.consent.as_deref());
        pairs.flag("court_order_attached", self.court_order_attached);
        pairs.text_set("order_fields", self.order_fields.as_ref());
        pairs.flag("warrant_attached", self.warrant_attached);
        pairs.flag("case_reference_given", self.case_reference_given);
        pairs.flag("safeguarding_lead_named", self.safeguarding_lead_named);
        pairs.flag("asks_for_act", Some(self.asks_for_act));
        pairs.flag("manual_information", Some(self.manual_information));
        pairs.flag("person_looked", self.person_looked);
    }
}

/// Context entries under construction; what is not recorded adds none.
struct Pairs(Vec<(String, RestrictedExpression)>);

impl Pairs {
    fn text(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            let value = RestrictedExpression::new_string(value.to_owned());
            self.0.push((name.to_owned(), value));
        }
    }

    fn flag(&mut self, name: &str, value: Option<bool>) {
        if let Some(value) = value {
            self.0
                .push((name.to_owned(), RestrictedExpression::new_bool(value)));
        }
    }

    fn number(&mut self, name: &str, value: Option<i64>) {
        if let Some(value) = value {
            self.0
                .push((name.to_owned(), RestrictedExpression::new_long(value)));
        }
    }

    fn text_set(&mut self, name: &str, value: Option<&BTreeSet<String>>) {
        if let Some(value) = value {
            let items = value.iter().cloned().map(RestrictedExpression::new_string);
            self.0
                .push((name.to_owned(), RestrictedExpression::new_set(items)));
        }
    }
}

/// The Cedar schema that every agreement folder carries, made from [`VOCABULARY`]: all fields are
/// actions, all facts are context, so that an agreement can name anything a request can claim.
pub fn schema_text() -> String {
    let actions: Vec<String> = crate::FIELDS
        .iter()
        .chain(&[crate::FORWARD_MESSAGE])
        .chain(&crate::NEVER_FIELDS)
        .map(|field| format!("  \"{field}\""))
        .collect();
    let attributes: Vec<String> = VOCABULARY.iter().map(Attribute::declaration).collect();
    format!(
        "// What a request can claim. Fields are actions; a fact that may be missing has a question mark.\n\
         entity Agency;\nentity Record;\n\ntype Request = {{\n{}\n}};\n\naction\n{}\n\
         appliesTo {{\n  principal: [Agency],\n  resource: [Record],\n  context: Request,\n}};\n",
        attributes.join("\n"),
        actions.join(",\n"),
    )
}

impl Attribute {
    fn declaration(&self) -> String {
        let mark = if self.required { "" } else { "?" };
        let kind = match self.kind {
            AttributeKind::Text => "String",
            AttributeKind::Flag => "Bool",
            AttributeKind::Number => "Long",
            AttributeKind::TextSet => "Set<String>",
        };
        format!("  {}{mark}: {kind},", self.name)
    }
}
