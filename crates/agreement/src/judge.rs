use cedar_policy::{
    Authorizer, Decision, Entities, EntityId, EntityTypeName, EntityUid, Request, Response,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::sync::LazyLock;

use crate::clause::{Clause, ClauseKind, number_key};
use crate::facts::Facts;
use crate::library::Version;
use crate::policy::{Place, Policies, Rule, WrittenOut};
use crate::terms::Terms;

/// What one agreement version says about one request. A refusal is a value, never an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// The answer as a whole.
    pub outcome: Outcome,
    /// Every clause of the prose, in its order, with its own answer.
    pub clauses: Vec<ClauseFinding>,
    /// Requested fields that both policy sets permit.
    pub fields_allowed: Vec<String>,
    /// Requested fields that fail a clause.
    pub fields_refused: Vec<String>,
    /// Requested fields that wait for a person and fail nothing else.
    pub fields_waiting: Vec<String>,
    /// Set when judging itself went wrong: a rule erred, or the two policy sets disagree. The
    /// outcome is then always a refusal and somebody must be told.
    pub alarm: Option<String>,
    /// What judged, so that the judgement can be repeated.
    pub engine: Engine,
}

/// The answer as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// At least one field is permitted and none waits. Human clauses stay open for review.
    Permitted,
    /// No field is permitted.
    Refused,
    /// A person must look before anything else happens.
    NeedsHuman,
}

impl Outcome {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Permitted => "permitted",
            Self::Refused => "refused",
            Self::NeedsHuman => "for a person",
        }
    }
}

/// The answer of one clause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClauseFinding {
    /// Its number.
    pub clause: String,
    /// Who answers it.
    pub kind: ClauseKind,
    /// The answer.
    pub result: ClauseResult,
    /// What it demands, in plain words.
    pub text: String,
    /// Refusal code when it fails; empty for clauses that no rule decides.
    pub outcome_code: String,
    /// What would change the answer.
    pub fix: String,
    /// Public source of the clause.
    pub source: String,
    /// Requested fields for which it fails or waits.
    pub fields: Vec<String>,
}

/// How a clause is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClauseResult {
    /// Met for every requested field.
    Pass,
    /// Not met for at least one requested field.
    Fail,
    /// For a person to answer.
    NeedsHuman,
    /// Decides nothing about this request.
    NotApplicable,
}

/// What judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Engine {
    /// Name and version of this engine and of the policy engine in it.
    pub version: String,
    /// Content hash of the agreement version.
    pub content_hash: String,
    /// SHA-256 of each overlay over it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overlays: Vec<String>,
    /// Hash of the facts.
    pub inputs_hash: String,
}

impl Judgement {
    /// The failing clauses, in order.
    pub fn failing(&self) -> impl Iterator<Item = &ClauseFinding> {
        self.clauses
            .iter()
            .filter(|finding| finding.result == ClauseResult::Fail)
    }

    /// The coded clauses that stop at least one field: failing, or waiting for a person.
    pub fn stopping(&self) -> impl Iterator<Item = &ClauseFinding> {
        let coded = self
            .clauses
            .iter()
            .filter(|finding| finding.kind == ClauseKind::Coded);
        coded.filter(|finding| {
            matches!(
                finding.result,
                ClauseResult::Fail | ClauseResult::NeedsHuman
            )
        })
    }

    /// The code that a refusal carries: of the first failing clause, or `no_legal_basis` when
    /// judging went wrong. `None` when nothing is refused as a whole.
    pub fn refusal_code(&self) -> Option<&str> {
        if self.outcome != Outcome::Refused {
            return None;
        }
        let first = self
            .failing()
            .map(|finding| finding.outcome_code.as_str())
            .next();
        Some(first.unwrap_or("no_legal_basis"))
    }
}

/// Judges every requested field of a request against every clause of a version.
///
/// A field is allowed only if `clauses.cedar` and `release.cedar` both allow it and neither reports
/// an error. Status and dates of the agreement are not looked at: [`crate::Library::find`] does that.
pub fn judge(version: &Version, facts: &Facts) -> Judgement {
    let mut tally = Tally::default();
    match ask(&version.policies, facts) {
        Ok((clauses, release)) => {
            tally.raise(&clauses, &release);
            for (kind, fields) in kinds(version, facts) {
                tally.judge_kind(version, kind, &fields, (&clauses, &release));
            }
        }
        Err(error) => tally.alarm = Some(error),
    }
    tally.offence_table(version, facts);
    tally.into_judgement(version, facts)
}

/// Asks each policy set once. Written out, neither looks at the action any more; were one to, it
/// would see what no agreement releases.
fn ask(policies: &Policies, facts: &Facts) -> Result<(Answer, Answer), String> {
    let context = facts.context();
    let context =
        context.map_err(|error| format!("the facts cannot be read as a context: {error}"))?;
    let request = request(&facts.agency, crate::CLINICAL, context)?;
    let clauses = Answer::of(&policies.clauses, &request)?;
    Ok((clauses, Answer::of(&policies.release, &request)?))
}

