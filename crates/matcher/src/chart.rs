//! Small accessible charts as SVG, for pages and files that run no scripts.
//!
//! Every chart is an image with a title and a description, draws with attributes alone (no styles, so
//! that any content security policy lets it through), says nothing by color alone, and is narrow
//! enough to be read on a phone. Whoever shows one puts a table with the same numbers beside it.

mod bars;
mod dots;
mod lines;
mod scatter;
mod svg;

pub use bars::{Bar, Part, bars, columns};
pub use dots::{Dots, dots};
pub use lines::{Line, lines};
pub use scatter::{Point, reliability};
pub use svg::{Anchor, Fill, Svg, escape};

/// Width of every chart in its own units, which are about pixels on a phone.
pub const WIDTH: f64 = 400.0;

/// What a chart says about itself.
#[derive(Debug, Clone, Copy)]
pub struct Caption<'a> {
    /// Unique in the page: a letter, then letters, digits and hyphens.
    pub id: &'a str,
    /// One line.
    pub title: &'a str,
    /// What there is to see, in sentences.
    pub description: &'a str,
}

#[cfg(test)]
mod tests;
