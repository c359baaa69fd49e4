//! An agency's machine at the interface: it proves who it is and for whom it calls, and what does not is
//! refused, on record, and shown to the caseworker.

use disclosure::EventKind;
use jiff::SignedDuration;
use serde_json::{Value, json};
use ureq::Agent;

use super::journey::{CASEWORKER, OFFICER, ask, draft, second_review};
use super::site::Site;
use crate::jose::Signer;
use crate::machines::{ASSERTION, Call, OFFICER as IDENTITY};
use crate::settings::Settings;

const MACHINE: &str = "northmoor-machine";
pub const DETECTIVE: (&str, &str) = ("dc-machine-1", "constable");
/// Two certificates, as far as the gate looks at one.
const MINE: &str = ":AQIDBAUG:";
const OTHERS: &str = ":BgUEAwIB:";

pub struct Machine<'s> {
    site: &'s Site,
    signer: Signer,
}

fn signer() -> Signer {
    Signer::from_secret(&[5; 32]).unwrap()
}

/// Enters a machine of the police, one of their officers, and a proxy on this machine.
fn enter(settings: &mut Settings, certificates: bool) {
    let key = signer().public();
    let client = json!({
        "id": MACHINE, "name": "Machine", "role": "officer", "organization": "police-northmoor",
        "keys": [key],
    });
    settings
        .clients
        .push(serde_json::from_value(client).unwrap());
    let agency = json!({
        "organization": "police-northmoor", "keys": [key],
        "officers": [{ "id": DETECTIVE.0, "name": "DC Machine", "rank": DETECTIVE.1 }],
    });
    settings
        .agencies
        .push(serde_json::from_value(agency).unwrap());
    let mut machines = json!({ "address": "https://gate.example" });
    if certificates {
        machines["certificates"] = json!({ "header": "Client-Cert", "proxies": ["127.0.0.1"] });
    }
    settings.machines = Some(serde_json::from_value(machines).unwrap());
    settings.check().unwrap();
}

pub fn site(certificates: bool) -> Site {
    Site::with_settings(|settings| enter(settings, certificates))
}

type Answer = (u16, Value);

