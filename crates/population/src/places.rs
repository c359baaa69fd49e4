//! Made-up streets, towns and postcodes.
//!
//! An address follows from its block and its place in the block alone, so that anybody's past
//! address can be an address where somebody else lives now, without a table of addresses.

mod lists;

use std::sync::OnceLock;

use crate::chance::{Chance, Permutation, Purpose};
use crate::names;
use lists::*;

/// Letters that units of a postcode use.
const UNIT_LETTERS: &[u8; 20] = b"ABDEFGHJLNPQRSTUWXYZ";
/// Ten sectors of 20 * 20 units.
const UNITS_PER_DISTRICT: u64 = 4000;
/// At most 256 households in a block and at least 6 in a postcode make 43 postcodes.
const POSTCODES_PER_BLOCK: u64 = 44;
const DISTRICTS_PER_AREA: u64 = 24;
/// Blocks that fill a district before another is opened, in a small population: about 2,000
/// people. In a large one all districts are open, with up to 90 blocks: 90 * 44 < 4000.
const BLOCKS_PER_DISTRICT: u32 = 8;

/// Streets, towns and postcodes of one population.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    seed: u64,
    districts: u32,
    district_order: Permutation,
    town_order: Permutation,
}

/// Where a dwelling is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Place {
    pub(crate) line: String,
    pub(crate) town: String,
    pub(crate) postcode: String,
}

struct Words {
    areas: Vec<&'static str>,
    town_stems: Vec<&'static str>,
    town_endings: Vec<&'static str>,
    street_stems: Vec<&'static str>,
}

impl Places {
    pub(crate) fn new(blocks: u32, seed: u64) -> Places {
        let words = words();
        let all = words.areas.len() as u64 * DISTRICTS_PER_AREA;
        let towns = (words.town_stems.len() * words.town_endings.len()) as u64;
        Places {
            seed,
            districts: blocks.div_ceil(BLOCKS_PER_DISTRICT).clamp(1, all as u32),
            district_order: Permutation::new(all, seed, 2),
            town_order: Permutation::new(towns, seed, 3),
        }
    }

    /// The district of a block.
    pub(crate) fn district(&self, block: u32) -> u32 {
        block % self.districts
    }

    /// Another block of the same district, out of the first `blocks`.
    pub(crate) fn block_nearby(&self, chance: &mut Chance, block: u32, blocks: u32) -> u32 {
        let district = self.district(block);
        let in_district = blocks
            .saturating_sub(district)
            .div_ceil(self.districts)
            .max(1);
        district + chance.below(in_district) * self.districts
    }

    /// The dwelling at a place of a block.
    pub(crate) fn dwelling(&self, block: u32, place: u32) -> Place {
        let (street_of_block, within) = street_place(block, place);
        let mut chance = self.chance(block, 1 + street_of_block);
        // Two postcodes in a row mostly share a street: a long street has several.
        let mut shared = self.chance(block, 100 + street_of_block / 2);
        let street = match chance.hit(0.7) {
            true => street(&mut shared),
            false => street(&mut chance),
        };
        let first = chance.between(1, 90) as u32;
        let flats = chance.hit(0.16);
        let step = if chance.hit(0.6) { 2 } else { 1 };
        let line = match flats {
            true => format!("FLAT {} {first} {street}", within + 1),
            false => format!(
                "{} {street}",
                house_number(&mut chance, first + within * step)
            ),
        };
        let town = self.town(self.district(block));
        Place {
            line,
            town,
            postcode: self.postcode(block, street_of_block),
        }
    }

    /// The address of a practice, shelter or care home of a district, under its own name.
    pub(crate) fn institution(&self, block: u32, kind: Institution) -> Place {
        // Practices and shelters serve a district, care homes are of one block.
        let block = match kind {
            Institution::CareHome => block,
            _ => self.district(block),
        };
        let mut chance = self.chance(block, 1000 + kind as u32);
        let name = *chance.pick(kind.names());
        let number = chance.between(1, 120);
        let line = match kind {
            Institution::CareHome => format!("{name} {number} {}", street(&mut chance)),
            _ => format!("C/O {name} {number} {}", street(&mut chance)),
        };
        let postcode = self.postcode(block, POSTCODES_PER_BLOCK as u32 - 1);
        Place {
            line,
            town: self.town(self.district(block)),
            postcode,
        }
    }

