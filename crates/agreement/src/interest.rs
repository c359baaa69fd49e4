use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::fault::Fault;

/// A public-interest test: a document of its own beside the agreement (`pit.toml`), with dated
/// evidence and an end. An expired one blocks tracing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InterestTest {
    /// Id that versions refer to.
    pub id: String,
    /// Version of the test.
    pub version: String,
    /// `met` or `not_met`.
    pub conclusion: String,
    /// Which kind of serious crime or overriding interest the conclusion rests on.
    pub serious_crime_limb: String,
    /// Who decided; not the guardian.
    pub decided_by: String,
    /// The guardian who signed.
    pub guardian_signoff: String,
    /// Day of decision.
    pub decided_at: Date,
    /// First day on which it holds no longer.
    pub expires_at: Date,
    /// Day by which it must be looked at again.
    pub review_at: Date,
    /// T1: harm to the person, including later avoidance of care.
    pub t1_harm_to_person: String,
    /// T2: trust in doctors.
    pub t2_trust: String,
    /// T3: harm to others without disclosure.
    pub t3_harm_to_others: String,
    /// T4: benefit.
    pub t4_benefit: String,
    /// T5: kind of information and the person's views.
    pub t5_information_and_views: String,
    /// T6: whether the end can be met without breaching privacy, letter forwarding considered.
    pub t6_alternatives: String,
    /// T7: consent sought or why not, and whether identifying data are needed.
    pub t7_consent_and_identifiability: String,
    /// T8: public-health risk.
    pub t8_public_health: String,
    /// T9: equality.
    pub t9_equality: String,
    /// Evidence, one or more for each claim.
    pub evidence: Vec<Evidence>,
}

/// One piece of evidence and what is said against it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The claim that it is offered for.
    pub claim: String,
    /// Public source.
    pub source: String,
    /// Its own date, as exact as known: `2018`, `2018-04` or `2018-04-15`.
    pub dated: String,
    /// What is said against it.
    pub critique: Vec<String>,
}

impl InterestTest {
    /// Whether the test is met and has not expired.
    pub fn valid_at(&self, at: Timestamp) -> bool {
        let day = at.to_zoned(jiff::tz::TimeZone::UTC).date();
        self.conclusion == "met" && self.decided_at <= day && day < self.expires_at
    }

    /// The items T1 to T9 with their texts.
    pub fn items(&self) -> [(&'static str, &str); 9] {
        [
            ("T1", &self.t1_harm_to_person),
            ("T2", &self.t2_trust),
            ("T3", &self.t3_harm_to_others),
            ("T4", &self.t4_benefit),
            ("T5", &self.t5_information_and_views),
            ("T6", &self.t6_alternatives),
            ("T7", &self.t7_consent_and_identifiability),
            ("T8", &self.t8_public_health),
            ("T9", &self.t9_equality),
        ]
    }

    pub(crate) fn parse(file: &str, text: &str) -> Result<Self, Vec<Fault>> {
        let test: Self = toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            let message = error.message().replace('\n', ", ");
            vec![Fault::at_offset(
                file,
                text,
                offset,
                message,
                "correct the key or value",
            )]
        })?;
        let faults = test.faults(file, text);
        if faults.is_empty() {
            Ok(test)
        } else {
            Err(faults)
        }
    }

    fn faults(&self, file: &str, text: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut fault = |needle: &str, problem: String, remedy: &str| {
            faults.push(Fault::at_text(file, text, needle, problem, remedy));
        };
        for (item, words) in self.items() {
            let key = format!("{}_", item.to_lowercase());
            if words.trim().is_empty() {
                fault(&key, format!("item {item} is empty"), "say it in words");
            }
            // 2,000 characters an item: about one page, so that the whole test can be read.
            if words.chars().count() > 2_000 {
                fault(
                    &key,
                    format!("item {item} is over 2,000 characters"),
                    "shorten it",
                );
            }
        }
        if self.decided_by == self.guardian_signoff {
            let problem = "decider and guardian are the same person".to_owned();
            fault("guardian_signoff", problem, "have another person sign");
        }
        if self.expires_at <= self.decided_at {
            fault(
                "expires_at",
                "it expires before it is decided".to_owned(),
                "correct the dates",
            );
        }
        if self.evidence.is_empty() {
            fault(
                "evidence",
                "there is no evidence".to_owned(),
                "add an `[[evidence]]` table",
            );
        }
        for evidence in self
            .evidence
            .iter()
            .filter(|evidence| evidence.critique.is_empty())
        {
            let problem = format!("evidence for `{}` has no critique", evidence.claim);
            fault(
                &evidence.claim,
                problem,
                "say what speaks against it, or that nothing was found",
            );
        }
        faults
    }
}
