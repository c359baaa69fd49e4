use agreement::{
    Certificate, Comparison, Facts, Library, Outcome, Relation, Source, Verdict, Version, compare,
    judge, release_text, verify_certificate, who,
};
use proptest::prelude::*;

use crate::{library, permitted_facts, source, source_of};

const OLD: &str = "ho/2017-01-01";
const NEW: &str = "ho/2018-05-09";
const ANNOUNCED: &str = "ho/2018-05-09-as-announced";

fn version<'a>(library: &'a Library, id: &str) -> &'a Version {
    library.version(&id.parse().expect("id")).expect("shipped")
}

fn compared(library: &Library, from: &str, to: &str) -> Comparison {
    compare(version(library, from), version(library, to)).expect("decided")
}

#[test]
fn may_2018_as_modelled_narrows_and_names_clause_and_fields() {
    let library = library();
    let comparison = compared(&library, OLD, NEW);
    assert_eq!(comparison.verdict, Verdict::Narrows);
    assert!(comparison.permits_something && comparison.clinical_never);
    assert!(comparison.widenings.is_empty());
    let clauses: Vec<&str> = comparison
        .narrowings
        .iter()
        .map(|change| change.clause.as_str())
        .collect();
    assert_eq!(clauses, ["2.4", "3.1"]);
    let relation = |field: &str| {
        let found = comparison
            .fields
            .iter()
            .find(|change| change.field == field);
        found.map(|change| change.relation)
    };
    assert_eq!(relation("area_code"), Some(Relation::Removed));
    assert_eq!(relation("gp_practice"), Some(Relation::Removed));
    assert_eq!(relation("name"), Some(Relation::Narrower));
    assert_eq!(relation("clinical"), None);
}

#[test]
fn may_2018_as_announced_widens_for_people_who_are_not_convicted() {
    let library = library();
    let comparison = compared(&library, OLD, ANNOUNCED);
    assert!(comparison.verdict.widens());
    let [change] = comparison.widenings.as_slice() else {
        panic!("{:?}", comparison.widenings);
    };
    assert_eq!(change.clause, "2.1");
    assert_eq!(
        change.witness.facts.limb.as_deref(),
        Some("public_security")
    );
    let words = change.witness.words.join("\n");
    assert!(words.contains("limb: public security\n"), "{words}");
    assert!(words.contains("conviction: none\n"), "{words}");
    let facts = &change.witness.facts;
    assert_eq!(
        judge(version(&library, OLD), facts).outcome,
        Outcome::Refused
    );
    assert_eq!(
        judge(version(&library, ANNOUNCED), facts).outcome,
        Outcome::Permitted
    );
}

#[test]
fn the_other_way_round_widens() {
    let comparison = compared(&library(), NEW, OLD);
    assert_eq!(comparison.verdict, Verdict::Widens);
}

#[test]
fn a_version_equals_itself_and_agreements_of_strangers_are_incomparable() {
    let library = library();
    for found in library.versions() {
        let comparison = compare(found, found).expect("decided");
        assert_eq!(comparison.verdict, Verdict::Equal, "{}", found.id);
        assert!(comparison.terms.is_empty());
    }
    let comparison = compared(&library, OLD, "court-order/2026-01-01");
    assert_eq!(comparison.verdict, Verdict::Incomparable);
}

#[test]
fn a_version_that_permits_nothing_is_not_passed_off_as_a_narrowing() {
    // A limb that nobody can meet: both conditions hold for no conviction at all.
    let from = "context has contact_lost && context.contact_lost";
    let to = "context has conviction && context.conviction == \"convicted\" && context.conviction == \"none\"";
    let (library, _) = mutated(NEW, from, to);
    let comparison = compared(&library, OLD, NEW);
    assert_eq!(comparison.verdict, Verdict::Narrows);
    assert!(!comparison.permits_something);
}

