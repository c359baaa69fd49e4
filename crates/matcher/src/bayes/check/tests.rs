use super::*;
use crate::bayes::train::tests::sample;

#[test]
fn the_shipped_model_is_sound() {
    assert_eq!(Model::default().check(), []);
    let (index, requests) = sample();
    let measure = Model::default().measure(&index, &requests, &mut |_| {});
    assert_eq!(measure.check(), []);
}

#[test]
fn unsound_models_are_told() {
    let faults = |edit: &dyn Fn(&mut Model)| -> String {
        let mut model = Model::default();
        edit(&mut model);
        model
            .check()
            .iter()
            .map(|one| one.what.clone() + "\n")
            .collect()
    };
    let said = faults(&|model| model.classes[0] = 0.9);
    assert!(
        said.contains("the shares of the classes add up to"),
        "{said}"
    );
    let said = faults(&|model| model.prior.household = 0.9);
    assert!(
        said.contains("nothing is left for people unrelated"),
        "{said}"
    );
    let said = faults(&|model| model.match_share[Level::SexDifferent as usize] = [0.999; CLASSES]);
    assert!(
        said.contains("`sex`: a true match shows `different` more often than `same`"),
        "{said}"
    );
    assert!(
        said.contains("`sex`: the shares of class 1 add up to"),
        "{said}"
    );
}

#[test]
fn evidence_that_falls_with_agreement_is_told() {
    let (index, requests) = sample();
    let mut model = Model::default();
    model.match_share[Level::SurnameExact as usize] = [1e-4; CLASSES];
    let measure = model.measure(&index, &requests, &mut |_| {});
    let said: String = measure.check().iter().map(|one| one.what.clone()).collect();
    assert!(said.contains("`surname`: `one_edit` weighs"), "{said}");
    assert!(said.contains("more than `exact`"), "{said}");
}

#[test]
fn a_misfit_is_noted() {
    let (index, requests) = sample();
    let measure = Model::default().measure(&index, &requests, &mut |_| {});
    let said: Vec<String> = measure
        .misfits()
        .iter()
        .map(|one| one.what.clone())
        .collect();
    assert!(
        said[0].starts_with("`surname`: likely matches show `one_edit` in 25"),
        "{said:?}"
    );
}

#[test]
fn differences_are_told_largest_first() {
    let mut model = Model::default();
    assert_eq!(model.differences(&Model::default()), []);
    for share in &mut model.match_share[Level::MiddleDifferent as usize] {
        *share /= 4.0;
    }
    for share in &mut model.match_share[Level::SexDifferent as usize] {
        *share *= 2.0;
    }
    let levels: Vec<Level> = model
        .differences(&Model::default())
        .iter()
        .map(|one| one.level)
        .collect();
    assert_eq!(levels, [Level::MiddleDifferent, Level::SexDifferent]);
}

#[test]
fn every_level_belongs_to_one_field() {
    let all: Vec<Level> = Level::fields().flat_map(Level::of_field).collect();
    assert_eq!(all, Level::ALL);
}
