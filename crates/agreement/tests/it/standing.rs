//! Overlays, publication and notice: how what binds may change.

use std::collections::BTreeSet;

use agreement::{
    Event, EventKind, Library, Mode, Outcome, Resolution, Source, Status, TakenAway, VersionId,
    judge, release_text,
};
use jiff::{SignedDuration, Timestamp};

use crate::{library, permitted_facts, source_of};

const POLICE: &str = "police-serious-crime";

fn id(name: &str) -> VersionId {
    name.parse().expect("id")
}

fn police() -> VersionId {
    id("police-serious-crime/2026-01-01")
}

fn now() -> Timestamp {
    "2026-06-01T12:00:00Z".parse().expect("time")
}

fn event(kind: EventKind, overlay: Option<String>) -> Event {
    Event {
        version: "2026-01-01".to_owned(),
        event: kind,
        recorded: now(),
        effective: now(),
        announced: None,
        published: None,
        precision: None,
        mode: (kind == EventKind::Suspended).then_some(Mode::Hold),
        open_cases: Some("recheck".to_owned()),
        overlay,
        authority: "guardian".to_owned(),
        source: "https://records.northmoor.example/notices/1".to_owned(),
        reason: "too many requests without a warrant".to_owned(),
        prev: String::new(),
    }
}

fn rules(clause: &str, condition: &str) -> Option<String> {
    Some(format!(
        "@id(\"overlay-{clause}\")\n@clause(\"{clause}\")\n@text(\"A warrant is attached.\")\n\
         @outcome(\"necessity_not_shown\")\n@fix(\"Attach the warrant.\")\n\
         forbid (principal, action, resource)\nunless {{\n  {condition}\n}};\n"
    ))
}

const WARRANT: &str = "context has warrant_attached && context.warrant_attached";

#[test]
fn an_overlay_is_proved_to_narrow_and_bites_the_same_instant() {
    let mut library = library();
    let narrowing = event(EventKind::Narrowed, rules("9.1", WARRANT));
    let (line, proof) = library.record(POLICE, narrowing).expect("entered");
    let proof = proof.expect("an overlay comes with a proof");
    let clauses: Vec<&str> = proof
        .narrowings
        .iter()
        .map(|change| change.clause.as_str())
        .collect();
    assert_eq!(clauses, ["9.1"]);
    assert!(proof.widenings.is_empty() && proof.permits_something);

    let just_before = now() - SignedDuration::from_nanos(1);
    let answer = |library: &Library, at| match library.named(&police(), at) {
        Resolution::Judge(version) => judge(version, &permitted_facts(version)),
        other => panic!("{other:?}"),
    };
    assert_eq!(answer(&library, just_before).outcome, Outcome::Permitted);
    let after = answer(&library, now());
    assert_eq!(after.outcome, Outcome::Refused);
    let failing: Vec<&str> = after
        .failing()
        .map(|finding| finding.clause.as_str())
        .collect();
    assert_eq!(failing, ["9.1"]);
    assert!(
        after
            .failing()
            .all(|finding| finding.source.contains("notices/1"))
    );
    assert_eq!(after.engine.overlays.len(), 1);
    assert_eq!(library.status_at(&police(), now()), Status::Narrowed);
    let published = &library.version(&police()).expect("version").content_hash;
    assert_eq!(
        &after.engine.content_hash, published,
        "the published text stays"
    );

    // What was written reads back as the same, and stands through a suspension.
    let mut source = source_of(POLICE);
    let path = format!("{POLICE}/events.jsonl");
    let log = String::from_utf8_lossy(source.bytes(&path).expect("log")).into_owned();
    source.insert(path, format!("{}\n{line}\n", log.trim_end()));
    let mut again = Library::from_source(&source).expect("loads with its overlay");
    assert_eq!(answer(&again, now()).outcome, Outcome::Refused);
    for kind in [EventKind::Suspended, EventKind::Reopened] {
        again.record(POLICE, event(kind, None)).expect("entered");
    }
    assert_eq!(again.status_at(&police(), now()), Status::Narrowed);
    assert_eq!(answer(&again, now()).outcome, Outcome::Refused);
}

