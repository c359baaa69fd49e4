use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::fault::Fault;

/// Everything around the rules of one agreement version: the content of its `version.toml`.
///
/// Unknown keys are refused, so that a misspelt term cannot be silently ignored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Agreement id; equals the folder's name.
    pub agreement: String,
    /// Version; equals the folder's name.
    pub version: String,
    /// Title for people.
    pub title: String,
    /// Whether this text was real, is modelled on public reports, or is made up.
    pub marker: Marker,
    /// Who gains what, in one sentence.
    pub benefit: String,
    /// Purpose codes that this version serves.
    pub purposes: Vec<String>,
    /// Legal gateways, `L1` to `L6`; at least one.
    pub gateways: Vec<String>,
    /// Lawful basis, in words.
    pub lawful_basis: String,
    /// Why the duty of confidence allows it, in words.
    pub confidence_basis: String,
    /// Where the public reads this version.
    pub public_address: String,
    /// Where complaints go.
    pub complaints: String,
    /// References of the consultations held; needed before `in_force`.
    #[serde(default)]
    pub consultation_refs: Vec<String>,
    /// Reference of the ethics advice; needed before `in_force`.
    #[serde(default)]
    pub ethics_ref: Option<String>,
    /// Fields that never leave under this version.
    pub never_fields: Vec<String>,
    /// Number of the clause that names the permitted fields.
    pub fields_clause: String,
    /// Number of the clause that names the offences, when there is an offence table.
    #[serde(default)]
    pub offence_clause: Option<String>,
    /// Who signs, asks and processes.
    pub parties: Parties,
    /// Days that matter, apart from status.
    pub dates: Dates,
    /// Who may ask.
    pub authority: Authority,
    /// Which conditions the clauses set.
    pub conditions: Conditions,
    /// Permitted fields for each purpose.
    pub fields_by_purpose: BTreeMap<String, Vec<String>>,
    /// How sure a trace must be.
    pub match_rule: MatchRule,
    /// How much may be asked.
    pub budgets: Budgets,
    /// What happens to data after release.
    pub handling: Handling,
    /// The public-interest test that this version rests on.
    pub interest: Interest,
    /// When the people asked about may be told later; the general grounds and term where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deferral: Option<DeferralTerms>,
    /// How limb A is read, for agreements that have one.
    #[serde(default)]
    pub limb_a: Option<LimbABasis>,
    /// Offence table.
    #[serde(default)]
    pub offences: Vec<Offence>,
}

/// Standing of a shipped text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Marker {
    /// Was once in force; rebuilt from public sources.
    Historical,
    /// Announced or planned, never agreed; rebuilt from public sources.
    Modelled,
    /// Made up, for demonstration.
    Sample,
    /// Agreed by its parties and meant to take effect.
    Binding,
    /// A blank to copy.
    Template,
}

/// Parties, by organization code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parties {
    /// Who decides on each disclosure.
    pub controller: String,
    /// Who may ask.
    pub requesters: Vec<String>,
    /// Who handles requests for the controller.
    #[serde(default)]
    pub processors: Vec<String>,
}

/// Days of a version. Status itself is in the status log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dates {
    /// First told to the public.
    #[serde(default)]
    pub announced: Option<Date>,
    /// Signed.
    #[serde(default)]
    pub agreed: Option<Date>,
    /// Text made public.
    #[serde(default)]
    pub published: Option<Date>,
    /// Takes effect.
    pub effective: Date,
    /// Last day, exclusive.
    #[serde(default)]
    pub ends: Option<Date>,
    /// Must be reviewed by.
    #[serde(default)]
    pub review: Option<Date>,
}

/// Who may ask and who must sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// Units that may ask; empty when the agreement names none.
    #[serde(default)]
    pub units: Vec<String>,
    /// Rank codes, lowest first.
    #[serde(default)]
    pub ranks: Vec<String>,
    /// Lowest rank that may authorize.
    #[serde(default)]
    pub min_rank: Option<String>,
    /// Whether a second person must sign.
    pub countersign_required: bool,
}

