//! Reads what has been set before it is printed: one page, every letter found, nothing over the edge.

use anyhow::bail;
use typst::layout::{Abs, Frame, FrameItem, Point, Size};
use typst::text::TextItem;
use typst_layout::PagedDocument;

/// Paper that printers leave white, in points.
const EDGE: Abs = Abs::raw(12.0);

/// Whether a sheet can be printed.
///
/// # Errors
/// Names the text that is wrong, and the remedy.
pub fn read(document: &PagedDocument) -> anyhow::Result<()> {
    let [page] = document.pages() else {
        let pages = document.pages().len();
        bail!("the text fills {pages} pages instead of one; shorten the practice's name");
    };
    read_frame(&page.frame, Point::zero(), page.frame.size())
}

/// Templates move frames and never turn or stretch them, so that places add up.
fn read_frame(frame: &Frame, at: Point, paper: Size) -> anyhow::Result<()> {
    for (place, item) in frame.items() {
        match item {
            FrameItem::Group(group) => read_frame(&group.frame, at + *place, paper)?,
            FrameItem::Text(text) => read_text(text, at + *place, paper)?,
            _ => {}
        }
    }
    Ok(())
}

fn read_text(text: &TextItem, at: Point, paper: Size) -> anyhow::Result<()> {
    let said = &text.text;
    if let Some(glyph) = text.glyphs.iter().find(|glyph| glyph.id == 0) {
        let letter = said.get(glyph.range()).unwrap_or(said);
        bail!(
            "no font for this language has the letter `{letter}` of `{said}`; write it otherwise"
        );
    }
    let ink = text.bbox();
    let across = [at.x + ink.min.x, at.x + ink.max.x];
    let down = [at.y + ink.min.y, at.y + ink.max.y];
    let inside = |place: &Abs, length: Abs| *place >= EDGE && *place <= length - EDGE;
    let blank = !ink.min.x.to_pt().is_finite();
    if blank || across.iter().all(|x| inside(x, paper.x)) && down.iter().all(|y| inside(y, paper.y))
    {
        return Ok(());
    }
    bail!("`{said}` runs over the edge of the page; shorten the practice's name")
}
