//! E-mail without content: a person is told that there is something to look at, of which case, and where the desk is.
//!
//! What is queued names an organization and a case. Whose address that is is looked up when the e-mail is sent. It
//! becomes due as a [webhook](crate::webhooks) does, and shares that queue: its retries, and what is given up.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, ensure};
use disclosure::{Actor, State};
use futures::future::join_all;
use jiff::Timestamp;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{self, Certificate, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use store::webhook::{Channel, Webhook};

use crate::gate::Gate;
use crate::pipeline::{self, StepError};
use crate::settings::{Email, Settings, Tls};
use crate::webhooks::{self, Fault};

/// E-mails of one organization sent side by side.
const AT_ONCE: u32 = 4;
/// How often staff are told of what has come to wait for them at most, in seconds.
const STAFF_SECONDS: i64 = 3_600;
const PEM_BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
/// In the place of a case: whatever waits.
const QUEUE: &str = "queue";
/// How long the server may take for one step: less than a message is out of sight.
const ANSWER_WAIT: Duration = Duration::from_secs(20);

/// What sends e-mails.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Address,
    desk: String,
}

impl Mailer {
    /// Reads the password that the settings name; nothing is sent before there is something to tell.
    pub fn open(email: &Email) -> anyhow::Result<Mailer> {
        type Transport = AsyncSmtpTransport<Tokio1Executor>;
        let server = &email.server;
        let mut builder = match email.tls {
            Tls::Implicit => Transport::relay(server)?,
            Tls::Starttls => Transport::starttls_relay(server)?,
            Tls::None => Transport::builder_dangerous(server),
        };
        if let Some(encrypted) = vouched_for(email)? {
            builder = builder.tls(encrypted);
        }
        if let Some(port) = email.port {
            builder = builder.port(port);
        }
        if let (Some(user), Some(file)) = (&email.user, &email.password_file) {
            let password = std::fs::read_to_string(file);
            let password = password.with_context(|| format!("cannot read `{}`", file.display()))?;
            builder =
                builder.credentials(Credentials::new(user.clone(), password.trim().to_owned()));
        }
        Ok(Mailer {
            transport: builder.timeout(Some(ANSWER_WAIT)).build(),
            from: email.from.parse()?,
            desk: email.desk.clone(),
        })
    }

    /// The same bytes at each attempt, and the same for every answer but for the case.
    fn write(&self, message: &Webhook, to: &str) -> anyhow::Result<Message> {
        let (subject, what) = match message.case_id.as_str() {
            QUEUE => ("Cases wait".to_owned(), "Cases wait for you.".to_owned()),
            case => (
                format!("Something to look at: {case}"),
                format!("There is something to look at in the case {case}."),
            ),
        };
        let body = format!(
            "{what}\n\n{}\n\nThis message says no more on purpose. Nobody reads replies to it.\n",
            self.desk
        );
        let id = format!("<{}@{}>", message.id, self.from.domain());
        Ok(Message::builder()
            .from(Mailbox::new(None, self.from.clone()))
            .to(Mailbox::new(None, to.parse()?))
            .subject(subject)
            .date(SystemTime::from(message.noticed_at))
            .message_id(Some(id))
            .header(ContentType::TEXT_PLAIN)
            .body(body)?)
    }
}

/// Encryption to a server that an authority of the operator's own vouches for, where the settings name one.
fn vouched_for(email: &Email) -> anyhow::Result<Option<client::Tls>> {
    let Some(file) = &email.authority_file else {
        return Ok(None);
    };
    let shown = file.display();
    let pem = std::fs::read(file).with_context(|| format!("cannot read `{shown}`"))?;
    // Without one the library would trust nobody, and say so only when the first e-mail is due.
    let holds_one = pem.windows(PEM_BEGIN.len()).any(|bytes| bytes == PEM_BEGIN);
    ensure!(holds_one, "`{shown}` holds no certificate in PEM form");
    let certificate = Certificate::from_pem(&pem)
        .with_context(|| format!("`{shown}` holds a certificate that cannot be read"))?;
    let parameters = TlsParameters::builder(email.server.clone()).add_root_certificate(certificate);
    let parameters = parameters.build_rustls()?;
    Ok(Some(match email.tls {
        Tls::Implicit => client::Tls::Wrapper(parameters),
        Tls::Starttls => client::Tls::Required(parameters),
        Tls::None => client::Tls::None,
    }))
}

