//! Files of requests at the desk: the same lines as at the interface, each a request of its own.

use super::browser::{Browser, Page};
use super::journey::OFFICER;
use super::site::Site;
use crate::web::batches::may_hand_in;

const HEAD: &str = "UNIQUE REFERENCE,FAMILY_NAME,DATE_OF_BIRTH,GENDER,PURPOSE,RANK,FIELDS\r\n";

fn line(reference: &str, sex: &str) -> String {
    format!("{reference},Okafor,19800101,{sex},serious_crime,constable,last_known_address\r\n")
}

/// The page of a file, once all of it has been read.
fn read(browser: &mut Browser, path: &str) -> Page {
    for _ in 0..400 {
        let page = browser.get(path).ok();
        if page.says("Read to its end") {
            return page;
        }
        assert!(page.says("Being read"), "{}", page.text);
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
    panic!("{path} is not read");
}

#[test]
fn a_file_is_handed_in_and_says_what_became_of_each_line() {
    let site = Site::demonstration();
    let mut officer = site.signed_in(OFFICER);
    let page = officer.get("/batches").ok();
    assert!(page.says("Your organization has handed in no file."));
    let file = [
        HEAD,
        &line("NP/1", "2"),
        &line("NP/2", "x"),
        &line("NP/1", "2"),
    ]
    .concat();
    let path = officer.upload("/batches", &file).location();
    let page = read(&mut officer, &path);
    for text in [
        "3</span> of 3",
        "data-count=\"recorded\">2</span>",
        "data-count=\"faulty\">1</span>",
        "<code>GENDER</code>",
        "is no known code",
        "write F, M, 0, 1, 2 or 9",
    ] {
        assert!(page.says(text), "no `{text}` in {}", page.text);
    }
    let answers = officer.get(&format!("{path}/answers")).ok();
    let rows: Vec<&str> = answers.text.lines().collect();
    assert_eq!(
        (rows.len(), rows[1].split(',').next()),
        (4, Some("2")),
        "{rows:?}"
    );
    let name = &answers.headers["content-disposition"];
    assert!(name.starts_with("attachment; filename=\"batch-"), "{name}");
    let errors = officer.get(&format!("{path}/errors")).ok();
    assert_eq!(
        errors.text,
        "LINE,COLUMN,PROBLEM,REMEDY\n3,GENDER,is no known code,\"write F, M, 0, 1, 2 or 9\"\n"
    );
    let counts = officer.get(&format!("{path}/counts")).ok();
    assert_eq!(counts.text, "{\"done\":3,\"recorded\":2,\"faulty\":1}");
    assert!(
        officer
            .get("/batches")
            .ok()
            .says(&format!("href=\"{path}\""))
    );
    // The same file is the same batch, and both lines of one reference are one request.
    officer.get("/batches").ok();
    assert_eq!(officer.upload("/batches", &file).location(), path);
    assert_eq!(
        site.kinds()
            .iter()
            .filter(|kind| **kind == RECEIVED)
            .count(),
        1
    );
    // Nobody else learns of it.
    assert_eq!(site.signed_in("clerk-idris-vaughan").get(&path).status, 404);
    assert_eq!(site.signed_in("cw-sofia-lindqvist").get(&path).status, 403);
}

/// The kind of an entry that says that a request was received.
const RECEIVED: disclosure::EventKind = disclosure::EventKind::Received;

#[test]
fn a_file_that_cannot_be_taken_says_why_and_records_nothing() {
    let site = Site::demonstration();
    let mut officer = site.signed_in(OFFICER);
    officer.get("/batches").ok();
    for (file, why) in [
        ("", "Choose a file"),
        (
            "SURNAME,SHOE_SIZE\r\nOne,41\r\n",
            "column 2 has a name that no column",
        ),
        (
            "SURNAME\r\nOne\r\n",
            "the column `UNIQUE_REFERENCE` is missing",
        ),
    ] {
        let page = officer.upload("/batches", file);
        assert_eq!(page.status, 422, "{}", page.text);
        assert!(
            page.says(why) && page.says("href=\"#file\""),
            "{}",
            page.text
        );
    }
    let file = [HEAD, &line("NP/1", "2")].concat();
    let own = officer.token.clone();
    officer.token = "another".to_owned();
    let page = officer.upload("/batches", &file);
    assert!(page.status == 403 && page.says("The form was not taken"));
    officer.token = own;
    officer.form_headers = vec![("sec-fetch-site", "cross-site".to_owned())];
    assert_eq!(officer.upload("/batches", &file).status, 403);
    assert!(!site.kinds().contains(&RECEIVED));
    assert!(officer.get("/batches").ok().says("handed in no file"));
}

#[test]
fn outside_a_demonstration_the_desk_takes_files_where_the_controller_says_so() {
    let mut settings = Site::demonstration().gate.settings.clone();
    assert!(may_hand_in(&settings, "police-northmoor"));
    settings.demonstration = false;
    assert!(
        !may_hand_in(&settings, "police-northmoor"),
        "entered nowhere"
    );
    for (line, taken) in [("", false), ("files = true", true)] {
        let entered = format!("organization = \"police-northmoor\"\n{line}");
        settings.agencies = vec![toml::from_str(&entered).unwrap()];
        assert_eq!(may_hand_in(&settings, "police-northmoor"), taken, "{line}");
    }
}