/// Conditions that the clauses set, as published metadata.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conditions {
    /// Contact with the person must be lost.
    pub lost_contact: bool,
    /// Other ways must have been tried.
    pub last_resort: bool,
    /// The offence must be identifiable.
    pub identifiable_offence: bool,
    /// One person a request.
    pub one_subject: bool,
    /// Forwarding a message must have been considered.
    pub alternative_considered: bool,
}

/// How sure a trace must be before anything may leave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatchRule {
    /// `mps` or `bayes`.
    pub engine: String,
    /// Lowest posterior (`bayes`, 0 to 1) or score (`mps`, 0 to 100).
    pub floor: f64,
    /// Smallest distance to the next candidate, in the unit of `floor`.
    pub min_gap: f64,
    /// Smallest number of agreeing items.
    pub min_items: u32,
    /// Further agreeing items when the birth date is 1 January.
    pub jan1_extra: u32,
}

/// How much may be asked before a person is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budgets {
    /// Requests a day from one agency.
    pub day: u32,
    /// Requests a day from one officer.
    pub officer: u32,
    /// Requests a year about one subject.
    pub subject: u32,
    /// Attempts with changed identifiers for one request.
    pub attempts: u32,
}

/// What happens to data after release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Handling {
    /// Days after which the recipient destroys the data.
    pub data_life_days: u32,
    /// Days within which the recipient says what came of it.
    pub outcome_due_days: u32,
    /// How long the controller keeps its own record, in words.
    pub retention: String,
    /// Limit on passing data on, in words; stamped on each release.
    pub onward_rule: String,
    /// How often statistics are published.
    pub stats_cadence: String,
    /// Rule for small numbers in published statistics.
    pub small_number_rule: String,
}

/// The public-interest test that a version rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interest {
    /// Id of the test, beside the agreement's versions.
    pub pit: String,
    /// Version of the test.
    pub version: String,
}

/// On which grounds the people asked about may be told later, and for how long before somebody else looks
/// again. An agreement can only take away from the general grounds and term.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeferralTerms {
    /// Codes of [`DEFERRAL_GROUNDS`]; empty where people are always told at once.
    pub grounds: Vec<String>,
    /// Longest term, in days, at most [`DEFERRAL_DAYS_MAX`].
    pub days_max: u32,
}

/// Every ground there is.
pub const DEFERRAL_GROUNDS: [&str; 3] = ["crime", "others_rights", "state_security"];
/// Longest term there is, in days.
pub const DEFERRAL_DAYS_MAX: u32 = 90;

/// How "investigated for or convicted of" is read. There is no default: a text must choose and
/// cite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimbABasis {
    /// `convicted_only` or `investigated_or_convicted`.
    pub basis: String,
    /// Public source of that reading.
    pub source: String,
    /// What stands in for the sentence of someone only investigated.
    #[serde(default)]
    pub stands_in: Option<String>,
}

/// One row of the offence table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offence {
    /// Code as used in requests.
    pub code: String,
    /// Statute and section, in words.
    pub statute: String,
    /// First day on which the code exists.
    #[serde(default)]
    pub valid_from: Option<Date>,
    /// First day on which it exists no longer.
    #[serde(default)]
    pub valid_to: Option<Date>,
    /// Shortest prison term that counts, in months.
    #[serde(default)]
    pub min_term_months: Option<u32>,
    /// Limb that the offence belongs to.
    #[serde(default)]
    pub limb: Option<String>,
}

impl Offence {
    /// Whether the code existed on `day`.
    pub fn valid_on(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day < to)
    }
}

impl Terms {
    /// The permitted fields for a purpose; none for a purpose that is not served.
    pub fn fields(&self, purpose: &str) -> &[String] {
        self.fields_by_purpose
            .get(purpose)
            .map_or(&[], Vec::as_slice)
    }

