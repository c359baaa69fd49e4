//! Writes a message.

use serde_json::Value;

use crate::answer::write_header;
use crate::profile::{
    self, AUTHORISATION_STATUS, DOCUMENT_TYPE, FIELD, GATEWAY, OFFENCE, PRIORITY, PURPOSE,
    TASK_STATUS,
};
use crate::reading::read;
use crate::writer::Writer;
use crate::{Fault, Message, Object, Refused};

/// Writes a message. What cannot be read back as it was is a fault: nothing gets lost on the way.
pub fn write(message: &Message) -> Result<String, Fault> {
    let written = Writer::document("HI1Message", |root| {
        write_header(root, &message.header, message.header.at);
        root.element("Payload", |payload| {
            payload.element("RequestPayload", |request| {
                request.element("ActionRequests", |actions| write_actions(actions, message));
            });
        });
    });
    match read(written.as_bytes()) {
        Ok(read) if read == *message => Ok(written),
        Err(Refused { fault, .. }) => Err(fault),
        Ok(_) => {
            let problem = "holds what such a message does not carry";
            let remedy = "leave out empty texts and fractions of seconds, name the sender as the \
                          organization, and use characters of XML 1.0";
            Err(Fault::new("the request", problem, remedy))
        }
    }
}

fn write_actions(actions: &mut Writer, message: &Message) {
    let request = serde_json::to_value(&message.request).unwrap_or_default();
    for object in message.objects() {
        actions.element("ActionRequest", |action| {
            action.text("ActionIdentifier", &object.action.to_string());
            action.element("CREATE", |create| {
                if object == &message.authorisation {
                    write_authorisation(create, message, &request);
                } else if object == &message.task {
                    write_task(create, message, &request);
                } else {
                    write_document(create, message, (object, &request));
                }
            });
        });
    }
}

fn write_object(it: &mut Writer, message: &Message, object: &Object, of: &[&Object]) {
    it.text("ObjectIdentifier", &object.identifier);
    it.text("CountryCode", &message.header.sender.country);
    it.text("OwnerIdentifier", &message.header.sender.identifier);
    if !of.is_empty() {
        it.element("AssociatedObjects", |list| {
            for object in of {
                list.text("AssociatedObject", &object.identifier);
            }
        });
    }
}

fn said<'r>(request: &'r Value, path: &str) -> &'r str {
    let value = request.pointer(path).and_then(Value::as_str);
    value.unwrap_or_default()
}

fn write_authorisation(create: &mut Writer, message: &Message, request: &Value) {
    create.object("auth:AuthorisationObject", |it| {
        write_object(it, message, &message.authorisation, &[]);
        it.some_text(
            "auth:AuthorisationReference",
            said(request, "/agency_reference"),
        );
        for (name, dictionary, path, default) in [
            (
                "auth:AuthorisationLegalType",
                GATEWAY,
                "/grounds/gateway",
                "",
            ),
            (
                "auth:AuthorisationPriority",
                PRIORITY,
                "/priority",
                "routine",
            ),
        ] {
            let value = said(request, path);
            if !value.is_empty() && value != default {
                it.entry(name, dictionary, value);
            }
        }
        it.entry(
            "auth:AuthorisationDesiredStatus",
            AUTHORISATION_STATUS,
            "SubmittedToCSP",
        );
        write_approval(it, "Requester", &request["requester"]);
        write_approval(it, "Authoriser", &request["authoriser"]);
        it.some_text(
            "auth:AuthorisationManualInformation",
            said(request, "/manual_information"),
        );
        let offence = said(request, "/grounds/offence");
        if !offence.is_empty() {
            it.entry("auth:AuthorisationTypeOfCase", OFFENCE, offence);
        }
    });
}

fn write_approval(it: &mut Writer, kind: &str, officer: &Value) {
    if officer.is_null() {
        return;
    }
    it.element("auth:AuthorisationApprovalDetails", |approval| {
        approval.text("common:ApprovalType", kind);
        approval.element("common:ApproverDetails", |details| {
            details.text("common:ApproverName", said(officer, "/name"));
            details.text("common:ApproverRole", said(officer, "/rank"));
            details.element("common:ApproverContactDetails", |contact| {
                contact.text("common:ApproverAlternateName", said(officer, "/officer_id"));
            });
        });
        approval.some_text("common:ApprovalTimestamp", said(officer, "/signed_at"));
    });
}

fn write_task(create: &mut Writer, message: &Message, request: &Value) {
    create.object("task:LDTaskObject", |it| {
        write_object(it, message, &message.task, &[&message.authorisation]);
        it.some_text("task:Reference", &message.reference);
        it.entry("task:DesiredStatus", TASK_STATUS, "AwaitingDisclosure");
        it.element("task:RequestDetails", |details| {
            details.entry("task:Type", PURPOSE, said(request, "/purpose"));
            details.element("task:RequestValues", |values| {
                profile::write_identifiers(values, request);
            });
            details.element("task:Subtype", |fields| {
                for field in &message.request.fields {
                    fields.entry("task:RequestSubtype", FIELD, field);
                }
            });
        });
    });
}

fn write_document(create: &mut Writer, message: &Message, (object, request): (&Object, &Value)) {
    create.object("doc:DocumentObject", |it| {
        write_object(
            it,
            message,
            object,
            &[&message.authorisation, &message.task],
        );
        it.entry("doc:DocumentType", DOCUMENT_TYPE, "Justification");
        it.element("doc:DocumentProperties", |properties| {
            profile::write_properties(properties, request);
        });
    });
}
