use super::*;
use crate::personas;

#[test]
fn a_request_said_again_reads_as_the_same_request() {
    let by = personas::find("dc-amara-osei").unwrap();
    let request: Request = serde_json::from_value(serde_json::json!({
        "agency_reference": "NP/1",
        "requester": {
            "organization": by.organization, "unit": "major-crime", "officer_id": by.id,
            "name": by.name, "rank": "constable",
        },
        "purpose": "serious_crime", "priority": "emergency", "subject_role": "suspect",
        "grounds": {
            "gateway": "L3", "offence": "serious_fraud", "offence_on": "2026-02-03",
            "sentence_months": 14, "single_offence": false, "contact_lost": true,
            "court_order": "C1", "order_fields": ["name", "gender"],
        },
        "justification": {
            "necessity": "first line\nsecond", "proportionality": "p", "harm": "h", "link": "l",
            "likelihood": "likely", "consent": "not_asked_prejudice",
            "attempts": [{ "what": "visit", "on": "2026-09-20", "result": "moved" }],
        },
        "subject": {
            "surname": "THISTLEWOOD", "given_name": "ADA", "date_of_birth": "1984-03",
            "previous_names": ["ADA LARCH", "ADA M PINE"], "nhs_number": "9990000018",
        },
        "fields": ["name", "last_known_address"], "manual_information": "read this",
    }))
    .unwrap();
    let (again, errors) = read(&said(&request), &by);
    assert_eq!(errors, []);
    assert_eq!(again, request);
}

#[test]
fn a_reason_is_chosen_first_and_words_are_added_to_it() {
    let by = personas::find("dc-amara-osei").unwrap();
    let necessity = |said: &[(&str, &str)]| {
        let said = said
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let (request, _) = read(&Fields(said.collect()), &by);
        request.justification.necessity
    };
    let chosen = ("why.necessity", "protect_somebody");
    let written = ("justification.necessity", "A threat.");
    assert_eq!(necessity(&[chosen]), "To protect somebody from harm");
    assert_eq!(
        necessity(&[chosen, written]),
        "To protect somebody from harm: A threat."
    );
    assert_eq!(necessity(&[written]), "A threat.");
    assert_eq!(necessity(&[("why.necessity", "<b>"), written]), "A threat.");
    assert_eq!(necessity(&[]), "");
}
