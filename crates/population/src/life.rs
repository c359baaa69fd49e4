//! What records say about a person: addresses now and then, practice, protection, death.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::chance::Chance;
use crate::household::{Member, Shape};
use crate::person::{Address, AddressKind, Sex};
use crate::places::{Institution, Place, Places};

/// No fixed abode, and not known: stand-ins that look like postcodes.
const NO_FIXED_ABODE: &str = "ZZ99 3VZ";
const NOT_KNOWN: &str = "ZZ99 3WZ";

/// What a household's records have in common.
pub(crate) struct Home {
    block: u32,
    shape: Shape,
    place: Place,
    from: Date,
    /// Where the household lived before, if it moved as one.
    before: Option<Place>,
    restricted: bool,
    practice: String,
}

/// What the index knows of a person beyond name, birth date and sex.
pub(crate) struct Record {
    pub(crate) address: Address,
    pub(crate) previous_addresses: Vec<Address>,
    pub(crate) gp_practice_code: String,
    pub(crate) registration_date: Date,
    pub(crate) sex: Option<Sex>,
    pub(crate) restricted: bool,
    pub(crate) death_date: Option<Date>,
}

/// The surroundings that every record of a population is made in.
#[derive(Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    pub(crate) places: &'a Places,
    pub(crate) blocks: u32,
    pub(crate) as_at: Date,
}

