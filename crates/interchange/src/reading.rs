//! Reads a message.

use jiff::Timestamp;

use crate::element::{Element, parse};
use crate::profile::{
    self, AUTHORISATION_STATUS, DOCUMENT_TYPE, Draft, FIELD, GATEWAY, Kind, OFFENCE, OWNER,
    PRIORITIES, PRIORITY, PURPOSE, TASK_STATUS, VERSION, entry, fixed,
};
use crate::{Endpoint, Fault, Header, Message, Object, Refused};

/// Reads a message.
pub fn read(bytes: &[u8]) -> Result<Message, Refused> {
    let refused = |header: Option<&Header>| {
        let header = header.cloned().map(Box::new);
        move |fault| Refused { header, fault }
    };
    let document = parse(bytes).map_err(refused(None))?;
    let mut root = Element::root(&document, "HI1Message").map_err(refused(None))?;
    let header = root.need("Header").and_then(read_header);
    let header = header.map_err(refused(None))?;
    read_payload(root, header.clone()).map_err(refused(Some(&header)))
}

fn read_header(mut element: Element) -> Result<Header, Fault> {
    let header = Header {
        sender: read_endpoint(element.need("SenderIdentifier")?)?,
        receiver: read_endpoint(element.need("ReceiverIdentifier")?)?,
        transaction: uuid(element.need("TransactionIdentifier")?)?,
        at: time(element.need("Timestamp")?)?,
    };
    let mut version = element.need("Version")?;
    version.need_text("ETSIVersion")?;
    let owner = version.need_text("NationalProfileOwner")?;
    let of_profile = version.need_text("NationalProfileVersion")?;
    if (&*owner, &*of_profile) != (OWNER, VERSION) {
        let remedy = format!("write by profile `{OWNER}`, version `{VERSION}`");
        return Err(version.fault("names another profile", remedy));
    }
    version.end()?;
    element.end()?;
    Ok(header)
}

fn read_endpoint(mut element: Element) -> Result<Endpoint, Fault> {
    let country = element.need_text("CountryCode")?;
    if country.len() != 2 || !country.bytes().all(|b| b.is_ascii_uppercase()) {
        return Err(element.fault("has no country code", "write two capital letters"));
    }
    let identifier = element.need_text("UniqueIdentifier")?;
    element.end()?;
    Ok(Endpoint {
        country,
        identifier,
    })
}

fn uuid(element: Element) -> Result<String, Fault> {
    let fault = element.fault("is not a UUID", "write one in small letters");
    let text = element.text()?.trim().to_owned();
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    let digits = |c: char| c == '-' || c.is_ascii_digit() || ('a'..='f').contains(&c);
    if lengths == [8, 4, 4, 4, 12] && text.chars().all(digits) {
        return Ok(text);
    }
    Err(fault)
}

fn time(element: Element) -> Result<Timestamp, Fault> {
    let fault = element.fault("is not a time", "write it as 2026-09-20T10:00:00.000000Z");
    element.text()?.trim().parse().map_err(|_| fault)
}

/// What is found on the way through the actions.
#[derive(Default)]
struct Found {
    draft: Draft,
    reference: String,
    authorisation: Option<Object>,
    task: Option<(Object, Vec<String>)>,
    document: Option<(Object, Vec<String>)>,
}

