//! Whatever is stored of a case reads back as that case.

use disclosure::case::Traced;
use disclosure::check::Checks;
use disclosure::trace::{Candidate, EvidenceLine, TraceOutcome, TraceResult};
use disclosure::{Actor, Case, State};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;

use super::body;
use crate::StoreError;

/// A case in review, of texts and numbers as they come.
fn traced((texts, numbers): &([String; 3], [f64; 6])) -> Case {
    let [surname, field, finding] = texts.clone();
    let [score, probability, bits, total, last, gap] = *numbers;
    let line = |bits, total| EvidenceLine {
        field: field.clone(),
        finding: finding.clone(),
        bits,
        total,
    };
    let candidate = Candidate {
        person_ref: "P1".to_owned(),
        score,
        probability,
        on_history: false,
        restricted: true,
        jan1: false,
        evidence: vec![line(bits, total), line(0.0, last)],
    };
    let trace = TraceResult {
        tracer: Actor::gate(),
        at: Timestamp::UNIX_EPOCH,
        engine: "bayes".to_owned(),
        index_version: "1".to_owned(),
        outcome: TraceOutcome::Single,
        examined: 1,
        candidates: vec![candidate],
        gap: Some(gap),
    };
    let request = json!({
        "requester": { "organization": "police", "officer_id": "o", "name": "O", "rank": "sergeant" },
        "purpose": "serious_crime", "subject": { "surname": surname }, "fields": ["name"],
    });
    let request = serde_json::from_value(request).expect("a request");
    let received =
        disclosure::arrows::receive("TG-1", "1", request, &Actor::gate(), Timestamp::UNIX_EPOCH);
    let disclosure::Change::Open(mut case) = received.change else {
        panic!("not an opening")
    };
    let checks = Checks::default();
    case.state = State::CaseworkReview(Traced { checks, trace });
    *case
}

proptest! {
    #[test]
    fn a_case_of_any_texts_and_numbers_reads_back_as_itself(
        texts in any::<[String; 3]>(),
        numbers in any::<[f64; 6]>(),
    ) {
        let case = traced(&(texts, numbers));
        let text = body(&case).expect("finite numbers are stored");
        prop_assert_eq!(serde_json::from_str::<Case>(&text).expect("reads"), case);
    }

    #[test]
    fn a_number_that_is_none_is_refused_wherever_it_stands(
        mut numbers in any::<[f64; 6]>(),
        place in 0..6_usize,
        none in prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY]),
    ) {
        numbers[place] = none;
        let refused = body(&traced(&(Default::default(), numbers)));
        let unstorable = matches!(refused, Err(StoreError::Unstorable { what: "case" }));
        prop_assert!(unstorable, "{:?}", place);
    }
}