/// Requested fields by their kind, each once. A request for nothing is judged as one for clinical
/// data, so that every clause still gets its answer.
fn kinds(version: &Version, facts: &Facts) -> BTreeMap<Option<usize>, BTreeSet<String>> {
    let nothing = [crate::CLINICAL.to_owned()];
    let requested: &[String] = match facts.fields_requested.as_slice() {
        [] => &nothing,
        fields => fields,
    };
    let mut kinds = BTreeMap::<_, BTreeSet<String>>::new();
    for field in requested {
        let kind = kinds.entry(version.policies.kind(field)).or_default();
        kind.insert(field.clone());
    }
    kinds
}

/// What one policy set says.
struct Answer {
    allowed: bool,
    /// What decided: the forbids that deny, or the permits that allow.
    reasons: Vec<Place>,
    errors: Vec<String>,
}

impl Answer {
    fn of(policies: &WrittenOut, request: &Request) -> Result<Self, String> {
        let response = authorize(request, &policies.set);
        let diagnostics = response.diagnostics();
        let place = |id| {
            let place = policies.place(id).cloned();
            place.ok_or_else(|| format!("policy `{id}` was made from no rule"))
        };
        Ok(Self {
            allowed: response.decision() == Decision::Allow,
            reasons: diagnostics.reason().map(place).collect::<Result<_, _>>()?,
            errors: diagnostics.errors().map(ToString::to_string).collect(),
        })
    }

    /// The forbids that stop a kind of field.
    fn stopping(&self, kind: Option<usize>) -> impl Iterator<Item = &str> {
        let reasons = self.reasons.iter().filter(|_| !self.allowed);
        let stops = reasons.filter(move |place| place.kind.is_none() || place.kind == kind);
        stops.map(|place| place.rule.as_str())
    }

    /// Whether no forbid of `clauses.cedar` stops a kind of field. That the open permit holds is
    /// seen at loading; should Cedar deny for want of it, there is no reason, and nothing is allowed.
    fn clauses_allow(&self, kind: Option<usize>) -> bool {
        let heard = self.allowed || !self.reasons.is_empty();
        heard && kind.is_some() && self.stopping(kind).next().is_none()
    }

    /// Whether both parts of the permit of `release.cedar` hold for a kind of field.
    fn release_allows(&self, kind: Option<usize>) -> bool {
        let holds = |part| self.reasons.iter().any(|place| place.kind == part);
        self.allowed && kind.is_some() && holds(None) && holds(kind)
    }
}

/// Answers gathered while fields are judged.
#[derive(Default)]
struct Tally {
    /// Rule id to the fields it stops.
    stopped: BTreeMap<String, BTreeSet<String>>,
    /// Rule ids that were about at least one requested field.
    applied: BTreeSet<String>,
    allowed: BTreeSet<String>,
    refused: BTreeSet<String>,
    waiting: BTreeSet<String>,
    alarm: Option<String>,
}

impl Tally {
    fn judge_kind(
        &mut self,
        version: &Version,
        kind: Option<usize>,
        fields: &BTreeSet<String>,
        (clauses, release): (&Answer, &Answer),
    ) {
        let stopping: Vec<&str> = clauses.stopping(kind).collect();
        for id in &stopping {
            let stopped = self.stopped.entry((*id).to_owned()).or_default();
            stopped.extend(fields.iter().cloned());
        }
        let waits = |id: &&str| {
            let rule = version.policies.rule(id);
            rule.is_some_and(|rule| rule.outcome == "needs_human")
        };
        let human_only = !stopping.is_empty() && stopping.iter().all(waits);
        for rule in &version.policies.rules {
            let about = rule.fields.as_ref();
            if about.is_none_or(|about| !about.is_disjoint(fields)) {
                self.applied.insert(rule.id.clone());
            }
        }
        let allows = (clauses.clauses_allow(kind), release.release_allows(kind));
        if allows.0 != allows.1 {
            let problem = || "`clauses.cedar` and `release.cedar` disagree".to_owned();
            self.alarm.get_or_insert_with(problem);
        }
        let target = match allows {
            (true, true) => &mut self.allowed,
            (false, _) if human_only => &mut self.waiting,
            _ => &mut self.refused,
        };
        target.extend(fields.iter().cloned());
    }

    /// An error anywhere means that the rules cannot be trusted.
    fn raise(&mut self, clauses: &Answer, release: &Answer) {
        let errors = clauses.errors.iter().chain(&release.errors);
        let mut errors: Vec<&str> = errors.map(String::as_str).collect();
        errors.sort_unstable();
        if !errors.is_empty() {
            self.alarm = Some(errors.join("; "));
        }
    }

    /// An offence code counts only while it exists in the statute; dates never enter the rules.
    fn offence_table(&mut self, version: &Version, facts: &Facts) {
        let (Some(code), Some(day)) = (&facts.offence_code, facts.offence_date) else {
            return;
        };
        let terms = &version.terms;
        let mut rows = terms
            .offences
            .iter()
            .filter(|row| row.code == *code)
            .peekable();
        if rows.peek().is_none() || rows.any(|row| row.valid_on(day)) {
            return;
        }
        let rule = version
            .policies
            .rules
            .iter()
            .find(|rule| is_offence_rule(rule, terms));
        let id = rule.map_or_else(|| "offence_table".to_owned(), |rule| rule.id.clone());
        self.stopped
            .entry(id)
            .or_default()
            .extend(facts.fields_requested.iter().cloned());
        self.refused.append(&mut self.allowed);
        self.refused.append(&mut self.waiting);
    }