fn read_payload(mut root: Element, header: Header) -> Result<Message, Fault> {
    let mut payload = root.need("Payload")?;
    let mut request = payload.need("RequestPayload")?;
    let mut actions = request.need("ActionRequests")?;
    let mut found = Found::default();
    while let Some(action) = actions.take("ActionRequest")? {
        read_action(action, &header, &mut found)?;
    }
    let missing = |kind: &str| {
        let remedy = "send the authorization and the task of one request in one message";
        Fault::new(actions.path(), format!("creates no `{kind}`"), remedy)
    };
    let authorisation = found.authorisation;
    let authorisation = authorisation.ok_or_else(|| missing("auth:AuthorisationObject"))?;
    let (task, of_task) = found.task.ok_or_else(|| missing("task:LDTaskObject"))?;
    let mut parts = vec![(of_task, vec![&authorisation.identifier])];
    let document = found.document.map(|(document, of_document)| {
        parts.push((
            of_document,
            vec![&authorisation.identifier, &task.identifier],
        ));
        document
    });
    for (named, of) in &parts {
        if named.is_empty() || !named.iter().all(|name| of.contains(&name)) {
            let problem = "has an object that does not belong to the others";
            let remedy =
                "name in `AssociatedObjects` the authorization, for a document also the task";
            return Err(Fault::new(actions.path(), problem, remedy));
        }
    }
    for element in [actions, request, payload, root] {
        element.end()?;
    }
    Ok(Message {
        request: found.draft.finish()?,
        reference: found.reference,
        header,
        authorisation,
        task,
        document,
    })
}

fn read_action(mut action: Element, header: &Header, found: &mut Found) -> Result<(), Fault> {
    let number = action.need("ActionIdentifier")?;
    let fault = number.fault("is not a number", "count the actions from 0");
    let number = number.text()?.trim().parse().map_err(|_| fault)?;
    let mut create = action.need("CREATE")?;
    let mut element = create.need("HI1Object")?;
    let kind = element.kind()?;
    let (identifier, associated) = read_object(&mut element, header)?;
    let object = Object {
        action: number,
        identifier,
    };
    let again = || {
        let problem = format!("is a second `{kind}`");
        element.fault(
            problem,
            "send one request, about one person, in each message",
        )
    };
    match &*kind {
        "auth:AuthorisationObject" if found.authorisation.is_none() => {
            found.authorisation = Some(object);
            let organization = &header.sender.identifier;
            found
                .draft
                .set("requester/organization", Kind::Text, organization, &element)?;
            read_authorisation(element, &mut found.draft)?;
        }
        "task:LDTaskObject" if found.task.is_none() => {
            found.task = Some((object, associated));
            found.reference = read_task(element, &mut found.draft)?;
        }
        "doc:DocumentObject" if found.document.is_none() => {
            found.document = Some((object, associated));
            read_document(element, &mut found.draft)?;
        }
        "auth:AuthorisationObject" | "task:LDTaskObject" | "doc:DocumentObject" => {
            return Err(again());
        }
        other => {
            let remedy = "send authorizations, lawful-disclosure tasks and documents";
            return Err(element.fault(format!("is `{other}`, which is not taken"), remedy));
        }
    }
    create.end()?;
    action.end()
}

/// Its identifier, and the objects it belongs to.
fn read_object(element: &mut Element, header: &Header) -> Result<(String, Vec<String>), Fault> {
    let identifier = uuid(element.need("ObjectIdentifier")?)?;
    let country = element.take_text("CountryCode")?;
    let owner = element.take_text("OwnerIdentifier")?;
    let sender = &header.sender;
    if country.is_some_and(|it| it != sender.country)
        || owner.is_some_and(|it| it != sender.identifier)
    {
        return Err(element.fault("belongs to another than the sender", "ask for yourself"));
    }
    let mut associated = Vec::new();
    if let Some(mut list) = element.take("AssociatedObjects")? {
        while let Some(object) = list.take("AssociatedObject")? {
            associated.push(uuid(object)?);
        }
        list.end()?;
    }
    Ok((identifier, associated))
}

fn read_authorisation(mut it: Element, draft: &mut Draft) -> Result<(), Fault> {
    let entries = [
        (
            "auth:AuthorisationLegalType",
            GATEWAY,
            "grounds/gateway",
            Kind::Text,
        ),
        (
            "auth:AuthorisationPriority",
            PRIORITY,
            "priority",
            PRIORITIES,
        ),
    ];
    if let Some(reference) = it.take_text("auth:AuthorisationReference")? {
        draft.set("agency_reference", Kind::Text, &reference, &it)?;
    }
    for (name, dictionary, path, kind) in entries {
        if let Some(element) = it.take(name)? {
            draft.set(path, kind, &entry(element, dictionary)?, &it)?;
        }
    }
    if let Some(status) = it.take("auth:AuthorisationDesiredStatus")? {
        fixed(status, AUTHORISATION_STATUS, "SubmittedToCSP")?;
    }
    while let Some(approval) = it.take("auth:AuthorisationApprovalDetails")? {
        read_approval(approval, draft)?;
    }
    if let Some(text) = it.take_text("auth:AuthorisationManualInformation")? {
        draft.set("manual_information", Kind::Text, &text, &it)?;
    }
    if let Some(element) = it.take("auth:AuthorisationTypeOfCase")? {
        draft.set(
            "grounds/offence",
            Kind::Text,
            &entry(element, OFFENCE)?,
            &it,
        )?;
    }
    it.end()
}

