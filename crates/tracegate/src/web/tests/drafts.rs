//! A request written over days: kept unfinished, checked, signed by somebody else, and only then sent.

use super::journey::{OFFICER, ask, begin, fill, finish, inspector, sign};
use super::site::Site;

#[test]
fn a_draft_is_kept_unfinished_with_every_fault_and_costs_nobody_a_word() {
    let site = Site::demonstration();
    let mut officer = site.signed_in(OFFICER);
    let start = officer.get("/requests/new").ok();
    for text in [
        "Serious crime: Northmoor Police",
        "Last known address",
        "Inspector or higher",
    ] {
        assert!(start.says(text), "no `{text}` in {}", start.text);
    }
    let draft = begin(&mut officer);
    let path = format!("{draft}/person");
    let page = officer.get(&path).ok();
    let typed = [
        ("subject.surname", "O'Brien & <b>Sons</b>"),
        ("subject.nhs_number", "9990000019"),
        ("subject.date_of_birth.day", "31"),
        ("subject.date_of_birth.month", "2"),
        ("subject.date_of_birth.year", "1984"),
        ("step", "continue"),
    ];
    let again = officer.submit(&path, &page, &typed);
    assert_eq!(again.status, 422);
    for text in [
        "There is something to correct",
        "href=\"#subject.nhs_number\"",
        "href=\"#subject.date_of_birth\"",
        "value=\"9990000019\"",
        "O&#x27;Brien &amp; &lt;b&gt;Sons&lt;/b&gt;",
    ] {
        assert!(again.says(text), "no `{text}` in {}", again.text);
    }
    assert!(
        !again.says("href=\"#fields\""),
        "another part's faults are its own"
    );
    for link in again.text.split("<a href=\"#").skip(2) {
        let (id, _) = link.split_once('"').unwrap();
        assert!(
            again.says(&format!("id=\"{id}\"")),
            "nothing has the id `{id}`"
        );
    }
    let later = site.signed_in(OFFICER).get(&path).ok();
    assert!(later.says("value=\"9990000019\""), "what was typed is kept");
    let tasks = officer.get(&draft).ok();
    assert!(tasks.says("Incomplete") && tasks.says("Cannot start yet"));
    let early = officer.get(&format!("{draft}/check"));
    assert_eq!(early.location(), draft);
    let stale = officer.submit(&path, &page, &typed);
    assert_eq!(stale.status, 409, "somebody has written since");
}

#[test]
fn a_mistake_that_would_be_refused_shows_before_anything_is_sent() {
    let site = Site::demonstration();
    let mut officer = site.signed_in(OFFICER);
    let draft = begin(&mut officer);
    fill(
        &mut officer,
        &draft,
        &[
            ("grounds.offence", ""),
            ("attempt1.what", ""),
            ("attempt1.on.day", ""),
            ("attempt1.on.month", ""),
            ("attempt1.on.year", ""),
            ("attempt1.result", ""),
        ],
    );
    let check = officer.get(&format!("{draft}/check")).ok();
    assert!(
        check.says("clauses are not met") && check.says("Clause 2.1"),
        "{}",
        check.text
    );
    fill(&mut officer, &draft, &[]);
    let check = officer.get(&format!("{draft}/check")).ok();
    assert!(!check.says("not met"), "{}", check.text);
}

#[test]
fn nobody_signs_alone_and_nothing_is_asked_before() {
    let site = Site::demonstration();
    let mut officer = site.signed_in(OFFICER);
    let draft = begin(&mut officer);
    fill(&mut officer, &draft, &[]);
    let path = format!("{draft}/signature");
    let mut colleague = inspector(&officer);
    assert_eq!(colleague.get(&path).status, 404, "it is not finished");
    finish(&mut officer, &draft);
    assert!(!site.kinds().contains(&disclosure::EventKind::Received));
    let own = officer.get(&path).ok();
    assert!(own.says("somebody else has to sign it") && !own.says("Sign and send"));
    let seen = [("seen", "10"), ("rank", "inspector"), ("step", "sign")];
    assert_eq!(
        officer.submit(&path, &own, &seen).status,
        403,
        "officers do not sign"
    );
    let mut court = site.signed_in("judge-helen-adeyemi");
    assert_eq!(court.get(&path).status, 404, "another organization's");
    let mut staff = site.signed_in("cw-sofia-lindqvist");
    assert_eq!(
        staff.get(&path).status,
        403,
        "not theirs before it is asked"
    );

    let page = colleague.get(&path).ok();
    assert!(
        page.says("Thistlewood") && !page.says("value=\"constable\""),
        "{}",
        page.text
    );
    let low = colleague.submit(&path, &page, &[("rank", "constable"), ("step", "sign")]);
    assert_eq!(low.status, 403);
    assert!(low.says("higher rank"), "{}", low.text);
    let none = colleague.submit(&path, &page, &[("step", "sign")]);
    assert_eq!(none.status, 422);
    let sent = sign(&officer, &draft);
    let case = site.case(&sent.location().replace("/requests/", ""));
    let signed = case.request.authoriser.unwrap();
    assert_eq!(
        (signed.officer_id.as_str(), signed.rank.as_str()),
        ("insp-ruth-hale", "inspector")
    );
    assert_eq!(case.request.requester.officer_id, OFFICER);
    assert_eq!(officer.get(&draft).status, 404, "the draft is gone");
}

