use disclosure::Request;
use disclosure::deferral::{DeferralGround, DelayAsked};
use disclosure::request::{
    Attempt, Authoriser, Grounds, Justification, Priority, Requester, Subject,
};
use jiff::Timestamp;
use proptest::option;
use proptest::prelude::*;

use crate::{Endpoint, Header, Message, Object, read, recorded, refused, write};

fn object(action: u64) -> Object {
    Object {
        action,
        identifier: format!("00000000-0000-4000-8000-00000000000{action}"),
    }
}

fn message(request: Request) -> Message {
    let end = |identifier: &str| Endpoint {
        country: "GB".to_owned(),
        identifier: identifier.to_owned(),
    };
    Message {
        header: Header {
            sender: end(&request.requester.organization),
            receiver: end("controller"),
            transaction: "c02358b2-76cf-4ba4-a8eb-f6436ccaea2e".to_owned(),
            at: "2026-10-01T08:00:00.25Z".parse().unwrap(),
        },
        authorisation: object(0),
        task: object(1),
        document: Some(object(2)),
        reference: "GB-police-northmoor-1".to_owned(),
        request,
    }
}

fn sample() -> Message {
    let request = serde_json::json!({
        "agency_reference": "NP/2026/104",
        "requester": { "organization": "police-northmoor", "unit": "major-crime", "officer_id": "dc-1",
                       "name": "DC One", "rank": "constable" },
        "authoriser": { "officer_id": "insp-7", "name": "Inspector Two", "rank": "inspector",
                        "signed_at": "2026-10-01T08:00:00Z" },
        "purpose": "serious_crime", "subject_role": "suspect",
        "grounds": { "gateway": "L3", "offence": "serious_fraud" },
        "justification": { "necessity": "cannot be found otherwise",
                           "attempts": [{ "what": "visit", "on": "2026-09-20", "result": "moved" }] },
        "subject": { "surname": "EXAMPLE", "given_name": "ANNA", "nhs_number": "9990000018" },
        "fields": ["name", "last_known_address"],
    });
    message(serde_json::from_value(request).unwrap())
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "[ -~]{1,12}",
        "[a-zé\u{1F600}&<>\"'\r\n\t ]{1,12}",
    ]
}

fn some_text() -> impl Strategy<Value = Option<String>> {
    // An empty text and none are one in a message.
    option::of("[ -~]{1,12}")
}

fn instant() -> impl Strategy<Value = Timestamp> {
    (0..4_000_000_000_i64).prop_map(|second| Timestamp::from_second(second).unwrap())
}

fn grounds() -> impl Strategy<Value = Grounds> {
    let texts = proptest::collection::vec(some_text(), 10);
    let flags = proptest::collection::vec(option::of(any::<bool>()), 6);
    let numbers = (option::of(any::<i64>()), option::of(any::<i64>()));
    let lists = proptest::collection::vec("[a-z_]{1,9}", 0..3);
    (texts, flags, numbers, lists, option::of(instant())).prop_map(
        |(texts, flags, (offence_max_months, sentence_months), order_fields, on)| Grounds {
            gateway: texts[0].clone(),
            offence: texts[1].clone(),
            offence_on: on.map(|at| at.to_zoned(jiff::tz::TimeZone::UTC).date()),
            offence_max_months,
            power: texts[2].clone(),
            conviction: texts[3].clone(),
            sentence_months,
            sentence_type: texts[4].clone(),
            single_offence: flags[0],
            deportation_considered: flags[1],
            public_security_risk: flags[2],
            prejudice_to_state: flags[3].unwrap_or_default(),
            court_order: texts[5].clone(),
            order_fields,
            warrant: texts[6].clone(),
            case_reference: texts[7].clone(),
            contact_lost: flags[4],
            message_first: texts[8].clone(),
            safeguarding_lead: texts[9].clone(),
            asks_for_act: flags[5].unwrap_or_default(),
        },
    )
}

