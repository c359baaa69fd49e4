//! Who lives together: singles, couples, families, sharers and care homes.

mod member;

use jiff::civil::Date;

use crate::chance::Chance;
use crate::names::{self, Family, Origin};
use crate::person::{Kin, Name, Sex};

/// Adults of working and later age at most; nobody is recorded as older.
const AGE_MAX: i32 = 104;

/// A person before addresses, numbers and records are added.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) origin: Origin,
    pub(crate) sex: Sex,
    pub(crate) born: Date,
    pub(crate) dob_estimated: bool,
    pub(crate) name: Name,
    pub(crate) previous_names: Vec<Name>,
    pub(crate) kin: Kin,
    /// Came to the household by birth, and so moves with it.
    pub(crate) child: bool,
    /// Arrived in the country as an adult.
    pub(crate) arrived: bool,
}

/// Who a household is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shape {
    Single,
    Couple,
    Family,
    LoneParent,
    ThreeGenerations,
    Sharers,
    CareHome,
}

/// Households among 1,000, after the census's picture of England and Wales.
const SHAPES: &[(u32, Shape)] = &[
    (302, Shape::Single),
    (285, Shape::Couple),
    (248, Shape::Family),
    (107, Shape::LoneParent),
    (16, Shape::ThreeGenerations),
    (40, Shape::Sharers),
    (2, Shape::CareHome),
];

/// Makes households of one neighborhood.
pub(crate) struct Neighborhood<'a> {
    pub(crate) chance: &'a mut Chance,
    pub(crate) as_at: Date,
    /// Origins more common here than elsewhere; may be empty.
    pub(crate) favored: &'a [Origin],
}

