//! A small town of made-up people: an index, a delta beside it, and the index that both make.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;

use crate::index::build::tests::without_repeats;
use crate::index::{Current, Delta, Index, MEMORY_BYTES, apply, build, build_delta};
use crate::{
    Address, AddressKind, Answer, Name, NhsNumber, PartialDate, Person, RawTerms, Sex, Terms,
};

pub(super) const GIVEN: [&str; 10] = [
    "Ann", "Anne", "Bob", "Clara", "David", "Edith", "Frank", "Grace", "Henry", "Iris",
];
pub(super) const SURNAMES: [&str; 8] = [
    "Archer", "Butler", "Carter", "Draper", "Fisher", "Fischer", "Hunter", "Mason",
];
pub(super) const STREETS: [&str; 4] = ["Mill Road", "High Street", "Church Walk", "Old Lane"];

pub(super) fn address((number, street, sector): (u16, usize, u8)) -> Address {
    Address {
        address: format!("{number} {}", STREETS[street]),
        town: "Leeds".to_owned(),
        postcode: format!("LS{sector} 4A{}", ["A", "B", "C", "D"][street]),
        kind: AddressKind::Home,
        ..Address::default()
    }
}

pub(super) fn name((given, middle, surname): (usize, usize, usize)) -> Name {
    Name {
        given: GIVEN[given].to_owned(),
        middle: GIVEN.get(middle).copied().unwrap_or_default().to_owned(),
        surname: SURNAMES[surname].to_owned(),
    }
}

/// One of 24 days.
pub(super) fn date(number: u32) -> Option<PartialDate> {
    let (year, month, day) = (number % 4, number % 3, number / 12 % 2);
    PartialDate::new(1960 + year as u16, 1 + month as u8, 5 + day as u8).ok()
}

pub(super) fn names() -> impl Strategy<Value = Name> {
    (0..GIVEN.len(), 0..2 * GIVEN.len(), 0..SURNAMES.len()).prop_map(name)
}

pub(super) fn addresses() -> impl Strategy<Value = Address> {
    (1u16..30, 0..STREETS.len(), 1u8..9).prop_map(address)
}

/// Somebody of sixty people, with numbers that nobody else ever has.
pub(super) fn person() -> impl Strategy<Value = Person> {
    let before = (
        prop::collection::vec(names(), 0..2),
        prop::collection::vec(addresses(), 0..2),
    );
    let flags = (any::<bool>(), 0..8u8, 0..8u8);
    let now = (names(), addresses(), 0..24u32);
    (0..60u32, 0..3u32, now, before, flags).prop_map(|(id, turn, now, before, flags)| {
        let (name, address, born) = now;
        let number = |turn: u32| NhsNumber::from_stem(999_000_000 + id + 100 * (turn % 3));
        Person {
            person_id: format!("P{id}"),
            nhs_number: number(turn),
            superseded_nhs_numbers: number(turn + 1).filter(|_| flags.0).into_iter().collect(),
            name,
            previous_names: before.0,
            date_of_birth: date(born),
            sex: if id.is_multiple_of(2) {
                Sex::Female
            } else {
                Sex::Male
            },
            address,
            previous_addresses: before.1,
            restricted: flags.1 == 0,
            deceased: flags.2 == 0,
            ..Person::default()
        }
    })
}

/// Everybody else, in couples, some of them twins or namesakes: enough people for names, days and kinship
/// to be common or rare.
pub(super) fn crowd() -> impl Iterator<Item = Person> {
    (0..1200usize).map(|number| {
        let home = number / 2;
        // Of every forty couples one are twins, and one are namesakes.
        let (kind, member) = (home % 40, number % 2);
        let given = if kind == 1 { home } else { number };
        let born = if kind == 0 { home } else { number };
        Person {
            person_id: format!("C{number}"),
            name: name((given % 10, number % 19, home / 5 % 8)),
            date_of_birth: date(born as u32),
            sex: [Sex::Female, Sex::Male][member],
            address: address((31 + home as u16, home % 4, 1 + (home % 9) as u8)),
            ..Person::default()
        }
    })
}