#[test]
fn an_overlay_that_does_not_narrow_is_not_entered() {
    let open = Some("@id(\"more\")\npermit (principal, action, resource);\n".to_owned());
    let never =
        "context has sentence_months && context.sentence_months < 1 && context.sentence_months > 2";
    let same = "context has last_resort_attempts && context.last_resort_attempts >= 1";
    let negated = "!(context has warrant_attached)";
    for (overlay, message) in [
        (open, "this is a second permit"),
        (rules("9.1", never), "suspend it instead"),
        (rules("9.1", same), "does not narrow"),
        (rules("9.1", negated), "met by a fact that is missing"),
        (rules("2.6", WARRANT), "clause `2.6` stands already"),
        (None, "a narrowing with rules"),
    ] {
        let refused = library().record(POLICE, event(EventKind::Narrowed, overlay));
        let problem = refused.expect_err(message);
        assert!(problem.contains(message), "no `{message}` in {problem}");
    }
    let late = Event {
        effective: now() + SignedDuration::from_hours(1),
        ..event(EventKind::Narrowed, rules("9.1", WARRANT))
    };
    let problem = library().record(POLICE, late).expect_err("later");
    assert!(problem.contains("when it is entered"), "{problem}");
}

#[test]
fn a_version_whose_publication_is_not_on_record_is_never_judged_with() {
    let mut library = library();
    let versions = library.versions();
    let mut published: BTreeSet<(String, String)> = versions
        .map(|version| (version.id.to_string(), version.content_hash.clone()))
        .collect();
    library.withhold_unpublished(&published);
    assert!(matches!(
        library.named(&police(), now()),
        Resolution::Judge(_)
    ));
    published.retain(|(name, _)| *name != police().to_string());
    published.insert((police().to_string(), "00".repeat(32)));
    library.withhold_unpublished(&published);
    assert_eq!(library.withheld_in_force(now()), [&police()]);
    assert_eq!(library.status_at(&police(), now()), Status::Draft);
    let agency = "police-northmoor";
    for resolution in [
        library.named(&police(), now()),
        library.find(agency, "serious_crime", now()),
    ] {
        match resolution {
            Resolution::Refused(refused) => assert_eq!(refused.code, "no_agreement"),
            other => panic!("{other:?}"),
        }
    }
}

/// The police agreement with one more version, binding from 2027 on.
fn renewed(from: &str, to: &str) -> Library {
    let mut source: Source = source_of(POLICE);
    let old = format!("{POLICE}/2026-01-01/");
    let paths: Vec<String> = source.paths().map(str::to_owned).collect();
    for path in paths {
        let Some(file) = path.strip_prefix(&old) else {
            continue;
        };
        let text = String::from_utf8_lossy(source.bytes(&path).expect("file")).into_owned();
        let text = match file {
            "version.toml" => text
                .replace("version = \"2026-01-01\"", "version = \"2027-01-01\"")
                .replace("effective = 2026-01-01", "effective = 2027-01-01")
                .replace("effective = \"2026-01-01\"", "effective = \"2027-01-01\"")
                .replace("marker = \"sample\"", "marker = \"binding\""),
            "clauses.cedar" => text.replacen(from, to, 1),
            _ => text,
        };
        source.insert(format!("{POLICE}/2027-01-01/{file}"), text);
    }
    let rules = format!("{POLICE}/2027-01-01/clauses.cedar");
    let text = String::from_utf8_lossy(source.bytes(&rules).expect("file")).into_owned();
    let release = release_text(&rules, &text).expect("generates");
    source.insert(format!("{POLICE}/2027-01-01/release.cedar"), release);
    Library::from_source(&source).expect("loads")
}