fn justification() -> impl Strategy<Value = Justification> {
    let line = "[ -~]{0,9}";
    let attempt = (line, instant(), text()).prop_map(|(what, at, result)| Attempt {
        what,
        on: at.to_zoned(jiff::tz::TimeZone::UTC).date(),
        result,
    });
    let texts = proptest::collection::vec(text(), 6);
    let attempts = proptest::collection::vec(attempt, 0..3);
    (texts, option::of(any::<bool>()), attempts).prop_map(|(texts, considered, attempts)| {
        Justification {
            necessity: texts[0].clone(),
            proportionality: texts[1].clone(),
            harm: texts[2].clone(),
            link: texts[3].clone(),
            likelihood: texts[4].clone(),
            consent: texts[5].clone(),
            alternative_considered: considered,
            attempts,
        }
    })
}

fn subject() -> impl Strategy<Value = Subject> {
    let texts = proptest::collection::vec(text(), 9);
    let names = proptest::collection::vec("[A-Z ]{1,9}", 0..3);
    (texts, names).prop_map(|(texts, previous_names)| Subject {
        surname: texts[0].clone(),
        given_name: texts[1].clone(),
        middle_name: texts[2].clone(),
        previous_names,
        date_of_birth: texts[3].clone(),
        sex: texts[4].clone(),
        nhs_number: texts[5].clone(),
        address: texts[6].clone(),
        town: texts[7].clone(),
        postcode: texts[8].clone(),
    })
}

prop_compose! {
    fn people()(
        texts in proptest::collection::vec(text(), 9), unit in some_text(), signed in option::of(instant()),
    ) -> (Requester, Option<Authoriser>) {
        let text = |at: usize| texts[at].clone();
        let requester = Requester {
            organization: text(0), unit, officer_id: text(1), name: text(2), role: text(3), rank: text(4),
            secure_email: text(5),
        };
        let authoriser = signed.map(|signed_at| Authoriser {
            officer_id: text(6), name: text(7), rank: text(8), signed_at,
        });
        (requester, authoriser)
    }
}

prop_compose! {
    fn request()(
        (requester, authoriser) in people(), grounds in grounds(), justification in justification(),
        subject in subject(), (agreement, limb, manual_information) in (some_text(), some_text(), some_text()),
        (agency_reference, purpose, subject_role) in (text(), text(), text()),
        fields in proptest::collection::vec("[a-z_]{1,12}", 1..4),
        priority in prop_oneof![Just(Priority::Routine), Just(Priority::Priority), Just(Priority::Emergency)],
        delay in option::of((prop::sample::select(&DeferralGround::ALL[..]), instant())),
    ) -> Request {
        Request {
            agency_reference, agreement, requester, authoriser, purpose, limb, priority, subject_role, grounds,
            justification, subject, fields, manual_information,
            tell_subject_delay: delay.map(|(ground, until)| DelayAsked { ground, until }),
        }
    }
}

