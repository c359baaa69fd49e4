use super::*;

fn scored(score: f64, second: Option<f64>, right: bool) -> Scored {
    Scored {
        score: Some(score),
        second,
        probability: 0.95,
        single: score > 5.0,
        right,
        in_index: true,
    }
}

#[test]
fn a_threshold_trades_recall_for_precision() {
    let mut answers = vec![scored(9.0, None, true); 2000];
    answers.push(scored(8.0, Some(1.0), false));
    answers.extend(vec![scored(7.0, None, true); 999]);
    answers.extend(vec![scored(3.0, Some(2.5), true); 500]);
    answers.push(Scored {
        in_index: false,
        ..scored(2.0, Some(1.9), false)
    });
    let evaluation = Evaluation::of(&answers);
    assert_eq!((evaluation.requests, evaluation.in_index), (3501, 3500));
    let best = evaluation.recall_at_p999.unwrap();
    assert_eq!((best.right, best.wrong, best.margin), (3499, 1, 1e-9));
    let strict = evaluation.recall_at_p9999.unwrap();
    // A margin of 8 keeps the wrong one out.
    assert_eq!((strict.right, strict.wrong, strict.margin), (2999, 0, 8.0));
    let operating = evaluation.operating_point;
    assert_eq!((operating.answered, operating.wrong), (3000, 1));
    assert!((operating.recall - 2999.0 / 3500.0).abs() < 1e-12);
}

#[test]
fn equal_scores_stand_or_fall_together_and_ties_stay_unanswered() {
    let answers = [
        scored(4.0, Some(4.0), false),
        scored(4.0, Some(1.0), false),
        scored(4.0, None, true),
    ];
    let curve = curve(&answers, 1e-9);
    assert_eq!(curve.len(), 1);
    assert_eq!((curve[0].right, curve[0].wrong), (1, 1));
}

#[test]
fn probabilities_are_taken_at_their_word() {
    let mut answers = vec![scored(9.0, None, true); 19];
    answers.push(scored(9.0, None, false));
    let calibration = Evaluation::of(&answers).calibration;
    assert!(calibration.error < 1e-9, "{calibration:?}");
    assert!((calibration.wrong_expected - 1.0).abs() < 1e-9);
    assert_eq!(calibration.wrong, 1);
    let bin = calibration
        .bins
        .iter()
        .find(|bin| bin.requests > 0)
        .unwrap();
    assert_eq!(
        (bin.from, bin.to, bin.requests, bin.right),
        (0.9, 0.97, 20, 19)
    );
    let certain = Evaluation::of(&[Scored {
        probability: 1.0,
        ..scored(9.0, None, true)
    }]);
    assert_eq!(certain.calibration.bins.last().unwrap().requests, 1);
}

#[test]
fn nothing_is_no_number_gone_wrong() {
    let evaluation = Evaluation::of(&[]);
    assert_eq!(evaluation.recall_at_p999, None);
    assert_eq!(evaluation.operating_point.precision, 1.0);
    assert_eq!(evaluation.calibration.error, 0.0);
}

#[test]
fn intervals_hold_the_share() {
    let (low, high) = interval(10, 100);
    assert!(
        (low - 0.0552).abs() < 1e-3 && (high - 0.1744).abs() < 1e-3,
        "{low} {high}"
    );
    assert_eq!(interval(0, 0), (0.0, 1.0));
    assert!(interval(0, 10).0 < 1e-9 && interval(10, 10).1 > 1.0 - 1e-9);
}

#[test]
fn truths_are_read_and_faults_named() {
    let text = "request_id,person_id,kind,noise\nR1,P1,match,moved;nickname\nR2,,absent_near,\n";
    let truths = Truths::read(text.as_bytes()).unwrap();
    assert_eq!(truths.len(), 2);
    assert_eq!(truths.noises(), ["moved", "nickname"]);
    let one = truths.of("R1").unwrap();
    assert_eq!(
        (one.person, one.near, one.noises),
        (Some(key("P1")), false, 3)
    );
    let two = truths.of("R2").unwrap();
    assert_eq!((two.person, two.near, two.noises), (None, true, 0));
    assert_eq!(truths.of("R3"), None);
    let fault = |text: &str| Truths::read(text.as_bytes()).unwrap_err().to_string();
    assert!(fault("request_id,who\n").contains("missing column `person_id`"));
    assert!(fault("request_id,person_id\nR1,\nR1,\n").starts_with("line 3: this request"));
    assert!(fault("request_id,person_id\nR1\n").starts_with("line 2: not a row"));
}
