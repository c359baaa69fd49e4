//! What printed sheets say: messages in the languages of patients, posters and leaflets made of them, and
//! how a request travels under an agreement. Pages of the desk and PDF files say the same.
//!
//! This crate must never know how a sheet looks, SQL, HTTP or a clock.

pub mod messages;
mod picture;
mod travel;
mod words;

pub use picture::picture;
pub use travel::{Kind, Station, stations};
pub use words::{organization, sentence};

/// A sheet for patients: the keys of its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sheet {
    /// `poster` or `leaflet`.
    pub name: &'static str,
    /// The heading.
    pub title: &'static str,
    /// What it says below, one after the other.
    pub texts: &'static [&'static str],
}

/// Whom to ask, at the end of every sheet.
pub const ASK: &str = "poster.ask";

/// To hang up at the entrance.
pub const POSTER: Sheet = Sheet {
    name: "poster",
    title: "poster.title",
    texts: &[
        "poster.everybody",
        "poster.no_address",
        "poster.no_papers",
        "poster.no_status",
        "poster.confidential",
        "poster.interpreter",
        "poster.no_home",
    ],
};

/// To hand out.
pub const LEAFLET: Sheet = Sheet {
    name: "leaflet",
    title: "leaflet.title",
    texts: &[
        "leaflet.gate",
        "leaflet.address",
        "leaflet.protection",
        "leaflet.who_asked",
        "leaflet.object",
    ],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::{ENGLISH, say};

    #[test]
    fn every_key_of_a_sheet_has_a_message() {
        for sheet in [POSTER, LEAFLET] {
            for key in [ASK, sheet.title].iter().chain(sheet.texts) {
                assert_ne!(say(ENGLISH, key, &[]), *key);
            }
        }
    }
}
