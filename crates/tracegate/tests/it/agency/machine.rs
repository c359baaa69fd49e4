//! An agency's own client that proves itself by its key, and calls for its officers.

use std::fs;
use std::net::TcpListener;

use crate::support::{Data, Server, police_request, stderr, stdout, tracegate};

/// A gate that serves by the system's clock, and an agency that it knows by what `keygen` has printed.
fn entered() -> (Data, Server) {
    let data = Data::new();
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let gate = format!("http://127.0.0.1:{port}");
    let folder = data.text("agency");
    let words = [
        "agency",
        "keygen",
        "--gate",
        &gate,
        "--organization",
        "police-northmoor",
    ];
    let made = tracegate(words.into_iter().chain(["--folder", &*folder]));
    assert!(made.status.success(), "{}", stderr(&made));
    let officers =
        "officers = [{ id = \"dc-amara-osei\", name = \"DC Amara Osei\", rank = \"constable\" }]\n";
    let file = data.path().join("tracegate.toml");
    let settings = fs::read_to_string(&file).unwrap();
    let line = |name: &str| {
        settings
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap()
            .to_owned()
    };
    let settings = settings
        .replace(&line("listen"), &format!("listen = \"127.0.0.1:{port}\""))
        .replace(&line("address"), &format!("address = \"{gate}\""));
    fs::write(&file, settings + &stdout(&made) + officers).unwrap();
    let server = Server::run(["serve", "--data", &data.text("")]);
    (data, server)
}

#[test]
fn a_machine_asks_with_its_own_key_for_an_officer_that_the_gate_knows() {
    let (data, server) = entered();
    assert!(!server.address().is_empty());
    let folder = data.text("agency");
    let run = |words: &[&str]| tracegate([&["agency"], words, &["--folder", &folder]].concat());
    let mut request = police_request(&data.plain_person(0));
    let file = data.text("request.json");
    fs::write(&file, request.to_string()).unwrap();
    let sent = run(&["submit", &file]);
    assert!(sent.status.success(), "{}", stderr(&sent));
    let case = stdout(&sent).trim().to_owned();
    // What changes nothing needs no officer; what changes something does.
    let told = run(&["status", &case]);
    assert!(stdout(&told).contains(&case), "{}", stderr(&told));
    let refused = run(&["withdraw", &case]);
    assert!(
        stderr(&refused).contains("`agency.toml` does not say for whom"),
        "{}",
        stderr(&refused)
    );
    let settings = data.path().join("agency/agency.toml");
    let text = fs::read_to_string(&settings).unwrap();
    let officer = "officer = { id = \"dc-amara-osei\", rank = \"constable\" }\n";
    fs::write(&settings, text + officer).unwrap();
    // Believed for that officer: what remains is whether the case can still be withdrawn.
    let said = run(&["withdraw", &case]);
    let (done, not_now) = (stdout(&said), stderr(&said));
    assert!(
        done.contains("withdrawn") || not_now.contains("the gate answers 409"),
        "{done}{not_now}"
    );

    request["requester"]["officer_id"] = "dc-nobody".into();
    fs::write(&file, request.to_string()).unwrap();
    let unknown = run(&["submit", &file]);
    assert!(
        stderr(&unknown).contains("403") && stderr(&unknown).contains("not entered"),
        "{}",
        stderr(&unknown)
    );
}