/// The organizations of whom anybody is told by e-mail.
pub fn organizations(settings: &Settings) -> BTreeSet<&str> {
    let staff = settings.email.iter().flat_map(|email| email.staff.keys());
    let has_address = |agency: &&crate::settings::Agency| {
        agency
            .officers
            .iter()
            .any(|officer| officer.email.is_some())
    };
    let agencies = settings.agencies.iter().filter(has_address);
    let agencies = agencies.map(|agency| &*agency.organization);
    staff.map(String::as_str).chain(agencies).collect()
}

/// Whose address it is: the mailbox of the staff, or the officer's who asks in this case.
async fn address(
    gate: &Gate,
    (organization, case_id): (&str, &str),
) -> Result<Option<String>, StepError> {
    let email = gate.settings.email.as_ref();
    if let Some(staff) = email.and_then(|email| email.staff.get(organization)) {
        return Ok(Some(staff.clone()));
    }
    let Some(agency) = gate.settings.agency(organization) else {
        return Ok(None);
    };
    let case = pipeline::load(gate, case_id).await?;
    let asks = &case.request.requester.officer_id;
    let mut officers = agency.officers.iter();
    let officer = officers.find(|officer| officer.id == *asks);
    Ok(officer.and_then(|officer| officer.email.clone()))
}

/// There is something to look at: an e-mail says so to whoever has an address, once for each instant.
pub async fn notice(gate: &Gate, about: (&str, &str), at: Timestamp) -> Result<(), StepError> {
    if gate.mailer.is_none() || address(gate, about).await?.is_none() {
        return Ok(());
    }
    let id = format!("mail_{}", webhooks::drawn(about, at));
    Ok(gate
        .store
        .webhook_add((Channel::Email, id), about, at)
        .await?)
}

/// Something has come to wait for the staff: they are told when the hour is over, once for all of it.
pub async fn waits(gate: &Gate) -> Result<(), StepError> {
    let organization = Actor::gate().organization;
    let email = gate.settings.email.as_ref();
    if email.is_none_or(|email| !email.staff.contains_key(&organization)) {
        return Ok(());
    }
    let hour = gate.clock.now().as_second().div_euclid(STAFF_SECONDS) + 1;
    let at = Timestamp::from_second(hour * STAFF_SECONDS).unwrap_or(Timestamp::MAX);
    notice(gate, (&organization, QUEUE), at).await
}

/// A case that the gate has moved on may have come to wait for a caseworker.
pub async fn moved(gate: &Gate, case_id: &str) -> Result<(), StepError> {
    if gate.mailer.is_none() {
        return Ok(());
    }
    let case = pipeline::load(gate, case_id).await?;
    let waiting = match &case.state {
        State::CaseworkReview(_) => true,
        State::Submitted(checks) => checks.waiting().next().is_some(),
        State::Checked(_) => case.has_free_text(),
        _ => false,
    };
    match waiting {
        true => waits(gate).await,
        false => Ok(()),
    }
}

/// Tries what is due of one organization, and returns how many e-mails that were.
pub async fn send_due(gate: &Gate, organization: &str) -> Result<usize, StepError> {
    let Some(mailer) = &gate.mailer else {
        return Ok(0);
    };
    let (store, now) = (&gate.store, gate.clock.now());
    let due = store.webhooks_take((Channel::Email, organization), now, AT_ONCE);
    let due = due.await?;
    let tried = due.iter().map(|message| async {
        let told = send(gate, mailer, message).await?;
        let settled = webhooks::settled(gate, message, told);
        store.webhook_settle(settled).await.map_err(StepError::from)
    });
    for settled in join_all(tried).await {
        settled?;
    }
    Ok(due.len())
}

async fn send(
    gate: &Gate,
    mailer: &Mailer,
    message: &Webhook,
) -> Result<Result<(), Fault>, StepError> {
    let to = match address(gate, (&message.organization, &message.case_id)).await {
        Ok(Some(to)) => to,
        // The settings no longer name one, or the case has been erased.
        Ok(None) | Err(StepError::NotFound) => return Ok(Err(Fault::Nobody)),
        Err(error) => return Err(error),
    };
    let Ok(email) = mailer.write(message, &to) else {
        return Ok(Err(Fault::Nobody));
    };
    let sent = mailer.transport.send(email).await;
    Ok(sent.map(drop).map_err(|error| fault(&error)))
}

/// The code alone: a server's words may hold the address.
fn fault(error: &smtp::Error) -> Fault {
    error
        .status()
        .map_or(Fault::Unreachable, |status| Fault::Smtp {
            status: status.into(),
        })
}
