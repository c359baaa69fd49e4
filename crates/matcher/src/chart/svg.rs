//! The few shapes that the charts are made of.

use std::fmt::Write;

use super::{Caption, WIDTH};

/// Text color; 15 to 1 against white.
const INK: &str = "#212b32";
/// Axes and grids; 3 to 1 against white.
const GRID: &str = "#85929b";

/// How an area is filled. Every fill differs from every other without color, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    /// Solid and dark: what speaks for.
    Solid,
    /// Striped: what speaks against.
    Striped,
    /// Pale with an outline: neither.
    Pale,
}

/// Where a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// To the right of its point.
    Start,
    /// Around its point.
    Middle,
    /// To the left of its point.
    End,
}

/// A drawing: shapes are added, then it is finished.
#[derive(Debug)]
pub struct Svg {
    id: String,
    text: String,
}

impl Svg {
    /// An empty drawing of the usual width.
    pub fn new(caption: Caption<'_>, height: f64) -> Self {
        let Caption {
            id,
            title,
            description,
        } = caption;
        let mut text = String::new();
        let _ = write!(
            text,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 {WIDTH} {height:.0}\" \
             aria-labelledby=\"{id}-title {id}-text\" font-family=\"Arial, sans-serif\" font-size=\"12\" \
             fill=\"{INK}\">\n<title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-text\">{}</desc>\n\
             <defs><pattern id=\"{id}-stripes\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" \
             patternTransform=\"rotate(45)\"><rect width=\"6\" height=\"6\" fill=\"#ffffff\"/>\
             <rect width=\"3\" height=\"6\" fill=\"#a33b00\"/></pattern></defs>\n",
            escape(title),
            escape(description),
        );
        Self {
            id: id.to_owned(),
            text,
        }
    }

    /// A rectangle; a width below zero reaches to the left.
    pub fn rect(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), fill: Fill) {
        let (fill, stroke) = match fill {
            Fill::Solid => ("#1d4f91".to_owned(), "#1d4f91"),
            Fill::Striped => (format!("url(#{}-stripes)", self.id), "#a33b00"),
            Fill::Pale => ("#e3edf7".to_owned(), GRID),
        };
        let _ = writeln!(
            self.text,
            "<rect x=\"{:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{height:.1}\" fill=\"{fill}\" \
             stroke=\"{stroke}\"/>",
            x.min(x + width),
            width.abs(),
        );
    }

    /// A thin gray line of an axis or a grid.
    pub fn rule(&mut self, from: (f64, f64), to: (f64, f64)) {
        self.line(&[from, to], GRID, 1.0, "");
    }

    /// A line through points; `dashes` as in `stroke-dasharray`, empty for a whole line.
    pub fn stroke(&mut self, points: &[(f64, f64)], dashes: &str) {
        self.line(points, "#1d4f91", 2.0, dashes);
    }

    fn line(&mut self, points: &[(f64, f64)], color: &str, width: f64, dashes: &str) {
        let points: Vec<String> = points
            .iter()
            .map(|(x, y)| format!("{x:.1},{y:.1}"))
            .collect();
        let _ = writeln!(
            self.text,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"{width}\"{}/>",
            points.join(" "),
            match dashes {
                "" => String::new(),
                dashes => format!(" stroke-dasharray=\"{dashes}\""),
            }
        );
    }

    /// A disk, or a ring if `hollow`.
    pub fn dot(&mut self, (x, y): (f64, f64), radius: f64, hollow: bool) {
        let fill = if hollow { "#ffffff" } else { "#1d4f91" };
        let _ = writeln!(
            self.text,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\" fill=\"{fill}\" stroke=\"#1d4f91\" \
             stroke-width=\"2\"/>"
        );
    }

    /// A text with its base line at the point.
    pub fn text(&mut self, (x, y): (f64, f64), anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let _ = writeln!(
            self.text,
            "<text x=\"{x:.1}\" y=\"{y:.1}\"{anchor}>{}</text>",
            escape(text)
        );
    }

    /// The whole drawing.
    pub fn finish(mut self) -> String {
        self.text.push_str("</svg>\n");
        self.text
    }
}

/// Text that can stand in XML and HTML, in content and in attributes.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            control if control.is_control() => safe.push(' '),
            other => safe.push(other),
        }
    }
    safe
}