/// The officer who asks, or who countersigned.
fn read_approval(mut it: Element, draft: &mut Draft) -> Result<(), Fault> {
    let part = match &*it.need_text("common:ApprovalType")? {
        "Requester" => "requester",
        "Authoriser" => "authoriser",
        _ => {
            let remedy = "write `Requester` or `Authoriser` as `ApprovalType`";
            return Err(it.fault("is by nobody that is known here", remedy));
        }
    };
    let mut details = it.need("common:ApproverDetails")?;
    for (name, field) in [
        ("common:ApproverName", "name"),
        ("common:ApproverRole", "rank"),
    ] {
        let text = details.need_text(name)?;
        draft.set(&format!("{part}/{field}"), Kind::Text, &text, &details)?;
    }
    let mut contact = details.need("common:ApproverContactDetails")?;
    let identity = contact.need_text("common:ApproverAlternateName")?;
    draft.set(
        &format!("{part}/officer_id"),
        Kind::Text,
        &identity,
        &contact,
    )?;
    contact.end()?;
    details.end()?;
    if part == "authoriser" {
        let signed = it.need_text("common:ApprovalTimestamp")?;
        draft.set("authoriser/signed_at", Kind::Instant, &signed, &it)?;
    }
    it.end()
}

/// What is asked about whom; answers the sender's reference.
fn read_task(mut it: Element, draft: &mut Draft) -> Result<String, Fault> {
    let reference = it.take_text("task:Reference")?.unwrap_or_default();
    if !reference.is_empty() && !is_ldid(&reference) {
        let remedy = "write the country, whose it is, and a reference, as GB-agency-1";
        return Err(it.fault("has a `task:Reference` that is no LDID", remedy));
    }
    if let Some(status) = it.take("task:DesiredStatus")? {
        fixed(status, TASK_STATUS, "AwaitingDisclosure")?;
    }
    let mut details = it.need("task:RequestDetails")?;
    let purpose = entry(details.need("task:Type")?, PURPOSE)?;
    draft.set("purpose", Kind::Text, &purpose, &details)?;
    let mut values = details.need("task:RequestValues")?;
    while let Some(value) = values.take("task:RequestValue")? {
        profile::identifier(value, draft)?;
    }
    values.end()?;
    let mut fields = details.need("task:Subtype")?;
    while let Some(field) = fields.take("task:RequestSubtype")? {
        let code = entry(field, FIELD)?;
        draft.set("fields", Kind::Texts, &code, &fields)?;
    }
    fields.end()?;
    details.end()?;
    it.end()?;
    Ok(reference)
}

/// Whether it is an identifier of what is disclosed (TS 103 280, `LDID`).
fn is_ldid(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let mut part = || parts.next().unwrap_or_default();
    let (country, owner, rest) = (part(), part(), part());
    let is_country = country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase());
    is_country && !owner.is_empty() && !rest.is_empty() && !text.contains(['\n', '\r'])
}

fn read_document(mut it: Element, draft: &mut Draft) -> Result<(), Fault> {
    fixed(it.need("doc:DocumentType")?, DOCUMENT_TYPE, "Justification")?;
    let mut properties = it.need("doc:DocumentProperties")?;
    while let Some(property) = properties.take("doc:DocumentProperty")? {
        profile::property(property, draft)?;
    }
    properties.end()?;
    it.end()
}
