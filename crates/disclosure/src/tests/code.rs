use crate::{Code, CodeGroup};

/// The published list, group by group, as an oracle of its own.
const INTAKE: [&str; 7] = [
    "form_incomplete",
    "not_countersigned",
    "rank_too_low",
    "requester_unverified",
    "insufficient_identifiers",
    "speculative_or_bulk",
    "duplicate",
];
const BEFORE_TRACE: [&str; 14] = [
    "no_agreement",
    "agreement_suspended",
    "no_legal_basis",
    "out_of_scope_offence",
    "below_seriousness",
    "not_lost_contact",
    "alternatives_not_tried",
    "necessity_not_shown",
    "field_not_permitted",
    "act_not_data",
    "budget_exceeded",
    "outcomes_overdue",
    "pit_expired",
    "pit_not_met",
];
const AFTER_TRACE: [&str; 7] = [
    "no_trace",
    "ambiguous",
    "needs_identifiers",
    "restricted_withheld",
    "deceased",
    "pit_not_met_after_trace",
    "no_releasable_field",
];

#[test]
fn every_published_code_is_there_in_order_and_no_other() {
    let published: Vec<&str> = [&INTAKE[..], &BEFORE_TRACE, &AFTER_TRACE].concat();
    let codes: Vec<&str> = Code::all().map(Code::code).collect();
    assert_eq!(codes, published);
}

#[test]
fn every_row_of_the_table_is_the_row_of_its_code() {
    for (position, code) in Code::all().enumerate() {
        assert_eq!(code as usize, position, "{code}");
        assert_eq!(Code::from_code(code.code()), Some(code));
        assert_eq!(code.to_string(), code.code());
        assert!(code.meaning().ends_with('.'), "{code}");
        let json = serde_json::to_string(&code).unwrap();
        assert_eq!(json, format!("\"{code}\""));
        assert_eq!(serde_json::from_str::<Code>(&json).unwrap(), code);
    }
    assert_eq!(
        Code::from_code("child_or_vulnerable"),
        None,
        "an escalation is no ending"
    );
    assert_eq!(Code::from_code(""), None);
}

#[test]
fn groups_have_their_published_boundaries() {
    for (group, codes) in [
        (CodeGroup::Intake, &INTAKE[..]),
        (CodeGroup::BeforeTrace, &BEFORE_TRACE),
        (CodeGroup::AfterTrace, &AFTER_TRACE),
    ] {
        for code in codes {
            assert_eq!(Code::from_code(code).unwrap().group(), group, "{code}");
        }
    }
}
