//! The sheets: what each one says, and the markup that it is set in.

use agreement::Version;
use sheets::messages::{self, Language};
use sheets::{ASK, Kind, LEAFLET, POSTER, Station};
use typst::foundations::{Array, Dict, IntoValue, Value, dict};

use crate::fonts;

/// At the foot of a translation that nobody who grew up with the language has read.
const UNREVIEWED: &str = "Translation not yet read by somebody who grew up with the language.";

/// A sheet that waits to be set.
pub struct Page {
    /// Name of its file, without the ending: `poster-ar`.
    pub name: String,
    /// How it is laid out.
    pub markup: &'static str,
    /// What the markup puts in, as values and never as markup.
    pub values: Dict,
}

/// What `page.typ` and one more template make.
macro_rules! markup {
    ($name:literal) => {
        concat!(
            include_str!("../templates/page.typ"),
            include_str!(concat!("../templates/", $name))
        )
    };
}

/// Poster (A4) and leaflet (A5) in a language.
pub fn for_patients(language: &Language, practice: &str) -> [Page; 2] {
    [(&POSTER, "a4", 40, 1.5), (&LEAFLET, "a5", 20, 1.3)].map(|(sheet, paper, largest, heading)| {
        let say = |key: &&str| messages::say(language.code, key, &[("practice", practice)]);
        let mut values = common(language, practice, &say(&sheet.title));
        values.insert("paper".into(), paper.into_value());
        values.insert("largest".into(), largest.into_value());
        values.insert("heading".into(), heading.into_value());
        values.insert("texts".into(), array(sheet.texts.iter().map(say)));
        Page {
            name: format!("{}-{}", sheet.name, language.code),
            markup: markup!("sheet.typ"),
            values,
        }
    })
}

/// How a request travels under a version (A4, in English).
pub fn travel(version: &Version, english: &Language, practice: &str) -> Page {
    let stations = sheets::stations(version);
    let of_kind = |kind| stations.iter().filter(move |one| one.kind == kind);
    let end = |kind| of_kind(kind).next().map(station).into_value();
    let mut values = common(english, practice, "How a request travels");
    values.insert("paper".into(), "a4".into_value());
    values.insert(
        "agreement".into(),
        format!("{} ({})", version.terms.title, version.id).into_value(),
    );
    values.insert("steps".into(), array(of_kind(Kind::Step).map(station)));
    values.insert("leaves".into(), end(Kind::Leaves));
    values.insert("never".into(), end(Kind::Never));
    Page {
        name: "travel".to_owned(),
        markup: markup!("travel.typ"),
        values,
    }
}

/// What `page.typ` puts in.
fn common(language: &Language, practice: &str, title: &str) -> Dict {
    let note = if language.reviewed { "" } else { UNREVIEWED };
    dict! {
        "language" => language.code,
        "direction" => language.direction.as_str(),
        "fonts" => array(fonts::names(language.code)),
        "practice" => practice,
        "title" => title,
        "ask" => messages::say(language.code, ASK, &[("practice", practice)]),
        "note" => note,
    }
}

fn station(station: &Station) -> Dict {
    dict! {
        "title" => station.title,
        "said" => array(station.said.iter().map(String::as_str)),
    }
}

fn array<T: IntoValue>(values: impl IntoIterator<Item = T>) -> Value {
    let values: Array = values.into_iter().map(IntoValue::into_value).collect();
    values.into_value()
}
