//! Every table that a gate has ever published, before a reader who has them all: three quarters of random requests and
//! registrations, one of them counted wrongly and corrected.

use disclosure::approach::Act;
use disclosure::registration::{Patient, Protection, Residence};
use disclosure::release::AddressKind;
use disclosure::request::Subject;
use disclosure::requester::{Method, RequesterCheck};
use jiff::SignedDuration;
use store::CaseFilter;

use super::*;
use crate::chance::Chance;
use crate::demo::forms::{self, Form};
use crate::personas;
use crate::pipeline::oversight::Overseeing;
use crate::pipeline::{intake, registration, release};
use crate::settings::DEMONSTRATION;
use crate::web::tests::site::Site;

/// What is sent, the usual more often.
const FORMS: [Form; 16] = [
    Form::Suspect,
    Form::Suspect,
    Form::Suspect,
    Form::Theft,
    Form::Theft,
    Form::Theft,
    Form::NothingTried,
    Form::NoReason,
    Form::Clinical,
    Form::Court,
    Form::Message,
    Form::Council,
    Form::Withdrawn,
    Form::Suspended,
    Form::Unsigned,
    Form::NoBirthDate,
];

/// A number below `most`.
fn roll(chance: &Chance, most: usize) -> usize {
    usize::from(chance.bytes::<1>()[0]) % most
}

/// Somebody of forty, whom nobody holds.
fn somebody(chance: &Chance) -> Subject {
    let number = roll(chance, 40);
    Subject {
        surname: format!("Nobody{number}"),
        given_name: "Ada".to_owned(),
        date_of_birth: format!("1970-01-{:02}", 1 + number % 28),
        ..Subject::default()
    }
}

async fn ask(gate: &Gate, chance: &Chance, number: usize) {
    let form = FORMS[roll(chance, FORMS.len())];
    let (now, officer) = (gate.clock.now(), forms::sender(form));
    let request = forms::fill(form, number, somebody(chance), now);
    let check = RequesterCheck::new(Method::Session, DEMONSTRATION, now);
    let key = chance.token();
    let id = intake::submit(gate, (&officer, &check), &key, request).await;
    if roll(chance, 8) == 0 {
        let seen = (id.as_ref().unwrap().as_str(), 1);
        release::withdraw(gate, &officer, seen).await.unwrap();
    }
}

async fn register(gate: &Gate, chance: &Chance, number: usize) {
    let practice = ["pr-beatriz-almeida", "pr-gareth-morgan"][roll(chance, 2)];
    let practice = personas::find(practice).unwrap();
    let kind = [AddressKind::Home, AddressKind::NoFixedAbode][roll(chance, 2)];
    let patient = Patient {
        given_name: "Ada".to_owned(),
        family_name: format!("Patient{number}"),
        birth_date: "1980".to_owned(),
        residence: Residence {
            kind,
            ..Residence::default()
        },
        ..Patient::default()
    };
    let protection = [Protection::None, Protection::Requested][roll(chance, 2)];
    let what = (patient, protection);
    let done = registration::register(gate, &practice, &chance.token(), what).await;
    done.unwrap();
    let act = [Act::ServeNotice, Act::AskStatus][roll(chance, 2)];
    let agency = ["home-office", "council"][roll(chance, 2)];
    let done = registration::approached(gate, &practice, &chance.token(), (act, agency)).await;
    done.unwrap();
}

/// The first edition of a quarter as a gate might have written it that took some requests for another agency's.
async fn publish_wrongly(gate: &Gate, quarter: Quarter) {
    let (from, until) = (quarter.start(), quarter.end());
    let cases = gate.store.counted_cases(from, until, until).await;
    let mut cases = cases.unwrap();
    let police = cases
        .iter_mut()
        .filter(|case| case.agency == "police-northmoor");
    for case in police.take(9) {
        case.agency = "council-northmoor".to_owned();
    }
    let (table, details) = PublishedTable::of(quarter, &cases, &[]).unwrap();
    write(&gate.settings.statistics, quarter.into(), &table, &details).unwrap();
}

#[test]
fn no_count_below_eight_can_be_worked_out_of_everything_ever_published() {
    let site = Site::demonstration();
    let chance = Chance::seeded(2020);
    let folder = site.gate.settings.statistics.clone();
    for quarter in 0..3 {
        for number in 0..24 {
            site.block_on(ask(&site.gate, &chance, quarter * 100 + number));
        }
        for number in 0..4 {
            site.block_on(register(&site.gate, &chance, quarter * 100 + number));
        }
        site.work();
        site.later(SignedDuration::from_hours(24 * 91));
        if quarter == 0 {
            site.block_on(publish_wrongly(&site.gate, "2026-Q1".parse().unwrap()));
        }
    }
    site.block_on(publish_due(&site.gate, site.gate.clock.now()))
        .unwrap();
    let overseer = personas::find("ov-james-whitlock").unwrap();
    let overseeing = Overseeing {
        by: &overseer,
        now: site.gate.clock.now(),
        key: "correction",
    };
    let what = (
        "2026-Q1".parse().unwrap(),
        "Nine requests stood under another agency.",
    );
    let edition = correction::correct(&site.gate.store, &folder, overseeing, what);
    let edition = site.block_on(edition).unwrap();
    assert_eq!(edition.to_string(), "2026-Q1-correction-1");

    let all = site.block_on(site.gate.store.cases(&CaseFilter::default(), None, 100));
    assert_eq!(all.unwrap().rows.len(), 72);
    let files = std::fs::read_dir(&folder).unwrap().count();
    assert!(files >= 2 * 4 + 3 + 3, "{files} files");
    assert_eq!(told(&folder), []);
    careless(&folder);
    assert!(told(&folder).len() > 3);

    let page = site.visitor().get("/statistics/2026-Q1").ok();
    assert!(
        page.says("Nine requests stood under another agency."),
        "{}",
        page.text
    );
    assert!(page.says("2026-Q1-correction-1.details.csv"));
    assert!(page.says("/statistics/2026-Q1.csv"));
    let about = "/statistics/2026-Q1-correction-1.csv-metadata.json";
    assert!(
        site.visitor()
            .get(about)
            .ok()
            .says("\"corrects\":\"2026-Q1.csv\"")
    );
    let told = site.visitor().get("/api/v1/statistics").ok();
    assert!(
        told.says("\"earlier\":[\"/statistics/2026-Q1.csv\"]"),
        "{}",
        told.text
    );
}
