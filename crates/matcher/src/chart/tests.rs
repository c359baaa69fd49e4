use super::*;

const CAPTION: Caption<'_> = Caption {
    id: "one",
    title: "Tea & <cake>",
    description: "More \"tea\" than cake.",
};

/// Well-formed enough: every element is closed, no text escapes.
fn check(svg: &str) {
    let mut open = Vec::new();
    for tag in svg.split('<').skip(1) {
        let tag = tag.split_once('>').unwrap().0;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{svg}");
        } else if !tag.ends_with('/') {
            open.push(tag.split(' ').next().unwrap());
        }
    }
    assert!(open.is_empty(), "{open:?}");
    assert!(svg.contains("<title id=\"one-title\">Tea &amp; &lt;cake&gt;</title>"));
    assert!(svg.contains("<desc id=\"one-text\">More &quot;tea&quot; than cake.</desc>"));
    assert!(svg.contains("role=\"img\""));
    for banned in [
        "NaN",
        "inf",
        "style=",
        "<style",
        "<script",
        "height=\"-",
        "width=\"-",
    ] {
        assert!(!svg.contains(banned), "{banned} in {svg}");
    }
}

#[test]
fn all_charts_are_whole_drawings_even_of_nothing() {
    let bar = |value| Bar {
        label: "a < b".into(),
        value,
        text: "1 %".into(),
    };
    check(&bars(CAPTION, 3.0, &[]));
    check(&bars(CAPTION, 3.0, &[bar(0.0), bar(3.0)]));
    let part = |counts: &[u64]| Part {
        label: "right".into(),
        fill: Fill::Striped,
        counts: counts.into(),
    };
    check(&columns(CAPTION, &[], "bits", &[]));
    check(&columns(
        CAPTION,
        &["0".into(), "1".into(), "2".into()],
        "bits",
        &[part(&[3, 0]), part(&[1])],
    ));
    let row = |hollow| Dots {
        label: "the same".into(),
        text: "+3".into(),
        filled: 0.9,
        hollow,
    };
    check(&dots(CAPTION, ["m", "u"], &[]));
    check(&dots(CAPTION, ["m", "u"], &[row(None), row(Some(0.0))]));
    let line = |points: &[(f64, f64)]| Line {
        label: "recall".into(),
        dashes: "2 2",
        points: points.into(),
    };
    check(&lines(CAPTION, "bits", None, &[]));
    check(&lines(
        CAPTION,
        "bits",
        Some((3.0, "rule")),
        &[line(&[(1.0, 0.5)]), line(&[(0.0, 0.0), (9.0, 1.0)])],
    ));
    let point = |said| Point {
        said,
        so: said,
        low: 0.0,
        high: 1.0,
    };
    check(&reliability(CAPTION, &[]));
    check(&reliability(CAPTION, &[point(0.0), point(0.5), point(1.0)]));
}
