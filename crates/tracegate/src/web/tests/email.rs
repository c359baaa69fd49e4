//! E-mails through the front door: who is told, in which words, how often, and where nothing is said.

use jiff::SignedDuration;

use super::emergency::{declare, urgent};
use super::journey::{OFFICER, ask};
use super::metrics::Samples;
use super::post_office::{ADDRESS, PostOffice};
use super::site::Site;
use crate::email::{Mailer, send_due};

const POLICE: &str = "police-northmoor";

/// Lets the worker and the sender do what is due; how many e-mails were tried.
pub fn tell(site: &Site) -> usize {
    site.work();
    ["controller", POLICE]
        .map(|organization| site.block_on(send_due(&site.gate, organization)).unwrap())
        .into_iter()
        .sum()
}

/// A request that is refused before any trace, and whose answer can be looked at.
fn refused(site: &Site) -> String {
    let theft = [("grounds.offence", "theft")];
    let id = ask(&mut site.signed_in(OFFICER), &theft);
    site.work();
    site.later(SignedDuration::from_hours(2));
    id
}

#[test]
fn an_email_names_the_case_and_the_desk_and_nothing_else() {
    let office = PostOffice::start();
    let site = office.site();
    let id = refused(&site);
    assert_eq!(tell(&site), 1);
    let [letter] = &office.take()[..] else {
        panic!("one e-mail")
    };
    assert_eq!(letter.to, ADDRESS);
    let (_, body) = letter.text.split_once("\n\n").unwrap();
    let words = format!(
        "There is something to look at in the case {id}.\n\nhttps://gate.example\n\n\
         This message says no more on purpose. Nobody reads replies to it."
    );
    assert_eq!(body.trim_end(), words);
    assert!(
        letter
            .text
            .contains(&format!("Subject: Something to look at: {id}"))
    );
    for told in [
        "Osei",
        "Thistlewood",
        "theft",
        "refused",
        "serious",
        "northmoor\n",
    ] {
        assert!(!letter.text.contains(told), "{told}: {}", letter.text);
    }
    assert_eq!(tell(&site), 0, "once is enough");
    Samples::of(&site).is("tracegate_emails{delivered}", 1);
    Samples::of(&site).is("tracegate_webhooks{delivered}", 0);
}

#[test]
fn an_email_that_is_not_taken_comes_again_and_a_mailbox_that_is_not_there_ends_it() {
    let office = PostOffice::start();
    let site = office.site();
    refused(&site);
    office.answer(451);
    for _ in 0..3 {
        assert_eq!((tell(&site), tell(&site)), (1, 0), "it pauses");
        site.later(SignedDuration::from_hours(1));
    }
    Samples::of(&site).is("tracegate_emails{waiting}", 1);
    office.answer(250);
    assert_eq!((tell(&site), office.take().len()), (1, 1));

    refused(&site);
    office.answer(550);
    assert_eq!((tell(&site), tell(&site)), (1, 0));
    site.later(SignedDuration::from_hours(100));
    assert_eq!(tell(&site), 0, "given up");
    Samples::of(&site).is("tracegate_emails{dead}", 1);
}

#[test]
fn staff_are_told_of_an_emergency_at_once() {
    let office = PostOffice::start();
    let site = office.site();
    let id = urgent(&site, &[]);
    declare(&site, &id);
    assert_eq!(tell(&site), 1);
    let letter = office.take().remove(0);
    assert_eq!(letter.to, "guardians@gate.example");
    assert!(letter.text.contains(&id) && !letter.text.contains("mergency"));
}

#[test]
fn staff_are_told_of_what_waits_once_an_hour() {
    let office = PostOffice::start();
    let site = office.site();
    let mut officer = site.signed_in(OFFICER);
    for reference in ["NM-1", "NM-2"] {
        ask(&mut officer, &[("agency_reference", reference)]);
    }
    assert_eq!(tell(&site), 0, "when the hour is over");
    site.later(SignedDuration::from_hours(1));
    assert_eq!(tell(&site), 1, "once for both");
    let letter = office.take().remove(0);
    assert_eq!(letter.to, "guardians@gate.example");
    assert!(letter.text.contains("Cases wait for you.") && !letter.text.contains("TG-"));
    site.later(SignedDuration::from_hours(1));
    assert_eq!(tell(&site), 0, "nothing new has come");
}

#[test]
fn settings_name_addresses_and_an_encrypted_connection() {
    let site = PostOffice::start().site();
    let mut settings = site.gate.settings.clone();
    settings.check().unwrap();
    settings.demonstration = false;
    settings.clients.clear();
    let refused = |settings: &crate::settings::Settings, key: &str| {
        let error = format!("{:#}", settings.check().unwrap_err());
        assert!(error.contains(key), "{error}");
    };
    refused(&settings, "email.tls");
    settings.email.as_mut().unwrap().tls = crate::settings::Tls::Implicit;
    settings.check().unwrap();
    let mut email = settings.email.clone().unwrap();
    email.authority_file = Some("/no/such/file".into());
    let opened = |email: &crate::settings::Email| format!("{:?}", Mailer::open(email).err());
    assert!(opened(&email).contains("cannot read `/no/such/file`"));
    email.authority_file = Some(site.gate.settings.index.clone());
    assert!(opened(&email).contains("holds no certificate in PEM form"));
    settings.email.as_mut().unwrap().user = Some("gate".to_owned());
    refused(&settings, "email.password_file");
    settings.email = None;
    refused(&settings, "`[email]` is missing");
    settings.agencies[0].officers[0].email = Some("nobody\r\nBcc: x@y.example".to_owned());
    refused(&settings, "`email` of `dc-amara-osei`");
}
