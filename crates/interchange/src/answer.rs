//! What is answered: response messages.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::Fault;
use crate::message::{Header, Message};
use crate::profile::{ETSI_VERSION, OWNER, VERSION};
use crate::writer::Writer;

/// The code of an error without one of its own, as in ETSI's published example `top_level_error.xml`.
const GENERAL_ERROR: &str = "1000";
/// Most characters of a description (TS 103 280, `LongString`).
const DESCRIPTION_CHARS_MAX: usize = 65_535;

/// Every object of the message is recorded, as this case; the task waits for approval.
pub fn recorded(message: &Message, case: &str, now: Timestamp) -> String {
    respond(Some(&message.header), now, |payload| {
        payload.element("ActionResponses", |responses| {
            for object in message.objects() {
                responses.element("ActionResponse", |response| {
                    response.text("ActionIdentifier", &object.action.to_string());
                    response.element("CREATEResponse", |created| {
                        created.text("Identifier", &object.identifier);
                        if object == &message.task {
                            task(created, message, case);
                        }
                    });
                });
            }
        });
    })
}

fn task(created: &mut Writer, message: &Message, case: &str) {
    created.object("task:LDTaskObject", |task| {
        task.text("ObjectIdentifier", &message.task.identifier);
        task.text("ExternalIdentifier", case);
        task.some_text("task:Reference", &message.reference);
        task.entry("task:Status", ("ETSI", "LDTaskStatus"), "AwaitingApproval");
    });
}

/// Nothing of the message is recorded.
pub fn refused(header: Option<&Header>, fault: &Fault, now: Timestamp) -> String {
    respond(header, now, |payload| {
        payload.element("ErrorInformation", |error| {
            let description = fault.to_string();
            let description: String = description.chars().take(DESCRIPTION_CHARS_MAX).collect();
            error.text("ErrorCode", GENERAL_ERROR);
            error.text("ErrorDescription", &description);
        });
    })
}

fn respond(header: Option<&Header>, now: Timestamp, payload: impl FnOnce(&mut Writer)) -> String {
    let unread = Header::unread();
    let header = header.unwrap_or(&unread);
    Writer::document("HI1Message", |message| {
        write_header(message, header, now);
        message.element("Payload", |it| it.element("ResponsePayload", payload));
    })
}

/// The header of a message, with the time at which it is written.
pub fn write_header(message: &mut Writer, header: &Header, at: Timestamp) {
    message.element("Header", |it| {
        for (name, end) in [
            ("SenderIdentifier", &header.sender),
            ("ReceiverIdentifier", &header.receiver),
        ] {
            it.element(name, |endpoint| {
                endpoint.text("CountryCode", &end.country);
                endpoint.text("UniqueIdentifier", &end.identifier);
            });
        }
        it.text("TransactionIdentifier", &header.transaction);
        let at = at.to_zoned(TimeZone::UTC);
        let at = at.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string();
        it.text("Timestamp", &at);
        it.element("Version", |version| {
            version.text("ETSIVersion", ETSI_VERSION);
            version.text("NationalProfileOwner", OWNER);
            version.text("NationalProfileVersion", VERSION);
        });
    });
}
