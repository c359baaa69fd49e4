//! What the pages of agreements are shown in the tests of templates.

use serde_json::{Value as Json, json};

use super::templates::{AT, MARKUP, emergency, form, options};

fn terms() -> Json {
    json!({
        "title": MARKUP, "benefit": "b", "purposes": ["serious_crime"], "lawful_basis": "l",
        "confidence_basis": "c", "complaints": "d", "never_fields": ["clinical"],
        "fields_by_purpose": {"serious_crime": ["name"]},
        "parties": {"requesters": ["police-northmoor"], "controller": "northmoor"},
        "handling": {"data_life_days": 1, "outcome_due_days": 2, "onward_rule": "o"},
    })
}

fn test() -> Json {
    json!({"id": "i", "version": "2", "conclusion": "met", "serious_crime_limb": MARKUP,
        "review_at": "2027-01-01", "expires_at": "2027-02-01",
        "evidence": [{"claim": MARKUP, "source": MARKUP, "dated": "2018", "critique": [MARKUP]}]})
}

fn items() -> Json {
    json!([{"key": "t2_trust", "number": "T2", "text": MARKUP}])
}

fn interest(error: bool) -> Json {
    json!({"name": "a/1", "agreement_title": MARKUP, "rows": 2, "f": form(error)})
}

fn interest_proposed(is_first: bool) -> Json {
    json!({"name": "a/1", "agreement_title": MARKUP, "test": test(), "items": items(),
        "hash": "00", "is_first": is_first})
}

fn agreement(full: bool) -> Json {
    let event = json!({"event": "in_force", "effective": AT, "recorded": AT, "reason": MARKUP,
        "authority": "a", "source": "s"});
    json!({
        "name": "a/1", "terms": terms(), "gateways": options(), "hash": "00", "state": "in_force",
        "may_suspend": full, "may_replay": full, "others": if full { json!(["2"]) } else { json!([]) },
        "clauses": [{"number": "1.1", "title": MARKUP, "kind": "coded", "text": "t", "source": "s"}],
        "added": if full { json!([{"number": "7.1", "text": MARKUP}]) } else { json!([]) },
        "events": if full { json!([event]) } else { json!([]) },
        "interest": if full {
            json!({"test": test(), "items": items(), "hash": "00", "decided_by": MARKUP,
                "signed_by": MARKUP, "valid": true, "earlier": [{"version": "1",
                    "conclusion": "not_met", "decided_at": "2026-01-01"}]})
        } else { Json::Null },
        "waiting": full,
    })
}

fn diff(full: bool) -> Json {
    let changes = json!([{"clause": "2.1", "text": MARKUP, "fields": ["name"],
        "witness": {"words": [MARKUP]}}]);
    let list = |items: Json| if full { items } else { json!([]) };
    let hash = json!({"content_hash": "00"});
    json!({
        "from": "a/1", "to": "a/2", "sentence": "s", "tone": "good",
        "c": {"engine": "e", "digest": "00", "not_said": ["n"], "comparison": {
            "from": hash, "to": hash, "permits_something": full, "clinical_never": full,
            "offence_days_widened": list(json!(["arson"])), "terms": list(json!([{"term": "t"}]))}},
        "fields": list(json!([{"code": "name", "word": "same", "tone": "calm"}])),
        "clauses": [{"id": "widens", "title": "w", "changes": list(changes)}],
    })
}

fn replay(full: bool) -> Json {
    let part =
        json!({"word": "cannot tell", "class": "cannot-tell", "count": 2, "x": 0, "width": 9});
    let changed = json!({"reference": "TG-1", "at": AT, "then": "released", "now": "refused",
        "failing": ["2.1"]});
    let tally = json!({"name": "sentence_months", "requests": 2});
    let list = |item: &Json| if full { json!([item]) } else { json!([]) };
    json!({
        "name": "a/1", "height": 58, "left_out": u64::from(full),
        "bars": [{"label": "All", "total": 2, "y": 0, "parts": [part]}],
        "report": {"requests": 2 * u64::from(full), "missing": list(&tally), "failing": list(&tally),
            "changed": list(&changed), "counts": {"released": 0, "refused": 0, "cannot_tell": 2}},
    })
}

