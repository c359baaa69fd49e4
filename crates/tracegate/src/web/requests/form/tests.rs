use super::*;

#[test]
fn a_request_said_again_reads_as_the_same_request() {
    let by = personas::find("dc-amara-osei").unwrap();
    let at: Timestamp = "2026-10-01T08:00:00Z".parse().unwrap();
    let request: Request = serde_json::from_value(serde_json::json!({
        "agency_reference": "NP/1",
        "requester": {
            "organization": by.organization, "unit": "major-crime", "officer_id": by.id,
            "name": by.name, "rank": "constable",
        },
        "authoriser": {
            "officer_id": "insp-ruth-hale", "name": "Inspector Ruth Hale", "rank": "inspector",
            "signed_at": at,
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
    let (again, errors) = read(&said(&request), &by, at);
    assert_eq!(errors, []);
    let signer = request
        .authoriser
        .as_ref()
        .map(|signer| signer.name.clone());
    assert_eq!(
        again.authoriser.as_ref().map(|signer| signer.name.clone()),
        signer
    );
    assert_eq!(again, request);
}
