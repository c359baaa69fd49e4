//! The statistics are published a quarter at a time, and tell nothing finer than they may.

use jiff::SignedDuration;

use super::journey::{OFFICER, ask};
use super::site::Site;

#[test]
fn a_quarter_is_published_when_it_is_over_and_hides_what_is_small() {
    let site = Site::demonstration();
    ask(&mut site.signed_in(OFFICER), &[]);
    site.work();
    let mut visitor = site.visitor();
    assert!(
        visitor
            .get("/statistics")
            .ok()
            .says("Nothing has been published yet")
    );
    assert_eq!(visitor.get("/statistics/2026-Q1").status, 404);

    site.later(SignedDuration::from_hours(24 * 31));
    site.work();
    let page = visitor.get("/statistics").ok();
    assert!(page.says("Statistics, 2026-Q1"), "{}", page.text);
    assert!(page.says("not shown: 1 to 7"), "{}", page.text);
    let file = visitor.get("/statistics/2026-Q1.csv").ok();
    assert_eq!(
        file.headers["content-type"],
        "text/csv; charset=utf-8; header=present"
    );
    let (header, rows) = file.text.split_once('\n').unwrap();
    assert!(
        header.starts_with("period,as_at,agreement,agency,received,invalid,refused"),
        "{header}"
    );
    assert!(rows.contains(",police-northmoor,1,*,"), "{rows}");
    let description = visitor.get("/statistics/2026-Q1.csv-metadata.json").ok();
    assert!(description.text.contains("nonNegativeInteger"));
    assert!(page.says("2026-Q1.details.csv"), "{}", page.text);
    let details = visitor.get("/statistics/2026-Q1.details.csv").ok();
    let people =
        |agency: &str| format!("2026-Q1,2026-04-01T00:00:00Z,all,{agency},people,asked_about,*");
    assert!(
        details.text.contains(&people("police-northmoor")),
        "{}",
        details.text
    );
    assert!(details.text.contains(&people("all")), "{}", details.text);
    let description = "/statistics/2026-Q1.details.csv-metadata.json";
    assert!(
        visitor
            .get(description)
            .ok()
            .text
            .contains("nonNegativeInteger")
    );
    for wrong in ["2026-Q2", "2026-Q1.pdf", "..%2Ftest.keys", "2026-Q9.csv"] {
        assert_eq!(
            visitor.get(&format!("/statistics/{wrong}")).status,
            404,
            "{wrong}"
        );
    }
}
