//! The way of a request as a picture (SVG): for a page, whose styles win, and as a file of its own.

use agreement::Version;

use crate::travel::{Kind, Station, stations};

/// Letters in a line of a box of the picture, which is as wide as a narrow phone.
const LINE: usize = 40;
const LINE_HEIGHT: usize = 20;
const PADDING: usize = 14;
const GAP: usize = 28;

/// How a request travels under a version, with a title and the same in words for whoever does not see it.
pub fn picture(version: &Version) -> String {
    let title = format!(
        "How a request under {} travels through the gate, what can leave and what never can",
        version.id
    );
    drawn(&title, &stations(version))
}

fn drawn(title: &str, stations: &[Station]) -> String {
    let (mut y, mut boxes) = (4, String::new());
    for station in stations {
        let height = draw(&mut boxes, y, station);
        y += height + GAP;
    }
    let height = y - GAP + 4;
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 360 {height}" role="img" aria-labelledby="travel-title" aria-describedby="travel-words" font-family="Arial, sans-serif" font-size="15" fill="#212b32">
<title id="travel-title">{}</title>
<desc id="travel-words">{}</desc>
{boxes}</svg>
"##,
        escaped(title),
        escaped(&in_words(stations)),
    )
}

/// Adds a box and the arrow to the next one; its height.
fn draw(boxes: &mut String, y: usize, station: &Station) -> usize {
    let lines: Vec<String> = station.said.iter().flat_map(|text| wrapped(text)).collect();
    let height = PADDING * 2 + LINE_HEIGHT * (lines.len() + 1);
    let (color, width) = look(station.kind);
    *boxes += &format!(
        r##"<g class="{}">
<rect x="2" y="{y}" width="356" height="{height}" rx="6" fill="#ffffff" stroke="{color}" stroke-width="{width}"/>
"##,
        station.kind.code()
    );
    let baselines = (1..).map(|line| y + PADDING + LINE_HEIGHT * line - 5);
    let said = std::iter::once(station.title).chain(lines.iter().map(String::as_str));
    let looks = std::iter::once(r#" class="title" font-weight="700""#).chain(std::iter::repeat(""));
    for ((at, text), look) in baselines.zip(said).zip(looks) {
        let text = escaped(text);
        *boxes += &format!("<text{look} x=\"18\" y=\"{at}\">{text}</text>\n");
    }
    if station.kind == Kind::Step {
        let from = y + height;
        *boxes += &format!(
            r#"<path d="M180 {from} v20 m-6 -8 l6 8 l6 -8" fill="none" stroke="{color}" stroke-width="2"/>
"#
        );
    }
    *boxes += "</g>\n";
    height
}

/// Color and width of a line around a box.
fn look(kind: Kind) -> (&'static str, u8) {
    match kind {
        Kind::Step => ("#005eb8", 2),
        Kind::Leaves => ("#006747", 4),
        Kind::Never => ("#a8200d", 4),
    }
}

fn in_words(stations: &[Station]) -> String {
    let in_words = |station: &Station| {
        let said = station.said.iter().map(|text| text.trim_end_matches('.'));
        format!("{}: {}", station.title, said.collect::<Vec<_>>().join("; "))
    };
    stations.iter().map(in_words).collect::<Vec<_>>().join(". ")
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}

/// A text in lines that fit; a word that is longer stands alone.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < LINE => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_their_box() {
        for line in wrapped(
            "The lines of a box are short enough for a narrow phone, whatever is said in it",
        ) {
            assert!(line.chars().count() <= LINE, "{line}");
        }
    }
    #[test]
    fn what_is_said_is_no_markup_and_stands_in_words_too() {
        let station = Station {
            title: "What can leave",
            kind: Kind::Leaves,
            said: vec!["<b>&".to_owned()],
        };
        let picture = drawn("A & B", &[station]);
        assert!(picture.contains("<title id=\"travel-title\">A &amp; B</title>"));
        assert!(picture.contains(">What can leave: &lt;b&gt;&amp;</desc>"));
        assert!(
            picture.contains("y=\"53\">&lt;b&gt;&amp;</text>"),
            "{picture}"
        );
    }
}
