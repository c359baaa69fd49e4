use super::*;
use crate::{AddressKind, EvidenceLine};

fn line(field: &'static str, level: &'static str, bits: f64, running_total: f64) -> EvidenceLine {
    EvidenceLine {
        field,
        asked: "ANN".into(),
        held: "AN<N".into(),
        level,
        bits,
        running_total,
    }
}

fn candidate() -> Candidate {
    Candidate {
        row: 1,
        person_id: "P1".into(),
        probability: 0.95,
        score: 4.0,
        evidence: vec![
            line("prior", "anybody", -10.0, -10.0),
            line("given_name", "the same", 16.0, 6.0),
            line("sex", "different", -2.0, 4.0),
        ],
        agreeing_items: 1,
        on_history: false,
        address_kind: AddressKind::Home,
        jan1: false,
        restricted: false,
        deceased: false,
    }
}

#[test]
fn every_line_is_a_bar_and_a_sentence() {
    let svg = waterfall(&candidate(), "w1");
    assert!(
        svg.contains("<title id=\"w1-title\">Evidence for P1</title>"),
        "{svg}"
    );
    assert!(
        svg.contains("given name `ANN` / `AN&lt;N`: the same, +16.0 bits."),
        "{svg}"
    );
    assert!(svg.contains("right with 1 chance in 20 of error"), "{svg}");
    // Striped ones have a background and are told by their sign, too.
    assert_eq!(svg.matches("url(#w1-stripes)").count(), 2, "{svg}");
    assert!(svg.contains(">-2.0 bits</text>"), "{svg}");
}

#[test]
fn a_candidate_without_evidence_is_drawn() {
    let nothing = Candidate {
        evidence: Vec::new(),
        ..candidate()
    };
    assert!(!waterfall(&nothing, "w1").contains("NaN"));
}
