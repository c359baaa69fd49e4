//! Evidence of the middle names.

use std::ops::Range;

use super::names::CLOSE_NAMES;
use super::{Comparison, Piece};
use crate::bayes::ascending::{around, nearest};
use crate::bayes::level::Level;
use crate::bayes::query::{NameQuery, Query};
use crate::bayes::search::born_that_day;
use crate::compare::name::{Likeness, NameSide};
use crate::index::{Key, Row, View, when_of};

/// People of about the same age and a name in common who are asked for their middle names.
const SAMPLE: usize = 8;
/// How many people's worth of trust the overall share gets beside theirs.
const OVERALL_TRUST: f64 = 2.0;

impl Comparison<'_> {
    pub(super) fn middle(&self, row: &Row, name: &NameQuery, given: &Piece) -> Piece {
        let Some(first) = name.middle.first() else {
            return Piece::MISSING;
        };
        let held_number = match given.level {
            Some(Level::GivenIsMiddle) => row.given,
            _ => row.middle,
        };
        if held_number == 0 {
            return Piece::MISSING;
        }
        let people = self.frequencies.with_middle_name;
        let overall = |count: f64| (count + 0.5) / (people + 1.0);
        let own = overall(name.middle_people);
        match self.middle_level(name, held_number) {
            Level::MiddleExact => {
                let there = |other: &View<'_>| other.derived.given.range(&other.given, &first.text);
                let names = (name.middle_range.clone(), self.other.map(there));
                let chance = self.middle_share(row, name, names, own);
                self.piece(Level::MiddleExact, 1.0, chance)
            }
            Level::MiddleInitial => {
                let initial = first.text.chars().next().unwrap_or(' ');
                let (here, count) = self.view.middle_initial(initial);
                let there = self.other.map(|other| other.middle_initial(initial));
                let (there, more) = there.unzip();
                let overall = overall(f64::from(count + more.unwrap_or_default()));
                let chance = self.middle_share(row, name, (here, there), overall);
                self.piece(Level::MiddleInitial, 1.0, chance)
            }
            Level::MiddleClose => {
                let held_share = self.share_of_given(held_number);
                self.slip(Level::MiddleClose, CLOSE_NAMES, own, held_share)
            }
            level => self.piece(level, 1.0, 1.0),
        }
    }

    /// Share of one of the middle `names`, in this file and the other, among other people of the same
    /// surname or given name, or among all where that is more: names of one custom go together, Singh and
    /// Kaur with most.
    fn middle_share(
        &self,
        own: &Row,
        name: &NameQuery,
        (here, there): (Range<u32>, Option<Range<u32>>),
        overall: f64,
    ) -> f64 {
        let lists = [Key::Surname, Key::GivenName].into_iter();
        let lists = lists.filter_map(|key| Some((key, name.list(key)?)));
        let here = Sampled {
            view: self.view,
            own: Some(own.primary),
            names: here,
        };
        let there = self.other.zip(there).map(|(view, names)| Sampled {
            view,
            own: None,
            names,
        });
        let (mut people, mut alike) = (0.0, 0.0);
        let mut count = |is_alike: bool| {
            people += 1.0;
            alike += f64::from(u8::from(is_alike));
        };
        for (key, hash) in lists {
            match &there {
                None => {
                    let near = here.near(self.query, (key, hash), SAMPLE);
                    near.filter_map(|row| here.is_alike(row))
                        .for_each(&mut count);
                }
                Some(there) => {
                    let near = near_in_both([&here, there], self.query, (key, hash));
                    near.into_iter().flatten().for_each(&mut count);
                }
            }
        }
        let among_them = (alike + OVERALL_TRUST * overall) / (people + OVERALL_TRUST);
        overall.max(among_them)
    }

    fn middle_level(&self, name: &NameQuery, held_number: u32) -> Level {
        if name.middle_range.contains(&held_number) {
            // Of an initial on both sides only the initial is known.
            return match name.middle.first() {
                Some(first) if first.signature.is_initial() => Level::MiddleInitial,
                _ => Level::MiddleExact,
            };
        }
        let signature = self.view.given.signature(held_number);
        let may_be_alike = |asked: &NameSide| asked.given_signature().may_be_alike(signature);
        if !name.middle.iter().any(may_be_alike) {
            return Level::MiddleDifferent;
        }
        let held = self.view.given.comparable(held_number);
        let levels = name
            .middle
            .iter()
            .flat_map(|asked| held.split(' ').map(|word| middle_level(asked, word)));
        levels.min().unwrap_or(Level::MiddleDifferent)
    }
}

/// A file whose people are asked for their middle names.
struct Sampled<'a> {
    view: &'a View<'a>,
    /// Who is not asked: nobody counts for their own name.
    own: Option<u32>,
    names: Range<u32>,
}

impl<'a> Sampled<'a> {
    /// At most `count` rows of a search list, those nearest in age.
    fn near(
        &self,
        query: &Query,
        (key, hash): (Key, u64),
        count: usize,
    ) -> impl Iterator<Item = &'a Row> {
        let view = self.view;
        let first = born_that_day(view, query).start;
        let near = around(view.bucket(key, hash), first, count);
        near.iter().filter_map(|row| view.row(*row))
    }

    /// Is the middle name one of those looked for? `None` of who has none or is not asked.
    fn is_alike(&self, row: &Row) -> Option<bool> {
        let is_asked = row.middle != 0 && Some(row.primary) != self.own;
        is_asked.then(|| self.names.contains(&row.middle))
    }
}

/// What the people nearest in age say, of two files in one order: that of the rows of an index.
fn near_in_both(files: [&Sampled<'_>; 2], query: &Query, list: (Key, u64)) -> Vec<Option<bool>> {
    let mut near = Vec::with_capacity(4 * SAMPLE);
    for file in files {
        let view = file.view;
        // Some are superseded; as a rule few.
        let rows = file.near(query, list, 2 * SAMPLE);
        let rows = rows.filter(|row| !view.is_superseded(row.primary));
        near.extend(rows.map(|row| {
            let texts = [
                view.surnames.comparable(row.surname),
                view.given.comparable(row.given),
                view.given.comparable(row.middle),
                view.postcodes.comparable(row.postcode),
                view.streets.comparable(row.street),
            ];
            ((row.when, texts, row.nhs_stem), file.is_alike(row))
        }));
    }
    near.sort_unstable();
    let born = when_of(query.birth.filter(|birth| birth.is_full()));
    let place = near.partition_point(|((when, ..), _)| *when < born);
    let near = nearest(&near, place, SAMPLE);
    near.iter().map(|(_, is_alike)| *is_alike).collect()
}

fn middle_level(asked: &NameSide, held: &str) -> Level {
    match asked.given(held) {
        Likeness::Same => Level::MiddleExact,
        Likeness::Initial => Level::MiddleInitial,
        Likeness::Close | Likeness::Variant => Level::MiddleClose,
        _ => Level::MiddleDifferent,
    }
}
