//! The fonts of each script. They come from the system; none is part of the repository.

use std::collections::BTreeSet;

use anyhow::bail;
use fontdb::{Database, FaceInfo};
use typst::foundations::Bytes;
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;

/// A family of fonts and the Debian package that has it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Family {
    name: &'static str,
    package: &'static str,
}

const SANS: Family = family("DejaVu Sans", "fonts-dejavu-core");
const NASKH: Family = family("Noto Naskh Arabic", NOTO);
const NASTALIQ: Family = family("Noto Nastaliq Urdu", NOTO);
const BENGALI: Family = family("Noto Sans Bengali", NOTO);
const NOTO: &str = "fonts-noto-core";

const fn family(name: &'static str, package: &'static str) -> Family {
    Family { name, package }
}

/// What a language is written in. A letter that is not in it is found out on the page.
fn script(language: &str) -> &'static Family {
    match language {
        "ar" | "fa" => &NASKH,
        "ur" => &NASTALIQ,
        "bn" => &BENGALI,
        _ => &SANS,
    }
}

/// Names of the families for a text, the language's own first; a practice's name may be in Latin letters.
pub fn names(language: &str) -> Vec<&'static str> {
    let own = script(language).name;
    let mut names = vec![own];
    names.extend((own != SANS.name).then_some(SANS.name));
    names
}

/// The fonts that some languages need.
pub struct Fonts {
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
}

impl Fonts {
    /// Finds them where the system keeps its fonts.
    ///
    /// # Errors
    /// A family is missing; names it and the package.
    pub fn of_system<'a>(languages: impl Iterator<Item = &'a str>) -> anyhow::Result<Self> {
        let mut system = Database::new();
        system.load_system_fonts();
        let families: BTreeSet<&Family> = languages.map(script).chain([&SANS]).collect();
        let mut fonts = Vec::new();
        for family in families {
            fonts.extend(faces(&system, family)?);
        }
        Ok(Self {
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
        })
    }

    /// What there is to choose from.
    pub fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    /// One font by its place in the book.
    pub fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }
}

/// Every face of a family.
fn faces(system: &Database, family: &Family) -> anyhow::Result<Vec<Font>> {
    let Family { name, package } = family;
    let of_family = |face: &&FaceInfo| face.families.iter().any(|(known, _)| known == name);
    let load = |face: &FaceInfo| {
        let read = |data: &[u8], index| Font::new(Bytes::new(data.to_vec()), index);
        system.with_face_data(face.id, read).flatten()
    };
    let found: Vec<Font> = system.faces().filter(of_family).filter_map(load).collect();
    if found.is_empty() {
        bail!("the font `{name}` is missing; install the Debian package `{package}`");
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_font_is_named_with_its_package() {
        let missing = faces(&Database::new(), &NASTALIQ).unwrap_err().to_string();
        assert_eq!(
            missing,
            "the font `Noto Nastaliq Urdu` is missing; install the Debian package `fonts-noto-core`"
        );
    }

    #[test]
    fn every_language_has_latin_letters_too() {
        for language in sheets::messages::languages() {
            assert!(
                names(language.code).contains(&SANS.name),
                "{}",
                language.code
            );
        }
    }
}