proptest! {
    #[test]
    fn a_request_comes_back_as_it_was_written(request in request()) {
        let message = message(request);
        let written = write(&message).unwrap();
        prop_assert_eq!(read(written.as_bytes()).unwrap(), message);
    }

    #[test]
    fn whatever_comes_is_read_or_refused(bytes in any::<Vec<u8>>()) {
        let _ = read(&bytes);
    }

    #[test]
    fn a_message_with_faults_is_read_or_refused(
        places in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = write(&sample()).unwrap().into_bytes();
        for (place, byte) in places {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let _ = read(&bytes);
        let _ = read(&bytes[..cut.index(bytes.len())]);
    }
}

#[test]
fn what_a_message_cannot_carry_is_not_written() {
    for spoil in [
        |message: &mut Message| message.request.justification.harm = "\u{1}".to_owned(),
        |message: &mut Message| message.request.limb = Some(String::new()),
        |message: &mut Message| message.document = None,
        |message: &mut Message| message.request.requester.organization = "another".to_owned(),
        |message: &mut Message| message.task.identifier = "7".to_owned(),
    ] {
        let mut message = sample();
        spoil(&mut message);
        assert!(write(&message).is_err());
    }
}

#[test]
fn prefixes_comments_and_white_space_are_the_senders() {
    let written = write(&sample()).unwrap();
    let other = written
        .replace("task:", "t:")
        .replace("xmlns:task", "xmlns:t")
        .replace("><", ">\n  <!-- here -->\n<");
    assert_eq!(read(other.as_bytes()).unwrap(), sample());
}

fn fault(bytes: &[u8]) -> String {
    read(bytes).unwrap_err().fault.to_string()
}

/// What stands in a sound message, what stands there instead, and what is said of it.
const NOT_TAKEN: &[(&str, &str, &str)] = &[
    (
        "<auth:AuthorisationDesiredStatus>",
        "<auth:AuthorisationCSPID/><auth:AuthorisationDesiredStatus>",
        "HI1Object/auth:AuthorisationCSPID` is not taken, or not here; leave it out",
    ),
    (
        "<auth:AuthorisationDesiredStatus>",
        "<x xmlns=\"urn:x\"/><auth:AuthorisationDesiredStatus>",
        "HI1Object/{other namespace}x` is not taken, or not here",
    ),
    (
        "<CREATE>",
        "<UPDATE/><CREATE>",
        "ActionRequest/UPDATE` is not taken, or not here",
    ),
    (
        "<CREATE>",
        "please <CREATE>",
        "`/HI1Message/Payload/RequestPayload/ActionRequests/ActionRequest` holds text between",
    ),
    (
        "task:LDTaskObject",
        "task:LITaskObject",
        "is `task:LITaskObject`, which is not taken; send authorizations",
    ),
    (
        "doc:DocumentObject",
        "auth:AuthorisationObject",
        "` is a second `auth:AuthorisationObject`; send one request, about one person",
    ),
    (
        "<common:Name>Purpose",
        "<common:Name>RequestType",
        "task:RequestDetails/task:Type` is of another dictionary; take it from dictionary `Purpose` of `Tracegate`",
    ),
    (
        "<task:FormatName>surname",
        "<task:FormatName>IMSI",
        "task:FormatType` is a format that is not taken; use a format of `Tracegate`: `surname`",
    ),
    (
        "<task:FormatName>surname",
        "<task:FormatName>given_name",
        "task:RequestValue` is said a second time; say it once",
    ),
    (
        "justification/necessity",
        "justification/certainty",
        "doc:DocumentProperty` is a property that is not taken",
    ),
    (
        "2026-09-20\nvisit",
        "yesterday\nvisit",
        "doc:DocumentProperty` is not of its kind; write the day, what was tried",
    ),
    (
        "<NationalProfileVersion>1",
        "<NationalProfileVersion>2",
        "`/HI1Message/Header/Version` names another profile; write by profile `Tracegate`",
    ),
    (
        "AwaitingDisclosure",
        "Cancelled",
        "task:DesiredStatus` is not what a new request says; write `AwaitingDisclosure`",
    ),
    (
        "c02358b2-76cf",
        "C02358B2-76CF",
        "`/HI1Message/Header/TransactionIdentifier` is not a UUID",
    ),
    (
        "<OwnerIdentifier>police-northmoor",
        "<OwnerIdentifier>somebody",
        "belongs to another than the sender; ask for yourself",
    ),
    (
        "<AssociatedObject>00000000-0000-4000-8000-000000000000",
        "<AssociatedObject>00000000-0000-4000-8000-000000000009",
        "has an object that does not belong",
    ),
    (
        "<task:Reference>GB-",
        "<task:Reference>",
        "HI1Object` has a `task:Reference` that is no LDID; write the country",
    ),
    (
        "<Header>",
        "<Header kind=\"new\">",
        "`/HI1Message/Header/@{other namespace}kind` is an attribute that is not taken",
    ),
    (
        "<task:Type>",
        "<task:StartTime>2026-01-01T00:00:00Z</task:StartTime><task:Type>",
        "task:RequestDetails/task:StartTime` is not taken",
    ),
    (
        "HI1Message xmlns=\"http://uri.etsi.org/03120/common/2019/10/Core\"",
        "HI1Message xmlns=\"http://uri.etsi.org/03120/common/2016/02/Core\"",
        "is `{other namespace}HI1Message`; send `HI1Message`",
    ),
];

#[test]
fn what_is_not_taken_is_refused_by_name_with_its_place_and_a_remedy() {
    let written = write(&sample()).unwrap();
    for (from, to, expected) in NOT_TAKEN {
        assert!(written.contains(*from), "{from}");
        let found = fault(written.replacen(from, to, 1).as_bytes());
        assert!(found.contains(*expected), "{from}: {found}");
        assert!(
            !found.contains("EXAMPLE") && !found.contains("ANNA"),
            "{found}"
        );
    }
}

#[test]
fn a_message_without_a_part_is_refused() {
    let written = write(&sample()).unwrap();
    let actions: Vec<&str> = written.split("<ActionRequest>").collect();
    for (left, expected) in [
        (vec![0, 2, 3], "creates no `auth:AuthorisationObject`"),
        (vec![0, 1, 3], "creates no `task:LDTaskObject`"),
    ] {
        let parts: Vec<&str> = left.iter().map(|part| actions[*part]).collect();
        let found = fault(parts.join("<ActionRequest>").as_bytes());
        assert!(found.contains(expected), "{found}");
    }
}

#[test]
fn nothing_is_fetched_declared_or_grown() {
    let written = write(&sample()).unwrap();
    let (declaration, rest) = written.split_once('\n').unwrap();
    let document_type = |inside: &str| format!("{declaration}<!DOCTYPE HI1Message {inside}>{rest}");
    for inside in [
        "SYSTEM \"file:///etc/passwd\"",
        "[<!ENTITY x SYSTEM \"http://127.0.0.1/\">]",
        "[<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]",
    ] {
        let found = fault(document_type(inside).as_bytes());
        assert!(found.contains("document type declaration"), "{found}");
    }
    let unknown = written.replacen("DC One", "&x;", 1);
    assert!(fault(unknown.as_bytes()).contains("not well-formed at line"));

    let deep = "<a>".repeat(20_000);
    assert!(fault(deep.as_bytes()).contains("`/` "));
    let deep = [&"<a>".repeat(100)[..], &"</a>".repeat(100)].concat();
    assert!(fault(deep.as_bytes()).contains("too deep"));
    let many = format!("<a>{}</a>", "<b/>".repeat(10_000));
    assert!(fault(many.as_bytes()).contains("too many elements"));
    let long = vec![b' '; crate::BYTES_MAX + 1];
    assert!(fault(&long).contains("too long"));
    assert!(fault(b"\xff\xfe").contains("UTF-8"));
    assert!(fault(b"").contains("not well-formed"));
}

#[test]
fn answers_name_each_object_and_the_case() {
    let (message, now) = (sample(), "2026-10-01T08:00:01Z".parse().unwrap());
    let told = recorded(&message, "TG-7F3K-92QD-B4", now);
    roxmltree::Document::parse(&told).unwrap();
    for object in message.objects() {
        let created = format!(
            "<CREATEResponse><Identifier>{}</Identifier>",
            object.identifier
        );
        assert!(told.contains(&created), "{told}");
    }
    assert!(told.contains("<ExternalIdentifier>TG-7F3K-92QD-B4</ExternalIdentifier>"));
    assert!(told.contains("<Timestamp>2026-10-01T08:00:01.000000Z</Timestamp>"));

    let spoiled = write(&message).unwrap().replace("<CREATE>", "<GET>");
    let error = read(spoiled.replace("</CREATE>", "</GET>").as_bytes()).unwrap_err();
    let told = refused(error.header.as_deref(), &error.fault, now);
    roxmltree::Document::parse(&told).unwrap();
    assert!(
        told.contains("c02358b2-76cf-4ba4-a8eb-f6436ccaea2e"),
        "{told}"
    );
    assert!(
        told.contains("<ErrorDescription>`/HI1Message/Payload"),
        "{told}"
    );
    let unread = read(b"<a/>").unwrap_err();
    assert!(unread.header.is_none());
    roxmltree::Document::parse(&refused(None, &unread.fault, now)).unwrap();
}

/// Writes what a schema validator may look at, where it is told to.
#[test]
fn examples_for_a_schema_validator() {
    let Some(folder) = std::env::var_os("TRACEGATE_HI1_EXAMPLES") else {
        return;
    };
    let (message, now) = (sample(), Timestamp::UNIX_EPOCH);
    let error = read(b"<a/>").unwrap_err();
    for (name, text) in [
        ("request.xml", write(&message).unwrap()),
        ("recorded.xml", recorded(&message, "TG-7F3K-92QD-B4", now)),
        ("refused.xml", refused(None, &error.fault, now)),
    ] {
        std::fs::write(std::path::Path::new(&folder).join(name), text).unwrap();
    }
}