#[test]
fn grown_days_of_an_offence_code_widen() {
    let library = library();
    let old = version(&library, OLD);
    let mut new = old.clone();
    let mut limited = old.clone();
    for row in &mut limited.terms.offences {
        row.valid_to = Some("2018-01-01".parse().expect("day"));
    }
    assert_eq!(
        compare(old, &limited).expect("decided").verdict,
        Verdict::Equal
    );
    let widened = compare(&limited, old).expect("decided");
    assert_eq!(widened.verdict, Verdict::Widens);
    assert_eq!(widened.offence_days_widened.len(), 5);
    new.terms.budgets.day += 1;
    let terms = compare(old, &new).expect("decided").terms;
    assert_eq!(
        terms.first().map(|change| change.term.as_str()),
        Some("budgets.day")
    );
}

#[test]
fn a_certificate_verifies_and_one_changed_byte_makes_it_fail() {
    let library = library();
    let text = Certificate::new(compared(&library, OLD, NEW)).to_text();
    assert_eq!(
        text,
        Certificate::new(compared(&library, OLD, NEW)).to_text(),
        "same bytes each run"
    );
    verify_certificate(&library, &text).expect("verifies");
    for place in (0..text.len()).step_by(97) {
        let mut bytes = text.clone().into_bytes();
        bytes[place] ^= 1;
        let changed = String::from_utf8_lossy(&bytes).into_owned();
        assert!(
            verify_certificate(&library, &changed).is_err(),
            "byte {place}"
        );
    }
}

#[test]
fn shipped_certificates_verify() {
    let (library, source) = (library(), source());
    let mut verified = 0;
    for path in source
        .paths()
        .filter(|path| path.ends_with("/narrowing.json"))
    {
        let text = String::from_utf8_lossy(source.bytes(path).expect("listed"));
        let certificate = verify_certificate(&library, &text).expect(path);
        assert_eq!(
            format!("{}/narrowing.json", certificate.comparison.to.id),
            path
        );
        assert_eq!(certificate.comparison.verdict, Verdict::Narrows);
        verified += 1;
    }
    assert_eq!(verified, 1);
}

#[test]
fn a_certificate_does_not_hold_for_other_content() {
    let text = Certificate::new(compared(&library(), OLD, NEW)).to_text();
    let (changed, _) = mutated(
        NEW,
        "context.sentence_months >= 12",
        "context.sentence_months >= 6",
    );
    let problem = verify_certificate(&changed, &text).expect_err("other content");
    assert!(problem.contains("other content"), "{problem}");
}

#[test]
fn who_lists_every_asker_and_what_each_must_claim() {
    let library = library();
    let access = who(version(&library, "welfare-missing/2026-01-01")).expect("decided");
    let charity: Vec<&str> = access
        .iter()
        .filter(|entry| entry.agency == "missing-northmoor")
        .flat_map(|entry| entry.fields.iter().map(String::as_str))
        .collect();
    assert_eq!(charity, ["forward_message"]);
    let address = access
        .iter()
        .find(|entry| entry.fields == ["last_known_address"])
        .expect("listed");
    assert_eq!(address.agency, "police-northmoor");
    let lead = address
        .requirements
        .iter()
        .find(|need| need.fact == "safeguarding_lead_named");
    assert_eq!(lead.expect("needed").one_of, ["yes"]);
    assert!(
        access
            .iter()
            .all(|entry| !entry.fields.iter().any(|field| field == "clinical"))
    );
}

/// The shipped library with one replacement in the rules of one version.
fn mutated(id: &str, from: &str, to: &str) -> (Library, String) {
    let mut source: Source = source_of("ho");
    let path = format!("{id}/clauses.cedar");
    let before = String::from_utf8_lossy(source.bytes(&path).expect("file")).into_owned();
    let after = before.replacen(from, to, 1);
    assert_ne!(before, after, "the mutation must change {path}");
    source.insert(
        format!("{id}/release.cedar"),
        release_text(&path, &after).expect("generates"),
    );
    source.insert(path, after.clone());
    (Library::from_source(&source).expect("loads"), after)
}