    fn into_judgement(mut self, version: &Version, facts: &Facts) -> Judgement {
        if self.alarm.is_some() {
            self.allowed.clear();
            self.waiting.clear();
            self.refused.extend(facts.fields_requested.iter().cloned());
        }
        let outcome = match (self.allowed.is_empty(), self.waiting.is_empty()) {
            (_, false) => Outcome::NeedsHuman,
            (false, true) => Outcome::Permitted,
            (true, true) => Outcome::Refused,
        };
        let mut clauses: Vec<ClauseFinding> = version
            .clauses
            .iter()
            .map(|clause| self.finding(version, clause))
            .collect();
        clauses.sort_by_key(|finding| number_key(&finding.clause));
        let requested = |set: &BTreeSet<String>| {
            let mut fields: Vec<String> = Vec::new();
            for field in facts
                .fields_requested
                .iter()
                .filter(|field| set.contains(*field))
            {
                if !fields.contains(field) {
                    fields.push(field.clone());
                }
            }
            fields
        };
        Judgement {
            outcome,
            clauses,
            fields_allowed: requested(&self.allowed),
            fields_refused: requested(&self.refused),
            fields_waiting: requested(&self.waiting),
            alarm: self.alarm,
            engine: Engine {
                version: engine_version(),
                content_hash: version.content_hash.clone(),
                overlays: version.overlays.clone(),
                inputs_hash: facts.inputs_hash(),
            },
        }
    }

    fn finding(&self, version: &Version, clause: &Clause) -> ClauseFinding {
        let rule = version
            .policies
            .rules
            .iter()
            .find(|rule| rule.clause == clause.number);
        let fields = rule.and_then(|rule| self.stopped.get(&rule.id));
        ClauseFinding {
            clause: clause.number.clone(),
            kind: clause.kind,
            result: match (clause.kind, rule) {
                (ClauseKind::Coded, Some(rule)) => self.result(rule),
                (ClauseKind::Human, _) => ClauseResult::NeedsHuman,
                _ => ClauseResult::NotApplicable,
            },
            text: rule.map_or_else(|| clause.text.clone(), |rule| rule.text.clone()),
            outcome_code: rule.map(|rule| rule.outcome.clone()).unwrap_or_default(),
            fix: rule.map(|rule| rule.fix.clone()).unwrap_or_default(),
            source: clause.source.clone(),
            fields: fields.into_iter().flatten().cloned().collect(),
        }
    }

    fn result(&self, rule: &Rule) -> ClauseResult {
        match (self.stopped.contains_key(&rule.id), rule.outcome.as_str()) {
            (true, "needs_human") => ClauseResult::NeedsHuman,
            (true, _) => ClauseResult::Fail,
            (false, _) if self.applied.contains(&rule.id) => ClauseResult::Pass,
            (false, _) => ClauseResult::NotApplicable,
        }
    }
}

fn is_offence_rule(rule: &Rule, terms: &Terms) -> bool {
    terms.offence_clause.as_ref() == Some(&rule.clause)
}

/// Name and version of this engine and of the policy engine in it.
pub(crate) fn engine_version() -> String {
    format!(
        "agreement {} cedar {}",
        env!("CARGO_PKG_VERSION"),
        cedar_policy::get_sdk_version()
    )
}

/// One Cedar request: the agency asks for one field of the one record.
pub(crate) fn request(
    agency: &str,
    field: &str,
    context: cedar_policy::Context,
) -> Result<Request, String> {
    let kinds = KINDS.as_ref().map_err(Clone::clone)?;
    let uid = |kind: &EntityTypeName, id: &str| {
        EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
    };
    let (principal, action) = (uid(&kinds.agency, agency), uid(&kinds.action, field));
    let resource = uid(&kinds.record, "one");
    Request::new(principal, action, resource, context, None).map_err(|error| error.to_string())
}

/// Names of entity types, parsed once: parsing them for each request costs more than judging it.
struct Kinds {
    agency: EntityTypeName,
    action: EntityTypeName,
    record: EntityTypeName,
}

static KINDS: LazyLock<Result<Kinds, String>> = LazyLock::new(|| {
    let kind = |name: &str| EntityTypeName::from_str(name).map_err(|error| error.to_string());
    Ok(Kinds {
        agency: kind("Agency")?,
        action: kind("Action")?,
        record: kind("Record")?,
    })
});

static AUTHORIZER: LazyLock<Authorizer> = LazyLock::new(Authorizer::new);

/// No rule looks at an entity, so there are none.
static NO_ENTITIES: LazyLock<Entities> = LazyLock::new(Entities::empty);

pub(crate) fn authorize(request: &Request, policies: &cedar_policy::PolicySet) -> Response {
    AUTHORIZER.is_authorized(request, policies, &NO_ENTITIES)
}

#[cfg(test)]
mod tests;
