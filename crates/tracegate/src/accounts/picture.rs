//! A text as a QR code (ISO/IEC 18004) that a phone reads off the screen.

use qrcodegen::{QrCode, QrCodeEcc};
use serde::Serialize;

/// White around the code, in modules, as the standard asks for.
const QUIET: i32 = 4;

/// A square of black and white modules.
#[derive(Debug, Serialize)]
pub struct Picture {
    /// Length of a side with the white around it, in modules.
    pub side: i32,
    /// The black modules as the data of an SVG path.
    pub black: String,
}

/// The code of a text; none where it is longer than any code holds.
pub fn picture(text: &str) -> Option<Picture> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let modules = 0..code.size();
    let places = modules
        .clone()
        .flat_map(|y| modules.clone().map(move |x| (x, y)));
    let black = places.filter(|(x, y)| code.get_module(*x, *y));
    let square = |(x, y): (i32, i32)| format!("M{},{}h1v1h-1z", x + QUIET, y + QUIET);
    Some(Picture {
        side: code.size() + 2 * QUIET,
        black: black.map(square).collect(),
    })
}
