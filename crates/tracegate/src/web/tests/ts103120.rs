//! Requests as messages of ETSI TS 103 120: carried, judged, and refused like any other.

use interchange::{Endpoint, Header, Message, Object, write};
use serde_json::json;

use super::journey::CASEWORKER;
use super::machines::{DETECTIVE, Machine, refusals, site};
use super::site::Site;

const PATH: (&str, &str) = ("ts103120", "application/xml");

fn message(officer: &str, manual_information: Option<&str>) -> Message {
    let request = json!({
        "agency_reference": "NP/1",
        "requester": {
            "organization": "police-northmoor", "unit": "major-crime",
            "officer_id": officer, "name": "DC Machine", "rank": DETECTIVE.1,
        },
        "authoriser": { "officer_id": "insp-7", "name": "Inspector Two", "rank": "inspector",
                        "signed_at": "2026-10-01T08:00:00Z" },
        "purpose": "serious_crime", "subject_role": "suspect",
        "grounds": { "gateway": "L3", "offence": "serious_fraud" },
        "justification": {
            "necessity": "cannot be found otherwise", "proportionality": "contact only",
            "harm": "others at risk", "link": "cannot be questioned", "likelihood": "likely",
            "consent": "not_asked_prejudice",
            "attempts": [{ "what": "visit", "on": "2026-09-20", "result": "moved" }],
        },
        "subject": { "surname": "Thistlewood", "given_name": "Maud", "date_of_birth": "1984-03-27" },
        "fields": ["name"],
        "manual_information": manual_information,
    });
    let end = |identifier: &str| Endpoint {
        country: "GB".to_owned(),
        identifier: identifier.to_owned(),
    };
    let object = |action| Object {
        action,
        identifier: format!("00000000-0000-4000-8000-00000000000{action}"),
    };
    Message {
        header: Header {
            sender: end("police-northmoor"),
            receiver: end("controller"),
            transaction: "c02358b2-76cf-4ba4-a8eb-f6436ccaea2e".to_owned(),
            at: "2026-10-01T08:00:00Z".parse().unwrap(),
        },
        authorisation: object(0),
        task: object(1),
        document: Some(object(2)),
        reference: "GB-police-northmoor-1".to_owned(),
        request: serde_json::from_value(request).unwrap(),
    }
}

/// Status and text of what is answered to a message for an officer.
fn send(machine: &Machine, who: (&str, &str), body: &str) -> (u16, String) {
    let identity = machine.identity_at(PATH.0, who, body);
    let headers = [("officer-identity", identity.as_str())];
    let mut answer = machine.send_to(PATH, &headers, &machine.token(None), body);
    let text = answer.body_mut().read_to_string().unwrap();
    (answer.status().as_u16(), text)
}

/// The one case that an answer names.
fn case(site: &Site, answer: &str) -> disclosure::Case {
    let (_, rest) = answer.split_once("<ExternalIdentifier>").unwrap();
    site.case(rest.split_once('<').unwrap().0)
}

#[test]
fn a_message_is_a_request_like_any_other() {
    let site = site(false);
    let machine = Machine::of(&site);
    let sent = message(DETECTIVE.0, None);
    let (status, told) = send(&machine, DETECTIVE, &write(&sent).unwrap());
    assert_eq!(status, 200, "{told}");
    assert_eq!(told.matches("<CREATEResponse>").count(), 3, "{told}");
    assert!(told.contains("<common:Value>AwaitingApproval</common:Value>"));
    assert_eq!(case(&site, &told).request, sent.request);
}

#[test]
fn free_text_of_a_message_waits_for_a_person() {
    let site = site(false);
    let machine = Machine::of(&site);
    let sent = message(DETECTIVE.0, Some("ring the custody sergeant first"));
    let (_, told) = send(&machine, DETECTIVE, &write(&sent).unwrap());
    site.work();
    let path = format!("/cases/{}", case(&site, &told).id);
    let page = site.signed_in(CASEWORKER).get(&path).ok();
    assert!(page.says("Clause 4.2 waits for a person"), "{}", page.text);
}

#[test]
fn a_message_in_another_officers_name_is_refused_and_on_record() {
    let site = site(false);
    let machine = Machine::of(&site);
    let sent = write(&message("dc-amara-osei", None)).unwrap();
    let (status, told) = send(&machine, DETECTIVE, &sent);
    assert_eq!(status, 403, "{told}");
    assert!(told.contains("names another officer"), "{told}");
    assert_eq!(refusals(&site), 1);
    let other = write(&message(DETECTIVE.0, None)).unwrap();
    let other = other.replace("police-northmoor", "court-northmoor");
    assert_eq!(send(&machine, DETECTIVE, &other).0, 403);
}

#[test]
fn what_cannot_be_read_is_answered_in_the_messages_own_words_and_records_nothing() {
    let site = site(false);
    let machine = Machine::of(&site);
    let before = site.kinds().len();
    let sent = write(&message(DETECTIVE.0, None)).unwrap();
    let more = sent.replace("<task:Type>", "<task:EndTime/><task:Type>");
    let (status, told) = send(&machine, DETECTIVE, &more);
    assert_eq!(status, 200);
    assert!(told.contains("<ErrorInformation>"), "{told}");
    assert!(
        told.contains("task:RequestDetails/task:EndTime` is not taken"),
        "{told}"
    );
    assert!(!told.contains("Thistlewood"));
    let entity = sent.replacen(
        '\n',
        "<!DOCTYPE HI1Message [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>",
        1,
    );
    let (_, told) = send(&machine, DETECTIVE, &entity);
    assert!(told.contains("document type declaration"), "{told}");
    assert_eq!(site.kinds().len(), before);

    let as_json = ("ts103120", "application/json");
    let identity = machine.identity_at(PATH.0, DETECTIVE, &sent);
    let headers = [("officer-identity", identity.as_str())];
    let answer = machine.send_to(as_json, &headers, &machine.token(None), &sent);
    assert_eq!(answer.status().as_u16(), 415);
}
