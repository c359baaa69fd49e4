//! The published figures of 2018: as they were printed, and nothing made up.

use survey::Published;

const POLL: &str = include_str!("../../../../evidence/poll-2018.toml");

#[test]
fn the_figures_are_told_as_of_an_unknown_base() {
    let poll = Published::parse("poll-2018.toml", POLL).unwrap();
    let told: Vec<String> = poll
        .figures
        .iter()
        .map(|figure| figure.percentage.to_string())
        .collect();
    let tail = "base not published, 2000 interviews in all; wording unknown";
    let expected = [98, 97, 86, 85, 72, 71].map(|percent| format!("{percent} % ({tail})"));
    assert_eq!(told, expected);
    let office = poll
        .figures
        .iter()
        .find(|figure| figure.id == "home-office")
        .unwrap();
    let margins: Vec<String> = office
        .bounds
        .iter()
        .map(|bounds| format!("{}: {:.1}", bounds.interviews, bounds.points))
        .collect();
    assert_eq!(margins, ["2000: 2.0", "1000: 2.8"]);
    assert_eq!(
        poll.overlaps[0].at_least.to_string(),
        format!("69 % ({tail})")
    );
    assert!(poll.critique.len() > 2 && poll.unknown.len() > 3 && poll.cannot.len() > 3);
}

#[test]
fn two_small_shares_need_not_overlap() {
    let small = POLL
        .replace("percent = 97", "percent = 20")
        .replace("percent = 72", "percent = 30");
    let poll = Published::parse("poll.toml", &small).unwrap();
    assert!(poll.overlaps[0].at_least.to_string().starts_with("0 % ("));
}

#[test]
fn faults_are_named_by_line() {
    for (good, bad, said) in [
        (
            "percent = 98",
            "percent = 101",
            "figure `records` is over 100 percent; correct the figure",
        ),
        (
            "first = \"address\"",
            "first = \"adress\"",
            "there is no figure `adress`; name the `id` of a figure",
        ),
        ("mode = ", "made = ", "line 6: unknown field `made`"),
    ] {
        let error = Published::parse("poll.toml", &POLL.replace(good, bad))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("`poll.toml`, line ") && error.contains(said),
            "{error}"
        );
    }
}