/// A request about somebody, wrong or silent in as much as `slips` says.
pub(super) fn request(about: &Person, slips: u32) -> RawTerms<'static> {
    let says = |bit: u32, text: String| {
        if slips >> bit & 1 == 0 {
            text
        } else {
            String::new()
        }
    };
    let home = match slips >> 6 & 1 {
        0 => &about.address,
        _ => about.previous_addresses.first().unwrap_or(&about.address),
    };
    let birth = about.date_of_birth.unwrap();
    let day = match slips.is_multiple_of(5) {
        true => 11 - birth.day(),
        false => birth.day(),
    };
    let surname = match slips % 7 {
        0 => about.name.surname.replace('r', "t"),
        _ => about.name.surname.clone(),
    };
    let number = about.nhs_number.map(|number| number.to_string());
    RawTerms {
        nhs_number: number
            .filter(|_| slips.is_multiple_of(3))
            .unwrap_or_default()
            .into(),
        given_name: says(0, about.name.given.clone()).into(),
        middle_name: says(1, about.name.middle.clone()).into(),
        surname: surname.into(),
        date_of_birth: format!("{}-{:02}-{day:02}", birth.year(), birth.month()).into(),
        sex: says(2, about.sex.as_str().to_owned()).into(),
        address: says(3, home.address.clone()).into(),
        town: says(4, home.town.clone()).into(),
        postcode: says(5, home.postcode.clone()).into(),
        ..RawTerms::default()
    }
}

/// An index, the same with a delta beside it, and the index that both together make.
pub(super) struct Town {
    pub(super) before: Vec<Person>,
    pub(super) changes: Vec<Person>,
    pub(super) gone: HashSet<String>,
    pub(super) base: Arc<Index>,
    pub(super) current: Current,
    pub(super) applied: Index,
}

pub(super) fn built(people: impl Iterator<Item = Person> + Send, out: &Path) -> Index {
    build(people.map(Ok), out, &mut |_| {}).unwrap();
    Index::open(out).unwrap()
}

pub(super) fn delta_of(
    base: &Index,
    people: &[Person],
    gone: &HashSet<String>,
    out: &Path,
) -> Delta {
    let people = people.iter().cloned().map(Ok);
    build_delta(base, MEMORY_BYTES, people, gone, out, &mut |_| {}).unwrap();
    Delta::open(out).unwrap()
}

impl Town {
    pub(super) fn new(before: &[Person], changes: &[Person], gone: HashSet<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let (before, changes) = (without_repeats(before), without_repeats(changes));
        let base = built(before.clone().into_iter().chain(crowd()), &path("base"));
        let delta = delta_of(&base, &changes, &gone, &path("delta"));
        apply(&base, &delta, MEMORY_BYTES, &path("applied"), &mut |_| {}).unwrap();
        let base = Arc::new(base);
        Self {
            before,
            changes,
            gone,
            current: Current::new(Arc::clone(&base), delta).unwrap(),
            base,
            applied: Index::open(&path("applied")).unwrap(),
        }
    }

    /// Is the person held, and as in the delta?
    pub(super) fn is_changed(&self, person_id: &str) -> bool {
        self.changes.iter().any(|one| one.person_id == person_id)
    }

    pub(super) fn requests(&self, slips: &[u32]) -> Vec<Terms> {
        let asked: Vec<&Person> = self.before.iter().chain(&self.changes).collect();
        let terms = slips.iter().filter_map(|slips| {
            let about = asked.get(*slips as usize / 128 % asked.len().max(1))?;
            Some(request(about, *slips).read().0)
        });
        terms.collect()
    }

    /// Nobody is told of as they were, or who is gone.
    pub(super) fn check_candidates(&self, answer: &Answer) {
        for candidate in &answer.candidates {
            let person = self.current.person(candidate.row).unwrap();
            assert_eq!(person.person_id, candidate.person_id);
            let is_later = candidate.row >= self.base.rows();
            assert_eq!(is_later, self.is_changed(&person.person_id));
            assert!(is_later || !self.gone.contains(&person.person_id));
        }
        let different: HashSet<_> = answer.candidates.iter().map(|one| one.row).collect();
        assert_eq!(different.len(), answer.candidates.len());
    }
}

pub(super) fn people() -> impl Strategy<Value = (Vec<Person>, Vec<Person>, HashSet<String>)> {
    let gone = (0..60u32).prop_map(|id| format!("P{id}"));
    (
        prop::collection::vec(person(), 1..40),
        prop::collection::vec(person(), 0..20),
        prop::collection::hash_set(gone, 0..10),
    )
}