    pub(crate) fn parse(file: &str, text: &str) -> Result<Self, Fault> {
        toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            let message = error.message().replace('\n', ", ");
            let remedy = "correct the key or value; version.toml takes only the documented terms";
            Fault::at_offset(file, text, offset, message, remedy)
        })
    }

    /// Faults in the values, beyond their shape.
    pub(crate) fn faults(
        &self,
        file: &str,
        text: &str,
        agreement: &str,
        version: &str,
    ) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut fault = |needle: &str, problem: String, remedy: &str| {
            faults.push(Fault::at_text(file, text, needle, problem, remedy));
        };
        if self.agreement != agreement {
            let problem = format!(
                "agreement `{}` stands in folder `{agreement}`",
                self.agreement
            );
            fault("agreement", problem, "use the folder's name");
        }
        if self.version != version {
            let problem = format!("version `{}` stands in folder `{version}`", self.version);
            fault("version", problem, "use the folder's name");
        }
        for (key, empty) in [
            ("purposes", self.purposes.is_empty()),
            ("gateways", self.gateways.is_empty()),
            ("requesters", self.parties.requesters.is_empty()),
            ("never_fields", self.never_fields.is_empty()),
        ] {
            if empty {
                fault(key, format!("`{key}` is empty"), "name at least one");
            }
        }
        if !self
            .never_fields
            .iter()
            .any(|field| field == crate::CLINICAL)
        {
            let problem = "`never_fields` does not name `clinical`".to_owned();
            fault(
                "never_fields",
                problem,
                "add `clinical`; no agreement releases it",
            );
        }
        for (purpose, fields) in &self.fields_by_purpose {
            if !self.purposes.contains(purpose) {
                let problem =
                    format!("fields are given for purpose `{purpose}`, which is not served");
                fault(purpose, problem, "add the purpose or remove its fields");
            }
            for field in fields
                .iter()
                .filter(|field| self.never_fields.contains(field))
            {
                let problem = format!("field `{field}` is both permitted and never permitted");
                fault(field, problem, "take it out of one of the two lists");
            }
        }
        faults.extend(self.choice_faults(file, text));
        faults
    }

    /// Values that must be one of a list.
    fn choice_faults(&self, file: &str, text: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut fault = |needle: &str, problem: String, remedy: &str| {
            faults.push(Fault::at_text(file, text, needle, problem, remedy));
        };
        if let Some(rank) = &self.authority.min_rank
            && !self.authority.ranks.contains(rank)
        {
            let problem = format!("`min_rank` names `{rank}`, which is not in `ranks`");
            fault("min_rank", problem, "name one of `ranks`");
        }
        if !["mps", "bayes"].contains(&self.match_rule.engine.as_str()) {
            let problem = format!("match engine `{}` does not exist", self.match_rule.engine);
            fault("engine", problem, "use `mps` or `bayes`");
        }
        if !self.conditions.one_subject {
            let problem = "`one_subject` is false".to_owned();
            fault(
                "one_subject",
                problem,
                "set it to true; a request is about one person",
            );
        }
        for gateway in self
            .gateways
            .iter()
            .filter(|code| !GATEWAYS.contains(&code.as_str()))
        {
            let problem = format!("gateway `{gateway}` does not exist");
            fault("gateways", problem, "use `L1` to `L6`");
        }
        if let Some(deferral) = &self.deferral {
            let known = |ground: &&String| DEFERRAL_GROUNDS.contains(&ground.as_str());
            for ground in deferral.grounds.iter().filter(|ground| !known(ground)) {
                let problem = format!("ground `{ground}` does not exist");
                let remedy = "use `crime`, `others_rights` or `state_security`";
                fault("grounds", problem, remedy);
            }
            if !(1..=DEFERRAL_DAYS_MAX).contains(&deferral.days_max) {
                let problem = format!("`days_max` is {}", deferral.days_max);
                fault("days_max", problem, "give 1 to 90 days");
            }
        }
        faults
    }
}

const GATEWAYS: [&str; 6] = ["L1", "L2", "L3", "L4", "L5", "L6"];