#[test]
fn a_widening_needs_a_days_notice_and_nothing_binding_is_published_late() {
    let next = id("police-serious-crime/2027-01-01");
    let at = |text: &str| text.parse::<Timestamp>().expect("time");
    let (early, eve, late) = (
        at("2026-12-30T00:00:00Z"),
        at("2026-12-31T12:00:00Z"),
        at("2027-01-02T00:00:00Z"),
    );
    let same = renewed("nothing", "nothing");
    assert_eq!(same.publication_problems(&next, eve), Vec::<String>::new());
    let problems = same.publication_problems(&next, late).join("\n");
    assert!(problems.contains("being early"), "{problems}");
    let wider = renewed("last_resort_attempts >= 1", "last_resort_attempts >= 0");
    assert_eq!(
        wider.publication_problems(&next, early),
        Vec::<String>::new()
    );
    let problems = wider.publication_problems(&next, eve).join("\n");
    assert!(problems.contains("a day's notice"), "{problems}");
}

#[test]
fn a_sample_may_be_taken_up_at_any_time_and_a_template_never() {
    let library = library();
    for version in library.versions() {
        let problems = library.publication_problems(&version.id, now()).join("\n");
        let blank = version.id.agreement == "template";
        assert_eq!(problems.contains("it is a template"), blank, "{problems}");
        assert_eq!(problems.is_empty(), !blank, "{}: {problems}", version.id);
    }
    assert_eq!(
        library
            .version(&police())
            .expect("version")
            .file_hashes()
            .len(),
        5
    );
}

fn codes(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|code| (*code).to_owned()).collect()
}

#[test]
fn whatever_a_version_lists_can_be_taken_away_item_by_item_and_nothing_else_goes() {
    let mut entered_count = 0;
    for version in library().versions() {
        let every = TakenAway::everything(version);
        let fields = every.fields.iter().map(|code| TakenAway {
            fields: codes(&[code]),
            ..TakenAway::default()
        });
        let offences = every.offences.iter().map(|code| TakenAway {
            offences: codes(&[code]),
            ..TakenAway::default()
        });
        for taken in fields.chain(offences) {
            let Ok(rules) = taken.rules(version) else {
                assert_eq!(every.fields.len().min(every.offences.len().max(1)), 1);
                continue;
            };
            let narrowing = Event {
                version: version.id.version.clone(),
                ..event(EventKind::Narrowed, Some(rules.clone()))
            };
            let mut library = library();
            let entered = library.record(&version.id.agreement, narrowing);
            let Ok((_, Some(proof))) = entered else {
                let problem = entered.err().unwrap_or_default();
                let fair = ["suspend it instead", "cannot follow", "takes effect"];
                let is_fair = fair.iter().any(|words| problem.contains(words));
                assert!(is_fair, "{}: {problem}\n{rules}", version.id);
                continue;
            };
            assert!(proof.widenings.is_empty(), "{rules}");
            assert_eq!(proof.narrowings.len(), 1, "{}: {rules}", version.id);
            entered_count += 1;
        }
    }
    assert!(entered_count > 20, "only {entered_count}");
}

#[test]
fn a_field_that_is_taken_away_is_refused_and_the_others_stay() {
    let mut library = library();
    let version = library.version(&police()).expect("version").clone();
    let taken = TakenAway {
        fields: codes(&["last_known_address"]),
        ..TakenAway::default()
    };
    let rules = taken.rules(&version).expect("rules");
    let narrowing = event(EventKind::Narrowed, Some(rules));
    library.record(POLICE, narrowing).expect("entered");
    let version = library.version_at(&police(), now()).expect("narrowed");
    let mut facts = permitted_facts(version);
    facts.fields_requested = vec!["name".to_owned(), "last_known_address".to_owned()];
    let judged = judge(version, &facts);
    assert_eq!(judged.fields_refused, ["last_known_address"]);
    assert_eq!(judged.fields_allowed, ["name"]);

    // Everything that is listed: that is no narrowing any more.
    let all = TakenAway::everything(version);
    assert!(
        all.rules(version)
            .is_err_and(|problem| problem.contains("suspend"))
    );
}