    /// The code of one of the practices of the block's district.
    pub(crate) fn practice_code(&self, chance: &mut Chance, block: u32) -> String {
        let practice = chance.zipf(1, 4);
        format!("X{:05}", (self.district(block) * 4 + practice) % 100_000)
    }

    fn chance(&self, block: u32, number: u32) -> Chance {
        Chance::new(
            self.seed,
            Purpose::Places,
            (u64::from(block) << 32) | u64::from(number),
        )
    }

    fn area_and_number(&self, district: u32) -> (u64, u64) {
        let place = self.district_order.apply(u64::from(district));
        (place / DISTRICTS_PER_AREA, place % DISTRICTS_PER_AREA + 1)
    }

    /// Three districts in a row share a town.
    fn town(&self, district: u32) -> String {
        let (area, number) = self.area_and_number(district);
        let place = self
            .town_order
            .apply(area * DISTRICTS_PER_AREA / 3 + (number - 1) / 3) as usize;
        let words = words();
        let stem = words.town_stems[place % words.town_stems.len()];
        let ending = words.town_endings[place / words.town_stems.len()];
        format!("{stem}{ending}").replace('_', " ")
    }

    fn postcode(&self, block: u32, street: u32) -> String {
        let (area, number) = self.area_and_number(self.district(block));
        let in_district = u64::from(block / self.districts);
        let unit = (in_district * POSTCODES_PER_BLOCK + u64::from(street)) % UNITS_PER_DISTRICT;
        // 1237 is prime, so neighbors are scattered over the district without meeting.
        let unit = (unit * 1237 + area * 7) % UNITS_PER_DISTRICT;
        let letters = [unit / 20 % 20, unit % 20].map(|at| UNIT_LETTERS[at as usize] as char);
        let area = words().areas[area as usize];
        format!("{area}{number} {}{}{}", unit / 400, letters[0], letters[1])
    }
}

/// Somewhere that is not a dwelling.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Institution {
    Practice,
    Shelter,
    CareHome,
}

impl Institution {
    fn names(self) -> &'static [&'static str] {
        match self {
            Institution::Practice => PRACTICES,
            Institution::Shelter => SHELTERS,
            Institution::CareHome => CARE_HOMES,
        }
    }
}

/// Which postcode of the block a dwelling is in, and which dwelling of the postcode it is.
/// Postcodes hold 6 to 17 dwellings, so mostly 15 to 40 people.
fn street_place(block: u32, place: u32) -> (u32, u32) {
    let (mut street, mut within) = (0, place);
    loop {
        let dwellings = 6 + (crate::chance::mix(block.wrapping_mul(64) ^ street) % 12) as u32;
        if within < dwellings || u64::from(street) + 2 >= POSTCODES_PER_BLOCK {
            return (street, within);
        }
        within -= dwellings;
        street += 1;
    }
}

fn street(chance: &mut Chance) -> String {
    let stems = &words().street_stems;
    let stem = stems[chance.zipf(12, stems.len() as u32) as usize];
    format!("{stem} {}", chance.pick_weighted(STREET_KINDS))
}

fn house_number(chance: &mut Chance, number: u32) -> String {
    match chance.hit(0.03) {
        true => format!("{number}{}", chance.pick(&["A", "B", "C"])),
        false => number.to_string(),
    }
}

fn words() -> &'static Words {
    static WORDS: OnceLock<Words> = OnceLock::new();
    WORDS.get_or_init(|| Words {
        areas: names::words(AREAS),
        town_stems: names::words(TOWN_STEMS),
        town_endings: names::words(TOWN_ENDINGS),
        street_stems: names::words(STREET_STEMS),
    })
}

#[cfg(test)]
mod tests;