#[test]
fn an_authorizer_does_not_sign_what_they_wrote() {
    let site = Site::demonstration();
    let mut author = site.signed_in("insp-ruth-hale");
    let draft = begin(&mut author);
    fill(&mut author, &draft, &[]);
    finish(&mut author, &draft);
    let path = format!("{draft}/signature");
    let page = author.get(&path).ok();
    assert!(!page.says("Sign and send"));
    // In another session they are the same person.
    let mut again = inspector(&author);
    again.get(&path).ok();
    let form = [("seen", "9"), ("rank", "inspector"), ("step", "sign")];
    let signed = again.post(&path, &form);
    assert_eq!(signed.status, 403, "{}", signed.text);
    assert!(signed.says("another person must"), "{}", signed.text);
}

#[test]
fn what_is_not_signed_goes_back_with_a_coded_reason() {
    let site = Site::demonstration();
    let mut officer = site.signed_in(OFFICER);
    let draft = begin(&mut officer);
    fill(&mut officer, &draft, &[]);
    finish(&mut officer, &draft);
    let mut colleague = inspector(&officer);
    let path = format!("{draft}/signature");
    let page = colleague.get(&path).ok();
    assert_eq!(
        colleague.submit(&path, &page, &[("step", "return")]).status,
        422
    );
    let why = [
        ("reason", "too_much_asked"),
        ("text", "The name is known."),
        ("step", "return"),
    ];
    assert_eq!(colleague.submit(&path, &page, &why).status, 303);
    let tasks = officer.get(&draft).ok();
    assert!(tasks.says("More is asked for than is needed") && tasks.says("The name is known."));
    let late = colleague.submit(&path, &page, &[("rank", "inspector"), ("step", "sign")]);
    assert_eq!(late.status, 404, "it is the writer's again");
    finish(&mut officer, &draft);
    assert_eq!(sign(&officer, &draft).status, 303);
}

#[test]
fn a_finished_draft_that_is_changed_waits_for_nobody() {
    let site = Site::demonstration();
    let mut officer = site.signed_in(OFFICER);
    let draft = begin(&mut officer);
    fill(&mut officer, &draft, &[]);
    finish(&mut officer, &draft);
    let mut colleague = inspector(&officer);
    let path = format!("{draft}/signature");
    let seen = colleague.get(&path).ok();
    fill(&mut officer, &draft, &[("subject.surname", "Pemberton")]);
    let signed = colleague.submit(&path, &seen, &[("rank", "inspector"), ("step", "sign")]);
    assert_eq!(signed.status, 404, "not what they have read");
    finish(&mut officer, &draft);
    let signed = colleague.submit(&path, &seen, &[("rank", "inspector"), ("step", "sign")]);
    assert_eq!(signed.status, 409, "not the version they have read");
}

#[test]
fn only_what_the_agreement_permits_is_offered() {
    let site = Site::demonstration();
    let mut officer = site.signed_in(OFFICER);
    let draft = begin(&mut officer);
    let page = officer.get(&format!("{draft}/data")).ok();
    assert!(page.says("value=\"last_known_address\"") && page.says("clause 3.1"));
    for never in [
        "clinical",
        "nhs_number",
        "phone",
        "gp_practice",
        "forward_message",
    ] {
        assert!(!page.says(&format!("value=\"{never}\"")), "{never}");
    }
    let start = officer.get("/requests/new").ok();
    let other = officer.submit("/requests/new", &start, &[("purpose", "court_order")]);
    assert_eq!(other.status, 422, "no agreement serves the police for that");
}

#[test]
fn a_draft_is_its_writers_until_it_is_finished_and_can_be_thrown_away() {
    let site = Site::demonstration();
    let mut officer = site.signed_in(OFFICER);
    let draft = begin(&mut officer);
    fill(&mut officer, &draft, &[]);
    for other in ["insp-ruth-hale", "clerk-idris-vaughan"] {
        let mut other = site.signed_in(other);
        assert_eq!(other.get(&draft).status, 404);
        assert_eq!(other.get(&format!("{draft}/person")).status, 404);
        assert!(!other.get("/requests").ok().says(&draft));
    }
    let list = officer.get("/requests").ok();
    assert!(
        list.says(&draft) && !list.says("Thistlewood"),
        "{}",
        list.text
    );
    let page = officer.get(&draft).ok();
    assert_eq!(officer.submit(&draft, &page, &[]).status, 303);
    assert_eq!(officer.get(&draft).status, 404);
}

#[test]
fn what_nobody_touches_for_a_month_is_thrown_away() {
    let site = Site::demonstration();
    let mut officer = site.signed_in(OFFICER);
    let draft = begin(&mut officer);
    site.later(jiff::SignedDuration::from_hours(24 * 31));
    site.work();
    assert_eq!(site.signed_in(OFFICER).get(&draft).status, 404);
}

#[test]
fn a_reference_opens_ones_own_request_and_no_other() {
    let site = Site::demonstration();
    let mut officer = site.signed_in(OFFICER);
    let id = ask(&mut officer, &[]);
    let found = officer.get(&format!("/requests?reference={}", id.to_lowercase()));
    assert_eq!(found.location(), format!("/requests/{id}"));
    let part = officer.get(&format!("/requests?reference={}", &id[..7]));
    assert_eq!(part.status, 404, "the whole reference, or nothing");
    let mut court = site.signed_in("clerk-idris-vaughan");
    assert_eq!(court.get(&format!("/requests?reference={id}")).status, 404);
    assert!(site.kinds().contains(&disclosure::EventKind::AccessRefused));
    let list = officer.get("/requests").ok();
    assert!(
        list.says("Ends by itself") && list.says(&id),
        "{}",
        list.text
    );
}
