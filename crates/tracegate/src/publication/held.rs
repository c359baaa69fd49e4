//! What readers hold of a quarter when a correction of it is made, and what the correction must hide for that.

use std::collections::BTreeMap;
use std::path::Path;

use statistics::{Rule, SMALL, Sum, Table};

use super::details::{self, Detail};
use super::{Edition, PublicationError, PublishedTable};

/// Agreement, agency, what is counted.
pub type Key = (String, String, String);

/// Every count of both files of an edition; nothing where `*` is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    counts: BTreeMap<Key, Option<u64>>,
    has_details: bool,
}

impl Held {
    /// Reads what was published; `None` if nothing was.
    pub fn read(folder: &Path, edition: Edition) -> Result<Option<Held>, PublicationError> {
        let Some((_, table)) = super::read(folder, edition)? else {
            return Ok(None);
        };
        let bytes = super::read_details(folder, edition)?;
        let path = super::details_path(folder, edition);
        let read = |bytes: Vec<u8>| details::read(&bytes, &path);
        let details = bytes.map(read).transpose()?;
        Ok(Some(Held::of(&table, details.as_deref())))
    }

    /// What is about to be published.
    pub fn of(table: &PublishedTable, details: Option<&[Detail]>) -> Held {
        let lines = table.lines.iter().flat_map(|line| {
            let counts = line.named();
            counts.map(|(name, count)| (key(&line.agreement, &line.agency, name), count))
        });
        let beside = details.unwrap_or_default().iter();
        let beside = beside.map(|one| (one.key(), one.count));
        Held {
            counts: lines.chain(beside).collect(),
            has_details: details.is_some(),
        }
    }

    /// Agreement and agency of the lines finer than a total.
    pub fn lines(&self) -> impl Iterator<Item = (&str, &str)> {
        let keys = self.counts.keys().filter(|key| key.2 == "received");
        let lines = keys.map(|key| (key.0.as_str(), key.1.as_str()));
        lines.filter(|(agreement, _)| *agreement != "all")
    }

    /// Names of what is counted, with this beginning.
    pub fn names<'h>(&'h self, group: &'h str) -> impl Iterator<Item = &'h str> {
        let names = self.counts.keys().map(|key| key.2.as_str());
        names.filter_map(move |name| name.strip_prefix(group))
    }

    /// Is a count shown here that was not shown so in `earlier`?
    pub fn says_more_than(&self, earlier: &Held) -> bool {
        let mut shown = self.counts.iter().filter(|(_, count)| count.is_some());
        shown.any(|(key, count)| earlier.counts.get(key) != Some(count))
    }

    /// What stood there: what is in neither file was not counted once. How long answers took counts nobody.
    fn stood(&self, key: &Key) -> Stood {
        if key.2.starts_with("days:") {
            return Stood::Nowhere;
        }
        match self.counts.get(key) {
            Some(Some(count)) => Stood::Shown(*count),
            Some(None) => Stood::Hidden,
            None if key.2.contains(':') && !self.has_details => Stood::Nowhere,
            None => Stood::Shown(0),
        }
    }
}

enum Stood {
    Shown(u64),
    Hidden,
    /// The file was not published, or nothing follows from it.
    Nowhere,
}

/// The key of a count.
pub fn key(agreement: &Option<String>, agency: &Option<String>, name: &str) -> Key {
    let [agreement, agency] = [agreement, agency].map(|one| one.as_deref().unwrap_or("all"));
    (agreement.to_owned(), agency.to_owned(), name.to_owned())
}

/// Adds to `table` what readers hold already, so that nothing can be told from both together: what was hidden once stays so, a
/// fine count that has changed by 1 to 7 is not to be told from what it was, and readers may suppose that what was hidden has not
/// changed and all sums of then hold of it.
pub fn add(table: &mut Table, places: &BTreeMap<Key, usize>, editions: &[Held]) {
    let sums = table.sums.clone();
    let mut hidden = Vec::new();
    for held in editions {
        let mut then = BTreeMap::new();
        for (key, place) in places {
            let place_then = match held.stood(key) {
                Stood::Shown(count) => add_shown(table, *place, count),
                Stood::Hidden => {
                    hidden.push(*place);
                    *place
                }
                Stood::Nowhere => continue,
            };
            then.insert(*place, place_then);
        }
        for sum in &sums {
            suppose(table, &mut then, sum);
        }
    }
    for place in hidden {
        let count = &mut table.counts[place];
        if !count.is_small() {
            count.rule = Rule::Unseen;
        }
    }
}

/// Adds a count that was shown, and by how little that at `place` differs from it.
fn add_shown(table: &mut Table, place: usize, count: u64) -> usize {
    let then = table.add(count, Rule::Exact);
    let now = table.counts[place];
    let difference = now.value.abs_diff(count);
    if now.rule == Rule::Fine && SMALL.contains(&difference) {
        let difference = table.add(difference, Rule::Fine);
        let (whole, part) = if now.value > count {
            (place, then)
        } else {
            (then, place)
        };
        table.sums.push(Sum {
            whole,
            parts: vec![part, difference],
        });
    }
    then
}

/// Adds a sum as it was `then`. By how much one count falls short of another was as unknown as it is now; where a limit is in the
/// sum, it need not have been the same.
fn suppose(table: &mut Table, then: &mut BTreeMap<usize, usize>, sum: &Sum) {
    for member in sum.parts.iter().chain([&sum.whole]) {
        if then.contains_key(member) {
            continue;
        }
        if table.counts[*member].rule != Rule::Unseen {
            return;
        }
        then.insert(*member, table.add(0, Rule::Unseen));
    }
    table.supposed.push(Sum {
        whole: then[&sum.whole],
        parts: sum.parts.iter().map(|part| then[part]).collect(),
    });
}
