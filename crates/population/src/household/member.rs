//! One member of a household: adults, children, twins, and names taken on marriage.

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::{AGE_MAX, Member, Neighborhood};
use crate::names::{self, Family, Origin};
use crate::person::{Kin, Name, Sex};

impl Neighborhood<'_> {
    pub(super) fn adult(&mut self, family: &Family, sex: Sex, age: i32) -> Member {
        let days = i64::from(age.clamp(0, AGE_MAX)) * 1461 / 4 + i64::from(self.chance.below(365));
        let born = self.as_at.saturating_sub(days.days());
        self.member(family, sex, born)
    }

    fn member(&mut self, family: &Family, sex: Sex, born: Date) -> Member {
        let culture = family.origin.culture();
        let listed = born.year() < 2002 && self.chance.hit(culture.first_of_january);
        let born = if listed {
            date(born.year(), 1, 1)
        } else {
            born
        };
        let (origin, year) = (family.origin, born.year());
        let name = Name {
            given: names::given(self.chance, origin, sex, year),
            middle: names::middle(self.chance, origin, sex, year),
            surname: names::borne(self.chance, family, sex),
        };
        Member {
            origin,
            sex,
            born,
            dob_estimated: listed && self.chance.hit(0.6),
            name,
            previous_names: Vec::new(),
            kin: Kin::None,
            child: false,
            arrived: self.chance.hit(culture.arrived),
        }
    }

    /// Takes the family's name, and mostly leaves the old one on record.
    pub(super) fn marry_in(&mut self, member: &mut Member, family: &Family) {
        let surname = names::borne(self.chance, family, member.sex);
        let maiden = match member.name.surname == surname {
            true => {
                let own = names::family(self.chance, member.origin);
                names::borne(self.chance, &own, member.sex)
            }
            false => member.name.surname.clone(),
        };
        if maiden == surname {
            return;
        }
        let joined = format!("{maiden}-{surname}");
        let fits = joined.len() <= names::NAME_CHARS_MAX && !joined.contains(' ');
        let before = Name {
            surname: maiden,
            ..member.name.clone()
        };
        member.name.surname = if fits && self.chance.hit(0.04) {
            joined
        } else {
            surname
        };
        if self.chance.hit(0.75) {
            member.previous_names.push(before);
        }
    }

    pub(super) fn add_children(&mut self, members: &mut Vec<Member>, family: &Family) {
        let parents = members.clone();
        let Some(head) = parents.first() else { return };
        let youngest = parents
            .iter()
            .fold(head.born, |youngest, one| youngest.max(one.born));
        let father = parents.iter().find(|parent| parent.sex == Sex::Male);
        let fathers_given =
            father.and_then(|father| names::fathers_given(father.origin, &father.name.given));
        let family = fathers_given.unwrap_or_else(|| family.clone());
        let count = *self
            .chance
            .pick_weighted(&[(28, 1), (44, 2), (19, 3), (7, 4), (2, 5)]);
        let first_at = (self.chance.between(17, 36) + self.chance.between(19, 40)) / 2;
        let mut born = later(youngest, first_at * 365 + self.chance.between(0, 364));
        for order in 0..count {
            if born > self.as_at {
                break;
            }
            // The older the child, the likelier it has left home.
            let age = self.as_at.year() - born.year();
            let left = age > 18 && self.chance.hit(f64::from(age - 18) * 0.07);
            if !left {
                let namesake = (order == 0).then_some(head);
                self.add_birth(members, &family, born, namesake);
            }
            born = later(born, self.chance.between(330, 1900));
        }
    }

    /// One birth: a child, or twins in 1.55 births of 100.
    fn add_birth(
        &mut self,
        members: &mut Vec<Member>,
        family: &Family,
        born: Date,
        namesake: Option<&Member>,
    ) {
        let mut child = self.child(family, born, members);
        if let Some(parent) = namesake
            && self.named_after(&mut child, parent)
            && let Some(head) = members.first_mut()
        {
            head.kin = Kin::Namesake;
        }
        if self.chance.hit(0.0155) {
            let twin = self.twin(family, &child, members);
            child.kin = Kin::Twin;
            members.extend([child, twin]);
        } else {
            members.push(child);
        }
    }

    fn child(&mut self, family: &Family, born: Date, home: &[Member]) -> Member {
        let sex = if self.chance.hit(0.512) {
            Sex::Male
        } else {
            Sex::Female
        };
        let mut child = self.member(family, sex, born);
        (child.child, child.arrived) = (true, false);
        let taken: Vec<&str> = home
            .iter()
            .filter(|one| one.child)
            .map(|one| one.name.given.as_str())
            .collect();
        self.rename_unlike(&mut child, &taken);
        child
    }

    /// Gives a child the name of a parent of the same sex, now and then.
    fn named_after(&mut self, child: &mut Member, parent: &Member) -> bool {
        let share = if child.sex == Sex::Male { 0.04 } else { 0.008 };
        let named = child.sex == parent.sex && self.chance.hit(share);
        if named {
            child.name.given.clone_from(&parent.name.given);
            child.kin = Kin::Namesake;
        }
        named
    }

    /// A second child of the same birth: 4 pairs in 10 are of one sex by descent, the rest by
    /// chance.
    fn twin(&mut self, family: &Family, first: &Member, home: &[Member]) -> Member {
        let mut twin = self.child(family, first.born, home);
        (twin.born, twin.dob_estimated, twin.kin) = (first.born, first.dob_estimated, Kin::Twin);
        if twin.sex != first.sex && self.chance.hit(0.4) {
            twin.sex = first.sex;
            let year = first.born.year();
            twin.name.given = names::given(self.chance, family.origin, twin.sex, year);
            twin.name.middle = names::middle(self.chance, family.origin, twin.sex, year);
        }
        self.rename_unlike(&mut twin, &[first.name.given.as_str()]);
        twin.name.surname = match twin.sex == first.sex {
            true => first.name.surname.clone(),
            false => names::borne(self.chance, family, twin.sex),
        };
        twin
    }

    /// Draws another given name while somebody at home has it; gives up in the end.
    fn rename_unlike(&mut self, member: &mut Member, taken: &[&str]) {
        for _ in 0..20 {
            if !taken.contains(&member.name.given.as_str()) {
                return;
            }
            let (origin, year): (Origin, i16) = (member.origin, member.born.year());
            member.name.given = names::given(self.chance, origin, member.sex, year);
        }
    }
}

fn later(date: Date, days: i32) -> Date {
    date.saturating_add(i64::from(days).days())
}
