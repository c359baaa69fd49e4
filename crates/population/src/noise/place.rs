//! Slips in addresses.

use super::{Care, Mix, Noise, slip};
use crate::chance::Chance;
use crate::person::Address;

/// Words of addresses and their short forms.
const SHORT: &[(&str, &str)] = &[
    ("STREET", "ST"),
    ("ROAD", "RD"),
    ("AVENUE", "AVE"),
    ("CLOSE", "CL"),
    ("LANE", "LN"),
    ("DRIVE", "DR"),
    ("GARDENS", "GDNS"),
    ("CRESCENT", "CRES"),
    ("FLAT", "APT"),
    ("COURT", "CT"),
    ("TERRACE", "TERR"),
    ("PLACE", "PL"),
    ("GROVE", "GR"),
    ("SQUARE", "SQ"),
    ("NORTH", "N"),
    ("SOUTH", "S"),
    ("EAST", "E"),
    ("WEST", "W"),
];

/// Address, town and postcode that an agency asks with.
pub(super) fn asked_place(
    chance: &mut Chance,
    care: &mut Care,
    lived: &Address,
    mix: Mix,
) -> (String, String, String) {
    let mut line = lived.line.clone();
    let distorts = mix.intensity > 0.0 && !line.is_empty();
    if distorts && chance.hit(0.4) {
        let short = shortened(&line);
        note_change(care, &line, &short);
        line = short;
    }
    if distorts && chance.hit(0.15) {
        let without = without_flat(&line);
        note_change(care, &line, &without);
        line = without;
    }
    if !line.is_empty() && care.slips(chance, 0.03, Noise::AddressTypo) {
        line = slip::typo(chance, &line);
    }
    if !line.is_empty() && care.slips(chance, 0.06, Noise::AddressMissing) {
        line.clear();
    }
    let town = if mix.intensity > 0.0 && chance.hit(0.2) {
        ""
    } else {
        &lived.town
    };
    (
        line,
        town.to_owned(),
        asked_postcode(chance, care, &lived.postcode),
    )
}

fn asked_postcode(chance: &mut Chance, care: &mut Care, postcode: &str) -> String {
    // Stand-in postcodes say nothing of where somebody lives, so nobody asks with them.
    if postcode.is_empty() || postcode.starts_with("ZZ99") {
        return String::new();
    }
    if care.slips(chance, 0.02, Noise::PostcodeTypo) {
        return match chance.hit(0.3) {
            true => slip::misread(chance, postcode),
            false => slip::typo(chance, postcode),
        };
    }
    match care.slips(chance, 0.04, Noise::PostcodeMissing) {
        true => String::new(),
        false => postcode.to_owned(),
    }
}

fn note_change(care: &mut Care, before: &str, after: &str) {
    if before != after && !care.noise.contains(&Noise::AddressShortened) {
        care.noise.push(Noise::AddressShortened);
    }
}

fn shortened(line: &str) -> String {
    let words = line.split(' ').map(|word| {
        SHORT
            .iter()
            .find(|(long, _)| *long == word)
            .map_or(word, |(_, short)| short)
    });
    words.collect::<Vec<_>>().join(" ")
}

fn without_flat(line: &str) -> String {
    let mut words = line.split(' ');
    match words.next() {
        Some("FLAT" | "APT") => words.skip(1).collect::<Vec<_>>().join(" "),
        _ => line.to_owned(),
    }
}
