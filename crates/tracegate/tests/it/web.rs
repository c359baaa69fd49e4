//! The desk of the real program, with its own worker and publisher running.

#[path = "../../src/web/tests/browser.rs"]
mod browser;

use std::time::Duration;

use browser::{Browser, Page};

use crate::batch::{answers, batch, lines, wait as read};
use crate::support::{Data, Server};

fn signed_in(server: &Server, person: &str) -> Browser {
    let mut browser = Browser::new(server.address());
    browser.get("/sign-in").ok();
    let page = browser.post("/sign-in", &[("person", person)]);
    assert_eq!(page.status, 303, "{}", page.text);
    browser
}

/// Opens a page again until it says this: the worker and the fixed ticks take their time.
fn wait(browser: &mut Browser, path: &str, text: &str) -> Page {
    for _ in 0..1200 {
        let page = browser.get(path);
        if page.says(text) {
            return page;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("`{path}` never said `{text}`: {}", browser.get(path).text);
}

/// The form of a request about somebody in the index.
fn request(data: &Data) -> Vec<(String, String)> {
    let person = data.plain_person(0);
    let get = |name: &str| person[name].as_str().unwrap().to_owned();
    let mut born = get("date_of_birth")
        .split('-')
        .map(str::to_owned)
        .collect::<Vec<_>>();
    let mut fields: Vec<(String, String)> = ["year", "month", "day"]
        .iter()
        .map(|part| (format!("subject.date_of_birth.{part}"), born.remove(0)))
        .collect();
    for name in [
        "surname",
        "given_name",
        "middle_name",
        "sex",
        "nhs_number",
        "address",
        "postcode",
    ] {
        fields.push((format!("subject.{name}"), get(name)));
    }
    let said = [
        ("requester.unit", "major-crime"),
        ("requester.rank", "constable"),
        ("subject_role", "suspect"),
        ("purpose", "serious_crime"),
        ("grounds.gateway", "L3"),
        ("grounds.offence", "murder"),
        ("justification.necessity", "The last address is empty."),
        ("justification.proportionality", "One address."),
        ("justification.harm", "A witness may be harmed."),
        ("justification.link", "There is no other way."),
        ("justification.likelihood", "Likely."),
        ("justification.consent", "not_asked_prejudice"),
        ("attempt1.what", "Visit"),
        ("attempt1.on.day", "20"),
        ("attempt1.on.month", "9"),
        ("attempt1.on.year", "2026"),
        ("attempt1.result", "Moved out"),
        ("fields", "name"),
        ("fields", "last_known_address"),
    ];
    fields.extend(said.map(|(name, value)| (name.to_owned(), value.to_owned())));
    fields
}

/// Writes a request part by part, has it countersigned, and returns its address.
fn ask(server: &Server, officer: &mut Browser, data: &Data) -> String {
    let page = officer.get("/requests/new").ok();
    let begun = officer.submit("/requests/new", &page, &[("purpose", "serious_crime")]);
    let draft = begun.location();
    let said = request(data);
    let said = said
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let said: Vec<(&str, &str)> = said.collect();
    for section in [
        "you", "person", "grounds", "why", "tried", "data", "urgency",
    ] {
        let path = format!("{draft}/{section}");
        let page = officer.get(&path).ok();
        let kept = officer.submit(&path, &page, &said);
        assert_eq!(kept.status, 303, "{}", kept.text);
    }
    let path = format!("{draft}/check");
    let check = officer.get(&path).ok();
    assert!(!check.says("not met"), "{}", check.text);
    officer.submit(&path, &check, &[]);
    let mut inspector = signed_in(server, "insp-ruth-hale");
    let path = format!("{draft}/signature");
    let page = inspector.get(&path).ok();
    let signed = inspector.submit(&path, &page, &[("rank", "inspector"), ("step", "sign")]);
    signed.location()
}

/// The gate is killed between view and draft: the view still stands, and is its writer's alone.
fn restarted(server: Server, data: &Data, path: &str) -> (Server, Browser, Page) {
    server.kill();
    let server = Server::start(data);
    let mut guardian = signed_in(&server, "cg-dr-miriam-okafor");
    let second = guardian.get(path).ok();
    assert!(second.says("The address.") && second.says("Less would not do."));
    let mut another = signed_in(&server, "cg-dr-anton-keller");
    assert!(!another.get(path).ok().says("Less would not do."));
    (server, guardian, second)
}

#[test]
fn the_whole_journey_without_javascript() {
    let data = Data::new();
    let server = Server::start(&data);
    let mut officer = signed_in(&server, "dc-amara-osei");
    let request = ask(&server, &mut officer, &data);
    let id = request.replace("/requests/", "");

    let mut caseworker = signed_in(&server, "cw-sofia-lindqvist");
    wait(&mut caseworker, &format!("/cases/{id}"), ">Decide<");
    let path = format!("/cases/{id}/decision");
    let page = caseworker.get(&path).ok();
    let choice = [
        ("choice", "release"),
        ("fields", "name"),
        ("fields", "last_known_address"),
        ("gateway", "L3"),
        ("necessity", "Less would not do."),
        ("public_interest", "Disclosure."),
        ("harm", "Small."),
        ("public_health", "None."),
    ];
    let preview = caseworker.submit(&path, &page, &choice).ok();
    assert!(preview.says("Exactly what would leave"));
    assert_eq!(
        caseworker
            .submit(&path, &preview, &[("step", "confirm")])
            .status,
        303
    );

    let mut guardian = signed_in(&server, "cg-dr-miriam-okafor");
    let path = format!("/cases/{id}/second-review");
    let first = guardian.get(&path).ok();
    assert!(!first.says("Less would not do."));
    guardian.submit(
        &path,
        &first,
        &[("own_view", "The address."), ("step", "view")],
    );
    let (server, mut guardian, second) = restarted(server, &data, &path);
    let mut officer = signed_in(&server, "dc-amara-osei");
    let decided = guardian.submit(&path, &second, &[("verdict", "agree"), ("step", "decide")]);
    assert_eq!(decided.status, 303, "{}", decided.text);

    let ready = wait(&mut officer, &request, "Collect now");
    let collection = format!("{request}/collection");
    let mut record = officer.submit(&collection, &ready, &[]);
    while record.status == 503 {
        std::thread::sleep(Duration::from_millis(200));
        record = officer.submit(&collection, &ready, &[]);
    }
    let record = record.ok();
    assert!(
        record.says("Last known address") && record.says("Destroy by"),
        "{}",
        record.text
    );
    assert_eq!(record.headers["cache-control"], "no-store");
    let page = officer.get(&request).ok();
    let done = officer.submit(
        &format!("{request}/outcome"),
        &page,
        &[("outcome", "located")],
    );
    assert_eq!(done.status, 303, "{}", done.text);
    assert!(officer.get(&request).ok().says("The request is closed."));
}

/// A file at the desk and at the interface is the same requests.
#[test]
fn a_file_handed_in_at_the_desk_is_found_at_the_interface() {
    let data = Data::new();
    let server = Server::start(&data);
    let mut officer = signed_in(&server, "dc-amara-osei");
    officer.get("/batches").ok();
    let path = officer.upload("/batches", &lines(300)).location();
    wait(&mut officer, &path, "Read to its end");
    let answered = officer.get(&format!("{path}/answers")).ok().text;
    let rows = csv::Reader::from_reader(answered.as_bytes()).into_records();
    assert_eq!(rows.map(Result::unwrap).count(), 300);
    let client = server.client(&data.token("dc-amara-osei"));
    let first = answers(&client, &format!("/api/v1{path}"));
    let again = batch(&client, "the-same-at-the-interface", &lines(300));
    read(&client, &again);
    for (line, row) in answers(&client, &again) {
        assert_eq!(row["CASE"], first[&line]["CASE"]);
        let id = path.rsplit('/').next().unwrap();
        assert_eq!(row["DUPLICATE_OF"], format!("{id}/{line}"));
    }
}