fn text(codes: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    prop::option::weighted(0.9, prop::sample::select(codes).prop_map(str::to_owned))
}

prop_compose! {
    /// A request to the Home Office agreement, often near a limit of some rule.
    fn request()(
        purpose in prop::sample::select(&["immigration_offence", "vulnerable_person", "other"][..]),
        limb in text(&["serious_crime", "public_security", "welfare"]),
        offence_code in text(&["overstayed", "absconded", "theft"]),
        subject_role in text(&["missing", "suspect"]),
        flags in prop::collection::vec(prop::option::weighted(0.9, prop::bool::weighted(0.8)), 3),
        numbers in prop::collection::vec(prop::option::weighted(0.9, prop::sample::select(&[0_i64, 1, 5, 6, 11, 12, 13][..])), 3),
        conviction in prop::option::of(prop::sample::select(&[
            agreement::Conviction::Convicted, agreement::Conviction::Investigated, agreement::Conviction::None,
        ][..])),
        field in prop::sample::select(&["name", "gp_practice", "clinical"][..]),
    ) -> Facts {
        Facts {
            limb, offence_code, subject_role, conviction,
            contact_lost: flags[0], deportation_considered: flags[1], public_security_risk: flags[2],
            last_resort_attempts: numbers[0], sentence_months: numbers[1], offence_max_months: numbers[2],
            ..Facts::new("home-office", purpose, [field])
        }
    }
}

const MUTATIONS: [(&str, &str); 8] = [
    (
        "context.sentence_months >= 12",
        "context.sentence_months >= 6",
    ),
    (
        "context.sentence_months >= 12",
        "context.sentence_months > 12",
    ),
    (
        "context.last_resort_attempts >= 1",
        "context.last_resort_attempts >= 0",
    ),
    ("context.limb == \"welfare\" && ", ""),
    (
        "context has deportation_considered && context.deportation_considered &&",
        "",
    ),
    (
        "context.contact_lost",
        "context.contact_lost && context has subject_role",
    ),
    (
        "context.purpose == \"vulnerable_person\" ||",
        "context.purpose == \"vulnerable_person\" && context has subject_role ||",
    ),
    ("context.conviction == \"convicted\" &&", ""),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    /// The prover against the judge: what is said not to exist must not turn up in random requests.
    #[test]
    fn random_requests_bear_out_the_verdict(
        mutation in 0..MUTATIONS.len(), requests in prop::collection::vec(request(), 200),
    ) {
        let (from, to) = MUTATIONS[mutation];
        let (library, _) = mutated(NEW, from, to);
        let original = crate::library();
        let (old, new) = (version(&original, NEW), version(&library, NEW));
        let verdict = compare(old, new).expect("decided").verdict;
        for facts in requests {
            let (before, after) = (judge(old, &facts), judge(new, &facts));
            let allowed = |outcome| outcome == Outcome::Permitted;
            let (before, after) = (allowed(before.outcome), allowed(after.outcome));
            prop_assert!(verdict.widens() || !after || before, "{verdict:?} {facts:?}");
            prop_assert!(verdict != Verdict::Equal || before == after, "{facts:?}");
            prop_assert!(verdict != Verdict::Widens || !before || after, "{facts:?}");
        }
    }
}

#[test]
fn each_planted_widening_is_found() {
    let library = library();
    let expected = [true, false, true, true, true, false, false, true];
    for ((from, to), widens) in MUTATIONS.iter().zip(expected) {
        let (changed, _) = mutated(NEW, from, to);
        let verdict = compare(version(&library, NEW), version(&changed, NEW))
            .expect("decided")
            .verdict;
        assert_eq!(verdict.widens(), widens, "{from} -> {to}: {verdict:?}");
        assert_ne!(verdict, Verdict::Equal, "{from} -> {to}");
    }
    assert!(
        permitted_facts(version(&library, NEW))
            .sentence_months
            .is_some()
    );
}
