//! Sample data of the pages of evidence, and what they say.

use serde_json::{Value as Json, json};

/// The poll and the back-cast, full and empty.
pub fn samples(markup: &str) -> Vec<(&'static str, Json)> {
    let figure = json!({"label": markup, "percentage": {"percent": 72.0}, "bounds":
        [{"interviews": 2000, "points": 1.97}]});
    let poll = |many: bool| {
        let text = if many { json!([markup]) } else { json!([]) };
        json!({"title": markup, "published": "2018-04-17", "source": "s", "population": "p",
            "mode": "m", "weighting": "w", "answers": "a", "unknown": text, "can": text,
            "cannot": text, "samples": [{"interviews": 1000, "fieldwork": "f"}],
            "critique": if many { json!([{"text": markup, "source": "s"}]) } else { json!([]) }})
    };
    let bars =
        json!([{"label": markup, "told": "72.0 % (base not published)", "figure": figure, "y": 0}]);
    let overlap =
        json!({"first": "a", "second": markup, "meaning": "m", "at_least": "69 % (base)"});
    let test = json!({"agreement": "ho", "conclusion": "not_met", "valid": false, "evidence":
        [{"claim": markup, "source": "s", "dated": "2018", "critique": [markup]}]});
    let line = |assumption: Json| {
        json!({"line": {"under": "a/1", "basis": "released", "requests": 3, "assumption": assumption,
            "counts": {"released": 0, "refused": 2, "cannot_tell": 1}}, "place": 1})
    };
    let volume = json!({"period": markup, "received": 3, "released": 3, "no_trace": 0, "refused": null,
        "version": null, "note": markup, "source": "s"});
    let volumes = json!([
        {"volume": volume, "released": true, "lines": [line(json!("x"))]},
        {"volume": volume, "released": false, "lines": [line(Json::Null)]},
    ]);
    let assumptions = json!([{"id": "x", "text": markup, "source": "s",
        "parts": [{"percent": 100, "text": markup}]}]);
    vec![
        (
            "public/evidence.html",
            json!({"poll": poll(true), "bars": bars, "height": 46, "overlaps": [overlap], "tests": [test]}),
        ),
        (
            "public/evidence.html",
            json!({"poll": poll(false), "bars": bars, "height": 46, "overlaps": [], "tests": []}),
        ),
        (
            "public/back_cast.html",
            json!({"assumptions": assumptions, "judged": true, "volumes": volumes}),
        ),
        (
            "public/back_cast.html",
            json!({"assumptions": assumptions, "judged": false, "volumes": []}),
        ),
    ]
}
