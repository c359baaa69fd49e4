use super::*;

#[test]
fn the_shipped_model_is_readable() {
    let model = Model::from_json(SHIPPED).unwrap();
    assert_eq!(Model::from_json(&model.to_json()).unwrap(), model);
    assert_eq!(Model::default(), model);
}

#[test]
fn wrong_files_are_refused() {
    let check = |from: &str, to: &str, expected: &str| {
        let text = SHIPPED.replacen(from, to, 1);
        let error = Model::from_json(&text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check("{", "", "not a model file");
    check(
        "\"twin\"",
        "\"triplet\"",
        "`/prior/twin` is missing or unknown",
    );
    check(
        "\"twin\"",
        "\"triplet\": 0.1, \"twin\"",
        "`/prior/triplet` is missing or unknown",
    );
    check(
        "\"in_index\": 0.8",
        "\"in_index\": 1.8",
        "must lie between 0 and 1",
    );
}