impl Surroundings<'_> {
    /// A home for the household counted `place` in its block.
    pub(crate) fn home(self, chance: &mut Chance, shape: Shape, block: u32, place: u32) -> Home {
        let home = match shape {
            Shape::CareHome => self.places.institution(block, Institution::CareHome),
            _ => self.places.dwelling(block, place),
        };
        let years = match shape {
            Shape::Sharers | Shape::CareHome => 5,
            _ => 34,
        };
        // The smaller of two draws: most households moved in not long ago.
        let days = chance.below(years * 365).min(chance.below(years * 365));
        Home {
            block,
            shape,
            place: home,
            from: self.days_ago(days),
            before: chance.hit(0.6).then(|| self.elsewhere(chance, block)),
            restricted: chance.hit(0.0022),
            practice: self.places.practice_code(chance, block),
        }
    }

    /// The record of one member of the household.
    pub(crate) fn record(self, chance: &mut Chance, member: &Member, home: &Home) -> Record {
        let from = self.moved_in(chance, member, home);
        let mut addresses = vec![lived(home.place.clone(), from)];
        self.add_past(chance, member, home, &mut addresses);
        if let Some(stand_in) = self.stand_in(chance, member, home) {
            let since = from.max(self.days_ago(chance.below(1200)));
            addresses.insert(
                0,
                Address {
                    from: since,
                    ..stand_in
                },
            );
        }
        for newer in 1..addresses.len() {
            addresses[newer].to = Some(addresses[newer - 1].from);
        }
        let address = addresses.remove(0);
        let lag = chance.below(120);
        let registration_date = address
            .from
            .saturating_add(i64::from(lag).days())
            .min(self.as_at);
        Record {
            gp_practice_code: match chance.hit(0.9) {
                true => home.practice.clone(),
                false => self.places.practice_code(chance, home.block),
            },
            registration_date,
            sex: (!chance.hit(0.003)).then_some(member.sex),
            restricted: home.restricted || chance.hit(0.001),
            death_date: self.death(chance, member, address.from),
            address,
            previous_addresses: addresses,
        }
    }

    /// Children have been there since birth or since the household came; of adults, a third
    /// came later.
    fn moved_in(self, chance: &mut Chance, member: &Member, home: &Home) -> Date {
        let grown = member
            .born
            .saturating_add(i64::from(17 * 365 + chance.below(1500)).days());
        let from = match home.shape {
            Shape::Sharers | Shape::CareHome => self.days_ago(chance.below(5 * 365)),
            _ if member.child => home.from.max(member.born),
            _ if chance.hit(0.33) => home.from.max(self.days_ago(chance.below(12 * 365))),
            _ => home.from.max(grown),
        };
        from.max(member.born).min(self.as_at)
    }

    fn add_past(
        self,
        chance: &mut Chance,
        member: &Member,
        home: &Home,
        addresses: &mut Vec<Address>,
    ) {
        let Some(mut since) = addresses.first().map(|address| address.from) else {
            return;
        };
        let moves = match (member.child, member.arrived) {
            (true, _) => 0,
            (false, true) => *chance.pick_weighted(&[(55, 0), (30, 1), (15, 2)]),
            (false, false) => *chance.pick_weighted(&[(42, 0), (32, 1), (18, 2), (8, 3)]),
        };
        let together = home
            .before
            .clone()
            .filter(|_| since == home.from && chance.hit(0.9));
        let places = together
            .into_iter()
            .chain((0..moves).map(|_| self.elsewhere(chance, home.block)));
        for place in places.collect::<Vec<_>>() {
            if addresses
                .last()
                .is_some_and(|newer| newer.line == place.line)
            {
                continue;
            }
            let days = i64::from(200 + chance.below(3000).min(chance.below(5000)));
            let from = since.saturating_sub(days.days()).max(member.born);
            if from >= since {
                return;
            }
            addresses.push(lived(place, from));
            since = from;
        }
    }

    /// An address other than a home: care of somebody, none, withheld or unknown.
    fn stand_in(self, chance: &mut Chance, member: &Member, home: &Home) -> Option<Address> {
        if member.child
            || !matches!(
                home.shape,
                Shape::Single | Shape::Sharers | Shape::LoneParent
            )
        {
            return None;
        }
        let often = if member.arrived { 3.0 } else { 1.0 };
        if !chance.hit(0.022 * often) {
            return None;
        }
        let kind = *chance.pick_weighted(&[
            (22, AddressKind::CareOfPractice),
            (28, AddressKind::CareOfOrganisation),
            (24, AddressKind::NoFixedAbode),
            (13, AddressKind::Withheld),
            (13, AddressKind::Unknown),
        ]);
        let place = match kind {
            AddressKind::CareOfPractice => {
                self.places.institution(home.block, Institution::Practice)
            }
            AddressKind::NoFixedAbode => nowhere("NO FIXED ABODE", NO_FIXED_ABODE),
            AddressKind::Withheld => nowhere("", ""),
            AddressKind::Unknown => nowhere("", NOT_KNOWN),
            _ => self.places.institution(home.block, Institution::Shelter),
        };
        Some(Address {
            kind,
            ..lived(place, self.as_at)
        })
    }

    /// Three in ten moves stay in the district.
    pub(crate) fn elsewhere(self, chance: &mut Chance, block: u32) -> Place {
        let block = match chance.hit(0.45) {
            true => self.places.block_nearby(chance, block, self.blocks),
            false => chance.below(self.blocks),
        };
        self.places.dwelling(block, chance.below(100))
    }

    fn death(self, chance: &mut Chance, member: &Member, alive_at: Date) -> Option<Date> {
        let rate = match self.as_at.year() - member.born.year() {
            ..50 => 0.0008,
            50..70 => 0.007,
            70..85 => 0.035,
            _ => 0.11,
        };
        let date = self.days_ago(chance.below(900));
        (chance.hit(rate) && date > alive_at).then_some(date)
    }

    fn days_ago(self, days: u32) -> Date {
        self.as_at.saturating_sub(i64::from(days).days())
    }
}

fn lived(place: Place, from: Date) -> Address {
    let Place {
        line,
        town,
        postcode,
    } = place;
    Address {
        line,
        town,
        postcode,
        kind: AddressKind::Home,
        from,
        to: None,
    }
}

fn nowhere(line: &str, postcode: &str) -> Place {
    Place {
        line: line.to_owned(),
        town: String::new(),
        postcode: postcode.to_owned(),
    }
}
