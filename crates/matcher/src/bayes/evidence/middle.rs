//! Evidence of the middle names.

use std::ops::Range;

use super::names::CLOSE_NAMES;
use super::{Comparison, Piece};
use crate::bayes::frequency::around;
use crate::bayes::level::Level;
use crate::bayes::query::{NameQuery, TermQuery};
use crate::compare::name::{Likeness, NameSide};
use crate::index::{Key, Row, name_hash};

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
        let (counted, known) = (self.counted(), self.counted_name(name));
        let middles = &counted.view.derived.middles;
        let overall = |count: f64| (count + 0.5) / (middles.people + 1.0);
        let own = overall(middles.count(&known.middle_range));
        // Nobody counts for their own name.
        let own_row = self.base.is_none().then_some(row.primary);
        match self.middle_level(name, held_number) {
            Level::MiddleExact => {
                let chance = counted.middle_share(own_row, known, &known.middle_range, own);
                self.piece(Level::MiddleExact, 1.0, chance)
            }
            Level::MiddleInitial => {
                let initial = first.text.chars().next().unwrap_or(' ');
                let initials = counted.view.derived.middle_initials.of(initial);
                let (names, count) = initials.map_or((&(0..0), 0.0), |(names, n)| (names, *n));
                let chance = counted.middle_share(own_row, known, names, overall(count));
                self.piece(Level::MiddleInitial, 1.0, chance)
            }
            Level::MiddleClose => {
                let held_share = self.share_of_given(held_number);
                self.slip(Level::MiddleClose, CLOSE_NAMES, own, held_share)
            }
            level => self.piece(level, 1.0, 1.0),
        }
    }

    /// Share of one of the middle `names` among other people of the same surname or given name, or
    /// among all where that is more: names of one custom go together, Singh and Kaur with most.
    fn middle_share(
        &self,
        own_row: Option<u32>,
        name: &NameQuery,
        names: &Range<u32>,
        overall: f64,
    ) -> f64 {
        let (given, surname) = (text(&name.given), text(&name.surname));
        let lists = [
            (Key::Surname, name_hash(surname, given)),
            (Key::GivenName, name_hash(given, surname)),
        ];
        let (mut people, mut alike) = (0.0, 0.0);
        for (key, hash) in lists {
            let list = self.view.bucket(key, hash);
            let rows = around(list, self.frequencies.first, SAMPLE).iter();
            let others = rows.filter_map(|other| self.view.row(*other));
            let is_other = |other: &&Row| {
                Some(other.primary) != own_row && !self.view.is_superseded(other.primary)
            };
            for other in others.filter(is_other).filter(|other| other.middle != 0) {
                people += 1.0;
                alike += f64::from(u8::from(names.contains(&other.middle)));
            }
        }
        let among_them = (alike + OVERALL_TRUST * overall) / (people + OVERALL_TRUST);
        overall.max(among_them)
    }

    fn middle_level(&self, name: &NameQuery, held_number: u32) -> Level {
        if name.middle_range.contains(&held_number) {
            // Of an initial on both sides only the initial is known.
            return match name.middle.first() {
                Some(first) if first.given_signature.is_initial() => Level::MiddleInitial,
                _ => Level::MiddleExact,
            };
        }
        let held_signature = self.signature(&self.view.derived.given_signatures, held_number);
        let may_be_alike = |asked: &NameSide| {
            held_signature.is_some_and(|held| asked.given_signature.may_be_alike(held))
        };
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

fn text(term: &Option<TermQuery>) -> &str {
    term.as_ref().map_or("", |term| &term.side.text)
}

fn middle_level(asked: &NameSide, held: &str) -> Level {
    match asked.given(held) {
        Likeness::Same => Level::MiddleExact,
        Likeness::Initial => Level::MiddleInitial,
        Likeness::Close | Likeness::Variant => Level::MiddleClose,
        _ => Level::MiddleDifferent,
    }
}