fn read(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Answer {
    let mut answer = answer.unwrap();
    let status = answer.status().as_u16();
    (status, answer.body_mut().read_json().unwrap_or_default())
}

fn agent() -> Agent {
    let config = Agent::config_builder().http_status_as_error(false);
    config.max_idle_connections(0).build().into()
}

impl<'s> Machine<'s> {
    pub fn of(site: &'s Site) -> Machine<'s> {
        let signer = signer();
        Machine { site, signer }
    }

    fn assertion(&self, jti: &str) -> String {
        let now = self.site.gate.clock.now().as_second();
        let claims = json!({
            "iss": MACHINE, "sub": MACHINE, "aud": "https://gate.example",
            "iat": now, "exp": now + 60, "jti": jti,
        });
        self.signer.sign(ASSERTION, &claims)
    }

    fn ask_for_token(&self, assertion: &str, certificate: Option<&str>) -> Answer {
        let mut request = agent().post(format!("{}/oauth/token", self.site.address));
        if let Some(certificate) = certificate {
            request = request.header("client-cert", certificate);
        }
        read(request.send_form([
            ("grant_type", "client_credentials"),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", assertion),
        ]))
    }

    pub fn token(&self, certificate: Option<&str>) -> String {
        let jti = self.site.gate.chance.token();
        let (status, told) = self.ask_for_token(&self.assertion(&jti), certificate);
        assert_eq!(
            (status, &told["token_type"]),
            (200, &json!("Bearer")),
            "{told}"
        );
        told["access_token"].as_str().unwrap().to_owned()
    }

    /// An officer's identity for sending a body to the requests.
    fn identity(&self, who: (&str, &str), body: &str) -> String {
        self.identity_at("requests", who, body)
    }

    /// An officer's identity for sending a body there.
    pub fn identity_at(&self, path: &str, who: (&str, &str), body: &str) -> String {
        let call = Call {
            method: "POST",
            address: format!("https://gate.example/api/v1/{path}"),
            body: body.as_bytes(),
        };
        let (nonce, now) = (self.site.gate.chance.token(), self.site.gate.clock.now());
        self.signer.sign(IDENTITY, &call.claims(who, &nonce, now))
    }

    /// The reference of a request that is sent for the officer of this machine.
    pub fn sent(&self) -> String {
        let body = request(DETECTIVE.0);
        let identity = self.identity(DETECTIVE, &body);
        let headers = [("officer-identity", identity.as_str())];
        let (status, told) = self.send(&headers, &self.token(None), &body);
        assert_eq!(status, 202, "{told}");
        told["case"].as_str().unwrap().to_owned()
    }

    fn send(&self, headers: &[(&str, &str)], token: &str, body: &str) -> Answer {
        let to = ("requests", "application/json");
        read(Ok(self.send_to(to, headers, token, body)))
    }

    /// What is answered to a body of this kind, sent there.
    pub fn send_to(
        &self,
        (path, kind): (&str, &str),
        headers: &[(&str, &str)],
        token: &str,
        body: &str,
    ) -> ureq::http::Response<ureq::Body> {
        let mut request = agent()
            .post(format!("{}/api/v1/{path}", self.site.address))
            .header("content-type", kind)
            .header("x-request-id", self.site.gate.chance.token())
            .header("authorization", format!("Bearer {token}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send(body).unwrap()
    }
}

pub fn request(officer: &str) -> String {
    let request = json!({
        "agency_reference": "NP/1",
        "requester": {
            "organization": "police-northmoor", "unit": "major-crime",
            "officer_id": officer, "name": "DC Machine", "rank": "constable",
        },
        "purpose": "serious_crime",
        "subject": { "surname": "Thistlewood", "given_name": "Maud", "date_of_birth": "1984-03-27" },
        "fields": ["name"],
    });
    request.to_string()
}

/// Refusals on record, newest first, as a caseworker reads them.
fn shown(site: &Site) -> String {
    site.signed_in(CASEWORKER).get("/refusals").ok().text
}

pub fn refusals(site: &Site) -> usize {
    let kinds = site.kinds();
    kinds
        .iter()
        .filter(|kind| **kind == EventKind::AccessRefused)
        .count()
}

#[test]
fn a_machine_proves_itself_and_asks_for_an_officer() {
    let site = site(false);
    assert!(shown(&site).contains("Nobody has been turned away"));
    let machine = Machine::of(&site);
    let token = machine.token(None);
    let body = request(DETECTIVE.0);
    let identity = machine.identity(DETECTIVE, &body);
    let (status, told) = machine.send(&[("officer-identity", &identity)], &token, &body);
    assert_eq!(status, 202, "{told}");
    let case = site.case(told["case"].as_str().unwrap());
    assert_eq!(
        case.history[0].actor.id, DETECTIVE.0,
        "the officer acts, not the machine"
    );
    site.later(SignedDuration::from_mins(5));
    let (status, _) = machine.send(&[], &token, &body);
    assert_eq!(status, 401, "the token is over");
    assert_eq!(refusals(&site), 0);
}

#[test]
fn an_assertion_is_taken_once() {
    let site = site(false);
    let machine = Machine::of(&site);
    let assertion = machine.assertion("0123456789abcdef");
    assert_eq!(machine.ask_for_token(&assertion, None).0, 200);
    let (status, told) = machine.ask_for_token(&assertion, None);
    assert_eq!((status, &told["error"]), (401, &json!("invalid_client")));
    assert!(shown(&site).contains("POST /oauth/token</td><td>used a second time"));
}

/// Sends what must be refused for this reason, on record, where a caseworker sees it.
fn is_refused(
    machine: &Machine<'_>,
    identity: Option<&str>,
    (token, body): (&str, &str),
    why: &str,
) {
    let before = refusals(machine.site);
    let headers: Vec<(&str, &str)> = identity
        .into_iter()
        .map(|it| ("officer-identity", it))
        .collect();
    let (status, told) = machine.send(&headers, token, body);
    let kind = json!("/problems/officer");
    assert_eq!((status, &told["type"]), (403, &kind), "{why}: {told}");
    assert_eq!(refusals(machine.site) - before, 1, "{why}");
    let page = shown(machine.site);
    let newest = page.split("<tbody>").nth(1).unwrap();
    let newest = newest.split("</tr>").next().unwrap();
    assert!(
        newest.contains(why) && newest.contains("POST /requests"),
        "{why}: {newest}"
    );
}

#[test]
fn what_is_played_again_signed_for_nobody_or_for_something_else_is_refused_and_shown() {
    let site = site(false);
    let machine = Machine::of(&site);
    let token = machine.token(None);
    let body = request(DETECTIVE.0);
    let right = machine.identity(DETECTIVE, &body);
    assert_eq!(
        machine
            .send(&[("officer-identity", &right)], &token, &body)
            .0,
        202
    );
    let unknown = machine.identity(("dc-nobody", "constable"), &body);
    let promoted = machine.identity((DETECTIVE.0, "inspector"), &body);
    let elsewhere = machine.identity(DETECTIVE, "{}");
    let in_anothers_name = request("dc-amara-osei");
    let as_another = machine.identity(DETECTIVE, &in_anothers_name);
    let forged = Signer::from_secret(&[6; 32])
        .unwrap()
        .sign(IDENTITY, &json!({}));
    for (identity, body, why) in [
        (Some(&right), &body, "used a second time"),
        (Some(&unknown), &body, "an officer who is not entered here"),
        (Some(&promoted), &body, "an officer who is not entered here"),
        (Some(&elsewhere), &body, "signed for another call"),
        (
            Some(&as_another),
            &in_anothers_name,
            "in the name of another officer",
        ),
        (
            Some(&forged),
            &body,
            "signed with a key that is not entered here",
        ),
        (None, &body, "for no officer"),
    ] {
        let identity = identity.map(String::as_str);
        is_refused(&machine, identity, (&token, body), why);
    }
    // Nonces are remembered for ever: an age of five minutes is no excuse for a second use.
    site.later(SignedDuration::from_mins(4));
    let fresh = machine.token(None);
    let (status, told) = machine.send(&[("officer-identity", &right)], &fresh, &body);
    assert_eq!(
        (status, &told["detail"]),
        (
            403,
            &json!("it has been used before; sign a new one for each call")
        )
    );
}

#[test]
fn a_stolen_token_is_of_no_use_without_its_certificate() {
    let site = site(true);
    let machine = Machine::of(&site);
    let unbound = machine.ask_for_token(&machine.assertion("0123456789abcdef"), None);
    assert_eq!(
        (unbound.0, &unbound.1["error"]),
        (401, &json!("invalid_client"))
    );
    let token = machine.token(Some(MINE));
    let body = request(DETECTIVE.0);
    let sent = |certificates: &[&str]| {
        let identity = machine.identity(DETECTIVE, &body);
        let mut headers = vec![("officer-identity", identity.as_str())];
        headers.extend(certificates.iter().map(|shown| ("client-cert", *shown)));
        machine.send(&headers, &token, &body).0
    };
    assert_eq!(sent(&[MINE]), 202);
    for stolen in [&[][..], &[OTHERS], &[OTHERS, MINE]] {
        let before = refusals(&site);
        assert_eq!(sent(stolen), 401, "{stolen:?}");
        assert_eq!(refusals(&site) - before, 1, "{stolen:?}");
    }
    assert!(shown(&site).contains("a token without the certificate it belongs to"));
    assert!(shown(&site).contains("no certificate was shown"));
}

#[test]
fn whoever_no_key_proves_fills_no_log() {
    let site = site(false);
    let stranger = Machine {
        site: &site,
        signer: Signer::from_secret(&[8; 32]).unwrap(),
    };
    let (status, told) = stranger.ask_for_token(&stranger.assertion("0123456789abcdef"), None);
    assert_eq!((status, &told["error"]), (401, &json!("invalid_client")));
    assert_eq!(stranger.send(&[], "e30.e30.e30", "{}").0, 401);
    assert_eq!(refusals(&site), 0);
    let form = agent().post(format!("{}/oauth/token", site.address));
    assert_eq!(
        read(form.send_form([("grant_type", "password")])).1["error"],
        "invalid_request"
    );
}

#[test]
fn releases_leave_sealed_alone_unless_the_desk_may_read_them_too() {
    for (desk, says) in [
        (false, "receives its answers sealed"),
        (true, "Collect now"),
    ] {
        let site = Site::with_settings(|settings| {
            enter(settings, false);
            settings.agencies[0].age =
                Some("age18xdxagj5vka6wsjzfjp8nd79xtq4hpwljqe4yvum4qytf9mqv58q0p07u5".into());
            settings.agencies[0].desk = desk;
            settings.check().unwrap();
        });
        let id = ask(&mut site.signed_in(OFFICER), &[]);
        site.work();
        draft(&site, &id);
        second_review(&site, &id, "agree");
        site.later(SignedDuration::from_hours(2));
        site.publish();
        let mut officer = site.signed_in(OFFICER);
        let page = officer.get(&format!("/requests/{id}")).ok();
        assert!(page.says(says), "{}", page.text);
        let path = format!("/requests/{id}/collection");
        let posted = officer.submit(&path, &page, &[("key", "12345678")]);
        assert_eq!(
            posted.status,
            if desk { 200 } else { 409 },
            "{}",
            posted.text
        );
    }
}