fn narrowing(error: bool) -> Json {
    let list = if error { json!([]) } else { options() };
    json!({
        "name": "a/1", "agreement_title": MARKUP, "state": "in_force", "fields": options(),
        "purposes": list, "offences": list, "f": form(error),
    })
}

fn narrowing_checked(full: bool) -> Json {
    let caught = json!({"case": "TG-1", "agency": "a-b", "state": "checked", "loses": ["name"],
        "refused": true});
    json!({
        "name": "a/1", "agreement_title": MARKUP, "rules": MARKUP, "reason": MARKUP, "longest": 1,
        "clauses": [{"clause": "7.1", "text": MARKUP}],
        "caught": if full { json!([caught]) } else { json!([]) },
        "carried": [{"name": "reason", "value": MARKUP}],
    })
}

fn suspension(error: bool) -> Json {
    json!({
        "name": "a/1", "agreement_title": MARKUP, "state": "in_force", "open_cases": 1,
        "uncollected": 1, "longest": 1, "caught": [{"case": "TG-1", "agency": "a-b",
            "state": "checked", "fate": "held"}],
        "f": form(error), "carried": [{"name": "reason", "value": MARKUP}],
    })
}

fn reopening(proposed: bool, is_first: bool) -> Json {
    let by = json!({"name": MARKUP});
    let proposal = json!({"at": AT, "by": by, "reason": MARKUP});
    json!({
        "name": "a/1", "agreement_title": MARKUP, "state": "suspended_hold", "seen": 2,
        "reopens_as": "in_force", "is_first": is_first, "f": form(true),
        "suspension": {"at": AT, "by": by, "reason": MARKUP,
            "proposed": if proposed { proposal } else { Json::Null }},
    })
}

/// Template and content, at least one for each page.
pub fn all() -> Vec<(&'static str, Json)> {
    let list = json!({"agreements": [{"id": "a", "versions": [{"name": "a/1", "version": "1",
        "title": MARKUP, "marker": "sample", "benefit": "b", "requesters": ["x-y"],
        "effective": "2026-01-01", "state": "in_force"}]}],
        "register": [{"name": "a/1", "event": {"event": "agreed", "effective": AT, "recorded": AT,
            "authority": MARKUP, "reason": MARKUP, "source": MARKUP}}]});
    vec![
        ("agreements/list.html", list),
        (
            "agreements/list.html",
            json!({"agreements": [], "register": []}),
        ),
        (
            "public/challenge.html",
            json!({"addresses": [{"name": "a/1", "title": MARKUP, "complaints": MARKUP}]}),
        ),
        ("public/challenge.html", json!({"addresses": []})),
        ("agreements/show.html", agreement(true)),
        ("agreements/show.html", agreement(false)),
        ("agreements/diff.html", diff(true)),
        ("agreements/diff.html", diff(false)),
        ("agreements/diff.html", json!({"undecided": MARKUP})),
        ("agreements/replay.html", replay(true)),
        ("agreements/replay.html", replay(false)),
        ("agreements/interest.html", interest(true)),
        ("agreements/interest.html", interest(false)),
        ("agreements/interest_proposed.html", interest_proposed(true)),
        (
            "agreements/interest_proposed.html",
            interest_proposed(false),
        ),
        ("agreements/narrow.html", narrowing(true)),
        ("agreements/narrow.html", narrowing(false)),
        ("agreements/narrow_check.html", narrowing_checked(true)),
        ("agreements/narrow_check.html", narrowing_checked(false)),
        ("agreements/suspend.html", suspension(true)),
        ("agreements/suspend_check.html", suspension(false)),
        ("emergency.html", emergency("declare", true)),
        ("emergency.html", emergency("release", false)),
        ("emergency.html", emergency("view", true)),
        ("emergency.html", emergency("review", true)),
        ("agreements/reopen.html", reopening(false, false)),
        ("agreements/reopen.html", reopening(true, true)),
        ("agreements/reopen.html", reopening(true, false)),
    ]
}
