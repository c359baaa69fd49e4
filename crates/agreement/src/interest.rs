use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

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

/// The keys of the items T1 to T9.
pub const ITEMS: [&str; 9] = [
    "t1_harm_to_person",
    "t2_trust",
    "t3_harm_to_others",
    "t4_benefit",
    "t5_information_and_views",
    "t6_alternatives",
    "t7_consent_and_identifiability",
    "t8_public_health",
    "t9_equality",
];

/// What is wrong with one part of a test, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its key; of evidence `evidence.N.critique`, counted from 0.
    pub field: String,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: &'static str,
}

impl InterestTest {
    /// One line of JSON: what is hashed, and what a renewal is kept as.
    pub fn canonical(&self) -> String {
        // Texts, dates and lists of them have a JSON form always.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Hex SHA-256 of [`InterestTest::canonical`].
    pub fn content_hash(&self) -> String {
        hex::encode(Sha256::digest(self.canonical()))
    }

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

    /// The tests that have taken the place of the first, each a line that another guardian has
    /// confirmed, oldest first.
    pub(crate) fn parse_renewals(file: &str, text: &str) -> Result<Vec<Self>, Vec<Fault>> {
        let mut tests = Vec::new();
        let mut faults = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let mut fault = |problem: String, remedy: &str| {
                faults.push(Fault::at_line(file, index + 1, line, problem, remedy));
            };
            match serde_json::from_str::<Self>(line) {
                Ok(test) => {
                    for found in test.problems() {
                        fault(found.problem, found.remedy);
                    }
                    if test.guardian_signoff.is_empty() {
                        let remedy = "have another guardian confirm it";
                        fault("nobody has confirmed it".to_owned(), remedy);
                    }
                    tests.push(test);
                }
                Err(error) => fault(error.to_string(), "correct the line"),
            }
        }
        if faults.is_empty() {
            Ok(tests)
        } else {
            Err(faults)
        }
    }

    fn faults(&self, file: &str, text: &str) -> Vec<Fault> {
        let fault = |found: Problem| {
            let needle = match found.field.split('.').nth(1) {
                Some(place) => place.parse().ok().and_then(|place: usize| {
                    let evidence = self.evidence.get(place)?;
                    Some(evidence.claim.as_str())
                }),
                None => Some(found.field.as_str()),
            };
            let needle = needle.unwrap_or_default();
            Fault::at_text(file, text, needle, found.problem, found.remedy)
        };
        self.problems().into_iter().map(fault).collect()
    }

    /// Everything that is wrong with it, in the order of its parts.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = self.wrong_items();
        let mut wrong = |field: &str, problem: &str, remedy| {
            problems.push(Problem {
                field: field.to_owned(),
                problem: problem.to_owned(),
                remedy,
            });
        };
        if self.decided_by == self.guardian_signoff {
            let problem = "decider and guardian are the same person";
            wrong("guardian_signoff", problem, "have another person sign");
        }
        if self.expires_at <= self.decided_at {
            let problem = "it expires before it is decided";
            wrong("expires_at", problem, "correct the dates");
        }
        if self.evidence.is_empty() {
            let remedy = "add an `[[evidence]]` table";
            wrong("evidence", "there is no evidence", remedy);
        }
        problems.extend(self.wrong_evidence());
        problems
    }

    fn wrong_items(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (key, (item, words)) in ITEMS.into_iter().zip(self.items()) {
            let mut wrong = |problem: &str, remedy| {
                problems.push(Problem {
                    field: key.to_owned(),
                    problem: format!("item {item} is {problem}"),
                    remedy,
                });
            };
            if words.trim().is_empty() {
                wrong("empty", "say it in words");
            }
            // 2,000 characters an item: about one page, so that the whole test can be read.
            if words.chars().count() > 2_000 {
                wrong("over 2,000 characters", "shorten it");
            }
        }
        problems
    }

    fn wrong_evidence(&self) -> Vec<Problem> {
        let all = self.evidence.iter().enumerate();
        let bare = all.filter(|(_, evidence)| evidence.critique.is_empty());
        bare.map(|(place, evidence)| Problem {
            field: format!("evidence.{place}.critique"),
            problem: format!("evidence for `{}` has no critique", evidence.claim),
            remedy: "say what speaks against it, or that nothing was found",
        })
        .collect()
    }
}