impl Neighborhood<'_> {
    /// The next household.
    pub(crate) fn household(&mut self) -> (Shape, Vec<Member>) {
        let shape = *self.chance.pick_weighted(SHAPES);
        let members = match shape {
            Shape::Single => self.single(),
            Shape::Couple => self.couple(),
            Shape::Family => self.family(),
            Shape::LoneParent => self.lone_parent(),
            Shape::ThreeGenerations => self.three_generations(),
            Shape::Sharers => self.sharers(),
            Shape::CareHome => self.care_home(),
        };
        (shape, members)
    }

    fn origin(&mut self) -> Origin {
        if !self.favored.is_empty() && self.chance.hit(0.35) {
            return *self.chance.pick(self.favored);
        }
        any_origin(self.chance)
    }

    fn single(&mut self) -> Vec<Member> {
        let (low, high) =
            *self
                .chance
                .pick_weighted(&[(25, (20, 45)), (36, (45, 66)), (39, (66, 97))]);
        let age = self.chance.between(low, high);
        let origin = self.origin();
        // More women than men live alone in old age.
        let sex = if self.chance.hit(if age > 65 { 0.66 } else { 0.44 }) {
            Sex::Female
        } else {
            Sex::Male
        };
        let family = names::family(self.chance, origin);
        let mut member = self.adult(&family, sex, age);
        if sex == Sex::Female && age > 28 && self.chance.hit(0.35) {
            self.marry_in(&mut member, &family);
        }
        vec![member]
    }

    fn couple(&mut self) -> Vec<Member> {
        let (low, high) =
            *self
                .chance
                .pick_weighted(&[(17, (21, 36)), (18, (36, 56)), (65, (55, 88))]);
        let age = self.chance.between(low, high);
        self.partners(age).1
    }

    /// Two adults; the first family is the one that children take.
    fn partners(&mut self, age: i32) -> (Family, Vec<Member>) {
        let origin = self.origin();
        let family = names::family(self.chance, origin);
        let first_sex = if self.chance.hit(0.98) {
            Sex::Male
        } else {
            *self.chance.pick(&[Sex::Female, Sex::Male])
        };
        let first = self.adult(&family, first_sex, age);
        let same_origin = self.chance.hit(0.88);
        let other_origin = if same_origin {
            origin
        } else {
            any_origin(self.chance)
        };
        let other_family = names::family(self.chance, other_origin);
        let same_sex = self.chance.hit(0.02);
        let other_sex = if same_sex {
            first_sex
        } else {
            first_sex.other()
        };
        let other_age = (age + self.chance.between(-6, 4)).clamp(18, AGE_MAX - 4);
        let mut other = self.adult(&other_family, other_sex, other_age);
        let married = self.chance.hit(if age < 30 { 0.35 } else { 0.8 });
        if married && self.chance.hit(other_origin.culture().takes_husbands_name) {
            self.marry_in(&mut other, &family);
        }
        (family, vec![first, other])
    }

    fn family(&mut self) -> Vec<Member> {
        let (low, high) =
            *self
                .chance
                .pick_weighted(&[(26, (26, 38)), (46, (38, 50)), (28, (50, 62))]);
        let age = self.chance.between(low, high);
        let (family, mut members) = self.partners(age);
        self.add_children(&mut members, &family);
        members
    }

    fn lone_parent(&mut self) -> Vec<Member> {
        let origin = self.origin();
        let family = names::family(self.chance, origin);
        let sex = if self.chance.hit(0.86) {
            Sex::Female
        } else {
            Sex::Male
        };
        let age = self.chance.between(20, 58);
        let mut parent = self.adult(&family, sex, age);
        if sex == Sex::Female && self.chance.hit(0.3) {
            // Divorced, and back to the name of birth.
            let former = names::family(self.chance, origin);
            let surname = names::borne(self.chance, &former, sex);
            parent.previous_names.push(Name {
                surname,
                ..parent.name.clone()
            });
        }
        let mut members = vec![parent];
        // A third of the children keep the name of the parent who is not here.
        let absent_parents = names::family(self.chance, origin);
        let family = if self.chance.hit(0.35) {
            absent_parents
        } else {
            family
        };
        self.add_children(&mut members, &family);
        members
    }

    fn three_generations(&mut self) -> Vec<Member> {
        let age = self.chance.between(26, 50);
        let (family, mut members) = self.partners(age);
        self.add_children(&mut members, &family);
        let sex = if self.chance.hit(0.7) {
            Sex::Female
        } else {
            Sex::Male
        };
        let grandparent_age = (age + self.chance.between(21, 38)).min(96);
        let mut grandparent = self.adult(&family, sex, grandparent_age);
        if sex == Sex::Female && self.chance.hit(family.origin.culture().takes_husbands_name) {
            self.marry_in(&mut grandparent, &family);
        }
        members.push(grandparent);
        members
    }

    fn sharers(&mut self) -> Vec<Member> {
        let middle_age = self.chance.between(20, 38);
        let one_origin = self.chance.hit(0.4).then(|| self.origin());
        (0..self.chance.between(3, 6))
            .map(|_| {
                let origin = one_origin.unwrap_or_else(|| any_origin(self.chance));
                let family = names::family(self.chance, origin);
                let sex = *self.chance.pick(&[Sex::Female, Sex::Male]);
                let age = (middle_age + self.chance.between(-4, 6)).max(18);
                self.adult(&family, sex, age)
            })
            .collect()
    }

    fn care_home(&mut self) -> Vec<Member> {
        (0..self.chance.between(12, 38))
            .map(|_| {
                let origin = self.origin();
                let family = names::family(self.chance, origin);
                let sex = if self.chance.hit(0.7) {
                    Sex::Female
                } else {
                    Sex::Male
                };
                let age = self.chance.between(74, 101);
                let mut member = self.adult(&family, sex, age);
                if sex == Sex::Female && self.chance.hit(0.6) {
                    self.marry_in(&mut member, &family);
                }
                member
            })
            .collect()
    }
}

/// An origin by its share in the country.
pub(crate) fn any_origin(chance: &mut Chance) -> Origin {
    let total = Origin::all().map(|origin| origin.culture().share).sum();
    let mut left = chance.below(total);
    for origin in Origin::all() {
        let share = origin.culture().share;
        if left < share {
            return origin;
        }
        left -= share;
    }
    Origin::English
}

/// An origin other than the British and Irish ones, by its share.
pub(crate) fn minority_origin(chance: &mut Chance) -> Origin {
    loop {
        let origin = any_origin(chance);
        let british = [
            Origin::English,
            Origin::Scottish,
            Origin::Welsh,
            Origin::Irish,
        ];
        if !british.contains(&origin) {
            return origin;
        }
    }
}
