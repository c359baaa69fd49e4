//! Public pages, forms that are shown again, and what every answer carries.

use super::journey::ask;
use super::site::Site;
use crate::web::static_files::SCRIPT_NAME;

/// Whether there is a script besides the desk's own file.
pub fn has_foreign_script(text: &str) -> bool {
    let own = format!("<script src=\"/static/{}\" defer></script>", *SCRIPT_NAME);
    text.replacen(&own, "", 1).contains("<script")
}

#[test]
fn public_pages_need_no_sign_in() {
    let site = Site::production();
    site.publish();
    let mut visitor = site.visitor();
    let agreement = "/agreements/police-serious-crime/2026-01-01";
    for (path, text) in [
        ("/", "How a request travels"),
        ("/agreements", "ho/2018-05-09"),
        (agreement, "The offence is named"),
        (agreement, "Content hash"),
        (
            "/agreements/ho/2017-01-01",
            "full withdrawal confirmed to the court",
        ),
        (
            "/agreements/ho/2018-05-09/diff/2017-01-01",
            "permits nothing that the first refuses",
        ),
        (
            "/agreements/ho/2018-05-09-as-announced/diff/2017-01-01",
            "public security risk: yes",
        ),
        ("/statistics", "Nothing has been published yet"),
        (
            "/evidence",
            "base not published, 2000 interviews in all; wording unknown",
        ),
        ("/evidence", "at least 69 %"),
        ("/evidence", "called the questions leading"),
        ("/evidence/back-cast", "nine in ten fall out"),
        ("/evidence/back-cast", "<td class=\"n\">939</td>"),
        ("/log", "tracegate ledger verify"),
        ("/log", "log.example/test"),
    ] {
        let page = visitor.get(path).ok();
        assert!(page.says(text), "no `{text}` on {path}: {}", page.text);
        let scripts = has_foreign_script(&page.text);
        assert!(!scripts && !page.says(" style="), "{path}");
    }
    for file in ["/static/nhsuk.css", "/static/desk.css"] {
        let styles = visitor.get(file).ok();
        assert_eq!(styles.headers["content-type"], "text/css; charset=utf-8");
        assert!(
            !styles.says("https://assets"),
            "{file} loads from elsewhere"
        );
        assert!(!styles.says("@font-face"), "{file} loads a font");
    }
    // The script is named after what it says, and kept for good; an older name is gone.
    let page = visitor.get("/").ok();
    let name = page.text.split("/static/desk.").nth(2).unwrap();
    let name = format!("/static/desk.{}", name.split('"').next().unwrap());
    let script = visitor.get(&name).ok();
    assert_eq!(
        script.headers["content-type"],
        "text/javascript; charset=utf-8"
    );
    assert!(script.headers["cache-control"].contains("immutable"));
    for gone in ["/static/other.css", "/static/desk.js", "/static/desk.0.js"] {
        assert_eq!(visitor.get(gone).status, 404, "{gone}");
    }
}

#[test]
fn nobody_can_sign_in_outside_a_demonstration() {
    let site = Site::production();
    let mut visitor = site.visitor();
    let page = visitor.get("/sign-in").ok();
    assert!(page.says("not set up in this installation"));
    assert!(visitor.cookie.is_none());
    let refused = visitor.post("/sign-in", &[("person", "cw-sofia-lindqvist")]);
    assert_eq!(refused.status, 403);
}

#[test]
fn what_an_agency_types_is_text_on_every_page() {
    let site = Site::demonstration();
    let mut officer = site.signed_in("dc-amara-osei");
    let id = ask(
        &mut officer,
        &[
            ("subject.surname", "<img src=x onerror=alert(1)>"),
            (
                "justification.necessity",
                "</textarea><script>alert(2)</script>",
            ),
            ("agency_reference", "\"><svg onload=alert(3)>"),
        ],
    );
    site.work();
    let mut caseworker = site.signed_in("cw-sofia-lindqvist");
    for page in [
        officer.get(&format!("/requests/{id}")).ok(),
        caseworker.get(&format!("/cases/{id}")).ok(),
        caseworker.get(&format!("/cases/{id}/decision")).ok(),
    ] {
        assert!(page.says("&lt;img src"), "{}", page.text);
        assert!(!has_foreign_script(&page.text));
        for markup in ["<img src=x", "<svg onload"] {
            assert!(!page.says(markup), "`{markup}` on a page");
        }
    }
}

#[test]
fn lists_and_titles_show_no_personal_data() {
    let site = Site::demonstration();
    let mut officer = site.signed_in("dc-amara-osei");
    let id = ask(&mut officer, &[]);
    site.work();
    let mut caseworker = site.signed_in("cw-sofia-lindqvist");
    let lists = [officer.get("/requests").ok(), caseworker.get("/cases").ok()];
    for list in &lists {
        assert!(list.says(&id));
    }
    let case = caseworker.get(&format!("/cases/{id}")).ok();
    let (_, title) = case.text.split_once("<title>").unwrap();
    let (title, _) = title.split_once("</title>").unwrap();
    for personal in ["Thistlewood", "Maud", "Larch", "1984", "999"] {
        assert!(
            lists.iter().all(|list| !list.says(personal)),
            "`{personal}` in a list"
        );
        assert!(!title.contains(personal));
    }
    assert!(case.says("You opened this case at"));
    let filtered = caseworker.get("/cases?state=casework_review").ok();
    assert!(filtered.says(&id));
    assert!(
        caseworker
            .get("/cases?state=guardian_review")
            .ok()
            .says("Nothing waits here.")
    );
    let found = caseworker.get(&format!("/cases?reference={}", id.to_lowercase()));
    assert_eq!(found.location(), format!("/cases/{id}"));
}

#[test]
fn anybody_reads_the_register_and_how_to_challenge() {
    let site = Site::demonstration();
    let mut visitor = site.visitor();
    let register = visitor.get("/agreements").ok();
    assert!(register.says("what happened to them, newest first") && register.says("In force"));
    let challenge = visitor.get("/challenge").ok();
    assert!(challenge.says("You need no form") && challenge.says("Information Commissioner"));
}
